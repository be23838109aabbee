package capture

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/diff/fd"
	"gonum.org/v1/gonum/mat"

	"github.com/kankei/kankei/internal/casetable"
)

// readHistories are the histories of a table with a column for each list.
func readHistories(t testing.TB, d casetable.Columns, lists ...string) Histories {
	t.Helper()
	rows := make([][]bool, len(d[lists[0]]))
	for _, name := range lists {
		for i, v := range d.Numbers(name) {
			rows[i] = append(rows[i], v == 1)
		}
	}
	return must(NewHistories(lists, rows))(t)
}

// R's glm.fit ends when the deviance moves by less than 1e-8 of itself and takes the
// covariance from the weights of the step before, which is some 3e-5 off where the likelihood
// is flat. The case holds at its tolerance under that convention, and ours, which is that
// of the maximum, is near it.
//
// For Mbh the case has a standard error of 14.59, of a slope in which one factor is
// missing (below); 4.65 is right.
func TestCaseB04ClosedPopulation(t *testing.T) {
	c := casetable.Open(t, "b04_closedp_hare")
	h := readHistories(t, c.Read("input.csv"), "c1", "c2", "c3", "c4", "c5", "c6")
	for i, model := range ClosedModels {
		fit := must(FitClosed(h, model))(t)
		at := fmt.Sprintf("models/%d/", i)
		c.Holds(at+"N", fit.N)
		c.Holds(at+"deviance", fit.Deviance)
		c.Holds(at+"df", float64(fit.DF))
		c.Holds(at+"AIC", fit.AIC)
		c.Holds(at+"BIC", fit.BIC)
		if model == Mbh {
			c.Holds(at+"se", withoutFactor(fit, 6))
			continue
		}
		c.Holds(at+"se", stoppedStdErr(t, fit, 6))
		if want := c.Answer(at + "se"); math.Abs(fit.StdErr/want-1) > 5e-5 {
			t.Errorf("%s: standard error %v at the maximum, %v a step before", model, fit.StdErr, want)
		}
	}
	for name, model := range map[string]ClosedModel{"Mt": Mt, "Mth_Chao": MthChao, "Mh_Poisson2": MhPoisson2} {
		n, low, high, err := must(FitClosed(h, model))(t).Profile(0.95)
		if err != nil {
			t.Fatal(err)
		}
		c.Within("profile/"+name+"/0", n, "profile_ci_rel")
		c.Within("profile/"+name+"/1", low, "profile_ci_rel")
		c.Within("profile/"+name+"/2", high, "profile_ci_rel")
	}
}

// stoppedStdErr is the standard error from the weights of the last step but one, where
// steps end as R's do.
func stoppedStdErr(t testing.TB, fit ClosedFit, lists float64) float64 {
	t.Helper()
	m := loglinear{fitted: make([]float64, len(fit.y)), deviance: math.Inf(1)}
	z := make([]float64, len(fit.y))
	for i, v := range fit.y {
		m.fitted[i] = v + 0.1
	}
	for first := true; ; first = false {
		weights, before := append([]float64(nil), m.fitted...), m.deviance
		for i, v := range fit.y {
			z[i] = math.Log(weights[i]) + (v-weights[i])/weights[i]
		}
		m.coefficients = must(weighted(fit.x, weights, z))(t)
		m.evaluate(fit.x, fit.y)
		if !first && math.Abs(m.deviance-before)/(math.Abs(m.deviance)+0.1) < 1e-8 {
			var chol mat.Cholesky
			var covariance mat.SymDense
			if !chol.Factorize(weightedProducts(fit.x, weights)) || chol.InverseTo(&covariance) != nil {
				t.Fatal("no covariance")
			}
			n, slope, err := fit.Model.unseen(m.coefficients, lists)
			if err != nil {
				t.Fatal(err)
			}
			g := mat.NewVecDense(len(slope), slope)
			return math.Sqrt(n + mat.Inner(g, &covariance, g))
		}
	}
}

// withoutFactor is the standard error of Mbh by
//
//	N = e^{g₁} (1+e^{g₄})^{K−1} (1 + S),  S = e^{g₂+g₃}/(1 + e^{g₄} − e^{g₃})
//
// with ∂ln(1+e^{g₄})^{K−1}/∂g₄ not multiplied by 1 + S. The design of the case has
// g₁ = β₀ + β₃, g₂ = −β₃, g₃ = β₁, g₄ = β₂.
func withoutFactor(fit ClosedFit, lists float64) float64 {
	b := fit.Coefficients
	first, ratio, again := b[0]+b[3], math.Exp(b[1]), math.Exp(b[2])
	d := 1 + again - ratio
	s := math.Exp(-b[3]) * ratio / d
	v := []float64{1 + s, s, s + s*ratio/d, (lists-1)*again/(1+again) - s*again/d}
	scale := math.Exp(first) * math.Pow(1+again, lists-1)
	// In the order of the coefficients: β₀ = g₁ + g₂, β₁ = g₃, β₂ = g₄, β₃ = −g₂.
	to := mat.NewDense(4, 4, []float64{1, 0, 0, 1, 0, 0, 0, -1, 0, 1, 0, 0, 0, 0, 1, 0})
	g := mat.NewVecDense(4, nil)
	g.MulVec(to.T(), mat.NewVecDense(4, v))
	g.ScaleVec(scale, g)
	return math.Sqrt(mat.Inner(g, fit.covariance, g) - fit.N)
}

// The slope of the number never seen is that of differences, for Mb and Mbh too.
func TestSlopeOfUnseen(t *testing.T) {
	for model, beta := range map[ClosedModel][]float64{Mt: {1, -1, 0, 1}, Mb: {2, -0.1, -0.5}, Mbh: {1.4, -0.03, -0.7, -0.7}} {
		_, slope, err := model.unseen(beta, 6)
		if err != nil {
			t.Fatal(err)
		}
		differences := fd.Gradient(nil, func(b []float64) float64 { n, _, _ := model.unseen(b, 6); return n }, beta, &fd.Settings{Formula: fd.Central})
		for i := range slope {
			if math.Abs(slope[i]-differences[i]) > 1e-6*(1+math.Abs(slope[i])) {
				t.Errorf("%s: slope %v, by differences %v", model, slope, differences)
			}
		}
	}
}

// Of M0 the likelihood is closed: with T sightings, p̂ = T/(KN) and ℓ(N) = ln Γ(N+1) − ln Γ(N−n+1)
// + T ln p̂ + (KN − T) ln(1 − p̂). At the ends it is 3.841/2 below the top.
func TestProfileByHand(t *testing.T) {
	h := hepatitis(t)
	n, low, high, err := must(FitClosed(h, M0))(t).Profile(0.95)
	if err != nil {
		t.Fatal(err)
	}
	const lists, sightings = 3, 135 + 122 + 126
	l := func(n float64) float64 {
		a, _ := math.Lgamma(n + 1)
		b, _ := math.Lgamma(n - h.Seen() + 1)
		p := sightings / (lists * n)
		return a - b + sightings*math.Log(p) + (lists*n-sightings)*math.Log1p(-p)
	}
	const half = 3.841458820694124 / 2
	if math.Abs(l(n)-l(low)-half) > 1e-5 || math.Abs(l(n)-l(high)-half) > 1e-5 || l(n) < l(n-0.5) || l(n) < l(n+0.5) {
		t.Errorf("%v, %v–%v: %v below at the ends, want %v", n, low, high, []float64{l(n) - l(low), l(n) - l(high)}, half)
	}
}

func TestFitAllClosed(t *testing.T) {
	fits, refused, err := FitAllClosed(hepatitis(t))
	if err != nil || len(fits)+len(refused) != len(ClosedModels) {
		t.Fatal(fits, refused, err)
	}
	for i, f := range fits {
		if i > 0 && f.AIC < fits[i-1].AIC {
			t.Errorf("%s of AIC %v comes after %v", f.Model, f.AIC, fits[i-1].AIC)
		}
		t.Logf("%-12s %6.0f ± %4.0f  AIC %.2f", f.Model, f.N, f.StdErr, f.AIC)
	}
	for _, r := range refused {
		t.Logf("refused %s: %v", r.Model, r.Err)
	}
	if _, _, err := FitAllClosed(Histories{}); err == nil {
		t.Error("models fit nothing")
	}
}

// In simulated populations with an effect of having been seen and a first occasion apart, the
// standard error of Mbh is that of the repeated estimates.
func TestBehaviourAgainstTruth(t *testing.T) {
	random := rand.New(rand.NewPCG(31, 26))
	const persons, runs = 3000, 150
	var sum, squares, stated float64
	for range runs {
		h := Histories{Lists: []string{"1", "2", "3", "4", "5"}, Counts: make([]float64, 32)}
		for range persons {
			cell := 0
			for k, p := range []float64{0.2, 0.35, 0.35, 0.35, 0.35} {
				if cell != 0 {
					p = 0.5
				}
				if random.Float64() < p {
					cell |= 1 << k
				}
			}
			h.Counts[cell]++
		}
		h.Counts[0] = 0
		f := must(FitClosed(h, Mbh))(t)
		sum, squares, stated = sum+f.N/runs, squares+square(f.N-persons)/runs, stated+square(f.StdErr)/runs
	}
	t.Logf("%d persons: %.0f, standard error %.1f of %.1f", persons, sum, math.Sqrt(stated), math.Sqrt(squares))
	if math.Abs(sum/persons-1) > 0.01 || math.Abs(math.Sqrt(stated/squares)-1) > 0.2 {
		t.Errorf("%.0f of %d persons, standard error %.1f of %.1f", sum, persons, math.Sqrt(stated), math.Sqrt(squares))
	}
}
