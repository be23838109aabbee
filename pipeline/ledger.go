package pipeline

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/kankei/kankei/pipeline/publish"
	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/attack"
)

// publication is a line of state/ledger.jsonl: what left the house.
type publication struct {
	At time.Time `json:"at"`
	// ID is the name of its folder in published/, Release that of the release it was.
	ID      string `json:"id"`
	Release string `json:"release"`
	AsOf    string `json:"as_of"`
	// Digest is the SHA-256 of its manifest, which has those of its files.
	Digest string `json:"digest"`
	// Cells are the cells of exact counts that it shows, Withheld those that it withholds.
	Cells    int `json:"cells"`
	Withheld int `json:"withheld"`
	// Loss is what it spent of the privacy budget; nil where nothing in it is differentially private.
	Loss *privacyLoss `json:"loss,omitempty"`
}

func (w Workspace) ledgerPath() string { return w.Path("state", "ledger.jsonl") }

// publications are the lines of the ledger in order; for a run that looks back,
// those of then.
func (w Workspace) publications() ([]publication, error) {
	var all []publication
	for p, err := range readLines[publication](w.ledgerPath()) {
		if err != nil {
			return nil, err
		}
		if p.At.Before(w.until()) {
			all = append(all, p)
		}
	}
	return all, nil
}

// earlier reads what left the house. A publication that is gone or changed is an
// error: nothing can be held against it.
func (p *Project) earlier(ctx context.Context) ([]attack.Earlier, error) {
	all, err := p.publications()
	if err != nil {
		return nil, err
	}
	var out []attack.Earlier
	for _, line := range all {
		folder := p.Path("published", line.ID)
		digest, err := publish.Digest(folder)
		if err == nil && digest != line.Digest || errors.Is(err, os.ErrNotExist) {
			return nil, &Error{Code: ExitGated, Where: "published/" + line.ID,
				Found: say("公表した内容と一致しません", "is not what was published"),
				Do:    say("公表履歴（state/ledger.jsonl）にあるとおりに、控えから戻してください", "restore it from a copy, as the ledger (state/ledger.jsonl) has it")}
		}
		if err != nil {
			return nil, err
		}
		t, err := readTables(ctx, folder)
		if err != nil {
			return nil, fmt.Errorf("published/%s: %w", line.ID, err)
		}
		out = append(out, attack.Earlier{ID: line.ID, Tables: t})
	}
	return out, nil
}

// shownBefore are the names of the cells that earlier publications show.
func (p *Project) shownBefore(ctx context.Context) (map[string]bool, error) {
	earlier, err := p.earlier(ctx)
	shown := map[string]bool{}
	for _, e := range earlier {
		for _, c := range e.Cells {
			if c.Low == c.High {
				shown[c.Name] = true
			}
		}
	}
	return shown, err
}

// readTables reads the counts of a release or publication from its files, as a reader would.
func readTables(ctx context.Context, folder string) (attack.Tables, error) {
	d, err := openDuck(ctx, "", duckOptions{Threads: 1})
	if err != nil {
		return attack.Tables{}, err
	}
	defer d.close()
	from := func(dataset string) (string, bool) {
		path := filepath.Join(folder, "parquet", dataset, dataset+".parquet")
		return "read_parquet(" + literal(path) + ")", exists(path) // else a publication of a version that did not have it
	}
	by, err := readMechanism(ctx, d, from)
	if err != nil {
		return attack.Tables{}, err
	}
	figures, err := readFigures(ctx, d, from, by)
	if err != nil {
		return attack.Tables{}, err
	}
	return attack.TablesOf(figures)
}

// whereRows says where the rows of a dataset are.
type whereRows func(dataset string) (rows string, there bool)

// readMechanism reads by what mechanism counts are perturbed, nil for none.
func readMechanism(ctx context.Context, d *duck, from whereRows) (*attack.Mechanism, error) {
	rows, there := from("disclosure")
	if !there {
		return nil, nil
	}
	for scan, err := range d.rows(ctx, "SELECT rule, threshold FROM "+rows+" WHERE dataset = "+literal(detailDataset)+" AND starts_with(rule, 'detail_') AND threshold > 0") {
		m := &attack.Mechanism{}
		if err == nil {
			err = scan(&m.Name, &m.Parameter)
		}
		m.Name = strings.TrimPrefix(m.Name, "detail_")
		return m, err
	}
	return nil, nil
}

// readFigures reads the counts of all datasets, each from where its rows are, those that are perturbed by a mechanism.
func readFigures(ctx context.Context, d *duck, from whereRows, by *attack.Mechanism) (figures []attack.Figure, err error) {
	counts := schemas.Counts()
	for _, dataset := range schemas.Datasets() {
		for _, column := range []string{"value", "persons", "bookings", "guest_nights"} {
			of := slices.DeleteFunc(slices.Clone(counts), func(s schemas.Shown) bool { return s.Dataset != dataset.Name || s.Figure != column })
			if len(of) == 0 {
				continue
			}
			rows, there := from(dataset.Name)
			if !there {
				continue
			}
			if figures, err = appendFigures(ctx, d, figures, rows, column, of, by); err != nil {
				return nil, err
			}
		}
	}
	return figures, nil
}

// appendFigures appends one column of counts of a dataset. Rows that have none
// though they are free are not estimable.
func appendFigures(ctx context.Context, d *duck, figures []attack.Figure, rows, column string, of []schemas.Shown, by *attack.Mechanism) ([]attack.Figure, error) {
	dataset, _ := schemas.Find(of[0].Dataset)
	var names, selected []string
	for _, c := range dataset.Columns() {
		if c.Role == "key" || c.Role == "attribute" || c.Role == "dimension" {
			names = append(names, c.Name)
			selected = append(selected, "CAST("+c.Name+" AS VARCHAR)")
		}
	}
	query := "SELECT CAST(round(" + column + ") AS BIGINT), " + strings.Join(selected, ", ") +
		" FROM " + rows + " WHERE (" + column + " IS NOT NULL OR conf_status = 'C')"
	if slices.Contains(names, "estimator") {
		query += " AND estimator = 'observed'"
	}
	if dataset.Name == "visit_behaviour" {
		query += " AND definition = ''"
	}
	at := map[string]int{}
	for i, name := range names {
		at[name] = i
	}
	for scan, err := range d.rows(ctx, query) {
		if err != nil {
			return nil, err
		}
		var value *int64
		texts := make([]*string, len(names))
		into := []any{&value}
		for i := range texts {
			into = append(into, &texts[i])
		}
		if err := scan(into...); err != nil {
			return nil, err
		}
		code := func(column string) string {
			if i, there := at[column]; there && texts[i] != nil {
				return *texts[i]
			}
			return ""
		}
		f := attack.Figure{Value: value}
		for _, shown := range of {
			if schemas.Meets(shown.Where, code) {
				cube := schemas.CubeOf(shown.Cube)
				f.Cells = append(f.Cells, attack.Place{Cube: cube, Coordinates: shown.Coordinates(cube, code)})
				if shown.Perturbed {
					f.By = by
				}
			}
		}
		if len(f.Cells) > 0 {
			figures = append(figures, f)
		}
	}
	return figures, nil
}
