package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/credential/proof/cose"
	"github.com/kompetansebevis/bevis/internal/certificate"
	"github.com/kompetansebevis/bevis/internal/i18n"
	"github.com/kompetansebevis/bevis/internal/pdf"
	"github.com/kompetansebevis/bevis/internal/testdepth"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/verifier"
)

// press prints for one issuer.
type press struct {
	*App
	t     *testing.T
	id    string
	lists map[string][]byte
}

func newPress(t *testing.T) *press {
	t.Helper()
	a, err := New(Config{Home: t.TempDir(), Now: func() time.Time { return time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC) }, Offline: true})
	if err != nil {
		t.Fatal(err)
	}
	setup, err := a.IssuerInit(t.Context(), IssuerSetup{Name: "Fagskulen i Vest", Suite: SuiteNames()[0], StatusBase: "https://fagskulen.example/status/"}, key.Unknown)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.AchievementNew(Achievement{Slug: "s", Achievement: openbadge.Achievement{ID: "https://fagskulen.example/a/1", Name: "Sveising, grunnkurs", Description: "40 timar.", Criteria: &openbadge.Criteria{Narrative: "Bestått **prøve**."}}}); err != nil {
		t.Fatal(err)
	}
	return &press{App: a, t: t, id: setup.ID}
}

func (p *press) issue(name string) *issuer.Issued {
	p.t.Helper()
	issued, err := p.Issue(p.t.Context(), "s", issuer.Award{Recipient: issuer.Recipient{ID: "did:key:z6MksA6PjXfg74xovXnN6ZW7yUBHVZmzNXFaHY5osrDXLV1B", Name: name}, Credits: 7.5})
	if err != nil {
		p.t.Fatal(err)
	}
	return issued
}

// publish reads the lists as they are published.
func (p *press) publish() {
	p.t.Helper()
	published, err := p.IssuerPublish(p.t.Context(), filepath.Join(p.t.TempDir(), "public"))
	if err != nil {
		p.t.Fatal(err)
	}
	p.lists = map[string][]byte{}
	for _, f := range published.Files {
		raw, err := os.ReadFile(filepath.Join(published.Folder, filepath.FromSlash(f.Path)))
		if err != nil {
			p.t.Fatal(err)
		}
		p.lists[f.URL] = raw
	}
}

// verify judges a file as an employer would.
func (p *press) verify(name string, raw, with []byte) VerifyResult {
	p.t.Helper()
	results, err := p.Verify(p.t.Context(), VerifyRequest{Inputs: p.Opened(p.t.Context(), Input{Name: name, Raw: raw}), Issuers: []string{p.id}, StatusLists: p.lists, With: with})
	if err != nil || len(results.Results) != 1 {
		p.t.Fatalf("%s: %d results, %v", name, len(results.Results), err)
	}
	return results.Results[0]
}

// Opened returns all that lies in a file.
func (p *press) Opened(ctx context.Context, in Input) (out []Input) {
	for one := range opened(ctx, in) {
		out = append(out, one)
	}
	return out
}

// rasterized is the first sheet of a PDF as a picture.
func rasterized(t *testing.T, raw []byte, dpi int) image.Image {
	t.Helper()
	if _, err := exec.LookPath("pdftoppm"); err != nil {
		t.Skip("there is no pdftoppm: make printed installs it")
	}
	file := filepath.Join(t.TempDir(), "page")
	if err := os.WriteFile(file+".pdf", raw, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("pdftoppm", "-r", fmt.Sprint(dpi), "-png", "-singlefile", file+".pdf", file).CombinedOutput(); err != nil || len(out) > 0 {
		t.Fatalf("pdftoppm: %v %s", err, out)
	}
	f, err := os.Open(file + ".png")
	if err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(f)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	return picture
}

func asPNG(t *testing.T, picture image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asJPEG(t *testing.T, picture image.Image, quality int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, picture, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// turned is a page that lay aslant, with noise and uneven light if that is asked
// for, as a scanner or a telephone sees it.
func turned(picture image.Image, degrees float64, noise int) image.Image {
	b := picture.Bounds()
	out := image.NewGray(b)
	grey := image.NewGray(b)
	draw.Draw(grey, b, picture, b.Min, draw.Src)
	random := rand.New(rand.NewPCG(1, 2))
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	cx, cy := float64(b.Dx())/2, float64(b.Dy())/2
	at := func(x, y int) float64 {
		if !(image.Point{x, y}).In(b) {
			return 255
		}
		return float64(grey.Pix[y*grey.Stride+x])
	}
	for y := range b.Dy() {
		for x := range b.Dx() {
			fx, fy := cx+(float64(x)-cx)*cos+(float64(y)-cy)*sin, cy-(float64(x)-cx)*sin+(float64(y)-cy)*cos
			ix, iy := int(math.Floor(fx)), int(math.Floor(fy))
			dx, dy := fx-float64(ix), fy-float64(iy)
			v := (at(ix, iy)*(1-dx)+at(ix+1, iy)*dx)*(1-dy) + (at(ix, iy+1)*(1-dx)+at(ix+1, iy+1)*dx)*dy
			if noise > 0 {
				v = v*(0.75+0.25*float64(x)/float64(b.Dx())) + float64(random.IntN(2*noise+1)-noise)
			}
			out.SetGray(x, y, color.Gray{Y: uint8(max(0, min(255, v)))})
		}
	}
	return out
}

// TestPrintedPage: what is printed and photographed or scanned is read back and
// verified, and what becomes of the credential becomes of the page.
func TestPrintedPage(t *testing.T) {
	t.Parallel()
	p := newPress(t)
	issued := p.issue("Kári Ŋuovva")
	p.publish()
	page, err := p.Certificate(t.Context(), CertificateRequest{Input: Input{Raw: issued.Credential}, As: PagePDF, Lang: "nn"})
	if err != nil || page.Code != certificate.ShortCode {
		t.Fatal(page.Code, page.NoShort, err)
	}
	for _, dpi := range []int{100, 150, 300}[:testdepth.Part(t, 3, 1)] {
		picture := rasterized(t, page.Data, dpi)
		for name, raw := range map[string][]byte{
			"PNG":                         asPNG(t, picture),
			"JPEG of quality 70":          asJPEG(t, picture, 70),
			"turned by 2 degrees":         asPNG(t, turned(picture, 2, 0)),
			"turned by -7, as JPEG 70":    asJPEG(t, turned(picture, -7, 0), 70),
			"upside down":                 asPNG(t, turned(picture, 180, 0)),
			"turned by 3, noise, JPEG 70": asJPEG(t, turned(picture, 3, min(20, dpi/16)), 70),
		} {
			name = fmt.Sprintf("%d dpi, %s", dpi, name)
			r := p.verify("page", raw, nil)
			if r.Verdict != "valid" || r.Form != string(cose.PrintedForm) || r.Carrier != "qr" || r.Reason != "display_warning/picture-not-signed" && r.Reason != "display_warning/short-form" {
				t.Errorf("%s: %s %s %s", name, r.Verdict, r.Reason, r.Message)
			}
		}
	}
	raw := asPNG(t, rasterized(t, page.Data, 150))
	if r := p.verify("page", raw, issued.Credential); r.Verdict != "valid" {
		t.Errorf("with the credential: %s %s", r.Verdict, r.Reason)
	}
	other := p.issue("Ola")
	if r := p.verify("page", raw, other.Credential); r.Verdict != "invalid" || r.Reason != "unsigned_data/other-credential" {
		t.Errorf("with another: %s %s", r.Verdict, r.Reason)
	}
	if err := p.ChangeStatus(t.Context(), issued.ID, Revoke, "feil", ""); err != nil {
		t.Fatal(err)
	}
	p.publish()
	if r := p.verify("page", raw, nil); r.Verdict != "invalid" || r.Reason != "revoked" {
		t.Errorf("revoked: %s %s", r.Verdict, r.Reason)
	}
}

// TestPagesCarryTheCredential: byte for byte out of a PDF and a drawing again,
// and the whole of it from a code, where no issuer is at hand.
func TestPagesCarryTheCredential(t *testing.T) {
	t.Parallel()
	p := newPress(t)
	issued := p.issue("Kári")
	p.publish()
	for _, as := range []string{PagePDF, PageSVG} {
		page, err := p.Certificate(t.Context(), CertificateRequest{Input: Input{Raw: issued.Credential}, As: as, Lang: "nb", Color: "#7a1f3d"})
		if err != nil {
			t.Fatal(as, err)
		}
		back, err := p.Carried(t.Context(), "-", func() ([]byte, error) { return page.Data, nil })
		if err != nil || !bytes.Equal(back, issued.Credential) {
			t.Errorf("%s: %d bytes, not %d: %v", as, len(back), len(issued.Credential), err)
		}
		if r := p.verify(as, page.Data, nil); r.Verdict != "valid" || r.Form == string(cose.PrintedForm) {
			t.Errorf("%s: %s %s", as, r.Verdict, r.Reason)
		}
		again, err := p.Certificate(t.Context(), CertificateRequest{Input: Input{Raw: page.Data}, As: as, Lang: "nb", Color: "#7a1f3d"})
		if err != nil || as == PagePDF && len(again.Data) != len(page.Data) {
			t.Errorf("%s of a %s: %v", as, as, err)
		}
	}
	holder, err := New(Config{Home: t.TempDir(), Now: time.Now, Offline: true})
	if err != nil {
		t.Fatal(err)
	}
	page, err := holder.Certificate(t.Context(), CertificateRequest{Input: Input{Raw: issued.Credential}, As: PagePDF, Lang: "en"})
	if err != nil || page.Code != certificate.WholeCode {
		t.Fatal(page.Code, err)
	}
	if _, err := exec.LookPath("pdftoppm"); err != nil {
		return
	}
	// The code is on the last sheet: the first is taken away.
	file := filepath.Join(t.TempDir(), "whole")
	if err := os.WriteFile(file+".pdf", page.Data, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("pdftoppm", "-r", "200", "-f", "2", "-png", "-singlefile", file+".pdf", file).CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	back, err := holder.Carried(t.Context(), file+".png", nil)
	if err != nil || !bytes.Equal(back, bytes.TrimSpace(issued.Credential)) {
		t.Errorf("%d bytes, not %d: %v", len(back), len(issued.Credential), err)
	}
	long := strings.Replace(string(issued.Credential), "40 timar.", strings.Repeat("Mykje. ", 400), 1)
	page, err = holder.Certificate(t.Context(), CertificateRequest{Input: Input{Raw: []byte(long)}, As: PagePDF, Lang: "en"})
	if err != nil || page.Code != certificate.NoCode {
		t.Error(page.Code, err)
	}
}

// TestAnotherUnderThePage: a page as it is made, with another credential attached
// to it, in each language and with a logo.
func TestAnotherUnderThePage(t *testing.T) {
	t.Parallel()
	p := newPress(t)
	issued, other := p.issue("Kári Ŋuovva"), p.issue("Ola")
	p.publish()
	for _, lang := range []string{"nb", "nn", "en"} {
		logo := image.NewRGBA(image.Rect(0, 0, 40, 20))
		page, err := p.Certificate(t.Context(), CertificateRequest{Input: Input{Raw: issued.Credential}, As: PagePDF, Lang: lang, Logo: asPNG(t, logo)})
		if err != nil {
			t.Fatal(err)
		}
		if r := p.verify("page", page.Data, nil); r.Verdict != "valid" || !noted(r, verifier.NotePageAgrees) {
			t.Errorf("%s: %s %s %+v", lang, r.Verdict, r.Reason, r.Checks)
		}
		printer := i18n.New(lang)
		_, doc, form, err := p.toShow(t.Context(), Input{Raw: issued.Credential})
		if err != nil {
			t.Fatal(err)
		}
		code, _, err := p.shortCode(t.Context(), nil, p.id, issued.Credential, lang)
		if err != nil || code == "" {
			t.Fatal(err)
		}
		swapped := certificate.Page{Content: certificate.Read(doc, printer), Made: p.cfg.Now(), Carried: true, Code: code, CodeKind: certificate.ShortCode,
			Look: certificate.Look{Color: certificate.DefaultColor()}, Files: []pdf.File{attachment(doc, other.Credential, form, printer)}}
		raw, err := swapped.PDF(printer)
		if err != nil {
			t.Fatal(err)
		}
		if r := p.verify("page", raw, nil); r.Verdict != "invalid" || r.Reason != "unsigned_data/page-of-another" {
			t.Errorf("%s: another is attached: %s %s", lang, r.Verdict, r.Reason)
		}
	}
	holder, err := New(Config{Home: t.TempDir(), Now: time.Now, Offline: true})
	if err != nil {
		t.Fatal(err)
	}
	page, err := holder.Certificate(t.Context(), CertificateRequest{Input: Input{Raw: issued.Credential}, As: PagePDF, Lang: "en"})
	if err != nil {
		t.Fatal(err)
	}
	if r := p.verify("page", page.Data, nil); r.Verdict != "valid" || !noted(r, verifier.NotePageHasWhole) {
		t.Errorf("the holder's page: %s %s %+v", r.Verdict, r.Reason, r.Checks)
	}
}

// noted reports whether a check has found this.
func noted(r VerifyResult, note verifier.Note) bool {
	return slices.ContainsFunc(r.Checks, func(c ResultCheck) bool { return c.Note == string(note) })
}
