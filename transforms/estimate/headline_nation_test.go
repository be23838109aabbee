package estimate

import (
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
)

// nationwide is a frame of 47 prefectures with two municipalities each and the nation.
func nationwide() Frame {
	f := Frame{}
	for p := 1; p <= 47; p++ {
		code := fmt.Sprintf("%02d000", p)
		f.Regions = append(f.Regions, schemas.Region{RegionCode: code, RegionLevel: schemas.LevelPrefecture, PrefectureCode: code})
		for i := 201; i <= 202; i++ {
			f.Regions = append(f.Regions, schemas.Region{RegionCode: fmt.Sprintf("%02d%03d", p, i), RegionLevel: schemas.LevelMunicipality, PrefectureCode: code})
		}
	}
	f.Regions = append(f.Regions, schemas.Region{RegionCode: schemas.Nation, RegionLevel: schemas.LevelNation})
	return f
}

// nationalRows has a figure of every region of the frame by number, the nation's where it is above 0.
func nationalRows(f Frame, number func(schemas.Region) float64) []disclose.Counted[schemas.RelationalPopulation] {
	var rows []disclose.Counted[schemas.RelationalPopulation]
	for _, r := range f.Regions {
		measure := schemas.Persons
		if r.RegionLevel != schemas.LevelMunicipality {
			measure = schemas.Pairs
		}
		c := estimated(r.RegionCode, measure, schemas.SourceSurvey, SurveyCalibrated, 1, 0.1, 0)
		c.Row.RegionLevel = r.RegionLevel
		if n := number(r); n > 0 {
			c.Row.Value, c.Row.StdError, c.Row.CV = value(n), value(n/10), value(0.1)
		} else {
			c.Row.Value, c.Row.StdError, c.Row.ObsStatus = nil, nil, schemas.NotEstimable
		}
		rows = append(rows, c)
	}
	return rows
}

// checkNested wants municipalities to be their prefecture's pairs and these the nation's.
func checkNested(t interface{ Fatalf(string, ...any) }, f Frame, figures HeadlineFigures) (total float64) {
	got := rowsByRegion(figures)
	sums, sum := map[string]float64{}, 0.0
	for _, r := range f.Regions {
		switch r.RegionLevel {
		case schemas.LevelMunicipality:
			sums[r.PrefectureCode] += *got[r.RegionCode+" persons"].Row.Value
		case schemas.LevelPrefecture:
			sum += *got[r.RegionCode+" pairs"].Row.Value
		}
	}
	for code, n := range sums {
		if pairs := *got[code+" pairs"].Row.Value; math.Abs(n-pairs) > 1e-9*pairs {
			t.Fatalf("municipalities of %s sum to %v, pairs are %v", code, n, pairs)
		}
	}
	total = *got[schemas.Nation+" pairs"].Row.Value
	if math.Abs(sum-total) > 1e-9*total {
		t.Fatalf("prefectures sum to %v, pairs of the nation are %v", sum, total)
	}
	return total
}

// 47 prefectures of 100 pairs and a nation of 5170: 110 each, as which municipalities of 30 and 80 are already. Of pairs with
// cv 0.1 and the sum with √(30² + 80²)/110·0.1 = 0.0777 the mean has 1/(1/0.01 + 1/0.00603) = 0.00376; the variance of the nation
// beyond that of all of them, 0.01 − 0.00376/47, is an error of all beside their own; the move is no more than the two
// let expect.
func TestNationByHand(t *testing.T) {
	f := nationwide()
	rows := nationalRows(f, func(r schemas.Region) float64 {
		switch {
		case r.RegionLevel == schemas.LevelNation:
			return 5170
		case r.RegionLevel == schemas.LevelPrefecture:
			return 100
		case r.RegionCode[2:] == "201":
			return 30
		}
		return 80
	})
	h := plainHeadline
	h.Replicates = 2000
	figures := Combined(f, h, rows)
	checkNested(t, f, figures)
	got := rowsByRegion(figures)
	if n := *got["30000 pairs"].Row.Value; math.Abs(n-110) > 1e-9 {
		t.Errorf("pairs of a prefecture %v, want 110", n)
	}
	if n := *got["30201 persons"].Row.Value; math.Abs(n-30) > 1e-9 {
		t.Errorf("persons of a municipality %v, want 30, as 30 and 80 are 110", n)
	}
	if cv, want := *got["30000 pairs"].Row.CV, math.Sqrt(0.00376+0.01-0.00376/47); math.Abs(cv/want-1) > 0.08 {
		t.Errorf("cv of a prefecture %v, want about %v", cv, want)
	}
	// Of no source for the nation: the sum, with its error; of pairs with 0.01 and municipalities with 0.005 a third of 0.01.
	rows = nationalRows(f, func(r schemas.Region) float64 {
		return map[string]float64{schemas.LevelNation: 0, schemas.LevelPrefecture: 100, schemas.LevelMunicipality: 50}[r.RegionLevel]
	})
	got = rowsByRegion(Combined(f, h, rows))
	if r := got[schemas.Nation+" pairs"].Row; math.Abs(*r.Value-4700) > 1e-6 || math.Abs(*r.CV-math.Sqrt(0.01/3/47)) > 1e-9 || r.ObsStatus != schemas.Estimated {
		t.Errorf("the nation %+v", r)
	}
	// A prefecture that is seen and not estimated: no sum.
	for i := range rows {
		if rows[i].Row.RegionCode == "30000" {
			rows[i].Row.Value, rows[i].Row.StdError = nil, nil
		}
	}
	rows = append(rows, estimated("30000", schemas.Pairs, schemas.SourceBooking, Observed, 20, 0, 4))
	if r := rowsByRegion(Combined(f, h, rows))[schemas.Nation+" pairs"].Row; r.Value != nil {
		t.Errorf("a sum without a prefecture: %v", *r.Value)
	}
}

// Both sums are met to the last digits whatever the figures are.
func TestNationAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, h := nationwide(), plainHeadline
		h.Replicates = 5
		number := rapid.Float64Range(1, 1e6)
		rows := nationalRows(f, func(schemas.Region) float64 { return number.Draw(t, "n") })
		checkNested(t, f, Combined(f, h, rows))
	})
}

// 110 pairs with cv 0.1 of 1.1 municipalities per person, with error 0.055, are 100 persons with cv √(0.01 + 0.0025). A
// prefecture whose persons a source estimates keeps them; one that rests on few answers is withheld. Persons of the prefecture
// itself are its pairs over its pairs per person, whatever sources say of them.
func TestPersonsOfPairs(t *testing.T) {
	pairs := estimated("30000", schemas.Pairs, schemas.SourceBooking, Thinned, 110, 0.1, 4)
	none := estimated("30000", schemas.PersonsAnyMunicipality, schemas.SourceBooking, Thinned, 1, 0.1, 4)
	none.Row.Value, none.Row.StdError, none.Row.ObsStatus = nil, nil, schemas.NotEstimable
	m := schemas.VisitBehaviour{Statistic: "multiplicity", Definition: "repeat-visits", Outside: schemas.OutsidePrefecture, RegionCode: "30000",
		RegionLevel: schemas.LevelPrefecture, ReferenceMonth: 20_000, Source: schemas.SourceSurvey, Value: value(1.1), StdError: value(0.055)}
	h := plainHeadline
	h.Multiplicity = []disclose.Counted[schemas.VisitBehaviour]{{Row: m, Persons: 40}}
	of := func(rows ...disclose.Counted[schemas.RelationalPopulation]) disclose.Counted[schemas.RelationalPopulation] {
		return rowsByRegion(Combined(Frame{}, h, rows))["30000 "+schemas.PersonsAnyMunicipality]
	}
	c := of(pairs, none)
	if r := c.Row; r.Estimator != PairsOverMultiplicity || math.Abs(*r.Value-100) > 1e-9 || !about(*r.CV, math.Sqrt(0.0125)) || c.Persons != 40 || c.Facilities != 4 ||
		!(*r.CILow < 100 && 100 < *r.CIHigh) {
		t.Errorf("%+v resting on %d persons", r, c.Persons)
	}
	h.Multiplicity[0].Persons = 6
	if c := of(pairs, none); c.Persons != 6 {
		t.Errorf("a figure of 6 answers rests on %d persons", c.Persons)
	}
	own := estimated("30000", schemas.PersonsAnyMunicipality, schemas.SourceSurvey, SurveyCalibrated, 90, 0.1, 0)
	if r := of(pairs, own).Row; r.Estimator != Composite || math.Abs(*r.Value-90) > 1e-9 {
		t.Errorf("persons that a source estimates: %+v", r)
	}
	h.Multiplicity[0].Row.Statistic, h.Multiplicity[0].Persons = "pairs_per_person", 40
	own.Row.Measure = schemas.Persons
	if r := rowsByRegion(Combined(Frame{}, h, []disclose.Counted[schemas.RelationalPopulation]{pairs, own}))["30000 "+schemas.Persons].Row; r.Estimator != PairsOverMultiplicity ||
		math.Abs(*r.Value-100) > 1e-9 || !about(*r.CV, math.Sqrt(0.0125)) {
		t.Errorf("persons of a prefecture: %+v", r)
	}
}
