package capture

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/kankei/kankei/transforms/golden"
)

// profiled is the multinomial likelihood of cells as a function of the number never seen,
// whose cell is the last.
type profiled struct {
	x    [][]float64
	y    []float64
	seen float64
	// maximise fits the cells where the last has a number, and gives the design used.
	maximise func(unseen float64) (loglinear, [][]float64, error)
}

// interval is the number of persons of greatest likelihood with its interval, sought from a
// number never seen.
func (p *profiled) interval(unseen, level float64) (n, low, high float64, err error) {
	// On the log scale of the number never seen the profile has one top.
	least, most := math.Log(1e-6), math.Log(1e4*p.seen)
	from := min(max(math.Log(unseen), least+1), most-1)
	width := 0.5
	a, b := from-width, from+width
	for a > least && p.at(a) > p.at(from) {
		a, from, width = a-2*width, a, 2*width
	}
	for b < most && p.at(b) > p.at(from) {
		b, from, width = b+2*width, b, 2*width
	}
	top := golden.Section(max(a, least), min(b, most), 1e-7, p.at).At
	if math.IsInf(p.at(top), -1) {
		return 0, 0, 0, fmt.Errorf("profile of the number of persons: no model is fitted at %v never seen: %w", math.Exp(top), errEndless)
	}
	cut := p.at(top) - distuv.ChiSquared{K: 1}.Quantile(level)/2
	low, high = p.seen, math.Inf(1)
	for _, limit := range []struct {
		end float64
		at  *float64
	}{{least, &low}, {most, &high}} {
		if p.at(limit.end) >= cut {
			continue
		}
		x := crossing(p.at, cut, limit.end, top)
		if math.IsInf(p.at(x+math.Copysign(1e-6, limit.end-top)), -1) { // the likelihood breaks off there
			return 0, 0, 0, fmt.Errorf("profile of the number of persons: no model is fitted beyond %v never seen: %w", math.Exp(x), errEndless)
		}
		*limit.at = p.seen + math.Exp(x)
	}
	return p.seen + math.Exp(top), low, high, nil
}

// at is the log-likelihood of a logarithm of the number never seen, maximised over the
// coefficients.
func (p *profiled) at(logUnseen float64) float64 {
	unseen := math.Exp(logUnseen)
	n := p.seen + unseen
	p.y[len(p.y)-1] = unseen
	m, x, err := p.maximise(unseen)
	if err != nil {
		return math.Inf(-1) // far off no fit may be found
	}
	a, _ := math.Lgamma(n + 1)
	b, _ := math.Lgamma(unseen + 1)
	l := a - b
	for i, v := range p.y {
		l += v * (dot(x[i], m.coefficients) - math.Log(n))
	}
	return l
}

// crossing is where a function passes through a value between a point below it and one
// above.
func crossing(f func(float64) float64, value, below, above float64) float64 {
	for math.Abs(above-below) > 1e-8 {
		if middle := (above + below) / 2; f(middle) < value {
			below = middle
		} else {
			above = middle
		}
	}
	return (above + below) / 2
}
