package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/internal/certificate"
	"github.com/kompetansebevis/bevis/internal/qr"
	"github.com/kompetansebevis/bevis/reason"
)

// credentialRender makes a page of a credential.
func (s *session) credentialRender() *cobra.Command {
	var as string
	var look lookFlags
	var o outFlags
	c := s.leaf("credential.render", "render FILE", 1, 1, []string{
		"bevis credential render bevis.json --as html -o bevis.html",
		"bevis credential render bevis.json --as svg --lang nn -o bevis.svg",
	}, func(ctx context.Context, args []string) error { return s.render(ctx, args[0], as, look, o) })
	c.Flags().StringVar(&as, "as", app.PageHTML, s.t("flag.render-as"))
	look.define(s, c)
	s.outFlags(c, &o)
	return c
}

// credentialPDF makes a page to be handed over, with the credential in it.
func (s *session) credentialPDF() *cobra.Command {
	var look lookFlags
	var o outFlags
	c := s.leaf("credential.pdf", "pdf FILE", 1, 1, []string{"bevis credential pdf bevis.json -o bevis.pdf", "bevis credential pdf bevis.json --color '#7a1f3d' --logo logo.png -o bevis.pdf"},
		func(ctx context.Context, args []string) error { return s.render(ctx, args[0], app.PagePDF, look, o) })
	look.define(s, c)
	s.outFlags(c, &o)
	return c
}

// credentialQR makes the code alone, for a page of one's own.
func (s *session) credentialQR() *cobra.Command {
	var as string
	var whole bool
	var o outFlags
	c := s.leaf("credential.qr", "qr FILE", 1, 1, []string{"bevis credential qr bevis.json -o kode.png", "bevis credential qr bevis.json --as svg -o kode.svg"},
		func(ctx context.Context, args []string) error {
			in, err := s.app.OneInput(ctx, args[0], s.stdin)
			if err != nil {
				return err
			}
			text, err := s.app.Code(ctx, in, s.p.Lang(), whole)
			if err != nil {
				return err
			}
			look := qr.Config{Title: s.t("certificate.code-alt")}
			if whole {
				look.Level = qr.Low
			}
			var code []byte
			switch as {
			case "png":
				o.binary = true
				code, err = qr.PNG(text, look)
			case "svg":
				code, err = qr.SVG(text, look)
			case "text":
				code = []byte(text)
			default:
				err = reason.New(reason.Usage, "--as", "%.20q is none of png, svg and text", as)
			}
			if err != nil {
				return err
			}
			return s.deliver(code, o.file, o)
		})
	c.Flags().StringVar(&as, "as", "png", s.t("flag.qr-as"))
	c.Flags().BoolVar(&whole, "whole", false, s.t("flag.qr-whole"))
	s.outFlags(c, &o)
	return c
}

// lookFlags are the flags about how a page looks.
type lookFlags struct{ color, logo string }

func (l *lookFlags) define(s *session, c *cobra.Command) {
	c.Flags().StringVar(&l.color, "color", "", s.t("flag.color"))
	c.Flags().StringVar(&l.logo, "logo", "", s.t("flag.logo"))
}

func (l lookFlags) read() ([]byte, error) {
	if l.logo == "" {
		return nil, nil
	}
	return app.ReadFile(l.logo)
}

func (s *session) render(ctx context.Context, name, as string, look lookFlags, o outFlags) error {
	in, err := s.app.OneInput(ctx, name, s.stdin)
	if err != nil {
		return err
	}
	logo, err := look.read()
	if err != nil {
		return err
	}
	page, err := s.app.Certificate(ctx, app.CertificateRequest{Input: in, As: as, Lang: s.p.Lang(), Color: look.color, Logo: logo})
	if err != nil {
		return err
	}
	s.note(map[certificate.CodeKind]string{certificate.ShortCode: "certificate.code-short", certificate.WholeCode: "certificate.code-whole", certificate.NoCode: "certificate.code-none"}[page.Code])
	if code := string(reason.CodeOf(page.NoShort)); code != "" {
		s.note("certificate.no-short", s.p.Code("reason.", code), code)
	}
	o.binary = as == app.PagePDF
	return s.deliver(page.Data, o.file, o)
}

// issuerLook keeps how an issuer's pages look.
func (s *session) issuerLook() *cobra.Command {
	var look lookFlags
	c := s.leaf("issuer.look", "look", 0, 0, []string{"bevis issuer look --color '#7a1f3d' --logo logo.png"}, func(ctx context.Context, _ []string) error {
		if look == (lookFlags{}) {
			return reason.New(reason.Usage, "", "give --color, --logo or both")
		}
		logo, err := look.read()
		if err != nil {
			return err
		}
		if err := s.app.IssuerLook(ctx, look.color, logo); err != nil {
			return err
		}
		return s.result(map[string]bool{"kept": true}, func(w *strings.Builder) { w.WriteString(s.t("issuer.look-kept") + "\n") })
	})
	look.define(s, c)
	return c
}
