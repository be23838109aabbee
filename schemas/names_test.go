package schemas

import (
	"strings"
	"testing"
)

// Whatever a release publishes has a Japanese name, and no name is left over
// for what is no longer published.
func TestPublishedNamesAreTitled(t *testing.T) {
	used := map[string]bool{}
	for _, d := range Datasets() {
		if d.Stage != Published {
			continue
		}
		used[d.Name] = true
		for _, c := range d.Columns() {
			used[c.Name] = true
		}
	}
	for name := range used {
		if Title(name).JA == name {
			t.Errorf("%s has no title", name)
		}
	}
	for name := range titlesJA {
		if !used[name] {
			t.Errorf("%s is titled and not published", name)
		}
	}
	for column := range codeNames {
		if !used[column] {
			t.Errorf("%s has codes and is not published", column)
		}
	}
}

func TestCodeNames(t *testing.T) {
	for _, c := range []struct {
		column, code string
		want         Text
	}{
		{"obs_status", NotEstimable, Text{JA: "推定できない", EN: "Not estimable"}},
		{"engagement", EngagementDeep, Text{JA: "深く関わる", EN: "Deep"}},
		{"revision_reason", "new_data+method", Text{JA: "新しいデータ+方法・設定・定義の変更", EN: "New data+Method, settings or definition"}},
		{"covariates", "houses+residents", Text{JA: "houses+residents", EN: "houses+residents"}},
		{"dataset", "guest_nights", Title("guest_nights")},
		{"excludes", "guest_nights", Text{JA: "guest_nights", EN: "guest_nights"}}, // no dataset there
		{"target", "令和12年度", Text{JA: "令和12年度", EN: "令和12年度"}},                     // a name from kankei.yaml stands for itself
	} {
		if got := CodeName(c.column, c.code); got != c.want {
			t.Errorf("%s %s is %+v, want %+v", c.column, c.code, got, c.want)
		}
	}
	if got := Title("ci_low"); got.EN != "Lower end of the 95 % interval" {
		t.Errorf("ci_low is %+v", got)
	}
	if got := Title("region_code"); got != (Text{JA: "地域コード", EN: "Region code"}) {
		t.Errorf("region_code is %+v", got)
	}
}

// Codes that the comments of columns list have a name in both languages.
func TestCodesOfCommentsAreNamed(t *testing.T) {
	for column, codes := range map[string]string{
		"model": "cox discrete_hazard", "term": "relation_type trips_at_entry stay_days_at_entry origin deepened",
		"level":  "not_known up_to_2 3_to_4 5_or_more up_to_7 8_or_more tokyo_area near middle far no yes",
		"design": "persons regions", "programme": "recorded", "outcome": "still_coming moved_in log_related_persons", "label": "association effect",
		"statistic": "att att_p risk_treated risk_control smd_before smd_after trimmed effective_sample_size placebo_p pre_trend_p",
		"record":    "counter_survey programme migration_desk register panel bookings official",
		"estimator": "all free_least free_greatest zero_truncated_poisson_lower_bound",
		"indicator": "busy_persons hubs_phone hubs_email rejected day_use",
		"reason":    "bad_date unknown_region merger absorption division separation city_status town_status designated_city ward_reorganisation district_change renaming",
		"assumption": "family/shifted_negative_binomial family/poisson_lognormal family/two_points family/three_points " +
			"family/negative_binomial_monthly family/log_spline",
	} {
		for code := range strings.FieldsSeq(codes) {
			if name := CodeName(column, code); name.JA == code || name.EN == code {
				t.Errorf("%s of %s has no name: %+v", code, column, name)
			}
		}
	}
}
