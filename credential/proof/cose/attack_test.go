package cose_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/cose"
	"github.com/kompetansebevis/bevis/internal/cbor"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

var set = proof.Set{cose.VC(), cose.VP()}

const (
	badge = `{"@context":["https://www.w3.org/ns/credentials/v2"],"id":"urn:uuid:5","type":["VerifiableCredential"],` +
		`"issuer":{"id":"did:example:issuer"},"validFrom":"2026-01-01T00:00:00Z","credentialSubject":{"id":"did:example:kari"} }`
	presentation = `{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiablePresentation"],"holder":"did:example:kari"}`
)

type oneKey struct{ signer key.Signer }

func (k oneKey) Key(_ context.Context, method string, _ proof.Purpose) (proof.Key, error) {
	if method != k.signer.ID() {
		return proof.Key{}, reason.New("key_invalid/unknown-key", method, "no such key")
	}
	return proof.Key{Public: k.signer.Public(), ID: method}, nil
}

func newSigner(t testing.TB, kind key.Type) key.Signer {
	t.Helper()
	private, err := key.Generate(kind)
	if err != nil {
		t.Fatal(err)
	}
	_, method := did.JWKID(private.Public())
	return private.Signer(method)
}

func verify(t testing.TB, raw []byte, signer key.Signer) (*proof.Secured, error) {
	t.Helper()
	in, err := proof.Read(raw, strictjson.Limits{})
	if err != nil {
		return nil, err
	}
	secured, err := set.Open(in)
	if err != nil {
		return nil, err
	}
	_, err = set.Verify(t.Context(), secured[0], oneKey{signer})
	return secured[0], err
}

// parts is a message put together by hand, its pieces in hexadecimal, by a
// signer who does what the standard forbids.
type parts struct {
	tag         string   // empty: 18
	head        string   // of the array; empty: four
	pairs       []string // of the protected header; nil: as it should be
	headOfMap   string   // empty: as many as there are pairs
	protected   []byte   // in place of the map of pairs
	unprotected string   // empty: an empty map
	payload     string   // JSON, empty: a badge
	detached    string   // stands in place of the payload
	signature   func(sound []byte) []byte
	context     string // what is signed, empty: Signature1
	behind      string
}

func text(s string) string { return hex.EncodeToString(cbor.AppendText(nil, s)) }

func blob(s string) string { return hex.EncodeToString(cbor.AppendBytes(nil, []byte(s))) }

// header returns the pairs of a sound header, with those replaced that begin
// with the same label, and those left out that are empty.
func header(signer key.Signer, changed ...string) []string {
	out := []string{"0127", "03" + text("application/vc"), "04" + blob(signer.ID()), "0fa1061a69553f00", "10" + text("application/vc+cose")}
	for _, c := range changed {
		label, _, _ := strings.Cut(c, " ")
		if i := slices.IndexFunc(out, func(p string) bool { return strings.HasPrefix(p, label) }); i >= 0 {
			out = slices.Delete(out, i, i+1)
		}
		if c = strings.ReplaceAll(c, " ", ""); c != label {
			out = append(out, c)
		}
	}
	slices.Sort(out)
	return out
}

func (p parts) build(t testing.TB, signer key.Signer) []byte {
	t.Helper()
	raw := func(s, otherwise string) []byte {
		if s == "" {
			s = otherwise
		}
		b, err := hex.DecodeString(s)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	protected := p.protected
	if protected == nil {
		pairs := p.pairs
		if pairs == nil {
			pairs = header(signer)
		}
		protected = raw(p.headOfMap, hex.EncodeToString(cbor.AppendMap(nil, len(pairs))))
		for _, pair := range pairs {
			protected = append(protected, raw(pair, "")...)
		}
	}
	payload := []byte(p.payload)
	if len(payload) == 0 {
		payload = []byte(badge)
	}
	if p.context == "" {
		p.context = "Signature1"
	}
	signed := cbor.AppendBytes(cbor.AppendText(cbor.AppendArray(nil, 4), p.context), protected)
	signature, err := signer.Sign(t.Context(), cbor.AppendBytes(cbor.AppendBytes(signed, nil), payload))
	if err != nil {
		t.Fatal(err)
	}
	if p.signature != nil {
		signature = p.signature(signature)
	}
	out := append(raw(p.tag, "d2"), raw(p.head, "84")...)
	out = append(cbor.AppendBytes(out, protected), raw(p.unprotected, "a0")...)
	out = append(out, raw(p.detached, hex.EncodeToString(cbor.AppendBytes(nil, payload)))...)
	return append(cbor.AppendBytes(out, signature), raw(p.behind, "")...)
}

func TestRefuses(t *testing.T) {
	t.Parallel()
	signer := newSigner(t, key.Ed25519)
	if s, err := verify(t, parts{}.build(t, signer), signer); err != nil || s.Created.Unix() != 0x69553f00 {
		t.Fatal(err)
	}
	h := func(changed ...string) parts { return parts{pairs: header(signer, changed...)} }
	const loose = "malformed/cbor"
	for name, c := range map[string]struct {
		p    parts
		code reason.Code
	}{
		"no tag":                     {parts{tag: "84", head: "83"}, "wrong_type/cose"},
		"no tag at all":              {parts{tag: "84584301", head: "00"}, "wrong_type/cose"},
		"tag of COSE_Mac0":           {parts{tag: "d1"}, "wrong_type/cose"},
		"tag of COSE_Sign":           {parts{tag: "d862"}, "wrong_type/cose"},
		"tag of CWT around":          {parts{tag: "d83dd2"}, "wrong_type/cose"},
		"tag of CBOR around":         {parts{tag: "d9d9f7d2"}, "wrong_type/cose"},
		"tag in a longer head":       {parts{tag: "d812"}, "malformed/utf8"},
		"five parts":                 {parts{head: "85"}, "malformed/cose"},
		"three parts":                {parts{head: "83"}, "malformed/cose"},
		"parts without an end":       {parts{head: "9f", behind: "ff"}, "malformed/cose"},
		"something behind":           {parts{behind: "00"}, loose},
		"white space behind":         {parts{behind: "0a"}, loose},
		"header is a map":            {parts{protected: []byte{}, unprotected: "a10127"}, "unsupported_alg/header"},
		"header is empty":            {parts{protected: []byte{}}, loose},
		"header is an empty map":     {parts{protected: []byte{0xa0}}, "unsupported_alg/alg"},
		"header without an end":      {parts{headOfMap: "bf", pairs: append(header(signer), "ff")}, loose},
		"header with a longer head":  {parts{headOfMap: "b805"}, loose},
		"header with more behind":    {parts{headOfMap: "a5", pairs: append(header(signer), "00")}, loose},
		"header with less":           {parts{headOfMap: "a6"}, "unsupported_alg/header"},
		"label twice":                {parts{pairs: append([]string{"0127"}, header(signer)...)}, "malformed/cose"},
		"labels out of order":        {parts{pairs: append(header(signer)[1:], "0127")}, "malformed/cose"},
		"label in a longer head":     {parts{pairs: append([]string{"180127"}, header(signer)[1:]...)}, "unsupported_alg/header"},
		"unknown label":              {h("1839 00"), "unsupported_alg/header"},
		"negative label":             {h("20 00"), "unsupported_alg/header"},
		"text label":                 {h("6178 00"), "unsupported_alg/header"},
		"crit":                       {h("02 8110"), "unsupported_alg/crit"},
		"crit of nothing":            {h("02 80"), "unsupported_alg/crit"},
		"x5chain":                    {h("1821 40"), "key_invalid/key-in-header"},
		"x5u":                        {h("1823 6178"), "key_invalid/key-address"},
		"alg missing":                {h("01 "), "unsupported_alg/alg"},
		"alg of another key":         {h("01 26"), "unsupported_alg/key-mismatch"},
		"alg ES256K":                 {h("01 382e"), "unsupported_alg/alg"},
		"alg HMAC":                   {h("01 05"), "unsupported_alg/alg"},
		"alg reserved":               {h("01 00"), "unsupported_alg/alg"},
		"alg a text":                 {h("01 " + text("EdDSA")), "unsupported_alg/alg"},
		"alg in a longer head":       {h("01 3807"), "unsupported_alg/alg"},
		"alg unprotected":            {parts{pairs: header(signer, "01 "), unprotected: "a10127"}, "unsupported_alg/header"},
		"alg in both":                {parts{unprotected: "a10127"}, "unsupported_alg/header"},
		"kid missing":                {h("04 "), "key_invalid/no-kid"},
		"kid unprotected":            {parts{pairs: header(signer, "04 "), unprotected: "a104" + blob(signer.ID())}, "unsupported_alg/header"},
		"kid in both":                {parts{unprotected: "a104" + blob(signer.ID())}, "unsupported_alg/header"},
		"kid a text":                 {h("04 " + text(signer.ID())), "key_invalid/verification-method"},
		"kid empty":                  {h("04 40"), "key_invalid/verification-method"},
		"kid a bare name":            {h("04 " + blob("key-1")), "key_invalid/verification-method"},
		"kid without a fragment":     {h("04 " + blob("did:example:issuer")), "key_invalid/verification-method"},
		"kid of another":             {h("04 " + blob("did:example:evil#key-1")), "key_invalid/unknown-key"},
		"kid not UTF-8":              {h("04 " + blob("did:x:y#\xff")), "key_invalid/verification-method"},
		"unprotected without an end": {parts{unprotected: "bfff"}, loose},
		"unprotected is an array":    {parts{unprotected: "80"}, loose},
		"payload detached":           {parts{detached: "f6"}, loose},
		"payload a text":             {parts{detached: text(badge)}, loose},
		"payload without an end":     {parts{detached: "5f" + blob(badge) + "ff"}, loose},
		"payload in a longer head":   {parts{detached: "5a" + "00000100" + strings.Repeat("20", 256)}, loose},
		"payload no JSON":            {parts{payload: "x"}, reason.MalformedJSON},
		"payload a list":             {parts{payload: "[]"}, reason.MalformedNotObject},
		"payload twice":              {parts{payload: badge + badge}, reason.MalformedTrailing},
		"member twice":               {parts{payload: `{"type":"x",` + badge[1:]}, reason.MalformedDuplicateMember},
		"payload no credential":      {parts{payload: `{"type":["Other"]}`}, "wrong_type/payload"},
		"payload a presentation":     {parts{payload: presentation}, "wrong_type/payload"},
		"credential as presentation": {h("03 "+text("application/vp"), "10 "+text("application/vp+cose")), "wrong_type/payload"},
		"signature empty":            {parts{signature: func([]byte) []byte { return nil }}, reason.BadSignature},
		"signature all zero":         {parts{signature: func(s []byte) []byte { return make([]byte, len(s)) }}, reason.BadSignature},
		"signature longer":           {parts{signature: func(s []byte) []byte { return append(s, 0) }}, reason.BadSignature},
		"signature much longer":      {parts{signature: func([]byte) []byte { return make([]byte, 2000) }}, loose},
		"signed as COSE_Sign":        {parts{context: "Signature"}, reason.BadSignature},
		"signed as countersignature": {parts{context: "CounterSignature"}, reason.BadSignature},
		"typ missing":                {h("10 "), "wrong_type/typ"},
		"typ empty":                  {h("10 60"), "wrong_type/typ"},
		"typ of a token":             {h("10 " + text("application/vc+jwt")), "wrong_type/typ"},
		"typ without application":    {h("10 " + text("vc+cose")), "wrong_type/typ"},
		"typ in capitals":            {h("10 " + text("application/VC+COSE")), "wrong_type/typ"},
		"typ with a parameter":       {h("10 " + text("application/vc+cose; a=b")), "wrong_type/typ"},
		"typ a number":               {h("10 1832"), "wrong_type/typ"},
		"content of presentations":   {h("03 " + text("application/vp")), "wrong_type/cty"},
		"content of another kind":    {h("03 " + text("application/json")), "wrong_type/cty"},
		"content a number":           {h("03 1832"), "wrong_type/cty"},
		"iss of another":             {h("0f a101" + text("did:example:evil")), "issuer_mismatch/iss"},
		"iss empty":                  {h("0f a10160"), "issuer_mismatch/iss"},
		"iss no text":                {h("0f a10107"), reason.MalformedClaims},
		"sub of another":             {h("0f a102" + text("did:example:ola")), "holder_mismatch/sub"},
		"exp a text":                 {h("0f a104" + text("2030-01-01T00:00:00Z")), reason.MalformedClaims},
		"exp null":                   {h("0f a104f6"), reason.MalformedClaims},
		"exp negative":               {h("0f a10420"), reason.MalformedClaims},
		"exp a float":                {h("0f a104fb41d9554fc0000000"), reason.MalformedClaims},
		"exp far away":               {h("0f a1041b7fffffffffffffff"), reason.MalformedClaims},
		"exp tagged":                 {h("0f a104c11a69553f00"), reason.MalformedClaims},
		"aud of numbers":             {h("0f a1038107"), reason.MalformedClaims},
		"nonce too short":            {h("0f a10a4161"), reason.MalformedClaims},
		"nonce a text":               {h("0f a10a" + text("12345678")), reason.MalformedClaims},
		"claims no map":              {h("0f 80"), loose},
		"claim twice":                {h("0f a2061a69553f00061a69553f00"), "malformed/cose"},
		"claims out of order":        {h("0f a2061a69553f00" + "041a69553f00"), "malformed/cose"},
		"claim too deep":             {h("0f a11901f4" + strings.Repeat("81", 12) + "00"), loose},
		"unknown claim no CBOR":      {h("0f a11901f41c"), loose},
	} {
		_, err := verify(t, c.p.build(t, signer), signer)
		if code := reason.CodeOf(err); code != c.code {
			t.Errorf("%s: %v (%s), not %s", name, err, code, c.code)
		}
	}
}

// TestAccepts is what a message may have beside what Sign writes.
func TestAccepts(t *testing.T) {
	t.Parallel()
	signer := newSigner(t, key.Ed25519)
	h := func(changed ...string) parts { return parts{pairs: header(signer, changed...)} }
	for name, p := range map[string]parts{
		"no content type":         h("03 "),
		"no claims":               h("0f "),
		"fully specified Ed25519": h("01 32"),
		"iss and sub":             h("0f a201" + text("did:example:issuer") + "02" + text("did:example:kari")),
		"a claim that is unknown": h("0f a3061a69553f00" + "1901f4a201820102617883c1f4f97e00f6" + "6178" + "f6"),
		"a key in the claims":     h("0f a108a101a401022001" + "2158" + "20" + strings.Repeat("00", 32) + "2240"),
	} {
		if s, err := verify(t, p.build(t, signer), signer); err != nil || s.Suite != cose.VCCOSE || s.Method != signer.ID() || string(s.Document.Raw()) != badge {
			t.Errorf("%s: %v", name, err)
		}
	}
	s, err := verify(t, h("0f a3041a6b36db80051a69553f00061a69553f00").build(t, signer), signer)
	if err != nil || s.Expires.Unix() != 0x6b36db80 || s.NotBefore.Unix() != 0x69553f00 || s.Created.Unix() != 0x69553f00 {
		t.Errorf("%+v %v", s, err)
	}
}

func TestPresentations(t *testing.T) {
	t.Parallel()
	signer := newSigner(t, key.P256)
	p := proof.Params{Purpose: proof.Authentication, Created: time.Unix(1780315195, 0), Expires: time.Unix(1780318795, 0), Challenge: "eight or more", Domains: []string{"https://a.example", "https://b.example"}}
	raw, err := cose.VP().Sign(t.Context(), []byte(presentation), signer, p)
	if err != nil {
		t.Fatal(err)
	}
	s, err := verify(t, raw, signer)
	if err != nil || s.Suite != cose.VPCOSE || s.Challenge != p.Challenge || !slices.Equal(s.Domains, p.Domains) || !s.Expires.Equal(p.Expires) || !s.Created.Equal(p.Created) {
		t.Errorf("%+v %v", s, err)
	}
	as := func(changed ...string) parts {
		return parts{payload: presentation, pairs: header(signer, append([]string{"01 26", "03 " + text("application/vp"), "10 " + text("application/vp+cose")}, changed...)...)}
	}
	for name, c := range map[string]struct {
		p    parts
		code reason.Code
	}{
		"as it should be":  {as(), ""},
		"iss of another":   {as("0f a101" + text("did:example:evil")), "holder_mismatch/iss"},
		"iss":              {as("0f a101" + text("did:example:kari")), ""},
		"one audience":     {as("0f a103" + text("https://a.example")), ""},
		"as a credential":  {as("10 " + text("application/vc+cose")), "wrong_type/cty"},
		"with a challenge": {as("0f a10a" + blob("12345678")), ""},
	} {
		_, err := verify(t, c.p.build(t, signer), signer)
		if code := reason.CodeOf(err); code != c.code && (c.code != "" || err != nil) {
			t.Errorf("%s: %v (%s), not %s", name, err, code, c.code)
		}
	}
}

func TestNotSigned(t *testing.T) {
	t.Parallel()
	signer := newSigner(t, key.Ed25519)
	says, shows := proof.Params{Purpose: proof.AssertionMethod}, proof.Params{Purpose: proof.Authentication}
	with := func(p proof.Params, change func(*proof.Params)) proof.Params { change(&p); return p }
	for name, c := range map[string]struct {
		suite    proof.Suite
		document string
		signer   key.Signer
		params   proof.Params
		code     reason.Code
	}{
		"an RSA key":                {cose.VC(), badge, newSigner(t, key.RSA), says, "key_invalid/key-type"},
		"for another purpose":       {cose.VC(), badge, signer, shows, reason.WrongPurpose},
		"to somebody":               {cose.VC(), badge, signer, with(says, func(p *proof.Params) { p.Domains = []string{"a"} }), "usage/params"},
		"with an end":               {cose.VC(), badge, signer, with(says, func(p *proof.Params) { p.Expires = time.Unix(1e9, 0) }), "usage/params"},
		"with parts to keep back":   {cose.VC(), badge, signer, with(says, func(p *proof.Params) { p.Disclosable = []string{"/id"} }), "usage/params"},
		"a short challenge":         {cose.VP(), presentation, signer, with(shows, func(p *proof.Params) { p.Challenge = "c" }), "usage/params"},
		"a long challenge":          {cose.VP(), presentation, signer, with(shows, func(p *proof.Params) { p.Challenge = strings.Repeat("c", 65) }), "usage/params"},
		"a time before 1970":        {cose.VC(), badge, signer, with(says, func(p *proof.Params) { p.Created = time.Unix(-1, 0) }), reason.MalformedClaims},
		"a presentation":            {cose.VC(), presentation, signer, says, "wrong_type/payload"},
		"a credential":              {cose.VP(), badge, signer, shows, "wrong_type/payload"},
		"what is signed already":    {cose.VC(), `{"proof":{},` + badge[1:], signer, says, reason.Conflict},
		"by a key without a method": {cose.VC(), badge, named{signer, "key-1"}, says, "key_invalid/verification-method"},
	} {
		if _, err := c.suite.Sign(t.Context(), []byte(c.document), c.signer, c.params); reason.CodeOf(err) != c.code {
			t.Errorf("%s: %v (%s), not %s", name, err, reason.CodeOf(err), c.code)
		}
	}
}

type named struct {
	key.Signer
	id string
}

func (n named) ID() string { return n.id }

// FuzzOpen reads anything as a message. What is opened is read the same again,
// and does not verify unless it is what was signed.
func FuzzOpen(f *testing.F) {
	signer := newSigner(f, key.Ed25519)
	good := parts{}.build(f, signer)
	f.Add(good)
	f.Add(parts{pairs: header(signer, "0f a3061a69553f00"+"1901f4a201820102617883c1f4f97e00f6"+"6178"+"f6")}.build(f, signer))
	f.Add(parts{pairs: header(signer, "02 8110"), unprotected: "a10127"}.build(f, signer))
	f.Add(parts{detached: "f6", behind: "00"}.build(f, signer))
	f.Fuzz(func(t *testing.T, raw []byte) {
		in, err := proof.Read(raw, strictjson.Limits{})
		if err != nil || in.COSE == nil {
			return
		}
		secured, err := set.Open(in)
		if err != nil {
			if reason.CodeOf(err).Class() == reason.Fault {
				t.Errorf("an error without a code: %v", err)
			}
			return
		}
		proven, err := set.Verify(t.Context(), secured[0], oneKey{signer})
		if err == nil && !bytes.Contains(raw, proven.Document.Raw()) {
			t.Errorf("what is proven is not what was signed")
		}
	})
}
