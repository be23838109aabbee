package ingest

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"

	"github.com/kankei/kankei/schemas"
)

// MappingError is a fault in a mapping file.
type MappingError struct {
	File string
	Line int
	Text schemas.Text
}

// Error is the message in English.
func (e *MappingError) Error() string { return e.Message("en") }

// Message is the message in lang, "ja" or "en".
func (e *MappingError) Message(lang string) string {
	if e.Line == 0 {
		return e.File + ": " + e.Text.In(lang)
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Text.In(lang))
}

// LoadMapping reads and checks a mapping. name is what messages call its file.
// Keys, targets and codes that do not exist are errors with their line.
func LoadMapping(text []byte, name string) (*Mapping, error) {
	m, err := readMapping(text, name)
	if err != nil {
		return nil, err
	}
	if err := m.checkAnswered(); err != nil {
		return nil, err
	}
	if err := m.check(); err != nil {
		return nil, err
	}
	return m, nil
}

// readMapping reads a mapping without checking what it says.
func readMapping(text []byte, name string) (*Mapping, error) {
	m := &Mapping{name: name, text: string(text), digest: digestOf(text), nullKey: lineOfNullKey(text)}
	if err := decode(text, m); err != nil {
		return nil, yamlError(name, err)
	}
	return m, nil
}

// lineOfNullKey finds a key written null, 0 if there is none: YAML takes it for
// no text at all, and the library then decodes nothing and reports nothing.
func lineOfNullKey(text []byte) int {
	for i, line := range strings.Split(string(text), "\n") {
		if strings.HasPrefix(line, "null:") || strings.HasPrefix(line, "~:") {
			return i + 1
		}
	}
	return 0
}

// decode reads one YAML document whose every key is a field. The library panics
// on some malformed documents; whatever a user's file holds is the file's fault.
func decode(text []byte, m *Mapping) (err error) {
	defer func() {
		if recover() != nil {
			err = &MappingError{Text: schemas.Text{JA: "YAMLとして読めません。", EN: "not YAML that can be read"}}
		}
	}()
	text = schemas.WithoutBOM(text)
	if wrong := new(schemas.YAMLError); errors.As(schemas.CheckYAML(text), &wrong) {
		return &MappingError{Line: wrong.Line, Text: wrong.Wrong}
	}
	return yaml.UnmarshalWithOptions(text, m, yaml.Strict())
}

// yamlError gives an error of the YAML reader its file and line.
func yamlError(name string, err error) error {
	if own := new(MappingError); errors.As(err, &own) {
		own.File = name
		return own
	}
	e := &MappingError{File: name, Text: schemas.Text{JA: err.Error(), EN: err.Error()}}
	var detailed yaml.Error
	if errors.As(err, &detailed) {
		e.Line = detailed.GetToken().Position.Line
		e.Text = schemas.Text{JA: detailed.GetMessage(), EN: detailed.GetMessage()}
	}
	if unknown := new(yaml.UnknownFieldError); errors.As(err, &unknown) {
		key := unknown.GetToken().Value
		e.Text = schemas.Text{JA: "知らないキーです: " + key, EN: "unknown key: " + key}
	}
	return e
}

// Names is one name or several, of which the first that exists is meant.
type Names []string

// UnmarshalYAML reads a scalar as a list of one.
func (n *Names) UnmarshalYAML(node ast.Node) error {
	if _, list := node.(*ast.SequenceNode); list {
		return yaml.NodeToValue(node, (*[]string)(n))
	}
	var one string
	if err := yaml.NodeToValue(node, &one); err != nil {
		return err
	}
	*n = Names{one}
	return nil
}

// Fields are the fields of a record in the order of the file.
type Fields []Field

// UnmarshalYAML reads target: column, target: [column, alias] and target: {…}.
func (fs *Fields) UnmarshalYAML(node ast.Node) error {
	entries, err := mappingEntries(node)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		f := Field{Target: entry.Key.GetToken().Value, line: entry.Key.GetToken().Position.Line}
		if entry.Value.Type() == ast.MappingType {
			err = yaml.NodeToValue(entry.Value, &f, yaml.Strict())
		} else {
			err = f.Column.UnmarshalYAML(entry.Value)
		}
		if err != nil {
			return err
		}
		*fs = append(*fs, f)
	}
	return nil
}

// Match is a regular expression and the code it stands for.
type Match struct{ Pattern, Code string }

// Matches are tried in the order of the file.
type Matches []Match

// UnmarshalYAML reads pattern: code.
func (ms *Matches) UnmarshalYAML(node ast.Node) error {
	entries, err := mappingEntries(node)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		*ms = append(*ms, Match{entry.Key.GetToken().Value, entry.Value.GetToken().Value})
	}
	return nil
}

// mappingEntries lists the entries of a YAML mapping in order.
func mappingEntries(node ast.Node) ([]*ast.MappingValueNode, error) {
	switch m := node.(type) {
	case *ast.MappingNode:
		return m.Values, nil
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{m}, nil
	}
	return nil, &MappingError{Line: node.GetToken().Position.Line, Text: schemas.Text{
		JA: "「キー: 値」の並びが必要です。", EN: "want entries of the form key: value"}}
}

// kindsOfSource are the kinds of source, with the datasets each may give.
var kindsOfSource = map[string][]string{
	"booking":  {"booking"},
	"survey":   {"visit", "survey_response", "survey_tie"},
	"visit":    {"visit"},
	"facility": {"facility"},
	"act":      {"act"},
	"move":     {"move"},
	"total":    {"total"},
}

// check finds what the YAML reader cannot: names that mean nothing.
func (m *Mapping) check() error {
	if line := m.nullKey; line > 0 {
		return m.fault(line, "知らないキーです: null（nulls と書いてください）", "unknown key: null (write nulls)")
	}
	if m.ID == "" || m.Version == "" {
		return m.fault(0, "id と version が必要です。", "id and version are needed")
	}
	datasets, ok := kindsOfSource[m.Kind]
	if !ok {
		return m.fault(0, "kind は次のいずれかです: "+keys(kindsOfSource), "kind is one of "+keys(kindsOfSource))
	}
	if !slices.Contains([]string{"", "day_first", "month_first"}, m.DateOrder) {
		return m.fault(0, "date_order は day_first か month_first です。", "date_order is day_first or month_first")
	}
	if !slices.Contains([]string{"", "html"}, m.Entities) {
		return m.fault(0, "entities は html だけです。", "entities is html")
	}
	if d := m.Delivered; d != nil {
		for _, pattern := range []string{d.Name, d.Content} {
			if pattern != "" && !CheckStated(pattern) {
				return m.fault(0, "delivered の name と content は、日時を囲む ( ) のある正規表現です。", "name and content of delivered are regular expressions with a group ( ) around the time")
			}
		}
	}
	if len(m.Records) == 0 {
		return m.fault(0, "records が必要です。", "records are needed")
	}
	if err := m.identify(); err != nil {
		return err
	}
	m.text = ""
	for i := range m.Records {
		r := &m.Records[i]
		if !slices.Contains(datasets, r.Dataset) {
			want := strings.Join(datasets, ", ")
			return m.fault(0, fmt.Sprintf("kind %s の dataset は次のいずれかです: %s", m.Kind, want), fmt.Sprintf("dataset of kind %s is one of %s", m.Kind, want))
		}
		if err := m.checkRecord(r); err != nil {
			return err
		}
	}
	return nil
}

func (m *Mapping) checkRecord(r *Record) error {
	seen := map[string]bool{}
	for i := range r.Fields {
		f := &r.Fields[i]
		t, ok := targets[f.Target]
		if !ok || !slices.Contains(t.datasets, r.Dataset) {
			want := strings.Join(targetsOf(r.Dataset), ", ")
			return m.fault(f.line, fmt.Sprintf("%s に %s という項目はありません。あるのは: %s", r.Dataset, f.Target, want),
				fmt.Sprintf("%s has no field %s; it has %s", r.Dataset, f.Target, want))
		}
		if seen[f.Target] {
			return m.fault(f.line, f.Target+" が二度あります。", f.Target+" is given twice")
		}
		seen[f.Target] = true
		if err := m.checkField(f, t); err != nil {
			return err
		}
	}
	for _, alternatives := range needed[r.Dataset] {
		if !slices.ContainsFunc(alternatives, func(target string) bool { return seen[target] }) {
			want := strings.Join(alternatives, " / ")
			return m.fault(0, fmt.Sprintf("%s には %s が必要です。", r.Dataset, want), fmt.Sprintf("%s needs %s", r.Dataset, want))
		}
	}
	return nil
}

func (m *Mapping) checkField(f *Field, t target) error {
	sources := 0
	for _, given := range []bool{len(f.Column) > 0, f.Pattern != "", len(f.First) > 0, len(f.Join) > 0, len(f.Sum) > 0, len(f.Latest) > 0, len(f.Flags) > 0, f.Const != nil} {
		if given {
			sources++
		}
	}
	if sources != 1 {
		return m.fault(f.line, f.Target+": column, pattern, first, join, sum, latest, flags, const のうち一つだけが必要です。",
			f.Target+": want exactly one of column, pattern, first, join, sum, latest, flags, const")
	}
	if slices.ContainsFunc(f.columns(), func(n Names) bool { return len(n) == 0 }) {
		return m.fault(f.line, f.Target+": 列の名前のない項目があります。名前を書くか、その行を消してください。", f.Target+": an entry of the list names no column; name one or delete the line")
	}
	if f.When != nil && (len(f.Sum) > 0 || len(f.Latest) > 0 || len(f.Flags) > 0) {
		return m.fault(f.line, f.Target+": when は sum, latest, flags と一緒には使えません。", f.Target+": when does not go with sum, latest or flags")
	}
	if f.Parse != "" && !slices.Contains(t.parses, f.Parse) {
		want := strings.Join(t.parses, ", ")
		return m.fault(f.line, fmt.Sprintf("%s の parse は次のいずれかです: %s", f.Target, want), fmt.Sprintf("parse of %s is one of %s", f.Target, want))
	}
	for _, pattern := range append([]string{f.Pattern, f.Split}, f.Matches.patterns()...) {
		if _, err := regexp.Compile(pattern); err != nil {
			return m.fault(f.line, "正規表現が読めません: "+err.Error(), err.Error())
		}
	}
	if err := m.checkRecall(f); err != nil {
		return err
	}
	return m.checkCodes(f, t)
}

// checkRecall refuses visits per year from a question that may ask for all
// visits ever: of the people who answer "first time" on the spot, many have been
// seen before.
func (m *Mapping) checkRecall(f *Field) error {
	const yearly = "12_months"
	perYear := f.Target == "visits_per_year" || f.Target == "visits_per_year_most"
	switch {
	case !perYear && f.Recall != "":
		return m.fault(f.line, f.Target+" に recall は使えません。", f.Target+" takes no recall")
	case perYear && f.Recall != yearly:
		return m.fault(f.line,
			f.Target+" には、過去12か月の回数を尋ねた設問であることを示す recall: 12_months が必要です。これまでの来訪回数を尋ねた設問は、年間の回数には使えません。",
			f.Target+" needs recall: 12_months, which says that the question asked for visits in the last 12 months; a question on all visits ever made tells no yearly number")
	}
	return nil
}

// checkCodes holds the codes of a field to those its target knows.
func (m *Mapping) checkCodes(f *Field, t target) error {
	codes := slices.Collect(maps.Values(f.Values))
	codes = slices.AppendSeq(codes, maps.Values(f.Flags))
	for _, match := range f.Matches {
		codes = append(codes, match.Code)
	}
	if f.Default != Reject {
		codes = append(codes, f.Default)
	}
	if f.Const != nil && f.Values == nil {
		codes = append(codes, *f.Const)
	}
	slices.Sort(codes)
	for _, code := range codes {
		if code != "" && len(t.codes) > 0 && !slices.Contains(t.codes, code) {
			want := strings.Join(t.codes, ", ")
			return m.fault(f.line, fmt.Sprintf("%s に %s という符号はありません。あるのは: %s", f.Target, code, want),
				fmt.Sprintf("%s has no code %s; it has %s", f.Target, code, want))
		}
	}
	return nil
}

func (ms Matches) patterns() []string {
	var all []string
	for _, match := range ms {
		all = append(all, match.Pattern)
	}
	return all
}

func (m *Mapping) fault(line int, ja, en string) error {
	return &MappingError{File: m.name, Line: line, Text: schemas.Text{JA: ja, EN: en}}
}

func keys[V any](m map[string]V) string { return strings.Join(sortedKeys(m), ", ") }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
