package clean

import "strings"

// variantForms lists, after the form kept, the other forms in which the same
// name is written. They are the old forms of characters of the jōyō list and
// the popular forms common in family names. NFKC folds none of them (it does
// fold the compatibility ideographs U+F900–FAFF, such as 神 for 神). Desks type
// whichever form their system offers, so one guest appears under several.
//
// 斎, 斉 and their old forms 齋, 齊 are historically two characters, but all
// four are read サイ and stand in for each other in サイトウ, the name that is
// mistyped most; all fold to 斎, the commonest. Kana and birth year, which a
// linking token of a name includes, keep different people apart.
const variantForms = `
高髙 崎﨑嵜 吉𠮷 浜濱濵 辺邊邉 斎斉齋齊 島嶋嶌嶹 徳德 恵惠 曽曾 富冨 館舘 槙槇 真眞 国國 沢澤 広廣 桜櫻
亜亞 悪惡 圧壓 囲圍 医醫 為爲 壱壹 隠隱 栄榮 営營 衛衞 駅驛 円圓 縁緣 艶艷 塩鹽 奥奧 応應 横橫 欧歐 黄黃 温溫 穏穩
仮假 価價 画畫 会會 絵繪 壊壞 懐懷 楽樂 学學 覚覺 岳嶽 鴎鷗 勧勸 巻卷 寛寬 観觀 関關 巌巖 顔顏 帰歸 気氣 亀龜 旧舊
拠據 挙擧 峡峽 狭狹 郷鄕 尭堯 暁曉 区區 駆驅 勲勳 薫薰 径徑 渓溪 経經 継繼 茎莖 蛍螢 軽輕 鶏鷄 芸藝 県縣 検檢 献獻
権權 険險 圏圈 厳嚴 恒恆 黒黑 剣劍劔 済濟 雑雜 参參 桟棧 賛贊 蚕蠶 児兒 糸絲 歯齒 辞辭 実實 舎舍 写寫 釈釋 寿壽 収收
従從 縦縱 粛肅 処處 叙敍 将將 焼燒 条條 状狀 乗乘 浄淨 譲讓 醸釀 畳疊 縄繩 嬢孃 触觸 寝寢 慎愼 尽盡 静靜 図圖 粋粹
酔醉 穂穗 随隨 枢樞 瀬瀨 声聲 摂攝 専專 浅淺 銭錢 践踐 繊纖 禅禪 双雙 壮壯 争爭 荘莊 装裝 総總 聡聰 蔵藏 即卽 属屬
続續 対對 体體 帯帶 滝瀧 台臺 単單 担擔 団團 遅遲 昼晝 虫蟲 鋳鑄 庁廳 聴聽 鎮鎭 逓遞 鉄鐵 転轉 点點 伝傳 党黨 灯燈
当當 独獨 読讀 届屆 弐貳 覇霸 拝拜 廃廢 発發 抜拔 蛮蠻 秘祕 彦彥 仏佛 払拂 並竝 変變 宝寶寳 豊豐 万萬 満滿 黙默 弥彌
薬藥 訳譯 予豫 余餘 与與 誉譽 揺搖 様樣 謡謠 来來 頼賴 覧覽 竜龍 両兩 緑綠 塁壘 励勵 礼禮 霊靈 齢齡 暦曆 歴歷 恋戀
炉爐 労勞 楼樓 郎郞 禄祿 亘亙 桑桒 橋槗𣘺 柳栁桺 青靑 清淸 増增 猪豬 教敎 昇曻 凛凜 遥遙 瑶瑤 萌萠 涼凉 峰峯 船舩
土圡𡈽 薮藪 篭籠 桧檜 磯礒 淵渕渊 野埜 壺壷 鶴靍靏 蘇蘓 松枩柗 丈𠀋 達逹 緒緖 祢禰 秋穐龝
`

// variants maps a form to the form kept; rare marks, by a bit for each of
// U+4E00–9FFF, the few characters for which the map is worth asking.
var variants, rare = foldTable(variantForms)

const firstHan, lastHan = 0x4E00, 0x9FFF

func foldTable(forms string) (map[rune]rune, *[(lastHan - firstHan + 64) / 64]uint64) {
	table := map[rune]rune{}
	var bits [(lastHan - firstHan + 64) / 64]uint64
	for _, group := range strings.Fields(forms) {
		kept := []rune(group)[0]
		for _, r := range []rune(group)[1:] {
			if r == kept {
				continue
			}
			table[r] = kept
			if r >= firstHan && r <= lastHan {
				bits[(r-firstHan)/64] |= 1 << ((r - firstHan) % 64)
			}
		}
	}
	return table, &bits
}

// foldVariant gives the form kept of one character.
func foldVariant(r rune) rune {
	if r < firstHan {
		return r
	}
	if r <= lastHan && rare[(r-firstHan)/64]>>((r-firstHan)%64)&1 == 0 {
		return r
	}
	if kept, ok := variants[r]; ok {
		return kept
	}
	return r
}

// FoldVariants replaces variant characters of names by the form kept (髙→高,
// 﨑→崎, 渡邊→渡辺) and drops the variation selectors that follow a character to
// choose its glyph (葛󠄀 for 葛). All else stays as it is.
func FoldVariants(s string) string {
	return strings.Map(func(r rune) rune {
		if variationSelector(r) {
			return -1
		}
		return foldVariant(r)
	}, s)
}

// variationSelector tells VS1–16 and VS17–256, used by ideographic variation
// sequences.
func variationSelector(r rune) bool {
	return r >= 0xFE00 && r <= 0xFE0F || r >= 0xE0100 && r <= 0xE01EF
}
