package reference

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/kankei/kankei/schemas"
)

// romajiForms are other spellings of prefectures in Latin letters, by the key
// that [romajiKey] gives.
var romajiForms = map[string]string{
	"gumma": "gunma", "hokkaidou": "hokkaido", "toukyou": "tokyo", "toukyo": "tokyo", "tokyou": "tokyo", "kyouto": "kyoto",
	"oosaka": "osaka", "ohsaka": "osaka", "hyougo": "hyogo", "kouchi": "kochi", "kohchi": "kochi", "ooita": "oita", "ohita": "oita",
	"hukushima": "fukushima", "hukuoka": "fukuoka", "hukui": "fukui", "tiba": "chiba", "aiti": "aichi", "koti": "kochi", "sizuoka": "shizuoka",
	"simane": "shimane", "siga": "shiga", "totigi": "tochigi", "yamaguti": "yamaguchi", "gihu": "gifu",
}

// prefectureWords are the words that follow the name of a prefecture.
var prefectureWords = []string{"prefecture", "pref", "metropolis", "ken", "fu", "to"}

// romajiKey writes a romanised name in small ASCII letters: Ōsaka is osaka.
func romajiKey(s string) string {
	if ascii(s) && strings.ToLower(s) == s {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r >= 0x80 || r == '\'' {
			return -1 // the macron or circumflex, apart from its letter
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(s))
}

// romajiPrefecture is the number of the prefecture that a romanised text is
// the name of (Wakayama, Wakayama-ken, Osaka Prefecture), or 0.
func (t *Table) romajiPrefecture(s string) int {
	number, _ := t.romajiName(strings.Fields(separate(romajiKey(s))))
	return number
}

// romajiName is the prefecture that words are the name of, and whether they
// say that it is a prefecture.
func (t *Table) romajiName(words []string) (number int, explicit bool) {
	if n := len(words); n == 2 {
		for _, w := range prefectureWords {
			explicit = explicit || words[1] == w
		}
		if !explicit {
			return 0, false
		}
	} else if n != 1 {
		return 0, false
	}
	name := words[0]
	if other, ok := romajiForms[name]; ok {
		name = other
	}
	return t.names.any[name], explicit || name == "hokkaido"
}

// separate makes spaces of hyphens and full stops: Wakayama-ken, Pref.
func separate(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r == '.' {
			return ' '
		}
		return r
	}, s)
}

// romajiAddress is the prefecture of a romanised address, with its postcode
// where there is one: "1-2-3 Yodogawa-ku, Osaka 532-0011, Japan". Between
// commas stands the name of a prefecture and nothing else but numbers. A bare
// name counts only in the last place before Japan, or anywhere in an
// address that names Japan, since most prefectures share their name with towns.
// Names of two prefectures leave it unknown.
func (t *Table) romajiAddress(s string) string {
	key := romajiKey(norm.NFKC.String(s))
	postcode, key := cutRomajiPostcode(key)
	parts, japan := romajiParts(key)
	number := 0
	for i, part := range parts {
		found, explicit := t.romajiPart(part, i == len(parts)-1)
		if found == 0 || !explicit && !japan && i != len(parts)-1 {
			continue
		}
		if number != 0 && number != found {
			return schemas.Unknown
		}
		number = found
	}
	if number == 0 {
		if japan || len(parts) == 0 {
			return known(t.postcode(postcode))
		}
		return schemas.Unknown
	}
	return known(t.agree(t.prefectureOfNumber(number), t.postcode(postcode)))
}

// romajiPart is the prefecture that a part of an address names: the whole
// part, its last words in the last part, or a name with -ken, -fu or -to.
func (t *Table) romajiPart(words []string, last bool) (number int, explicit bool) {
	if number, explicit = t.romajiName(words); number != 0 {
		return number, explicit
	}
	for i := range len(words) - 1 {
		if number, explicit = t.romajiName(words[i : i+2]); number != 0 {
			return number, explicit
		}
	}
	if last && len(words) > 1 {
		return t.romajiName(words[len(words)-1:])
	}
	return 0, false
}

// romajiParts are the words between the commas of an address, without empty
// parts and Japan, and whether Japan was named.
func romajiParts(s string) (parts [][]string, japan bool) {
	for part := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == ',' || r == '\n' || r == ';' || r == '/' }) {
		words := strings.Fields(separate(part))
		for len(words) > 0 && words[len(words)-1] == "japan" {
			words, japan = words[:len(words)-1], true
		}
		if len(words) > 0 && words[0] == "japan" {
			words, japan = words[1:], true
		}
		if len(words) > 0 {
			parts = append(parts, words)
		}
	}
	return parts, japan
}

// cutRomajiPostcode cuts a Japanese postcode, three digits, a hyphen and
// four, out of a text; behind 〒 the hyphen may be missing.
func cutRomajiPostcode(s string) (postcode, rest string) {
	for i := range len(s) {
		digit := s[i] >= '0' && s[i] <= '9'
		if !digit || i > 0 && (s[i-1] >= '0' && s[i-1] <= '9' || s[i-1] == '-') {
			continue
		}
		n := postcodeLength(s[i:])
		if n == 8 && !strings.HasPrefix(s[i+n:], "-") || n == 7 && len(s) == 7 {
			return s[i : i+n], s[:i] + " " + s[i+n:]
		}
	}
	return "", s
}
