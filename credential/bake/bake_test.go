package bake_test

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"encoding/json"
	"hash/crc32"
	"image"
	"image/png"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/kompetansebevis/bevis/credential/bake"
	"github.com/kompetansebevis/bevis/internal/testcorpus"
	"github.com/kompetansebevis/bevis/reason"
)

func picture(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewRGBA(image.Rect(0, 0, 4, 4))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const drawing = `<?xml version="1.0" encoding="UTF-8"?>
<!-- æøå --><svg xmlns="http://www.w3.org/2000/svg" width="4"><title>Märke</title></svg>
`

const (
	asJSON = `{"name":"Prøve æøå 😀","note":"]]>","more":"]]]]>> <&>"}`
	asJWT  = `eyJhbGciOiJFZERTQSJ9.eyJhIjoiYiJ9.c2ln`
)

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	for name, carrier := range map[string][]byte{
		"png": picture(t), "svg": []byte(drawing), "self-closed svg": []byte(`<s:svg xmlns:s="http://www.w3.org/2000/svg" />`), "svg without namespace": []byte(`<svg></svg>`),
	} {
		for _, credential := range []string{asJSON, asJWT} {
			baked, err := bake.Bake(carrier, []byte(credential), bake.Limits{})
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			got, err := bake.Extract(baked, bake.Limits{})
			if err != nil || string(got.Credential) != credential || got.Version != bake.OB3 {
				t.Errorf("%s: %v %v", name, got, err)
			}
			again, err := bake.Bake(baked, []byte(asJSON), bake.Limits{})
			if err != nil {
				t.Fatalf("%s, again: %v", name, err)
			}
			if got, err := bake.Extract(again, bake.Limits{}); err != nil || string(got.Credential) != asJSON {
				t.Errorf("%s, again: %v %v", name, got, err)
			}
		}
		if _, err := bake.Extract(carrier, bake.Limits{}); reason.CodeOf(err) != "no_credential/picture" {
			t.Errorf("%s, plain: %v", name, err)
		}
	}
}

func TestRestStays(t *testing.T) {
	t.Parallel()
	baked, err := bake.Bake([]byte(drawing), []byte(asJWT), bake.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Replace(drawing, `<svg `, `<svg xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0" `, 1)
	want = strings.Replace(want, `width="4">`, `width="4"><openbadges:credential verify="`+asJWT+`"></openbadges:credential>`, 1)
	if string(baked) != want {
		t.Errorf("%s", baked)
	}
	plain := picture(t)
	if baked, err = bake.Bake(plain, []byte(asJWT), bake.Limits{}); err != nil {
		t.Fatal(err)
	}
	if want := insert(plain, chunkOf("iTXt", []byte("openbadgecredential\x00\x00\x00\x00\x00"+asJWT))); !bytes.Equal(baked, want) {
		t.Errorf("%q", baked)
	}
}

func chunkOf(kind string, data []byte) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	out = append(append(out, kind...), data...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[4:]))
}

// insert puts chunks behind the header of a PNG.
func insert(png []byte, chunks ...[]byte) []byte {
	const headerEnd = 8 + 25
	return bytes.Join([][]byte{png[:headerEnd], bytes.Join(chunks, nil), png[headerEnd:]}, nil)
}

func TestPNGRefuses(t *testing.T) {
	t.Parallel()
	plain := picture(t)
	itxt := func(value string) []byte {
		return chunkOf("iTXt", []byte("openbadgecredential\x00\x00\x00\x00\x00"+value))
	}
	good := insert(plain, itxt(asJSON))
	if _, err := bake.Extract(good, bake.Limits{}); err != nil {
		t.Fatal(err)
	}
	badCRC := bytes.Clone(good)
	badCRC[60] ^= 1
	overflow := bytes.Clone(good)
	binary.BigEndian.PutUint32(overflow[33:], 0xFFFFFFFF)
	for name, tt := range map[string]struct {
		data []byte
		code reason.Code
	}{
		"two, equal":      {insert(plain, itxt(asJSON), itxt(asJSON)), "image_invalid/two-credentials"},
		"two, different":  {insert(plain, itxt(asJSON), itxt("{}")), "image_invalid/two-credentials"},
		"checksum":        {badCRC, "image_invalid/checksum"},
		"length overflow": {overflow, "image_invalid/chunk-length"},
		"after the end":   {append(bytes.Clone(good), 'x'), "image_invalid/data-after-end"},
		"no header":       {append([]byte("\x89PNG\r\n\x1a\n"), chunkOf("IEND", nil)...), "image_invalid/order"},
		"not UTF-8":       {insert(plain, itxt("{\xff}")), "image_invalid/text-chunk"},
		"damaged text":    {insert(plain, chunkOf("iTXt", []byte("openbadgecredential\x00\x00"))), "image_invalid/text-chunk"},
	} {
		if got, err := bake.Extract(tt.data, bake.Limits{}); reason.CodeOf(err) != tt.code {
			t.Errorf("%s: %v %v", name, got, err)
		}
	}
	for n := range good {
		if _, err := bake.Extract(good[:n], bake.Limits{}); err == nil {
			t.Errorf("cut at %d: accepted", n)
		}
	}
	if got, err := bake.Extract(insert(plain, chunkOf("iTXt", []byte("openbadges\x00\x00\x00\x00\x00{}"))), bake.Limits{}); err != nil || got.Version != bake.OB2 {
		t.Errorf("Open Badges 2: %v %v", got, err)
	}
}

func TestInflateBombIsCheap(t *testing.T) {
	// The second MiB of zeros packs as all later ones do: it is repeated rather
	// than packed 255 times.
	var packed bytes.Buffer
	w := zlib.NewWriter(&packed)
	zeros := make([]byte, 1<<20)
	first := 0
	for range 2 {
		first = packed.Len()
		w.Write(zeros)
		w.Flush()
	}
	packed.Write(bytes.Repeat(packed.Bytes()[first:], 254))
	bomb := insert(picture(t), chunkOf("iTXt", append([]byte("openbadgecredential\x00\x01\x00\x00\x00"), packed.Bytes()...)))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := bake.Extract(bomb, bake.Limits{})
	runtime.ReadMemStats(&after)
	if reason.CodeOf(err) != reason.LimitInflate || after.TotalAlloc-before.TotalAlloc > 16<<20 {
		t.Errorf("%v, %d bytes allocated", err, after.TotalAlloc-before.TotalAlloc)
	}
}

func TestSVGRefuses(t *testing.T) {
	t.Parallel()
	const ns = ` xmlns="http://www.w3.org/2000/svg" xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0"`
	element := `<openbadges:credential><![CDATA[{}]]></openbadges:credential>`
	for name, tt := range map[string]struct {
		svg  string
		code reason.Code
	}{
		"two":              {`<svg` + ns + `>` + element + element + `</svg>`, "image_invalid/two-credentials"},
		"two contents":     {`<svg` + ns + `><openbadges:credential verify="` + asJWT + `">{}</openbadges:credential></svg>`, "image_invalid/ambiguous"},
		"nested":           {`<svg` + ns + `><g>` + element + `</g></svg>`, "image_invalid/ambiguous"},
		"wrong namespace":  {`<svg xmlns="http://www.w3.org/2000/svg" xmlns:openbadges="https://evil.example"><openbadges:credential>{}</openbadges:credential></svg>`, "image_invalid/wrong-namespace"},
		"doctype":          {`<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg` + ns + `>&x;</svg>`, "image_invalid/doctype"},
		"entity":           {`<svg` + ns + `>&x;</svg>`, "image_invalid/xml"},
		"cut short":        {`<svg` + ns + `>` + element, "image_invalid/xml"},
		"html":             {`<html></html>`, "no_credential/page"},
		"html, as written": {"\n<!DOCTYPE HTML>\n<p>Logg inn", "no_credential/page"},
		"htmlish":          {`<htmlx></htmlx>`, "no_credential/xml"},
		"empty":            {`<svg` + ns + `><openbadges:credential/></svg>`, "no_credential/picture"},
		"deep":             {`<svg` + ns + `>` + strings.Repeat("<g>", 300) + strings.Repeat("</g>", 300) + `</svg>`, "resource_limit/xml"},
	} {
		if got, err := bake.Extract([]byte(tt.svg), bake.Limits{}); reason.CodeOf(err) != tt.code {
			t.Errorf("%s: %v %v", name, got, err)
		}
	}
	for code, part := range map[reason.Code]string{
		"display_warning/active-image":   `<script>alert(1)</script>`,
		"display_warning/external-image": `<image href="https://track.example/x.png"/>`,
	} {
		got, err := bake.Extract([]byte(`<svg`+ns+`>`+element+part+`</svg>`), bake.Limits{})
		if err != nil || len(got.Warnings) != 1 || got.Warnings[0].Code != code {
			t.Errorf("%s: %v %v", code, got, err)
		}
	}
}

// TestPicturesOfOthers takes the credentials out of real baked badges.
func TestPicturesOfOthers(t *testing.T) {
	t.Parallel()
	root := testcorpus.Path(t)
	counts := map[string]int{}
	for _, dir := range []string{"openbadges/1edtech", "openbadges/ob20", "attacks/valid"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".png") && !strings.HasSuffix(path, ".svg") {
				return err
			}
			if strings.Contains(path, "assets") {
				return nil // pictures of classes, not badges
			}
			raw, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			got, err := bake.Extract(raw, bake.Limits{})
			if err != nil {
				t.Errorf("%s: %v", path, err)
				return nil
			}
			counts[dir]++
			if !json.Valid(got.Credential) && strings.Count(string(got.Credential), ".") != 2 && got.Version != bake.OB2 {
				t.Errorf("%s: %.80q", path, got.Credential)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Log(counts)
}

func FuzzExtract(f *testing.F) {
	baked, err := bake.Bake(picture(f), []byte(asJSON), bake.Limits{})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(baked)
	drawn, err := bake.Bake([]byte(drawing), []byte(asJSON), bake.Limits{})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(drawn)
	f.Add(insert(picture(f), chunkOf("tEXt", []byte("openbadges\x00https://example.org/a")), chunkOf("zTXt", append([]byte("openbadgecredential\x00\x00"), deflated(asJWT)...))))
	f.Add([]byte(`<!DOCTYPE svg><svg xmlns:o="http://openbadges.org"><o:assertion verify="a">{}</o:assertion><style>@import "x"</style></svg>`))
	f.Add([]byte(svgTag + `]]` + svgBadge + `><style>@import "x";<g style=":"/></style></svg>`))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := bake.Extract(data, bake.Limits{})
		if err != nil {
			if got != nil || reason.CodeOf(err) == reason.Internal {
				t.Fatalf("%v %v", got, err)
			}
			return
		}
		if len(got.Credential) == 0 || !utf8.Valid(got.Credential) {
			t.Fatalf("%+v", got)
		}
		again, err := bake.Bake(data, []byte(asJWT), bake.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if out, err := bake.Extract(again, bake.Limits{}); err != nil || string(out.Credential) != asJWT || out.Version != bake.OB3 {
			t.Fatalf("%v %v", out, err)
		}
	})
}
