// Package weight makes survey weights: the design they start from, non-response,
// calibration to known totals, and replicates. What a survey says is estimated
// in package estimate, from the weights and the design together.
package weight

import (
	"fmt"
	"math"
)

// Design says how the n respondents of a sample were drawn. Strata and clusters
// are numbered from 0; what a number stands for is the caller's to know.
type Design struct {
	// Weights are the design weights, one per unit, in units of the population
	// that a respondent stands for: inverse inclusion probabilities. All above 0.
	Weights []float64
	// Stages are the stages of sampling, the outermost first. None: one stratum
	// of which every unit was drawn by itself, with replacement.
	Stages []Stage
	// Lonely says what a stratum with a single sampling unit contributes.
	Lonely Lonely
}

// Stage is one stage of sampling. Units of one cluster of the stage before
// belong to the same sampling units of that stage; strata and clusters of an
// inner stage are told apart within the cluster of the stage before.
type Stage struct {
	// Strata is the stratum of each unit; nil for one stratum.
	Strata []int32
	// Names says what the strata are called, by their number, for messages; it may be nil.
	Names []string
	// Clusters is the sampling unit of each unit, told apart within its stratum;
	// nil where every unit is its own.
	Clusters []int32
	// Population is the number of sampling units in the unit's stratum, for the
	// finite population correction 1 − n_h/N_h; nil for a sample drawn with
	// replacement, whose inner stages add nothing to its variance.
	Population []float64
}

// Lonely is what a stratum with a single sampling unit contributes to a
// variance, to which within the stratum nothing can be compared.
type Lonely int

const (
	// LonelyAdjust centres the sampling unit at 0, which is the grand mean of
	// the linearised variables of means and ratios: conservative.
	LonelyAdjust Lonely = iota
	// LonelyRemove lets the stratum contribute nothing.
	LonelyRemove
	// LonelyCertainty takes the sampling unit for one drawn with certainty: it
	// contributes nothing at this stage.
	LonelyCertainty
	// LonelyAverage gives the stratum the mean contribution of all others.
	LonelyAverage
	// LonelyRefuse is an error that names the stratum.
	LonelyRefuse
)

// LonelyCodes are the rules by the code that kankei.yaml uses.
var LonelyCodes = map[string]Lonely{
	"adjust": LonelyAdjust, "remove": LonelyRemove, "certainty": LonelyCertainty, "average": LonelyAverage, "refuse": LonelyRefuse,
}

// Check says what is wrong with a design, naming the unit and the remedy: a
// weight that is missing, zero, negative or not finite; a column of another
// length than the weights; a population smaller than its sample.
func (d Design) Check() error {
	if len(d.Weights) == 0 {
		return refuse("標本に回答者がいません。",
			"the sample has no unit: give at least one respondent")
	}
	for k, w := range d.Weights {
		if !(w > 0) || math.IsInf(w, 0) {
			return refuse("回答者 %d の設計ウェイトが %v です。0 より大きい数（抽出率の逆数）にするか、その行を除いてください。",
				"unit %d: design weight %v: it must be a number above 0; leave the unit out, or give it the inverse of its inclusion probability", k+1, w)
		}
	}
	for i, s := range d.Stages {
		for _, column := range []struct {
			name   string
			length int
		}{{"strata", len(s.Strata)}, {"clusters", len(s.Clusters)}, {"population", len(s.Population)}} {
			if column.length != 0 && column.length != len(d.Weights) {
				return fmt.Errorf("stage %d: %s has %d values for %d units: give one for each", i+1, column.name, column.length, len(d.Weights))
			}
		}
	}
	_, err := d.Layout()
	return err
}

// Layout is a design's first stage in the form that variances are computed
// from.
type Layout struct {
	// PSU is the primary sampling unit of each unit, numbered from 0 over all strata.
	PSU []int32
	// Names is what messages call each stratum.
	Names []string
	// Stratum is the stratum of each primary sampling unit.
	Stratum []int32
	// Sampled is the number of primary sampling units of each stratum.
	Sampled []int
	// Population is the number of primary sampling units in the population of
	// each stratum; +Inf where drawn with replacement.
	Population []float64
}

// Layout numbers the primary sampling units and counts them.
func (d Design) Layout() (Layout, error) {
	all := make([]int32, len(d.Weights))
	for k := range all {
		all[k] = int32(k)
	}
	var first Stage
	if len(d.Stages) > 0 {
		first = d.Stages[0]
	}
	return first.layout(all, 1)
}

// layout numbers the sampling units of a stage among some units. The numbers
// are in order of first appearance, so that they do not depend on a map.
func (s Stage) layout(units []int32, stage int) (Layout, error) {
	type cluster struct{ stratum, cluster int32 }
	l := Layout{PSU: make([]int32, len(units))}
	strata, clusters := map[int32]int32{}, map[cluster]int32{}
	for i, k := range units {
		var stratum int32
		if s.Strata != nil {
			stratum = s.Strata[k]
		}
		h, seen := strata[stratum]
		if !seen {
			h = int32(len(strata))
			strata[stratum] = h
			l.Sampled = append(l.Sampled, 0)
			l.Population = append(l.Population, s.population(k))
			l.Names = append(l.Names, s.name(stratum))
		}
		if p := s.population(k); p != l.Population[h] {
			return l, refuse("第 %d 段、層 %s の母集団の抽出単位数が %v と %v の二通りあります。一つにしてください。",
				"stage %d, stratum %s: the population is given as %v and as %v sampling units: give one number for the stratum", stage, l.Names[h], l.Population[h], p)
		}
		c := cluster{h, k}
		if s.Clusters != nil {
			c.cluster = s.Clusters[k]
		}
		i2, seen := clusters[c]
		if !seen {
			i2 = int32(len(clusters))
			clusters[c] = i2
			l.Stratum = append(l.Stratum, h)
			l.Sampled[h]++
		}
		l.PSU[i] = i2
	}
	for h, n := range l.Sampled {
		if float64(n) > l.Population[h] {
			return l, refuse("第 %d 段、層 %s: 抽出単位が %d あるのに母集団は %v です。母集団を直すか、復元抽出として書かないでください。",
				"stage %d, stratum %s: %d sampling units of a population of %v: mend the population, or leave it out for a sample drawn with replacement",
				stage, l.Names[h], n, l.Population[h])
		}
	}
	return l, nil
}

func (s Stage) name(stratum int32) string {
	if int(stratum) < len(s.Names) {
		return s.Names[stratum]
	}
	return fmt.Sprint(stratum + 1)
}

func (s Stage) population(unit int32) float64 {
	if s.Population == nil {
		return math.Inf(1)
	}
	return s.Population[unit]
}

// DegreesOfFreedom is the number of primary sampling units less that of strata,
// over the units of a domain (nil for all): only sampling units and strata that
// hold a member count. At least 1.
func (d Design) DegreesOfFreedom(domain []bool) (float64, error) {
	l, err := d.Layout()
	if err != nil {
		return 0, err
	}
	units, strata := make([]bool, len(l.Stratum)), make([]bool, len(l.Sampled))
	df := 0
	for k, psu := range l.PSU {
		if domain != nil && !domain[k] {
			continue
		}
		if !units[psu] {
			units[psu] = true
			df++
		}
		if h := l.Stratum[psu]; !strata[h] {
			strata[h] = true
			df--
		}
	}
	return float64(max(df, 1)), nil
}

// EffectiveSize is Kish's effective sample size (Σw)²/Σw²: the number of units
// of equal weight that would tell as much about a mean that is unrelated to the
// weights. Kish, Survey Sampling (1965), §11.7.
func EffectiveSize(weights []float64) float64 {
	var sum, squares float64
	for _, w := range weights {
		sum += w
		squares += w * w
	}
	return sum * sum / squares
}
