package flow

import (
	"fmt"
	"math"

	"github.com/kankei/kankei/transforms/weight"
)

// Linearised is an index of the values of a sample and what each unit does to it, so
// that its variance is that of the total Σ w_k U_k (Deville 1999, Surv. Methodol. 25:193).
type Linearised struct {
	Value float64
	U     []float64
}

// StdErr is the design-based standard error, the weights being the design's.
func (l Linearised) StdErr(d weight.Design) (float64, error) {
	v, err := d.Covariance(d.Weights, l.U)
	if err != nil {
		return 0, err
	}
	return math.Sqrt(max(0, v.At(0, 0))), nil
}

// SampledGini is the Gini of a population from a sample with weights w, in which the
// persons whom a respondent stands for are ranked one after the other, as Osier (2009,
// Surv. Res. Methods 3:167) and the R packages vardpoor and convey have it:
//
//	G   = (2 Σ w_k N_k y_k − Y)/(N Y) − 1
//	U_k = [2 (Y − Y_k + w_k y_k + N_k y_k) − y_k − (G + 1)(Y + N y_k)]/(N Y)
//
// N_k and Y_k being the sums of w and wy over the units up to and with k, in order of y.
// It is greater than [Gini] by about the share of the greatest weights in N.
func SampledGini(y, w []float64) (Linearised, error) {
	w, err := check("Gini of a sample", y, w)
	if err != nil {
		return Linearised{}, err
	}
	n, total := moments(y, w)
	l := Linearised{U: make([]float64, len(y))}
	below, held := make([]float64, len(y)), make([]float64, len(y))
	var sum, share float64
	for _, k := range ascending(y) {
		sum, share = sum+w[k], share+w[k]*y[k]
		below[k], held[k] = sum, share
		l.Value += (2*sum - 1) * w[k] * y[k] / (n * total)
	}
	l.Value--
	for k, v := range y {
		l.U[k] = (2*(total-held[k]+w[k]*v+below[k]*v) - v - (l.Value+1)*(total+n*v)) / (n * total)
	}
	return l, nil
}

// SampledTheilT is [TheilT] with
//
//	U_k = y_k ln y_k/Y − A y_k/Y² − y_k/Y + 1/N,  A = Σ w y ln y
func SampledTheilT(y, w []float64) (Linearised, error) {
	w, err := check("index of a sample", y, w)
	if err != nil {
		return Linearised{}, err
	}
	value, err := TheilT(y, w)
	if err != nil {
		return Linearised{}, err
	}
	n, total := moments(y, w)
	l := Linearised{Value: value, U: make([]float64, len(y))}
	var a float64
	for k, v := range y {
		a += w[k] * xlogx(v)
	}
	for k, v := range y {
		l.U[k] = xlogx(v)/total - a*v/(total*total) - v/total + 1/n
	}
	return l, nil
}

func xlogx(x float64) float64 {
	if x == 0 {
		return 0
	}
	return x * math.Log(x)
}

// SampledTheilL is [TheilL] with U_k = y_k/Y − 1/N − ln y_k/N + B/N², B = Σ w ln y. An
// error where a value is 0.
func SampledTheilL(y, w []float64) (Linearised, error) {
	w, err := check("index of a sample", y, w)
	if err != nil {
		return Linearised{}, err
	}
	value, err := TheilL(y, w)
	if err != nil {
		return Linearised{}, err
	}
	n, total := moments(y, w)
	l := Linearised{Value: value, U: make([]float64, len(y))}
	var b float64
	for k, v := range y {
		b += w[k] * math.Log(v)
	}
	for k, v := range y {
		l.U[k] = v/total - 1/n - math.Log(v)/n + b/(n*n)
	}
	return l, nil
}

// SampledAtkinson is [Atkinson] with, for a = 1/(1 − ε) and M = Σ w y^{1−ε},
//
//	U_k = −(1 − A)[(1 − a)/N + a y_k^{1−ε}/M − y_k/Y]
//
// An error where the aversion is 1 or more and a value is 0, which makes it 1 whatever
// the others are.
func SampledAtkinson(y, w []float64, aversion float64) (Linearised, error) {
	w, err := check("index of a sample", y, w)
	if err != nil {
		return Linearised{}, err
	}
	value, err := Atkinson(y, w, aversion)
	if err != nil {
		return Linearised{}, err
	}
	n, total := moments(y, w)
	l := Linearised{Value: value, U: make([]float64, len(y))}
	var m float64
	for k, v := range y {
		switch {
		case aversion >= 1 && v == 0:
			return l, fmt.Errorf("Atkinson of a sample: value %d is 0: take an aversion below 1", k+1)
		case aversion == 1:
			m += w[k] * math.Log(v)
		default:
			m += w[k] * math.Pow(v, 1-aversion)
		}
	}
	for k, v := range y {
		if aversion == 1 {
			l.U[k] = -(1 - value) * (math.Log(v)/n - m/(n*n) + 1/n - v/total)
			continue
		}
		a := 1 / (1 - aversion)
		l.U[k] = -(1 - value) * ((1-a)/n + a*math.Pow(v, 1-aversion)/m - v/total)
	}
	return l, nil
}

// QuintileShareRatio is S80/S20, what the fifth with the most holds over what the fifth
// with the least does, as Eurostat defines it:
//
//	S80/S20 = (Y − Z_80)/Z_20,  Z_α = Σ w y 1{y ≤ q_α}
//	U(Z_α)_k = y_k 1{y_k ≤ q_α} − m_α (1{y_k ≤ q_α} − α)
//
// with q_α the least value that has a share of at least α of the weight up to it, and m_α the
// mean of y near it under a Gaussian kernel of bandwidth σ_y N^{−1/5}, which stands for q_α
// where values are rounded (Osier 2009). An error where the lowest fifth holds nothing.
func QuintileShareRatio(y, w []float64) (Linearised, error) {
	w, err := check("S80/S20", y, w)
	if err != nil {
		return Linearised{}, err
	}
	n, total := moments(y, w)
	var squares float64
	for k, v := range y {
		squares += w[k] * (v - total/n) * (v - total/n)
	}
	bandwidth := math.Sqrt(squares/n) * math.Pow(n, -0.2)
	z20, u20 := lowerShare(y, w, 0.2, bandwidth)
	z80, u80 := lowerShare(y, w, 0.8, bandwidth)
	if z20 == 0 {
		return Linearised{}, fmt.Errorf("S80/S20: the lowest fifth holds nothing: there is no ratio")
	}
	l := Linearised{Value: (total - z80) / z20, U: make([]float64, len(y))}
	for k, v := range y {
		l.U[k] = (v - u80[k] - l.Value*u20[k]) / z20
	}
	return l, nil
}

// lowerShare is Z_α and its linearised variable.
func lowerShare(y, w []float64, alpha, bandwidth float64) (z float64, u []float64) {
	q := quantile(y, w, alpha)
	near, weights := 0.0, 0.0
	for k, v := range y {
		kernel := 1.0
		if bandwidth > 0 {
			kernel = math.Exp(-(v - q) * (v - q) / (2 * bandwidth * bandwidth))
		}
		near, weights = near+w[k]*v*kernel, weights+w[k]*kernel
		if v <= q {
			z += w[k] * v
		}
	}
	near /= weights
	u = make([]float64, len(y))
	for k, v := range y {
		u[k] = near * alpha
		if v <= q {
			u[k] += v - near
		}
	}
	return z, u
}

// quantile is the least value with a share of at least p of the weight up to it.
func quantile(y, w []float64, p float64) float64 {
	n, _ := moments(y, w)
	order := ascending(y)
	var sum float64
	for _, k := range order {
		if sum += w[k]; sum >= p*n*(1-1e-12) {
			return y[k]
		}
	}
	return y[order[len(order)-1]]
}
