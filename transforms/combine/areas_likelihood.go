package combine

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// areaTrials are the rows of one area.
type areaTrials struct {
	code int32
	rows []Trials
}

// groupTrials are the areas in the order of their codes.
func groupTrials(rows []Trials) []areaTrials {
	sorted := slices.Clone(rows)
	slices.SortStableFunc(sorted, func(a, b Trials) int { return int(a.Area) - int(b.Area) })
	var areas []areaTrials
	for i, row := range sorted {
		if i == 0 || row.Area != sorted[i-1].Area {
			areas = append(areas, areaTrials{code: row.Area})
		}
		areas[len(areas)-1].rows = append(areas[len(areas)-1].rows, row)
	}
	return areas
}

// constants are the logarithms of the binomial coefficients, and of the likelihood of a probability
// for each row without them.
func (a areaTrials) constants() (coefficients, saturated float64) {
	for _, row := range a.rows {
		y, n := row.Successes, row.Trials
		coefficients += logGamma(n+1) - logGamma(y+1) - logGamma(n-y+1)
		saturated += xlogy(y, y/n) + xlogy(n-y, (n-y)/n)
	}
	return coefficients, saturated
}

func logGamma(x float64) float64 {
	v, _ := math.Lgamma(x)
	return v
}

func xlogy(x, y float64) float64 {
	if x == 0 {
		return 0
	}
	return x * math.Log(y)
}

// logistic is 1/(1 + e^{−x}).
func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// logOnePlusExp is log(1 + eˣ).
func logOnePlusExp(x float64) float64 {
	if x > 0 {
		return x + math.Log1p(math.Exp(-x))
	}
	return math.Log1p(math.Exp(x))
}

// given is log Π p^y (1 − p)^(n−y) − u²/2 at the standardised deviation u = b/σ.
func (a areaTrials) given(fixed []float64, sd, u float64) float64 {
	f := -u * u / 2
	for j, row := range a.rows {
		eta := fixed[j] + sd*u
		f += row.Successes*eta - row.Trials*logOnePlusExp(eta)
	}
	return f
}

// fixed are x'β of the rows; parameters are β and σ.
func (a areaTrials) fixed(parameters []float64) []float64 {
	fixed := make([]float64, len(a.rows))
	for j, row := range a.rows {
		fixed[j] = dot(row.X, parameters)
	}
	return fixed
}

// mode is the standardised deviation of the greatest likelihood, and minus its second derivative there.
func (a areaTrials) mode(parameters []float64) (u, curvature float64) {
	return a.modeAt(a.fixed(parameters), parameters[len(parameters)-1])
}

func (a areaTrials) modeAt(fixed []float64, sd float64) (u, curvature float64) {
	before := a.given(fixed, sd, 0)
	for range 100 {
		slope := -u
		curvature = 1
		for j, row := range a.rows {
			p := logistic(fixed[j] + sd*u)
			slope += sd * (row.Successes - row.Trials*p)
			curvature += sd * sd * row.Trials * p * (1 - p)
		}
		step := slope / curvature
		if math.Abs(step) < 1e-11*(1+math.Abs(u)) {
			return u, curvature
		}
		for range 40 {
			if after := a.given(fixed, sd, u+step); after >= before-1e-13*math.Abs(before) {
				before = after
				break
			}
			step /= 2
		}
		u += step
	}
	return u, curvature
}

// logIntegral is the logarithm of the area's marginal likelihood, without binomial coefficients:
// √(2/h) Σ w_k exp(z_k² + f(û + z_k √(2/h)))/√(2π), f of given, h its curvature.
func (a areaTrials) logIntegral(parameters []float64, rule nodes) float64 {
	fixed, sd := a.fixed(parameters), parameters[len(parameters)-1]
	u, curvature := a.modeAt(fixed, sd)
	spread := math.Sqrt(2 / curvature)
	centre, sum := a.given(fixed, sd, u), 0.0
	for k, z := range rule.z {
		sum += rule.w[k] * math.Exp(z*z+a.given(fixed, sd, u+spread*z)-centre)
	}
	return centre + math.Log(sum) - math.Log(math.Pi*curvature)/2
}

// predict are the mean and variance of the rate at x given the area's trials, and the logit at the
// mode with its variance.
func (a areaTrials) predict(parameters, x []float64, rule nodes) (mean, variance, logit, logitVariance float64) {
	fixed, sd := a.fixed(parameters), parameters[len(parameters)-1]
	u, curvature := a.modeAt(fixed, sd)
	spread, at := math.Sqrt(2/curvature), dot(x, parameters)
	centre := a.given(fixed, sd, u)
	var s0, s1, s2 float64
	for k, z := range rule.z {
		v := u + spread*z
		w, p := rule.w[k]*math.Exp(z*z+a.given(fixed, sd, v)-centre), logistic(at+sd*v)
		s0, s1, s2 = s0+w, s1+w*p, s2+w*p*p
	}
	mean = s1 / s0
	return mean, max(0, s2/s0-mean*mean), at + sd*u, sd * sd / curvature
}

// areaLikelihood is the log-likelihood of β and σ, each β times the root mean square of its covariate.
type areaLikelihood struct {
	areas      []areaTrials
	rule       nodes
	covariates int
	scale      []float64
	adjusted   bool
}

func newAreaLikelihood(areas []areaTrials, o AreaOptions) *areaLikelihood {
	l := &areaLikelihood{areas: areas, rule: hermite(o.Points), covariates: len(areas[0].rows[0].X), adjusted: o.Adjusted}
	l.scale = make([]float64, l.covariates+1)
	rows := 0.0
	for _, a := range areas {
		for _, row := range a.rows {
			rows++
			for j, x := range row.X {
				l.scale[j] += x * x
			}
		}
	}
	for j := range l.covariates {
		l.scale[j] = math.Sqrt(l.scale[j] / rows)
	}
	l.scale[l.covariates] = 1
	return l
}

// at is what is maximised.
func (l *areaLikelihood) at(x []float64) float64 {
	if l.adjusted {
		return l.marginal(x) + math.Log(math.Abs(x[l.covariates]))
	}
	return l.marginal(x)
}

// marginal is the log-likelihood without binomial coefficients.
func (l *areaLikelihood) marginal(x []float64) float64 {
	parameters := make([]float64, len(x))
	for j := range x {
		parameters[j] = x[j] / l.scale[j]
	}
	var sum float64
	for _, a := range l.areas {
		sum += a.logIntegral(parameters, l.rule)
	}
	return sum
}

// top is a maximum with the inverse of the observed information.
type top struct {
	x          []float64
	value      float64
	covariance *mat.SymDense
}

// maximise climbs by Newton's method from rates of one half and a standard deviation.
func (l *areaLikelihood) maximise(sd float64) (top, error) {
	x := make([]float64, l.covariates+1)
	x[l.covariates] = sd
	return climb(l.at, x)
}

// withoutVariance is the maximum with σ = 0, where β alone has an error.
func (l *areaLikelihood) withoutVariance(x []float64) (top, error) {
	p := l.covariates
	t, err := climb(func(beta []float64) float64 { return l.at(append(slices.Clone(beta), 0)) }, slices.Clone(x[:p]))
	if err != nil {
		return t, err
	}
	covariance := mat.NewSymDense(p+1, nil)
	for j := range p {
		for k := j; k < p; k++ {
			covariance.SetSym(j, k, t.covariance.At(j, k))
		}
	}
	return top{append(t.x, 0), t.value, covariance}, nil
}

// climb is Newton's method with numeric derivatives; where the information is not positive
// definite it is made so, which is a short step uphill.
func climb(f func([]float64) float64, x []float64) (top, error) {
	value := f(x)
	for range 60 {
		gradient, information := derivatives(f, x, value)
		ridge := 0.0
		var chol mat.Cholesky
		for !chol.Factorize(information) {
			ridge = max(2*ridge, 1e-3)
			for j := range x {
				information.SetSym(j, j, information.At(j, j)+ridge*(1+math.Abs(information.At(j, j))))
			}
			if ridge > 1e12 {
				return top{}, fmt.Errorf("the likelihood is not a number near its start: check the covariates")
			}
		}
		var step mat.VecDense
		if err := chol.SolveVecTo(&step, gradient); err != nil && chol.Cond() > 1e14 {
			return top{}, noTop()
		}
		decrement := mat.Dot(gradient, &step)
		if decrement < 1e-11 && ridge == 0 {
			var covariance mat.SymDense
			if err := chol.InverseTo(&covariance); err != nil && chol.Cond() > 1e14 {
				return top{}, noTop()
			}
			for j := range len(x) {
				if math.Abs(x[j]) > 100 || covariance.At(j, j) > 1e4 {
					return top{}, noTop()
				}
			}
			return top{x, value, &covariance}, nil
		}
		size := 1.0
		for ; size > 1e-8; size /= 2 {
			next := slices.Clone(x)
			for j := range x {
				next[j] += size * step.AtVec(j)
			}
			if v := f(next); v > value {
				x, value = next, v
				break
			}
		}
		if size <= 1e-8 { // a saddle, or the last digits of the likelihood
			if ridge == 0 && decrement < 1e-6 {
				var covariance mat.SymDense
				if err := chol.InverseTo(&covariance); err != nil {
					return top{}, noTop()
				}
				return top{x, value, &covariance}, nil
			}
			x[len(x)-1] += 0.2
			value = f(x)
		}
	}
	return top{}, noTop()
}

func noTop() error {
	return fmt.Errorf("the likelihood has no finite maximum: a class of the covariates has no success, or nothing else; put classes together")
}

// derivatives are the gradient and minus the matrix of second derivatives by central differences.
func derivatives(f func([]float64) float64, x []float64, value float64) (*mat.VecDense, *mat.SymDense) {
	const first, second = 1e-4, 2e-3
	n := len(x)
	gradient, information := mat.NewVecDense(n, nil), mat.NewSymDense(n, nil)
	at := func(j int, dj float64, k int, dk float64) float64 {
		y := slices.Clone(x)
		y[j] += dj
		y[k] += dk
		return f(y)
	}
	for j := range n {
		gradient.SetVec(j, (at(j, first, j, 0)-at(j, -first, j, 0))/(2*first))
		information.SetSym(j, j, -(at(j, second, j, 0)-2*value+at(j, -second, j, 0))/(second*second))
		for k := j + 1; k < n; k++ {
			cross := at(j, second, k, second) - at(j, second, k, -second) - at(j, -second, k, second) + at(j, -second, k, -second)
			information.SetSym(j, k, -cross/(4*second*second))
		}
	}
	return gradient, information
}
