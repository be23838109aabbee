package pipeline

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/csv"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/duckdb/duckdb-go/v2"
)

// sandboxFile is a database with a table, a view and a secret beside it.
func sandboxFile(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "kankei.duckdb")
	connector, err := duckdb.NewConnector(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	defer db.Close()
	for _, s := range []string{
		`CREATE TABLE figures (region_code VARCHAR NOT NULL, name VARCHAR, month DATE, value DOUBLE, persons BIGINT)`,
		`INSERT INTO figures VALUES ('30401', '白浜町', DATE '2025-03-31', 1766.5, 1766), ('30000', '和歌山県', DATE '2025-03-31', NULL, 993)`,
		`CREATE VIEW figures_prefecture AS SELECT * FROM figures WHERE region_code LIKE '__000'`,
		`CREATE TABLE "Odd Name" (i INTEGER)`,
	} {
		if _, err := db.Exec(s); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "secret.csv"), []byte("a\n1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func query(t testing.TB, path, statement string, opt QueryOptions) (string, error) {
	t.Helper()
	var out bytes.Buffer
	err := Query(t.Context(), path, statement, opt, &out)
	return out.String(), err
}

func TestQueryRefusesHostileStatements(t *testing.T) {
	path := sandboxFile(t)
	secret := filepath.Join(filepath.Dir(path), "secret.csv")
	for _, statement := range []string{
		// logging, profiling and settings
		`FROM enable_logging(storage='file', storage_path='/tmp/x')`,
		`SELECT * FROM enable_logging('QueryLog')`,
		`SELECT * FROM Enable_Logging()`,
		`SELECT * FROM "enable_logging"()`,
		`SELECT * FROM main.enable_logging()`,
		`SELECT * FROM system.main.enable_logging()`,
		`CALL enable_logging()`,
		`SELECT * FROM disable_logging()`,
		`SELECT * FROM truncate_duckdb_logs()`,
		`SELECT * FROM enable_profiling()`,
		`SELECT * FROM enable_profiling(save_location='/tmp/x')`,
		`PRAGMA enable_profiling`,
		`PRAGMA database_list`,
		`SET threads = 8`,
		`RESET threads`,
		`SET lock_configuration = false`,
		`SELECT current_setting('temp_directory')`,
		`SELECT getvariable('x')`,
		`SET VARIABLE x = 1`,
		`SELECT write_log('x')`,
		`SELECT setseed(0.5)`,
		`SELECT * FROM duckdb_settings()`,
		`SELECT * FROM duckdb_secrets()`,
		`SELECT * FROM duckdb_databases()`,
		`SELECT * FROM duckdb_databases`,
		`SELECT * FROM duckdb_logs`,
		`SELECT * FROM pragma_database_list`,
		`SELECT * FROM pg_catalog.pg_settings`,
		`SELECT * FROM sqlite_master`,
		`WITH duckdb_logs AS (SELECT 1) SELECT * FROM duckdb_logs`,
		`SELECT * FROM duckdb_databases, (WITH duckdb_databases AS (SELECT 1) SELECT 1)`,
		// more than one statement, or none
		`SELECT 1; SELECT 2`,
		`SELECT 1; DROP TABLE figures`,
		`SELECT 1;; SELECT 2`,
		"SELECT 1 -- one\n; SELECT 2",
		``,
		`;`,
		`-- nothing`,
		"SELECT 1\x00; DROP TABLE figures",
		// writing and reaching out
		`COPY figures TO '/tmp/x.csv'`,
		`COPY (SELECT 1) TO '/tmp/x.csv'`,
		`COPY figures FROM '/tmp/x.csv'`,
		`ATTACH '/tmp/x.duckdb'`,
		`DETACH kankei`,
		`USE memory`,
		`INSTALL httpfs`,
		`LOAD httpfs`,
		`CREATE TABLE x (i INTEGER)`,
		`CREATE TEMP TABLE x AS SELECT 1`,
		`CREATE MACRO f() AS 1`,
		`CREATE SECRET s (TYPE s3)`,
		`INSERT INTO figures VALUES (1)`,
		`UPDATE figures SET value = 1`,
		`DELETE FROM figures`,
		`DROP TABLE figures`,
		`ALTER TABLE figures ADD COLUMN x INTEGER`,
		`EXPORT DATABASE '/tmp/x'`,
		`IMPORT DATABASE '/tmp/x'`,
		`CHECKPOINT`,
		`VACUUM`,
		`BEGIN`,
		`PREPARE p AS SELECT 1`,
		`EXECUTE p`,
		`EXPLAIN ANALYZE SELECT 1`,
		`WITH d AS (DELETE FROM figures RETURNING *) SELECT * FROM d`,
		// files and the network
		`SELECT * FROM read_csv('` + secret + `')`,
		`SELECT * FROM read_csv_auto('` + secret + `')`,
		`SELECT * FROM READ_CSV('` + secret + `')`,
		`SELECT * FROM "Read_Csv"('` + secret + `')`,
		`SELECT * FROM read_parquet('x.parquet')`,
		`SELECT * FROM parquet_scan('x.parquet')`,
		`SELECT * FROM parquet_metadata('x.parquet')`,
		`SELECT * FROM read_json('x.json')`,
		`SELECT * FROM read_text('` + secret + `')`,
		`SELECT * FROM read_blob('` + secret + `')`,
		`SELECT * FROM read_duckdb('x.duckdb')`,
		`SELECT * FROM glob('/*')`,
		`SELECT * FROM sniff_csv('` + secret + `')`,
		`SELECT * FROM '` + secret + `'`,
		`SELECT * FROM "` + secret + `"`,
		`SELECT * FROM 'https://example.org/x.csv'`,
		`SELECT * FROM read_csv('https://example.org/x.csv')`,
		`SELECT * FROM read_parquet('s3://bucket/x.parquet')`,
		`WITH c AS (SELECT * FROM read_text('` + secret + `')) SELECT * FROM c`,
		`SELECT (SELECT content FROM read_text('` + secret + `'))`,
		`SELECT * FROM figures, LATERAL (SELECT * FROM read_text('` + secret + `'))`,
		`SELECT 1 WHERE EXISTS (FROM read_text('` + secret + `'))`,
		`SELECT 1 ORDER BY (SELECT count(*) FROM glob('/*'))`,
		`SELECT 1 LIMIT (SELECT count(*) FROM glob('/*'))`,
		`SELECT 1 UNION ALL SELECT * FROM glob('/*')`,
		`SELECT list_transform([1], lambda x: (SELECT count(*) FROM glob('/*')))`,
		`SELECT * FROM range((SELECT count(*) FROM glob('/*')))`,
		`FROM (PIVOT (FROM glob('/*')) ON file IN ('a') USING count(*))`,
		`SELECT sum(1) OVER (ORDER BY (SELECT count(*) FROM glob('/*')))`,
		`DESCRIBE SELECT * FROM read_csv('` + secret + `')`,
		`SUMMARIZE SELECT * FROM read_csv('` + secret + `')`,
		`DESCRIBE '` + secret + `'`,
		`SELECT/**/*/**/FROM/**/read_text/**/('` + secret + `')`,
		// SQL by another door
		`SELECT * FROM query('SELECT 1')`,
		`SELECT * FROM query_table('figures')`,
		`SELECT * FROM json_execute_serialized_sql('{}')`,
		`SELECT json_serialize_sql('SELECT 1')`,
		`SELECT json_serialize_plan('SELECT 1')`,
		`SELECT * FROM sql_auto_complete('SEL')`,
		`SELECT * FROM enable_peg_parser()`,
		`SELECT * FROM checkpoint()`,
		`SELECT * FROM force_checkpoint()`,
		`SELECT nextval('s')`,
		`SELECT $1`,
		`SELECT ?`,
		`SHOW DATABASES`,
		`SHOW ALL TABLES`,
		`SHOW VARIABLES`,
		`SELECT * FROM other.main.figures`,
		`SELECT * FROM nowhere`,
		`SELECT pg_sleep(100)`,
		`SELECT sleep_ms(100000)`,
	} {
		out, err := query(t, path, statement, QueryOptions{Timeout: 10 * time.Second})
		var coded *Error
		if !errors.As(err, &coded) || coded.Code != ExitMisused {
			t.Errorf("%s: error %v, want a refusal", statement, err)
		}
		if out != "" {
			t.Errorf("%s: wrote %q", statement, out)
		}
		if err := checkSelect(t.Context(), statement, []string{"figures"}); err == nil {
			t.Errorf("%s: passes the check; only the engine refused it", statement)
		}
	}
	if files, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*")); len(files) != 2 {
		t.Errorf("files beside the database: %v", files)
	}
}

// The engine is locked too: what the check might miss still reaches nothing.
func TestSandboxHoldsWithoutTheCheck(t *testing.T) {
	path := sandboxFile(t)
	secret := filepath.Join(filepath.Dir(path), "secret.csv")
	db, err := openSandbox(path, QueryOptions{}.withDefaults())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, statement := range []string{
		`SELECT * FROM read_csv('` + secret + `')`,
		`FROM '` + secret + `'`,
		`COPY figures TO '` + secret + `'`,
		`ATTACH '` + secret + `x'`,
		`SET enable_external_access = true`,
		`SET lock_configuration = false`,
		`LOAD httpfs`,
		`DELETE FROM figures`,
		`CREATE TABLE x (i INTEGER)`,
	} {
		if _, err := db.Exec(statement); err == nil {
			t.Errorf("%s was done", statement)
		}
	}
}

func TestQueryAnswers(t *testing.T) {
	path := sandboxFile(t)
	for _, c := range []struct{ statement, want string }{
		{`SELECT 1 AS one`, "one\r\n1\r\n"},
		{`select persons from figures order by 1;`, "persons\r\n993\r\n1766\r\n"},
		{"SELECT persons -- ; not the end\nFROM FIGURES WHERE name = '白浜町'", "persons\r\n1766\r\n"},
		{`SELECT "i" FROM "odd name"`, "i\r\n"},
		{`FROM figures_prefecture SELECT region_code, month, value`, "region_code,month,value\r\n30000,2025-03-31,\r\n"},
		{`SELECT f.persons FROM main.figures f JOIN figures_prefecture p USING (region_code)`, "persons\r\n993\r\n"},
		{`WITH t AS (SELECT sum(persons) AS n FROM figures) SELECT n, n * 2 FROM t`, "n,(n * 2)\r\n2759,5518\r\n"},
		{`WITH RECURSIVE t(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM t WHERE i < 3) SELECT max(i) AS m FROM t`, "m\r\n3\r\n"},
		{`SELECT region_code, rank() OVER (ORDER BY persons DESC) AS r FROM figures ORDER BY r`, "region_code,r\r\n30401,1\r\n30000,2\r\n"},
		{`SELECT DISTINCT month FROM figures GROUP BY ALL HAVING count(*) > 1 ORDER BY month LIMIT 1`, "month\r\n2025-03-31\r\n"},
		{`SELECT count(*) FILTER (WHERE value IS NULL) AS n FROM figures`, "n\r\n1\r\n"},
		{`SELECT CASE WHEN persons BETWEEN 1 AND 1000 THEN 'few' ELSE lpad(region_code, 6, '0') END AS c FROM figures ORDER BY 1`, "c\r\n030401\r\nfew\r\n"},
		{`SELECT i FROM range(3) t(i)`, "i\r\n0\r\n1\r\n2\r\n"},
		{`SELECT CAST(m AS DATE) AS m FROM generate_series(DATE '2025-01-01', DATE '2025-02-01', INTERVAL 1 MONTH) t(m)`, "m\r\n2025-01-01\r\n2025-02-01\r\n"},
		{`SELECT unnest([1, 2]) AS u`, "u\r\n1\r\n2\r\n"},
		{`FROM (PIVOT figures ON region_code IN ('30000', '30401') USING sum(persons) GROUP BY month)`, "month,30000,30401\r\n2025-03-31,993,1766\r\n"},
		{`SELECT column_name FROM (DESCRIBE figures) LIMIT 1`, "column_name\r\nregion_code\r\n"},
		{`SELECT name FROM (SHOW TABLES)`, "name\r\nOdd Name\r\nfigures\r\nfigures_prefecture\r\n"},
		{`SELECT count(*) AS n FROM information_schema.tables WHERE table_name = 'figures'`, "n\r\n1\r\n"},
		{`SELECT EXISTS (SELECT 1) AS a, 'ab' LIKE 'a%' AS b, coalesce(NULL, 3) AS c, [x + 1 for x in [1]] AS d, {'k': 1}.k AS e, date_part('year', DATE '2025-03-31') AS f`,
			"a,b,c,d,e,f\r\ntrue,true,3,[2],1,2025\r\n"},
		{`VALUES (1), (2)`, "col0\r\n1\r\n2\r\n"},
		{`SELECT 'read_text(''/etc/passwd'')' AS harmless`, "harmless\r\nread_text('/etc/passwd')\r\n"},
	} {
		got, err := query(t, path, c.statement, QueryOptions{Format: "csv"})
		if err != nil || got != c.want {
			t.Errorf("%s: %q, %v; want %q", c.statement, got, err, c.want)
		}
	}
	for _, statement := range []string{`DESCRIBE figures`, `SUMMARIZE figures`, `SHOW TABLES`, `DESCRIBE SELECT 1`, `TABLE figures`} {
		if out, err := query(t, path, statement, QueryOptions{}); err != nil || out == "" {
			t.Errorf("%s: %q, %v", statement, out, err)
		}
	}
}

// What analysts write passes the check and runs.
func TestQueryAcceptsTheLanguage(t *testing.T) {
	path := sandboxFile(t)
	for _, statement := range []string{
		`SELECT region_code, sum(persons) FROM figures GROUP BY ROLLUP (region_code)`,
		`SELECT region_code, GROUPING(region_code) FROM figures GROUP BY CUBE (region_code)`,
		`SELECT region_code FROM figures QUALIFY row_number() OVER (PARTITION BY month ORDER BY persons DESC) = 1`,
		`SELECT avg(persons) OVER w, lag(persons, 1, 0) OVER w FROM figures WINDOW w AS (ORDER BY month ROWS BETWEEN 2 PRECEDING AND CURRENT ROW)`,
		`SELECT * EXCLUDE (value) REPLACE (upper(name) AS name) FROM figures USING SAMPLE 1`,
		`SELECT COLUMNS('p.*') FROM figures`,
		`SELECT name FROM figures WHERE region_code IN (SELECT region_code FROM figures_prefecture) AND NOT name ILIKE '%x%' OR name SIMILAR TO '.*山.*'`,
		`SELECT a.persons FROM figures a ASOF JOIN figures b ON a.region_code = b.region_code AND a.month >= b.month`,
		`SELECT * FROM figures a LEFT JOIN figures b USING (region_code) CROSS JOIN range(2)`,
		`SELECT * FROM figures a, LATERAL (SELECT a.persons + 1) b`,
		`SELECT * FROM figures a SEMI JOIN figures_prefecture b USING (region_code)`,
		`FROM (UNPIVOT (SELECT region_code, value, CAST(persons AS DOUBLE) AS persons FROM figures) ON value, persons)`,
		`SELECT TRY_CAST(name AS INTEGER), persons::VARCHAR, value::DECIMAL(9,1), '2025-01-01'::DATE + INTERVAL 3 MONTH FROM figures`,
		`SELECT strftime(month, '%Y-%m'), month - INTERVAL '1' YEAR, date_trunc('month', month), extract(year FROM month), last_day(month) FROM figures`,
		`SELECT quantile_cont(persons, 0.5), median(persons), stddev_samp(persons), count(DISTINCT name), string_agg(name, ',' ORDER BY name), arg_max(name, persons) FROM figures`,
		`SELECT -persons, persons % 2, persons // 2, persons ** 2, persons & 1, name || 'x', name[1:2], #1, persons IS NOT DISTINCT FROM 1 FROM figures`,
		`SELECT '{"a": [1]}'::JSON -> 'a' ->> 0, json_extract_string('{"a": 1}', '$.a')`,
		`SELECT list_transform([1, 2], lambda x: x + 1), list_filter([1, 2], lambda x: x > 1), MAP {'a': 1}['a'], [3, 1].list_sort()`,
		`SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS t (i, s) ORDER BY i DESC NULLS LAST LIMIT 1 OFFSET 1`,
		`(SELECT 1 UNION SELECT 2) INTERSECT SELECT 1 EXCEPT ALL SELECT 3`,
		`WITH a AS MATERIALIZED (SELECT 1 AS i), b AS (SELECT i FROM a) SELECT * FROM b WHERE i = ANY (SELECT i FROM a)`,
		`SELECT * FROM json_each('[1, 2]')`,
		`SELECT current_date, now(), pi(), version()`,
	} {
		if _, err := query(t, path, statement, QueryOptions{}); err != nil {
			t.Errorf("%s: %v", statement, err)
		}
	}
}

func TestQueryStopsBombs(t *testing.T) {
	path := sandboxFile(t)
	for _, c := range []struct{ name, statement, says string }{
		{"time", `SELECT sum(a.i * b.i) FROM range(1000000000) a(i), range(1000000000) b(i)`, "longer than"},
		{"long string", `SELECT length(repeat('x', 3000000000))`, "memory"},
		{"doubled string", `SELECT length(replace(repeat('x', 100000), 'x', repeat('y', 20000)))`, "memory"},
		{"long list", `SELECT len(range(500000000))`, "memory"},
		{"padded", `SELECT length(format('{:>2000000000}', 'x'))`, "memory"},
		{"large result", `SELECT * FROM range(2000000000)`, "memory"},
		{"large state", `SELECT len(list(i)) FROM range(1000000000) t(i)`, "memory"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if testing.Short() && c.name != "time" && c.name != "long string" {
				t.Skip("takes a second")
			}
			timeout := 20 * time.Second
			if c.name == "time" {
				timeout = 300 * time.Millisecond
			}
			before := time.Now()
			out, err := query(t, path, c.statement, QueryOptions{Timeout: timeout, Memory: 128 << 20})
			var coded *Error
			if !errors.As(err, &coded) || coded.Code != ExitFailed || !strings.Contains(err.Error(), c.says) {
				t.Errorf("error %v, want one that says %q", err, c.says)
			}
			if out != "" {
				t.Errorf("wrote %d bytes", len(out))
			}
			if took := time.Since(before); took > timeout+10*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
	if files, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*")); len(files) != 2 {
		t.Errorf("spilled to disk: %v", files)
	}
	if _, err := query(t, path, `SELECT count(*) FROM figures`, QueryOptions{}); err != nil {
		t.Errorf("a plain query after the bombs: %v", err)
	}
}

func TestQueryEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := Query(ctx, sandboxFile(t), `SELECT 1`, QueryOptions{}, &bytes.Buffer{})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
}

func TestQueryMisuse(t *testing.T) {
	path := sandboxFile(t)
	for _, c := range []struct {
		name, path, statement string
		opt                   QueryOptions
		code                  int
	}{
		{"unknown format", path, `SELECT 1`, QueryOptions{Format: "xml"}, ExitMisused},
		{"no such file", path + "x", `SELECT 1`, QueryOptions{}, ExitFailed},
		{"unknown column", path, `SELECT nothing FROM figures`, QueryOptions{}, ExitMisused},
		{"does not parse", path, `SELEC 1`, QueryOptions{}, ExitMisused},
		{"too long", path, `SELECT ` + strings.Repeat("1+", 60_000) + "1", QueryOptions{}, ExitMisused},
		{"deep", path, strings.Repeat("SELECT (", 5000) + "1" + strings.Repeat(")", 5000), QueryOptions{}, ExitMisused},
	} {
		_, err := query(t, c.path, c.statement, c.opt)
		var coded *Error
		if !errors.As(err, &coded) || coded.Code != c.code {
			t.Errorf("%s: error %v, want exit code %d", c.name, err, c.code)
		} else if coded.Message("ja") == coded.Message("en") {
			t.Errorf("%s: no Japanese message: %s", c.name, coded.Message("ja"))
		}
	}
	_, err := query(t, path, `SELECT * FROM nowhere`, QueryOptions{})
	if err == nil || !strings.Contains(err.Error(), "figures_prefecture") {
		t.Errorf("error %v does not name the tables there are", err)
	}
}

func TestQueryRowLimit(t *testing.T) {
	path := sandboxFile(t)
	out, err := query(t, path, `SELECT i FROM range(10) t(i)`, QueryOptions{Format: "csv", MaxRows: 3})
	if err == nil || out != "i\r\n0\r\n1\r\n2\r\n" {
		t.Errorf("%q, %v; want three rows and an error", out, err)
	}
	out, err = query(t, path, `SELECT i FROM range(3) t(i)`, QueryOptions{Format: "csv", MaxRows: 3})
	if err != nil || out != "i\r\n0\r\n1\r\n2\r\n" {
		t.Errorf("%q, %v; want three rows", out, err)
	}
}

func TestTableAlignsWideCharacters(t *testing.T) {
	got, err := query(t, sandboxFile(t), `SELECT name, month, value, persons, E'a\tb\x1b[2J' AS odd FROM figures ORDER BY persons`, QueryOptions{})
	if err != nil {
		t.Fatal(err)
	}
	want := `name      month        value  persons  odd
────────  ──────────  ──────  ───────  ────────────
和歌山県  2025-03-31    NULL      993  a\tb\x1b[2J
白浜町    2025-03-31  1766.5     1766  a\tb\x1b[2J
`
	// The rule is as wide as the widest cell of its column.
	want = strings.Replace(want, "────────────", strings.Repeat("─", len(`a\tb\x1b[2J`)), 1)
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestCSVDefusesFormulas(t *testing.T) {
	got, err := query(t, sandboxFile(t), `SELECT '=1+1' AS a, '+81' AS b, '-x' AS c, '@x' AS d, -5 AS e, -1.5 AS f, CAST(-2 AS DECIMAL(5,1)) AS g, 'a,"b"' AS h, NULL AS i`, QueryOptions{Format: "csv"})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(got)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"'=1+1", "'+81", "'-x", "'@x", "-5", "-1.5", "-2", `a,"b"`, ""}
	if !slices.Equal(rows[1], want) {
		t.Errorf("%q, want %q", rows[1], want)
	}
}

func TestJSONIsExact(t *testing.T) {
	got, err := query(t, sandboxFile(t), `
		SELECT 170141183460469231731687303715884105727::HUGEINT AS huge, 9007199254740993 AS big, 0.1::DOUBLE AS d, 12.50::DECIMAL(9,2) AS dec,
		       DATE '2025-03-31' AS date, TIMESTAMP '2025-03-31 12:34:56.789' AS ts, TIME '01:02:03' AS time, NULL AS nothing, true AS yes,
		       '白浜"<' AS text, [1, 2] AS list, [DATE '2025-01-01'] AS dates, {'b': 1, 'a': 'x'} AS struct, MAP {'k': 2} AS map,
		       'nan'::DOUBLE AS nan, 1 AS a, 2 AS a, uuid '123e4567-e89b-12d3-a456-426614174000' AS uuid, 'ab'::BLOB AS blob`, QueryOptions{Format: "json"})
	if err != nil {
		t.Fatal(err)
	}
	want := `[
{"huge":170141183460469231731687303715884105727,"big":9007199254740993,"d":0.1,"dec":12.5,` +
		`"date":"2025-03-31","ts":"2025-03-31T12:34:56.789","time":"01:02:03","nothing":null,"yes":true,` +
		`"text":"白浜\"<","list":[1,2],"dates":["2025-01-01"],"struct":{"a":"x","b":1},"map":{"k":2},` +
		`"nan":null,"a":1,"a_2":2,"uuid":"123e4567-e89b-12d3-a456-426614174000","blob":"6162"}
]
`
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if !json.Valid([]byte(got)) {
		t.Error("not JSON")
	}
	if got, err := query(t, sandboxFile(t), `SELECT 1 WHERE false`, QueryOptions{Format: "json"}); err != nil || got != "[]\n" {
		t.Errorf("no rows: %q, %v", got, err)
	}
}

// Every function of the engine is either allowed or refused by name, and every
// view that it keeps about itself is known as such.
func TestEngineHoldsNothingUnseen(t *testing.T) {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	_, refusedText, _ := strings.Cut(queryFunctionsText, "\n----\n")
	refused := listedNames(refusedText)
	for _, name := range column(t, db, `SELECT DISTINCT function_name FROM duckdb_functions() WHERE function_type NOT IN ('table', 'table_macro', 'pragma')`) {
		name = strings.ToLower(name)
		if !queryFunctions[name] && !slices.ContainsFunc(refused, func(r string) bool {
			prefix, any := strings.CutSuffix(r, "*")
			return r == name || any && prefix != "" && strings.HasPrefix(name, prefix)
		}) {
			t.Errorf("function %s is neither allowed nor refused in query_functions.txt", name)
		}
	}
	for _, r := range refused {
		if queryFunctions[r] {
			t.Errorf("function %s is both allowed and refused", r)
		}
	}
	for _, name := range column(t, db, `SELECT view_name FROM duckdb_views() WHERE internal AND schema_name = 'main'`) {
		if !engineView(name) {
			t.Errorf("view %s of the engine would be read", name)
		}
	}
}

func column(t *testing.T, db *sql.DB, q string) []string {
	t.Helper()
	rows, err := db.Query(q)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	return out
}

// Whatever passes the check runs without writing a file, and whatever fails it
// is misuse.
func FuzzCheckSelect(f *testing.F) {
	for _, s := range []string{
		`SELECT 1`, `FROM figures`, `SELECT * FROM read_text('x')`, `SELECT 1; SELECT 2`, `WITH c AS (SELECT 1) FROM c`,
		`SELECT [x for x in [1]]`, `SHOW TABLES`, `FROM (PIVOT figures ON name USING count(*))`, `SELECT 'a' "b" $$c$$ -- d`,
		`SELECT a::ENUM('x')`, `SELECT * FROM range(3) WITH ORDINALITY`, `PRAGMA x`, "SELECT 1\x00", `SELECT U&'\0041'`, `((((`,
	} {
		f.Add(s)
	}
	path := sandboxFile(f)
	f.Fuzz(func(t *testing.T, statement string) {
		err := checkSelect(t.Context(), statement, []string{"figures"})
		var coded *Error
		if err != nil && (!errors.As(err, &coded) || coded.Code != ExitMisused) {
			t.Fatalf("%q: %v is not a refusal", statement, err)
		}
		if err != nil {
			return
		}
		_, _ = query(t, path, statement, QueryOptions{Timeout: time.Second, Memory: 64 << 20})
		if files, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*")); len(files) != 2 {
			t.Fatalf("%q left files: %v", statement, files)
		}
	})
}
