package pipeline

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/kankei/kankei/pipeline/publish"
	"github.com/kankei/kankei/schemas"
)

// Explanation is where a figure comes from, in words.
type Explanation struct {
	// Release is the id of the release that the figure is of.
	Release string
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

// Explain finds the figure of relational_population that terms ask for in the current release, and says where it
// comes from. Terms are column=code, a region by code or name, or a month; what they leave open is the headline of
// the last month. It reads the files of the release alone, so that it tells no more than these do. Internal adds why
// a figure is withheld or not estimable, and is not to leave the house.
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
	row, err := p.figureAsked(ctx, db, terms)
	if err != nil {
		return Explanation{}, err
	}
	f, err := readFacts(ctx, db, row)
	if err != nil {
		return Explanation{}, err
	}
	if f.manifest, err = publish.ReadManifest(filepath.Dir(path)); err != nil {
		return Explanation{}, err
	}
	out := Explanation{Release: f.manifest.Release, Key: keyOf(row), Parts: f.parts()}
	if internal {
		inside, err := p.inside(ctx, row)
		if err != nil {
			return Explanation{}, err
		}
		out.Parts = append(out.Parts, inside.part(f))
	}
	return out, nil
}

// keyOf are the key columns of a row, with their codes.
func keyOf(row schemas.RelationalPopulation) []KeyColumn {
	var key []KeyColumn
	v := reflect.ValueOf(row)
	for _, f := range reflect.VisibleFields(v.Type()) {
		if f.Tag.Get("role") == "key" {
			name, _, _ := strings.Cut(f.Tag.Get("parquet"), ",")
			key = append(key, KeyColumn{name, schemas.Coordinate(v.FieldByIndex(f.Index))})
		}
	}
	return key
}

// facts are the rows of a release that an explanation is made of.
type facts struct {
	manifest   publish.Manifest
	row        schemas.RelationalPopulation
	regions    map[string]schemas.Text
	definition schemas.Definition
	// others are the same figure by other sources and estimators, months the same of earlier months.
	others, months []schemas.RelationalPopulation
	budget         []schemas.ErrorBudget
	area           []schemas.SmallArea
	coverage       []schemas.Coverage
	assumptions    []schemas.Assumption
	changes        []schemas.Change
	revisions      []schemas.Revision
	quality        []schemas.Quality
}

// readFacts reads what a release says of a figure.
func readFacts(ctx context.Context, db *sql.DB, row schemas.RelationalPopulation) (facts, error) {
	f := facts{row: row, regions: map[string]schemas.Text{}}
	at := codes(row)
	month := at["reference_month"]
	figure := at.only("definition", "measure", "outside", "region_code", "source", "estimator")
	bookings := at.only("definition", "outside", "region_code")
	var definitions []schemas.Definition
	var regions []regionName
	err := errors.Join(
		selectInto(ctx, db, &f.others, "relational_population", at.without("source", "estimator"), "value IS NOT NULL OR conf_status = 'C'"),
		selectInto(ctx, db, &f.months, "relational_population", at.without("reference_month"), "reference_month < DATE "+literal(month)),
		selectInto(ctx, db, &definitions, "definitions", at.only("definition"), ""),
		selectInto(ctx, db, &regions, "region_names", nil, ""),
		selectInto(ctx, db, &f.coverage, "coverage", bookings.with("month", month), "step <> 'guest_nights'"),
		selectInto(ctx, db, &f.assumptions, "assumptions", bookings.with("reference_month", month), ""),
		selectInto(ctx, db, &f.quality, "quality", nil, "value IS NOT NULL OR ratio IS NOT NULL"),
	)
	if row.OriginCode == schemas.All && row.RelationType == schemas.All && row.Engagement == schemas.All {
		of := figure.with("reference_month", month)
		err = errors.Join(err,
			selectInto(ctx, db, &f.budget, "error_budget", of, ""),
			selectInto(ctx, db, &f.area, "small_areas", of.without("source"), ""),
			selectInto(ctx, db, &f.changes, "change", of, ""),
			selectInto(ctx, db, &f.revisions, "revisions", of, ""))
	}
	for _, r := range regions {
		f.regions[r.RegionCode] = schemas.Text{JA: r.Name, EN: r.NameEN}
	}
	if len(definitions) > 0 {
		f.definition = definitions[0]
	}
	return f, err
}

// regionName is a row of the view region_names.
type regionName struct {
	RegionCode string `parquet:"region_code"`
	Name       string `parquet:"name"`
	OwnName    string `parquet:"own_name"`
	NameEN     string `parquet:"name_en"`
}

// coded are columns with the codes that are asked for.
type coded map[string]string

// codes are the key columns of a row.
func codes(row schemas.RelationalPopulation) coded {
	out := coded{}
	for _, k := range keyOf(row) {
		out[k.Column] = k.Code
	}
	return out
}

func (c coded) only(columns ...string) coded {
	out := coded{}
	for _, column := range columns {
		out[column] = c[column]
	}
	return out
}

func (c coded) without(columns ...string) coded {
	out := coded{}
	for column, code := range c {
		if !slices.Contains(columns, column) {
			out[column] = code
		}
	}
	return out
}

func (c coded) with(column, code string) coded {
	out := c.without(column)
	out[column] = code
	return out
}

// condition is that of a SELECT, with its arguments.
func (c coded) condition(further string) (string, []any) {
	conditions, args := []string{"true"}, []any{}
	for column, code := range c {
		conditions = append(conditions, "CAST("+identifier(column)+" AS VARCHAR) = ?")
		args = append(args, code)
	}
	if further != "" {
		conditions = append(conditions, "("+further+")")
	}
	return strings.Join(conditions, " AND "), args
}

// selectInto appends the rows of a table that have these codes, in the order of their columns.
func selectInto[T any](ctx context.Context, db *sql.DB, out *[]T, table string, where coded, further string) error {
	fields := slices.DeleteFunc(reflect.VisibleFields(reflect.TypeFor[T]()), func(f reflect.StructField) bool { return f.Anonymous })
	var columns []string
	for _, f := range fields {
		name, _, _ := strings.Cut(f.Tag.Get("parquet"), ",")
		column := identifier(name)
		if strings.Contains(f.Tag.Get("parquet"), ",date") {
			column = "CAST(" + column + " - DATE '1970-01-01' AS INTEGER)" // schemas.Date
		}
		columns = append(columns, column)
	}
	condition, args := where.condition(further)
	rows, err := db.QueryContext(ctx, "SELECT "+strings.Join(columns, ", ")+" FROM "+identifier(table)+" WHERE "+condition+" ORDER BY ALL", args...)
	if err != nil {
		return fmt.Errorf("%s: %w", table, err)
	}
	defer rows.Close()
	for rows.Next() {
		var row T
		var into []any
		for _, f := range fields {
			into = append(into, reflect.ValueOf(&row).Elem().FieldByIndex(f.Index).Addr().Interface())
		}
		if err := rows.Scan(into...); err != nil {
			return fmt.Errorf("%s: %w", table, err)
		}
		*out = append(*out, row)
	}
	return rows.Err()
}

// insideFacts are what the house knows of a figure beside its release.
type insideFacts struct {
	// row is the figure before disclosure control; nil where there is none.
	row *schemas.RelationalPopulation
	// withheld says by which rule it is withheld; nil where it is not.
	withheld *withheldRow
	coverage []schemas.Coverage
	assumed  []schemas.Assumption
}

// inside reads it from the work folder.
func (p *Project) inside(ctx context.Context, row schemas.RelationalPopulation) (insideFacts, error) {
	var in insideFacts
	path, err := p.Database(true)
	if err != nil {
		return in, err
	}
	db, err := openSandbox(path, QueryOptions{Threads: 1}.withDefaults())
	if err != nil {
		return in, err
	}
	defer db.Close()
	var rows []schemas.RelationalPopulation
	at := codes(row)
	bookings := at.only("definition", "outside", "region_code")
	err = errors.Join(
		selectInto(ctx, db, &rows, "relational_population", at, ""),
		selectInto(ctx, db, &in.coverage, "coverage", bookings.with("month", at["reference_month"]), ""),
		selectInto(ctx, db, &in.assumed, "assumptions", bookings.with("reference_month", at["reference_month"]), ""))
	if len(rows) > 0 {
		in.row = &rows[0]
	}
	if err != nil {
		return in, err
	}
	in.withheld, err = p.whyWithheld(row)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil // a release of a version that kept no reasons
	}
	return in, err
}
