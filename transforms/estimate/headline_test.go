package estimate

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/combine"
	"github.com/kankei/kankei/transforms/disclose"
)

// estimated is a figure of a source: n with a coefficient of variation, resting on 50 persons and as many houses.
func estimated(region, measure, source, estimator string, n, cv float64, facilities int64) disclose.Counted[schemas.RelationalPopulation] {
	level := schemas.LevelMunicipality
	if region == "30000" {
		level = schemas.LevelPrefecture
	}
	r := schemas.RelationalPopulation{Definition: "repeat-visits", Measure: measure, Outside: schemas.OutsidePrefecture, RegionCode: region, RegionLevel: level,
		OriginCode: schemas.All, RelationType: schemas.All, Engagement: schemas.All, ReferenceMonth: 20_000, Source: source, Estimator: estimator,
		Value: value(n), Observation: schemas.Observation{ObsStatus: schemas.Estimated, ConfStatus: schemas.Free}}
	if cv > 0 {
		r.StdError, r.CV = value(n*cv), value(cv)
	}
	return disclose.Counted[schemas.RelationalPopulation]{Row: r, Persons: 50, Facilities: facilities}
}

var plainHeadline = Headline{Rule: disclose.Threshold{Persons: 10, Facilities: 3}, Replicates: 20_000}

// about says whether a number of the bootstrap is what is wanted within the error of 20,000 replicates.
func about(got, want float64) bool { return math.Abs(got/want-1) < 0.025 }

func combinedOf(t *testing.T, h Headline, rows ...disclose.Counted[schemas.RelationalPopulation]) disclose.Counted[schemas.RelationalPopulation] {
	t.Helper()
	out := Combined(Frame{Residents: map[string]float64{"30201": 2000}}, h, rows).RelationalPopulation
	if len(out) != 1 {
		t.Fatalf("%d rows", len(out))
	}
	return out[0]
}

// By hand, on logarithms: 100 with cv 0.2 and 121 with cv 0.1 weigh 1 to 4: ln = ln 100 + 0.8·ln 1.21, standard
// error √(1/125) and a little for weights that are not known: what two sources of one number come out at tells a bias of
// either by chance. The joint estimate and the persons seen have no weight.
func TestCombinedByHand(t *testing.T) {
	c := combinedOf(t, plainHeadline,
		estimated("30201", schemas.Persons, schemas.SourceBooking, Observed, 60, 0, 4),
		estimated("30201", schemas.Persons, schemas.SourceBooking, Thinned, 100, 0.2, 4),
		estimated("30201", schemas.Persons, schemas.SourceBooking, ThinnedJoint, 900, 0.01, 4),
		estimated("30201", schemas.Persons, schemas.SourceSurvey, SurveyCalibrated, 121, 0.1, 0))
	want := 100 * math.Pow(1.21, 0.8)
	r := c.Row
	if math.Abs(*r.Value-want) > 1e-9 || *r.CV < 0.99*math.Sqrt(1.0/125) || *r.CV > 1.15*math.Sqrt(1.0/125) || r.Source != schemas.SourceCombined || r.Estimator != Composite || r.ObsStatus != schemas.Estimated {
		t.Errorf("combined %+v, want %v", r, want)
	}
	if c.Persons != 50 || c.Facilities != 4 || math.Abs(*r.Per10000Residents-want*5) > 1e-9 || r.Reliability != "A" {
		t.Errorf("rests on %d persons and %d houses, %v per 10,000, %s", c.Persons, c.Facilities, *r.Per10000Residents, r.Reliability)
	}
	if low, high := math.Log(want / *r.CILow), math.Log(*r.CIHigh/want); math.Abs(low-high) > 1e-9 || math.Abs(high/(1.96**r.CV)-1) > 0.05 {
		t.Errorf("interval %v – %v", *r.CILow, *r.CIHigh)
	}
}

// 100 and 400, each with cv 0.1, cannot be of one number: with the variance between that makes them agree,
// (ln 4)²/(2 (0.01 + τ²)) = 1, the mean has the variance (ln 4)²/4.
func TestCombinedWhereSourcesDiffer(t *testing.T) {
	c := combinedOf(t, plainHeadline,
		estimated("30201", schemas.Persons, schemas.SourceBooking, Thinned, 100, 0.1, 4),
		estimated("30201", schemas.Persons, schemas.SourceSurvey, OnsiteScaled, 400, 0.1, 0))
	if want := math.Log(4) / 2; math.Abs(*c.Row.Value-200) > 1e-6 || !about(*c.Row.CV, want) {
		t.Errorf("%v with cv %v, want 200 with %v", *c.Row.Value, *c.Row.CV, want)
	}
}

// What both take from official visitors is not averaged away: of two with variance 0.02, 0.01 of it in common, the
// mean has 0.015.
func TestCombinedKeepsTheErrorInCommon(t *testing.T) {
	booking := estimated("30201", schemas.Persons, schemas.SourceBooking, Thinned, 100, math.Sqrt(0.02), 4)
	survey := estimated("30201", schemas.Persons, schemas.SourceSurvey, OnsiteScaled, 100, math.Sqrt(0.02), 0)
	h := plainHeadline
	for name, row := range map[string]schemas.RelationalPopulation{"bookings": booking.Row, "onsite": survey.Row} {
		h.Errors = append(h.Errors, errorsOf(row, partsOf(Part{schemas.CauseSampling, name, 0.1}, Part{schemas.CauseDetection, OfficialVisitors, 0.1})))
	}
	c := combinedOf(t, h, booking, survey)
	if !about(*c.Row.CV, math.Sqrt(0.015)) {
		t.Errorf("cv %v, want √0.015", *c.Row.CV)
	}
}

func TestCombinedRules(t *testing.T) {
	low := estimated("30201", schemas.Persons, schemas.SourceBooking, ThinnedSynthetic, 500, 0.2, 4)
	low.Row.ObsStatus = schemas.LowReliability
	survey := estimated("30201", schemas.Persons, schemas.SourceSurvey, SurveyCalibrated, 100, 0.2, 0)
	if c := combinedOf(t, plainHeadline, low, survey); math.Abs(*c.Row.Value-100) > 1e-9 || c.Row.ObsStatus != schemas.Estimated {
		t.Errorf("what is synthetic stands beside a survey: %v", *c.Row.Value)
	}
	if c := combinedOf(t, plainHeadline, low); math.Abs(*c.Row.Value-500) > 1e-9 || c.Row.ObsStatus != schemas.LowReliability {
		t.Errorf("what is synthetic alone: %v %s", *c.Row.Value, c.Row.ObsStatus)
	}
	few := estimated("30201", schemas.Persons, schemas.SourceBooking, Thinned, 300, 0.2, 2) // of two houses
	if c := combinedOf(t, plainHeadline, few, survey); math.Abs(*c.Row.Value-100) > 1e-9 {
		t.Errorf("what is withheld has a part in what is shown: %v", *c.Row.Value)
	}
	if c := combinedOf(t, plainHeadline, few); math.Abs(*c.Row.Value-300) > 1e-9 || c.Facilities != 2 {
		t.Errorf("what is withheld makes no figure of its own, withheld as well: %+v", c)
	}
	none := estimated("30201", schemas.Persons, schemas.SourceBooking, Thinned, 1, 0.1, 4)
	none.Row.Value, none.Row.StdError, none.Row.ObsStatus = nil, nil, schemas.NotEstimable
	if c := combinedOf(t, plainHeadline, none); c.Row.Value != nil || c.Row.ObsStatus != schemas.NotEstimable {
		t.Errorf("a figure of nothing: %+v", c.Row)
	}
	direct := estimated("30201", schemas.Persons, schemas.SourceSurvey, SurveyDirect, 900, 0.01, 0)
	if c := combinedOf(t, plainHeadline, direct, survey); math.Abs(*c.Row.Value-100) > 1e-9 {
		t.Errorf("one survey counts twice: %v", *c.Row.Value)
	}
	seen := estimated("30201", schemas.Persons, schemas.SourceBooking, Observed, 90, 0, 4)
	h := plainHeadline
	h.Welded = 0.1
	if c := combinedOf(t, h, seen, survey); math.Abs(*c.Row.CILow-81) > 1e-9 { // 90 pseudonyms, a tenth of them two persons
		t.Errorf("the interval begins at %v, want 81", *c.Row.CILow)
	}
	seen.Facilities = 2
	figures := Combined(Frame{}, h, []disclose.Counted[schemas.RelationalPopulation]{seen, survey})
	if low, inside := *figures.RelationalPopulation[0].Row.CILow, *figures.Inside[0].CILow; low > 70 || math.Abs(inside-81) > 1e-9 {
		t.Errorf("of two houses the interval begins at %v, inside at %v: want about 67, and 81", low, inside)
	}
}

// Persons of municipalities are the pairs of their prefecture, to the last digits; with a municipality that has no
// figure nothing is moved.
func TestCombinedAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := Frame{Regions: []schemas.Region{{RegionCode: "30000", RegionLevel: schemas.LevelPrefecture, PrefectureCode: "30000"}}}
		number := rapid.Float64Range(1, 1e6)
		spread := rapid.Float64Range(0.01, 0.5)
		rows := []disclose.Counted[schemas.RelationalPopulation]{
			estimated("30000", schemas.Pairs, schemas.SourceBooking, Thinned, number.Draw(t, "pairs"), spread.Draw(t, "cv"), 4)}
		for _, code := range []string{"30201", "30202", "30203"} {
			f.Regions = append(f.Regions, schemas.Region{RegionCode: code, RegionLevel: schemas.LevelMunicipality, PrefectureCode: "30000"})
			rows = append(rows, estimated(code, schemas.Persons, schemas.SourceBooking, Thinned, number.Draw(t, code), spread.Draw(t, "cv"), 4))
		}
		sum := 0.0
		h := plainHeadline
		h.Replicates = 50
		all := Combined(f, h, rows).RelationalPopulation
		for _, c := range all[1:] {
			sum += *c.Row.Value
			if !(*c.Row.CILow <= *c.Row.Value && *c.Row.Value <= *c.Row.CIHigh) {
				t.Fatalf("%v – %v does not hold %v", *c.Row.CILow, *c.Row.CIHigh, *c.Row.Value)
			}
		}
		if total := *all[0].Row.Value; math.Abs(sum-total) > 1e-9*total {
			t.Fatalf("municipalities sum to %v, pairs are %v", sum, total)
		}
		// One of which nothing speaks has no part; one that is seen and not estimated has.
		f.Regions = append(f.Regions, schemas.Region{RegionCode: "30204", RegionLevel: schemas.LevelMunicipality, PrefectureCode: "30000"})
		if again := Combined(f, h, rows).RelationalPopulation; *again[1].Row.Value != *all[1].Row.Value {
			t.Fatalf("a municipality that nothing speaks of moves another: %v, %v", *again[1].Row.Value, *all[1].Row.Value)
		}
		rows = append(rows, estimated("30204", schemas.Persons, schemas.SourceBooking, Observed, 20, 0, 4))
		for i, c := range Combined(f, h, rows).RelationalPopulation[1:] {
			if math.Abs(*c.Row.Value / *rows[i+1].Row.Value - 1) > 1e-12 {
				t.Fatalf("moved to a total that others have a part in: %v from %v", *c.Row.Value, *rows[i+1].Row.Value)
			}
		}
	})
}

// Half of the variance of bookings is of visitors, which the survey shares; by hand, each with variance 0.02 of which 0.01
// is common: of the mean's 0.015 two thirds are of the visitors, and a third of who was asked and seen.
func TestErrorBudgetByHand(t *testing.T) {
	booking := estimated("30201", schemas.Persons, schemas.SourceBooking, Thinned, 100, math.Sqrt(0.02), 4)
	survey := estimated("30201", schemas.Persons, schemas.SourceSurvey, OnsiteScaled, 100, math.Sqrt(0.02), 0)
	h := plainHeadline
	h.Errors = []FigureErrors{
		errorsOf(booking.Row, partsOf(Part{schemas.CauseSampling, "bookings", 0.1}, Part{schemas.CauseDetection, OfficialVisitors, 0.1})),
		errorsOf(survey.Row, partsOf(Part{schemas.CauseClassification, "classes", 0.1}, Part{schemas.CauseDetection, OfficialVisitors, 0.1})),
	}
	budget := Combined(Frame{}, h, []disclose.Counted[schemas.RelationalPopulation]{booking, survey}).ErrorBudget
	if len(budget) != 3 {
		t.Fatalf("%d rows", len(budget))
	}
	for i, want := range [][5]float64{{0.5, 0.5, 0, 0, 0}, {0, 0.5, 0, 0, 0.5}, {1.0 / 6, 2.0 / 3, 0, 0, 1.0 / 6}} {
		b := budget[i].Row
		for j, got := range []*float64{b.Sampling, b.Detection, b.Linkage, b.Model, b.Classification} {
			if math.Abs(*got-want[j]) > 1e-9 {
				t.Errorf("row %d, cause %d: %v, want %v", i, j, *got, want[j])
			}
		}
	}
	if b := budget[2].Row; b.Source != schemas.SourceCombined || !about(*b.CV, math.Sqrt(0.015)) || budget[2].Persons != 50 || budget[2].Facilities != 4 {
		t.Errorf("combined %+v", budget[2])
	}
}

// Shares of every budget sum to 1, whatever the parts are and however figures are moved to their sum.
func TestErrorBudgetIsWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := Frame{Regions: []schemas.Region{{RegionCode: "30000", RegionLevel: schemas.LevelPrefecture, PrefectureCode: "30000"}}}
		h := Headline{Rule: plainHeadline.Rule, Replicates: 20}
		var rows []disclose.Counted[schemas.RelationalPopulation]
		add := func(region, measure, source, estimator string, facilities int64) {
			effect := rapid.Float64Range(0, 0.3)
			parts := partsOf(Part{schemas.CauseSampling, estimator + region, 0.01 + effect.Draw(t, "own")}, Part{schemas.CauseDetection, OfficialVisitors, effect.Draw(t, "visitors")},
				Part{schemas.CauseLinkage, "links", effect.Draw(t, "links")}, Part{schemas.CauseModel, "shape", effect.Draw(t, "shape")})
			row := estimated(region, measure, source, estimator, rapid.Float64Range(10, 1e5).Draw(t, "n"), math.Sqrt(parts.variance()), facilities)
			rows, h.Errors = append(rows, row), append(h.Errors, errorsOf(row.Row, parts))
		}
		for _, code := range []string{"30000", "30201", "30202"} {
			measure := schemas.Persons
			if code == "30000" {
				measure = schemas.Pairs
			} else {
				f.Regions = append(f.Regions, schemas.Region{RegionCode: code, RegionLevel: schemas.LevelMunicipality, PrefectureCode: "30000"})
			}
			add(code, measure, schemas.SourceBooking, Thinned, 4)
			add(code, measure, schemas.SourceSurvey, OnsiteScaled, 0)
			add(code, measure, schemas.SourceSurvey, SurveyCalibrated, 0)
		}
		figures := Combined(f, h, rows)
		for _, b := range figures.ErrorBudget {
			sum := *b.Row.Sampling + *b.Row.Detection + *b.Row.Linkage + *b.Row.Model + *b.Row.Classification
			if math.Abs(sum-1) > 1e-9 || !(*b.Row.CV > 0) {
				t.Fatalf("%s of %s: shares sum to %v, cv %v", b.Row.Estimator, b.Row.RegionCode, sum, *b.Row.CV)
			}
		}
		for _, c := range figures.RelationalPopulation {
			if r := c.Row; !(*r.CILow > 0 && *r.CILow <= *r.Value && *r.Value <= *r.CIHigh && !math.IsInf(*r.CIHigh, 0)) {
				t.Fatalf("%s: %v in %v – %v", r.RegionCode, *r.Value, *r.CILow, *r.CIHigh)
			}
		}
	})
}

// The weights of a few estimates are those of the general solver.
func TestLeastVariance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.IntRange(1, 4).Draw(t, "k")
		effects := make([][3]float64, k)
		v := make([][]float64, k)
		for i := range k {
			v[i] = make([]float64, k)
			for j := range effects[i] {
				effects[i][j] = rapid.Float64Range(-1, 1).Draw(t, "effect")
			}
		}
		for i := range k {
			for j := range k {
				for l := range 3 {
					v[i][j] += effects[i][l] * effects[j][l]
				}
			}
			v[i][i] += rapid.Float64Range(0.1, 1).Draw(t, "own")
		}
		want, err := combine.Several(make([]float64, k), v, combine.Free)
		got, ok := leastVariance(v, 0)
		if err != nil || !ok {
			t.Fatal(err, ok)
		}
		for i := range k {
			if math.Abs(got[i]-want.Weights[i]) > 1e-9 {
				t.Fatalf("weights %v, want %v", got, want.Weights)
			}
		}
	})
	if _, ok := leastVariance([][]float64{{1, 1}, {1, 1}}, 0); ok {
		t.Error("an inverse of a matrix that has none")
	}
}

// Three municipalities known well and one badly, 1,000 each, against pairs of 3,500 ± 5 %: by one factor all would be moved by an eighth.
// Who is known well keeps within a few percent, with an interval of its own; who is not takes the rest.
func TestWhoIsKnownWellIsMovedLittle(t *testing.T) {
	f := Frame{Regions: []schemas.Region{{RegionCode: "30000", RegionLevel: schemas.LevelPrefecture, PrefectureCode: "30000"}}}
	rows := []disclose.Counted[schemas.RelationalPopulation]{estimated("30000", schemas.Pairs, schemas.SourceBooking, Thinned, 3500, 0.05, 4)}
	for i, code := range []string{"30201", "30202", "30203", "30204"} {
		f.Regions = append(f.Regions, schemas.Region{RegionCode: code, RegionLevel: schemas.LevelMunicipality, PrefectureCode: "30000"})
		rows = append(rows, estimated(code, schemas.Persons, schemas.SourceSurvey, OnsiteScaled, 1000, []float64{0.05, 0.05, 0.05, 1}[i], 0))
	}
	h := plainHeadline
	h.Replicates = 2000
	out := Combined(f, h, rows).RelationalPopulation
	for _, c := range out[1:4] {
		if *c.Row.Value < 990 || *c.Row.Value > 1000 || *c.Row.CV > 0.06 || c.Row.Reliability != "A" {
			t.Errorf("%s: %v, cv %v, %s", c.Row.RegionCode, *c.Row.Value, *c.Row.CV, c.Row.Reliability)
		}
	}
	if last := *out[4].Row.Value; last < 450 || last > 620 {
		t.Errorf("who is known badly: %v", last)
	}
	// A total known badly does not overrule parts known well: 1,000 and 500 ± 5 % against pairs of 2,100 ± 30 %.
	f.Regions = f.Regions[:3]
	rows = []disclose.Counted[schemas.RelationalPopulation]{
		estimated("30000", schemas.Pairs, schemas.SourceSurvey, SurveyCalibrated, 2100, 0.3, 0),
		estimated("30201", schemas.Persons, schemas.SourceSurvey, OnsiteScaled, 1000, 0.05, 0), estimated("30202", schemas.Persons, schemas.SourceSurvey, OnsiteScaled, 500, 0.05, 0)}
	out = Combined(f, h, rows).RelationalPopulation
	if pairs, first := *out[0].Row.Value, *out[1].Row.Value; pairs < 1500 || pairs > 1550 || first < 1000 || first > 1030 || *out[1].Row.CV > 0.06 {
		t.Errorf("pairs %v, a municipality %v with cv %v", pairs, first, *out[1].Row.CV)
	}
}

// Guests from abroad are seen in bookings and counted by no estimate: the interval begins at those who live in Japan, where
// both numbers may be shown. Where links are missed, pseudonyms of one trip are more than persons.
func TestFloorIsOfResidents(t *testing.T) {
	seen := estimated("30201", schemas.Persons, schemas.SourceBooking, Observed, 400, 0, 4)
	abroad := estimated("30201", schemas.Persons, schemas.SourceBooking, Observed, 150, 0, 4)
	abroad.Row.OriginCode = schemas.Abroad
	survey := estimated("30201", schemas.Persons, schemas.SourceSurvey, SurveyCalibrated, 300, 0.2, 0)
	low := func(h Headline, f Frame, rows ...disclose.Counted[schemas.RelationalPopulation]) (shown, inside float64) {
		figures := Combined(f, h, rows)
		return *figures.RelationalPopulation[0].Row.CILow, *figures.Inside[0].CILow
	}
	if shown, inside := low(plainHeadline, Frame{}, seen, abroad, survey); math.Abs(shown-250) > 1e-9 || math.Abs(inside-250) > 1e-9 {
		t.Errorf("intervals begin at %v and %v, want 250", shown, inside)
	}
	few := abroad
	few.Persons = 5
	for _, rows := range [][]disclose.Counted[schemas.RelationalPopulation]{{seen, few, survey}, {few, seen, survey}} {
		if shown, inside := low(plainHeadline, Frame{}, rows...); shown > 230 || math.Abs(inside-250) > 1e-9 {
			t.Errorf("intervals begin at %v and %v, want about 203, and 250", shown, inside)
		}
	}
	h := plainHeadline
	h.Missed = 0.1
	once := Frame{Profiles: []schemas.Profile{{ID: "repeat-visits", Any: []schemas.Alternative{{MinTrips: 1}}}}}
	if shown, inside := low(h, once, seen, survey); shown > 230 || inside > 230 {
		t.Errorf("intervals begin at %v and %v, want about 203", shown, inside)
	}
	twice := Frame{Profiles: []schemas.Profile{{ID: "repeat-visits", Any: []schemas.Alternative{{MinTrips: 2}}}}}
	if shown, _ := low(h, twice, seen, abroad, survey); math.Abs(shown-250) > 1e-9 {
		t.Errorf("the interval begins at %v, want 250", shown)
	}
}
