package pipeline

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/kankei/kankei/schemas"
)

// termNames are short names of columns.
var termNames = map[string]string{"region": "region_code", "origin": "origin_code", "level": "region_level", "horizon": "horizon_months", "地域": "region_code", "月": "month"}

// preferred are the codes that stand where a term leaves them open, best first; of others the first there is.
var preferred = map[string][]string{
	"measure": {schemas.Persons, schemas.Pairs}, "outside": {schemas.OutsidePrefecture}, "origin_code": {schemas.All}, "relation_type": {schemas.All},
	"engagement": {schemas.All, schemas.EngagementRelated}, "age_class": {schemas.All}, "statistic": {schemas.FunnelClosing, schemas.Probability, "repeat_rate", "gini"}, "estimand": {schemas.Retrospective},
	"cohort": {"0"}, "horizon_months": {"12"}, "months": {"0", "12"}, "months_before": {"12"}, "month_of_year": {"0"}, "end_code": {schemas.EndMigrated},
	"step": {schemas.StepDetection}, "dimension": {"trips"},
	"source": {schemas.SourceCombined, schemas.SourceSurvey, schemas.SourceBooking, schemas.SourceAct},
	"estimator": {"composite", "fay_herriot", "onsite_scaled", "survey_calibrated", "survey_direct", "thinned",
		"related_at_start", "related_before_move", "aalen_johansen_corrected", "aalen_johansen_detected"},
}

// estimable are the columns of which those codes are preferred whose figures can be estimated.
var estimable = []string{"estimand", "source", "estimator"}

// figureAsked is the one figure that terms ask for, with its kind.
func (p *Project) figureAsked(ctx context.Context, db *sql.DB, terms []string) (kind, tableRow, error) {
	k, want := kinds[0], coded{}
	terms = slices.DeleteFunc(slices.Clone(terms), func(term string) bool {
		named, is := kindOf(term)
		if is {
			k = named
		}
		return is
	})
	f := finder{p, db, k}
	for _, term := range terms {
		column, code, err := f.term(ctx, term)
		if err != nil {
			return k, tableRow{}, err
		}
		if want, err = f.narrowed(ctx, want, column, code, term); err != nil {
			return k, tableRow{}, err
		}
	}
	for _, column := range k.order() {
		if _, settled := want[column]; settled {
			continue
		}
		code, err := f.choice(ctx, want, column)
		if err != nil {
			return k, tableRow{}, err
		}
		want[column] = code
	}
	rows, err := k.selects(ctx, db, want, "")
	if err != nil || len(rows) == 0 {
		return k, tableRow{}, cmp.Or(err, error(&Error{Code: ExitMisused, Where: k.dataset, Found: say("リリースに数字がありません", "the release has no figures")}))
	}
	return k, rows[0], nil
}

// finder finds figures of a kind in a release.
type finder struct {
	project *Project
	db      *sql.DB
	kind    kind
}

var (
	monthTerm = regexp.MustCompile(`^\d{4}-\d{2}(-\d{2})?$`)
	codeTerm  = regexp.MustCompile(`^\d{5}$`)
)

// term reads column=code; a month and a region stand by themselves.
func (f finder) term(ctx context.Context, term string) (column, code string, err error) {
	column, code, named := strings.Cut(term, "=")
	switch {
	case !named && monthTerm.MatchString(term):
		column, code = f.kind.time, term
	case !named:
		column, code = "region_code", term
	}
	if column = f.column(column); column == "" {
		return "", "", &Error{Code: ExitMisused, Where: term, Found: say("そのような列はありません", "there is no such column"), Wanted: listed(append([]string{"region", "month"}, f.askable()...))}
	}
	if column == "region_code" && !codeTerm.MatchString(code) {
		code, err = f.regionOf(ctx, code)
	}
	if column == f.kind.time && column != "cohort" && len(code) == len("2026-03") {
		if first, e := schemas.ParseDate(code + "-01"); e == nil {
			code = first.MonthEnd().String()
		}
	}
	return column, code, err
}

// askable are the columns that terms may name: those of the key, and what tells the
// figure otherwise.
func (f finder) askable() []string {
	all := f.kind.order()
	for _, column := range []string{f.kind.time, "region_code", "definition", "measure", "outside"} {
		if f.kind.has(column) && !slices.Contains(all, column) {
			all = append(all, column)
		}
	}
	return all
}

// column is the column that a term names by its name, a short one or its title in Japanese; ” where there is none.
func (f finder) column(name string) string {
	name = cmp.Or(termNames[name], name)
	if name == "month" {
		name = f.kind.time
	}
	all := f.askable()
	i := slices.IndexFunc(all, func(column string) bool { return column == name || schemas.Title(column).JA == name })
	if i < 0 {
		return ""
	}
	return all[i]
}

// regionOf is the code of a region with figures, by its name; without its 県, 市, 町
// or 村 where no region has just that.
func (f finder) regionOf(ctx context.Context, name string) (string, error) {
	var regions []regionName
	if err := selectInto(ctx, f.db, &regions, "region_names", nil, "region_code IN (SELECT region_code FROM "+identifier(f.kind.dataset)+")"); err != nil {
		return "", err
	}
	found := regionsNamed(regions, name)
	switch len(found) {
	case 1:
		return found[0].RegionCode, nil
	case 0:
		return "", f.noRegion(name, regions)
	}
	var wanted schemas.Text
	for i, r := range found {
		if i > 0 {
			wanted = schemas.Text{JA: wanted.JA + "、", EN: wanted.EN + ", "}
		}
		wanted = schemas.Text{JA: wanted.JA + r.Name + " " + r.RegionCode, EN: wanted.EN + r.NameEN + " " + r.RegionCode}
	}
	return "", &Error{Code: ExitMisused, Where: name, Found: say("同じ名前の地域が複数あります", "several regions have that name"), Wanted: wanted}
}

// noRegion is the error of a term that names no region.
func (f finder) noRegion(name string, regions []regionName) error {
	if _, is := schemas.Find(name); is {
		return &Error{Code: ExitMisused, Where: name, Found: say("その表の数字は説明できません", "figures of that dataset are not explained"), Wanted: choices(name, kindNames())}
	}
	if like := slices.DeleteFunc(kindNames(), func(k string) bool { return !strings.HasPrefix(k, name) }); len(like) > 0 {
		return &Error{Code: ExitMisused, Where: name, Found: say("その名前の表も地域もありません", "there is neither a dataset nor a region of that name"), Wanted: listed(like)}
	}
	return &Error{Code: ExitMisused, Where: name, Found: say("その名前の地域の数字はありません", "there are no figures of a region of that name"), Wanted: nearestRegions(regions, name)}
}

// narrowed adds a code to those asked for, and refuses one that no figure has.
func (f finder) narrowed(ctx context.Context, want coded, column, code, term string) (coded, error) {
	there, err := f.codesOf(ctx, want, column, "")
	if err != nil {
		return nil, err
	}
	if !slices.Contains(there, code) {
		return nil, &Error{Code: ExitMisused, Where: term, Found: say("そのような数字はリリースにありません", "the release has no such figure"), Wanted: f.wanted(column, code, there)}
	}
	return want.with(column, code), nil
}

// codesOf are the codes of a column among the figures that are asked for and meet a further condition.
func (f finder) codesOf(ctx context.Context, want coded, column, further string) ([]string, error) {
	condition, args := want.condition(further)
	rows, err := f.db.QueryContext(ctx, "SELECT DISTINCT CAST("+identifier(column)+" AS VARCHAR) FROM "+identifier(f.kind.dataset)+" WHERE "+condition+" ORDER BY 1", args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var code string
		if err := rows.Scan(&code); err != nil {
			return nil, err
		}
		all = append(all, code)
	}
	return all, rows.Err()
}

// choice is the code of a column that terms leave open: the preferred one among those of figures that can be
// estimated, if there are any; the last month; of regions and definitions the first of kankei.yaml.
func (f finder) choice(ctx context.Context, want coded, column string) (string, error) {
	there, err := f.codesOf(ctx, want, column, "")
	if err != nil || len(there) == 0 {
		return "", err
	}
	if column == f.kind.time && column != "cohort" {
		return there[len(there)-1], nil
	}
	if slices.Contains(estimable, column) {
		some, err := f.codesOf(ctx, want, column, "obs_status <> 'M'")
		if err != nil {
			return "", err
		}
		if len(some) > 0 {
			there = some
		}
	}
	first := preferred[column]
	switch column {
	case "source":
		if most, err := f.showsMost(ctx, want); err != nil || most != "" {
			return most, err
		}
	case "region_code":
		first = f.project.Config.Regions
	case "definition":
		first = f.project.Config.Definitions
	}
	for _, code := range first {
		if slices.Contains(there, code) {
			return code, nil
		}
	}
	return there[0], nil
}

// showsMost is the source that shows most persons where nothing but what was seen is known of a region, as
// in the report; "" where something is estimated.
func (f finder) showsMost(ctx context.Context, want coded) (string, error) {
	if f.kind.dataset != explained {
		return "", nil
	}
	if estimates, err := f.codesOf(ctx, want, "source", "estimator <> 'observed' AND obs_status <> 'M'"); err != nil || len(estimates) > 0 {
		return "", err
	}
	condition, args := want.condition("estimator = 'observed'")
	var source string
	err := f.db.QueryRowContext(ctx, "SELECT source FROM relational_population WHERE "+condition+" ORDER BY value DESC NULLS LAST, obs_status = 'M', source LIMIT 1", args...).Scan(&source)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return source, err
}

// kindNames are the datasets whose figures are explained.
func kindNames() []string {
	var names []string
	for _, k := range kinds {
		names = append(names, k.dataset)
	}
	return names
}

// wanted names the codes of a column that figures have, in Japanese with their names; of months the first and the last.
func (f finder) wanted(column, code string, there []string) schemas.Text {
	if column == f.kind.time && column != "cohort" && len(there) > 1 {
		return say("%s から %s までの月", "months from %s to %s", there[0][:len("2026-03")], there[len(there)-1][:len("2026-03")])
	}
	out := choices(code, there)
	for _, c := range there {
		if name := schemas.CodeName(column, c).JA; name != c && len(there) <= shownChoices {
			out.JA = strings.Replace(out.JA, c, c+"（"+name+"）", 1)
		}
	}
	return out
}

// shownChoices is how many choices are told without leaving any out.
const shownChoices = 6

// choices names what is there, what is most like what was asked for first, and only that where there is much.
func choices(asked string, there []string) schemas.Text {
	there = slices.Clone(there)
	slices.SortStableFunc(there, func(a, b string) int { return cmp.Compare(editDistance(asked, a), editDistance(asked, b)) })
	if len(there) > shownChoices {
		there = append(there[:3], "…")
	}
	return listed(there)
}

// listed are words one after another.
func listed(words []string) schemas.Text {
	return schemas.Text{JA: strings.Join(words, "、"), EN: strings.Join(words, ", ")}
}
