package main

import "math"

// The populations of the cells of capture. Fixed before an estimator was changed.
var (
	low       = gamma("low", 4, 1.2)
	middle    = gamma("middle", 1, 1.5)
	high      = gamma("high", 0.5, 1.5)
	extreme   = gamma("extreme", 0.25, 2)
	logNormal = visiting{"lognormal", "visits beyond the first Poisson with a log-normal rate, μ = 0, σ = 1", mixture(func(z float64) float64 { return math.Exp(z) })}

	monthlyVisitors = visiting{"monthly", "8 % come exactly 12 times, the others as middle", blend(0.08, point(12), middle.shares)}
	nearlyMonthly   = visiting{"nearly-monthly", "8 % come in nine of ten months, the others as middle", blend(0.08, monthsOf(0.9), middle.shares)}
	gammaAndPoint   = visiting{"gamma+point", "one in ten comes 1 + Poisson(6) times, the others 1 + a gamma mixture of mean 1 and CV 1", blend(0.1, poissonBeyond(6), negativeBinomial(1, 1))}
	zipfian         = visiting{"zipf", "v visits in proportion to v^−2.5", powerLaw(2.5)}
	twoKinds        = visiting{"two-kinds", "80 and 20 % come 1 + Poisson(0.5) and (4) times", blend(0.2, poissonBeyond(4), poissonBeyond(0.5))}
	threeKinds      = visiting{"three-kinds", "70, 25 and 5 % come 1 + Poisson(0.3), (2) and (10) times", blend(0.05, poissonBeyond(10), blend(0.25/0.95, poissonBeyond(2), poissonBeyond(0.3)))}
)

// gamma is persons whose visits beyond the first are Poisson numbers of gamma rates.
func gamma(name string, size, mean float64) visiting {
	return visiting{name, "visits beyond the first Poisson with a gamma rate of mean " + number(mean) + " and CV " + number(1/math.Sqrt(size)), negativeBinomial(size, mean)}
}

// law makes shares of a law of the visits beyond the first, the rest being lumped at
// the greatest number.
func law(of func(beyond float64) float64) []float64 {
	shares, rest := make([]float64, mostVisits), 1.0
	for v := range mostVisits - 1 {
		shares[v] = of(float64(v))
		rest -= shares[v]
	}
	shares[mostVisits-1] = max(rest, 0)
	return shares
}

// negativeBinomial is Γ(v + s)/(Γ(s) v!) (s/(s + m))^s (m/(s + m))^v.
func negativeBinomial(size, mean float64) []float64 {
	return law(func(v float64) float64 {
		return math.Exp(logGamma(v+size) - logGamma(size) - logGamma(v+1) + size*math.Log(size/(size+mean)) + v*math.Log(mean/(size+mean)))
	})
}

func poissonBeyond(rate float64) []float64 {
	return law(func(v float64) float64 { return math.Exp(v*math.Log(rate) - rate - logGamma(v+1)) })
}

func logGamma(x float64) float64 {
	l, _ := math.Lgamma(x)
	return l
}

// mixture is Poisson numbers of a rate of a standard normal z, by the trapezoid rule.
func mixture(rate func(z float64) float64) []float64 {
	const step = 0.01
	return law(func(v float64) float64 {
		var p float64
		for z := -8.0; z <= 8; z += step {
			p += step * math.Exp(v*math.Log(rate(z))-rate(z)-logGamma(v+1)-z*z/2) / math.Sqrt(2*math.Pi)
		}
		return p
	})
}

// point is persons who all come so often.
func point(visits int) []float64 {
	shares := make([]float64, mostVisits)
	shares[visits-1] = 1
	return shares
}

// monthsOf is persons who come in each of 12 months with a probability, at least once.
func monthsOf(p float64) []float64 {
	shares := make([]float64, mostVisits)
	for v := 1; v <= 12; v++ {
		n := float64(v)
		shares[v-1] = math.Exp(logGamma(13)-logGamma(n+1)-logGamma(13-n)+n*math.Log(p)+(12-n)*math.Log1p(-p)) / -math.Expm1(12*math.Log1p(-p))
	}
	return shares
}

func powerLaw(exponent float64) []float64 {
	shares, all := make([]float64, mostVisits), 0.0
	for v := range shares {
		shares[v] = math.Pow(float64(v+1), -exponent)
		all += shares[v]
	}
	for v := range shares {
		shares[v] /= all
	}
	return shares
}

// blend is a share of one law and the rest of another.
func blend(share float64, a, b []float64) []float64 {
	shares := make([]float64, mostVisits)
	for v := range shares {
		shares[v] = share*a[v] + (1-share)*b[v]
	}
	return shares
}
