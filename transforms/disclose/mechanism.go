package disclose

import (
	"fmt"
	"math"
	"strings"

	"github.com/kankei/kankei/schemas"
)

// Mechanism is how the counts of a table are perturbed.
type Mechanism struct {
	// Name is cell_key, random_rounding, controlled_rounding, discrete_laplace or discrete_gaussian.
	Name string
	// Base is that of rounding.
	Base int64
	// Noise is that of cell keys.
	Noise CellNoise
	// Epsilon is the privacy loss of one publication by the discrete mechanisms; with discrete_gaussian at Delta.
	Epsilon, Delta float64
	// Cells is in how many cells one person is counted at most by the discrete mechanisms, their sensitivity Δ.
	Cells int
}

// perMille is what a privacy loss is a multiple of, so that it is exact in rational numbers.
const perMille = 1000

// z975 is the 97.5 % quantile of the standard normal distribution.
const z975 = 1.959963984540054

// Private says that the mechanism is differentially private.
func (m Mechanism) Private() bool {
	return m.Name == schemas.DiscreteLaplace || m.Name == schemas.DiscreteGaussian
}

// Rho is the zero-concentrated loss ρ of a publication by discrete_gaussian: the one whose ε at δ is Epsilon,
//
//	ρ = (√(ln 1/δ + ε) − √(ln 1/δ))²,
//
// which is [ConcentratedEpsilon] solved for ρ.
func (m Mechanism) Rho() float64 {
	l := math.Log(1 / m.Delta)
	root := math.Sqrt(l+m.Epsilon) - math.Sqrt(l)
	return root * root
}

// gaussian is the variance of the noise as a fraction, σ² = Δ₂²/2ρ in millionths, rounded up. One person changes Cells counts by one each,
// so that Δ₂² = Cells (Canonne, Kamath & Steinke 2020, theorem 4: the discrete Gaussian has the loss of the continuous).
func (m Mechanism) gaussian() (over, under int64) {
	const under6 = 1_000_000
	return int64(math.Ceil(float64(m.Cells) / (2 * m.Rho()) * under6)), under6
}

// Spends is what a publication of the table spends of a [Budget].
func (m Mechanism) Spends(what string) Spent {
	if m.Name == schemas.DiscreteGaussian {
		return Spent{For: what, Rho: m.Rho()}
	}
	return Spent{For: what, Epsilon: m.Epsilon}
}

// Check returns an error that wraps [ErrParameter] where a parameter is outside its range.
func (m Mechanism) Check() error {
	ok := false
	switch m.Name {
	case schemas.RandomRounding, schemas.ControlledRounding:
		ok = m.Base >= 2
	case schemas.CellKey:
		_, _, err := m.Noise.Table(1)
		ok = err == nil
	case schemas.DiscreteGaussian:
		ok = m.Epsilon >= 1./perMille && m.Cells >= 1 && m.Delta > 0 && m.Delta < 1
	case schemas.DiscreteLaplace:
		ok = m.Epsilon >= 1./perMille && m.Cells >= 1
	}
	if !ok {
		return fmt.Errorf("%+v: %w", m, ErrParameter)
	}
	return nil
}

// draw is noise of the discrete mechanisms.
func (m Mechanism) draw(s Sampler) (int64, error) {
	if m.Name == schemas.DiscreteGaussian {
		return s.Gaussian(m.gaussian())
	}
	return s.Laplace(m.laplace())
}

// laplace is ε/Δ as a fraction, ε down to thousandths: less noise than that would spend more.
func (m Mechanism) laplace() (over, under int64) {
	return int64(math.Floor(m.Epsilon*perMille + 1e-9)), perMille * int64(m.Cells)
}

// surely is between what a count lies whatever the key, given what was made of it; [math.MaxInt64] is no limit.
func (m Mechanism) surely(value int64) (low, high int64) {
	switch m.Name {
	case schemas.RandomRounding:
		return max(0, value-m.Base+1), value + m.Base - 1
	case schemas.ControlledRounding:
		switch value {
		case 0:
			return 0, m.Base - 1
		case m.Base:
			return 1, m.Base
		}
		return value, value
	case schemas.CellKey:
		if value == 0 { // one that is zero stays it
			return 0, m.Noise.Most
		}
		return max(1, value-m.Noise.Most), value + m.Noise.Most
	}
	return 0, math.MaxInt64
}

// width is how wide the interval of a count must be that readers can compute from all that is shown: half of what
// the mechanism leaves where nothing else is.
func (m Mechanism) width() int64 {
	switch m.Name {
	case schemas.RandomRounding, schemas.ControlledRounding:
		return (m.Base + 1) / 2
	case schemas.CellKey:
		return m.Noise.Most
	}
	return 1
}

// stdError is the standard deviation of what the mechanism does to a count, averaged over the remainders that it may
// have by rounding:
//
//	random rounding  E r(b − r) = (b² − 1)/6        small counts  b²/12
//	cell keys  V        Laplace  2a/(1 − a)²        Gaussian  σ²
func (m Mechanism) stdError(value int64) float64 {
	b := float64(m.Base)
	variance := 0.0
	switch low, high := m.surely(value); {
	case low == high:
	case m.Name == schemas.RandomRounding:
		variance = (b*b - 1) / 6
	case m.Name == schemas.ControlledRounding:
		variance = RoundingVariance(b)
	case m.Name == schemas.CellKey:
		variance = m.Noise.Variance
	case m.Name == schemas.DiscreteLaplace:
		over, under := m.laplace()
		variance = LaplaceVariance(float64(over), float64(under))
	default:
		over, under := m.gaussian()
		variance = float64(over) / float64(under)
	}
	return math.Sqrt(variance)
}

// within is the half width of intervals. Of rounding they are all that is possible: how a count lies between two
// multiples has no distribution that readers know.
func (m Mechanism) within() float64 {
	switch m.Name {
	case schemas.CellKey:
		return m.Noise.within(0.95)
	case schemas.DiscreteLaplace:
		over, under := m.laplace()
		return float64(LaplaceQuantile(0.975, float64(over), float64(under)))
	case schemas.DiscreteGaussian:
		return math.Ceil(z975 * m.stdError(0))
	}
	return math.Inf(1)
}

// interval holds the count with a probability of 95 % or more: the value ± within, as far as it can be the count.
func (m Mechanism) interval(value int64, within float64) (low, high float64) {
	least, most := m.surely(value)
	// At least at 0, where a negative value with all its interval would lie below.
	return max(float64(least), float64(value)-within), max(min(float64(most), float64(value)+within), 0)
}

// within is the least k with P(|noise| ≤ k) ≥ p of a count that leaves the noise its room.
func (c CellNoise) within(p float64) float64 {
	table, below, err := c.Table(c.Most)
	if err != nil {
		return float64(c.Most)
	}
	inside := table[below]
	k := int64(0)
	for inside < p && k < c.Most {
		k++
		inside += table[below-k] + table[below+k]
	}
	return float64(k)
}

// Rules are the rows that tell readers of a release how the table is perturbed.
func (m Mechanism) Rules(dataset string) []schemas.DisclosureRule {
	row := schemas.DisclosureRule{Rule: "detail_" + m.Name, Dataset: dataset, Threshold: m.Base}
	switch m.Name {
	case schemas.RandomRounding:
		row.Note = "base: every count is rounded to a multiple of it, up with a probability of the remainder over the base, by a key that the persons of the cell have"
	case schemas.ControlledRounding:
		row.Note = "base: counts from 1 to below it are 0 or the base, such that totals by prefecture of residence are kept as nearly as can be; others are exact"
	case schemas.CellKey:
		row.Threshold, row.Parameter = m.Noise.Most, &m.Noise.Variance
		row.Note = "greatest noise, and its variance as parameter: the same persons have the same noise in every release, and none is 0 after all but a count of at most that"
	case schemas.DiscreteLaplace:
		row.Threshold, row.Parameter = int64(m.Cells), &m.Epsilon
		row.Note = "cells in which one person is counted at most, and the privacy loss of a publication as parameter: differential privacy of this dataset alone, given what the others show"
	case schemas.DiscreteGaussian:
		row.Threshold, row.Parameter = int64(m.Cells), &m.Epsilon
		row.Note = "cells in which one person is counted at most, and the privacy loss of a publication, at detail_delta, as parameter: differential privacy of this dataset alone, given what the others show"
		return []schemas.DisclosureRule{row, {Rule: "detail_delta", Dataset: dataset, Parameter: &m.Delta, Note: "the δ of the privacy loss"}}
	}
	return []schemas.DisclosureRule{row}
}

// MechanismOf reads the mechanism of a dataset from the rules of a release, and false where it has none.
func MechanismOf(rules []schemas.DisclosureRule, dataset string) (m Mechanism, perturbed bool) {
	for _, r := range rules {
		if r.Dataset != dataset || r.Cells != nil {
			continue
		}
		parameter := 0.0
		if r.Parameter != nil {
			parameter = *r.Parameter
		}
		switch name := strings.TrimPrefix(r.Rule, "detail_"); name {
		case schemas.RandomRounding, schemas.ControlledRounding:
			m.Name, m.Base, perturbed = name, r.Threshold, true
		case schemas.CellKey:
			m.Name, m.Noise, perturbed = name, CellNoise{Variance: parameter, Most: r.Threshold}, true
		case schemas.DiscreteLaplace, schemas.DiscreteGaussian:
			m.Name, m.Epsilon, m.Cells, perturbed = name, parameter, int(r.Threshold), true
		case "delta":
			m.Delta = parameter
		}
	}
	return m, perturbed
}
