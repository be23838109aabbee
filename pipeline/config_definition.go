package pipeline

import (
	"fmt"
	"os"
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

// profiles are the definitions to count by, in the order of kankei.yaml. All that
// are none are told at once.
func (p *Project) profiles() ([]schemas.Profile, error) {
	if len(p.Config.Definitions) == 0 && len(p.Config.OwnDefinitions) == 0 {
		return schemas.BuiltinProfiles(), nil
	}
	var profiles []schemas.Profile
	var problems Problems
	add := func(one schemas.Profile, err error) {
		switch {
		case err != nil:
			problems = append(problems, err)
		case slices.Contains(ids(profiles), one.ID):
			problems = append(problems, &Error{Code: ExitMisused, Where: p.Config.At("definitions"), Found: say("定義 %q が二つあります", "definition %q is listed twice", one.ID)})
		default:
			profiles = append(profiles, one)
		}
	}
	for i, name := range p.Config.Definitions {
		add(p.namedProfile(fmt.Sprintf("definitions[%d]", i), name))
	}
	for i, own := range p.Config.OwnDefinitions {
		add(p.ownProfile(fmt.Sprintf("own_definitions[%d]", i), own))
	}
	return profiles, problems.orNil()
}

// namedProfile is the definition that is named at a place of kankei.yaml: a
// built-in one, or one from a file of the project.
func (p *Project) namedProfile(at, name string) (schemas.Profile, error) {
	if isMappingFile(name) {
		return p.readProfile(at, name)
	}
	builtin := schemas.BuiltinProfiles()
	if k := slices.Index(ids(builtin), name); k >= 0 {
		return builtin[k], nil
	}
	if slices.ContainsFunc(p.Config.OwnDefinitions, func(o OwnDefinition) bool { return o.ID == name }) {
		return schemas.Profile{}, &Error{Code: ExitMisused, Where: p.Config.At(at),
			Found: say("%s: %q は own_definitions にあります。ここに書かなくても数えます", "%s: %q is in own_definitions, which are counted without being named here", at, name)}
	}
	return schemas.Profile{}, p.noDefinition(at, name, ids(builtin))
}

// noDefinition is the error of a name that is none of the definitions there are.
func (p *Project) noDefinition(at, name string, there []string) error {
	found := say("%s: %q という定義はありません", "%s: no definition %q", at, name)
	if near := nearest(name, there); near != "" {
		found = say("%s: %q という定義はありません。%s のことですか", "%s: no definition %q; did you mean %s?", at, name, near)
	}
	list := strings.Join(there, ", ")
	return &Error{Code: ExitMisused, Where: p.Config.At(at), Found: found, Wanted: say("%s、または YAML ファイルのパス", "%s, or the path of a YAML file", list)}
}

// readProfile reads a definition from a file of the project.
func (p *Project) readProfile(at, name string) (schemas.Profile, error) {
	text, err := os.ReadFile(p.Path(name))
	if err != nil {
		return schemas.Profile{}, &Error{Code: ExitMisused, Where: p.Config.At(at), Found: say("%s を読めません", "%s cannot be read", name), Err: err}
	}
	read, err := schemas.ParseProfile(text)
	if err != nil {
		return read, &Error{Code: ExitMisused, Where: name, Found: say("定義として読めません", "is no definition"), Err: err}
	}
	return read, nil
}

// definitionProblems are definitions that are none, and settings that name one
// that the project does not count by.
func (r *Run) definitionProblems() Problems {
	profiles, err := r.profiles()
	if err != nil {
		return Problems{err}
	}
	var problems Problems
	// The default may be a definition that is not counted: no conversion is then.
	_, given := r.Config.at["conversion.definition"]
	if name := r.Config.Conversion.Definition; given && !slices.Contains(ids(profiles), name) {
		problems = append(problems, r.notCounted("conversion.definition", name, profiles))
	}
	for i, t := range r.Config.Targets {
		if !slices.Contains(ids(profiles), t.Definition) {
			problems = append(problems, r.notCounted(fmt.Sprintf("targets[%d].definition", i), t.Definition, profiles))
		}
	}
	if _, asked := r.Config.Disclosure.Detail.mechanism(); asked {
		if _, err := r.detailDefinition(profiles); err != nil {
			problems = append(problems, err)
		}
	}
	return problems
}

// notCounted is the error of a definition that the project does not count by.
func (r *Run) notCounted(at, name string, profiles []schemas.Profile) error {
	list := strings.Join(ids(profiles), ", ")
	return &Error{Code: ExitMisused, Where: r.Config.At(at), Found: say("%s: %q では数えません", "%s: %q is no definition that is counted by", at, name),
		Wanted: say("%s。または definitions に加える", "%s; or add it to definitions", list)}
}

func ids(profiles []schemas.Profile) []string {
	var all []string
	for _, p := range profiles {
		all = append(all, p.ID)
	}
	return all
}

// ownProfile is a definition of the project's own as a profile. Where any least number is given, they
// replace the rule it is from. At is where it stands in kankei.yaml.
func (p *Project) ownProfile(at string, o OwnDefinition) (schemas.Profile, error) {
	builtin := schemas.BuiltinProfiles()
	k := slices.IndexFunc(builtin, func(b schemas.Profile) bool { return b.ID == o.From })
	if k < 0 {
		return schemas.Profile{}, p.noDefinition(at+".from", o.From, ids(builtin))
	}
	if slices.Contains(ids(builtin), o.ID) {
		return schemas.Profile{}, &Error{Code: ExitMisused, Where: p.Config.At(at + ".id"),
			Found: say("%s.id: %q は組み込みの定義の id です", "%s.id: %q is that of a built-in definition", at, o.ID), Wanted: say("ほかの id", "another id")}
	}
	return o.profile(builtin[k]), nil
}

// profile is the definition as a profile, from a built-in one.
func (o OwnDefinition) profile(p schemas.Profile) schemas.Profile {
	p.ID, p.Follows, p.FollowsJA = o.ID, o.From+", changed in kankei.yaml", o.From+" を kankei.yaml で変えたもの"
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
	return p
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
