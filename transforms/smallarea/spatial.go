package smallarea

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// SpatialFit is an area-level model in which neighbours are alike.
type SpatialFit struct {
	// Rho is the spatial autocorrelation ρ̂, Sigma2 the variance σ̂² of the innovations.
	Rho, Sigma2 float64
	// Beta are the coefficients β̂.
	Beta []float64
	// LogLikelihood is that of the sampled areas at the estimates, not the restricted one.
	LogLikelihood float64
	// Estimates are the EBLUPs of all areas, those out of the sample too: they borrow from
	// their neighbours. MSE are bootstrap mean squared errors, if asked for.
	Estimates, MSE []float64
}

// Neighbours makes a row-standardised proximity matrix of lists of neighbours: each
// neighbour of an area has the same weight, together 1; an area without any has a row of
// zeros.
func Neighbours(of [][]int) ([][]float64, error) {
	w := make([][]float64, len(of))
	for i, neighbours := range of {
		w[i] = make([]float64, len(of))
		for _, j := range neighbours {
			if j < 0 || j >= len(of) || j == i {
				return nil, fmt.Errorf("small areas: area %d has neighbour %d: want another area, 0 to %d", i, j, len(of)-1)
			}
			w[i][j] += 1 / float64(len(neighbours))
		}
	}
	return w, nil
}

// spatial is the model at given directions: for each ρ it is a Fay–Herriot model in other
// coordinates. Where C = {(I − ρW)'(I − ρW)}⁻¹ and D^{-1/2} C D^{-1/2} = U Λ U' over the
// sampled areas, the elements of Λ^{-1/2} U' D^{-1/2} y are independent with variances σ² +
// 1/λ_i, so that σ² is found as it is there.
type spatial struct {
	areas  []Area
	w      *mat.Dense
	at     []int // the sampled areas
	method Method
}

// rotation is what depends on ρ alone.
type rotation struct {
	rho      float64
	c        *mat.Dense // C of all areas
	to       *mat.Dense // Λ^{-1/2} U' D^{-1/2}
	design   *sample    // turned covariates, and 1/λ
	constant float64    // what the density loses by the change of coordinates
	logR     float64    // ln |R'R|, which the restricted likelihood has more
}

// Spatial fits the area-level model with simultaneously autoregressive effects (Petrucci &
// Salvati 2006, J. Agric. Biol. Environ. Stat. 11:169; Pratesi & Salvati 2008, Stat.
// Methods Appl. 17:113)
//
//	y = Xβ + u + e,  u = ρWu + ε,  ε ~ N(0, σ²I),  e ~ N(0, diag D)
//	θ̂ = Xβ̂ + G_s V⁻¹(y − Xβ̂),  G = σ̂²{(I − ρ̂W)'(I − ρ̂W)}⁻¹,  V = G_ss + D
//
// s being the sampled areas, W the row-standardised proximities, and ρ and σ² estimated by
// REML or ML. ρ is looked for within ±0.995. With replicates above 0, MSE is that of a
// parametric bootstrap from the fitted model, ρ* being looked for in steps of 0.05. Each ρ
// costs the eigenvectors of a matrix of the sampled areas: it is for some hundreds of areas.
// Where σ̂² is 0, as it may be here, ρ̂ tells nothing and every estimate is synthetic.
func Spatial(areas []Area, w [][]float64, method Method, replicates int, random *rand.Rand) (*SpatialFit, error) {
	if replicates > 0 && random == nil {
		return nil, fmt.Errorf("small areas: spatial model: %d bootstrap replicates without random numbers: give a seeded generator", replicates)
	}
	if method != REML && method != ML {
		return nil, fmt.Errorf("small areas: spatial model by %v: want REML or ML", method)
	}
	if _, err := newSample(areas); err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(areas, func(a Area) bool { return a.Effect != 0 }); i >= 0 {
		return nil, fmt.Errorf("small areas: spatial model: area %d: known variance of the effect is %v: its effects have σ² alone", i+1, areas[i].Effect)
	}
	s := &spatial{areas: areas, method: method}
	if err := s.proximities(w); err != nil {
		return nil, err
	}
	var y []float64
	for i, a := range areas {
		if !a.OutOfSample {
			s.at, y = append(s.at, i), append(y, a.Direct)
		}
	}
	var grid []*rotation
	for k := -19; k <= 19; k++ {
		r, err := s.rotate(float64(k) / 20)
		if err != nil {
			return nil, err
		}
		grid = append(grid, r)
	}
	r, f, err := s.best(grid, y)
	if err != nil {
		return nil, err
	}
	if r, f, err = s.refine(r, f, y); err != nil {
		return nil, err
	}
	fit := s.fit(r, f, y)
	if replicates > 0 {
		err = s.bootstrap(fit, r, f, grid, replicates, random)
	}
	return fit, err
}

// proximities checks W.
func (s *spatial) proximities(w [][]float64) error {
	n := len(s.areas)
	if len(w) != n {
		return fmt.Errorf("small areas: proximities of %d areas for %d areas: want one row each", len(w), n)
	}
	s.w = mat.NewDense(n, n, nil)
	for i, row := range w {
		if len(row) != n {
			return fmt.Errorf("small areas: area %d has %d proximities for %d areas", i+1, len(row), n)
		}
		var sum float64
		for j, v := range row {
			if !(v >= 0) || !finite(v) || i == j && v != 0 {
				return fmt.Errorf("small areas: proximity of areas %d and %d is %v: want a number of at least 0, and 0 to itself", i+1, j+1, v)
			}
			sum += v
		}
		if sum != 0 && math.Abs(sum-1) > 1e-9 {
			return fmt.Errorf("small areas: proximities of area %d sum to %v: want 1, or 0 without neighbours", i+1, sum)
		}
		s.w.SetRow(i, row)
	}
	return nil
}

// rotate finds the coordinates of ρ.
func (s *spatial) rotate(rho float64) (*rotation, error) {
	n, m := len(s.areas), len(s.at)
	a := mat.NewDense(n, n, nil)
	a.Scale(-rho, s.w)
	for i := range n {
		a.Set(i, i, 1+a.At(i, i))
	}
	var inverse mat.Dense
	if err := inverse.Inverse(a); err != nil {
		return nil, fmt.Errorf("small areas: proximities at ρ = %v: %w", rho, err)
	}
	r := &rotation{rho: rho, c: new(mat.Dense), to: mat.NewDense(m, m, nil), design: &sample{}}
	r.c.Mul(&inverse, inverse.T())
	inner := mat.NewSymDense(m, nil)
	for i, k := range s.at {
		for j := i; j < m; j++ {
			inner.SetSym(i, j, r.c.At(k, s.at[j])/math.Sqrt(s.areas[k].Variance*s.areas[s.at[j]].Variance))
		}
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(inner, true) {
		return nil, fmt.Errorf("small areas: proximities at ρ = %v have no eigenvectors", rho)
	}
	var u mat.Dense
	eigen.VectorsTo(&u)
	rows := make([][]float64, m)
	for i, lambda := range eigen.Values(nil) {
		if !(lambda > 0) {
			return nil, fmt.Errorf("small areas: the effects at ρ = %v have no density (eigenvalue %v)", rho, lambda)
		}
		r.design.d = append(r.design.d, 1/lambda)
		r.constant -= (math.Log(lambda) + math.Log(s.areas[s.at[i]].Variance)) / 2
		rows[i] = make([]float64, len(s.areas[0].X))
		for j, k := range s.at {
			v := u.At(j, i) / math.Sqrt(lambda*s.areas[k].Variance)
			r.to.Set(i, j, v)
			for l, x := range s.areas[k].X {
				rows[i][l] += v * x
			}
		}
	}
	if err := r.design.turn(rows); err != nil {
		return nil, err
	}
	logDet, _ := mat.LogDet(r.design.inverse)
	r.logR = -2 * logDet
	return r, nil
}

// variance is σ² at a ρ, with the likelihood there.
func (s *spatial) variance(r *rotation, y []float64) (point, float64, error) {
	data := *r.design
	data.y = product(r.to, y)
	f, err := data.variance(s.method)
	if err != nil {
		return f, 0, err
	}
	l := f.target(s.method, len(y)) + r.constant
	if s.method == REML {
		l -= r.logR / 2
	}
	return f, l, nil
}

// best is the best of some ρ.
func (s *spatial) best(grid []*rotation, y []float64) (best *rotation, at point, err error) {
	top := math.Inf(-1)
	for _, r := range grid {
		f, l, err := s.variance(r, y)
		if err != nil {
			return nil, f, err
		}
		if l > top {
			best, at, top = r, f, l
		}
	}
	return best, at, nil
}

// refine makes ρ best between its neighbours by golden sections.
func (s *spatial) refine(r *rotation, f point, y []float64) (*rotation, point, error) {
	const golden = 0.6180339887498949
	low, high := max(r.rho-0.05, -0.995), min(r.rho+0.05, 0.995)
	for high-low > 1e-7 {
		a, err := s.rotate(high - golden*(high-low))
		if err != nil {
			return nil, f, err
		}
		b, err := s.rotate(low + golden*(high-low))
		if err != nil {
			return nil, f, err
		}
		if r, f, err = s.best([]*rotation{a, b}, y); err != nil {
			return nil, f, err
		}
		if r == a {
			high = b.rho
		} else {
			low = a.rho
		}
	}
	return r, f, nil
}

func product(a *mat.Dense, x []float64) []float64 {
	var y mat.VecDense
	y.MulVec(a, mat.NewVecDense(len(x), x))
	return y.RawVector().Data
}

// fit predicts all areas: G_s V⁻¹(y − Xβ̂) = C_s T' r, r_i = σ²(y' − x'β̂)_i/(σ² + 1/λ_i)
// in the coordinates y' = Ty.
func (s *spatial) fit(r *rotation, f point, y []float64) *SpatialFit {
	fit := &SpatialFit{Rho: r.rho, Sigma2: f.sigma2, Beta: product(r.design.inverse, f.beta)}
	fit.LogLikelihood = f.target(ML, len(y)) + r.constant - float64(len(y))/2*math.Log(2*math.Pi)
	residual := product(r.to, y)
	for i, x := range r.design.x {
		residual[i] = f.sigma2 * (residual[i] - dot(x, f.beta)) / (f.sigma2 + r.design.d[i])
	}
	var back mat.VecDense
	back.MulVec(r.to.T(), mat.NewVecDense(len(residual), residual))
	for i, a := range s.areas {
		estimate := dot(a.X, fit.Beta)
		for j, k := range s.at {
			estimate += r.c.At(i, k) * back.AtVec(j)
		}
		fit.Estimates = append(fit.Estimates, estimate)
	}
	return fit
}

// bootstrap is the mean square of θ̂* − θ* over replicates of the fitted model.
func (s *spatial) bootstrap(fit *SpatialFit, r *rotation, f point, grid []*rotation, replicates int, random *rand.Rand) error {
	n := len(s.areas)
	cov := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			cov.SetSym(i, j, r.c.At(i, j))
		}
	}
	var chol mat.Cholesky
	if !chol.Factorize(cov) {
		return fmt.Errorf("small areas: the effects at ρ = %v have no density", r.rho)
	}
	var root mat.TriDense
	chol.LTo(&root)
	fit.MSE = make([]float64, n)
	for replicate := range replicates {
		z, u := mat.NewVecDense(n, nil), mat.NewVecDense(n, nil)
		for i := range n {
			z.SetVec(i, math.Sqrt(f.sigma2)*random.NormFloat64())
		}
		u.MulVec(&root, z)
		truth := make([]float64, n)
		for i, a := range s.areas {
			truth[i] = dot(a.X, fit.Beta) + u.AtVec(i)
		}
		y := make([]float64, len(s.at))
		for j, k := range s.at {
			y[j] = truth[k] + math.Sqrt(s.areas[k].Variance)*random.NormFloat64()
		}
		rotation, at, err := s.best(grid, y)
		if err != nil {
			return fmt.Errorf("bootstrap replicate %d: %w", replicate+1, err)
		}
		for i, e := range s.fit(rotation, at, y).Estimates {
			fit.MSE[i] += square(e-truth[i]) / float64(replicates)
		}
	}
	return nil
}
