package report

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/kankei/kankei/schemas"
)

// Two squares of a degree that share a side, with a transform: arc 0 is the
// shared side upwards, arcs 1 and 2 the rest of the western and eastern square.
const squares = `{"type":"Topology","transform":{"scale":[0.5,0.5],"translate":[135,33]},
"arcs":[[[2,0],[0,2]],[[2,2],[-2,0],[0,-2],[2,0]],[[2,0],[2,0],[0,2],[-2,0]]],
"objects":{"m":{"type":"GeometryCollection","geometries":[
 {"type":"Polygon","arcs":[[0,1]],"properties":{"N03_007":"30201","code6":302015}},
 {"type":"MultiPolygon","arcs":[[[2,-1]]],"properties":{"N03_007":"30202"}},
 {"type":"Polygon","arcs":[[0,1]],"properties":{"N03_007":null}}]}}}`

func TestTopologyIsRead(t *testing.T) {
	m, err := ReadTopology(strings.NewReader(squares), "N03_007", "")
	if err != nil {
		t.Fatal(err)
	}
	// By hand: 135 + 0.5·2 = 136 and 33 + 0.5·2 = 34; −1 is arc 0 downwards.
	want := map[string]ring{
		"30201": {{136, 33}, {136, 34}, {135, 34}, {135, 33}, {136, 33}},
		"30202": {{136, 33}, {137, 33}, {137, 34}, {136, 34}, {136, 33}},
	}
	if m.Regions() != 2 {
		t.Errorf("%d regions", m.Regions())
	}
	for code, ring := range want {
		if got := m.shapes[code]; len(got) != 1 || !slices.Equal(got[0], ring) {
			t.Errorf("%s = %v, want %v", code, got, ring)
		}
	}
	if six, err := ReadTopology(strings.NewReader(squares), "code6", ""); err != nil || len(six.shapes["30201"]) != 1 || six.Digest() == m.Digest() {
		t.Errorf("by code6: %v, %v", six, err)
	}
}

func TestTopologyIsRefused(t *testing.T) {
	var none *NoCodesError
	if _, err := ReadTopology(strings.NewReader(squares), "name", ""); !errors.As(err, &none) || !slices.Equal(none.Properties, []string{"N03_007", "code6"}) {
		t.Errorf("property of nothing: %v", err)
	}
	for text, want := range map[string]error{
		`{"type":"FeatureCollection","features":[]}`:          ErrNoTopology,
		`region_code,area`:                                    ErrNoTopology,
		strings.ReplaceAll(squares, "[2,-1]", "[2,-9]"):       ErrBadArcs,
		strings.ReplaceAll(squares, "[[0,1]]", `"all of it"`): ErrBadArcs,
	} {
		if _, err := ReadTopology(strings.NewReader(text), "N03_007", ""); !errors.Is(err, want) {
			t.Errorf("%.40s: %v, want %v", text, err, want)
		}
	}
}

func FuzzReadTopology(f *testing.F) {
	f.Add(squares)
	f.Add(`{"type":"Topology","arcs":[[[0]]],"objects":{"a":{"type":"Polygon","arcs":[[0]],"properties":{"N03_007":1100}}}}`)
	f.Fuzz(func(t *testing.T, text string) {
		m, err := ReadTopology(strings.NewReader(text), "N03_007", "")
		if err != nil {
			return
		}
		var codes []string
		for code := range m.shapes {
			codes = append(codes, code)
		}
		slices.Sort(codes)
		m.draw(codes)
	})
}

func TestMapIsDrawn(t *testing.T) {
	m, err := ReadTopology(strings.NewReader(squares), "N03_007", "")
	if err != nil {
		t.Fatal(err)
	}
	got, ok := m.draw([]string{"30201", "30202", "30203"})
	// Two degrees of longitude at 33.5° are 2·cos(33.5°) = 1.668 degrees of latitude,
	// which are 450 units: 270 units a degree, a square being 225 wide.
	if u := 450 / (2 * math.Cos(33.5*math.Pi/180)); math.Round(u) != 270 {
		t.Fatalf("%v units a degree", u)
	}
	want := []outline{{"30201", "m225 270l0-270-225 0 0 270z"}, {"30202", "m225 270l225 0 0-270-225 0z"}}
	if !ok || got.Box != "-4 -4 458 278" || !slices.Equal(got.Outlines, want) {
		t.Errorf("drawn as %+v", got)
	}
	if _, ok := m.draw([]string{"47201"}); ok {
		t.Error("a map of nothing")
	}
	if _, ok := (*Map)(nil).draw([]string{"30201"}); ok {
		t.Error("a map without shapes")
	}
}

// Two wards of a city that touch are one region without the side that they share: from its lower end around b, then
// around a. A city that has a shape of its own keeps it.
//
//	+---+---+
//	| a | b |
//	+---+---+
func TestWardsAreOneCity(t *testing.T) {
	m, err := ReadTopology(strings.NewReader(squares), "N03_007", "")
	if err != nil {
		t.Fatal(err)
	}
	m.shapes = map[string][]ring{"14101": m.shapes["30201"], "14102": m.shapes["30202"], "14201": m.shapes["30201"], "27100": m.shapes["30201"], "27102": m.shapes["30202"]}
	city := m.in(map[string]string{"14101": "14100", "14102": "14100", "27102": "27100"})
	want := ring{{136, 33}, {137, 33}, {137, 34}, {136, 34}, {135, 34}, {135, 33}, {136, 33}}
	if got := city.shapes["14100"]; len(got) != 1 || !slices.Equal(got[0], want) {
		t.Errorf("the city is drawn as %v, want %v", got, want)
	}
	if len(city.shapes) != 3 || !slices.Equal(city.shapes["27100"][0], m.shapes["27100"][0]) || city.shapes["14201"] == nil {
		t.Errorf("%d regions: %v", len(city.shapes), city.shapes)
	}
	if (*Map)(nil).in(nil) != nil {
		t.Error("no map has become one")
	}
}

// A ring of four squares around a hole, and a square that touches it at a corner alone.
func TestOuterLinesKeepHoles(t *testing.T) {
	box := func(x, y, w, h float64) ring { return ring{{x, y}, {x + w, y}, {x + w, y + h}, {x, y + h}, {x, y}} }
	split := func(r ring, at ...[2]float64) ring { // with further points on its sides, so that edges are those of the neighbours
		for _, p := range at {
			for i := 1; i < len(r); i++ {
				a, b := r[i-1], r[i]
				if (a[0] == p[0] && b[0] == p[0] || a[1] == p[1] && b[1] == p[1]) && (p[0]-a[0])*(p[0]-b[0])+(p[1]-a[1])*(p[1]-b[1]) < 0 {
					r = slices.Insert(slices.Clone(r), i, p)
					break
				}
			}
		}
		return r
	}
	lines := outer([]ring{
		split(box(0, 0, 3, 1), [2]float64{1, 1}, [2]float64{2, 1}), split(box(0, 2, 3, 1), [2]float64{1, 2}, [2]float64{2, 2}),
		box(0, 1, 1, 1), box(2, 1, 1, 1), box(3, 3, 1, 1),
	})
	// Twice the area, by the shoelace formula: 9 of the outer square and 1 of the one at its corner, less 1 of the hole.
	doubled := 0.
	for _, r := range lines {
		if r[0] != r[len(r)-1] {
			t.Errorf("%v is not closed", r)
		}
		for i := 1; i < len(r); i++ {
			doubled += r[i-1][0]*r[i][1] - r[i][0]*r[i-1][1]
		}
	}
	if doubled != 2*(9+1-1) {
		t.Errorf("the lines %v have an area of %v", lines, doubled/2)
	}
}

// Estimators that the page looks for are ones that figures have: another code would be looked for in vain.
func TestEstimatorsAreKnown(t *testing.T) {
	for _, code := range slices.Concat(curveEstimators, conversionEstimators, originEstimators, relationEstimators, sensitivityEstimators) {
		if schemas.CodeName("estimator", code).JA == code {
			t.Errorf("%s is no estimator", code)
		}
	}
}

func TestBuiltInMapHasAllPrefectures(t *testing.T) {
	all := prefectureOutlines()
	if len(all) != 47 || all[0].Code != "01000" || all[46].Code != "47000" {
		t.Fatalf("%d outlines", len(all))
	}
	for _, o := range all {
		if !strings.HasPrefix(o.Path, "m") || !strings.HasSuffix(o.Path, "z") || strings.Trim(o.Path, "mz0123456789,- ") != "" {
			t.Errorf("%s: %.30s", o.Code, o.Path)
		}
	}
}
