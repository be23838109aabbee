package main

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kankei/kankei/schemas"
)

// By hand. World one: 110 and 90 of 100, one interval of which holds; world two: 120 of 100 without an interval, withheld, and
// a region without an estimate, and one of low reliability, which would be 900 % off. Of five figures one is not estimable and one
// weak, of the three others one is withheld; bias
// (10 − 10 + 20)/300 = 6.7, and (0 − 13.3)/150 and (20 − 6.7)/150 by world, so ± 8.9; rmse √(600/3) = 14.1; one of two intervals holds; widths
// 30 and 10; the second lies 5 below the truth, which costs 200: scores 30 and 210.
func TestChainRow(t *testing.T) {
	worlds := [][]chainFigure{
		{{100, 110, 95, 125, true, true, true, false}, {100, 90, 85, 95, true, true, true, false}},
		{{100, 120, 0, 0, true, false, false, false}, {Truth: 100}, {100, 1000, 1, 2, true, true, true, true}},
	}
	target := &chainTarget{bias: 2, least: 93, most: 97, silent: 5}
	for _, c := range []struct {
		target *chainTarget
		rivals []float64
		want   string
	}{
		{nil, nil, "| `c` | 2 | 5 | 33 | 20 | 20 | +6.7 ± 8.9 | 14 | 50.0 | 20 | 120 |"},
		{target, []float64{0.29}, "| `c` | 2 | 5 | 33 | 20 | **20** | **+6.7 ± 8.9** | 14 | 50.0 | 20 | 120 |"},
		{target, []float64{0.29, 0.28}, "| `c` | 2 | 5 | 33 | 20 | **20** | **+6.7 ± 8.9** | **14** | 50.0 | 20 | 120 |"},
	} {
		if got, _ := chainRow("c", worlds, c.target, c.rivals); got != c.want {
			t.Errorf("rivals %v\n got %s\nwant %s", c.rivals, got, c.want)
		}
	}
	if got, _ := chainRow("c", worlds[:1], nil, nil); got != "| `c` | 1 | 2 | 0 | 0 | 0 | +0.0 | 10 | 50.0 | 20 | 120 |" {
		t.Errorf("of one world: %s", got)
	}
	if got, _ := chainRow("c", make([][]chainFigure, 2), nil, nil); got != "| `c` | 2 | 0 | – | – | – | – | – | – | – | – |" {
		t.Errorf("of no figure: %s", got)
	}
	if got, _ := chainRow("c", [][]chainFigure{{{Truth: 5}}}, nil, nil); got != "| `c` | 1 | 1 | – | 0 | 100 | – | – | – | – | – |" {
		t.Errorf("nothing estimated: %s", got)
	}
}

// By hand, of intervals of which 93 to 97 % are to hold: 24 of 24 have the probability 0.97²⁴ = 0.48, 150 of 150 that of
// 0.97¹⁵⁰ = 0.0104 and 149 or more 0.0586; of 20 17 or fewer hold with that of 0.161 where 93 % do, 15 or fewer with
// 0.0107; none of two holds with 0.0049.
func TestChainTargetCovers(t *testing.T) {
	target := chainTarget{least: 93, most: 97}
	for _, c := range []struct {
		held, n float64
		want    bool
	}{{24, 24, true}, {150, 150, false}, {149, 150, true}, {17, 20, true}, {15, 20, false}, {0, 2, false}, {1, 2, true}} {
		if got := target.covers(c.held, c.n); got != c.want {
			t.Errorf("%v of %v: %v", c.held, c.n, got)
		}
	}
}

// A municipality has persons, the prefecture persons and pairs; classes are by official visitors, and who is nobody's is in none.
func TestChainOf(t *testing.T) {
	truth := map[[2]string]float64{
		{schemas.Persons, "30000"}: 500, {schemas.Pairs, "30000"}: 600, {schemas.PersonsAnyMunicipality, "30000"}: 450,
		{schemas.Persons, "30201"}: 300, {schemas.Pairs, "30201"}: 300, {schemas.Persons, "30202"}: 99, {schemas.Persons, "30203"}: 0,
	}
	told := map[[3]string]chainFigure{{schemas.Persons, "30201", "headline"}: {Truth: 300, Value: 310, Estimated: true}}
	visitors := map[string]float64{"30201": 2500, "30202": 999, "30203": 50}
	got := chainOf(truth, visitors, told)
	counts := map[string]int{}
	for at, figures := range got {
		if class, estimator, _ := strings.Cut(at, "/"); estimator == "headline" {
			counts[class] = len(figures)
		}
	}
	if diff := cmp.Diff(map[string]int{"prefecture": 1, "pairs": 1, "municipalities": 2, "large": 1, "small": 1}, counts); diff != "" {
		t.Errorf("figures by class (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]chainFigure{{Truth: 300, Value: 310, Estimated: true}}, got["large/headline"]); diff != "" {
		t.Errorf("the greatest municipality (-want +got):\n%s", diff)
	}
	told[[3]string{schemas.Persons, "30202", "headline"}] = chainFigure{Truth: 99, Value: 120, Estimated: true, Weak: true}
	if weak := chainOf(truth, visitors, told)["small/weak"]; len(got["small/weak"]) != 0 || len(weak) != 1 || weak[0].Value != 120 || weak[0].Weak {
		t.Errorf("headlines of low reliability: %+v", weak)
	}
	if f := got["small/naive"][0]; f.Estimated || f.Truth != 99 {
		t.Errorf("a region without an estimate: %+v", f)
	}
}

// A finished world is taken from the folder that keeps it: of this program, cell and seed alone.
func TestFinishedWorldsAreKept(t *testing.T) {
	defer func() { kept = "" }()
	kept = t.TempDir()
	program, err := checksum()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(kept, program), 0o700); err != nil {
		t.Fatal(err)
	}
	text := `{"prefecture/naive": [{"Truth": 4, "Value": 3.25, "Low": 1, "High": 5, "Estimated": true, "Bounded": true, "Shown": false}]}`
	if err := os.WriteFile(filepath.Join(kept, program, "base-7-1.0500.json"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := chain{name: "base"}.keptWorld(replication{7, 1.05})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(chainWorld{"prefecture/naive": {{4, 3.25, 1, 5, true, true, false, false}}}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// The factors of official visitors are quantiles: by hand, of two worlds those at 1/4 and 3/4, ±0.6745 standard errors.
func TestReplications(t *testing.T) {
	two := replications(9, 2)
	low, high := min(two[0].factor, two[1].factor), max(two[0].factor, two[1].factor)
	if math.Abs(math.Log(low)+0.05*0.6745) > 1e-5 || math.Abs(math.Log(high)-0.05*0.6745) > 1e-5 || two[0].seed == two[1].seed {
		t.Errorf("replications %v", two)
	}
	if one := replications(9, 1); one[0].factor != 1 {
		t.Errorf("one world is multiplied by %v", one[0].factor)
	}
}

// Official visitors are multiplied, their header stays.
func TestVisitorsTimes(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "exports", "visitors.csv")
	if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("month,visitors\n2025-09,200\n2025-10,10\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := visitorsTimes(1.15)(dir); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(text), "month,visitors\n2025-09,230\n2025-10,12\n"; got != want { // 11.5 rounds to the even
		t.Errorf("got %q, want %q", got, want)
	}
}

// What the page says of one small world is what the whole program gives today, from the drawing to the headline.
func TestChainIsCurrent(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the whole program on a world of 60,000 residents")
	}
	rows, c := pageRows(t), cellCalled(t, "chain/check/prefecture/headline")
	for i, got := range c.lines(1) {
		if said := rows[c.rows()[i]]; got != said {
			t.Errorf("%s is out of date: run make study-chain\n it says %s\n now     %s", page, said, got)
		}
	}
}

// Cells of the chain differ in the world they draw: a change that changes nothing would be a row twice.
func TestChainsDiffer(t *testing.T) {
	text, _ := schemas.ScenarioText(worldScenario)
	seen := map[string]string{}
	for _, c := range chains() {
		s, err := schemas.ParseScenario(text)
		if err != nil {
			t.Fatal(err)
		}
		s.Panel.Sample = chainPanel
		if c.change != nil {
			c.change(&s)
		}
		key := fmt.Sprintf("%+v %d", s, c.persons)
		if c.deliver != nil {
			key += c.name
		}
		if other, ok := seen[key]; ok {
			t.Errorf("%s is %s", c.name, other)
		}
		seen[key] = c.name
	}
}
