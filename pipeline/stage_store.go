package pipeline

import (
	"context"
	"encoding/csv"
	"fmt"
	"os"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/schemas/reference"
)

// The stages clean, link and visit write work/store.duckdb, which knows what it
// holds: each brings it up to date and does nothing where it is.

func (r *Run) storePath() string { return r.Path("work", "store.duckdb") }

// storeThere says whether the store is there at all; whether it is up to date is
// the stages' own question.
func storeThere(r *Run) (bool, error) { return exists(r.storePath()), nil }

// withStore opens the store for one stage.
func (r *Run) withStore(ctx context.Context, do func(*store) error) error {
	temp := r.Path("work", tempName, "duckdb")
	if err := os.MkdirAll(temp, 0o777); err != nil {
		return err
	}
	s, err := openStore(ctx, r.storePath(), storeVersion(r.boundaries(), r.Config.Linkage.SharedBy),
		duckOptions{Threads: r.Threads, Memory: r.Memory.String(), Temp: temp})
	if err != nil {
		return err
	}
	if err := do(s); err != nil {
		s.close()
		return err
	}
	return s.close()
}

// landedFiles are the run's deliveries as the store reads them.
func (r *Run) landedFiles() []landed {
	files := make([]landed, len(r.Deliveries))
	for i, d := range r.Deliveries {
		files[i] = landed{Delivery: d.Delivery, Source: d.Source, File: d.File, Folder: d.Folder, Datasets: d.Landed, At: d.At, Restated: d.months()}
	}
	return files
}

// cleanParams name the deliveries themselves: which of the files found are among
// them is known only once ingest has refused the others.
func cleanParams(r *Run) (any, error) {
	keys := []string{storeVersion(r.boundaries(), r.Config.Linkage.SharedBy)}
	for _, l := range r.landedFiles() {
		keys = append(keys, l.version())
	}
	return keys, nil
}

func clean(ctx context.Context, r *Run) error {
	return r.withStore(ctx, func(s *store) error {
		if err := s.applyStays(ctx, r.landedFiles(), r.boundaries()); err != nil {
			return err
		}
		replaced, err := s.replacements(ctx)
		if err != nil {
			return err
		}
		return r.noteReplacements(replaced)
	})
}

func linkPersons(ctx context.Context, r *Run) error {
	return r.withStore(ctx, func(s *store) error { return s.applyLinks(ctx, r.landedFiles(), r.Config.Linkage.SharedBy) })
}

func visitParams(r *Run) (any, error) { return r.countRules() }

func countVisits(ctx context.Context, r *Run) error {
	rules, err := r.countRules()
	if err != nil {
		return err
	}
	return r.withStore(ctx, func(s *store) error { return s.applyVisits(ctx, r.landedFiles(), rules) })
}

// countRules are the rules of kankei.yaml.
func (r *Run) countRules() (countRules, error) {
	profiles, err := r.profiles()
	if err != nil {
		return countRules{}, err
	}
	areas, err := r.everydayAreas()
	if err != nil {
		return countRules{}, err
	}
	rules := countRules{
		Profiles: profiles, Ladder: schemas.Engagement(), Outside: r.Config.Outside, EverydayArea: areas,
		Prefectures: r.Config.Regions, BusiestDays: r.Config.Linkage.ExcludeBusierThan,
	}
	for _, d := range r.references() {
		y, m, _ := d.Civil()
		rules.References = append(rules.References, int32(y*12+m-1))
	}
	return rules, nil
}

// references are the last days of the reference months, ascending: those up to
// the as-of day.
func (r *Run) references() []schemas.Date {
	last := r.AsOf
	if last != last.MonthEnd() {
		last = last.AddMonths(-1)
	}
	months := make([]schemas.Date, 0, r.Config.ReferenceMonths)
	for back := r.Config.ReferenceMonths - 1; back >= 0; back-- {
		months = append(months, last.AddMonths(-back))
	}
	return months
}

// everydayAreas reads the project's table of everyday areas: region_code, of
// five digits as everywhere in a project, and area.
func (r *Run) everydayAreas() (map[string]string, error) {
	name := r.Config.EverydayArea
	if name == "" {
		return nil, nil
	}
	wrong := func(line int, found schemas.Text) error {
		return &Error{Code: ExitMisused, Where: fmt.Sprintf("%s:%d", name, line), Found: found,
			Wanted: say("region_code（5桁）,area の2列の CSV", "CSV with the columns region_code (five digits),area")}
	}
	f, err := os.Open(r.Path(name))
	if err != nil {
		return nil, &Error{Code: ExitMisused, Where: r.Config.At("everyday_area"), Found: say("表を読めません", "the table cannot be read"), Err: err}
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil || len(records) < 2 || len(records[0]) != 2 {
		return nil, wrong(1, say("表として読めません", "is not such a table"))
	}
	areas := map[string]string{}
	for i, record := range records[1:] {
		code := r.Regions.CodeIn(record[0], reference.FiveDigits)
		if code == "" || record[1] == "" {
			return nil, wrong(i+2, say("地域コードか圏域の名がありません", "lacks a region code or an area"))
		}
		areas[r.boundaries().place(code, reference.Forever)] = record[1]
	}
	return areas, nil
}
