package combine

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Sources are two estimates of one figure of one area: of a survey, which is taken to be
// unbiased, and of bookings, which are not; in the same unit.
type Sources struct {
	Survey, Booking Estimate
	// Covariance is that of the two, 0 where they come from different people.
	Covariance float64
}

// Method is how the variance between areas is estimated.
type Method int

const (
	// REML is restricted maximum likelihood, the default.
	REML Method = iota
	// DerSimonianLaird is the method of moments from Q: without iteration, less exact where
	// areas' variances differ much.
	DerSimonianLaird
)

// LogBias is by how much bookings fall short, on the log scale, and how that differs between areas.
type LogBias struct {
	// Mu is the mean of log survey − log booking over areas, StdErr its standard error.
	Mu, StdErr float64
	// KnappHartung is a standard error of Mu for Student's distribution with DF degrees of
	// freedom, which holds its level where areas are few (Hartung & Knapp 2001).
	KnappHartung float64
	// Tau2 is the variance between areas, Tau2StdErr its asymptotic standard error; Tau2 is 0
	// where areas differ no more than their sampling errors say.
	Tau2, Tau2StdErr float64
	// Q is Cochran's heterogeneity with inverse sampling variances for weights, χ² with DF
	// degrees of freedom where τ² = 0; P is the probability of a greater one.
	Q, P float64
	DF   int
	// Areas are the biases of areas, in their order.
	Areas []AreaBias
}

// AreaBias is the log bias of one area.
type AreaBias struct {
	// Direct is log survey − log booking, Variance its sampling variance.
	Direct, Variance float64
	// BLUP is the predicted bias μ̂ + γ(direct − μ̂), γ = τ²/(τ² + v), StdErr its standard error.
	BLUP, StdErr float64
}

// FitLogBias estimates a multiplicative bias of bookings that differs between areas at random:
//
//	d_i = log s_i − log b_i ~ N(μ, τ² + v_i),  v_i = v_s/s² + v_b/b² − 2c/(s b)
//	μ̂ = Σ w_i d_i/Σ w_i,  w_i = 1/(τ² + v_i),  v(μ̂) = 1/Σ w_i
//	REML: ∂/∂τ² −½ {Σ log(τ² + v_i) + log Σ w_i + Σ w_i (d_i − μ̂)²} = 0
//	DerSimonian–Laird: τ² = (Q − (m − 1))/(Σ a_i − Σ a_i²/Σ a_i),  a_i = 1/v_i, or 0
//
// The error of an area's prediction is g1 + g2 + 2 g3 (Prasad & Rao 1990; Datta & Lahiri
// 2000): γv, (1 − γ)² v(μ̂) and v²(τ² + v)⁻³ v(τ̂²). DerSimonian & Laird (1986), Controlled
// Clinical Trials 7:177; Viechtbauer (2005), J. Educ. Behav. Stat. 30:261; v(τ̂²) of the
// former by Biggerstaff & Tweedie (1997), Stat. Med. 16:753.
//
// v_i is the delta method's and wants coefficients of variation below 0.3 or so. It is an error if there
// are fewer than three areas, or a figure or variance is not positive: a logarithm needs one.
func FitLogBias(areas []Sources, method Method) (LogBias, error) {
	var b LogBias
	if len(areas) < 3 {
		return b, fmt.Errorf("log bias of %d areas: give three or more: a variance between them is not told by fewer", len(areas))
	}
	for i, a := range areas {
		if err := a.check(); err != nil {
			return b, fmt.Errorf("log bias of area %d: %w", i+1, err)
		}
		b.Areas = append(b.Areas, AreaBias{Direct: math.Log(a.Survey.Value / a.Booking.Value), Variance: a.logVariance()})
	}
	b.DF = len(areas) - 1
	fixed, _ := b.mean(0)
	b.Q = b.squares(0, fixed)
	b.P = distuv.ChiSquared{K: float64(b.DF)}.Survival(b.Q)
	switch method {
	case REML:
		b.Tau2 = b.reml()
	case DerSimonianLaird:
		s1, s2, _ := b.powers(0)
		b.Tau2 = max(0, (b.Q-float64(b.DF))/(s1-s2/s1))
	default:
		return b, fmt.Errorf("log bias: method %d is neither REML nor DerSimonianLaird", method)
	}
	b.Tau2StdErr = math.Sqrt(b.tau2Variance(method))
	b.finish()
	return b, nil
}

func (a Sources) check() error {
	for _, e := range []struct {
		name string
		Estimate
	}{{"survey", a.Survey}, {"booking", a.Booking}} {
		if !(e.Value > 0) || !(e.Variance > 0) || notFinite(e.Value) || notFinite(e.Variance) {
			return fmt.Errorf("%s estimate %v with variance %v: both must be finite and above 0", e.name, e.Value, e.Variance)
		}
	}
	if !(square(a.Covariance) < a.Survey.Variance*a.Booking.Variance) {
		return fmt.Errorf("covariance %v with variances %v and %v: its square must be below their product", a.Covariance, a.Survey.Variance, a.Booking.Variance)
	}
	return nil
}

// relative are the variances of the logarithms, and their covariance.
func (a Sources) relative() (survey, booking, covariance float64) {
	s, b := a.Survey.Value, a.Booking.Value
	return a.Survey.Variance / (s * s), a.Booking.Variance / (b * b), a.Covariance / (s * b)
}

func (a Sources) logVariance() float64 {
	s, b, c := a.relative()
	return s + b - 2*c
}

// powers are Σ w, Σ w² and Σ w³ at τ².
func (b LogBias) powers(tau2 float64) (s1, s2, s3 float64) {
	for _, a := range b.Areas {
		w := 1 / (tau2 + a.Variance)
		s1, s2, s3 = s1+w, s2+w*w, s3+w*w*w
	}
	return s1, s2, s3
}

// mean is μ̂ at τ², and its variance.
func (b LogBias) mean(tau2 float64) (mu, variance float64) {
	var sum, weight float64
	for _, a := range b.Areas {
		w := 1 / (tau2 + a.Variance)
		sum, weight = sum+w*a.Direct, weight+w
	}
	return sum / weight, 1 / weight
}

// squares is Σ w (d − μ)² at τ².
func (b LogBias) squares(tau2, mu float64) float64 {
	var sum float64
	for _, a := range b.Areas {
		sum += square(a.Direct-mu) / (tau2 + a.Variance)
	}
	return sum
}

// restricted is the restricted log-likelihood but for a constant.
func (b LogBias) restricted(tau2 float64) float64 {
	mu, variance := b.mean(tau2)
	sum := b.squares(tau2, mu) - math.Log(variance)
	for _, a := range b.Areas {
		sum += math.Log(tau2 + a.Variance)
	}
	return -sum / 2
}

// slope is the derivative of the restricted log-likelihood in τ².
func (b LogBias) slope(tau2 float64) float64 {
	mu, _ := b.mean(tau2)
	s1, s2, _ := b.powers(tau2)
	var sum float64
	for _, a := range b.Areas {
		sum += square((a.Direct - mu) / (tau2 + a.Variance))
	}
	return (sum - s1 + s2/s1) / 2
}

// reml is the τ² of the greatest restricted likelihood: it may have several tops, so that a
// grid comes first, and a bisection of its slope after.
func (b LogBias) reml() float64 {
	mu, _ := b.mean(0)
	var spread, least float64 = 0, math.Inf(1)
	for _, a := range b.Areas {
		spread, least = max(spread, square(a.Direct-mu)), min(least, a.Variance)
	}
	grid := []float64{0}
	for t := least * 1e-4; t < 16*spread; t *= 1.25 {
		grid = append(grid, t)
	}
	best := 0
	for i, t := range grid {
		if b.restricted(t) > b.restricted(grid[best]) {
			best = i
		}
	}
	low, high := grid[max(0, best-1)], grid[min(len(grid)-1, best+1)]
	if best == 0 && !(b.slope(0) > 0) {
		return 0
	}
	for range 200 {
		middle := (low + high) / 2
		if b.slope(middle) > 0 {
			low = middle
		} else {
			high = middle
		}
	}
	return (low + high) / 2
}

// tau2Variance is the asymptotic variance of τ̂²: the inverse expected information, or the
// variance of Q over the square of its slope.
func (b LogBias) tau2Variance(method Method) float64 {
	if method == REML {
		s1, s2, s3 := b.powers(b.Tau2)
		return 2 / (s2 - 2*s3/s1 + square(s2/s1))
	}
	s1, s2, s3 := b.powers(0)
	slope := s1 - s2/s1
	return (2*float64(b.DF) + 4*slope*b.Tau2 + 2*(s2-2*s3/s1+square(s2/s1))*square(b.Tau2)) / square(slope)
}

func (b *LogBias) finish() {
	mu, variance := b.mean(b.Tau2)
	b.Mu, b.StdErr = mu, math.Sqrt(variance)
	b.KnappHartung = math.Sqrt(variance * b.squares(b.Tau2, mu) / float64(b.DF))
	for i := range b.Areas {
		a := &b.Areas[i]
		gamma := b.Tau2 / (b.Tau2 + a.Variance)
		a.BLUP = mu + gamma*(a.Direct-mu)
		g3 := square(a.Variance) / math.Pow(b.Tau2+a.Variance, 3) * square(b.Tau2StdErr)
		a.StdErr = math.Sqrt(gamma*a.Variance + square(1-gamma)*variance + 2*g3)
	}
}

// Corrected is an area's figure once the bias of bookings is taken out.
type Corrected struct {
	// Booking is b exp(μ̂), with τ² and the error of μ̂ in its variance; Covariance is that with the survey's.
	Booking    Estimate
	Covariance float64
	// Composite is that of the survey, whose weight is the first, and the corrected bookings.
	Composite
}

// LogNormal is the interval of a level such as 0.95, by the normal distribution of the logarithm.
func (k Corrected) LogNormal(level float64) (low, high float64) {
	factor := math.Exp(distuv.UnitNormal.Quantile((1+level)/2) * k.StdErr() / k.Value)
	return k.Value / factor, k.Value * factor
}

// Correct takes the mean bias out of bookings and combines them with the survey, both on the log
// scale. With sampling variances and covariance v_s', v_b', c' there and the area's share
// a = w_i/Σw of μ̂:
//
//	b_c = b exp(μ̂)
//	v(log b_c) = τ² + v_b' + v(μ̂) + 2a (c' − v_b' − τ²)
//	C(log s, log b_c) = c' + a (v_s' − c')
//	log θ̂ = φ log s + (1 − φ) log b_c,  φ as in [Pair]
//	v(θ̂) = θ̂² [v(log θ̂) + 2 (v_s' − c')²(τ² + v)⁻³ v(τ̂²)]
//
// for the area's own survey and bookings are part of μ̂. On the scale of the figures the weight
// would follow the estimate, whose variance is less where it came out small: composites would be too
// small. exp(μ̂) corrects the median; the mean is exp(v/2) of it. The last term of the variance is
// for the error of τ̂², as in [FitLogBias].
//
// The areas are those of the fit, in its order; otherwise it is an error.
func (b LogBias) Correct(areas []Sources, rule Rule) ([]Corrected, error) {
	if len(areas) != len(b.Areas) {
		return nil, fmt.Errorf("correction of %d areas by a log bias of %d: give the areas that it was fitted to", len(areas), len(b.Areas))
	}
	corrected := make([]Corrected, len(areas))
	for i, a := range areas {
		if err := a.check(); err != nil {
			return nil, fmt.Errorf("correction of area %d: %w", i+1, err)
		}
		if fitted := b.Areas[i].Direct; math.Abs(math.Log(a.Survey.Value/a.Booking.Value)-fitted) > 1e-9 {
			return nil, fmt.Errorf("correction of area %d: the log ratio of its estimates is not %v, that of the fit: give the areas in the order of the fit", i+1, fitted)
		}
		survey, booking, c := a.relative()
		share := square(b.StdErr) / (b.Tau2 + b.Areas[i].Variance)
		value := a.Booking.Value * math.Exp(b.Mu)
		variance := b.Tau2 + booking + square(b.StdErr) + 2*share*(c-booking-b.Tau2)
		covariance := c + share*(survey-c)
		k := Corrected{Booking: Estimate{value, square(value) * variance}, Covariance: a.Survey.Value * value * covariance}
		composite, err := Pair(Estimate{math.Log(a.Survey.Value), survey}, Estimate{math.Log(value), variance}, covariance, rule)
		if err != nil {
			return nil, fmt.Errorf("correction of area %d: %w", i+1, err)
		}
		k.Composite = composite
		if !composite.Held {
			k.Variance += 2 * square(survey-c) / math.Pow(b.Tau2+b.Areas[i].Variance, 3) * square(b.Tau2StdErr)
		}
		k.Value, k.Variance = math.Exp(k.Value), square(math.Exp(k.Value))*k.Variance
		corrected[i] = k
	}
	return corrected, nil
}
