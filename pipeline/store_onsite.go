package pipeline

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/estimate"
)

// onsiteAnswers are the answers of all surveys on the spot, put together.
func (r *Run) onsiteAnswers(ctx context.Context, s *store) ([]estimate.OnsiteAnswer, error) {
	var all []estimate.OnsiteAnswer
	numbers := onsiteNumbers{persons: map[int64]int32{}, units: map[string]int32{}}
	for i, source := range r.Config.Sources {
		if source.Survey.Sampling != "onsite" {
			continue
		}
		answers, unasked, err := s.onsite(ctx, source.Name, r.landedFiles(), &numbers)
		if err != nil {
			return nil, err
		}
		if unasked > 0 {
			return nil, &Error{
				Code: ExitRefused, Where: r.Config.At(fmt.Sprintf("sources[%d].survey", i)),
				Found: say("現地調査 %s の回答 %d 件に、過去12か月の訪問回数がありません", "%[2]d answers of the survey on the spot %[1]s have no number of visits in the last 12 months", source.Name, unasked),
				Do: say("マッピングの survey_tie に visits_per_year（recall: 12_months）を書くか、survey を外してください（数えるだけになります）",
					"give survey_tie of its mapping visits_per_year (recall: 12_months), or leave survey out: the answers are then only counted"),
			}
		}
		for j := range answers {
			answers[j].OfPrefecture = source.Survey.VisitsTo == "prefecture"
			answers[j].OfficialError = float64(source.Survey.OfficialError) / 100
		}
		all = append(all, answers...)
	}
	return all, nil
}

// onsiteFigures are the figures of the surveys on the spot.
func (r *Run) onsiteFigures(f estimate.Frame, answers []estimate.OnsiteAnswer, totals []schemas.Total) (estimate.SurveyFigures, error) {
	if !slices.ContainsFunc(r.Config.Sources, func(s Source) bool { return s.Survey.Sampling == "onsite" }) {
		return estimate.SurveyFigures{}, nil
	}
	figures, err := estimate.RelationalPopulationOnsite(f, answers, totals)
	if err != nil {
		return figures, err
	}
	estimable := 0
	for _, row := range figures.RelationalPopulation {
		if row.Row.ObsStatus != schemas.NotEstimable {
			estimable++
		}
	}
	if estimable == 0 {
		r.Log.Warn("onsite", "", say("現地調査から推計できる地域がありません。12か月分の入込客数（visitors、県内・県外別）が要ります",
			"nothing can be estimated from surveys on the spot: it needs the official visitors (statistic visitors, by residence) of all 12 months"))
	}
	return figures, nil
}

// onsiteNumbers number persons and sampling units over several surveys.
type onsiteNumbers struct {
	persons map[int64]int32
	units   map[string]int32
	last    int32
}

// person numbers a person; whoever is not known is a person of their own.
func (n *onsiteNumbers) person(token sql.NullInt64) int32 {
	if token.Valid {
		if number, seen := n.persons[token.Int64]; seen {
			return number
		}
		n.persons[token.Int64] = n.last
	}
	n.last++
	return n.last - 1
}

// unit numbers a place and day; places without a name are none.
func (n *onsiteNumbers) unit(name string) int32 {
	if name == "" {
		return -1
	}
	if _, seen := n.units[name]; !seen {
		n.units[name] = int32(len(n.units))
	}
	return n.units[name]
}

// onsite reads the answers of a survey on the spot, in the order of files and lines,
// and how many have no number of visits. A sampling unit is a place on a day. A class
// without an upper end is open where other answers of the source have one; where none
// has, a number was asked for.
func (s *store) onsite(ctx context.Context, source string, now []landed, numbers *onsiteNumbers) (answers []estimate.OnsiteAnswer, unasked int, err error) {
	if err := s.scanSurvey(ctx, source, now); err != nil {
		return nil, 0, err
	}
	for scan, err := range s.rows(ctx, `
		SELECT d.file, t.line, i.person, coalesce(r.sampling_unit, ''), CAST(t.answered_on - DATE '1970-01-01' AS INTEGER),
		       coalesce(p.place, t.region_code), coalesce(h.place, t.residence_code), coalesce(t.nights, -1),
		       CASE WHEN (SELECT count(paid_lodging) = 0 FROM survey_tie) THEN 0 WHEN t.nights = 0 OR NOT t.paid_lodging THEN -1 WHEN t.paid_lodging THEN 1 ELSE 0 END, coalesce(r.design_weight, 1),
		       coalesce(t.visits_per_year, -1), coalesce(t.visits_per_year_most, CASE WHEN (SELECT count(visits_per_year_most) > 0 FROM survey_tie) THEN -1 ELSE t.visits_per_year END, -1), t.purposes, coalesce(t.regular, false), t.regular IS NOT NULL,
		       coalesce(t.trip_municipalities, 0), coalesce(t.visits_to_prefecture, 0)
		FROM survey_tie t JOIN delivered d ON d.delivery = t.delivery
		LEFT JOIN survey_response r ON r.delivery = t.delivery AND r.line = t.line
		LEFT JOIN identity i ON i.identity = t.identity
		LEFT JOIN places p ON p.code = t.region_code AND t.answered_on BETWEEN p.first_day AND p.last_day
		LEFT JOIN places h ON h.code = t.residence_code AND t.answered_on BETWEEN h.first_day AND h.last_day
		ORDER BY d.file, t.line, t.region_code`) {
		var a estimate.OnsiteAnswer
		var person sql.NullInt64
		var unit, file string
		var day, line int32
		if err == nil {
			err = scan(&file, &line, &person, &unit, &day, &a.Region, &a.Residence, &a.Nights, &a.Lodged, &a.Weight, &a.Tie.Visits, &a.Tie.Most, &a.Tie.Purposes, &a.Tie.Regular, &a.Asked, &a.Municipalities, &a.PrefectureVisits)
		}
		if err != nil {
			return nil, 0, err
		}
		switch {
		case a.Tie.Visits < 0:
			unasked++
		case a.Tie.Visits == 0:
			return nil, 0, &Error{Code: ExitRefused, Where: fmt.Sprintf("%s:%d", file, line),
				Found: say("現地で回答した人の過去12か月の訪問回数が 0 です", "0 visits in the last 12 months, of someone who was met there"),
				Do:    say("今回の訪問も数える設問であることを確かめ、マッピングで 1 以上にしてください", "see that the question counts the present visit, and let the mapping give at least 1")}
		}
		a.Day, a.Person, a.Tie.Region = schemas.Date(day), numbers.person(person), a.Region
		if unit != "" {
			unit += "\x00" + a.Day.String()
		}
		a.Unit = numbers.unit(unit)
		answers = append(answers, a)
	}
	return answers, unasked, nil
}
