package survival

import (
	"fmt"
	"testing"

	"github.com/kankei/kankei/internal/casetable"
)

// must fails the test on an error.
func must[T any](v T, err error) func(t testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// first is a curve of one stratum.
func first(t testing.TB, spells []Spell, o Options) *Curve {
	t.Helper()
	return &must(Curves(spells, o))(t)[0]
}

// lung are the spells of case d01, by sex where asked.
func lung(c *casetable.Case, bySex bool) []Spell {
	rows := c.Read("input.csv")
	time, status, sex := rows.Numbers("time"), rows.Numbers("status"), rows.Numbers("sex")
	var spells []Spell
	for i := range time {
		s := Spell{Exit: int32(time[i]), Cause: int32(status[i]) - 1}
		if bySex {
			s.Stratum = int32(sex[i]) - 1
		}
		spells = append(spells, s)
	}
	return spells
}

// R's survfit, quantile, survmean and survdiff on survival::lung.
func TestCaseLung(t *testing.T) {
	c := casetable.Open(t, "d01_km_lung")
	all := first(t, lung(c, false), Options{})
	hold := func(path string, p Point, withRisk bool) {
		t.Helper()
		if withRisk {
			c.Holds(path+"/n_risk", float64(p.AtRisk))
		}
		c.Holds(path+"/surv", p.Value)
		c.Holds(path+"/se", p.StdErr)
		c.Holds(path+"/lo", p.Low)
		c.Holds(path+"/hi", p.High)
	}
	for i, at := range []int32{100, 200, 365, 600, 1000} {
		hold(fmt.Sprint("log/", i), all.SurvivalAt(at, Interval{Scale: Log}), true)
	}
	for i, at := range []int32{100, 365} {
		hold(fmt.Sprint("loglog/", i), all.SurvivalAt(at, Interval{}), true)
		hold(fmt.Sprint("plain/", i), all.SurvivalAt(at, Interval{Scale: Plain}), true)
		hazard, _ := all.CumulativeHazard(0)
		c.Holds(fmt.Sprint("nelson_aalen_cumhaz/", i), hazard[all.last(at)])
	}
	for i, p := range []float64{0.25, 0.5, 0.75} {
		q, path := all.Quantile(p, Interval{}), fmt.Sprint("quantiles_loglog/", i)
		c.Holds(path+"/est", q.Value.Time)
		c.Holds(path+"/lo", q.Low.Time)
		c.Holds(path+"/hi", q.High.Time)
	}
	bySex := must(Curves(lung(c, true), Options{Strata: 2, RestrictTo: 365}))(t)
	for i := range bySex {
		for j, at := range []int32{180, 365} {
			hold(fmt.Sprint("by_sex/", 2*i+j), bySex[i].SurvivalAt(at, Interval{Scale: Log}), true)
		}
		mean := bySex[i].RestrictedMean(Interval{})
		c.Holds(fmt.Sprintf("rmst365/%d/rmean", i), mean.Value)
		c.Holds(fmt.Sprintf("rmst365/%d/se", i), mean.StdErr)
	}
}

// mgus are the spells of case d03, by sex where asked: 0 F, 1 M.
func mgus(c *casetable.Case, bySex bool) []Spell {
	rows := c.Read("input.csv")
	time, cause := rows.Numbers("etime"), rows.Numbers("cause")
	sex, _ := rows.Codes("sex")
	var spells []Spell
	for i := range time {
		s := Spell{Exit: int32(time[i]), Cause: int32(cause[i])}
		if bySex {
			s.Stratum = sex[i]
		}
		spells = append(spells, s)
	}
	return spells
}

// R's survfit and cmprsk's cuminc on survival::mgus2. The case's intervals are on the
// logarithm.
func TestCaseMgus(t *testing.T) {
	c := casetable.Open(t, "d03_aj_mgus2")
	all, in := first(t, mgus(c, false), Options{Causes: 2}), Interval{Scale: Log}
	for i, at := range []int32{60, 120, 240, 360} {
		path := fmt.Sprint("overall/", i)
		pcm := all.IncidenceAt(1, at, in)
		c.Holds(path+"/pcm", pcm.Value)
		c.Holds(path+"/se_pcm", pcm.StdErr)
		c.Holds(path+"/lo_pcm", pcm.Low)
		c.Holds(path+"/hi_pcm", pcm.High)
		c.Holds(path+"/death", all.IncidenceAt(2, at, in).Value)
	}
	naive := all.Naive(1)
	c.Holds("naive_one_minus_km/0/est", naive[all.last(120)])
	c.Holds("naive_one_minus_km/1/est", naive[all.last(240)])
	bySex := must(Curves(mgus(c, true), Options{Strata: 2, Causes: 2}))(t)
	for sex := range bySex {
		curve := &bySex[sex]
		for i, at := range []int32{60, 120, 240, 360} {
			path := fmt.Sprint("by_sex/", 4*sex+i)
			pcm, death := curve.IncidenceAt(1, at, in), curve.IncidenceAt(2, at, in)
			c.Holds(path+"/event_free", curve.SurvivalAt(at, in).Value)
			c.Holds(path+"/pcm", pcm.Value)
			c.Holds(path+"/se_pcm", pcm.StdErr)
			c.Holds(path+"/death", death.Value)
			c.Holds(path+"/se_death", death.StdErr)
			if at == 360 {
				continue // not among cuminc's
			}
			for cause := 1; cause <= 2; cause++ {
				path := fmt.Sprintf("cuminc_timepoints/%d/", 2*(cause-1)+sex)
				v := curve.AalenErr(cause)[curve.last(at)]
				c.Holds(fmt.Sprint(path, "est.", at), curve.IncidenceAt(cause, at, in).Value)
				c.Holds(fmt.Sprint(path, "var.", at), v*v)
			}
		}
	}
}

// R's survdiff on case d01; cmprsk's cuminc and crr on case d03.
func TestCaseGroups(t *testing.T) {
	d01 := casetable.Open(t, "d01_km_lung")
	spells := lung(d01, true)
	logRank := must(LogRank(spells, 2, 0))(t)
	d01.Holds("logrank/chisq", logRank.ChiSquare)
	d01.Holds("logrank/p", logRank.P)
	d01.Holds("peto_peto/chisq", must(LogRank(spells, 2, 1))(t).ChiSquare)

	d03 := casetable.Open(t, "d03_aj_mgus2")
	spells = mgus(d03, true)
	for k := range 2 {
		gray := must(Gray(spells, 2, k+1, 2, 0))(t)
		d03.Holds(fmt.Sprint("gray/stat/", k), gray.ChiSquare)
		d03.Holds(fmt.Sprint("gray/p/", k), gray.P)
	}
	age := d03.Read("input.csv").Numbers("age")
	var x [][]float64
	for i, s := range spells {
		x = append(x, []float64{age[i], float64(s.Stratum)})
	}
	r := must(FineGray(spells, x, 1))(t)
	d03.Holds("fine_gray/coef/age", r.Coefficients[0])
	d03.Holds("fine_gray/coef/male", r.Coefficients[1])
	d03.Holds("fine_gray/se/0", r.StdErr(0))
	d03.Holds("fine_gray/se/1", r.StdErr(1))
	d03.Holds("fine_gray/loglik", r.LogLikelihood)
}
