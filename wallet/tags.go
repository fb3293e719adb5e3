package wallet

import (
	"context"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/kompetansebevis/bevis/reason"
)

// Limits of what the holder writes beside a credential.
const (
	maxTags = 100
	maxTag  = 100    // bytes
	maxNote = 10_000 // bytes
)

// Tag puts words on a credential by which its holder finds it again. Words that
// it has already, however they are spelled as Fold sees it, are not put on
// twice. Each word is an event of its own, so that what two copies of a wallet
// put on and took off comes together word by word.
func (w *Wallet) Tag(ctx context.Context, id string, tags ...string) (Item, error) {
	for n, tag := range tags {
		tags[n] = strings.Join(strings.Fields(tag), " ")
		if tags[n] == "" || len(tag) > maxTag || !plain(tag) {
			return Item{}, reason.New(reason.Usage, tag, "a tag is a word or a few, of at most %d bytes", maxTag)
		}
	}
	return w.annotate(ctx, id, func(i Item) (out []event, err error) {
		have := i.Tags
		for _, tag := range tags {
			if !tagged(have, tag) {
				have = append(have[:len(have):len(have)], tag)
				out = append(out, event{Op: opTag, ID: i.ID, Tag: tag})
			}
		}
		if len(have) > maxTags {
			return nil, reason.New(reason.Usage, i.ID, "a credential has at most %d tags", maxTags)
		}
		return out, nil
	})
}

// Untag takes words off a credential. Those that it does not have are passed
// over.
func (w *Wallet) Untag(ctx context.Context, id string, tags ...string) (Item, error) {
	return w.annotate(ctx, id, func(i Item) (out []event, err error) {
		for _, tag := range tags {
			if tagged(i.Tags, tag) {
				out = append(out, event{Op: opUntag, ID: i.ID, Tag: strings.TrimSpace(tag)})
			}
		}
		return out, nil
	})
}

// SetNote writes the holder's own note on a credential, in place of the one
// before; an empty one takes it off.
func (w *Wallet) SetNote(ctx context.Context, id, note string) (Item, error) {
	note = strings.TrimSpace(note)
	if len(note) > maxNote || !utf8.ValidString(note) {
		return Item{}, reason.New(reason.Usage, id, "a note is UTF-8 text of at most %d bytes", maxNote)
	}
	return w.annotate(ctx, id, func(i Item) ([]event, error) {
		if i.Note == note {
			return nil, nil
		}
		return []event{{Op: opNote, ID: i.ID, Note: note}}, nil
	})
}

// Tags returns all tags of the wallet, in order, with how many credentials
// have each.
func (w *Wallet) Tags() []TagCount {
	var out []TagCount
	for _, i := range w.Items() {
		for _, tag := range i.Tags {
			n := slices.IndexFunc(out, func(c TagCount) bool { return Fold(c.Tag) == Fold(tag) })
			if n < 0 {
				n, out = len(out), append(out, TagCount{Tag: tag})
			}
			out[n].Count++
		}
	}
	slices.SortFunc(out, func(a, b TagCount) int { return strings.Compare(Fold(a.Tag), Fold(b.Tag)) })
	return out
}

// TagCount is a tag and how many credentials have it.
type TagCount struct {
	Tag   string `json:"tag"`
	Count int    `json:"count"`
}

// annotate appends the events that decide returns of the credential with an id,
// and returns it as it is then.
func (w *Wallet) annotate(ctx context.Context, id string, decide func(Item) ([]event, error)) (Item, error) {
	err := w.change(ctx, func(s *state) ([]event, error) {
		item, err := pick(s.items, id)
		if err != nil {
			return nil, err
		}
		id = item.ID
		return decide(item)
	})
	if err != nil {
		return Item{}, err
	}
	return w.Item(id)
}

// applyMark folds an event of Tag, Untag, SetNote or KeepLogProofs.
func (i *Item) applyMark(e event) {
	switch e.Op {
	case opTag:
		if e.Tag != "" && !tagged(i.Tags, e.Tag) {
			i.Tags = append(i.Tags[:len(i.Tags):len(i.Tags)], e.Tag)
		}
	case opUntag:
		i.Tags = slices.DeleteFunc(slices.Clone(i.Tags), func(t string) bool { return Fold(t) == Fold(e.Tag) })
	case opNote:
		i.Note = e.Note
	case opLogProof:
		i.logProof = e.Proof
	}
}

func tagged(tags []string, tag string) bool {
	tag = Fold(strings.TrimSpace(tag))
	return slices.ContainsFunc(tags, func(t string) bool { return Fold(t) == tag })
}

// plain reports whether text is UTF-8 of one line, without characters that
// nobody sees.
func plain(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) && r != ' ' })
}
