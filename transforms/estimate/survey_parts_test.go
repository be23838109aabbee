package estimate

import (
	"math"
	"testing"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/weight"
)

// Of five persons, each standing for one, three have four pairs of the prefecture: two of Tokyo one
// each, one of Osaka two. Tokyo's share is ½; the linearised values (½, ½, −1, 0, 0)/4 have the
// variance 5/4 · Σu² = 5/4 · 1.5/16. Classes of ” have none.
func TestPairSharesByHand(t *testing.T) {
	tie := func(region string) ReportedTie {
		return ReportedTie{Region: region, Visits: 2, Most: 2, Purposes: schemas.Leisure}
	}
	s := WeightedSurvey{First: day("2025-03-01"), Last: day("2025-03-31"), Residences: []string{"13101", "13101", "27100", "13101", "27100"},
		Ties: [][]ReportedTie{{tie("30201")}, {tie("30202")}, {tie("30201"), tie("30202")}, nil, nil}}
	s.Design = weight.Design{Weights: []float64{1, 1, 1, 1, 1}}
	f := concentrationFrame()
	f.Profiles = []schemas.Profile{profile(t, "repeat-visits")}
	of := func(class func(int) string) map[string]PairShare {
		shares, err := PairShares(f, s, "repeat-visits", class)
		if err != nil {
			t.Fatal(err)
		}
		at := map[string]PairShare{}
		for _, p := range shares {
			if p.Region == "30000" {
				at[p.Class] = p
			}
		}
		return at
	}
	home := of(func(unit int) string { return s.Residences[unit] })
	want := math.Sqrt(5. / 4 * 1.5 / 16)
	for _, code := range []string{"13101", "27100"} {
		if p := home[code]; math.Abs(p.Share-0.5) > 1e-12 || math.Abs(p.StdErr-want) > 1e-12 {
			t.Errorf("%s: %+v, want 0.5 ± %v", code, p, want)
		}
	}
	if home["13101"].Persons != 2 || home["27100"].Persons != 1 {
		t.Errorf("rest on %v", home)
	}
	if none := of(func(int) string { return "" }); len(none) != 0 {
		t.Errorf("of no class: %v", none)
	}
}
