package report

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/present"
)

// Charts have no width of their own: places are percent of the width and the
// height that the page gives them, so that text keeps its size on a telephone.

// bar is a row of a chart of rows: a bar or a point, its interval, and a mark.
type bar struct {
	figure
	// Length is where the bar ends, From where its interval begins and Width how long that is, in percent of
	// the width; '' where there is none.
	Length, From, Width string
	// Goal is where a target lies, ''for none.
	Goal string
}

// barOf is the bar of a figure on an axis from 0 to end.
func barOf(f figure, end float64) bar {
	b := bar{figure: f}
	at := func(x *float64) string {
		if x == nil || end <= 0 {
			return ""
		}
		return at(*x * f.unit.scale / end)
	}
	if f.Shown() {
		b.Length = at(f.value)
	}
	if f.Banded() {
		width := *f.high - *f.low
		b.From, b.Width = at(f.low), at(&width)
	}
	return b
}

// at is a share of a length in percent, kept within it.
func at(share float64) string {
	return strconv.FormatFloat(present.Round(100*min(max(share, 0), 1), -1), 'f', -1, 64)
}

// bars are the bars of figures on one axis.
func bars(figures ...figure) []bar {
	end := axisEnd(most(figures...))
	out := make([]bar, len(figures))
	for i, f := range figures {
		out[i] = barOf(f, end)
	}
	return out
}

// axisEnd leaves a little room behind the greatest number.
func axisEnd(greatest float64) float64 { return greatest * 1.04 }

// plot is a chart of lines: figures over time or a threshold.
type plot struct {
	XTicks, YTicks []tick
	Lines          []line
	// Columns is a chart of columns in place of lines.
	Columns []column
	// Level is a height that the chart is read against, in percent from the top; '' for none.
	Level string
}

// tick is a mark of an axis, in percent of its length.
type tick struct {
	At    string
	Label schemas.Text
	// End says which end of the axis the label belongs to: start, end or ”; and
	// minor where small screens do without it.
	End string
}

// line is a line with the band of its intervals. Paths are in thousandths of the
// chart's width and height.
type line struct {
	Name  schemas.Text
	Class string
	Path  string
	Band  string
	Dots  []dot
}

type dot struct{ X, Y string }

// column is one of a chart of columns.
type column struct{ X, Y, Width, Height, Class string }

// point is a figure at a place of the axis, as a share of its length.
type point struct {
	x float64
	f figure
}

// lineOf draws the points that have a number; a missing one leaves a gap.
func lineOf(name schemas.Text, class string, points []point, end float64, dots bool) line {
	l := line{Name: name, Class: class}
	var path, band strings.Builder
	for _, run := range runs(points) {
		for i, p := range run {
			fmt.Fprintf(&path, "%s%s %s", move(i), thousandth(p.x), height(*p.f.value, p.f, end))
			if dots || len(run) == 1 {
				l.Dots = append(l.Dots, dot{at(p.x), at(1 - *p.f.value*p.f.unit.scale/end)})
			}
		}
		band.WriteString(bandOf(run, end))
	}
	l.Path, l.Band = path.String(), band.String()
	return l
}

func move(i int) string {
	if i == 0 {
		return "M"
	}
	return "L"
}

func thousandth(share float64) string {
	return strconv.FormatFloat(present.Round(1000*min(max(share, 0), 1), -1), 'f', -1, 64)
}

func height(x float64, f figure, end float64) string { return thousandth(1 - x*f.unit.scale/end) }

// runs are the stretches of points with numbers.
func runs(points []point) [][]point {
	var out [][]point
	open := false
	for _, p := range points {
		if !p.f.Shown() {
			open = false
			continue
		}
		if !open {
			out = append(out, nil)
		}
		open = true
		out[len(out)-1] = append(out[len(out)-1], p)
	}
	return out
}

// bandOf is the area between the ends of the intervals, there and back.
func bandOf(run []point, end float64) string {
	var there, back string
	n := 0
	for _, p := range run {
		if !p.f.Banded() {
			continue
		}
		there += fmt.Sprintf("%s%s %s", move(n), thousandth(p.x), height(*p.f.high, p.f, end))
		back = fmt.Sprintf("L%s %s", thousandth(p.x), height(*p.f.low, p.f, end)) + back
		n++
	}
	if n < 2 {
		return ""
	}
	return there + back + "Z"
}

// yTicks are the marks of the axis of numbers up to the greatest, and its end.
func yTicks(greatest float64, u unit) ([]tick, float64) {
	marks := present.Ticks(greatest, 6)
	end := marks[len(marks)-1]
	var out []tick
	for _, m := range marks {
		label := grouped(strconv.FormatFloat(m, 'f', -1, 64))
		t := schemas.Text{JA: label, EN: label}
		if u == percent {
			t = schemas.Text{JA: label + "%", EN: label + "%"}
		}
		out = append(out, tick{At: at(1 - m/end), Label: t})
	}
	return out, end
}
