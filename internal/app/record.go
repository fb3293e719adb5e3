package app

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/bundle"
	"github.com/kompetansebevis/bevis/internal/jws"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/verifier"
)

// recorder keeps what a verifier looks up and is told, for an evidence bundle.
// It stands between the verifier and whatever answers, so that answers from a
// cache are kept like others.
type recorder struct {
	mu        sync.Mutex
	files     []bundle.File
	missing   []bundle.Missing
	decisions []recordedDecision
	made      map[bundle.Role]int // how many files of a role were named
}

// over returns cfg with everything that is asked going through the recorder.
func (r *recorder) over(cfg verifier.Config) verifier.Config {
	cfg.Resolver = recordedResolver{r, cfg.Resolver}
	cfg.Status = recordedLists{r, cfg.Status}
	if cfg.Refresh != nil {
		cfg.Refresh = recordedNewest{r, cfg.Refresh}
	}
	if cfg.Documents != nil {
		cfg.Documents = recordedPages{r, cfg.Documents}
	}
	pins := cfg.Pins
	cfg.Trust = recordedTrust{r, cfg.Trust}
	if pins != nil {
		cfg.Pins = recordedPins{r, pins}
	}
	return cfg
}

func (r *recorder) found(role bundle.Role, url string, content []byte, asOf time.Time, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	same := func(f bundle.File) bool { return f.Role == role && f.URL == url }
	gone := func(m bundle.Missing) bool { return m.Role == role && m.URL == url }
	switch {
	case slices.ContainsFunc(r.files, same):
	case err == nil:
		if r.made == nil {
			r.made = map[bundle.Role]int{}
		}
		r.made[role]++
		r.files = append(r.files, bundle.File{Path: bundle.Name(role, r.made[role], content), Role: role, URL: url, AsOf: asOf, Content: content})
		r.missing = slices.DeleteFunc(r.missing, gone)
	case bundle.Recordable(role, string(reason.CodeOf(err))) && !slices.ContainsFunc(r.missing, gone):
		r.missing = append(r.missing, bundle.Missing{URL: url, Role: role, Code: string(reason.CodeOf(err)), Why: err.Error()})
	}
}

// recordedResolver keeps documents that were looked up somewhere. Those that
// follow from the identifier need no keeping.
type recordedResolver struct {
	*recorder
	next did.Resolver
}

func (r recordedResolver) Resolve(ctx context.Context, id string) (*did.Document, error) {
	document, err := r.next.Resolve(ctx, id)
	switch {
	case err != nil:
		r.found(bundle.Key, addressOf(id), nil, time.Time{}, err)
	case document.Raw != nil:
		r.found(bundle.Key, addressOf(id), document.Raw, document.AsOf, nil)
	}
	return document, err
}

// addressOf returns where the document of an identifier is looked up.
func addressOf(id string) string {
	if address, err := did.WebURL(id); err == nil {
		return address
	}
	return id
}

type recordedLists struct {
	*recorder
	next verifier.StatusSource
}

func (r recordedLists) StatusList(ctx context.Context, url string) ([]byte, time.Time, error) {
	list, asOf, err := r.next.StatusList(ctx, url)
	r.found(bundle.List, url, list, asOf, err)
	return list, asOf, err
}

type recordedPages struct {
	*recorder
	next verifier.DocumentSource
}

func (r recordedPages) Document(ctx context.Context, url string) ([]byte, time.Time, error) {
	body, asOf, err := r.next.Document(ctx, url)
	r.found(bundle.Page, url, body, asOf, err)
	return body, asOf, err
}

type recordedNewest struct {
	*recorder
	next verifier.RefreshSource
}

func (r recordedNewest) Newest(ctx context.Context, url string) ([]byte, time.Time, error) {
	body, asOf, err := r.next.Newest(ctx, url)
	r.found(bundle.Page, url, body, asOf, err)
	return body, asOf, err
}

// Renew implements did.Renewer where the resolver does: what is newer takes the
// place of what was kept.
func (r recordedResolver) Renew(ctx context.Context, id string) (*did.Document, error) {
	renewer, ok := r.next.(did.Renewer)
	if !ok {
		return r.Resolve(ctx, id)
	}
	document, err := renewer.Renew(ctx, id)
	if err == nil && document.Raw != nil {
		r.mu.Lock()
		r.files = slices.DeleteFunc(r.files, func(f bundle.File) bool { return f.Role == bundle.Key && f.URL == addressOf(id) })
		r.mu.Unlock()
		r.found(bundle.Key, addressOf(id), document.Raw, document.AsOf, nil)
	}
	return document, err
}

// recordedDecision is a decision on an issuer, as a bundle has it.
type recordedDecision struct {
	Issuer  string            `json:"issuer"`
	Types   []string          `json:"types,omitempty"`
	At      time.Time         `json:"at"`
	Trusted bool              `json:"trusted"`
	Name    string            `json:"name,omitempty"`
	NameBy  string            `json:"nameBy,omitempty"`
	Code    string            `json:"code,omitempty"`
	Source  string            `json:"source,omitempty"`
	Why     string            `json:"why,omitempty"`
	Since   *time.Time        `json:"since,omitempty"`
	Until   *time.Time        `json:"until,omitempty"`
	Keys    map[string]string `json:"keys,omitempty"` // pinned ones that were asked for, as Multikey

	Vouchers     []trust.Voucher `json:"vouchers,omitempty"`
	MaxStatusAge string          `json:"maxStatusAge,omitempty"` // a duration, such as 24h0m0s
}

// about reports whether the decision is on what is asked.
func (d recordedDecision) about(q trust.Query) bool {
	return d.Issuer == q.Issuer && slices.Equal(d.Types, q.Types)
}

type recordedTrust struct {
	*recorder
	next trust.Registry
}

func (r recordedTrust) Decide(ctx context.Context, q trust.Query) (trust.Decision, error) {
	d, err := r.next.Decide(ctx, q)
	if err != nil {
		return d, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if slices.ContainsFunc(r.decisions, func(o recordedDecision) bool { return o.about(q) }) {
		return d, nil
	}
	kept := recordedDecision{Issuer: q.Issuer, Types: slices.Clone(q.Types), At: q.At.UTC(), Trusted: d.Trusted, Name: d.Name, NameBy: d.NameBy, Code: string(d.Code), Source: d.Source, Why: d.Why}
	kept.Vouchers = d.Vouchers
	if d.MaxStatusAge > 0 {
		kept.MaxStatusAge = d.MaxStatusAge.String()
	}
	for from, to := range map[*time.Time]**time.Time{&d.Since: &kept.Since, &d.Until: &kept.Until} {
		if !from.IsZero() {
			t := from.UTC()
			*to = &t
		}
	}
	r.decisions = append(r.decisions, kept)
	return d, nil
}

type recordedPins struct {
	*recorder
	next verifier.KeyPins
}

func (r recordedPins) PinnedKey(q trust.Query, method string) (key.Public, bool) {
	public, ok := r.next.PinnedKey(q, method)
	text, err := public.Multikey()
	if !ok || err != nil {
		return public, ok
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.decisions {
		if d := &r.decisions[i]; d.about(q) {
			if d.Keys == nil {
				d.Keys = map[string]string{}
			}
			d.Keys[method] = text
		}
	}
	return public, ok
}

// decided is a registry that answers as somebody recorded it.
type decided []recordedDecision

func (d decided) find(q trust.Query) (recordedDecision, bool) {
	for _, one := range d {
		if one.about(q) && (one.Since == nil || !q.At.Before(*one.Since)) && (one.Until == nil || q.At.Before(*one.Until)) {
			return one, true
		}
	}
	return recordedDecision{}, false
}

// Decide implements trust.Registry.
func (d decided) Decide(ctx context.Context, q trust.Query) (trust.Decision, error) {
	if err := ctx.Err(); err != nil {
		return trust.Decision{}, err
	}
	one, ok := d.find(q)
	if !ok {
		return trust.Decision{Why: "the bundle records no decision for this issuer and time"}, nil
	}
	age, err := time.ParseDuration(cmp.Or(one.MaxStatusAge, "0s"))
	if err != nil || one.Code != "" && reason.Code(one.Code).Class() != reason.Untrusted {
		return trust.Decision{Why: "the bundle records a decision that cannot be read"}, nil
	}
	// Who vouched, and that it was signed, was not checked again: it stays in the
	// bundle to be read, and is not told as found.
	return trust.Decision{Trusted: one.Trusted, Name: one.Name, NameBy: one.NameBy, Source: "recorded by the maker of the bundle: " + one.Source,
		Why: one.Why, Code: reason.Code(one.Code), MaxStatusAge: age}, nil
}

// PinnedKey implements verifier.KeyPins.
func (d decided) PinnedKey(q trust.Query, method string) (key.Public, bool) {
	one, ok := d.find(q)
	if !ok || !one.Trusted || one.Keys[method] == "" {
		return key.Public{}, false
	}
	public, err := key.ParseMultikey(one.Keys[method])
	return public, err == nil
}

// replay answers from a bundle what was looked up for it, and nothing else.
//
// Whoever hands over a bundle may have made it up: a document with keys that
// they wrote themselves, a list from before a revocation. So unless the maker
// is believed, only that counts which stands for itself: a list that is signed
// and says until when it is to be used.
type replay struct {
	bundle  *bundle.Bundle
	believe bool
}

func (r replay) fetch(url string, roles ...bundle.Role) ([]byte, time.Time, error) {
	for _, f := range r.bundle.Files {
		if f.URL == url && slices.Contains(roles, f.Role) {
			return f.Content, f.AsOf, nil
		}
	}
	for _, m := range r.bundle.Missing {
		if m.URL == url && slices.Contains(roles, m.Role) {
			return nil, time.Time{}, reason.New(reason.Code(m.Code), url, "it could not be had when the bundle was made: %s", strings.TrimSpace(m.Why))
		}
	}
	return nil, time.Time{}, reason.New("remote_fetch_blocked/offline", url, "it is not in the bundle, and nothing is fetched for one")
}

// bounded reports whether a list says until when it is to be used. Whether that
// is signed and has not passed is for the verifier to find out.
func bounded(list []byte) bool {
	in, err := proof.Read(bytes.TrimSpace(list), strictjson.Limits{MaxBytes: bundle.MaxBytes})
	if err != nil {
		return false
	}
	if in.Document != nil {
		return in.Document.Get("validUntil") != nil || in.Document.Get("expirationDate") != nil
	}
	t, err := jws.ReadHead(in.Compact, strictjson.Limits{MaxBytes: bundle.MaxBytes})
	if err != nil || t.ReadBody(strictjson.Limits{MaxBytes: bundle.MaxBytes}) != nil {
		return false
	}
	return t.Payload.Get("exp") != nil
}

// Fetch implements did.Fetcher.
func (r replay) Fetch(_ context.Context, url, _ string) ([]byte, time.Time, error) {
	return r.fetch(url, bundle.Key)
}

// Document implements verifier.DocumentSource. What a host once served counts
// only by the word of the maker.
func (r replay) Document(_ context.Context, url string) ([]byte, time.Time, error) {
	if !r.believe {
		return nil, time.Time{}, reason.New("remote_fetch_blocked/offline", url, "what the host served is the word of the bundle's maker, and nothing is fetched for a bundle")
	}
	return r.fetch(url, bundle.Page)
}

// Newest implements verifier.RefreshSource, as Document does.
func (r replay) Newest(ctx context.Context, url string) ([]byte, time.Time, error) {
	return r.Document(ctx, url)
}

// StatusList implements verifier.StatusSource.
func (r replay) StatusList(_ context.Context, url string) ([]byte, time.Time, error) {
	list, asOf, err := r.fetch(url, bundle.List, bundle.Given)
	if err == nil && !r.believe && !bounded(list) {
		return nil, time.Time{}, reason.New("status_unavailable/recorded", url, "the list does not say until when it is to be used, so that it is not an old one is the word of the bundle's maker")
	}
	if reason.CodeOf(err) == "remote_fetch_blocked/offline" {
		err = reason.New("status_unavailable/offline", url, "the list is not in the bundle, and nothing is fetched for one")
	}
	return list, asOf, err
}

// replayKeys resolves with the documents of a bundle. What could not be had, or
// was no good, when it was made is so again.
type replayKeys struct {
	from replay
	next did.Resolver
}

// Resolve implements did.Resolver.
func (r replayKeys) Resolve(ctx context.Context, id string) (*did.Document, error) {
	if _, _, err := r.from.fetch(addressOf(id), bundle.Key); err == nil && !r.from.believe {
		return nil, reason.New("key_unavailable/recorded", addressOf(id), "that this document with keys was the issuer's is the word of the bundle's maker")
	}
	for _, m := range r.from.bundle.Missing {
		if r.from.believe && m.Role == bundle.Key && m.URL == addressOf(id) {
			return nil, reason.New(reason.Code(m.Code), m.URL, "recorded by the maker of the bundle: %s", m.Why)
		}
	}
	return r.next.Resolve(ctx, id)
}
