package pipeline

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/capture"
	"github.com/kankei/kankei/transforms/disclose"
	"github.com/kankei/kankei/transforms/estimate"
	"github.com/kankei/kankei/transforms/visit"
)

// bookingFigures are the persons that bookings show in part; coverage is the monthly rows of
// guest-nights.
func (r *Run) bookingFigures(ctx context.Context, s *store, c counts, coverage []disclose.Counted[schemas.Coverage]) (estimate.BookingFigures, error) {
	if _, ok := c.frame.Sources[schemas.SourceBooking]; !ok {
		return estimate.BookingFigures{}, nil
	}
	settings := r.Config.Detection
	b := estimate.Bookings{Frame: c.houses, Answers: c.met, Surveys: c.surveys, Totals: c.totals, PoolBelow: int64(settings.PoolBelow), Threads: r.Threads, LeastPersons: r.threshold().Effective().Persons,
		Assumed: estimate.Assumed{
			Overnight: settings.Overnight.share(), PaidLodging: settings.PaidLodging.share(), Facilities: settings.Facilities.share(),
			RelatedPurpose: settings.RelatedPurpose.share(), Loyalty: settings.Loyalty.share(), OfficialError: float64(settings.OfficialError) / 100,
		}}
	if c.linkage.Basis != "" {
		b.LinkageBasis = c.linkage.Basis
		b.Missed = capture.Rate{P: 1 - c.linkage.Alpha, StdErr: c.linkage.AlphaStdErr}
		b.Welded = capture.Rate{P: c.linkage.Beta, StdErr: c.linkage.BetaStdErr}
	}
	var err error
	if b.Stays, err = s.bookingStays(ctx); err != nil {
		return estimate.BookingFigures{}, err
	}
	if b.Repeaters, err = s.repeaters(ctx, r.AsOf); err != nil {
		return estimate.BookingFigures{}, err
	}
	figures := estimate.RelationalPopulationBookings(c.frame, c.tallies, coverage, b)
	estimable := 0
	for _, row := range figures.RelationalPopulation {
		if row.Row.ObsStatus != schemas.NotEstimable {
			estimable++
		}
	}
	if estimable == 0 && len(figures.RelationalPopulation) > 0 {
		r.Log.Warn("detection", "", say("宿泊に表れる割合が分からないため、予約からの推計はできません（下限のみ definition_sensitivity に出力）。入込客数（visitors、12か月分）を加えるか、kankei.yaml の detection に仮定を書いてください",
			"how likely bookings show a visit is not known, so that nothing is estimated from them (definition_sensitivity has lower bounds): add official visitors (statistic visitors) of all 12 months, or write what you assume under detection in kankei.yaml"))
	}
	return figures, nil
}

// share is the range as shares.
func (p Percent) share() estimate.Range { return estimate.Range{Low: p.Low / 100, High: p.High / 100} }

// bookingStays counts the stays by what they tell.
func (s *store) bookingStays(ctx context.Context) ([]estimate.StayCount, error) {
	var all []estimate.StayCount
	for scan, err := range s.rows(ctx, "SELECT region_code, month, stays, counted, guests, linked, known, unknown FROM ("+visit.BookingStays+") ORDER BY ALL") {
		var c estimate.StayCount
		if err == nil {
			err = scan(&c.Region, &c.Month, &c.Stays, &c.Counted, &c.Guests, &c.Linked, &c.Known, &c.Unknown)
		}
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}

// repeaters counts who came again in the 12 months to the as-of day, and who to one house.
func (s *store) repeaters(ctx context.Context, asOf schemas.Date) ([]estimate.Repeater, error) {
	if err := s.temp(ctx, "year_span", fmt.Sprintf("SELECT DATE '%s' AS first_day, DATE '%s' AS last_day", asOf.AddMonths(-12)+1, asOf)); err != nil {
		return nil, err
	}
	var all []estimate.Repeater
	for scan, err := range s.rows(ctx, "SELECT region_code, municipality, persons, same, squares, trips FROM ("+visit.Repeaters+") ORDER BY ALL") {
		var r estimate.Repeater
		var squares, trips int64
		if err == nil {
			err = scan(&r.Region, &r.Municipality, &r.Persons, &r.Same, &squares, &trips)
		}
		if err != nil {
			return nil, err
		}
		if trips > 0 {
			r.Chance = float64(squares) / (float64(trips) * float64(trips))
		}
		all = append(all, r)
	}
	return all, nil
}

// facilityFrame reads the list of all houses, each as the last file that lists it says. Houses of two
// regions are two, whatever their codes.
func (s *store) facilityFrame(ctx context.Context, now []landed) ([]schemas.Facility, error) {
	if err := s.scan(ctx, "facility", "facility", now); err != nil {
		return nil, err
	}
	var all []schemas.Facility
	for scan, err := range s.rows(ctx, `
		SELECT f.facility, coalesce(p.place, f.region_code), f.rooms, f.capacity,
		       CAST(f.opened_on - DATE '1970-01-01' AS INTEGER), CAST(f.closed_on - DATE '1970-01-01' AS INTEGER),
		       CAST(f.joined_on - DATE '1970-01-01' AS INTEGER), CAST(f.left_on - DATE '1970-01-01' AS INTEGER)
		FROM facility f JOIN delivered d ON d.delivery = f.delivery LEFT JOIN places p ON p.code = f.region_code AND coalesce(f.closed_on, DATE '2999-12-31') BETWEEN p.first_day AND p.last_day
		QUALIFY row_number() OVER (PARTITION BY f.facility, coalesce(p.place, f.region_code) ORDER BY d.delivered_at DESC NULLS LAST, d.file DESC, f.line DESC) = 1
		ORDER BY ALL`) {
		var f schemas.Facility
		var rooms, capacity, opened, closed, joined, left sql.NullInt32
		if err == nil {
			err = scan(&f.Facility, &f.RegionCode, &rooms, &capacity, &opened, &closed, &joined, &left)
		}
		if err != nil {
			return nil, err
		}
		f.Rooms, f.Capacity = number(rooms), number(capacity)
		f.OpenedOn, f.ClosedOn, f.JoinedOn, f.LeftOn = dateOf(opened), dateOf(closed), dateOf(joined), dateOf(left)
		all = append(all, f)
	}
	return all, nil
}

func number(n sql.NullInt32) *int32 {
	if !n.Valid {
		return nil
	}
	return &n.Int32
}

func dateOf(n sql.NullInt32) *schemas.Date {
	if !n.Valid {
		return nil
	}
	d := schemas.Date(n.Int32)
	return &d
}
