package publish

import (
	"encoding/csv"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/kankei/kankei/schemas"
)

// notApplicable stands in SDMX for a dimension that has no value for a row.
const notApplicable = "_Z"

// isSDMX says whether a dataset is one of observations, which SDMX-CSV can
// express; registers such as regions become its code lists.
func isSDMX(d schemas.Dataset) bool { return columnOf(d, "obs_status") >= 0 }

// sdmxPath is where a release has the SDMX-CSV file of a dataset.
func sdmxPath(d schemas.Dataset) string { return sdmxFolder + "/" + d.Name + ".csv" }

// sdmxColumns are the columns of a dataset in the order of SDMX: dimensions,
// measures, attributes; each with its place in the row.
func sdmxColumns(d schemas.Dataset) (columns []schemas.Column, places []int) {
	all := d.Columns()
	for _, roles := range [][]string{{"key", "dimension"}, {"measure"}, {"attribute"}} {
		for i, c := range all {
			if slices.Contains(roles, c.Role) {
				columns, places = append(columns, c), append(places, i)
			}
		}
	}
	return columns, places
}

// sdmxName is the component of a column: time and the observed value have names
// of their own in SDMX, the others their own in capitals.
func sdmxName(d schemas.Dataset, c schemas.Column) string {
	switch i := monthColumn(d); {
	case c.Name == "value" && c.Role == "measure":
		return "OBS_VALUE"
	case c.Role == "key" && i >= 0 && d.Columns()[i].Name == c.Name:
		return "TIME_PERIOD"
	}
	return strings.ToUpper(c.Name)
}

// writeSDMX writes a table as SDMX-CSV 2.0 (the format of SDMX 3.0): STRUCTURE
// and STRUCTURE_ID say of which dataflow a row is, ACTION I that it informs. A
// null is an empty field, of which OBS_STATUS and CONF_STATUS say why; a key of
// no value is _Z.
func writeSDMX(w io.Writer, t Table, parquetFile string) error {
	d := t.rows.dataset
	columns, places := sdmxColumns(d)
	out := csv.NewWriter(w)
	line := []string{"STRUCTURE", "STRUCTURE_ID", "ACTION"}
	for _, c := range columns {
		line = append(line, sdmxName(d, c))
	}
	if err := out.Write(line); err != nil {
		return err
	}
	copy(line, []string{"dataflow", "KANKEI:" + strings.ToUpper(d.Name) + "(1.0.0)", "I"})
	err := t.rows.scan(parquetFile, func(values []any) error {
		for i, p := range places {
			line[i+3] = sdmxText(values[p])
			if line[i+3] == "" && columns[i].Role == "key" {
				line[i+3] = notApplicable
			}
		}
		return out.Write(line)
	})
	out.Flush()
	if err != nil {
		return err
	}
	return out.Error()
}

// sdmxText is a value as a field of CSV.
func sdmxText(value any) string {
	switch v := value.(type) {
	case string:
		return notFormula(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	case schemas.Date:
		return v.String()
	}
	return ""
}

// notFormula keeps text from being run by a spreadsheet that opens the file.
func notFormula(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// writeCodeLists writes the codes that the release uses, with their names.
func writeCodeLists(w io.Writer, codes []listedCode) error {
	out := csv.NewWriter(w)
	lines := [][]string{{"CODELIST", "CODE", "NAME_JA", "NAME_EN"}}
	for _, c := range codes {
		lines = append(lines, []string{strings.ToUpper(c.list), notFormula(c.code), notFormula(c.name.ja), notFormula(c.name.en)})
	}
	return out.WriteAll(lines)
}
