package report

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/kompetansebevis/bevis/internal/unseen"
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
func Misleads(r rune) bool { return unseen.Is(r) }

// EscapeJSON writes what would mislead in the strings of a JSON text as escapes,
// so that the text means the same and can be looked at.
func EscapeJSON(text []byte) []byte {
	var out []byte
	from := 0 // where what was not copied yet begins
	for i := 0; i < len(text); {
		if text[i] < 0x7F {
			i++
			continue
		}
		r, size := utf8.DecodeRune(text[i:])
		if Misleads(r) {
			out = append(out, text[from:i]...)
			for _, unit := range utf16.Encode([]rune{r}) {
				out = fmt.Appendf(out, `\u%04x`, unit)
			}
			from = i + size
		}
		i += size
	}
	if from == 0 {
		return text
	}
	return append(out, text[from:]...)
}
