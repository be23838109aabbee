package main

import (
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func (a *app) version() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: a.say("版を表示する", "Tell the version"),
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			a.println("kankei " + buildVersion())
			a.println("  go " + runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH)
			if info, ok := debug.ReadBuildInfo(); ok {
				for _, m := range info.Deps {
					if m.Path == "github.com/duckdb/duckdb-go/v2" {
						a.println("  duckdb-go " + m.Version)
					}
				}
			}
			return nil
		},
	}
}

// buildVersion is the version of the module, or devel where it was built from
// a working copy.
func buildVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "devel"
}
