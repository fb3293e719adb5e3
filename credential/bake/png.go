package bake

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"io"
	"iter"
	"unicode/utf8"

	"github.com/kompetansebevis/bevis/reason"
)

const (
	pngSignature = "\x89PNG\r\n\x1a\n"
	keyword      = "openbadgecredential" // Open Badges 3.0
	keywordOB2   = "openbadges"
	maxChunks    = 100_000
	chunkFrame   = 12 // length, type and checksum
	headerSize   = 13
)

// chunk is one part of a PNG with its frame: length, type, data and checksum.
type chunk []byte

func (c chunk) kind() string { return string(c[4:8]) }
func (c chunk) data() []byte { return c[8 : len(c)-4] }

// checkChunks holds all of a PNG against its rules (PNG specification section
// 5). Nothing is kept of the chunks, of which a hostile picture has many.
func checkChunks(image []byte) error {
	rest := image[len(pngSignature):]
	var before order
	for {
		if len(rest) < chunkFrame {
			return reason.New("image_invalid/truncated", "", "the picture is cut short")
		}
		if before.chunks >= maxChunks {
			return reason.New("resource_limit/chunks", "", "more than %d chunks", maxChunks)
		}
		n := binary.BigEndian.Uint32(rest)
		if n > 1<<31-1 || uint64(n) > uint64(len(rest)-chunkFrame) {
			return reason.New("image_invalid/chunk-length", "", "a chunk is longer than the picture")
		}
		c := chunk(rest[:int(n)+chunkFrame])
		rest = rest[len(c):]
		if crc32.ChecksumIEEE(c[4:len(c)-4]) != binary.BigEndian.Uint32(c[len(c)-4:]) {
			return reason.New("image_invalid/checksum", "", "a chunk's checksum is wrong")
		}
		if err := before.take(c); err != nil {
			return err
		}
		if c.kind() == "IEND" {
			if len(rest) > 0 {
				return reason.New("image_invalid/data-after-end", "", "data follows the end of the picture")
			}
			return nil
		}
	}
}

// chunks walks through a PNG that checkChunks found right.
func chunks(image []byte) iter.Seq[chunk] {
	return func(yield func(chunk) bool) {
		for rest := image[len(pngSignature):]; len(rest) > 0; {
			c := chunk(rest[:int(binary.BigEndian.Uint32(rest))+chunkFrame])
			rest = rest[len(c):]
			if !yield(c) {
				return
			}
		}
	}
}

// order is what the place of the next chunk depends on.
type order struct {
	chunks           int
	pixels, inPixels bool // were there any, and was the last chunk one of them
}

// take holds a chunk against those before it (PNG specification section 5.6):
// one header first, pixels in one run, nothing in the end.
func (before *order) take(c chunk) error {
	for _, letter := range c[4:8] {
		if letter|0x20 < 'a' || letter|0x20 > 'z' {
			return reason.New("image_invalid/order", "", "a chunk has no name")
		}
	}
	if (before.chunks == 0) != (c.kind() == "IHDR") {
		return reason.New("image_invalid/order", "", "the picture does not begin with its one header")
	}
	switch c.kind() {
	case "IHDR":
		if len(c.data()) != headerSize {
			return reason.New("image_invalid/chunk-length", "", "the header has %d bytes instead of %d", len(c.data()), headerSize)
		}
	case "IDAT":
		if before.pixels && !before.inPixels {
			return reason.New("image_invalid/order", "", "something stands between the pixels")
		}
		before.pixels = true
	case "IEND":
		if len(c.data()) > 0 {
			return reason.New("image_invalid/chunk-length", "", "the end of the picture holds data")
		}
		if !before.pixels {
			return reason.New("image_invalid/order", "", "the picture has no pixels")
		}
	}
	before.chunks++
	before.inPixels = c.kind() == "IDAT"
	return nil
}

// text is an iTXt, tEXt or zTXt chunk that carries a badge.
type text struct {
	keyword string
	value   []byte
}

// badgeText reads a chunk if its keyword is one of Open Badges.
func badgeText(c chunk, lim Limits) (*text, error) {
	if c.kind() != "iTXt" && c.kind() != "tEXt" && c.kind() != "zTXt" {
		return nil, nil
	}
	name, rest, ok := bytes.Cut(c.data(), []byte{0})
	if !ok || string(name) != keyword && string(name) != keywordOB2 {
		return nil, nil
	}
	out := &text{keyword: string(name), value: rest}
	compressed := false
	switch c.kind() {
	case "zTXt":
		if len(rest) < 1 || rest[0] != 0 {
			return nil, reason.New("image_invalid/text-chunk", "", "the text is compressed in an unknown way")
		}
		compressed, out.value = true, rest[1:]
	case "iTXt":
		// Compression flag and method, then language and translated keyword,
		// each ended by a zero.
		if len(rest) < 2 || rest[0] > 1 || rest[0] == 1 && rest[1] != 0 {
			return nil, reason.New("image_invalid/text-chunk", "", "the text chunk is damaged")
		}
		compressed = rest[0] == 1
		_, rest, ok = bytes.Cut(rest[2:], []byte{0})
		if ok {
			_, rest, ok = bytes.Cut(rest, []byte{0})
		}
		if !ok {
			return nil, reason.New("image_invalid/text-chunk", "", "the text chunk is damaged")
		}
		out.value = rest
	}
	if compressed {
		var err error
		if out.value, err = inflate(out.value, lim.MaxText); err != nil {
			return nil, err
		}
	}
	if len(out.value) > lim.MaxText {
		return nil, reason.New(reason.LimitSize, "", "the text is longer than %d bytes", lim.MaxText)
	}
	if !utf8.Valid(out.value) {
		return nil, reason.New("image_invalid/text-chunk", "", "the text is not UTF-8")
	}
	return out, nil
}

// inflate opens a zlib stream of at most limit bytes that fills its chunk: what
// stood behind it would be read by nobody, or by somebody else.
func inflate(packed []byte, limit int) ([]byte, error) {
	source := bytes.NewReader(packed)
	r, err := zlib.NewReader(source)
	if err != nil {
		return nil, reason.New("image_invalid/text-chunk", "", "the compressed text is damaged")
	}
	out, err := io.ReadAll(io.LimitReader(r, int64(limit)+1))
	switch {
	case err == nil && len(out) > limit:
		return nil, reason.New(reason.LimitInflate, "", "the text is longer than %d bytes", limit)
	case err != nil || source.Len() > 0:
		return nil, reason.New("image_invalid/text-chunk", "", "the compressed text is damaged")
	}
	return out, nil
}

func extractPNG(image []byte, lim Limits) (*Baked, error) {
	if err := checkChunks(image); err != nil {
		return nil, err
	}
	found := map[string][]byte{}
	for c := range chunks(image) {
		t, err := badgeText(c, lim)
		if err != nil {
			return nil, err
		}
		if t == nil {
			continue
		}
		if _, twice := found[t.keyword]; twice {
			return nil, reason.New("image_invalid/two-credentials", "", "the picture carries two credentials")
		}
		found[t.keyword] = t.value
	}
	for name, value := range found {
		if len(trim(value)) == 0 {
			delete(found, name)
		}
	}
	older, hasOlder := found[keywordOB2]
	if value, ok := found[keyword]; ok {
		out := &Baked{Format: PNG, Version: OB3, Credential: value}
		if hasOlder {
			out.Warnings = []Warning{alsoOB2()}
		}
		return out, nil
	}
	if hasOlder {
		return &Baked{Format: PNG, Version: OB2, Credential: older}, nil
	}
	return nil, none()
}

func bakePNG(image, credential []byte, lim Limits) ([]byte, error) {
	if err := checkChunks(image); err != nil {
		return nil, err
	}
	data := append([]byte(keyword), 0, 0, 0, 0, 0)
	data = append(data, credential...)
	out := make([]byte, 0, len(image)+len(data)+chunkFrame)
	out = append(out, pngSignature...)
	replaced, first := false, true
	for c := range chunks(image) {
		was, err := badgeText(c, lim)
		if err != nil {
			return nil, err
		}
		if was != nil && was.keyword == keyword {
			if replaced {
				return nil, reason.New("image_invalid/two-credentials", "", "the picture carries two credentials")
			}
			replaced = true
			continue
		}
		out = append(out, c...)
		if first { // behind the header, where a reader finds it early
			out, first = appendChunk(out, "iTXt", data), false
		}
	}
	return out, nil
}

func appendChunk(dst []byte, kind string, data []byte) []byte {
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(data)))
	start := len(dst)
	dst = append(append(dst, kind...), data...)
	return binary.BigEndian.AppendUint32(dst, crc32.ChecksumIEEE(dst[start:]))
}
