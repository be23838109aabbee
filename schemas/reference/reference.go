// Package reference knows the regions of Japan: the prefectures,
// municipalities and wards of designated cities with their codes, names and
// periods of validity, and it finds the region that a code, a name, an address
// or a postcode means.
//
// What is ambiguous is not resolved: a name that several places bear, a postcode
// that several prefectures share. The answer is then the region that all
// readings have in common (the city of two wards, the prefecture of two towns)
// or none.
//
// Codes are the first five digits of the 全国地方公共団体コード, which are the
// 標準地域コード of statistics (Ministry of Internal Affairs and Communications).
// The 1,741 municipalities are those of the statistics: the six villages of the
// northern territories (01695–01700) have codes but neither residents nor
// postcodes and are left out, and a ward of Tokyo is a municipality. The table
// knows changes of codes from 2014 on; [Table.WithHistory] adds older ones.
// NOTICE.md names the sources of the data.
package reference

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/kankei/kankei/schemas"
)

//go:generate go run ./generate

var (
	//go:embed data/regions.csv
	regionsCSV string
	//go:embed data/changes.csv
	changesCSV string
	//go:embed data/postcodes.csv
	postcodesCSV string
)

// Beginning stands for the beginning of a code whose first day the table does
// not know: the day from which standard region codes exist.
const Beginning schemas.Date = 90 // 1970-04-01

// today stands for the latest vintage: later than any change.
const today schemas.Date = 1<<31 - 1

// Table is a set of regions, their changes and their postcodes. It is never
// changed once made and is safe for concurrent use.
type Table struct {
	regions   []schemas.Region // by code, then first day
	districts []string         // of the region at the same index: 西牟婁郡, or none
	first     map[string]int32 // code → index of its first period
	changes   []schemas.RegionChange
	settled   schemas.Date // from which on nothing changes
	names     *names
	postcodes *postcodes
}

// Load is the table of the regions known to this version, made once.
func Load() *Table { return load() }

var load = sync.OnceValue(func() *Table {
	regions, districts := readRegions(regionsCSV)
	t := newTable(regions, districts, readChanges(changesCSV))
	t.postcodes = readPostcodes(postcodesCSV, t)
	return t
})

// newTable indexes regions, which it sorts together with their districts.
func newTable(regions []schemas.Region, districts []string, changes []schemas.RegionChange) *Table {
	t := &Table{changes: changes, first: make(map[string]int32, len(regions))}
	order := make([]int, len(regions))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		a, b := regions[i], regions[j]
		if c := strings.Compare(a.RegionCode, b.RegionCode); c != 0 {
			return c
		}
		return int(a.ValidFrom) - int(b.ValidFrom)
	})
	for i, from := range order {
		t.regions = append(t.regions, regions[from])
		t.districts = append(t.districts, districts[from])
		if code := regions[from].RegionCode; i == 0 || t.regions[i-1].RegionCode != code {
			t.first[code] = int32(i)
		}
	}
	t.settled = t.lastChange()
	t.names = indexNames(t)
	return t
}

// lastChange is the first day from which on no region begins, ends or changes.
func (t *Table) lastChange() schemas.Date {
	last := Beginning
	for _, r := range t.regions {
		last = max(last, r.ValidFrom)
		if r.ValidTo != nil {
			last = max(last, *r.ValidTo+1)
		}
	}
	for _, c := range t.changes {
		last = max(last, c.ChangedOn)
	}
	return last
}

// Settled is the first day from which on nothing changes in the table.
func (t *Table) Settled() schemas.Date { return t.settled }

// readRegions reads the embedded table, which a test holds to be well formed.
func readRegions(text string) (regions []schemas.Region, districts []string) {
	for _, row := range rows(text) {
		code, parent := row[0], row[1]
		r := schemas.Region{
			RegionCode: code, CheckedCode: checked(code), RegionLevel: level(code, parent), PrefectureCode: prefectureCode(code), ParentCode: parent,
			Name: row[2], Kana: row[3], NameEN: row[4], ValidFrom: Beginning,
		}
		if row[6] != "" {
			r.ValidFrom = date(row[6])
		}
		if row[7] != "" {
			last := date(row[7])
			r.ValidTo = &last
		}
		regions, districts = append(regions, r), append(districts, row[5])
	}
	return regions, districts
}

func readChanges(text string) (changes []schemas.RegionChange) {
	for _, row := range rows(text) {
		changes = append(changes, schemas.RegionChange{ChangedOn: date(row[0]), Reason: row[1], FromCode: row[2], ToCode: row[6]})
	}
	return changes
}

// rows are the records of an embedded file below its header.
func rows(text string) [][]string {
	records, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		panic(fmt.Sprintf("reference: embedded table: %v", err))
	}
	return records[1:]
}

func date(text string) schemas.Date {
	d, err := schemas.ParseDate(text)
	if err != nil {
		panic(fmt.Sprintf("reference: embedded table: %v", err))
	}
	return d
}

// level tells a region's level from the shape of its code and its parent's.
func level(code, parent string) string {
	switch {
	case code == schemas.Nation:
		return schemas.LevelNation
	case parent == schemas.Nation:
		return schemas.LevelPrefecture
	case strings.HasSuffix(parent, "000"):
		return schemas.LevelMunicipality
	}
	return schemas.LevelWard
}

// checked is the 6-digit code. The nation has none: the 6-digit list begins
// with the prefectures.
func checked(code string) string {
	digit, ok := CheckDigit(code)
	if !ok || code == schemas.Nation {
		return ""
	}
	return code + string(digit)
}

// prefectureCode is the code of the prefecture whose two digits code begins
// with; the nation has none.
func prefectureCode(code string) string {
	if code == schemas.Nation {
		return ""
	}
	return code[:2] + "000"
}

// Regions are all regions and periods, by code and first day.
func (t *Table) Regions() []schemas.Region { return slices.Clone(t.regions) }

// Changes are the changes of codes and names the table knows, by day.
func (t *Table) Changes() []schemas.RegionChange { return slices.Clone(t.changes) }

// Region is the region that bears code on a day, and false if none does.
func (t *Table) Region(code string, on schemas.Date) (schemas.Region, bool) {
	i, ok := t.first[code]
	for ; ok && int(i) < len(t.regions) && t.regions[i].RegionCode == code; i++ {
		if valid(t.regions[i], on) {
			return t.regions[i], true
		}
	}
	return schemas.Region{}, false
}

func valid(r schemas.Region, on schemas.Date) bool {
	return r.ValidFrom <= on && (r.ValidTo == nil || on <= *r.ValidTo)
}

// Municipalities are the municipalities of a prefecture on a day, by code; of
// all prefectures for the code of the nation. Wards of designated cities are
// not among them.
func (t *Table) Municipalities(prefecture string, on schemas.Date) []schemas.Region {
	var found []schemas.Region
	for _, r := range t.regions {
		if r.RegionLevel == schemas.LevelMunicipality && valid(r, on) && (prefecture == schemas.Nation || r.PrefectureCode == prefecture) {
			found = append(found, r)
		}
	}
	return found
}

// Municipality is the municipality that a code lies in: the city of a ward, a
// municipality itself. It is empty for a prefecture, the nation and an unknown code.
func (t *Table) Municipality(code string) string {
	i, ok := t.first[code]
	if !ok {
		return ""
	}
	switch r := &t.regions[i]; r.RegionLevel {
	case schemas.LevelWard:
		return r.ParentCode
	case schemas.LevelMunicipality:
		return r.RegionCode
	}
	return ""
}

// PrefectureOf is the code of the prefecture that a code lies in: a
// prefecture's own, and empty for the nation and an unknown code.
func (t *Table) PrefectureOf(code string) string {
	if i, ok := t.first[code]; ok {
		return t.regions[i].PrefectureCode
	}
	return ""
}

// Known reports whether code is exactly the 5-digit code of a region of any
// period. Codes that Kankei itself writes are tested by it, not read by [Table.Code].
func (t *Table) Known(code string) bool {
	_, ok := t.first[code]
	return ok
}

// common is the smallest region that has all codes in it: the code they agree
// on, their municipality, their prefecture, or none.
func (t *Table) common(codes []string) string {
	if len(codes) == 0 {
		return ""
	}
	for _, widen := range []func(string) string{itself, t.Municipality, t.PrefectureOf} {
		if code := widen(codes[0]); code != "" && !slices.ContainsFunc(codes, func(c string) bool { return widen(c) != code }) {
			return code
		}
	}
	return ""
}

func itself(code string) string { return code }

// within reports whether the region inner is outer or lies in it.
func (t *Table) within(inner, outer string) bool {
	return inner == outer || t.Municipality(inner) == outer || t.PrefectureOf(inner) == outer
}
