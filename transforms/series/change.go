package series

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Change is a figure estimated at two reference months. Windows of 12 months that share
// months, and panels that share persons or sampling units, are not independent: the
// covariance is part of what must be given, and where the samples have nothing in common
// it is 0.
type Change struct {
	// First and Second are the estimates, in the unit of the figure.
	First, Second float64
	// FirstVariance, SecondVariance and Covariance are in the square of that unit.
	FirstVariance, SecondVariance, Covariance float64
}

func (c Change) check() error {
	for _, v := range []float64{c.First, c.Second, c.FirstVariance, c.SecondVariance, c.Covariance} {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("change: %+v: every number must be known", c)
		}
	}
	if c.FirstVariance < 0 || c.SecondVariance < 0 {
		return fmt.Errorf("change: variances of %v and %v: they must be at least 0", c.FirstVariance, c.SecondVariance)
	}
	// The square of a deviation below 1e-154 is 0, and its product with another is not.
	lost := 1e-150 * math.Sqrt(max(c.FirstVariance, c.SecondVariance))
	if most := math.Sqrt(c.FirstVariance) * math.Sqrt(c.SecondVariance); math.Abs(c.Covariance) > most*(1+1e-9)+lost {
		return fmt.Errorf("change: a covariance of %v with variances of %v and %v: it can be no larger than %v, or the correlation would be above 1", c.Covariance, c.FirstVariance, c.SecondVariance, most)
	}
	return nil
}

// Estimate is a value with its standard error.
type Estimate struct{ Value, StdErr float64 }

// Interval is Value ± z StdErr, z the standard normal quantile.
func (e Estimate) Interval(level float64) (low, high float64, err error) {
	if err := checkLevel("the level of an interval", level); err != nil {
		return 0, 0, err
	}
	z := twoSided(level)
	return e.Value - z*e.StdErr, e.Value + z*e.StdErr, nil
}

// Difference is Second − First:
//
//	v = v₁ + v₂ − 2c
func (c Change) Difference() (Estimate, error) {
	if err := c.check(); err != nil {
		return Estimate{}, err
	}
	return Estimate{c.Second - c.First, math.Sqrt(max(0, c.FirstVariance+c.SecondVariance-2*c.Covariance))}, nil
}

// Growth is relative change: Rate 0.1 is a tenth more.
type Growth struct {
	Rate, StdErr float64
	// LogStdErr is the standard error of the logarithm of the ratio.
	LogStdErr float64
}

// Growth is Second/First − 1, by the delta method for the logarithm of the ratio:
//
//	v(ln R) = v₁/Y₁² + v₂/Y₂² − 2c/(Y₁Y₂),  StdErr = R √v(ln R)
//
// Wolter (2007), ch. 6. Both figures must be above 0. Where the coefficient of variation
// of the first is more than some 0.2 the ratio is biased, and Growth tells little.
func (c Change) Growth() (Growth, error) {
	if err := c.check(); err != nil {
		return Growth{}, err
	}
	if !(c.First > 0 && c.Second > 0) {
		return Growth{}, fmt.Errorf("growth from %v to %v: both figures must be above 0; give the difference instead", c.First, c.Second)
	}
	v := c.FirstVariance/square(c.First) + c.SecondVariance/square(c.Second) - 2*c.Covariance/(c.First*c.Second)
	s := math.Sqrt(max(0, v))
	ratio := c.Second / c.First
	return Growth{ratio - 1, ratio * s, s}, nil
}

// Interval is (1 + Rate) e^{±z LogStdErr} − 1, which never falls below −1.
func (g Growth) Interval(level float64) (low, high float64, err error) {
	if err := checkLevel("the level of an interval of growth", level); err != nil {
		return 0, 0, err
	}
	factor := math.Exp(twoSided(level) * g.LogStdErr)
	return (1+g.Rate)/factor - 1, (1+g.Rate)*factor - 1, nil
}

// Linearised is what a sampling unit of the first stage adds to an estimate: the sum of
// weight × linearised value over what was sampled in it, 0 included where it was sampled
// and holds none of the domain.
type Linearised struct {
	// Stratum and Unit are codes, the same in both months.
	Stratum, Unit int32
	Value         float64
}

// Overlap is how two samples share sampling units.
type Overlap struct {
	FirstVariance, SecondVariance, Covariance float64
	// First, Second and Common are numbers of sampling units.
	First, Second, Common int
	// Untold is the number of strata with one common unit, or common units that are all
	// alike, whose correlation is not told and is taken to be 0.
	Untold int
}

// Between is the variance of an estimate in two months and their covariance, from the
// linearised values by sampling unit, drawn with replacement or nearly so, in strata of
// n₁ and n₂ units of which m are in both samples:
//
//	v = Σ_h n_h/(n_h−1) Σ_i (z_hi − z̄_h)²,  c = Σ_h m_h/√(n₁h n₂h) · r_h √(v₁h v₂h)
//
// with r_h the correlation of z₁ and z₂ over the common units (Tam 1984, Am. Stat.
// 38:288; Berger & Priam 2016, JRSS A 179:251). With all units in common it is the usual covariance,
// with none it is 0, and never are correlations above 1. Population corrections are left
// out, so that variances are rather too great. For one sample with two linearised values
// and several stages take the covariance matrix of the design instead.
//
// Values of a unit that is given more than once in a month are added. It is an error where
// a month has one sampling unit in a stratum.
func Between(first, second []Linearised) (Overlap, error) {
	a, err := byUnit("first", first)
	if err != nil {
		return Overlap{}, err
	}
	b, err := byUnit("second", second)
	if err != nil {
		return Overlap{}, err
	}
	o := Overlap{First: len(a), Second: len(b)}
	for len(a) > 0 || len(b) > 0 {
		h := nextStratum(a, b)
		var inA, inB []Linearised
		inA, a = ofStratum(a, h)
		inB, b = ofStratum(b, h)
		if len(inA) == 1 || len(inB) == 1 {
			return Overlap{}, fmt.Errorf("change: stratum %d has %d sampling units in the first month and %d in the second: one unit alone tells no variance; join it to a like stratum", h, len(inA), len(inB))
		}
		va, vb := spread(inA), spread(inB)
		o.FirstVariance, o.SecondVariance = o.FirstVariance+va, o.SecondVariance+vb
		x, y := common(inA, inB)
		o.Common += len(x)
		if len(x) == 0 {
			continue
		}
		r, told := correlation(x, y)
		if !told {
			o.Untold++
			continue
		}
		o.Covariance += float64(len(x)) / math.Sqrt(float64(len(inA)*len(inB))) * r * math.Sqrt(va*vb)
	}
	return o, nil
}

// Change puts two estimates to the variances of an overlap.
func (o Overlap) Change(first, second float64) Change {
	return Change{first, second, o.FirstVariance, o.SecondVariance, o.Covariance}
}

// byUnit sorts by stratum and unit, and adds the values of a unit in the order given.
func byUnit(month string, values []Linearised) ([]Linearised, error) {
	if len(values) == 0 {
		return nil, fmt.Errorf("change: no sampling unit of the %s month was given: units that hold none of the domain are given with 0", month)
	}
	sorted := slices.Clone(values)
	slices.SortStableFunc(sorted, func(a, b Linearised) int {
		return cmp.Or(cmp.Compare(a.Stratum, b.Stratum), cmp.Compare(a.Unit, b.Unit))
	})
	units := sorted[:0]
	for _, v := range sorted {
		if math.IsNaN(v.Value) || math.IsInf(v.Value, 0) {
			return nil, fmt.Errorf("change: unit %d of stratum %d in the %s month has the value %v: it must be a number", v.Unit, v.Stratum, month, v.Value)
		}
		if n := len(units); n > 0 && units[n-1].Stratum == v.Stratum && units[n-1].Unit == v.Unit {
			units[n-1].Value += v.Value
			continue
		}
		units = append(units, v)
	}
	return units, nil
}

// nextStratum is the lowest stratum left in either list.
func nextStratum(a, b []Linearised) int32 {
	if len(b) == 0 || len(a) > 0 && a[0].Stratum < b[0].Stratum {
		return a[0].Stratum
	}
	return b[0].Stratum
}

// ofStratum parts a sorted list after the units of its first stratum, if that is h.
func ofStratum(units []Linearised, h int32) (inside, rest []Linearised) {
	n := 0
	for n < len(units) && units[n].Stratum == h {
		n++
	}
	return units[:n], units[n:]
}

// spread is n/(n−1) Σ (z − z̄)², and 0 of nothing.
func spread(units []Linearised) float64 {
	if len(units) == 0 {
		return 0
	}
	z := make([]float64, len(units))
	for i, u := range units {
		z[i] = u.Value
	}
	return float64(len(z)) * variance(z)
}

// common are the values of units that are in both sorted lists.
func common(a, b []Linearised) (x, y []float64) {
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i].Unit < b[j].Unit:
			i++
		case a[i].Unit > b[j].Unit:
			j++
		default:
			x, y = append(x, a[i].Value), append(y, b[j].Value)
			i, j = i+1, j+1
		}
	}
	return x, y
}

// correlation is Pearson's, not told by one pair or where either side is constant.
func correlation(x, y []float64) (r float64, told bool) {
	mx, my := mean(x), mean(y)
	var xx, xy, yy float64
	for i := range x {
		xx, xy, yy = xx+square(x[i]-mx), xy+(x[i]-mx)*(y[i]-my), yy+square(y[i]-my)
	}
	if xx == 0 || yy == 0 {
		return 0, false
	}
	return max(-1, min(1, xy/math.Sqrt(xx*yy))), true
}
