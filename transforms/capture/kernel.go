package capture

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// Rate is a probability with its standard error.
type Rate struct{ P, StdErr float64 }

// Below1 is the rate given that it lies below 1, as a probability does whatever chance adds to
// its estimate: mean and standard deviation of the normal distribution cut off at 1,
//
//	p − s φ(a)/Φ(a),  s √(1 − a φ(a)/Φ(a) − (φ(a)/Φ(a))²),  a = (1 − p)/s
//
// One without an error is at most 1. Where the normal distribution reaches below 0 as well, it is cut off there too.
func (r Rate) Below1() Rate {
	if r.StdErr == 0 {
		return Rate{P: math.Min(1, r.P)}
	}
	const far = 5
	if r.P < far*r.StdErr {
		low, high := -r.P/r.StdErr, (1-r.P)/r.StdErr
		within := distuv.UnitNormal.CDF(high) - distuv.UnitNormal.CDF(low)
		dl, dh := distuv.UnitNormal.Prob(low), distuv.UnitNormal.Prob(high)
		mean := (dl - dh) / within
		return Rate{r.P + r.StdErr*mean, r.StdErr * math.Sqrt(1+(low*dl-high*dh)/within-mean*mean)}
	}
	a := (1 - r.P) / r.StdErr
	lambda := distuv.UnitNormal.Prob(a) / distuv.UnitNormal.CDF(a)
	return Rate{r.P - r.StdErr*lambda, r.StdErr * math.Sqrt(1-a*lambda-lambda*lambda)}
}

// Detection is how likely a visit is seen, and seen as the same person's.
type Detection struct {
	// Visit is the probability that a visit is seen.
	Visit Rate
	// Loyalty is the share of persons who are guests of one house, so that either all
	// their visits can be seen or none.
	Loyalty Rate
	// House is the probability that the one house of the loyal is covered, in which a visit
	// of theirs is seen with probability Visit ÷ House; 0 stands for Visit itself, all of
	// whose visits are then seen or none.
	House float64
	// Missed is the probability that a visit that was seen is not linked to the person's
	// others, and makes a pseudonym of its own.
	Missed Rate
	// Welded is the share of pseudonyms that hold two persons.
	Welded Rate
	// Ratios are how much likelier than Visit a visit is seen of persons of so many
	// visits, as where those who come often sleep elsewhere; none for everybody alike. Visits
	// beyond the classes have the ratio 1.
	Ratios []Ratio
}

// Ratio is how much likelier than others' the visits of persons of Least to Most visits
// are seen, Most being −1 for an open class.
type Ratio struct {
	Least, Most int
	Rate
}

// visit is the probability that a visit of a person of v visits is seen.
func (d Detection) visit(v int) float64 {
	for _, r := range d.Ratios {
		if v >= r.Least && (r.Most < 0 || v <= r.Most) {
			return min(1, d.Visit.P*r.P)
		}
	}
	return d.Visit.P
}

func (d Detection) check() error {
	for _, r := range []struct {
		name string
		Rate
	}{{"loyalty", d.Loyalty}, {"missed links", d.Missed}, {"welded pseudonyms", d.Welded}} {
		if !(r.P >= 0 && r.P < 1 && r.StdErr >= 0) {
			return fmt.Errorf("detection: %s of %v ± %v: a share lies from 0 to below 1, and its error is not below 0", r.name, r.P, r.StdErr)
		}
	}
	if !(d.Visit.P > 0 && d.Visit.P <= 1 && d.Visit.StdErr >= 0) {
		return fmt.Errorf("detection of %v ± %v: a probability lies above 0 and at most at 1, and its error is not below 0", d.Visit.P, d.Visit.StdErr)
	}
	if d.House != 0 && !(d.House >= d.Visit.P && d.House <= 1) {
		return fmt.Errorf("detection: a house is covered with probability %v, and a visit seen with %v: the first lies from the second to 1", d.House, d.Visit.P)
	}
	for _, r := range d.Ratios {
		if !(r.P > 0 && r.StdErr >= 0) || r.Least < 1 {
			return fmt.Errorf("detection: those of %d visits or more are seen %v ± %v times as likely: a ratio lies above 0", r.Least, r.P, r.StdErr)
		}
	}
	return nil
}

// loyal gives the two parts of the detection of loyal persons of v visits.
func (d Detection) loyal(v int) (house, visit float64) {
	p := d.visit(v)
	if d.House == 0 {
		return p, 1
	}
	return d.House, min(1, p/d.House)
}

// kernel is the expected number of pseudonyms of j ≥ 1 visits that a person of v visits
// leaves behind, before any are welded:
//
//	(1 − L) A(j; v, p) + L h A(j; v, p/h),  A(j; v, p) = Bin(j; v, p(1−m)) + 1{j = 1} v p m
//
// with L the loyal, h their house and m the missed links. Without missed links it is the
// probability that j visits are seen.
func (d Detection) kernel(j, v int) float64 {
	return d.over(v, func(p float64) float64 {
		a := binomial(j, v, p*(1-d.Missed.P))
		if j == 1 {
			a += float64(v) * p * d.Missed.P
		}
		return a
	})
}

// pseudonyms is the expected number of pseudonyms of a person of v visits: the sum of
// kernel over all j ≥ 1.
func (d Detection) pseudonyms(v int) float64 {
	return d.over(v, func(p float64) float64 {
		return -math.Expm1(float64(v)*math.Log1p(-p*(1-d.Missed.P))) + float64(v)*p*d.Missed.P
	})
}

// over is what persons of v visits leave behind, the loyal and the others together, where
// left is what one whose visits are seen with probability p leaves.
func (d Detection) over(v int, left func(p float64) float64) float64 {
	all := (1 - d.Loyalty.P) * left(d.visit(v))
	if d.Loyalty.P > 0 {
		house, visit := d.loyal(v)
		all += d.Loyalty.P * house * left(visit)
	}
	return all
}

// unseen is the probability that no visit of a person of v visits is seen.
func (d Detection) unseen(v int) float64 {
	house, visit := d.loyal(v)
	return (1-d.Loyalty.P)*math.Pow(1-d.visit(v), float64(v)) + d.Loyalty.P*(1-house+house*math.Pow(1-visit, float64(v)))
}

// cause is the part of a detection that an error is of.
type cause int

const (
	ofVisit   cause = iota // Visit
	ofLinkage              // Missed and Welded
	ofOther                // Loyalty and Ratios
)

// move is the detection on either side in one part that has an error: a step of a tenth of it, or as far as
// there is room; at the end of its range a part moves to one side only.
type move struct {
	ends  [2]Detection
	steps float64 // the distance of the ends in standard errors
	cause cause
}

// moved are the moves of all parts that have an error.
func (d Detection) moved() (moves []move) {
	type part struct {
		cause cause
		rate  func(*Detection) *Rate
	}
	parts := []part{
		{ofVisit, func(d *Detection) *Rate { return &d.Visit }}, {ofOther, func(d *Detection) *Rate { return &d.Loyalty }},
		{ofLinkage, func(d *Detection) *Rate { return &d.Missed }}, {ofLinkage, func(d *Detection) *Rate { return &d.Welded }},
	}
	rates := len(parts)
	for i := range d.Ratios {
		parts = append(parts, part{ofOther, func(d *Detection) *Rate { return &d.Ratios[i].Rate }})
	}
	for i, p := range parts {
		at := *p.rate(&d)
		if at.StdErr == 0 {
			continue
		}
		below, above := min(at.StdErr/10, at.P/2), min(at.StdErr/10, math.Abs(1-at.P)/2)
		if i >= rates {
			above = at.StdErr / 10 // a ratio may be above 1
		}
		if p.cause == ofVisit && d.House > 0 {
			above = min(above, (d.House-at.P)/2)
		}
		low, high := d, d
		low.Ratios, high.Ratios = slices.Clone(d.Ratios), slices.Clone(d.Ratios)
		p.rate(&low).P, p.rate(&high).P = at.P-below, at.P+above
		moves = append(moves, move{[2]Detection{low, high}, (below + above) / at.StdErr, p.cause})
	}
	return moves
}
