package pipeline

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/google/renameio/v2"
	"github.com/parquet-go/parquet-go"
	"github.com/xuri/excelize/v2"

	"github.com/kankei/kankei/schemas"
)

// RejectedFile is a delivered file and the rows of it that were refused, in the
// order of their lines. It holds no value of a column that may be personal.
type RejectedFile struct {
	File, Source string
	RowsIn       int64
	Rows         []schemas.Reject
}

// Rejects reads the refused rows of the files landed last, ordered by file.
// Files without any are left out.
func (w Workspace) Rejects() ([]RejectedFile, error) {
	root := w.Path("work", "landed")
	folders, err := os.ReadDir(root)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var all []RejectedFile
	for _, folder := range folders {
		report, err := readReport(filepath.Join(root, folder.Name()))
		if err != nil {
			return nil, err
		}
		if report.RowsRejected == 0 {
			continue
		}
		rows, err := parquet.ReadFile[schemas.Reject](filepath.Join(root, folder.Name(), "rejects.parquet"))
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
