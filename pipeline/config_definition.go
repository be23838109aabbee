package pipeline

import (
	"fmt"
	"slices"
	"strings"

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
	rules := ruleInWords(p)
	p.Rule, p.RuleJA = rules.EN, rules.JA
	return p, nil
}

// ruleInWords says the rule of a profile as the built-in ones say theirs.
func ruleInWords(p schemas.Profile) schemas.Text {
	ways := make([]schemas.Text, len(p.Any))
	for i, a := range p.Any {
		ways[i] = joined(conditions(a), "かつ", " and ")
	}
	rule := joined(ways, "、または", ", or ")
	excluded := strings.Join(p.Excludes, ", ")
	if excluded == "" {
		return say("12か月に%[1]s。すべての目的の訪問を数える。", "In 12 months, %[2]s; visits for every purpose count.", rule.JA, rule.EN)
	}
	return say("12か月に%[1]s。目的が分かる場合、%[3]s の訪問は数えない。", "In 12 months, %[2]s; visits for %[3]s do not count where the purpose is known.",
		rule.JA, rule.EN, excluded)
}

// conditions says those of an alternative that ask anything.
func conditions(a schemas.Alternative) []schemas.Text {
	var all []schemas.Text
	for _, c := range []struct {
		least  int
		ja, en string
	}{
		{a.MinTrips, "%d回以上の訪問", "at least %d trips"},
		{a.MinDays, "%d日以上の訪問", "at least %d visit days"},
		{a.MinStayDays, "延べ%d日以上の滞在", "at least %d stay-days"},
		{a.MinGapDays, "初回と最終回の初日の差が%d日以上", "at least %d days from the first trip to the last"},
		{a.MinActs, "%d回以上の貢献活動", "at least %d contribution acts"},
	} {
		if c.least > 0 {
			all = append(all, say(c.ja, c.en, c.least))
		}
	}
	if a.Purpose != "" {
		all = append(all, say("目的が %s の訪問", "a visit for %s", a.Purpose))
	}
	if a.SelfReported {
		all = append(all, say("継続的な関わりという回答", "a relation called regular and continuing"))
	}
	return all
}

func joined(texts []schemas.Text, ja, en string) schemas.Text {
	var all schemas.Text
	for i, t := range texts {
		if i > 0 {
			all.JA, all.EN = all.JA+ja, all.EN+en
		}
		all.JA, all.EN = all.JA+t.JA, all.EN+t.EN
	}
	return all
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
