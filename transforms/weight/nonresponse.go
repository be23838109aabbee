package weight

import (
	"fmt"
	"math"
)

// NonResponse spreads the weight of those who did not answer over those of their
// class who did: the factor of a class is the weight of its sample over that of
// its respondents. It holds that who answers is chance within a class. classes
// numbers the class of each unit of the sample, names says what the classes are.
// The factor of those who did not answer is 0. Särndal & Lundström (2005), §6.
//
// A class in which nobody answered is an error that names it.
func NonResponse(design []float64, classes []int32, names []string, responded []bool) ([]float64, error) {
	all, answered := make([]float64, len(names)), make([]float64, len(names))
	for k, c := range classes {
		all[c] += design[k]
		if responded[k] {
			answered[c] += design[k]
		}
	}
	for c := range names {
		if all[c] > 0 && answered[c] == 0 {
			return nil, refuse("無回答調整の区分 %s には回答者がいないため、代表できる人がいません。似た区分と合わせてください。",
				"non-response class %s: nobody answered, so that nobody can stand for it: join it to a like class", names[c])
		}
	}
	factors := make([]float64, len(design))
	for k, c := range classes {
		if responded[k] {
			factors[k] = all[c] / answered[c]
		}
	}
	return factors, nil
}

// Propensity is a model of who answers.
type Propensity struct {
	// Names are the variables', Coefficients their log-odds ratios.
	Names        []string
	Coefficients []float64
	// Fitted is the probability of an answer of each unit of the sample.
	Fitted []float64
	// Steps is the number of steps of the fit.
	Steps int
}

// Propensities fits a logistic regression of responding on the auxiliary
// variables (the constant among them, if wanted) with design weights, by Fisher
// scoring. The non-response factor of a respondent is 1/Fitted; of a panel, the
// attrition weight is the product of those of its waves. Folsom (1991); Särndal
// & Lundström (2005).
//
// It is an error where the variables tell exactly who answers, so that the
// coefficients run away, or where they depend on one another.
func Propensities(design []float64, aux *Auxiliary, responded []bool) (Propensity, error) {
	p := Propensity{Names: aux.Names, Coefficients: make([]float64, len(aux.Names)), Fitted: make([]float64, len(design))}
	for p.Steps = 1; p.Steps <= 50; p.Steps++ {
		score, information := make([]float64, len(aux.Names)), make([]float64, len(design))
		for k := range design {
			p.Fitted[k] = 1 / (1 + math.Exp(-aux.Dot(k, p.Coefficients)))
			residual := -p.Fitted[k]
			if responded[k] {
				residual++
			}
			aux.AddTo(score, design[k]*residual, k)
			information[k] = design[k] * p.Fitted[k] * (1 - p.Fitted[k])
		}
		n := newNormal(aux.Product(information))
		if n.rank < len(aux.Names) {
			return p, fmt.Errorf("response propensities: the variables depend on one another, or tell exactly who answered: leave out %s", left(aux.Names, n.keep))
		}
		step := n.solve(score)
		for i := range step {
			p.Coefficients[i] += step[i]
		}
		if norm(step) <= 1e-12*(1+norm(p.Coefficients)) {
			return p, nil
		}
	}
	return p, fmt.Errorf("response propensities: no end after 50 steps, as where a variable tells exactly who answered: join its classes")
}

// left is the first name that is not kept.
func left(names []string, keep []int) string {
	for i, name := range names {
		if i >= len(keep) || keep[i] != i {
			return name
		}
	}
	return ""
}

// Regression is a weighted least-squares fit: B = (Σ w x xᵀ)⁻¹ Σ w x y. Variables
// that depend on earlier ones have coefficient 0.
func Regression(weights []float64, aux *Auxiliary, y []float64) []float64 {
	crossed := make([]float64, len(aux.Names))
	for k := range y {
		aux.AddTo(crossed, weights[k]*y[k], k)
	}
	n := newNormal(aux.Product(weights))
	return n.solve(crossed)
}

// Dense is the auxiliary matrix of columns of n values each.
func Dense(names []string, columns ...[]float64) *Auxiliary {
	a := NewAuxiliary(names...)
	index := make([]int32, len(columns))
	for i := range index {
		index[i] = int32(i)
	}
	for k := range columns[0] {
		row := make([]float64, len(columns))
		for i := range columns {
			row[i] = columns[i][k]
		}
		a.Add(index, row)
	}
	return a
}
