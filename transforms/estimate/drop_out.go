package estimate

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
)

// dropOut names the error of those whom a figure counts having left a panel more or less readily than
// others, which is one of all figures of a wave.
const dropOut = "dropout"

// DropOut is what a later wave of a panel and a survey on the spot say together of those who left the panel.
// Both tell how the pairs of prefectures changed from the wave before to this one,
//
//	c = ln(S₂/S₁) − ln(O₂/O₁)
//
// S being the pairs by the waves, O those on the spot in the 12 months that each wave speaks of. What either source
// gets wrong both times cancels; what dropping out adds to S₂ stays, so that c estimates it.
type DropOut struct {
	Definition, Outside string
	// SourcePeriod is that of the rows of the wave.
	SourcePeriod string
	// Month is the reference month that the wave speaks of.
	Month schemas.Date
	// Log is c.
	Log float64
	// Parts are those of its error and, by the name [dropOut], what it is to tell. Errors of S₂ and O₂ have the names
	// that they have in the figures of the prefecture.
	Parts Parts
}

// told is what the parts make known of dropping out: the error whose effect on a figure is effect has the mean
//
//	β c,  β = effect · effect_c/(v + effect_c²)
//
// given c, v being the variance of all else in c; 0 where c tells nothing.
func (d DropOut) told(effect float64) (beta float64) {
	var own float64
	for _, p := range d.Parts {
		if p.Name == dropOut {
			own += p.Effect
		}
	}
	if all := d.Parts.variance(); all > 0 {
		return effect * own / all
	}
	return 0
}

// Correction is the mean of what dropping out adds to the logarithm of figures of the wave, given c, with its standard
// error; effect is the standard deviation of it before.
func (d DropOut) Correction(effect float64) (mean, stdErr float64) {
	beta := d.told(effect)
	left := sumOfParts([]float64{1, -beta}, []Parts{{{schemas.CauseModel, dropOut, effect}}, d.Parts})
	return beta * d.Log, math.Sqrt(left.variance())
}

// DropOuts are what a wave of a panel and the surveys on the spot say of those who left it, by definition and outside
// rule: none where there is no wave before, where nobody was lost or dropping out is taken for alike, or where either
// does not tell the pairs of any prefecture in both months, by a figure that may be shown and is not of low reliability.
//
// The errors of the waves go with one another, as the persons are the same: with z the linearised contributions of a
// unit of the wave before to ln S₂ and ln S₁ (0 to S₂ of who left), v(ln S₂ − ln S₁) = v(Σ(z₂ − z₁)) under its design.
// Those of the spot are independent where the waves are a year apart, and share their overlap where they are less.
func DropOuts(f Frame, s WeightedSurvey, met []OnsiteAnswer, totals []schemas.Total, rule disclose.Threshold) ([]DropOut, error) {
	if s.Before == nil || !(s.DropOut > s.Before.DropOut) || len(met) == 0 {
		return nil, nil
	}
	months := [2]schemas.Date{s.Before.Last.MonthEnd(), s.Last.MonthEnd()}
	if months[0] == months[1] {
		return nil, nil
	}
	spot := newOnsiteEstimator(f, met, totals)
	waves := [2]surveyCells{cellsOf(*s.Before, f.Profiles, f.Outside, nil), cellsOf(s, f.Profiles, f.Outside, nil)}
	var all []DropOut
	for _, p := range f.Profiles {
		if !p.Sees(schemas.SourceSurvey) || !answerable(p) || waves[0].undecided[p.ID] || waves[1].undecided[p.ID] {
			continue
		}
		for _, outside := range f.Outside {
			e := changeEvidence{wave: s, rule: rule, key: cellKey{p.ID, schemas.Pairs, outside, "", schemas.All, schemas.All, -1}, months: months}
			for _, r := range f.Regions {
				if r.RegionLevel == schemas.LevelPrefecture {
					if err := e.prefecture(spot, waves, p, r); err != nil {
						return nil, err
					}
				}
			}
			d, ok, err := e.dropOut()
			if err != nil {
				return nil, fmt.Errorf("dropping out, %s: %w", p.ID, err)
			}
			if ok {
				all = append(all, d)
			}
		}
	}
	return all, nil
}

// changeEvidence gathers the pairs of prefectures that panel and spot tell in two months.
type changeEvidence struct {
	wave        WeightedSurvey
	rule        disclose.Threshold
	key         cellKey
	months      [2]schemas.Date
	prefectures []string
	panel       [2][]*cell
	spot        [2][]onsitePairs
}

// onsitePairs are pairs on the spot with the parts of their error.
type onsitePairs struct {
	value float64
	parts Parts
}

// prefecture adds a prefecture of which all four figures are known.
func (e *changeEvidence) prefecture(spot *onsiteEstimator, waves [2]surveyCells, p schemas.Profile, r schemas.Region) error {
	var on [2]onsitePairs
	var cells [2]*cell
	key := e.key
	key.region = r.RegionCode
	for i, month := range e.months {
		if cells[i] = waves[i].cells[key]; cells[i] == nil || !e.rule.Shows(int64(len(cells[i].units)), 0) {
			return nil
		}
		row, parts, err := spot.pairs(p, e.key.outside, month, r)
		if err != nil {
			return err
		}
		if row.Row.Value == nil || !(*row.Row.Value > 0) || row.Row.ObsStatus == schemas.LowReliability || !e.rule.Shows(row.Persons, 0) {
			return nil
		}
		on[i] = onsitePairs{*row.Row.Value, parts}
	}
	e.prefectures = append(e.prefectures, r.RegionCode)
	for i := range on {
		e.panel[i], e.spot[i] = append(e.panel[i], cells[i]), append(e.spot[i], on[i])
	}
	return nil
}

// dropOut is c of the sums over the prefectures; false where there is none.
func (e *changeEvidence) dropOut() (d DropOut, ok bool, err error) {
	if len(e.prefectures) == 0 {
		return d, false, nil
	}
	d = DropOut{Definition: e.key.definition, Outside: e.key.outside, SourcePeriod: e.wave.period(), Month: e.months[1]}
	parts := []Part{{schemas.CauseModel, dropOut, e.wave.DropOut - e.wave.Before.DropOut}}
	for i, sign := range []float64{-1, 1} {
		var sums [2]float64 // of the panel, of the spot
		survey := []WeightedSurvey{*e.wave.Before, e.wave}[i]
		whole := summed(e.panel[i])
		for j, k := range whole.units {
			sums[0] += survey.Weights()[k] * whole.y[j]
		}
		var numbers []float64
		for _, o := range e.spot[i] {
			numbers = append(numbers, o.value)
			sums[1] += o.value
		}
		if !(sums[0] > 0) {
			return d, false, nil
		}
		d.Log += sign * math.Log(sums[0]/sums[1])
		parts = append(parts, Part{schemas.CauseClassification, "split", sign * survey.splitError(whole) / sums[0]})
		for j, share := range sharesOf(numbers) {
			for _, part := range e.spot[i][j].parts.scaled(-sign * share) {
				if i == 0 && part.Cause == schemas.CauseSampling {
					part.Name += "/before" // other answers than those of the later month
				}
				parts = append(parts, part)
			}
		}
	}
	sampled, err := e.sampling()
	d.Parts = partsOf(append(parts, sampled...)...)
	return d, true, err
}

// sampling are the parts of the sampling error of ln S₂ − ln S₁: what goes with the error of each prefecture's S₂, and the
// rest.
func (e *changeEvidence) sampling() ([]Part, error) {
	before := *e.wave.Before
	change := before.contributions(summed(e.panel[0]))
	for k := range change {
		change[k] = -change[k]
	}
	units := func(z []float64) []float64 { // of the wave before
		out := make([]float64, len(change))
		for k, unit := range e.wave.Stayed {
			out[unit] = z[k]
		}
		return out
	}
	for k, z := range units(e.wave.contributions(summed(e.panel[1]))) {
		change[k] += z
	}
	u, ones := [][]float64{change}, make([]float64, len(change))
	for k := range ones {
		ones[k] = 1
	}
	for _, c := range e.panel[1] {
		u = append(u, units(e.wave.contributions(c)))
	}
	v, err := before.Design.Covariance(ones, u...)
	if err != nil {
		return nil, err
	}
	rest := v.At(0, 0)
	var parts Parts
	for i, prefecture := range e.prefectures {
		if own := v.At(i+1, i+1); own > 0 {
			parts = append(parts, Part{schemas.CauseSampling, "survey/" + prefecture, v.At(0, i+1) / math.Sqrt(own)})
		}
	}
	if told := parts.variance(); told > rest { // prefectures whose errors are not independent
		parts = parts.scaled(math.Sqrt(max(rest, 0) / told))
	}
	return append(parts, Part{schemas.CauseSampling, "survey/before", math.Sqrt(max(rest-parts.variance(), 0))}), nil
}

// contributions are what each unit adds to the logarithm of a total of a cell, linearised: its calibrated weight times its
// residual, over the total.
func (s WeightedSurvey) contributions(c *cell) []float64 {
	w := s.Weights()
	z := make([]float64, len(w))
	var total float64
	for i, k := range c.units {
		z[k] = c.y[i]
		total += w[k] * c.y[i]
	}
	if s.Calibration != nil {
		z = s.Calibration.Linearised(z)
	}
	for k := range z {
		z[k] *= w[k] / total
	}
	return z
}

// summed is the cell of a sum.
func summed(cells []*cell) *cell {
	if len(cells) == 1 {
		return cells[0]
	}
	sum := map[int32]float64{}
	whole := &cell{split: map[splitClass][]int32{}}
	for _, c := range cells {
		for i, k := range c.units {
			sum[k] += c.y[i]
		}
		for class, units := range c.split {
			whole.split[class] = append(whole.split[class], units...)
		}
	}
	whole.units = slices.Sorted(maps.Keys(sum))
	for _, k := range whole.units {
		whole.y = append(whole.y, sum[k])
	}
	return whole
}

// repair takes from the figures of a wave what dropping out is told to have added, given what panel and spot say together:
// from their logarithms β c, and of their errors what is known by it ([DropOut]).
func (g *joint) repair(dropOuts []DropOut) {
	for _, d := range dropOuts {
		if d.Definition != g.key.definition || d.Outside != g.key.outside {
			continue
		}
		parts := g.partsOfDropOut(d)
		for _, c := range g.members {
			for i := range c.components {
				p := &c.components[i]
				at := slices.IndexFunc(p.parts, func(q Part) bool { return q.Name == dropOut })
				if at < 0 || p.Row.SourcePeriod != d.SourcePeriod {
					continue
				}
				beta := d.told(p.parts[at].Effect)
				p.log -= beta * d.Log
				p.parts = sumOfParts([]float64{1, -beta}, []Parts{p.parts, parts})
			}
		}
	}
}

// partsOfDropOut are the parts of c by the names that they have in the group: what is of the pairs of its prefecture is of their
// municipalities ([joint.nest]), and answers on the spot are those of the reference month as far as the 12 months are.
func (g *joint) partsOfDropOut(d DropOut) Parts {
	common := max(0, 1-math.Abs(float64(month(g.key.reference)-month(d.Month)))/12)
	var parts []Part
	for _, part := range d.Parts {
		if part.Cause == schemas.CauseSampling && part.Name == "onsite/"+g.key.prefecture && common < 1 {
			parts = append(parts, Part{part.Cause, part.Name + "/wave", part.Effect * math.Sqrt(1-square(common))})
			part.Effect *= common
		}
		nested, known := g.nested[part.Name]
		if !known || part.Cause != schemas.CauseSampling {
			nested = Parts{{part.Cause, part.Name, 1}}
		}
		parts = append(parts, nested.scaled(part.Effect)...)
	}
	return partsOf(parts...)
}
