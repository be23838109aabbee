package ingest

// rowsPerChunk is the size of a chunk of formats that come as rows.
const rowsPerChunk = 16 << 10

// cellsPerChunk ends a chunk of wide rows before.
const cellsPerChunk = 2 << 20

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
	p := newRowsParser(c.names, c.columns, len(c.rows))
	for i, row := range c.rows {
		p.add(row, c.lines[i], c.judge(row))
	}
	batch := p.batch()
	batch.Bytes = c.bytes
	return batch, nil
}

// rowsParser makes columns of rows, one after another.
type rowsParser struct {
	names []string // of the columns asked for
	at    []int    // where they stand in a row
	texts []*textColumn
	table textTable
}

// newRowsParser expects about so many rows.
func newRowsParser(names []string, columns []int, rows int) *rowsParser {
	p := &rowsParser{names: names, at: columns, texts: make([]*textColumn, len(columns))}
	for k := range p.texts {
		p.texts[k] = newTextColumn(rows, 8*rows, false)
	}
	p.table.init(rows)
	return p
}

// add adds a row that starts on a line, with the reason for which it is a fault, or "".
func (p *rowsParser) add(row []cell, line int32, reason string) {
	for k, at := range p.at {
		if at >= len(row) || row[at].null {
			p.texts[k].appendNull(p.table.rows)
		} else {
			p.texts[k].appendString(p.table.rows, row[at].text)
		}
	}
	p.table.add(line, digestCells(row), Fault{Reason: reason})
}

func (p *rowsParser) batch() Batch {
	for _, column := range p.texts {
		column.validate(p.table.rows)
		p.table.replaced += column.replaced
	}
	return p.table.batch(p.names, p.texts)
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
