package qr

import (
	"bytes"
	"encoding/xml"
	"image"
	"image/color"
	"image/png"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode/decoder"
	"github.com/makiuchi-d/gozxing/qrcode/encoder"

	"github.com/kompetansebevis/bevis/reason"
)

// Level is how much of a code may be covered or dirty and still be read.
type Level int

// The levels of ISO/IEC 18004 section 7.5.1, by what share of a code they make
// up for. The zero value is Medium.
const (
	Medium   Level = iota // 15 %: paper that is handled
	Low                   // 7 %: a screen, and texts that would else not fit
	Quartile              // 25 %
	High                  // 30 %
)

// MaxBytes is how long a text is at most that fits into any code: the 2953
// bytes of version 40 at level Low (ISO/IEC 18004 table 7).
const MaxBytes = 2953

// The quiet zone of ISO/IEC 18004 section 9.1, in modules, and the size of a
// module in a picture, in pixels.
const (
	quietZone = 4
	maxScale  = 32
	scale     = 4
)

// Config says how a code is drawn. The zero value is good for paper.
type Config struct {
	Level Level
	// Title is what a drawing says to those who do not see it. Never the text
	// of the code, where that is a secret.
	Title string
	// Scale is the size of a module in a picture, in pixels, at most 32; zero
	// is 4. Drawings have no size of their own.
	Scale int
}

// SVG draws text as an SVG element that can stand in a page or be a file. Its
// view box counts modules, with the quiet zone around the code. A text that
// fits into no code is resource_limit/size.
func SVG(text string, c Config) ([]byte, error) {
	code, err := encode(text, c.Level)
	if err != nil {
		return nil, err
	}
	side := strconv.Itoa(code.GetWidth() + 2*quietZone)
	var b bytes.Buffer
	b.WriteString(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ` + side + ` ` + side + `" shape-rendering="crispEdges" role="img">`)
	if c.Title != "" {
		b.WriteString(`<title>`)
		if err := xml.EscapeText(&b, []byte(c.Title)); err != nil {
			return nil, reason.Wrap(reason.Internal, "", err)
		}
		b.WriteString(`</title>`)
	}
	b.WriteString(`<path fill="#fff" d="M0 0h` + side + `v` + side + `H0z"/><path d="`)
	for y := range code.GetHeight() {
		for x := 0; x < code.GetWidth(); x++ {
			from := x
			for x < code.GetWidth() && code.Get(x, y) == 1 {
				x++
			}
			if run := strconv.Itoa(x - from); x > from {
				b.WriteString("M" + strconv.Itoa(from+quietZone) + " " + strconv.Itoa(y+quietZone) + "h" + run + "v1h-" + run + "z")
			}
		}
	}
	b.WriteString(`"/></svg>`)
	return b.Bytes(), nil
}

// PNG draws text as a picture in black and white. Errors are those of SVG.
func PNG(text string, c Config) ([]byte, error) {
	code, err := encode(text, c.Level)
	if err != nil {
		return nil, err
	}
	if c.Scale == 0 {
		c.Scale = scale
	}
	if c.Scale < 0 || c.Scale > maxScale {
		return nil, reason.New(reason.Usage, "qr.Config", "a module is 1 to %d pixels wide, not %d", maxScale, c.Scale)
	}
	side := (code.GetWidth() + 2*quietZone) * c.Scale
	picture := image.NewPaletted(image.Rect(0, 0, side, side), color.Palette{color.White, color.Black})
	for y := range side {
		for x := range side {
			mx, my := x/c.Scale-quietZone, y/c.Scale-quietZone
			if mx >= 0 && my >= 0 && mx < code.GetWidth() && my < code.GetHeight() && code.Get(mx, my) == 1 {
				picture.SetColorIndex(x, y, 1)
			}
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		return nil, reason.Wrap(reason.Internal, "", err)
	}
	return b.Bytes(), nil
}

// Modules returns the code of a text as rows of modules, dark ones true, and
// without a quiet zone: who draws it leaves four modules white around it. Errors
// are those of SVG.
func Modules(text string, level Level) ([][]bool, error) {
	code, err := encode(text, level)
	if err != nil {
		return nil, err
	}
	out := make([][]bool, code.GetHeight())
	for y := range out {
		out[y] = make([]bool, code.GetWidth())
		for x := range out[y] {
			out[y][x] = code.Get(x, y) == 1
		}
	}
	return out, nil
}

// encode returns the modules of the smallest code that holds text.
func encode(text string, level Level) (*encoder.ByteMatrix, error) {
	correction, ok := map[Level]decoder.ErrorCorrectionLevel{
		Low: decoder.ErrorCorrectionLevel_L, Medium: decoder.ErrorCorrectionLevel_M,
		Quartile: decoder.ErrorCorrectionLevel_Q, High: decoder.ErrorCorrectionLevel_H,
	}[level]
	switch {
	case !ok || text == "" || !utf8.ValidString(text):
		return nil, reason.New(reason.Usage, "qr", "a code needs a level that there is, and a text")
	// Digits take a third of a byte each.
	case len(text) > 3*MaxBytes:
		return nil, tooLong(text)
	}
	// Readers take bytes for Latin-1 unless the code names another set.
	hints := map[gozxing.EncodeHintType]any{}
	if strings.IndexFunc(text, func(r rune) bool { return r >= utf8.RuneSelf }) >= 0 {
		hints[gozxing.EncodeHintType_CHARACTER_SET] = "UTF-8"
	}
	code, err := encoder.Encoder_encode(text, correction, hints)
	if err != nil {
		return nil, tooLong(text) // which is all that can be wrong with valid text
	}
	return code.GetMatrix(), nil
}

func tooLong(text string) error {
	return reason.New(reason.LimitSize, "", "a text of %d bytes is too long for a QR code of this kind", len(text))
}
