package publish

import (
	"fmt"
	"slices"

	"github.com/kankei/kankei/schemas"
)

// Views inherit no comments in DuckDB: each column of a view says what the
// column that it shows says in its table, behind that column's name where the
// view is in Japanese.

// inJapanese are the columns that the views in Japanese show, by their name there.
var inJapanese = map[string]string{
	"地域コード": "region_code", "地域": "region_name", "居住地コード": "origin_code", "居住地": "origin_name",
	"定義": "definition", "数え方": "measure", "域外の決め方": "outside", "出所": "source", "推定方法": "estimator",
	"基準月": "reference_month", "表示": "figure", "値": "value", "下限": "ci_low", "上限": "ci_high",
	"住民1万人当たり": "per_10000_residents", "信頼度": "reliability", "状態": "obs_status", "秘匿": "conf_status",
	"目標": "target", "期日": "due_on", "目標値": "target_value", "目標比": "ratio", "達した確率": "probability_met",
}

// made are the columns that views make, which no table has.
var made = map[string]string{
	"region_name":         "region_name is the name of the region in Japanese, of a municipality with its prefecture; the code itself where it has none.",
	"region_name_en":      "region_name_en is the name of the region in English; the code itself where it has none.",
	"origin_name":         "origin_name is the name of the place of residence in Japanese.",
	"definition_title":    "definition_title is the title of the definition in Japanese.",
	"definition_title_en": "definition_title_en is the title of the definition in English.",
	"figure":              "figure is value as a table prints it: [c] withheld, … not estimable, [u] low reliability.",
	"own_name":            "own_name is the name in Japanese, without the prefecture.",
}

// columnComments are the statements that comment the columns of a view of a
// dataset: all of the dataset's where none are named.
func columnComments(view string, d schemas.Dataset, columns ...string) []string {
	if len(columns) == 0 {
		for _, c := range d.Columns() {
			columns = append(columns, c.Name)
		}
	}
	out := make([]string, len(columns))
	for i, name := range columns {
		out[i] = fmt.Sprintf("COMMENT ON COLUMN %s.%s IS %s", identifier(view), identifier(name), literal(columnComment(d, name)))
	}
	return out
}

// columnComment is the comment of a column of a view of a dataset. It panics on
// one that is neither the dataset's nor made.
func columnComment(d schemas.Dataset, name string) string {
	source, prefix := name, ""
	if english, ok := inJapanese[name]; ok {
		source, prefix = english, english+": "
	}
	if comment, ok := made[source]; ok {
		return prefix + comment
	}
	columns := d.Columns()
	i := slices.IndexFunc(columns, func(c schemas.Column) bool { return c.Name == source })
	if i < 0 {
		panic(fmt.Sprintf("a view of %s has a column %s, which nothing comments", d.Name, name))
	}
	return prefix + columns[i].Note()
}
