package ingest

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/mattn/go-runewidth"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/schemas/reference"
	"github.com/kankei/kankei/transforms/clean"
)

// inspectedRows is about how many records of a file inspect tries out.
const inspectedRows = 1000

// shownProblems is how many rejected records inspect lists.
const shownProblems = 10

// Inspection is what could be found out about an export: its format, the mapping
// that fits, and what the mapping makes of the first records. It holds no value
// of a column that may be personal.
type Inspection struct {
	File   string
	Format Format
	Header []string
	// Mapping fits the header; nil if none does or several do equally.
	Mapping *Mapping
	// Unclear says why there is no mapping.
	Unclear *Refusal
	// Rows are the rows that each record of the file gives, in the order of the mapping.
	Rows []PlacedRow
	// Unplaced are the columns left out, Missing those the mapping could have used.
	Unplaced, Missing []string
	// Tried is the number of records tried, Rejected how many would be rejected by reason, and Problems the first of them.
	Tried    int64
	Rejected map[string]int64
	Problems []schemas.Reject
	// Skeleton is a mapping to begin with where none fits.
	Skeleton string
}

// PlacedRow says which columns fill the fields of a row of a dataset, and which
// of its fields are the same for all, such as "origin_code: abroad".
type PlacedRow struct {
	Dataset   string
	Fields    []Placement
	Constants []string
}

// Placement says which columns fill a field.
type Placement struct{ Target, Columns string }

// Inspect finds out what a file is and how it could be landed, by the mapping
// among the candidates that fits its header.
func Inspect(path string, candidates []*Mapping) (Inspection, error) {
	job := &Job{Path: path, Rel: filepath.Base(path)}
	file, err := recognised(job, candidates)
	if err != nil {
		return Inspection{}, err
	}
	defer file.Close()
	i := Inspection{File: job.Rel, Format: file.Format, Header: showHeader(file.Header), Mapping: job.Mapping}
	if job.Mapping == nil {
		return i, i.propose(file, candidates)
	}
	return i, i.try(job, file)
}

// recognised opens the file and finds the mapping that fits. A header that lies
// below others may be found only by knowing what to look for, so every
// candidate has its own look where sniffing alone recognises nothing.
func recognised(job *Job, candidates []*Mapping) (*File, error) {
	file, err := Open(job.Path, job.hint(nil))
	if err != nil {
		return nil, err
	}
	m, err := Choose(job.Rel, file.Header, candidates)
	if err == nil && m.HeaderRows < 2 {
		job.Mapping = m
		return file, nil
	}
	for _, m := range candidates {
		hinted, err := Open(job.Path, job.hint(m))
		if err != nil {
			continue
		}
		if best, err := Choose(job.Rel, hinted.Header, candidates); err == nil && best == m {
			file.Close()
			job.Mapping = m
			return hinted, nil
		}
		hinted.Close()
	}
	return file, nil
}

// try lands the first records in memory, under a key that is thrown away.
func (i *Inspection) try(job *Job, file *File) error {
	tokens, err := NewTokenizer(make([]byte, 32))
	if err != nil {
		return err
	}
	job.Regions, job.Tokens = reference.Load(), tokens
	// Which region a source lies in is said by kankei.yaml, so here any will do.
	job.Overrides.Region = schemas.Nation
	p, err := job.plan(file)
	if err != nil {
		return err
	}
	i.place(job.Mapping, p)
	i.Unplaced, i.Missing = p.unplaced, p.missing
	w := newWorker(job, p)
	i.Rejected = map[string]int64{}
	for chunk, err := range file.Chunks(p.columns) {
		if err != nil {
			return err
		}
		batch, err := chunk.Parse()
		if err != nil {
			return err
		}
		w.land(batch)
		batch.Record.Release()
		i.Tried += w.counts.in
		addCounts(i.Rejected, w.counts.reasons)
		i.Problems = append(i.Problems, w.rejects[:min(len(w.rejects), shownProblems-len(i.Problems))]...)
		if i.Tried >= inspectedRows {
			break
		}
	}
	return nil
}

// place lists which columns fill which fields.
func (i *Inspection) place(m *Mapping, p *plan) {
	for k, r := range p.records { // one for each record of the mapping
		row := PlacedRow{Dataset: r.dataset}
		for n, target := range r.targets {
			if columns := p.headers[r.first+n]; columns != "" {
				row.Fields = append(row.Fields, Placement{target, columns})
			}
		}
		for _, f := range m.Records[k].Fields {
			if f.Const != nil {
				row.Constants = append(row.Constants, f.Target+": "+*f.Const)
			}
		}
		i.Rows = append(i.Rows, row)
	}
}

// propose makes a skeleton of a mapping for a file that no mapping fits.
func (i *Inspection) propose(file *File, candidates []*Mapping) error {
	_, err := Choose(i.File, file.Header, candidates)
	errors.As(err, &i.Unclear)
	if !isHeader(file.Header) || i.Unclear.Reason == AmbiguousFormat {
		i.Unplaced = i.Header
		return nil
	}
	kinds, err := columnKinds(file)
	if err != nil {
		return err
	}
	i.Skeleton, i.Unplaced = skeleton(file.Header, kinds)
	return nil
}

// columnKinds tells for each column whether its first values are dates,
// numbers or other texts.
func columnKinds(file *File) ([]valueKind, error) {
	all := make([]int, len(file.Header))
	for column := range all {
		all[column] = column
	}
	kinds := make([]valueKind, len(all))
	for chunk, err := range file.Chunks(all) {
		if err != nil {
			return nil, err
		}
		batch, err := chunk.Parse()
		if err != nil {
			return nil, err
		}
		for column := range kinds {
			kinds[column] = kindOf(batch.Record.Column(column).(*array.String))
		}
		batch.Record.Release()
		break // the head of the file is enough for a guess
	}
	return kinds, nil
}

// kindOf is dates or numbers if nine in ten values are.
func kindOf(values *array.String) valueKind {
	var filled, dates, numbers int
	for s := range textsOf(values) {
		if s == "" {
			continue
		}
		if filled++; filled > inspectedRows {
			break
		}
		if _, ok := clean.Date(s, clean.DayFirst); ok {
			dates++
		} else if _, ok := clean.Date(s, clean.MonthFirst); ok {
			dates++
		}
		if _, ok := clean.Decimal(s); ok {
			numbers++
		}
	}
	switch {
	case filled == 0:
		return textValue
	case dates*10 >= filled*9:
		return dateValue
	case numbers*10 >= filled*9:
		return numberValue
	}
	return textValue
}

// clue is a word in a header that suggests a target.
type clue struct {
	target string
	words  []string
}

// clues are tried in order for each kind of source; the first target not yet
// filled whose word is in the header, and whose kind the values do not
// contradict, is proposed.
var clues = map[string][]clue{
	"booking": {
		{"check_in", []string{"チェックイン日", "チェックイン", "到着", "宿泊日", "check-in", "check in", "checkin", "arrival", "start date", "開始日"}},
		{"check_out", []string{"チェックアウト", "出発", "check-out", "check out", "checkout", "departure", "end date", "終了日"}},
		{"nights", []string{"泊数", "宿泊数", "nights", "日数"}},
		{"booking_id", []string{"予約番号", "予約id", "予約コード", "確認コード", "booking", "reservation number", "confirmation"}},
		{"status", []string{"状態", "区分", "ステータス", "status"}},
		{"booked_on", []string{"予約日", "申込日", "booked", "created"}},
		{"cancelled_on", []string{"キャンセル日", "cancel"}},
		{"platform", []string{"サイト", "チャネル", "経路", "channel", "source"}},
		{"facility", []string{"施設", "物件", "property", "listing", "リスティング"}},
		{"adults", []string{"大人", "adults"}},
		{"children", []string{"子供", "子ども", "children"}},
		{"infants", []string{"幼児", "乳幼児", "infants"}},
		{"rooms", []string{"室数", "部屋数", "rooms"}},
		{"purposes", []string{"目的", "purpose"}},
	},
	"survey": {
		{"answered_on", []string{"タイムスタンプ", "回答日", "timestamp", "submitdate", "enddate", "end date", "recordeddate"}},
		{"response_id", []string{"回答id", "回答番号", "responseid", "response id", "respondentid", "respondent id"}},
		{"sex", []string{"性別", "gender", "sex"}},
		{"birth_year", []string{"生まれ", "生年", "birth"}},
		{"age", []string{"年齢", "age"}},
		{"migration_intent", []string{"移住", "migrat", "move"}},
	},
	"facility": {
		{"facility", []string{"施設", "名称", "facility", "name"}},
		{"capacity", []string{"定員", "収容", "capacity"}},
		{"rooms", []string{"室数", "rooms"}},
	},
}

// personClues and placeClues hold for every kind with persons.
var personClues = []clue{
	{"residence.postcode", []string{"郵便番号", "postcode", "postal", "zip"}},
	{"residence.prefecture", []string{"都道府県", "prefecture"}},
	{"residence.municipality", []string{"市区町村", "市町村", "municipality", "city"}},
	{"residence.address", []string{"住所", "address"}},
	{"residence.country", []string{"国籍", "国", "country", "nationality"}},
	{"email", []string{"メール", "e-mail", "email"}},
	{"phone", []string{"電話", "連絡先", "phone", "contact", "tel"}},
	{"kana", []string{"カナ", "かな", "カタカナ", "kana"}},
	{"name", []string{"氏名", "名前", "ゲスト名", "guest", "name"}},
	{"member_id", []string{"会員", "member"}},
}

// kindOfHeader is the kind of source that most words of a header suggest.
func kindOfHeader(header []string, kinds []valueKind) string {
	best, most := "booking", 0
	for _, kind := range []string{"booking", "survey", "facility"} {
		n := 0
		for column, h := range header {
			if guess(clues[kind], h, kinds[column], nil) != "" {
				n++
			}
		}
		if n > most {
			best, most = kind, n
		}
	}
	return best
}

// guess is the target that a header suggests, "" if none.
func guess(clues []clue, header string, kind valueKind, taken map[string]string) string {
	folded := foldHeader(header)
	for _, c := range clues {
		if taken[c.target] != "" || contradicts(kind, targets[c.target].kind) {
			continue
		}
		for _, word := range c.words {
			if strings.Contains(folded, word) {
				return c.target
			}
		}
	}
	return ""
}

// contradicts says that a target of dates or numbers does not fit what a column holds.
func contradicts(column, target valueKind) bool {
	switch target {
	case dateValue, instantValue:
		return column != dateValue
	case countValue, numberValue:
		return column == dateValue
	}
	return false
}

// datasetOf is the dataset a skeleton fills for a kind of source.
var datasetOf = map[string]string{"booking": "booking", "survey": "survey_response", "facility": "facility"}

// skeleton writes a mapping to begin with, and lists the columns it could not place.
func skeleton(header []string, kinds []valueKind) (text string, unplaced []string) {
	kind := kindOfHeader(header, kinds)
	known := clues[kind]
	if kind != "facility" {
		known = slices.Concat(known, personClues)
	}
	placed := map[string]string{}
	var fields strings.Builder
	for column, h := range header {
		if h == "" {
			continue
		}
		target := guess(known, h, kinds[column], placed)
		if target == "" {
			unplaced = append(unplaced, h)
			continue
		}
		placed[target] = h
		if target == "status" {
			fmt.Fprintf(&fields, "      status: {column: %q, values: {予約: booked, 変更: changed, キャンセル: cancelled}, default: reject} # ← 実際の値に as the column has them\n", h)
			continue
		}
		fmt.Fprintf(&fields, "      %s: %q\n", target, h)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "id: my-export\nversion: \"1\"\nkind: %s\ntitle: {ja: \"\", en: \"\"}\ndetect: [", kind)
	for n, target := range sortedKeys(placed) {
		if n > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%q", placed[target])
	}
	fmt.Fprintf(&b, "]\nrecords:\n  - dataset: %s\n    fields:\n%s", datasetOf[kind], fields.String())
	for _, alternatives := range needed[datasetOf[kind]] {
		if !slices.ContainsFunc(alternatives, func(target string) bool { return placed[target] != "" }) {
			fmt.Fprintf(&b, "      %s: \"\" # ← 必要です needed\n", alternatives[0])
		}
	}
	return b.String(), unplaced
}

// Render gives the inspection as text in lang, "ja" or "en".
func (i Inspection) Render(lang string) string {
	var b strings.Builder
	line := func(ja, en string, args ...any) {
		fmt.Fprintf(&b, schemas.Text{JA: ja, EN: en}.In(lang)+"\n", args...)
	}
	line("ファイル    %s", "file      %s", i.File)
	line("形式        %s", "format    %s", i.Format.describe(lang))
	line("列          %d 列、見出しは %d 行目", "columns   %d, header on line %d", len(i.Header), i.Format.Preamble+1)
	switch {
	case i.Mapping != nil:
		line("マッピング  %s（%s、kind: %s）", "mapping   %s (%s, kind: %s)", i.Mapping.ID, i.Mapping.Title.In(lang), i.Mapping.Kind)
	case i.Unclear != nil && i.Unclear.Reason == UnknownFormat: // the columns it names are listed below
		line("マッピング  合うものがありません", "mapping   none fits")
	case i.Unclear != nil:
		line("マッピング  %s", "mapping   %s", i.Unclear.Found.In(lang))
	}
	for _, r := range i.Rows {
		r.render(&b)
	}
	i.renderColumns(line)
	if i.Mapping != nil {
		i.renderTrial(lang, line, &b)
	}
	if i.Skeleton != "" {
		line("\n雛形（mappings/ に置き、足りない項目を補ってください）：\n%s", "\nA mapping to begin with (put it into mappings/ and complete it):\n%s", i.Skeleton)
	}
	return b.String()
}

// render lists the fields of a row under its dataset.
func (r PlacedRow) render(b *strings.Builder) {
	b.WriteString("\n  " + r.Dataset)
	if len(r.Constants) > 0 {
		b.WriteString(" (" + strings.Join(r.Constants, ", ") + ")")
	}
	b.WriteString("\n")
	for _, p := range r.Fields {
		fmt.Fprintf(b, "    %-22s ← %s\n", p.Target, p.Columns)
	}
}

// renderColumns lists the columns that fill nothing, and those that could have.
func (i Inspection) renderColumns(line func(ja, en string, args ...any)) {
	if len(i.Missing) > 0 {
		line("\nファイルに無い任意の列：\n%s", "\nOptional columns not in the file:\n%s", wrapped(i.Missing))
	}
	switch {
	case len(i.Unplaced) == 0:
	case i.Mapping == nil:
		line("\n行き先の決まらない列：\n%s", "\nColumns without a place:\n%s", wrapped(i.Unplaced))
	default:
		line("\n使わない列（読みません）：\n%s", "\nColumns not used (they are not read):\n%s", wrapped(i.Unplaced))
	}
}

// renderTrial tells how the first records fared.
func (i Inspection) renderTrial(lang string, line func(ja, en string, args ...any), b *strings.Builder) {
	var rejected int64
	for _, n := range i.Rejected {
		rejected += n
	}
	if rejected == 0 {
		line("\n先頭の %d 行はすべて読めます。", "\nThe first %d rows can all be read.", i.Tried)
		return
	}
	line("\n先頭の %d 行のうち %d 行が除かれます：", "\nOf the first %d rows %d would be rejected:", i.Tried, rejected)
	for _, reason := range sortedKeys(i.Rejected) {
		fmt.Fprintf(b, "  %-18s %6d  %s\n", reason, i.Rejected[reason], schemas.ReasonText(reason).In(lang))
	}
	for _, r := range i.Problems {
		words := []string{r.Reason, r.Column, r.Found}
		fmt.Fprintf(b, "  %s:%d: %s\n", i.File, r.Line, strings.TrimSpace(strings.Join(words, " ")))
	}
}

// pageWidth is the width in columns of a terminal that lists are broken at;
// kanji take two.
const pageWidth = 100

// wrapped lists names in lines of at most pageWidth, longer names on their own.
func wrapped(names []string) string {
	var lines []string
	text := " "
	for n, name := range names {
		if n < len(names)-1 {
			name += ","
		}
		if text != " " && runewidth.StringWidth(text+" "+name) > pageWidth {
			lines = append(lines, text)
			text = " "
		}
		text += " " + name
	}
	return strings.Join(append(lines, text), "\n")
}

// describe names a format in the words of the options that choose it.
func (f Format) describe(lang string) string {
	parts := []string{f.Kind}
	if f.Compression != "" {
		parts[0] += " (" + f.Compression + ")"
	}
	if f.Encoding != "" {
		parts = append(parts, f.Encoding)
	}
	if f.Sheet != "" {
		parts = append(parts, text("シート ", "sheet ").In(lang)+f.Sheet)
	}
	if f.Member != "" {
		parts = append(parts, f.Member)
	}
	switch f.Delimiter {
	case 0, ',':
	case '\t':
		parts = append(parts, text("タブ区切り", "separated by tabs").In(lang))
	default:
		parts = append(parts, text("区切り ", "separated by ").In(lang)+string(rune(f.Delimiter)))
	}
	return strings.Join(parts, ", ")
}
