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

// mergedTown is a project in which 30206 joined 30401 on 2025-04-01, and which follows the boundaries of a day.
func mergedTown(t *testing.T, p *Project, day string) *Run {
	t.Helper()
	if err := os.WriteFile(p.Path("changes.csv"), []byte("changed_on,from_code,to_code,reason\n2025-04-01,30206,30401,absorption\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	p.Config.CodeChanges, p.Config.BoundaryVintage = "changes.csv", Day{onDay(t, day)}
	return newTestRun(t, p)
}

// arrivalsIn are the tables of bookings in the municipalities of a prefecture in one month by the boundaries of a run. With protection the
// earlier publications of the project are known to the protector, as in a run.
func arrivalsIn(t *testing.T, r *Run, bookings map[string]int64, protection bool) []publish.Table {
	t.Helper()
	free := schemas.Observation{ObsStatus: schemas.Normal, ConfStatus: schemas.Free}
	rules := disclose.Rules{Threshold: disclose.Threshold{Persons: 10, Facilities: 3}}
	var rows []disclose.Counted[schemas.GuestNights]
	for _, region := range []string{"30000", "30206", "30401", "30422"} {
		n, there := bookings[region]
		if !there {
			continue
		}
		for _, origin := range []string{schemas.All, "27000"} {
			nights, booked := 2*n, n
			rows = append(rows, disclose.Counted[schemas.GuestNights]{Persons: n, Facilities: 3, Row: schemas.GuestNights{RegionCode: region, RegionLevel: schemas.LevelMunicipality,
				Month: onDay(t, "2025-01-31"), OriginCode: origin, GuestNights: &nights, Bookings: &booked, Observation: free}})
		}
	}
	known := before{}
	if protection {
		earlier, err := r.earlier(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		known, err = r.before(earlier)
		if err != nil {
			t.Fatal(err)
		}
	}
	l := disclose.NewLinked(rules, 0, func(name string) bool { return known.shown[name] })
	disclose.Link(l, "guest_nights", rows)
	l.Former(known.former, known.redrawn)
	_, cells, err := l.Suppress(disclose.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Replace(r.suppressionPath(), suppressionCSV(cells)); err != nil {
		t.Fatal(err)
	}
	none := schemas.RelationalPopulation{Definition: "repeat-visits", Measure: schemas.Persons, Outside: schemas.OutsidePrefecture, RegionCode: "30000", RegionLevel: schemas.LevelPrefecture, OriginCode: schemas.All,
		RelationType: schemas.All, Engagement: schemas.All, Source: schemas.SourceBooking, Estimator: "observed", BoundaryVintage: r.vintage(), Observation: schemas.Observation{ObsStatus: schemas.NotEstimable, ConfStatus: schemas.Free}}
	return []publish.Table{
		publish.TableOf("guest_nights", disclose.Protect(rows, rules)), publish.TableOf("region_changes", disclose.Public(r.Regions.Changes())),
		publish.TableOf("relational_population", disclose.Protect([]disclose.Counted[schemas.RelationalPopulation]{{Row: none}}, rules)),
	}
}

// By the boundaries of then 30206 has 4 bookings, which is withheld, and 20 of 30422 with it, for the prefecture shows 54; 30401 shows 30.
// Today it has 34, those of both, and 34 − 30 = 4. Nothing in today's table is small, so that who does not look back
// shows all of it.
func TestPublishRefusesAMergerThatTellsATown(t *testing.T) {
	p := frameProject(t)
	then := mergedTown(t, p, "2024-01-01")
	releaseOf(t, p.Path("releases"), arrivalsIn(t, then, map[string]int64{"30000": 54, "30206": 4, "30401": 30, "30422": 20}, true)...)
	if _, err := Publish(t.Context(), p, "test", time.Now()); err != nil {
		t.Fatal(err)
	}
	now := mergedTown(t, p, "2025-04-01")
	today := map[string]int64{"30000": 54, "30401": 34, "30422": 20}
	releaseOf(t, p.Path("releases"), arrivalsIn(t, now, today, false)...)
	_, err := Publish(t.Context(), p, "test", time.Now())
	audit, _ := os.ReadFile(p.auditPath())
	for _, want := range []string{"booking: 30206 until 2025-04-01/2025-01-31/all/", ",4,4,rank", "guest-night: 30206 until 2025-04-01/2025-01-31/27000/", ",8,8,rank"} {
		if ExitCode(err) != ExitGated || !strings.Contains(string(audit), want) {
			t.Errorf("%v and\n%s, want exit code %d and %s", err, audit, ExitGated, want)
		}
	}
	tables := arrivalsIn(t, now, today, true)
	releaseOf(t, p.Path("releases"), tables...)
	if _, err := Publish(t.Context(), p, "test", time.Now()); err != nil {
		audit, _ := os.ReadFile(p.auditPath())
		t.Errorf("with what was published in mind: %v\n%s", err, audit)
	}
}

// Before, the project counted with visits to kin, 44 persons in one town and 60 in another, and does without today: 40 and 60. Who has both publications has
// those who come for kin alone, 4 and nobody; 20 of a third town are enough.
func TestPublishRefusesTheDifferenceOfDefinitionsGone(t *testing.T) {
	p := frameProject(t)
	kin := []OwnDefinition{{ID: "with-kin", From: "repeat-visits", Count: "all_purposes"}}
	rules := disclose.Rules{Threshold: disclose.Threshold{Persons: 10}}
	release := func(definition string, own []OwnDefinition, known before, counts map[string]int64) []schemas.Profile {
		t.Helper()
		p.Config.Definitions, p.Config.OwnDefinitions = nil, own
		if own == nil {
			p.Config.Definitions = []string{definition}
		}
		profiles, err := p.profiles()
		if err != nil {
			t.Fatal(err)
		}
		var rows []disclose.Counted[schemas.RelationalPopulation]
		for _, region := range []string{"30206", "30401", "30422"} {
			v := float64(counts[region])
			rows = append(rows, disclose.Counted[schemas.RelationalPopulation]{Persons: counts[region], Row: schemas.RelationalPopulation{Definition: definition, Measure: schemas.Pairs, Outside: schemas.OutsidePrefecture, RegionCode: region,
				RegionLevel: schemas.LevelMunicipality, OriginCode: schemas.All, RelationType: schemas.All, Engagement: schemas.All, Source: schemas.SourceBooking, Estimator: "observed", Value: &v,
				ReferenceMonth: onDay(t, "2025-03-31"), Observation: schemas.Observation{ObsStatus: schemas.Normal, ConfStatus: schemas.Free}}})
		}
		known.restOnEarlier(profiles, rows)
		releaseOf(t, p.Path("releases"), publish.TableOf("relational_population", disclose.Protect(rows, rules)))
		return profiles
	}
	profiles := release("with-kin", kin, before{}, map[string]int64{"30206": 60, "30401": 44, "30422": 70})
	then, err := Publish(t.Context(), p, "test", time.Now())
	if err == nil {
		err = p.ReplaceJSON(p.keptBasis(then.ID), basis{Release: then.Release, Definitions: profiles})
	}
	if err != nil {
		t.Fatal(err)
	}
	today := map[string]int64{"30206": 60, "30401": 40, "30422": 50}
	release("repeat-visits", nil, before{}, today)
	_, err = Publish(t.Context(), p, "test", time.Now())
	audit, _ := os.ReadFile(p.auditPath())
	for region, apart := range map[string]string{"30206": "0,0", "30401": "4,4"} {
		want := "person: repeat-visits/pairs/prefecture/" + region + "/all/all/all//2025-03-31/booking less person: with-kin/pairs/prefecture/" + region + "/all/all/all//2025-03-31/booking," + then.ID + "," + apart + ",difference of definitions"
		if ExitCode(err) != ExitGated || !strings.Contains(string(audit), want) || strings.Contains(string(audit), "30422") {
			t.Errorf("%v and\n%s, want exit code %d and %s", err, audit, ExitGated, want)
		}
	}
	earlier, err := p.earlier(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	known, err := newTestRun(t, p).before(earlier)
	if err != nil {
		t.Fatal(err)
	}
	release("repeat-visits", nil, known, today)
	if _, err := Publish(t.Context(), p, "test", time.Now()); err != nil {
		t.Fatalf("with what was published in mind: %v", err)
	}
}
