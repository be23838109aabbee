package pipeline

import (
	"context"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/schemas/reference"
)

// Rows of before and after the changes of 2014 and 2024, brought to three
// vintages: 岩舟町 (09367) joined 栃木市 (09203) on 2014-04-05, 滝沢村 (03305) became
// a city (03216) on 2014-01-01, and a ward of 浜松市 (22130) was divided.
func TestRowsFollowTheVintage(t *testing.T) {
	rows := []schemas.Visit{
		seen("2013-12-31", "03305", "09367", 0, 1), seen("2014-04-04", "09203", "09367", 0, 2), seen("2014-04-05", "09203", "03305", 0, 3),
		seen("2024-06-30", "22138", "22135", 0, 4), seen("2024-06-30", "09203", "03216", 0, 5), seen("2023-06-30", "22135", "unknown", 0, 6),
	}
	total := func(code, on string, value float64) schemas.Total {
		return schemas.Total{Statistic: "residents", RegionCode: code, PeriodStart: day(on), PeriodEnd: day(on), OriginCode: schemas.All, Value: value}
	}
	totals := []schemas.Total{
		total("09203", "2014-04-01", 140_000), total("09367", "2014-04-01", 17_000), total("09000", "2014-04-01", 1_980_000),
		total("09203", "2015-10-01", 159_211), total("22138", "2024-01-01", 600_000), total("22130", "2024-01-01", 780_000),
	}
	for i := range rows {
		rows[i].Line, totals[i].Line = int32(i+2), int32(i+2)
	}
	for vintage, want := range map[string]struct{ places, totals []string }{
		"2013-12-31": {
			[]string{"03305 09367", "09203 09367", "09000 03305", "22130 22130", "09000 03305", "22130 unknown"},
			[]string{"09000 2014 1980000", "09203 2014 140000", "09367 2014 17000", "22130 2024 780000", "22138 2024 600000"},
		},
		"2014-01-01": {
			[]string{"03216 09367", "09203 09367", "09000 03216", "22130 22130", "09000 03216", "22130 unknown"},
			[]string{"09000 2014 1980000", "09203 2014 140000", "09367 2014 17000", "22130 2024 780000", "22138 2024 600000"},
		},
		"2024-01-01": {
			[]string{"03216 09203", "09203 09203", "09203 03216", "22130 22130", "09203 03216", "22130 unknown"},
			[]string{"09000 2014 1980000", "09203 2014 157000", "09203 2015 159211", "22130 2024 780000", "22138 2024 600000"},
		},
	} {
		dir := t.TempDir()
		in := boundaries{reference.Load(), day(vintage)}
		s, err := openStore(context.Background(), filepath.Join(dir, "store.duckdb"), storeVersion(in, 3), duckOptions{Threads: 1})
		if err != nil {
			t.Fatal(err)
		}
		defer s.close()
		now := []landed{deliver(t, dir, "d", "visit", rows), deliver(t, dir, "e", "total", totals)}
		if err := s.applyStays(context.Background(), now, in); err != nil {
			t.Fatal(err)
		}
		var places, figures []string
		for scan, err := range s.rows(context.Background(), "SELECT region_code || ' ' || residence_code FROM stay ORDER BY line") {
			var p string
			if err == nil {
				err = scan(&p)
			}
			if err != nil {
				t.Fatal(err)
			}
			places = append(places, p)
		}
		if diff := cmp.Diff(want.places, places); diff != "" {
			t.Errorf("stays at %s (-want +got):\n%s", vintage, diff)
		}
		found, err := s.totals(context.Background(), now)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			figures = append(figures, f.RegionCode+" "+f.PeriodEnd.String()[:4]+" "+strconv.FormatFloat(f.Value, 'f', -1, 64))
		}
		if diff := cmp.Diff(want.totals, figures); diff != "" {
			t.Errorf("totals at %s (-want +got):\n%s", vintage, diff)
		}
	}
}

// Answers follow the boundaries of the day they were given: by those of 2013, 栃木市 is itself to the day before 岩舟町
// joined it, and after it a place of which only the prefecture is known. No answer is there twice.
func TestAnswersFollowTheVintage(t *testing.T) {
	dir := t.TempDir()
	var responses []schemas.SurveyResponse
	var ties []schemas.SurveyTie
	for i, on := range []string{"2014-04-04", "2014-04-05"} {
		at := schemas.Provenance{Source: "s", Delivery: "d", Line: int32(i + 2)}
		responses = append(responses, schemas.SurveyResponse{Provenance: at, AnsweredOn: day(on), Residence: schemas.Residence{ResidenceCode: "09203"}})
		ties = append(ties, schemas.SurveyTie{Provenance: at, AnsweredOn: day(on), RegionCode: "09203", Residence: schemas.Residence{ResidenceCode: "13101"}})
	}
	now := []landed{deliver(t, dir, "d", "survey_response", responses)}
	deliver(t, dir, "d", "survey_tie", ties)
	now[0].Datasets["survey_tie"] = int64(len(ties))
	in := boundaries{reference.Load(), day("2013-12-31")}
	s, err := openStore(context.Background(), filepath.Join(dir, "store.duckdb"), storeVersion(in, 3), duckOptions{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	if err := s.applyStays(context.Background(), now, in); err != nil {
		t.Fatal(err)
	}
	rows, err := s.survey(context.Background(), "s", now)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i, p := range rows.people {
		for _, tie := range rows.ties[i] {
			got = append(got, p.Residence+" "+tie.Region)
		}
	}
	if diff := cmp.Diff([]string{"09203 09203", "09000 09000"}, got); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
}

// Boundaries of before 2014 need a table that reaches as far back.
func TestVintageThatIsNotKnown(t *testing.T) {
	p := frameProject(t)
	for _, c := range []struct{ vintage, first string }{{"2013-12-31", "2014-01-01"}, {"2014-01-01", ""}, {"2030-01-01", ""}} {
		p.Config.BoundaryVintage.Date = onDay(t, c.vintage)
		if err := p.checkVintage(reference.Load()); (err == nil) != (c.first == "") || err != nil && ExitCode(err) != ExitMisused {
			t.Errorf("a vintage of %s: %v", c.vintage, err)
		}
	}
	older, err := reference.Load().WithChanges([]schemas.RegionChange{{ChangedOn: onDay(t, "2005-03-28"), FromCode: "21486", ToCode: "21213", Reason: "merger"}})
	if err != nil {
		t.Fatal(err)
	}
	p.Config.CodeChanges, p.Config.BoundaryVintage.Date = "changes.csv", onDay(t, "2006-01-01")
	if err := p.checkVintage(older); err != nil {
		t.Errorf("with a table from 2005 on: %v", err)
	}
	p.Config.BoundaryVintage.Date = onDay(t, "2005-03-27")
	if err := p.checkVintage(older); ExitCode(err) != ExitMisused {
		t.Errorf("before the table: %v", err)
	}
}
