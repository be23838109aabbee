package schemas

// Derived says which rows of a dataset tell a cell of a cube to readers who divide or multiply: a share beside what it
// is of, an index with a known denominator, the number of persons that an estimate rests on. A row that is derived from
// a withheld cell is withheld.
type Derived struct {
	// Dataset is the name of a published dataset, Cube that of the cube.
	Dataset, Cube string
	// Where are the codes that columns of the row must have; with ! before it, must not.
	Where map[string]string
	// Fixed are coordinates that do not come from the row, From the columns of the row that others come from.
	Fixed, From map[string]string
	// PartsOver is a column along which the row is made of all parts of the cell. Parts under the threshold are
	// taken together before; the row tells those that are withheld for the sake of others.
	PartsOver string
	// Months is the number of months, to that of the row, of which the row is made: with the others shown it tells each. 0 is
	// the month of the row alone.
	Months int
}

// originIndices are the statistics of concentration that are made of the persons of all prefectures of residence.
var originIndices = []string{"hhi", "hhi_corrected", "effective_origins", "tokyo_area_share", "gini", "theil", "theil_between_areas"}

// ofOneOrigin are those of one prefecture of residence.
var ofOneOrigin = []string{"location_quotient", "gravity_residual"}

// DerivedCounts lists what tells cells that other rows show.
func DerivedCounts() []Derived {
	statistic := func(s string) map[string]string { return map[string]string{"statistic": s} }
	// All persons seen of the origin of the row: what estimates by origin rest on, too.
	byOrigin := without(everybody(), "origin_code")
	out := []Derived{
		// Repeaters = repeat_rate × persons.
		{Dataset: "visit_behaviour", Cube: cubePersons, Where: map[string]string{"statistic": "repeat_rate", "definition": ""}, Fixed: everybody("group", groupRepeaters)},
		// Persons who came once at least, and twice.
		{Dataset: "definition_sensitivity", Cube: cubePersons, Where: map[string]string{"estimator": "observed", "trips": "1"}, Fixed: everybody()},
		{Dataset: "definition_sensitivity", Cube: cubePersons, Where: map[string]string{"estimator": "observed", "trips": "2"}, Fixed: everybody("group", groupRepeaters)},
		// Persons of a definition = persons of both ÷ share.
		{Dataset: "definition_overlap", Cube: cubePersons, Fixed: without(everybody(), "definition")},
		{Dataset: "definition_overlap", Cube: cubePersons, Fixed: without(everybody(), "definition"), From: map[string]string{"definition": "other_definition"}},
		// The persons on whom an estimate by origin rests: of bookings all seen, of surveys sometimes those of the definition.
		{Dataset: "origin_destination", Cube: cubePersons, Where: map[string]string{"estimator": "!observed"}, Fixed: byOrigin},
		{Dataset: "origin_destination", Cube: cubePersons, Where: map[string]string{"estimator": "!observed", "source": SourceSurvey}, Fixed: without(everybody(), "definition", "origin_code")},
		// What is known so far of a month is what arrived in it.
		{Dataset: "nowcast", Cube: cubeBookings, Where: map[string]string{"statistic": "bookings", "source": SourceBooking}, Fixed: map[string]string{"origin_code": All, "origin_country": ""}},
		{Dataset: "nowcast", Cube: cubeNights, Where: map[string]string{"statistic": "guest_nights", "source": SourceBooking}, Fixed: map[string]string{"origin_code": All, "origin_country": ""}},
	}
	// Nights of covered houses over official ones in 12 months, and what it is multiplied into.
	for _, told := range [][2]string{{StepFacility, BasisOfficialNights}, {StepProduct, BasisProduct}, {StepDetection, BasisProduct}} {
		out = append(out, Derived{Dataset: "coverage", Cube: cubeSpent, Where: map[string]string{"step": told[0], "basis": told[1]}, Months: 12})
	}
	// What is expected of a month is made of the counts of all.
	for _, series := range [][2]string{{"bookings", cubeBookings}, {"guest_nights", cubeNights}} {
		out = append(out, Derived{Dataset: "flags", Cube: series[1], Where: map[string]string{"kind": "input", "source": SourceBooking, "statistic": series[0]},
			Fixed: map[string]string{"origin_code": All, "origin_country": "", "month": All}, PartsOver: "month"})
	}
	for _, s := range []string{"month_gini", "peak_ratio", "person_days", "resident_equivalents"} {
		out = append(out, Derived{Dataset: "concentration", Cube: cubePersons, Where: statistic(s), Fixed: everybody()})
	}
	for _, s := range originIndices {
		out = append(out, Derived{Dataset: "concentration", Cube: cubePersons, Where: statistic(s), Fixed: byOrigin, PartsOver: "origin_code"})
	}
	for _, s := range ofOneOrigin {
		out = append(out, Derived{Dataset: "concentration", Cube: cubePersons, Where: statistic(s), Fixed: byOrigin})
	}
	// Those of everybody seen are of those whose prefecture is known: with the total they tell how many there are of others.
	for _, s := range append(append([]string{}, originIndices...), ofOneOrigin...) {
		for _, other := range []string{Abroad, Unknown} {
			where := map[string]string{"statistic": s, "definition": ""}
			out = append(out, Derived{Dataset: "concentration", Cube: cubePersons, Where: where, Fixed: everybody("origin_code", other)})
		}
	}
	return out
}

// Coordinates are those of the cells that a row is derived from: of one, or of several months the latest first.
func (d Derived) Coordinates(cube Cube, code func(column string) string) [][]string {
	var cells [][]string
	for back := range max(1, d.Months) {
		cell := make([]string, len(cube.Columns))
		for i, column := range cube.Columns {
			value, fixed := d.Fixed[column]
			from, moved := d.From[column]
			switch {
			case fixed:
			case moved:
				value = code(from)
			default:
				value = code(column)
			}
			cell[i] = monthEnd(value, back)
		}
		cells = append(cells, cell)
	}
	return cells
}
