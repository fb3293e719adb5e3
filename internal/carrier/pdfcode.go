package carrier

import (
	"math"
	"slices"
	"strings"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode/decoder"

	"github.com/kompetansebevis/bevis/internal/papercode"
	"github.com/kompetansebevis/bevis/reason"
)

// What is read of the pages of a document, beside what is attached to it, has
// bounds of its own: more than this is not read, and nothing is refused for it.
const (
	maxPageTokens   = 1_000_000
	maxPageInflated = 8 << 20
	maxPages        = 100
	maxPageCodes    = 100
	maxCodeBoxes    = 20_000 // of one path: a code of version 40 has less
	maxOperands     = 32

	minModules = 21 // version 1 of ISO/IEC 18004
	maxSide    = 177
)

// pageCodes returns what the QR codes hold that are drawn on the pages, as
// package internal/pdf draws them: each a path of rectangles as high as a module.
// Pictures, text and anything else on a page is not looked at, so that what
// does not come back may stand there all the same. Codes that hold no credential,
// such as an address, are left out.
func (a *pdfAttachments) pageCodes() ([][]byte, error) {
	a.work = &pdfWork{a.work.ctx, maxPageTokens, maxPageInflated}
	var out [][]byte
	for _, page := range a.sheets[:min(len(a.sheets), maxPages)] {
		content, err := a.content(page["Contents"])
		if err == nil {
			err = a.drawn(content, func(boxes []pdfBox) {
				code, ok := codeIn(boxes)
				if !ok || len(out) == maxPageCodes || slices.ContainsFunc(out, func(was []byte) bool { return string(was) == string(code) }) {
					return
				}
				out = append(out, code)
			})
		}
		if reason.CodeOf(err).Class() == reason.Interrupted {
			return nil, err
		}
	}
	return out, nil
}

// content is what is drawn on a page: one stream, or several that are read as
// one (section 7.8.2).
func (a *pdfAttachments) content(v any) ([]byte, error) {
	streams, err := a.list(v)
	if err != nil {
		return nil, err
	}
	var out []byte
	for _, s := range streams {
		stream, ok := s.(pdfStream)
		if !ok {
			continue
		}
		part, err := a.decode(stream)
		if err != nil {
			return nil, err
		}
		out = append(append(out, part...), '\n')
	}
	return out, nil
}

type pdfBox struct{ x, y, w, h float64 }

// drawn calls found with the rectangles of each path that is painted (section
// 8.5), as far as the drawing can be read.
func (a *pdfAttachments) drawn(content []byte, found func([]pdfBox)) error {
	l := &pdfLexer{data: content, work: a.work}
	var operands []float64
	var boxes []pdfBox
	for {
		if l.space(); l.pos >= len(l.data) {
			return nil
		}
		object, err := l.object(0)
		if err != nil {
			return err
		}
		switch object := object.(type) {
		case int:
			operands = append(operands, float64(object))
		case float64:
			operands = append(operands, object)
		case pdfWord:
			switch object {
			case "re":
				if n := len(operands); n == 4 && len(boxes) < maxCodeBoxes {
					boxes = append(boxes, pdfBox{operands[0], operands[1], operands[2], operands[3]})
				}
			case "f", "F", "f*", "B", "B*", "b", "b*":
				found(boxes)
				boxes = boxes[:0]
			case "S", "s", "n":
				boxes = boxes[:0]
			}
			operands = operands[:0]
		}
		if len(operands) > maxOperands {
			operands = operands[:0]
		}
	}
}

// codeIn reads the code that rectangles make, and returns the credential or the
// short form in it.
func codeIn(boxes []pdfBox) ([]byte, bool) {
	modules, ok := modulesOf(boxes)
	if !ok {
		return nil, false
	}
	texts, err := upright(func() ([]string, error) {
		result, err := decoder.NewDecoder().Decode(modules, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_CHARACTER_SET: "UTF-8"})
		if err != nil {
			return nil, err
		}
		return []string{result.GetText()}, nil
	})
	if err != nil || len(texts) != 1 {
		return nil, false
	}
	if papercode.Is(texts[0]) {
		message, err := papercode.Read(texts[0])
		return message, err == nil
	}
	return []byte(strings.TrimSpace(texts[0])), isCredential([]byte(texts[0]))
}

// modulesOf puts rectangles into the grid of a code. All are as high as one
// module, and the corners of a code reach to its edges.
func modulesOf(boxes []pdfBox) (*gozxing.BitMatrix, bool) {
	if len(boxes) < minModules {
		return nil, false
	}
	left, low, right, high := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	module := boxes[0].h
	for _, b := range boxes {
		if !(b.w > 0 && b.h > 0 && math.Abs(b.h-module) < module/10) {
			return nil, false
		}
		left, low, right, high = min(left, b.x), min(low, b.y), max(right, b.x+b.w), max(high, b.y+b.h)
	}
	side := (right - left) / module
	n := int(math.Round(side))
	if !(side < maxSide+1) || n < minModules || n > maxSide || n%4 != 1 || math.Abs((high-low)/module-side) > 0.5 {
		return nil, false
	}
	out, err := gozxing.NewBitMatrix(n, n)
	if err != nil {
		return nil, false
	}
	for _, b := range boxes {
		from, to, row := int(math.Round((b.x-left)/module)), int(math.Round((b.x+b.w-left)/module)), int(math.Round((high-b.y-b.h)/module))
		for at := max(from, 0); at < min(to, n) && row >= 0 && row < n; at++ {
			out.Set(at, row)
		}
	}
	return out, true
}
