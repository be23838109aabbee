package disclose

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/kankei/kankei/schemas"
)

// Tie is that a person is related to a region, and the municipality that the person lives in.
type Tie struct {
	Person         int64
	Region, Origin string
}

// Detail is a table of ties that is published perturbed.
type Detail struct {
	// Row has what all rows have in common: definition, outside rule, reference month, source.
	Row schemas.OriginDestinationDetail
	// Origins are the codes of residence in a prefecture, by its code, among them that of a municipality not known.
	Origins map[string][]string
	// Mechanism is what is done to the counts, Secret what its noise is made from.
	Mechanism Mechanism
	Secret    []byte
}

// Perturb counts persons by region and municipality of residence and perturbs every count: the second way to
// rows that may be published. It takes ties in the order of persons. The table has the groups, a region with a
// prefecture of residence, whose exact number the release shows, with all municipalities of the prefecture. Readers
// know that the exact counts of a group add up to what is shown: where that leaves any of them less than
// [Mechanism] asks, all rows of the group are withheld. The noise is made from the secret and the ties: the same ties
// have the same noise, and other ties another.
//
// It returns an error that wraps [ErrTable] where counts do not add up to what is shown.
func (d Detail) Perturb(ties iter.Seq2[Tie, error], shown Protected[schemas.RelationalPopulation]) (Protected[schemas.OriginDestinationDetail], error) {
	none := Protected[schemas.OriginDestinationDetail]{}
	if err := d.Mechanism.Check(); err != nil {
		return none, err
	}
	t := detailTable{Detail: d, cells: map[[2]string]*detailCell{}}
	t.open(shown)
	if err := t.count(ties); err != nil {
		return none, err
	}
	return t.perturbed()
}

type detailTable struct {
	Detail
	groups []detailGroup
	cells  map[[2]string]*detailCell // by region and municipality of residence
	// content is of all ties that are counted: the exclusive or of a keyed digest of each person's, whatever the order of persons.
	content [sha256.Size]byte
	tables  [][]float64 // of the noise of cell keys, by the count as far as it matters
	within  float64     // half width of intervals
}

// detailGroup is a region with a prefecture of residence.
type detailGroup struct {
	total int64 // exact, and shown
	cells []*detailCell
}

type detailCell struct {
	region, level, origin string
	// count is of persons, counted of those within the bound on contributions; key is the cell key.
	count, counted int64
	key            uint64
	value          int64 // perturbed
}

// open makes the cells of the groups that are shown, in the order of their codes.
func (t *detailTable) open(shown Protected[schemas.RelationalPopulation]) {
	for _, r := range shown.rows {
		origins := t.Origins[r.OriginCode]
		if r.Value == nil || r.ConfStatus != schemas.Free || r.Estimator != "observed" || r.Measure != schemas.Persons || len(origins) == 0 ||
			r.Definition != t.Row.Definition || r.Outside != t.Row.Outside || r.RegionLevel == schemas.LevelNation ||
			r.ReferenceMonth != t.Row.ReferenceMonth || r.Source != t.Row.Source {
			continue
		}
		g := detailGroup{total: int64(math.Round(*r.Value))}
		for _, origin := range origins {
			home := origin[:2] == r.RegionCode[:2]
			if origin == r.RegionCode || home && (strings.HasSuffix(origin, "999") || t.Row.Outside == schemas.OutsidePrefecture) {
				continue // nobody from there is outside
			}
			c := &detailCell{region: r.RegionCode, level: r.RegionLevel, origin: origin}
			t.cells[[2]string{c.region, c.origin}] = c
			g.cells = append(g.cells, c)
		}
		if len(g.cells) > 0 {
			t.groups = append(t.groups, g)
		}
	}
	slices.SortFunc(t.groups, func(a, b detailGroup) int {
		return cmp.Or(strings.Compare(a.cells[0].region, b.cells[0].region), strings.Compare(a.cells[0].origin, b.cells[0].origin))
	})
}

// count enters the ties, person by person.
func (t *detailTable) count(ties iter.Seq2[Tie, error]) error {
	var of []*detailCell
	person := int64(0)
	for tie, err := range ties {
		if err != nil {
			return err
		}
		if tie.Person != person {
			t.enter(person, of)
			person, of = tie.Person, of[:0]
		}
		if c := t.cells[[2]string{tie.Region, tie.Origin}]; c != nil {
			of = append(of, c)
		}
	}
	t.enter(person, of)
	for _, g := range t.groups {
		sum := int64(0)
		for _, c := range g.cells {
			sum += c.count
		}
		if sum != g.total {
			return fmt.Errorf("%w: persons from %s in %s are %d by municipality of residence, and %d", ErrTable, g.cells[0].origin[:2]+"000", g.cells[0].region, sum, g.total)
		}
	}
	return nil
}

// enter counts a person in cells, by the discrete mechanisms in no more than a person may change.
func (t *detailTable) enter(person int64, cells []*detailCell) {
	if len(cells) == 0 {
		return
	}
	token := binary.BigEndian.AppendUint64(nil, uint64(person))
	keyed := hmac.New(sha256.New, t.Secret)
	keyed.Write(token)
	key := binary.BigEndian.Uint64(keyed.Sum(nil))
	names := make([]string, len(cells))
	for i, c := range cells {
		names[i] = c.region + "/" + c.origin
		keyed.Write([]byte(names[i]))
		c.count++
		c.key += key
	}
	for i, b := range keyed.Sum(nil) {
		t.content[i] ^= b
	}
	if t.Mechanism.Private() {
		names = Bounded(t.Secret, token, names, t.Mechanism.Cells)
	}
	for _, name := range names {
		t.cells[[2]string{name[:5], name[6:]}].counted++
	}
}

// perturbed perturbs the groups, and withholds those of which too much could be computed.
func (t *detailTable) perturbed() (Protected[schemas.OriginDestinationDetail], error) {
	var rows []schemas.OriginDestinationDetail
	t.within = t.Mechanism.within()
	for n := int64(0); n <= t.Mechanism.Noise.Most && t.Mechanism.Name == schemas.CellKey; n++ {
		p, _, err := t.Mechanism.Noise.Table(n)
		if err != nil {
			return Protected[schemas.OriginDestinationDetail]{}, err
		}
		t.tables = append(t.tables, p)
	}
	for _, g := range t.groups {
		if err := t.perturb(g); err != nil {
			return Protected[schemas.OriginDestinationDetail]{}, err
		}
		safe := t.safe(g)
		for _, c := range g.cells {
			rows = append(rows, t.row(c, safe))
		}
	}
	slices.SortFunc(rows, func(a, b schemas.OriginDestinationDetail) int {
		return cmp.Or(strings.Compare(a.RegionCode, b.RegionCode), strings.Compare(a.OriginCode, b.OriginCode))
	})
	return Protected[schemas.OriginDestinationDetail]{rows}, nil
}

// perturb sets the values of a group.
func (t *detailTable) perturb(g detailGroup) error {
	m := t.Mechanism
	if m.Name == schemas.ControlledRounding {
		counts, all := make([]int64, len(g.cells)), make([]int, len(g.cells))
		for i, c := range g.cells {
			counts[i], all[i] = c.count, i
		}
		rounded, err := SmallCounts(counts, [][]int{all}, m.Base)
		for i, v := range rounded {
			g.cells[i].value = v
		}
		return err
	}
	for _, c := range g.cells {
		u := unit(c.key)
		switch {
		case m.Name == schemas.RandomRounding:
			c.value = RandomRound(c.count, m.Base, u)
		case m.Name == schemas.CellKey:
			below := min(c.count, m.Noise.Most)
			c.value = c.count + drawn(t.tables[below], below, u)
		default:
			d, err := m.draw(Sampler{Words(rand.NewChaCha8(t.seed(c)))})
			if err != nil {
				return err
			}
			c.value = c.counted + d
		}
	}
	return nil
}

// seed is that of the noise of a cell, which nobody without the secret can make.
func (t *detailTable) seed(c *detailCell) (seed [32]byte) {
	h := hmac.New(sha256.New, t.Secret)
	h.Write(t.content[:])
	fmt.Fprintf(h, "%+v %s/%s/%s/%s/%s/%s", t.Mechanism, t.Row.Definition, t.Row.Outside, t.Row.ReferenceMonth, t.Row.Source, c.region, c.origin)
	h.Sum(seed[:0])
	return seed
}

// safe says whether readers who know what the mechanism leaves of each count, and the sum of all, know none of them too
// closely: with lᵢ ≤ xᵢ ≤ uᵢ and Σ x = X
//
//	max(lᵢ, X − Σ_{j≠i} uⱼ) ≤ xᵢ ≤ min(uᵢ, X − Σ_{j≠i} lⱼ),
//
// which no other relation narrows, for no other figure has these counts.
func (t *detailTable) safe(g detailGroup) bool {
	lows, highs := int64(0), int64(0)
	for _, c := range g.cells {
		low, high := t.Mechanism.surely(c.value)
		lows, highs = lows+low, highs+min(high, g.total) // no count is above the total
	}
	for _, c := range g.cells {
		low, high := t.Mechanism.surely(c.value)
		if low == high {
			continue // shown
		}
		high = min(high, g.total)
		if min(high, g.total-lows+low)-max(low, g.total-highs+high) < t.Mechanism.width() {
			return false
		}
	}
	return true
}

func (t *detailTable) row(c *detailCell, safe bool) schemas.OriginDestinationDetail {
	r := t.Row
	r.RegionCode, r.RegionLevel, r.OriginCode, r.Mechanism = c.region, c.level, c.origin, t.Mechanism.Name
	if !safe {
		r.Observation = schemas.Observation{ObsStatus: r.ObsStatus, ConfStatus: schemas.Withheld, MethodologyVersion: r.MethodologyVersion}
		return r
	}
	value, se := float64(c.value), t.Mechanism.stdError(c.value)
	low, high := t.Mechanism.interval(c.value, t.within)
	r.Value, r.StdError, r.CILow, r.CIHigh = &value, &se, &low, &high
	return r
}
