package pipeline

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"slices"

	"github.com/kankei/kankei/pipeline/publish"
	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
	"github.com/kankei/kankei/transforms/estimate"
)

// basis is what a release was made from, as far as it tells why a later one has other figures. A run leaves it in
// work/basis.json; publish keeps it in state/basis/ under the id of the publication. It is never published.
type basis struct {
	// Release is the id of the release.
	Release string `json:"release"`
	AsOf    string `json:"as_of"`
	// Program, Settings and Regions are digests: of the program, of what kankei.yaml and the files it names say
	// about how figures are made, and of the boundaries: the changes of region codes and the day whose codes are used.
	Program  string `json:"program"`
	Settings string `json:"settings"`
	Regions  string `json:"regions"`
	// Codes is a digest of the project's own table of changes of codes, by which files are read.
	Codes string `json:"codes,omitempty"`
	// Definitions are those whose figures it has.
	Definitions []schemas.Profile `json:"definitions,omitempty"`
	// Files are the files that were read.
	Files []basisFile `json:"files"`
}

// basisFile is a delivered file.
type basisFile struct {
	Source string `json:"source"`
	Path   string `json:"path"`
	Digest string `json:"digest"`
	// Delivery is the key it was landed under: its content, and how it was read.
	Delivery string `json:"delivery"`
	// Months are the months of which it has rows, such as 2026-03.
	Months []string `json:"months,omitempty"`
	// Restated are the paths of later deliveries of its source that say something else of what it says.
	Restated []string `json:"restated,omitempty"`
}

func (w Workspace) basisPath() string          { return w.Path("work", "basis.json") }
func (w Workspace) keptBasis(id string) string { return w.Path("state", "basis", id+".json") }

// basis is that of this run, for a release without an id yet.
func (r *Run) basis() (basis, error) {
	program, err := executable()
	if err != nil {
		return basis{}, err
	}
	settings, err := r.settings()
	if err != nil {
		return basis{}, err
	}
	restated, err := r.restatedBy()
	if err != nil {
		return basis{}, err
	}
	profiles, err := r.profiles()
	if err != nil {
		return basis{}, err
	}
	b := basis{AsOf: r.AsOf.String(), Definitions: profiles, Program: program, Settings: digestJSON(settings), Regions: r.boundaries().digest(), Codes: r.codeChanges}
	for _, d := range r.Deliveries {
		b.Files = append(b.Files, basisFile{d.Source, d.File, d.FileDigest, d.Delivery, slices.Sorted(maps.Keys(d.Report.Months)), restated[delivered{d.Source, d.File}]})
	}
	return b, nil
}

// restatedBy names, by delivered file, the later ones that say something else of what it says: of its bookings, or that they
// are gone; of other rows, that the month is delivered anew as a whole.
func (r *Run) restatedBy() (map[delivered][]string, error) {
	all, err := r.Replacements()
	if err != nil {
		return nil, err
	}
	gone := map[delivered]bool{}
	for _, p := range all {
		gone[delivered{p.Source, p.File}] = gone[delivered{p.Source, p.File}] || p.By == ""
	}
	by := map[delivered][]string{}
	for _, p := range all {
		at := delivered{p.Source, p.File}
		anew := len(p.Months) > 0 && (gone[at] || r.source(p.Source).Kind != "booking")
		if p.By != "" && (anew || len(p.Differing) > 0) && !slices.Contains(by[at], p.By) {
			by[at] = append(by[at], p.By)
		}
	}
	for _, files := range by {
		slices.Sort(files)
	}
	return by, nil
}

// settings are what decides figures beside the files: no paths, no threads, and not the as-of day.
func (r *Run) settings() (any, error) {
	rules, err := r.countRules()
	rules.References = nil
	surveys := map[string]Survey{}
	for _, s := range r.Config.Sources {
		if s.Survey.weighted() {
			surveys[s.Name] = s.Survey
		}
	}
	return struct {
		Methodology string
		Rules       countRules
		Surveys     map[string]Survey
		Linkage     Linkage
		Detection   DetectionSettings
		Lists       []List
		Disclosure  Disclosure
		Reliability Reliability
		Review      string
	}{estimate.Methodology, rules, surveys, r.Config.Linkage, r.Config.Detection, r.Config.Lists, r.Config.Disclosure, r.Config.Reliability, r.reviewed}, err
}

// digestJSON is the SHA-256 of a value that always encodes.
func digestJSON(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// reasonsSince are the reasons why figures may be others than those made from an earlier basis. That the program
// is another one is a reason only where there is no other: most builds compute alike.
func (b basis) reasonsSince(earlier basis) []string {
	had, has := earlier.byPlace(), b.byPlace()
	var reasons []string
	also := func(holds bool, reason string) {
		if holds && !slices.Contains(reasons, reason) {
			reasons = append(reasons, reason)
		}
	}
	also(b.AsOf > earlier.AsOf, schemas.RevisionNewData)
	renamed := map[delivered]bool{} // files of earlier that have another path now
	for at, file := range has {
		before, there := had[at]
		if !there {
			if before, there = earlier.renamed(file, has); there {
				renamed[delivered{before.Source, before.Path}] = true
			}
		}
		also(!there && !file.restatesAlone(b.Files, had), schemas.RevisionNewData)
		also(there && before.Digest != file.Digest, schemas.RevisionRestatement)
		also(there && slices.ContainsFunc(file.Restated, func(by string) bool { return !slices.Contains(before.Restated, by) }), schemas.RevisionRestatement)
		also(there && before.Digest == file.Digest && before.Delivery != file.Delivery && b.Codes == earlier.Codes, schemas.RevisionMethod)
	}
	for at := range had {
		_, there := has[at]
		also(!there && !renamed[at], schemas.RevisionRestatement)
	}
	also(b.Settings != earlier.Settings, schemas.RevisionMethod)
	also(b.Regions != earlier.Regions, schemas.RevisionBoundary)
	also(len(reasons) == 0 && b.Program != earlier.Program, schemas.RevisionMethod)
	slices.Sort(reasons)
	return reasons
}

// renamed is a file of b that has the content of another and whose path is gone.
func (b basis) renamed(as basisFile, now map[delivered]basisFile) (basisFile, bool) {
	for _, f := range b.Files {
		if _, there := now[delivered{f.Source, f.Path}]; !there && f.Source == as.Source && f.Digest == as.Digest {
			return f, true
		}
	}
	return basisFile{}, false
}

// restatesAlone says that a file that is new says something else of what files say that were there, and has no months but
// theirs: it corrects, and brings nothing new.
func (f basisFile) restatesAlone(all []basisFile, had map[delivered]basisFile) bool {
	var months []string
	restates := false
	for _, other := range all {
		_, there := had[delivered{other.Source, other.Path}]
		if there && other.Source == f.Source && slices.Contains(other.Restated, f.Path) {
			restates, months = true, append(months, other.Months...)
		}
	}
	return restates && !slices.ContainsFunc(f.Months, func(month string) bool { return !slices.Contains(months, month) })
}

func (b basis) byPlace() map[delivered]basisFile {
	all := map[delivered]basisFile{}
	for _, f := range b.Files {
		all[delivered{f.Source, f.Path}] = f
	}
	return all
}

// keepBasis keeps the basis of the current release for its publication. Where the run that made the release left
// none, later revisions do not know their reason.
func (p *Project) keepBasis(release, id string) error {
	var b basis
	if err := readJSON(p.basisPath(), &b); err != nil || b.Release != release {
		return nil
	}
	return p.ReplaceJSON(p.keptBasis(id), b)
}

// revisions holds protected figures against the last publication that shows others. A release that shows what was
// published last is held against the publication before that, so that publishing changes no release.
func (r *Run) revisions(ctx context.Context, rows disclose.Protected[schemas.RelationalPopulation]) (disclose.Protected[schemas.Revision], error) {
	var none disclose.Protected[schemas.Revision]
	all, err := r.publications()
	if err != nil {
		return none, err
	}
	for _, line := range slices.Backward(all) {
		if err := ctx.Err(); err != nil {
			return none, err
		}
		figures, err := publish.Figures(r.Path("published", line.ID))
		if errors.Is(err, fs.ErrNotExist) {
			continue // suppress has warned of it
		}
		if err != nil {
			return none, err
		}
		if disclose.SameFigures(rows, figures) {
			continue
		}
		earlier, err := r.since(line.ID, figures)
		if err != nil {
			return none, err
		}
		return r.told(disclose.Revisions(rows, earlier)), nil
	}
	return none, nil
}

// since is a publication with what has changed since.
func (r *Run) since(id string, figures []schemas.RelationalPopulation) (disclose.EarlierFigures, error) {
	earlier := disclose.EarlierFigures{Publication: id, Rows: figures, Redefined: map[string]bool{}}
	manifest, err := publish.ReadManifest(r.Path("published", id))
	if err != nil {
		return earlier, err
	}
	profiles, err := r.profiles()
	if err != nil {
		return earlier, err
	}
	for _, d := range definitionRows(profiles) {
		earlier.Redefined[d.Definition] = slices.ContainsFunc(manifest.Definitions, func(v publish.DefinitionVersion) bool {
			return v.Definition == d.Definition && v.Version != d.Version
		})
	}
	var before basis
	if err := readJSON(r.keptBasis(id), &before); err != nil || before.Release == "" {
		return earlier, err // published by a version that kept none
	}
	now, err := r.basis()
	earlier.Reasons = now.reasonsSince(before)
	return earlier, err
}

// told says in the log how many figures were revised.
func (r *Run) told(revisions disclose.Protected[schemas.Revision]) disclose.Protected[schemas.Revision] {
	rows, revised := revisions.Rows(), 0
	for _, row := range rows {
		if row.RevisionReason != schemas.RevisionUnchanged {
			revised++
		}
	}
	if len(rows) > 0 {
		r.Log.Say(say("改定: 公表 %s の数字 %d 件のうち %d 件", "revised since publication %s: %[3]d of %[2]d figures", rows[0].Publication, len(rows), revised))
	}
	return revisions
}
