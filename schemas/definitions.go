package schemas

import (
	"cmp"
	"embed"
	"errors"
	"fmt"
	"io"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"
)

// Units in which a definition profile counts contact.
const (
	UnitTrip = "trip" // touching days of one person in one region
	UnitDay  = "day"  // days of presence
	UnitAct  = "act"  // contribution acts
)

// Profile is a definition of the relational population: which ties between a
// person and a region outside the person's own count as regular contact, in the
// 12 months that end at the reference month. It is data, so that figures under
// several definitions stand side by side and users add their own.
type Profile struct {
	// ID names the definition in every figure.
	ID string `yaml:"id"`
	// Version changes whenever the rule does.
	Version string `yaml:"version"`
	TitleJA string `yaml:"title_ja"`
	TitleEN string `yaml:"title_en"`
	// Follows is the document that the definition follows, in English words, FollowsJA
	// in Japanese; left out, that is Follows.
	Follows   string `yaml:"follows"`
	FollowsJA string `yaml:"follows_ja"`
	// Population is the target population.
	Population string `yaml:"population"`
	// Unit is what the rule mainly counts: trip, day or act.
	Unit string `yaml:"unit"`
	// Sources are those able to see the rule: booking, survey, act. For any
	// other source the definition is not estimable.
	Sources []string `yaml:"sources"`
	// Excludes are the codes of purposes whose visits do not count.
	Excludes []string `yaml:"excludes"`
	// Any are the ways to qualify: a tie needs one of them, and all of that one.
	Any []Alternative `yaml:"any"`
	// Rule is the rule in English words, RuleJA in Japanese.
	Rule   string `yaml:"rule"`
	RuleJA string `yaml:"rule_ja"`
}

// Alternative is a set of conditions on a tie over 12 months, all of which must
// hold. A condition left out (zero) asks nothing.
type Alternative struct {
	// MinTrips is the least number of trips.
	MinTrips int `yaml:"min_trips"`
	// MinDays is the least number of visit days.
	MinDays int `yaml:"min_days"`
	// MinGapDays is the least number of days from the first day of the first
	// trip to the first day of the last.
	MinGapDays int `yaml:"min_gap_days"`
	// MinStayDays is the least number of days of presence, the nights that a
	// person reports included.
	MinStayDays int `yaml:"min_stay_days"`
	// MinActs is the least number of contribution acts.
	MinActs int `yaml:"min_acts"`
	// Purpose is the code of a purpose that some visit must have.
	Purpose string `yaml:"purpose"`
	// SelfReported asks that the person calls the relation regular and continuing.
	SelfReported bool `yaml:"self_reported"`
}

// EngagementLevel is a step of the engagement ladder.
type EngagementLevel struct {
	// Level is the code of the level.
	Level   string `yaml:"level"`
	TitleJA string `yaml:"title_ja"`
	TitleEN string `yaml:"title_en"`
	// Any are the ways to reach the level within 12 months.
	Any []Alternative `yaml:"any"`
	// YearsRelated is one way more: so many successive windows of 12 months at
	// the level related or above. Zero: there is no such way.
	YearsRelated int `yaml:"years_related"`
}

// EngagementExcludes are the purposes of visits that no engagement level counts.
const EngagementExcludes = Kin | Commute

// ProfileError is a fault in a definition profile.
type ProfileError struct {
	// Line is the line of the fault, 0 where it is of the file as a whole.
	Line int
	// Wrong is what was found and what is wanted.
	Wrong Text
}

// Error gives the message in English.
func (e *ProfileError) Error() string { return e.Message("en") }

// Message gives the line and the fault in lang.
func (e *ProfileError) Message(lang string) string {
	if e.Line == 0 {
		return e.Wrong.In(lang)
	}
	at := Text{JA: fmt.Sprintf("%d行目: ", e.Line), EN: fmt.Sprintf("line %d: ", e.Line)}
	return at.In(lang) + e.Wrong.In(lang)
}

//go:embed definitions/*.yaml
var definitionFiles embed.FS

const engagementFile = "engagement.yaml"

var builtinProfiles = sync.OnceValue(func() []Profile {
	entries, err := definitionFiles.ReadDir("definitions")
	if err != nil {
		panic(err)
	}
	var out []Profile
	for _, e := range entries {
		if e.Name() == engagementFile {
			continue
		}
		p, err := ParseProfile(definitionFile(e.Name()))
		if err != nil {
			panic(fmt.Sprintf("schemas: definitions/%s: %v", e.Name(), err))
		}
		out = append(out, p)
	}
	return out
})

var ladder = sync.OnceValue(func() []EngagementLevel {
	var out []EngagementLevel
	if err := decodeStrict(definitionFile(engagementFile), &out); err != nil {
		panic(fmt.Sprintf("schemas: definitions/%s: %v", engagementFile, err))
	}
	return out
})

func definitionFile(name string) []byte {
	text, err := definitionFiles.ReadFile(path.Join("definitions", name))
	if err != nil {
		panic(err)
	}
	return text
}

// BuiltinProfiles lists the built-in definition profiles by id.
func BuiltinProfiles() []Profile { return slices.Clone(builtinProfiles()) }

// Engagement is the engagement ladder, the lowest level first. The level
// migrated, above all of these, is an event and has no threshold.
func Engagement() []EngagementLevel { return slices.Clone(ladder()) }

// ParseProfile reads a definition profile. An unknown key, a missing one, or a
// rule that no tie or every tie would meet is a [ProfileError].
func ParseProfile(text []byte) (Profile, error) {
	var p Profile
	if err := decodeStrict(text, &p); err != nil {
		return Profile{}, err
	}
	if f := p.fault(); f != nil {
		return Profile{}, &ProfileError{Line: lineOfKey(text, f.key), Wrong: f.wrong}
	}
	return p, nil
}

// Sees says whether source is able to see the rule.
func (p Profile) Sees(source string) bool { return slices.Contains(p.Sources, source) }

// Excluded is the set of purposes excluded.
func (p Profile) Excluded() Purpose {
	var set Purpose
	for _, code := range p.Excludes {
		set |= PurposeCodes[code]
	}
	return set
}

// Row is the profile as a row of the published dataset definitions.
func (p Profile) Row() Definition {
	return Definition{
		Definition:       p.ID,
		Version:          p.Version,
		TitleJA:          p.TitleJA,
		TitleEN:          p.TitleEN,
		Follows:          p.Follows,
		FollowsJA:        cmp.Or(p.FollowsJA, p.Follows),
		Rule:             p.Rule,
		RuleJA:           p.RuleJA,
		Unit:             p.Unit,
		Sources:          strings.Join(p.Sources, " "),
		Excludes:         strings.Join(p.Excludes, " "),
		TargetPopulation: p.Population,
	}
}

// decodeStrict decodes one YAML document whose every key is a field of into.
// goccy/go-yaml v1.19.2 panics on some malformed documents ("sources: !x"):
// whatever a user's file holds is the file's fault, so a panic is one too.
func decodeStrict(text []byte, into any) (err error) {
	defer func() {
		if recover() != nil {
			err = &ProfileError{Wrong: Text{JA: "YAMLとして読めません", EN: "this is not YAML that can be read"}}
		}
	}()
	text = WithoutBOM(text)
	if wrong := new(YAMLError); errors.As(CheckYAML(text), &wrong) {
		return &ProfileError{Line: wrong.Line, Wrong: wrong.Wrong}
	}
	d := yaml.NewDecoder(strings.NewReader(string(text)), yaml.Strict())
	if err := d.Decode(into); err != nil {
		return yamlError(err)
	}
	var more any
	if err := d.Decode(&more); !errors.Is(err, io.EOF) {
		return &ProfileError{Wrong: Text{JA: "1ファイルに1文書だけ書いてください", EN: "more than one document; write one per file"}}
	}
	return nil
}

func yamlError(err error) error {
	if errors.Is(err, io.EOF) {
		return &ProfileError{Wrong: Text{JA: "ファイルが空です", EN: "the file is empty"}}
	}
	var e yaml.Error
	if !errors.As(err, &e) || e.GetToken() == nil {
		return &ProfileError{Wrong: Text{JA: "YAMLとして読めません: " + err.Error(), EN: err.Error()}}
	}
	line, key := e.GetToken().Position.Line, e.GetToken().Value
	var unknown *yaml.UnknownFieldError
	if errors.As(err, &unknown) {
		return &ProfileError{Line: line, Wrong: Text{
			JA: fmt.Sprintf("キー %q はありません", key),
			EN: fmt.Sprintf("there is no key %q", key),
		}}
	}
	var mismatch *yaml.TypeError
	if errors.As(err, &mismatch) {
		want := kindOf(mismatch.DstType)
		return &ProfileError{Line: line, Wrong: Text{
			JA: fmt.Sprintf("%q: %sを書いてください", key, want.JA),
			EN: fmt.Sprintf("%q: want %s", key, want.EN),
		}}
	}
	return &ProfileError{Line: line, Wrong: Text{JA: "YAMLとして読めません: " + e.GetMessage(), EN: e.GetMessage()}}
}

// kindOf says in words what a YAML value of a field's type looks like.
func kindOf(t reflect.Type) Text {
	switch t.Kind() {
	case reflect.Int:
		return Text{JA: "整数", EN: "a whole number"}
	case reflect.Bool:
		return Text{JA: "true か false", EN: "true or false"}
	case reflect.String:
		return Text{JA: "文字列", EN: "text"}
	case reflect.Slice:
		return Text{JA: "リスト", EN: "a list"}
	}
	return Text{JA: "キーと値の組", EN: "keys with values"}
}

// fault is what is wrong with the value of a key.
type fault struct {
	key   string
	wrong Text
}

var idForm = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

func (p Profile) fault() *fault {
	for _, f := range []struct{ key, value string }{
		{"id", p.ID}, {"version", p.Version}, {"title_ja", p.TitleJA}, {"title_en", p.TitleEN}, {"follows", p.Follows},
		{"population", p.Population}, {"rule", p.Rule}, {"rule_ja", p.RuleJA},
	} {
		if strings.TrimSpace(f.value) == "" {
			return &fault{f.key, Text{JA: f.key + " を書いてください", EN: f.key + " is missing"}}
		}
	}
	if !idForm.MatchString(p.ID) {
		return &fault{"id", Text{
			JA: fmt.Sprintf("id %q: 英小文字・数字をハイフンでつないでください", p.ID),
			EN: fmt.Sprintf("id %q: want lower-case letters and digits joined by hyphens", p.ID),
		}}
	}
	if f := notAmong("unit", []string{p.Unit}, []string{UnitTrip, UnitDay, UnitAct}); f != nil {
		return f
	}
	if f := notAmong("sources", p.Sources, []string{SourceBooking, SourceSurvey, SourceAct}); f != nil {
		return f
	}
	if f := notPurposes("excludes", p.Excludes); f != nil {
		return f
	}
	return p.faultOfRule()
}

func (p Profile) faultOfRule() *fault {
	if len(p.Sources) == 0 {
		return &fault{"sources", Text{JA: "sources に1つ以上書いてください", EN: "sources is empty: name at least one"}}
	}
	if len(p.Any) == 0 {
		return &fault{"any", Text{JA: "any に条件を1つ以上書いてください", EN: "any is empty: write at least one set of conditions"}}
	}
	for _, a := range p.Any {
		if f := a.fault(); f != nil {
			return f
		}
		if a.Purpose != "" && slices.Contains(p.Excludes, a.Purpose) {
			return &fault{"any", Text{
				JA: fmt.Sprintf("purpose %q は excludes で除かれています", a.Purpose),
				EN: fmt.Sprintf("purpose %q is asked for but excluded", a.Purpose),
			}}
		}
	}
	return nil
}

func (a Alternative) fault() *fault {
	if a == (Alternative{}) {
		return &fault{"any", Text{JA: "条件のない項目は全員に当てはまります", EN: "a set without conditions would let everybody in"}}
	}
	if min(a.MinTrips, a.MinDays, a.MinGapDays, a.MinStayDays, a.MinActs) < 0 {
		return &fault{"any", Text{JA: "しきい値は0以上にしてください", EN: "a threshold is below zero"}}
	}
	if a.Purpose == "" {
		return nil
	}
	return notPurposes("any", []string{a.Purpose})
}

func notPurposes(key string, codes []string) *fault {
	known := make([]string, 0, len(PurposeCodes))
	for code := range PurposeCodes {
		known = append(known, code)
	}
	slices.Sort(known)
	return notAmong(key, codes, known)
}

func notAmong(key string, codes, known []string) *fault {
	for _, code := range codes {
		if !slices.Contains(known, code) {
			list := strings.Join(known, ", ")
			return &fault{key, Text{
				JA: fmt.Sprintf("%s: %q はありません。次のいずれか: %s", key, code, list),
				EN: fmt.Sprintf("%s: no %q; want one of %s", key, code, list),
			}}
		}
	}
	return nil
}

// lineOfKey is the line on which a top-level key stands, 0 if it does not.
func lineOfKey(text []byte, key string) int {
	for i, line := range strings.Split(string(text), "\n") {
		if strings.HasPrefix(line, key+":") {
			return i + 1
		}
	}
	return 0
}
