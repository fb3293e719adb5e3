package carrier

import (
	"bytes"
	"image"
	"strconv"
	"strings"
)

// A drawing of a QR code as internal/qr writes it: a white square, and one path
// of rectangles a module high. Any other drawing is left alone, since to see what
// it shows it would have to be painted as a browser does.
const (
	drawnBegin  = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 `
	drawnGround = `<path fill="#fff" d="M0 0h`
	drawnCode   = `H0z"/><path d="`
	drawnEnd    = `z"/></svg>`

	maxModules = 177 + 2*4 // version 40 of ISO/IEC 18004, with its quiet zone
	maxDrawn   = 1 << 20   // bytes of a drawing
	drawnScale = 4         // pixels of a module
)

// drawn paints a drawing of a QR code, if it is one.
func drawn(raw []byte) (*image.Gray, bool) {
	if len(raw) > maxDrawn || !bytes.HasPrefix(raw, []byte(drawnBegin)) {
		return nil, false
	}
	text, ok := strings.CutSuffix(strings.TrimSpace(string(raw)), drawnEnd)
	head, body, found := strings.Cut(text, drawnGround)
	side, _, sized := strings.Cut(strings.TrimPrefix(head, drawnBegin), " ")
	n, err := strconv.Atoi(side)
	if !ok || !found || !sized || err != nil || n < 1 || n > maxModules {
		return nil, false
	}
	path, ok := strings.CutPrefix(body, side+"v"+side+drawnCode)
	if !ok || strings.Count(head, "<") > 3 { // the element, and a title
		return nil, false
	}
	gray := image.NewGray(image.Rect(0, 0, n*drawnScale, n*drawnScale))
	for i := range gray.Pix {
		gray.Pix[i] = 0xFF
	}
	for bar := range strings.SplitSeq(path, "z") {
		x, y, long, ok := bars(bar)
		if !ok || x < 0 || y < 0 || long < 1 || x+long > n || y >= n {
			return nil, false
		}
		for row := y * drawnScale; row < (y+1)*drawnScale; row++ {
			clear(gray.Pix[row*gray.Stride+x*drawnScale : row*gray.Stride+(x+long)*drawnScale])
		}
	}
	return gray, true
}

// bars reads "Mx yhLONGv1h-LONG".
func bars(text string) (x, y, long int, ok bool) {
	at, size, one := strings.Cut(text, "h")
	left, top, two := strings.Cut(strings.TrimPrefix(at, "M"), " ")
	forth, back, three := strings.Cut(size, "v1h-")
	if !one || !two || !three || forth != back || !strings.HasPrefix(at, "M") {
		return 0, 0, 0, false
	}
	var err [3]error
	x, err[0] = strconv.Atoi(left)
	y, err[1] = strconv.Atoi(top)
	long, err[2] = strconv.Atoi(forth)
	return x, y, long, err == [3]error{}
}
