package pipeline

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/kankei/kankei/pipeline/ingest"
	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/schemas/reference"
	"github.com/kankei/kankei/transforms/disclose"
	"github.com/kankei/kankei/transforms/estimate"
)

// noting is a run of sources a to d: bookings, visits, a survey that is counted and one that is weighted.
func noting() *Run {
	return &Run{Regions: reference.Load(), Log: NewReporter(io.Discard, "en", false), Project: &Project{Config: &Config{Sources: []Source{
		{Name: "a", Kind: "booking"}, {Name: "b", Kind: "visit"}, {Name: "c", Kind: "survey"}, {Name: "d", Kind: "survey", Survey: Survey{Sampling: "onsite"}},
	}}}}
}

// warned is what a run warned of by kind, in English.
func warned(r *Run) map[string]string {
	out := map[string]string{}
	for _, w := range r.Log.Warnings() {
		out[w.Kind] = w.In("en")
	}
	return out
}

// Answers on the spot that stop a month before the as-of day are told of, a house without a guest for
// two months is not; a weighted survey speaks of the months after it.
func TestSourcesThatEndAreToldOf(t *testing.T) {
	r := noting()
	r.AsOf = onDay(t, "2025-08-31")
	for _, d := range []struct{ source, kind, day string }{
		{"a", "booking", "2025-06-01"}, {"b", "visit", "2025-07-31"}, {"c", "survey", "2025-03-31"}, {"c", "survey", "2025-02-28"}, {"d", "survey", "2024-09-30"},
	} {
		day := onDay(t, d.day)
		r.Deliveries = append(r.Deliveries, Delivery{Report: ingest.Report{Source: d.source, Kind: d.kind, DataThrough: &day, Landed: map[string]int64{"visit": 1}}})
	}
	r.noteEnded()
	if got, want := warned(r)["ended"], "sources that end before the as-of day 2025-08-31: b (2025-07-31), c (2025-03-31);"; !strings.HasPrefix(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	r = noting()
	r.AsOf = onDay(t, "2025-08-31")
	silent := onDay(t, "2025-05-31")
	r.Deliveries = []Delivery{{Report: ingest.Report{Source: "a", Kind: "booking", DataThrough: &silent}}}
	if r.noteEnded(); !strings.Contains(warned(r)["ended"], "a (2025-05-31)") {
		t.Errorf("%q; want the house that three months tell nothing of", warned(r))
	}
}

// A mapping that reads residence and finds none in any row knows the column by another name; one that
// reads none (Airbnb) has nothing to find.
func TestSourcesWithoutResidenceAreToldOf(t *testing.T) {
	r := noting()
	of := func(source, mapping string, rows, unknown int64) Delivery {
		return Delivery{Report: ingest.Report{Source: source, Mapping: mapping, Landed: map[string]int64{"booking": rows, "facility": 9}, ResidenceUnknown: unknown}}
	}
	r.Deliveries = []Delivery{of("a", "neppan", 5, 5), of("a", "neppan", 2, 2), of("b", "neppan", 5, 4), of("c", "airbnb", 5, 5)}
	r.noteResidences()
	if got := r.Log.Warnings(); len(got) != 1 || got[0].Where != "a" || !strings.Contains(got[0].EN, "none of its 7 rows") {
		t.Errorf("%v; want one of source a and its 7 rows", got)
	}
}

// Warnings name regions, sources and reasons in words.
func TestWarningsAreInWords(t *testing.T) {
	r, up, value, expected := noting(), int32(-1), 0.0, 104.4
	r.warnOfFlags([]disclose.Counted[schemas.Flag]{{Row: schemas.Flag{Kind: estimate.FlagInput, RegionLevel: schemas.LevelPrefecture, RegionCode: "18000", Source: "booking", Statistic: "bookings",
		Month: onDay(t, "2025-10-01"), Direction: &up, Value: &value, Expected: &expected}}})
	r.Deliveries = []Delivery{{Report: ingest.Report{File: "a.csv", RowsIn: 3, RowsRejected: 2, Rejected: map[string]int64{schemas.BadDate: 2}}}}
	r.intake = &intake{}
	r.noteDeliveries()
	for i, want := range []string{"福井県の予約件数（予約） 2025-10 は 0（他の月からの見込み 104）", "a.csv: 3 行のうち 2 行を除きました（日付として読めない 2）"} {
		if got := r.Log.Warnings()[i].In("ja"); !strings.Contains(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// Of many files refused alike the first is told in full and some are named; what is to be done
// otherwise stands by itself.
func TestFilesRefusedAlikeAreToldTogether(t *testing.T) {
	refusal := func(file, found, do string) error {
		return &ingest.Refusal{File: file, Reason: reasonNothing, Found: schemas.Text{EN: found}, Do: schemas.Text{EN: do}}
	}
	p := Problems{refusal("1", "all 24", "place it"), refusal("2", "all 14", "place it"), refusal("3", "all 21", "place it"), refusal("4", "all 9", "look"), errors.New("last")}
	want := "1: all 24 place it\n  for the same reason 2 more: 2, 3\n4: all 9 look\nlast"
	if got := p.Message("en"); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	p = Problems{refusal("0", "all 24", "do")}
	for range 7 {
		p = append(p, refusal("f", "all 24", "do"))
	}
	if got := p.Message("en"); !strings.HasSuffix(got, "7 more: f, f, f, f, f, …") {
		t.Errorf("got %q", got)
	}
}

// Where rows of the facility frame were refused, that is what is to be mended first.
func TestFaultsOfTheFrameComeFirst(t *testing.T) {
	r := noting()
	r.frameFaults = []string{"exports/facilities.csv"}
	lost := ingest.Report{RowsIn: 20, RowsRejected: 20, Rejected: map[string]int64{schemas.UnknownRegion: 20}}
	err := r.checkTelling(inputFile{rel: "exports/a.csv", source: Source{Kind: "booking", Facility: "青凪荘"}}, lost, map[string]string{})
	if err == nil || !strings.Contains(err.Error(), "rows of the facility frame exports/facilities.csv were refused") {
		t.Errorf("%v", err)
	}
}
