package attacks

import (
	"crypto/sha256"
	"fmt"
	"strings"
)

// sdJWT is an SD-JWT VC by the key on P-256: claims besides the registered
// ones, what is disclosed, and a header.
func (f *forge) sdJWT(header, claims string, disclosures ...string) string {
	payload := `{"iss":"` + f.p256.id + `","iat":1767225600,"vct":"https://kurs.example/vct/kursbevis","cnf":{"jwk":` + string(f.p256holder.private.Public().JWK()) + `}` + claims + `}`
	out := f.token(header, payload, f.p256) + "~"
	for _, d := range disclosures {
		out += b64([]byte(d)) + "~"
	}
	return out
}

func (f *forge) sdHead() string { return head("dc+sd-jwt", "ES256", f.p256.method) }

func digest(disclosure string) string {
	sum := sha256.Sum256([]byte(b64([]byte(disclosure))))
	return `"` + b64(sum[:]) + `"`
}

// sd is the claim with the digests of disclosures.
func sd(disclosures ...string) string {
	var all []string
	for _, d := range disclosures {
		all = append(all, digest(d))
	}
	return `,"_sd":[` + strings.Join(all, ",") + `]`
}

const (
	givenName  = `["c2FsdC0x","given_name","Kari"]`
	familyName = `["c2FsdC0y","family_name","Nordmann"]`
)

func (f *forge) disclosed(row, name, what, raw string, want ...string) {
	f.add(Case{Row: row, Name: name, What: what, Raw: []byte(raw), Ext: "sdjwt", Want: want})
}

func (f *forge) disclosures() {
	f.disclosed("control", "sd-jwt", "an SD-JWT with one of two disclosed", f.sdJWT(f.sdHead(), sd(givenName, familyName), givenName))
	f.disclosed("SD-01", "stranger", "a disclosure that nothing names", f.sdJWT(f.sdHead(), sd(givenName), givenName, familyName), "disclosure_invalid", "malformed")
	f.disclosed("SD-01", "value", "a disclosure with another value", f.sdJWT(f.sdHead(), sd(givenName), f.swap(givenName, "Kari", "Ola")), "disclosure_invalid", "malformed")
	f.disclosed("SD-02", "twice", "a disclosure twice", f.sdJWT(f.sdHead(), sd(givenName), givenName, givenName), "disclosure_invalid", "malformed")
	f.disclosed("SD-02", "digest twice", "a digest twice", f.sdJWT(f.sdHead(), sd(givenName, givenName), givenName), "disclosure_invalid", "malformed")
	f.disclosed("SD-03", "collision", "a disclosed name that is there", f.sdJWT(f.sdHead(), `,"given_name":"Ola"`+sd(givenName), givenName), "disclosure_invalid", "malformed")
	for name, claim := range map[string]string{"sd": "_sd", "dots": "...", "alg": "_sd_alg"} {
		d := `["c2FsdC0z","` + claim + `","x"]`
		f.disclosed("SD-03", name, "a disclosure of the name "+claim, f.sdJWT(f.sdHead(), sd(d), d), "disclosure_invalid", "malformed")
	}
	for _, claim := range []string{"iss", "nbf", "exp", "cnf", "vct", "status"} {
		d := `["c2FsdC00","` + claim + `",1]`
		f.disclosed("SD-04", claim, "a holder may keep back "+claim, f.sdJWT(f.sdHead(), sd(d), d), "disclosure_invalid", "malformed", "issuer_mismatch")
	}
	for name, d := range map[string]string{"empty": `[]`, "five": `["a","b","c","d","e"]`, "text": `"x"`, "name number": `["c2FsdC01",7,"x"]`, "null": "null"} {
		f.disclosed("SD-05", name, "a disclosure that is none: "+d, f.sdJWT(f.sdHead(), sd(d), d), "disclosure_invalid", "malformed")
	}
	element := `["c2FsdC02","Kari"]`
	f.disclosed("SD-05", "element for member", "an element of a list where a member is to be", f.sdJWT(f.sdHead(), sd(element), element), "disclosure_invalid", "malformed")
	f.disclosed("SD-05", "more than a digest", "more than a digest in the place of an element", f.sdJWT(f.sdHead(), `,"names":[{"...":`+digest(element)+`,"more":1}]`, element), "disclosure_invalid", "malformed")
	for name, alg := range map[string]string{"sha-1": `"sha-1"`, "case": `"SHA-256"`, "number": "256", "null": "null"} {
		f.disclosed("SD-06", name, "_sd_alg is "+alg, f.sdJWT(f.sdHead(), `,"_sd_alg":`+alg+sd(givenName), givenName), "unsupported_alg", "malformed", "disclosure_invalid")
	}
	for _, typ := range []string{"vc+jwt", "sd-jwt", "kb+jwt"} {
		f.disclosed("SD-07", typ, "of type "+typ, f.sdJWT(f.swap(f.sdHead(), "dc+sd-jwt", typ), sd(givenName), givenName), "wrong_type", "malformed")
	}
	f.disclosed("SD-08", "stranger", "signed by another key than the issuer's", strings.Replace(f.sdJWT(f.swap(f.sdHead(), f.p256.method, f.attacker.method, "ES256", "EdDSA"), sd(givenName), givenName), "~", "~", 1), "unsupported_alg", "malformed", "issuer_mismatch", "key_invalid", "bad_signature")
	f.disclosed("SD-09", "ended", "ended", f.sdJWT(f.sdHead(), `,"exp":1780000000`+sd(givenName), givenName), "expired")
	good := f.sdJWT(f.sdHead(), sd(givenName), givenName)
	f.disclosed("SD-10", "two tildes", "an empty disclosure", good+"~", "malformed", "disclosure_invalid")
	f.disclosed("SD-10", "no tilde", "no tilde behind the last", strings.TrimSuffix(good, "~"), "malformed", "holder_mismatch", "disclosure_invalid")
	f.nested()
}

// nested is a disclosure in a disclosure, a thousand deep.
func (f *forge) nested() {
	inner := `["s","deepest",1]`
	all := []string{inner}
	for i := range 1000 {
		inner = fmt.Sprintf(`["s%d","next",{"_sd":[%s]}]`, i, digest(inner))
		all = append(all, inner)
	}
	var many []string
	for i := range 2001 {
		many = append(many, fmt.Sprintf(`["s%d","n%d",1]`, i, i))
	}
	f.disclosed("SD-11", "beside each other", "two thousand disclosures beside each other", f.sdJWT(f.sdHead(), sd(many...), many...), "resource_limit", "disclosure_invalid", "malformed")
	f.disclosed("SD-11", "thousand", "a thousand disclosures in each other", f.sdJWT(f.sdHead(), sd(inner), all...), "resource_limit", "disclosure_invalid", "malformed")
}

// bound takes in an SD-JWT with key binding that must be refused, or a control.
func (f *forge) bound(row, name, what, raw string, want ...string) {
	f.add(Case{Row: row, Name: name, What: what, Raw: []byte(raw), Ext: "sdjwt", Want: want, Audience: Audience, Challenge: Nonce, Holder: true})
}

const kbClaims = `{"iat":1780315100,"aud":"` + Audience + `","nonce":"` + Nonce + `","sd_hash":"HASH"}`

func (f *forge) keyBinding() {
	shown := f.sdJWT(f.sdHead(), sd(givenName, familyName), givenName)
	sum := sha256.Sum256([]byte(shown))
	claims := f.swap(kbClaims, "HASH", b64(sum[:]))
	header := `{"alg":"ES256","typ":"kb+jwt"}`
	kb := func(header, claims string, by party) string { return shown + f.token(header, claims, by) }
	f.bound("control", "key-binding", "an SD-JWT with key binding", kb(header, claims, f.p256holder))
	f.bound("KB-01", "absent", "no key binding", shown, "holder_mismatch")
	f.bound("KB-02", "slash", "an audience with a slash behind", kb(header, f.swap(claims, Audience, Audience+"/"), f.p256holder), "audience_mismatch", "malformed")
	f.bound("KB-02", "case", "an audience in other letters", kb(header, f.swap(claims, "arbeidsgiver", "Arbeidsgiver"), f.p256holder), "audience_mismatch", "malformed")
	f.bound("KB-02", "none", "no audience", kb(header, f.swap(claims, `"aud":"`+Audience+`",`, ""), f.p256holder), "audience_mismatch", "malformed")
	f.bound("KB-03", "prefix", "the beginning of the nonce", kb(header, f.swap(claims, Nonce, Nonce[:4]), f.p256holder), "replay", "malformed")
	f.bound("KB-03", "empty", "an empty nonce", kb(header, f.swap(claims, Nonce, ""), f.p256holder), "replay", "malformed")
	other := sha256.Sum256([]byte(f.sdJWT(f.sdHead(), sd(givenName, familyName))))
	f.bound("KB-04", "other", "the hash of other disclosures", kb(header, f.swap(claims, b64(sum[:]), b64(other[:])), f.p256holder), "holder_mismatch", "bad_signature", "malformed")
	f.bound("KB-04", "short", "half of the hash", kb(header, f.swap(claims, b64(sum[:]), b64(sum[:16])), f.p256holder), "holder_mismatch", "bad_signature", "malformed")
	f.bound("KB-05", "issuer", "the issuer's key in the holder's place", kb(header, claims, f.p256), "holder_mismatch", "bad_signature", "malformed")
	f.bound("KB-05", "kid", "a key that the binding names itself", kb(f.swap(header, `"typ"`, `"kid":"`+f.attacker.method+`","typ"`, "ES256", "EdDSA"), claims, f.attacker), "holder_mismatch", "bad_signature", "unsupported_alg", "malformed", "key_invalid")
	f.bound("KB-05", "jwk", "a key that the binding brings itself", kb(f.swap(header, `"typ"`, `"jwk":`+string(f.p256holder.private.Public().JWK())+`,"typ"`), claims, f.p256holder), "holder_mismatch", "bad_signature", "unsupported_alg", "malformed", "key_invalid")
	f.bound("KB-06", "vp", "a binding of type vp+jwt", kb(f.swap(header, "kb+jwt", "vp+jwt"), claims, f.p256holder), "wrong_type", "malformed", "holder_mismatch")
	f.bound("KB-07", "hour", "made an hour ago", kb(header, f.swap(claims, "1780315100", "1780311600"), f.p256holder), "replay", "expired")
	f.bound("KB-07", "later", "made in an hour", kb(header, f.swap(claims, "1780315100", "1780318900"), f.p256holder), "not_yet_valid", "replay")
	f.bound("KB-07", "text", "a time that is a text", kb(header, f.swap(claims, "1780315100", `"now"`), f.p256holder), "malformed", "replay", "not_yet_valid")
	unbound := strings.Replace(f.sdJWT(f.sdHead(), ""), "~", "~", 1)
	plain := f.token(f.sdHead(), `{"iss":"`+f.p256.id+`","iat":1767225600,"vct":"https://kurs.example/vct/kursbevis"}`, f.p256) + "~"
	sum = sha256.Sum256([]byte(plain))
	f.bound("KB-08", "no key", "a binding where the issuer names no key", plain+f.token(header, f.swap(kbClaims, "HASH", b64(sum[:])), f.p256holder), "holder_mismatch", "malformed")
	elsewhere := f.token(f.sdHead(), `{"iss":"`+f.p256.id+`","iat":1767225600,"vct":"https://kurs.example/vct/kursbevis","cnf":{"jku":"https://10.0.0.1/keys"}}`, f.p256) + "~"
	sum = sha256.Sum256([]byte(elsewhere))
	f.bound("KB-08", "address", "the holder's key is said to be at an address", elsewhere+f.token(header, f.swap(kbClaims, "HASH", b64(sum[:])), f.p256holder), "key_unavailable", "holder_mismatch", "malformed", "remote_fetch_blocked")
	f.bound("KB-09", "credential", "a credential in the binding's place", unbound+f.token(head("vc+jwt", "EdDSA", f.issuer.method), f.badge(f.issuer), f.issuer), "wrong_type", "holder_mismatch", "malformed")
}
