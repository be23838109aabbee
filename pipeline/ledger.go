package pipeline

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/kankei/kankei/pipeline/publish"
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
	tables, err := attack.TablesOf(figures)
	if err != nil {
		return tables, err
	}
	derived, err := readDerived(ctx, d, from)
	if err != nil {
		return tables, err
	}
	tables.Derive(derived)
	if tables.Boundaries, err = readBoundaries(ctx, d, from); err != nil {
		return tables, err
	}
	if tables.Estimates, err = readAdded(ctx, d, from); err != nil {
		return tables, err
	}
	if tables.Steps, err = readSteps(ctx, d, from); err != nil {
		return tables, err
	}
	tables.Dressed, err = readDressed(ctx, d, from)
	return tables, err
}
