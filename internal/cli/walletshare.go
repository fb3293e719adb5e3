package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kompetansebevis/bevis/credential/logproof"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/cose"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/internal/qr"
	"github.com/kompetansebevis/bevis/internal/report"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/wallet"
)

// walletShareCommands are about what others get, and got.
func (s *session) walletShareCommands(f *walletFlags) []*cobra.Command {
	return []*cobra.Command{s.walletShare(f), s.walletLog(f)}
}

// sharing is a share as its flags ask for it.
type sharing struct {
	request wallet.ShareRequest
	expires string
	suite   string
	shown   []string
	preview bool
	out     outFlags

	as     string // one of app.ShareForms
	folder string // of a share under a link
	where  string // the address that it will have
	qr     string // file for a QR code of the link
}

func (s *session) walletShare(f *walletFlags) *cobra.Command {
	var r sharing
	c := s.leaf("wallet.share", "share ID…", 1, -1, []string{
		`bevis wallet share k3v --audience https://arbeidsgiver.example --preview`,
		`bevis wallet share k3v --audience https://arbeidsgiver.example --purpose "søknad" --expires 30d -o deling.json`,
		`bevis wallet share m2q --audience https://arbeidsgiver.example --show results --show evidence -o deling.sdjwt`,
		`bevis wallet share k3v --audience https://arbeidsgiver.example --as html -o deling.html`,
		`bevis wallet share k3v --audience https://arbeidsgiver.example --as link --out deling/ --url https://kari.example/deling/`,
	}, func(ctx context.Context, args []string) error {
		r.request.IDs = args
		if err := s.readSharing(&r); err != nil {
			return err
		}
		w, err := s.open(ctx, f)
		if err != nil {
			return err
		}
		seen, err := s.app.WalletPreview(ctx, w, r.suite, r.request)
		if err != nil {
			return err
		}
		if r.preview {
			return s.previewed(w, r, seen)
		}
		if r.as == "link" {
			return s.shareLink(ctx, w, r, seen)
		}
		return s.shareFile(ctx, w, r, seen)
	})
	fl := c.Flags()
	fl.StringVar(&r.request.Audience, "audience", "", s.t("flag.share-audience"))
	fl.StringVar(&r.request.Purpose, "purpose", "", s.t("flag.share-purpose"))
	fl.StringVar(&r.request.Challenge, "challenge", "", s.t("flag.share-challenge"))
	fl.StringVar(&r.expires, "expires", "30d", s.t("flag.share-expires"))
	fl.StringVar(&r.suite, "suite", "eddsa-rdfc-2022", s.t("flag.share-suite"))
	fl.StringArrayVar(&r.shown, "show", nil, s.t("flag.share-show"))
	fl.BoolVar(&r.preview, "preview", false, s.t("flag.share-preview"))
	fl.StringVar(&r.as, "as", "file", s.t("flag.share-as"))
	fl.StringVar(&r.folder, "out", "", s.t("flag.share-out"))
	fl.StringVar(&r.where, "url", "", s.t("flag.share-url"))
	fl.StringVar(&r.qr, "qr", "", s.t("flag.share-qr"))
	s.outFlags(c, &r.out)
	return c
}

// readSharing reads the flags, before anything is asked or opened.
func (s *session) readSharing(r *sharing) (err error) {
	if r.request.Audience == "" {
		return reason.New("usage/audience", "--audience", "say who is to have it, by the name that they use when they verify")
	}
	if r.request.Expires, err = app.ParseUntil(r.expires, s.app.Now()); err != nil {
		return err
	}
	if r.request.Show, r.request.ShowAll, err = app.Shown(r.shown); err != nil {
		return err
	}
	if !slices.Contains(app.ShareForms(), r.as) {
		return reason.New(reason.Usage, "--as", "there is no form %.40q: %s", r.as, strings.Join(app.ShareForms(), ", "))
	}
	for flag, value := range map[string]string{"--out": r.folder, "--url": r.where, "--qr": r.qr} {
		if r.as != "link" && value != "" {
			return reason.New(reason.Usage, flag, "this is for --as link")
		}
	}
	if r.request.As = r.as; r.as == "qr" {
		r.request.MaxBytes = qr.MaxBytes
	}
	r.out.private, r.out.precious = true, true
	if r.preview {
		return nil
	}
	if r.as == "link" && r.folder == "" {
		return reason.New(reason.Usage, "--out", "a share under a link is a folder: say where to write it")
	}
	if r.as == "qr" && proof.ID(r.suite) == cose.VP().ID() {
		return reason.New(reason.Usage, "--suite", "a QR code holds text, which COSE is not")
	}
	if r.out.file == "" && !s.json && s.columns(s.env.Stdout) > 0 && r.as != "link" { // whose link is for the screen
		return reason.New("usage/share-screen", "-o", "standard output is a terminal, and no file is named")
	}
	// Before the log says that something was shared, the files must be free.
	for _, file := range []string{r.out.file, r.qr} {
		if err := app.Free(file, r.out.force); err != nil {
			return err
		}
	}
	return nil
}

// shareFile shares what goes out as one file.
func (s *session) shareFile(ctx context.Context, w *wallet.Wallet, r sharing, seen wallet.Preview) error {
	if err := s.freeBeside(w, r); err != nil {
		return err
	}
	signed, share, err := s.app.WalletShare(ctx, w, r.suite, r.request)
	if err != nil {
		return err
	}
	s.shared(w, share, seen)
	data := signed
	switch r.as {
	case "html":
		seen.Holder = share.Holder
		data, err = report.SharePage(s.p, seen, signed)
	case "qr":
		if data, err = drawn(string(signed), r.out.file, s.t("share.qr-title")); err == nil {
			r.out.binary = true
		}
	default:
		r.out.binary = proof.IsCOSE(signed)
	}
	if err != nil {
		return err
	}
	if err := s.deliver(data, r.out.file, r.out); err != nil {
		return err
	}
	return s.besideIt(s.app.ShareProof(w, share, signed), r.out)
}

// freeBeside returns an error if there is a file already where the proofs of what
// is shared could go, before it is shared.
func (s *session) freeBeside(w *wallet.Wallet, r sharing) error {
	if r.out.file == "" || r.out.file == "-" {
		return nil
	}
	for _, id := range r.request.IDs {
		if item, err := w.Item(id); err == nil && item.LogProof() != nil { // what is wrong with the id is for the share to say
			return app.Free(r.out.file+logproof.Suffix, r.out.force)
		}
	}
	return nil
}

// drawn is a QR code: a drawing in a file of that name, else a picture.
func drawn(text, file, title string) ([]byte, error) {
	c := qr.Config{Level: qr.Low, Title: title}
	if strings.HasSuffix(strings.ToLower(file), ".svg") {
		return qr.SVG(text, c)
	}
	return qr.PNG(text, c)
}

// shareLink shares what is kept under a link. The link is a secret: it is
// printed, and stands in no log.
func (s *session) shareLink(ctx context.Context, w *wallet.Wallet, r sharing, seen wallet.Preview) error {
	page, err := report.LinkPage()
	if err != nil {
		return err
	}
	link, share, err := s.app.WalletShareLink(ctx, w, app.LinkRequest{Suite: r.suite, Request: r.request, Folder: r.folder, Where: r.where,
		Readme: report.LinkReadme(), Page: page, Force: r.out.force})
	if err != nil {
		return err
	}
	s.shared(w, share, seen)
	s.note("share.folder", show(r.folder), share.ID, show(r.folder))
	if r.where == "" {
		s.note("share.no-url")
	}
	if to := r.out.file; to == "" || to == "-" {
		s.note("share.link-secret")
	} else {
		s.note("share.link-in-file", show(to))
	}
	if r.qr != "" {
		picture, err := drawn(link, r.qr, s.t("share.qr-title"))
		if err == nil {
			err = app.WriteFile(r.qr, picture, true, r.out.force)
		}
		if err != nil {
			s.note("share.no-qr")
		} else {
			s.note("note.written", show(r.qr))
		}
	}
	return s.deliver([]byte(link), r.out.file, r.out)
}

// shared tells the holder what was shared.
func (s *session) shared(w *wallet.Wallet, share wallet.Share, seen wallet.Preview) {
	s.note("share.done", show(strings.Join(share.Titles, ", ")), show(share.Audience), s.day(share.Expires))
	s.note("share.fields", s.fields(share.Fields))
	if len(share.Withheld) > 0 {
		s.note("share.withheld", s.fields(share.Withheld))
	}
	for _, line := range s.plainly(w, seen) {
		fmt.Fprintln(s.env.Stderr, s.prose(s.env.Stderr, line, "  ")) // nobody can be told if this fails
	}
}

// plainly says what a holder may not expect: what shows without having been
// asked for, who can tell that it is the same person, what will not hold.
func (s *session) plainly(w *wallet.Wallet, seen wallet.Preview) []string {
	var out []string
	for _, c := range seen.Credentials {
		switch {
		case c.Whole && len(c.Unasked) > 0:
			out = append(out, s.t("share.whole-beside", show(c.Title), s.fields(c.Unasked)))
		case c.Whole:
			out = append(out, s.t("share.whole", show(c.Title)))
		case len(c.Unasked) > 0:
			out = append(out, s.t("share.always", show(c.Title), s.fields(c.Unasked)))
		}
		// Whom the receiver trusts, and what it can fetch, is its own affair.
		if i, err := w.Item(c.ID); err == nil && i.Verified != nil && (i.Verified.Verdict == "invalid" || i.Verified.Verdict == "not-in-force") {
			out = append(out, s.t("share.not-valid", show(i.Title), s.t("verdict."+i.Verified.Verdict)))
		}
	}
	if len(seen.SameKey) > 0 {
		out = append(out, s.t("share.same-key", show(strings.Join(seen.SameKey, ", "))))
	}
	if !seen.Bound {
		out = append(out, s.t("share.unbound"))
	}
	return out
}

// previewed shows what the receiver would see, and nothing else happens.
func (s *session) previewed(w *wallet.Wallet, r sharing, seen wallet.Preview) error {
	out := struct {
		Schema string `json:"schema"`
		wallet.Preview
	}{"bevis.share-preview/v1", seen}
	return s.result(out, func(b *strings.Builder) {
		b.WriteString(s.t("preview.title") + "\n")
		s.row(b, "label.receiver", seen.Audience)
		s.row(b, "label.share-purpose", seen.Purpose)
		s.row(b, "label.until", s.day(seen.Expires))
		s.row(b, "label.challenge", seen.Challenge)
		s.row(b, "label.holder", seen.Holder)
		if seen.Holder == "" {
			s.row(b, "label.holder", s.t("preview.new-key"))
		}
		for _, c := range seen.Credentials {
			b.WriteString("\n" + show(c.Title) + "\n")
			for _, field := range c.Fields {
				if strings.HasPrefix(field.Pointer, "/proof/") { // the line below the credentials tells of it
					continue
				}
				value, left := report.Cut(field.Value)
				value = show(value)
				if left > 0 {
					value += " … (" + s.t("preview.cut", left) + ")"
				}
				b.WriteString("  " + show(field.Pointer) + ": " + value + "\n")
			}
			if len(c.Withheld) > 0 {
				s.say(b, "  ", s.t("preview.withheld", s.fields(c.Withheld)))
			}
		}
		beside := "preview.beside"
		if seen.Challenge != "" {
			beside = "preview.beside-challenge"
		}
		b.WriteByte('\n')
		s.say(b, "", s.t(beside))
		if slices.ContainsFunc(seen.Credentials, func(c wallet.PreviewCredential) bool { return c.Suite != dataintegrity.BBS2023 }) {
			s.say(b, "! ", s.t("preview.same-signature"))
		}
		for _, line := range s.plainly(w, seen) {
			s.say(b, "! ", line)
		}
		s.say(b, "", s.t("preview.nothing-done"))
	})
}
