package pipeline

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf16"

	"filippo.io/age"
	"github.com/google/renameio/v2"
	"github.com/parquet-go/parquet-go"
	"github.com/xuri/excelize/v2"

	"github.com/kankei/kankei/pipeline/ingest"
	"github.com/kankei/kankei/schemas"
)

// RejectedFile is a delivered file and the rows of it that were refused, in the
// order of their lines. It holds no value of a column that may be personal.
type RejectedFile struct {
	File, Source string
	RowsIn       int64
	Rows         []schemas.Reject
}

// landing is a file as it was landed once. After a run that released nothing there may
// be several of one file: by another mapping, or with other houses in the frame.
type landing struct {
	folder string
	report ingest.Report
	at     time.Time
}

// Rejects reads the refused rows of the files as they were landed last, ordered by
// file. Files without any are left out.
func (w Workspace) Rejects() ([]RejectedFile, error) {
	root := w.Path("work", "landed")
	folders, err := os.ReadDir(root)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	last := map[delivered]landing{}
	for _, folder := range folders {
		l := landing{folder: filepath.Join(root, folder.Name())}
		if l.report, err = readReport(l.folder); err != nil {
			return nil, err
		}
		info, err := os.Stat(filepath.Join(l.folder, "report.json"))
		if err != nil {
			return nil, err
		}
		l.at = info.ModTime()
		if at := (delivered{l.report.Source, l.report.File}); !l.at.Before(last[at].at) {
			last[at] = l
		}
	}
	var all []RejectedFile
	for _, l := range last {
		if l.report.RowsRejected == 0 {
			continue
		}
		report := l.report
		rows, err := parquet.ReadFile[schemas.Reject](filepath.Join(l.folder, "rejects.parquet"))
		if err != nil {
			return nil, err
		}
		slices.SortStableFunc(rows, func(a, b schemas.Reject) int { return cmp.Compare(a.Line, b.Line) })
		all = append(all, RejectedFile{report.File, report.Source, report.RowsIn, rows})
	}
	slices.SortFunc(all, func(a, b RejectedFile) int {
		return cmp.Or(strings.Compare(a.File, b.File), strings.Compare(a.Source, b.Source))
	})
	return all, nil
}

// recipient is to whom the values of refused rows are encrypted, nil where they
// are not to be kept. Its error does not show the text: it may be an identity.
func (r Rejects) recipient() (age.Recipient, error) {
	if r.Recipient == "" {
		return nil, nil
	}
	all, err := age.ParseRecipients(strings.NewReader(r.Recipient))
	if err != nil || len(all) != 1 {
		return nil, errNoRecipient
	}
	return all[0], nil
}

var errNoRecipient = errors.New("no age recipient")

// Originals writes the values of the refused rows of the files landed last to
// out, a line of JSON for each, as far as they were kept and an identity of the
// file at path reads them. It gives the number of files that hold any.
func (w Workspace) Originals(path string, out io.Writer) (files int, err error) {
	text, err := os.Open(path)
	if err != nil {
		return 0, wrongIdentity(path, err)
	}
	defer text.Close()
	identities, err := age.ParseIdentities(text)
	if err != nil {
		return 0, wrongIdentity(path, errors.New("want lines that begin with AGE-SECRET-KEY-"))
	}
	kept, err := filepath.Glob(w.Path("work", "landed", "*", ingest.OriginalsFile))
	for _, name := range kept {
		if err == nil {
			err = decrypt(name, identities, out)
		}
		if noMatch := new(age.NoIdentityMatchError); errors.As(err, &noMatch) {
			return files, wrongIdentity(path, errors.New("it is not the identity of rejects.recipient"))
		}
		files++
	}
	return files, err
}

func decrypt(name string, identities []age.Identity, out io.Writer) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	plain, err := age.Decrypt(f, identities...)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, plain)
	return err
}

func wrongIdentity(path string, err error) error {
	return &Error{Code: ExitMisused, Where: path, Found: say("この鍵では復号できません", "this identity decrypts nothing here"), Err: err}
}

// NewIdentity writes a new age identity to a file that only its owner may read
// and that must not be there yet, and gives its recipient for kankei.yaml.
func NewIdentity(path string) (recipient string, err error) {
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		return "", err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", &Error{Code: ExitMisused, Where: path, Found: say("作れません", "cannot be made"), Err: errors.Unwrap(err)}
	}
	_, err = fmt.Fprintf(f, "# public key: %s\n%s\n", identity.Recipient(), identity)
	return identity.Recipient().String(), errors.Join(err, f.Sync(), f.Close())
}

// shownRejects is the number of rows a sheet lists: whoever has more to mend
// has one fault in all of them.
const shownRejects = 10_000

// SaveRejects writes a workbook for whoever delivered the files: a sheet per
// file with line, column, what was found as far as it may be shown, the reason
// and what was expected, in Japanese and English.
func SaveRejects(files []RejectedFile, to string) error {
	book := excelize.NewFile()
	defer book.Close()
	for i, file := range files {
		name := sheetName(i, file.File)
		if i == 0 {
			if err := book.SetSheetName("Sheet1", name); err != nil {
				return err
			}
		} else if _, err := book.NewSheet(name); err != nil {
			return err
		}
		if err := fillRejects(book, name, file); err != nil {
			return err
		}
	}
	out, err := renameio.NewPendingFile(to, renameio.WithPermissions(0o600))
	if err != nil {
		return err
	}
	defer out.Cleanup()
	if err := book.Write(out); err != nil {
		return err
	}
	return out.CloseAtomicallyReplace()
}

// sheetName is a name that Excel takes: 31 characters at most, and not all of them.
func sheetName(i int, file string) string {
	name := []rune(fmt.Sprintf("%d %s", i+1, strings.Map(func(r rune) rune {
		if strings.ContainsRune(`[]:*?/\'`, r) {
			return '_'
		}
		return r
	}, path.Base(file))))
	for len(utf16.Encode(name)) > 31 {
		name = name[:len(name)-1]
	}
	return string(name)
}

// fillRejects writes the sheet of a file.
func fillRejects(book *excelize.File, sheet string, file RejectedFile) error {
	w, err := book.NewStreamWriter(sheet)
	if err != nil {
		return err
	}
	// What was found is somebody else's text: it stays text, also when the cell is edited.
	asText := "@"
	style, err := book.NewStyle(&excelize.Style{CustomNumFmt: &asText})
	if err != nil {
		return err
	}
	for i, width := range []float64{8, 24, 24, 36, 36, 44, 44} {
		if err := w.SetColWidth(i+1, i+1, width); err != nil {
			return err
		}
	}
	rows := [][]any{
		{excelize.Cell{StyleID: style, Value: file.File}}, {fmt.Sprintf("%d 行のうち %d 行を読み込めませんでした。 %[2]d of %[1]d rows could not be read.", file.RowsIn, len(file.Rows))}, {},
		{"行 Line", "列 Column", "値（個人に関わる列は形だけ） Found", "理由", "Reason", "求めるもの", "Expected"},
	}
	for _, r := range file.Rows[:min(len(file.Rows), shownRejects)] {
		reason, wanted := schemas.ReasonText(r.Reason), schemas.WantedText(r.Reason)
		text := func(s string) excelize.Cell { return excelize.Cell{StyleID: style, Value: s} }
		rows = append(rows, []any{r.Line, text(r.Column), text(r.Found), reason.JA, reason.EN, wanted.JA, wanted.EN})
	}
	if more := len(file.Rows) - shownRejects; more > 0 {
		rows = append(rows, []any{fmt.Sprintf("ほか %d 行 and %[1]d more", more)})
	}
	for i, row := range rows {
		if err := w.SetRow(fmt.Sprintf("A%d", i+1), row); err != nil {
			return err
		}
	}
	return w.Flush()
}
