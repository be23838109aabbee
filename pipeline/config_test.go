package pipeline

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/kankei/kankei/schemas"
)

func onDay(t *testing.T, s string) schemas.Date {
	t.Helper()
	d, err := schemas.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestExampleOfTheDesignIsReadAsItStands(t *testing.T) {
	text, err := os.ReadFile("testdata/kankei.yaml")
	if err != nil {
		t.Fatal(err)
	}
	got, err := ParseConfig(text)
	if err != nil {
		t.Fatal(err)
	}
	unweighted := Survey{Method: "raking", Bounds: Bounds{0.2, 5}, LonelyPSU: "adjust", Drift: 5, DropOut: 20, VisitsTo: "municipality", Variance: "linearised",
		Replicates: 500, Seed: 1, Rho: 30, Supplied: "bootstrap", Centre: "estimate"} // the defaults
	want := &Config{
		Project: "wakayama",
		Key:     Key{Env: "KANKEI_KEY"},
		Sources: []Source{
			{Name: "neppan", Kind: "booking", Mapping: "neppan", Files: []string{"exports/neppan/*.csv"}, ShrinkLimit: 20, Survey: unweighted},
			{Name: "visitors", Kind: "survey", Mapping: "mappings/visitors.yaml", Files: []string{"exports/visitors/*.xlsx"},
				Period: Period{onDay(t, "2025-10-01"), onDay(t, "2026-03-31")}, ShrinkLimit: 20, Survey: unweighted},
			{Name: "facilities", Kind: "facility", Files: []string{"exports/facilities.csv"}, ShrinkLimit: 20, Survey: unweighted},
			{Name: "guest-nights", Kind: "total", Mapping: "guest-nights", Files: []string{"exports/guest_nights.csv"}, ShrinkLimit: 20, Survey: unweighted},
		},
		Definitions:     []string{"repeat-visits", "engaged-stays", "mlit-visiting"},
		Regions:         []string{"30000"},
		ReferenceMonths: 24,
		OnRefused:       "stop",
		Disclosure: Disclosure{Persons: 10, Facilities: 3,
			Detail: DetailSettings{Outside: "prefecture", Base: 10, Variance: 4, Most: 5, Delta: 1e-6, CellsPerPerson: 3}},
		Reliability: Reliability{A: 16.5, B: 33.3, C: 50, Release: "U"},
		Linkage:     Linkage{SharedBy: 3, ReportBusierThan: 100},
		Detection:   DetectionSettings{OfficialError: 5, PoolBelow: 200},
		Conversion:  ConversionSettings{Definition: "repeat-visits"},
		Report:      ReportSettings{Property: "N03_007"},
		Outside:     []string{"prefecture", "municipality"},
		Threads:     2,
		Memory:      3_000_000_000,
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(Config{})); diff != "" {
		t.Errorf("ParseConfig(testdata/kankei.yaml) (-want +got):\n%s", diff)
	}
	if at := got.At("sources[1].files"); at != "kankei.yaml:5:76" {
		t.Errorf("At(sources[1].files) = %s, want kankei.yaml:5:76", at)
	}
	if at := got.At("sources[2].mapping"); at != "kankei.yaml:6:5" {
		t.Errorf("At(sources[2].mapping), which is left out, = %s, want its source, kankei.yaml:6:5", at)
	}
}

func TestConfigFaultsArePlaced(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"unknown key", "project: p\nsuorces: []", "kankei.yaml:2:1: no such key suorces; did you mean sources? (allowed: project, key,"},
		{"unknown key below", "project: p\nsources:\n  - {name: a, kind: booking, file: x.csv, files: x.csv}", "kankei.yaml:3:30: no such key sources[0].file; did you mean files?"},
		{"unknown key far from any", "project: p\nzzz: 1", "kankei.yaml:2:1: no such key zzz (allowed:"},
		{"missing", "sources: []", "kankei.yaml:1:1: project is missing"},
		{"empty", "", "kankei.yaml:1:1: project is missing"},
		{"missing below", "project: p\nsources:\n  - name: a\n    files: x.csv", "kankei.yaml:3:5: sources[0].kind is missing"},
		{"wrong type", "project: p\nthreads: two", `kankei.yaml:2:10: threads: found "two" (allowed: a whole number from 0 to 1024)`},
		{"fraction", "project: p\nthreads: 1.5", `kankei.yaml:2:10: threads: found "1.5"`},
		{"too little", "project: p\ndisclosure: {persons: 3}", `kankei.yaml:2:23: disclosure.persons: found "3" (allowed: a whole number of at least 10)`},
		{"fewer facilities without a reason", "project: p\ndisclosure: {facilities: 2}", "kankei.yaml:2:26: disclosure.facilities: 2 is less than three facilities (allowed: 3 or more, or why fewer are enough (disclosure.fewer_facilities))"},
		{"a reason without need", "project: p\ndisclosure: {fewer_facilities: ours}", "disclosure.fewer_facilities: has no use unless facilities is below 3"},
		{"half of the pq rule", "project: p\ndisclosure: {dominance: {prior_p: 10}}", "disclosure.dominance: has one of prior_p and prior_q"},
		{"not a list", "project: p\nsources: neppan", `kankei.yaml:2:10: sources: found "neppan" (allowed: a list`},
		{"list for a text", "project: [p]", "kankei.yaml:1:10: project: found a list (allowed: a text)"},
		{"pairs for a text", "project: {a: b}", "kankei.yaml:1:10: project: found pairs"},
		{"text for pairs", "project: p\nkey: secret", `kankei.yaml:2:6: key: found "secret" (allowed: pairs of key: value)`},
		{"value not allowed", "project: p\non_refused: maybe", `kankei.yaml:2:13: on_refused: found "maybe" (allowed: stop, continue)`},
		{"element not allowed", "project: p\noutside: [prefecture, planet]", `kankei.yaml:2:23: outside[1]: found "planet"`},
		{"not yes or no", "project: p\nkey: {file: k, create: maybe}", `kankei.yaml:2:24: key.create: found "maybe" (allowed: true, false)`},
		{"size", "project: p\nmemory: 3", `kankei.yaml:2:9: memory: found "3" (allowed: an amount`},
		{"size too small", "project: p\nmemory: 1MB", `kankei.yaml:2:9: memory: found "1MB"`},
		{"period", source("period: 2026-03..2025-10"), `period: found "2026-03..2025-10" (allowed: a span`},
		{"period of one", source("period: 2026-03"), `period: found "2026-03"`},
		{"region", "project: p\nregions: [30401]", `kankei.yaml:2:11: regions[0]: "30401" is not the code of a prefecture`},
		{"region of a source", source(`region: "3040"`), `region: "3040" is not a region code`},
		{"facility's region", source("facilities: {白浜: shirahama}"), `sources[0].facilities.白浜: "shirahama" is not a region code`},
		{"same name twice", "project: p\nsources:\n  - {name: a, kind: booking, files: x}\n  - {name: a, kind: visit, files: y}", `kankei.yaml:4:12: sources[1].name: "a" is the name of sources[0] too`},
		{"name as a path", "project: p\nsources:\n  - {name: a/b, kind: booking, files: x}", `sources[0].name: "a/b"`},
		{"files outside", source("files: ../x.csv"), `"../x.csv" leaves the project`},
		{"absolute files", source("files: /etc/passwd"), `"/etc/passwd" leaves the project`},
		{"bad pattern", source(`files: "x[.csv"`), `"x[.csv" is not a pattern`},
		{"no files", source("files: []"), "sources[0].files: no file is named"},
		{"create without file", "project: p\nkey: {create: true}", "kankei.yaml:2:15: key.create: there is no key.file to create"},
		{"region by name", "project: p\nregions: 福井県", `"福井県" is not the code of a prefecture; did you mean "18000"?`},
		{"region in wide digits", "project: p\nregions: ['１８０００']", `did you mean "18000"?`},
		{"region of two digits", "project: p\nregions: [18]", `did you mean "18000"?`},
		{"everyday area without table", "project: p\noutside: [everyday_area]", "everyday_area needs a table"},
		{"table without everyday area", "project: p\neveryday_area: a.csv", "has no use unless outside lists everyday_area"},
		{"map elsewhere", "project: p\nreport: {map: ../m.json}", `kankei.yaml:2:15: report.map: "../m.json" leaves the project`},
		{"credit without map", "project: p\nreport: {credit: me}", "kankei.yaml:2:18: report.credit: there is no report.map to credit"},
		{"one list", source("") + "\nlists: [{name: l, sources: ['*']}]", "lists: there are 1 lists"},
		{"list of nothing", source("") + "\nlists: [{name: l, sources: ['*']}, {name: m, sources: [t]}]", "lists[1].sources: no source is named t"},
		{"source in two lists", source("") + "\nlists: [{name: l, sources: ['*']}, {name: m, sources: ['*']}]", "is in the list l too"},
		{"target without a value", "project: p\ntargets: [{name: t, region: \"30401\", definition: d, by: 2031-03}]", "kankei.yaml:2:11: targets[0].value is missing"},
		{"target of nobody", target(`value: 0, by: 2031-03`), `targets[0].value: found "0" (allowed: a whole number of at least 1)`},
		{"target due on a day", target(`value: 9, by: 2031-03-31`), `targets[0].by: found "2031-03-31" (allowed: a month such as 2031-03, or a fiscal year`},
		{"target due in no year", target(`value: 9, by: FY30`), `targets[0].by: found "FY30"`},
		{"target of no region", target(`value: 9, by: FY2030, region: Shirahama`), `targets[0].region: "Shirahama" is not a region code (allowed: five digits`},
		{"target measured as nothing is", target(`value: 9, by: FY2030, region: "30401", measure: persons_any_municipality`), "targets[0].measure: there are no persons_any_municipality of the region 30401 (allowed: persons, pairs)"},
		{"target by a rule not counted by", target(`value: 9, by: FY2030, region: "30401", outside: everyday_area`), "targets[0].outside: everyday_area is not counted by: add it to outside, or name one that is (allowed: prefecture, municipality)"},
		{"programme since a day", programme(`since: 2024-04-01`), `programmes[0].since: found "2024-04-01" (allowed: a month such as 2024-04)`},
		{"programme of no purpose there is", programme(`since: 2024-04, purposes: [work]`), `programmes[0].purposes`},
		{"programme of the nation", programme(`since: 2024-04, regions: ["00000"]`), `programmes[0].regions[0]: "00000" is not the code of a municipality or prefecture (allowed: five digits`},
		{"region twice in a programme", programme(`since: 2024-04, regions: ["30401", "30401"]`), `programmes[0].regions[1]: 30401 is in programmes[0].regions[0] too`},
		{"two targets of one name", "project: p\ntargets:\n  - {name: t, region: \"30401\", definition: repeat-visits, by: 2031-03, value: 9}\n  - {name: t, region: \"30401\", definition: repeat-visits, by: 2031-03, value: 9}", `kankei.yaml:4:12: targets[1].name: "t" is the name of targets[0] too`},
		{"key twice", "project: p\nproject: q", "kankei.yaml:2:1: not YAML"},
		{"full-width colon", "project: p\nsources：\n  - a", "line 2 has full-width marks"},
		{"backslash", "project: p\nsources:\n  - {name: a, kind: booking, files: \"exports\\ftas\\*.csv\"}", `line 3: write folders with / and not with \`},
		{"bracket left open", "project: p\nsources:\n  - {name: a, kind: booking\nregions: []", "line 3 has a { that no } closes"},
		{"tab", "project: p\nsources:\n\t- {name: s}", "line 3 has a tab"},
		{"CP932", "project: p # \x93\x63\x95\xd3", "kankei.yaml:1:1: is not in UTF-8"},
		{"byte order mark", "\ufeffproject: p\nsource: []", "kankei.yaml:2:1: no such key source"},
		{"not YAML", "project: [", "kankei.yaml:1:10: not YAML"},
		{"tag on nothing", "project: !x", "kankei.yaml"},
		{"two documents", "project: p\n---\nproject: q", "kankei.yaml:2:1: a second document begins"},
		{"alias", "project: p\nkey: &k {env: K}\nsources: *k", "kankei.yaml:2:6: anchors (&), aliases (*)"},
		{"brackets without end", "project: p\nsources: " + strings.Repeat("[", 500_000), "kankei.yaml: has 488 KiB; want at most 128"},
		{"deep brackets", "project: p\nsources: " + strings.Repeat("[", 1000), "kankei.yaml:2:42: is nested too deeply"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := ParseConfig([]byte(test.text))
			if err == nil {
				t.Fatal("no error")
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("error:\n%v\nwant it to contain:\n%s", err, test.want)
			}
			if code := ExitCode(err); code != ExitMisused {
				t.Errorf("exit code %d, want %d", code, ExitMisused)
			}
		})
	}
}

// target is a configuration with one target that says keys too.
func target(keys string) string {
	if !strings.Contains(keys, "region") {
		keys += `, region: "30401"`
	}
	return "project: p\ntargets:\n  - {name: t, definition: repeat-visits, " + keys + "}"
}

// programme is a configuration with one programme.
func programme(keys string) string {
	if !strings.Contains(keys, "regions") {
		keys += `, regions: ["30401"]`
	}
	return "project: p\nprogrammes:\n  - {name: workation, " + keys + "}"
}

// Where no programme says purposes, participation, telework and contribution tell who took part.
func TestProgrammePurposes(t *testing.T) {
	c := Config{}
	if got, want := c.programmePurposes(), schemas.Participation|schemas.Telework|schemas.DirectContribution; got != want {
		t.Errorf("purposes %d, want %d", got, want)
	}
	c.Programmes = []Programme{{Purposes: []string{"telework"}}, {Purposes: []string{"business"}}}
	if got, want := c.programmePurposes(), schemas.Telework|schemas.Business; got != want {
		t.Errorf("purposes %d, want %d", got, want)
	}
}

func TestTargetsAreDueAtTheEnd(t *testing.T) {
	for text, want := range map[string]string{"2031-03": "2031-03-31", "2028-02": "2028-02-29", "FY2030": "2031-03-31"} {
		if d := new(Due); !d.setText(text) || d.String() != want {
			t.Errorf("%s is due on %s, want %s", text, d, want)
		}
	}
}

// source is a configuration with one source that says line too.
func source(line string) string {
	text := "project: p\nsources:\n  - name: a\n    kind: booking\n"
	if !strings.HasPrefix(line, "files") {
		text += "    files: x.csv\n"
	}
	return text + "    " + line
}

func TestAllFaultsAreToldAtOnceInBothLanguages(t *testing.T) {
	_, err := ParseConfig([]byte("projct: p\nthreads: two\nlang: fr"))
	for _, want := range []string{"kankei.yaml:1:1: projct というキーはありません。project のことですか", "kankei.yaml:2:10", "kankei.yaml:3:7", "project がありません"} {
		if got := Message(err, "ja"); !strings.Contains(got, want) {
			t.Errorf("message:\n%s\nwant it to contain %s", got, want)
		}
	}
}

func TestCodesKeepTheirLeadingZero(t *testing.T) {
	c, err := ParseConfig([]byte("project: p\nregions: [01000]"))
	if err != nil {
		t.Fatal(err)
	}
	if c.Regions[0] != "01000" {
		t.Errorf("regions = %q, want 01000", c.Regions)
	}
}

func TestSizes(t *testing.T) {
	for text, want := range map[string]Size{"2GB": 2e9, "1.5GB": 15e8, "512MiB": 512 << 20, "1 GiB": 1 << 30, "256MB": 256e6} {
		var s Size
		if !s.setText(text) || s != want {
			t.Errorf("%s reads as %d, want %d", text, s, want)
		}
	}
	for _, text := range []string{"", "GB", "-1GB", "NaNGB", "InfGB", "1KB", "255MB", "2gb"} {
		if s := new(Size); s.setText(text) {
			t.Errorf("%s reads as %d, want it refused", text, *s)
		}
	}
}

func TestNewProjectIsReadable(t *testing.T) {
	dir := t.TempDir()
	if err := Init(dir); err != nil {
		t.Fatal(err)
	}
	p, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if p.Config.Key.File != "secrets/kankei.key" || len(p.Config.Sources) != 0 {
		t.Errorf("new project: %+v", p.Config)
	}
	if err := Init(dir); ExitCode(err) != ExitMisused {
		t.Errorf("second Init: %v, want it refused as misuse", err)
	}
}

func FuzzParseConfig(f *testing.F) {
	example, err := os.ReadFile("testdata/kankei.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(example))
	f.Add(newConfig)
	f.Add("project: !x")
	f.Add("a: &a [*a]")
	f.Fuzz(func(t *testing.T, text string) {
		if c, err := ParseConfig([]byte(text)); err == nil && c.Project == "" {
			t.Errorf("%q is taken, without a project", text)
		} else if err != nil && !strings.HasPrefix(err.Error(), ConfigName) {
			t.Errorf("%q: error without a place: %v", text, err)
		}
	})
}
