package pipeline

import (
	"bytes"
	"context"
	"encoding/csv"
	"os"

	"github.com/kankei/kankei/transforms/attack"
)

// Alone is what an attack makes of the cells of a release that are withheld for their own sake.
type Alone struct {
	// Cells are the exact counts of the release, Primary those withheld for their own sake, Secondary for that of others.
	Cells, Primary, Secondary int
	// Recovered are the primary cells that can be computed if no others are withheld, Left those that can be
	// computed from the release as it is.
	Recovered, Left int
}

// ThresholdAlone attacks the current release as it would be without secondary suppression, and as it is. It says
// what the secondary cells are for, and is for the controller and for studies.
func ThresholdAlone(ctx context.Context, p *Project) (Alone, error) {
	report, err := Verify(ctx, p.Path("releases"))
	if err != nil {
		return Alone{}, err
	}
	released, err := readTables(ctx, p.Path("releases", report.Release))
	if err != nil {
		return Alone{}, err
	}
	primary, out, err := p.primaryCells()
	if err != nil {
		return out, err
	}
	alone, err := p.aloneTables(ctx, released, primary)
	if err != nil {
		return out, err
	}
	out.Cells = len(alone.Cells)
	if out.Recovered, err = recovered(alone, primary); err != nil {
		return out, err
	}
	out.Left, err = recovered(released, primary)
	return out, err
}

// primaryCells are the names of the cells withheld for their own sake, and how many there are of either kind.
func (p *Project) primaryCells() (names map[string]bool, n Alone, err error) {
	text, err := os.ReadFile(p.suppressionPath())
	if err != nil {
		return nil, n, err
	}
	lines, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		return nil, n, err
	}
	names = map[string]bool{}
	for _, l := range lines[1:] {
		if l[2] != "primary" {
			n.Secondary++
			continue
		}
		n.Primary++
		names[l[0]] = true
	}
	return names, n, nil
}

// aloneTables are the figures of a release before disclosure control, without those of primary cells.
func (p *Project) aloneTables(ctx context.Context, released attack.Tables, primary map[string]bool) (attack.Tables, error) {
	d, err := openDuck(ctx, p.Path("work", "internal.duckdb"), duckOptions{Threads: 1})
	if err != nil {
		return attack.Tables{}, err
	}
	defer d.close()
	figures, err := readFigures(ctx, d, func(dataset string) (string, bool) { return dataset, dataset != detailDataset }, nil)
	if err != nil {
		return attack.Tables{}, err
	}
	there := map[string]bool{}
	for _, c := range released.Cells {
		there[c.Name] = true
	}
	kept := figures[:0]
	for _, f := range figures {
		shown := false
		for _, place := range f.Cells {
			name := place.Cube.CellName(place.Coordinates)
			shown = shown || there[name]
			if primary[name] {
				f.Value = nil
			}
		}
		if shown {
			kept = append(kept, f)
		}
	}
	return attack.TablesOf(kept)
}

// recovered is how many cells of those names an attack computes.
func recovered(t attack.Tables, names map[string]bool) (n int, err error) {
	for _, part := range attack.Parts(t.Publication) {
		report, err := attack.Run(part, attackOptions)
		if err != nil {
			return n, err
		}
		for _, f := range report.Findings {
			if names[f.Name] && f.Exact() {
				n++
			}
		}
	}
	return n, nil
}
