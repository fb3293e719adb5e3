package carrier

import (
	"bytes"
	"encoding/base64"
	"html"

	"github.com/kompetansebevis/bevis/reason"
)

// A page of a share (HTML) carries a presentation as the address of a link, by
// which it can be saved from a browser that runs no scripts. What people read on
// the page is not signed, and not looked at.
const (
	pageMark   = ` id="bevis-share" `
	pagePrefix = ` href="data:application/octet-stream;base64,`
)

// PageLink returns the element that carries a presentation, for a page that Open
// reads. Name is what a browser calls the file, and text what is shown of the
// link.
func PageLink(presentation []byte, name, text string) string {
	return `<a` + pageMark + `download="` + html.EscapeString(name) + `"` + pagePrefix +
		base64.StdEncoding.EncodeToString(presentation) + `">` + html.EscapeString(text) + `</a>`
}

// isPage reports whether raw is a page that carries a presentation, be it well
// or badly.
func isPage(raw []byte) bool {
	start := bytes.ToLower(bytes.TrimLeft(bytes.TrimPrefix(raw[:min(len(raw), 64)], []byte("\xef\xbb\xbf")), " \t\r\n"))
	return (bytes.HasPrefix(start, []byte("<!doctype html")) || bytes.HasPrefix(start, []byte("<html"))) && bytes.Contains(raw, []byte(pageMark))
}

// openPage takes the presentation out of a page. A page with two of them could
// show one to a browser and another to a program.
func openPage(raw []byte, lim Limits) ([]Item, error) {
	bad := func(why string) ([]Item, error) { return nil, reason.New("malformed/share-page", "", "%s", why) }
	if bytes.Count(raw, []byte(pageMark)) != 1 {
		return bad("the page carries more than one file")
	}
	_, rest, _ := bytes.Cut(raw, []byte(pageMark))
	tag, _, _ := bytes.Cut(rest, []byte(">"))
	_, data, ok := bytes.Cut(tag, []byte(pagePrefix))
	data, _, ended := bytes.Cut(data, []byte(`"`))
	if !ok || !ended {
		return bad("the file in the page is not where it should be")
	}
	if base64.StdEncoding.DecodedLen(len(data)) > lim.MaxItem {
		return nil, reason.New(reason.LimitSize, "", "the page carries more than %d bytes", lim.MaxItem)
	}
	out, err := base64.StdEncoding.Strict().DecodeString(string(data))
	if err != nil || bytes.ContainsAny(data, "\r\n") || len(out) == 0 {
		return bad("the file in the page is not whole")
	}
	return []Item{{Kind: HTML, Raw: out}}, nil
}
