package pipeline

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/convert"
	"github.com/kankei/kankei/transforms/disclose"
	"github.com/kankei/kankei/transforms/estimate"
)

// conversionFigures are the figures about moving to a region.
type conversionFigures struct {
	Conversion []disclose.Counted[schemas.MigrationConversion]
	Curve      []disclose.Counted[schemas.ConversionCurve]
	Sources    []disclose.Counted[schemas.MigrationSource]
	Drivers    []disclose.Counted[schemas.ConversionDriver]
	Programmes []disclose.Counted[schemas.ProgrammeContrast]
	// Transitions are those that panels tell.
	Transitions []disclose.Counted[schemas.EngagementTransition]
}

// conversion makes the figures about moving to a region, where there are records of moves or
// registered in-migrants, and stops the run where they cannot be true. Contrasts of programmes
// are there as well where kankei.yaml names one.
func (r *Run) conversion(ctx context.Context, s *store, c counts, population []disclose.Counted[schemas.RelationalPopulation], bookings estimate.BookingFigures) (conversionFigures, error) {
	var figures conversionFigures
	profile, counted := r.conversionProfile(c.rules.Profiles)
	official := slices.ContainsFunc(c.totals, func(t schemas.Total) bool { return t.Statistic == "in_migrants" })
	movers, err := s.movers(ctx, r.landedFiles())
	if err != nil {
		return figures, err
	}
	moves := official || len(movers) > 0
	if !counted || !moves && len(r.Config.Programmes) == 0 || !slices.Contains(c.rules.Outside, schemas.OutsidePrefecture) {
		return figures, nil
	}
	f := convert.Frame{AsOf: r.AsOf, References: r.references(), Regions: c.frame.Regions, Definition: profile.ID, Grades: c.frame.Grades, Least: r.threshold().Effective().Persons}
	entries, standing, err := r.entriesOf(ctx, s, c, f, profile, bookings.Unseen)
	if err != nil {
		return figures, err
	}
	seen := seeing(f, c, movers)
	if figures.Programmes, err = r.contrasts(c, f, entries, seen); err != nil || !moves {
		return figures, err
	}
	figures.Sources = convert.Sources(f, movers, entries, c.totals)
	if err := figures.followBookings(f, entries, standing, bookings.Unseen, seen); err != nil {
		return figures, err
	}
	panel, err := figures.followPanels(ctx, s, f)
	if err != nil {
		return figures, err
	}
	if err := r.checkConverts(convert.Check(f, figures.Conversion, c.totals, population)); err != nil {
		return figures, err
	}
	parts, err := partsOf(f, c, population, bookings.OriginDestination)
	if err != nil {
		return figures, err
	}
	figures.Conversion = slices.Concat(convert.Retrospective(f, movers, c.totals, population),
		convert.RetrospectivePanel(f, movers, c.totals, population, panel), convert.RetrospectiveBy(f, movers, c.totals, population, parts), figures.Conversion)
	return figures, nil
}

// contrasts are those of programmes, between persons and between regions.
func (r *Run) contrasts(c counts, f convert.Frame, entries []convert.Entry, seen map[string]convert.Seeing) ([]disclose.Counted[schemas.ProgrammeContrast], error) {
	persons, err := convert.Programmes(f, entries, seen)
	if err != nil {
		return nil, err
	}
	staggered, err := convert.Staggered(f, r.programmes(), c.tallies, c.frame.Sources[schemas.SourceBooking].First)
	return append(persons, staggered...), err
}

// followBookings adds what following the persons of bookings to their moves gives: who moves sooner, conversion from
// the first contact with its curve, and from a landmark of all who are related.
func (c *conversionFigures) followBookings(f convert.Frame, entries []convert.Entry, standing []convert.Standing, unseen []estimate.Unseen, seen map[string]convert.Seeing) (err error) {
	if c.Drivers, err = convert.Drivers(f, entries, seen); err != nil {
		return err
	}
	if c.Conversion, c.Curve, err = convert.Prospective(f, entries, seen); err != nil {
		return err
	}
	all, err := convert.All(f, standing, unseen, seen)
	c.Conversion = append(c.Conversion, all...)
	return err
}

// entriesOf are the persons of bookings who come to be related, and who are on landmarks; none where bookings tell no
// persons.
func (r *Run) entriesOf(ctx context.Context, s *store, c counts, f convert.Frame, profile schemas.Profile, unseen []estimate.Unseen) ([]convert.Entry, []convert.Standing, error) {
	b := c.frame.Sources[schemas.SourceBooking]
	if !b.Identified {
		return nil, nil, nil
	}
	if err := s.setRules(ctx, c.rules); err != nil {
		return nil, nil, err
	}
	return s.entries(ctx, r.entryRule(f, profile, b.First, unseen), r.landedFiles())
}

// followPanels adds what the waves of panels tell of those who move in; panel says that there is one that asks for regions.
func (c *conversionFigures) followPanels(ctx context.Context, s *store, f convert.Frame) (panel bool, err error) {
	members, err := s.members(ctx)
	if err != nil {
		return false, err
	}
	surveyed, err := convert.Surveyed(f, members)
	if err != nil {
		return false, err
	}
	between, err := convert.SurveyedBetween(f, members)
	if err != nil {
		return false, err
	}
	c.Conversion = slices.Concat(c.Conversion, surveyed, between)
	answers, err := s.answers(ctx)
	if err != nil {
		return false, err
	}
	c.Transitions, err = convert.PanelTransitions(f, answers)
	return len(members) > 0, err
}

// partsOf are the shares of the relational population by origin and age: of the weighted survey
// with the latest answers that tells any; by origin of regions of which it tells none, of bookings.
func partsOf(f convert.Frame, c counts, population []disclose.Counted[schemas.RelationalPopulation], flows []disclose.Counted[schemas.OriginDestination]) ([]convert.Part, error) {
	var parts []convert.Part
	told := map[string]bool{}
	for _, survey := range c.surveys {
		origins, err := estimate.PairShares(c.frame, survey, f.Definition, func(unit int) string {
			if home := survey.Residences[unit]; len(home) == 5 {
				return home[:2] + "000"
			}
			return "" // abroad, or not known
		})
		if err != nil {
			return nil, err
		}
		ages, err := estimate.PairShares(c.frame, survey, f.Definition, func(unit int) string { return schemas.AgeClassOf(int(survey.Ages[unit])) })
		if err != nil {
			return nil, err
		}
		for _, s := range origins {
			parts, told[s.Region] = append(parts, convert.Part{Region: s.Region, Origin: s.Class, AgeClass: schemas.All, Share: s.Share, StdErr: s.StdErr, Persons: s.Persons}), true
		}
		for _, s := range ages {
			parts = append(parts, convert.Part{Region: s.Region, Origin: schemas.All, AgeClass: s.Class, Share: s.Share, StdErr: s.StdErr, Persons: s.Persons})
		}
		if len(parts) > 0 {
			break
		}
	}
	for _, p := range convert.OriginParts(f, flows, population) {
		if !told[p.Region] {
			parts = append(parts, p)
		}
	}
	return parts, nil
}

// conversionProfile is the definition by which conversion is counted.
func (r *Run) conversionProfile(profiles []schemas.Profile) (schemas.Profile, bool) {
	i := slices.IndexFunc(profiles, func(p schemas.Profile) bool { return p.ID == r.Config.Conversion.Definition })
	if i < 0 {
		return schemas.Profile{}, false
	}
	return profiles[i], true
}

// seeing is how much of the moves the data show, by prefecture.
func seeing(f convert.Frame, c counts, movers []convert.Mover) map[string]convert.Seeing {
	link := convert.Link{P: 1}
	if c.linkage.Basis != "" {
		link = convert.Link{P: c.linkage.Alpha, StdErr: c.linkage.AlphaStdErr}
	}
	seen := map[string]convert.Seeing{}
	for _, region := range f.Regions {
		if region.RegionLevel == schemas.LevelPrefecture {
			seen[region.RegionCode] = convert.See(f, region.RegionCode, movers, c.totals, link)
		}
	}
	return seen
}

// checkConverts stops the run where more converts than in-migrants are certain, and warns
// where they are estimated.
func (r *Run) checkConverts(found []convert.Excess) error {
	var certain Problems
	for _, e := range found {
		text := say("%s: 12か月以内の移住者の推計 %.0f 人（下限 %.0f 人）が、県外からの転入者数 %.0f 人を超えています（%s）",
			"%s: %.0f converts within 12 months are estimated (lower end %.0f), more than the %.0f who moved in from other prefectures (%s)",
			e.Region, e.Converts, e.Low, e.Registered, e.Estimator)
		if e.Certain() {
			certain = append(certain, &Error{Code: ExitGated, Found: text})
		} else {
			r.Log.Warn("converts", e.Region, text)
		}
	}
	if len(certain) == 0 {
		return nil
	}
	return &Error{Code: ExitGated, Found: say("移住の推計が登録された転入者数と矛盾するため止まりました", "stopped: conversion contradicts the registered in-migrants"),
		Do: say("転入者数（in_migrants）の地域と期間、転入の記録の重複、名寄せの規則を確かめてください",
			"check regions and periods of the totals in_migrants, repeated records of moves, and the rules of linkage"), Err: certain}
}

// movers reads the records of moves.
func (s *store) movers(ctx context.Context, now []landed) ([]convert.Mover, error) {
	for _, of := range []string{"move", "survey_response", "survey_tie"} {
		if err := s.scan(ctx, of, of, now); err != nil {
			return nil, err
		}
	}
	var all []convert.Mover
	for scan, err := range s.rows(ctx, `SELECT source, record, region_code, origin_code, CAST(moved_on - DATE '1970-01-01' AS INTEGER), birth_year, related_before,
		CAST(related_since - DATE '1970-01-01' AS INTEGER), tells_a_person, first_record, trips_before, contradicted, coalesce(response, 0), coalesce(weight, 0), sampling_unit FROM (`+convert.Movers+`) ORDER BY ALL`) {
		var m convert.Mover
		var on int32
		var born, since sql.NullInt32
		var related sql.NullBool
		if err == nil {
			err = scan(&m.Source, &m.Record, &m.Region, &m.Origin, &on, &born, &related, &since, &m.TellsPerson, &m.FirstRecord, &m.TripsBefore, &m.Contradicted, &m.Member, &m.Weight, &m.SamplingUnit)
		}
		if err != nil {
			return nil, err
		}
		m.MovedOn, m.BirthYear, m.RelatedSince = schemas.Date(on), number(born), dateOf(since)
		if related.Valid {
			m.RelatedBefore = &related.Bool
		}
		all = append(all, m)
	}
	return all, nil
}

// members reads what the waves of panels tell of members who name a region; [store.movers] has
// opened the answers.
func (s *store) members(ctx context.Context) ([]convert.Member, error) {
	var all []convert.Member
	for scan, err := range s.rows(ctx, `SELECT region_code, response, sampling_unit, CAST(entered_on - DATE '1970-01-01' AS INTEGER), weight,
		CAST(ended_on - DATE '1970-01-01' AS INTEGER), ended, CAST(not_by - DATE '1970-01-01' AS INTEGER) FROM (`+convert.Followed+`) ORDER BY ALL`) {
		var m convert.Member
		var entered, ended, notBy int32
		if err == nil {
			err = scan(&m.Region, &m.Number, &m.SamplingUnit, &entered, &m.Weight, &ended, &m.End, &notBy)
		}
		if err != nil {
			return nil, err
		}
		m.EnteredOn, m.EndedOn, m.NotBy = schemas.Date(entered), schemas.Date(ended), schemas.Date(notBy)
		all = append(all, m)
	}
	return all, nil
}

// answers reads what members who have named a prefecture answer in every wave.
func (s *store) answers(ctx context.Context) ([]convert.Answer, error) {
	var all []convert.Answer
	for scan, err := range s.rows(ctx, `SELECT region_code, response, CAST(answered_on - DATE '1970-01-01' AS INTEGER), state FROM (`+convert.States+`) ORDER BY ALL`) {
		var a convert.Answer
		var on int32
		if err == nil {
			err = scan(&a.Region, &a.Number, &on, &a.State)
		}
		if err != nil {
			return nil, err
		}
		a.On = schemas.Date(on)
		all = append(all, a)
	}
	return all, nil
}

// entryRule is a definition, the months of which bookings tell, and the purposes of programmes.
type entryRule struct {
	profile     schemas.Profile
	first, last schemas.Date
	programme   schemas.Purpose
	// landmarks are the days from which all who are related are followed: their 12 months are covered by bookings, which tell
	// how those seen stand for all.
	landmarks []schemas.Date
}

// entryRule is the rule by which persons enter.
func (r *Run) entryRule(f convert.Frame, profile schemas.Profile, first schemas.Date, unseen []estimate.Unseen) entryRule {
	last := r.AsOf
	if last != last.MonthEnd() {
		last = last.AddMonths(-1)
	}
	landmarks := slices.DeleteFunc(convert.Landmarks(f), func(t schemas.Date) bool {
		return t.AddMonths(-12) < first.MonthStart()-1 || !slices.ContainsFunc(unseen, func(u estimate.Unseen) bool { return u.Definition == profile.ID && u.Reference == t })
	})
	return entryRule{profile, first, last, r.Config.programmePurposes(), landmarks}
}

// entries reads who comes to satisfy a definition after a year of bookings, and who does on the
// landmarks, and what becomes of them.
func (s *store) entries(ctx context.Context, rule entryRule, now []landed) ([]convert.Entry, []convert.Standing, error) {
	for _, of := range []string{"move", "act"} {
		if err := s.scan(ctx, of, of, now); err != nil {
			return nil, nil, err
		}
	}
	y, m, _ := rule.first.Civil()
	lastYear, lastMonth, _ := rule.last.Civil()
	if err := s.temp(ctx, "entry_rule", fmt.Sprintf(`SELECT %s AS definition, CAST(%d AS INTEGER) AS excluded, CAST(%d AS INTEGER) AS first_month,
		CAST(%d AS INTEGER) AS last_month, CAST(%d AS INTEGER) AS programme`,
		literal(rule.profile.ID), rule.profile.Excluded(), y*12+m-1+12, lastYear*12+lastMonth-1, rule.programme)); err != nil {
		return nil, nil, err
	}
	if err := s.temp(ctx, "landmark", landmarkTable(rule.landmarks)); err != nil {
		return nil, nil, err
	}
	var all []convert.Entry
	var standing []convert.Standing
	for scan, err := range s.rows(ctx, `SELECT region_code, origin_code, CAST(entered_on - DATE '1970-01-01' AS INTEGER), trips, stay_days, purposes,
		CAST(last_seen - DATE '1970-01-01' AS INTEGER), CAST(moved_on - DATE '1970-01-01' AS INTEGER), CAST(resident_on - DATE '1970-01-01' AS INTEGER),
		CAST(elsewhere_on - DATE '1970-01-01' AS INTEGER), CAST(deepened_on - DATE '1970-01-01' AS INTEGER), CAST(programme_on - DATE '1970-01-01' AS INTEGER),
		trips_year_before, trips_year_after, age_class, landmark, person FROM (`+convert.Entries+`) ORDER BY ALL`) {
		var e convert.Entry
		var landmark bool
		var person int64
		var entered, seen, purposes int32
		var moved, resident, elsewhere, deepened, programme, before, after sql.NullInt32
		if err == nil {
			err = scan(&e.Region, &e.Origin, &entered, &e.Trips, &e.StayDays, &purposes, &seen, &moved, &resident, &elsewhere, &deepened, &programme, &before, &after, &e.AgeClass, &landmark, &person)
		}
		if err != nil {
			return nil, nil, err
		}
		e.EnteredOn, e.LastSeen, e.Purposes = schemas.Date(entered), schemas.Date(seen), schemas.Purpose(purposes)
		e.MovedOn, e.ResidentOn, e.ElsewhereOn = dateOf(moved), dateOf(resident), dateOf(elsewhere)
		e.DeepenedOn, e.ProgrammeOn, e.TripsYearBefore, e.TripsYearAfter = dateOf(deepened), dateOf(programme), number(before), number(after)
		if landmark {
			standing = append(standing, convert.Standing{Entry: e, Person: person})
		} else {
			all = append(all, e)
		}
	}
	return all, standing, nil
}

// landmarkTable is the SELECT of landmarks with their months.
func landmarkTable(landmarks []schemas.Date) string {
	rows := []string{"SELECT NULL :: DATE AS day, NULL :: INTEGER AS month WHERE false"}
	for _, t := range landmarks {
		y, m, _ := t.Civil()
		rows = append(rows, fmt.Sprintf("SELECT DATE '%s', CAST(%d AS INTEGER)", t, y*12+m-1))
	}
	return strings.Join(rows, " UNION ALL ")
}
