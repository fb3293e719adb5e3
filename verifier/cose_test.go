package verifier_test

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/cose"
	"github.com/kompetansebevis/bevis/credential/proof/sdjwt"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/verifier"
)

// inBase64 is an envelope around bytes.
func inBase64(media string, raw []byte) string {
	kind := "EnvelopedVerifiableCredential"
	if strings.Contains(media, "/vp+") {
		kind = "EnvelopedVerifiablePresentation"
	}
	return `{"@context":"https://www.w3.org/ns/credentials/v2","id":"data:` + media + `;base64,` + base64.StdEncoding.EncodeToString(raw) + `","type":"` + kind + `"}`
}

func (p party) shows(suite proof.ID, holder string, params proof.Params, credentials ...string) []byte {
	params.Purpose = proof.Authentication
	return p.sign(suite, []byte(`{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiablePresentation"],"holder":"`+holder+
		`","verifiableCredential":[`+strings.Join(credentials, ",")+`]}`), params)
}

func TestCOSE(t *testing.T) {
	t.Parallel()
	issuer, kari, thief := newParty(t), newParty(t), newParty(t)
	signed := issuer.sign(cose.VCCOSE, issuer.credential(kari.id, nil), proof.Params{})
	sound := inBase64("application/vc+cose", signed)
	asked := verifier.Request{Audience: "https://firma.example", Challenge: "challenge-1", RequireHolder: true}
	forFirma := proof.Params{Domains: []string{"https://firma.example"}, Challenge: "challenge-1"}
	data := base64.StdEncoding.EncodeToString(signed)
	tampered := append([]byte(nil), signed...)
	tampered[len(tampered)-1] ^= 1
	token := string(issuer.sign("vc+jwt", issuer.credential(kari.id, nil), proof.Params{}))
	judge(t, issuer, []row{
		{name: "bare", raw: signed, verdict: verifier.Valid},
		{name: "tampered", raw: tampered, verdict: verifier.Invalid, code: reason.BadSignature},
		{name: "by another under the issuer's name", raw: thief.sign(cose.VCCOSE, issuer.credential(kari.id, nil), proof.Params{}), verdict: verifier.Invalid, code: reason.IssuerMismatch},
		{name: "no suite of its kind", raw: signed, cfg: verifier.Config{Suites: proof.Set{sdjwt.DC()}}, verdict: verifier.Undetermined, code: "unsupported_alg/suite"},
		{name: "no suite of its kind, and asked for", raw: signed, req: asked, cfg: verifier.Config{Suites: proof.Set{sdjwt.DC()}}, verdict: verifier.Undetermined, code: "unsupported_alg/suite"},
		{name: "enveloped", raw: []byte(sound), verdict: verifier.Valid},
		{name: "enveloped, not in base64", raw: []byte(strings.Replace(sound, ";base64", "", 1)), verdict: verifier.Invalid, code: "wrong_type/envelope"},
		{name: "enveloped with other padding", raw: []byte(strings.Replace(sound, data, strings.TrimRight(data, "=")+"===", 1)), verdict: verifier.Invalid, code: reason.MalformedBase64},
		{name: "enveloped in two lines", raw: []byte(strings.Replace(sound, data, data[:8]+`\n`+data[8:], 1)), verdict: verifier.Invalid, code: reason.MalformedBase64},
		{name: "enveloped in base64url", raw: []byte(strings.Replace(sound, data, "-_"+data[2:], 1)), verdict: verifier.Invalid, code: reason.MalformedBase64},
		{name: "enveloped as a token", raw: []byte(strings.Replace(sound, "vc+cose;base64", "vc+jwt", 1)), verdict: verifier.Invalid, code: "wrong_type/envelope"},
		{name: "a token enveloped as COSE", raw: []byte(inBase64("application/vc+cose", []byte(token))), verdict: verifier.Invalid, code: "wrong_type/envelope"},
		{name: "nothing in it", raw: []byte(strings.Replace(sound, ","+data, "", 1)), verdict: verifier.Invalid, code: "wrong_type/envelope"},
		{name: "a token in base64", raw: []byte(inBase64("application/vc+jwt", []byte(token))), verdict: verifier.Invalid, code: "wrong_type/envelope"},
		{name: "presented", raw: kari.shows(cose.VPCOSE, kari.id, forFirma, sound), req: asked, verdict: verifier.Valid},
		{name: "presented as SD-JWT", raw: kari.shows(sdjwt.VPSDJWT, kari.id, forFirma, sound), req: asked, verdict: verifier.Valid},
		{name: "presented in an envelope", raw: []byte(inBase64("application/vp+cose", kari.shows(cose.VPCOSE, kari.id, forFirma, sound))), req: asked, verdict: verifier.Valid},
		{name: "presented by another", raw: thief.shows(cose.VPCOSE, kari.id, forFirma, sound), req: asked, verdict: verifier.Invalid, code: reason.HolderMismatch},
		{name: "presented by another, as SD-JWT", raw: thief.shows(sdjwt.VPSDJWT, kari.id, forFirma, sound), req: asked, verdict: verifier.Invalid, code: reason.HolderMismatch},
		{name: "presented to another", raw: kari.shows(cose.VPCOSE, kari.id, proof.Params{Domains: []string{"https://evil.example"}, Challenge: "challenge-1"}, sound), req: asked, verdict: verifier.Invalid, code: "audience_mismatch"},
		{name: "presented in answer to another", raw: kari.shows(cose.VPCOSE, kari.id, proof.Params{Domains: []string{"https://firma.example"}, Challenge: "challenge-2"}, sound), req: asked, verdict: verifier.Invalid, code: "replay"},
		{name: "in answer to another, as SD-JWT", raw: kari.shows(sdjwt.VPSDJWT, kari.id, proof.Params{Domains: []string{"https://firma.example"}, Challenge: "challenge-2"}, sound), req: asked, verdict: verifier.Invalid, code: "replay"},
		{name: "asked for, and not presented", raw: signed, req: asked, verdict: verifier.Invalid, code: "wrong_type/credential"},
	})
	report := verdictOn(t, issuer, trust.Pins(issuer.id), verifier.NoStatus{}, verifier.Request{Raw: kari.shows(cose.VPCOSE, kari.id, forFirma, sound), Audience: asked.Audience, Challenge: asked.Challenge})
	if report.Form != cose.VPCOSE || report.Holder != kari.id || len(report.Parts) != 1 || report.Parts[0].Form != cose.VCCOSE {
		t.Errorf("%+v", report)
	}
}

// TestCOSEEndsAsItEnds: no byte of a signature is taken for white space.
func TestCOSEEndsAsItEnds(t *testing.T) {
	t.Parallel()
	p := newParty(t)
	doc := p.credential("did:x:y", nil)
	for range 200 { // with Ed25519 the last byte is at most 16, so it comes soon
		raw := p.sign(cose.VCCOSE, doc, proof.Params{})
		if len(bytes.TrimSpace(raw)) == len(raw) {
			doc = append(doc, ' ') // the signature is deterministic
			continue
		}
		report := verdictOn(t, p, trust.Pins(p.id), verifier.NoStatus{}, verifier.Request{Raw: raw})
		if report.Verdict != verifier.Valid {
			t.Errorf("%x: %v", raw[len(raw)-1], report.Err())
		}
		return
	}
	t.Error("no signature ended so")
}
