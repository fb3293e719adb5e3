package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kompetansebevis/bevis/credential/profile"
	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/internal/report"
	"github.com/kompetansebevis/bevis/reason"
)

// lintOut is the form bevis.lint/v1, see docs/schemas.
type lintOut struct {
	Schema  string     `json:"schema"`
	Results []lintJSON `json:"results"`
}

// lintJSON is what lint found in one document.
type lintJSON struct {
	Input      string              `json:"input"`
	Profile    profile.Name        `json:"profile,omitempty"`
	Form       string              `json:"form,omitempty"`
	Findings   []findingJSON       `json:"findings"`
	Validators []app.ValidatorSays `json:"validators"`
	Error      *lintError          `json:"error,omitempty"` // why it could not be read
}

type lintError struct {
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

type findingJSON struct {
	Rule      string   `json:"rule"`
	Severity  string   `json:"severity"`
	Code      string   `json:"code"`
	At        string   `json:"at"`
	Message   string   `json:"message"`
	Next      string   `json:"next,omitempty"`
	Section   string   `json:"section,omitempty"`
	RefusedBy []string `json:"refusedBy"`

	said, mend string // the message and the next step in the language of the reader
}

func (s *session) findingOf(f profile.Finding) findingJSON {
	return findingJSON{f.Rule, f.Severity.String(), string(f.Code), f.At, f.Message, f.Next, f.Section, f.Refused.Names(), report.Finding(s.p, f.Said), report.Finding(s.p, f.Mend)}
}

func (s *session) credentialLint() *cobra.Command {
	var o app.LintOptions
	var name string
	var contexts []string
	c := s.leaf("credential.lint", "lint FILE…", 1, -1, []string{
		"bevis credential lint bevis.json", "bevis credential lint --profile ob3 bevis.json", "bevis credential lint --profile microcredential folder",
	}, func(ctx context.Context, args []string) error {
		var err error
		if o.Contexts, err = extraContexts(contexts); err != nil {
			return err
		}
		o.Profile = profile.Name(name)
		results, err := s.app.Lint(ctx, s.app.Inputs(ctx, args, s.stdin), o)
		if err != nil {
			return err
		}
		if len(results) == 1 && results[0].Err != nil {
			return results[0].Err
		}
		out := lintOut{"bevis.lint/v1", []lintJSON{}}
		for _, r := range results {
			out.Results = append(out.Results, s.lintResult(r))
		}
		return s.result(out, func(w *strings.Builder) { s.lintText(w, out) })
	})
	c.Flags().StringVar(&name, "profile", "", s.t("flag.lint-profile"))
	c.Flags().StringArrayVar(&contexts, "context", nil, s.t("flag.serve-context"))
	return c
}

// lintResult is a result as it is written, which decides the exit code.
func (s *session) lintResult(r app.CredentialLint) lintJSON {
	one := lintJSON{Input: r.Input, Profile: r.Profile, Form: r.Form, Findings: []findingJSON{}, Validators: r.Validators}
	if r.Err != nil {
		code := reason.CodeOf(r.Err)
		one.Error = &lintError{string(code), detail(r.Err)}
		s.class = worse(s.class, code.Class())
		return one
	}
	for _, f := range r.Findings {
		if f.Severity == profile.Error {
			s.class = worse(s.class, reason.Invalid)
		}
		one.Findings = append(one.Findings, s.findingOf(f))
	}
	return one
}

// worse returns the class that decides the exit code of several documents.
func worse(a, b reason.Class) reason.Class {
	if b.Severity() > a.Severity() {
		return b
	}
	return a
}

func (s *session) lintText(w *strings.Builder, out lintOut) {
	for _, r := range out.Results {
		if r.Error != nil {
			fmt.Fprintf(w, "? %s: %s (%s)\n", show(r.Input), s.p.Code("reason.", r.Error.Code), show(s.technical(r.Error.Detail)))
			continue
		}
		if len(r.Findings) == 0 {
			fmt.Fprintf(w, "✓ %s: %s\n", show(r.Input), s.t("lint.clean"))
		}
		for _, f := range r.Findings {
			fmt.Fprintf(w, "%s %s%s: %s [%s]\n", severitySign(f.Severity), show(r.Input), show(f.At), show(f.said), f.Rule)
			if f.mend != "" {
				fmt.Fprintf(w, "    → %s\n", show(f.mend))
			}
			if r.Profile == "" {
				continue
			}
			var more []string
			if f.Section != "" {
				more = append(more, f.Section)
			}
			if len(f.RefusedBy) > 0 {
				more = append(more, s.t("lint.refused-by", strings.Join(f.RefusedBy, ", ")))
			}
			if len(more) > 0 {
				fmt.Fprintf(w, "      %s\n", strings.Join(more, " · "))
			}
		}
		if r.Profile == "" || len(r.Validators) == 0 {
			continue
		}
		var says []string
		for _, v := range r.Validators {
			if v.Refuses {
				says = append(says, s.t("lint.refuses", v.Name, v.Places))
			} else {
				says = append(says, s.t("lint.accepts", v.Name))
			}
		}
		fmt.Fprintf(w, "  %s\n", s.t("lint.others", strings.Join(says, " · ")))
	}
}

func severitySign(severity string) string {
	switch severity {
	case "error":
		return "✗"
	case "warning":
		return "!"
	default:
		return "·"
	}
}
