package ingest

import (
	"errors"
	"slices"
	"strings"

	"github.com/kankei/kankei/schemas"
)

// ofKind gives the mappings of a kind of source; all of them for "".
func ofKind(mappings []*Mapping, kind string) []*Mapping {
	return slices.DeleteFunc(slices.Clone(mappings), func(m *Mapping) bool { return kind != "" && m.Kind != kind })
}

// Reasons of a file for which no mapping can be chosen: none fits, or several do.
const (
	UnknownFormat   = "unknown_format"
	AmbiguousFormat = "ambiguous_format"
)

// Choose finds the mapping that fits a header: the one that recognises it by
// most columns. No such mapping, or two that recognise it equally well, is a
// *[Refusal].
func Choose(file string, header []string, candidates []*Mapping) (*Mapping, error) {
	var best []*Mapping
	most := 0
	for _, m := range candidates {
		n := m.recognises(header)
		if n > most {
			best, most = nil, n
		}
		if n == most && n > 0 {
			best = append(best, m)
		}
	}
	if len(best) == 1 {
		return best[0], nil
	}
	found := strings.Join(showHeader(header), ", ")
	r := &Refusal{
		File: file, Reason: UnknownFormat,
		Found: schemas.Text{JA: "どの組み込みマッピングにも合いません。見つかった列：" + found + "。",
			EN: "No built-in mapping fits. Columns found: " + found + "."},
		Do: schemas.Text{JA: "kankei inspect --propose mappings/名前.yaml で下書きを作り、sources に mapping を指定してください。",
			EN: "Let kankei inspect --propose mappings/NAME.yaml draft one and name it in the source (mapping)."},
	}
	if len(best) > 1 {
		ids := make([]string, len(best))
		for i, m := range best {
			ids[i] = m.ID
		}
		both := strings.Join(ids, ", ")
		r.Reason = AmbiguousFormat
		r.Found = schemas.Text{JA: "複数のマッピングに合います：" + both + "。", EN: "Several mappings fit: " + both + "."}
		r.Do = schemas.Text{JA: "sources に mapping を指定してください。", EN: "Name one of them as the mapping of the source."}
	}
	return nil, r
}

// chooseKind finds the built-in mapping of a kind that fits a header. A file that is of another
// kind than its source says is refused with the name of what it is.
func chooseKind(file string, header []string, kind string) (*Mapping, error) {
	m, err := Choose(file, header, ofKind(builtins(), kind))
	r := new(Refusal)
	if !errors.As(err, &r) || r.Reason != UnknownFormat {
		return m, err
	}
	if other, e := Choose(file, header, builtins()); e == nil {
		r.Do = schemas.Text{JA: "マッピング " + other.ID + " の、kind: " + other.Kind + " のファイルです。このソースの files から外し、そちらのソースに書いてください。",
			EN: "It is a file of kind " + other.Kind + " (mapping " + other.ID + "): take it out of the files of this source, and name it in one of that kind."}
	}
	return nil, r
}

// recognises counts the columns by which a mapping knows its format: 0 if one
// of them, or a required column, is not in the header.
func (m *Mapping) recognises(header []string) int {
	b := &binder{mapping: m, header: header, at: map[string]int{}}
	for i, h := range header {
		b.at[foldHeader(h)] = i
	}
	for _, names := range m.Detect {
		if b.find(names) < 0 {
			return 0
		}
	}
	if len(b.missingColumns()) > 0 {
		return 0
	}
	return len(m.Detect)
}
