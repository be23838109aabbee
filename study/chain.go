package main

import (
	"cmp"
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
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	_ "github.com/duckdb/duckdb-go/v2" // reads the internal figures
	"github.com/parquet-go/parquet-go"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/kankei/kankei/pipeline"
	exports "github.com/kankei/kankei/pipeline/simulate"
	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/estimate"
)

// chain is a kind of world whose exports go through the whole program: drawn, written as files, ingested, linked, counted,
// estimated and combined. Every world is drawn anew, the truth with it, and official visitors are wrong by what is said to
// be their error.
type chain struct {
	name, what string
	// change makes the scenario out of the base one; deliver changes the project that was written.
	change  func(*schemas.Scenario)
	deliver func(dir string) error
	// persons are the residents of a world, worlds the most that are drawn.
	persons int64
	worlds  int
}

// kept is the folder that keeps finished worlds, ” for none.
var kept string

const (
	chainPersons = 300_000
	// chainDefinition is one that bookings and surveys both tell.
	chainDefinition = "repeat-visits"
	// chainOfficialError is the standard error of the logarithm of a world's official visitors, which is stated in percent in
	// kankei.yaml.
	chainOfficialError = 0.05
	// chainPanel is a panel from which some two dozen answers come to a municipality, as from the land ministry's survey.
	chainPanel = 60_000
)

// chainClasses are the classes of figures, municipalities by their official visitors from other prefectures in the 12
// months: by what is known beforehand. A class of those with few persons would have those with few by chance, which are
// estimated too high by whatever borrows strength.
var chainClasses = []struct {
	name, measure, level string
	least, most          float64
}{
	{"prefecture", schemas.Persons, schemas.LevelPrefecture, 0, math.Inf(1)},
	{"pairs", schemas.Pairs, schemas.LevelPrefecture, 0, math.Inf(1)},
	{"large", schemas.Persons, schemas.LevelMunicipality, 2500, math.Inf(1)},
	{"middle", schemas.Persons, schemas.LevelMunicipality, 1000, 2500},
	{"small", schemas.Persons, schemas.LevelMunicipality, 0, 1000},
}

// chainEstimators tell figures of one region apart: what was counted in bookings, a direct survey, the survey on the
// spot, bookings with those whom they do not show, both together, and the headline; weak are headlines of low reliability
// (status U), which enter no other row.
var chainEstimators = []string{"naive", "survey", "spot", "booking", "joint", "headline", "weak"}

// chainEstimator is the one of a row, ” for none of these.
func chainEstimator(source, estimator string) string {
	switch {
	case source == schemas.SourceCombined:
		return "headline"
	case estimator == estimate.Observed && source == schemas.SourceBooking:
		return "naive"
	case estimator == estimate.SurveyCalibrated || estimator == estimate.SurveyDirect:
		return "survey"
	case estimator == estimate.OnsiteScaled:
		return "spot"
	case estimator == estimate.Thinned || estimator == estimate.ThinnedSynthetic:
		return "booking"
	case estimator == estimate.ThinnedJoint:
		return "joint"
	}
	return ""
}

// chainFigure is one figure of a world beside its truth.
type chainFigure struct {
	Truth, Value, Low, High float64
	// Estimated: there is a value; Bounded: with an interval; Shown: a release has it; Weak: of low reliability (status U).
	Estimated, Bounded, Shown, Weak bool
}

// chainWorld is what one world gave: figures by class of region and estimator, as "prefecture/naive".
type chainWorld map[string][]chainFigure

// lot names a world: its seed, and by what its official visitors are multiplied.
type lot struct {
	seed   uint64
	factor float64
}

// lots are those of so many worlds. The factors are evenly spread quantiles of their distribution, in an order drawn by
// lot, so that their mean adds nothing to the error of a mean over worlds.
func lots(seed uint64, runs int) []lot {
	order := rand.New(rand.NewPCG(seed, math.MaxUint64)).Perm(runs)
	out := make([]lot, runs)
	for run := range out {
		z := distuv.UnitNormal.Quantile((float64(order[run]) + 0.5) / float64(runs))
		out[run] = lot{rand.New(rand.NewPCG(seed, uint64(run))).Uint64() >> 1, math.Exp(chainOfficialError * z)}
	}
	return out
}

// keptWorld is the world of a lot, taken from the folder that keeps finished ones where it is there: under the checksum
// of this program, so that a world outlives no change of it.
func (c chain) keptWorld(d lot) (world chainWorld, err error) {
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
func (c chain) world(d lot) (chainWorld, error) {
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

// chainOf sorts figures by class of region and estimator: persons of municipalities, persons and pairs of the prefecture.
// A region without an estimate is one all the same; one to which nobody is related is in none.
func chainOf(truth map[[2]string]float64, visitors map[string]float64, told map[[3]string]chainFigure) chainWorld {
	world := chainWorld{}
	var keys [][2]string
	for key := range truth {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b [2]string) int { return slices.Compare(a[:], b[:]) })
	for _, key := range keys {
		level := schemas.LevelMunicipality
		if strings.HasSuffix(key[1], "000") {
			level = schemas.LevelPrefecture
		}
		if key[1] == schemas.Nation || truth[key] == 0 {
			continue
		}
		for _, class := range chainClasses {
			if class.measure != key[0] || class.level != level || visitors[key[1]] < class.least || visitors[key[1]] >= class.most {
				continue
			}
			for _, estimator := range chainEstimators {
				f, ok := told[[3]string{key[0], key[1], estimator}]
				if !ok {
					f.Truth = truth[key]
				}
				at := class.name + "/" + estimator
				if estimator != "weak" {
					world[at] = append(world[at], f)
				}
				if estimator == "headline" && f.Weak {
					at, f.Weak = class.name+"/weak", false
					world[at] = append(world[at], f)
				}
			}
		}
	}
	return world
}

// chainTarget is what is asked of the headline in the base scenario.
type chainTarget struct{ bias, least, most, silent float64 }

const chainHeading = `| cell | worlds | figures | withheld | weak | not estimable | bias | rmse | coverage | width | score |
|---|---|---|---|---|---|---|---|---|---|---|
`

// chainRow is one line: a class of regions and an estimator over all worlds. The bias is the sum of the errors over that of the
// truths; root mean square error, width and score are relative to each truth; all are of figures that are estimated and not of low reliability; Monte-Carlo errors take figures of one world for one.
func chainRow(name string, worlds [][]chainFigure, t *chainTarget, rivals []float64) (row string, rmse float64) {
	var n, withheld, weak, silent, bounded, held float64
	var squares, width, score float64
	var errs, truths, covers []float64 // by world
	for _, world := range worlds {
		var sum, of, in, intervals float64 // of the errors, of the truths
		for _, f := range world {
			n++
			if !f.Estimated {
				silent++
				continue
			}
			if f.Weak {
				weak++
				continue
			}
			if !f.Shown {
				withheld++
			}
			sum, of, squares = sum+f.Value-f.Truth, of+f.Truth, squares+(f.Value/f.Truth-1)*(f.Value/f.Truth-1)
			if !f.Bounded {
				continue
			}
			bounded, intervals = bounded+1, intervals+1
			width, score = width+(f.High-f.Low)/f.Truth, score+intervalScore(f.Low, f.High, f.Truth)/f.Truth
			if f.Low <= f.Truth && f.Truth <= f.High {
				held, in = held+1, in+1
			}
		}
		if of > 0 {
			errs, truths = append(errs, sum), append(truths, of)
		}
		if intervals > 0 {
			covers = append(covers, in/intervals)
		}
	}
	estimated := n - silent - weak
	if estimated == 0 {
		return fmt.Sprintf("| `%s` | %d | %.0f | – | %s | %s | – | – | – | – | – |", name, len(worlds), n, percentOf(weak, n), percentOf(silent, n)), math.NaN()
	}
	bias := floats.Sum(errs) / floats.Sum(truths)
	for i := range errs { // linearised
		errs[i] = (errs[i] - bias*truths[i]) / (floats.Sum(truths) / float64(len(truths)))
	}
	rmse = math.Sqrt(squares / estimated)
	missed := func(text string, is bool) string { return bold(text, t != nil && is) }
	texts := []string{"–", "–", "–"}
	if bounded > 0 {
		c := 100 * held / bounded
		texts[0] = missed(fmt.Sprintf("%.1f%s", c, chainError(covers)), t != nil && (c < t.least || c > t.most))
		texts[1], texts[2] = fmt.Sprintf("%.0f", 100*width/bounded), fmt.Sprintf("%.0f", 100*score/bounded)
	}
	half := t != nil && slices.ContainsFunc(rivals, func(r float64) bool { return !math.IsNaN(r) && rmse > r/2 })
	return fmt.Sprintf("| `%s` | %d | %.0f | %s | %s | %s | %s | %s | %s |", name, len(worlds), n, percentOf(withheld, estimated), percentOf(weak, n),
		missed(percentOf(silent, n), t != nil && 100*silent/n > t.silent),
		missed(fmt.Sprintf("%+.1f%s", 100*bias, chainError(errs)), t != nil && 100*math.Abs(bias) > t.bias),
		missed(fmt.Sprintf("%.0f", 100*rmse), half), strings.Join(texts, " | ")), rmse
}

// percentOf is a share in percent, as it is printed; – of none.
func percentOf(part, whole float64) string {
	if whole == 0 {
		return "–"
	}
	return fmt.Sprintf("%.0f", 100*part/whole)
}

// chainError is the Monte-Carlo error of a mean of worlds in percent, as it is printed; ” of fewer than two.
func chainError(x []float64) string {
	if len(x) < 2 {
		return ""
	}
	_, mcse := meanOf(x)
	return fmt.Sprintf(" ± %.1f", 100*mcse)
}

// cell is a cell of a row for each class of regions and estimator.
func (c chain) cell(t *chainTarget) Cell {
	cell := Cell{Name: "chain/" + c.name, What: c.what, Most: c.worlds}
	for _, class := range chainClasses {
		for _, e := range chainEstimators {
			cell.Figures = append(cell.Figures, part{name: class.name + "/" + e})
		}
	}
	cell.Lines = func(seed uint64, runs int) []string {
		worlds, failed, all := make([]chainWorld, runs), make([]error, runs), lots(seed, runs)
		eachOf(runs, func(run int) {
			worlds[run], failed[run] = c.keptWorld(all[run])
		})
		for _, err := range failed {
			if err != nil { // a world that cannot be run is a defect of the program, not an outcome
				panic(err)
			}
		}
		return c.lines(worlds, t)
	}
	return cell
}

func (c chain) lines(worlds []chainWorld, t *chainTarget) (lines []string) {
	for _, class := range chainClasses {
		var rivals []float64
		for _, e := range chainEstimators {
			of := make([][]chainFigure, len(worlds))
			for i, w := range worlds {
				of[i] = w[class.name+"/"+e]
			}
			var asked *chainTarget
			if e == "headline" {
				asked = t
			}
			line, rmse := chainRow("chain/"+c.name+"/"+class.name+"/"+e, of, asked, rivals)
			lines = append(lines, line)
			if e == "naive" || e == "survey" {
				rivals = append(rivals, rmse)
			}
		}
	}
	return lines
}

// chains are the kinds of world: the base scenario, adverse ones, and one small enough for the tests to run it anew.
func chains() []chain {
	without := func(source string) func(string) error {
		return func(dir string) error {
			return edit(filepath.Join(dir, "kankei.yaml"), `(?ms)^  - \{name: `+source+`.*?\}\}?\n`, "")
		}
	}
	all := []chain{
		{name: "base", what: "the base scenario with a panel of two dozen answers a municipality", worlds: 16},
		{name: "diverse", what: "municipalities differ in whom they draw, each class of ties by a factor of their own, 0.4 on its logarithm", worlds: 16, change: func(s *schemas.Scenario) { s.Diversity = 0.4 }},
		{name: "unnamed", what: "bookings are under the own name of one lodger in four", change: func(s *schemas.Scenario) { s.Lodging.OwnName = 0.25 }},
		{name: "small-panel", what: "4,000 members drawn in all", change: func(s *schemas.Scenario) { s.Panel.Sample = 4000 }},
		{name: "few-houses", what: "a quarter of the houses deliver", change: func(s *schemas.Scenario) { s.Lodging.Covered = 0.25 }},
		{name: "loyal", what: "seven in ten always sleep in one house", change: func(s *schemas.Scenario) { s.Lodging.Loyalty = 0.7 }},
		{name: "hard-to-link", what: "three times as many missing, changing and misspelt names, numbers and addresses", change: func(s *schemas.Scenario) {
			s.Identity.MissingPhone, s.Identity.MissingEmail, s.Identity.Misspelt, s.Identity.Changing = 0.2, 0.6, 0.03, 0.12
		}},
		{name: "tied-panel", what: "those with a tie join the panel with odds half as high again", change: func(s *schemas.Scenario) { s.Panel.JoinTied = 1.5 }},
		{name: "uneven", what: "rates of coming differ twice as much", change: func(s *schemas.Scenario) {
			s.Mobility *= 2
			for i := range s.Ties {
				s.Ties[i].Shape /= 2
			}
		}},
		{name: "visitors-high", what: "official visitors 15 % too high, and taken for right within 5", deliver: visitorsTimes(1.15)},
		{name: "wave-lost", what: "six in ten drop out of the panel before its second wave, of those related three in ten", change: func(s *schemas.Scenario) { s.Panel.Attrition, s.Panel.AttritionTied = 0.6, 0.5 }},
		{name: "no-spot", what: "no survey on the spot", deliver: without("onsite")},
		{name: "check", what: "a world of 60,000 residents and 12,000 members", persons: 60_000, worlds: 1, change: func(s *schemas.Scenario) { s.Panel.Sample = 12_000 }},
	}
	for i := range all {
		all[i].persons, all[i].worlds = cmp.Or(all[i].persons, chainPersons), cmp.Or(all[i].worlds, 3)
	}
	return all
}

func chainCells() (cells []Cell) {
	for _, c := range chains() {
		var t *chainTarget
		if c.name == "base" || c.name == "diverse" {
			t = &chainTarget{bias: 2, least: 93, most: 97, silent: 5}
		}
		cells = append(cells, c.cell(t))
	}
	return cells
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
