package reference

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/kankei/kankei/internal/sharedtest"
	"github.com/kankei/kankei/schemas"
)

// withHistory is the table with the changes of 1970 to 2024 of the shared file.
func withHistory(t testing.TB) (*Table, History) {
	t.Helper()
	dir := sharedtest.Dir(t)
	historyOnce.Do(func() {
		f, err := os.Open(filepath.Join(dir, "real", "codes", "code_changes_1970_2024.csv"))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if history, err = ParseHistory(f); err != nil {
			t.Fatal(err)
		}
		if historyTable, err = Load().WithHistory(history); err != nil {
			t.Fatal(err)
		}
	})
	return historyTable, history
}

var (
	historyOnce  sync.Once
	history      History
	historyTable *Table
)

// The changes built in are those of the file from 2014 on.
func TestBuiltInChangesAgainstHistory(t *testing.T) {
	_, h := withHistory(t)
	var since []schemas.RegionChange
	for _, c := range h.Changes {
		if c.ChangedOn >= day(t, "2014-01-01") {
			since = append(since, c)
		}
	}
	if got := Load().Changes(); !slices.Equal(got, since) {
		t.Errorf("built in: %v\nin the file: %v", got, since)
	}
}

func TestSuccessors(t *testing.T) {
	old, _ := withHistory(t)
	for _, c := range []struct {
		table          *Table
		code, from, to string
		want           string
	}{
		{Load(), "22131", "2023-12-31", "2024-01-01", "22138"},
		{Load(), "22135", "2023-12-31", "2024-01-01", "22138 22139"},
		{Load(), "22135", "2020-01-01", "2023-12-31", "22135"},
		{Load(), "22138", "2024-01-01", "2026-01-01", "22138"},
		{Load(), "40305", "2010-01-01", "2018-10-01", "40231"},
		{Load(), "40305", "2010-01-01", "2018-09-30", "40305"},
		{Load(), "28221", "2010-01-01", "2020-01-01", "28221"},
		{Load(), "30401", "1980-01-01", "2026-01-01", "30401"},
		{Load(), "30401", "2026-01-01", "1980-01-01", ""},
		{Load(), "99999", "1980-01-01", "2026-01-01", ""},
		{old, "19341", "2006-02-28", "2006-03-01", "19201 19430"}, // 上九一色村: 甲府市 and 富士河口湖町
		{old, "08404", "1995-08-31", "1995-09-01", "08222"},       // 大野村 joined 鹿島町 on the day that became 鹿嶋市
		{old, "23521", "2010-01-03", "2010-01-04", "23236"},       // 三好町, then みよし町, then みよし市, in a day
		{old, "11232", "2010-03-22", "2010-03-23", "11232"},       // 久喜市, founded anew under its code
		{old, "11446", "2010-03-22", "2010-03-23", "11232"},
		{old, "28105", "1973-07-31", "1973-08-01", "28105 28109"}, // 北区 left 兵庫区, which went on
		{old, "40102", "1974-03-31", "1974-04-01", "40106 40107"}, // 小倉区 was divided
		{old, "14209", "2010-03-31", "2010-04-01", "14150"},       // 相模原市, a designated city
		{old, "17421", "2005-02-28", "2005-03-01", "17461"},       // 穴水町 changed district together with 門前町
		{old, "22202", "1990-01-01", "2024-01-01", "22130"},
		{old, "12486", "1970-09-27", "2000-01-01", "12225"}, // 君津町 → 君津町 of 1970 → 君津市
		{old, "12484", "1970-09-27", "2000-01-01", "12225"},
		{old, "09366", "2000-01-01", "2014-01-01", "09203"},
		{old, "34321", "1980-01-01", "1990-01-01", "34100"}, // 五日市町, nameless in its column
	} {
		got := strings.Join(c.table.Successors(c.code, day(t, c.from), day(t, c.to)), " ")
		if got != c.want {
			t.Errorf("Successors(%s, %s, %s) = %s, want %s", c.code, c.from, c.to, got, c.want)
		}
	}
}

// Every code that a change ended leads, to this day, to codes in force.
func TestEveryChainEndsInForce(t *testing.T) {
	table, h := withHistory(t)
	for _, c := range h.Changes {
		if _, ok := table.Region(c.FromCode, c.ChangedOn-1); !ok {
			t.Errorf("%v: the code was not in force before", c)
		}
		for _, code := range table.Successors(c.FromCode, c.ChangedOn-1, today) {
			if _, ok := table.Region(code, today); !ok {
				t.Errorf("%s of %s leads to %s, which is not in force", c.FromCode, c.ChangedOn, code)
			}
		}
	}
}

func TestRegionsOfHistory(t *testing.T) {
	table, _ := withHistory(t)
	for _, c := range []struct{ code, on, want string }{
		{"19341", "2006-02-28", "上九一色村"}, {"19341", "2006-03-01", ""},
		{"14209", "2010-03-31", "相模原市"}, {"14150", "2010-03-31", ""}, {"14150", "2010-04-01", "相模原市"}, {"14151", "2010-03-31", ""}, {"14151", "2010-04-01", "相模原市緑区"},
		{"40102", "1974-03-31", "北九州市小倉区"}, {"40106", "1974-03-31", ""}, {"40106", "1974-04-01", "北九州市小倉北区"},
		{"11232", "1990-01-01", "久喜市"}, {"11232", "2026-01-01", "久喜市"}, {"23521", "2010-01-03", "三好町"}, {"23521", "2010-01-04", ""},
		{"21486", "1970-04-10", "奥明方村"}, {"21486", "1980-01-01", "明方村"}, {"11213", "2005-03-31", "岩槻市"}, {"11213", "2005-04-01", ""},
		{"33201", "1980-01-01", "岡山市"}, {"33100", "2009-03-31", ""}, {"33100", "2009-04-01", "岡山市"}, {"28221", "2019-04-30", "篠山市"}, {"28221", "2019-05-01", "丹波篠山市"},
		{"47201", "1972-05-15", "那覇市"}, {"01695", "2000-01-01", ""},
	} {
		r, _ := table.Region(c.code, day(t, c.on))
		if r.Name != c.want {
			t.Errorf("Region(%s, %s) is %q, want %q", c.code, c.on, r.Name, c.want)
		}
	}
	for _, c := range []struct{ prefecture, municipality, on, want string }{
		{"山梨県", "西八代郡上九一色村", "2006-02-28", "19341"}, {"山梨県", "上九一色村", "2006-03-01", "19000"}, // two cities of Yamanashi
		{"埼玉県", "菖蒲町", "2009-01-01", "11446"}, {"埼玉県", "菖蒲町", "2020-01-01", "11232"},
		{"神奈川県", "相模原市", "2005-01-01", "14209"}, {"神奈川県", "相模原市緑区", "2009-01-01", "14209"}, {"神奈川県", "相模原市緑区", "2005-01-01", "14000"}, // the city and four towns then
		{"広島県", "佐伯郡五日市町", "1980-01-01", "34321"}, {"広島県", "佐伯郡五日市町", "1990-01-01", "34100"},
	} {
		if got := table.NameOn(c.prefecture, c.municipality, day(t, c.on)); got != c.want {
			t.Errorf("NameOn(%s, %s, %s) = %s, want %s", c.prefecture, c.municipality, c.on, got, c.want)
		}
	}
	if got := len(table.Municipalities(schemas.Nation, day(t, "2026-01-01"))); got != 1741 {
		t.Errorf("%d municipalities on 2026-01-01, want 1741", got)
	}
}

// The numbers of municipalities are those the Ministry of Internal Affairs
// gives for the great mergers: 3,232 on 1999-03-31, 1,821 on 2006-03-31, 1,727
// on 2010-03-31, where the 23 wards of Tokyo are not counted.
func TestMunicipalitiesOverTime(t *testing.T) {
	table, _ := withHistory(t)
	for on, want := range map[string]int{"1999-03-31": 3232, "2006-03-31": 1821, "2010-03-31": 1727, "2014-04-05": 1718} {
		if got := len(table.Municipalities(schemas.Nation, day(t, on))) - 23; got != want {
			t.Errorf("%d municipalities on %s, want %d", got, on, want)
		}
	}
}

// What is found without the history is found with it.
func TestHistoryKeepsNames(t *testing.T) {
	table, _ := withHistory(t)
	for _, r := range Load().Regions() {
		if r.RegionLevel != schemas.LevelMunicipality && r.RegionLevel != schemas.LevelWard {
			continue
		}
		if got, want := table.Name(r.PrefectureCode, r.Name), Load().Name(r.PrefectureCode, r.Name); got != want {
			t.Errorf("Name(%s, %s) = %s, want %s", r.PrefectureCode, r.Name, got, want)
		}
	}
}

// A separation leaves the region it left from, in either language.
func TestWithChanges(t *testing.T) {
	for _, reason := range []string{Separation, "分離"} {
		table, err := Load().WithChanges([]schemas.RegionChange{{ChangedOn: day(t, "1973-08-01"), FromCode: "28105", ToCode: "28109", Reason: reason}})
		if err != nil {
			t.Fatal(err)
		}
		if got := table.Successors("28105", Beginning, today); !slices.Equal(got, []string{"28105", "28109"}) {
			t.Errorf("%s: Successors(28105) = %v, want itself and 28109", reason, got)
		}
		if got := table.Name("神戸市", "兵庫区"); got != schemas.Unknown {
			t.Errorf("Name(神戸市, 兵庫区) = %s, want unknown: 神戸市 is no prefecture", got)
		}
		if got := table.Name("兵庫県", "神戸市兵庫区"); got != "28105" {
			t.Errorf("Name(兵庫県, 神戸市兵庫区) = %s, want 28105", got)
		}
	}
}

func TestParseHistoryRefuses(t *testing.T) {
	header := strings.Join(historyColumns, ",") + "\n"
	for name, text := range map[string]string{
		"empty":     "",
		"no column": "date,type\n",
		"bad date":  header + "2020/1/1,新設合併,,01201,,,a,,01202,,,b,\n",
		"bad code":  header + "2020-01-01,新設合併,,1201,,,a,,01202,,,b,\n",
		"ragged":    header + "2020-01-01,新設合併\n",
	} {
		if _, err := ParseHistory(strings.NewReader(text)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := Load().WithChanges([]schemas.RegionChange{{FromCode: "1", ToCode: "01202"}}); err == nil {
		t.Error("WithChanges takes a code of one digit")
	}
}

func FuzzParseHistory(f *testing.F) {
	header := strings.Join(historyColumns, ",") + "\n"
	f.Add(header + "2020-01-01,編入合併,\"甲町(01301)が乙市(01202)に編入\",01301,甲郡,,甲町,,01202,,,乙市,\n")
	f.Add(header + "2020-01-01,区の再編,,01101,札幌市,さっぽろし,中央区,,01102,札幌市,,北区,\n")
	f.Fuzz(func(t *testing.T, text string) {
		h, err := ParseHistory(strings.NewReader(text))
		if err != nil {
			return
		}
		if len(h.Regions) != len(h.Above) {
			t.Fatalf("%d regions, %d above", len(h.Regions), len(h.Above))
		}
		if len(h.Changes) < 20 {
			if _, err := Load().WithHistory(h); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func BenchmarkWithHistory(b *testing.B) {
	_, h := withHistory(b)
	for b.Loop() {
		if _, err := Load().WithHistory(h); err != nil {
			b.Fatal(err)
		}
	}
}
