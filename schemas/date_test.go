package schemas_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/kankei/kankei/schemas"
)

// fourThousandYears is in days: the property is tested on years −2030 to 5969.
const fourThousandYears = 4000 * 146097 / 400

func anyDate(t *rapid.T) schemas.Date {
	return schemas.Date(rapid.IntRange(-fourThousandYears, fourThousandYears).Draw(t, "day"))
}

// Package time counts the same proleptic Gregorian calendar.
func TestCivilAgreesWithTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := anyDate(t)
		year, month, day := d.Civil()
		want := time.Unix(int64(d)*86400, 0).UTC()
		if year != want.Year() || month != int(want.Month()) || day != want.Day() {
			t.Fatalf("Date(%d).Civil() = %d-%d-%d, want %v", d, year, month, day, want)
		}
		if back, ok := schemas.NewDate(year, month, day); !ok || back != d {
			t.Fatalf("NewDate(%d, %d, %d) = %d, %v, want %d", year, month, day, back, ok, d)
		}
	})
}

func TestMonthsAgreeWithTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, n := anyDate(t), rapid.IntRange(-600, 600).Draw(t, "months")
		year, month, _ := d.Civil()
		first := func(plus int) schemas.Date {
			return schemas.Date(time.Date(year, time.Month(month+plus), 1, 0, 0, 0, 0, time.UTC).Unix() / 86400)
		}
		if d.MonthStart() != first(0) {
			t.Fatalf("%v.MonthStart() = %v, want %v", d, d.MonthStart(), first(0))
		}
		if d.MonthEnd() != first(1)-1 {
			t.Fatalf("%v.MonthEnd() = %v, want %v", d, d.MonthEnd(), first(1)-1)
		}
		if got, want := d.AddMonths(n), first(n+1)-1; got != want {
			t.Fatalf("%v.AddMonths(%d) = %v, want %v", d, n, got, want)
		}
	})
}

func TestNewDateKnowsTheCalendar(t *testing.T) {
	for _, c := range []struct {
		year, month, day int
		want             schemas.Date
		ok               bool
	}{
		{1970, 1, 1, 0, true},
		{2000, 3, 1, 11017, true}, // by hand: 30 years of 365 days, 7 leap days (1972–1996), 31 + 29 days
		{2024, 2, 29, 19782, true},
		{2025, 2, 29, 0, false},
		{1900, 2, 29, 0, false}, // a century, not of four
		{2025, 4, 31, 0, false},
		{2025, 13, 1, 0, false},
		{2025, 0, 1, 0, false},
		{2025, 1, 0, 0, false},
	} {
		if got, ok := schemas.NewDate(c.year, c.month, c.day); got != c.want || ok != c.ok {
			t.Errorf("NewDate(%d, %d, %d) = %d, %v, want %d, %v", c.year, c.month, c.day, got, ok, c.want, c.ok)
		}
	}
}

func TestParseDateReadsOneFormOnly(t *testing.T) {
	d, err := schemas.ParseDate("2025-03-31")
	if err != nil || d.String() != "2025-03-31" {
		t.Errorf("ParseDate(2025-03-31) = %v, %v", d, err)
	}
	for _, s := range []string{"", "2025-3-31", "2025/03/31", "2025-02-29", "2025-03-31T00:00", "令和7年3月31日"} {
		if d, err := schemas.ParseDate(s); err == nil {
			t.Errorf("ParseDate(%q) = %v, want an error", s, d)
		}
	}
}

func FuzzParseDate(f *testing.F) {
	f.Add("2025-03-31")
	f.Add("0000-01-01")
	f.Add("2025-02-30")
	f.Fuzz(func(t *testing.T, s string) {
		if d, err := schemas.ParseDate(s); err == nil && d.String() != s {
			t.Errorf("ParseDate(%q) gives %v", s, d)
		}
	})
}
