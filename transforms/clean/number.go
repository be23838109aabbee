package clean

import (
	"bytes"
	"math"
	"strconv"
	"strings"
)

// Int reads a whole number in the forms exports use: "２", "18,100", "¥18,100",
// "36125 JPY", "1.256,00", "2名", "3泊", "2.0", and negative ones as "-3", "−3",
// "△3", "▲3" or "(3)". A number with a fraction is refused, never rounded; so is
// "1.256", which is 1256 to one writer and 1.256 to another.
func Int(s string) (int64, bool) {
	if n, ok := plainInt(s); ok {
		return n, true
	}
	var buf [maxDigits]byte
	n, ok := readNumeral(s, buf[:0])
	if !ok || len(bytes.Trim(n.digits[n.point:], "0")) > 0 {
		return 0, false
	}
	v, err := strconv.ParseInt(string(n.digits[:n.point]), 10, 64)
	if err != nil {
		return 0, false
	}
	if n.negative {
		v = -v
	}
	return v, true
}

// Decimal reads a number in the forms of [Int], with or without a fraction, and
// in scientific notation. Where both ',' and '.' occur, the last is the decimal
// mark. A single ',' before exactly three digits groups thousands, otherwise it
// is the decimal mark; a single '.' always is. Groups must have three digits.
func Decimal(s string) (float64, bool) {
	if n, ok := plainInt(s); ok {
		return float64(n), true
	}
	if v, ok := scientific(s); ok {
		return v, true
	}
	var buf [maxDigits]byte
	n, ok := readNumeral(s, buf[:0])
	if !ok {
		return 0, false
	}
	text := make([]byte, 0, maxDigits+2)
	if n.negative {
		text = append(text, '-')
	}
	text = append(text, n.digits[:n.point]...)
	text = append(text, '.')
	text = append(text, n.digits[n.point:]...)
	v, err := strconv.ParseFloat(string(text), 64)
	return v, err == nil
}

// plainInt reads 1 to 18 ASCII digits.
func plainInt(s string) (int64, bool) {
	if len(s) == 0 || len(s) > 18 {
		return 0, false
	}
	var v int64
	for i := 0; i < len(s); i++ {
		d := s[i] - '0'
		if d > 9 {
			return 0, false
		}
		v = v*10 + int64(d)
	}
	return v, true
}

// scientific reads a number with an exponent, as statistics packages write it.
func scientific(s string) (float64, bool) {
	s = narrow(s)
	e := strings.IndexAny(s, "eE")
	if e < 1 || strings.Trim(s, "0123456789.+-eE") != "" {
		return 0, false
	}
	v, err := strconv.ParseFloat(s, 64)
	return v, err == nil && !math.IsInf(v, 0)
}

const maxDigits = 40 // more digits than any count or amount has

// numeral is a number taken apart: all its digits, and how many are before the
// decimal mark.
type numeral struct {
	negative bool
	digits   []byte
	point    int
}

// readNumeral takes signs, currency and unit off s and reads the digits left.
func readNumeral(s string, buf []byte) (numeral, bool) {
	if strings.ContainsFunc(s, func(r rune) bool { return r >= '⑴' && r <= '⒇' }) {
		return numeral{}, false // ⑶ would fold to (3), an accountant's −3
	}
	s = narrow(s)
	s, bracketed := unbracket(s)
	s, sign := cutSign(s)
	s = cutCurrency(s)
	if sign == 0 {
		s, sign = cutSign(s)
	}
	if bracketed && sign != 0 {
		return numeral{}, false
	}
	n, ok := readDigits(cutUnit(s), buf)
	n.negative = bracketed || sign < 0
	return n, ok
}

// unbracket takes off the parentheses that accountants put around a negative
// amount.
func unbracket(s string) (string, bool) {
	if len(s) > 2 && s[0] == '(' && s[len(s)-1] == ')' {
		return strings.TrimSpace(s[1 : len(s)-1]), true
	}
	return s, false
}

// cutSign takes off a sign, a minus in any of its Japanese forms, and says which
// it was: +1, -1, or 0 for none.
func cutSign(s string) (string, int) {
	for _, sign := range []string{"-", "−", "–", "△", "▲"} {
		if rest, ok := strings.CutPrefix(s, sign); ok {
			return strings.TrimSpace(rest), -1
		}
	}
	if rest, ok := strings.CutPrefix(s, "+"); ok {
		return rest, 1
	}
	return s, 0
}

// cutCurrency takes off a currency sign or code. The backslash is the yen sign
// of CP932.
func cutCurrency(s string) string {
	for _, sign := range []string{"¥", `\`, "$", "€", "£", "JPY", "USD", "EUR", "GBP", "円"} {
		if rest, ok := strings.CutPrefix(s, sign); ok {
			return strings.TrimSpace(rest)
		}
	}
	return s
}

// units that may follow a number and do not change it; not 万, 千 or %.
var units = []string{
	"円", "名様", "名", "人", "泊", "室", "部屋", "歳", "才", "回", "日間", "日", "件", "棟", "枚", "年", "円(税込)", "ポイント", "pt",
	"nights", "night", "guests", "guest", "rooms", "room", "people", "persons", "person", "adults", "adult", "children", "child", "days", "day",
}

// cutUnit takes off a unit or a three-letter currency code.
func cutUnit(s string) string {
	end := len(s)
	for end > 0 && s[end-1]-'0' > 9 {
		end--
	}
	unit := strings.TrimSpace(s[end:])
	if currencyCode(unit) {
		return s[:end]
	}
	for _, u := range units {
		if strings.EqualFold(unit, u) {
			return s[:end]
		}
	}
	return s
}

func currencyCode(s string) bool {
	if len(s) != 3 {
		return false
	}
	for i := range 3 {
		if s[i] < 'A' || s[i] > 'Z' {
			return false
		}
	}
	return true
}

// readDigits reads digits with grouping and decimal marks.
func readDigits(s string, buf []byte) (numeral, bool) {
	mark, ok := decimalMark(s)
	if !ok {
		return numeral{}, false
	}
	whole, fraction := s, ""
	if mark >= 0 {
		whole, fraction = s[:mark], s[mark+1:]
	}
	if fraction == "" && mark >= 0 && s[mark] == ',' {
		return numeral{}, false // "1," is cut off; "1." is how Fortran writes 1
	}
	digits, ok := ungroup(whole, buf)
	if !ok || !digitsOnly(fraction) || len(digits)+len(fraction) > maxDigits {
		return numeral{}, false
	}
	if len(digits) == 0 {
		if fraction == "" {
			return numeral{}, false
		}
		digits = append(digits, '0') // ".5"
	}
	point := len(digits)
	return numeral{digits: append(digits, fraction...), point: point}, true
}

// decimalMark is where the decimal mark stands, -1 for none.
func decimalMark(s string) (int, bool) {
	comma, dot := strings.LastIndexByte(s, ','), strings.LastIndexByte(s, '.')
	switch {
	case comma >= 0 && dot >= 0:
		last := max(comma, dot)
		return last, strings.Count(s, s[last:last+1]) == 1
	case dot >= 0:
		if strings.Count(s, ".") > 1 {
			return -1, true
		}
		return dot, true
	case comma >= 0 && strings.Count(s, ",") == 1 && (len(s)-comma != 4 || comma == 0 || comma > 3 || s[0] == '0'):
		return comma, true
	}
	return -1, true
}

// ungroup appends the digits of s to buf. Groups, if any, are set apart by one
// and the same mark and have three digits, the first one to three.
func ungroup(s string, buf []byte) ([]byte, bool) {
	var mark byte
	group := 0
	for i := 0; i < len(s); i++ {
		switch b := s[i]; {
		case b-'0' <= 9:
			if len(buf) == maxDigits {
				return nil, false
			}
			buf = append(buf, b)
			group++
		case strings.IndexByte(",. '", b) < 0, mark != 0 && b != mark, mark == 0 && (group == 0 || group > 3), mark != 0 && group != 3:
			return nil, false
		default:
			mark, group = b, 0
		}
	}
	return buf, mark == 0 || group == 3
}
