package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/kankei/kankei/pipeline"
	"github.com/kankei/kankei/transforms/link"
)

func (a *app) linkageSample() *cobra.Command {
	o := pipeline.SampleOptions{Command: "kankei " + strings.Join(a.args, " ")}
	cmd := &cobra.Command{
		Use:   "linkage-sample",
		Short: a.say("名寄せの誤りを人が判定するための標本を引く", "Draw pairs of records by which someone judges how often linkage errs"),
		Long: a.say("直近の実行の名寄せから、同じ人とみなした組と、みなさなかったが似ている組を、層ごとに無作為に引く。\nファイルにあるのは元の書き出しファイルの場所（ソース、ファイル、行）と月・地域だけで、氏名などはない。\n元の記録を見比べ、same 列に yes、no、unclear を書き、kankei.yaml の linkage.review で指定する。",
			"Draw, from the persons of the last run, pairs of records taken for one person and pairs that are alike but\nwere not, at random within strata. The file says where the records stand in the exports (source, file, line),\ntheir month and region, and nothing else of them. Compare the records, write yes, no or unclear into the\ncolumn same, and name the file under linkage.review in kankei.yaml."),
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := a.project(cmd)
			if err != nil {
				return err
			}
			o.Now = a.Now()
			path, drawn, err := p.LinkageSample(cmd.Context(), o)
			if err != nil {
				return err
			}
			a.printDrawn(drawn)
			a.println(a.say("%s に書きました。same 列に yes、no、unclear を書き、kankei.yaml に次の行を加えてください:", "written to %s. Write yes, no or unclear into the column same, then add to kankei.yaml:", path))
			a.println("  linkage: {review: " + path + "}")
			return nil
		},
	}
	cmd.Flags().Int64Var(&o.Pairs, "pairs", 400, a.say("引く組の`数`", "`number` of pairs to draw"))
	cmd.Flags().Uint64Var(&o.Seed, "seed", 1, a.say("乱数の`種`", "`seed` of the random numbers"))
	cmd.Flags().StringVar(&o.Out, "out", "reviews/pairs.csv", a.say("プロジェクトの中の`ファイル`", "`file` in the project"))
	return cmd
}

func (a *app) printDrawn(drawn []pipeline.Drawn) {
	t := newTable(a.say("層", "stratum"), a.say("引いた組", "drawn"), a.say("全体", "out of"), "")
	t.alignRight(1, 2)
	meanings := map[string]string{
		link.Linked:        a.say("同じ人とみなした", "taken for one person"),
		link.NameResidence: a.say("同じ氏名・同じ居住市区町村", "same name, same municipality of residence"),
		link.NameFacility:  a.say("同じ氏名・同じ宿・居住地の一方が不明", "same name, same facility, one residence not known"),
		link.Hub:           a.say("多数が共有する同じ電話かメール・同じ居住市区町村", "same telephone or e-mail that many share, same municipality of residence"),
	}
	for _, d := range drawn {
		t.add(d.Stratum, thousands(d.Drawn), thousands(d.Pairs), meanings[d.Stratum])
	}
	t.print(a.Out)
}
