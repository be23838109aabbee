package estimate

import (
	"math"
	"slices"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/capture"
)

// countedCell is what was seen of a region with what was fitted to it.
type countedCell struct {
	*seenCell
	e     *bookingEstimator
	class *shapeClass
	// shape is own, pooled, synthetic, or '' where nothing can be estimated.
	shape string
	fits  capture.Fits
	joint *capture.Fits
	model capture.Detection
	most  int // visits allowed for
	// shown are, by number of trips, the persons whom showing the number of those who were seen so
	// often rests on.
	shown map[int]int64
	made  map[figureKey]figure
}

// leastAgain is the number of persons seen twice or more below which a region has no shape
// of its own: fewer tell next to nothing of it, and often nothing can be fitted to them.
const leastAgain = 20

// count fits what was seen of a region; class is nil for the prefecture itself.
func (e *bookingEstimator) count(c *seenCell, class *shapeClass) *countedCell {
	out := &countedCell{seenCell: c, e: e, class: class, made: map[figureKey]figure{}, shown: shownPersons(c.persons, e.asked[c.excluded]), most: e.most(c.persons, c.detection.P)}
	d, known := c.observationModel(e.b)
	out.model = d
	enough := c.persons.Seen() >= float64(e.b.PoolBelow) && c.persons.AtLeast(2) >= leastAgain || class == nil && c.persons.Seen() > 0
	switch {
	case known && enough:
		if fits, err := capture.FitThinned(c.persons, d, out.most); err == nil {
			out.shape, out.fits = schemas.BasisOwn, fits
		}
	case known && c.persons.Seen() > 0 && class.found:
		out.shape, out.fits = schemas.BasisPooled, class.fits
	case c.persons.Seen() == 0 && c.visits > 0 && class != nil && class.found:
		out.shape, out.fits = schemas.BasisSynthetic, class.fits
	}
	if out.shape == "" && known && c.persons.Seen() > 0 && class != nil && class.found {
		out.shape, out.fits = schemas.BasisPooled, class.fits // its own shape cannot be fitted
	}
	if len(c.asked) > 0 && out.shape == schemas.BasisOwn {
		if joint, err := capture.FitThinned(c.persons, d, out.most, within(c.asked, out.most)...); err == nil {
			out.joint = &joint
		}
	}
	return out
}

// within are the classes asked, none beginning beyond the greatest number of visits.
func within(asked []capture.Asked, most int) []capture.Asked {
	out := slices.Clone(asked)
	for i := range out {
		out[i].Least = min(out[i].Least, most)
	}
	return out
}

// figure is an estimated number of persons.
type figure struct {
	n, stdErr, low, high float64
	parts                Parts
}

// atLeast is the number of persons with at least k trips; false where it cannot be estimated, as
// of more trips than are allowed for. The interval begins no lower than at the number seen,
// where that may be shown.
func (c *countedCell) atLeast(fits *capture.Fits, k int) (figure, bool) {
	key := figureKey{fits == c.joint, k}
	f, done := c.made[key]
	if !done {
		f = c.estimate(fits, k)
		c.made[key] = f
	}
	return f, f.n > 0
}

// figureKey names a number that was worked out once: definitions share many of them.
type figureKey struct {
	joint bool
	trips int
}

// estimate is the number of persons with at least k trips, none where it cannot be estimated.
func (c *countedCell) estimate(fits *capture.Fits, k int) figure {
	n, err := c.threshold(fits, k)
	if err != nil || !(n.N > 0) || math.IsInf(n.N, 0) || math.IsNaN(n.StdErr) {
		return figure{}
	}
	missed := c.e.b.Missed.P > 0
	if c.tells() && !missed && c.e.b.Welded.P == 0 { // where next to everybody is seen, no fewer came
		n.N = math.Max(n.N, n.Naive)
	}
	known, knownErr := 1.0, 0.0
	if c.shape != schemas.BasisSynthetic && c.residence.P > 0 {
		known, knownErr = c.residence.P, c.residence.StdErr/c.residence.P
	}
	relative := math.Hypot(n.StdErr/n.N, knownErr)
	if relative > vaguest { // as of more trips than anybody was seen to make
		return figure{}
	}
	f := figure{n: n.N / known, parts: c.parts(n, knownErr).to(relative)}
	f.interval(relative)
	// Links that are missed make pseudonyms of one visit, more than there are persons.
	if c.shown[k] >= c.e.b.LeastPersons && (k > 1 || !missed) {
		f.low = math.Max(f.low, math.Min(n.Naive, f.n))
	}
	return f
}

// interval is that of a number whose logarithm has a standard error.
func (f *figure) interval(relative float64) {
	factor := math.Exp(1.96 * relative)
	f.stdErr, f.low, f.high = f.n*relative, f.n/factor, f.n*factor
}

func (c *countedCell) threshold(fits *capture.Fits, k int) (capture.Threshold, error) {
	switch c.shape {
	case schemas.BasisSynthetic:
		n, err := c.class.PerVisit(k)
		if err != nil {
			return n, err
		}
		n.Detected = c.visits * n.N * math.Hypot(c.e.b.Assumed.OfficialError, ratioOf(c.related.StdErr, c.related.P))
		n.StdErr = math.Hypot(c.visits*n.StdErr, n.Detected)
		n.N, n.Shape, n.Parameters, n.Model = c.visits*n.N, c.visits*n.Shape, c.visits*n.Parameters, c.visits*n.Model
		n.ByVisit = n.Detected
		return n, nil
	case schemas.BasisPooled:
		return c.class.AtLeast(capture.Place{Seen: c.persons, Detection: c.model}, k)
	}
	return fits.AtLeast(k)
}

// parts are those of a number's error. What comes of the detection, of links and of the class's shape is the same
// for all municipalities of a prefecture; what comes of the official number of visitors, for surveys that are
// scaled by it as well.
func (c *countedCell) parts(n capture.Threshold, residence float64) Parts {
	prefecture := "/" + c.region.PrefectureCode
	own := "bookings/" + c.region.RegionCode
	of := c.visitError
	if c.shape == schemas.BasisSynthetic {
		of = visitErrorOf(c.e.b.Assumed.OfficialError, 0, ratioOf(c.related.StdErr, c.related.P))
	}
	byVisit := n.ByVisit / n.N
	other := math.Sqrt(math.Max(0, square(n.Detected)-square(n.ByVisit)-square(n.Linkage))) / n.N
	shared := math.Sqrt(math.Max(0, square(n.Shape)-square(n.Model))) / n.N // 0 where the shape is the region's own
	fitted, name := math.Sqrt(math.Max(0, square(n.Parameters/n.N)-square(shared))), own
	if c.shape != schemas.BasisOwn {
		name = "shape" + prefecture
	}
	return partsOf(
		Part{schemas.CauseSampling, own, math.Hypot(fitted, n.Sampling/n.N)},
		Part{schemas.CauseSampling, "shape" + prefecture, shared},
		Part{schemas.CauseModel, name, n.Model / n.N},
		Part{schemas.CauseModel, dropOut, n.DropOut / n.N},
		Part{schemas.CauseDetection, OfficialVisitors + prefecture, byVisit * of.official},
		Part{schemas.CauseDetection, "steps" + prefecture, byVisit * of.steps},
		Part{schemas.CauseClassification, "counting" + prefecture, byVisit * of.counting},
		Part{schemas.CauseClassification, "residence" + prefecture, residence},
		Part{schemas.CauseDetection, "detection" + prefecture, other},
		Part{schemas.CauseLinkage, "links", n.Linkage / n.N},
	)
}

func ratioOf(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

// shapeClass is the municipalities of a prefecture, whose distribution of visits serves
// those of which too few persons were seen.
type shapeClass struct {
	found bool
	capture.Class
	fits capture.Fits
	seen int64
}

// class fits the shape of municipalities together, and tells how far they lie apart.
func (e *bookingEstimator) class(cells []*seenCell, whole *seenCell) *shapeClass {
	seen, d, ok := e.together(cells, whole)
	if !ok {
		return &shapeClass{}
	}
	if d.Loyalty == (capture.Rate{}) {
		d.House = 0
	}
	fits, err := capture.FitThinned(seen, d, e.most(seen, d.Visit.P))
	if err != nil {
		return &shapeClass{}
	}
	var places []capture.Place
	for _, c := range cells {
		if d, ok := c.observationModel(e.b); ok && c.persons.Seen() > 0 {
			places = append(places, capture.Place{Seen: c.persons, Detection: d})
		}
	}
	return &shapeClass{found: true, Class: capture.NewClass(fits, places), fits: fits, seen: int64(seen.Seen())}
}
