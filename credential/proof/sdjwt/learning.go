package sdjwt

import (
	"slices"
	"strings"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/loss"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/internal/strictjson"
)

// MicroCredentialVCT is the type of an SD-JWT VC for learning that the European
// pilots use; its claims are those of Open Badges 3.0, under their names (type
// metadata: dc4eu/vc, standards, vctm_microcredential.json).
const MicroCredentialVCT = "urn:eudi:micro_credential:1"

// MicroCredential returns the claims of an award as an SD-JWT VC of that type,
// to be signed by DC with Params.Disclosable, and what was lost. What the type
// metadata names must always show, so nothing of that is disclosable; what is
// said of the person beside it is. Who holds it is bound as DC binds any.
//
// The type has members of its own for what the extensions of package openbadge
// say by alignments: ECTS, participationType, supervisionType and assessmentType
// are told by both. Errors are wrong_type/not-a-badge and malformed/data-model.
func MicroCredential(document *strictjson.Value) (claims *strictjson.Value, disclosable []string, lost loss.Report, err error) {
	c, err := credential.New(document, nil)
	if err != nil {
		return nil, nil, nil, err
	}
	badge, err := openbadge.FromCredential(c)
	if err != nil {
		return nil, nil, nil, err
	}
	from, until, err := c.Period()
	if err != nil {
		return nil, nil, nil, err
	}
	str := strictjson.String
	var out []strictjson.Member
	add := func(name string, v *strictjson.Value) {
		if v != nil {
			out = append(out, strictjson.Member{Name: name, Value: v})
		}
	}
	add("vct", str(MicroCredentialVCT))
	add("iss", str(c.IssuerID()))
	if id := c.ID(); id != "" {
		add("jti", str(id))
	}
	if !from.IsZero() {
		add("nbf", strictjson.Int(from.Unix()))
		add("validFrom", str(credential.FormatTime(from)))
	}
	if !until.IsZero() {
		add("exp", strictjson.Int(until.Unix()))
		add("validUntil", str(credential.FormatTime(until)))
	}
	for _, m := range document.Members() {
		switch m.Name {
		case "@context", "type", "id", "validFrom", "validUntil", "issuanceDate", "expirationDate":
		case "issuer":
			add("issuer", learningIssuer(badge.Issuer))
		case subjectMember:
			add(subjectMember, learningSubject(badge))
		case "proof":
			lost.Add(loss.Item{From: "/proof", Why: "signature"})
		case "credentialStatus", "refreshService", "credentialSchema":
			lost.Add(loss.Item{From: strictjson.Pointer("", m.Name), Why: "status-of-original"})
		default:
			add(m.Name, m.Value)
			disclosable = append(disclosable, strictjson.Pointer("", m.Name))
		}
	}
	claims = strictjson.Object(out...)
	for _, m := range claims.Get(subjectMember).Members() {
		if !slices.Contains([]string{"id", "type", "achievement", "result"}, m.Name) {
			disclosable = append(disclosable, strictjson.Pointer("/"+subjectMember, m.Name))
		}
	}
	return claims, disclosable, lost, nil
}

// learningIssuer is the issuer with its country under the name that the type
// metadata has for it.
func learningIssuer(p openbadge.Profile) *strictjson.Value {
	v := p.Value()
	if p.Address != nil && p.Address.AddressCountryCode != "" {
		v = v.With("address", v.Get("address").With("addressCountryCodename", strictjson.String(p.Address.AddressCountryCode)))
	}
	return v
}

// learningSubject is the subject, whose achievement says in members of the type
// what its alignments tell.
func learningSubject(badge openbadge.Badge) *strictjson.Value {
	a := badge.Subject.Achievement
	extra := a.Value()
	put := func(name, text string) {
		if text != "" && extra.Get(name) == nil {
			extra = extra.With(name, strictjson.String(text))
		}
	}
	for _, one := range a.Alignment {
		switch one.TargetType {
		case openbadge.ExtMode:
			put("participationType", one.TargetCode)
		case openbadge.ExtSupervision:
			put("supervisionType", one.TargetName)
		case openbadge.ExtAssessment:
			put("assessmentType", one.TargetName)
		case openbadge.ExtCredits:
			points := badge.Subject.CreditsEarned
			if points == 0 {
				points = a.CreditsAvailable
			}
			// A studiepoeng is worth one ECTS credit.
			if points > 0 && (strings.EqualFold(one.TargetCode, "ECTS") || strings.EqualFold(one.TargetCode, "studiepoeng")) && extra.Get("ECTS") == nil {
				extra = extra.With("ECTS", strictjson.Float(points))
			}
		}
	}
	return badge.Subject.Value().With("achievement", extra)
}

// learningClaims reports whether the claims of a token are those of the type, and
// so have a subject and an issuer as the data model does.
func learningClaims(claims *strictjson.Value) bool {
	vct, _ := claims.Get("vct").Text()
	iss, _ := claims.Get("iss").Text()
	return vct == MicroCredentialVCT && claims.Get(subjectMember).Kind() == strictjson.KindObject && credential.ID(claims.Get("issuer")) == iss
}

// fromLearning puts the credential together from such claims: a badge, which is
// shown as one. The token's own claims say who issued it and for how long.
func fromLearning(claims *strictjson.Value, from, until *strictjson.Value) *strictjson.Value {
	str := strictjson.String
	out := []strictjson.Member{{Name: "type", Value: strictjson.Array(str("VerifiableCredential"), str(openbadge.TypeOpenBadgeCredential), str(MicroCredentialVCT))}}
	add := func(name string, v *strictjson.Value) {
		if v != nil {
			out = append(out, strictjson.Member{Name: name, Value: v})
		}
	}
	add("id", claims.Get("jti"))
	add("issuer", claims.Get("issuer"))
	add("validFrom", from)
	add("validUntil", until)
	for _, m := range claims.Members() {
		if mappedTo(m.Name) == subjectMember && !slices.Contains([]string{"issuer", "validFrom", "validUntil", "type", "id"}, m.Name) {
			add(m.Name, m.Value)
		}
	}
	return strictjson.Object(out...)
}

// learningPlace returns the pointer in the document that fromLearning makes to
// what stands at a pointer in the claims.
func learningPlace(at string) (string, bool) {
	switch name := firstName(at); {
	case name == "jti":
		return "/id", true
	case name == "validFrom" || name == "validUntil" || mappedTo(name) == "" || name == "type" || name == "id" || name == "sub":
		return "", false
	}
	return at, true
}
