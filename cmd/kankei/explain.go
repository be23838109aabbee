package main

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"github.com/kankei/kankei/pipeline"
	"github.com/kankei/kankei/schemas"
)

func (a *app) explain() *cobra.Command {
	var internal, asJSON bool
	terms := map[string]*string{}
	cmd := &cobra.Command{
		Use:   a.say("explain [表] [地域] [年-月] [列=符号]…", "explain [DATASET] [REGION] [YYYY-MM] [COLUMN=CODE]…"),
		Short: a.say("一つの数字が何からどう作られたかを言葉で示す", "Say in words where one figure comes from"),
		Long: a.say("現在のリリースの一つの数字について、定義、出所、推定方法、誤差、前提、以前の値を言葉で示します。\n表は relational_population（関係人口、書かないとき）、engagement_funnel、migration_conversion、small_areas、\ntarget_progress、origin_destination など、地域は符号か名前、月は年-月、ほかの列は 列=符号 で選びます。\n書かないものは、最後の月の総合推計になります。\n例: kankei explain 白浜町 2026-03 source=booking estimator=observed\n    kankei explain migration_conversion 30000 horizon_months=12\n\nリリースのファイルだけを読むので、公表してよいこと以外は出ません。--internal は、基づく人数と記録の数、\n秘匿や推定不能の理由を加えます。",
			"Says where one figure of the current release comes from: definition, sources, estimator, error, assumptions and\nearlier values. A dataset is relational_population, where none is named, engagement_funnel, migration_conversion,\nsmall_areas, target_progress, origin_destination or another with figures of regions; a region is a code or a name,\na month YYYY-MM; other columns are COLUMN=CODE. What is left open is the headline of the last month.\nFor example: kankei explain Shirahama-cho 2026-03 source=booking estimator=observed\n             kankei explain migration_conversion 30000 horizon_months=12\n\nIt reads the files of the release alone, and so says no more than they do. --internal adds how many persons and\nrecords the figure rests on, and why it is withheld or not estimable."),
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := a.project(cmd)
			if err != nil {
				return err
			}
			for _, column := range slices.Sorted(maps.Keys(terms)) {
				if code := *terms[column]; code != "" {
					args = append(args, column+"="+code)
				}
			}
			e, err := p.Explain(cmd.Context(), args, internal)
			if err != nil {
				return err
			}
			if asJSON {
				return a.printExplanationJSON(e)
			}
			a.printExplanation(e)
			return nil
		},
	}
	for _, f := range []struct{ name, ja, en string }{
		{"region", "`地域`の符号か名前", "`region`, a code or a name"}, {"month", "基準`月`（年-月）", "reference `month`, YYYY-MM"},
		{"definition", "`定義`", "`definition`"}, {"source", "`出所`", "`source`: booking, survey, act or combined"}, {"estimator", "`推定方法`", "`estimator`"},
	} {
		terms[f.name] = cmd.Flags().String(f.name, "", a.say(f.ja, f.en))
	}
	cmd.Flags().BoolVar(&internal, "internal", false, a.say("秘匿や推定不能の理由も示す（外に出さないこと）", "also say why it is withheld or not estimable (not to leave the house)"))
	cmd.Flags().BoolVar(&asJSON, "json", false, a.say("JSON で示す", "as JSON"))
	return cmd
}

func (a *app) printExplanation(e pipeline.Explanation) {
	for i, part := range e.Parts {
		if i > 0 {
			a.println("")
		}
		a.println(part.Heading.In(a.lang))
		for _, s := range part.Sentences {
			a.println("  " + s.In(a.lang))
		}
	}
}

// printExplanationJSON prints the figure's key, and the sentences in the language of the call.
func (a *app) printExplanationJSON(e pipeline.Explanation) error {
	type part struct {
		Heading   string   `json:"heading"`
		Sentences []string `json:"sentences"`
	}
	key := map[string]string{}
	for _, k := range e.Key {
		key[k.Column] = k.Code
	}
	parts := []part{}
	for _, p := range e.Parts {
		parts = append(parts, part{p.Heading.In(a.lang), inLanguage(p.Sentences, a.lang)})
	}
	enc := json.NewEncoder(a.Out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(struct {
		Release string            `json:"release"`
		Dataset string            `json:"dataset"`
		Figure  map[string]string `json:"figure"`
		Parts   []part            `json:"parts"`
	}{e.Release, e.Dataset, key, parts})
}

func inLanguage(texts []schemas.Text, lang string) []string {
	var out []string
	for _, t := range texts {
		out = append(out, t.In(lang))
	}
	return out
}
