package pdf

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"maps"
	"slices"
	"strings"
)

func (w *writer) color(c Color) {
	fmt.Fprintf(&w.content, "%s %s %s rg\n", number(float64(c[0])/255), number(float64(c[1])/255), number(float64(c[2])/255))
}

func (t Text) draw(w *writer, height float64) {
	font, mark := w.fonts.Font(t.Bold), 0
	if t.Bold {
		mark = 1
	}
	var glyphs strings.Builder
	for _, r := range t.Text {
		g := font.glyph(r)
		if was, ok := w.used[t.Bold][g]; !ok || r < was { // of two letters that look the same, always the same one
			w.used[t.Bold][g] = r
		}
		fmt.Fprintf(&glyphs, "%04X", g)
	}
	w.color(t.Color)
	fmt.Fprintf(&w.content, "BT /F%d %s Tf %s %s Td <%s> Tj ET\n", mark, number(t.Size), number(t.X), number(height-t.Y), glyphs.String())
}

func (b Boxes) draw(w *writer, height float64) {
	w.color(b.Color)
	for _, box := range b.Boxes {
		fmt.Fprintf(&w.content, "%s %s %s %s re\n", number(box.X), number(height-box.Y-box.H), number(box.W), number(box.H))
	}
	w.content.WriteString("f\n")
}

func (p Picture) draw(w *writer, height float64) {
	b := p.Image.Bounds()
	flat := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(flat, flat.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.Draw(flat, flat.Bounds(), p.Image, b.Min, draw.Over)
	rgb := make([]byte, 0, 3*b.Dx()*b.Dy())
	for at := 0; at < len(flat.Pix); at += 4 {
		rgb = append(rgb, flat.Pix[at:at+3]...)
	}
	w.pictures = append(w.pictures, w.stream(fmt.Sprintf("/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceRGB /BitsPerComponent 8", b.Dx(), b.Dy()), rgb, true))
	fmt.Fprintf(&w.content, "q %s 0 0 %s %s %s cm /I%d Do Q\n", number(p.W), number(p.H), number(p.X), number(height-p.Y-p.H), len(w.pictures)-1)
}

// font writes a font with the glyphs that are used, and which characters they
// stand for, so that text can be searched and copied.
func (w *writer) font(n int, f *Font, used map[uint16]rune) {
	scale := func(units int) int { return units * 1000 / f.units }
	tag := "BEVISA+"
	if f == w.fonts.Bold {
		tag = "BEVISB+"
	}
	set := map[uint16]bool{}
	var widths, unicodes strings.Builder
	glyphs := slices.Sorted(maps.Keys(used))
	for _, g := range glyphs {
		set[g] = true
		fmt.Fprintf(&widths, "%d [%d] ", g, scale(int(f.widths[g])))
	}
	for chunk := range slices.Chunk(glyphs, 100) {
		fmt.Fprintf(&unicodes, "%d beginbfchar\n", len(chunk))
		for _, g := range chunk {
			fmt.Fprintf(&unicodes, "<%04X> <%s>\n", g, strings.TrimSuffix(strings.TrimPrefix(text(string(used[g])), "<FEFF"), ">"))
		}
		unicodes.WriteString("endbfchar\n")
	}
	raw := f.subset(set)
	file := w.stream(fmt.Sprintf("/Length1 %d", len(raw)), raw, true)
	m := f.metrics
	descriptor := w.object("<</Type /FontDescriptor /FontName /%s%s /Flags 4 /FontBBox [%d %d %d %d] /ItalicAngle 0 /Ascent %d /Descent %d /CapHeight %d /StemV 80 /FontFile2 %s>>",
		tag, f.name, scale(m.left), scale(m.bottom), scale(m.right), scale(m.top), scale(m.ascent), scale(m.descent), scale(m.ascent), ref(file))
	cid := w.object("<</Type /Font /Subtype /CIDFontType2 /BaseFont /%s%s /CIDSystemInfo <</Registry (Adobe) /Ordering (Identity) /Supplement 0>> /FontDescriptor %s /DW 0 /W [%s] /CIDToGIDMap /Identity>>",
		tag, f.name, ref(descriptor), widths.String())
	unicode := w.stream("", []byte("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n"+
		"/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"+unicodes.String()+"endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"), true)
	w.put(n, "<</Type /Font /Subtype /Type0 /BaseFont /%s%s /Encoding /Identity-H /DescendantFonts [%s] /ToUnicode %s>>", tag, f.name, ref(cid), ref(unicode))
}

// metadata says in XMP what the dictionary of information says.
func (d Document) metadata() []byte {
	escaped := func(s string) string {
		var b bytes.Buffer
		_ = xml.EscapeText(&b, []byte(s)) // into memory, which does not fail
		return b.String()
	}
	at := d.Created.UTC().Format("2006-01-02T15:04:05Z")
	return []byte("<?xpacket begin=\"\uFEFF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n" +
		`<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""` +
		` xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/">` +
		`<dc:format>application/pdf</dc:format><dc:title><rdf:Alt><rdf:li xml:lang="x-default">` + escaped(d.Title) + `</rdf:li></rdf:Alt></dc:title>` +
		`<dc:creator><rdf:Seq><rdf:li>` + escaped(d.Author) + `</rdf:li></rdf:Seq></dc:creator>` +
		`<dc:description><rdf:Alt><rdf:li xml:lang="x-default">` + escaped(d.Subject) + `</rdf:li></rdf:Alt></dc:description>` +
		`<dc:language><rdf:Bag><rdf:li>` + escaped(d.Language) + `</rdf:li></rdf:Bag></dc:language>` +
		`<xmp:CreateDate>` + at + `</xmp:CreateDate><xmp:ModifyDate>` + at + `</xmp:ModifyDate><pdf:Producer>bevis</pdf:Producer>` +
		"</rdf:Description></rdf:RDF></x:xmpmeta>\n<?xpacket end=\"w\"?>")
}
