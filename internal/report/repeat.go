package report

import (
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"
)

// Repeat returns a line for a POSIX shell (2024, as bash, zsh and ksh have long
// done it) that runs the words. It is safe to be shown: no character of it
// misleads. An older shell, which does not know $'…', is given words that are not
// the same, and nothing else to run.
func Repeat(words []string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = quote(word)
	}
	return strings.Join(quoted, " ")
}

func quote(word string) string {
	bare, plain := word != "" && word[0] != '=', true // zsh looks for a command of that name
	for i := 0; i < len(word); {
		r, size := utf8.DecodeRuneInString(word[i:])
		bare = bare && (r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./:=,@%+", r))
		plain = plain && !Misleads(r) && !(r == utf8.RuneError && size == 1)
		i += size
	}
	switch {
	case bare:
		return word
	case plain:
		return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
	}
	var b strings.Builder
	b.WriteString("$'")
	for i := 0; i < len(word); {
		r, size := utf8.DecodeRuneInString(word[i:])
		switch {
		case r == '\'' || r == '\\' || r == '!', Misleads(r) || r == utf8.RuneError && size == 1:
			for _, c := range []byte(word[i : i+size]) {
				fmt.Fprintf(&b, `\%03o`, c)
			}
		default:
			b.WriteRune(r)
		}
		i += size
	}
	return b.String() + "'"
}

// WithoutSecrets leaves out of a web address what may let somebody in: name
// and password, and what stands behind the path. Other words come back as they
// are.
func WithoutSecrets(word string) string {
	if !strings.HasPrefix(word, "https://") && !strings.HasPrefix(word, "http://") {
		return word
	}
	u, err := url.Parse(word)
	if err != nil {
		return "https://…"
	}
	hidden := u.User != nil || u.RawQuery != "" || u.Fragment != ""
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	if !hidden {
		return word
	}
	return u.String() + "?…"
}
