package app

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/internal/fetch"
	"github.com/kompetansebevis/bevis/internal/jsonschema"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/verifier"
)

// ContentRequest is what is asked about whom a credential is about, and about
// what belongs to it.
type ContentRequest struct {
	Recipient     []verifier.Identifier // what is known of the person, none: not asked
	OnBehalfOf    []string              // whose credentials the holder may show
	Schemas       map[string][]byte     // JSON schemas at hand, by URL
	RequireSchema bool
	Refresh       bool // ask the issuer for a newer one
}

// asking adds to a request what is asked of each document.
func (r ContentRequest) asking(req verifier.Request) verifier.Request {
	req.Recipient, req.OnBehalfOf, req.RequireSchema, req.Refresh = r.Recipient, r.OnBehalfOf, r.RequireSchema, r.Refresh
	return req
}

// contentVerifier returns a verifier with the schemas of a request.
func (a *App) contentVerifier(r VerifyRequest) (*verifier.Verifier, error) {
	cfg, err := a.contentConfig(r)
	if err != nil {
		return nil, err
	}
	return verifier.New(cfg)
}

func (a *App) contentConfig(r VerifyRequest) (verifier.Config, error) {
	cfg, err := a.verifierConfig(r.Issuers, r.Fresh)
	cfg.SealAnchors = r.SealAnchors
	if err == nil && len(r.Schemas) > 0 {
		cfg.Schemas, err = jsonschema.New(r.Schemas)
	}
	return cfg, err
}

// newest is a verifier.RefreshSource over the network.
type newest struct{ client fetch.Source }

// Newest implements verifier.RefreshSource.
func (n newest) Newest(ctx context.Context, url string) ([]byte, time.Time, error) {
	raw, asOf, err := n.client.Fetch(ctx, url, "application/vc, application/vc+jwt, application/vc+ld+json, application/json, text/plain")
	if err != nil {
		return nil, asOf, errors.Unwrap(err)
	}
	return raw, asOf, nil
}

// ResultContent is what was found out about a person, and about the
// credentials that stand in a credential.
type ResultContent struct {
	// At is where the credential stands in another.
	At string `json:"at,omitempty"`
	// Bindings are the ways in which the document was tied to a person.
	Bindings []verifier.Binding `json:"bindings,omitempty"`
	// Recipient says by what it matched the person that was asked for.
	Recipient    []string            `json:"recipient,omitempty"`
	Endorses     *ResultEndorsed     `json:"endorses,omitempty"`
	Endorsements []VerifyResult      `json:"endorsements,omitempty"`
	Nested       []VerifyResult      `json:"nested,omitempty"`
	Associations []ResultAssociation `json:"associations,omitempty"`
	Refreshed    *ResultRefreshed    `json:"refreshed,omitempty"`
}

// ResultEndorsed is what an endorsement is bound to.
type ResultEndorsed struct {
	What     string `json:"what,omitempty"` // empty: nothing in the credential it stands in
	ID       string `json:"id,omitempty"`
	ByDigest bool   `json:"byDigest,omitempty"`
	Comment  string `json:"comment,omitempty"`
}

// ResultAssociation is how two achievements of a record belong together, as
// its publisher says.
type ResultAssociation struct {
	Source string `json:"source"`
	Type   string `json:"type"`
	Target string `json:"target"`
}

// ResultRefreshed says that the result is on a newer edition.
type ResultRefreshed struct {
	From     string     `json:"from"` // where it was fetched
	AsOf     *time.Time `json:"asOf,omitempty"`
	Replaces string     `json:"replaces,omitempty"` // validFrom of the one that was given
}

func (a *App) contentOf(r *verifier.Report) ResultContent {
	out := ResultContent{At: r.At, Bindings: r.Bindings(), Recipient: r.Recipient, Associations: associationsOf(r.Claimed())}
	if e := r.Endorses; e != nil {
		out.Endorses = &ResultEndorsed{What: e.What, ID: e.ID, ByDigest: e.ByDigest}
		for _, s := range r.Claimed().Subjects() {
			out.Endorses.Comment = credential.Text(s.Get("endorsementComment"))
		}
	}
	for _, e := range r.Endorsements {
		out.Endorsements = append(out.Endorsements, a.resultOf(e))
	}
	for _, n := range r.Nested {
		out.Nested = append(out.Nested, a.resultOf(n))
	}
	if f := r.Refreshed; f != nil {
		out.Refreshed = &ResultRefreshed{From: f.URL}
		if !f.From.IsZero() {
			out.Refreshed.Replaces = credential.FormatTime(f.From)
		}
		if !f.AsOf.IsZero() {
			asOf := f.AsOf.UTC()
			out.Refreshed.AsOf = &asOf
		}
	}
	return out
}

// maxAssociations bounds what is shown of a record.
const maxAssociations = 1000

// associationsOf reads the associations of a comprehensive learner record.
// Achievements are called by their names where the record has them.
func associationsOf(c *credential.Credential) []ResultAssociation {
	if c == nil {
		return nil
	}
	var out []ResultAssociation
	for _, s := range c.Subjects() {
		associations := s.Get("association").List()
		if len(associations) == 0 {
			continue
		}
		names := namesIn(s)
		name := func(v *credential.Value) string {
			id := credential.ID(v)
			if n := names[id]; n != "" {
				return n
			}
			return id
		}
		for _, a := range associations {
			kind, _ := a.Get("associationType").Text()
			if len(out) == maxAssociations || kind == "" {
				break
			}
			out = append(out, ResultAssociation{name(a.Get("sourceId")), kind, name(a.Get("targetId"))})
		}
	}
	return out
}

// namesIn returns the names of the achievements and credentials that a record
// holds, by their ids. Of two names for one id neither is used: which of them
// is meant, nothing says.
func namesIn(subject *credential.Value) map[string]string {
	out := map[string]string{}
	put := func(v *credential.Value) {
		id, name := credential.ID(v), credential.Text(v.Get("name"))
		if was, twice := out[id]; twice && was != name {
			name = ""
		}
		out[id] = name
	}
	for _, a := range subject.Get("achievement").List() {
		put(a)
	}
	for _, c := range subject.Get("verifiableCredential").List() {
		put(c)
		for _, s := range c.Get("credentialSubject").List() {
			for _, a := range s.Get("achievement").List() {
				put(a)
			}
		}
	}
	return out
}

// ParseRecipient reads TYPE:VALUE, where a VALUE that begins with "@" names a
// file that holds it. So a value need not stand among the words of the command,
// where others on the same machine could read it.
func ParseRecipient(text string) (verifier.Identifier, error) {
	kind, value, ok := cutType(text)
	if ok && len(value) > 1 && value[0] == '@' {
		raw, err := readUpTo(value[1:], maxRecipient)
		if err != nil {
			return verifier.Identifier{}, err
		}
		value = trimLine(string(raw))
	}
	if !ok || kind == "" || value == "" {
		return verifier.Identifier{}, reason.New("usage/recipient", "--recipient", "give TYPE:VALUE or TYPE:@FILE")
	}
	return verifier.Identifier{Type: kind, Value: value}, nil
}

const maxRecipient = 4096 // bytes of a file that holds an identifier

// cutType parts TYPE from VALUE. A type of one's own begins with "ext:"; a DID
// or mail address that stands alone is its own type.
func cutType(text string) (kind, value string, ok bool) {
	rest, ext := strings.CutPrefix(text, "ext:")
	if strings.HasPrefix(text, "did:") {
		return "id", "did:" + strings.TrimPrefix(strings.TrimPrefix(text, "did:"), "did:"), true
	}
	kind, value, ok = strings.Cut(rest, ":")
	if ext && ok {
		kind = "ext:" + kind
	}
	return kind, value, ok
}

// trimLine takes the end of the line off, as editors leave one.
func trimLine(text string) string { return strings.TrimRight(text, "\r\n") }

// HideRecipient returns TYPE:VALUE as it may stand in a report: a value that
// says more than an id is left out, as if it had stood in a file.
func HideRecipient(text string) string {
	kind, value, ok := cutType(text)
	if !ok || kind == "id" || strings.HasPrefix(value, "@") {
		return text
	}
	return kind + ":@FILE"
}
