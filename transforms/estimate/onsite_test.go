package estimate

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// By hand: 100 visits; four answers of four persons with 1, 1, 2 and 4 visits.
// N(≥1) = 100·(1 + 1 + 1/2 + 1/4)/4 = 68.75; N(≥2) = 100·(1/2 + 1/4)/4 = 18.75; half of
// the answers have two visits or more. v = 4/3·Σ(25·(h − h̄))² for h = 0, 0, 1/2, 1/4.
func TestOnsiteByHand(t *testing.T) {
	encounters := []Encounter{{0, 0, 1, 1, 1}, {1, 0, 1, 1, 1}, {2, 0, 1, 2, 2}, {3, 0, 1, 4, 4}}
	totals := []VisitTotal{{"all", 100, 10}}
	all := must(Onsite(encounters, totals, 1, ClassShape))(t)
	two := must(Onsite(encounters, totals, 2, ClassShape))(t)
	if !near(all.Value, 68.75, 1e-12) || !near(two.Value, 18.75, 1e-12) || two.Unweighted != 0.5 {
		t.Errorf("N(≥1) = %v, N(≥2) = %v, unweighted %v; want 68.75, 18.75, 0.5", all.Value, two.Value, two.Unweighted)
	}
	mean := 3.0 / 16
	want := 0.0
	for _, h := range []float64{0, 0, 0.5, 0.25} {
		want += square(25 * (h - mean))
	}
	want *= 4.0 / 3
	if !near(square(two.Sampling), want, 1e-12) || !near(two.Official, 10*mean, 1e-12) || two.Class != 0 || two.DF != 3 {
		t.Errorf("sampling variance %v, official %v, class %v, df %v; want %v, %v, 0, 3", square(two.Sampling), two.Official, two.Class, two.DF, want, 10*mean)
	}
}

// By hand: the errors of two totals, 100 ± 10 and 50 ± 4 visits, are one, of the office. All have two visits: 75 persons,
// and an error of 10/2 + 4/2.
func TestOfficialErrorsAddUp(t *testing.T) {
	totals := []VisitTotal{{"night", 100, 10}, {"day", 50, 4}}
	n := must(Onsite([]Encounter{{0, 0, 1, 2, 2}, {1, 1, 1, 2, 2}}, totals, 2, ClassShape))(t)
	if !near(n.Value, 75, 1e-12) || !near(n.Official, 7, 1e-12) {
		t.Errorf("%v persons with an error of the totals of %v, want 75 and 7", n.Value, n.Official)
	}
}

// Of a class, the spread of 1/v is part of the error: 100 visits of the class 2–4
// are between 25 and 50 persons.
func TestOnsiteClassError(t *testing.T) {
	encounters := []Encounter{{0, 0, 1, 2, 4}, {1, 0, 1, 2, 4}}
	n := must(Onsite(encounters, []VisitTotal{{"all", 100, 0}}, 2, ClassShape))(t)
	// Persons in proportion to 1/4, 1/9, 1/16: visits to 1/2, 1/3, 1/4.
	want := 100 * (1.0/4 + 1.0/9 + 1.0/16) / (1.0/2 + 1.0/3 + 1.0/4)
	if !near(n.Value, want, 1e-12) || !near(n.Class, 25/math.Sqrt(12), 1e-12) || n.Sampling != 0 {
		t.Errorf("N = %v, class error %v, sampling %v; want %v, 25/√12, 0", n.Value, n.Class, n.Sampling, want)
	}
}

func TestOnsiteRefusals(t *testing.T) {
	good := []Encounter{{0, 0, 1, 1, 1}}
	total := []VisitTotal{{"overnight", 10, 0}}
	for _, c := range []struct {
		encounters []Encounter
		totals     []VisitTotal
		k          int32
		want       string
	}{
		{good, total, 0, "at least 0 visits"},
		{good, []VisitTotal{{"overnight", 0, 0}}, 1, "overnight is 0"},
		{good, append(slices.Clone(total), VisitTotal{"day trips", 5, 0}), 1, "nobody answered among the 5 visits of day trips"},
		{[]Encounter{{0, 3, 1, 1, 1}}, total, 1, "no official total"},
		{[]Encounter{{0, 0, 1, 0, 0}}, total, 1, "the least is 1"},
		{[]Encounter{{0, 0, 0, 1, 1}}, total, 1, "weight 0"},
		{[]Encounter{{0, 0, math.Inf(1), 1, 1}}, total, 1, "weight +Inf"},
		{good, []VisitTotal{{"overnight", 10, math.NaN()}}, 1, "standard error of the visits of overnight is NaN"},
		{good, []VisitTotal{{"overnight", math.Inf(1), 0}}, 1, "overnight is +Inf"},
	} {
		if _, err := Onsite(c.encounters, c.totals, c.k, ClassShape); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
}

// In a simulated year the answers' share of people with two visits or more is that
// of visits, Σ V·1{V≥2}/Σ V; the scaled count is that of persons, without bias, and
// its interval covers.
func TestOnsiteIsUnbiasedWhereTheShareOfAnswersIsNot(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 26))
	const persons, runs = 20_000, 300
	visits := make([]int32, persons)
	var total, repeated, repeaters float64
	for i := range visits {
		visits[i] = 1
		for random.Float64() < []float64{0.15, 0.8}[i%2] && visits[i] < 40 { // one-off and regular visitors
			visits[i]++
		}
		total += float64(visits[i])
		if visits[i] >= 2 {
			repeated += float64(visits[i])
			repeaters++
		}
	}
	var sum, squares, shares float64
	covered := 0
	for range runs {
		var met []Encounter
		for person, v := range visits {
			for range v {
				if random.Float64() < 0.02 {
					met = append(met, Encounter{int32(person), 0, 1, v, v})
				}
			}
		}
		n := must(Onsite(met, []VisitTotal{{"all", total, 0}}, 2, ClassShape))(t)
		sum += n.Value / runs
		squares += n.Value * n.Value / runs
		shares += n.Unweighted / runs
		if low, high := n.Interval(0.95); low <= repeaters && repeaters <= high {
			covered++
		}
	}
	t.Logf("persons with ≥ 2 visits: truth %.0f, scaled %.0f; share: truth %.3f, of the answers %.3f, theory says %.3f; 95 %% intervals cover %.1f %%",
		repeaters, sum, repeaters/persons, shares, repeated/total, 100*float64(covered)/runs)
	if monteCarlo := math.Sqrt((squares - sum*sum) / runs); math.Abs(sum-repeaters) > 3.5*monteCarlo {
		t.Errorf("scaled %.1f, truth %.0f, Monte-Carlo error %.1f", sum, repeaters, monteCarlo)
	}
	if math.Abs(shares-repeated/total) > 0.005 {
		t.Errorf("the share of the answers is %.4f, theory says %.4f", shares, repeated/total)
	}
	if share := float64(covered) / runs; share < 0.91 || share > 0.985 {
		t.Errorf("95 %% intervals cover %.1f %%", 100*share)
	}
}

// Histories drawn from a family give its share back.
func TestHistoriesGiveTheirFamilyBack(t *testing.T) {
	random := rand.New(rand.NewPCG(8, 26))
	const persons, q, further = 60_000, 0.4, 0.45
	seen := make(History, 8)
	for range persons {
		visits := 1
		for random.Float64() < further && visits < mostVisits {
			visits++
		}
		answers := 0
		for range visits {
			if random.Float64() < q {
				answers++
			}
		}
		if answers > 0 {
			seen[min(answers, len(seen))-1]++
		}
	}
	fits := must(FitHistories(seen, q))(t)
	fit := fits[0]
	if fit.Family != "shifted_geometric" || fit.ShareLow > further || fit.ShareHigh < further || math.Abs(fit.Persons/persons-1) > 0.02 {
		t.Errorf("%+v, want the share %v and %d persons", fit, further, persons)
	}
	if fits[1].LogLikelihood >= fit.LogLikelihood {
		t.Errorf("the wrong family fits as well: %+v", fits[1])
	}
	if _, err := FitHistories(History{10, 0}, 0.5); err == nil || !strings.Contains(err.Error(), "nothing can be told") {
		t.Errorf("error %v for a history of one class", err)
	}
	if _, err := FitHistories(seen, 0); err == nil {
		t.Error("no error for q = 0")
	}
}

// The visitors of the real survey on the spot, 2024-04 to 2025-03, by trips they
// answered on (real/README.md of the shared inputs: with one or more, two or more,
// three or more; without and with visits to kin). The shares are of this program:
// what they hold is that q decides them, the answers hardly.
func TestHistoriesOfTheRealSurvey(t *testing.T) {
	for _, c := range []struct {
		name            string
		one, two, three int64
		geometric, zeta map[float64]float64 // share with two trips or more, in percent, by q
	}{
		{"without kin", 12451, 925, 258, map[float64]float64{1: 8.8, 0.5: 16.3, 0.2: 32.7}, map[float64]float64{1: 7.6, 0.5: 11.1, 0.2: 16.4}},
		{"with kin", 13116, 982, 276, map[float64]float64{1: 8.9, 0.5: 16.4, 0.2: 32.9}, map[float64]float64{1: 7.7, 0.5: 11.2, 0.2: 16.5}},
	} {
		seen := History{c.one - c.two, c.two - c.three, c.three}
		t.Logf("%s: unweighted share with ≥ 2 trips: %.1f %%", c.name, 100*float64(c.two)/float64(c.one))
		for _, q := range []float64{1, 0.5, 0.2} {
			for i, f := range must(FitHistories(seen, q))(t) {
				want := []map[float64]float64{c.geometric, c.zeta}[i][q]
				t.Logf("%s: q = %.1f  %-18s share %4.1f %% (%4.1f to %4.1f), %.0f visitors, log-likelihood %.1f",
					c.name, q, f.Family, 100*f.Share, 100*f.ShareLow, 100*f.ShareHigh, f.Persons, f.LogLikelihood)
				if math.Abs(100*f.Share-want) > 0.05 || !(f.ShareLow < f.Share && f.Share < f.ShareHigh) {
					t.Errorf("%s, %s, q = %v: share %.2f %%, want %.1f", c.name, f.Family, q, 100*f.Share, want)
				}
				if q == 1 && math.Abs(f.Persons-float64(c.one)) > 1e-6 {
					t.Errorf("%s: every visit answered on, and %v visitors", f.Family, f.Persons)
				}
			}
		}
	}
}

// Where nearly everybody is seen twice and nobody often, no family has a best
// parameter inside its range, and that is said.
func TestHistoriesThatRunToTheBoundary(t *testing.T) {
	if fits, err := FitHistories(History{1, 0, 0, 0, 0, 100000}, 0.01); err == nil || !strings.Contains(err.Error(), "end of its range") {
		t.Errorf("%+v, error %v; want a refusal", fits, err)
	}
}
