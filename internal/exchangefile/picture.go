package exchangefile

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"image"
	"image/color"
	"image/png"
	"math"
	"strings"

	"github.com/kompetansebevis/bevis/credential/bake"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/wallet"
)

// Picture returns a picture with a credential baked in: the one that the
// credential brings with it, if it is of the format, else a plain one. Pictures
// elsewhere on the network are not fetched. A credential that is neither JSON
// nor a plain token cannot be baked (Open Badges 3.0 section 5.3): it is
// usage/bake.
func Picture(i wallet.Item, format bake.Format) ([]byte, error) {
	if i.Form != "json" && i.Form != "jwt" {
		return nil, reason.New("usage/bake", i.ID, "a credential in the form %s cannot be baked into a picture", i.Form)
	}
	raw := i.Raw()
	if i.Form == "json" {
		if own := ownPicture(raw); bake.Detect(own) == format {
			if baked, err := bake.Bake(own, raw, bake.Limits{}); err == nil {
				return baked, nil
			}
		}
	}
	plain := plainSVG(i)
	if format == bake.PNG {
		var err error
		if plain, err = plainPNG(); err != nil {
			return nil, err
		}
	}
	return bake.Bake(plain, raw, bake.Limits{})
}

// ownPicture returns the picture that a credential has in itself, nil if it
// has none.
func ownPicture(raw []byte) []byte {
	doc, err := strictjson.ParseObject(raw, strictjson.Limits{})
	if err != nil {
		return nil
	}
	places := []*strictjson.Value{doc.Get("image")}
	for _, s := range doc.Get("credentialSubject").List() {
		for _, a := range s.Get("achievement").List() {
			places = append(places, a.Get("image"))
		}
	}
	for _, p := range places {
		id, ok := p.Text()
		if !ok {
			id, _ = p.Get("id").Text()
		}
		kind, data, ok := strings.Cut(id, ";base64,")
		if !ok || kind != "data:image/png" && kind != "data:image/svg+xml" {
			continue
		}
		if picture, err := base64.StdEncoding.DecodeString(data); err == nil {
			return picture
		}
	}
	return nil
}

const titleRunes = 44 // that fit on the card

// plainSVG draws a card with the title, the issuer and the day.
func plainSVG(i wallet.Item) []byte {
	var b bytes.Buffer
	b.WriteString(`<svg xmlns="http://www.w3.org/2000/svg" width="640" height="320" viewBox="0 0 640 320" role="img">` +
		`<rect width="640" height="320" rx="16" fill="#fff"/><rect x="8" y="8" width="624" height="304" rx="12" fill="none" stroke="#1b4d8f" stroke-width="4"/>`)
	issuer := i.IssuerName
	if issuer == "" {
		issuer = i.Issuer
	}
	day := ""
	if !i.ValidFrom.IsZero() {
		day = i.ValidFrom.Format("2006-01-02")
	}
	for n, line := range []string{i.Title, issuer, day} {
		if runes := []rune(line); len(runes) > titleRunes {
			line = string(runes[:titleRunes]) + "…"
		}
		b.WriteString(`<text x="40" y="` + []string{"130", "190", "240"}[n] + `" font-family="sans-serif" font-size="` + []string{"26", "22", "20"}[n] + `" fill="#1a1a1a">`)
		_ = xml.EscapeText(&b, []byte(line)) // a buffer takes everything
		b.WriteString(`</text>`)
	}
	b.WriteString(`</svg>`)
	return b.Bytes()
}

// plainPNG draws a ring with a tick in it.
func plainPNG() ([]byte, error) {
	const size, middle = 256, 128
	picture := image.NewPaletted(image.Rect(0, 0, size, size), color.Palette{color.White, color.RGBA{0x1b, 0x4d, 0x8f, 0xff}})
	for y := range size {
		for x := range size {
			px, py := float64(x-middle), float64(y-middle)
			ring := math.Abs(math.Hypot(px, py)-104) < 10
			tick := stroke(px, py, -46, 4, -12, 38) < 10 || stroke(px, py, -12, 38, 52, -36) < 10
			if ring || tick {
				picture.SetColorIndex(x, y, 1)
			}
		}
	}
	var b bytes.Buffer
	err := png.Encode(&b, picture)
	return b.Bytes(), reason.Wrap(reason.Internal, "", err)
}

// stroke returns how far a point is from a line between two.
func stroke(x, y, ax, ay, bx, by float64) float64 {
	dx, dy := bx-ax, by-ay
	t := max(0, min(1, ((x-ax)*dx+(y-ay)*dy)/(dx*dx+dy*dy)))
	return math.Hypot(x-ax-t*dx, y-ay-t*dy)
}
