// Bench measures what Kankei promises of its speed, both sides of every
// comparison in one run. docs/benchmarks.md describes the method.
//
//	bench ingest [-rows N] [-runs N]    (a) landing a booking export, beside DuckDB
//	bench river  [-rows N,N,…]          (b) a run of growing projects, seconds per stage and memory
//	bench night  [-rows N]              (c) a night with 1 % new rows, beside the full run
//	bench domains                       (d) survey totals of all municipalities, beside R
//	bench worlds [-rows N,N,…]          (e) simulated worlds of growing numbers of persons, time and memory
//	bench areas                         (g) small areas of all municipalities, beside R
//	bench curves                        (h) curves of time to an event of all municipalities, beside R
//	bench cubes                         (i) disclosure control of cubes up to that of the nation, and the attack
//	bench large [-rows N,N]             (j) landing one CSV of 5 GB and one workbook of a million rows, memory
//	bench dumps [-rows N] [-runs N]     (l) all bookings delivered every night, time and size of the store by night
//	bench leaks FOLDER…                 what an attack recovers of the release of projects, and would of the threshold alone
//
//	bench generate [-rows N] FOLDER     only the exports of (a), for a closer look
//
// Every measured thing runs in a process of its own, so that its peak memory
// is its own too. land and duckdb are those processes of ingest.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/kankei/kankei/bench/generate"
)

// commands are what can be asked for.
var commands = map[string]func(context.Context, settings) error{
	"ingest": ingestBeside, "river": river, "night": night, "domains": domains, "worlds": worlds, "areas": areas, "curves": curves, "cubes": cubes, "large": large, "dumps": dumps, "leaks": leaks,
	"generate": write, "land": land, "duckdb": landWithDuckDB,
}

// keyVariable holds the key of the measured projects; benchKey is the key.
const (
	keyVariable = "KANKEI_KEY"
	benchKey    = "a key for benchmarks, and for nothing else"
)

// settings are the flags of every command.
type settings struct {
	dir     string // where exports and projects are written
	binary  string // kankei
	rows    counts
	runs    int
	threads int
	profile string   // where land writes a CPU profile, or ''
	args    []string // of land and duckdb: the file and the folder; of generate: the folder; of leaks: folders
}

func main() {
	if len(os.Args) < 2 || commands[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: bench ingest|river|night|domains|worlds|areas|curves|cubes|large|dumps|leaks [flags]; see bench/main.go")
		os.Exit(2)
	}
	if os.Getenv(keyVariable) == "" {
		os.Setenv(keyVariable, benchKey)
	}
	s := settings{rows: counts{1_000_000}}
	f := flag.NewFlagSet(os.Args[1], flag.ExitOnError)
	f.StringVar(&s.dir, "dir", "out/bench", "folder for exports and projects")
	f.StringVar(&s.binary, "kankei", "bin/kankei", "the binary measured by river, night and worlds")
	f.Var(&s.rows, "rows", "number of rows, of worlds of persons; of river and worlds several with commas between")
	f.IntVar(&s.runs, "runs", 5, "runs of each side, of which the median counts")
	f.IntVar(&s.threads, "threads", 2, "threads of each side")
	f.StringVar(&s.profile, "cpuprofile", "", "where land writes a CPU profile")
	f.Parse(os.Args[2:])
	s.args = f.Args()
	if err := commands[os.Args[1]](context.Background(), s); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// counts is a flag of numbers with commas between.
type counts []int64

func (c *counts) String() string { return strings.Trim(fmt.Sprint([]int64(*c)), "[]") }

// Set reads the numbers.
func (c *counts) Set(text string) error {
	*c = nil
	for _, part := range strings.Split(text, ",") {
		n, err := strconv.ParseInt(part, 10, 64)
		if err != nil || n < 1 {
			return fmt.Errorf("%s is no number of rows", part)
		}
		*c = append(*c, n)
	}
	return nil
}

// world is the world of a number of rows; all benchmarks have the same seed.
func world(rows int64) generate.World { return generate.World{Seed: 30_000, Rows: rows} }

// measure is what a process took.
type measure struct {
	wall time.Duration
	cpu  time.Duration
	peak int64 // resident bytes
}

func (m measure) String() string {
	return fmt.Sprintf("%8.2f s  %8.2f s CPU  %6.0f MiB", m.wall.Seconds(), m.cpu.Seconds(), float64(m.peak)/(1<<20))
}

// command measures a process from its start to its end. What it writes is shown
// only if it fails.
func command(ctx context.Context, name string, args ...string) (measure, error) {
	c := exec.CommandContext(ctx, name, args...)
	begin := time.Now()
	output, err := c.CombinedOutput()
	wall := time.Since(begin)
	if err != nil {
		return measure{}, fmt.Errorf("%s: %w\n%s", strings.Join(c.Args, " "), err, output)
	}
	usage := c.ProcessState.SysUsage().(*syscall.Rusage)
	return measure{wall, c.ProcessState.UserTime() + c.ProcessState.SystemTime(), usage.Maxrss << 10}, nil
}

// median is the median of an odd number of measures by wall time, with the
// greatest peak of all.
func median(all []measure) measure {
	sorted := slices.SortedFunc(slices.Values(all), func(a, b measure) int { return int(a.wall - b.wall) })
	m := sorted[len(sorted)/2]
	for _, other := range all {
		m.peak = max(m.peak, other.peak)
	}
	return m
}

// fresh gives an empty folder.
func fresh(parts ...string) (string, error) {
	dir := filepath.Join(parts...)
	if err := os.RemoveAll(dir); err != nil {
		return "", err
	}
	return dir, os.MkdirAll(dir, 0o755)
}
