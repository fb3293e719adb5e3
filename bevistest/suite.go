package bevistest

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// SuiteCase is a suite with what TestSuite needs to know of it.
type SuiteCase struct {
	Suite proof.Suite
	Keys  []key.Type // the types of key that it signs with, at least one
	// NewSigner makes a signer with a new key for a verification method; nil:
	// by key.Generate.
	NewSigner func(t key.Type, method string) (key.Signer, error)
	// Slow says that verifying takes milliseconds, so that not every byte is
	// changed.
	Slow bool
	// Params are those to sign with. The purpose is assertionMethod, and the
	// document was signed in 2026, if they do not say.
	Params   proof.Params
	Document []byte // what to sign; nil: a small Open Badge
	// Others are suites whose documents look alike: none of them may take a
	// signature of this one.
	Others proof.Set
}

const suiteBadge = `{"@context":["https://www.w3.org/ns/credentials/v2","https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],` +
	`"id":"urn:uuid:5f0c0e9e-1111-4222-8333-0a0b0c0d0e0f","type":["VerifiableCredential","OpenBadgeCredential"],"name":"Kurs i sveising",` +
	`"issuer":{"id":"did:example:issuer","type":["Profile"],"name":"Kursstedet"},"validFrom":"2026-01-01T00:00:00Z","validUntil":"2031-01-01T00:00:00Z",` +
	`"credentialSubject":{"id":"did:example:kari","type":["AchievementSubject"],"creditsEarned":7.5,` +
	`"achievement":{"id":"urn:uuid:6","type":["Achievement"],"name":"Sveising","description":"Å sveise.","criteria":{"narrative":"Prøve."},` +
	`"resultDescription":[{"id":"urn:uuid:7","type":["ResultDescription"],"name":"Karakter","resultType":"LetterGrade","allowedValue":["C","B","A"]}]}}}`

// TestSuite is the contract of proof.Suite: what it signs, it reads and
// verifies; whatever is changed in it, signed by another key or by another
// way, or used for another purpose, it refuses, by a code that says why. Of a
// proof.Discloser it is tested on all that its holder can show.
func TestSuite(t *testing.T, c SuiteCase) {
	if c.Document == nil {
		c.Document = []byte(suiteBadge)
	}
	if c.Params.Purpose == "" {
		c.Params.Purpose = proof.AssertionMethod
	}
	if c.Params.Created.IsZero() {
		c.Params.Created = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	}
	for n, kind := range c.Keys {
		if c.NewSigner == nil {
			c.NewSigner = generated
		}
		s := suiteTest{SuiteCase: c, kind: kind}
		s.signer = s.newSigner(t, kind)
		s.signed = s.sign(t)
		t.Run(kind.String(), func(t *testing.T) {
			t.Run("round trip", s.roundTrip)
			t.Run("tampered", func(t *testing.T) { s.tampered(t, n == 0 && !c.Slow && !testing.Short()) })
			t.Run("wrong key", s.wrongKey)
			t.Run("wrong purpose", s.wrongPurpose)
			t.Run("algorithm confusion", s.confusion)
			t.Run("canceled", s.canceled)
			t.Run("many at once", s.parallel)
			t.Run("not signed", s.notSigned)
		})
	}
}

type suiteTest struct {
	SuiteCase
	kind   key.Type
	signer key.Signer
	signed []byte // as it is verified
}

// generated makes a signer of the types that are made here.
func generated(t key.Type, method string) (key.Signer, error) {
	private, err := key.Generate(t)
	if err != nil {
		return nil, err
	}
	return private.Signer(method), nil
}

// newSigner makes a signer for the method that keys are found under.
func (s suiteTest) newSigner(t *testing.T, kind key.Type) key.Signer {
	t.Helper()
	make := generated
	if slices.Contains(s.Keys, kind) {
		make = s.NewSigner
	}
	signer, err := make(kind, "did:example:issuer#key-1")
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

// suiteKeys has one key, for one purpose.
type suiteKeys struct {
	public  key.Public
	purpose proof.Purpose
}

func (k suiteKeys) Key(ctx context.Context, method string, purpose proof.Purpose) (proof.Key, error) {
	if err := ctx.Err(); err != nil {
		return proof.Key{}, reason.Wrap(reason.Canceled, "", err)
	}
	if method != "did:example:issuer#key-1" {
		return proof.Key{}, reason.New("key_invalid/unknown-key", method, "no such method")
	}
	if purpose != k.purpose {
		return proof.Key{}, reason.New(reason.WrongPurpose, method, "the key is not for %q", string(purpose))
	}
	return proof.Key{Public: k.public, ID: method, Controller: "did:example:issuer"}, nil
}

func (s suiteTest) keys() suiteKeys { return suiteKeys{s.signer.Public(), s.Params.Purpose} }

// sign signs the document and, if it can be shown in part, shows all of it.
func (s suiteTest) sign(t *testing.T) []byte {
	t.Helper()
	given := bytes.Clone(s.Document)
	signed, err := s.Suite.Sign(t.Context(), given, s.signer, s.Params)
	if err != nil {
		t.Fatalf("%s: %v", s.Suite.ID(), err)
	}
	if !bytes.Equal(given, s.Document) {
		t.Error("Sign changed what it was given")
	}
	d, ok := s.Suite.(proof.Discloser)
	if !ok {
		return signed
	}
	choices, err := d.Choices(t.Context(), signed)
	if err != nil {
		t.Fatal(err)
	}
	var all proof.Disclosure
	for _, choice := range choices {
		all.Pointers = append(all.Pointers, choice.Pointer)
	}
	shown, err := d.Disclose(t.Context(), signed, all)
	if err != nil {
		t.Fatal(err)
	}
	return shown
}

// verify reads and verifies a document with the suites; of several proofs all
// must hold.
func (s suiteTest) verify(ctx context.Context, set proof.Set, raw []byte, keys proof.Keys) (*proof.Secured, *proof.Proven, error) {
	in, err := proof.Read(raw, strictjson.Limits{})
	if err != nil {
		return nil, nil, err
	}
	opened, err := set.Open(in)
	if err != nil {
		return nil, nil, err
	}
	if len(opened) != 1 {
		return nil, nil, reason.New(reason.MalformedProof, "", "%d proofs", len(opened))
	}
	proven, err := set.Verify(ctx, opened[0], keys)
	return opened[0], proven, err
}

func (s suiteTest) set() proof.Set { return append(proof.Set{s.Suite}, s.Others...) }

func (s suiteTest) roundTrip(t *testing.T) {
	opened, proven, err := s.verify(t.Context(), s.set(), s.signed, s.keys())
	if err != nil {
		t.Fatal(err)
	}
	if opened.Suite != s.Suite.ID() || opened.Method != s.signer.ID() || opened.Purpose != s.Params.Purpose || opened.Problem != nil {
		t.Errorf("opened as %+v", opened)
	}
	if !opened.Created.IsZero() && !opened.Created.Equal(s.Params.Created) {
		t.Errorf("created %s, signed %s", opened.Created, s.Params.Created)
	}
	if !proven.Key.Public.Equal(s.signer.Public()) || proven.Key.ID != s.signer.ID() || proven.Key.Controller != "did:example:issuer" {
		t.Errorf("the key is %+v", proven.Key)
	}
	source, err := strictjson.ParseObject(s.Document, strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if proven.Document.Get("proof") != nil && source.Get("proof") == nil {
		t.Error("the proof is among what it covers")
	}
	for at, value := range leaves(source, "") {
		if got := string(proven.Document.Lookup(at).AppendJSON(nil)); got != value {
			t.Errorf("%s was %s and is %s", at, value, got)
		}
	}
}

// leaves returns the values of a document that hold no others, as JSON, by
// their pointers.
func leaves(v *strictjson.Value, at string) map[string]string {
	out := map[string]string{}
	add := func(name string, inner *strictjson.Value) {
		for p, text := range leaves(inner, strictjson.Pointer(at, name)) {
			out[p] = text
		}
	}
	for i, item := range v.Items() {
		add(fmt.Sprint(i), item)
	}
	for _, m := range v.Members() {
		add(m.Name, m.Value)
	}
	if len(out) == 0 {
		out[at] = string(v.AppendJSON(nil))
	}
	return out
}

// tampered changes every byte, some in two ways, and cuts the document short:
// what is accepted after that must be the same document in other bytes.
func (s suiteTest) tampered(t *testing.T, every bool) {
	step := 1
	if !every {
		step = 13
	}
	for i := 0; i < len(s.signed); i += step {
		for _, bit := range []byte{1, 0x20} { // the second makes a small letter of a capital
			if bit != 1 && i%5 != 0 {
				continue
			}
			changed := bytes.Clone(s.signed)
			changed[i] ^= bit
			_, _, err := s.verify(t.Context(), s.set(), changed, s.keys())
			if err == nil && !sameDocument(s.signed, changed) {
				t.Errorf("byte %d can be changed: …%s…", i, changed[max(0, i-20):min(len(changed), i+20)])
			}
			if err != nil && reason.CodeOf(err).Class() == reason.Fault {
				t.Errorf("byte %d: an error without a code: %v", i, err)
			}
		}
	}
	for n := 0; n < len(s.signed); n += 3 * step {
		if _, _, err := s.verify(t.Context(), s.set(), s.signed[:n], s.keys()); err == nil || reason.CodeOf(err).Class() == reason.Fault {
			t.Errorf("cut after %d bytes: %v", n, err)
		}
	}
}

// sameDocument reports whether two JSON documents are the same but for how
// they are written.
func sameDocument(a, b []byte) bool {
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}

// wrongKey has the verification method name another key.
func (s suiteTest) wrongKey(t *testing.T) {
	for _, kind := range []key.Type{s.kind, key.Ed25519, key.P256, key.P384, key.P521} {
		other := s.newSigner(t, kind)
		_, _, err := s.verify(t.Context(), s.set(), s.signed, suiteKeys{other.Public(), s.Params.Purpose})
		if kind == s.kind && reason.CodeOf(err) != reason.BadSignature || reason.CodeOf(err).Class() != reason.Invalid {
			t.Errorf("another key of type %s: %v (%s)", kind, err, reason.CodeOf(err))
		}
	}
	none := suiteKeys{purpose: s.Params.Purpose}
	if _, _, err := s.verify(t.Context(), s.set(), s.signed, none); reason.CodeOf(err).Class() != reason.Invalid {
		t.Errorf("no key: %v (%s)", err, reason.CodeOf(err))
	}
}

// wrongPurpose has a key that may not be used for what the proof is for.
func (s suiteTest) wrongPurpose(t *testing.T) {
	other := proof.Authentication
	if s.Params.Purpose == other {
		other = proof.AssertionMethod
	}
	if _, _, err := s.verify(t.Context(), s.set(), s.signed, suiteKeys{s.signer.Public(), other}); reason.CodeOf(err) != reason.WrongPurpose {
		t.Errorf("the key is for %s: %v", other, err)
	}
	p := s.Params
	p.Purpose = ""
	if _, err := s.Suite.Sign(t.Context(), s.Document, s.signer, p); err == nil || reason.CodeOf(err).Class() == reason.Fault {
		t.Errorf("signed for no purpose: %v", err)
	}
}

// confusion says of the signature that it was made in another way.
func (s suiteTest) confusion(t *testing.T) {
	refused := func(how string, raw []byte) {
		t.Helper()
		_, _, err := s.verify(t.Context(), s.set(), raw, s.keys())
		if class := reason.CodeOf(err).Class(); err == nil || class != reason.Invalid && class != reason.Undetermined {
			t.Errorf("%s: %v (%s)", how, err, reason.CodeOf(err))
		}
	}
	own := []byte(`"cryptosuite":"` + string(s.Suite.ID()) + `"`)
	if bytes.Contains(s.signed, own) {
		names := []string{"", "none", strings.ToUpper(string(s.Suite.ID())), "eddsa-rdfc-2099"}
		for _, other := range s.Others {
			names = append(names, string(other.ID()))
		}
		for _, name := range names {
			refused("as "+name, bytes.Replace(s.signed, own, []byte(`"cryptosuite":"`+name+`"`), 1))
		}
		return
	}
	if bytes.HasPrefix(s.signed, []byte("eyJ")) {
		s.confuseToken(t, refused)
	}
	if proof.IsCOSE(s.signed) {
		s.confuseMessage(t, refused)
	}
}

// confuseToken names other algorithms in the header of a compact JWS, and signs
// with the public key as if it were a secret (RFC 8725 section 3.1).
func (s suiteTest) confuseToken(t *testing.T, refused func(string, []byte)) {
	jws, rest, partly := strings.Cut(string(s.signed), "~")
	parts := strings.Split(jws, ".")
	if len(parts) != 3 {
		t.Fatalf("no compact JWS: %.60s", jws)
	}
	b64 := base64.RawURLEncoding
	header, err := b64.DecodeString(parts[0])
	if err != nil {
		t.Fatal(err)
	}
	doc, err := strictjson.ParseObject(header, strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	with := func(alg string, sign func(text string) string) []byte {
		text := b64.EncodeToString(doc.With("alg", strictjson.String(alg)).AppendJSON(nil)) + "." + parts[1]
		out := text + "." + sign(text)
		if partly {
			out += "~" + rest
		}
		return []byte(out)
	}
	same := func(string) string { return parts[2] }
	now, _ := doc.Get("alg").Text()
	for _, alg := range []string{"", "none", "None", "HS256", "EdDSA", "Ed25519", "ES256", "ES384", "ES512", "ES256K", "RS256", "PS256"} {
		if alg != now && !(now == "EdDSA" && alg == "Ed25519") {
			refused("as "+alg, with(alg, same))
		}
	}
	refused("as none, unsigned", with("none", func(string) string { return "" }))
	der, err := x509.MarshalPKIXPublicKey(s.signer.Public().Crypto())
	if err != nil {
		t.Fatal(err)
	}
	for name, secret := range map[string][]byte{"DER": der, "PEM": pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})} {
		refused("as HS256 with the public key as "+name, with("HS256", func(text string) string {
			mac := hmac.New(sha256.New, secret)
			mac.Write([]byte(text))
			return b64.EncodeToString(mac.Sum(nil))
		}))
	}
}

func (s suiteTest) canceled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Suite.Sign(ctx, s.Document, s.signer, s.Params); reason.CodeOf(err) != reason.Canceled {
		t.Errorf("Sign: %v", err)
	}
	if _, _, err := s.verify(ctx, s.set(), s.signed, s.keys()); reason.CodeOf(err) != reason.Canceled {
		t.Errorf("Verify: %v", err)
	}
	d, ok := s.Suite.(proof.Discloser)
	if !ok {
		return
	}
	signed, err := s.Suite.Sign(t.Context(), s.Document, s.signer, s.Params)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Disclose(ctx, signed, proof.Disclosure{}); reason.CodeOf(err) != reason.Canceled {
		t.Errorf("Disclose: %v", err)
	}
	if _, err := d.Choices(ctx, signed); reason.CodeOf(err) != reason.Canceled {
		t.Errorf("Choices: %v", err)
	}
}

func (s suiteTest) parallel(t *testing.T) {
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 4 {
				signed := s.sign(t)
				if _, _, err := s.verify(t.Context(), s.set(), signed, s.keys()); err != nil {
					t.Error(err)
				}
				if _, _, err := s.verify(t.Context(), s.set(), s.signed, s.keys()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

// notSigned is what a suite must not put its name to.
func (s suiteTest) notSigned(t *testing.T) {
	for _, kind := range []key.Type{key.Ed25519, key.P256, key.P384, key.P521} {
		if slices.Contains(s.Keys, kind) {
			continue
		}
		if _, err := s.Suite.Sign(t.Context(), s.Document, s.newSigner(t, kind), s.Params); reason.CodeOf(err).Coarse() != string(reason.KeyInvalid) {
			t.Errorf("a key of type %s: %v", kind, err)
		}
	}
	for name, document := range map[string][]byte{
		"nothing": nil, "no object": []byte(`[]`), "cut": s.Document[:len(s.Document)-1], "two documents": append(bytes.Clone(s.Document), s.Document...),
		"a member twice": append([]byte(`{"type":"VerifiableCredential",`), s.Document[1:]...), "no UTF-8": append([]byte("{\"a\":\"\xff\","), s.Document[1:]...),
	} {
		if _, err := s.Suite.Sign(t.Context(), document, s.signer, s.Params); reason.CodeOf(err).Coarse() != string(reason.Malformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
