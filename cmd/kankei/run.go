package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kankei/kankei/pipeline"
	"github.com/kankei/kankei/schemas"
)

func (a *app) run() *cobra.Command {
	var asOf, knownOn dateFlag
	var accept []string
	cmd := &cobra.Command{
		Use:   "run",
		Short: a.say("新しいデータを読み込み、推計し、リリースを作る", "Read what is new, estimate, and make a release"),
		Long: a.say("新しいデータを読み込み、推計し、リリースを作ります。--known-on は、その日までに届いていたファイルだけから当時の数値を作り直し、known-on/日付/ に書きます。現在のリリースと記録は変わりません。",
			"Reads what is new, estimates, and makes a release. --known-on rebuilds the figures from what had been delivered by the end of a day, into known-on/<day>/; the current release and the state stay as they are."),
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := a.project(cmd)
			if err != nil {
				return err
			}
			log := pipeline.NewReporter(a.Err, a.lang, a.Terminal)
			record, err := execute(cmd.Context(), p, a.options(log, asOf.date, knownOn.date, accept))
			log.Close() // the bars are gone before the summary begins
			if err == nil || pipeline.ExitCode(err) == pipeline.ExitPartial {
				a.summary(record)
			}
			return err
		},
	}
	a.asOfFlag(cmd, &asOf)
	cmd.Flags().Var(&knownOn, "known-on", a.say("その`日`までに届いていたファイルだけから作り直す", "rebuild from what had been delivered by the end of this `day`"))
	cmd.Flags().StringArrayVar(&accept, "accept", nil, a.say("なくなった、行や列が減った、または途中で切れた`ファイル`をそれでよいと認める（繰り返し可）", "accept that this `file` is gone, has lost rows or columns, or is cut off (may be repeated)"))
	return cmd
}

func execute(ctx context.Context, p *pipeline.Project, o pipeline.Options) (pipeline.Record, error) {
	run, err := pipeline.NewRun(p, o)
	if err != nil {
		return pipeline.Record{}, err
	}
	return run.Execute(ctx)
}

func (a *app) plan() *cobra.Command {
	var asOf dateFlag
	cmd := &cobra.Command{
		Use:   "plan",
		Short: a.say("実行せずに、何をするかとその理由を示す", "Tell what a run would do, and why, without doing it"),
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := a.project(cmd)
			if err != nil {
				return err
			}
			run, err := pipeline.NewRun(p, a.options(pipeline.NewReporter(io.Discard, a.lang, false), asOf.date, nil, nil))
			if err != nil {
				return err
			}
			steps, err := run.Plan()
			if err != nil {
				return err
			}
			a.printPlan(run, steps)
			if len(run.Refused) > 0 {
				return run.Refused
			}
			return nil
		},
	}
	a.asOfFlag(cmd, &asOf)
	return cmd
}

func (a *app) options(log *pipeline.Reporter, asOf, knownOn *schemas.Date, accept []string) pipeline.Options {
	return pipeline.Options{
		AsOf: asOf, KnownOn: knownOn, Accept: accept, Lang: a.lang, Command: "kankei " + strings.Join(a.args, " "),
		Now: a.Now, Getenv: a.Getenv, Log: log,
	}
}

func (a *app) asOfFlag(cmd *cobra.Command, asOf *dateFlag) {
	cmd.Flags().Var(asOf, "as-of", a.say("基準`日`（省略時はデータにある最後の完全な月の末日）", "`day` after which nothing is known (default the last complete month in the data)"))
}

// dateFlag is a day given on the command line; nil where it was not.
type dateFlag struct{ date *schemas.Date }

func (f *dateFlag) Set(text string) error {
	d, err := schemas.ParseDate(text)
	f.date = &d
	return err
}

func (f *dateFlag) String() string {
	if f.date == nil {
		return ""
	}
	return f.date.String()
}

// Type is how help names a value.
func (f *dateFlag) Type() string { return "YYYY-MM-DD" }

// printPlan prints the files and the stages of a run that is not made.
func (a *app) printPlan(run *pipeline.Run, steps []pipeline.Step) {
	files := newTable(a.say("ソース", "source"), a.say("ファイル", "file"), a.say("マッピング", "mapping"), "")
	for _, in := range run.Inputs() {
		state := a.say("新しい", "new")
		if in.Known {
			state = a.say("読み込み済み", "read before")
		}
		mapping := in.Mapping
		if mapping == "" {
			mapping = a.say("（見出しで決める）", "(by its header)")
		}
		files.add(in.Source, in.Path, mapping, state)
	}
	files.print(a.Out)
	a.println("")
	stages := newTable(a.say("段階", "stage"), "", a.say("理由", "why"))
	for _, s := range steps {
		if s.Fresh {
			stages.add(s.Stage.Name, a.say("そのまま", "keep"), a.say("変わっていません", "nothing it depends on changed"))
		} else {
			stages.add(s.Stage.Name, a.say("実行", "run"), s.Why.In(a.lang))
		}
	}
	stages.print(a.Out)
}

// summary prints what a run did.
func (a *app) summary(record pipeline.Record) {
	if record.NothingNew {
		a.println(a.say("新しいものはありません。何も実行していません。", "nothing new: no stage had to run"))
		for _, w := range record.Warnings {
			if w.Kind == pipeline.Double { // the one thing that can be new without changing a figure
				a.println("  " + w.In(a.lang))
			}
		}
		return
	}
	a.printSources(record.Sources)
	a.printWarnings(record.Warnings)
	if record.AsOf != "" {
		a.println(a.say("基準日: %s", "as of: %s", record.AsOf))
	}
	if record.Release != "" {
		a.println(a.say("リリース: %s", "release: %s", record.Folder))
	}
}

func (a *app) printSources(sources []pipeline.SourceCount) {
	t := newTable(a.say("ソース", "source"), a.say("ファイル", "files"), a.say("入力行", "rows in"), a.say("読込", "landed"), a.say("除外", "rejected"), "")
	t.alignRight(1, 2, 3, 4)
	for _, s := range sources {
		t.add(s.Source, fmt.Sprint(s.Files), thousands(s.RowsIn), thousands(s.RowsLanded), thousands(s.RowsRejected), pipeline.Counts(s.Rejected))
	}
	t.print(a.Out)
}

func (a *app) printWarnings(warnings []pipeline.Warning) {
	if len(warnings) == 0 {
		return
	}
	a.println("")
	a.println(a.say("注意 %d 件:", "warnings (%d):", len(warnings)))
	for _, w := range warnings {
		a.println("  " + w.In(a.lang))
	}
	a.println("")
}
