package pipeline

import (
	"bytes"
	"io"
	"os"

	"github.com/parquet-go/parquet-go"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
)

// withheldRow says by which rule a row of relational_population is withheld, for the controller alone.
type withheldRow struct {
	Definition     string       `parquet:"definition,dict"`
	Measure        string       `parquet:"measure,dict"`
	Outside        string       `parquet:"outside,dict"`
	RegionCode     string       `parquet:"region_code,dict"`
	OriginCode     string       `parquet:"origin_code,dict"`
	RelationType   string       `parquet:"relation_type,dict"`
	Engagement     string       `parquet:"engagement,dict"`
	ReferenceMonth schemas.Date `parquet:"reference_month,date"`
	Source         string       `parquet:"source,dict"`
	Estimator      string       `parquet:"estimator,dict"`
	// Rule is persons, facilities or secondary, as [disclose.Counted.WithheldBy] gives it, or reliability.
	Rule string `parquet:"rule,dict"`
	// Persons and Facilities are what the figure rests on; 0 facilities where it rests on none.
	Persons    int64 `parquet:"persons"`
	Facilities int64 `parquet:"facilities"`
}

// ruleReliability is that of figures below the class that a release shows.
const ruleReliability = "reliability"

// withheldPath is where the controller finds which rows of relational_population are withheld and why. It is never published.
func (w Workspace) withheldPath() string { return w.Path("work", "withheld.parquet") }

// keepWithheld writes by which rule rows are withheld, given them before and after the rule of reliability.
func (r *Run) keepWithheld(before, after []disclose.Counted[schemas.RelationalPopulation]) error {
	var rows []withheldRow
	for i, c := range after {
		rule := c.WithheldBy(r.threshold())
		if rule == "" && before[i].Row.Value != nil && c.Row.Value == nil {
			rule = ruleReliability
		}
		if rule != "" && c.Row.ObsStatus != schemas.NotEstimable {
			rows = append(rows, withheldOf(c.Row, rule, c.Persons, c.Facilities))
		}
	}
	var b bytes.Buffer
	if err := parquet.Write(&b, rows); err != nil {
		return err
	}
	return r.Replace(r.withheldPath(), b.Bytes())
}

func withheldOf(row schemas.RelationalPopulation, rule string, persons, facilities int64) withheldRow {
	return withheldRow{
		Definition: row.Definition, Measure: row.Measure, Outside: row.Outside, RegionCode: row.RegionCode, OriginCode: row.OriginCode,
		RelationType: row.RelationType, Engagement: row.Engagement, ReferenceMonth: row.ReferenceMonth, Source: row.Source, Estimator: row.Estimator,
		Rule: rule, Persons: persons, Facilities: facilities,
	}
}

// whyWithheld finds by which rule a row is withheld; nil where it is not.
func (w Workspace) whyWithheld(row schemas.RelationalPopulation) (*withheldRow, error) {
	in, err := os.Open(w.withheldPath())
	if err != nil {
		return nil, err
	}
	defer in.Close()
	reader := parquet.NewGenericReader[withheldRow](in)
	defer reader.Close()
	want := withheldOf(row, "", 0, 0)
	batch := make([]withheldRow, 1024)
	for {
		n, err := reader.Read(batch)
		for _, found := range batch[:n] {
			key := found
			key.Rule, key.Persons, key.Facilities = "", 0, 0
			if key == want {
				return &found, nil
			}
		}
		if err == io.EOF {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
	}
}
