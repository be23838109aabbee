package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kankei/kankei/pipeline"
	"github.com/kankei/kankei/pipeline/ingest"
	"github.com/kankei/kankei/schemas"
)

func (a *app) inspect() *cobra.Command {
	var draft, kind, sheet string
	c := &cobra.Command{
		Use:   a.say("inspect ファイル…", "inspect FILE…"),
		Short: a.say("ファイルの形式を調べ、マッピングを提案する", "Tell what an export is and propose a mapping"),
		Args:  cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if draft != "" && len(args) != 1 {
				return &pipeline.Error{Code: pipeline.ExitMisused, Found: text("--propose はファイル一つと使います", "--propose goes with one file")}
			}
			if kind != "" && !ingest.IsKind(kind) {
				return &pipeline.Error{Code: pipeline.ExitMisused, Where: "--kind " + kind, Found: text("そのような種類はありません", "there is no such kind"), Wanted: text(kinds, kinds)}
			}
			mappings, err := a.mappings()
			if err != nil {
				return err
			}
			if draft != "" {
				return a.propose(args[0], sheet, draft, kind, mappings)
			}
			return a.inspectAll(args, sheet, kind, mappings)
		},
	}
	c.Flags().StringVar(&draft, "propose", "", a.say("マッピングの下書きを書く`ファイル`", "`file` to write a draft of a mapping to"))
	c.Flags().StringVar(&kind, "kind", "", a.say("下書きをするファイルの`種類`（"+kinds+"。省略時は列から推定）", "`kind` of the file, for a draft ("+kinds+"; by default as the columns suggest)"))
	c.Flags().StringVar(&sheet, "sheet", "", a.say("読む`シート`（表計算のファイル）", "`sheet` to read of a workbook"))
	return c
}

var kinds = strings.Join(ingest.Kinds(), ", ")

func text(ja, en string) schemas.Text { return schemas.Text{JA: ja, EN: en} }

// inspectAll tells what each file is; those that can not be read are told at the end.
func (a *app) inspectAll(paths []string, sheet, kind string, mappings []*ingest.Mapping) error {
	var refused pipeline.Problems
	for i, path := range paths {
		if i > 0 {
			a.println("")
		}
		inspection, err := ingest.Inspect(path, sheet, mappings)
		if kind != "" {
			inspection, err = ingest.Propose(path, sheet, mappings, kind)
		}
		if err != nil {
			refused = append(refused, err)
			continue
		}
		fmt.Fprint(a.Out, inspection.Render(a.lang))
	}
	if len(refused) == 0 {
		return nil
	}
	return refused
}

// propose tells what a file is and writes a draft of a mapping for it, over no
// file that is there.
func (a *app) propose(path, sheet, draft, kind string, mappings []*ingest.Mapping) error {
	inspection, err := ingest.Propose(path, sheet, mappings, kind)
	if err != nil {
		return err
	}
	fmt.Fprint(a.Out, inspection.Render(a.lang))
	inspection.NameDraft(draft)
	content, err := inspection.Draft(a.lang)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(draft, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return &pipeline.Error{Code: pipeline.ExitMisused, Where: draft, Found: text("下書きを書けません", "the draft cannot be written"), Err: errors.Unwrap(err)}
	}
	_, err = f.WriteString(content)
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if _, err := ingest.LoadMapping([]byte(content), draft); err != nil {
		a.println(a.say("\n%s を書きました。そのままでは使えません：\n%s", "\nWrote %s. It cannot be used as it is:\n%s", draft, pipeline.Message(err, a.lang)))
		return nil
	}
	a.println(a.say("\n%s を書きました。そのまま使えます。", "\nWrote %s. It can be used as it is.", draft))
	return nil
}

// mappings are those of the project's mappings folder, then the built-in ones.
// Inspect is of use before there is a project, so none need be there. A draft
// with open questions is told of and left out.
func (a *app) mappings() ([]*ingest.Mapping, error) {
	var all []*ingest.Mapping
	paths, err := filepath.Glob(filepath.Join(a.dir, "mappings", "*.yaml"))
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		m, err := ingest.LoadMapping(text, path)
		if open := new(ingest.Unanswered); errors.As(err, &open) {
			fmt.Fprintln(a.Err, pipeline.Message(err, a.lang))
			continue
		}
		if err != nil {
			return nil, &pipeline.Error{Code: pipeline.ExitMisused, Err: err}
		}
		all = append(all, m)
	}
	return append(all, ingest.Builtins()...), nil
}
