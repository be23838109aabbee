package flow

import (
	"fmt"
	"math"
)

// Shares are y over their sum.
func Shares(y []float64) ([]float64, error) {
	if _, err := check("shares", y, nil); err != nil {
		return nil, err
	}
	var total float64
	for _, v := range y {
		total += v
	}
	s := make([]float64, len(y))
	for i, v := range y {
		s[i] = v / total
	}
	return s, nil
}

// HHI is the Herfindahl–Hirschman index Σ s_i² of shares: 1/n of n equal ones, 1 of
// one alone.
func HHI(shares []float64) float64 {
	var sum float64
	for _, s := range shares {
		sum += s * s
	}
	return sum
}

// NormalisedHHI is (H − 1/n)/(1 − 1/n) over n categories, 0 of equal shares. Of one
// category it is 1.
func NormalisedHHI(shares []float64) float64 {
	n := float64(len(shares))
	if n < 2 {
		return 1
	}
	return (HHI(shares) - 1/n) / (1 - 1/n)
}

// CorrectedHHI takes out of an index of shares that are estimated what their errors
// add to it: E ŝ² = s² + v(ŝ), so that
//
//	H_c = H − Σ v(ŝ_i)
//
// which for n persons counted at random is (nH − 1)/(n − 1), the chance that two of
// them are of one origin (Simpson 1949).
func CorrectedHHI(shares, variances []float64) float64 {
	h := HHI(shares)
	for _, v := range variances {
		h -= v
	}
	return h
}

// CountedHHI is [CorrectedHHI] for n persons counted at random; an error of fewer than 2.
func CountedHHI(shares []float64, n float64) (float64, error) {
	if !(n >= 2) {
		return 0, fmt.Errorf("corrected HHI: %v persons: at least 2 are wanted", n)
	}
	return (n*HHI(shares) - 1) / (n - 1), nil
}

// Shannon is the entropy −Σ s ln s of shares, in nats: ln n of n equal ones.
func Shannon(shares []float64) float64 {
	var sum float64
	for _, s := range shares {
		if s > 0 {
			sum -= s * math.Log(s)
		}
	}
	return sum
}

// Statistic is a function of flows at their values, with its slopes, from which
// errors follow by the delta method.
type Statistic struct {
	Value  float64
	Slopes []float64 // ∂Value/∂y_i
}

// ofShares turns slopes by shares into slopes by values: ∂f/∂y_i = (f_i − Σ_j s_j f_j)/Σy.
func ofShares(value float64, shares, slopes []float64, total float64) Statistic {
	var centre float64
	for i, s := range shares {
		centre += s * slopes[i]
	}
	out := Statistic{Value: value, Slopes: make([]float64, len(slopes))}
	for i, f := range slopes {
		out.Slopes[i] = (f - centre) / total
	}
	return out
}

// Origins are flows from places, or from several places taken together, beside the
// people who live there.
type Origins struct {
	// Flows are the numbers of people who come.
	Flows []float64
	// Residents are those who live there, in any unit.
	Residents []float64
	// Places is the number of places taken together, which are held to be alike.
	Places []float64
}

func (o Origins) shares() (s, p []float64, total float64, err error) {
	if s, err = Shares(o.Flows); err != nil {
		return nil, nil, 0, err
	}
	if p, err = Shares(o.Residents); err != nil {
		return nil, nil, 0, fmt.Errorf("residents of origins: %w", err)
	}
	if len(p) != len(s) || len(o.Places) != len(s) {
		return nil, nil, 0, fmt.Errorf("origins: %d flows, %d numbers of residents, %d of places: give one for each", len(s), len(p), len(o.Places))
	}
	for i, r := range o.Residents {
		if r == 0 || !(o.Places[i] >= 1) {
			return nil, nil, 0, fmt.Errorf("origins: origin %d has %v residents in %v places: both must be above 0", i+1, r, o.Places[i])
		}
		total += o.Flows[i]
	}
	return s, p, total, nil
}

// HHI is Σ s²/m over origins of m places each: [HHI] where m is 1.
func (o Origins) HHI() (Statistic, error) {
	s, _, total, err := o.shares()
	if err != nil {
		return Statistic{}, err
	}
	slopes := make([]float64, len(s))
	var h float64
	for i := range s {
		h += s[i] * s[i] / o.Places[i]
		slopes[i] = 2 * s[i] / o.Places[i]
	}
	return ofShares(h, s, slopes, total), nil
}

// Share is the part of the flows that comes of some origins.
func (o Origins) Share(of func(i int) bool) (Statistic, error) {
	s, _, total, err := o.shares()
	if err != nil {
		return Statistic{}, err
	}
	slopes := make([]float64, len(s))
	var share float64
	for i := range s {
		if of(i) {
			share += s[i]
			slopes[i] = 1
		}
	}
	return ofShares(share, s, slopes, total), nil
}

// LocationQuotient is the share of an origin in the flows over its share of the
// residents: 1 where as many come as of any other people, 2 where twice as many do.
func (o Origins) LocationQuotient(origin int) (Statistic, error) {
	_, p, _, err := o.shares()
	if err != nil {
		return Statistic{}, err
	}
	q, err := o.Share(func(i int) bool { return i == origin })
	q.Value /= p[origin]
	for i := range q.Slopes {
		q.Slopes[i] /= p[origin]
	}
	return q, err
}

// Theil is Σ s ln(s/p), the Theil T of flows per resident with residents as weights:
// 0 where all people come equally often, whatever the sizes of the places.
func (o Origins) Theil() (Statistic, error) {
	s, p, total, err := o.shares()
	if err != nil {
		return Statistic{}, err
	}
	slopes := make([]float64, len(s))
	var t float64
	for i := range s {
		if s[i] > 0 {
			t += s[i] * math.Log(s[i]/p[i])
			slopes[i] = math.Log(s[i]/p[i]) + 1
		}
	}
	return ofShares(t, s, slopes, total), nil
}

// Gini is the [Gini] of flows per resident with residents as weights: 0 where all
// people come equally often. Origins in order of the rate s/p, with P and L the sums of
// shares up to and with an origin, it is 1 − Σ p_i (L_i + L_{i−1}), and its slope by s_j
//
//	P_j + P_{j−1} − 2   (where the order does not change)
func (o Origins) Gini() (Statistic, error) {
	s, p, total, err := o.shares()
	if err != nil {
		return Statistic{}, err
	}
	rates := make([]float64, len(s))
	for i := range s {
		rates[i] = s[i] / p[i]
	}
	slopes := make([]float64, len(s))
	g, below, held := 1.0, 0.0, 0.0
	for _, i := range ascending(rates) {
		g -= p[i] * (2*held + s[i])
		slopes[i] = 2*below + p[i] - 2
		below, held = below+p[i], held+s[i]
	}
	return ofShares(g, s, slopes, total), nil
}
