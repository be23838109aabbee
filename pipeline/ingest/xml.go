package ingest

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"strings"

	"github.com/kankei/kankei/schemas"
)

// telegramRoots are the elements of which each is one record: booking reports
// as site controllers send them.
var telegramRoots = map[string]bool{"AllotmentBookingReport": true}

const (
	telegramMax   = 16 << 20 // bytes of one document; a telegram has a few thousand
	telegramDepth = 64       // elements within each other
)

// xmlReader reads telegrams: XML documents of one record each, alone or many in
// an archive, in the order of their names there. A column is named by the path
// of an element below the record's, such as BasicInformation.CheckInDate; the
// texts of elements of one path are joined by ";". Attributes are not read. The
// line of a record is that of its element, in an archive the number of its document.
type xmlReader struct {
	in    *input
	names []string
	index map[string]int
}

// looksLikeTelegram says whether a text begins as an XML document of telegrams.
func looksLikeTelegram(head []byte) bool {
	b := bytes.ReplaceAll(head[:min(len(head), 4096)], []byte{0}, nil) // UTF-16
	b = bytes.TrimLeft(b, "\xEF\xBB\xBF\xFE\xFF \t\r\n")
	if len(b) == 0 || b[0] != '<' {
		return false
	}
	for root := range telegramRoots {
		if bytes.Contains(b, []byte(root)) {
			return true
		}
	}
	return false
}

// openXML collects the columns of all telegrams.
func (f *File) openXML(in *input) error {
	r := &xmlReader{in: in, index: map[string]int{}}
	for doc, err := range in.documents() {
		if err != nil {
			return err
		}
		found, err := in.telegrams(doc)
		if err != nil && len(in.members) == 0 {
			return err
		}
		for _, t := range found.records {
			r.add(t.names)
		}
		if len(r.names) > maxColumns {
			return in.tooManyColumns(0, len(r.names))
		}
	}
	if len(r.names) == 0 {
		return in.noHeader(1)
	}
	f.Format.Kind, f.Header, f.reader = XML, r.names, r
	return nil
}

// add notes columns not yet known.
func (r *xmlReader) add(names []string) {
	for _, name := range names {
		if _, known := r.index[name]; !known {
			r.index[name] = len(r.names)
			r.names = append(r.names, name)
		}
	}
}

func (r *xmlReader) close() error { return nil }

func (r *xmlReader) chunks(columns []int) iter.Seq2[Chunk, error] {
	return func(yield func(Chunk, error) bool) {
		c := &xmlChunk{r: r, columns: columns}
		line := int32(0)
		for doc, err := range r.in.documents() {
			if err != nil {
				yield(nil, err)
				return
			}
			if len(c.docs) == telegramsPerChunk || c.size >= telegramMax {
				if !yield(c, nil) {
					return
				}
				c = &xmlChunk{r: r, columns: columns}
			}
			c.size += len(doc)
			if line < math.MaxInt32 {
				line++
			}
			c.docs, c.lines = append(c.docs, doc), append(c.lines, line)
		}
		c.bytes = r.in.size // an archive does not say how far its documents are in it
		yield(c, nil)
	}
}

// telegramsPerChunk is the number of documents of a chunk, fewer where they are large.
const telegramsPerChunk = 1 << 10

// xmlChunk is a run of documents.
type xmlChunk struct {
	r       *xmlReader
	columns []int
	docs    [][]byte
	lines   []int32
	size    int // of the documents
	bytes   int64
}

// Parse reads the telegrams. A document of an archive that is not XML is a
// fault: undecodable.
func (c *xmlChunk) Parse() (Batch, error) {
	all, n := make([]telegramsOf, len(c.docs)), 0
	for i, doc := range c.docs {
		found, err := c.r.in.telegrams(doc)
		if err != nil {
			found = telegramsOf{records: []telegram{{line: c.lines[i]}}, damaged: true}
		}
		all[i], n = found, n+len(found.records)
	}
	rows := newRowsParser(chosen(c.r.names, c.columns), c.columns, n)
	var replaced int64
	for i, found := range all {
		for _, t := range found.records {
			if len(c.r.in.members) > 0 {
				t.line = c.lines[i]
			}
			if found.damaged {
				rows.add(nil, t.line, schemas.Undecodable)
			} else {
				rows.add(c.r.cells(t), t.line, "")
			}
		}
		replaced += found.replaced
	}
	batch := rows.batch()
	batch.Bytes, batch.Replaced = c.bytes, replaced
	return batch, nil
}

// cells lays the texts of a telegram out under the columns.
func (r *xmlReader) cells(t telegram) []cell {
	cells := make([]cell, len(r.names))
	for i := range cells {
		cells[i].null = true
	}
	for i, name := range t.names {
		cells[r.index[name]] = cell{text: t.texts[i]}
	}
	return cells
}

// telegram is one record: the paths of its elements in order of appearance, and their texts.
type telegram struct {
	line  int32
	names []string
	texts []string
}

// telegramsOf is what a document holds.
type telegramsOf struct {
	records  []telegram
	replaced int64 // U+FFFD put for bytes that mean nothing
	damaged  bool  // it is no XML
}

// telegrams reads a document. What its declaration says of the encoding is
// less to be trusted than its bytes.
func (in *input) telegrams(doc []byte) (telegramsOf, error) {
	found, err := in.sniffEncoding(doc, "")
	if err != nil {
		return telegramsOf{}, err
	}
	doc = doc[found.bom:]
	switch found.name {
	case UTF16LE, UTF16BE:
		doc, _ = newTranscoder(nil, found.name).decode(nil, doc, true)
	case CP932:
		doc, _ = decodeCP932(nil, doc, true)
	default:
		doc = bytes.ToValidUTF8(doc, []byte(string(replacement)))
	}
	all := telegramsOf{replaced: int64(bytes.Count(doc, []byte(string(replacement))))}
	p := &telegramParser{dec: xml.NewDecoder(bytes.NewReader(doc))}
	p.dec.CharsetReader = func(_ string, text io.Reader) (io.Reader, error) { return text, nil }
	if all.records, err = p.all(); err != nil {
		return telegramsOf{}, in.badXML(p.line(), err)
	}
	return all, nil
}

func (in *input) badXML(line int32, err error) *Refusal {
	r := in.refuse(Unreadable, text("XMLとして読めません。", fmt.Sprintf("it is no XML that can be read (%v).", withoutText(err))),
		text("送り直してもらうか、もう一度ダウンロードしてください。", "Fetch the file again."))
	r.Line = int(line)
	return r
}

// withoutText is an error without what it quotes of the document: names and
// entities in it may be what a guest wrote.
func withoutText(err error) error {
	var syntax *xml.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Errorf("XML syntax error on line %d", syntax.Line)
	}
	return err
}

// telegramParser walks through the elements of a document.
type telegramParser struct {
	dec   *xml.Decoder
	stack []element
	root  int // depth of the record's element, -1 outside of one
	at    map[string]int
	t     telegram
}

// element is an element that is open.
type element struct {
	path   string // below the record's
	text   []byte
	parent bool // has elements within
}

var errDepth = errors.New("elements lie too deep within each other")

// all gives the records of the document.
func (p *telegramParser) all() (records []telegram, err error) {
	p.root = -1
	for {
		token, err := p.dec.Token()
		if errors.Is(err, io.EOF) {
			return records, nil
		}
		if err != nil {
			return nil, err
		}
		switch token := token.(type) {
		case xml.StartElement:
			if len(p.stack) == telegramDepth {
				return nil, errDepth
			}
			p.start(token.Name.Local)
		case xml.CharData:
			if p.root >= 0 {
				top := &p.stack[len(p.stack)-1]
				top.text = append(top.text, token...)
			}
		case xml.EndElement:
			if p.end() {
				records = append(records, p.t)
			}
		}
	}
}

// start opens an element.
func (p *telegramParser) start(name string) {
	e := element{path: name}
	switch {
	case p.root < 0 && telegramRoots[name]:
		p.root, p.at, p.t = len(p.stack), map[string]int{}, telegram{line: p.line()}
		e.path = ""
	case p.root >= 0:
		above := &p.stack[len(p.stack)-1]
		above.parent = true
		if above.path != "" {
			e.path = above.path + "." + name
		}
	}
	p.stack = append(p.stack, e)
}

// end closes an element, keeping its text if it holds no other elements, and
// says whether it ends a record.
func (p *telegramParser) end() (record bool) {
	last := len(p.stack) - 1
	e := p.stack[last]
	p.stack = p.stack[:last]
	if p.root == last {
		p.root = -1
		return true
	}
	if p.root >= 0 && !e.parent {
		p.keep(e.path, strings.TrimSpace(string(e.text)))
	}
	return false
}

// keep adds a text under its path.
func (p *telegramParser) keep(path, text string) {
	i, known := p.at[path]
	switch {
	case !known:
		p.at[path] = len(p.t.names)
		p.t.names, p.t.texts = append(p.t.names, path), append(p.t.texts, text)
	case p.t.texts[i] == "":
		p.t.texts[i] = text
	case text != "" && len(p.t.texts[i]) < maxList:
		p.t.texts[i] += ";" + text
	}
}

// maxList is the length beyond which a list of repeated elements is cut: no
// mapping reads such lists, and they must not cost the square of their length.
const maxList = 1 << 10

// line is where the parser is in the document.
func (p *telegramParser) line() int32 {
	line, _ := p.dec.InputPos()
	return lineNumber(line)
}

// documents yields the documents of the input: itself, or the members of its
// archive that telegrams lie in.
func (in *input) documents() iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		if len(in.members) == 0 {
			doc, err := in.head(telegramMax + 1)
			if err == nil && len(doc) > telegramMax {
				err = in.tooLarge(telegramMax)
			}
			yield(doc, err)
			return
		}
		s, err := in.open()
		if err != nil {
			yield(nil, err)
			return
		}
		defer s.Close()
		concat := s.src.(*concatenation)
		for concat.next() {
			doc, err := readUpTo(concat.member, telegramMax+1)
			s.out += int64(len(doc))
			switch {
			case err != nil:
				err = in.damaged(err)
			case len(doc) > telegramMax || s.swollen():
				err = in.tooLarge(s.out)
			}
			if !yield(doc, err) || err != nil {
				return
			}
		}
		if concat.err != nil {
			yield(nil, in.damaged(concat.err))
		}
	}
}

// concatenation reads members of an archive one after another.
type concatenation struct {
	members []*zip.File
	member  io.ReadCloser // the one being read
	err     error
}

// next opens the next member.
func (c *concatenation) next() bool {
	if c.member != nil {
		c.member.Close()
		c.member = nil
	}
	if len(c.members) == 0 || c.err != nil {
		return false
	}
	c.member, c.err = c.members[0].Open()
	c.members = c.members[1:]
	return c.err == nil
}

func (c *concatenation) Read(p []byte) (int, error) {
	for {
		if c.member == nil && !c.next() {
			if c.err != nil {
				return 0, c.err
			}
			return 0, io.EOF
		}
		n, err := c.member.Read(p)
		if !errors.Is(err, io.EOF) {
			return n, err
		}
		c.member.Close()
		c.member = nil
		if n > 0 {
			return n, nil
		}
	}
}
