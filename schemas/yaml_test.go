package schemas_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml/parser"

	"github.com/kankei/kankei/schemas"
)

func TestCheckYAML(t *testing.T) {
	for _, c := range []struct {
		name, text string
		line       int
		want       string // '' to be let through
	}{
		{"nothing", "", 0, ""},
		{"brackets in texts and comments", "a: '[[[[' # " + strings.Repeat("[", 100) + "\nb: \"{{\"", 0, ""},
		{"many short lists", strings.Repeat("- [a, {b: c}]\n", 100), 0, ""},
		{"a long line", "a: " + strings.Repeat("x ", 1000), 0, ""},
		{"a multiplication sign in quotes", `a: "*"`, 0, ""},
		{"not YAML", "a: [", 0, ""}, // the parser says where
		{"too long", strings.Repeat("# comment\n", 30_000), 0, "292 KiB"},
		{"CP932", "a: 1\nb: \x93\x63\x95\xd3", 2, "UTF-8"},
		{"UTF-16", "\xff\xfea\x00", 1, "UTF-8"},
		{"anchor", "a:\n  b: &x 1", 2, "anchors"},
		{"alias", "a: 1\nb: *x", 2, "anchors"},
		{"merge key", "a:\n  <<: {b: 1}", 2, "merge keys"},
		{"brackets", "a:\n" + strings.Repeat("[", 40), 2, "nested too deeply"},
		{"braces over lines", strings.Repeat("{a:\n", 40), 33, "nested too deeply"},
		{"dashes", strings.Repeat("- ", 40) + "a", 1, "nested too deeply"},
		{"indentation", "a:\n" + strings.Repeat(" ", 300) + "b: 1", 2, "nested too deeply"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := schemas.CheckYAML([]byte(c.text))
			if c.want == "" {
				if err != nil {
					t.Fatalf("CheckYAML: %v, want it let through", err)
				}
				return
			}
			var wrong *schemas.YAMLError
			if !errors.As(err, &wrong) || wrong.Line != c.line || !strings.Contains(err.Error(), c.want) {
				t.Errorf("CheckYAML: %+v, want line %d: …%s…", err, c.line, c.want)
			}
		})
	}
}

// What is let through is parsed in seconds, however it is made to take long.
func TestCheckedYAMLIsParsedInTime(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	const size = 127 << 10
	fill := func(s string) string { return strings.Repeat(s, size/len(s)) }
	var keys strings.Builder
	for i := 0; keys.Len() < size; i++ {
		fmt.Fprintf(&keys, "k%d:\n", i)
	}
	for name, text := range map[string]string{
		"keys": keys.String(), "brackets": fill("["), "closed": fill("[") + fill("]"), "braces": fill("{a: "), "dashes": fill("- "),
		"questions": fill("? "), "tags": fill("!a "), "anchors": fill("&a "), "lines": fill("- a\n"), "colons": fill("a: "), "quote": "'" + fill("a\n"),
		"plain": "a:\n" + fill(" b\n"), "returns": fill("\r"), "tabs": fill("\t"), "documents": fill("---\n"), "comments": fill("#\n"), "commas": "[" + fill("a,") + "]",
		"staircase": staircase(190),
	} {
		begin := time.Now()
		if schemas.CheckYAML([]byte(text)) == nil {
			func() {
				defer func() { _ = recover() }()
				_, _ = parser.ParseBytes([]byte(text), 0)
			}()
		}
		if took := time.Since(begin); took > 30*time.Second {
			t.Errorf("%s: %v", name, took)
		} else if testing.Verbose() {
			t.Log(name, took)
		}
	}
}

// staircase is a mapping in a mapping in a mapping.
func staircase(levels int) string {
	var b strings.Builder
	for i := range levels {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}

func FuzzCheckYAML(f *testing.F) {
	f.Add("a: &a [*a]")
	f.Add("project: !x")
	f.Add("- - {a: [b]}\n# c\n? d")
	f.Fuzz(func(t *testing.T, text string) {
		err := schemas.CheckYAML([]byte(text))
		if wrong := new(schemas.YAMLError); err != nil && !errors.As(err, &wrong) {
			t.Errorf("error %v (%T), want a YAMLError", err, err)
		}
	})
}
