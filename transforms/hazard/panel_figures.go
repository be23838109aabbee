package hazard

import (
	"fmt"
	"math"
	"slices"
)

// Interval is an estimate with its interval.
type Interval struct {
	Estimate
	Low, High float64
}

// gradient turns derivatives by ln q of each move into those by Theta.
func (p *Panel) gradient(own, x []float64) []float64 {
	u := slices.Clone(own)
	for _, v := range x {
		for _, d := range own {
			u = append(u, d*v)
		}
	}
	return u
}

func (p *Panel) rates(x []float64, level float64) (rates []float64, z float64, err error) {
	if z, err = deviate(level); err != nil {
		return nil, 0, err
	}
	if len(x) != len(p.mean) || slices.ContainsFunc(x, notFinite) {
		return nil, 0, fmt.Errorf("panel: covariates %v: want %d numbers", x, len(p.mean))
	}
	q := &panelProblem{moves: p.Moves}
	return q.intensities(p.Theta, x), z, nil
}

func (p *Panel) states() int { return len(p.model.Allowed) }

// Intensities are Q at covariates, per unit of time, with intervals by their logarithms; moves
// that are not allowed are 0 without error.
func (p *Panel) Intensities(x []float64, level float64) ([][]Interval, error) {
	rates, z, err := p.rates(x, level)
	if err != nil {
		return nil, err
	}
	out := make([][]Interval, p.states())
	for r := range out {
		out[r] = make([]Interval, p.states())
		leaving, all := make([]float64, len(rates)), 0.0
		for k, move := range p.Moves {
			if move[0] != r {
				continue
			}
			own := make([]float64, len(rates))
			own[k] = rates[k]
			leaving[k] = rates[k]
			all += rates[k]
			out[r][move[1]] = p.bounded(rates[k], own, x, z)
		}
		if all > 0 {
			b := p.bounded(all, leaving, x, z)
			out[r][r] = Interval{Estimate{-all, b.StdErr}, -b.High, -b.Low}
		}
	}
	return out, nil
}

// bounded is a value above 0 with its error by the delta method.
func (p *Panel) bounded(value float64, own, x []float64, z float64) Interval {
	e := Estimate{value, math.Sqrt(quadratic(p.gradient(own, x), p.Covariance))}
	low, high := e.positive(z)
	return Interval{e, low, high}
}

// Transition is P(t) at covariates that do not change, with errors by the delta method and
// intervals by log-odds; what is impossible, or certain, is so without error.
func (p *Panel) Transition(x []float64, t, level float64) ([][]Interval, error) {
	rates, z, err := p.rates(x, level)
	if err != nil {
		return nil, err
	}
	if !(t >= 0) || math.IsInf(t, 0) {
		return nil, fmt.Errorf("panel: transitions in a time of %v: want 0 or more", t)
	}
	probability, slopes := exponentials(p.states(), p.Moves, rates, t)
	reach := p.model.reach()
	out := make([][]Interval, p.states())
	for r := range out {
		out[r] = make([]Interval, p.states())
		absorbing := !slices.ContainsFunc(p.Moves, func(move [2]int) bool { return move[0] == r })
		for s := range out[r] {
			switch {
			case r == s && absorbing:
				out[r][s] = Interval{Estimate{1, 0}, 1, 1}
				continue
			case !reach[r][s]:
				continue
			}
			own := make([]float64, len(rates))
			for k := range own {
				own[k] = slopes[k].At(r, s)
			}
			e := Estimate{probability.At(r, s), math.Sqrt(quadratic(p.gradient(own, x), p.Covariance))}
			low, high := e.share(z)
			out[r][s] = Interval{e, low, high}
		}
	}
	return out, nil
}

// Sojourn is the mean time −1/q_rr in a state before it is left, by state; of an absorbing
// state, which is never left, all is 0.
func (p *Panel) Sojourn(x []float64, level float64) ([]Interval, error) {
	q, err := p.Intensities(x, level)
	if err != nil {
		return nil, err
	}
	z, _ := deviate(level)
	out := make([]Interval, len(q))
	for r := range q {
		if leaving := -q[r][r].Value; leaving > 0 {
			e := Estimate{1 / leaving, q[r][r].StdErr / (leaving * leaving)}
			low, high := e.positive(z)
			out[r] = Interval{e, low, high}
		}
	}
	return out, nil
}

// Effect is the β of a covariate on a move, a log ratio of intensities.
func (p *Panel) Effect(from, to, covariate int) (Estimate, error) {
	k := slices.Index(p.Moves, [2]int{from, to})
	if k < 0 || covariate < 0 || covariate >= len(p.mean) {
		return Estimate{}, fmt.Errorf("panel: no effect of covariate %d on a move from state %d to %d", covariate, from, to)
	}
	k += len(p.Moves) * (covariate + 1)
	return Estimate{p.Theta[k], math.Sqrt(p.Covariance.At(k, k))}, nil
}
