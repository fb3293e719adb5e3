package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
)

func (s *session) issuerAudit() *cobra.Command {
	c := s.group("issuer.audit", s.auditExport(), s.auditVerify())
	c.Use = "audit"
	return c
}

func (s *session) issuerLedger() *cobra.Command {
	c := s.group("issuer.ledger", s.ledgerMove())
	c.Use = "ledger"
	return c
}

func (s *session) ledgerMove() *cobra.Command {
	return s.leaf("issuer.ledger.move", "move", 0, 0, []string{"BEVIS_LEDGER=postgres://bevis@db.example/bevis bevis issuer ledger move"}, func(ctx context.Context, _ []string) error {
		done, err := s.app.LedgerMove(ctx)
		if err != nil {
			return err
		}
		s.note("ledger.moved", done.Credentials, done.Lists, done.Set, done.Lines, done.Jobs)
		s.note("ledger.kept", show(s.app.LedgerFile()))
		return s.showHead(done.Head)
	})
}

func (s *session) auditExport() *cobra.Command {
	var o outFlags
	c := s.leaf("issuer.audit.export", "export", 0, 0, []string{"bevis issuer audit export -o audit.jsonl"}, func(ctx context.Context, _ []string) error {
		if o.file == "" || o.file == "-" {
			s.wrote = true
			_, err := s.app.AuditExport(ctx, s.env.Stdout)
			return err
		}
		f, err := app.CreateFile(o.file, true, o.force) // it names people at work
		if err != nil {
			return err
		}
		head, err := s.app.AuditExport(ctx, f)
		if err != nil {
			return errors.Join(err, f.Discard())
		}
		if err := f.Commit(); err != nil {
			return reason.Wrap(reason.IO, o.file, err)
		}
		s.note("note.written", show(o.file))
		s.note("audit.keep")
		return s.showHead(head)
	})
	s.outFlags(c, &o)
	return c
}

func (s *session) showHead(head issuer.Head) error {
	return s.result(head, func(w *strings.Builder) {
		s.row(w, "label.lines", fmt.Sprint(head.Lines))
		s.row(w, "label.digest", head.Hash)
	})
}

func (s *session) auditVerify() *cobra.Command {
	return s.leaf("issuer.audit.verify", "verify [FILE…]", 0, -1, []string{"bevis issuer audit verify", "bevis issuer audit verify audit-2026.jsonl"},
		func(ctx context.Context, args []string) error {
			logs, err := s.app.AuditVerify(ctx, args)
			if err != nil {
				return err
			}
			out := struct {
				Schema string         `json:"schema"`
				Logs   []app.AuditLog `json:"logs"`
			}{"bevis.audit/v1", logs}
			return s.result(out, func(w *strings.Builder) {
				for _, l := range logs {
					name := l.File
					if name == "" {
						name = s.t("audit.ledger")
					}
					fmt.Fprintf(w, "✓ %s: %s\n", show(name), s.t("audit.whole", l.Lines, l.Erased))
					s.row(w, "label.digest", l.Hash)
				}
				if len(logs) > 1 {
					fmt.Fprintf(w, "✓ %s\n", s.t("audit.agree"))
				}
			})
		})
}

func (s *session) issuerErase() *cobra.Command {
	var r app.EraseRequest
	var before string
	var yes bool
	c := s.leaf("issuer.erase", "erase [FILE|ID…]", 0, -1, []string{
		`bevis issuer erase --person kari@example.com --reason "asked for, case 17"`,
		`bevis issuer erase --issued-before 2016-01-01 --reason "kept for ten years" --yes`,
	}, func(ctx context.Context, args []string) error {
		ways := min(len(args), 1)
		for _, flag := range []string{r.Person, before} {
			if flag != "" {
				ways++
			}
		}
		if ways != 1 {
			return reason.New(reason.Usage, "", "say what to erase: files or ids of credentials, or --person, or --issued-before")
		}
		var err error
		if before != "" {
			if r.IssuedBefore, err = app.ParseDay(before); err != nil {
				return err
			}
		}
		for _, arg := range args {
			id, err := s.credentialID(ctx, arg)
			if err != nil {
				return err
			}
			r.IDs = append(r.IDs, id)
		}
		if err := s.confirm(yes, "ask.erase"); err != nil {
			return err
		}
		done, err := s.app.Erase(ctx, r)
		if err != nil {
			return err
		}
		s.note("erase.done", done.Credentials)
		if done.Unknown > 0 {
			s.note("erase.unknown", done.Unknown)
		}
		s.note("erase.holders")
		if s.json {
			return s.printJSON(done)
		}
		return nil
	})
	f := c.Flags()
	f.StringVar(&r.Person, "person", "", s.t("flag.person"))
	f.StringVar(&before, "issued-before", "", s.t("flag.issued-before"))
	f.StringVar(&r.Why, "reason", "", s.t("flag.reason"))
	f.StringVar(&r.By, "by", "", s.t("flag.by"))
	f.BoolVar(&yes, "yes", false, s.t("flag.yes"))
	return c
}

// credentialID returns the id that a person points at: itself, or that of the
// credential in a file.
func (s *session) credentialID(ctx context.Context, arg string) (string, error) {
	if strings.HasPrefix(arg, "urn:uuid:") {
		return arg, nil
	}
	in, err := s.app.OneInput(ctx, arg, s.stdin)
	if err != nil {
		return "", err
	}
	return s.app.IDOf(in)
}
