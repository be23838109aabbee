package pipeline

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"

	"github.com/kankei/kankei/pipeline/publish"
	"github.com/kankei/kankei/schemas"
)

// VerifyReport is what comparing the current release with its manifest found.
type VerifyReport struct {
	// Release is the id of the current release.
	Release string
	// Files is the number of files its manifest lists.
	Files int
	// Faults are the differences, by path; none if the release is whole.
	Faults []publish.Fault
}

// faultTexts say in words what is wrong with a file.
var faultTexts = map[string]schemas.Text{
	publish.Missing: {JA: "ありません", EN: "is missing"},
	publish.Changed: {JA: "書き換えられています", EN: "has been changed"},
	publish.Stray:   {JA: "リリースに含まれないファイルです", EN: "is not part of the release"},
	publish.Renamed: {JA: "リリースの名前が内容と一致しません", EN: "does not agree with the name of the release"},
}

// Err is nil if the release is whole, and otherwise one error per file that
// differs, all of them exit code 1.
func (r VerifyReport) Err() error {
	var problems Problems
	for _, f := range r.Faults {
		problems = append(problems, &Error{Code: ExitFailed, Where: filepath.Join(r.Release, f.Path), Found: faultTexts[f.Kind]})
	}
	return problems.orNil()
}

// Verify recomputes the digests of the current release in a folder of releases.
// The error is about the attempt; what it found is in the report.
func Verify(ctx context.Context, releases string) (VerifyReport, error) {
	if err := ctx.Err(); err != nil {
		return VerifyReport{}, err
	}
	id, err := publish.Current(releases)
	if errors.Is(err, fs.ErrNotExist) {
		return VerifyReport{}, &Error{Code: ExitFailed, Found: say("リリースがまだありません", "there is no release yet"),
			Do: say("先に kankei run を実行してください", "run kankei run first")}
	}
	if err != nil {
		return VerifyReport{}, &Error{Code: ExitFailed, Where: "CURRENT", Found: say("読めません", "cannot be read"), Err: err}
	}
	return verifyRelease(releases, id)
}

func verifyRelease(releases, id string) (VerifyReport, error) {
	folder := filepath.Join(releases, id)
	report := VerifyReport{Release: id}
	manifest, err := publish.ReadManifest(folder)
	if err != nil {
		return report, &Error{Code: ExitFailed, Where: id, Found: say("マニフェストを読めません", "the manifest cannot be read"),
			Do: say("kankei run で作り直してください", "make it anew with kankei run"), Err: err}
	}
	report.Files = len(manifest.Files)
	report.Faults, err = publish.Check(folder)
	return report, err
}
