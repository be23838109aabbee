package ingest

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"filippo.io/age"
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/schemas/reference"
	"github.com/kankei/kankei/transforms/clean"
)

// Version changes whenever landing the same file under the same mapping would
// give other rows; it is part of every delivery key, so that all files land
// anew.
const Version = "5"

// Job is one delivered file to land.
type Job struct {
	// Source is the name of the source in kankei.yaml and Kind its kind:
	// booking, survey, facility, act, move or total.
	Source, Kind string
	// Path is where the file is; Rel is its path below the project, by which messages and rejects name it.
	Path, Rel string
	// FileDigest is the SHA-256 in hex of the file, of its content where it is
	// compressed, and Delivery its delivery key, see [DeliveryKey].
	FileDigest, Delivery string
	// Mapping says how columns become fields; nil lets the header choose among the built-in ones of Kind.
	Mapping *Mapping
	// Overrides are what kankei.yaml says about the source.
	Overrides Overrides
	// Regions resolves codes, names, addresses and postcodes.
	Regions *reference.Table
	// Tokens makes the pseudonyms.
	Tokens *Tokenizer
	// Permitted says that a source may hold moves known from the register of residents.
	Permitted bool
	// Stated says where the source states when it was delivered, before what the mapping says.
	Stated Stated
	// Originals, if set, is to whom the values of refused records are encrypted; without it they are not kept.
	Originals age.Recipient
	// Threads is the number of goroutines; it does not change a byte of what is written. 0 is 1.
	Threads int
	// Out is an existing empty folder, into which the files are written.
	Out string
	// Progress, if set, is told rows and bytes of the file read so far, from one goroutine.
	Progress func(rows, bytes int64)

	// facilities and frame are those of the overrides by folded name.
	facilities, frame map[string]string
}

// Overrides are the constants a source adds to its mapping.
type Overrides struct {
	// Region is the code of the region of every row that names no region of its own.
	Region string
	// Facility is the identifier of the facility of every row that names none.
	Facility string
	// Facilities gives the region code of a facility by the name or identifier the export uses.
	Facilities map[string]string
	// Frame gives the region code of a facility by its identifier in the facility frame.
	Frame map[string]string
	// Set gives target fields a constant in place of what the mapping says, such as {"status": "booked"}.
	Set map[string]string
	// Encoding and Sheet replace what sniffing would find.
	Encoding, Sheet string
}

// Report says what became of the records of one delivered file.
type Report struct {
	Source     string `json:"source"`
	Kind       string `json:"kind"`
	File       string `json:"file"`
	FileDigest string `json:"file_digest"`
	Delivery   string `json:"delivery"`
	Mapping    string `json:"mapping"`
	Format     Format `json:"format"`
	// RowsIn = RowsLanded + RowsRejected; wholly empty rows count as rejected.
	RowsIn       int64 `json:"rows_in"`
	RowsLanded   int64 `json:"rows_landed"`
	RowsRejected int64 `json:"rows_rejected"`
	// Landed counts rows by dataset: a record may give rows to several.
	Landed map[string]int64 `json:"landed"`
	// Rejected counts records by reason.
	Rejected map[string]int64 `json:"rejected"`
	// Incomplete counts, by reason, the further rows that a landed record could not give, such as one blank class of a wide table.
	Incomplete map[string]int64 `json:"incomplete"`
	// Identical is the number of records equal byte for byte to an earlier one of the file; they are kept.
	Identical int64 `json:"identical"`
	// Replaced is the number of U+FFFD that decoding put for bytes without meaning.
	Replaced int64 `json:"replaced"`
	// FirstDate and LastDate span the dates of the rows: check-in, visit, answer, activity, move or period. Null in a file without rows.
	FirstDate *schemas.Date `json:"first_date"`
	LastDate  *schemas.Date `json:"last_date"`
	// Months counts the landed rows by the month of that date, such as 2026-03.
	Months map[string]int64 `json:"months"`
	// StatedAt is when the file was delivered, as the lines above its header say; null where they do not.
	StatedAt *schemas.Timestamp `json:"stated_at,omitempty"`
	// DataThrough is the latest day of an event, booking or answer in the file: up to which day it can know anything. LastDate where rows carry no such day.
	DataThrough *schemas.Date `json:"data_through"`
	// Unplaced are the columns the mapping does not use; they are never decoded.
	Unplaced []string `json:"unplaced"`
	// Missing are the columns the mapping could have used and the file lacks.
	Missing []string `json:"missing"`
	// Unread counts, by column, the values that the row can do without and that could not be read; they became null.
	Unread map[string]int64 `json:"unread"`
	// ResidenceUnknown and NoIdentity count rows of persons without a usable residence, and without any identifier.
	ResidenceUnknown int64 `json:"residence_unknown"`
	NoIdentity       int64 `json:"no_identity"`
}

// Land lands one file: it reads the records, maps them to rows, replaces
// identifiers by tokens and residences by codes, and writes <dataset>.parquet
// for every dataset with rows, rejects.parquet and report.json into Job.Out,
// each flushed to disk. A file that cannot be read or does not fit its mapping
// gives a *[Refusal].
func Land(ctx context.Context, job Job) (Report, error) {
	if err := job.prepare(); err != nil {
		return Report{}, err
	}
	file, err := job.open()
	if err != nil {
		return Report{}, err
	}
	defer file.Close()
	if !job.Permitted && job.Mapping.readsRegister() {
		return Report{}, job.notPermitted()
	}
	plan, err := job.plan(file)
	if err != nil {
		return Report{}, err
	}
	out := newOutput(job.Out, job.Originals)
	total, err := job.stream(ctx, file, plan, out)
	if err != nil {
		out.abandon()
		return Report{}, err
	}
	if err := out.close(); err != nil {
		return Report{}, err
	}
	report := job.report(file, plan, total)
	return report, writeReport(filepath.Join(job.Out, "report.json"), report)
}

// prepare checks the job and fills in what it leaves to be found out.
func (j *Job) prepare() error {
	j.Threads = max(1, j.Threads)
	if j.FileDigest == "" {
		digest, err := fileDigest(j.Path)
		if err != nil {
			return err
		}
		j.FileDigest = digest
	}
	if err := j.knownRegion(j.Overrides.Region); err != nil {
		return err
	}
	var err error
	if j.facilities, err = j.knownRegions(j.Overrides.Facilities); err != nil {
		return err
	}
	j.frame, err = j.knownRegions(j.Overrides.Frame)
	return err
}

// knownRegions folds the names of facilities and checks their region codes.
func (j *Job) knownRegions(named map[string]string) (map[string]string, error) {
	folded := make(map[string]string, len(named))
	for name, code := range named {
		if err := j.knownRegion(code); err != nil {
			return nil, fmt.Errorf("facility %s: %w", name, err)
		}
		folded[foldHeader(name)] = code
	}
	return folded, nil
}

// knownRegion checks a code of kankei.yaml or of the facility frame: five
// digits, never to be guessed at like a code of an export.
func (j *Job) knownRegion(code string) error {
	if code == "" || j.Regions.Known(code) {
		return nil
	}
	return fmt.Errorf("source %s: %s is no region code", j.Source, code)
}

// open opens the file with what the mapping knows of it, and finds the mapping
// by the header where the source names none.
func (j *Job) open() (*File, error) {
	file, err := Open(j.Path, j.hint(j.Mapping))
	if err != nil || j.Mapping != nil {
		return file, err
	}
	j.Mapping, err = Choose(j.Rel, file.Header, ofKind(builtins(), j.Kind))
	if err == nil && j.Mapping.HeaderRows < 2 {
		return file, nil
	}
	file.Close()
	if err != nil {
		return nil, err
	}
	return Open(j.Path, j.hint(j.Mapping))
}

// hint is what is known of the file before it is opened.
func (j *Job) hint(m *Mapping) Hint {
	h := Hint{Name: j.Rel, Encoding: j.Overrides.Encoding, Sheet: j.Overrides.Sheet}
	if m == nil {
		return h
	}
	h.HeaderRows = m.HeaderRows
	for _, names := range append(m.wants(), m.Detect...) {
		h.HeaderMust = append(h.HeaderMust, names...)
	}
	return h
}

// plan binds the mapping to the header, having found out how the file writes
// its dates and codes.
func (j *Job) plan(file *File) (*plan, error) {
	first, err := j.Mapping.bind(j.Rel, file.Format, file.Header, j.Overrides.Set, writing{})
	if err != nil {
		return nil, err
	}
	found, err := j.writing(file, first.dates, first.codes)
	if err != nil {
		return nil, err
	}
	return j.Mapping.bind(j.Rel, file.Format, file.Header, j.Overrides.Set, found)
}

// writing is how columns are written where a single value does not tell: the
// order of day and month, and whether region codes have their check digit. The
// keys are indexes in the header.
type writing struct {
	orders map[int]clean.DateOrder
	forms  map[int]reference.CodeForm
}

// writing finds out how columns are written. The head of the file is enough
// where its dates name the year first; where they do not, all of it is read: a
// column that shows both orders has none. Codes are judged by the head.
func (j *Job) writing(file *File, dates, codes []int) (writing, error) {
	w := writing{map[int]clean.DateOrder{}, map[int]reference.CodeForm{}}
	columns := slices.Concat(dates, codes)
	if len(columns) == 0 {
		return w, nil
	}
	shown := make([]clean.Orders, len(dates))
	head := true
	for chunk, err := range file.Chunks(columns) {
		if err != nil {
			return w, err
		}
		batch, err := chunk.Parse()
		if err != nil {
			return w, err
		}
		if head {
			for i, column := range codes {
				w.forms[column] = j.Regions.DecideCodeForm(textsOf(batch.Record.Column(len(dates) + i)))
			}
		}
		head = false
		yearFirst := true
		for i := range dates {
			values := batch.Record.Column(i)
			shown[i].Add(textsOf(values))
			yearFirst = yearFirst && !shown[i].Shown() && !ambiguous(values)
		}
		batch.Record.Release()
		if yearFirst {
			break
		}
	}
	w.settle(dates, shown)
	return w, nil
}

// settle gives columns their order. Those that did not show one have that of
// the others: a system writes all its dates alike. Columns that disagree, or one
// that contradicts itself, tell nothing of the others.
func (w *writing) settle(dates []int, shown []clean.Orders) {
	var all clean.Orders
	for i, column := range dates {
		w.orders[column] = shown[i].Decide()
		all.Join(shown[i])
	}
	for i, column := range dates {
		if !shown[i].Shown() {
			w.orders[column] = all.Decide()
		}
	}
}

// textsOf gives the values of a column of a batch.
func textsOf(column arrow.Array) iter.Seq[string] {
	values := column.(*array.String)
	return func(yield func(string) bool) {
		for i := range values.Len() {
			if !yield(unguarded(values.Value(i))) {
				return
			}
		}
	}
}

// ambiguous says whether some date of a column can be read only by knowing the order of its parts.
func ambiguous(values arrow.Array) bool {
	for s := range textsOf(values) {
		if _, plain := clean.Date(s, clean.Unknown); plain || s == "" {
			continue
		}
		if _, ordered := clean.Date(s, clean.DayFirst); ordered {
			return true
		}
	}
	return false
}

// summary is what the batches of a file add up to.
type summary struct {
	tally
	digests [][]uint64 // of the records, chunk by chunk
	unread  []int64
}

// work is a chunk on its way through a worker.
type work struct {
	chunk Chunk
	done  chan result
}

// result is what became of a chunk.
type result struct {
	landed landedChunk
	err    error
}

// stream lands the chunks on the job's goroutines and writes what they give in
// the order of the file. At most two chunks per goroutine are in flight.
func (j *Job) stream(ctx context.Context, file *File, p *plan, out *output) (summary, error) {
	ctx, stop := context.WithCancel(ctx)
	var group sync.WaitGroup
	defer group.Wait()
	defer stop()
	todo := make(chan work)
	inOrder := make(chan work, 2*j.Threads)
	for range j.Threads {
		group.Go(func() { j.landChunks(p, todo) })
	}
	var readErr error
	group.Go(func() {
		defer close(inOrder)
		defer close(todo)
		readErr = j.readChunks(ctx, file, p, todo, inOrder)
	})
	total := summary{unread: make([]int64, p.fields)}
	var bytes int64
	for w := range inOrder {
		r := <-w.done
		if r.err == nil {
			r.err = out.write(r.landed)
		}
		if r.err != nil {
			stop()
			for range inOrder {
			}
			return summary{}, r.err
		}
		total.add(r.landed)
		bytes += r.landed.bytes
		if j.Progress != nil {
			j.Progress(total.in, bytes)
		}
	}
	if readErr == nil {
		readErr = ctx.Err()
	}
	return total, readErr
}

// readChunks hands the chunks of the file to the workers.
func (j *Job) readChunks(ctx context.Context, file *File, p *plan, todo, inOrder chan<- work) error {
	for chunk, err := range file.Chunks(p.columns) {
		if err != nil {
			return err
		}
		w := work{chunk: chunk, done: make(chan result, 1)}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case inOrder <- w:
		}
		todo <- w
	}
	return nil
}

// landChunks lands chunks as they come, on one goroutine.
func (j *Job) landChunks(p *plan, todo <-chan work) {
	worker := newWorker(j, p)
	for w := range todo {
		landed, err := worker.chunk(w.chunk)
		w.done <- result{landed, err}
	}
}

func (s *summary) add(c landedChunk) {
	s.tally.add(c.counts)
	s.digests = append(s.digests, c.digests)
	for i, n := range c.unread {
		s.unread[i] += n
	}
}

// report says what became of the file.
func (j *Job) report(file *File, p *plan, s summary) Report {
	r := Report{
		Source: j.Source, Kind: j.Kind, File: j.Rel, FileDigest: j.FileDigest, Delivery: j.Delivery,
		Mapping: j.Mapping.ID, Format: file.Format,
		RowsIn: s.in, RowsLanded: s.landed, RowsRejected: s.rejected,
		Landed: s.rowsFor, Rejected: s.reasons, Incomplete: s.incomplete,
		Identical: repeated(s.digests), Replaced: s.replaced,
		FirstDate: pointer(s.first), LastDate: pointer(s.last), DataThrough: pointer(s.through), Months: monthNames(s.months), StatedAt: j.statedIn(file),
		Unplaced: p.unplaced, Missing: p.missing, Unread: map[string]int64{},
		ResidenceUnknown: s.residenceless, NoIdentity: s.identityless,
	}
	if r.DataThrough == nil {
		r.DataThrough = r.LastDate
	}
	for i, n := range s.unread {
		if n > 0 {
			r.Unread[p.headers[i]] += n
		}
	}
	return r
}

// monthNames gives counts by month names such as 2026-03.
func monthNames(months map[int32]int64) map[string]int64 {
	named := map[string]int64{}
	for month, n := range months {
		named[fmt.Sprintf("%04d-%02d", month/12, month%12+1)] = n
	}
	return named
}

func pointer[T any](o opt[T]) *T {
	if !o.ok {
		return nil
	}
	return &o.v
}

// repeated counts the digests that occurred before. Equal digests begin alike,
// so that they are sorted in parts, two at a time: eight bytes a record are all
// that landing keeps of a file, and no second copy of them is made.
func repeated(digests [][]uint64) int64 {
	const parts = 64
	count := func(from, to uint64) (n int64) {
		var part []uint64
		for p := from; p < to; p++ {
			part = part[:0]
			for _, chunk := range digests {
				for _, d := range chunk {
					if d>>58 == p {
						part = append(part, d)
					}
				}
			}
			slices.Sort(part)
			n += int64(len(part) - len(slices.Compact(part)))
		}
		return n
	}
	upper := make(chan int64)
	go func() { upper <- count(parts/2, parts) }()
	return count(0, parts/2) + <-upper
}

// writeReport writes the report as JSON, flushed to disk.
func writeReport(path string, r Report) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = f.Write(append(text, '\n'))
	if syncErr := f.Sync(); err == nil {
		err = syncErr
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	return err
}

// DeliveryKey identifies what landing a file would give: 16 hexadecimal digits
// of the SHA-256 over the digest of the file, the mapping with the overrides of
// its source, the version of ingest, the fingerprint of the key, and the name
// of the source. A nil mapping stands for choosing among the built-in ones.
func DeliveryKey(fileDigest string, m *Mapping, o Overrides, fingerprint, source string) string {
	h := sha256.New()
	mapping := "built-in"
	if m != nil {
		mapping = m.Digest()
	} else {
		for _, b := range builtins() {
			mapping += " " + b.Digest()
		}
	}
	overrides, err := json.Marshal(o) // maps are written in the order of their keys
	if err != nil {
		panic(err) // texts and maps of texts always marshal
	}
	fmt.Fprintf(h, "%s\n%s\n%s\n%s\n%s\n%s\n", fileDigest, mapping, overrides, Version, fingerprint, source)
	return hex.EncodeToString(h.Sum(nil))[:16]
}

// fileDigest is the SHA-256 of a file in hex.
func fileDigest(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, bufio.NewReaderSize(f, 1<<20)); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// ofKind gives the mappings of a kind of source; all of them for "".
func ofKind(mappings []*Mapping, kind string) []*Mapping {
	return slices.DeleteFunc(slices.Clone(mappings), func(m *Mapping) bool { return kind != "" && m.Kind != kind })
}

// Reasons of a file for which no mapping can be chosen: none fits, or several do.
const (
	UnknownFormat   = "unknown_format"
	AmbiguousFormat = "ambiguous_format"
)

// Choose finds the mapping that fits a header: the one that recognises it by
// most columns. No such mapping, or two that recognise it equally well, is a
// *[Refusal].
func Choose(file string, header []string, candidates []*Mapping) (*Mapping, error) {
	var best []*Mapping
	most := 0
	for _, m := range candidates {
		n := m.recognises(header)
		if n > most {
			best, most = nil, n
		}
		if n == most && n > 0 {
			best = append(best, m)
		}
	}
	if len(best) == 1 {
		return best[0], nil
	}
	found := strings.Join(showHeader(header), ", ")
	r := &Refusal{
		File: file, Reason: UnknownFormat,
		Found: schemas.Text{JA: "どの組み込みマッピングにも合いません。見つかった列：" + found + "。",
			EN: "No built-in mapping fits. Columns found: " + found + "."},
		Do: schemas.Text{JA: "kankei inspect で雛形を作り、sources に mapping を指定してください。",
			EN: "Make a mapping from the skeleton that kankei inspect prints and name it in the source."},
	}
	if len(best) > 1 {
		ids := make([]string, len(best))
		for i, m := range best {
			ids[i] = m.ID
		}
		both := strings.Join(ids, ", ")
		r.Reason = AmbiguousFormat
		r.Found = schemas.Text{JA: "複数のマッピングに合います：" + both + "。", EN: "Several mappings fit: " + both + "."}
		r.Do = schemas.Text{JA: "sources に mapping を指定してください。", EN: "Name one of them as the mapping of the source."}
	}
	return nil, r
}

// recognises counts the columns by which a mapping knows its format: 0 if one
// of them, or a required column, is not in the header.
func (m *Mapping) recognises(header []string) int {
	b := &binder{mapping: m, header: header, at: map[string]int{}}
	for i, h := range header {
		b.at[foldHeader(h)] = i
	}
	for _, names := range m.Detect {
		if b.find(names) < 0 {
			return 0
		}
	}
	if len(b.missingColumns()) > 0 {
		return 0
	}
	return len(m.Detect)
}
