package main

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/kankei/kankei/pipeline"
)

func (a *app) query() *cobra.Command {
	var internal bool
	var knownOn dateFlag
	var opt pipeline.QueryOptions
	cmd := &cobra.Command{
		Use:   "query 'SQL'",
		Short: a.say("リリースに SQL（SELECT 一つ）で問い合わせる", "Ask the current release one SELECT"),
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := a.project(cmd)
			if err != nil {
				return err
			}
			if knownOn.date != nil {
				p = p.KnownOn(*knownOn.date)
			}
			path, err := p.Database(internal)
			if err != nil {
				return err
			}
			return pipeline.Query(cmd.Context(), path, args[0], opt, a.Out)
		},
	}
	cmd.Flags().BoolVar(&internal, "internal", false, a.say("秘匿前の内部データに問い合わせる（外に出さないこと）", "ask the unprotected internal datasets (not to leave the house)"))
	cmd.Flags().Var(&knownOn, "known-on", a.say("その`日`について run --known-on が作ったものに問い合わせる", "ask what run --known-on made for this `day`"))
	cmd.Flags().StringVar(&opt.Format, "format", "table", a.say("`形式` table、csv または json", "`format` table, csv or json"))
	cmd.Flags().DurationVar(&opt.Timeout, "timeout", time.Minute, a.say("打ち切るまでの`時間`", "`time` after which it ends"))
	return cmd
}

func (a *app) verify() *cobra.Command {
	return &cobra.Command{
		Use:   "verify",
		Short: a.say("現在のリリースのファイルが書かれたときのままか確かめる", "Check that the files of the current release are as they were written"),
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := a.project(cmd)
			if err != nil {
				return err
			}
			report, err := pipeline.Verify(cmd.Context(), p.Path("releases"))
			if err != nil {
				return err
			}
			if err := report.Err(); err != nil {
				return err
			}
			a.println(a.say("releases/%s: %d 個のファイルは書かれたときのままです", "releases/%s: all %d files are as they were written", report.Release, report.Files))
			return nil
		},
	}
}
