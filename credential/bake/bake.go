package bake

import (
	"bytes"

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

// Bake returns the picture with the credential in it, JSON or a compact JWS.
// A credential of the same edition that was in it is replaced; everything else
// stays byte for byte.
func Bake(image, credential []byte, lim Limits) ([]byte, error) {
	lim = lim.withDefaults()
	credential = bytes.TrimSpace(credential)
	switch {
	case len(image) > lim.MaxImage:
		return nil, reason.New(reason.LimitSize, "", "a picture of %d bytes, the limit is %d", len(image), lim.MaxImage)
	case len(credential) == 0 || len(credential) > lim.MaxText:
		return nil, reason.New(reason.LimitSize, "", "a credential of %d bytes cannot be baked", len(credential))
	}
	switch Detect(image) {
	case PNG:
		return bakePNG(image, credential)
	case SVG:
		return bakeSVG(image, credential, lim)
	}
	return nil, reason.New("image_invalid/format", "", "neither PNG nor SVG")
}

func none() error {
	return reason.New("no_credential/picture", "", "the picture carries no credential")
}
