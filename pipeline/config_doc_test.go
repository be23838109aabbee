package pipeline

import (
	"flag"
	"fmt"
	"go/ast"
	goparser "go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kankei/kankei/internal/sharedtest"
)

var update = flag.Bool("update", false, "write golden files anew")

// TestConfigReferenceIsCurrent holds docs/config.md to the types it describes.
func TestConfigReferenceIsCurrent(t *testing.T) {
	path := filepath.Join(sharedtest.Root(t), "docs", "config.md")
	want := configReference(t)
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("docs/config.md is stale; run go test ./pipeline -run ConfigReference -update\n(-want +got):\n%s", diff)
	}
}

// configReference is docs/config.md, from the comments and tags of the fields.
func configReference(t *testing.T) string {
	example, err := os.ReadFile("testdata/kankei.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("# kankei.yaml\n\n<!-- Written by TestConfigReferenceIsCurrent from the types in pipeline/config.go; do not edit. -->\n\n")
	b.WriteString("> **要約** プロジェクトのフォルダに置く設定ファイルの全項目です。知らないキーや型の違う値は、行と列を示して拒否します（終了コード 2）。\n\n")
	b.WriteString("Every key of the configuration. A key that is not here, a value of the wrong type or out of range is an error with its\n" +
		"line and column, and nothing is run (exit code 2). Paths are relative to the project's folder and stay inside it.\n\n" +
		"```yaml\n" + string(example) + "```\n")
	comments := fieldComments(t)
	section(t, &b, reflect.TypeFor[Config](), "", comments)
	return b.String()
}

// pagesOfSections are the pages on what a section is for.
var pagesOfSections = map[string]string{
	"key":                  "operations.md#the-key",
	"sources[].survey":     "methods/survey-weights.md",
	"sources[].delivered":  "operations.md#what-is-delivered-again",
	"own_definitions[]":    "methods/observed.md#definitions",
	"rejects":              "operations.md#giving-refused-rows-back",
	"disclosure":           "methods/disclosure.md",
	"disclosure.detail":    "methods/disclosure.md#a-perturbed-table-detailperturb-dataset-origin_destination_detail",
	"disclosure.dominance": "methods/disclosure.md#primary-rules-rules-threshold-dominance-full",
	"reliability":          "methods/headline.md#reliability",
	"linkage":              "methods/linkage.md",
	"lists[]":              "methods/capture-lists.md",
	"detection":            "methods/capture.md#detection",
	"targets[]":            "methods/definitions.md#targets-target_progress",
	"conversion":           "methods/conversion.md",
	"programmes[]":         "methods/drivers.md",
	"report":               "operations.md#what-to-hand-on",
}

// section describes the keys of one section, then the sections below it.
func section(t *testing.T, b *strings.Builder, typ reflect.Type, path string, comments map[string]string) {
	heading := "Top level"
	if path != "" {
		heading = "`" + path + "`"
	}
	more := ""
	if page := pagesOfSections[path]; page != "" {
		more = " ([more](" + page + "))"
	}
	fmt.Fprintf(b, "\n## %s\n\n%s%s\n\n| key | value | default | meaning |\n|---|---|---|---|\n", heading, comment(t, comments, typ.Name()), more)
	type below struct {
		typ  reflect.Type
		path string
	}
	var sections []below
	for _, f := range reflect.VisibleFields(typ) {
		key := f.Tag.Get("yaml")
		if key == "" {
			continue
		}
		fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", key, valueOf(f), defaultOf(f), comment(t, comments, typ.Name()+"."+f.Name))
		if s := f.Type; s.Kind() == reflect.Slice && s.Elem().Kind() == reflect.Struct {
			sections = append(sections, below{s.Elem(), join(path, key) + "[]"})
		} else if s.Kind() == reflect.Struct && !reflect.PointerTo(s).Implements(reflect.TypeFor[textValue]()) {
			sections = append(sections, below{s, join(path, key)})
		}
	}
	for _, s := range sections {
		section(t, b, s.typ, s.path, comments)
	}
}

// valueOf says what a key takes.
func valueOf(f reflect.StructField) string {
	if allowed := f.Tag.Get("allowed"); allowed != "" {
		words := "`" + strings.Join(strings.Fields(allowed), "`, `") + "`"
		if f.Type.Kind() == reflect.Slice {
			return "list of " + words
		}
		return words
	}
	if v, ok := reflect.New(f.Type).Interface().(textValue); ok {
		return v.wanted().EN
	}
	switch f.Type.Kind() {
	case reflect.Int:
		if most := f.Tag.Get("most"); most != "" {
			return fmt.Sprintf("whole number, %s to %s", f.Tag.Get("least"), most)
		}
		return "whole number, at least " + f.Tag.Get("least")
	case reflect.Bool:
		return "`true`, `false`"
	case reflect.Slice:
		if f.Type.Elem().Kind() == reflect.Struct {
			return "list of sections"
		}
		return "text or list of texts"
	case reflect.Map:
		return "pairs of name and code"
	case reflect.Struct:
		return "section"
	}
	return "text"
}

// defaultOf says what holds where a key is left out.
func defaultOf(f reflect.StructField) string {
	switch value := f.Tag.Get("default"); {
	case f.Tag.Get("required") != "":
		return "must be given"
	case value == "":
		return ""
	case f.Type.Kind() == reflect.Slice:
		return "`[" + strings.Join(strings.Fields(value), ", ") + "]`"
	default:
		return "`" + value + "`"
	}
}

func comment(t *testing.T, comments map[string]string, name string) string {
	text, ok := comments[name]
	if !ok {
		t.Errorf("%s has no doc comment", name)
	}
	return strings.ReplaceAll(text, "|", `\|`)
}

// fieldComments are the doc comments of the configuration's types, by Type and
// by Type.Field, each without the name it begins with.
func fieldComments(t *testing.T) map[string]string {
	comments := map[string]string{}
	files, err := filepath.Glob("config*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		tree, err := goparser.ParseFile(token.NewFileSet(), file, nil, goparser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range tree.Decls {
			decl, ok := d.(*ast.GenDecl)
			if !ok || decl.Tok != token.TYPE {
				continue
			}
			for _, s := range decl.Specs {
				noteComments(comments, decl.Doc, s.(*ast.TypeSpec))
			}
		}
	}
	return comments
}

func noteComments(comments map[string]string, doc *ast.CommentGroup, spec *ast.TypeSpec) {
	typ, ok := spec.Type.(*ast.StructType)
	if !ok || doc == nil {
		return
	}
	comments[spec.Name.Name] = plain(doc, spec.Name.Name)
	for _, f := range typ.Fields.List {
		for _, name := range f.Names {
			if f.Doc != nil {
				comments[spec.Name.Name+"."+name.Name] = plain(f.Doc, name.Name)
			}
		}
	}
}

// plain is the first paragraph of a comment on one line, beginning after the
// name and its verb. Further paragraphs are for readers of the code.
func plain(doc *ast.CommentGroup, name string) string {
	first, _, _ := strings.Cut(doc.Text(), "\n\n")
	text := strings.Join(strings.Fields(first), " ")
	text = strings.TrimPrefix(text, name+" ")
	for _, verb := range []string{"is ", "are ", "holds ", "says "} {
		if rest, ok := strings.CutPrefix(text, verb); ok {
			text = rest
			break
		}
	}
	return strings.ToUpper(text[:1]) + text[1:]
}
