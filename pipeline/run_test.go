package pipeline

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kankei/kankei/internal/sharedtest"
	"github.com/kankei/kankei/pipeline/ingest"
	"github.com/kankei/kankei/schemas"
)

// frameProject is a project that reads a frame of one facility, and no persons.
func frameProject(t *testing.T) *Project {
	t.Helper()
	dir := t.TempDir()
	files := map[string]string{
		"kankei.yaml":            "project: p\nsources:\n  - {name: frame, kind: facility, mapping: facility, files: exports/*.csv}\n",
		"exports/facilities.csv": "facility,region_code,rooms\n白浜荘,30401,20\n",
	}
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	p, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func newTestRun(t *testing.T, p *Project) *Run {
	t.Helper()
	asOf := onDay(t, "2026-03-31")
	r, err := NewRun(p, Options{
		AsOf: &asOf, Now: time.Now, Log: NewReporter(io.Discard, "en", false), Command: "test",
		Getenv: func(string) string { return "0123456789abcdef0123456789abcdef" },
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// A stage may take 5.710000001 s, and 710000001 is the number of a booking of the
// sample: what searches a record for personal values would find one.
func TestRecordOfRunHasNoNanoseconds(t *testing.T) {
	r := newTestRun(t, frameProject(t))
	moment := time.Date(2026, 4, 1, 0, 0, 0, 710_000_001, time.UTC)
	run, err := NewRun(r.Project, Options{
		AsOf: &r.AsOf, Log: r.Log, Command: "test", Getenv: r.getenv,
		Now: func() time.Time { moment = moment.Add(5*time.Second + 710_000_001); return moment },
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := run.Execute(t.Context()); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(r.Path("work", "runs", "*.json"))
	if err != nil || len(files) != 1 {
		t.Fatalf("records of runs: %v, %v", files, err)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), `"seconds": 5.71`) {
		t.Errorf("no stage of five seconds in\n%s", text)
	}
	if digits := regexp.MustCompile(`\.\d{4,}`).Find(text); digits != nil {
		t.Errorf("%s is finer than a millisecond in\n%s", digits, text)
	}
}

func TestInterruptedRunEndsInGoodOrder(t *testing.T) {
	p := frameProject(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := newTestRun(t, p).Execute(ctx)
	if code := ExitCode(err); code != ExitInterrupted {
		t.Errorf("exit code %d (%v), want %d", code, err, ExitInterrupted)
	}
	if _, held := p.LockedBy(); held {
		t.Errorf("the lock is held after the run")
	}
	for _, root := range roots {
		if exists(p.Path(root, tempName)) {
			t.Errorf("%s/%s is left", root, tempName)
		}
	}
	if s, err := p.Status(); err != nil || s.Last.Exit != ExitInterrupted {
		t.Errorf("status: %+v, %v; want the interruption on record", s.Last, err)
	}
}

func TestDigestsFollowTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x")
	cache := digestCache{}
	write := func(text string) string {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		found, err := cache.of(path, "x")
		if err != nil {
			t.Fatal(err)
		}
		return found.Digest
	}
	one := write("one")
	if one != "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed" { // sha256sum
		t.Errorf("digest of one = %s", one)
	}
	// A program that puts the modification time back still changes the status time.
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("two"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
	if two, err := cache.of(path, "x"); err != nil || two.Digest == one {
		t.Errorf("digest stays %s after the content changed (%v)", two.Digest, err)
	}
	// Unchanged, it is not read again: a wrong entry is believed.
	entry := cache["x"]
	entry.Digest = "remembered"
	cache["x"] = entry
	if got, _ := cache.of(path, "x"); got.Digest != "remembered" {
		t.Errorf("an unchanged file is read again")
	}
}

func TestExpandLeavesOutWhatIsNoExport(t *testing.T) {
	p := frameProject(t)
	for _, name := range []string{"b.csv", "a.csv", ".hidden.csv", "~$open.csv", "sub.csv/x"} {
		path := p.Path("exports", name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	r := &Run{Project: p}
	got, err := r.expand([]string{"exports/*.csv", "./exports/a.csv"})
	if want := []string{"exports/a.csv", "exports/b.csv", "exports/facilities.csv"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("expand = %q, %v, want %q", got, err, want)
	}
}

func TestAsOfIsTheLastCompleteMonthOfThePersons(t *testing.T) {
	through := func(kind, day string) Delivery {
		d := onDay(t, day)
		return Delivery{Report: ingest.Report{Kind: kind, DataThrough: &d}}
	}
	tests := []struct {
		name       string
		deliveries []Delivery
		want       string
	}{
		{"a complete month", []Delivery{through("booking", "2026-03-31")}, "2026-03-31"},
		{"an incomplete one", []Delivery{through("booking", "2026-03-30")}, "2026-02-28"},
		{"the latest of several", []Delivery{through("survey", "2026-01-31"), through("booking", "2025-12-02")}, "2026-01-31"},
		{"official totals say nothing", []Delivery{through("total", "2027-01-31"), through("act", "2026-01-15")}, "2025-12-31"},
		{"leap day", []Delivery{through("visit", "2024-02-29")}, "2024-02-29"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			latest, ok := dataThrough(test.deliveries)
			if got := lastMonthEnd(latest); !ok || got.String() != test.want {
				t.Errorf("as of %s (%t), want %s", got, ok, test.want)
			}
		})
	}
	if _, ok := dataThrough([]Delivery{through("total", "2026-01-31"), {}}); ok {
		t.Errorf("data without persons have a last day")
	}
}

func TestOwnChangesOfCodes(t *testing.T) {
	h, err := parseChanges("c.csv", []byte("\ufeffchanged_on,from_code,to_code,reason\n2005-03-28,21486,21213,merger\n2006-01-01,,12345,new\n"))
	want := schemas.RegionChange{ChangedOn: onDay(t, "2005-03-28"), FromCode: "21486", ToCode: "21213", Reason: "merger"}
	if err != nil || len(h.Changes) != 1 || h.Changes[0] != want {
		t.Errorf("parseChanges = %v, %v, want %v alone", h.Changes, err, want)
	}
	for _, text := range []string{
		"", "date,from_code\n", "changed_on,from_code\n", "changed_on,from_code,to_code,reason\nyesterday,21486,21213,x\n",
		"changed_on,from_code,to_code,reason\n2005-03-28,21486\n",
	} {
		if _, err := parseChanges("c.csv", []byte(text)); ExitCode(err) != ExitMisused {
			t.Errorf("parseChanges(%q) = %v, want it refused as misuse", text, err)
		}
	}
	_, err = parseChanges("c.csv", []byte("changed_on,from_code,to_code,reason\n\n2024/4/1,21486,21213,x\n"))
	if want := `c.csv:3: changed_on: "2024/4/1" is no date (allowed: a day such as 2024-01-01)`; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

// The table of all changes since 1970 is read as it is, with the names of its
// time: 菖蒲町 in 埼玉県 is found on a day before it joined 久喜市 in 2010.
func TestAllChangesSince1970(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(sharedtest.Dir(t), "real", "codes", "code_changes_1970_2024.csv"))
	if err != nil {
		t.Fatal(err)
	}
	p := frameProject(t)
	p.Config.CodeChanges = "changes.csv"
	if err := os.WriteFile(p.Path("changes.csv"), text, 0o644); err != nil {
		t.Fatal(err)
	}
	r := newTestRun(t, p)
	if got := r.Regions.Successors("11446", onDay(t, "2009-01-01"), onDay(t, "2024-12-31")); !slices.Equal(got, []string{"11232"}) {
		t.Errorf("successors of 菖蒲町 11446 = %v, want 久喜市 11232", got)
	}
	if got := r.Regions.NameOn("埼玉県", "菖蒲町", onDay(t, "2009-01-01")); got != "11446" {
		t.Errorf("菖蒲町 on 2009-01-01 = %s, want 11446", got)
	}
	if r.codeChanges == "" {
		t.Error("the changes are not in the keys of the deliveries")
	}
}

func TestExitCodes(t *testing.T) {
	tests := []struct {
		err  error
		want int
	}{
		{nil, ExitReleased},
		{io.ErrUnexpectedEOF, ExitFailed},
		{context.Canceled, ExitInterrupted},
		{inStage(Stage{Name: "s"}, context.Canceled), ExitInterrupted},
		{inStage(Stage{Name: "s"}, &ingest.Refusal{}), ExitRefused},
		{Problems{&Error{Code: ExitMisused}, io.EOF}, ExitMisused},
		{&Error{Code: ExitPartial, Err: Problems{&ingest.Refusal{}}}, ExitPartial},
		{&Error{Code: ExitGated}, ExitGated},
	}
	for _, test := range tests {
		if got := ExitCode(test.err); got != test.want {
			t.Errorf("ExitCode(%v) = %d, want %d", test.err, got, test.want)
		}
	}
}

// 15202 長岡市 could be 015202 without its zero, and is not among the codes that
// speak for themselves in an export. In a project all codes have five digits.
func TestCodesOfAProjectAreNotGuessedAt(t *testing.T) {
	p := frameProject(t)
	p.Config.Sources = append(p.Config.Sources, Source{
		Name: "b", Kind: "booking", Files: []string{"*.none"}, Region: "15202", Facilities: map[string]string{"長岡荘": "15202"},
	})
	p.Config.EverydayArea = "areas.csv"
	if err := os.WriteFile(p.Path("areas.csv"), []byte("region_code,area\n15202,中越\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	r := newTestRun(t, p)
	areas, err := r.everydayAreas()
	if err != nil || areas["15202"] != "中越" {
		t.Errorf("everyday areas = %v, %v, want 15202 in 中越", areas, err)
	}
	p.Config.Sources[1].Region = "152021" // with its check digit
	if _, err := NewRun(p, Options{}); ExitCode(err) != ExitMisused {
		t.Errorf("region 152021: %v, want it refused", err)
	}
}

// A definition changed in kankei.yaml must not pass for the built-in one.
func TestOwnDefinitions(t *testing.T) {
	p := frameProject(t)
	p.Config.OwnDefinitions = []OwnDefinition{{ID: "three-trips", From: "repeat-visits", Count: "all_purposes", MinTrips: 3}}
	profiles, err := newTestRun(t, p).profiles()
	if err != nil || len(profiles) != 1 {
		t.Fatalf("profiles = %v, %v, want one", profiles, err)
	}
	if own := profiles[0]; own.ID != "three-trips" || own.Follows != "repeat-visits, changed in kankei.yaml" || len(own.Excludes) > 0 ||
		!slices.Equal(own.Any, []schemas.Alternative{{MinTrips: 3}}) {
		t.Errorf("own definition = %+v", own)
	}
	if want := "In 12 months, at least 3 trips; visits for every purpose count."; profiles[0].Rule != want {
		t.Errorf("rule %q, want %q", profiles[0].Rule, want)
	}
	if want := "12か月に3回以上の訪問。すべての目的の訪問を数える。"; profiles[0].RuleJA != want {
		t.Errorf("rule %q, want %q", profiles[0].RuleJA, want)
	}
}

// A name that is no definition is told before anything is read, by plan as by
// run, with its place and the nearest there is; all of them at once.
func TestUnknownDefinitions(t *testing.T) {
	p := frameProject(t)
	for text, want := range map[string][]string{
		"definitions: [repeat-visit, no-such, repeat-visits]": {
			`kankei.yaml:5:15: definitions[0]: no definition "repeat-visit"; did you mean repeat-visits? (allowed: `,
			`kankei.yaml:5:29: definitions[1]: no definition "no-such" (allowed: `},
		"definitions: [repeat-visits, repeat-visits]":                                                     {`kankei.yaml:5:14: definition "repeat-visits" is listed twice`},
		"own_definitions: [{id: repeat-visits}]":                                                          {`kankei.yaml:5:24: own_definitions[0].id: "repeat-visits" is that of a built-in definition`},
		"own_definitions: [{id: a, from: two-regions}]":                                                   {`kankei.yaml:5:33: own_definitions[0].from: no definition "two-regions"; did you mean two-region?`},
		"definitions: [a]\nown_definitions: [{id: a}]":                                                    {`kankei.yaml:5:15: definitions[0]: "a" is in own_definitions`},
		"conversion: {definition: repeated-visits}":                                                       {`kankei.yaml:5:26: conversion.definition: "repeated-visits" is no definition that is counted by (allowed: `},
		"definitions: [two-region]\ndisclosure: {detail: {mechanism: cell_key, definition: two-regions}}": {`"two-regions" is no definition of the project`},
	} {
		config, err := ParseConfig([]byte("project: p\nsources:\n  - {name: frame, kind: facility, files: exports/frame.csv}\nreference_months: 1\n" + text))
		if err != nil {
			t.Fatal(err)
		}
		p.Config = config
		_, err = NewRun(p, Options{})
		for _, part := range want {
			if ExitCode(err) != ExitMisused || !strings.Contains(err.Error(), part) {
				t.Errorf("%s:\n%v\nwant it to contain %s", text, err, part)
			}
		}
	}
}

// The rule of every built-in definition can be said from its conditions alone,
// also where an own definition takes them over.
func TestRulesInWords(t *testing.T) {
	for _, p := range schemas.BuiltinProfiles() {
		for _, a := range p.Any {
			if len(conditions(a)) == 0 {
				t.Errorf("%s: nothing is said of %+v", p.ID, a)
			}
		}
	}
	p := schemas.Profile{Excludes: []string{"kin", "commute"}, Any: []schemas.Alternative{
		{MinTrips: 2, MinGapDays: 30}, {MinStayDays: 8}, {MinTrips: 1, Purpose: "telework"}, {MinActs: 3}, {SelfReported: true}, {MinDays: 2},
	}}
	want := "In 12 months, at least 2 trips and at least 30 days from the first trip to the last, or at least 8 stay-days, " +
		"or at least 1 trips and a visit for telework, or at least 3 contribution acts, or a relation called regular and continuing, " +
		"or at least 2 visit days; visits for kin, commute do not count where the purpose is known."
	if got := ruleInWords(p).EN; got != want {
		t.Errorf("rule:\n%s\nwant:\n%s", got, want)
	}
}

// A link to nothing is an input that is refused by name, no failure of the run.
func TestLinkToNothingIsRefused(t *testing.T) {
	p := frameProject(t)
	if err := os.Symlink("nowhere", p.Path("exports", "link.csv")); err != nil {
		t.Fatal(err)
	}
	r, in := &Run{Project: p}, &intake{digests: digestCache{}}
	err := r.takeInSource(in, Source{Name: "s", Files: []string{"exports/*.csv"}}, nil)
	if err != nil || len(in.files) != 1 || len(in.refused) != 1 || !strings.Contains(in.refused[0].Error(), "exports/link.csv: a link to nothing") {
		t.Errorf("%d files, refused %v (%v)", len(in.files), in.refused, err)
	}
}
