package capture

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// Bootstrap is the interval of the number of persons with at least k visits from a
// parametric bootstrap, which carries the shape, who was seen, the detection and linkage with
// their errors, and the choice of the family:
//
//  1. the parts of the detection are drawn about their estimates (normal, held within their range);
//  2. as many persons as estimated, of the averaged distribution of visits, are seen under them;
//  3. all families are fitted to that under the estimates themselves, and averaged.
//
// The interval is N̂ over the quantiles of N̂*/N̂ (Davison & Hinkley 1997, §5.2, on the log
// scale), and holds no fewer than were seen so often. Replicates that cannot be fitted do not
// count; it is an error where they are more than a tenth. It checks [Threshold.Interval], which
// takes a hundredth of the time; classes asked are not drawn anew.
func (f Fits) Bootstrap(k int, level float64, random *rand.Rand, replicates int) (low, high float64, err error) {
	n, err := f.AtLeast(k)
	if err != nil {
		return 0, 0, err
	}
	p, g := f.problem, f.averaged()
	persons := int(math.Round(p.persons(g)))
	var ratios []float64
	for range replicates {
		d := p.detection
		d.Visit.P = drawn(random, d.Visit)
		d.Loyalty.P, d.Missed.P, d.Welded.P = drawn(random, d.Loyalty), drawn(random, d.Missed), drawn(random, d.Welded)
		if d.House > 0 {
			d.House = max(d.House, d.Visit.P)
		}
		d.Ratios = slices.Clone(d.Ratios)
		for i := range d.Ratios {
			d.Ratios[i].P = max(d.Ratios[i].P/10, d.Ratios[i].P+d.Ratios[i].StdErr*random.NormFloat64())
		}
		fits, err := FitThinned(d.see(random, g, persons), p.detection, p.most, p.asked...)
		if err != nil {
			continue
		}
		if again, err := fits.AtLeast(k); err == nil {
			ratios = append(ratios, again.N/n.N)
		}
	}
	if len(ratios)*10 < replicates*9 || len(ratios) == 0 {
		return 0, 0, fmt.Errorf("bootstrap of thinned visits: %d of %d replicates can be fitted: too few was seen to tell an interval", len(ratios), replicates)
	}
	slices.Sort(ratios)
	quantile := func(q float64) float64 { return ratios[min(len(ratios)-1, int(q*float64(len(ratios))))] }
	return max(n.N/quantile((1+level)/2), n.Naive), n.N / quantile((1-level)/2), nil
}

// drawn is a probability drawn about its estimate.
func drawn(random *rand.Rand, r Rate) float64 {
	if r.StdErr == 0 {
		return r.P
	}
	return max(r.P/10, min(1-(1-r.P)/10, r.P+r.StdErr*random.NormFloat64()))
}

// see draws the pseudonyms that persons of a distribution of visits leave behind.
func (d Detection) see(random *rand.Rand, g []float64, persons int) Frequencies {
	f := make(Frequencies, len(g))
	add := func(j int) {
		for len(f) < j {
			f = append(f, 0)
		}
		if j > 0 {
			f[j-1]++
		}
	}
	welded := 0
	for range persons {
		v, u := 1, random.Float64()
		for u -= g[0]; u > 0 && v < len(g); v++ {
			u -= g[v]
		}
		p := d.visit(v)
		if random.Float64() < d.Loyalty.P {
			house, visit := d.loyal(v)
			if p = visit; random.Float64() >= house {
				p = 0
			}
		}
		seen := 0
		for range v {
			if random.Float64() < p {
				if random.Float64() < d.Missed.P {
					add(1)
				} else {
					seen++
				}
			}
		}
		if seen > 0 && random.Float64() < d.Welded.P/(1+d.Welded.P) { // joined to the next who is seen
			welded += seen
			continue
		}
		if seen > 0 {
			add(seen + welded)
			welded = 0
		}
	}
	add(welded)
	return f
}
