package verifier

import (
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/profile"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/internal/unseen"
	"github.com/kompetansebevis/bevis/reason"
)

// dataModel checks the credential against the data model, and against Open
// Badges 3.0 where it says it is one. What the vocabulary wants and lacks is
// a remark: the credential says what it says. One that was mapped to the data
// model has another, which the suite has held it against.
func (j *judgement) dataModel(c *credential.Credential, mapped bool) {
	r := j.report
	if mapped {
		r.pass(CheckDataModel, NoteModelMapped)
		return
	}
	if err := profile.Err(profile.Check(c.Document(), j.standards.Model(c))); err != nil {
		r.refuse(CheckDataModel, err)
	} else {
		r.pass(CheckDataModel, NoteModelVersion, c.Version().String())
	}
	vocabulary := j.standards.Vocabulary(c)
	if len(vocabulary) == 0 {
		return
	}
	if err := profile.Err(profile.Check(c.Document(), vocabulary...)); err != nil {
		check := r.found(CheckProfile, Warn, NoteProfileNotFollowed, vocabularyTitle(vocabulary[0]), detailOf(err))
		check.Reason, check.At, check.Said = reason.CodeOf(err), reason.AtOf(err), saidOf(err)
		r.add(check)
		return
	}
	r.pass(CheckProfile, NoteProfileFollowed, vocabularyTitle(vocabulary[0]))
}

// maxMisleading bounds the texts that are told one by one, of each kind: nobody
// reads thousands, and none of another kind is to go under among them.
const maxMisleading = 20

// display looks for texts that would mislead whoever reads them on a screen.
// They are signed, so the credential may be valid; what shows it must take
// care.
func (j *judgement) display(document *credential.Value) {
	r := j.report
	found := false
	misled := map[reason.Code]int{}
	at := strictjson.NewPath()
	walk(document, &at, func(text string) {
		if plain(text) {
			return
		}
		code, note := misleading(text, at.String())
		if code == "" {
			return
		}
		found = true
		if misled[code]++; misled[code] <= maxMisleading {
			r.warn(CheckDisplay, code, at.String(), note)
		}
	})
	for _, code := range slices.Sorted(maps.Keys(misled)) {
		if more := misled[code] - maxMisleading; more > 0 {
			r.warn(CheckDisplay, code, "", NoteMoreMisleads, number(more))
		}
	}
	switch r.Carrier {
	case "png", "svg", "qr":
		found = true
		r.warn(CheckDisplay, "display_warning/picture-not-signed", "", NotePictureNotSigned)
	case "pdf":
		found = true
		r.warn(CheckDisplay, "display_warning/page-not-signed", "", NotePageNotSigned)
		j.pageUnread() // unless it was
	case "html":
		found = true
		j.pageAround()
	}
	if !found {
		r.pass(CheckDisplay, NoteNothingMisleads)
	}
}

// pictureNote is what a picture that carries a document warns of, empty where
// only its code says it.
func pictureNote(code reason.Code) Note {
	switch code {
	case "display_warning/older-badge":
		return NoteOlderBadge
	case "display_warning/active-image":
		return NotePictureActive
	case "display_warning/external-image":
		return NotePictureExternal
	}
	return ""
}

// pageAround says of a page that carries a document that it is not signed.
func (j *judgement) pageAround() {
	j.report.warn(CheckDisplay, "display_warning/web-page-not-signed", "", NoteWebPageNotSigned)
}

func walk(v *credential.Value, at *strictjson.Path, visit func(text string)) {
	if s, ok := v.Text(); ok {
		visit(s)
		return
	}
	for i, item := range v.Items() {
		at.EnterItem(i)
		walk(item, at, visit)
		at.Leave()
	}
	for _, m := range v.Members() {
		at.Enter(m.Name)
		walk(m.Value, at, visit)
		at.Leave()
	}
}

// plain reports whether a text cannot mislead, as most cannot: printable ASCII
// without what markup, or a link that does something, is made of, and the
// letters from À to ÿ.
func plain(text string) bool {
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c|0x20 >= 'a' && c|0x20 <= 'z':
		case c == 0xC3 && i+1 < len(text):
			i++
		case c < 0x20, c >= 0x7F, c == '<', c == '=', c == '[':
			return false
		case c == ':' && (strings.EqualFold(text[:i], "data") || i >= 10 && strings.EqualFold(text[i-10:i], "javascript")):
			return false
		}
	}
	return true
}

func misleading(text, at string) (reason.Code, Note) {
	for i, c := range text {
		switch {
		case c >= 0x202A && c <= 0x202E || c >= 0x2066 && c <= 0x2069 || c == 0x200E || c == 0x200F || c == 0x061C:
			return "display_warning/text-direction", NoteTextDirection
		case c < 0x20 && c != '\n' && c != '\t' && c != '\r' || c >= 0x7F && c < 0xA0:
			return "display_warning/control-character", NoteControlCharacter
		case c == '\n' && !longText(at):
			return "display_warning/line-break", NoteLineBreak
		case c == '\n', c == '\t', c == '\r', (c == 0x200C || c == 0x200D) && !latinBefore(text[:i]):
		case unseen.Is(c):
			return "display_warning/invisible-character", NoteInvisibleCharacter
		}
	}
	lower := strings.ToLower(text)
	if strings.HasPrefix(lower, "data:image/svg") {
		return "display_warning/active-image", NoteActiveImage
	}
	if strings.HasPrefix(lower, "javascript:") || strings.HasPrefix(lower, "data:text/html") {
		return "display_warning/active-link", NoteActiveLink
	}
	if (longText(at) || strings.HasSuffix(at, "/name")) && holdsMarkup(lower) {
		return "display_warning/markup", NoteMarkup
	}
	if strings.HasSuffix(at, "/name") && mixedScripts(text) {
		return "display_warning/mixed-scripts", NoteMixedScripts
	}
	return "", ""
}

// longText tells members that may hold several lines from names.
func longText(at string) bool {
	for _, name := range []string{"/narrative", "/description", "/endorsementComment", "/caption"} {
		if strings.Contains(at, name) {
			return true
		}
	}
	return false
}

func holdsMarkup(lower string) bool {
	for _, mark := range []string{"<script", "<img", "<iframe", "<svg", "<style", "<link", "<object", "<embed", "<form", "<a ", "<b>", "<video", "javascript:", "onerror=", "onload=", "](", "!["} {
		if strings.Contains(lower, mark) {
			return true
		}
	}
	return false
}

func latinBefore(text string) bool {
	r := []rune(text)
	return len(r) > 0 && unicode.Is(unicode.Latin, r[len(r)-1])
}

// mixedScripts reports a word with letters of Latin and of Cyrillic or Greek,
// which look alike.
func mixedScripts(text string) bool {
	for _, word := range strings.FieldsFunc(text, func(c rune) bool { return !unicode.IsLetter(c) }) {
		latin, other := false, false
		for _, c := range word {
			latin = latin || unicode.Is(unicode.Latin, c)
			other = other || unicode.Is(unicode.Cyrillic, c) || unicode.Is(unicode.Greek, c)
		}
		if latin && other {
			return true
		}
	}
	return false
}
