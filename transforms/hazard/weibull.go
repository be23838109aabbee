package hazard

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// Weibull is an accelerated failure time model ln T = β₀ + x'β + σW, W the smallest extreme
// value, so that S(t | x) = exp{−(t e^{−β₀−x'β})^{1/σ}}. It has proportional hazards too.
type Weibull struct {
	// Coefficients are β₀ and β: a unit of a covariate makes times e^β as long.
	Coefficients, StdErrs []float64
	// LogScale is ln σ; a shape of 1/σ above 1 is a hazard that rises.
	LogScale Estimate
	// Covariance is that of β₀, β and ln σ, the inverse of the observed information.
	Covariance *mat.SymDense
	// Robust is the same between clusters; nil where all rows are of one.
	Robust        *mat.SymDense
	RobustStdErrs []float64 // of β₀ and β
	LogLikelihood float64
	Rows          int

	last       float64
	theta      []float64 // ln H(t) is θ₀ + z'θ_z + s (ln t − centre)/spread
	covariance *mat.SymDense
	centre     float64
	spread     float64
	mean       []float64
	scale      []float64
}

// FitWeibull maximises the likelihood of events between waves, Σ w ln{S(After) − S(By)}, and
// w ln f of known times. In β/σ and 1/σ it has one maximum (Burridge 1981, JRSS B 43:41).
// Rows that come under observation late are not allowed for.
//
// It is an error where a row is no interval, or covariates are as [FitCox] refuses; and
// [ErrNotEstimable] where nobody has the event, a covariate is told by others, or the
// likelihood has no maximum, as where all rows are explained by one time, or one of two groups
// has no event.
func FitWeibull(rows []Between, names []string) (*Weibull, error) {
	w, err := fitWeibull(rows, names)
	if err != nil {
		return nil, fmt.Errorf("weibull regression: %w", err)
	}
	return w, nil
}

func fitWeibull(rows []Between, names []string) (*Weibull, error) {
	rows, err := sortedBetween(rows, names)
	if err != nil {
		return nil, err
	}
	w := &Weibull{Rows: len(rows)}
	z, err := w.standardise(rows, names)
	if err != nil {
		return nil, err
	}
	w.centreTimes(rows)
	start := make([]float64, len(w.mean)+2)
	start[len(start)-1] = 1
	at, err := climb(start, func(theta []float64) (float64, []float64, *mat.SymDense) { return w.likelihood(rows, z, theta) })
	if j, ran := err.(runaway); ran && int(j) >= 1 && int(j) <= len(w.mean) {
		return nil, separated(names, int(j)-1, func(i int) (float64, bool) { return rows[i].X[j-1], !math.IsInf(rows[i].By, 0) }, len(rows))
	} else if ran {
		return nil, fmt.Errorf("%w: the likelihood has no maximum: events at one time, or waves that do not tell early from late", ErrNotEstimable)
	}
	if errors.Is(err, errDependent) {
		return nil, fmt.Errorf("%w: a covariate is told by the others, or waves do not tell early from late", ErrNotEstimable)
	}
	if err != nil {
		return nil, err
	}
	return w, w.finish(rows, z, at)
}

// sortedBetween are the rows in an order of their own.
func sortedBetween(rows []Between, names []string) ([]Between, error) {
	if err := checkBetween(rows); err != nil {
		return nil, err
	}
	for i, r := range rows {
		if err := checkX(i, r.X, rows[0].X, names); err != nil {
			return nil, err
		}
	}
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b Between) int {
		return cmp.Or(cmp.Compare(a.After, b.After), cmp.Compare(a.By, b.By), slices.Compare(a.X, b.X), cmp.Compare(a.Weight, b.Weight), cmp.Compare(a.Cluster, b.Cluster))
	})
	return rows, nil
}

// standardise makes covariates of mean 0 and standard deviation 1.
func (w *Weibull) standardise(rows []Between, names []string) (z [][]float64, err error) {
	if len(rows[0].X) == 0 {
		return make([][]float64, len(rows)), nil
	}
	var x [][]float64
	var weights []float64
	for _, r := range rows {
		x, weights = append(x, r.X), append(weights, r.Weight)
	}
	z, w.mean, w.scale, err = standardise(x, weights, names)
	return z, err
}

// likelihood is −∞ where 1/σ is not above 0.
func (w *Weibull) likelihood(rows []Between, z [][]float64, theta []float64) (value float64, score []float64, information *mat.SymDense) {
	p := len(theta)
	score, information = make([]float64, p), mat.NewSymDense(p, nil)
	if theta[p-1] <= 0 {
		return math.Inf(-1), score, information
	}
	for i, r := range rows {
		l, u := w.term(r, z[i], theta, r.Weight, information)
		value += r.Weight * l
		for a := range u {
			score[a] += r.Weight * u[a]
		}
	}
	return value, score, information
}

// centreTimes takes logarithms of times, roughly, to mean 0 and standard deviation 1.
func (w *Weibull) centreTimes(rows []Between) {
	var n, sum, squares float64
	for _, r := range rows {
		t := r.After
		if !math.IsInf(r.By, 0) {
			t = (r.After + r.By) / 2
			w.last = max(w.last, r.By)
		}
		w.last = max(w.last, r.After)
		if t > 0 {
			n += r.Weight
			sum += r.Weight * math.Log(t)
			squares += r.Weight * math.Log(t) * math.Log(t)
		}
	}
	w.centre = sum / n
	if w.spread = math.Sqrt(max(0, squares/n-w.centre*w.centre)); !(w.spread > 1e-6) {
		w.spread = 1
	}
}

// along is the row by which ln H is θ'u at a time.
func (w *Weibull) along(z []float64, t float64) []float64 {
	u := append([]float64{1}, z...)
	return append(u, (math.Log(t)-w.centre)/w.spread)
}

// term is the log-likelihood of a row and its gradient; the information is added to.
func (w *Weibull) term(r Between, z, theta []float64, weight float64, information *mat.SymDense) (value float64, score []float64) {
	p := len(theta)
	score = make([]float64, p)
	add := func(by float64, u []float64) {
		for a := range u {
			score[a] += by * u[a]
		}
	}
	var low, high []float64
	var before, until float64 // cumulated hazards
	if r.After > 0 {
		low = w.along(z, r.After)
		before = math.Exp(dot(low, theta))
	}
	if !math.IsInf(r.By, 0) {
		high = w.along(z, r.By)
		until = math.Exp(dot(high, theta))
	}
	switch {
	case r.After == r.By:
		add(1-until, high)
		score[p-1] += 1 / theta[p-1]
		addOuter(information, weight*until, high)
		information.SetSym(p-1, p-1, information.At(p-1, p-1)+weight/(theta[p-1]*theta[p-1]))
		return math.Log(theta[p-1]/w.spread) - math.Log(r.By) + dot(high, theta) - until, score
	case high == nil:
		if low != nil {
			add(-before, low)
			addOuter(information, weight*before, low)
		}
		return -before, score
	}
	// −dS/d ln H = H S of each end, over S(After) − S(By); S(By)/S(After) is exp(−between).
	between := until - before
	late := until / math.Expm1(between)
	add(late, high)
	addOuter(information, -weight*late*(1-until), high)
	if low != nil {
		early := before / -math.Expm1(-between)
		add(-early, low)
		addOuter(information, weight*early*(1-before), low)
	}
	addOuter(information, weight, score)
	return -before + math.Log(-math.Expm1(-between)), score
}

// finish turns θ = (θ₀, θ_z, s) to σ = spread/s, β = −σ θ_z/scale and β₀.
func (w *Weibull) finish(rows []Between, z [][]float64, at top) error {
	covariance, err := inverse(at.information)
	if err != nil {
		return fmt.Errorf("%w: a covariate is told by the others, or waves do not tell early from late", ErrNotEstimable)
	}
	w.theta, w.covariance, w.LogLikelihood = at.theta, covariance, at.value
	p := len(at.theta)
	s := at.theta[p-1]
	sigma := w.spread / s
	w.Coefficients = append(w.Coefficients, w.centre-sigma*at.theta[0])
	back := mat.NewDense(p, p, nil)
	back.Set(0, 0, -sigma)
	back.Set(0, p-1, sigma*at.theta[0]/s)
	for j := range w.mean {
		b := -sigma * at.theta[j+1] / w.scale[j]
		w.Coefficients[0] -= b * w.mean[j]
		w.Coefficients = append(w.Coefficients, b)
		back.Set(j+1, j+1, -sigma/w.scale[j])
		back.Set(j+1, p-1, -b/s)
		back.Set(0, j+1, sigma/w.scale[j]*w.mean[j])
		back.Set(0, p-1, back.At(0, p-1)+b*w.mean[j]/s)
	}
	back.Set(p-1, p-1, -1/s)
	w.Covariance = within(back, covariance)
	errs := roots(w.Covariance)
	w.StdErrs, w.LogScale = errs[:p-1], Estimate{math.Log(sigma), errs[p-1]}
	moves := make([][]float64, len(rows))
	for i, r := range rows {
		_, u := w.term(r, z[i], at.theta, 0, mat.NewSymDense(p, nil))
		move := mat.NewVecDense(p, nil)
		move.MulVec(covariance, mat.NewVecDense(p, u))
		move.ScaleVec(r.Weight, move)
		moves[i] = move.RawVector().Data
	}
	if sums := clusters(moves, func(i int) int { return rows[i].Cluster }); sums != nil {
		w.covariance = outer(sums, p)
		w.Robust = within(back, w.covariance)
		w.RobustStdErrs = roots(w.Robust)[:p-1]
	}
	return nil
}

// Survival predicts S(t | x) with log-log intervals by the delta method, by the robust
// variance where there is one. Times beyond the last wave follow the model alone, which is an
// error.
func (w *Weibull) Survival(x []float64, times []float64, level float64) ([]Survival, error) {
	z, err := deviate(level)
	if err != nil {
		return nil, err
	}
	if len(x) != len(w.mean) || slices.ContainsFunc(x, notFinite) {
		return nil, fmt.Errorf("predicted survival: covariates %v: want %d numbers", x, len(w.mean))
	}
	at := make([]float64, len(x))
	for j := range x {
		at[j] = (x[j] - w.mean[j]) / w.scale[j]
	}
	var out []Survival
	for _, t := range times {
		if !(t >= 0 && t <= w.last) {
			return nil, fmt.Errorf("predicted survival: %w at time %v: the last wave is at %v", ErrNotEstimable, t, w.last)
		}
		if t == 0 {
			out = append(out, Survival{0, Estimate{1, 0}, 1, 1})
			continue
		}
		u := w.along(at, t)
		h := math.Exp(dot(u, w.theta))
		s := math.Exp(-h)
		e := Estimate{s, s * h * math.Sqrt(quadratic(u, w.covariance))}
		low, high := e.survival(z)
		out = append(out, Survival{t, e, low, high})
	}
	return out, nil
}
