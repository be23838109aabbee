package flow

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/kankei/kankei/internal/casetable"
)

// flows of 5 origins to 4 destinations, with the logarithm of the distance.
func fiveByFour() (Gravity, []float64) {
	g := Gravity{}
	for i, x := range []float64{4.466, 5.846, 5.288, 3.912, 5.733, 5.606, 4.82, 5.948, 5.46, 4.466, 3.912, 5.733, 5.081, 6.04, 5.606, 5.46, 4.466, 5.846, 5.288, 3.912} {
		g.X = append(g.X, []float64{x})
		g.Origin, g.Destination = append(g.Origin, int32(i%5)), append(g.Destination, int32(i/5))
	}
	return g, []float64{12, 0, 30, 5, 2, 40, 3, 17, 8, 0, 7, 22, 9, 1, 4, 15, 6, 2, 11, 3}
}

// R 4.2.2: glm(y ~ ld + factor(o) + factor(d), poisson), and (XWX)⁻¹ Σ e e' (XWX)⁻¹ G/(G − 1)
// with rowsum over clusters: testdata/gravity.R.
func TestGravityIsThatOfR(t *testing.T) {
	g, y := fiveByFour()
	f := must[GravityFit](t)(g.Fit(y))
	near(t, "log distance", f.Coefficients[0], 0.383934648029991)
	near(t, "deviance", f.Deviance, 98.5571444796063)
	near(t, "fitted 1", f.Fitted[0], 16.91331321502097)
	near(t, "fitted 20", f.Fitted[19], 1.01914265867333)
	for _, c := range []struct {
		name string
		want float64
		by   [][]int32
	}{{"by pair", 0.275599853477492, nil}, {"by origin", 0.257046420370067, [][]int32{g.Origin}}, {"two-way", math.Sqrt(0.109557130068664), [][]int32{g.Origin, g.Destination}}} {
		v, err := f.Covariance(c.by...)
		if err != nil {
			t.Fatal(err)
		}
		near(t, c.name, f.StdErr(v, 0), c.want)
	}
	for i := range g.X { // glm(y ~ ld + o, poisson)
		g.X[i] = []float64{g.X[i][0], float64(g.Origin[i] + 1)}
	}
	g.Origin, g.Destination = nil, nil
	f = must[GravityFit](t)(g.Fit(y))
	v, _ := f.Covariance()
	near(t, "log distance", f.Coefficients[0], 0.449367351506477)
	near(t, "size", f.Coefficients[1], -0.402878987608918)
	near(t, "its error", f.StdErr(v, 1), 0.126322590160081)
	near(t, "constant", f.Effects[0], 0.998092557279311)
}

// Fitted flows of an origin, and of a destination, add up to those observed.
func TestGravityAddsUp(t *testing.T) {
	g, y := fiveByFour()
	f := must[GravityFit](t)(g.Fit(y))
	origins, destinations := make([]float64, 5), make([]float64, 4)
	for i := range y {
		origins[g.Origin[i]] += y[i] - f.Fitted[i]
		destinations[g.Destination[i]] += y[i] - f.Fitted[i]
	}
	for _, difference := range append(origins, destinations...) {
		near(t, "observed less fitted", difference, 0)
	}
	// By hand, of X that tells nothing: row total times column total over the total of 100.
	two := Gravity{X: [][]float64{{0}, {1}, {1}, {0}, {1}, {0}, {0}, {1}}, Origin: []int32{0, 0, 1, 1, 2, 2, 3, 3}, Destination: []int32{0, 1, 0, 1, 0, 1, 0, 1}}
	f = must[GravityFit](t)(two.Fit([]float64{10, 10, 20, 20, 5, 5, 15, 15}))
	near(t, "distance that tells nothing", f.Coefficients[0], 0)
	near(t, "fitted", f.Fitted[2], 40*50/100)
}

func TestGravityOfZeros(t *testing.T) {
	g, y := fiveByFour()
	whole := must[GravityFit](t)(g.Fit(y))
	g.X, g.Origin, g.Destination, y = append(g.X, []float64{5}, []float64{6}), append(g.Origin, 5, 5), append(g.Destination, 0, 2), append(y, 0, 0)
	f := must[GravityFit](t)(g.Fit(y)) // nobody came from the sixth origin
	if len(f.Separated) != 2 || f.Fitted[20] != 0 || f.Fitted[21] != 0 {
		t.Errorf("separated %v, expected %v", f.Separated, f.Fitted[20:])
	}
	near(t, "without them", f.Coefficients[0], whole.Coefficients[0])
	// All flows above 500 km are 0, and only these.
	far := Gravity{X: [][]float64{{0, 1}, {0, 2}, {0, 3}, {1, 4}, {1, 5}}}
	if _, err := far.Fit([]float64{9, 4, 3, 0, 0}); !errors.Is(err, ErrSeparated) {
		t.Errorf("a regressor that is 1 at zeros alone: %v", err)
	}
	if _, err := far.Fit([]float64{9, 4, 3, 1, 0}); err != nil {
		t.Errorf("with one flow above 500 km: %v", err)
	}
	if _, err := far.Fit([]float64{0, 0, 0, 0, 0}); err == nil {
		t.Error("no flow at all has a fit")
	}
}

// Pairs taken together tell their sum alone: the fit is that of the sum, whichever way it
// is made up, and where the sum is what the fit expects of it, nothing changes.
func TestGravityOfPairsTogether(t *testing.T) {
	x := [][]float64{{1}, {2}, {3}, {4}, {5}}
	var y []float64
	for _, row := range x {
		y = append(y, math.Exp(5-0.7*row[0]))
	}
	g := Gravity{X: x, Cell: []int32{0, 1, 2, 3, 3}}
	f := must[GravityFit](t)(g.Fit([]float64{y[0], y[1], y[2], y[3] + y[4]}))
	near(t, "slope", f.Coefficients[0], -0.7)
	near(t, "constant", f.Effects[0], 5)
	near(t, "fitted of a hidden pair", f.Fitted[4], y[4])
}

func TestResidualSlopes(t *testing.T) {
	g, y := fiveByFour()
	for _, cell := range []int{0, 7, 19} {
		r := must[GravityFit](t)(g.Fit(y)).Residual(cell)
		near(t, "residual", r.Value, y[cell]/must[GravityFit](t)(g.Fit(y)).Fitted[cell])
		for k := range y {
			const h = 1e-5
			moved := append([]float64(nil), y...)
			moved[k] += h
			after := must[GravityFit](t)(g.Fit(moved)).Residual(cell)
			if slope := math.Log(after.Value/r.Value) / h; math.Abs(slope-r.Slopes[k]) > 1e-4 {
				t.Errorf("cell %d by flow %d: slope %v, by differences %v", cell, k, r.Slopes[k], slope)
			}
		}
	}
}

func TestTwoWayPanel(t *testing.T) {
	c := casetable.Open(t, "e08_twoway_fe")
	d := c.Read("input.csv")
	firm, _ := d.Codes("firm")
	year, _ := d.Codes("year")
	p := Panel{Region: firm, Time: year, Y: d.Numbers("inv")}
	value, capital := d.Numbers("value"), d.Numbers("capital")
	for i := range value {
		p.X = append(p.X, []float64{value[i], capital[i]})
	}
	f := must[PanelFit](t)(p.Fit())
	c.Holds("coef/value", f.Coefficients[0])
	c.Holds("coef/capital", f.Coefficients[1])
	for j, at := range []string{"/0", "/1"} {
		c.Holds("se_classical"+at, f.Classical[j])
		c.Holds("se_arellano_HC0"+at, f.Arellano[j])
		c.Holds("se_CR1"+at, f.CR1[j])
	}
	c.Holds("rss", f.RSS)
}

// y = α_i + λ_t + 2x exactly, with holes.
func TestPanelWithHoles(t *testing.T) {
	p := Panel{Region: []int32{0, 0, 0, 1, 1, 2, 2, 2}, Time: []int32{0, 1, 2, 0, 2, 0, 1, 2},
		X: [][]float64{{1}, {4}, {2}, {0}, {7}, {3}, {3}, {1}}}
	for i := range p.X {
		p.Y = append(p.Y, 10*float64(p.Region[i])+3*float64(p.Time[i])+2*p.X[i][0])
	}
	f := must[PanelFit](t)(p.Fit())
	near(t, "slope", f.Coefficients[0], 2)
	near(t, "residuals", f.RSS, 0)
	for i := range p.X {
		p.X[i][0] = float64(p.Time[i])
	}
	if _, err := p.Fit(); err == nil || !strings.Contains(err.Error(), "does not vary") {
		t.Errorf("a regressor of time alone: %v", err)
	}
}
