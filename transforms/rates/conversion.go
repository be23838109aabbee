package rates

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// Factors make the retrospective conversion rate, movers who had been related per person
// related:
//
//	c = p I / N
type Factors struct {
	// RelatedBefore is p, the share of the movers who had been related to the region.
	RelatedBefore Proportion
	// InMigrants is I, the persons who moved in, and Relational is N, the relational
	// population at the time.
	InMigrants, Relational Total
}

// Proportion is an estimated share with the size of the simple random sample that would
// have its error.
type Proportion struct{ Value, EffectiveSize float64 }

// ProportionOf is the share of those with the event in a simple random sample.
func ProportionOf(c Count) Proportion {
	return Proportion{float64(c.Events) / float64(c.Persons), float64(c.Persons)}
}

// EffectiveProportion is the share of a complex sample of so many persons by its standard
// error: p(1 − p)/v persons, or all of them where the error is 0, as it is of a share of 0.
func EffectiveProportion(value, stdErr float64, persons int64) Proportion {
	if stdErr == 0 {
		return Proportion{value, float64(persons)}
	}
	return Proportion{value, value * (1 - value) / square(stdErr)}
}

// ProportionFromInterval is a share by its value and interval of a level, taken as symmetric
// on the logit: the size of the sample with that error, 1/(p(1 − p) s²), s = (logit high −
// logit low)/2z. It is an error where the three are not inside 0 to 1 and in order.
func ProportionFromInterval(value, low, high, level float64) (Proportion, error) {
	if err := checkLevel(level); err != nil {
		return Proportion{}, err
	}
	if !(low > 0 && low < value && value < high && high < 1) {
		return Proportion{}, fmt.Errorf("a share of %v from %v to %v: wanted are three between 0 and 1, in order", value, low, high)
	}
	s := (math.Log(high/(1-high)) - math.Log(low/(1-low))) / (2 * twoSided(level))
	return Proportion{value, 1 / (value * (1 - value) * s * s)}, nil
}

// Total is a number of persons with its standard error, 0 where it was counted.
type Total struct{ Value, StdErr float64 }

// TotalFromInterval is a total by its interval of a level, whose logarithm is taken as
// normal: √(low·high), with the error that makes the interval again. It is an error where
// an end is not above 0 or the two are not in order.
func TotalFromInterval(low, high, level float64) (Total, error) {
	if err := checkLevel(level); err != nil {
		return Total{}, err
	}
	if !(low > 0 && low <= high) || math.IsInf(high, 0) {
		return Total{}, fmt.Errorf("a total from %v to %v: wanted are ends above 0, in order", low, high)
	}
	value := math.Sqrt(low * high)
	return Total{value, value * math.Log(high/low) / (2 * twoSided(level))}, nil
}

// Rate is a conversion rate with its standard error and interval.
type Rate struct{ Value, StdErr, Low, High float64 }

// Scale is where the delta interval is symmetric.
type Scale int

const (
	// LogScale is of rates that may come out above 1, as estimated ones can.
	LogScale Scale = iota
	// LogitScale never leaves 0 to 1.
	LogitScale
)

// Conversion is c with the interval of the delta method, the three factors independent:
//
//	v(ln c) = (1 − p)/(n p) + v(I)/I² + v(N)/N²
//	ln c ± z √v, or ln c/(1 − c) ± z √v/(1 − c)
//
// Where p = 0 nothing of that is defined: the rate is 0, and the interval goes from 0 to
// the Clopper–Pearson end of p times I/N times e^{z√(v(I)/I² + v(N)/N²)}, which holds at
// least at its level; the standard error is then that of p(n + 1 persons, ½ of them with
// the event). Where nobody moved in (I = 0, counted) the rate is 0 without error. A rate
// of 1 or more contradicts itself (more had been related among the movers than are related)
// and has no logit interval: an error, as are factors that are no shares or totals and an I
// of 0 that was not counted.
func Conversion(f Factors, scale Scale, level float64) (Rate, error) {
	if err := f.check(level); err != nil {
		return Rate{}, err
	}
	p, n, z := f.RelatedBefore.Value, f.RelatedBefore.EffectiveSize, twoSided(level)
	ratio := f.InMigrants.Value / f.Relational.Value
	if ratio == 0 {
		return Rate{}, nil
	}
	others := square(f.InMigrants.StdErr/f.InMigrants.Value) + square(f.Relational.StdErr/f.Relational.Value)
	if p == 0 {
		_, high := BetaInterval(0, n, level)
		half := 0.5 / (n + 1)
		return Rate{StdErr: ratio * math.Sqrt(half*(1-half)/(n+1)), High: high * ratio * math.Exp(z*math.Sqrt(others))}, nil
	}
	relative := math.Sqrt((1-p)/(n*p) + others)
	r := Rate{Value: p * ratio}
	r.StdErr = r.Value * relative
	switch scale {
	case LogScale:
		r.Low, r.High = r.Value*math.Exp(-z*relative), r.Value*math.Exp(z*relative)
	case LogitScale:
		if r.Value >= 1 {
			return r, fmt.Errorf("a conversion rate of %v: there are more movers who had been related than persons related", r.Value)
		}
		r.Low, r.High = LogitInterval(r.Value, r.StdErr, z)
	default:
		return r, fmt.Errorf("no scale of a conversion rate is %d", scale)
	}
	return r, nil
}

// BootstrapConversion is c with the standard deviation and the equal-tailed quantiles of
// draws of the three factors, independent: p from Beta(np + ½, n(1 − p) + ½), which has an
// upper end also where p = 0 (the low end is then 0), I and N from log-normal laws about
// their values with variance ln(1 + v/value²). The seed decides the draws.
//
// Errors are those of [Conversion], but for rates of 1 or more, and fewer than 100 draws.
func BootstrapConversion(f Factors, level float64, draws int, seed uint64) (Rate, error) {
	if err := f.check(level); err != nil {
		return Rate{}, err
	}
	if draws < 100 {
		return Rate{}, fmt.Errorf("%d draws of a conversion rate: at least 100 are wanted", draws)
	}
	random := rand.New(rand.NewPCG(seed, 0x636f6e7665727421))
	p, n := f.RelatedBefore.Value, f.RelatedBefore.EffectiveSize
	share := distuv.Beta{Alpha: n*p + 0.5, Beta: n*(1-p) + 0.5, Src: random}
	values := make([]float64, draws)
	var sum, squares float64
	for i := range values {
		v := share.Rand() * f.InMigrants.draw(random) / f.Relational.draw(random)
		values[i] = v
		sum += v
	}
	for _, v := range values {
		squares += square(v - sum/float64(draws))
	}
	slices.Sort(values)
	r := Rate{
		Value: p * f.InMigrants.Value / f.Relational.Value, StdErr: math.Sqrt(squares / float64(draws-1)),
		Low: quantileOf(values, (1-level)/2), High: quantileOf(values, (1+level)/2),
	}
	if p == 0 {
		r.Low = 0
	}
	return r, nil
}

func (t Total) draw(random *rand.Rand) float64 {
	if t.StdErr == 0 {
		return t.Value
	}
	return t.Value * math.Exp(random.NormFloat64()*math.Sqrt(math.Log1p(square(t.StdErr/t.Value))))
}

// quantileOf is of sorted values, linear between them, (n − 1)p from the first.
func quantileOf(sorted []float64, p float64) float64 {
	at := p * float64(len(sorted)-1)
	i := min(int(at), len(sorted)-2)
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}

func (f Factors) check(level float64) error {
	if err := checkLevel(level); err != nil {
		return err
	}
	p := f.RelatedBefore
	if !(p.Value >= 0 && p.Value <= 1 && p.EffectiveSize > 0) {
		return fmt.Errorf("the share of movers related before is %v of %v persons: wanted is a share of at least one", p.Value, p.EffectiveSize)
	}
	if err := f.InMigrants.check("in-migrants"); err != nil {
		return err
	}
	if f.InMigrants.Value == 0 && f.InMigrants.StdErr > 0 {
		return fmt.Errorf("in-migrants are 0 ± %v: an estimate of 0 has no relative error", f.InMigrants.StdErr)
	}
	if err := f.Relational.check("relational population"); err != nil {
		return err
	}
	if f.Relational.Value == 0 {
		return fmt.Errorf("the relational population is 0: nobody could move")
	}
	return nil
}

func (t Total) check(what string) error {
	if !(t.Value >= 0 && t.StdErr >= 0) || math.IsInf(t.Value, 0) || math.IsInf(t.StdErr, 0) {
		return fmt.Errorf("%s of %v ± %v: wanted are numbers of at least 0", what, t.Value, t.StdErr)
	}
	return nil
}
