package bake

import (
	"encoding/xml"
	"strconv"
	"strings"

	"github.com/kompetansebevis/bevis/reason"
)

// What a picture does when it is opened as it is.
const (
	activeImage   reason.Code = "display_warning/active-image"
	externalImage reason.Code = "display_warning/external-image"
)

func (s *svgScan) warn(code reason.Code) {
	for _, w := range s.warnings {
		if w.Code == code {
			return
		}
	}
	detail := "the picture holds scripts or foreign content: do not open it as it is"
	if code == externalImage {
		detail = "the picture loads something from elsewhere when opened, which tells that it was"
	}
	s.warnings = append(s.warnings, Warning{code, detail})
}

// look notes what runs or loads something when the picture is opened. It
// errs towards warning: the picture is never refused for it.
func (s *svgScan) look(t xml.StartElement) {
	element := strings.ToLower(t.Name.Local)
	switch element {
	case "script", "foreignobject", "handler", "listener", "iframe", "embed", "object":
		s.warn(activeImage)
	}
	for _, a := range t.Attr {
		if a.Name.Space == "xmlns" || a.Name.Space == "" && a.Name.Local == "xmlns" {
			continue
		}
		name, value := strings.ToLower(a.Name.Local), squeeze(a.Value)
		switch {
		case strings.HasPrefix(name, "on"), strings.Contains(value, "javascript:"), strings.Contains(value, "vbscript:"),
			name == "attributename" && (strings.HasSuffix(value, "href") || strings.HasPrefix(value, "on")):
			s.warn(activeImage)
		case name == "href" || name == "src" || name == "srcset":
			s.lookReference(value, element == "a")
		default:
			s.lookStyle(a.Value)
		}
	}
}

func (s *svgScan) lookReference(value string, link bool) {
	switch {
	case value == "" || strings.HasPrefix(value, "#"):
	case strings.HasPrefix(value, "data:"):
		if !strings.HasPrefix(value, "data:image/") || strings.HasPrefix(value, "data:image/svg") {
			s.warn(activeImage)
		}
	case !link:
		s.warn(externalImage)
	}
}

// lookStyle looks for what a style sheet or the value of an attribute loads.
func (s *svgScan) lookStyle(css string) {
	if !strings.ContainsAny(css, "(@\\") {
		return
	}
	css = squeeze(unescapeCSS(css))
	if strings.Contains(css, "@import") || strings.Contains(css, "image-set(") {
		s.warn(externalImage)
	}
	for {
		_, target, ok := strings.Cut(css, "url(")
		if !ok {
			return
		}
		css = target
		target = strings.TrimLeft(target, `"'`)
		if !strings.HasPrefix(target, "#") && !strings.HasPrefix(target, "data:") && !strings.HasPrefix(target, ")") {
			s.warn(externalImage)
		}
	}
}

// squeeze lowers text and takes out white space and control characters, which
// browsers pass over in addresses.
func squeeze(text string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if r <= ' ' {
			return -1
		}
		return r
	}, text))
}

// unescapeCSS resolves the escapes of CSS Syntax section 4.3.7.
func unescapeCSS(css string) string {
	head, rest, ok := strings.Cut(css, `\`)
	if !ok {
		return css
	}
	var b strings.Builder
	for ; ok; head, rest, ok = strings.Cut(rest, `\`) {
		b.WriteString(head)
		n := 0
		for n < len(rest) && n < 6 && strings.IndexByte("0123456789abcdefABCDEF", rest[n]) >= 0 {
			n++
		}
		if n > 0 {
			if r, err := strconv.ParseUint(rest[:n], 16, 32); err == nil {
				b.WriteRune(rune(r))
			}
			rest = strings.TrimPrefix(rest[n:], " ")
		} else if rest != "" {
			b.WriteByte(rest[0])
			rest = rest[1:]
		}
	}
	b.WriteString(head)
	return b.String()
}
