package pipeline

import (
	"context"
	"database/sql"
	"reflect"
	"slices"
	"strings"

	"github.com/kankei/kankei/schemas"
)

// explained is the dataset whose figures are explained where none is asked for.
const explained = "relational_population"

// kind is a dataset whose figures are explained.
type kind struct {
	dataset string
	// value is the column of the figure, time that of its month or cohort.
	value, time string
	// noun is what the figure is, what a sentence about it; relational_population has the definition's.
	noun, what schemas.Text
}

// kinds are the datasets whose figures are explained.
var kinds = []kind{
	{explained, "value", "reference_month", say("関係人口", "Relational population"), schemas.Text{}},
	{"engagement_funnel", "value", "reference_month", say("関わりの段階ごとの人数", "Persons by level of engagement"),
		say("届いたデータに見えた人を、12か月に達したいちばん深い段階で数えたもの。見えない人は入っていない。期首＋流入−流出＝期末。", "Persons seen in the data delivered, each at the deepest level reached in 12 months; who is not seen is not in it. Opening + entries − exits = closing.")},
	{"migration_conversion", "value", "cohort", say("移り住む割合", "Share that moves there"),
		say("関わりを続ける人のうち、期間内に移り住む人の割合。関わりが移住をもたらしたことは示さない。", "The share of those who keep up contact who move there within the time. It does not show that contact made them move.")},
	{"conversion_curve", "value", "cohort", say("関わり始めてからの月数までに移り住んだ割合", "Share that has moved there by so many months since contact began"),
		say("予約で関わりの始まりが見えた人を、その日から追ったもの。予約に現れない人のことは言わない。", "Those whom bookings show to begin contact are followed from that day. It says nothing of those whom no booking shows.")},
	{"small_areas", "headline_value", "reference_month", say("市町村の推定値と、その県内の市町村から借りた分", "A municipality's figure, and what it borrows from the others of its prefecture"),
		say("自らの出所の平均と、県内のほかの市町村が示す値を、精度に応じて重ねたもの。", "The mean of its own sources, weighed against what the other municipalities of the prefecture tell.")},
	{"target_progress", "value", "reference_month", say("目標と比べる値", "The figure beside a target"),
		say("目標と同じ定義・地域の関係人口。確率は、基準月の数がすでに目標に達している確率で、予測ではない。", "The relational population of the target's region by its definition. The probability is that the reference month's number has reached it already; it foretells nothing.")},
	{"origin_destination", "value", "reference_month", say("居住地ごとの人数", "Persons by where they live"),
		say("居住地は来訪のときのもの。定義がない行は、条件を満たすかどうかを問わず見えた人すべて。", "Residence is that at the visit. Rows without a definition are of everybody seen, whether or not they meet one.")},
	{"concentration", "value", "reference_month", say("来る人の偏り", "How the people of a region are spread"),
		say("居住地や月に、来る人がどれだけ偏っているか。12か月がそろった期間だけ。", "How the people of a region are spread over where they live and over the months of the year, in whole years alone.")},
	{"change", "growth", "reference_month", say("増減率", "Growth"),
		say("同じ数字の、前の基準月からの増減。両方に共通する誤差を除いて区間を作る。", "The growth of a figure since an earlier reference month. What errors the two have in common is taken out of its interval.")},
	{"guest_nights", "guest_nights", "month", say("延べ宿泊数", "Guest-nights"),
		say("届いた予約にある、その月の宿泊者数×泊数。届かない施設の分は入っていない。", "Guests times nights of the month in the bookings delivered. Houses that deliver none are not in it.")},
	{"visit_behaviour", "value", "reference_month", say("来訪のしかた", "How people visit"),
		say("届いたデータに見えた人についての統計量。", "A statistic of the persons seen in the data delivered.")},
	{"definition_sensitivity", "value", "reference_month", say("閾値を変えたときの人数", "Persons under another threshold"),
		say("定義の閾値の一つだけを変えて数えたもの。", "Counted by the definition with one of its thresholds changed.")},
	{"coverage", "coverage", "month", say("来訪が予約に現れる割合", "How likely a visit is seen in bookings"),
		say("段階ごとの割合で、「段階の積」はそれらの積、「把握率」は推定に使う値。", "A share step by step: steps is their product, detection what the estimates use.")},
}

// kindOf is the kind that a term names, with figures/ before it or without.
func kindOf(term string) (kind, bool) {
	i := slices.IndexFunc(kinds, func(k kind) bool { return k.dataset == strings.TrimPrefix(term, "figures/") })
	if i < 0 {
		return kind{}, false
	}
	return kinds[i], true
}

// row is the struct of its rows.
func (k kind) row() reflect.Type { return reflect.TypeOf(dataset(k.dataset).Row) }

// column is a column of its dataset.
func (k kind) column(name string) schemas.Column {
	all := dataset(k.dataset).Columns()
	return all[slices.IndexFunc(all, func(c schemas.Column) bool { return c.Name == name })]
}

// has says that its dataset has a column.
func (k kind) has(column string) bool {
	return slices.ContainsFunc(dataset(k.dataset).Columns(), func(c schemas.Column) bool { return c.Name == column })
}

// selects are its rows that have these codes.
func (k kind) selects(ctx context.Context, db *sql.DB, where coded, further string) ([]tableRow, error) {
	return selectRows(ctx, db, k.row(), k.dataset, where, further)
}

// order is the order in which key columns that terms leave open are settled.
func (k kind) order() []string {
	first := []string{"region_code", "region_level", "target", "statistic", "estimand", "step", "definition", "measure", "outside", "origin_code", "relation_type", "engagement", "dimension"}
	last := []string{k.time, "source", "estimator"}
	key := dataset(k.dataset).Key()
	var out []string
	for _, column := range first {
		if slices.Contains(key, column) {
			out = append(out, column)
		}
	}
	for _, column := range key {
		if !slices.Contains(first, column) && !slices.Contains(last, column) {
			out = append(out, column)
		}
	}
	for _, column := range last {
		if slices.Contains(key, column) {
			out = append(out, column)
		}
	}
	return out
}
