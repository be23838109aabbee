package ingest

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/kankei/kankei/schemas/reference"
	"github.com/kankei/kankei/transforms/clean"
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
	o := observer{regions: reference.Load(), serial: file.Format.Kind == XLSX || file.Format.Kind == XLS, words: map[string]bool{}}
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
	for i := range p.Columns {
		p.guess(&p.Columns[i])
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

// numberRegions finds columns that ask the same of several regions: their
// headings differ in a number alone.
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
		if n := firstNumber.FindString(c.Header); n != "" && len(alike[firstNumber.ReplaceAllString(c.Header, "#")]) > 1 {
			c.Region, _ = strconv.Atoi(n)
		}
	}
}

// guess finds what a column could fill, and its fate as long as no other column
// wants the same.
func (p *Proposal) guess(c *ProposedColumn) {
	if c.Header == "" {
		return
	}
	scores := p.words.of(p.words.names, c.Header)
	if c.Region > 0 {
		scores = p.words.of(p.words.ties, lastPart(firstNumber.ReplaceAllString(c.Header, "")))
	}
	wholeOrPart(scores, c.seen)
	persons := slices.Contains(ofPersons, proposedDatasets[p.Kind][0])
	person := false
	for target, score := range scores {
		fit := p.fit(target, c.seen)
		if fit > 0 && slices.Contains(identifiers, target) {
			person = true
		}
		if confidence := int(float64(score)*fit + 0.5); confidence > 0 {
			c.Guesses = append(c.Guesses, Guess{target, confidence})
		}
	}
	for _, of := range []struct {
		look   look
		target string
	}{{lookEmail, "email"}, {lookPhone, "phone"}} {
		if persons && c.seen.share(of.look) >= 0.5 && !slices.ContainsFunc(c.Guesses, func(g Guess) bool { return g.Target == of.target }) {
			c.Guesses = append(c.Guesses, Guess{of.target, int(60 * c.seen.share(of.look))})
			person = true
		}
	}
	if target := identifying(c.Header); persons && !person && target != "" && p.fit(target, c.seen) > 0 {
		c.Guesses = append(c.Guesses, Guess{target, 60})
		person = true
	}
	slices.SortFunc(c.Guesses, func(a, b Guess) int {
		return cmp.Or(cmp.Compare(b.Confidence, a.Confidence), strings.Compare(a.Target, b.Target))
	})
	switch {
	case len(c.Guesses) == 0:
	case persons && person:
		c.Fate = asked
	case !p.decided(c):
		c.Fate = undecided
	default:
		c.Fate = placed
	}
}

// wholeOrPart decides by the values between an address and the name of a
// municipality, where a heading stands for either.
func wholeOrPart(scores map[string]int, s *seen) {
	for _, of := range []string{"region.", "residence."} {
		if scores[of+"address"] == 0 || scores[of+"municipality"] == 0 {
			continue
		}
		if s.share(lookMunicipality) >= 0.5 {
			delete(scores, of+"address")
		} else {
			delete(scores, of+"municipality")
		}
	}
}

// identifying is the identifier that a word in a heading suggests, "" if none.
// It is asked about, never taken, so a word is enough.
func identifying(heading string) string {
	folded := foldHeader(heading)
	for _, of := range personWords {
		if of.pattern.MatchString(folded) {
			return of.target
		}
	}
	return ""
}

var personWords = []struct {
	target  string
	pattern *regexp.Regexp
}{
	{"email", regexp.MustCompile(`メール|e-?mail`)},
	{"phone", regexp.MustCompile(`電話|携帯|連絡先|phone|\btel\b|mobile`)},
	{"kana", regexp.MustCompile(`カナ|かな|ふりがな|フリガナ|カタカナ|kana`)},
	{"member_id", regexp.MustCompile(`会員(番号|id|no|コード)|member ?(id|no|number)`)},
	{"birth_date", regexp.MustCompile(`生年月日|誕生日|birth ?day|birth ?date|date of birth`)},
	{"birth_year", regexp.MustCompile(`生まれ|生年|出生年|birth|born`)},
	{"name", regexp.MustCompile(`氏名|(お|御)名前|(宿泊|予約|申込|代表|利用|回答|参加)者(名|$)|お客様(名|$)|(guest|first|last|full|booker) ?name|宿泊代表|^guest(\(s\))?$|^名前$`)},
}

// decided says whether the first guess is good enough: well ahead of any other,
// and not of a place that may be home or destination alike.
func (p *Proposal) decided(c *ProposedColumn) bool {
	first := c.Guesses[0]
	if first.Confidence < enough || len(c.Guesses) > 1 && c.Guesses[1].Confidence > first.Confidence-margin {
		return false
	}
	located := targets[first.Target].kind == placeValue && generic.MatchString(compact(c.Header))
	either := slices.Contains([]string{"survey", "visit", "act", "move"}, p.Kind)
	return c.Region > 0 || !located || !either
}

// fit is how well the values of a column go with a target, from 0 to 1.
func (p *Proposal) fit(target string, s *seen) float64 {
	t := targets[target]
	if s.filled == 0 {
		return 0.85 // the heading alone speaks, and nothing would be read wrongly
	}
	share := p.readable(target, t, s)
	if share < 0.6 {
		return 0
	}
	return share
}

// readable is the share of the values that a target can be read from.
func (p *Proposal) readable(target string, t target, s *seen) float64 {
	switch t.kind {
	case dateValue, instantValue:
		if target == "period" || target == "related_since" {
			return max(s.share(lookDate), s.share(lookYear), s.share(lookPeriod))
		}
		return s.share(lookDate)
	case countValue:
		if target == "birth_year" || target == "since_year" {
			return s.share(lookYear)
		}
		return max(s.share(lookCount), p.translated(target, s))
	case numberValue:
		if s.share(lookDate) > 0.5 && s.share(lookYear) < 0.5 {
			return 0
		}
		return s.share(lookNumber)
	case codeValue, boolValue, setValue:
		return p.coded(target, t, s)
	case placeValue:
		return min(1, placeLike(target, s)*1.25)
	}
	return textLike(target, s)
}

// coded is the share of the texts of a column that mean a code of a target.
// Words that nobody has met yet are no objection to a heading that is known; a
// column of dates or numbers is.
func (p *Proposal) coded(target string, t target, s *seen) float64 {
	known := p.translated(target, s)
	if t.kind == boolValue {
		known = max(known, s.share(lookYesNo))
		if target == "cancelled" {
			known = max(known, s.share(lookDate))
		}
		return known
	}
	if s.share(lookNumber) > 0.5 && known < 0.5 || s.share(lookDate) > 0.5 || s.share(lookPhone) > 0.2 || s.share(lookEmail) > 0.2 {
		return 0
	}
	return max(known, 0.8)
}

// translated is the share of values that some mapping translates for a target,
// of choices where a cell has several.
func (p *Proposal) translated(target string, s *seen) float64 {
	n := 0
	for text, times := range s.words {
		if code := p.words.codes[target][foldHeader(text)]; code != "" || slices.Contains(targets[target].codes, foldHeader(text)) {
			n += times
		}
	}
	return float64(n) / float64(max(s.filled, 1))
}

// placeLike is the share of the values that name a place in the way of a target.
func placeLike(target string, s *seen) float64 {
	_, part, _ := strings.Cut(target, ".")
	switch part {
	case "code":
		return s.share(lookRegionCode)
	case "prefecture":
		return s.share(lookPrefecture)
	case "municipality":
		return s.share(lookMunicipality)
	case "postcode":
		return s.share(lookPostcode)
	case "country":
		return s.share(lookCountry)
	}
	return s.share(lookAddress)
}

// textLike says whether values could be the texts of a target: 0 where they are
// plainly something else.
func textLike(target string, s *seen) float64 {
	switch target {
	case "email":
		return s.share(lookEmail)
	case "phone":
		return s.share(lookPhone)
	case "kana":
		return max(s.share(lookKana), 0.7)
	}
	if s.share(lookDate) > 0.5 || s.share(lookPhone) > 0.3 || s.share(lookEmail) > 0.3 {
		return 0
	}
	if (target == "name" || target == "platform") && s.share(lookNumber) > 0.5 {
		return 0
	}
	return 0.95
}

// dateParts matches the heading of the year of a date that is spread over
// columns, and month and day those of its other parts.
var dateParts = regexp.MustCompile(`^(.*?)(year|年)$`)

// joinDates finds dates that are spread over columns of year, month and day.
func (p *Proposal) joinDates() {
	at := map[string]int{}
	for i, c := range p.Columns {
		at[compact(c.Header)] = i
	}
	for i, c := range p.Columns {
		m := dateParts.FindStringSubmatch(compact(c.Header))
		if m == nil || m[1] == "" || c.seen.share(lookYear) < 0.9 {
			continue
		}
		month, ok1 := first(at, m[1]+"month", m[1]+"月")
		day, ok2 := first(at, m[1]+"dayofmonth", m[1]+"day", m[1]+"日")
		if !ok1 || !ok2 || p.Columns[day].seen.share(lookCount) < 0.9 {
			continue
		}
		scores := p.words.of(p.words.names, m[1])
		for target, score := range p.words.of(p.words.names, m[1]+"日") {
			scores[target] = max(scores[target], score)
		}
		for _, target := range sortedKeys(scores) {
			if targets[target].kind != dateValue || len(scores) > 1 || p.parts[target] != nil {
				continue
			}
			p.parts[target] = []string{c.Header, p.Columns[month].Header, p.Columns[day].Header}
			for _, part := range []int{i, month, day} {
				p.Columns[part].Guesses, p.Columns[part].Fate = []Guess{{target, scores[target]}}, placed
			}
		}
	}
}

func first(at map[string]int, names ...string) (int, bool) {
	for _, name := range names {
		if i, ok := at[name]; ok {
			return i, true
		}
	}
	return 0, false
}

// settleRivals leaves a target that several columns want to the one that is well
// ahead, to none if none is.
func (p *Proposal) settleRivals() {
	type seat struct {
		target string
		region int
	}
	rivals := map[seat][]int{}
	for i, c := range p.Columns {
		if c.Fate == placed && p.parts[c.Guesses[0].Target] == nil {
			at := seat{c.Guesses[0].Target, c.Region}
			rivals[at] = append(rivals[at], i)
		}
	}
	for _, columns := range rivals {
		if len(columns) < 2 {
			continue
		}
		slices.SortFunc(columns, func(a, b int) int { return p.Columns[b].Guesses[0].Confidence - p.Columns[a].Guesses[0].Confidence })
		if p.Columns[columns[0]].Guesses[0].Confidence >= p.Columns[columns[1]].Guesses[0].Confidence+margin {
			columns = columns[1:]
		}
		for _, i := range columns {
			p.Columns[i].Fate = undecided
		}
	}
}

// settleStays takes back dates of arrival and departure that most stays
// contradict, and numbers of nights that do not lie between them.
func (p *Proposal) settleStays() {
	column := func(target string) *ProposedColumn {
		i := slices.IndexFunc(p.Columns, func(c ProposedColumn) bool {
			return c.Fate == placed && c.Guesses[0].Target == target && p.parts[target] == nil
		})
		if i < 0 {
			return nil
		}
		return &p.Columns[i]
	}
	in, out, nights := column("check_in"), column("check_out"), column("nights")
	if in == nil || out == nil {
		return
	}
	both, reversed, counted, wrong := 0, 0, 0, 0
	for row := range min(len(in.seen.days), len(out.seen.days)) {
		a, b := in.seen.days[row], out.seen.days[row]
		if !a.ok || !b.ok {
			continue
		}
		if both++; b.v < a.v {
			reversed++
		}
		if nights != nil && nights.seen.counts[row].ok {
			if counted++; int(nights.seen.counts[row].v) != int(b.v-a.v) {
				wrong++
			}
		}
	}
	if reversed*5 > both {
		in.Fate, out.Fate = undecided, undecided
	}
	if wrong*2 > counted {
		nights.Fate = undecided
	}
}

// orderDates notes that some date cannot be read before somebody says which of
// its parts is the day.
func (p *Proposal) orderDates() {
	var all clean.Orders
	for _, c := range p.Columns {
		if c.Fate != placed || c.seen.share(lookDate) < 0.5 || p.parts[c.Guesses[0].Target] != nil {
			continue
		}
		p.Ambiguous = p.Ambiguous || c.seen.ambiguous && c.seen.orders.Decide() == clean.Unknown
		all.Join(c.seen.orders)
	}
	p.Ambiguous = p.Ambiguous && all.Decide() == clean.Unknown
}
