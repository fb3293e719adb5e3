package jose_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// didKeys finds keys by did:key and did:jwk and counts what it was asked.
type didKeys struct{ asked *int }

func (k didKeys) Key(ctx context.Context, method string, purpose proof.Purpose) (proof.Key, error) {
	*k.asked++
	base, _, _ := strings.Cut(method, "#")
	document, err := did.Mux{"key": did.Key{}, "jwk": did.JWK{}}.Resolve(ctx, base)
	if err != nil {
		return proof.Key{}, err
	}
	m, ok := document.Method(method)
	if !ok {
		return proof.Key{}, reason.New("key_invalid/unknown-key", method, "no such key")
	}
	allowed := document.AssertionMethod
	if purpose == proof.Authentication {
		allowed = document.Authentication
	}
	if !slices.Contains(allowed, m.ID) {
		return proof.Key{}, reason.New(reason.WrongPurpose, method, "not for this")
	}
	return proof.Key{Public: m.Public, ID: m.ID, Controller: m.Controller}, m.Err
}

// request is what a verifier asks beside the signature.
type request struct {
	at              time.Time
	trusted         []string
	audience, nonce string
	presentation    bool
}

// judge does as little as a verifier must, to show that what the suites
// return is enough for it.
func judge(t testing.TB, token []byte, r request) error {
	t.Helper()
	in, err := proof.Read(token, strictjson.Limits{})
	if err != nil {
		return err
	}
	secured, err := set.Open(in)
	if err != nil {
		return err
	}
	s := secured[0]
	asked := 0
	proven, err := set.Verify(t.Context(), s, didKeys{&asked})
	if err != nil {
		return err
	}
	wanted, who, mismatch := proof.AssertionMethod, "issuer", reason.IssuerMismatch
	if r.presentation {
		wanted, who, mismatch = proof.Authentication, "holder", reason.HolderMismatch
	}
	id := credential.ID(proven.Document.Get(who))
	switch {
	case s.Purpose != wanted:
		return reason.New(reason.WrongType, "", "another kind of token")
	case proven.Key.Controller != id:
		return reason.New(mismatch, "", "the key is another's")
	case !r.presentation && !slices.Contains(r.trusted, id):
		return reason.New(reason.UntrustedIssuer, "", "not trusted")
	case s.NotBefore.After(r.at) || s.Created.After(r.at):
		return reason.New(reason.NotYetValid, "", "not yet")
	case !s.Expires.IsZero() && r.at.After(s.Expires):
		return reason.New(reason.Expired, "", "no more")
	case r.presentation && !slices.Contains(s.Domains, r.audience):
		return reason.New(reason.AudienceMismatch, "", "for another")
	case r.presentation && s.Challenge != r.nonce:
		return reason.New(reason.Replay, "", "for another time")
	}
	return nil
}
