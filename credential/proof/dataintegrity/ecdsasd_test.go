package dataintegrity_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// partial is a badge with all that makes showing it in part hard: an ordered
// list, objects without an id that are alike, and a credential inside.
const partial = `{
  "@context": ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],
  "id": "urn:uuid:5f0c0e9e-1111-4222-8333-0a0b0c0d0e0f",
  "type": ["VerifiableCredential", "OpenBadgeCredential"],
  "name": "Kurs i maskinlæring 🎓",
  "issuer": {"id": "did:example:issuer", "type": ["Profile"], "name": "Prøve"},
  "validFrom": "2026-01-01T00:00:00Z",
  "validUntil": "2031-01-01T00:00:00Z",
  "credentialSubject": {"id": "did:example:kari", "type": ["AchievementSubject"], "creditsEarned": 7.5,
    "result": [{"type": ["Result"], "resultDescription": "urn:uuid:7", "value": "B"}, {"type": ["Result"], "value": "A"}, {"type": ["Result"], "value": "A"}],
    "achievement": {"id": "urn:uuid:6", "type": ["Achievement"], "name": "Kurs", "description": "B", "criteria": {"narrative": "Eksamen"}, "tag": ["a", "b"],
      "resultDescription": [{"id": "urn:uuid:7", "type": ["ResultDescription"], "name": "Karakter", "resultType": "LetterGrade", "allowedValue": ["C", "B", "A"]}]}},
  "endorsement": [{"@context": ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],
    "id": "urn:uuid:8", "type": ["VerifiableCredential", "EndorsementCredential"], "name": "Anbefaling", "issuer": {"id": "did:example:other", "type": ["Profile"]},
    "validFrom": "2026-01-01T00:00:00Z", "credentialSubject": {"id": "did:example:issuer", "type": ["EndorsementSubject"], "endorsementComment": "God"}}]
}`

func always() []string {
	return []string{"/issuer", "/validFrom", "/validUntil", "/credentialSubject/achievement/name"}
}

func disclosing(t testing.TB) (proof.Suite, proof.Discloser, proof.Set) {
	t.Helper()
	p := newProcessor(t)
	suite := dataintegrity.ECDSASD(p)
	return suite, suite.(proof.Discloser), proof.Set{suite, dataintegrity.ECDSARDFC(p), dataintegrity.ECDSAJCS(p), dataintegrity.EdDSARDFC(p)}
}

func signBase(t testing.TB, suite proof.Suite, document string, mandatory []string) []byte {
	t.Helper()
	signed, err := suite.Sign(t.Context(), []byte(document), signerOf(t, key.P256), proof.Params{Purpose: proof.AssertionMethod, Created: created, Mandatory: mandatory})
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// TestDisclose shows each part that can be chosen, alone and with all others:
// it verifies, and shows that and nothing else that may be kept back.
func TestDisclose(t *testing.T) {
	t.Parallel()
	suite, discloser, set := disclosing(t)
	base := signBase(t, suite, partial, always())
	choices, err := discloser.Choices(t.Context(), base)
	if err != nil || len(choices) != 17 {
		t.Fatalf("%d choices, %v: %v", len(choices), choices, err)
	}
	everything := make([]string, len(choices))
	for i, c := range choices {
		everything[i] = c.Pointer
	}
	show := func(pointers ...string) *strictjson.Value {
		t.Helper()
		shown, err := discloser.Disclose(t.Context(), base, proof.Disclosure{Pointers: pointers})
		if err != nil {
			t.Fatalf("%q: %v", pointers, err)
		}
		if err := verifyAll(t, set, shown); err != nil {
			t.Errorf("%q: %v", pointers, err)
		}
		doc, err := strictjson.ParseObject(shown, strictjson.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		return doc
	}
	least := show()
	for _, p := range always() {
		if least.Lookup(p) == nil {
			t.Errorf("%s always shows, and does not", p)
		}
	}
	for _, p := range everything {
		if least.Lookup(p) != nil {
			t.Errorf("%s shows and was not chosen", p)
		}
	}
	source, err := strictjson.ParseObject([]byte(partial), strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range everything {
		if text := string(show(p).AppendJSON(nil)); !strings.Contains(text, string(source.Lookup(p).AppendJSON(nil))) {
			t.Errorf("%s was chosen and does not show: %s", p, text)
		}
	}
	if all := show(everything...).Without("proof"); !sameJSON(t, all.AppendJSON(nil), []byte(partial)) {
		t.Errorf("all of it is %s", all.AppendJSON(nil))
	}
	// What shows in part already has no further choices.
	again, err := discloser.Disclose(t.Context(), base, proof.Disclosure{})
	if err != nil {
		t.Fatal(err)
	}
	if more, err := discloser.Choices(t.Context(), again); err != nil || len(more) != 0 {
		t.Error(more, err)
	}
	if _, err := discloser.Disclose(t.Context(), again, proof.Disclosure{}); reason.CodeOf(err) != "disclosure_invalid/derived" {
		t.Error(err)
	}
	// A base proof is nothing to be shown.
	if err := verifyAll(t, set, base); reason.CodeOf(err) != "disclosure_invalid/base-proof" {
		t.Error(err)
	}
}

func TestDiscloseRefuses(t *testing.T) {
	t.Parallel()
	suite, discloser, _ := disclosing(t)
	base := signBase(t, suite, partial, always())
	holder := newSigner(t)
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	other, err := dataintegrity.ECDSARDFC(newProcessor(t)).Sign(t.Context(), []byte(partial), signerOf(t, key.P256), proof.Params{Purpose: proof.AssertionMethod})
	if err != nil {
		t.Fatal(err)
	}
	twice := bytes.Replace(base, []byte(`"proof":[`), []byte(`"proof":[`+string(mustDoc(t, base).Lookup("/proof/0").Raw())+`,`), 1)
	for name, tt := range map[string]struct {
		ctx     context.Context
		secured []byte
		d       proof.Disclosure
		code    reason.Code
	}{
		"nothing there":       {t.Context(), base, proof.Disclosure{Pointers: []string{"/credentialSubject/birthDate"}}, "disclosure_invalid/pointer"},
		"into the list":       {t.Context(), base, proof.Disclosure{Pointers: []string{"/credentialSubject/achievement/resultDescription/0/allowedValue/0"}}, "disclosure_invalid/pointer"},
		"the proof":           {t.Context(), base, proof.Disclosure{Pointers: []string{"/proof"}}, "disclosure_invalid/pointer"},
		"no pointer":          {t.Context(), base, proof.Disclosure{Pointers: []string{"name"}}, "disclosure_invalid/pointer"},
		"a holder's key":      {t.Context(), base, proof.Disclosure{Holder: holder}, "usage/params"},
		"a challenge":         {t.Context(), base, proof.Disclosure{Challenge: "x"}, "usage/params"},
		"an audience":         {t.Context(), base, proof.Disclosure{Audience: "x"}, "usage/params"},
		"an end":              {t.Context(), base, proof.Disclosure{Expires: created}, "usage/params"},
		"another suite":       {t.Context(), other, proof.Disclosure{}, "unsupported_alg/suite"},
		"no proof":            {t.Context(), []byte(partial), proof.Disclosure{}, reason.NoProof},
		"no JSON":             {t.Context(), []byte("x"), proof.Disclosure{}, reason.MalformedJSON},
		"two base proofs":     {t.Context(), twice, proof.Disclosure{}, "unsupported_alg/suite"},
		"canceled":            {canceled, base, proof.Disclosure{}, reason.Canceled},
		"a statement more":    {t.Context(), bytes.Replace(base, []byte(`"tag": ["a", "b"]`), []byte(`"tag": ["a", "b", "c"]`), 1), proof.Disclosure{}, "disclosure_invalid/signatures"},
		"an undefined member": {t.Context(), bytes.Replace(base, []byte(`"tag": `), []byte(`"grade": 1, "tag": `), 1), proof.Disclosure{}, "unsigned_data/undefined-term"},
	} {
		if _, err := discloser.Disclose(tt.ctx, tt.secured, tt.d); reason.CodeOf(err) != tt.code {
			t.Errorf("%s: %v (%s), want %s", name, err, reason.CodeOf(err), tt.code)
		}
	}
	// With nothing that always shows, something must be chosen.
	free := signBase(t, suite, partial, []string{})
	if _, err := discloser.Disclose(t.Context(), free, proof.Disclosure{}); reason.CodeOf(err) != "disclosure_invalid/nothing" {
		t.Error(err)
	}
}

func mustDoc(t testing.TB, raw []byte) *strictjson.Value {
	t.Helper()
	doc, err := strictjson.ParseObject(raw, strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestSignBaseRefuses(t *testing.T) {
	t.Parallel()
	suite, _, set := disclosing(t)
	good := proof.Params{Purpose: proof.AssertionMethod, Mandatory: always()}
	with := func(change func(*proof.Params)) proof.Params { p := good; change(&p); return p }
	for name, tt := range map[string]struct {
		kind     key.Type
		document string
		p        proof.Params
		code     reason.Code
	}{
		"nothing said of what shows": {key.P256, partial, with(func(p *proof.Params) { p.Mandatory = nil }), "usage/params"},
		"what may be hidden":         {key.P256, partial, with(func(p *proof.Params) { p.Disclosable = []string{"/name"} }), "usage/params"},
		"a holder":                   {key.P256, partial, with(func(p *proof.Params) { p.Holder = newSigner(t).Public() }), "usage/params"},
		"a chain":                    {key.P256, partial, with(func(p *proof.Params) { p.Previous = []string{"urn:x"} }), "usage/params"},
		"no purpose":                 {key.P256, partial, with(func(p *proof.Params) { p.Purpose = "" }), "malformed/proof-purpose"},
		"a pointer to nothing":       {key.P256, partial, with(func(p *proof.Params) { p.Mandatory = []string{"/nothing"} }), "disclosure_invalid/pointer"},
		"a pointer into a list": {key.P256, partial,
			with(func(p *proof.Params) {
				p.Mandatory = []string{"/credentialSubject/achievement/resultDescription/0/allowedValue/1"}
			}), "disclosure_invalid/pointer"},
		"too many pointers":   {key.P256, partial, with(func(p *proof.Params) { p.Mandatory = slices.Repeat([]string{"/issuer"}, 1001) }), "resource_limit/pointers"},
		"P-384":               {key.P384, partial, good, "key_invalid/key-type"},
		"Ed25519":             {key.Ed25519, partial, good, "key_invalid/key-type"},
		"an undefined term":   {key.P256, strings.Replace(partial, `"tag"`, `"grade"`, 1), good, "unsigned_data/undefined-term"},
		"too many statements": {key.P256, strings.Replace(partial, `["a", "b"]`, `["0"`+manyTags(5100)+`]`, 1), good, "resource_limit/signatures"},
	} {
		if _, err := suite.Sign(t.Context(), []byte(tt.document), signerOf(t, tt.kind), tt.p); reason.CodeOf(err) != tt.code {
			t.Errorf("%s: %v (%s), want %s", name, err, reason.CodeOf(err), tt.code)
		}
	}
	for _, other := range set[1:] {
		if _, err := other.Sign(t.Context(), []byte(partial), signerOf(t, key.P256), good); reason.CodeOf(err) != "usage/params" {
			t.Errorf("%s: %v", other.ID(), err)
		}
	}
}

func manyTags(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"%d"`, i+1)
	}
	return b.String()
}

// TestDerivedAttacks changes what a holder shows, in ways that leave every
// signature in it as it was made.
func TestDerivedAttacks(t *testing.T) {
	t.Parallel()
	suite, discloser, set := disclosing(t)
	base := signBase(t, suite, partial, always())
	otherBase := signBase(t, suite, strings.Replace(partial, `"value": "B"`, `"value": "C"`, 1), always())
	chosen := proof.Disclosure{Pointers: []string{"/credentialSubject/result/0", "/credentialSubject/result/1", "/name"}}
	disclose := func(base []byte, d proof.Disclosure) *strictjson.Value {
		t.Helper()
		raw, err := discloser.Disclose(t.Context(), base, d)
		if err != nil {
			t.Fatal(err)
		}
		return mustDoc(t, raw)
	}
	shown := disclose(base, chosen)
	good, isBase, err := dataintegrity.ParseSD(valueIn(t, shown.AppendJSON(nil)))
	if err != nil || isBase || len(good.Labels) < 2 || len(good.Indexes) < 5 {
		t.Fatalf("%+v %v", good, err)
	}
	value := func(change func(v *dataintegrity.SDValue)) string {
		t.Helper()
		v := good
		v.Labels, v.Indexes, v.Signatures = maps.Clone(good.Labels), slices.Clone(good.Indexes), slices.Clone(good.Signatures)
		change(&v)
		text, err := dataintegrity.EncodeSD(v, false)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	raw := func(change func(raw []byte) []byte) string {
		t.Helper()
		bin, err := base64.RawURLEncoding.DecodeString(valueIn(t, shown.AppendJSON(nil))[1:])
		if err != nil {
			t.Fatal(err)
		}
		return "u" + base64.RawURLEncoding.EncodeToString(change(bytes.Clone(bin)))
	}
	_, secondValue := disclose(otherBase, chosen), valueIn(t, disclose(otherBase, chosen).AppendJSON(nil))
	second, _, err := dataintegrity.ParseSD(secondValue)
	if err != nil {
		t.Fatal(err)
	}
	baseValue, _, err := dataintegrity.ParseSD(valueIn(t, base))
	if err != nil {
		t.Fatal(err)
	}
	p384, err := signerOf(t, key.P384).Public().Multikey()
	if err != nil {
		t.Fatal(err)
	}
	ownKey, err := signerOf(t, key.P256).Public().Multikey()
	if err != nil {
		t.Fatal(err)
	}
	proofOf := shown.Get("proof").List()[0]
	text := valueIn(t, shown.AppendJSON(nil))
	for name, tt := range map[string]struct {
		value string
		code  reason.Code
	}{
		// What always shows and what was chosen.
		"a signature left out":          {value(func(v *dataintegrity.SDValue) { v.Signatures = v.Signatures[1:] }), "disclosure_invalid/signatures"},
		"a signature twice":             {value(func(v *dataintegrity.SDValue) { v.Signatures = append(v.Signatures, v.Signatures[0]) }), "disclosure_invalid/signatures"},
		"signatures exchanged":          {value(func(v *dataintegrity.SDValue) { v.Signatures[0], v.Signatures[1] = v.Signatures[1], v.Signatures[0] }), reason.BadSignature},
		"a signature of zeros":          {value(func(v *dataintegrity.SDValue) { v.Signatures[0] = strings.Repeat("00", 64) }), reason.BadSignature},
		"the issuer's signature, zeros": {value(func(v *dataintegrity.SDValue) { v.Signature = strings.Repeat("00", 64) }), reason.BadSignature},
		"nothing is mandatory": {value(func(v *dataintegrity.SDValue) {
			v.Signatures = append(v.Signatures, slices.Repeat(v.Signatures[:1], len(v.Indexes))...)
			v.Indexes = nil
		}), reason.BadSignature},
		"all is mandatory": {value(func(v *dataintegrity.SDValue) {
			n := len(v.Indexes) + len(v.Signatures)
			v.Signatures, v.Indexes = nil, nil
			for i := range n {
				v.Indexes = append(v.Indexes, i)
			}
		}), reason.BadSignature},
		"one mandatory less": {value(func(v *dataintegrity.SDValue) {
			v.Indexes, v.Signatures = v.Indexes[1:], append(v.Signatures, v.Signatures[0])
		}), reason.BadSignature},
		"indexes twice":        {value(func(v *dataintegrity.SDValue) { v.Indexes = append([]int{v.Indexes[0]}, v.Indexes...) }), "disclosure_invalid/indexes"},
		"indexes descending":   {value(func(v *dataintegrity.SDValue) { slices.Reverse(v.Indexes) }), "disclosure_invalid/indexes"},
		"an index beyond":      {value(func(v *dataintegrity.SDValue) { v.Indexes[len(v.Indexes)-1] = 10_000 }), "disclosure_invalid/indexes"},
		"an index just beyond": {value(func(v *dataintegrity.SDValue) { v.Indexes = append(v.Indexes, len(v.Indexes)+len(v.Signatures)) }), "disclosure_invalid/indexes"},
		"an index far out":     {value(func(v *dataintegrity.SDValue) { v.Indexes[len(v.Indexes)-1] = 1 << 30 }), reason.MalformedProofValue},
		// Labels.
		"labels exchanged": {value(func(v *dataintegrity.SDValue) {
			v.Labels["c14n0"], v.Labels["c14n1"] = v.Labels["c14n1"], v.Labels["c14n0"]
		}), reason.BadSignature},
		"two nodes, one label": {value(func(v *dataintegrity.SDValue) { v.Labels["c14n0"] = v.Labels["c14n1"] }), "disclosure_invalid/labels"},
		"a label less":         {value(func(v *dataintegrity.SDValue) { delete(v.Labels, fmt.Sprint("c14n", len(v.Labels)-1)) }), "disclosure_invalid/labels"},
		"a label more": {value(func(v *dataintegrity.SDValue) {
			v.Labels[fmt.Sprint("c14n", len(v.Labels))] = "u" + base64.RawURLEncoding.EncodeToString(make([]byte, 32))
		}), "disclosure_invalid/labels"},
		// Another credential by the same issuer.
		"all of another's":             {secondValue, reason.BadSignature},
		"another's key and statements": {value(func(v *dataintegrity.SDValue) { v.PublicKey, v.Signatures = second.PublicKey, second.Signatures }), reason.BadSignature},
		"another's issuer signature":   {value(func(v *dataintegrity.SDValue) { v.Signature = second.Signature }), reason.BadSignature},
		"a key of one's own":           {value(func(v *dataintegrity.SDValue) { v.PublicKey = multikeyBytes(t, ownKey) }), reason.BadSignature},
		"a key on P-384":               {value(func(v *dataintegrity.SDValue) { v.PublicKey = multikeyBytes(t, p384)[:70] }), "key_invalid/point"},
		"a key off the curve":          {value(func(v *dataintegrity.SDValue) { v.PublicKey = "802405" + v.PublicKey[6:] }), "key_invalid/point"},
		"a key on secp256k1": {value(func(v *dataintegrity.SDValue) {
			v.PublicKey = "e7010279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
		}), "key_invalid/key-type"},
		"a key of another type": {value(func(v *dataintegrity.SDValue) { v.PublicKey = "ed01" + v.PublicKey[4:] }), "key_invalid/length"},
		// Form.
		"the base proof":           {valueIn(t, base), "disclosure_invalid/base-proof"},
		"a base with this header":  {mustEncode(t, baseValue, sdHeader{0xd9, 0x5d, 0x01}), reason.MalformedProofValue},
		"the header of a base":     {raw(func(b []byte) []byte { b[2] = 0; return b }), reason.MalformedProofValue},
		"an unknown header":        {raw(func(b []byte) []byte { b[2] = 2; return b }), reason.MalformedProofValue},
		"the header of BBS":        {raw(func(b []byte) []byte { b[2] = 3; return b }), reason.MalformedProofValue},
		"no header":                {raw(func(b []byte) []byte { return b[3:] }), reason.MalformedProofValue},
		"something behind":         {raw(func(b []byte) []byte { return append(b, 0) }), reason.MalformedProofValue},
		"cut":                      {raw(func(b []byte) []byte { return b[:len(b)-1] }), reason.MalformedProofValue},
		"six parts":                {raw(func(b []byte) []byte { b[3]++; return append(b, 0) }), reason.MalformedProofValue},
		"four parts":               {raw(func(b []byte) []byte { b[3]--; return b }), reason.MalformedProofValue},
		"a longer length":          {raw(func(b []byte) []byte { return slices.Concat(b[:4], []byte{0x59, 0x00}, b[5:]) }), reason.MalformedProofValue},
		"a tagged part":            {raw(func(b []byte) []byte { return slices.Insert(b, 4, 0xc1) }), reason.MalformedProofValue},
		"an array without an end":  {raw(func(b []byte) []byte { b[3] = 0x9f; return append(b, 0xff) }), reason.MalformedProofValue},
		"a signature of 63 bytes":  {raw(func(b []byte) []byte { b[5] = 63; return slices.Delete(b, 6, 7) }), reason.MalformedProofValue},
		"base58":                   {"z" + text[1:], reason.MalformedProofValue},
		"base64 with padding":      {text + "=", reason.MalformedProofValue},
		"base64 of the other kind": {"m" + text[1:], reason.MalformedProofValue},
		"a line break":             {text[:20] + "\n" + text[20:], reason.MalformedProofValue},
		"a space":                  {" " + text, reason.MalformedProofValue},
		"nothing":                  {"", reason.MalformedProofValue},
		"only u":                   {"u", reason.MalformedProofValue},
		"without its u":            {text[1:], reason.MalformedProofValue},
		"labels that skip one":     {raw(func(b []byte) []byte { return relabelled(t, b, len(good.Labels)) }), "disclosure_invalid/labels"},
	} {
		err := verifyAll(t, set, shown.With("proof", proofOf.With("proofValue", strictjson.String(tt.value))).AppendJSON(nil))
		if reason.CodeOf(err) != tt.code {
			t.Errorf("%s: %v (%s), want %s", name, err, reason.CodeOf(err), tt.code)
		}
	}
	if text != value(func(*dataintegrity.SDValue) {}) {
		t.Error("a proof value is written in another way than it was")
	}

	// The document under the same proof.
	str := strictjson.String
	for name, tt := range map[string]struct {
		document *strictjson.Value
		code     reason.Code
	}{
		"its end left out":        {shown.Without("validUntil"), "disclosure_invalid/signatures"},
		"its end moved":           {shown.With("validUntil", str("2041-01-01T00:00:00Z")), reason.BadSignature},
		"a chosen part left out":  {shown.Without("name"), "disclosure_invalid/signatures"},
		"a part put back":         {shown.With("awardedDate", str("2026-01-01T00:00:00Z")), "disclosure_invalid/signatures"},
		"an undefined term":       {shown.With("grade", str("A")), "unsigned_data/undefined-term"},
		"a chosen part changed":   {shown.With("name", str("Kurs i kirurgi")), reason.BadSignature},
		"another subject":         {shown.With("credentialSubject", shown.Get("credentialSubject").With("id", str("did:example:ola"))), reason.BadSignature},
		"a result moved":          {shown.With("credentialSubject", shown.Get("credentialSubject").With("result", strictjson.Array(exchanged(t, shown)...))), reason.BadSignature},
		"the purpose":             {shown.With("proof", proofOf.With("proofPurpose", str("authentication"))), reason.BadSignature},
		"another issuer's key":    {shown.With("proof", proofOf.With("verificationMethod", str(signerOf(t, key.P256).ID()))), reason.BadSignature},
		"a key on P-384":          {shown.With("proof", proofOf.With("verificationMethod", str(signerOf(t, key.P384).ID()))), "key_invalid/key-type"},
		"an Ed25519 key":          {shown.With("proof", proofOf.With("verificationMethod", str(newSigner(t).ID()))), "key_invalid/key-type"},
		"as ecdsa-rdfc-2019":      {shown.With("proof", proofOf.With("cryptosuite", str("ecdsa-rdfc-2019"))), reason.MalformedProofValue},
		"as ecdsa-jcs-2019":       {shown.With("proof", proofOf.With("cryptosuite", str("ecdsa-jcs-2019"))), reason.MalformedProofValue},
		"another's with base":     {mustDoc(t, base).With("proof", mustDoc(t, base).Get("proof").Items()[0].With("proofValue", str(text))), "disclosure_invalid/labels"},
		"a context of its own":    {shown.With("proof", proofOf.With("@context", str("https://www.w3.org/ns/credentials/v2"))), "unsigned_data/proof-context"},
		"an older proof, renamed": {shown.With("proof", proofOf.With("cryptosuite", str("ecdsa-sd-2019"))), "unsupported_alg/suite"},
	} {
		if err := verifyAll(t, set, tt.document.AppendJSON(nil)); reason.CodeOf(err) != tt.code {
			t.Errorf("%s: %v (%s), want %s", name, err, reason.CodeOf(err), tt.code)
		}
	}
}

// relabelled has another number before the first of n labels.
func relabelled(t testing.TB, raw []byte, n int) []byte {
	t.Helper()
	at := bytes.Index(raw, []byte{0xa0 + byte(n), 0})
	if at < 0 {
		t.Fatalf("no map of %d labels", n)
	}
	raw[at+1] = byte(n)
	return raw
}

type sdHeader [3]byte

// mustEncode writes a base proof under another header.
func mustEncode(t testing.TB, v dataintegrity.SDValue, header sdHeader) string {
	t.Helper()
	text, err := dataintegrity.EncodeSD(v, true)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := base64.RawURLEncoding.DecodeString(text[1:])
	if err != nil {
		t.Fatal(err)
	}
	return "u" + base64.RawURLEncoding.EncodeToString(append(header[:], raw[3:]...))
}

// exchanged gives the results each other's grade.
func exchanged(t testing.TB, shown *strictjson.Value) []*strictjson.Value {
	t.Helper()
	results := shown.Lookup("/credentialSubject/result").Items()
	if len(results) != 2 {
		t.Fatal(len(results))
	}
	return []*strictjson.Value{results[0].With("value", results[1].Get("value")), results[1].With("value", results[0].Get("value"))}
}

// TestLabelsDoNotTell: two credentials that are alike have nothing in common
// by which the same holder could be found, but what the issuer wrote.
func TestLabelsDoNotTell(t *testing.T) {
	t.Parallel()
	suite, _, _ := disclosing(t)
	signer := signerOf(t, key.P256)
	seen := map[string]bool{}
	for range 2 {
		signed, err := suite.Sign(t.Context(), []byte(partial), signer, proof.Params{Purpose: proof.AssertionMethod, Created: created, Mandatory: always()})
		if err != nil {
			t.Fatal(err)
		}
		v, _, err := dataintegrity.ParseSD(valueIn(t, signed))
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range append([]string{v.HMACKey, v.PublicKey, v.Signature}, v.Signatures...) {
			if seen[s] {
				t.Errorf("%s occurs twice", s)
			}
			seen[s] = true
		}
		if raw, err := hex.DecodeString(v.HMACKey); err != nil || len(raw) != 32 {
			t.Error(v.HMACKey, err)
		}
	}
}

// TestManySignatures: a proof value cannot make its verifier work for long.
func TestManySignatures(t *testing.T) {
	t.Parallel()
	suite, discloser, set := disclosing(t)
	document := strings.Replace(partial, `["a", "b"]`, `["0"`+manyTags(4900)+`]`, 1)
	base := signBase(t, suite, document, always())
	shown, err := discloser.Disclose(t.Context(), base, proof.Disclosure{Pointers: []string{""}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	in, err := proof.Read(shown, strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	opened, err := set.Open(in)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := set.Verify(ctx, opened[0], didKeys{}); reason.CodeOf(err) != reason.Canceled {
		t.Error(err)
	}
	var looks atomic.Int64
	if _, err := set.Verify(oneLook{t.Context(), &looks, -2}, opened[0], didKeys{}); err != nil || looks.Load() < 76 || looks.Load() > 500 {
		t.Errorf("of some 4,900 signatures each 64th is looked at: %d looks, %v", looks.Load(), err)
	}
	v, _, err := dataintegrity.ParseSD(valueIn(t, shown))
	if err != nil {
		t.Fatal(err)
	}
	for more, code := range map[int]reason.Code{0: "", 1: "resource_limit/signatures"} {
		fullest := strings.Replace(partial, `["a", "b"]`, `["0"`+manyTags(4900+5000-len(v.Signatures)+more)+`]`, 1)
		if _, err := suite.Sign(t.Context(), []byte(fullest), signerOf(t, key.P256), proof.Params{Purpose: proof.AssertionMethod, Created: created, Mandatory: always()}); reason.CodeOf(err) != code {
			t.Errorf("%d more than there may be: %v", more, err)
		}
	}
	v.Signatures = append(v.Signatures, slices.Repeat(v.Signatures[:1], 200)...)
	text, err := dataintegrity.EncodeSD(v, false)
	if err != nil {
		t.Fatal(err)
	}
	p := mustDoc(t, shown).Get("proof").List()[0].With("proofValue", strictjson.String(text))
	if err := verifyAll(t, set, mustDoc(t, shown).With("proof", p).AppendJSON(nil)); reason.CodeOf(err) != reason.MalformedProofValue {
		t.Error(err)
	}
}

// FuzzProofValue reads whatever comes: what is accepted has one form.
func FuzzProofValue(f *testing.F) {
	suite, discloser, _ := disclosing(f)
	base := signBase(f, suite, partial, always())
	shown, err := discloser.Disclose(f.Context(), base, proof.Disclosure{})
	if err != nil {
		f.Fatal(err)
	}
	for _, raw := range [][]byte{base, shown} {
		bin, err := base64.RawURLEncoding.DecodeString(valueIn(f, raw)[1:])
		if err != nil {
			f.Fatal(err)
		}
		f.Add(bin)
	}
	f.Add([]byte{0xd9, 0x5d, 0x01, 0x85, 0x40, 0x40, 0x80, 0xa0, 0x80})
	f.Fuzz(func(t *testing.T, bin []byte) {
		text := "u" + base64.RawURLEncoding.EncodeToString(bin)
		v, isBase, err := dataintegrity.ParseSD(text)
		if err != nil {
			if class := reason.CodeOf(err).Class(); class != reason.Invalid {
				t.Fatalf("%v", err)
			}
			return
		}
		if again, err := dataintegrity.EncodeSD(v, isBase); err != nil || again != text {
			t.Errorf("%s was read as %s (%v)", text, again, err)
		}
	})
}

// FuzzDisclose has a holder read whatever an issuer gave.
func FuzzDisclose(f *testing.F) {
	suite, discloser, set := disclosing(f)
	f.Add(signBase(f, suite, partial, always()), "/name")
	f.Add([]byte(`{"proof":[{"type":"DataIntegrityProof","cryptosuite":"ecdsa-sd-2023","proofValue":"u2V0A"}]}`), "")
	f.Fuzz(func(t *testing.T, secured []byte, pointer string) {
		shown, err := discloser.Disclose(t.Context(), secured, proof.Disclosure{Pointers: []string{pointer}})
		if err == nil {
			err = verifyAll(t, set, shown)
		}
		if err != nil && reason.CodeOf(err).Class() == reason.Fault {
			t.Fatalf("no code: %v", err)
		}
	})
}
