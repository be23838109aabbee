package reference

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// variants are characters written for another in names of places: old forms
// of kanji and the small and large ke of 茅ヶ崎; and dashes for a hyphen. A name of the table and a text
// are compared after both are folded, so it matters little which form is
// taken for the standard one.
var variants = pairs("ヶケ ヵケ ヴブ ッツ 龍竜 瀧滝 﨑崎 嵜崎 澤沢 濱浜 濵浜 廣広 國国 圀国 嶋島 嶌島 惠恵 眞真 櫻桜 邊辺 邉辺 齋斎 齊斉 檜桧 曾曽 鹽塩 竈釜 竃釜 諫諌 舘館 " +
	"鯵鰺 壹壱 礪砺 條条 凾函 峯峰 籠篭 頴穎 鷗鴎 麴麹 鄕郷 鄉郷 增増 德徳 靜静 縣県 澁渋 榮栄 鐵鉄 圓円 應応 來来 壽寿 當当 萬万 與与 豐豊 龜亀 鷄鶏 雞鶏 " +
	"學学 會会 氣気 實実 關関 臺台 橫横 黑黒 緖緒 瀨瀬 區区 隣鄰 檮梼 槙槇 薮藪 達逹 靈霊 禮礼 佛仏 溪渓 瀦潴 燒焼 蘆芦 莊荘 菟莵 藝芸 藏蔵 蠣蛎 觀観 讃讚 " +
	"輕軽 邨村 釼剣 鑛鉱 鎭鎮 陷陥 雜雑 顯顕 驛駅 髙高 龝秋 戶戸 ‐- ‑- ‒- –- —- ―- −-")

// pairs reads words of two characters, the second to stand for the first.
func pairs(text string) map[rune]rune {
	m := make(map[rune]rune)
	for _, pair := range strings.Fields(text) {
		runes := []rune(pair)
		m[runes[0]] = runes[1]
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
