package ingest

import (
	"bufio"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
)

const (
	// partMax is the size of the parts of a workbook around its sheets.
	partMax = 64 << 20
	// cellMax is the size of one cell or shared text as XML, far above what the
	// 32,767 characters that Excel allows take.
	cellMax = 1 << 20
	// elementDepth is how deep elements may lie within each other; in a
	// workbook it is fewer than ten.
	elementDepth = 64
)

var (
	errNoPart    = errors.New("a part of it is missing")
	errPartLarge = errors.New("a part of it is too large")
	errCellLarge = errors.New("a cell is too large")
)

// xlsxPart reads a part of a workbook, token by token, with memory for one token.
type xlsxPart struct {
	in     *input
	dec    *xml.Decoder
	source *frugal
	closer io.Closer
	depth  int
}

// open starts a pass over a part.
func (b *xlsxBook) open(name string) (*xlsxPart, error) {
	m := b.parts[name]
	if m == nil {
		return nil, errNoPart
	}
	if m.Flags&1 != 0 {
		return nil, b.in.encrypted()
	}
	content, err := m.Open()
	if err != nil {
		return nil, err
	}
	p := &xlsxPart{in: b.in, closer: content, source: &frugal{src: bufio.NewReaderSize(content, 64<<10), left: cellMax}}
	p.dec = xml.NewDecoder(p.source)
	return p, nil
}

func (p *xlsxPart) close() { p.closer.Close() }

// allow lets the next tokens take as much as one cell may.
func (p *xlsxPart) allow() { p.source.left = cellMax }

// token gives the next token, which is good until the one after.
func (p *xlsxPart) token() (xml.Token, error) {
	t, err := p.dec.Token()
	if err != nil {
		return nil, err
	}
	switch t.(type) {
	case xml.StartElement:
		if p.depth++; p.depth > elementDepth {
			return nil, errDepth
		}
	case xml.EndElement:
		p.depth--
	}
	if p.in.tooMuch(p.source.out) {
		return nil, p.in.tooLarge(p.source.out)
	}
	return t, nil
}

// skip passes over what is left of the element just started.
func (p *xlsxPart) skip() error {
	for depth := p.depth; p.depth >= depth; {
		p.allow()
		if _, err := p.token(); err != nil {
			return err
		}
	}
	return nil
}

// text gives the characters of the element just started, and of those within.
func (p *xlsxPart) text() (string, error) {
	var text []byte
	for depth := p.depth; p.depth >= depth; {
		t, err := p.token()
		if err != nil {
			return "", err
		}
		if chars, ok := t.(xml.CharData); ok {
			text = append(text, chars...)
		}
	}
	return string(text), nil
}

// richText gives the texts of the element just started, without the reading
// that Japanese Excel keeps for every name.
func (p *xlsxPart) richText() (string, error) {
	var whole []byte
	for depth := p.depth; p.depth >= depth; {
		t, err := p.token()
		if err != nil {
			return "", err
		}
		e, ok := t.(xml.StartElement)
		switch {
		case !ok:
		case e.Name.Local == "rPh":
			err = p.skip()
		case e.Name.Local == "t":
			var run string
			run, err = p.text()
			whole = append(whole, run...)
		}
		if err != nil {
			return "", err
		}
	}
	return string(whole), nil
}

// elements calls visit for every element of a part, with the name of the one above.
func (b *xlsxBook) elements(name string, visit func(parent string, e xml.StartElement)) error {
	p, err := b.open(name)
	if err != nil {
		return err
	}
	defer p.close()
	open := []string{""}
	for {
		p.allow()
		t, err := p.token()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case p.source.out > partMax:
			return errPartLarge
		}
		switch t := t.(type) {
		case xml.StartElement:
			visit(open[len(open)-1], t)
			open = append(open, t.Name.Local)
		case xml.EndElement:
			open = open[:len(open)-1]
		}
	}
}

// attribute is the value of an attribute whatever its name space, "" if there is none.
func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// yes reads a truth value of XML Schema.
func yes(s string) bool { return s == "1" || s == "true" }

// frugal gives bytes as long as its allowance lasts: a decoder keeps a token
// whole, however long it is.
type frugal struct {
	src  *bufio.Reader
	left int
	out  int64
}

// ReadByte gives one byte.
func (f *frugal) ReadByte() (byte, error) {
	if f.left == 0 {
		return 0, errCellLarge
	}
	f.left--
	f.out++
	return f.src.ReadByte()
}

// Read gives several bytes.
func (f *frugal) Read(p []byte) (int, error) {
	if f.left == 0 {
		return 0, errCellLarge
	}
	n, err := f.src.Read(p[:min(len(p), f.left)])
	f.left -= n
	f.out += int64(n)
	return n, err
}

func (in *input) cellTooLarge(line int) *Refusal {
	r := in.refuse(CellTooLarge,
		text(fmt.Sprintf("%d MiBを超えるセルがあります。", cellMax>>20), fmt.Sprintf("a cell of more than %d MiB.", cellMax>>20)),
		text("Excelで開いてそのセルを空にするか、書き出しをやり直してください。", "Open it in Excel and empty the cell, or export the file again."))
	r.Line, r.Wanted = line, text("Excelのセルは32,767文字までです。", "Excel allows 32,767 characters.")
	return r
}
