package reference

import (
	"cmp"
	"slices"

	"github.com/kankei/kankei/schemas"
)

// At is the code that, by the boundaries of the day vintage, stands for the area
// that code stood for on the day on: the one successor or predecessor; of
// several, where nothing says which part is meant, the smallest region that has
// all of them in it: the city of two wards, the prefecture of two towns. It is
// what [Table.Municipality] and [Table.PrefectureOf] give, one level up, where
// the area cannot be told at its own, and "" for a code never heard of.
//
// A code that was not in force on the day stands for what it did on the nearest
// day on which it was: exports name a town by its former code, and a former
// guest by the present one. At is idempotent: At(At(c, on, v), v, v) = At(c, on, v).
func (t *Table) At(code string, on, vintage schemas.Date) string {
	if !t.mentioned(code) {
		return ""
	}
	on = t.inForce(code, on)
	if found := t.common(t.standing(code, on, vintage)); found != "" {
		return found
	}
	if level := t.first[code]; t.Known(code) && t.regions[level].RegionLevel == schemas.LevelWard {
		if city := t.common(t.standing(t.regions[level].ParentCode, on, vintage)); city != "" {
			return city
		}
	}
	return cmp.Or(t.PrefectureOf(code), prefectureCode(code))
}

// standing are the codes in force on the day vintage for the area of code on a
// day on which that was in force; none where the table has no name for one of them.
func (t *Table) standing(code string, on, vintage schemas.Date) []string {
	codes := t.predecessors(code, on, vintage)
	if vintage >= on {
		codes = t.Successors(code, on, vintage)
	}
	for _, c := range codes {
		if _, ok := t.Region(c, vintage); !ok {
			return nil
		}
	}
	return codes
}

// inForce is the day nearest to on on which code was in force. Of a code
// without a name only the changes tell: it ended the day before it turned into
// another, and began on the day another turned into it.
func (t *Table) inForce(code string, on schemas.Date) schemas.Date {
	nearest, found := on, false
	consider := func(from schemas.Date, to *schemas.Date) {
		day := max(on, from)
		if to != nil {
			day = min(day, *to)
		}
		if !found || distance(day, on) < distance(nearest, on) {
			nearest, found = day, true
		}
	}
	for _, r := range t.periods(code) {
		consider(r.ValidFrom, r.ValidTo)
	}
	if found {
		return nearest
	}
	for _, c := range t.changes {
		switch last := c.ChangedOn - 1; {
		case c.FromCode == code && c.ToCode != code:
			consider(Beginning, &last)
		case c.ToCode == code && c.FromCode != code:
			consider(c.ChangedOn, nil)
		}
	}
	return nearest
}

func distance(a, b schemas.Date) int64 {
	d := int64(a) - int64(b)
	return max(d, -d)
}

// periods are the table's rows of a code, by first day.
func (t *Table) periods(code string) []schemas.Region {
	i, ok := t.first[code]
	if !ok {
		return nil
	}
	n := int(i)
	for n < len(t.regions) && t.regions[n].RegionCode == code {
		n++
	}
	return t.regions[i:n]
}

// Span is a run of days on which a code stands for one region of a vintage.
type Span struct {
	First, Last schemas.Date
	Region      string
}

// Spans are the days from the first to the last of all days, cut where what
// [Table.At] gives for code at a vintage changes.
func (t *Table) Spans(code string, vintage schemas.Date) []Span {
	days := []schemas.Date{firstOfAll}
	for _, r := range t.periods(code) {
		days = append(days, r.ValidFrom)
		if r.ValidTo != nil {
			days = append(days, *r.ValidTo+1)
		}
	}
	for _, c := range t.changes {
		if c.FromCode == code || c.ToCode == code {
			days = append(days, c.ChangedOn)
		}
	}
	slices.Sort(days)
	var spans []Span
	for _, day := range slices.Compact(days) {
		region := t.At(code, day, vintage)
		if n := len(spans); n > 0 && spans[n-1].Region == region {
			continue
		} else if n > 0 {
			spans[n-1].Last = day - 1
		}
		spans = append(spans, Span{First: day, Last: Forever, Region: region})
	}
	return spans
}

// Forever stands for the last of all days, firstOfAll for the first.
const (
	Forever    schemas.Date = 1 << 20  // 4840-12-08
	firstOfAll schemas.Date = -719_162 // 0001-01-01
)
