package sdjwt

import (
	"context"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/jws"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// bindingType is the type of a key binding JWT (RFC 9901 section 4.3).
const bindingType = "kb+jwt"

// DefaultBindingAge is how long a key binding without an end of its own counts
// after it was made.
const DefaultBindingAge = 10 * time.Minute

// binding is the holder's proof, of which nothing has been checked.
type binding struct {
	token   *jws.Token
	digest  string     // sd_hash
	key     key.Public // in the credential; unknown where it names a method
	secured *proof.Secured
}

// readBinding reads the key binding JWT, and in the credential whose key it
// must be by.
func (r *read) readBinding(in *proof.Input) (*binding, error) {
	t, err := jws.ReadHead(r.compact.binding, in.Limits)
	if err != nil {
		return nil, err
	}
	if !jws.IsType(t.Type, bindingType) {
		return nil, reason.New("wrong_type/key-binding", "/typ", "a token of type %.40q is no key binding", t.Type)
	}
	if t.JWK != nil {
		return nil, reason.New("holder_mismatch/key-in-header", "/jwk", "the holder's key stands in the credential, not in the key binding")
	}
	if err := t.ReadBody(in.Limits); err != nil {
		return nil, err
	}
	b := &binding{token: t, secured: &proof.Secured{
		Suite: r.issuer.Suite, Input: in, Document: r.issuer.Document, Proof: t.Header, Purpose: proof.Authentication, Shown: []byte(r.compact.shown)}}
	audience := ""
	for _, c := range []struct {
		name string
		to   *string
	}{{"aud", &audience}, {"nonce", &b.secured.Challenge}, {"sd_hash", &b.digest}} {
		if *c.to, _, err = t.Text(c.name); err != nil {
			return nil, err
		}
		if *c.to == "" {
			return nil, reason.New(reason.MalformedClaims, "/"+c.name, "a key binding has the claim %s", c.name)
		}
	}
	b.secured.Domains = []string{audience}
	if err := b.times(); err != nil {
		return nil, err
	}
	return b, b.confirmation(r)
}

func (b *binding) times() error {
	var err error
	for _, c := range []struct {
		name string
		to   *time.Time
	}{{"iat", &b.secured.Created}, {"nbf", &b.secured.NotBefore}, {"exp", &b.secured.Expires}} {
		if *c.to, err = b.token.Time(c.name); err != nil {
			return err
		}
	}
	if b.secured.Created.IsZero() {
		return reason.New(reason.MalformedClaims, "/iat", "a key binding says when it was made")
	}
	if b.secured.Expires.IsZero() {
		b.secured.Expires = b.secured.Created.Add(DefaultBindingAge)
	}
	return nil
}

// confirmation finds whose key the issuer bound the credential to (RFC 7800
// section 3).
func (b *binding) confirmation(r *read) error {
	cnf := r.token.Payload.Get("cnf")
	if cnf == nil {
		return reason.New("holder_mismatch/no-cnf", "/cnf", "the credential is bound to nobody's key")
	}
	if v := cnf.Get("jwk"); v != nil {
		jwk, err := key.ParseJWK(v)
		if err != nil {
			return err
		}
		if !jwk.ForSignatures() {
			return reason.New("key_invalid/not-a-signing-key", "/cnf/jwk", "the holder's key is not for signatures")
		}
		b.key = jwk.Public
		b.secured.Holder = holderOf(jwk.Public, r.issuer.Document)
		b.secured.Method = b.secured.Holder
		return nil
	}
	kid, _ := cnf.Get("kid").Text()
	base, fragment, _ := strings.Cut(kid, "#")
	if !strings.HasPrefix(base, "did:") || fragment == "" {
		return reason.New("key_unavailable/confirmation", "/cnf", "the holder's key is given in a way that is not read here")
	}
	b.secured.Method, b.secured.Holder = kid, base
	return nil
}

// holderOf names who has a key: by the DID of the subject if that is the very
// key, else by the key (RFC 9278).
func holderOf(public key.Public, doc *strictjson.Value) string {
	own, _ := did.JWKID(public)
	names := []string{own}
	if id, _, err := did.KeyID(public); err == nil {
		names = append(names, id)
	}
	for _, subject := range doc.Get(subjectMember).List() {
		for _, name := range names {
			if credential.ID(subject) == name {
				return name
			}
		}
	}
	return "urn:ietf:params:oauth:jwk-thumbprint:sha-256:" + public.Thumbprint()
}

// verifyBinding checks that the holder signed, and signed for what is shown.
func (r *read) verifyBinding(ctx context.Context, keys proof.Keys) (*proof.Proven, error) {
	b := r.binding
	if b.digest != digestOf(r.hash, r.compact.shown) {
		return nil, reason.New("holder_mismatch/sd-hash", "/sd_hash", "the holder signed for other disclosures than those that are shown")
	}
	k := proof.Key{Public: b.key, ID: b.secured.Method, Controller: b.secured.Holder}
	if b.key.Type() == key.Unknown {
		var err error
		if k, err = keys.Key(ctx, b.secured.Method, proof.Authentication); err != nil {
			return nil, err
		}
	}
	if err := b.token.Verify(k.Public); err != nil {
		if reason.CodeOf(err) == reason.BadSignature {
			err = reason.New("holder_mismatch/key", "", "the key binding is not by the key that the issuer bound the credential to")
		}
		return nil, err
	}
	return &proof.Proven{Document: r.issuer.Document, Key: k}, nil
}
