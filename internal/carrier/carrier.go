package carrier

import (
	"bytes"
	"context"
	"encoding/base64"
	"strings"
	"unicode"

	"github.com/kompetansebevis/bevis/credential/bake"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// Kind is what a credential came in. The values are those of
// verifier.Report.Carrier.
type Kind string

// The kinds.
const (
	None Kind = ""     // the bytes are the credential itself, or nothing that is known here
	PNG  Kind = "png"  // baked
	SVG  Kind = "svg"  // baked
	PDF  Kind = "pdf"  // attached
	QR   Kind = "qr"   // in a picture of a QR code, or drawn on a PDF with nothing attached
	Zip  Kind = "zip"  // an entry of an archive
	HTML Kind = "html" // a page of a share
)

// Item is one credential, or what may be one, as it lay in its carrier.
type Item struct {
	// Name is its name within the carrier, for showing only; empty when there
	// is none. It is valid UTF-8, bounded, and may hold anything else.
	Name string
	// Kind is the innermost carrier. Of a baked picture Raw is the picture as
	// it came, which package verifier reads; of all others what lay in it.
	Kind Kind
	Raw  []byte
	// Proof are the proofs from transparency logs that lie beside it in an archive, in
	// one file, nil for none.
	Proof []byte

	// Codes are what the QR codes hold that stand on the pages of a PDF, as far
	// as they were read: short forms for paper and credentials. Attached is what
	// else is attached to it. None of it was compared.
	Codes, Attached [][]byte
}

// Limits bound what a carrier may cost. A zero field means the default.
type Limits struct {
	MaxItem    int   // bytes of what lies in a carrier: default 17 MiB, a large picture
	MaxPixels  int   // bytes of a picture's pixels in memory: default 48 MiB
	MaxEntries int   // of a zip: default 1,000,000
	MaxTotal   int64 // bytes that all entries of a zip unpack to: default 16 GiB
	MaxRatio   int64 // how many times its size a zip may unpack to: default 200
}

func (l Limits) withDefaults() Limits {
	set := func(n *int, otherwise int) {
		if *n <= 0 {
			*n = otherwise
		}
	}
	set(&l.MaxItem, 17<<20)
	set(&l.MaxPixels, 48<<20)
	set(&l.MaxEntries, 1_000_000)
	if l.MaxTotal <= 0 {
		l.MaxTotal = 16 << 30
	}
	if l.MaxRatio <= 0 {
		l.MaxRatio = 200
	}
	return l
}

// Detect tells by content what kind of carrier raw would be. Of a picture it
// says PNG or SVG where something may be baked in, and QR for the formats that
// carry a credential in no other way; whether it does is found by Open.
func Detect(raw []byte) Kind {
	if isPage(raw) {
		return HTML
	}
	switch bake.Detect(raw) {
	case bake.PNG:
		return PNG
	case bake.SVG:
		return SVG
	}
	switch {
	case bytes.HasPrefix(raw, []byte(pdfMark)):
		return PDF
	case bytes.HasPrefix(raw, []byte(zipMark)), bytes.HasPrefix(raw, []byte(zipEmptyMark)):
		return Zip
	case bytes.HasPrefix(raw, []byte("\xff\xd8\xff")), bytes.HasPrefix(raw, []byte("GIF87a")), bytes.HasPrefix(raw, []byte("GIF89a")):
		return QR
	}
	return None
}

// Open returns what lies in a carrier. What is none comes back as one item of
// kind None. Entries of a zip that cannot be read are left out here: Walk tells
// of each.
//
// Errors are malformed/pdf, malformed/zip and malformed/share-page (not as the
// format has it), image_invalid, resource_limit, and no_credential with /pdf, /pdf-encrypted,
// /picture, /qr-link, /qr-share, /qr-cborld, /qr-other, /archive or /zip for a sound
// carrier that holds none.
func Open(ctx context.Context, raw []byte, lim Limits) ([]Item, error) {
	lim = lim.withDefaults()
	if Detect(raw) != Zip {
		return openOne(ctx, raw, lim)
	}
	var out []Item
	var last error
	for item, err := range WalkBytes(ctx, raw, lim) {
		if err != nil {
			last = err
			if item.Name == "" { // the archive, and not an entry
				return nil, err
			}
			continue
		}
		out = append(out, item)
	}
	if len(out) == 0 && last != nil {
		return nil, last
	}
	return out, nil
}

// openOne opens anything but a zip.
func openOne(ctx context.Context, raw []byte, lim Limits) ([]Item, error) {
	switch kind := Detect(raw); kind {
	case PDF:
		return openPDF(ctx, raw, lim)
	case QR:
		return openQR(ctx, raw, lim)
	case HTML:
		return openPage(raw, lim)
	case PNG:
		_, err := bake.Extract(raw, bake.Limits{})
		if reason.CodeOf(err) != "no_credential/picture" {
			return []Item{{Kind: kind, Raw: raw}}, nil // what is wrong is for the verifier to say
		}
		return openQR(ctx, raw, lim)
	case SVG:
		if _, ok := drawn(raw); ok {
			return openQR(ctx, raw, lim)
		}
		return []Item{{Kind: kind, Raw: raw}}, nil
	default:
		return []Item{{Kind: kind, Raw: raw}}, nil
	}
}

// isCredential recognises by content what may be a credential: a JSON object
// with the members of one, a compact token, a picture with one baked in. A
// damaged one is recognised too, so that what is wrong with it is said.
func isCredential(data []byte) bool {
	if bake.Detect(data) == bake.PNG {
		_, err := bake.Extract(data, bake.Limits{})
		return err == nil
	}
	data = bytes.TrimSpace(data)
	if !bytes.HasPrefix(data, []byte("{")) {
		return isToken(string(data))
	}
	v, err := strictjson.ParseObject(data, strictjson.Limits{})
	if err != nil {
		return reason.CodeOf(err) != reason.MalformedUTF8
	}
	for _, name := range []string{"@context", "verifiableCredential", "credentialSubject", "proof", "recipient", "vct"} {
		if v.Get(name) != nil {
			return true
		}
	}
	return false
}

// isToken reports whether text is a compact JWS, or an SD-JWT: three parts of
// which the first is a header, and perhaps disclosures.
func isToken(text string) bool {
	token, _, _ := strings.Cut(text, "~")
	parts := strings.Split(token, ".")
	if len(parts) != 3 || strings.ContainsFunc(text, func(r rune) bool {
		return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-_.~", r)
	}) {
		return false
	}
	header, err := base64.RawURLEncoding.DecodeString(parts[0])
	return err == nil && bytes.HasPrefix(bytes.TrimSpace(header), []byte("{"))
}

const maxShownName = 200 // bytes

// shownName makes a name from outside fit to be a name here: valid, bounded,
// never empty.
func shownName(name string) string {
	name = strings.ToValidUTF8(name, "\uFFFD")
	if len(name) > maxShownName {
		name = strings.ToValidUTF8(name[:maxShownName], "") + "…"
	}
	if name == "" {
		return "?"
	}
	return name
}
