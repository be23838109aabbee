package disclose

import "math"

// CellNoise perturbs counts by their cell key: the same cell has the same noise wherever it is
// shown. Differences between tables therefore show no more than the tables.
type CellNoise struct {
	// Variance V of the noise, where the count leaves room for it.
	Variance float64
	// Most is the greatest |noise|, D.
	Most int64
}

// Table is the distribution of the noise of a count, p[k] that of −below + k: of all on
// −min(count, D) … D with mean 0 and variance V the one of greatest entropy,
//
//	p_d ∝ exp(λd − μd²)
//
// (Giessing 2016; Thompson et al. 2013). A count of 0 stays 0, for no noise below it could
// balance any above. Where below·D, the greatest variance that a mean of 0 allows, is less than
// 2V, half of it is taken. It returns [ErrParameter] unless 0 < V < D²/2.
func (c CellNoise) Table(count int64) (p []float64, below int64, err error) {
	if !(c.Variance > 0) || c.Most < 1 || c.Variance >= float64(c.Most*c.Most)/2 {
		return nil, 0, ErrParameter
	}
	below = min(max(count, 0), c.Most)
	if below == 0 {
		return []float64{1}, 0, nil
	}
	variance := min(c.Variance, float64(below*c.Most)/2)
	low, high := -20.0, 60.0
	for range 200 {
		mu := (low + high) / 2
		p = balanced(below, c.Most, mu)
		if _, v := moments(p, below); v > variance {
			low = mu
		} else {
			high = mu
		}
	}
	return p, below, nil
}

// balanced is the distribution of a μ whose λ makes the mean 0.
func balanced(below, most int64, mu float64) (p []float64) {
	low, high := -500.0, 500.0
	for range 200 {
		lambda := (low + high) / 2
		p = exponential(below, most, lambda, mu)
		if m, _ := moments(p, below); m > 0 {
			high = lambda
		} else {
			low = lambda
		}
	}
	return p
}

func exponential(below, most int64, lambda, mu float64) []float64 {
	p := make([]float64, below+most+1)
	top := math.Inf(-1)
	for k := range p {
		d := float64(int64(k) - below)
		p[k] = lambda*d - mu*d*d
		top = max(top, p[k])
	}
	sum := 0.0
	for k := range p {
		p[k] = math.Exp(p[k] - top)
		sum += p[k]
	}
	for k := range p {
		p[k] /= sum
	}
	return p
}

func moments(p []float64, below int64) (mean, variance float64) {
	for k, w := range p {
		d := float64(int64(k) - below)
		mean += w * d
		variance += w * d * d
	}
	return mean, variance - mean*mean
}

// Noise is that of a count with a cell key u from [CellKey]: the first d whose cumulative
// probability is above u.
func (c CellNoise) Noise(count int64, u float64) (int64, error) {
	p, below, err := c.Table(count)
	if err != nil {
		return 0, err
	}
	return drawn(p, below, u), nil
}

// drawn is the first noise of a table whose cumulative probability is above u.
func drawn(p []float64, below int64, u float64) int64 {
	sum := 0.0
	for k, w := range p {
		if sum += w; u < sum {
			return int64(k) - below
		}
	}
	return int64(len(p)-1) - below
}
