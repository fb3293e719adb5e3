package profile

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"strings"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// VCDM20 returns the rules of the Verifiable Credentials Data Model 2.0.
func VCDM20() RuleSet {
	return newRuleSet("vcdm-2.0", append(common(credential.ContextV2),
		rule{id: "vcdm2/valid-from", path: []string{"validFrom"}, check: optional(isTime), code: reason.MalformedTime,
			next: "write it as 2026-01-31T12:00:00Z"},
		rule{id: "vcdm2/valid-until", path: []string{"validUntil"}, check: optional(all(isTime, after("validFrom"))), code: reason.MalformedTime,
			next: "write it as 2026-01-31T12:00:00Z, later than validFrom"},
		rule{id: "vcdm2/old-dates", path: nil, check: without("issuanceDate", "expirationDate"),
			next: "Data Model 2.0 has validFrom and validUntil"},
		rule{id: "vcdm2/issuer-name", path: []string{"issuer", "name"}, check: optional(isText), next: "give a text"},
		rule{id: "vcdm2/issuer-description", path: []string{"issuer", "description"}, check: optional(isText), next: "give a text"},
		rule{id: "vcdm2/related-resource", path: []string{"relatedResource", "*"}, check: relatedResource,
			next: "give each resource an id of its own, and digestSRI or digestMultibase"},
		rule{id: "vcdm2/related-resource-id", path: []string{"relatedResource"}, check: optional(uniqueIDs),
			next: "name each resource once"},
	))
}

// VCDM11 returns the rules of the Verifiable Credentials Data Model 1.1.
func VCDM11() RuleSet {
	return newRuleSet("vcdm-1.1", append(common(credential.ContextV1),
		rule{id: "vcdm1/issuance-date", path: []string{"issuanceDate"}, check: issuanceDate, code: reason.MalformedTime,
			next: "write it as 2026-01-31T12:00:00Z"},
		rule{id: "vcdm1/expiration-date", path: []string{"expirationDate"}, check: optional(all(isTime, after("issuanceDate"))), code: reason.MalformedTime,
			next: "write it as 2026-01-31T12:00:00Z, later than issuanceDate"},
		rule{id: "vcdm1/valid-from", path: []string{"validFrom"}, check: optional(isTime), code: reason.MalformedTime,
			next: "write it as 2026-01-31T12:00:00Z"},
		rule{id: "vcdm1/valid-until", path: []string{"validUntil"}, check: optional(isTime), code: reason.MalformedTime,
			next: "write it as 2026-01-31T12:00:00Z"},
	))
}

// issuanceDate is required by the standard; Open Badges in transition write
// validFrom in its place.
func issuanceDate(v *strictjson.Value, p place) string {
	if v == nil && p.parent.Get("validFrom") != nil {
		return ""
	}
	return present(isTime)(v, p)
}

// Presentation returns the rules for presentations of both editions.
func Presentation() RuleSet {
	return newRuleSet("presentation", []rule{
		{id: "vp/context", path: []string{"@context"}, check: context(credential.ContextV2, credential.ContextV1),
			next: "begin the list with the context of the data model"},
		{id: "vp/type", path: []string{"type"}, check: present(hasType("VerifiablePresentation")), next: "add VerifiablePresentation to type"},
		{id: "vp/holder", path: []string{"holder"}, check: optional(one(urlOrObject)), next: "give the holder as a URL or as an object with an id"},
		{id: "vp/id", path: []string{"id"}, check: optional(one(isURL)), next: "give one URL, or leave it out"},
		{id: "vp/case", check: sameCase("@context", "id", "type", "holder", "verifiableCredential", "proof"), code: "malformed/member-case",
			next: "write the member as the standard does"},
	})
}

// common are the rules that both editions share.
func common(base string) []rule {
	rules := []rule{
		{id: "vcdm/context", path: []string{"@context"}, check: context(base), next: "begin the list with " + base},
		{id: "vcdm/type", path: []string{"type"}, check: present(hasType("VerifiableCredential")), next: "add VerifiableCredential to type"},
		{id: "vcdm/id", path: []string{"id"}, check: optional(one(isURL)), next: "give one URL, such as urn:uuid:…"},
		{id: "vcdm/issuer", path: []string{"issuer"}, check: present(one(urlOrObject)), next: "give the issuer as a URL or as an object with an id"},
		{id: "vcdm/subject", path: []string{"credentialSubject"}, check: present(notEmptyList), next: "say whom and what the credential is about"},
		{id: "vcdm/subject-claims", path: []string{"credentialSubject", "*"}, check: claims, next: "say something about the subject"},
		{id: "vcdm/subject-id", path: []string{"credentialSubject", "*", "id"}, check: optional(one(isURL)), next: "give one URL, or leave it out"},
		{id: "vcdm/name", path: []string{"name"}, check: optional(isText), next: "give a text"},
		{id: "vcdm/description", path: []string{"description"}, check: optional(isText), next: "give a text"},
		{id: "vcdm/case", check: sameCase("@context", "id", "type", "issuer", "name", "description", "validFrom", "validUntil", "issuanceDate", "expirationDate",
			"credentialSubject", "credentialStatus", "credentialSchema", "evidence", "termsOfUse", "refreshService", "proof", "relatedResource", "awardedDate"),
			code: "malformed/member-case", next: "write the member as the standard does: a reader that ignores case would take it for the other"},
		{id: "vcdm/issuer-case", path: []string{"issuer"}, check: sameCase("id", "type", "name"), code: "malformed/member-case", next: "write the member as the standard does"},
		{id: "vcdm/subject-case", path: []string{"credentialSubject", "*"}, check: sameCase("id", "type", "achievement", "identifier"), code: "malformed/member-case", next: "write the member as the standard does"},
	}
	for _, m := range []struct {
		name  string
		hasID bool
	}{{"credentialStatus", false}, {"credentialSchema", true}, {"refreshService", false}, {"termsOfUse", false}, {"evidence", false}} {
		rules = append(rules,
			rule{id: "vcdm/" + m.name, path: []string{m.name, "*"}, check: isObject, next: "give an object with a type"},
			rule{id: "vcdm/" + m.name + "-type", path: []string{m.name, "*", "type"}, check: present(hasType()), next: "say of what type it is"})
		id := optional(one(isURL))
		if m.hasID {
			id = present(one(isURL))
		}
		rules = append(rules, rule{id: "vcdm/" + m.name + "-id", path: []string{m.name, "*", "id"}, check: id, next: "give one URL"})
	}
	return rules
}

// context wants a list of URLs and objects that begins with a base context.
func context(bases ...string) check {
	return func(v *strictjson.Value, _ place) string {
		items := v.List()
		if len(items) == 0 {
			return "is missing"
		}
		first, _ := items[0].Text()
		found := false
		for _, b := range bases {
			found = found || first == b
		}
		if !found {
			return "does not begin with the context of the data model"
		}
		for _, item := range items {
			if k := item.Kind(); k != strictjson.KindString && k != strictjson.KindObject {
				return "holds something that is neither a URL nor an object"
			}
		}
		return ""
	}
}

func urlOrObject(v *strictjson.Value, p place) string {
	if v.Kind() != strictjson.KindObject {
		return isURL(v, p)
	}
	if why := present(isURL)(v.Get("id"), p); why != "" {
		return "has an id that " + why
	}
	return ""
}

func notEmptyList(v *strictjson.Value, _ place) string {
	if len(v.List()) == 0 {
		return "is an empty list"
	}
	return ""
}

func claims(v *strictjson.Value, p place) string {
	if why := isObject(v, p); why != "" {
		return why
	}
	return ""
}

// after compares with another time, where both can be read.
func after(other string) check {
	return func(v *strictjson.Value, p place) string {
		from, errFrom := credential.Time(p.parent.Get(other))
		until, errUntil := credential.Time(v)
		if errFrom == nil && errUntil == nil && until.Before(from) {
			return "is before " + other
		}
		return ""
	}
}

func without(names ...string) check {
	return func(v *strictjson.Value, _ place) string {
		for _, name := range names {
			if v.Get(name) != nil {
				return name + " is not a member of this edition"
			}
		}
		return ""
	}
}

// sameCase refuses a member whose name differs from a known one only in the
// case of its letters: some readers take one for the other.
func sameCase(names ...string) check {
	return func(v *strictjson.Value, _ place) string {
		for _, m := range v.Members() {
			for _, name := range names {
				if m.Name != name && strings.EqualFold(m.Name, name) {
					return "has a member that is written almost like " + name
				}
			}
		}
		return ""
	}
}

// relatedResource checks the form of an entry (Data Model 2.0 section 5.3).
func relatedResource(v *strictjson.Value, p place) string {
	if why := isObject(v, p); why != "" {
		return why
	}
	if why := present(one(isURL))(v.Get("id"), p); why != "" {
		return "has an id that " + why
	}
	sri, multibase := v.Get("digestSRI"), v.Get("digestMultibase")
	if sri == nil && multibase == nil {
		return "has no digest"
	}
	for _, d := range []*strictjson.Value{sri, multibase} {
		if d == nil {
			continue
		}
		if why := one(isString)(d, p); why != "" {
			return "has a digest that " + why
		}
	}
	if s, ok := sri.Text(); ok && !integrity(s) {
		return "has a digestSRI of an unknown form"
	}
	return ""
}

// integrity reports whether s is integrity metadata (Subresource Integrity
// section 3.5): one or more of algorithm, hyphen and base64 of as many bytes
// as the algorithm gives.
func integrity(s string) bool {
	for token := range strings.FieldsSeq(s) {
		algorithm, value, _ := strings.Cut(token, "-")
		value, _, _ = strings.Cut(value, "?")
		sum, err := base64.StdEncoding.Strict().DecodeString(value)
		size := map[string]int{"sha256": sha256.Size, "sha384": sha512.Size384, "sha512": sha512.Size}[algorithm]
		if err != nil || size == 0 || len(sum) != size {
			return false
		}
	}
	return true
}

func uniqueIDs(v *strictjson.Value, _ place) string {
	seen := map[string]bool{}
	for _, item := range v.List() {
		id := credential.ID(item)
		if seen[id] {
			return "names a resource twice"
		}
		seen[id] = true
	}
	return ""
}
