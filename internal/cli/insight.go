package cli

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/internal/opinion"
	"github.com/kompetansebevis/bevis/internal/report"
	"github.com/kompetansebevis/bevis/internal/sharelink"
	"github.com/kompetansebevis/bevis/reason"
)

// insightFlags are those of what is asked for beside the verdict.
type insightFlags struct {
	coverage               bool
	record, bundleTrust    bool
	as                     []string
	bundle, token, tsaCert string
	saved                  bool
}

// tells reports whether more than the verdict is to be told of each document.
func (f *insightFlags) tells() bool { return f.coverage || len(f.as) > 0 }

func (f *insightFlags) define(s *session, c *cobra.Command) {
	flags := c.Flags()
	flags.BoolVar(&f.coverage, "coverage", false, s.t("flag.coverage"))
	flags.StringSliceVar(&f.as, "as", nil, s.t("flag.as"))
	flags.StringVar(&f.bundle, "bundle", "", s.t("flag.bundle"))
	flags.BoolVar(&f.record, "bundle-record", false, s.t("flag.bundle-record"))
	flags.BoolVar(&f.bundleTrust, "bundle-trust", false, s.t("flag.bundle-trust"))
	flags.StringVar(&f.token, "timestamp", "", s.t("flag.timestamp"))
	flags.StringVar(&f.tsaCert, "tsa-cert", "", s.t("flag.tsa-cert"))
}

// read returns what is asked for, for the files that are named.
func (f *insightFlags) read(s *session, args []string, force bool) (app.Insight, error) {
	out := app.Insight{Coverage: f.coverage, BundleRecord: f.record, BundleTrust: f.bundleTrust, Bundle: f.bundle != ""}
	for _, name := range f.as {
		if !slices.Contains(opinion.All(), opinion.Who(name)) {
			return out, reason.New(reason.Usage, "--as", "there is no rule set %.40q: 1edtech, dcc", name)
		}
		out.As = append(out.As, opinion.Who(name))
	}
	var err error
	if f.token != "" {
		if f.tsaCert == "" {
			return out, reason.New(reason.Usage, "--timestamp", "say with --tsa-cert whose time-stamps you believe")
		}
		if out.Timestamp, err = app.ReadFile(f.token); err != nil {
			return out, err
		}
	}
	if f.tsaCert != "" {
		if out.Authorities, err = app.ReadFile(f.tsaCert); err != nil {
			return out, err
		}
	}
	if f.bundle == "" {
		return out, nil
	}
	if len(args) != 1 {
		return out, reason.New(reason.Usage, "--bundle", "a bundle is about one file")
	}
	if sharelink.Is(args[0]) { // which the evidence would go without
		return out, reason.New(reason.Usage, "--bundle", "whether a share is in force is for its owner to say each time: save what was shared, and make a bundle of that")
	}
	if info, err := os.Stat(args[0]); err == nil && info.IsDir() {
		return out, reason.New(reason.Usage, "--bundle", "a bundle is about one file, and this is a folder")
	}
	out.Readme = s.t("bundle.readme")
	return out, app.Free(f.bundle, force)
}

// keep writes the bundle that came with a result. Who was judged is nobody
// else's business, so the file is the owner's alone.
func (f *insightFlags) keep(s *session, r app.VerifyResult, force bool) error {
	switch {
	case f.bundle == "":
		return nil
	case f.saved:
		return reason.New(reason.Usage, "--bundle", "a bundle is about one file, and there are several")
	case r.Packed() == nil:
		return nil // what could not be read has no evidence; the result says so
	}
	f.saved = true
	if err := app.WriteFile(f.bundle, r.Packed(), true, force); err != nil {
		return err
	}
	s.note("note.written", show(f.bundle))
	return nil
}

// insightRows writes what was asked for beside the verdict.
func (s *session) insightRows(w *strings.Builder, r app.VerifyResult) {
	for _, section := range report.Insight(s.p, r) {
		fmt.Fprintf(w, "  %s\n", section.Title)
		for _, line := range section.Lines {
			s.say(w, "    "+line.Sign+" ", line.Text)
			for _, value := range line.Values {
				fmt.Fprintf(w, "        %s\n", show(value))
			}
		}
	}
}
