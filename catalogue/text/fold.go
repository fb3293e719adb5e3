package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxWord is the length in bytes beyond which the rest of a word is not
// looked at.
const MaxWord = 64

// Fold returns s in small letters, without accents, and with æ, ø and å as
// they are written where a keyboard lacks them: "Ål", "aal" and a decomposed
// "ål" are the same. Letters of other scripts stay. What is not valid UTF-8
// becomes U+FFFD.
func Fold(s string) string {
	ascii := true
	for i := range len(s) {
		if c := s[i]; c >= utf8.RuneSelf || 'A' <= c && c <= 'Z' {
			ascii = false
			break
		}
	}
	if ascii {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 4)
	last := rune(0)
	for _, r := range s {
		r = unicode.ToLower(r)
		switch {
		case r < utf8.RuneSelf:
			b.WriteByte(byte(r))
		case r == 0xad || 0x200b <= r && r <= 0x200d || r == 0xfeff: // invisible
			continue
		case unicode.Is(unicode.Mn, r):
			b.WriteString(mark(last, r))
			continue
		default:
			if plain := letter(r); plain != "" {
				b.WriteString(plain)
			} else {
				b.WriteRune(r)
			}
		}
		last = r
	}
	return b.String()
}

// mark returns what a combining mark adds to the letter before it.
func mark(letter, mark rune) string {
	switch {
	case letter == 'a' && mark == 0x30a: // å
		return "a"
	case (letter == 'a' || letter == 'o') && mark == 0x308: // ä, ö
		return "e"
	}
	return ""
}

// letter returns how a small letter beyond ASCII is written without it, or
// nothing for those that stay as they are.
func letter(r rune) string {
	switch r {
	case 'å':
		return "aa"
	case 'æ', 'ä', 'ǽ':
		return "ae"
	case 'ø', 'ö', 'œ', 'ő', 'ǿ':
		return "oe"
	case 'ß':
		return "ss"
	case 'þ':
		return "th"
	case 'ĳ':
		return "ij"
	}
	for _, same := range [...]string{"aàáâãāăąǎạả", "cçćĉċč", "dďđð", "eèéêëēĕėęěẹẻẽếề", "gĝğġģǧ", "hĥħ", "iìíîïĩīĭįıǐị",
		"jĵ", "kķĸǩ", "lĺļľŀł", "nñńņňŉŋ", "oòóôõōŏǒọơ", "rŕŗř", "sśŝşšșſ", "tţťŧț", "uùúûüũūŭůűųǔụư", "wŵ", "yýÿŷỳ", "zźżžʒǯ"} {
		if strings.ContainsRune(same, r) {
			return same[:1]
		}
	}
	return ""
}

// Words returns the folded words of s in order: letters and digits, with the
// signs of "c++" and "c#" kept and an English 's dropped.
func Words(s string) []string {
	var words []string
	for w := range Tokens(s) {
		if w = Fold(w); w != "" {
			words = append(words, w)
		}
	}
	return words
}

// Tokens yields the words of s as written, none longer than MaxWord. One that
// consists of nothing but marks folds to nothing.
func Tokens(s string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		start := -1
		for i, r := range s {
			if inWord(r) {
				if start < 0 {
					start = i
				}
				continue
			}
			if start < 0 {
				continue
			}
			end := i
			if i-start == 1 {
				end += sign(s[i:])
			}
			if !token(s[start:end], before(s, start), yield) {
				return
			}
			start = -1
		}
		if start >= 0 {
			token(s[start:], before(s, start), yield)
		}
	}
}

// sign returns the length of what belongs to a letter before it: the names of
// C++, C# and F# would be nothing but a letter without.
func sign(rest string) int {
	switch {
	case strings.HasPrefix(rest, "++"):
		return 2
	case rest[0] == '#':
		return 1
	}
	return 0
}

func token(w string, before rune, yield func(string) bool) bool {
	if (before == '\'' || before == '’') && (w == "s" || w == "S") {
		return true
	}
	if len(w) > MaxWord {
		w = strings.ToValidUTF8(w[:MaxWord], "")
	}
	return yield(w)
}

func before(s string, at int) rune {
	r, _ := utf8.DecodeLastRuneInString(s[:at])
	return r
}

func inWord(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r) || r == 0xad || 0x200b <= r && r <= 0x200d
}

// Bare returns a folded word as it is typed by those who leave out the rings
// and strokes of å, ø and æ altogether: "maaling" and "maling" are both
// "maling".
func Bare(word string) string {
	out := make([]byte, 0, len(word))
	for i := 0; i < len(word); i++ {
		c := word[i]
		out = append(out, c)
		if i+1 < len(word) && (c == 'a' && (word[i+1] == 'a' || word[i+1] == 'e') || c == 'o' && word[i+1] == 'e') {
			i++
		}
	}
	return string(out)
}
