package ingest

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/parquet-go/parquet-go"

	"github.com/kankei/kankei/schemas/reference"
)

func testJob(t testing.TB, mapping, path string) Job {
	t.Helper()
	tokens, err := NewTokenizer([]byte(testKey))
	if err != nil {
		t.Fatal(err)
	}
	m, ok := Builtin(mapping)
	if !ok {
		t.Fatalf("no mapping %s", mapping)
	}
	return Job{Source: "src", Kind: m.Kind, Path: path, Rel: filepath.Base(path), Delivery: "0123456789abcdef",
		Mapping: m, Regions: reference.Load(), Tokens: tokens, Threads: 2, Out: t.TempDir()}
}

func mustLand(t testing.TB, job Job) Report {
	t.Helper()
	report, err := Land(context.Background(), job)
	if err != nil {
		t.Fatal(err)
	}
	if report.RowsIn != report.RowsLanded+report.RowsRejected {
		t.Errorf("%s: %d rows in, %d landed, %d rejected", job.Rel, report.RowsIn, report.RowsLanded, report.RowsRejected)
	}
	return report
}

func landedRows[T any](t testing.TB, job Job, dataset string) []T {
	t.Helper()
	rows, err := parquet.ReadFile[T](filepath.Join(job.Out, dataset+".parquet"))
	if err != nil {
		t.Fatal(err)
	}
	return rows
}
