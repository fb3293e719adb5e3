package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kompetansebevis/bevis/credential/logproof"
	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
)

func (s *session) issuerLog() *cobra.Command {
	c := s.group("issuer.log", s.logInit(), s.logAppend(), s.logProve(), s.logVerify())
	c.Use = "log"
	return c
}

func (s *session) logInit() *cobra.Command {
	name := ""
	c := s.leaf("issuer.log.init", "init FOLDER", 1, 1, []string{"bevis issuer log init public/log"}, func(ctx context.Context, args []string) error {
		setup, err := s.app.LogInit(ctx, args[0], name)
		if err != nil {
			return err
		}
		s.note("log.begun")
		return s.result(setup, func(w *strings.Builder) {
			s.row(w, "label.name", setup.Name)
			s.row(w, "label.folder", setup.Folder)
			s.row(w, "label.key", setup.Key)
		})
	})
	c.Flags().StringVar(&name, "name", "", s.t("flag.log-name"))
	return c
}

func (s *session) logState(w *strings.Builder, l app.LogState) {
	s.row(w, "label.log", l.Name)
	s.row(w, "label.entries", fmt.Sprint(l.Entries))
	s.row(w, "label.digest", l.Root)
}

func (s *session) logAppend() *cobra.Command {
	return s.leaf("issuer.log.append", "append", 0, 0, nil, func(ctx context.Context, _ []string) error {
		state, err := s.app.LogAppend(ctx)
		if err != nil {
			return err
		}
		s.note("log.added", state.Added)
		return s.result(state, func(w *strings.Builder) { s.logState(w, state) })
	})
}

func (s *session) logProve() *cobra.Command {
	force := false
	c := s.leaf("issuer.log.prove", "prove FILE…", 1, -1, []string{"bevis issuer log prove bevis.json"}, func(ctx context.Context, args []string) error {
		var credentials [][]byte
		for _, name := range args {
			if err := app.Free(name+logproof.Suffix, force); err != nil {
				return err
			}
			in, err := s.app.OneInput(ctx, name, s.stdin)
			if err == nil {
				err = in.Err
			}
			if err != nil {
				return err
			}
			raw, err := app.Unbaked(in.Raw)
			if err != nil {
				return err
			}
			credentials = append(credentials, raw)
		}
		proofs, err := s.app.LogProve(ctx, credentials...)
		if err != nil {
			return err
		}
		for i, name := range args {
			if err := s.deliver(proofs[i], name+logproof.Suffix, outFlags{force: force}); err != nil {
				return err
			}
		}
		return nil
	})
	c.Flags().BoolVar(&force, "force", false, s.t("flag.force"))
	return c
}

func (s *session) logVerify() *cobra.Command {
	var r app.LogVerifyRequest
	c := s.leaf("issuer.log.verify", "verify [FOLDER|URL]", 0, 1, []string{
		"bevis issuer log verify",
		"bevis issuer log verify https://kurs.example/log --key kurs.example/log+2f0c… --seen checkpoint-2026",
	}, func(ctx context.Context, args []string) error {
		if len(args) == 1 {
			r.Where = args[0]
		}
		found, err := s.app.LogVerify(ctx, r)
		if err != nil {
			return err
		}
		return s.result(found, func(w *strings.Builder) {
			fmt.Fprintf(w, "✓ %s\n", s.t("log.whole", found.Entries, found.Seen))
			if found.Issued != nil {
				fmt.Fprintf(w, "✓ %s\n", s.t("log.books", *found.Issued, *found.Others))
			}
			s.logState(w, found.LogState)
		})
	})
	c.Flags().StringVar(&r.Key, "key", "", s.t("flag.log-key"))
	c.Flags().StringArrayVar(&r.Seen, "seen", nil, s.t("flag.log-seen"))
	return c
}

// freeProof returns an error if there is a proof already where logged would
// write one.
func (s *session) freeProof(o outFlags) error {
	if o.file == "" || o.file == "-" || !s.app.HasLog() {
		return nil
	}
	return app.Free(o.file+logproof.Suffix, o.force)
}

// logged puts a credential that was just issued into the log, if the issuer keeps
// one, and writes the proof beside it.
func (s *session) logged(ctx context.Context, credential []byte, o outFlags) error {
	if !s.app.HasLog() {
		return nil
	}
	proofs, err := s.app.LogProve(ctx, credential)
	if err != nil {
		s.note("log.later")
		return err
	}
	if o.file == "" || o.file == "-" {
		return nil
	}
	return s.deliver(proofs[0], o.file+logproof.Suffix, outFlags{force: o.force})
}

// besideIt writes a proof beside a file that was written, if there is one.
func (s *session) besideIt(proof []byte, o outFlags) error {
	if proof == nil || o.file == "" || o.file == "-" {
		return nil
	}
	return s.deliver(proof, o.file+logproof.Suffix, outFlags{force: o.force, private: o.private})
}

// trustLog makes the commands for logs in the trust policy.
func (s *session) trustLog() *cobra.Command {
	c := s.group("trust.log", s.trustLogAdd(), s.trustLogSee())
	c.Use = "log"
	return c
}

func (s *session) trustLogAdd() *cobra.Command {
	var l trust.Log
	var within string
	var witnesses []string
	c := s.leaf("trust.log.add", "add KEY", 1, 1, []string{"bevis trust log add kurs.example/log+2f0c… --issuer did:web:kurs.example --required"},
		func(ctx context.Context, args []string) error {
			var err error
			if l.Key, err = logproof.ParseKey(args[0]); err != nil {
				return err
			}
			if within != "" {
				if l.Within, err = trust.ParseAge(within); err != nil {
					return reason.New(reason.Usage, "--within", "%w", err)
				}
			}
			for _, text := range witnesses {
				w, err := logproof.ParseKey(text)
				if err != nil {
					return err
				}
				l.Witnesses = append(l.Witnesses, w)
			}
			if err := s.app.TrustLog(ctx, l); err != nil {
				return err
			}
			s.note("trust.added", show(l.Key.Name), show(s.app.TrustPath()))
			return s.trustJSON("added", l.Key.Name)
		})
	f := c.Flags()
	f.StringArrayVar(&l.Issuers, "issuer", nil, s.t("flag.log-issuer"))
	f.BoolVar(&l.Required, "required", false, s.t("flag.log-required"))
	f.StringVar(&within, "within", "", s.t("flag.log-within"))
	f.StringArrayVar(&witnesses, "witness", nil, s.t("flag.log-witness"))
	return c
}

func (s *session) trustLogSee() *cobra.Command {
	return s.leaf("trust.log.see", "see FOLDER|URL", 1, 1, []string{"bevis trust log see https://kurs.example/log"}, func(ctx context.Context, args []string) error {
		found, err := s.app.TrustSee(ctx, args[0])
		if err != nil {
			return err
		}
		s.note("log.seen", found.Seen)
		return s.result(found, func(w *strings.Builder) { s.logState(w, found.LogState) })
	})
}
