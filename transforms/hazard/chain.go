package hazard

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// Chain is a Markov chain from year to year, estimated from counts.
type Chain struct {
	// P is n_rs/n_r of all years together, by rows; NotEstimable[r] tells that nobody began a
	// year in r, whose row is 0.
	P            [][]float64
	N            []float64 // n_r, persons that began a year in r
	NotEstimable []bool
	// Homogeneity tests that P is the same in all years.
	Homogeneity Homogeneity
}

// Homogeneity is the test of Anderson & Goodman (1957, Ann. Math. Statist. 28:89) with
//
//	χ² = Σ_t Σ_rs n_r(t) {p_rs(t) − p_rs}²/p_rs,  G² = 2 Σ_t Σ_rs n_rs(t) ln{p_rs(t)/p_rs}
//
// and Σ_r (a_r − 1)(b_r − 1) degrees of freedom, a_r the years that somebody began in r and b_r
// the states that somebody in r ever went to. Both are 0 with 0 degrees where there is nothing
// to compare.
type Homogeneity struct{ Pearson, LikelihoodRatio Test }

// FitChain is the maximum likelihood estimate from counts[t][r][s] of persons in r at the
// beginning of year t and in s at its end. Persons of whom some never move and others often
// make P^k wrong for k > 1 however well P is known: estimate movers and stayers apart, or
// compare P² with what two years show, before trusting it.
//
// It is an error where counts are ragged, below 0 or no numbers, and [ErrNotEstimable] where
// there is nobody.
func FitChain(counts [][][]float64) (Chain, error) {
	if len(counts) == 0 || len(counts[0]) == 0 {
		return Chain{}, fmt.Errorf("chain: %w: no counts", ErrNotEstimable)
	}
	n := len(counts[0])
	c := Chain{P: squareMatrix(n), N: make([]float64, n), NotEstimable: make([]bool, n)}
	for t, year := range counts {
		for r := range year {
			if len(year) != n || len(year[r]) != n {
				return c, fmt.Errorf("chain: year %d has no %d rows of %d counts", t+1, n, n)
			}
			for s, v := range year[r] {
				if !(v >= 0) || math.IsInf(v, 0) {
					return c, fmt.Errorf("chain: year %d: %v persons from state %d to %d: want 0 or more", t+1, v, r, s)
				}
				c.P[r][s] += v
				c.N[r] += v
			}
		}
	}
	nobody := true
	for r := range n {
		if c.NotEstimable[r] = c.N[r] == 0; c.NotEstimable[r] {
			continue
		}
		nobody = false
		for s := range n {
			c.P[r][s] /= c.N[r]
		}
	}
	if nobody {
		return c, fmt.Errorf("chain: %w: nobody in any state", ErrNotEstimable)
	}
	c.Homogeneity = c.homogeneity(counts)
	return c, nil
}

func (c Chain) homogeneity(counts [][][]float64) Homogeneity {
	var pearson, ratio, df float64
	for r := range c.P {
		years, states := 0, 0
		for _, p := range c.P[r] {
			if p > 0 {
				states++
			}
		}
		for _, year := range counts {
			var n float64
			for _, v := range year[r] {
				n += v
			}
			if n == 0 {
				continue
			}
			years++
			for s, v := range year[r] {
				if p := c.P[r][s]; p > 0 {
					pearson += n * (v/n - p) * (v/n - p) / p
				}
				if v > 0 {
					ratio += 2 * v * math.Log(v/n/c.P[r][s])
				}
			}
		}
		if years > 0 && states > 0 {
			df += float64((years - 1) * (states - 1))
		}
	}
	if df == 0 {
		return Homogeneity{Test{P: 1}, Test{P: 1}}
	}
	return Homogeneity{chiSquared(pearson, df), chiSquared(max(0, ratio), df)}
}

// Probability is p_rs with the error √(p(1 − p)/n_r) and Wilson's interval.
func (c Chain) Probability(r, s int, level float64) (Interval, error) {
	z, err := deviate(level)
	if err != nil {
		return Interval{}, err
	}
	if c.NotEstimable[r] {
		return Interval{}, fmt.Errorf("chain: %w: nobody began a year in state %d", ErrNotEstimable, r)
	}
	p, n := c.P[r][s], c.N[r]
	centre, reach := (p+z*z/(2*n))/(1+z*z/n), z/(1+z*z/n)*math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	return Interval{Estimate{p, math.Sqrt(p * (1 - p) / n)}, max(0, centre-reach), min(1, centre+reach)}, nil
}

// Absorption is what becomes of persons in a chain that ends.
type Absorption struct {
	// Transient and Absorbing are the states that all leave for good, and those that nobody does.
	Transient, Absorbing []int
	// Years[i][j] are the years that a person who begins in Transient[i] is to spend in
	// Transient[j], the first one included: the fundamental matrix (I − Q)⁻¹ of the
	// transient states' own P = Q.
	Years [][]Estimate
	// Until[i] are the years until absorption, their sum.
	Until []Estimate
	// Ends[i][k] is the probability to end in Absorbing[k]: (I − Q)⁻¹R.
	Ends [][]Estimate
}

// Absorption is by the fundamental matrix N (Kemeny & Snell 1960, ch. III), with errors by the
// delta method, dN = N dQ N and d(NR) = N dQ NR + N dR, of independent multinomial rows. It
// takes every year to be as all together, and whoever is in a state to be like all others in
// it. A state of which all stay is absorbing, and so is one in the list, whatever was seen.
//
// [ErrNotEstimable] is a row that nobody began, and a transient state that no path leads out of.
func (c Chain) Absorption(absorbing ...int) (Absorption, error) {
	var a Absorption
	for r := range c.P {
		switch {
		case slices.Contains(absorbing, r) || c.P[r][r] == 1:
			a.Absorbing = append(a.Absorbing, r)
		case c.NotEstimable[r]:
			return a, fmt.Errorf("absorption: %w: nobody began a year in state %d", ErrNotEstimable, r)
		default:
			a.Transient = append(a.Transient, r)
		}
	}
	if stuck := c.stuck(a); stuck >= 0 {
		return a, fmt.Errorf("absorption: %w: no path was seen from state %d to one that nobody leaves", ErrNotEstimable, stuck)
	}
	if len(a.Transient) == 0 {
		return a, nil
	}
	m := len(a.Transient)
	left := mat.NewDense(m, m, nil)
	for i, r := range a.Transient {
		for j, s := range a.Transient {
			left.Set(i, j, -c.P[r][s])
		}
		left.Set(i, i, 1-c.P[r][r])
	}
	var n mat.Dense
	if err := n.Inverse(left); err != nil {
		return a, fmt.Errorf("absorption: %w: some state is hardly ever left for good", ErrNotEstimable)
	}
	ends := make([][]float64, m)
	for i := range m {
		ends[i] = make([]float64, len(a.Absorbing))
		for k, e := range a.Absorbing {
			for j, s := range a.Transient {
				ends[i][k] += n.At(i, j) * c.P[s][e]
			}
		}
	}
	a.estimate(c, &n, ends)
	return a, nil
}

// stuck is a transient state without a path to an absorbing one, or −1.
func (c Chain) stuck(a Absorption) int {
	out := make([]bool, len(c.P))
	for _, s := range a.Absorbing {
		out[s] = true
	}
	for range c.P {
		for r := range c.P {
			for s, p := range c.P[r] {
				out[r] = out[r] || p > 0 && out[s]
			}
		}
	}
	return slices.Index(out, false)
}

// estimate fills in values and errors. The derivative of n_ij by p_rs is n_ir n_sj, 0 where s
// is absorbing; that of an end k is n_ir times where s ends: e_sk, or 1 of k itself.
func (a *Absorption) estimate(c Chain, n *mat.Dense, ends [][]float64) {
	m := len(a.Transient)
	position := make([]int, len(c.P)) // 1 + place among the transient, −1 − place among the absorbing
	for i, s := range a.Transient {
		position[s] = i + 1
	}
	for k, s := range a.Absorbing {
		position[s] = -k - 1
	}
	// spread is Σ_r n_ir² v(Σ_s p_rs g_s)/n_r of a number g of each state that comes next.
	spread := func(i int, g func(place int) float64) float64 {
		var sum float64
		for j, r := range a.Transient {
			var mean, square float64
			for s, p := range c.P[r] {
				v := g(position[s])
				mean += p * v
				square += p * v * v
			}
			sum += n.At(i, j) * n.At(i, j) * max(0, square-mean*mean) / c.N[r]
		}
		return math.Sqrt(sum)
	}
	for i := range m {
		var years []Estimate
		var until float64
		for j := range m {
			years = append(years, Estimate{n.At(i, j), spread(i, func(place int) float64 {
				if place < 0 {
					return 0
				}
				return n.At(place-1, j)
			})})
			until += n.At(i, j)
		}
		a.Years = append(a.Years, years)
		a.Until = append(a.Until, Estimate{until, spread(i, func(place int) float64 {
			if place < 0 {
				return 0
			}
			return mat.Sum(n.RowView(place - 1))
		})})
		var end []Estimate
		for k := range a.Absorbing {
			end = append(end, Estimate{ends[i][k], spread(i, func(place int) float64 {
				switch {
				case place > 0:
					return ends[place-1][k]
				case place == -k-1:
					return 1
				}
				return 0
			})})
		}
		a.Ends = append(a.Ends, end)
	}
}
