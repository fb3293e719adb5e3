package profile

import (
	"strconv"
	"strings"
)

// Text is a text for findings: its name, such as "not-url", and behind ": "
// what it is in English. Names are stable, and so are the number and the order of
// the places; new texts may come. A place is a percent sign with an ArgKind behind
// it.
//
// Every constant of this type has its text in each language of bevis, under
// "finding." and its name.
type Text string

// Name returns the name, by which a text in another language is found.
func (t Text) Name() string {
	name, _, _ := strings.Cut(string(t), ": ")
	return name
}

// English returns the text in English, with its places.
func (t Text) English() string {
	_, text, _ := strings.Cut(string(t), ": ")
	return text
}

// With returns the text with values for its places.
func (t Text) With(args ...string) *Sentence { return &Sentence{Text: t, Args: args} }

// Of returns the text with another one in its place ArgInner. A nil sentence is
// none at all: then so is what is returned.
func (t Text) Of(inner *Sentence, args ...string) *Sentence {
	if inner == nil {
		return nil
	}
	return &Sentence{Text: t, Args: args, Inner: inner}
}

// ArgKind is what stands at a place of a text.
type ArgKind byte

// The kinds.
const (
	ArgText    ArgKind = 's' // a name, an id, an address, as it is
	ArgQuoted  ArgKind = 'q' // what a document says, to be put in quotation marks
	ArgValue   ArgKind = 'k' // a short JSON value as it is, or what a longer one is: "an array"
	ArgAny     ArgKind = 'o' // names of which one is enough, with | between them
	ArgAll     ArgKind = 'a' // names that are all wanted, with spaces between them, each as ArgAny
	ArgInner   ArgKind = 'n' // the text of the sentence's Inner
	ArgEnglish ArgKind = 'e' // technical, in English whatever the language; always the last
)

// Sentence is what a finding says, so that it can be said in any language. Who
// gets one does not change it.
type Sentence struct {
	Text  Text
	Args  []string  // for the places, in their order, but for that of Inner
	Inner *Sentence // of texts with the place ArgInner
}

// String returns the sentence in English; nothing for nil.
func (s *Sentence) String() string { return s.In(Text.English, inEnglish) }

// In returns the sentence in the words of text, which gets a Text and returns
// its text in a language with the same places, each written by value. Of a text
// that there is no other for, English is used.
func (s *Sentence) In(text func(Text) string, value func(kind ArgKind, arg string) string) string {
	if s == nil {
		return ""
	}
	rest, args := text(s.Text), s.Args
	if rest == "" {
		rest = s.Text.English()
	}
	var b strings.Builder
	for {
		at := strings.IndexByte(rest, '%')
		if at < 0 || at+1 == len(rest) {
			break
		}
		b.WriteString(rest[:at])
		switch kind := ArgKind(rest[at+1]); {
		case kind == ArgInner:
			b.WriteString(s.Inner.In(text, value))
		case len(args) > 0:
			b.WriteString(value(kind, args[0]))
			args = args[1:]
		}
		rest = rest[at+2:]
	}
	b.WriteString(rest)
	return b.String()
}

func inEnglish(kind ArgKind, arg string) string {
	switch kind {
	case ArgQuoted:
		return strconv.Quote(arg)
	case ArgAny:
		return strings.ReplaceAll(arg, "|", " or ")
	case ArgAll:
		return strings.NewReplacer(" ", " and ", "|", " or ").Replace(arg)
	}
	return arg
}

// Saying returns the finding with what it says: what is wrong, and how to mend
// it.
func (f Finding) Saying(what, mend *Sentence) Finding {
	f.Said, f.Mend = what, mend
	f.Message, f.Next = what.String(), mend.String()
	return f
}
