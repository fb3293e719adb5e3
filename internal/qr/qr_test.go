package qr

import (
	"bytes"
	"encoding/xml"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"github.com/kompetansebevis/bevis/internal/carrier"
	"github.com/kompetansebevis/bevis/reason"
)

const badge = `{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiableCredential"],"issuer":"did:example:a","credentialSubject":{"id":"did:example:blåbær"}}`

// TestCredentialIsReadBack: what is written here is what internal/carrier takes
// out of the picture.
func TestCredentialIsReadBack(t *testing.T) {
	t.Parallel()
	for _, level := range []Level{Medium, Low, Quartile, High} {
		picture, err := PNG(badge, Config{Level: level})
		if err != nil {
			t.Fatal(err)
		}
		items, err := carrier.Open(t.Context(), picture, carrier.Limits{})
		if err != nil || len(items) != 1 || string(items[0].Raw) != badge {
			t.Errorf("level %d: %v, %v", level, items, err)
		}
		drawing, err := SVG(badge, Config{Level: level, Title: "Kode <&> for \"visning\""})
		if err != nil {
			t.Fatal(err)
		}
		items, err = carrier.Open(t.Context(), drawing, carrier.Limits{})
		if err != nil || len(items) != 1 || string(items[0].Raw) != badge {
			t.Errorf("drawn, level %d: %v, %v", level, items, err)
		}
	}
	const link = "https://kari.example/d/#key"
	picture, err := PNG(link, Config{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := carrier.Open(t.Context(), picture, carrier.Limits{}); reason.CodeOf(err) != "no_credential/qr-link" || reason.AtOf(err) != link {
		t.Error(err)
	}
}

// read reads one code.
func read(t *testing.T, picture image.Image) string {
	t.Helper()
	bitmap, err := gozxing.NewBinaryBitmapFromImage(picture)
	if err != nil {
		t.Fatal(err)
	}
	result, err := qrcode.NewQRCodeReader().Decode(bitmap, nil)
	if err != nil {
		t.Fatal(err)
	}
	return result.GetText()
}

var stroke = regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-(\d+)z`)

// rasterized draws what SVG wrote, stroke by stroke.
func rasterized(t *testing.T, svg []byte) image.Image {
	t.Helper()
	const size = 3
	var doc struct {
		ViewBox string `xml:"viewBox,attr"`
		Title   string `xml:"title"`
		Path    []struct {
			D string `xml:"d,attr"`
		} `xml:"path"`
	}
	if err := xml.Unmarshal(svg, &doc); err != nil || len(doc.Path) != 2 {
		t.Fatal(err, len(doc.Path))
	}
	side, err := strconv.Atoi(strings.TrimPrefix(doc.ViewBox[strings.LastIndexByte(doc.ViewBox, ' '):], " "))
	if err != nil {
		t.Fatal(err)
	}
	out := image.NewGray(image.Rect(0, 0, side*size, side*size))
	draw.Draw(out, out.Bounds(), image.White, image.Point{}, draw.Src)
	strokes := stroke.FindAllStringSubmatch(doc.Path[1].D, -1)
	if strings.Join(flat(strokes), "") != doc.Path[1].D {
		t.Fatal("something else stands in the drawing")
	}
	for _, s := range strokes {
		var n [4]int
		for i := range n {
			if n[i], err = strconv.Atoi(s[i+1]); err != nil {
				t.Fatal(err)
			}
		}
		draw.Draw(out, image.Rect(n[0]*size, n[1]*size, (n[0]+n[2])*size, (n[1]+1)*size), image.NewUniform(color.Black), image.Point{}, draw.Src)
	}
	return out
}

func flat(matches [][]string) []string {
	var out []string
	for _, m := range matches {
		out = append(out, m[0])
	}
	return out
}

// TestTexts: each kind of text comes back from the picture and from the
// drawing.
func TestTexts(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"digits": "0123456789", "capitals": "HELLO WORLD", "words": strings.Repeat("abandon ", 23) + "art",
		"letters": "blåbærsyltetøy på Čáhppe, 日本", "one": "x", "most": strings.Repeat("x", 2331), // version 40 at level M
	} {
		picture, err := PNG(text, Config{Scale: 3})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		decoded, err := png.Decode(bytes.NewReader(picture))
		if err != nil {
			t.Fatal(err)
		}
		if got := read(t, decoded); got != text {
			t.Errorf("%s as a picture: %q", name, got)
		}
		svg, err := SVG(text, Config{Title: `<"&`})
		if err != nil {
			t.Fatal(err)
		}
		if got := read(t, rasterized(t, svg)); got != text {
			t.Errorf("%s as a drawing: %q", name, got)
		}
		if again, err := SVG(text, Config{Title: `<"&`}); err != nil || !bytes.Equal(svg, again) {
			t.Errorf("%s: another drawing the second time, %v", name, err)
		}
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text string
		c    Config
		code reason.Code
	}{
		"nothing":       {"", Config{}, reason.Usage},
		"no text":       {"\xff", Config{}, reason.Usage},
		"no level":      {"x", Config{Level: 9}, reason.Usage},
		"scale":         {"x", Config{Scale: 33}, reason.Usage},
		"a byte more":   {strings.Repeat("x", 2332), Config{}, reason.LimitSize},
		"at level low":  {strings.Repeat("x", MaxBytes+1), Config{Level: Low}, reason.LimitSize},
		"a whole novel": {strings.Repeat("x", 1<<24), Config{}, reason.LimitSize},
	} {
		if got, err := PNG(test.text, test.c); reason.CodeOf(err) != test.code || got != nil {
			t.Errorf("%s: %v, want %s", name, err, test.code)
		}
	}
	if _, err := SVG("", Config{}); reason.CodeOf(err) != reason.Usage {
		t.Error(err)
	}
	if _, err := SVG(strings.Repeat("x", MaxBytes), Config{Level: Low}); err != nil {
		t.Errorf("the longest text: %v", err)
	}
}

// TestModules: the modules are those that are drawn.
func TestModules(t *testing.T) {
	t.Parallel()
	rows, err := Modules("BEVIS1:ABC", Medium)
	if err != nil || len(rows) != 21 || len(rows[20]) != 21 {
		t.Fatal(len(rows), err)
	}
	for _, corner := range [][2]int{{0, 0}, {20, 0}, {0, 20}} { // a dark edge, a light ring within
		if x, y := corner[0], corner[1]; !rows[y][x] || rows[y+sign(y)][x+sign(x)] {
			t.Errorf("no mark at %d, %d", x, y)
		}
	}
	if _, err := Modules(strings.Repeat("x", MaxBytes+1), Low); reason.CodeOf(err) != reason.LimitSize {
		t.Error(err)
	}
}

// sign leads away from an edge.
func sign(at int) int {
	if at == 0 {
		return 1
	}
	return -1
}
