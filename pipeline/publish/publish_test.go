package publish

import (
	"bytes"
	"cmp"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"
	"pgregory.net/rapid"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
)

func ptr[T any](v T) *T { return &v }

func day(t testing.TB, s string) schemas.Date {
	t.Helper()
	d, err := schemas.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// sampleRows are the figures of a small release: shown, withheld, not
// estimable, of two months.
func sampleRows(t testing.TB) []disclose.Counted[schemas.RelationalPopulation] {
	row := func(region, level, month string, value *float64, obs string) schemas.RelationalPopulation {
		return schemas.RelationalPopulation{
			Definition: "repeat-visits", Measure: schemas.Persons, Outside: schemas.OutsidePrefecture,
			RegionCode: region, RegionLevel: level, OriginCode: schemas.All, RelationType: schemas.All, Engagement: schemas.All,
			ReferenceMonth: day(t, month), Source: "booking", Estimator: "observed", Value: value, Reliability: schemas.LowReliability,
			BoundaryVintage: day(t, "2025-03-31"), KnownOn: day(t, "2025-03-31"), SourcePeriod: "2024-04-01/2025-03-31",
			Observation: schemas.Observation{ObsStatus: obs, ConfStatus: schemas.Free, MethodologyVersion: "1"},
		}
	}
	return []disclose.Counted[schemas.RelationalPopulation]{
		{Row: row("30000", schemas.LevelPrefecture, "2025-03-31", ptr(1766.0), schemas.Normal), Persons: 1766},
		{Row: row("30401", schemas.LevelMunicipality, "2025-03-31", ptr(7.0), schemas.Normal), Persons: 7},
		{Row: row("30201", schemas.LevelMunicipality, "2025-03-31", ptr(12.0), schemas.LowReliability), Persons: 12},
		{Row: row("30202", schemas.LevelMunicipality, "2025-03-31", nil, schemas.NotEstimable)},
		{Row: row("30000", schemas.LevelPrefecture, "2025-02-28", ptr(1700.5), schemas.Normal), Persons: 1700},
	}
}

func sampleRelease(t testing.TB) Release {
	rule := disclose.Threshold{Persons: 10, Facilities: 3}
	nights := []disclose.Counted[schemas.GuestNights]{{Persons: 900, Facilities: 5, Row: schemas.GuestNights{
		RegionCode: "30401", RegionLevel: schemas.LevelMunicipality, Month: day(t, "2025-03-31"), OriginCode: schemas.All,
		GuestNights: ptr(int64(508853)), Bookings: ptr(int64(75166)),
		Observation: schemas.Observation{ObsStatus: schemas.Normal, ConfStatus: schemas.Free, MethodologyVersion: "1"}}}}
	regions := []schemas.Region{
		{RegionCode: "30000", CheckedCode: "300004", RegionLevel: schemas.LevelPrefecture, PrefectureCode: "30000", ParentCode: "00000", Name: "和歌山県", Kana: "わかやまけん", NameEN: "Wakayama", ValidFrom: day(t, "1970-04-01")},
		{RegionCode: "30401", CheckedCode: "304018", RegionLevel: schemas.LevelMunicipality, PrefectureCode: "30000", ParentCode: "30000", Name: "白浜町", Kana: "しらはまちょう", NameEN: "Shirahama", ValidFrom: day(t, "1970-04-01")},
		{RegionCode: "30999", CheckedCode: "309990", RegionLevel: schemas.LevelMunicipality, PrefectureCode: "30000", ParentCode: "30000", Name: "旧町", Kana: "きゅうちょう", NameEN: "Gone", ValidFrom: day(t, "1970-04-01"), ValidTo: ptr(day(t, "2005-03-31"))},
	}
	return Release{
		AsOf: day(t, "2025-03-31"), NotForPublication: true, Rules: rule.Rules(),
		Definitions: []schemas.Definition{{Definition: "repeat-visits", Version: "1", TitleJA: "反復訪問", TitleEN: "Repeat visits"}},
		Tables: []Table{
			TableOf("relational_population", disclose.Protect(sampleRows(t), rule)),
			TableOf("engagement_funnel", disclose.Protected[schemas.EngagementFunnel]{}),
			TableOf("visit_behaviour", disclose.Protected[schemas.VisitBehaviour]{}),
			TableOf("guest_nights", disclose.Protect(nights, rule)),
			TableOf("origin_destination", disclose.Protected[schemas.OriginDestination]{}),
			TableOf("origin_destination_detail", disclose.Protected[schemas.OriginDestinationDetail]{}),
			TableOf("concentration", disclose.Protected[schemas.Concentration]{}),
			TableOf("coverage", disclose.Protected[schemas.Coverage]{}),
			TableOf("definition_sensitivity", disclose.Protected[schemas.DefinitionSensitivity]{}),
			TableOf("definition_overlap", disclose.Protected[schemas.DefinitionOverlap]{}),
			TableOf("rank_stability", disclose.Protected[schemas.RankStability]{}),
			TableOf("error_budget", disclose.Protected[schemas.ErrorBudget]{}),
			TableOf("small_areas", disclose.Protected[schemas.SmallArea]{}),
			TableOf("change", disclose.Protected[schemas.Change]{}),
			TableOf("revisions", disclose.Protected[schemas.Revision]{}),
			TableOf("nowcast", disclose.Protected[schemas.Nowcast]{}),
			TableOf("flags", disclose.Protected[schemas.Flag]{}),
			TableOf("target_progress", disclose.Protected[schemas.TargetProgress]{}),
			TableOf("list_estimates", disclose.Protected[schemas.ListEstimate]{}),
			TableOf("assumptions", disclose.Protected[schemas.Assumption]{}),
			TableOf("migration_conversion", disclose.Protected[schemas.MigrationConversion]{}),
			TableOf("conversion_curve", disclose.Protected[schemas.ConversionCurve]{}),
			TableOf("migration_sources", disclose.Protected[schemas.MigrationSource]{}),
			TableOf("conversion_drivers", disclose.Protected[schemas.ConversionDriver]{}),
			TableOf("programme_contrast", disclose.Protected[schemas.ProgrammeContrast]{}),
			TableOf("engagement_transitions", disclose.Protected[schemas.EngagementTransition]{}),
			TableOf("quality", disclose.Public([]schemas.Quality{{Source: "all", Indicator: "rows_in", Value: ptr(int64(119390)), Observation: schemas.Observation{ObsStatus: "A", ConfStatus: "F", MethodologyVersion: "1"}}})),
			TableOf("regions", disclose.Public(regions)),
			TableOf("region_changes", disclose.Protected[schemas.RegionChange]{}),
		},
	}
}

func released(t testing.TB, r Release) (folder string) {
	t.Helper()
	releases := filepath.Join(t.TempDir(), "releases")
	done, err := Write(t.Context(), releases, r)
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(releases, done.ID)
}

// TestMain removes the releases that the tests share.
func TestMain(m *testing.M) {
	code := m.Run()
	for _, folder := range shared {
		_ = os.RemoveAll(filepath.Dir(folder))
	}
	os.Exit(code)
}

// shared are the folders of releases that are written once, by the function that makes them.
var shared = map[string]string{}

// sharedRelease is a release for tests that only read it.
func sharedRelease(t testing.TB, name string, of func(testing.TB) Release) (folder string) {
	t.Helper()
	if folder, done := shared[name]; done {
		return folder
	}
	releases, err := os.MkdirTemp("", "shared-release-")
	if err != nil {
		t.Fatal(err)
	}
	done, err := Write(t.Context(), releases, of(t))
	if err != nil {
		t.Fatal(err)
	}
	shared[name] = filepath.Join(releases, done.ID)
	return shared[name]
}

func sampleFolder(t testing.TB) string  { return sharedRelease(t, "sample", sampleRelease) }
func hostileFolder(t testing.TB) string { return sharedRelease(t, "hostile", hostileRelease) }

func openFile(t testing.TB, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("duckdb", path+"?access_mode=READ_ONLY")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// table is every row of a query as text.
func table(t testing.TB, db *sql.DB, q string) [][]string {
	t.Helper()
	rows, err := db.Query(q)
	if err != nil {
		t.Fatalf("%s: %v", q, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var out [][]string
	for rows.Next() {
		values := make([]any, len(columns))
		places := make([]any, len(columns))
		for i := range values {
			places[i] = &values[i]
		}
		if err := rows.Scan(places...); err != nil {
			t.Fatal(err)
		}
		line := make([]string, len(columns))
		for i, v := range values {
			line[i] = fmt.Sprint(v)
		}
		out = append(out, line)
	}
	if rows.Err() != nil {
		t.Fatal(rows.Err())
	}
	return out
}

// Every format of a dataset holds the same rows: what was given, in the order
// of the key, protected.
func TestFormatsAgree(t *testing.T) {
	folder := sampleFolder(t)
	db := openFile(t, filepath.Join(folder, databaseName))
	memory, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer memory.Close()
	for _, d := range schemas.Datasets() {
		if d.Stage != schemas.Published {
			continue
		}
		order := " ORDER BY " + strings.Join(d.Key(), ", ")
		parquetFile := filepath.Join(folder, filepath.FromSlash(parquetPath(d)))
		fromParquet := table(t, memory, "SELECT * FROM read_parquet("+literal(parquetFile)+")")
		fromDuckDB := table(t, db, "SELECT * FROM "+identifier(d.Name)+order)
		if diff := gocmp.Diff(fromParquet, fromDuckDB); diff != "" {
			t.Errorf("%s: Parquet as written and DuckDB differ: %s", d.Name, diff)
		}
	}
	path := filepath.Join(folder, "parquet", "relational_population", "relational_population.parquet")
	got, err := parquet.ReadFile[schemas.RelationalPopulation](path)
	if err != nil {
		t.Fatal(err)
	}
	want := disclose.Protect(sampleRows(t), disclose.Threshold{Persons: 10}).Rows()
	slices.SortFunc(want, func(a, b schemas.RelationalPopulation) int {
		if c := strings.Compare(a.RegionCode, b.RegionCode); c != 0 {
			return c
		}
		return cmp.Compare(a.ReferenceMonth, b.ReferenceMonth)
	})
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("read back by parquet-go: %s", diff)
	}
	if got[4].Value != nil || got[4].RegionCode != "30401" || got[4].ConfStatus != schemas.Withheld {
		t.Errorf("the cell of 7 persons is %+v", got[4])
	}
	if rows := table(t, db, "SELECT CAST(reference_month AS VARCHAR), value FROM relational_population WHERE region_code = '30000' ORDER BY 1"); fmt.Sprint(rows) != "[[2025-02-28 1700.5] [2025-03-31 1766]]" {
		t.Errorf("dates and values in DuckDB: %v", rows)
	}
}

func TestDatabaseExplainsItself(t *testing.T) {
	folder := sampleFolder(t)
	db := openFile(t, filepath.Join(folder, databaseName))
	got := table(t, db, "SELECT region_code, region_name, region_name_en, definition_title, definition_title_en, figure FROM headline")
	want := [][]string{
		{"30000", "和歌山県", "Wakayama", "反復訪問", "Repeat visits", "1,766"},
		{"30201", "30201", "30201", "反復訪問", "Repeat visits", "12 [u]"},
		{"30202", "30202", "30202", "反復訪問", "Repeat visits", "…"},
		{"30401", "和歌山県白浜町", "Shirahama", "反復訪問", "Repeat visits", "[c]"},
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("headline: %s", diff)
	}
	for view, n := range map[string]string{"relational_population_prefecture": "2", "relational_population_municipality": "3", "relational_population_nation": "0", "guest_nights_municipality": "1"} {
		if got := table(t, db, "SELECT count(*) FROM "+view); got[0][0] != n {
			t.Errorf("%s has %s rows, want %s", view, got[0][0], n)
		}
	}
	if got := table(t, db, "SELECT id, CAST(as_of AS VARCHAR), not_for_publication, rules, reason_ja <> '' FROM release"); fmt.Sprint(got) != "[["+filepath.Base(folder)+" 2025-03-31 true facilities ≥ 3; persons ≥ 10 true]]" {
		t.Errorf("release: %v", got)
	}
	if got := table(t, db, "SELECT table_name, column_name FROM duckdb_columns() WHERE comment IS NULL AND NOT internal"); len(got) > 0 {
		t.Errorf("columns without comment: %v", got)
	}
	// A column of a view says what it says in its table, under a Japanese name behind its own.
	if got := table(t, db, `SELECT v.table_name, v.column_name FROM duckdb_columns() AS t, duckdb_columns() AS v
		WHERE t.table_name = 'relational_population' AND t.column_name = 'per_10000_residents'
		  AND v.comment IN (t.comment, 'per_10000_residents: ' || t.comment) AND v.table_name <> t.table_name ORDER BY ALL`); fmt.Sprint(got) !=
		"[[headline per_10000_residents] [relational_population_municipality per_10000_residents] [relational_population_nation per_10000_residents] "+
			"[relational_population_prefecture per_10000_residents] [関係人口 住民1万人当たり]]" {
		t.Errorf("views that comment per_10000_residents as its table does: %v", got)
	}
	if got := table(t, db, "SELECT table_name FROM duckdb_tables() WHERE comment IS NULL UNION ALL SELECT view_name FROM duckdb_views() WHERE comment IS NULL AND NOT internal"); len(got) > 0 {
		t.Errorf("tables without comment: %v", got)
	}
}

func TestParquetCarriesTheDictionary(t *testing.T) {
	folder := sampleFolder(t)
	file, err := os.Open(filepath.Join(folder, "parquet", "guest_nights", "guest_nights.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	info, _ := file.Stat()
	p, err := parquet.OpenFile(file, info.Size())
	if err != nil {
		t.Fatal(err)
	}
	d, _ := schemas.Find("guest_nights")
	if got, _ := p.Lookup("kankei.comment"); got != d.Comment || got == "" {
		t.Errorf("kankei.comment = %q", got)
	}
	if got, _ := p.Lookup("kankei.not_for_publication"); !strings.Contains(got, "Not for publication") || !strings.Contains(got, "公表不可") {
		t.Errorf("kankei.not_for_publication = %q", got)
	}
	text, _ := p.Lookup("kankei.comments")
	var comments map[string]string
	if err := json.Unmarshal([]byte(text), &comments); err != nil {
		t.Fatal(err)
	}
	for _, c := range d.Columns() {
		if comments[c.Name] != c.Comment || c.Comment == "" {
			t.Errorf("comment of %s = %q", c.Name, comments[c.Name])
		}
	}
	if got := p.Metadata().CreatedBy; !strings.HasPrefix(got, "kankei") {
		t.Errorf("created by %q", got)
	}
}

func TestDataPackageDescribesTheFiles(t *testing.T) {
	folder := sampleFolder(t)
	text, err := os.ReadFile(filepath.Join(folder, datapackageName))
	if err != nil {
		t.Fatal(err)
	}
	var p dataPackage
	if err := json.Unmarshal(text, &p); err != nil {
		t.Fatal(err)
	}
	if p.Version != filepath.Base(folder) || !strings.Contains(p.Description, "Not for publication") {
		t.Errorf("version %q, description %q", p.Version, p.Description)
	}
	memory, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer memory.Close()
	for _, r := range p.Resources {
		if r.Schema == nil {
			f, err := describeFile(folder, r.Path)
			hash := "sha256:" + f.SHA256
			if !f.Reproducible { // the data package is the same each time, and so leaves it to the manifest
				hash = ""
			}
			if err != nil || r.Hash != hash || r.MediaType == "" || r.Title == "" {
				t.Errorf("%s: %+v, %v", r.Path, r, err)
			}
			continue
		}
		columns := table(t, memory, "SELECT column_name, column_type FROM (DESCRIBE FROM read_parquet("+literal(filepath.Join(folder, r.Path))+"))")
		var want, got []string
		for _, c := range columns {
			want = append(want, c[0]+" "+fieldTypes[c[1]])
		}
		for _, f := range r.Schema.Fields {
			got = append(got, f.Name+" "+f.Type)
			if f.Type == "" || f.Description == "" || f.Title == "" || f.Unit == "" {
				t.Errorf("%s.%s lacks a part: %+v", r.Name, f.Name, f)
			}
		}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("%s: fields differ from the file's: %s", r.Name, diff)
		}
		f, err := describeFile(folder, r.Path)
		if err != nil || r.Hash != "sha256:"+f.SHA256 || r.Bytes != f.Bytes {
			t.Errorf("%s: hash or size is not the file's (%v)", r.Name, err)
		}
	}
	if n := len(p.Resources); p.Resources[n-1].Path != statementName {
		t.Errorf("the last resource is %s", p.Resources[n-1].Path)
	}
	// 31 Parquet files, DuckDB, the workbook, the report, 27 of observations as SDMX-CSV, the code lists, the statement.
	if len(p.Resources) != 31+1+1+1+27+1+1 || p.Resources[0].Name != "relational_population" || len(p.Resources[0].Schema.PrimaryKey) != 11 {
		t.Errorf("%d resources, first %s with key %v", len(p.Resources), p.Resources[0].Name, p.Resources[0].Schema.PrimaryKey)
	}
}

// The same rows give the same release in any order on any number of threads.
func TestReleaseIsReproducible(t *testing.T) {
	first := sampleFolder(t)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, threads := range []int{1, 8} {
		runtime.GOMAXPROCS(threads)
		r := sampleRelease(t)
		rows := sampleRows(t)
		rand.New(rand.NewPCG(uint64(threads), 1)).Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		r.Tables[0] = TableOf("relational_population", disclose.Protect(rows, disclose.Threshold{Persons: 10}))
		slices.Reverse(r.Tables)
		slices.Reverse(r.Rules)
		again := released(t, r)
		if filepath.Base(again) != filepath.Base(first) {
			t.Fatalf("threads %d: id %s, want %s", threads, filepath.Base(again), filepath.Base(first))
		}
		a, err := ReadManifest(first)
		if err != nil {
			t.Fatal(err)
		}
		b, err := ReadManifest(again)
		if err != nil {
			t.Fatal(err)
		}
		keep := func(m Manifest) []File {
			return slices.DeleteFunc(m.Files, func(f File) bool { return !f.Reproducible })
		}
		if diff := gocmp.Diff(keep(a), keep(b)); diff != "" {
			t.Errorf("threads %d: %s", threads, diff)
		}
	}
}

func TestIdentityFollowsTheContent(t *testing.T) {
	base := filepath.Base(sampleFolder(t))
	if got := idOf(t, sampleRelease(t)); got != base {
		t.Fatalf("the release as written is %s, its tables are %s", base, got)
	}
	for name, change := range map[string]func(*Release){
		"rules":       func(r *Release) { r.Rules[0].Threshold++ },
		"definitions": func(r *Release) { r.Definitions[0].Version = "2" },
		"mark":        func(r *Release) { r.NotForPublication = false },
		"as-of":       func(r *Release) { r.AsOf++ },
		"rows": func(r *Release) {
			k := slices.IndexFunc(r.Tables, func(t Table) bool { return t.Name() == "quality" })
			r.Tables[k] = TableOf("quality", disclose.Protected[schemas.Quality]{})
		},
	} {
		r := sampleRelease(t)
		change(&r)
		if idOf(t, r) == base {
			t.Errorf("%s changed and the id did not", name)
		}
	}
}

// idOf is the id of a release, which is known as soon as its tables are written.
func idOf(t testing.TB, r Release) string {
	t.Helper()
	b := builder{release: r, releases: t.TempDir(), manifest: newManifest(r), before: func(string) error { return nil }}
	if err := errors.Join(b.complete(), b.open(), b.writeParquet()); err != nil {
		t.Fatal(err)
	}
	return b.manifest.identity()
}

func TestWriteKeepsAndRepairs(t *testing.T) {
	releases := t.TempDir()
	first, err := Write(t.Context(), releases, sampleRelease(t))
	if err != nil || first.Kept {
		t.Fatal(first, err)
	}
	folder := filepath.Join(releases, first.ID)
	if err := os.WriteFile(filepath.Join(folder, "notes.txt"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	again, err := Write(t.Context(), releases, sampleRelease(t))
	if err != nil || !again.Kept || again.ID != first.ID {
		t.Errorf("the same release: %+v, %v", again, err)
	}
	if _, err := os.Stat(filepath.Join(folder, "notes.txt")); err != nil {
		t.Errorf("a kept release was touched: %v", err)
	}
	damaged := filepath.Join(folder, "parquet", "regions", "regions.parquet")
	if err := os.WriteFile(damaged, []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	repaired, err := Write(t.Context(), releases, sampleRelease(t))
	if err != nil || repaired.Kept || repaired.ID != first.ID {
		t.Errorf("a damaged release: %+v, %v", repaired, err)
	}
	whole(t, releases, first.ID)
	entries, err := os.ReadDir(releases)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			t.Errorf("left behind: %s", e.Name())
		}
	}
	if link, err := os.Readlink(filepath.Join(releases, "current")); err != nil || link != first.ID {
		t.Errorf("current -> %s, %v", link, err)
	}
}

// whole fails unless CURRENT names this release and it agrees with its manifest.
func whole(t *testing.T, releases, id string) {
	t.Helper()
	current, err := Current(releases)
	if err != nil || current != id {
		t.Fatalf("current release %q, %v; want %q", current, err, id)
	}
	if faults, err := Check(filepath.Join(releases, current)); err != nil || len(faults) > 0 {
		t.Fatalf("release %s: %v, %v", current, faults, err)
	}
}

// killed is what the hook of a test throws to end the process at a step.
type killed struct{}

// However the writing of a release ends, and at whichever step, the current
// release is whole, and the next attempt succeeds.
func TestEveryStepMayBeTheLast(t *testing.T) {
	next := func() Release {
		r := sampleRelease(t)
		r.AsOf = day(t, "2025-04-30")
		return r
	}
	var steps []string
	wantID := ""
	{
		releases := t.TempDir()
		done, err := write(t.Context(), releases, next(), func(step string) error { steps = append(steps, step); return nil })
		if err != nil {
			t.Fatal(err)
		}
		wantID = done.ID
	}
	for _, want := range []string{"parquet relational_population", "duckdb", "workbook", "report", "sdmx", "statement", "datapackage", "manifest", "sync folders", "rename", "CURRENT", "switch CURRENT", "link", "switch link"} {
		if !slices.Contains(steps, want) {
			t.Errorf("no step %q in %q", want, steps)
		}
	}
	// Parquet files are alike: the first and the last stand for all.
	last := "parquet " + published()[len(published())-1].Name
	steps = slices.DeleteFunc(steps, func(s string) bool {
		return strings.HasPrefix(s, "parquet ") && s != steps[0] && s != last
	})
	releases := t.TempDir()
	first, err := Write(t.Context(), releases, sampleRelease(t))
	if err != nil {
		t.Fatal(err)
	}
	if testing.Short() {
		steps = []string{"rename", "switch CURRENT"}
	}
	for _, step := range steps {
		for name, end := range map[string]func(){"error": nil, "kill": func() { panic(killed{}) }} {
			if testing.Short() && end == nil {
				continue
			}
			t.Run(step+" "+name, func(t *testing.T) {
				// Back to the first release as the current one.
				if err := os.WriteFile(filepath.Join(releases, currentName), []byte(first.ID+"\n"), 0o644); err != nil {
					t.Fatal(err)
				}
				if err := os.RemoveAll(filepath.Join(releases, wantID)); err != nil {
					t.Fatal(err)
				}
				fault := errors.New("no space left")
				err := interrupted(func() error {
					_, err := write(t.Context(), releases, next(), func(s string) error {
						switch {
						case s != step:
							return nil
						case end != nil:
							end()
						}
						return fault
					})
					return err
				})
				if end == nil && !errors.Is(err, fault) {
					t.Fatalf("error %v, want the fault", err)
				}
				expect := first.ID
				if strings.Contains(step, "link") {
					expect = wantID // CURRENT has been switched; only the convenience is behind
				}
				whole(t, releases, expect)
				done, err := Write(t.Context(), releases, next())
				if err != nil || done.ID != wantID {
					t.Fatalf("the next attempt: %+v, %v", done, err)
				}
				whole(t, releases, wantID)
			})
		}
	}
}

// interrupted runs f and swallows the end of the process that the test staged.
func interrupted(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			if _, staged := r.(killed); !staged {
				panic(r)
			}
		}
	}()
	return f()
}

func TestReleaseNeedsEveryDatasetOnce(t *testing.T) {
	r := sampleRelease(t)
	r.Tables = r.Tables[1:]
	if _, err := Write(t.Context(), t.TempDir(), r); err == nil || !strings.Contains(err.Error(), "relational_population") {
		t.Errorf("without relational_population: %v", err)
	}
	r = sampleRelease(t)
	r.Tables = append(r.Tables, r.Tables[0])
	if _, err := Write(t.Context(), t.TempDir(), r); err == nil {
		t.Error("a dataset given twice was written")
	}
}

func TestEqualKeysAreRefused(t *testing.T) {
	rows := sampleRows(t)
	r := sampleRelease(t)
	r.Tables[0] = TableOf("relational_population", disclose.Protect(append(rows, rows[0]), disclose.Threshold{}))
	releases := t.TempDir()
	_, err := Write(t.Context(), releases, r)
	if err == nil || !strings.Contains(err.Error(), "same key") {
		t.Fatalf("error %v", err)
	}
	if _, err := Current(releases); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("something was released: %v", err)
	}
}

func TestSortKeyComparesByValue(t *testing.T) {
	type row struct {
		A string `role:"key"`
		B int32  `role:"key"`
		C int64  `role:"key"`
	}
	ordered := []row{{"", -5, 0}, {"", 3, -1 << 62}, {"", 3, 1}, {"a", 0, 0}, {"a\x00", 0, 0}, {"a\x00b", -1, 0}, {"ab", -9, 0}, {"和歌山", 0, 0}}
	fields := keyFields(reflect.TypeFor[row]())
	for i := 1; i < len(ordered); i++ {
		a, b := sortKey(reflect.ValueOf(ordered[i-1]), fields), sortKey(reflect.ValueOf(ordered[i]), fields)
		if bytes.Compare(a, b) >= 0 {
			t.Errorf("%v is not before %v", ordered[i-1], ordered[i])
		}
	}
}

func TestSortKeyOrdersAsTheColumnsDo(t *testing.T) {
	type row struct {
		A string `role:"key"`
		B int32  `role:"key"`
		C int64  `role:"key"`
	}
	fields := keyFields(reflect.TypeFor[row]())
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) row {
			return row{rapid.StringOfN(rapid.RuneFrom([]rune("\x00\x01aあ")), 0, 3, -1).Draw(t, name), rapid.Int32Range(-2, 2).Draw(t, name), rapid.Int64().Draw(t, name)}
		}
		a, b := draw("a"), draw("b")
		want := cmp.Or(strings.Compare(a.A, b.A), cmp.Compare(a.B, b.B), cmp.Compare(a.C, b.C))
		if got := bytes.Compare(sortKey(reflect.ValueOf(a), fields), sortKey(reflect.ValueOf(b), fields)); got != want {
			t.Fatalf("%+v and %+v compare %d, want %d", a, b, got, want)
		}
	})
}

func TestInternal(t *testing.T) {
	dir := t.TempDir()
	frequency := []schemas.VisitFrequency{
		{RegionCode: "18000", RegionLevel: "prefecture", Outside: "prefecture", OriginCode: "all", ReferenceMonth: day(t, "2025-03-31"), Source: "survey", VisitDays: 2, Persons: 4},
		{RegionCode: "18000", RegionLevel: "prefecture", Outside: "prefecture", OriginCode: "all", ReferenceMonth: day(t, "2025-03-31"), Source: "survey", VisitDays: 1, Persons: 1766},
	}
	type season struct {
		Name string `parquet:"name" role:"key" unit:"code"`
		Days int64  `parquet:"days" role:"measure" unit:"day"`
	}
	file := filepath.Join(dir, "it's here.parquet")
	var buffer bytes.Buffer
	if err := WriteParquet(&buffer, "visit_frequency", frequency); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, buffer.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "internal.duckdb")
	for range 2 { // the second replaces the first
		err := Internal(t.Context(), path,
			InternalFile("visit_frequency", file),
			InternalTable("seasons", []season{{"spring", 91}, {"autumn", 92}}),
			InternalTable("coverage", []schemas.Coverage(nil)))
		if err != nil {
			t.Fatal(err)
		}
	}
	db := openFile(t, path)
	if got := table(t, db, "SELECT visit_days, persons FROM visit_frequency"); fmt.Sprint(got) != "[[1 1766] [2 4]]" {
		t.Errorf("visit_frequency: %v", got)
	}
	if got := table(t, db, "SELECT * FROM seasons"); fmt.Sprint(got) != "[[autumn 92] [spring 91]]" {
		t.Errorf("seasons: %v", got)
	}
	if got := table(t, db, "SELECT count(*) FROM coverage"); got[0][0] != "0" {
		t.Errorf("coverage: %v", got)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".tmp-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestCurrentRefusesPaths(t *testing.T) {
	for _, text := range []string{"", "..\n", "2025-03-31-x/../..\n", "latest\n"} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, currentName), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if id, err := Current(dir); err == nil {
			t.Errorf("CURRENT %q gives %q", text, id)
		}
	}
}
