package ingest

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"

	"filippo.io/age"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"

	"github.com/kankei/kankei/schemas"
)

// Landed files are written in two steps. Each worker encodes the rows of its
// chunk as a Parquet file of one row group in memory; then the row groups are
// copied, byte for byte, into the file on disk in the order of the chunks. So
// the expensive part runs on all goroutines and the bytes depend on none.

// pages compresses the pages of all files: an encoder takes megabytes, and a night may bring
// hundreds of small files.
var pages = zstd.Codec{Level: zstd.SpeedFastest}

// writerOptions are those of every landed file: nothing of them, and nothing
// parquet-go adds, varies from run to run.
func writerOptions() []parquet.WriterOption {
	return []parquet.WriterOption{
		parquet.Compression(&pages),
		parquet.CreatedBy("kankei", "", ""),
	}
}

// encoder encodes rows of one dataset, over and over.
type encoder[T any] struct {
	buffer bytes.Buffer
	writer *parquet.GenericWriter[T]
}

// encode gives rows as a Parquet file.
func (e *encoder[T]) encode(rows []T) ([]byte, error) {
	e.buffer.Reset()
	if e.writer == nil {
		e.writer = parquet.NewGenericWriter[T](&e.buffer, writerOptions()...)
	} else {
		e.writer.Reset(&e.buffer)
	}
	if _, err := e.writer.Write(rows); err != nil {
		return nil, err
	}
	if err := e.writer.Close(); err != nil {
		return nil, err
	}
	return bytes.Clone(e.buffer.Bytes()), nil
}

// encoders are those of a worker.
type encoders struct {
	bookings   encoder[schemas.Booking]
	visits     encoder[schemas.Visit]
	responses  encoder[schemas.SurveyResponse]
	ties       encoder[schemas.SurveyTie]
	acts       encoder[schemas.Act]
	moves      encoder[schemas.Move]
	facilities encoder[schemas.Facility]
	totals     encoder[schemas.Total]
	refused    encoder[schemas.Reject]
}

// rejectsFile is the dataset of the refused records.
const rejectsFile = "rejects"

// encode encodes the rows of the worker's batch.
func (w *worker) encode() (map[string][]byte, error) {
	parts := map[string][]byte{}
	e := &w.encoders
	err := errors.Join(
		part(parts, "booking", &e.bookings, w.rows.bookings),
		part(parts, "visit", &e.visits, w.rows.visits),
		part(parts, "survey_response", &e.responses, w.rows.responses),
		part(parts, "survey_tie", &e.ties, w.rows.ties),
		part(parts, "act", &e.acts, w.rows.acts),
		part(parts, "move", &e.moves, w.rows.moves),
		part(parts, "facility", &e.facilities, w.rows.facilities),
		part(parts, "total", &e.totals, w.rows.totals),
		part(parts, rejectsFile, &e.refused, w.rejects),
	)
	return parts, err
}

func part[T any](parts map[string][]byte, dataset string, e *encoder[T], rows []T) error {
	if len(rows) == 0 {
		return nil
	}
	encoded, err := e.encode(rows)
	if err == nil {
		parts[dataset] = encoded
	}
	return err
}

// counted gives the number of rows by dataset.
func (r *rowSet) counted() map[string]int64 {
	n := map[string]int64{}
	for dataset, rows := range map[string]int{
		"booking": len(r.bookings), "visit": len(r.visits), "survey_response": len(r.responses), "survey_tie": len(r.ties),
		"act": len(r.acts), "move": len(r.moves), "facility": len(r.facilities), "total": len(r.totals),
	} {
		if rows > 0 {
			n[dataset] = int64(rows)
		}
	}
	return n
}

// schemaOf gives the Parquet schema of each landed file.
var schemaOf = map[string]*parquet.Schema{
	"booking":         parquet.SchemaOf(schemas.Booking{}),
	"visit":           parquet.SchemaOf(schemas.Visit{}),
	"survey_response": parquet.SchemaOf(schemas.SurveyResponse{}),
	"survey_tie":      parquet.SchemaOf(schemas.SurveyTie{}),
	"act":             parquet.SchemaOf(schemas.Act{}),
	"move":            parquet.SchemaOf(schemas.Move{}),
	"facility":        parquet.SchemaOf(schemas.Facility{}),
	"total":           parquet.SchemaOf(schemas.Total{}),
	rejectsFile:       parquet.SchemaOf(schemas.Reject{}),
}

// output is the folder of one delivery.
type output struct {
	dir       string
	files     map[string]*outputFile
	originals *sealed // nil where nobody is to read them
}

type outputFile struct {
	file   *os.File
	writer *parquet.Writer
}

func newOutput(dir string, originals age.Recipient) *output {
	o := &output{dir: dir, files: map[string]*outputFile{}}
	if originals != nil {
		o.originals = &sealed{to: originals, path: filepath.Join(dir, OriginalsFile)}
	}
	return o
}

// write adds the rows of a chunk to the files.
func (o *output) write(c landedChunk) error {
	for _, dataset := range sortedKeys(c.parts) {
		f, err := o.open(dataset)
		if err != nil {
			return err
		}
		if err := f.copy(c.parts[dataset]); err != nil {
			return err
		}
	}
	return o.originals.write(c.originals)
}

// open gives the file of a dataset, new at its first rows.
func (o *output) open(dataset string) (*outputFile, error) {
	if f := o.files[dataset]; f != nil {
		return f, nil
	}
	file, err := os.Create(filepath.Join(o.dir, dataset+".parquet"))
	if err != nil {
		return nil, err
	}
	f := &outputFile{file, parquet.NewWriter(file, append(writerOptions(), schemaOf[dataset])...)}
	o.files[dataset] = f
	return f, nil
}

// copy adds the row groups of an encoded file.
func (f *outputFile) copy(encoded []byte) error {
	from, err := parquet.OpenFile(bytes.NewReader(encoded), int64(len(encoded)))
	if err != nil {
		return err
	}
	for _, group := range from.RowGroups() {
		if _, err := f.writer.WriteRowGroup(group); err != nil {
			return err
		}
	}
	return nil
}

// close ends the files and flushes them and their folder to disk. Rejects have
// a file even where there are none, so that all can be read alike.
func (o *output) close() error {
	if _, err := o.open(rejectsFile); err != nil {
		return err
	}
	for _, dataset := range sortedKeys(o.files) {
		f := o.files[dataset]
		if err := errors.Join(f.writer.Close(), f.file.Sync(), f.file.Close()); err != nil {
			return err
		}
	}
	if err := o.originals.close(); err != nil {
		return err
	}
	dir, err := os.Open(o.dir)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// abandon closes the files of a landing that failed; the folder is the caller's to remove.
func (o *output) abandon() {
	for _, f := range o.files {
		f.file.Close()
	}
	o.originals.abandon()
}
