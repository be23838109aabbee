package ingest

import (
	"encoding/binary"
	"errors"
	"math"
	"path/filepath"
	"slices"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/kankei/kankei/schemas"
)

// oleWith makes a compound file of one stream: a table of sectors, a directory
// of a root and the stream, and the stream's sectors.
func oleWith(t testing.TB, name string, content []byte) []byte {
	t.Helper()
	const sector = 512
	content = append(slices.Clone(content), make([]byte, max(0, 4096-len(content)))...)
	content = append(content, make([]byte, -len(content)&(sector-1))...)
	n := len(content) / sector
	if n > 126 {
		t.Fatal("too long for one table")
	}
	header := make([]byte, sector)
	copy(header, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")
	binary.LittleEndian.PutUint16(header[0x1E:], 9)
	binary.LittleEndian.PutUint32(header[0x30:], 1) // the directory is sector 1
	binary.LittleEndian.PutUint32(header[0x38:], 4096)
	for i := 0x3C; i < sector; i += 4 {
		binary.LittleEndian.PutUint32(header[i:], math.MaxUint32)
	}
	binary.LittleEndian.PutUint32(header[0x4C:], 0) // the table is sector 0
	table := slices.Repeat([]byte{0xFF}, sector)
	binary.LittleEndian.PutUint32(table, 0xFFFFFFFD)
	binary.LittleEndian.PutUint32(table[4:], 0xFFFFFFFE)
	for i := range n {
		binary.LittleEndian.PutUint32(table[4*(i+2):], uint32(i+3))
	}
	binary.LittleEndian.PutUint32(table[4*(n+1):], 0xFFFFFFFE)
	directory := make([]byte, sector)
	entry := func(at int, name string, kind byte, start, size int) {
		for i, unit := range utf16.Encode([]rune(name)) {
			binary.LittleEndian.PutUint16(directory[at+2*i:], unit)
		}
		directory[at+66] = kind
		binary.LittleEndian.PutUint32(directory[at+116:], uint32(start))
		binary.LittleEndian.PutUint32(directory[at+120:], uint32(size))
	}
	entry(0, "Root Entry", 5, -2&math.MaxUint32, 0)
	entry(128, name, 2, 2, len(content))
	return slices.Concat(header, table, directory, content)
}

// biff is a stream of records.
type biff []byte

func (b *biff) record(number int, data ...any) {
	var body []byte
	for _, d := range data {
		switch d := d.(type) {
		case int:
			body = binary.LittleEndian.AppendUint16(body, uint16(d))
		case uint32:
			body = binary.LittleEndian.AppendUint32(body, d)
		case float64:
			body = binary.LittleEndian.AppendUint64(body, math.Float64bits(d))
		case string: // one byte a character
			body = append(body, d...)
		case []rune:
			for _, unit := range utf16.Encode(d) {
				body = binary.LittleEndian.AppendUint16(body, unit)
			}
		}
	}
	*b = binary.LittleEndian.AppendUint16(*b, uint16(number))
	*b = binary.LittleEndian.AppendUint16(*b, uint16(len(body)))
	*b = append(*b, body...)
}

// smallXLS is a workbook whose first cells are texts in every way that records
// hold them, and whose second row is numbers in every way. Day numbers count
// from 1900 in date mode 0, from 1904 in 1.
func smallXLS(dateMode int) []byte {
	var b biff
	b.record(xlsBOF, 0x0600, 5)
	b.record(xlsDateMode, dateMode)
	b.record(xlsXF, 0, 0)                                      // format 0: general
	b.record(xlsXF, 0, 14)                                     // format 1: a date
	b.record(xlsFormat, 164, 5, "\x00", "[h]:m")               // …
	b.record(xlsXF, 0, 164)                                    // format 2: hours of any number
	at := len(b) + 4                                           // where the sheet's position goes
	b.record(xlsSheet, uint32(0), 0, "\x02\x01", []rune("予約")) // a worksheet
	// 予約 with its reading behind it, 氏名 with a run of fonts, and a text of
	// which the half is in the next record, there in one byte a character.
	b.record(xlsSST, uint32(3), uint32(3), 2, "\x05", uint32(6), []rune("予約"), "ヨ"[:3], "abc", 2, "\x09", 1, []rune("氏名"), uint32(7), 4, "\x01", []rune("チェ"))
	b.record(xlsContinue, "\x00", "ck")
	b.record(xlsEOF)
	binary.LittleEndian.PutUint32(b[at:], uint32(len(b)))
	b.record(xlsBOF, 0x0600, 16)
	b.record(xlsLabelSST, 0, 0, 0, uint32(0))
	b.record(xlsLabelSST, 0, 1, 0, uint32(1))
	b.record(xlsLabelSST, 0, 2, 0, uint32(2))
	b.record(xlsLabel, 0, 3, 0, 1, "\x00", "d")
	b.record(xlsLabel, 0, 4, 0, 1, "\x00", "e")
	b.record(xlsLabel, 0, 5, 0, 1, "\x00", "f")
	b.record(xlsNumber, 1, 0, 0, 5425310803.0)
	b.record(xlsNumber, 1, 1, 1, 46143.5)
	b.record(xlsMulRK, 1, 2, 1, uint32(46144<<2|2), 0, uint32(36125<<2|3), 3) // 2026-05-02, 361.25
	b.record(xlsBOF, 0x0600, 32)                                              // a chart in the sheet
	b.record(xlsNumber, 1, 0, 0, 1.0)
	b.record(xlsEOF)
	b.record(xlsFormula, 1, 4, 0, "\x00\x00\x00\x00\x00\x00\xff\xff", 0, uint32(0), 0)
	b.record(xlsString, 2, "\x01", []rune("合計"))
	b.record(xlsNumber, 1, 5, 2, 26.5/24)
	b.record(xlsFormula, 2, 0, 0, 2.5, 0, uint32(0), 0)
	b.record(xlsBoolErr, 2, 1, 0, "\x01\x00")
	b.record(xlsBoolErr, 2, 2, 0, "\x07\x01") // #DIV/0!
	b.record(xlsRK, 2, 3, 0, uint32(math.Float64bits(1.5)>>32))
	b.record(xlsEOF)
	return b
}

func TestXLS(t *testing.T) {
	c := mustRead(t, write(t, "a.csv", oleWith(t, "Workbook", smallXLS(0))), Hint{})
	if diff := cmp.Diff([]string{"予約", "氏名", "チェck", "d", "e", "f"}, c.header); diff != "" {
		t.Errorf("header (-want +got):\n%s", diff)
	}
	want := [][]string{
		{"5425310803", "2026-05-01 12:00:00", "2026-05-02", "361.25", "合計", "26:30:00"},
		{"2.5", "TRUE", "", "1.5", "", ""},
	}
	if diff := cmp.Diff(want, c.rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

// Days count from 1904 where the workbook says so: 46143, in 1900's system
// 2026-05-01, is four years and a day later then.
func TestXLSOfMacintosh(t *testing.T) {
	c := mustRead(t, write(t, "a.csv", oleWith(t, "Workbook", smallXLS(1))), Hint{})
	if got := c.rows[0][1:3]; !slices.Equal(got, []string{"2030-05-02 12:00:00", "2030-05-03"}) {
		t.Errorf("days 46143.5 and 46144 of 1904's system are %v", got)
	}
}

// A number without a format in a column of dates is a day of the workbook's own
// system, for the mapping as for the proposal of one: 44681 is 2026-05-01 in
// 1904's and 2022-04-30 in 1900's.
func TestUnformattedDaysOfWorkbooks(t *testing.T) {
	for since1904, want := range map[bool]string{false: "2022-04-30", true: "2026-05-01"} {
		book := excelize.NewFile()
		defer book.Close()
		job := smallJob(t, "")
		job.Path = filepath.Join(t.TempDir(), "small.xlsx")
		if err := errors.Join(book.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &since1904}),
			book.SetSheetRow("Sheet1", "A1", &[]any{"番号", "到着", "泊", "状態", "氏名"}),
			book.SetSheetRow("Sheet1", "A2", &[]any{1, 44681, 2, "ok", "見本 一子"}), book.SaveAs(job.Path)); err != nil {
			t.Fatal(err)
		}
		mustLand(t, job)
		rows := landedRows[schemas.Booking](t, job, "booking")
		if len(rows) != 1 || rows[0].CheckIn.String() != want {
			t.Errorf("1904's system %t: %d rows, want one that arrives on %s: %+v", since1904, len(rows), want, rows)
		}
		file, err := Open(job.Path, Hint{})
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		o := observer{serial: file.Format.serialDay()}
		if recent := o.isDate("36000"); recent != since1904 { // 1998-07-24, or 2002-07-25
			t.Errorf("1904's system %t: 36000 is taken for a day of this century: %t", since1904, recent)
		}
	}
}

// A chain that runs in a circle, and one that leaves the file.
func TestDamagedCompoundFile(t *testing.T) {
	for name, next := range map[string]uint32{"circle": 2, "outside": 100} {
		b := oleWith(t, "Workbook", smallXLS(0))
		binary.LittleEndian.PutUint32(b[512+4*4:], next)
		if r := refusalOf(t, write(t, "a.xls", b), Hint{}); r.Reason != Unreadable && r.Reason != LegacyExcel {
			t.Errorf("%s: refused for %s", name, r.Reason)
		}
	}
}

// FuzzXLS: whatever the records, a workbook is read or refused.
func FuzzXLS(f *testing.F) {
	f.Add(smallXLS(0))
	f.Fuzz(func(t *testing.T, stream []byte) {
		b, err := readXLS(stream)
		if err != nil {
			return
		}
		for _, sheet := range b.sheets() {
			for range b.rows(sheet, new(error)) {
			}
		}
	})
}

// FuzzOLE: whatever the bytes, a container gives its stream or an error.
func FuzzOLE(f *testing.F) {
	f.Add(oleWith(f, "Workbook", smallXLS(0)))
	f.Fuzz(func(t *testing.T, b []byte) {
		if c, err := openOLE(b); err == nil {
			c.stream("Workbook")
		}
	})
}
