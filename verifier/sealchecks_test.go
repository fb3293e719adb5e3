package verifier_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/proof/jades"
	"github.com/kompetansebevis/bevis/credential/proof/suites"
	"github.com/kompetansebevis/bevis/internal/timestamp/timestamptest"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/verifier"
)

// The tests in this file are each for a check of sealed documents that could be
// taken out without another test failing: see docs/mutation.md.

// sealer seals by a certificate that is believed itself, in one of the names that
// the tests need.
type sealer struct {
	t    testing.TB
	key  *ecdsa.PrivateKey
	cert []byte
}

const sealerID = "NTRNO-123456785"

func newSealer(t testing.TB, change func(*x509.Certificate)) sealer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC),
		Subject: pkix.Name{Organization: []string{"Kurs AS"}, ExtraNames: []pkix.AttributeTypeAndValue{{Type: asn1.ObjectIdentifier{2, 5, 4, 97}, Value: sealerID}}}}
	if change != nil {
		change(template)
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return sealer{t, key, cert}
}

func (s sealer) pem() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.cert})
}

// id is by what a trust policy names who seals without an identifier.
func (s sealer) id() string {
	sum := sha256.Sum256(s.cert)
	return "x509:sha256:" + hex.EncodeToString(sum[:])
}

func (s sealer) seal(payload string) []byte {
	s.t.Helper()
	b64 := base64.RawURLEncoding.EncodeToString
	payload = b64([]byte(payload))
	protected := b64([]byte(`{"alg":"ES256","x5c":["` + base64.StdEncoding.EncodeToString(s.cert) + `"]}`))
	sum := sha256.Sum256([]byte(protected + "." + payload))
	r, v, err := ecdsa.Sign(rand.Reader, s.key, sum[:])
	if err != nil {
		s.t.Fatal(err)
	}
	return []byte(`{"payload":"` + payload + `","protected":"` + protected + `","signature":"` + b64(append(r.FillBytes(make([]byte, 32)), v.FillBytes(make([]byte, 32))...)) + `"}`)
}

// sealedPayload is the document that the command's scripts work with.
func sealedPayload(t testing.TB) string {
	t.Helper()
	var file struct {
		Payload string `json:"payload"`
	}
	if err := json.Unmarshal(fixedFile(t, "sealed.json"), &file); err != nil {
		t.Fatal(err)
	}
	return file.Payload
}

func replaced(t testing.TB, text, old, with string) string {
	t.Helper()
	if !strings.Contains(text, old) {
		t.Fatalf("%s is not in %s", old, text)
	}
	return strings.Replace(text, old, with, 1)
}

// TestSealedDocuments: what is wrong in a document that is rightly sealed.
func TestSealedDocuments(t *testing.T) {
	t.Parallel()
	s := newSealer(t, nil)
	v := sealVerifier(t, s.pem(), "eidas:"+sealerID)
	good := sealedPayload(t)
	changed := func(old, with string) string { return replaced(t, good, old, with) }
	const from = `"validFrom":"2026-05-01T10:00:00Z"`
	broken := func(raw []byte) []byte { // of which the signature is another
		return []byte(strings.Replace(string(raw), `"signature":"`, `"signature":"AAAA`, 1))
	}
	for name, c := range map[string]struct {
		raw     []byte
		verdict verifier.Verdict
		code    reason.Code
	}{
		"as it should be":        {s.seal(good), verifier.Valid, ""},
		"large, with pictures":   {s.seal(changed(`"id":"urn:credential:9f1c"`, `"id":"urn:credential:9f1c","x":"`+strings.Repeat("x", 1<<20)+`"`)), verifier.Valid, ""},
		"with an end":            {s.seal(changed(from, from+`,"validUntil":"2026-07-01T10:00:00"`)), verifier.Valid, ""},
		"ended":                  {s.seal(changed(from, from+`,"validUntil":"2026-05-02T10:00:00Z"`)), verifier.NotInForce, reason.Expired},
		"not begun":              {s.seal(changed(from, `"validFrom":"2026-07-01T10:00:00Z"`)), verifier.NotInForce, reason.NotYetValid},
		"a date that is none":    {s.seal(changed(from, `"validFrom":"yesterday"`)), verifier.Invalid, reason.MalformedTime},
		"an end that is none":    {s.seal(changed(from, from+`,"validUntil":"tomorrow"`)), verifier.Invalid, reason.MalformedTime},
		"without a beginning":    {s.seal(strings.Replace(changed(from, `"x":1`), `"issuanceDate":"2026-05-01T10:00:00Z",`, "", 1)), verifier.Valid, ""},
		"ended, never begun":     {s.seal(strings.Replace(changed(from, `"validUntil":"2026-05-02T10:00:00Z"`), `"issuanceDate":"2026-05-01T10:00:00Z",`, "", 1)), verifier.NotInForce, reason.Expired},
		"with a status":          {s.seal(changed(from, from+`,"credentialStatus":{"id":"urn:s","type":"Other"}`)), verifier.Undetermined, "status_unavailable/unknown-type"},
		"of nobody":              {s.seal(changed(`"credentialSubject":{`, `"credentialSubject":"urn:x","x":{`)), verifier.Invalid, reason.MalformedModel},
		"of another type":        {s.seal(changed(`"EuropeanDigitalCredential"]`, `"Other"],"x":"EuropeanDigitalCredential"`)), verifier.Unreadable, "wrong_type/not-a-credential"},
		"no document":            {s.seal(good + "}"), verifier.Invalid, reason.MalformedTrailing},
		"no document, unsigned":  {broken(s.seal(good + "}")), verifier.Invalid, jades.Signature},
		"another signature":      {broken(s.seal(good)), verifier.Invalid, jades.Signature},
		"something beside":       {[]byte(strings.Replace(string(s.seal(good)), `{"payload"`, `{"id":"x","payload"`, 1)), verifier.Invalid, reason.UnsignedData},
		"an issuer who is other": {s.seal(changed(`"legalName":{"nb":"Kurs AS"},"eIDASIdentifier"`, `"legalName":{"nb":"Andre AS"},"eIDASIdentifier"`)), verifier.Valid, ""},
		"another's identifier":   {s.seal(changed(`"notation":"`+sealerID, `"notation":"NTRNO-1`)), verifier.Invalid, "issuer_mismatch/seal"},
	} {
		report, err := v.Verify(t.Context(), verifier.Request{Raw: c.raw})
		if report.Verdict != c.verdict || report.Reason != c.code || (err == nil) != (report.Credential() != nil) {
			t.Errorf("%s: %s %s, %v", name, report.Verdict, report.Reason, err)
		}
	}
	report, err := v.Verify(t.Context(), verifier.Request{Raw: broken(s.seal(good))})
	if c := report.Check(verifier.CheckBinding); err == nil || c.Outcome != verifier.NotRun || report.Issuer.VerifiedName != "" {
		t.Errorf("%+v: whose a signature is that does not hold", c)
	}
}

// TestSealedLimits: only what looks like a seal may be larger than others, and
// nothing may where the caller has limits of its own.
func TestSealedLimits(t *testing.T) {
	t.Parallel()
	s := newSealer(t, nil)
	set, err := suites.All()
	if err != nil {
		t.Fatal(err)
	}
	anchors, err := jades.ReadAnchors(s.pem(), "x")
	if err != nil {
		t.Fatal(err)
	}
	large := s.seal(replaced(t, sealedPayload(t), `"id":"urn:credential:9f1c"`, `"id":"urn:credential:9f1c","x":"`+strings.Repeat("x", 1<<20)+`"`))
	pad := strings.Repeat(" ", 1<<20)
	for name, c := range map[string]struct {
		raw    []byte
		limits credential.Limits
		code   reason.Code
	}{
		"a seal":              {large, credential.Limits{}, ""},
		"a seal, and a limit": {large, credential.Limits{MaxBytes: 1 << 20}, reason.LimitSize},
		"a limit that the document fits in, and its seal does not": {large, credential.Limits{MaxBytes: 5 << 18}, reason.LimitSize},
		"a payload alone":             {[]byte(`{"payload":` + pad + `"x"}`), credential.Limits{}, reason.LimitSize},
		"a header alone":              {[]byte(`{"protected":` + pad + `"x"}`), credential.Limits{}, reason.LimitSize},
		"something else":              {[]byte(`{"x":` + pad + `"x"}`), credential.Limits{}, reason.LimitSize},
		"a small one, and a limit":    {s.seal(sealedPayload(t)), credential.Limits{MaxBytes: 1 << 20}, ""},
		"what is in it, over a limit": {s.seal(sealedPayload(t)), credential.Limits{MaxDepth: 4}, reason.LimitDepth},
	} {
		v, err := verifier.New(verifier.Config{Suites: set, Resolver: did.Mux{}, Trust: trust.Pins("eidas:" + sealerID), Status: verifier.NoStatus{}, SealAnchors: anchors, Limits: c.limits,
			Now: func() time.Time { return time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC) }})
		if err != nil {
			t.Fatal(err)
		}
		if report, _ := v.Verify(t.Context(), verifier.Request{Raw: c.raw}); report.Reason != c.code {
			t.Errorf("%s: %s %s", name, report.Verdict, report.Reason)
		}
	}
}

// TestSealOfWhom: a certificate is that of the document's issuer by the identifier
// where both have one, else by name.
func TestSealOfWhom(t *testing.T) {
	t.Parallel()
	noID := func(c *x509.Certificate) { c.Subject.ExtraNames = nil }
	noName := func(c *x509.Certificate) { c.Subject.Organization, c.Subject.CommonName = nil, "Kurs AS" }
	good := sealedPayload(t)
	identifier := `,"eIDASIdentifier":{"id":"urn:epass:legal:1","type":"LegalIdentifier","notation":"` + sealerID + `"}`
	unnumbered := replaced(t, good, identifier, "")
	named := func(name string) string { return replaced(t, unnumbered, `"legalName":{"nb":"Kurs AS"}`, name) }
	for name, c := range map[string]struct {
		change  func(*x509.Certificate)
		payload string
		code    reason.Code
	}{
		"both numbers":                 {nil, good, ""},
		"no number in the certificate": {noID, good, ""},
		"no number in the document":    {nil, unnumbered, ""},
		"in other letters":             {noID, named(`"legalName":{"nb":" KURS as "}`), ""},
		"the second name":              {noID, named(`"legalName":{"en":"Course","nb":"Kurs AS"}`), ""},
		"another name":                 {noID, named(`"legalName":{"nb":"Kurs"}`), "issuer_mismatch/seal"},
		"no name in the document":      {noID, named(`"x":1`), "issuer_mismatch/seal"},
		"no name in the certificate":   {func(c *x509.Certificate) { noName(c); noID(c) }, named(`"legalName":{"nb":""}`), "issuer_mismatch/seal"},
	} {
		s := newSealer(t, c.change)
		v := sealVerifier(t, s.pem(), "eidas:"+sealerID, s.id())
		if report, err := v.Verify(t.Context(), verifier.Request{Raw: s.seal(c.payload)}); report.Reason != c.code || (err == nil) != (c.code == "") {
			t.Errorf("%s: %s %s, %v", name, report.Verdict, report.Reason, err)
		}
	}
}

// TestSealRecipient: whom a sealed document is about, by each way in which it says
// so, and what else a request may require.
func TestSealRecipient(t *testing.T) {
	t.Parallel()
	s := newSealer(t, nil)
	v := sealVerifier(t, s.pem(), "eidas:"+sealerID)
	raw := s.seal(replaced(t, sealedPayload(t), `"fullName":{"nb":"Kari Nordmann"}`, `"fullName":{"nb":"Kari Nordmann","en":"Kari Norman"},"contactPoint":{"id":"urn:c","type":"ContactPoint","emailAddress":{"id":"mailto:kari@example.com","type":"Mailbox"}},`+
		`"identifier":[{"id":"urn:i","type":"Identifier","schemeName":"nationalID","notation":"01017012345"},{"id":"urn:j","type":"Identifier","schemeName":"studentId","notation":"77"}]`))
	for name, c := range map[string]struct {
		known verifier.Identifier
		code  reason.Code
	}{
		"its id":          {verifier.Identifier{Type: "id", Value: "urn:epass:person:1"}, ""},
		"another id":      {verifier.Identifier{Type: "id", Value: "urn:epass:person:2"}, "holder_mismatch/recipient"},
		"its name":        {verifier.Identifier{Type: "name", Value: "Kari Nordmann"}, ""},
		"its second name": {verifier.Identifier{Type: "name", Value: "Kari Norman"}, ""},
		"another name":    {verifier.Identifier{Type: "name", Value: "Ola Nordmann"}, "holder_mismatch/recipient"},
		"its mail":        {verifier.Identifier{Type: "emailAddress", Value: "kari@example.com"}, ""},
		"another mail":    {verifier.Identifier{Type: "emailAddress", Value: "ola@example.com"}, "holder_mismatch/recipient"},
		"its number":      {verifier.Identifier{Type: "nationalIdentityNumber", Value: "01017012345"}, ""},
		"another number":  {verifier.Identifier{Type: "nationalIdentityNumber", Value: "02017012345"}, "holder_mismatch/recipient"},
	} {
		if report, err := v.Verify(t.Context(), verifier.Request{Raw: raw, Recipient: []verifier.Identifier{c.known}}); (err == nil) != (c.code == "") || c.code != "" && report.Reason != c.code {
			t.Errorf("%s: %s %s, %v", name, report.Verdict, report.Reason, err)
		}
	}
	if report, _ := v.Verify(t.Context(), verifier.Request{Raw: raw, RequireSchema: true}); report.Check(verifier.CheckSchema).Reason != "schema_unavailable/type" {
		t.Errorf("%+v", report.Checks)
	}
	if report, _ := v.Verify(t.Context(), verifier.Request{Raw: raw}); report.Check(verifier.CheckRecipient).Outcome != verifier.NotRun || report.Check(verifier.CheckSchema).Outcome != verifier.NotRun {
		t.Errorf("%+v", report.Checks)
	}
}

// asking is a source of lists that writes down what it is asked for.
type asking struct {
	list  []byte
	asked *[]string
}

func (a asking) StatusList(_ context.Context, url string) ([]byte, time.Time, error) {
	*a.asked = append(*a.asked, url)
	return a.list, time.Time{}, nil
}

// TestSealRevocationIsAsked: a list of revoked certificates is fetched for those
// who are trusted, by https, and only where it is not at hand.
func TestSealRevocationIsAsked(t *testing.T) {
	t.Parallel()
	ca := newSealer(t, func(c *x509.Certificate) {
		c.IsCA, c.BasicConstraintsValid, c.KeyUsage, c.SubjectKeyId = true, true, x509.KeyUsageCertSign|x509.KeyUsageCRLSign, []byte{1}
		c.Subject = pkix.Name{CommonName: "Test CA"}
	})
	parent, err := x509.ParseCertificate(ca.cert)
	if err != nil {
		t.Fatal(err)
	}
	list, err := x509.CreateRevocationList(rand.Reader, &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: time.Date(2026, 5, 31, 0, 0, 0, 0, time.UTC), NextUpdate: time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)}, parent, ca.key)
	if err != nil {
		t.Fatal(err)
	}
	anchors, err := jades.ReadAnchors(ca.pem(), "x")
	if err != nil {
		t.Fatal(err)
	}
	set, err := suites.All()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		url     string
		trusted bool
		atHand  bool
		asked   int
		code    reason.Code
		note    verifier.Note
	}{
		"by https":         {"https://ca.example/1.crl", true, false, 1, "", verifier.NoteSealNow},
		"at hand":          {"https://ca.example/1.crl", true, true, 0, "", verifier.NoteSealNow},
		"not trusted":      {"https://ca.example/1.crl", false, false, 0, jades.NoStatus, ""},
		"by http":          {"http://ca.example/1.crl", true, false, 0, jades.NoStatus, ""},
		"by http, at hand": {"http://ca.example/1.crl", true, true, 0, "", verifier.NoteSealNow},
		"nowhere":          {"", true, false, 0, "", verifier.NoteSealUnasked},
	} {
		s := newSealer(t, nil)
		template := &x509.Certificate{SerialNumber: big.NewInt(7), NotBefore: parent.NotBefore, NotAfter: parent.NotAfter,
			Subject: pkix.Name{Organization: []string{"Kurs AS"}, ExtraNames: []pkix.AttributeTypeAndValue{{Type: asn1.ObjectIdentifier{2, 5, 4, 97}, Value: sealerID}}}}
		if c.url != "" {
			template.CRLDistributionPoints = []string{c.url}
		}
		if s.cert, err = x509.CreateCertificate(rand.Reader, template, parent, s.key.Public(), ca.key); err != nil {
			t.Fatal(err)
		}
		var asked []string
		cfg := verifier.Config{Suites: set, Resolver: did.Mux{}, Trust: trust.Empty(), Status: asking{list, &asked}, SealAnchors: anchors, Now: func() time.Time { return time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC) }}
		if c.trusted {
			cfg.Trust = trust.Pins("eidas:" + sealerID)
		}
		v, err := verifier.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		req := verifier.Request{Raw: s.seal(sealedPayload(t))}
		if c.atHand {
			req.StatusLists = map[string][]byte{c.url: list}
		}
		report, _ := v.Verify(t.Context(), req)
		if len(asked) != c.asked || report.Reason != c.code || c.note != "" && report.Check(verifier.CheckBinding).Note != c.note {
			t.Errorf("%s: asked for %v; %s %s, %+v", name, asked, report.Verdict, report.Reason, report.Check(verifier.CheckBinding))
		}
	}
}

// TestStampedSeal: whose time-stamp says when the seal was there is told, where
// the certificate had to be asked about and where it had not.
func TestStampedSeal(t *testing.T) {
	t.Parallel()
	const issuer, url = "eidas:" + sealerID, "http://ca.example/seals.crl"
	stamped := time.Date(2026, 5, 20, 8, 0, 0, 0, time.UTC)
	tsa := timestamptest.New(t, stamped.AddDate(-1, 0, 0), stamped.AddDate(5, 0, 0))
	var file map[string]any
	if err := json.Unmarshal(fixedFile(t, "sealed.json"), &file); err != nil {
		t.Fatal(err)
	}
	signature := file["signatures"].([]any)[0].(map[string]any)
	token := tsa.Stamp(t, signature["signature"].(string), stamped)
	signature["header"] = map[string]any{"etsiU": []any{map[string]any{"sigTst": map[string]any{"tstTokens": []any{map[string]any{"val": token}}}}}}
	raw, err := json.Marshal(file)
	if err != nil {
		t.Fatal(err)
	}
	authority := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: tsa.Cert.Raw})
	for name, c := range map[string]struct {
		anchors []byte
		note    verifier.Note
		proven  time.Time
	}{
		"by one who is believed": {append(fixedFile(t, "seal-ca.pem"), authority...), verifier.NoteSealStamped, stamped},
		"by a stranger":          {fixedFile(t, "seal-ca.pem"), verifier.NoteSealNow, time.Time{}},
	} {
		report, err := sealVerifier(t, c.anchors, issuer).Verify(t.Context(), verifier.Request{Raw: raw, StatusLists: map[string][]byte{url: fixedFile(t, "seal.crl")}})
		check := report.Check(verifier.CheckBinding)
		if err != nil || check.Note != c.note || !check.AsOf.Equal(c.proven) || strings.Contains(check.Detail, "Test TSA") != !c.proven.IsZero() {
			t.Errorf("%s: %v %+v", name, err, check)
		}
	}
}

// TestDiplomaXML: the XML of a diploma portal with a signature is told from such
// without one, and from what else is signed in XML.
func TestDiplomaXML(t *testing.T) {
	t.Parallel()
	const signature = `<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/>`
	for name, c := range map[string]struct {
		raw  string
		code reason.Code
	}{
		"signed":       {`<elmo xmlns="https://github.com/emrex-eu/elmo-schemas/tree/v1">` + signature + `</elmo>`, "unsupported_alg/elmo"},
		"not signed":   {`<elmo xmlns="https://github.com/emrex-eu/elmo-schemas/tree/v1"></elmo>`, "no_credential/xml"},
		"another, too": {`<invoice xmlns="urn:x">` + signature + `</invoice>`, "no_credential/xml"},
	} {
		report, err := sealVerifier(t, nil).Verify(t.Context(), verifier.Request{Raw: []byte(c.raw)})
		if reason.CodeOf(err) != c.code || report.Verdict == verifier.Valid {
			t.Errorf("%s: %v", name, err)
		}
	}
}
