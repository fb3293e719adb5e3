package value

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"

	"github.com/kompetansebevis/bevis/catalogue"
)

// Plain returns a text without HTML: paragraphs and items stand on lines of
// their own, and other white space is one space.
func Plain(s string) string {
	if Marked(s) {
		var b strings.Builder
		silent := ""
		for z := html.NewTokenizer(strings.NewReader(s)); ; {
			kind := z.Next()
			if kind == html.ErrorToken {
				break
			}
			t := z.Token()
			switch {
			case kind == html.TextToken && silent == "":
				b.WriteString(t.Data)
			case kind == html.StartTagToken && (t.Data == "script" || t.Data == "style"):
				silent = t.Data
			case kind == html.EndTagToken && t.Data == silent:
				silent = ""
			case kind != html.TextToken && IsBlock(t.Data):
				b.WriteByte('\n')
			}
		}
		s = b.String()
	}
	lines := strings.FieldsFunc(s, func(r rune) bool { return r == '\n' || r == '\r' || r == '\u2028' || r == '\u2029' })
	kept := lines[:0]
	for _, line := range lines {
		if line = strings.Join(strings.Fields(strings.Map(printable, line)), " "); line != "" {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}

func printable(r rune) rune {
	if r < ' ' && r != '\t' || r == 0x7f || r == '\u00ad' || r == '\u200b' || r == '\ufeff' {
		return -1
	}
	return r
}

// Marked tells whether a text holds tags or entities.
func Marked(s string) bool {
	for i := 0; i+2 < len(s); i++ {
		next := s[i+1]
		letter := next|0x20 >= 'a' && next|0x20 <= 'z'
		if s[i] == '<' && (letter || next == '/' || next == '!') || s[i] == '&' && (letter || next == '#') {
			return true
		}
	}
	return false
}

func IsBlock(tag string) bool {
	switch tag {
	case "p", "br", "div", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "tr", "table", "section", "article", "blockquote", "dd", "dt", "pre":
		return true
	}
	return false
}

// Slug writes a title as an id.
func Slug(s string) string {
	id := strings.Join(Words(s), "-")
	if id == "" || len(id) > 80 { // what was cut off must still tell titles apart
		sum := sha256.Sum256([]byte(s))
		id = strings.TrimLeft(Cut(id, 60)+"-"+hex.EncodeToString(sum[:4]), "-")
	}
	return id
}

// ProviderID tells whether an identifier names an organisation everywhere: a
// DID, a web address, or a Norwegian organisation number.
func ProviderID(s string) string {
	s = strings.TrimSpace(s)
	if digits := strings.ReplaceAll(strings.TrimPrefix(s, "NO"), " ", ""); len(digits) == 9 && strings.Trim(digits, "0123456789") == "" {
		return digits
	}
	if strings.HasPrefix(s, "did:") || strings.HasPrefix(s, "urn:") || catalogue.WebAddress(s) {
		s, _, _ = strings.Cut(s, "#") // "https://skole.example/#organization" is the school
		return strings.TrimRight(s, "/")
	}
	return ""
}

// Cut shortens valid UTF-8 to at most n bytes.
func Cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
