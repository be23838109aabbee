package ingest

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/kankei/kankei/schemas/reference"
)

// Limits in percent of confidence.
const (
	enough = 70 // from here on a column is placed
	margin = 10 // by less than this, two guesses are none
)

// fate is what a proposal makes of a column.
type fate uint8

const (
	unused    fate = iota // nothing is known that it could fill
	placed                // it fills a field
	asked                 // it may identify persons, which somebody has to decide
	undecided             // more than one guess, or a weak one
)

// ProposedColumn is what a proposal makes of one column of a file.
type ProposedColumn struct {
	Header string
	// Guesses are the targets it could fill, the likeliest first.
	Guesses []Guess
	// Region is the number of the region it is about where a survey asks about several, 0 otherwise.
	Region int
	Fate   fate

	index int
	seen  *seen
}

// Guess is a target and the confidence in it in percent: that of the heading,
// 95 for one that is known and 80 for a known one within words that say no more,
// times the share of the values that can be read as the target's. It is no
// probability.
type Guess struct {
	Target     string
	Confidence int
}

// Proposal is a draft of a mapping for a file that nobody has mapped.
type Proposal struct {
	// Kind is the kind of source, "" where the columns do not tell.
	Kind    string
	Columns []ProposedColumn
	// Wanting are the needed targets that no column fills.
	Wanting []string
	// Ambiguous says that dates with the year last show no order of day and month.
	Ambiguous bool

	parts map[string][]string // columns that together give the date of a target
	words *vocabulary
	id    string
}

// propose drafts a mapping of a kind, or of the kind that the columns suggest.
func propose(file *File, kind string, mappings []*Mapping) (Proposal, error) {
	columns, err := observe(file, mappings)
	if err != nil {
		return Proposal{}, err
	}
	if kind != "" {
		return assign(kind, columns, mappings), nil
	}
	var best, second Proposal
	for _, kind := range sortedKeys(proposedDatasets) {
		p := assign(kind, columns, mappings)
		switch {
		case p.weight() > best.weight():
			best, second = p, best
		case p.weight() > second.weight():
			second = p
		}
	}
	if best.weight() < second.weight()+4 {
		best.Kind = ""
	}
	return best, nil
}

// proposedDatasets are the datasets a draft fills, by kind of source.
var proposedDatasets = map[string][]string{
	"booking": {"booking"}, "survey": {"survey_response", "survey_tie"}, "visit": {"visit"}, "facility": {"facility"},
	"act": {"act"}, "move": {"move"}, "total": {"total"},
}

// weight is how much speaks for the kind of a proposal: confident columns that
// not every kind has, and what the kind cannot do without.
func (p *Proposal) weight() int {
	if p.Kind == "" {
		return 0
	}
	n := 0
	for _, c := range p.Columns {
		if c.Fate == placed && len(targets[c.Guesses[0].Target].datasets) <= 2 {
			n += 2
		}
	}
	for _, alternatives := range needed[proposedDatasets[p.Kind][0]] {
		if slices.ContainsFunc(alternatives, p.fills) {
			n += 3
		}
	}
	return n
}

// fills says whether some column is placed in a target.
func (p *Proposal) fills(target string) bool {
	return p.parts[target] != nil || slices.ContainsFunc(p.Columns, func(c ProposedColumn) bool {
		return c.Fate == placed && c.Guesses[0].Target == target
	})
}

// observe looks at the first values of every column.
func observe(file *File, mappings []*Mapping) ([]ProposedColumn, error) {
	o := observer{regions: reference.Load(), serial: file.Format.serialDay(), words: map[string]bool{}}
	for _, m := range mappings {
		for _, r := range m.Records {
			for _, f := range r.Fields {
				for text := range f.Values {
					o.words[foldHeader(text)] = true
				}
			}
		}
	}
	columns, all := make([]ProposedColumn, len(file.Header)), make([]int, len(file.Header))
	for i, h := range file.Header {
		columns[i] = ProposedColumn{Header: h, index: i, seen: newSeen()}
		all[i] = i
	}
	rows := 0
	for chunk, err := range file.Chunks(all) {
		if err != nil {
			return nil, err
		}
		batch, err := chunk.Parse()
		if err != nil {
			return nil, err
		}
		o.batch(columns, batch, &rows)
		batch.Record.Release()
		if rows >= inspectedRows {
			break
		}
	}
	return columns, nil
}

// batch looks at the sound records of a batch, as far as there have not been enough.
func (o *observer) batch(columns []ProposedColumn, batch Batch, rows *int) {
	faults := map[int]bool{}
	for _, f := range batch.Faults {
		faults[f.Row] = true
	}
	for row := range int(batch.Record.NumRows()) {
		if faults[row] {
			continue
		}
		if *rows++; *rows > inspectedRows {
			return
		}
		for i := range columns {
			o.add(columns[i].seen, unguarded(strings.TrimSpace(batch.Record.Column(i).(*array.String).Value(row))))
		}
	}
}

// assign gives columns to the targets of a kind of source.
func assign(kind string, columns []ProposedColumn, mappings []*Mapping) Proposal {
	p := Proposal{Kind: kind, Columns: slices.Clone(columns), parts: map[string][]string{}, words: newVocabulary(kind, mappings)}
	if kind == "survey" {
		p.numberRegions()
	}
	twice := map[string]bool{}
	for i := range p.Columns {
		if h := foldHeader(p.Columns[i].Header); h != "" && !twice[h] { // of two columns of one name a mapping reads the first
			twice[h] = true
			p.guess(&p.Columns[i])
		}
	}
	p.joinDates()
	p.settleRivals()
	if kind == "booking" {
		p.settleStays()
	}
	for _, alternatives := range needed[proposedDatasets[kind][0]] {
		if !slices.ContainsFunc(alternatives, p.fills) && alternatives[0] != "statistic" {
			p.Wanting = append(p.Wanting, alternatives[0])
		}
	}
	for _, number := range []string{"booking_id", "response_id"} { // without which changes of a record are records of their own
		if !p.fills(number) && slices.ContainsFunc(p.Columns, func(c ProposedColumn) bool {
			return c.Fate == undecided && c.Guesses[0].Target == number && c.Guesses[0].Confidence >= enough
		}) {
			p.Wanting = append(p.Wanting, number)
		}
	}
	p.orderDates()
	return p
}

// numberedRegion matches headings that number a region by name, of which an export may have but one.
var numberedRegion = regexp.MustCompile(`^(地域|訪問先|関わりのある地域|region|place)\s*[1-9]`)

// numberRegions finds columns that ask the same of several regions: their
// headings differ in a number alone, or name the region with it.
func (p *Proposal) numberRegions() {
	alike := map[string]map[string]bool{}
	for _, c := range p.Columns {
		if n := firstNumber.FindString(c.Header); n != "" {
			template := firstNumber.ReplaceAllString(c.Header, "#")
			if alike[template] == nil {
				alike[template] = map[string]bool{}
			}
			alike[template][n] = true
		}
	}
	for i := range p.Columns {
		c := &p.Columns[i]
		if n := firstNumber.FindString(c.Header); n != "" && (len(alike[firstNumber.ReplaceAllString(c.Header, "#")]) > 1 || numberedRegion.MatchString(foldHeader(c.Header))) {
			c.Region, _ = strconv.Atoi(n)
		}
	}
}
