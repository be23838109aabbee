package acceptance

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The projects on which the same must come out whatever the circumstances: one
// of many kinds of sources, and one of a survey as it was really delivered.
func repeated(t *testing.T, check func(t *testing.T, fresh func(testing.TB) project)) {
	slow(t)
	t.Run("sample", func(t *testing.T) { check(t, sample) })
	t.Run("survey", func(t *testing.T) {
		files := months(t, "202401", "202406")
		check(t, func(t testing.TB) project { return ready(t, "ftas", files...) })
	})
}

func TestSecondRunChangesNothing(t *testing.T) {
	repeated(t, func(t *testing.T, fresh func(testing.TB) project) {
		p := fresh(t)
		p.must(t, "run")
		before := stamps(t, p.dir)
		o := p.must(t, "run")
		if want := "nothing new: no stage had to run\n"; !strings.HasPrefix(o.stdout, want) || strings.Contains(o.stderr, "stage ") {
			t.Errorf("the second run says\n%s%s\nwant %q and no stage", o.stdout, o.stderr, want)
		}
		if o := p.must(t, "run", "--lang", "ja"); !strings.HasPrefix(o.stdout, "新しいものはありません。") {
			t.Errorf("the third run says, in Japanese\n%s", o.stdout)
		}
		reportChanges(t, "second run", before, stamps(t, p.dir))
		for _, stage := range []string{"ingest", "clean", "link", "visit", "estimate", "disclose", "publish"} {
			if plan := p.must(t, "plan").stdout; !slices.ContainsFunc(strings.Split(plan, "\n"), func(line string) bool {
				return strings.HasPrefix(line, stage+" ") && strings.Contains(line, "keep")
			}) {
				t.Errorf("kankei plan would run stage %s:\n%s", stage, plan)
			}
		}
		reportChanges(t, "plan", before, stamps(t, p.dir))
	})
}

func TestWorkCanBeMadeAgain(t *testing.T) {
	repeated(t, func(t *testing.T, fresh func(testing.TB) project) {
		p := fresh(t)
		p.must(t, "run")
		undisturbed := copyOf(t, p)
		p.remove(t, "work")
		p.must(t, "run")
		sameRelease(t, "work removed", p, undisturbed)
		p.remove(t, "work")
		p.remove(t, "releases")
		p.must(t, "run")
		sameRelease(t, "work and releases removed", p, undisturbed)
	})
}

func TestThreadsDoNotMatter(t *testing.T) {
	repeated(t, func(t *testing.T, fresh func(testing.TB) project) {
		var first project
		for _, c := range []struct{ threads, processors string }{{"1", "1"}, {"2", "2"}, {"8", "8"}, {"1", "8"}, {"8", "1"}} {
			p := fresh(t)
			p.configure(t, map[string]string{"threads": c.threads})
			p.env = append(p.env, "GOMAXPROCS="+c.processors)
			p.must(t, "run")
			if first.dir == "" {
				first = p
			}
			sameRelease(t, "threads: "+c.threads+", GOMAXPROCS="+c.processors, p, first)
		}
	})
}

// Months may come one by one, in any order, and be restated: what counts is
// what lies in exports/ in the end.
func TestOrderOfDeliveryDoesNotMatter(t *testing.T) {
	slow(t)
	files := months(t, "202401", "202406")
	together := ready(t, "ftas", files...)
	together.must(t, "run")
	backward := slices.Clone(files)
	slices.Reverse(backward)
	for name, order := range map[string][]string{"forward": files, "backward": backward} {
		p := ready(t, "ftas")
		for _, path := range order {
			p.deliver(t, path)
			p.must(t, "run")
		}
		sameRelease(t, "months one by one, "+name, p, together)
		if o := p.must(t, "run"); !strings.Contains(o.stdout, "nothing new") {
			t.Errorf("%s: there is something new after the last month:\n%s", name, o.stdout)
		}
	}
}

func TestFilesOfTheSampleOneByOne(t *testing.T) {
	slow(t)
	together := sample(t)
	together.must(t, "run")
	p := copyOf(t, together)
	for _, name := range []string{"work", "state", "releases"} {
		p.remove(t, name)
	}
	// Each source begins with its first file; the others follow, round by round.
	var waiting []string
	for _, folder := range []string{"neppan/*", "booking/*", "temairazu"} {
		for _, dir := range glob(t, p.path("exports", folder)) {
			waiting = append(waiting, glob(t, filepath.Join(dir, "*.csv"))[1:]...)
		}
	}
	for _, path := range waiting {
		p.remove(t, relative(p.dir, path))
	}
	p.must(t, "run")
	for i := range 3 {
		for _, path := range waiting {
			siblings := glob(t, filepath.Join(together.path(filepath.Dir(relative(p.dir, path))), "*.csv"))
			if slices.Index(siblings, together.path(relative(p.dir, path))) == len(siblings)-1-i { // the latest first
				p.write(t, relative(p.dir, path), readFile(t, together.path(relative(p.dir, path))))
			}
		}
		// This house changed to the layout of a row per night, which has no day of cancellation.
		p.must(t, "run", "--accept", "exports/neppan/tanabe/ReservationTotalList-20250401061230.csv")
	}
	for _, path := range waiting { // where a source has more than four
		p.write(t, relative(p.dir, path), readFile(t, together.path(relative(p.dir, path))))
	}
	p.must(t, "run")
	sameRelease(t, "files one by one", p, together)
}

// A month is delivered again with other rows; and a first delivery of it that
// lacked its last rows leaves no trace.
func TestRestatedFile(t *testing.T) {
	slow(t)
	const name = "exports/temairazu/20251001061230.csv"
	want := sample(t)
	want.must(t, "run")
	p := sample(t)
	whole := readFile(t, p.path(name))
	lines := strings.SplitAfter(whole, "\n")
	p.write(t, name, strings.Join(lines[:len(lines)*3/4], ""))
	p.must(t, "run")
	if p.release(t) == want.release(t) {
		t.Fatalf("a quarter of the rows of %s makes no difference", name)
	}
	p.write(t, name, whole)
	p.must(t, "run")
	sameRelease(t, name+" restated", p, want)
}

func glob(t testing.TB, pattern string) []string {
	t.Helper()
	all, err := filepath.Glob(pattern)
	if err != nil || len(all) == 0 {
		t.Fatalf("%s: %v, no file", pattern, err)
	}
	return all
}
