package weight

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// Auxiliary is the n × p matrix of auxiliary variables x, whose population
// totals are known. It is sparse by rows: of a margin of classes each unit has
// a single 1.
type Auxiliary struct {
	// Names are the variables' names, for messages and tables.
	Names []string
	start []int32
	index []int32
	value []float64
}

// NewAuxiliary is an empty matrix of the named variables, to which rows are added.
func NewAuxiliary(names ...string) *Auxiliary {
	return &Auxiliary{Names: names, start: []int32{0}}
}

// Add appends the row of the next unit: the values at some columns, in
// ascending order; the others are 0.
func (a *Auxiliary) Add(columns []int32, values []float64) {
	a.index = append(a.index, columns...)
	a.value = append(a.value, values...)
	a.start = append(a.start, int32(len(a.index)))
}

// Rows is the number of units.
func (a *Auxiliary) Rows() int { return len(a.start) - 1 }

// row gives the columns and values of unit k.
func (a *Auxiliary) row(k int) ([]int32, []float64) {
	i, j := a.start[k], a.start[k+1]
	return a.index[i:j], a.value[i:j]
}

// Dot is x_k'b.
func (a *Auxiliary) Dot(k int, b []float64) float64 {
	columns, values := a.row(k)
	var sum float64
	for i, c := range columns {
		sum += values[i] * b[c]
	}
	return sum
}

// AddTo adds factor times x_k to a sum of p values.
func (a *Auxiliary) AddTo(sum []float64, factor float64, k int) {
	columns, values := a.row(k)
	for i, c := range columns {
		sum[c] += factor * values[i]
	}
}

// Sum is Σ f_k x_k, in order of the units.
func (a *Auxiliary) Sum(f []float64) []float64 {
	sum := make([]float64, len(a.Names))
	for k := range f {
		a.AddTo(sum, f[k], k)
	}
	return sum
}

// Product is Σ f_k x_k x_kᵀ.
func (a *Auxiliary) Product(f []float64) *mat.SymDense {
	product := mat.NewSymDense(len(a.Names), nil)
	raw := product.RawSymmetric()
	for k := range f {
		columns, values := a.row(k)
		for i, r := range columns {
			for j := i; j < len(columns); j++ { // columns ascend: the upper triangle
				raw.Data[int(r)*raw.Stride+int(columns[j])] += f[k] * values[i] * values[j]
			}
		}
	}
	return product
}

// Margin is a classification of the population: the total of each class, and
// the class of each unit.
type Margin struct {
	Name string
	// Classes names the classes, Totals has the population of each.
	Classes []string
	Totals  []float64
	// Of is the class of each unit, an index of Classes.
	Of []int32
}

// Margins is the matrix of the indicators of all classes of some margins, and
// the totals to be met.
func Margins(margins ...Margin) (*Auxiliary, []float64) {
	a := NewAuxiliary()
	a.start = []int32{0}
	var totals []float64
	var base []int32
	for _, m := range margins {
		base = append(base, int32(len(a.Names)))
		for i, class := range m.Classes {
			a.Names = append(a.Names, m.Name+" = "+class)
			totals = append(totals, m.Totals[i])
		}
	}
	ones := make([]float64, len(margins))
	columns := make([]int32, len(margins))
	for k := range margins[0].Of {
		for m := range margins {
			columns[m], ones[m] = base[m]+margins[m].Of[k], 1
		}
		a.Add(columns, ones)
	}
	return a, totals
}

// CheckMargins is the template of a calibration, looked at before any work:
// every class has one total, no total is negative, the margins agree on the size
// of the population, and no class of the population is without a respondent,
// whose weight could stand for it.
func CheckMargins(margins ...Margin) error {
	if len(margins) == 0 {
		return refuse("校正に使う周辺分布（margins）を一つ以上指定してください。",
			"calibration: name at least one margin")
	}
	var population float64
	for i, m := range margins {
		if len(m.Totals) != len(m.Classes) {
			return fmt.Errorf("margin %s: %d totals for %d classes: give one for each", m.Name, len(m.Totals), len(m.Classes))
		}
		respondents := make([]int, len(m.Classes))
		for k, c := range m.Of {
			if c < 0 || int(c) >= len(m.Classes) {
				return refuse("周辺分布 %s: 回答者 %d の区分に人口がありません。区分を人口の表に加えるか、その行を除いてください。",
					"margin %s: unit %d is in no class that has a total: add the class to the totals, or leave the unit out", m.Name, k+1)
			}
			respondents[c]++
		}
		var sum float64
		for c, total := range m.Totals {
			if !(total >= 0) || math.IsInf(total, 0) {
				return refuse("周辺分布 %s の区分 %s の人口が %v です。人数にしてください。",
					"margin %s, class %s: the total is %v: it must be a number of persons", m.Name, m.Classes[c], total)
			}
			if total > 0 && respondents[c] == 0 {
				return refuse("周辺分布 %s の区分 %s は人口 %v 人に対して回答者がいません。似た区分と合わせてください。",
					"margin %s, class %s: %v persons in the population and no respondent: join the class to a like one", m.Name, m.Classes[c], total)
			}
			if total == 0 && respondents[c] > 0 {
				return refuse("周辺分布 %s の区分 %s は人口 0 人なのに回答者が %d 人います。人口を直すか、その行を除いてください。",
					"margin %s, class %s: %d respondents of a class that has nobody in the population: mend the total, or leave them out", m.Name, m.Classes[c], respondents[c])
			}
			sum += total
		}
		if i == 0 {
			population = sum
		}
		if math.Abs(sum-population) > 1e-8*population {
			return refuse("周辺分布 %s と %s の人口の合計が %.10g 人と %.10g 人で食い違います。同じ統計、同じ時点のものを使ってください。",
				"margins %s and %s contradict each other: their totals add up to %.10g and %.10g persons: take both from one statistic of one day", margins[0].Name, m.Name, population, sum)
		}
	}
	return nil
}
