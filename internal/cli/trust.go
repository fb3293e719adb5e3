package cli

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
)

func (s *session) trustCommand() *cobra.Command {
	return s.group("trust", s.trustAdd(), s.trustList(), s.trustRemove(), s.trustExplain())
}

func (s *session) trustAdd() *cobra.Command {
	var e trust.Entry
	var since, until string
	var keys []string
	c := s.leaf("trust.add", "add ISSUER", 1, 1, []string{
		`bevis trust add did:web:uib.no --name "Universitetet i Bergen"`,
		`bevis trust add did:web:kurs.example --type OpenBadgeCredential --until 2031-01-01`,
	}, func(ctx context.Context, args []string) error {
		e.Issuer = args[0]
		if !strings.Contains(e.Issuer, ":") {
			return reason.New(reason.Usage, e.Issuer, "give the id of an issuer, such as did:web:uib.no or https://…")
		}
		for _, bound := range []struct {
			text string
			to   *time.Time
		}{{since, &e.Since}, {until, &e.Until}} {
			if bound.text == "" {
				continue
			}
			var err error
			if *bound.to, err = app.ParseDay(bound.text); err != nil {
				return err
			}
		}
		for _, pin := range keys {
			method, text, ok := strings.Cut(pin, "=")
			if !ok {
				return reason.New(reason.Usage, "--key", "give METHOD=MULTIKEY, such as did:web:uib.no#key-1=z6Mk…")
			}
			public, err := key.ParseMultikey(text)
			if err != nil {
				return reason.New(reason.Usage, "--key", "%.40q is not a key: %w; give METHOD=MULTIKEY, such as did:web:uib.no#key-1=z6Mk…", text, err)
			}
			if e.Keys == nil {
				e.Keys = map[string]key.Public{}
			}
			e.Keys[method] = public
		}
		if err := s.app.TrustAdd(ctx, e); err != nil {
			return err
		}
		s.note("trust.added", show(e.Issuer), show(s.app.TrustPath()))
		return s.trustJSON("added", e.Issuer)
	})
	f := c.Flags()
	f.StringVar(&e.Name, "name", "", s.t("flag.trust-name"))
	f.StringVar(&e.Note, "note", "", s.t("flag.trust-note"))
	f.StringArrayVar(&e.Types, "type", nil, s.t("flag.trust-type"))
	f.StringVar(&since, "since", "", s.t("flag.trust-since"))
	f.StringVar(&until, "until", "", s.t("flag.trust-until"))
	f.StringArrayVar(&keys, "key", nil, s.t("flag.trust-key"))
	return c
}

func (s *session) trustJSON(what, issuer string) error {
	if !s.json {
		return nil
	}
	return s.printJSON(map[string]string{what: issuer, "policy": s.app.TrustPath()})
}

// trustEntryJSON is an entry of the policy.
type trustEntryJSON struct {
	Issuer string     `json:"issuer"`
	Name   string     `json:"name,omitempty"`
	Types  []string   `json:"types,omitempty"`
	Since  *time.Time `json:"since,omitempty"`
	Until  *time.Time `json:"until,omitempty"`
	Note   string     `json:"note,omitempty"`
	Keys   []string   `json:"keys,omitempty"` // pinned verification methods
	Source string     `json:"source"`
}

func (s *session) trustList() *cobra.Command {
	return s.leaf("trust.list", "list", 0, 0, nil, func(context.Context, []string) error {
		policy, err := s.app.TrustPolicy()
		if err != nil {
			return err
		}
		out := struct {
			Policy  string           `json:"policy"`
			Issuers []trustEntryJSON `json:"issuers"`
		}{s.app.TrustPath(), []trustEntryJSON{}}
		for _, e := range policy.Entries {
			one := trustEntryJSON{Issuer: e.Issuer, Name: e.Name, Types: e.Types, Note: e.Note, Source: e.Source, Keys: slices.Sorted(maps.Keys(e.Keys))}
			if !e.Since.IsZero() {
				one.Since = &e.Since
			}
			if !e.Until.IsZero() {
				one.Until = &e.Until
			}
			out.Issuers = append(out.Issuers, one)
		}
		return s.result(out, func(w *strings.Builder) {
			for _, e := range policy.Entries {
				fmt.Fprintln(w, strings.TrimSpace(show(e.Issuer)+"  "+show(e.Name)))
				for _, method := range slices.Sorted(maps.Keys(e.Keys)) {
					s.row(w, "label.key", method)
				}
			}
			if len(policy.Entries) == 0 {
				w.WriteString(s.t("trust.none") + "\n")
			}
		})
	})
}

func (s *session) trustRemove() *cobra.Command {
	return s.leaf("trust.remove", "remove ISSUER", 1, 1, nil, func(_ context.Context, args []string) error {
		if err := s.app.TrustRemove(args[0]); err != nil {
			return err
		}
		s.note("trust.removed", show(args[0]))
		return s.trustJSON("removed", args[0])
	})
}

func (s *session) trustExplain() *cobra.Command {
	return s.leaf("trust.explain", "explain ISSUER", 1, 1, nil, func(ctx context.Context, args []string) error {
		d, err := s.app.TrustExplain(ctx, args[0])
		if err != nil {
			return err
		}
		if !d.Trusted {
			s.class = reason.Untrusted
		}
		return s.result(map[string]any{"issuer": args[0], "trusted": d.Trusted, "name": d.Name, "source": d.Source, "why": d.Why}, func(w *strings.Builder) {
			if d.Trusted {
				fmt.Fprintf(w, "✓ %s\n", s.t("trust.yes", show(args[0]), show(d.Source)))
			} else {
				fmt.Fprintf(w, "✗ %s\n", s.t("trust.no", show(args[0])))
			}
			s.row(w, "label.name", d.Name)
			s.row(w, "label.why", d.Why)
		})
	})
}
