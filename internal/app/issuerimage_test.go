package app

import (
	"bytes"
	"image"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/reason"
)

// TestProfileImage: a small PNG goes in, an address is taken as it is, and nothing else.
func TestProfileImage(t *testing.T) {
	t.Parallel()
	picture := func(side int) image.Image {
		m := image.NewGray(image.Rect(0, 0, side, side))
		noise := rand.New(rand.NewPCG(1, 2))
		for i := range m.Pix {
			m.Pix[i] = byte(noise.Uint32())
		}
		return m
	}
	var small, large, wide, photo bytes.Buffer
	for _, err := range []error{png.Encode(&small, picture(170)), png.Encode(&large, picture(190)),
		png.Encode(&wide, image.NewGray(image.Rect(0, 0, 2500, 2500))), jpeg.Encode(&photo, picture(20), nil)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if small.Len() > maxProfileImage || large.Len() <= maxProfileImage || wide.Len() > maxProfileImage {
		t.Fatal(small.Len(), large.Len(), wide.Len())
	}
	folder := t.TempDir()
	for name, raw := range map[string][]byte{"small.png": small.Bytes(), "large.png": large.Bytes(), "wide.png": wide.Bytes(), "photo.png": photo.Bytes(),
		"torn.png": small.Bytes()[:small.Len()/2], "drawn.png": []byte("<svg xmlns=\"http://www.w3.org/2000/svg\"/>"), "empty.png": nil} {
		if err := os.WriteFile(filepath.Join(folder, name), raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, code := range map[string]reason.Code{
		"small.png": "", "large.png": reason.Usage, "wide.png": "image_invalid/picture", "photo.png": "image_invalid/format", "torn.png": "image_invalid/picture",
		"drawn.png": "image_invalid/format", "empty.png": "image_invalid/format", "none.png": reason.NotFound,
	} {
		got, err := ProfileImage(filepath.Join(folder, name))
		if reason.CodeOf(err) != code || (err == nil) != strings.HasPrefix(got, pngData) {
			t.Errorf("%s: %.60s %v", name, got, err)
		}
		if err == nil && checkImage(got) != nil {
			t.Errorf("%s: %v", name, checkImage(got))
		}
	}
	for named, ok := range map[string]bool{"": true, "https://kurs.example/a.svg": true, "http://kurs.example/a.png": false, "javascript://x": false,
		"data:image/png;base64,AAAA": false, "https:///a.png": false, "https://kurs.example/" + strings.Repeat("a", maxProfileText): false, "https://a b/": false,
		"https://kurs.example/my logo.png": false, "https://kurs.example/a\u00a0b.png": false, "https://kurs.example/a\u202eb.png": false, "https://kurs.example/a|b.png": false,
		"https://kari:secret@kurs.example/a.png": false, "https://kurs.example/blåbær.png?size=2#x": true} {
		got, err := ProfileImage(named)
		if err == nil {
			err = checkImage(got)
		}
		if (err == nil) != ok || ok && got != named || !ok && (reason.CodeOf(err) != reason.Usage || reason.AtOf(err) != "--image") {
			t.Errorf("%.40q: %.40q %v", named, got, err)
		}
	}
	for _, image := range []string{pngData + strings.Repeat("A", maxProfileImage*4/3+8), "data:image/svg+xml;base64,AAAA", "logo.png", "http://kurs.example/a.png"} {
		if err := checkImage(image); reason.CodeOf(err) != reason.Usage {
			t.Errorf("%.40s: %v", image, err)
		}
	}
}
