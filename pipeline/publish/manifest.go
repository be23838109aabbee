package publish

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kankei/kankei/pipeline/publish/report"
	"github.com/kankei/kankei/schemas"
)

// Names inside a release and beside the releases.
const (
	manifestName    = "manifest.json"
	datapackageName = "datapackage.json"
	databaseName    = "kankei.duckdb"
	currentName     = "CURRENT"
	workbookName    = "tables.xlsx"
	statementName   = "quality.md"
	reportName      = "report/index.html"
	parquetFolder   = "parquet"
	sdmxFolder      = "sdmx"
	codeListsName   = sdmxFolder + "/codelists.csv"
)

// layout is the form of the workbook, SDMX-CSV and the statement of quality. It
// changes when the same tables give other files, so that a release written by an
// older program is not taken for the same.
const (
	layout = "workbook 1, sdmx 1, statement 2"
)

// Manifest says what a release is and which bytes it consists of. It holds no
// clock and no name of a machine.
type Manifest struct {
	// Release is the id: the as-of day and the first 8 hexadecimal digits of the
	// SHA-256 over everything below but the files that are not reproducible.
	Release           string              `json:"release"`
	AsOf              string              `json:"as_of"`
	NotForPublication bool                `json:"not_for_publication"`
	Reason            Reason              `json:"reason"`
	Definitions       []DefinitionVersion `json:"definitions"`
	Rules             []AppliedRule       `json:"rules"`
	// Views is the digest of the views of the DuckDB file, of the layout of the
	// other files made from the tables, and of the map of the report.
	Views string `json:"views"`
	// Files are all files of the release but the manifest itself, by path.
	Files []File `json:"files"`
}

// Reason is why a release is not for publication; empty where it is.
type Reason struct {
	JA string `json:"ja"`
	EN string `json:"en"`
}

// DefinitionVersion is a definition in force.
type DefinitionVersion struct {
	Definition string `json:"definition"`
	Version    string `json:"version"`
}

// AppliedRule is a rule of disclosure control that was applied, as the dataset disclosure has it.
type AppliedRule struct {
	Rule      string `json:"rule"`
	Threshold int64  `json:"threshold"`
}

// least says that the threshold is the least number that a shown figure rests on.
func (r AppliedRule) least() bool { return r.Rule == "persons" || r.Rule == "facilities" }

// String is the rule in short.
func (r AppliedRule) String() string {
	if r.least() {
		return fmt.Sprintf("%s ≥ %d", r.Rule, r.Threshold)
	}
	return fmt.Sprintf("%s %d", r.Rule, r.Threshold)
}

// Says is the rule as a sentence with its threshold.
func (r AppliedRule) Says() schemas.Text {
	ja, en := "上位2者を除く残りが最大の者の %d %% に満たない値は秘匿します", "figures of which all but the two largest contributors (facilities, companies, platforms) have less than %d %% of the largest are withheld"
	switch {
	case r.Rule == "protection" && r.Threshold == 0:
		return schemas.Text{JA: "秘匿した数をほかの数字から計算できないように、ほかの数字も秘匿します（kankei publish が確かめてから公表します）", EN: "other figures are withheld, too, so that withheld counts cannot be computed from them (kankei publish makes sure before anything is published)"}
	case r.least():
		ja, en = "%d 未満に基づく値は秘匿します", "figures that rest on fewer than %d are withheld"
	case r.Rule == "protection":
		ja, en = "秘匿した数を上下 %d %% の範囲まで計算で絞り込めないように、ほかの数字も秘匿します（kankei publish が確かめてから公表します）", "other figures are withheld, too, so that withheld counts cannot be told to within %d %% on either side by computing (kankei publish makes sure before anything is published)"
	case r.Rule == "detail_random_rounding", r.Rule == "detail_controlled_rounding":
		ja, en = "居住市町村別の人数は %d を基に丸めた値です", "persons by municipality of residence are rounded to the base %d"
	case r.Rule == "detail_cell_key":
		ja, en = "居住市町村別の人数には最大 %d の雑音が加えてあります", "persons by municipality of residence have noise of at most %d added"
	case strings.HasPrefix(r.Rule, "detail_"):
		ja, en = "居住市町村別の人数は差分プライバシーで攪乱し、一人は %d セルまでに数えます", "persons by municipality of residence are differentially private, one person being counted in %d cells at most"
	case r.Rule == "full":
		ja, en = "合計の %d %% を占める内訳は秘匿します", "counts that make up %d %% of their total are withheld"
	case r.Rule == "dominance_one":
		ja, en = "1者で %d %% を超える値は秘匿します", "figures of which one contributor (facility, company, platform) has over %d %% are withheld"
	case r.Rule == "dominance_two":
		ja, en = "上位2者で %d %% を超える値は秘匿します", "figures of which two contributors (facilities, companies, platforms) have over %d %% are withheld"
	}
	return schemas.Text{JA: fmt.Sprintf(ja, r.Threshold), EN: fmt.Sprintf(en, r.Threshold)}
}

// File is a file of a release.
type File struct {
	// Path is relative to the release, with slashes.
	Path   string `json:"path"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
	// Reproducible says that the same input gives the same bytes. DuckDB lays out
	// its file differently from run to run, so its digest is listed but the id
	// does not depend on it: it holds the rows of the Parquet files.
	Reproducible bool `json:"reproducible"`
}

// identity is the id that follows from the contents of a manifest.
func (m Manifest) identity() string {
	m.Release = ""
	m.Files = slices.DeleteFunc(slices.Clone(m.Files), func(f File) bool { return !strings.HasPrefix(f.Path, parquetFolder+"/") })
	slices.SortFunc(m.Files, byPath)
	sum := sha256.Sum256(mustIndent(m))
	return m.AsOf + "-" + hex.EncodeToString(sum[:4])
}

func byPath(a, b File) int { return strings.Compare(a.Path, b.Path) }

// newManifest is the manifest of a release without files and id.
func newManifest(r Release) Manifest {
	m := Manifest{
		AsOf: r.AsOf.String(), NotForPublication: r.NotForPublication, Views: viewsOf(r.Map),
		Definitions: []DefinitionVersion{}, Rules: []AppliedRule{},
	}
	if r.NotForPublication {
		m.Reason = Reason{notForPublication.JA, notForPublication.EN}
	}
	for _, d := range r.Definitions {
		m.Definitions = append(m.Definitions, DefinitionVersion{d.Definition, d.Version})
	}
	for _, rule := range r.Rules {
		if rule.Rule == "detail_delta" {
			continue // no count; the dataset disclosure has it
		}
		m.Rules = append(m.Rules, AppliedRule{rule.Rule, rule.Threshold})
	}
	slices.SortFunc(m.Definitions, func(a, b DefinitionVersion) int { return strings.Compare(a.Definition, b.Definition) })
	slices.SortFunc(m.Rules, func(a, b AppliedRule) int { return strings.Compare(a.Rule, b.Rule) })
	return m
}

// viewsOf is the digest of what makes the other files from the tables.
func viewsOf(m *report.Map) string {
	return digestText(strings.Join(append(views(), layout, report.Layout(m)), "\n"))
}

// ReadManifest reads the manifest of a release folder.
func ReadManifest(release string) (Manifest, error) {
	text, err := os.ReadFile(filepath.Join(release, manifestName))
	if err != nil {
		return Manifest{}, err
	}
	var m Manifest
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&m); err != nil {
		return Manifest{}, fmt.Errorf("%s: %w", manifestName, err)
	}
	return m, nil
}

// Current is the id of the current release in a folder of releases. It is
// [fs.ErrNotExist] where nothing has been released.
func Current(releases string) (string, error) {
	text, err := os.ReadFile(filepath.Join(releases, currentName))
	if err != nil {
		return "", err
	}
	id := strings.TrimSuffix(string(text), "\n")
	if _, err := schemas.ParseDate(id[:min(len(id), 10)]); err != nil || id != filepath.Base(id) {
		return "", fmt.Errorf("%s: %q is not the id of a release", currentName, id)
	}
	return id, nil
}

// What may be wrong with a file of a release.
const (
	Missing = "missing" // listed, but not there
	Changed = "changed" // other bytes than listed
	Stray   = "stray"   // there, but not listed
	Renamed = "renamed" // a release under another name than its contents give
)

// Fault is a difference between a release and its manifest.
type Fault struct{ Path, Kind string }

// Check compares a release folder with its manifest and lists the differences
// by path.
func Check(release string) ([]Fault, error) {
	m, err := ReadManifest(release)
	if err != nil {
		return nil, err
	}
	var faults []Fault
	if id := m.identity(); id != m.Release || id != filepath.Base(release) {
		faults = append(faults, Fault{manifestName, Renamed})
	}
	listed := map[string]bool{manifestName: true}
	for _, f := range m.Files {
		listed[f.Path] = true
		if kind, err := compare(release, f); err != nil {
			return nil, err
		} else if kind != "" {
			faults = append(faults, Fault{f.Path, kind})
		}
	}
	strays, err := filesOf(release)
	if err != nil {
		return nil, err
	}
	for _, path := range strays {
		if !listed[path] {
			faults = append(faults, Fault{path, Stray})
		}
	}
	return faults, nil
}

// compare gives what is wrong with a listed file, "" if nothing is.
func compare(release string, listed File) (string, error) {
	if !filepath.IsLocal(filepath.FromSlash(listed.Path)) {
		return Changed, nil
	}
	found, err := describeFile(release, listed.Path)
	switch {
	case os.IsNotExist(err):
		return Missing, nil
	case err != nil:
		return "", err
	case found.SHA256 != listed.SHA256 || found.Bytes != listed.Bytes:
		return Changed, nil
	}
	return "", nil
}

// filesOf lists the files below a folder, by path relative to it.
func filesOf(folder string) ([]string, error) {
	var paths []string
	err := fs.WalkDir(os.DirFS(folder), ".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			paths = append(paths, path)
		}
		return err
	})
	return paths, err
}

// describeFile is the entry of a file in the manifest.
func describeFile(release, path string) (File, error) {
	in, err := os.Open(filepath.Join(release, filepath.FromSlash(path)))
	if err != nil {
		return File{}, err
	}
	defer in.Close()
	h := sha256.New()
	n, err := io.Copy(h, in)
	return File{Path: path, Bytes: n, SHA256: hex.EncodeToString(h.Sum(nil)), Reproducible: path != databaseName}, err
}

func digestText(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// mustIndent encodes values that always encode, for people to read.
func mustIndent(v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		panic(err)
	}
	return b.Bytes()
}
