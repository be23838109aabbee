package capture

import (
	"fmt"
	"math"

	"github.com/kankei/kankei/transforms/golden"
)

// detections is the number of detections tried at first, evenly over the range.
const detections = 9

// trial is one detection with the fit at it, and what of the likelihood detection costs.
type trial struct {
	free    Free
	penalty float64
}

// acrossDetections is the envelope where detection has a standard error: the profile is over
// p as well, which is known as from a normal estimate,
//
//	min, max Σ_{v≥k} h_v  subject to  2(ℓ_max − ℓ(h, p)) ≤ χ²_1(level),
//	ℓ(h, p) = ℓ(h; p) − (p − p̂)²/(2 v(p̂))
//
// Each end at a given p is proved as [Free.Envelope] says; over p the ends are found by
// trial, with the golden section about the best of them, to about a thousandth. Where the range of p reaches 0 nothing
// limits the number from above, and High is +∞.
func (f Free) acrossDetections(k int, slack float64) (Envelope, error) {
	reach := f.detection.Visit.StdErr * math.Sqrt(2*slack)
	low, high := f.detection.Visit.P-reach, min(f.detection.Visit.P+reach, 1)
	open := !(low > 0)
	if open {
		low = f.detection.Visit.P / detections
	}
	step := (high - low) / (detections - 1)
	best := f.best
	var trials []trial
	for i := range detections {
		t, err := f.at(low + float64(i)*step)
		if err != nil {
			return Envelope{}, err
		}
		trials, best = append(trials, t), max(best, t.free.best-t.penalty)
	}
	e := Envelope{LogLikelihood: f.LogLikelihood + best - f.best, Low: math.Inf(1), High: math.Inf(-1)}
	var least, greatest float64
	for _, t := range trials {
		if left := slack - (best - t.free.best + t.penalty); left > 0 {
			given, err := t.free.given(k, left)
			if err != nil {
				return e, err
			}
			if given.Low < e.Low {
				e.Low, least = given.Low, t.free.detection.Visit.P
			}
			if given.High > e.High {
				e.High, greatest = given.High, t.free.detection.Visit.P
			}
			e.Gap = max(e.Gap, given.Gap)
		}
	}
	end := func(p float64) Envelope {
		t, err := f.at(p)
		if left := slack - (best - t.free.best + t.penalty); err == nil && left > 0 {
			if given, err := t.free.given(k, left); err == nil {
				return given
			}
		}
		return Envelope{Low: math.Inf(1), High: math.Inf(-1)}
	}
	lowest := golden.Section(max(low, least-step), min(high, least+step), step/8, func(p float64) float64 { return -end(p).Low }).Top
	highest := golden.Section(max(low, greatest-step), min(high, greatest+step), step/8, func(p float64) float64 { return end(p).High }).Top
	e.Low, e.High = min(e.Low, -lowest), max(e.High, highest)
	if open {
		e.High = math.Inf(1)
	}
	return e, nil
}

// at is the fit at another detection.
func (f Free) at(p float64) (trial, error) {
	d := f.detection
	d.Visit = Rate{P: p}
	free, err := FitFree(f.seen, d, len(f.visits))
	if err != nil {
		return trial{}, fmt.Errorf("at a detection of %v: %w", p, err)
	}
	return trial{free, square((p-f.detection.Visit.P)/f.detection.Visit.StdErr) / 2}, nil
}
