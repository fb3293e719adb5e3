package did

import (
	"strings"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

const maxMethods = 200

// ParseDocument reads the document of an identifier. A document about
// another identifier is key_invalid/document; a method that belongs to
// another controller, or whose key is no good, keeps its error in Method.Err.
func ParseDocument(raw []byte, id string) (*Document, error) {
	doc, err := strictjson.ParseObject(raw, strictjson.Limits{})
	if err != nil {
		return nil, reason.New("key_invalid/document", id, "the document cannot be read: %w", err)
	}
	if got, _ := doc.Get("id").Text(); got != id {
		return nil, reason.New("key_invalid/document", id, "the document is about %.120q", got)
	}
	out := &Document{ID: id, Raw: raw}
	add := func(v *strictjson.Value) (string, bool) {
		m, ok := parseMethod(v, id)
		if !ok {
			return "", false
		}
		if i := out.index(m.ID); i >= 0 {
			out.Methods[i].again(m)
			return m.ID, true
		}
		if len(out.Methods) >= maxMethods {
			return "", false
		}
		out.Methods = append(out.Methods, m)
		return m.ID, true
	}
	for _, v := range doc.Get("verificationMethod").List() {
		add(v)
	}
	for _, relation := range []struct {
		name string
		to   *[]string
	}{{"assertionMethod", &out.AssertionMethod}, {"authentication", &out.Authentication}} {
		for _, v := range doc.Get(relation.name).List() {
			if s, ok := v.Text(); ok {
				*relation.to = append(*relation.to, absolute(s, id))
			} else if method, ok := add(v); ok {
				*relation.to = append(*relation.to, method)
			}
		}
	}
	return out, nil
}

// again takes in what a document says under the id of a method once more. Unless
// it is one key for one time and use, the method is no good: which is meant would
// be a matter of their order. A document that revokes a key in one place only
// contradicts itself.
func (m *Method) again(o Method) {
	if !m.Public.Equal(o.Public) || (m.Err == nil) != (o.Err == nil) || !m.Expires.Equal(o.Expires) || !m.Revoked.Equal(o.Revoked) {
		m.Err = reason.New("key_invalid/document", m.ID, "the document gives two keys under one id")
	}
}

// absolute resolves a relative DID URL such as "#key-1" against the
// identifier.
func absolute(s, id string) string {
	if strings.HasPrefix(s, "#") {
		return id + s
	}
	return s
}

func parseMethod(v *strictjson.Value, id string) (Method, bool) {
	text, _ := v.Get("id").Text()
	m := Method{ID: absolute(text, id)}
	if base, fragment, _ := strings.Cut(m.ID, "#"); base != id || fragment == "" {
		return m, false // a method of somebody else is not this document's to give
	}
	m.Type, _ = v.Get("type").Text()
	m.Controller, _ = v.Get("controller").Text()
	if m.Controller != id {
		m.Err = reason.New("key_invalid/controller", m.ID, "the method is controlled by %.120q", m.Controller)
		return m, true
	}
	if m.Err = m.times(v); m.Err == nil {
		m.Public, m.Err = methodKey(v, m)
	}
	return m, true
}

func (m *Method) times(v *strictjson.Value) error {
	for _, bound := range []string{"expires", "revoked"} {
		value := v.Get(bound)
		if value == nil {
			continue
		}
		t, err := credential.Time(value)
		if err != nil {
			return reason.New("key_invalid/time", m.ID, "%s is %w", bound, err)
		}
		if bound == "expires" {
			m.Expires = t
		} else {
			m.Revoked = t
		}
	}
	return nil
}

func methodKey(v *strictjson.Value, m Method) (key.Public, error) {
	multikey, jwk, base58 := v.Get("publicKeyMultibase"), v.Get("publicKeyJwk"), v.Get("publicKeyBase58")
	given := 0
	for _, form := range []*strictjson.Value{multikey, jwk, base58} {
		if form != nil {
			given++
		}
	}
	if given != 1 {
		return key.Public{}, reason.New("key_invalid/document", m.ID, "a method gives its key in one form, this in %d", given)
	}
	switch {
	case multikey != nil:
		s, _ := multikey.Text()
		return key.ParseMultikey(s)
	case jwk != nil:
		k, err := key.ParseJWK(jwk)
		if err == nil && !k.ForSignatures() {
			err = reason.New("key_invalid/not-a-signing-key", m.ID, "the JWK is not for signatures")
		}
		return k.Public, err
	}
	// The bare key, without its type in front.
	s, _ := base58.Text()
	switch {
	case m.Type == "Ed25519VerificationKey2018" && len(s) <= 64:
		return key.ParseBase58Ed25519(s)
	case m.Type == "EcdsaSecp256k1VerificationKey2019" && len(s) <= 64:
		return key.ParseBase58Secp256k1(s)
	}
	return key.Public{}, reason.New("key_invalid/type", m.ID, "publicKeyBase58 is read for Ed25519VerificationKey2018 and EcdsaSecp256k1VerificationKey2019 only")
}

// Build writes a document for an identifier with the given methods, each for
// credentials and presentations alike. Retired methods stay in it, with their
// Expires, so that what they signed can still be verified; revoked ones are
// listed without a relationship.
func Build(id string, methods []Method) ([]byte, error) {
	str := strictjson.String
	var all, active []*strictjson.Value
	for _, m := range methods {
		members := []strictjson.Member{
			{Name: "id", Value: str(m.ID)},
			{Name: "type", Value: str("Multikey")},
			{Name: "controller", Value: str(id)},
		}
		text, err := m.Public.Multikey()
		if err == nil {
			members = append(members, strictjson.Member{Name: "publicKeyMultibase", Value: str(text)})
		} else {
			jwk, err := strictjson.ParseObject(m.Public.JWK(), strictjson.Limits{})
			if err != nil {
				return nil, reason.New("key_invalid/type", m.ID, "the key has no form for a document")
			}
			members[1].Value = str("JsonWebKey")
			members = append(members, strictjson.Member{Name: "publicKeyJwk", Value: jwk})
		}
		if !m.Expires.IsZero() {
			members = append(members, strictjson.Member{Name: "expires", Value: str(credential.FormatTime(m.Expires))})
		}
		if !m.Revoked.IsZero() {
			members = append(members, strictjson.Member{Name: "revoked", Value: str(credential.FormatTime(m.Revoked))})
		}
		all = append(all, strictjson.Object(members...))
		if m.Revoked.IsZero() {
			active = append(active, str(m.ID))
		}
	}
	doc := strictjson.Object(
		strictjson.Member{Name: "@context", Value: strictjson.Array(str("https://www.w3.org/ns/did/v1"), str("https://w3id.org/security/multikey/v1"), str("https://w3id.org/security/jwk/v1"))},
		strictjson.Member{Name: "id", Value: str(id)},
		strictjson.Member{Name: "verificationMethod", Value: strictjson.Array(all...)},
		strictjson.Member{Name: "assertionMethod", Value: strictjson.Array(active...)},
		strictjson.Member{Name: "authentication", Value: strictjson.Array(active...)},
	)
	return doc.AppendJSON(nil), nil
}
