package schemas

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/token"
	"strconv"
	"strings"
)

// CodeList is a list of codes that columns hold.
type CodeList struct {
	// Comment is the doc comment of the list.
	Comment string
	Codes   []Code
}

// Code is one code and its meaning.
type Code struct{ Value, Meaning string }

// CodeLists are the constants of the schemas with their meanings, in the order
// of the source. A list of bits gives each code with its bit.
func CodeLists() []CodeList {
	var out []CodeList
	for _, decl := range parsed() {
		gen, ok := decl.(*ast.GenDecl)
		if !ok || gen.Tok != token.CONST {
			continue
		}
		list := CodeList{Comment: oneLine(gen.Doc)}
		for i, spec := range gen.Specs {
			list.Codes = append(list.Codes, code(spec.(*ast.ValueSpec), i))
		}
		out = append(out, list)
	}
	return out
}

// code reads a constant: a quoted code, or the i-th bit of a list of bits.
func code(spec *ast.ValueSpec, i int) Code {
	meaning := oneLine(spec.Comment)
	if len(spec.Values) == 1 {
		if lit, ok := spec.Values[0].(*ast.BasicLit); ok {
			value, err := strconv.Unquote(lit.Value)
			if err != nil {
				panic(fmt.Sprintf("schemas: constant %s: %v", spec.Names[0], err))
			}
			return Code{Value: value, Meaning: meaning}
		}
	}
	for name, bit := range PurposeCodes {
		if bit == 1<<i {
			return Code{Value: fmt.Sprintf("%s (%d)", name, bit), Meaning: meaning}
		}
	}
	panic(fmt.Sprintf("schemas: constant %s is neither a quoted code nor a purpose", spec.Names[0]))
}

var stageHeadings = []struct{ stage, heading, note string }{
	{Published, "Published datasets", "In `releases/<id>/parquet/` and `kankei.duckdb`. Cells below the thresholds of disclosure control are withheld: `conf_status` is C and the figures are null."},
	{Internal, "Internal datasets", "In `work/internal.duckdb`, for `kankei query --internal`; exact, never released. The published datasets of figures stand there too, unprotected, under the same names."},
	{Store, "Datasets of the store", "In `work/store.duckdb`: rows of persons by pseudonym, patched night by night, never released."},
	{Simulated, "The truth of simulated worlds", "In `truth/` of a project made by `kankei simulate`; no run reads it."},
	{Landed, "Landed datasets", "In `work/landed/`: one Parquet file per delivered file and dataset, pseudonymised, never released."},
}

// Dictionary is docs/dictionary.md: every dataset with its grain and columns,
// and every code list, in Markdown.
func Dictionary() []byte {
	var b bytes.Buffer
	b.WriteString(dictionaryHead)
	for _, s := range stageHeadings {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n", s.heading, s.note)
		for _, d := range Datasets() {
			if d.Stage == s.stage {
				writeDataset(&b, d)
			}
		}
	}
	b.WriteString("\n## Code lists\n")
	for _, list := range CodeLists() {
		writeCodeList(&b, list)
	}
	return b.Bytes()
}

const dictionaryHead = `# Data dictionary

Generated from the doc comments and tags of the package ` + "`schemas`" + ` by
` + "`go test ./schemas -update`" + `; edit those, not this page. The same words are the
comments of tables and columns in the DuckDB files.

Null means not known; zero means counted and none. Keys are never null. Dates are days of the calendar.
Roles: a **key** tells rows apart, a **dimension** classifies, a **measure** is counted or estimated, an **attribute** says more.
`

func writeDataset(b *bytes.Buffer, d Dataset) {
	fmt.Fprintf(b, "\n### %s\n\n%s\n\n", d.Name, escape(d.Comment))
	b.WriteString("| column | type | null | role | unit | meaning |\n|---|---|---|---|---|---|\n")
	for _, c := range d.Columns() {
		null := "no"
		if c.Nullable {
			null = "yes"
		}
		fmt.Fprintf(b, "| `%s` | %s | %s | %s | %s | %s |\n", c.Name, c.DuckType, null, c.Role, c.Unit, escape(c.Comment))
	}
}

func writeCodeList(b *bytes.Buffer, list CodeList) {
	fmt.Fprintf(b, "\n%s\n\n| code | meaning |\n|---|---|\n", escape(list.Comment))
	for _, c := range list.Codes {
		fmt.Fprintf(b, "| `%s` | %s |\n", c.Value, escape(c.Meaning))
	}
}

// escape keeps text inside its table cell and its underscores upright.
func escape(text string) string {
	return strings.NewReplacer("|", `\|`, "_", `\_`, "*", `\*`, "<", "&lt;").Replace(text)
}
