package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/kankei/kankei/schemas"
)

// Triangle is a revision triangle: what releases said of the same reference months.
type Triangle struct {
	// Figure is whose months they are: a figure as [Project.Explain] finds it where nothing is asked.
	Figure []KeyColumn
	// Releases are the columns, in the order in which they were made.
	Releases []TriangleRelease
	// Months are the rows, the latest last.
	Months []schemas.Date
	// Values are the figures by month and release; nil where a release does not have the month.
	Values [][]*TriangleValue
}

// TriangleRelease is a column of a triangle.
type TriangleRelease struct {
	// ID is that of the release, Publication the id it was published under, or ''.
	ID, Publication string
}

// TriangleValue is what a release said of a month. Value is nil where it shows none.
type TriangleValue struct {
	Value    *float64
	Withheld bool
}

// PublicationRecord is the last publication of a project.
type PublicationRecord struct {
	// Count is how many there are, ID the last one's and At when it was made.
	Count int
	ID    string
	At    time.Time
}

// mostReleases and mostMonths bound a triangle to what a screen shows, mostRuns the records that are read for it.
const (
	mostReleases = 6
	mostMonths   = 12
	mostRuns     = 400
)

// LastPublication tells of the publications on the ledger.
func (w Workspace) LastPublication() (PublicationRecord, error) {
	all, err := w.publications()
	if err != nil || len(all) == 0 {
		return PublicationRecord{}, err
	}
	last := all[len(all)-1]
	return PublicationRecord{len(all), last.ID, last.At}, nil
}

// Triangle is the revision triangle of the project's first region by its first definition, over the releases that were
// published and, of others, the last of each as-of day that is kept. It has no months where there is no release.
func (p *Project) Triangle(ctx context.Context) (Triangle, error) {
	var t Triangle
	path, err := p.Database(false)
	if err != nil {
		return t, nil // no release yet
	}
	db, err := openSandbox(path, QueryOptions{Threads: 1}.withDefaults())
	if err != nil {
		return t, err
	}
	defer db.Close()
	_, row, err := p.figureAsked(ctx, db, nil)
	if ExitCode(err) == ExitMisused {
		return t, nil // a release without figures
	}
	if err != nil {
		return t, err
	}
	t.Figure = row.key()
	if t.Releases, err = p.keptReleases(); err != nil {
		return t, err
	}
	return t, p.fillTriangle(ctx, &t, row.codes().without("reference_month"))
}

// keptReleases are the columns of a triangle.
func (p *Project) keptReleases() ([]TriangleRelease, error) {
	published, err := p.publications()
	if err != nil {
		return nil, err
	}
	var order []TriangleRelease
	seen := map[string]int{}
	add := func(id string) {
		if i, there := seen[id]; there {
			order[i].ID = "" // it comes again later
		}
		seen[id] = len(order)
		order = append(order, TriangleRelease{ID: id})
	}
	records, err := p.madeReleases()
	if err != nil {
		return nil, err
	}
	for _, line := range published {
		if !slices.Contains(records, line.Release) { // work/ was deleted since
			add(line.Release)
		}
	}
	for _, id := range records {
		add(id)
	}
	for _, line := range published {
		order[seen[line.Release]].Publication = line.ID
	}
	order = slices.DeleteFunc(order, func(r TriangleRelease) bool {
		return r.ID == "" || r.Publication == "" && !exists(p.Path("releases", r.ID))
	})
	var kept []TriangleRelease
	for i, r := range order {
		last := !slices.ContainsFunc(order[i+1:], func(later TriangleRelease) bool { return later.ID[:10] == r.ID[:10] })
		if r.Publication != "" || last {
			kept = append(kept, r)
		}
	}
	return kept[max(0, len(kept)-mostReleases):], nil
}

// madeReleases are the releases that the runs on record made, in their order, the current one last.
func (p *Project) madeReleases() ([]string, error) {
	last, err := p.lastRunNumber()
	if err != nil {
		return nil, err
	}
	var ids []string
	for n := max(1, last-mostRuns+1); n <= last; n++ {
		var record Record
		if err := readJSON(p.recordPath(n), &record); err != nil {
			return nil, err
		}
		if record.Release != "" && (len(ids) == 0 || ids[len(ids)-1] != record.Release) {
			ids = append(ids, record.Release)
		}
	}
	current, err := p.CurrentRelease()
	if current != "" && (len(ids) == 0 || ids[len(ids)-1] != current) {
		ids = append(ids, current)
	}
	return ids, err
}

// fillTriangle reads the figure of every release. Of several sources it is the same figure by any estimator.
func (p *Project) fillTriangle(ctx context.Context, t *Triangle, figure coded) error {
	if figure["source"] == schemas.SourceCombined {
		figure = figure.without("estimator")
	}
	d, err := openDuck(ctx, "", duckOptions{Threads: 1})
	if err != nil {
		return err
	}
	defer d.close()
	told := make([]map[schemas.Date]*TriangleValue, len(t.Releases))
	for i, release := range t.Releases {
		folder := p.Path("releases", release.ID)
		if release.Publication != "" {
			folder = p.Path("published", release.Publication)
		}
		if told[i], err = monthsOf(ctx, d, folder, figure); err != nil {
			return err
		}
		for month := range told[i] {
			if !slices.Contains(t.Months, month) {
				t.Months = append(t.Months, month)
			}
		}
	}
	slices.Sort(t.Months)
	t.Months = t.Months[max(0, len(t.Months)-mostMonths):]
	for _, month := range t.Months {
		values := make([]*TriangleValue, len(told))
		for i := range told {
			values[i] = told[i][month]
		}
		t.Values = append(t.Values, values)
	}
	return nil
}

// monthsOf are the values of a figure in a release by month; none where the release is gone.
func monthsOf(ctx context.Context, d *duck, folder string, figure coded) (map[schemas.Date]*TriangleValue, error) {
	out := map[schemas.Date]*TriangleValue{}
	file := folder + "/parquet/" + explained + "/" + explained + ".parquet"
	if !exists(file) {
		return out, nil
	}
	condition, args := figure.condition("")
	query := "SELECT CAST(reference_month - DATE '1970-01-01' AS INTEGER), value, conf_status = 'C' FROM read_parquet(" + literal(file) + ") WHERE " + condition
	for scan, err := range d.rows(ctx, query, args...) {
		if err != nil {
			return nil, err
		}
		var month schemas.Date
		var v TriangleValue
		if err := scan(&month, &v.Value, &v.Withheld); err != nil {
			return nil, errors.Join(fmt.Errorf("%s", folder), err)
		}
		out[month] = &v
	}
	return out, nil
}
