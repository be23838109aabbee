package capture

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// Sighting is a person who was seen on at least one of several occasions.
type Sighting struct {
	// Seen says for each occasion whether the person was seen.
	Seen []bool
	// Covariates are those of the person, such as age: the same on all occasions.
	Covariates []float64
}

// HugginsDesign says what the probability of being seen depends on besides the covariates
// of persons. The zero value is one constant for all occasions.
type HugginsDesign struct {
	// PerOccasion gives each occasion a constant of its own.
	PerOccasion bool
	// Occasion are covariates of occasions, such as the days that a survey ran: a row for
	// each, or none at all.
	Occasion [][]float64
	// Behaviour adds a constant after the first sighting of a person.
	Behaviour bool
}

// Huggins is a conditional likelihood fit of persons' probabilities of being seen.
type Huggins struct {
	Estimate
	// Coefficients are on the logit scale: the constant, or one for each occasion; then the
	// covariates of occasions, those of persons, and the effect of having been seen.
	// StdErrs are their errors.
	Coefficients, StdErrs []float64
	LogLikelihood         float64
	AIC                   float64
	// Inclusion is for each person the probability of being seen at all.
	Inclusion []float64
	design    HugginsDesign
	persons   []Sighting
	// rows are the design of each person and occasion, before and after the first sighting.
	rows [][][2][]float64
}

// leastInclusion is a probability of being seen at all below which its inverse is no weight.
const leastInclusion = 1e-4

// FitHuggins estimates the number of persons from those seen on K occasions, with
// covariates of persons and of occasions, by the likelihood conditional on having been seen:
//
//	logit p_ij = x_ij'β
//	ℓ = Σ_i { Σ_j [y_ij ln p_ij + (1 − y_ij) ln(1 − p_ij)] − ln π_i },  π_i = 1 − Π_j (1 − p⁰_ij)
//	N̂ = Σ_i 1/π̂_i,  v = Σ_i (1 − π̂_i)/π̂_i² + ∇N' I(β̂)⁻¹ ∇N
//
// with p⁰ the probability before the first sighting, which enters π. Huggins (1989,
// Biometrika 76:133; 1991, Biometrics 47:725), Alho (1990, Biometrics 46:623). I is the
// expected information given that the person was seen.
//
// Persons that differ in what no covariate tells make it too small. It is an error where
// somebody was never seen, lengths differ, nobody was seen twice, covariates depend on one
// another, no finite maximum is found, as where an occasion with a constant of its own saw nobody, or
// somebody's probability of being seen is below 1 in 10,000.
func FitHuggins(persons []Sighting, design HugginsDesign) (Huggins, error) {
	h := Huggins{design: design, persons: persons}
	if err := h.check(); err != nil {
		return h, err
	}
	for i, person := range persons {
		rows := make([][2][]float64, len(person.Seen))
		for j := range rows {
			rows[j] = [2][]float64{h.row(i, j, true), h.row(i, j, false)}
		}
		h.rows = append(h.rows, rows)
	}
	h.Coefficients = make([]float64, len(h.rows[0][0][0]))
	score, information := h.evaluate()
	for range 100 {
		var step mat.VecDense
		var chol mat.Cholesky
		if !chol.Factorize(scaled(information)) || chol.Cond() > worstCondition {
			return h, fmt.Errorf("conditional likelihood of %d persons: covariates depend on one another, or a probability runs to 0 or 1: an occasion or class that saw nobody, or everybody, has no constant of its own", len(persons))
		}
		unit := mat.NewVecDense(score.Len(), nil)
		for a := range score.Len() {
			unit.SetVec(a, score.AtVec(a)/math.Sqrt(information.At(a, a)))
		}
		if err := chol.SolveVecTo(&step, unit); err != nil {
			return h, err
		}
		from, before, moved := slices.Clone(h.Coefficients), h.LogLikelihood, 0.0
		for size := 1.0; size > 1e-9; size /= 2 {
			moved = 0
			for a := range from {
				d := size * step.AtVec(a) / math.Sqrt(information.At(a, a))
				h.Coefficients[a] = from[a] + d
				moved = max(moved, math.Abs(d)/(1+math.Abs(from[a])))
			}
			if score, information = h.evaluate(); h.LogLikelihood >= before-1e-10*(1+math.Abs(before)) {
				break
			}
		}
		if moved < 1e-11 {
			return h, h.finish(information)
		}
	}
	return h, fmt.Errorf("conditional likelihood of %d persons: no end after 100 steps: the probabilities have no finite maximum, or few were seen twice", len(persons))
}

func (h Huggins) check() error {
	if len(h.persons) == 0 {
		return fmt.Errorf("conditional likelihood: nobody was seen: there is nothing to estimate from")
	}
	occasions, covariates := len(h.persons[0].Seen), len(h.persons[0].Covariates)
	if occasions < 2 || h.design.Occasion != nil && len(h.design.Occasion) != occasions {
		return fmt.Errorf("conditional likelihood: %d occasions and %d rows of their covariates: give two occasions or more, and a row for each or none", occasions, len(h.design.Occasion))
	}
	for j, row := range h.design.Occasion {
		if len(row) != len(h.design.Occasion[0]) || slices.ContainsFunc(row, notFinite) {
			return fmt.Errorf("conditional likelihood: covariates %v of occasion %d: give as many finite numbers for each", row, j+1)
		}
	}
	twice := false
	for i, p := range h.persons {
		if len(p.Seen) != occasions || len(p.Covariates) != covariates || slices.ContainsFunc(p.Covariates, notFinite) {
			return fmt.Errorf("conditional likelihood: person %d has %d occasions and covariates %v: all have %d occasions and %d finite covariates", i+1, len(p.Seen), p.Covariates, occasions, covariates)
		}
		first := slices.Index(p.Seen, true)
		if first < 0 {
			return fmt.Errorf("conditional likelihood: person %d was never seen: only persons seen are known", i+1)
		}
		twice = twice || slices.Contains(p.Seen[first+1:], true)
	}
	if !twice {
		return fmt.Errorf("conditional likelihood: nobody was seen twice: how many were not seen cannot be told")
	}
	return nil
}

func notFinite(x float64) bool { return math.IsNaN(x) || math.IsInf(x, 0) }

// row is the design of a person and an occasion, before or after the first sighting.
func (h Huggins) row(i, j int, before bool) []float64 {
	var row []float64
	if h.design.PerOccasion {
		row = make([]float64, len(h.persons[i].Seen))
		row[j] = 1
	} else {
		row = append(row, 1)
	}
	if h.design.Occasion != nil {
		row = append(row, h.design.Occasion[j]...)
	}
	row = append(row, h.persons[i].Covariates...)
	if h.design.Behaviour && before {
		row = append(row, 0)
	} else if h.design.Behaviour {
		row = append(row, 1)
	}
	return row
}

// evaluate computes the log-likelihood and the probabilities of being seen at all, and
// gives the score and the expected information. With Q = 1 − π, S_j = Π_{l<j} (1 − p⁰_l) and
// s = Σ p⁰_j x⁰_j, that of one person is
//
//	Σ_j (S_j/π) p⁰_j (1 − p⁰_j) x⁰_j x⁰_j' − (Q/π²) s s' + Σ_j ((1 − S_j)/π) p¹_j (1 − p¹_j) x¹_j x¹_j'
//
// where 1 marks what holds after the first sighting.
func (h *Huggins) evaluate() (*mat.VecDense, *mat.SymDense) {
	p := len(h.Coefficients)
	score, information := mat.NewVecDense(p, nil), mat.NewSymDense(p, nil)
	h.LogLikelihood, h.Inclusion = 0, make([]float64, len(h.persons))
	for i, person := range h.persons {
		weights := make([][2]float64, len(person.Seen)) // of the information, times π
		rows := h.rows[i]
		s := mat.NewVecDense(p, nil)
		unseen, seenBefore := 1.0, false
		for j, seen := range person.Seen {
			first, again := logistic(dot(rows[j][0], h.Coefficients)), logistic(dot(rows[j][1], h.Coefficients))
			x, q := rows[j][0], first
			if seenBefore {
				x, q = rows[j][1], again
			}
			y := 0.0
			if seen {
				y = 1
				h.LogLikelihood += math.Log(q)
			} else {
				h.LogLikelihood += math.Log1p(-q)
			}
			for a := range p {
				score.SetVec(a, score.AtVec(a)+(y-q)*x[a])
				s.SetVec(a, s.AtVec(a)+first*rows[j][0][a])
			}
			weights[j] = [2]float64{unseen * first * (1 - first), (1 - unseen) * again * (1 - again)}
			unseen *= 1 - first
			seenBefore = seenBefore || seen
		}
		included := 1 - unseen
		h.Inclusion[i] = included
		h.LogLikelihood -= math.Log(included)
		score.AddScaledVec(score, -unseen/included, s)
		information.SymRankOne(information, -unseen/square(included), s)
		for j := range rows {
			for k, x := range rows[j] {
				for a, u := range x {
					for b := a; b < p; b++ {
						information.SetSym(a, b, information.At(a, b)+weights[j][k]/included*u*x[b])
					}
				}
			}
		}
	}
	if math.IsNaN(h.LogLikelihood) {
		h.LogLikelihood = math.Inf(-1)
	}
	return score, information
}

// finish computes the number of persons and the errors; ∂(1/π)/∂β = −(Q/π²) s.
func (h *Huggins) finish(information *mat.SymDense) error {
	p := len(h.Coefficients)
	var chol mat.Cholesky
	var covariance mat.SymDense
	if !chol.Factorize(information) {
		return fmt.Errorf("conditional likelihood: %w", errFlat)
	}
	if err := chol.InverseTo(&covariance); err != nil {
		return fmt.Errorf("conditional likelihood: %w", errFlat)
	}
	slope, v := mat.NewVecDense(p, nil), 0.0
	h.N, h.Seen = 0, float64(len(h.persons))
	for i, included := range h.Inclusion {
		if included < leastInclusion {
			return fmt.Errorf("conditional likelihood: person %d had a probability of %.2g of being seen at all, and would stand for %.4g: the counts do not tell how many were not seen", i+1, included, 1/included)
		}
		h.N += 1 / included
		v += (1 - included) / square(included)
		for j := range h.persons[i].Seen {
			x := h.rows[i][j][0]
			slope.AddScaledVec(slope, -(1-included)/square(included)*logistic(dot(x, h.Coefficients)), mat.NewVecDense(p, x))
		}
	}
	h.StdErr = math.Sqrt(v + mat.Inner(slope, &covariance, slope))
	h.AIC = 2*float64(p) - 2*h.LogLikelihood
	for a := range p {
		h.StdErrs = append(h.StdErrs, math.Sqrt(covariance.At(a, a)))
	}
	return nil
}
