package bake

import (
	"bytes"
	"unicode/utf8"

	"github.com/kompetansebevis/bevis/reason"
)

// Format is a format of pictures.
type Format uint8

// The formats that carry credentials.
const (
	Unknown Format = iota
	PNG
	SVG
)

// String returns "png", "svg" or "".
func (f Format) String() string {
	switch f {
	case PNG:
		return "png"
	case SVG:
		return "svg"
	default:
		return ""
	}
}

// Version is the edition of Open Badges in whose place the text stands.
type Version uint8

// The editions.
const (
	OB3 Version = iota
	OB2
)

// Limits bound what a picture may cost. A zero field means the default.
type Limits struct {
	MaxImage int // bytes, default 16 MiB
	MaxText  int // bytes of the credential, also when inflated, default 1 MiB
}

func (l Limits) withDefaults() Limits {
	if l.MaxImage <= 0 {
		l.MaxImage = 16 << 20
	}
	if l.MaxText <= 0 {
		l.MaxText = 1 << 20
	}
	return l
}

// Baked is what was found in a picture.
type Baked struct {
	Format     Format
	Version    Version
	Credential []byte // JSON or a compact JWS, byte for byte
	Warnings   []Warning
}

// Warning is something about the picture that whoever shows it must know.
type Warning struct {
	Code   reason.Code // display_warning/…
	Detail string
}

// Detect tells the format by content.
func Detect(data []byte) Format {
	if bytes.HasPrefix(data, []byte(pngSignature)) {
		return PNG
	}
	text := bytes.TrimLeft(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), " \t\r\n")
	if bytes.HasPrefix(text, []byte("<")) {
		return SVG
	}
	return Unknown
}

// Extract takes the credential out of a picture. Errors are image_invalid,
// no_credential (a sound picture that carries none) and resource_limit.
func Extract(image []byte, lim Limits) (*Baked, error) {
	lim = lim.withDefaults()
	if len(image) > lim.MaxImage {
		return nil, reason.New(reason.LimitSize, "", "a picture of %d bytes, the limit is %d", len(image), lim.MaxImage)
	}
	switch Detect(image) {
	case PNG:
		return extractPNG(image, lim)
	case SVG:
		return extractSVG(image, lim)
	}
	return nil, reason.New("image_invalid/format", "", "neither PNG nor SVG")
}

// Bake returns the picture with the credential in it, JSON or a compact JWS,
// without white space around it. A credential of Open Badges 3.0 that was in it
// is replaced; everything else stays byte for byte. The result is read again
// before it is returned: what Bake returns, Extract finds. Errors are
// image_invalid, resource_limit, no_credential (nothing to bake) and malformed
// (what is to be baked is neither, or not in UTF-8).
func Bake(image, credential []byte, lim Limits) ([]byte, error) {
	lim = lim.withDefaults()
	credential = trim(credential)
	if err := checkBakeable(credential, lim); err != nil {
		return nil, err
	}
	if len(image) > lim.MaxImage {
		return nil, reason.New(reason.LimitSize, "", "a picture of %d bytes, the limit is %d", len(image), lim.MaxImage)
	}
	var out []byte
	var err error
	switch Detect(image) {
	case PNG:
		out, err = bakePNG(image, credential, lim)
	case SVG:
		out, err = bakeSVG(image, credential, lim)
	default:
		err = reason.New("image_invalid/format", "", "neither PNG nor SVG")
	}
	if err != nil {
		return nil, err
	}
	got, err := Extract(out, lim)
	if err != nil {
		return nil, err
	}
	if got.Version != OB3 || !bytes.Equal(got.Credential, credential) {
		return nil, reason.New(reason.Internal, "", "what was baked does not come out again as it was")
	}
	return out, nil
}

// checkBakeable tells whether text looks like a JSON object or a compact JWS.
func checkBakeable(credential []byte, lim Limits) error {
	switch {
	case len(credential) == 0:
		return reason.New("no_credential/empty", "", "there is nothing to bake")
	case len(credential) > lim.MaxText:
		return reason.New(reason.LimitSize, "", "a credential of %d bytes, the limit is %d", len(credential), lim.MaxText)
	case !utf8.Valid(credential):
		return reason.New(reason.MalformedUTF8, "", "the credential is not UTF-8")
	case credential[0] == '{' && credential[len(credential)-1] == '}':
		return nil
	}
	jws := func(r rune) bool {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-' || r == '_' || r == '.'
	}
	if bytes.Count(credential, []byte(".")) != 2 || len(bytes.TrimLeftFunc(credential, jws)) > 0 {
		return reason.New(reason.MalformedJWS, "", "neither a JSON object nor a compact JWS")
	}
	return nil
}

func alsoOB2() Warning {
	return Warning{"display_warning/older-badge", "the picture also carries an Open Badge of version 2, which was not read"}
}

func none() error {
	return reason.New("no_credential/picture", "", "the picture carries no credential")
}
