package report

import (
	"math"
	"strconv"
	"strings"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/present"
)

// unit is how a number is printed: as how many of what, with how many decimals
// where no interval says how many it supports.
type unit struct {
	scale    float64
	decimals int
	ja, en   string // behind the number
}

var (
	persons = unit{1, 0, "人", ""}
	percent = unit{100, 1, "%", " %"}
	days    = unit{1, 1, "日", " days"}
	index   = unit{1, 0, "", ""}
)

// figure is a number of the release with its interval and its statuses.
type figure struct {
	value, low, high *float64
	unit             unit
	grade            string // A, B, C or U, '' where the table has none
	obs, conf        string
}

// figureOf reads the figure of a row from these columns; those of interval and
// grade may be ”.
func figureOf(r row, u unit, value, low, high, grade string) figure {
	f := figure{value: r.number(value), unit: u, obs: r.text("obs_status"), conf: r.text("conf_status")}
	if low != "" {
		f.low, f.high = r.number(low), r.number(high)
	}
	if grade != "" {
		f.grade = r.text(grade)
	}
	return f
}

// estimateOf is [figureOf] with the columns that most tables have.
func estimateOf(r row, u unit) figure { return figureOf(r, u, "value", "ci_low", "ci_high", "") }

// Shown says that there is a number.
func (f figure) Shown() bool { return f.value != nil }

// Banded says that there is an interval.
func (f figure) Banded() bool { return f.value != nil && f.low != nil && f.high != nil }

// Weak says that the number is of low reliability.
func (f figure) Weak() bool { return f.Shown() && f.obs == schemas.LowReliability }

// Grade is the class of the interval's width where there is an interval.
func (f figure) Grade() string {
	if !f.Banded() {
		return ""
	}
	return f.grade
}

// place is the power of ten, in the unit printed, to which the numbers are rounded.
func (f figure) place() int {
	if f.Banded() {
		if p, ok := present.Place(*f.low*f.unit.scale, *f.high*f.unit.scale); ok {
			return max(p, -6)
		}
	}
	return -f.unit.decimals
}

// rounded is the number as printed.
func (f figure) rounded() float64 { return present.Round(*f.value*f.unit.scale, f.place()) }

// plainNumber is a number for machines: no groups, a point for decimals.
func (f figure) plainNumber(x *float64) string {
	if x == nil {
		return ""
	}
	p := f.place()
	return strconv.FormatFloat(present.Round(*x*f.unit.scale, p), 'f', max(0, -p), 64)
}

func (f figure) Plain() string { return f.plainNumber(f.value) }
func (f figure) Low() string   { return f.plainNumber(f.low) }
func (f figure) High() string  { return f.plainNumber(f.high) }

// Print is the number with groups of three digits.
func (f figure) Print() string     { return grouped(f.Plain()) }
func (f figure) PrintLow() string  { return grouped(f.Low()) }
func (f figure) PrintHigh() string { return grouped(f.High()) }

// Signed is the number with its sign.
func (f figure) Signed() string { return signed(f.Print()) }

// About is the number in words: with its unit, and about where it is rounded.
func (f figure) About() schemas.Text {
	n := f.Print()
	t := schemas.Text{JA: n + f.unit.ja, EN: n + f.unit.en}
	if f.Banded() {
		t.JA, t.EN = "約"+t.JA, "about "+t.EN
	}
	return t
}

// Interval is the interval in words.
func (f figure) Interval() schemas.Text {
	if !f.Banded() {
		return schemas.Text{}
	}
	return schemas.Text{JA: f.PrintLow() + "〜" + f.PrintHigh() + f.unit.ja, EN: f.PrintLow() + "–" + f.PrintHigh() + f.unit.en}
}

// SignedInterval is the interval of a change.
func (f figure) SignedInterval() schemas.Text {
	low, high := signed(f.PrintLow()), signed(f.PrintHigh())
	return schemas.Text{JA: low + "〜" + high + f.unit.ja, EN: low + " to " + high + f.unit.en}
}

// Why says in two words why there is no number.
func (f figure) Why() schemas.Text {
	switch {
	case f.obs == "" && f.value == nil: // there is no row
		return same("—")
	case f.conf == schemas.Withheld:
		return schemas.Text{JA: "秘匿", EN: "withheld"}
	case f.value == nil && f.obs == schemas.NotEstimable:
		return schemas.Text{JA: "推定できない", EN: "not estimable"}
	case f.value == nil && f.obs == schemas.LowReliability:
		return schemas.Text{JA: "信頼度が低く非表示", EN: "too unreliable to show"}
	case f.value == nil:
		return schemas.Text{JA: "値なし", EN: "no figure"}
	}
	return schemas.Text{}
}

// Mark is the class by which a missing number is drawn.
func (f figure) Mark() string {
	switch {
	case f.Shown():
		return ""
	case f.conf == schemas.Withheld:
		return "withheld"
	}
	return "none"
}

// grouped puts commas between groups of three digits.
func grouped(s string) string {
	whole, fraction, _ := strings.Cut(s, ".")
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "−", whole[1:]
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if fraction != "" {
		whole += "." + fraction
	}
	return sign + whole
}

func signed(s string) string {
	if s == "" || strings.HasPrefix(s, "−") || strings.Trim(s, "0.") == "" {
		return s
	}
	return "+" + s
}

// most is the greatest number that the figures print, 0 for none.
func most(figures ...figure) float64 {
	top := 0.0
	for _, f := range figures {
		for _, x := range []*float64{f.value, f.high} {
			if f.Shown() && x != nil && !math.IsInf(*x, 0) {
				top = max(top, *x*f.unit.scale)
			}
		}
	}
	return top
}
