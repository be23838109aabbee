package ingest

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/clean"
)

// What a number format makes of a number: Excel's own formats lose the century
// (5/29/26), the order of day and month, or the era, so that dates are written
// in ISO 8601 and everything else as stored.
const (
	plainNumber = iota
	isoDate
	isoTime
	isoElapsed
)

// cellFormats are the formats of a workbook's cells.
type cellFormats struct {
	kinds    []int // of each cell format, what its number format makes of a number
	date1904 bool  // day numbers count from 1904
}

// since1904 says from when the day numbers of the workbook count: 1904 or 1900.
func (f *cellFormats) since1904() bool { return f.date1904 }

// number writes a number as a cell of its format: as a date, a time or as stored.
func (f *cellFormats) number(x float64, format int) string {
	kind := plainNumber
	if format >= 0 && format < len(f.kinds) {
		kind = f.kinds[format]
	}
	day, seconds := math.Floor(x), int(math.Round((x-math.Floor(x))*86400))
	clock := fmt.Sprintf("%02d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60)
	switch {
	case kind == plainNumber, x < 0 || x > 1<<22:
	case kind == isoElapsed:
		seconds += int(day) * 86400
		return fmt.Sprintf("%02d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60)
	case kind == isoTime:
		return clock
	case kind == isoDate:
		if seconds == 86400 {
			day, clock = day+1, "00:00:00"
		}
		if on, ok := serialDay(f.date1904)(strconv.FormatFloat(day, 'f', 0, 64)); ok {
			return on.String() + " " + clock // midnight is left out, as of any workbook
		}
	}
	return strconv.FormatFloat(x, 'f', -1, 64)
}

// serialDay reads the day numbers of a workbook.
func serialDay(since1904 bool) func(string) (schemas.Date, bool) {
	if since1904 {
		return clean.Excel1904Serial
	}
	return clean.ExcelSerial
}

// serialDay reads numbers of the file as days, nil where they are none of a spreadsheet.
func (f Format) serialDay() func(string) (schemas.Date, bool) {
	if f.Kind == XLSX || f.Kind == XLS {
		return serialDay(f.Since1904)
	}
	return nil
}

// isoFormat is what a format with an id and, if it is the workbook's own, a
// code makes of a number. Ids below 164 are fixed by ECMA-376 part 1, 18.8.30;
// 27–36 and 50–58 are the Japanese ones.
func isoFormat(id int, code string) int {
	switch {
	case code != "":
		return isoFormatOf(code)
	case id >= 18 && id <= 21, id == 32, id == 33, id == 45, id == 47:
		return isoTime
	case id == 46:
		return isoElapsed
	case id >= 14 && id <= 17, id == 22, id >= 27 && id <= 36, id >= 50 && id <= 58:
		return isoDate
	}
	return plainNumber
}

var (
	elapsed  = regexp.MustCompile(`(?i)\[(h+|m+|s+)\]`)
	literals = regexp.MustCompile(`(?i)"[^"]*"|\\.|_.|\*.|\[[^\]]*\]|general|e[+-]|AM/PM|A/P`)
)

// isoFormatOf reads a format code: y, d, g and e (era and its year) make a
// date, h and s a time, m either, depending on its company.
func isoFormatOf(code string) int {
	first, _, _ := strings.Cut(code, ";")
	if elapsed.MatchString(first) {
		return isoElapsed
	}
	letters := strings.ToLower(literals.ReplaceAllString(first, ""))
	switch {
	case strings.ContainsAny(letters, "ydge"):
		return isoDate
	case strings.ContainsAny(letters, "hs"):
		return isoTime
	case strings.Contains(letters, "m"):
		return isoDate
	}
	return plainNumber
}
