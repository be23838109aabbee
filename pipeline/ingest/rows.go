package ingest

// rowsPerChunk is the size of a chunk of formats that come as rows.
const rowsPerChunk = 16 << 10

// rowsChunk is a run of records that come as cells, not as text.
type rowsChunk struct {
	names   []string // of the columns asked for
	columns []int
	rows    [][]cell
	lines   []int32
	bytes   int64
	// judge gives the reason for which a record is a fault, or "".
	judge func(row []cell) string
}

// Parse makes columns of the rows.
func (c *rowsChunk) Parse() (Batch, error) {
	columns := make([]*textColumn, len(c.columns))
	for k := range columns {
		columns[k] = newTextColumn(len(c.rows), 8*len(c.rows), false)
	}
	var table textTable
	table.init(len(c.rows))
	for i, row := range c.rows {
		for k, at := range c.columns {
			switch {
			case at >= len(row) || row[at].null:
				columns[k].appendNull(i)
			default:
				columns[k].appendString(i, row[at].text)
			}
		}
		table.add(c.lines[i], digestCells(row), c.judge(row))
	}
	for _, column := range columns {
		column.validate(len(c.rows))
		table.replaced += column.replaced
	}
	batch := table.batch(c.names, columns)
	batch.Bytes = c.bytes
	return batch, nil
}

// chosen gives the names of columns by index.
func chosen(names []string, columns []int) []string {
	out := make([]string, len(columns))
	for k, i := range columns {
		out[k] = names[i]
	}
	return out
}

// isEmptyRow says whether no cell holds text.
func isEmptyRow(row []cell) bool {
	for _, c := range row {
		if trimName(c.text) != "" {
			return false
		}
	}
	return true
}
