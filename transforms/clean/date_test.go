package clean

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/kankei/kankei/schemas"
)

func TestDate(t *testing.T) {
	for _, test := range []struct {
		in, want string // want "" is refused
		order    DateOrder
	}{
		// Forms seen in exports.
		{in: "2026-05-03", want: "2026-05-03"},
		{in: "2026/05/03", want: "2026-05-03"},
		{in: "2026/5/29", want: "2026-05-29"}, // Airbnb in Japanese does not pad
		{in: "2026.5.3", want: "2026-05-03"},
		{in: "20260503", want: "2026-05-03"},
		{in: "2026年5月29日", want: "2026-05-29"},
		{in: "2026年 5月 3日", want: "2026-05-03"},
		{in: "西暦2026年5月3日", want: "2026-05-03"},
		{in: "２０２６／５／２９", want: "2026-05-29"},
		{in: "２０２６年５月２９日", want: "2026-05-29"},
		{in: " 2026/ 5/ 3 ", want: "2026-05-03"},
		{in: "\ufeff2026-05-03", want: "2026-05-03"},
		{in: "03 Oct 2026", want: "2026-10-03"}, // Beds24
		{in: "3-Oct-2026", want: "2026-10-03"},
		{in: "3rd October 2026", want: "2026-10-03"},
		{in: "Oct 3, 2026", want: "2026-10-03"},
		{in: "Sept. 3, 2026", want: "2026-09-03"},
		{in: "October 3 2026", want: "2026-10-03"},
		{in: "2015 July 1", want: "2015-07-01"}, // hotel export: three columns joined
		{in: "2015 7 1", want: "2015-07-01"},
		{in: "2015-JUL-01", want: "2015-07-01"},

		// Eras, and the first and last day of each.
		{in: "R8.5.29", want: "2026-05-29"},
		{in: "r08/05/29", want: "2026-05-29"},
		{in: "Ｒ８．５．２９", want: "2026-05-29"},
		{in: "令和8年5月29日", want: "2026-05-29"},
		{in: "令8.5.29", want: "2026-05-29"},
		{in: "㋿8年5月29日", want: "2026-05-29"},
		{in: "令和元年5月1日", want: "2019-05-01"},
		{in: "令和元年4月30日"},
		{in: "R1.4.30"},
		{in: "H31.4.30", want: "2019-04-30"},
		{in: "H31.5.1"},
		{in: "平成元年1月8日", want: "1989-01-08"},
		{in: "平成元年1月7日"},
		{in: "S64.1.7", want: "1989-01-07"},
		{in: "昭和64年1月8日"},
		{in: "㍼1年12月25日", want: "1926-12-25"},
		{in: "平成31年4月30日", want: "2019-04-30"},
		{in: "平成31年5月1日"},
		{in: "令和1年5月1日", want: "2019-05-01"},
		{in: "㋿元年5月1日", want: "2019-05-01"},
		{in: "昭和64年1月7日", want: "1989-01-07"},
		{in: "㍻元.1.8", want: "1989-01-08"},
		{in: "大正15年12月24日", want: "1926-12-24"},
		{in: "大正15年12月25日"}, // 昭和元年 by then
		{in: "大正元年7月30日", want: "1912-07-30"},
		{in: "T1.7.29"},
		{in: "㍽10年1月1日", want: "1921-01-01"},
		{in: "明治45年7月29日", want: "1912-07-29"},
		{in: "㍾33.1.1", want: "1900-01-01"},
		{in: "M32.12.31"}, // before the plausible years
		{in: "R8-05-29", want: "2026-05-29"},
		{in: "R08.05.29 24:00", want: "2026-05-30"},
		{in: "令和八年五月二十九日"},
		{in: "昭和1年12月24日"},
		{in: "R0.5.1"},
		{in: "R8.2.29"},
		{in: "R2026.5.1"},

		// What may follow or precede.
		{in: "2024-03-01 21:09:45", want: "2024-03-01"},
		{in: "2024-03-01T09:09:45+09:00", want: "2024-03-01"},
		{in: "2024-03-01T00:00:00Z", want: "2024-03-01"},      // midnight UTC is 09:00 in Japan
		{in: "2024-02-29T15:00:00.000Z", want: "2024-03-01"},  // midnight in Japan
		{in: "2024-02-29T10:00:00-05:00", want: "2024-03-01"}, // the same
		{in: "2024-02-28 24:00", want: "2024-02-29"},
		{in: "2024-12-31 26:30", want: "2025-01-01"},
		{in: "2024-12-31 29:59", want: "2025-01-01"},
		{in: "2024-02-28 29:59:59", want: "2024-02-29"},
		{in: "2024-12-31 24:60"},
		{in: "２０２４／２／２８　２５：００", want: "2024-02-29"},
		{in: "2024-12-31 30:01", want: "2025-01-01"},
		{in: "2024-12-31 31:00"},
		{in: "2026/05/29(金)", want: "2026-05-29"},
		{in: "2026/05/29（金）15:00", want: "2026-05-29"},
		{in: "2026年5月3日(日・祝)", want: "2026-05-03"},
		{in: "2026年5月3日 日曜日", want: "2026-05-03"},
		{in: "Sat, 03 Oct 2026", want: "2026-10-03"},
		{in: "Saturday 3 October 2026 15:00", want: "2026-10-03"},
		{in: "2024年3月1日 21時09分", want: "2024-03-01"},
		{in: "20240301210945", want: "2024-03-01"},
		{in: "20240301T2109", want: "2024-03-01"},
		{in: "2024-03-01 10:00-12:00"}, // a span, not an offset west

		// Day and month by order.
		{in: "29/5/2026", want: "2026-05-29"},
		{in: "5/29/2026", want: "2026-05-29"},
		{in: "03/04/2026"},
		{in: "03/04/2026", order: DayFirst, want: "2026-04-03"},
		{in: "03/04/2026", order: MonthFirst, want: "2026-03-04"},
		{in: "3.4.2026 10:00", order: DayFirst, want: "2026-04-03"},
		{in: "29/5/2026", order: MonthFirst}, // the column is decided: this row is at fault
		{in: "5/29/2026", order: DayFirst},
		{in: "2026/03/04", order: DayFirst, want: "2026-03-04"}, // the year leads

		// Refused.
		{in: "2024-04-31"}, {in: "2025年2月29日"}, {in: "2100-02-29"}, {in: "2026/5/0"}, {in: "31/4/2026"}, {in: "H31.4.31"},
		{in: ""}, {in: " "}, {in: "-"}, {in: "2026"}, {in: "2026/5"}, {in: "5/29"}, {in: "26/05/29"},
		{in: "29/05/26"}, {in: "2026-02-29"}, {in: "2026-13-01"}, {in: "2026-00-10"}, {in: "2026/05-03"},
		{in: "1899-12-31"}, {in: "2201-01-01"}, {in: "0026-05-03"}, {in: "2026年5年3日"}, {in: "46143"},
		{in: "2026-05-03 ほか"}, {in: "2026-05-03 21:60"}, {in: "2026-05-03 abc"}, {in: "令和8年"},
		{in: "99999999999999999999"}, {in: "合計"}, {in: "R"}, {in: "2026-05-03T"},
	} {
		got, ok := Date(test.in, test.order)
		if ok != (test.want != "") || ok && got.String() != test.want {
			t.Errorf("Date(%q, %d) = %v, %v, want %q", test.in, test.order, got, ok, test.want)
		}
	}
}

func TestTimestamp(t *testing.T) {
	for in, want := range map[string]string{
		"2024-03-01 21:09:45":           "2024-03-01 21:09:45",
		"2024-03-01":                    "2024-03-01 00:00:00",
		"2024/3/1 9:05":                 "2024-03-01 09:05:00",
		"2024-03-01T12:09:45Z":          "2024-03-01 21:09:45",
		"2024-03-01 12:09:45 UTC":       "2024-03-01 21:09:45",
		"2024-03-01T21:09:45+0900":      "2024-03-01 21:09:45",
		"2024-03-01 21:09:45 JST":       "2024-03-01 21:09:45",
		"2024-03-01 17:39:45 GMT+05:30": "2024-03-01 21:09:45",
		"2024-03-01 24:00":              "2024-03-02 00:00:00",
		"2024-03-01 26:30":              "2024-03-02 02:30:00",
		"2024-03-01 9:05 PM":            "2024-03-01 21:05:00",
		"2024-03-01 12:05 AM":           "2024-03-01 00:05:00",
		"2024-03-01 12:05 pm":           "2024-03-01 12:05:00",
		"2024/03/01 午後 9:05:00":         "2024-03-01 21:05:00", // Google Forms in Japanese
		"2024年3月1日21時09分45秒":            "2024-03-01 21:09:45",
		"20240301210945":                "2024-03-01 21:09:45",
		"202403012109":                  "2024-03-01 21:09:00",
		"2024-03-01 13:00 PM":           "",
		"2024-03-01 21:09:61":           "",
		"2024-03-01 21":                 "",
	} {
		got, ok := Timestamp(in, Unknown)
		if ok != (want != "") || ok && wallClock(got) != want {
			t.Errorf("Timestamp(%q) = %s, %v, want %q", in, wallClock(got), ok, want)
		}
	}
	if got, _ := Timestamp("1970-01-01 00:00:01.25", Unknown); got != 1_250_000 {
		t.Errorf("fraction of a second: %d, want 1250000", got)
	}
}

func wallClock(t schemas.Timestamp) string {
	s := int64(t) / microsPerSecond
	return fmt.Sprintf("%s %02d:%02d:%02d", schemas.Date(s/86400), s/3600%24, s/60%60, s%60)
}

func TestExcelSerial(t *testing.T) {
	for in, want := range map[string]string{
		"46143":       "2026-05-01", // a payout sheet of Booking.com
		"46143.0":     "2026-05-01",
		"46143.99999": "2026-05-01",
		"４６１４３":       "2026-05-01",
		"1":           "1900-01-01", // Excel's own beginning
		"59":          "1900-02-28",
		"60":          "", // Excel's 1900-02-29
		"61":          "1900-03-01",
		"25569":       "1970-01-01", // the known offset of the Unix epoch
		"0":           "", "-1": "", "": "", "46143.x": "", "999999": "", "4.6E4": "", "46143 円": "",
	} {
		got, ok := ExcelSerial(in)
		if ok != (want != "") || ok && got.String() != want {
			t.Errorf("ExcelSerial(%q) = %v, %v, want %q", in, got, ok, want)
		}
	}
}

func TestExcel1904Serial(t *testing.T) {
	for in, want := range map[string]string{
		"44681":   "2026-05-01", // 46143 − 1462
		"44681.5": "2026-05-01",
		"1":       "1904-01-02",
		"60":      "1904-03-01", // 31 + 29 days after the first of January
		"24107":   "1970-01-01",
		"0":       "", "-1": "", "": "", "999999": "", "44681 円": "",
	} {
		got, ok := Excel1904Serial(in)
		if ok != (want != "") || ok && got.String() != want {
			t.Errorf("Excel1904Serial(%q) = %v, %v, want %q", in, got, ok, want)
		}
	}
}

func TestEraYear(t *testing.T) {
	for in, want := range map[string]string{
		"令和6年度": "2024 年度", "令和元年": "2019 年", "平成31年": "2019 年", "R6.10": "2024 .10", "㍻３０年": "2018 年", "昭和64年": "1989 年", "昭和60年": "1985 年",
		"大正15年": "1926 年", "明治45年": "1912 年", "S63": "1988 ",
		"平成32年": "", "昭和65年": "", "大正16年": "", "明治46年": "", "令和0年": "", "2024年": "", "令和": "", "": "", "September": "",
	} {
		year, rest, ok := EraYear(in)
		if got := fmt.Sprint(year, " ", rest); ok != (want != "") || ok && got != want {
			t.Errorf("EraYear(%q) = %q, %v, want %q", in, got, ok, want)
		}
	}
}

func TestOrders(t *testing.T) {
	for _, test := range []struct {
		column string
		want   DateOrder
	}{
		{"03/04/2026 29/04/2026 01/01/2026", DayFirst},
		{"03/04/2026 4/29/2026", MonthFirst},
		{"03/04/2026 05/06/2026", Unknown},
		{"29/04/2026 4/29/2026", Unknown}, // contradiction
		{"29/04/2026 4/29/2026 29/04/2026", Unknown},
		{"2026/29/04 2026-05-03 合計", Unknown},
		{"13/13/2026 99/1/2026", Unknown},
		{"29.04.2026", DayFirst},
		{"", Unknown},
	} {
		var orders Orders
		for _, v := range strings.Fields(test.column) { // as batch by batch
			orders.Add(slices.Values([]string{v}))
		}
		if got := orders.Decide(); got != test.want {
			t.Errorf("the order of %s is %d, want %d", test.column, got, test.want)
		}
	}
}

// Every form of a day reads as that day.
func TestDateFormsAgree(t *testing.T) {
	forms := []string{"%04d-%02d-%02d", "%d/%d/%d", "%d.%d.%d", "%04d%02d%02d", "%d年%d月%d日", "%d %d %d", "%d/%02d/%02d 23:59", "%d年%d月%d日 24:00"}
	rapid.Check(t, func(t *rapid.T) {
		d := schemas.Date(rapid.Int32Range(int32(day(1900, 1, 2)), int32(day(2200, 12, 30))).Draw(t, "day"))
		y, m, n := d.Civil()
		for _, form := range forms {
			s := fmt.Sprintf(form, y, m, n)
			want := d
			if strings.HasSuffix(s, "24:00") {
				want++
			}
			if got, ok := Date(s, Unknown); !ok || got != want {
				t.Fatalf("Date(%q) = %v, %v, want %v", s, got, ok, want)
			}
		}
		if got, ok := Date(fmt.Sprintf("%d/%d/%d", n, m, y), DayFirst); !ok || got != d {
			t.Fatalf("day first: %v, %v, want %v", got, ok, d)
		}
		if got, ok := Date(fmt.Sprintf("%d/%d/%d", m, n, y), MonthFirst); !ok || got != d {
			t.Fatalf("month first: %v, %v, want %v", got, ok, d)
		}
		if got, ok := Date(d.Time().Format("2 January 2006"), Unknown); !ok || got != d {
			t.Fatalf("month by name: %v, %v, want %v", got, ok, d)
		}
		if d >= day(1912, 7, 30) && d <= day(1926, 12, 24) {
			if got, ok := Date(fmt.Sprintf("T%d.%d.%d", y-1911, m, n), Unknown); !ok || got != d {
				t.Fatalf("Taisho: %v, %v, want %v", got, ok, d)
			}
		}
		if d >= day(2019, 5, 1) && d <= day(2117, 12, 31) {
			if got, ok := Date(fmt.Sprintf("令和%d年%d月%d日", y-2018, m, n), Unknown); !ok || got != d {
				t.Fatalf("Reiwa: %v, %v, want %v", got, ok, d)
			}
		}
		if got, ok := ExcelSerial(fmt.Sprint(int(d) + 25569)); d >= day(1900, 3, 1) && (!ok || got != d) {
			t.Fatalf("Excel serial: %v, %v, want %v", got, ok, d)
		}
	})
}

func FuzzDate(f *testing.F) {
	for _, s := range []string{"2026-05-03", "令和元年5月1日", "03 Oct 2026 26:30", "2024-02-29T15:00:00.000Z", "29/5/2026", "20240301210945", "㋿8.5.29(金)", "午後"} {
		f.Add(s, uint8(0))
	}
	f.Fuzz(func(t *testing.T, s string, order uint8) {
		o := DateOrder(order % 3)
		d, ok := Date(s, o)
		ts, tok := Timestamp(s, o)
		if ok != tok {
			t.Fatalf("%q: date %v, timestamp %v", s, ok, tok)
		}
		if !ok {
			return
		}
		if d < day(1899, 12, 31) || d > day(2201, 1, 2) {
			t.Fatalf("%q: implausible %v", s, d)
		}
		if int64(ts) < int64(d)*microsPerDay || int64(ts) >= int64(d+1)*microsPerDay {
			t.Fatalf("%q: %v is not on %v", s, ts, d)
		}
		if again, ok := Date(d.String(), o); d >= day(1900, 1, 1) && d <= day(2200, 12, 31) && (!ok || again != d) {
			t.Fatalf("%q: %v reads as %v", s, d, again)
		}
	})
}

func BenchmarkTimestamp(b *testing.B) {
	for _, s := range []string{"2026-05-03", "2026/5/3", "2024-03-01 21:09:45", "2026年5月29日", "R8.5.29"} {
		b.Run(s, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Timestamp(s, Unknown)
			}
		})
	}
}
