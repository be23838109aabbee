package estimate

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
)

// changeFigure is a figure of a municipality, all origins, relation types and levels.
func changeFigure(reference schemas.Date, source, estimator string, v, cv float64) disclose.Counted[schemas.RelationalPopulation] {
	return disclose.Counted[schemas.RelationalPopulation]{Persons: 40, Facilities: 4, Row: schemas.RelationalPopulation{
		Definition: "repeat-visits", Measure: schemas.Persons, Outside: schemas.OutsidePrefecture, RegionCode: "30401", RegionLevel: schemas.LevelMunicipality,
		OriginCode: schemas.All, RelationType: schemas.All, Engagement: schemas.All, ReferenceMonth: reference, Source: source, Estimator: estimator,
		Value: value(v), StdError: value(v * cv), CV: value(cv), CILow: value(v / math.Exp(1.96*cv)), CIHigh: value(v * math.Exp(1.96*cv)), Reliability: "A",
		Observation: schemas.Observation{ObsStatus: schemas.Estimated, ConfStatus: schemas.Free, MethodologyVersion: "m-1"}}}
}

func monthEnd(year, month int) schemas.Date {
	d, _ := schemas.NewDate(year, month, 1)
	return d.MonthEnd()
}

// Two windows of 365 days a month apart share 335 of them (March to January next year: 365 − 28 − … by the calendar:
// 2024-04-01/2025-03-31 and 2024-05-01/2025-04-30 share 2024-05-01/2025-03-31, 365 − 30 = 335 days).
//
// Sampling 0.06 and official visitors 0.08 make a CV of 0.1. Figures of 100 and 110:
//
//	c = 100·110·((335/365)⁴·0.06² + 0.08²) = 11000·(0.0025545257 + 0.0064) = 98.4997824
//	difference 10, v = 10² + 11² − 2c = 24.0004353, error 4.8990239
//	growth 0.1, v(ln R) = 0.01 + 0.01 − 2·0.0089545257 = 0.0020909487, error of the logarithm 0.04572689
//	P = Φ(ln 1.1 ÷ 0.04572689) = Φ(2.084335) = 0.98143517 (Python's math.erf)
func TestChangesByHand(t *testing.T) {
	march, april := monthEnd(2025, 3), monthEnd(2025, 4)
	a, b := changeFigure(march, schemas.SourceBooking, Thinned, 100, 0.1), changeFigure(april, schemas.SourceBooking, Thinned, 110, 0.1)
	a.Row.SourcePeriod, b.Row.SourcePeriod = "2024-04-01/2025-03-31", "2024-05-01/2025-04-30"
	b.Persons, b.Row.Reliability = 7, "B"
	parts := []Part{{schemas.CauseSampling, "bookings/30401", 0.06}, {schemas.CauseDetection, "visitors/30000", 0.08}}
	rows := Changes([]FigureErrors{ErrorsOf(a.Row, parts...), ErrorsOf(b.Row, parts...)}, nil, []disclose.Counted[schemas.RelationalPopulation]{a, b})
	if len(rows) != 1 {
		t.Fatalf("%d rows, want that of April", len(rows))
	}
	r := rows[0].Row
	if r.ReferenceMonth != april || r.MonthsBefore != 1 || rows[0].Persons != 7 || rows[0].Facilities != 4 || r.Reliability != "B" {
		t.Errorf("%+v rests on %d persons and %d houses", r, rows[0].Persons, rows[0].Facilities)
	}
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"covariance", *r.Covariance, 98.4997824}, {"difference", *r.Difference, 10}, {"its error", *r.DifferenceStdError, 4.8990239},
		{"growth", *r.Growth, 0.1}, {"its error", *r.GrowthStdError, 1.1 * 0.04572689}, {"probability", *r.ProbabilityIncrease, 0.98143517},
		{"interval of the difference", *r.DifferenceCILow, 10 - 1.9599640*4.8990239}, {"of growth", *r.GrowthCIHigh, 1.1*math.Exp(1.9599640*0.04572689) - 1},
	} {
		if math.Abs(c.got-c.want) > 1e-6 {
			t.Errorf("%s is %.8f, want %.8f", c.name, c.got, c.want)
		}
	}
	if low := ReliableChange(r, "A"); low.Difference != nil || low.Later != nil || low.ObsStatus != schemas.LowReliability {
		t.Errorf("of class B where A is released: %+v", low)
	}
	if kept := ReliableChange(r, "B"); kept.Difference == nil {
		t.Error("of class B where B is released: withheld")
	}
	if w := r.Withheld(); w.Earlier != nil || w.Covariance != nil || w.Growth != nil || w.ProbabilityIncrease != nil || w.ConfStatus != schemas.Withheld {
		t.Errorf("withheld: %+v", w)
	}
}

// Two sources of CVs 0.1 and 0.2 have weights 4/5 and 1/5: sampling 0.08 and 0.04, which the budget's sampling alone,
// CV 0.05, scales to 0.05·(0.08, 0.04)/√0.008, squares 0.002 and 0.0005. A year apart the bookings have nothing in common
// and the same wave of a survey all: c = 200·200·0.0005 = 20.
func TestChangesOfCombinedSources(t *testing.T) {
	earlier, later := monthEnd(2024, 3), monthEnd(2025, 3)
	var population []disclose.Counted[schemas.RelationalPopulation]
	var budget []disclose.Counted[schemas.ErrorBudget]
	for _, reference := range []schemas.Date{earlier, later} {
		bookings, survey := changeFigure(reference, schemas.SourceBooking, Thinned, 190, 0.1), changeFigure(reference, schemas.SourceSurvey, SurveyCalibrated, 240, 0.2)
		survey.Row.SourcePeriod = "2023-09-01/2023-09-30"
		combined := changeFigure(reference, schemas.SourceCombined, Composite, 200, 0.05)
		population = append(population, bookings, survey, combined)
		budget = append(budget, disclose.Counted[schemas.ErrorBudget]{Row: schemas.ErrorBudget{Definition: "repeat-visits", Measure: schemas.Persons,
			Outside: schemas.OutsidePrefecture, RegionCode: "30401", ReferenceMonth: reference, Source: schemas.SourceCombined, Estimator: Composite,
			Sampling: value(1), CV: value(0.05)}})
	}
	want := map[string]float64{Thinned: 0, SurveyCalibrated: 48 * 48, Composite: 20}
	rows := Changes(nil, budget, population)
	if len(rows) != len(want) {
		t.Fatalf("%d rows, want %d", len(rows), len(want))
	}
	for _, c := range rows {
		r := c.Row
		if math.Abs(*r.Covariance-want[r.Estimator]) > 1e-9 || r.MonthsBefore != 12 {
			t.Errorf("%s over %d months: covariance %v, want %v", r.Estimator, r.MonthsBefore, *r.Covariance, want[r.Estimator])
		}
		if r.Estimator == SurveyCalibrated && (*r.DifferenceStdError != 0 || r.ProbabilityIncrease != nil) {
			t.Errorf("one wave that stands for both: error %v, probability %v", *r.DifferenceStdError, r.ProbabilityIncrease)
		}
	}
}

// A change back is the same change; the more the two months share, the smaller the error; an error that both have
// in full leaves growth without any.
func TestChangesProperties(t *testing.T) {
	march, april := monthEnd(2025, 3), monthEnd(2025, 4)
	rapid.Check(t, func(t *rapid.T) {
		y, z := rapid.Float64Range(1, 1e6).Draw(t, "earlier"), rapid.Float64Range(1, 1e6).Draw(t, "later")
		own, shared := rapid.Float64Range(0.01, 0.5).Draw(t, "sampling"), rapid.Float64Range(0.01, 0.5).Draw(t, "official")
		change := func(first, second float64, parts ...Part) schemas.Change {
			cv := math.Sqrt(Parts(parts).variance())
			a, b := changeFigure(march, schemas.SourceBooking, Thinned, first, cv), changeFigure(april, schemas.SourceBooking, Thinned, second, cv)
			return Changes([]FigureErrors{ErrorsOf(a.Row, parts...), ErrorsOf(b.Row, parts...)}, nil, []disclose.Counted[schemas.RelationalPopulation]{a, b})[0].Row
		}
		sampling, official := Part{schemas.CauseSampling, "bookings/30401", own}, Part{schemas.CauseDetection, "visitors/30000", shared}
		forth, back := change(y, z, sampling, official), change(z, y, sampling, official)
		if math.Abs(*forth.Difference+*back.Difference) > 1e-9*(y+z) || math.Abs(*forth.DifferenceStdError-*back.DifferenceStdError) > 1e-9*(y+z) ||
			math.Abs(*forth.ProbabilityIncrease+*back.ProbabilityIncrease-1) > 1e-9 {
			t.Fatalf("forth %+v, back %+v", forth, back)
		}
		if *forth.DifferenceStdError > math.Hypot(y, z)*math.Hypot(own, shared)*(1+1e-9) {
			t.Fatalf("the error %v is greater than of months that share nothing", *forth.DifferenceStdError)
		}
		if same := change(y, z, official); *same.GrowthStdError > 1e-6**same.Later / *same.Earlier {
			t.Fatalf("of an error that both share growth has the error %v", *same.GrowthStdError)
		}
	})
}

// A year apart, by cause: who was seen in bookings shares nothing and neither do the answers that tell which of their visits
// count; official visitors, links and models are one error. Half a year apart s = 184/366 of 2024-07-01/2024-12-31: the
// sampling of bookings shares s⁴, answers on the spot s.
func TestSharedParts(t *testing.T) {
	of := func(last schemas.Date, name, cause string) datedPart {
		return datedPart{Part{cause, name, 1}, period{last.AddMonths(-12) + 1, last}}
	}
	december, june := monthEnd(2024, 12), monthEnd(2025, 6)
	s := 184 / math.Sqrt(366*365)
	for _, c := range []struct {
		name, cause string
		half        float64
	}{
		{"bookings/30401", schemas.CauseSampling, s * s * s * s}, {"shape/30000", schemas.CauseSampling, s * s * s * s},
		{"thinned/30401", schemas.CauseSampling, s * s * s * s}, {"figure/30401", schemas.CauseSampling, s * s * s * s},
		{"onsite/30401", schemas.CauseSampling, s}, {"survey_direct/30401", schemas.CauseSampling, s},
		{"counting/30000", schemas.CauseClassification, s}, {"steps/30000", schemas.CauseDetection, s}, {"residence/30000", schemas.CauseClassification, s},
		{"visitors/30000", schemas.CauseDetection, 1}, {"links", schemas.CauseLinkage, 1}, {"classes", schemas.CauseClassification, 1},
		{"bookings/30401", schemas.CauseModel, 1},
	} {
		year := 0.0
		if c.half == 1 {
			year = 1
		}
		first := of(december, c.name, c.cause)
		if got := first.shared(of(june, c.name, c.cause)); math.Abs(got-c.half) > 1e-12 {
			t.Errorf("%s, %s: %v half a year apart, want %v", c.name, c.cause, got, c.half)
		}
		if got := first.shared(of(monthEnd(2025, 12), c.name, c.cause)); got != year {
			t.Errorf("%s, %s: %v a year apart, want %v", c.name, c.cause, got, year)
		}
		if got := first.shared(first); got != 1 {
			t.Errorf("%s, %s: %v with itself", c.name, c.cause, got)
		}
	}
}
