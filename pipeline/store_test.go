package pipeline

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"
	"pgregory.net/rapid"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/schemas/reference"
)

// day is a date of a test.
func day(s string) schemas.Date {
	d, err := schemas.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

// refMonth is a reference month as the store numbers it.
func refMonth(year, month int) int32 { return int32(year*12 + month - 1) }

// guest is the tokens of a member.
func guest(member int64) schemas.Tokens {
	return schemas.Tokens{Identity: member * 7919, Member: member}
}

// deliver writes rows as the landed file of one delivery.
func deliver[T any](t testing.TB, dir, delivery, of string, rows []T) landed {
	t.Helper()
	l := landed{Delivery: delivery, Source: "s", File: "exports/" + delivery + ".csv", Folder: filepath.Join(dir, delivery),
		Datasets: map[string]int64{of: int64(len(rows))}}
	mustMkdir(t, l.Folder)
	if err := parquet.WriteFile(l.parquet(of), rows); err != nil {
		t.Fatal(err)
	}
	return l
}

var testBoundaries = boundaries{reference.Load(), reference.Load().Settled()}

var testRules = countRules{
	Profiles: schemas.BuiltinProfiles(), Ladder: schemas.Engagement(),
	Outside:    []string{schemas.OutsidePrefecture, schemas.OutsideMunicipality},
	References: []int32{refMonth(2024, 3), refMonth(2025, 3)},
}

// fillStore brings a store up to date with deliveries, as the stages do.
func fillStore(t testing.TB, path string, now []landed, rules countRules) *store {
	t.Helper()
	return fillStoreWithin(t, path, now, rules, testBoundaries)
}

// fillStoreWithin fills a store by the boundaries of some day.
func fillStoreWithin(t testing.TB, path string, now []landed, rules countRules, in boundaries) *store {
	t.Helper()
	ctx := context.Background()
	s, err := openStore(ctx, path, storeVersion(in, 3), duckOptions{Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.applyStays(ctx, now, in); err != nil {
		t.Fatal(err)
	}
	if err := s.applyLinks(ctx, now, 3); err != nil {
		t.Fatal(err)
	}
	if err := s.applyVisits(ctx, now, rules); err != nil {
		t.Fatal(err)
	}
	return s
}

// contents prints every table of the store in order, so that two stores can be
// compared.
func contents(t testing.TB, s *store) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for _, table := range append([]string{"delivered", "restatement", "hub"}, storeTables...) {
		for scan, err := range s.rows(context.Background(), "SELECT CAST(t AS VARCHAR) FROM "+table+" t") {
			var row string
			if err == nil {
				err = scan(&row)
			}
			if err != nil {
				t.Fatal(err)
			}
			all[table] = append(all[table], row)
		}
		slices.Sort(all[table])
	}
	return all
}

// tallyOf reads one count.
func tallyOf(t testing.TB, s *store, tally, outside, region, origin string, month, class int32) int64 {
	t.Helper()
	n, err := s.count(context.Background(), `SELECT sum(count) FROM tally WHERE tally = ? AND outside = ? AND region_code = ?
		AND origin_code = ? AND reference_month = ? AND class = ?`, tally, outside, region, origin, month, class)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func seen(on, region, residence string, purposes schemas.Purpose, who int64) schemas.Visit {
	return schemas.Visit{Provenance: schemas.Provenance{Source: "s", Delivery: "d"}, VisitedOn: day(on), RegionCode: region,
		Purposes: int32(purposes), Residence: schemas.Residence{ResidenceCode: residence}, Tokens: guest(who)}
}

// By hand: member 1 of Osaka comes to Fukui-shi on three days, two of them
// touching and across a month's end, and to Sakai-shi the day after the third.
func TestStoreCountsTripsByHand(t *testing.T) {
	dir := t.TempDir()
	rows := []schemas.Visit{
		seen("2024-04-30", "18201", "27127", 0, 1), seen("2024-05-01", "18201", "27127", schemas.Kin, 1),
		seen("2024-09-10", "18201", "27127", 0, 1), seen("2024-09-11", "18210", "27127", 0, 1),
		seen("2024-09-10", "18201", "18201", 0, 2), seen("2024-09-12", "18210", "18201", 0, 2), // a resident of Fukui-shi
		seen("2024-03-31", "18201", "unknown", 0, 3), seen("2024-04-01", "18201", "unknown", 0, 3), // a trip carried into the window
	}
	for i := range rows {
		rows[i].Line = int32(i + 2)
	}
	s := fillStore(t, filepath.Join(dir, "store.duckdb"), []landed{deliver(t, dir, "d", "visit", rows)}, testRules)
	defer s.close()
	at := refMonth(2025, 3)
	for _, c := range []struct {
		tally, outside, region, origin string
		class                          int32
		want                           int64
	}{
		{"frequency", "prefecture", "18201", "all", 3, 1},              // member 1: three days
		{"frequency", "prefecture", "18201", "unknown", 1, 1},          // member 3: one day of the window
		{"frequency", "prefecture", "18000", "27000", 4, 1},            // four days in the prefecture
		{"frequency", "municipality", "18210", "18000", 1, 1},          // the resident of Fukui-shi is outside Sakai-shi
		{"frequency", "prefecture", "18210", "18000", 1, 0},            // but not outside the prefecture
		{"trips", "prefecture", "18201", "27000", -1, 2},               // 04-30..05-01, 09-10
		{"trips", "prefecture", "18000", "27000", -1, 2},               // 04-30..05-01, 09-10..09-11
		{"trips", "prefecture", "18201", "unknown", -1, 1},             // carried in
		{"repeat-visits/persons", "prefecture", "18201", "all", -1, 1}, // 04-30 and 09-10 without the kin day
		{"repeat-visits/persons", "prefecture", "18210", "all", -1, 0},
		{"repeat-visits/pairs", "prefecture", "18000", "all", -1, 1},
		{"repeat-visits/persons_any_municipality", "prefecture", "18000", "all", -1, 1},
		{"engaged-stays/persons", "prefecture", "18000", "27000", -1, 1}, // 133 days apart
		{"engaged-stays/persons", "prefecture", "18000", "all", 2, 1},    // related
		{"interval", "prefecture", "18201", "all", 133, 1},
		{"month", "prefecture", "18201", "all", 9, 1},
	} {
		if got := tallyOf(t, s, c.tally, c.outside, c.region, c.origin, at, c.class); got != c.want {
			t.Errorf("%s outside %s, %s from %s, class %d = %d, want %d", c.tally, c.outside, c.region, c.origin, c.class, got, c.want)
		}
	}
}

// drawDeliveries makes up deliveries of bookings and visits with few persons,
// regions and days, so that everything meets everything.
func drawDeliveries(t *testing.T, rt *rapid.T, dir string) []landed {
	residences := []string{"27127", "18201", "13000", "unknown", "abroad", "22131"}
	regions := []string{"18201", "18210", "18000", "30401", "22138"}
	var all []landed
	purposes := []schemas.Purpose{0}
	if rapid.Bool().Draw(rt, "purposes known") {
		purposes = []schemas.Purpose{0, 0, schemas.Kin, schemas.Telework, schemas.Leisure}
	}
	days := rapid.SampledFrom([]int{70, 800}).Draw(rt, "days")
	var before []schemas.Booking
	for n := range rapid.IntRange(1, 5).Draw(rt, "deliveries") {
		delivery := fmt.Sprintf("d%d", n)
		rows := make([]schemas.Booking, rapid.IntRange(1, 12).Draw(rt, "rows"))
		for i := range rows {
			in := day("2023-02-01") + schemas.Date(rapid.IntRange(0, days).Draw(rt, "in"))
			pick := func(name string, n int) int64 { return int64(rapid.IntRange(0, n).Draw(rt, name)) }
			tokens := schemas.Tokens{Member: pick("member", 4), Email: pick("email", 4), Phone: pick("phone", 4), Name: pick("name", 6), NameDated: rapid.Bool().Draw(rt, "dated")}
			if tokens.Name == 0 {
				tokens.NameDated = false
			}
			if tokens.Member+tokens.Email+tokens.Phone+tokens.Name > 0 {
				tokens.Identity = 1 + tokens.Member + 10*tokens.Email + 100*tokens.Phone + 1000*tokens.Name
				if tokens.NameDated {
					tokens.Identity += 100000
				}
			}
			adults := int32(pick("adults", 3))
			facility := rapid.SampledFrom([]string{"", "a", "b"}).Draw(rt, "facility")
			rows[i] = schemas.Booking{
				Provenance: schemas.Provenance{Source: "s", Delivery: delivery, Line: int32(i + 2)},
				Booking:    pick("booking", 8),
				Status:     rapid.SampledFrom([]string{"booked", "booked", "changed", "cancelled", "no_show", "day_use"}).Draw(rt, "status"),
				Facility:   facility,
				Platform:   strings.Replace(facility, "a", "site of a", 1),
				RegionCode: rapid.SampledFrom(regions).Draw(rt, "region"), CheckIn: in, CheckOut: in + schemas.Date(rapid.SampledFrom([]int{0, 1, 2, 3, 45}).Draw(rt, "nights")), Adults: &adults,
				Purposes:  int32(rapid.SampledFrom(purposes).Draw(rt, "purpose")),
				Residence: schemas.Residence{ResidenceCode: rapid.SampledFrom(residences).Draw(rt, "residence")}, Tokens: tokens,
			}
			if rapid.Bool().Draw(rt, "timed") {
				at := schemas.Timestamp(pick("at", 3))
				rows[i].EventAt = &at
			}
		}
		if n > 0 && rapid.Bool().Draw(rt, "again") { // what the delivery before said, but for a row
			rows = slices.Clone(before[:rapid.IntRange(1, len(before)).Draw(rt, "of it")])
			for i := range rows {
				rows[i].Delivery = delivery
			}
			rows[rapid.IntRange(0, len(rows)-1).Draw(rt, "changed")].Status = rapid.SampledFrom([]string{"booked", "cancelled"}).Draw(rt, "to")
		}
		before = rows
		l := deliver(t, dir, delivery, "booking", rows)
		visits := make([]schemas.Visit, rapid.IntRange(0, 6).Draw(rt, "visits"))
		for i := range visits {
			on := day("2023-02-01") + schemas.Date(rapid.IntRange(0, days).Draw(rt, "on"))
			visits[i] = seen(on.String(), rapid.SampledFrom(regions).Draw(rt, "visited"), rapid.SampledFrom(residences).Draw(rt, "home"),
				rapid.SampledFrom(purposes).Draw(rt, "for"), int64(rapid.IntRange(1, 4).Draw(rt, "who")))
			nights := int32(rapid.IntRange(0, 40).Draw(rt, "reported"))
			visits[i].Provenance = schemas.Provenance{Source: "s", Delivery: delivery, Line: int32(i + 100)}
			visits[i].Nights, visits[i].Observation = &nights, int64(rapid.IntRange(0, 5).Draw(rt, "observation"))
		}
		v := deliver(t, dir, delivery, "visit", visits)
		l.Datasets["visit"] = v.Datasets["visit"]
		acts := make([]schemas.Act, rapid.IntRange(0, 4).Draw(rt, "acts"))
		for i := range acts {
			acts[i] = schemas.Act{
				Provenance: schemas.Provenance{Source: "s", Delivery: delivery, Line: int32(i + 200)},
				ActedOn:    day("2023-02-01") + schemas.Date(rapid.IntRange(0, days).Draw(rt, "acted")), RegionCode: rapid.SampledFrom(regions).Draw(rt, "for whom"),
				Residence: schemas.Residence{ResidenceCode: rapid.SampledFrom(residences).Draw(rt, "home of actor")}, Tokens: guest(int64(rapid.IntRange(1, 4).Draw(rt, "actor"))),
			}
		}
		l.Datasets["act"] = deliver(t, dir, delivery, "act", acts).Datasets["act"]
		l.At = schemas.Timestamp(rapid.IntRange(0, 2).Draw(rt, "delivered at"))
		all = append(all, l)
	}
	return all
}

// texts are the rows of a query of one text column.
func texts(t *testing.T, d *duck, query string) (all []string) {
	t.Helper()
	for scan, err := range d.rows(t.Context(), query) {
		var row string
		if err == nil {
			err = scan(&row)
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, row)
	}
	return all
}

// drawn is how often a property is drawn unless -rapid.checks says so: a draw of stores takes a second of a processor.
func drawn(t *testing.T, checks int) {
	const name = "rapid.checks"
	f := flag.Lookup(name)
	if said := f.Value.String(); said == f.DefValue {
		_ = flag.Set(name, strconv.Itoa(checks))
		t.Cleanup(func() { _ = flag.Set(name, said) })
	}
}

// A store patched delivery by delivery, in any order, with deliveries withdrawn
// and restated on the way, holds what one filled at once holds.
func TestStorePatchedEqualsRebuilt(t *testing.T) {
	if testing.Short() {
		t.Skip("opens dozens of stores; `make test` runs it")
	}
	drawn(t, 40)
	rapid.Check(t, func(rt *rapid.T) {
		dir := t.TempDir()
		all := drawDeliveries(t, rt, dir)
		patched := filepath.Join(dir, "patched.duckdb")
		restated := func(some []landed) []landed {
			some = slices.Clone(some)
			for i := range some {
				if rapid.Bool().Draw(rt, "delivered at another time") {
					some[i].At = schemas.Timestamp(rapid.IntRange(0, 2).Draw(rt, "delivered at"))
				}
				some[i].Restated = rapid.SliceOfDistinct(rapid.SampledFrom([]string{"2023-02", "2023-03", "2024-01"}), rapid.ID[string]).Draw(rt, "restated")
			}
			return some
		}
		if rapid.Bool().Draw(rt, "one by one") {
			all = restated(rapid.Permutation(all).Draw(rt, "arrival"))
			for n := 1; n < len(all); n++ {
				fillStore(t, patched, all[:n], testRules).close()
			}
		}
		for _, step := range rapid.SliceOfN(rapid.IntRange(0, len(all)), 0, 2).Draw(rt, "steps") {
			fillStore(t, patched, restated(rapid.Permutation(all).Draw(rt, "order")[:step]), testRules).close()
		}
		if rapid.Bool().Draw(rt, "other months") {
			all = restated(all)
		}
		a, b := fillStore(t, patched, all, testRules), fillStore(t, filepath.Join(dir, "rebuilt.duckdb"), all, testRules)
		defer a.close()
		defer b.close()
		if diff := cmp.Diff(contents(t, b), contents(t, a)); diff != "" {
			rt.Fatalf("patched store differs from the rebuilt (-rebuilt +patched):\n%s", diff)
		}
		balanced(rt, b, testRules)
	})
}

// The reference months counted together have the counts that each has alone:
// a spell of months is worth its months.
func TestMonthsTogetherEqualMonthsAlone(t *testing.T) {
	if testing.Short() {
		t.Skip("opens hundreds of stores; `make test` runs it")
	}
	drawn(t, 40)
	rapid.Check(t, func(rt *rapid.T) {
		dir := t.TempDir()
		all := drawDeliveries(t, rt, dir)
		rules := testRules
		first := rapid.Int32Range(refMonth(2023, 1), refMonth(2025, 6)).Draw(rt, "first")
		asked := []int32{first, first + 1, first + rapid.Int32Range(2, 14).Draw(rt, "later")}
		rules.References = asked
		together := fillStore(t, filepath.Join(dir, "together.duckdb"), all, rules)
		defer together.close()
		// A store forgets the tallies of months that are not asked for, so that each is counted by itself.
		rules.References = asked[:1]
		one := fillStore(t, filepath.Join(dir, "alone.duckdb"), all, rules)
		defer one.close()
		alone := contents(t, one)["tally"]
		for i := range asked[1:] {
			rules.References = asked[i+1 : i+2]
			if err := one.applyVisits(context.Background(), all, rules); err != nil {
				t.Fatal(err)
			}
			alone = append(alone, contents(t, one)["tally"]...)
		}
		slices.Sort(alone)
		if diff := cmp.Diff(alone, contents(t, together)["tally"]); diff != "" {
			rt.Fatalf("months counted together differ from months counted alone (-alone +together):\n%s", diff)
		}
		rules.References = asked
		balanced(rt, together, rules)
	})
}

func mustMkdir(t testing.TB, dir string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
}
