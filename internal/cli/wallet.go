package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/internal/report"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/wallet"
)

// walletFlags say which wallet, and how it opens.
type walletFlags struct {
	file   string
	secret secretFlags
}

func (s *session) walletCommand() *cobra.Command {
	var f walletFlags
	c := s.group("wallet", s.walletInit(&f), s.walletID(&f), s.walletAdd(&f), s.walletList(&f), s.walletShow(&f), s.walletRemove(&f), s.walletShare(&f), s.walletLog(&f))
	for _, sub := range c.Commands() {
		sub.Flags().StringVar(&f.file, "wallet", "", s.t("flag.wallet"))
		s.secretFlags(sub, &f.secret)
		if sub.Name() != "init" {
			sub.Flags().StringVar(&f.secret.words, "recovery-words-file", "", s.t("flag.recovery-in"))
		}
	}
	return c
}

func (s *session) walletPath(f *walletFlags) string {
	if f.file != "" {
		return f.file
	}
	if path := s.env.Getenv("BEVIS_WALLET"); path != "" {
		return path
	}
	return s.app.WalletPath()
}

// open opens the wallet, with the recovery words if a file with them is named.
func (s *session) open(ctx context.Context, f *walletFlags) (*wallet.Wallet, error) {
	path := s.walletPath(f)
	if f.secret.words != "" {
		words, err := app.ReadFile(f.secret.words)
		if err != nil {
			return nil, err
		}
		return s.app.WalletOpen(ctx, path, nil, string(words))
	}
	// A wallet that is not there is not asked a passphrase for.
	if err := s.app.WalletThere(ctx, path); err != nil {
		return nil, err
	}
	passphrase, err := s.passphrase(ctx, f.secret, false)
	if err != nil {
		return nil, err
	}
	return s.app.WalletOpen(ctx, path, passphrase, "")
}

func (s *session) walletInit(f *walletFlags) *cobra.Command {
	var words string
	c := s.leaf("wallet.init", "init", 0, 0, []string{"bevis wallet init", "bevis wallet init --wallet kari.bevis --passphrase-file passord.txt"},
		func(ctx context.Context, _ []string) error {
			path := s.walletPath(f)
			for _, file := range []string{path, words} {
				if err := app.Free(file, false); err != nil {
					return err
				}
			}
			passphrase, err := s.passphrase(ctx, f.secret, true)
			if err != nil {
				return err
			}
			if utf8.RuneCount(passphrase) < shortPassphrase {
				s.note("wallet.weak")
			}
			w, recovery, err := s.app.WalletCreate(ctx, path, passphrase)
			if err != nil {
				return err
			}
			id, err := w.NewKey(ctx)
			if err != nil {
				return err
			}
			s.note("wallet.made", show(path))
			if words != "" {
				if err := app.WriteFile(words, []byte(strings.Join(recovery, " ")+"\n"), true, false); err != nil {
					return err
				}
				s.note("wallet.words-in-file", show(words))
				recovery = nil
			}
			out := struct {
				Wallet        string   `json:"wallet"`
				ID            string   `json:"id"`
				RecoveryWords []string `json:"recoveryWords,omitempty"`
			}{path, id, recovery}
			return s.result(out, func(b *strings.Builder) {
				if recovery != nil {
					b.WriteString(s.t("wallet.words") + "\n\n")
					for n, word := range recovery {
						fmt.Fprintf(b, "%4d %-10s", n+1, word)
						if n%4 == 3 {
							b.WriteByte('\n')
						}
					}
					b.WriteByte('\n')
				}
				b.WriteString(s.t("wallet.your-id") + "\n  " + id + "\n")
			})
		})
	c.Flags().StringVar(&words, "recovery-words-to", "", s.t("flag.recovery-out"))
	return c
}

// shortPassphrase is how many characters make people think twice.
const shortPassphrase = 12

func (s *session) walletID(f *walletFlags) *cobra.Command {
	isNew := false
	c := s.leaf("wallet.id", "id", 0, 0, nil, func(ctx context.Context, _ []string) error {
		w, err := s.open(ctx, f)
		if err != nil {
			return err
		}
		if isNew || len(w.Keys()) == 0 {
			if _, err := w.NewKey(ctx); err != nil {
				return err
			}
		}
		ids := w.Keys()
		return s.result(map[string][]string{"ids": ids}, func(b *strings.Builder) {
			if isNew {
				ids = ids[len(ids)-1:]
			}
			b.WriteString(strings.Join(ids, "\n") + "\n")
		})
	})
	c.Flags().BoolVar(&isNew, "new", false, s.t("flag.new-id"))
	return c
}

func (s *session) walletAdd(f *walletFlags) *cobra.Command {
	var r app.VerifyRequest
	var lists []string
	anyway := false
	c := s.leaf("wallet.add", "add FILE…", 1, -1, []string{"bevis wallet add bevis.json", "bevis wallet add vitnemal.png --issuer did:web:uib.no", "bevis wallet add vitnemal.elmo.xml"},
		func(ctx context.Context, args []string) error {
			var err error
			if r.StatusLists, err = statusLists(lists); err != nil {
				return err
			}
			w, err := s.open(ctx, f)
			if err != nil {
				return err
			}
			if r.Inputs = s.app.Inputs(ctx, args, s.stdin); len(r.Inputs) == 0 {
				return reason.New("no_credential/empty", strings.Join(args, " "), "there is no file in it")
			}
			added, addErr := s.app.WalletAdd(ctx, w, r, anyway)
			out := struct {
				Added []app.WalletAdded `json:"added"`
			}{append([]app.WalletAdded{}, added...)}
			if addErr != nil && s.json && len(added) == 0 {
				return addErr // which prints itself as JSON
			}
			err = s.result(out, func(b *strings.Builder) {
				for _, a := range added {
					what := "wallet.added"
					if !a.Added {
						what = "wallet.had"
					}
					if h := a.History; h != nil {
						fmt.Fprintf(b, "%s  %s  %s\n    ! %s\n", h.ID, show(h.Source), s.t(what), s.t("wallet.history-added", h.Results))
						s.problems(b, h.Problems)
						continue
					}
					fmt.Fprintf(b, "%s  %s  %s\n", a.Item.ID, show(a.Item.Title), s.t(what))
					fmt.Fprintf(b, "    %s %s", report.Sign(a.Result.Verdict), s.t("verdict."+a.Result.Verdict))
					if a.Result.Reason != "" {
						fmt.Fprintf(b, ": %s [%s]", s.p.Code("reason.", a.Result.Reason), a.Result.Reason)
					}
					b.WriteByte('\n')
					if next := report.Next(s.p, a.Result); next != "" {
						fmt.Fprintf(b, "      %s\n", show(next))
					}
					if a.Item.Subject != "" && !slices.Contains(w.Keys(), a.Item.Subject) {
						fmt.Fprintf(b, "      %s\n", s.t("wallet.not-yours"))
					}
				}
			})
			if addErr != nil {
				return addErr
			}
			return err
		})
	c.Flags().StringArrayVar(&r.Issuers, "issuer", nil, s.t("flag.verify-issuer"))
	c.Flags().StringArrayVar(&lists, "status-list", nil, s.t("flag.status-list"))
	c.Flags().BoolVar(&anyway, "anyway", false, s.t("flag.anyway"))
	return c
}

func (s *session) walletList(f *walletFlags) *cobra.Command {
	return s.leaf("wallet.list", "list [WORD…]", 0, -1, []string{"bevis wallet list", "bevis wallet list sveising"}, func(ctx context.Context, args []string) error {
		w, err := s.open(ctx, f)
		if err != nil {
			return err
		}
		items := w.Search(strings.Join(args, " "))
		out := struct {
			Schema      string           `json:"schema"`
			Credentials []wallet.Item    `json:"credentials"`
			Histories   []wallet.History `json:"histories,omitempty"`
		}{"bevis.wallet-list/v1", append([]wallet.Item{}, items...), nil}
		if len(args) == 0 {
			out.Histories = w.Histories()
		}
		return s.result(out, func(b *strings.Builder) {
			for _, i := range items {
				issuer := i.IssuerName
				if issuer == "" {
					issuer = i.Issuer
				}
				fmt.Fprintf(b, "%s  %s\n              %s", i.ID, show(i.Title), show(issuer))
				if !i.ValidFrom.IsZero() {
					b.WriteString(", " + day(i.ValidFrom))
				}
				if !i.ValidUntil.IsZero() {
					b.WriteString(" – " + day(i.ValidUntil))
				}
				b.WriteByte('\n')
				if v := i.Verified; v != nil && v.Verdict != "valid" {
					fmt.Fprintf(b, "              %s %s\n", report.Sign(v.Verdict), s.t("wallet.verified", s.t("verdict."+v.Verdict), day(v.At)))
				}
			}
			for _, h := range out.Histories {
				fmt.Fprintf(b, "%s  %s\n              %s, %s\n", h.ID, show(h.Source), s.t("wallet.history"), day(h.AddedAt))
			}
			if len(items) == 0 && len(args) > 0 {
				b.WriteString(s.t("wallet.no-hit") + "\n")
			} else if len(items)+len(out.Histories) == 0 {
				b.WriteString(s.t("wallet.none") + "\n")
			}
		})
	})
}

func (s *session) walletShow(f *walletFlags) *cobra.Command {
	raw := false
	var o outFlags
	c := s.leaf("wallet.show", "show ID", 1, 1, []string{"bevis wallet show k3v", "bevis wallet show k3v --raw -o bevis.json"}, func(ctx context.Context, args []string) error {
		w, err := s.open(ctx, f)
		if err != nil {
			return err
		}
		i, err := w.Item(args[0])
		if h, historyErr := w.History(args[0]); err != nil && historyErr == nil {
			return s.historyShow(ctx, h, raw, o)
		}
		if err != nil {
			return err
		}
		if raw || o.file != "" {
			o.private = true
			o.binary = proof.IsCOSE(i.Raw())
			return s.deliver(i.Raw(), o.file, o)
		}
		out := struct {
			wallet.Item
			Choices []string `json:"choices,omitempty"` // what can be kept back
		}{Item: i}
		if found, err := s.app.Inspect(ctx, app.Input{Raw: i.Raw()}); err == nil {
			out.Choices = found.Choices
		}
		return s.result(out, func(b *strings.Builder) {
			s.row(b, "label.name", i.Title)
			s.row(b, "label.type", i.Type)
			s.row(b, "label.description", i.Description)
			s.row(b, "label.skills", strings.Join(i.Skills, ", "))
			s.row(b, "label.issuer", strings.TrimSpace(i.IssuerName+" "+i.Issuer))
			s.row(b, "label.subject", i.Subject)
			if !i.ValidFrom.IsZero() {
				s.row(b, "label.from", day(i.ValidFrom))
			}
			if !i.ValidUntil.IsZero() {
				s.row(b, "label.until", day(i.ValidUntil))
			}
			s.row(b, "label.added", day(i.AddedAt)+"  "+i.Source)
			if v := i.Verified; v != nil {
				s.row(b, "label.verified", s.t("wallet.verified", s.t("verdict."+v.Verdict), day(v.At)))
			}
			s.row(b, "label.choices", strings.Join(out.Choices, ", "))
			s.row(b, "label.id", i.ID)
		})
	})
	c.Flags().BoolVar(&raw, "raw", false, s.t("flag.raw"))
	s.outFlags(c, &o)
	return c
}

func (s *session) walletRemove(f *walletFlags) *cobra.Command {
	yes := false
	c := s.leaf("wallet.remove", "remove ID", 1, 1, nil, func(ctx context.Context, args []string) error {
		w, err := s.open(ctx, f)
		if err != nil {
			return err
		}
		i, err := w.Item(args[0])
		id, title, remove := i.ID, i.Title, func() error { _, err := w.Remove(ctx, i.ID); return err }
		if h, historyErr := w.History(args[0]); err != nil && historyErr == nil {
			id, title, remove, err = h.ID, h.Source, func() error { _, err := w.RemoveHistory(ctx, h.ID); return err }, nil
		}
		if err != nil {
			return err
		}
		if err := s.confirm(yes, "ask.remove", show(title)); err != nil {
			return err
		}
		if err := remove(); err != nil {
			return err
		}
		s.note("wallet.removed", show(title))
		if s.json {
			return s.printJSON(map[string]string{"removed": id})
		}
		return nil
	})
	c.Flags().BoolVar(&yes, "yes", false, s.t("flag.yes"))
	return c
}

func (s *session) walletShare(f *walletFlags) *cobra.Command {
	var r wallet.ShareRequest
	var expires, suite string
	var shown []string
	var o outFlags
	c := s.leaf("wallet.share", "share ID…", 1, -1, []string{
		`bevis wallet share k3v --audience https://arbeidsgiver.example --purpose "søknad" --expires 30d -o deling.json`,
		`bevis wallet share m2q --audience https://arbeidsgiver.example --show results --show evidence -o deling.sdjwt`,
	}, func(ctx context.Context, args []string) error {
		if r.Audience == "" {
			return reason.New(reason.Usage, "--audience", "say who is to have it, by the name that they use when they verify")
		}
		var err error
		if r.Expires, err = app.ParseUntil(expires, s.app.Now()); err != nil {
			return err
		}
		if r.Show, r.ShowAll, err = app.Shown(shown); err != nil {
			return err
		}
		// Before the log says that something was shared, the file must be free.
		if err := app.Free(o.file, o.force); err != nil {
			return err
		}
		w, err := s.open(ctx, f)
		if err != nil {
			return err
		}
		r.IDs = args
		o.private, o.precious = true, true
		signed, share, err := s.app.WalletShare(ctx, w, suite, r)
		if err != nil {
			return err
		}
		s.note("share.done", show(strings.Join(share.Titles, ", ")), show(share.Audience), day(share.Expires))
		s.note("share.fields", s.fields(share.Fields))
		if len(share.Withheld) > 0 {
			s.note("share.withheld", s.fields(share.Withheld))
		}
		for _, id := range share.Credentials {
			if i, err := w.Item(id); err == nil && i.Verified != nil && i.Verified.Verdict != "valid" {
				s.note("share.not-valid", show(i.Title), s.t("verdict."+i.Verified.Verdict))
			}
		}
		if !share.Bound {
			s.note("share.unbound")
		}
		o.binary = proof.IsCOSE(signed)
		return s.deliver(signed, o.file, o)
	})
	fl := c.Flags()
	fl.StringVar(&r.Audience, "audience", "", s.t("flag.share-audience"))
	fl.StringVar(&r.Purpose, "purpose", "", s.t("flag.share-purpose"))
	fl.StringVar(&r.Challenge, "challenge", "", s.t("flag.share-challenge"))
	fl.StringVar(&expires, "expires", "30d", s.t("flag.share-expires"))
	fl.StringVar(&suite, "suite", "eddsa-rdfc-2022", s.t("flag.share-suite"))
	fl.StringArrayVar(&shown, "show", nil, s.t("flag.share-show"))
	s.outFlags(c, &o)
	return c
}

func (s *session) walletLog(f *walletFlags) *cobra.Command {
	return s.leaf("wallet.log", "log", 0, 0, nil, func(ctx context.Context, _ []string) error {
		w, err := s.open(ctx, f)
		if err != nil {
			return err
		}
		shares := w.Shares()
		out := struct {
			Schema string         `json:"schema"`
			Shares []wallet.Share `json:"shares"`
		}{"bevis.wallet-log/v1", append([]wallet.Share{}, shares...)}
		return s.result(out, func(b *strings.Builder) {
			for _, share := range shares {
				fmt.Fprintf(b, "%s  %s\n", day(share.At), show(share.Audience))
				s.row(b, "label.shared", strings.Join(share.Titles, ", "))
				s.row(b, "label.share-purpose", share.Purpose)
				s.row(b, "label.fields", s.fields(share.Fields))
				if !share.Withdrawn.IsZero() {
					s.row(b, "label.withdrawn", day(share.Withdrawn))
				}
				if !share.Expires.IsZero() {
					until := day(share.Expires)
					if !share.Expires.After(s.app.Now()) {
						until += " " + s.t("wallet.share-over")
					}
					s.row(b, "label.until", until)
				}
			}
			if len(shares) == 0 {
				b.WriteString(s.t("wallet.no-shares") + "\n")
			}
		})
	})
}
