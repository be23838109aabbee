package report

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
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
	// which are 600 units: 360 units a degree, a square being 300 wide.
	if u := 600 / (2 * math.Cos(33.5*math.Pi/180)); math.Round(u) != 360 {
		t.Fatalf("%v units a degree", u)
	}
	want := []outline{{"30201", "m300 360l0 -360 -300 0 0 360z"}, {"30202", "m300 360l300 0 0 -360 -300 0z"}}
	if !ok || got.Box != "-4 -4 608 368" || !slices.Equal(got.Outlines, want) {
		t.Errorf("drawn as %+v", got)
	}
	if _, ok := m.draw([]string{"47201"}); ok {
		t.Error("a map of nothing")
	}
	if _, ok := (*Map)(nil).draw([]string{"30201"}); ok {
		t.Error("a map without shapes")
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
