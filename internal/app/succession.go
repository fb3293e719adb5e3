package app

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
)

// SuccessionRequest is one half of a statement that an institution continues as
// another, to be signed by the issuer that is set up here. It names the other of
// the two, or has the half that the other signed.
type SuccessionRequest struct {
	Successor, Predecessor string
	Effective, Until       time.Time
	With                   *Input
}

// SuccessionSign signs one half, and joins it with the other where that is
// given: then the statement is whole.
func (a *App) SuccessionSign(ctx context.Context, r SuccessionRequest) (trust.Succession, []byte, error) {
	setup, signer, err := a.ownSigner(ctx)
	if err != nil {
		return trust.Succession{}, nil, err
	}
	defer signer.Close() // Sign has told what went wrong
	s := trust.Succession{Predecessor: r.Predecessor, Successor: r.Successor, Effective: r.Effective}
	switch {
	case r.With != nil && (r.Successor != "" || r.Predecessor != "" || !r.Effective.IsZero()):
		return s, nil, reason.New(reason.Usage, "--with", "the half that the other signed says it all: leave the rest out")
	case r.With != nil:
		if s, err = a.otherHalf(*r.With, setup.ID); err != nil {
			return s, nil, err
		}
	case (r.Successor == "") == (r.Predecessor == "") || r.Effective.IsZero():
		return s, nil, reason.New(reason.Usage, "", "say --successor or --predecessor, and --from; or --with FILE")
	case r.Successor != "":
		s.Predecessor = setup.ID
	default:
		s.Successor = setup.ID
	}
	now := a.cfg.Now().UTC().Truncate(time.Second)
	unsigned, err := s.Credential(setup.ID, now, r.Until)
	if err != nil {
		return s, nil, err
	}
	suite, err := a.publicSuite(setup, signer)
	if err != nil {
		return s, nil, err
	}
	half, err := suite.Sign(ctx, unsigned.Raw(), signer, proof.Params{Purpose: proof.AssertionMethod, Created: now})
	if err != nil || r.With == nil {
		return s, half, err
	}
	return s, trust.JoinSuccession(r.With.Raw, half), nil
}

// otherHalf reads what the other of the two signed. Whether it did is for those
// to check who take the statement in.
func (a *App) otherHalf(in Input, own string) (trust.Succession, error) {
	if in.Err != nil {
		return trust.Succession{}, in.Err
	}
	c, err := a.readList(in.Raw)
	if err != nil {
		return trust.Succession{}, err
	}
	s, err := trust.ReadSuccession(c)
	switch {
	case err != nil:
		return s, err
	case own != s.Predecessor && own != s.Successor, c.IssuerID() == own:
		return s, reason.New("trust_refused/succession", in.Name, "it is by %.200s, about %.200s and %.200s: not the other half of one by %s", c.IssuerID(), s.Predecessor, s.Successor, own)
	}
	return s, nil
}

// SuccessionTaken is a statement that was taken in.
type SuccessionTaken struct {
	Predecessor string    `json:"predecessor"`
	Successor   string    `json:"successor"`
	Effective   time.Time `json:"effective"`
	SHA256      string    `json:"sha256"`
	Keys        []string  `json:"keys,omitempty"` // of the predecessor, that were pinned
	Again       bool      `json:"again,omitempty"`
}

// SuccessionImport takes a statement into the policy that both have signed, and
// pins the predecessor's keys as they are known now.
func (a *App) SuccessionImport(ctx context.Context, in Input) (SuccessionTaken, error) {
	var out SuccessionTaken
	if in.Err != nil {
		return out, in.Err
	}
	err := a.changeTrust(ctx, func(p *trust.Policy) (*trust.Policy, [][]byte, error) {
		judge := successionJudge{listJudge{a, p}}
		halves, err := trust.SplitSuccession(in.Raw)
		if err != nil {
			return nil, nil, err
		}
		c, err := judge.Read(halves[0])
		if err != nil {
			return nil, nil, err
		}
		s, err := trust.ReadSuccession(c)
		if err != nil {
			return nil, nil, err
		}
		keys := a.keysOf(ctx, s.Predecessor, p)
		taken, err := p.TakeSuccession(ctx, in.Raw, judge, keys, a.cfg.Now(), a.TrustPath())
		if err != nil {
			return nil, nil, err
		}
		out = SuccessionTaken{s.Predecessor, s.Successor, s.Effective, taken.Digest, slices.Sorted(maps.Keys(keys)), taken.Again}
		return taken.Policy, [][]byte{in.Raw}, nil
	})
	return out, err
}

// keysOf returns the keys by which an issuer signs credentials, or did: those
// that the policy pins, and those in its document, if that can be had. A DID
// that is a key needs none.
func (a *App) keysOf(ctx context.Context, issuer string, p *trust.Policy) map[string]key.Public {
	out := map[string]key.Public{}
	for _, e := range p.Entries {
		if e.Issuer == issuer {
			maps.Copy(out, e.Keys)
		}
	}
	if client, err := a.source(); err == nil && strings.HasPrefix(issuer, "did:web:") {
		if doc, err := (did.Web{Fetcher: client}).Resolve(ctx, issuer); err == nil {
			for _, m := range doc.Methods {
				if _, err := m.Public.Multikey(); err == nil && m.Err == nil && m.Revoked.IsZero() && slices.Contains(doc.AssertionMethod, m.ID) {
					out[m.ID] = m.Public
				}
			}
		}
	}
	return out
}

// successionJudge is listJudge with the keys that the policy pins to anybody: one
// of the two may be gone already.
type successionJudge struct{ listJudge }

// PinnedKey implements verifier.KeyPins.
func (j successionJudge) PinnedKey(q trust.Query, method string) (key.Public, bool) {
	for _, e := range j.policy.Entries {
		if k, ok := e.Keys[method]; ok && e.Issuer == q.Issuer && strings.HasPrefix(method, q.Issuer+"#") {
			return k, true
		}
	}
	return key.Public{}, false
}

// VerifyList implements trust.ListVerifier.
func (j successionJudge) VerifyList(ctx context.Context, raw []byte, issuer string, at time.Time) (*credential.Credential, error) {
	return j.app.verifyBy(ctx, j, raw, issuer, at)
}
