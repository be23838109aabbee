package smallarea

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// ring are areas in a ring, each the neighbour of two.
func ring(n int) [][]int {
	var of [][]int
	for i := range n {
		of = append(of, []int{(i + n - 1) % n, (i + 1) % n})
	}
	return of
}

// autoregressive draws areas with u = ρWu + ε.
func autoregressive(w [][]float64, rho, sigma2 float64, random *rand.Rand) (areas []Area, truth []float64) {
	n := len(w)
	a, e := mat.NewDense(n, n, nil), mat.NewVecDense(n, nil)
	for i, row := range w {
		for j, v := range row {
			a.Set(i, j, -rho*v)
		}
		a.Set(i, i, 1)
		e.SetVec(i, math.Sqrt(sigma2)*random.NormFloat64())
	}
	var u mat.VecDense
	if err := u.SolveVec(a, e); err != nil {
		panic(err)
	}
	for i := range n {
		x := random.NormFloat64()
		truth = append(truth, 10+2*x+u.AtVec(i))
		areas = append(areas, Area{Direct: truth[i] + math.Sqrt(variances(i))*random.NormFloat64(), Variance: variances(i), X: []float64{1, x}})
	}
	return areas, truth
}

// Without neighbours the spatial model is the Fay–Herriot model.
func TestSpatialWithoutNeighbours(t *testing.T) {
	areas, _ := world(30, 1, variances, rand.New(rand.NewPCG(3, 1)))
	areas[4].OutOfSample = true
	for _, method := range []Method{REML, ML} {
		want := must(FayHerriot(areas, Options{Method: method}))(t)
		got := must(Spatial(areas, must(Neighbours(make([][]int, 30)))(t), method, 0, nil))(t)
		if !near(got.Sigma2, want.Sigma2, 1e-6) || !near(got.LogLikelihood, want.LogLikelihood, 1e-9) {
			t.Errorf("%v: σ² %v and ℓ %v, want %v and %v", method, got.Sigma2, got.LogLikelihood, want.Sigma2, want.LogLikelihood)
		}
		for i, e := range got.Estimates {
			if !near(e, want.Areas[i].Estimate, 1e-6) {
				t.Errorf("%v, area %d: %v, want %v", method, i, e, want.Areas[i].Estimate)
			}
		}
	}
}

// directSpatial is the likelihood and the predictor as the formulas have them, without
// turning coordinates.
func directSpatial(areas []Area, w [][]float64, rho, sigma2 float64, method Method) (likelihood float64, estimates []float64) {
	n, p := len(areas), len(areas[0].X)
	a, x, y := mat.NewDense(n, n, nil), mat.NewDense(n, p, nil), mat.NewVecDense(n, nil)
	for i, row := range w {
		for j, v := range row {
			a.Set(i, j, -rho*v)
		}
		a.Set(i, i, 1)
		x.SetRow(i, areas[i].X)
		y.SetVec(i, areas[i].Direct)
	}
	var aa, g, v, vi, xv, xvx, q, xvy, beta, fitted, r, vr, u mat.Dense
	aa.Mul(a.T(), a)
	_ = g.Inverse(&aa)
	g.Scale(sigma2, &g)
	v.CloneFrom(&g)
	for i := range n {
		v.Set(i, i, v.At(i, i)+areas[i].Variance)
	}
	_ = vi.Inverse(&v)
	xv.Mul(x.T(), &vi)
	xvx.Mul(&xv, x)
	_ = q.Inverse(&xvx)
	xvy.Mul(&xv, y)
	beta.Mul(&q, &xvy)
	fitted.Mul(x, &beta)
	r.Sub(y, &fitted)
	vr.Mul(&vi, &r)
	u.Mul(&g, &vr)
	var rvr mat.Dense
	rvr.Mul(r.T(), &vr)
	logV, _ := mat.LogDet(&v)
	likelihood = -(logV + rvr.At(0, 0)) / 2
	if method == REML {
		logX, _ := mat.LogDet(&xvx)
		likelihood -= logX / 2
	} else {
		likelihood -= float64(n) / 2 * math.Log(2*math.Pi)
	}
	for i := range n {
		estimates = append(estimates, fitted.At(i, 0)+u.At(i, 0))
	}
	return likelihood, estimates
}

// The turned coordinates give the likelihood and predictor of the formulas, and no (ρ, σ²)
// near by is likelier.
func TestSpatialIsGreatest(t *testing.T) {
	w := must(Neighbours(ring(40)))(t)
	areas, _ := autoregressive(w, 0.6, 2, rand.New(rand.NewPCG(40, 2)))
	for _, method := range []Method{REML, ML} {
		fit := must(Spatial(areas, w, method, 0, nil))(t)
		top, estimates := directSpatial(areas, w, fit.Rho, fit.Sigma2, method)
		t.Logf("%v: ρ %.4f, σ² %.4f", method, fit.Rho, fit.Sigma2)
		if method == ML && !near(fit.LogLikelihood, top, 1e-9) {
			t.Errorf("log-likelihood %v, want %v", fit.LogLikelihood, top)
		}
		for i, e := range estimates {
			if !near(fit.Estimates[i], e, 1e-8) {
				t.Errorf("%v, area %d: %v, want %v", method, i, fit.Estimates[i], e)
			}
		}
		for k := range 8 {
			angle := float64(k) * math.Pi / 4
			if l, _ := directSpatial(areas, w, fit.Rho+0.01*math.Cos(angle), fit.Sigma2*math.Exp(0.02*math.Sin(angle)), method); l > top {
				t.Errorf("%v: likelihood %v at %d/8 around, above %v", method, l, k, top)
			}
		}
	}
}

// Where neighbours are alike the spatial model errs less than the one that does not know
// it, most of all out of the sample, and its bootstrap tells by how much.
func TestSpatialGain(t *testing.T) {
	w := must(Neighbours(ring(40)))(t)
	random := rand.New(rand.NewPCG(40, 3))
	var gain, loss, told, plain, spatialOut, plainOut []float64
	runs, replicates := 6, 10
	if !testing.Short() {
		runs, replicates = 60, 20
	}
	for range runs {
		areas, truth := autoregressive(w, 0.85, 1, random)
		areas[7].OutOfSample, areas[21].OutOfSample = true, true
		a := must(FayHerriot(areas, Options{}))(t)
		b := must(Spatial(areas, w, REML, replicates, random))(t)
		var sums [5]float64
		for i := range areas {
			l, m := square(a.Areas[i].Estimate-truth[i]), square(b.Estimates[i]-truth[i])
			sums[0], sums[1], sums[2] = sums[0]+l/40, sums[1]+m/40, sums[2]+b.MSE[i]/40
			if areas[i].OutOfSample {
				sums[3], sums[4] = sums[3]+l/2, sums[4]+m/2
			}
		}
		plain, loss, told, gain = append(plain, sums[0]), append(loss, sums[1]), append(told, sums[2]), append(gain, sums[0]-sums[1])
		plainOut, spatialOut = append(plainOut, sums[3]), append(spatialOut, sums[4])
	}
	for _, c := range []struct {
		what string
		runs []float64
	}{{"Fay–Herriot", plain}, {"spatial", loss}, {"bootstrap", told}, {"out of the sample: Fay–Herriot", plainOut}, {"spatial", spatialOut}} {
		v, mcse := mean(c.runs)
		t.Logf("mean squared error, %s: %.3f ± %.3f", c.what, v, mcse)
	}
	less, mcse := mean(gain)
	within(t, "what the spatial model errs less", less, mcse, 0, math.Inf(1))
	bias, mcse := (&score{mse: told, loss: loss}).bias()
	within(t, "bias of the bootstrap mean squared error", bias, mcse, -0.25, 0.25)
}

func TestSpatialRefusals(t *testing.T) {
	areas, _ := world(6, 1, variances, rand.New(rand.NewPCG(3, 1)))
	w := must(Neighbours(ring(6)))(t)
	for _, c := range []struct {
		err  error
		want string
	}{
		{second(Spatial(areas, w, Moment, 0, nil)), "REML or ML"},
		{second(Spatial(append([]Area{{Direct: 1, Variance: 1, Effect: 2, X: []float64{1, 0}}}, areas[1:]...), w, REML, 0, nil)), "area 1: known variance of the effect is 2"},
		{second(Spatial(areas, w[:3], REML, 0, nil)), "3 areas for 6"},
		{second(Spatial(areas, [][]float64{{0, 2, 0, 0, 0, 0}, w[1], w[2], w[3], w[4], w[5]}, REML, 0, nil)), "area 1 sum to 2"},
		{second(Spatial(areas, [][]float64{{1, 0, 0, 0, 0, 0}, w[1], w[2], w[3], w[4], w[5]}, REML, 0, nil)), "0 to itself"},
		{second(Spatial(areas, w, REML, 10, nil)), "seeded generator"},
		{second(Neighbours([][]int{{0}})), "area 0 has neighbour 0"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("%v does not say %q", c.err, c.want)
		}
	}
}
