package reference

import (
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// postcodes are the regions of the postcodes, numbers of seven digits, and
// of their first five digits, which stand for the post office that delivers.
type postcodes struct {
	numbers  []uint32 // ascending
	regions  []string // what the postcode at the same index means, or ""
	prefixes map[uint32]string
}

// readPostcodes reads the embedded table, which has one row per five digits
// and region, ascending, with the last two digits as ranges.
func readPostcodes(text string, t *Table) *postcodes {
	p := &postcodes{prefixes: make(map[uint32]string, 8192)}
	_, text, _ = strings.Cut(text, "\n")
	var hundred [100][]string // the regions of each postcode of the five digits
	var prefix uint32
	flush := func() { p.add(prefix, &hundred, t); hundred = [100][]string{} }
	for line := range strings.Lines(text) {
		digits, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ",")
		code, ranges, _ := strings.Cut(rest, ",")
		if n := number(digits); n != prefix {
			flush()
			prefix = n
		}
		region := t.known(code)
		for span := range strings.FieldsSeq(ranges) {
			first := number(span[:2])
			for last := number(span[len(span)-2:]); first <= last; first++ {
				hundred[first] = append(hundred[first], region)
			}
		}
	}
	flush()
	return p
}

// add enters the postcodes with the same first five digits.
func (p *postcodes) add(prefix uint32, hundred *[100][]string, t *Table) {
	var all []string
	for suffix, codes := range hundred {
		if len(codes) > 0 {
			p.numbers = append(p.numbers, prefix*100+uint32(suffix))
			p.regions = append(p.regions, t.common(codes))
			all = append(all, codes...)
		}
	}
	if len(all) > 0 {
		slices.Sort(all)
		p.prefixes[prefix] = t.common(slices.Compact(all))
	}
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
		return t.postcodes.prefixes[digits]
	case count == 5 && hyphen == 0:
		return t.fivePostcodeDigits(digits)
	}
	return ""
}

func (t *Table) sevenDigits(postcode uint32) string {
	if i, ok := slices.BinarySearch(t.postcodes.numbers, postcode); ok {
		return t.postcodes.regions[i]
	}
	return t.PrefectureOf(t.postcodes.prefixes[postcode/100])
}

// fivePostcodeDigits reads the first five digits, or the last five of seven
// that begin with two zeros.
func (t *Table) fivePostcodeDigits(digits uint32) string {
	first, isFirst := t.postcodes.prefixes[digits]
	i, isLast := slices.BinarySearch(t.postcodes.numbers, digits)
	switch {
	case isFirst && isLast && first != t.postcodes.regions[i]:
		return ""
	case isLast:
		return t.postcodes.regions[i]
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
