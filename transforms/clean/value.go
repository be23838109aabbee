package clean

import (
	"strconv"
	"unicode"

	"github.com/kankei/kankei/schemas"
)

// Purposes gives the bit set of purposes by their codes, and false if a code is
// not in [schemas.PurposeCodes]. No codes are no purposes, 0.
func Purposes(codes []string) (int32, bool) {
	var set schemas.Purpose
	for _, code := range codes {
		p, ok := schemas.PurposeCodes[code]
		if !ok {
			return 0, false
		}
		set |= p
	}
	return int32(set), true
}

// Shape describes a value that must not be shown: "empty", "11 digits",
// "7 letters" or, for anything else, "mixed, 12 characters". It tells the class
// and number of the characters and nothing more.
func Shape(s string) string {
	characters, digits, letters := 0, 0, 0
	for _, r := range s {
		characters++
		switch {
		case unicode.IsDigit(r):
			digits++
		case unicode.IsLetter(r):
			letters++
		}
	}
	switch characters {
	case 0:
		return "empty"
	case digits:
		return counted(digits, "digit")
	case letters:
		return counted(letters, "letter")
	}
	return "mixed, " + counted(characters, "character")
}

func counted(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return strconv.Itoa(n) + " " + noun
}
