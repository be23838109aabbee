package pipeline

import (
	"context"
	"crypto/sha256"
	"database/sql/driver"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/visit"
)

// countRules say what is counted: under which definitions and outside rules,
// for which prefectures and which months.
type countRules struct {
	Profiles     []schemas.Profile
	Ladder       []schemas.EngagementLevel
	Outside      []string
	EverydayArea map[string]string // municipality code → area
	Prefectures  []string          // 5-digit codes; empty for all
	BusiestDays  int               // visit days in 12 months above which a person is left out; 0 for none
	References   []int32           // reference months, year × 12 + month − 1
}

// excludedSets are the sets of excluded purposes that the definitions and the
// engagement ladder use, the empty set first.
func (r countRules) excludedSets() []int32 {
	sets := []int32{0, int32(schemas.EngagementExcludes)}
	for _, p := range r.Profiles {
		if m := int32(p.Excluded()); !slices.Contains(sets, m) {
			sets = append(sets, m)
		}
	}
	slices.Sort(sets)
	return sets
}

// monthsDigest changes when the stored months would be others.
func (r countRules) monthsDigest() string {
	return digestOf(r.excludedSets(), r.Outside, r.EverydayArea)
}

// talliesDigest changes when the tallies of the same months would be others.
func (r countRules) talliesDigest() string {
	return digestOf(r.monthsDigest(), r.Profiles, r.Ladder, r.Prefectures, r.BusiestDays)
}

// digestOf is a short digest of values as fmt prints them, maps in key order.
func digestOf(values ...any) string {
	h := sha256.Sum256(fmt.Appendf(nil, "%+v", values))
	return hex.EncodeToString(h[:8])
}

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

// setRules writes the rules as small tables for the SELECTs to read.
func (s *store) setRules(ctx context.Context, r countRules) error {
	statements := []string{
		fmt.Sprintf("CREATE OR REPLACE TEMP TABLE rules AS SELECT [%s] AS rungs, nullif(%d, 0) AS busiest_days, CAST(%d AS INTEGER) AS excluded",
			strings.Join(rungs(r.Ladder), ", "), r.BusiestDays, schemas.EngagementExcludes),
		"CREATE OR REPLACE TEMP TABLE outside_rule (outside VARCHAR NOT NULL, rule VARCHAR NOT NULL)",
		"CREATE OR REPLACE TEMP TABLE scope (prefecture VARCHAR NOT NULL)",
		"CREATE OR REPLACE TEMP TABLE everyday_area (region_code VARCHAR NOT NULL, area VARCHAR NOT NULL)",
		`CREATE OR REPLACE TEMP TABLE alternative (definition VARCHAR NOT NULL, source_kind VARCHAR NOT NULL, excluded INTEGER NOT NULL,
			min_trips INTEGER NOT NULL, min_days INTEGER NOT NULL, min_gap_days INTEGER NOT NULL, min_stay_days INTEGER NOT NULL,
			min_acts INTEGER NOT NULL, purposes INTEGER NOT NULL)`,
		"CREATE OR REPLACE TEMP TABLE reported (definition VARCHAR NOT NULL, excluded INTEGER NOT NULL, min_visits INTEGER NOT NULL)",
	}
	for _, rule := range r.Outside {
		statements = append(statements, fmt.Sprintf("INSERT INTO outside_rule VALUES (%[1]s, %[1]s)", literal(rule)))
		if rule != schemas.OutsideEverydayArea {
			statements = append(statements, fmt.Sprintf("INSERT INTO outside_rule VALUES ('both', %s)", literal(rule)))
		}
	}
	for _, p := range r.Prefectures {
		statements = append(statements, "INSERT INTO scope VALUES ("+literal(p[:2])+")")
	}
	for _, p := range r.Profiles {
		excluded := int32(p.Excluded())
		for _, a := range p.Any {
			if a.SelfReported {
				statements = append(statements, fmt.Sprintf("INSERT INTO reported VALUES (%s, %d, %d)", literal(p.ID), excluded, a.MinTrips))
				continue
			}
			for _, source := range p.Sources {
				statements = append(statements, fmt.Sprintf("INSERT INTO alternative VALUES (%s, %s, %d, %d, %d, %d, %d, %d, %d)",
					literal(p.ID), literal(source), excluded, a.MinTrips, a.MinDays, a.MinGapDays, a.MinStayDays, a.MinActs,
					schemas.PurposeCodes[a.Purpose]))
			}
		}
	}
	if err := s.exec(ctx, statements...); err != nil {
		return err
	}
	codes := make([]string, 0, len(r.EverydayArea))
	for code := range r.EverydayArea {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	return s.appendRows(ctx, "everyday_area", func(yield func([]driver.Value) bool) {
		for _, code := range codes {
			if !yield([]driver.Value{code, r.EverydayArea[code]}) {
				return
			}
		}
	})
}

// rungs are the ways to reach each engagement level, as SQL structs. What people
// say of themselves is not in the visits.
func rungs(ladder []schemas.EngagementLevel) []string {
	var structs []string
	for rank, level := range ladder {
		for _, a := range level.Any {
			if !a.SelfReported {
				structs = append(structs, fmt.Sprintf(`{'rank': CAST(%d AS INTEGER), 'min_trips': %d, 'min_days': %d, 'min_gap_days': %d,
					'min_stay_days': %d, 'min_acts': %d, 'purposes': %d}`, rank, a.MinTrips, a.MinDays, a.MinGapDays, a.MinStayDays, a.MinActs,
					schemas.PurposeCodes[a.Purpose]))
			}
		}
	}
	return structs
}

// forgetTallies drops the tallies of months no longer asked for, and all of
// them where the rules have changed.
func (s *store) forgetTallies(ctx context.Context, r countRules) error {
	keep := fmt.Sprintf("rules = %s AND reference_month IN (%s)", literal(r.talliesDigest()), integers(r.References))
	return s.exec(ctx, "DELETE FROM tallied WHERE NOT ("+keep+")",
		"DELETE FROM tally WHERE reference_month NOT IN (SELECT reference_month FROM tallied)")
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

// countMissing counts the reference months that have no tallies yet, shard of
// persons by shard, so that the windows of all never have to fit into memory.
func (s *store) countMissing(ctx context.Context, r countRules) error {
	done, err := s.integers(ctx, "SELECT reference_month FROM tallied")
	if err != nil {
		return err
	}
	missing := slices.DeleteFunc(slices.Clone(r.References), func(m int32) bool { return slices.Contains(done, m) })
	if len(missing) == 0 {
		return nil
	}
	shards, err := s.shards(ctx)
	if err != nil {
		return err
	}
	if err := s.tempOf(ctx, "shard_tally", dataset("tally")); err != nil {
		return err
	}
	for _, shard := range shards {
		const whole = "SELECT *, CAST(0 AS INTEGER) AS since, CAST(1 AS INTEGER) AS sign FROM %s WHERE %s"
		if err := s.tallyInto(ctx, "tally_in", missing, fmt.Sprintf(whole, "visit_month", shard), fmt.Sprintf(whole, "act_month", shard), ""); err != nil {
			return err
		}
		if err := s.exec(ctx, "INSERT INTO shard_tally BY NAME SELECT * FROM tally_in"); err != nil {
			return err
		}
	}
	const keys = "reference_month, source_kind, tally, outside, region_code, origin_code, class"
	return s.inTransaction(ctx, func() error {
		return s.exec(ctx, "INSERT INTO tally BY NAME SELECT "+keys+", CAST(sum(count) AS BIGINT) AS count FROM shard_tally GROUP BY "+keys,
			fmt.Sprintf("INSERT INTO tallied SELECT unnest([%s]), %s", integers(missing), literal(r.talliesDigest())),
			"DROP TABLE shard_tally")
	})
}

// shards are conditions on persons that cut them into sets of about a million
// stays each, so that one set's months and windows fit into memory; months are
// stored shard by shard, which keeps each shard's together on disk. Counts add
// up over persons: where the cuts lie changes nothing.
func (s *store) shards(ctx context.Context) ([]string, error) {
	const staysAtOnce = 1_500_000
	stays, err := s.count(ctx, "SELECT count(*) FROM stay")
	if err != nil {
		return nil, err
	}
	var cuts []int64
	// Persons are pseudonyms: one in 64 tells how all are spread.
	for scan, err := range s.rows(ctx, `SELECT DISTINCT unnest(quantile_disc(person, [`+shares(stays/staysAtOnce+1)+`])) AS cut
		FROM identity WHERE person % 64 = 0 ORDER BY cut`) {
		var cut int64
		if err == nil {
			err = scan(&cut)
		}
		if err != nil {
			return nil, err
		}
		cuts = append(cuts, cut)
	}
	from := "true"
	var shards []string
	for _, cut := range cuts {
		shards = append(shards, fmt.Sprintf("%s AND person < %d", from, cut))
		from = fmt.Sprintf("person >= %d", cut)
	}
	return append(shards, from), nil
}

// shares lists 1/n, 2/n, … (n−1)/n for SQL.
func shares(n int64) string {
	var texts []string
	for i := int64(1); i < n; i++ {
		texts = append(texts, fmt.Sprintf("%d / %d", i, n))
	}
	return strings.Join(texts, ", ")
}

// tallyInto counts the windows of some months over some persons' rows into a
// temporary table; before are the rows of months that visits leaves out, ” for
// none. The windows one and two years earlier are needed only for ties that are
// related now and go back so far.
func (s *store) tallyInto(ctx context.Context, table string, months []int32, visits, acts, before string) error {
	if err := s.tempOf(ctx, table, dataset("tally")); err != nil || len(months) == 0 {
		return err
	}
	const inScope = ` t WHERE (SELECT count(*) FROM scope) = 0 OR left(t.region_code, 2) IN (SELECT prefecture FROM scope)`
	visits, acts = "SELECT * FROM ("+visits+")"+inScope, "SELECT * FROM ("+acts+")"+inScope
	first, last := slices.Min(months), slices.Max(months)
	if err := s.temp(ctx, "reference", "SELECT CAST(unnest(["+integers(months)+"]) AS INTEGER) AS reference_month"); err != nil {
		return err
	}
	if err := s.firstSeen(ctx, visits, acts, before); err != nil {
		return err
	}
	if err := s.heldAgainst(ctx, months, visits, acts); err != nil {
		return err
	}
	for _, tallies := range []string{visit.Tallies, visit.EngagementTallies} {
		if err := s.fill(ctx, table, tallies); err != nil {
			return err
		}
	}
	if err := s.setSubject(ctx, first, last, visits, acts); err != nil {
		return err
	}
	if err := s.fill(ctx, table, visit.MonthTallies); err != nil {
		return err
	}
	return s.exec(ctx, "DROP TABLE current_window", "DROP TABLE earlier_window", "DROP TABLE deep_window", "DROP TABLE first_seen")
}

// firstSeen finds when the ties of the rows were first seen.
func (s *store) firstSeen(ctx context.Context, visits, acts, before string) error {
	const columns = "sign, everyday_area, excluded, source_kind, person, region_code, tie_purposes, month"
	all := "SELECT " + columns + " FROM (" + visits + ")"
	if before != "" {
		all += " UNION ALL SELECT " + columns + " FROM (" + before + ")"
	}
	if err := s.view(ctx, "tie_month", all); err != nil {
		return err
	}
	if err := s.view(ctx, "tie_act", acts); err != nil {
		return err
	}
	return s.temp(ctx, "first_seen", visit.FirstSeen)
}

// heldAgainst computes the windows of the months, and the earlier ones that the
// engagement ladder holds them against: those of the month before, and for the
// last month of a fiscal year those of a year before. Of windows that stay as they
// are before a row's since, it makes those alone.
func (s *store) heldAgainst(ctx context.Context, months []int32, visits, acts string) error {
	first, last := slices.Min(months)-1, slices.Max(months)
	since := "since - 1"
	for _, m := range slices.Backward(slices.Sorted(slices.Values(months))) {
		if m%12 == 2 {
			first = min(first, m-12)
			since = fmt.Sprintf("CASE WHEN since <= %d THEN least(since - 1, %d) ELSE %s END", m, m-12, since)
		}
	}
	const from = "SELECT * REPLACE (CAST(%s AS INTEGER) AS since) FROM (%s)"
	visits, acts = fmt.Sprintf(from, since, visits), fmt.Sprintf(from, since, acts)
	if err := s.windows(ctx, "current_window", first, last, visits, acts); err != nil {
		return err
	}
	// Of ties that are related now, those that go back two years.
	if err := s.temp(ctx, "lasting", fmt.Sprintf(`SELECT DISTINCT person, region_code
		FROM (SELECT person, region_code FROM (%s) v WHERE month <= %d UNION ALL SELECT person, region_code FROM (%s) a WHERE month <= %[2]d)
		WHERE (person, region_code) IN (SELECT (person, region_code) FROM current_window WHERE engagement = 2)`, visits, last-24, acts)); err != nil {
		return err
	}
	const related = `SELECT * REPLACE (since - 24 AS since) FROM (%s) WHERE (person, region_code) IN (SELECT (person, region_code) FROM lasting)`
	if err := s.windows(ctx, "earlier_window", first-24, last-12, fmt.Sprintf(related, visits), fmt.Sprintf(related, acts)); err != nil {
		return err
	}
	return s.temp(ctx, "deep_window", visit.DeepWindows)
}

func (s *store) windows(ctx context.Context, table string, first, last int32, visits, acts string) error {
	if err := s.setSubject(ctx, first, last, visits, acts); err != nil {
		return err
	}
	return s.temp(ctx, table, visit.Windows)
}

// setSubject says whose rows the next SELECT is about, and the span of
// reference months.
func (s *store) setSubject(ctx context.Context, first, last int32, visits, acts string) error {
	within := fmt.Sprintf(" u WHERE month BETWEEN greatest(%d, since) - 11 AND %d", first, last)
	if err := s.view(ctx, "subject", "SELECT * FROM ("+visits+")"+within); err != nil {
		return err
	}
	if err := s.view(ctx, "subject_act", "SELECT * FROM ("+acts+")"+within); err != nil {
		return err
	}
	return s.temp(ctx, "span", fmt.Sprintf("SELECT CAST(%d AS INTEGER) AS first_month, CAST(%d AS INTEGER) AS last_month", first, last))
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
