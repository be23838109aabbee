package disclose_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/attack"
	"github.com/kankei/kankei/transforms/disclose"
)

var rule = disclose.Rules{Threshold: disclose.Threshold{Persons: 10, Facilities: 3}}

func nobodyKnows(string) bool { return false }

// flow is a row of persons seen by origin, population one of relational_population.
func flow(region, origin string, n int64) disclose.Counted[schemas.OriginDestination] {
	v := float64(n)
	return disclose.Counted[schemas.OriginDestination]{Persons: n, Row: schemas.OriginDestination{Outside: schemas.OutsidePrefecture, RegionCode: region,
		OriginCode: origin, Source: schemas.SourceBooking, Estimator: "observed", Value: &v, Persons: &n, Observation: free}}
}

func population(measure, region, origin string, n int64) disclose.Counted[schemas.RelationalPopulation] {
	v, level := float64(n), schemas.LevelMunicipality
	if region == "30000" {
		level = schemas.LevelPrefecture
	}
	return disclose.Counted[schemas.RelationalPopulation]{Persons: n, Row: schemas.RelationalPopulation{Definition: "repeat-visits", Measure: measure, Outside: schemas.OutsidePrefecture,
		RegionCode: region, RegionLevel: level, OriginCode: origin, RelationType: schemas.All, Engagement: schemas.All, Source: schemas.SourceBooking, Estimator: "observed", Value: &v, Observation: free}}
}

func behaviour(region string, n int64) disclose.Counted[schemas.VisitBehaviour] {
	v := 0.5
	return disclose.Counted[schemas.VisitBehaviour]{Persons: n, Row: schemas.VisitBehaviour{Statistic: "repeat_rate", Outside: schemas.OutsidePrefecture, RegionCode: region,
		Source: schemas.SourceBooking, Value: &v, Persons: &n, Observation: free}}
}

func nights(region, origin string, bookings int64) disclose.Counted[schemas.GuestNights] {
	n := 3 * bookings
	return disclose.Counted[schemas.GuestNights]{Persons: bookings, Facilities: 3, Row: schemas.GuestNights{RegionCode: region, OriginCode: origin,
		GuestNights: &n, Bookings: &bookings, Observation: free}}
}

var free = schemas.Observation{ObsStatus: schemas.Normal, ConfStatus: schemas.Free}

func suppress(t *testing.T, l *disclose.Linked) {
	t.Helper()
	if _, _, err := l.Suppress(disclose.Options{Seed: 1}); err != nil {
		t.Fatal(err)
	}
}

// A row of 3, 20 and 30 with its total 53, which visit_behaviour shows: 3 = 53 − 20 − 30. One more of the
// row must go, and the cheapest is 20.
func TestATotalOfAnotherDataset(t *testing.T) {
	flows := []disclose.Counted[schemas.OriginDestination]{flow("30401", "13000", 3), flow("30401", "27000", 20), flow("30401", "28000", 30)}
	totals := []disclose.Counted[schemas.VisitBehaviour]{behaviour("30401", 53)}
	l := disclose.NewLinked(rule, 0, nobodyKnows)
	disclose.Link(l, "origin_destination", flows)
	disclose.Link(l, "visit_behaviour", totals)
	suppress(t, l)
	got := disclose.Protect(flows, rule).Rows()
	for i, want := range []bool{true, true, false} {
		if withheld := got[i].ConfStatus == schemas.Withheld; withheld != want || withheld != (got[i].Persons == nil) {
			t.Errorf("%s withheld: %v (%v), want %v", got[i].OriginCode, withheld, got[i].Persons, want)
		}
	}
	if row := disclose.Protect(totals, rule).Rows()[0]; row.ConfStatus != schemas.Free {
		t.Errorf("the total is withheld")
	}
}

// Pairs of 3, 20 and 30 in three municipalities, 53 in the prefecture. In a municipality persons are pairs: whoever
// withholds the one must withhold the other.
func TestAPrefectureOfMunicipalities(t *testing.T) {
	var rows []disclose.Counted[schemas.RelationalPopulation]
	for region, n := range map[string]int64{"30401": 3, "30402": 20, "30403": 30, "30000": 53} {
		rows = append(rows, population(schemas.Pairs, region, schemas.All, n))
		if region != "30000" {
			rows = append(rows, population(schemas.Persons, region, schemas.All, n))
		}
	}
	l := disclose.NewLinked(rule, 0, nobodyKnows)
	disclose.Link(l, "relational_population", rows)
	suppress(t, l)
	for _, row := range disclose.Protect(rows, rule).Rows() {
		want := row.RegionCode == "30401" || row.RegionCode == "30402"
		if got := row.ConfStatus == schemas.Withheld; got != want {
			t.Errorf("%s of %s withheld: %v, want %v", row.Measure, row.RegionCode, got, want)
		}
	}
}

// Two municipalities by two origins with all totals: of one cell below the threshold all four go.
func TestRowsAndColumnsOfGuestNights(t *testing.T) {
	of := map[string]map[string]int64{
		"30401": {"13000": 4, "27000": 20, schemas.All: 24},
		"30402": {"13000": 30, "27000": 40, schemas.All: 70},
		"30000": {"13000": 34, "27000": 60, schemas.All: 94},
	}
	var rows []disclose.Counted[schemas.GuestNights]
	for region, origins := range of {
		for origin, n := range origins {
			rows = append(rows, nights(region, origin, n))
		}
	}
	l := disclose.NewLinked(rule, 0, nobodyKnows)
	disclose.Link(l, "guest_nights", rows)
	suppress(t, l)
	for _, row := range disclose.Protect(rows, rule).Rows() {
		want := row.RegionCode != "30000" && row.OriginCode != schemas.All
		if got := row.ConfStatus == schemas.Withheld; got != want {
			t.Errorf("%s from %s withheld: %v, want %v", row.RegionCode, row.OriginCode, got, want)
		}
	}
}

// Guest-nights by the month in which they are spent add up over municipalities, whether the official ones are known or not: 12 = 112 − 30 − 70 is
// withheld, and with it the smaller of the others.
func TestCoverageAddsUp(t *testing.T) {
	spent := func(region string, nights, stays int64, status string) disclose.Counted[schemas.Coverage] {
		return disclose.Counted[schemas.Coverage]{Persons: stays, Facilities: 3, Row: schemas.Coverage{RegionCode: region, Step: schemas.StepGuestNights, Recorded: &nights,
			Observation: schemas.Observation{ObsStatus: status, ConfStatus: schemas.Free}}}
	}
	rows := []disclose.Counted[schemas.Coverage]{spent("30000", 112, 50, schemas.Normal), spent("30401", 12, 4, schemas.NotEstimable), spent("30402", 30, 20, schemas.NotEstimable), spent("30403", 70, 26, schemas.Normal)}
	l := disclose.NewLinked(rule, 0, nobodyKnows)
	disclose.Link(l, "coverage", rows)
	suppress(t, l)
	for i, row := range disclose.Protect(rows, rule).Rows() {
		if withheld := row.Recorded == nil; withheld != (i == 1 || i == 2) {
			t.Errorf("%s withheld: %t", row.RegionCode, withheld)
		}
	}
}

// Of 100 guest-nights one house has 90, the second 6, others 4: by the p % rule with p = 10 the second could tell the
// first to within 4 of 90, for 4 < 9. So 100 is withheld, though 30 bookings in 3 houses stand behind it, and readers
// have to think at least ⌈9 − 4⌉ = 5 more possible; of the others the cheapest, 120, goes with it.
func TestADominatedCellIsWithheld(t *testing.T) {
	rows := []disclose.Counted[schemas.GuestNights]{nights("30401", "13000", 40), nights("30401", "27000", 50), nights("30401", "28000", 30), nights("30401", schemas.All, 120)}
	for i, n := range []int64{120, 150, 100, 370} {
		rows[i].Row.GuestNights = &n
	}
	rows[2].Contributions = []disclose.Contribution{disclose.ContributionOf("guest_nights", map[string]int64{"a": 6, "b": 90, "c": 4}), disclose.ContributionOf("bookings", map[string]int64{"a": 10, "b": 10, "c": 10})}
	rules := rule
	rules.Dominance.P = 10
	l := disclose.NewLinked(rules, 0, nobodyKnows)
	disclose.Link(l, "guest_nights", rows)
	_, cells, err := l.Suppress(disclose.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range disclose.Protect(rows, rules).Rows() {
		if got, want := row.ConfStatus == schemas.Withheld, i == 0 || i == 2; got != want {
			t.Errorf("from %s withheld: %v, want %v", row.OriginCode, got, want)
		}
	}
	if by := [2]string{rows[0].WithheldBy(rules), rows[2].WithheldBy(rules)}; by != [2]string{"secondary", "dominance_p"} {
		t.Errorf("120 and 100 are withheld by %q", by)
	}
	want := disclose.LinkedCell{Name: "guest-night: 30401/1970-01-31/28000/", Value: 100, Reason: "dominance_p", Asked: disclose.Asked{Above: 5, Width: 5}, Protected: true}
	if !slices.Contains(cells, want) {
		t.Errorf("%+v, want %+v among them", cells, want)
	}
}

// What an earlier publication shows cannot be withheld: 30 has to go for 3, though 20 would be cheaper.
func TestAnEarlierPublicationIsKnown(t *testing.T) {
	flows := []disclose.Counted[schemas.OriginDestination]{flow("30401", "13000", 3), flow("30401", "27000", 20), flow("30401", "28000", 30)}
	totals := []disclose.Counted[schemas.VisitBehaviour]{behaviour("30401", 53)}
	shown := "person: /persons/prefecture/30401/27000/all/all//1970-01-31/booking"
	l := disclose.NewLinked(rule, 0, func(name string) bool { return name == shown })
	disclose.Link(l, "origin_destination", flows)
	disclose.Link(l, "visit_behaviour", totals)
	suppress(t, l)
	got := disclose.Protect(flows, rule).Rows()
	if got[1].ConfStatus != schemas.Free || got[2].ConfStatus != schemas.Withheld {
		t.Errorf("shown earlier: %s, the other: %s; want F and C", got[1].ConfStatus, got[2].ConfStatus)
	}
}

func TestFiguresThatContradictAreRefused(t *testing.T) {
	for name, total := range map[string]int64{"less than its parts": 22} {
		l := disclose.NewLinked(rule, 0, nobodyKnows)
		disclose.Link(l, "origin_destination", []disclose.Counted[schemas.OriginDestination]{flow("30401", "13000", 3), flow("30401", "27000", 20)})
		disclose.Link(l, "visit_behaviour", []disclose.Counted[schemas.VisitBehaviour]{behaviour("30401", total)})
		if _, _, err := l.Suppress(disclose.Options{}); !errors.Is(err, disclose.ErrTable) {
			t.Errorf("%s: %v, want ErrTable", name, err)
		}
	}
}

// figures are the cells of the row above as readers see them; nil is withheld.
func seen(values map[string]*int64) attack.Tables {
	cube := schemas.CubeOf("person")
	var figures []attack.Figure
	for _, origin := range []string{"13000", "27000", "28000", schemas.All} {
		v, there := values[origin]
		if there {
			figures = append(figures, attack.Figure{Value: v, Cells: []attack.Place{{Cube: cube,
				Coordinates: []string{"", "persons", "prefecture", "30401", origin, "all", "all", "", "2026-03-31", "booking"}}}})
		}
	}
	t, err := attack.TablesOf(figures)
	if err != nil {
		panic(err)
	}
	return t
}

// All 25 persons of a municipality come from one prefecture: as a rule, the row and its total are withheld, so that nobody is told to come from
// there; without it both are shown. Where two come from elsewhere it is no matter of the rule.
func TestFullCells(t *testing.T) {
	for _, c := range []struct {
		full  bool
		flows []disclose.Counted[schemas.OriginDestination]
		shown bool
	}{
		{false, []disclose.Counted[schemas.OriginDestination]{flow("30401", "13000", 25)}, true},
		{true, []disclose.Counted[schemas.OriginDestination]{flow("30401", "13000", 25)}, false},
		{true, []disclose.Counted[schemas.OriginDestination]{flow("30401", "13000", 15), flow("30401", "27000", 10)}, true},
	} {
		rules := rule
		rules.Full = c.full
		totals := []disclose.Counted[schemas.VisitBehaviour]{behaviour("30401", 25)}
		l := disclose.NewLinked(rules, 0, nobodyKnows)
		disclose.Link(l, "origin_destination", c.flows)
		disclose.Link(l, "visit_behaviour", totals)
		if _, _, err := l.Suppress(disclose.Options{Seed: 1}); err != nil {
			t.Fatal(err)
		}
		row, total := disclose.Protect(c.flows, rules).Rows()[0], disclose.Protect(totals, rules).Rows()[0]
		if (row.Persons != nil) != c.shown || (total.Persons != nil) != c.shown {
			t.Errorf("full cells withheld %t, %d origins: %v and %v, want them shown: %t", c.full, len(c.flows), row.Persons, total.Persons, c.shown)
		}
		if by := [2]string{c.flows[0].WithheldBy(rules), totals[0].WithheldBy(rules)}; c.shown != (by == [2]string{}) || !c.shown && by != [2]string{"full", "secondary"} {
			t.Errorf("withheld by %q", by)
		}
	}
}

// The nights of 28000 are 200, of which one house has 180: by 5 % of it 7 more must be possible than 200. Those from 13000, 50 in all, would be
// the cheapest to withhold beside it, but the house that has 46 of them knows that they are no fewer: the 60 from 27000 go, of which
// none has over 20. Were the 46 those of five houses, the 50 would do.
func TestContributorsKnowTheirOwn(t *testing.T) {
	for _, c := range []struct {
		from13000 map[string]int64
		withheld  int
	}{{map[string]int64{"a": 46, "b": 1, "c": 1, "d": 1, "e": 1}, 1}, {map[string]int64{"a": 10, "b": 10, "c": 10, "d": 10, "e": 10}, 0}} {
		houses := map[string]map[string]int64{"13000": c.from13000, "27000": {"a": 20, "b": 20, "c": 20}, "28000": {"f": 180, "g": 18, "h": 2}, schemas.All: {"f": 180, "a": 66, "others": 64}}
		var rows []disclose.Counted[schemas.GuestNights]
		for _, origin := range []string{"13000", "27000", "28000", schemas.All} {
			made := disclose.ContributionOf("guest_nights", houses[origin])
			rows = append(rows, disclose.Counted[schemas.GuestNights]{Persons: 40, Facilities: 3, Contributions: []disclose.Contribution{made},
				Row: schemas.GuestNights{RegionCode: "30401", OriginCode: origin, GuestNights: n(made.Total), Observation: free}})
		}
		rules := rule
		rules.Dominance.P = 5
		l := disclose.NewLinked(rules, 0, nobodyKnows)
		disclose.Link(l, "guest_nights", rows)
		suppress(t, l)
		for i, row := range disclose.Protect(rows, rules).Rows() {
			if got, want := row.GuestNights == nil, i == c.withheld || i == 2; got != want {
				t.Errorf("with %v, from %s withheld: %v, want %v", c.from13000, row.OriginCode, got, want)
			}
		}
	}
}

// Pairs of 3, 9 and 41 in three municipalities, the first two with one house each. Either house knows what its guests are, so that of
// 53 less the 41 shown it would know the other's: the 41 is withheld too. With three houses in each it is not.
func TestTheOnlyHouseOfARegionKnowsItsGuests(t *testing.T) {
	for _, houses := range []int64{1, 3} {
		rows := []disclose.Counted[schemas.RelationalPopulation]{population(schemas.Pairs, "30401", schemas.All, 3), population(schemas.Pairs, "30402", schemas.All, 9),
			population(schemas.Pairs, "30403", schemas.All, 41), population(schemas.Pairs, "30000", schemas.All, 53)}
		for i, facilities := range []int64{houses, houses, 5, 7} {
			rows[i].Facilities = facilities
		}
		l := disclose.NewLinked(rule, 0, nobodyKnows)
		disclose.Link(l, "relational_population", rows)
		suppress(t, l)
		if shown := disclose.Protect(rows, rule).Rows()[2].Value != nil; shown != (houses == 3) {
			t.Errorf("%d houses in the first two: the 41 are shown: %t", houses, shown)
		}
	}
}

func n(v int64) *int64 { return &v }

func TestLeaksAreFound(t *testing.T) {
	safe := map[string]*int64{"13000": nil, "27000": nil, "28000": n(30), schemas.All: n(53)}
	with := func(origin string, v *int64) map[string]*int64 {
		other := map[string]*int64{}
		for k, v := range safe {
			other[k] = v
		}
		other[origin] = v
		return other
	}
	for _, c := range []struct {
		name    string
		now     map[string]*int64
		earlier []map[string]*int64
		want    int
		by      string
	}{
		{"nothing to find", safe, nil, 0, ""},
		{"the protector was bypassed", with("27000", n(20)), nil, 1, attack.ByRank},
		{"the same again", safe, []map[string]*int64{safe}, 0, ""},
		{"another cell was withheld before", safe, []map[string]*int64{{"13000": nil, "27000": n(20), "28000": nil, schemas.All: n(53)}}, 2, ""},
		{"the cell was shown before", safe, []map[string]*int64{{"13000": n(3)}}, 2, ""},
		// 54 then and 53 now: the figures of then say nothing of those of now.
		{"revised since", safe, []map[string]*int64{{"13000": nil, "27000": n(20), "28000": nil, schemas.All: n(54)}}, 0, ""},
	} {
		var earlier []attack.Earlier
		for _, e := range c.earlier {
			earlier = append(earlier, attack.Earlier{ID: "before", Tables: seen(e)})
		}
		leaks, err := attack.Leaks(seen(c.now), earlier, func(string) attack.Asked { return attack.Asked{} }, attack.Options{Seed: 1, Simplex: 10})
		if err != nil || len(leaks) != c.want {
			t.Errorf("%s: %d leaks (%v), %v; want %d", c.name, len(leaks), leaks, err, c.want)
		}
		if c.by != "" && (len(leaks) == 0 || leaks[0].By != c.by || leaks[0].Low != 3) {
			t.Errorf("%s: %v, want 3 by %s", c.name, leaks, c.by)
		}
	}
}

// The one house of 30401 has the only guest of the prefecture from Yamagata: it knows the prefecture's 1 to be its own, so that there is
// nothing to protect from it, though it knows all of 30401. Where another town has one too, the prefecture's 2 are protected from either.
func TestWholeOfAContributor(t *testing.T) {
	for _, elsewhere := range []int64{0, 1} {
		var rows []disclose.Counted[schemas.RelationalPopulation]
		add := func(region, origin string, n, houses int64) {
			if n > 0 {
				row := population(schemas.Pairs, region, origin, n)
				row.Facilities = houses
				rows = append(rows, row)
			}
		}
		for origin, n := range map[string][2]int64{"06000": {1, elsewhere}, "27000": {20, 30}, schemas.All: {21, 30 + elsewhere}} {
			add("30401", origin, n[0], 1)
			add("30402", origin, n[1], 5)
			add("30000", origin, n[0]+n[1], 6)
		}
		l := disclose.NewLinked(rule, 0, nobodyKnows)
		disclose.Link(l, "relational_population", rows)
		_, cells, err := l.Suppress(disclose.Options{Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range cells {
			if !c.Protected {
				t.Errorf("with %d elsewhere %s is not protected", elsewhere, c.Name)
			}
		}
	}
}

// What the publication before withholds stays withheld as long as its count does. By hand: of 50 = 3 + 20 + 27 the 3 is withheld, and
// one of the others for its sake; the other too where it was withheld before with the same count, and not with another one.
func TestWhatWasWithheldStays(t *testing.T) {
	for _, c := range []struct {
		before map[int64]bool // the counts withheld then
		want   int
	}{{nil, 2}, {map[int64]bool{20: true, 27: true}, 3}, {map[int64]bool{21: true, 28: true}, 2}} {
		rows := []disclose.Counted[schemas.GuestNights]{nights("30401", schemas.All, 50), nights("30401", "13000", 3), nights("30401", "23000", 20), nights("30401", "27000", 27)}
		l := disclose.NewLinked(rule, 0, func(string) bool { return false })
		l.Keep(func(name string, value int64) bool {
			return strings.HasPrefix(name, "booking: ") && c.before[value]
		})
		disclose.Link(l, "guest_nights", rows)
		_, cells, err := l.Suppress(disclose.Options{Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		withheld := 0
		for _, cell := range cells {
			if strings.HasPrefix(cell.Name, "booking: ") {
				withheld++
			}
		}
		if withheld != c.want {
			t.Errorf("withheld before %v: %d are withheld, want %d: %+v", c.before, withheld, c.want, cells)
		}
	}
}
