package main

import (
	"math"
	"math/rand/v2"

	"github.com/kankei/kankei/transforms/estimate"
	"github.com/kankei/kankei/transforms/weight"
)

// estimand is a figure of the population and how it is estimated from a sample.
type estimand struct {
	name, what string
	truth      func(p *population) float64
	estimate   func(p *population, s sample, random *rand.Rand) (outcome, error)
}

// design is a way to draw, by name.
type design struct {
	name, what string
	draw       draw
}

// grid is every estimand under every design.
func grid(designs []design, estimands []estimand) []Cell {
	var cells []Cell
	for _, d := range designs {
		for _, e := range estimands {
			cells = append(cells, Cell{Name: d.name + "/" + e.name, What: e.what + ", " + d.what, Run: func(seed uint64, runs int) Result {
				p := thePopulation()
				return summarise(e.truth(p), repeat(seed, runs, func(random *rand.Rand) outcome {
					s, err := d.draw(p, random)
					if err != nil {
						return outcome{failed: true}
					}
					o, err := e.estimate(p, s, random)
					o.failed = o.failed || err != nil || math.IsNaN(o.value+o.low+o.high)
					return o
				}))
			}})
		}
	}
	return cells
}

// symmetric is an estimate with Student's interval.
func symmetric(e estimate.Estimate, err error) (outcome, error) {
	if err != nil {
		return outcome{}, err
	}
	low, high := e.Interval(level)
	return outcome{value: e.Value, stdErr: e.StdErr, low: low, high: high}, err
}

// share is an estimated proportion with the interval that Kankei chooses.
func share(e estimate.Estimate, weights []float64, err error) (outcome, error) {
	return count(e, 1, weights, err)
}

// count is an estimated number of persons with the interval that Kankei chooses.
func count(e estimate.Estimate, population float64, weights []float64, err error) (outcome, error) {
	if err != nil {
		return outcome{}, err
	}
	low, high, err := estimate.CountInterval(e, population, len(weights), weight.EffectiveSize(weights), level)
	return outcome{value: e.Value, stdErr: e.StdErr, low: low, high: high}, err
}

// figure is a figure above 0, with Student's interval and with that on the log
// scale: two estimands.
func figure(name, what string, truth func(p *population) float64, f func(p *population, s sample) (estimate.Estimate, error)) []estimand {
	return []estimand{
		{name, what + ", Student's interval", truth, func(p *population, s sample, _ *rand.Rand) (outcome, error) { return symmetric(f(p, s)) }},
		{name + "/log", what + ", interval on the log scale", truth, func(p *population, s sample, _ *rand.Rand) (outcome, error) { return logarithmic(f(p, s)) }},
	}
}

// logarithmic is an estimate above 0 with the interval on the log scale.
func logarithmic(e estimate.Estimate, err error) (outcome, error) {
	if err != nil {
		return outcome{}, err
	}
	if !(e.Value > 0) {
		return outcome{failed: true}, nil
	}
	low, high := e.LogInterval(level)
	return outcome{value: e.Value, stdErr: e.StdErr, low: low, high: high}, nil
}

var (
	// total of ties: person-region pairs.
	total = figure("total", "total of ties",
		func(p *population) float64 { return sum(p.ties) },
		func(p *population, s sample) (estimate.Estimate, error) { return s.Total(of(p.ties, s.units), nil) })
	// mean of visits, whose distribution has a heavy tail.
	mean = figure("mean", "mean of visits",
		func(p *population) float64 { return sum(p.visits) / float64(len(p.visits)) },
		func(p *population, s sample) (estimate.Estimate, error) { return s.Mean(of(p.visits, s.units), nil) })
	// ratio of visits to ties.
	ratio = figure("ratio", "visits per tie",
		func(p *population) float64 { return sum(p.visits) / sum(p.ties) },
		func(p *population, s sample) (estimate.Estimate, error) {
			return s.Ratio(of(p.visits, s.units), of(p.ties, s.units), nil)
		})
	// multiplicity is the number of ties per person who has one.
	multiplicity = append(figure("multiplicity", "ties per person who has one", meanTies, tiesPerPerson),
		estimand{"multiplicity/published", "ties per person who has one, interval on the log scale of what lies above 1", meanTies,
			func(p *population, s sample, _ *rand.Rand) (outcome, error) {
				e, err := tiesPerPerson(p, s)
				if err != nil {
					return outcome{}, err
				}
				e.Value--
				o, err := logarithmic(e, err)
				o.value, o.low, o.high = o.value+1, o.low+1, o.high+1
				return o, err
			}})
)

func meanTies(p *population) float64 { return sum(p.ties) / sum(positive(p.ties)) }

func tiesPerPerson(p *population, s sample) (estimate.Estimate, error) {
	ties := of(p.ties, s.units)
	return s.Ratio(ties, positive(ties), nil)
}

// positive is 1 where y is above 0.
func positive(y []float64) []float64 {
	out := make([]float64, len(y))
	for i, v := range y {
		if v > 0 {
			out[i] = 1
		}
	}
	return out
}

// proportion of a share.
func proportion(name, what string, y func(p *population) []float64) estimand {
	return estimand{name, what,
		func(p *population) float64 { return sum(y(p)) / float64(len(p.sex)) },
		func(p *population, s sample, _ *rand.Rand) (outcome, error) {
			e, err := s.Mean(of(y(p), s.units), nil)
			return share(e, s.Weights(), err)
		}}
}

var (
	half     = proportion("prop50", "a proportion near 0.5", func(p *population) []float64 { return p.share50 })
	tenth    = proportion("prop10", "a proportion near 0.1", func(p *population) []float64 { return p.share10 })
	fiftieth = proportion("prop02", "a proportion near 0.02", func(p *population) []float64 { return p.share02 })
)

// visitShare is the share of the related who come two to seven times a year, with
// the interval of the published shares.
var visitShare = estimand{"visitshare", "share of the related with 2 to 7 visits",
	func(p *population) float64 { return sum(some(p.visits)) / sum(positive(p.ties)) },
	func(p *population, s sample, _ *rand.Rand) (outcome, error) {
		related := positive(of(p.ties, s.units))
		e, err := s.Ratio(some(of(p.visits, s.units)), related, nil)
		if err != nil {
			return outcome{}, err
		}
		method := estimate.Logit
		if e.StdErr == 0 || e.Value*e.Value*(1-e.Value)/(e.StdErr*e.StdErr) < 10 {
			method = estimate.KornGraubard
		}
		low, high, err := estimate.ProportionInterval(e, int(sum(related)), method, level)
		return outcome{value: e.Value, stdErr: e.StdErr, low: low, high: high}, err
	}}

// some is 1 where there are two to seven visits.
func some(visits []float64) []float64 {
	out := make([]float64, len(visits))
	for i, v := range visits {
		if v >= 2 && v <= 7 {
			out[i] = 1
		}
	}
	return out
}

// median of spending.
var median = estimand{"median", "median spending, Woodruff's interval",
	func(p *population) float64 {
		s := estimate.Survey{Design: weight.Design{Weights: make([]float64, len(p.spent))}}
		for k := range p.spent {
			s.Design.Weights[k] = 1
		}
		e, _, err := s.Quantile(p.spent, 0.5, level, nil)
		if err != nil {
			panic(err)
		}
		return e.Value
	},
	func(p *population, s sample, _ *rand.Rand) (outcome, error) {
		e, ends, err := s.Quantile(of(p.spent, s.units), 0.5, level, nil)
		return outcome{value: e.Value, stdErr: e.StdErr, low: ends[0], high: ends[1]}, err
	}}

// domainMean is the mean of ties in a domain.
func domainMean(name, what string, in func(p *population) []bool) []estimand {
	return figure(name, what,
		func(p *population) float64 {
			var y, n float64
			for k, inside := range in(p) {
				if inside {
					y += p.ties[k]
					n++
				}
			}
			return y / n
		},
		func(p *population, s sample) (estimate.Estimate, error) {
			return s.Mean(of(p.ties, s.units), of(in(p), s.units))
		})
}

var (
	largeDomain = domainMean("domain-large", "mean of ties in a third of the persons", func(p *population) []bool { return p.older })
	smallDomain = domainMean("domain-small", "mean of ties in a fiftieth of the persons, who live in clusters", func(p *population) []bool { return p.rare })
)

// contrast is the difference of two domain means of one sample.
var contrast = estimand{"contrast", "difference of mean ties between the older and the others",
	func(p *population) float64 {
		older, others := 0.0, 0.0
		var n, m float64
		for k, inside := range p.older {
			if inside {
				older += p.ties[k]
				n++
			} else {
				others += p.ties[k]
				m++
			}
		}
		return older/n - others/m
	},
	func(p *population, s sample, _ *rand.Rand) (outcome, error) {
		y, older := of(p.ties, s.units), of(p.older, s.units)
		others := make([]bool, len(older))
		for i := range older {
			others[i] = !older[i]
		}
		j, err := s.Means(estimate.Domain{Y: y, In: older}, estimate.Domain{Y: y, In: others})
		if err != nil {
			return outcome{}, err
		}
		return symmetric(j.Contrast(1, -1), nil)
	}}

// related is the number of persons related to a region, all regions being
// estimated in one pass: the interval is that of the published figures.
func related(name, what string, region int32) estimand {
	return estimand{name, what,
		func(p *population) float64 {
			var n float64
			for _, r := range p.region {
				if r == region {
					n++
				}
			}
			return n
		},
		func(p *population, s sample, _ *rand.Rand) (outcome, error) {
			var units []int32
			for i, k := range s.units {
				if p.region[k] == region {
					units = append(units, int32(i))
				}
			}
			all, err := estimate.NewDomains(s.Survey)
			if err != nil {
				return outcome{}, err
			}
			t, err := all.Total(units, ones(len(units)))
			return count(t.Estimate, sum(s.Weights()), s.Weights(), err)
		}}
}

func ones(n int) []float64 {
	y := make([]float64, n)
	for i := range y {
		y[i] = 1
	}
	return y
}

// replicated is an estimand whose variance comes from replicate weights, which are
// calibrated anew where the sample is.
// makeReplicates makes replicate weights of a design.
type makeReplicates func(d weight.Design, random *rand.Rand) (weight.Replicates, error)

func replicated(method string, of string, make makeReplicates,
	truth func(p *population) float64, statistic func(p *population, s sample) func([]float64) []float64, options weight.Options) estimand {
	return estimand{method + "/" + of, of + " with replicate weights (" + method + ")", truth,
		func(p *population, s sample, random *rand.Rand) (outcome, error) {
			r, err := make(s.Design, random)
			if err == nil && s.Calibration != nil {
				r, err = r.Calibrated(s.Calibration.Aux, s.Calibration.Totals, options)
			}
			if err != nil {
				return outcome{}, err
			}
			return symmetric(estimate.Replicated(r, s.Weights(), statistic(p, s)).At(0), nil)
		}}
}

func totalOfTies(p *population, s sample) func([]float64) []float64 {
	return estimate.WeightedTotal(of(p.ties, s.units))
}

func visitsPerTie(p *population, s sample) func([]float64) []float64 {
	return estimate.WeightedRatio(of(p.visits, s.units), of(p.ties, s.units))
}

func jackknife(d weight.Design, _ *rand.Rand) (weight.Replicates, error) { return d.Jackknife() }

// balanced makes half samples; Fay's with rho above 0.
func balanced(rho float64) func(weight.Design, *rand.Rand) (weight.Replicates, error) {
	return func(d weight.Design, _ *rand.Rand) (weight.Replicates, error) { return d.BalancedRepeated(rho) }
}

// bootstrap makes 200 sets.
func bootstrap(d weight.Design, random *rand.Rand) (weight.Replicates, error) {
	return d.Bootstrap(200, random)
}
