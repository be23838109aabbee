package ingest

import (
	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/clean"
)

// date keeps a calendar day.
func (b binding) date(mandatory bool, at func(*draft) *opt[schemas.Date]) step {
	return func(w *worker, d *draft, row int) string {
		s := b.translated(w, row)
		if s == "" {
			return ""
		}
		on, ok := b.readDate(s, b.order)
		switch {
		case ok:
			*at(d) = some(on)
			return ""
		case mandatory && b.order == clean.Unknown && dateInSomeOrder(s):
			return schemas.AmbiguousDate
		case mandatory:
			return schemas.BadDate
		}
		return b.unread(w)
	}
}

// dateInSomeOrder says whether a text is a date once it is known which of its
// parts is the day.
func dateInSomeOrder(s string) bool {
	_, ok := clean.Date(s, clean.DayFirst)
	return ok
}

// bindCancelled keeps whether a booking was cancelled: exports say so by yes and
// no, by the word, or by the day it was. Other words are refused, because a
// cancellation must not pass for a booking.
func bindCancelled(b binding) step {
	if b.lookup == nil {
		b.lookup = newLookup(&Field{Values: yesAndNo})
		for _, word := range []string{"キャンセル", "キャンセル済", "キャンセル済み", "cancelled", "canceled"} {
			b.lookup.folded[word] = "true"
		}
	}
	return func(w *worker, d *draft, row int) string {
		s := b.text(w, row)
		if s == "" {
			return ""
		}
		if c := b.resolve(w, s); c.known {
			d.cancelled = c.code == "true"
			return ""
		}
		if _, ok := b.readDate(s, b.order); !ok {
			return schemas.UnknownCode
		}
		d.cancelled = true
		return ""
	}
}

// readDate reads a day: a date, the day of an instant, or the day number of a
// spreadsheet where the file or the mapping makes that plausible.
func (b *binding) readDate(s string, order clean.DateOrder) (schemas.Date, bool) {
	if on, ok := clean.Date(s, order); ok {
		return on, true
	}
	if at, ok := clean.Timestamp(s, order); ok {
		return dayOf(at), true
	}
	if b.serial != nil {
		return b.serial(s)
	}
	return 0, false
}

// dayOf is the calendar day of an instant.
func dayOf(at schemas.Timestamp) schemas.Date {
	const day = 24 * 60 * 60 * 1_000_000
	days := at / day
	if at%day < 0 {
		days--
	}
	return schemas.Date(days)
}

// bindInstant keeps the latest of the instants the field's columns give.
func bindInstant(b binding) step {
	return func(w *worker, d *draft, row int) string {
		if b.field.Latest == nil {
			if s := b.translated(w, row); s != "" {
				b.keepLatest(w, d, s, b.order)
			}
			return ""
		}
		for i, column := range b.columns {
			if s := w.cell(column, row); s != "" {
				b.keepLatest(w, d, s, b.orders[i])
			}
		}
		return ""
	}
}

func (b *binding) keepLatest(w *worker, d *draft, s string, order clean.DateOrder) {
	at, ok := clean.Timestamp(s, order)
	if !ok {
		on, isDate := b.readDate(s, order)
		if !isDate {
			b.unread(w)
			return
		}
		at = schemas.Timestamp(on) * 24 * 60 * 60 * 1_000_000
	}
	if !d.eventAt.ok || at > d.eventAt.v {
		d.eventAt = some(at)
	}
}

// bindSince keeps the last day of a month, year or day since which something has been
// so: from then on it is certain. A text that is none of these is not known.
func bindSince(b binding) step {
	return func(w *worker, d *draft, row int) string {
		s := b.translated(w, row)
		if s == "" {
			return ""
		}
		if _, last, ok := readPeriod(s); ok {
			d.relatedSince = some(last)
			return ""
		}
		if on, ok := b.readDate(s, b.order); ok {
			d.relatedSince = some(on)
			return ""
		}
		return b.unread(w)
	}
}

// bindPeriod keeps the first and last day of a year, a fiscal year, a month or a day.
func bindPeriod(b binding) step {
	return func(w *worker, d *draft, row int) string {
		s := b.translated(w, row)
		if s == "" {
			return ""
		}
		first, last, ok := readPeriod(s)
		if !ok {
			on, isDate := b.readDate(s, b.order)
			if !isDate {
				return schemas.BadDate
			}
			first, last = on, on
		}
		d.on, d.until = some(first), some(last)
		return ""
	}
}
