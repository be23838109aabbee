package main

import (
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kankei/kankei/pipeline"
)

func (a *app) publish() *cobra.Command {
	return &cobra.Command{
		Use:   "publish",
		Short: a.say("現在のリリースを、過去の公表と合わせて秘匿を確かめたうえで公表する", "Promote the current release to a publication, if nothing withheld can be computed from it and all earlier ones"),
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := a.project(cmd)
			if err != nil {
				return err
			}
			done, err := pipeline.Publish(cmd.Context(), p, "kankei "+strings.Join(a.args, " "), a.Now())
			if err != nil {
				return err
			}
			a.printPublished(done)
			return nil
		},
	}
}

func (a *app) printPublished(p pipeline.Published) {
	if p.Before {
		a.println(a.say("公表済みです: published/%s（リリース %s）", "published already: published/%s (release %s)", p.ID, p.Release))
		return
	}
	a.println(a.say("公表しました: published/%s（リリース %s）。過去の公表 %d 件と合わせて、秘匿した値を計算できないことを確かめました", "published: published/%s (release %s), held against %d earlier publications", p.ID, p.Release, p.Earlier))
	if p.Loss != nil {
		a.println(a.say("差分プライバシー: これまでの公表と合わせて ε = %.4g", "differential privacy: ε = %.4g with all publications before", p.Loss.Accumulated))
	}
	for _, r := range p.Rules {
		a.println(a.say("規則: %s %d", "rule: %s %d", r.Rule, r.Threshold))
	}
	a.println("")
	t := newTable(a.say("データセット", "dataset"), a.say("行", "rows"), a.say("秘匿", "withheld"), a.say("割合", "share"))
	t.alignRight(1)
	t.alignRight(2)
	t.alignRight(3)
	for _, s := range p.Tables {
		if s.Rows > 0 {
			t.add(s.Dataset, thousands(s.Rows), thousands(s.Withheld), strconv.FormatFloat(100*float64(s.Withheld)/float64(s.Rows), 'f', 1, 64)+" %")
		}
	}
	t.print(a.Out)
}
