package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kankei/kankei/pipeline"
	"github.com/kankei/kankei/pipeline/simulate"
	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/schemas/reference"
	"github.com/kankei/kankei/transforms/estimate"
)

func (a *app) simulate() *cobra.Command {
	var seed uint64
	var persons int64
	var scenario string
	cmd := &cobra.Command{
		Use:   a.say("simulate フォルダ", "simulate DIR"),
		Short: a.say("真の値が分かる架空の世界を、書き出しファイルのプロジェクトとして作る", "Make a project of an invented world whose truth is known"),
		Long: a.say("住民・訪問・宿・移住を模擬し、サイトコントローラー、予約サイト、調査の書き出しファイルと、それを読む kankei.yaml を作る。\n真の値は truth/ に置き、推計には使わない。同じシナリオ・種・人数からは同じファイルができる。",
			"Simulate residents, visits, houses and migration, and write what site controllers, booking sites and surveys\nwould export of them, with the kankei.yaml that reads it. The truth is put into truth/, which no run reads.\nThe same scenario, seed and number of persons give the same files."),
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, text, err := a.scenario(scenario)
			if err != nil {
				return err
			}
			log := pipeline.NewReporter(a.Err, a.lang, a.Terminal)
			task := log.Task("simulate", persons)
			sum, err := simulate.Write(cmd.Context(), args[0], simulate.Options{Scenario: s, Text: text, Seed: seed, Persons: persons,
				Threads: runtime.GOMAXPROCS(0), Progress: func(done, _ int64) { task.Set(min(done, persons)) }})
			task.Done()
			log.Close()
			if refusal := new(simulate.Refusal); errors.As(err, &refusal) {
				return misused(err)
			}
			if errors.Is(err, context.Canceled) {
				return &pipeline.Error{Code: pipeline.ExitInterrupted, Where: args[0],
					Found: schemas.Text{JA: "中断しました。書き出しは途中までです", EN: "interrupted; its exports are incomplete"},
					Do:    schemas.Text{JA: "フォルダを削除してやり直してください", EN: "delete the folder and begin again"}}
			}
			if err != nil {
				return err
			}
			a.println(a.say("%[2]s にプロジェクトを作りました: %[1]s、書き出し %[3]d ファイル、宿 %[4]d 軒（うち %[5]d 軒が提供）、予約 %[6]s 件、現地調査 %[7]s 件、パネル %[8]s 件、真の値 %[9]s 件",
				"a project of the world %[1]s is in %[2]s: %[3]d files, %[4]d houses of which %[5]d deliver, %[6]s bookings, %[7]s answers on the spot, %[8]s of the panel, %[9]s true figures",
				s.ID, args[0], sum.Files, sum.Facilities, sum.Covered, thousands(sum.Bookings), thousands(sum.Answers), thousands(sum.Panel), thousands(int64(sum.Truth))))
			return nil
		},
	}
	cmd.Flags().Uint64Var(&seed, "seed", 1, a.say("乱数の`種`", "`seed` of the random numbers"))
	cmd.Flags().Int64Var(&persons, "persons", 100_000, a.say("18歳以上の住民の`数`", "`number` of residents aged 18 or over"))
	cmd.Flags().StringVar(&scenario, "scenario", "base", a.say("組み込みのシナリオ名、または YAML `ファイル`", "a built-in scenario by name, or a YAML `file`"))
	return cmd
}

// misused marks an error as one of the call.
func misused(err error) error {
	return &pipeline.Error{Code: pipeline.ExitMisused, Found: schemas.Text{JA: "架空の世界を作れません", EN: "no world was made"}, Err: err}
}

// scenario finds a scenario by name or file.
func (a *app) scenario(name string) (schemas.Scenario, []byte, error) {
	if text, ok := schemas.ScenarioText(name); ok {
		s, err := schemas.ParseScenario(text)
		return s, text, err
	}
	text, err := os.ReadFile(name)
	if err != nil {
		var ids []string
		for _, s := range schemas.BuiltinScenarios() {
			ids = append(ids, s.ID)
		}
		slices.Sort(ids)
		return schemas.Scenario{}, nil, &pipeline.Error{Code: pipeline.ExitMisused, Where: "--scenario " + name,
			Found: schemas.Text{JA: "そのようなシナリオもファイルもありません", EN: "there is no such scenario or file"},
			Do:    schemas.Text{JA: "組み込み: " + strings.Join(ids, ", "), EN: "built in: " + strings.Join(ids, ", ")}}
	}
	s, err := schemas.ParseScenario(text)
	if err != nil {
		return s, nil, &pipeline.Error{Code: pipeline.ExitMisused, Where: name, Found: schemas.Text{JA: "シナリオの誤り", EN: "the scenario is wrong"}, Err: err}
	}
	return s, text, nil
}

func (a *app) truth() *cobra.Command {
	var definition, outside, measure string
	var each bool
	cmd := &cobra.Command{
		Use:   "truth",
		Short: a.say("架空の世界のリリースを、真の値と並べて示す", "Set the current release of a simulated project beside its truth"),
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			rows, err := simulate.Compare(a.dir)
			if err != nil {
				return &pipeline.Error{Code: pipeline.ExitMisused, Found: schemas.Text{JA: "比べられません", EN: "there is nothing to compare"}, Err: err}
			}
			rows = slices.DeleteFunc(rows, func(r simulate.Comparison) bool {
				return r.Outside != outside || r.Measure != measure || definition != "" && r.Definition != definition
			})
			if each {
				a.printEach(rows)
			} else {
				a.printTruth(rows)
			}
			a.printHeld(rows)
			return nil
		},
	}
	cmd.Flags().BoolVar(&each, "each", false, a.say("推計方法ごとに1行で、区間とともに示す", "one row per estimator, each with its interval"))
	cmd.Flags().StringVar(&definition, "definition", "", a.say("この`定義`だけを示す", "only this `definition`"))
	cmd.Flags().StringVar(&outside, "outside", schemas.OutsidePrefecture, a.say("地域外の`規則`", "`rule` of living outside"))
	cmd.Flags().StringVar(&measure, "measure", schemas.Persons, a.say("`単位`", "`measure`: persons, persons_any_municipality or pairs"))
	return cmd
}

// printTruth prints a row per definition and region: the truth, what was counted, what surveys and bookings estimate,
// and the headline that combines them with its interval.
func (a *app) printTruth(rows []simulate.Comparison) {
	t := newTable(a.say("定義", "definition"), a.say("コード", "code"), a.say("地域", "region"), a.say("真の値", "truth"), a.say("予約の実数", "naive"),
		a.say("調査", "survey"), a.say("現地調査", "on the spot"), a.say("予約推計", "booking"), a.say("総合推計", "headline"), a.say("95%区間", "95 % interval"), "")
	t.alignRight(3, 4, 5, 6, 7, 8, 9)
	columns := map[string]int{
		schemas.SourceBooking + "/" + estimate.Observed: 4, schemas.SourceSurvey + "/" + estimate.SurveyCalibrated: 5, schemas.SourceSurvey + "/" + estimate.SurveyDirect: 5,
		schemas.SourceSurvey + "/" + estimate.OnsiteScaled: 6, schemas.SourceBooking + "/" + estimate.Thinned: 7, schemas.SourceBooking + "/" + estimate.ThinnedSynthetic: 7,
	}
	type region struct{ definition, code string }
	var order []region
	lines := map[region][]string{}
	for _, r := range rows {
		key := region{r.Definition, r.RegionCode}
		line := lines[key]
		if line == nil {
			line = make([]string, 11)
			line[0], line[1], line[2], line[3] = r.Definition, r.RegionCode, a.regionName(r.RegionCode, r.BoundaryVintage), rounded(r.Truth)
			order, lines[key] = append(order, key), line
		}
		column, named := columns[r.Source+"/"+r.Estimator]
		if r.Source == schemas.SourceCombined {
			column, named = 8, true
		}
		switch {
		case !named || r.ObsStatus == schemas.NotEstimable:
			continue
		case r.Value == nil:
			line[column] = "[c]"
			continue
		}
		line[column] = rounded(*r.Value)
		if r.Source == schemas.SourceCombined {
			line[9], line[10] = a.interval(r)
		}
	}
	for _, key := range order {
		t.add(lines[key]...)
	}
	t.print(a.Out)
}

// interval is that of a figure, and whether it misses the truth.
func (a *app) interval(r simulate.Comparison) (interval, note string) {
	if r.CILow == nil || r.CIHigh == nil {
		return "", ""
	}
	if !r.Covers() {
		note = a.say("区間の外", "outside")
	}
	return fmt.Sprintf("%s – %s", rounded(*r.CILow), rounded(*r.CIHigh)), note
}

// printEach prints every published figure beside its truth.
func (a *app) printEach(rows []simulate.Comparison) {
	t := newTable(a.say("定義", "definition"), a.say("コード", "code"), a.say("地域", "region"), a.say("推計方法", "estimator"), a.say("推計", "estimate"),
		a.say("95%区間", "95 % interval"), a.say("真の値", "truth"), "")
	t.alignRight(4, 5, 6)
	for _, r := range rows {
		if r.ObsStatus == schemas.NotEstimable || r.Value == nil {
			continue
		}
		interval, note := a.interval(r)
		t.add(r.Definition, r.RegionCode, a.regionName(r.RegionCode, r.BoundaryVintage), r.Source+"/"+r.Estimator, rounded(*r.Value), interval, rounded(r.Truth), note)
	}
	t.print(a.Out)
}

// printHeld says how many intervals hold the truth, and how many figures are withheld or not estimable.
func (a *app) printHeld(rows []simulate.Comparison) {
	shown, withheld, silent, within, intervals, headlines, held := 0, 0, 0, 0, 0, 0, 0
	for _, r := range rows {
		switch {
		case r.ObsStatus == schemas.NotEstimable:
			silent++
			continue
		case r.Value == nil:
			withheld++
			continue
		}
		shown++
		if r.CILow == nil || r.CIHigh == nil {
			continue
		}
		intervals++
		if r.Covers() {
			within++
		}
		if r.Source == schemas.SourceCombined {
			headlines++
			if r.Covers() {
				held++
			}
		}
	}
	a.println(a.say("公表 %d 件（区間のある %d 件のうち %d 件、総合推計 %d 件のうち %d 件が真の値を含む）、秘匿 %d 件、推計不能 %d 件",
		"%d figures; of %d intervals %d hold the truth, of %d headlines %d; %d withheld, %d not estimable", shown, intervals, within, headlines, held, withheld, silent))
}

func rounded(v float64) string { return thousands(int64(math.Round(v))) }

// regionName is the name of a region at a boundary vintage, its code where there is none.
func (a *app) regionName(code string, vintage schemas.Date) string {
	r, ok := reference.Load().Region(code, vintage)
	if !ok {
		return code
	}
	return schemas.Text{JA: r.Name, EN: r.NameEN}.In(a.lang)
}
