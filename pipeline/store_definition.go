package pipeline

import (
	"context"
	"database/sql/driver"
	"fmt"
	"slices"
	"strings"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/estimate"
	"github.com/kankei/kankei/transforms/visit"
)

// definitionFigures are how the figures of the last reference month depend on the definition.
func (r *Run) definitionFigures(ctx context.Context, s *store, c counts) (estimate.DefinitionFigures, error) {
	if !c.frame.Sources[schemas.SourceBooking].Identified || len(c.rules.References) == 0 {
		return estimate.DefinitionFigures{}, nil
	}
	d := estimate.DefinitionCounts{Facilities: map[int32]map[estimate.RegionMonth]int64{}, Threshold: r.threshold().Effective()}
	last := []schemas.Date{slices.Max(c.frame.References)}
	for _, months := range estimate.RuleWindows() {
		d.Facilities[months] = facilitiesSeen(c.nights, last, months)
	}
	var err error
	if d.Cells, d.Sets, err = s.definitionCounts(ctx, c.rules); err != nil {
		return estimate.DefinitionFigures{}, err
	}
	return estimate.DefinitionFiguresOf(c.frame, d), nil
}

// definitionCounts counts the persons of bookings by the thresholds that they reach and by the
// definitions that they satisfy, shard of persons by shard, so that the ties of all never have
// to fit into memory. Counts add up over shards.
func (s *store) definitionCounts(ctx context.Context, rules countRules) ([]estimate.RuleCell, []estimate.DefinitionSet, error) {
	if err := s.setDefinitions(ctx, rules); err != nil {
		return nil, nil, err
	}
	shards, err := s.shards(ctx)
	if err != nil {
		return nil, nil, err
	}
	last := slices.Max(rules.References)
	for _, shard := range shards {
		for _, months := range estimate.RuleWindows() {
			if err := s.countRules(ctx, shard, last, months); err != nil {
				return nil, nil, err
			}
		}
	}
	cells, err := s.ruleCells(ctx)
	if err != nil {
		return nil, nil, err
	}
	sets, err := s.definitionSets(ctx)
	return cells, sets, err
}

// setDefinitions writes the definitions and the classes of the grid as small tables for the
// SELECTs to read, and empty ones for what they count.
func (s *store) setDefinitions(ctx context.Context, rules countRules) error {
	if err := s.setRules(ctx, rules); err != nil {
		return err
	}
	c := estimate.ClassesOf(rules.Profiles)
	if err := s.temp(ctx, "rule_class", fmt.Sprintf(`SELECT CAST(%s AS INTEGER[]) AS trips, CAST(%s AS INTEGER[]) AS gap_days,
		CAST(%s AS INTEGER[]) AS stay_days, CAST(%s AS INTEGER[]) AS visit_days, CAST(%s AS INTEGER[]) AS acts, CAST(%d AS INTEGER) AS purposes`,
		list(c.Trips), list(c.GapDays), list(c.StayDays), list(c.VisitDays), list(c.Acts), c.Purposes)); err != nil {
		return err
	}
	if err := s.exec(ctx, "CREATE OR REPLACE TEMP TABLE numbered (definition VARCHAR NOT NULL, number INTEGER NOT NULL)",
		`CREATE OR REPLACE TEMP TABLE counted_cell (months INTEGER, outside VARCHAR, excluded INTEGER, region_code VARCHAR, trips INTEGER, gap_days INTEGER,
			stay_days INTEGER, visit_days INTEGER, acts INTEGER, purposes INTEGER, persons BIGINT)`,
		"CREATE OR REPLACE TEMP TABLE counted_set (outside VARCHAR, region_code VARCHAR, definitions BIGINT, persons BIGINT)"); err != nil {
		return err
	}
	return s.appendRows(ctx, "numbered", func(yield func([]driver.Value) bool) {
		for number, id := range estimate.Numbered(rules.Profiles) {
			if !yield([]driver.Value{id, int32(number)}) {
				return
			}
		}
	})
}

// list writes numbers as a list for SQL.
func list(numbers []int) string {
	return "[" + strings.Join(strings.Fields(strings.Trim(fmt.Sprint(numbers), "[]")), ", ") + "]"
}

// countRules counts the persons of one shard in the months to the last.
func (s *store) countRules(ctx context.Context, shard string, last, months int32) error {
	if err := s.ruleTies(ctx, shard, last, months); err != nil {
		return err
	}
	statements := []string{fmt.Sprintf("INSERT INTO counted_cell BY NAME SELECT *, CAST(%d AS INTEGER) AS months FROM (%s)", months, visit.RuleCells)}
	if months == 12 {
		statements = append(statements, "INSERT INTO counted_set BY NAME "+visit.DefinitionSets)
	}
	return s.exec(ctx, append(statements, "DROP TABLE rule_tie")...)
}

// ruleTies makes the table of what the persons of one shard did in the months to the last.
func (s *store) ruleTies(ctx context.Context, shard string, last, months int32) error {
	const inScope = " AND ((SELECT count(*) FROM scope) = 0 OR left(region_code, 2) IN (SELECT prefecture FROM scope))"
	of := fmt.Sprintf("SELECT * FROM %%s WHERE month BETWEEN %d AND %d AND (%s)%s", last-max(months, 12)+1, last, shard, inScope)
	for view, table := range map[string]string{"subject": "visit_month", "subject_act": "act_month"} {
		if err := s.view(ctx, view, fmt.Sprintf(of, table)); err != nil {
			return err
		}
	}
	if err := s.temp(ctx, "rule_span", fmt.Sprintf("SELECT CAST(%d AS INTEGER) AS first_month, CAST(%d AS INTEGER) AS last_month", last-months+1, last)); err != nil {
		return err
	}
	return s.temp(ctx, "rule_tie", visit.RuleTies)
}

// ruleCells reads the persons by thresholds reached, in a fixed order.
func (s *store) ruleCells(ctx context.Context) ([]estimate.RuleCell, error) {
	var cells []estimate.RuleCell
	for scan, err := range s.rows(ctx, `SELECT months, outside, region_code, excluded, trips, gap_days, stay_days, visit_days, acts, purposes,
		CAST(sum(persons) AS BIGINT) FROM counted_cell GROUP BY ALL ORDER BY ALL`) {
		var c estimate.RuleCell
		if err == nil {
			err = scan(&c.Months, &c.Outside, &c.Region, &c.Excluded, &c.Trips, &c.GapDays, &c.StayDays, &c.VisitDays, &c.Acts, &c.Purposes, &c.Persons)
		}
		if err != nil {
			return nil, err
		}
		cells = append(cells, c)
	}
	return cells, nil
}

// definitionSets reads the persons by definitions satisfied, in a fixed order.
func (s *store) definitionSets(ctx context.Context) ([]estimate.DefinitionSet, error) {
	var sets []estimate.DefinitionSet
	for scan, err := range s.rows(ctx, `SELECT outside, region_code, definitions, CAST(sum(persons) AS BIGINT)
		FROM counted_set GROUP BY ALL ORDER BY ALL`) {
		var d estimate.DefinitionSet
		if err == nil {
			err = scan(&d.Outside, &d.Region, &d.Definitions, &d.Persons)
		}
		if err != nil {
			return nil, err
		}
		sets = append(sets, d)
	}
	return sets, nil
}
