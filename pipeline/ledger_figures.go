package pipeline

import (
	"context"
	"iter"
	"slices"
	"strings"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/attack"
)

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
		for _, column := range []string{"value", "persons", "bookings", "guest_nights", "recorded_guest_nights"} {
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
	where := "(" + column + " IS NOT NULL OR conf_status = 'C')"
	if slices.ContainsFunc(dataset.Columns(), func(c schemas.Column) bool { return c.Name == "estimator" }) {
		where += " AND estimator IN ('observed', '')" // counts of inputs have none
	}
	if dataset.Name == "coverage" {
		where = "step = " + literal(schemas.StepGuestNights) // always a count, whether the official one is known or not
	}
	if dataset.Name == "visit_behaviour" {
		where += " AND definition = ''"
	}
	for row, err := range d.coded(ctx, dataset, rows, column, where) {
		if err != nil {
			return nil, err
		}
		f := attack.Figure{Value: row.value}
		for _, shown := range of {
			if schemas.Meets(shown.Where, row.code) {
				cube := schemas.CubeOf(shown.Cube)
				f.Cells = append(f.Cells, attack.Place{Cube: cube, Coordinates: shown.Coordinates(cube, row.code)})
				f.Least = max(f.Least, shown.Least(row.code))
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

// readDerived reads which cells rows with figures tell to readers who divide or multiply.
func readDerived(ctx context.Context, d *duck, from whereRows) (derived []attack.Place, err error) {
	for _, dataset := range schemas.Datasets() {
		of := slices.DeleteFunc(schemas.DerivedCounts(), func(s schemas.Derived) bool { return s.Dataset != dataset.Name || s.PartsOver != "" })
		rows, there := from(dataset.Name)
		if len(of) == 0 || !there {
			continue
		}
		for row, err := range d.coded(ctx, dataset, rows, "0", "conf_status = 'F' AND obs_status <> 'M'") {
			if err != nil {
				return nil, err
			}
			for _, s := range of {
				if schemas.Meets(s.Where, row.code) {
					cube := schemas.CubeOf(s.Cube)
					for _, coordinates := range s.Coordinates(cube, row.code) {
						derived = append(derived, attack.Place{Cube: cube, Coordinates: coordinates})
					}
				}
			}
		}
	}
	return derived, nil
}

// codedRow is a figure with the codes that stand beside it.
type codedRow struct {
	value *int64
	code  func(column string) string
}

// coded reads a column of rows of a dataset as whole numbers, with all columns that are no measures.
func (d *duck) coded(ctx context.Context, dataset schemas.Dataset, rows, column, where string) iter.Seq2[codedRow, error] {
	at := map[string]int{}
	selected := []string{"CAST(round(" + column + ") AS BIGINT)"}
	for _, c := range dataset.Columns() {
		if c.Role == "key" || c.Role == "attribute" || c.Role == "dimension" {
			at[c.Name] = len(selected) - 1
			selected = append(selected, "CAST("+c.Name+" AS VARCHAR)")
		}
	}
	return func(yield func(codedRow, error) bool) {
		for scan, err := range d.rows(ctx, "SELECT "+strings.Join(selected, ", ")+" FROM "+rows+" WHERE "+where) {
			row, texts := codedRow{}, make([]*string, len(selected)-1)
			into := []any{&row.value}
			for i := range texts {
				into = append(into, &texts[i])
			}
			if err == nil {
				err = scan(into...)
			}
			row.code = func(column string) string {
				if i, there := at[column]; there && texts[i] != nil {
					return *texts[i]
				}
				return ""
			}
			if !yield(row, err) {
				return
			}
		}
	}
}
