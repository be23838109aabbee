package publish

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/parquet-go/parquet-go"

	"github.com/kankei/kankei/pipeline/publish/report"
	"github.com/kankei/kankei/schemas"
)

// Promote writes the tables of a release, which holds protected rows only, into a folder of
// publications, without the mark that it is not for publication; the report has the shapes of municipalities
// of a map, if one is given. The same release and map give the same id.
func Promote(ctx context.Context, release, publications string, shapes *report.Map) (Installed, error) {
	m, err := ReadManifest(release)
	if err != nil {
		return Installed{}, err
	}
	if !intact(release) {
		return Installed{}, errors.New("publish: the release is not as it was written")
	}
	b := builder{releases: publications, manifest: m, before: func(string) error { return ctx.Err() }, limit: sheetLimits}
	b.manifest.Files, b.manifest.NotForPublication, b.manifest.Reason = nil, false, Reason{}
	b.manifest.Views, b.release.Map = viewsOf(shapes), shapes
	for _, d := range schemas.Datasets() {
		if d.Stage == schemas.Published {
			b.tables = append(b.tables, Table{rows: Rows{dataset: d, write: copyOf(filepath.Join(release, filepath.FromSlash(parquetPath(d))), d), scan: scanOf(d)}})
		}
	}
	definitions, _ := schemas.Find("definitions")
	if b.release.Definitions, err = parquet.ReadFile[schemas.Definition](filepath.Join(release, filepath.FromSlash(parquetPath(definitions)))); err != nil {
		return Installed{}, err
	}
	if err := b.open(); err != nil {
		return Installed{}, err
	}
	defer os.RemoveAll(b.folder)
	return b.install(ctx)
}

// copyOf writes the rows of a Parquet file with other metadata.
func copyOf(path string, d schemas.Dataset) func(io.Writer, map[string]string) error {
	return func(w io.Writer, metadata map[string]string) error {
		in, err := os.Open(path)
		if err != nil {
			return err
		}
		defer in.Close()
		rows := parquet.NewReader(in)
		defer rows.Close()
		out := parquet.NewWriter(w, append(parquetOptions(d, metadata), parquet.SchemaOf(d.Row))...)
		if _, err := parquet.CopyRows(out, rows); err != nil {
			return err
		}
		return out.Close()
	}
}

// Digest is the SHA-256 of the manifest of a release that is as it was written; of another it is [os.ErrNotExist].
func Digest(release string) (string, error) {
	if !intact(release) {
		return "", os.ErrNotExist
	}
	text, err := os.ReadFile(filepath.Join(release, manifestName))
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), err
}

// Suppressed says how many rows of a dataset have been withheld.
type Suppressed struct {
	Dataset        string
	Rows, Withheld int64
}

// SuppressedIn reads it from the dataset disclosure of a release.
func SuppressedIn(release string) ([]Suppressed, error) {
	d, _ := schemas.Find("disclosure")
	rows, err := parquet.ReadFile[schemas.DisclosureRule](filepath.Join(release, filepath.FromSlash(parquetPath(d))))
	var out []Suppressed
	for _, r := range rows {
		if r.Dataset != "" && r.Cells != nil && r.Withheld != nil {
			out = append(out, Suppressed{r.Dataset, *r.Cells, *r.Withheld})
		}
	}
	return out, err
}

// Perturbed are the rules of disclosure control of a release and the rows of its perturbed table of that name.
func Perturbed(release, dataset string) ([]schemas.DisclosureRule, []schemas.OriginDestinationDetail, error) {
	d, _ := schemas.Find("disclosure")
	rules, err := parquet.ReadFile[schemas.DisclosureRule](filepath.Join(release, filepath.FromSlash(parquetPath(d))))
	if err != nil {
		return nil, nil, err
	}
	d, _ = schemas.Find(dataset)
	rows, err := parquet.ReadFile[schemas.OriginDestinationDetail](filepath.Join(release, filepath.FromSlash(parquetPath(d))))
	if errors.Is(err, os.ErrNotExist) {
		err = nil // a release of a version that did not have it
	}
	return rules, rows, err
}

// Figures are the rows of relational_population of a release or publication; of one that is not there the error is
// [fs.ErrNotExist].
func Figures(release string) ([]schemas.RelationalPopulation, error) {
	d, _ := schemas.Find("relational_population")
	return parquet.ReadFile[schemas.RelationalPopulation](filepath.Join(release, filepath.FromSlash(parquetPath(d))))
}
