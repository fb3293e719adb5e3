package jose

import (
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/internal/jws"
	"github.com/kompetansebevis/bevis/reason"
)

// unknownSigner judges a badge that brings its key and names no other (Open
// Badges 3.0 section 8.2.3 allows it). The signature may be right, but anybody
// can make one that is: it never counts.
func unknownSigner(t *jws.Token) error {
	jwk, err := key.ParseJWK(t.JWK)
	if err != nil {
		return err
	}
	if !jwk.ForSignatures() {
		return reason.New("key_invalid/not-a-signing-key", "/jwk", "the key in the header is not for signatures")
	}
	if err := t.Verify(jwk.Public); err != nil {
		return err
	}
	return reason.New("key_unavailable/controller-document", "/jwk", "the signature matches the key that the token brings itself, but nothing ties that key to the issuer")
}
