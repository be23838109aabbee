package pipeline

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/renameio/v2"

	"github.com/kankei/kankei/transforms/link"
)

// SampleOptions say which pairs to draw for a clerk, and where to write them.
type SampleOptions struct {
	// Pairs is how many, in all strata together.
	Pairs int64
	Seed  uint64
	// Out is the file in the project.
	Out string
	// Command is the command line, for whoever waits for the lock.
	Command string
	Now     time.Time
}

// fewestPairs is the least sample that is drawn.
const fewestPairs = 20

// LinkageSample draws pairs of stays for a clerk to judge, from the persons of the
// last run, and gives the path of the file and what was drawn by stratum. The file
// says in which lines of which exports the two records are, and nothing of what
// they hold but month and region. The same store, seed and number of pairs give the
// same bytes.
func (p *Project) LinkageSample(ctx context.Context, o SampleOptions) (string, []Drawn, error) {
	if o.Pairs < fewestPairs || o.Pairs > 100_000 {
		return "", nil, &Error{Code: ExitMisused, Where: "--pairs", Found: say("%d 組", "%d pairs", o.Pairs), Wanted: say("%d から 100000", "%d to 100000", fewestPairs)}
	}
	name := p.relative(o.Out)
	if err := p.freeForSample(name); err != nil {
		return "", nil, err
	}
	if !exists(p.Path("work", "store.duckdb")) {
		return "", nil, errNoStore
	}
	unlock, err := p.Lock(o.Command, o.Now)
	if err != nil {
		return "", nil, err
	}
	defer unlock()
	defer p.Clean()
	s, err := p.readStore(ctx)
	if err != nil {
		return "", nil, err
	}
	defer s.close()
	drawn, rows, err := s.drawPairs(ctx, o.Pairs, rand.New(rand.NewPCG(o.Seed, 0)))
	if err != nil {
		return "", nil, err
	}
	return name, drawn, writePairs(p.Path(filepath.FromSlash(name)), rows)
}

// Drawn is how many pairs of a stratum were drawn, out of how many.
type Drawn struct {
	Stratum      string
	Pairs, Drawn int64
}

// errNoStore is a sample asked for before there are persons.
var errNoStore = &Error{Code: ExitMisused, Where: "work/store.duckdb",
	Found: say("名寄せの結果がないか、設定やプログラムが変わっています", "there are no linked persons, or the settings or the program changed since"),
	Do:    say("先に kankei run を実行してください", "first run kankei run")}

// freeForSample refuses a file outside the project or where a run keeps its own, a
// sample that has answers, and whatever else is no sample.
func (p *Project) freeForSample(name string) error {
	root, _, _ := strings.Cut(name, "/")
	if !filepath.IsLocal(name) || name == "." || slices.Contains(append([]string{"exports", "published"}, roots...), root) {
		return &Error{Code: ExitMisused, Where: name, Found: say("標本を置けない場所です", "is no place for a sample"),
			Wanted: say("プロジェクトの中の別のフォルダ（例: reviews/pairs.csv）", "another folder of the project, as in reviews/pairs.csv")}
	}
	text, err := os.ReadFile(p.Path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	there := pairFile{name: name, read: map[string]bool{}}
	if err := there.parse(text); err == nil && there.answers == 0 {
		return nil
	}
	found := say("すでにあり、判定が書かれています", "is there already, with answers")
	if there.answers == 0 {
		found = say("すでにあり、判定用の標本ではありません", "is there already, and is no sample of pairs")
	}
	return &Error{Code: ExitMisused, Where: name, Found: found,
		Do: say("--out で別のファイルを指定してください", "name another file with --out")}
}

// readStore opens the store to read, as the last run left it.
func (p *Project) readStore(ctx context.Context) (*store, error) {
	regions, _, err := p.regions()
	if err != nil {
		return nil, err
	}
	temp := p.Path("work", tempName, "duckdb")
	if err := os.MkdirAll(temp, 0o777); err != nil {
		return nil, err
	}
	d, err := openDuck(ctx, p.Path("work", "store.duckdb")+"?access_mode=READ_ONLY",
		duckOptions{Threads: cmp.Or(p.Config.Threads, runtime.NumCPU()), Memory: p.Config.Memory.String(), Temp: temp})
	if err != nil {
		return nil, err
	}
	var version string
	err = d.conn.QueryRowContext(ctx, "SELECT version FROM version").Scan(&version)
	unfinished, e := d.count(ctx, "SELECT (SELECT count(*) FROM unlinked) + (SELECT count(*) FROM pending_identity)")
	if err != nil || e != nil || version != storeVersion(p.boundaries(regions), p.Config.Linkage.SharedBy) || unfinished > 0 {
		d.close()
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		return nil, errNoStore
	}
	return &store{duck: d}, nil
}

// drawPairs draws pairs in every stratum and gives the rows of the file, in an order
// drawn too: whoever stops half-way has judged a sample of each stratum.
func (s *store) drawPairs(ctx context.Context, n int64, random *rand.Rand) ([]Drawn, [][]string, error) {
	population, _, err := s.staysSeen(ctx)
	if err != nil {
		return nil, nil, err
	}
	if err := s.temp(ctx, "judged_pair", link.Pairs); err != nil {
		return nil, nil, err
	}
	drawn := make([]Drawn, len(link.Strata()))
	sizes := make([]int64, len(drawn))
	for i, stratum := range link.Strata() {
		if sizes[i], err = s.count(ctx, "SELECT count(*) FROM judged_pair WHERE stratum = ?", stratum); err != nil {
			return nil, nil, err
		}
	}
	for i, share := range link.Allocate(n, sizes) {
		drawn[i] = Drawn{link.Strata()[i], sizes[i], share}
	}
	if population.RepeatStays == 0 || slices.Max(sizes) == 0 {
		return nil, nil, &Error{Code: ExitMisused, Where: "work/store.duckdb",
			Found: say("判定する組がありません（宿泊が二件以上ある人、または似た記録がない）", "there is no pair to judge: nobody has two stays, or no two records are alike")}
	}
	var numbers []string // the store is open to read: rows cannot be appended, not even to a temporary table
	for _, d := range drawn {
		list := strings.ReplaceAll(fmt.Sprint(link.Draw(random, d.Drawn, d.Pairs)), " ", ", ")
		numbers = append(numbers, "SELECT "+literal(d.Stratum)+" AS stratum, UNNEST(CAST("+list+" AS BIGINT[])) AS number")
	}
	if err := s.temp(ctx, "drawn", strings.Join(numbers, " UNION ALL ")); err != nil {
		return nil, nil, err
	}
	rows, err := s.pairRows(ctx, population)
	random.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	for i := range rows {
		rows[i][0] = strconv.Itoa(i + 1)
	}
	return drawn, rows, err
}

// pairRows are the drawn pairs, each identity by its first stay.
func (s *store) pairRows(ctx context.Context, p link.Population) ([][]string, error) {
	var rows [][]string
	for scan, err := range s.rows(ctx, `
		WITH pair AS (SELECT j.* FROM judged_pair j JOIN drawn d ON d.stratum = j.stratum AND d.number = j.number),
		shown AS (
			SELECT s.identity, s.source, d.file, s.line, strftime(s.first_day, '%Y-%m') AS month, s.region_code AS region,
			       row_number() OVER (PARTITION BY s.identity ORDER BY s.first_day, s.source, d.file, s.line) AS turn
			FROM stay s JOIN delivered d ON d.delivery = s.delivery AND d.source = s.source
			WHERE s.source_kind = 'booking' AND s.outcome IN ('stayed', 'day_use')
			  AND s.identity IN (SELECT first FROM pair UNION ALL SELECT second FROM pair)
		)
		SELECT pair.stratum, (SELECT count(*) FROM judged_pair j WHERE j.stratum = pair.stratum),
		       a.source, a.file, a.line, a.month, a.region, b.source, b.file, b.line, b.month, b.region
		FROM pair JOIN shown a ON a.identity = pair.first AND a.turn = 1 JOIN shown b ON b.identity = pair.second AND b.turn = 1
		ORDER BY pair.stratum, pair.number`) {
		var stratum string
		var pairs int64
		var side [2]struct {
			source, file, month, region string
			line                        int64
		}
		if err == nil {
			a, b := &side[0], &side[1]
			err = scan(&stratum, &pairs, &a.source, &a.file, &a.line, &a.month, &a.region, &b.source, &b.file, &b.line, &b.month, &b.region)
		}
		if err != nil {
			return nil, err
		}
		row := []string{"", stratum}
		for _, n := range []int64{pairs, p.Pseudonyms, p.RepeatStays, p.RepeatPairs} {
			row = append(row, strconv.FormatInt(n, 10))
		}
		for _, r := range side {
			row = append(row, r.source, r.file, strconv.FormatInt(r.line, 10), r.month, r.region)
		}
		rows = append(rows, append(row, ""))
	}
	return rows, nil
}

// writePairs writes the file whole or not at all, for its owner alone: who the pairs
// are is in the exports, and that they may be one person is here. It begins with the
// mark by which spreadsheets know UTF-8.
func writePairs(path string, rows [][]string) error {
	var b bytes.Buffer
	b.WriteString("\ufeff")
	out := csv.NewWriter(&b)
	if err := out.WriteAll(append([][]string{pairColumns}, rows...)); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	return renameio.WriteFile(path, b.Bytes(), 0o600, renameio.WithTempDir(filepath.Dir(path)))
}
