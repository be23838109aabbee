package simulate

import (
	"fmt"
	"path/filepath"

	"github.com/parquet-go/parquet-go"

	"github.com/kankei/kankei/schemas"
)

// Comparison is a published figure beside its truth.
type Comparison struct {
	schemas.RelationalPopulation
	// Truth is the true figure.
	Truth float64
}

// Covers says whether the interval holds the truth.
func (c Comparison) Covers() bool {
	return c.CILow != nil && c.CIHigh != nil && *c.CILow <= c.Truth && c.Truth <= *c.CIHigh
}

// Compare sets the figures of the current release of a simulated project beside
// the truth: those of all origins, relation types and engagement levels, of the
// latest reference month, withheld and not estimable ones included. It is an error
// where the project has no truth, or no release.
func Compare(dir string) ([]Comparison, error) {
	truth, err := parquet.ReadFile[schemas.Truth](filepath.Join(dir, TruthFolder, "truth.parquet"))
	if err != nil {
		return nil, err
	}
	files, err := filepath.Glob(filepath.Join(dir, "releases", "current", "parquet", "relational_population", "*.parquet"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("%s: there is no release yet: kankei run -C %s makes one", dir, dir)
	}
	var rows []schemas.RelationalPopulation
	for _, file := range files {
		part, err := parquet.ReadFile[schemas.RelationalPopulation](file)
		if err != nil {
			return nil, err
		}
		rows = append(rows, part...)
	}
	return match(rows, truth), nil
}

type figureKey struct {
	measure, definition, outside, region string
	month                                schemas.Date
}

func match(rows []schemas.RelationalPopulation, truth []schemas.Truth) []Comparison {
	known := map[figureKey]float64{}
	for _, t := range truth {
		if t.Dataset == "relational_population" && t.OriginCode == schemas.All && t.RelationType == schemas.All && t.Engagement == schemas.All {
			known[figureKey{t.Statistic, t.Definition, t.Outside, t.RegionCode, t.ReferenceMonth}] = t.Value
		}
	}
	var last schemas.Date
	for _, r := range rows {
		last = max(last, r.ReferenceMonth)
	}
	var out []Comparison
	for _, r := range rows {
		v, there := known[figureKey{r.Measure, r.Definition, r.Outside, r.RegionCode, r.ReferenceMonth}]
		if there && r.ReferenceMonth == last && r.OriginCode == schemas.All && r.RelationType == schemas.All && r.Engagement == schemas.All {
			out = append(out, Comparison{r, v})
		}
	}
	return out
}
