package pipeline

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"

	"github.com/kankei/kankei/pipeline/publish"
	"github.com/kankei/kankei/schemas"
)

// Explanation is where a figure comes from, in words.
type Explanation struct {
	// Release is the id of the release that the figure is of.
	Release string
	// Dataset is the one that the figure is in.
	Dataset string
	// Key are the columns that tell the figure from others, with their codes.
	Key []KeyColumn
	// Parts are sentences under headings.
	Parts []ExplainedPart
}

// KeyColumn is a column with the code that a figure has in it.
type KeyColumn struct{ Column, Code string }

// ExplainedPart is a heading with its sentences.
type ExplainedPart struct {
	Heading   schemas.Text
	Sentences []schemas.Text
}

// Explain finds the figure that terms ask for in the current release, and says where it comes from. Terms are the name of
// a dataset, column=code, a region by code or name, or a month; what they leave open is the headline of
// the last month in relational_population. It reads the files of the release alone, so that it tells no more than these do.
// Internal adds what the figure rests on, and why it is withheld or not estimable, and is not to leave the house.
func (p *Project) Explain(ctx context.Context, terms []string, internal bool) (Explanation, error) {
	path, err := p.Database(false)
	if err != nil {
		return Explanation{}, err
	}
	db, err := openSandbox(path, QueryOptions{Threads: 1}.withDefaults())
	if err != nil {
		return Explanation{}, err
	}
	defer db.Close()
	k, row, err := p.figureAsked(ctx, db, terms)
	if err != nil {
		return Explanation{}, err
	}
	f, err := readFacts(ctx, db, k, row)
	if err != nil {
		return Explanation{}, err
	}
	if f.manifest, err = publish.ReadManifest(filepath.Dir(path)); err != nil {
		return Explanation{}, err
	}
	out := Explanation{Release: f.manifest.Release, Dataset: k.dataset, Key: row.key(), Parts: f.parts()}
	if internal {
		inside, err := p.inside(ctx, k, row)
		if err != nil {
			return Explanation{}, err
		}
		out.Parts = append(out.Parts, inside.part(f))
	}
	return out, nil
}

// facts are the rows of a release that an explanation is made of.
type facts struct {
	manifest   publish.Manifest
	kind       kind
	row        tableRow
	regions    map[string]schemas.Text
	definition schemas.Definition
	// others are the same figure by other sources and estimators, earlier the same of earlier months, or of other cohorts.
	others, earlier []tableRow
	// moves are the numbers of moves into the region by year and record, of figures of conversion.
	moves []schemas.MigrationSource
	// seen are the persons seen in the region in the same 12 months, by source; nights the guest-nights of these months.
	seen        []schemas.VisitBehaviour
	nights      []schemas.GuestNights
	budget      []schemas.ErrorBudget
	area        []schemas.SmallArea
	coverage    []schemas.Coverage
	assumptions []schemas.Assumption
	changes     []schemas.Change
	revisions   []schemas.Revision
	quality     []schemas.Quality
}

// readFacts reads what a release says of a figure.
func readFacts(ctx context.Context, db *sql.DB, k kind, row tableRow) (facts, error) {
	f := facts{kind: k, row: row, regions: map[string]schemas.Text{}}
	at := row.codes()
	var definitions []schemas.Definition
	var regions []regionName
	var err, e error
	if row.has("estimator") || row.has("source") {
		f.others, e = k.selects(ctx, db, at.without("source", "estimator", "estimand"), "obs_status <> 'M' OR conf_status = 'C'")
		err = errors.Join(err, e)
	}
	earlier := identifier(k.time) + " < DATE " + literal(row.code(k.time))
	if k.time == "cohort" {
		earlier = "cohort <> " + row.code(k.time)
	}
	f.earlier, e = k.selects(ctx, db, at.without(k.time), earlier)
	err = errors.Join(err, e,
		selectInto(ctx, db, &definitions, "definitions", coded{"definition": row.code("definition")}, ""),
		selectInto(ctx, db, &regions, "region_names", nil, ""),
		selectInto(ctx, db, &f.quality, "quality", nil, "value IS NOT NULL OR ratio IS NOT NULL"),
		f.readWindow(ctx, db), f.readHeadline(ctx, db, at))
	for _, r := range regions {
		f.regions[r.RegionCode] = schemas.Text{JA: r.Name, EN: r.NameEN}
	}
	if len(definitions) > 0 {
		f.definition = definitions[0]
	}
	return f, err
}

// readWindow reads what the release says of the region in the same 12 months, or of those of a cohort's figure in the last:
// who was seen, what was booked, how likely a visit is seen and what estimates rest on.
func (f *facts) readWindow(ctx context.Context, db *sql.DB) error {
	month := f.row.code(f.kind.time)
	region := f.row.of("region_code")
	if f.kind.time == "cohort" {
		return selectInto(ctx, db, &f.moves, "migration_sources", region, "statistic IN ('moves', 'registered_in_migrants') AND value IS NOT NULL")
	}
	from := f.row.of("outside", "region_code")
	if !f.row.has("outside") {
		from["outside"] = schemas.OutsidePrefecture
	}
	bookings := f.row.of("definition", "outside", "region_code")
	const everybody = "statistic = 'repeat_rate' AND definition = '' AND persons IS NOT NULL" // which is of all who were seen
	window := "month <= DATE " + literal(month) + " AND month > last_day(DATE " + literal(month) + " - INTERVAL 12 MONTH)"
	err := errors.Join(
		selectInto(ctx, db, &f.seen, "visit_behaviour", from.with("reference_month", month), everybody),
		selectInto(ctx, db, &f.nights, "guest_nights", region.with("origin_code", schemas.All), "bookings IS NOT NULL AND "+window))
	if !f.row.has("definition") {
		return err
	}
	return errors.Join(err,
		selectInto(ctx, db, &f.coverage, "coverage", bookings.with("month", month), "step <> 'guest_nights'"),
		selectInto(ctx, db, &f.assumptions, "assumptions", bookings.with("reference_month", month), ""))
}

// readHeadline reads what the release says of a whole figure of relational_population beside its row.
func (f *facts) readHeadline(ctx context.Context, db *sql.DB, at coded) error {
	if f.kind.dataset != explained || at["origin_code"] != schemas.All || at["relation_type"] != schemas.All || at["engagement"] != schemas.All {
		return nil
	}
	of := at.only("definition", "measure", "outside", "region_code", "source", "estimator", "reference_month")
	return errors.Join(
		selectInto(ctx, db, &f.budget, "error_budget", of, ""),
		selectInto(ctx, db, &f.area, "small_areas", of.without("source"), ""),
		selectInto(ctx, db, &f.changes, "change", of, ""),
		selectInto(ctx, db, &f.revisions, "revisions", of, ""))
}
