package ingest

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/mattn/go-runewidth"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/schemas/reference"
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
	// Proposal is a draft of a mapping where none fits, or where one was asked for.
	Proposal *Proposal
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
// among the candidates that fits its header. Where none fits it proposes one.
// sheet is the one to read of a workbook, "" for the only one that is a table.
func Inspect(path, sheet string, candidates []*Mapping) (Inspection, error) {
	return inspect(path, sheet, candidates, "", false)
}

// Propose inspects a file and drafts a mapping for it even where one fits. kind
// is the kind of source, "" to be told by the columns.
func Propose(path, sheet string, candidates []*Mapping, kind string) (Inspection, error) {
	return inspect(path, sheet, candidates, kind, true)
}

func inspect(path, sheet string, candidates []*Mapping, kind string, always bool) (Inspection, error) {
	job := &Job{Path: path, Rel: filepath.Base(path), Overrides: Overrides{Sheet: sheet}}
	file, err := recognised(job, candidates)
	if err != nil {
		return Inspection{}, err
	}
	defer file.Close()
	if sheet != "" && file.Format.Sheet == "" {
		return Inspection{}, &Refusal{File: job.Rel, Reason: NoSuchSheet, Found: text("表計算のファイルではないので、シートはありません。", "is no workbook and has no sheets.")}
	}
	i := Inspection{File: job.Rel, Format: file.Format, Header: showHeader(file.Header), Mapping: job.Mapping}
	if job.Mapping == nil || always {
		return i, i.propose(job, file, kind, candidates, always)
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

// propose drafts a mapping for a file that no mapping fits, and tries it.
func (i *Inspection) propose(job *Job, file *File, kind string, candidates []*Mapping, always bool) error {
	_, err := Choose(i.File, file.Header, candidates)
	errors.As(err, &i.Unclear)
	if !isHeader(file.Header) || !always && i.Unclear.Reason == AmbiguousFormat {
		i.Unplaced = i.Header
		return nil
	}
	p, err := propose(file, kind, candidates)
	if err != nil {
		return err
	}
	p.id = draftID(i.File, "my-export")
	i.Proposal = &p
	if p.Kind == "" {
		return nil
	}
	draft, err := readMapping([]byte(p.Draft("en")), p.id)
	if err != nil {
		return err
	}
	draft = draft.settled()
	if draft.check() != nil {
		return nil // it lacks what only a person can say
	}
	job.Mapping, job.Kind = draft, draft.Kind
	return i.try(job, file)
}

// draftID names a draft after its file.
func draftID(file, otherwise string) string {
	stem, _, _ := strings.Cut(filepath.Base(file), ".")
	id := strings.Trim(notID.ReplaceAllString(strings.ToLower(stem), "-"), "-")
	if id == "" {
		return otherwise
	}
	return id
}

var notID = regexp.MustCompile(`[^a-z0-9]+`)

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
		if title := i.Mapping.Title.In(lang); title != "" {
			line("マッピング  %s（%s、kind: %s）", "mapping   %s (%s, kind: %s)", i.Mapping.ID, title, i.Mapping.Kind)
		} else {
			line("マッピング  %s（kind: %s）", "mapping   %s (kind: %s)", i.Mapping.ID, i.Mapping.Kind)
		}
	case i.Unclear != nil && i.Unclear.Reason == UnknownFormat: // the columns it names are listed below
		line("マッピング  合うものがありません", "mapping   none fits")
	case i.Unclear != nil:
		line("マッピング  %s", "mapping   %s", i.Unclear.Found.In(lang))
	}
	if i.Proposal == nil {
		for _, r := range i.Rows {
			r.render(&b)
		}
	}
	if i.Proposal != nil {
		i.renderProposal(lang, line, &b)
		return b.String()
	}
	i.renderColumns(line)
	if i.Mapping != nil {
		i.renderTrial(lang, line, &b)
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

// renderProposal tells what the draft makes of each column, what is left open
// and what it would reject.
func (i Inspection) renderProposal(lang string, line func(ja, en string, args ...any), b *strings.Builder) {
	p := i.Proposal
	if p.Kind == "" {
		line("\n種類       列からは決められません。--kind で指定してください：%s。", "\nkind      the columns do not tell; name it with --kind: %s.", kindsInWords(lang))
		return
	}
	line("種類        %s\n", "kind      %s\n", p.Kind)
	b.WriteString(p.Table(lang))
	if len(p.Wanting) > 0 {
		line("\n列が決まらない必要な項目：%s", "\nNeeded, and no column decided on: %s", strings.Join(p.Wanting, ", "))
	}
	if p.Ambiguous {
		line("\n日と月の順が値からは決まりません。", "\nThe values do not tell whether day or month comes first.")
	}
	if i.Tried > 0 {
		i.renderTrial(lang, line, b)
	}
	line("\n--propose mapping.yaml で下書きを書きます。", "\n--propose mapping.yaml writes a draft.")
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
