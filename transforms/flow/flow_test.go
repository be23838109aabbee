package flow

import (
	"math"
	"testing"

	"github.com/kankei/kankei/internal/casetable"
	"github.com/kankei/kankei/transforms/weight"
)

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func TestInequality(t *testing.T) {
	c := casetable.Open(t, "e02_inequality")
	d := c.Read("input.csv")
	y, w := d.Numbers("income"), d.Numbers("weight")
	group, names := d.Codes("grp")
	number := must[float64](t)
	c.Holds("gini", number(Gini(y, nil)))
	c.Holds("gini_corrected", number(CorrectedGini(y)))
	c.Holds("gini_weighted", number(Gini(y, w)))
	c.Holds("theil_T", number(TheilT(y, nil)))
	c.Holds("theil_weighted", number(TheilT(y, w)))
	c.Holds("theil_L", number(TheilL(y, nil)))
	c.Holds("atkinson_05", number(Atkinson(y, nil, 0.5)))
	c.Holds("atkinson_1", number(Atkinson(y, nil, 1)))
	c.Holds("rs", number(RicciSchutz(y, nil)))
	parts := must[Decomposition](t)(DecomposeTheilT(y, nil, group))
	c.Holds("between", parts.Between)
	c.Holds("within", parts.Within)
	var held []float64
	for g, name := range names {
		c.Holds("group_theil/"+name, parts.Groups[g].TheilT)
		held = append(held, parts.Groups[g].Held)
	}
	c.Holds("hhi_groups", HHI(held))
	c.Holds("hhi_norm", NormalisedHHI(held))
	c.Holds("hhi_units", HHI(must[[]float64](t)(Shares(y))))
	c.Holds("shannon_groups", Shannon(held))
	c.Holds("lorenz_p50", must[[]Point](t)(Lorenz(y, nil))[len(y)/2].Held)
}

func TestSampledInequality(t *testing.T) {
	c := casetable.Open(t, "e03_survey_gini")
	d := c.Read("input.csv")
	y, w := d.Numbers("enroll"), d.Numbers("pw")
	districts, _ := d.Codes("dnum")
	design := weight.Design{Weights: w, Stages: []weight.Stage{{Clusters: districts, Population: d.Numbers("fpc")}}}
	linearised := must[Linearised](t)
	for name, l := range map[string]Linearised{
		"gini": linearised(SampledGini(y, w)), "theil_T": linearised(SampledTheilT(y, w)), "theil_L": linearised(SampledTheilL(y, w)),
		"atkinson_05": linearised(SampledAtkinson(y, w, 0.5)), "qsr": linearised(QuintileShareRatio(y, w)),
	} {
		c.Holds(name+"/est", l.Value)
		tolerance := "rel"
		if name == "gini" {
			tolerance = "gini_se_rel"
		}
		c.Within(name+"/se", must[float64](t)(l.StdErr(design)), tolerance)
	}
}

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 1e-9*(1+math.Abs(want))) {
		t.Errorf("%s = %v, want %v", what, got, want)
	}
}
