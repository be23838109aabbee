package main

import (
	"hash/fnv"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
)

// Cell is one question of the study: an estimator of one figure under one design.
type Cell struct {
	// Name is a path of what is varied, such as design/stratified/n=800/prop10.
	Name string
	// What says in one sentence what is drawn and estimated.
	What string
	// Most is the greatest number of runs, for cells that take long; 0 for any.
	Most int
	// Run draws and estimates so many times.
	Run func(seed uint64, runs int) Result
	// Figures are the rows of a cell that estimates several from the same draws, by Draw
	// in place of Run, which gives their results in order.
	Figures []part
	Draw    func(seed uint64, runs int) []Result
	// Lines are the rows of Figures as they are printed, in place of Draw, of a cell whose
	// table has columns of its own.
	Lines func(seed uint64, runs int) []string
}

// part is one of several figures that are estimated from the same draws.
type part struct {
	// name is that of its row, after the cell's.
	name string
	target
}

// rows are the names of the cell's rows in order.
func (c Cell) rows() []string {
	if c.Figures == nil {
		return []string{c.Name}
	}
	names := make([]string, len(c.Figures))
	for i, f := range c.Figures {
		names[i] = c.Name + "/" + f.name
	}
	return names
}

// lines runs the cell and gives its rows as they are printed.
func (c Cell) lines(wanted int) []string {
	if c.Lines != nil {
		return c.Lines(c.seed(), c.runs(wanted))
	}
	names := c.rows()
	if c.Draw == nil {
		return []string{row(names[0], c.Run(c.seed(), c.runs(wanted)))}
	}
	lines := make([]string, len(names))
	for i, r := range c.Draw(c.seed(), c.runs(wanted)) {
		lines[i] = c.Figures[i].row(names[i], r)
	}
	return lines
}

// base is the seed of the study. Every cell has a stream of its own, so that cells
// may be added without changing others.
const base = 20_26

// runs is how many runs of those wanted the cell makes.
func (c Cell) runs(wanted int) int {
	if c.Most > 0 {
		return min(c.Most, wanted)
	}
	return wanted
}

// seed is the cell's own.
func (c Cell) seed() uint64 {
	h := fnv.New64a()
	h.Write([]byte(c.Name))
	return base ^ h.Sum64()
}

// outcome is one run's estimate with its 95 % interval.
type outcome struct {
	value, stdErr, low, high float64
	failed                   bool // no estimate or no interval
	unreliable               bool // published with the status U
	// naive is what was merely counted, for figures that stand beside it.
	naive float64
	// own is the truth of the run, where it is not that of all runs; 0 for none.
	own float64
}

// chunk is how many runs a thread takes at a time.
const chunk = 20

// repeat runs once per random stream of its own, a run's being (seed, run), on all
// processors. The outcomes are in order of the runs, whoever made them.
func repeat(seed uint64, runs int, once func(random *rand.Rand) outcome) []outcome {
	out := make([]outcome, runs)
	inChunks(runs, func(run int) { out[run] = once(rand.New(rand.NewPCG(seed, uint64(run)))) })
	return out
}

// repeatAll is [repeat] of several figures from the same draws: the outcomes of each.
func repeatAll(seed uint64, runs, figures int, once func(random *rand.Rand) []outcome) [][]outcome {
	out := make([][]outcome, figures)
	for i := range out {
		out[i] = make([]outcome, runs)
	}
	inChunks(runs, func(run int) {
		for i, o := range once(rand.New(rand.NewPCG(seed, uint64(run)))) {
			out[i][run] = o
		}
	})
	return out
}

// inChunks does each of n things once, on all processors.
func inChunks(n int, do func(i int)) { inChunksOf(chunk, n, do) }

// eachOf is [inChunks] for things that take long.
func eachOf(n int, do func(i int)) { inChunksOf(1, n, do) }

func inChunksOf(chunk, n int, do func(i int)) {
	var next atomic.Int64
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for first := int(next.Add(int64(chunk))) - chunk; first < n; first = int(next.Add(int64(chunk))) - chunk {
				for i := first; i < min(first+chunk, n); i++ {
					do(i)
				}
			}
		})
	}
	workers.Wait()
}
