package ingest

import (
	"regexp"
	"strings"
	"unsafe"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/schemas/reference"
	"github.com/kankei/kankei/transforms/clean"
)

// step fills a draft from one field of one record. It gives the reason for
// which the record is refused, or "".
type step func(w *worker, d *draft, row int) (reason string)

// textReader gives the text of a field in a row, "" where it has none. The text
// may live no longer than the row.
type textReader func(w *worker, row int) string

// binding is a field bound to the columns of one file.
type binding struct {
	field     *Field
	index     int      // among the fields of the plan: where a worker keeps its cache
	columns   []int    // of the batch
	flags     []string // the code of each column, where they are flags
	text      textReader
	lookup    *lookup
	order     clean.DateOrder   // of the first column
	orders    []clean.DateOrder // of each column
	form      reference.CodeForm
	serial    func(string) (schemas.Date, bool) // reads numbers in date columns as days of a spreadsheet; nil: they are none
	low, high int32
}

// coded is what a text means to a field.
type coded struct {
	code    string
	known   bool
	contact bool // no code, but what looks like an address or telephone number
}

// resolve looks a text up in the field's table through the worker's cache. The
// code is a text of the mapping, or a copy: it outlives the batch.
func (b *binding) resolve(w *worker, s string) coded {
	cache := &w.codes[b.index]
	if c, ok := cache.get(s); ok {
		return c
	}
	c := coded{known: true}
	if b.lookup != nil {
		c.code, c.known = b.lookup.find(s)
	} else {
		c.code, c.contact = strings.Clone(s), reachable(s)
	}
	cache.put(s, c)
	return c
}

// unread counts a value that could not be read and that the row can do without.
func (b *binding) unread(w *worker) string {
	w.unread[b.index]++
	return ""
}

// translated is the text of the field after its value table: for targets that
// read on, such as dates behind the name of a census.
func (b *binding) translated(w *worker, row int) string {
	s := b.text(w, row)
	if s == "" || b.lookup == nil {
		return s
	}
	if c := b.resolve(w, s); c.known {
		return c.code
	}
	return s
}

// raw keeps the text itself, for the life of the batch.
func (b binding) raw(at func(*draft) *string) step {
	return func(w *worker, d *draft, row int) string {
		*at(d) = b.translated(w, row)
		return ""
	}
}

// region keeps a region code in its 5-digit form, or ""; a code the table does
// not have leaves the other parts of the place to speak.
func (b binding) region(at func(*draft) *string) step {
	return func(w *worker, d *draft, row int) string {
		if s := b.translated(w, row); s != "" {
			*at(d) = regionCode(w.job.Regions, s, b.form)
		}
		return ""
	}
}

// label keeps a copy of the text, or its code. A text that could be somebody's
// address or telephone number is no name of a platform or house.
func (b binding) label(at func(*draft) *string) step {
	return func(w *worker, d *draft, row int) string {
		s := b.text(w, row)
		if s == "" {
			return ""
		}
		c := b.resolve(w, s)
		switch {
		case !c.known && b.lookup.rejects:
			return schemas.UnknownCode
		case c.contact:
			return b.unread(w)
		}
		*at(d) = c.code
		return ""
	}
}

// class keeps the class of a figure. A text that the mapping's table does not
// have refuses the row: without its class the figure would pass for the total.
func (b binding) class(at func(*draft) *string) step {
	if b.lookup != nil {
		b.lookup.rejects = b.lookup.rejects || b.lookup.fallback == ""
	}
	return b.label(at)
}

// code keeps one of the codes of the target. A text without a code is refused
// where the mapping says so, or the target does and the mapping has no default:
// a cancellation in unknown words must not pass for a booking. Otherwise it is
// not known.
func (b binding) code(codes []string, strict bool, at func(*draft) *string) step {
	if b.lookup == nil {
		b.lookup = newLookup(&Field{Values: identity(codes)})
	}
	b.lookup.rejects = b.lookup.rejects || strict && b.lookup.fallback == ""
	return b.label(at)
}

// flag keeps yes or no.
func (b binding) flag(at func(*draft) *opt[bool]) step {
	if b.lookup == nil {
		b.lookup = newLookup(&Field{Values: yesAndNo})
	}
	return func(w *worker, d *draft, row int) string {
		s := b.text(w, row)
		if s == "" {
			return ""
		}
		switch c := b.resolve(w, s); {
		case c.known:
			*at(d) = some(c.code == "true")
		case b.lookup.rejects:
			return schemas.UnknownCode
		case b.lookup.matches == nil:
			return b.unread(w)
		}
		return ""
	}
}

// count keeps a whole number, of one column or the sum of several.
func (b binding) count(at func(*draft) *opt[int32]) step {
	return func(w *worker, d *draft, row int) string {
		if b.field.Sum == nil {
			s := b.translated(w, row)
			if s == "" {
				return ""
			}
			return b.keepCount(w, at(d), s)
		}
		for _, column := range b.columns {
			if s := w.cell(column, row); s != "" {
				if reason := b.keepCount(w, at(d), s); reason != "" {
					return reason
				}
			}
		}
		return ""
	}
}

// keepCount adds a count to what the target has so far.
func (b *binding) keepCount(w *worker, to *opt[int32], s string) string {
	n, ok := readCount(s)
	switch {
	case !ok || n > 1<<24 || b.high > 0 && (n < int64(b.low) || n > int64(b.high)):
		return b.unread(w)
	case n < 0:
		return schemas.Negative
	}
	to.v, to.ok = to.v+int32(n), true
	return ""
}

// readCount reads a whole number, also one that a spreadsheet wrote with decimals.
func readCount(s string) (int64, bool) {
	if len(s) == 1 && s[0] >= '0' && s[0] <= '9' {
		return int64(s[0] - '0'), true
	}
	if n, ok := clean.Int(s); ok {
		return n, true
	}
	x, ok := clean.Decimal(s)
	if !ok || x != float64(int64(x)) {
		return 0, false
	}
	return int64(x), true
}

// year keeps a calendar year, given as a number or with an era.
func (b binding) year(at func(*draft) *opt[int32]) step {
	return func(w *worker, d *draft, row int) string {
		s := b.translated(w, row)
		if s == "" {
			return ""
		}
		y, ok := readCount(s)
		if !ok {
			var on schemas.Date
			if on, ok = b.readDate(s, b.order); !ok {
				on, _, ok = readPeriod(s) // 昭和60年
			}
			if ok {
				civil, _, _ := on.Civil()
				y = int64(civil)
			}
		}
		if !ok || y < 1880 || y > 2200 {
			return b.unread(w)
		}
		*at(d) = some(int32(y))
		return ""
	}
}

// bindPurposes adds to the set of purposes: the choices of one cell, or one
// column per choice.
func bindPurposes(b binding) step {
	if b.field.Flags != nil {
		return b.flaggedPurposes()
	}
	var split *regexp.Regexp
	if b.field.Split != "" {
		split = regexp.MustCompile(b.field.Split)
	}
	if b.lookup == nil {
		b.lookup = newLookup(&Field{Values: identity(b.codes())})
	}
	return func(w *worker, d *draft, row int) string {
		s := b.text(w, row)
		if s == "" {
			return ""
		}
		cache := &w.sets[b.index]
		set, ok := cache.get(s)
		if !ok {
			set = b.purposesOf(s, split)
			cache.put(s, set)
		}
		if set.refused {
			return schemas.UnknownCode
		}
		d.purposes |= set.purposes
		return ""
	}
}

func (b *binding) codes() []string { return targets[b.field.Target].codes }

// purposeSet is what one cell says of purposes.
type purposeSet struct {
	purposes schemas.Purpose
	refused  bool
}

// purposesOf reads the choices of one cell.
func (b *binding) purposesOf(cell string, split *regexp.Regexp) purposeSet {
	choices := []string{cell}
	if split != nil {
		choices = split.Split(cell, -1)
	}
	var set purposeSet
	for _, choice := range choices {
		choice = strings.TrimSpace(choice)
		if choice == "" {
			continue
		}
		code, ok := b.lookup.find(choice)
		set.purposes |= schemas.PurposeCodes[code]
		set.refused = set.refused || !ok && b.lookup.rejects
	}
	return set
}

// flaggedPurposes reads one column per choice. Any text but no counts as chosen:
// where a choice is "other", exports put the answer itself into the cell.
func (b binding) flaggedPurposes() step {
	bits := make([]schemas.Purpose, len(b.columns))
	for i, code := range b.flags {
		bits[i] = schemas.PurposeCodes[code]
	}
	return func(w *worker, d *draft, row int) string {
		for i, column := range b.columns {
			if s := w.cell(column, row); s != "" && yesAndNo[strings.ToLower(s)] != "false" {
				d.purposes |= bits[i]
			}
		}
		return ""
	}
}

// bindValue keeps a figure of official statistics.
func bindValue(b binding) step {
	return func(w *worker, d *draft, row int) string {
		s := b.translated(w, row)
		if s == "" {
			return ""
		}
		x, ok := clean.Decimal(s)
		if !ok {
			return schemas.BadNumber
		}
		d.value = some(x)
		return ""
	}
}

// bindWeight keeps a number that cannot be below 0, such as a design weight.
func bindWeight(at func(*draft) *opt[float64]) func(binding) step {
	return func(b binding) step { return b.weight(at) }
}

func (b binding) weight(at func(*draft) *opt[float64]) step {
	return func(w *worker, d *draft, row int) string {
		s := b.translated(w, row)
		if s == "" {
			return ""
		}
		x, ok := clean.Decimal(s)
		switch {
		case !ok:
			return schemas.BadNumber
		case x < 0:
			return schemas.Negative
		}
		*at(d) = some(x)
		return ""
	}
}

// atoi is the value of a text of decimal digits.
func atoi(s string) int {
	n := 0
	for i := range len(s) {
		n = n*10 + int(s[i]-'0')
	}
	return n
}

func identity(codes []string) map[string]string {
	m := make(map[string]string, len(codes))
	for _, c := range codes {
		m[c] = c
	}
	return m
}

// joined reads several columns as one text. Whole ones have no empty part.
func joined(columns []int, separator string, whole bool) textReader {
	return func(w *worker, row int) string {
		start := len(w.scratch)
		for _, column := range columns {
			s := w.cell(column, row)
			if s == "" && whole {
				return ""
			}
			if s == "" {
				continue
			}
			if len(w.scratch) > start {
				w.scratch = append(w.scratch, separator...)
			}
			w.scratch = append(w.scratch, s...)
		}
		if len(w.scratch) == start {
			return ""
		}
		return unsafe.String(&w.scratch[start], len(w.scratch)-start)
	}
}

// firstOf reads the first of several columns that has a value.
func firstOf(columns []int) textReader {
	return func(w *worker, row int) string {
		for _, column := range columns {
			if s := w.cell(column, row); s != "" {
				return s
			}
		}
		return ""
	}
}

// conditional reads a text in the records for which a condition holds.
func conditional(c *boundCondition, text textReader) textReader {
	return func(w *worker, row int) string {
		if !w.holds(c, row) {
			return ""
		}
		return text(w, row)
	}
}

// constant reads the same text in every row.
func constant(s string) textReader {
	return func(*worker, int) string { return s }
}

// single reads one column.
func single(column int) textReader {
	return func(w *worker, row int) string { return w.cell(column, row) }
}
