package disclose

import "slices"

// Suppression is what may be published of a table.
type Suppression struct {
	// Withheld says of every cell whether it is.
	Withheld []bool
	// Secondary are the positions of the cells withheld for others, in ascending order.
	Secondary []int
	// Unprotected are the primary cells that withholding cannot protect as asked, in ascending
	// order: what is public already tells too much. Nothing may be published while there are any.
	Unprotected []int
	// Proofs are the other tables that readers of what is published cannot exclude.
	Proofs []Proof
	// Loss is what it costs.
	Loss Loss
}

// Proof is a table that agrees with everything published: the values of the true one, but
// that of Cells[k] is changed by Changes[k]. It shows that those cells can be that far from
// their values, and so how wide the interval of an attacker is at least.
type Proof struct {
	Cells   []int
	Changes []int64
}

// Loss counts what is withheld. The shares are of all cells that are not public already, and
// of their values.
type Loss struct {
	Cells, Primary, Secondary  int
	Value, SecondaryValue      int64
	ShareOfCells, ShareOfValue float64
}

func (s *search) result() Suppression {
	n := len(s.table.Cells)
	out := Suppression{Withheld: slices.Clone(s.withheld[:n]), Unprotected: s.failed}
	values := int64(0)
	for i, c := range s.table.Cells {
		if c.Public {
			continue
		}
		out.Loss.Cells++
		values += c.Value
		switch {
		case !s.withheld[i]:
			continue
		case c.Primary:
			out.Loss.Primary++
		default:
			out.Secondary = append(out.Secondary, i)
			out.Loss.Secondary++
			out.Loss.SecondaryValue += c.Value
		}
		out.Loss.Value += c.Value
	}
	if out.Loss.Cells > 0 {
		out.Loss.ShareOfCells = float64(out.Loss.Primary+out.Loss.Secondary) / float64(out.Loss.Cells)
	}
	if values > 0 {
		out.Loss.ShareOfValue = float64(out.Loss.Value) / float64(values)
	}
	for k, m := range s.proofs {
		if k < len(s.used) && s.used[k] {
			out.Proofs = append(out.Proofs, m.proof(n))
		}
	}
	return out
}
