package pipeline

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/estimate"
	"github.com/kankei/kankei/transforms/weight"
)

// surveyRows are the landed answers of one survey: each person of the sample
// with the ties reported, in the order of files and lines.
type surveyRows struct {
	people      []weight.Respondent
	ties        [][]estimate.ReportedTie
	at          []schemas.Provenance
	responses   []int64 // token of the response's number, 0 for none
	first, last schemas.Date
	// lost is how many persons of the waves before this one has lost for each who stayed.
	lost float64
}

// survey reads the answers of a source. Ties to regions are those of the same
// line as the respondent's.
func (s *store) survey(ctx context.Context, source string, now []landed) (surveyRows, error) {
	var rows surveyRows
	if err := s.scanSurvey(ctx, source, now); err != nil {
		return rows, err
	}
	if err := s.respondents(ctx, source, &rows); err != nil {
		return rows, err
	}
	return rows, s.reportedTies(ctx, &rows)
}

// scanSurvey opens the responses and ties of a source.
func (s *store) scanSurvey(ctx context.Context, source string, now []landed) error {
	var of []landed
	for _, l := range now {
		if l.Source == source {
			of = append(of, l)
		}
	}
	for _, name := range []string{"survey_response", "survey_tie"} {
		if err := s.scan(ctx, name, name, of); err != nil {
			return err
		}
	}
	return nil
}

// respondents reads who was in the sample.
func (s *store) respondents(ctx context.Context, source string, rows *surveyRows) error {
	rows.first, rows.last = math.MaxInt32, math.MinInt32
	for scan, err := range s.rows(ctx, `
		SELECT d.file, t.delivery, t.line, t.stratum, t.sampling_unit, t.design_weight, coalesce(t.responded, true), t.sex,
		       coalesce(t.age, year(t.answered_on) - t.birth_year, -1), coalesce(p.place, t.residence_code),
		       CAST(t.answered_on - DATE '1970-01-01' AS INTEGER), coalesce(t.response, 0), coalesce(t.stratum_population, 0), t.replicate_weights
		FROM survey_response t JOIN delivered d ON d.delivery = t.delivery
		LEFT JOIN places p ON p.code = t.residence_code AND t.answered_on BETWEEN p.first_day AND p.last_day
		ORDER BY d.file, t.line`) {
		var r weight.Respondent
		var file, delivery string
		var line, on int32
		var response int64
		var replicates string
		var design sql.NullFloat64
		if err == nil {
			err = scan(&file, &delivery, &line, &r.Stratum, &r.SamplingUnit, &design, &r.Responded, &r.Sex, &r.Age, &r.Residence, &on, &response, &r.Population, &replicates)
		}
		if err != nil {
			return err
		}
		r.Weight = math.NaN()
		if design.Valid {
			r.Weight = design.Float64
		}
		r.Where = fmt.Sprintf("%s:%d", file, line)
		if r.Replicates, err = replicateWeights(replicates); err != nil {
			return &Error{Code: ExitRefused, Where: r.Where, Found: say("反復ウェイト %q は数ではありません", "the replicate weight %q is no number", err.Error()),
				Do: say("セミコロンで区切った 0 以上の数にしてください", "give numbers of at least 0, separated by semicolons")}
		}
		rows.responses = append(rows.responses, response)
		rows.people = append(rows.people, r)
		rows.at = append(rows.at, schemas.Provenance{Source: source, Delivery: delivery, Line: line})
		if r.Responded {
			rows.first, rows.last = min(rows.first, schemas.Date(on)), max(rows.last, schemas.Date(on))
		}
	}
	return nil
}

// replicateWeights reads numbers separated by semicolons; the error is the text that
// is none.
func replicateWeights(text string) ([]float64, error) {
	if text == "" {
		return nil, nil
	}
	var weights []float64
	for part := range strings.SplitSeq(text, ";") {
		w, err := strconv.ParseFloat(strings.TrimSpace(part), 64)
		if err != nil || !(w >= 0) || math.IsInf(w, 0) {
			return nil, errors.New(part)
		}
		weights = append(weights, w)
	}
	return weights, nil
}

// weights reads the weights that are kept.
func (s *store) weights(ctx context.Context) ([]schemas.SurveyWeight, error) {
	var all []schemas.SurveyWeight
	for scan, err := range s.rows(ctx, `SELECT source, delivery, line, stratum, sampling_unit, design_weight, response_factor, g_weight, weight
		FROM survey_weight ORDER BY source, delivery, line`) {
		var w schemas.SurveyWeight
		if err == nil {
			err = scan(&w.Source, &w.Delivery, &w.Line, &w.Stratum, &w.SamplingUnit, &w.DesignWeight, &w.ResponseFactor, &w.GWeight, &w.Weight)
		}
		if err != nil {
			return nil, err
		}
		all = append(all, w)
	}
	return all, nil
}

// reportedTies reads the ties, merged into the order of the respondents. A class
// without an upper end is open where other answers of the source have one; where none
// has, a number was asked for.
func (s *store) reportedTies(ctx context.Context, rows *surveyRows) error {
	type place struct {
		delivery string
		line     int32
	}
	at := make(map[place]int, len(rows.at))
	for i, p := range rows.at {
		at[place{p.Delivery, p.Line}] = i
	}
	rows.ties = make([][]estimate.ReportedTie, len(rows.people))
	for scan, err := range s.rows(ctx, `
		SELECT t.delivery, t.line, coalesce(p.place, t.region_code) AS region, coalesce(t.regular, false), t.purposes,
		       coalesce(t.visits_per_year, 0), coalesce(t.visits_per_year_most, CASE WHEN (SELECT count(visits_per_year_most) > 0 FROM survey_tie) THEN -1 ELSE t.visits_per_year END, 0)
		FROM survey_tie t LEFT JOIN places p ON p.code = t.region_code AND t.answered_on BETWEEN p.first_day AND p.last_day
		ORDER BY t.delivery, t.line, region, t.purposes, t.visits_per_year`) {
		var t estimate.ReportedTie
		var delivery string
		var line int32
		if err == nil {
			err = scan(&delivery, &line, &t.Region, &t.Regular, &t.Purposes, &t.Visits, &t.Most)
		}
		if err != nil {
			return err
		}
		if i, ok := at[place{delivery, line}]; ok {
			rows.ties[i] = append(rows.ties[i], t)
		}
	}
	return nil
}

// keepWeights writes the weights of the surveys in place of those there were.
func (s *store) keepWeights(ctx context.Context, weights []schemas.SurveyWeight) error {
	return s.inTransaction(ctx, func() error {
		if err := s.exec(ctx, "DELETE FROM survey_weight"); err != nil {
			return err
		}
		return s.appendRows(ctx, "survey_weight", func(yield func([]driver.Value) bool) {
			for _, w := range weights {
				if !yield([]driver.Value{w.Source, w.Delivery, w.Line, w.Stratum, w.SamplingUnit, w.DesignWeight, w.ResponseFactor, w.GWeight, w.Weight}) {
					return
				}
			}
		})
	})
}
