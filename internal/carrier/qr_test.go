package carrier

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rsc.io/qr"

	"github.com/kompetansebevis/bevis/internal/testcorpus"
	"github.com/kompetansebevis/bevis/reason"
)

// code draws text as a QR code of so many pixels to a module.
func code(t testing.TB, text string, scale int) image.Image {
	t.Helper()
	c, err := qr.Encode(text, qr.L)
	if err != nil {
		t.Fatal(err)
	}
	c.Scale = scale
	return c.Image()
}

func encoded(t testing.TB, picture image.Image, format string) []byte {
	t.Helper()
	var b bytes.Buffer
	var err error
	switch format {
	case "png":
		err = png.Encode(&b, picture)
	case "jpeg":
		err = jpeg.Encode(&b, picture, nil)
	case "gif":
		two := image.NewPaletted(picture.Bounds(), color.Palette{color.White, color.Black})
		draw.Draw(two, two.Bounds(), picture, picture.Bounds().Min, draw.Src)
		err = gif.Encode(&b, two, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// sheet is a white page with pictures on it.
func sheet(width, height int, pictures ...image.Image) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.Draw(out, out.Bounds(), image.White, image.Point{}, draw.Src)
	x := 37
	for _, p := range pictures {
		draw.Draw(out, p.Bounds().Add(image.Pt(x, 53)), p, p.Bounds().Min, draw.Src)
		x += p.Bounds().Dx() + 40
	}
	return out
}

func TestQR(t *testing.T) {
	t.Parallel()
	token := "eyJhbGciOiJFZERTQSJ9.eyJhIjoxfQ.c2ln"
	long := token + strings.Repeat("A", 1200)
	norwegian := strings.Replace(badge, "did:example:a", "did:example:blåbærsyltetøy", 1)
	for name, test := range map[string]struct {
		picture image.Image
		want    []string
	}{
		"three sizes":       {sheet(1200, 700, code(t, token, 3), code(t, badge, 4), code(t, norwegian, 5)), []string{token, badge, norwegian}},
		"fills the picture": {code(t, badge, 4), []string{badge}},
		"letters":           {code(t, norwegian, 4), []string{norwegian}},
		"large":             {code(t, long, 3), []string{long}},
		"on a page":         {sheet(900, 700, code(t, badge, 4)), []string{badge}},
		"two on a page":     {sheet(900, 700, code(t, badge, 4), code(t, token, 5)), []string{badge, token}},
		"beside an address": {sheet(900, 700, code(t, badge, 4), code(t, "https://example.org", 5)), []string{badge}},
	} {
		for _, format := range []string{"png", "jpeg", "gif"} {
			items, err := Open(t.Context(), encoded(t, test.picture, format), Limits{})
			got := map[string]bool{}
			for _, item := range items {
				got[string(item.Raw)] = true
				if item.Kind != QR {
					t.Errorf("%s: kind %s", name, item.Kind)
				}
			}
			for _, want := range test.want {
				if !got[want] {
					t.Errorf("%s as %s: %v, %v", name, format, items, err)
				}
			}
			if len(items) != len(test.want) {
				t.Errorf("%s as %s: %d items", name, format, len(items))
			}
		}
	}
}

// TestNotInQR: what a code holds is told, and nothing is opened.
func TestNotInQR(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]reason.Code{
		"https://example.org/badge/1": "no_credential/qr-link",
		"HTTP://EXAMPLE.ORG/1":        "no_credential/qr-link",
		"VP1-B3ECQDIYACEMHIGDODB":     "no_credential/qr-cborld",
		"openid4vp://?request_uri=x":  "no_credential/qr-other",
		"hello":                       "no_credential/qr-other",
		`{"an":"object"}`:             "no_credential/qr-other",
	} {
		_, err := Open(t.Context(), encoded(t, code(t, text, 4), "png"), Limits{})
		if reason.CodeOf(err) != want || want == "no_credential/qr-link" && reason.AtOf(err) != text {
			t.Errorf("%s: %v (%s)", text, err, reason.CodeOf(err))
		}
	}
	blank := sheet(300, 300)
	if _, err := Open(t.Context(), encoded(t, blank, "jpeg"), Limits{}); reason.CodeOf(err) != "no_credential/picture" {
		t.Error(err)
	}
}

// TestQRHostile: pixels, corner marks and damage end with their code, at once.
func TestQRHostile(t *testing.T) {
	t.Parallel()
	mark := image.NewGray(image.Rect(0, 0, 7, 7))
	for y := range 7 {
		for x := range 7 {
			ring := max(max(x, 6-x), max(y, 6-y))
			if ring == 5 {
				mark.Pix[y*mark.Stride+x] = 0xFF
			}
		}
	}
	marked := func(size, step int) image.Image {
		out := image.NewGray(image.Rect(0, 0, size, size))
		draw.Draw(out, out.Bounds(), image.White, image.Point{}, draw.Src)
		for y := 20; y+30 < size; y += step {
			for x := 20; x+30 < size; x += step {
				for dy := range 21 {
					for dx := range 21 {
						out.SetGray(x+dx, y+dy, color.Gray{mark.Pix[dy/3*mark.Stride+dx/3]})
					}
				}
			}
		}
		return out
	}
	noise := image.NewGray(image.Rect(0, 0, 1500, 1500))
	state := uint32(1)
	for i := range noise.Pix {
		state = state*1664525 + 1013904223
		noise.Pix[i] = byte(state>>24) & 0x80
	}
	small := encoded(t, code(t, badge, 4), "png")
	for name, test := range map[string]struct {
		raw  []byte
		lim  Limits
		want reason.Code
	}{
		"thousands of marks": {encoded(t, marked(1500, 30), "png"), Limits{}, "resource_limit/qr"},
		"as many as allowed": {encoded(t, marked(380, 60), "png"), Limits{}, "no_credential/picture"},
		"noise":              {encoded(t, noise, "png"), Limits{}, "resource_limit/qr"},
		"pixels":             {small, Limits{MaxPixels: 1000}, "resource_limit/pixels"},
		"cut short":          {encoded(t, code(t, badge, 4), "jpeg")[:700], Limits{}, "image_invalid/picture"},
		"a name alone":       {[]byte("GIF89a"), Limits{}, "image_invalid/picture"},
		"65535 by 65535":     {[]byte("GIF89a\xff\xff\xff\xff\x80\x00\x00\x00\x00\x00\xff\xff\xff"), Limits{}, "resource_limit/pixels"},
	} {
		start := time.Now()
		_, err := Open(t.Context(), test.raw, test.lim)
		if reason.CodeOf(err) != test.want {
			t.Errorf("%s: %v (%s), want %s", name, err, reason.CodeOf(err), test.want)
		}
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("%s: took %v", name, took)
		} else {
			t.Log(name, took)
		}
	}
}

// TestCorpusQR: the pictures beside the fixtures of the Digital Credentials
// Consortium are QR codes, and what is in each is an address.
func TestCorpusQR(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(testcorpus.Path(t, "dcc", "v1"), "*", "*", "*.png"))
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Open(t.Context(), raw, Limits{}); reason.CodeOf(err) != "no_credential/qr-link" || !strings.HasPrefix(reason.AtOf(err), "https://digitalcredentials.github.io/vc-test-fixtures/") {
			t.Errorf("%s: %v", name, err)
		}
	}
	t.Log(len(files))
}

func FuzzQR(f *testing.F) {
	f.Add(encoded(f, code(f, badge, 2), "png"))
	f.Add(encoded(f, code(f, "https://example.org", 2), "gif"))
	f.Add(encoded(f, sheet(400, 200, code(f, "VP1-A", 3), code(f, "x", 3)), "jpeg"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		items, err := openQR(t.Context(), raw, Limits{MaxPixels: 1 << 20}.withDefaults())
		if err == nil && len(items) == 0 || err != nil && reason.CodeOf(err) == reason.Internal {
			t.Errorf("%d items, %v", len(items), err)
		}
	})
}

// FuzzDrawn paints drawings: what is taken for a code has the size that it says.
func FuzzDrawn(f *testing.F) {
	f.Add([]byte(drawnBegin + `9 9" role="img"><title>x</title>` + drawnGround + `9v9` + drawnCode + `M4 4h1v1h-1` + drawnEnd))
	f.Add([]byte(drawnBegin + `185 185">` + drawnGround + `185v185` + drawnCode + `M184 184h2v1h-2` + drawnEnd))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if gray, ok := drawn(raw); ok && (gray.Bounds().Dx() > maxModules*drawnScale || gray.Bounds().Dx() != gray.Bounds().Dy()) {
			t.Error(gray.Bounds())
		}
	})
}

// TestDrawnOtherwise: a drawing that is not quite as internal/qr makes it is left
// to the verifier.
func TestDrawnOtherwise(t *testing.T) {
	t.Parallel()
	const good = drawnBegin + `9 9">` + drawnGround + `9v9` + drawnCode + `M4 4h1v1h-1zM4 5h5v1h-5` + drawnEnd
	if gray, ok := drawn([]byte(good)); !ok || gray.GrayAt(16, 16).Y != 0 || gray.GrayAt(20, 16).Y != 0xFF || gray.GrayAt(35, 23).Y != 0 {
		t.Fatal("it is not painted")
	}
	for _, change := range [][2]string{{"h5v1h-5", "h6v1h-6"}, {"h5v1h-5", "h5v2h-5"}, {"h5v1h-5", "h5v1h-4"}, {"M4 5", "M-4 5"}, {"M4 5", "M4 9"}, {"M4 5", "4 5"},
		{"9 9", "186 186"}, {"9 9", "0 0"}, {"9v9", "9v8"}, {"</svg>", "<path/></svg>"}, {`">`, `"><rect/><rect/><rect/>`}} {
		if _, ok := drawn([]byte(strings.Replace(good, change[0], change[1], 1))); ok {
			t.Error("taken: ", change)
		}
	}
}

func TestReaderFallsOver(t *testing.T) {
	t.Parallel()
	if texts, err := upright(func() ([]string, error) { panic("index out of range") }); texts != nil || reason.CodeOf(err) != "image_invalid/qr" {
		t.Error(texts, err)
	}
}
