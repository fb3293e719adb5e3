package badgegen

import (
	"fmt"
	"math/rand/v2"

	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/internal/strictjson"
)

// Badge makes a badge out of a seed, the same for the same.
func Badge(seed uint64) *strictjson.Value {
	r := rand.New(rand.NewPCG(seed, 7))
	some := func(choices ...string) string { return choices[r.IntN(len(choices))] }
	maybe := func(s string) string {
		if r.IntN(2) == 0 {
			return ""
		}
		return s
	}
	word := func() string {
		return some("Sveising", "Å lære", "Quality & safety", "Ruđe", "x", "日本", "a b  c")
	}
	when := func() string {
		return some("2026-01-02T03:04:05Z", "2025-06-30T22:00:00+02:00", "2024-12-31T23:59:59.5Z")
	}
	alignments := func() []openbadge.Alignment {
		var out []openbadge.Alignment
		for range r.IntN(6) {
			a := openbadge.Alignment{TargetName: word(), TargetURL: "https://skills.example/" + fmt.Sprint(r.IntN(99)), TargetDescription: maybe(word()), TargetCode: maybe(some("K1", "2", "Skill")), TargetFramework: maybe(some("Rammeverk", "https://skills.example/list")),
				TargetType: some("", "", "CFItem", "ext:Workload", "ext:Supervision", "ext:EQF", "CTDL", "ext:Mode", "ext:Credits", "ext:ISCED-F", "ext:NKR")}
			switch r.IntN(5) {
			case 0:
				a = openbadge.AlignESCO("http://data.europa.eu/esco/skill/"+fmt.Sprint(r.IntN(99)), word())
			case 1:
				a, _ = openbadge.AlignEQF(1 + r.IntN(8))
			case 2:
				a, _ = openbadge.AlignISCEDF(some("0715", "06", "041"))
			case 3:
				a = openbadge.Modes()[r.IntN(4)].Alignment(openbadge.ExtMode)
			}
			out = append(out, a)
		}
		return out
	}
	a := openbadge.Achievement{ID: "https://kurs.example/a/1", Name: word(), Description: word(), Criteria: &openbadge.Criteria{ID: maybe("https://kurs.example/krav"), Narrative: maybe(word() + "\n\n* a")},
		AchievementType: maybe(some("Course", "MicroCredential", "ext:Kurs")), Alignment: alignments(), FieldOfStudy: maybe(word()), HumanCode: maybe("K-1"), InLanguage: maybe(some("nb", "en", "en-US", "tlh")), Version: maybe("2.1"), Specialization: maybe(word()),
		Image: nil, Tag: nil}
	if r.IntN(2) == 0 {
		a.Tag = []string{word(), "sveis"}
		a.CreditsAvailable = 2.5
	}
	if r.IntN(2) == 0 {
		a.Alignment = append(a.Alignment, openbadge.Units()[r.IntN(3)].Alignment(openbadge.ExtCredits))
	}
	s := openbadge.AchievementSubject{ID: maybe("did:key:z6MkfrQJ"), Narrative: maybe(word()), LicenseNumber: maybe("C-12"), Role: maybe("Student"), Term: maybe("H2026")}
	s.Identifier = append(s.Identifier, openbadge.IdentityObject{IdentityType: "name", IdentityHash: word()})
	for range r.IntN(4) {
		i := openbadge.IdentityObject{IdentityType: some("name", "emailAddress", "nationalIdentityNumber", "ext:givenName", "ext:dateOfBirth", "systemId", "ext:studentNo"), IdentityHash: some("kari@example.com", "1990-01-01", "12345")}
		if r.IntN(3) == 0 {
			i.Hashed, i.IdentityHash, i.Salt = true, "sha256$00ff", maybe("salt")
		}
		s.Identifier = append(s.Identifier, i)
	}
	if r.IntN(2) == 0 {
		s.CreditsEarned = 7
	}
	for n := range r.IntN(3) {
		d := openbadge.ResultDescription{ID: fmt.Sprintf("urn:uuid:%d", n), Name: word(), ResultType: some("LetterGrade", "Percent", "ext:X"), ValueMin: maybe("0"), ValueMax: maybe("100"), RequiredValue: maybe("40")}
		if r.IntN(2) == 0 {
			d.AllowedValue = []string{"F", "E", "A"}
		}
		a.ResultDescription = append(a.ResultDescription, d)
		result := openbadge.Result{Value: maybe("A"), ResultDescription: d.ID, AchievedLevel: maybe("urn:x")}
		if result.Value == "" {
			result.Status = "Completed"
		}
		s.Result = append(s.Result, result)
	}
	s.Achievement = &a
	issuer := openbadge.Profile{ID: some("did:web:kurs.example", "https://kurs.example/i"), Name: maybe(word()), URL: maybe("https://kurs.example"), Email: maybe("post@kurs.example"), Phone: maybe("+4755000000"), Description: maybe(word())}
	if r.IntN(2) == 0 {
		issuer.Address = &openbadge.Address{AddressCountryCode: some("NO", "IE", "XX"), AddressCountry: maybe("Norge"), StreetAddress: maybe("Gata 1"), PostalCode: maybe("5003")}
	}
	for range r.IntN(3) {
		issuer.OtherIdentifier = append(issuer.OtherIdentifier, openbadge.IdentifierEntry{Identifier: "123", IdentifierType: some("ext:eIDAS", "ext:registration", "identifier", "ext:BRIN", "ext:orgnr")})
	}
	if r.IntN(3) == 0 {
		issuer.Image = &openbadge.Image{ID: some("https://kurs.example/logo.png", "data:image/png;base64,AAAA"), Caption: maybe("Logo")}
	}
	member := func(name string, v *strictjson.Value) strictjson.Member {
		return strictjson.Member{Name: name, Value: v}
	}
	text := strictjson.String
	list := strictjson.Array(text("https://www.w3.org/ns/credentials/v2"), text(openbadge.Context))
	out := strictjson.Object(member("@context", list), member("id", text("urn:uuid:1")), member("type", strictjson.Array(text("VerifiableCredential"), text("OpenBadgeCredential"))), member("issuer", issuer.Value()),
		member("validFrom", text(when())), member("credentialSubject", s.Value()))
	for name, v := range map[string]*strictjson.Value{"name": text(word()), "description": text(word()), "awardedDate": text(when()), "validUntil": text(when()), "credentialStatus": strictjson.Object(member("id", text("https://x.example"))),
		"evidence": strictjson.Array(openbadge.Evidence{ID: "https://kurs.example/e", Name: maybe(word()), Narrative: maybe(word())}.Value())} {
		if r.IntN(2) == 0 {
			out = out.With(name, v)
		}
	}
	return out
}
