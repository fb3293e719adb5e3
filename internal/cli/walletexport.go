package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/reason"
)

// walletOutCommands write what other wallets read.
func (s *session) walletOutCommands(f *walletFlags) []*cobra.Command {
	return []*cobra.Command{s.walletExport(f)}
}

func (s *session) walletExport(f *walletFlags) *cobra.Command {
	var r app.WalletExportRequest
	var o outFlags
	var password fileSecret
	c := s.leaf("wallet.export", "export [ID…]", 0, -1, []string{"bevis wallet export --as folder -o mine-bevis", "bevis wallet export --as clr --name \"Min kompetanse\" -o clr.json",
		"bevis wallet export --as eudi -o flytting.jwe", "bevis wallet export k3v --as png -o bevis.png"},
		func(ctx context.Context, args []string) error {
			if r.As == "" {
				return reason.New("usage/export-form", "--as", "give one of %s", strings.Join(app.ExportForms(), ", "))
			}
			// Before a password is asked for, the place must be free.
			if err := app.Free(o.file, o.force || r.As == app.ExportFolder || r.As == app.ExportPNG || r.As == app.ExportSVG); err != nil {
				return err
			}
			w, err := s.open(ctx, f)
			if err != nil {
				return err
			}
			r.IDs, r.Path, r.Readme = args, o.file, s.t("export.readme")
			if r.Name == "" {
				r.Name = s.t("export.name")
			}
			r.Password = func() ([]byte, error) { return s.filePassword(password, true) }
			out, err := s.app.WalletExport(ctx, w, r)
			if err != nil {
				return err
			}
			return s.exported(out, o)
		})
	fl := c.Flags()
	fl.StringVar(&r.As, "as", "", s.t("flag.export-as"))
	fl.StringVar(&r.Name, "name", "", s.t("flag.export-name"))
	fl.StringVar(&r.Holder, "id", "", s.t("flag.export-id"))
	fl.StringVar(&r.Suite, "suite", "eddsa-rdfc-2022", s.t("flag.export-suite"))
	s.fileSecretFlags(c, &password)
	s.outFlags(c, &o)
	return c
}

// exported delivers what was made, and says what is in it and what is not.
func (s *session) exported(out app.WalletExported, o outFlags) error {
	o.private = true
	o.binary = out.As == app.ExportPNG
	switch {
	case out.Data == nil:
		s.note("note.written", show(out.Path))
	default:
		if err := s.deliver(out.Data, o.file, o); err != nil {
			return err
		}
	}
	s.note("export.done", out.Credentials)
	for _, left := range out.Left {
		s.note("export.left", show(left.Title), left.ID)
	}
	if out.Whole > 0 {
		s.note("export.whole", out.Whole)
	}
	if out.Bound > 0 {
		s.note("export.bound", out.Bound)
	}
	if out.As != app.ExportMigration {
		s.note("export.plain")
	}
	if s.json && out.Data == nil {
		return s.printJSON(out)
	}
	return nil
}
