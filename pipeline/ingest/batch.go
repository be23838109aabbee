package ingest

import (
	"bytes"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow/array"
	"golang.org/x/text/unicode/norm"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/clean"
)

// landedChunk is what a chunk gave: its rows as encoded Parquet files, one per
// dataset with rows, and its counts.
type landedChunk struct {
	parts   map[string][]byte
	counts  tally
	digests []uint64
	unread  []int64
	bytes   int64
	// originals are the values of the refused records, a line of JSON each.
	originals []byte
}

func newWorker(j *Job, p *plan) *worker {
	return &worker{
		job: j, plan: p, tokens: j.Tokens.Worker(), scope: j.Mapping.scope(),
		codes: make([]memo[coded], p.fields), sets: make([]memo[purposeSet], p.fields),
	}
}

// chunk reads, lands and encodes one chunk.
func (w *worker) chunk(c Chunk) (landedChunk, error) {
	batch, err := c.Parse()
	if err != nil {
		return landedChunk{}, err
	}
	defer batch.Record.Release()
	digests := w.land(batch)
	parts, err := w.encode()
	if err != nil {
		return landedChunk{}, err
	}
	w.counts.rowsFor = w.rows.counted()
	return landedChunk{parts, w.counts, digests, w.unread, batch.Bytes, bytes.Clone(w.originals)}, nil
}

// land makes the rows of a batch. It gives the digests of the records that are
// records of data.
func (w *worker) land(batch Batch) (digests []uint64) {
	w.start(batch)
	faults := batch.Faults
	digests = make([]uint64, 0, len(batch.Digests))
	for row := range batch.Lines {
		if len(faults) > 0 && faults[0].Row == row {
			w.rejectFault(faults[0])
			faults = faults[1:]
			continue
		}
		digests = append(digests, batch.Digests[row])
		w.record(row)
	}
	return digests
}

// start makes the worker ready for a batch.
func (w *worker) start(batch Batch) {
	w.rows.reset()
	w.rejects, w.originals = w.rejects[:0], w.originals[:0]
	w.lines = batch.Lines
	w.counts = tally{in: int64(len(batch.Lines)), replaced: batch.Replaced, months: map[int32]int64{}, reasons: map[string]int64{}, incomplete: map[string]int64{}}
	w.unread = make([]int64, w.plan.fields)
	w.columns = w.columns[:0]
	for _, column := range batch.Record.Columns() {
		w.columns = append(w.columns, column.(*array.String))
	}
}

// record makes the rows of one record. The first row it should give decides
// whether it lands; what fails after that is counted as incomplete.
func (w *worker) record(row int) {
	w.scratch = w.scratch[:0]
	at := schemas.Provenance{Source: w.job.Source, Delivery: w.job.Delivery, Line: w.lines[row]}
	if w.plan.incomplete != nil && w.holds(w.plan.incomplete, row) {
		w.reject(row, -1, schemas.IncompleteAnswer)
		return
	}
	if w.counts.replaced > 0 {
		if field := w.undecodable(row); field >= 0 {
			w.reject(row, field, schemas.Undecodable)
			return
		}
	}
	primary := true
	for i := range w.plan.records {
		r := &w.plan.records[i]
		if !w.holds(r.when, row) {
			continue
		}
		field, reason := w.row(r, row, at)
		switch {
		case reason == "" && primary:
			w.counts.landed++
		case reason != "" && primary:
			if w.footer(row) {
				field, reason = -1, schemas.FooterRow
			}
			w.reject(row, field, reason)
			return
		case reason != "":
			w.counts.incomplete[reason]++
		}
		primary = false
	}
	if primary {
		w.reject(row, -1, schemas.UnknownCode)
	}
}

// undecodable finds the first field with a character that the file's encoding
// could not tell, -1 if there is none. A name with one is another name, and a
// person with it another person, so the record is refused where it is read.
func (w *worker) undecodable(row int) int {
	for field, columns := range w.plan.cells {
		for _, column := range columns {
			if strings.ContainsRune(w.columns[column].Value(row), replacement) {
				return field
			}
		}
	}
	return -1
}

// footerWords begin the line of totals that some systems put under a list.
var footerWords = map[string]bool{"合計": true, "総合計": true, "総計": true, "小計": true, "計": true, "total": true, "grand total": true}

// footer says whether a record that gives no row is a line of totals: a word for
// totals stands in it where it is not itself one of the values of the column.
func (w *worker) footer(row int) bool {
	for column := range w.columns {
		s := w.cell(column, row)
		if footerWords[strings.ToLower(s)] && !w.plan.translates(column, s) {
			return true
		}
	}
	return false
}

// row makes one row of a record. A fault comes with the field it is about, -1
// for none.
func (w *worker) row(r *boundRecord, row int, at schemas.Provenance) (field int, reason string) {
	d := &w.draft // steps are values, so a draft of its own would escape, row by row
	*d = draft{}
	for i, step := range r.steps {
		if reason := step(w, d, row); reason != "" {
			return r.first + i, reason
		}
	}
	f := r.land(w, d, at)
	if f.reason == "" {
		return -1, ""
	}
	return r.fieldOf(f.target), f.reason
}

// holds says whether a condition is met by a row. In a column that the file
// does not have nothing stands.
func (w *worker) holds(c *boundCondition, row int) bool {
	if c == nil {
		return true
	}
	if c.column < 0 {
		return slices.Contains(c.equals, "")
	}
	s := w.cell(c.column, row)
	if len(c.equals) == 0 {
		return s != ""
	}
	return slices.Contains(c.equals, s)
}

// fieldOf finds the field that fills a target, or another part of the same
// target (a region may be given by code, by name or by address); -1 if none does.
func (r *boundRecord) fieldOf(target string) int {
	part := -1
	stem, _, _ := strings.Cut(target, ".")
	for i, t := range r.targets {
		if t == target {
			return r.first + i
		}
		if s, _, dotted := strings.Cut(t, "."); dotted && s == stem {
			part = r.first + i
		}
	}
	if part < 0 {
		part = r.alternativeTo(target)
	}
	return part
}

// alternativeTo finds the field that fills what may stand for a target, such as
// the last night for the departure; -1 if none does.
func (r *boundRecord) alternativeTo(target string) int {
	for _, alternatives := range needed[r.dataset] {
		if !slices.Contains(alternatives, target) {
			continue
		}
		for i, t := range r.targets {
			if slices.Contains(alternatives, t) {
				return r.first + i
			}
		}
	}
	return -1
}

// rejectFault notes a record that is none. A line of totals may have fewer fields,
// and no line end.
func (w *worker) rejectFault(f Fault) {
	if (f.Reason == schemas.WrongFieldCount || f.Reason == schemas.CutOff) && w.footer(f.Row) {
		f.Reason, f.Column = schemas.FooterRow, ""
	}
	w.reject(f.Row, -1, f.Reason)
	w.rejects[len(w.rejects)-1].Column = f.Column
	if f.Reason == schemas.CutOff {
		w.counts.cut = &Cut{f.Line, f.Column}
	}
}

// reject notes a record that gives no row.
func (w *worker) reject(row, field int, reason string) {
	w.counts.rejected++
	w.counts.reasons[reason]++
	r := schemas.Reject{
		Source: w.job.Source, Delivery: w.job.Delivery, File: w.job.Rel, Line: w.lines[row], Reason: reason,
	}
	if field >= 0 {
		r.Column, r.Found = w.plan.headers[field], w.found(row, field)
	}
	w.rejects = append(w.rejects, r)
	if w.job.Originals != nil {
		w.keepOriginal(row, r)
	}
}

// found is the value at fault as far as it may be shown.
func (w *worker) found(row, field int) string {
	var cells []string
	for _, column := range w.plan.cells[field] {
		if s := w.cell(column, row); s != "" {
			cells = append(cells, s)
		}
	}
	s := strings.Join(cells, " ")
	if w.plan.personal[field] || !presentable(s, w.plan.kinds[field]) || !w.aligned(row) {
		return clean.Shape(s)
	}
	return strings.Clone(s)
}

// aligned says whether the values of a record stand in their own columns, as far
// as its columns of dates tell. A record shifted by a column has names in place
// of codes, and no rule tells the one from the other.
func (w *worker) aligned(row int) bool {
	for field, kind := range w.plan.kinds {
		if kind != dateValue && kind != instantValue {
			continue
		}
		for _, column := range w.plan.cells[field] {
			s := w.cell(column, row)
			// No date is shorter than a year; a part of one, in a column of its own, is.
			short := s != "" && len(s) < len("2025") && len(w.plan.cells[field]) == 1
			if short || reachable(s) || !dateOrNumber(s) {
				return false
			}
		}
	}
	return true
}

// presentable says whether the value of a column that is not personal may be
// shown. A row shifted by a column puts a name or a telephone number into it:
// long texts and what could be an address of some kind are not shown, and
// dates and numbers only if nothing else is in them.
func presentable(s string, kind valueKind) bool {
	if utf8.RuneCountInString(s) > 40 || reachable(s) {
		return false
	}
	switch kind {
	case dateValue, instantValue, countValue, numberValue:
		return dateOrNumber(s)
	}
	return true
}

// reachable says whether a text could be an e-mail address or has the digits of
// a telephone number, a real one or not.
func reachable(s string) bool {
	if strings.Contains(s, "@") {
		return true
	}
	s = strings.TrimSpace(norm.NFKC.String(s))
	digits := 0
	for _, r := range s {
		if r >= '0' && r <= '9' {
			digits++
		}
	}
	return digits >= 9 && digits <= 15 && (s[0] == '0' || s[0] == '+' || s[0] == '(')
}

// wordsOfDates are the letters and words that occur in dates, numbers and amounts.
var wordsOfDates = map[string]bool{
	"jan": true, "feb": true, "mar": true, "apr": true, "may": true, "jun": true, "jul": true, "aug": true, "sep": true, "oct": true, "nov": true, "dec": true,
	"mon": true, "tue": true, "wed": true, "thu": true, "fri": true, "sat": true, "sun": true, "t": true, "z": true, "am": true, "pm": true,
	"r": true, "h": true, "s": true, "m": true, "jpy": true, "na": true, "n": true, "a": true, "null": true,
	"令和": true, "平成": true, "昭和": true, "大正": true, "明治": true, "令": true, "平": true, "昭": true, "元": true, "年": true, "月": true, "日": true,
	"時": true, "分": true, "秒": true, "泊": true, "名": true, "人": true, "室": true, "円": true, "歳": true, "年度": true, "日帰り": true, "未定": true,
}

// dateOrNumber says whether every word of a text is one of dates or numbers.
func dateOrNumber(s string) bool {
	words := strings.FieldsFunc(strings.ToLower(norm.NFKC.String(s)), func(r rune) bool { return !unicode.IsLetter(r) })
	for _, word := range words {
		if !wordsOfDates[word] && !(len(word) > 3 && len(word) <= 9 && wordsOfDates[word[:3]]) {
			return false
		}
	}
	return true
}
