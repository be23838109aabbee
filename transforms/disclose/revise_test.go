package disclose

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/kankei/kankei/schemas"
)

// revisable is a figure of everybody.
func revisable(region, source, estimator string, value float64) schemas.RelationalPopulation {
	return schemas.RelationalPopulation{
		Definition: "repeat-visits", Measure: schemas.Persons, Outside: schemas.OutsidePrefecture, RegionCode: region, RegionLevel: schemas.LevelMunicipality,
		OriginCode: schemas.All, RelationType: schemas.All, Engagement: schemas.All, ReferenceMonth: 20000, Source: source, Estimator: estimator, Value: &value,
		Observation: schemas.Observation{ObsStatus: schemas.Estimated, ConfStatus: schemas.Free, MethodologyVersion: "m-1"},
	}
}

func TestRevisions(t *testing.T) {
	osaka := revisable("30401", schemas.SourceBooking, "observed", 12)
	osaka.OriginCode = "27000"
	hidden := revisable("30206", schemas.SourceBooking, "observed", 30).Withheld()
	now := Protected[schemas.RelationalPopulation]{[]schemas.RelationalPopulation{
		revisable("30401", schemas.SourceCombined, "fay_herriot", 110), // was 100: +10, a tenth
		revisable("30401", schemas.SourceBooking, "observed", 40),      // as it was
		revisable("30206", schemas.SourceBooking, "observed", 31),      // was withheld: a revision would tell it
		revisable("30207", schemas.SourceBooking, "observed", 20),      // was 0: no share of it
		revisable("30344", schemas.SourceBooking, "observed", 9),       // new
		osaka,
	}}
	before := []schemas.RelationalPopulation{
		revisable("30401", schemas.SourceCombined, "composite", 100), revisable("30401", schemas.SourceBooking, "observed", 40), hidden,
		revisable("30207", schemas.SourceBooking, "observed", 0), osaka,
	}
	got := Revisions(now, EarlierFigures{Publication: "2025-03-31-00000000", Rows: before, Reasons: []string{schemas.RevisionMethod, schemas.RevisionNewData}})
	type told struct{ Region, Reason, Previous string }
	want := []told{{"30401", "new_data+method", "composite"}, {"30401", "unchanged", "observed"}, {"30207", "new_data+method", "observed"}}
	var have []told
	for _, r := range got.rows {
		have = append(have, told{r.RegionCode, r.RevisionReason, r.PreviousEstimator})
	}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Fatal(diff)
	}
	first, last := got.rows[0], got.rows[2]
	if *first.Difference != 10 || *first.RelativeDifference != 0.1 || *first.Previous != 100 || first.Publication != "2025-03-31-00000000" {
		t.Errorf("the first revision is %+v", first)
	}
	if last.RelativeDifference != nil || *last.Difference != 20 {
		t.Errorf("the revision of 0 is %+v", last)
	}
}

// What rows tell themselves is told of them alone.
func TestRevisionReasons(t *testing.T) {
	was, is := revisable("30401", schemas.SourceBooking, "thinned", 1), revisable("30401", schemas.SourceBooking, "thinned", 2)
	none := EarlierFigures{}
	if got := none.reason(was, is); got != schemas.RevisionNotKnown {
		t.Errorf("nothing known: %s", got)
	}
	if got := (EarlierFigures{Redefined: map[string]bool{"repeat-visits": true}}).reason(was, is); got != schemas.RevisionMethod {
		t.Errorf("another definition: %s", got)
	}
	is.MethodologyVersion, is.BoundaryVintage = "m-2", 1
	if got := (EarlierFigures{Reasons: []string{schemas.RevisionRestatement}}).reason(was, is); got != "restatement+method+boundary" {
		t.Errorf("all at once: %s", got)
	}
}

// Whatever is withheld on either side, no revision has a value that both do not show.
func TestRevisionsShowNothingNew(t *testing.T) {
	regions := []string{"30201", "30206", "30401"}
	rapid.Check(t, func(t *rapid.T) {
		draw := func(label string) []schemas.RelationalPopulation {
			var rows []schemas.RelationalPopulation
			for _, region := range regions {
				row := revisable(region, schemas.SourceBooking, "observed", float64(rapid.IntRange(0, 9).Draw(t, label)))
				if rapid.Bool().Draw(t, label+" withheld") {
					row = row.Withheld()
				}
				rows = append(rows, row)
			}
			return rows
		}
		before, now := draw("before"), draw("now")
		shown := 0
		for i := range regions {
			if before[i].Value != nil && now[i].Value != nil {
				shown++
			}
		}
		got := Revisions(Protected[schemas.RelationalPopulation]{now}, EarlierFigures{Rows: before})
		if len(got.rows) != shown {
			t.Fatalf("%d revisions of %d figures that both show", len(got.rows), shown)
		}
		for _, r := range got.rows {
			if *r.Value != *r.Previous+*r.Difference || (*r.Difference == 0) != (r.RevisionReason == schemas.RevisionUnchanged) {
				t.Fatalf("%+v", r)
			}
		}
		if !SameFigures(Protected[schemas.RelationalPopulation]{now}, now) {
			t.Fatal("rows are not the figures they are")
		}
	})
}

func TestSameFigures(t *testing.T) {
	a, b := revisable("30401", schemas.SourceBooking, "observed", 40), revisable("30206", schemas.SourceBooking, "observed", 30)
	other := revisable("30401", schemas.SourceBooking, "observed", 41)
	rows := func(r ...schemas.RelationalPopulation) Protected[schemas.RelationalPopulation] {
		return Protected[schemas.RelationalPopulation]{r}
	}
	for _, c := range []struct {
		name    string
		now     Protected[schemas.RelationalPopulation]
		earlier []schemas.RelationalPopulation
		want    bool
	}{
		{"in another order", rows(a, b), []schemas.RelationalPopulation{b, a}, true},
		{"another value", rows(a), []schemas.RelationalPopulation{other}, false},
		{"one more", rows(a, b), []schemas.RelationalPopulation{a}, false},
		{"one less", rows(a), []schemas.RelationalPopulation{a, b}, false},
		{"withheld is not shown", rows(a, b.Withheld()), []schemas.RelationalPopulation{a}, true},
	} {
		if got := SameFigures(c.now, c.earlier); got != c.want {
			t.Errorf("%s: %t", c.name, got)
		}
	}
}
