package ingest

import (
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/clean"
)

// period matches 2024, 2024年, 2024年度, FY2024, 2024-01, 2024/1, 202401 and 2024年1月.
var period = regexp.MustCompile(`^(FY)?(\d{4})(?:年(度)?)?(?:(?:[-/.]?)(\d{1,2})月?)?$`)

// readPeriod reads a calendar year, a fiscal year (April to March) or a month,
// of the Western calendar or of an era: 令和6年度, R6.10. The year of an era stands
// for all of its calendar year, as the tables of statistics have it; a month must
// lie in the era.
func readPeriod(s string) (first, last schemas.Date, ok bool) {
	if year, rest, ok := clean.EraYear(s); ok {
		first, last, ok = readWesternPeriod(strconv.Itoa(year) + rest)
		return first, last, ok && clean.InEra(s, first, last)
	}
	return readWesternPeriod(s)
}

func readWesternPeriod(s string) (first, last schemas.Date, ok bool) {
	m := period.FindStringSubmatch(strings.TrimSpace(norm.NFKC.String(s)))
	if m == nil {
		return 0, 0, false
	}
	year, fiscal := atoi(m[2]), m[1] != "" || m[3] != ""
	if m[4] != "" {
		first, ok = schemas.NewDate(year, atoi(m[4]), 1)
		return first, first.MonthEnd(), ok && !fiscal
	}
	month := 1
	if fiscal {
		month = 4
	}
	first, ok = schemas.NewDate(year, month, 1)
	return first, first.AddMonths(11), ok
}
