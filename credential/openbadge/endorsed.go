package openbadge

import (
	"crypto/sha256"
	"encoding/base64"

	"github.com/kompetansebevis/bevis/internal/jcs"
	"github.com/kompetansebevis/bevis/internal/strictjson"
)

// Endorsed returns the bytes that a digest in an endorsement is of: what is
// endorsed, as canonical JSON (RFC 8785), without its endorsements, which come
// later, and without a proof.
func Endorsed(v *strictjson.Value) ([]byte, error) {
	return jcs.Append(nil, v.Without("endorsement", "endorsementJwt", "proof"))
}

// EndorsedDigest returns the SHA-256 of Endorsed as a digestSRI, for a
// relatedResource of the endorsement whose id is that of what is endorsed.
//
// Open Badges 3.0 binds an endorsement to an id alone, and so to any text that
// will ever stand under that id; the digest binds it to this one.
func EndorsedDigest(v *strictjson.Value) (string, error) {
	raw, err := Endorsed(v)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(raw)
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:]), nil
}
