package convert

import (
	"fmt"
	"math"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
	"github.com/kankei/kankei/transforms/survival"
)

// Member is a member of a panel who names a region with two visits a year or more while living in
// another prefecture, and what the next waves tell.
type Member struct {
	Region string
	// Number is the member's, and SamplingUnit the unit drawn, '' where members were themselves.
	Number       int64
	SamplingUnit string
	// EnteredOn is the day of the first answer that names the region, with its survey weight.
	EnteredOn schemas.Date
	Weight    float64
	// EndedOn is the day of the first answer that tells End, 1 living in the region and 2 elsewhere
	// than before, or of the last answer, End 0.
	EndedOn schemas.Date
	End     int32
	// NotBy is the day of the last answer before that one, or of that one where it tells neither: End came
	// after it.
	NotBy schemas.Date
}

// surveyEstimator is that of panels.
const surveyEstimator = "aalen_johansen_survey"

// Surveyed follows the members of panels from the first wave in which they name a region:
// Aalen and Johansen's incidence of living there, by survey weights, with errors by the
// infinitesimal jackknife over sampling units, or members where there are none ([survival.Curves],
// which has the values of R's survfit with weights and cluster). Times are whole quarters of a
// year, the nearest, for waves are seldom a year apart to the day; a move is dated by the answer
// that tells it. Members whose last answer is after the as-of day are left out. Rows are of all years
// together, where there are members at all; below ten followed, or ten who move in, there is no
// figure. Each rests on the fewer of those who move in and the others.
func Surveyed(f Frame, members []Member) ([]disclose.Counted[schemas.MigrationConversion], error) {
	if len(members) == 0 {
		return nil, nil
	}
	at, number := map[string]int32{}, map[string]int64{}
	p := prospect{Frame: f}
	for _, region := range f.Regions {
		if region.RegionLevel == schemas.LevelPrefecture || region.RegionLevel == schemas.LevelMunicipality {
			at[region.RegionCode] = int32(len(p.strata))
			p.strata = append(p.strata, stratum{region: region})
		}
	}
	persons := make([]int64, len(p.strata))
	var spells []survival.Spell
	for _, m := range members {
		stratum, framed := at[m.Region]
		if !framed || m.EndedOn > f.AsOf || !(m.Weight > 0) {
			continue
		}
		cluster := m.Number
		if m.SamplingUnit != "" {
			if _, there := number[m.SamplingUnit]; !there {
				number[m.SamplingUnit] = int64(len(number))
			}
			cluster = number[m.SamplingUnit]
		}
		persons[stratum]++
		spells = append(spells, survival.Spell{Exit: quartersBetween(m.EnteredOn, m.EndedOn), Cause: m.End, Stratum: stratum, Weight: m.Weight, Cluster: cluster})
	}
	curves, err := survival.Curves(spells, survival.Options{Strata: len(p.strata), Causes: elsewhere, Weighted: true, Clustered: true, MinAtRisk: leastAtRisk})
	if err != nil {
		return nil, err
	}
	for i, s := range p.strata {
		for _, horizon := range Horizons {
			point, reason := survival.Point{Status: survival.NotEstimable}, schemas.FewAtRisk
			if len(curves[i].Time) > 0 {
				point, reason = curves[i].IncidenceAt(moved, horizon/3, survival.Interval{}), schemas.FollowUpShort
				if point.Status != survival.NotEstimable && point.Events < leastMovers {
					point, reason = survival.Point{Status: survival.NotEstimable}, schemas.FewMovers
				}
			}
			p.rows = append(p.rows, p.conversion(s, surveyEstimator, horizon, point, min(int64(point.Events), persons[i]-int64(point.Events)), reason))
		}
	}
	return p.rows, nil
}

// quartersBetween is the time between two days in quarters of a year, the nearest, one at least.
func quartersBetween(from, until schemas.Date) int32 {
	return max(1, int32(math.Round(float64(until-from)/(365.25/4))))
}

// unitOf names the sampling unit of a member of a panel, or the member where there is none.
func unitOf(samplingUnit string, member int64) string {
	if samplingUnit != "" {
		return "unit " + samplingUnit
	}
	return fmt.Sprint("member ", member)
}
