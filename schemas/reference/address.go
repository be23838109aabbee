package reference

import (
	"strings"
	"unicode/utf8"

	"github.com/kankei/kankei/schemas"
)

// Address is the region that a Japanese address lies in, as of today: a ward
// or municipality, a prefecture where no more is certain, or [schemas.Unknown].
// The text may begin with a postcode and have no prefecture if the name of the
// city, the district and town, or the ward is the only one of its kind. In a
// romanised text only the prefecture is read. Whether an address is foreign is
// for the caller to know: its country is not looked for.
//
// Text and postcode must lie in one prefecture, or nothing is known. Within
// it the text counts, and the postcode where it says more.
func (t *Table) Address(s string) string { return t.AddressOn(s, today) }

// AddressOn is [Table.Address] with names and codes as of a day. Postcodes
// are as of today on any day.
func (t *Table) AddressOn(s string, on schemas.Date) string {
	if !japanese(s) {
		return t.romajiAddress(s)
	}
	s = strings.TrimSpace(s)
	postcode, text := cutPostcode(s)
	if !folded(text) {
		if text = fold(text); postcode == "" {
			postcode, text = cutPostcode(text)
		}
	}
	return known(t.agree(t.text(text, on), t.postcode(postcode)))
}

// agree joins what an address and its postcode say.
func (t *Table) agree(text, postcode string) string {
	switch {
	case text == "":
		return postcode
	case postcode == "" || t.within(text, postcode):
		return text
	case t.within(postcode, text):
		return postcode
	case t.PrefectureOf(text) == t.PrefectureOf(postcode):
		return text
	}
	return ""
}

// text reads a folded address without postcode.
func (t *Table) text(s string, on schemas.Date) string {
	number, rest := t.cutPrefecture(s)
	if number == 0 {
		if number, rest = t.cutPrefecture(strings.TrimLeft(strings.TrimPrefix(s, "日本"), "国,、")); number == 0 {
			return t.textAlone(s, on)
		}
	}
	if rest == "" {
		return t.prefectureOfNumber(number)
	}
	return t.in(number, t.match(number, rest), on)
}

// textAlone reads an address that has no full name of a prefecture. Its
// beginning may be a municipality (千葉市…) or a prefecture's short name and a
// municipality of it (千葉 市川市…): both are tried, and must agree.
func (t *Table) textAlone(s string, on schemas.Date) string {
	if number := t.names.any[s]; number != 0 {
		return t.prefectureOfNumber(number)
	}
	var codes []string
	if p := t.match(0, s); p != nil {
		code := t.on(p, on, false)
		if code == "" {
			return ""
		}
		codes = append(codes, code)
	}
	for _, size := range []int{2 * len("千"), 3 * len("千")} {
		if len(s) <= size || !utf8.RuneStart(s[size]) {
			continue
		}
		if number := t.names.any[s[:size]]; number != 0 {
			if code := t.on(t.match(number, s[size:]), on, true); code != "" {
				codes = append(codes, code)
			}
		}
	}
	return t.common(codes)
}

// cutPrefecture cuts the full name of a prefecture (three or four characters)
// off a folded text, and gives its number, or 0 and the text.
func (t *Table) cutPrefecture(s string) (number int, rest string) {
	for _, size := range []int{3 * len("県"), 4 * len("県")} {
		if len(s) >= size {
			if number := t.names.full[s[:size]]; number != 0 {
				return number, s[size:]
			}
		}
	}
	return 0, s
}

// cutPostcode cuts a postcode off an address: behind 〒 wherever that stands,
// or seven digits at the head with or without a hyphen behind the third.
func cutPostcode(s string) (postcode, rest string) {
	if before, after, ok := strings.Cut(s, "〒"); ok {
		after = strings.TrimLeft(after, " 　")
		n := postcodeLength(after)
		return after[:n], before + strings.TrimLeft(after[n:], " 　")
	}
	n := postcodeLength(s)
	return s[:n], strings.TrimLeft(s[n:], " 　")
}

// postcodeLength is the length of the postcode that s begins with: 8 with a
// hyphen, 7 without, 0 if there is none.
func postcodeLength(s string) int {
	digits := 0
	for i := range len(s) {
		switch {
		case s[i] >= '0' && s[i] <= '9':
			digits++
		case s[i] == '-' && i == 3:
			continue
		default:
			return 0
		}
		if digits == 7 {
			if i+1 < len(s) && s[i+1] >= '0' && s[i+1] <= '9' {
				return 0 // longer than a postcode: a telephone number, say
			}
			return i + 1
		}
	}
	return 0
}
