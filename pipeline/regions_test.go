package pipeline

import (
	"context"
	"path/filepath"
	"slices"
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

// What is not known at its own level is known one level up. By the boundaries of 2013 a stay, a house and a resident of
// 栃木市 after 岩舟町 joined it are somewhere in Tochigi: counted in the prefecture and for its municipality not known,
// none in 栃木市, and nobody is outside for having a home in the same prefecture.
func TestUnknownMunicipalityIsKnownOneLevelUp(t *testing.T) {
	dir := t.TempDir()
	stay := func(line int32, region, in, out, home string) schemas.Booking {
		b := restay("d", line, int64(line), in, out, 2)
		b.RegionCode, b.ResidenceCode, b.Facility = region, home, "h"
		return b
	}
	rows := []schemas.Booking{
		stay(2, "09203", "2013-12-10", "2013-12-12", "13101"), // 栃木市, before
		stay(3, "09203", "2014-05-10", "2014-05-12", "13101"), // after
		stay(4, "09201", "2014-05-10", "2014-05-12", "09203"), // someone of 栃木市 in 宇都宮市
		stay(5, "09203", "2014-05-10", "2014-05-12", "09201"), // and the other way round
	}
	now := []landed{deliver(t, dir, "d", "booking", rows), deliver(t, dir, "f", "facility", []schemas.Facility{{
		Provenance: schemas.Provenance{Source: "s", Delivery: "f", Line: 2}, Facility: "h", RegionCode: "09203"}})}
	rules := testRules
	rules.References, rules.Outside = []int32{refMonth(2014, 5)}, []string{schemas.OutsidePrefecture, schemas.OutsideMunicipality}
	s := fillStoreWithin(t, filepath.Join(dir, "s.duckdb"), now, rules, boundaries{reference.Load(), day("2013-12-31")})
	defer s.close()
	got := texts(t, s.duck, `SELECT outside || ' ' || region_code || ' ' || sum(count) FROM tally
		WHERE source_kind = 'booking' AND tally LIKE '%trips' AND origin_code = 'all' GROUP BY outside, region_code ORDER BY outside, region_code`)
	if diff := cmp.Diff([]string{"municipality 09000 2", "municipality 09203 1", "municipality 09999 1", // stays 2 and 3
		"prefecture 09000 2", "prefecture 09203 1", "prefecture 09999 1"}, got); diff != "" {
		t.Errorf("tallies (-want +got):\n%s", diff)
	}
	houses, err := s.facilityFrame(context.Background(), now)
	if err != nil || len(houses) != 1 || houses[0].RegionCode != "09000" {
		t.Errorf("houses %+v, %v, want one in 09000", houses, err)
	}
}

// The municipalities of a programme are those that stand for the named ones at the vintage, by what the codes meant
// when it began: 岩舟町 (09367) is 栃木市 (09203) since 2014-04-05, 滝沢村 (03305) is 滝沢市 (03216), a ward its city.
func TestProgrammesFollowTheVintage(t *testing.T) {
	for _, c := range []struct {
		vintage, since string
		regions, want  []string
		code           int
	}{
		{"2024-01-01", "2013-04-01", []string{"09367", "03305", "22138", "30000"}, []string{"09203", "03216", "22130", "30000"}, 0},
		{"2014-01-01", "2013-04-01", []string{"09367", "03216"}, []string{"09367", "03216"}, 0},
		{"2014-01-01", "2015-04-01", []string{"09203"}, nil, ExitMisused}, // 栃木市 with 岩舟町 in it
		{"2024-01-01", "2015-04-01", []string{"30999"}, nil, ExitMisused},
	} {
		p := frameProject(t)
		p.Config.BoundaryVintage.Date = onDay(t, c.vintage)
		p.Config.Programmes = []Programme{{Name: "w", Regions: c.regions, Since: Month{onDay(t, c.since)}}}
		r := &Run{Project: p, Regions: reference.Load()}
		if err := r.programmeProblems().orNil(); (err == nil) != (c.code == 0) || err != nil && ExitCode(err) != c.code {
			t.Errorf("%v of %s by the boundaries of %s: %v", c.regions, c.since, c.vintage, err)
		} else if got := r.programmes()[0].Regions; c.code == 0 && !slices.Equal(got, c.want) {
			t.Errorf("%v of %s by the boundaries of %s are %v, want %v", c.regions, c.since, c.vintage, got, c.want)
		}
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
