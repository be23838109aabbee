package pipeline

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What is wrong with a map of municipalities is told in both languages, with what
// would be right.
func TestReportMapIsRefused(t *testing.T) {
	const shape = `{"type":"Topology","arcs":[[[135,33],[136,33],[136,34],[135,33]]],"objects":{"m":{"type":"Polygon","arcs":[[0]],"properties":{"code":"30401"}}}}`
	for _, test := range []struct{ name, text, property, ja, en string }{
		{"good", shape, "code", "", ""},
		{"no codes", shape, "name", "kankei.yaml:2:33: m.json の図形の属性 \"name\" に地域コードがありません（使えるもの: code）", "no shape of m.json has a region code in its property \"name\" (allowed: code)"},
		{"no map", "region_code,name", "code", "m.json: TopoJSON として読めません", "m.json: is not TopoJSON"},
		{"GeoJSON", `{"type":"FeatureCollection","features":[]}`, "code", "（使えるもの: type が Topology の JSON）", "(allowed: JSON whose type is \"Topology\")"},
		{"broken", strings.Replace(shape, "[[0]]", "[[3]]", 1), "code", "図形が、ない線（arcs）を指しています", "its shapes name arcs that are not there"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			for name, text := range map[string]string{"kankei.yaml": "project: p\nreport: {map: m.json, property: " + test.property + "}\n", "m.json": test.text} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			p, err := Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			shapes, err := p.reportMap()
			if test.en == "" {
				if err != nil || shapes.Regions() != 1 {
					t.Fatalf("%v, %v", shapes, err)
				}
				return
			}
			if ja, en := Message(err, "ja"), Message(err, "en"); ExitCode(err) != ExitMisused || !strings.Contains(ja, test.ja) || !strings.Contains(en, test.en) {
				t.Errorf("exit code %d\n%s\n%s", ExitCode(err), ja, en)
			}
		})
	}
}
