package pipeline

import (
	"bytes"
	"database/sql"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/mattn/go-runewidth"
)

// resultColumn is a column of a result.
type resultColumn struct {
	Name string
	Type string // DuckDB's name of the type
}

// numeric says that the column's cells are numbers: aligned right, and never
// taken for a formula.
func (c resultColumn) numeric() bool {
	switch c.Type {
	case "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT",
		"BIGNUM", "FLOAT", "DOUBLE":
		return true
	}
	return strings.HasPrefix(c.Type, "DECIMAL(") && strings.HasSuffix(c.Type, ")")
}

// resultColumns are the columns of a result; a name that occurs again gets a
// number, so that every column of the output has its own.
func resultColumns(rows *sql.Rows) ([]resultColumn, error) {
	types, err := rows.ColumnTypes()
	if err != nil {
		return nil, err
	}
	columns := make([]resultColumn, len(types))
	taken := map[string]bool{}
	for i, t := range types {
		name := t.Name()
		for n := 2; taken[name]; n++ {
			name = t.Name() + "_" + strconv.Itoa(n)
		}
		taken[name] = true
		columns[i] = resultColumn{name, t.DatabaseTypeName()}
	}
	return columns, nil
}

// resultWriter writes a result in one format.
type resultWriter interface {
	begin(columns []resultColumn) error
	row(values []any) error
	end() error
}

func newResultWriter(format string, w io.Writer) (resultWriter, error) {
	switch format {
	case "table":
		return &tableWriter{w: w}, nil
	case "csv":
		return newCSVWriter(w), nil
	case "json":
		return &jsonWriter{w: w}, nil
	}
	return nil, &Error{Code: ExitMisused, Where: "--format",
		Found:  say("知らない形式です: %s", "unknown format %s", format),
		Wanted: say("table, csv, json", "table, csv, json")}
}

// tableWriter writes columns padded to equal width on a terminal, where a
// kanji takes two places.
type tableWriter struct {
	w       io.Writer
	columns []resultColumn
	cells   [][]string
}

func (t *tableWriter) begin(columns []resultColumn) error {
	t.columns = columns
	heading := make([]string, len(columns))
	for i, c := range columns {
		heading[i] = printable(c.Name)
	}
	t.cells = append(t.cells, heading)
	return nil
}

func (t *tableWriter) row(values []any) error {
	cells := make([]string, len(values))
	for i, v := range values {
		if v == nil {
			cells[i] = "NULL"
			continue
		}
		cells[i] = printable(cellText(v, t.columns[i].Type))
	}
	t.cells = append(t.cells, cells)
	return nil
}

func (t *tableWriter) end() error {
	widths := make([]int, len(t.columns))
	for _, line := range t.cells {
		for i, cell := range line {
			widths[i] = max(widths[i], runewidth.StringWidth(cell))
		}
	}
	var out bytes.Buffer
	for n, line := range t.cells {
		t.writeLine(&out, line, widths)
		if n == 0 {
			t.writeRule(&out, widths)
		}
	}
	_, err := t.w.Write(out.Bytes())
	return err
}

func (t *tableWriter) writeLine(out *bytes.Buffer, line []string, widths []int) {
	var padded strings.Builder
	for i, cell := range line {
		gap := strings.Repeat(" ", widths[i]-runewidth.StringWidth(cell))
		if i > 0 {
			padded.WriteString("  ")
		}
		if t.columns[i].numeric() {
			padded.WriteString(gap + cell)
		} else {
			padded.WriteString(cell + gap)
		}
	}
	out.WriteString(strings.TrimRight(padded.String(), " ") + "\n")
}

func (t *tableWriter) writeRule(out *bytes.Buffer, widths []int) {
	parts := make([]string, len(widths))
	for i, w := range widths {
		parts[i] = strings.Repeat("─", w)
	}
	out.WriteString(strings.Join(parts, "  ") + "\n")
}

// printable shows control characters as escapes, so that no cell moves the
// cursor or breaks its line.
func printable(s string) string {
	if !strings.ContainsFunc(s, unprintable) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if unprintable(r) {
			b.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// unprintable are control characters and those that turn the direction of text.
func unprintable(r rune) bool {
	return r < 0x20 || r >= 0x7f && r < 0xa0 || r >= 0x200e && r <= 0x200f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}

// csvWriter writes RFC 4180. Null is an empty field. Text that a spreadsheet
// would take for a formula gets a leading apostrophe; numbers stay as they are.
type csvWriter struct {
	csv     *csv.Writer
	columns []resultColumn
}

func newCSVWriter(w io.Writer) *csvWriter {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	return &csvWriter{csv: out}
}

func (c *csvWriter) begin(columns []resultColumn) error {
	c.columns = columns
	heading := make([]string, len(columns))
	for i, col := range columns {
		heading[i] = notFormula(col.Name)
	}
	return c.csv.Write(heading)
}

func (c *csvWriter) row(values []any) error {
	fields := make([]string, len(values))
	for i, v := range values {
		if v == nil {
			continue
		}
		fields[i] = cellText(v, c.columns[i].Type)
		if !c.columns[i].numeric() {
			fields[i] = notFormula(fields[i])
		}
	}
	return c.csv.Write(fields)
}

func (c *csvWriter) end() error {
	c.csv.Flush()
	return c.csv.Error()
}

// notFormula keeps text from being run by a spreadsheet.
func notFormula(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// jsonWriter writes an array of objects, one a line, their members in the order
// of the columns. Integers of any size and decimals are exact numbers.
type jsonWriter struct {
	w       io.Writer
	columns []resultColumn
	rows    int
}

func (j *jsonWriter) begin(columns []resultColumn) error {
	j.columns = columns
	_, err := io.WriteString(j.w, "[")
	return err
}

func (j *jsonWriter) row(values []any) error {
	var b bytes.Buffer
	if j.rows > 0 {
		b.WriteByte(',')
	}
	b.WriteString("\n{")
	for i, v := range values {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(jsonText(j.columns[i].Name))
		b.WriteByte(':')
		b.Write(cellJSON(v, j.columns[i].Type))
	}
	b.WriteByte('}')
	j.rows++
	_, err := j.w.Write(b.Bytes())
	return err
}

func (j *jsonWriter) end() error {
	closing := "\n]\n"
	if j.rows == 0 {
		closing = "]\n"
	}
	_, err := io.WriteString(j.w, closing)
	return err
}

// cellText is a value as text: dates in ISO form, lists and structures as JSON.
func cellText(v any, kind string) string {
	switch v := v.(type) {
	case string:
		return v
	case float64:
		if math.IsInf(v, 0) || math.IsNaN(v) {
			return strconv.FormatFloat(v, 'g', -1, 64)
		}
	case float32:
		return cellText(float64(v), kind)
	}
	encoded := cellJSON(v, kind)
	var s string
	if json.Unmarshal(encoded, &s) == nil {
		return s
	}
	return string(encoded)
}

// cellJSON is a value as JSON. NaN and infinities, which JSON lacks, are null.
func cellJSON(v any, kind string) []byte {
	switch v := v.(type) {
	case nil:
		return []byte("null")
	case string:
		return jsonText(v)
	case *big.Int:
		return []byte(v.String())
	case duckdb.Decimal:
		return []byte(v.String())
	case float32:
		return jsonNumber(float64(v), 32)
	case float64:
		return jsonNumber(v, 64)
	case time.Time:
		return jsonText(v.Format(timeLayout(kind)))
	case []byte:
		if kind == "UUID" && len(v) == 16 {
			id := duckdb.UUID(v)
			return jsonText(id.String())
		}
		return jsonText(hex.EncodeToString(v))
	case duckdb.Interval:
		return jsonText(fmt.Sprintf("%d months %d days %s", v.Months, v.Days, time.Duration(v.Micros)*time.Microsecond))
	case duckdb.Union:
		return cellJSON(v.Value, kind)
	case []any:
		return jsonList(v, kind)
	case map[string]any:
		return jsonObject(v, kind)
	case duckdb.OrderedMap:
		return jsonMap(v, kind)
	}
	encoded, err := json.Marshal(v)
	if err != nil {
		return jsonText(fmt.Sprint(v))
	}
	return encoded
}

// jsonText is text as a JSON string, with characters as they are.
func jsonText(s string) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		panic(err) // a string always encodes
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// jsonNumber is the shortest number that reads back the same.
func jsonNumber(f float64, bits int) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return []byte("null")
	}
	format := byte('f')
	if a := math.Abs(f); a != 0 && (a < 1e-6 || a >= 1e21) {
		format = 'e'
	}
	return strconv.AppendFloat(nil, f, format, -1, bits)
}

func jsonList(values []any, kind string) []byte {
	parts := make([][]byte, len(values))
	for i, v := range values {
		parts[i] = cellJSON(v, kind)
	}
	return slices.Concat([]byte("["), bytes.Join(parts, []byte(",")), []byte("]"))
}

// jsonObject writes members by name, for a structure comes without their order.
func jsonObject(members map[string]any, kind string) []byte {
	parts := make([][]byte, 0, len(members))
	for _, name := range slices.Sorted(maps.Keys(members)) {
		parts = append(parts, slices.Concat(jsonText(name), []byte(":"), cellJSON(members[name], kind)))
	}
	return slices.Concat([]byte("{"), bytes.Join(parts, []byte(",")), []byte("}"))
}

func jsonMap(m duckdb.OrderedMap, kind string) []byte {
	keys, values := m.Keys(), m.Values()
	parts := make([][]byte, len(keys))
	for i := range keys {
		parts[i] = slices.Concat(jsonText(cellText(keys[i], kind)), []byte(":"), cellJSON(values[i], kind))
	}
	return slices.Concat([]byte("{"), bytes.Join(parts, []byte(",")), []byte("}"))
}

// timeLayout is the ISO form of a type, or of the type inside a list.
func timeLayout(kind string) string {
	switch {
	case strings.Contains(kind, "TIMESTAMPTZ"):
		return "2006-01-02T15:04:05.999999Z07:00"
	case strings.Contains(kind, "TIMESTAMP"):
		return "2006-01-02T15:04:05.999999999"
	case strings.Contains(kind, "TIME"):
		return "15:04:05.999999"
	}
	return time.DateOnly
}
