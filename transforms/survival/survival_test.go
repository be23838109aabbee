package survival

import (
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func near(got, want, tolerance float64) bool { return math.Abs(got-want) <= tolerance }

// until are spells from 0 that end at the given times of the given causes.
func until(pairs ...int32) []Spell {
	var spells []Spell
	for i := 0; i < len(pairs); i += 2 {
		spells = append(spells, Spell{Exit: pairs[i], Cause: pairs[i+1]})
	}
	return spells
}

// By hand: of five, one moves at 1, one is censored at 2, two move at 3, one stays to 4.
// S = 4/5, then 4/5 · 1/3; Greenwood 1/(5·4) = 1/20, then + 2/(3·1).
func TestByHand(t *testing.T) {
	c := first(t, until(1, 1, 2, 0, 3, 1, 3, 1, 4, 0), Options{RestrictTo: 4})
	for _, want := range []struct {
		time           int32
		s, se          float64
		atRisk, events int
	}{
		{1, 0.8, 0.8 * math.Sqrt(1.0/20), 5, 1},
		{2, 0.8, 0.8 * math.Sqrt(1.0/20), 4, 1},
		{3, 0.8 / 3, 0.8 / 3 * math.Sqrt(1.0/20+2.0/3), 3, 3},
		{4, 0.8 / 3, 0.8 / 3 * math.Sqrt(1.0/20+2.0/3), 1, 3},
	} {
		p := c.SurvivalAt(want.time, Interval{})
		if !near(p.Value, want.s, 1e-15) || !near(p.StdErr, want.se, 1e-15) || p.AtRisk != want.atRisk || p.Events != want.events || p.Status != Estimated {
			t.Errorf("at %d: %+v, want %+v", want.time, p, want)
		}
	}
	// 1·1 + 0.8·2 + 0.8/3·1; areas after the events 1.6 + 0.8/3 and 0.8/3
	mean := c.RestrictedMean(Interval{})
	a, b := 1.6+0.8/3, 0.8/3
	if !near(mean.Value, 1+a, 1e-15) || !near(mean.StdErr, math.Sqrt(a*a/20+b*b*2/3), 1e-15) {
		t.Errorf("restricted mean %+v", mean)
	}
	hazard, se := c.CumulativeHazard(0)
	if !near(hazard[2], 1.0/5+2.0/3, 1e-15) || !near(se[2], math.Sqrt(1.0/25+2.0/9), 1e-15) {
		t.Errorf("cumulative hazard %v ± %v", hazard, se)
	}
}

// By hand: of four, one moves here at 1, one moves elsewhere at 2, one here at 3, one stays.
// F_1 = 1/4, 1/2; F_2 = 1/4; 1 − Kaplan–Meier of cause 1 is 1 − 3/4·1/2.
func TestCompetingByHand(t *testing.T) {
	c := first(t, until(1, 1, 2, 2, 3, 1, 4, 0), Options{Causes: 2})
	here, elsewhere := c.IncidenceAt(1, 3, Interval{}), c.IncidenceAt(2, 3, Interval{})
	if !near(here.Value, 0.5, 1e-15) || !near(elsewhere.Value, 0.25, 1e-15) || here.Events != 2 || elsewhere.Events != 1 {
		t.Errorf("here %+v, elsewhere %+v", here, elsewhere)
	}
	// nobody is censored before 3: the errors are those of proportions
	if !near(here.StdErr, math.Sqrt(0.25/4), 1e-15) || !near(elsewhere.StdErr, math.Sqrt(0.75*0.25/4), 1e-15) {
		t.Errorf("here ± %v, elsewhere ± %v", here.StdErr, elsewhere.StdErr)
	}
	if naive := c.Naive(1)[c.last(3)]; !near(naive, 1-0.75*0.5, 1e-15) {
		t.Errorf("1 − Kaplan–Meier is %v", naive)
	}
}

// late are forty spells entered late, with weights and clusters.
func late(t *testing.T) []Spell {
	f, err := os.Open("testdata/late.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var spells []Spell
	for _, r := range must(csv.NewReader(f).ReadAll())(t)[1:] {
		var v [5]float64
		for i := range v {
			v[i] = must(strconv.ParseFloat(r[i], 64))(t)
		}
		spells = append(spells, Spell{Entry: int32(v[0]), Exit: int32(v[1]), Cause: int32(v[2]), Weight: v[3], Cluster: int64(v[4])})
	}
	return spells
}

// testdata/late.R: survfit of one and of two causes, its residuals summed by cluster, and
// survdiff.
func TestLateWeightedClustered(t *testing.T) {
	spells := late(t)
	greenwood, weighted := first(t, spells, Options{Causes: 2}), first(t, spells, Options{Causes: 2, Weighted: true})
	clustered := first(t, spells, Options{Causes: 2, Weighted: true, Clustered: true, RestrictTo: 18})
	survival := func(c *Curve, at int32) []float64 {
		p := c.SurvivalAt(at, Interval{})
		return []float64{c.AtRisk[c.last(at)], p.Value, p.StdErr}
	}
	incidence := func(c *Curve, at int32) []float64 {
		one, two := c.IncidenceAt(1, at, Interval{}), c.IncidenceAt(2, at, Interval{})
		return []float64{one.Value, two.Value, one.StdErr, two.StdErr}
	}
	for _, check := range []struct {
		what      string
		got, want []float64
	}{
		{"greenwood", survival(greenwood, 8), []float64{29, 0.859416445623342, 0.0652217625044632}},
		{"greenwood", survival(greenwood, 13), []float64{22, 0.551100795755968, 0.0856922266437787}},
		{"greenwood", survival(greenwood, 18), []float64{11, 0.381714836887251, 0.0871431966140972}},
		{"weighted", survival(weighted, 8), []float64{47, 0.823565441650548, 0.0908274927242684}},
		{"weighted", survival(weighted, 13), []float64{36.9, 0.445179323559717, 0.0970556538850215}},
		{"weighted", survival(weighted, 18), []float64{18.2, 0.305257388263823, 0.089424312730189}},
		{"clustered", survival(clustered, 8), []float64{47, 0.823565441650548, 0.0748395875649602}},
		{"clustered", survival(clustered, 13), []float64{36.9, 0.445179323559717, 0.0843550912948468}},
		{"clustered", survival(clustered, 18), []float64{18.2, 0.305257388263823, 0.0963247317099223}},
		{"causes", incidence(greenwood, 13), []float64{0.325570291777188, 0.123328912466843, 0.079869668583019, 0.0575727696160179}},
		{"causes", incidence(greenwood, 18), []float64{0.42934901305591, 0.18893615005684, 0.0870338353686902, 0.0697954782098543}},
		{"causes, weighted", incidence(weighted, 18), []float64{0.559258278174206, 0.135484333561971, 0.10090924686538, 0.0618838101083313}},
		{"causes, clustered", incidence(clustered, 8), []float64{0.151182033096927, 0.0252525252525252, 0.0784488221650628, 0.0238937272606541}},
		{"causes, clustered", incidence(clustered, 18), []float64{0.559258278174206, 0.135484333561971, 0.0949769735703436, 0.0532679138456234}},
		{"mean, clustered", []float64{clustered.RestrictedMean(Interval{}).Value, clustered.RestrictedMean(Interval{}).StdErr}, []float64{13.432075399390873, 0.673155949455821}},
		{"survdiff", groupTests(t, spells), []float64{2.03472794869152, 3.13397862062501}},
	} {
		for i, want := range check.want {
			if !near(check.got[i], want, 1e-12*want) {
				t.Errorf("%s: %v, want %v", check.what, check.got, check.want)
				break
			}
		}
	}
}

// groupTests are the log-rank and the Peto–Peto test of clusters by threes, seen from 0.
func groupTests(t *testing.T, spells []Spell) []float64 {
	for i := range spells {
		spells[i].Stratum, spells[i].Entry = int32(spells[i].Cluster%3), 0
	}
	logRank, peto := must(LogRank(spells, 3, 0))(t), must(LogRank(spells, 3, 1))(t)
	if logRank.DF != 2 || peto.DF != 2 {
		t.Errorf("three groups have %d and %d degrees of freedom", logRank.DF, peto.DF)
	}
	return []float64{logRank.ChiSquare, peto.ChiSquare}
}

// A first risk set of one takes the curve to 0 for good; one begun at ten does not. By
// hand: from 5 on eleven are at risk, of whom one moves at 6.
func TestBegunLate(t *testing.T) {
	spells := []Spell{{Entry: 0, Exit: 2, Cause: 1}, {Entry: 1, Exit: 9}, {Entry: 2, Exit: 6, Cause: 1}}
	for range 9 {
		spells = append(spells, Spell{Entry: 5, Exit: 9})
	}
	if p := first(t, spells[:2], Options{}).SurvivalAt(2, Interval{}); p.Value != 0.5 {
		t.Errorf("of the two at risk one moves: %+v", p)
	}
	c := first(t, spells, Options{MinAtRisk: 10})
	if p := c.SurvivalAt(7, Interval{}); c.Begin != 5 || !near(p.Value, 10.0/11, 1e-15) || p.Events != 1 {
		t.Errorf("begun at %d: %+v", c.Begin, p)
	}
	if p := c.SurvivalAt(4, Interval{}); p.Status != NotEstimable {
		t.Errorf("before it is begun: %+v", p)
	}
	alone := []Spell{{Entry: 0, Exit: 1, Cause: 1}, {Entry: 0, Exit: 2, Cause: 1}, {Entry: 3, Exit: 5, Cause: 1}, {Entry: 3, Exit: 5}}
	if p := first(t, alone, Options{}).SurvivalAt(5, Interval{}); p.Value != 0 {
		t.Errorf("nobody left at 2: %+v", p)
	}
}

// What cannot be estimated is said to be so, and what is exact has a binomial interval:
// with nobody of n moving the upper limit is 1 − 0.025^{1/n}.
func TestEdges(t *testing.T) {
	upper := func(n float64) float64 { return 1 - math.Pow(0.025, 1/n) }
	ten := make([]Spell, 10)
	for i := range ten {
		ten[i] = Spell{Exit: 12}
	}
	dropouts := append(append([]Spell{}, ten...), until(3, 0, 3, 0)...)
	gap := append(append([]Spell{}, until(2, 1, 4, 0)...), Spell{Entry: 6, Exit: 9, Cause: 1}, Spell{Entry: 6, Exit: 9})
	heavy := until(12, 0, 12, 0)
	heavy[0].Weight, heavy[1].Weight, heavy[0].Cluster = 3, 1, 1
	twice := until(12, 0, 12, 0)
	for _, e := range []struct {
		name   string
		spells []Spell
		o      Options
		at     int32
		want   Point
	}{
		{"nobody", nil, Options{}, 1, notEstimable},
		{"too few at risk", ten, Options{MinAtRisk: 11}, 1, notEstimable},
		{"no event", ten, Options{}, 12, Point{High: upper(10), AtRisk: 10, Status: Exact}},
		{"no event, two censored", dropouts, Options{}, 12, Point{High: upper(10), AtRisk: 10, Status: Exact}},
		{"no event yet", dropouts, Options{}, 3, Point{High: upper(12), AtRisk: 12, Status: Exact}},
		{"after all are censored", ten, Options{}, 13, notEstimable},
		{"before the beginning", ten, Options{}, -1, notEstimable},
		{"one person, censored", until(5, 0), Options{}, 5, Point{High: upper(1), AtRisk: 1, Status: Exact}},
		{"one person, an event", until(5, 1), Options{}, 9, Point{Value: 1, Low: 0.025, High: 1, Events: 1, Status: Exact}},
		{"weights 3 and 1 tell as 16/10", heavy, Options{Weighted: true}, 12, Point{High: upper(1.6), AtRisk: 2, Status: Exact}},
		{"two spells of one person", twice, Options{Clustered: true}, 12, Point{High: upper(1), AtRisk: 2, Status: Exact}},
		{"one cluster with events", until(1, 1, 2, 0), Options{Clustered: true}, 1, notEstimable},
		{"weights of 0", until(1, 1), Options{Weighted: true}, 1, notEstimable},
		{"nobody left but who enters then", append(until(2, 1), Spell{Entry: 2, Exit: 9}, Spell{Entry: 2, Exit: 9}), Options{}, 5, Point{Value: 1, Low: 0.025, High: 1, Events: 1, Status: Exact}},
		{"before a gap", gap, Options{}, 4, Point{Value: 0.5, StdErr: math.Sqrt(0.125), AtRisk: 1, Events: 1}},
		{"after a gap", gap, Options{}, 9, notEstimable},
	} {
		c := first(t, e.spells, e.o)
		got := c.IncidenceAt(1, e.at, Interval{})
		if e.want.Status == Estimated {
			e.want.Low, e.want.High = got.Low, got.High
		}
		for i, pair := range [][2]float64{{got.Value, e.want.Value}, {got.StdErr, e.want.StdErr}, {got.Low, e.want.Low}, {got.High, e.want.High}} {
			if !near(pair[0], pair[1], 1e-14) {
				t.Errorf("%s: figure %d of %+v, want %+v", e.name, i, got, e.want)
			}
		}
		if got.Status != e.want.Status || got.AtRisk != e.want.AtRisk || got.Events != e.want.Events {
			t.Errorf("%s: %+v, want %+v", e.name, got, e.want)
		}
	}
}

// A quantile that the curve does not reach is said not to be reached.
func TestQuantiles(t *testing.T) {
	c := first(t, until(2, 1, 4, 1, 6, 0, 8, 0), Options{})
	q := c.Quantile(0.25, Interval{}) // S is 3/4 exactly between 2 and 4
	if q.Value != (Limit{3, true}) || q.Low != (Limit{2, true}) || q.High.Reached {
		t.Errorf("quartile %+v", q)
	}
	if q := c.Quantile(0.75, Interval{}); q.Value.Reached {
		t.Errorf("three quarters %+v, and S ends at one half", q)
	}
}

func TestErrors(t *testing.T) {
	ok := Spell{Exit: 1}
	for _, e := range []struct {
		spell Spell
		o     Options
		want  string
	}{
		{Spell{Entry: 3, Exit: 3}, Options{}, "spell 2: it is at risk after 3 and until 3"},
		{Spell{Exit: 1, Cause: 2}, Options{}, "cause 2: want 0 (censored) to 1"},
		{Spell{Exit: 1, Stratum: 1}, Options{}, "stratum 1: want 0 to 0"},
		{Spell{Exit: 1, Weight: math.NaN()}, Options{Weighted: true}, "weight NaN"},
		{Spell{Exit: 1, Weight: -1}, Options{Weighted: true}, "weight -1"},
		{ok, Options{Capture: []Capture{{}}}, "0 ± 0 of the events are seen"},
		{ok, Options{Capture: []Capture{{Sensitivity: 1}, {Sensitivity: 1}}}, "shares of 2 causes are given for 1"},
		{ok, Options{Strata: -1}, "are numbers from 1"},
	} {
		if _, err := Curves([]Spell{ok, e.spell}, e.o); err == nil || !strings.Contains(err.Error(), e.want) {
			t.Errorf("%+v of %+v: %v, want %q", e.spell, e.o, err, e.want)
		}
	}
	x := [][]float64{{1}, {2}, {3}, {4}}
	for _, e := range []struct {
		spells []Spell
		x      [][]float64
		want   string
	}{
		{until(1, 1, 2, 1, 3, 1, 4, 1), x[:3], "4 spells and 3 rows"},
		{append(until(1, 1, 2, 1, 3, 1), Spell{Entry: 1, Exit: 4}), x, "late entry is not provided for"},
		{until(1, 1, 2, 0, 3, 0, 4, 0), x, "1 events for 1 covariates"},
		{until(1, 1, 2, 1, 3, 1, 4, 1), x, "no maximum"}, // the order of x is that of events
		{until(1, 1, 2, 1, 3, 1, 4, 1), [][]float64{{1}, {1}, {1}, {1}}, "no maximum"},
	} {
		if _, err := FineGray(e.spells, e.x, 1); err == nil || !strings.Contains(err.Error(), e.want) {
			t.Errorf("Fine–Gray: %v, want %q", err, e.want)
		}
	}
	if _, err := Gray(nil, 2, 3, 2, 0); err == nil || !strings.Contains(err.Error(), "cause 3") {
		t.Errorf("Gray: %v", err)
	}
}

// Where there is nothing to compare a test says so.
func TestNothingToCompare(t *testing.T) {
	one := until(1, 1, 2, 1)
	for name, spells := range map[string][]Spell{"one group": one, "no event": {{Exit: 1}, {Exit: 1, Stratum: 1}}, "nobody": nil} {
		if got := must(LogRank(spells, 2, 0))(t); got.Status != NotEstimable || got.P != 1 {
			t.Errorf("log-rank of %s: %+v", name, got)
		}
		if got := must(Gray(spells, 2, 1, 1, 0))(t); got.Status != NotEstimable || got.P != 1 {
			t.Errorf("Gray's test of %s: %+v", name, got)
		}
	}
}

func ExampleCurves() {
	spells := []Spell{{Exit: 3, Cause: 1}, {Exit: 5, Cause: 2}, {Entry: 1, Exit: 8, Cause: 1}, {Exit: 12}, {Exit: 12}}
	curves, err := Curves(spells, Options{Causes: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	p := curves[0].IncidenceAt(1, 12, Interval{})
	fmt.Printf("%.3f ± %.3f, %d of them, %s\n", p.Value, p.StdErr, p.Events, p.Status)
	// Output: 0.400 ± 0.219, 2 of them, estimated
}

// What ends by the landmark is forgotten, what began before it begins there.
func TestLandmark(t *testing.T) {
	got := Landmark([]Spell{{Exit: 5, Cause: 1}, {Exit: 2, Cause: 1}, {Entry: 3, Exit: 9}}, 2)
	if want := []Spell{{Entry: 2, Exit: 5, Cause: 1}, {Entry: 3, Exit: 9}}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// By hand, r = e^β: moves at 1 of x = 1 and at 2 of x = 0, a third of x = 1 stays: the
// likelihood r/(2r + 1) · 1/(r + 1) is greatest at r² = 1/2. If the second has another event
// and a fourth of x = 0 moves at 3, the second stays at risk: r/(2r + 2) · 1/(r + 2), r² = 2.
func TestFineGrayByHand(t *testing.T) {
	for _, e := range []struct {
		spells []Spell
		x      [][]float64
		want   float64
	}{
		{until(1, 1, 2, 1, 3, 0), [][]float64{{1}, {0}, {1}}, -math.Ln2 / 2},
		{until(1, 1, 2, 2, 3, 1, 4, 0), [][]float64{{1}, {0}, {0}, {1}}, math.Ln2 / 2},
	} {
		if r := must(FineGray(e.spells, e.x, 1))(t); !near(r.Coefficients[0], e.want, 1e-7) || r.Events != 2 {
			t.Errorf("β = %v of %d events, want %v", r.Coefficients[0], r.Events, e.want)
		}
	}
}

// Without other ends Gray's risk sets are those of the log-rank test: it expects the same.
func TestGrayWithoutOtherEnds(t *testing.T) {
	spells := late(t)
	for i := range spells {
		spells[i].Cause, spells[i].Stratum, spells[i].Entry = min(1, spells[i].Cause), int32(i%3), 0
	}
	gray, logRank := must(Gray(spells, 3, 1, 1, 0))(t), must(LogRank(spells, 3, 0))(t)
	for g := range gray.Expected {
		if !near(gray.Expected[g], logRank.Expected[g], 1e-12) || gray.Observed[g] != logRank.Observed[g] {
			t.Errorf("Gray %v of %v, log-rank %v of %v", gray.Observed, gray.Expected, logRank.Observed, logRank.Expected)
		}
	}
	if gray.DF != 2 || math.Abs(gray.ChiSquare/logRank.ChiSquare-1) > 0.2 {
		t.Errorf("Gray %+v, log-rank %+v", gray, logRank)
	}
}

// Two of two stay to 4: the mean is 4, and if all hazard were at once 4 · √0.025. Beyond the
// end, or of one person, it is not estimable.
func TestRestrictedMeanEdges(t *testing.T) {
	two := until(4, 0, 4, 0)
	got := first(t, two, Options{RestrictTo: 4}).RestrictedMean(Interval{})
	if got.Status != Exact || got.Value != 4 || got.High != 4 || !near(got.Low, 4*math.Sqrt(0.025), 1e-12) {
		t.Errorf("nobody moves: %+v", got)
	}
	for name, c := range map[string]*Curve{
		"not asked for":    first(t, two, Options{}),
		"beyond the end":   first(t, two, Options{RestrictTo: 5}),
		"one person moves": first(t, until(2, 1), Options{RestrictTo: 5}),
		"one cluster":      first(t, until(1, 1, 6, 0), Options{RestrictTo: 5, Clustered: true}),
	} {
		if p := c.RestrictedMean(Interval{}); p.Status != NotEstimable || p.Value != 0 {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

// Of ten with a weight of 3 two have the event at time 1, of five with −2 four do: (6 − 8)/(30 − 10) is below 0, and at time 2 five
// more of the former do: S(2) = 1.1 (1 − 15/22). Without leave a weight below 0 is an error.
func TestSignedWeights(t *testing.T) {
	var spells []Spell
	add := func(n int, exit, cause int32, weight float64) {
		for range n {
			spells = append(spells, Spell{Exit: exit, Cause: cause, Weight: weight})
		}
	}
	add(2, 1, 1, 3)
	add(4, 1, 1, -2)
	add(5, 2, 1, 3)
	add(3, 3, 0, 3)
	add(1, 3, 0, -2)
	curves, err := Curves(spells, Options{Weighted: true, Signed: true})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := curves[0].Survival[1], 1.1*(1-15./22); math.Abs(got-want) > 1e-12 {
		t.Errorf("S(2) = %v, want %v", got, want)
	}
	if _, err := Curves(spells, Options{Weighted: true}); err == nil {
		t.Error("weights below 0 that nobody asked for: want an error")
	}
	if curves, err = Curves(spells[2:6], Options{Weighted: true, Signed: true}); err != nil || curves[0].IncidenceAt(1, 1, Interval{}).Status != NotEstimable {
		t.Errorf("no weight above 0 at risk: %v", err)
	}
}
