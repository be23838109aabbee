package report_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/kankei/kankei/internal/releasetest"
	"github.com/kankei/kankei/pipeline/publish"
	"github.com/kankei/kankei/pipeline/publish/report"
	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
)

var update = flag.Bool("update", false, "write golden files")

func ptr[T any](v T) *T { return &v }

func day(t testing.TB, s string) schemas.Date {
	t.Helper()
	d, err := schemas.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// rule is that of the test releases.
var rule = disclose.Threshold{Persons: 10, Facilities: 3}

// written is the folder of a release with these tables, the others being empty.
func written(t testing.TB, shapes *report.Map, definitions []schemas.Definition, given ...publish.Table) string {
	t.Helper()
	releases := filepath.Join(t.TempDir(), "releases")
	done, err := publish.Write(t.Context(), releases, publish.Release{AsOf: day(t, "2025-09-30"), Tables: releasetest.With(given...), Definitions: definitions,
		Rules: rule.Rules(), NotForPublication: true, Lean: true, Map: shapes})
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(releases, done.ID)
}

func pageOf(t testing.TB, release string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(release, "report", "index.html"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// keep leaves a page where the browser's test finds it, if it asks for it.
func keep(t testing.TB, name, page string) {
	t.Helper()
	folder := os.Getenv("KANKEI_REPORTS")
	if folder == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(folder, name), []byte(page), 0o644); err != nil {
		t.Fatal(err)
	}
}

// observation is a free figure.
func observation(obs string) schemas.Observation {
	return schemas.Observation{ObsStatus: obs, ConfStatus: schemas.Free, MethodologyVersion: "1"}
}

// population is a row of the whole relational population of a region.
func population(t testing.TB, region, level, month, source, estimator string, value, low, high float64) schemas.RelationalPopulation {
	row := schemas.RelationalPopulation{
		Definition: "repeat-visits", Measure: schemas.Persons, Outside: schemas.OutsidePrefecture, RegionCode: region, RegionLevel: level,
		OriginCode: schemas.All, RelationType: schemas.All, Engagement: schemas.All, ReferenceMonth: day(t, month), Source: source, Estimator: estimator,
		Value: ptr(value), Reliability: "U", BoundaryVintage: day(t, "2025-09-30"), KnownOn: day(t, "2025-09-30"), SourcePeriod: "2024-10-01/2025-09-30",
		Observation: observation(schemas.Normal),
	}
	if level == schemas.LevelNation {
		row.Measure = schemas.PersonsAnyMunicipality
	}
	if high > 0 {
		row.CILow, row.CIHigh, row.StdError, row.CV = ptr(low), ptr(high), ptr((high-low)/3.92), ptr((high-low)/3.92/value)
		row.Reliability, row.Per10000Residents, row.ObsStatus = "A", ptr(value/50), schemas.Estimated
	}
	return row
}

// region is a region with its names.
func region(t testing.TB, code, level, parent, ja, en string) schemas.Region {
	return schemas.Region{RegionCode: code, CheckedCode: code + "0", RegionLevel: level, PrefectureCode: code[:2] + "000", ParentCode: parent, Name: ja, Kana: "-", NameEN: en, ValidFrom: day(t, "1970-04-01")}
}
