package estimate

import (
	"math"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
	"github.com/kankei/kankei/transforms/regularity"
)

// regularMethodology names the method of the figures of regularity.
const regularMethodology = "regularity-1"

// RegularTie is what bookings show of ties with a region until the last reference month and
// until a year before. Months are year × 12 + month − 1.
type RegularTie struct {
	Region string
	// First and Last are the months of the first and the last trip, Trips their number.
	First, Last, Trips int32
	// LastThen and TripsThen are the last month and the number until a year before; 0 for none.
	LastThen, TripsThen int32
	Ties                int64
}

// again says that the tie was there a year before, and a trip was seen since.
func (t RegularTie) again() bool { return t.TripsThen > 0 && t.Trips > t.TripsThen }

// RegularCounts are the ties by region, and the gaps between trips by prefecture.
type RegularCounts struct {
	Ties []RegularTie
	Gaps map[string][]regularity.Gap
}

// Regularity tells, for the last reference month, how many of the ties that bookings show are
// still alive, and how long the gaps between trips are (package regularity):
//
//	alive_share        mean probability that a tie is alive
//	active_share       share of ties with a probability of 2/3 or more
//	lapsing_share      share of those between
//	lapsed_share       share of ties with a probability below 1/3
//	again_share        of the ties that were there a year before, the share seen again since
//	again_share_expected  the same by the model: a check of it
//	reactivated_share  of the ties that had lapsed a year before, the share seen again since
//	gap_median_closed  median days between trips, where a next trip was seen
//	gap_median         the same with gaps that are still open (Kaplan–Meier)
//	gap_median_alive   median days between trips of living ties, by the model
//	gap_median_made    the same of trips as they are made: times the detection, where it is known
//
// One law of trips and endings is that of ties with the prefecture, another that of ties with
// its municipalities, all of them together: who goes to another municipality instead ends the one tie
// and keeps the other. All are of persons from outside the prefecture.
// Coverage has the detection.
func Regularity(f Frame, counts RegularCounts, tallies []schemas.Tally, coverage []disclose.Counted[schemas.Coverage]) []disclose.Counted[schemas.VisitBehaviour] {
	if len(f.References) == 0 || len(counts.Ties) == 0 {
		return nil
	}
	e := regularEstimator{frame: f, last: f.References[len(f.References)-1], source: f.Sources[schemas.SourceBooking], ties: map[string][]RegularTie{}}
	for _, t := range counts.Ties {
		e.ties[t.Region] = append(e.ties[t.Region], t)
	}
	type law struct{ prefecture, level string }
	pooled := map[law][]regularity.Tie{}
	for _, region := range f.Regions {
		k := law{region.PrefectureCode, region.RegionLevel}
		pooled[k] = append(pooled[k], seenTies(e.ties[region.RegionCode])...)
	}
	fits := map[law]*regularity.Fit{}
	for k, ties := range pooled {
		if fit, err := regularity.FitTies(ties, seasonOf(tallies, k.prefecture, e.last), month(e.last)); err == nil {
			fits[k] = &fit
		}
	}
	for _, region := range f.Regions {
		if region.RegionLevel == schemas.LevelNation || len(e.ties[region.RegionCode]) == 0 {
			continue
		}
		fit := fits[law{region.PrefectureCode, region.RegionLevel}]
		e.states(region, fit)
		if region.RegionLevel == schemas.LevelPrefecture {
			e.gaps(region, fit, counts.Gaps[region.RegionCode], f.detected(coverage, region.RegionCode, e.last))
		}
	}
	return e.rows
}

// seenTies are the ties until the last reference month.
func seenTies(ties []RegularTie) []regularity.Tie {
	out := make([]regularity.Tie, len(ties))
	for i, t := range ties {
		out[i] = regularity.Tie{First: t.First, Last: t.Last, Trips: t.Trips, Ties: t.Ties}
	}
	return out
}

// seasonOf is the month index of a prefecture's bookings in the 12 months to a
// reference month, its mean at 1; even where there is none.
func seasonOf(tallies []schemas.Tally, prefecture string, reference schemas.Date) regularity.Season {
	var days [12]float64
	for _, t := range tallies {
		if t.Tally == "month" && t.SourceKind == schemas.SourceBooking && t.Outside == schemas.OutsidePrefecture && t.RegionCode == prefecture &&
			t.ReferenceMonth == month(reference) {
			days[t.Class-1] = float64(t.Count)
		}
	}
	season := regularity.Even
	for m, v := range monthIndex(days, reference) {
		if v != nil {
			season[m] = *v / 100
		}
	}
	return season
}

// detected is the detection of visits of a prefecture by a definition that leaves out the
// purposes that engagement leaves out; 0 where it is not known.
func (f Frame) detected(coverage []disclose.Counted[schemas.Coverage], prefecture string, reference schemas.Date) float64 {
	for _, p := range f.Profiles {
		if p.Excluded() != schemas.EngagementExcludes {
			continue
		}
		for _, c := range coverage {
			if r := c.Row; r.Step == schemas.StepDetection && r.Definition == p.ID && r.RegionCode == prefecture && r.Month == reference &&
				r.Outside == schemas.OutsidePrefecture && r.Coverage != nil {
				return math.Min(1, *r.Coverage)
			}
		}
	}
	return 0
}

type regularEstimator struct {
	frame  Frame
	last   schemas.Date
	source SourceFrame
	ties   map[string][]RegularTie
	rows   []disclose.Counted[schemas.VisitBehaviour]
}

// row adds a row of a region; v is NaN where nothing can be told. persons are those that
// value describes, fewest those whom it would give away.
func (e *regularEstimator) row(region schemas.Region, statistic string, v float64, persons, fewest int64) {
	row := schemas.VisitBehaviour{Statistic: statistic, Outside: schemas.OutsidePrefecture, RegionCode: region.RegionCode, RegionLevel: region.RegionLevel,
		ReferenceMonth: e.last, Source: schemas.SourceBooking,
		Observation: e.frame.observation(e.source, e.last, !math.IsNaN(v))}
	row.MethodologyVersion = regularMethodology
	if !math.IsNaN(v) {
		row.Value, row.Persons = value(v), &persons
		if row.ObsStatus == schemas.Normal && statistic != statClosedGap && statistic != statOpenGap {
			row.ObsStatus = schemas.Estimated
		}
	}
	e.rows = append(e.rows, disclose.Counted[schemas.VisitBehaviour]{Row: row, Persons: fewest, Facilities: e.source.facilities(region.RegionCode, e.last)})
}

// Statistics of observed gaps.
const (
	statClosedGap = "gap_median_closed"
	statOpenGap   = "gap_median"
)

// widest is the width of the interval of a share beyond which it is of low reliability.
const widest = 0.3

// states adds how many ties of a region are alive. The three classes rest on the smallest of them,
// since each is what the others leave.
func (e *regularEstimator) states(region schemas.Region, fit *regularity.Fit) {
	if fit == nil {
		for _, statistic := range []string{"alive_share", "active_share", "lapsing_share", "lapsed_share", "again_share", "again_share_expected", "reactivated_share"} {
			e.row(region, statistic, math.NaN(), 0, 0)
		}
		return
	}
	ties := e.ties[region.RegionCode]
	s := fit.StatesOf(seenTies(ties))
	n := float64(s.Ties)
	e.row(region, "alive_share", s.Share, s.Ties, s.Ties)
	alive := &e.rows[len(e.rows)-1].Row
	alive.CILow, alive.CIHigh = value(s.Low), value(s.High)
	if s.High-s.Low > widest {
		alive.ObsStatus = schemas.LowReliability
	}
	fewest := min(s.Active, s.Lapsing, s.Lapsed)
	e.row(region, "active_share", float64(s.Active)/n, s.Ties, fewest)
	e.row(region, "lapsing_share", float64(s.Lapsing)/n, s.Ties, fewest)
	e.row(region, "lapsed_share", float64(s.Lapsed)/n, s.Ties, fewest)
	var there, back, lapsed, again int64
	expected := 0.0
	for _, t := range ties {
		if t.TripsThen == 0 {
			continue
		}
		then := regularity.Tie{First: t.First, Last: t.LastThen, Trips: t.TripsThen}
		there += t.Ties
		expected += float64(t.Ties) * fit.Returns(then, month(e.last)-12)
		if t.again() {
			back += t.Ties
		}
		if fit.Alive(then, month(e.last)-12) < regularity.Lapsed {
			lapsed += t.Ties
			if t.again() {
				again += t.Ties
			}
		}
	}
	seen, model := math.NaN(), math.NaN()
	if there > 0 {
		seen, model = float64(back)/float64(there), expected/float64(there)
	}
	e.row(region, "again_share", seen, there, min(back, there-back))
	e.row(region, "again_share_expected", model, there, there)
	share := math.NaN()
	if lapsed > 0 {
		share = float64(again) / float64(lapsed)
	}
	e.row(region, "reactivated_share", share, lapsed, min(again, lapsed-again))
}

// gaps adds the gaps between trips to a prefecture.
func (e *regularEstimator) gaps(region schemas.Region, fit *regularity.Fit, gaps []regularity.Gap, detection float64) {
	var all, several int64
	for _, t := range e.ties[region.RegionCode] {
		all += t.Ties
		if t.Trips > 1 {
			several += t.Ties
		}
	}
	e.row(region, statClosedGap, regularity.MedianClosed(gaps), several, several)
	e.row(region, statOpenGap, regularity.Median(gaps), all, all)
	living, made := math.NaN(), math.NaN()
	if fit != nil {
		living = fit.MedianGap(1)
		if detection > 0 {
			made = fit.MedianGap(detection)
		}
	}
	e.row(region, "gap_median_alive", living, several, several)
	e.row(region, "gap_median_made", made, several, several)
}
