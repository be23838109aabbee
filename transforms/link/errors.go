package link

import (
	"fmt"
	"math"
	"slices"
)

// Errors is how often linkage errs over the stays of bookings.
//
// Alpha is the probability that a stay of a person is under that person's
// pseudonym; a stay that is not, a missed link, makes a pseudonym of its own. Of a
// person of v stays, the pseudonym then has j with the probability, or number,
//
//	A_jv = Bin(j; v, α) + 1{j = 1} v (1 − α)
//
// Beta is the probability that a pseudonym is welded with stays of another person:
// welds, persons beyond the first under a pseudonym, over pseudonyms. For two lists
// of persons it stands for the probability that a person of the first who has no
// match in the second is linked to somebody there.
type Errors struct {
	Alpha, AlphaStdErr float64
	Beta, BetaStdErr   float64
	// Missed is 1 − Alpha with its 95 % interval; False is Beta with its own.
	Missed, False Rate
	// Basis is what they were estimated from, '' where nothing is known: then
	// Alpha is 1 and Beta 0, as linkage without error has them.
	Basis string
}

// The bases of an estimate. A second key says nothing of false links: Beta is 0
// for want of better.
const (
	Clerical  = "clerical"
	SecondKey = "second_key"
)

// Perfect is linkage of whose errors nothing is known.
var Perfect = Errors{Alpha: 1}

// KnowsFalse says whether Beta is an estimate.
func (e Errors) KnowsFalse() bool { return e.Basis == Clerical }

// Rate is an estimated share with its standard error and 95 % interval.
type Rate struct{ Value, StdErr, Low, High float64 }

// The strata of the clerical sample. Linked pairs lie under one pseudonym; the
// others lie under two, and share something that does not link. A pair that shares
// several things is in the first of them.
const (
	Linked        = "linked"
	NameResidence = "name_residence" // same name, same municipality of residence
	NameFacility  = "name_facility"  // same name, same facility, residence of either not known
	Hub           = "hub"            // same telephone number or e-mail address that is a hub, same municipality of residence
)

// Strata are the strata in their order.
func Strata() []string { return []string{Linked, NameResidence, NameFacility, Hub} }

// Stratum is what a clerk found in one stratum of pairs.
type Stratum struct {
	Name string
	// Pairs is the number of pairs that the sample was drawn from.
	Pairs int64
	// Same, Different and Unclear are the judgements. Pairs without one are taken for not drawn.
	Same, Different, Unclear int64
}

// Population is what the pairs were drawn from.
type Population struct {
	// Pseudonyms is the number of pseudonyms with a stay.
	Pseudonyms int64
	// RepeatStays is the number of stays of pseudonyms with two or more.
	RepeatStays int64
	// RepeatPairs is the number of pairs of stays under one pseudonym.
	RepeatPairs int64
}

// Add counts pseudonyms of so many stays each.
func (p *Population) Add(stays, pseudonyms int64) {
	p.Pseudonyms += pseudonyms
	if stays > 1 {
		p.RepeatStays += stays * pseudonyms
		p.RepeatPairs += stays * (stays - 1) / 2 * pseudonyms
	}
}

// Review is a judged sample of pairs.
type Review struct {
	Population
	Strata []Stratum
}

// Unjudged names the strata that hold pairs of which none is judged same or
// different: their rate is not known.
func (r Review) Unjudged() []string {
	var names []string
	for _, s := range r.Strata {
		if s.Pairs > 0 && s.Same+s.Different == 0 {
			names = append(names, s.Name)
		}
	}
	return names
}

// Errors estimates both rates from a judged sample. It wants a judgement in every
// stratum that holds pairs.
//
// Let S be the stays of pseudonyms with two or more, C the pairs of stays under one
// pseudonym, and M the pairs of pseudonyms of one person. Under the model of
// [Errors], with r = (1 − α)/α, the expected numbers of persons split and of stays
// under their pseudonym give
//
//	M = r S + r² C
//
// which is solved for r. M̂ is the sum of the near-miss strata, each its number of
// pairs times the share judged the same; pairs that share nothing are in no stratum
// and not in M̂, so that α̂ is rather too high. β̂ is the number of linked pairs times
// the share judged different, over pseudonyms. A pseudonym of k identities has
// k − 1 linked pairs, neighbours in the order of their digests, which is chance:
// where one person has a and another b of them, 2ab/(a + b) pairs are different,
// which is one weld where a = b = 1 and less than two where either is.
func (r Review) Errors() (Errors, error) {
	if names := r.Unjudged(); len(names) > 0 {
		return Perfect, fmt.Errorf("no pair of %v is judged same or different", names)
	}
	missed, err := r.missed()
	if err != nil {
		return Perfect, err
	}
	welds := sumOf(r.Strata, func(s Stratum) (hits, others int64, counts bool) { return s.Different, s.Same, s.Name == Linked })
	wrong := Rate{}
	if n := float64(r.Pseudonyms); n > 0 {
		wrong = Rate{welds.Value / n, welds.StdErr / n, welds.Low / n, welds.High / n}
	}
	return Errors{1 - missed.Value, missed.StdErr, wrong.Value, wrong.StdErr, missed, wrong, Clerical}, nil
}

// missed is 1 − α.
func (r Review) missed() (Rate, error) {
	split := sumOf(r.Strata, func(s Stratum) (hits, others int64, counts bool) { return s.Same, s.Different, s.Name != Linked })
	s, c := float64(r.RepeatStays), float64(r.RepeatPairs)
	if s == 0 {
		return Rate{}, fmt.Errorf("no pseudonym has two stays: how many links are missed is not known")
	}
	odds := func(m float64) float64 { return 2 * m / (s + math.Sqrt(s*s+4*c*m)) }
	share := func(m float64) float64 { return odds(m) / (1 + odds(m)) }
	o := odds(split.Value)
	slope := 1 / (s + 2*o*c) / ((1 + o) * (1 + o)) // d(1 − α)/dM
	return Rate{share(split.Value), slope * split.StdErr, share(split.Low), share(split.High)}, nil
}

// sumOf is the number of pairs with a property in all strata that count: the
// stratified estimate
//
//	Σ N_h p_h,  v = Σ N_h² (1 − n_h/N_h) p̃_h (1 − p̃_h)/(n_h + 2),  p̃ = (x + ½)/(n + 1)
//
// (Cochran 1977, §5.3, with the posterior variance of Jeffreys in place of p(1 − p)/(n − 1),
// which is 0 where nothing was found). The interval is made of those of the strata,
// Wilson's narrowed by √(1 − n/N), as MOVER does (Zou & Donner 2008):
//
//	Σ N p ± √(Σ N² (p − bound)²)
//
// Unclear pairs are left out of the value. Its lower end counts them as without the
// property, its upper end as with it, and a twelfth of the square of that range,
// the variance of a uniform number, is added to v.
func sumOf(strata []Stratum, of func(Stratum) (hits, others int64, counts bool)) Rate {
	var value, variance, least, most, below, above float64
	for _, s := range strata {
		hits, others, counts := of(s)
		if !counts || s.Pairs == 0 {
			continue
		}
		size, x, n, unclear := float64(s.Pairs), float64(hits), float64(hits+others), float64(s.Unclear)
		rest := math.Max(0, 1-n/size)
		p := (x + 0.5) / (n + 1)
		value += size * x / n
		variance += size * size * rest * p * (1 - p) / (n + 2)
		rest = math.Max(0, 1-(n+unclear)/size)
		low, _ := wilson(x/(n+unclear), n+unclear)
		_, high := wilson((x+unclear)/(n+unclear), n+unclear)
		least += size * x / (n + unclear)
		most += size * (x + unclear) / (n + unclear)
		below += square(size*(x/(n+unclear)-low)) * rest
		above += square(size*(high-(x+unclear)/(n+unclear))) * rest
	}
	variance += square(most-least) / 12
	return Rate{value, math.Sqrt(variance), math.Max(0, least-math.Sqrt(below)), most + math.Sqrt(above)}
}

// wilson is the 95 % interval of a share p of n (Wilson 1927):
//
//	(p + z²/2n ± z √(p(1 − p)/n + z²/4n²)) / (1 + z²/n)
func wilson(p, n float64) (low, high float64) {
	const z = 1.959963984540054
	centre, half := p+z*z/(2*n), z*math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	return math.Max(0, (centre-half)/(1+z*z/n)), math.Min(1, (centre+half)/(1+z*z/n))
}

func square(x float64) float64 { return x * x }

// Members are members of a booking site who are alike: each has Stays stays that
// give the number and something else that tells a person, and without the number
// these stays would be under Parts pseudonyms.
type Members struct{ Stays, Parts, Count int64 }

// Keyed is how well the other keys tell those whom a membership number tells.
type Keyed struct {
	Members []Members
	// RepeatStays is the number of stays of pseudonyms with two or more, and Sharing
	// how many of these give a membership number that another stay gives too.
	RepeatStays, Sharing int64
}

// fewestMembers is how many members with two or more stays an estimate takes.
const fewestMembers = 30

// Errors estimates Alpha from members, for whom the truth is known: q = 1 − α of
// the other keys is such that the model has as many pseudonyms too many as there are,
//
//	Σ (v q − q^v) = Σ (parts − 1)
//
// over members of v ≥ 2 stays; its variance is that of an estimating equation with
// members as clusters, Σ (parts − 1 − v q + q^v)² / (Σ v (1 − q^(v−1)))². Stays that
// give a number which another gives are linked by it. Where they are the share c of
// the stays of pseudonyms with two or more, the odds of a missed link among all are
//
//	(1 − α)/α = (1 − c) q/(1 − q)
//
// It takes members for guests like others, who change address and telephone as
// often. It is not known, and false, for fewer than 30 members, and where the other
// keys link nobody.
func (k Keyed) Errors() (Errors, bool) {
	members := slices.DeleteFunc(slices.Clone(k.Members), func(m Members) bool { return m.Stays < 2 })
	var number, surplus, most float64
	for _, m := range members {
		number += float64(m.Count)
		surplus += float64(m.Count * (m.Parts - 1))
		most += float64(m.Count * (m.Stays - 1))
	}
	if number < fewestMembers || surplus >= most || k.RepeatStays == 0 {
		return Perfect, false
	}
	q := oddStays(members, surplus)
	var meat, slope float64
	for _, m := range members {
		v := float64(m.Stays)
		meat += float64(m.Count) * square(float64(m.Parts-1)-v*q+math.Pow(q, v))
		slope += float64(m.Count) * v * (1 - math.Pow(q, v-1))
	}
	se := math.Sqrt(meat) / slope
	if surplus == 0 { // nobody split: as in a sample of members with one half of a missed link
		p := 0.5 / (number + 1)
		se = math.Sqrt(p * (1 - p) / (number + 2))
	}
	effective := number
	if surplus > 0 {
		effective = q * (1 - q) / (se * se)
	}
	low, high := wilson(q, effective)
	c := float64(k.Sharing) / float64(k.RepeatStays)
	of := func(q float64) float64 { return (1 - c) * q / (1 - c*q) } // odds (1 − c) q/(1 − q) as a share
	missed := Rate{of(q), (1 - c) / square(1-c*q) * se, of(low), of(high)}
	return Errors{Alpha: 1 - missed.Value, AlphaStdErr: missed.StdErr, Missed: missed, Basis: SecondKey}, true
}

// oddStays solves Σ (v q − q^v) = surplus for q in [0, 1), by halving: the sum
// increases in q.
func oddStays(members []Members, surplus float64) float64 {
	low, high := 0.0, 1.0
	for range 60 {
		q := (low + high) / 2
		var sum float64
		for _, m := range members {
			sum += float64(m.Count) * (float64(m.Stays)*q - math.Pow(q, float64(m.Stays)))
		}
		if sum < surplus {
			low = q
		} else {
			high = q
		}
	}
	return low
}
