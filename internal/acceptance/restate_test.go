package acceptance

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// oneHouse is a project of one house whose exports say who comes and whence. Nothing is assumed of
// it, so that figures are those seen.
const oneHouse = `project: house
sources:
  - {name: bookings, kind: booking, mapping: booking-com, files: exports/*.csv, region: "30401"}
definitions: [repeat-visits]
reference_months: 1
outside: [prefecture]
disclosure: {persons: 10, facilities: 1, fewer_facilities: one made-up house}
`

// stay is a booking of one guest: number, first and last day.
type stay struct {
	number   int
	from, to time.Time
}

// staysOfAWinter are those of 40 guests, the last of whom books on the last of March: two nights
// in January, from the 20th on, of every other one, three in February, from the 15th on, and one in March
// of every third. Guest g has the numbers 10g to 10g+2.
func staysOfAWinter() []stay {
	var all []stay
	add := func(number int, month time.Month, day, nights int) {
		from := time.Date(2026, month, day, 0, 0, 0, 0, time.UTC)
		all = append(all, stay{1000000000 + number, from, from.AddDate(0, 0, nights)})
	}
	for g := range 40 {
		if g%2 == 0 {
			add(10*g, time.January, 20+g%12, 2)
		}
		add(10*g+1, time.February, 15+g%14, 3)
		if g%3 == 0 {
			add(10*g+2, time.March, 10, 1)
		}
	}
	return all
}

// export is what a house delivers of a month: every stay that touches it.
func export(month time.Month, adults string) string {
	first := time.Date(2026, month, 1, 0, 0, 0, 0, time.UTC)
	var b strings.Builder
	b.WriteString("Book number,Booked by,Check-in,Check-out,Booked on,Status,Rooms,Adults,Address,Phone number\n")
	for _, s := range staysOfAWinter() {
		if s.to.Before(first) || !s.from.Before(first.AddDate(0, 1, 0)) {
			continue
		}
		guest, booked := (s.number-1000000000)/10, "2025-12-01"
		if guest == 39 {
			booked = "2026-03-31"
		}
		fmt.Fprintf(&b, "%d,Guest %02d,%s,%s,%s,ok,1,%s,大阪府大阪市北区,+81 90 1234 56%02d\n",
			s.number, guest, s.from.Format(time.DateOnly), s.to.Format(time.DateOnly), booked, adults, guest)
	}
	return b.String()
}

var winter = []time.Month{time.January, time.February, time.March}

func deliverMonth(t *testing.T, p project, month time.Month, adults string) {
	t.Helper()
	p.write(t, fmt.Sprintf("exports/%s.csv", strings.ToLower(month.String())), export(month, adults))
}

// Three monthly exports overlap, since each has every stay that touches its month, and agree. They come
// one a night, in all six orders: whatever the order, the release is the same to the byte, and that of all in
// one night. Orders that begin alike share their first nights.
func TestAgreeingExportsInAllSixOrders(t *testing.T) {
	slow(t)
	together := newProject(t, oneHouse)
	for _, month := range winter {
		deliverMonth(t, together, month, "1")
	}
	together.must(t, "run")
	nights, doubled := 0, 0
	for _, s := range staysOfAWinter() {
		nights += int(s.to.Sub(s.from).Hours()) / 24
		if s.from.Month() != s.to.Month() {
			doubled++ // stays in two exports
		}
	}
	if doubled < 5 || nights != 20*2+40*3+14 {
		t.Fatalf("%d stays are in two exports, %d nights", doubled, nights)
	}
	if got := together.internal(t, "SELECT sum(guest_nights), count(DISTINCT month) FROM guest_nights WHERE region_code = '30401' AND origin_code = 'all'"); !slices.Equal(got[0], []string{fmt.Sprint(nights), "3"}) {
		t.Fatalf("guest-nights and months %v, want %d and 3", got, nights)
	}
	// Of two trips or more: 20 guests came in January and February, of the others 7 in February and March.
	if got := together.published(t, "SELECT DISTINCT value FROM relational_population WHERE region_code = '30401' AND measure = 'persons' AND value > 0"); len(got) != 1 || got[0][0] != "27" {
		t.Fatalf("persons who came again: %v, want 27", got)
	}

	orders := 0
	var deliver func(p project, order []time.Month)
	deliver = func(p project, order []time.Month) {
		if len(order) == len(winter) {
			orders++
			sameRelease(t, fmt.Sprint(order), p, together)
			if got := replacedRows(t, p); got != doubled {
				t.Errorf("%v: %d rows were replaced, want %d", order, got, doubled)
			}
			return
		}
		for _, month := range winter {
			if !slices.Contains(order, month) {
				next := copyOf(t, p)
				deliverMonth(t, next, month, "1")
				next.must(t, "run")
				deliver(next, append(slices.Clone(order), month))
			}
		}
	}
	deliver(newProject(t, oneHouse), nil)
	if orders != 6 {
		t.Errorf("%d orders, want 6", orders)
	}
}

// replacedRows is the number of rows of earlier deliveries that later ones replaced.
func replacedRows(t *testing.T, p project) (rows int) {
	t.Helper()
	var all []struct{ Rows int }
	if err := json.Unmarshal([]byte(readFile(t, p.path("work", "replacements.json"))), &all); err != nil {
		t.Fatal(err)
	}
	for _, r := range all {
		rows += r.Rows
	}
	return rows
}

// Where exports state no time, the time at which they were first seen, kept in state/, is when they were
// delivered. January came on 3 February, half a second before its end in Japan, and February, which
// contradicts it, today: what is looked back to between the two is the release of then, to the byte.
func TestLookingBackToWhatWasSeenFirst(t *testing.T) {
	slow(t)
	p := newProject(t, oneHouse)
	deliverMonth(t, p, time.January, "1")
	p.must(t, "run")
	const log = "state/deliveries.jsonl"
	seen := regexp.MustCompile(`"at":"[^"]+"`)
	if found := seen.FindAllString(readFile(t, p.path(log)), -1); len(found) != 1 {
		t.Fatalf("%s tells %v, want one time", log, found)
	}
	p.write(t, log, seen.ReplaceAllString(readFile(t, p.path(log)), `"at":"2026-02-03T14:59:59.5Z"`))
	then := copyOf(t, p)

	deliverMonth(t, p, time.February, "2")
	p.must(t, "run")
	if p.release(t) == then.release(t) {
		t.Fatal("February makes no difference")
	}
	for day, want := range map[string]project{"2026-02-03": then, "2026-02-04": then, time.Now().AddDate(0, 0, 1).Format(time.DateOnly): p} {
		p.must(t, "run", "--known-on", day)
		got := project{dir: p.path("known-on", day), env: p.env}
		sameRelease(t, "known on "+day, got, want)
	}
	if o := p.ends(t, 3, "run", "--known-on", "2026-02-02"); !strings.Contains(o.stderr, "nothing had been delivered by 2026-02-02") {
		t.Errorf("before anything was there: %s", o.stderr)
	}
}
