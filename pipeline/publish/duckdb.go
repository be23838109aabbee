package publish

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	_ "github.com/duckdb/duckdb-go/v2" // the driver

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/schemas/reference"
)

// Views, and macros for common questions.
//
//go:embed headline.sql region_names.sql view_*.sql macro_*.sql
var viewSQL embed.FS

// view is a view of a release; its file is file.sql. Its columns are those of a
// dataset, under the names of [inJapanese] or their own, and those of [made].
type view struct{ name, file, comment, dataset, columns string }

// sharedViews are the views of a release besides those of one dataset by region
// level and of the regions by vintage. The first is the one a newcomer opens first.
var sharedViews = []view{
	{"headline", "headline", "Relational population of the latest reference month with the names of regions and definitions, " +
		"all origins, relation types and engagement levels together.",
		"relational_population", "region_code region_level region_name region_name_en definition definition_title definition_title_en " +
			"measure outside source estimator reference_month figure value ci_low ci_high per_10000_residents reliability obs_status conf_status"},
	{"region_names", "region_names", "Names of region codes, municipalities with their prefecture: the last that each code had.",
		"regions", "region_code region_level name own_name name_en"},
	{"関係人口", "view_population", "headline の日本語版：最後の基準月の関係人口。The view headline in Japanese.",
		"relational_population", "地域コード 地域 定義 数え方 域外の決め方 出所 推定方法 基準月 表示 値 下限 上限 住民1万人当たり 信頼度 状態 秘匿"},
	{"関係人口の推移", "view_trend", "すべての基準月の関係人口。The relational population of every reference month.",
		"relational_population", "地域コード 地域 定義 数え方 域外の決め方 出所 推定方法 基準月 値 下限 上限 信頼度 状態 秘匿"},
	{"目標の進捗", "view_progress", "地域の目標と数字。The targets beside the figures.",
		"target_progress", "目標 地域コード 地域 定義 期日 目標値 基準月 出所 推定方法 値 下限 上限 目標比 達した確率 秘匿"},
	{"居住地", "view_origins", "最後の基準月に来た人・関わる人の居住地。Where visitors and related persons of the latest reference month live.",
		"origin_destination", "地域コード 地域 居住地コード 居住地 定義 域外の決め方 出所 推定方法 基準月 値 下限 上限 秘匿"},
}

// macro is a macro of a release that stands in FROM; its file is file.sql.
type macro struct{ name, file, comment string }

// macros are questions about a region, which is given by its code or its name.
var macros = []macro{
	{"headline", "macro_headline", "headline(region): the relational population of a region in the latest reference month; region is a code or a name."},
	{"trend", "macro_trend", "trend(region): the relational population of a region in every reference month."},
	{"progress", "macro_progress", "progress(region): the targets of a region beside its figures."},
	{"origins", "macro_origins", "origins(region): where the people of a region live, in the latest reference month."},
}

// regionsOn is the macro of the regions of a day.
var regionsOn = macro{"regions_on", "macro_regions_on", "regions_on(day): the regions that there were on a day, given as DATE '2023-12-31'."}

// Macros are the names of the macros of a release that stand in FROM.
func Macros() []string {
	names := []string{regionsOn.name}
	for _, m := range macros {
		names = append(names, m.name)
	}
	return names
}

// sqlOf is the SELECT of a file.
func sqlOf(file string) string {
	text, err := viewSQL.ReadFile(file + ".sql")
	if err != nil {
		panic(err)
	}
	return string(text)
}

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
// a region level cut by level, and those over several.
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
	out = append(out, nameMacro)
	for _, v := range sharedViews {
		dataset, _ := schemas.Find(v.dataset)
		out = append(out, "CREATE VIEW "+identifier(v.name)+" AS "+sqlOf(v.file), "COMMENT ON VIEW "+identifier(v.name)+" IS "+literal(v.comment))
		out = append(out, columnComments(v.name, dataset, strings.Fields(v.columns)...)...)
	}
	for _, m := range macros {
		out = append(out, "CREATE MACRO "+m.name+"(region) AS TABLE "+sqlOf(m.file), "COMMENT ON MACRO TABLE "+m.name+" IS "+literal(m.comment))
	}
	return append(out, "CREATE MACRO "+regionsOn.name+"(day) AS TABLE "+sqlOf(regionsOn.file), "COMMENT ON MACRO TABLE "+regionsOn.name+" IS "+literal(regionsOn.comment))
}

// mostVintages is for how many boundary vintages, the newest, there are views; regions_on has all.
const mostVintages = 24

// vintagesOf are the days from which regions or their codes or names were others, newest first.
func vintagesOf(regions Table, parquetFile string) ([]schemas.Date, error) {
	from, to := columnOf(regions.rows.dataset, "valid_from"), columnOf(regions.rows.dataset, "valid_to")
	var days []schemas.Date
	begins := func(day schemas.Date) {
		if day != reference.Beginning && !slices.Contains(days, day) {
			days = append(days, day)
		}
	}
	err := regions.rows.scan(parquetFile, func(values []any) error {
		begins(values[from].(schemas.Date))
		if last, ended := values[to].(schemas.Date); ended {
			begins(last + 1)
		}
		return nil
	})
	slices.Sort(days)
	slices.Reverse(days)
	return days[:min(len(days), mostVintages)], err
}

// vintageViews are the statements that make a view of the regions per boundary vintage.
func vintageViews(days []schemas.Date) []string {
	var out []string
	regions, _ := schemas.Find("regions")
	for _, day := range days {
		name := "regions_" + strings.ReplaceAll(day.String(), "-", "")
		out = append(out,
			fmt.Sprintf("CREATE VIEW %s AS SELECT * FROM regions WHERE valid_from <= DATE '%[2]s' AND (valid_to IS NULL OR valid_to >= DATE '%[2]s')", identifier(name), day),
			"COMMENT ON VIEW "+identifier(name)+" IS "+literal("The regions by the boundaries, codes and names that began on "+day.String()+". One row per region code."))
		out = append(out, columnComments(name, regions)...)
	}
	return out
}

// nameMacro names a code in Japanese, the code itself where it has no name.
const nameMacro = "CREATE MACRO name_ja(of_column, of_code) AS coalesce((SELECT c.name_ja FROM code_names AS c WHERE c.column_name = of_column AND c.code = of_code), of_code)"

// codeNames are the statements that make the table of the codes of a release
// with their names. Regions
// have theirs in region_names.
func codeNames(codes []listedCode) []string {
	out := []string{
		"CREATE TABLE code_names (column_name VARCHAR NOT NULL, code VARCHAR NOT NULL, name_ja VARCHAR NOT NULL, name_en VARCHAR NOT NULL)",
		"COMMENT ON TABLE code_names IS 'The codes that the release uses, with their names. One row per column and code.'",
		"COMMENT ON COLUMN code_names.column_name IS 'column_name is the column that has the code.'",
		"COMMENT ON COLUMN code_names.code IS 'code is the code.'",
		"COMMENT ON COLUMN code_names.name_ja IS 'name_ja is its name in Japanese, the code itself where it has none.'",
		"COMMENT ON COLUMN code_names.name_en IS 'name_en is its name in English.'",
	}
	var rows []string
	for _, c := range codes {
		if c.region {
			continue
		}
		rows = append(rows, fmt.Sprintf("(%s, %s, %s, %s)", literal(c.list), literal(c.code), literal(c.name.ja), literal(c.name.en)))
	}
	if len(rows) > 0 {
		out = append(out, "INSERT INTO code_names VALUES "+strings.Join(rows, ", "))
	}
	return out
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
	name := d.Name + "_" + level
	return append([]string{
		fmt.Sprintf("CREATE VIEW %s AS SELECT * FROM %s WHERE region_level = %s", identifier(name), identifier(d.Name), literal(level)),
		fmt.Sprintf("COMMENT ON VIEW %s IS %s", identifier(name), literal("The rows of "+d.Name+" at region level "+level+". "+d.Comment)),
	}, columnComments(name, d)...)
}

// releaseTable are the statements that say inside the file what it is.
func releaseTable(m Manifest) []string {
	rules := make([]string, len(m.Rules))
	for i, r := range m.Rules {
		rules[i] = r.String()
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
	// There is nothing to optimise, and a thousand statements to look for it in.
	for _, s := range slices.Concat([]string{"PRAGMA disable_optimizer", "BEGIN"}, grouped(statements), []string{"COMMIT", "CHECKPOINT"}) {
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

// grouped makes one text of comments that follow one another: most of what a comment
// costs is to be handed over.
func grouped(statements []string) []string {
	var out []string
	for i, s := range statements {
		if i > 0 && strings.HasPrefix(s, "COMMENT ") && strings.HasPrefix(statements[i-1], "COMMENT ") {
			out[len(out)-1] += ";\n" + s
			continue
		}
		out = append(out, s)
	}
	return out
}

func identifier(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// readDatabase opens the DuckDB file of a release, for reading only.
func readDatabase(path string) (*sql.DB, error) {
	return sql.Open("duckdb", path+"?access_mode=READ_ONLY&threads=1&memory_limit=1GiB")
}
