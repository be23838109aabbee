package ingest

import (
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// Country gives the ISO 3166-1 alpha-2 code of a country named by its alpha-2
// or alpha-3 code or by its name in English or Japanese, ” if there is none.
func Country(s string) string { return countries()[foldHeader(s)] }

// otherCountryNames are names in use besides those of Unicode CLDR, and codes
// that exports still write after their end: TMP was East Timor's until 2002.
var otherCountryNames = map[string]string{
	"usa": "US", "u.s.a.": "US", "united states of america": "US", "米国": "US", "アメリカ": "US",
	"uk": "GB", "great britain": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "英国": "GB",
	"korea": "KR", "republic of korea": "KR", "korea, republic of": "KR", "大韓民国": "KR",
	"people's republic of china": "CN", "mainland china": "CN", "中華人民共和国": "CN", "中国本土": "CN",
	"hong kong": "HK", "香港": "HK", "macau": "MO", "macao": "MO", "マカオ": "MO", "taiwan, province of china": "TW",
	"russian federation": "RU", "viet nam": "VN", "ベトナム社会主義共和国": "VN", "czech republic": "CZ", "the netherlands": "NL",
	"nippon": "JP", "日本国": "JP", "turkey": "TR", "macedonia": "MK", "swaziland": "SZ", "burma": "MM",
	"tmp": "TL", "zar": "CD", "rom": "RO", "yug": "RS",
}

// countries are the names and codes of all countries, folded. Names are those
// of Unicode CLDR as x/text has them.
var countries = sync.OnceValue(func() map[string]string {
	all := map[string]string{}
	english, japanese := display.Regions(language.English), display.Regions(language.Japanese)
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			code := string([]rune{a, b})
			region, err := language.ParseRegion(code)
			if err != nil || !region.IsCountry() || region.IsPrivateUse() || region.Canonicalize().String() != code {
				continue
			}
			all[foldHeader(code)] = code
			all[foldHeader(region.ISO3())] = code
			all[foldHeader(english.Name(region))] = code
			all[foldHeader(japanese.Name(region))] = code
		}
	}
	delete(all, "") // regions that CLDR has no name for
	for name, code := range otherCountryNames {
		all[name] = code
	}
	return all
})
