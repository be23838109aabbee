package acceptance

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A repeatable project is one on which the same must come out whatever the circumstances.
type repeatable struct {
	name  string
	fresh func(testing.TB) project
}

// released is the project after its first run; see [ran].
func (r repeatable) released(t testing.TB) project { return ran(t, r.name, r.fresh) }

var theSample = repeatable{"sample", sample}

// halfYear are a survey's exports as they were really delivered, with the reference months that
// they reach: windows before them are empty.
var halfYear = repeatable{"survey", func(t testing.TB) project { return halfYearOf(t, surveyMonths(t)...) }}

func surveyMonths(t testing.TB) []string { return months(t, "202401", "202406") }

func halfYearOf(t testing.TB, exports ...string) project {
	p := ready(t, "ftas", exports...)
	p.configure(t, map[string]string{"reference_months": "6"})
	return p
}

// repeated checks a project of many kinds of sources, and one of a survey.
func repeated(t *testing.T, check func(t *testing.T, r repeatable)) {
	slow(t)
	for _, r := range []repeatable{theSample, halfYear} {
		t.Run(r.name, func(t *testing.T) { check(t, r) })
	}
}

func TestSecondRunChangesNothing(t *testing.T) {
	repeated(t, func(t *testing.T, r repeatable) {
		p := r.released(t) // itself: it is to stay as it is
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
	repeated(t, func(t *testing.T, r repeatable) {
		undisturbed := r.released(t)
		p := copyOf(t, undisturbed)
		p.remove(t, "work")
		p.must(t, "run")
		sameRelease(t, "work removed", p, undisturbed)
		p.remove(t, "work")
		p.remove(t, "releases")
		p.must(t, "run")
		sameRelease(t, "work and releases removed", p, undisturbed)
	})
}

// The database's threads and the program's are few and many, together and against each other;
// the project that all are compared with has as many as the machine has processors.
func TestThreadsDoNotMatter(t *testing.T) {
	repeated(t, func(t *testing.T, r repeatable) {
		for _, c := range []struct{ threads, processors string }{{"8", "8"}, {"1", "8"}, {"8", "1"}} {
			p := r.fresh(t)
			p.configure(t, map[string]string{"threads": c.threads})
			p.env = append(p.env, "GOMAXPROCS="+c.processors)
			p.must(t, "run")
			sameRelease(t, "threads: "+c.threads+", GOMAXPROCS="+c.processors, p, r.released(t))
		}
	})
}

// Months may come one by one, in any order, and be restated: what counts is
// what lies in exports/ in the end.
func TestOrderOfDeliveryDoesNotMatter(t *testing.T) {
	slow(t)
	files := surveyMonths(t)
	together := halfYear.released(t)
	backward := slices.Clone(files)
	slices.Reverse(backward)
	for name, order := range map[string][]string{"forward": files, "backward": backward} {
		p := halfYearOf(t)
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
	together := theSample.released(t)
	p := sample(t)
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
	want := theSample.released(t)
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
