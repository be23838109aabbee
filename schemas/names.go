package schemas

import (
	"cmp"
	"strings"
	"unicode"
)

// Title is the name of a published dataset or column in words: Japanese as a
// reader of statistics would say it, English from the name itself (region_code
// becomes "Region code").
func Title(name string) Text {
	ja, ok := titlesJA[name]
	if !ok {
		ja = name
	}
	return Text{JA: ja, EN: cmp.Or(titlesEN[name], inWords(name))}
}

// titlesEN are the titles of names that are no words.
var titlesEN = map[string]string{
	"ci_high":   "Upper end of the 95 % interval",
	"ci_low":    "Lower end of the 95 % interval",
	"cv":        "Coefficient of variation",
	"p_value":   "p-value",
	"std_error": "Standard error",
	"tau_b":     "Rank correlation (Kendall's tau-b)",
}

// CodeName is the name of a code of a column in words. A code that no list has
// is named by itself: regions, definitions, sources and targets have their names
// in the release. Codes joined by + are named one by one; datasets are named as
// they are titled, reasons of rejected rows as [ReasonText] has them.
func CodeName(column, code string) Text {
	if _, ok := titlesJA[code]; ok && column == "dataset" {
		return Title(code)
	}
	name, ok := codeNames[column][code]
	if text, of := reasonTexts[code]; of && column == "reason" {
		name, ok = text, true
	}
	if first, rest, several := strings.Cut(code, "+"); !ok && several {
		a, b := CodeName(column, first), CodeName(column, rest)
		return Text{JA: a.JA + "+" + b.JA, EN: a.EN + "+" + b.EN}
	}
	if !ok {
		return Text{JA: code, EN: code}
	}
	if name.EN == "" {
		name.EN = inWords(code)
	}
	return name
}

func inWords(name string) string {
	words := []rune(strings.ReplaceAll(name, "_", " "))
	if len(words) > 0 {
		words[0] = unicode.ToUpper(words[0])
	}
	return string(words)
}

var titlesJA = map[string]string{
	// datasets
	"relational_population":     "関係人口",
	"engagement_funnel":         "関与段階別の人数と移り変わり",
	"visit_behaviour":           "来訪行動",
	"guest_nights":              "延べ宿泊者数",
	"origin_destination":        "居住地別の来訪者",
	"origin_destination_detail": "居住市町村別の関係人口（攪乱済み）",
	"concentration":             "居住地・月の偏り",
	"coverage":                  "把握率",
	"definition_sensitivity":    "定義の閾値による違い",
	"definition_overlap":        "定義どうしの重なり",
	"rank_stability":            "市町村順位の安定性",
	"target_progress":           "目標の進捗",
	"error_budget":              "誤差の内訳",
	"small_areas":               "小地域推定",
	"change":                    "前月・前年からの変化",
	"revisions":                 "公表値の改定",
	"nowcast":                   "速報値の見込み",
	"flags":                     "系列の外れ値",
	"list_estimates":            "複数名簿による推定",
	"assumptions":               "推定の前提",
	"migration_conversion":      "移住に至る確率",
	"conversion_curve":          "移住に至るまでの経過",
	"migration_sources":         "移住の資料",
	"conversion_drivers":        "移住の要因",
	"programme_contrast":        "事業の比較",
	"engagement_transitions":    "関与段階の年次推移",
	"quality":                   "入力の品質",
	"definitions":               "定義",
	"regions":                   "地域",
	"region_changes":            "地域コードの変更",
	"disclosure":                "秘匿の基準",

	// columns
	"previous_estimator":    "改定前の推定方法",
	"publication":           "改定前の公表",
	"previous_known_on":     "改定前のデータの基準日",
	"revision_reason":       "改定の理由",
	"previous_value":        "改定前の値",
	"previous_ci_low":       "改定前の95%区間の下限",
	"previous_ci_high":      "改定前の95%区間の上限",
	"relative_difference":   "改定率",
	"hazard_ratio":          "ハザード比",
	"reference":             "基準とする水準",
	"dataset":               "データセット",
	"label":                 "関連か効果か",
	"programme":             "事業",
	"withheld":              "秘匿したセル",
	"outcome":               "結果",
	"p_value":               "p値",
	"design":                "比較の設計",
	"from_engagement":       "前の関与段階",
	"cells":                 "セルの数",
	"term":                  "要因",
	"years":                 "年数",
	"to_engagement":         "後の関与段階",
	"covariate":             "共変量",
	"level":                 "水準",
	"events_class":          "事象数の区分",
	"age_class":             "年齢階級",
	"areas":                 "モデルの市町村数",
	"assumption":            "前提",
	"basis":                 "根拠",
	"before_benchmark":      "県計に合わせる前の値",
	"bookings":              "予約件数",
	"boundary_vintage":      "境界の基準日",
	"changed_on":            "変更日",
	"checked_code":          "全国地方公共団体コード（6桁）",
	"ci_high":               "95%区間の上限",
	"ci_low":                "95%区間の下限",
	"classification":        "分類による誤差の割合",
	"cohort":                "追跡を始めた年度",
	"completeness":          "到着の割合",
	"conf_status":           "秘匿の状態",
	"covariance":            "共分散",
	"covariates":            "共変量",
	"cv":                    "変動係数",
	"dated":                 "把握日の分かる予約の割合",
	"definition":            "定義",
	"detection":             "把握率による誤差の割合",
	"difference":            "差",
	"difference_ci_high":    "差の95%区間の上限",
	"difference_ci_low":     "差の95%区間の下限",
	"difference_std_error":  "差の標準誤差",
	"dimension":             "動かす閾値",
	"direct_std_error":      "直接推定値の標準誤差",
	"direct_value":          "直接推定値",
	"direction":             "向き",
	"due_on":                "目標の期日",
	"earlier":               "前の値",
	"end_code":              "関係の終わり方",
	"engagement":            "関与段階",
	"estimand":              "確率の種類",
	"estimator":             "推定方法",
	"mechanism":             "攪乱の方法",
	"parameter":             "規則の値",
	"excludes":              "数えない目的",
	"expected":              "期待値",
	"false_alarm":           "誤報の確率",
	"follows":               "準拠する文書",
	"follows_ja":            "準拠する文書（日本語）",
	"from_code":             "変更前の地域コード",
	"from_day":              "起算日",
	"growth":                "増減率",
	"growth_ci_high":        "増減率の95%区間の上限",
	"growth_ci_low":         "増減率の95%区間の下限",
	"growth_std_error":      "増減率の標準誤差",
	"headline_value":        "代表値",
	"horizon_months":        "期間（月）",
	"indicator":             "指標",
	"jaccard":               "ジャカード係数",
	"kana":                  "かな",
	"kind":                  "種類",
	"known":                 "今までに分かった数",
	"known_on":              "データの基準日",
	"later":                 "後の値",
	"linkage":               "名寄せによる誤差の割合",
	"lists":                 "名簿",
	"measure":               "数え方",
	"method":                "方法",
	"methodology_version":   "方法の版",
	"model":                 "モデルによる誤差の割合",
	"month":                 "月（末日）",
	"month_of_year":         "月（1〜12）",
	"months":                "月数",
	"months_before":         "何か月前との比較か",
	"municipalities":        "市町村数",
	"name":                  "名称",
	"name_en":               "英語名",
	"note":                  "説明",
	"obs_status":            "観測値の状態",
	"official_guest_nights": "公的統計の延べ宿泊者数",
	"origin_code":           "居住地コード",
	"origin_country":        "居住国",
	"other_definition":      "もう一つの定義",
	"outside":               "域外の決め方",
	"own_threshold":         "定義そのものの閾値か",
	"parent_code":           "上位の地域コード",
	"per_10000_residents":   "住民1万人当たり",
	"persons":               "人数",
	"persons_both":          "両方を満たす人数",
	"prefecture_code":       "都道府県コード",
	"probability_increase":  "増えた確率",
	"probability_met":       "目標に達した確率",
	"ratio":                 "比率",
	"reason":                "理由",
	"record":                "記録の種類",
	"recorded_guest_nights": "把握した延べ宿泊者数",
	"reference_month":       "基準月（12か月の末日）",
	"region_code":           "地域コード",
	"region_level":          "地域の段階",
	"relation_type":         "関わりの種類",
	"reliability":           "信頼度",
	"rule":                  "規則",
	"rule_ja":               "規則（日本語）",
	"sampling":              "標本による誤差の割合",
	"score":                 "標準化した外れ方",
	"score_limit":           "外れ方の限界",
	"share":                 "割合",
	"shrinkage":             "直接推定値の重み",
	"sigma2":                "モデルの分散",
	"source":                "出所",
	"source_period":         "データの期間",
	"sources":               "使える出所",
	"standardised_residual": "標準化残差",
	"statistic":             "統計量",
	"status":                "状態",
	"std_error":             "標準誤差",
	"step":                  "段階",
	"synthetic_value":       "合成推定値",
	"target":                "目標",
	"target_population":     "対象とする人",
	"target_value":          "目標値",
	"tau_b":                 "順位相関（τb）",
	"threshold":             "閾値",
	"title_en":              "題名（英語）",
	"title_ja":              "題名（日本語）",
	"to_code":               "変更後の地域コード",
	"top_ten_retained":      "上位10に残る割合",
	"trips":                 "旅行回数",
	"unit":                  "単位",
	"valid_from":            "有効期間の初日",
	"valid_to":              "有効期間の末日",
	"value":                 "値",
	"version":               "版",
	"visit_days":            "来訪日数",
	"waited":                "経過月数",
	"year":                  "年",
}

// regionNames are the names of regions that no table of regions has.
var regionNames = map[string]Text{
	All: {JA: "すべて", EN: "All"}, Abroad: {JA: "国外", EN: "Abroad"}, Unknown: {JA: "不明", EN: "Unknown"}, Nation: {JA: "全国", EN: "Japan"},
	TokyoArea: {JA: "東京圏"}, NagoyaArea: {JA: "名古屋圏"}, OsakaArea: {JA: "大阪圏"}, OtherAreas: {JA: "三大都市圏以外"},
}

// codeNames are the names of codes, by column and code.
var codeNames = map[string]map[string]Text{
	"origin_code": regionNames,
	"region_code": regionNames,
	"parent_code": regionNames,
	"measure": {
		Persons: {JA: "人（その地域全体で定義を満たす）"}, PersonsAnyMunicipality: {JA: "人（域内のいずれかの市町村で定義を満たす）"}, Pairs: {JA: "人と市町村の組"},
	},
	"outside": {
		OutsidePrefecture: {JA: "県外に住む", EN: "Lives in another prefecture"}, OutsideMunicipality: {JA: "市町村外に住む", EN: "Lives in another municipality"},
		OutsideEverydayArea: {JA: "日常生活圏の外に住む", EN: "Lives outside the everyday area"},
	},
	"region_level": {LevelNation: {JA: "全国"}, LevelPrefecture: {JA: "都道府県"}, LevelMunicipality: {JA: "市町村"}, LevelWard: {JA: "区"}},
	"mechanism": {
		CellKey: {JA: "セルキー法の雑音"}, RandomRounding: {JA: "ランダム丸め"}, ControlledRounding: {JA: "少数セルの丸め"},
		DiscreteLaplace: {JA: "差分プライバシー（離散ラプラス）"}, DiscreteGaussian: {JA: "差分プライバシー（離散ガウス）"},
	},
	"relation_type": {
		All: {JA: "すべて"}, RelationDirectContribution: {JA: "直接寄与型"}, RelationLocalWork: {JA: "就労型（現地就労）"}, RelationTelework: {JA: "就労型（テレワーク）"},
		RelationParticipation: {JA: "参加・交流型"}, RelationHobby: {JA: "趣味・消費型"},
	},
	"engagement": {
		All: {JA: "すべて"}, EngagementOneOff: {JA: "一度だけ"}, EngagementRepeat: {JA: "再訪"}, EngagementRelated: {JA: "関わりが続く"},
		EngagementDeep: {JA: "深く関わる"}, EngagementTwoRegion: {JA: "二地域居住"},
	},
	"source": {
		SourceBooking: {JA: "予約"}, SourceSurvey: {JA: "アンケート"}, SourceAct: {JA: "寄与活動の記録"}, SourceCombined: {JA: "出所を合わせたもの"}, All: {JA: "すべて"},
	},
	"estimator": {
		"observed":                           {JA: "見えた人の数", EN: "Persons seen"},
		"survey_direct":                      {JA: "アンケートの直接推定", EN: "Survey, by its design"},
		"survey_calibrated":                  {JA: "アンケートの推定（公的な人口に合わせたもの）", EN: "Survey, weighted to official residents"},
		"onsite_scaled":                      {JA: "現地アンケートの推定", EN: "Asked on the spot, scaled to official visitors"},
		"thinned":                            {JA: "予約に現れない人を補った推定", EN: "Bookings, with those they do not show"},
		"thinned_joint":                      {JA: "予約と来訪頻度の質問からの推定", EN: "Bookings and the question how often people come"},
		"thinned_synthetic":                  {JA: "施設のない市町村の合成推定", EN: "Synthetic, where no house is covered"},
		"composite":                          {JA: "出所の合成", EN: "Mean of the sources"},
		"fay_herriot":                        {JA: "Fay-Herriot 推定", EN: "Fay-Herriot"},
		"fay_herriot_synthetic":              {JA: "Fay-Herriot の合成推定", EN: "Fay-Herriot, synthetic"},
		"pairs_over_multiplicity":            {JA: "組の数を一人当たり地域数で割った推定", EN: "Pairs over the regions of a person"},
		"chapman":                            {JA: "Chapman 推定"},
		"aalen_johansen_detected":            {JA: "追跡（把握した移住のみ）", EN: "Followed, moves seen"},
		"aalen_johansen_corrected":           {JA: "追跡（把握漏れを補正）", EN: "Followed, corrected for moves not seen"},
		"aalen_johansen_all":                 {JA: "追跡（見えない人も含む、関わりのある人すべて）", EN: "Followed, all who are related, seen or not"},
		"turnbull_survey":                    {JA: "追跡（パネル調査、回答の間の移住、Turnbull）", EN: "Followed, members of a panel, moves between answers (Turnbull)"},
		"weibull_survey":                     {JA: "追跡（パネル調査、回答の間の移住、ワイブル）", EN: "Followed, members of a panel, moves between answers (Weibull)"},
		"related_before_move_panel":          {JA: "移住の直前に関わり（パネル調査）", EN: "Related just before the move, by a panel"},
		"aalen_johansen_survey":              {JA: "追跡（パネル調査、ウェイトつき）", EN: "Followed, members of a panel by weight"},
		"complete_follow_up":                 {JA: "全期間追跡できた人の割合", EN: "Those followed for the whole time"},
		"beta_binomial":                      {JA: "全期間追跡できた人の割合（県内の市町村に寄せた推定）", EN: "Those followed for the whole time, drawn towards the prefecture"},
		"related_at_start":                   {JA: "期首に関係人口だった人", EN: "Related when the time begins"},
		"related_before_move":                {JA: "移住直前に関係人口だった人", EN: "Related just before the move"},
		"without_last_half_year":             {JA: "同（直前半年に関わり始めた人を除く）", EN: "The same, without contact of the last half year"},
		"all_in_migrants":                    {JA: "転入者すべて（上限）", EN: "All who moved in: an upper bound"},
		"all":                                {JA: "すべて"},
		"chao_lower_bound":                   {JA: "Chao の下限"},
		"zelterman_lower_bound":              {JA: "Zelterman の下限"},
		"chao_one_inflated_lower_bound":      {JA: "Chao の下限（一回だけの人が多い場合）", EN: "Chao lower bound, where many come just once"},
		"zero_truncated_poisson_lower_bound": {JA: "ゼロ切断ポアソンの下限"},
		"free_least":                         {JA: "来訪回数の分布を限らない範囲の下端", EN: "Lower end, whatever the distribution of visits"},
		"free_greatest":                      {JA: "来訪回数の分布を限らない範囲の上端", EN: "Upper end, whatever the distribution of visits"},
	},
	"reliability": {
		"A": {JA: "区間が狭い", EN: "Narrow interval"}, "B": {JA: "区間が中くらい", EN: "Medium interval"}, "C": {JA: "区間が広い", EN: "Wide interval"},
		"U": {JA: "区間がないか信頼度が低い", EN: "No interval, or of low reliability"},
	},
	"obs_status": {
		Normal: {JA: "数えた値", EN: "Counted"}, Estimated: {JA: "推定値", EN: "Estimated"}, Provisional: {JA: "暫定値", EN: "Provisional"},
		LowReliability: {JA: "信頼度が低い", EN: "Low reliability"}, NotEstimable: {JA: "推定できない", EN: "Not estimable"},
	},
	"revision_reason": {
		RevisionUnchanged: {JA: "改定なし"}, RevisionNewData: {JA: "新しいデータ"}, RevisionRestatement: {JA: "納品の差し替え・取り下げ", EN: "Files delivered again or withdrawn"},
		RevisionMethod: {JA: "方法・設定・定義の変更", EN: "Method, settings or definition"}, RevisionBoundary: {JA: "境界・地域コードの変更", EN: "Boundaries or region codes"}, RevisionNotKnown: {JA: "分からない"},
	},
	"age_class": {All: {JA: "すべて"}},
	"reason": {
		NoPopulation: {JA: "関係人口が分からない"}, NoAnswers: {JA: "関わりの有無に回答がない"}, NoRegistered: {JA: "登録された転入者数がない"},
		NotDated: {JA: "関わりの始まりに回答が少ない"}, Contradictory: {JA: "関わりのあった転入者が関係人口より多い"}, NoRecords: {JA: "移住の把握率が分からない"},
		FewAtRisk: {JA: "追跡できる人が10人に満たない"}, FollowUpShort: {JA: "追跡した期間が短い"}, FewMovers: {JA: "移住した人が10人に満たない"}, BetweenWaves: {JA: "調査の回の間で、その時点が分からない"},
		TooThin:  {JA: "見えた来訪が少なく、見えない人を推計できない"},
		"merger": {JA: "新設合併", EN: "Merger into a new municipality"}, "absorption": {JA: "編入合併", EN: "Absorbed by another"}, "division": {JA: "分割"}, "separation": {JA: "分離"},
		"city_status": {JA: "市制施行"}, "town_status": {JA: "町制施行"}, "designated_city": {JA: "政令指定都市施行", EN: "Became a designated city"},
		"ward_reorganisation": {JA: "区の再編"}, "district_change": {JA: "郡の区域変更", EN: "Change of district"}, "renaming": {JA: "名称変更"},
	},
	"conf_status": {Free: {JA: "公表できる", EN: "Free"}, Withheld: {JA: "秘匿", EN: "Withheld"}},
	"step": {
		StepGuestNights: {JA: "延べ宿泊者数"}, StepOvernight: {JA: "宿泊を伴う", EN: "Stays a night"}, StepPaidLodging: {JA: "有料の宿に泊まる", EN: "In paid lodging"}, StepFacility: {JA: "予約が届く施設に泊まる", EN: "In a house that delivers"},
		StepOwnIdentity: {JA: "本人の名で予約する", EN: "Booked under the own name"}, StepLinked: {JA: "本人と分かる", EN: "Something tells the person"}, StepProduct: {JA: "段階の積", EN: "Product of the steps"}, StepRelatedPurpose: {JA: "定義が数える目的", EN: "For a purpose that counts"},
		StepDetection: {JA: "把握率（推定に使う）", EN: "Visit is seen, as estimates use it"}, StepResidenceKnown: {JA: "居住地が分かる"}, StepLoyalty: {JA: "いつも同じ宿に泊まる", EN: "Always in the same house"},
	},
	"basis": {
		BasisBookings: {JA: "予約"}, BasisOfficialNights: {JA: "公的な延べ宿泊者数"}, BasisOfficialVisitors: {JA: "公的な来訪者数"}, BasisFacilityFrame: {JA: "施設の台帳"},
		BasisSurvey: {JA: "アンケート"}, BasisProduct: {JA: "積"}, BasisRemainder: {JA: "残り"}, BasisAssumed: {JA: "仮定"}, BasisOwn: {JA: "その地域のもの"},
		BasisPooled: {JA: "県内市町村を合わせたもの"}, BasisSynthetic: {JA: "合成"},
	},
	"status": {
		StatusMet: {JA: "満たす"}, StatusViolated: {JA: "満たさない"}, StatusEstimated: {JA: "推定値で代える"}, StatusAssumed: {JA: "仮定"},
		StatusRefused: {JA: "当てはめられない"}, StatusUnknown: {JA: "分からない"},
	},
	"assumption": {
		"detection": {JA: "把握率が分かっている", EN: "How likely a visit is seen is known"}, "equal_detection": {JA: "誰の来訪も同じ確率で見える", EN: "Everybody's visits are as likely to be seen"}, "related_purpose": {JA: "定義が数える目的の割合", EN: "The share of purposes that count"}, "loyalty": {JA: "いつも同じ宿に泊まる", EN: "Some always stay in the same house"},
		"linkage": {JA: "名寄せに誤りがない", EN: "Linkage makes no mistakes"}, "single_visits": {JA: "一度だけ見えた人の数", EN: "How many were seen just once"}, "residence_unknown": {JA: "居住地の分からない人も同じ", EN: "Those of unknown residence are like the others"}, "party_members": {JA: "同行者も予約した人と同じ", EN: "Those who travel along are like those who book"}, "shape": {JA: "来訪回数の分布", EN: "How often people come"},
		"family/shifted_negative_binomial": {JA: "分布のあてはまり：負の二項（2回目以降）", EN: "Distribution fits: negative binomial beyond the first visit"}, "family/poisson_lognormal": {JA: "分布のあてはまり：ポアソン対数正規", EN: "Distribution fits: Poisson log-normal"},
		"family/two_points": {JA: "分布のあてはまり：2種類の来訪者", EN: "Distribution fits: two kinds of visitors"}, "family/three_points": {JA: "分布のあてはまり：3種類の来訪者", EN: "Distribution fits: three kinds of visitors"},
		"family/negative_binomial_monthly": {JA: "分布のあてはまり：負の二項と毎月来る人", EN: "Distribution fits: negative binomial, and some who come every month"}, "family/log_spline": {JA: "分布のあてはまり：対数スプライン", EN: "Distribution fits: log-spline"},
	},
	"model":     {"cox": {JA: "Cox 回帰（日単位）", EN: "Cox regression, by day"}, "discrete_hazard": {JA: "離散時間ハザード（四半期単位）", EN: "Discrete-time hazard, by quarter"}},
	"term":      driverTerms,
	"level":     driverLevels,
	"reference": driverLevels,
	"design":    {"persons": {JA: "人の比較"}, "regions": {JA: "市町村の比較", EN: "Municipalities"}},
	"programme": {"recorded": {JA: "記録のある参加（活動、支援策での滞在）", EN: "On record: an act, or a stay for a programme"}},
	"outcome": {
		"still_coming": {JA: "その後12か月も訪れた", EN: "Still coming in the 12 months after"}, "moved_in": {JA: "24か月以内に移住した", EN: "Moved in within 24 months"},
		"log_related_persons": {JA: "見えた関係人口の対数", EN: "Logarithm of the related persons seen"},
	},
	"label":  {"association": {JA: "関連（効果とは言えない）", EN: "Association, no effect"}, "effect": {JA: "効果"}},
	"method": {"outlying_counts": {JA: "外れた件数"}, "robust_z": {JA: "頑健な標準化"}},
	"rule": {"persons": {JA: "人数"}, "facilities": {JA: "施設数"}, "protection": {JA: "秘匿した値の幅"}, "withheld": {JA: "秘匿した行"},
		"dominance_p": {JA: "p % ルール"}, "dominance_pq": {JA: "pq ルール"}, "dominance_one": {JA: "1者の占める割合"}, "dominance_two": {JA: "2者の占める割合"}},
	"unit":      {"trip": {JA: "旅行"}, "day": {JA: "日"}, "act": {JA: "活動"}},
	"estimand":  {Retrospective: {JA: "移住者からさかのぼる"}, Prospective: {JA: "関係人口から追う"}},
	"end_code":  {EndMigrated: {JA: "移住した"}, EndMoved: {JA: "ほかへ移った"}, EndLapsed: {JA: "途絶えた"}},
	"kind":      {"input": {JA: "入力"}, "figure": {JA: "結果"}},
	"dimension": {"trips": {JA: "旅行回数"}, "gap_days": {JA: "旅行の間の日数"}, "stay_days": {JA: "滞在日数"}, "window_months": {JA: "期間の月数"}},
	"record": {
		RecordCounterSurvey: {JA: "窓口アンケート"}, RecordProgramme: {JA: "移住支援の記録"}, RecordMigrationDesk: {JA: "移住相談の記録"}, RecordRegister: {JA: "住民記録"},
		"bookings": {JA: "予約"}, "official": {JA: "公的統計"}, RecordPanel: {JA: "パネル調査（回の間の転居）", EN: "Panel, moved between the waves"},
	},
	"indicator": {
		"files": {JA: "ファイル数"}, "rows_in": {JA: "届いた行"}, "rows_landed": {JA: "受け入れた行"}, "rows_rejected": {JA: "拒否した行"}, "identical_rows": {JA: "同一の行"},
		"replaced_characters": {JA: "読めない文字"}, "cancelled": {JA: "取消"}, "no_show": {JA: "不泊"}, "stays": {JA: "滞在"}, "persons": {JA: "人"},
		"stays_of_unknown_residence": {JA: "居住地の分からない滞在"}, "stays_without_person": {JA: "誰か分からない滞在"}, "stays_without_guests": {JA: "人数の分からない滞在"},
		"linkage_missed": {JA: "名寄せの漏れ"}, "linkage_false": {JA: "名寄せの誤り"},
		"survey_sampled": {JA: "標本の人数"}, "survey_estimated": {JA: "推定に使った人数"}, "survey_effective_size": {JA: "有効標本規模"},
		"survey_drop_out": {JA: "パネルの脱落による増減"}, "survey_drop_out_std_error": {JA: "パネルの脱落による増減（標準誤差）", EN: "Survey drop out, standard error"},
		"g_least": {JA: "ウェイト調整比の最小"}, "g_greatest": {JA: "ウェイト調整比の最大"},
		"busy_persons": {JA: "訪問日数が多すぎる人", EN: "Persons with too many days of visits"}, "hubs_phone": {JA: "多数の氏名が共有する電話番号", EN: "Telephone numbers that many names share"}, "hubs_email": {JA: "多数の氏名が共有するメールアドレス", EN: "E-mail addresses that many names share"},
		"rejected": {JA: "拒否した行（理由別）", EN: "Rows rejected, by reason"}, "day_use": {JA: "日帰り利用"},
	},
	"statistic": {
		"repeat_rate": {JA: "再訪率"}, "trip_interval_median": {JA: "旅行間隔の中央値", EN: "Days between trips, median"}, "length_of_stay_mean": {JA: "平均滞在日数", EN: "Days of a stay, mean"}, "month_index": {JA: "月別指数"},
		"multiplicity": {JA: "一人当たり地域数", EN: "Regions per person"}, "pairs_per_person": {JA: "域内に関わる人一人当たり地域数"}, "share_1_visit_or_less": {JA: "年1回以下の割合"}, "share_2_to_7_visits": {JA: "年2〜7回の割合"}, "share_8_visits_or_more": {JA: "年8回以上の割合"},
		FunnelOpening: {JA: "期首"}, FunnelEntries: {JA: "流入"}, FunnelExits: {JA: "流出"}, FunnelClosing: {JA: "期末"}, FunnelFromOutside: {JA: "外から"}, FunnelNew: {JA: "外から（初めて）"},
		FunnelReturned: {JA: "外から（再び）"}, FunnelFromBelow: {JA: "下の段階から"}, FunnelFromAbove: {JA: "上の段階から"}, FunnelToOutside: {JA: "外へ"}, FunnelLapsed: {JA: "外へ（途絶えた）"},
		FunnelMovedIn: {JA: "外へ（移住した）"}, FunnelToBelow: {JA: "下の段階へ"}, FunnelToAbove: {JA: "上の段階へ"},
		"alive_share": {JA: "続いている関わりの割合", EN: "Ties alive, share"}, "active_share": {JA: "活発な関わりの割合", EN: "Ties likely to be alive, share"}, "lapsing_share": {JA: "途絶えかけの関わりの割合", EN: "Ties that may have lapsed, share"}, "lapsed_share": {JA: "途絶えた関わりの割合", EN: "Ties likely to have lapsed, share"},
		"again_share": {JA: "再び来た人の割合"}, "again_share_expected": {JA: "再び来ると見込まれた人の割合"}, "reactivated_share": {JA: "関わりを取り戻した人の割合"},
		"gap_median": {JA: "旅行間隔の中央値（続いている間隔を含む）", EN: "Days between trips, median, open gaps included"}, "gap_median_closed": {JA: "旅行間隔の中央値（終わった間隔）", EN: "Days between trips, median, of gaps that ended"}, "gap_median_alive": {JA: "旅行間隔の中央値（続いている関わり）", EN: "Days between trips, median, of ties alive"}, "gap_median_made": {JA: "旅行間隔の中央値（見えない旅行を補正）"},
		"hhi": {JA: "ハーフィンダール指数", EN: "Herfindahl index"}, "hhi_corrected": {JA: "ハーフィンダール指数（補正）", EN: "Herfindahl index, corrected"}, "effective_origins": {JA: "実効居住地数"}, "tokyo_area_share": {JA: "東京圏の割合"},
		"gini": {JA: "ジニ係数"}, "theil": {JA: "タイル指数"}, "theil_between_areas": {JA: "タイル指数（圏域間）"}, "location_quotient": {JA: "特化係数"}, "gravity_residual": {JA: "重力モデルの残差"},
		"distance_elasticity": {JA: "距離弾力性"}, "month_gini": {JA: "月のジニ係数"}, "peak_ratio": {JA: "最大月の比"}, "seasonality_strength": {JA: "季節性の強さ"}, "person_days": {JA: "人日"},
		"resident_equivalents": {JA: "住民換算人数"}, "net_migration_correlation": {JA: "転入超過との相関"}, "in_migration_correlation": {JA: "転入との相関"},
		"net_migration_correlation_ranks": {JA: "転入超過との順位相関"}, "in_migration_correlation_ranks": {JA: "転入との順位相関"},
		"registered_in_migrants": {JA: "登録された転入者"}, "moves": {JA: "移住の記録"}, "detection": {JA: "把握率"}, "tells_a_person": {JA: "本人と分かる割合"}, "seen_before": {JA: "以前に見えた割合"},
		"related_before": {JA: "以前から関わっていた割合"}, "unrelated_but_seen": {JA: "関わりなしと答えたが見えた割合"}, "contradicted": {JA: "予約と食い違う割合"},
		"att": {JA: "参加した人の差（参加しない人との比較）", EN: "Difference of those who took part"}, "att_p": {JA: "同（p値、多重比較を補正）", EN: "p-value of the difference, adjusted"}, "risk_treated": {JA: "参加した人での割合", EN: "Share of those who took part"}, "risk_control": {JA: "参加しない人での割合", EN: "Share of those who did not"},
		"smd_before": {JA: "標準化差（補正前）", EN: "Standardised difference, as seen"}, "smd_after": {JA: "標準化差（補正後）", EN: "Standardised difference, after weighting"}, "trimmed": {JA: "重なりがなく除いた割合", EN: "Share left out for want of overlap"}, "effective_sample_size": {JA: "有効標本規模"},
		"placebo_p": {JA: "以前の差がないことの p 値", EN: "p-value of no difference before"}, "pre_trend_p": {JA: "以前の動きが並行であることの p 値", EN: "p-value of like trends before"},
		"guest_nights": {JA: "延べ宿泊者数"}, "bookings": {JA: "予約件数"}, "rows": {JA: "行数"}, "value": {JA: "値"},
		Probability: {JA: "確率"}, MonthsQuarter: {JA: "移住した人の4分の1が移住するまでの月数"}, MonthsHalf: {JA: "移住した人の半分が移住するまでの月数"},
		MonthsThreeQuarters: {JA: "移住した人の4分の3が移住するまでの月数"},
	},
}

// driverTerms and driverLevels are what conversion_drivers compares.
var driverTerms = map[string]Text{
	"relation_type": {JA: "関わりの種類"}, "trips_at_entry": {JA: "関係人口になるまでの旅行回数", EN: "Trips until becoming related"},
	"stay_days_at_entry": {JA: "関係人口になるまでの滞在日数", EN: "Days of stay until becoming related"}, "origin": {JA: "居住地"}, "deepened": {JA: "関わりが深まった（年5回）", EN: "Tie deepened (five trips a year)"},
}

var driverLevels = map[string]Text{
	RelationDirectContribution: {JA: "直接寄与型"}, RelationLocalWork: {JA: "就労型（現地就労）"}, RelationTelework: {JA: "就労型（テレワーク）"}, RelationParticipation: {JA: "参加・交流型"}, RelationHobby: {JA: "趣味・消費型"}, "not_known": {JA: "分からない"},
	"up_to_2": {JA: "2回以下", EN: "Up to 2 trips"}, "3_to_4": {JA: "3〜4回", EN: "3 to 4 trips"}, "5_or_more": {JA: "5回以上", EN: "5 trips or more"}, "up_to_7": {JA: "7日以下", EN: "Up to 7 days"}, "8_or_more": {JA: "8日以上", EN: "8 days or more"},
	TokyoArea: {JA: "東京圏"}, "near": {JA: "近い（150km未満）", EN: "Near (below 150 km)"}, "middle": {JA: "中くらい（150〜400km）", EN: "Middle (150 to 400 km)"}, "far": {JA: "遠い（400km以上）", EN: "Far (400 km and more)"},
	"no": {JA: "いいえ"}, "yes": {JA: "はい"},
}
