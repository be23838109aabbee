package ingest

import (
	"maps"
	"regexp"

	"golang.org/x/text/unicode/norm"
)

// lookup gives texts their codes.
type lookup struct {
	exact    map[string]string
	folded   map[string]string
	matches  []codedMatch
	fallback string
	rejects  bool
}

type codedMatch struct {
	pattern *regexp.Regexp
	code    string
}

// newLookup is the value table of a field, nil if it has none.
func newLookup(f *Field) *lookup {
	if f.Values == nil && f.Matches == nil && f.Default == "" {
		return nil
	}
	l := &lookup{exact: maps.Clone(f.Values), folded: map[string]string{}, rejects: f.Default == Reject}
	if !l.rejects {
		l.fallback = f.Default
	}
	for _, text := range sortedKeys(f.Values) {
		l.folded[foldHeader(text)] = f.Values[text]
	}
	for _, match := range f.Matches {
		l.matches = append(l.matches, codedMatch{regexp.MustCompile("(?i)" + match.Pattern), match.Code})
	}
	return l
}

// find gives the code of a text; ok is false if the table does not have it and
// has no default.
func (l *lookup) find(s string) (code string, ok bool) {
	if code, ok := l.exact[s]; ok {
		return code, true
	}
	if code, ok := l.folded[foldHeader(s)]; ok {
		return code, true
	}
	folded := norm.NFKC.String(s)
	for _, match := range l.matches {
		if match.pattern.MatchString(folded) {
			return match.code, true
		}
	}
	return l.fallback, l.fallback != ""
}

// yesAndNo are the ways in which exports write yes and no.
var yesAndNo = map[string]string{
	"1": "true", "true": "true", "t": "true", "yes": "true", "y": "true", "はい": "true", "有": "true", "あり": "true", "ある": "true",
	"○": "true", "〇": "true", "◯": "true", "✓": "true", "✔": "true", "該当": "true",
	"0": "false", "false": "false", "f": "false", "no": "false", "n": "false", "いいえ": "false", "無": "false", "なし": "false", "ない": "false",
	"×": "false", "-": "false", "非該当": "false",
}
