package main

import (
	"github.com/spf13/cobra"

	"github.com/kankei/kankei/pipeline"
)

func (a *app) init() *cobra.Command {
	return &cobra.Command{
		Use:   a.say("init フォルダ", "init DIR"),
		Short: a.say("新しいプロジェクトを作る", "Make a new project"),
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			dir := args[0]
			if err := pipeline.Init(dir); err != nil {
				return err
			}
			a.println(a.say("プロジェクトを %s に作りました。次の手順:", "made a project in %s. What to do next:", dir))
			a.println(a.say("  1. %s/exports/ にファイルを置く", "  1. put the exports under %s/exports/", dir))
			a.println(a.say("  2. kankei inspect ファイル で形式を確かめる", "  2. kankei inspect FILE tells what they are"))
			a.println(a.say("  3. %s/kankei.yaml の sources を書く", "  3. list them under sources in %s/kankei.yaml", dir))
			a.println(a.say("  4. kankei run -C %s", "  4. kankei run -C %s", pipeline.Quoted(dir)))
			a.println(a.say("鍵 %s/secrets/kankei.key は、別の安全な場所にも保管してください。", "Keep a copy of the key %s/secrets/kankei.key in another safe place.", dir))
			return nil
		},
	}
}
