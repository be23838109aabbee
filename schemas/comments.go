package schemas

import (
	"embed"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"strings"
	"sync"
	"unicode"
)

// sources are the files whose doc comments are the data dictionary. They travel
// inside the executable, so that the comments in every published file are those
// of the code that wrote it.
//
//go:embed codes.go landed.go published.go published_conversion.go published_detail.go published_revision.go published_rules.go registry.go scenario.go store.go truth.go
var sources embed.FS

// parsed are the schema files' declarations, in the order of the files' names.
var parsed = sync.OnceValue(func() []ast.Decl {
	entries, err := sources.ReadDir(".")
	if err != nil {
		panic(err)
	}
	var decls []ast.Decl
	for _, e := range entries {
		text, err := sources.ReadFile(path.Join(".", e.Name()))
		if err != nil {
			panic(err)
		}
		file, err := parser.ParseFile(token.NewFileSet(), e.Name(), text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			panic(err)
		}
		decls = append(decls, file.Decls...)
	}
	return decls
})

// comments gives the doc comment, on one line, of each struct by its name
// ("Booking") and of each field ("Booking.CheckIn").
var comments = sync.OnceValue(func() map[string]string {
	out := map[string]string{}
	for _, decl := range parsed() {
		gen, ok := decl.(*ast.GenDecl)
		if !ok || gen.Tok != token.TYPE {
			continue
		}
		for _, spec := range gen.Specs {
			commentsOfType(out, gen.Doc, spec.(*ast.TypeSpec))
		}
	}
	return out
})

func commentsOfType(out map[string]string, doc *ast.CommentGroup, spec *ast.TypeSpec) {
	row, ok := spec.Type.(*ast.StructType)
	if !ok {
		return
	}
	out[spec.Name.Name] = oneLine(doc)
	for _, f := range row.Fields.List {
		for _, name := range f.Names {
			out[spec.Name.Name+"."+name.Name] = oneLine(f.Doc)
		}
	}
}

// rename lets a comment speak of what readers of the data see: Go's convention
// begins a comment with the Go name, which no table shows.
func rename(comment, from, to string) string {
	rest, ok := strings.CutPrefix(comment, from+" ")
	if !ok {
		return comment
	}
	return to + " " + rest
}

// words spells a Go name in plain words: SurveyTie becomes "Survey tie".
func words(name string) string {
	var b strings.Builder
	for i, r := range name {
		if i > 0 && unicode.IsUpper(r) {
			b.WriteByte(' ')
			r = unicode.ToLower(r)
		}
		b.WriteRune(r)
	}
	return b.String()
}

func oneLine(doc *ast.CommentGroup) string { return strings.Join(strings.Fields(doc.Text()), " ") }
