package ingest

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/schemas/reference"
	"github.com/kankei/kankei/transforms/clean"
)

// look is a form that values have, such as that of a telephone number.
type look uint8

const (
	lookDate look = iota
	lookNumber
	lookCount
	lookYear
	lookPhone
	lookEmail
	lookPostcode
	lookPrefecture
	lookMunicipality
	lookAddress
	lookRegionCode
	lookCountry
	lookKana
	lookYesNo
	lookPeriod
	looks // their number
)

// lookNames say in the table and the draft what values look like.
var lookNames = [looks]schemas.Text{
	lookDate: {JA: "日付", EN: "date"}, lookNumber: {JA: "数値", EN: "number"}, lookCount: {JA: "整数", EN: "whole number"}, lookYear: {JA: "西暦年", EN: "year"},
	lookPhone: {JA: "電話番号らしい", EN: "phone-like"}, lookEmail: {JA: "メールアドレスらしい", EN: "e-mail-like"}, lookPostcode: {JA: "郵便番号らしい", EN: "postcode-like"},
	lookPrefecture: {JA: "都道府県名", EN: "prefecture"}, lookMunicipality: {JA: "市区町村名", EN: "municipality"}, lookAddress: {JA: "住所らしい", EN: "address-like"},
	lookRegionCode: {JA: "地域コード", EN: "region code"}, lookCountry: {JA: "国名・国コード", EN: "country"}, lookKana: {JA: "カナ", EN: "kana"}, lookYesNo: {JA: "はい・いいえ", EN: "yes or no"},
	lookPeriod: {JA: "年・年月", EN: "year or month"},
}

// telling are the forms from the most telling to the least: the first that most
// values have describes a column.
var telling = []look{lookEmail, lookPhone, lookPostcode, lookPrefecture, lookRegionCode, lookDate, lookYear, lookPeriod, lookYesNo, lookMunicipality, lookAddress, lookCountry, lookKana, lookCount, lookNumber}

// seen is what the first values of a column look like. Of the values it keeps
// days, counts, and words of the value tables of mappings, no others.
type seen struct {
	filled, empty int
	have          [looks]int
	nulls         map[string]int // texts that stand for no value
	words         map[string]int // how often each text that mappings translate occurs
	split         map[string]int // how many of the choices of a cell mappings translate, by separator
	orders        clean.Orders
	ambiguous     bool                // some date is one only in a known order
	days          []opt[schemas.Date] // by record
	counts        []opt[int32]        // by record
}

// nullWords are the texts that stand for no value in exports besides the empty one.
var nullWords = map[string]bool{"null": true, "na": true, "n/a": true, "#n/a": true, "none": true, "nan": true, "-": true, "－": true, "―": true, "***": true, "…": true}

var postcodeForm = regexp.MustCompile(`^〒?\s*\d{3}-?\d{4}$`)

// observer looks at values.
type observer struct {
	regions *reference.Table
	serial  func(string) (schemas.Date, bool) // reads numbers as days of a spreadsheet; nil: they are none
	words   map[string]bool                   // folded texts that mappings translate
}

func newSeen() *seen {
	return &seen{nulls: map[string]int{}, words: map[string]int{}, split: map[string]int{}}
}

// add looks at one value.
func (o *observer) add(s *seen, value string) {
	value = strings.TrimSpace(value)
	if nullWords[strings.ToLower(value)] {
		s.nulls[value]++
		value = ""
	}
	s.days, s.counts = append(s.days, opt[schemas.Date]{}), append(s.counts, opt[int32]{})
	if value == "" {
		s.empty++
		return
	}
	s.filled++
	for l, has := range o.looksOf(value) {
		if has {
			s.have[l]++
		}
	}
	if o.words[foldHeader(value)] {
		s.words[value]++
	}
	for _, separator := range separators {
		for _, choice := range separator.pattern.Split(value, -1) {
			if o.words[foldHeader(choice)] {
				s.split[separator.text]++
			}
		}
	}
	on, plain := clean.Date(value, clean.Unknown)
	_, ordered := clean.Date(value, clean.DayFirst)
	switch {
	case plain:
		s.days[len(s.days)-1] = some(on)
	case ordered:
		s.ambiguous = true
	}
	if n, ok := readCount(value); ok && n >= 0 && n < 1<<24 {
		s.counts[len(s.counts)-1] = some(int32(n))
	}
	s.orders.Add(func(yield func(string) bool) { yield(value) })
}

// separators are what stands between the choices of one cell, the likeliest first.
var separators = []struct {
	text    string
	pattern *regexp.Regexp
}{
	{`\n`, regexp.MustCompile(`\n`)}, {`[;；]\s*`, regexp.MustCompile(`[;；]\s*`)}, {`[,，]\s*`, regexp.MustCompile(`[,，]\s*`)}, {`[、]\s*`, regexp.MustCompile(`[、]\s*`)},
}

// looksOf tells the forms one value has.
func (o *observer) looksOf(value string) (has [looks]bool) {
	folded := strings.TrimSpace(norm.NFKC.String(value))
	n, whole := readCount(unguarded(value))
	_, number := clean.Decimal(value)
	has[lookDate] = o.isDate(value)
	has[lookNumber] = number
	has[lookCount] = whole && n >= 0 && n < 1e6
	has[lookYear] = whole && n >= 1900 && n <= 2100 && len(folded) <= 5
	has[lookEmail] = clean.NormalEmail(value) != ""
	has[lookPhone] = !has[lookDate] && reachable(value) && !has[lookEmail] && digitsAndMarks(folded)
	has[lookPostcode] = postcodeForm.MatchString(folded) && o.regions.Postcode(folded) != schemas.Unknown
	has[lookPrefecture] = !has[lookNumber] && o.isPrefecture(folded)
	has[lookMunicipality] = !has[lookPrefecture] && !has[lookNumber] && o.isMunicipality(folded)
	has[lookAddress] = has[lookPrefecture] || has[lookMunicipality] || !has[lookNumber] && o.regions.Address(folded) != schemas.Unknown
	has[lookRegionCode] = whole && (len(folded) == 5 || len(folded) == 6) && len(o.regions.Code(folded)) == 5 && !has[lookPostcode]
	has[lookCountry] = Country(folded) != ""
	has[lookKana] = isKana(folded)
	_, _, has[lookPeriod] = readPeriod(value)
	_, has[lookYesNo] = yesAndNo[strings.ToLower(value)]
	return has
}

func (o *observer) isDate(value string) bool {
	_, dayFirst := clean.Date(value, clean.DayFirst)
	_, monthFirst := clean.Date(value, clean.MonthFirst)
	if dayFirst || monthFirst || o.serial == nil {
		return dayFirst || monthFirst
	}
	on, ok := o.serial(value) // days of a spreadsheet since 2000; smaller numbers are counts
	return ok && on > 10957
}

func (o *observer) isPrefecture(folded string) bool {
	code := o.regions.Prefecture(folded)
	return len(code) == 5 && code != schemas.Nation
}

// isMunicipality takes names by their last character: many names are not unique
// without the prefecture, and none is told here from another.
func (o *observer) isMunicipality(folded string) bool {
	last, _ := utf8.DecodeLastRuneInString(folded)
	return strings.ContainsRune("市区町村", last) && utf8.RuneCountInString(folded) <= 10 && !withPrefecture.MatchString(folded)
}

// withPrefecture matches addresses that begin with the prefecture.
var withPrefecture = regexp.MustCompile(`^(北海道|東京都|京都府|大阪府|\p{Han}{2,3}県)`)

// digitsAndMarks says whether a text is made of digits and what stands between
// those of a telephone number.
func digitsAndMarks(s string) bool { return strings.Trim(s, "0123456789+-() .‐−ー") == "" }

func isKana(s string) bool {
	letters := 0
	for _, r := range s {
		switch {
		case kanaLetter(r):
			letters++
		case !unicode.IsSpace(r) && r != '・':
			return false
		}
	}
	return letters >= 2
}

func kanaLetter(r rune) bool { return r >= 'ァ' && r <= 'ヿ' || r >= 'ぁ' && r <= 'ゖ' }

// share is how many of the values have a form, from 0 to 1.
func (s *seen) share(l look) float64 { return float64(s.have[l]) / float64(max(s.filled, 1)) }

// describe says what most values look like, and of how many it was judged.
func (s *seen) describe(lang string) string {
	if s.filled == 0 {
		return schemas.Text{JA: "値なし", EN: "no values"}.In(lang)
	}
	for _, l := range telling {
		if s.share(l) >= 0.5 {
			return fmt.Sprintf("%s %.0f %%", lookNames[l].In(lang), 100*s.share(l))
		}
	}
	if known := s.known(); known >= 0.5 {
		return fmt.Sprintf("%s %.0f %%", schemas.Text{JA: "既知の語", EN: "known words"}.In(lang), 100*known)
	}
	return schemas.Text{JA: "文字列", EN: "text"}.In(lang)
}

// known is the share of values that mappings translate.
func (s *seen) known() float64 { return float64(s.knownTimes()) / float64(max(s.filled, 1)) }

func (s *seen) knownTimes() (n int) {
	for _, times := range s.words {
		n += times
	}
	return n
}
