package estimate

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
	"github.com/kankei/kankei/transforms/smallarea"
)

func placeOf(i int) string { return fmt.Sprintf("30%03d", 201+i) }

// prefectureOf is a frame of a prefecture with n municipalities, and the official visitors to each.
func prefectureOf(visitors []float64) (Frame, AreaCovariate) {
	f := Frame{Regions: []schemas.Region{{RegionCode: "30000", RegionLevel: schemas.LevelPrefecture, PrefectureCode: "30000"}}}
	c := AreaCovariate{Name: OfficialVisits, Values: map[RegionMonth]float64{}}
	for i, n := range visitors {
		f.Regions = append(f.Regions, schemas.Region{RegionCode: placeOf(i), RegionLevel: schemas.LevelMunicipality, PrefectureCode: "30000"})
		c.Values[RegionMonth{placeOf(i), 20_000}] = n
	}
	return f, c
}

func rowsByRegion(figures HeadlineFigures) map[string]disclose.Counted[schemas.RelationalPopulation] {
	rows := map[string]disclose.Counted[schemas.RelationalPopulation]{}
	for _, c := range figures.RelationalPopulation {
		rows[c.Row.RegionCode+" "+c.Row.Measure] = c
	}
	return rows
}

// twelve municipalities with visitors in proportion to the persons related to them, whose estimates are off by up to a
// third, every second one up and every second one down.
func twelve() (f Frame, h Headline, rows []disclose.Counted[schemas.RelationalPopulation]) {
	visitors := make([]float64, 12)
	for i := range visitors {
		visitors[i] = 1000 * math.Pow(1.5, float64(i))
	}
	f, covariate := prefectureOf(visitors)
	h = Headline{Rule: plainHeadline.Rule, Replicates: 400, Covariates: []AreaCovariate{covariate}}
	for i, n := range visitors {
		off := 1.3
		if i%2 == 1 {
			off = 1 / 1.3
		}
		rows = append(rows, estimated(placeOf(i), schemas.Persons, schemas.SourceSurvey, SurveyCalibrated, n/20*off, 0.3, 0))
	}
	return f, h, rows
}

// The estimate is γ ln y + (1 − γ) x'β + v/2 with the γ, x'β and v of package smallarea for the same areas, D being the
// square of the coefficient of variation, as nothing is in common, and 1/exp(x'β + σ²/2) the variance of the number, at
// first without it and then with what was found.
func TestHeadlineBorrowsStrength(t *testing.T) {
	f, h, rows := twelve()
	figures := Combined(f, h, rows)
	var areas []smallarea.Area
	for i, c := range rows {
		x := math.Log1p(1000*math.Pow(1.5, float64(i))) - 9 // a line is a line whatever its scale
		areas = append(areas, smallarea.Area{Direct: math.Log(*c.Row.Value), Variance: 0.09, X: []float64{1, x}})
	}
	var fit *smallarea.Fit
	for range 3 {
		var err error
		if fit, err = smallarea.FayHerriot(slices.Clone(areas), smallarea.Options{Method: smallarea.LiLahiri}); err != nil {
			t.Fatal(err)
		}
		for i, a := range fit.Areas {
			areas[i].Effect = 1 / math.Exp(a.Synthetic+fit.Sigma2/2)
		}
	}
	back, err := fit.Back(smallarea.Log)
	if err != nil {
		t.Fatal(err)
	}
	if len(figures.SmallAreas) != 12 {
		t.Fatalf("%d rows of diagnostics", len(figures.SmallAreas))
	}
	for i, c := range figures.RelationalPopulation {
		r, d := c.Row, figures.SmallAreas[i].Row
		if r.Estimator != FayHerriot || math.Abs(*r.Value/back[i].Estimate-1) > 1e-9 || r.ObsStatus != schemas.Estimated {
			t.Errorf("%s: %s %v, want %v", r.RegionCode, r.Estimator, *r.Value, back[i].Estimate)
		}
		if math.Abs(*d.Direct / *rows[i].Row.Value - 1) > 1e-9 || math.Abs(*d.DirectStdError / *d.Direct - 0.3) > 1e-9 || math.Abs(*d.Shrinkage-fit.Areas[i].Shrinkage) > 1e-9 ||
			math.Abs(math.Log(*d.Synthetic)-fit.Areas[i].Synthetic) > 1e-9 || *d.Headline != *r.Value || d.Covariates != OfficialVisits || d.Areas != 12 {
			t.Errorf("diagnostics %+v", d)
		}
		if truth := 50 * math.Pow(1.5, float64(i)); !(*r.CILow < truth && truth < *r.CIHigh) || *r.CV > 0.27 {
			t.Errorf("%s: %v – %v with cv %v, truth %v", r.RegionCode, *r.CILow, *r.CIHigh, *r.CV, truth)
		}
	}
}

// Eight are enough for a model with the constant alone, ten for a covariate; seven keep their composites.
func TestHeadlineWantsAreas(t *testing.T) {
	f, h, rows := twelve()
	for n, want := range map[int]int{7: 0, 12: 12} {
		if got := len(Combined(f, h, rows[:n]).SmallAreas); got != want {
			t.Errorf("%d composites make a model of %d, want %d", n, got, want)
		}
	}
	// The same composites without a covariate differ far more than their errors: the others tell nothing.
	h.Covariates = nil
	for _, c := range Combined(f, h, rows).RelationalPopulation {
		if c.Row.Estimator != Composite {
			t.Errorf("%s: %s of areas that have nothing in common", c.Row.RegionCode, c.Row.Estimator)
		}
	}
	// Neither do they where composites are good already.
	f, h, rows = twelve()
	for i := range rows {
		rows[i].Row.StdError = value(*rows[i].Row.Value * 0.01)
	}
	for _, c := range Combined(f, h, rows).RelationalPopulation {
		if c.Row.Estimator != Composite {
			t.Errorf("%s: %s of a composite with a cv of 1 %%", c.Row.RegionCode, c.Row.Estimator)
		}
	}
}

// A municipality whose estimate is withheld, one that was seen and not estimated, and one that only visitors tell of are
// synthetic; none has a figure of its own in the model. Without visitors it is not estimable.
func TestHeadlineSyntheticAreas(t *testing.T) {
	f, h, rows := twelve()
	withheld := rows[11]
	withheld.Persons = 4
	withheld.Row.Value, withheld.Row.StdError = value(9e6), value(9e4)
	seen := estimated(placeOf(10), schemas.Persons, schemas.SourceBooking, Observed, 3, 0, 3)
	none := estimated(placeOf(10), schemas.Persons, schemas.SourceBooking, Thinned, 1, 0, 4)
	none.Row.Value, none.Row.ObsStatus = nil, schemas.NotEstimable
	rows = append(rows[:9:9], seen, none, withheld) // 0–8 have composites, 9 has visitors alone
	rows = append(rows, estimated(placeOf(20), schemas.Persons, schemas.SourceBooking, Observed, 3, 0, 3))
	f.Regions = append(f.Regions, schemas.Region{RegionCode: placeOf(20), RegionLevel: schemas.LevelMunicipality, PrefectureCode: "30000"})
	if got := rowsByRegion(Combined(f, h, rows))[placeOf(11)+" persons"].Row; got.Estimator != Composite {
		t.Errorf("nine areas tell no covariate: %s", got.Estimator)
	}
	extra := estimated(placeOf(9), schemas.Persons, schemas.SourceSurvey, SurveyCalibrated, 50*math.Pow(1.5, 9), 0.3, 0)
	f2, covariate := prefectureOf([]float64{1000, 1500, 2250, 3375, 5062, 7594, 11391, 17086, 25629, 38443, 57665, 86498, 129746})
	f2.Regions = append(f2.Regions, f.Regions[len(f.Regions)-1])
	h.Covariates = []AreaCovariate{covariate}
	figures := Combined(f2, h, append(rows, extra))
	got := rowsByRegion(figures)
	for i, truth := range map[int]float64{10: 2883, 11: 4325, 12: 6487} {
		c := got[placeOf(i)+" persons"]
		r := c.Row
		if r.Estimator != FayHerriotSynthetic || r.ObsStatus != schemas.LowReliability || r.Reliability != schemas.LowReliability || c.Persons != 50 || r.Source != schemas.SourceCombined {
			t.Errorf("%s: %+v resting on %d persons", placeOf(i), r, c.Persons)
			continue
		}
		if math.Abs(math.Log(*r.Value/truth)) > 0.3 || !(*r.CILow <= *r.Value && *r.Value <= *r.CIHigh) {
			t.Errorf("%s: %v in %v – %v, want about %v", placeOf(i), *r.Value, *r.CILow, *r.CIHigh, truth)
		}
	}
	if _, there := got[placeOf(20)+" persons"]; there {
		t.Errorf("a municipality that nothing but a count of those seen tells of has a headline")
	}
	for _, c := range figures.SmallAreas {
		if r := c.Row; r.RegionCode == placeOf(11) && (r.Direct != nil || r.Residual != nil) {
			t.Errorf("the withheld composite is told: %+v", r)
		}
	}
	// What is withheld moves nothing.
	other := withheld
	other.Row.Value, other.Row.StdError = value(5), value(1)
	changed := append([]disclose.Counted[schemas.RelationalPopulation]{}, rows...)
	for i := range changed {
		if changed[i].Row.RegionCode == placeOf(11) {
			changed[i] = other
		}
	}
	for key, c := range rowsByRegion(Combined(f2, h, append(changed, extra))) {
		if a, b := c.Row.Value, got[key].Row.Value; a != nil && *a != *b {
			t.Errorf("%s leans on a withheld figure: %v, %v", key, *a, *b)
		}
	}
}

// One that is unlike all others keeps its composite, and has no part in theirs.
func TestHeadlineLeavesOutliers(t *testing.T) {
	f, h, rows := twelve()
	for i := range rows {
		n := 50 * math.Pow(1.5, float64(i))
		rows[i].Row.Value, rows[i].Row.StdError = value(n), value(0.2*n)
	}
	rows[5].Row.Value, rows[5].Row.StdError = value(*rows[5].Row.Value*20), value(*rows[5].Row.StdError*20)
	figures := Combined(f, h, rows)
	for i, c := range figures.RelationalPopulation {
		want := FayHerriot
		if i == 5 {
			want = Composite
		}
		if c.Row.Estimator != want {
			t.Errorf("%s: %s, want %s", c.Row.RegionCode, c.Row.Estimator, want)
		}
	}
	if len(figures.SmallAreas) != 11 {
		t.Errorf("%d areas in the model", len(figures.SmallAreas))
	}
}

// An outlier on the word of fewer than 30 is synthetic, and of low reliability.
func TestOutlierOfFewIsSynthetic(t *testing.T) {
	f, h, rows := twelve()
	for i := range rows {
		n := 50 * math.Pow(1.5, float64(i))
		rows[i].Row.Value, rows[i].Row.StdError = value(n), value(0.2*n)
	}
	rows[5].Row.Value, rows[5].Row.StdError = value(*rows[5].Row.Value*20), value(*rows[5].Row.StdError*20)
	for persons, want := range map[int64]string{fewPersons - 1: FayHerriotSynthetic, fewPersons: Composite} {
		rows[5].Persons = persons
		got := Combined(f, h, rows).RelationalPopulation[5].Row
		if weak := got.ObsStatus == schemas.LowReliability; got.Estimator != want || weak != (want == FayHerriotSynthetic) {
			t.Errorf("on the word of %d: %s, status %s, want %s", persons, got.Estimator, got.ObsStatus, want)
		}
	}
}

// By hand: effects 0.2 and 0.4 of visitors have the mean 0.3, so that D is 0.1² beside what is an area's own.
func TestCommonParts(t *testing.T) {
	a := Parts{{schemas.CauseSampling, "a", 0.5}, {schemas.CauseDetection, OfficialVisitors, 0.2}}
	b := Parts{{schemas.CauseSampling, "b", 0.7}, {schemas.CauseDetection, OfficialVisitors, 0.4}}
	common := commonParts([]Parts{a, b, nil})
	if len(common) != 1 || common[0].Name != OfficialVisitors || math.Abs(common[0].Effect-0.3) > 1e-12 {
		t.Fatalf("in common %v", common)
	}
	if d := sumOfParts([]float64{1, -1}, []Parts{a, common}).variance(); math.Abs(d-0.26) > 1e-12 {
		t.Errorf("D = %v, want 0.5² + 0.1²", d)
	}
}

// drawn is a prefecture drawn from the model: visitors, persons, and estimates with the coefficient of variation cv, of
// which half of the variance is an error of official visitors in common.
func drawn(random *rand.Rand, m int, sigma2 float64) (f Frame, h Headline, rows []disclose.Counted[schemas.RelationalPopulation], truth []float64) {
	return drawnWith(random, m, sigma2, 1, func(i int, _ float64) float64 { return []float64{0.15, 0.2, 0.3}[i%3] })
}

// drawnWith has visitors whose logarithms have a standard deviation, and estimates with errors of their own.
func drawnWith(random *rand.Rand, m int, sigma2, spread float64, own func(i int, n float64) float64) (f Frame, h Headline, rows []disclose.Counted[schemas.RelationalPopulation], truth []float64) {
	visitors := make([]float64, m)
	for i := range visitors {
		visitors[i] = 1000 * math.Exp(spread*random.NormFloat64())
	}
	f, covariate := prefectureOf(visitors)
	h = Headline{Rule: plainHeadline.Rule, Replicates: 100, Covariates: []AreaCovariate{covariate}}
	total := 0.0
	for i, n := range visitors {
		mean := n / 5 * math.Exp(math.Sqrt(sigma2)*random.NormFloat64())
		truth = append(truth, max(1, distuv.Poisson{Lambda: mean, Src: random}.Rand()))
		total += truth[i]
	}
	official := random.NormFloat64()
	add := func(code, measure string, n, own float64) {
		parts := partsOf(Part{schemas.CauseSampling, "survey/" + code, own}, Part{schemas.CauseDetection, OfficialVisitors, 0.1})
		n *= math.Exp(own*random.NormFloat64() + 0.1*official)
		row := estimated(code, measure, schemas.SourceSurvey, OnsiteScaled, n, math.Sqrt(parts.variance()), 0)
		rows, h.Errors = append(rows, row), append(h.Errors, errorsOf(row.Row, parts))
	}
	add("30000", schemas.Pairs, total, 0.05)
	for i, n := range truth {
		add(placeOf(i), schemas.Persons, n, own(i, n))
	}
	return f, h, rows, truth
}

// In 15 and 20 areas whose composites have known errors, the headline is at least as near to the truth as the composite
// whatever σ² is, nearer by a fifth and more where covariates tell much, and its intervals hold 93 % and more.
func TestHeadlineOfSmallAreasIsRight(t *testing.T) {
	runs := 60
	if testing.Short() {
		runs = 20
	}
	for _, m := range []int{15, 20} {
		for _, c := range []struct{ sigma2, most float64 }{{0, 0.75}, {0.03, 0.85}, {0.5, 1.01}} {
			random := rand.New(rand.NewPCG(uint64(m), 3))
			var model, direct, held, n float64
			for range runs {
				f, h, rows, truth := drawn(random, m, c.sigma2)
				with := rowsByRegion(Combined(f, h, rows))
				h.Covariates = nil
				without := rowsByRegion(Combined(f, h, rows))
				for i, of := range truth {
					a, b := with[placeOf(i)+" persons"].Row, without[placeOf(i)+" persons"].Row
					model, direct, n = model+square(math.Log(*a.Value/of)), direct+square(math.Log(*b.Value/of)), n+1
					if *a.CILow <= of && of <= *a.CIHigh {
						held++
					}
				}
			}
			ratio := math.Sqrt(model / direct)
			t.Logf("m = %d, σ² = %.2f: rmse %.3f of %.3f, intervals hold %.1f %%", m, c.sigma2, math.Sqrt(model/n), math.Sqrt(direct/n), 100*held/n)
			if ratio > c.most || held/n < 0.92 {
				t.Errorf("m = %d, σ² = %v: rmse over that of composites %.2f, want at most %.2f; intervals hold %.3f", m, c.sigma2, ratio, c.most, held/n)
			}
		}
	}
}

// Municipalities of fewer than 60 persons, whose number is itself a draw, are held by their intervals as well as the others.
func TestHeadlineOfSmallNumbersIsRight(t *testing.T) {
	const runs = 40
	random := rand.New(rand.NewPCG(30, 3))
	var held, n float64
	for range runs {
		f, h, rows, truth := drawnWith(random, 30, 0.005, 1.4, func(_ int, n float64) float64 { return math.Min(0.45, 2.5/math.Sqrt(n)+0.03) })
		figures := rowsByRegion(Combined(f, h, rows))
		for i, of := range truth {
			if r := figures[placeOf(i)+" persons"].Row; of < 60 {
				n++
				if *r.CILow <= of && of <= *r.CIHigh {
					held++
				}
			}
		}
	}
	t.Logf("intervals hold %.1f %% of %v small numbers", 100*held/n, n)
	if held/n < 0.93 {
		t.Errorf("intervals hold %.3f of small numbers", held/n)
	}
}

// Whatever sources say, municipalities add up to the pairs, intervals hold their figures, and the order in which rows come is
// of no account.
func TestSmallAreasProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.IntRange(7, 16).Draw(t, "m")
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		f, h, rows, _ := drawn(random, m, rapid.SampledFrom([]float64{0, 0.1, 2}).Draw(t, "σ²"))
		h.Replicates = 20
		for i := range rows {
			if random.IntN(6) == 0 {
				rows[i].Persons = 5
			}
		}
		figures := Combined(f, h, rows)
		sum, total := 0.0, 0.0
		for _, c := range figures.RelationalPopulation {
			r := c.Row
			if !(*r.Value > 0 && *r.CILow > 0 && *r.CILow <= *r.Value && *r.Value <= *r.CIHigh && *r.CV > 0) || math.IsInf(*r.CIHigh, 0) {
				t.Fatalf("%s: %v in %v – %v", r.RegionCode, *r.Value, *r.CILow, *r.CIHigh)
			}
			if r.Measure == schemas.Pairs {
				total = *r.Value
			} else {
				sum += *r.Value
			}
		}
		if rows[0].Persons >= 10 && math.Abs(sum-total) > 1e-9*total {
			t.Fatalf("municipalities sum to %v, pairs are %v", sum, total)
		}
		for _, b := range figures.ErrorBudget {
			if all := *b.Row.Sampling + *b.Row.Detection + *b.Row.Linkage + *b.Row.Model + *b.Row.Classification; math.Abs(all-1) > 1e-9 {
				t.Fatalf("%s: shares sum to %v", b.Row.RegionCode, all)
			}
		}
		for _, c := range figures.SmallAreas {
			if s := c.Row; s.Headline != nil && (math.IsNaN(*s.Synthetic+*s.Sigma2+*s.Headline) || !(*s.Shrinkage >= 0 && *s.Shrinkage <= 1)) {
				t.Fatalf("%+v", s)
			}
		}
		before := rowsByRegion(figures)
		random.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		for key, c := range rowsByRegion(Combined(f, h, rows)) {
			if a, b := c.Row, before[key].Row; *a.Value != *b.Value || *a.CILow != *b.CILow || a.Estimator != b.Estimator {
				t.Fatalf("%s: %s %v, in another order %s %v", key, b.Estimator, *b.Value, a.Estimator, *a.Value)
			}
		}
	})
}

// Withheld diagnostics tell nothing but the keys and the model.
func TestSmallAreaWithheld(t *testing.T) {
	f, h, rows := twelve()
	r := Combined(f, h, rows).SmallAreas[0].Row.Withheld()
	if r.Direct != nil || r.Headline != nil || r.Synthetic != nil || r.Shrinkage != nil || r.BeforeBenchmark != nil || r.ConfStatus != schemas.Withheld || !strings.HasPrefix(r.RegionCode, "30") {
		t.Errorf("%+v", r)
	}
}
