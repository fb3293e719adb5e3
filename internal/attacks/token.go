package attacks

import (
	"crypto/hmac"
	"crypto/sha256"
	"math/big"
	"strings"
)

// jwt takes in a token that must be refused.
func (f *forge) jwt(row, name, what, raw string, want ...string) {
	f.add(Case{Row: row, Name: name, What: what, Raw: []byte(raw), Ext: "jwt", Want: want})
}

func (f *forge) tokenHeads() {
	badge := f.badge(f.issuer)
	good := f.token(head("vc+jwt", "EdDSA", f.issuer.method), badge, f.issuer)
	parts := strings.Split(good, ".")
	for name, alg := range map[string]string{"empty": `""`, "null": "null", "list": `["none"]`, "number": "0", "space": `" none"`} {
		h := b64([]byte(`{"alg":` + alg + `,"typ":"vc+jwt","kid":"` + f.issuer.method + `"}`))
		f.jwt("JW-01", name, "alg is "+alg, h+"."+parts[1]+".", "unsupported_alg", "malformed")
	}
	f.jwt("JW-02", "no alg", "a header without alg", f.token(`{"typ":"vc+jwt","kid":"`+f.issuer.method+`"}`, badge, f.issuer), "unsupported_alg", "malformed")
	text, _ := f.issuer.private.Public().Multikey()
	for _, alg := range []string{"HS256", "HS512"} {
		input := b64([]byte(head("vc+jwt", alg, f.issuer.method))) + "." + parts[1]
		mac := hmac.New(sha256.New, []byte(text))
		mac.Write([]byte(input))
		f.jwt("JW-03", alg, "a secret made of the public key", input+"."+b64(mac.Sum(nil)), "unsupported_alg")
	}
	f.jwt("JW-04", "es256 with ed25519", "ES256 with a key on Ed25519", f.token(head("vc+jwt", "ES256", f.issuer.method), badge, f.issuer), "unsupported_alg", "key_invalid", "bad_signature")
	f.jwt("JW-04", "es256k", "an algorithm for another curve", f.token(head("vc+jwt", "ES256K", f.p256.method), f.badge(f.p256), f.p256), "unsupported_alg", "key_invalid", "bad_signature")
	for name, member := range map[string]string{"crit alg": `"crit":["alg"]`, "crit text": `"crit":"exp"`, "b64 true": `"b64":true,"crit":["b64"]`, "zip": `"zip":"DEF"`} {
		f.jwt("JW-05", name, "a header with "+member, f.token(f.swap(head("vc+jwt", "EdDSA", f.issuer.method), `{`, `{`+member+`,`), badge, f.issuer), "unsupported_alg", "malformed", "bad_signature")
	}
	for name, raw := range map[string]string{
		"padding": good + "=", "dot behind": good + ".", "space inside": parts[0] + ". " + parts[1] + "." + parts[2], "plus": strings.Replace(parts[0], parts[0][:1], "+", 1) + "." + parts[1] + "." + parts[2],
		"carriage return": parts[0] + "." + parts[1][:40] + "\r\n" + parts[1][40:] + "." + parts[2],
	} {
		f.jwt("JW-13", name, "another spelling of base64url: "+name, raw, "malformed", "bad_signature", "no_credential")
	}
	f.jwt("JW-11", "other payload", "another payload under the signature", parts[0]+"."+b64([]byte(f.badge(f.issuer, "Førti", "Åtti")))+"."+parts[2], "bad_signature", "malformed")
	f.jwt("JW-11", "other header", "another header under the signature", b64([]byte(head("VC+JWT", "EdDSA", f.issuer.method)))+"."+parts[1]+"."+parts[2], "bad_signature", "malformed", "wrong_type")
	f.jwt("JW-12", "five parts", "five parts, as an encrypted token has", strings.Join(append(parts, parts[1], parts[2]), "."), "malformed", "unsupported_alg")
	f.jwt("JW-12", "only dots", "three hundred thousand dots", strings.Repeat(".", 300_000), "malformed", "resource_limit", "no_credential")
	f.jwt("JW-14", "kid twice", "two kids in the header", f.token(f.swap(head("vc+jwt", "EdDSA", f.issuer.method), `"typ"`, `"kid":"`+f.attacker.method+`","typ"`), badge, f.issuer), "malformed")
	f.jwt("JW-14", "Alg", "alg and Alg", f.token(f.swap(head("vc+jwt", "EdDSA", f.issuer.method), `"typ"`, `"Alg":"none","typ"`), badge, f.issuer), "malformed", "unsupported_alg")
}

func (f *forge) tokenKeys() {
	badge := f.badge(f.issuer)
	jwk := string(f.attacker.private.Public().JWK())
	header := head("vc+jwt", "EdDSA", f.issuer.method)
	f.jwt("JW-06", "jwk alone", "a stranger's key in the header", f.token(`{"alg":"EdDSA","typ":"vc+jwt","jwk":`+jwk+`}`, badge, f.attacker), "issuer_mismatch", "key_invalid", "bad_signature")
	f.jwt("JW-06", "x5c", "a certificate in the header", f.token(f.swap(header, `"typ"`, `"x5c":["MIIB"],"typ"`), badge, f.attacker), "issuer_mismatch", "key_invalid", "bad_signature", "unsupported_alg", "malformed")
	for _, name := range []string{"jku", "x5u"} {
		f.jwt("JW-07", name+" inside", "a header that says where the key is", f.token(f.swap(header, `"typ"`, `"`+name+`":"https://10.0.0.1/keys","typ"`), badge, f.attacker), "remote_fetch_blocked", "bad_signature", "unsupported_alg", "malformed", "key_invalid")
	}
	for name, kid := range map[string]string{"empty": `""`, "object": `{"a":1}`, "sql": `"x' OR '1'='1"`, "file": `"file:///dev/null"`, "bare": `"key-1"`} {
		f.jwt("JW-08", name, "kid is "+kid, f.token(`{"alg":"EdDSA","typ":"vc+jwt","kid":`+kid+`}`, badge, f.attacker), "key_invalid", "issuer_mismatch", "malformed", "bad_signature")
	}
	token := f.token(head("vc+jwt", "ES256", f.p256.method), f.badge(f.p256), f.p256)
	input := token[:strings.LastIndex(token, ".")+1]
	n, _ := new(big.Int).SetString("115792089210356248762697446949407573529996955224135760342422259061068512044369", 10)
	one := big.NewInt(1).FillBytes(make([]byte, 32))
	f.jwt("JW-09", "one one", "a signature of ones", input+b64(append(one, one...)), "bad_signature")
	f.jwt("JW-09", "r above n", "a number above the order", input+b64(append(new(big.Int).Add(n, big.NewInt(1)).FillBytes(make([]byte, 32)), one...)), "bad_signature")
	f.jwt("JW-10", "65 bytes", "a signature with a byte too many", input+b64(make([]byte, 65)), "bad_signature", "malformed")
	f.dids()
	for name, head := range map[string]string{
		"dir": `{"alg":"dir","enc":"A128GCM"}`, "pbes2": `{"alg":"PBES2-HS512+A256KW","enc":"A256GCM","p2c":2000000000,"p2s":"AAAA"}`, "ecdh": `{"alg":"ECDH-ES","enc":"A256GCM","epk":` + jwk + `}`,
	} {
		f.jwt("JW-21", name, "an encrypted token", b64([]byte(head))+"."+b64(make([]byte, 24))+"."+b64(make([]byte, 12))+"."+b64([]byte("x"))+"."+b64(make([]byte, 16)), "unsupported_alg", "malformed", "resource_limit")
	}
}

// dids are identifiers that hold no key to verify with.
func (f *forge) dids() {
	public := string(f.p256.private.Public().JWK())
	for name, jwk := range map[string]string{
		"private": with(public, "d", `"`+b64(make([]byte, 32))+`"`), "key ops": with(public, "key_ops", `["encrypt"]`),
		"swapped": f.swap(public, `"x":"`, `"x":"AAAA`), "x25519": `{"kty":"OKP","crv":"X25519","x":"` + b64(make([]byte, 32)) + `"}`,
		"rsa exponent": `{"kty":"RSA","e":"Aw","n":"` + b64([]byte(strings.Repeat("\xff", 256))) + `"}`, "rsa short": `{"kty":"RSA","e":"AQAB","n":"` + b64([]byte(strings.Repeat("\xc1", 96))) + `"}`,
		"curve by case": f.swap(public, "P-256", "p-256"), "symmetric": `{"kty":"oct"}`, "two kty": f.swap(public, `"kty"`, `"kty":"oct","kty"`),
	} {
		id := "did:jwk:" + b64([]byte(jwk))
		doc := f.badge(party{id: id})
		f.add(Case{Row: "JW-20", Name: name, What: "a did:jwk that must not be used: " + name, Ext: "jwt", Trusted: []string{id},
			Raw: []byte(f.token(head("vc+jwt", "ES256", id+"#0"), doc, f.p256)), Want: []string{"key_invalid", "unsupported_alg", "bad_signature", "wrong_purpose", "malformed", "resource_limit"}})
	}
}

func (f *forge) tokenClaims() {
	badge := f.badge(f.issuer)
	claim := func(row, name, member, value string, want ...string) {
		f.jwt(row, name, "the claim "+member+" is "+value, f.token(head("vc+jwt", "EdDSA", f.issuer.method), with(badge, member, value), f.issuer), want...)
	}
	f.jwt("JW-14", "ISS", "a stranger's badge with a trusted issuer in ISS", f.token(head("vc+jwt", "EdDSA", f.attacker.method), with(f.badge(f.attacker), "ISS", `"`+f.issuer.id+`"`), f.attacker),
		"malformed", "untrusted_issuer", "issuer_mismatch", "unsigned_data")
	claim("JW-15", "iss", "iss", `"`+f.second.id+`"`, "issuer_mismatch", "malformed", "holder_mismatch")
	claim("JW-15", "iss list", "iss", `["`+f.issuer.id+`"]`, "issuer_mismatch", "malformed", "holder_mismatch")
	claim("JW-15", "sub", "sub", `"`+f.attacker.id+`"`, "issuer_mismatch", "malformed", "holder_mismatch")
	claim("JW-15", "jti", "jti", `"urn:uuid:other"`, "issuer_mismatch", "malformed", "holder_mismatch")
	claim("JW-16", "exp a second ago", "exp", "1780315199", "expired", "malformed")
	claim("JW-16", "nbf", "nbf", "1780401600", "not_yet_valid", "malformed")
	for name, value := range map[string]string{"object": "{}", "list": "[1900000000]", "float huge": "1e30", "text number": `"1900000000"`, "zero": "0", "minus zero": "-0.0"} {
		claim("JW-16", "exp "+name, "exp", value, "malformed", "expired", "not_yet_valid")
	}
	claim("JW-18", "vc", "vc", badge, "malformed")
	claim("JW-18", "vp", "vp", `{}`, "malformed", "wrong_type")
	f.jsonForms(badge)
}

// jsonForms are signatures in the JSON serialization.
func (f *forge) jsonForms(badge string) {
	token := f.token(head("vc+jwt", "EdDSA", f.issuer.method), badge, f.issuer)
	parts := strings.Split(token, ".")
	other := strings.Split(f.token(head("vc+jwt", "EdDSA", f.attacker.method), badge, f.attacker), ".")
	f.bad("JW-19", "general", "two signatures, a stranger's first", `{"payload":"`+parts[1]+`","signatures":[{"protected":"`+other[0]+`","signature":"`+other[2]+`"},{"protected":"`+parts[0]+`","signature":"`+parts[2]+`"}]}`,
		"malformed", "bad_signature", "issuer_mismatch", "unsupported_alg", "wrong_type", "no_credential")
	f.bad("JW-19", "flattened", "the flattened form", `{"payload":"`+parts[1]+`","protected":"`+parts[0]+`","header":{"kid":"`+f.attacker.method+`"},"signature":"`+parts[2]+`"}`,
		"malformed", "bad_signature", "issuer_mismatch", "unsupported_alg", "wrong_type", "no_credential")
}

func (f *forge) tokenTypes() {
	badge := f.badge(f.issuer)
	for name, typ := range map[string]string{"dpop": "dpop+jwt", "secevent": "secevent+jwt", "status list": "statuslist+jwt", "sd-jwt": "dc+sd-jwt", "proof": "openid4vci-proof+jwt", "text": "application/json"} {
		f.jwt("JW-17", name, "a badge in a token of type "+typ, f.token(head(typ, "EdDSA", f.issuer.method), badge, f.issuer), "wrong_type", "malformed", "disclosure_invalid")
	}
	f.jwt("JW-17", "content type", "a token of credentials that says it holds a presentation", f.token(f.swap(head("vc+jwt", "EdDSA", f.issuer.method), `"typ"`, `"cty":"vp","typ"`), badge, f.issuer), "wrong_type", "malformed")
}
