package schemas

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
)

// Stages of a dataset: how far from the delivered files it lies, and whether it
// may leave the house.
const (
	Landed    = "landed"    // rows of the delivered files, pseudonymised
	Store     = "store"     // rows of persons between ingest and the figures
	Internal  = "internal"  // figures before disclosure control
	Published = "published" // figures after disclosure control, and what explains them
	Simulated = "simulated" // the truth of a simulated world
)

// Dataset is a kind of table: a name, and the struct that says what a row is.
type Dataset struct {
	// Name is the name of the table and of its Parquet folder.
	Name string
	// Row is the zero value of the row struct.
	Row any
	// Stage is landed, store, internal, published or simulated.
	Stage string
	// Comment is the doc comment of the row struct on one line, its name in plain
	// words; the last sentence is the grain.
	Comment string
}

// Column is a column of a dataset, as the tags and the doc comment of its field
// describe it.
type Column struct {
	// Name is the name in Parquet, DuckDB and every printed table.
	Name string
	// GoType is the type of the field as Go writes it, such as *int32.
	GoType string
	// DuckType is the DuckDB type.
	DuckType string
	// Role is key, dimension, measure or attribute.
	Role string
	// Unit is what one of the value is: person, night, code, date.
	Unit string
	// Comment is the doc comment of the field on one line, about the column's name.
	Comment string
	// Nullable says that the value may be not known.
	Nullable bool
}

// rows lists every dataset, in the order of the dictionary: what leaves the
// house first, what is nearest to persons last.
var rows = []Dataset{
	{Name: "relational_population", Row: RelationalPopulation{}, Stage: Published},
	{Name: "engagement_funnel", Row: EngagementFunnel{}, Stage: Published},
	{Name: "visit_behaviour", Row: VisitBehaviour{}, Stage: Published},
	{Name: "guest_nights", Row: GuestNights{}, Stage: Published},
	{Name: "origin_destination", Row: OriginDestination{}, Stage: Published},
	{Name: "origin_destination_detail", Row: OriginDestinationDetail{}, Stage: Published},
	{Name: "concentration", Row: Concentration{}, Stage: Published},
	{Name: "coverage", Row: Coverage{}, Stage: Published},
	{Name: "definition_sensitivity", Row: DefinitionSensitivity{}, Stage: Published},
	{Name: "definition_overlap", Row: DefinitionOverlap{}, Stage: Published},
	{Name: "rank_stability", Row: RankStability{}, Stage: Published},
	{Name: "target_progress", Row: TargetProgress{}, Stage: Published},
	{Name: "error_budget", Row: ErrorBudget{}, Stage: Published},
	{Name: "small_areas", Row: SmallArea{}, Stage: Published},
	{Name: "change", Row: Change{}, Stage: Published},
	{Name: "revisions", Row: Revision{}, Stage: Published},
	{Name: "nowcast", Row: Nowcast{}, Stage: Published},
	{Name: "flags", Row: Flag{}, Stage: Published},
	{Name: "list_estimates", Row: ListEstimate{}, Stage: Published},
	{Name: "assumptions", Row: Assumption{}, Stage: Published},
	{Name: "migration_conversion", Row: MigrationConversion{}, Stage: Published},
	{Name: "conversion_curve", Row: ConversionCurve{}, Stage: Published},
	{Name: "migration_sources", Row: MigrationSource{}, Stage: Published},
	{Name: "conversion_drivers", Row: ConversionDriver{}, Stage: Published},
	{Name: "programme_contrast", Row: ProgrammeContrast{}, Stage: Published},
	{Name: "engagement_transitions", Row: EngagementTransition{}, Stage: Published},
	{Name: "quality", Row: Quality{}, Stage: Published},
	{Name: "definitions", Row: Definition{}, Stage: Published},
	{Name: "regions", Row: Region{}, Stage: Published},
	{Name: "region_changes", Row: RegionChange{}, Stage: Published},
	{Name: "disclosure", Row: DisclosureRule{}, Stage: Published},
	{Name: "visit_frequency", Row: VisitFrequency{}, Stage: Internal},
	{Name: "deliveries", Row: Delivered{}, Stage: Internal},
	{Name: "stay", Row: Stay{}, Stage: Store},
	{Name: "identity", Row: Identity{}, Stage: Store},
	{Name: "survey_weight", Row: SurveyWeight{}, Stage: Store},
	{Name: "visit_month", Row: VisitMonth{}, Stage: Store},
	{Name: "act_month", Row: ActMonth{}, Stage: Store},
	{Name: "window", Row: Window{}, Stage: Store},
	{Name: "tally", Row: Tally{}, Stage: Store},
	{Name: "night_tally", Row: NightTally{}, Stage: Store},
	{Name: "truth", Row: Truth{}, Stage: Simulated},
	{Name: "booking", Row: Booking{}, Stage: Landed},
	{Name: "visit", Row: Visit{}, Stage: Landed},
	{Name: "survey_response", Row: SurveyResponse{}, Stage: Landed},
	{Name: "survey_tie", Row: SurveyTie{}, Stage: Landed},
	{Name: "act", Row: Act{}, Stage: Landed},
	{Name: "move", Row: Move{}, Stage: Landed},
	{Name: "facility", Row: Facility{}, Stage: Landed},
	{Name: "total", Row: Total{}, Stage: Landed},
	{Name: "rejects", Row: Reject{}, Stage: Landed},
}

var commented = sync.OnceValue(func() []Dataset {
	out := slices.Clone(rows)
	for i, d := range out {
		row := reflect.TypeOf(d.Row).Name()
		out[i].Comment = rename(comments()[row], row, words(row))
	}
	return out
})

// Datasets lists every dataset, in the order of the dictionary.
func Datasets() []Dataset { return slices.Clone(commented()) }

// Find gives the dataset of that name.
func Find(name string) (Dataset, bool) {
	i := slices.IndexFunc(commented(), func(d Dataset) bool { return d.Name == name })
	if i < 0 {
		return Dataset{}, false
	}
	return commented()[i], true
}

// Columns lists the columns in the order of the struct's fields, embedded
// structs in their place. It panics on a field that has no column: a mistake in
// this package, which its tests meet first.
func (d Dataset) Columns() []Column { return columns(reflect.TypeOf(d.Row)) }

// Key names the columns that together tell one row from another.
func (d Dataset) Key() []string {
	var key []string
	for _, c := range d.Columns() {
		if c.Role == "key" {
			key = append(key, c.Name)
		}
	}
	return key
}

func columns(row reflect.Type) []Column {
	var out []Column
	for i := range row.NumField() {
		f := row.Field(i)
		if f.Anonymous {
			out = append(out, columns(f.Type)...)
			continue
		}
		out = append(out, column(row, f))
	}
	return out
}

func column(row reflect.Type, f reflect.StructField) Column {
	name, options, _ := strings.Cut(f.Tag.Get("parquet"), ",")
	field := row.Name() + "." + f.Name
	if name == "" || name == "-" {
		panic(fmt.Sprintf("schemas: %s names no column in its parquet tag", field))
	}
	t, pointer := f.Type, f.Type.Kind() == reflect.Pointer
	if pointer {
		t = t.Elem()
	}
	return Column{
		Name:     name,
		GoType:   strings.ReplaceAll(f.Type.String(), "schemas.", ""),
		DuckType: duckType(field, t),
		Role:     f.Tag.Get("role"),
		Unit:     f.Tag.Get("unit"),
		Comment:  rename(comments()[field], f.Name, name),
		Nullable: pointer || slices.Contains(strings.Split(options, ","), "optional"),
	}
}
