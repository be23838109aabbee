// Package disclose decides which figures may leave the house. A publisher
// takes only a [Protected], and only this package makes one, so that a figure
// resting on too few persons cannot be written by forgetting to ask.
//
//	cells := disclose.Protect(counted, disclose.Threshold{Persons: 10, Facilities: 3})
package disclose

import (
	"slices"

	"github.com/kankei/kankei/schemas"
)

// LeastPersons is the least number of persons on whom a shown figure may rest,
// whatever the configuration says: the customary rule of official statistics
// in Japan for counts of persons and for sample sizes.
const LeastPersons = 10

// Threshold is the minimum frequency rule: a cell is shown if at least Persons
// unweighted persons and, where it rests on facilities, at least Facilities
// lodging facilities contribute to it.
type Threshold struct{ Persons, Facilities int64 }

// Effective is the threshold that is applied: Persons below [LeastPersons] is
// raised to it.
func (t Threshold) Effective() Threshold {
	t.Persons = max(t.Persons, LeastPersons)
	return t
}

// Rules are the rows that tell readers of a release which rules were applied.
func (t Threshold) Rules() []schemas.DisclosureRule {
	t = t.Effective()
	return []schemas.DisclosureRule{
		{Rule: "facilities", Threshold: t.Facilities, Note: "lodging facilities contributing to the cell, where it rests on facilities"},
		{Rule: "persons", Threshold: t.Persons, Note: "unweighted persons contributing to the cell; cells of none are withheld too"},
	}
}

// Counted is a row of figures beside the unweighted counts it rests on.
type Counted[T any] struct {
	Row T
	// Persons is the number of persons contributing; where the source knows no
	// persons, the number of whatever stands for them (guests, bookings).
	Persons int64
	// Facilities is the number of lodging facilities contributing; 0 where the
	// figure does not rest on facilities.
	Facilities int64
	// Houses is the number of facilities that know of the figure, where Facilities is the least of several windows; 0 where it is Facilities.
	Houses int64
	// Contributions are those to the figures of the row, one for each figure and kind of contributor; none
	// where contributors are persons.
	Contributions []Contribution
	// marked is why the row is withheld though it rests on enough: full or secondary, '' for no reason; [Linked.Suppress] and
	// [Derive] set it.
	marked string
}

// WithheldBy is the rule by which [Protect] withholds the row: persons, facilities or a rule of dominance, as [Rules.Rules] names
// them, full, secondary, which protects others, or ” where it is shown. It is for the controller: readers who know which cells
// are withheld for others know of these that they are large.
func (c Counted[T]) WithheldBy(rule Rule) string {
	if own := rule.floor().withholds(c.Persons, c.Facilities, c.Contributions); own != "" {
		return own
	}
	return c.marked
}

// Figures are the rows that carry figures about persons. Withheld gives the
// row without them. A dataset is protected by adding its row here; the set is
// closed so that no other package can bring a row whose Withheld withholds
// nothing.
type Figures[T any] interface {
	schemas.RelationalPopulation | schemas.EngagementFunnel | schemas.VisitBehaviour | schemas.GuestNights |
		schemas.OriginDestination | schemas.Concentration | schemas.Coverage |
		schemas.DefinitionSensitivity | schemas.DefinitionOverlap | schemas.RankStability | schemas.TargetProgress |
		schemas.ListEstimate | schemas.Assumption | schemas.ErrorBudget | schemas.SmallArea |
		schemas.Change | schemas.Nowcast | schemas.Flag |
		schemas.MigrationConversion | schemas.ConversionCurve | schemas.MigrationSource |
		schemas.ConversionDriver | schemas.ProgrammeContrast | schemas.EngagementTransition
	Withheld() T
}

// Reference are the rows that carry no figure about persons.
type Reference interface {
	schemas.Region | schemas.RegionChange | schemas.Definition | schemas.DisclosureRule | schemas.Quality
}

// Protected holds rows that may be published. Its zero value holds none.
type Protected[T any] struct{ rows []T }

// Protect withholds every cell that rests on fewer persons or facilities than
// the rule asks for, or that one or two contributors dominate, cells of none included: to show a zero is to say that
// nobody did. Rows keep their order. Rows that [Linked.Suppress] has marked are withheld too, so that
// none of the others can be computed out of its neighbours.
func Protect[T Figures[T]](rows []Counted[T], rule Rule) Protected[T] {
	out := make([]T, len(rows))
	for i, c := range rows {
		out[i] = c.Row
		if c.WithheldBy(rule) != "" {
			out[i] = c.Row.Withheld()
		}
	}
	return Protected[T]{out}
}

// Shows says whether a cell resting on so many may be shown.
func (t Threshold) Shows(persons, facilities int64) bool {
	return t.withholds(persons, facilities, nil) == ""
}

// Public passes rows that carry no figure about persons.
func Public[T Reference](rows []T) Protected[T] {
	return Protected[T]{slices.Clone(rows)}
}

// Rows is a copy of the rows.
func (p Protected[T]) Rows() []T { return slices.Clone(p.rows) }

// Len is the number of rows.
func (p Protected[T]) Len() int { return len(p.rows) }
