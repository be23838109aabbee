package main

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/stat/distuv"

	contrasts "github.com/kankei/kankei/transforms/contrast"
	"github.com/kankei/kankei/transforms/hazard"
	"github.com/kankei/kankei/transforms/rates"
)

// nullHeading is that of the table of effects that are none.
const nullHeading = `| cell | truth | R | mean | naive | sd | SE/sd − 1 | found | naively found | failed |
|---|---|---|---|---|---|---|---|---|---|
`

// nullRun is one run's estimate of what is not there, and the naive one, with whether a 95 %
// interval leaves the truth out.
type nullRun struct {
	value, stdErr, naive float64
	found, naivelyFound  bool
	failed               bool
}

// nullTarget is what is asked of a row: a mean no further from the truth than off, and an
// effect found in 4 to 6 % of the runs. 0 and false ask nothing.
type nullTarget struct {
	truth, off float64
	share      bool
}

// row is one line of the table, what misses the target in bold. Found is in percent of the
// runs that did not fail.
func (t nullTarget) row(name string, runs []nullRun) string {
	var values, naive []float64
	var stdErr, found, naivelyFound float64
	failed := 0
	for _, r := range runs {
		if r.failed {
			failed++
			continue
		}
		values, naive = append(values, r.value), append(naive, r.naive)
		stdErr += r.stdErr
		if r.found {
			found++
		}
		if r.naivelyFound {
			naivelyFound++
		}
	}
	n := float64(len(values))
	if n < 2 {
		return fmt.Sprintf("| `%s` | %g | %d | – | – | – | – | – | – | %d |", name, t.truth, len(runs), failed)
	}
	mean, mcse := meanOf(values)
	naiveMean, naiveError := meanOf(naive)
	sd, share := mcse*math.Sqrt(n), found/n
	return fmt.Sprintf("| `%s` | %g | %d | %s | %.3f ± %.3f | %.3f | %+.1f | %s | %.1f | %d |", name, t.truth, len(runs),
		bold(fmt.Sprintf("%.3f ± %.3f", mean, mcse), t.off > 0 && !(math.Abs(mean-t.truth) <= t.off)), naiveMean, naiveError, sd, 100*(stdErr/n/sd-1),
		bold(fmt.Sprintf("%.1f ± %.1f", 100*share, 100*math.Sqrt(share*(1-share)/n)), t.share && !(share >= 0.04 && share <= 0.06)), 100*naivelyFound/n, failed)
}

// nullCell judges estimates of what is not there.
func nullCell(name, what string, most int, t nullTarget, once func(random *rand.Rand) nullRun) Cell {
	c := Cell{Name: "conversion/null/" + name, What: what, Most: most, Figures: []part{{name: "found"}}}
	c.Lines = func(seed uint64, runs int) []string {
		out := make([]nullRun, runs)
		inChunks(runs, func(run int) { out[run] = once(rand.New(rand.NewPCG(seed, uint64(run)))) })
		return []string{t.row(c.rows()[0], out)}
	}
	return c
}

// normalQuantile is that of two-sided intervals of 95 %.
const normalQuantile = 1.959964

// programme is persons of whom those with many trips in the year before rather take part in
// a programme that does nothing. Trips are Poisson with a rate of each person, so that many
// are followed by fewer. Naive is the change of those who took part since the year before.
func programme(persons int) func(random *rand.Rand) nullRun {
	return func(random *rand.Rand) nullRun {
		p := contrasts.Persons{Names: []string{"trips"}}
		var change []float64
		for range persons {
			taste := random.ExpFloat64() + random.ExpFloat64() // gamma: the next year is linear in the last
			past, next := float64(poisson(random, taste)), float64(poisson(random, taste))
			treated := random.Float64() < 1/(1+math.Exp(1.2-0.3*past))
			p.Treated, p.Outcome, p.Covariates = append(p.Treated, treated), append(p.Outcome, next), append(p.Covariates, []float64{past})
			if treated {
				change = append(change, next-past)
			}
		}
		c, err := contrasts.Compare(p, contrasts.ATT, contrasts.DefaultOverlap)
		if err != nil {
			return nullRun{failed: true}
		}
		naive, naiveError := meanOf(change)
		return nullRun{value: c.DoublyRobust.Value, stdErr: c.DoublyRobust.StdErr, found: c.DoublyRobust.P() < 0.05, naive: naive, naivelyFound: math.Abs(naive) > normalQuantile*naiveError}
	}
}

// staggered is regions that begin with a programme in different years, or never. A property
// of the region decides when, and how its figures grow; the programme does nothing. Naive is the
// change of those with the programme over the six years less that of the others.
func staggered(regions int) func(random *rand.Rand) nullRun {
	return func(random *rand.Rand) nullRun {
		p := contrasts.Panel{Periods: []int{1, 2, 3, 4, 5, 6}, Names: []string{"x"}}
		var changes [2][]float64
		for range regions {
			x := random.NormFloat64()
			r := contrasts.Region{Covariates: []float64{x}, Outcome: make([]float64, len(p.Periods))}
			switch u := random.Float64() - 0.1*x; {
			case u < 0.2:
				r.FirstTreated = 3
			case u < 0.4:
				r.FirstTreated = 5
			}
			level := 3 * random.NormFloat64()
			for t := range r.Outcome {
				r.Outcome[t] = level + 0.3*x*float64(t) + random.NormFloat64()
			}
			side := min(r.FirstTreated, 1)
			changes[side] = append(changes[side], r.Outcome[5]-r.Outcome[0])
			p.Regions = append(p.Regions, r)
		}
		s, err := contrasts.DifferenceInDifferences(p, contrasts.DifferenceOptions{})
		if err != nil {
			return nullRun{failed: true}
		}
		a, err := s.Aggregate(contrasts.Simple)
		if err != nil {
			return nullRun{failed: true}
		}
		others, otherError := meanOf(changes[0])
		with, withError := meanOf(changes[1])
		return nullRun{value: a.Overall.Value, stdErr: a.Overall.StdErr, found: a.Overall.P() < 0.05, naive: with - others,
			naivelyFound: math.Abs(with-others) > normalQuantile*math.Hypot(withError, otherError)}
	}
}

// immortal is persons who move at a rate of 0.3 a year and reach a level of engagement, which
// does nothing, at one of 0.5, followed for three years: the hazard ratio of the level from
// when it is reached, and naively of whoever ever reaches it.
func immortal(persons int) func(random *rand.Rand) nullRun {
	return func(random *rand.Rand) nullRun {
		var split, ever []hazard.Row
		for i := range persons {
			reached, event := random.ExpFloat64()/0.5, random.ExpFloat64()/0.3
			r := hazard.Row{Stop: min(event, 3), Event: event <= 3, X: []float64{0}, Weight: 1, Cluster: i}
			split = append(split, r.SplitAt(reached, []float64{1})...)
			if reached < r.Stop {
				r.X = []float64{1}
			}
			ever = append(ever, r)
		}
		fit, err := hazard.FitCox(split, hazard.CoxOptions{})
		naive, naiveErr := hazard.FitCox(ever, hazard.CoxOptions{})
		if err != nil || naiveErr != nil {
			return nullRun{failed: true}
		}
		return ratios(fit.Coefficients[0], fit.RobustStdErrs[0], naive.Coefficients[0], naive.RobustStdErrs[0])
	}
}

// immortalPeriods is the same in yearly waves: the level is reached in a year with probability
// 0.4, the move comes in one with 0.25, over five years.
func immortalPeriods(persons int) func(random *rand.Rand) nullRun {
	return func(random *rand.Rand) nullRun {
		var split, ever []hazard.Spell
		for i := range persons {
			s, reached := hazard.Spell{First: 1, Last: 1, X: []float64{0}, Weight: 1, Cluster: i}, 1
			for ; s.Last < 5 && random.Float64() > 0.25; s.Last++ {
			}
			s.Event = s.Last < 5 || random.Float64() < 0.25
			for ; random.Float64() > 0.4; reached++ {
			}
			split = append(split, s.SplitAfter(reached, []float64{1})...)
			if reached < s.Last {
				s.X = []float64{1}
			}
			ever = append(ever, s)
		}
		fit, err := discrete(split)
		naive, naiveErr := discrete(ever)
		if err != nil || naiveErr != nil {
			return nullRun{failed: true}
		}
		return ratios(fit.Coefficients[1], fit.RobustStdErrs[1], naive.Coefficients[1], naive.RobustStdErrs[1])
	}
}

func discrete(spells []hazard.Spell) (*hazard.Discrete, error) {
	rows, err := hazard.PersonPeriods(spells)
	if err != nil {
		return nil, err
	}
	return hazard.FitDiscrete(rows, hazard.DiscreteOptions{Bands: []int{5}})
}

// ratios are hazard ratios of log hazard ratios.
func ratios(value, stdErr, naive, naiveError float64) nullRun {
	return nullRun{value: math.Exp(value), stdErr: math.Exp(value) * stdErr, found: math.Abs(value) > normalQuantile*stdErr,
		naive: math.Exp(naive), naivelyFound: math.Abs(naive) > normalQuantile*naiveError}
}

// nullCells are of effects that are none: contrasts of 0 are to be found in 4 to 6 %, and
// hazard ratios of 1 to be 0.97 to 1.03.
func nullCells() []Cell {
	none, ratio := nullTarget{share: true}, nullTarget{truth: 1, off: 0.03}
	return []Cell{
		nullCell("programme/n=600", "600 persons, a programme that frequent visitors rather take part in", 0, none, programme(600)),
		nullCell("programme/n=2000", "2,000 persons, as n=600", 0, none, programme(2000)),
		nullCell("staggered/m=120", "120 regions, of which two in five begin in the third or fifth of six years", 0, none, staggered(120)),
		nullCell("immortal/cox", "3,000 persons, a level reached in time, Cox", 500, ratio, immortal(3000)),
		nullCell("immortal/waves", "1,000 persons, a level reached in time, by yearly waves", 500, ratio, immortalPeriods(1000)),
	}
}

// municipalities draws the shares of persons of 30 municipalities that moved, from a beta law
// of mean 3 % and of so many persons' worth, and who did, of 20 to 600 each; and has the shares as
// the model does. Estimates are less their own truth and plus the mean, so that one truth is
// that of all; naive is x/n.
func municipalities(worth float64) func(random *rand.Rand) []outcome {
	return func(random *rand.Rand) []outcome {
		out, truth := make([]outcome, municipal), make([]float64, municipal)
		counts := make([]rates.Count, municipal)
		for i := range counts {
			truth[i] = moveShare
			if !math.IsInf(worth, 1) {
				truth[i] = distuv.Beta{Alpha: moveShare * worth, Beta: (1 - moveShare) * worth, Src: random}.Rand()
			}
			counts[i].Persons = int64(20 * math.Pow(30, float64(i)/(municipal-1)))
			counts[i].Events = int64(binomial(random, int(counts[i].Persons), truth[i]))
			out[i] = outcome{failed: true, naive: float64(counts[i].Events)/float64(counts[i].Persons) - truth[i] + moveShare}
		}
		model, err := rates.Fit(counts)
		if err != nil {
			return out
		}
		shares, err := model.Shares(level)
		if err != nil {
			return out
		}
		for i, s := range shares {
			shift := moveShare - truth[i]
			out[i].failed, out[i].value, out[i].stdErr, out[i].low, out[i].high = false, s.Mean+shift, s.StdErr, s.Low+shift, s.High+shift
		}
		return out
	}
}

const (
	municipal = 30
	moveShare = 0.03
)

// municipalCell judges the shares of all municipalities together.
func municipalCell(name, what string, worth float64, t target) Cell {
	c := Cell{Name: "conversion/municipalities/" + name, What: what, Most: 100, Figures: []part{{"beta_binomial", t}}}
	c.Draw = func(seed uint64, runs int) []Result {
		var of []Result
		var naive float64
		for _, outcomes := range repeatAll(seed, runs, municipal, municipalities(worth)) {
			r := besideNaive(moveShare, outcomes)
			of, naive = append(of, r), naive+r.Naive/municipal
		}
		all := pool(of)
		all.Naive, all.Own = naive, -1
		return []Result{all}
	}
	return c
}

func municipalCells() []Cell {
	t := target{least: 93, most: 97}
	return []Cell{
		municipalCell("worth=100", "30 municipalities with 20 to 600 persons, shares from a beta law worth 100 persons", 100, t),
		municipalCell("worth=300", "as worth=100, less unlike: worth 300 persons", 300, t),
		municipalCell("worth=1000", "as worth=100, alike: worth 1,000 persons", 1000, t),
		municipalCell("worth=inf", "as worth=100, all the same", math.Inf(1), target{least: 93}),
	}
}
