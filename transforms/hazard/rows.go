package hazard

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Row is a time at risk (Start, Stop] of one person with the covariates of that time. A person
// whose covariates change has a row for each, one after the other; one who comes under
// observation late has a Start above 0, and is at risk only from then on.
type Row struct {
	// Start and Stop are in any one unit, from the person's own origin. The event, if any, is
	// at Stop. Times are compared exactly: give days as whole numbers.
	Start, Stop float64
	Event       bool
	X           []float64
	// Weight is a case or survey weight, above 0; 1 where there is none.
	Weight float64
	// Stratum has a baseline hazard of its own.
	Stratum int
	// Cluster is the same in rows of one person, or of one sampling unit.
	Cluster int
}

// SplitAt gives the row's time until an exposure is reached, with its own covariates, and the
// time after, with x: who is "ever" exposed is unexposed before, and an event at that very
// time is of the unexposed. One part is all there is where the exposure is reached before the
// row begins, or at its stop or later, or never (+Inf).
//
// To give all of the row's time the exposure reached in it makes that time immortal: who has
// an event early has not had the time to be exposed, and the ratio falls far below 1 where
// nothing has any effect (Suissa 2008, Am. J. Epidemiol. 167:492).
func (r Row) SplitAt(at float64, x []float64) []Row {
	before, after := r, r
	after.X = x
	switch {
	case at <= r.Start:
		return []Row{after}
	case !(at < r.Stop):
		return []Row{before}
	}
	before.Stop, before.Event, after.Start = at, false, at
	return []Row{before, after}
}

// checkRows says which row is no time at risk.
func checkRows(rows []Row, names []string) error {
	for i, r := range rows {
		switch {
		case notFinite(r.Start) || notFinite(r.Stop) || r.Start >= r.Stop:
			return fmt.Errorf("row %d: time at risk from %v to %v: want a start before the stop", i+1, r.Start, r.Stop)
		case !(r.Weight > 0) || math.IsInf(r.Weight, 0):
			return fmt.Errorf("row %d: weight is %v: want above 0, 1 where there are none", i+1, r.Weight)
		}
		if err := checkX(i, r.X, rows[0].X, names); err != nil {
			return err
		}
	}
	return nil
}

func checkX(i int, x, first []float64, names []string) error {
	if len(x) != len(first) || names != nil && len(names) != len(x) {
		return fmt.Errorf("row %d has %d covariates, the first row %d, and there are %d names: want as many in each", i+1, len(x), len(first), len(names))
	}
	if j := slices.IndexFunc(x, notFinite); j >= 0 {
		return fmt.Errorf("row %d: %s is %v: leave the row out or fill it", i+1, covariate(names, j), x[j])
	}
	return nil
}

func covariate(names []string, j int) string {
	if j < len(names) {
		return names[j]
	}
	return fmt.Sprintf("covariate %d", j+1)
}

// compareRows orders rows by stratum and falling stop, then by all else, so that only equal
// rows are interchangeable and sums have one order.
func compareRows(a, b *Row) int {
	if c := cmp.Compare(a.Stratum, b.Stratum); c != 0 {
		return c
	}
	if c := cmp.Compare(b.Stop, a.Stop); c != 0 {
		return c
	}
	return cmp.Or(cmp.Compare(b.Start, a.Start), compareBools(a.Event, b.Event), slices.Compare(a.X, b.X), cmp.Compare(a.Weight, b.Weight), cmp.Compare(a.Cluster, b.Cluster))
}

func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

// standardise centres covariates at their weighted means and divides them by their standard
// deviations; a covariate that never changes is an error.
func standardise(x [][]float64, weights []float64, names []string) (z [][]float64, mean, scale []float64, err error) {
	p := len(x[0])
	mean, scale = make([]float64, p), make([]float64, p)
	var total float64
	for i, row := range x {
		total += weights[i]
		for j, v := range row {
			mean[j] += weights[i] * (v - x[0][j])
		}
	}
	for j := range mean {
		mean[j] = x[0][j] + mean[j]/total
	}
	for i, row := range x {
		for j, v := range row {
			scale[j] += weights[i] * (v - mean[j]) * (v - mean[j]) / total
		}
	}
	for j := range scale {
		scale[j] = math.Sqrt(scale[j])
		if !(scale[j] > 1e-12*math.Abs(mean[j])) {
			return nil, nil, nil, fmt.Errorf("%w: %s is the same in all rows", ErrNotEstimable, covariate(names, j))
		}
	}
	for _, row := range x {
		to := make([]float64, p)
		for j, v := range row {
			to[j] = (v - mean[j]) / scale[j]
		}
		z = append(z, to)
	}
	return z, mean, scale, nil
}

// separated says why the coefficient of a covariate runs to infinity.
func separated(names []string, j int, x func(i int) (value float64, event bool), n int) error {
	low, high := math.Inf(1), math.Inf(-1)
	for i := range n {
		if v, event := x(i); event {
			low, high = min(low, v), max(high, v)
		}
	}
	if low == high {
		return fmt.Errorf("%w: no event among the rows where %s is not %v", ErrNotEstimable, covariate(names, j), low)
	}
	return fmt.Errorf("%w: the coefficient of %s has no finite estimate, for it tells by itself, or with others, who has the event", ErrNotEstimable, covariate(names, j))
}

// clusters sums the rows u over clusters, in the order of the clusters' numbers; nil where
// there is one cluster only.
func clusters(u [][]float64, cluster func(i int) int) [][]float64 {
	order := make([]int, len(u))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(cluster(a), cluster(b)) })
	var sums [][]float64
	for k, i := range order {
		if k == 0 || cluster(i) != cluster(order[k-1]) {
			sums = append(sums, make([]float64, len(u[i])))
		}
		last := sums[len(sums)-1]
		for j, v := range u[i] {
			last[j] += v
		}
	}
	if len(sums) < 2 {
		return nil
	}
	return sums
}
