package flow

import (
	"math"
	"testing"
)

// 6 of 10 come from a place with half of all residents, 3 and 1 from the two others with
// a quarter each: H = 0.36 + 0.09 + 0.01; of two persons at random (10·0.46 − 1)/9 = 0.4 are
// of one origin, as 15 + 3 + 0 of 45 pairs are.
func TestConcentration(t *testing.T) {
	o := Origins{Flows: []float64{6, 3, 1}, Residents: []float64{50, 25, 25}, Places: []float64{1, 1, 1}}
	number := func(s Statistic, err error) float64 { return must[Statistic](t)(s, err).Value }
	near(t, "HHI", number(o.HHI()), 0.46)
	near(t, "of pairs of persons", must[float64](t)(CountedHHI([]float64{0.6, 0.3, 0.1}, 10)), 18./45)
	var variances []float64
	for _, s := range []float64{0.6, 0.3, 0.1} {
		variances = append(variances, s*(1-s)/9)
	}
	near(t, "the same by variances", CorrectedHHI([]float64{0.6, 0.3, 0.1}, variances), 18./45)
	near(t, "share", number(o.Share(func(i int) bool { return i > 0 })), 0.4)
	near(t, "location quotient", number(o.LocationQuotient(2)), 0.4)
	near(t, "Theil", number(o.Theil()), 0.6*math.Log(1.2)+0.3*math.Log(1.2)+0.1*math.Log(0.4))
	// Lorenz: the third, then the others at one rate: (0.25, 0.1), (1, 1).
	near(t, "Gini", number(o.Gini()), 1-0.25*0.1-0.75*1.1)
	near(t, "Gini of rates", number(o.Gini()), must[float64](t)(Gini([]float64{6. / 50, 3. / 25, 1. / 25}, o.Residents)))
	// Two like places of 2 and 2 taken together are what they are apart.
	apart := Origins{Flows: []float64{6, 2, 2}, Residents: []float64{50, 25, 25}, Places: []float64{1, 1, 1}}
	together := Origins{Flows: []float64{6, 4}, Residents: []float64{50, 50}, Places: []float64{1, 2}}
	near(t, "HHI together", number(together.HHI()), number(apart.HHI()))
	near(t, "Gini together", number(together.Gini()), number(apart.Gini()))
	near(t, "Theil together", number(together.Theil()), number(apart.Theil()))
}

// Slopes are those by differences, and are 0 along the flows themselves: more of all of them changes nothing.
func TestSlopes(t *testing.T) {
	o := Origins{Flows: []float64{6, 3, 1, 12}, Residents: []float64{50, 20, 30, 70}, Places: []float64{1, 1, 3, 1}}
	for name, of := range map[string]func(Origins) (Statistic, error){
		"HHI": Origins.HHI, "Theil": Origins.Theil, "Gini": Origins.Gini,
		"share":             func(o Origins) (Statistic, error) { return o.Share(func(i int) bool { return i < 2 }) },
		"location quotient": func(o Origins) (Statistic, error) { return o.LocationQuotient(1) },
	} {
		s := must[Statistic](t)(of(o))
		var along float64
		for i := range o.Flows {
			const h = 1e-6
			moved := o
			moved.Flows = append([]float64(nil), o.Flows...)
			moved.Flows[i] += h
			if slope := (must[Statistic](t)(of(moved)).Value - s.Value) / h; math.Abs(slope-s.Slopes[i]) > 1e-5 {
				t.Errorf("%s by flow %d: slope %v, by differences %v", name, i, s.Slopes[i], slope)
			}
			along += s.Slopes[i] * o.Flows[i]
		}
		near(t, name+" of more of all", along, 0)
	}
}

func TestRefusals(t *testing.T) {
	for name, err := range map[string]error{
		"none":        second(Gini(nil, nil)),
		"negative":    second(TheilT([]float64{1, -1}, nil)),
		"zeros":       second(TheilT([]float64{0, 0}, nil)),
		"log of zero": second(TheilL([]float64{0, 1}, nil)),
		"not finite":  second(Gini([]float64{1, math.NaN()}, nil)),
		"one person":  second(CountedHHI([]float64{1}, 1)),
		"one value":   second(CorrectedGini([]float64{1})),
		"empty fifth": second(QuintileShareRatio([]float64{0, 0, 1, 2, 3}, []float64{1, 1, 1, 1, 1})),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if g, err := Gini([]float64{0, 0, 0, 8}, nil); err != nil || g != 0.75 {
		t.Errorf("one has all: %v, %v; want 3/4", g, err)
	}
}

func second[T any](_ T, err error) error { return err }
