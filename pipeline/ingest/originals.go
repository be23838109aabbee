package ingest

import (
	"encoding/json"
	"errors"
	"io"
	"os"

	"filippo.io/age"

	"github.com/kankei/kankei/schemas"
)

// OriginalsFile is the file beside landed rows that holds the values of refused
// records, encrypted to whoever may read them.
const OriginalsFile = "originals.age"

// Original is what a refused record says, in the columns that the mapping reads;
// other columns are never decoded. A line of JSON each in [OriginalsFile].
type Original struct {
	File   string `json:"file"`
	Line   int32  `json:"line"`
	Reason string `json:"reason"`
	// Values are the texts of the cells by column; columns without a name are left out.
	Values map[string]string `json:"values"`
}

// keepOriginal adds the values of a refused record to those of the chunk. They
// stay in memory until they are encrypted.
func (w *worker) keepOriginal(row int, r schemas.Reject) {
	o := Original{File: r.File, Line: r.Line, Reason: r.Reason, Values: map[string]string{}}
	for i, column := range w.columns {
		if name := w.plan.names[i]; name != "" && column.Value(row) != "" {
			o.Values[name] = column.Value(row)
		}
	}
	line, err := json.Marshal(o)
	if err != nil {
		panic(err) // texts always marshal
	}
	w.originals = append(append(w.originals, line...), '\n')
}

// sealed is a file that only its recipient can read. It begins with the first
// bytes written, so that a delivery without refused records has none.
type sealed struct {
	to   age.Recipient
	path string
	file *os.File
	in   io.WriteCloser
}

func (s *sealed) write(text []byte) error {
	if s == nil || len(text) == 0 {
		return nil
	}
	if s.in == nil {
		var err error
		if s.file, err = os.OpenFile(s.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600); err != nil {
			return err
		}
		if s.in, err = age.Encrypt(s.file, s.to); err != nil {
			return err
		}
	}
	_, err := s.in.Write(text)
	return err
}

func (s *sealed) close() error {
	if s == nil || s.in == nil {
		return nil
	}
	return errors.Join(s.in.Close(), s.file.Sync(), s.file.Close())
}

// abandon closes the file of a landing that failed.
func (s *sealed) abandon() {
	if s != nil && s.file != nil {
		s.file.Close()
	}
}
