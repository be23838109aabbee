package simulate

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/google/renameio/v2"
)

// fullPanel is the number of members drawn of which every prefecture has respondents enough to
// be a margin.
const fullPanel = 6000

// writeConfig writes the kankei.yaml that reads the exports. Sources of which the
// world has no row are left out.
func (p *project) writeConfig(dir string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s（kankei simulate が作った架空の世界。人・宿・電話番号はすべて架空です）\n", p.Scenario.TitleJA)
	fmt.Fprintf(&b, "# %s: a world made by kankei simulate. Persons, houses and telephone numbers are invented.\n", p.Scenario.TitleEN)
	fmt.Fprintf(&b, "project: %s\n\n# 鍵は最初の実行で作られます。The key is made by the first run.\nkey: {file: secrets/kankei.key, create: true}\n\nsources:\n", p.Scenario.ID)
	p.bookingSources(&b)
	has := func(path string) bool { return p.files.begun[path] != nil }
	margins := "sex_age"
	if p.panel.Size() >= fullPanel {
		margins += ", prefecture"
	}
	for i, wave := range p.Scenario.Panel.Waves {
		response := "nonresponse: sex_age"
		if i > 0 {
			response = "nonresponse: propensity, after: panel-" + p.Scenario.Panel.Waves[i-1]
		}
		if path := fmt.Sprintf("exports/panel/panel-%s.csv", wave); has(path) {
			fmt.Fprintf(&b, "  - {name: panel-%s, kind: survey, mapping: web-panel, files: %s,\n     survey: {sampling: web_panel, margins: [%s], %s}}\n", wave, path, margins, response)
		}
	}
	if p.summary.Answers > 0 {
		fmt.Fprintf(&b, "  - {name: onsite, kind: survey, mapping: onsite, files: \"exports/onsite/*.csv\", survey: {sampling: onsite}}\n")
	}
	for _, s := range []struct{ name, kind, mapping, path string }{
		{"acts", "act", "act", "exports/acts.csv"},
		{"moves", "move", "move", "exports/moves.csv"},
		{"facilities", "facility", "facility", "exports/facilities.csv"},
		{"guest-nights", "total", "guest-nights", "exports/guest_nights.csv"},
		{"residents", "total", "residents-classes", "exports/residents.csv"},
		{"visitors", "total", "visitors", "exports/visitors.csv"},
		{"in-migrants", "total", "in-migrants", "exports/in_migrants.csv"},
	} {
		if has(s.path) {
			fmt.Fprintf(&b, "  - {name: %s, kind: %s, mapping: %s, files: %s}\n", s.name, s.kind, s.mapping, s.path)
		}
	}
	b.WriteString("\ndefinitions: [repeat-visits, engaged-stays, mlit-visiting, furusato-premium, two-region]\n")
	if prefectures := p.prefectures(); len(prefectures) < 47 {
		fmt.Fprintf(&b, "regions: [\"%s\"]\n", strings.Join(prefectures, `", "`))
	}
	if p.Scenario.Target > 0 {
		year, _, _ := p.Scenario.LastDay().Civil()
		fmt.Fprintf(&b, "targets: [{name: 関係人口ビジョン, region: \"%s\", definition: repeat-visits, by: FY%d, value: %d}]\n", p.prefectures()[0], year+5, p.Scenario.Target)
	}
	fmt.Fprintf(&b, "reference_months: %d\n", max(1, min(13, p.Scenario.Months-11)))
	b.WriteString("disclosure: {persons: 10, facilities: 3}\nthreads: 2\nmemory: 1GB\n")
	return renameio.WriteFile(filepath.Join(dir, "kankei.yaml"), []byte(b.String()), 0o644)
}

// bookingSources lists a source for each house whose exports do not name it, and
// one for the site controller that serves many.
func (p *project) bookingSources(b *strings.Builder) {
	many := false
	for i, c := range p.channels {
		var mapping, pattern string
		switch c.format {
		case notDelivered:
			continue
		case temairazu:
			many = true
			continue
		case neppan:
			mapping, pattern = "neppan", "*.csv"
		case bookingCSV:
			mapping, pattern = "booking-com", "*.csv"
		case bookingXLSX:
			mapping, pattern = "booking-com", "*.xlsx"
		}
		if !p.delivered(c.folder) {
			continue
		}
		fmt.Fprintf(b, "  - {name: %s, kind: booking, mapping: %s, files: \"exports/%s/%s\", facility: %s}\n", c.source, mapping, c.folder, pattern, p.Facilities[i].Name)
	}
	if many && p.delivered("temairazu") {
		b.WriteString("  - {name: temairazu, kind: booking, mapping: temairazu, files: \"exports/temairazu/*.csv\"}\n")
	}
}

// delivered says whether a folder of the exports has a file.
func (p *project) delivered(folder string) bool {
	for path := range p.files.begun {
		if strings.HasPrefix(path, "exports/"+folder+"/") {
			return true
		}
	}
	return false
}

// prefectures are those of the visited places.
func (p *project) prefectures() []string {
	var codes []string
	for _, at := range p.Visited {
		if code := p.Places[at].PrefectureCode; len(codes) == 0 || codes[len(codes)-1] != code {
			codes = append(codes, code)
		}
	}
	return codes
}
