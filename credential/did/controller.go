package did

import (
	"context"
	"net/url"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// Renewer is a Resolver that may answer from copies, and can be asked to look
// once more: a copy may be from before a key came into use.
type Renewer interface {
	// Renew resolves as Resolve does, past the copies that are kept.
	Renew(ctx context.Context, id string) (*Document, error)
}

// anew is a Fetcher that keeps copies and can pass over them.
type anew interface {
	FetchAnew(ctx context.Context, url, accept string) (body []byte, asOf time.Time, err error)
}

// renewing returns what to fetch with past the copies, nil where none are
// kept: then what was fetched before is as new as it gets.
func renewing(f Fetcher) Fetcher {
	if a, ok := f.(anew); ok {
		return fetchAnew{a}
	}
	return nil
}

type fetchAnew struct{ anew }

func (f fetchAnew) Fetch(ctx context.Context, url, accept string) ([]byte, time.Time, error) {
	return f.FetchAnew(ctx, url, accept)
}

// Renew implements Renewer for the method of id, if its resolver does.
func (m Mux) Renew(ctx context.Context, id string) (*Document, error) {
	r, err := m.resolver(id)
	if err != nil {
		return nil, err
	}
	if renewer, ok := r.(Renewer); ok {
		return renewer.Renew(ctx, id)
	}
	return nil, reason.New("key_unavailable/fetch", id, "nothing newer is at hand")
}

// Controller resolves identifiers that are https addresses: the controller
// document (Controlled Identifiers 1.0) is found at the address itself. The
// profile of an issuer of Open Badges is one if it names its keys, in
// verificationMethod or as a JSON Web Key Set in jwks, of which each key counts
// that has a kid; two under one kid are no key. In a Mux it stands under "https".
type Controller struct{ Fetcher Fetcher }

// Resolve implements Resolver. What is not a document of keys, such as a page
// for people, is key_unavailable/controller-document; one that is about
// another identifier is key_invalid/document.
func (c Controller) Resolve(ctx context.Context, id string) (*Document, error) {
	if u, err := url.Parse(id); err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || strings.Contains(id, "#") || len(id) > maxIDBytes {
		return nil, reason.New("key_invalid/did", "", "%.120q is not an https address of a controller document", id)
	}
	if c.Fetcher == nil {
		return nil, reason.New("remote_fetch_blocked/offline", id, "nothing is fetched here")
	}
	body, asOf, err := c.Fetcher.Fetch(ctx, id, "application/cid, application/ld+json, application/json")
	if err != nil {
		return nil, notHad(id, id, err)
	}
	doc, err := parseController(body, id)
	if err != nil {
		return nil, err
	}
	doc.AsOf = asOf
	return doc, nil
}

// Renew implements Renewer where the Fetcher keeps copies.
func (c Controller) Renew(ctx context.Context, id string) (*Document, error) {
	c.Fetcher = renewing(c.Fetcher)
	if c.Fetcher == nil {
		return nil, reason.New("key_unavailable/fetch", id, "nothing newer is at hand")
	}
	return c.Resolve(ctx, id)
}

// parseController reads what stands at the address of an issuer.
func parseController(raw []byte, id string) (*Document, error) {
	tree, err := strictjson.ParseObject(raw, strictjson.Limits{})
	if err != nil {
		return nil, reason.New("key_unavailable/controller-document", id, "what stands there is not a controller document: %w", err)
	}
	doc, err := ParseDocument(raw, id)
	if err != nil {
		return nil, err
	}
	for _, v := range tree.Get("jwks").Get("keys").List() {
		kid, ok := v.Get("kid").Text()
		if !ok || !plainFragment(kid) {
			continue
		}
		m := Method{ID: id + "#" + kid, Type: "JsonWebKey", Controller: id}
		k, err := key.ParseJWK(v)
		if err == nil && !k.ForSignatures() {
			err = reason.New("key_invalid/not-a-signing-key", m.ID, "the JWK is not for signatures")
		}
		m.Public, m.Err = k.Public, err
		if at := doc.index(m.ID); at >= 0 {
			// What verificationMethod says is more exact: a JWK has no times.
			m.Expires, m.Revoked = doc.Methods[at].Expires, doc.Methods[at].Revoked
			doc.Methods[at].again(m)
			continue
		}
		if len(doc.Methods) < maxMethods {
			doc.Methods, doc.AssertionMethod = append(doc.Methods, m), append(doc.AssertionMethod, m.ID)
		}
	}
	return doc, nil
}

// plainFragment reports whether s may stand behind the # of a URL as it is.
func plainFragment(s string) bool {
	return s != "" && len(s) <= 200 && strings.IndexFunc(s, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`#"<>\^`+"`{|}", r) }) < 0
}
