package certificate

import (
	"strconv"
	"strings"

	"github.com/kompetansebevis/bevis/internal/i18n"
	"github.com/kompetansebevis/bevis/internal/pdf"
)

// Measures of a page of A4, in points.
const (
	pageWidth  = 595.28
	pageHeight = 841.89
	margin     = 57.6
	labelWidth = 140.0
	lineHeight = 1.35 // to the size of the text
	band       = 16.0
	maxSheets  = 30

	// A module is five dots wide at 150 dpi, and ten at 300.
	module    = 2.4
	quietZone = 4 * module
	beside    = 24.0 // between the code and what is told beside it
)

// layout puts what a page says on sheets.
type layout struct {
	*Page
	p      *i18n.Printer
	fonts  pdf.Fonts
	sheets []pdf.Page
	y      float64 // where the next thing goes
	bottom float64
	full   bool // no more sheets
	lost   bool // a character has no glyph
}

func black() pdf.Color { return pdf.Color{0x11, 0x11, 0x11} }
func grey() pdf.Color  { return pdf.Color{0x55, 0x55, 0x55} }

// layOut returns the sheets of a page. Errors are those of the code.
func (c *Page) layOut(p *i18n.Printer) (*layout, error) {
	fonts, err := pdf.GoFonts()
	if err != nil {
		return nil, err
	}
	code, err := c.modules()
	if err != nil {
		return nil, err
	}
	l := &layout{Page: c, p: p, fonts: fonts}
	foot := l.foot(code)
	l.sheet(foot)
	l.head()
	for i, part := range c.Parts {
		l.part(i, part)
	}
	l.section(Section{Title: p.T("certificate.about"), Rows: c.About})
	if c.CodeKind == WholeCode {
		l.wholeCode(code)
	}
	l.sheets[0].Blocks = append(l.sheets[0].Blocks, foot...) // read out last
	l.number()
	return l, nil
}

// add puts a block on the sheet that is being filled.
func (l *layout) add(role, alt string, items ...pdf.Item) {
	sheet := &l.sheets[len(l.sheets)-1]
	sheet.Blocks = append(sheet.Blocks, pdf.Block{Role: role, Alt: alt, Items: items})
}

// sheet begins a sheet that leaves room for what stands at its foot.
func (l *layout) sheet(foot []pdf.Block) {
	l.sheets = append(l.sheets, pdf.Page{Width: pageWidth, Height: pageHeight})
	l.add("", "", pdf.Boxes{Color: l.Look.Color, Boxes: []pdf.Box{{X: 0, Y: 0, W: pageWidth, H: band}}})
	l.y, l.bottom = band+34, pageHeight-margin
	if len(l.sheets) == 1 {
		l.bottom = l.footTop(foot) - 12
	}
}

// footTop is where what stands at the foot begins.
func (l *layout) footTop(foot []pdf.Block) float64 {
	top := pageHeight - margin
	for _, b := range foot {
		for _, item := range b.Items {
			switch item := item.(type) {
			case pdf.Text:
				top = min(top, item.Y-item.Size)
			case pdf.Boxes:
				for _, box := range item.Boxes {
					top = min(top, box.Y)
				}
			}
		}
	}
	return top
}

// foot returns the notices with the signed code beside them, for the first
// sheet.
func (l *layout) foot(code [][]bool) []pdf.Block {
	left, end := margin, pageHeight-40.0
	var out []pdf.Block
	if l.CodeKind == ShortCode {
		side := float64(len(code)) * module
		out = append(out, pdf.Block{Role: "Figure", Alt: l.p.T("certificate.code-alt"), Items: []pdf.Item{drawn(code, margin, end-side, module)}})
		left += side + beside
	}
	var notices pdf.Block
	notices.Role = "P"
	var lines []string
	for _, n := range l.notices(l.p) {
		lines = append(lines, l.wrap(n, 8, false, pageWidth-margin-left)...)
	}
	for i, line := range lines {
		notices.Items = append(notices.Items, pdf.Text{X: left, Y: end - float64(len(lines)-1-i)*8*lineHeight, Size: 8, Color: grey(), Text: line})
	}
	return append(out, notices)
}

// drawn is a code as boxes: dark modules beside each other are one.
func drawn(code [][]bool, x, y, module float64) pdf.Boxes {
	out := pdf.Boxes{Color: pdf.Color{}}
	for row, line := range code {
		for from := 0; from < len(line); from++ {
			if !line[from] {
				continue
			}
			to := from
			for to < len(line) && line[to] {
				to++
			}
			out.Boxes = append(out.Boxes, pdf.Box{X: x + float64(from)*module, Y: y + float64(row)*module, W: float64(to-from) * module, H: module})
			from = to
		}
	}
	return out
}

func (l *layout) head() {
	if logo := l.logo(); logo != nil {
		w, h := scaled(logo, 150, 54)
		l.add("Figure", orElse(logo.Alt, l.Issuer), pdf.Picture{Box: pdf.Box{X: pageWidth - margin - w, Y: l.y, W: w, H: h}, Image: logo.Image})
	}
	width := pageWidth - 2*margin - 170
	l.lines("P", l.Issuer, 12, true, l.Look.Color, margin, width)
	l.lines("P", l.Kind, 10, false, grey(), margin, width)
	l.y = max(l.y, band+34+54) + 22
	if l.Picture != nil {
		w, h := scaled(l.Picture, 110, 110)
		l.add("Figure", orElse(l.Picture.Alt, l.Title), pdf.Picture{Box: pdf.Box{X: pageWidth - margin - w, Y: l.y, W: w, H: h}, Image: l.Picture.Image})
	}
	width = pageWidth - 2*margin
	below := 0.0
	if l.Picture != nil {
		width -= 124
		below = l.y + 118
	}
	l.lines("H1", l.Title, 21, true, black(), margin, width)
	l.y += 6
	if l.Recipient != "" {
		l.lines("P", l.p.T("certificate.to"), 10, false, grey(), margin, width)
		l.lines("P", l.Recipient, 15, false, black(), margin, width)
	}
	l.y = max(l.y, below) + 8
}

func orElse(a, b string) string {
	if a == "" {
		return b
	}
	return a
}

// scaled fits a picture into a box.
func scaled(p *Picture, width, height float64) (w, h float64) {
	b := p.Image.Bounds()
	w, h = float64(b.Dx()), float64(b.Dy())
	scale := min(width/w, height/h)
	return w * scale, h * scale
}

func (l *layout) part(n int, part Part) {
	width := pageWidth - 2*margin
	if part.Title != "" {
		l.y += 8
		l.lines("H2", part.Title, 14, true, l.Look.Color, margin, width)
	}
	l.lines("P", part.Description, 10.5, false, black(), margin, width)
	l.y += 6
	l.rows(part.Rows)
	for _, s := range part.Sections {
		l.section(s)
	}
}

func (l *layout) section(s Section) {
	if s.Markdown == "" && len(s.Rows) == 0 {
		return
	}
	l.y += 8
	l.room(40)
	l.lines("H3", s.Title, 11, true, l.Look.Color, margin, pageWidth-2*margin)
	l.lines("P", plainMarkdown(s.Markdown), 10, false, black(), margin, pageWidth-2*margin)
	l.rows(s.Rows)
}

// rows writes labels with their values beside them.
func (l *layout) rows(all []Row) {
	const size = 9.5
	for _, row := range all {
		labels := l.wrap(row.Label, size, false, labelWidth-8)
		values := l.wrap(row.Value, size, false, pageWidth-2*margin-labelWidth)
		if !l.room(float64(max(len(labels), len(values))) * size * lineHeight) {
			return
		}
		var items []pdf.Item
		for i, line := range labels {
			items = append(items, pdf.Text{X: margin, Y: l.y + float64(i)*size*lineHeight + size, Size: size, Color: grey(), Text: line})
		}
		for i, line := range values {
			items = append(items, pdf.Text{X: margin + labelWidth, Y: l.y + float64(i)*size*lineHeight + size, Size: size, Color: black(), Text: line})
		}
		l.add("P", "", items...)
		l.y += float64(max(len(labels), len(values)))*size*lineHeight + 2
	}
}

// lines writes a text in as many lines as it takes, on the next sheets where
// it does not fit. What one sheet has of it is read out as one.
func (l *layout) lines(role, text string, size float64, bold bool, color pdf.Color, x, width float64) {
	var items []pdf.Item
	for _, line := range l.wrap(text, size, bold, width) {
		if l.y+size*lineHeight > l.bottom {
			if len(items) > 0 {
				l.add(role, "", items...)
				items = nil
			}
			if !l.room(size * lineHeight) {
				return
			}
		}
		items = append(items, pdf.Text{X: x, Y: l.y + size, Size: size, Bold: bold, Color: color, Text: line})
		l.y += size * lineHeight
	}
	if len(items) > 0 {
		l.add(role, "", items...)
	}
}

// room begins a sheet where there is not enough room, and reports whether there
// is now. After the last sheet there is none, and it is said there.
func (l *layout) room(height float64) bool {
	if l.full {
		return false
	}
	if l.y+height <= l.bottom {
		return true
	}
	if len(l.sheets) == maxSheets {
		l.full = true
		l.add("P", "", pdf.Text{X: margin, Y: l.bottom + 12, Size: 9, Color: grey(), Text: l.p.T("certificate.more")})
		return false
	}
	l.sheet(nil)
	return true
}

// wholeCode writes the code with all of the credential on a sheet of its own.
func (l *layout) wholeCode(code [][]bool) {
	if l.full {
		return
	}
	l.sheet(nil)
	l.lines("P", l.p.T("certificate.notice-whole"), 10, false, black(), margin, pageWidth-2*margin)
	l.add("Figure", l.p.T("certificate.code-alt"), drawn(code, margin, l.y+quietZone+8, wholeModule(len(code))))
}

// wholeModule is as wide as the sheet allows, in steps of half a point.
func wholeModule(n int) float64 {
	return max(2, float64(int(2*(pageWidth-2*margin)/float64(n)))/2)
}

// number puts numbers on the sheets, where there is more than one.
func (l *layout) number() {
	for i := range l.sheets {
		if len(l.sheets) > 1 {
			text := strconv.Itoa(i+1) + " / " + strconv.Itoa(len(l.sheets))
			l.sheets[i].Blocks = append(l.sheets[i].Blocks, pdf.Block{Items: []pdf.Item{pdf.Text{X: pageWidth - margin - 30, Y: pageHeight - 22, Size: 8, Color: grey(), Text: text}}})
		}
	}
}

// wrap breaks a text into lines, between words where it can.
func (l *layout) wrap(text string, size float64, bold bool, width float64) []string {
	font := l.fonts.Font(bold)
	var out []string
	for _, paragraph := range strings.Split(text, "\n") {
		line := ""
		for _, word := range strings.Fields(paragraph) {
			if line != "" && font.Width(line+" "+word, size) <= width {
				line += " " + word
				continue
			}
			if line != "" {
				out = append(out, line)
			}
			for font.Width(word, size) > width {
				n := fitting(font, word, size, width)
				out = append(out, word[:n])
				word = word[n:]
			}
			line = word
		}
		if line != "" {
			out = append(out, line)
		}
	}
	for _, line := range out {
		for _, r := range line {
			l.lost = l.lost || font.Missing(r)
		}
	}
	return out
}

// fitting is how many bytes of a word fit into a line, at least one character.
func fitting(font *pdf.Font, word string, size, width float64) int {
	last := 0
	for at := range word {
		if at > 0 && font.Width(word[:at], size) > width {
			break
		}
		last = at
	}
	if last == 0 {
		for at := range word {
			if at > 0 {
				return at
			}
		}
		return len(word)
	}
	return last
}
