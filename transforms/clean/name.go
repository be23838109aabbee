package clean

import (
	"bytes"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// NormalName is the form in which two spellings of one personal name agree:
//
//   - widths and compatibility forms are folded, half-width kana composed (NFKC);
//   - variant characters are folded as by [FoldVariants], hiragana to katakana,
//     ヶ and ヵ to ケ and カ, letters to lower case without accents, and a hyphen
//     after kana to the long vowel mark ー, for which it is often typed;
//   - remarks in 【 】, as Rakuten's 【精算不要】, and courtesies (様 殿 さま 御中 sama,
//     Mr, Mrs, Ms, Miss, Mx, Dr) are dropped;
//   - apostrophes and invisible characters are dropped; other punctuation parts
//     words.
//
// A name with Chinese characters, kana or hangul loses its spaces. Any other is
// its words in alphabetical order, because exports disagree on whether the
// family name comes first: "Taro Yamada", "YAMADA/TARO MR" and "Yamada, Taro"
// are all "taro yamada". The result is "" where no name is left.
func NormalName(s string) string { return string(AppendNormalName(nil, s)) }

// AppendNormalName appends [NormalName] of s to dst.
func AppendNormalName(dst []byte, s string) []byte { return appendName(dst, s, foldNameRune) }

// NormalKana is [NormalName] for a name in kana, where small kana are also made
// large: half-width exports write ｼﾖｳｺ for ショウコ.
func NormalKana(s string) string { return string(AppendNormalKana(nil, s)) }

// AppendNormalKana appends [NormalKana] of s to dst.
func AppendNormalKana(dst []byte, s string) []byte { return appendName(dst, s, foldKanaRune) }

// appendName normalises in this order: decompose, fold character by character
// into words, drop courtesies, join or sort the words, compose. Composition comes
// last so that it sees marks and letters that dropping a space brought together.
func appendName(dst []byte, s string, fold func(rune) rune) []byte {
	start := len(dst)
	plain := plainName(s)
	if !plain {
		// After a byte that is no UTF-8, norm leaves characters composed.
		s = norm.NFKD.String(strings.ToValidUTF8(s, string(utf8.RuneError)))
	}
	dst = appendWords(dst, s, fold)
	dst = trimCourtesy(dst, start)
	if slices.ContainsFunc(dst[start:], notASCII) && eastAsian(dst[start:]) {
		dst = joinWords(dst, start)
		dst = trimCourtesy(dst, start)
	} else {
		dst = sortWords(dst, start)
	}
	if !plain {
		dst = append(dst[:start], norm.NFC.Bytes(dst[start:])...)
	}
	return dst
}

func notASCII(b byte) bool { return b >= utf8.RuneSelf }

// plainName tells that s holds only ASCII, kana, common Chinese characters and
// their punctuation, in full or half width: what [appendWords] reads without
// decomposing it. Nearly all names are such, and decomposing costs a microsecond.
func plainName(s string) bool {
	var before rune
	for i := 0; i < len(s); {
		if s[i] < utf8.RuneSelf {
			before = 0
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		r = widen(r)
		switch {
		case kanaMark(r):
			if voice(before, r) == 0 {
				return false
			}
		case r >= firstHan && r <= lastHan, kana(r), r < utf8.RuneSelf:
		case r == '　', r == '々', r == '・', r == '【', r == '】':
		default:
			return false
		}
		before = r
		i += size
	}
	return true
}

// halfKana are the full-width forms of U+FF66 to U+FF9D.
var halfKana = []rune("ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン")

// widen gives half-width kana in full width and full-width ASCII in half width,
// as NFKD does.
func widen(r rune) rune {
	switch {
	case r < '！' || r > 'ﾟ':
		return r
	case r <= '～':
		return r - '！' + '!'
	case r >= 'ｦ' && r <= 'ﾝ':
		return halfKana[r-'ｦ']
	case r == 'ﾞ':
		return voiced
	case r == 'ﾟ':
		return semiVoiced
	case r == '･':
		return '・'
	}
	return r
}

// voice composes a katakana letter and the mark after it, for the pairs that
// follow each other in Unicode; 0 for any other.
func voice(letter, mark rune) rune {
	switch {
	case letter >= 'ハ' && letter <= 'ホ' && (letter-'ハ')%3 == 0:
		return letter + 1 + (mark - voiced)
	case mark == semiVoiced:
		return 0
	case letter >= 'カ' && letter <= 'チ' && (letter-'カ')%2 == 0, letter == 'ツ', letter == 'テ', letter == 'ト':
		return letter + 1
	}
	return 0
}

// kana tells full-width kana letters, their marks and the long vowel mark.
func kana(r rune) bool {
	return r >= 'ァ' && r <= 'ヺ' || r >= 'ぁ' && r <= 'ゖ' || r == 'ー' || kanaMark(r)
}

// Combining marks of decomposed kana.
const voiced, semiVoiced = '\u3099', '\u309A'

func kanaMark(r rune) bool { return r == voiced || r == semiVoiced }

// appendWords appends the folded words of s, parted by single spaces.
func appendWords(dst []byte, s string, fold func(rune) rune) []byte {
	word, start := len(dst), len(dst) // beginnings of this word and of the first
	var before rune                   // the character before in this word
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		i += size
		if r == '【' {
			if end := strings.Index(s[i:], "】"); end >= 0 {
				i += end
			}
		}
		switch r = spell(widen(r), before); {
		case r == dropped:
		case r == parting:
			dst = endWord(dst, word)
			word, before = len(dst), 0
		default:
			r = fold(r)
			if kanaMark(r) && voice(before, r) != 0 {
				dst = dst[:len(dst)-utf8.RuneLen(before)]
				r = voice(before, r)
			}
			dst = utf8.AppendRune(dst, r)
			before = r
		}
	}
	dst = endWord(dst, word)
	if len(dst) > start {
		dst = dst[:len(dst)-1] // the space after the last word
	}
	return dst
}

// What a character can be besides one of a name.
const (
	dropped rune = -1
	parting rune = -2
)

// spell decides what the character r of a decomposed name stands for after the
// character before.
func spell(r, before rune) rune {
	switch {
	case r|0x20 >= 'a' && r|0x20 <= 'z', r >= firstHan && r <= lastHan, kana(r):
		return r
	case r == '\u309B': // spacing voiced mark: typed after a letter of its own
		return voiced
	case r == '\u309C':
		return semiVoiced
	case kana(before) && hyphen(r):
		return 'ー'
	case r == '\'' || r == '’' || r == '‘' || r == 'ʼ' || r == '`':
		return dropped
	case r < utf8.RuneSelf:
		if r >= '0' && r <= '9' {
			return r
		}
		return parting
	case r >= 0x300 && r <= 0x36F, variationSelector(r), unicode.Is(unicode.Cf, r):
		return dropped
	case unicode.IsLetter(r), unicode.IsMark(r), unicode.IsNumber(r):
		return r
	}
	return parting
}

func hyphen(r rune) bool {
	return r == '-' || r >= '‐' && r <= '―' || r == '−'
}

// foldNameRune folds letter case, variant characters and the two kana.
func foldNameRune(r rune) rune {
	switch {
	case r >= 'A' && r <= 'Z':
		return r + 'a' - 'A'
	case r < utf8.RuneSelf:
		return r
	case r >= 'ぁ' && r <= 'ゖ':
		r += 'ァ' - 'ぁ'
	case r >= firstHan:
		return foldVariant(r)
	case r < 'ぁ':
		return unicode.ToLower(r)
	}
	switch r {
	case 'ヶ':
		return 'ケ'
	case 'ヵ':
		return 'カ'
	}
	return r
}

// foldKanaRune folds small kana too.
func foldKanaRune(r rune) rune {
	r = foldNameRune(r)
	switch r {
	case 'ァ', 'ィ', 'ゥ', 'ェ', 'ォ', 'ッ', 'ャ', 'ュ', 'ョ', 'ヮ':
		return r + 1 // in Unicode each large letter follows its small one
	}
	return r
}

// endWord closes the word begun at word with a space; a courtesy title in
// letters and an empty word are taken back.
func endWord(dst []byte, word int) []byte {
	if len(dst) == word || title(dst[word:]) {
		return dst[:word]
	}
	return append(dst, ' ')
}

func title(word []byte) bool {
	switch string(word) {
	case "mr", "mrs", "ms", "miss", "mx", "dr", "sama":
		return true
	}
	return false
}

// trimCourtesy drops Japanese courtesies from the end of the name that begins at
// start: as a word of their own, or after at least two characters, so that the
// family name 鵜殿 keeps its 殿. Within a word サマ counts only after a Chinese
// character: クサマ is a name.
func trimCourtesy(dst []byte, start int) []byte {
	for {
		rest, ok := cutCourtesy(dst[start:])
		if !ok {
			return dst
		}
		dst = dst[:start+len(bytes.TrimRight(rest, " "))]
	}
}

var courtesies = [...]string{"様", "殿", "サマ", "御中"}

func cutCourtesy(name []byte) ([]byte, bool) {
	if len(name) == 0 || name[len(name)-1] < utf8.RuneSelf {
		return name, false
	}
	for _, c := range courtesies {
		if len(name) < len(c) || string(name[len(name)-len(c):]) != c {
			continue
		}
		rest := name[:len(name)-len(c)]
		if len(rest) == 0 || rest[len(rest)-1] == ' ' {
			return rest, true
		}
		last, _ := utf8.DecodeLastRune(rest)
		return rest, letters(rest) >= 2 && (c != "サマ" || unicode.Is(unicode.Han, last))
	}
	return name, false
}

// letters counts the characters of a decomposed name without spaces and marks.
func letters(name []byte) int {
	n := 0
	for i := 0; i < len(name); {
		r, size := utf8.DecodeRune(name[i:])
		if r != ' ' && !kanaMark(r) {
			n++
		}
		i += size
	}
	return n
}

// eastAsian tells a name whose words are not parted by spaces.
func eastAsian(name []byte) bool {
	for i := 0; i < len(name); {
		r, size := utf8.DecodeRune(name[i:])
		if r >= firstHan && r <= lastHan || kana(r) || unicode.In(r, unicode.Han, unicode.Hangul) {
			return true
		}
		i += size
	}
	return false
}

// joinWords takes the spaces out of the name that begins at start.
func joinWords(dst []byte, start int) []byte {
	joined := dst[:start]
	for _, b := range dst[start:] {
		if b != ' ' {
			joined = append(joined, b)
		}
	}
	return joined
}

// sortWords puts the words of the name that begins at start into alphabetical
// order. The sorted name is built behind the name and moved down over it.
func sortWords(dst []byte, start int) []byte {
	var few [8][2]int
	words := few[:0]
	for from := start; from < len(dst); {
		to := len(dst)
		if space := bytes.IndexByte(dst[from:], ' '); space >= 0 {
			to = from + space
		}
		words = append(words, [2]int{from, to})
		from = to + 1
	}
	byWord := func(a, b [2]int) int { return bytes.Compare(dst[a[0]:a[1]], dst[b[0]:b[1]]) }
	if slices.IsSortedFunc(words, byWord) {
		return dst
	}
	slices.SortStableFunc(words, byWord)
	end := len(dst)
	for i, w := range words {
		if i > 0 {
			dst = append(dst, ' ')
		}
		dst = append(dst, dst[w[0]:w[1]]...)
	}
	return append(dst[:start], dst[end:]...)
}
