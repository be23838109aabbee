package series

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat/distuv"
)

// CountOutliers are the counts that stand out of a trend with a season.
type CountOutliers struct {
	// Expected is what the other months make a month expect.
	Expected []float64
	// Score is the standard normal deviate with the tail of the month: above 0 it is more
	// than expected, below 0 less.
	Score []float64
	// Limit is Student's quantile at 1 − alpha/2n, beyond which lie Months, counted from 1.
	Limit  float64
	Months []int
}

// OutlyingCounts tests every count y_i of n against a Poisson regression of the others
// with dispersion, [Harmonic.FitCounts] without month i. What is expected, μ_i, has no
// part of the month, and the tail is that of a negative binomial distribution with the
// variance of a prediction, or, where Poisson's chance is less than a quarter of it, that
// of a log-normal one if it makes the month likelier:
//
//	var = max(μ_i, φ μ_i^q) + μ_i² x_i'v(β̂_(i))x_i,  φ = Σ_{j≠i} (y_j − μ_j)²/μ_j^q/(n − 1 − p)
//	score = −Φ⁻¹(P(Y ≥ y_i)) if y_i ≥ μ_i, and Φ⁻¹(P(Y ≤ y_i)) else, 0 where its sign would differ
//
// as in Noufaily et al. (2013, Stat. Med. 32:1206), but for q, which is 1 there: between 1,
// chance, and 2, where all months scatter by the same share, it is the mean over the
// pseudo-likelihood −2 ln L(q) = (n − 1) ln φ + q Σ ln μ_j (Carroll & Ruppert 1988, ch. 3),
// for the others again, q's being equally likely before. The limit is Student's quantile with
// n − 1 − p degrees of freedom, since φ is estimated, at 1 − alpha/2n: where nothing stands
// out, alpha is the probability of any flag in the series, and less of few counts, whose
// tails come in steps. Months without anybody are counts like others. Exposure is as in
// [Harmonic.FitCounts]. Figures that are no counts are for [LogOutliers].
//
// It is an error where a month without which the likelihood has no maximum is left out,
// and where FitCounts has one.
func OutlyingCounts(h Harmonic, y, exposure []float64, alpha float64) (CountOutliers, error) {
	if err := checkLevel("the probability of a false flag", alpha); err != nil {
		return CountOutliers{}, err
	}
	all, err := h.FitCounts(y, exposure)
	if err != nil {
		return CountOutliers{}, err
	}
	n := len(y)
	df := float64(n - 1 - len(h.row(1)))
	o := CountOutliers{Limit: studentQuantile(1-alpha/float64(2*n), df)}
	weights := make([]float64, n)
	for i := range weights {
		weights[i] = 1
	}
	for i, v := range y {
		weights[i] = 0
		fit, err := h.fitCounts(y, exposure, weights, all.Coefficients)
		if err != nil {
			return o, fmt.Errorf("without month %d: %w", i+1, err)
		}
		mu, spread := fit.predictOfPower(y, weights, float64(i+1), exposureAt(exposure, i))
		weights[i] = 1
		o.Expected = append(o.Expected, mu)
		o.Score = append(o.Score, likelierScore(v, mu, spread))
	}
	o.Months = Beyond(o.Score, o.Limit)
	return o, nil
}

func exposureAt(exposure []float64, i int) float64 {
	if exposure == nil {
		return 1
	}
	return exposure[i]
}

// predict is the count to be expected at a month, and its variance φμ + μ²x'vx.
func (r CountRegression) predict(month, exposure float64) (mean, variance float64) {
	x := r.Harmonic.row(month)
	mean = exposure * math.Exp(dot(x, r.Coefficients))
	return mean, r.Dispersion*mean + mean*mean*quadratic(x, r.covariance)
}

// predictOfPower is the same with max(μ, φμ^q), of the counts that have weight.
func (r CountRegression) predictOfPower(y, weights []float64, month, exposure float64) (mean, variance float64) {
	mean, variance = r.predict(month, exposure)
	return mean, variance + max(mean, r.scatter(y, weights, mean)) - r.Dispersion*mean
}

// scatter is φμ^q of a month expected to be mu, of the counts that have weight.
func (r CountRegression) scatter(y, weights []float64, mu float64) float64 {
	var ratios, squares []float64 // ln(μ_j/μ), so that φ is in the square of the unit
	for j, w := range weights {
		if w > 0 {
			ratios, squares = append(ratios, math.Log(r.Fitted[j]/mu)), append(squares, square(y[j]-r.Fitted[j]))
		}
	}
	df := float64(len(ratios) - len(r.Coefficients))
	scatter := func(q float64) (phi float64) {
		for j, ratio := range ratios {
			phi += squares[j] * math.Exp(-q*ratio) / df
		}
		return phi
	}
	logs := sum(ratios)
	q := meanPower(func(q float64) float64 {
		return -(float64(len(ratios))*math.Log(scatter(q)) + q*logs) / 2
	})
	return scatter(q)
}

// likelierScore is the score nearer to 0 of those by the negative binomial and the
// log-normal distribution of a mean and a variance, (ln(y/μ) + s²/2)/s, s² = ln(1 + var/μ²).
// One has the longer tail below and the other above, and counts do not tell which is
// theirs. Of few counts, whose variance is below 4 μ, the log-normal would flag nothing,
// and the negative binomial stands alone.
func likelierScore(count, mean, variance float64) float64 {
	score := tailScore(count, mean, variance)
	if variance < 4*mean {
		return score
	}
	s := math.Sqrt(math.Log1p(variance / square(mean)))
	z := (math.Log(count/mean) + s*s/2) / s // −Inf of nobody
	if score*z <= 0 {
		return 0
	}
	return math.Copysign(min(math.Abs(score), math.Abs(z)), score)
}

// tailScore is the normal deviate of a count in the negative binomial distribution of a
// mean and a variance, or the Poisson distribution where these hardly differ. A number
// between two counts is judged as the one that is nearer to the mean.
func tailScore(count, mean, variance float64) float64 {
	if count >= mean {
		return max(0, -distuv.UnitNormal.Quantile(atLeast(math.Floor(count), mean, variance)))
	}
	return min(0, distuv.UnitNormal.Quantile(atMost(math.Ceil(count), mean, variance)))
}

// atMost is P(Y ≤ count), and atLeast P(Y ≥ count).
func atMost(count, mean, variance float64) float64 {
	if variance <= mean*(1+1e-9) {
		return mathext.GammaIncRegComp(count+1, mean)
	}
	return mathext.RegIncBeta(mean*mean/(variance-mean), count+1, mean/variance)
}

func atLeast(count, mean, variance float64) float64 {
	switch {
	case count <= 0:
		return 1
	case variance <= mean*(1+1e-9):
		return mathext.GammaIncReg(count, mean)
	}
	return mathext.RegIncBeta(count, mean*mean/(variance-mean), 1-mean/variance)
}
