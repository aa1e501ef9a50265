package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/contact-advocate/advocate/internal/domain"
)

type versionCmd struct {
	JSON bool `name:"json" help:"Print JSON."`
}

func (*versionCmd) Help() string { return "Examples:\n  advocate version --json" }

func (c *versionCmd) Run(g *globals) error {
	revision := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				revision = s.Value
			}
		}
	}
	if c.JSON {
		return g.printJSON(map[string]any{
			"version": version, "revision": revision, "engine": domain.EngineVersion, "go": runtime.Version(),
			"os": runtime.GOOS, "arch": runtime.GOARCH,
		})
	}
	fmt.Fprintf(g.stdout, "advocate %s (%s, %s/%s)\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return nil
}
