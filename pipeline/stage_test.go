package pipeline

import (
	"context"
	"strings"
	"testing"

	"github.com/kankei/kankei/schemas"
)

func TestStagesAgree(t *testing.T) {
	known := func(dataset string) bool { _, there := schemas.Find(dataset); return there }
	if err := Check(Stages(), known); err != nil {
		t.Error(err)
	}
}

func TestCheck(t *testing.T) {
	body := func(context.Context, *Run) error { return nil }
	stage := func(name, reads, writes string) Stage {
		return Stage{Name: name, Reads: strings.Fields(reads), Writes: strings.Fields(writes), Run: body}
	}
	known := func(d string) bool { return strings.HasPrefix(d, "d") }
	tests := []struct {
		name   string
		stages []Stage
		want   string
	}{
		{"in order", []Stage{stage("a", "", "d1"), stage("b", "d1", "d2")}, ""},
		{"read before written", []Stage{stage("b", "d1", "d2"), stage("a", "", "d1")}, "stage b: reads d1, which no stage before it writes"},
		{"reads its own", []Stage{stage("a", "d1", "d1")}, "stage a: reads d1"},
		{"two writers", []Stage{stage("a", "", "d1"), stage("b", "", "d1")}, "stage b: writes d1, which a writes already"},
		{"not a dataset", []Stage{stage("a", "", "x")}, "stage a: writes x, which is not a dataset"},
		{"two of a name", []Stage{stage("a", "", "d1"), stage("a", "", "d2")}, `stage "a"`},
		{"no body", []Stage{{Name: "a"}}, `stage "a"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := Check(test.stages, known)
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("Check = %v, want %q", err, test.want)
			}
		})
	}
}

// TestStageKeysChain changes one thing at a time and expects another key.
func TestStageKeysChain(t *testing.T) {
	key := func(s Stage, executable string, params any, writers map[string]string) string {
		k, err := stageKey(s, executable, params, writers)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	s := Stage{Name: "b", Reads: []string{"d1", "d2"}, Writes: []string{"d3"}}
	base := key(s, "exe", 1, map[string]string{"d1": "k1", "d2": "k2"})
	if again := key(s, "exe", 1, map[string]string{"d2": "k2", "d1": "k1", "d9": "k9"}); again != base {
		t.Errorf("key changes with a dataset the stage does not read")
	}
	other := s
	other.Name = "c"
	for name, k := range map[string]string{
		"name":       key(other, "exe", 1, map[string]string{"d1": "k1", "d2": "k2"}),
		"executable": key(s, "exe2", 1, map[string]string{"d1": "k1", "d2": "k2"}),
		"parameters": key(s, "exe", 2, map[string]string{"d1": "k1", "d2": "k2"}),
		"upstream":   key(s, "exe", 1, map[string]string{"d1": "k1", "d2": "k3"}),
		"swapped":    key(s, "exe", 1, map[string]string{"d1": "k2", "d2": "k1"}),
	} {
		if k == base {
			t.Errorf("key does not change with %s", name)
		}
	}
}

// Whether persons are busy is a row of quality and a warning: they are made anew where another number of days is asked for.
func TestFiguresFollowTheReportOfTheBusy(t *testing.T) {
	r := newTestRun(t, frameProject(t))
	key := func() string {
		params, err := estimateParams(r)
		if err != nil {
			t.Fatal(err)
		}
		return digestJSON(params)
	}
	before := key()
	if r.Config.Linkage.ReportBusierThan++; key() == before {
		t.Error("another report_busier_than leaves the figures as they were")
	}
}

func TestExecutableHasADigest(t *testing.T) {
	id, err := executable()
	if err != nil || len(id) < 16 {
		t.Errorf("executable() = %q, %v", id, err)
	}
}
