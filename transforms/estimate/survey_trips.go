package estimate

import (
	"math"
	"slices"

	"github.com/kankei/kankei/schemas"
)

// TripShare is, of the respondents with one visit to each of several municipalities of a
// prefecture, the share who made two trips or more, with its standard error.
type TripShare struct {
	Definition, Outside, Prefecture string
	Share, StdErr                   float64
}

// evenShare and evenError stand where nothing tells a share: any from none to all is as likely.
const evenShare = 0.5

var evenError = math.Sqrt(1.0 / 12)

// onward is how many trips went on to other municipalities of a prefecture for one that did not,
//
//	ρ = Σ_{m>1} w/m / Σ_{m=1} w = s/(1 − s)
//
// over answers on the spot with design weights w, m being the municipalities that the trip goes to: in
// each of them it can be met, so that s is the share of trips where an answer weighs w/m ([shareMet]).
// The error is v(s)/(1 − s)⁴. False where fewer than 30 persons were asked, or all say the same.
func onward(answers []OnsiteAnswer) (rho, stdErr float64, ok bool) {
	trips := slices.Clone(answers)
	for i := range trips {
		trips[i].Weight /= float64(trips[i].Municipalities)
	}
	every := func(OnsiteAnswer) bool { return true }
	share, _, ok := shareMet(trips, every, func(a OnsiteAnswer) bool { return a.Municipalities > 1 })
	if !ok || share.P == 0 || share.P == 1 {
		return 0, 0, false
	}
	return share.P / (1 - share.P), share.StdErr / square(1-share.P), true
}

// tripSharesOf are the shares that a weighted survey and answers on the spot tell together. Of
// single trips as many went on, for one that did not, as of the trips of those met who had not
// been in the prefecture before in 12 months (ρ, [onward]). With S the persons of one visit in
// all, and D those of one to each of several municipalities,
//
//	share = 1 − ρ S/D,  v = (ρ S/D)² (v(ρ)/ρ² + v(ln S − ln D))
//
// the last by the design, the share cut to 0 to 1. There is none where too few were asked, S or D is
// nothing, or the error is no less than that of not knowing ([evenError]).
func tripSharesOf(f Frame, s WeightedSurvey, domains *Domains, met []OnsiteAnswer) (shares []TripShare, err error) {
	asked := s.askedOfTrips(met)
	for _, p := range f.Profiles {
		if len(asked) == 0 || !p.Sees(schemas.SourceSurvey) || !answerable(p) {
			continue
		}
		for _, rule := range f.Outside {
			once := s.onceIn(p, rule)
			for _, r := range f.Regions {
				counted := slices.DeleteFunc(slices.Clone(asked[r.RegionCode]), func(a OnsiteAnswer) bool {
					return !isOutside(rule, a.Residence, a.Region) || visitsNeeded(a.Tie, p) == 0
				})
				rho, stdErr, ok := onward(counted)
				if !ok || once[r.RegionCode] == nil {
					continue
				}
				ratio, spread, err := domains.ratioOfParts(once[r.RegionCode])
				if err != nil {
					return nil, err
				}
				one := rho * ratio
				if e := one * math.Hypot(stdErr/rho, spread); one > 0 && e < evenError {
					shares = append(shares, TripShare{p.ID, rule, r.RegionCode, max(0, 1-one), e})
				}
			}
		}
	}
	return shares, nil
}

// askedOfTrips are, by prefecture, the answers on the spot of the 12 months that a survey speaks of
// by those who had not been in the prefecture before in 12 months and say where the trip goes. (Who
// had not been in the municipality may be at home in the next: their trips go on too often.)
func (s WeightedSurvey) askedOfTrips(met []OnsiteAnswer) map[string][]OnsiteAnswer {
	asked := map[string][]OnsiteAnswer{}
	last := s.Last.MonthEnd()
	for _, a := range met {
		if a.Municipalities > 0 && a.PrefectureVisits == 1 && a.Day > last.AddMonths(-12) && a.Day <= last && len(a.Residence) == 5 {
			prefecture := a.Region[:2] + "000"
			asked[prefecture] = append(asked[prefecture], a)
		}
	}
	return asked
}

// onceIn are, by prefecture, the respondents of one visit in all, with 1, and those of whom a
// definition does not know whether visits to several municipalities, one to each, were one trip,
// with −1.
func (s WeightedSurvey) onceIn(p schemas.Profile, rule string) map[string]*cell {
	once := map[string]*cell{}
	for unit, ties := range s.Ties {
		for prefecture, t := range prefectureTies(s.Residences[unit], ties, p, rule) {
			var part float64
			switch {
			case t.Visits == 1 && t.Most == 1:
				part = 1
			case onceInEach(t, p):
				part = -1
			default:
				continue
			}
			if once[prefecture] == nil {
				once[prefecture] = &cell{}
			}
			once[prefecture].units, once[prefecture].y = append(once[prefecture].units, int32(unit)), append(once[prefecture].y, part)
		}
	}
	return once
}

// ratioOfParts is the weight of the units of a cell that have 1 over that of those that have −1, with
// the standard error of its logarithm.
func (d *Domains) ratioOfParts(c *cell) (ratio, spread float64, err error) {
	var above, below float64
	for i, unit := range c.units {
		if c.y[i] > 0 {
			above += d.weights[unit]
		} else {
			below += d.weights[unit]
		}
	}
	u := make([]float64, len(c.units))
	for i, y := range c.y {
		if y > 0 {
			u[i] = 1 / above
		} else {
			u[i] = -1 / below
		}
	}
	total, err := d.Total(c.units, u)
	return above / below, total.StdErr, err
}
