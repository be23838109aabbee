package pipeline

import (
	"bytes"
	"io"
	"os"
	"reflect"
	"strings"

	"github.com/parquet-go/parquet-go"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
)

// restsOn says on how many persons and houses a row of a published dataset rests, and by which rule it is withheld. It is
// for the controller alone.
type restsOn struct {
	Dataset string `parquet:"dataset,dict"`
	// Key are the codes of the key columns, as [restsKey] joins them.
	Key string `parquet:"key"`
	// Rule is that of [disclose.Counted.WithheldBy]; '' of a row that is shown.
	Rule string `parquet:"rule,dict"`
	// Persons and Facilities are what the figure rests on; 0 facilities where it rests on none.
	Persons    int64 `parquet:"persons"`
	Facilities int64 `parquet:"facilities"`
}

// restsPath is where the controller finds what rows rest on, and which are withheld and why. It is never published.
func (w Workspace) restsPath() string { return w.Path("work", "rests.parquet") }

// restsKey tells the rows of a dataset apart.
func restsKey(codes []string) string { return strings.Join(codes, "\x1f") }

// keepRests writes what the figures that are explained rest on, and by which rule rows are withheld.
func (r *Run) keepRests(f figures) error {
	var b bytes.Buffer
	w := parquet.NewGenericWriter[restsOn](&b, parquet.Compression(&parquet.Zstd))
	rule := r.rules()
	for _, write := range []func() error{
		func() error { return writeRests(w, "relational_population", f.RelationalPopulation, rule) },
		func() error { return writeRests(w, "engagement_funnel", f.EngagementFunnel, rule) },
		func() error { return writeRests(w, "migration_conversion", f.MigrationConversion, rule) },
		func() error { return writeRests(w, "conversion_curve", f.ConversionCurve, rule) },
		func() error { return writeRests(w, "small_areas", f.SmallAreas, rule) },
		func() error { return writeRests(w, "target_progress", f.TargetProgress, rule) },
		func() error { return writeRests(w, "origin_destination", f.OriginDestination, rule) },
		func() error { return writeRests(w, "concentration", f.Concentration, rule) },
		func() error { return writeRests(w, "change", f.Change, rule) },
		func() error { return writeRests(w, "guest_nights", f.GuestNights, rule) },
		func() error { return writeRests(w, "visit_behaviour", f.VisitBehaviour, rule) },
		func() error { return writeRests(w, "definition_sensitivity", f.DefinitionSensitivity, rule) },
		func() error { return writeRests(w, "coverage", f.Coverage, rule) },
		w.Close,
	} {
		if err := write(); err != nil {
			return err
		}
	}
	return r.Replace(r.restsPath(), b.Bytes())
}

// writeRests writes those of the rows that can be estimated.
func writeRests[T any](w *parquet.GenericWriter[restsOn], dataset string, rows []disclose.Counted[T], rule disclose.Rule) error {
	var fields []reflect.StructField
	for _, f := range columnsOf(reflect.TypeFor[T]()) {
		if f.Tag.Get("role") == "key" {
			fields = append(fields, f)
		}
	}
	status, _ := reflect.TypeFor[T]().FieldByName("ObsStatus")
	codes := make([]string, len(fields))
	batch := make([]restsOn, 0, 1024)
	flush := func() error {
		_, err := w.Write(batch)
		batch = batch[:0]
		return err
	}
	for i := range rows {
		v := reflect.ValueOf(&rows[i].Row).Elem()
		if v.FieldByIndex(status.Index).String() == schemas.NotEstimable {
			continue
		}
		for k, f := range fields {
			codes[k] = schemas.Coordinate(v.FieldByIndex(f.Index))
		}
		batch = append(batch, restsOn{dataset, restsKey(codes), rows[i].WithheldBy(rule), rows[i].Persons, rows[i].Facilities})
		if len(batch) == cap(batch) {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

// restsOn finds what a row rests on; nil where no record is kept.
func (w Workspace) restsOn(dataset string, row tableRow) (*restsOn, error) {
	in, err := os.Open(w.restsPath())
	if err != nil {
		return nil, err
	}
	defer in.Close()
	reader := parquet.NewGenericReader[restsOn](in)
	defer reader.Close()
	var codes []string
	for _, k := range row.key() {
		codes = append(codes, k.Code)
	}
	key := restsKey(codes)
	batch := make([]restsOn, 1024)
	for {
		n, err := reader.Read(batch)
		for _, found := range batch[:n] {
			if found.Dataset == dataset && found.Key == key {
				return &found, nil
			}
		}
		if err == io.EOF {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
	}
}
