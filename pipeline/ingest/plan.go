package ingest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/clean"
)

// WrongMapping is the reason of a file whose header lacks what its mapping cannot do without.
const WrongMapping = "wrong_mapping"

// plan is a mapping bound to the header of one file.
type plan struct {
	mapping *Mapping
	// columns are the indexes into the header of the columns that are read, in
	// order; everything else of the plan speaks of positions in it.
	columns []int
	// names are the headings of these columns.
	names   []string
	records []boundRecord
	// fields counts the bound fields of all records, and headers names the columns of each.
	fields  int
	headers []string
	// personal says of each field whether its values may be shown.
	personal []bool
	kinds    []valueKind
	// cells names, per field, the columns read, by position.
	cells [][]int
	// lookups are the value tables of the fields, nil where they have none.
	lookups []*lookup
	// dates and codes are the indexes in the header of the columns of dates and of region codes.
	dates, codes []int
	nulls        map[string]bool
	// incomplete tells answers that were never sent; nil: all were.
	incomplete *boundCondition
	// entities says that cells carry HTML entities.
	entities bool
	unplaced []string
	missing  []string
}

// boundRecord is one row to be made of every record of the file.
type boundRecord struct {
	dataset string
	when    *boundCondition // nil: always
	steps   []step
	targets []string // of the steps, for messages
	first   int      // index of the first step among the fields of the plan
	land    lander
}

type boundCondition struct {
	column int // -1: the file has no such column
	equals []string
}

// binder binds the fields of a mapping to a header.
type binder struct {
	mapping *Mapping
	format  Format
	header  []string
	at      map[string]int // folded header → its first index
	found   writing
	plan    *plan
}

// bind lays the mapping over a header. found is how its columns are
// written, as far as that is known.
func (m *Mapping) bind(file string, format Format, header []string, set map[string]string, found writing) (*plan, error) {
	b := &binder{mapping: m, format: format, header: header, at: map[string]int{}, found: found,
		plan: &plan{mapping: m, nulls: map[string]bool{}, entities: m.Entities != ""}}
	for i, h := range slices.Backward(header) {
		b.at[foldHeader(h)] = i
	}
	if missing := b.missingColumns(); len(missing) > 0 {
		return nil, wrongMapping(file, m, header, missing)
	}
	for _, null := range m.Nulls {
		b.plan.nulls[null] = true
	}
	b.plan.incomplete = b.condition(m.Incomplete)
	for i := range m.Records {
		if err := b.record(&m.Records[i], set); err != nil {
			return nil, err
		}
	}
	if len(b.plan.columns) == 0 {
		return nil, wrongMapping(file, m, header, b.plan.missing)
	}
	b.plan.dates = b.columnsOf(func(f *Field) bool {
		kind := targets[f.Target].kind
		return (kind == dateValue || kind == instantValue) && m.DateOrder == ""
	})
	b.plan.codes = b.columnsOf(func(f *Field) bool { return strings.HasSuffix(f.Target, ".code") })
	b.plan.unplaced = b.unplaced()
	return b.plan, nil
}

// find gives the index in the header of the first of several names, or -1.
func (b *binder) find(names Names) int {
	for _, name := range names {
		if i, ok := b.at[foldHeader(name)]; ok {
			return i
		}
	}
	return -1
}

// missingColumns lists the required columns that the header lacks.
func (b *binder) missingColumns() []string {
	var missing []string
	for _, names := range b.mapping.wants() {
		if b.find(names) < 0 && !slices.Contains(missing, names[0]) {
			missing = append(missing, names[0])
		}
	}
	return missing
}

// use gives the position among the columns read of a column of the header.
func (b *binder) use(column int) int {
	if at := slices.Index(b.plan.columns, column); at >= 0 {
		return at
	}
	b.plan.columns = append(b.plan.columns, column)
	b.plan.names = append(b.plan.names, b.header[column])
	return len(b.plan.columns) - 1
}

// record binds one record: its condition, and those of its fields whose columns the file has.
func (b *binder) record(r *Record, set map[string]string) error {
	bound := boundRecord{dataset: r.Dataset, when: b.condition(r.When), first: b.plan.fields, land: landers[r.Dataset]}
	fields, err := override(r, set)
	if err != nil {
		return err
	}
	for i := range fields {
		b.field(&bound, &fields[i])
	}
	b.plan.records = append(b.plan.records, bound)
	return nil
}

// condition binds a condition, nil where there is none.
func (b *binder) condition(c *Condition) *boundCondition {
	if c == nil {
		return nil
	}
	bound := &boundCondition{column: -1, equals: c.Equals}
	if i := b.find(c.Column); i >= 0 {
		bound.column = b.use(i)
	}
	return bound
}

// override gives the fields of a record after the constants of its source.
func override(r *Record, set map[string]string) ([]Field, error) {
	fields := slices.Clone(r.Fields)
	for _, name := range sortedKeys(set) {
		t, ok := targets[name]
		if !ok {
			return nil, fmt.Errorf("set: %s is no field of %s", name, r.Dataset)
		}
		if len(t.codes) > 0 && !slices.Contains(t.codes, set[name]) {
			return nil, fmt.Errorf("set: %s has no code %s", name, set[name])
		}
		if !slices.Contains(t.datasets, r.Dataset) {
			continue
		}
		value := set[name]
		constant := Field{Target: name, Const: &value}
		if i := slices.IndexFunc(fields, func(f Field) bool { return f.Target == name }); i >= 0 {
			fields[i] = constant
		} else {
			fields = append(fields, constant)
		}
	}
	return fields, nil
}

// field binds one field, or notes its columns as missing.
func (b *binder) field(r *boundRecord, f *Field) {
	bound := binding{field: f, index: b.plan.fields, lookup: newLookup(f)}
	var header []string
	for _, names := range f.columns() {
		i := b.find(names)
		if i < 0 {
			b.miss(names[0])
			continue
		}
		b.take(&bound, i)
		header = append(header, b.header[i])
		if f.Flags != nil {
			bound.flags = append(bound.flags, f.Flags[names[0]])
		}
	}
	if f.Pattern != "" {
		if i := b.match(f.Pattern); i >= 0 {
			b.take(&bound, i)
			header = append(header, b.header[i])
		} else {
			b.miss(f.Pattern)
		}
	}
	switch {
	case f.Const != nil:
		bound.text = constant(*f.Const)
	case len(bound.columns) == 0:
		return
	case len(f.Join) > 0:
		separator := " "
		if f.Separator != nil {
			separator = *f.Separator
		}
		bound.text = joined(bound.columns, separator, targets[f.Target].whole)
	case len(f.First) > 0:
		bound.text = firstOf(bound.columns)
	default:
		bound.text = single(bound.columns[0])
	}
	if f.When != nil {
		bound.text = conditional(b.condition(f.When), bound.text)
	}
	if bound.serial = b.format.serialDay(); bound.serial == nil && f.Parse == "excel_serial" {
		bound.serial = clean.ExcelSerial
	}
	r.steps = append(r.steps, targets[f.Target].bind(bound))
	r.targets = append(r.targets, f.Target)
	b.plan.headers = append(b.plan.headers, strings.Join(header, ", "))
	b.plan.personal = append(b.plan.personal, f.personal())
	b.plan.kinds = append(b.plan.kinds, targets[f.Target].kind)
	b.plan.cells = append(b.plan.cells, bound.columns)
	b.plan.lookups = append(b.plan.lookups, bound.lookup)
	b.plan.fields++
}

// translates says whether a text is one of the values of a column.
func (p *plan) translates(column int, s string) bool {
	for field, columns := range p.cells {
		if l := p.lookups[field]; l != nil && slices.Contains(columns, column) {
			if _, known := l.exact[s]; known {
				return true
			}
		}
	}
	return false
}

// take adds a column of the header to those a field reads.
func (b *binder) take(bound *binding, column int) {
	if len(bound.columns) == 0 {
		bound.order, bound.form = b.order(column), b.found.forms[column]
	}
	bound.columns = append(bound.columns, b.use(column))
	bound.orders = append(bound.orders, b.order(column))
}

// order is the order of day and month in a column: as the mapping states, or as its values showed.
func (b *binder) order(column int) clean.DateOrder {
	switch b.mapping.DateOrder {
	case "day_first":
		return clean.DayFirst
	case "month_first":
		return clean.MonthFirst
	}
	return b.found.orders[column]
}

func (b *binder) miss(name string) {
	if !slices.Contains(b.plan.missing, name) {
		b.plan.missing = append(b.plan.missing, name)
	}
}

// unplaced lists the columns that no field reads.
func (b *binder) unplaced() []string {
	var rest []string
	for i, h := range b.header {
		if h != "" && !slices.Contains(b.plan.columns, i) {
			rest = append(rest, h)
		}
	}
	return rest
}

// columnsOf lists the header indexes of the columns that fields of some sort
// read. Joined columns are left out: none of them is a value by itself.
func (b *binder) columnsOf(sort func(*Field) bool) []int {
	var columns []int
	for i := range b.mapping.Records {
		for j := range b.mapping.Records[i].Fields {
			f := &b.mapping.Records[i].Fields[j]
			if !sort(f) || len(f.Join) > 0 {
				continue
			}
			for _, column := range b.columnsRead(f) {
				if !slices.Contains(columns, column) {
					columns = append(columns, column)
				}
			}
		}
	}
	slices.Sort(columns)
	return columns
}

// columnsRead lists the header indexes of the columns a field reads.
func (b *binder) columnsRead(f *Field) []int {
	var columns []int
	for _, names := range f.columns() {
		if i := b.find(names); i >= 0 {
			columns = append(columns, i)
		}
	}
	if f.Pattern != "" {
		if i := b.match(f.Pattern); i >= 0 {
			columns = append(columns, i)
		}
	}
	return columns
}

// match gives the index in the header of the first column a pattern matches, or -1.
func (b *binder) match(pattern string) int {
	re := regexp.MustCompile("(?i)" + pattern)
	return slices.IndexFunc(b.header, func(h string) bool { return re.MatchString(foldHeader(h)) })
}

// wrongMapping refuses a file whose header is not the mapping's.
func wrongMapping(file string, m *Mapping, header, missing []string) *Refusal {
	found := strings.Join(showHeader(header), ", ")
	want := strings.Join(missing, ", ")
	return &Refusal{
		File: file, Reason: WrongMapping,
		Found: schemas.Text{JA: fmt.Sprintf("マッピング %s に必要な列がありません：%s。見つかった列：%s。", m.ID, want, found),
			EN: fmt.Sprintf("the columns that mapping %s needs are missing: %s. Columns found: %s.", m.ID, want, found)},
		Do: schemas.Text{JA: "kankei inspect で形式を確かめ、sources の mapping か書き出しの設定を直してください。",
			EN: "Check the format with kankei inspect, then correct the source's mapping or the settings of the export."},
	}
}

// showHeader gives the names of the columns if they are names. In a file
// without a header its first record stands in their place, and a record names
// people: then only shapes are shown.
func showHeader(header []string) []string {
	if isHeader(header) {
		return header
	}
	shapes := make([]string, len(header))
	for i, h := range header {
		shapes[i] = clean.Shape(h)
	}
	return shapes
}

// isHeader says whether a row is one of column names: some mapping knows one
// of them, or none looks like a value.
func isHeader(row []string) bool {
	known := knownHeaders()
	for _, cell := range row {
		if known[foldHeader(cell)] {
			return true
		}
	}
	return !slices.ContainsFunc(row, looksLikeValue)
}

// looksLikeValue says whether a text is a date, a number, an address of some
// kind: what column names are not.
func looksLikeValue(s string) bool {
	if _, ok := clean.Date(s, clean.DayFirst); ok {
		return true
	}
	if _, ok := clean.Decimal(s); ok {
		return true
	}
	return strings.Contains(s, "@") || clean.NormalPhone(s) != ""
}

// knownHeaders are the headers that built-in mappings know, folded.
func knownHeaders() map[string]bool {
	known := map[string]bool{}
	for _, m := range builtins() {
		for _, h := range m.headers() {
			known[foldHeader(h)] = true
		}
	}
	return known
}
