package ingest

import (
	"encoding/binary"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/encoding/japanese"
)

// CP932 is Microsoft's Shift_JIS: JIS X 0201 and 0208, NEC's row 13, NEC's and
// IBM's selections of kanji, and 1,880 user-defined characters. Its trail bytes
// are 0x40–0x7E and 0x80–0xFC, so that a quote, comma, TAB or line end is never
// part of a character, but a vertical bar (0x7C) can be.
//
// Decoding goes through one table of all 65,536 pairs. Where x/text follows the
// web's Shift_JIS the table follows Microsoft: user-defined characters are
// U+E000–E757, and the five odd single bytes decode too (80, A0, FD, FE, FF).
// The result equals Python's cp932 for every code; see the test.

const replacement = '\uFFFD'

// packed holds up to three bytes of UTF-8 from the low end and their number in
// the top byte, so that a character is written with one store. 0 is no code.
type packed uint32

func pack(r rune) packed {
	var b [4]byte
	n := utf8.EncodeRune(b[:], r)
	return packed(binary.LittleEndian.Uint32(b[:])&0xFFFFFF | uint32(n)<<24)
}

func (p packed) len() int { return int(p >> 24) }

// cp932 is the decoding table, by single byte and by pair.
type cp932 struct {
	single [256]packed
	pair   [65536]packed
}

var cp932Table = sync.OnceValue(func() *cp932 {
	t := new(cp932)
	decoder := japanese.ShiftJIS.NewDecoder()
	decode := func(code ...byte) rune {
		out, err := decoder.Bytes(code)
		if r, n := utf8.DecodeRune(out); err == nil && n == len(out) {
			return r
		}
		return replacement
	}
	for b := range 256 {
		if r := decode(byte(b)); r != replacement {
			t.single[b] = pack(r)
		}
	}
	for b, r := range map[byte]rune{0x80: 0x80, 0xA0: 0xF8F0, 0xFD: 0xF8F1, 0xFE: 0xF8F2, 0xFF: 0xF8F3} {
		t.single[b] = pack(r)
	}
	for lead := 0x81; lead <= 0xFC; lead++ {
		if !isLead(byte(lead)) {
			continue
		}
		for trail := 0x40; trail <= 0xFC; trail++ {
			if trail == 0x7F {
				continue
			}
			r := decode(byte(lead), byte(trail))
			if lead >= 0xF0 && lead <= 0xF9 {
				r = userDefined(lead, trail)
			}
			if r != replacement {
				t.pair[lead<<8|trail] = pack(r)
			}
		}
	}
	return t
})

// userDefined is the private use character of a pair F040–F9FC: 188 to a lead
// byte, 7F left out.
func userDefined(lead, trail int) rune {
	if trail > 0x7F {
		trail--
	}
	return rune(0xE000 + (lead-0xF0)*188 + trail - 0x40)
}

func isLead(b byte) bool { return b >= 0x81 && b <= 0x9F || b >= 0xE0 && b <= 0xFC }

// next decodes the character at the start of b, which is not empty: its UTF-8
// and its length in b. Bytes that mean nothing give 0; an ASCII byte after a
// lead byte is never swallowed with it.
func (t *cp932) next(b []byte) (packed, int) {
	if !isLead(b[0]) {
		return t.single[b[0]], 1
	}
	if len(b) == 1 {
		return 0, 1
	}
	p := t.pair[int(b[0])<<8|int(b[1])]
	if p == 0 && b[1] < utf8.RuneSelf {
		return 0, 1
	}
	return p, 2
}

// appendText decodes b and appends it to dst as UTF-8, with U+FFFD for what
// means nothing and the number of those.
func (t *cp932) appendText(dst, b []byte) (_ []byte, replaced int64) {
	// A byte becomes at most three; the fourth is for the store of the last.
	if need := len(dst) + 3*len(b) + 4; cap(dst) < need {
		grown := make([]byte, len(dst), max(need, 2*cap(dst)))
		copy(grown, dst)
		dst = grown
	}
	at, room := len(dst), dst[:cap(dst)]
	for i := 0; i < len(b); {
		if c := b[i]; c < utf8.RuneSelf {
			room[at] = c
			at++
			i++
			continue
		}
		p, n := t.next(b[i:])
		if p == 0 {
			p = packedReplacement
			replaced++
		}
		binary.LittleEndian.PutUint32(room[at:], uint32(p))
		at += p.len()
		i += n
	}
	return room[:at], replaced
}

var packedReplacement = pack(replacement)

// DecodeCP932 gives the text of CP932 bytes, U+FFFD standing for what means nothing.
func DecodeCP932(s string) string {
	b, _ := cp932Table().appendText(nil, []byte(s))
	return string(b)
}

// cp932Codes is the encoding table. 398 characters have several codes; as
// Microsoft's encoder does, JIS X 0208 goes before NEC's row 13, that before
// IBM's selection (FA–FC), and NEC's selection of it (ED, EE) last.
var cp932Codes = sync.OnceValue(func() map[rune]uint16 {
	t := cp932Table()
	codes := make(map[rune]uint16, 10000)
	add := func(code int, p packed) {
		if p == 0 {
			return
		}
		var b [4]byte
		binary.LittleEndian.PutUint32(b[:], uint32(p))
		r, _ := utf8.DecodeRune(b[:p.len()])
		if _, taken := codes[r]; !taken {
			codes[r] = uint16(code)
		}
	}
	for code, p := range t.single {
		add(code, p)
	}
	necSelection := func(code int) bool { return code>>8 == 0xED || code>>8 == 0xEE }
	for code, p := range t.pair {
		if !necSelection(code) {
			add(code, p)
		}
	}
	for code, p := range t.pair {
		if necSelection(code) {
			add(code, p)
		}
	}
	return codes
})

// EncodeCP932 gives the CP932 bytes of a text, and false if it has a character
// that CP932 does not. Decoding them gives the text again.
func EncodeCP932(s string) ([]byte, bool) {
	codes := cp932Codes()
	b := make([]byte, 0, len(s))
	for _, r := range s {
		code, ok := codes[r]
		switch {
		case !ok:
			return nil, false
		case code < 256:
			b = append(b, byte(code))
		default:
			b = append(b, byte(code>>8), byte(code))
		}
	}
	return b, true
}
