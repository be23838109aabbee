package pipeline

import (
	"cmp"
	"context"
	"database/sql"
	"regexp"
	"slices"
	"strings"

	"github.com/kankei/kankei/schemas"
)

// termNames are short names of columns.
var termNames = map[string]string{"region": "region_code", "month": "reference_month", "origin": "origin_code", "level": "region_level"}

// explained is the dataset whose figures are explained.
const explained = "relational_population"

// preferred are the codes that stand where a term leaves them open, best first; of others the first there is.
var preferred = map[string][]string{
	"measure": {schemas.Persons, schemas.Pairs}, "outside": {schemas.OutsidePrefecture}, "origin_code": {schemas.All}, "relation_type": {schemas.All},
	"engagement": {schemas.All}, "source": {schemas.SourceCombined, schemas.SourceSurvey, schemas.SourceBooking, schemas.SourceAct},
	"estimator": {"composite", "fay_herriot", "onsite_scaled", "survey_calibrated", "survey_direct", "thinned"},
}

// openOrder is the order in which what terms leave open is settled.
var openOrder = []string{"region_code", "region_level", "definition", "measure", "outside", "origin_code", "relation_type", "engagement", "reference_month", "source", "estimator"}

// figureAsked is the one figure that terms ask for.
func (p *Project) figureAsked(ctx context.Context, db *sql.DB, terms []string) (schemas.RelationalPopulation, error) {
	var none schemas.RelationalPopulation
	want := coded{}
	for _, term := range terms {
		if strings.TrimPrefix(term, "figures/") == explained {
			continue
		}
		column, code, err := p.term(ctx, db, term)
		if err != nil {
			return none, err
		}
		if want, err = narrowed(ctx, db, want, column, code, term); err != nil {
			return none, err
		}
	}
	for _, column := range openOrder {
		if _, settled := want[column]; settled {
			continue
		}
		code, err := p.choice(ctx, db, want, column)
		if err != nil {
			return none, err
		}
		want[column] = code
	}
	var rows []schemas.RelationalPopulation
	if err := selectInto(ctx, db, &rows, explained, want, ""); err != nil || len(rows) == 0 {
		return none, cmp.Or(err, error(&Error{Code: ExitMisused, Where: explained, Found: say("リリースに数字がありません", "the release has no figures")}))
	}
	return rows[0], nil
}

var (
	monthTerm = regexp.MustCompile(`^\d{4}-\d{2}(-\d{2})?$`)
	codeTerm  = regexp.MustCompile(`^\d{5}$`)
)

// term reads column=code; a month and a region stand by themselves.
func (p *Project) term(ctx context.Context, db *sql.DB, term string) (column, code string, err error) {
	column, code, named := strings.Cut(term, "=")
	switch {
	case !named && monthTerm.MatchString(term):
		column, code = "reference_month", term
	case !named:
		column, code = "region_code", term
	}
	column = cmp.Or(termNames[column], column)
	if !slices.Contains(openOrder, column) {
		return "", "", &Error{Code: ExitMisused, Where: term, Found: say("そのような列はありません", "there is no such column"),
			Wanted: choices(column, append(slices.Clone(openOrder), "region", "month", "origin"))}
	}
	if column == "region_code" && !codeTerm.MatchString(code) {
		code, err = regionOf(ctx, db, code)
	}
	if column == "reference_month" && len(code) == len("2026-03") {
		if first, e := schemas.ParseDate(code + "-01"); e == nil {
			code = first.MonthEnd().String()
		}
	}
	return column, code, err
}

// regionOf is the code of a region with figures, by its name.
func regionOf(ctx context.Context, db *sql.DB, name string) (string, error) {
	var regions []regionName
	if err := selectInto(ctx, db, &regions, "region_names", nil, "region_code IN (SELECT region_code FROM relational_population)"); err != nil {
		return "", err
	}
	var codes, names []string
	for _, r := range regions {
		names = append(names, r.Name, r.NameEN)
		if name == r.Name || name == r.OwnName || strings.EqualFold(name, r.NameEN) {
			codes = append(codes, r.RegionCode)
		}
	}
	switch len(codes) {
	case 1:
		return codes[0], nil
	case 0:
		return "", &Error{Code: ExitMisused, Where: name, Found: say("その名前の地域の数字はありません", "there are no figures of a region of that name"), Wanted: choices(name, names)}
	}
	return "", &Error{Code: ExitMisused, Where: name, Found: say("同じ名前の地域が複数あります", "several regions have that name"),
		Wanted: schemas.Text{JA: strings.Join(codes, "、"), EN: strings.Join(codes, ", ")}}
}

// narrowed adds a code to those asked for, and refuses one that no figure has.
func narrowed(ctx context.Context, db *sql.DB, want coded, column, code, term string) (coded, error) {
	there, err := codesOf(ctx, db, want, column, "")
	if err != nil {
		return nil, err
	}
	if !slices.Contains(there, code) {
		return nil, &Error{Code: ExitMisused, Where: term, Found: say("そのような数字はリリースにありません", "the release has no such figure"), Wanted: choices(code, there)}
	}
	return want.with(column, code), nil
}

// codesOf are the codes of a column among the figures that are asked for and meet a further condition.
func codesOf(ctx context.Context, db *sql.DB, want coded, column, further string) ([]string, error) {
	condition, args := want.condition(further)
	rows, err := db.QueryContext(ctx, "SELECT DISTINCT CAST("+identifier(column)+" AS VARCHAR) FROM relational_population WHERE "+condition+" ORDER BY 1", args...)
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
func (p *Project) choice(ctx context.Context, db *sql.DB, want coded, column string) (string, error) {
	there, err := codesOf(ctx, db, want, column, "")
	if err != nil || len(there) == 0 {
		return "", err
	}
	if column == "reference_month" {
		return there[len(there)-1], nil
	}
	if column == "source" || column == "estimator" {
		estimable, err := codesOf(ctx, db, want, column, "obs_status <> 'M'")
		if err != nil {
			return "", err
		}
		if len(estimable) > 0 {
			there = estimable
		}
	}
	first := preferred[column]
	switch column {
	case "region_code":
		first = p.Config.Regions
	case "definition":
		first = p.Config.Definitions
	}
	for _, code := range first {
		if slices.Contains(there, code) {
			return code, nil
		}
	}
	return there[0], nil
}

// choices names what is there, the three most like what was asked for first; all where there are few.
func choices(asked string, there []string) schemas.Text {
	there = slices.Clone(there)
	slices.SortStableFunc(there, func(a, b string) int { return cmp.Compare(editDistance(asked, a), editDistance(asked, b)) })
	if len(there) > 6 {
		there = append(there[:3], "…")
	}
	return schemas.Text{JA: strings.Join(there, "、"), EN: strings.Join(there, ", ")}
}
