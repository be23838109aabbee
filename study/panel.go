package main

import (
	"math"
	"math/rand/v2"

	"github.com/kankei/kankei/transforms/weight"
)

// joining is the probability that a person has joined a web panel.
type joining func(p *population, k int32) float64

// byClass depends on sex × age and stratum, which stands for the prefecture.
func byClass(p *population, k int32) float64 {
	years := float64(p.age[k]) - 2.5
	interaction := 0.3 * years * (float64(p.sex[k]) - 0.5)
	return 0.04 * math.Exp(-0.3*years+0.3*float64(p.sex[k])+interaction+0.12*(float64(p.stratum[k])-4.5)/2)
}

// byClassAndTies is 1.3 times that of persons related to a region.
func byClassAndTies(p *population, k int32) float64 {
	if p.ties[k] > 0 {
		return 1.3 * byClass(p, k)
	}
	return byClass(p, k)
}

// panel is everybody who joined. All weights are the same: nobody was drawn.
func panel(joins joining) draw {
	return func(p *population, random *rand.Rand) (sample, error) {
		var s sample
		for k := range int32(len(p.sex)) {
			if random.Float64() < joins(p, k) {
				s.units = append(s.units, k)
			}
		}
		s.Design.Weights = make([]float64, len(s.units))
		for i := range s.units {
			s.Design.Weights[i] = float64(len(p.sex)) / float64(len(s.units))
		}
		return s, nil
	}
}

// raked meets the population by sex × age, and by stratum.
func raked(from draw) draw {
	return func(p *population, random *rand.Rand) (sample, error) {
		s, err := from(p, random)
		if err != nil {
			return s, err
		}
		sexAge := make([]int32, len(p.sex))
		for k := range sexAge {
			sexAge[k] = p.sex[k]*ageClasses + p.age[k]
		}
		aux, totals := weight.Margins(p.margin("sex_age", sexAge, 2*ageClasses, s.units), p.margin("prefecture", p.stratum, strataCount, s.units))
		s.Calibration, err = weight.Calibrate(s.Design.Weights, aux, totals, raking)
		return s, err
	}
}

// relatedAnywhere is the number of persons with a tie.
var relatedAnywhere = estimand{"persons", "persons related to a region",
	func(p *population) float64 { return sum(positive(p.ties)) },
	func(p *population, s sample, _ *rand.Rand) (outcome, error) {
		e, err := s.Total(positive(of(p.ties, s.units)), nil)
		return count(e, sum(s.Weights()), s.Weights(), err)
	}}

// pairs are the ties, with the interval of published pairs.
var pairs = estimand{"pairs", "person-region pairs", total[0].truth,
	func(p *population, s sample, _ *rand.Rand) (outcome, error) {
		return logarithmic(s.Total(of(p.ties, s.units), nil))
	}}

// panelCells are those of a web panel, which nobody drew.
func panelCells() []Cell {
	designs := []design{
		{"panel/byclass/direct", "panel joined by sex × age and prefecture; not calibrated", panel(byClass)},
		{"panel/byclass/calibrated", "panel joined by sex × age and prefecture; calibrated to these", raked(panel(byClass))},
		{"panel/byclass-and-ties/calibrated", "panel joined 1.3 times as often by the related; calibrated to sex × age and prefecture", raked(panel(byClassAndTies))},
	}
	return grid(designs, []estimand{relatedAnywhere, pairs,
		related("region-large", "persons related to the most popular region", 0),
		related("region-middle", "persons related to the sixth of 40 regions", 5),
		related("region-small", "persons related to the last of 40 regions", regionCount-1)})
}
