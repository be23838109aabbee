package contrast

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// Summary is how the cells of a [Stagger] are put together.
type Summary int

const (
	// Simple is the mean over all cells from the programme on, by regions.
	Simple Summary = iota
	// ByExposure is by periods since the programme began (an event study); overall the
	// mean over exposures of 0 and more, each alike.
	ByExposure
	// ByGroup is by the period in which regions began, the mean over periods; overall the
	// mean over groups, by regions.
	ByGroup
	// ByPeriod is by period; overall the mean over periods, each alike.
	ByPeriod
)

// Aggregate is a summary of the cells.
type Aggregate struct {
	Overall Estimate
	// Points are by exposure, group or period, none of [Simple].
	Points []Point

	influence [][]float64 // of the points
}

// Point is the estimate at an exposure, group or period.
type Point struct {
	At int
	Estimate
}

// Aggregate puts the cells together, weighting by the shares of the groups among regions,
// whose sampling error is among those of the estimates. Callaway & Sant'Anna (2021), §3.
// It is an error where no cell is from the programme on.
func (s *Stagger) Aggregate(by Summary) (*Aggregate, error) {
	var after []int
	for k, c := range s.Cells {
		if c.Period >= c.Group {
			after = append(after, k)
		}
	}
	if len(after) == 0 {
		return nil, fmt.Errorf("no cell is from the programme on: nothing to sum up")
	}
	a := &Aggregate{}
	switch by {
	case Simple:
		a.Overall, _ = s.byRegions(after)
	case ByExposure:
		a.points(s, func(c Cell) (int, bool) { return c.Period - c.Group, true }, s.byRegions)
		a.Overall, _ = a.mean(func(p Point) bool { return p.At >= 0 })
	case ByPeriod:
		a.points(s, func(c Cell) (int, bool) { return c.Period, c.Period >= c.Group }, s.byRegions)
		a.Overall, _ = a.mean(func(Point) bool { return true })
	case ByGroup:
		a.points(s, func(c Cell) (int, bool) { return c.Group, c.Period >= c.Group }, func(cells []int) (Estimate, []float64) {
			return alike(cells, func(k int) float64 { return s.Cells[k].Value }, s.influence)
		})
		a.Overall, _ = s.weighted(a.groups(), func(i int) float64 { return a.Points[i].Value }, a.influence)
	default:
		return nil, fmt.Errorf("no summary is called %d", by)
	}
	return a, nil
}

// points makes one point of all cells with the same key.
func (a *Aggregate) points(s *Stagger, key func(Cell) (int, bool), estimate func(cells []int) (Estimate, []float64)) {
	cells := map[int][]int{}
	var keys []int
	for k, c := range s.Cells {
		at, in := key(c)
		if !in {
			continue
		}
		if cells[at] == nil {
			keys = append(keys, at)
		}
		cells[at] = append(cells[at], k)
	}
	slices.Sort(keys)
	for _, at := range keys {
		e, psi := estimate(cells[at])
		a.Points, a.influence = append(a.Points, Point{at, e}), append(a.influence, psi)
	}
}

func (a *Aggregate) groups() (groups []int) {
	for _, p := range a.Points {
		groups = append(groups, p.At)
	}
	return groups
}

func (a *Aggregate) mean(in func(Point) bool) (Estimate, []float64) {
	var which []int
	for i, p := range a.Points {
		if in(p) {
			which = append(which, i)
		}
	}
	return alike(which, func(i int) float64 { return a.Points[i].Value }, a.influence)
}

// alike is the plain mean of some estimates.
func alike(which []int, value func(i int) float64, influence [][]float64) (e Estimate, psi []float64) {
	psi = make([]float64, len(influence[which[0]]))
	for _, i := range which {
		e.Value += value(i) / float64(len(which))
		addTo(psi, 1/float64(len(which)), influence[i])
	}
	e.StdErr = rootMean(psi)
	return e, psi
}

// byRegions is the mean of cells weighted by the sizes of their groups.
func (s *Stagger) byRegions(cells []int) (Estimate, []float64) {
	groups, influence := make([]int, len(cells)), make([][]float64, len(cells))
	for i, k := range cells {
		groups[i], influence[i] = s.Cells[k].Group, s.influence[k]
	}
	return s.weighted(groups, func(i int) float64 { return s.Cells[cells[i]].Value }, influence)
}

// weighted is Σ p_k τ_k/Σ p_k, p_k the share of regions in the group of k, with the
// influence of the p: {Σ_k (1{G = g_k} − p_k)(τ_k − τ̂)}/Σ p.
func (s *Stagger) weighted(groups []int, value func(k int) float64, influence [][]float64) (e Estimate, psi []float64) {
	shares := make([]float64, len(groups))
	var sum float64
	for k, g := range groups {
		at, _ := slices.BinarySearch(s.names, g)
		shares[k] = s.size[at]
		sum += shares[k]
	}
	for k, p := range shares {
		e.Value += p / sum * value(k)
	}
	psi = make([]float64, len(s.groups))
	for k, p := range shares {
		addTo(psi, p/sum, influence[k])
		for i, g := range s.groups {
			in := -p
			if g == groups[k] {
				in++
			}
			psi[i] += in * (value(k) - e.Value) / sum
		}
	}
	e.StdErr = rootMean(psi)
	return e, psi
}

// Band is the points' intervals that hold all at once.
type Band struct {
	// Quantile is what the standard errors are multiplied by, at least the normal
	// quantile of one interval.
	Quantile float64
	// Low and High are by point.
	Low, High []float64
}

// Band draws the influence of the regions with random signs and sizes (Mammen's two
// points: mean 0, variance and third moment 1), and takes the quantile of the greatest
// |mean|/standard error over the points. Callaway & Sant'Anna (2021), algorithm 1; Mammen
// (1993, Ann. Statist. 21:255). The seed decides the draws. It is an error where there are
// no points, as of [Simple], or fewer than 100 draws.
func (a *Aggregate) Band(level float64, draws int, seed uint64) (Band, error) {
	if err := checkLevel(level); err != nil {
		return Band{}, err
	}
	if len(a.Points) == 0 || draws < 100 {
		return Band{}, fmt.Errorf("a band of %d points by %d draws: wanted are points, and at least 100 draws", len(a.Points), draws)
	}
	random := rand.New(rand.NewPCG(seed, 0x62616e64))
	n := len(a.influence[0])
	multipliers, greatest := make([]float64, n), make([]float64, draws)
	for d := range greatest {
		for i := range multipliers {
			multipliers[i] = mammen(random)
		}
		for k, p := range a.Points {
			if p.StdErr > 0 {
				greatest[d] = max(greatest[d], math.Abs(dot(multipliers, a.influence[k]))/(float64(n)*p.StdErr))
			}
		}
	}
	slices.Sort(greatest)
	b := Band{Quantile: max(greatest[int(math.Ceil(level*float64(draws)))-1], Estimate{}.quantile((1+level)/2))}
	for _, p := range a.Points {
		b.Low, b.High = append(b.Low, p.Value-b.Quantile*p.StdErr), append(b.High, p.Value+b.Quantile*p.StdErr)
	}
	return b, nil
}

func mammen(random *rand.Rand) float64 {
	root := math.Sqrt(5)
	if random.Float64() < (root+1)/(2*root) {
		return (1 - root) / 2
	}
	return (1 + root) / 2
}
