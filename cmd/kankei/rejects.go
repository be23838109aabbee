package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kankei/kankei/pipeline"
	"github.com/kankei/kankei/schemas"
)

// rejectsBook is where the workbook of refused rows is written, below the project.
const rejectsBook = "rejects.xlsx"

func (a *app) rejects() *cobra.Command {
	var xlsx bool
	var identity, newIdentity string
	c := &cobra.Command{
		Use:   "rejects",
		Short: a.say("除いた行を理由とともに示す", "List the rejected rows with their reasons"),
		Long: a.say("最後に読み込んだファイルから除いた行を示します。個人に関わる値は形だけを示します。--xlsx は、納品者に返せるブックを "+rejectsBook+" に書きます（ファイルごとに一シート）。kankei.yaml の rejects.recipient があれば元の値は暗号化して保存され、--identity で読めます。",
			"Lists the rows rejected from the files landed last. Values that may be personal are shown by their shape. --xlsx writes a workbook to give back to whoever delivered them, "+rejectsBook+": a sheet per file. With rejects.recipient in kankei.yaml the values are kept encrypted, and --identity reads them."),
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if newIdentity != "" {
				return a.newIdentity(newIdentity)
			}
			p, err := a.project(cmd)
			if err != nil {
				return err
			}
			if identity != "" {
				return a.originals(p, identity)
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
	c.Flags().StringVar(&identity, "identity", "", a.say("暗号化された元の値を、この`ファイル`の鍵（age）で復号して示す", "decrypt the values that were kept with the age identity in this `file`"))
	c.Flags().StringVar(&newIdentity, "new-identity", "", a.say("age の新しい鍵をこの`ファイル`に作り、受取人を示す", "make a new age identity in this `file` and show its recipient"))
	return c
}

// newIdentity makes an identity, for places without the age program.
func (a *app) newIdentity(path string) error {
	recipient, err := pipeline.NewIdentity(path)
	if err != nil {
		return err
	}
	a.println(a.say("kankei.yaml に書く行（鍵のファイルはプロジェクトの外に保管してください）:", "write into kankei.yaml, and keep the identity outside the project:"))
	a.println("rejects: {recipient: " + recipient + "}")
	return nil
}

// originals prints the values of rejected rows to whoever holds the identity.
func (a *app) originals(p *pipeline.Project, identity string) error {
	files, err := p.Originals(identity, a.Out)
	if err == nil && files == 0 {
		a.println(a.say("保存された元の値はありません（kankei.yaml の rejects.recipient）", "no value was kept; see rejects.recipient in kankei.yaml"))
	}
	return err
}

func (a *app) printRejects(files []pipeline.RejectedFile) {
	for _, file := range files {
		for _, r := range file.Rows {
			line := fmt.Sprintf("%s:%d: %s", file.File, r.Line, schemas.ReasonText(r.Reason).In(a.lang))
			if words := strings.Join(strings.Fields(r.Column+" "+r.Found), " "); words != "" {
				line += ": " + words
			}
			a.println(line)
		}
	}
}
