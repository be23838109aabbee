package hazard

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"sort"

	"gonum.org/v1/gonum/mat"
)

// step is what one time with events adds to the baseline of a stratum.
type step struct {
	time     float64
	hazard   float64   // Σ w̄/S, of r about the stratum's shift
	variance float64   // Σ w̄/S²
	mean     []float64 // Σ z̄ w̄/S
}

// baseline are the steps of a stratum by rising time.
type baseline struct {
	shift float64
	steps []step
}

// baselines are those of the strata in order; tied gives each row with the event the
// shift, what it is at risk of less than the others of its time, Σ (k/d) w̄/S and
// Σ (k/d) z̄ w̄/S, and Σ z̄/d.
func (c *Cox) baselines(tied func(i int, shift, less float64, lessMean, mean []float64)) []baseline {
	p := len(c.beta)
	out := make([]baseline, len(c.data.strata))
	k := 0
	c.data.sweep(c.beta, false, func(s *riskSet) {
		for s.from >= c.data.strata[k][1] {
			k++
		}
		t := step{time: s.time, mean: make([]float64, p)}
		less, lessMean, mean := 0.0, make([]float64, p), make([]float64, p)
		s.parts(c.options.Ties, func(left, weight float64) {
			sum := s.part(left, false)
			t.hazard += weight / sum
			t.variance += weight / (sum * sum)
			less += left * weight / sum
			for a, m := range s.mean {
				t.mean[a] += m * weight / sum
				lessMean[a] += left * m * weight / sum
				mean[a] += m * weight / s.weight
			}
		})
		out[k].shift = s.shift
		out[k].steps = append(out[k].steps, t)
		if tied != nil {
			for i := s.from; i < s.to; i++ {
				if c.data.rows[i].Event {
					tied(i, s.shift, less, lessMean, mean)
				}
			}
		}
	})
	for _, b := range out {
		slices.Reverse(b.steps)
	}
	return out
}

// Influence is by how much each row moves the coefficients, in the order in which rows were
// given: w U'V, U the row's score, so that their sum is 0 and any variance between sampling
// units, strata and all, is that of their totals ([Cox.Robust] is the one without strata).
func (c *Cox) Influence() [][]float64 {
	out := make([][]float64, len(c.data.rows))
	for k, u := range c.influence() {
		out[c.data.original[k]] = u
	}
	return out
}

// influence is Influence in the data's own order.
func (c *Cox) influence() [][]float64 {
	p := len(c.beta)
	scores := make([][]float64, len(c.data.rows))
	for i := range scores {
		scores[i] = make([]float64, p)
	}
	strata := c.baselines(func(i int, shift, less float64, lessMean, mean []float64) {
		r := math.Exp(dot(c.data.z[i], c.beta) - shift)
		for a, u := range c.data.z[i] {
			scores[i][a] += u - mean[a] + r*(u*less-lessMean[a])
		}
	})
	for k, b := range strata {
		until := b.cumulated(p)
		for i := c.data.strata[k][0]; i < c.data.strata[k][1]; i++ {
			from, to := until[b.after(c.data.rows[i].Start)], until[b.after(c.data.rows[i].Stop)]
			r := math.Exp(dot(c.data.z[i], c.beta) - b.shift)
			for a, u := range c.data.z[i] {
				scores[i][a] -= r * (u*(to.hazard-from.hazard) - (to.mean[a] - from.mean[a]))
			}
		}
	}
	for i, u := range scores {
		moved := mat.NewVecDense(p, nil)
		moved.MulVec(c.Covariance, mat.NewVecDense(p, c.weighed(i, u)))
		scores[i] = moved.RawVector().Data
	}
	return scores
}

// weighed is a score by the covariates as they were given, times the row's weight.
func (c *Cox) weighed(i int, u []float64) []float64 {
	out := make([]float64, len(u))
	for a := range u {
		out[a] = c.data.weights[i] * u[a] * c.data.scale[a]
	}
	return out
}

// after is the number of steps until a time, that time included.
func (b baseline) after(t float64) int {
	return sort.Search(len(b.steps), func(k int) bool { return b.steps[k].time > t })
}

// cumulated are the sums of the first 0, 1, 2, … steps.
func (b baseline) cumulated(p int) []step {
	out := []step{{mean: make([]float64, p)}}
	for k, s := range b.steps {
		next := step{s.time, out[k].hazard + s.hazard, out[k].variance + s.variance, slices.Clone(out[k].mean)}
		for a := range s.mean {
			next.mean[a] += s.mean[a]
		}
		out = append(out, next)
	}
	return out
}

// Survival is the probability of no event until a time, for a person whose covariates never
// change, with its log-log interval.
type Survival struct {
	Time float64
	Estimate
	Low, High float64
}

// Survival predicts S(t | x) = exp(−H(t) e^{x'β}) in a stratum, H with the ties of the fit:
//
//	H(t) = Σ w̄/Σ w r;  v(ln S) = e^{2x'β} {Σ w̄/(Σ w r)² + q'Vq},  q = Σ (x − x̄) w̄/Σ w r
//
// (Tsiatis 1981, Ann. Statist. 9:93; Therneau & Grambsch 2000, §10.2), V of the model. Where
// everybody's last time is before t the answer is not known, which is an error, as is a
// stratum without rows. Before the first event S is 1.
func (c *Cox) Survival(x []float64, stratum int, times []float64, level float64) ([]Survival, error) {
	z, err := deviate(level)
	if err != nil {
		return nil, err
	}
	if len(x) != len(c.beta) || slices.ContainsFunc(x, notFinite) {
		return nil, fmt.Errorf("predicted survival: covariates %v: want %d numbers", x, len(c.beta))
	}
	k := slices.IndexFunc(c.data.strata, func(s [2]int) bool { return c.data.rows[s[0]].Stratum == stratum })
	if k < 0 {
		return nil, fmt.Errorf("predicted survival: no row of stratum %d", stratum)
	}
	at := make([]float64, len(x))
	for a := range x {
		at[a] = (x[a] - c.data.mean[a]) / c.data.scale[a]
	}
	b := c.baselines(nil)[k]
	until, r := b.cumulated(len(x)), math.Exp(dot(at, c.beta)-b.shift)
	var out []Survival
	for _, t := range times {
		if last := c.data.rows[c.data.strata[k][0]].Stop; !(t >= 0 && t <= last) {
			return nil, fmt.Errorf("predicted survival: %w at time %v: stratum %d was followed to %v", ErrNotEstimable, t, stratum, last)
		}
		to := until[b.after(t)]
		q := make([]float64, len(x))
		for a := range q {
			q[a] = at[a]*to.hazard - to.mean[a]
		}
		step, ok := newton(c.information, q, 0)
		if !ok {
			return nil, errDependent
		}
		s := math.Exp(-r * to.hazard)
		e := Estimate{s, s * r * math.Sqrt(to.variance+dot(q, step))}
		low, high := e.survival(z)
		out = append(out, Survival{t, e, low, high})
	}
	return out, nil
}

// Proportionality tests that a hazard ratio does not change with time.
type Proportionality struct {
	// Covariates are the tests of each, Global that of all.
	Covariates []Test
	Global     Test
}

// Proportional adds β_j(t) = β_j + θ_j {g(t) − ḡ} and tests θ = 0 by its score, one covariate
// at a time and all together (Grambsch & Therneau 1994, Biometrika 81:515, as the score test
// of R's survival from 3.0). g(t) is 1 − the Kaplan–Meier estimate just before t, of all
// strata together and without weights, and ḡ its mean over events.
func (c *Cox) Proportional() (Proportionality, error) {
	score, information := c.trend()
	var out Proportionality
	var all []int
	for j := range c.beta {
		all = append(all, j)
		t, err := c.trendTest(score, information, j)
		if err != nil {
			return out, err
		}
		out.Covariates = append(out.Covariates, t)
	}
	var err error
	out.Global, err = c.trendTest(score, information, all...)
	return out, err
}

// trend is the score of θ at 0, and the information of (β, θ).
func (c *Cox) trend() (score []float64, information *mat.SymDense) {
	p, g := len(c.beta), c.eventTime()
	score, information = make([]float64, p), mat.NewSymDense(2*p, nil)
	c.data.sweep(c.beta, true, func(s *riskSet) {
		at := g(s.time)
		for i := s.from; i < s.to; i++ {
			if c.data.rows[i].Event {
				for a, x := range c.data.z[i] {
					score[a] += at * c.data.weights[i] * x
				}
			}
		}
		s.parts(c.options.Ties, func(left, weight float64) {
			s.part(left, true)
			k := 0
			for a := range p {
				score[a] -= at * weight * s.mean[a]
				for b := a; b < p; b++ {
					v := weight * s.covariance[k]
					k++
					information.SetSym(a, b, information.At(a, b)+v)
					information.SetSym(p+a, p+b, information.At(p+a, p+b)+at*at*v)
					information.SetSym(a, p+b, information.At(a, p+b)+at*v)
					if a != b {
						information.SetSym(b, p+a, information.At(b, p+a)+at*v)
					}
				}
			}
		})
	})
	return score, information
}

// trendTest is the score test of some θ, the others being 0.
func (c *Cox) trendTest(score []float64, information *mat.SymDense, of ...int) (Test, error) {
	p := len(c.beta)
	keep, u := make([]int, p), make([]float64, p) // the score of β is 0
	for a := range keep {
		keep[a] = a
	}
	for _, a := range of {
		keep, u = append(keep, p+a), append(u, score[a])
	}
	part := mat.NewSymDense(len(keep), nil)
	for a := range keep {
		for b := a; b < len(keep); b++ {
			part.SetSym(a, b, information.At(keep[a], keep[b]))
		}
	}
	if !invertible(part) {
		return Test{}, fmt.Errorf("proportional hazards: %w: events are at too few times to tell a trend", ErrNotEstimable)
	}
	step, _ := newton(part, u, 0)
	return chiSquared(dot(step, u), float64(len(of))), nil
}

// eventTime is g(t) − ḡ of Proportional.
func (c *Cox) eventTime() func(t float64) float64 {
	starts, stops, events := []float64{}, []float64{}, []float64{}
	for _, r := range c.data.rows {
		starts, stops = append(starts, r.Start), append(stops, r.Stop)
		if r.Event {
			events = append(events, r.Stop)
		}
	}
	slices.Sort(starts)
	slices.Sort(stops)
	slices.Sort(events)
	times := slices.Compact(slices.Clone(events))
	before := make([]float64, len(times)) // 1 − KM just before
	km, mean := 1.0, 0.0
	for k, t := range times {
		before[k] = 1 - km
		first, _ := slices.BinarySearch(events, t)
		next := sort.Search(len(events), func(i int) bool { return events[i] > t })
		entered, _ := slices.BinarySearch(starts, t)
		gone, _ := slices.BinarySearch(stops, t)
		d := float64(next - first)
		km *= 1 - d/float64(entered-gone)
		mean += before[k] * d / float64(len(events))
	}
	return func(t float64) float64 {
		k, _ := slices.BinarySearch(times, t)
		return before[k] - mean
	}
}

// Concordance is the share of pairs of which the one with the higher x'β has the event
// earlier, ties of x'β counting half (Harrell et al. 1982): of pairs in one stratum in which
// the other is at risk at the event and has none at that time. The error is the infinitesimal
// jackknife's, of clusters where there are several and of rows otherwise; weights count both
// persons of a pair. It is [ErrNotEstimable] where there is no such pair.
func (c *Cox) Concordance() (Estimate, error) {
	rows := c.data.rows
	scores := make([]float64, len(rows))
	for i, r := range rows {
		scores[i] = dot(r.X, c.Coefficients)
	}
	ranks := slices.Clone(scores)
	slices.Sort(ranks)
	ranks = slices.Compact(ranks)
	rank := make([]int, len(rows))
	for i, s := range scores {
		rank[i], _ = slices.BinarySearch(ranks, s)
	}
	// Of each row: the weight of pairs in which it is, and of concordant less discordant ones.
	pairs, surplus := make([]float64, len(rows)), make([]float64, len(rows))
	for _, s := range c.data.strata {
		c.data.asEvent(s, rank, len(ranks), pairs, surplus)
		c.data.asOther(s, rank, len(ranks), pairs, surplus)
	}
	var all, net float64
	for i, w := range c.data.weights {
		all += w * pairs[i] / 2
		net += w * surplus[i] / 2
	}
	if all <= 0 {
		return Estimate{}, fmt.Errorf("concordance: %w: nobody is at risk at another's event", ErrNotEstimable)
	}
	somers := net / all
	moves := make([][]float64, len(rows))
	for i, w := range c.data.weights {
		moves[i] = []float64{w * (surplus[i] - somers*pairs[i]) / all / 2}
	}
	if sums := clusters(moves, func(i int) int { return rows[i].Cluster }); sums != nil {
		moves = sums
	}
	return Estimate{(somers + 1) / 2, math.Sqrt(outer(moves, 1).At(0, 0))}, nil
}

// asEvent adds to each event of a stratum the pairs in which it is the earlier one.
func (d *coxData) asEvent(s [2]int, rank []int, ranks int, pairs, surplus []float64) {
	atRisk := newSums(ranks)
	left := s[0]
	for from, to := s[0], s[0]; from < s[1]; from = to {
		t := d.rows[from].Stop
		for ; to < s[1] && d.rows[to].Stop == t; to++ {
			if !d.rows[to].Event {
				atRisk.add(rank[to], d.weights[to])
			}
		}
		for ; left < s[1] && d.rows[d.byStart[left]].Start >= t; left++ {
			atRisk.add(rank[d.byStart[left]], -d.weights[d.byStart[left]])
		}
		for i := from; i < to; i++ {
			if d.rows[i].Event {
				below, upTo, all := atRisk.below(rank[i]), atRisk.below(rank[i]+1), atRisk.below(ranks)
				pairs[i] += all
				surplus[i] += below - (all - upTo)
			}
		}
		for i := from; i < to; i++ {
			if d.rows[i].Event {
				atRisk.add(rank[i], d.weights[i])
			}
		}
	}
}

// asOther adds to each row the pairs in which another has the event while it is at risk:
// events after its start and before its stop, or at its stop where it is censored then.
func (d *coxData) asOther(s [2]int, rank []int, ranks int, pairs, surplus []float64) {
	type moment struct {
		time float64
		kind int // 0: stop with an event; 1: an event enters; 2: stop without, or start
		row  int
		sign float64
	}
	var moments []moment
	for i := s[0]; i < s[1]; i++ {
		r := d.rows[i]
		stop := moment{r.Stop, 2, i, 1}
		if r.Event {
			stop.kind = 0
			moments = append(moments, moment{r.Stop, 1, i, 0})
		}
		moments = append(moments, stop, moment{r.Start, 2, i, -1})
	}
	slices.SortFunc(moments, func(a, b moment) int {
		return cmp.Or(cmp.Compare(a.time, b.time), a.kind-b.kind, a.row-b.row, cmp.Compare(a.sign, b.sign))
	})
	events := newSums(ranks)
	for _, m := range moments {
		if m.kind == 1 {
			events.add(rank[m.row], d.weights[m.row])
			continue
		}
		below, upTo, all := events.below(rank[m.row]), events.below(rank[m.row]+1), events.below(ranks)
		pairs[m.row] += m.sign * all
		surplus[m.row] += m.sign * ((all - upTo) - below)
	}
}

// sums are sums by rank of which any first ones are known at once (Fenwick 1994).
type sums []exact

func newSums(ranks int) sums { return make(sums, ranks+1) }

func (s sums) add(rank int, x float64) {
	for k := rank + 1; k < len(s); k += k & -k {
		s[k].add(x)
	}
}

// below is the sum of the ranks below one.
func (s sums) below(rank int) float64 {
	var sum exact
	for k := rank; k > 0; k -= k & -k {
		sum.add(s[k].hi)
		sum.add(s[k].lo)
	}
	return sum.value()
}

// HazardRatio is e^β of a covariate with its interval, by Robust where there are clusters.
func (c *Cox) HazardRatio(covariate int, level float64) (ratio, low, high float64, err error) {
	if covariate < 0 || covariate >= len(c.Coefficients) {
		return 0, 0, 0, errors.New("hazard ratio: no such covariate")
	}
	e := Estimate{c.Coefficients[covariate], c.StdErrs[covariate]}
	if c.Robust != nil {
		e.StdErr = c.RobustStdErrs[covariate]
	}
	return e.Exp(level)
}
