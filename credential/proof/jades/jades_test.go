package jades_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/proof/jades"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/internal/testcorpus"
	"github.com/kompetansebevis/bevis/reason"
)

var now = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// authority is one that issues certificates for seals.
type authority struct {
	key  *rsa.PrivateKey
	cert *x509.Certificate
}

func newKey(t testing.TB) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func made(t testing.TB, template, parent *x509.Certificate, public crypto.PublicKey, by crypto.Signer) *x509.Certificate {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, template, parent, public, by)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

func newAuthority(t testing.TB) authority {
	t.Helper()
	key := newKey(t)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{Organization: []string{"Test CA"}, CommonName: "Test CA for seals"}, NotBefore: now.AddDate(-5, 0, 0), NotAfter: now.AddDate(20, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, SubjectKeyId: []byte{1, 2, 3}}
	return authority{key, made(t, template, template, key.Public(), key)}
}

const listAt = "http://ca.example/seals.crl"

func (a authority) sealer(t testing.TB, public crypto.PublicKey, change func(*x509.Certificate)) *x509.Certificate {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(7), NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.AddDate(1, 0, 0), KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment,
		CRLDistributionPoints: []string{listAt},
		Subject: pkix.Name{Country: []string{"NO"}, Organization: []string{"Kurs AS"}, CommonName: "Kurs AS seal",
			ExtraNames: []pkix.AttributeTypeAndValue{{Type: asn1.ObjectIdentifier{2, 5, 4, 97}, Value: "NTRNO-123456785"}}}}
	if change != nil {
		change(template)
	}
	return made(t, template, a.cert, public, a.key)
}

func (a authority) crl(t testing.TB, revoked ...x509.RevocationListEntry) []byte {
	t.Helper()
	raw, err := x509.CreateRevocationList(rand.Reader, &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: now.AddDate(0, 0, -1), NextUpdate: now.AddDate(0, 0, 6), RevokedCertificateEntries: revoked}, a.cert, a.key)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func (a authority) anchors(t testing.TB) *jades.Anchors {
	t.Helper()
	out, err := jades.ReadAnchors(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw}), "ca.pem")
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func b64(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

// sealed seals a document; change alters the header before it is signed.
func sealed(t testing.TB, payload string, key *rsa.PrivateKey, chain []*x509.Certificate, change func(map[string]any)) map[string]any {
	t.Helper()
	digest := sha256.Sum256(chain[0].Raw)
	header := map[string]any{"alg": "RS256", "b64": false, "sigT": "2026-05-01T10:00:00Z", "crit": []string{"b64", "sigT"}, "x5t#S256": b64(digest[:])}
	var x5c []string
	for _, c := range chain {
		x5c = append(x5c, base64.StdEncoding.EncodeToString(c.Raw))
	}
	header["x5c"] = x5c
	if change != nil {
		change(header)
	}
	raw, err := json.Marshal(header)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(b64(raw) + "." + payload))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return map[string]any{"payload": payload, "signatures": []any{map[string]any{"protected": b64(raw), "header": map[string]any{"etsiU": []any{}}, "signature": b64(signature)}}}
}

func open(t testing.TB, file any) (*jades.Seal, error) {
	t.Helper()
	raw, ok := file.([]byte)
	if !ok {
		var err error
		if raw, err = json.Marshal(file); err != nil {
			t.Fatal(err)
		}
	}
	doc, err := strictjson.ParseObject(raw, jades.Limits())
	if err != nil {
		t.Fatal(err)
	}
	if !jades.Is(doc) {
		t.Fatal("it is not told to be a seal")
	}
	return jades.Open(doc)
}

// lists is a jades.Sources by address.
type lists map[string][]byte

func (l lists) Revocations(_ context.Context, url string) ([]byte, error) {
	if raw, ok := l[url]; ok {
		return raw, nil
	}
	return nil, errors.New("not at hand")
}

const document = `{"id":"urn:credential:1","name":"Sveising å gjøre"}`

func TestSealOfOurOwnMaking(t *testing.T) {
	t.Parallel()
	ca, key := newAuthority(t), newKey(t)
	cert := ca.sealer(t, key.Public(), nil)
	s, err := open(t, sealed(t, document, key, []*x509.Certificate{cert, ca.cert}, nil))
	if err != nil {
		t.Fatal(err)
	}
	if string(s.Payload) != document || !s.Claimed.Equal(time.Date(2026, 5, 1, 10, 0, 0, 0, time.UTC)) {
		t.Errorf("%s %s", s.Payload, s.Claimed)
	}
	if by := s.By(); by.Organisation != "Kurs AS" || by.ID() != "eidas:NTRNO-123456785" || by.Country != "NO" {
		t.Errorf("%+v", by)
	}
	if err := s.Verify(); err != nil {
		t.Error(err)
	}
	good := lists{listAt: ca.crl(t)}
	found, err := s.Judge(t.Context(), ca.anchors(t), now, good)
	if err != nil || found.StatusBy != "crl" || !found.Proven.Equal(now) || !strings.Contains(found.Anchor, "Test CA") {
		t.Errorf("%+v, %v", found, err)
	}
	for name, c := range map[string]struct {
		anchors *jades.Anchors
		at      time.Time
		lists   lists
		want    reason.Code
	}{
		"nobody said whom to believe": {nil, now, good, jades.NoAnchors},
		"another authority":           {newAuthority(t).anchors(t), now, good, jades.Unknown},
		"no list at hand":             {ca.anchors(t), now, nil, jades.NoStatus},
		"a list of another authority": {ca.anchors(t), now, lists{listAt: newAuthority(t).crl(t)}, jades.NoStatus},
		"a list that is too old":      {ca.anchors(t), now.AddDate(0, 1, 0), good, jades.NoStatus},
		"revoked":                     {ca.anchors(t), now, lists{listAt: ca.crl(t, x509.RevocationListEntry{SerialNumber: big.NewInt(7), RevocationTime: now.AddDate(0, 0, -2)})}, jades.Revoked},
		"another one revoked":         {ca.anchors(t), now, lists{listAt: ca.crl(t, x509.RevocationListEntry{SerialNumber: big.NewInt(8), RevocationTime: now.AddDate(0, 0, -2)})}, ""},
		"ended, and without a stamp":  {ca.anchors(t), now.AddDate(2, 0, 0), good, jades.NoTime},
		"ended, of another authority": {newAuthority(t).anchors(t), now.AddDate(2, 0, 0), good, jades.Unknown},
		"before it began":             {ca.anchors(t), now.AddDate(-2, 0, 0), good, jades.NoTime},
	} {
		if _, err := s.Judge(t.Context(), c.anchors, c.at, c.lists); reason.CodeOf(err) != c.want {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// TestEveryByte changes each byte of the document, as it is written in the file:
// none is left unseen.
func TestEveryByte(t *testing.T) {
	t.Parallel()
	ca, key := newAuthority(t), newKey(t)
	raw, err := json.Marshal(sealed(t, document, key, []*x509.Certificate{ca.sealer(t, key.Public(), nil)}, nil))
	if err != nil {
		t.Fatal(err)
	}
	from := bytes.Index(raw, []byte(`"payload":"`)) + 11
	to := bytes.Index(raw, []byte(`","signatures"`))
	unseen := 0
	for i := from; i < to; i++ {
		changed := bytes.Clone(raw)
		changed[i] ^= 1
		doc, err := strictjson.ParseObject(changed, jades.Limits())
		if err != nil {
			continue
		}
		s, err := jades.Open(doc)
		if err == nil && s.Verify() == nil {
			unseen++
		}
	}
	if unseen > 0 || to-from < 40 {
		t.Errorf("%d of %d bytes can be changed unseen", unseen, to-from)
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	ca, key := newAuthority(t), newKey(t)
	cert := ca.sealer(t, key.Public(), nil)
	chain := []*x509.Certificate{cert}
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	curve := ca.sealer(t, ec.Public(), nil)
	header := func(name string, value any) func(map[string]any) {
		return func(h map[string]any) {
			if h[name] = value; value == nil {
				delete(h, name)
			}
		}
	}
	for name, c := range map[string]struct {
		file any
		want reason.Code
	}{
		"no signing":                    {sealed(t, document, key, chain, header("alg", "none")), jades.Algorithm},
		"a shared secret":               {sealed(t, document, key, chain, header("alg", "HS256")), jades.Algorithm},
		"another kind of key":           {sealed(t, document, key, chain, header("alg", "ES256")), jades.Algorithm},
		"a key on a curve":              {sealed(t, document, key, []*x509.Certificate{curve}, nil), jades.Algorithm},
		"another hash function":         {sealed(t, document, key, chain, header("alg", "RS512")), jades.Signature},
		"an unknown need":               {sealed(t, document, key, chain, func(h map[string]any) { h["x"] = 1; h["crit"] = []string{"b64", "x"} }), jades.Form},
		"a need that is absent":         {sealed(t, document, key, chain, header("crit", []string{"b64", "sigT", "adoTst"})), jades.Malformed},
		"a need said twice":             {sealed(t, document, key, chain, header("crit", []string{"b64", "b64"})), jades.Malformed},
		"b64 is not critical":           {sealed(t, document, key, chain, header("crit", []string{"sigT"})), jades.Malformed},
		"no crit at all":                {sealed(t, document, key, chain, header("crit", nil)), jades.Malformed},
		"no certificate":                {sealed(t, document, key, chain, header("x5c", nil)), jades.Malformed},
		"of another certificate":        {sealed(t, document, key, chain, header("x5t#S256", b64(make([]byte, 32)))), jades.Malformed},
		"not in it":                     {sealed(t, document, key, chain, header("sigD", map[string]any{})), jades.Form},
		"no time":                       {sealed(t, document, key, chain, header("sigT", "yesterday")), jades.Malformed},
		"by another key":                {sealed(t, document, newKey(t), chain, nil), jades.Signature},
		"the payload is read as base64": {sealed(t, document, key, chain, header("b64", nil)), jades.Malformed},
	} {
		s, err := open(t, c.file)
		if err == nil {
			err = s.Verify()
		}
		if reason.CodeOf(err) != c.want {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	two := sealed(t, document, key, chain, nil)
	two["signatures"] = append(two["signatures"].([]any), two["signatures"].([]any)...)
	if _, err := open(t, two); reason.CodeOf(err) != jades.Form {
		t.Errorf("two seals: %v", err)
	}
	for place, at := range map[string]func(map[string]any) map[string]any{
		"the document":  func(f map[string]any) map[string]any { return f },
		"the signature": func(f map[string]any) map[string]any { return f["signatures"].([]any)[0].(map[string]any) },
	} {
		beside := sealed(t, document, key, chain, nil)
		at(beside)["credentialSubject"] = map[string]any{"name": "Doctor"}
		if _, err := open(t, beside); reason.CodeOf(err) != reason.UnsignedData {
			t.Errorf("something beside in %s: %v", place, err)
		}
	}
	outside := sealed(t, document, key, chain, nil)
	outside["signatures"].([]any)[0].(map[string]any)["header"] = map[string]any{"alg": "none"}
	if _, err := open(t, outside); reason.CodeOf(err) != jades.Malformed {
		t.Errorf("an algorithm outside of what is signed: %v", err)
	}
}

func TestCertificates(t *testing.T) {
	t.Parallel()
	ca, key := newAuthority(t), newKey(t)
	for name, c := range map[string]struct {
		change func(*x509.Certificate)
		want   reason.Code
	}{
		"names nobody to ask": {func(c *x509.Certificate) { c.CRLDistributionPoints = nil }, ""},
		"not for signing":     {func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageKeyEncipherment }, jades.Certificate},
		"without a use":       {func(c *x509.Certificate) { c.KeyUsage, c.CRLDistributionPoints = 0, nil }, ""},
		"not known, critical": {func(c *x509.Certificate) {
			c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 2, 3}, Critical: true, Value: []byte{5, 0}}}
		}, jades.Certificate},
		"an employee's, by its type": {func(c *x509.Certificate) { c.ExtraExtensions = qualified(1); c.CRLDistributionPoints = nil }, jades.Certificate},
		"of a web site, by its type": {func(c *x509.Certificate) { c.ExtraExtensions = qualified(3); c.CRLDistributionPoints = nil }, jades.Certificate},
		"for seals, by its type": {func(c *x509.Certificate) {
			c.ExtraExtensions, c.CRLDistributionPoints = qualified(2), nil
			c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageEmailProtection}
		}, ""},
		"a type that cannot be read": {func(c *x509.Certificate) {
			c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 3}, Value: []byte{4, 0}}}
		}, jades.Certificate},
		"an employee's, by the name": {func(c *x509.Certificate) {
			c.Subject.ExtraNames = append(c.Subject.ExtraNames, pkix.AttributeTypeAndValue{Type: asn1.ObjectIdentifier{2, 5, 4, 4}, Value: "Nordmann"})
		}, jades.Certificate},
		"of a web server": {func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} }, jades.Certificate},
	} {
		s, err := open(t, sealed(t, document, key, []*x509.Certificate{ca.sealer(t, key.Public(), c.change)}, nil))
		if err != nil {
			t.Fatal(err)
		}
		if found, err := s.Judge(t.Context(), ca.anchors(t), now, nil); reason.CodeOf(err) != c.want || err == nil && found.StatusBy != "" {
			t.Errorf("%s: %+v, %v, want %q", name, found, err, c.want)
		}
	}
}

// qualified is a statement of what a certificate is qualified for (ETSI EN 319
// 412-5): 1 signatures, 2 seals, 3 web sites.
func qualified(kind int) []pkix.Extension {
	type statement struct {
		ID   asn1.ObjectIdentifier
		Info []asn1.ObjectIdentifier
	}
	raw, err := asn1.Marshal([]statement{{asn1.ObjectIdentifier{0, 4, 0, 1862, 1, 6}, []asn1.ObjectIdentifier{{0, 4, 0, 1862, 1, 6, kind}}}})
	if err != nil {
		panic(err)
	}
	return []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 3}, Value: raw}}
}

// TestOldListInTheSeal: a list of before the revocation is in force for some days
// more, and whoever has the stolen key puts it into the seal. What is at hand and
// newer counts.
func TestOldListInTheSeal(t *testing.T) {
	t.Parallel()
	ca, key := newAuthority(t), newKey(t)
	file := sealed(t, document, key, []*x509.Certificate{ca.sealer(t, key.Public(), nil)}, nil)
	inside := map[string]any{"rVals": map[string]any{"crlVals": []any{map[string]any{"val": base64.StdEncoding.EncodeToString(ca.crl(t))}}}}
	file["signatures"].([]any)[0].(map[string]any)["header"] = map[string]any{"etsiU": []any{inside}}
	s, err := open(t, file)
	if err != nil {
		t.Fatal(err)
	}
	if found, err := s.Judge(t.Context(), ca.anchors(t), now, nil); err != nil || found.StatusBy != "crl" {
		t.Errorf("alone: %+v, %v", found, err)
	}
	newer, err := x509.CreateRevocationList(rand.Reader, &x509.RevocationList{Number: big.NewInt(2), ThisUpdate: now.Add(-time.Hour), NextUpdate: now.AddDate(0, 0, 7),
		RevokedCertificateEntries: []x509.RevocationListEntry{{SerialNumber: big.NewInt(7), RevocationTime: now.Add(-2 * time.Hour)}}}, ca.cert, ca.key)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Judge(t.Context(), ca.anchors(t), now, lists{listAt: newer}); reason.CodeOf(err) != jades.Revoked {
		t.Errorf("with a newer one at hand: %v", err)
	}
}

// TestHugeKey: an RSA key of a megabit takes a minute for each signature.
func TestHugeKey(t *testing.T) {
	t.Parallel()
	ca, key := newAuthority(t), newKey(t)
	n := new(big.Int).Lsh(big.NewInt(1), 1<<20)
	huge := ca.sealer(t, &rsa.PublicKey{N: n.Add(n, big.NewInt(1)), E: 65537}, nil)
	if _, err := open(t, sealed(t, document, key, []*x509.Certificate{huge}, nil)); reason.CodeOf(err) != reason.LimitSize {
		t.Error(err)
	}
}

// commission reads a sample of the European Commission, sealed in 2023 with a
// test certificate, and the certificates that stand beside the signature.
func commission(t testing.TB, name string) (raw []byte, s *jades.Seal, beside []byte) {
	t.Helper()
	raw = testcorpus.Read(t, "other/elm/"+name)
	s, err := open(t, raw)
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Signatures []struct {
			Header struct {
				EtsiU []string `json:"etsiU"`
			} `json:"header"`
		} `json:"signatures"`
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	for _, text := range file.Signatures[0].Header.EtsiU {
		one, err := base64.RawURLEncoding.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		var more struct {
			XVals []struct {
				Cert struct {
					Val []byte `json:"val"`
				} `json:"x509Cert"`
			} `json:"xVals"`
		}
		if err := json.Unmarshal(one, &more); err != nil {
			continue // of another kind
		}
		for _, x := range more.XVals {
			cert, err := x509.ParseCertificate(x.Cert.Val)
			if err != nil {
				t.Fatal(err)
			}
			if cert.IsCA {
				beside = append(beside, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})...)
			}
		}
	}
	return raw, s, beside
}

// TestCommission judges the samples of the European Commission. The certificate
// ended in 2025; the time-stamps beside the signature show that it held.
func TestCommission(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Sample-MC-Annex1-signed.jsonld", "Sample-CertOfPart-signed.jsonld"} {
		_, s, beside := commission(t, name)
		if err := s.Verify(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if by := s.By(); by.Organisation != "ORGANIZACION TEST" || by.ID() != "eidas:VATES-A00000000" {
			t.Errorf("%s: %+v", name, by)
		}
		if _, err := s.Judge(t.Context(), nil, now, nil); reason.CodeOf(err) != jades.NoAnchors {
			t.Errorf("%s: %v", name, err)
		}
		anchors, err := jades.ReadAnchors(beside, "beside.pem")
		if err != nil {
			t.Fatal(err)
		}
		found, err := s.Judge(t.Context(), anchors, now, nil)
		if err != nil || found.StatusBy != "ocsp" || found.Proven.Year() != 2023 || found.StampBy == "" || found.Existed.After(found.Proven) {
			t.Errorf("%s: %+v, %v", name, found, err)
		}
	}
}

func FuzzOpen(f *testing.F) {
	ca, key := newAuthority(f), newKey(f)
	raw, err := json.Marshal(sealed(f, document, key, []*x509.Certificate{ca.sealer(f, key.Public(), nil)}, nil))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte(`{"payload":"e30","protected":"eyJhbGciOiJFUzI1NiJ9","signature":"AA","header":{"etsiU":["e30",{"sigTst":{"tstTokens":[{"val":"AA=="}]}},{"rVals":{"crlVals":[{"val":"AA"}]}}]}}`))
	anchors := ca.anchors(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		doc, err := strictjson.ParseObject(raw, jades.Limits())
		if err != nil || !jades.Is(doc) {
			return
		}
		s, err := jades.Open(doc)
		if err != nil {
			if reason.CodeOf(err).Class() == reason.Fault {
				t.Error(err)
			}
			return
		}
		err = s.Verify()
		if _, judged := s.Judge(t.Context(), anchors, now, nil); err != nil && judged == nil && len(s.Chain) == 0 {
			t.Error("judged without a certificate")
		}
	})
}

func FuzzReadAnchors(f *testing.F) {
	f.Add([]byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"))
	f.Add([]byte(list("granted", "2016-07-01T00:00:00Z", newAuthority(f).cert)))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if a, err := jades.ReadAnchors(raw, "x"); err == nil && a.Len() == 0 {
			t.Error("nobody is believed, and that is no error")
		} else if err != nil && reason.CodeOf(err).Class() == reason.Fault {
			t.Error(err)
		}
	})
}
