package bake_test

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"fmt"
	"image/png"
	"io"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/credential/bake"
	"github.com/kompetansebevis/bevis/internal/testdepth"
)

// maker makes pictures of all kinds, the same for the same seed.
type maker struct {
	*rand.Rand
	kinds map[string]int // how many there were of each
}

func newMaker(seed uint64) *maker {
	return &maker{rand.New(rand.NewPCG(seed, 8)), map[string]int{}}
}

// one in n, counted under a name.
func (m *maker) one(n int, kind string) bool {
	if m.IntN(n) > 0 {
		return false
	}
	m.kinds[kind]++
	return true
}

func (m *maker) bytes(n int) []byte {
	out := make([]byte, n)
	for i := range out {
		out[i] = byte(m.Uint32())
	}
	return out
}

// kindOfPNG is a colour type with its bits per sample and samples per pixel.
type kindOfPNG struct{ color, depth, samples int }

func kindsOfPNG() []kindOfPNG {
	return []kindOfPNG{{0, 1, 1}, {0, 2, 1}, {0, 4, 1}, {0, 8, 1}, {0, 16, 1}, {2, 8, 3}, {2, 16, 3}, {3, 1, 1}, {3, 2, 1}, {3, 4, 1}, {3, 8, 1}, {4, 8, 2}, {4, 16, 2}, {6, 8, 4}, {6, 16, 4}}
}

// png is a picture whose rows are noise: any bytes behind any filter are some
// pixels, since palettes have as many entries as there are values.
func (m *maker) png() []byte {
	k := kindsOfPNG()[m.IntN(15)]
	m.kinds[fmt.Sprintf("colour type %d, %d bits", k.color, k.depth)]++
	width, height := 1+m.IntN(37), 1+m.IntN(37)
	interlaced := 0
	if m.one(2, "interlaced") {
		interlaced = 1
	}
	header := func(w, h int) []byte {
		out := binary.BigEndian.AppendUint32(nil, uint32(w))
		return append(binary.BigEndian.AppendUint32(out, uint32(h)), byte(k.depth), byte(k.color), 0, 0, byte(interlaced))
	}
	out := slices.Concat([]byte("\x89PNG\r\n\x1a\n"), chunkOf("IHDR", header(width, height)))
	add := func(kind string, data []byte) { out = append(out, chunkOf(kind, data)...) }
	if m.one(3, "gAMA") {
		add("gAMA", []byte{0, 0, 0xB1, 0x8F})
	}
	if m.one(4, "private chunk") {
		add("beVi", m.bytes(m.IntN(50)))
	}
	if m.one(4, "eXIf") {
		add("eXIf", append([]byte("MM\x00*"), m.bytes(20)...))
	}
	animated := m.one(3, "animated")
	frames := 1 + m.IntN(4)
	if animated {
		add("acTL", binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, uint32(frames)), 0))
	}
	if k.color == 3 {
		add("PLTE", m.bytes(3<<k.depth))
		if m.one(4, "tRNS") {
			add("tRNS", m.bytes(1+m.IntN(1<<k.depth)))
		}
	} else if k.color == 0 && m.one(8, "tRNS") {
		add("tRNS", []byte{0, 0})
	}
	if m.one(4, "pHYs") {
		add("pHYs", []byte{0, 0, 11, 19, 0, 0, 11, 19, 1})
	}
	m.texts(add)
	sequence := uint32(0)
	control := func(w, h int) {
		data := binary.BigEndian.AppendUint32(nil, sequence)
		for _, n := range []int{w, h, 0, 0} {
			data = binary.BigEndian.AppendUint32(data, uint32(n))
		}
		add("fcTL", append(data, 0, 1, 0, 10, 0, 0))
		sequence++
	}
	if animated {
		control(width, height)
	}
	for _, part := range m.parts(m.pixels(k, width, height, interlaced)) {
		add("IDAT", part)
	}
	for frame := 1; animated && frame < frames; frame++ {
		w, h := 1+m.IntN(width), 1+m.IntN(height)
		control(w, h)
		for _, part := range m.parts(m.pixels(k, w, h, interlaced)) {
			add("fdAT", append(binary.BigEndian.AppendUint32(nil, sequence), part...))
			sequence++
		}
	}
	if m.one(4, "text behind") {
		m.texts(add)
	}
	if m.one(5, "tIME") {
		add("tIME", []byte{7, 234, 11, 28, 12, 0, 0})
	}
	add("IEND", nil)
	return out
}

// texts adds texts that are no credential.
func (m *maker) texts(add func(kind string, data []byte)) {
	if m.one(4, "tEXt") {
		add("tEXt", []byte("Title\x00Merke"))
	}
	var packed bytes.Buffer
	w := zlib.NewWriter(&packed)
	_, _ = w.Write([]byte("openbadgecredential?"))
	_ = w.Close()
	if m.one(4, "zTXt") {
		add("zTXt", append([]byte("Comment\x00\x00"), packed.Bytes()...))
	}
	if m.one(3, "iTXt") {
		add("iTXt", []byte("Title\x00\x00\x00nb\x00Tittel\x00Mærke"))
	}
	if m.one(4, "packed iTXt") {
		add("iTXt", append([]byte("XML:com.adobe.xmp\x00\x01\x00\x00\x00"), packed.Bytes()...))
	}
}

// pixels is a packed stream of rows, in seven passes where it is interlaced (PNG
// section 8.2).
func (m *maker) pixels(k kindOfPNG, width, height, interlaced int) []byte {
	passes := [][4]int{{0, 0, 1, 1}}
	if interlaced == 1 {
		passes = [][4]int{{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}}
	}
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	for _, p := range passes {
		w, h := (width-p[0]+p[2]-1)/p[2], (height-p[1]+p[3]-1)/p[3]
		if w <= 0 || h <= 0 {
			continue
		}
		for range h {
			_, _ = z.Write(append([]byte{byte(m.IntN(5))}, m.bytes((w*k.depth*k.samples+7)/8)...))
		}
	}
	_ = z.Close()
	return packed.Bytes()
}

// parts cuts a stream into some pieces.
func (m *maker) parts(data []byte) (out [][]byte) {
	for len(data) > 0 {
		n := 1 + m.IntN(len(data))
		if m.IntN(2) == 0 {
			n = len(data)
		}
		out, data = append(out, data[:n]), data[n:]
	}
	return out
}

type pngChunk struct {
	kind string
	data []byte
}

func chunksOf(t *testing.T, raw []byte) (out []pngChunk) {
	t.Helper()
	for at := 8; at < len(raw); {
		n := int(binary.BigEndian.Uint32(raw[at:]))
		out = append(out, pngChunk{string(raw[at+4 : at+8]), raw[at+8 : at+8+n]})
		if !bytes.Equal(raw[at:at+12+n], chunkOf(string(raw[at+4:at+8]), raw[at+8:at+8+n])) {
			t.Fatal("a chunk with a wrong checksum")
		}
		at += 12 + n
	}
	return out
}

// frames are the pixels of the picture and of each frame behind it, as the
// decoder of the standard library sees them.
func frames(t *testing.T, raw []byte) (out []any) {
	t.Helper()
	decode := func(raw []byte) {
		picture, err := png.Decode(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, picture)
	}
	decode(raw)
	var head, frame []byte
	end := func() {
		if frame != nil {
			decode(slices.Concat(frame, chunkOf("IEND", nil)))
		}
		frame = nil
	}
	var header []byte
	for _, c := range chunksOf(t, raw) {
		switch c.kind {
		case "IHDR":
			header = c.data
		case "PLTE", "tRNS":
			head = append(head, chunkOf(c.kind, c.data)...)
		case "fcTL":
			end()
			own := slices.Concat(c.data[4:12], header[8:])
			frame = slices.Concat([]byte("\x89PNG\r\n\x1a\n"), chunkOf("IHDR", own), head)
		case "IDAT":
			frame = nil // it was decoded above
		case "fdAT":
			frame = append(frame, chunkOf("IDAT", c.data[4:])...)
		}
	}
	end()
	return out
}

// isOurs reports whether a chunk is the credential.
func isOurs(c pngChunk) bool {
	return c.kind == "iTXt" && bytes.HasPrefix(c.data, []byte("openbadgecredential\x00"))
}

// TestThousandPNG bakes into pictures of all kinds: the pixels of every frame
// and every other chunk stay, and the same bytes come out again.
func TestThousandPNG(t *testing.T) {
	t.Parallel()
	m, all := newMaker(1), testdepth.Part(t, 1000, 250)
	for n := range all {
		plain := m.png()
		want, pixels := chunksOf(t, plain), frames(t, plain)
		raw := plain
		for _, credential := range []string{asJSON, asJWT} { // the second in the place of the first
			baked, err := bake.Bake(raw, []byte(credential), bake.Limits{})
			if err != nil {
				t.Fatalf("%d: %v", n, err)
			}
			chunks := chunksOf(t, baked)
			rest := slices.DeleteFunc(slices.Clone(chunks), isOurs)
			if !reflect.DeepEqual(rest, want) || len(chunks) != len(want)+1 {
				t.Fatalf("%d: other chunks than before", n)
			}
			if !reflect.DeepEqual(frames(t, baked), pixels) {
				t.Fatalf("%d: other pixels than before", n)
			}
			got, err := bake.Extract(baked, bake.Limits{})
			if err != nil || string(got.Credential) != credential {
				t.Fatalf("%d: %v", n, err)
			}
			raw = baked
		}
	}
	for _, kind := range []string{"interlaced", "animated", "tRNS", "iTXt", "packed iTXt", "zTXt", "eXIf", "private chunk", "text behind"} {
		if m.kinds[kind] < all/20 {
			t.Errorf("%s: only %d", kind, m.kinds[kind])
		}
	}
	for _, k := range kindsOfPNG() {
		if m.kinds[fmt.Sprintf("colour type %d, %d bits", k.color, k.depth)] < all/50 {
			t.Errorf("colour type %d, %d bits: too few", k.color, k.depth)
		}
	}
}

// pick returns one of some texts.
func (m *maker) pick(all ...string) string { return all[m.IntN(len(all))] }

// svg is a drawing.
func (m *maker) svg() []byte {
	var b strings.Builder
	line := m.pick("\n", "\r\n", "", " ")
	if m.one(6, "byte order mark") {
		b.WriteString("\ufeff")
	}
	if m.one(2, "prolog") {
		b.WriteString(m.pick(`<?xml version="1.0" encoding="UTF-8"?>`, `<?xml version='1.0' encoding='utf-8' standalone='no' ?>`, `<?xml version="1.0"?>`) + line)
	}
	if m.one(3, "comment in front") {
		b.WriteString(m.pick("<!-- Laga i Bergen -->", "<!-- <svg> er ikkje her -->", "<!---->") + line)
	}
	if m.one(5, "doctype") {
		b.WriteString(`<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">` + line)
	}
	prefix := ""
	if m.one(3, "prefix") {
		prefix = m.pick("svg:", "s:")
	}
	quote := m.pick(`"`, `'`)
	attribute := func(name, value string) string {
		return m.pick(" ", "\n  ", "\t") + name + m.pick("=", " = ") + quote + value + quote
	}
	b.WriteString("<" + prefix + "svg")
	attributes := []string{attribute("width", "40"), attribute("height", "30"), attribute("viewBox", "0 0 40 30")}
	if prefix == "" {
		attributes = append(attributes, attribute("xmlns", "http://www.w3.org/2000/svg"))
	} else {
		attributes = append(attributes, attribute("xmlns:"+strings.TrimSuffix(prefix, ":"), "http://www.w3.org/2000/svg"))
	}
	if m.one(3, "namespaces") {
		attributes = append(attributes, attribute("xmlns:xlink", "http://www.w3.org/1999/xlink"), attribute("xmlns:inkscape", "http://www.inkscape.org/namespaces/inkscape"), attribute("inkscape:version", "1.4 &gt; 1"))
	}
	m.Shuffle(len(attributes), func(i, j int) { attributes[i], attributes[j] = attributes[j], attributes[i] })
	b.WriteString(strings.Join(attributes, ""))
	if m.one(6, "self-closing") {
		b.WriteString(m.pick("", " ", "\n") + "/>" + m.pick("", "\n"))
		return []byte(b.String())
	}
	b.WriteString(m.pick("", " ") + ">" + line)
	for range m.IntN(6) {
		b.WriteString(m.element(prefix, quote, 2) + line)
	}
	b.WriteString("</" + prefix + "svg" + m.pick("", " ") + ">")
	if m.one(4, "comment behind") {
		b.WriteString(line + "<!-- slutt -->")
	}
	b.WriteString(m.pick("", "\n"))
	return []byte(b.String())
}

// element is something drawn.
func (m *maker) element(prefix, quote string, depth int) string {
	switch m.IntN(7) {
	case 0:
		m.kinds["entity"]++
		return "<" + prefix + "text>" + m.pick("Å &amp; Ø", "&lt;svg&gt;", "&#230;&#xE5; &quot;", "linje\neller to") + "</" + prefix + "text>"
	case 1:
		m.kinds["CDATA"]++
		return "<" + prefix + "style" + " type=" + quote + "text/css" + quote + "><![CDATA[ path > a { fill: #123; } /* <b> & */ ]]></" + prefix + "style>"
	case 2:
		m.kinds["comment"]++
		return "<!-- " + m.pick("her", "<path/>", "æ – ø") + " -->"
	case 3:
		if depth > 0 {
			m.kinds["group"]++
			return "<" + prefix + "g id=" + quote + "g" + fmt.Sprint(m.IntN(1000)) + quote + ">" + m.element(prefix, quote, depth-1) + m.element(prefix, quote, depth-1) + "</" + prefix + "g>"
		}
	case 4:
		m.kinds["foreign namespace"]++
		return `<meta:data xmlns:meta=` + quote + `https://meta.example/ns` + quote + `><meta:credential verify=` + quote + `x` + quote + `/></meta:data>`
	case 5:
		m.kinds["openbadges prefix of another"]++
		return `<openbadges:thing xmlns:openbadges=` + quote + `https://other.example/` + quote + `/>`
	}
	return "<" + prefix + "path d=" + quote + "M" + fmt.Sprint(m.IntN(40)) + " 3h4v5z" + quote + m.pick("", " fill="+quote+"#12f"+quote) + "/>"
}

// tokensOf returns the tokens of a drawing without those of a credential, and
// how many credentials there were.
func tokensOf(t *testing.T, raw []byte) (out []xml.Token, credentials int) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(raw))
	inside, root := false, true
	for {
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			return out, credentials
		}
		if err != nil {
			t.Fatalf("%v in %s", err, raw)
		}
		if start, ok := token.(xml.StartElement); ok {
			if start.Name == (xml.Name{Space: "openbadges", Local: "credential"}) {
				inside = true
				credentials++
			}
			if root { // where its namespace is declared
				start.Attr = slices.DeleteFunc(slices.Clone(start.Attr), func(a xml.Attr) bool {
					return a.Name == xml.Name{Space: "xmlns", Local: "openbadges"} && a.Value == "https://purl.imsglobal.org/ob/v3p0"
				})
				token, root = start, false
			}
		}
		if !inside {
			out = append(out, xml.CopyToken(token))
		}
		if end, ok := token.(xml.EndElement); ok && end.Name == (xml.Name{Space: "openbadges", Local: "credential"}) {
			inside = false
		}
	}
}

// TestThousandSVG bakes into drawings of all kinds: all that is in them stays in
// its place, and the same bytes come out again.
func TestThousandSVG(t *testing.T) {
	t.Parallel()
	m := newMaker(2)
	for n := range 1000 {
		plain := m.svg()
		want, _ := tokensOf(t, plain)
		raw := plain
		for _, credential := range []string{asJSON, asJWT} {
			baked, err := bake.Bake(raw, []byte(credential), bake.Limits{})
			if err != nil {
				t.Fatalf("%d: %v in %s", n, err, raw)
			}
			if got, credentials := tokensOf(t, baked); credentials != 1 || !reflect.DeepEqual(got, want) {
				t.Fatalf("%d: %d credentials, and another drawing:\n%s\n%s", n, credentials, plain, baked)
			}
			got, err := bake.Extract(baked, bake.Limits{})
			if err != nil || string(got.Credential) != credential {
				t.Fatalf("%d: %v in %s", n, err, baked)
			}
			raw = baked
		}
	}
	for _, kind := range []string{"byte order mark", "prolog", "comment in front", "comment behind", "doctype", "prefix", "namespaces", "self-closing", "entity", "CDATA", "comment", "group", "foreign namespace", "openbadges prefix of another"} {
		if m.kinds[kind] < 50 {
			t.Errorf("%s: only %d", kind, m.kinds[kind])
		}
	}
}
