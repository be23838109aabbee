package simulate

import (
	"math"
	"reflect"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/schemas/reference"
)

// regionsNow are the regions of Japan in force.
func regionsNow() []schemas.Region {
	return slices.DeleteFunc(reference.Load().Regions(), func(r schemas.Region) bool { return r.ValidTo != nil })
}

func scenarioOf(t testing.TB, id string) schemas.Scenario {
	t.Helper()
	for _, s := range schemas.BuiltinScenarios() {
		if s.ID == id {
			return s
		}
	}
	t.Fatalf("no scenario %s", id)
	return schemas.Scenario{}
}

func worldOf(t testing.TB, s schemas.Scenario, seed uint64, persons int64) *World {
	t.Helper()
	w, err := NewWorld(s, seed, persons, regionsNow())
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// smaller is the number of persons of a world, the second under -short.
func smaller(persons, short int64) int64 {
	if testing.Short() {
		return short
	}
	return persons
}

func tallied(w *World) *Tally {
	tally := NewTally(w, schemas.BuiltinProfiles())
	for id := range w.Residents + w.Strangers {
		p := w.Person(id)
		tally.Add(&p)
	}
	return tally
}

func day(t testing.TB, text string) schemas.Date {
	t.Helper()
	d, err := schemas.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// The example of docs/methods/observed.md: 30 January to 2 February and 20 February.
func TestContactByHand(t *testing.T) {
	trips := []Trip{{First: day(t, "2025-01-30"), Last: day(t, "2025-02-02"), Purpose: schemas.Leisure}, {First: day(t, "2025-02-20"), Last: day(t, "2025-02-20"), Purpose: schemas.Kin}}
	all := func(*Trip) bool { return true }
	for _, c := range []struct {
		from, to         string
		trips, days, gap int32
	}{
		{"2025-01-01", "2025-12-31", 2, 5, 21},
		{"2025-02-01", "2026-01-31", 2, 3, 19}, // the first trip goes on into the span
		{"2025-02-03", "2025-02-19", 0, 0, 0},
		{"2024-02-01", "2025-01-31", 1, 2, 0},
	} {
		got := contactOf(trips, day(t, c.from), day(t, c.to), all)
		if got.trips != c.trips || got.days != c.days || got.gap != c.gap {
			t.Errorf("%s to %s: %+v, want %d trips, %d days, gap %d", c.from, c.to, got, c.trips, c.days, c.gap)
		}
	}
	touching := []Trip{{First: 10, Last: 12}, {First: 12, Last: 12}, {First: 13, Last: 15}, {First: 17, Last: 17}}
	if got := contactOf(touching, 0, 99, all); got.trips != 2 || got.days != 7 || got.gap != 7 {
		t.Errorf("touching days: %+v, want 2 trips, 7 days, gap 7", got)
	}
	if got := contactOf(trips, 0, day(t, "2026-01-01"), func(trip *Trip) bool { return trip.Purpose&schemas.EngagementExcludes == 0 }); got.trips != 1 || got.purposes != schemas.Leisure {
		t.Errorf("without kin: %+v, want the first trip alone", got)
	}
}

// A life is possible: one place at a time, nothing after death, no visit to the
// own home, homes in order; who comes to live in a visited place, by whatever way, has moved in;
// and a person is a function of seed and number.
func TestLivesArePossible(t *testing.T) {
	s := scenarioOf(t, "base")
	s.Migration.Death, s.Migration.Elsewhere = 0.02, 0.2
	w := worldOf(t, s, 5, 20_000)
	trips, moves, deaths := 0, 0, 0
	for id := range w.Residents + w.Strangers {
		p := w.Person(id)
		for i, trip := range p.Trips {
			if i > 0 && trip.First < p.Trips[i-1].Last {
				t.Fatalf("person %d is in two places on %s", id, trip.First)
			}
			if trip.Last < trip.First || trip.Last >= p.Died || (trip.Mode == DayTrip) != (trip.First == trip.Last) || (trip.Facility >= 0) != (trip.Mode == Lodging) {
				t.Fatalf("person %d, died %s: impossible trip %+v", id, p.Died, trip)
			}
			if trip.Facility >= 0 && w.Facilities[trip.Facility].Place != trip.Place {
				t.Fatalf("person %d sleeps elsewhere: %+v", id, trip)
			}
		}
		var arrived []Home
		for i := range p.Homes {
			if i > 0 && p.Homes[i].From < p.Homes[i-1].From {
				t.Fatalf("person %d: homes out of order: %v", id, p.Homes)
			}
			if i > 0 && w.Places[p.Homes[i].Place].Visited >= 0 && p.Homes[i].Place != p.Homes[i-1].Place {
				arrived = append(arrived, p.Homes[i])
			}
		}
		if !slices.EqualFunc(arrived, p.Moves, func(h Home, m Move) bool { return h.From == m.Day && h.Place == m.To }) {
			t.Fatalf("person %d comes to live in %v, and moves in by %v", id, arrived, p.Moves)
		}
		trips += len(p.Trips)
		moves += len(p.Homes)
		if p.Died <= w.end {
			deaths++
		}
		if id%97 == 0 && !reflect.DeepEqual(p, w.Person(id)) {
			t.Fatalf("person %d is somebody else the second time", id)
		}
	}
	if trips < 10_000 || moves < 25_000 || deaths < 500 {
		t.Errorf("%d trips, %d homes, %d deaths: too few to tell anything", trips, moves, deaths)
	}
}

// What one aspect of a scenario says leaves the others as they were.
func TestStreamsAreApart(t *testing.T) {
	s := scenarioOf(t, "base")
	w := worldOf(t, s, 9, 3000)
	s.Identity.Misspelt, s.Onsite.Met, s.Panel.Sample, s.Lodging.Cancelled = 0.9, 0, 0, 0.5
	other := worldOf(t, s, 9, 3000)
	for id := range w.Residents {
		if p, q := w.Person(id), other.Person(id); !reflect.DeepEqual(p, q) {
			t.Fatalf("person %d changed with what is seen of them", id)
		}
	}
}

// Laws of any truth: pairs add up, persons are between what must bound them,
// origins and levels add up to all, and the funnel's stocks and flows balance.
func TestTruthAddsUp(t *testing.T) {
	w := worldOf(t, scenarioOf(t, "base"), 2, smaller(20_000, 6_000))
	tally := tallied(w)
	get := func(c cell) []int32 {
		if months := tally.cells[c]; months != nil {
			return months
		}
		return make([]int32, len(tally.months))
	}
	last := len(tally.months) - 1
	seen := 0
	for i := range tally.profiles {
		for _, rule := range outsideRules {
			whole := cell{dataset: "relational_population", statistic: schemas.Pairs, definition: i, outside: rule, region: tally.byCode["30000"],
				origin: schemas.All, relation: schemas.All, engagement: -1}
			var sum, levels, origins int32
			for _, r := range tally.regions {
				if r.place >= 0 {
					part := whole
					part.region = tally.byCode[r.code]
					sum += get(part)[last]
				}
			}
			persons, any := whole, whole
			persons.statistic, any.statistic = schemas.Persons, schemas.PersonsAnyMunicipality
			for level := range w.ladder {
				c := persons
				c.engagement = level
				levels += get(c)[last]
			}
			for c, months := range tally.cells {
				of := persons
				of.origin = c.origin
				if c == of && c.origin != schemas.All && c.origin != schemas.Abroad {
					origins += months[last]
				}
			}
			n, a, p := get(persons)[last], get(any)[last], get(whole)[last]
			if sum != p || a > n || a > p || levels != n || origins != n {
				t.Errorf("%s, %s: persons %d (by level %d, by origin %d), in any municipality %d, pairs %d of which municipalities have %d",
					tally.profiles[i].ID, rule, n, levels, origins, a, p, sum)
			}
			seen += int(n)
		}
	}
	if seen < 500 {
		t.Errorf("%d persons in all figures: too few to tell anything", seen)
	}
	for level := range w.ladder {
		c := cell{dataset: "engagement_funnel", definition: -1, outside: schemas.OutsidePrefecture, region: tally.byCode["30000"], origin: schemas.All, relation: schemas.All, engagement: level}
		of := func(statistic string) []int32 { c.statistic = statistic; return get(c) }
		for m := range tally.months {
			if open, in, out, closed := of("opening")[m], of("entries")[m], of("exits")[m], of("closing")[m]; open+in-out != closed {
				t.Errorf("level %d, month %d: %d + %d − %d is not %d", level, m, open, in, out, closed)
			}
			if m > 0 && of("opening")[m] != of("closing")[m-1] {
				t.Errorf("level %d, month %d opens otherwise than the month before closed", level, m)
			}
		}
	}
}

// Moves are counted twice, by the truth by month and by official statistics by year;
// the steps towards a booking are nested; who has moved was among those who entered.
func TestMovesAndDetectionAddUp(t *testing.T) {
	s := scenarioOf(t, "base")
	s.Migration.Untied = 0.02
	w := worldOf(t, s, 13, smaller(20_000, 6_000))
	tally, official := tallied(w), NewOfficial(w)
	for id := range w.Residents + w.Strangers {
		p := w.Person(id)
		official.Add(&p)
	}
	sums := map[string]float64{}
	var ratio, cohorts float64
	for _, row := range tally.Truth() {
		if row.RegionCode != "30000" || row.OriginCode != schemas.All || row.Outside == schemas.OutsideMunicipality {
			continue
		}
		switch {
		case row.Dataset == "migration_conversion":
			sums[row.Statistic] += row.Value
		case row.Dataset == "detection" && row.ReferenceMonth == w.last:
			sums[row.Statistic] = row.Value
		case row.Dataset == "conversion_curve" && row.HorizonMonths == 12:
			sums[row.Statistic] += row.Value
			if row.Statistic == "value" {
				ratio, cohorts = ratio+row.Value, cohorts+1
			}
		}
	}
	var registered float64
	for _, f := range official.Figures("in_migrants") {
		if f.Region == "30000" {
			registered += float64(f.Value)
		}
	}
	if sums["in_migrants"] != registered || registered < 100 || sums["in_migrants_related_before"] > registered {
		t.Errorf("%v moves by month, %v by year, %v of related persons", sums["in_migrants"], registered, sums["in_migrants_related_before"])
	}
	steps := []string{"trips", "overnight", "paid_lodging", "covered", "own_name"}
	for i := range steps[1:] {
		if !(sums[steps[i]] > sums[steps[i+1]] && sums[steps[i+1]] > 0) {
			t.Errorf("%v %s and %v %s", sums[steps[i]], steps[i], sums[steps[i+1]], steps[i+1])
		}
	}
	if cohorts == 0 || !(sums["migrated"] <= sums["entered"]) || !(ratio/cohorts <= 1) {
		t.Errorf("%v entered, %v migrated, ratios %v of %v cohorts", sums["entered"], sums["migrated"], ratio, cohorts)
	}
}

// With diversity the shares of two classes of ties differ between municipalities by the factors' distribution: the
// logarithm of the ratio of two numbers, each with a factor of its own, has the variance 2 sd². Without it they differ by chance.
func TestMunicipalitiesDrawOthers(t *testing.T) {
	if testing.Short() {
		t.Skip("two worlds of 60,000 persons")
	}
	s := scenarioOf(t, "base")
	s.Ties = s.Ties[:2]
	s.Ties[0].Share, s.Ties[1].Share, s.Ties[0].Lapse, s.Ties[1].Lapse = 0.5, 0.5, 0, 0
	spread := func(sd float64) float64 {
		s.Diversity = sd
		w := worldOf(t, s, 3, 60_000)
		n := map[int32][2]float64{}
		for id := range w.Residents {
			for _, tie := range w.Person(id).Ties {
				of := n[tie.Place]
				of[tie.Class]++
				n[tie.Place] = of
			}
		}
		var logs []float64
		for _, place := range w.Visited {
			logs = append(logs, math.Log((n[place][0]+0.5)/(n[place][1]+0.5)))
		}
		return stat.StdDev(logs, nil)
	}
	if none := spread(0); none > 0.2 {
		t.Errorf("without diversity the logarithm has the standard deviation %.2f", none)
	}
	if got, want := spread(0.4), 0.4*math.Sqrt2; math.Abs(got-want) > 0.25 { // of 30 places: ± 0.08, beside chance
		t.Errorf("standard deviation %.2f, want %.2f", got, want)
	}
}

// A programme that doubles visits to one municipality leaves those before it, and those elsewhere, in
// number as they were, about.
func TestProgrammesBringPeopleMoreOften(t *testing.T) {
	s := scenarioOf(t, "transparent")
	s.Ties, s.Onward, s.LocalStays, s.Attraction = s.Ties[:1], 0, 0, map[string]float64{"30201": 20}
	since := day(t, "2024-10-01")
	count := func(s schemas.Scenario) (n [2][2]float64) { // there or not, then or not
		w := worldOf(t, s, 15, 20_000)
		for id := range w.Residents {
			for _, trip := range w.Person(id).Trips {
				var there, then int
				if w.Places[trip.Place].RegionCode == "30201" {
					there = 1
				}
				if trip.First >= since {
					then = 1
				}
				n[there][then]++
			}
		}
		return n
	}
	before := count(s)
	s.Programmes = []schemas.ProgrammeScenario{{Regions: []string{"30201"}, Since: "2024-10", Visits: 2}}
	after := count(s)
	for _, c := range []struct {
		there, then int
		want        float64
	}{{0, 0, 1}, {0, 1, 1}, {1, 0, 1}, {1, 1, 2}} {
		n, m := before[c.there][c.then], after[c.there][c.then]
		if within := 4 * math.Sqrt(1/n+1/m) * c.want; n < 100 || math.Abs(m/n-c.want) > within {
			t.Errorf("there %d, then %d: %v trips with the programme and %v without, want %v times as many within %.2f", c.there, c.then, m, n, c.want, within)
		}
	}
}

// Parts of a world add up to it, in whatever order: threads do not show.
func TestTalliesMerge(t *testing.T) {
	w := worldOf(t, scenarioOf(t, "base"), 4, 1500)
	cuts := []int64{777, 0, 1, w.Residents}
	if testing.Short() {
		cuts = cuts[:1]
	}
	want, official := tallied(w).Truth(), NewOfficial(w)
	for id := range w.Residents + w.Strangers {
		p := w.Person(id)
		official.Add(&p)
	}
	for _, cut := range cuts {
		a, b := NewTally(w, schemas.BuiltinProfiles()), NewTally(w, schemas.BuiltinProfiles())
		x, y := NewOfficial(w), NewOfficial(w)
		for id := range w.Residents + w.Strangers {
			p := w.Person(id)
			if id < cut {
				a.Add(&p)
				x.Add(&p)
			} else {
				b.Add(&p)
				y.Add(&p)
			}
		}
		b.Merge(a)
		y.Merge(x)
		if !reflect.DeepEqual(b.Truth(), want) || !reflect.DeepEqual(y.sums, official.sums) {
			t.Errorf("the truth or the official figures of parts cut at %d are others", cut)
		}
	}
}

// A class of ties has as many trips as its rate says: seasons and days change when,
// not how often.
func TestTripsFollowTheirRates(t *testing.T) {
	for _, c := range []schemas.TieClass{
		{Name: "gamma", Share: 1, Family: "gamma", Mean: 2, Shape: 0.7, Nights: []float64{1}, Purposes: map[string]float64{"leisure": 1}},
		{Name: "points", Share: 1, Family: "points", Rates: []float64{1, 5}, Weights: []float64{3, 1}, Nights: []float64{1}, Purposes: map[string]float64{"leisure": 1}},
		{Name: "regular", Share: 1, Family: "regular", Mean: 2, Nights: []float64{1}, Purposes: map[string]float64{"leisure": 1}},
	} {
		s := schemas.Scenario{ID: "rates", Version: "1", First: "2023-01", Months: 12, Ties: []schemas.TieClass{c}, Weekend: 3,
			Season: []float64{0.5, 0.5, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1}, Lodging: schemas.LodgingScenario{Facilities: 1}}
		w := worldOf(t, s, 1, 20_000)
		trips := 0
		years := float64(w.end-w.begin) / 365.25
		for id := range w.Residents {
			trips += len(w.Person(id).Trips)
		}
		// Trips at the same time as another are left out: a few in a hundred.
		if got := float64(trips) / 20_000 / years; math.Abs(got-2) > 0.12 {
			t.Errorf("%s: %.3f trips a year, want about 2", c.Name, got)
		}
	}
}

// Distance decides who comes: from the prefecture itself many, from the far north few.
func TestDistanceDecays(t *testing.T) {
	if d := distance(12, 26); math.Abs(d-400) > 15 { // Tokyo and Osaka lie 400 km apart
		t.Errorf("Tokyo to Osaka: %.0f km", d)
	}
	w := worldOf(t, scenarioOf(t, "base"), 3, 60_000)
	var tied, all [47]float64
	for id := range w.Residents {
		p := w.Resident(id)
		home := w.Places[p.Homes[0].Place].Prefecture
		w.tie(&p)
		all[home]++
		if len(p.Ties) > 0 {
			tied[home]++
		}
	}
	near, middle, far := tied[29]/all[29], tied[12]/all[12], tied[0]/all[0]
	if !(near > 2*middle && middle > 1.5*far) {
		t.Errorf("shares with a tie: Wakayama %.3f, Tokyo %.3f, Hokkaido %.3f", near, middle, far)
	}
	for i, p := range reference.Prefectures { // more people, more homes
		if share := all[i] / 60_000; math.Abs(share-p.Residents/126_146) > 0.004 {
			t.Errorf("prefecture %d has %.4f of the residents, the census %.4f", i+1, share, p.Residents/126_146)
		}
	}
}

// The panel is drawn in equal numbers from each stratum, its weights stand for all
// residents, and another drawing is another sample.
func TestPanelIsStratified(t *testing.T) {
	w := worldOf(t, scenarioOf(t, "base"), 6, 80_000)
	s, again, other := w.Select(0), w.Select(0), w.Select(1)
	var drawn [strata]int
	same := 0
	var sum float64
	for id := range w.Residents {
		if other.Has(id) && s.Has(id) {
			same++
		}
		if !s.Has(id) {
			continue
		}
		p := w.Resident(id)
		h := stratumOf(w.Places[p.Homes[0].Place].Prefecture)
		drawn[h]++
		sum += s.Weight[h]
	}
	if drawn != [strata]int{1000, 1000, 1000, 1000} || math.Abs(sum-80_000) > 1e-6 || !reflect.DeepEqual(s, again) {
		t.Errorf("drawn %v, weights sum to %v", drawn, sum)
	}
	if same > 3500 || other.Size() != 4000 {
		t.Errorf("%d of 4,000 members are in both drawings", same)
	}
}

// On the spot people are met in proportion to visits: with one visit in n answered,
// the answers that say k visits are k times as many, per person, as those that say one.
// An answer on a trip to m municipalities is 1/m of a trip of the prefecture.
func TestEncountersAreInProportionToVisits(t *testing.T) {
	s := scenarioOf(t, "base")
	s.Onsite = schemas.OnsiteScenario{Met: 0.5, Answer: 0.5, Spots: 2}
	w := worldOf(t, s, 8, 60_000)
	var visits, met, inverse, persons, trips, joined float64
	reference := w.last
	for id := range w.Residents {
		p := w.Person(id)
		places := map[int32]bool{}
		for i := range p.Trips {
			if trip := &p.Trips[i]; trip.First > reference.AddMonths(-12) && trip.First <= reference && !goesOn(p.Trips, i) {
				visits++
				places[trip.Place] = true
			}
		}
		persons += float64(len(places))
		if c := contactOf(p.Trips, reference.AddMonths(-12)+1, reference, func(*Trip) bool { return true }); !p.Abroad && c.trips > 0 {
			trips += float64(c.trips)
		}
		for _, e := range w.Encounters(&p) {
			if e.Visits < 1 || e.PrefectureVisits < 1 || e.Municipalities < 1 {
				t.Fatalf("someone met says %d visits, %d to the prefecture, of which one to %d municipalities", e.Visits, e.PrefectureVisits, e.Municipalities)
			}
			if e.Day > reference.AddMonths(-12) {
				met++
				inverse += 1 / float64(e.Visits)
				joined += 1 / float64(e.Municipalities)
			}
		}
	}
	if share := met / visits; math.Abs(share-0.25) > 0.01 {
		t.Errorf("%.3f of the visits are answered on, want 0.25", share)
	}
	// Σ 1/V over the answers, over the share answered, is the number of pairs of a person and a place.
	if got := inverse / 0.25; math.Abs(got/persons-1) > 0.03 {
		t.Errorf("persons by their answers %.0f, truly %.0f", got, persons)
	}
	if got, want := joined/met, trips/visits; math.Abs(got-want) > 0.007 || want > 0.98 {
		t.Errorf("trips a visit by their answers %.4f, truly %.4f", got, want)
	}
}

// Bookings say what happened: those that stood are the trips under the own name in
// covered houses; identifiers differ as much as the scenario says.
func TestBookingsAreOfTrips(t *testing.T) {
	s := scenarioOf(t, "base")
	w := worldOf(t, s, 10, 60_000)
	var stood, lost, trips, noPhone, agency, all float64
	numbers := map[int64]bool{}
	for id := range w.Residents + w.Strangers {
		p := w.Person(id)
		for i := range p.Trips {
			if trip := &p.Trips[i]; trip.Facility >= 0 && trip.OwnName && trip.First >= w.first && w.Facilities[trip.Facility].delivers(trip.First) {
				trips++
			}
		}
		for _, b := range w.Bookings(&p) {
			if numbers[b.Number] || b.CheckOut <= b.CheckIn || b.BookedAt >= int64(b.CheckIn)*secondsOfDay+15*3600 {
				t.Fatalf("person %d: %+v", id, b)
			}
			numbers[b.Number] = true
			if b.Outcome == Stayed {
				stood++
			} else {
				lost++
			}
			if !p.Abroad {
				all++
				switch b.Guest.Phone {
				case "":
					noPhone++
				case "072-000-1234":
					agency++
				}
			}
		}
	}
	if stood != trips {
		t.Errorf("%v bookings stood for %v trips", stood, trips)
	}
	if share := lost / (stood + lost); math.Abs(share-s.Lodging.Cancelled-s.Lodging.NoShow) > 0.02 {
		t.Errorf("%.3f of the bookings came to nothing", share)
	}
	if math.Abs(noPhone/all-s.Identity.MissingPhone) > 0.02 || math.Abs(agency/all-s.Identity.Agency) > 0.01 {
		t.Errorf("without telephone %.3f, of agencies %.3f", noPhone/all, agency/all)
	}
}

// No two persons who share no telephone have one number, whenever they change it.
func TestPhonesAreOnesOwn(t *testing.T) {
	s := scenarioOf(t, "base")
	s.Identity.Shared, s.Identity.Changing = 0, 0.5
	w := worldOf(t, s, 1, 5000)
	owner := map[string]int64{}
	for id := range w.Residents {
		p := w.Resident(id)
		for d := w.first; d <= w.last; d += 60 {
			phone := w.PhoneOf(&p, d)
			if other, there := owner[phone]; there && other != id {
				t.Fatalf("%s is of %d and of %d", phone, other, id)
			}
			owner[phone] = id
		}
	}
	if len(owner) < 7000 {
		t.Errorf("%d numbers of 5,000 persons who change them", len(owner))
	}
}

// Migration follows its hazards: those related move more often than those who came
// once.
func TestMigrationFollowsEngagement(t *testing.T) {
	s := scenarioOf(t, "base")
	s.Migration.Hazard = map[string]float64{"one_off": 0.02, "repeat": 0.02, "related": 0.3, "deep": 0.3, "two_region": 0.3}
	s.Migration.Untied, s.Migration.Elsewhere = 0, 0
	w := worldOf(t, s, 12, 40_000)
	var moved [5]float64
	for id := range w.Residents {
		for _, m := range w.Person(id).Moves {
			if m.Level < 0 {
				t.Fatalf("person %d moved without a tie", id)
			}
			moved[m.Level]++
		}
	}
	// In a month the ladder of the base scenario holds about as many one-off visitors as related ones.
	if !(moved[Related]+moved[Related+1] > 4*moved[0] && moved[0] > 10) {
		t.Errorf("moves by level: %v", moved)
	}
}

func TestWorldsThatCannotBe(t *testing.T) {
	s := scenarioOf(t, "base")
	s.Regions = []string{"30000", "99999"}
	if _, err := NewWorld(s, 1, 100, regionsNow()); err == nil {
		t.Error("a region that does not exist was accepted")
	}
	for _, persons := range []int64{0, mostPersons + 1} {
		if _, err := NewWorld(scenarioOf(t, "base"), 1, persons, regionsNow()); err == nil {
			t.Errorf("%d persons were accepted", persons)
		}
	}
}

// Whatever a stranger's scenario holds, it is refused, or it makes a world.
func FuzzScenario(f *testing.F) {
	for _, s := range schemas.BuiltinScenarios() {
		text, _ := schemas.ScenarioText(s.ID)
		f.Add(string(text))
	}
	regions := regionsNow()
	f.Fuzz(func(t *testing.T, text string) {
		s, err := schemas.ParseScenario([]byte(text))
		if err != nil {
			return
		}
		w, err := NewWorld(s, 1, 2, regions)
		if err != nil {
			return
		}
		tally, official, panel := NewTally(w, schemas.BuiltinProfiles()), NewOfficial(w), w.Select(0)
		for id := range w.Residents + w.Strangers {
			p := w.Person(id)
			tally.Add(&p)
			official.Add(&p)
			w.Bookings(&p)
			w.Encounters(&p)
			w.Answers(&p, panel)
		}
		for _, row := range tally.Truth() {
			if math.IsNaN(row.Value) || math.IsInf(row.Value, 0) {
				t.Fatalf("%+v", row)
			}
		}
	})
}
