package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/kankei/kankei/pipeline"
	"github.com/kankei/kankei/schemas"
)

// World is what surrounds a call of the program.
type World struct {
	// Out takes results, Err progress and errors.
	Out, Err io.Writer
	Getenv   func(string) string
	Now      func() time.Time
	// Terminal says that Err is a terminal.
	Terminal bool
}

// app is one call of the program.
type app struct {
	World
	ctx     context.Context
	args    []string
	lang    string
	dir     string
	started bool // a command's own body began: errors are no longer about flags
}

// Main runs the command that args name, prints its error if it has one, and
// gives the exit code.
func Main(ctx context.Context, args []string, w World) int {
	a := &app{World: w, ctx: ctx, args: args, lang: language(args, w.Getenv)}
	root := a.root()
	root.SetArgs(commentsAreNoFlags(args))
	err := root.ExecuteContext(ctx)
	if err == nil {
		return pipeline.ExitReleased
	}
	message := pipeline.Message(err, a.lang)
	if !a.started {
		fmt.Fprintf(w.Err, "kankei: %s\n", usageError(message, a.lang))
		return pipeline.ExitMisused
	}
	fmt.Fprintf(w.Err, "kankei: %s\n", message)
	return pipeline.ExitCode(err)
}

// language is that of --lang, else of the locale: Japanese for ja_JP.UTF-8 and
// the like, English for all others. It is known before the flags are read
// because the help texts depend on it.
func language(args []string, getenv func(string) string) string {
	for i, arg := range args {
		if value, ok := strings.CutPrefix(arg, "--lang="); ok {
			return known(value)
		}
		if arg == "--lang" && i+1 < len(args) {
			return known(args[i+1])
		}
	}
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if locale := getenv(name); locale != "" {
			return known(locale)
		}
	}
	return "en"
}

func known(locale string) string {
	if strings.HasPrefix(locale, "ja") {
		return "ja"
	}
	return "en"
}

// commentsAreNoFlags keeps SQL that begins with a comment from being taken for
// a flag: no flag is followed by a space or goes over a line.
func commentsAreNoFlags(args []string) []string {
	out := slices.Clone(args)
	for i, arg := range out {
		if strings.HasPrefix(arg, "-- ") || strings.HasPrefix(arg, "--") && strings.Contains(arg, "\n") {
			out[i] = "\n" + arg
		}
	}
	return out
}

// say gives the text in the language of the call.
func (a *app) say(ja, en string, args ...any) string {
	text := schemas.Text{JA: ja, EN: en}.In(a.lang)
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}

// root is the tree of commands.
func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "kankei",
		Short: a.say("予約とアンケートのデータから関係人口を推計する", "Estimate the relational population from booking and survey exports"),
		Long: a.say("予約とアンケートのデータから、地域ごとの関係人口を推計する。\n\n終了コード: 0 公開した、または新しいものがない; 1 失敗、またはほかの実行が進行中; 2 使い方・設定・鍵の誤り;\n3 入力を拒否し何も公開していない; 4 品質または秘匿の関門で停止; 5 一部の入力を除いて公開; 130 中断",
			"Estimate the relational population of regions from booking exports and survey exports.\n\nExit codes: 0 released, or nothing new; 1 failed, or another run is in progress; 2 flags, configuration\nor key wrong; 3 an input refused, nothing released; 4 stopped by a quality or disclosure gate;\n5 released without inputs that were refused; 130 interrupted"),
		SilenceErrors: true, SilenceUsage: true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
		PersistentPreRunE: a.begin,
	}
	root.PersistentFlags().StringVarP(&a.dir, "dir", "C", ".", a.say("プロジェクトの`フォルダ`", "`folder` of the project"))
	root.PersistentFlags().String("lang", "", a.say("メッセージの`言語` ja または en（省略時は環境による）", "`language` of messages, ja or en (default from the locale)"))
	root.SetOut(a.Out)
	root.SetErr(a.Err)
	root.AddCommand(a.init(), a.inspect(), a.plan(), a.run(), a.publish(), a.status(), a.rejects(), a.query(), a.explain(), a.verify(), a.linkageSample(), a.simulate(), a.truth(), a.version())
	root.InitDefaultHelpCmd()
	a.translate(root)
	return root
}

// begin is called once the flags and arguments are known to be right.
func (a *app) begin(cmd *cobra.Command, _ []string) error {
	if lang, _ := cmd.Flags().GetString("lang"); !slices.Contains([]string{"", "ja", "en"}, lang) {
		return fmt.Errorf("--lang %s: %s", lang, a.say("ja か en を指定してください", "want ja or en"))
	}
	a.started = true
	return nil
}

// translate gives cobra's own headings the language of the call.
func (a *app) translate(root *cobra.Command) {
	if a.lang != "ja" {
		return
	}
	words := strings.NewReplacer(
		"Usage:", "使い方:", "Available Commands:", "コマンド:", "Global Flags:", "共通のフラグ:", "Flags:", "フラグ:",
		".LocalFlags.FlagUsages", "alignedFlags .LocalFlags", ".InheritedFlags.FlagUsages", "alignedFlags .InheritedFlags",
		`Use "{{.CommandPath}} [command] --help" for more information about a command.`, `各コマンドの説明: {{.CommandPath}} [コマンド] --help`,
	)
	root.SetUsageTemplate(words.Replace(root.UsageTemplate()))
	for _, c := range append(root.Commands(), root) {
		c.InitDefaultHelpFlag()
		c.Flags().Lookup("help").Usage = "説明を表示する"
		if c.Name() == "help" {
			c.Short = "コマンドの説明を表示する"
		}
	}
}

// project opens the project of -C. The project may state the language, where
// neither flag nor anything else of the call does.
func (a *app) project(cmd *cobra.Command) (*pipeline.Project, error) {
	p, err := pipeline.Open(a.dir)
	if err != nil {
		return nil, err
	}
	if p.Config.Lang != "" && !cmd.Flags().Changed("lang") {
		a.lang = p.Config.Lang
	}
	return p, nil
}

func (a *app) println(line string) { fmt.Fprintln(a.Out, line) }
