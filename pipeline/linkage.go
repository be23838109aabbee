package pipeline

import (
	"context"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/link"
)

// linkageErrors is how often linkage errs: by the judged pairs that linkage.review
// names, else by members of booking sites; [link.Perfect] where neither tells.
func (r *Run) linkageErrors(ctx context.Context, s *store) (link.Errors, error) {
	if r.review.Strata != nil {
		return r.review.Errors()
	}
	keyed, err := s.keyed(ctx)
	if err != nil {
		return link.Perfect, err
	}
	e, _ := keyed.Errors()
	return e, nil
}

// linkageQuality are the rates as rows of quality; none where they are not known.
func linkageQuality(e link.Errors) []schemas.Quality {
	var rows []schemas.Quality
	add := func(indicator string, rate link.Rate) {
		for _, part := range []struct {
			suffix string
			value  float64
		}{{"", rate.Value}, {"_std_error", rate.StdErr}, {"_low", rate.Low}, {"_high", rate.High}} {
			rows = append(rows, schemas.Quality{Source: "all", Indicator: indicator + part.suffix, Reason: e.Basis, Ratio: &part.value,
				Observation: schemas.Observation{ObsStatus: schemas.Estimated}})
		}
	}
	if e.Basis != "" {
		add("linkage_missed", e.Missed)
	}
	if e.KnowsFalse() {
		add("linkage_false", e.False)
	}
	return rows
}

// keyed sets the membership numbers of the stays against their other identifiers.
// Leaving out one key only parts persons: whoever is not under the pseudonym of a
// member need not be linked anew.
func (s *store) keyed(ctx context.Context) (link.Keyed, error) {
	var k link.Keyed
	members, err := s.count(ctx, "SELECT count(*) FROM (SELECT 1 FROM identity WHERE member IS NOT NULL LIMIT 1)")
	if err != nil || members == 0 {
		return k, err
	}
	if err := s.temp(ctx, "candidate", `SELECT * REPLACE (CAST(NULL AS BIGINT) AS member) FROM identity
		WHERE person IN (SELECT person FROM identity WHERE member IS NOT NULL)`); err != nil {
		return k, err
	}
	if err := s.components(ctx); err != nil {
		return k, err
	}
	for scan, err := range s.rows(ctx, link.MembersSeen+" ORDER BY stays, parts") {
		var m link.Members
		if err == nil {
			err = scan(&m.Stays, &m.Parts, &m.Count)
		}
		if err != nil {
			return k, err
		}
		k.Members = append(k.Members, m)
	}
	p, sharing, err := s.staysSeen(ctx)
	if err != nil {
		return k, err
	}
	k.RepeatStays, k.Sharing = p.RepeatStays, sharing
	return k, s.exec(ctx, "DROP TABLE candidate", "DROP TABLE node", "DROP TABLE joined", "DROP TABLE linked")
}

// staysSeen counts the pseudonyms with stays of bookings, and of those with two or
// more the stays whose membership number another stay gives too.
func (s *store) staysSeen(ctx context.Context) (p link.Population, sharing int64, err error) {
	for scan, err := range s.rows(ctx, link.StaysSeen) {
		var stays, pseudonyms, shared int64
		if err == nil {
			err = scan(&stays, &pseudonyms, &shared)
		}
		if err != nil {
			return p, 0, err
		}
		p.Add(stays, pseudonyms)
		if stays > 1 {
			sharing += shared
		}
	}
	return p, sharing, nil
}
