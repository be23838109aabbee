package pipeline

import (
	"context"
	"database/sql/driver"
	"path"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/capture"
	"github.com/kankei/kankei/transforms/disclose"
	"github.com/kankei/kankei/transforms/estimate"
	"github.com/kankei/kankei/transforms/visit"
)

// listSeed is the seed of the bootstrap of estimates from lists.
const listSeed = 1

// listEstimates are the numbers of persons from several lists, where kankei.yaml names some,
// and from bookings of three years or more.
func (r *Run) listEstimates(ctx context.Context, s *store, c counts) ([]disclose.Counted[schemas.ListEstimate], error) {
	f, linkage := c.frame, c.linkage
	if len(f.References) == 0 {
		return nil, nil
	}
	last := f.References[len(f.References)-1]
	lists := estimate.Lists{Reference: last, Missed: capture.Rate{P: 1 - linkage.Alpha, StdErr: linkage.AlphaStdErr}, Seed: listSeed}
	var spans []listSpan
	for k, list := range r.Config.Lists {
		lists.Names = append(lists.Names, list.Name)
		for _, source := range r.Config.Sources {
			if list.holds(source.Name) {
				spans = append(spans, listSpan{source.Name, last.AddMonths(-12) + 1, last, int32(k)})
			}
		}
	}
	var err error
	if len(spans) > 0 {
		if lists.Listed, err = s.listed(ctx, spans, r.landedFiles()); err != nil {
			return nil, err
		}
	}
	const mostYears = 10
	years := 0
	bookings := f.Sources[schemas.SourceBooking]
	for bookings.Identified && years < mostYears && last.AddMonths(-12*(years+1))+1 >= bookings.First {
		years++
	}
	if years >= 3 {
		spans = nil
		for k := range years {
			end := last.AddMonths(-12 * (years - 1 - k))
			lists.Ends = append(lists.Ends, end)
			for _, source := range r.Config.Sources {
				if source.Kind == schemas.SourceBooking {
					spans = append(spans, listSpan{source.Name, end.AddMonths(-12) + 1, end, int32(k)})
				}
			}
		}
		lists.Facilities = facilitiesSeen(c.nights, lists.Ends, 12)
		if lists.Years, err = s.listed(ctx, spans, r.landedFiles()); err != nil {
			return nil, err
		}
	}
	return estimate.ListEstimates(f, lists), nil
}

// holds says whether a source is in the list.
func (l List) holds(source string) bool {
	for _, pattern := range l.Sources {
		if ok, err := path.Match(pattern, source); err == nil && ok {
			return true
		}
	}
	return false
}

// listSpan is the rows of a source within a span of days, as part of a list.
type listSpan struct {
	source      string
	first, last schemas.Date
	list        int32
}

// listed counts persons by the lists that they are on.
func (s *store) listed(ctx context.Context, spans []listSpan, now []landed) ([]estimate.Listed, error) {
	for _, of := range []string{"survey_tie", "act"} {
		if err := s.scan(ctx, of, of, now); err != nil {
			return nil, err
		}
	}
	if err := s.exec(ctx, "CREATE OR REPLACE TEMP TABLE list_days (source VARCHAR NOT NULL, first_day INTEGER NOT NULL, last_day INTEGER NOT NULL, list INTEGER NOT NULL)"); err != nil {
		return nil, err
	}
	if err := s.appendRows(ctx, "list_days", func(yield func([]driver.Value) bool) {
		for _, l := range spans {
			if !yield([]driver.Value{l.source, int32(l.first), int32(l.last), l.list}) {
				return
			}
		}
	}); err != nil {
		return nil, err
	}
	if err := s.view(ctx, "list_span", "SELECT source, DATE '1970-01-01' + first_day AS first_day, DATE '1970-01-01' + last_day AS last_day, list FROM list_days"); err != nil {
		return nil, err
	}
	var all []estimate.Listed
	for scan, err := range s.rows(ctx, "SELECT region_code, origin_code, lists, persons FROM ("+visit.Listed+") ORDER BY ALL") {
		var l estimate.Listed
		if err == nil {
			err = scan(&l.Region, &l.Origin, &l.Lists, &l.Persons)
		}
		if err != nil {
			return nil, err
		}
		all = append(all, l)
	}
	return all, nil
}
