package attacks

import "strings"

// presented takes in what is shown to a verifier that asked for it.
func (f *forge) presented(row, name, what, raw, ext string, want ...string) {
	f.add(Case{Row: row, Name: name, What: what, Raw: []byte(raw), Ext: ext, Want: want, Audience: Audience, Challenge: Nonce, Holder: true})
}

func (f *forge) vp(holder string, credentials ...string) string {
	return `{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiablePresentation"],"holder":"` + holder + `","verifiableCredential":[` + strings.Join(credentials, ",") + `]}`
}

const authentication = "authentication"

func (f *forge) vpOptions(by party) string {
	return with(with(options(jcsSuite, by.method, authentication), "challenge", `"`+Nonce+`"`), "domain", `"`+Audience+`"`)
}

func (f *forge) presentations() {
	part := f.signed(jcsSuite, f.badge(f.issuer), f.issuer)
	doc := f.vp(f.holder.id, part)
	opts := f.vpOptions(f.holder)
	show := func(row, name, what, doc, opts string, by party, want ...string) {
		f.presented(row, name, what, with(doc, "proof", f.sign(jcsSuite, doc, opts, by)), "json", want...)
	}
	show("control", "presentation", "a presentation", doc, opts, f.holder)
	show("VP-01", "longer", "a challenge with something behind", doc, f.swap(opts, Nonce, Nonce+"x"), f.holder, "replay")
	show("VP-01", "list", "a list of challenges", doc, f.swap(opts, `"`+Nonce+`"`, `["`+Nonce+`"]`), f.holder, "replay", "malformed")
	show("VP-02", "other scheme", "the verifier's domain with another scheme", doc, f.swap(opts, "https://arb", "http://arb"), f.holder, "audience_mismatch")
	show("VP-02", "empty list", "no domain in the list", doc, f.swap(opts, `"`+Audience+`"`, "[]"), f.holder, "audience_mismatch", "malformed")
	show("VP-03", "assertion", "signed as an assertion", doc, f.swap(opts, authentication, assertion), f.holder, "wrong_purpose")
	show("VP-04", "attacker", "signed by somebody else than the holder", doc, f.vpOptions(f.attacker), f.attacker, "holder_mismatch", "issuer_mismatch")
	show("VP-05", "stolen", "somebody else's credential", f.vp(f.attacker.id, part), f.vpOptions(f.attacker), f.attacker, "holder_mismatch")
	show("VP-05", "no holder", "somebody else's credential, without saying who holds it", f.swap(f.vp("x", part), `"holder":"x",`, ""), f.vpOptions(f.attacker), f.attacker, "holder_mismatch")
	nobodys := f.badge(f.issuer, `"id":"`+f.holder.id+`",`, "")
	show("VP-05", "no subject", "a credential that does not say whom it is about", f.vp(f.holder.id, f.signed(jcsSuite, nobodys, f.issuer)), opts, f.holder, "holder_mismatch")
	show("VP-06", "forged second", "two credentials, the second forged", f.vp(f.holder.id, part, f.signed(jcsSuite, f.badge(f.issuer), f.attacker)), opts, f.holder, "issuer_mismatch", "bad_signature", "no_proof")
	show("VP-06", "bare", "a credential without a proof", f.vp(f.holder.id, f.badge(f.issuer)), opts, f.holder, "no_proof", "bad_signature")
	f.presented("VP-07", "unsigned", "not signed", doc, "json", "no_proof")
	show("VP-08", "null", "null in place of a credential", f.vp(f.holder.id, "null"), opts, f.holder, "malformed", "no_credential", "unsigned_data")
	array := f.vp(f.holder.id, "["+part+"]")
	f.presented("VP-08", "array", "an array in place of a credential", with(array, "proof", f.swap(f.sign(jcsSuite, array, opts, f.holder), jcsSuite, rdfcSuite)), "json", "malformed", "no_credential", "unsigned_data", "bad_signature")
	show("VP-08", "none", "no member verifiableCredential", f.swap(doc, `,"verifiableCredential":[`+part+`]`, ""), opts, f.holder, "malformed", "no_credential")
	f.presented("VP-09", "badge", "a badge, signed for the verifier as if it were a presentation", with(f.badge(f.holder), "proof", f.sign(jcsSuite, f.badge(f.holder), opts, f.holder)), "json", "wrong_type", "malformed")
	stranger := f.signed(jcsSuite, f.badge(f.attacker), f.attacker)
	show("VP-10", "stranger", "one of two by a stranger", f.vp(f.holder.id, part, stranger), opts, f.holder, "untrusted_issuer")
	inner := with(doc, "proof", f.sign(jcsSuite, doc, opts, f.holder))
	show("VP-11", "nested", "a presentation in a presentation", f.vp(f.holder.id, inner), opts, f.holder, "malformed", "wrong_type")
}

func (f *forge) tokenPresentations() {
	part := f.token(head("vc+jwt", "EdDSA", f.issuer.method), f.badge(f.issuer), f.issuer)
	envelope := `{"@context":"https://www.w3.org/ns/credentials/v2","id":"data:application/vc+jwt,` + part + `","type":"EnvelopedVerifiableCredential"}`
	doc := with(with(with(f.vp(f.holder.id, envelope), "aud", `"`+Audience+`"`), "nonce", `"`+Nonce+`"`), "iat", "1780315100")
	header := head("vp+jwt", "EdDSA", f.holder.method)
	show := func(row, name, what, header, doc string, by party, want ...string) {
		f.presented(row, name, what, f.token(header, doc, by), "jwt", want...)
	}
	show("control", "vp-jwt", "a presentation as vp+jwt", header, doc, f.holder)
	show("VP-20", "aud list", "an audience list without the verifier", header, f.swap(doc, `"aud":"`+Audience+`"`, `"aud":["https://other.example"]`), f.holder, "audience_mismatch", "replay")
	show("VP-20", "aud object", "an audience that is an object", header, f.swap(doc, `"aud":"`+Audience+`"`, `"aud":{}`), f.holder, "audience_mismatch", "malformed")
	show("VP-20", "nonce number", "a nonce that is a number", header, f.swap(doc, `"nonce":"`+Nonce+`"`, `"nonce":5`), f.holder, "replay", "malformed")
	show("VP-21", "other kid", "another key than the holder's", f.swap(header, f.holder.method, f.attacker.method), doc, f.attacker, "holder_mismatch")
	show("VP-21", "iss", "another holder in iss", header, with(doc, "iss", `"`+f.attacker.id+`"`), f.holder, "holder_mismatch", "issuer_mismatch", "malformed")
	show("VP-12", "too many", "more than a thousand credentials", header, f.swap(doc, envelope, strings.TrimSuffix(strings.Repeat(`{"type":"VerifiableCredential"},`, 1001), ",")), f.holder, "resource_limit", "no_proof", "malformed")
	show("VP-22", "ended", "ended", header, with(doc, "exp", "1780300000"), f.holder, "expired", "replay")
	show("VP-23", "media type", "an envelope of another media type", header, f.swap(doc, "data:application/vc+jwt,", "data:text/plain,"), f.holder, "malformed", "wrong_type", "remote_fetch_blocked", "unsupported_alg")
	show("VP-23", "remote", "an envelope that is to be fetched", header, f.swap(doc, "data:application/vc+jwt,"+part, "https://10.0.0.1/vc.jwt"), f.holder, "malformed", "wrong_type", "remote_fetch_blocked", "unsupported_alg")
	show("VP-24", "typ", "a presentation of type vc+jwt", f.swap(header, "vp+jwt", "vc+jwt"), doc, f.holder, "wrong_type", "malformed")
}
