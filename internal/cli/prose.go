package cli

import (
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// proseWidth is how wide sentences are at the most: lines that are longer are
// hard to read.
const proseWidth = 80

// prose breaks sentences for people into lines, where to is a terminal; elsewhere
// they stay one line, for programs that look for them. Lines but the first begin
// with indent. A command is never broken, since it is to be copied: what begins
// with the word bevis stays together to the end of its line.
func (s *session) prose(to io.Writer, text, indent string) string {
	width := min(s.columns(to), proseWidth)
	if width <= 0 {
		return text
	}
	var b strings.Builder
	for n, line := range strings.Split(text, "\n") {
		if n > 0 {
			b.WriteByte('\n')
		}
		wrap(&b, line, indent, max(width, 20))
	}
	return b.String()
}

// say writes sentences for Stdout behind a lead, such as a sign.
func (s *session) say(b *strings.Builder, lead, text string) {
	b.WriteString(s.prose(s.env.Stdout, lead+text, strings.Repeat(" ", utf8.RuneCountInString(lead))) + "\n")
}

// wrap writes a line as lines of a width, each word whole.
func wrap(b *strings.Builder, line, indent string, width int) {
	at := 0
	for word := range pieces(line) {
		long := utf8.RuneCountInString(word)
		switch {
		case at == 0: // also the blanks that the line begins with
		case at+1+long > width:
			b.WriteString("\n" + indent)
			at = len(indent)
		default:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(word)
		at += long
	}
}

// pieces yields what is not to be broken: words, and commands whole.
func pieces(line string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		start := len(line) - len(strings.TrimLeft(line, " "))
		lead, rest := line[:start], line[start:]
		first := true
		for rest != "" {
			word, more, _ := strings.Cut(rest, " ")
			if word == "bevis" {
				word, more = rest, ""
			}
			if first {
				word, first = lead+word, false
			}
			if !yield(word) {
				return
			}
			rest = more
		}
	}
}

// day writes a time as people write dates, and a time of day, only where there is
// one, by the clock that they have: with its zone. In JSON times are in UTC.
func (s *session) day(t time.Time) string {
	here := t.In(s.app.Now().Location())
	for _, t := range []time.Time{t.UTC(), here} { // issuers write days in either
		if t.Hour() == 0 && t.Minute() == 0 && t.Second() == 0 {
			return t.Format(time.DateOnly)
		}
	}
	return here.Format("2006-01-02 15:04 MST")
}
