package attack

import "fmt"

// Mechanism is what was done to a count that is shown perturbed, as a publication tells it.
type Mechanism struct {
	// Name is that of the dictionary. Parameter is the base of rounding, and the greatest noise of a cell key.
	Name      string
	Parameter int64
}

// between is what a reader knows of a count that is shown as value:
//
//	random rounding      value ± (base − 1)
//	controlled rounding  0 … base − 1 of a 0, 1 … base of the base, and itself else
//	cell key             value ± most, and more than nothing, for nothing stays nothing; 0 … most of a 0
//	discrete noise       nothing
func (m Mechanism) between(value int64) (low, high int64, err error) {
	p := m.Parameter
	switch m.Name {
	case "random_rounding":
		c := Rounded("", value, p, true)
		return c.Low, c.High, nil
	case "controlled_rounding":
		switch value {
		case 0:
			return 0, p - 1, nil
		case p:
			return 1, p, nil
		}
		return value, value, nil
	case "cell_key":
		if value == 0 {
			return 0, p, nil
		}
		return max(1, value-p), value + p, nil
	case "discrete_laplace", "discrete_gaussian":
		return 0, Unbounded, nil
	}
	return 0, 0, fmt.Errorf("attack: no mechanism is named %q", m.Name)
}

// Leaves is how wide an interval must be left of a count in all: half of what the mechanism leaves of it, which is
// half the base of rounding, and the greatest noise of a cell key.
func (m Mechanism) Leaves() int64 {
	switch m.Name {
	case "random_rounding", "controlled_rounding":
		return (m.Parameter + 1) / 2
	case "cell_key":
		return m.Parameter
	}
	return 1
}

// keyed says that the same persons are shown as the same value in every publication.
func (m Mechanism) keyed() bool { return m.Name == "random_rounding" || m.Name == "cell_key" }

// perturbed is a cell shown perturbed.
type perturbed struct {
	value int64
	Mechanism
}

// atLeast is what is asked of the cell in all.
func (p perturbed) atLeast(a Asked) Asked {
	a.Width = max(a.Width, p.Leaves())
	return a
}

// perturb enters a figure shown perturbed.
func (t *Tables) perturb(f Figure) error {
	low, high, err := f.By.between(*f.Value)
	if err != nil {
		return err
	}
	for _, place := range f.Cells {
		c := &t.Cells[t.cell(place)]
		if c.Low, c.High = max(c.Low, low), min(c.High, high); c.Low > c.High {
			return fmt.Errorf("%w: %s", ErrContradiction, c.Name)
		}
		t.Withheld[c.Name] = true
		t.perturbed[c.Name] = perturbed{*f.Value, *f.By}
	}
	return nil
}

// apart gives cells that two publications show by a key, and not alike, names of their own in the earlier one: other persons are in them.
func (e Earlier) apart(now Tables) Earlier {
	other := map[string]bool{}
	for name, was := range e.perturbed {
		is, both := now.perturbed[name]
		other[name] = both && was.keyed() && is.Mechanism == was.Mechanism && is.value != was.value
	}
	return e.called(func(name string) string {
		if other[name] {
			name += "@" + e.ID
		}
		return name
	})
}

// called gives cells other names.
func (e Earlier) called(name func(string) string) Earlier {
	e.Publication, e.Withheld, e.derived, e.perturbed = renamed(e.Publication, name), named(e.Withheld, name), named(e.derived, name), named(e.perturbed, name)
	return e
}

func named[V any](of map[string]V, name func(string) string) map[string]V {
	out := map[string]V{}
	for old, v := range of {
		out[name(old)] = v
	}
	return out
}
