package survival

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Test is a test of groups for being alike.
type Test struct {
	// ChiSquare has DF degrees of freedom, and P is its upper tail.
	ChiSquare float64
	DF        int
	P         float64
	// Observed and Expected are the weighted events of each group, and those there would
	// be if all groups were alike.
	Observed, Expected []float64
	// Status is NotEstimable where there is nothing to compare: no event, or one group.
	Status Status
}

// tie is a time at which events happen: the numbers at risk and of events by group.
type tie struct {
	risk   []float64
	events [][]float64 // by cause, from 0, and group
}

func (t tie) riskAll() float64 { return sum(t.risk) }

func sum(values []float64) float64 {
	s := 0.0
	for _, v := range values {
		s += v
	}
	return s
}

// ties are the times with events of spells whose strata are the groups.
func ties(spells []Spell, groups, causes int) ([]tie, error) {
	o, err := Options{Strata: groups, Causes: causes}.checked()
	if err != nil {
		return nil, err
	}
	of, err := partition(spells, o)
	if err != nil {
		return nil, err
	}
	var times []int32
	entries := make([][]int32, groups)
	for g, group := range of {
		for _, s := range group {
			entries[g] = append(entries[g], s.Entry)
			if s.Cause > 0 {
				times = append(times, s.Exit)
			}
		}
		slices.Sort(entries[g])
	}
	slices.Sort(times)
	times = slices.Compact(times)
	rows := make([]tie, len(times))
	for i := range rows {
		rows[i].risk = make([]float64, groups)
		for range causes {
			rows[i].events = append(rows[i].events, make([]float64, groups))
		}
	}
	for g, group := range of {
		fillGroup(rows, times, group, entries[g], g)
	}
	return rows, nil
}

// fillGroup fills in who of a group is at risk and has an event at each time.
func fillGroup(rows []tie, times []int32, group []Spell, entries []int32, g int) {
	in, out := 0, 0
	for i, t := range times {
		for in < len(group) && entries[in] < t {
			in++
		}
		for out < len(group) && group[out].Exit < t {
			out++
		}
		rows[i].risk[g] = float64(in - out)
		for j := out; j < len(group) && group[j].Exit == t; j++ {
			if k := group[j].Cause - 1; k >= 0 {
				rows[i].events[k][g]++
			}
		}
	}
}

// LogRank tests whether the strata of spells, 0 to groups − 1, have the same hazard of an
// event, of whatever cause. With r_g of r at risk and d events at a time,
//
//	z_g  = Σ w (d_g − d r_g/r),   w = S(t−)^rho
//	v_gh = Σ w² d (r_g/r)(δ_gh − r_h/r)(r − d)/(r − 1)
//
// and z'v⁻z is chi-squared (Mantel 1966; Harrington & Fleming 1982). rho 0 is the log-rank
// test; rho 1, with Kaplan–Meier's S of all, is that of Peto & Peto, which looks at early
// times. R's survdiff has the same.
func LogRank(spells []Spell, groups int, rho float64) (Test, error) {
	all := slices.Clone(spells)
	for i := range all {
		all[i].Cause = min(all[i].Cause, 1)
	}
	rows, err := ties(all, groups, 1)
	if err != nil {
		return Test{}, err
	}
	t := Test{Observed: make([]float64, groups), Expected: make([]float64, groups)}
	v := mat.NewSymDense(groups, nil)
	survival := 1.0
	for _, row := range rows {
		r, d := row.riskAll(), sum(row.events[0])
		w := math.Pow(survival, rho)
		survival *= (r - d) / r
		for g, rg := range row.risk {
			t.Observed[g] += w * row.events[0][g]
			t.Expected[g] += w * d * rg / r
		}
		if r == 1 {
			continue
		}
		c := w * w * d * (r - d) / (r - 1)
		for g, rg := range row.risk {
			for h := g; h < groups; h++ {
				p := -row.risk[h] / r
				if h == g {
					p++
				}
				v.SetSym(g, h, v.At(g, h)+c*rg/r*p)
			}
		}
	}
	return t.finish(v), nil
}

// finish compares what was observed with what was expected. Groups that were never at
// risk of an event are left out, and the last of the others, which the sum tells.
func (t Test) finish(v *mat.SymDense) Test {
	var kept []int
	for g, e := range t.Expected {
		if e > 0 && v.At(g, g) > 0 {
			kept = append(kept, g)
		}
	}
	if len(kept) < 2 {
		t.Status, t.P = NotEstimable, 1
		return t
	}
	kept = kept[:len(kept)-1]
	t.DF = len(kept)
	z, sub := mat.NewVecDense(t.DF, nil), mat.NewSymDense(t.DF, nil)
	for i, g := range kept {
		z.SetVec(i, t.Observed[g]-t.Expected[g])
		for j, h := range kept[i:] {
			sub.SetSym(i, i+j, v.At(g, h))
		}
	}
	var inverse mat.Cholesky
	var solved mat.VecDense
	if !inverse.Factorize(sub) || inverse.SolveVecTo(&solved, z) != nil {
		t.Status, t.P, t.DF = NotEstimable, 1, 0
		return t
	}
	t.ChiSquare = mat.Dot(z, &solved)
	t.P = distuv.ChiSquared{K: float64(t.DF)}.Survival(t.ChiSquare)
	return t
}

// grayTime is what the variance of Gray's test needs of a time and a group.
type grayTime struct {
	a, c         [][]float64 // a_ij and its integral c_ij until the time
	ofCause      []float64   // variance that events of the cause bring, by group
	ofOther      []float64   // that the others bring
	left, others []float64   // 1 − (1 − F)/S_j and (1 − F)/S_j
}

// Gray tests whether the strata of spells, 0 to groups − 1, have the same cumulative
// incidence of a cause, from 1 to causes. It is the log-rank test with the risk set of the
// subdistribution, R_g = Y_g {1 − F_g(t−)}/S_g(t−), in place of Y_g:
//
//	z_g = Σ w (d_g − d R_g/ΣR),   w = {1 − F(t−)}^rho
//
// with F of all groups together, Σ_u d/Σ_g(Y_g/S_g(u−)). Its variance is the one of Gray
// (1988, Ann. Stat. 16:1141), with the variance of hypergeometric ties; R's cmprsk has the same.
func Gray(spells []Spell, groups, cause, causes int, rho float64) (Test, error) {
	if cause < 1 || cause > causes {
		return Test{}, fmt.Errorf("survival: test of cause %d: want 1 to %d", cause, causes)
	}
	rows, err := ties(spells, groups, causes)
	if err != nil {
		return Test{}, err
	}
	g := newGrayTest(groups, rho)
	for _, row := range rows {
		other := make([]float64, groups)
		for k, events := range row.events {
			if k != cause-1 {
				for j, d := range events {
					other[j] += d
				}
			}
		}
		g.add(row.risk, row.events[cause-1], other)
	}
	return g.test.finish(g.variance()), nil
}

// grayTest is Gray's test in the making: incidence and survival by group and of all.
type grayTest struct {
	test           Test
	rho            float64
	f              float64
	groupF, groupS []float64
	c              [][]float64
	times          []grayTime
}

func newGrayTest(groups int, rho float64) *grayTest {
	g := &grayTest{rho: rho, groupF: make([]float64, groups), groupS: slices.Repeat([]float64{1}, groups), c: square(groups)}
	g.test.Observed, g.test.Expected = make([]float64, groups), make([]float64, groups)
	return g
}

func square(n int) [][]float64 {
	s := make([][]float64, n)
	for i := range s {
		s[i] = make([]float64, n)
	}
	return s
}

// add takes in a time with events of the cause and of others. A group of which nobody was
// left once is not compared from then on, though others enter it late.
func (g *grayTest) add(risk, cause, other []float64) {
	for j, s := range g.groupS {
		if s == 0 {
			risk[j], cause[j], other[j] = 0, 0, 0
		}
	}
	if sum(risk) == 0 || g.f >= 1 {
		return
	}
	n, d, before := len(risk), sum(cause), 1-g.f
	adjusted, subdistribution := make([]float64, n), make([]float64, n) // Y/S and R
	for j, y := range risk {
		if y > 0 {
			adjusted[j] = y / g.groupS[j]
			subdistribution[j] = adjusted[j] * (1 - g.groupF[j])
		}
	}
	all, r, w := sum(adjusted), sum(subdistribution), math.Pow(before, g.rho)
	if r > 0 {
		for j := range risk {
			g.test.Observed[j] += w * cause[j]
			g.test.Expected[j] += w * d * subdistribution[j] / r
		}
	}
	at := grayTime{a: square(n), c: square(n)}
	for i := range risk {
		for j := range risk {
			at.a[i][j] = -w * adjusted[i] * adjusted[j] / all
			if i == j {
				at.a[i][j] += w * adjusted[i]
			}
			g.c[i][j] += at.a[i][j] * d / (all * before)
			at.c[i][j] = g.c[i][j]
		}
	}
	g.f += d / all
	g.step(&at, risk, cause, other, all)
	g.times = append(g.times, at)
}

// step takes the curves of the groups over a time, and the variances it brings.
func (g *grayTest) step(at *grayTime, risk, cause, other []float64, all float64) {
	n, d := len(risk), sum(cause)
	at.ofCause, at.ofOther, at.left, at.others = make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	for j, y := range risk {
		if y == 0 {
			continue
		}
		s := g.groupS[j]
		after := s * (y - cause[j] - other[j]) / y
		if after > 0 {
			at.others[j] = (1 - g.f) / after
			at.ofOther[j] = hypergeometric(other[j], y) * s * s * other[j] / (y * y)
		}
		at.left[j] = 1 - at.others[j]
		at.ofCause[j] = hypergeometric(d, all*s) * s * d / (all * y)
		g.groupF[j] += s * cause[j] / y
		g.groupS[j] = after
	}
}

// hypergeometric is what d ties of n leave of the variance of d events one by one.
func hypergeometric(d, n float64) float64 {
	if d <= 1 {
		return 1
	}
	return 1 - (d-1)/(n-1)
}

// variance is that of observed less expected events: with c̄ = c(τ) − c(u),
//
//	v_ij = Σ_u Σ_k (a_ik + l_k c̄_ik)(a_jk + l_k c̄_jk) v1_k + m_k² c̄_ik c̄_jk v2_k
//
// where m = (1 − F)/S and l = 1 − m.
func (g *grayTest) variance() *mat.SymDense {
	n := len(g.groupF)
	v := mat.NewSymDense(n, nil)
	for _, at := range g.times {
		for i := range n {
			for j := i; j < n; j++ {
				sum := v.At(i, j)
				for k := range n {
					ci, cj := g.c[i][k]-at.c[i][k], g.c[j][k]-at.c[j][k]
					sum += (at.a[i][k] + at.left[k]*ci) * (at.a[j][k] + at.left[k]*cj) * at.ofCause[k]
					sum += at.others[k] * at.others[k] * ci * cj * at.ofOther[k]
				}
				v.SetSym(i, j, sum)
			}
		}
	}
	return v
}
