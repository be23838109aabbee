package combine

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// corn is table 1 of Battese, Harter & Fuller (1988) as the R package wooldridge gives it: county,
// hectares of corn in the segment, pixels of corn and of soybeans, without the segment of county 12
// that they left out. The last hectares are 157.70 there; with 153.70 the variances round to those
// quoted of the paper.
func corn(last float64) []AreaUnit {
	var units []AreaUnit
	for _, r := range [][4]float64{
		{1, 165.76, 374, 55}, {2, 96.32, 209, 218}, {3, 76.08, 253, 250},
		{4, 185.35, 432, 96}, {4, 116.43, 367, 178}, {5, 162.08, 361, 137}, {5, 152.04, 288, 206}, {5, 161.75, 369, 165},
		{6, 92.88, 206, 218}, {6, 149.94, 316, 221}, {6, 64.75, 145, 338}, {7, 127.07, 355, 128}, {7, 133.55, 295, 147}, {7, 77.70, 223, 204},
		{8, 206.39, 459, 77}, {8, 108.33, 290, 217}, {8, 118.17, 307, 258},
		{9, 99.96, 252, 303}, {9, 140.43, 293, 221}, {9, 98.95, 206, 222}, {9, 131.04, 302, 274},
		{10, 114.12, 313, 190}, {10, 100.60, 246, 270}, {10, 127.88, 353, 172}, {10, 116.90, 271, 228}, {10, 87.41, 237, 297},
		{11, 93.48, 221, 167}, {11, 121.00, 369, 191}, {11, 109.91, 343, 249}, {11, 122.66, 342, 182}, {11, 104.21, 294, 179},
		{12, 88.59, 220, 262}, {12, 165.35, 355, 160}, {12, 104.00, 261, 221}, {12, 88.63, 187, 345}, {12, last, 350, 190},
	} {
		units = append(units, AreaUnit{int32(r[0]), r[1], []float64{1, r[2], r[3]}})
	}
	return units
}

// Against the restricted likelihood of the full covariance matrix, maximised by optim of R 4.2.2.
func TestUnitsOfCorn(t *testing.T) {
	for last, want := range map[float64][]float64{
		157.70: {142.569429, 148.406151, 50.2394761, 0.331435178, -0.134081372, 24.5173563, 0.0500932299, 0.0554399717, -149.348443051},
		153.70: {140.023902, 147.268641, 51.0703981, 0.328721732, -0.134568448, 24.4097053, 0.0498759997, 0.0551941640, -149.183315434},
	} {
		m := must(FitUnits(corn(last)))(t)
		for i, got := range []float64{m.AreaVariance, m.UnitVariance, m.Coefficients[0], m.Coefficients[1], m.Coefficients[2], m.StdErrs[0], m.StdErrs[1], m.StdErrs[2], m.RestrictedLogLikelihood} {
			if math.Abs(got/want[i]-1) > 2e-6 {
				t.Errorf("last %v, number %d: %v, want %v", last, i, got, want[i])
			}
		}
	}
	m := must(FitUnits(corn(153.70)))(t)
	if math.Round(m.AreaVariance) != 140 || math.Round(m.UnitVariance) != 147 { // quoted of the paper
		t.Errorf("variances %v and %v, want 140 and 147", m.AreaVariance, m.UnitVariance)
	}
	for area, want := range cornEBLUPs {
		e := must(m.EBLUP(area, []float64{1, 300.40, 196.65}))(t)
		for i, got := range []float64{e.Value, e.Gamma, e.Variance} {
			if math.Abs(got/want[i]-1) > 2e-6 {
				t.Errorf("county %d, number %d: %v, want %v", area, i, got, want[i])
			}
		}
	}
}

// A balanced sample by hand: means 0, 4 and 8 of three areas of two units ±1 about them. Squares within are 6
// over 3: σ_e² = 2; the variance of means is 16: σ_u² = 16 − 2/2 = 15, γ = 15/16.
func TestUnitsByHand(t *testing.T) {
	var units []AreaUnit
	for area := range 3 {
		for _, e := range []float64{-1, 1} {
			units = append(units, AreaUnit{int32(area), 4*float64(area) + e, []float64{1}})
		}
	}
	m := must(FitUnits(units))(t)
	if !near(m.UnitVariance, 2, 1e-6) || !near(m.AreaVariance, 15, 1e-6) || !near(m.Coefficients[0], 4, 1e-9) || !near(m.StdErrs[0], math.Sqrt(16.0/3), 1e-6) {
		t.Errorf("fit %+v", m)
	}
	// v(σ̂_e²) = 2·4/3, v(σ̂_u²) = 2·16²/3 + 8/3/4, c = −8/3/2; g3 = (4 v_u + 225 v_e − 60 c)/(4·16³)
	vu, ve, c := 512.0/3+2.0/3, 8.0/3, -4.0/3
	want := 15.0/16 + 16.0/3/256 + 2*(4*vu+225*ve-60*c)/(4*4096)
	e, none := must(m.EBLUP(2, []float64{1}))(t), must(m.EBLUP(7, []float64{1}))(t)
	if !near(e.Value, 4+15.0/16*4, 1e-7) || !near(e.Variance, want, 1e-6) {
		t.Errorf("EBLUP %+v, want 7.75 with %v", e, want)
	}
	if none.Gamma != 0 || !near(none.Value, 4, 1e-9) || !near(none.Variance, 15+16.0/3, 1e-6) {
		t.Errorf("without a sample %+v, want 4 with %v", none, 15+16.0/3)
	}
	alike := must(FitUnits([]AreaUnit{{1, 1, []float64{1}}, {1, 3, []float64{1}}, {2, 1, []float64{1}}, {2, 3, []float64{1}}, {3, 2, []float64{1}}}))(t)
	if e := must(alike.EBLUP(1, []float64{1}))(t); alike.AreaVariance != 0 || !near(e.Value, 2, 1e-9) {
		t.Errorf("areas all alike: %+v, %+v", alike, e)
	}
}

// Predictions of simulated areas are without bias, their mean squared error is as said and they are
// closer than areas' own means.
func TestUnitsAgainstTruth(t *testing.T) {
	random := rand.New(rand.NewPCG(19, 88))
	runs := 1000
	if testing.Short() {
		runs = 200
	}
	const m, sdU, sdE = 25, 2.0, 4.0
	var covered, bias, squares, said, direct float64
	for range runs {
		var units []AreaUnit
		means, truths, own := make([]float64, m), make([]float64, m), make([]float64, m)
		for i := range m {
			means[i] = 10 * random.Float64()
			u := sdU * random.NormFloat64()
			truths[i] = 5 + means[i] + u
			n := 2 + i%5
			for range n {
				x := means[i] + random.NormFloat64()
				y := 5 + x + u + sdE*random.NormFloat64()
				units = append(units, AreaUnit{int32(i), y, []float64{1, x}})
				own[i] += y / float64(n)
			}
		}
		f := must(FitUnits(units))(t)
		for i := range m {
			e, r := must(f.EBLUP(int32(i), []float64{1, means[i]}))(t), float64(runs*m)
			covered += within(e.Value, 1.959964*e.StdErr(), truths[i]) / r
			bias += (e.Value - truths[i]) / r
			squares += square(e.Value-truths[i]) / r
			said += e.Variance / r
			direct += square(own[i]-truths[i]) / r
		}
	}
	t.Logf("covered %.1f %%, bias %+.3f, error %.3f, said %.3f, of areas' own means %.3f", 100*covered, bias, math.Sqrt(squares), math.Sqrt(said), math.Sqrt(direct))
	if covered < 0.92 || covered > 0.97 || math.Abs(bias) > 0.08 || math.Abs(said/squares-1) > 0.08 || squares > 0.8*direct {
		t.Errorf("see above")
	}
}

func TestUnitsRefusals(t *testing.T) {
	u := func(area int32, y float64, x ...float64) AreaUnit { return AreaUnit{area, y, x} }
	for _, c := range []struct {
		units []AreaUnit
		want  string
	}{
		{nil, "no units"},
		{[]AreaUnit{u(1, math.NaN(), 1)}, "unit 1 has y NaN"},
		{[]AreaUnit{u(1, 1, 1), u(2, 1)}, "unit 2 has y 1 and covariates []"},
		{[]AreaUnit{u(1, 1, 1), u(1, 2, 1), u(2, 1, 1)}, "3 units in 2 areas"},
		{[]AreaUnit{u(1, 1, 1), u(2, 2, 1), u(3, 1, 1)}, "two units in one"},
		{[]AreaUnit{u(1, 1, 1, 2), u(1, 2, 1, 2), u(2, 1, 1, 2), u(3, 1, 1, 2)}, "depend on one another"},
	} {
		if _, err := FitUnits(c.units); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
	m := must(FitUnits(corn(153.70)))(t)
	if _, err := m.EBLUP(1, []float64{1}); err == nil || !strings.Contains(err.Error(), "give 3 finite numbers") {
		t.Errorf("means of one covariate: %v", err)
	}
}

// cornEBLUPs are the EBLUP, γ and mean squared error of two counties at pixel means 300.40 and 196.65, by R
// 4.2.2 from full matrices: g3 from the derivatives of γ and the trace form of the information.
var cornEBLUPs = map[int32][]float64{
	2: {126.2226893, 0.4873913556, 97.2594601628},
	9: {134.6811730, 0.7918064969, 37.9144731971},
}
