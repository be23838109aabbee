package publish

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/kankei/kankei/schemas"
)

// summary is what one pass over a table tells: what the workbook and the code
// lists must know before they are written.
type summary struct {
	rows int
	// withheld and notEstimable are the rows without figures, and why.
	withheld, notEstimable int
	// months are the numbers of rows by month, where the dataset has months.
	months map[schemas.Date]int
	// codes are the codes that each column has, regions included.
	codes map[string]map[string]bool
}

// monthColumn is the column by which a dataset is cut in time, -1 if it has none.
func monthColumn(d schemas.Dataset) int {
	return max(columnOf(d, "reference_month"), columnOf(d, "month"))
}

// columnOf is the place of a column of that name, -1 if there is none.
func columnOf(d schemas.Dataset, name string) int {
	return slices.IndexFunc(d.Columns(), func(c schemas.Column) bool { return c.Name == name })
}

// listed says whether the codes of a column make a code list. Codes that identify
// one row of a register, such as regions' own, do not.
func listed(c schemas.Column) bool {
	return c.Unit == "code" && c.Name != "checked_code"
}

// summarise goes through a table once.
func summarise(t Table, parquetFile string) (summary, error) {
	s := summary{months: map[schemas.Date]int{}, codes: map[string]map[string]bool{}}
	month := monthColumn(t.rows.dataset)
	var coded []int
	columns := t.rows.dataset.Columns()
	for i, c := range columns {
		if listed(c) {
			coded = append(coded, i)
			s.codes[c.Name] = map[string]bool{}
		}
	}
	obs, conf := columnOf(t.rows.dataset, "obs_status"), columnOf(t.rows.dataset, "conf_status")
	err := t.rows.scan(parquetFile, func(values []any) error {
		s.rows++
		switch {
		case conf < 0:
		case values[conf] == schemas.Withheld:
			s.withheld++
		case values[obs] == schemas.NotEstimable:
			s.notEstimable++
		}
		if month >= 0 {
			s.months[values[month].(schemas.Date)]++
		}
		for _, i := range coded {
			if code, ok := values[i].(string); ok && code != "" {
				s.codes[columns[i].Name][code] = true
			}
		}
		return nil
	})
	return s, err
}

// span is the first and the last month from a day on.
func (s summary) span(from schemas.Date) (first, last schemas.Date) {
	months := slices.Sorted(maps.Keys(s.months))
	months = slices.DeleteFunc(months, func(m schemas.Date) bool { return m < from })
	if len(months) == 0 {
		return 0, 0
	}
	return months[0], months[len(months)-1]
}

// since is the first of the last months that together have no more than limit
// rows; the last month alone, if that has more.
func (s summary) since(limit int) schemas.Date {
	months := slices.Sorted(maps.Keys(s.months))
	rows, from := 0, schemas.Date(0)
	for i, m := range slices.Backward(months) {
		if rows += s.months[m]; rows > limit && i < len(months)-1 {
			break
		}
		from = m
	}
	return from
}

// name is a name in both languages.
type name struct{ ja, en string }

// names are the names that a release itself gives to codes.
type names struct {
	// regions are those of region codes, municipalities with their prefecture:
	// the last that each code had.
	regions     map[string]name
	definitions map[string]name
}

// namesOf reads the names of regions from their table, which is in the order of
// code and time.
func namesOf(regions Table, parquetFile string, definitions []schemas.Definition) (names, error) {
	n := names{map[string]name{}, map[string]name{}}
	for _, d := range definitions {
		n.definitions[d.Definition] = name{cmp.Or(d.TitleJA, d.Definition), cmp.Or(d.TitleEN, d.Definition)}
	}
	d := regions.rows.dataset
	code, level, prefecture, ja, en := columnOf(d, "region_code"), columnOf(d, "region_level"), columnOf(d, "prefecture_code"), columnOf(d, "name"), columnOf(d, "name_en")
	within := map[string]string{} // the prefecture of a municipality or ward
	err := regions.rows.scan(parquetFile, func(values []any) error {
		c := values[code].(string)
		n.regions[c] = name{values[ja].(string), values[en].(string)}
		delete(within, c)
		if l := values[level]; l == schemas.LevelMunicipality || l == schemas.LevelWard {
			within[c] = values[prefecture].(string)
		}
		return nil
	})
	for c, p := range within {
		n.regions[c] = name{n.regions[p].ja + n.regions[c].ja, n.regions[c].en}
	}
	return n, err
}

// of is the name of a code: as the release has it, or as the schemas do.
func (n names) of(column, code string) name {
	given := n.regions
	switch {
	case strings.HasSuffix(column, "definition"):
		given = n.definitions
	case !isRegion(column):
		given = nil
	}
	if own, ok := given[code]; ok {
		return own
	}
	t := schemas.CodeName(column, code)
	return name{t.JA, t.EN}
}

// isRegion says whether a column holds region codes.
func isRegion(column string) bool {
	return slices.Contains([]string{"region_code", "origin_code", "prefecture_code", "parent_code", "from_code", "to_code"}, column)
}
