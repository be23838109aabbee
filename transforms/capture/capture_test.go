package capture

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/kankei/kankei/internal/casetable"
)

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func TestCaseB01Chao(t *testing.T) {
	c := casetable.Open(t, "b01_chao_species")
	for _, name := range []string{"butterfly", "traffic", "cottontail", "insects"} {
		d := c.Read("input_" + name + ".csv")
		var f Frequencies
		for i, j := range d.Numbers("j") {
			for len(f) < int(j) {
				f = append(f, 0)
			}
			f[int(j)-1] = d.Numbers("n_j")[i]
		}
		for path, e := range map[string]Estimate{"chao1": must(Chao(f))(t), "chao1_bias_corrected": must(ChaoCorrected(f))(t)} {
			c.Holds(name+"/"+path+"/est", e.N)
			c.Holds(name+"/"+path+"/se", e.StdErr)
			// The case takes 1.96 for the quantile.
			low, high := e.LogNormal(0.9500042097035591)
			c.Holds(name+"/"+path+"/ci_lognormal_1.96/0", low)
			c.Holds(name+"/"+path+"/ci_lognormal_1.96/1", high)
		}
	}
}

func TestCaseB02ZeroTruncated(t *testing.T) {
	c := casetable.Open(t, "b02_zerotruncated")
	d := c.Read("input.csv")
	f := Frequencies(d.Numbers("freq"))
	var counts []float64
	var x [][]float64
	for i, n := range f {
		for range int(n) {
			counts, x = append(counts, d.Numbers("count")[i]), append(x, []float64{1})
		}
	}
	r := must(ZeroTruncatedPoisson(counts, x))(t)
	c.Holds("ztpoisson/coef", r.Coefficients[0])
	c.Holds("ztpoisson/N", r.N)
	c.Holds("ztpoisson/var", square(r.StdErr))
	c.Holds("ztpoisson/loglik", r.LogLikelihood)
	low, high := r.LogNormal(0.95)
	c.Holds("ztpoisson/ci_lognormal/0", low)
	c.Holds("ztpoisson/ci_lognormal/1", high)
	z := must(Zelterman(f))(t)
	c.Holds("zelterman/N", z.N)
	c.Holds("zelterman/var", square(z.StdErr))
	low, high = z.LogNormal(0.95)
	c.Holds("zelterman/ci_lognormal/0", low)
	c.Holds("zelterman/ci_lognormal/1", high)
	c.Holds("check/chao_N", must(Chao(f))(t).N)
}

func TestCaseB03Covariates(t *testing.T) {
	c := casetable.Open(t, "b03_ztp_covariates")
	d := c.Read("input.csv")
	names := []string{"gendermale", "age>40yrs", "nationAsia", "nationNorth Africa", "nationRest of Africa", "nationSurinam", "nationTurkey"}
	var x [][]float64
	for i := range d["capture"] {
		row := []float64{1}
		for _, name := range names {
			is := 0.0
			for _, variable := range []string{"gender", "age", "nation"} {
				if variable+d[variable][i] == name {
					is = 1
				}
			}
			row = append(row, is)
		}
		x = append(x, row)
	}
	r := must(ZeroTruncatedPoisson(d.Numbers("capture"), x))(t)
	c.Holds("coef/(Intercept)", r.Coefficients[0])
	for i, name := range names {
		c.Holds("coef/"+name, r.Coefficients[i+1])
		c.Holds(fmt.Sprintf("se/%d", i+1), r.StdErrs[i+1])
	}
	c.Holds("N", r.N)
	c.Holds("se_N", r.StdErr)
	c.Holds("loglik", r.LogLikelihood)
	low, high := r.LogNormal(0.95)
	c.Holds("ci_lognormal/0", low)
	c.Holds("ci_lognormal/1", high)
}

func TestCaseB07TwoLists(t *testing.T) {
	c := casetable.Open(t, "b07_lp_chapman")
	d := c.Read("input.csv")
	for i, id := range d["id"] {
		l := TwoLists{d.Numbers("n1")[i], d.Numbers("n2")[i], d.Numbers("m")[i]}
		at := "id" + id + "/"
		e := must(Chapman(l))(t)
		c.Holds(at+"chapman", e.N)
		c.Holds(at+"chapman_se", e.StdErr)
		low, high, err := Sadinle(l, 0.95)
		exactLow, exactHigh, err2 := Exact(l, 0.95)
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		c.Holds(at+"sadinle_logit_ci/0", low)
		c.Holds(at+"exact_ci/0", exactLow)
		lp, err := LincolnPetersen(l)
		if l.Both == 0 { // no overlap: no number, no upper limit
			if err == nil || !math.IsInf(high, 1) || !math.IsInf(exactHigh, 1) {
				t.Errorf("without a common person: %v, upper limits %v and %v", lp, high, exactHigh)
			}
			continue
		}
		c.Holds(at+"sadinle_logit_ci/1", high)
		c.Holds(at+"exact_ci/1", exactHigh)
		c.Holds(at+"lp", lp.N)
		c.Holds(at+"lp_se", lp.StdErr)
	}
}

func TestCaseB08ThinnedThreshold(t *testing.T) {
	c := casetable.Open(t, "b08_thinning_threshold")
	f := Frequencies(c.Read("input.csv").Numbers("freq"))
	fit := familyOf(t, must(FitThinned(f, Detection{Visit: Rate{P: 0.35}}, 24))(t), ShiftedNegativeBinomial)
	c.Holds("nb_fit/size", math.Exp(fit.Theta[0]))
	c.Holds("nb_fit/mu", math.Exp(fit.Theta[1]))
	if math.Abs(fit.LogLikelihood-c.Answer("nb_fit/loglik")) > c.Tolerance("loglik_abs") {
		t.Errorf("log-likelihood %v, want %v", fit.LogLikelihood, c.Answer("nb_fit/loglik"))
	}
	for _, q := range []struct {
		k    int
		n    string
		se   string
		with bool
	}{{1, "N_ge1", "se_delta_ge1_with_binomial", true}, {2, "N_ge2", "se_delta_ge2_param_only", false}, {4, "N_ge4", "se_delta_ge4_param_only", false}} {
		n := must(fit.AtLeast(q.k))(t)
		c.Holds("nb_fit/"+q.n, n.N)
		if q.with {
			c.Holds("nb_fit/"+q.se, math.Hypot(n.Parameters, n.Sampling))
		} else {
			c.Holds("nb_fit/"+q.se, n.Parameters)
		}
	}
	c.Holds("naive_threshold/ge2", f.AtLeast(2))
	c.Holds("naive_threshold/ge4", f.AtLeast(4))
	if chi2, df, p := fit.Adequacy(); p < 0.01 {
		t.Errorf("the true family misfits: X² = %v, %v degrees of freedom, p = %v", chi2, df, p)
	}
}

// familyOf is the fit of one family.
func familyOf(t testing.TB, all Fits, name string) Thinned {
	t.Helper()
	for _, fit := range all.Fits {
		if fit.Family == name {
			return fit
		}
	}
	t.Fatalf("%s does not fit: %v", name, all.Refused)
	return Thinned{}
}

func TestCaseB10LinkageError(t *testing.T) {
	c := casetable.Open(t, "b10_linkage_error")
	d := c.Read("input.csv")
	for i, id := range d["id"] {
		l := TwoLists{d.Numbers("n1")[i], d.Numbers("n2")[i], d.Numbers("m")[i]}
		corrected := must(l.Corrected(d.Numbers("alpha")[i], d.Numbers("beta")[i]))(t)
		c.Holds("id"+id+"/naive", must(LincolnPetersen(l))(t).N)
		c.Holds("id"+id+"/true_matches", corrected.Both)
		c.Holds("id"+id+"/N", must(LincolnPetersen(corrected))(t).N)
	}
}

func TestCaseB14Splits(t *testing.T) {
	c := casetable.Open(t, "b14_linkage_split")
	f := Frequencies(c.Read("input.csv").Numbers("freq"))
	joined := must(f.Joined(0.95))(t)
	c.Holds("n_observed", f.Seen())
	c.Holds("chao1_bc_observed", must(ChaoCorrected(f))(t).N)
	for j := range 6 {
		c.Holds(fmt.Sprintf("corrected_first6/%d", j), joined[j])
	}
	c.Holds("corrected_total", joined.Seen())
	c.Holds("corrected_ge4", joined.AtLeast(4))
	n, implied, err := OneInflated(f)
	if err != nil {
		t.Fatal(err)
	}
	c.Holds("chao_oneinflated_bc", n)
	c.Holds("implied_f1", implied)
}

// By hand: 10 persons seen once, 5 twice, 2 three times. Chao: 17 + 100/10 = 27;
// corrected 17 + 90/12 = 24.5. Nine of ten links found: of those seen twice 2·0.1 singletons each.
func TestByHand(t *testing.T) {
	f := Frequencies{10, 5, 2}
	if a, b := must(Chao(f))(t), must(ChaoCorrected(f))(t); a.N != 27 || b.N != 24.5 || a.Seen != 17 {
		t.Errorf("bounds %v and %v, want 27 and 24.5", a.N, b.N)
	}
	split := Frequencies{binomial(1, 2, 0.9)*100 + 2*0.1*100, 0.81 * 100}
	if joined := must(split.Joined(0.9))(t); math.Abs(joined[0]) > 1e-9 || math.Abs(joined[1]-100) > 1e-9 {
		t.Errorf("joined %v, want 0 and 100", joined)
	}
	if low, high := (Estimate{N: 17, Seen: 17}).LogNormal(0.95); low != 17 || high != 17 {
		t.Errorf("nobody unseen: %v–%v, want 17–17", low, high)
	}
}

func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		err  error
		want string
	}{
		{second(Chao(Frequencies{5})), "nobody was seen twice"},
		{second(ChaoCorrected(nil)), "nobody was seen"},
		{second(ChaoCorrected(Frequencies{-1})), "is no count"},
		{second(Zelterman(Frequencies{5})), "nobody twice"},
		{second(ZeroTruncatedPoisson([]float64{1, 1}, [][]float64{{1}, {1}})), "nobody was seen twice"},
		{second(ZeroTruncatedPoisson([]float64{1, 2}, [][]float64{{1, 1}, {1, 1}})), "depend on one another"},
		{second(ZeroTruncatedPoisson([]float64{0, 2}, [][]float64{{1}, {1}})), "counts begin at 1"},
		{second(Chapman(TwoLists{10, 5, 6})), "no more in common than the shorter"},
		{second(TwoLists{100, 100, 50}.Corrected(0.1, 0.2)), "more of the matches"},
		{second(TwoLists{100, 100, 1}.Corrected(0.9, 0.1)), "do not fit the lists"},
		{second(FitThinned(Frequencies{5, 1}, Detection{Visit: Rate{P: 0}}, 10)), "above 0"},
		{second(FitThinned(Frequencies{5, 1}, Detection{Visit: Rate{P: 0.5}}, 1)), "no more than 1 visits"},
		{second(FitThinned(Frequencies{1000}, Detection{Visit: Rate{P: 0.9}}, 24)), "no family fits"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("error %v, want %q", c.err, c.want)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// Laws: more seen, more persons; a bound is no less than what was seen; every visit seen
// is every person known.
func TestProperties(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f := Frequencies{float64(rapid.IntRange(1, 500).Draw(rt, "f1")), float64(rapid.IntRange(1, 300).Draw(rt, "f2")), float64(rapid.IntRange(1, 100).Draw(rt, "f3"))}
		for _, e := range []Estimate{must(Chao(f))(t), must(ChaoCorrected(f))(t), must(Zelterman(f))(t)} {
			low, high := e.LogNormal(0.95)
			if e.N < f.Seen() || low < f.Seen() || high < e.N {
				rt.Fatalf("%v: %v, %v–%v", f, e.N, low, high)
			}
		}
		if a, b := must(Chao(f))(t), must(Chao(Frequencies{2 * f[0], 2 * f[1], 2 * f[2]}))(t); math.Abs(b.N-2*a.N) > 1e-9*b.N {
			rt.Fatalf("twice as many: %v and %v", a.N, b.N)
		}
		first := rapid.IntRange(1, 400).Draw(rt, "first")
		l := TwoLists{float64(first), float64(rapid.IntRange(1, 400).Draw(rt, "second")), 0}
		l.Both = float64(rapid.IntRange(0, int(min(l.First, l.Second))).Draw(rt, "both"))
		if n := must(Chapman(l))(t); n.N < l.distinct()-1 {
			rt.Fatalf("%+v: %v persons", l, n.N)
		}
		if full := must(l.Corrected(1, 0))(t); full != l {
			rt.Fatalf("perfect linkage changes %+v to %+v", l, full)
		}
	})
	f := Frequencies{400, 250, 120, 60, 30, 12, 5}
	n := must(must(FitThinned(f, Detection{Visit: Rate{P: 1}}, 12))(t).AtLeast(1))(t)
	if math.Abs(n.N-f.Seen()) > 1e-9 || n.Sampling != 0 {
		t.Errorf("every visit is seen, and %v ± %v of %v persons are there", n.N, n.Sampling, f.Seen())
	}
}

// In simulated years the count under thinning covers, loyalty known, averaged over
// families of which one is true (bias up to 2 %); without loyalty it is
// off as METHODS says (−13 % at a loyalty of 30 %); the naive count is far off.
func TestThinnedAgainstTruth(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 26))
	const persons, runs, p, loyalty = 5000, 60, 0.35, 0.3
	covered := 0
	var sum, truth, blind float64
	for range runs {
		f := make(Frequencies, 24)
		repeated := 0.0
		for range persons {
			v := 1
			for random.Float64() < 0.7 && v < 24 { // geometric: a negative binomial of size 1
				v++
			}
			if v >= 2 {
				repeated++
			}
			seen := 0
			all, loyal := random.Float64() < p, random.Float64() < loyalty
			for range v {
				if loyal && all || !loyal && random.Float64() < p {
					seen++
				}
			}
			if seen > 0 {
				f[seen-1]++
			}
		}
		n := must(must(FitThinned(f, Detection{Visit: Rate{P: p}, Loyalty: Rate{P: loyalty}}, 24))(t).AtLeast(2))(t)
		low, high := n.Interval(0.95)
		if low <= repeated && repeated <= high {
			covered++
		}
		sum, truth = sum+n.N/runs, truth+repeated/runs
		if other, err := FitThinned(f, Detection{Visit: Rate{P: p}}, 24); err == nil {
			blind += must(other.AtLeast(1))(t).N / runs
		}
	}
	t.Logf("persons with ≥ 2 visits: truth %.0f, estimate %.0f, covered %d of %d; all persons with loyalty ignored %.0f of %d", truth, sum, covered, runs, blind, persons)
	if math.Abs(sum/truth-1) > 0.02 || covered < runs*85/100 {
		t.Errorf("estimate %.0f, truth %.0f, covered %d of %d", sum, truth, covered, runs)
	}
	if blind/persons > 0.93 {
		t.Errorf("loyalty ignored gives %.0f of %d persons: it should be far too few", blind, persons)
	}
}

// An error of the detection is carried: a tenth more seen than thought is some six
// per cent fewer with two visits.
func TestDetectionErrorIsCarried(t *testing.T) {
	f := Frequencies{21234, 8123, 3887, 1855, 896, 444, 237, 120, 55, 34, 6, 7, 2, 1}
	sure := must(familyOf(t, must(FitThinned(f, Detection{Visit: Rate{P: 0.35}}, 24))(t), ShiftedNegativeBinomial).AtLeast(2))(t)
	unsure := must(familyOf(t, must(FitThinned(f, Detection{Visit: Rate{0.35, 0.035}}, 24))(t), ShiftedNegativeBinomial).AtLeast(2))(t)
	if unsure.N != sure.N || sure.Detected != 0 || !(unsure.Detected/sure.N > 0.04 && unsure.Detected/sure.N < 0.09) || unsure.StdErr < unsure.Detected {
		t.Errorf("sure %+v, unsure %+v", sure, unsure)
	}
}

// Where those with two visits or more answered a tenth more readily than others, or less, their answers are that many more:
// numbers move as fits to such answers do. Numbers of four visits move by the answers of four or more alone, and others by none
// where all answered alike.
func TestDropOutMovesAsTheAnswersDo(t *testing.T) {
	f := Frequencies{2123, 812, 388, 185, 90, 44, 24, 12, 5}
	asked := func(readily float64, k int, dropOut float64) []Asked {
		classes := []Asked{{1, 1, 400, false, dropOut}, {2, 3, 250, false, dropOut}, {4, -1, 150, false, dropOut}, {1, 1, 90, true, 0}, {2, -1, 310, true, 0}}
		for i := range classes[:3] {
			if classes[i].Least >= k {
				classes[i].Persons *= readily
			}
		}
		return classes
	}
	number := func(k int, readily, dropOut float64) Threshold {
		fits := must(FitThinned(f, Detection{Visit: Rate{P: 0.35}}, 40, asked(readily, k, dropOut)...))(t)
		return must(familyOf(t, fits, ShiftedNegativeBinomial).AtLeast(k))(t)
	}
	for _, k := range []int{2, 4} {
		const step = 1e-3
		told, alike := number(k, 1, 0.1), number(k, 1, 0)
		want := math.Abs(number(k, math.Exp(step), 0).N-number(k, math.Exp(-step), 0).N) / (2 * step) * 0.1
		if math.Abs(told.DropOut/want-1) > 0.01 || want < 10 {
			t.Errorf("at least %d visits: %v, by fits %v", k, told.DropOut, want)
		}
		if alike.DropOut != 0 || math.Abs(math.Hypot(alike.StdErr, told.DropOut)-told.StdErr) > 1e-9 {
			t.Errorf("at least %d visits: %+v where all answered alike, else %+v", k, alike, told)
		}
	}
}

// Every family is a distribution, and the log-normal one has the moments of its name:
// E = e^{μ+σ²/2}.
func TestFamiliesAreDistributions(t *testing.T) {
	for _, f := range parametric {
		for _, start := range f.starts {
			var sum float64
			for v, p := range f.visits(start, 40) {
				if p < 0 {
					t.Errorf("%s %v: P(%d) = %v", f.name, start, v, p)
				}
				sum += p
			}
			if math.Abs(sum-1) > 1e-12 {
				t.Errorf("%s %v sums to %v", f.name, start, sum)
			}
		}
	}
	var mean float64
	for v, p := range poissonLogNormal(0.2, 0.5, 120) {
		mean += float64(v) * p
	}
	if want := math.Exp(0.2 + 0.125); math.Abs(mean-want) > 1e-6 {
		t.Errorf("mean of the log-normal mixture %v, want %v", mean, want)
	}
}

// Data of a family are told to be of it, and its counts come back; visitors who were
// asked how often they come narrow what bookings leave open.
func TestFamiliesAreTold(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 26))
	g := parametric[4].visits([]float64{0, 0.3, -2.5}, 24) // some eight in a hundred come every month
	f := make(Frequencies, 24)
	asked := []Asked{{Least: 1, Most: 1}, {Least: 2, Most: 3}, {Least: 4, Most: 11}, {Least: 12, Most: -1}}
	truth := 0.0
	for range 20_000 {
		v, u := 1, random.Float64()
		for u -= g[0]; u > 0 && v < 24; v++ {
			u -= g[v]
		}
		if v >= 4 {
			truth++
		}
		seen := 0
		for range v {
			if random.Float64() < 0.35 {
				seen++
			}
		}
		if seen > 0 {
			f[seen-1]++
		}
		if random.Float64() < 0.03 {
			for i := range asked {
				if v >= asked[i].Least && (asked[i].Most < 0 || v <= asked[i].Most) {
					asked[i].Persons++
				}
			}
		}
	}
	alone := must(FitThinned(f, Detection{Visit: Rate{P: 0.35}}, 24))(t)
	if best := alone.Fits[0].Family; best != MonthlyAtom {
		t.Errorf("the best family is %s", best)
	}
	if _, _, p := familyOf(t, alone, ShiftedNegativeBinomial).Adequacy(); p > 1e-4 {
		t.Errorf("the negative binomial family is not found to misfit: p = %v", p)
	}
	n := must(alone.AtLeast(4))(t)
	joint := must(must(FitThinned(f, Detection{Visit: Rate{P: 0.35}}, 24, asked...))(t).AtLeast(4))(t)
	for _, e := range []Threshold{n, joint} {
		if low, high := e.Interval(0.99); truth < low || truth > high {
			t.Errorf("%v persons with four visits or more: %v–%v", truth, low, high)
		}
	}
	if joint.StdErr >= n.StdErr {
		t.Errorf("the question makes the error %v of %v", joint.StdErr, n.StdErr)
	}
	t.Logf("persons with ≥ 4 visits: truth %.0f, bookings alone %.0f ± %.0f, with the question %.0f ± %.0f", truth, n.N, n.StdErr, joint.N, joint.StdErr)
}

// Places of a class: over places whose share that come again differs, intervals hold the
// truth, whoever was seen; a place of which much was seen keeps what it tells, one of
// which nothing was seen has the class's.
func TestPlacesOfAClass(t *testing.T) {
	random := rand.New(rand.NewPCG(17, 5))
	const p, places = 0.4, 60
	var all Frequencies
	var each []Place
	var truth []float64
	for i := range places {
		again := logistic(-1 + 0.5*random.NormFloat64())
		f := make(Frequencies, 24)
		two := 0.0
		for range 60 + 40*(i%20) {
			v := 1
			if random.Float64() < again {
				for v = 2; random.Float64() < 0.5 && v < 24; v++ {
				}
				two++
			}
			seen := 0
			for range v {
				if random.Float64() < p {
					seen++
				}
			}
			if seen > 0 {
				f[seen-1]++
			}
		}
		for j, n := range f {
			for len(all) <= j {
				all = append(all, 0)
			}
			all[j] += n
		}
		each, truth = append(each, Place{Seen: f, Detection: Detection{Visit: Rate{P: p}}}), append(truth, two)
	}
	class := NewClass(must(FitThinned(all, Detection{Visit: Rate{P: p}}, 24))(t), each)
	covered := 0
	for i, place := range each {
		n := must(class.AtLeast(place, 2))(t)
		if low, high := n.Interval(0.95); low <= truth[i] && truth[i] <= high {
			covered++
		}
	}
	if covered < 54 { // of 60, 57 expected
		t.Errorf("%d intervals of %d hold the truth", covered, places)
	}
	if class.Spread < 0.25 || class.Spread > 0.7 {
		t.Errorf("spread between places %v, true 0.5", class.Spread)
	}
	few, many := must(class.AtLeast(Place{Seen: Frequencies{10, 5}, Detection: each[0].Detection}, 2))(t), must(class.AtLeast(Place{Seen: Frequencies{1000, 500}, Detection: each[0].Detection}, 2))(t)
	if many.N/100 < 1.1*few.N || many.StdErr/many.N > 0.5*few.StdErr/few.N {
		t.Errorf("ten times as many seen again as in the class: of few %v ± %v, of many %v ± %v", few.N, few.StdErr, many.N, many.StdErr)
	}
	if share := must(class.PerVisit(1))(t); share.N > 1 || share.N < 0.4 || share.StdErr <= 0 {
		t.Errorf("%v persons a visit", share)
	}
	t.Logf("%d of %d intervals hold the truth; spread %.2f, true 0.5", covered, places, class.Spread)
}
