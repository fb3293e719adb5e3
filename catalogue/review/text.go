package review

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/kompetansebevis/bevis/internal/unseen"
)

// MaxText is how many characters the text of a review has at the most.
const MaxText = 2000

const (
	maxLines = 60
	maxMarks = 4 // on one letter: more cover the lines around
)

// checkText lets plain text through: no links, which reviews would be bought
// for, no markup, and no characters that cannot be seen or move the others.
func checkText(s string) error {
	if len(s) > 4*MaxText || utf8.RuneCountInString(s) > MaxText {
		return refused("text-size", "/text", "a text has at most %d characters", MaxText)
	}
	if !utf8.ValidString(s) || s != strings.TrimSpace(s) || strings.Count(s, "\n") >= maxLines {
		return refused("text", "/text", "a text is UTF-8 without white space around it, and has at most %d lines", maxLines)
	}
	marks, before := 0, rune(' ')
	for _, r := range s {
		if unicode.In(r, unicode.Mn, unicode.Me) && !variation(r) {
			marks++
		} else {
			marks = 0
		}
		switch {
		case r == '\n':
		case marks > maxMarks:
			return refused("text-character", "/text", "more than %d marks stand on one letter", maxMarks)
		case (r == 0x200C || r == 0x200D) && !unicode.Is(unicode.Latin, before) && before != ' ' && before != '\n':
			// They shape letters of other scripts and join emoji.
		case unseen.Is(r), unicode.In(r, unicode.Co, unicode.Cs), r == utf8.RuneError:
			return refused("text-character", "/text", "the character U+%04X cannot be seen, or moves others", r)
		}
		before = r
	}
	if link := findLink(s); link != "" {
		return refused("link", "/text", "a text holds no links, addresses or markup, and %.60q looks like one", link)
	}
	return nil
}

func variation(r rune) bool { return r >= 0xFE00 && r <= 0xFE0F }

// findLink returns what looks like a link, an address or markup.
func findLink(s string) string {
	for _, word := range strings.Fields(s) {
		lower := strings.ToLower(strings.TrimLeftFunc(word, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }))
		for _, scheme := range []string{"www.", "mailto:", "javascript:", "data:", "tel:"} {
			if strings.HasPrefix(lower, scheme) && len(lower) > len(scheme) {
				return word
			}
		}
		name, host, _ := strings.Cut(lower, "@")
		if strings.Contains(lower, "://") || strings.Contains(lower, "](") || name != "" && strings.Contains(strings.Trim(host, "."), ".") {
			return word
		}
		for _, name := range strings.FieldsFunc(word, func(r rune) bool {
			return r != '.' && r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
		}) {
			if isHost(name) {
				return name
			}
		}
	}
	for i, r := range s {
		rest := s[i+utf8.RuneLen(r):]
		next, _ := utf8.DecodeRuneInString(rest)
		if r == '<' && (unicode.IsLetter(next) || strings.ContainsRune("/!?", next)) || r == '&' && isEntity(rest) {
			return s[i:min(len(s), i+utf8.RuneLen(r)+utf8.RuneLen(next))]
		}
	}
	return ""
}

// isHost reports a name such as kurs.no. A sentence that begins right behind
// a full stop ("Bra kurs.No er eg …") is none: the ending of a name is written
// in small or in capital letters throughout.
func isHost(name string) bool {
	const endings = " com org net info biz app dev shop store site online xyz top club io ai me tv co ru cn eu uk no se dk fi is de fr nl pl link page edu gov "
	labels := strings.Split(name, ".")
	for i, label := range labels[1:] {
		lower := strings.ToLower(label)
		if labels[i] != "" && label != "" && (label == lower || label == strings.ToUpper(label)) && strings.Contains(endings, " "+lower+" ") {
			return true
		}
	}
	return false
}

// isEntity reports what may follow an ampersand in HTML, such as lt;
func isEntity(s string) bool {
	name, _, ok := strings.Cut(s[:min(len(s), 12)], ";")
	return ok && name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return r != '#' && (r >= utf8.RuneSelf || !unicode.IsLetter(r) && !unicode.IsDigit(r))
	})
}
