package smallarea

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// Candidate is a covariate that may enter a model, with its value for every area, those
// out of the sample too, in the order of the areas and in any unit.
type Candidate struct {
	Name   string
	Values []float64
}

// Choice are the covariates that the rule of [Choose] took, and why not the others.
type Choice struct {
	// Areas are those given, with the constant 1 and the covariates taken, standardised,
	// as their X.
	Areas []Area
	// Taken are the names of the covariates taken, in the order in which they entered.
	Taken []string
	// AICc is that of the model with the constant alone, and after each entry.
	AICc []float64
	// Refused are the candidates that could not enter, with the reason, in the order given.
	// One that is in neither list did not make AICc fall.
	Refused []Refusal
}

// Refusal is a candidate that could not enter.
type Refusal struct{ Name, Reason string }

// The rule of [Choose].
const (
	// areasPerCovariate is how many sampled areas there are to be to each covariate.
	areasPerCovariate = 10
	// leastFall is by how much AICc has to fall for a covariate to enter.
	leastFall = 2
	// mostTold is the greatest part of a covariate's variance that those in the model
	// tell; a variance inflation of 10.
	mostTold = 0.9
)

// Choose chooses covariates from a short list, fixed before the direct estimates were seen,
// by a rule that leaves nothing to the analyst:
//
//  1. The constant is always in. Covariates are standardised to mean 0 and variance 1 over
//     the sampled areas.
//  2. A candidate that is the same in all sampled areas is refused, and so is one of whose
//     variance those taken tell more than 0.9 (R² over the sampled areas).
//  3. Of the others that enters which makes
//     AICc = −2ℓ + 2k + 2k(k + 1)/(m − k − 1),  k = p + 1,
//     least, ℓ being the likelihood of [ML] with σ̂² = 0 allowed, p the coefficients and m
//     the sampled areas; the first in the list of equals. It has to fall by 2 or more.
//  4. At most m/10 covariates enter, rounded down: one with 15 areas, four with 47.
//
// AICc is of Hurvich & Tsai (1989, Biometrika 76:297); Marhuenda, Morales & Pardo (2014,
// Comput. Stat. Data Anal. 70:268) compare such criteria for this model. It is the
// marginal one, not conditional on the areas' effects, since areas out of the sample have
// nothing but the covariates. The X that areas already have is not read. What was chosen is
// taken as known afterwards: no mean squared error holds what choosing adds.
func Choose(areas []Area, candidates []Candidate) (*Choice, error) {
	c := &chooser{choice: &Choice{}, columns: make([][]float64, len(candidates)), reasons: make([]string, len(candidates))}
	for _, a := range areas {
		a.X = []float64{1}
		c.choice.Areas = append(c.choice.Areas, a)
		if !a.OutOfSample {
			c.sampled++
		}
	}
	for i, candidate := range candidates {
		if err := candidate.check(len(areas)); err != nil {
			return nil, err
		}
		c.columns[i] = standardised(candidate.Values, areas)
		if c.columns[i] == nil {
			c.reasons[i] = "the same in all sampled areas"
		}
	}
	least, err := aicc(c.choice.Areas)
	if err != nil {
		return nil, err
	}
	c.choice.AICc = []float64{least}
	for len(c.choice.Taken) < c.sampled/areasPerCovariate {
		entered, err := c.enter(candidates)
		if err != nil {
			return nil, err
		}
		if !entered {
			break
		}
	}
	for i, reason := range c.reasons {
		if reason != "" {
			c.choice.Refused = append(c.choice.Refused, Refusal{candidates[i].Name, reason})
		}
	}
	return c.choice, nil
}

// chooser is a choice being made.
type chooser struct {
	choice  *Choice
	sampled int
	columns [][]float64 // standardised; nil once taken or refused
	reasons []string    // of those refused
}

// enter takes the best candidate, if it is good enough.
func (c *chooser) enter(candidates []Candidate) (bool, error) {
	best, at := c.choice.AICc[len(c.choice.AICc)-1]-leastFall, -1
	var with []Area
	for i, column := range c.columns {
		if column == nil {
			continue
		}
		if told := c.told(column); told > mostTold {
			c.columns[i], c.reasons[i] = nil, fmt.Sprintf("%.0f %% of its variance told by those taken", 100*told)
			continue
		}
		areas := extended(c.choice.Areas, column)
		criterion, err := aicc(areas)
		if err != nil {
			return false, fmt.Errorf("covariate %s: %w", candidates[i].Name, err)
		}
		if criterion < best || at < 0 && criterion == best {
			best, at, with = criterion, i, areas
		}
	}
	if at < 0 {
		return false, nil
	}
	c.choice.Areas, c.columns[at] = with, nil
	c.choice.Taken, c.choice.AICc = append(c.choice.Taken, candidates[at].Name), append(c.choice.AICc, best)
	return true, nil
}

// told is the R² of a standardised covariate on those in the model, over sampled areas.
func (c *chooser) told(column []float64) float64 {
	p := len(c.choice.Areas[0].X)
	design, right := mat.NewDense(c.sampled, p, nil), mat.NewVecDense(c.sampled, nil)
	at := 0
	for i, a := range c.choice.Areas {
		if !a.OutOfSample {
			design.SetRow(at, a.X)
			right.SetVec(at, column[i])
			at++
		}
	}
	var b, fitted mat.VecDense
	if err := b.SolveVec(design, right); err != nil {
		return 1
	}
	fitted.MulVec(design, &b)
	return mat.Dot(&fitted, &fitted) / mat.Dot(right, right)
}

func (c Candidate) check(areas int) error {
	if len(c.Values) != areas {
		return fmt.Errorf("small areas: covariate %s has %d values for %d areas: give one for each", c.Name, len(c.Values), areas)
	}
	for i, v := range c.Values {
		if !finite(v) {
			return fmt.Errorf("small areas: covariate %s is %v in area %d: want a number", c.Name, v, i+1)
		}
	}
	return nil
}

// standardised has mean 0 and variance 1 over the sampled areas; nil for a constant.
func standardised(values []float64, areas []Area) []float64 {
	var mean, squares, m, greatest float64
	for i, a := range areas {
		if !a.OutOfSample {
			mean, m = mean+values[i], m+1
			greatest = max(greatest, math.Abs(values[i]))
		}
	}
	mean /= m
	for i, a := range areas {
		if !a.OutOfSample {
			squares += square(values[i] - mean)
		}
	}
	deviation := math.Sqrt(squares / (m - 1))
	if !(deviation > 1e-9*greatest) {
		return nil
	}
	to := make([]float64, len(values))
	for i, v := range values {
		to[i] = (v - mean) / deviation
	}
	return to
}

// extended are areas with one more covariate.
func extended(areas []Area, column []float64) []Area {
	to := make([]Area, len(areas))
	for i, a := range areas {
		a.X = append(a.X[:len(a.X):len(a.X)], column[i])
		to[i] = a
	}
	return to
}

// aicc is the corrected criterion of a model by maximum likelihood.
func aicc(areas []Area) (float64, error) {
	fit, err := FayHerriot(areas, Options{Method: ML, KeepZero: true})
	if err != nil {
		return 0, err
	}
	m, k := float64(fit.Sampled), float64(len(fit.Beta)+1)
	if m-k-1 <= 0 {
		return 0, fmt.Errorf("small areas: %v areas in the sample for %v coefficients: want more to choose covariates", m, k-1)
	}
	return fit.AIC + 2*k*(k+1)/(m-k-1), nil
}
