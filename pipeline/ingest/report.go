package ingest

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"

	"github.com/kankei/kankei/schemas"
)

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
	// Cut is where the file ends within a record; null where it does not.
	Cut *Cut `json:"cut,omitempty"`
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

// Cut is the line and the column in which the last record of a file ends before
// its time; the column is ” where the format tells none.
type Cut struct {
	Line   int32  `json:"line"`
	Column string `json:"column"`
}

// report says what became of the file.
func (j *Job) report(file *File, p *plan, s summary) Report {
	r := Report{
		Source: j.Source, Kind: j.Kind, File: j.Rel, FileDigest: j.FileDigest, Delivery: j.Delivery,
		Mapping: j.Mapping.ID, Format: file.Format,
		RowsIn: s.in, RowsLanded: s.landed, RowsRejected: s.rejected,
		Landed: s.rowsFor, Rejected: s.reasons, Incomplete: s.incomplete,
		Cut: s.cut, Identical: repeated(s.digests), Replaced: s.replaced,
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
