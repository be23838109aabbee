package pipeline

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/kankei/kankei/pipeline/publish"
	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
)

// seenRow is persons seen in a region by origin, and their total in visit_behaviour.
type seenRow map[string]int64

// tables are those of the row under the threshold of 10, with secondary suppression or without.
func (s seenRow) tables(t *testing.T, suppress bool) []publish.Table {
	t.Helper()
	free := schemas.Observation{ObsStatus: schemas.Normal, ConfStatus: schemas.Free}
	rule := disclose.Threshold{Persons: 10, Facilities: 3}
	var flows []disclose.Counted[schemas.OriginDestination]
	total := int64(0)
	for _, origin := range []string{"13000", "27000", "28000"} {
		n := s[origin]
		v := float64(n)
		total += n
		flows = append(flows, disclose.Counted[schemas.OriginDestination]{Persons: n, Row: schemas.OriginDestination{Outside: schemas.OutsidePrefecture, RegionCode: "30401",
			RegionLevel: schemas.LevelMunicipality, OriginCode: origin, Source: schemas.SourceBooking, Estimator: "observed", Value: &v, Persons: &n, Observation: free}})
	}
	share := 0.5
	totals := []disclose.Counted[schemas.VisitBehaviour]{{Persons: total, Row: schemas.VisitBehaviour{Statistic: "repeat_rate", Outside: schemas.OutsidePrefecture, RegionCode: "30401",
		RegionLevel: schemas.LevelMunicipality, Source: schemas.SourceBooking, Value: &share, Persons: &total, Observation: free}}}
	if suppress {
		l := disclose.NewLinked(rule, 0, func(string) bool { return false })
		disclose.Link(l, "origin_destination", flows)
		disclose.Link(l, "visit_behaviour", totals)
		if _, _, err := l.Suppress(disclose.Options{Seed: 1}); err != nil {
			t.Fatal(err)
		}
	}
	return []publish.Table{
		publish.TableOf("origin_destination", disclose.Protect(flows, rule)),
		publish.TableOf("visit_behaviour", disclose.Protect(totals, rule)),
	}
}

// 3 = 53 − 20 − 30: where the protector is bypassed, the gate sees it in the files, and
// names it to the controller only.
func TestPublishRefusesWhatSubtractionRecovers(t *testing.T) {
	p := frameProject(t)
	row := seenRow{"13000": 3, "27000": 20, "28000": 30}
	releaseOf(t, p.Path("releases"), row.tables(t, false)...)
	_, err := Publish(t.Context(), p, "test", time.Now())
	if ExitCode(err) != ExitGated || strings.Contains(err.Error(), "13000") {
		t.Fatalf("%v, want exit code %d and no cell", err, ExitGated)
	}
	audit, err := os.ReadFile(p.auditPath())
	if want := "person: /persons/prefecture/30401/13000/all/all//1970-01-31/booking,,3,3,rank"; err != nil || !strings.Contains(string(audit), want) {
		t.Errorf("the audit: %s, %v; want %s", audit, err, want)
	}
	if exists(p.Path("published")) || exists(p.ledgerPath()) {
		t.Errorf("something was published")
	}
}

func TestPublishOnce(t *testing.T) {
	p := frameProject(t)
	row := seenRow{"13000": 3, "27000": 20, "28000": 30}
	release := releaseOf(t, p.Path("releases"), row.tables(t, true)...)
	first, err := Publish(t.Context(), p, "test", time.Now())
	if err != nil || first.Release != release || first.Before {
		t.Fatalf("%+v, %v", first, err)
	}
	m, err := publish.ReadManifest(p.Path("published", first.ID))
	if err != nil || m.NotForPublication || m.Reason.EN != "" {
		t.Errorf("%+v, %v: want no mark", m, err)
	}
	if faults, err := publish.Check(p.Path("published", first.ID)); err != nil || len(faults) > 0 {
		t.Errorf("%v, %v", faults, err)
	}
	now, err := readTables(t.Context(), p.Path("published", first.ID))
	if err != nil || len(now.Withheld) != 2 || len(now.Cells) != 4 {
		t.Errorf("%d of %d cells withheld, %v; want 2 of 4", len(now.Withheld), len(now.Cells), err)
	}
	again, err := Publish(t.Context(), p, "test", time.Now())
	if err != nil || !again.Before || again.ID != first.ID {
		t.Errorf("again: %+v, %v", again, err)
	}
	if ledger, err := p.publications(); err != nil || len(ledger) != 1 || ledger[0].Cells != 2 || ledger[0].Withheld != 2 {
		t.Errorf("ledger: %+v, %v", ledger, err)
	}
}

// The second release withholds 3 alone, and shows no total: either publication is safe, both together are not.
func TestPublishRefusesTheDifferenceOfTwo(t *testing.T) {
	p := frameProject(t)
	releaseOf(t, p.Path("releases"), seenRow{"13000": 3, "27000": 20, "28000": 30}.tables(t, true)...)
	if _, err := Publish(t.Context(), p, "test", time.Now()); err != nil {
		t.Fatal(err)
	}
	other := seenRow{"13000": 3, "27000": 20, "28000": 30}.tables(t, false)
	releaseOf(t, p.Path("releases"), other[0])
	_, err := Publish(t.Context(), p, "test", time.Now())
	if ExitCode(err) != ExitGated {
		t.Errorf("%v, want exit code %d", err, ExitGated)
	}
}
