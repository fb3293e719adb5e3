package dataintegrity_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/key/bbskey"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

func bbsSigner(t testing.TB) key.Signer {
	t.Helper()
	signer, err := newBBSSigner(key.BLS12381G2, "")
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

func bbsSuite(t testing.TB) (proof.Suite, proof.Discloser, proof.Set) {
	t.Helper()
	p := newProcessor(t)
	suite := dataintegrity.BBS(p)
	return suite, suite.(proof.Discloser), proof.Set{suite, dataintegrity.ECDSASD(p), dataintegrity.EdDSARDFC(p)}
}

// bbsSuiteWith has labels that are the same each time, for tests that tell
// positions apart.
func bbsSuiteWith(t testing.TB) (proof.Suite, proof.Discloser, proof.Set) {
	t.Helper()
	_, _, set := bbsSuite(t)
	suite := dataintegrity.BBSWith(newProcessor(t), bytes.Repeat([]byte{7}, 32))
	set[0] = suite
	return suite, suite.(proof.Discloser), set
}

func signBBS(t testing.TB, suite proof.Suite, document string, signer key.Signer, mandatory []string) []byte {
	t.Helper()
	signed, err := suite.Sign(t.Context(), []byte(document), signer, proof.Params{Purpose: proof.AssertionMethod, Created: created, Mandatory: mandatory})
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// TestBBSDisclose shows each part that can be chosen: it verifies, and shows
// that and nothing else that may be kept back. Lists are among them.
func TestBBSDisclose(t *testing.T) {
	t.Parallel()
	suite, discloser, set := bbsSuite(t)
	base := signBBS(t, suite, partial, bbsSigner(t), always())
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
		return mustDoc(t, shown)
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
		if text := string(show(p).AppendJSON(nil)); !strings.Contains(text, string(mustDoc(t, []byte(partial)).Lookup(p).AppendJSON(nil))) {
			t.Errorf("%s was chosen and does not show: %s", p, text)
		}
	}
	if all := show(everything...).Without("proof"); !sameJSON(t, all.AppendJSON(nil), []byte(partial)) {
		t.Errorf("all of it is %s", all.AppendJSON(nil))
	}
	again := show().AppendJSON(nil)
	if more, err := discloser.Choices(t.Context(), again); err != nil || len(more) != 0 {
		t.Error(more, err)
	}
	if _, err := discloser.Disclose(t.Context(), again, proof.Disclosure{}); reason.CodeOf(err) != "disclosure_invalid/derived" {
		t.Error(err)
	}
	if err := verifyAll(t, set, base); reason.CodeOf(err) != "disclosure_invalid/base-proof" {
		t.Error(err)
	}
}

// TestBBSOpen says what a proof tells before it is checked: what it answers,
// and how much of the credential is not shown.
func TestBBSOpen(t *testing.T) {
	t.Parallel()
	suite, discloser, set := bbsSuite(t)
	base := signBBS(t, suite, partial, bbsSigner(t), always())
	open := func(raw []byte) *proof.Secured {
		t.Helper()
		in, err := proof.Read(raw, strictjson.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		opened, err := set.Open(in)
		if err != nil || len(opened) != 1 {
			t.Fatal(opened, err)
		}
		return opened[0]
	}
	if s := open(base); s.Challenge != "" || s.Disclosed != 0 || s.Withheld != 0 {
		t.Errorf("a base proof is opened as %+v", s)
	}
	total := -1
	for _, pointers := range [][]string{nil, {"/name"}, {""}} {
		shown, err := discloser.Disclose(t.Context(), base, proof.Disclosure{Pointers: pointers, Challenge: "æ-17"})
		if err != nil {
			t.Fatal(err)
		}
		s := open(shown)
		if s.Challenge != "æ-17" {
			t.Errorf("the challenge is %q", s.Challenge)
		}
		if total < 0 {
			total = s.Disclosed + s.Withheld
		}
		if want := map[int]bool{0: len(pointers) == 0, 1: len(pointers) == 1 && pointers[0] != "", total: len(pointers) == 1 && pointers[0] == ""}; !want[s.Disclosed] || s.Disclosed+s.Withheld != total {
			t.Errorf("%q: %d shown, %d not, of %d", pointers, s.Disclosed, s.Withheld, total)
		}
	}
	// What was answered and is no text is no challenge.
	noText, err := discloser.Disclose(t.Context(), base, proof.Disclosure{Challenge: "\xff\xfe"})
	if err != nil {
		t.Fatal(err)
	}
	if s := open(noText); s.Challenge != "" {
		t.Errorf("the challenge is %q", s.Challenge)
	}
	// The longest there may be.
	long, err := discloser.Disclose(t.Context(), base, proof.Disclosure{Challenge: strings.Repeat("x", 8192)})
	if err == nil {
		err = verifyAll(t, set, long)
	}
	if err != nil {
		t.Error(err)
	}
	// Of a value that cannot be read to its end nothing is told.
	cut := valueIn(t, noText)
	if s := open(withValue(t, noText, cut[:len(cut)-8])); s.Disclosed != 0 || s.Withheld != 0 || s.Challenge != "" {
		t.Errorf("a value that is cut is opened as %+v", s)
	}
	// A challenge among the options is the issuer's and is not overruled.
	signed, err := suite.Sign(t.Context(), []byte(partial), bbsSigner(t), proof.Params{Purpose: proof.Authentication, Challenge: "issuer", Mandatory: always()})
	if err != nil {
		t.Fatal(err)
	}
	shown, err := discloser.Disclose(t.Context(), signed, proof.Disclosure{Challenge: "holder"})
	if err != nil {
		t.Fatal(err)
	}
	if s := open(shown); s.Challenge != "issuer" {
		t.Error(s.Challenge)
	}
	if err := verifyAll(t, set, shown); err != nil {
		t.Error(err)
	}
}

func TestBBSSignRefuses(t *testing.T) {
	t.Parallel()
	suite, _, set := bbsSuite(t)
	good := proof.Params{Purpose: proof.AssertionMethod, Mandatory: always()}
	with := func(change func(*proof.Params)) proof.Params { p := good; change(&p); return p }
	bls := bbsSigner(t)
	for name, tt := range map[string]struct {
		signer   key.Signer
		document string
		p        proof.Params
		code     reason.Code
	}{
		"nothing said of what shows": {bls, partial, with(func(p *proof.Params) { p.Mandatory = nil }), "usage/params"},
		"what may be hidden":         {bls, partial, with(func(p *proof.Params) { p.Disclosable = []string{"/name"} }), "usage/params"},
		"a holder":                   {bls, partial, with(func(p *proof.Params) { p.Holder = newSigner(t).Public() }), "usage/params"},
		"decoys":                     {bls, partial, with(func(p *proof.Params) { p.Decoys = 1 }), "usage/params"},
		"a status beside":            {bls, partial, with(func(p *proof.Params) { p.Status = strictjson.Object() }), "usage/params"},
		"a chain":                    {bls, partial, with(func(p *proof.Params) { p.Previous = []string{"urn:x"} }), "usage/params"},
		"no purpose":                 {bls, partial, with(func(p *proof.Params) { p.Purpose = "" }), "malformed/proof-purpose"},
		"a pointer to nothing":       {bls, partial, with(func(p *proof.Params) { p.Mandatory = []string{"/nothing"} }), "disclosure_invalid/pointer"},
		"an Ed25519 key":             {newSigner(t), partial, good, "key_invalid/key-type"},
		"a key on P-256":             {signerOf(t, key.P256), partial, good, "key_invalid/key-type"},
		"a key that signs one":       {oneMessage{bls}, partial, good, "key_invalid/key-type"},
		"an undefined term":          {bls, strings.Replace(partial, `"tag"`, `"grade": 1, "tag"`, 1), good, "unsigned_data/undefined-term"},
		"too many statements":        {bls, strings.Replace(partial, `["a", "b"]`, `["0"`+manyTags(4200)+`]`, 1), good, "resource_limit/messages"},
	} {
		if _, err := suite.Sign(t.Context(), []byte(tt.document), tt.signer, tt.p); reason.CodeOf(err) != tt.code {
			t.Errorf("%s: %v (%s), want %s", name, err, reason.CodeOf(err), tt.code)
		}
	}
	// The key of BBS is for no other suite.
	for _, other := range set[1:] {
		if _, err := other.Sign(t.Context(), []byte(partial), bls, proof.Params{Purpose: proof.AssertionMethod, Mandatory: mandatoryFor(other)}); reason.CodeOf(err) != "key_invalid/key-type" {
			t.Errorf("%s: %v", other.ID(), err)
		}
	}
}

func mandatoryFor(s proof.Suite) []string {
	if _, ok := s.(proof.Discloser); ok {
		return always()
	}
	return nil
}

// oneMessage hides that a signer can sign many messages.
type oneMessage struct{ key.Signer }

func TestBBSDiscloseRefuses(t *testing.T) {
	t.Parallel()
	suite, discloser, _ := bbsSuiteWith(t)
	signer := bbsSigner(t)
	base := signBBS(t, suite, partial, signer, always())
	value, _, err := dataintegrity.ParseBBS(valueIn(t, base))
	if err != nil {
		t.Fatal(err)
	}
	with := func(change func(*dataintegrity.BBSValue)) []byte {
		t.Helper()
		v := value
		change(&v)
		text, err := dataintegrity.EncodeBBS(v, true)
		if err != nil {
			t.Fatal(err)
		}
		return withValue(t, base, text)
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	flip := func(text string) string { return flipHex(t, text, 40) }
	for name, tt := range map[string]struct {
		ctx     context.Context
		secured []byte
		d       proof.Disclosure
		code    reason.Code
	}{
		"nothing there":         {t.Context(), base, proof.Disclosure{Pointers: []string{"/credentialSubject/birthDate"}}, "disclosure_invalid/pointer"},
		"into the list":         {t.Context(), base, proof.Disclosure{Pointers: []string{"/credentialSubject/achievement/resultDescription/0/allowedValue/0"}}, "disclosure_invalid/pointer"},
		"a holder's key":        {t.Context(), base, proof.Disclosure{Holder: newSigner(t)}, "usage/params"},
		"an audience":           {t.Context(), base, proof.Disclosure{Audience: "x"}, "usage/params"},
		"an end":                {t.Context(), base, proof.Disclosure{Expires: created}, "usage/params"},
		"a challenge too long":  {t.Context(), base, proof.Disclosure{Challenge: strings.Repeat("x", 9000)}, "usage/params"},
		"no proof":              {t.Context(), []byte(partial), proof.Disclosure{}, reason.NoProof},
		"canceled":              {canceled, base, proof.Disclosure{}, reason.Canceled},
		"a statement more":      {t.Context(), bytes.Replace(base, []byte(`"tag": ["a", "b"]`), []byte(`"tag": ["a", "b", "c"]`), 1), proof.Disclosure{}, reason.BadSignature},
		"what shows changed":    {t.Context(), bytes.Replace(base, []byte(`2031-01`), []byte(`2041-01`), 1), proof.Disclosure{}, reason.BadSignature},
		"an option changed":     {t.Context(), bytes.Replace(base, []byte(`assertionMethod`), []byte(`authentication`), 1), proof.Disclosure{}, reason.BadSignature},
		"another signature":     {t.Context(), with(func(v *dataintegrity.BBSValue) { v.Signature = v.Signature[:96] + flip(v.Signature[96:]) }), proof.Disclosure{}, reason.BadSignature},
		"no signature":          {t.Context(), with(func(v *dataintegrity.BBSValue) { v.Signature = strings.Repeat("00", 80) }), proof.Disclosure{}, reason.MalformedProofValue},
		"another header":        {t.Context(), with(func(v *dataintegrity.BBSValue) { v.Header = flip(v.Header) }), proof.Disclosure{}, reason.BadSignature},
		"other labels":          {t.Context(), with(func(v *dataintegrity.BBSValue) { v.HMACKey = flip(v.HMACKey) }), proof.Disclosure{}, reason.BadSignature},
		"another key":           {t.Context(), with(func(v *dataintegrity.BBSValue) { v.PublicKey = hex.EncodeToString(bbsSigner(t).Public().BLS12381G2()) }), proof.Disclosure{}, reason.BadSignature},
		"no key":                {t.Context(), with(func(v *dataintegrity.BBSValue) { v.PublicKey = "c0" + strings.Repeat("00", 95) }), proof.Disclosure{}, "key_invalid/point"},
		"less that shows":       {t.Context(), with(func(v *dataintegrity.BBSValue) { v.Pointers = v.Pointers[1:] }), proof.Disclosure{}, reason.BadSignature},
		"a pointer to nothing":  {t.Context(), with(func(v *dataintegrity.BBSValue) { v.Pointers = []string{"/x"} }), proof.Disclosure{}, "disclosure_invalid/pointer"},
		"an optional feature":   {t.Context(), withHeader(t, base, 4), proof.Disclosure{}, "unsupported_alg/feature"},
		"the header of ecdsa":   {t.Context(), withHeader(t, base, 0), proof.Disclosure{}, reason.MalformedProofValue},
		"an undefined member":   {t.Context(), bytes.Replace(base, []byte(`"tag": `), []byte(`"grade": 1, "tag": `), 1), proof.Disclosure{}, "unsigned_data/undefined-term"},
		"for another's context": {t.Context(), bytes.Replace(base, []byte(`"proof":[{`), []byte(`"proof":[{"@context":"https://www.w3.org/ns/credentials/v2",`), 1), proof.Disclosure{}, "unsigned_data/proof-context"},
	} {
		_, err := discloser.Disclose(tt.ctx, tt.secured, tt.d)
		if reason.CodeOf(err) != tt.code {
			t.Errorf("%s: %v (%s), want %s", name, err, reason.CodeOf(err), tt.code)
		}
		if err != nil && strings.Contains(err.Error(), value.HMACKey[:8]) {
			t.Errorf("%s: the error tells the secret of the labels: %v", name, err)
		}
	}
}

// withValue writes another proof value under the one proof.
func withValue(t testing.TB, raw []byte, value string) []byte {
	t.Helper()
	doc := mustDoc(t, raw)
	return doc.With("proof", doc.Get("proof").List()[0].With("proofValue", strictjson.String(value))).AppendJSON(nil)
}

// withHeader writes another last byte of a proof value's header.
func withHeader(t testing.TB, raw []byte, last byte) []byte {
	t.Helper()
	bin, err := base64.RawURLEncoding.DecodeString(valueIn(t, raw)[1:])
	if err != nil {
		t.Fatal(err)
	}
	bin[2] = last
	return withValue(t, raw, "u"+base64.RawURLEncoding.EncodeToString(bin))
}

// flipHex changes a bit of a byte in hexadecimal.
func flipHex(t testing.TB, text string, at int) string {
	t.Helper()
	raw := bin(t, text)
	raw[at%len(raw)] ^= 1
	return hex.EncodeToString(raw)
}

// TestBBSAttacks says of a sound proof what it does not say, in all parts of
// its value and of the document.
func TestBBSAttacks(t *testing.T) {
	t.Parallel()
	suite, discloser, set := bbsSuiteWith(t)
	signer := bbsSigner(t)
	base := signBBS(t, suite, partial, signer, always())
	second := signBBS(t, suite, strings.Replace(partial, "Kurs i maskinlæring", "Kurs i kirurgi", 1), signer, always())
	disclose := func(base []byte, challenge string, pointers ...string) []byte {
		t.Helper()
		out, err := discloser.Disclose(t.Context(), base, proof.Disclosure{Pointers: pointers, Challenge: challenge})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	chosen := []string{"/name", "/credentialSubject/result"}
	shown := disclose(base, "nonce-1", chosen...)
	parse := func(raw []byte) dataintegrity.BBSValue {
		t.Helper()
		v, _, err := dataintegrity.ParseBBS(valueIn(t, raw))
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	good, twin, later := parse(shown), parse(disclose(second, "nonce-1", chosen...)), parse(disclose(base, "nonce-2", chosen...))
	value := func(change func(*dataintegrity.BBSValue)) string {
		t.Helper()
		v := good
		v.Indexes, v.Chosen, v.Labels = slices.Clone(v.Indexes), slices.Clone(v.Chosen), cloneLabels(v.Labels)
		change(&v)
		text, err := dataintegrity.EncodeBBS(v, false)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	text := valueIn(t, shown)
	if text != value(func(*dataintegrity.BBSValue) {}) {
		t.Fatal("a proof value is written in another way than it was")
	}
	raw := func(change func([]byte) []byte) string {
		t.Helper()
		b, err := base64.RawURLEncoding.DecodeString(text[1:])
		if err != nil {
			t.Fatal(err)
		}
		return "u" + base64.RawURLEncoding.EncodeToString(change(b))
	}
	identity := "c0" + strings.Repeat("00", 47)
	outside := "80" + strings.Repeat("00", 47) // (0, 2), of order 3
	order := "73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001"
	last := len(good.Chosen) - 1
	for name, tt := range map[string]struct {
		value string
		code  reason.Code
	}{
		// The proof.
		"another presentation header": {value(func(v *dataintegrity.BBSValue) { v.Presentation = hex.EncodeToString([]byte("nonce-2")) }), reason.BadSignature},
		"no presentation header":      {value(func(v *dataintegrity.BBSValue) { v.Presentation = "" }), reason.BadSignature},
		"the proof of another time":   {value(func(v *dataintegrity.BBSValue) { v.Proof = later.Proof }), reason.BadSignature},
		"a proof of another name":     {value(func(v *dataintegrity.BBSValue) { v.Proof = twin.Proof }), reason.BadSignature},
		"the identity":                {value(func(v *dataintegrity.BBSValue) { v.Proof = identity + v.Proof[96:] }), reason.MalformedProofValue},
		"three identities":            {value(func(v *dataintegrity.BBSValue) { v.Proof = strings.Repeat(identity, 3) + v.Proof[288:] }), reason.MalformedProofValue},
		"outside the subgroup":        {value(func(v *dataintegrity.BBSValue) { v.Proof = v.Proof[:96] + outside + v.Proof[192:] }), reason.MalformedProofValue},
		"a scalar not reduced":        {value(func(v *dataintegrity.BBSValue) { v.Proof = v.Proof[:288] + order + v.Proof[352:] }), reason.MalformedProofValue},
		"a scalar of zero":            {value(func(v *dataintegrity.BBSValue) { v.Proof = v.Proof[:288] + strings.Repeat("00", 32) + v.Proof[352:] }), reason.MalformedProofValue},
		"a hidden message more":       {value(func(v *dataintegrity.BBSValue) { v.Proof += v.Proof[len(v.Proof)-64:] }), reason.BadSignature},
		"a hidden message less":       {value(func(v *dataintegrity.BBSValue) { v.Proof = v.Proof[:len(v.Proof)-64] }), reason.BadSignature},
		"half a scalar more":          {value(func(v *dataintegrity.BBSValue) { v.Proof += "0102" }), reason.MalformedProofValue},
		"no proof":                    {value(func(v *dataintegrity.BBSValue) { v.Proof = "" }), reason.MalformedProofValue},
		"more hidden than there are":  {value(func(v *dataintegrity.BBSValue) { v.Proof += strings.Repeat(v.Proof[288:352], 4096) }), reason.MalformedProofValue},
		// The indexes.
		"what always shows, as chosen": {value(func(v *dataintegrity.BBSValue) { v.Indexes = v.Indexes[1:] }), "disclosure_invalid/indexes"},
		"what is chosen, as always": {value(func(v *dataintegrity.BBSValue) {
			v.Indexes, v.Chosen = []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, v.Chosen[:last]
		}), "disclosure_invalid/indexes"},
		"nothing always shows":       {value(func(v *dataintegrity.BBSValue) { v.Indexes = nil }), "disclosure_invalid/indexes"},
		"an index beyond what shows": {value(func(v *dataintegrity.BBSValue) { v.Indexes[len(v.Indexes)-1] = 900 }), "disclosure_invalid/indexes"},
		"an index behind what shows": {value(func(v *dataintegrity.BBSValue) { v.Indexes = append(v.Indexes, len(v.Indexes)+len(v.Chosen)) }), "disclosure_invalid/indexes"},
		"an index beyond what is":    {value(func(v *dataintegrity.BBSValue) { v.Chosen[last] = 900 }), "disclosure_invalid/indexes"},
		"another index":              {value(func(v *dataintegrity.BBSValue) { v.Chosen = otherIndex(v.Chosen) }), reason.BadSignature},
		"an index twice":             {value(func(v *dataintegrity.BBSValue) { v.Chosen[last] = v.Chosen[last-1] }), "disclosure_invalid/indexes"},
		"indexes in another order":   {value(func(v *dataintegrity.BBSValue) { slices.Reverse(v.Chosen) }), "disclosure_invalid/indexes"},
		"an index more":              {value(func(v *dataintegrity.BBSValue) { v.Chosen = append(v.Chosen, v.Chosen[last]+1) }), "disclosure_invalid/indexes"},
		"an index less":              {value(func(v *dataintegrity.BBSValue) { v.Chosen = v.Chosen[:last] }), "disclosure_invalid/indexes"},
		// The labels.
		"labels exchanged": {value(func(v *dataintegrity.BBSValue) {
			v.Labels["c14n0"], v.Labels["c14n1"] = v.Labels["c14n1"], v.Labels["c14n0"]
		}), reason.BadSignature},
		"a label twice":        {value(func(v *dataintegrity.BBSValue) { v.Labels["c14n0"] = v.Labels["c14n1"] }), "disclosure_invalid/labels"},
		"a label more":         {value(func(v *dataintegrity.BBSValue) { v.Labels[fmt.Sprintf("c14n%d", len(v.Labels))] = "b900" }), "disclosure_invalid/labels"},
		"a label less":         {value(func(v *dataintegrity.BBSValue) { delete(v.Labels, fmt.Sprintf("c14n%d", len(v.Labels)-1)) }), "disclosure_invalid/labels"},
		"a label out of range": {value(func(v *dataintegrity.BBSValue) { v.Labels["c14n0"] = "b4000000000" }), reason.MalformedProofValue},
		// Form.
		"the base proof":           {valueIn(t, base), "disclosure_invalid/base-proof"},
		"a base with this header":  {valueIn(t, withHeader(t, base, 3)), reason.MalformedProofValue},
		"the header of a base":     {valueIn(t, withHeader(t, shown, 2)), reason.MalformedProofValue},
		"the header of ecdsa":      {valueIn(t, withHeader(t, shown, 1)), reason.MalformedProofValue},
		"a holder's secret":        {valueIn(t, withHeader(t, shown, 5)), "unsupported_alg/feature"},
		"a pseudonym":              {valueIn(t, withHeader(t, shown, 7)), "unsupported_alg/feature"},
		"the last feature":         {valueIn(t, withHeader(t, shown, 9)), "unsupported_alg/feature"},
		"the first feature alone":  {"u2V0E", "unsupported_alg/feature"},
		"another tag":              {raw(func(b []byte) []byte { b[1], b[2] = 0x5c, 5; return b }), reason.MalformedProofValue},
		"no tag":                   {raw(func(b []byte) []byte { b[0], b[2] = 0xd8, 5; return b }), reason.MalformedProofValue},
		"half a header":            {"u2V0", reason.MalformedProofValue},
		"without its u":            {text[1:], reason.MalformedProofValue},
		"labels that skip one":     {raw(func(b []byte) []byte { return relabelled(t, b, len(good.Labels)) }), "disclosure_invalid/labels"},
		"an unknown header":        {valueIn(t, withHeader(t, shown, 10)), reason.MalformedProofValue},
		"no header":                {raw(func(b []byte) []byte { return b[3:] }), reason.MalformedProofValue},
		"something behind":         {raw(func(b []byte) []byte { return append(b, 0) }), reason.MalformedProofValue},
		"cut":                      {raw(func(b []byte) []byte { return b[:len(b)-1] }), reason.MalformedProofValue},
		"six parts":                {raw(func(b []byte) []byte { b[3]++; return append(b, 0) }), reason.MalformedProofValue},
		"four parts":               {raw(func(b []byte) []byte { b[3]--; return b }), reason.MalformedProofValue},
		"an array without an end":  {raw(func(b []byte) []byte { b[3] = 0x9f; return append(b, 0xff) }), reason.MalformedProofValue},
		"a tagged part":            {raw(func(b []byte) []byte { return slices.Insert(b, 4, 0xc1) }), reason.MalformedProofValue},
		"base58":                   {"z" + text[1:], reason.MalformedProofValue},
		"base64 with padding":      {text + "=", reason.MalformedProofValue},
		"a line break":             {text[:20] + "\n" + text[20:], reason.MalformedProofValue},
		"nothing":                  {"", reason.MalformedProofValue},
		"a presentation too large": {value(func(v *dataintegrity.BBSValue) { v.Presentation = strings.Repeat("00", 9000) }), reason.MalformedProofValue},
	} {
		if err := verifyAll(t, set, withValue(t, shown, tt.value)); reason.CodeOf(err) != tt.code {
			t.Errorf("%s: %v (%s), want %s", name, err, reason.CodeOf(err), tt.code)
		}
	}

	// The document under the same proof.
	doc := mustDoc(t, shown)
	proofOf, str := doc.Get("proof").List()[0], strictjson.String
	for name, tt := range map[string]struct {
		document *strictjson.Value
		code     reason.Code
	}{
		"its end left out":       {doc.Without("validUntil"), "disclosure_invalid/indexes"},
		"its end moved":          {doc.With("validUntil", str("2041-01-01T00:00:00Z")), reason.BadSignature},
		"a chosen part left out": {doc.Without("name"), "disclosure_invalid/indexes"},
		"a part put back":        {doc.With("awardedDate", str("2026-01-01T00:00:00Z")), "disclosure_invalid/indexes"},
		"an undefined term":      {doc.With("grade", str("A")), "unsigned_data/undefined-term"},
		"a chosen part changed":  {doc.With("name", str("Kurs i kirurgi")), reason.BadSignature},
		"another subject":        {doc.With("credentialSubject", doc.Get("credentialSubject").With("id", str("did:example:ola"))), reason.BadSignature},
		"the purpose":            {doc.With("proof", proofOf.With("proofPurpose", str("authentication"))), reason.BadSignature},
		"the time of signing":    {doc.With("proof", proofOf.With("created", str("2026-01-01T00:00:01Z"))), reason.BadSignature},
		"another issuer's key":   {doc.With("proof", proofOf.With("verificationMethod", str(bbsSigner(t).ID()))), reason.BadSignature},
		"a key on P-256":         {doc.With("proof", proofOf.With("verificationMethod", str(signerOf(t, key.P256).ID()))), "key_invalid/key-type"},
		"as ecdsa-sd-2023":       {doc.With("proof", proofOf.With("cryptosuite", str("ecdsa-sd-2023"))), reason.MalformedProofValue},
		"as eddsa-rdfc-2022":     {doc.With("proof", proofOf.With("cryptosuite", str("eddsa-rdfc-2022"))), reason.MalformedProofValue},
		"a context of its own":   {doc.With("proof", proofOf.With("@context", str("https://www.w3.org/ns/credentials/v2"))), "unsigned_data/proof-context"},
		"a value that is none":   {doc.With("proof", proofOf.With("proofValue", strictjson.Array(str(text)))), reason.MalformedProofValue},
	} {
		if err := verifyAll(t, set, tt.document.AppendJSON(nil)); reason.CodeOf(err) != tt.code {
			t.Errorf("%s: %v (%s), want %s", name, err, reason.CodeOf(err), tt.code)
		}
	}
	// A key that has the form of one and is none.
	outsideKey, err := key.FromBLS12381G2(bin(t, "80"+strings.Repeat("00", 47)+strings.Repeat("00", 47)+"02"))
	if err != nil {
		t.Fatal(err)
	}
	in, err := proof.Read(shown, strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	opened, err := set.Open(in)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := set.Verify(t.Context(), opened[0], oneKey{outsideKey}); reason.CodeOf(err) != "key_invalid/point" {
		t.Error(err)
	}
}

// oneKey is a key for every method.
type oneKey struct{ public key.Public }

func (k oneKey) Key(_ context.Context, method string, _ proof.Purpose) (proof.Key, error) {
	return proof.Key{Public: k.public, ID: method}, nil
}

// otherIndex puts a smaller index that is not there in the place of one.
func otherIndex(indexes []int) []int {
	for i := range indexes {
		if !slices.Contains(indexes, i) {
			indexes[0] = i
			break
		}
	}
	slices.Sort(indexes)
	return indexes
}

func cloneLabels(labels map[string]string) map[string]string {
	out := make(map[string]string, len(labels))
	for from, to := range labels {
		out[from] = to
	}
	return out
}

// TestBBSTampering changes every byte of the values of a base and of a derived
// proof.
func TestBBSTampering(t *testing.T) {
	t.Parallel()
	suite, discloser, set := bbsSuite(t)
	document := strings.Replace(badge, `"did:example:kari", `, `"did:example:kari", "creditsEarned": 7.5, `, 1)
	base := signBBS(t, suite, document, bbsSigner(t), []string{"/issuer", "/validFrom", "/credentialSubject/achievement"})
	shown, err := discloser.Disclose(t.Context(), base, proof.Disclosure{Pointers: []string{"/credentialSubject/creditsEarned"}, Challenge: "nonce"})
	if err != nil {
		t.Fatal(err)
	}
	step := 1
	if testing.Short() {
		step = 11
	}
	const hmacAt = 3 + 1 + 2 + 80 + 2 + 64 + 2 + 96 + 2 // behind the heads and parts before it
	for name, tt := range map[string]struct {
		raw   []byte
		check func(raw []byte) error
	}{
		"base":    {base, func(raw []byte) error { _, err := discloser.Disclose(t.Context(), raw, proof.Disclosure{}); return err }},
		"derived": {shown, func(raw []byte) error { return verifyAll(t, set, raw) }},
	} {
		value, err := base64.RawURLEncoding.DecodeString(valueIn(t, tt.raw)[1:])
		if err != nil {
			t.Fatal(err)
		}
		if err := tt.check(tt.raw); err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(value); i += step {
			changed := bytes.Clone(value)
			changed[i] ^= 1 << (i % 8)
			err := tt.check(withValue(t, tt.raw, "u"+base64.RawURLEncoding.EncodeToString(changed)))
			if name == "base" && i >= hmacAt && i < hmacAt+32 && err == nil {
				continue // what gives the few nodes the same labels is as good
			}
			if class := reason.CodeOf(err).Class(); err == nil || class != reason.Invalid {
				t.Errorf("%s, byte %d: %v", name, i, err)
			}
		}
	}
}

// TestBBSUnlinkable: of one credential shown twice, the proofs have nothing in
// common but what is said of the document and by the issuer.
func TestBBSUnlinkable(t *testing.T) {
	t.Parallel()
	suite, discloser, _ := bbsSuite(t)
	base := signBBS(t, suite, partial, bbsSigner(t), always())
	held, _, err := dataintegrity.ParseBBS(valueIn(t, base))
	if err != nil {
		t.Fatal(err)
	}
	var seen []dataintegrity.BBSValue
	for range 2 {
		shown, err := discloser.Disclose(t.Context(), base, proof.Disclosure{Pointers: []string{"/name"}})
		if err != nil {
			t.Fatal(err)
		}
		v, _, err := dataintegrity.ParseBBS(valueIn(t, shown))
		if err != nil {
			t.Fatal(err)
		}
		seen = append(seen, v)
		for _, secret := range []string{held.Signature[:96], held.Signature[96:], held.HMACKey, held.Header} {
			if strings.Contains(hex.EncodeToString(shown), hex.EncodeToString([]byte(secret))) || strings.Contains(v.Proof, secret) {
				t.Error("what shows holds a part of the base proof")
			}
		}
	}
	for at := 0; at+32 <= len(seen[0].Proof); at += 32 {
		if strings.Contains(seen[1].Proof, seen[0].Proof[at:at+32]) {
			t.Errorf("two proofs have byte %d and the next in common", at/2)
		}
	}
}

// TestBBSKeyInFile signs with a key as the command keeps it.
func TestBBSKeyInFile(t *testing.T) {
	t.Parallel()
	private, err := bbskey.Generate()
	if err != nil {
		t.Fatal(err)
	}
	text, err := private.MarshalPEM()
	if err != nil {
		t.Fatal(err)
	}
	again, err := bbskey.ParsePEM(text)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := again.Signer("did:example:1#k").(dataintegrity.MessageSigner); !ok {
		t.Error("a key of BBS has no signer for its suite")
	}
}

// FuzzBBSValue reads whatever comes: what is accepted has one form.
func FuzzBBSValue(f *testing.F) {
	suite, discloser, _ := bbsSuite(f)
	base := signBBS(f, suite, partial, bbsSigner(f), always())
	shown, err := discloser.Disclose(f.Context(), base, proof.Disclosure{Pointers: []string{"/name"}, Challenge: "x"})
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
	f.Add([]byte{0xd9, 0x5d, 0x03, 0x85, 0x40, 0xa0, 0x80, 0x80, 0x40})
	f.Add([]byte{0xd9, 0x5d, 0x02, 0x85, 0x40, 0x40, 0x40, 0x40, 0x80})
	f.Fuzz(func(t *testing.T, bin []byte) {
		text := "u" + base64.RawURLEncoding.EncodeToString(bin)
		v, isBase, err := dataintegrity.ParseBBS(text)
		if err != nil {
			if class := reason.CodeOf(err).Class(); class != reason.Invalid {
				t.Fatalf("%v", err)
			}
			return
		}
		if again, err := dataintegrity.EncodeBBS(v, isBase); err != nil || again != text {
			t.Errorf("%s was read as %s (%v)", text, again, err)
		}
	})
}
