package estimate

import (
	"math"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/capture"
	"github.com/kankei/kankei/transforms/disclose"
)

// originClass is the persons seen of a prefecture by where they live, as places of one class: each origin has the
// prefecture's distribution of visits but for how many come again.
type originClass struct {
	class capture.Class
	cells []OriginCell
	seen  []capture.Frequencies
}

// byOrigin sorts the persons seen; origins of fewer than the rule of disclosure asks for are one.
func (c *countedCell) byOrigin() *originClass {
	out := &originClass{}
	var rest OriginCell
	var together capture.Frequencies
	for _, origin := range origins(c.rule, c.region.RegionCode) {
		seen := c.e.counts[tripKey{c.excluded, c.rule, c.region.RegionCode, origin, month(c.reference)}]
		if seen.Seen() >= float64(c.e.b.LeastPersons) {
			out.cells, out.seen = append(out.cells, OriginCell{Origins: []string{origin}}), append(out.seen, seen)
			continue
		}
		rest.Origins = append(rest.Origins, origin)
		for v, n := range seen {
			for len(together) <= v {
				together = append(together, 0)
			}
			together[v] += n
		}
	}
	if together.Seen() > 0 {
		out.cells, out.seen = append(out.cells, rest), append(out.seen, together)
	}
	var places []capture.Place
	for _, seen := range out.seen {
		places = append(places, capture.Place{Seen: seen, Detection: c.model})
	}
	out.class = capture.NewClass(c.fits, places)
	return out
}

// fromOrigins shares the prefecture's number of persons with at least k trips out by origin,
//
//	N_o = N · n_o/Σ n_o,  cv² = cv(N)² + v(s_o)/s_o²
//
// n_o being estimated of each origin as of a place of one class, all seen with the same detection. What the
// origins have in common, of detection and shape, is in N alone; v(s_o) comes of what is their own.
func (c *countedCell) fromOrigins(p schemas.Profile, k int, of *originClass) (OriginFlows, []disclose.Counted[schemas.OriginDestination]) {
	whole, ok := c.atLeast(&c.fits, k)
	if !ok || len(of.cells) < 2 {
		return OriginFlows{}, nil
	}
	o := OriginFlows{Definition: p.ID, Outside: c.rule, Region: c.region.RegionCode, Source: schemas.SourceBooking, Estimator: Thinned,
		Methodology: bookingMethodology, Months: []schemas.Date{c.reference}, Facilities: c.facilities, DF: math.Inf(1)}
	var stdErrs []float64
	var total, variance float64
	for i, cell := range of.cells {
		n, err := of.class.Own(capture.Place{Seen: of.seen[i], Detection: c.model}, k)
		if err != nil || !(n.N > 0) || math.IsInf(n.N, 0) || math.IsNaN(n.StdErr) {
			return OriginFlows{}, nil
		}
		cell.Value, cell.Persons = n.N, int64(of.seen[i].Seen())
		if c.tells() {
			cell.Persons = min(cell.Persons, shownPersons(of.seen[i], c.e.asked[c.excluded])[k])
		}
		o.Cells, stdErrs = append(o.Cells, cell), append(stdErrs, n.StdErr)
		total, variance = total+n.N, variance+square(n.StdErr)
	}
	o.Variance = independent(o.Cells, stdErrs)
	var rows []disclose.Counted[schemas.OriginDestination]
	for i, cell := range o.Cells {
		if len(cell.Origins) > 1 {
			continue
		}
		share := cell.Value / total
		spread := (square(stdErrs[i])*(1-2*share) + square(share)*variance) / square(total)
		row := schemas.OriginDestination{Definition: p.ID, Outside: c.rule, RegionCode: c.region.RegionCode, RegionLevel: c.region.RegionLevel,
			OriginCode: cell.Origins[0], ReferenceMonth: c.reference, Source: schemas.SourceBooking, Estimator: Thinned, Observation: c.observation(true)}
		if k > told {
			row.ObsStatus = schemas.LowReliability
		}
		relative := math.Hypot(whole.stdErr/whole.n, math.Sqrt(max(0, spread))/share)
		rows = append(rows, disclose.Counted[schemas.OriginDestination]{Row: flowRow(row, whole.n*share, relative, cell.Persons), Persons: cell.Persons, Facilities: c.facilities})
	}
	return o, rows
}
