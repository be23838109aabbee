package ingest

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/mattn/go-runewidth"

	"github.com/kankei/kankei/schemas"
)

// Draft is the proposal as a mapping. It loads as it is, or says what is left
// for a person to decide: every "?" in it. lang is the language of its comments.
func (p *Proposal) Draft(lang string) string {
	var b strings.Builder
	say := func(ja, en string) { b.WriteString("# " + schemas.Text{JA: ja, EN: en}.In(lang) + "\n") }
	say("kankei inspect --propose が書いた下書きです。％は確からしさの目安で、確率ではありません。", "A draft written by kankei inspect --propose. Percentages are a rule of thumb, no probabilities.")
	say("「?」は人が決めることです。残っている間、このマッピングは使えません。", `Each "?" is for a person to decide. The mapping cannot be used while one is left.`)
	fmt.Fprintf(&b, "id: %s\nversion: \"1\"\nkind: %s\ntitle: {ja: \"\", en: \"\"}\n", p.id, p.Kind)
	p.writeHead(&b, say)
	p.writeIdentity(&b, lang, say)
	b.WriteString("records:\n")
	for _, dataset := range proposedDatasets[p.Kind] {
		p.writeRecords(&b, dataset, lang)
	}
	p.writeRest(&b, lang, say)
	return b.String()
}

// Draft is the mapping proposed for the file. A file for which none can be
// proposed is a *[Refusal].
func (i *Inspection) Draft(lang string) (string, error) {
	r := &Refusal{File: i.File, Reason: UnknownFormat}
	switch {
	case i.Proposal == nil:
		r.Found = text("見出しのないファイルには下書きを作れません。", "no draft can be made for a file without a header.")
	case i.Proposal.Kind == "":
		r.Found = text("何のファイルかが列からは決まりません。", "its columns do not tell what kind of source it is.")
		r.Do = text("--kind で種類を指定してください。", "Name the kind with --kind.")
	default:
		return i.Proposal.Draft(lang), nil
	}
	return "", r
}

// NameDraft gives the draft the id that the name of its own file tells: drafts of
// files named alike, as those of each month, would share one otherwise, and with
// it the scope of membership numbers.
func (i *Inspection) NameDraft(path string) {
	if i.Proposal != nil {
		i.Proposal.id = draftID(path, i.Proposal.id)
	}
}

// Kinds are the kinds of source that a draft can be made for.
func Kinds() []string { return sortedKeys(proposedDatasets) }

// kindWords say what a row of each kind of source is about.
var kindWords = map[string]schemas.Text{
	"act": text("活動", "activity"), "booking": text("予約", "booking"), "facility": text("施設の台帳", "list of houses"), "move": text("転入", "move"),
	"survey": text("アンケート", "survey"), "total": text("統計の集計値", "official totals"), "visit": text("来訪の記録", "visit"),
}

// kindsInWords are the kinds with what a row of each is about.
func kindsInWords(lang string) string {
	words := make([]string, 0, len(kindWords))
	for _, kind := range Kinds() {
		words = append(words, fmt.Sprintf("%s (%s)", kind, kindWords[kind].In(lang)))
	}
	return strings.Join(words, ", ")
}

// IsKind says whether a draft can be made for a kind of source.
func IsKind(kind string) bool { return proposedDatasets[kind] != nil }

// writeHead writes what holds for the whole file: how it is known, its nulls and
// the order of its dates.
func (p *Proposal) writeHead(b *strings.Builder, say func(ja, en string)) {
	var detect []string
	nulls := map[string]bool{}
	for _, c := range p.Columns {
		if c.Fate == placed && len(detect) < 6 && strings.TrimSpace(c.Header) != "" {
			detect = append(detect, strconv.Quote(c.Header))
		}
		if c.Fate == placed {
			for text := range c.seen.nulls {
				nulls[text] = true
			}
		}
	}
	fmt.Fprintf(b, "detect: [%s]\n", strings.Join(detect, ", "))
	if len(nulls) > 0 {
		var quoted []string
		for _, text := range sortedKeys(nulls) {
			quoted = append(quoted, strconv.Quote(text))
		}
		fmt.Fprintf(b, "nulls: [%s]\n", strings.Join(quoted, ", "))
	}
	if p.Ambiguous {
		say("日と月の順が値からは決まりません（day_first か month_first）。", "The values do not tell whether day or month comes first (day_first or month_first).")
		fmt.Fprintf(b, "date_order: %q\n", unanswered)
	}
}

// writeIdentity writes the questions about columns that may identify persons.
func (p *Proposal) writeIdentity(b *strings.Builder, lang string, say func(ja, en string)) {
	if !slices.ContainsFunc(p.Columns, func(c ProposedColumn) bool { return c.Fate == asked }) {
		return
	}
	list := strings.Join(identifiers, ", ")
	say("行の本人（宿泊者・回答者）を表す列はどれですか。"+list+" のどれか、本人のものでなければ none（読みません）。", "Which columns are of the person the row is about (the guest, the respondent)? One of "+list+",")
	if lang != "ja" {
		say("", "or none where it is somebody else's (an agency, whoever booked for another): it is then not read.")
	}
	b.WriteString("identity:\n")
	for _, c := range p.Columns {
		if c.Fate == asked {
			fmt.Fprintf(b, "  %q: %q # %s\n", c.Header, unanswered, c.evidence(lang))
		}
	}
}

// evidence says what a column could be and what its values look like.
func (c *ProposedColumn) evidence(lang string) string {
	var parts []string
	for _, g := range c.Guesses[:min(3, len(c.Guesses))] {
		parts = append(parts, fmt.Sprintf("%s %d %%", g.Target, g.Confidence))
	}
	of := fmt.Sprintf(schemas.Text{JA: "（%d件）", EN: " (of %d)"}.In(lang), c.seen.filled)
	parts = append(parts, c.seen.describe(lang)+of)
	return strings.Join(parts, "; ")
}

// writeRecords writes the records of a dataset: one, and for ties one for each
// region that the survey asks about.
func (p *Proposal) writeRecords(b *strings.Builder, dataset, lang string) {
	if dataset != "survey_tie" {
		fmt.Fprintf(b, "  - dataset: %s\n    fields:\n", dataset)
		p.writeFields(b, dataset, lang, func(c *ProposedColumn) bool { return c.Region == 0 })
		for _, target := range p.Wanting {
			fmt.Fprintf(b, "      %s: %q # %s\n", target, unanswered, p.candidates(insteadOf(dataset, target), lang))
		}
		if dataset == "total" {
			p.writeStatistic(b)
		}
		return
	}
	for n := range 10 {
		where := slices.IndexFunc(p.Columns, func(c ProposedColumn) bool {
			return c.Fate == placed && c.Region == n && strings.HasPrefix(c.Guesses[0].Target, "region.")
		})
		if where < 0 {
			continue
		}
		fmt.Fprintf(b, "  - dataset: survey_tie\n    when: {column: %q}\n    fields:\n", p.Columns[where].Header)
		p.writeFields(b, dataset, lang, func(c *ProposedColumn) bool {
			return c.Region == n || c.Region == 0 && !strings.HasPrefix(c.Guesses[0].Target, "region.") && slices.Contains(targets[c.Guesses[0].Target].datasets, "survey_response")
		})
		if !p.fills("answered_on") {
			fmt.Fprintf(b, "      answered_on: %q\n", unanswered)
		}
		p.askVisits(b, n, lang)
	}
}

// askVisits asks how often a region is visited where no column was read as that: in classes
// of words that nobody has met yet, it is a question of the survey all the same, and without
// it the answers tell no person's visits.
func (p *Proposal) askVisits(b *strings.Builder, region int, lang string) {
	var names []string
	for _, c := range p.Columns {
		if c.Region != region {
			continue
		}
		if c.Fate == placed && c.Guesses[0].Target == "visits_per_year" {
			return
		}
		if p.words.of(p.words.ties, lastPart(firstNumber.ReplaceAllString(c.Header, "")))["visits_per_year"] > 0 {
			names = append(names, strconv.Quote(c.Header))
		}
	}
	ask := text("過去12か月の訪問回数の列と、区分ごとの回数 {column: …, recall: 12_months, values: {…}}。設問がなければこの行を消す", "the column of visits in the last 12 months with the number of each class, {column: …, recall: 12_months, values: {…}}; without such a question delete the line")
	fmt.Fprintf(b, "      visits_per_year: %q # %s\n", unanswered, strings.Join(append(names, ask.In(lang)), ": "))
}

// candidates are the columns that could be one of several targets of which one is needed.
func (p *Proposal) candidates(of []string, lang string) string {
	var names []string
	for _, c := range p.Columns {
		if c.Fate != placed && slices.ContainsFunc(c.Guesses, func(g Guess) bool { return slices.Contains(of, g.Target) }) {
			names = append(names, strconv.Quote(c.Header))
		}
	}
	if len(names) == 0 {
		names = []string{schemas.Text{JA: "それらしい列なし", EN: "no column looks like it"}.In(lang)}
	}
	return strings.Join(of, schemas.Text{JA: " か ", EN: " or "}.In(lang)) + ": " + strings.Join(names, ", ")
}

// writeStatistic writes what the figures of a table of totals count.
func (p *Proposal) writeStatistic(b *strings.Builder) {
	statistic := unanswered
	for _, c := range p.Columns {
		if c.Fate == placed && c.Guesses[0].Target == "value" && p.words.statistics[compact(c.Header)] != "" {
			statistic = p.words.statistics[compact(c.Header)]
		}
	}
	fmt.Fprintf(b, "      statistic: {const: %q} # %s\n", statistic, strings.Join(statistics, ", "))
}

// writeFields writes the fields of a row that the columns of a sort fill.
func (p *Proposal) writeFields(b *strings.Builder, dataset, lang string, of func(*ProposedColumn) bool) {
	written := map[string]bool{}
	for i := range p.Columns {
		c := &p.Columns[i]
		if c.Fate != placed || !of(c) {
			continue
		}
		target := c.Guesses[0].Target
		if !slices.Contains(targets[target].datasets, dataset) || written[target] {
			continue
		}
		written[target] = true
		fmt.Fprintf(b, "      %s: %s # %d %%; %s\n", target, p.source(c, target, dataset), c.Guesses[0].Confidence, c.seen.describe(lang))
		if most := target + "_most"; len(c.seen.words) > 0 && p.words.codes[most] != nil { // the upper end of the same classes
			fmt.Fprintf(b, "      %s: %s\n", most, p.source(c, most, dataset))
		}
	}
}

// source is what fills a field: a column, and how its texts are to be read.
func (p *Proposal) source(c *ProposedColumn, target, dataset string) string {
	if parts := p.parts[target]; parts != nil {
		return fmt.Sprintf("{join: [%q, %q, %q], required: true}", parts[0], parts[1], parts[2])
	}
	options := []string{"column: " + strconv.Quote(c.Header)}
	if slices.ContainsFunc(needed[dataset], func(alternatives []string) bool { return alternatives[0] == target }) {
		options = append(options, "required: true")
	}
	if dataset == "survey_tie" && strings.HasPrefix(target, "region.") {
		options = append(options, "personal: false")
	}
	if strings.HasPrefix(target, "visits_per_year") {
		recall := unanswered
		if withinYear.MatchString(foldHeader(c.Header)) {
			recall = "12_months"
		}
		options = append(options, "recall: "+strconv.Quote(recall))
	}
	options = append(options, p.values(c, target)...)
	if len(options) == 1 {
		return strconv.Quote(c.Header)
	}
	return "{" + strings.Join(options, ", ") + "}"
}

// withinYear matches headings that ask of the last twelve months.
var withinYear = regexp.MustCompile(`12\s*(か月|ヶ月|カ月|ケ月|months)|(1|一|過去)年間|last year|past year`)

// values are the options that translate the texts of a column, as far as some
// mapping knows them.
func (p *Proposal) values(c *ProposedColumn, target string) []string {
	switch targets[target].kind {
	case codeValue, boolValue, setValue, countValue, textValue:
	default:
		return nil
	}
	var pairs, options []string
	known := p.words.codes[target]
	separator, most := "", 0
	if targets[target].kind == setValue {
		for _, s := range separators {
			if n := c.seen.split[s.text]; n > most+c.seen.filled/20 && n > c.seen.knownTimes() {
				separator, most = s.text, n
			}
		}
	}
	texts := sortedKeys(c.seen.words)
	if separator != "" {
		texts = sortedKeys(known)
		options = append(options, "split: "+strconv.Quote(separator))
	}
	for _, text := range texts {
		if code := known[foldHeader(text)]; code != "" {
			pairs = append(pairs, strconv.Quote(text)+": "+strconv.Quote(code))
		}
	}
	if len(pairs) > 0 {
		options = append(options, "values: {"+strings.Join(pairs, ", ")+"}")
	}
	if target == "status" {
		options = append(options, "default: reject")
	}
	return options
}

// writeRest lists the columns that nothing is read from.
func (p *Proposal) writeRest(b *strings.Builder, lang string, say func(ja, en string)) {
	say("次の列は読みません。", "These columns are not read:")
	listed := 0
	for _, c := range p.Columns {
		if c.Header == "" || c.Fate == placed || c.Fate == asked {
			continue
		}
		if listed++; listed > restListed {
			b.WriteString("#   …\n")
			return
		}
		fmt.Fprintf(b, "#   %q # %s\n", runewidth.Truncate(c.Header, pageWidth, "…"), c.evidence(lang))
	}
}

// restListed is how many columns that are not read a draft lists: it must stay
// within what a mapping may be.
const restListed = 200

// fateMarks stand in the table before what becomes of a column.
var fateMarks = [...]string{unused: " ", placed: "→", asked: "?", undecided: "≈"}

// Table is the proposal column by column, for a terminal.
func (p *Proposal) Table(lang string) string {
	var b strings.Builder
	width := 0
	for _, c := range p.Columns {
		width = max(width, min(44, runewidth.StringWidth(oneLine(c.Header))))
	}
	for _, c := range p.Columns {
		if c.Header == "" {
			continue
		}
		guess, confidence := "", ""
		switch {
		case c.Fate == asked:
			guess = schemas.Text{JA: "本人の識別？", EN: "identity?"}.In(lang)
		case len(c.Guesses) > 0:
			guess, confidence = c.Guesses[0].Target, fmt.Sprintf("%d %%", c.Guesses[0].Confidence)
			if c.Region > 0 {
				guess += fmt.Sprintf(" (%d)", c.Region)
			}
		}
		name := runewidth.FillRight(runewidth.Truncate(oneLine(c.Header), width, "…"), width)
		line := fmt.Sprintf("  %s %s %s %5s  %s", name, fateMarks[c.Fate], runewidth.FillRight(guess, 24), confidence, c.seen.describe(lang))
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	b.WriteString(schemas.Text{JA: "  → 使う　? 人が決める　≈ 決められない（読まない）　無印 読まない\n", EN: "  → placed   ? for a person to decide   ≈ undecided, not read   no mark: not read\n"}.In(lang))
	return b.String()
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
