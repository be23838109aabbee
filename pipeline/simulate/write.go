// Package simulate writes simulated worlds as projects: exports in the formats of
// site controllers, booking sites and survey tools, official totals, the
// configuration that reads them, and beside them, in a folder of its own, the
// truth. Nothing of a run reads the truth.
package simulate

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/google/renameio/v2"

	"github.com/kankei/kankei/pipeline/publish"
	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/schemas/reference"
	"github.com/kankei/kankei/transforms/simulate"
)

// Options are what a project is made from.
type Options struct {
	// Scenario is the world; Text is its file, kept beside the truth.
	Scenario schemas.Scenario
	Text     []byte
	Seed     uint64
	Persons  int64
	// Threads is how many threads to work with; the files do not depend on it.
	Threads int
	// Progress, if not nil, is told of persons done.
	Progress func(done, all int64)
}

// Refusal is a world that was asked for and cannot be: nothing was written.
type Refusal struct{ Err error }

// Error says what is wrong.
func (r *Refusal) Error() string { return r.Err.Error() }

// Unwrap is the cause.
func (r *Refusal) Unwrap() error { return r.Err }

// Summary says what was written.
type Summary struct {
	Files, Facilities, Covered int
	Bookings, Answers, Panel   int64
	Truth                      int
}

// chunk is how many persons are made at a time. It is no part of the bytes.
const chunk = 4096

// Write makes the project of a simulated world in dir, which must not exist or be
// empty. Persons stream by: memory is bounded by the number of regions, houses
// and files, not by that of persons.
func Write(ctx context.Context, dir string, o Options) (Summary, error) {
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return Summary{}, &Refusal{fmt.Errorf("%s: the folder is not empty: name a new one", dir)}
	}
	var now []schemas.Region
	table := reference.Load()
	for _, r := range table.Regions() {
		if r.ValidTo == nil {
			now = append(now, r)
		}
	}
	w, err := simulate.NewWorld(o.Scenario, o.Seed, o.Persons, now)
	if err != nil {
		return Summary{}, &Refusal{err}
	}
	p := &project{World: w, options: o, files: newFiles(dir), panel: w.Select(0), profiles: schemas.BuiltinProfiles()}
	p.assignChannels()
	if err := p.stream(ctx); err != nil {
		return p.summary, err
	}
	p.writeFrame()
	p.writeOfficial()
	if err := p.files.close(); err != nil {
		return p.summary, err
	}
	p.summary.Files = len(p.files.begun)
	if err := p.writeConfig(dir); err != nil {
		return p.summary, err
	}
	return p.summary, p.writeTruth(dir)
}

// project is a project while it is written.
type project struct {
	*simulate.World
	options  Options
	files    *files
	panel    simulate.Selection
	profiles []schemas.Profile
	channels []channel // of each facility
	tally    *simulate.Tally
	official *simulate.Official
	summary  Summary
}

// part is what a chunk of persons gives.
type part struct {
	pages                    map[string]*page
	order                    []string // of the pages
	bookings, answers, asked int64
}

// worker makes parts; each has counts of its own, added up in the end.
type worker struct {
	p        *project
	tally    *simulate.Tally
	official *simulate.Official
}

// stream makes all persons, chunk by chunk on several threads, and writes their
// rows in the order of the persons.
func (p *project) stream(ctx context.Context) error {
	all := p.Residents + p.Strangers
	chunks := int((all + chunk - 1) / chunk)
	parts := make([]chan part, chunks)
	for i := range parts {
		parts[i] = make(chan part, 1)
	}
	next, ahead := make(chan int), make(chan struct{}, 4*max(1, p.options.Threads))
	workers := make([]*worker, max(1, p.options.Threads))
	var running sync.WaitGroup
	for i := range workers {
		workers[i] = &worker{p, simulate.NewTally(p.World, p.profiles), simulate.NewOfficial(p.World)}
		running.Go(func() {
			for c := range next {
				parts[c] <- workers[i].part(int64(c)*chunk, min(all, int64(c+1)*chunk))
			}
		})
	}
	stopped := make(chan struct{})
	defer func() { close(stopped); running.Wait() }()
	go func() {
		defer close(next)
		for c := range chunks {
			select {
			case ahead <- struct{}{}:
				next <- c
			case <-stopped:
				return
			}
		}
	}()
	for c := range chunks {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := p.take(<-parts[c]); err != nil {
			return err
		}
		<-ahead
		if p.options.Progress != nil {
			p.options.Progress(min(all, int64(c+1)*chunk), all)
		}
	}
	p.tally, p.official = workers[0].tally, workers[0].official
	for _, other := range workers[1:] {
		p.tally.Merge(other.tally)
		p.official.Merge(other.official)
	}
	return nil
}

// take writes the rows of a part.
func (p *project) take(part part) error {
	p.summary.Bookings += part.bookings
	p.summary.Answers += part.answers
	p.summary.Panel += part.asked
	for _, path := range part.order {
		if err := p.files.append(part.pages[path]); err != nil {
			return err
		}
	}
	return nil
}

// part makes the persons of a span of numbers.
func (w *worker) part(from, to int64) part {
	out := part{pages: map[string]*page{}}
	for id := from; id < to; id++ {
		person := w.p.Person(id)
		w.tally.Add(&person)
		w.official.Add(&person)
		for _, b := range w.p.Bookings(&person) {
			w.p.writeBooking(&out, b)
			out.bookings++
		}
		for _, e := range w.p.Encounters(&person) {
			w.p.writeEncounter(&out, e)
			out.answers++
		}
		if w.p.panel.Has(id) {
			for _, a := range w.p.Answers(&person, w.p.panel) {
				w.p.writeAnswer(&out, a)
				out.asked++
			}
		}
		w.p.writeActs(&out, &person)
		w.p.writeMoves(&out, &person)
	}
	return out
}

// writeTruth writes the truth and the scenario it is of.
func (p *project) writeTruth(dir string) error {
	rows := p.tally.Truth()
	p.summary.Truth = len(rows)
	if err := os.MkdirAll(filepath.Join(dir, TruthFolder), 0o755); err != nil {
		return err
	}
	var b bytes.Buffer
	if err := publish.WriteParquet(&b, "truth", rows); err != nil {
		return err
	}
	made := fmt.Sprintf("# kankei simulate --seed %d --persons %d\n", p.Seed, p.Residents)
	for name, content := range map[string][]byte{"truth.parquet": b.Bytes(), "scenario.yaml": append([]byte(made), p.options.Text...)} {
		if err := renameio.WriteFile(filepath.Join(dir, TruthFolder, name), content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// TruthFolder is the folder of a simulated project that holds its truth.
const TruthFolder = "truth"
