package weight

import (
	"math/rand/v2"
	"slices"
)

// VariancePlan says how the variances of a survey are told.
type VariancePlan struct {
	// Method is '' or linearised, jackknife, bootstrap, brr, fay or supplied.
	Method string
	// Sets is the number of sets of a bootstrap, drawn from Seed.
	Sets int
	Seed uint64
	// Rho is Fay's factor, between 0 and 1.
	Rho float64
	// Supplied says of what kind replicate weights of the export are: bootstrap, jk1,
	// brr or fay.
	Supplied string
	// AboutMean centres on the mean of the replicates, not on the estimate.
	AboutMean bool
}

// replicate makes, or takes from the export, the replicate weights of a sample; nil
// where variances are linearised. Factors of non-response are those of the sample.
func (s *Sample) replicate(people []Respondent, p VariancePlan) (*Replicates, error) {
	var r Replicates
	var err error
	switch p.Method {
	case "", "linearised":
		return nil, nil
	case "jackknife":
		r, err = s.Design.Jackknife()
	case "bootstrap":
		r, err = s.Design.Bootstrap(p.Sets, rand.New(rand.NewPCG(p.Seed, 1)))
	case "brr":
		r, err = s.Design.BalancedRepeated(0)
	case "fay":
		r, err = s.Design.BalancedRepeated(p.Rho)
	case "supplied":
		r, err = s.supplied(people, p)
	}
	if err != nil {
		return nil, err
	}
	r.AboutEstimate = !p.AboutMean
	return &r, nil
}

// supplied takes the replicate weights of the export: each respondent has as many.
func (s *Sample) supplied(people []Respondent, p VariancePlan) (Replicates, error) {
	sets := 0
	for _, k := range s.Kept {
		sets = max(sets, len(people[k].Replicates))
	}
	if sets < 2 {
		return Replicates{}, refuse("書き出しに反復ウェイトがありません。マッピングに replicate_weights を書いてください。",
			"the export has no replicate weights: give its mapping replicate_weights")
	}
	weights := make([][]float64, sets)
	for i, k := range s.Kept {
		if len(people[k].Replicates) != sets {
			return Replicates{}, refuse("%s: 反復ウェイトが %d 個で、ほかの回答者の %d 個と違います。", "%s: %d replicate weights, of which others have %d",
				people[k].Where, len(people[k].Replicates), sets)
		}
		for b, w := range people[k].Replicates {
			weights[b] = append(weights[b], w*s.Factors[i])
		}
	}
	scale := 1 / float64(sets)
	switch p.Supplied {
	case "jk1":
		scale = float64(sets-1) / float64(sets)
	case "fay":
		scale = 1 / (float64(sets) * square(1-p.Rho))
	}
	df, err := s.Design.DegreesOfFreedom(nil)
	if err != nil {
		return Replicates{}, err
	}
	return Supplied(weights, scale, !p.AboutMean, min(df, float64(sets-1)))
}

// byPropensity is the name of non-response by a regression.
const byPropensity = "propensity"

// propensityFactors are 1/P(answer | stratum, sex, age in tens, the wave before) from a
// logistic regression with design weights ([Propensities]). The first class of each
// variable, in the order of their names, is the reference; those who did not answer
// have factor 0.
func propensityFactors(people []Respondent, inScope []int, weights []float64, responded []bool) ([]float64, error) {
	names := []string{"constant"}
	columns := make([][]int32, len(inScope))
	for i := range columns {
		columns[i] = []int32{0}
	}
	for _, by := range []func(Respondent) string{
		func(r Respondent) string { return r.Stratum }, func(r Respondent) string { return r.Sex },
		func(r Respondent) string { r.Before = ""; return r.responseClass("age") }, func(r Respondent) string { return r.Before },
	} {
		var classes []string
		for _, k := range inScope {
			classes = append(classes, by(people[k]))
		}
		levels := slices.Compact(slices.Sorted(slices.Values(classes)))
		for i, class := range classes {
			if at := slices.Index(levels, class); at > 0 {
				columns[i] = append(columns[i], int32(len(names)+at-1))
			}
		}
		names = append(names, levels[1:]...)
	}
	aux := NewAuxiliary(names...)
	for _, c := range columns {
		ones := make([]float64, len(c))
		for i := range ones {
			ones[i] = 1
		}
		aux.Add(c, ones)
	}
	model, err := Propensities(weights, aux, responded)
	if err != nil {
		return nil, refuse("回答傾向のモデルを当てはめられません（%v）。nonresponse を区分（sex_age など）にしてください。",
			"%v; or set nonresponse to classes such as sex_age", err)
	}
	factors := make([]float64, len(inScope))
	for i := range factors {
		if responded[i] {
			factors[i] = 1 / model.Fitted[i]
		}
	}
	return factors, nil
}
