package attacks

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/png"
	"io"
	"strings"

	"github.com/kompetansebevis/bevis/credential/bake"
)

func (f *forge) picture(row, name, what string, raw []byte, ext string, want ...string) {
	f.add(Case{Row: row, Name: name, What: what, Raw: raw, Ext: ext, Want: want})
}

func chunk(kind string, data []byte) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	out = append(append(out, kind...), data...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[4:]))
}

// blank is a picture of four pixels, and where its chunks end.
func (f *forge) blank() (raw []byte, end int) {
	var out bytes.Buffer
	if err := png.Encode(&out, image.NewGray(image.Rect(0, 0, 2, 2))); err != nil {
		f.fail("png: %w", err)
	}
	return out.Bytes(), out.Len() - 12
}

func (f *forge) bakedPNG(text []byte) []byte {
	blank, end := f.blank()
	return append(append(bytes.Clone(blank[:end]), text...), blank[end:]...)
}

func iTXt(credential string) []byte {
	return chunk("iTXt", []byte("openbadgecredential\x00\x00\x00\x00\x00"+credential))
}

func (f *forge) pictures() {
	signed := f.signed(rdfcSuite, f.badge(f.issuer), f.issuer)
	blank, end := f.blank()
	good := f.bakedPNG(iTXt(signed))
	f.picture("IM-10", "badge", "a badge in a picture, which itself is not signed", good, "png", "display_warning")
	f.picture("IM-01", "other keyword", "a credential under another keyword", f.bakedPNG(chunk("iTXt", []byte("credential\x00\x00\x00\x00\x00"+signed))), "png", "no_credential", "image_invalid")
	f.picture("IM-01", "forged", "a forged credential baked in", f.bakedPNG(iTXt(f.signed(rdfcSuite, f.badge(f.issuer), f.attacker))), "png", "issuer_mismatch", "image_invalid", "bad_signature")
	f.picture("IM-02", "two", "two credentials in one picture", f.bakedPNG(append(iTXt(signed), iTXt(f.signed(jcsSuite, f.badge(f.second), f.second))...)), "png", "image_invalid")
	bomb := f.packed(func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }, io.LimitReader(zeros{}, 100<<20))
	f.picture("IM-03", "bomb", "a text that inflates to 100 MiB", f.bakedPNG(chunk("iTXt", append([]byte("openbadgecredential\x00\x01\x00\x00\x00"), bomb...))), "png", "resource_limit", "image_invalid")
	crc := bytes.Clone(good)
	crc[len(crc)-13] ^= 1
	f.picture("IM-04", "crc", "a checksum that is wrong", crc, "png", "image_invalid")
	f.picture("IM-04", "cut", "a picture cut in the credential", good[:len(good)-40], "png", "image_invalid")
	f.picture("IM-04", "behind the end", "a credential behind the end of the picture", append(bytes.Clone(blank), iTXt(signed)...), "png", "image_invalid", "no_credential")
	f.picture("IM-04", "cut behind", "a picture without its end", good[:len(good)-8], "png", "image_invalid")
	f.picture("IM-04", "text", "a text in a packing that there is not", f.bakedPNG(chunk("iTXt", []byte("openbadgecredential\x00\x07\x00\x00\x00"+signed))), "png", "image_invalid")
	f.picture("IM-11", "chunks", "a hundred thousand chunks", f.bakedPNG(append(bytes.Repeat(chunk("tIME", nil), 100_000), iTXt(signed)...)), "png", "resource_limit", "image_invalid")
	f.picture("IM-02", "older", "a badge of version 2 beside it", f.bakedPNG(append(chunk("tEXt", []byte("openbadges\x00https://kurs.example/assertion")), iTXt(signed)...)), "png", "display_warning")
	long := bytes.Clone(good)
	binary.BigEndian.PutUint32(long[end:], 0x7fffffff)
	f.picture("IM-04", "length", "a length of 2 GiB", long, "png", "image_invalid", "resource_limit")
	f.picture("IM-04", "before the head", "a credential before the picture's head", append(append(bytes.Clone(blank[:8]), iTXt(signed)...), blank[8:]...), "png", "image_invalid")
	huge := bytes.Clone(good)
	binary.BigEndian.PutUint32(huge[16:], 0x7fffffff)
	binary.BigEndian.PutUint32(huge[20:], 0x7fffffff)
	binary.BigEndian.PutUint32(huge[29:], crc32.ChecksumIEEE(huge[12:29]))
	// Either answer is sound, as long as no pixel is made.
	f.picture("IM-05", "huge", "a picture of 2^31 by 2^31 pixels", huge, "png", "display_warning")
	f.picture("IM-09", "text", "a text that says it is a picture", []byte("\x89PNG\r\n"+signed), "png", "image_invalid", "malformed", "no_credential")
}

const svgHead = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0">`

func (f *forge) drawings() {
	signed := f.signed(rdfcSuite, f.badge(f.issuer), f.issuer)
	baked := `<openbadges:credential><![CDATA[` + signed + `]]></openbadges:credential>`
	svg := func(row, name, what, raw string, want ...string) {
		f.picture(row, name, what, []byte(raw), "svg", want...)
	}
	svg("IM-10", "drawing", "a badge in a drawing, which itself is not signed", svgHead+baked+`<text>Doktorgrad</text></svg>`, "display_warning")
	svg("IM-06", "entity", "an entity from a file", `<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/hostname">]>`+svgHead+baked+`<text>&x;</text></svg>`, "image_invalid", "remote_fetch_blocked", "resource_limit")
	svg("IM-06", "parameter", "a parameter entity from a server", `<!DOCTYPE svg [<!ENTITY % x SYSTEM "http://10.0.0.1/x"> %x;]>`+svgHead+baked+`</svg>`, "image_invalid", "remote_fetch_blocked", "resource_limit")
	svg("IM-06", "deep", "a drawing nested a hundred thousand deep", svgHead+baked+strings.Repeat("<g>", 100_000)+strings.Repeat("</g>", 100_000)+`</svg>`, "image_invalid", "resource_limit")
	svg("IM-07", "handler", "a drawing with a handler", svgHead+baked+`<rect onclick="alert(1)"/></svg>`, "display_warning")
	svg("IM-07", "use", "a drawing that loads from elsewhere", svgHead+baked+`<image href="https://tracker.example/p.png"/></svg>`, "display_warning")
	svg("IM-08", "two", "two credentials", svgHead+baked+baked+`</svg>`, "image_invalid")
	svg("IM-08", "attribute and body", "one in the attribute and one in the body", svgHead+`<openbadges:credential verify="`+f.token(head("vc+jwt", "EdDSA", f.issuer.method), f.badge(f.issuer), f.issuer)+`"><![CDATA[`+signed+`]]></openbadges:credential></svg>`, "image_invalid", "bad_signature")
	svg("IM-08", "namespace", "the prefix bound to another namespace", strings.Replace(svgHead, "https://purl.imsglobal.org/ob/v3p0", "https://purl.example/ob/v3p0", 1)+baked+`</svg>`, "image_invalid", "no_credential")
	svg("IM-08", "comment", "a credential in a comment", svgHead+`<!-- `+strings.ReplaceAll(baked, "--", "")+` --></svg>`, "no_credential", "image_invalid")
	if _, err := bake.Extract([]byte(svgHead+baked+`</svg>`), bake.Limits{}); err != nil {
		f.fail("the drawing itself: %w", err)
	}
}
