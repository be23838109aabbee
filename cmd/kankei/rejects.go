package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/kankei/kankei/pipeline"
	"github.com/kankei/kankei/schemas"
)

// rejectsBook is where the workbook of refused rows is written, below the project.
const rejectsBook = "rejects.xlsx"

func (a *app) rejects() *cobra.Command {
	var xlsx bool
	c := &cobra.Command{
		Use:   "rejects",
		Short: a.say("除いた行を理由とともに示す", "List the rejected rows with their reasons"),
		Long: a.say("最後に読み込んだファイルから除いた行を示します。個人に関わる値は形だけを示します。--xlsx は、納品者に返せるブックを "+rejectsBook+" に書きます（ファイルごとに一シート）。",
			"Lists the rows rejected from the files landed last. Values that may be personal are shown by their shape. --xlsx writes a workbook to give back to whoever delivered them, "+rejectsBook+": a sheet per file."),
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := a.project(cmd)
			if err != nil {
				return err
			}
			files, err := p.Rejects()
			if err != nil {
				return err
			}
			if len(files) == 0 {
				a.println(a.say("除いた行はありません", "no row was rejected"))
				return nil
			}
			if xlsx {
				if err := pipeline.SaveRejects(files, p.Path(rejectsBook)); err != nil {
					return err
				}
				a.println(p.Path(rejectsBook))
				return nil
			}
			a.printRejects(files)
			return nil
		},
	}
	c.Flags().BoolVar(&xlsx, "xlsx", false, a.say("ブックに書く", "write a workbook"))
	return c
}

func (a *app) printRejects(files []pipeline.RejectedFile) {
	for _, file := range files {
		for _, r := range file.Rows {
			words := strings.Join(strings.Fields(strings.Join([]string{r.Column, r.Found}, " ")), " ")
			a.println(a.say("%s:%d: %s: %s", "%s:%d: %s: %s", file.File, r.Line, schemas.ReasonText(r.Reason).In(a.lang), words))
		}
	}
}
