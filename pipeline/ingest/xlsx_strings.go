package ingest

import (
	"encoding/xml"
	"errors"
	"io"
)

var errStrings = errors.New("its texts are too many")

// sharedStrings are the texts that cells share. They are kept end to end, in
// blocks: a text takes its bytes and four more.
type sharedStrings struct {
	blocks []stringBlock
	size   int
}

// stringsPerBlock is how many texts a block has, all but the last.
const stringsPerBlock = 1 << 12

// stringsMax is the memory that the texts of a workbook may take.
const stringsMax = 512 << 20

// stringBlock is a run of texts.
type stringBlock struct {
	text string
	ends []uint32
}

// at is the text of a number.
func (s *sharedStrings) at(i int) (string, bool) {
	if i < 0 || i/stringsPerBlock >= len(s.blocks) {
		return "", false
	}
	b, k := s.blocks[i/stringsPerBlock], i%stringsPerBlock
	if k >= len(b.ends) {
		return "", false
	}
	start := uint32(0)
	if k > 0 {
		start = b.ends[k-1]
	}
	return b.text[start:b.ends[k]], true
}

// readStrings reads the texts that cells share, which may take so much memory.
func (b *xlsxBook) readStrings(most int) (*sharedStrings, error) {
	s := &sharedStrings{}
	if b.parts["xl/sharedstrings.xml"] == nil {
		return s, nil
	}
	p, err := b.open("xl/sharedstrings.xml")
	if err != nil {
		return nil, err
	}
	defer p.close()
	var block []byte
	var ends []uint32
	flush := func() {
		s.blocks = append(s.blocks, stringBlock{string(block), append([]uint32(nil), ends...)})
		block, ends = block[:0], ends[:0]
	}
	for {
		p.allow()
		t, err := p.token()
		if errors.Is(err, io.EOF) {
			flush()
			return s, nil
		}
		if err != nil {
			return nil, err
		}
		if e, ok := t.(xml.StartElement); !ok || e.Name.Local != "si" {
			continue
		}
		text, err := p.richText()
		if err != nil {
			return nil, err
		}
		text = unescaped(text)
		if s.size += len(text) + 4; s.size > most {
			return nil, errStrings
		}
		if block, ends = append(block, text...), append(ends, uint32(len(block)+len(text))); len(ends) == stringsPerBlock {
			flush()
		}
	}
}
