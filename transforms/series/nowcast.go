package series

import (
	"fmt"
	"math"
)

// Triangle holds by month, oldest first, how many had arrived by each delay: element
// [i][k] is what had arrived of month i + 1 by the delay k + 1, all earlier delays
// included. A later month has no more delays than an earlier one, and the first month
// has them all; later corrections may take some away.
type Triangle [][]float64

// Accumulate makes a triangle of what arrived at each delay alone.
func Accumulate(arrivals [][]float64) Triangle {
	t := make(Triangle, len(arrivals))
	for i, row := range arrivals {
		var sum float64
		for _, v := range row {
			sum += v
			t[i] = append(t[i], sum)
		}
	}
	return t
}

func (t Triangle) check() error {
	if len(t) < 2 || len(t[0]) < 2 {
		return fmt.Errorf("chain ladder: a triangle of %d months: at least 2 months are wanted, the first with at least 2 delays", len(t))
	}
	for i, row := range t {
		switch {
		case len(row) == 0:
			return fmt.Errorf("chain ladder: nothing is known of month %d: leave it out until its first delay has passed", i+1)
		case i > 0 && len(row) > len(t[i-1]):
			return fmt.Errorf("chain ladder: month %d has %d delays and month %d before it %d: a later month has no more", i+1, len(row), i, len(t[i-1]))
		}
		for k, v := range row {
			if !(v >= 0) || math.IsInf(v, 0) {
				return fmt.Errorf("chain ladder: month %d, delay %d: %v is no number arrived so far: it must be at least 0", i+1, k+1, v)
			}
			if k > 0 && v > 0 && row[k-1] == 0 {
				return fmt.Errorf("chain ladder: of month %d nothing had arrived by delay %d and %v by the next, for which no factor is known: join delays or months", i+1, k, v)
			}
		}
		if len(row) < len(t[0]) && row[len(row)-1] == 0 {
			return fmt.Errorf("chain ladder: nothing has arrived yet of month %d, and a factor of nothing is nothing: leave it out or join delays", i+1)
		}
	}
	return nil
}

// Development is how months fill up, by the chain ladder.
type Development struct {
	triangle Triangle
	// Power is p of the variance σ²_k C_ik^p, and 1 is Mack's.
	Power float64
	// Factors f_k lead from delay k to k + 1, and Variances σ²_k are of that step.
	Factors, Variances []float64
	// DF_k are the degrees of freedom of σ²_k: one less than the months it is of.
	DF []float64
	// bases_k are S_k = Σ_i C_ik over the months that have the next delay too, and
	// uncertainty_k is Σ_i C_ik^p/S_k², which makes σ²_k the variance of f_k.
	bases, uncertainty []float64
	// hindcast tells that errors are scaled by those of the past.
	hindcast bool
}

// ChainLadder fits Mack's (1993, ASTIN Bull. 23:213) model of C_ik, arrived of month i
// by delay k: months are independent, E(C_{i,k+1} | past) = f_k C_ik and
// var(C_{i,k+1} | past) = σ²_k C_ik, so that over the n_k months that have both
//
//	f_k = Σ C_{i,k+1}/S_k,   S_k = Σ C_ik
//	σ²_k = Σ C_ik (C_{i,k+1}/C_ik − f_k)²/(n_k − 1)
//
// A step of one month has no variance of its own: Mack's rule carries the last two
// on, min(σ⁴_{k−1}/σ²_{k−2}, σ²_{k−1}, σ²_{k−2}); after one step alone it is that step's.
//
// It is an error where a later month has more delays than an earlier one, where nothing
// has arrived to be developed, or where the first step is of one month only.
func ChainLadder(t Triangle) (Development, error) { return ChainLadderOfPower(t, 1) }

// ChainLadderOfPower is the chain ladder with variances that grow with a power p of what
// has arrived, var(C_{i,k+1} | past) = σ²_k C_ik^p. The factors stay Mack's, which do not
// hang on months of few arrivals, and their variance is that of a ratio of sums:
//
//	v(f_k) = σ²_k u_k,  u_k = Σ C_ik^p/S_k²
//	σ²_k = Σ C_ik^{2−p} (C_{i,k+1}/C_ik − f_k)²/(n_k − 2 + u_k Σ C_ik^{2−p})
//
// which is unbiased, and Mack's where p is 1 (persons who come independently); with p = 2
// factors scatter as much in great months as in small ones. [VariancePower] tells p. It
// is an error where p is below 0 or above 2, and where [ChainLadder] has one.
func ChainLadderOfPower(t Triangle, power float64) (Development, error) {
	if err := t.check(); err != nil {
		return Development{}, err
	}
	if !(power >= 0 && power <= 2) {
		return Development{}, fmt.Errorf("chain ladder: variances that grow with the power %v of what has arrived: it must be from 0 to 2", power)
	}
	d := Development{triangle: t, Power: power}
	for k := range len(t[0]) - 1 {
		from, to := t.step(k)
		base, came, months := sum(from), sum(to), float64(len(from))
		f := came / base // NaN of nothing
		if !(f > 0) {
			return d, fmt.Errorf("chain ladder: from delay %d to %d arrivals go from %v to %v in %v months: something must have arrived by both", k+1, k+2, base, came, months)
		}
		var spread, weights, grown float64
		for i, c := range from {
			w := math.Pow(c, 2-power)
			spread, weights, grown = spread+w*square(to[i]/c-f), weights+w, grown+math.Pow(c, power)
		}
		u := grown / square(base)
		d.Factors, d.bases, d.uncertainty = append(d.Factors, f), append(d.bases, base), append(d.uncertainty, u)
		switch {
		case months > 1:
			d.Variances, d.DF = append(d.Variances, spread/(months-2+u*weights)), append(d.DF, months-1)
			continue
		case k == 0:
			return d, fmt.Errorf("chain ladder: one month alone tells the step from delay 1 to 2, which has no variance then: wait for another month")
		case k == 1 || d.Variances[k-2] == 0:
			d.Variances = append(d.Variances, min(d.Variances[k-1], d.Variances[max(0, k-2)]))
		default:
			a, b := d.Variances[k-2], d.Variances[k-1]
			d.Variances = append(d.Variances, min(b*b/a, a, b))
		}
		d.DF = append(d.DF, d.DF[k-1])
	}
	return d, nil
}

// step is what had arrived by delay k + 1 and by the next, of the months that have both;
// of nothing comes nothing, which tells no factor.
func (t Triangle) step(k int) (from, to []float64) {
	for _, row := range t {
		if len(row) > k+1 && row[k] > 0 {
			from, to = append(from, row[k]), append(to, row[k+1])
		}
	}
	return from, to
}

// Completeness is the share of a month that has arrived by each delay, 1/Π f from there
// on; the last is 1 by definition: what comes later than the triangle is wide is not seen.
func (d Development) Completeness() []float64 {
	share := make([]float64, len(d.Factors)+1)
	share[len(d.Factors)] = 1
	for k := len(d.Factors) - 1; k >= 0; k-- {
		share[k] = share[k+1] / d.Factors[k]
	}
	return share
}

// Nowcast is what a month, or all of them, will have come to by a later delay.
type Nowcast struct {
	// Latest has arrived, Value will have: both are numbers of arrivals.
	Latest, Value float64
	// StdErr is that of the prediction: of chance yet to come and of the factors.
	StdErr float64
	// DF is the degrees of freedom of StdErr, +Inf where that is known.
	DF float64
}

// Outstanding has yet to arrive: below 0 where more is taken away than comes.
func (n Nowcast) Outstanding() float64 { return n.Value - n.Latest }

// Completeness is the share that has arrived.
func (n Nowcast) Completeness() float64 { return n.Latest / n.Value }

// RevisionInterval holds, with the probability level, the figure as it will be revised
// to: log-normal with mean Value and standard deviation StdErr, as Mack (1994) has it for
// what is outstanding, and here for the whole, since corrections may leave less than
// nothing outstanding,
//
//	Value · exp(−s²/2 ± t s),  s² = ln(1 + (StdErr/Value)²)
//
// with t Student's quantile, since a few months tell the variance but roughly.
// It may begin below Latest, since corrections take away too.
func (n Nowcast) RevisionInterval(level float64) (low, high float64, err error) {
	if err := checkLevel("the level of a revision interval", level); err != nil {
		return 0, 0, err
	}
	if n.StdErr == 0 {
		return n.Value, n.Value, nil
	}
	v := math.Log1p(square(n.StdErr / n.Value))
	z := studentTwoSided(level, n.DF) * math.Sqrt(v)
	return n.Value * math.Exp(-v/2-z), n.Value * math.Exp(-v/2+z), nil
}

// At is month i (the oldest is 1) as it will stand by a delay, or as it stands where
// that delay has passed:
//
//	Ĉ_i = C_{i,d} Π f_k,  mse = Ĉ_i² Σ_k σ²_k/f²_k (Ĉ_ik^{p−2} + u_k)
//
// over the steps k from the latest delay d to the one asked for; u_k is 1/S_k where p is
// 1. Degrees of freedom are Satterthwaite's, (Σ m_k)²/Σ (m_k²/DF_k) of the terms m_k.
// Where [Development.Hindcast] was asked for, mse is times H_de.
func (d Development) At(month, delay int) (Nowcast, error) {
	if month < 1 || month > len(d.triangle) || delay < 1 || delay > len(d.Factors)+1 {
		return Nowcast{}, fmt.Errorf("chain ladder: month %d at delay %d was asked for: there are %d months and %d delays", month, delay, len(d.triangle), len(d.Factors)+1)
	}
	row := d.triangle[month-1]
	if delay <= len(row) {
		return Nowcast{Latest: row[delay-1], Value: row[delay-1], DF: math.Inf(1)}, nil
	}
	n := Nowcast{Latest: row[len(row)-1], Value: row[len(row)-1]}
	terms := make([]float64, len(d.Factors))
	for k := len(row) - 1; k < delay-1; k++ {
		terms[k] = d.relative(k) * (math.Pow(n.Value, d.Power-2) + d.uncertainty[k])
		n.Value *= d.Factors[k]
	}
	scale, df := d.scale(len(row), delay, terms)
	n.StdErr, n.DF = n.Value*math.Sqrt(scale*sum(terms)), df
	return n, nil
}

// relative is σ²_k/f²_k.
func (d Development) relative(k int) float64 { return d.Variances[k] / square(d.Factors[k]) }

// satterthwaite are the degrees of freedom of a sum of variances, one of each step.
func (d Development) satterthwaite(terms []float64) float64 {
	var parts float64
	for k, m := range terms {
		parts += m * m / d.DF[k]
	}
	if parts == 0 {
		return math.Inf(1)
	}
	return square(sum(terms)) / parts
}

// Months are all months as they will stand by the last delay.
func (d Development) Months() []Nowcast {
	months := make([]Nowcast, len(d.triangle))
	for i := range months {
		months[i], _ = d.At(i+1, len(d.Factors)+1) // within the triangle
	}
	return months
}

// Total is the sum over the months, as it will stand by the last delay. Months share
// the error of the factors, which is added and not squared:
//
//	mse = Σ_i [mse_i + H_i Ĉ_i Σ_{j>i} Ĉ_j Σ_{k≥d_i} 2 σ²_k u_k/f²_k]
//
// with d_i the latest delay of month i, and H_i its scale, 1 but for [Development.Hindcast].
func (d Development) Total() Nowcast {
	var total Nowcast
	terms := make([]float64, len(d.Factors))
	later := 0.0
	for i := len(d.triangle) - 1; i >= 0; i-- {
		row := d.triangle[i]
		month, _ := d.At(i+1, len(d.Factors)+1) // within the triangle
		arrived := row[len(row)-1]
		scale, _ := d.scale(len(row), len(d.Factors)+1, nil)
		for k := len(row) - 1; k < len(d.Factors); k++ {
			own := math.Pow(arrived, d.Power-2) + d.uncertainty[k]
			terms[k] += scale * d.relative(k) * month.Value * (month.Value*own + 2*later*d.uncertainty[k])
			arrived *= d.Factors[k]
		}
		later += month.Value
		total.Latest += month.Latest
	}
	total.Value, total.StdErr, total.DF = later, math.Sqrt(sum(terms)), d.satterthwaite(terms)
	return total
}
