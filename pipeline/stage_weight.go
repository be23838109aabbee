package pipeline

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/estimate"
	"github.com/kankei/kankei/transforms/weight"
)

// weightParams are what the weights depend on beside the rows.
func weightParams(r *Run) (any, error) {
	var surveys []Survey
	for _, s := range r.Config.Sources {
		surveys = append(surveys, s.Survey)
	}
	return surveys, nil
}

// weighSurveys makes the weights of every survey that says how it was drawn, and
// keeps them.
func weighSurveys(ctx context.Context, r *Run) error {
	return r.withStore(ctx, func(s *store) error {
		var weights []schemas.SurveyWeight
		for i, source := range r.Config.Sources {
			if !source.Survey.weighted() {
				continue
			}
			rows, sample, err := r.weighted(ctx, s, i)
			if err != nil {
				return err
			}
			r.noteWeights(source, rows, sample)
			weights = append(weights, weightRows(rows, sample)...)
		}
		return s.keepWeights(ctx, weights)
	})
}

// weighted reads a survey and makes its weights. They follow from the rows, so
// that estimate makes the same again rather than read a matrix back.
func (r *Run) weighted(ctx context.Context, s *store, source int) (surveyRows, weight.Sample, error) {
	settings := r.Config.Sources[source]
	rows, err := s.survey(ctx, settings.Name, r.landedFiles())
	if err != nil {
		return rows, weight.Sample{}, err
	}
	totals, err := s.totals(ctx, r.landedFiles())
	if err != nil {
		return rows, weight.Sample{}, err
	}
	v := settings.Survey
	if v.After != "" {
		before := slices.IndexFunc(r.Config.Sources, func(o Source) bool { return o.Name == v.After })
		earlier, sample, err := r.weighted(ctx, s, before)
		if err != nil {
			return rows, sample, err
		}
		rows = rows.after(earlier, sample)
	}
	sample, err := weight.NewSample(rows.people, totals, rows.last, weight.Plan{
		Margins: v.Margins, NonResponse: v.NonResponse, Lonely: weight.LonelyCodes[v.LonelyPSU], Trim: float64(v.Trim),
		Variance: weight.VariancePlan{Method: v.Variance, Sets: v.Replicates, Seed: uint64(v.Seed), Rho: float64(v.Rho) / 100, Supplied: v.Supplied, AboutMean: v.Centre == "mean"},
		Options:  weight.Options{Distance: weight.DistanceCodes[v.Method], Low: v.Bounds.Low, High: v.Bounds.High},
	})
	if err != nil {
		return rows, sample, &Error{
			Code: ExitRefused, Where: r.Config.At(fmt.Sprintf("sources[%d].survey", source)),
			Found: say("調査 %s のウェイトを作れません", "the survey %s cannot be weighted", settings.Name), Err: err,
		}
	}
	return rows, sample, nil
}

// after makes the respondents of the wave before the sample of a later wave: each
// has the weight that they had then, and what they reported then as a class. Who is not
// in the later file did not answer; who was not in the earlier sample is left out.
func (rows surveyRows) after(earlier surveyRows, sample weight.Sample) surveyRows {
	now := map[int64]int{}
	for i, token := range rows.responses {
		now[token] = i
	}
	out := surveyRows{first: rows.first, last: rows.last}
	for i, k := range sample.Kept {
		person, ties, at, token := earlier.people[k], []estimate.ReportedTie(nil), earlier.at[k], earlier.responses[k]
		before := reported(earlier.ties[k])
		person.Responded = false
		if j, there := now[token]; there && token != 0 {
			person, ties, at = rows.people[j], rows.ties[j], rows.at[j]
		}
		person.Before, person.Weight = before, sample.Design.Weights[i]
		person.Stratum, person.SamplingUnit, person.Population = earlier.people[k].Stratum, earlier.people[k].SamplingUnit, earlier.people[k].Population
		out.people, out.ties, out.at, out.responses = append(out.people, person), append(out.ties, ties), append(out.at, at), append(out.responses, token)
	}
	out.lost = earlier.lost + weight.LostPerStayer(out.people)
	return out
}

// reported is what a wave knows of a respondent that may decide whether they answer
// again.
func reported(ties []estimate.ReportedTie) string {
	state := "no tie before"
	for _, t := range ties {
		switch {
		case t.Regular:
			return "regular before"
		case t.Visits > 0:
			state = "visits before"
		}
	}
	return state
}

// surveyQuality is what the weights of a survey went through, as rows of quality. Numbers
// of persons left out that are not 0 and below least are withheld.
func surveyQuality(source string, rows surveyRows, sample weight.Sample, least int) []schemas.Quality {
	w := sample.Design.Weights
	var all []schemas.Quality
	count := func(indicator, reason string, n int64) {
		all = append(all, schemas.Quality{Source: source, Indicator: indicator, Reason: reason, Value: &n})
	}
	ratio := func(indicator string, x float64) {
		all = append(all, schemas.Quality{Source: source, Indicator: indicator, Ratio: &x})
	}
	if c := sample.Calibration; c != nil {
		w = c.Weights
		ratio("g_least", c.MinG)
		ratio("g_greatest", c.MaxG)
	}
	count("survey_sampled", "", int64(len(rows.people)))
	count("survey_estimated", "", int64(len(sample.Kept)))
	count("survey_effective_size", "", int64(math.Round(weight.EffectiveSize(w))))
	if sample.Trimmed != nil {
		count("survey_trimmed", "", int64(sample.Trimmed.Cut))
	}
	for _, reason := range slices.Sorted(maps.Keys(sample.LeftOut)) {
		count("survey_left_out", reason, int64(sample.LeftOut[reason]))
		if sample.LeftOut[reason] < least {
			all[len(all)-1].Value = nil
		}
	}
	return all
}

// noteWeights says what the weights went through.
func (r *Run) noteWeights(source Source, rows surveyRows, sample weight.Sample) {
	w := sample.Design.Weights
	if c := sample.Calibration; c != nil {
		w = c.Weights
		r.Log.Say(say("%s: 校正ウェイト（g）は %.3g から %.3g、合計との差は最大 %.1g", "%s: g-weights from %.3g to %.3g, totals met to %.1g",
			source.Name, c.MinG, c.MaxG, c.Discrepancy))
	}
	r.Log.Say(say("%s: 標本 %d 人のうち %d 人が回答、有効標本サイズ %.0f", "%s: sample of %d persons, %d in the estimate, effective size %.0f",
		source.Name, len(rows.people), len(sample.Kept), weight.EffectiveSize(w)))
	if t := sample.Trimmed; t != nil && t.Cut > 0 {
		r.Log.Warn("trimmed", source.Name, say("ウェイト %d 件を %.6g で打ち切り、%.6g を他に配りました", "%d weights were cut at %.6g, and %.6g of weight given to the others",
			t.Cut, t.Limit, t.Moved))
	}
	for _, reason := range slices.Sorted(maps.Keys(sample.LeftOut)) {
		r.Log.Warn("left_out", source.Name, say("母集団に入らない、または区分が分からない回答者 %d 人を除きました（%s）", "%d respondents were left out: not of the target population, or of no class (%s)",
			sample.LeftOut[reason], reason))
	}
	if source.Survey.Sampling == "web_panel" {
		r.Log.Warn("web_panel", source.Name, say("ウェブパネルは確率標本ではありません。信頼区間は校正のモデルによるものです", "a web panel is no probability sample; its intervals rest on the model of the calibration"))
	}
}

func weightRows(rows surveyRows, sample weight.Sample) []schemas.SurveyWeight {
	var out []schemas.SurveyWeight
	for i, k := range sample.Kept {
		w := schemas.SurveyWeight{
			Provenance: rows.at[k],
			Stratum:    rows.people[k].Stratum, SamplingUnit: rows.people[k].SamplingUnit,
			ResponseFactor: sample.Factors[i], GWeight: 1, Weight: sample.Design.Weights[i],
		}
		w.DesignWeight = w.Weight / w.ResponseFactor
		if c := sample.Calibration; c != nil {
			w.GWeight, w.Weight = c.G[i], c.Weights[i]
		}
		out = append(out, w)
	}
	return out
}

// weightedSurveys are the surveys with weights, the one with the latest answers first, and
// what the weights went through.
func (r *Run) weightedSurveys(ctx context.Context, s *store) ([]estimate.WeightedSurvey, []schemas.Quality, error) {
	bySource := map[string]*estimate.WeightedSurvey{}
	var quality []schemas.Quality
	for i, source := range r.Config.Sources {
		if !source.Survey.weighted() {
			continue
		}
		rows, sample, err := r.weighted(ctx, s, i)
		if err != nil {
			return nil, nil, err
		}
		quality = append(quality, surveyQuality(source.Name, rows, sample, r.Config.Disclosure.Persons)...)
		w := &estimate.WeightedSurvey{Source: source.Name,
			Survey: estimate.Survey{Design: sample.Design, Calibration: sample.Calibration, Replicates: sample.Replicates},
			Split:  source.Survey.SplitClasses,
			First:  rows.first, Last: rows.last, Panel: source.Survey.Sampling == "web_panel", Drift: float64(source.Survey.Drift) / 100,
			DropOut: rows.lost * float64(source.Survey.DropOut) / 100,
		}
		for _, k := range sample.Kept {
			w.Residences, w.Ties = append(w.Residences, rows.people[k].Residence), append(w.Ties, rows.ties[k])
			w.Ages = append(w.Ages, int32(rows.people[k].Age))
		}
		if source.Survey.After != "" {
			w.Stayed = sample.Kept // the sample is the respondents of the wave before, in their order
		}
		bySource[source.Name] = w
	}
	var surveys []estimate.WeightedSurvey
	for _, source := range r.Config.Sources {
		if w := bySource[source.Name]; w != nil {
			w.Before = bySource[source.Survey.After]
			surveys = append(surveys, *w)
		}
	}
	slices.SortStableFunc(surveys, func(a, b estimate.WeightedSurvey) int { return int(b.Last) - int(a.Last) })
	return surveys, quality, nil
}

// dropOuts is what the waves of panels and the surveys on the spot say together of those who left a panel. It is told as
// the run goes, and in rows of quality, by definition for the first outside rule.
func (r *Run) dropOuts(c counts) (all []estimate.DropOut, quality []schemas.Quality, err error) {
	for _, w := range c.surveys {
		told, err := estimate.DropOuts(c.frame, w, c.met, c.totals, r.threshold())
		if err != nil {
			return nil, nil, err
		}
		for _, d := range told {
			mean, stdErr := d.Correction(w.DropOut)
			r.Log.Say(say("%s: %s（%s）では、パネルの脱落が数字を %+.1f %%（標準誤差 %.1f）動かしていると推定されます（現地調査がなければ ±%.1f）",
				"%s: dropping out moves %s (%s) by %+.1f %%, standard error %.1f, as the survey on the spot tells (%.1f without it)",
				w.Source, d.Definition, d.Outside, 100*mean, 100*stdErr, 100*w.DropOut))
			if d.Outside == c.frame.Outside[0] {
				quality = append(quality, schemas.Quality{Source: w.Source, Indicator: "survey_drop_out", Reason: d.Definition, Ratio: &mean},
					schemas.Quality{Source: w.Source, Indicator: "survey_drop_out_std_error", Reason: d.Definition, Ratio: &stdErr})
			}
		}
		all = append(all, told...)
	}
	return all, quality, nil
}

// noteTrips tells, by definition for one outside rule, what the survey on the spot says of trips to several municipalities:
// of several prefectures the least and the greatest share.
func (r *Run) noteTrips(source, outside string, shares []estimate.TripShare) {
	least, most := map[string]estimate.TripShare{}, map[string]estimate.TripShare{}
	for _, s := range shares {
		if s.Outside != outside {
			continue
		}
		if before, seen := least[s.Definition]; !seen || s.Share < before.Share {
			least[s.Definition] = s
		}
		if before, seen := most[s.Definition]; !seen || s.Share > before.Share {
			most[s.Definition] = s
		}
	}
	for _, definition := range slices.Sorted(maps.Keys(least)) {
		a, b := least[definition], most[definition]
		ja, en := fmt.Sprintf("%.0f %%（標準誤差 %.0f）", 100*a.Share, 100*a.StdErr), fmt.Sprintf("%.0f %% (standard error %.0f)", 100*a.Share, 100*a.StdErr)
		if a.Prefecture != b.Prefecture {
			ja, en = fmt.Sprintf("%.0f %%（%s）から %.0f %%（%s）", 100*a.Share, a.Prefecture, 100*b.Share, b.Prefecture), fmt.Sprintf("%.0f %% (%s) to %.0f %% (%s)", 100*a.Share, a.Prefecture, 100*b.Share, b.Prefecture)
		}
		r.Log.Say(say("%[1]s: 県内の複数の市町村を1回ずつ訪れた人のうち、現地調査によれば %[2]sが2回以上の旅行でした（%[3]s。分からない県では半数とみなします）",
			"%[1]s: of those who were once in each of several municipalities of a prefecture, %[4]s made two trips or more, as the survey on the spot tells (%[3]s; a half where it does not)",
			source, ja, definition, en))
	}
}

// surveyFigures are the figures of all surveys, weighted and on the spot. Where several
// weighted surveys stand for a reference month, the one with the latest answers does.
func (r *Run) surveyFigures(f estimate.Frame, surveys []estimate.WeightedSurvey, totals []schemas.Total, met []estimate.OnsiteAnswer, engagements []string) (estimate.SurveyFigures, error) {
	var all estimate.SurveyFigures
	taken := map[schemas.Date]bool{}
	for _, w := range surveys {
		own := f
		own.References = slices.DeleteFunc(slices.Clone(f.References), func(d schemas.Date) bool { return taken[d] })
		figures, err := estimate.RelationalPopulationOf(own, w, met, engagements)
		if err != nil {
			return all, err
		}
		for _, d := range w.Months(own) {
			taken[d] = true
		}
		r.noteTrips(w.Source, f.Outside[0], figures.Trips)
		all.RelationalPopulation = append(all.RelationalPopulation, figures.RelationalPopulation...)
		all.VisitBehaviour = append(all.VisitBehaviour, figures.VisitBehaviour...)
		all.Flows = append(all.Flows, figures.Flows...)
		all.Errors = append(all.Errors, figures.Errors...)
	}
	onsite, err := r.onsiteFigures(f, met, totals)
	all.RelationalPopulation = append(all.RelationalPopulation, onsite.RelationalPopulation...)
	all.Errors = append(all.Errors, onsite.Errors...)
	return all, err
}
