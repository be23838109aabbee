package pipeline

import (
	"context"
	"strings"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/attack"
)

// readAdded reads the estimates that add up, those of prefectures both as totals and as parts.
func readAdded(ctx context.Context, d *duck, from whereRows) (out []attack.Estimated, err error) {
	over := schemas.Sum{Over: "region_code"}
	for _, shown := range schemas.Added() {
		dataset, _ := schemas.Find(shown.Dataset)
		rows, there := from(dataset.Name)
		if !there {
			continue
		}
		for row, err := range d.coded(ctx, dataset, rows, shown.Figure, "obs_status <> 'M'") {
			if err != nil {
				return nil, err
			}
			if !schemas.Meets(shown.Where, row.code) {
				continue
			}
			region := row.code("region_code")
			name := func(code string) string {
				return "estimate: " + strings.Join([]string{row.code("definition"), row.code("measure"), row.code("outside"), code, row.code("reference_month"), row.code("source")}, "/")
			}
			e := attack.Estimated{Name: name(region), Value: row.value, Known: row.code("conf_status") == schemas.Withheld}
			if total, part := over.TotalOf(region); part {
				e.Sum = name(total)
				out = append(out, e)
			}
			if over.IsTotal(region) {
				e.Sum, e.Total = e.Name, true
				out = append(out, e)
			}
		}
	}
	return out, nil
}

// readBoundaries reads by which municipal boundaries the region codes are, and which changes of codes are told.
func readBoundaries(ctx context.Context, d *duck, from whereRows) (b attack.Boundaries, err error) {
	population, there := from("relational_population")
	changes, told := from("region_changes")
	if !there || !told {
		return b, nil
	}
	for scan, err := range d.rows(ctx, "SELECT coalesce(max(boundary_vintage) - DATE '1970-01-01', 0) FROM "+population) {
		if err == nil {
			err = scan(&b.On)
		}
		if err != nil {
			return b, err
		}
	}
	for scan, err := range d.rows(ctx, "SELECT changed_on - DATE '1970-01-01', from_code, to_code, reason FROM "+changes+" ORDER BY ALL") {
		c := schemas.RegionChange{}
		if err == nil {
			err = scan(&c.ChangedOn, &c.FromCode, &c.ToCode, &c.Reason)
		}
		if err != nil {
			return b, err
		}
		b.Changes = append(b.Changes, c)
	}
	return b, nil
}

// readSteps reads the persons seen by threshold.
func readSteps(ctx context.Context, d *duck, from whereRows) (out []attack.Step, err error) {
	dataset, _ := schemas.Find("definition_sensitivity")
	rows, there := from(dataset.Name)
	if !there {
		return nil, nil
	}
	for row, err := range d.coded(ctx, dataset, rows, "value", "estimator = 'observed' AND value IS NOT NULL") {
		if err != nil {
			return nil, err
		}
		chain := "threshold: " + strings.Join([]string{row.code("definition"), row.code("outside"), row.code("region_code"), row.code("reference_month"), row.code("source"), row.code("dimension")}, "/")
		out = append(out, attack.Step{Chain: chain, Name: chain + "/" + row.code("threshold"), Threshold: atoi(row.code("threshold")), Value: *row.value})
	}
	return out, nil
}

// readDressed reads the names of withheld rows that have a figure.
func readDressed(ctx context.Context, d *duck, from whereRows) (out []string, err error) {
	for _, dataset := range schemas.Datasets() {
		var keys, figures []string
		withholds := false
		for _, c := range dataset.Columns() {
			switch {
			case c.Name == "conf_status":
				withholds = true
			case c.Role == "key":
				keys = append(keys, "CAST("+c.Name+" AS VARCHAR)")
			case c.Role == "measure" && c.Nullable:
				figures = append(figures, c.Name+" IS NOT NULL")
			}
		}
		rows, there := from(dataset.Name)
		if !there || !withholds || len(figures) == 0 {
			continue
		}
		for scan, err := range d.rows(ctx, "SELECT concat_ws('/', "+strings.Join(keys, ", ")+") AS name FROM "+rows+" WHERE conf_status = 'C' AND ("+strings.Join(figures, " OR ")+") ORDER BY name") {
			name := ""
			if err == nil {
				err = scan(&name)
			}
			if err != nil {
				return nil, err
			}
			out = append(out, dataset.Name+": "+name)
		}
	}
	return out, nil
}
