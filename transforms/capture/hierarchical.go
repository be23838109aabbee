package capture

import (
	"cmp"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strings"
)

// RefusedModel is a model that does not fit, and why.
type RefusedModel struct {
	Model string
	Err   error
}

// ListModel is a hierarchical log-linear model of lists, fitted.
type ListModel struct {
	Estimate
	// Name are the greatest interactions of the model, such as [A*B][C].
	Name string
	// Interactions are the sets of two lists or more that depend on one another: bit k
	// of a set is list k.
	Interactions  []int
	Parameters    int
	Deviance      float64
	LogLikelihood float64
	AIC           float64
	// Weight is the model's Akaike weight.
	Weight float64
	// LogUnseen is ln n̂₀, and LogStdErr its standard error √(v(β̂₀) + 1/n̂₀), who was seen
	// at all included.
	LogUnseen, LogStdErr float64
}

// Averaged is the number of persons on several lists, averaged over models.
type Averaged struct {
	Estimate
	// LogUnseen is the average of ln n̂₀, and LogStdErr its unconditional error.
	LogUnseen, LogStdErr float64
	// Models are those that fit, the best by AIC first.
	Models  []ListModel
	Refused []RefusedModel
	// Least and Most are the dependence band: the least and the greatest N̂ of the models
	// whose AIC is no more than Band above the best.
	Least, Most, Band float64
}

// Averaging are the choices of [AverageLists]; a zero is the usual one.
type Averaging struct {
	// Order is the greatest number of lists in an interaction: K − 1 unless given.
	Order int
	// Band is the greatest AIC difference of the dependence band: 10 unless given.
	Band float64
}

const (
	usualBand = 10
	// mostUnseen is the greatest number never seen for one seen: beyond it a model
	// speaks of its own assumptions.
	mostUnseen = 50
)

// AverageLists estimates the number of persons from three to five lists by all hierarchical
// log-linear models that hold every list and interactions of up to Order lists:
//
//	ln μ_h = Σ_{s ⊆ h, s in the model} β_s,  n̂₀ = e^{β̂_∅},  N̂ = n + n̂₀
//
// for each cell h of persons seen (Fienberg 1972, Biometrika 59:591; Cormack 1989). The interaction of
// all lists is taken for none: no cell tells it. Models are averaged by Akaike weights
// w ∝ e^{−ΔAIC/2} on the scale of ln n₀, with the unconditional standard error of
// Buckland, Burnham & Augustin (1997, Biometrics 53:603):
//
//	l̄ = Σ w_k l_k,  se = Σ w_k √(v_k + (l_k − l̄)²),  l = ln n̂₀,  v = v(β̂₀) + 1/n̂₀
//
// The number of persons is n + e^{l̄}, its standard error e^{l̄}·se.
//
// A model is refused, by name and reason, where nobody is on all lists of one of its
// interactions or else its likelihood has no finite maximum (Chan, Silverman & Vincent 2021,
// JASA 116:1297), where it is flat, where no end is found, and where n̂₀ > 50 n. It is an
// error where none is left.
//
// Lists are taken for closed and linked without error, and persons of a list for alike: what
// makes them differ looks like dependence of lists, and is carried only in part.
func AverageLists(h Histories, o Averaging) (Averaged, error) {
	a := Averaged{Band: o.Band}
	if a.Band == 0 {
		a.Band = usualBand
	}
	if err := h.check(3); err != nil {
		return a, err
	}
	k := len(h.Lists)
	if o.Order == 0 {
		o.Order = k - 1
	}
	if k > 5 || o.Order < 1 || o.Order >= k || !(a.Band > 0) {
		return a, fmt.Errorf("averaging %d lists with interactions of %d lists within %v of the best AIC: give 3 to 5 lists, interactions of fewer lists than there are, and a band above 0", k, o.Order, a.Band)
	}
	a.Seen = h.Seen()
	for _, interactions := range hierarchies(k, o.Order) {
		model, err := fitLists(h, interactions)
		if err != nil {
			a.Refused = append(a.Refused, RefusedModel{model.Name, err})
			continue
		}
		a.Models = append(a.Models, model)
	}
	if len(a.Models) == 0 {
		return a, fmt.Errorf("averaging %d lists: none of %d models can be used; %s: %w", k, len(a.Refused), a.Refused[0].Model, a.Refused[0].Err)
	}
	slices.SortStableFunc(a.Models, func(m, o ListModel) int {
		return cmp.Or(cmp.Compare(m.AIC, o.AIC), cmp.Compare(m.Name, o.Name))
	})
	a.average()
	return a, nil
}

// average weighs the models.
func (a *Averaged) average() {
	var sum float64
	for i := range a.Models {
		a.Models[i].Weight = math.Exp((a.Models[0].AIC - a.Models[i].AIC) / 2)
		sum += a.Models[i].Weight
	}
	a.Least, a.Most = math.Inf(1), 0
	for i := range a.Models {
		m := &a.Models[i]
		m.Weight /= sum
		a.LogUnseen += m.Weight * m.LogUnseen
		if m.AIC-a.Models[0].AIC <= a.Band {
			a.Least, a.Most = min(a.Least, m.N), max(a.Most, m.N)
		}
	}
	for _, m := range a.Models {
		a.LogStdErr += m.Weight * math.Hypot(m.LogStdErr, m.LogUnseen-a.LogUnseen)
	}
	unseen := math.Exp(a.LogUnseen)
	a.N, a.StdErr = a.Seen+unseen, unseen*a.LogStdErr
}

// Interval is the interval of the number of persons, on the scale of the logarithm of
// those never seen: n + e^{l̄ ± z se}. It holds the error of the choice among the models, and none
// that is common to them.
func (a Averaged) Interval(level float64) (low, high float64) {
	z := normalQuantile((1 + level) / 2)
	return a.Seen + math.Exp(a.LogUnseen-z*a.LogStdErr), a.Seen + math.Exp(a.LogUnseen+z*a.LogStdErr)
}

// hierarchies are all sets of interactions of two to order lists of k that hold, with an
// interaction, all smaller ones within it: 8 for three lists, 113 for four, 6,893 for five.
func hierarchies(k, order int) [][]int {
	var candidates []int
	for size := 2; size <= order; size++ {
		for set := range 1 << k {
			if bits.OnesCount(uint(set)) == size {
				candidates = append(candidates, set)
			}
		}
	}
	var all [][]int
	var choose func(at int, in []int)
	choose = func(at int, in []int) {
		if at == len(candidates) {
			all = append(all, slices.Clone(in))
			return
		}
		choose(at+1, in)
		if holdsWithin(in, candidates[at]) {
			choose(at+1, append(in, candidates[at]))
		}
	}
	choose(0, nil)
	return all
}

// holdsWithin says whether a model holds all interactions of one list fewer.
func holdsWithin(in []int, set int) bool {
	for rest := set; rest != 0; rest &= rest - 1 {
		within := set &^ (rest & -rest)
		if bits.OnesCount(uint(within)) >= 2 && !slices.Contains(in, within) {
			return false
		}
	}
	return true
}

// modelName are the greatest interactions, and the lists that are in none.
func (h Histories) modelName(interactions []int) string {
	sets := slices.Clone(interactions)
	for k := range h.Lists {
		sets = append(sets, 1<<k)
	}
	var names []string
	for _, set := range sets {
		if !slices.ContainsFunc(sets, func(o int) bool { return o != set && o&set == set }) {
			names = append(names, "["+h.name(set)+"]")
		}
	}
	slices.Sort(names)
	return strings.Join(names, "")
}

func fitLists(h Histories, interactions []int) (ListModel, error) {
	model := ListModel{Name: h.modelName(interactions), Interactions: interactions}
	for _, set := range interactions {
		if h.OnAll(set) == 0 {
			return model, fmt.Errorf("nobody is on all of %s: the parameter of this interaction is −∞: %w", h.name(set), errInfinite)
		}
	}
	terms := []int{0}
	for k := range h.Lists {
		terms = append(terms, 1<<k)
	}
	terms = append(terms, interactions...)
	var x [][]float64
	for cell := 1; cell < len(h.Counts); cell++ {
		row := make([]float64, len(terms))
		for a, set := range terms {
			if cell&set == set {
				row[a] = 1
			}
		}
		x = append(x, row)
	}
	m, err := fitLoglinear(x, h.Counts[1:], nil)
	if err != nil {
		return model, err
	}
	unseen, seen := math.Exp(m.coefficients[0]), h.Seen()
	if unseen > mostUnseen*seen {
		return model, fmt.Errorf("%.4g persons never seen for %v seen: no more than %d for one are believed", unseen, seen, mostUnseen)
	}
	model.Parameters, model.Deviance, model.LogLikelihood = len(terms), m.deviance, m.logLikelihood
	model.AIC = 2*float64(len(terms)) - 2*m.logLikelihood
	model.LogUnseen, model.LogStdErr = m.coefficients[0], math.Sqrt(m.covariance.At(0, 0)+1/unseen)
	model.Estimate = Estimate{N: seen + unseen, StdErr: unseen * model.LogStdErr, Seen: seen}
	return model, nil
}
