package main

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/kankei/kankei/pipeline"
	"github.com/kankei/kankei/schemas"
)

func (a *app) status() *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: a.say("前回の実行、現在のリリースと公表、除いた行、注意、改定の三角形を示す", "Tell the last run, the current release and publications, rejected rows, warnings and the revision triangle"),
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
			t, err := p.Triangle(cmd.Context())
			if err != nil {
				return err
			}
			a.printTriangle(t)
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
	if s.Published.Count == 0 {
		a.println(a.say("公表: まだありません", "publications: none yet"))
	} else {
		a.println(a.say("公表: %[1]d 件、最後は published/%[2]s（%[3]s）", "publications: %[1]d, the last published/%[2]s (%[3]s)", s.Published.Count, s.Published.ID, local(s.Published.At)))
	}
	if s.Last.Number == 0 {
		a.println(a.say("前回の実行: まだありません", "last run: none yet"))
		return
	}
	a.println(a.say("前回の実行: %d 回目、%s、%s、終了コード %d（%s）", "last run: number %d, %s, %s, exit code %d (%s)",
		s.Last.Number, local(s.Last.Started), a.took(s.Last), s.Last.Exit, a.meaning(s.Last.Exit)))
	if s.Last.AsOf != "" {
		a.println(a.say("基準日: %s", "as of: %s", s.Last.AsOf))
	}
	if failure := s.Last.Failure.In(a.lang); failure != "" {
		a.println(failure)
	}
	a.println("")
	a.printSources(s.Last.Sources)
	a.printRejected(s.Last.Sources)
	a.printWarnings(s.Last.Warnings)
}

// took is how long a run took.
func (a *app) took(r pipeline.Record) string {
	d := r.Finished.Sub(r.Started)
	if d < time.Minute {
		return a.say("%.1f 秒", "%.1f s", d.Seconds())
	}
	return d.Round(time.Second).String()
}

// meaning is an exit code in words.
func (a *app) meaning(code int) string {
	meanings := map[int]string{
		pipeline.ExitReleased: a.say("リリースあり", "released"), pipeline.ExitMisused: a.say("設定か鍵の誤り", "configuration or key wrong"),
		pipeline.ExitRefused:     a.say("入力を拒否し、リリースなし", "inputs refused, nothing released"),
		pipeline.ExitGated:       a.say("関門で停止", "stopped by a gate"),
		pipeline.ExitPartial:     a.say("一部の入力を除いてリリース", "released without the inputs refused"),
		pipeline.ExitInterrupted: a.say("中断", "interrupted"),
	}
	return cmp.Or(meanings[code], a.say("失敗", "failed"))
}

// printRejected prints why rows were rejected, in words, most frequent reason first.
func (a *app) printRejected(sources []pipeline.SourceCount) {
	rows := map[string]int64{}
	for _, s := range sources {
		for reason, n := range s.Rejected {
			rows[reason] += n
		}
	}
	if len(rows) == 0 {
		return
	}
	a.println("")
	t := newTable(a.say("除いた理由", "rejected because"), a.say("行", "rows"), "")
	t.alignRight(1)
	for _, reason := range slices.SortedFunc(maps.Keys(rows), func(x, y string) int {
		return cmp.Or(cmp.Compare(rows[y], rows[x]), cmp.Compare(x, y))
	}) {
		t.add(reason, thousands(rows[reason]), schemas.ReasonText(reason).In(a.lang))
	}
	t.print(a.Out)
}

// local is an instant on the clock of the place.
func local(t time.Time) string { return t.Local().Format("2006-01-02 15:04") }

// printTriangle prints what releases said of the same reference months, if there is more than one.
func (a *app) printTriangle(t pipeline.Triangle) {
	if len(t.Releases) < 2 || len(t.Months) == 0 {
		return
	}
	code := map[string]string{}
	for _, k := range t.Figure {
		code[k.Column] = k.Code
	}
	a.println("")
	a.println(a.say("改定の三角形: 地域 %s、定義 %s、出所 %s（* は公表）", "revision triangle: region %s, definition %s, source %s (* is published)", code["region_code"], code["definition"], code["source"]))
	header, right := []string{a.say("基準月", "reference month")}, []int{}
	for i, r := range t.Releases {
		mark := ""
		if r.Publication != "" {
			mark = "*"
		}
		header, right = append(header, r.ID+mark), append(right, i+1)
	}
	table := newTable(header...)
	table.alignRight(right...)
	for i, month := range t.Months {
		cells := []string{month.String()[:len("2026-03")]}
		for _, v := range t.Values[i] {
			cells = append(cells, triangleCell(v))
		}
		table.add(cells...)
	}
	table.print(a.Out)
}

// triangleCell is a value of a triangle: [c] withheld, … not estimable, blank where the release does not have the month.
func triangleCell(v *pipeline.TriangleValue) string {
	switch {
	case v == nil:
		return ""
	case v.Withheld:
		return "[c]"
	case v.Value == nil:
		return "…"
	}
	return rounded(*v.Value)
}
