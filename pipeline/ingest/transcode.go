package ingest

import (
	"encoding/binary"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// transcoder turns a stream into UTF-8 as it is read: of encodings in which
// the bytes of a delimiter may be part of a character.
type transcoder struct {
	*stream
	decode  func(dst, src []byte, last bool) (out []byte, used int)
	raw     []byte // read, not yet decoded
	pending []byte // decoded, not yet given
	last    bool
}

func newTranscoder(s *stream, encoding string) *transcoder {
	t := &transcoder{stream: s}
	switch encoding {
	case UTF16LE:
		t.decode = utf16Decoder(binary.LittleEndian)
	case UTF16BE:
		t.decode = utf16Decoder(binary.BigEndian)
	default:
		t.decode = decodeCP932
	}
	return t
}

func (t *transcoder) Read(p []byte) (int, error) {
	for len(t.pending) == 0 {
		if t.last {
			return 0, io.EOF
		}
		if err := t.fill(); err != nil {
			return 0, err
		}
	}
	n := copy(p, t.pending)
	t.pending = t.pending[n:]
	return n, nil
}

func (t *transcoder) fill() error {
	const step = 256 << 10
	at := len(t.raw)
	t.raw = append(t.raw, make([]byte, step)...)
	n, err := t.stream.Read(t.raw[at:])
	t.raw = t.raw[:at+n]
	if err != nil && err != io.EOF {
		return err
	}
	t.last = err == io.EOF
	out, used := t.decode(t.pending[:0], t.raw, t.last)
	t.pending = out
	t.raw = t.raw[:copy(t.raw, t.raw[used:])]
	return nil
}

// utf16Decoder decodes UTF-16; half a surrogate pair and an odd last byte
// become U+FFFD.
func utf16Decoder(order binary.ByteOrder) func(dst, src []byte, last bool) ([]byte, int) {
	return func(dst, src []byte, last bool) ([]byte, int) {
		i := 0
		for ; i+1 < len(src); i += 2 {
			r := rune(order.Uint16(src[i:]))
			if utf16.IsSurrogate(r) {
				if i+3 >= len(src) && !last {
					return dst, i
				}
				if r = surrogatePair(r, src[i+2:], order); r != replacement {
					i += 2
				}
			}
			dst = utf8.AppendRune(dst, r)
		}
		if last && i < len(src) {
			return utf8.AppendRune(dst, replacement), len(src)
		}
		return dst, i
	}
}

func surrogatePair(high rune, next []byte, order binary.ByteOrder) rune {
	if len(next) < 2 {
		return replacement
	}
	return utf16.DecodeRune(high, rune(order.Uint16(next)))
}

// decodeCP932 leaves a lead byte at the end for when its trail byte is there.
func decodeCP932(dst, src []byte, last bool) ([]byte, int) {
	t := cp932Table()
	used := 0
	for used < len(src) {
		if !last && used == len(src)-1 && isLead(src[used]) {
			break
		}
		_, n := t.next(src[used:])
		used += n
	}
	dst, _ = t.appendText(dst, src[:used])
	return dst, used
}
