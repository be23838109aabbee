package clean

import (
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

func TestNormalName(t *testing.T) {
	for in, want := range map[string]string{
		// Japanese.
		"山田 太郎": "山田太郎", "山田　太郎": "山田太郎", " 山田太郎 様": "山田太郎", "山田太郎様": "山田太郎", "山田太郎殿": "山田太郎",
		"山田太郎さま": "山田太郎", "山田 太郎 サマ": "山田太郎", "ヤマダ タロウ さま": "ヤマダタロウ", "山田殿様": "山田",
		"【精算不要】山田 太郎": "山田太郎", "山田 太郎【精算不要】様": "山田太郎", "山田【": "山田", // Rakuten
		"ﾔﾏﾀﾞ ﾀﾛｳ": "ヤマダタロウ", "やまだ　たろう": "ヤマダタロウ", "ﾊﾟｰﾙ": "パール", "カ゛ク": "ガク", // Jalan's half-width kana
		"オ－タ": "オータ", "おｰた": "オータ", // 817C of CP932 decodes to U+FF0D
		"ジャン＝ポール・ベルモンド": "ジャンポールベルモンド",
		"髙橋": "高橋", "山﨑": "山崎", "𠮷田": "吉田", "渡邊": "渡辺", "渡邉": "渡辺", "濵田": "浜田", "濱田": "浜田", "德永": "徳永",
		"髙﨑": "高崎", "𠮷﨑 濵子": "吉崎浜子", "渡邊 齋": "渡辺斎", "ﾜﾀﾅﾍﾞ": "ワタナベ", "ﾊﾟﾋﾟﾌﾟ ｳﾞ": "パピプヴ",
		"齋藤": "斎藤", "齊藤": "斎藤", "斉藤": "斎藤", "斎藤": "斎藤", "嶋田": "島田", "嶌田": "島田", "惠子": "恵子", "曾根": "曽根", "冨田": "富田", "古舘": "古館",
		"眞子": "真子", "國井": "国井", "澤田": "沢田", "廣田": "広田", "櫻井": "桜井", "槇原": "槙原",
		"神田":  "神田",                 // U+FA19, a compatibility ideograph
		"葛󠄀西": "葛西", "辻\ufe00": "辻", // glyphs chosen by variation selectors
		"竜ヶ崎": "竜ケ崎", "龍ケ崎": "竜ケ崎",
		"鵜殿": "鵜殿", "鵜殿 様": "鵜殿", "クサマ ヤヨイ": "クサマヤヨイ", "ヤヨイクサマ": "ヤヨイクサマ",
		"佐々木": "佐々木", "山田\u200b太郎\ufeff": "山田太郎", "(株)熊野商事 御中": "株熊野商事", "㈱熊野商事": "株熊野商事",

		// Letters.
		"Taro Yamada": "taro yamada", "YAMADA TARO": "taro yamada", "Yamada, Taro": "taro yamada", "YAMADA/TARO MR": "taro yamada",
		"Mr. Taro Yamada": "taro yamada", "Ms.Yamada": "yamada", "Yamada-sama": "yamada", "Taro Yamada様": "taro yamada", "Ｔａｒｏ": "taro",
		"José Ñandú": "jose nandu", "Itō": "ito", "O'Brien": "obrien", "O’Brien": "obrien", "Jean-Pierre": "jean pierre", "МАРИЯ": "мария",
		"김 철수": "김철수", "b c a b": "a b b c",
		"i h g f e d c b a": "a b c d e f g h i", // more words than fit on the stack

		// Nobody.
		"": "", " ": "", "様": "", "Mr.": "", "【精算不要】": "", "---": "", "・": "",
	} {
		if got := NormalName(in); got != want {
			t.Errorf("NormalName(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestNormalKana(t *testing.T) {
	for in, want := range map[string]string{
		"ﾔﾏﾀﾞ ｼﾖｳｺ": "ヤマダシヨウコ", "やまだ しょうこ": "ヤマダシヨウコ", "ヤマダ　ショウコ": "ヤマダシヨウコ", // small kana are lost in half-width exports
		"ハットリ ジュンイチ": "ハツトリジユンイチ", "ヴァイオレット": "ヴアイオレツト", "Yamada Shoko": "shoko yamada", "": "",
	} {
		if got := NormalKana(in); got != want {
			t.Errorf("NormalKana(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestFoldVariants(t *testing.T) {
	if got := FoldVariants("髙﨑 渡邊𠮷 葛󠄀 abc"); got != "高崎 渡辺吉 葛 abc" {
		t.Errorf("FoldVariants = %q", got)
	}
}

// The table must reach its end in one step, must not touch a form it keeps, and
// must not hold what NFKC folds anyway.
func TestVariantTable(t *testing.T) {
	seen := map[rune]bool{}
	for _, group := range strings.Fields(variantForms) {
		if len([]rune(group)) < 2 {
			t.Errorf("%s: nothing to fold", group)
		}
		for _, r := range group {
			if seen[r] {
				t.Errorf("%c is in the table twice", r)
			}
			seen[r] = true
			if s := string(r); norm.NFKC.String(s) != s {
				t.Errorf("%c folds under NFKC", r)
			}
		}
	}
	for r, kept := range variants {
		if foldVariant(r) != kept || foldVariant(kept) != kept {
			t.Errorf("%c → %c → %c, want one step", r, foldVariant(r), foldVariant(kept))
		}
	}
}

// names draws names out of the characters that the rules are about.
func names() *rapid.Generator[string] {
	alphabet := []rune("ｶﾊｯﾟｳＡｒ～･山田太郎髙邊様殿さまサマがガｶﾞｯッーｰ－-カ゛゜\u3099\u309A ヶ　・/.,'【】MmRrsDrMSéÑ\u0301\u200b\ufe000３김\u1100\u1161ßİ㈱\xff")
	return rapid.Custom(func(t *rapid.T) string {
		return string(rapid.SliceOfN(rapid.SampledFrom(alphabet), 0, 12).Draw(t, "runes"))
	})
}

func TestNameProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		checkName(t, names().Draw(t, "name"))
	})
}

// checkName holds what must be true of every name: a normal form is its own
// normal form, and the way for composed text agrees with the way for any text,
// which an invisible character forces.
func checkName(t interface{ Fatalf(string, ...any) }, s string) {
	for what, normal := range map[string]func(string) string{"NormalName": NormalName, "NormalKana": NormalKana} {
		once := normal(s)
		if twice := normal(once); twice != once {
			t.Fatalf("%s(%q) = %q, again %q", what, s, once, twice)
		}
		if slow := normal(s + "\u2060"); slow != once {
			t.Fatalf("%s(%q) = %q, decomposed %q", what, s, once, slow)
		}
		if !norm.NFKC.IsNormalString(once) {
			t.Fatalf("%s(%q) = %q is not NFKC", what, s, once)
		}
	}
}

func FuzzNormalName(f *testing.F) {
	for _, s := range []string{"山田 太郎様", "YAMADA/TARO MR", "ｶﾞｸ", "【精算不要】髙橋", "José", "鵜殿 様", "カ゛サ マ", "김 철수"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { checkName(t, s) })
}

func TestAppendNameAllocatesNothing(t *testing.T) {
	buf := make([]byte, 0, 256)
	for _, s := range []string{"山田　太郎 様", "YAMADA/TARO MR", "ヤマダ タロウ", "渡邊髙子"} {
		if n := testing.AllocsPerRun(100, func() { AppendNormalKana(AppendNormalName(buf, s), s) }); n != 0 {
			t.Errorf("%q: %v allocations", s, n)
		}
	}
}

func BenchmarkNormalName(b *testing.B) {
	buf := make([]byte, 0, 256)
	for _, s := range []string{"YAMADA TARO", "山田 太郎", "渡邊　髙子様", "ﾔﾏﾀﾞ ﾀﾛｳ"} {
		b.Run(s, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				buf = AppendNormalName(buf[:0], s)
			}
		})
	}
}
