package report

import (
	_ "embed"
	"math"
	"slices"
	"strconv"
	"strings"
)

// japan has the outlines of the 47 prefectures: "Japan" of @svg-maps/japan by
// Victor Cazanave, CC BY 4.0 (japan.LICENSE.md), which browser/japan.mjs writes.
//
//go:embed japan.tsv
var japan string

// japanBox is the box of those outlines.
const japanBox = "0 0 4380 5160"

// outline is the path of a region on a map.
type outline struct{ Code, Path string }

func prefectureOutlines() []outline {
	var out []outline
	for line := range strings.Lines(japan) {
		code, path, _ := strings.Cut(strings.TrimSpace(line), "\t")
		out = append(out, outline{code, path})
	}
	return out
}

// drawn is a map of regions.
type drawn struct {
	Box      string
	Outlines []outline
	// Outside are the codes of regions that lie too far off to be drawn with the
	// others, such as the Ogasawara Islands with Tokyo.
	Outside []string
}

// mapSize is the longer side of a map of municipalities, in its own units: no more than a page shows of it.
const mapSize = 450

// draw draws the regions with these codes that have shapes, in an equirectangular
// projection that is true at their middle latitude; ok is false where none has.
func (m *Map) draw(codes []string) (out drawn, ok bool) {
	if m == nil {
		return out, false
	}
	var near []string
	for _, code := range codes {
		if len(m.shapes[code]) > 0 {
			near = append(near, code)
		}
	}
	if len(near) == 0 {
		return out, false
	}
	near, out.Outside = m.near(near)
	box := m.box(near)
	shrink := math.Cos((box.south + box.north) / 2 * math.Pi / 180)
	scale := mapSize / max((box.east-box.west)*shrink, box.north-box.south)
	project := func(p [2]float64) (int, int) {
		return int(math.Round((p[0] - box.west) * shrink * scale)), int(math.Round((box.north - p[1]) * scale))
	}
	width, height := project([2]float64{box.east, box.south})
	out.Box = "-4 -4 " + strconv.Itoa(width+8) + " " + strconv.Itoa(height+8)
	for _, code := range near {
		out.Outlines = append(out.Outlines, outline{code, pathOf(m.shapes[code], project)})
	}
	return out, true
}

// bounds is a box in degrees.
type bounds struct{ west, south, east, north float64 }

func (b bounds) area() float64 { return (b.east - b.west) * (b.north - b.south) }

func (m *Map) box(codes []string) bounds {
	b := bounds{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}
	for _, code := range codes {
		for _, r := range m.shapes[code] {
			for _, p := range r {
				b.west, b.east = min(b.west, p[0]), max(b.east, p[0])
				b.south, b.north = min(b.south, p[1]), max(b.north, p[1])
			}
		}
	}
	return b
}

// near leaves out regions that lie more than five times as far from the middle
// as half of them do, if the others then fill less than half of the frame.
func (m *Map) near(codes []string) (near, far []string) {
	xs, ys := make([]float64, len(codes)), make([]float64, len(codes))
	for i, code := range codes {
		b := m.box([]string{code})
		xs[i], ys[i] = (b.west+b.east)/2, (b.south+b.north)/2
	}
	x, y := median(xs), median(ys)
	distances := make([]float64, len(codes))
	for i := range codes {
		distances[i] = math.Hypot(xs[i]-x, ys[i]-y)
	}
	limit := 5 * median(distances)
	for i, code := range codes {
		if distances[i] > limit && limit > 0 {
			far = append(far, code)
		} else {
			near = append(near, code)
		}
	}
	if len(far) == 0 || m.box(near).area() > m.box(codes).area()/2 {
		return codes, nil
	}
	return near, far
}

// median is the middle of the values in order, the greater of two.
func median(values []float64) float64 {
	return slices.Sorted(slices.Values(values))[len(values)/2]
}

// pathOf is the path of rings in whole units; what is smaller than a unit
// vanishes, but for the longest ring.
func pathOf(rings []ring, project func([2]float64) (int, int)) string {
	longest := slices.IndexFunc(rings, func(r ring) bool {
		return !slices.ContainsFunc(rings, func(o ring) bool { return len(o) > len(r) })
	})
	var b strings.Builder
	x, y := 0, 0
	for i, r := range rings {
		points := distinct(r, project)
		if len(points) < 3 {
			if i != longest {
				continue
			}
			points = square(points)
		}
		for k, p := range points {
			b.WriteString(step(k, p[0]-x, p[1]-y))
			x, y = p[0], p[1]
		}
		b.WriteByte('z')
		x, y = points[0][0], points[0][1]
	}
	return b.String()
}

// step is the relative move or line k of a ring; a sign parts numbers as well as a space.
func step(k, dx, dy int) string {
	lead := [2]string{"m", "l"}[min(k, 1)]
	if k > 1 {
		lead = apart(dx)
	}
	return lead + strconv.Itoa(dx) + apart(dy) + strconv.Itoa(dy)
}

// apart is what parts a number from the one before.
func apart(n int) string {
	if n < 0 {
		return ""
	}
	return " "
}

// distinct are the points of a ring in whole units, without repetition and end, and without points on the way from the
// one before to the next.
func distinct(r ring, project func([2]float64) (int, int)) [][2]int {
	var out [][2]int
	for _, p := range r {
		x, y := project(p)
		n := len(out)
		if n > 0 && out[n-1] == [2]int{x, y} {
			continue
		}
		if n > 1 && onTheWay(out[n-2], out[n-1], [2]int{x, y}) {
			out = out[:n-1]
		}
		out = append(out, [2]int{x, y})
	}
	if n := len(out); n > 1 && out[0] == out[n-1] {
		out = out[:n-1]
	}
	return out
}

// onTheWay says that b lies on the straight way from a to c.
func onTheWay(a, b, c [2]int) bool {
	x1, y1, x2, y2 := b[0]-a[0], b[1]-a[1], c[0]-b[0], c[1]-b[1]
	return x1*y2 == x2*y1 && x1*x2+y1*y2 > 0
}

// square stands for a region that is too small to be seen.
func square(at [][2]int) [][2]int {
	x, y := at[0][0], at[0][1]
	return [][2]int{{x - 1, y - 1}, {x + 2, y - 1}, {x + 2, y + 2}, {x - 1, y + 2}}
}
