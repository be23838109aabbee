package disclose

import (
	"fmt"
	"testing"

	"github.com/kankei/kankei/internal/casetable"
)

// Judged by property: no small counts, totals near the true ones, no further than the oracle + 1.
func TestCaseSmallCountRounding(t *testing.T) {
	c := casetable.Open(t, "f04_small_count_rounding")
	in := c.Read("input.csv")
	var values []int64
	totals := map[string][]int{}
	var order []string
	for i, v := range in.Numbers("freq") {
		values = append(values, int64(v))
		year, geo, eu := in["year"][i], in["geo"][i], in["eu"][i]
		for _, key := range []string{"all", "geo " + geo, "eu " + eu, "year " + year, "eu " + eu + year} {
			if totals[key] == nil {
				order = append(order, key)
			}
			totals[key] = append(totals[key], i)
		}
	}
	var sums [][]int
	for _, key := range order {
		sums = append(sums, totals[key])
	}
	c.Holds("base3/publish/0/original", float64(sumOf(values, sums[0])))
	for _, base := range []int64{3, 5} {
		out, err := SmallCounts(values, sums, base)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range out {
			if v > 0 && v < base || values[i] >= base && v != values[i] {
				t.Errorf("base %d: %d became %d", base, values[i], v)
			}
		}
		most := int64(c.Answer(fmt.Sprintf("base%d/metrics/maxdiff", base))) + 1
		for k, sum := range sums {
			if d := sumOf(out, sum) - sumOf(values, sum); max(d, -d) > most {
				t.Errorf("base %d: %s is off by %d, at most %d", base, order[k], d, most)
			}
		}
	}
}

func sumOf(values []int64, at []int) (sum int64) {
	for _, i := range at {
		sum += values[i]
	}
	return sum
}
