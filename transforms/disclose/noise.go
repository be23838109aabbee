package disclose

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"math"
	"slices"
)

// RandomRound rounds a count to a multiple of base without bias: up with probability r/base, r
// being its remainder, that is where the stored uniform u is below it. The same u gives the
// same figure every time. Its variance is r(base − r) (METHODS: Hundepool et al. 2012, §5.4).
func RandomRound(n, base int64, u float64) int64 {
	r := n % base
	if u < float64(r)/float64(base) {
		return n + base - r
	}
	return n - r
}

// RandomRoundingVariance is r(base − r).
func RandomRoundingVariance(n, base int64) float64 {
	r := n % base
	return float64(r * (base - r))
}

// RoundingVariance is that of rounding to the nearest multiple of base, b²/12.
func RoundingVariance(base float64) float64 { return base * base / 12 }

// LaplaceVariance is that of discrete Laplace noise, 2a/(1 − a)² with a = e^(−ε/Δ).
func LaplaceVariance(epsilon, sensitivity float64) float64 {
	a := math.Exp(-epsilon / sensitivity)
	return 2 * a / ((1 - a) * (1 - a))
}

// LaplaceQuantile is the least k with P(Z ≤ k) ≥ p of discrete Laplace noise, p above ½:
// P(Z > k) = a^(k+1)/(1 + a) for k ≥ 0.
func LaplaceQuantile(p, epsilon, sensitivity float64) int64 {
	a := math.Exp(-epsilon / sensitivity)
	k := math.Log((1-p)*(1+a))/math.Log(a) - 1
	return int64(max(0, math.Ceil(k-1e-12)))
}

// WithNoise is the standard error and interval of an estimate that noise of a variance was
// added to: √(s² + v), and the estimate ± z times that, from 0 on.
func WithNoise(estimate, stdError, variance, z float64) (se, low, high float64) {
	se = math.Sqrt(stdError*stdError + variance)
	return se, max(0, estimate-z*se), estimate + z*se
}

// ErrParameter is returned where a parameter is outside its range.
var ErrParameter = errors.New("a parameter of noise is outside its range")

// GaussianSigma is the least standard deviation of Gaussian noise that gives (ε, δ) differential
// privacy at a sensitivity Δ: the root of
//
//	Φ(Δ/2σ − εσ/Δ) − e^ε Φ(−Δ/2σ − εσ/Δ) = δ
//
// (Balle & Wang 2018, theorem 8), by bisection. It returns [ErrParameter] unless ε and Δ are above 0
// and δ lies between 0 and 1.
func GaussianSigma(epsilon, delta, sensitivity float64) (float64, error) {
	if !(epsilon > 0 && sensitivity > 0 && delta > 0 && delta < 1) {
		return 0, ErrParameter
	}
	excess := func(sigma float64) float64 {
		a, b := sensitivity/(2*sigma), epsilon*sigma/sensitivity
		return normal(a-b) - math.Exp(epsilon)*normal(-a-b) - delta
	}
	low, high := 1e-6*sensitivity, sensitivity
	for excess(high) > 0 {
		high *= 2
	}
	for range 200 {
		middle := (low + high) / 2
		if excess(middle) > 0 {
			low = middle
		} else {
			high = middle
		}
	}
	return high, nil
}

func normal(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }

// ConcentratedEpsilon is the ε at δ of ρ zero-concentrated differential privacy,
// ρ + 2√(ρ ln 1/δ) (Bun & Steinke 2016, proposition 1.3).
func ConcentratedEpsilon(rho, delta float64) float64 {
	return rho + 2*math.Sqrt(rho*math.Log(1/delta))
}

// CellKey is the key of a cell, uniform on [0, 1): the sum modulo 1 of the keys of its persons,
// each HMAC-SHA-256 of the person under a secret. The same persons give the same key
// in every table and release, in any order (Fraser & Wooton 2005; Thompson et al. 2013).
func CellKey(secret []byte, persons [][]byte) float64 {
	var sum uint64
	for _, p := range persons {
		h := hmac.New(sha256.New, secret)
		h.Write(p)
		sum += binary.BigEndian.Uint64(h.Sum(nil)) // modulo 2⁶⁴ is modulo 1
	}
	return unit(sum)
}

// unit is a key as a number on [0, 1).
func unit(key uint64) float64 { return float64(key>>11) / (1 << 53) }

// Bounded is at most so many of the cells that a person touches, so that one person changes no more
// of them: the sensitivity of the table is then most. Which ones is decided by HMAC-SHA-256 of
// person and cell under a secret, the same every time; they keep their order.
func Bounded(secret, person []byte, cells []string, most int) []string {
	if len(cells) <= most {
		return cells
	}
	rank := func(cell string) string {
		h := hmac.New(sha256.New, secret)
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(person))))
		h.Write(person)
		h.Write([]byte(cell))
		return string(h.Sum(nil))
	}
	ranks := make([]string, len(cells))
	for i, c := range cells {
		ranks[i] = rank(c)
	}
	kept := slices.Sorted(slices.Values(ranks))[:max(most, 0)]
	var out []string
	for i, c := range cells {
		if _, in := slices.BinarySearch(kept, ranks[i]); in {
			out = append(out, c)
		}
	}
	return out
}

// Spent is an entry of a [Budget].
type Spent struct {
	For string
	// Epsilon is a pure loss, Rho a zero-concentrated one; an entry has either.
	Epsilon, Rho float64
}

// Budget is a ledger of differential privacy: what is spent on the same persons adds up. Pure losses add up as ε,
// zero-concentrated ones as ρ, of which Delta makes an ε; of both together the loss is at most the sum
// (basic composition; Bun & Steinke 2016, lemma 2.3).
type Budget struct {
	Epsilon, Delta float64
	Entries        []Spent
}

// ErrBudget is returned where a budget does not have what is asked of it.
var ErrBudget = errors.New("the privacy budget is spent")

// Spend returns the ledger with an entry more, or [ErrBudget].
func (b Budget) Spend(more Spent) (Budget, error) {
	if !(more.Epsilon > 0) && !(more.Rho > 0) {
		return b, ErrParameter
	}
	after := Budget{b.Epsilon, b.Delta, append(slices.Clone(b.Entries), more)}
	if after.Spent() > b.Epsilon*(1+1e-12) {
		return b, ErrBudget
	}
	return after, nil
}

// Spent is the loss of all entries.
func (b Budget) Spent() float64 {
	pure, rho := 0.0, 0.0
	for _, e := range b.Entries {
		pure, rho = pure+e.Epsilon, rho+e.Rho
	}
	if rho > 0 {
		pure += ConcentratedEpsilon(rho, b.Delta)
	}
	return pure
}
