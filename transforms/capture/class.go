package capture

import (
	"fmt"
	"math"
	"sync"
)

// Place is what was seen at one of several like places, and how likely it was seen.
type Place struct {
	Seen Frequencies
	Detection
}

// Class is several like places together: each has the distribution of visits of all of
// them, but for how many come again:
//
//	g_δ(v) ∝ g(v) e^{δ 1{v ≥ 2}},  δ/τ ~ Student's t with 4 degrees of freedom
//
// with g fitted to what was seen of all places and τ by maximum marginal likelihood over
// them. The tails are those of places that are unlike the others, such as one great temple that
// people see once. A place of which much was seen has the δ that it tells itself; one of which little
// was seen is drawn to the class, with the spread between places in its error.
type Class struct {
	fits   Fits
	visits []float64 // g, averaged over the families
	// Spread is τ, Places the number of places it was told from; of fewer than three it is
	// assumed.
	Spread float64
	Places int
	shapes *shapes
}

// shapes are the numbers of all places together that were asked for.
type shapes struct {
	sync.Mutex
	atLeast map[int]Threshold
}

const (
	// assumedSpread is τ where too few places tell it.
	assumedSpread = 0.5
	leastPlaces   = 3
	// The grid of δ.
	tiltEnd, tiltStep = 5.0, 0.05
)

// NewClass tells how far places lie apart; fits are those to all of them together.
func NewClass(fits Fits, places []Place) Class {
	c := Class{fits: fits, visits: fits.averaged(), Spread: assumedSpread, Places: len(places),
		shapes: &shapes{atLeast: map[int]Threshold{}}}
	if len(places) < leastPlaces {
		return c
	}
	var logs [][]float64
	for _, p := range places {
		logs = append(logs, c.likelihoods(newProblem(p.Seen, p.Detection, len(c.visits), nil)))
	}
	best := math.Inf(-1)
	for spread := 0.05; spread < 2; spread *= 1.1 {
		var sum float64
		for _, l := range logs {
			sum += marginal(l, spread)
		}
		if sum > best {
			best, c.Spread = sum, spread
		}
	}
	return c
}

// averaged is the distribution of visits, by Akaike weights.
func (f Fits) averaged() []float64 {
	out := make([]float64, f.problem.most)
	var sum float64
	for _, fit := range f.Fits {
		w := math.Exp((f.Fits[0].AIC - fit.AIC) / 2)
		sum += w
		for v, p := range fit.visits {
			out[v] += w * p
		}
	}
	for v := range out {
		out[v] /= sum
	}
	return out
}

// tilts are the δ of the grid.
func tilts() []float64 {
	n := int(2*tiltEnd/tiltStep) + 1
	out := make([]float64, n)
	for i := range out {
		out[i] = -tiltEnd + tiltStep*float64(i)
	}
	return out
}

// tilted is g_δ.
func (c Class) tilted(tilt float64) []float64 {
	again := (1 - c.visits[0]) * math.Exp(tilt)
	out := make([]float64, len(c.visits))
	for v, p := range c.visits {
		if v > 0 {
			p *= math.Exp(tilt)
		}
		out[v] = p / (c.visits[0] + again)
	}
	return out
}

// likelihoods are the log-likelihoods of a place over the grid.
func (c Class) likelihoods(p *problem) []float64 {
	var out []float64
	for _, tilt := range tilts() {
		out = append(out, p.value(c.tilted(tilt)))
	}
	return out
}

// marginal is ln ∫ L(δ) t₄(δ/τ)/τ dδ, up to a constant.
func marginal(logs []float64, spread float64) float64 {
	highest := math.Inf(-1)
	for _, l := range logs {
		highest = math.Max(highest, l)
	}
	var sum float64
	for i, tilt := range tilts() {
		sum += math.Exp(logs[i]-highest+between(tilt/spread)) / spread
	}
	return highest + math.Log(sum*tiltStep)
}

// mean and variance of ln of a number over the posterior of δ.
func (c Class) posterior(logs []float64, number func(g []float64) float64) (mean, variance float64) {
	highest := math.Inf(-1)
	for i, tilt := range tilts() {
		logs[i] += between(tilt / c.Spread)
		highest = math.Max(highest, logs[i])
	}
	var sum, squares float64
	for i, tilt := range tilts() {
		w := math.Exp(logs[i] - highest)
		if w < 1e-12 {
			continue
		}
		x := math.Log(number(c.tilted(tilt)))
		sum, mean, squares = sum+w, mean+w*x, squares+w*x*x
	}
	mean /= sum
	return mean, math.Max(0, squares/sum-mean*mean)
}

// AtLeast is the number of persons with at least k visits to a place, of which so many
// were seen. Parameters is the error of its own share that come again, with that of the
// class's shape; Model is that of the choice of the family; Shape is what of both all places have
// in common, which is added, not squared, where places are.
func (c Class) AtLeast(p Place, k int) (Threshold, error) {
	if err := p.Seen.check(); err != nil {
		return Threshold{}, err
	}
	if err := p.check(); err != nil {
		return Threshold{}, err
	}
	if k < 1 || k > len(c.visits) || len(p.Seen) > len(c.visits) {
		return Threshold{}, fmt.Errorf("a place of a class: at least %d visits, %d seen at most: the class allows for %d", k, len(p.Seen), len(c.visits))
	}
	at := func(d Detection) (mean, variance float64) {
		own := newProblem(p.Seen, d, len(c.visits), nil)
		return c.posterior(c.likelihoods(own), func(g []float64) float64 { return own.number(g, k) })
	}
	log, variance := at(p.Detection)
	shape, err := c.shape(k)
	if err != nil {
		return Threshold{}, err
	}
	n := Threshold{Estimate: Estimate{N: math.Exp(log), Seen: p.Seen.AtLeast(k)}, Naive: p.Seen.AtLeast(k)}
	c.shaped(&n, math.Sqrt(variance), shape)
	own := newProblem(p.Seen, p.Detection, len(c.visits), nil)
	zero := dot(c.visits, own.unseen)
	// How many come so often to one place is chance too, which its own frequencies do not tell: the number is
	// counted as Poisson, not as a fixed share of all its visitors.
	n.Sampling = math.Sqrt(n.N * zero / (1 - zero))
	for _, move := range p.moved() {
		low, _ := at(move.ends[0])
		high, _ := at(move.ends[1])
		n.detected(move, n.N*(high-low))
	}
	n.StdErr = math.Sqrt(square(n.Parameters) + square(n.Sampling) + square(n.Detected) + square(n.Model))
	return n, nil
}

// Own is the number of persons with at least k visits to a place, as [Class.AtLeast] has it, with the part of its
// error that is the place's own: its share that come again, and chance. What places have in common, of detection and
// shape, is in none of the shares of their sum.
func (c Class) Own(p Place, k int) (Estimate, error) {
	if err := p.Seen.check(); err != nil {
		return Estimate{}, err
	}
	if err := p.check(); err != nil {
		return Estimate{}, err
	}
	if k < 1 || k > len(c.visits) || len(p.Seen) > len(c.visits) {
		return Estimate{}, fmt.Errorf("a place of a class: at least %d visits, %d seen at most: the class allows for %d", k, len(p.Seen), len(c.visits))
	}
	own := newProblem(p.Seen, p.Detection, len(c.visits), nil)
	log, variance := c.posterior(c.likelihoods(own), func(g []float64) float64 { return own.number(g, k) })
	zero := dot(c.visits, own.unseen)
	n := Estimate{N: math.Exp(log), Seen: p.Seen.AtLeast(k)}
	n.StdErr = math.Sqrt(square(n.N)*variance + n.N*zero/(1-zero))
	return n, nil
}

// shaped sets the errors of a number that come of a place's own share that come again, and of the shape.
func (c Class) shaped(n *Threshold, own float64, shape Threshold) {
	n.Parameters = n.N * math.Hypot(own, shape.Parameters/shape.N)
	n.Model = n.N * shape.Model / shape.N
	n.Shape = n.N * math.Hypot(shape.Parameters, shape.Model) / shape.N
}

// shape is the number of persons with at least k visits to all places together, which is worked
// out once.
func (c Class) shape(k int) (Threshold, error) {
	c.shapes.Lock()
	defer c.shapes.Unlock()
	if n, ok := c.shapes.atLeast[k]; ok {
		return n, nil
	}
	n, err := c.fits.AtLeast(k)
	if err == nil {
		c.shapes.atLeast[k] = n
	}
	return n, err
}

// PerVisit is the number of persons with at least k visits for each visit to a place of
// the class of which nothing was seen, Σ_{v≥k} g(v)/Σ v g(v), with the spread between places
// and the error of the shape.
func (c Class) PerVisit(k int) (Threshold, error) {
	if k < 1 || k > len(c.visits) {
		return Threshold{}, fmt.Errorf("a place of a class: at least %d visits: ask for 1 to %d", k, len(c.visits))
	}
	log, variance := c.posterior(make([]float64, len(tilts())), func(g []float64) float64 { return tail(g, k) / visitsMean(g) })
	shape, err := c.shape(k)
	if err != nil {
		return Threshold{}, err
	}
	n := Threshold{Estimate: Estimate{N: math.Exp(log)}}
	c.shaped(&n, math.Sqrt(variance), shape)
	n.StdErr = math.Hypot(n.Parameters, n.Model)
	return n, nil
}

// between is ln t₄(x), up to a constant.
func between(x float64) float64 { return -2.5 * math.Log1p(x*x/4) }
