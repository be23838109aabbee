package schemas_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"

	"github.com/kankei/kankei/schemas"
)

// Every constant among the reasons of codes.go has words in both languages.
func TestEveryReasonHasWords(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "codes.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	reasons := 0
	for _, decl := range file.Decls {
		group, ok := decl.(*ast.GenDecl)
		if !ok || !strings.HasPrefix(group.Doc.Text(), "Reasons for which a row") {
			continue
		}
		for _, spec := range group.Specs {
			reason, err := strconv.Unquote(spec.(*ast.ValueSpec).Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			reasons++
			if text := schemas.ReasonText(reason); text.EN == reason || text.JA == "" {
				t.Errorf("%s has no words", reason)
			}
			if wanted := schemas.WantedText(reason); wanted.EN == "" || wanted.JA == "" {
				t.Errorf("%s does not say what was expected", reason)
			}
		}
	}
	if reasons != 16 {
		t.Errorf("%d reasons in codes.go, want 16", reasons)
	}
	if text := schemas.ReasonText("other"); text.EN != "other" {
		t.Errorf("words of an unknown reason: %v", text)
	}
}
