package pipeline

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/kankei/kankei/transforms/visit"
)

// forgetTallies drops the tallies of months no longer asked for, and all of
// them where the rules have changed.
func (s *store) forgetTallies(ctx context.Context, r countRules) error {
	keep := fmt.Sprintf("rules = %s AND reference_month IN (%s)", literal(r.talliesDigest()), integers(r.References))
	return s.exec(ctx, "DELETE FROM tallied WHERE NOT ("+keep+")",
		"DELETE FROM tally WHERE reference_month NOT IN (SELECT reference_month FROM tallied)")
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
