package reference

import (
	"iter"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/kankei/kankei/schemas"
)

// CheckDigit is the sixth digit of a local government code. With the digits
// a b c d e of the code,
//
//	S = 6a + 5b + 4c + 3d + 2e,  check digit = (11 − S mod 11) mod 10
//
// (Ministry of Internal Affairs and Communications, 全国地方公共団体コード,
// 検査数字). S mod 11 = 0 and 10 both give 1, so not every slip is caught. It
// returns false unless code is five ASCII digits.
func CheckDigit(code string) (digit byte, ok bool) {
	if len(code) != 5 || !allDigits(code) {
		return 0, false
	}
	sum := 0
	for i := range len(code) {
		sum += (6 - i) * int(code[i]-'0')
	}
	return '0' + byte((11-sum%11)%10), true
}

// CodeForm says how the codes of a column are written.
type CodeForm int

// The forms of codes. A lost leading zero is restored in each.
const (
	EitherForm CodeForm = iota // five or six digits, value by value
	FiveDigits                 // without the check digit: 30401, 1100
	SixDigits                  // with the check digit: 304018, 11002
)

// Code reads a region code by itself: five digits or six with the check digit,
// also full-width, with the zero before Hokkaido to Tochigi lost to a
// spreadsheet (1100, 11002), as C30401 in linked open data, or as JP-30 (ISO
// 3166-2) or two digits for a prefecture. It returns the 5-digit code, or ""
// for what is no code of the table. Fifteen codes of five digits, 15202 長岡市 and
// 12203 市川市 among them, are also a 6-digit code without its zero: alone they
// are ambiguous and give "". Where a column is at hand, [DecideCodeForm] and
// [Table.CodeIn] read them too.
func (t *Table) Code(s string) string { return t.CodeIn(s, EitherForm) }

// CodeIn reads a code as [Table.Code] does, in a form that is known.
func (t *Table) CodeIn(s string, form CodeForm) string {
	if i, ok := t.first[s]; ok && form == FiveDigits {
		return t.regions[i].RegionCode
	}
	digits, plain := codeDigits(s)
	if plain {
		form = FiveDigits // C30401 has no check digit
	}
	switch len(digits) {
	case 1, 2:
		if code := ("0" + digits)[len(digits)-1:] + "000"; code != schemas.Nation {
			return t.known(code)
		}
	case 4:
		if form != SixDigits {
			return t.known("0" + digits)
		}
	case 5:
		return t.fiveDigits(digits, form)
	case 6:
		if form != FiveDigits {
			return t.sixDigits(digits)
		}
	}
	return ""
}

// fiveDigits reads a 5-digit code, or a 6-digit one that lost its zero, and
// gives "" if it could be either.
func (t *Table) fiveDigits(digits string, form CodeForm) string {
	five, six := t.known(digits), t.sixDigits("0"+digits)
	switch {
	case form == FiveDigits || form == EitherForm && six == "":
		return five
	case form == SixDigits || five == "":
		return six
	}
	return ""
}

func (t *Table) sixDigits(digits string) string {
	if check, _ := CheckDigit(digits[:5]); check != digits[5] || digits[:5] == schemas.Nation {
		return ""
	}
	return t.known(digits[:5])
}

// known returns the table's own copy of a code it has, else "".
func (t *Table) known(code string) string {
	if i, ok := t.first[code]; ok {
		return t.regions[i].RegionCode
	}
	return ""
}

// codeDigits strips a code of its dress and reports whether that was the C of
// linked open data. It gives no digits for anything else.
func codeDigits(s string) (digits string, plain bool) {
	if !ascii(s) {
		s = norm.NFKC.String(s)
	}
	s = strings.TrimSuffix(strings.TrimSpace(s), ".0") // a spreadsheet's number
	if len(s) == 5 && (strings.HasPrefix(s, "JP-") || strings.HasPrefix(s, "jp-")) {
		s = s[3:]
	} else if len(s) == 6 && (s[0] == 'C' || s[0] == 'c') {
		s, plain = s[1:], true
	}
	if len(s) > 6 || !allDigits(s) {
		return "", false
	}
	return s, plain
}

// DecideCodeForm tells how a column's codes are written: with the check digit
// if some value is a code only so, without if some value is a code only so.
// Where the values disagree or leave it open, each must speak for itself.
func (t *Table) DecideCodeForm(values iter.Seq[string]) CodeForm {
	var fives, sixes bool
	for v := range values {
		five, six := t.CodeIn(v, FiveDigits) != "", t.CodeIn(v, SixDigits) != ""
		fives, sixes = fives || five && !six, sixes || six && !five
	}
	switch {
	case fives && !sixes:
		return FiveDigits
	case sixes && !fives:
		return SixDigits
	}
	return EitherForm
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
