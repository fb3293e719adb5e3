package app

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/bake"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/certificate"
	"github.com/kompetansebevis/bevis/internal/i18n"
	"github.com/kompetansebevis/bevis/internal/papercode"
	"github.com/kompetansebevis/bevis/internal/pdf"
	"github.com/kompetansebevis/bevis/internal/qr"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
)

// The forms of a page.
const (
	PageHTML = "html"
	PageSVG  = "svg"
	PagePDF  = "pdf"
)

// CertificateRequest is a credential to be shown on a page.
type CertificateRequest struct {
	Input Input
	As    string // PageHTML, PageSVG or PagePDF
	Lang  string // of the labels, and of texts where there is a choice
	Color string // #RRGGBB, empty: as the issuer keeps it
	Logo  []byte // PNG or JPEG, nil: as the issuer keeps it, or as the credential has it

	issuer *issuer.Issuer // that is open already, nil: it is opened if it is the one
}

// Certificate is a page.
type Certificate struct {
	Data []byte
	Code certificate.CodeKind // what the code on the page holds
	// NoShort says why it is not the short form: not_found/issuer-here where the
	// issuer is not set up here.
	NoShort error
}

// Certificate makes a page of a credential. Whoever issued it and has the key
// here gets its short form on the page; anybody else the whole credential, where
// it fits into a code. A PDF and a drawing carry the credential inside, byte for
// byte. Nothing is verified, and the page says so.
func (a *App) Certificate(ctx context.Context, r CertificateRequest) (Certificate, error) {
	var out Certificate
	raw, doc, form, err := a.toShow(ctx, r.Input)
	if err != nil {
		return out, err
	}
	p := i18n.New(r.Lang)
	page := certificate.Page{Content: certificate.Read(doc, p), Made: a.cfg.Now(), Carried: r.As != PageHTML}
	page.Signed = page.Signed || form != "json"
	if page.Look, err = a.lookOf(credential.ID(doc.Get("issuer")), r); err != nil {
		return out, err
	}
	if page.Code, out.NoShort, err = a.shortCode(ctx, r.issuer, credential.ID(doc.Get("issuer")), raw, r.Lang); err != nil {
		return out, err
	}
	page.CodeKind = certificate.ShortCode
	if page.Code == "" {
		page.Code, page.CodeKind = wholeCode(raw)
	}
	out.Code = page.CodeKind
	switch r.As {
	case PageHTML:
		out.Data, err = page.HTML(p)
	case PageSVG:
		if out.Data, err = page.SVG(p); err == nil {
			out.Data, err = bake.Bake(out.Data, raw, bake.Limits{})
		}
	case PagePDF:
		page.Files = []pdf.File{attachment(doc, raw, form, p)}
		out.Data, err = page.PDF(p)
	default:
		err = reason.New(reason.Usage, "--as", "%.20q is none of html, svg and pdf", r.As)
	}
	return out, err
}

// toShow returns the credential in an input, as it lies in it and as a document.
func (a *App) toShow(ctx context.Context, in Input) (raw []byte, doc *strictjson.Value, form string, err error) {
	if in, err = Opened(ctx, in); err != nil {
		return nil, nil, "", err
	}
	if raw, err = carried(in.Raw); err != nil {
		return nil, nil, "", err
	}
	if doc, form, err = a.Document(raw); err != nil {
		return nil, nil, "", err
	}
	if !credential.HasType(doc, "VerifiableCredential") {
		return nil, nil, "", reason.New("wrong_type/not-a-credential", "/type", "a page is made of a credential, and this is none")
	}
	return raw, doc, form, nil
}

// Code returns the text of a QR code for a credential: its short form, where it
// was issued here, or all of it. An error of code not_found/issuer-here says that
// there is no short form, and usage/qr-size that no code holds it.
func (a *App) Code(ctx context.Context, in Input, lang string, whole bool) (string, error) {
	raw, doc, _, err := a.toShow(ctx, in)
	if err != nil {
		return "", err
	}
	if !whole {
		code, why, err := a.shortCode(ctx, nil, credential.ID(doc.Get("issuer")), raw, lang)
		return code, errors.Join(why, err)
	}
	code, kind := wholeCode(raw)
	if kind == certificate.NoCode {
		return "", reason.New("usage/qr-size", "", "it has %d bytes, and at most %d fit", len(raw), qr.MaxBytes)
	}
	return code, nil
}

// attachment is a credential as a file in a PDF.
func attachment(doc *strictjson.Value, raw []byte, form string, p *i18n.Printer) pdf.File {
	ending, media := ".json", "application/vc"
	switch {
	case proof.IsCOSE(raw):
		ending, media = ".cose", "application/vc+cose"
	case strings.Contains(form, "sd-jwt"):
		ending, media = ".sdjwt", "application/"+form
	case form != "json":
		ending, media = ".jwt", "application/vc+jwt"
	}
	name := fileName(FileOf(credential.ID(doc)))
	return pdf.File{Name: name + ending, MediaType: media, About: p.T("certificate.attached"), Relationship: "Source", Data: raw}
}

// fileName keeps of an id what may stand in the name of a file everywhere.
func fileName(id string) string {
	name := strings.Map(func(r rune) rune {
		if r < 0x7F && (r >= '0' && r <= '9' || r|0x20 >= 'a' && r|0x20 <= 'z' || r == '-') {
			return r
		}
		return '-'
	}, id)
	if name = strings.Trim(name, "-"); name == "" {
		return "bevis"
	}
	return name[max(0, len(name)-60):]
}

// shortCode returns the text of a code with the short form, where this is the
// issuer; else, or where there can be none, why. Nil stands for an issuer that is
// not open yet.
func (a *App) shortCode(ctx context.Context, open *issuer.Issuer, id string, raw []byte, lang string) (code string, why, err error) {
	if s, err := a.IssuerShow(); err != nil || s.ID != id {
		return "", reason.New("not_found/issuer-here", id, "the issuer is another one"), nil
	}
	short := func(i *issuer.Issuer, _ books) error {
		printed, err := i.Printed(ctx, raw, a.suites, lang, "nb", "nn", "no", "en")
		if err == nil {
			code = printed.Code
		}
		return err
	}
	if open != nil {
		err = short(open, nil)
	} else {
		err = a.withIssuer(ctx, short)
	}
	switch c := reason.CodeOf(err); {
	case err == nil:
		return code, nil, nil
	case c.Coarse() == string(reason.NotFound), c.Coarse() == string(reason.Conflict), c.Coarse() == string(reason.NoProof), c == "resource_limit/printed", c == "key_invalid/key-type":
		return "", err, nil
	}
	return "", nil, err
}

// wholeCode returns the text of a code with all of a credential, where one holds
// it.
func wholeCode(raw []byte) (string, certificate.CodeKind) {
	text := strings.TrimSpace(string(raw))
	if proof.IsCOSE(raw) {
		text = papercode.Text(raw)
	}
	if _, err := qr.Modules(text, qr.Low); err != nil {
		return "", certificate.NoCode
	}
	return text, certificate.WholeCode
}

// keptLook is how an issuer's pages look, as it is kept.
type keptLook struct {
	Color string `json:"color,omitempty"`
	Logo  string `json:"logo,omitempty"` // base64
}

// IssuerLook keeps how pages of what is issued here look. What is empty stays as
// it was: of several who change it at once, each finds what the others have kept.
func (a *App) IssuerLook(ctx context.Context, color string, logo []byte) error {
	return a.changing(ctx, func() error { return a.changeLook(color, logo) })
}

func (a *App) changeLook(color string, logo []byte) error {
	kept, err := a.keptLook()
	if err != nil {
		return err
	}
	if color != "" {
		if _, err := certificate.ParseColor(color); err != nil {
			return err
		}
		kept.Color = color
	}
	if logo != nil {
		if _, err := certificate.ReadPicture(logo); err != nil {
			return reason.Wrap(reason.CodeOf(err), "--logo", err)
		}
		kept.Logo = base64.StdEncoding.EncodeToString(logo)
	}
	text, err := json.MarshalIndent(kept, "", "  ")
	if err != nil {
		return reason.Wrap(reason.Internal, "", err)
	}
	return a.keep(append(text, '\n'), true, "issuer", "look.json")
}

func (a *App) keptLook() (keptLook, error) {
	var kept keptLook
	path := a.path("issuer", "look.json")
	raw, err := ReadFile(path)
	if reason.CodeOf(err) == reason.NotFound {
		return kept, nil
	}
	if err == nil && json.Unmarshal(raw, &kept) != nil {
		err = reason.New(reason.IO, path, "it is not as bevis issuer look writes it")
	}
	return kept, err
}

// lookOf is how a page of an issuer looks: as is asked for, else as it is kept
// where that issuer is set up here.
func (a *App) lookOf(id string, r CertificateRequest) (certificate.Look, error) {
	look := certificate.Look{Color: certificate.DefaultColor()}
	if s, err := a.IssuerShow(); err == nil && s.ID == id {
		kept, err := a.keptLook()
		if err != nil {
			return look, err
		}
		if r.Color == "" {
			r.Color = kept.Color
		}
		if r.Logo == nil && kept.Logo != "" {
			if r.Logo, err = base64.StdEncoding.DecodeString(kept.Logo); err != nil {
				return look, reason.New(reason.IO, a.path("issuer", "look.json"), "%w", err)
			}
		}
	}
	var err error
	if r.Color != "" {
		if look.Color, err = certificate.ParseColor(r.Color); err != nil {
			return look, err
		}
	}
	if r.Logo != nil {
		if look.Logo, err = certificate.ReadPicture(r.Logo); err != nil {
			return look, reason.Wrap(reason.CodeOf(err), "--logo", err)
		}
	}
	return look, nil
}

// Carried reads the one document that is named, and returns the credential as it
// lies in it.
func (a *App) Carried(ctx context.Context, name string, stdin func() ([]byte, error)) ([]byte, error) {
	in, err := a.OneInput(ctx, name, stdin)
	if err != nil {
		return nil, err
	}
	if in, err = Opened(ctx, in); err != nil {
		return nil, err
	}
	return carried(in.Raw)
}
