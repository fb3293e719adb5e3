package sharelink

import (
	"fmt"
	"net/url"
	"path"
	"strings"

	"filippo.io/age"

	"github.com/kompetansebevis/bevis/reason"
)

// mark begins the key of a link, as age writes its identities (Bech32).
const mark = "AGE-SECRET-KEY-1"

// MaxLink is how many bytes a link has at most.
const MaxLink = 8 << 10

// Link is where a share is, and the key to it. Printed, it shows no key.
type Link struct {
	// Where is an https address or the path of a folder, without the key.
	Where string
	key   string
}

// Is reports whether a text is to be read as a link: it has a key behind a "#".
// Such a text is a secret.
func Is(text string) bool {
	_, _, ok := strings.Cut(text, "#"+mark)
	return ok
}

// Parse reads a link. What is wrong with it is usage/link, which does not show
// it.
func Parse(text string) (Link, error) {
	text = strings.TrimSpace(text)
	bad := func(why string) (Link, error) { return Link{}, reason.New("usage/link", "", "%s", why) }
	if len(text) > MaxLink {
		return bad("the link is too long to be one")
	}
	at := strings.LastIndex(text, "#"+mark)
	if at <= 0 {
		return bad("a link has the place of the share, a # and the key to it")
	}
	l := Link{Where: text[:at], key: text[at+1:]}
	if _, err := age.ParseX25519Identity(l.key); err != nil { // whose text would show the key
		return bad("the key behind the # is not whole, or was mistyped")
	}
	if !l.IsWeb() {
		return l, nil
	}
	u, err := url.Parse(l.Where)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return bad("the address before the # is not one of a folder")
	}
	// A link to the page in the folder is one to the folder.
	if path.Base(u.Path) == PageName {
		u.Path = strings.TrimSuffix(u.Path, PageName)
	}
	if !strings.HasSuffix(u.Path, "/") {
		u.Path += "/"
	}
	u.RawPath = ""
	l.Where = u.String()
	return l, nil
}

// New returns the link to a share at a place.
func New(where, key string) (Link, error) { return Parse(where + "#" + key) }

// IsWeb reports whether the share is at an address.
func (l Link) IsWeb() bool {
	return strings.HasPrefix(l.Where, "https://") || strings.HasPrefix(l.Where, "http://")
}

// Address returns the address of a file of a share that is at one.
func (l Link) Address(name string) string { return l.Where + name }

// Secret returns the whole link, which is to be shown to the receiver alone.
func (l Link) Secret() string { return l.Where + "#" + l.key }

// Format implements fmt.Formatter: whatever the verb, the key is left out.
func (l Link) Format(f fmt.State, _ rune) { fmt.Fprint(f, l.Where+"#…") }

// Hide leaves the keys of links out of a text that is to be shown, such as an
// error about a word that somebody typed.
func Hide(text string) string {
	var b strings.Builder
	for {
		before, after, ok := strings.Cut(text, mark)
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		b.WriteString("…")
		text = strings.TrimLeft(after, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
	}
}
