package schemas

import "testing"

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
		{"target", "令和12年度", Text{JA: "令和12年度", EN: "令和12年度"}}, // a name from kankei.yaml stands for itself
	} {
		if got := CodeName(c.column, c.code); got != c.want {
			t.Errorf("%s %s is %+v, want %+v", c.column, c.code, got, c.want)
		}
	}
	if got := Title("region_code"); got != (Text{JA: "地域コード", EN: "Region code"}) {
		t.Errorf("region_code is %+v", got)
	}
}
