package capture

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// hepatitis are the students of a college in Taiwan with hepatitis A in 1995, by the lists P
// (serum tests), Q (hospitals) and E (epidemiologists): Chao & Tsay (1998), Table 1; Chao et
// al. (2001), Table II. Lists hold 135, 122 and 126, together 271.
func hepatitis(t testing.TB) Histories {
	t.Helper()
	h := Histories{Lists: []string{"P", "Q", "E"}, Counts: make([]float64, 8)}
	for cell, n := range map[string]float64{"111": 28, "110": 21, "101": 17, "011": 18, "100": 69, "010": 55, "001": 63} {
		h.Counts[cellOf(cell)] = n
	}
	if h.OnAll(1) != 135 || h.OnAll(2) != 122 || h.OnAll(4) != 126 || h.Seen() != 271 {
		t.Fatalf("hepatitis: %v", h)
	}
	return h
}

// cellOf is the cell of a history such as 101.
func cellOf(history string) int {
	cell := 0
	for k, mark := range history {
		if mark == '1' {
			cell |= 1 << k
		}
	}
	return cell
}

func TestHierarchiesAreCounted(t *testing.T) {
	for _, c := range []struct{ k, order, want int }{
		// Simplicial complexes on labelled points, all points in, less the one that is full:
		// 9 − 1, 114 − 1, 6,894 − 1 (OEIS A006126); with pairs alone every graph.
		{3, 2, 8}, {4, 3, 113}, {5, 4, 6893}, {3, 1, 1}, {4, 2, 64}, {5, 2, 1024},
	} {
		if got := len(hierarchies(c.k, c.order)); got != c.want {
			t.Errorf("%d lists, interactions of up to %d: %d models, want %d", c.k, c.order, got, c.want)
		}
	}
}

// By hand. All pairs: n̂₀ = (69·55·63·28)/(21·17·18), v(ln n̂₀) = Σ 1/cells + 1/n̂₀. E apart from the
// pair, [P*Q][E]: of the 208 on P or Q 63 are on E and 145 are not, and so it is of the others, of
// whom the 63 on E alone are seen: n̂₀ = 63·145/63.
func TestListModelsByHand(t *testing.T) {
	h := hepatitis(t)
	all := must(AverageLists(h, Averaging{}))(t)
	if len(all.Models) != 8 || len(all.Refused) != 0 {
		t.Fatalf("%d models, refused %v", len(all.Models), all.Refused)
	}
	model := func(name string) ListModel {
		i := slices.IndexFunc(all.Models, func(m ListModel) bool { return m.Name == name })
		if i < 0 {
			t.Fatalf("no model %s", name)
		}
		return all.Models[i]
	}
	pairs := 69. * 55 * 63 * 28 / (21. * 17 * 18)
	se := math.Sqrt(1./69 + 1./55 + 1./63 + 1./28 + 1./21 + 1./17 + 1./18 + 1/pairs)
	if m := model("[P*E][P*Q][Q*E]"); math.Abs(m.N-271-pairs) > 1e-6 || math.Abs(m.LogStdErr-se) > 1e-9 || m.Deviance > 1e-9 {
		t.Errorf("all pairs: %+v, want %v ± %v", m, 271+pairs, pairs*se)
	}
	if m := model("[E][P*Q]"); math.Abs(m.N-271-63*145/63.) > 1e-6 {
		t.Errorf("a pair and a list: %v, want %v", m.N, 271+63*145/63.)
	}
	var weights float64
	for _, m := range all.Models {
		weights += m.Weight
		if (all.Least > m.N || all.Most < m.N) && m.AIC-all.Models[0].AIC <= 10 {
			t.Errorf("%s of %v lies outside the band of %v–%v", m.Name, m.N, all.Least, all.Most)
		}
	}
	low, high := all.Interval(0.95)
	if math.Abs(weights-1) > 1e-12 || all.Least != all.Most || !(low < all.N && all.N < high) {
		t.Errorf("weights %v; one model within 10, and the band is %v–%v; %v of %v–%v", weights, all.Least, all.Most, all.N, low, high)
	}
	for _, m := range all.Models {
		t.Logf("%-20s N = %6.0f ± %4.0f  AIC %7.2f  weight %.3f", m.Name, m.N, m.StdErr, m.AIC, m.Weight)
	}
	t.Logf("averaged %.0f ± %.0f, 95%% %.0f–%.0f, band %.0f–%.0f", all.N, all.StdErr, low, high, all.Least, all.Most)
}

// Models are refused by name: no common person of two lists; lists of which nobody is in
// common at all.
func TestModelsAreRefused(t *testing.T) {
	h := hepatitis(t)
	h.Counts[cellOf("110")], h.Counts[cellOf("111")] = 0, 0
	all := must(AverageLists(h, Averaging{}))(t)
	for _, r := range all.Refused {
		wanted := "runs to 0"
		if strings.Contains(r.Model, "P*Q") {
			wanted = "nobody is on all of P*Q"
		} else if r.Model != "[P*E][Q*E]" { // independent off E: n̂₀ = 69·55/0
			t.Errorf("refused %v", r)
		}
		if !errors.Is(r.Err, errInfinite) || !strings.Contains(r.Err.Error(), wanted) {
			t.Errorf("refused %v, want %q", r, wanted)
		}
	}
	if len(all.Refused) != 5 {
		t.Errorf("%d models refused, want the 4 with P*Q and [P*E][Q*E]: %v", len(all.Refused), all.Refused)
	}
	// All on P*Q are on E too: every pair has a margin, but independence off E and all pairs, which
	// fit the cell 110 exactly, have no maximum.
	h = hepatitis(t)
	h.Counts[cellOf("110")] = 0
	all = must(AverageLists(h, Averaging{}))(t)
	if len(all.Refused) != 2 || all.Refused[0].Model != "[P*E][Q*E]" || all.Refused[1].Model != "[P*E][P*Q][Q*E]" || !errors.Is(all.Refused[1].Err, errInfinite) {
		t.Errorf("an empty cell: refused %v", all.Refused)
	}
	h.Counts = []float64{0, 100, 100, 0, 100, 0, 0, 0}
	if _, err := AverageLists(h, Averaging{}); err == nil || !strings.Contains(err.Error(), "none of 8 models can be used") {
		t.Errorf("no common persons: %v", err)
	}
	h.Counts = []float64{0, 2000, 2000, 1, 2000, 1, 1, 0}
	if _, err := AverageLists(h, Averaging{}); err == nil || !strings.Contains(err.Error(), "never seen for") {
		t.Errorf("hardly a common person: %v", err)
	}
}

func TestHistoryRefusals(t *testing.T) {
	good := hepatitis(t)
	changed := func(change func(*Histories)) error {
		h := Histories{slices.Clone(good.Lists), slices.Clone(good.Counts)}
		change(&h)
		return second(AverageLists(h, Averaging{}))
	}
	for _, c := range []struct {
		err  error
		want string
	}{
		{changed(func(h *Histories) { h.Counts[0] = 3 }), "3 persons on no list"},
		{changed(func(h *Histories) { h.Counts[5] = -1 }), "-1 persons on P*E"},
		{changed(func(h *Histories) { h.Counts = h.Counts[:7] }), "there are 8"},
		{changed(func(h *Histories) { h.Lists[1] = "P" }), `named "P"`},
		{changed(func(h *Histories) { h.Lists, h.Counts = h.Lists[:2], h.Counts[:4] }), "give 3 to 8"},
		{changed(func(h *Histories) { h.Counts[4], h.Counts[5], h.Counts[6], h.Counts[7] = 0, 0, 0, 0 }), "nobody is on list E"},
		{second(AverageLists(good, Averaging{Order: 3})), "fewer lists than there are"},
		{second(NewHistories([]string{"a", "b"}, [][]bool{{true}})), "1 marks for 2 lists"},
		{second(NewHistories([]string{"a", "b"}, [][]bool{{false, false}})), "on no list"},
		{second(FitClosed(good, "Mx")), "no model"},
		{second(FitClosed(Histories{[]string{"1", "2"}, []float64{0, 5, 5, 3}}, MthDarroch)), "4 parameters"},
		{second(FitClosed(Histories{[]string{"1", "2", "3"}, []float64{0, 10, 20, 3, 40, 5, 7, 2}}, Mb)), "no upper limit"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("error %v, want %q", c.err, c.want)
		}
	}
	if _, _, _, err := must(FitClosed(good, Mb))(t).Profile(0.95); err == nil || !strings.Contains(err.Error(), "without behaviour") {
		t.Errorf("profile of Mb: %v", err)
	}
}

// Laws: the names and the order of lists do not matter; twice the persons are twice
// the number, where the weights are those of one model.
func TestListLaws(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		k := rapid.IntRange(3, 4).Draw(rt, "lists")
		h := Histories{Lists: []string{"a", "b", "c", "d"}[:k], Counts: make([]float64, 1<<k)}
		for cell := 1; cell < 1<<k; cell++ {
			h.Counts[cell] = float64(rapid.IntRange(1, 200).Draw(rt, "cell"))
		}
		order := rapid.Permutation([]int{0, 1, 2, 3}[:k]).Draw(rt, "order")
		moved := Histories{Lists: h.Lists, Counts: make([]float64, 1<<k)}
		for cell, n := range h.Counts {
			to := 0
			for i, o := range order {
				to |= cell >> i & 1 << o
			}
			moved.Counts[to] = n
		}
		a, err := AverageLists(h, Averaging{Order: 2})
		b, err2 := AverageLists(moved, Averaging{Order: 2})
		if (err == nil) != (err2 == nil) {
			rt.Fatalf("%v and %v", err, err2)
		}
		if err == nil && (math.Abs(a.N-b.N) > 1e-6*a.N || math.Abs(a.StdErr-b.StdErr) > 1e-6*a.StdErr || len(a.Models) != len(b.Models)) {
			rt.Fatalf("%v ± %v in one order and %v ± %v in another", a.N, a.StdErr, b.N, b.StdErr)
		}
		twice := Histories{Lists: h.Lists, Counts: slices.Clone(h.Counts)}
		for cell := range twice.Counts {
			twice.Counts[cell] *= 2
		}
		one, err := fitLists(h, []int{3})
		two, err2 := fitLists(twice, []int{3})
		if err != nil || err2 != nil || math.Abs(two.N-2*one.N) > 1e-6*two.N {
			rt.Fatalf("twice as many: %v and %v (%v, %v)", one.N, two.N, err, err2)
		}
	})
}

// Of 3,000 persons on three lists of which two depend, intervals of the average cover (98.7 % of
// 1,000 runs by another program); independence alone is far off.
func TestAveragedAgainstTruth(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 26))
	const persons, runs = 3000, 200
	covered, coveredAlone := 0, 0
	var sum, alone float64
	for range runs {
		h := Histories{Lists: []string{"a", "b", "c"}, Counts: make([]float64, 8)}
		for range persons {
			cell := 0
			if random.Float64() < 0.3 {
				cell |= 1
			}
			p := 0.2
			if cell&1 == 1 {
				p = 0.4 // an odds ratio of 2.7
			}
			if random.Float64() < p {
				cell |= 2
			}
			if random.Float64() < 0.35 {
				cell |= 4
			}
			h.Counts[cell]++
		}
		h.Counts[0] = 0
		a := must(AverageLists(h, Averaging{}))(t)
		if low, high := a.Interval(0.95); low <= persons && persons <= high {
			covered++
		}
		independent := must(fitLists(h, nil))(t)
		if low, high := independent.LogNormal(0.95); low <= persons && persons <= high {
			coveredAlone++
		}
		sum, alone = sum+a.N/runs, alone+independent.N/runs
	}
	t.Logf("%d persons: averaged %.0f, covered %d of %d; independence %.0f, covered %d", persons, sum, covered, runs, alone, coveredAlone)
	if covered < runs*93/100 || math.Abs(sum/persons-1) > 0.03 {
		t.Errorf("averaged %.0f of %d persons, covered %d of %d", sum, persons, covered, runs)
	}
	if coveredAlone > runs/10 {
		t.Errorf("independence covers %d of %d: it should hardly", coveredAlone, runs)
	}
}

// Five lists: 6,893 models, with the truth among them.
func TestFiveLists(t *testing.T) {
	random := rand.New(rand.NewPCG(8, 26))
	h := Histories{Lists: []string{"a", "b", "c", "d", "e"}, Counts: make([]float64, 32)}
	for range 4000 {
		cell := 0
		for k, p := range []float64{0.3, 0.25, 0.2, 0.35, 0.15} {
			if k == 1 && cell&1 == 1 {
				p = 0.5
			}
			if random.Float64() < p {
				cell |= 1 << k
			}
		}
		h.Counts[cell]++
	}
	h.Counts[0] = 0
	order := 4
	if testing.Short() {
		order = 2
	}
	a := must(AverageLists(h, Averaging{Order: order}))(t)
	low, high := a.Interval(0.95)
	t.Logf("%d models and %d refused; %.0f, %.0f–%.0f, band %.0f–%.0f", len(a.Models), len(a.Refused), a.N, low, high, a.Least, a.Most)
	if low > 4000 || high < 4000 {
		t.Errorf("%.0f–%.0f does not hold 4,000", low, high)
	}
}

// The band widens with its bound: with 12 it reaches [P*Q][Q*E], the model next best.
func TestDependenceBand(t *testing.T) {
	a := must(AverageLists(hepatitis(t), Averaging{Band: 12}))(t)
	if a.Models[1].Name != "[P*Q][Q*E]" || a.Least != a.Models[1].N || a.Most != a.Models[0].N {
		t.Errorf("band %v–%v, models %v", a.Least, a.Most, a.Models[:2])
	}
}

// The 2,069 persons with diabetes of Casale Monferrato on four lists (Bruno et al. 1994, Diabetes
// Care 17:548). The best model is the published one, 2,771 ± 145. All numbers are those of R 4.2.2, glm of the 113
// models with epsilon 1e-15, averaged by the formulas of AverageLists.
func TestDiabetesLists(t *testing.T) {
	counts := []float64{58, 157, 18, 104, 46, 650, 12, 709, 14, 20, 7, 74, 8, 182, 10} // 1111, 1110, ..., 0001
	h := Histories{Lists: []string{"a", "b", "c", "d"}, Counts: make([]float64, 16)}
	for i, n := range counts {
		h.Counts[cellOf(fmt.Sprintf("%04b", 15-i))] = n
	}
	a := must(AverageLists(h, Averaging{}))(t)
	if len(a.Models) != 113 || h.Seen() != 2069 {
		t.Fatalf("%d models of %v persons", len(a.Models), h.Seen())
	}
	best, last := a.Models[0], a.Models[slices.IndexFunc(a.Models, func(m ListModel) bool { return len(m.Interactions) == 0 })]
	if best.Name != "[a*b][a*c][b*c][b*d][c*d]" {
		t.Errorf("best model %s", best.Name)
	}
	for _, c := range []struct {
		what      string
		got, want float64
	}{
		{"best N", best.N, 2771.19128}, {"best error", best.StdErr, 145.089072}, {"best deviance", best.Deviance, 7.61704578}, {"best AIC", best.AIC, 112.779304},
		{"independent N", last.N, 2250.600763}, {"independent error", last.StdErr, 18.59461503}, {"independent AIC", last.AIC, 312.6380568},
		{"log unseen", a.LogUnseen, 6.706385466510}, {"its error", a.LogStdErr, 0.441203739002}, {"N", a.N, 2886.610013257998}, {"error", a.StdErr, 360.732594895015},
		{"least", a.Least, 2544.431185998354}, {"most", a.Most, 5366.869069960267},
	} {
		if math.Abs(c.got/c.want-1) > 1e-7 {
			t.Errorf("%s %v, want %v", c.what, c.got, c.want)
		}
	}
	low, high := a.Interval(0.95)
	t.Logf("averaged %.0f ± %.0f, %.0f–%.0f, band %.0f–%.0f", a.N, a.StdErr, low, high, a.Least, a.Most)
}
