package did

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/reason"
)

// Fetcher gets a document over HTTPS. internal/fetch has one that refuses
// private addresses, redirects and endless answers.
type Fetcher interface {
	Fetch(ctx context.Context, url, accept string) (body []byte, asOf time.Time, err error)
}

// Web resolves did:web: the identifier names a host and a path from which the
// document is fetched.
type Web struct{ Fetcher Fetcher }

// Resolve implements Resolver. Errors of the Fetcher keep their code if it is
// remote_fetch_blocked, and are key_unavailable otherwise.
func (w Web) Resolve(ctx context.Context, id string) (*Document, error) {
	address, err := WebURL(id)
	if err != nil {
		return nil, err
	}
	if w.Fetcher == nil {
		return nil, reason.New("remote_fetch_blocked/offline", address, "nothing is fetched here")
	}
	body, asOf, err := w.Fetcher.Fetch(ctx, address, "application/did+ld+json, application/did+json, application/json")
	if err != nil {
		return nil, notHad(id, address, err)
	}
	doc, err := ParseDocument(body, id)
	if err != nil {
		return nil, err
	}
	doc.AsOf = asOf
	return doc, nil
}

// Renew implements Renewer where the Fetcher keeps copies.
func (w Web) Renew(ctx context.Context, id string) (*Document, error) {
	w.Fetcher = renewing(w.Fetcher)
	if w.Fetcher == nil {
		return nil, reason.New("key_unavailable/fetch", id, "nothing newer is at hand")
	}
	return w.Resolve(ctx, id)
}

// notHad says that a document could not be fetched.
func notHad(id, address string, err error) error {
	switch reason.CodeOf(err).Coarse() {
	case string(reason.RemoteFetchBlocked), string(reason.Canceled):
		return err
	}
	return reason.New("key_unavailable/fetch", address, "the document of %s could not be had: %w", id, err)
}

const hostChars = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"

// WebURL returns the address of a did:web's document (did:web method
// specification, section "Read"). Whether the address may be dialled is for
// the Fetcher to say.
func WebURL(id string) (string, error) {
	rest, err := methodSpecific(id, "web")
	if err != nil {
		return "", err
	}
	bad := func(why string) (string, error) {
		return "", reason.New("key_invalid/did", id, "not a did:web: %s", why)
	}
	parts := strings.Split(rest, ":")
	host, err := url.PathUnescape(parts[0])
	if err != nil {
		return bad("the host is not a plain host name")
	}
	name, port, found := strings.Cut(host, ":")
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || strings.Trim(label, hostChars) != "" {
			return bad("the host is not a plain host name")
		}
	}
	if n, err := strconv.ParseUint(port, 10, 16); found && (err != nil || strconv.FormatUint(n, 10) != port || n == 0) {
		return bad("the port is not a number from 1 to 65535")
	}
	path := "/.well-known"
	if len(parts) > 1 {
		path = ""
		for _, part := range parts[1:] {
			segment, err := url.PathUnescape(part)
			if err != nil || segment == "" || segment == "." || segment == ".." || strings.ContainsAny(segment, "/\\%?#") {
				return bad("a part of the path is empty or leads elsewhere")
			}
			path += "/" + url.PathEscape(segment)
		}
	}
	return "https://" + host + path + "/did.json", nil
}
