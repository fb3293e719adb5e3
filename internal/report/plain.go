package report

import (
	"strings"
	"unicode"
)

// Plain makes a text from outside fit to be shown: what would move the cursor,
// change the direction of writing or hide in the line becomes U+FFFD.
func Plain(text string) string {
	return strings.Map(func(r rune) rune {
		if Misleads(r) {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

// Misleads reports whether a character is a control character, turns the
// direction of writing, breaks the line or is not to be seen.
func Misleads(r rune) bool {
	switch r {
	case '\u2028', '\u2029', // they break lines
		'\u034F', '\u115F', '\u1160', '\u2800', '\u3164', '\uFFA0': // they are blank
		return true
	}
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
}
