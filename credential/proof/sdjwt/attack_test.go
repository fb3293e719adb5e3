package sdjwt_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/sdjwt"
	"github.com/kompetansebevis/bevis/reason"
)

const (
	given  = `["c2FsdC1vbmU","given_name","Kari"]`
	family = `["c2FsdC10d28","family_name","Nordmann"]`
)

func quoted(disclosures ...string) string {
	var out []string
	for _, d := range disclosures {
		out = append(out, `"`+digest(b64.EncodeToString([]byte(d)))+`"`)
	}
	return strings.Join(out, ",")
}

// payload is the claims of a plain SD-JWT VC, with more behind them.
func payload(issuer party, more string) string {
	return `{"iss":"` + issuer.did + `","vct":"https://kurs.example/vct/1","nbf":1767225600` + more + `}`
}

// TestAttacks has what a forger, a careless issuer or a holder may try, by the
// rows of RFC 9901 section 7.1 and SD-JWT VC section 2.2.2. All but those by
// another key have a right signature of the issuer's.
func TestAttacks(t *testing.T) {
	t.Parallel()
	issuer, other := newParty(t, key.Ed25519), newParty(t, key.P256)
	sd := func(disclosures ...string) string { return `,"_sd":[` + quoted(disclosures...) + `]` }
	deep := `["x","n",1]`
	var nest []string
	for range 70 {
		nest = append(nest, deep)
		deep = `["x","n",{"_sd":[` + quoted(deep) + `]}]`
	}
	nest = append(nest, deep)
	many := make([]string, 2001)
	for i := range many {
		many[i] = fmt.Sprintf(`["x","n%d",1]`, i)
	}
	head := func(members string) string { return `{"alg":"EdDSA","kid":"` + issuer.ID() + `",` + members + `}` }
	for name, c := range map[string]struct {
		token forged
		code  reason.Code
	}{
		"SD-01 tampered":            {forged{payload: payload(issuer, sd(given)), disclosures: []string{strings.Replace(given, "Kari", "Kåre", 1)}}, "disclosure_invalid/unreferenced"},
		"SD-01 added":               {forged{payload: payload(issuer, sd(given)), disclosures: []string{given, family}}, "disclosure_invalid/unreferenced"},
		"SD-01 added, no digests":   {forged{payload: payload(issuer, ""), disclosures: []string{given}}, "disclosure_invalid/unreferenced"},
		"SD-01 unread":              {forged{payload: payload(issuer, ""), disclosures: []string{"no JSON"}}, "disclosure_invalid/unreferenced"},
		"SD-02 disclosure twice":    {forged{payload: payload(issuer, sd(given)), disclosures: []string{given, given}}, "disclosure_invalid/repeated"},
		"SD-02 digest twice":        {forged{payload: payload(issuer, sd(given, given)), disclosures: []string{given}}, "disclosure_invalid/digest-twice"},
		"SD-02 twice, not shown":    {forged{payload: payload(issuer, sd(given, given))}, "disclosure_invalid/digest-twice"},
		"SD-02 in two places":       {forged{payload: payload(issuer, sd(given)+`,"a":{"_sd":[`+quoted(given)+`]}`), disclosures: []string{given}}, "disclosure_invalid/digest-twice"},
		"SD-02 in a disclosure":     {forged{payload: payload(issuer, sd(given, `["x","a",{"_sd":[`+quoted(given)+`]}]`)), disclosures: []string{given, `["x","a",{"_sd":[` + quoted(given) + `]}]`}}, "disclosure_invalid/digest-twice"},
		"SD-03 named _sd":           {forged{payload: payload(issuer, sd(`["x","_sd",["a"]]`)), disclosures: []string{`["x","_sd",["a"]]`}}, "disclosure_invalid/name"},
		"SD-03 named dots":          {forged{payload: payload(issuer, sd(`["x","...","a"]`)), disclosures: []string{`["x","...","a"]`}}, "disclosure_invalid/name"},
		"SD-03 named _sd_alg":       {forged{payload: payload(issuer, sd(`["x","_sd_alg","a"]`)), disclosures: []string{`["x","_sd_alg","a"]`}}, "disclosure_invalid/name"},
		"SD-03 name taken":          {forged{payload: payload(issuer, `,"given_name":"Ola"`+sd(given)), disclosures: []string{given}}, "disclosure_invalid/name-taken"},
		"SD-03 name taken, behind":  {forged{payload: payload(issuer, sd(given)+`,"given_name":"Ola"`), disclosures: []string{given}}, "disclosure_invalid/name-taken"},
		"SD-03 name by two":         {forged{payload: payload(issuer, sd(given, `["y","given_name","Ola"]`)), disclosures: []string{given, `["y","given_name","Ola"]`}}, "disclosure_invalid/name-taken"},
		"SD-04 iss":                 {forged{payload: `{"vct":"v"` + sd(`["x","iss","`+issuer.did+`"]`) + `}`, disclosures: []string{`["x","iss","` + issuer.did + `"]`}}, "disclosure_invalid/registered-claim"},
		"SD-04 cnf":                 {forged{payload: payload(issuer, sd(`["x","cnf",{}]`)), disclosures: []string{`["x","cnf",{}]`}}, "disclosure_invalid/registered-claim"},
		"SD-04 vct":                 {forged{payload: `{"iss":"` + issuer.did + `"` + sd(`["x","vct","v"]`) + `}`, disclosures: []string{`["x","vct","v"]`}}, "disclosure_invalid/registered-claim"},
		"SD-04 exp":                 {forged{payload: payload(issuer, sd(`["x","exp",1]`)), disclosures: []string{`["x","exp",1]`}}, "disclosure_invalid/registered-claim"},
		"SD-04 nbf":                 {forged{payload: `{"iss":"` + issuer.did + `","vct":"v"` + sd(`["x","nbf",1]`) + `}`, disclosures: []string{`["x","nbf",1]`}}, "disclosure_invalid/registered-claim"},
		"SD-04 status":              {forged{payload: payload(issuer, sd(`["x","status",{}]`)), disclosures: []string{`["x","status",{}]`}}, "disclosure_invalid/registered-claim"},
		"SD-04 a part of status":    {forged{payload: payload(issuer, `,"status":{"_sd":["abc"]}`)}, "disclosure_invalid/registered-claim"},
		"SD-04 a part of cnf":       {forged{payload: payload(issuer, `,"cnf":{"jwk":{"a":[{"...":"abc"}]}}`)}, "disclosure_invalid/registered-claim"},
		"SD-05 four":                {forged{payload: payload(issuer, sd(`["x","a",1,2]`)), disclosures: []string{`["x","a",1,2]`}}, "disclosure_invalid/form"},
		"SD-05 one":                 {forged{payload: payload(issuer, sd(`["x"]`)), disclosures: []string{`["x"]`}}, "disclosure_invalid/form"},
		"SD-05 object":              {forged{payload: payload(issuer, sd(`{"a":1}`)), disclosures: []string{`{"a":1}`}}, "disclosure_invalid/form"},
		"SD-05 salt is a number":    {forged{payload: payload(issuer, sd(`[1,"a",1]`)), disclosures: []string{`[1,"a",1]`}}, "disclosure_invalid/form"},
		"SD-05 name is a number":    {forged{payload: payload(issuer, sd(`["x",1,1]`)), disclosures: []string{`["x",1,1]`}}, "disclosure_invalid/form"},
		"SD-05 no JSON":             {forged{payload: payload(issuer, sd(`["x"`)), disclosures: []string{`["x"`}}, "disclosure_invalid/form"},
		"SD-05 two readings":        {forged{payload: payload(issuer, sd(`["x","a",{"b":1,"b":2}]`)), disclosures: []string{`["x","a",{"b":1,"b":2}]`}}, reason.MalformedDuplicateMember},
		"SD-05 element for member":  {forged{payload: payload(issuer, sd(`["x","a"]`)), disclosures: []string{`["x","a"]`}}, "disclosure_invalid/placement"},
		"SD-05 member for element":  {forged{payload: payload(issuer, `,"a":[{"...":`+quoted(given)+`}]`), disclosures: []string{given}}, "disclosure_invalid/placement"},
		"SD-05 more than a digest":  {forged{payload: payload(issuer, `,"a":[{"...":`+quoted(`["x",1]`)+`,"b":1}]`), disclosures: []string{`["x",1]`}}, "disclosure_invalid/placement"},
		"SD-05 dots in an object":   {forged{payload: payload(issuer, `,"a":{"...":"abc"}`)}, "disclosure_invalid/placement"},
		"SD-05 digests no array":    {forged{payload: payload(issuer, `,"_sd":"abc"`)}, "malformed/sd-jwt"},
		"SD-05 digest a number":     {forged{payload: payload(issuer, `,"_sd":[1]`)}, "malformed/sd-jwt"},
		"SD-05 element a number":    {forged{payload: payload(issuer, `,"a":[{"...":1}]`)}, "malformed/sd-jwt"},
		"SD-06 md5":                 {forged{payload: payload(issuer, `,"_sd_alg":"md5"`+sd(given)), disclosures: []string{given}}, "unsupported_alg/sd-alg"},
		"SD-06 with a space":        {forged{payload: payload(issuer, `,"_sd_alg":"sha-256 "`)}, "unsupported_alg/sd-alg"},
		"SD-06 a number":            {forged{payload: payload(issuer, `,"_sd_alg":256`)}, "unsupported_alg/sd-alg"},
		"SD-06 below":               {forged{payload: payload(issuer, `,"a":{"_sd_alg":"sha-256"}`)}, "disclosure_invalid/placement"},
		"SD-06 another hash":        {forged{payload: payload(issuer, `,"_sd_alg":"sha-512"`+sd(given)), disclosures: []string{given}}, "disclosure_invalid/unreferenced"},
		"SD-07 JWT":                 {forged{header: head(`"typ":"JWT"`), payload: payload(issuer, "")}, "wrong_type/typ"},
		"SD-07 none":                {forged{header: `{"alg":"EdDSA","kid":"` + issuer.ID() + `"}`, payload: payload(issuer, "")}, "wrong_type/typ"},
		"SD-07 kb+jwt":              {forged{header: head(`"typ":"kb+jwt"`), payload: payload(issuer, "")}, "wrong_type/typ"},
		"SD-07 vc+jwt":              {forged{header: head(`"typ":"vc+jwt"`), payload: payload(issuer, "")}, "wrong_type/typ"},
		"SD-08 none":                {forged{header: `{"alg":"none","typ":"dc+sd-jwt","kid":"` + issuer.ID() + `"}`, payload: payload(issuer, "")}, "unsupported_alg/alg"},
		"SD-08 symmetric":           {forged{header: `{"alg":"HS256","typ":"dc+sd-jwt","kid":"` + issuer.ID() + `"}`, payload: payload(issuer, "")}, "unsupported_alg/alg"},
		"SD-08 another curve":       {forged{header: `{"alg":"ES256","typ":"dc+sd-jwt","kid":"` + issuer.ID() + `"}`, payload: payload(issuer, "")}, "unsupported_alg/key-mismatch"},
		"SD-08 its own key":         {forged{header: head(`"typ":"dc+sd-jwt","jwk":` + string(other.Public().JWK())), payload: payload(issuer, "")}, "key_invalid/key-in-header"},
		"SD-08 a certificate":       {forged{header: head(`"typ":"dc+sd-jwt","x5c":["AA"]`), payload: payload(issuer, "")}, "key_invalid/key-in-header"},
		"SD-08 an address":          {forged{header: head(`"typ":"dc+sd-jwt","jku":"https://evil.example"`), payload: payload(issuer, "")}, "key_invalid/key-address"},
		"SD-08 crit":                {forged{header: head(`"typ":"dc+sd-jwt","crit":["b64"],"b64":false`), payload: payload(issuer, "")}, "unsupported_alg/crit"},
		"SD-08 an unknown header":   {forged{header: head(`"typ":"dc+sd-jwt","zip":"DEF"`), payload: payload(issuer, "")}, "unsupported_alg/header"},
		"SD-08 no key":              {forged{header: `{"alg":"EdDSA","typ":"dc+sd-jwt"}`, payload: payload(issuer, "")}, "key_invalid/no-kid"},
		"iss of another":            {forged{header: head(`"typ":"dc+sd-jwt","iss":"` + other.did + `"`), payload: payload(issuer, "")}, "issuer_mismatch/iss"},
		"SD-09 exp a string":        {forged{payload: payload(issuer, `,"exp":"2030"`)}, reason.MalformedClaims},
		"SD-11 nested":              {forged{payload: payload(issuer, sd(deep)), disclosures: nest}, reason.LimitDepth},
		"SD-11 many":                {forged{payload: payload(issuer, sd(many...)), disclosures: many}, "resource_limit/disclosures"},
		"no type":                   {forged{payload: `{"iss":"` + issuer.did + `"}`}, reason.MalformedClaims},
		"type is empty":             {forged{payload: `{"iss":"` + issuer.did + `","vct":""}`}, reason.MalformedClaims},
		"no issuer":                 {forged{payload: `{"vct":"v"}`}, reason.MalformedClaims},
		"issuer twice":              {forged{payload: payload(issuer, `,"iss":"did:example:x"`)}, reason.MalformedDuplicateMember},
		"ld a string":               {forged{payload: payload(issuer, `,"ld":"x"`)}, reason.MalformedClaims},
		"ld no credential":          {forged{payload: payload(issuer, `,"ld":{"type":"x"}`)}, "wrong_type/payload"},
		"ld a presentation":         {forged{payload: payload(issuer, `,"ld":{"type":["VerifiableCredential","VerifiablePresentation"]}`)}, "wrong_type/payload"},
		"ld by another":             {forged{payload: payload(issuer, `,"ld":{"type":["VerifiableCredential"],"issuer":"`+other.did+`"}`)}, "issuer_mismatch/iss"},
		"ld about another":          {forged{payload: payload(issuer, `,"sub":"did:example:a","ld":{"type":["VerifiableCredential"],"credentialSubject":{"id":"did:example:b"}}`)}, "holder_mismatch/sub"},
		"ld of another id":          {forged{payload: payload(issuer, `,"jti":"urn:a","ld":{"type":["VerifiableCredential"],"id":"urn:b"}`)}, "malformed/jti"},
		"ld and vc":                 {forged{payload: payload(issuer, `,"vc":{},"ld":{"type":["VerifiableCredential"]}`)}, "malformed/vc-claim"},
		"payload in vc+sd-jwt":      {forged{header: head(`"typ":"vc+sd-jwt"`), payload: `{"@context":[],"type":["VerifiablePresentation"],"issuer":"` + issuer.did + `"}`}, "wrong_type/payload"},
		"dc+sd-jwt with a document": {forged{payload: `{"@context":[],"type":["VerifiableCredential"],"issuer":"` + issuer.did + `"}`}, reason.MalformedClaims},
	} {
		if _, _, err := verify(t, c.token.build(t, issuer)); reason.CodeOf(err) != c.code {
			t.Errorf("%s: %s (%v), want %s", name, reason.CodeOf(err), err, c.code)
		}
	}
}

// TestForms has tokens that differ in how they are written.
func TestForms(t *testing.T) {
	t.Parallel()
	issuer, holder := newParty(t, key.Ed25519), newParty(t, key.Ed25519)
	good := forged{payload: payload(issuer, `,"_sd":[`+quoted(given, family)+`]`), disclosures: []string{given, family}}.build(t, issuer)
	if _, _, err := verify(t, good); err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(good, "~")
	attacker := newParty(t, key.Ed25519)
	for name, c := range map[string]struct {
		token string
		code  reason.Code
	}{
		"SD-08 by an attacker":   {forged{header: `{"alg":"EdDSA","typ":"dc+sd-jwt","kid":"` + issuer.ID() + `"}`, payload: payload(issuer, "")}.build(t, attacker), reason.BadSignature},
		"SD-10 no tilde":         {strings.TrimSuffix(good, "~"), "malformed/sd-jwt"},
		"SD-10 no tilde at all":  {parts[0], "unsupported_alg/suite"},
		"an empty disclosure":    {parts[0] + "~~" + parts[1] + "~", "malformed/sd-jwt"},
		"two tildes at the end":  {good + "~", "malformed/sd-jwt"},
		"padded":                 {parts[0] + "~" + parts[1] + "=~", "disclosure_invalid/unreferenced"},
		"line break":             {parts[0] + "~" + parts[1][:4] + "\n" + parts[1][4:] + "~", "disclosure_invalid/unreferenced"},
		"tail of a disclosure":   {parts[0] + "~" + parts[1] + "~" + parts[2] + "~e30", "malformed/sd-jwt"},
		"a disclosure as key":    {parts[0] + "~" + parts[1] + "." + parts[1] + "." + parts[1], reason.MalformedJWS},
		"another's issuer part":  {strings.Replace(good, parts[0], strings.Split(string(issue(t, sdjwt.DC(), issuer, badge(issuer.did, holder.did), proof.Params{})), "~")[0], 1), "disclosure_invalid/unreferenced"},
		"four parts":             {parts[0] + ".e30~", reason.MalformedJWS},
		"encrypted":              {"eyJhbGciOiJkaXIifQ..a.b.c~", "unsupported_alg/encrypted"},
		"signature without bits": {strings.Replace(good, parts[0], parts[0][:strings.LastIndexByte(parts[0], '.')+1], 1), reason.BadSignature},
	} {
		if _, _, err := verify(t, c.token); reason.CodeOf(err) != c.code {
			t.Errorf("%s: %s (%v), want %s", name, reason.CodeOf(err), err, c.code)
		}
	}
}

// TestKeyBindingAttacks has what holders and eavesdroppers may try. Times,
// audience and nonce are held against the request by package verifier.
func TestKeyBindingAttacks(t *testing.T) {
	t.Parallel()
	issuer, holder, other := newParty(t, key.Ed25519), newParty(t, key.P256), newParty(t, key.P256)
	cnf := `,"cnf":{"jwk":` + string(holder.Public().JWK()) + `}`
	const claims = `{"iat":1780315195,"aud":"https://firma.example","nonce":"n-1","sd_hash":"%HASH%"}`
	good := forged{payload: payload(issuer, cnf+`,"_sd":[`+quoted(given, family)+`]`), disclosures: []string{given}, binding: claims, holder: holder}
	if s, _, err := verify(t, good.build(t, issuer)); err != nil || s.Purpose != proof.Authentication {
		t.Fatal(s, err)
	}
	head := func(members string) string { return `{"alg":"ES256",` + members + `}` }
	for name, c := range map[string]struct {
		change func(*forged)
		code   reason.Code
	}{
		"KB-02 aud a list": {func(f *forged) {
			f.binding = strings.Replace(claims, `"https://firma.example"`, `["https://firma.example"]`, 1)
		}, reason.MalformedClaims},
		"KB-02 no aud":          {func(f *forged) { f.binding = strings.Replace(claims, `"aud"`, `"a"`, 1) }, reason.MalformedClaims},
		"KB-03 no nonce":        {func(f *forged) { f.binding = strings.Replace(claims, `"nonce"`, `"n"`, 1) }, reason.MalformedClaims},
		"KB-03 nonce a number":  {func(f *forged) { f.binding = strings.Replace(claims, `"n-1"`, `1`, 1) }, reason.MalformedClaims},
		"KB-04 no sd_hash":      {func(f *forged) { f.binding = strings.Replace(claims, `"sd_hash"`, `"h"`, 1) }, reason.MalformedClaims},
		"KB-04 another sd_hash": {func(f *forged) { f.binding = strings.Replace(claims, `%HASH%`, digest("x"), 1) }, "holder_mismatch/sd-hash"},
		"KB-05 another key":     {func(f *forged) { f.holder = other }, "holder_mismatch/key"},
		"KB-05 its own key": {func(f *forged) {
			f.holder, f.bindingHead = other, head(`"typ":"kb+jwt","jwk":`+string(other.Public().JWK()))
		}, "holder_mismatch/key-in-header"},
		"KB-05 none":         {func(f *forged) { f.bindingHead = `{"alg":"none","typ":"kb+jwt"}` }, "unsupported_alg/alg"},
		"KB-05 another kind": {func(f *forged) { f.bindingHead = `{"alg":"EdDSA","typ":"kb+jwt"}` }, "unsupported_alg/key-mismatch"},
		"KB-05 crit":         {func(f *forged) { f.bindingHead = head(`"typ":"kb+jwt","crit":["x"]`) }, "unsupported_alg/crit"},
		"KB-06 JWT":          {func(f *forged) { f.bindingHead = head(`"typ":"JWT"`) }, "wrong_type/key-binding"},
		"KB-06 no type":      {func(f *forged) { f.bindingHead = `{"alg":"ES256"}` }, "wrong_type/key-binding"},
		"KB-07 no iat":       {func(f *forged) { f.binding = strings.Replace(claims, `"iat"`, `"i"`, 1) }, reason.MalformedClaims},
		"KB-07 iat a string": {func(f *forged) { f.binding = strings.Replace(claims, `1780315195`, `"1780315195"`, 1) }, reason.MalformedClaims},
		"KB-08 no cnf":       {func(f *forged) { f.payload = payload(issuer, ""); f.disclosures = nil }, "holder_mismatch/no-cnf"},
		"KB-08 cnf by address": {func(f *forged) {
			f.payload = payload(issuer, `,"cnf":{"jku":"https://evil.example"}`)
			f.disclosures = nil
		}, "key_unavailable/confirmation"},
		"KB-08 cnf a private key": {func(f *forged) {
			f.payload = payload(issuer, `,"cnf":{"jwk":{"kty":"oct","k":"AA"}}`)
			f.disclosures = nil
		}, "key_invalid/private"},
		"KB-08 cnf for encryption": {func(f *forged) {
			f.payload = payload(issuer, strings.Replace(cnf, `"kty"`, `"use":"enc","kty"`, 1))
			f.disclosures = nil
		}, "key_invalid/not-a-signing-key"},
		"KB-09 a presentation": {func(f *forged) {
			f.bindingHead, f.binding = head(`"typ":"vp+jwt"`), `{"type":["VerifiablePresentation"]}`
		}, "wrong_type/key-binding"},
	} {
		f := good
		c.change(&f)
		if _, _, err := verify(t, f.build(t, issuer)); reason.CodeOf(err) != c.code {
			t.Errorf("%s: %s (%v), want %s", name, reason.CodeOf(err), err, c.code)
		}
	}
	// KB-04: what is shown is not what the holder signed for.
	f := good
	f.disclosures = []string{given, family}
	both := f.build(t, issuer)
	bound := both[strings.LastIndexByte(both, '~')+1:]
	less := strings.Join(strings.Split(both, "~")[:2], "~") + "~" + bound
	if _, _, err := verify(t, less); reason.CodeOf(err) != "holder_mismatch/sd-hash" {
		t.Errorf("a disclosure was removed: %v", err)
	}
	one := good.build(t, issuer)
	end := strings.LastIndexByte(one, '~') + 1
	if _, _, err := verify(t, one[:end]+b64.EncodeToString([]byte(family))+"~"+one[end:]); reason.CodeOf(err) != "holder_mismatch/sd-hash" {
		t.Errorf("a disclosure was added: %v", err)
	}
	// KB-01: the issuer's proof alone says nothing about who shows it.
	suite := sdjwt.DC()
	if _, err := suite.Verify(t.Context(), &proof.Secured{Suite: suite.ID(), Purpose: proof.Authentication, Input: &proof.Input{Compact: one[:end]}}, keys{}); reason.CodeOf(err) != "holder_mismatch/no-key-binding" {
		t.Error(err)
	}
}

// TestEveryByte changes each byte of a shown credential: none of the copies
// may pass, and each is refused with a code.
func TestEveryByte(t *testing.T) {
	t.Parallel()
	issuer, holder := newParty(t, key.Ed25519), newParty(t, key.Ed25519)
	token := issue(t, sdjwt.DC(), issuer, badge(issuer.did, holder.did), proof.Params{Disclosable: choices()})
	token = disclose(t, sdjwt.DC(), token, proof.Disclosure{Pointers: []string{"/evidence", "/credentialSubject/identifier/0/identityHash"}, Holder: holder, Audience: "a", Challenge: "n", Created: at(9)})
	raw := []byte(token)
	for i := range raw {
		for _, b := range []byte{'A', 'B', '~', '.', raw[i] ^ 1} {
			if b == raw[i] {
				continue
			}
			changed := append([]byte{}, raw...)
			changed[i] = b
			s, _, err := verify(t, string(changed))
			if err == nil {
				t.Fatalf("byte %d as %q is accepted: %+v", i, b, s)
			}
			if reason.CodeOf(err).Class() == reason.Fault {
				t.Fatalf("byte %d as %q: no code: %v", i, b, err)
			}
		}
	}
	for i := range raw {
		if s, _, err := verify(t, token[:i]); err == nil && s.Purpose == proof.Authentication {
			t.Fatalf("cut at %d is accepted", i)
		}
	}
}

func FuzzOpen(f *testing.F) {
	issuer, holder := newParty(f, key.Ed25519), newParty(f, key.Ed25519)
	for _, suite := range []proof.Suite{sdjwt.DC(), sdjwt.VC()} {
		token := issue(f, suite, issuer, badge(issuer.did, holder.did), proof.Params{Disclosable: choices(), Decoys: 1})
		f.Add([]byte(token))
		f.Add([]byte(disclose(f, suite, token, proof.Disclosure{Pointers: []string{"/evidence"}, Holder: holder, Audience: "a", Created: at(9)})))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, _, err := verify(t, string(data)); err != nil && reason.CodeOf(err).Class() == reason.Fault {
			t.Fatalf("no code: %v", err)
		}
		for _, suite := range []proof.Suite{sdjwt.DC(), sdjwt.VC()} {
			d := suite.(proof.Discloser)
			choices, err := d.Choices(t.Context(), data)
			if err != nil {
				continue
			}
			// What can be chosen can be shown, alone and together.
			for _, c := range choices {
				if _, err := d.Disclose(t.Context(), data, proof.Disclosure{Pointers: []string{c.Pointer}}); err != nil {
					t.Fatalf("%s: %v", c.Pointer, err)
				}
			}
		}
	})
}

// FuzzPayload has an issuer sign anything: what a key covers is read without
// a fault, and never shows a name that is kept for digests.
func FuzzPayload(f *testing.F) {
	issuer := newParty(f, key.Ed25519)
	f.Add(`,"_sd":[`+quoted(given)+`]`, given)
	f.Add(`,"a":[{"...":`+quoted(`["x",1]`)+`},2],"_sd_alg":"sha-256"`, `["x",1]`)
	f.Add(`,"ld":{"type":["VerifiableCredential"],"_sd":[`+quoted(`["x","credentialSubject",{"_sd":[]}]`)+`]}`, `["x","credentialSubject",{"_sd":[]}]`)
	f.Fuzz(func(t *testing.T, more, disclosure string) {
		_, proven, err := verify(t, forged{payload: payload(issuer, more), disclosures: []string{disclosure}}.build(t, issuer))
		if err != nil {
			if reason.CodeOf(err).Class() == reason.Fault {
				t.Fatalf("no code: %v", err)
			}
			return
		}
		if text := string(proven.Document.AppendJSON(nil)); strings.Contains(text, `"_sd":`) || strings.Contains(text, `"...":`) {
			t.Fatalf("digests are shown as claims: %s", text)
		}
	})
}
