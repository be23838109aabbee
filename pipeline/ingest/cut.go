package ingest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"sync"
)

const (
	// chunkBytes is the size of a chunk before the record that it would cut is
	// left to the next. It fixes where row groups end, so it must not depend on
	// the machine.
	chunkBytes = 4 << 20
	// recordMax is the longest record: beyond it a quote was never closed.
	recordMax = 8 << 20
)

// block is a run of whole records as they stand in the text.
type block struct {
	data  []byte
	line  int   // line on which it starts
	lines int   // line ends in it
	bytes int64 // progress in the file as delivered
}

// cutter cuts a text into blocks of whole records. It is the only part of
// reading that cannot run in parallel, so it looks at quotes and line ends
// and at nothing else.
type cutter struct {
	in    *input
	text  byteText
	quote byte // 0: line ends always end a record
	delim byte
	size  int
	limit int
	line  int
	carry []byte
	seen  int64
	eof   bool
}

// byteText is a stream or a transcoder over one.
type byteText interface {
	io.Reader
	// delivered is how far the reader is in the file as delivered.
	delivered() int64
}

// chunks yields the blocks to their end or the first error, each made a chunk.
func (c *cutter) chunks(of func(block) Chunk, yield func(Chunk, error) bool) {
	for {
		b, err := c.next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			yield(nil, err)
			return
		}
		if !yield(of(b), nil) {
			return
		}
	}
}

// next gives the next block, or io.EOF.
func (c *cutter) next() (block, error) {
	if c.eof && len(c.carry) == 0 {
		return block{}, io.EOF
	}
	buf := takeBuffer(max(c.size, len(c.carry)))
	n := copy(buf, c.carry)
	for {
		got, err := io.ReadFull(c.text, buf[n:])
		n += got
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			c.eof, err = true, nil
		}
		if err != nil {
			return block{}, err
		}
		end, open := c.boundary(buf[:n])
		if c.eof && open >= 0 {
			return block{}, c.unclosed(buf[:open])
		}
		if c.eof {
			end = n
		}
		if end > 0 || c.eof {
			return c.cutAt(buf[:n], end), nil
		}
		if n >= c.limit {
			return block{}, c.tooLong(buf[:n], open)
		}
		buf = append(buf, make([]byte, len(buf))...)
	}
}

func (c *cutter) cutAt(buf []byte, end int) block {
	c.carry = append(c.carry[:0], buf[end:]...)
	data := buf[:end]
	if c.eof {
		data = bytes.TrimRight(data, "\x1a") // end-of-file mark of DOS
	}
	b := block{data: data, line: c.line, lines: bytes.Count(data, newline), bytes: c.text.delivered() - c.seen}
	c.line += b.lines
	c.seen += b.bytes
	return b
}

var newline = []byte{'\n'}

// boundary gives the end of the last whole record in b, which starts with a
// record; 0 if there is none. open is where a quoted field starts that does not
// end in b, or -1.
//
// A quote opens a field only at the start of the field; elsewhere it is text
// (15" monitor). So quotes cannot just be counted.
func (c *cutter) boundary(b []byte) (end, open int) {
	if c.quote == 0 || bytes.IndexByte(b, c.quote) < 0 {
		return bytes.LastIndexByte(b, '\n') + 1, -1
	}
	// Line ends are looked for only in the tail, where the last one nearly always is.
	const tail = 64 << 10
	end, open = c.walk(b, len(b)-tail)
	if end == 0 && len(b) > tail {
		end, open = c.walk(b, 0)
	}
	return end, open
}

// walk goes from quote to quote. It looks for line ends in the text outside
// quotes that reaches beyond from.
func (c *cutter) walk(b []byte, from int) (end, open int) {
	outside := 0 // start of the text outside quotes
	for i := 0; i < len(b); {
		k := bytes.IndexByte(b[i:], c.quote)
		if k < 0 {
			break
		}
		q := i + k
		if q > 0 && b[q-1] != c.delim && b[q-1] != '\n' {
			i = q + 1
			continue
		}
		if q > from {
			if last := bytes.LastIndexByte(b[outside:q], '\n'); last >= 0 {
				end = outside + last + 1
			}
		}
		i = closing(b, q+1, c.quote)
		if i < 0 {
			return end, q
		}
		outside = i
	}
	if last := bytes.LastIndexByte(b[outside:], '\n'); last >= 0 {
		end = outside + last + 1
	}
	return end, -1
}

// closing gives the position after the quote that closes the field whose
// content starts at i, or -1. Two quotes are one quote of the content.
func closing(b []byte, i int, quote byte) int {
	for {
		k := bytes.IndexByte(b[i:], quote)
		if k < 0 {
			return -1
		}
		i += k + 1
		if i == len(b) || b[i] != quote {
			return i
		}
		i++
	}
}

// unclosed is the refusal of a text that ends inside a quoted field; before is
// the text up to it.
func (c *cutter) unclosed(before []byte) *Refusal {
	r := c.in.refuse(UnclosedQuote,
		text("ここで始まる引用符が閉じられていません。", "a quote opens here and is never closed."),
		text("この行を直すか、書き出しをやり直してください。", "Mend the line, or export the file again."))
	r.Line = c.line + bytes.Count(before, newline)
	return r
}

func (c *cutter) tooLong(b []byte, open int) *Refusal {
	if open >= 0 {
		return c.unclosed(b[:open])
	}
	r := c.in.refuse(RecordTooLong,
		text(fmt.Sprintf("1行が%d MiBを超えます。", c.limit>>20), fmt.Sprintf("a line of more than %d MiB.", c.limit>>20)),
		text("表のファイルかどうか確かめてください。", "Check that the file is a table."))
	r.Line = c.line
	return r
}

// lineNumber is a line as landed rows keep it.
func lineNumber(n int) int32 { return int32(min(n, math.MaxInt32)) }

// buffers of chunks go round: the garbage collector would clear each anew.
var buffers sync.Pool

func takeBuffer(n int) []byte {
	if b, ok := buffers.Get().(*[]byte); ok && cap(*b) >= n {
		return (*b)[:n]
	}
	return make([]byte, n)
}

// giveBuffer returns the memory of a block. Only common sizes are kept.
func giveBuffer(b []byte) {
	if cap(b) <= 2*chunkBytes {
		buffers.Put(&b)
	}
}
