package pipeline

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
	"github.com/kankei/kankei/transforms/estimate"
	"github.com/kankei/kankei/transforms/visit"
)

// monthly is what is known of inputs by month beside the nights.
type monthly struct {
	arrivals []estimate.Arrival
	answers  []estimate.InputMonth
}

// monthly reads bookings by when they became known, and answers and acts by month.
func (r *Run) monthly(ctx context.Context, s *store) (monthly, error) {
	var m monthly
	var err error
	if m.arrivals, err = s.arrivals(ctx, r.landedFiles()); err != nil {
		return m, err
	}
	m.answers, err = s.inputMonths(ctx, r.landedFiles())
	return m, err
}

func (s *store) arrivals(ctx context.Context, now []landed) ([]estimate.Arrival, error) {
	if err := s.scan(ctx, "booking", "booking", now); err != nil {
		return nil, err
	}
	var all []estimate.Arrival
	for scan, err := range s.rows(ctx, "SELECT region_code, facility, stay_month, known_month, bookings, guest_nights FROM ("+visit.Arrivals+") ORDER BY ALL") {
		var a estimate.Arrival
		var known sql.NullInt32
		if err == nil {
			err = scan(&a.Region, &a.Facility, &a.Stay, &known, &a.Bookings, &a.GuestNights)
		}
		if err != nil {
			return nil, err
		}
		a.Known = number(known)
		all = append(all, a)
	}
	return all, nil
}

func (s *store) inputMonths(ctx context.Context, now []landed) ([]estimate.InputMonth, error) {
	if err := s.scan(ctx, "act", "act", now); err != nil {
		return nil, err
	}
	var all []estimate.InputMonth
	for scan, err := range s.rows(ctx, "SELECT source_kind, region_code, month, rows, persons FROM ("+visit.InputMonths+") ORDER BY ALL") {
		var m estimate.InputMonth
		if err == nil {
			err = scan(&m.Kind, &m.Region, &m.Month, &m.Rows, &m.Persons)
		}
		if err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, nil
}

// warnOfFlags tells of the months of a prefecture's or the nation's inputs that stand out; those of municipalities and of
// figures are in the dataset flags.
func (r *Run) warnOfFlags(flags []disclose.Counted[schemas.Flag]) {
	for _, c := range flags {
		f := c.Row
		if f.Kind != estimate.FlagInput || f.RegionLevel == schemas.LevelMunicipality || f.Direction == nil || *f.Direction == 0 {
			continue
		}
		source, statistic, region := schemas.CodeName("source", f.Source), schemas.CodeName("statistic", f.Statistic), r.regionName(f.RegionCode)
		r.Log.Warn("flag", "", schemas.Text{
			JA: fmt.Sprintf("入力の目立つ月: %sの%s（%s） %s は %.0f（他の月からの見込み %.0f）。届いたファイルを確かめてください",
				region.JA, statistic.JA, source.JA, f.Month.String()[:7], *f.Value, *f.Expected),
			EN: fmt.Sprintf("a month of the inputs stands out: %s of %s (%s) in %s are %.0f where the other months make one expect %.0f; look at the delivered files",
				strings.ToLower(statistic.EN), region.EN, strings.ToLower(source.EN), f.Month.String()[:7], *f.Value, *f.Expected),
		})
	}
}

// regionName is a region in words, its code where it has no name.
func (r *Run) regionName(code string) schemas.Text {
	for _, region := range r.Regions.Regions() {
		if region.RegionCode == code && region.ValidTo == nil {
			return schemas.Text{JA: region.Name, EN: region.NameEN}
		}
	}
	return schemas.Text{JA: code, EN: code}
}
