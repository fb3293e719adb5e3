package issuer

import (
	"slices"
	"strconv"
	"strings"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// showsInPart reports whether the holder of what s secures can show a part of
// it.
func showsInPart(s proof.Suite) bool {
	_, ok := s.(proof.Discloser)
	return ok
}

// signsInParts reports whether lists are secured by a suite that signs each
// statement by itself, which is read and written as a document of 1 MiB.
func signsInParts(cfg Config) bool {
	if cfg.ListSuite == nil {
		return false
	}
	id := string(cfg.ListSuite.ID())
	return strings.HasPrefix(id, "bbs-") || strings.HasPrefix(id, "ecdsa-sd-")
}

// neverHidden are the members of a credential that decide what it is, who
// vouches for it and until when.
func neverHidden() []string {
	return []string{"@context", "id", "type", "issuer", "validFrom", "validUntil", "credentialStatus", "credentialSchema", "relatedResource", "refreshService", "termsOfUse"}
}

// alwaysShown returns pointers to all of a credential but what may be kept
// back, for the suites that are told what always shows. That way nothing can be
// left out that nobody thought of. What a verifier needs for its checks cannot
// be kept back.
func alwaysShown(c *credential.Credential, disclosable []string) ([]string, error) {
	for _, p := range disclosable {
		first, _, _ := strings.Cut(strings.TrimPrefix(p, "/"), "/")
		last := p[strings.LastIndexByte(p, '/')+1:]
		switch {
		case c.Document().Lookup(p) == nil:
			return nil, reason.New("disclosure_invalid/pointer", p, "leads to nothing in the credential")
		case p == "" || p == "/credentialSubject" || slices.Contains(neverHidden(), first) || last == "type" || last == "id":
			return nil, reason.New("usage/params", p, "a verifier needs this, so it cannot be kept back")
		}
	}
	var out []string
	var walk func(v *strictjson.Value, at string)
	part := func(v *strictjson.Value, at string) {
		switch {
		case slices.Contains(disclosable, at):
		case slices.ContainsFunc(disclosable, func(p string) bool { return strings.HasPrefix(p, at+"/") }):
			walk(v, at)
		default:
			out = append(out, at)
		}
	}
	walk = func(v *strictjson.Value, at string) {
		for i, item := range v.Items() {
			part(item, strictjson.Pointer(at, strconv.Itoa(i)))
		}
		for _, m := range v.Members() {
			if m.Name != "@context" && m.Name != "type" { // which show with all else
				part(m.Value, strictjson.Pointer(at, m.Name))
			}
		}
	}
	walk(c.Document(), "")
	return out, nil
}
