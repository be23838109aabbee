package acceptance

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// kills is how often the run is killed, at moments spread over its length.
const kills = 8

// A run is killed with kill -9, and run again. Whenever that happens, the
// release before it can be read, and the run after it gives the release that an
// undisturbed run gives.
func TestKilledRunIsRunAgain(t *testing.T) {
	slow(t)
	before := sample(t)
	// A run of two reference months goes through the same steps as one of twelve.
	before.configure(t, map[string]string{"reference_months": "2"})
	var late []string
	for _, path := range []string{
		"exports/temairazu/20251001061230.csv", "exports/neppan/shirahama/ReservationTotalList-20251001061230.csv",
		"exports/booking/koya/予約_20250401-20251015.csv",
	} {
		late = append(late, path)
		before.remove(t, path)
	}
	before.must(t, "run", "--as-of", "2025-09-30")

	undisturbed := copyOf(t, before)
	deliverLate(t, undisturbed, late)
	began := time.Now()
	undisturbed.must(t, "run", "--as-of", "2025-09-30")
	length := time.Since(began)
	if undisturbed.release(t) == before.release(t) {
		t.Fatal("the late files make no difference")
	}

	random := rand.New(rand.NewPCG(2, 20))
	hit := 0
	for i := range kills {
		moment := time.Duration((float64(i) + random.Float64()) / kills * float64(length))
		name := fmt.Sprintf("killed after %v of %v", moment.Round(time.Millisecond), length.Round(time.Millisecond))
		p := copyOf(t, before)
		deliverLate(t, p, late)
		switch i % 4 {
		case 1: // there is nothing yet
			name += ", first run"
			p.remove(t, "work")
			p.remove(t, "state")
			p.remove(t, "releases")
		case 3: // there is no work to build on: all of it is made again
			name += ", without work"
			p.remove(t, "work")
		}
		released := p.release(t) != ""
		ctx, kill := context.WithTimeout(t.Context(), moment)
		if o := p.call(t, ctx, "run", "--as-of", "2025-09-30"); o.code == -1 {
			hit++
		}
		kill()
		if released || p.release(t) != "" {
			checkReadable(t, name, p, before, undisturbed)
		}
		p.must(t, "run", "--as-of", "2025-09-30")
		checkReadable(t, name+", run again", p, undisturbed)
		sameRelease(t, name, p, undisturbed)
		checkNothingLeft(t, name, p)
		if o := p.must(t, "run", "--as-of", "2025-09-30"); !strings.Contains(o.stdout, "nothing new") {
			t.Errorf("%s: there is something new after the run that followed:\n%s", name, o.stdout)
		}
		if err := os.RemoveAll(p.dir); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d of %d runs were killed before they ended", hit, kills)
	if hit < kills/2 {
		t.Errorf("only %d of %d runs were killed before they ended", hit, kills)
	}
}

// deliverLate puts the late files of the sample into a project.
func deliverLate(t *testing.T, p project, late []string) {
	t.Helper()
	whole := sample(t)
	for _, path := range late {
		p.write(t, path, readFile(t, whole.path(path)))
	}
}

// checkReadable wants the current release to be whole, to answer, and to be
// that of one of others.
func checkReadable(t *testing.T, name string, p project, others ...project) {
	t.Helper()
	if !slices.ContainsFunc(others, func(o project) bool { return o.release(t) == p.release(t) }) {
		t.Errorf("%s: the current release is %q", name, p.release(t))
	}
	p.must(t, "verify")
	expect(t, name+": the release answers", p.published(t, `SELECT count(*) > 100 FROM relational_population`), "true")
}

// checkNothingLeft reports unfinished files, and landed folders without a report.
func checkNothingLeft(t *testing.T, name string, p project) {
	t.Helper()
	for _, root := range []string{"work", "state", "releases"} {
		if exists(p.path(root, ".tmp")) {
			t.Errorf("%s: %s/.tmp is left", name, root)
		}
	}
	for _, folder := range glob(t, p.path("work", "landed", "*")) {
		if !exists(filepath.Join(folder, "report.json")) {
			t.Errorf("%s: %s has no report", name, relative(p.dir, folder))
		}
	}
}
