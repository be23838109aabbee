package publish

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	_ "github.com/duckdb/duckdb-go/v2" // the driver

	"github.com/kankei/kankei/schemas"
)

// headlineSQL is the view a newcomer opens first.
//
//go:embed headline.sql
var headlineSQL string

// headlineComment is its entry in the dictionary.
const headlineComment = "Relational population of the latest reference month with the names of regions and definitions, " +
	"all origins, relation types and engagement levels together. figure is value as a table prints it: " +
	"[c] withheld, … not estimable, [u] low reliability."

// Internal writes a new DuckDB file with unprotected tables, for the work folder:
// declared and commented by the schemas, loaded through Parquet. The file
// appears under its name when it is whole; readers of an older one keep it.
func Internal(ctx context.Context, path string, tables ...Rows) error {
	scratch, err := os.MkdirTemp(filepath.Dir(path), ".tmp-duckdb-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	var statements []string
	for _, t := range tables {
		file, err := t.parquetFile(scratch)
		if err != nil {
			return err
		}
		statements = append(statements, loading(t.dataset, file)...)
	}
	fresh := filepath.Join(scratch, filepath.Base(path))
	if err := buildDatabase(ctx, fresh, statements); err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	if err := os.Rename(fresh, path); err != nil {
		return err
	}
	return syncPath(filepath.Dir(path))
}

// parquetFile is a Parquet file of the rows, written to a folder if there is
// none yet.
func (r Rows) parquetFile(folder string) (string, error) {
	if r.file != "" {
		return r.file, nil
	}
	path := filepath.Join(folder, r.dataset.Name+".parquet")
	return path, writeFile(path, func(w *os.File) error { return r.write(w, nil) })
}

// loading are the statements that make a table of a dataset out of a Parquet
// file: a declared table takes no null, overflow or column that its declaration
// does not have.
func loading(d schemas.Dataset, file string) []string {
	fill := fmt.Sprintf("INSERT INTO %s BY NAME SELECT * FROM read_parquet(%s)", identifier(d.Name), literal(file))
	return append([]string{d.DDL(d.Name), fill}, d.Comments(d.Name)...)
}

// views are the statements that make the views of a release: each dataset with
// a region level cut by level, and the headline.
func views() []string {
	var out []string
	for _, d := range schemas.Datasets() {
		if d.Stage != schemas.Published {
			continue
		}
		for _, level := range levelsOf(d) {
			out = append(out, levelView(d, level)...)
		}
	}
	return append(out, "CREATE VIEW headline AS "+headlineSQL, "COMMENT ON VIEW headline IS "+literal(headlineComment))
}

// levelsOf are the region levels a dataset of figures has rows for.
func levelsOf(d schemas.Dataset) []string {
	switch d.Row.(type) {
	case schemas.RelationalPopulation, schemas.TargetProgress:
		return []string{schemas.LevelNation, schemas.LevelPrefecture, schemas.LevelMunicipality}
	case schemas.VisitBehaviour, schemas.GuestNights, schemas.OriginDestination, schemas.Coverage,
		schemas.DefinitionSensitivity, schemas.DefinitionOverlap, schemas.ListEstimate, schemas.Assumption:
		return []string{schemas.LevelPrefecture, schemas.LevelMunicipality}
	}
	return nil
}

func levelView(d schemas.Dataset, level string) []string {
	name := identifier(d.Name + "_" + level)
	return []string{
		fmt.Sprintf("CREATE VIEW %s AS SELECT * FROM %s WHERE region_level = %s", name, identifier(d.Name), literal(level)),
		fmt.Sprintf("COMMENT ON VIEW %s IS %s", name, literal("The rows of "+d.Name+" at region level "+level+". "+d.Comment)),
	}
}

// releaseTable are the statements that say inside the file what it is.
func releaseTable(m Manifest) []string {
	rules := make([]string, len(m.Rules))
	for i, r := range m.Rules {
		rules[i] = fmt.Sprintf("%s ≥ %d", r.Rule, r.Threshold)
	}
	return []string{
		"CREATE TABLE release (id VARCHAR NOT NULL, as_of DATE NOT NULL, not_for_publication BOOLEAN NOT NULL, " +
			"reason_ja VARCHAR NOT NULL, reason_en VARCHAR NOT NULL, rules VARCHAR NOT NULL)",
		fmt.Sprintf("INSERT INTO release VALUES (%s, DATE %s, %t, %s, %s, %s)", literal(m.Release), literal(m.AsOf),
			m.NotForPublication, literal(m.Reason.JA), literal(m.Reason.EN), literal(strings.Join(rules, "; "))),
		"COMMENT ON TABLE release IS 'The release that this file is part of. One row.'",
		"COMMENT ON COLUMN release.id IS 'id is the as-of day and the beginning of the digest of the release.'",
		"COMMENT ON COLUMN release.as_of IS 'as_of is the day after which nothing entered the release.'",
		"COMMENT ON COLUMN release.not_for_publication IS 'not_for_publication says that the release must stay inside the house.'",
		"COMMENT ON COLUMN release.reason_ja IS 'reason_ja says why it must, in Japanese.'",
		"COMMENT ON COLUMN release.reason_en IS 'reason_en says why it must, in English.'",
		"COMMENT ON COLUMN release.rules IS 'rules are the disclosure rules applied, as the dataset disclosure lists them.'",
	}
}

// buildDatabase makes a new DuckDB file by running statements, and puts it on
// the disk.
func buildDatabase(ctx context.Context, path string, statements []string) error {
	if strings.ContainsAny(path, "?%") {
		return fmt.Errorf("%s: the path of a database cannot contain ? or %%", path)
	}
	if err := runStatements(ctx, path, statements); err != nil {
		return err
	}
	return syncPath(path)
}

func runStatements(ctx context.Context, path string, statements []string) (err error) {
	const settings = "?autoinstall_known_extensions=false&autoload_known_extensions=false&threads=1&memory_limit=1GiB"
	db, err := sql.Open("duckdb", path+settings)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	for _, s := range slices.Concat([]string{"BEGIN"}, statements, []string{"COMMIT", "CHECKPOINT"}) {
		if _, err := db.ExecContext(ctx, s); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			line, _, _ := strings.Cut(s, "\n")
			return fmt.Errorf("%w\nin: %s", err, line)
		}
	}
	return nil
}

func identifier(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
