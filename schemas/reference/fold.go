package reference

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// variants are characters written for another in names of places: old forms
// of kanji and the small and large ke of 茅ヶ崎. A name of the table and a text
// are compared after both are folded, so it matters little which form is
// taken for the standard one.
var variants = pairs(
	"ヶケヵケヴブッツ" + "龍竜瀧滝﨑崎嵜崎碕崎埼埼澤沢濱浜濵浜廣広國国圀国嶋島嶌島惠恵眞真櫻桜邊辺邉辺齋斎齊斉檜桧曾曽鹽塩竈釜竃釜" +
		"諫諌舘館鯵鰺壹壱礪砺條条凾函峯峰籠篭頴穎鷗鴎麴麹鄕郷鄉郷增増德徳靜静縣県澁渋榮栄鐵鉄圓円應応來来壽寿當当萬万與与豐豊龜亀" +
		"鷄鶏雞鶏學学會会氣気實実關関臺台橫横黑黒緖緒瀨瀬區区鄰隣檮梼槇槙藪薮逹達轟轟鷹鷹麓麓靈霊禮礼佛仏澁渋溪渓瀦潴燒焼" +
		"‐-‑-‒-–-—-―-−-蘆芦莊荘莵菟萠萌藝芸藏蔵蠣蛎襄襄觀観讃讚輕軽邨村釼剣鑛鉱鎭鎮陷陥雜雑顯顕驛駅髙高鰕蝦鷺鷺鹿鹿鶴鶴龝秋戶戸",
)

// pairs reads "ab" twice over: b stands for a.
func pairs(text string) map[rune]rune {
	runes, m := []rune(text), make(map[rune]rune)
	for i := 0; i+1 < len(runes); i += 2 {
		if runes[i] != runes[i+1] {
			m[runes[i]] = runes[i+1]
		}
	}
	return m
}

// folded reports whether fold leaves s as it is, at the cost of a glance per
// character. It may say false of a rare text that is.
func folded(s string) bool {
	previous := ' '
	for _, r := range s {
		if r == 'ー' && previous <= '9' {
			return false
		}
		previous = r
		switch {
		case r > ' ' && r < 0x7f:
		case r >= 'ぁ' && r <= 'ゖ', r >= 'ァ' && r <= 'ヺ' || r == 'ー' || r == '々' || r == '〒', r >= 0x4e00 && r <= 0x9fff:
			if variant(r) {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// variantBits has a bit per character below U+10000 that is in variants: a
// look-up in it costs a tenth of one in the map.
var variantBits = func() (bits [0x10000 / 64]uint64) {
	for r := range variants {
		if r < 0x10000 {
			bits[r/64] |= 1 << (r % 64)
		}
	}
	return bits
}()

func variant(r rune) bool { return r < 0x10000 && variantBits[r/64]>>(r%64)&1 == 1 }

// fold writes a Japanese text as names are compared: in compatibility form
// (NFKC: full-width digits, half-width kana), without spaces and invisible
// characters, and with one form for each character of variants. A sign of a
// long vowel behind a digit is a hyphen (649ー2211).
func fold(s string) string {
	previous := ' '
	return strings.Map(func(r rune) rune {
		if r == 'ー' && previous >= '0' && previous <= '9' {
			return '-'
		}
		if unicode.IsSpace(r) || unicode.In(r, unicode.Cf, unicode.Cc, unicode.Variation_Selector) {
			return -1
		}
		previous = r
		if standard, ok := variants[r]; ok {
			return standard
		}
		return r
	}, norm.NFKC.String(s))
}

// japanese reports whether s has a kana or kanji, so that it is to be read as
// a Japanese text and not as a romanised one.
func japanese(s string) bool {
	for _, r := range s {
		if r >= 'ぁ' && r <= 'ヺ' || r >= 0x4e00 && r <= 0x9fff || r >= 0xf900 && r <= 0xfaff || r >= 0xff66 && r <= 0xff9f || r >= 0x20000 {
			return true
		}
	}
	return false
}
