package reference

import (
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// postcodes are the regions of the postcodes, numbers of seven digits, and
// of their first five digits, which stand for the post office that delivers.
type postcodes struct {
	numbers  []uint32          // ascending
	meanings []uint16          // index in codes of what the postcode at the same index means
	prefixes map[uint32]uint16 // index in codes of what five digits mean
	codes    []string          // codes of regions; "" for no region in common
	ids      map[string]uint16 // the inverse of codes
}

// hundred are the meanings of the postcodes with the same first five digits,
// each an index in codes plus one, 0 for none.
type hundred [100]uint16

// readPostcodes reads the embedded table, which has one row per five digits
// and region, ascending, with the last two digits as ranges.
func readPostcodes(text string, t *Table) *postcodes {
	const listed, offices = 130_000, 6_000 // at most, about
	p := &postcodes{
		numbers: make([]uint32, 0, listed), meanings: make([]uint16, 0, listed),
		prefixes: make(map[uint32]uint16, offices), ids: make(map[string]uint16, len(t.first)),
	}
	_, text, _ = strings.Cut(text, "\n")
	var prefix uint32
	var meanings hundred
	for line := range strings.Lines(text) {
		digits, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ",")
		code, ranges, _ := strings.Cut(rest, ",")
		if next := number(digits); next != prefix {
			p.add(prefix, &meanings, t)
			prefix, meanings = next, hundred{}
		}
		id := p.id(t.known(code))
		for ranges != "" {
			var span string
			span, ranges, _ = strings.Cut(ranges, " ")
			for i, last := number(span[:2]), number(span[len(span)-2:]); i <= last; i++ {
				meanings[i] = p.join(meanings[i], id+1, t)
			}
		}
	}
	p.add(prefix, &meanings, t)
	return p
}

// add enters the postcodes with the same first five digits.
func (p *postcodes) add(prefix uint32, meanings *hundred, t *Table) {
	var all uint16
	for suffix, meaning := range meanings {
		if meaning != 0 {
			p.numbers = append(p.numbers, prefix*100+uint32(suffix))
			p.meanings = append(p.meanings, meaning-1)
			all = p.join(all, meaning, t)
		}
	}
	if all != 0 {
		p.prefixes[prefix] = all - 1
	}
}

// join is the meaning that two meanings have in common, each plus one.
func (p *postcodes) join(a, b uint16, t *Table) uint16 {
	if a == b || a == 0 {
		return b
	}
	return p.id(t.common([]string{p.codes[a-1], p.codes[b-1]})) + 1
}

// id is the index of a code in codes, which gets it if it is new.
func (p *postcodes) id(code string) uint16 {
	id, ok := p.ids[code]
	if !ok {
		id = uint16(len(p.codes))
		p.codes, p.ids[code] = append(p.codes, code), id
	}
	return id
}

// of is the region of a listed postcode.
func (p *postcodes) of(postcode uint32) (code string, listed bool) {
	i, listed := slices.BinarySearch(p.numbers, postcode)
	if !listed {
		return "", false
	}
	return p.codes[p.meanings[i]], true
}

// ofPrefix is the region of all postcodes that begin with five digits.
func (p *postcodes) ofPrefix(digits uint32) (code string, listed bool) {
	id, listed := p.prefixes[digits]
	if !listed {
		return "", false
	}
	return p.codes[id], true
}

// Postcode is the region of a Japanese postcode as of today: the ward or
// municipality if it lies in one, else the prefecture, else [schemas.Unknown].
// It reads 649-2211 in any dress (〒, full-width, no hyphen), six digits as
// seven whose leading zero a spreadsheet lost, and five digits as the first
// five. Five digits may also have lost two zeros: where both readings exist
// and differ, nothing is known, unless a hyphen tells (649-22, 1-0010).
//
// Seven digits that are no listed postcode, but begin like some (a large
// firm's own), give the prefecture of those. 123-4567 gives nothing.
func (t *Table) Postcode(s string) string { return known(t.postcode(s)) }

func (t *Table) postcode(s string) string {
	digits, count, hyphen := postcodeDigits(s)
	switch {
	case count == 7 && (hyphen == 0 || hyphen == 3),
		count == 6 && (hyphen == 0 || hyphen == 2),
		count == 5 && hyphen == 1:
		return t.sevenDigits(digits)
	case count == 5 && hyphen == 3:
		code, _ := t.postcodes.ofPrefix(digits)
		return code
	case count == 5 && hyphen == 0:
		return t.fivePostcodeDigits(digits)
	}
	return ""
}

func (t *Table) sevenDigits(postcode uint32) string {
	if code, listed := t.postcodes.of(postcode); listed {
		return code
	}
	office, _ := t.postcodes.ofPrefix(postcode / 100)
	return t.PrefectureOf(office)
}

// fivePostcodeDigits reads the first five digits, or the last five of seven
// that begin with two zeros.
func (t *Table) fivePostcodeDigits(digits uint32) string {
	first, isFirst := t.postcodes.ofPrefix(digits)
	last, isLast := t.postcodes.of(digits)
	switch {
	case isFirst && isLast && first != last:
		return ""
	case isLast:
		return last
	}
	return first
}

// postcodeDigits reads the digits of a postcode as a number, how many they are
// and how many stand before the hyphen (0: none). It gives no digits for a
// text with anything else in it, or two hyphens.
func postcodeDigits(s string) (digits uint32, count, hyphen int) {
	if !ascii(s) {
		s = strings.Map(postcodeHyphen, norm.NFKC.String(s))
	}
	s = strings.TrimSuffix(s, ".0") // a spreadsheet's number
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9' && count < 8:
			digits = digits*10 + uint32(c-'0')
			count++
		case c == '-' && hyphen == 0 && count > 0:
			hyphen = count
		case c == ' ' || c == '\t':
		default:
			return 0, 0, 0
		}
	}
	return digits, count, hyphen
}

// postcodeHyphen takes any dash for a hyphen and drops the mark of a postcode.
func postcodeHyphen(r rune) rune {
	switch r {
	case 'ー', '‐', '‑', '‒', '–', '—', '―', '−':
		return '-'
	case '〒':
		return ' '
	}
	return r
}

// number reads ASCII digits.
func number(digits string) (n uint32) {
	for i := range len(digits) {
		n = n*10 + uint32(digits[i]-'0')
	}
	return n
}
