package main

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"runtime/pprof"
	"strings"

	_ "github.com/duckdb/duckdb-go/v2"

	"github.com/kankei/kankei/bench/generate"
	"github.com/kankei/kankei/pipeline/ingest"
	"github.com/kankei/kankei/schemas/reference"
)

// ingestBeside lands one export of CP932 with Kankei and its UTF-8 twin with
// DuckDB, in turn.
func ingestBeside(ctx context.Context, s settings) error {
	rows := s.rows[0]
	dir, err := fresh(s.dir, "ingest")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	exports, err := twins(dir, rows)
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	took := map[string][]measure{}
	for range s.runs {
		for _, name := range []string{"land", "duckdb"} {
			out, err := fresh(dir, "out")
			if err != nil {
				return err
			}
			m, err := command(ctx, self, name, "-threads", fmt.Sprint(s.threads), exports[name], out)
			if err != nil {
				return err
			}
			took[name] = append(took[name], m)
		}
	}
	kankei, duckdb := median(took["land"]), median(took["duckdb"])
	fmt.Printf("(a) ingest of %d rows × %d columns, four token kinds, median of %d\n", rows, len(generate.Header), s.runs)
	fmt.Printf("    Kankei   CP932 → Parquet  %v\n", kankei)
	fmt.Printf("    DuckDB   UTF-8 → Parquet  %v\n", duckdb)
	fmt.Printf("    ratio %.2f, wanted ≤ 1\n", kankei.wall.Seconds()/duckdb.wall.Seconds())
	return nil
}

// write writes the exports of ingestBeside.
func write(_ context.Context, s settings) error {
	exports, err := twins(s.args[0], s.rows[0])
	fmt.Println(exports["land"], exports["duckdb"])
	return err
}

// twins writes the same rows as each side reads them, and gives the paths.
func twins(dir string, rows int64) (map[string]string, error) {
	exports := map[string]string{}
	for name, encoding := range map[string]generate.Encoding{"land": generate.CP932, "duckdb": generate.UTF8} {
		paths, err := world(rows).Write(filepath.Join(dir, name), encoding, 1)
		if err != nil {
			return nil, err
		}
		exports[name] = paths[0]
	}
	return exports, nil
}

// land lands one export, as the stage ingest does.
func land(ctx context.Context, s settings) error {
	tokens, err := ingest.NewTokenizer([]byte(benchKey))
	if err != nil {
		return err
	}
	mapping, ok := ingest.Builtin("neppan")
	if !ok {
		return fmt.Errorf("no mapping neppan")
	}
	if s.profile != "" {
		f, err := os.Create(s.profile)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	report, err := ingest.Land(ctx, ingest.Job{
		Source: "neppan", Kind: "booking", Path: s.args[0], Rel: filepath.Base(s.args[0]), Delivery: "bench",
		Mapping: mapping, Overrides: ingest.Overrides{Facilities: generate.Houses()},
		Regions: reference.Load(), Tokens: tokens, Threads: s.threads, Out: s.args[1],
	})
	if err == nil && report.RowsRejected > 0 {
		err = fmt.Errorf("%d rows rejected: %v", report.RowsRejected, report.Rejected)
	}
	return err
}

// hashed are the columns that DuckDB replaces by SHA-256 of key and value: the
// four tokens and the columns that go into them.
var hashed = map[string]string{"会員番号": "会員番号", "メールアドレス": "メールアドレス", "電話番号": "電話番号", "宿泊者氏名": "宿泊者氏名 || 宿泊者氏名カタカナ", "宿泊者氏名カタカナ": ""}

// landWithDuckDB reads the same rows and writes the same columns, personal
// ones hashed, as text: no dates, regions or normal forms, which is less than
// landing does.
func landWithDuckDB(ctx context.Context, s settings) error {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err := db.ExecContext(ctx, fmt.Sprintf("SET threads = %d", s.threads)); err != nil {
		return err
	}
	var columns []string
	for _, h := range generate.Header {
		value, personal := hashed[h]
		switch {
		case !personal:
			columns = append(columns, h)
		case value != "":
			columns = append(columns, fmt.Sprintf("sha256('%s' || %s) AS %s", benchKey, value, h))
		}
	}
	_, err = db.ExecContext(ctx, fmt.Sprintf(
		"COPY (SELECT %s FROM read_csv('%s', header = true, delim = ',', all_varchar = true)) TO '%s' (FORMAT parquet, COMPRESSION zstd)",
		strings.Join(columns, ", "), s.args[0], filepath.Join(s.args[1], "booking.parquet")))
	return err
}
