package app

import (
	"bytes"
	"context"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/ob2"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/fetch"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// Notarised is what was seen of a badge, and the credential about it.
type Notarised struct {
	ID      string       `json:"id"`
	About   string       `json:"about"` // the id of the assertion
	Answers []SeenAnswer `json:"answers"`

	Credential []byte `json:"-"`
}

// SeenAnswer is one document that was asked for.
type SeenAnswer struct {
	Role    string `json:"role"`
	Address string `json:"address,omitempty"`
	Bytes   int    `json:"bytes"`
	Problem string `json:"problem,omitempty"` // the code of why there is no answer
}

// Notarise asks the hosts of an Open Badge 2.0 for all that it rests on, and
// signs what they answered with the key of the issuer that is set up here. In
// holds the badge in whatever carries it; what begins with https:// is the
// address of an assertion. The user names the badge, so nobody has to be trusted
// for its hosts; that no machine on the inside is asked, the client sees to.
func (a *App) Notarise(ctx context.Context, in Input) (Notarised, error) {
	if in.Err != nil {
		return Notarised{}, in.Err
	}
	setup, signer, err := a.ownSigner(ctx)
	if err != nil {
		return Notarised{}, err
	}
	defer signer.Close() // Sign has told what went wrong
	raw, err := badge2Of(ctx, in)
	if err != nil {
		return Notarised{}, err
	}
	source, err := a.source()
	if err != nil {
		return Notarised{}, err
	}
	n := notary{app: a, source: source}
	host, err := n.look(ctx, raw)
	if err != nil {
		return Notarised{}, err
	}
	by := strictjson.Object(strictjson.Member{Name: "id", Value: strictjson.String(setup.ID)}, strictjson.Member{Name: "name", Value: strictjson.String(setup.Name)})
	unsigned, err := n.seen.Credential(by, "Open Badge 2.0 of "+host+" as it was shown "+credential.FormatTime(n.seen.At()))
	if err != nil {
		return Notarised{}, err
	}
	suite, err := a.publicSuite(setup, signer)
	if err != nil {
		return Notarised{}, err
	}
	signed, err := suite.Sign(ctx, unsigned.Raw(), signer, proof.Params{Purpose: proof.AssertionMethod, Created: a.cfg.Now()})
	if err != nil {
		return Notarised{}, err
	}
	out := Notarised{ID: credential.ID(unsigned.Document()), About: n.seen.About, Credential: signed}
	for _, answer := range n.seen.Answers {
		out.Answers = append(out.Answers, SeenAnswer{string(answer.Role), answer.Address, len(answer.Content), answer.Problem})
	}
	return out, nil
}

// badge2Of gets the badge out of what carries it: an assertion, or the address
// of one.
func badge2Of(ctx context.Context, in Input) ([]byte, error) {
	in, err := Opened(ctx, in)
	if err != nil {
		return nil, err
	}
	raw, err := carried(in.Raw)
	return bytes.TrimSpace(raw), err
}

// notary is the work on one badge.
type notary struct {
	app    *App
	source fetch.Source
	seen   ob2.Snapshot
}

// look gets all documents of a badge and returns the host that names it. The
// assertion must be had; of the others it is kept why they were not.
func (n *notary) look(ctx context.Context, raw []byte) (host string, err error) {
	address, isLink := ob2.Link(raw)
	var badge *ob2.Badge
	if !isLink {
		if badge, err = ob2.Read(raw, strictjson.Limits{}); err != nil {
			return "", err
		}
		address = badge.ID
	}
	if badge != nil && badge.Signed {
		n.seen.Answers = append(n.seen.Answers, ob2.Answer{Role: ob2.RoleGiven, AskedAt: n.app.cfg.Now().UTC(), Content: raw})
	} else if badge, err = n.hosted(ctx, address, badge); err != nil {
		return "", err
	}
	n.seen.About = badge.ID
	class := badge.Class
	if class == nil {
		if body := n.ask(ctx, ob2.RoleClass, badge.ClassID); body != nil {
			if class, err = ob2.ReadClass(body, badge.ClassID, strictjson.Limits{}); err != nil {
				return "", err
			}
		}
	}
	if class != nil {
		if err := n.issuer(ctx, badge, class); err != nil {
			return "", err
		}
	}
	if host, err = ob2.Host(badge.ID); err != nil {
		host, err = ob2.Host(badge.ClassID)
	}
	return host, err
}

// hosted gets the assertion from its host. One that was given must be the same.
func (n *notary) hosted(ctx context.Context, address string, given *ob2.Badge) (*ob2.Badge, error) {
	body := n.ask(ctx, ob2.RoleAssertion, address)
	if body == nil {
		return nil, reason.New(reason.Code(n.seen.Answers[0].Problem), address, "the host shows no such badge, so that there is nothing to sign")
	}
	badge, err := ob2.Read(body, strictjson.Limits{})
	switch {
	case reason.CodeOf(err) == "no_credential/open-badges-1":
		return nil, err
	case err != nil: // a page to sign in at, it may be
		return nil, reason.New("fetch_failed/document", address, "what its host answers is no such assertion: %w", err)
	case badge.ID != address || badge.Signed:
		return nil, reason.New("fetch_failed/other-document", address, "the document there calls itself %.200q", badge.ID)
	}
	if given != nil {
		if name := given.Differs(badge); name != "" {
			return nil, reason.New("issuer_mismatch/hosted-differs", strictjson.Pointer("", name), "its host says something else of it than this file")
		}
	}
	return badge, nil
}

// issuer gets the profile, and of a signed badge the key and what was revoked.
func (n *notary) issuer(ctx context.Context, badge *ob2.Badge, class *ob2.Class) error {
	body := n.ask(ctx, ob2.RoleProfile, class.IssuerID)
	if body == nil {
		return nil
	}
	profile, err := ob2.ReadProfile(body, class.IssuerID, strictjson.Limits{})
	if err != nil || !badge.Signed {
		return err
	}
	if id, err := profile.KeyOf(badge); err == nil {
		if _, embedded, _ := profile.EmbeddedKey(id); !embedded {
			n.ask(ctx, ob2.RoleKey, id)
		}
	}
	if profile.RevocationList != "" {
		n.ask(ctx, ob2.RoleRevoked, profile.RevocationList)
	}
	return nil
}

// answerer is a source that tells how a document came.
type answerer interface {
	Answer(ctx context.Context, address, accept string) (fetch.Answer, error)
}

// ask gets one document and notes the answer, or why there is none.
func (n *notary) ask(ctx context.Context, role ob2.Role, id string) []byte {
	const accept = "application/ld+json, application/json"
	address := ob2.Address(id)
	var got fetch.Answer
	var err error
	if source, ok := n.source.(answerer); ok {
		got, err = source.Answer(ctx, address, accept)
	} else {
		got.Body, got.AsOf, err = n.source.Fetch(ctx, address, accept)
	}
	answer := ob2.Answer{Role: role, Address: address, AskedAt: got.AsOf.UTC(), Status: got.Status, ContentType: got.ContentType, TLS: got.TLS, Content: got.Body}
	if err != nil {
		answer = ob2.Answer{Role: role, Address: address, AskedAt: n.app.cfg.Now().UTC(), Problem: string(reason.CodeOf(err))}
	}
	n.seen.Answers = append(n.seen.Answers, answer)
	return answer.Content
}
