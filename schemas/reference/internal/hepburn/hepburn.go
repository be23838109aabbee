// Package hepburn spells names of Japanese regions in Latin letters.
package hepburn

import (
	"strings"
	"unicode/utf8"
)

// suffixes are the readings of the words that end a region's name.
var suffixes = map[rune][]string{
	'市': {"し"}, '区': {"く"}, '町': {"ちょう", "まち"}, '村': {"そん", "むら"},
}

// long lists readings whose vowels meet across two words, where the rule for
// long vowels would swallow one: 豊岡 is toyo-oka, not toyōka. A bar stands
// between the words.
var long = strings.NewReplacer(
	"とよおか", "とよ|おか", "ひろお", "ひろ|お", "すおうおおしま", "すおう|おおしま", "ことうら", "こと|うら",
	"たきのうえ", "たきの|うえ", "ぶんごおおの", "ぶんご|おおの", "にしのおもて", "にしの|おもて",
)

// Region spells a name by its kana reading, with the word for city, ward, town
// or village set apart: 白浜町 しらはまちょう → Shirahama-cho. The spelling is
// modified Hepburn without macrons, as on road signs: long o and u are written
// once, n stays n before b, m and p, and stands apart from a following vowel
// or y by an apostrophe. The reading decides between cho and machi, son and mura.
func Region(name, kana string) string {
	last, _ := utf8.DecodeLastRuneInString(name)
	for _, suffix := range suffixes[last] {
		if stem, ok := strings.CutSuffix(kana, suffix); ok && stem != "" {
			return Capital(Spell(stem)) + "-" + Spell(suffix)
		}
	}
	return Capital(Spell(kana))
}

// Capital writes the first letter as a capital.
func Capital(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// Spell writes hiragana or katakana in modified Hepburn without macrons.
// Characters that are not kana are left as they are.
func Spell(kana string) string {
	runes := []rune(long.Replace(Hiragana(kana)))
	var out []byte
	for i := 0; i < len(runes); i++ {
		if i+1 < len(runes) {
			if roman, ok := digraphs[string(runes[i:i+2])]; ok {
				out = appendSyllable(out, roman)
				i++
				continue
			}
		}
		out = appendKana(out, runes, i)
	}
	return string(out)
}

// appendKana writes the single kana at i, which may do no more than lengthen
// or double its neighbour.
func appendKana(out []byte, runes []rune, i int) []byte {
	switch r := runes[i]; {
	case r == '|' || r == 'ー':
		return out
	case r == 'っ':
		return append(out, '\x00') // doubled by the next syllable
	case r == 'ん':
		return appendN(out, runes[i+1:])
	case r == 'う' && lengthens(runes, i):
		return out
	case r == 'お' && lengthensO(runes, i):
		return out
	default:
		if roman, ok := syllables[r]; ok {
			return appendSyllable(out, roman)
		}
		return append(out, string(r)...)
	}
}

// appendN keeps しんおんせん from reading shi-no-nsen: Shin'onsen.
func appendN(out []byte, next []rune) []byte {
	out = append(out, 'n')
	if len(next) > 0 && strings.ContainsRune("あいうえおやゆよ", next[0]) {
		out = append(out, '\'')
	}
	return out
}

// appendSyllable writes a syllable and doubles its consonant after っ (ch as tch).
func appendSyllable(out []byte, roman string) []byte {
	if n := len(out); n > 0 && out[n-1] == '\x00' {
		out[n-1] = roman[0]
		if strings.HasPrefix(roman, "ch") {
			out[n-1] = 't'
		}
	}
	return append(out, roman...)
}

// lengthens reports whether う at i only lengthens the vowel before it: こう,
// じゅう, しんぐう. Before ら it is the word 浦 after u (松浦 matsu-ura), but not
// after o (甲良 kōra).
func lengthens(runes []rune, i int) bool {
	if i == 0 {
		return false
	}
	if strings.ContainsRune("おこそとのほもよろごぞどぼぽょゆゅ", runes[i-1]) {
		return true
	}
	return strings.ContainsRune("くぐすつぬふぶむる", runes[i-1]) && (i+1 == len(runes) || runes[i+1] != 'ら')
}

// lengthensO reports whether お at i only lengthens the o before it.
func lengthensO(runes []rune, i int) bool {
	return i > 0 && strings.ContainsRune("おことのほもごど", runes[i-1])
}

// Hiragana turns katakana into hiragana and leaves the rest.
func Hiragana(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'ァ' && r <= 'ヶ' {
			return r - ('ァ' - 'ぁ')
		}
		return r
	}, s)
}

var syllables = table(
	"あいうえお", "a i u e o", "かきくけこ", "ka ki ku ke ko", "さしすせそ", "sa shi su se so",
	"たちつてと", "ta chi tsu te to", "なにぬねの", "na ni nu ne no", "はひふへほ", "ha hi fu he ho",
	"まみむめも", "ma mi mu me mo", "やゆよ", "ya yu yo", "らりるれろ", "ra ri ru re ro", "わゐゑを", "wa i e o",
	"がぎぐげご", "ga gi gu ge go", "ざじずぜぞ", "za ji zu ze zo", "だぢづでど", "da ji zu de do",
	"ばびぶべぼ", "ba bi bu be bo", "ぱぴぷぺぽ", "pa pi pu pe po", "ゔ", "vu",
)

// digraphs are the contracted syllables: きゃ kya, しゃ sha, ちゅ chu.
var digraphs = contracted()

func table(pairs ...string) map[rune]string {
	m := make(map[rune]string)
	for i := 0; i < len(pairs); i += 2 {
		roman := strings.Fields(pairs[i+1])
		for j, r := range []rune(pairs[i]) {
			m[r] = roman[j]
		}
	}
	return m
}

func contracted() map[string]string {
	m := make(map[string]string)
	for _, r := range "きしちにひみりぎじぢびぴ" {
		stem := strings.TrimSuffix(syllables[r], "i")
		for small, vowel := range map[rune]string{'ゃ': "a", 'ゅ': "u", 'ょ': "o"} {
			if glide := !strings.HasSuffix(stem, "sh") && !strings.HasSuffix(stem, "ch") && stem != "j"; glide {
				vowel = "y" + vowel
			}
			m[string([]rune{r, small})] = stem + vowel
		}
	}
	return m
}
