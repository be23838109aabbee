package pipeline

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kankei/kankei/pipeline/ingest"
	"github.com/kankei/kankei/schemas"
)

// restay is a stay of a member, as delivery d says it on a line.
func restay(d string, line int32, booking int64, in, out string, adults int32) schemas.Booking {
	return schemas.Booking{
		Provenance: schemas.Provenance{Source: "s", Delivery: d, Line: line}, Booking: booking, Status: "booked", RegionCode: "30401",
		CheckIn: day(in), CheckOut: day(out), Adults: &adults, Residence: schemas.Residence{ResidenceCode: "27127"}, Tokens: guest(booking),
	}
}

// Three exports that overlap and agree give the same in all six orders of arrival,
// taken in one by one. Only the line that a stay is taken from may be another.
func TestAgreeingDeliveriesInAnyOrder(t *testing.T) {
	dir := t.TempDir()
	deliveries := []landed{
		deliver(t, dir, "a", "booking", []schemas.Booking{restay("a", 2, 1, "2024-01-10", "2024-01-12", 2), restay("a", 3, 2, "2024-01-31", "2024-02-02", 1)}),
		deliver(t, dir, "b", "booking", []schemas.Booking{restay("b", 2, 2, "2024-01-31", "2024-02-02", 1), restay("b", 3, 3, "2024-02-28", "2024-03-02", 1)}),
		deliver(t, dir, "c", "booking", []schemas.Booking{restay("c", 2, 3, "2024-02-28", "2024-03-02", 1), restay("c", 3, 1, "2024-01-10", "2024-01-12", 2)}),
	}
	rules := testRules
	rules.References = []int32{refMonth(2024, 3)}
	var want map[string][]string
	orders := [][]int{{0, 1, 2}, {2, 1, 0}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}}
	if testing.Short() {
		orders = orders[:2]
	}
	for _, order := range orders {
		path := filepath.Join(dir, fmt.Sprint(order)+".duckdb")
		var there []landed
		for turn, i := range order {
			l := deliveries[i]
			l.At = schemas.Timestamp(turn)
			there = append(there, l)
			s := fillStore(t, path, there, rules)
			if turn < len(order)-1 {
				s.close()
				continue
			}
			if err := s.exec(t.Context(), "UPDATE stay SET delivery = '', line = 0", "DELETE FROM delivered",
				"UPDATE restatement SET delivery = ''"); err != nil {
				t.Fatal(err)
			}
			got := contents(t, s)
			s.close()
			if want == nil {
				want = got
			}
			if diff := cmp.Diff(want, got); diff != "" || len(got["stay"]) != 3 || len(got["restatement"]) != 3 {
				t.Errorf("order %v (-first +this):\n%s\n%d stays, %d rows replaced", order, diff, len(got["stay"]), len(got["restatement"]))
			}
		}
	}
}

// What is replaced is counted with the fields that contradict: not those of a row
// that says itself that it changed later.
func TestReplacements(t *testing.T) {
	dir := t.TempDir()
	later := restay("b", 2, 2, "2024-02-01", "2024-02-03", 1)
	at := schemas.Timestamp(5)
	later.EventAt = &at
	a := deliver(t, dir, "a", "booking", []schemas.Booking{
		restay("a", 2, 1, "2024-01-10", "2024-01-12", 2), restay("a", 3, 2, "2024-01-31", "2024-02-02", 1), restay("a", 4, 3, "2024-01-20", "2024-01-21", 1)})
	b := deliver(t, dir, "b", "booking", []schemas.Booking{restay("b", 3, 1, "2024-01-10", "2024-01-13", 3), later})
	a.At, b.At = 1, 2
	a.Restated = []string{"2024-01"} // as if b had all of January
	s := fillStore(t, filepath.Join(dir, "s.duckdb"), []landed{a, b}, testRules)
	defer s.close()
	got, err := s.replacements(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []Replacement{
		{Source: "s", File: "exports/a.csv", By: "", Rows: 1, Bookings: 1, Differing: map[string]int64{}},                                         // booking 3
		{Source: "s", File: "exports/a.csv", By: "exports/b.csv", Rows: 2, Bookings: 2, Differing: map[string]int64{"check_out": 1, "adults": 1}}, // bookings 1 and 2
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("replacements (-want +got):\n%s", diff)
	}
	if n, err := s.count(t.Context(), "SELECT sum(guests) FROM stay"); err != nil || n != 4 { // 3 of booking 1 and 1 of booking 2
		t.Errorf("%d guests, %v, want 4", n, err)
	}
}

// Of bookings that are told again just as the delivery tells that counts, the older deliveries are not read again:
// what was said of them stays. A booking whose row that counts tells no person has that of an older one, which is read.
func TestToldAsBefore(t *testing.T) {
	dir := t.TempDir()
	dump := func(name string, adults int32, who4 int64) landed {
		rows := []schemas.Booking{restay(name, 2, 1, "2024-01-10", "2024-01-12", 2), restay(name, 3, 2, "2024-01-31", "2024-02-02", 1),
			restay(name, 4, 3, "2024-01-20", "2024-01-21", adults), restay(name, 5, 4, "2024-01-22", "2024-01-23", 1)}
		if rows[3].Tokens = (schemas.Tokens{}); who4 > 0 {
			rows[3].Tokens = guest(who4)
		}
		return deliver(t, dir, name, "booking", rows)
	}
	all := []landed{dump("a", 1, 7), dump("b", 2, 0), dump("c", 2, 0)}
	path := filepath.Join(dir, "s.duckdb")
	for n, want := range []int64{0, 2, 3} { // of b bookings 1 and 2 are told as before; of c 3 too, but not 4
		all[n].At = schemas.Timestamp(n + 1)
		s := fillStore(t, path, all[:n+1], testRules)
		if n > 0 {
			if got, err := s.count(t.Context(), "SELECT count(*) FROM told_as_before"); err != nil || got != want {
				t.Errorf("delivery %d: %d bookings are told as before, %v, want %d", n+1, got, err, want)
			}
		}
		if n == 2 {
			got, err := s.replacements(t.Context())
			if diff := cmp.Diff([]Replacement{
				{Source: "s", File: "exports/a.csv", By: "exports/c.csv", Rows: 4, Bookings: 4, Differing: map[string]int64{"adults": 1, "person": 1}},
				{Source: "s", File: "exports/b.csv", By: "exports/c.csv", Rows: 4, Bookings: 4, Differing: map[string]int64{}},
			}, got); diff != "" || err != nil {
				t.Errorf("replacements, %v (-want +got):\n%s", err, diff)
			}
			if known, err := s.count(t.Context(), "SELECT count(*) FROM stay WHERE delivery = 'c' AND identity IS NOT NULL"); err != nil || known != 4 {
				t.Errorf("%d stays of somebody, %v, want 4", known, err)
			}
		}
		s.close()
	}
	all[2].At = 0 // as if c had come first after all
	s := fillStore(t, path, all, testRules)
	defer s.close()
	if n, err := s.count(t.Context(), "SELECT sum(guests) FROM stay WHERE delivery = 'b'"); err != nil || n != 2+1+2+1 {
		t.Errorf("when c came first, b counts for %d guests, %v, want 6", n, err)
	}
}

// The later of two deliveries is the one of the later time; names decide only
// between those seen together. Months stand anew in the latest that has them.
func TestRestate(t *testing.T) {
	delivery := func(file string, at int64, months ...string) Delivery {
		d := Delivery{Report: ingest.Report{Source: "s", File: file, Months: map[string]int64{}}, At: schemas.Timestamp(at)}
		for _, month := range months {
			d.Months[month] = 10
		}
		return d
	}
	r := &Run{Project: &Project{Config: &Config{Sources: []Source{{Name: "s", Complete: "month"}}}}}
	r.Deliveries = []Delivery{delivery("a", 1, "2026-01", "2026-02"), delivery("b", 1, "2026-02"), delivery("0", 2, "2026-02", "2026-03")}
	r.restate()
	var got []string
	for _, d := range r.Deliveries {
		got = append(got, fmt.Sprint(d.Restated))
	}
	if want := []string{"map[2026-02:0]", "map[2026-02:0]", "map[]"}; !slices.Equal(got, want) {
		t.Errorf("restated %v, want %v", got, want)
	}
	r.Config.Sources[0].Complete = ""
	if r.restate(); len(r.Deliveries[0].Restated) != 0 {
		t.Errorf("%v is restated in a source whose exports need not be complete", r.Deliveries[0].Restated)
	}
}

// Columns that a file lacks are a loss against what stood under its path, or, of
// a new path, if no file of the source has lacked them.
func TestDroppedColumns(t *testing.T) {
	r := &Run{firstSeen: map[content]time.Time{{"s", "known"}: {}}, known: map[delivered]deliveryEvent{
		{"s", "a"}: {Source: "s", Path: "a", Mapping: "m", Missing: []string{"住所"}},
		{"s", "b"}: {Source: "s", Path: "b", Mapping: "m", Missing: []string{}},
		{"s", "c"}: {Source: "s", Path: "c", Mapping: "m"},                                            // of a version that did not keep columns
		{"s", "l"}: {Source: "s", Path: "l", Mapping: "m", Missing: []string{"電話番号"}, DeliveredAt: 9}, // later than all below
		{"t", "d"}: {Source: "t", Path: "d", Mapping: "m", Missing: []string{"電話番号"}},
	}}
	for _, test := range []struct {
		path, digest, mapping string
		missing, want         []string
	}{
		{"a", "new", "m", []string{"住所"}, nil},
		{"b", "new", "m", []string{"住所"}, []string{"住所"}},
		{"c", "new", "m", []string{"住所"}, nil},
		{"n", "new", "m", []string{"住所", "電話番号"}, []string{"電話番号"}},
		{"n", "known", "m", []string{"電話番号"}, nil},
		{"n", "new", "other", []string{"電話番号"}, nil},
	} {
		d := Delivery{Report: ingest.Report{Source: "s", File: test.path, FileDigest: test.digest, Mapping: test.mapping, Missing: test.missing}, At: 5}
		got, _ := r.dropped(d)
		if !slices.Equal(got, test.want) {
			t.Errorf("dropped(%s, %s, %s, %v) = %v, want %v", test.path, test.digest, test.mapping, test.missing, got, test.want)
		}
	}
}

// A house that changes from one row a booking to one row a night is stopped once. The message names the file that had
// the column, tells the layout by the column that came, and what to do; later files of either layout pass.
func TestChangedLayout(t *testing.T) {
	r := &Run{Project: &Project{Config: &Config{Sources: []Source{{Name: "s"}}}}, known: map[delivered]deliveryEvent{}}
	m, _ := ingest.Builtin("neppan")
	r.mappings = []*ingest.Mapping{m}
	file := func(day, missing string) ingest.Report {
		return ingest.Report{Source: "s", File: "ReservationTotalList-" + day + "061230.csv", FileDigest: day, Mapping: "neppan", Missing: []string{missing, "施設名"}}
	}
	keep := func(f ingest.Report) {
		d := Delivery{Report: f}
		r.settle(&d)
		r.known[delivered{"s", f.File}] = deliveryEvent{Source: "s", Path: f.File, Digest: f.FileDigest, Mapping: f.Mapping, Missing: f.Missing, DeliveredAt: d.At}
	}
	keep(file("20250101", "泊目"))
	keep(file("20250201", "泊目"))
	nights := file("20250301", "予約キャンセル日")
	losses := r.losses(r.Config.Sources[0], nights.File, nights)
	if len(losses) != 1 {
		t.Fatalf("losses %v, want one", losses)
	}
	for lang, want := range map[string][]string{
		"ja": {"ReservationTotalList-20250301061230.csv: これまであった列がありません: 予約キャンセル日（最後にあったのは 2025-02-01 納品の ReservationTotalList-20250201061230.csv）。", "そこになかった列があります: 泊目。", "kankei run --accept ReservationTotalList-20250301061230.csv と一度だけ"},
		"en": {"ReservationTotalList-20250301061230.csv: lacks columns that were there before: 予約キャンセル日 (last in ReservationTotalList-20250201061230.csv, delivered on 2025-02-01). It has columns that one lacked: 泊目.", "accept it once: kankei run --accept ReservationTotalList-20250301061230.csv"},
	} {
		for _, part := range want {
			if got := losses[0].Message(lang); !strings.Contains(got, part) {
				t.Errorf("%s: %q does not say %q", lang, got, part)
			}
		}
	}
	keep(nights)
	for _, later := range []ingest.Report{file("20250401", "予約キャンセル日"), file("20250501", "泊目")} {
		if losses := r.losses(r.Config.Sources[0], later.File, later); len(losses) > 0 {
			t.Errorf("after it was accepted: %v", losses)
		}
	}
}

// A day looked back to ends at midnight in Japan. What was there then and is gone
// now stops the run; what came later, or states a later time, is left out.
func TestLookingBack(t *testing.T) {
	p := frameProject(t)
	at := func(s string) time.Time {
		i, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return i
	}
	for _, e := range []deliveryEvent{
		{At: at("2026-03-31T14:59:59Z"), Event: eventSeen, Source: "frame", Path: "exports/old.csv", Digest: "old"}, // 23:59:59 in Japan
		{At: at("2026-03-31T15:00:00Z"), Event: eventSeen, Source: "frame", Path: "exports/old.csv", Digest: "new"},
		{At: at("2026-04-02T00:00:00Z"), Event: eventWithdrawn, Source: "frame", Path: "exports/old.csv", Digest: "new"},
	} {
		if err := p.AppendJSON(p.deliveriesPath(), e); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct{ on, gone string }{{"2026-03-30", ""}, {"2026-03-31", "old"}, {"2026-04-01", "new"}, {"2026-04-02", ""}} {
		on := onDay(t, test.on)
		r, err := NewRun(p, Options{KnownOn: &on, Now: time.Now, Log: NewReporter(io.Discard, "en", false), Getenv: func(string) string { return "0123456789abcdef0123456789abcdef" }})
		if err != nil {
			t.Fatal(err)
		}
		in, err := r.takeIn()
		if err != nil {
			t.Fatal(err)
		}
		if got := in.refused.Error(); (test.gone == "") != (got == "") || !strings.Contains(got, test.gone) {
			t.Errorf("looking back to %s: %q, want the content %q to be missed", test.on, got, test.gone)
		}
		stated := Delivery{Report: ingest.Report{Source: "frame", FileDigest: "x"}, Stated: true, At: schemas.Timestamp(int64(on)) * 86400e6}
		if !r.knownThen(stated) {
			t.Errorf("what states that it was delivered on %s is not known by its end", test.on)
		}
		if stated.At += 86400e6; r.knownThen(stated) {
			t.Errorf("what states that it was delivered the day after %s is known", test.on)
		}
		if root := r.Rel(r.Path("releases")); root != "known-on/"+test.on+"/releases" {
			t.Errorf("releases lie in %s", root)
		}
	}
}
