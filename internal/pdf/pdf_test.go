package pdf

import (
	"bytes"
	"image"
	"image/color"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/reason"
)

const letters = "Zażółć gęślą jaźń · Čáhci ŋ Đ đ Ŧ ŧ Ž ž · áâäčđšžŊńïöøæåÖŧÁ · Γειά σου · Привіт · ÆØÅ æøå – “x” 7,5"

func document(t testing.TB) Document {
	t.Helper()
	fonts, err := GoFonts()
	if err != nil {
		t.Fatal(err)
	}
	picture := image.NewNRGBA(image.Rect(0, 0, 4, 3))
	picture.Set(1, 1, color.NRGBA{255, 0, 0, 128})
	return Document{Title: "Kursbevis – Kári", Author: "Kursstedet", Subject: "Et <bevis>", Language: "nb", Created: time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC), Fonts: fonts,
		Pages: []Page{
			{Width: 595.28, Height: 841.89, Blocks: []Block{
				{Items: []Item{Boxes{Color{0, 60, 120}, []Box{{0, 0, 595.28, 40}}}}},
				{Role: "H1", Items: []Item{Text{X: 50, Y: 90, Size: 24, Bold: true, Text: "Sveising"}}},
				{Role: "P", Items: []Item{Text{X: 50, Y: 120, Size: 11, Text: letters}, Text{X: 50, Y: 140, Size: 11, Text: "漢字"}}},
				{Role: "Figure", Alt: "Merke", Items: []Item{Picture{Box{50, 160, 80, 60}, picture}}},
			}},
			{Width: 595.28, Height: 841.89, Blocks: []Block{{Role: "P", Items: []Item{Text{X: 50, Y: 90, Size: 11, Text: "Side 2"}}}}},
		},
		Files: []File{{"bevis (1).json", "application/vc", "Beviset", "Source", []byte(`{"a":"æ"}` + "\n")}, {"a.txt", "text/plain;charset=x", "", "Supplement", nil}}}
}

// TestOthersRead has programs of others check and read the document, where they
// are installed.
func TestOthersRead(t *testing.T) {
	t.Parallel()
	d := document(t)
	raw, err := d.Write()
	if err != nil {
		t.Fatal(err)
	}
	if again, err := document(t).Write(); err != nil || !bytes.Equal(raw, again) {
		t.Error("the same document is written in another way", err)
	}
	folder := t.TempDir()
	file := filepath.Join(folder, "a.pdf")
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(program string, args ...string) string {
		if _, err := exec.LookPath(program); err != nil {
			t.Logf("SKIP what %s says: it is not installed", program)
			return ""
		}
		out, err := exec.Command(program, args...).CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", program, err, out)
		}
		return string(out)
	}
	if out := run("qpdf", "--check", "--warning-exit-0", file); out != "" && !strings.Contains(out, "No syntax or stream encoding errors found") {
		t.Errorf("qpdf: %s", out)
	}
	if out := run("pdftotext", "-layout", file, "-"); out != "" && (!strings.Contains(out, letters) || !strings.Contains(out, "□□") && !strings.Contains(out, "Side 2")) {
		t.Errorf("pdftotext: %s", out)
	}
	if out := run("pdfinfo", file); out != "" && (!strings.Contains(out, "Kursbevis – Kári") || !strings.Contains(out, "Tagged:          yes")) {
		t.Errorf("pdfinfo: %s", out)
	}
	if out := run("pdffonts", file); strings.Contains(out, "Error") {
		t.Errorf("pdffonts: %s", out)
	}
	if run("pdfdetach", "-saveall", "-o", folder, file); t.Failed() {
		return
	}
	if got, err := os.ReadFile(filepath.Join(folder, "bevis (1).json")); err == nil && !bytes.Equal(got, d.Files[0].Data) {
		t.Errorf("pdfdetach: %q", got)
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	d := document(t)
	for name, change := range map[string]func(*Document){
		"no page":    func(d *Document) { d.Pages = nil },
		"many pages": func(d *Document) { d.Pages = make([]Page, maxPages+1) },
		"no fonts":   func(d *Document) { d.Fonts = Fonts{} },
	} {
		d := d
		change(&d)
		if _, err := d.Write(); reason.CodeOf(err) != reason.Usage {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := readFont("x", []byte{0, 1, 0, 0, 0, 9}); reason.CodeOf(err) != reason.Internal {
		t.Error(err)
	}
}

// TestLetters: the languages of the Nordic countries and their neighbours can be
// written, and what cannot is told.
func TestLetters(t *testing.T) {
	t.Parallel()
	d := document(t)
	for _, f := range []*Font{d.Fonts.Regular, d.Fonts.Bold} {
		for _, r := range letters + string(replacement) {
			if f.Missing(r) {
				t.Errorf("%s lacks %q", f.name, r)
			}
		}
		if !f.Missing('漢') || !f.Missing('ǩ') || !f.Missing('ʒ') || !f.Missing('ش') || !f.Missing('ש') || f.Width("", 10) != 0 || f.Width("mm", 10) <= f.Width("ii", 10) {
			t.Error(f.name)
		}
	}
}
