package cli

import (
	"io"
	"iter"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/kompetansebevis/bevis/internal/i18n"
)

// proseWidth is how wide sentences are at the most: lines that are longer are
// hard to read.
const proseWidth = 80

// prose breaks sentences for people into lines, where to is a terminal; elsewhere
// they stay one line, for programs that look for them. Lines but the first begin
// with indent. A command is never broken, since it is to be copied.
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
		s.wrap(&b, line, indent, max(width, 20))
	}
	return b.String()
}

// say writes sentences for Stdout behind a lead, such as a sign.
func (s *session) say(b *strings.Builder, lead, text string) {
	b.WriteString(s.prose(s.env.Stdout, lead+text, strings.Repeat(" ", utf8.RuneCountInString(lead))) + "\n")
}

// wrap writes a line as lines of a width, each word whole. What is too long for
// a line stays where it is, where it would only stand alone below.
func (s *session) wrap(b *strings.Builder, line, indent string, width int) {
	at, margin := 0, utf8.RuneCountInString(indent)
	for piece := range s.pieces(line) {
		long := utf8.RuneCountInString(strings.TrimLeft(piece, " "))
		gap := utf8.RuneCountInString(piece) - long
		if at > margin && at+gap+long > width {
			b.WriteString("\n" + indent + strings.TrimLeft(piece, " "))
			at = margin + long
			continue
		}
		b.WriteString(piece)
		at += gap + long
	}
}

// pieces yields what is not to be broken, with the blanks before it: words, and
// commands up to the end of their sentence.
func (s *session) pieces(line string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for line != "" {
			end := wordEnd(line)
			if strings.TrimLeft(line[:end], " ") == "bevis" && s.names(line[end:]) {
				for end < len(line) && !strings.ContainsAny(line[end-1:end], ".,;") {
					end += wordEnd(line[end:])
				}
			}
			if !yield(line[:end]) {
				return
			}
			line = line[end:]
		}
	}
}

// names reports whether what stands behind the word bevis begins with the name of
// a command: in Norwegian the word has a meaning of its own.
func (s *session) names(rest string) bool {
	return slices.Contains(s.commands, strings.TrimRight(strings.TrimSpace(rest[:wordEnd(rest)]), ".,;"))
}

// wordEnd returns where the first word of a line ends.
func wordEnd(line string) int {
	start := len(line) - len(strings.TrimLeft(line, " "))
	if end := strings.IndexByte(line[start:], ' '); end >= 0 {
		return start + end
	}
	return len(line)
}

// here is the printer for what is read here and now: its times are by the clock
// that the reader has. In files and in JSON they are in UTC.
func (s *session) here() *i18n.Printer { return s.p.In(s.app.Now().Location()) }

// day writes a time as people write dates, by the clock that they have.
func (s *session) day(t time.Time) string { return s.here().Day(t) }
