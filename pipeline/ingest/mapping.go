package ingest

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/unicode/norm"

	"github.com/kankei/kankei/schemas"
)

// Mapping says how the columns of one export format become landed rows. It is
// data, read from YAML: target fields are named by the columns of [schemas] and
// source columns by their header, never by position.
type Mapping struct {
	// ID names the mapping in kankei.yaml.
	ID string `yaml:"id"`
	// Version changes whenever the mapping would give other rows.
	Version string `yaml:"version"`
	// Kind is the kind of source it reads: booking, survey, visit, facility, act, move or total.
	Kind string `yaml:"kind"`
	// Title names the format.
	Title schemas.Text `yaml:"title"`
	// About says where such files come from and what is peculiar about them.
	About string `yaml:"about"`
	// Scope is within what membership numbers, response numbers and the like are unique; the id of the mapping if empty.
	Scope string `yaml:"scope"`
	// Detect are headers that together tell this format from others, each with its aliases.
	Detect []Names `yaml:"detect"`
	// Delivered says where a file states when it was delivered; nil: nowhere.
	Delivered *Stated `yaml:"delivered"`
	// HeaderRows is the number of rows the header takes, 1 if 0.
	HeaderRows int `yaml:"header_rows"`
	// Nulls are the texts that stand for no value, besides the empty one. (The key
	// is not null, which in YAML is no text.)
	Nulls []string `yaml:"nulls"`
	// DateOrder is day_first or month_first; empty lets the dates of each column decide.
	DateOrder string `yaml:"date_order"`
	// Entities is html where the texts of cells carry HTML entities, such as &amp;.
	Entities string `yaml:"entities"`
	// Incomplete is the condition under which a record is an answer that was begun and never sent.
	Incomplete *Condition `yaml:"incomplete"`
	// Identity says of columns that may identify persons which identifier each is.
	Identity Identifications `yaml:"identity"`
	// Records are the rows that one record of the file gives. The first whose
	// condition holds is the primary one: with it the record lands or is rejected.
	Records []Record `yaml:"records"`

	name   string // what messages call the mapping
	text   string // of the file, until it is checked
	digest string

	nullKey int // line of a key written null, 0 if there is none
}

// Record is one row made of a record of the file.
type Record struct {
	// Dataset is the landed dataset the row belongs to.
	Dataset string `yaml:"dataset"`
	// When is the condition under which there is such a row; nil is always.
	When *Condition `yaml:"when"`
	// Fields fill the row, in the order in which faults are looked for.
	Fields Fields `yaml:"fields"`
}

// Condition is about one column of a record.
type Condition struct {
	// Column is the column, with its aliases; without it in the file the condition fails.
	Column Names `yaml:"column"`
	// Equals are the values of which the column has one, "" being none; without Equals it is any value but none.
	Equals Names `yaml:"equals"`
}

// Field fills one target field from columns of the file. Exactly one of Column,
// Pattern, First, Join, Sum, Latest, Flags and Const says from which.
type Field struct {
	// Target is a column of the dataset, or a part from which such columns are
	// made, such as residence.address or nights.
	Target string `yaml:"-"`
	// Column is the header of the column and its aliases: the first present is taken.
	Column Names `yaml:"column"`
	// Pattern is a regular expression for the header; the first column it matches is taken.
	Pattern string `yaml:"pattern"`
	// Join takes several columns, joined by Separator (a space if not given). Empty
	// ones are left out, but an identifier has none of its parts missing.
	Join      []Names `yaml:"join"`
	Separator *string `yaml:"separator"`
	// First takes the first of several columns that has a value in the record.
	First []Names `yaml:"first"`
	// Sum adds several columns of counts; columns without a value add nothing.
	Sum []Names `yaml:"sum"`
	// Latest takes the latest of several columns of instants.
	Latest []Names `yaml:"latest"`
	// When is the condition under which the field has a value; nil is always.
	When *Condition `yaml:"when"`
	// Flags are columns of 0 and 1 by header, each with the code it stands for.
	Flags map[string]string `yaml:"flags"`
	// Const is a fixed value.
	Const *string `yaml:"const"`
	// Parse states how the text is read, where the target leaves a choice: date,
	// timestamp, int, decimal, text, bool or excel_serial.
	Parse string `yaml:"parse"`
	// Split is a regular expression that separates the choices of one cell.
	Split string `yaml:"split"`
	// Values gives the code, or the text to be read on, for each text of the source.
	Values map[string]string `yaml:"values"`
	// Matches gives a code for each regular expression found in the text; the first that is found counts.
	Matches Matches `yaml:"matches"`
	// Default is the code of a text that Values and Matches do not have; "reject" refuses the row.
	Default string `yaml:"default"`
	// Recall is the span that a question on a number of visits asks about: 12_months.
	// Visits per year need it, so that no answer on all visits of a life is taken for one.
	Recall string `yaml:"recall"`
	// Personal says whether values may identify a person, so that messages show their shape only; nil is as the target has it.
	Personal *bool `yaml:"personal"`
	// Required says that a file without the column does not fit the mapping.
	Required bool `yaml:"required"`

	line int // in the text of the mapping
}

// Reject as the default of a field refuses a row whose text has no code.
const Reject = "reject"

//go:embed mappings/*.yaml
var builtinFiles embed.FS

// builtins reads the built-in mappings once, ordered by id.
var builtins = sync.OnceValue(func() []*Mapping {
	entries, err := builtinFiles.ReadDir("mappings")
	if err != nil {
		panic(err)
	}
	var all []*Mapping
	for _, entry := range entries {
		text, err := builtinFiles.ReadFile(path.Join("mappings", entry.Name()))
		if err != nil {
			panic(err)
		}
		m, err := LoadMapping(text, entry.Name())
		if err != nil {
			panic(fmt.Sprintf("built-in mapping: %v", err))
		}
		all = append(all, m)
	}
	slices.SortFunc(all, func(a, b *Mapping) int { return strings.Compare(a.ID, b.ID) })
	return all
})

// Builtins are all built-in mappings, ordered by id.
func Builtins() []*Mapping { return slices.Clone(builtins()) }

// Builtin is the built-in mapping of that id.
func Builtin(id string) (*Mapping, bool) {
	for _, m := range builtins() {
		if m.ID == id {
			return m, true
		}
	}
	return nil, false
}

// Digest is the SHA-256 of the mapping's text in hex.
func (m *Mapping) Digest() string { return m.digest }

// scope is within what the identifiers of the file are unique.
func (m *Mapping) scope() string {
	if m.Scope != "" {
		return m.Scope
	}
	return m.ID
}

// wants lists the headers the mapping cannot do without, one per column.
func (m *Mapping) wants() []Names {
	var want []Names
	for _, r := range m.Records {
		for _, f := range r.Fields {
			if f.Required {
				want = append(want, f.columns()...)
			}
		}
	}
	return want
}

// headers lists every header the mapping knows, aliases too.
func (m *Mapping) headers() []string {
	var all []string
	for _, names := range m.Detect {
		all = append(all, names...)
	}
	all = append(all, m.Incomplete.columns()...)
	for _, r := range m.Records {
		all = append(all, r.When.columns()...)
		for _, f := range r.Fields {
			all = append(all, f.When.columns()...)
			for _, names := range f.columns() {
				all = append(all, names...)
			}
		}
	}
	return all
}

// columns are the names of the column of a condition, none where there is no condition.
func (c *Condition) columns() Names {
	if c == nil {
		return nil
	}
	return c.Column
}

// columns lists the columns a field names, each with its aliases.
func (f *Field) columns() []Names {
	var all []Names
	if len(f.Column) > 0 {
		all = append(all, f.Column)
	}
	all = append(all, f.First...)
	all = append(all, f.Join...)
	all = append(all, f.Sum...)
	all = append(all, f.Latest...)
	for _, header := range sortedKeys(f.Flags) {
		all = append(all, Names{header})
	}
	return all
}

// personal says whether the field's values may identify a person.
func (f *Field) personal() bool {
	if f.Personal != nil {
		return *f.Personal
	}
	return targets[f.Target].personal
}

// foldHeader is the form in which headers are compared: NFKC, lower case,
// without space around and with single spaces inside.
func foldHeader(s string) string {
	return strings.ToLower(strings.Join(strings.Fields(norm.NFKC.String(s)), " "))
}

func digestOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
