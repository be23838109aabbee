package disclose

import (
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/kankei/kankei/schemas"
)

func ptr[T any](v T) *T { return &v }

func cell(value float64) schemas.RelationalPopulation {
	return schemas.RelationalPopulation{
		RegionCode: "30401", Value: ptr(value), CILow: ptr(value - 1), Reliability: "A",
		Observation: schemas.Observation{ObsStatus: schemas.Estimated, ConfStatus: schemas.Free},
	}
}

func TestProtectThresholds(t *testing.T) {
	rule := Threshold{Persons: 10, Facilities: 3}
	for _, c := range []struct {
		name                string
		persons, facilities int64
		shown               bool
	}{
		{"nobody", 0, 0, false},
		{"one below", 9, 0, false},
		{"at the threshold", 10, 0, true},
		{"enough persons in too few facilities", 500, 2, false},
		{"enough of both", 10, 3, true},
		{"enough facilities, too few persons", 9, 30, false},
		{"a count gone wrong", -1, 5, false},
	} {
		got := Protect([]Counted[schemas.RelationalPopulation]{{Row: cell(1766), Persons: c.persons, Facilities: c.facilities}}, rule).Rows()[0]
		if shown := got.Value != nil; shown != c.shown {
			t.Errorf("%s: shown = %v, want %v", c.name, shown, c.shown)
		}
		if want := map[bool]string{true: schemas.Free, false: schemas.Withheld}[c.shown]; got.ConfStatus != want {
			t.Errorf("%s: conf_status = %s, want %s", c.name, got.ConfStatus, want)
		}
	}
}

func TestProtectNeverShowsUnderTenPersons(t *testing.T) {
	for _, rule := range []Threshold{{}, {Persons: 3}, {Persons: -5, Facilities: 1}} {
		rows := Protect([]Counted[schemas.GuestNights]{{Row: schemas.GuestNights{GuestNights: ptr(int64(40))}, Persons: 9, Facilities: 9}}, rule).Rows()
		if rows[0].GuestNights != nil {
			t.Errorf("Protect(9 persons, %+v) shows the figure", rule)
		}
	}
}

func TestRulesAreTheRulesApplied(t *testing.T) {
	got := map[string]int64{}
	for _, r := range (Threshold{Persons: 3, Facilities: 1}).Rules() {
		got[r.Rule] = r.Threshold
	}
	if diff := cmp.Diff(map[string]int64{"persons": LeastPersons, "facilities": 1}, got); diff != "" {
		t.Error(diff)
	}
}

func TestNotEstimableIsNotConfidential(t *testing.T) {
	row := schemas.VisitBehaviour{Observation: schemas.Observation{ObsStatus: schemas.NotEstimable, ConfStatus: schemas.Free}}
	got := Protect([]Counted[schemas.VisitBehaviour]{{Row: row}}, Threshold{}).Rows()[0]
	if diff := cmp.Diff(row, got); diff != "" {
		t.Errorf("a row without an estimate changed: %s", diff)
	}
	// Nor can the status carry a figure past the rule.
	row.Persons = ptr(int64(4))
	if got := Protect([]Counted[schemas.VisitBehaviour]{{Row: row, Persons: 4}}, Threshold{}).Rows()[0]; got.Persons != nil {
		t.Error("a row marked not estimable keeps its figure")
	}
}

func TestRowsAreCopies(t *testing.T) {
	p := Protect([]Counted[schemas.RelationalPopulation]{{Row: cell(5), Persons: 5}}, Threshold{})
	p.Rows()[0] = cell(5)
	if p.Rows()[0].Value != nil {
		t.Error("a withheld row was put back through Rows")
	}
	rules := []schemas.DisclosureRule{{Rule: "persons"}}
	q := Public(rules)
	rules[0].Rule = "changed"
	if q.Rows()[0].Rule != "persons" {
		t.Error("Public keeps the caller's slice")
	}
}

// Every measure of every row of figures goes, whatever the row holds, and
// nothing that is a key does. The row is the same whether it is withheld for its own sake
// or for that of others.
func TestWithheldLeavesNoMeasure(t *testing.T) {
	withholdsAll[schemas.RelationalPopulation](t)
	withholdsAll[schemas.VisitBehaviour](t)
	withholdsAll[schemas.GuestNights](t)
	withholdsAll[schemas.OriginDestination](t)
	withholdsAll[schemas.Coverage](t)
	withholdsAll[schemas.EngagementFunnel](t)
	withholdsAll[schemas.TargetProgress](t)
	withholdsAll[schemas.DefinitionSensitivity](t)
	withholdsAll[schemas.Flag](t)
}

func withholdsAll[T Figures[T]](t *testing.T) {
	t.Helper()
	var row T
	name := reflect.TypeFor[T]().Name()
	t.Run(name, func(t *testing.T) {
		rapid.Check(t, func(rt *rapid.T) {
			n := rapid.Int64Range(1, 1<<40).Draw(rt, "figure")
			fill(reflect.ValueOf(&row).Elem(), n)
			persons := rapid.Int64Range(0, 25).Draw(rt, "persons")
			facilities := rapid.Int64Range(0, 5).Draw(rt, "facilities")
			rule := Threshold{rapid.Int64Range(0, 20).Draw(rt, "least persons"), rapid.Int64Range(0, 4).Draw(rt, "least facilities")}
			got := Protect([]Counted[T]{{Row: row, Persons: persons, Facilities: facilities}}, rule).Rows()[0]
			least := max(rule.Persons, LeastPersons)
			withheld := persons < least || facilities > 0 && facilities < rule.Facilities
			checkRow(rt, row, got, withheld)
			primary := Protect([]Counted[T]{{Row: row, Persons: 0}}, rule).Rows()[0]
			secondary := Protect([]Counted[T]{{Row: row, Persons: 1000, marked: reasonSecondary}}, rule).Rows()[0]
			if !reflect.DeepEqual(primary, secondary) {
				rt.Fatalf("withheld for its own sake %+v, for that of others %+v: a reader can tell", primary, secondary)
			}
		})
	})
}

// checkRow compares a row before and after protection field by field.
func checkRow(t *rapid.T, before, after any, withheld bool) {
	b, a := reflect.ValueOf(before), reflect.ValueOf(after)
	for _, f := range reflect.VisibleFields(b.Type()) {
		if f.Anonymous {
			continue
		}
		x, y := b.FieldByIndex(f.Index), a.FieldByIndex(f.Index)
		switch role := f.Tag.Get("role"); {
		case role == "measure" && x.Kind() != reflect.Pointer:
			t.Fatalf("%s is a measure that cannot be null", f.Name)
		case role == "measure" && withheld && !y.IsNil():
			t.Fatalf("%s of a withheld row is not null", f.Name)
		case f.Name == "ConfStatus" && withheld:
			if y.String() != schemas.Withheld {
				t.Fatalf("conf_status of a withheld row is %q", y)
			}
		case role == "key" || !withheld:
			if !reflect.DeepEqual(x.Interface(), y.Interface()) {
				t.Fatalf("%s changed from %v to %v", f.Name, x, y)
			}
		}
	}
}

// fill sets every field of a row to something other than its zero value.
func fill(v reflect.Value, n int64) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), n)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	case reflect.String:
		v.SetString(strings.Repeat("x", int(n%7)+1))
	case reflect.Float64:
		v.SetFloat(float64(n))
	case reflect.Bool:
		v.SetBool(true)
	default:
		v.SetInt(n%27 + 1)
	}
}

// In a municipality every person is one pair; in a prefecture the two are other numbers.
func TestFormerPersonsAreFormerPairs(t *testing.T) {
	l := NewLinked(Rules{}, 0, func(string) bool { return false })
	var cells []Former
	for _, region := range []string{"30206 then", "30000 then"} {
		for _, measure := range []string{schemas.Persons, schemas.Pairs} {
			cells = append(cells, Former{Cube: schemas.CubeOf("person"), Value: 20,
				Coordinates: []string{"", measure, schemas.OutsidePrefecture, region, schemas.All, schemas.All, schemas.All, "", "1970-01-31", schemas.SourceBooking}})
		}
	}
	l.Former(cells, Redrawn{Totals: []FormerTotal{{Total: "30000 then", Parts: []string{"30206 then"}}}})
	told := l.pairsArePersons()
	if len(told) != 1 || l.cells[told[0].Total].coords[3] != "30206 then" || told[0].Parts[0] != told[0].Total+1 {
		t.Errorf("%+v, want that the persons of 30206 are its pairs", told)
	}
}
