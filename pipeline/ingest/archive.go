package ingest

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/klauspost/compress/gzip"

	"github.com/kankei/kankei/schemas"
)

// Caps on what a compressed file may become. A hotel export compresses 5 to 20
// times; a file that swells a thousandfold is damaged or hostile.
const (
	defaultMaxBytes = 64 << 30
	defaultMaxRatio = 1000
	ratioFloor      = 64 << 20  // below this size the ratio does not matter
	memoryMax       = 256 << 20 // of a file that has to be held in memory whole
	membersMax      = 100_000   // of an archive
	directoryMax    = 16 << 20  // bytes read to list them
)

// input is a delivered file, which every pass opens anew.
type input struct {
	path, name  string
	size        int64
	compression string
	member      string
	members     []string // of an archive of telegrams, in order: read as one file
	maxBytes    int64
	maxRatio    int64
}

// newInput looks at what the file system says of a file.
func newInput(file string, hint Hint) (*input, error) {
	in := &input{path: file, name: hint.Name, maxBytes: hint.MaxBytes, maxRatio: hint.MaxRatio}
	if in.name == "" {
		in.name = file
	}
	if in.maxBytes == 0 {
		in.maxBytes = defaultMaxBytes
	}
	if in.maxRatio == 0 {
		in.maxRatio = defaultMaxRatio
	}
	info, err := os.Stat(file)
	switch {
	case err != nil:
		return nil, in.unreadable(err)
	case info.IsDir():
		return nil, in.refuse(Directory, text("フォルダです。", "a folder,"), text("ファイルを指定してください。", "where a file was wanted."))
	case !info.Mode().IsRegular():
		return nil, in.refuse(Unreadable, text("通常のファイルではありません。", "not a regular file (a device or a pipe)."), text("", ""))
	case info.Size() == 0:
		return nil, in.empty()
	}
	in.size = info.Size()
	return in, nil
}

// stream is the (decompressed) bytes of an input.
type stream struct {
	in      *input
	file    *os.File
	src     io.Reader
	fetched int64 // bytes taken from the file as delivered
	out     int64 // bytes given
}

// open starts a pass over the bytes of the file.
func (in *input) open() (*stream, error) {
	file, err := os.Open(in.path)
	if err != nil {
		return nil, in.unreadable(err)
	}
	s := &stream{in: in, file: file}
	if err := s.decompress(); err != nil {
		file.Close()
		return nil, err
	}
	return s, nil
}

func (s *stream) decompress() (err error) {
	switch s.in.compression {
	case Gzip:
		s.src, err = gzip.NewReader(fetcher{s})
	case Zip:
		s.src, err = s.openMember()
	default:
		s.src = fetcher{s}
	}
	if err != nil {
		return s.in.damaged(err)
	}
	return nil
}

func (s *stream) openMember() (io.Reader, error) {
	archive, err := s.in.newZip(fetcher{s}, s.in.size)
	if err != nil {
		return nil, err
	}
	if len(s.in.members) > 0 {
		return s.in.concatenate(archive), nil
	}
	for _, m := range archive.File {
		if memberName(m) == s.in.member {
			return m.Open()
		}
	}
	return nil, zip.ErrFormat
}

// concatenate reads the members of an archive of telegrams in order.
func (in *input) concatenate(archive *zip.Reader) *concatenation {
	byName := map[string]*zip.File{}
	for _, m := range archive.File {
		byName[memberName(m)] = m
	}
	c := &concatenation{}
	for _, name := range in.members {
		c.members = append(c.members, byName[name])
	}
	return c
}

// Read gives decompressed bytes; its errors are refusals, except io.EOF.
func (s *stream) Read(p []byte) (int, error) {
	n, err := s.src.Read(p)
	s.out += int64(n)
	if err != nil && err != io.EOF {
		return n, s.in.damaged(err)
	}
	if s.in.compression != "" && s.swollen() {
		return n, s.in.tooLarge(s.out)
	}
	return n, err
}

func (s *stream) swollen() bool { return s.in.tooMuch(s.out) }

// tooMuch says whether no honest file of this size becomes so many bytes.
func (in *input) tooMuch(out int64) bool {
	return out > in.maxBytes || out > ratioFloor && out/in.maxRatio > in.size
}

// delivered is how far the pass is in the file as delivered.
func (s *stream) delivered() int64 { return min(s.fetched, s.in.size) }

func (s *stream) Close() error { return s.file.Close() }

// fetcher counts what is taken from the file as delivered.
type fetcher struct{ s *stream }

func (f fetcher) Read(p []byte) (int, error) {
	n, err := f.s.file.Read(p)
	f.s.fetched += int64(n)
	return n, err
}

func (f fetcher) ReadAt(p []byte, off int64) (int, error) {
	n, err := f.s.file.ReadAt(p, off)
	f.s.fetched += int64(n)
	return n, err
}

// head gives the first n bytes of the input, fewer if it is shorter.
func (in *input) head(n int) ([]byte, error) {
	s, err := in.open()
	if err != nil {
		return nil, err
	}
	defer s.Close()
	return readUpTo(s, n)
}

// all gives the whole input, for formats that are read at random.
func (in *input) all() ([]byte, error) {
	b, err := in.head(memoryMax + 1)
	if err == nil && len(b) > memoryMax {
		return nil, in.tooLarge(memoryMax)
	}
	return b, err
}

// readUpTo reads n bytes, fewer at the end of r. It grows as it reads: n is a
// cap, not an expectation.
func readUpTo(r io.Reader, n int) ([]byte, error) {
	return io.ReadAll(io.LimitReader(r, int64(n)))
}

// unwrap finds the compression around a file and gives the first bytes within.
// A workbook, which is a zip archive too, stays as it is.
func (in *input) unwrap(hint Hint) ([]byte, error) {
	head, err := in.head(headBytes)
	if err != nil {
		return nil, err
	}
	switch signature(head) {
	case Gzip:
		in.compression = Gzip
	case Zip:
		if book, err := in.openZip(hint.Member); book || err != nil {
			return head, err
		}
	default:
		return head, nil
	}
	if head, err = in.head(headBytes); err != nil {
		return nil, err
	}
	if inner := signature(head); inner == Gzip || inner == Zip && !isWorkbookHead(head) {
		return nil, in.nested()
	}
	return head, nil
}

// openZip says whether the archive is a workbook; otherwise it chooses the
// member to read.
func (in *input) openZip(member string) (book bool, err error) {
	s, err := in.open()
	if err != nil {
		return false, err
	}
	defer s.Close()
	archive, err := in.newZip(fetcher{s}, in.size)
	if err != nil {
		return false, err
	}
	for _, m := range archive.File {
		switch strings.ToLower(m.Name) {
		case "xl/workbook.xml":
			return true, nil
		case "xl/workbook.bin":
			return false, in.legacyExcel()
		case "word/document.xml", "ppt/presentation.xml", "content.xml":
			return false, in.refuseBinary("Office")
		}
	}
	in.compression = Zip
	return false, in.chooseMember(archive, member)
}

// isWorkbookHead tells a workbook inside a gzip or zip by the names of its parts.
func isWorkbookHead(head []byte) bool {
	return bytes.Contains(head, []byte("[Content_Types].xml")) || bytes.Contains(head, []byte("xl/"))
}

// list names at most five things.
func list(names []string, comma string) string {
	if len(names) <= 5 {
		return strings.Join(names, comma)
	}
	return strings.Join(names[:5], comma) + comma + "…"
}

// damaged is the refusal for an error of decompression; a refusal stays itself.
func (in *input) damaged(err error) error {
	var refusal *Refusal
	again := text("送り直してもらうか、もう一度ダウンロードしてください。", "Fetch the file again.")
	switch {
	case errors.As(err, &refusal):
		return err
	case errors.Is(err, io.ErrUnexpectedEOF) && in.compression == Gzip, errors.Is(err, io.EOF) && in.compression == Gzip:
		return in.refuse(TruncatedGzip, text("gzipが途中で切れています。", "the gzip data end too early."), again)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return in.refuse(TruncatedFile, text("ファイルが途中で切れています。", "the file ends too early."), again)
	case in.compression != "":
		return in.refuse(Unreadable, text("圧縮ファイルが壊れています。", fmt.Sprintf("the %s data are damaged (%v).", in.compression, err)), again)
	}
	return in.unreadable(err)
}

func (in *input) tooLarge(out int64) *Refusal {
	return in.refuse(TooLarge,
		text(fmt.Sprintf("圧縮を解くと%d MiBを超えます（元は%d KiB）。", out>>20, in.size>>10),
			fmt.Sprintf("it grows beyond %d MiB when unpacked (from %d KiB).", out>>20, in.size>>10)),
		text("中身を確かめ、正しいファイルならCSVで置いてください。", "Check what it is; if it is right, deliver it unpacked as CSV."))
}

func (in *input) unreadable(err error) *Refusal {
	cause := err
	var pathErr *os.PathError
	if errors.As(err, &pathErr) {
		cause = pathErr.Err
	}
	return in.refuse(Unreadable, text(fmt.Sprintf("読めません（%v）。", cause), fmt.Sprintf("it cannot be read (%v).", cause)),
		text("ファイルの有無と読み取り権限を確かめてください。", "Check that it is there and may be read."))
}

func (in *input) empty() *Refusal {
	return in.refuse(EmptyFile, text("空のファイルです。", "an empty file."),
		text("書き出しをやり直してください。", "Export it again."))
}

func (in *input) encrypted() *Refusal {
	return in.refuse(EncryptedFile, text("パスワードで保護されています。", "it is protected by a password."),
		text("パスワードを外して保存し直してください。", "Save it without a password."))
}

// refuse is a refusal of this file with what was found and what to do.
func (in *input) refuse(reason string, found, do schemas.Text) *Refusal {
	return &Refusal{File: in.name, Reason: reason, Found: found, Do: do}
}

func text(ja, en string) schemas.Text { return schemas.Text{JA: ja, EN: en} }
