package agekey

import (
	"bytes"
	"context"
	"errors"
	"regexp"
	"strings"
	"unicode/utf8"

	"filippo.io/age"
	"filippo.io/age/plugin"
	"filippo.io/age/tag"

	"github.com/kompetansebevis/bevis/reason"
)

const (
	maxText       = 4096 // bytes of a recipient, or of a line with an identity
	maxIdentities = 32   // in a file
)

// Asker asks the holder of a key in a plugin's name. What a plugin says comes
// from outside: make it fit to be shown.
type Asker interface {
	// Message shows a text, such as that a device waits to be touched.
	Message(plugin, text string)
	// Secret asks for a line that is not shown while it is typed.
	Secret(plugin, prompt string) (string, error)
	// Line asks for a line.
	Line(plugin, prompt string) (string, error)
}

// Recipient is somebody for whom a wallet can be encrypted.
type Recipient struct {
	age.Recipient
	Kind    string // "age", "tag", or the plugin's name
	Text    string
	Classic bool // known to be no match for a quantum computer
}

// ParseRecipient reads a recipient in age's form: age1…, age1pq1…, age1tag1…
// or age1NAME1… of a plugin. Anything else is usage/recipient. No program is
// started before something is encrypted; asker may be nil.
func ParseRecipient(ctx context.Context, text string, asker Asker) (Recipient, error) {
	text = strings.TrimSpace(text)
	refused := func() (Recipient, error) {
		// Not the text: somebody may have taken the secret half of a key.
		return Recipient{}, reason.New("usage/recipient", "", "this is no recipient of age, which begin with age1")
	}
	out := Recipient{Kind: "age", Text: text}
	var err error
	switch at := strings.LastIndexByte(text, '1'); {
	case len(text) > maxText || !strings.HasPrefix(text, "age1"):
		return refused()
	case strings.HasPrefix(text, "age1pq1"):
		out.Recipient, err = age.ParseHybridRecipient(text)
	case strings.HasPrefix(text, "age1tag1"), strings.HasPrefix(text, "age1tagpq1"):
		out.Kind, out.Classic = "tag", strings.HasPrefix(text, "age1tag1")
		out.Recipient, err = tag.ParseRecipient(text)
	case at == len("age"):
		out.Classic = true
		out.Recipient, err = age.ParseX25519Recipient(text)
	default:
		var r *plugin.Recipient
		if r, err = plugin.NewRecipient(text, ui(asker)); err == nil {
			out.Kind, out.Recipient = r.Name(), pluginRecipient{ctx, r}
		}
	}
	if err != nil {
		return refused()
	}
	return out, nil
}

// ParseIdentities reads a file of identities as age does: one a line, where
// lines that begin with # are remarks. They are keys, or what tells a plugin
// which of its keys to use. A file with anything else is usage/identity-file.
func ParseIdentities(ctx context.Context, file []byte, asker Asker) ([]age.Identity, error) {
	refused := func(format string, args ...any) ([]age.Identity, error) {
		return nil, reason.New("usage/identity-file", "", format, args...)
	}
	if bytes.HasPrefix(file, []byte("age-encryption.org/")) || bytes.HasPrefix(file, []byte("-----BEGIN AGE")) {
		return refused("the file is encrypted itself: decrypt it with age first")
	}
	if !utf8.Valid(file) {
		return refused("the file is no text")
	}
	var out []age.Identity
	n := 0
	for line := range strings.Lines(string(file)) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if len(out) >= maxIdentities || len(line) > maxText {
			return refused("the file has more than %d keys, or one of more than %d bytes", maxIdentities, maxText)
		}
		identity, err := parseIdentity(ctx, line, asker)
		if err != nil {
			return refused("line %d is no identity of age", n) // and no word of it
		}
		out = append(out, identity)
	}
	if len(out) == 0 {
		return refused("there is no identity in the file")
	}
	return out, nil
}

func parseIdentity(ctx context.Context, line string, asker Asker) (age.Identity, error) {
	switch {
	case strings.HasPrefix(line, "AGE-SECRET-KEY-PQ-1"):
		return age.ParseHybridIdentity(line)
	case strings.HasPrefix(line, "AGE-SECRET-KEY-1"):
		return age.ParseX25519Identity(line)
	}
	i, err := plugin.NewIdentity(line, ui(asker))
	if err != nil {
		return nil, err
	}
	return pluginIdentity{ctx, i}, nil
}

// Generate returns a new key and its text, which ParseIdentities reads.
func Generate() (text string, to age.Recipient, err error) {
	identity, err := age.GenerateHybridIdentity()
	if err != nil {
		return "", nil, reason.Wrap(reason.Internal, "", err)
	}
	return identity.String(), identity.Recipient(), nil
}

// pluginRecipient and pluginIdentity give age's interfaces, which know no
// context, the one that they were read under: somebody may never touch their
// device. The goroutine that waits for it ends with the plugin, which has the
// same terminal and gets the same signals.
type pluginRecipient struct {
	ctx context.Context
	r   *plugin.Recipient
}

// Wrap implements age.Recipient.
func (p pluginRecipient) Wrap(key []byte) ([]*age.Stanza, error) {
	return await(p.ctx, p.r.Name(), func() ([]*age.Stanza, error) { return p.r.Wrap(key) })
}

type pluginIdentity struct {
	ctx context.Context
	i   *plugin.Identity
}

// Unwrap implements age.Identity.
func (p pluginIdentity) Unwrap(stanzas []*age.Stanza) ([]byte, error) {
	return await(p.ctx, p.i.Name(), func() ([]byte, error) { return p.i.Unwrap(stanzas) })
}

func await[T any](ctx context.Context, name string, work func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	var none T
	if err := ctx.Err(); err != nil {
		return none, reason.Wrap(reason.Canceled, "", err)
	}
	done := make(chan result, 1)
	go func() {
		value, err := work()
		done <- result{value, err}
	}()
	select {
	case got := <-done:
		return got.value, told(name, got.err)
	case <-ctx.Done():
		return none, reason.Wrap(reason.Canceled, "", ctx.Err())
	}
}

var secretForm = regexp.MustCompile(`(?i)AGE-(SECRET|PLUGIN)-[^\s"']*`)

const maxTold = 300 // bytes of what a plugin says went wrong

// told says why a plugin failed, without what it may quote of a key.
func told(name string, err error) error {
	var missing *plugin.NotFoundError
	switch {
	case err == nil || errors.Is(err, age.ErrIncorrectIdentity):
		return err
	case errors.As(err, &missing):
		return reason.New("locked/plugin-missing", "age-plugin-"+name, "there is no such program on this machine")
	}
	text := secretForm.ReplaceAllString(err.Error(), "AGE-…")
	if len(text) > maxTold {
		text = strings.ToValidUTF8(text[:maxTold], "") + "…"
	}
	return reason.New("locked/plugin", "age-plugin-"+name, "%s", text)
}

// ui lets a plugin ask. Without somebody to ask, it fails as it sees fit.
func ui(asker Asker) *plugin.ClientUI {
	if asker == nil {
		return &plugin.ClientUI{}
	}
	return &plugin.ClientUI{
		DisplayMessage: func(name, text string) error {
			asker.Message(name, text)
			return nil
		},
		RequestValue: func(name, prompt string, secret bool) (string, error) {
			if secret {
				return asker.Secret(name, prompt)
			}
			return asker.Line(name, prompt)
		},
		Confirm: func(name, prompt, yes, no string) (bool, error) {
			choices := "1 " + yes
			if no != "" {
				choices += ", 2 " + no
			}
			answer, err := asker.Line(name, prompt+" ("+choices+")")
			return strings.TrimSpace(answer) == "1", err
		},
	}
}
