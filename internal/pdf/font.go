package pdf

import (
	"encoding/binary"
	"maps"
	"slices"

	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"

	"github.com/kompetansebevis/bevis/reason"
)

// Font is a TrueType font, read as far as is needed to write with it. It is
// immutable.
type Font struct {
	name    string
	tables  map[string][]byte
	glyphs  map[rune]uint16
	widths  []uint16 // advance of each glyph, in units
	units   int      // to the size of the font
	count   int      // of glyphs
	metrics struct{ ascent, descent, left, bottom, right, top int }
}

// Fonts are the two that a document is written in.
type Fonts struct{ Regular, Bold *Font }

// GoFonts reads the Go fonts, which come with the program.
func GoFonts() (Fonts, error) {
	regular, err := readFont("GoRegular", goregular.TTF)
	if err != nil {
		return Fonts{}, err
	}
	bold, err := readFont("GoBold", gobold.TTF)
	return Fonts{regular, bold}, err
}

// replacement is written for a character that the font lacks.
const replacement = '□'

// Width returns how wide a line of text is in points, at a size in points.
func (f *Font) Width(text string, size float64) float64 {
	units := 0
	for _, r := range text {
		units += int(f.widths[f.glyph(r)])
	}
	return float64(units) * size / float64(f.units)
}

// Missing reports whether the font has no glyph for a character.
func (f *Font) Missing(r rune) bool { return f.glyphs[r] == 0 }

func (f *Font) glyph(r rune) uint16 {
	if g := f.glyphs[r]; g != 0 {
		return g
	}
	return f.glyphs[replacement] // or 0, which every font has
}

// table reads numbers at places that were checked to be there.
type table []byte

func (t table) u16(at int) int { return int(binary.BigEndian.Uint16(t[at:])) }
func (t table) i16(at int) int { return int(int16(binary.BigEndian.Uint16(t[at:]))) }
func (t table) u32(at int) int { return int(binary.BigEndian.Uint32(t[at:])) }

// readFont reads a font that comes with the program: one that is not as it
// should be is a fault of the program, found by the first test.
func readFont(name string, raw []byte) (f *Font, err error) {
	defer func() {
		if recover() != nil {
			f, err = nil, reason.New(reason.Internal, "", "the font %s cannot be read", name)
		}
	}()
	f = &Font{name: name, tables: map[string][]byte{}, glyphs: map[rune]uint16{}}
	file := table(raw)
	for i := range file.u16(4) {
		entry := 12 + 16*i
		from := file.u32(entry + 8)
		f.tables[string(raw[entry:entry+4])] = raw[from : from+file.u32(entry+12)]
	}
	head, hhea, hmtx := table(f.tables["head"]), table(f.tables["hhea"]), table(f.tables["hmtx"])
	f.units, f.count = head.u16(18), table(f.tables["maxp"]).u16(4)
	m := &f.metrics
	m.left, m.bottom, m.right, m.top = head.i16(36), head.i16(38), head.i16(40), head.i16(42)
	m.ascent, m.descent = hhea.i16(4), hhea.i16(6)
	long := hhea.u16(34)
	for g := range f.count {
		f.widths = append(f.widths, uint16(hmtx.u16(4*min(g, long-1))))
	}
	f.readGlyphs()
	return f, nil
}

// readGlyphs reads the mapping of the Basic Multilingual Plane (OpenType cmap,
// format 4).
func (f *Font) readGlyphs() {
	cmap := table(f.tables["cmap"])
	for i := range cmap.u16(2) {
		at := cmap.u32(4 + 8*i + 4)
		if cmap.u16(at) != 4 {
			continue
		}
		segments := cmap.u16(at+6) / 2
		ends, starts := at+14, at+16+2*segments
		deltas, offsets := starts+2*segments, starts+4*segments
		for s := range segments {
			for c := cmap.u16(starts + 2*s); c <= cmap.u16(ends+2*s) && c < 0xFFFF; c++ {
				g := c
				if offset := cmap.u16(offsets + 2*s); offset != 0 {
					if g = cmap.u16(offsets + 2*s + offset + 2*(c-cmap.u16(starts+2*s))); g == 0 {
						continue
					}
				}
				if g = (g + cmap.u16(deltas+2*s)) & 0xFFFF; g != 0 {
					f.glyphs[rune(c)] = uint16(g)
				}
			}
		}
	}
}

// subset returns the font with the outlines of some glyphs only. The numbers of
// glyphs stay as they are.
func (f *Font) subset(used map[uint16]bool) []byte {
	loca, glyf, long := table(f.tables["loca"]), f.tables["glyf"], table(f.tables["head"]).u16(50) == 1
	place := func(g int) int {
		if long {
			return loca.u32(4 * g)
		}
		return 2 * loca.u16(2*g)
	}
	keep := maps.Clone(used)
	keep[0] = true
	for todo := slices.Collect(maps.Keys(keep)); len(todo) > 0; {
		g := int(todo[0])
		todo = todo[1:]
		for _, part := range components(table(glyf[place(g):place(g+1)])) {
			if !keep[part] {
				keep[part] = true
				todo = append(todo, part)
			}
		}
	}
	var outlines, places []byte
	for g := range f.count {
		places = binary.BigEndian.AppendUint32(places, uint32(len(outlines)))
		if keep[uint16(g)] {
			outlines = append(outlines, glyf[place(g):place(g+1)]...)
			outlines = append(outlines, make([]byte, -len(outlines)&3)...)
		}
	}
	places = binary.BigEndian.AppendUint32(places, uint32(len(outlines)))
	head := slices.Clone(f.tables["head"])
	binary.BigEndian.PutUint32(head[8:], 0)
	binary.BigEndian.PutUint16(head[50:], 1)
	return join(map[string][]byte{"head": head, "hhea": f.tables["hhea"], "maxp": f.tables["maxp"], "hmtx": f.tables["hmtx"], "loca": places, "glyf": outlines,
		"cvt ": f.tables["cvt "], "fpgm": f.tables["fpgm"], "prep": f.tables["prep"]})
}

// components returns the glyphs that a composite glyph is put together from
// (OpenType glyf, composite glyph description).
func components(glyph table) []uint16 {
	var out []uint16
	if len(glyph) == 0 || glyph.i16(0) >= 0 {
		return nil
	}
	for at := 10; ; {
		flags := glyph.u16(at)
		out = append(out, uint16(glyph.u16(at+2)))
		at += 6
		if flags&1 != 0 { // arguments are words
			at += 2
		}
		switch {
		case flags&8 != 0: // a scale
			at += 2
		case flags&0x40 != 0: // two
			at += 4
		case flags&0x80 != 0: // a matrix
			at += 8
		}
		if flags&0x20 == 0 { // no more
			return out
		}
	}
}

// join writes the file of a font.
func join(tables map[string][]byte) []byte {
	maps.DeleteFunc(tables, func(_ string, t []byte) bool { return t == nil })
	names := slices.Sorted(maps.Keys(tables))
	out := []byte{0, 1, 0, 0}
	power, log := 1, 0
	for power*2 <= len(names) {
		power, log = power*2, log+1
	}
	for _, n := range []int{len(names), power * 16, log, len(names)*16 - power*16} {
		out = binary.BigEndian.AppendUint16(out, uint16(n))
	}
	at := len(out) + 16*len(names)
	head := 0
	for _, name := range names {
		if name == "head" {
			head = at
		}
		out = append(out, name...)
		for _, n := range []int{int(sum(tables[name])), at, len(tables[name])} {
			out = binary.BigEndian.AppendUint32(out, uint32(n))
		}
		at += (len(tables[name]) + 3) &^ 3
	}
	for _, name := range names {
		out = append(out, tables[name]...)
		out = append(out, make([]byte, -len(out)&3)...)
	}
	binary.BigEndian.PutUint32(out[head+8:], 0xB1B0AFBA-sum(out))
	return out
}

// sum is the checksum of a table.
func sum(data []byte) uint32 {
	var total uint32
	for at := 0; at < len(data); at += 4 {
		var word [4]byte
		copy(word[:], data[at:])
		total += binary.BigEndian.Uint32(word[:])
	}
	return total
}
