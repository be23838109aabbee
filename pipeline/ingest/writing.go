package ingest

import (
	"iter"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/kankei/kankei/schemas/reference"
	"github.com/kankei/kankei/transforms/clean"
)

// writing is how columns are written where a single value does not tell: the
// order of day and month, and whether region codes have their check digit. The
// keys are indexes in the header.
type writing struct {
	orders map[int]clean.DateOrder
	forms  map[int]reference.CodeForm
}

// writing finds out how columns are written. The head of the file is enough
// where its dates name the year first; where they do not, all of it is read: a
// column that shows both orders has none. Codes are judged by the head.
func (j *Job) writing(file *File, dates, codes []int) (writing, error) {
	w := writing{map[int]clean.DateOrder{}, map[int]reference.CodeForm{}}
	columns := slices.Concat(dates, codes)
	if len(columns) == 0 {
		return w, nil
	}
	shown := make([]clean.Orders, len(dates))
	head := true
	for chunk, err := range file.Chunks(columns) {
		if err != nil {
			return w, err
		}
		batch, err := chunk.Parse()
		if err != nil {
			return w, err
		}
		if head {
			for i, column := range codes {
				w.forms[column] = j.Regions.DecideCodeForm(textsOf(batch.Record.Column(len(dates) + i)))
			}
		}
		head = false
		yearFirst := true
		for i := range dates {
			values := batch.Record.Column(i)
			shown[i].Add(textsOf(values))
			yearFirst = yearFirst && !shown[i].Shown() && !ambiguous(values)
		}
		batch.Record.Release()
		if yearFirst {
			break
		}
	}
	w.settle(dates, shown)
	return w, nil
}

// settle gives columns their order. Those that did not show one have that of
// the others: a system writes all its dates alike. Columns that disagree, or one
// that contradicts itself, tell nothing of the others.
func (w *writing) settle(dates []int, shown []clean.Orders) {
	var all clean.Orders
	for i, column := range dates {
		w.orders[column] = shown[i].Decide()
		all.Join(shown[i])
	}
	for i, column := range dates {
		if !shown[i].Shown() {
			w.orders[column] = all.Decide()
		}
	}
}

// textsOf gives the values of a column of a batch.
func textsOf(column arrow.Array) iter.Seq[string] {
	values := column.(*array.String)
	return func(yield func(string) bool) {
		for i := range values.Len() {
			if !yield(unguarded(values.Value(i))) {
				return
			}
		}
	}
}

// ambiguous says whether some date of a column can be read only by knowing the order of its parts.
func ambiguous(values arrow.Array) bool {
	for s := range textsOf(values) {
		if _, plain := clean.Date(s, clean.Unknown); plain || s == "" {
			continue
		}
		if _, ordered := clean.Date(s, clean.DayFirst); ordered {
			return true
		}
	}
	return false
}
