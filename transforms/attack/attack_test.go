package attack

import (
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/kankei/kankei/schemas"
)

// grid is a table of rows × columns with totals last, of which some cells are withheld.
func grid(values [][]int64, withheld func(r, c int) bool) Publication {
	rows, columns := len(values), len(values[0])
	at := func(r, c int) int { return r*(columns+1) + c }
	var p Publication
	full := make([][]int64, rows+1)
	for r := range full {
		full[r] = make([]int64, columns+1)
	}
	for r, line := range values {
		for c, v := range line {
			full[r][c] = v
			full[r][columns] += v
			full[rows][c] += v
			full[rows][columns] += v
		}
	}
	for r := range full {
		for c, v := range full[r] {
			name := fmt.Sprintf("%d,%d", r, c)
			if withheld(r, c) {
				p.Cells = append(p.Cells, Withheld(name))
			} else {
				p.Cells = append(p.Cells, Shown(name, v))
			}
		}
	}
	for r := range rows + 1 {
		s := Sum(at(r, columns))
		for c := range columns {
			s.Terms = append(s.Terms, Term{at(r, c), 1})
		}
		p.Relations = append(p.Relations, s)
	}
	for c := range columns + 1 {
		s := Sum(at(rows, c))
		for r := range rows {
			s.Terms = append(s.Terms, Term{at(r, c), 1})
		}
		p.Relations = append(p.Relations, s)
	}
	return p
}

func in(cells ...string) func(r, c int) bool {
	return func(r, c int) bool {
		for _, s := range cells {
			if s == fmt.Sprintf("%d,%d", r, c) {
				return true
			}
		}
		return false
	}
}

var example = [][]int64{{20, 50, 10}, {8, 19, 22}, {17, 32, 12}} // Hundepool et al. 2012, §4: the shape, values made up

func run(t *testing.T, p Publication) Report {
	t.Helper()
	r, err := Run(p, Options{Seed: 1, Simplex: 200})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func holds(t *testing.T, r Report, name string, low, high int64) {
	t.Helper()
	for _, f := range r.Findings {
		if f.Name == name {
			if f.Low != low || f.High != high {
				t.Errorf("%v, want [%d, %d]", f, low, high)
			}
			return
		}
	}
	t.Errorf("no finding for %s", name)
}

func TestOneCellOfARowIsItsTotalLessTheOthers(t *testing.T) {
	r := run(t, grid(example, in("1,0")))
	holds(t, r, "1,0", 8, 8)
	if r.ByRank != 1 {
		t.Errorf("%d by rank, want 1", r.ByRank)
	}
}

// Two by two: each may fall as far as the smaller of the two on one diagonal, and rise as far
// as the smaller of the other. 20, 50 / 8, 19: up by min(50, 8), down by min(20, 19).
func TestFourCorners(t *testing.T) {
	r := run(t, grid(example, in("0,0", "0,1", "1,0", "1,1")))
	holds(t, r, "0,0", 1, 28)
	holds(t, r, "0,1", 42, 69)
	holds(t, r, "1,0", 0, 27)
	holds(t, r, "1,1", 0, 27)
	if r.Recovered != 0 {
		t.Error("nothing is exact")
	}
}

// A block of withheld cells may hold one that is determined by a sum of rows less a sum of
// columns, though no row or column has it alone: rows 0 and 1 withhold columns 0 and 1 and row
// 1 also column 2, whose only other withheld cell there is none.
func TestRankSeesThroughSumsOfRelations(t *testing.T) {
	p := grid(example, in("0,0", "0,1", "1,0", "1,1", "1,2"))
	p.Relations = append(p.Relations[:6:6], p.Relations[7:]...) // the column of 1,2 is not published
	r := run(t, p)
	holds(t, r, "1,2", 22, 22)
	for _, f := range r.Findings {
		if f.Name == "1,2" && f.By != ByRank {
			t.Errorf("found by %s", f.By)
		}
	}
}

// What sums to nothing is nothing, which rank does not see.
func TestNothingLeftIsNothing(t *testing.T) {
	r := run(t, grid([][]int64{{5, 0, 0}, {1, 2, 3}, {4, 4, 4}}, in("0,1", "0,2", "1,1", "1,2")))
	holds(t, r, "0,1", 0, 0)
	holds(t, r, "1,2", 3, 3)
	if r.ByRank != 0 || r.Recovered != 4 {
		t.Errorf("%d recovered, %d by rank", r.Recovered, r.ByRank)
	}
}

// The kinds of leaks that a publication of this project could have, each planted once.
func TestPlantedLeaks(t *testing.T) {
	shown, hidden := Shown, Withheld
	for _, c := range []struct {
		kind      string
		published []Publication
		cell      string
		low, high int64
	}{
		{"row total", []Publication{grid(example, in("2,1"))}, "2,1", 32, 32},
		{"column total", []Publication{{
			Cells:     []Cell{hidden("a"), shown("b", 30), shown("all", 37)},
			Relations: []Relation{Sum(2, 0, 1)},
		}}, "a", 7, 7},
		{"linked table", []Publication{
			{Cells: []Cell{hidden("village"), hidden("town"), shown("district", 40)}, Relations: []Relation{Sum(2, 0, 1)}},
			{Cells: []Cell{hidden("town"), shown("city", 200), shown("labour market", 233)}, Relations: []Relation{Sum(2, 0, 1)}},
		}, "village", 7, 7},
		{"earlier publication", []Publication{
			{Cells: []Cell{shown("old a", 9), hidden("b"), shown("c", 3), shown("a+b+c", 20)}, Relations: []Relation{Sum(3, 0, 1, 2)}},
			{Cells: []Cell{hidden("a"), hidden("b"), shown("a+b", 19)}, Relations: []Relation{Sum(2, 0, 1)}},
		}, "a", 11, 11},
		{"boundary vintage", []Publication{
			{Cells: []Cell{shown("village 2005", 12), shown("town 2005", 90)}},
			{Cells: []Cell{hidden("ward"), shown("town 2006", 105), shown("village 2005", 12), shown("town 2005", 90)},
				Relations: []Relation{{Terms: []Term{{1, 1}, {0, -1}, {2, -1}, {3, -1}}}}},
		}, "ward", 3, 3},
		{"k = 2 versus k = 3", []Publication{
			{Cells: []Cell{shown("k2", 31), shown("k3", 27), hidden("exactly 2")}, Relations: []Relation{Sum(0, 1, 2)}},
		}, "exactly 2", 4, 4},
		{"months", []Publication{
			{Cells: []Cell{shown("window to June", 120), hidden("July last year"), shown("rest", 112)}, Relations: []Relation{Sum(0, 1, 2)}},
		}, "July last year", 8, 8},
		{"trips versus days", []Publication{
			{Cells: []Cell{hidden("persons"), shown("trips", 4), shown("days", 4)}, Relations: []Relation{AtMost(0, 1), AtMost(1, 2)}},
			{Cells: []Cell{hidden("persons"), hidden("others"), shown("all", 12), shown("others' trips", 8)}, Relations: []Relation{Sum(2, 0, 1), {Terms: []Term{{1, 1}, {3, -1}}, Low: -Unbounded}}},
		}, "persons", 4, 4},
		{"interval endpoint", []Publication{ // the end of a Poisson interval x − 2 to whole units gives x away
			{Cells: []Cell{hidden("x"), shown("low end", 5)}, Relations: []Relation{{Terms: []Term{{0, 1}, {1, -1}}, Low: 2, High: 2}}},
		}, "x", 7, 7},
		{"ratio", []Publication{ // 12.3 % of 65 is 8.0
			{Cells: []Cell{hidden("moved"), shown("came", 65)}, Relations: Ratio(0, 1, 123, 1000)},
		}, "moved", 8, 8},
		{"rank", []Publication{ // between the tenth and the twelfth of a league table
			{Cells: []Cell{shown("tenth", 14), hidden("eleventh"), shown("twelfth", 13)}, Relations: []Relation{AtMost(1, 0), AtMost(2, 1)}},
		}, "eleventh", 13, 14},
		{"rounding", []Publication{
			{Cells: []Cell{hidden("a"), Rounded("b", 20, 5, false), Rounded("all", 20, 5, false)}, Relations: []Relation{Sum(2, 0, 1)}},
		}, "a", 0, 4},
	} {
		t.Run(c.kind, func(t *testing.T) {
			p, err := Merge(c.published...)
			if err != nil {
				t.Fatal(err)
			}
			holds(t, run(t, p), c.cell, c.low, c.high)
		})
	}
}

func TestNarrowerNamesWhatIsTooNarrow(t *testing.T) {
	r := run(t, grid(example, in("0,0", "0,1", "1,0", "1,1")))
	narrow := r.Narrower(func(cell int) int64 { return 28 })
	if len(narrow) != 4 {
		t.Errorf("%v, want all four, which are 27 wide", narrow)
	}
	if narrow := r.Narrower(func(cell int) int64 { return 27 }); len(narrow) != 0 {
		t.Errorf("%v, want none", narrow)
	}
}

func TestContradictions(t *testing.T) {
	p := grid(example, in("0,0", "0,1"))
	p.Cells[3] = Shown("0,3", 9999)
	if _, err := Run(p, Options{}); !errors.Is(err, ErrContradiction) {
		t.Errorf("a total that is none: %v", err)
	}
	if _, err := Merge(Publication{Cells: []Cell{Shown("a", 1)}}, Publication{Cells: []Cell{Shown("a", 2)}}); !errors.Is(err, ErrContradiction) {
		t.Errorf("a figure revised under one name: %v", err)
	}
	if _, err := Run(Publication{Relations: []Relation{Sum(0, 1)}}, Options{}); err == nil {
		t.Error("a relation of no cells passes")
	}
}

// The interval of every cell of a small table is that of all tables there are.
func TestIntervalsAreThoseOfAllTables(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := make([][]int64, 3)
		for r := range values {
			values[r] = rapid.SliceOfN(rapid.Int64Range(0, 3), 3, 3).Draw(t, "row")
		}
		hidden := map[string]bool{}
		for r := range 4 {
			for c := range 4 {
				hidden[fmt.Sprintf("%d,%d", r, c)] = r < 3 && c < 3 && rapid.Float64Range(0, 1).Draw(t, "hidden") < 0.6
			}
		}
		p := grid(values, func(r, c int) bool { return hidden[fmt.Sprintf("%d,%d", r, c)] })
		got, err := Run(p, Options{Seed: 3, Simplex: 100})
		if err != nil {
			t.Fatal(err)
		}
		low, high := everyTable(p)
		for _, f := range got.Findings {
			if f.Low != low[f.Cell] || f.High != high[f.Cell] {
				t.Fatalf("%v, all tables say [%d, %d]", f, low[f.Cell], high[f.Cell])
			}
		}
	})
}

// everyTable is the least and the greatest of each cell in all tables of whole figures,
// by trying them.
func everyTable(p Publication) (low, high []int64) {
	x := make([]int64, len(p.Cells))
	low, high = make([]int64, len(x)), make([]int64, len(x))
	for i := range low {
		low[i], high[i] = Unbounded, -1
	}
	var try func(i int)
	try = func(i int) {
		if i == len(x) {
			for _, r := range p.Relations {
				if !r.holds(x) {
					return
				}
			}
			for j, v := range x {
				low[j], high[j] = min(low[j], v), max(high[j], v)
			}
			return
		}
		last := p.Cells[i].High
		if last == Unbounded {
			last = 9 // no row of three cells up to 3 has more
		}
		for v := p.Cells[i].Low; v <= last; v++ {
			x[i] = v
			if possible(p, x, i) {
				try(i + 1)
			}
		}
	}
	try(0)
	return low, high
}

func (r Relation) holds(x []int64) bool {
	sum := int64(0)
	for _, t := range r.Terms {
		sum += t.Times * x[t.Cell]
	}
	return r.Low <= sum && sum <= r.High
}

// possible looks at the relations whose last cell has just been set.
func possible(p Publication, x []int64, at int) bool {
	for _, r := range p.Relations {
		last := 0
		for _, t := range r.Terms {
			last = max(last, t.Cell)
		}
		if last == at && !r.holds(x) {
			return false
		}
	}
	return true
}

// The attack sees with its own eyes.
func TestSharesNothingWithTheProtector(t *testing.T) {
	for pkg, other := range map[string]string{"attack": "disclose", "disclose": "attack"} {
		out, err := exec.Command("go", "list", "-deps", "../"+pkg).Output()
		if err != nil {
			t.Fatal(err)
		}
		for path := range strings.Lines(string(out)) {
			if strings.HasSuffix(strings.TrimSpace(path), "transforms/"+other) {
				t.Errorf("%s imports %s", pkg, other)
			}
		}
	}
}

// Of two definitions of which one holds the other a region without rows by origin tells that nobody meets either, which is no
// difference. Ten who are all in both are one; so are 12 of whom 4 are left out.
func TestDifferencesOfDefinitions(t *testing.T) {
	cube := schemas.CubeOf("person")
	figure := func(definition, region string, value *int64) Figure {
		return Figure{Cells: []Place{{cube, []string{definition, "persons", "prefecture", region, "all", "all", "all", "", "2025-09-30", "survey"}}}, Value: value}
	}
	number := func(n int64) *int64 { return &n }
	for _, c := range []struct {
		kind         string
		wide, narrow *int64
		want         string
	}{
		{"nobody in either", nil, nil, ""}, {"all of ten", number(10), number(10), "0"}, {"8 of 12", number(12), number(8), "4"},
		{"10 of 22", number(22), number(10), ""}, {"nobody of 22", number(22), nil, ""},
	} {
		tables, err := TablesOf([]Figure{figure("wide", "30401", c.wide), figure("narrow", "30401", c.narrow)})
		if err != nil {
			t.Fatal(err)
		}
		var got string
		for _, leak := range Differences(tables, nil, []Within{{Definition: "narrow", Other: "wide"}}, 10) {
			got += fmt.Sprint(leak.Low)
		}
		if got != c.want {
			t.Errorf("%s: differences %q, want %q", c.kind, got, c.want)
		}
	}
}
