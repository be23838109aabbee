package weight

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/kankei/kankei/schemas"
)

// Respondent is one person of a survey's sample.
type Respondent struct {
	// Where says in which line of which file the person stands, for messages.
	Where string
	// Stratum and SamplingUnit are what the export calls them, '' for none.
	Stratum, SamplingUnit string
	// Weight is the design weight; NaN where the export gives none.
	Weight float64
	// Responded is false for persons of the sample who did not answer.
	Responded bool
	Sex       string
	// Age is in completed years; −1 where not known.
	Age int32
	// Residence is the code of the municipality or prefecture lived in.
	Residence string
	// Before is what the wave before knew of the person, '' where there is none: a
	// class of its own for who answers again.
	Before string
	// Population is the number of sampling units of the stratum; 0 where the export
	// gives none: drawn with replacement.
	Population float64
	// Replicates are replicate design weights that came with the export.
	Replicates []float64
}

// LostPerStayer is the weight of those of a wave's sample who did not answer over that of
// those who did, 0 where nobody did: by how much a figure moves, on its logarithm, for each unit
// by which those whom it counts left more (or less) readily than others of their class. With a
// share a lost, and those counted lost (1 + δ) times as often, (1 − a(1 + δ))/(1 − a) = 1 − δ·a/(1 − a)
// of them are left beside the others, where they are few among all.
func LostPerStayer(people []Respondent) float64 {
	var lost, stayed float64
	for _, r := range people {
		w := designWeight(r)
		if r.Responded {
			stayed += w
		} else {
			lost += w
		}
	}
	if stayed == 0 {
		return 0
	}
	return lost / stayed
}

// Plan is how a sample is turned into weights.
type Plan struct {
	Margins []string
	Options Options
	// NonResponse is stratum, sex, age or sex_age for classes, propensity for a
	// regression on all of these, or '' for no adjustment.
	NonResponse string
	// Variance is how variances are told; the zero value linearises.
	Variance VariancePlan
	Lonely   Lonely
	Trim     float64 // multiple of the median; 0 for none
}

// Sample is the persons who answered, with weights that stand for the target
// population.
type Sample struct {
	// Kept are the indices of the respondents that are in the sample.
	Kept []int
	// Design has the weights before calibration, non-response included.
	Design Design
	// Factors are the non-response factors of those kept, 1 for no adjustment.
	Factors []float64
	// Calibration is nil where no margin was asked for.
	Calibration *Calibration
	// Replicates are the sets of weights that variances are told from, calibrated as
	// the weights are; nil where they are linearised.
	Replicates *Replicates
	// Trimmed is what trimming did, nil where nothing was asked for.
	Trimmed *Trimming
	// LeftOut counts respondents who are not of the target population or in no
	// class of a margin, by reason.
	LeftOut map[string]int
}

// NewSample makes the weights of a survey: those who did not answer are made up
// for by their class, weights are trimmed if asked, and calibrated to official
// totals of residents as of a day. Persons known to be under 18, or living
// abroad, are not of the target population; those of no class of a margin, sex
// or age not being known, cannot be made to stand for one: both are left out and
// counted.
func NewSample(people []Respondent, totals []schemas.Total, on schemas.Date, p Plan) (Sample, error) {
	s := Sample{LeftOut: map[string]int{}}
	margins := make([]Margin, len(p.Margins))
	for i, name := range p.Margins {
		var err error
		if margins[i], err = margin(name, people, totals, on); err != nil {
			return s, err
		}
	}
	var inScope []int
	for k, r := range people {
		reason := ""
		switch {
		case r.Age >= 0 && r.Age < LeastAge:
			reason = "under_age"
		case r.Residence == schemas.Abroad:
			reason = "abroad"
		}
		for _, m := range margins {
			if reason == "" && m.Of[k] < 0 {
				reason = "no_class_of_" + m.Name
			}
		}
		if reason != "" {
			s.LeftOut[reason]++
			continue
		}
		if r.Weight == 0 {
			return s, refuse("%s: 設計ウェイトが 0 です。行を除くか、抽出率の逆数にしてください。",
				"%s: the design weight is 0: leave the row out, or give the inverse of its sampling fraction", r.Where)
		}
		inScope = append(inScope, k)
	}
	if err := s.respond(people, inScope, p.NonResponse); err != nil {
		return s, err
	}
	if len(s.Kept) == 0 {
		return s, refuse("母集団（日本に住む %d 歳以上の人）に入る回答者がいません。",
			"no respondent is of the target population: residents of Japan aged %d or over who answered", LeastAge)
	}
	s.design(people, p)
	if err := s.Design.Check(); err != nil {
		return s, err
	}
	l, err := s.Design.Layout()
	if err != nil {
		return s, err
	}
	if _, err := s.Design.Terms(l); err != nil { // a lonely stratum that is to be refused
		return s, err
	}
	if p.Trim > 0 {
		t, err := Trim(s.Design.Weights, p.Trim)
		if err != nil {
			return s, err
		}
		s.Trimmed, s.Design.Weights = &t, t.Weights
	}
	return s, s.calibrate(people, margins, p)
}

// respond keeps those who answered, with their factors.
func (s *Sample) respond(people []Respondent, inScope []int, by string) error {
	weights, responded := make([]float64, len(inScope)), make([]bool, len(inScope))
	classes := make([]int32, len(inScope))
	var names []string
	for i, k := range inScope {
		weights[i], responded[i] = designWeight(people[k]), people[k].Responded
		name := people[k].responseClass(by)
		c := slices.Index(names, name)
		if c < 0 {
			c, names = len(names), append(names, name)
		}
		classes[i] = int32(c)
	}
	factors := make([]float64, len(inScope))
	for i := range factors {
		factors[i] = 1
	}
	if by == byPropensity {
		var err error
		if factors, err = propensityFactors(people, inScope, weights, responded); err != nil {
			return err
		}
	} else if len(names) > 1 || by != "" {
		var err error
		if factors, err = NonResponse(weights, classes, names, responded); err != nil {
			return err
		}
	}
	for i, k := range inScope {
		if responded[i] {
			s.Kept, s.Factors = append(s.Kept, k), append(s.Factors, factors[i])
		}
	}
	return nil
}

func designWeight(r Respondent) float64 {
	if math.IsNaN(r.Weight) {
		return 1
	}
	return r.Weight
}

// responseClass is the class within which a person stands for others.
func (r Respondent) responseClass(by string) string {
	age := "age not known"
	if r.Age >= 0 {
		age = fmt.Sprintf("%d-%d", r.Age/10*10, r.Age/10*10+9)
	}
	class := ""
	switch by {
	case "stratum":
		class = r.Stratum
	case "sex":
		class = r.Sex
	case "age":
		class = age
	case "sex_age":
		class = r.Sex + " " + age
	}
	return strings.Trim(class+" "+r.Before, " ")
}

// design numbers strata and sampling units.
func (s *Sample) design(people []Respondent, p Plan) {
	strata, units := map[string]int32{}, map[string]int32{}
	stage := Stage{Strata: make([]int32, len(s.Kept))}
	clustered := slices.ContainsFunc(people, func(r Respondent) bool { return r.SamplingUnit != "" })
	if clustered {
		stage.Clusters = make([]int32, len(s.Kept))
	}
	s.Design = Design{Weights: make([]float64, len(s.Kept)), Lonely: p.Lonely}
	number := func(seen map[string]int32, name string) int32 {
		n, there := seen[name]
		if !there {
			n = int32(len(seen))
			seen[name] = n
		}
		return n
	}
	for i, k := range s.Kept {
		r := people[k]
		s.Design.Weights[i] = designWeight(r) * s.Factors[i]
		n := number(strata, r.Stratum)
		if int(n) == len(stage.Names) {
			stage.Names = append(stage.Names, fmt.Sprintf("%q", r.Stratum))
		}
		stage.Strata[i] = n
		if clustered {
			stage.Clusters[i] = number(units, r.Stratum+"\x00"+r.SamplingUnit)
		}
	}
	if slices.ContainsFunc(people, func(r Respondent) bool { return r.Population > 0 }) {
		for _, k := range s.Kept {
			population := people[k].Population
			if population == 0 {
				population = math.Inf(1)
			}
			stage.Population = append(stage.Population, population)
		}
	}
	s.Design.Stages = []Stage{stage}
}

func (s *Sample) calibrate(people []Respondent, margins []Margin, p Plan) error {
	replicates, err := s.replicate(people, p.Variance)
	if err != nil {
		return err
	}
	s.Replicates = replicates
	if len(margins) == 0 {
		return nil
	}
	for i := range margins {
		of := make([]int32, len(s.Kept))
		for j, k := range s.Kept {
			of[j] = margins[i].Of[k]
		}
		margins[i].Of = of
	}
	if err := CheckMargins(margins...); err != nil {
		return err
	}
	aux, totals := Margins(margins...)
	if s.Calibration, err = Calibrate(s.Design.Weights, aux, totals, p.Options); err != nil || replicates == nil {
		return err
	}
	calibrated, err := replicates.Calibrated(aux, totals, p.Options)
	s.Replicates = &calibrated
	return err
}
