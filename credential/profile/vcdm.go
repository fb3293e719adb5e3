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
			next: mendTime.With()},
		rule{id: "vcdm2/valid-until", path: []string{"validUntil"}, check: optional(all(isTime, after("validFrom"))), code: reason.MalformedTime,
			next: mendTimeAfter.With("validFrom")},
		rule{id: "vcdm2/old-dates", path: nil, check: without("issuanceDate", "expirationDate"),
			next: mendOldDates.With()},
		rule{id: "vcdm2/issuer-name", path: []string{"issuer", "name"}, check: optional(isText), next: give(wantText)},
		rule{id: "vcdm2/issuer-description", path: []string{"issuer", "description"}, check: optional(isText), next: give(wantText)},
		rule{id: "vcdm2/related-resource", path: []string{"relatedResource", "*"}, check: relatedResource,
			next: mendResource.With()},
		rule{id: "vcdm2/related-resource-id", path: []string{"relatedResource"}, check: optional(uniqueIDs),
			next: mendResourceOnce.With()},
	))
}

// VCDM11 returns the rules of the Verifiable Credentials Data Model 1.1.
func VCDM11() RuleSet {
	return newRuleSet("vcdm-1.1", append(common(credential.ContextV1),
		rule{id: "vcdm1/issuance-date", path: []string{"issuanceDate"}, check: issuanceDate, code: reason.MalformedTime,
			next: mendTime.With()},
		rule{id: "vcdm1/expiration-date", path: []string{"expirationDate"}, check: optional(all(isTime, after("issuanceDate"))), code: reason.MalformedTime,
			next: mendTimeAfter.With("issuanceDate")},
		rule{id: "vcdm1/valid-from", path: []string{"validFrom"}, check: optional(isTime), code: reason.MalformedTime,
			next: mendTime.With()},
		rule{id: "vcdm1/valid-until", path: []string{"validUntil"}, check: optional(isTime), code: reason.MalformedTime,
			next: mendTime.With()},
	))
}

// issuanceDate is required by the standard; Open Badges in transition write
// validFrom in its place.
func issuanceDate(v *strictjson.Value, p place) *Sentence {
	if v == nil && p.parent.Get("validFrom") != nil {
		return nil
	}
	return present(isTime)(v, p)
}

// Presentation returns the rules for presentations of both editions.
func Presentation() RuleSet {
	return newRuleSet("presentation", []rule{
		{id: "vp/context", path: []string{"@context"}, check: context(credential.ContextV2, credential.ContextV1),
			next: mendContextFirst.With()},
		{id: "vp/type", path: []string{"type"}, check: present(hasType("VerifiablePresentation")), next: mendAddType.With("VerifiablePresentation")},
		{id: "vp/holder", path: []string{"holder"}, check: optional(one(urlOrObject)), next: mendHolder.With()},
		{id: "vp/id", path: []string{"id"}, check: optional(one(isURL)), next: mendURLOrNone.With()},
		{id: "vp/case", check: sameCase("@context", "id", "type", "holder", "verifiableCredential", "proof"), code: "malformed/member-case",
			next: mendCase.With()},
	})
}

// common are the rules that both editions share.
func common(base string) []rule {
	rules := []rule{
		{id: "vcdm/context", path: []string{"@context"}, check: context(base), next: mendBegin.With(base)},
		{id: "vcdm/type", path: []string{"type"}, check: present(hasType("VerifiableCredential")), next: mendAddType.With("VerifiableCredential")},
		{id: "vcdm/id", path: []string{"id"}, check: optional(one(isURL)), next: mendURLSuchAs.With()},
		{id: "vcdm/issuer", path: []string{"issuer"}, check: present(one(urlOrObject)), next: mendIssuer.With()},
		{id: "vcdm/subject", path: []string{"credentialSubject"}, check: present(notEmptyList), next: mendSubject.With()},
		{id: "vcdm/subject-claims", path: []string{"credentialSubject", "*"}, check: claims, next: mendClaims.With()},
		{id: "vcdm/subject-id", path: []string{"credentialSubject", "*", "id"}, check: optional(one(isURL)), next: mendURLOrNone.With()},
		{id: "vcdm/name", path: []string{"name"}, check: optional(isText), next: give(wantText)},
		{id: "vcdm/description", path: []string{"description"}, check: optional(isText), next: give(wantText)},
		{id: "vcdm/case", check: sameCase("@context", "id", "type", "issuer", "name", "description", "validFrom", "validUntil", "issuanceDate", "expirationDate",
			"credentialSubject", "credentialStatus", "credentialSchema", "evidence", "termsOfUse", "refreshService", "proof", "relatedResource", "awardedDate"),
			code: "malformed/member-case", next: mendCaseReader.With()},
		{id: "vcdm/issuer-case", path: []string{"issuer"}, check: sameCase("id", "type", "name"), code: "malformed/member-case", next: mendCase.With()},
		{id: "vcdm/subject-case", path: []string{"credentialSubject", "*"}, check: sameCase("id", "type", "achievement", "identifier"), code: "malformed/member-case", next: mendCase.With()},
	}
	for _, m := range []struct {
		name  string
		hasID bool
	}{{"credentialStatus", false}, {"credentialSchema", true}, {"refreshService", false}, {"termsOfUse", false}, {"evidence", false}} {
		rules = append(rules,
			rule{id: "vcdm/" + m.name, path: []string{m.name, "*"}, check: isObject, next: give(wantTypedObject)},
			rule{id: "vcdm/" + m.name + "-type", path: []string{m.name, "*", "type"}, check: present(hasType()), next: mendSayType.With()})
		id := optional(one(isURL))
		if m.hasID {
			id = present(one(isURL))
		}
		rules = append(rules, rule{id: "vcdm/" + m.name + "-id", path: []string{m.name, "*", "id"}, check: id, next: give(wantOneURL)})
	}
	return rules
}

// context wants a list of URLs and objects that begins with a base context.
func context(bases ...string) check {
	return func(v *strictjson.Value, _ place) *Sentence {
		items := v.List()
		if len(items) == 0 {
			return saidMissing.With()
		}
		first, _ := items[0].Text()
		found := false
		for _, b := range bases {
			found = found || first == b
		}
		if !found {
			return saidContextFirst.With()
		}
		for _, item := range items {
			if k := item.Kind(); k != strictjson.KindString && k != strictjson.KindObject {
				return saidContextItem.With()
			}
		}
		return nil
	}
}

func urlOrObject(v *strictjson.Value, p place) *Sentence {
	if v.Kind() != strictjson.KindObject {
		return isURL(v, p)
	}
	if why := present(isURL)(v.Get("id"), p); why != nil {
		return saidInID.Of(why)
	}
	return nil
}

func notEmptyList(v *strictjson.Value, _ place) *Sentence {
	if len(v.List()) == 0 {
		return saidEmptyList.With()
	}
	return nil
}

func claims(v *strictjson.Value, p place) *Sentence {
	if why := isObject(v, p); why != nil {
		return why
	}
	return nil
}

// after compares with another time, where both can be read.
func after(other string) check {
	return func(v *strictjson.Value, p place) *Sentence {
		from, errFrom := credential.Time(p.parent.Get(other))
		until, errUntil := credential.Time(v)
		if errFrom == nil && errUntil == nil && until.Before(from) {
			return saidBefore.With(other)
		}
		return nil
	}
}

func without(names ...string) check {
	return func(v *strictjson.Value, _ place) *Sentence {
		for _, name := range names {
			if v.Get(name) != nil {
				return saidOldMember.With(name)
			}
		}
		return nil
	}
}

// sameCase refuses a member whose name differs from a known one only in the
// case of its letters: some readers take one for the other.
func sameCase(names ...string) check {
	return func(v *strictjson.Value, _ place) *Sentence {
		for _, m := range v.Members() {
			for _, name := range names {
				if m.Name != name && strings.EqualFold(m.Name, name) {
					return saidCase.With(name)
				}
			}
		}
		return nil
	}
}

// relatedResource checks the form of an entry (Data Model 2.0 section 5.3).
func relatedResource(v *strictjson.Value, p place) *Sentence {
	if why := isObject(v, p); why != nil {
		return why
	}
	if why := present(one(isURL))(v.Get("id"), p); why != nil {
		return saidInID.Of(why)
	}
	sri, multibase := v.Get("digestSRI"), v.Get("digestMultibase")
	if sri == nil && multibase == nil {
		return saidNoDigest.With()
	}
	for _, d := range []*strictjson.Value{sri, multibase} {
		if d == nil {
			continue
		}
		if why := one(isString)(d, p); why != nil {
			return saidInDigest.Of(why)
		}
	}
	if s, ok := sri.Text(); ok && !integrity(s) {
		return saidDigestForm.With()
	}
	return nil
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

func uniqueIDs(v *strictjson.Value, _ place) *Sentence {
	seen := map[string]bool{}
	for _, item := range v.List() {
		id := credential.ID(item)
		if seen[id] {
			return saidResourceTwice.With()
		}
		seen[id] = true
	}
	return nil
}
