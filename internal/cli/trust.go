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
	"github.com/kompetansebevis/bevis/credential/profile"
	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
)

func (s *session) trustCommand() *cobra.Command {
	return s.group("trust", s.trustAdd(), s.trustList(), s.trustRemove(), s.trustImport(), s.trustUpdate(), s.trustSign(), s.trustExplain(), s.trustSuccession(), s.trustLog())
}

func (s *session) trustAdd() *cobra.Command {
	var e trust.Entry
	var since, until, age string
	var keys []string
	kinds := map[trust.Kind]*bool{trust.KindDomain: new(bool), trust.KindList: new(bool), trust.KindAccreditor: new(bool)}
	c := s.leaf("trust.add", "add ISSUER", 1, 1, []string{
		`bevis trust add did:web:uib.no --name "Universitetet i Bergen"`,
		`bevis trust add did:web:kurs.example --type OpenBadgeCredential --until 2031-01-01`,
		`bevis trust add uib.no --domain --name "Universitetet i Bergen"`,
		`bevis trust add did:web:hkdir.example --list --url https://hkdir.example/tillit.json --name "HK-dir"`,
	}, func(ctx context.Context, args []string) error {
		e.Issuer = args[0]
		var err error
		if e.Kind, err = oneKind(kinds); err != nil {
			return err
		}
		if age != "" {
			if e.StatusAge, err = trust.ParseAge(age); err != nil {
				return err
			}
		}
		if e.Kind != trust.KindDomain {
			if err := issuerIDs(e.Issuer); err != nil {
				return err
			}
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
		said := "trust.added"
		if e.Kind == trust.KindList || e.Kind == trust.KindAccreditor {
			said = "trust.added-list"
		}
		s.note(said, show(e.Issuer), show(s.app.TrustPath()))
		return s.trustJSON("added", e.Issuer)
	})
	f := c.Flags()
	f.StringVar(&e.Name, "name", "", s.t("flag.trust-name"))
	f.StringVar(&e.Note, "note", "", s.t("flag.trust-note"))
	f.StringArrayVar(&e.Types, "type", nil, s.t("flag.trust-type"))
	f.StringVar(&since, "since", "", s.t("flag.trust-since"))
	f.StringVar(&until, "until", "", s.t("flag.trust-until"))
	f.StringArrayVar(&keys, "key", nil, s.t("flag.trust-key"))
	f.StringVar(&age, "status-age", "", s.t("flag.trust-status-age"))
	f.BoolVar(kinds[trust.KindDomain], "domain", false, s.t("flag.trust-domain"))
	f.BoolVar(kinds[trust.KindList], "list", false, s.t("flag.trust-list"))
	f.BoolVar(kinds[trust.KindAccreditor], "accreditor", false, s.t("flag.trust-accreditor"))
	f.StringArrayVar(&e.URLs, "url", nil, s.t("flag.trust-url"))
	f.IntVar(&e.Depth, "depth", 0, s.t("flag.trust-depth"))
	return c
}

// oneKind returns the kind of block that flags ask for.
func oneKind(asked map[trust.Kind]*bool) (trust.Kind, error) {
	kind := trust.KindIssuer
	for k, set := range asked {
		if *set && kind != trust.KindIssuer {
			return kind, reason.New(reason.Usage, "", "give only one of --domain, --list and --accreditor")
		}
		if *set {
			kind = k
		}
	}
	return kind, nil
}

func (s *session) trustJSON(what, issuer string) error {
	if !s.json {
		return nil
	}
	return s.printJSON(map[string]string{what: issuer, "policy": s.app.TrustPath()})
}

// trustEntryJSON is an entry of the policy.
type trustEntryJSON struct {
	Kind      trust.Kind `json:"kind"`
	Issuer    string     `json:"issuer"`
	Name      string     `json:"name,omitempty"`
	Types     []string   `json:"types,omitempty"`
	Since     time.Time  `json:"since,omitzero"`
	Until     time.Time  `json:"until,omitzero"`
	Withdrawn time.Time  `json:"withdrawn,omitzero"`
	Suspended time.Time  `json:"suspended,omitzero"`
	StatusAge string     `json:"statusAge,omitempty"`
	Note      string     `json:"note,omitempty"`
	Keys      []string   `json:"keys,omitempty"` // pinned verification methods
	URLs      []string   `json:"urls,omitempty"`
	Depth     int        `json:"depth,omitempty"`
	Held      []heldJSON `json:"held,omitempty"`
	Source    string     `json:"source"`
}

// heldJSON is a list or registry that was taken in.
type heldJSON struct {
	By      string    `json:"by,omitempty"`
	SHA256  string    `json:"sha256"`
	Dated   time.Time `json:"dated"`
	Checked time.Time `json:"checked,omitzero"`
}

func age(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return trust.FormatAge(d)
}

func (s *session) trustList() *cobra.Command {
	type logJSON struct {
		Log      string   `json:"log"`
		Issuers  []string `json:"issuers,omitempty"`
		Required bool     `json:"required,omitempty"`
		Seen     int      `json:"seen,omitempty"` // checkpoints
		Source   string   `json:"source"`
	}
	return s.leaf("trust.list", "list", 0, 0, nil, func(context.Context, []string) error {
		policy, err := s.app.TrustPolicy()
		if err != nil {
			return err
		}
		out := struct {
			Policy    string           `json:"policy"`
			Quorum    int              `json:"quorum,omitempty"`
			StatusAge string           `json:"statusAge,omitempty"`
			Issuers   []trustEntryJSON `json:"issuers"`
			Logs      []logJSON        `json:"logs,omitempty"`
		}{s.app.TrustPath(), policy.Quorum, age(policy.StatusAge), []trustEntryJSON{}, nil}
		for _, l := range policy.Logs {
			out.Logs = append(out.Logs, logJSON{l.Key.Name, l.Issuers, l.Required, len(l.Seen), l.Source})
		}
		for _, e := range policy.Entries {
			one := trustEntryJSON{Kind: e.Kind, Issuer: e.Issuer, Name: e.Name, Types: e.Types, Since: e.Since, Until: e.Until, Withdrawn: e.Withdrawn, Suspended: e.Suspended,
				StatusAge: age(e.StatusAge), Note: e.Note, Keys: slices.Sorted(maps.Keys(e.Keys)), URLs: e.URLs, Depth: e.Depth, Source: e.Source}
			for _, h := range e.Held {
				one.Held = append(one.Held, heldJSON{h.By, h.SHA256, h.Issued, h.Checked})
			}
			out.Issuers = append(out.Issuers, one)
		}
		return s.result(out, func(w *strings.Builder) { s.trustEntries(w, policy) })
	})
}

func (s *session) trustEntries(w *strings.Builder, policy *trust.Policy) {
	if policy.Quorum > 1 {
		w.WriteString(s.t("trust.quorum", policy.Quorum) + "\n")
	}
	if policy.StatusAge != 0 {
		w.WriteString(s.t("trust.status-age", trust.FormatAge(policy.StatusAge)) + "\n")
	}
	for _, l := range policy.Logs {
		what := "trust.log"
		if l.Required {
			what = "trust.log-required"
		}
		fmt.Fprintln(w, s.t(what, show(l.Key.Name), show(strings.Join(l.Issuers, ", "))))
	}
	for _, e := range policy.Entries {
		line := show(e.Issuer) + "  " + show(e.Name)
		if e.Kind == trust.KindSuccession {
			line = show(e.Issuer) + " → " + show(e.Successor)
		}
		if e.Kind != trust.KindIssuer {
			line = s.t("trust.kind."+string(e.Kind), line)
		}
		fmt.Fprintln(w, strings.TrimSpace(line))
		for _, method := range slices.Sorted(maps.Keys(e.Keys)) {
			s.row(w, "label.key", method)
		}
		for _, h := range e.Held {
			switch {
			case e.Kind == trust.KindSuccession:
				s.row(w, "label.held", s.t("trust.held-succession", s.day(h.Issued)))
			case e.Kind == trust.KindRegistry:
				s.row(w, "label.held", s.t("trust.held-registry", s.day(h.Issued)))
			default:
				s.row(w, "label.held", s.t("trust.held-list", h.By, s.day(h.Issued), s.day(h.Checked)))
			}
		}
		if len(e.Held) == 0 && (e.Kind == trust.KindList || e.Kind == trust.KindAccreditor || e.Kind == trust.KindRegistry) {
			s.row(w, "label.held", s.t("trust.held-none"))
		}
	}
	if len(policy.Entries) == 0 {
		w.WriteString(s.t("trust.none") + "\n")
	}
}

func (s *session) trustRemove() *cobra.Command {
	return s.leaf("trust.remove", "remove ISSUER", 1, 1, nil, func(ctx context.Context, args []string) error {
		if err := s.app.TrustRemove(ctx, args[0]); err != nil {
			return err
		}
		s.note("trust.removed", show(args[0]))
		return s.trustJSON("removed", args[0])
	})
}

// issuerIDs refuses what is no id of an issuer, such as a name: nothing would be
// trusted by it.
func issuerIDs(all ...string) error {
	for _, id := range all {
		if !strings.Contains(id, ":") {
			return profile.Refuse(reason.Usage, id, saidIssuerID.With())
		}
	}
	return nil
}
