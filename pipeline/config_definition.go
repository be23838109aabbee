package pipeline

import (
	"fmt"
	"slices"

	"github.com/kankei/kankei/schemas"
)

// OwnDefinition is a definition of the project's own, written in kankei.yaml: a
// built-in one with some of its keys changed.
type OwnDefinition struct {
	// ID is the id of the definition, in lower-case letters, digits and hyphens.
	ID string `yaml:"id" required:"true"`
	// From is the id of the built-in definition whose keys stand where none is given here.
	From string `yaml:"from" default:"repeat-visits"`
	// TitleJA is its name in Japanese. Left out: its id.
	TitleJA string `yaml:"title_ja"`
	// TitleEN is its name in English. Left out: its id.
	TitleEN string `yaml:"title_en"`
	// Count says which purposes of visits count: all of them, or those that the definition it is from counts.
	Count string `yaml:"count" default:"as_from" allowed:"as_from all_purposes"`
	// MinTrips is the least number of trips in 12 months.
	MinTrips int `yaml:"min_trips" default:"0" least:"0"`
	// MinDays is the least number of visit days in 12 months.
	MinDays int `yaml:"min_days" default:"0" least:"0"`
	// MinStayDays is the least number of stay-days in 12 months.
	MinStayDays int `yaml:"min_stay_days" default:"0" least:"0"`
	// MinGapDays is the least number of days from the beginning of the first trip to that of the last.
	MinGapDays int `yaml:"min_gap_days" default:"0" least:"0"`
}

// profile is the definition as a profile. Where any least number is given, they
// replace the rule it is from.
func (o OwnDefinition) profile(builtin []schemas.Profile) (schemas.Profile, error) {
	k := slices.IndexFunc(builtin, func(p schemas.Profile) bool { return p.ID == o.From })
	if k < 0 {
		return schemas.Profile{}, fmt.Errorf("from: no definition %q; there are %v", o.From, ids(builtin))
	}
	if slices.ContainsFunc(builtin, func(p schemas.Profile) bool { return p.ID == o.ID }) {
		return schemas.Profile{}, fmt.Errorf("id: %q is that of a built-in definition", o.ID)
	}
	p := builtin[k]
	p.ID, p.Follows = o.ID, o.From+", changed in kankei.yaml"
	p.TitleJA, p.TitleEN = orElse(o.TitleJA, o.ID), orElse(o.TitleEN, o.ID)
	if o.Count == "all_purposes" {
		p.Excludes = nil
	}
	rule := schemas.Alternative{MinTrips: o.MinTrips, MinDays: o.MinDays, MinStayDays: o.MinStayDays, MinGapDays: o.MinGapDays}
	if rule != (schemas.Alternative{}) {
		p.Any = []schemas.Alternative{rule}
	}
	p.Rule = fmt.Sprintf("In 12 months: %s; visits for %s do not count.", inWords(p.Any), orElse(fmt.Sprint(p.Excludes), "nothing"))
	p.RuleJA = ""
	return p, nil
}

// inWords says alternatives with the names of their keys.
func inWords(any []schemas.Alternative) string {
	text := ""
	for i, a := range any {
		if i > 0 {
			text += ", or "
		}
		text += fmt.Sprintf("trips ≥ %d, visit days ≥ %d, stay-days ≥ %d, first to last trip ≥ %d days", a.MinTrips, a.MinDays, a.MinStayDays, a.MinGapDays)
	}
	return text
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
