package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/kankei/kankei/pipeline"
	"github.com/kankei/kankei/pipeline/ingest"
)

func (a *app) inspect() *cobra.Command {
	return &cobra.Command{
		Use:   a.say("inspect ファイル…", "inspect FILE…"),
		Short: a.say("ファイルの形式を調べ、マッピングを提案する", "Tell what an export is and propose a mapping"),
		Args:  cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			mappings, err := a.mappings()
			if err != nil {
				return err
			}
			var refused pipeline.Problems
			for i, path := range args {
				if i > 0 {
					a.println("")
				}
				inspection, err := ingest.Inspect(path, mappings)
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
		},
	}
}

// mappings are those of the project's mappings folder, then the built-in ones.
// Inspect is of use before there is a project, so none need be there.
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
		if err != nil {
			return nil, &pipeline.Error{Code: pipeline.ExitMisused, Err: err}
		}
		all = append(all, m)
	}
	return append(all, ingest.Builtins()...), nil
}
