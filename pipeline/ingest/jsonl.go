package ingest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/zeebo/xxh3"

	"github.com/kankei/kankei/schemas"
)

// jsonReader reads JSON Lines: one object per line. An object within becomes
// columns named outer.inner, a list one text with its values joined by ";".
// The columns are the keys of the first keyBytes of text in order of
// appearance; a new key after that refuses the file rather than lose values.
type jsonReader struct {
	in    *input
	found encoding
	names []string
	index map[string]int
}

// keyBytes is how much text is searched for keys before reading.
const keyBytes = 64 << 20

// looksLikeJSON says whether a text begins as an object or a list of them.
func looksLikeJSON(head []byte) bool {
	b := bytes.TrimSpace(head)
	if len(b) < 2 || b[0] != '{' && b[0] != '[' {
		return false
	}
	rest := bytes.TrimSpace(b[1:])
	return len(rest) > 0 && (b[0] == '{' && (rest[0] == '"' || rest[0] == '}') || b[0] == '[' && rest[0] == '{')
}

// openJSON reads the keys of a JSON Lines text.
func (f *File) openJSON(in *input, head []byte, found encoding) error {
	first, _, _ := bytes.Cut(bytes.TrimSpace(head), newline)
	switch {
	case first[0] == '[':
		return in.refuse(JSONArray, text("JSONの配列です。", "one JSON array."),
			text("1行に1件のJSON Lines、またはCSVで書き出してください。", "Export it as JSON Lines, one object a line, or as CSV."))
	case !json.Valid(first) && len(head) < headBytes:
		return in.badJSON(1)
	}
	r := &jsonReader{in: in, found: found, index: map[string]int{}}
	if err := r.readKeys(); err != nil {
		return err
	}
	if len(r.names) == 0 {
		return in.noHeader(1)
	}
	f.Format.Kind, f.Header, f.reader = JSONLines, r.names, r
	return nil
}

func (in *input) badJSON(line int) *Refusal {
	r := in.refuse(BadJSON, text("1行が1つのJSONオブジェクトになっていません。", "a line that is not one JSON object."),
		text("1行に1件のJSON Lines、またはCSVで書き出してください。", "Export it as JSON Lines, one object a line, or as CSV."))
	r.Line = line
	return r
}

func (r *jsonReader) close() error { return nil }

// cut starts a pass over the lines.
func (r *jsonReader) cut() (*cutter, io.Closer, error) {
	src, closer, err := r.in.openText(r.found, r.found.name != UTF8, 0)
	if err != nil {
		return nil, nil, err
	}
	return &cutter{in: r.in, text: src, size: chunkBytes, limit: recordMax, line: 1}, closer, nil
}

// readKeys collects the keys of the first keyBytes.
func (r *jsonReader) readKeys() error {
	cut, closer, err := r.cut()
	if err != nil {
		return err
	}
	defer closer.Close()
	for seen := 0; seen < keyBytes; {
		b, err := cut.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		seen += len(b.data)
		for line := range bytes.Lines(b.data) {
			flatten(line, "", func(name string, _ cell) { r.add(name) })
			if len(r.names) > maxColumns {
				return r.in.tooManyColumns(b.line, len(r.names))
			}
		}
		giveBuffer(b.data)
	}
	return nil
}

func (r *jsonReader) add(name string) {
	if _, ok := r.index[name]; !ok {
		r.index[name] = len(r.names)
		r.names = append(r.names, name)
	}
}

func (r *jsonReader) chunks(columns []int) iter.Seq2[Chunk, error] {
	return func(yield func(Chunk, error) bool) {
		cut, closer, err := r.cut()
		if err != nil {
			yield(nil, err)
			return
		}
		defer closer.Close()
		cut.chunks(func(b block) Chunk { return &jsonChunk{r: r, block: b, columns: columns} }, yield)
	}
}

// jsonChunk is a block of lines.
type jsonChunk struct {
	r       *jsonReader
	block   block
	columns []int
}

// Parse reads the objects. A line that is not one is a fault: undecodable, and
// cut off where the file ends with it.
func (c *jsonChunk) Parse() (Batch, error) {
	p := newJSONParser(c)
	line := c.block.line - 1
	for raw := range bytes.Lines(c.block.data) {
		line++
		whole := bytes.HasSuffix(raw, newline)
		raw = trimReturn(bytes.TrimSuffix(raw, newline))
		if len(bytes.TrimSpace(raw)) == 0 {
			continue
		}
		if err := p.record(raw, line, whole); err != nil {
			return Batch{}, err
		}
	}
	for _, column := range p.columns {
		column.validate(p.table.rows)
		p.table.replaced += column.replaced
	}
	batch := p.table.batch(chosen(c.r.names, c.columns), p.columns)
	batch.Bytes = c.block.bytes
	giveBuffer(c.block.data)
	return batch, nil
}

// jsonParser is the state of parsing one chunk.
type jsonParser struct {
	r       *jsonReader
	targets [][]int // by key, the columns asked for
	columns []*textColumn
	cells   []cell // of the current record
	table   textTable
}

func newJSONParser(c *jsonChunk) *jsonParser {
	p := &jsonParser{r: c.r, targets: make([][]int, len(c.r.names)),
		columns: make([]*textColumn, len(c.columns)), cells: make([]cell, len(c.columns))}
	p.table.init(c.block.lines + 1)
	for k, i := range c.columns {
		p.columns[k] = newTextColumn(c.block.lines+1, len(c.block.data)/len(c.r.names), false)
		p.targets[i] = append(p.targets[i], k)
	}
	return p
}

// record reads one line; whole says that a line end follows.
func (p *jsonParser) record(raw []byte, line int, whole bool) error {
	for k := range p.cells {
		p.cells[k] = cell{null: true}
	}
	unknown := ""
	err := flatten(raw, "", func(name string, v cell) {
		i, ok := p.r.index[name]
		if !ok {
			unknown = name
			return
		}
		for _, k := range p.targets[i] {
			p.cells[k] = v
		}
	})
	if unknown != "" {
		return p.r.extraKey(line, unknown)
	}
	reason := ""
	switch {
	case err != nil && !whole:
		reason = schemas.CutOff
	case err != nil:
		reason = schemas.Undecodable
	}
	for k, column := range p.columns {
		if p.cells[k].null || err != nil {
			column.appendNull(p.table.rows)
		} else {
			column.appendString(p.table.rows, p.cells[k].text)
		}
	}
	p.table.add(lineNumber(line), xxh3.Hash(raw), Fault{Reason: reason})
	return nil
}

func (r *jsonReader) extraKey(line int, name string) *Refusal {
	refusal := r.in.refuse(ExtraKeys,
		text(fmt.Sprintf("先頭%d MiBに現れなかった項目「%s」があります。", keyBytes>>20, name), fmt.Sprintf("a key %q that the first %d MiB do not have.", name, keyBytes>>20)),
		text("全ての行に同じ項目を書き出すか、CSVで書き出してください。", "Export the same keys on every line, or export it as CSV."))
	refusal.Line = line
	return refusal
}

var errNoObject = errors.New("not a JSON object")

// flatten gives the values of an object by dotted name.
func flatten(b []byte, prefix string, emit func(name string, v cell)) error {
	if !json.Valid(b) {
		return errNoObject
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	if token, err := dec.Token(); err != nil || token != json.Delim('{') {
		return errNoObject
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return err
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return err
		}
		name := prefix + fmt.Sprint(key)
		if value[0] == '{' {
			if err := flatten(value, name+".", emit); err != nil {
				return err
			}
			continue
		}
		emit(name, cellOf(value))
	}
	return nil
}

// cellOf is the text of a value: a string without quotes, a number as written,
// a list joined by ";", null as null.
func cellOf(value json.RawMessage) cell {
	switch value[0] {
	case 'n':
		return cell{null: true}
	case '"':
		var s string
		json.Unmarshal(value, &s) // valid: it came out of a decoder
		return cell{text: s}
	case '[':
		var parts []json.RawMessage
		json.Unmarshal(value, &parts)
		texts := make([]string, len(parts))
		for i, part := range parts {
			texts[i] = cellOf(bytes.TrimSpace(part)).text
		}
		return cell{text: strings.Join(texts, ";")}
	}
	return cell{text: string(value)}
}
