package schemas

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/token"
)

// Limits of a YAML file of ours. Such files are written by hand: the longest of
// the built-in mappings has 12 KB and five levels.
const (
	maxYAMLBytes  = 128 << 10
	maxYAMLDepth  = 32
	maxYAMLIndent = 200
)

// YAMLError is YAML that [CheckYAML] refuses.
type YAMLError struct {
	// Line and Column are where it is, 0 where it is the file as a whole.
	Line, Column int
	// Wrong is what was found and what is wanted.
	Wrong Text
}

// Error gives the message in English.
func (e *YAMLError) Error() string { return e.Message("en") }

// Message gives the fault in lang, without its place.
func (e *YAMLError) Message(lang string) string { return e.Wrong.In(lang) }

// CheckYAML refuses YAML before it is parsed that is no configuration, mapping or
// definition anybody means: files over 128 KiB or not in UTF-8, deep nesting, and
// anchors, aliases and merge keys. goccy/go-yaml v1.19.2 takes a time that grows with the
// square of keys and levels (1 MB of "[" takes minutes), and one line of aliases
// may stand for a text of any length. Whatever else is wrong is left to the
// parser. Its errors are a *[YAMLError].
func CheckYAML(text []byte) (err error) {
	if len(text) > maxYAMLBytes {
		return &YAMLError{Wrong: Text{
			JA: fmt.Sprintf("%d KiB あります。%d KiB までにしてください", len(text)>>10, maxYAMLBytes>>10),
			EN: fmt.Sprintf("has %d KiB; want at most %d", len(text)>>10, maxYAMLBytes>>10),
		}}
	}
	if at := notUTF8(text); at >= 0 {
		return &YAMLError{Line: 1 + bytes.Count(text[:at], []byte("\n")), Column: 1, Wrong: Text{
			JA: "文字コードが UTF-8 ではありません。メモ帳なら「名前を付けて保存」で文字コードに UTF-8 を選んでください",
			EN: "is not in UTF-8; save it as UTF-8 (in Notepad by Save as, with the encoding UTF-8)",
		}}
	}
	defer func() {
		if recover() != nil {
			err = &YAMLError{Wrong: Text{JA: "YAMLとして読めません", EN: "this is not YAML that can be read"}}
		}
	}()
	var n nesting
	for _, t := range lexer.Tokenize(string(text)) {
		switch t.Type {
		case token.AnchorType, token.AliasType, token.MergeKeyType:
			return refuseToken(t, Text{
				JA: "アンカー（&）、エイリアス（*）、マージキー（<<）は使えません。値をそのまま書くか、* や & で始まる値を引用符で囲んでください",
				EN: "anchors (&), aliases (*) and merge keys (<<) are not used here; write the value out, or put quotes around one that begins with * or &",
			})
		}
		if n.step(t) > maxYAMLDepth || t.Position.Column > maxYAMLIndent && n.first {
			return refuseToken(t, Text{JA: "入れ子が深すぎます", EN: "is nested too deeply"})
		}
	}
	return nil
}

// notUTF8 is where the first bytes stand that are no UTF-8, -1 if all are.
func notUTF8(text []byte) int {
	for at := 0; at < len(text); {
		r, size := utf8.DecodeRune(text[at:])
		if r == utf8.RuneError && size <= 1 {
			return at
		}
		at += size
	}
	return -1
}

// WithoutBOM takes off the byte order mark that editors on Windows put before
// UTF-8: to a reader of YAML it is part of the first key.
func WithoutBOM(text []byte) []byte { return bytes.TrimPrefix(text, []byte("\ufeff")) }

func refuseToken(t *token.Token, wrong Text) error {
	return &YAMLError{Line: t.Position.Line, Column: t.Position.Column, Wrong: wrong}
}

// nesting counts levels: open brackets, and dashes and question marks that
// stand in one line. Levels by indentation are bounded by the columns.
type nesting struct {
	brackets, marks, line int
	first                 bool // whether the last token is the first of its line
}

func (n *nesting) step(t *token.Token) int {
	if n.first = t.Position.Line != n.line; n.first {
		n.line, n.marks = t.Position.Line, 0
	}
	switch t.Type {
	case token.SequenceStartType, token.MappingStartType:
		n.brackets++
	case token.SequenceEndType, token.MappingEndType:
		n.brackets = max(n.brackets-1, 0)
	case token.SequenceEntryType, token.MappingKeyType:
		n.marks++
	}
	return n.brackets + n.marks
}
