package main

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	_ "github.com/duckdb/duckdb-go/v2" // reads the internal figures
	"github.com/parquet-go/parquet-go"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/kankei/kankei/pipeline"
	exports "github.com/kankei/kankei/pipeline/simulate"
	"github.com/kankei/kankei/schemas"
)

// kept is the folder that keeps finished worlds, ” for none.
var kept string

// replication is one drawing of a world: its seed, and by what its official visitors are multiplied.
type replication struct {
	seed   uint64
	factor float64
}

// replications are those of so many worlds. The factors are evenly spread quantiles of their distribution, in an order drawn at
// random, so that their mean adds nothing to the error of a mean over worlds.
func replications(seed uint64, runs int) []replication {
	order := rand.New(rand.NewPCG(seed, math.MaxUint64)).Perm(runs)
	out := make([]replication, runs)
	for run := range out {
		z := distuv.UnitNormal.Quantile((float64(order[run]) + 0.5) / float64(runs))
		out[run] = replication{rand.New(rand.NewPCG(seed, uint64(run))).Uint64() >> 1, math.Exp(chainOfficialError * z)}
	}
	return out
}

// keptWorld is that of a replication, taken from the folder that keeps finished ones where it is there: under the checksum
// of this program, so that a world outlives no change of it.
func (c chain) keptWorld(d replication) (world chainWorld, err error) {
	if kept == "" {
		return c.world(d)
	}
	program, err := checksum()
	if err != nil {
		return nil, err
	}
	path := filepath.Join(kept, program, fmt.Sprintf("%s-%d-%.4f.json", c.name, d.seed, d.factor))
	text, err := os.ReadFile(path)
	if err == nil {
		return world, json.Unmarshal(text, &world)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if world, err = c.world(d); err != nil {
		return nil, err
	}
	if text, err = json.Marshal(world); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	if err := os.WriteFile(path+".part", text, 0o600); err != nil {
		return nil, err
	}
	return world, os.Rename(path+".part", path) // whole or not at all
}

// checksum is that of this program.
var checksum = sync.OnceValues(func() (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", err
	}
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:8]), nil
})

// world runs one world in a folder of its own.
func (c chain) world(d replication) (chainWorld, error) {
	scratch, err := os.MkdirTemp("", "kankei-study-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(scratch)
	dir := filepath.Join(scratch, "world")
	text, _ := schemas.ScenarioText(worldScenario)
	scenario, err := schemas.ParseScenario(text)
	if err != nil {
		return nil, err
	}
	scenario.Panel.Sample = chainPanel
	if c.change != nil {
		c.change(&scenario)
	}
	ctx := context.Background()
	if _, err := exports.Write(ctx, dir, exports.Options{Scenario: scenario, Text: text, Seed: d.seed, Persons: c.persons, Threads: 1}); err != nil {
		return nil, err
	}
	if err := edit(filepath.Join(dir, "kankei.yaml"), `(?m)^reference_months: .*$`, "reference_months: 1"); err != nil {
		return nil, err
	}
	if err := edit(filepath.Join(dir, "kankei.yaml"), `(?m)^definitions: .*$`, "definitions: ["+chainDefinition+"]"); err != nil {
		return nil, err
	}
	if err := edit(filepath.Join(dir, "kankei.yaml"), `(?m)^threads: .*$`, "threads: 1"); err != nil {
		return nil, err
	}
	stated := fmt.Sprintf("sampling: onsite, official_error: %.0f}", 100*chainOfficialError)
	if err := edit(filepath.Join(dir, "kankei.yaml"), `sampling: onsite}`, stated); err != nil {
		return nil, err
	}
	if err := visitorsTimes(d.factor)(dir); err != nil {
		return nil, err
	}
	if err := giveKey(dir); err != nil {
		return nil, err
	}
	if c.deliver != nil {
		if err := c.deliver(dir); err != nil {
			return nil, err
		}
	}
	project, err := pipeline.Open(dir)
	if err != nil {
		return nil, err
	}
	run, err := pipeline.NewRun(project, pipeline.Options{Lang: "en", Now: time.Now, Getenv: func(string) string { return "" }, Log: pipeline.NewReporter(io.Discard, "en", false)})
	if err != nil {
		return nil, err
	}
	if _, err := run.Execute(ctx); err != nil {
		return nil, err
	}
	return chainFigures(ctx, dir)
}

// giveKey puts a key into a project that was written, the same for all: rows lie in the order of pseudonyms, and resamples draw
// from rows, so that a key drawn anew would change intervals in their last digits.
func giveKey(dir string) error {
	file := filepath.Join(dir, "secrets", "kankei.key")
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	return os.WriteFile(file, []byte(strings.Repeat("5a", 32)+"\n"), 0o600)
}

// edit replaces what matches in a file; it is an error where nothing does.
func edit(path, pattern, with string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	p := regexp.MustCompile(pattern)
	if !p.Match(text) {
		return fmt.Errorf("%s: nothing matches %s", path, pattern)
	}
	return os.WriteFile(path, p.ReplaceAll(text, []byte(with)), 0o600)
}

// chainFigures reads the internal figures of a project, those that a release withholds among them, and the truth.
func chainFigures(ctx context.Context, dir string) (chainWorld, error) {
	rows, err := parquet.ReadFile[schemas.Truth](filepath.Join(dir, exports.TruthFolder, "truth.parquet"))
	if err != nil {
		return nil, err
	}
	truth := map[[2]string]float64{}
	var last schemas.Date
	for _, t := range rows {
		if t.Dataset == "relational_population" && t.Definition == chainDefinition && t.Outside == schemas.OutsidePrefecture &&
			t.OriginCode == schemas.All && t.RelationType == schemas.All && t.Engagement == schemas.All && t.ReferenceMonth >= last {
			if t.ReferenceMonth > last {
				last, truth = t.ReferenceMonth, map[[2]string]float64{}
			}
			truth[[2]string{t.Statistic, t.RegionCode}] = t.Value
		}
	}
	visitors, err := chainVisitors(dir, last)
	if err != nil {
		return nil, err
	}
	published, err := exports.Compare(dir)
	if err != nil {
		return nil, err
	}
	shown := map[[3]string]bool{}
	for _, p := range published {
		if p.Outside == schemas.OutsidePrefecture && p.Value != nil {
			shown[[3]string{p.Measure, p.RegionCode, chainEstimator(p.Source, p.Estimator)}] = true
		}
	}
	db, err := sql.Open("duckdb", filepath.Join(dir, "work", "internal.duckdb")+"?access_mode=read_only")
	if err != nil {
		return nil, err
	}
	defer db.Close()
	found, err := db.QueryContext(ctx, `SELECT measure, region_code, source, estimator, value, ci_low, ci_high, obs_status FROM relational_population
		WHERE definition = ? AND outside = ? AND origin_code = 'all' AND relation_type = 'all' AND engagement = 'all' ORDER BY ALL`, chainDefinition, schemas.OutsidePrefecture)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	told := map[[3]string]chainFigure{}
	for found.Next() {
		var measure, region, source, estimator, status string
		var value, low, high sql.NullFloat64
		if err := found.Scan(&measure, &region, &source, &estimator, &value, &low, &high, &status); err != nil {
			return nil, err
		}
		key := [3]string{measure, region, chainEstimator(source, estimator)}
		if t, ok := truth[[2]string{measure, region}]; ok && key[2] != "" && value.Valid {
			told[key] = chainFigure{t, value.Float64, low.Float64, high.Float64, true, low.Valid && high.Valid, shown[key], status == schemas.LowReliability}
		}
	}
	if err := found.Err(); err != nil {
		return nil, err
	}
	return chainOf(truth, visitors, told), nil
}

// chainVisitors are the official visitors from other prefectures in the 12 months to a month, by region.
func chainVisitors(dir string, last schemas.Date) (map[string]float64, error) {
	f, err := os.Open(filepath.Join(dir, "exports", "visitors.csv"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, err
	}
	visitors, from, to := map[string]float64{}, last.AddMonths(-11).String()[:7], last.String()[:7]
	for _, r := range rows[1:] { // 地域コード 期間 居住地 宿泊・日帰り 人数
		n, err := strconv.ParseFloat(r[4], 64)
		if err != nil {
			return nil, fmt.Errorf("visitors.csv: %w", err)
		}
		if r[2] == "県外" && from <= r[1] && r[1] <= to {
			visitors[r[0]] += n
		}
	}
	return visitors, nil
}

// visitorsTimes multiplies the official visitors.
func visitorsTimes(factor float64) func(string) error {
	return func(dir string) error {
		path := filepath.Join(dir, "exports", "visitors.csv")
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		lines := strings.Split(string(text), "\n")
		changed := 0
		for i, line := range lines[1:] {
			at := strings.LastIndexByte(strings.TrimRight(line, "\r"), ',')
			var n float64
			if at < 0 {
				continue
			}
			if _, err := fmt.Sscan(strings.TrimRight(line[at+1:], "\r"), &n); err != nil {
				return fmt.Errorf("%s, line %d: %w", path, i+2, err)
			}
			lines[i+1] = fmt.Sprintf("%s,%.0f", line[:at], n*factor)
			changed++
		}
		if changed == 0 {
			return fmt.Errorf("%s: no line ends in a number", path)
		}
		return os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o600)
	}
}
