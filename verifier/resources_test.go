package verifier_test

import (
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/verifier"
)

// TestRelatedResources: digests that an issuer gives for a context are held
// against the context that its signature was verified with, in every form.
func TestRelatedResources(t *testing.T) {
	t.Parallel()
	const (
		v2      = `{"id":"https://www.w3.org/ns/credentials/v2",`
		other   = `{"id":"https://kurs.example/logo.png",`
		sha256  = `"digestSRI":"sha256-WZVc7WaX1h4D8rJVb+vlMIqxaEKEb1tYbX8fet7JJzQ="`
		sha384  = `"digestSRI":"sha384-l/HrjlBCNWyAX91hr6LFV2Y3heB5Tcr6IeE4/Tje8YyzYBM8IhqjHWiWpr8+ZbYU"`
		bare    = `"digestMultibase":"uWZVc7WaX1h4D8rJVb-vlMIqxaEKEb1tYbX8fet7JJzQ"`
		hashed  = `"digestMultibase":"uEiBZlVztZpfWHgPyslVv6-UwirFoQoRvW1htfx963sknNA"`
		earlier = `"digestSRI":"sha384-NSOcNpmdIVUxIJGvGUoe22FjTWrXiaXlsZ8q6912LdnR3KraQO2n75Ica4wK4Qeg"`
		july    = `"digestMultibase":"uJKGMkOmFbVJhEfKTduMC2XCyvRAYLjOVmZWwIH1wQ7k"`
		wrong   = `"digestMultibase":"uM4RgWQc3RUDtjJCSgTJtTfvpZ7SPEg_LNO0ESlovQC0"`
		sha512  = `"digestMultibase":"uE0BdVUUr0tz4op9aKQRz6yQrHF-3fU5o8aCqh7qk26JpSFLWXsY9SKwEqZ2Vb59xU7lAb4TS0Ex0hpsCwjmh2BMF"`
		broken  = `"digestMultibase":"uE0BdVUUr0tz4op9aKQRz6yQrHF-3fU5o8aCqh7qk26JpSFLWXsY9SKwEqZ2Vb59xU7lAb4TS0Ex0hpsCwjmh2BMF="`
		base16  = `"digestMultibase":"f59"`
	)
	p := newParty(t)
	for _, c := range []struct {
		name, entries string
		outcome       verifier.Outcome
		code          reason.Code
	}{
		{"SHA-256", v2 + sha256 + `}`, verifier.Pass, ""},
		{"SHA-384", v2 + sha384 + `}`, verifier.Pass, ""},
		{"a bare digest", v2 + bare + `}`, verifier.Pass, ""},
		{"a multihash", v2 + hashed + `}`, verifier.Pass, ""},
		{"a longer multihash", v2 + sha512 + `}`, verifier.Pass, ""},
		{"a multihash with more behind it", v2 + broken + `}`, verifier.Warn, "unsafe_context/not-checked"},
		{"an earlier edition, and something else", `[` + v2 + earlier + `},` + other + sha256 + `}]`, verifier.Warn, "unsafe_context/earlier-edition"},
		{"both forms", `[` + v2 + sha384 + `,` + hashed + `}]`, verifier.Pass, ""},
		{"an earlier edition", v2 + earlier + `}`, verifier.Warn, "unsafe_context/earlier-edition"},
		{"an earlier edition, bare", v2 + july + `}`, verifier.Warn, "unsafe_context/earlier-edition"},
		{"an earlier edition of another context", `{"id":"https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",` + earlier + `}`, verifier.Unknown, "unsafe_context/related-resource"},
		{"another digest", v2 + wrong + `}`, verifier.Unknown, "unsafe_context/related-resource"},
		{"one right, one wrong", v2 + sha256 + `,` + wrong + `}`, verifier.Unknown, "unsafe_context/related-resource"},
		{"an earlier edition of something else", other + earlier + `}`, verifier.Warn, "unsafe_context/not-checked"},
		{"a form that is not read", v2 + base16 + `}`, verifier.Warn, "unsafe_context/not-checked"},
	} {
		raw := p.sign("eddsa-rdfc-2022", []byte(begin(p, "urn:x:1")+`,"relatedResource":`+c.entries+`}`), proof.Params{})
		report := verdictOn(t, p, trust.Pins(p.id), verifier.NoStatus{}, verifier.Request{Raw: raw})
		check := report.Check(verifier.CheckResources)
		if check.Outcome != c.outcome || check.Reason != c.code {
			t.Errorf("%s: %s %s (%s)", c.name, check.Outcome, check.Reason, check.Detail)
		}
		if said := remarks(report, verifier.CheckResources); strings.Contains(said, "pass") != (c.outcome == verifier.Pass) || strings.Contains(said, "were not compared") != strings.Contains(c.entries+c.name, "logo.png") && c.code != "unsafe_context/not-checked" {
			t.Errorf("%s: %s", c.name, said)
		}
		if valid := c.outcome == verifier.Pass || c.outcome == verifier.Warn; valid != (report.Verdict == verifier.Valid) {
			t.Errorf("%s: %s %v", c.name, report.Verdict, report.Err())
		}
	}
}

// TestEnvelopes: a compact form in an object is judged as if it stood alone.
func TestEnvelopes(t *testing.T) {
	t.Parallel()
	p := newParty(t)
	token := string(p.sign("vc+jwt", p.credential("did:x:y", nil), proof.Params{}))
	shown := string(p.sign("vp+jwt", []byte(`{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiablePresentation"],"holder":"`+p.id+
		`","verifiableCredential":[`+string(envelope([]byte(token)))+`]}`), proof.Params{Challenge: "n", Domains: []string{"https://v.example"}, Purpose: proof.Authentication}))
	sound := `{"@context":"https://www.w3.org/ns/credentials/v2","id":"data:application/vc+jwt,` + token + `","type":"EnvelopedVerifiableCredential"}`
	presented := strings.NewReplacer("VerifiableCredential", "VerifiablePresentation", token, shown, "vc+jwt", "vp+jwt").Replace(sound)
	for name, c := range map[string]struct {
		raw  string
		want reason.Code
	}{
		"sound":                         {sound, ""},
		"list of contexts and types":    {strings.NewReplacer(`"https://www.w3.org/ns/credentials/v2"`, `["https://www.w3.org/ns/credentials/v2"]`, `"EnvelopedVerifiableCredential"`, `["EnvelopedVerifiableCredential"]`).Replace(sound), ""},
		"no context":                    {strings.Replace(sound, "@context", "context", 1), "malformed/data-model"},
		"empty context":                 {strings.Replace(sound, `"https://www.w3.org/ns/credentials/v2"`, `[]`, 1), "malformed/data-model"},
		"another type beside":           {strings.Replace(sound, `"EnvelopedVerifiableCredential"`, `["EnvelopedVerifiableCredential","VerifiableCredential"]`, 1), "malformed/data-model"},
		"no data: URL":                  {strings.Replace(sound, `data:application/vc+jwt,`, ``, 1), "remote_fetch_blocked/envelope"},
		"an address":                    {strings.Replace(sound, `data:application/vc+jwt,`, `https://kurs.example/`, 1), "remote_fetch_blocked/envelope"},
		"a page":                        {strings.Replace(sound, `application/vc+jwt`, `text/html`, 1), "wrong_type/envelope"},
		"an envelope in it":             {strings.Replace(sound, token, `{}`, 1), "wrong_type/envelope"},
		"tampered":                      {strings.Replace(sound, token, token[:len(token)-8]+"AAAAAAAA", 1), "bad_signature"},
		"a presentation as credential":  {strings.Replace(sound, token, shown, 1), "wrong_type/presentation"},
		"a presentation, not asked for": {presented, "wrong_type/presentation"},
	} {
		report := verdictOn(t, p, trust.Pins(p.id), verifier.NoStatus{}, verifier.Request{Raw: []byte(c.raw)})
		if report.Reason != c.want || (c.want == "") != (report.Verdict == verifier.Valid) {
			t.Errorf("%s: %s %v", name, report.Verdict, report.Err())
		}
	}
	report := verdictOn(t, p, trust.Pins(p.id), verifier.NoStatus{}, verifier.Request{Raw: []byte(presented), Challenge: "n", Audience: "https://v.example"})
	if report.Verdict != verifier.Valid || report.Kind != verifier.KindPresentation {
		t.Errorf("%s %v", report.Verdict, report.Err())
	}
}
