package ingest

import (
	"bytes"
	"io"
	"iter"
	"sync/atomic"
	"unicode/utf8"

	"github.com/zeebo/xxh3"

	"github.com/kankei/kankei/schemas"
)

// csvReader reads delimited text: RFC 4180, and what real exports do beyond it.
// A quote inside an unquoted field is text; text after a closing quote belongs
// to the field; a line of no bytes is no record; fields may hold line ends.
type csvReader struct {
	in     *input
	format Format
	decode bool                                // fields are CP932; otherwise the text is UTF-8
	text   func() (byteText, io.Closer, error) // at the first record after the header
	line   int                                 // line of that record

	width    int      // columns of the header
	required int      // columns up to the last that has a name
	headers  [][]byte // the header's rows as they stand
	names    []string

	chunkSize int
	sizes     []atomic.Int64 // by column, the most text a chunk had: capacity for the next
}

// openCSV makes the reader of a delimited text whose first part, without byte
// order mark, is head.
func (f *File) openCSV(in *input, head []byte, found encoding, hint Hint) error {
	delim := hint.Delimiter
	if delim == 0 {
		delim = sniffDelimiter(head, found.name == CP932, hint.HeaderMust)
	}
	// A vertical bar may be the second byte of a CP932 character.
	transcode := found.name == UTF16LE || found.name == UTF16BE || found.name == CP932 && delim == '|'
	if found.name == CP932 && transcode {
		head, _ = decodeCP932(nil, head, false)
	}
	if bytes.IndexByte(head, '\n') < 0 && bytes.IndexByte(head, '\r') >= 0 {
		return in.refuse(CarriageReturns, text("改行がCRだけです（古いMacの形式）。", "line ends of CR alone, as on old Macs."),
			text("CSV UTF-8で保存し直してください。", "Save it as CSV UTF-8."))
	}
	rows := splitSample(head, delim, found.name == CP932 && !transcode)
	if len(rows.rows) == 0 {
		return in.empty()
	}
	top, ok := sniffHeader(rows.rows, hint)
	if !ok {
		return in.noHeader(rows.lines[0])
	}
	last := top.row + top.rows - 1
	body := rows.ends[last]
	if len(head) < headBytes/2 && len(bytes.TrimSpace(head[body:])) == 0 {
		return in.headerOnly()
	}
	f.Format.Kind, f.Format.Delimiter, f.Format.Quote = CSV, delim, '"'
	f.Format.Preamble, f.Format.HeaderRows = rows.lines[top.row]-1, top.rows
	f.Header, f.Preamble = top.names, preamble(rows.rows[:top.row])
	f.reader = &csvReader{
		in: in, format: f.Format, decode: found.name == CP932 && !transcode,
		text:  func() (byteText, io.Closer, error) { return in.openText(found, transcode, body) },
		line:  1 + bytes.Count(head[:body], newline),
		width: len(top.names), required: namedWidth(top.names),
		headers: rows.raw[top.row : last+1], names: top.names,
		chunkSize: chunkBytes, sizes: make([]atomic.Int64, len(top.names)),
	}
	return nil
}

// openText starts a pass over the text behind its first skip bytes, as UTF-8
// if transcode is set.
func (in *input) openText(found encoding, transcode bool, skip int) (byteText, io.Closer, error) {
	s, err := in.open()
	if err != nil {
		return nil, nil, err
	}
	var t byteText = s
	_, err = io.CopyN(io.Discard, s, int64(found.bom))
	if transcode {
		t = newTranscoder(s, found.name)
	}
	if err == nil {
		_, err = io.CopyN(io.Discard, t, int64(skip))
	}
	if err != nil {
		s.Close()
		return nil, nil, in.damaged(err)
	}
	return t, s, nil
}

// namedWidth is the number of columns up to the last that has a name.
func namedWidth(names []string) int {
	n := len(names)
	for n > 0 && names[n-1] == "" {
		n--
	}
	return n
}

func (r *csvReader) close() error { return nil }

func (r *csvReader) chunks(columns []int) iter.Seq2[Chunk, error] {
	return func(yield func(Chunk, error) bool) {
		src, closer, err := r.text()
		if err != nil {
			yield(nil, err)
			return
		}
		defer closer.Close()
		cut := &cutter{in: r.in, text: src, quote: r.format.Quote, delim: r.format.Delimiter,
			size: r.chunkSize, limit: recordMax, line: r.line}
		cut.chunks(func(b block) Chunk { return &csvChunk{r: r, block: b, columns: columns} }, yield)
	}
}

// csvChunk is a block of records of a csvReader.
type csvChunk struct {
	r       *csvReader
	block   block
	columns []int
}

// Parse splits the records and decodes the fields asked for.
func (c *csvChunk) Parse() (Batch, error) {
	p := newCSVParser(c)
	for p.at < len(p.b) {
		p.record()
	}
	batch := p.batch(c)
	giveBuffer(c.block.data)
	return batch, nil
}

// csvParser is the state of parsing one chunk.
type csvParser struct {
	r       *csvReader
	b       []byte
	at      int
	line    int
	delim   byte
	quote   byte
	targets []*textColumn // by header column, nil where not asked for
	scratch []byte        // a quoted field without its quotes
	content int           // bytes of text in the current record
	table   textTable
}

func newCSVParser(c *csvChunk) *csvParser {
	r := c.r
	p := &csvParser{r: r, b: c.block.data, line: c.block.line, delim: r.format.Delimiter, quote: r.format.Quote,
		targets: make([]*textColumn, r.width)}
	p.table.init(c.block.lines + 1)
	for _, i := range c.columns {
		if p.targets[i] == nil {
			size := r.sizes[i].Load()
			p.targets[i] = newTextColumn(c.block.lines+1, int(size+size/8), r.decode)
		}
	}
	return p
}

// record reads the record at p.at and moves behind it.
func (p *csvParser) record() {
	rest := p.b[p.at:]
	end := bytes.IndexByte(rest, '\n')
	if end < 0 {
		end = len(rest)
	}
	if end == 0 || end == 1 && rest[0] == '\r' {
		p.skipLine(end)
		return
	}
	start, line, row := p.at, p.line, p.table.rows
	lineEnd := start + end
	p.content = 0
	fields, stray := 0, false
	for more := true; more; fields++ {
		var field []byte
		field, lineEnd, more = p.field(lineEnd)
		p.content += len(field)
		if fields < p.r.width {
			if t := p.targets[fields]; t != nil {
				t.append(row, field)
			}
		} else if len(field) > 0 {
			stray = true
		}
	}
	for i := fields; i < p.r.width; i++ {
		if t := p.targets[i]; t != nil {
			t.appendNull(row)
		}
	}
	var fault Fault
	switch short := fields < p.r.required; {
	case short && lineEnd == len(p.b): // only the last record of a file is without a line end
		fault = Fault{Reason: schemas.CutOff, Column: p.r.names[fields-1]}
	case short || stray:
		fault.Reason = schemas.WrongFieldCount
	}
	p.at = min(lineEnd+1, len(p.b))
	p.line++
	p.finish(trimReturn(p.b[start:lineEnd]), line, fault)
}

func (p *csvParser) skipLine(end int) {
	p.at = min(p.at+end+1, len(p.b))
	p.line++
}

// finish notes the record's line and digest, and what is wrong with it: fault is
// what is wrong with the number of its fields.
func (p *csvParser) finish(raw []byte, line int, fault Fault) {
	switch {
	case p.content == 0 || blankStart(raw[0], p.delim) && p.isBlank(raw):
		fault = Fault{Reason: schemas.EmptyRow}
	case p.r.isHeader(raw):
		fault = Fault{Reason: schemas.RepeatedHeader}
	}
	p.table.add(lineNumber(line), xxh3.Hash(raw), fault)
}

// field reads the field at p.at, whose line ends at lineEnd, and moves to the
// next. A quoted field may move the end of the line.
func (p *csvParser) field(lineEnd int) (field []byte, end int, more bool) {
	if p.at < lineEnd && p.b[p.at] == p.quote {
		return p.quoted(lineEnd)
	}
	line := p.b[p.at:lineEnd]
	if k := bytes.IndexByte(line, p.delim); k >= 0 {
		p.at += k + 1
		return line[:k], lineEnd, true
	}
	p.at = lineEnd
	return trimReturn(line), lineEnd, false
}

// quoted reads a field that starts with a quote.
func (p *csvParser) quoted(lineEnd int) (field []byte, end int, more bool) {
	start := p.at + 1
	after := closing(p.b, start, p.quote)
	if after < 0 { // the cutter has seen to it that every quote closes
		after = len(p.b) + 1
	}
	field = p.b[start : after-1]
	if after > lineEnd {
		p.line += bytes.Count(p.b[lineEnd:min(after, len(p.b))], newline)
		after = min(after, len(p.b))
		lineEnd = after + lineLength(p.b[after:])
	}
	if bytes.IndexByte(field, p.quote) >= 0 {
		field = p.unescape(field)
	}
	p.at = after
	switch {
	case after == lineEnd:
		return field, lineEnd, false
	case p.b[after] == p.delim:
		p.at++
		return field, lineEnd, true
	}
	// Text after the closing quote, often just the CR of the line end.
	k := bytes.IndexByte(p.b[after:lineEnd], p.delim)
	rest := trimReturn(p.b[after:lineEnd])
	p.at = lineEnd
	if k >= 0 {
		rest, p.at = p.b[after:after+k], after+k+1
	}
	if len(rest) > 0 {
		p.scratch = append(append(p.scratch[:0], field...), rest...)
		field = p.scratch
	}
	return field, lineEnd, k >= 0
}

// unescape makes one quote of two.
func (p *csvParser) unescape(field []byte) []byte {
	dst := p.scratch[:0]
	for {
		k := bytes.IndexByte(field, p.quote)
		if k < 0 {
			p.scratch = append(dst, field...)
			return p.scratch
		}
		dst = append(dst, field[:k+1]...)
		field = field[min(k+2, len(field)):]
	}
}

func lineLength(b []byte) int {
	if k := bytes.IndexByte(b, '\n'); k >= 0 {
		return k
	}
	return len(b)
}

func trimReturn(b []byte) []byte {
	if n := len(b); n > 0 && b[n-1] == '\r' {
		return b[:n-1]
	}
	return b
}

// blankStart says whether a record that starts with c can be blank.
func blankStart(c, delim byte) bool { return c <= ' ' || c == delim || c == '"' }

// isBlank says whether a record is delimiters, quotes and white space only.
func (p *csvParser) isBlank(raw []byte) bool {
	for _, c := range raw {
		if c > ' ' && c != p.delim && c != p.quote {
			return false
		}
	}
	return true
}

// isHeader says whether a record repeats a row of the header, as in files put
// together from several exports.
func (r *csvReader) isHeader(raw []byte) bool {
	raw = bytes.TrimPrefix(raw, utf8BOM)
	for _, h := range r.headers {
		if bytes.Equal(h, raw) {
			return true
		}
	}
	return false
}

// batch puts the columns together in the order asked for.
func (p *csvParser) batch(c *csvChunk) Batch {
	fields := make([]*textColumn, len(c.columns))
	names := make([]string, len(c.columns))
	for k, i := range c.columns {
		fields[k], names[k] = p.targets[i], p.r.names[i]
	}
	for i, t := range p.targets {
		if t != nil {
			t.validate(p.table.rows)
			p.table.replaced += t.replaced
			raise(&p.r.sizes[i], int64(len(t.data)))
		}
	}
	batch := p.table.batch(names, fields)
	batch.Bytes = c.block.bytes
	return batch
}

// raise sets a to n if n is greater. It only ever changes how much memory the
// next chunk asks for at once.
func raise(a *atomic.Int64, n int64) {
	if a.Load() < n {
		a.Store(n)
	}
}

// validUTF8 says whether every field of a column is valid UTF-8 by itself: the
// whole may be valid where a character is split between two fields.
func (t *textColumn) validUTF8(rows int) bool {
	if !utf8.Valid(t.data) {
		return false
	}
	for _, at := range t.offsets[:rows] {
		if int(at) < len(t.data) && !utf8.RuneStart(t.data[at]) {
			return false
		}
	}
	return true
}
