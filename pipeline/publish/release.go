package publish

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
)

// notForPublication is why a release must stay inside the house.
var notForPublication = schemas.Text{
	JA: "公表不可：公表履歴との照合（kankei publish）がまだ行われていません。",
	EN: "Not for publication: it has not been held against earlier publications (kankei publish).",
}

// Release is what is written: the tables, and what they were made under.
type Release struct {
	// AsOf is the day after which nothing entered the release.
	AsOf schemas.Date
	// Tables are all published datasets, those without rows included, but
	// definitions and disclosure, which are made from the fields below.
	Tables []Table
	// Definitions are the definition profiles in force.
	Definitions []schemas.Definition
	// Rules are the disclosure rules applied; see [disclose.Threshold.Rules].
	Rules []schemas.DisclosureRule
	// NotForPublication marks the release as internal, in every format.
	NotForPublication bool
	// Lean leaves out what only readers outside the house want: SDMX-CSV and the
	// statement of quality. [Promote] adds them.
	Lean bool
}

// Installed is a release in its place.
type Installed struct {
	// ID is its name in the folder of releases.
	ID string
	// Kept says that the same release was there already.
	Kept bool
}

// Write writes a release into a folder of releases and makes it the current
// one. The same release gives the same id, and the same bytes of Parquet.
// Whatever happens on the way, the former release stays whole and current until
// the new one is on the disk. One process writes at a time: the run's lock sees
// to it.
func Write(ctx context.Context, releases string, r Release) (Installed, error) {
	return write(ctx, releases, r, func(string) error { return ctx.Err() })
}

// write is [Write] with a hook that is called by name before each step.
func write(ctx context.Context, releases string, r Release, before func(step string) error) (Installed, error) {
	b := builder{release: r, releases: releases, manifest: newManifest(r), before: before, limit: sheetLimits}
	if err := b.complete(); err != nil {
		return Installed{}, err
	}
	if err := b.open(); err != nil {
		return Installed{}, err
	}
	installed, err := b.install(ctx)
	if err != nil {
		// What is half written is useless, and would be swept by the next run.
		_ = os.RemoveAll(b.folder)
		return Installed{}, fmt.Errorf("release of %s: %w", r.AsOf, err)
	}
	return installed, os.RemoveAll(b.folder)
}

// builder is a release being written.
type builder struct {
	release  Release
	releases string
	folder   string // where it is written, under a temporary name
	tables   []Table
	manifest Manifest
	before   func(step string) error
	// summaries are of the tables, in their order.
	summaries []summary
	names     names
	vintages  []schemas.Date
	// limit is how long the sheets of the workbook may be.
	limit sheetLimit
}

// complete gathers the tables in the order of the dictionary and sees that none
// is lacking: a reader's SQL must not fail because a month had no bookings.
func (b *builder) complete() error {
	given := append(slices.Clone(b.release.Tables),
		TableOf("definitions", disclose.Public(b.release.Definitions)),
		TableOf("disclosure", disclose.Public(append(slices.Clone(b.release.Rules), suppressed(b.release.Tables)...))))
	for _, d := range schemas.Datasets() {
		if d.Stage != schemas.Published {
			continue
		}
		i := slices.IndexFunc(given, func(t Table) bool { return t.Name() == d.Name })
		if i < 0 {
			return fmt.Errorf("a release needs the dataset %s, be it empty", d.Name)
		}
		b.tables = append(b.tables, given[i])
		given = slices.Delete(given, i, i+1)
	}
	if len(given) > 0 {
		return fmt.Errorf("a release has the dataset %s once", given[0].Name())
	}
	return nil
}

// open makes the temporary folder, after sweeping what killed runs left.
func (b *builder) open() error {
	if err := os.MkdirAll(b.releases, 0o755); err != nil {
		return err
	}
	left, err := filepath.Glob(filepath.Join(escapeGlob(b.releases), ".tmp-*"))
	if err != nil {
		return err
	}
	for _, path := range left {
		if err := os.RemoveAll(path); err != nil {
			return err
		}
	}
	if b.folder, err = os.MkdirTemp(b.releases, ".tmp-"); err != nil {
		return err
	}
	return os.Chmod(b.folder, 0o755)
}

// install writes the release and switches to it: Parquet first, for the id
// follows from it; everything else unless the same release is there already;
// the current release last.
func (b *builder) install(ctx context.Context) (Installed, error) {
	if err := b.writeParquet(); err != nil {
		return Installed{}, err
	}
	b.manifest.Release = b.manifest.identity()
	done := Installed{ID: b.manifest.Release, Kept: intact(filepath.Join(b.releases, b.manifest.Release))}
	if !done.Kept {
		if err := b.writeRest(ctx); err != nil {
			return done, err
		}
		if err := b.place(); err != nil {
			return done, err
		}
	}
	return done, b.point()
}

// intact says whether a release is there with every listed file as listed.
// Files that someone put beside them do no harm.
func intact(release string) bool {
	faults, err := Check(release)
	return err == nil && !slices.ContainsFunc(faults, func(f Fault) bool { return f.Kind != Stray })
}

func (b *builder) writeParquet() error {
	metadata := map[string]string{"kankei.as_of": b.manifest.AsOf}
	if b.manifest.NotForPublication {
		metadata["kankei.not_for_publication"] = b.manifest.Reason.EN + " " + b.manifest.Reason.JA
	}
	for _, t := range b.tables {
		if err := b.before("parquet " + t.Name()); err != nil {
			return err
		}
		path := parquetPath(t.rows.dataset)
		err := writeFile(b.path(path), func(w *os.File) error { return t.rows.write(w, metadata) })
		if err != nil {
			return err
		}
		if err := b.list(path); err != nil {
			return err
		}
	}
	return nil
}

// parquetPath is where a release has the Parquet file of a dataset.
func parquetPath(d schemas.Dataset) string {
	return parquetFolder + "/" + d.Name + "/" + d.Name + ".parquet"
}

// list enters a file in the manifest.
func (b *builder) list(path string) error {
	f, err := describeFile(b.folder, path)
	b.manifest.Files = append(b.manifest.Files, f)
	return err
}

// writeRest writes what is made from the Parquet files, the manifest last.
func (b *builder) writeRest(ctx context.Context) error {
	if err := b.survey(); err != nil {
		return err
	}
	if err := b.before("duckdb"); err != nil {
		return err
	}
	if err := buildDatabase(ctx, b.path(databaseName), b.databaseStatements()); err != nil {
		return err
	}
	if err := b.list(databaseName); err != nil {
		return err
	}
	steps := []func(context.Context) error{b.writeWorkbook, b.writeSDMX, b.writeStatement}
	if b.release.Lean {
		steps = steps[:1]
	}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	if err := b.before("datapackage"); err != nil {
		return err
	}
	if err := b.writeJSON(datapackageName, newDataPackage(b.manifest, b.datasets(), b.manifest.Files)); err != nil {
		return err
	}
	if err := b.list(datapackageName); err != nil {
		return err
	}
	slices.SortFunc(b.manifest.Files, byPath)
	if err := b.before("manifest"); err != nil {
		return err
	}
	return b.writeJSON(manifestName, b.manifest)
}

// survey goes once through the Parquet files for what the other formats must
// know before they are written.
func (b *builder) survey() error {
	for _, t := range b.tables {
		s, err := summarise(t, b.parquet(t.rows.dataset))
		if err != nil {
			return err
		}
		b.summaries = append(b.summaries, s)
	}
	i := slices.IndexFunc(b.tables, func(t Table) bool { return t.Name() == "regions" })
	regions := b.parquet(b.tables[i].rows.dataset)
	var err, failed error
	b.names, err = namesOf(b.tables[i], regions, b.release.Definitions)
	b.vintages, failed = vintagesOf(b.tables[i], regions)
	return errors.Join(err, failed)
}

// path is where a file of the release is written.
func (b *builder) path(name string) string { return filepath.Join(b.folder, filepath.FromSlash(name)) }

// parquet is the Parquet file of a dataset.
func (b *builder) parquet(d schemas.Dataset) string { return b.path(parquetPath(d)) }

func (b *builder) databaseStatements() []string {
	var out []string
	for _, d := range b.datasets() {
		out = append(out, loading(d, b.parquet(d))...)
	}
	return slices.Concat(out, codeNames(codeLists(b.summaries, b.names)), views(), vintageViews(b.vintages), releaseTable(b.manifest))
}

// add writes a file of the release and enters it in the manifest.
func (b *builder) add(name string, write func(io.Writer) error) error {
	err := writeFile(b.path(name), func(w *os.File) error {
		buffered := bufio.NewWriterSize(w, 1<<16)
		if err := write(buffered); err != nil {
			return err
		}
		return buffered.Flush()
	})
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return b.list(name)
}

func (b *builder) writeWorkbook(context.Context) (err error) {
	if err := b.before("workbook"); err != nil {
		return err
	}
	scratch, err := os.MkdirTemp(b.releases, ".tmp-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	book := workbook{
		manifest: b.manifest, tables: b.tables, summaries: b.summaries, names: b.names,
		definitions: b.release.Definitions, parquet: b.parquet, limit: b.limit, scratch: scratch,
	}
	return b.add(workbookName, book.write)
}

func (b *builder) writeSDMX(context.Context) error {
	if err := b.before("sdmx"); err != nil {
		return err
	}
	for _, t := range b.tables {
		d := t.rows.dataset
		if !isSDMX(d) {
			continue
		}
		if err := b.add(sdmxPath(d), func(w io.Writer) error { return writeSDMX(w, t, b.parquet(d)) }); err != nil {
			return err
		}
	}
	return b.add(codeListsName, func(w io.Writer) error { return writeCodeLists(w, codeLists(b.summaries, b.names)) })
}

func (b *builder) writeStatement(ctx context.Context) (err error) {
	if err := b.before("statement"); err != nil {
		return err
	}
	db, err := readDatabase(b.path(databaseName))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	s := statement{db: db, manifest: b.manifest, tables: b.tables, summaries: b.summaries, names: b.names}
	return b.add(statementName, func(w io.Writer) error { return s.write(ctx, w) })
}

func (b *builder) datasets() []schemas.Dataset {
	out := make([]schemas.Dataset, len(b.tables))
	for i, t := range b.tables {
		out[i] = t.rows.dataset
	}
	return out
}

func (b *builder) writeJSON(name string, v any) error {
	return writeFile(filepath.Join(b.folder, name), func(w *os.File) error {
		_, err := w.Write(mustIndent(v))
		return err
	})
}
