package report

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
)

// Map has the shapes of regions by their five-digit codes, in degrees.
type Map struct {
	shapes map[string][]ring
	digest string
	// Credit is whom the shapes come from, as the page is to name them.
	Credit string
}

// ring is a closed line of longitudes and latitudes.
type ring [][2]float64

// Digest tells maps apart; ” of none.
func (m *Map) Digest() string {
	if m == nil {
		return ""
	}
	return m.digest
}

// Regions is how many regions have a shape.
func (m *Map) Regions() int { return len(m.shapes) }

// Errors of [ReadTopology].
var (
	ErrNoTopology = errors.New("no TopoJSON topology")
	ErrBadArcs    = errors.New("arcs that are not there")
)

// NoCodesError says that no shape has a region code in the property asked for.
type NoCodesError struct {
	// Properties are those that shapes have.
	Properties []string
}

func (e *NoCodesError) Error() string {
	return fmt.Sprintf("no region codes in that property; there are %v", e.Properties)
}

// topology is a TopoJSON file (specification 1.0): arcs that shapes share, as
// differences of integers where there is a transform.
type topology struct {
	Type      string
	Transform *struct{ Scale, Translate [2]float64 }
	Arcs      [][][]float64
	Objects   map[string]geometry
}

type geometry struct {
	Type       string
	Arcs       json.RawMessage
	Properties map[string]any
	Geometries []geometry
}

// ReadTopology reads the shapes of a TopoJSON file; property is that of a shape's
// region code: five digits, or six with the check digit. Shapes of one code are
// one region; those without a code are left out.
func ReadTopology(r io.Reader, property, credit string) (*Map, error) {
	h := sha256.New()
	var t topology
	if err := json.NewDecoder(io.TeeReader(r, h)).Decode(&t); err != nil || t.Type != "Topology" {
		return nil, errors.Join(ErrNoTopology, err)
	}
	fmt.Fprintf(h, "%q %q", property, credit)
	m := &Map{shapes: map[string][]ring{}, digest: hex.EncodeToString(h.Sum(nil)[:8]), Credit: credit}
	arcs := t.lines()
	properties := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(t.Objects)) {
		for _, g := range t.Objects[name].all() {
			for p := range g.Properties {
				properties[p] = true
			}
			rings, err := g.rings(arcs)
			if err != nil {
				return nil, err
			}
			if code := regionCode(g.Properties[property]); code != "" {
				m.shapes[code] = append(m.shapes[code], rings...)
			}
		}
	}
	if len(m.shapes) == 0 {
		return nil, &NoCodesError{slices.Sorted(maps.Keys(properties))}
	}
	return m, nil
}

// lines are the arcs in degrees.
func (t topology) lines() []ring {
	out := make([]ring, len(t.Arcs))
	for i, arc := range t.Arcs {
		var x, y float64
		for _, p := range arc {
			if len(p) < 2 {
				continue
			}
			if t.Transform == nil {
				out[i] = append(out[i], [2]float64{p[0], p[1]})
				continue
			}
			x, y = x+p[0], y+p[1]
			s, o := t.Transform.Scale, t.Transform.Translate
			out[i] = append(out[i], [2]float64{x*s[0] + o[0], y*s[1] + o[1]})
		}
	}
	return out
}

// all are the shapes that a geometry consists of.
func (g geometry) all() []geometry {
	if g.Type != "GeometryCollection" {
		return []geometry{g}
	}
	var out []geometry
	for _, part := range g.Geometries {
		out = append(out, part.all()...)
	}
	return out
}

// rings are the lines around the areas of a geometry, holes among them; other
// kinds than polygons have none.
func (g geometry) rings(arcs []ring) ([]ring, error) {
	var polygons [][][]int
	switch g.Type {
	case "Polygon":
		polygons = make([][][]int, 1)
		if err := json.Unmarshal(g.Arcs, &polygons[0]); err != nil {
			return nil, errors.Join(ErrBadArcs, err)
		}
	case "MultiPolygon":
		if err := json.Unmarshal(g.Arcs, &polygons); err != nil {
			return nil, errors.Join(ErrBadArcs, err)
		}
	}
	var out []ring
	for _, indices := range slices.Concat(polygons...) {
		var line ring
		for _, i := range indices {
			arc, err := arcOf(arcs, i)
			if err != nil {
				return nil, err
			}
			if len(line) > 0 && len(arc) > 0 {
				arc = arc[1:] // the end of the arc before
			}
			line = append(line, arc...)
		}
		if len(line) > 2 {
			out = append(out, line)
		}
	}
	return out, nil
}

// arcOf is an arc by its index; ^i is arc i the other way.
func arcOf(arcs []ring, i int) (ring, error) {
	k := i
	if i < 0 {
		k = ^i
	}
	if k >= len(arcs) {
		return nil, fmt.Errorf("%w: %d of %d", ErrBadArcs, k, len(arcs))
	}
	if i >= 0 {
		return arcs[k], nil
	}
	back := slices.Clone(arcs[k])
	slices.Reverse(back)
	return back, nil
}

// regionCode is the five-digit code in a property, ” if there is none: some files have numbers, which lose a leading zero.
func regionCode(property any) string {
	var code string
	switch v := property.(type) {
	case string:
		code = v
	case float64:
		code = strconv.FormatFloat(v, 'f', -1, 64)
		for len(code) < 5 {
			code = "0" + code
		}
	}
	if len(code) == 6 {
		code = code[:5]
	}
	if n, err := strconv.Atoi(code); err != nil || len(code) != 5 || n <= 0 {
		return ""
	}
	return code
}
