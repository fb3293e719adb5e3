package definition

import (
	"slices"
	"strings"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// Binds tells what an endorsement is bound to in what it is of: to its id in
// any case, else it is endorsement_mismatch/target, and to its text if it gives
// a digest for that, as SHA-256 in digestSRI. Such a digest of another text is
// endorsement_mismatch/digest. Signatures are not looked at, nor are digests of
// other kinds: both are for the verifier.
func Binds(endorsement *credential.Credential, of *credential.Value) (byDigest bool, err error) {
	ids := endorsement.SubjectIDs()
	switch {
	case !endorsement.HasType(openbadge.TypeEndorsementCredential):
		return false, reason.New("wrong_type/endorsement", "/type", "this is no endorsement")
	case len(ids) != 1 || len(endorsement.Subjects()) != 1 || ids[0] == "" || ids[0] != credential.ID(of):
		return false, reason.New("endorsement_mismatch/target", "/credentialSubject/id", "it endorses %.200q, not %.200q", ids, credential.ID(of))
	}
	digest, err := openbadge.EndorsedDigest(of)
	if err != nil {
		return false, err
	}
	for _, r := range endorsement.Document().Get("relatedResource").List() {
		if credential.ID(r) != ids[0] {
			continue
		}
		sri, _ := r.Get("digestSRI").Text()
		for token := range strings.FieldsSeq(sri) {
			switch {
			case token == digest:
				byDigest = true
			case strings.HasPrefix(token, "sha256-"):
				return false, reason.New("endorsement_mismatch/digest", "/relatedResource", "another text was endorsed than the one that stands here now")
			}
		}
	}
	return byDigest, nil
}

// Attach puts an endorsement to the others of an achievement or a profile: raw
// is what was signed, JSON or a compact JWS, and c what it says. One with the
// same id is replaced. What is neither form cannot be carried:
// unsupported_alg/endorsement-form.
func Attach(endorsements *[]*strictjson.Value, tokens *[]string, raw []byte, c *credential.Credential) error {
	if len(raw) == 0 {
		return reason.New(reason.NoCredential, "", "there is no endorsement")
	}
	if raw[0] == '{' {
		if c.Document().Get("proof") == nil {
			return reason.New("no_proof", "", "the endorsement is not signed")
		}
		*endorsements = append(slices.DeleteFunc(slices.Clone(*endorsements), func(v *strictjson.Value) bool { return credential.ID(v) == c.ID() }), c.Document())
		return nil
	}
	if !compact(string(raw)) {
		return reason.New("unsupported_alg/endorsement-form", "", "an endorsement in another credential is JSON with a proof, or a JWT")
	}
	if !slices.Contains(*tokens, string(raw)) {
		*tokens = append(slices.Clone(*tokens), string(raw))
	}
	return nil
}

// compact reports whether a text has the form of a compact JWS (RFC 7515,
// section 7.1).
func compact(s string) bool {
	parts := strings.Split(s, ".")
	return len(parts) == 3 && !slices.ContainsFunc(parts, func(p string) bool {
		return p == "" || strings.Trim(p, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != ""
	})
}
