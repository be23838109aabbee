package ingest

import (
	"github.com/kankei/kankei/schemas"
)

// rowSet holds the rows a batch gives, by dataset.
type rowSet struct {
	bookings   []schemas.Booking
	visits     []schemas.Visit
	responses  []schemas.SurveyResponse
	ties       []schemas.SurveyTie
	acts       []schemas.Act
	moves      []schemas.Move
	facilities []schemas.Facility
	totals     []schemas.Total

	// Optional columns point into slabs, which are reused from batch to batch.
	dates    slab[schemas.Date]
	instants slab[schemas.Timestamp]
	counts   slab[int32]
	flags    slab[bool]
	weights  slab[float64]
}

// datasets are the landed datasets in the order in which reports list them.
var datasets = []string{"booking", "visit", "survey_response", "survey_tie", "act", "move", "facility", "total"}

// reset forgets the rows and keeps the memory.
func (r *rowSet) reset() {
	r.bookings, r.visits, r.responses, r.ties = r.bookings[:0], r.visits[:0], r.responses[:0], r.ties[:0]
	r.acts, r.moves, r.facilities, r.totals = r.acts[:0], r.moves[:0], r.facilities[:0], r.totals[:0]
	r.dates.reset()
	r.instants.reset()
	r.counts.reset()
	r.flags.reset()
}

// slab allots values in blocks, so that a pointer costs no allocation of its own.
type slab[T any] struct {
	blocks [][]T
	block  int // the one being filled
}

const slabBlock = 1 << 12

// put stores an optional value and gives its pointer, nil for none.
func (s *slab[T]) put(o opt[T]) *T {
	if !o.ok {
		return nil
	}
	if s.block == len(s.blocks) {
		s.blocks = append(s.blocks, make([]T, 0, slabBlock))
	}
	b := append(s.blocks[s.block], o.v)
	s.blocks[s.block] = b
	if len(b) == slabBlock {
		s.block++
	}
	return &b[len(b)-1]
}

func (s *slab[T]) reset() {
	for i := range s.blocks {
		s.blocks[i] = s.blocks[i][:0]
	}
	s.block = 0
}

// tally counts what a batch gave.
type tally struct {
	in, landed, rejected         int64
	identityless, residenceless  int64
	replaced                     int64
	first, last, through         opt[schemas.Date]
	months                       map[int32]int64 // rows by year × 12 + month − 1
	reasons, incomplete, rowsFor map[string]int64
	cut                          *Cut
}

// dated counts a row in its month, and widens the spans by its dates.
func (t *tally) dated(on schemas.Date, known ...opt[schemas.Date]) {
	y, m, _ := on.Civil()
	t.months[int32(y*12+m-1)]++
	t.spans(on, known...)
}

// spans widens the span of dates, and how far the file knows.
func (t *tally) spans(on schemas.Date, known ...opt[schemas.Date]) {
	if !t.first.ok || on < t.first.v {
		t.first = some(on)
	}
	if !t.last.ok || on > t.last.v {
		t.last = some(on)
	}
	for _, k := range known {
		if k.ok && (!t.through.ok || k.v > t.through.v) {
			t.through = k
		}
	}
}

// add adds the counts of a later batch.
func (t *tally) add(u tally) {
	t.in += u.in
	t.landed += u.landed
	t.rejected += u.rejected
	t.identityless += u.identityless
	t.residenceless += u.residenceless
	t.replaced += u.replaced
	if u.first.ok {
		t.spans(u.first.v, u.through)
		t.spans(u.last.v)
	}
	if t.months == nil {
		t.months = map[int32]int64{}
	}
	for month, n := range u.months {
		t.months[month] += n
	}
	if u.cut != nil {
		t.cut = u.cut
	}
	t.reasons = addCounts(t.reasons, u.reasons)
	t.incomplete = addCounts(t.incomplete, u.incomplete)
	t.rowsFor = addCounts(t.rowsFor, u.rowsFor)
}

func addCounts(to, from map[string]int64) map[string]int64 {
	if to == nil {
		to = map[string]int64{}
	}
	for name, n := range from {
		to[name] += n
	}
	return to
}

// person counts what is missing of whoever a row is about.
func (t *tally) person(r schemas.Residence, tokens schemas.Tokens) {
	if r.ResidenceCode == schemas.Unknown {
		t.residenceless++
	}
	if tokens.Identity == 0 {
		t.identityless++
	}
}

// fault is why a record gives no row: a reason, and the target at fault.
type fault struct{ target, reason string }

// lander makes the row of a dataset from a draft, or says why there is none.
type lander func(w *worker, d *draft, at schemas.Provenance) fault

// landers are those of all datasets.
var landers = map[string]lander{
	"booking":         landBooking,
	"visit":           landVisit,
	"survey_response": landResponse,
	"survey_tie":      landTie,
	"act":             landAct,
	"move":            landMove,
	"facility":        landFacility,
	"total":           landTotal,
}
