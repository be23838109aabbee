package pipeline

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/visit"
)

// applyVisits brings the months and tallies up to date with stays and persons.
// The counts of touched persons are patched, old out and new in; months not yet
// counted are counted whole. Each step is a transaction and leaves the store
// such that the next run goes on from it; the windows are counted over months
// that are committed, which DuckDB scans two to three times faster.
func (s *store) applyVisits(ctx context.Context, now []landed, rules countRules) error {
	if err := s.setRules(ctx, rules); err != nil {
		return err
	}
	if err := s.scan(ctx, "act", "act", now); err != nil {
		return err
	}
	if err := s.inTransaction(ctx, func() error { return s.countMonths(ctx, rules) }); err != nil {
		return err
	}
	if err := s.countMissing(ctx, rules); err != nil {
		return err
	}
	return s.inTransaction(ctx, func() error { return s.countReports(ctx, now, rules) })
}

// countMonths computes the months of the persons that changed, of all persons
// where the store or the rules are new, and patches the tallies there are.
func (s *store) countMonths(ctx context.Context, rules countRules) error {
	uncounted, err := s.count(ctx, "SELECT count(*) FROM uncounted")
	if err != nil {
		return err
	}
	same, err := s.count(ctx, "SELECT count(*) FROM counted_by WHERE months = ?", rules.monthsDigest())
	if err != nil {
		return err
	}
	if err := s.forgetTallies(ctx, rules); err != nil {
		return err
	}
	if uncounted > 0 || same == 0 {
		err = s.countAll(ctx, rules)
	} else {
		err = s.countTouched(ctx, rules)
	}
	if err != nil {
		return err
	}
	return s.exec(ctx, "DELETE FROM pending_person", "DELETE FROM pending_stay", "DELETE FROM uncounted", "DELETE FROM counted_by",
		"INSERT INTO counted_by VALUES ("+literal(rules.monthsDigest())+")")
}

// countAll computes the months of every person, and leaves all tallies to be
// counted.
func (s *store) countAll(ctx context.Context, rules countRules) error {
	if err := s.exec(ctx, "DELETE FROM visit_month", "DELETE FROM act_month", "DELETE FROM tally", "DELETE FROM tallied"); err != nil {
		return err
	}
	shards, err := s.shards(ctx)
	if err != nil {
		return err
	}
	for _, shard := range shards {
		if err := s.view(ctx, "known_identity", "SELECT *, CAST(0 AS INTEGER) AS start FROM identity WHERE "+shard); err != nil {
			return err
		}
		if err := s.fillMonths(ctx, rules); err != nil {
			return err
		}
	}
	return nil
}

// countTouched patches months and tallies for the pending persons.
func (s *store) countTouched(ctx context.Context, rules countRules) error {
	pending, err := s.count(ctx, "SELECT count(*) FROM pending_person")
	if err != nil || pending == 0 {
		return err
	}
	months, err := s.integers(ctx, "SELECT reference_month FROM tallied ORDER BY reference_month")
	if err != nil {
		return err
	}
	if err := s.temp(ctx, "touched", visit.Touched); err != nil {
		return err
	}
	// The windows of changed months, those of the year before that they are held
	// against, and those two years earlier that these look back at, begin at most
	// 47 months before.
	const months47 = "SELECT m.* FROM visit_month m JOIN touched t ON t.person = m.person WHERE m.month >= t.start - 47"
	const acts = "SELECT a.* FROM act_month a JOIN touched t ON t.person = a.person"
	if err := s.temp(ctx, "old_month", months47); err != nil {
		return err
	}
	if err := s.temp(ctx, "old_act", acts); err != nil {
		return err
	}
	if err := s.exec(ctx, "DELETE FROM visit_month m USING touched t WHERE t.person = m.person AND m.month >= t.start",
		"DELETE FROM act_month WHERE person IN (SELECT person FROM touched)"); err != nil {
		return err
	}
	if err := s.view(ctx, "known_identity", "SELECT i.*, t.start FROM identity i JOIN touched t ON t.person = i.person"); err != nil {
		return err
	}
	if err := s.fillMonths(ctx, rules); err != nil {
		return err
	}
	if err := s.temp(ctx, "new_month", months47); err != nil {
		return err
	}
	if err := s.temp(ctx, "new_act", acts); err != nil {
		return err
	}
	if err := s.temp(ctx, "changed", `SELECT person, CAST(min(month) AS INTEGER) AS since FROM (
			(SELECT * FROM old_month EXCEPT SELECT * FROM new_month) UNION ALL BY NAME (SELECT * FROM new_month EXCEPT SELECT * FROM old_month)
			UNION ALL BY NAME (SELECT * FROM old_act EXCEPT SELECT * FROM new_act) UNION ALL BY NAME (SELECT * FROM new_act EXCEPT SELECT * FROM old_act))
		GROUP BY person`); err != nil {
		return err
	}
	// The windows before a person's first changed month stay as they are.
	const since = `SELECT m.*, c.since, CAST(-1 AS INTEGER) AS sign FROM old_%[1]s m JOIN changed c ON c.person = m.person
		UNION ALL BY NAME SELECT m.*, c.since, CAST(1 AS INTEGER) AS sign FROM new_%[1]s m JOIN changed c ON c.person = m.person`
	// Of the months before those read, what matters is that there are any.
	const before = `SELECT m.*, g.sign FROM visit_month m JOIN touched t ON t.person = m.person JOIN changed c ON c.person = m.person,
		(VALUES (CAST(-1 AS INTEGER)), (CAST(1 AS INTEGER))) g(sign) WHERE m.month < t.start - 47`
	if err := s.tallyInto(ctx, "difference", months, fmt.Sprintf(since, "month"), fmt.Sprintf(since, "act"), before); err != nil {
		return err
	}
	return s.patchTallies(ctx)
}

// patchTallies replaces the tallies that difference changes.
func (s *store) patchTallies(ctx context.Context) error {
	const keys = "reference_month, source_kind, tally, outside, region_code, origin_code, class"
	return s.exec(ctx, `CREATE OR REPLACE TEMP TABLE patched AS
		SELECT `+keys+`, CAST(d.count + coalesce(t.count, 0) AS BIGINT) AS count FROM difference d LEFT JOIN tally t USING (`+keys+`)`,
		"DELETE FROM tally WHERE ("+keys+") IN (SELECT ("+keys+") FROM difference)",
		"INSERT INTO tally BY NAME SELECT * FROM patched WHERE count <> 0")
}

// fillMonths computes the months of the persons of known_identity. Months
// without some purposes are stored only for ties that have such visits.
func (s *store) fillMonths(ctx context.Context, rules countRules) error {
	if err := s.view(ctx, "linked_stay", visit.LinkedStays); err != nil {
		return err
	}
	for _, base := range []struct {
		contacts string
		everyday bool
	}{{visit.Contacts, false}, {visit.ContactsEveryday, true}} {
		if base.everyday && !slices.Contains(rules.Outside, schemas.OutsideEverydayArea) {
			continue
		}
		for _, set := range rules.excludedSets() {
			contact := base.contacts
			if set != 0 {
				differ, err := s.count(ctx, fmt.Sprintf("SELECT count(*) FROM (SELECT 1 FROM visit_month WHERE tie_purposes & %d <> 0 LIMIT 1)", set))
				if err != nil {
					return err
				}
				if differ == 0 {
					continue
				}
				contact = fmt.Sprintf(`SELECT * FROM (%s) WHERE purposes & %d = 0
					AND (source_kind, person, region_code) IN (
						SELECT (source_kind, person, region_code) FROM visit_month
						WHERE excluded = 0 AND everyday_area = %t AND tie_purposes & %d <> 0)`, base.contacts, set, base.everyday, set)
			}
			if err := s.view(ctx, "contact", contact); err != nil {
				return err
			}
			if err := s.temp(ctx, "variant", fmt.Sprintf("SELECT %t AS everyday_area, CAST(%d AS INTEGER) AS excluded", base.everyday, set)); err != nil {
				return err
			}
			if err := s.fill(ctx, "visit_month", visit.VisitMonths); err != nil {
				return err
			}
		}
	}
	return s.fill(ctx, "act_month", visit.ActMonths)
}

// countReports counts the definitions that rest on what respondents say of
// themselves. Surveys are small: they are counted anew each time.
func (s *store) countReports(ctx context.Context, now []landed, r countRules) error {
	if err := s.scan(ctx, "survey_tie", "survey_tie", now); err != nil {
		return err
	}
	if err := s.temp(ctx, "reference", "SELECT CAST(unnest(["+integers(r.References)+"]) AS INTEGER) AS reference_month"); err != nil {
		return err
	}
	return s.exec(ctx, "DELETE FROM tally WHERE split_part(tally, '/', 1) IN (SELECT definition FROM reported)",
		"INSERT INTO tally BY NAME "+visit.ReportTallies)
}

// integers runs a SELECT of one integer column.
func (s *store) integers(ctx context.Context, query string) ([]int32, error) {
	var values []int32
	for scan, err := range s.rows(ctx, query) {
		var v int32
		if err == nil {
			err = scan(&v)
		}
		if err != nil {
			return nil, err
		}
		values = append(values, v)
	}
	return values, nil
}

// integers lists numbers for SQL; an empty list is a month that never was.
func integers(values []int32) string {
	if len(values) == 0 {
		return "-1"
	}
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = fmt.Sprint(v)
	}
	return strings.Join(texts, ", ")
}
