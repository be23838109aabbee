package pipeline

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"filippo.io/age"

	"github.com/kankei/kankei/pipeline/ingest"
	"github.com/kankei/kankei/pipeline/publish"
	"github.com/kankei/kankei/pipeline/publish/report"
	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/schemas/reference"
	"github.com/kankei/kankei/transforms/link"
)

// Options are what the caller of a run decides.
type Options struct {
	// AsOf is the day after which nothing is known; nil is the last complete month of the data.
	AsOf *schemas.Date
	// Accept are files, by their path in the project, whose disappearance or loss of rows is meant.
	Accept []string
	// KnownOn is the day to look back to: the run knows only what had been delivered by its end. Nil is now.
	KnownOn *schemas.Date
	// Lang is the language of messages.
	Lang string
	// Command is how the run calls itself to others that want the lock.
	Command string
	// Now is the clock.
	Now func() time.Time
	// Getenv looks up environment variables.
	Getenv func(string) string
	// Log is told what happens.
	Log *Reporter
}

// Run is one execution of the stages over a project. Stages find in it what
// they need and leave in it what later ones need.
type Run struct {
	*Project
	// AsOf is the day after which nothing is known; ingest settles it where it was not asked for.
	AsOf schemas.Date
	// Log is told what happens.
	Log *Reporter
	// Now is the clock. No published file may depend on it.
	Now func() time.Time
	// Deliveries are the landed files, in the order of the sources and of paths within them.
	Deliveries []Delivery
	// Refused are the inputs left out under on_refused: continue.
	Refused Problems
	// Release is the id of the release this run made, or ''.
	Release string
	// Regions are the regions of Japan, with the project's own changes of codes.
	Regions *reference.Table
	// Lang is the language of messages.
	Lang string
	// Threads is how many threads to work with.
	Threads int
	// Memory is how much memory the database may use.
	Memory Size

	made        *figures        // the figures of this run, once estimate has made them
	protected   []publish.Table // the same after disclosure control
	shapes      *report.Map     // of municipalities, for the report; nil for none
	asOfGiven   bool
	accept      []string
	command     string
	getenv      func(string) string
	tokens      *ingest.Tokenizer
	fingerprint string
	noise       []byte            // the secret that noise is made from
	mappings    []*ingest.Mapping // of the sources, in order; nil where headers decide
	review      link.Review       // the judged pairs, if there are any
	reviewed    string            // digest of their file, or ''
	codeChanges string            // digest of the project's changes of region codes, or ''
	intake      *intake
	known       map[delivered]deliveryEvent // the files last seen
	firstSeen   map[content]time.Time
	arrived     time.Time        // of the files that this run sees first
	then        map[content]bool // what the exports held at the end of the day looked back to
	acceptances map[acceptance]bool
	frameFaults []string      // the facility frames that were refused, or rows of which were
	originals   age.Recipient // to whom values of refused rows are encrypted; nil: they are not kept
}

// toMillisecond cuts a moment of the clock to what is put on record. Nanoseconds
// tell nothing there, and their nine digits can be those of somebody's booking.
func toMillisecond(moment time.Time) time.Time { return moment.UTC().Truncate(time.Millisecond) }

// NewRun prepares a run. It reads, and writes nothing.
func NewRun(p *Project, o Options) (*Run, error) {
	if o.KnownOn != nil {
		p = p.KnownOn(*o.KnownOn)
	}
	r := &Run{
		Project: p, Log: o.Log, Lang: o.Lang, Threads: p.Config.Threads, Memory: p.Config.Memory,
		command: o.Command, getenv: o.Getenv,
		Now: func() time.Time { return toMillisecond(o.Now()) },
	}
	if r.Threads == 0 {
		r.Threads = runtime.NumCPU()
	}
	if o.AsOf != nil {
		r.AsOf, r.asOfGiven = *o.AsOf, true
	}
	for _, path := range o.Accept {
		r.accept = append(r.accept, p.relative(path))
	}
	if len(p.Config.Sources) == 0 {
		return nil, &Error{
			Code: ExitMisused, Where: p.Config.At("sources"),
			Found: say("読み込むソースが一つもありません", "there is no source to read"),
			Do:    say("sources に読み込むファイルを書いてください。kankei inspect ファイル で合うマッピングがわかります", "list the exports under sources; kankei inspect FILE proposes a mapping"),
		}
	}
	var err error
	if r.originals, err = p.Config.Rejects.recipient(); err != nil {
		return nil, err
	}
	if r.acceptances, err = p.accepted(); err != nil {
		return nil, err
	}
	if r.Regions, r.codeChanges, err = p.regions(); err != nil {
		return nil, err
	}
	if err := p.checkVintage(r.Regions); err != nil {
		return nil, err
	}
	if r.review, r.reviewed, err = p.readReview(); err != nil {
		return nil, err
	}
	if r.shapes, err = p.reportMap(); err != nil {
		return nil, err
	}
	return r, r.resolveSources()
}

// resolveSources finds the mappings of the sources, and refuses codes in
// kankei.yaml that are no region's.
func (r *Run) resolveSources() error {
	var problems Problems
	check := func(path, code string) {
		if code != "" && !r.Regions.Known(code) {
			problems = append(problems, r.noRegion(path, code))
		}
	}
	for i, s := range r.Config.Sources {
		mapping, err := r.mapping(i, s)
		if err != nil {
			problems = append(problems, err)
		}
		r.mappings = append(r.mappings, mapping)
		check(fmt.Sprintf("sources[%d].region", i), s.Region)
		for _, name := range slices.Sorted(maps.Keys(s.Facilities)) {
			check(fmt.Sprintf("sources[%d].facilities.%s", i, name), s.Facilities[name])
		}
	}
	problems = append(problems, r.definitionProblems()...)
	problems = append(problems, r.targetProblems()...)
	return append(problems, r.programmeProblems()...).orNil()
}

// noRegion is the error of a code in kankei.yaml that no region has.
func (r *Run) noRegion(path, code string) error {
	return &Error{Code: ExitMisused, Where: r.Config.At(path), Found: say("地域コード %s はありません", "there is no region with the code %s", code),
		Wanted: say("30401 のような5桁の標準地域コード", "a standard region code of five digits, such as 30401")}
}

// relative is a path given on the command line as kankei.yaml would name it: it
// may be below the project, or below the current folder.
func (p *Project) relative(path string) string {
	if abs, err := filepath.Abs(path); err == nil && !exists(p.Path(path)) && strings.HasPrefix(abs, p.Dir+string(filepath.Separator)) {
		return p.Rel(abs)
	}
	return filepath.ToSlash(filepath.Clean(path))
}

// openKey reads the key and refuses one that the project's pseudonyms are not made under.
func (r *Run) openKey() error {
	key, err := r.key(r.getenv)
	if err != nil {
		return err
	}
	r.fingerprint = ingest.Fingerprint(key)
	if err := r.checkKey(r.fingerprint); err != nil {
		return err
	}
	if r.tokens, err = ingest.NewTokenizer(key); err != nil {
		return err
	}
	r.noise, err = hkdf.Key(sha256.New, key, nil, "kankei/v1/noise", sha256.Size)
	return err
}

// Record is work/runs/<number>.json: what a run did.
type Record struct {
	Number   int       `json:"number"`
	Started  time.Time `json:"started"`
	Finished time.Time `json:"finished"`
	AsOf     string    `json:"as_of"`
	Exit     int       `json:"exit"`
	Release  string    `json:"release"`
	// Folder is where the release is, below the project.
	Folder   string        `json:"-"`
	Stages   []StageRecord `json:"stages"`
	Sources  []SourceCount `json:"sources"`
	Warnings []Warning     `json:"warnings"`
	// Failure is why the run ended without a release, or which inputs it left out.
	Failure schemas.Text `json:"failure"`
	// NothingNew says that no stage had to run. Such runs leave no record.
	NothingNew bool `json:"-"`
}

// StageRecord is what became of one stage in a run.
type StageRecord struct {
	Name    string  `json:"name"`
	Key     string  `json:"key"`
	Skipped bool    `json:"skipped"`
	Seconds float64 `json:"seconds"`
}

// SourceCount is what became of the records of one source.
type SourceCount struct {
	Source       string           `json:"source"`
	Kind         string           `json:"kind"`
	Files        int              `json:"files"`
	RowsIn       int64            `json:"rows_in"`
	RowsLanded   int64            `json:"rows_landed"`
	RowsRejected int64            `json:"rows_rejected"`
	Rejected     map[string]int64 `json:"rejected"`
}

// Execute runs the stages that have something to do and records what happened.
// Inputs that were left out end an otherwise good run in an error with
// [ExitPartial].
func (r *Run) Execute(ctx context.Context) (Record, error) {
	unlock, err := r.Lock(r.command, r.Now())
	if err != nil {
		return Record{}, err
	}
	defer unlock()
	if err := r.Clean(); err != nil {
		return Record{}, err
	}
	defer r.Clean()
	if err := r.createKey(r.getenv); err != nil {
		return Record{}, err
	}
	if err := r.openKey(); err != nil {
		return Record{}, err
	}
	record := Record{Started: r.Now()}
	err = r.stages(ctx, &record)
	if ctx.Err() != nil {
		err = interrupted
	}
	switch {
	case err != nil:
	case len(r.Refused) > 0:
		err = r.partial()
	default:
		err = r.sweepLanded()
	}
	return record, r.finish(&record, err)
}

// interrupted is the end of a run that a signal stopped.
var interrupted error = &Error{
	Code:  ExitInterrupted,
	Found: say("中断しました", "interrupted"),
	Do:    say("終わった分は残っています。もう一度実行すると続きから始まります", "what was finished is kept; run again to go on from there"),
}

func (r *Run) partial() error {
	return &Error{
		Code:  ExitPartial,
		Found: say("読み込めない入力 %d 件を除いて公開しました", "released without the inputs that were refused (%d)", len(r.Refused)),
		Err:   r.Refused,
	}
}

// stages runs the stages in order, skipping those whose key is the one they
// last ran under and whose outputs are still there.
func (r *Run) stages(ctx context.Context, record *Record) error {
	record.NothingNew = true
	m := r.readManifest()
	writers := map[string]string{}
	for _, s := range Stages() {
		if err := ctx.Err(); err != nil {
			return err
		}
		step, err := r.assess(s, m, writers)
		if err != nil {
			return inStage(s, err)
		}
		began := r.Now()
		if !step.Fresh {
			record.NothingNew = false
			r.Log.Say(say("段階 %s", "stage %s", s.Name))
			if err := s.Run(ctx, r); err != nil {
				return inStage(s, err)
			}
			if err := m.record(r.Workspace, s.Name, step.Key); err != nil {
				return err
			}
		}
		record.Stages = append(record.Stages, StageRecord{s.Name, step.Key, step.Fresh, r.Now().Sub(began).Seconds()})
		for _, d := range s.Writes {
			writers[d] = step.Key
		}
	}
	return nil
}

// inStage says in which stage something broke. What the user can mend speaks
// for itself.
func inStage(s Stage, err error) error {
	if ExitCode(err) != ExitFailed {
		return err
	}
	return fmt.Errorf("stage %s: %w", s.Name, err)
}

// finish completes the record and writes it, unless there was nothing to do:
// then the project is left as it was found.
func (r *Run) finish(record *Record, err error) error {
	record.Finished = r.Now()
	record.Exit = ExitCode(err)
	record.Release, record.Folder = r.Release, r.Rel(r.Path("releases", r.Release))
	record.Sources = r.sourceCounts()
	record.Warnings = r.Log.Warnings()
	if r.AsOf != 0 {
		record.AsOf = r.AsOf.String()
	}
	if record.NothingNew && err == nil {
		return nil
	}
	if err != nil {
		record.Failure = schemas.Text{JA: Message(err, "ja"), EN: Message(err, "en")}
	}
	number, e := r.lastRunNumber()
	if e != nil {
		return errors.Join(err, e)
	}
	record.Number = number + 1
	if e := r.ReplaceJSON(r.recordPath(record.Number), record); e != nil {
		return errors.Join(err, e)
	}
	return err
}

// sourceCounts sums the reports of the deliveries by source, in the order of kankei.yaml.
func (r *Run) sourceCounts() []SourceCount {
	var all []SourceCount
	for _, s := range r.Config.Sources {
		c := SourceCount{Source: s.Name, Kind: s.Kind, Rejected: map[string]int64{}}
		for _, d := range r.Deliveries {
			if d.Source != s.Name {
				continue
			}
			c.Files++
			c.RowsIn += d.RowsIn
			c.RowsLanded += d.RowsLanded
			c.RowsRejected += d.RowsRejected
			for reason, n := range d.Rejected {
				c.Rejected[reason] += n
			}
		}
		all = append(all, c)
	}
	return all
}

func (w Workspace) recordPath(number int) string {
	return w.Path("work", "runs", fmt.Sprintf("%06d.json", number))
}

// lastRunNumber is the number of the latest run on record, 0 if there is none.
func (w Workspace) lastRunNumber() (int, error) {
	entries, err := os.ReadDir(w.Path("work", "runs"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, err
	}
	last := 0
	for _, e := range entries {
		var n int
		if _, err := fmt.Sscanf(e.Name(), "%06d.json", &n); err == nil {
			last = max(last, n)
		}
	}
	return last, nil
}

// CurrentRelease is the id of the release in force, or ” before the first.
func (w Workspace) CurrentRelease() (string, error) {
	text, err := os.ReadFile(w.Path("releases", "CURRENT"))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return strings.TrimSpace(string(text)), err
}
