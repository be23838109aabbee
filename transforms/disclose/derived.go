package disclose

import (
	"reflect"
	"slices"

	"github.com/kankei/kankei/schemas"
)

// remember keeps the names of withheld cells for [Derive].
func (l *Linked) remember(withheld []bool) {
	l.withheld, l.apart = map[string]bool{}, map[string]bool{}
	for i, c := range l.cells {
		if !withheld[i] || c.hidden {
			continue
		}
		l.withheld[c.Name] = true
		if c.reason == "" {
			cube := schemas.CubeOf(c.cube)
			for k, column := range cube.Columns {
				total := slices.Clone(c.coords)
				total[k] = schemas.All
				l.apart[column+" of "+cube.CellName(total)] = true
			}
		}
	}
}

// tells says whether a row is derived from a withheld cell.
func (l *Linked) tells(d schemas.Derived, code func(column string) string) bool {
	cube := schemas.CubeOf(d.Cube)
	return slices.ContainsFunc(d.Coordinates(cube, code), func(coordinates []string) bool {
		name := cube.CellName(coordinates)
		return l.withheld[name] || d.PartsOver != "" && l.apart[d.PartsOver+" of "+name]
	})
}

// Derive marks the rows of a dataset that tell a withheld cell to readers who divide or multiply, as
// [schemas.DerivedCounts] has them: they are withheld too. The table must have been suppressed. It gives how many it marks
// that their own counts would not withhold.
func Derive[T Figures[T]](l *Linked, dataset string, rows []Counted[T]) (marked int) {
	columns := columnsOf(reflect.TypeFor[T]())
	of := slices.DeleteFunc(schemas.DerivedCounts(), func(d schemas.Derived) bool { return d.Dataset != dataset })
	for i := range rows {
		row := reflect.ValueOf(&rows[i].Row).Elem()
		code := func(column string) string { return schemas.Coordinate(row.FieldByIndex(columns[column])) }
		for _, d := range of {
			if rows[i].marked != "" || !schemas.Meets(d.Where, code) {
				continue
			}
			if l.tells(d, code) {
				rows[i].marked = reasonSecondary
				if l.rules.withholds(rows[i].Persons, rows[i].Facilities, rows[i].Contributions) == "" {
					marked++
				}
			}
		}
	}
	return marked
}
