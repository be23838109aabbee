package estimate

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/kankei/kankei/schemas"
)

func day(s string) schemas.Date {
	d, err := schemas.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

var (
	march     = day("2025-03-31")
	fukui     = schemas.Region{RegionCode: "18000", RegionLevel: schemas.LevelPrefecture}
	fukuiCity = schemas.Region{RegionCode: "18201", RegionLevel: schemas.LevelMunicipality}
)

// frame is a survey of Fukui that began before the window did.
func frame() Frame {
	return Frame{
		AsOf: march, References: []schemas.Date{march}, Regions: []schemas.Region{fukui, fukuiCity},
		Profiles: []schemas.Profile{{ID: "d", Sources: []string{"survey"}}}, Outside: []string{"prefecture"},
		Sources:   map[string]SourceFrame{"survey": {First: day("2024-04-01"), Last: day("2025-06-30"), Identified: true}},
		Residents: map[string]float64{"18201": 262328}, Vintage: day("2024-01-01"),
	}
}

func tally(name, region, origin string, class int32, count int64) schemas.Tally {
	return schemas.Tally{ReferenceMonth: month(march), SourceKind: "survey", Tally: name, Outside: "prefecture",
		RegionCode: region, OriginCode: origin, Class: class, Count: count}
}

func TestRelationalPopulationRows(t *testing.T) {
	rows := RelationalPopulation(frame(), []schemas.Tally{
		tally("d/persons", "18201", "all", -1, 262), tally("d/persons", "18201", "27000", -1, 12), tally("d/persons", "18201", "all", 2, 250),
		tally("d/persons", "18000", "all", -1, 300), tally("d/pairs", "18000", "all", -1, 340),
		tally("other/persons", "18201", "all", -1, 1),
	}, []string{"one_off", "repeat", "related"})
	type row struct{ Measure, Region, Origin, Engagement string }
	got := map[row]float64{}
	for _, c := range rows {
		r := c.Row
		if r.Value == nil || float64(c.Persons) != *r.Value || r.ObsStatus != "A" || r.StdError != nil || r.SourcePeriod != "2024-04-01/2025-03-31" {
			t.Errorf("row %+v rests on %d persons, has status %s, period %s", r, c.Persons, r.ObsStatus, r.SourcePeriod)
		}
		got[row{r.Measure, r.RegionCode, r.OriginCode, r.Engagement}] = *r.Value
	}
	want := map[row]float64{
		{"persons", "18000", "all", "all"}: 300, {"pairs", "18000", "all", "all"}: 340,
		{"persons_any_municipality", "18000", "all", "all"}: 0, // nobody was seen to: zero, not missing
		{"persons", "18201", "all", "all"}:                  262, {"persons", "18201", "27000", "all"}: 12, {"persons", "18201", "all", "related"}: 250,
		{"pairs", "18201", "all", "all"}: 262, {"pairs", "18201", "27000", "all"}: 12, {"pairs", "18201", "all", "related"}: 250,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	for _, c := range rows {
		if c.Row.RegionCode == "18201" && c.Row.OriginCode == "all" && c.Row.Engagement == "all" && c.Row.Measure == "persons" {
			if want := 262 / 262328.0 * 1e4; c.Row.Per10000Residents == nil || math.Abs(*c.Row.Per10000Residents-want) > 1e-12 {
				t.Errorf("per 10,000 residents = %v, want %v", c.Row.Per10000Residents, want)
			}
		}
	}
}

// A source that knows no persons, or a definition it cannot see, gives no
// figure; a window that begins before the data do gives one of low reliability.
func TestRelationalPopulationStatus(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Frame)
		status string
	}{
		{"as it should be", func(*Frame) {}, "A"},
		{"nobody identified", func(f *Frame) { f.Sources["survey"] = SourceFrame{First: day("2020-01-01"), Last: march} }, "M"},
		{"a definition for bookings", func(f *Frame) { f.Profiles[0].Sources = []string{"booking"} }, "M"},
		{"data of half a year", func(f *Frame) {
			f.Sources["survey"] = SourceFrame{First: day("2024-10-01"), Last: march, Identified: true}
		}, "U"},
		{"no facility took part", func(f *Frame) {
			f.Sources["survey"] = SourceFrame{First: day("2020-01-01"), Last: march, Identified: true, Facilities: map[RegionMonth]int64{}}
		}, "M"},
	} {
		f := frame()
		c.change(&f)
		for _, r := range RelationalPopulation(f, []schemas.Tally{tally("d/persons", "18201", "all", -1, 262)}, nil) {
			if r.Row.ObsStatus != c.status || (r.Row.Value == nil) != (c.status == "M") {
				t.Errorf("%s: status %s, value %v; want status %s", c.name, r.Row.ObsStatus, r.Row.Value, c.status)
			}
		}
	}
}

// By hand: five persons with 8 trips, 12 visit days and 16 stay-days; two come
// again, after 10 and 30 days.
func TestVisitBehaviourByHand(t *testing.T) {
	rows := VisitBehaviour(frame(), []schemas.Tally{
		tally("persons", "18201", "all", -1, 5), tally("repeaters", "18201", "all", -1, 2), tally("trips", "18201", "all", -1, 8),
		tally("visit_days", "18201", "all", -1, 12), tally("stay_days", "18201", "all", -1, 16),
		tally("interval", "18201", "all", 10, 1), tally("interval", "18201", "all", 30, 1),
		tally("month", "18201", "all", 4, 6), tally("month", "18201", "all", 5, 6),
	})
	got := map[string]float64{}
	for _, c := range rows {
		if c.Row.Value != nil && c.Row.Statistic != "month_index" {
			got[c.Row.Statistic] = *c.Row.Value
		}
		if c.Row.Statistic == "trip_interval_median" && c.Persons != 2 {
			t.Errorf("the median interval rests on %d persons, want the 2 who came again", c.Persons)
		}
	}
	if diff := cmp.Diff(map[string]float64{"repeat_rate": 0.4, "length_of_stay_mean": 2, "trip_interval_median": 20}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		classes []breakdown
		want    float64
	}{
		{[]breakdown{{class: 7, count: 3}}, 7},
		{[]breakdown{{class: 9, count: 1}, {class: 3, count: 2}}, 3},
		{[]breakdown{{class: 3, count: 2}, {class: 9, count: 2}}, 6},
	} {
		if got := median(c.classes); got == nil || *got != c.want {
			t.Errorf("median(%v) = %v, want %v", c.classes, got, c.want)
		}
	}
	if got := median(nil); got != nil {
		t.Errorf("median of nothing = %v, want nil", *got)
	}
}

// The mean of the month indices is 100, and a season that is level by day has
// index 100 in every month, February included.
func TestMonthIndex(t *testing.T) {
	var level [12]float64
	for m, days := range []float64{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31} {
		level[m] = 7 * days
	}
	for m, v := range monthIndex(level, march) {
		if v == nil || math.Abs(*v-100) > 1e-12 {
			t.Errorf("level season: index of month %d = %v, want 100", m+1, v)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		var days [12]float64
		total := 0.0
		for m := range days {
			days[m] = float64(rapid.IntRange(0, 1000).Draw(t, "days"))
			total += days[m]
		}
		sum := 0.0
		for _, v := range monthIndex(days, march) {
			if (v == nil) != (total == 0) {
				t.Fatalf("index %v of a year with %v visit days", v, total)
			}
			if v != nil {
				sum += *v
			}
		}
		if total > 0 && math.Abs(sum/12-100) > 1e-9 {
			t.Fatalf("mean index = %v, want 100", sum/12)
		}
	})
}

// By hand: two hotels, arrivals of March with nights into April.
func TestGuestNightsAndCoverageByHand(t *testing.T) {
	nights := []schemas.NightTally{
		{RegionCode: "18201", Facility: "a", ArrivalMonth: month(march), NightMonth: month(march), OriginCode: "27000", GuestNights: 30, Arrivals: 12, Stays: 12},
		{RegionCode: "18201", Facility: "a", ArrivalMonth: month(march), NightMonth: month(march) + 1, OriginCode: "27000", GuestNights: 4, Stays: 2},
		{RegionCode: "18000", Facility: "b", ArrivalMonth: month(march), NightMonth: month(march), OriginCode: "abroad", OriginCountry: "FR", GuestNights: 5, Arrivals: 3, Stays: 3},
		{RegionCode: "18201", Facility: "a", ArrivalMonth: month(march) + 1, NightMonth: month(march) + 1, OriginCode: "27000", GuestNights: 9, Arrivals: 9, Stays: 9},
	}
	f := frame()
	got := map[[3]string][4]int64{}
	for _, c := range GuestNights(f, nights) {
		got[[3]string{c.Row.RegionCode, c.Row.OriginCode, c.Row.OriginCountry}] = [4]int64{*c.Row.GuestNights, *c.Row.Bookings, c.Persons, c.Facilities}
	}
	want := map[[3]string][4]int64{ // later arrivals are not known as of March
		{"18201", "all", ""}: {34, 12, 12, 1}, {"18201", "27000", ""}: {34, 12, 12, 1},
		{"18000", "all", ""}: {39, 15, 15, 2}, {"18000", "27000", ""}: {34, 12, 12, 1},
		{"18000", "abroad", ""}: {5, 3, 3, 1}, {"18000", "abroad", "FR"}: {5, 3, 3, 1},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("guest-nights, bookings, persons, facilities (-want +got):\n%s", diff)
	}
	official := []schemas.Total{{Statistic: "guest_nights", RegionCode: "18000", PeriodStart: march.MonthStart(), PeriodEnd: march, OriginCode: "all", Value: 350}}
	for _, c := range Coverage(f, nights, official) {
		switch c.Row.RegionCode {
		case "18000":
			if *c.Row.Recorded != 35 || c.Row.Coverage == nil || *c.Row.Coverage != 0.1 || c.Row.Month != march {
				t.Errorf("coverage of 18000 = %+v, want 35 of 350", c.Row)
			}
		case "18201":
			if *c.Row.Recorded != 30 || c.Row.Coverage != nil || c.Row.ObsStatus != "M" {
				t.Errorf("coverage of 18201 = %+v, want 30 and no official figure", c.Row)
			}
		}
	}
}

func TestResidentsPicksTheLatestUpToAsOf(t *testing.T) {
	total := func(on string, v float64) schemas.Total {
		return schemas.Total{Statistic: "residents", RegionCode: "18201", PeriodStart: day(on), PeriodEnd: day(on), OriginCode: "all", Value: v}
	}
	for _, c := range []struct {
		totals []schemas.Total
		want   float64
	}{
		{[]schemas.Total{total("2015-10-01", 1), total("2020-10-01", 2), total("2025-10-01", 3)}, 2},
		{[]schemas.Total{total("2030-10-01", 4), total("2025-10-01", 3)}, 3},
	} {
		if got := Residents(march, c.totals)["18201"]; got != c.want {
			t.Errorf("Residents(%v) = %v, want %v", c.totals, got, c.want)
		}
	}
}
