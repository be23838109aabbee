package ingest

import (
	"bytes"
	"iter"

	"github.com/apache/arrow-go/v18/arrow"
)

// Kinds of file that [Open] tells apart by their bytes, never by their name.
const (
	CSV       = "csv"
	XLSX      = "xlsx"
	XLS       = "xls"
	JSONLines = "jsonl"
	XML       = "xml"
	Parquet   = "parquet"
)

// Compressions around a file.
const (
	Gzip = "gzip"
	Zip  = "zip"
)

// Encodings of text files.
const (
	UTF8    = "utf-8"
	UTF16LE = "utf-16le"
	UTF16BE = "utf-16be"
	CP932   = "cp932"
)

// Format is what a file was found to be.
type Format struct {
	// Kind is csv, xlsx, xls, jsonl, xml or parquet; csv whatever its delimiter.
	Kind string
	// Compression is "", gzip or zip.
	Compression string
	// Encoding is utf-8, utf-16le, utf-16be or cp932; "" where the kind defines it.
	Encoding string
	// BOM says that a byte order mark was there.
	BOM bool
	// Delimiter and Quote are those of a csv file: one of , TAB ; | and always ".
	Delimiter, Quote byte
	// Preamble is the number of lines (xlsx: rows) before the header.
	Preamble int
	// HeaderRows is the number of rows the header takes; 0 where the kind has none.
	HeaderRows int
	// Sheet is the sheet read of an xlsx file, Member the file read of a zip archive.
	Sheet, Member string
	// Since1904 says that the day numbers of a workbook count from 1904, not from 1900.
	Since1904 bool `json:",omitempty"`
}

// Hint is what is known of a file before it is opened. The zero Hint leaves
// everything to sniffing.
type Hint struct {
	// Name is what messages call the file; "" means its path.
	Name string
	// Encoding, Delimiter, Sheet and Member override what would be sniffed.
	Encoding  string
	Delimiter byte
	Sheet     string
	Member    string
	// HeaderRows is the number of rows the header takes: 1 if 0. With
	// SurveyMonkey's 2 the option below a question joins it; Qualtrics has 3.
	HeaderRows int
	// HeaderMust are column names of which every header row has at least one:
	// the row among the first 50 that has most of them is the header.
	HeaderMust []string
	// MaxBytes caps the size of a file after decompression (default 64 GiB), and
	// MaxRatio its ratio to the compressed size once 64 MiB are out (default 1000).
	MaxBytes int64
	MaxRatio int64
}

// Chunk is a run of whole records of a file, cut by position in the file alone.
type Chunk interface {
	// Parse reads the records. It may be called once, on any goroutine, and its
	// result depends on nothing but the file and the columns asked for.
	Parse() (Batch, error)
}

// Batch is the records of one chunk, in file order.
type Batch struct {
	// Record has a text column per column asked for, in the order asked for,
	// and a row for every record of the chunk, faulty ones too. A field that
	// the record does not have, and a null of formats that know null, is null;
	// an empty field is "".
	Record arrow.RecordBatch
	// Lines is the line (xlsx: row) on which each record starts, from 1.
	Lines []int32
	// Digests are the xxh3-64 of each record's bytes without its line end.
	Digests []uint64
	// Faults are the records that must not land, in order of Row.
	Faults []Fault
	// Replaced is the number of U+FFFD that decoding put for bytes that mean
	// nothing in the encoding, over the columns asked for.
	Replaced int64
	// Bytes is how far the chunk moved in the file as delivered, compressed or
	// not, for progress: over all chunks it adds up to the file's Size.
	Bytes int64
}

// Fault is a record that is whole as text but not a record of data.
type Fault struct {
	// Row is its index in the batch, Line its line in the file.
	Row  int
	Line int32
	// Reason is a reason of schemas: wrong_field_count, empty_row, repeated_header, cut_off or undecodable.
	Reason string
	// Column is the name of the column in which a record is cut off, otherwise "".
	Column string
}

// File is an opened export: what it is, and the names of its columns.
type File struct {
	// Path is the path given to Open, Size the length of the file in bytes.
	Path string
	Size int64
	// Format is what the file was found to be.
	Format Format
	// Header names the columns: decoded and trimmed, otherwise as delivered; a
	// column without a name is "".
	Header []string
	// Preamble is the lines above the header that hold anything, the cells of each joined by spaces.
	Preamble []string

	reader reader
}

// reader is what each kind of file implements.
type reader interface {
	// chunks yields the records after the header; see [File.Chunks].
	chunks(columns []int) iter.Seq2[Chunk, error]
	close() error
}

// Open finds out what a file is and reads its header. A file that cannot be
// read as a table of records is refused with a *[Refusal].
func Open(path string, hint Hint) (*File, error) {
	in, err := newInput(path, hint)
	if err != nil {
		return nil, err
	}
	head, err := in.unwrap(hint)
	if err != nil {
		return nil, err
	}
	f := &File{Path: path, Size: in.size, Format: Format{Compression: in.compression, Member: in.member}}
	if err := f.open(in, head, hint); err != nil {
		return nil, err
	}
	if n := len(f.Header); n > maxColumns {
		f.Close()
		return nil, in.tooManyColumns(f.Format.Preamble+1, n)
	}
	return f, nil
}

// open chooses the reader by the first bytes of the decompressed file.
func (f *File) open(in *input, head []byte, hint Hint) error {
	switch kind := signature(head); {
	case len(head) == 0:
		return in.empty()
	case kind == Zip: // only a workbook is left whole by unwrap
		return f.openXLSX(in, hint)
	case kind == Parquet:
		return f.openParquet(in)
	case kind == LegacyExcel:
		return f.openXLS(in, head, hint)
	case kind != "":
		return in.refuseBinary(kind)
	case looksLikeTelegram(head):
		return f.openXML(in)
	}
	return f.openText(in, head, hint)
}

// openText chooses between the kinds that are text.
func (f *File) openText(in *input, head []byte, hint Hint) error {
	found, err := in.sniffEncoding(head, hint.Encoding)
	if err != nil {
		return err
	}
	f.Format.Encoding, f.Format.BOM = found.name, found.bom > 0
	if found.name == UTF16LE || found.name == UTF16BE {
		head, _ = newTranscoder(nil, found.name).decode(nil, head[found.bom:len(head)&^1], false)
	} else {
		head = head[found.bom:]
	}
	if err := in.refuseMarkup(head); err != nil {
		return err
	}
	switch {
	case len(bytes.TrimSpace(head)) == 0:
		return in.empty()
	case looksLikeJSON(head):
		return f.openJSON(in, head, found)
	}
	return f.openCSV(in, head, found, hint)
}

// Chunks yields the records of the file after the header, in file order, cut at
// fixed positions. columns are indexes into Header; other columns are not
// decoded. It may be called again, which reads the file anew. An error ends the
// chunks; what was parsed before it is to be thrown away, because a file is
// taken in whole or not at all.
func (f *File) Chunks(columns []int) iter.Seq2[Chunk, error] { return f.reader.chunks(columns) }

// Close releases the file.
func (f *File) Close() error { return f.reader.close() }
