package attacks

import (
	"fmt"
	"strings"
)

// controls are valid: what is refused must be refused for its fault.
func (f *forge) controls() {
	good := func(name, what, raw, ext string) {
		f.add(Case{Row: "control", Name: name, What: what, Raw: []byte(raw), Ext: ext})
	}
	good("rdfc", "a badge with eddsa-rdfc-2022", f.signed(rdfcSuite, f.badge(f.issuer), f.issuer), "json")
	good("jcs", "a badge with eddsa-jcs-2022", f.signed(jcsSuite, f.badge(f.issuer), f.issuer), "json")
	good("jwt", "a badge as vc+jwt", f.token(head("vc+jwt", "EdDSA", f.issuer.method), f.badge(f.issuer), f.issuer), "jwt")
	good("jwt-es256", "a badge as vc+jwt by a key on P-256", f.token(head("vc+jwt", "ES256", f.p256.method), f.badge(f.p256), f.p256), "jwt")
	good("escapes", "text in escapes says the same", strings.Replace(f.signed(rdfcSuite, f.badge(f.issuer), f.issuer), "Førti", `F\u00f8rti`, 1), "json")
	good("order", "the order of members says nothing", `{"proof":`+f.sign(jcsSuite, f.badge(f.issuer), options(jcsSuite, f.issuer.method, assertion), f.issuer)+","+strings.TrimPrefix(f.badge(f.issuer), "{"), "json")
	good("skew", "the issuer's clock is a minute ahead", f.signed(jcsSuite, f.badge(f.issuer, "2026-01-01T00:00:00Z", "2026-06-01T12:01:00Z"), f.issuer), "json")
}

// tampered are changed after signing.
func (f *forge) tampered() {
	badge := f.badge(f.issuer)
	for _, suite := range []string{rdfcSuite, jcsSuite} {
		signed := f.signed(suite, badge, f.issuer)
		f.bad("DI-01", "criteria "+suite, "the criteria changed", f.swap(signed, "Bestått prøve.", "Møtt opp."), "bad_signature")
		f.bad("DI-02", "created "+suite, "the proof dated back", f.swap(signed, `"created":"2026-01-01`, `"created":"2025-01-01`), "bad_signature")
		f.bad("DI-02", "domain "+suite, "a domain put into the proof", f.swap(signed, `"proofPurpose"`, `"domain":"https://other.example","proofPurpose"`), "bad_signature")
	}
	for name, value := range map[string]string{"number": "7", "true": "true", "array of null": "[null]", "two empty": "[{},{}]"} {
		f.bad("DI-03", name, "a proof that is none", with(badge, "proof", value), "no_proof", "malformed")
	}
	f.bad("DI-03", "proofs", "the proof under another name", f.swap(f.signed(rdfcSuite, badge, f.issuer), `"proof":`, `"proofs":`), "no_proof", "malformed")
}

// unsigned have members that the signature does not cover.
func (f *forge) unsigned() {
	signed := f.signed(rdfcSuite, f.badge(f.issuer), f.issuer)
	f.bad("DI-10", "in criteria", "a term that nothing defines, deep inside", f.swap(signed, `"criteria":{`, `"criteria":{"grade":"A",`), "unsigned_data", "bad_signature")
	f.bad("DI-10", "empty array", "an unknown member that holds nothing", f.swap(signed, `"name":"Sveising`, `"honours":[],"name":"Sveising`), "unsigned_data", "bad_signature")
	f.bad("DI-10", "null", "a known member set to null", f.swap(signed, `"validFrom"`, `"validUntil":null,"validFrom"`), "unsigned_data", "bad_signature", "malformed")
	f.bad("DI-10", "another term", "a class in the place of the property of that name", f.swap(signed, `"criteria"`, `"Criteria"`), "unsigned_data", "bad_signature")
	f.bad("DI-11", "digits", "a number of more digits than are signed", f.swap(signed, `"achievement":{`, `"creditsEarned":0.30000000000000004,"achievement":{`), "unsigned_data", "bad_signature")
	inner := `{"id":"urn:x:inner","type":["VerifiableCredential"],"issuer":"` + f.issuer.id + `","validFrom":"2020-01-01T00:00:00Z","credentialSubject":{"id":"urn:uuid:0b1d3a52-77aa-4c55-9d3f-2c6f0a9b1c11"}}`
	f.bad("DI-13", "inside out", "a credential inside that could be the outer one as well", f.swap(signed, `,"proof":`, `,"evidence":`+inner+`,"proof":`), "unsigned_data", "bad_signature")
	f.bad("DI-11", "scalar in evidence", "a scalar where RDF holds a node", f.swap(signed, `"validFrom"`, `"@graph":["A"],"validFrom"`), "unsigned_data", "unsafe_context", "malformed")
	// What an issuer signed whose subject has a relative id, which RDF drops.
	without := f.badge(f.issuer, `"id":"`+f.holder.id+`",`, "")
	proof := f.sign(rdfcSuite, without, options(rdfcSuite, f.issuer.method, assertion), f.issuer)
	f.bad("DI-12", "relative subject", "a relative id, which RDF leaves out", with(f.badge(f.issuer, f.holder.id, "../kari"), "proof", proof), "unsigned_data", "malformed", "bad_signature")
	f.bad("DI-12", "relative type", "a relative type, which RDF leaves out", f.swap(signed, `"OpenBadgeCredential"`, `"OpenBadgeCredential","./Doctorate"`), "unsigned_data", "malformed", "bad_signature")
	careless := f.sign(rdfcSuite, f.badge(f.issuer), options(rdfcSuite, f.issuer.method, assertion), f.issuer)
	f.bad("DI-13", "lossy issuer", "signed by an issuer that lost a member while signing", with(with(f.badge(f.issuer), "grade", `"A"`), "proof", careless), "unsigned_data")
}

// contexts change what members mean.
func (f *forge) contexts() {
	badge := f.badge(f.issuer)
	inline := func(context string) string {
		return f.swap(badge, contextsV2OB, f.swap(contextsV2OB, `json"]`, `json",`+context+`]`))
	}
	proof := f.sign(rdfcSuite, badge, options(rdfcSuite, f.issuer.method, assertion), f.issuer)
	f.bad("DI-14", "swap", "an inline context that changes name and description places",
		with(inline(`{"name":"https://schema.org/description","description":"https://schema.org/name"}`), "proof", proof), "unsafe_context")
	f.bad("DI-15", "null term", "an inline context that hides a member", with(with(inline(`{"grade":null}`), "grade", `"A"`), "proof", proof), "unsafe_context", "unsigned_data")
	vocab := with(inline(`{"@vocab":"https://evil.example/#"}`), "grade", `"A"`)
	f.bad("DI-16", "vocab jcs", "an inline @vocab under a signature that covers it", f.signed(jcsSuite, vocab, f.issuer), "unsafe_context", "bad_signature")
	f.bad("DI-16", "vocab rdfc", "an inline @vocab put in after signing", with(vocab, "proof", proof), "unsafe_context", "bad_signature")
	remote := func(url string) string {
		return f.signed(jcsSuite, f.swap(badge, contextsV2OB, f.swap(contextsV2OB, `json"]`, `json","`+url+`"]`)), f.issuer)
	}
	f.bad("DI-17", "unknown", "a context that is not known", remote("https://contexts.example/mine.jsonld"), "unsafe_context", "remote_fetch_blocked")
	for name, url := range map[string]string{
		"link-local": "http://[fe80::1]/c", "decimal": "http://2130706433/c", "gopher": "gopher://localhost:70/c", "data": "data:application/ld+json,{}",
		"trailing slash": "https://www.w3.org/ns/credentials/v2/", "query": "https://www.w3.org/ns/credentials/v2?x", "dot segment": "https://www.w3.org/ns/./credentials/v2",
	} {
		f.bad("DI-18", name, "a context from "+url, remote(url), "unsafe_context", "remote_fetch_blocked")
	}
	f.bad("DI-18", "two hundred", "two hundred contexts", remote(strings.TrimSuffix(strings.Repeat(`https://www.w3.org/ns/credentials/v2","`, 200), `","`)), "resource_limit", "unsafe_context", "malformed")
	f.bad("DI-19", "not first", "the context of the data model behind another", with(f.swap(badge, contextsV2OB, `["https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json","https://www.w3.org/ns/credentials/v2"]`), "proof", proof),
		"malformed", "unsafe_context", "unsigned_data", "bad_signature")
	f.bad("DI-19", "none", "no context at all", with(f.swap(badge, `"@context":`+contextsV2OB+",", ""), "proof", proof), "malformed", "unsafe_context", "unsigned_data", "bad_signature")
	const earlier = `[{"id":"https://www.w3.org/ns/credentials/v2","digestSRI":"sha384-NSOcNpmdIVUxIJGvGUoe22FjTWrXiaXlsZ8q6912LdnR3KraQO2n75Ica4wK4Qeg"}]`
	f.bad("control", "earlier-edition", "the digest of a context is that of an earlier edition", f.signed(rdfcSuite, with(badge, "relatedResource", earlier), f.issuer))
	f.bad("DI-82", "missing digest", "the digest of a context is another's",
		f.signed(jcsSuite, with(badge, "relatedResource", `[{"id":"https://www.w3.org/ns/credentials/v2","digestSRI":"sha384-`+strings.Repeat("A", 64)+`"}]`), f.issuer), "unsafe_context", "malformed", "bad_signature")
}

// issuers speak for others.
func (f *forge) issuers() {
	for _, suite := range []string{rdfcSuite, jcsSuite} {
		f.bad("DI-20", suite, "in the issuer's name, by a stranger's key", f.signed(suite, f.badge(f.issuer), f.attacker), "issuer_mismatch")
	}
	both := f.swap(options(jcsSuite, f.issuer.method, assertion), f.issuer.method, f.issuer.id+"#"+strings.TrimPrefix(f.attacker.id, "did:key:"))
	f.bad("DI-21", "fragment", "the issuer's DID with a stranger's key as fragment", with(f.badge(f.issuer), "proof", f.sign(jcsSuite, f.badge(f.issuer), both, f.attacker)), "key_invalid", "issuer_mismatch")
	f.bad("DI-22", "same name", "a stranger who calls itself the same", f.signed(rdfcSuite, f.badge(f.attacker), f.attacker), "untrusted_issuer")
	f.bad("DI-22", "case", "the issuer's DID in other letters", f.signed(rdfcSuite, f.badge(f.issuer, f.issuer.id, strings.Replace(f.issuer.id, "did:key:z6M", "did:key:Z6M", 1)), f.attacker), "untrusted_issuer", "issuer_mismatch", "key_invalid")
	f.bad("DI-23", "second", "one trusted issuer in the name of another", f.signed(rdfcSuite, f.badge(f.issuer), f.second), "issuer_mismatch")
	object := `{"id":"` + f.issuer.id + `","type":["Profile"],"name":"Kursstedet"}`
	f.bad("DI-24", "number", "an issuer that is a number", f.signed(jcsSuite, f.badge(f.issuer, object, "5"), f.issuer), "malformed", "untrusted_issuer")
	f.bad("DI-24", "no id", "an issuer without an id", f.signed(jcsSuite, f.badge(f.issuer, `"id":"`+f.issuer.id+`","type":["Profile"]`, `"type":["Profile"]`), f.issuer), "malformed", "untrusted_issuer", "issuer_mismatch")
	f.bad("DI-24", "two", "two issuers", f.signed(jcsSuite, f.badge(f.issuer, object, `["`+f.issuer.id+`","`+f.attacker.id+`"]`), f.issuer), "malformed")
	f.bad("DI-25", "Issuer", "a member Issuer beside issuer", f.signed(jcsSuite, with(f.badge(f.attacker), "Issuer", `"`+f.issuer.id+`"`), f.attacker), "untrusted_issuer", "malformed", "unsigned_data", "issuer_mismatch")
	f.bad("DI-25", "long s", "a member that folds to issuer by Unicode", f.signed(jcsSuite, with(f.badge(f.attacker), "iſſuer", `"`+f.issuer.id+`"`), f.attacker), "untrusted_issuer", "malformed", "unsigned_data", "issuer_mismatch")
}

// proofs say something else than what is needed.
func (f *forge) proofs() {
	badge := f.badge(f.issuer)
	signed := func(opts string) string { return with(badge, "proof", f.sign(jcsSuite, badge, opts, f.issuer)) }
	opts := options(jcsSuite, f.issuer.method, assertion)
	for _, purpose := range []string{"capabilityInvocation", "AssertionMethod", "assertionMethod "} {
		f.bad("DI-30", strings.TrimSpace(purpose)+fmt.Sprint(len(purpose)), "a proof for "+purpose, signed(f.swap(opts, assertion, purpose)), "wrong_purpose", "malformed")
	}
	f.bad("DI-31", "space", "a suite with a space behind it", signed(f.swap(opts, jcsSuite, jcsSuite+" ")), "unsupported_alg", "malformed")
	f.bad("DI-31", "list", "a list of suites", signed(f.swap(opts, `"`+jcsSuite+`"`, `["`+jcsSuite+`"]`)), "unsupported_alg", "malformed")
	f.bad("DI-31", "type list", "a list of proof types", signed(f.swap(opts, `"DataIntegrityProof"`, `["DataIntegrityProof"]`)), "unsupported_alg", "malformed", "no_proof")
	f.bad("DI-32", "jcs as rdfc", "one suite's signature under another's name", f.swap(signed(opts), jcsSuite, rdfcSuite), "bad_signature", "key_invalid", "unsupported_alg", "malformed")
	f.bad("DI-32", "curve", "an Ed25519 suite with a key on P-256", with(f.badge(f.p256), "proof", f.sign(jcsSuite, f.badge(f.p256), options(jcsSuite, f.p256.method, assertion), f.p256)), "bad_signature", "key_invalid", "unsupported_alg")
	good := f.sign(jcsSuite, badge, opts, f.issuer)
	value := good[strings.Index(good, `"proofValue":"`)+14 : len(good)-2]
	stranger := f.sign(jcsSuite, badge, options(jcsSuite, f.attacker.method, assertion), f.attacker)
	f.bad("DI-50", "strangers", "two proofs, both by strangers", with(badge, "proof", "["+stranger+","+stranger+"]"), "issuer_mismatch")
	f.bad("DI-50", "second broken", "two proofs by the issuer, the second broken", with(badge, "proof", "["+good+","+f.swap(good, value[:8], "z"+strings.Repeat("2", 7))+"]"), "bad_signature")
	f.bad("DI-51", "absent", "a chain whose earlier proof is not there", signed(with(opts, "previousProof", `"urn:uuid:none"`)), "malformed", "bad_signature")
	a := with(with(opts, "id", `"urn:x:a"`), "previousProof", `"urn:x:b"`)
	b := with(with(opts, "id", `"urn:x:b"`), "previousProof", `"urn:x:a"`)
	f.bad("DI-51", "circle", "two proofs that build on each other", with(badge, "proof", "["+f.sign(jcsSuite, badge, a, f.issuer)+","+f.sign(jcsSuite, badge, b, f.issuer)+"]"), "malformed", "bad_signature")
	f.values(badge, good, value)
}

// values are signatures in another form.
func (f *forge) values(badge, good, value string) {
	for name, other := range map[string]string{
		"longer": value + "1", "shorter": value[:len(value)-1], "leading one": "z1" + value[1:], "only z": "z", "base58flickr": "Z" + value[1:],
	} {
		f.bad("DI-41", name, "a proof value with other characters: "+name, with(badge, "proof", f.swap(good, value, other)), "bad_signature", "malformed")
	}
	f.bad("DI-42", "no prefix", "a proof value without its multibase prefix", with(badge, "proof", f.swap(good, value, value[1:])), "malformed", "bad_signature")
	f.bad("DI-42", "tab", "a proof value with a tab inside", with(badge, "proof", f.swap(good, value, value[:20]+`\t`+value[20:])), "malformed", "bad_signature")
	f.bad("DI-42", "confusable", "a proof value with a letter that base58 leaves out", with(badge, "proof", f.swap(good, value, value[:20]+"0"+value[21:])), "malformed", "bad_signature")
	f.signatures(badge, good, value)
}

// times are those of a credential or proof that is not in force, or that say
// no time at all.
func (f *forge) times() {
	until := func(value string) string { return with(f.badge(f.issuer), "validUntil", value) }
	f.bad("DI-60", "expired yesterday", "ended a day before", f.signed(rdfcSuite, until(`"2026-05-31T12:00:00Z"`), f.issuer), "expired")
	f.bad("DI-60", "begins later", "begins ten minutes later", f.signed(rdfcSuite, f.badge(f.issuer, "2026-01-01T00:00:00Z", "2026-06-01T12:10:00Z"), f.issuer), "not_yet_valid")
	f.bad("DI-60", "expired in a zone", "ended, written in another time zone", f.signed(rdfcSuite, until(`"2026-06-01T13:59:00+02:00"`), f.issuer), "expired")
	opts := options(jcsSuite, f.issuer.method, assertion)
	badge := f.badge(f.issuer)
	f.bad("DI-61", "proof ended", "a proof that ended", with(badge, "proof", f.sign(jcsSuite, badge, with(opts, "expires", `"2026-05-01T00:00:00Z"`), f.issuer)), "expired")
	f.bad("DI-61", "proof from later", "a proof made next week", with(badge, "proof", f.sign(jcsSuite, badge, f.swap(opts, "2026-01-01", "2026-06-08"), f.issuer)), "not_yet_valid", "malformed")
	f.bad("DI-61", "proof ends number", "a proof whose end is a number", with(badge, "proof", f.sign(jcsSuite, badge, with(opts, "expires", "1"), f.issuer)), "malformed", "expired")
	f.bad("DI-62", "reversed", "ends before it begins", f.signed(rdfcSuite, until(`"2025-12-31T00:00:00Z"`), f.issuer), "expired", "malformed")
	for name, value := range map[string]string{
		"empty": `""`, "hour 25": `"2027-01-01T25:00:00Z"`, "leap day": `"2027-02-29T00:00:00Z"`, "space": `"2027-01-01 00:00:00Z"`, "object": `{"@value":"2027-01-01T00:00:00Z"}`,
		"list": `["2027-01-01T00:00:00Z"]`, "year 5 digits": `"12027-01-01T00:00:00Z"`, "offset 24": `"2027-01-01T00:00:00+24:00"`, "lower": `"2027-01-01t00:00:00z "`,
	} {
		f.bad("DI-63", name, "an end that is no time: "+value, f.signed(jcsSuite, until(value), f.issuer), "malformed", "expired", "unsigned_data")
	}
}

// model are documents that are no credential.
func (f *forge) model() {
	for name, pair := range map[string][2]string{
		"no types":       {`"type":["VerifiableCredential","OpenBadgeCredential"],`, ""},
		"only a badge":   {`["VerifiableCredential","OpenBadgeCredential"]`, `["OpenBadgeCredential"]`},
		"subject null":   {`{"id":"` + f.holder.id + `","type":["AchievementSubject"]`, `{"id":null,"type":["AchievementSubject"]`},
		"subject string": {f.subject(), `"` + f.holder.id + `"`},
		"subject list":   {f.subject(), `[{}]`},
	} {
		f.bad("DI-80", name, "no credential: "+name, f.signed(jcsSuite, f.badge(f.issuer, pair[0], pair[1]), f.issuer), "malformed", "wrong_type", "unsigned_data")
	}
	vp := `{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiablePresentation"],"verifiableCredential":[` + f.signed(rdfcSuite, f.badge(f.issuer), f.issuer) + `]}`
	f.bad("DI-81", "unsigned presentation", "a presentation where a credential is asked for", vp, "wrong_type", "malformed", "wrong_purpose", "no_proof")
	f.bad("DI-81", "as assertion", "a presentation that the issuer asserts", f.signed(jcsSuite, vp, f.issuer), "wrong_type", "malformed", "wrong_purpose")
}

func (f *forge) subject() string {
	badge := f.badge(f.issuer)
	at := strings.Index(badge, `"credentialSubject":`) + len(`"credentialSubject":`)
	return badge[at : len(badge)-1]
}

// poison are graphs whose nodes can hardly be told apart.
func (f *forge) poison() {
	var nodes strings.Builder
	for i := range 10 {
		for j := range 10 {
			if i != j {
				fmt.Fprintf(&nodes, `,{"id":"_:n%d","type":"Profile","parentOrg":{"id":"_:n%d","type":"Profile"}}`, i, j)
			}
		}
	}
	good := f.sign(rdfcSuite, f.badge(f.issuer), options(rdfcSuite, f.issuer.method, assertion), f.issuer)
	withEvidence := func(list string) string {
		return with(with(f.badge(f.issuer), "evidence", "["+list+"]"), "proof", good)
	}
	f.bad("DI-70", "clique", "ninety edges between ten nodes that look alike", withEvidence(nodes.String()[1:]), "resource_limit", "unsafe_context", "bad_signature", "malformed", "unsigned_data")
	f.bad("DI-70", "alike", "three thousand nodes that look alike", withEvidence(strings.TrimSuffix(strings.Repeat(`{"type":"Evidence"},`, 3000), ",")), "resource_limit", "bad_signature", "malformed")
	var links strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&links, `,"u:%x"`, i)
	}
	long := with(with(`{"@context":["https://www.w3.org/ns/credentials/v2"],"id":"urn:x:`+strings.Repeat("a", 50_000)+`","type":["VerifiableCredential"],"issuer":"`+f.issuer.id+
		`","credentialSubject":{"id":"`+f.holder.id+`"}}`, "evidence", "["+links.String()[1:]+"]"), "proof", good)
	f.bad("DI-70", "long id", "a long id in ten thousand statements", long, "resource_limit", "bad_signature", "malformed")
	f.bad("DI-70", "nested", "a chain of fifty organizations", withEvidence(strings.Repeat(`{"type":"Profile","parentOrg":`, 50)+`{"type":"Profile"}`+strings.Repeat("}", 50)), "resource_limit", "bad_signature", "malformed", "unsigned_data")
}
