package cli

import (
	"bytes"
	"context"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kompetansebevis/bevis/credential/logproof"
	"github.com/kompetansebevis/bevis/credential/profile"
	"github.com/kompetansebevis/bevis/credential/proof/jades"
	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/internal/sharelink"
	"github.com/kompetansebevis/bevis/reason"
)

func (s *session) verifyCommand() *cobra.Command {
	var r app.VerifyRequest
	var at string
	var lists []string
	var out verifyOut
	var c *cobra.Command
	var content contentFlags
	var links, logProofs, endorsements []string
	var seals string
	var with string
	c = s.leaf("verify", "verify FILE…", 1, -1, []string{
		"bevis verify bevis.json",
		"bevis verify --issuer did:web:uib.no --offline --status-list https://uib.no/status/revocation-1.json=list.json bevis.png",
		"bevis verify --audience https://arbeidsgiver.example --require-holder-binding deling.json",
		"bevis verify --format csv -o table.csv applications/",
		"bevis verify --audience https://arbeidsgiver.example --link lenke.txt",
		"bevis verify --coverage --as 1edtech,dcc --bundle evidence.zip bevis.json",
	}, func(ctx context.Context, args []string) error {
		args, err := s.withLinks(ctx, args, links)
		if err != nil {
			return err
		}
		if err := issuerIDs(r.Issuers...); err != nil {
			return err
		}
		if r.Jobs < 0 {
			return profile.Refuse(reason.Usage, "--jobs", saidBelowZero.With())
		}
		if at != "" {
			if r.At, err = app.ParseDay(at); err != nil {
				return err
			}
		}
		proofs, err := s.stdinOrAll(logProofs)
		if err != nil {
			return err
		}
		for _, file := range proofs {
			r.LogProofs = append(r.LogProofs, logproof.Split(file)...)
		}
		if r.Endorsements, err = s.stdinOrAll(endorsements); err != nil {
			return err
		}
		for n, raw := range r.Endorsements {
			r.Endorsements[n] = bytes.TrimSpace(raw)
		}
		if len(endorsements) > 0 && c.Flags().Changed("bundle") {
			return reason.New(reason.Usage, "--endorsement", "evidence bundles hold what stands in a credential: leave out --bundle")
		}
		if r.StatusLists, err = statusLists(lists); err != nil {
			return err
		}
		if seals != "" {
			raw, err := app.ReadFile(seals)
			if err != nil {
				return err
			}
			if r.SealAnchors, err = jades.ReadAnchors(raw, seals); err != nil {
				return err
			}
		}
		if with != "" {
			if r.With, err = s.app.Carried(ctx, with, s.stdin); err != nil {
				return err
			}
		}
		if r.Insight, err = out.insight.read(s, args, out.force); err != nil {
			return err
		}
		if r.ContentRequest, err = content.read(); err != nil {
			return err
		}
		return s.verify(ctx, r, args, out, repeatFlags(c.Flags()))
	})
	expected := c.Args
	c.Args = func(c *cobra.Command, args []string) error {
		if len(links) > 0 {
			return nil
		}
		return expected(c, args)
	}
	f := c.Flags()
	f.StringArrayVar(&links, "link", nil, s.t("flag.link"))
	f.StringArrayVar(&r.Issuers, "issuer", nil, s.t("flag.verify-issuer"))
	f.StringVar(&at, "at", "", s.t("flag.at"))
	f.StringVar(&r.Audience, "audience", "", s.t("flag.audience"))
	f.StringVar(&r.Challenge, "challenge", "", s.t("flag.challenge"))
	f.BoolVar(&r.RequireHolder, "require-holder-binding", false, s.t("flag.require-holder"))
	f.BoolVar(&r.AllowBare, "allow-bare", false, s.t("flag.allow-bare"))
	f.StringArrayVar(&lists, "status-list", nil, s.t("flag.status-list"))
	f.StringArrayVar(&logProofs, "log-proof", nil, s.t("flag.log-proof"))
	f.StringVar(&seals, "eu-trust", "", s.t("flag.eu-trust"))
	f.StringVar(&with, "with", "", s.t("flag.with"))
	f.StringArrayVar(&endorsements, "endorsement", nil, s.t("flag.endorsement"))
	s.freshness(c, &r.Fresh)
	content.define(s, c)
	f.StringVar(&out.format, "format", "", s.t("flag.verify-format"))
	f.BoolVar(&out.details, "details", false, s.t("flag.details"))
	f.StringVar(&out.resume, "resume", "", s.t("flag.resume"))
	f.IntVar(&r.Jobs, "jobs", 0, s.t("flag.jobs"))
	f.Lookup("jobs").DefValue = "0"
	s.outFlags(c, &out.outFlags)
	out.insight.define(s, c)
	section(c, "judge", "link", "at", "audience", "challenge", "require-holder-binding", "allow-bare", "on-behalf-of", "with", "recipient", "schema", "require-schema")
	section(c, "trust", "issuer", "eu-trust", "log-proof", "endorsement", "bundle-trust", "bundle-record", "timestamp", "tsa-cert")
	section(c, "network", "status-list", "max-status-age", "refresh", "refresh-cache")
	section(c, "results", "format", "details", "output", "force", "resume", "jobs", "coverage", "as", "bundle")
	return c
}

// stdinOrAll reads files, of which one may be "-".
func (s *session) stdinOrAll(names []string) ([][]byte, error) {
	var out [][]byte
	for _, name := range names {
		raw, err := s.stdinOr(name)
		if err != nil {
			return nil, err
		}
		out = append(out, raw)
	}
	return out, nil
}

// withLinks adds the shares whose links stand in files to what is named. A link
// that is none is refused here, before anything is judged.
func (s *session) withLinks(ctx context.Context, args, files []string) ([]string, error) {
	for _, arg := range args {
		if sharelink.Is(arg) {
			if _, err := sharelink.Parse(arg); err != nil {
				return nil, err
			}
		}
	}
	for _, file := range files {
		raw, err := s.stdinOr(file)
		if err != nil {
			return nil, err
		}
		link, err := s.app.ReadLink(ctx, file, raw)
		if err != nil {
			return nil, err
		}
		args = append(args, link)
	}
	return args, nil
}

// stdinOr reads a file, or Stdin for "-".
func (s *session) stdinOr(file string) ([]byte, error) {
	if file == "-" {
		return s.stdin()
	}
	return app.ReadFile(file)
}

func statusLists(pairs []string) (map[string][]byte, error) { return urlFiles("--status-list", pairs) }

// urlFiles reads URL=FILE pairs. The last "=" parts them, as a URL may hold
// one in its query.
func urlFiles(flag string, pairs []string) (map[string][]byte, error) {
	out := map[string][]byte{}
	for _, pair := range pairs {
		cut := strings.LastIndexByte(pair, '=')
		if cut <= 0 || cut == len(pair)-1 || !strings.Contains(pair[:cut], ":") {
			return nil, reason.New(reason.Usage, flag, "give URL=FILE")
		}
		raw, err := app.ReadList(pair[cut+1:])
		if err != nil {
			return nil, err
		}
		out[pair[:cut]] = raw
	}
	return out, nil
}

const maxStdin = 17 << 20

func (s *session) stdin() ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(s.env.Stdin, maxStdin+1))
	switch {
	case err != nil:
		return nil, reason.New(reason.IO, "-", "standard input cannot be read: %w", err)
	case len(raw) > maxStdin:
		return nil, reason.New(reason.LimitSize, "-", "more than %d bytes on standard input", maxStdin)
	}
	return raw, nil
}

func (s *session) inspectCommand() *cobra.Command {
	return s.leaf("inspect", "inspect FILE", 1, 1, []string{"bevis inspect bevis.png"}, func(ctx context.Context, args []string) error {
		in, err := s.app.OneInput(ctx, args[0], s.stdin)
		if err != nil {
			return err
		}
		found, err := s.app.Inspect(ctx, in)
		if err != nil {
			return err
		}
		if !s.json {
			s.note("inspect.unchecked")
		}
		return s.result(found, func(w *strings.Builder) {
			s.row(w, "label.form", strings.TrimSpace(found.Form+" "+found.Carrier))
			s.shownInPart(w, found.Disclosed, found.Withheld)
			s.row(w, "label.choices", strings.Join(found.Choices, ", "))
			if found.Choices != nil && len(found.Choices) == 0 {
				s.row(w, "label.choices", s.t("inspect.no-choices"))
			}
			for n, part := range found.Contains {
				if n > 0 {
					w.WriteByte('\n')
				}
				s.row(w, "label.type", strings.Join(part.Types, ", "))
				s.row(w, "label.name", part.Name)
				s.row(w, "label.id", part.ID)
				s.row(w, "label.issuer", strings.TrimSpace(part.IssuerName+" "+part.Issuer))
				s.row(w, "label.holder", part.Holder)
				s.row(w, "label.subject", strings.Join(part.Subject, ", "))
				s.row(w, "label.from", part.ValidFrom)
				s.row(w, "label.until", part.ValidUntil)
				for _, status := range part.Status {
					s.row(w, "label.status", status)
				}
			}
			if len(found.Associations) > 0 {
				w.WriteByte('\n')
				s.associationRows(w, found.Associations)
			}
			s.ownData(w, found.Document)
			for _, p := range found.Proofs {
				w.WriteByte('\n')
				s.row(w, "label.proof", strings.TrimSpace(p.Type+" "+p.Suite))
				s.row(w, "label.key", p.Method)
				s.row(w, "label.purpose", p.Purpose)
				s.row(w, "label.created", p.Created)
			}
		})
	})
}
