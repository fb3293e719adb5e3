package report

import (
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/kompetansebevis/bevis/internal/app"
)

// Repeater writes the commands that judge the documents of a run again, each as
// of the time that it was judged. What they have in common, which can be
// thousands of bytes, is quoted once. It is not for several at once.
type Repeater struct {
	flags string // quoted already

	at      time.Time
	head    string // what stands before the document, as of at
	escaped []byte // head, as it stands in JSON
}

// NewRepeater returns a repeater for a run that was given flags, as words.
func NewRepeater(flags []string) *Repeater { return &Repeater{flags: Repeat(flags)} }

// Line returns the command for a document that a result is about.
func (p *Repeater) Line(r app.VerifyResult) string {
	p.as(&r)
	return p.head + tail(&r)
}

// appendJSON appends the line as a string in JSON.
func (p *Repeater) appendJSON(b []byte, r *app.VerifyResult) []byte {
	p.as(r)
	b = append(append(b, '"'), p.escaped...)
	return append(appendText(b, tail(r)), '"')
}

// as makes the head that of a result.
func (p *Repeater) as(r *app.VerifyResult) {
	if p.head != "" && r.JudgedAt.Equal(p.at) {
		return
	}
	p.at, p.head = r.JudgedAt, "bevis verify --at="+r.JudgedAt.UTC().Format(repeatTime)+" "
	if p.flags != "" {
		p.head += p.flags + " "
	}
	p.escaped = appendText(p.escaped[:0], p.head)
}

// tail is the document, as words.
func tail(r *app.VerifyResult) string {
	word := r.Source()
	if !strings.HasSuffix(word, "#…") { // a link to a share, of which the secret was taken already
		word = WithoutSecrets(word)
	}
	if strings.HasPrefix(word, "-") && word != "-" {
		return "-- " + quote(word)
	}
	return quote(word)
}

// repeatTime is RFC 3339 with what there is of a second.
const repeatTime = "2006-01-02T15:04:05.999999999Z07:00"

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
