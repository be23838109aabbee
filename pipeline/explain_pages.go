package pipeline

import "github.com/kankei/kankei/schemas"

// estimatorPages say of each estimator in a sentence what it does, and which page of docs/methods has it.
var estimatorPages = map[string]struct {
	schemas.Text
	page string
}{
	"observed":                  {say("予約などに見えた人を数えた下限。", "A count of those who were seen, and a lower bound."), "observed.md"},
	"survey_direct":             {say("設計ウェイトによる推定。", "Answers by their design weights."), "relational-survey.md"},
	"survey_calibrated":         {say("公的な人口に合わせたウェイトによる推定。", "Answers by weights that meet official totals of residents."), "relational-survey.md"},
	"onsite_scaled":             {say("来訪の多い人ほど会いやすいことを補正し、公的な来訪者数に合わせた推定。", "Those met on the spot, who are met the more often the more they come, scaled to official visitors."), "onsite.md"},
	"thinned":                   {say("予約に現れる確率から、現れない人を補った推定。", "Those seen in bookings with those whom bookings do not show, from how likely a visit is seen."), "capture.md"},
	"thinned_joint":             {say("同じく、来訪頻度の質問と合わせた推定。", "The same, together with the question how often people come."), "capture.md"},
	"thinned_synthetic":         {say("施設のない市町村を、ほかの市町村の来訪の分布から推定。", "Where no house is covered, from how visits to other municipalities are distributed."), "capture.md"},
	"composite":                 {say("各出所の推定値を、精度の高いほど重く平均。", "The mean of what the sources estimate, the more precise weighing more."), "headline.md"},
	"fay_herriot":               {say("各出所の平均を、県内のほかの市町村が示す値と合わせた推定。", "The mean of its sources, weighed against what the other municipalities of the prefecture tell."), "small-areas.md"},
	"fay_herriot_synthetic":     {say("県内のほかの市町村が示す値による推定。", "What the other municipalities of the prefecture tell alone."), "small-areas.md"},
	"related_at_start":          {say("転入者アンケートで期首より前から関わりがあった人の割合に、登録された転入者数を掛け、関係人口で割ったもの。", "Registered in-migrants, times the share who say they kept up contact before the time began, over the relational population."), "conversion.md"},
	"related_before_move":       {say("同じく、移住の直前に関わりがあった人について。", "The same of those who kept up contact just before they moved."), "conversion.md"},
	"without_last_half_year":    {say("同じく、移住前の半年に関わり始めた人を除いたもの。", "The same without those whose contact began in the half year before."), "conversion.md"},
	"all_in_migrants":           {say("関わりの有無を問わない転入者すべて。割合ではなく上限。", "Everybody who moved in, related or not: an upper bound."), "conversion.md"},
	"aalen_johansen_detected":   {say("予約で関わりの始まりが見えた人を、移住が見えるまで追ったもの。", "Those whom bookings show to begin contact, followed until a move is seen."), "conversion.md"},
	"aalen_johansen_corrected":  {say("同じく、移住の記録が見落とす割合で補正したもの。", "The same, over the share of moves that records show."), "conversion.md"},
	"related_before_move_panel": {say("同じく、パネル調査の二回の回答の間に移り住んだ人について。", "The same of members of a panel who moved there between two waves."), "conversion.md"},
	"aalen_johansen_survey":     {say("パネル調査で地域を挙げた人を、次の回答まで追ったもの（ウェイトつき）。", "Members of a panel who name the region, followed to their next answers, by weight."), "conversion.md"},
	"turnbull_survey":           {say("同じく、移住が二回の回答の間にあったとみて推定したもの。", "The same, of moves known to lie between two answers."), "conversion.md"},
	"weibull_survey":            {say("同じく、ワイブル分布による推定。", "The same, by Weibull's law."), "conversion.md"},
	"aalen_johansen_all":        {say("ある日に関わりのある人すべて（予約に見えない人を含む）を、来訪の多さを補正して追ったもの。", "All who are related on a day, seen in bookings or not, followed from then on with weights that make up for who is seen."), "conversion.md"},
	"complete_follow_up":        {say("期間の終わりまで追えた人だけの割合。", "Of those alone who could be followed for the whole time."), "conversion.md"},
	"beta_binomial":             {say("同じく、県内のほかの市町村が示す値に寄せたもの。", "The same, drawn towards the other municipalities of the prefecture."), "conversion.md"},
	"pairs_over_multiplicity":   {say("組の数を、一人当たりの地域数で割った推定。", "Pairs over the regions per person that a survey tells."), "headline.md"},
}
