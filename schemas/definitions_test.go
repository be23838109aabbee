package schemas_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kankei/kankei/schemas"
)

// The rules as the definitions state them in words.
func TestBuiltinProfiles(t *testing.T) {
	type rule struct {
		Sources, Excludes string
		Any               []schemas.Alternative
	}
	want := map[string]rule{
		"mlit-visiting": {"survey", "kin commute business", []schemas.Alternative{{SelfReported: true, MinTrips: 1}}},
		"repeat-visits": {"booking survey", "kin commute", []schemas.Alternative{{MinTrips: 2}}},
		"engaged-stays": {"booking survey", "kin commute", []schemas.Alternative{
			{MinTrips: 2, MinGapDays: 30}, {MinStayDays: 8}, {MinTrips: 1, Purpose: "telework"},
		}},
		"furusato-premium": {"act", "kin commute", []schemas.Alternative{{MinActs: 3}}},
		"two-region":       {"booking survey", "kin commute", []schemas.Alternative{{MinStayDays: 30}}},
	}
	got := map[string]rule{}
	for _, p := range schemas.BuiltinProfiles() {
		got[p.ID] = rule{strings.Join(p.Sources, " "), strings.Join(p.Excludes, " "), p.Any}
		if p.Population != "residents of Japan aged 18 or over" {
			t.Errorf("%s: population %q", p.ID, p.Population)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestProfileSeesAndExcludes(t *testing.T) {
	p, err := schemas.ParseProfile([]byte(profile))
	if err != nil {
		t.Fatal(err)
	}
	if !p.Sees(schemas.SourceSurvey) || p.Sees(schemas.SourceBooking) {
		t.Errorf("sources %v: sees survey %v, booking %v", p.Sources, p.Sees("survey"), p.Sees("booking"))
	}
	if want := schemas.Kin | schemas.Commute; p.Excluded() != want {
		t.Errorf("Excluded() = %d, want %d", p.Excluded(), want)
	}
	want := schemas.Definition{
		Definition: "festival-helpers", Version: "2", TitleJA: "祭りの担い手", TitleEN: "Festival helpers",
		Follows: "our plan of 2026", FollowsJA: "our plan of 2026", Rule: "Helps twice.", RuleJA: "年2回手伝う人。", Unit: "act",
		Sources: "survey act", Excludes: "kin commute", TargetPopulation: "residents of Japan aged 18 or over",
	}
	if diff := cmp.Diff(want, p.Row()); diff != "" {
		t.Error(diff)
	}
}

func TestEngagementLadder(t *testing.T) {
	want := []schemas.EngagementLevel{
		{Level: schemas.EngagementOneOff, TitleJA: "単発", TitleEN: "One-off", Any: []schemas.Alternative{{MinTrips: 1}}},
		{Level: schemas.EngagementRepeat, TitleJA: "再訪", TitleEN: "Repeat", Any: []schemas.Alternative{{MinTrips: 2}}},
		{Level: schemas.EngagementRelated, TitleJA: "関係", TitleEN: "Related", Any: []schemas.Alternative{
			{MinTrips: 2, MinGapDays: 30}, {MinStayDays: 8}, {MinTrips: 1, Purpose: "telework"}, {SelfReported: true},
		}},
		{Level: schemas.EngagementDeep, TitleJA: "深い関与", TitleEN: "Deep", Any: []schemas.Alternative{{MinActs: 3}}, YearsRelated: 3},
		{Level: schemas.EngagementTwoRegion, TitleJA: "二地域居住", TitleEN: "Two-region", Any: []schemas.Alternative{{MinStayDays: 30}}},
	}
	if diff := cmp.Diff(want, schemas.Engagement()); diff != "" {
		t.Error(diff)
	}
}

const profile = `id: festival-helpers
version: "2"
title_ja: 祭りの担い手
title_en: Festival helpers
follows: our plan of 2026
population: residents of Japan aged 18 or over
unit: act
sources: [survey, act]
excludes: [kin, commute]
any:
  - {min_acts: 2}
rule: Helps twice.
rule_ja: 年2回手伝う人。
`

func TestParseProfileRefuses(t *testing.T) {
	for _, c := range []struct{ name, old, new, en, ja string }{
		{"unknown key", "min_acts: 2", "min_visits: 2", `line 11: there is no key "min_visits"`, `11行目: キー "min_visits" はありません`},
		{"key twice", "unit: act", "unit: act\nunit: day", `line 8: mapping key "unit" already defined at [7:1]`, `8行目: YAMLとして読めません: mapping key "unit" already defined at [7:1]`},
		{"not a number", "min_acts: 2", "min_acts: two", `line 11: "two": want a whole number`, `11行目: "two": 整数を書いてください`},
		{"no title", "Festival helpers", "", "line 4: title_en is missing", "4行目: title_en を書いてください"},
		{"no rule", "rule: Helps twice.\n", "", "rule is missing", "rule を書いてください"},
		{"id with a space", "festival-helpers", "Festival helpers", `line 1: id "Festival helpers": want lower-case letters and digits joined by hyphens`, ""},
		{"unknown unit", "unit: act", "unit: night", `line 7: unit: no "night"; want one of trip, day, act`, `7行目: unit: "night" はありません。次のいずれか: trip, day, act`},
		{"unknown source", "[survey, act]", "[phone]", `line 8: sources: no "phone"; want one of booking, survey, act`, ""},
		{"no source", "[survey, act]", "[]", "line 8: sources is empty: name at least one", "8行目: sources に1つ以上書いてください"},
		{"unknown purpose", "[kin, commute]", "[family]", `line 9: excludes: no "family"; want one of business, commute, direct_contribution, kin, leisure, local_work, other, participation, telework`, ""},
		{"everybody", "{min_acts: 2}", "{}", "line 10: a set without conditions would let everybody in", "10行目: 条件のない項目は全員に当てはまります"},
		{"nobody", "{min_acts: 2}", "{min_trips: 1, purpose: kin}", `line 10: purpose "kin" is asked for but excluded`, ""},
		{"below zero", "min_acts: 2", "min_acts: -2", "line 10: a threshold is below zero", "10行目: しきい値は0以上にしてください"},
		{"no rule at all", "any:\n  - {min_acts: 2}\n", "any: []\n", "line 10: any is empty: write at least one set of conditions", ""},
		{"two documents", "id: festival-helpers", "id: a\n---\nid: festival-helpers", "more than one document; write one per file", "1ファイルに1文書だけ書いてください"},
		{"tag without a value", "[survey, act]", "!x", "this is not YAML that can be read", "YAMLとして読めません"},
		{"anchor", "unit: act", "unit: &u act", "line 7: anchors (&), aliases (*) and merge keys (<<) are not used here; write the value out, or put quotes around one that begins with * or &", ""},
		{"empty", profile, "", "the file is empty", "ファイルが空です"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := schemas.ParseProfile([]byte(strings.Replace(profile, c.old, c.new, 1)))
			var fault *schemas.ProfileError
			if !errors.As(err, &fault) {
				t.Fatalf("error %v, want a ProfileError", err)
			}
			if fault.Error() != c.en {
				t.Errorf("in English %q, want %q", fault.Error(), c.en)
			}
			if ja := fault.Message("ja"); c.ja != "" && ja != c.ja {
				t.Errorf("in Japanese %q, want %q", ja, c.ja)
			}
		})
	}
}

func FuzzParseProfile(f *testing.F) {
	f.Add([]byte(profile))
	f.Add([]byte("any: [{min_trips: 2}]\nid: &a a\nversion: *a"))
	f.Add([]byte("id: a\nsources: !x\n")) // panics inside the YAML library
	f.Add([]byte("- - -\n\t:"))
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := schemas.ParseProfile(text)
		if err != nil {
			var fault *schemas.ProfileError
			if !errors.As(err, &fault) {
				t.Fatalf("error %v (%T), want a ProfileError", err, err)
			}
			return
		}
		if p.ID == "" || len(p.Any) == 0 || len(p.Sources) == 0 {
			t.Errorf("accepted a profile without id, rule or sources: %+v", p)
		}
	})
}
