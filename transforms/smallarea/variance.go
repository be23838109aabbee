package smallarea

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// point is what weighted least squares gives at a model variance, with P = V⁻¹ −
// V⁻¹X(X'V⁻¹X)⁻¹X'V⁻¹ and V = diag(σ² + D_i).
type point struct {
	sigma2   float64
	beta     []float64     // of the orthonormal covariates
	q        *mat.SymDense // (X'V⁻¹X)⁻¹
	v1, v2   float64       // Σ V_i⁻¹ and Σ V_i⁻²
	qs2      float64       // tr (X'V⁻¹X)⁻¹X'V⁻²X
	trP      float64
	trPP     float64
	yPy      float64
	yPPy     float64
	logV     float64 // Σ ln V_i
	logX     float64 // ln |X'V⁻¹X|
	s, slope float64 // Σ γ_i and its derivative by σ²
}

// at is weighted least squares at σ².
func (s *sample) at(sigma2 float64) (point, error) {
	p := s.p()
	f := point{sigma2: sigma2, beta: make([]float64, p)}
	work := make([]float64, 5*p*p+p)
	s1, s2, s3, q, qs2, xy := work[:p*p], work[p*p:2*p*p], work[2*p*p:3*p*p], work[3*p*p:4*p*p], work[4*p*p:5*p*p], work[5*p*p:]
	for i, x := range s.x {
		v := 1 / (sigma2 + s.d[i])
		f.v1, f.v2, f.logV = f.v1+v, f.v2+v*v, f.logV-math.Log(v)
		f.s, f.slope = f.s+sigma2*v, f.slope+s.d[i]*v*v
		for j, xj := range x {
			w := v * xj
			xy[j] += w * s.y[i]
			for k, xk := range x[:j+1] {
				u := w * xk
				s1[j*p+k] += u
				s2[j*p+k] += u * v
				s3[j*p+k] += u * v * v
			}
		}
	}
	var ok bool
	if f.logX, ok = invert(q, s1, p); !ok {
		return f, fmt.Errorf("small areas: the covariates are not independent at σ² = %v: leave some out, or smooth the sampling variances", sigma2)
	}
	f.q = mat.NewSymDense(p, q)
	mirror(s2, p)
	var trace, cubes float64 // tr (QS₂)² and tr QS₃
	for i := range p {
		f.beta[i] = dot(q[i*p:(i+1)*p], xy)
		for j := range p {
			qs2[i*p+j] = dot(q[i*p:(i+1)*p], s2[j*p:(j+1)*p])
			cubes += q[i*p+j] * s3[max(i, j)*p+min(i, j)]
		}
		f.qs2 += qs2[i*p+i]
	}
	for i := range p {
		for j := range p {
			trace += qs2[i*p+j] * qs2[j*p+i]
		}
	}
	for i, x := range s.x {
		r := (s.y[i] - dot(x, f.beta)) / (sigma2 + s.d[i])
		f.yPy, f.yPPy = f.yPy+r*r*(sigma2+s.d[i]), f.yPPy+r*r
	}
	f.trP, f.trPP = f.v1-f.qs2, f.v2-2*cubes+trace
	return f, nil
}

// invert puts the inverse of the symmetric a, p × p by rows and read in its lower half,
// into to, by Cholesky's factor, which a becomes; logDet is ln |a|. It is not ok where a is
// not clearly positive definite.
func invert(to, a []float64, p int) (logDet float64, ok bool) {
	for j := range p {
		row := a[j*p : j*p+j]
		left := a[j*p+j] - dot(row, row)
		if !(left > 1e-15*a[j*p+j]) {
			return 0, false
		}
		logDet += math.Log(left)
		a[j*p+j] = math.Sqrt(left)
		for i := j + 1; i < p; i++ {
			a[i*p+j] = (a[i*p+j] - dot(row, a[i*p:i*p+j])) / a[j*p+j]
		}
	}
	for j := range p { // L⁻¹ in the lower half of a, column by column from the last
		c := p - 1 - j
		inverse := 1 / a[c*p+c]
		for i := p - 1; i > c; i-- {
			var sum float64
			for k := c + 1; k <= i; k++ {
				sum += a[i*p+k] * a[k*p+c]
			}
			a[i*p+c] = -sum * inverse
		}
		a[c*p+c] = inverse
	}
	for i := range p { // a⁻¹ = L⁻ᵀL⁻¹
		for j := range i + 1 {
			var sum float64
			for k := i; k < p; k++ {
				sum += a[k*p+i] * a[k*p+j]
			}
			to[i*p+j], to[j*p+i] = sum, sum
		}
	}
	return logDet, true
}

// mirror fills the upper half of a symmetric matrix from the lower one.
func mirror(a []float64, p int) {
	for i := range p {
		for j := range i {
			a[j*p+i] = a[i*p+j]
		}
	}
}

// target is the function that a method makes greatest; for [Moment] there is none.
func (f point) target(method Method, m int) float64 {
	likelihood := -(f.logV + f.yPy) / 2
	switch method {
	case REML:
		return likelihood - f.logX/2
	case YoshimoriLahiri:
		return likelihood - f.logX/2 + math.Log(math.Atan(f.s))/float64(m)
	case LiLahiri:
		return likelihood - f.logX/2 + math.Log(f.sigma2)
	}
	return likelihood
}

// score is what a method sets to 0, falling through it at the estimate, and the
// (expected) information by which it falls.
func (f point) score(method Method, m, p int) (score, information float64) {
	switch method {
	case ML:
		return (f.yPPy - f.v1) / 2, f.v2 / 2
	case Moment:
		return f.yPy - float64(m-p), f.yPPy
	}
	score, information = (f.yPPy-f.trP)/2, f.trPP/2
	switch method {
	case YoshimoriLahiri:
		score += f.slope / ((1 + f.s*f.s) * math.Atan(f.s) * float64(m))
	case LiLahiri:
		score, information = score+1/f.sigma2, information+1/square(f.sigma2)
	}
	return score, information
}

// grid are the model variances looked at before scoring, so that a likelihood with several
// tops is climbed at the highest: 0, and from a quarter of the least sampling variance,
// below which the likelihood is as good as straight, doubling up to the greatest.
func (s *sample) grid(greatest float64) []float64 {
	grid := []float64{0}
	for sigma2 := slices.Min(s.d) / 4; sigma2 < greatest; sigma2 *= 2 {
		grid = append(grid, sigma2)
	}
	return append(grid, greatest)
}

// variance estimates σ² by Fisher scoring between two variances at which the score has
// either sign.
func (s *sample) variance(method Method) (point, error) {
	low, start, high, err := s.bracket(method)
	if err != nil || high == 0 {
		return start, err
	}
	smallest := slices.Min(s.d)
	f := start
	for iteration := range 500 {
		score, information := f.score(method, s.m(), s.p())
		if score > 0 {
			low = f.sigma2
		} else {
			high = f.sigma2
		}
		next := f.sigma2 + score/information
		if !(next > low && next < high) || iteration > 60 {
			next = (low + high) / 2
		}
		if math.Abs(next-f.sigma2) <= 1e-12*(f.sigma2+smallest) || next == f.sigma2 {
			return f, nil
		}
		if f, err = s.at(next); err != nil {
			return f, err
		}
	}
	return f, fmt.Errorf("small areas: %v: σ² is not found between %v and %v", method, low, high)
}

// bracket gives variances on either side of the estimate and one between; high is 0 where
// the estimate is 0. Above RSS/(m − p) + max D the score of REML, ML and Moment is
// negative; for the adjusted ones it is looked for.
func (s *sample) bracket(method Method) (low float64, start point, high float64, err error) {
	m, p := s.m(), s.p()
	ends, err := s.greatest(method)
	if err != nil {
		return 0, start, 0, err
	}
	start, err = s.at(0)
	if err != nil {
		return 0, start, 0, err
	}
	best, at := math.Inf(-1), 0
	if method < YoshimoriLahiri { // the adjusted likelihoods are 0 at 0
		best = start.target(method, m)
	}
	grid := s.grid(ends)
	score, _ := start.score(method, m, p)
	if method == Moment {
		if score <= 0 {
			return 0, start, 0, nil
		}
		return 0, start, ends, nil
	}
	for k, sigma2 := range grid[1:] {
		f, err := s.at(sigma2)
		if err != nil {
			return 0, start, 0, err
		}
		if l := f.target(method, m); l > best {
			best, at, start = l, k+1, f
		}
	}
	if at == 0 {
		if score <= 0 || method >= YoshimoriLahiri {
			return 0, start, 0, nil
		}
		return 0, start, grid[1], nil
	}
	return grid[at-1], start, grid[min(at+1, len(grid)-1)], nil
}

// greatest is a variance above the estimate.
func (s *sample) greatest(method Method) (float64, error) {
	beta := make([]float64, s.p())
	for i, x := range s.x {
		for j, v := range x {
			beta[j] += v * s.y[i]
		}
	}
	var rss float64
	for i, x := range s.x {
		rss += square(s.y[i] - dot(x, beta))
	}
	high := rss/float64(s.m()-s.p()) + slices.Max(s.d)
	if method == LiLahiri && s.m() <= s.p()+2 {
		return 0, fmt.Errorf("small areas: %v: %d areas in the sample for %d coefficients: want %d areas or more", method, s.m(), s.p(), s.p()+3)
	}
	for range 60 {
		f, err := s.at(high)
		if err != nil {
			return 0, err
		}
		if score, _ := f.score(method, s.m(), s.p()); score <= 0 {
			return high, nil
		}
		high *= 2
	}
	return 0, fmt.Errorf("small areas: %v: the likelihood rises up to σ² = %v", method, high)
}
