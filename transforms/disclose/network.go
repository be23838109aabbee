package disclose

import "math"

// network is a table as the search sees it: cells, slacks of inequalities behind them, and
// relations Σ sign × cell = 0, both ways round.
type network struct {
	value    []int64
	withheld []bool
	// price is what it costs to withhold a cell; −1 where it is public.
	price    []int64
	logPrice []float64
	// spare is by how much a cell can fall.
	spare []int64
	// own is what contributors know of each cell.
	own [][]Own

	// free is how many cells of a relation are withheld.
	free []int32

	from    []int32 // of relation r, incidence entries[from[r]:from[r+1]]
	entries []entry
	fromOf  []int32 // of cell i, of[fromOf[i]:fromOf[i+1]]
	of      []entry
}

// knows says that a contributor to a cell can exclude that it is changed by so much: it has contributed more than would be left, or
// all that there is.
func (n *network) knows(o Own, cell int32, change int64) bool {
	return change != 0 && (o.Figure == n.value[cell] || n.value[cell]+change < o.Figure)
}

// ownOf are the contributions to a cell; none to the slack of an inequality.
func (n *network) ownOf(cell int32) []Own {
	if int(cell) < len(n.own) {
		return n.own[cell]
	}
	return nil
}

// entry is a cell of a relation, or a relation of a cell.
type entry struct {
	at   int32
	sign int8
}

func (n *network) cellsOf(relation int32) []entry {
	return n.entries[n.from[relation]:n.from[relation+1]]
}

func (n *network) relationsOf(cell int32) []entry { return n.of[n.fromOf[cell]:n.fromOf[cell+1]] }

func newNetwork(t Table) network {
	var n network
	for _, c := range t.Cells {
		price := c.Priority + 1
		if c.Public {
			price = -1
		}
		n.add(c.Value, price, c.Value-max(c.Least, c.Largest), c.Primary)
		n.own = append(n.own, c.Own)
	}
	n.from = append(n.from, 0)
	for _, r := range t.Relations {
		n.entries = append(n.entries, entry{int32(r.Total), -1})
		slack := -t.Cells[r.Total].Value
		for _, i := range r.Parts {
			n.entries = append(n.entries, entry{int32(i), 1})
			slack += t.Cells[i].Value
		}
		if r.AtMost {
			n.entries = append(n.entries, entry{int32(len(n.value)), -1})
			n.add(slack, 0, slack, true)
		}
		n.from = append(n.from, int32(len(n.entries)))
	}
	n.turn()
	return n
}

func (n *network) add(value, price, spare int64, withheld bool) {
	n.value, n.price, n.spare = append(n.value, value), append(n.price, price), append(n.spare, spare)
	n.withheld = append(n.withheld, withheld)
	n.logPrice = append(n.logPrice, 1+math.Log2(1+float64(max(price, 0))))
}

// hold withholds a cell, or publishes it.
func (n *network) hold(i int32, withheld bool) {
	if n.withheld[i] == withheld {
		return
	}
	n.withheld[i] = withheld
	by := int32(1)
	if !withheld {
		by = -1
	}
	for _, e := range n.relationsOf(i) {
		n.free[e.at] += by
	}
}

// turn makes the relations of each cell.
func (n *network) turn() {
	n.fromOf = make([]int32, len(n.value)+1)
	for _, e := range n.entries {
		n.fromOf[e.at+1]++
	}
	for i := range n.value {
		n.fromOf[i+1] += n.fromOf[i]
	}
	n.of, n.free = make([]entry, len(n.entries)), make([]int32, len(n.from)-1)
	next := append([]int32(nil), n.fromOf...)
	for r := range len(n.from) - 1 {
		for _, e := range n.cellsOf(int32(r)) {
			n.of[next[e.at]] = entry{int32(r), e.sign}
			next[e.at]++
			if n.withheld[e.at] {
				n.free[r]++
			}
		}
	}
}
