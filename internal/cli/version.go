package cli

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
)

// build is what the program knows of itself.
type build struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"`
	Modified bool   `json:"modified,omitempty"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

func thisBuild() build {
	b := build{Version: "(devel)", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	if info.Main.Version != "" {
		b.Version = info.Main.Version
	}
	for _, setting := range info.Settings {
		switch setting.Key {
		case "vcs.revision":
			b.Revision = setting.Value
		case "vcs.modified":
			b.Modified = setting.Value == "true"
		}
	}
	return b
}

func (s *session) versionCommand() *cobra.Command {
	return s.leaf("version", "version", 0, 0, nil, s.version)
}

func (s *session) version(context.Context, []string) error {
	b := thisBuild()
	return s.result(b, func(w *strings.Builder) {
		fmt.Fprintf(w, "bevis %s", b.Version)
		if b.Revision != "" {
			fmt.Fprintf(w, " %.12s", b.Revision)
		}
		if b.Modified {
			w.WriteString(" (modified)")
		}
		fmt.Fprintf(w, " %s %s\n", b.Go, b.Platform)
	})
}
