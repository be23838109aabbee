package schemas

import "testing"

// Every published dataset says how its figures hang together with others, or why they do not.
func TestEveryPublishedDatasetSaysHowItAddsUp(t *testing.T) {
	counts := map[string]bool{}
	for _, shown := range Counts() {
		d, known := Find(shown.Dataset)
		if !known || d.Stage != Published {
			t.Errorf("%s is not a published dataset", shown.Dataset)
		}
		counts[shown.Dataset] = true
		has := map[string]bool{}
		for _, c := range d.Columns() {
			has[c.Name] = true
		}
		if !has[shown.Figure] {
			t.Errorf("%s has no column %s", shown.Dataset, shown.Figure)
		}
		for column := range shown.Where {
			if !has[column] {
				t.Errorf("%s has no column %s", shown.Dataset, column)
			}
		}
		for _, column := range CubeOf(shown.Cube).Columns {
			if _, fixed := shown.Fixed[column]; !fixed && !has[column] {
				t.Errorf("%s: nothing gives %s of its cells", shown.Dataset, column)
			}
		}
	}
	for _, derived := range DerivedCounts() {
		d, known := Find(derived.Dataset)
		has := map[string]bool{}
		for _, c := range d.Columns() {
			has[c.Name] = true
		}
		for column := range derived.Where {
			known = known && has[column]
		}
		for _, column := range CubeOf(derived.Cube).Columns {
			_, fixed := derived.Fixed[column]
			from, moved := derived.From[column]
			known = known && (fixed || moved && has[from] || !moved && has[column])
		}
		if !known || d.Stage != Published {
			t.Errorf("%+v: not of columns of a published dataset", derived)
		}
	}
	for _, d := range Datasets() {
		why := Unrelated()[d.Name]
		if d.Stage == Published && counts[d.Name] == (why != "") {
			t.Errorf("%s: in sums %v, unrelated because %q", d.Name, counts[d.Name], why)
		}
	}
}
