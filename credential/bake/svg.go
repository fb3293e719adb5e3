package bake

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/kompetansebevis/bevis/reason"
)

const (
	svgNS     = "http://www.w3.org/2000/svg"
	badgeNS   = "https://purl.imsglobal.org/ob/v3p0"
	badgeNS2  = "http://openbadges.org"
	maxDepth  = 200
	maxTokens = 500_000
)

// svgScan is what one pass over an SVG finds.
type svgScan struct {
	root       xml.Name
	rootStart  int64 // where the root's tag begins
	rootEnd    int64 // behind the root's start tag
	selfClosed bool
	found      []svgCredential
	warnings   []Warning
	wrongNS    bool
}

type svgCredential struct {
	version    Version
	attribute  string
	body       []byte
	start, end int64
}

// scanSVG reads the whole document, so that damage behind the credential
// does not go unseen.
func scanSVG(image []byte, lim Limits) (*svgScan, error) {
	if !utf8.Valid(image) {
		return nil, reason.New("image_invalid/xml", "", "the picture is not UTF-8")
	}
	d := xml.NewDecoder(bytes.NewReader(image))
	d.Strict = true
	d.CharsetReader = func(string, io.Reader) (io.Reader, error) {
		return nil, errors.New("only UTF-8 is read")
	}
	s := &svgScan{}
	var open *svgCredential
	depth := 0
	for tokens := 0; ; tokens++ {
		if tokens > maxTokens {
			return nil, reason.New("resource_limit/xml", "", "the picture has more than %d parts", maxTokens)
		}
		before := d.InputOffset()
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, reason.New("image_invalid/xml", "", "the picture is not well-formed XML")
		}
		switch t := token.(type) {
		case xml.Directive:
			// The public SVG type is common and is not loaded; one with
			// declarations of its own could define entities.
			if bytes.ContainsRune(t, '[') || !bytes.HasPrefix(t, []byte("DOCTYPE")) {
				return nil, reason.New("image_invalid/doctype", "", "the picture declares a document type of its own, which could define entities")
			}
		case xml.StartElement:
			if depth++; depth > maxDepth {
				return nil, reason.New("resource_limit/xml", "", "the picture is nested deeper than %d", maxDepth)
			}
			if open != nil {
				return nil, reason.New("image_invalid/ambiguous", "", "the credential holds elements")
			}
			if depth == 1 {
				s.root, s.rootStart, s.rootEnd = t.Name, before, d.InputOffset()
				s.selfClosed = bytes.HasSuffix(image[:s.rootEnd], []byte("/>"))
			}
			s.look(t)
			if version, ok := badgeElement(t.Name, &s.wrongNS); ok {
				s.found = append(s.found, svgCredential{version: version, attribute: attribute(t, "verify"), start: before})
				open = &s.found[len(s.found)-1]
				if depth != 2 {
					return nil, reason.New("image_invalid/ambiguous", "", "the credential is not directly inside the picture")
				}
			}
		case xml.EndElement:
			if open != nil {
				open.end = d.InputOffset()
				open = nil
			}
			depth--
		case xml.CharData:
			if open != nil {
				if open.body = append(open.body, t...); len(open.body) > lim.MaxText {
					return nil, reason.New(reason.LimitSize, "", "the credential is longer than %d bytes", lim.MaxText)
				}
			}
		}
	}
	if depth != 0 || s.root.Local != "svg" || s.root.Space != svgNS && s.root.Space != "" {
		return nil, reason.New("image_invalid/xml", "", "the document is no SVG picture")
	}
	return s, nil
}

// badgeElement tells the badge element by namespace, not by prefix.
func badgeElement(name xml.Name, wrongNS *bool) (Version, bool) {
	switch {
	case name.Space == badgeNS && name.Local == "credential":
		return OB3, true
	case name.Space == badgeNS2 && name.Local == "assertion":
		return OB2, true
	case name.Local == "credential" && name.Space != svgNS && name.Space != "":
		*wrongNS = true
	}
	return OB3, false
}

func attribute(t xml.StartElement, name string) string {
	for _, a := range t.Attr {
		if a.Name.Local == name && a.Name.Space == "" {
			return a.Value
		}
	}
	return ""
}

// look notes what runs or loads something when the picture is opened.
func (s *svgScan) look(t xml.StartElement) {
	warn := func(code reason.Code, detail string) {
		for _, w := range s.warnings {
			if w.Code == code {
				return
			}
		}
		s.warnings = append(s.warnings, Warning{code, detail})
	}
	if t.Name.Local == "script" || t.Name.Local == "foreignObject" {
		warn("display_warning/active-image", "the picture holds scripts or foreign content: do not open it as it is")
	}
	for _, a := range t.Attr {
		value := strings.ToLower(strings.TrimSpace(a.Value))
		switch {
		case strings.HasPrefix(strings.ToLower(a.Name.Local), "on") || strings.HasPrefix(value, "javascript:"):
			warn("display_warning/active-image", "the picture holds scripts or foreign content: do not open it as it is")
		case (a.Name.Local == "href" || a.Name.Local == "src") && !strings.HasPrefix(value, "#") && !strings.HasPrefix(value, "data:image/") && t.Name.Local != "a",
			strings.Contains(value, "url(http"), strings.Contains(value, "url('http"), strings.Contains(value, `url("http`):
			warn("display_warning/external-image", "the picture loads something from elsewhere when opened, which tells that it was")
		}
	}
}

func extractSVG(image []byte, lim Limits) (*Baked, error) {
	s, err := scanSVG(image, lim)
	if err != nil {
		return nil, err
	}
	switch {
	case len(s.found) == 0 && s.wrongNS:
		return nil, reason.New("image_invalid/wrong-namespace", "", "the element that looks like a credential is of another namespace")
	case len(s.found) == 0:
		return nil, none()
	case len(s.found) > 1:
		return nil, reason.New("image_invalid/two-credentials", "", "the picture carries two credentials")
	}
	c := s.found[0]
	body := bytes.TrimSpace(c.body)
	verify := strings.TrimSpace(c.attribute)
	if verify != "" && len(body) > 0 && verify != string(body) {
		return nil, reason.New("image_invalid/ambiguous", "", "the credential stands in two places, with two contents")
	}
	if verify != "" {
		body = []byte(verify)
	}
	if len(body) == 0 {
		return nil, none()
	}
	return &Baked{Format: SVG, Version: c.version, Credential: body, Warnings: s.warnings}, nil
}

func bakeSVG(image, credential []byte, lim Limits) ([]byte, error) {
	s, err := scanSVG(image, lim)
	if err != nil {
		return nil, err
	}
	if len(s.found) > 1 {
		return nil, reason.New("image_invalid/two-credentials", "", "the picture carries two credentials")
	}
	if len(s.found) == 1 {
		c := s.found[0]
		image = append(bytes.Clone(image[:c.start]), image[c.end:]...)
		if s, err = scanSVG(image, lim); err != nil {
			return nil, err
		}
	}
	// The declaration stands on the element itself, so the root's tag keeps
	// its bytes.
	var element []byte
	if credential[0] == '{' {
		guarded := bytes.ReplaceAll(credential, []byte("]]>"), []byte("]]]]><![CDATA[>"))
		element = append([]byte(`<openbadges:credential xmlns:openbadges="`+badgeNS+`"><![CDATA[`), guarded...)
		element = append(element, `]]></openbadges:credential>`...)
	} else {
		var value bytes.Buffer
		if err := xml.EscapeText(&value, credential); err != nil {
			return nil, reason.Wrap(reason.Internal, "", err)
		}
		element = []byte(`<openbadges:credential xmlns:openbadges="` + badgeNS + `" verify="` + value.String() + `"/>`)
	}
	head, tail := image[:s.rootEnd], image[s.rootEnd:]
	if s.selfClosed {
		name := rootName(image[s.rootStart:s.rootEnd])
		head = append(bytes.Clone(head[:len(head)-2]), '>')
		tail = append([]byte("</"+name+">"), tail...)
	}
	return bytes.Join([][]byte{head, element, tail}, nil), nil
}

// rootName returns the root's name as written, with its prefix.
func rootName(tag []byte) string {
	name := string(tag[1:])
	if i := strings.IndexAny(name, " \t\r\n/>"); i >= 0 {
		name = name[:i]
	}
	return name
}
