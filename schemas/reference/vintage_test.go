package reference

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/kankei/kankei/schemas"
)

// Codes of every kind of change since 2014, and of the great mergers, seen from
// both sides.
func TestAt(t *testing.T) {
	old, _ := withHistory(t)
	for _, c := range []struct {
		table             *Table
		code, on, vintage string
		want              string
	}{
		// promoted to a city: 滝沢村, 那珂川町
		{Load(), "03305", "2013-06-30", "2024-01-01", "03216"}, {Load(), "03216", "2020-06-30", "2013-12-31", "03305"},
		{Load(), "40231", "2020-01-01", "2018-09-30", "40305"},
		// a code of before, in an export of after, and the other way round
		{Load(), "03305", "2020-06-30", "2024-01-01", "03216"}, {Load(), "03216", "2013-06-30", "2013-12-31", "03305"},
		// absorbed: 岩舟町 into 栃木市, whose people cannot be told apart afterwards
		{Load(), "09367", "2014-04-04", "2024-01-01", "09203"}, {Load(), "09203", "2014-04-04", "2014-01-01", "09203"},
		{Load(), "09367", "2014-04-04", "2014-01-01", "09367"}, {Load(), "09203", "2014-04-05", "2014-01-01", "09000"},
		// renamed under its code: 篠山市
		{Load(), "28221", "2019-04-30", "2024-01-01", "28221"}, {Load(), "28221", "2024-01-01", "2019-04-30", "28221"},
		// wards reorganised: 浜松市北区 was divided
		{Load(), "22131", "2023-12-31", "2024-01-01", "22138"}, {Load(), "22135", "2023-12-31", "2024-01-01", "22130"},
		{Load(), "22138", "2024-01-01", "2023-12-31", "22130"}, {Load(), "22140", "2024-01-01", "2023-12-31", "22137"},
		// nothing changed, prefectures, nothing known
		{Load(), "30401", "2014-01-01", "2024-01-01", "30401"}, {Load(), "30000", "2014-01-01", "2024-01-01", "30000"}, {Load(), "99999", "2014-01-01", "2024-01-01", ""},
		// a designated city and its wards: 相模原市
		{old, "14209", "2005-01-01", "2024-01-01", "14150"}, {old, "14151", "2024-01-01", "2010-03-31", "14209"}, {old, "14151", "2024-01-01", "2010-04-01", "14151"},
		{old, "14150", "2024-01-01", "2010-03-31", "14209"},
		// founded by merging: 久喜市 and 菖蒲町 under the code of one of them
		{old, "11446", "2009-01-01", "2024-01-01", "11232"}, {old, "11232", "2009-01-01", "2009-06-30", "11232"}, {old, "11232", "2012-01-01", "2009-06-30", "11000"},
		// divided between two cities: 上九一色村
		{old, "19341", "2006-02-28", "2024-01-01", "19000"}, {old, "19341", "2006-02-28", "2006-02-28", "19341"},
		// moved to another prefecture: 山口村 of Nagano, to 中津川市 of Gifu
		{old, "20431", "2005-02-12", "2024-01-01", "21206"},
	} {
		if got := c.table.At(c.code, day(t, c.on), day(t, c.vintage)); got != c.want {
			t.Errorf("At(%s, %s, %s) = %s, want %s", c.code, c.on, c.vintage, got, c.want)
		}
	}
}

// A project's own row says where the whole of a divided region is counted.
func TestRuleForADivision(t *testing.T) {
	old, _ := withHistory(t)
	for _, c := range []struct {
		table          *Table
		on, from, to   string
		before, behind string // vintages
		undecided      string
	}{
		{Load(), "2024-01-01", "22135", "22139", "2023-12-31", "2024-01-01", "22130"},
		{old, "2006-03-01", "19341", "19430", "2006-02-28", "2024-01-01", "19000"},
	} {
		if got := c.table.At(c.from, day(t, c.before), day(t, c.behind)); got != c.undecided {
			t.Errorf("without a rule %s is in %s, want %s", c.from, got, c.undecided)
		}
		ruled, err := c.table.WithChanges([]schemas.RegionChange{{ChangedOn: day(t, c.on), FromCode: c.from, ToCode: c.to, Reason: "分割"}})
		if err != nil {
			t.Fatal(err)
		}
		if got := ruled.At(c.from, day(t, c.before), day(t, c.behind)); got != c.to {
			t.Errorf("with a rule %s is in %s, want %s", c.from, got, c.to)
		}
	}
}

// A change of after those built in ends the code it changes, as built-in ones do: a town that joined a city is in the city,
// however an export of after names it, and no municipality any more. What a town is separated from goes on.
func TestLaterChangesEndCodes(t *testing.T) {
	table, err := Load().WithChanges([]schemas.RegionChange{
		{ChangedOn: day(t, "2030-04-01"), FromCode: "30401", ToCode: "30206", Reason: "編入合併"},
		{ChangedOn: day(t, "2031-04-01"), FromCode: "30206", ToCode: "30404", Reason: "分離"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ code, on, vintage, want string }{
		{"30401", "2030-03-31", "2030-04-01", "30206"}, {"30401", "2030-04-01", "2030-04-01", "30206"}, {"30401", "2030-05-01", "2030-03-31", "30401"},
		{"30206", "2031-04-01", "2031-04-01", "30206"},
	} {
		if got := table.At(c.code, day(t, c.on), day(t, c.vintage)); got != c.want {
			t.Errorf("At(%s, %s, %s) = %s, want %s", c.code, c.on, c.vintage, got, c.want)
		}
	}
	if got := table.NameOn("和歌山県", "白浜町", day(t, "2030-04-01")); got != "30206" {
		t.Errorf("白浜町 after it joined 田辺市 is %s, want 30206", got)
	}
	for on, want := range map[string]int{"2030-03-31": 30, "2030-04-01": 29, "2031-04-01": 29} {
		if got := len(table.Municipalities("30000", day(t, on))); got != want {
			t.Errorf("%d municipalities on %s, want %d", got, on, want)
		}
	}
	if r, there := Load().Region("30401", day(t, "2030-04-01")); !there || r.ValidTo != nil {
		t.Errorf("the built-in table was changed: %+v", r)
	}
}

// drawn is a code of the table and two days since 1971.
func drawn(rt *rapid.T, table *Table) (code string, on, vintage schemas.Date) {
	regions := table.regions
	code = regions[rapid.IntRange(0, len(regions)-1).Draw(rt, "region")].RegionCode
	days := func(name string) schemas.Date {
		if c := table.changes[rapid.IntRange(0, len(table.changes)-1).Draw(rt, name+" near")]; rapid.Bool().Draw(rt, name+" at a change") {
			return c.ChangedOn + schemas.Date(rapid.IntRange(-1, 1).Draw(rt, name+" off"))
		}
		return schemas.Date(rapid.IntRange(366, 22_000).Draw(rt, name)) // 1971-01-02 to 2030
	}
	return code, days("on"), days("vintage")
}

// What is mapped to a vintage stays where it is; what comes out is in force there.
func TestAtIsIdempotent(t *testing.T) {
	old, _ := withHistory(t)
	for _, table := range []*Table{Load(), old} {
		rapid.Check(t, func(rt *rapid.T) {
			code, on, vintage := drawn(rt, table)
			got := table.At(code, on, vintage)
			if again := table.At(got, vintage, vintage); again != got {
				rt.Fatalf("At(%s, %s, %s) = %s, again %s", code, on, vintage, got, again)
			}
			if _, ok := table.Region(got, vintage); !ok && got != "" {
				rt.Fatalf("At(%s, %s, %s) = %s, which is not in force then", code, on, vintage, got)
			}
		})
	}
}

// Forward and then a level up is a level up and then forward, as long as the
// municipality is known at all: to the city of a ward and to the prefecture. Only the
// municipalities that went to another prefecture are elsewhere by the two ways.
func TestAtAndLevels(t *testing.T) {
	old, h := withHistory(t)
	crossed := map[string]bool{}
	for _, c := range h.Changes {
		if c.FromCode[:2] != c.ToCode[:2] {
			crossed[c.FromCode], crossed[c.ToCode] = true, true
		}
	}
	if len(crossed) == 0 || len(crossed) > 12 {
		t.Errorf("%d codes are of changes between prefectures, want a few", len(crossed))
	}
	for _, table := range []*Table{Load(), old} {
		rapid.Check(t, func(rt *rapid.T) {
			code, on, vintage := drawn(rt, table)
			if on > vintage {
				on, vintage = vintage, on
			}
			got := table.At(code, on, vintage)
			if up, down := table.PrefectureOf(got), table.At(table.PrefectureOf(code), on, vintage); up != down && !crossed[code] {
				rt.Fatalf("%s on %s is in %s at %s by itself, %s by its prefecture", code, on, up, vintage, down)
			}
			city := table.Municipality(code)
			if city == "" || city == code || crossed[city] {
				return
			}
			up, down := table.Municipality(got), table.At(city, on, vintage)
			if up != "" && down != table.PrefectureOf(down) && up != down {
				rt.Fatalf("%s on %s is in %s at %s by itself, %s by its city %s", code, on, up, vintage, down, city)
			}
		})
	}
}

// The spans of a code tell what At tells, day by day.
func TestSpans(t *testing.T) {
	old, _ := withHistory(t)
	for _, table := range []*Table{Load(), old} {
		rapid.Check(t, func(rt *rapid.T) {
			code, on, vintage := drawn(rt, table)
			found := 0
			for _, s := range table.Spans(code, vintage) {
				if s.First <= on && on <= s.Last {
					found++
					if want := table.At(code, on, vintage); s.Region != want {
						rt.Fatalf("%s on %s at %s: the span says %s, At %s", code, on, vintage, s.Region, want)
					}
				}
			}
			if found != 1 {
				rt.Fatalf("%s on %s lies in %d spans", code, on, found)
			}
		})
	}
}
