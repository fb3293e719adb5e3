package elm_test

import (
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/elm"
	"github.com/kompetansebevis/bevis/credential/loss"
	"github.com/kompetansebevis/bevis/credential/proof/jades"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/internal/testcorpus"
	"github.com/kompetansebevis/bevis/reason"
)

// TestReadCommission reads what the European Commission gives as an example.
func TestReadCommission(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Sample-MC-Annex1-unsigned.jsonld", "Sample-MC-Annex1-signed.jsonld"} {
		doc := parse(t, testcorpus.Read(t, "other/elm/"+name))
		if strings.Contains(name, "-signed") {
			if !elm.IsSealed(doc) || elm.Is(doc) {
				t.Fatal(name)
			}
			seal, err := jades.Open(doc)
			if err != nil {
				t.Fatal(err)
			}
			doc = parse(t, seal.Payload)
		}
		c, err := elm.Read(doc)
		if err != nil {
			t.Fatal(err)
		}
		if c.Title.In("en") != "Micro-Credential" || c.Person.Name.In() != "Ana Andromeda" || c.Person.Identifiers[0] != (elm.Identifier{Scheme: "nationalID", Value: "LA-234218", Country: "IT"}) || !strings.HasPrefix(c.Person.Email, "ana.andromeda") {
			t.Errorf("%s: %+v", name, c.Person)
		}
		if len(c.Claims) != 1 || c.Claims[0].Kind != elm.Achievement || len(c.Claims[0].ProvenBy) != 1 || c.Claims[0].ProvenBy[0].Grade.In("en") != "Pass" || c.Claims[0].ProvenBy[0].IdentityCheck.Label.In("en") != "Unsupervised without ID Verification" ||
			len(c.Claims[0].InfluencedBy) != 1 || c.Claims[0].InfluencedBy[0].Start != "2023-05-05T07:00:00Z" {
			t.Errorf("%s: %+v", name, c.Claims)
		}
		s := c.Claims[0].Spec
		if s.EQF.ID != "http://data.europa.eu/snb/eqf/6" || s.NQF.Label.In() != "RQF Level 6" || len(s.Fields) != 2 || s.Credits[0].Points != "2" || len(s.Outcomes) != 2 || len(s.Outcomes[0].ESCO) != 3 || s.Outcomes[1].Title.In("es") != "Contento digital" || s.Volume != "PT60H" {
			t.Errorf("%s: %+v", name, s)
		}
		if name == "Sample-MC-Annex1-signed.jsonld" && (c.Issuer.EIDAS != "VATES-A00000000" || len(c.Issuer.Countries) != 2) {
			t.Errorf("%+v", c.Issuer)
		}
	}
}

// TestLossOfTheCommission says what becomes of the Commission's examples, and that
// nothing of them is passed by in silence.
func TestLossOfTheCommission(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]string{
		"Sample-MC-Annex1-unsigned.jsonld": {"dropped /credentialSubject/hasClaim/specifiedBy/learningOutcome/1/title/es one-language", "approximated /credentialSubject/hasClaim/specifiedBy/learningOutcome/0 grouped",
			"dropped /displayParameter/individualDisplay picture", "dropped /credentialSubject/hasClaim/provenBy/idVerification no-place", "dropped /issuer/altLabel no-place"},
		"Sample-CertOfPart-unsigned.jsonld": {"dropped /credentialSubject/gender no-place", "dropped /credentialSubject/placeOfBirth no-place"},
		"credential-sample.jsonld":          {"dropped /issuer/legalName/fr one-language", "approximated /validFrom time-zone", "dropped /credentialSubject/birthName no-place"},
	} {
		badge, report, err := elm.ToOpenBadge(parse(t, testcorpus.Read(t, "other/elm/"+name)), elm.Options{})
		if err != nil || badge.Get("issuer").Get("id") == nil {
			t.Errorf("%s: %v", name, err)
		}
		var all []string
		for _, item := range report {
			if item.Kind != loss.Assumed {
				all = append(all, item.Kind.String()+" "+item.From+" "+item.Why)
			}
		}
		for _, line := range want {
			if !strings.Contains("\n"+strings.Join(all, "\n")+"\n", "\n"+line+"\n") {
				t.Errorf("%s: no %q in\n%s", name, line, strings.Join(all, "\n"))
			}
		}
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]reason.Code{
		`{"type":"VerifiableCredential"}`:                                                            "wrong_type/not-a-credential",
		`{"type":"EuropeanDigitalCredential"}`:                                                       reason.MalformedModel,
		`{"type":"EuropeanDigitalCredential","credentialSubject":{"id":"a:b"}}`:                      "usage/part",
		`{"type":"EuropeanDigitalCredential","credentialSubject":{"hasClaim":{"title":{"en":"x"}}}}`: "",
		`{"type":"EuropeanDigitalCredential","credentialSubject":{"hasClaim":` + strings.Repeat(`{"hasPart":`, 20) + `{}` + strings.Repeat(`}`, 20) + `}}`: "resource_limit/claims",
	} {
		if _, _, err := elm.ToOpenBadge(parse(t, []byte(text)), elm.Options{}); reason.CodeOf(err) != want {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
	if _, _, err := elm.FromOpenBadge(parse(t, []byte(`{"type":"VerifiableCredential","credentialSubject":{}}`)), elm.Options{}); reason.CodeOf(err) != "wrong_type/not-a-badge" {
		t.Error(err)
	}
}

// TestParts: a part of a part can be chosen, and what it stands in is told.
func TestParts(t *testing.T) {
	t.Parallel()
	doc := parse(t, []byte(`{"type":"EuropeanDigitalCredential","credentialSubject":{"hasClaim":[{"title":{"en":"A"}},{"title":{"en":"B"},"hasPart":[{"title":{"en":"C"}},{"title":{"en":"D"}}]}]}}`))
	for part, want := range map[string]string{"1": "A", "2": "B", "2.1": "C", "2.2": "D", "3": "", "1.1": "", "0": "", "x": "", "2.": ""} {
		badge, report, err := elm.ToOpenBadge(doc, elm.Options{Part: part})
		if want == "" {
			if reason.CodeOf(err) != "usage/part" {
				t.Errorf("%s: %v", part, err)
			}
			continue
		}
		if got, _ := badge.Get("credentialSubject").Get("achievement").Get("name").Text(); got != want || report.Count(loss.Dropped) < 1 {
			t.Errorf("%s: %s %v", part, got, report)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"@context":[],"id":"urn:x","type":["EuropeanDigitalCredential"],"issuer":{"legalName":{"en":"O"},"location":[{"address":{"countryCode":{"id":"http://publications.europa.eu/resource/authority/country/NOR"}}}]},"validFrom":"2026-01-01T00:00:00","credentialSubject":{"id":"urn:epass:person:1","fullName":{"en":"N"},"hasClaim":{"title":{"en":"T"},"specifiedBy":{"learningOutcome":{"title":{"en":"L"},"relatedSkill":[{"id":"a:b","prefLabel":{"en":"S"}}]},"creditPoint":{"point":"2"}},"provenBy":{"grade":{"noteLiteral":{"en":"A"}}}}}}`))
	f.Add([]byte(`{"type":"EuropeanDigitalCredential","credentialSubject":[{"hasClaim":[1,{"hasPart":[[]]}]}],"issuer":"a:b","displayParameter":[]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		doc, err := strictjson.ParseObject(raw, strictjson.Limits{})
		if err != nil || !elm.Is(doc) {
			return
		}
		badge, report, err := elm.ToOpenBadge(doc, elm.Options{Part: "1"})
		if err != nil {
			if reason.CodeOf(err).Class() == reason.Fault {
				t.Error(err)
			}
			return
		}
		if badge.Get("credentialSubject") == nil || report == nil {
			t.Errorf("%s %v", badge.AppendJSON(nil), report)
		}
		again, _, err := elm.FromOpenBadge(badge, elm.Options{})
		if err == nil {
			if _, err := elm.Read(again); err != nil {
				t.Error(err)
			}
		}
	})
}

func TestMoment(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"2026-01-02T03:04:05Z": "2026-01-02T03:04:05Z", "2026-01-02T03:04:05+02:00": "2026-01-02T01:04:05Z", "2026-01-02T03:04:05": "2026-01-02T03:04:05Z",
		"2026-01-02": "", "yesterday": "", "": "", "0001-01-01T00:00:00": "",
	} {
		at, err := elm.Moment(text)
		if (err == nil) != (want != "") || err == nil && at.Format(time.RFC3339) != want {
			t.Errorf("%s: %s, %v", text, at, err)
		}
	}
}
