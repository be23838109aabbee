package hepburn

import "testing"

// The wanted spellings are those the municipalities themselves use, less macrons.
func TestRegion(t *testing.T) {
	for _, c := range []struct{ name, kana, want string }{
		{"白浜町", "しらはまちょう", "Shirahama-cho"},
		{"みなべ町", "みなべちょう", "Minabe-cho"},
		{"和歌山市", "わかやまし", "Wakayama-shi"},
		{"東村", "ひがしそん", "Higashi-son"},
		{"北山村", "きたやまむら", "Kitayama-mura"},
		{"大町町", "おおまちちょう", "Omachi-cho"},
		{"大阪市", "おおさかし", "Osaka-shi"},
		{"十日町市", "とおかまちし", "Tokamachi-shi"},
		{"郡山市", "こおりやまし", "Koriyama-shi"},
		{"豊岡市", "とよおかし", "Toyooka-shi"},
		{"広尾町", "ひろおちょう", "Hiroo-cho"},
		{"松浦市", "まつうらし", "Matsuura-shi"},
		{"夕張市", "ゆうばりし", "Yubari-shi"},
		{"中央区", "ちゅうおうく", "Chuo-ku"},
		{"新温泉町", "しんおんせんちょう", "Shin'onsen-cho"},
		{"新発田市", "しばたし", "Shibata-shi"},
		{"別海町", "べつかいちょう", "Betsukai-cho"},
		{"新居浜市", "にいはまし", "Niihama-shi"},
		{"八街市", "やちまたし", "Yachimata-shi"},
		{"登米市", "とめし", "Tome-shi"},
		{"一戸町", "いちのへまち", "Ichinohe-machi"},
		{"ニセコ町", "ニセコちょう", "Niseko-cho"},
		{"北海道", "ほっかいどう", "Hokkaido"},
		{"善通寺市", "ぜんつうじし", "Zentsuji-shi"},
		{"蒲郡市", "がまごおりし", "Gamagori-shi"},
		{"琴浦町", "ことうらちょう", "Kotoura-cho"},
		{"直方市", "のおがたし", "Nogata-shi"},
		{"豊後大野市", "ぶんごおおのし", "Bungoono-shi"},
		{"曽於市", "そおし", "Soo-shi"},
		{"周防大島町", "すおうおおしまちょう", "Suooshima-cho"},
	} {
		if got := Region(c.name, c.kana); got != c.want {
			t.Errorf("Region(%s, %s) = %s, want %s", c.name, c.kana, got, c.want)
		}
	}
}
