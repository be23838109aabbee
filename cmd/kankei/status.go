package main

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/kankei/kankei/pipeline"
)

func (a *app) status() *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: a.say("前回の実行、現在のリリース、除いた行、注意を示す", "Tell the last run, the current release, rejected rows and warnings"),
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := a.project(cmd)
			if err != nil {
				return err
			}
			s, err := p.Status()
			if err != nil {
				return err
			}
			a.printStatus(s)
			return nil
		},
	}
}

func (a *app) printStatus(s pipeline.Status) {
	if h := s.Running; h != nil {
		a.println(a.say("実行中: プロセス %d、ホスト %s、%s から", "running: process %d on %s since %s", h.PID, h.Host, local(h.Since)))
	}
	if s.Release == "" {
		a.println(a.say("現在のリリース: まだありません", "current release: none yet"))
	} else {
		a.println(a.say("現在のリリース: releases/%s（公表不可）", "current release: releases/%s (not for publication)", s.Release))
	}
	if s.Last.Number == 0 {
		a.println(a.say("前回の実行: まだありません", "last run: none yet"))
		return
	}
	a.println(a.say("前回の実行: %d 回目、%s、終了コード %d", "last run: number %d, %s, exit code %d", s.Last.Number, local(s.Last.Started), s.Last.Exit))
	if s.Last.AsOf != "" {
		a.println(a.say("基準日: %s", "as of: %s", s.Last.AsOf))
	}
	if failure := s.Last.Failure.In(a.lang); failure != "" {
		a.println(failure)
	}
	a.println("")
	a.printSources(s.Last.Sources)
	a.printWarnings(s.Last.Warnings)
}

// local is an instant on the clock of the place.
func local(t time.Time) string { return t.Local().Format("2006-01-02 15:04") }
