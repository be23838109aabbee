package ingest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"

	"github.com/kankei/kankei/schemas"
)

// unanswered is what stands in a draft where only a person can decide. A mapping in
// which it stands anywhere is refused.
const unanswered = "?"

// notIdentity is the answer for a column that identifies nobody whom the rows
// are about: it is not read.
const notIdentity = "none"

// identifiers are the targets by which a person is known, in the order in which
// messages name them.
var identifiers = []string{"member_id", "email", "phone", "name", "kana", "birth_year", "birth_date"}

// Identification is a column and the identifier of the person whom its rows are about
// that it holds: one of member_id, email, phone, name, kana, birth_year and
// birth_date, "none", or "?" while nobody has said.
type Identification struct {
	Column, Answer string
	line           int
}

// Identifications are the columns of a draft that may identify persons.
type Identifications []Identification

// UnmarshalYAML reads column: answer.
func (ids *Identifications) UnmarshalYAML(node ast.Node) error {
	entries, err := mappingEntries(node)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		id := Identification{line: entry.Key.GetToken().Position.Line}
		if err := yaml.NodeToValue(entry.Key, &id.Column); err != nil {
			return err
		}
		if err := yaml.NodeToValue(entry.Value, &id.Answer); err != nil {
			return err
		}
		*ids = append(*ids, id)
	}
	return nil
}

// Unanswered is the refusal of a draft with open questions.
type Unanswered struct{ MappingError }

// question is a place in a mapping where an answer is wanted.
type question struct {
	line int
	what schemas.Text
}

// questions lists what a mapping leaves open, in the order of its lines.
func (m *Mapping) questions() []question {
	var all []question
	ask := func(line int, ja, en string) { all = append(all, question{line, schemas.Text{JA: ja, EN: en}}) }
	if m.DateOrder == unanswered {
		ask(m.line("date_order"), "date_order（day_first か month_first）", "date_order (day_first or month_first)")
	}
	for _, id := range m.Identity {
		if id.Answer == unanswered {
			want := strings.Join(append(slices.Clone(identifiers), notIdentity), ", ")
			ask(id.line, fmt.Sprintf("列「%s」は本人の何か（%s）", id.Column, want), fmt.Sprintf("what the column %q tells of the person (%s)", id.Column, want))
		}
	}
	for _, r := range m.Records {
		for _, f := range r.Fields {
			switch {
			case slices.Contains(f.Column, unanswered):
				ask(f.line, strings.Join(insteadOf(r.Dataset, f.Target), " か ")+" の列", "the column of "+strings.Join(insteadOf(r.Dataset, f.Target), " or of "))
			case f.Const != nil && *f.Const == unanswered:
				ask(f.line, f.Target+" の値（"+strings.Join(targets[f.Target].codes, ", ")+"）", "the value of "+f.Target+" ("+strings.Join(targets[f.Target].codes, ", ")+")")
			case f.Recall == unanswered:
				ask(f.line, f.Target+" の設問が過去12か月の回数を尋ねたものか（そうなら recall: 12_months、違えばこの項目を消す）",
					"whether "+f.Target+" was asked of the last 12 months (then recall: 12_months; if not, delete the field)")
			}
		}
	}
	return all
}

// insteadOf lists a target and those that a dataset takes in its place.
func insteadOf(dataset, target string) []string {
	for _, alternatives := range needed[dataset] {
		if alternatives[0] == target {
			return alternatives
		}
	}
	return []string{target}
}

// checkAnswered refuses a draft with open questions and names them all.
func (m *Mapping) checkAnswered() error {
	asked := m.questions()
	if len(asked) == 0 {
		return nil
	}
	var ja, en []string
	for _, q := range asked {
		ja = append(ja, fmt.Sprintf("%d行目 %s", q.line, q.what.JA))
		en = append(en, fmt.Sprintf("line %d: %s", q.line, q.what.EN))
	}
	return &Unanswered{MappingError{File: m.name, Line: asked[0].line, Text: schemas.Text{
		JA: fmt.Sprintf("人が決めることが残っています（%d 件）。「?」を答えに書き換えてください。\n    %s", len(asked), strings.Join(ja, "\n    ")),
		EN: fmt.Sprintf("something is left for a person to decide (%d). Put an answer in place of each \"?\".\n    %s", len(asked), strings.Join(en, "\n    "))}}}
}

// identify makes fields of the columns that were said to identify persons, in
// every row about a person.
func (m *Mapping) identify() error {
	column := map[string]string{}
	for _, id := range m.Identity {
		if id.Answer == notIdentity {
			continue
		}
		if !slices.Contains(identifiers, id.Answer) {
			want := strings.Join(append(slices.Clone(identifiers), notIdentity), ", ")
			return m.fault(id.line, fmt.Sprintf("identity の答えは次のいずれかです: %s", want), "an answer of identity is one of "+want)
		}
		if first := column[id.Answer]; first != "" {
			return m.fault(id.line, fmt.Sprintf("%s が二つの列にあります（%s、%s）。一方を none にしてください。", id.Answer, first, id.Column),
				fmt.Sprintf("%s is given to two columns (%s, %s); make one of them none", id.Answer, first, id.Column))
		}
		column[id.Answer] = id.Column
		for i := range m.Records {
			if r := &m.Records[i]; slices.Contains(ofPersons, r.Dataset) {
				r.Fields = append(r.Fields, Field{Target: id.Answer, Column: Names{id.Column}, line: id.line})
			}
		}
	}
	return nil
}

// line is the line of a key at the beginning of a line, 0 if there is none.
func (m *Mapping) line(key string) int {
	for i, line := range strings.Split(m.text, "\n") {
		if strings.HasPrefix(line, key+":") {
			return i + 1
		}
	}
	return 0
}

// settled is the mapping as it would be if every question were answered by no:
// nobody is identified, and fields without a column are left out.
func (m *Mapping) settled() *Mapping {
	s := *m
	s.Identity = nil
	if s.DateOrder == unanswered {
		s.DateOrder = ""
	}
	s.Records = slices.Clone(s.Records)
	for i := range s.Records {
		r := &s.Records[i]
		r.Fields = slices.DeleteFunc(slices.Clone(r.Fields), func(f Field) bool {
			return slices.Contains(f.Column, unanswered) || f.Const != nil && *f.Const == unanswered || f.Recall == unanswered
		})
	}
	return &s
}
