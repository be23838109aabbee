package estimate

import (
	"fmt"
	"math"

	"github.com/kankei/kankei/transforms/weight"
)

// OnsiteScaled names the estimator of numbers of persons from a survey on the
// spot, scaled to an official number of visits.
const OnsiteScaled = "onsite_scaled"

// Encounter is an answer on the spot: someone was met there, which happens in
// proportion to how often they come.
type Encounter struct {
	// Person numbers whoever answered, from 0; answers of one person are not
	// independent.
	Person int32
	// Stratum is the official class of visits that the visit belongs to, an index
	// of the totals, such as overnight visits from other prefectures.
	Stratum int
	// Weight is the design weight of the answer among all visits; 1 where the spots
	// and days were not drawn with unequal chances.
	Weight float64
	// Least and Most are the class answered to the question on visits in the last
	// 12 months, the present one included: at least 1. Most is −1 where the class is open.
	Least, Most int32
}

// VisitTotal is an official number of visits in 12 months.
type VisitTotal struct {
	Name   string
	Visits float64
	StdErr float64 // of the official figure; 0 where it has none
}

// ClassShape is the exponent a of the distribution of visits within a class
// answered: persons with v visits in proportion to v^−a. Two is the slope at which
// as many visits fall into each doubling of v.
const ClassShape = 2

// mostVisits ends an open class: a day trip every day.
const mostVisits = 365

// OnsiteCount is the number of persons with at least k visits.
type OnsiteCount struct {
	Estimate
	// Sampling, Official and Class are the parts of the standard error: which visits
	// were met, the official number of visits, and where in a class people lie.
	Sampling, Official, Class float64
	// Unweighted is the share of the answers that certainly have at least k visits,
	// by the least of their class: that of visits, not of persons.
	Unweighted float64
}

// OnsiteSample is encounters with the official visits they stand for.
type OnsiteSample struct {
	Encounters []Encounter
	Totals     []VisitTotal
	// Units is the sampling unit of each encounter, such as a place and day; nil
	// where persons alone belong together.
	Units []int32
	// Shape is the exponent of the distribution of visits within a class.
	Shape float64
}

// Onsite estimates the number of persons with at least k visits in 12 months from
// encounters, post-stratified to official numbers of visits T_s:
//
//	N(≥k) = Σ_s T_s Ê_s[1{V≥k}/V]
//
// since a person with V visits is met V times as often as one with a single
// visit (Shaw 1988). Of a class only E[1{V≥k}/V | class] is known, under persons
// with v visits in proportion to v^−shape within it; the spread of 1{v≥k}/v over
// the class, over √12, is carried into the standard error, the same for all
// answers of the class and independent between classes. The errors of the totals are one, of the office that counts
// by one method, and add up. Sampling error is linearised, with the person as the sampling unit.
//
// It is an error where a class has no visit, a total or weight is not a number
// above 0, or a stratum that has visits has no answer.
func Onsite(encounters []Encounter, totals []VisitTotal, k int32, shape float64) (OnsiteCount, error) {
	if k < 1 {
		return OnsiteCount{}, fmt.Errorf("on-site survey: at least %d visits asks nothing: ask for 1 or more", k)
	}
	need := make([]int32, len(encounters))
	for i := range need {
		need[i] = k
	}
	return OnsiteSample{Encounters: encounters, Totals: totals, Shape: shape}.Count(need)
}

// Count estimates the number of persons who satisfy a rule, of which encounter i
// needs at least need[i] visits; 0 where whoever was met does not count at all,
// such as someone who came to see kin:
//
//	N = Σ_s T_s Ê_s[1{V ≥ need}/V]
//
// as [Onsite]. Where encounters have sampling units beside persons, answers of one
// person and answers of one unit belong together, and the variance is that of
// two-way clusters, V_person + V_unit − V_both, never below either (Cameron, Gelbach
// & Miller 2011).
func (s OnsiteSample) Count(need []int32) (OnsiteCount, error) {
	if math.IsNaN(s.Shape) || math.IsInf(s.Shape, 0) {
		return OnsiteCount{}, fmt.Errorf("on-site survey: the shape within classes is %v: it must be a number", s.Shape)
	}
	encounters, totals := s.Encounters, s.Totals
	if err := checkOnsite(encounters, totals); err != nil {
		return OnsiteCount{}, err
	}
	weights, met := make([]float64, len(totals)), make([]float64, len(totals))
	inverse := make([]float64, len(encounters))
	var sum, at float64
	for i, e := range encounters {
		inverse[i] = inverseVisits(e, need[i], s.Shape)
		weights[e.Stratum] += e.Weight
		met[e.Stratum] += e.Weight * inverse[i]
		sum += e.Weight
		if need[i] > 0 && e.Least >= need[i] {
			at += e.Weight
		}
	}
	n := OnsiteCount{Unweighted: at / sum}
	for i, t := range totals {
		mean := met[i] / weights[i]
		n.Value += t.Visits * mean
		n.Official += mean * t.StdErr
	}
	n.Class = classError(encounters, totals, weights, need)
	u := make([]float64, len(encounters))
	for i, e := range encounters {
		u[i] = totals[e.Stratum].Visits * (inverse[i] - met[e.Stratum]/weights[e.Stratum]) / weights[e.Stratum]
	}
	variance, df, err := s.variance(u)
	if err != nil {
		return n, err
	}
	n.Sampling, n.DF = math.Sqrt(variance), df
	n.StdErr = math.Sqrt(variance + square(n.Official) + square(n.Class))
	return n, nil
}

func checkOnsite(encounters []Encounter, totals []VisitTotal) error {
	answered := make([]bool, len(totals))
	for i, e := range encounters {
		switch {
		case e.Stratum < 0 || e.Stratum >= len(totals):
			return fmt.Errorf("on-site survey: answer %d is of a class of visits that has no official total: add the total, or join the class", i+1)
		case e.Least < 1 || e.Most >= 0 && e.Most < e.Least:
			return fmt.Errorf("on-site survey: answer %d gives %d to %d visits in 12 months, of someone who was met: the present visit counts, so that the least is 1", i+1, e.Least, e.Most)
		case !(e.Weight > 0) || math.IsInf(e.Weight, 0):
			return fmt.Errorf("on-site survey: answer %d has the weight %v: it must be above 0", i+1, e.Weight)
		}
		answered[e.Stratum] = true
	}
	for s, t := range totals {
		if !(t.StdErr >= 0) || math.IsInf(t.StdErr, 0) {
			return fmt.Errorf("on-site survey: the standard error of the visits of %s is %v: give 0 where there is none", t.Name, t.StdErr)
		}
		if !(t.Visits > 0) || math.IsInf(t.Visits, 0) {
			return fmt.Errorf("on-site survey: the official number of visits of %s is %v: it must be above 0; leave the class out", t.Name, t.Visits)
		}
		if !answered[s] {
			return fmt.Errorf("on-site survey: nobody answered among the %.6g visits of %s: join the class to a like one", t.Visits, t.Name)
		}
	}
	return nil
}

// inverseVisits is E[1{V≥k}/V | class] of an encounter: among persons of the class
// in proportion to v^−shape, met in proportion to v; 0 for k = 0, who does not count.
func inverseVisits(e Encounter, k int32, shape float64) float64 {
	if k == 0 {
		return 0
	}
	most := e.Most
	if most < 0 {
		most = max(e.Least, mostVisits)
	}
	var persons, visits float64
	for v := e.Least; v <= most; v++ {
		p := math.Pow(float64(v), -shape)
		visits += float64(v) * p
		if v >= k {
			persons += p
		}
	}
	return persons / visits
}

// classError is the error of not knowing where in its class an answer lies.
func classError(encounters []Encounter, totals []VisitTotal, weights []float64, need []int32) float64 {
	type class struct{ least, most, need int32 }
	shares := map[class]float64{} // visits that answers of the class stand for
	var order []class
	for i, e := range encounters {
		if need[i] == 0 {
			continue
		}
		c := class{e.Least, e.Most, need[i]}
		if _, seen := shares[c]; !seen {
			order = append(order, c)
		}
		shares[c] += e.Weight / weights[e.Stratum] * totals[e.Stratum].Visits
	}
	var variance float64
	for _, c := range order {
		low, high := spread(c.least, c.most, c.need)
		variance += square(shares[c] * (high - low) / math.Sqrt(12))
	}
	return math.Sqrt(variance)
}

// spread is the least and the greatest 1{v≥k}/v over a class.
func spread(least, most, k int32) (low, high float64) {
	if most < 0 {
		most = max(least, mostVisits)
	}
	if most < k {
		return 0, 0
	}
	high = 1 / float64(max(least, k))
	if least < k {
		return 0, high
	}
	return 1 / float64(most), high
}

// variance is the sampling variance of Σ w u of a linearised variable, with its
// degrees of freedom.
func (s OnsiteSample) variance(u []float64) (variance, df float64, err error) {
	persons := make([]int32, len(s.Encounters))
	for i, e := range s.Encounters {
		persons[i] = e.Person
	}
	variance, df, err = s.clustered(persons, u)
	if err != nil || s.Units == nil {
		return variance, df, err
	}
	units, freedom, err := s.clustered(s.Units, u)
	if err != nil {
		return 0, 0, err
	}
	type both struct{ person, unit int32 }
	numbers := map[both]int32{}
	joint := make([]int32, len(persons))
	for i := range joint {
		k := both{persons[i], s.Units[i]}
		if _, seen := numbers[k]; !seen {
			numbers[k] = int32(len(numbers))
		}
		joint[i] = numbers[k]
	}
	together, _, err := s.clustered(joint, u)
	return max(variance, units, variance+units-together), min(df, freedom), err
}

// clustered is the variance where answers of one cluster belong together.
func (s OnsiteSample) clustered(clusters []int32, u []float64) (variance, df float64, err error) {
	d := weight.Design{Weights: make([]float64, len(u)), Stages: []weight.Stage{{Clusters: clusters}}}
	for i, e := range s.Encounters {
		d.Weights[i] = e.Weight
	}
	v, err := d.Covariance(d.Weights, u)
	if err != nil {
		return 0, 0, err
	}
	df, err = d.DegreesOfFreedom(nil)
	return v.At(0, 0), df, err
}
