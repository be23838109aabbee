package capture

import (
	"math"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

// nation is what 1,741 municipalities see of their visitors under three definitions, which
// keep all, six in ten and three in twenty of them: persons log-normal with a median of
// 2,000, their visits one more than a gamma mixture, of which each is seen at 0.35.
func nation() []Frequencies {
	random := rand.New(rand.NewPCG(1741, 26))
	var all []Frequencies
	for range 1741 {
		persons := math.Exp(math.Log(2000) + 1.2*random.NormFloat64())
		size, mean := 0.3+random.Float64(), 0.7+1.5*random.Float64()
		g := negativeBinomial(size, mean, 60)
		for _, kept := range []float64{1, 0.6, 0.15} {
			all = append(all, thinnedYear(random, g, max(20, int(persons*kept)), 0.35))
		}
	}
	return all
}

// thinnedYear draws persons by a distribution of visits and lets each visit be seen with
// probability p.
func thinnedYear(random *rand.Rand, g []float64, persons int, p float64) Frequencies {
	f := make(Frequencies, len(g))
	for range persons {
		v, u := 1, random.Float64()
		for u -= g[0]; u > 0 && v < len(g); v++ {
			u -= g[v]
		}
		seen := 0
		for range v {
			if random.Float64() < p {
				seen++
			}
		}
		if seen > 0 {
			f[seen-1]++
		}
	}
	return f
}

// BenchmarkRegions is every municipality of Japan under three definitions, with intervals
// that carry the error of the detection. The target is a minute on two cores.
func BenchmarkRegions(b *testing.B) {
	regions := nation()
	var none atomic.Int64
	for b.Loop() {
		none.Store(0)
		var next atomic.Int64
		var workers sync.WaitGroup
		for range runtime.GOMAXPROCS(0) {
			workers.Go(func() {
				for i := next.Add(1) - 1; i < int64(len(regions)); i = next.Add(1) - 1 {
					fits, err := FitThinned(regions[i], Detection{Visit: Rate{0.35, 0.035}}, 60)
					if err != nil {
						none.Add(1)
						continue
					}
					n, err := fits.AtLeast(2)
					if low, high := n.Interval(0.95); err != nil || !(low <= n.N && n.N <= high) {
						b.Errorf("%v: %v–%v around %v: %v", regions[i], low, high, n.N, err)
					}
				}
			})
		}
		workers.Wait()
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/nation")
	b.ReportMetric(float64(none.Load()), "refused")
}
