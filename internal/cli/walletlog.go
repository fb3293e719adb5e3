package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/internal/exchangefile"
	"github.com/kompetansebevis/bevis/internal/jwe"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/wallet"
)

// walletLog lists what was shared, and has commands about one line of that.
func (s *session) walletLog(f *walletFlags) *cobra.Command {
	c := s.leaf("wallet.log", "log", 0, 0, []string{"bevis wallet log"}, func(ctx context.Context, _ []string) error {
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
				s.logLine(b, share)
			}
			if len(shares) == 0 {
				b.WriteString(s.t("wallet.no-shares") + "\n")
			}
		})
	})
	s.walletFlag(c, f)
	c.AddCommand(s.walletLogRevoke(f), s.walletLogDeletion(f), s.walletLogExport(f))
	return c
}

func (s *session) logLine(b *strings.Builder, share wallet.Share) {
	to := show(share.Audience)
	if share.Export {
		to = s.t("wallet.exported", show(share.As))
	}
	fmt.Fprintf(b, "%s  %s  %s\n", show(share.ID), s.day(share.At), to)
	s.row(b, "label.shared", strings.Join(share.Titles, ", "))
	s.row(b, "label.share-purpose", share.Purpose)
	s.row(b, "label.fields", s.fields(share.Fields))
	if share.Link != nil {
		s.row(b, "label.share-link", strings.TrimSpace(s.t("wallet.under-link")+" "+share.Link.Where))
	}
	if !share.Withdrawn.IsZero() {
		s.row(b, "label.withdrawn", s.day(share.Withdrawn))
	}
	for _, at := range share.DeletionRequested {
		s.row(b, "label.deletion", s.day(at))
	}
	if !share.Expires.IsZero() {
		until := s.day(share.Expires)
		if !share.Expires.After(s.app.Now()) {
			until += " " + s.t("wallet.share-over")
		}
		s.row(b, "label.until", until)
	}
}

func (s *session) walletLogRevoke(f *walletFlags) *cobra.Command {
	var folder string
	c := s.leaf("wallet.log.revoke", "revoke ID", 1, 1, []string{"bevis wallet log revoke 3f9c --out deling/"}, func(ctx context.Context, args []string) error {
		w, err := s.open(ctx, f)
		if err != nil {
			return err
		}
		share, err := s.app.WalletRevoke(ctx, w, args[0], folder)
		if err != nil {
			return err
		}
		if share.Link != nil {
			s.note("share.revoked", show(folder))
		} else {
			s.note("share.revoked-file", share.ID)
		}
		if s.json {
			return s.printJSON(share)
		}
		return nil
	})
	c.Flags().StringVar(&folder, "out", "", s.t("flag.revoke-out"))
	return c
}

func (s *session) walletLogDeletion(f *walletFlags) *cobra.Command {
	var o outFlags
	c := s.leaf("wallet.log.deletion-request", "deletion-request ID", 1, 1, []string{"bevis wallet log deletion-request 3f9c --lang nb -o brev.txt"}, func(ctx context.Context, args []string) error {
		if err := app.Free(o.file, o.force); err != nil {
			return err
		}
		w, err := s.open(ctx, f)
		if err != nil {
			return err
		}
		share, err := w.ShareOf(args[0])
		if err != nil {
			return err
		}
		if share.Export {
			return reason.New("usage/share-exported", share.ID, "it was exported, and not shared with anybody")
		}
		if err := w.RequestDeletion(ctx, share.ID); err != nil {
			return err
		}
		purpose := ""
		if share.Purpose != "" {
			purpose = s.t("deletion.purpose", show(share.Purpose))
		}
		letter := s.t("deletion.letter", show(share.Audience), s.day(s.app.Now())[:len("2006-01-02")], s.day(share.At), purpose,
			show(strings.Join(share.Titles, ", ")), s.fields(share.Fields), share.ID)
		s.note("deletion.logged")
		o.private, o.precious = true, true
		return s.deliver([]byte(letter), o.file, o)
	})
	s.outFlags(c, &o)
	return c
}

func (s *session) walletLogExport(f *walletFlags) *cobra.Command {
	var o outFlags
	var secret fileSecret
	var locked bool
	c := s.leaf("wallet.log.export", "export", 0, 0, []string{"bevis wallet log export -o logg.json", "bevis wallet log export --lock -o logg.jwe"}, func(ctx context.Context, _ []string) error {
		w, err := s.open(ctx, f)
		if err != nil {
			return err
		}
		text, err := encoded(struct {
			Log []exchangefile.Transaction `json:"TransactionLog"`
		}{exchangefile.TransactionLog(w.Shares())}, "", "  ")
		if err == nil && locked {
			var password []byte
			if password, err = s.filePassword(secret, true); err == nil {
				text, err = jwe.Encrypt(ctx, text, password)
			}
		}
		if err != nil {
			return err
		}
		o.private = true
		return s.deliver(text, o.file, o)
	})
	c.Flags().BoolVar(&locked, "lock", false, s.t("flag.log-lock"))
	s.fileSecretFlags(c, &secret)
	s.outFlags(c, &o)
	return c
}
