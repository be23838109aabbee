package schemas

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// How published figures hang together, as data: which rows show the same figure, and which
// figures add up. Disclosure control withholds by it, and the attack on a publication
// computes by it, each with its own code.

// Cube is a table of exact counts with totals, however many datasets show its cells.
type Cube struct {
	// Name is the unit that is counted.
	Name string
	// Columns are the coordinates of a cell, in the order of its name.
	Columns []string
	// Sums are what adds up within it.
	Sums []Sum
	// Single says that one person is one of a cell, as of persons and bookings, and no more: what is one's own of it is 1.
	Single bool
	// ByOrigin are the codes that columns of a cell must have whose origins have rows wherever somebody is counted: where
	// none has, readers know that the cell is 0. Nil where there are no such cells.
	ByOrigin map[string]string
	// Redrawn are the cells that still say something of each other where publications follow municipal boundaries of different days.
	Redrawn []Redrawn
	// Bounded are the cells of prefectures and the nation that are others under other municipal boundaries, as Where; a cell is one where
	// it meets one of them.
	Bounded []map[string]string
}

// Redrawn says that along one column, all others equal, the municipalities of an area by the boundaries of one day
// count together what they count by those of another: of a town that two others became, the sum of these.
type Redrawn struct {
	// Over is the column.
	Over string
	// Where are the codes that other columns must have.
	Where map[string]string
	// Distinct says that somebody may be counted in several: the whole is no more than the sum, and no less than each.
	Distinct bool
}

// Sum says that along one column, all others equal, the cell of one code is the sum of those of others.
type Sum struct {
	// Over is the column.
	Over string
	// Total is the code of the total. Where Over is region_code it is '': the nation is the
	// sum of the prefectures, each of these that of its municipalities.
	Total string
	// Parts are the codes that add up; nil is all codes but the total.
	Parts []string
	// Where are the codes that other columns must have; of a code with ! before it, must not.
	Where map[string]string
	// AtMost says that the total is no more than the sum.
	AtMost bool
	// Rest says that there may be parts that no dataset has: the total is no less than the sum.
	Rest bool
	// Hidden says that no dataset has the total either: several sums of it are equal.
	Hidden bool
	// Municipal says that the codes are those of municipalities, and the total that of their prefecture; other sums over
	// origin_code are of prefectures.
	Municipal bool
}

// Shown says which rows of a dataset show cells of a cube.
type Shown struct {
	// Dataset is the name of a published dataset, Figure its column with the count.
	Dataset, Figure string
	// Cube is the name of the cube.
	Cube string
	// Where are the codes that columns of the row must have; with ! before it, must not.
	Where map[string]string
	// Fixed are coordinates that do not come from the row.
	Fixed map[string]string
	// MonthsBack moves the reference month so many months back.
	MonthsBack int
	// Perturbed says that the figure is not the count but what a mechanism made of it.
	Perturbed bool
	// Somebody are the rows that are there only where somebody is counted, as Where; a row meets one of them. Without
	// its figure it tells still that there is one at least, and its absence that there is nobody.
	Somebody []map[string]string
}

// Least is what a row tells of its count whether the figure is shown or not: one at least, or nothing.
func (s Shown) Least(code func(column string) string) int64 {
	if slices.ContainsFunc(s.Somebody, func(where map[string]string) bool { return Meets(where, code) }) {
		return 1
	}
	return 0
}

const (
	cubePersons  = "person"
	cubeFlows    = "person between levels"
	cubeNights   = "guest-night"
	cubeBookings = "booking"
	cubeSpent    = "guest-night spent"
	// All persons, and those with two trips or more.
	groupEverybody, groupRepeaters = "", "repeaters"
)

var arrivals = []Sum{
	{Over: "region_code"},
	{Over: "origin_code", Total: All, Where: map[string]string{"origin_country": ""}},
	{Over: "origin_country", Where: map[string]string{"origin_code": Abroad}, Rest: true},
}

var arrived = []Redrawn{{Over: "region_code"}}

// byMunicipality are the figures in which who lives outside is told by municipality.
var byMunicipality = []map[string]string{{"outside": OutsideMunicipality}, {"outside": OutsideEverydayArea}}

var allArrivals = map[string]string{"origin_code": All, "origin_country": ""}

// Cubes lists the tables of counts that add up. They are not to be changed.
var Cubes = sync.OnceValue(func() []Cube {
	return []Cube{
		{Name: cubePersons, Single: true, Columns: []string{"definition", "measure", "outside", "region_code", "origin_code", "relation_type", "engagement", "group", "reference_month", "source"},
			ByOrigin: map[string]string{"origin_code": All, "relation_type": All, "engagement": All, "group": groupEverybody}, Sums: []Sum{
				{Over: "origin_code", Total: All},
				{Over: "origin_code", Municipal: true},
				{Over: "relation_type", Total: All},
				{Over: "engagement", Total: All, Where: map[string]string{"definition": "!"}},
				// Of some of those seen no level is known.
				{Over: "engagement", Total: All, Where: map[string]string{"definition": ""}, Rest: true},
				{Over: "region_code", Where: map[string]string{"measure": Pairs}},
				{Over: "measure", Total: PersonsAnyMunicipality, Parts: []string{Pairs}, AtMost: true},
				{Over: "group", Total: groupRepeaters, Parts: []string{groupEverybody}, AtMost: true},
			},
			// Who meets a definition in the whole may meet it in none of its parts.
			Redrawn: []Redrawn{{Over: "origin_code"}, {Over: "region_code", Where: without(everybody("outside", OutsidePrefecture), "origin_code"), Distinct: true}},
			Bounded: append([]map[string]string{{"measure": "!" + Persons}}, byMunicipality...)},
		{Name: cubeFlows, Single: true, Columns: []string{"statistic", "engagement", "outside", "region_code", "reference_month", "months", "source"}, Bounded: byMunicipality, Sums: []Sum{
			{Over: "statistic", Total: "turnover", Parts: []string{FunnelClosing, FunnelExits}, Hidden: true},
			{Over: "statistic", Total: "turnover", Parts: []string{FunnelOpening, FunnelEntries}, Hidden: true},
			{Over: "statistic", Total: FunnelEntries, Parts: []string{FunnelFromOutside, FunnelFromBelow, FunnelFromAbove}},
			{Over: "statistic", Total: FunnelFromOutside, Parts: []string{FunnelNew, FunnelReturned}},
			{Over: "statistic", Total: FunnelExits, Parts: []string{FunnelToOutside, FunnelToBelow, FunnelToAbove}},
			{Over: "statistic", Total: FunnelToOutside, Parts: []string{FunnelLapsed, FunnelMovedIn}},
		}},
		{Name: cubeBookings, Single: true, Columns: []string{"region_code", "month", "origin_code", "origin_country"}, Sums: arrivals, ByOrigin: allArrivals, Redrawn: arrived},
		{Name: cubeNights, Columns: []string{"region_code", "month", "origin_code", "origin_country"}, Sums: arrivals, ByOrigin: allArrivals, Redrawn: arrived},
		// By the month in which nights are spent.
		{Name: cubeSpent, Columns: []string{"region_code", "month"}, Sums: []Sum{{Over: "region_code"}}, Redrawn: arrived},
	}
})

// everybody are the coordinates of all persons seen, whatever the definition.
func everybody(more ...string) map[string]string {
	all := map[string]string{"definition": "", "measure": Persons, "origin_code": All, "relation_type": All, "engagement": All, "group": groupEverybody}
	for i := 0; i < len(more); i += 2 {
		all[more[i]] = more[i+1]
	}
	return all
}

// without is a set of coordinates less some.
func without(of map[string]string, columns ...string) map[string]string {
	for _, c := range columns {
		delete(of, c)
	}
	return of
}

// Counts lists what shows cells of the cubes. Rows of one cell show the same figure.
func Counts() []Shown {
	observed := map[string]string{"estimator": "observed"}
	of := func(columns ...string) map[string]string {
		where := map[string]string{}
		for i := 0; i < len(columns); i += 2 {
			where[columns[i]] = columns[i+1]
		}
		return where
	}
	population := of("group", groupEverybody)
	every := []map[string]string{{}}
	parts := []map[string]string{of("origin_code", "!"+All), of("relation_type", "!"+All), of("engagement", "!"+All)}
	out := []Shown{
		{Dataset: "relational_population", Figure: "value", Cube: cubePersons, Where: observed, Fixed: population, Somebody: parts},
		// In one municipality every person is one pair.
		{Dataset: "relational_population", Figure: "value", Cube: cubePersons, Fixed: of("group", groupEverybody, "measure", Pairs),
			Where: of("estimator", "observed", "measure", Persons, "region_level", LevelMunicipality), Somebody: parts},
		{Dataset: "origin_destination", Figure: "persons", Cube: cubePersons, Where: of("estimator", "observed", "definition", ""), Fixed: without(everybody(), "origin_code"), Somebody: every},
		{Dataset: "origin_destination_detail", Figure: "value", Cube: cubePersons, Fixed: without(everybody(), "definition", "origin_code"), Perturbed: true},
		{Dataset: "visit_behaviour", Figure: "persons", Cube: cubePersons, Where: of("statistic", "repeat_rate", "definition", ""), Fixed: everybody(), Somebody: every},
		{Dataset: "visit_behaviour", Figure: "persons", Cube: cubePersons, Where: of("statistic", "length_of_stay_mean", "definition", ""), Fixed: everybody(), Somebody: every},
		{Dataset: "visit_behaviour", Figure: "persons", Cube: cubePersons, Where: of("statistic", "month_index", "definition", ""), Fixed: everybody(), Somebody: every},
		{Dataset: "visit_behaviour", Figure: "persons", Cube: cubePersons, Where: of("statistic", "trip_interval_median", "definition", ""), Fixed: everybody("group", groupRepeaters)},
		{Dataset: "engagement_funnel", Figure: "value", Cube: cubePersons, Where: of("statistic", FunnelClosing), Fixed: without(everybody(), "engagement")},
		{Dataset: "engagement_funnel", Figure: "value", Cube: cubePersons, Where: of("statistic", FunnelOpening, "months", "12"), Fixed: without(everybody(), "engagement"), MonthsBack: 12},
		{Dataset: "engagement_funnel", Figure: "value", Cube: cubeFlows, Where: of("months", "!0")},
		{Dataset: "target_progress", Figure: "value", Cube: cubePersons, Where: observed, Fixed: without(everybody(), "definition", "measure")},
		{Dataset: "definition_sensitivity", Figure: "value", Cube: cubePersons, Where: of("estimator", "observed", "own_threshold", "true"), Fixed: without(everybody(), "definition")},
		{Dataset: "flags", Figure: "value", Cube: cubeBookings, Where: of("kind", "input", "source", SourceBooking, "statistic", "bookings"), Fixed: of("origin_code", All, "origin_country", "")},
		{Dataset: "flags", Figure: "value", Cube: cubeNights, Where: of("kind", "input", "source", SourceBooking, "statistic", "guest_nights"), Fixed: of("origin_code", All, "origin_country", "")},
		{Dataset: "guest_nights", Figure: "bookings", Cube: cubeBookings, Somebody: every},
		{Dataset: "guest_nights", Figure: "guest_nights", Cube: cubeNights},
		{Dataset: "coverage", Figure: "recorded_guest_nights", Cube: cubeSpent, Where: of("step", StepGuestNights)},
	}
	return out
}

// Added are the rows of estimates that are made to add up over regions: the nation is the sum of prefectures, each of these that of its
// municipalities. Their columns but the region tell sums apart.
func Added() []Shown {
	return []Shown{{Dataset: "relational_population", Figure: "value",
		Where: map[string]string{"source": SourceCombined, "measure": Pairs, "origin_code": All, "relation_type": All, "engagement": All}}}
}

// Unrelated says of every other published dataset why its figures are in no sums.
func Unrelated() map[string]string {
	const (
		estimated = "estimates with errors of their own, withheld by what they rest on"
		noPersons = "no figures about persons"
	)
	return map[string]string{
		"concentration":          "indices over origins and months, of cells that may be told apart only",
		"definition_overlap":     "persons of two definitions at once, withheld by the fewest of both and of either alone",
		"rank_stability":         "correlations of ranks",
		"error_budget":           estimated,
		"small_areas":            estimated,
		"change":                 estimated,
		"revisions":              "differences of figures that a publication shows and this release too",
		"nowcast":                estimated,
		"list_estimates":         estimated,
		"assumptions":            "shares and tests, withheld by the fewer of those they are of and those they are not",
		"migration_conversion":   estimated,
		"conversion_curve":       estimated,
		"migration_sources":      "shares of movers between windows that no other dataset counts",
		"conversion_drivers":     estimated,
		"programme_contrast":     estimated,
		"engagement_transitions": "shares of a prefecture's transitions, all shown or none",
		"quality":                "counts of records, not of persons",
		"definitions":            noPersons,
		"regions":                noPersons,
		"region_changes":         noPersons,
		"disclosure":             noPersons,
	}
}

// CubeOf is the cube of that name. It panics if there is none.
func CubeOf(name string) Cube {
	all := Cubes()
	return all[slices.IndexFunc(all, func(c Cube) bool { return c.Name == name })]
}

// CellName is the name of the cell of those coordinates.
func (c Cube) CellName(coordinates []string) string {
	return c.Name + ": " + strings.Join(coordinates, "/")
}

// HasOrigins says whether a cell's origins have rows wherever somebody is counted.
func (c Cube) HasOrigins(coordinates []string) bool {
	return c.ByOrigin != nil && Meets(c.ByOrigin, func(column string) string { return coordinates[slices.Index(c.Columns, column)] })
}

// IsBounded says whether a cell of a prefecture or the nation is another one under other municipal boundaries.
func (c Cube) IsBounded(coordinates []string) bool {
	return slices.ContainsFunc(c.Bounded, func(where map[string]string) bool {
		return Meets(where, func(column string) string { return coordinates[slices.Index(c.Columns, column)] })
	})
}

// Coordinates are those of the cell that a row shows.
func (s Shown) Coordinates(cube Cube, code func(column string) string) []string {
	out := make([]string, len(cube.Columns))
	for i, column := range cube.Columns {
		fixed, there := s.Fixed[column]
		if !there {
			fixed = code(column)
		}
		out[i] = monthEnd(fixed, s.MonthsBack)
	}
	return out
}

// monthEnd is a date as the end of its month, or of one so many months before; other codes are themselves.
func monthEnd(code string, back int) string {
	if day, err := ParseDate(code); err == nil {
		return day.AddMonths(-back).String()
	}
	return code
}

// IsTotal says whether a code of the column is that of a total.
func (s Sum) IsTotal(code string) bool {
	if s.Over == "region_code" || s.Municipal {
		return strings.HasSuffix(code, "000")
	}
	return code == s.Total
}

// TotalOf is the code of the total that a code of the column is a part of, and false where it is of none.
func (s Sum) TotalOf(code string) (string, bool) {
	switch municipal := s.Over == "origin_code" && isMunicipality(code); {
	case s.Municipal:
		return code[:min(2, len(code))] + "000", municipal
	case municipal:
		return s.Total, false
	case s.Over != "region_code" && s.Parts == nil:
		return s.Total, code != s.Total
	case s.Over != "region_code":
		return s.Total, slices.Contains(s.Parts, code)
	case strings.HasSuffix(code, "000"):
		return Nation, code != Nation
	}
	return code[:2] + "000", len(code) == 5 // else one of other boundaries
}

// isMunicipality tells the code of a municipality from those of prefectures, the nation and others.
func isMunicipality(code string) bool {
	return len(code) == 5 && strings.Trim(code, "0123456789") == "" && code[2:] != "000"
}

// Meets says whether the codes of columns are as asked, where a code with ! before it
// must not be had.
func Meets(where map[string]string, code func(column string) string) bool {
	for column, want := range where {
		if not, negated := strings.CutPrefix(want, "!"); negated == (code(column) == not) && negated || !negated && code(column) != want {
			return false
		}
	}
	return true
}

// Coordinate is a column of a row as text: dates as YYYY-MM-DD, numbers in digits.
func Coordinate(field reflect.Value) string {
	switch v := field.Interface().(type) {
	case string:
		return v
	case Date:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	case int32:
		return strconv.Itoa(int(v))
	}
	panic("schemas: a coordinate is a " + field.Type().String())
}
