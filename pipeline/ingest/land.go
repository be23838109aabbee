package ingest

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	"filippo.io/age"

	"github.com/kankei/kankei/schemas/reference"
)

// Version changes whenever landing the same file under the same mapping would
// give other rows; it is part of every delivery key, so that all files land
// anew.
const Version = "8"

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
	j.Mapping, err = chooseKind(j.Rel, file.Header, j.Kind)
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
