package verifier

import (
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
		r.pass(CheckDataModel, "claims of a token, in the terms of the Verifiable Credentials Data Model")
		return
	}
	if err := profile.Err(profile.Check(c.Document(), j.standards.Model(c))); err != nil {
		r.refuse(CheckDataModel, err)
	} else {
		r.pass(CheckDataModel, "Verifiable Credentials Data Model "+c.Version().String())
	}
	vocabulary := j.standards.Vocabulary(c)
	if len(vocabulary) == 0 {
		return
	}
	if err := profile.Err(profile.Check(c.Document(), vocabulary...)); err != nil {
		r.warn(CheckProfile, reason.CodeOf(err), reason.AtOf(err), "not as "+vocabularyTitle(vocabulary[0])+" wants it: "+detailOf(err))
		return
	}
	r.pass(CheckProfile, vocabularyTitle(vocabulary[0]))
}

// display looks for texts that would mislead whoever reads them on a screen.
// They are signed, so the credential may be valid; what shows it must take
// care.
func (j *judgement) display(document *credential.Value) {
	r := j.report
	found := false
	at := strictjson.NewPath()
	walk(document, &at, func(text string) {
		if plain(text) {
			return
		}
		if code, detail := misleading(text, at.String()); code != "" {
			found = true
			r.warn(CheckDisplay, code, at.String(), detail)
		}
	})
	switch r.Carrier {
	case "png", "svg", "qr":
		found = true
		r.warn(CheckDisplay, "display_warning/picture-not-signed", "", "the picture itself is not signed: only the credential inside it counts")
	case "pdf":
		found = true
		r.warn(CheckDisplay, "display_warning/page-not-signed", "", "the pages of the PDF are not what was signed: only the credential attached to it counts")
	case "html":
		found = true
		j.pageAround()
	}
	if !found {
		r.pass(CheckDisplay, "nothing in the texts misleads the eye")
	}
}

// pageAround says of a page that carries a document that it is not signed.
func (j *judgement) pageAround() {
	j.report.warn(CheckDisplay, "display_warning/web-page-not-signed", "", "what can be read on the page is not signed: only the file inside it counts")
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

func misleading(text, at string) (reason.Code, string) {
	for i, c := range text {
		switch {
		case c >= 0x202A && c <= 0x202E || c >= 0x2066 && c <= 0x2069 || c == 0x200E || c == 0x200F || c == 0x061C:
			return "display_warning/text-direction", "the text turns the direction of writing, which can hide what it says"
		case c < 0x20 && c != '\n' && c != '\t' && c != '\r' || c >= 0x7F && c < 0xA0:
			return "display_warning/control-character", "the text holds control characters, which can forge what a terminal shows"
		case c == '\n' && !longText(at):
			return "display_warning/line-break", "a name holds line breaks, which can forge lines of a report"
		case c == '\n', c == '\t', c == '\r', (c == 0x200C || c == 0x200D) && !latinBefore(text[:i]):
		case unseen.Is(c):
			return "display_warning/invisible-character", "the text holds characters that cannot be seen"
		}
	}
	lower := strings.ToLower(text)
	if strings.HasPrefix(lower, "data:image/svg") {
		return "display_warning/active-image", "the image is an SVG document, which can hold scripts: do not open it as it is"
	}
	if strings.HasPrefix(lower, "javascript:") || strings.HasPrefix(lower, "data:text/html") {
		return "display_warning/active-link", "the link runs a program when opened"
	}
	if (longText(at) || strings.HasSuffix(at, "/name")) && holdsMarkup(lower) {
		return "display_warning/markup", "the text holds HTML or a link in Markdown: it is shown as text and loads nothing"
	}
	if strings.HasSuffix(at, "/name") && mixedScripts(text) {
		return "display_warning/mixed-scripts", "a word mixes letters of several scripts, as when one name imitates another"
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
