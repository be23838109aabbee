package weight

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/kankei/kankei/schemas"
)

// LeastAge is the least age of the target population, in completed years.
const LeastAge = 18

// class is a sex and a span of ages; ” and 0 to maxAge are all.
type class struct {
	sex       string
	low, high int
}

const maxAge = 1000

func (c class) String() string {
	age := ""
	switch {
	case c.high == maxAge && c.low > 0:
		age = fmt.Sprintf("%d+", c.low)
	case c.high < maxAge:
		age = fmt.Sprintf("%d-%d", c.low, c.high)
	}
	return strings.Trim(c.sex+" "+age, " ")
}

// parseClass reads a breakdown of residents such as male/18-29, 80+, 80歳以上 or
// female.
func parseClass(breakdown string) (class, bool) {
	c := class{high: maxAge}
	if breakdown == "" {
		return c, true
	}
	for _, part := range strings.Split(breakdown, "/") {
		if part == "male" || part == "female" {
			c.sex = part
			continue
		}
		low, high, ok := parseAges(part)
		if !ok {
			return c, false
		}
		c.low, c.high = low, high
	}
	return c, true
}

// parseAges reads a span of ages: 18-29, 18〜29歳, 80+, 80歳以上, 80-.
func parseAges(text string) (low, high int, ok bool) {
	var numbers []int
	for _, digits := range strings.FieldsFunc(text, func(r rune) bool { return r < '0' || r > '9' }) {
		n, err := strconv.Atoi(digits)
		if err != nil || n >= maxAge {
			return 0, 0, false
		}
		numbers = append(numbers, n)
	}
	open := strings.Contains(text, "+") || strings.Contains(text, "以上") || strings.HasSuffix(strings.TrimSuffix(text, "歳"), "-") || strings.HasSuffix(strings.TrimSuffix(text, "歳"), "〜")
	switch {
	case len(numbers) == 2 && numbers[0] <= numbers[1]:
		return numbers[0], numbers[1], true
	case len(numbers) == 1 && open:
		return numbers[0], maxAge, true
	case len(numbers) == 1 && strings.Contains(text, "未満"):
		return 0, numbers[0] - 1, true
	case len(numbers) == 1:
		return numbers[0], numbers[0], true
	}
	return 0, 0, false
}

// AgesOf is the span of ages in completed years of a breakdown such as 18-29, male/30-44 or 80+,
// math.MaxInt for one without an upper end; false where it has no ages.
func AgesOf(breakdown string) (low, high int, ok bool) {
	c, ok := parseClass(breakdown)
	if c.high == maxAge {
		c.high = math.MaxInt
	}
	return c.low, c.high, ok && (c.low > 0 || c.high < math.MaxInt)
}

// cellTotal is the residents of a class in a region.
type cellTotal struct {
	region string
	class  class
	value  float64
}

// residents picks, of the official totals, those of the day nearest before a
// survey (else the first after it) that have the wanted detail, at one level of
// regions: the nation, else the prefectures, else the municipalities.
func residents(totals []schemas.Total, on schemas.Date, sex, age, byPrefecture bool) ([]cellTotal, error) {
	byDay := map[schemas.Date][]cellTotal{}
	for _, t := range totals {
		if t.Statistic != "residents" || t.OriginCode != schemas.All {
			continue
		}
		c, ok := parseClass(t.Breakdown)
		if !ok || (c.sex != "") != sex || (c.low > 0 || c.high < maxAge) != age {
			continue
		}
		if byPrefecture && t.RegionCode == schemas.Nation {
			continue
		}
		byDay[t.PeriodEnd] = append(byDay[t.PeriodEnd], cellTotal{t.RegionCode, c, t.Value})
	}
	var day schemas.Date
	found := false
	for d := range byDay {
		if !found || (d <= on && (d > day || day > on)) || (d > on && day > on && d < day) {
			day, found = d, true
		}
	}
	cells := oneLevel(byDay[day])
	for i := 0; age && i < len(cells); {
		switch c := cells[i]; {
		case c.class.high < LeastAge:
			cells = slices.Delete(cells, i, i+1)
		case c.class.low < LeastAge:
			return nil, refuse("人口の年齢階級 %d〜%d 歳が %d 歳をまたいでいます。%d 歳で始まる階級の表にしてください。",
				"the age class %d-%d of the residents lies on both sides of %d: give totals by classes that begin at %d", c.class.low, c.class.high, LeastAge, LeastAge)
		default:
			i++
		}
	}
	return cells, nil
}

// oneLevel keeps the cells of the highest level of regions that there is.
func oneLevel(cells []cellTotal) []cellTotal {
	level := func(code string) int {
		switch {
		case code == schemas.Nation:
			return 0
		case strings.HasSuffix(code, "000"):
			return 1
		}
		return 2
	}
	highest := 3
	for _, c := range cells {
		highest = min(highest, level(c.region))
	}
	cells = slices.DeleteFunc(cells, func(c cellTotal) bool { return level(c.region) != highest })
	slices.SortFunc(cells, func(a, b cellTotal) int {
		return cmp.Or(strings.Compare(a.region, b.region), strings.Compare(a.class.sex, b.class.sex), a.class.low-b.class.low, a.class.high-b.class.high)
	})
	return cells
}

// margin makes a margin of the sample from the official totals. The classes are
// the totals' own; respondents of no class have index −1.
func margin(name string, people []Respondent, totals []schemas.Total, on schemas.Date) (Margin, error) {
	byPrefecture := name == "prefecture"
	var cells []cellTotal
	var err error
	// The finest table first, so that all margins speak of the same persons.
	for _, detail := range [][2]bool{{true, true}, {false, true}, {true, false}, {false, false}} {
		if (name == "sex" || name == "sex_age") && !detail[0] || (name == "age" || name == "sex_age") && !detail[1] {
			continue
		}
		if cells, err = residents(totals, on, detail[0], detail[1], byPrefecture); err != nil {
			return Margin{}, err
		}
		if len(cells) > 0 {
			break
		}
	}
	if len(cells) == 0 {
		return Margin{}, refuse("周辺分布 %s の基準になる人口がありません。kind が total の source に、%s 別の residents（人口）を加えてください。",
			"the margin %s has no official totals: add a source of kind total with residents by %s", name, strings.ReplaceAll(name, "_", " and "))
	}
	m := Margin{Name: name}
	index := map[string]int{}
	label := func(c cellTotal) string {
		switch name {
		case "sex":
			return c.class.sex
		case "age":
			return class{low: c.class.low, high: c.class.high}.String()
		case "sex_age":
			return c.class.String()
		case "prefecture":
			return c.region[:2] + "000"
		}
		return "all"
	}
	of := map[string]class{}
	for _, c := range cells {
		l := label(c)
		i, seen := index[l]
		if !seen {
			i = len(m.Classes)
			index[l], of[l] = i, c.class
			m.Classes, m.Totals = append(m.Classes, l), append(m.Totals, 0)
		}
		m.Totals[i] += c.value
	}
	for _, p := range people {
		m.Of = append(m.Of, int32(m.classOf(name, p, of)))
	}
	return m, nil
}

// classOf is the class a respondent belongs to, −1 for none.
func (m Margin) classOf(name string, p Respondent, of map[string]class) int {
	return slices.IndexFunc(m.Classes, func(l string) bool {
		c := of[l]
		switch name {
		case "population":
			return true
		case "prefecture":
			return len(p.Residence) == 5 && p.Residence[:2] == l[:2]
		case "sex":
			return p.Sex == c.sex
		case "age":
			return int(p.Age) >= c.low && int(p.Age) <= c.high
		}
		return p.Sex == c.sex && int(p.Age) >= c.low && int(p.Age) <= c.high
	})
}
