package series

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/kankei/kankei/schemas"
)

// Arrival is how many of a month came to be known in another: below 0 where corrections
// and cancellations take away more than comes. Rows of the same two months are added.
type Arrival struct {
	// Month is any day of the month of stay, and Known of the month of knowledge. What is
	// known before the month of stay, as of bookings made ahead, counts to its first delay.
	Month, Known schemas.Date
	Count        float64
}

// Plan says how months are nowcast and flagged.
type Plan struct {
	// Through is any day of the last month of knowledge that is complete; what was known
	// later is not looked at, so that an earlier state can be had again. It is the last
	// month of stay too.
	Through schemas.Date
	// Since is any day of the first month of knowledge whose arrivals were taken down as
	// they came; a first load of old months, all known at once, tells nothing of delays.
	Since schemas.Date
	// Delays is how many months a month takes to be complete, its own included.
	Delays int
	// Level is the probability of revision intervals, as 0.95.
	Level float64
	// Harmonic is the season that flags are judged by, and Alpha the probability of any
	// flag in a series where nothing stands out, as 0.05.
	Harmonic Harmonic
	Alpha    float64
	// Exposure is of every month from the first of stay to Through, as its days or the
	// houses that report, or nil.
	Exposure []float64
}

// MonthFigure is a month as it is known, will be, and was to be expected.
type MonthFigure struct {
	// Month is the last day of the month of stay.
	Month schemas.Date
	// Nowcast is what has arrived and will have; of a complete month they are one, and
	// later arrivals are in it. Low and High are its revision interval.
	Nowcast
	Low, High float64
	// Arriving tells that the month is younger than Plan.Delays. Untold are those of
	// which nothing arrived by some delay, so that no factor leads on: Value and what
	// follows from it are NaN.
	Arriving, Untold bool
	// Expected and Score are as in [CountOutliers]; a month still arriving is judged by the
	// complete ones, the error of its nowcast is added to the variance, and Student's
	// quantile has the lesser degrees of freedom of the two. Both are NaN where the month
	// is not judged.
	Expected, Score float64
	// Flag is +1 where the month has more than its limit, −1 where it has less, else 0.
	Flag int
}

// Monthly is a series of months with what it rests on.
type Monthly struct {
	Months []MonthFigure
	// Power is p of the variance of arrivals, and Completeness the share that has arrived by
	// each delay; both of nothing where all months are complete.
	Power        float64
	Completeness []float64
	// Late is what arrived after the last delay, of months since Plan.Since: where it is
	// not small, Plan.Delays is.
	Late float64
	// Unjudged says why no month was judged, and is empty where some were.
	Unjudged string
}

// Describe nowcasts the months of stay that are still arriving and flags those that
// stand out:
//
//	m, err := series.Describe(arrivals, series.Plan{Through: last, Since: first, Delays: 6,
//		Level: 0.95, Harmonic: series.Harmonic{Period: 12, Pairs: 2, Trend: true}, Alpha: 0.05})
//
// Months go without gaps from the first of any arrival to Through, and a month without
// rows has 0. Nowcasts are of [ChainLadderOfPower] with [VariancePower] and
// [Development.Hindcast]; flags are of [OutlyingCounts] on complete months and, by a fit to
// those without a flag, on the months still arriving.
//
// It is an error where Since leaves no month that is complete, so that no factor is known,
// where a month from before Since is not complete by Through, or where arrivals so far
// are fewer than 0. A series that is too short for its season, or whose likelihood has no
// maximum, is nowcast and not judged: Unjudged says so.
func Describe(arrivals []Arrival, p Plan) (Monthly, error) {
	if err := p.check(); err != nil {
		return Monthly{}, err
	}
	table, first := p.table(arrivals)
	if len(table) == 0 {
		return Monthly{}, fmt.Errorf("monthly figures: nothing had arrived by %v of any month up to then", p.Through.MonthEnd())
	}
	m := Monthly{Months: make([]MonthFigure, len(table))}
	var told []int // months that the triangle holds
	var triangle Triangle
	for i, row := range table {
		figure, since := &m.Months[i], first+i >= monthNumber(p.Since)
		figure.Month = p.Through.AddMonths(i + 1 - len(table))
		for k, c := range row {
			if !(c >= 0) || math.IsInf(c, 0) {
				return m, fmt.Errorf("monthly figures: of %v there had arrived %v by delay %d: it must be at least 0", figure.Month, c, k+1)
			}
		}
		known := row[len(row)-1]
		figure.Nowcast = Nowcast{known, known, 0, math.Inf(1)}
		figure.Low, figure.High = known, known
		figure.Arriving = len(row) < p.Delays
		if figure.Arriving && !since {
			return m, fmt.Errorf("monthly figures: %v is not complete after %d delays by %v, and from before %v, since when delays are known", figure.Month, p.Delays, p.Through.MonthEnd(), p.Since)
		}
		if !since {
			continue
		}
		m.Late += known - row[min(len(row), p.Delays)-1]
		row = row[:min(len(row), p.Delays)]
		switch {
		case slices.Min(row) > 0:
			triangle, told = append(triangle, row), append(told, i)
		case figure.Arriving:
			figure.Untold, figure.Value, figure.StdErr, figure.Low, figure.High = true, math.NaN(), math.NaN(), math.NaN(), math.NaN()
		}
	}
	if err := m.nowcast(triangle, told, p); err != nil {
		return m, err
	}
	if err := m.judge(p); err != nil {
		m.Unjudged = err.Error()
	}
	return m, nil
}

func (p Plan) check() error {
	if p.Delays < 1 {
		return fmt.Errorf("monthly figures: %d delays: a month has one at least, its own", p.Delays)
	}
	if err := checkLevel("the level of a revision interval", p.Level); err != nil {
		return err
	}
	return checkLevel("the probability of a false flag", p.Alpha)
}

// monthNumber counts months without gaps.
func monthNumber(d schemas.Date) int {
	year, month, _ := d.Civil()
	return 12*year + month - 1
}

// table is what had arrived of each month by each delay up to Through, with the number of
// the first month. Rows are added in the order of months, whatever the order they came in.
func (p Plan) table(arrivals []Arrival) (table Triangle, first int) {
	through := monthNumber(p.Through)
	type cell struct {
		month, delay int
		count        float64
	}
	var cells []cell
	for _, a := range arrivals {
		month, known := monthNumber(a.Month), monthNumber(a.Known)
		if month <= through && known <= through {
			cells = append(cells, cell{month, max(0, known-month), a.Count})
		}
	}
	if len(cells) == 0 {
		return nil, 0
	}
	slices.SortFunc(cells, func(a, b cell) int {
		return cmp.Or(cmp.Compare(a.month, b.month), cmp.Compare(a.delay, b.delay), cmp.Compare(a.count, b.count))
	})
	first = cells[0].month
	arrived := make([][]float64, through-first+1)
	for i := range arrived {
		arrived[i] = make([]float64, len(arrived)-i)
	}
	for _, c := range cells {
		arrived[c.month-first][c.delay] += c.count
	}
	return Accumulate(arrived), first
}

// nowcast fills in the months still arriving.
func (m *Monthly) nowcast(triangle Triangle, told []int, p Plan) error {
	if p.Delays == 1 || !m.Months[len(m.Months)-1].Arriving || len(told) == 0 || !m.Months[told[len(told)-1]].Arriving {
		return nil
	}
	if len(triangle[0]) < p.Delays {
		return fmt.Errorf("monthly figures: no month since %v is complete after %d delays by %v: wait, or give fewer delays", p.Since, p.Delays, p.Through.MonthEnd())
	}
	power, err := VariancePower(triangle)
	if err != nil {
		return err
	}
	d, err := ChainLadderOfPower(triangle, power)
	if err != nil {
		return err
	}
	m.Power, m.Completeness = power, d.Completeness()
	for at, n := range d.Hindcast().Months() {
		figure := &m.Months[told[at]]
		if !figure.Arriving {
			continue
		}
		figure.Nowcast = n
		if figure.Low, figure.High, err = n.RevisionInterval(p.Level); err != nil {
			return err
		}
	}
	return nil
}

// judge flags complete months by each other, and arriving ones by those without a flag.
func (m *Monthly) judge(p Plan) error {
	var y []float64
	judged := 0
	for i := range m.Months {
		figure := &m.Months[i]
		figure.Expected, figure.Score = math.NaN(), math.NaN()
		if !figure.Arriving {
			y = append(y, figure.Value)
		}
		if !figure.Untold {
			judged++
		}
	}
	exposure := p.Exposure
	if exposure != nil {
		if len(exposure) != len(m.Months) {
			return fmt.Errorf("%d months and %d exposures: give one for each month", len(m.Months), len(exposure))
		}
		exposure = exposure[:len(y)]
	}
	o, err := OutlyingCounts(p.Harmonic, y, exposure, p.Alpha*float64(len(y))/float64(judged))
	if err != nil {
		return err
	}
	weights := make([]float64, len(y))
	for i, score := range o.Score {
		m.Months[i].flag(o.Expected[i], score, o.Limit)
		if m.Months[i].Flag == 0 {
			weights[i] = 1
		}
	}
	if len(y) == len(m.Months) {
		return nil
	}
	fit, err := p.Harmonic.fitCounts(y, exposure, weights, nil)
	if err != nil {
		return nil // the arriving months alone remain unjudged
	}
	df := sum(weights) - float64(len(fit.Coefficients))
	for i := len(y); i < len(m.Months); i++ {
		figure := &m.Months[i]
		if figure.Untold {
			continue
		}
		mu, spread := fit.predictOfPower(y, weights, float64(i+1), exposureAt(p.Exposure, i))
		limit := studentQuantile(1-p.Alpha/float64(2*judged), max(1, min(df, figure.DF)))
		figure.flag(mu, likelierScore(figure.Value, mu, spread+square(figure.StdErr)), limit)
	}
	return nil
}

func (f *MonthFigure) flag(expected, score, limit float64) {
	f.Expected, f.Score = expected, score
	switch {
	case score > limit:
		f.Flag = 1
	case score < -limit:
		f.Flag = -1
	}
}
