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
