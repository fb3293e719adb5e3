package timestamp_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/internal/timestamp"
	tst "github.com/kompetansebevis/bevis/internal/timestamp/timestamptest"
	"github.com/kompetansebevis/bevis/reason"
)

// The tests in this file are each for a check that could be taken out without
// another test failing: see docs/mutation.md.

const stampedMessage = "the manifest\n"

func noon() time.Time { return time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC) }

func authority(t testing.TB, change func(*x509.Certificate)) tst.Authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return tst.With(t, key, change)
}

func believing(certs ...*x509.Certificate) *x509.CertPool {
	pool := x509.NewCertPool()
	for _, c := range certs {
		pool.AddCert(c)
	}
	return pool
}

// judged tells of a result whether it is the one that is expected: a stamp, or
// a refusal with a code and in these words.
func judged(t *testing.T, name string, stamp *timestamp.Stamp, err error, want reason.Code, says string) {
	t.Helper()
	switch {
	case want == "" && (err != nil || !stamp.Time.Equal(noon()) || stamp.Authority != "CN=Test TSA" || stamp.Policy != "1.2.3"):
		t.Errorf("%s: %+v, %v", name, stamp, err)
	case want != "" && (err == nil || stamp != nil || reason.CodeOf(err) != want || !strings.Contains(err.Error(), says)):
		t.Errorf("%s: %+v, %v, want %s, %q", name, stamp, err, want, says)
	}
}

// TestEachPart: in a token that is right otherwise, and signed, each part by
// itself must be what it is.
func TestEachPart(t *testing.T) {
	t.Parallel()
	a := authority(t, func(*x509.Certificate) {})
	other := authority(t, func(c *x509.Certificate) { c.SerialNumber, c.SubjectKeyId = big.NewInt(10), []byte{10} })
	named := authority(t, func(c *x509.Certificate) { c.Subject.CommonName, c.SubjectKeyId = "Another TSA", []byte{11} })
	garbage, sum := []byte{asn1.TagSequence | 0x20}, tst.Digest(t, crypto.SHA256, a.Cert.Raw)
	ess := func(id asn1.ObjectIdentifier, values ...[]byte) func(*tst.Token) {
		return func(k *tst.Token) { k.Attributes[2] = tst.Attribute(t, id, values...) }
	}
	v1, v2, hash := tst.CertificateOID(), tst.CertificateV2OID(), func(h crypto.Hash) []byte { return tst.Digest(t, h, a.Cert.Raw) }
	one := func(parts ...[]byte) []byte { return tst.Seq(t, tst.Seq(t, tst.Seq(t, parts...))) }
	for name, c := range map[string]struct {
		change func(*tst.Token)
		want   reason.Code
		says   string
	}{
		"nothing":                      {func(*tst.Token) {}, "", ""},
		"another type of message":      {func(k *tst.Token) { k.Type = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1} }, timestamp.Malformed, "not signed data"},
		"another kind of content":      {func(k *tst.Token) { k.Kind = tst.Marshal(t, asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}) }, timestamp.Malformed, "no time-stamp token"},
		"no signer":                    {func(k *tst.Token) { k.Signers = 0 }, timestamp.Malformed, "one signer"},
		"two signers":                  {func(k *tst.Token) { k.Signers = 2 }, timestamp.Malformed, "one signer"},
		"signed by another":            {func(k *tst.Token) { k.Key = other.Key }, timestamp.Signature, "signature of the token is wrong"},
		"signed over SHA-1":            {func(k *tst.Token) { k.Hash = crypto.SHA1 }, timestamp.Signature, "signed with a hash function"},
		"signed over SHA-224":          {func(k *tst.Token) { k.Hash = crypto.SHA224 }, timestamp.Signature, "signed with a hash function"},
		"signed over SHA-384":          {func(k *tst.Token) { k.Hash = crypto.SHA384 }, "", ""},
		"something that nobody signed": {func(k *tst.Token) { k.Unsigned = [][]byte{tst.Attribute(t, v1)} }, "", ""},

		"content that cannot be read": {func(k *tst.Token) { k.Content = []byte("x") }, timestamp.Malformed, "what is signed"},
		"content that is a SET":       {func(k *tst.Token) { k.Content = tst.Set(t, k.Info...) }, timestamp.Malformed, "what is signed"},
		"content of another class":    {func(k *tst.Token) { k.Content = tst.DER(t, asn1.ClassApplication, asn1.TagSequence, k.Info...) }, timestamp.Malformed, "what is signed"},
		"content of one piece": {func(k *tst.Token) {
			k.Content = tst.Marshal(t, asn1.RawValue{Tag: asn1.TagSequence, Bytes: slices.Concat(k.Info...)})
		}, timestamp.Malformed, "what is signed"},
		"something behind the content": {func(k *tst.Token) { k.Content = append(tst.Seq(t, k.Info...), 5, 0) }, timestamp.Malformed, "what is signed"},
		"no time":                      {func(k *tst.Token) { k.Info = k.Info[:4] }, timestamp.Malformed, "what is signed"},
		"accuracy and a nonce":         {func(k *tst.Token) { k.Info = append(k.Info, tst.Seq(t, tst.Marshal(t, 1)), tst.Marshal(t, 77)) }, "", ""},
		"another version":              {func(k *tst.Token) { k.Info[0] = tst.Marshal(t, 2) }, timestamp.Malformed, "the time"},
		"stamped with SHA-1":           {func(k *tst.Token) { k.Info[2] = tst.Imprint(t, crypto.SHA1, stampedMessage) }, timestamp.Malformed, "stamped with a hash function"},
		"stamped with SHA-224":         {func(k *tst.Token) { k.Info[2] = tst.Imprint(t, crypto.SHA224, stampedMessage) }, timestamp.Malformed, "stamped with a hash function"},
		"stamped with SHA-512":         {func(k *tst.Token) { k.Info[2] = tst.Imprint(t, crypto.SHA512, stampedMessage) }, "", ""},
		"of another message":           {func(k *tst.Token) { k.Info[2] = tst.Imprint(t, crypto.SHA256, "x") }, timestamp.Mismatch, ""},

		"no certificate":                    {func(k *tst.Token) { k.Certs = nil }, timestamp.Authority, "not in the token"},
		"a certificate of an obsolete kind": {func(k *tst.Token) { k.Certs = append([][]byte{tst.Tagged(t, 1, sum)}, k.Certs...) }, "", ""},
		"certificates that end early":       {func(k *tst.Token) { k.Certs = append(k.Certs, garbage) }, timestamp.Malformed, "the list of certificates"},
		"a certificate that is none":        {func(k *tst.Token) { k.Certs = append(k.Certs, tst.Seq(t, sum)) }, timestamp.Malformed, "a certificate in the token"},
		"as many certificates as may be":    {func(k *tst.Token) { k.Certs = slices.Repeat(k.Certs, 32) }, "", ""},
		"one certificate more":              {func(k *tst.Token) { k.Certs = slices.Repeat(k.Certs, 33) }, timestamp.Malformed, "the list of certificates"},

		"named by issuer and serial number": {func(k *tst.Token) { k.Signer = tst.Named(t, a.Cert) }, "", ""},
		"another serial number":             {func(k *tst.Token) { k.Signer = tst.Named(t, other.Cert) }, timestamp.Authority, "not in the token"},
		"another issuer":                    {func(k *tst.Token) { k.Signer = tst.Named(t, named.Cert) }, timestamp.Authority, "not in the token"},
		"beside another serial number":      {func(k *tst.Token) { k.Signer, k.Certs = tst.Named(t, a.Cert), [][]byte{other.Cert.Raw, a.Cert.Raw} }, "", ""},
		"beside another issuer":             {func(k *tst.Token) { k.Signer, k.Certs = tst.Named(t, a.Cert), [][]byte{named.Cert.Raw, a.Cert.Raw} }, "", ""},
		"beside another key identifier":     {func(k *tst.Token) { k.Certs = [][]byte{other.Cert.Raw, a.Cert.Raw} }, "", ""},
		"another key identifier": {func(k *tst.Token) {
			k.Signer = tst.Marshal(t, asn1.RawValue{Class: asn1.ClassContextSpecific, Bytes: []byte{8}})
		}, timestamp.Authority, "not in the token"},
		"a key identifier of another tag": {func(k *tst.Token) { k.Signer[0]++ }, timestamp.Authority, "not in the token"},
		"a key identifier of another class": {func(k *tst.Token) {
			k.Signer = tst.Marshal(t, asn1.RawValue{Class: asn1.ClassApplication, Bytes: []byte{9}})
		}, timestamp.Authority, "not in the token"},

		"no attributes":                  {func(k *tst.Token) { k.Attributes = nil }, timestamp.Malformed, "not over a time-stamp"},
		"attributes that end early":      {func(k *tst.Token) { k.Attributes = append(k.Attributes, garbage) }, timestamp.Malformed, "a signed attribute"},
		"an attribute without a value":   {func(k *tst.Token) { k.Attributes = append(k.Attributes, tst.Attribute(t, v1)) }, timestamp.Malformed, "a signed attribute"},
		"an attribute twice":             {func(k *tst.Token) { k.Attributes = append(k.Attributes, k.Attributes[0]) }, timestamp.Malformed, "stands twice"},
		"an attribute of another sort":   {func(k *tst.Token) { k.Attributes = append(k.Attributes, tst.Attribute(t, tst.InfoOID(), sum)) }, "", ""},
		"no kind":                        {func(k *tst.Token) { k.Attributes = k.Attributes[1:] }, timestamp.Malformed, "not over a time-stamp"},
		"another kind":                   {func(k *tst.Token) { k.Attributes[0] = tst.Attribute(t, tst.KindOID(), tst.Marshal(t, v1)) }, timestamp.Malformed, "not over a time-stamp"},
		"a kind that is none":            {func(k *tst.Token) { k.Attributes[0] = tst.Attribute(t, tst.KindOID(), sum) }, timestamp.Malformed, "not over a time-stamp"},
		"no digest":                      {func(k *tst.Token) { k.Attributes = slices.Delete(k.Attributes, 1, 2) }, timestamp.Signature, "not what the token holds"},
		"another digest":                 {func(k *tst.Token) { k.Attributes[1] = tst.Attribute(t, tst.DigestOID(), sum) }, timestamp.Signature, "not what the token holds"},
		"a digest that is none":          {func(k *tst.Token) { k.Attributes[1] = tst.Attribute(t, tst.DigestOID(), tst.Marshal(t, 1)) }, timestamp.Signature, "not what the token holds"},
		"no certificate that is signed":  {func(k *tst.Token) { k.Attributes = k.Attributes[:2] }, timestamp.Malformed, "does not name its certificate"},
		"SHA-512 of the certificate":     {ess(v2, one(tst.Algorithm(t, crypto.SHA512), hash(crypto.SHA512))), "", ""},
		"SHA-224 of the certificate":     {ess(v2, one(tst.Algorithm(t, crypto.SHA224), hash(crypto.SHA224))), timestamp.Malformed, "the digest of the certificate"},
		"SHA-256 of another certificate": {ess(v2, one(tst.Digest(t, crypto.SHA256, other.Cert.Raw))), timestamp.Signature, "not the one that was signed with"},
		"with something behind it":       {ess(v2, one(sum, garbage)), timestamp.Malformed, "the digest of the certificate"},
		"with something behind the list": {ess(v2, tst.Seq(t, tst.Seq(t, tst.Seq(t, sum)), garbage)), timestamp.Malformed, "the digest of the certificate"},
		"no certificate in the list":     {ess(v2, tst.Seq(t, tst.Seq(t))), timestamp.Malformed, "the digest of the certificate"},
		"a list that is none":            {ess(v2, sum), timestamp.Malformed, "the digest of the certificate"},
		"SHA-1 of the certificate":       {ess(v1, one(hash(crypto.SHA1))), "", ""},
		"SHA-1 of another":               {ess(v1, one(tst.Digest(t, crypto.SHA1, other.Cert.Raw))), timestamp.Signature, "not the one that was signed with"},
		"SHA-1 with something behind it": {ess(v1, one(hash(crypto.SHA1), garbage)), timestamp.Malformed, "the digest of the certificate"},
		"the newer counts, not the older": {func(k *tst.Token) {
			k.Attributes = append(k.Attributes, tst.Attribute(t, v1, one(tst.Digest(t, crypto.SHA1, other.Cert.Raw))))
		}, "", ""},
	} {
		token := a.Token(t, stampedMessage, noon())
		c.change(token)
		stamp, err := timestamp.Verify(token.DER(t), []byte(stampedMessage), believing(a.Cert))
		judged(t, name, stamp, err, c.want, c.says)
	}
}

// TestTimes are the forms that a time may have (RFC 3161 section 2.4.2).
func TestTimes(t *testing.T) {
	t.Parallel()
	a := authority(t, func(c *x509.Certificate) { c.NotBefore = time.Time{} })
	at := func(class, tag int, text string) []byte {
		return tst.Marshal(t, asn1.RawValue{Class: class, Tag: tag, Bytes: []byte(text)})
	}
	for text, want := range map[string]time.Time{
		"20260601120000Z":                   noon(),
		"20260601120000.5Z":                 noon().Add(time.Second / 2),
		"20260601120000.0000000000000000Z":  noon(), // as long as it may be
		"20260601120000.00000000000000000Z": {}, "20260601120000": {}, "20260601120000+0200": {}, "202606011200Z": {}, "20260631120000Z": {}, "260601120000Z": {}, "": {},
		"00010101000000Z": {}, // the zero time, for which x509 would take that of the clock
	} {
		token := a.Token(t, stampedMessage, noon())
		token.Info[4] = at(asn1.ClassUniversal, asn1.TagGeneralizedTime, text)
		stamp, err := timestamp.Verify(token.DER(t), []byte(stampedMessage), believing(a.Cert))
		if want.IsZero() && (reason.CodeOf(err) != timestamp.Malformed || stamp != nil) || !want.IsZero() && (err != nil || !stamp.Time.Equal(want)) {
			t.Errorf("%q: %+v, %v", text, stamp, err)
		}
	}
	for name, raw := range map[string][]byte{
		"a UTCTime":        at(asn1.ClassUniversal, asn1.TagUTCTime, "20260601120000Z"),
		"of another class": at(asn1.ClassApplication, asn1.TagGeneralizedTime, "20260601120000Z"),
	} {
		token := a.Token(t, stampedMessage, noon())
		token.Info[4] = raw
		stamp, err := timestamp.Verify(token.DER(t), []byte(stampedMessage), believing(a.Cert))
		judged(t, name, stamp, err, timestamp.Malformed, "the time")
	}
}

// TestKeys: with each kind of key a signature of another is refused, and an RSA
// key that is too short as well.
func TestKeys(t *testing.T) {
	t.Parallel()
	stranger := authority(t, func(*x509.Certificate) {})
	_, edwards, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	// Under 2048 bits by one, for all that openssl and Go call it.
	long, short := rsaKey(t, 2048), rsaKey(t, 2047)
	for name, c := range map[string]struct {
		key  crypto.Signer
		want reason.Code
	}{"Ed25519": {edwards, ""}, "P-256": {stranger.Key, ""}, "RSA of 2048 bits": {long, ""}, "RSA of 2047 bits": {short, timestamp.Signature}} {
		a := tst.With(t, c.key, func(*x509.Certificate) {})
		token := a.Token(t, stampedMessage, noon())
		stamp, err := timestamp.Verify(token.DER(t), []byte(stampedMessage), believing(a.Cert))
		judged(t, name, stamp, err, c.want, "signature of the token is wrong")
		token.Key = authority(t, func(*x509.Certificate) {}).Key
		stamp, err = timestamp.Verify(token.DER(t), []byte(stampedMessage), believing(a.Cert))
		judged(t, name+", signed by another", stamp, err, timestamp.Signature, "signature of the token is wrong")
	}
}

func rsaKey(t testing.TB, bits int) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil || key.N.BitLen() != bits {
		t.Fatal(err)
	}
	return key
}

// TestAuthorities: what a certificate must say, and how it leads to one that is
// believed.
func TestAuthorities(t *testing.T) {
	t.Parallel()
	stamping, code, any := tst.StampingOID(), asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 3}, asn1.ObjectIdentifier{2, 5, 29, 37, 0}
	unheard := asn1.ObjectIdentifier{1, 2, 3, 4}
	usages := func(critical bool, all ...asn1.ObjectIdentifier) func(*x509.Certificate) {
		return func(c *x509.Certificate) { c.ExtraExtensions = []pkix.Extension{tst.Usages(t, critical, all...)} }
	}
	const alone = "not one for stamping times alone"
	for name, c := range map[string]struct {
		change func(*x509.Certificate)
		want   reason.Code
		says   string
	}{
		"for stamping":                 {usages(true, stamping), "", ""},
		"for stamping, not critical":   {usages(false, stamping), timestamp.Authority, alone},
		"another extension critical":   {func(c *x509.Certificate) { usages(false, stamping)(c); c.BasicConstraintsValid = true }, timestamp.Authority, alone},
		"for nothing in particular":    {func(c *x509.Certificate) { c.ExtraExtensions = nil }, timestamp.Authority, alone},
		"for code":                     {usages(true, code), timestamp.Authority, alone},
		"for whatever":                 {usages(true, any), timestamp.Authority, alone},
		"for stamping and code":        {usages(true, stamping, code), timestamp.Authority, alone},
		"for stamping and another use": {usages(true, stamping, unheard), timestamp.Authority, alone},
		"for another use":              {usages(true, unheard), timestamp.Authority, alone},
		"from that very time":          {func(c *x509.Certificate) { c.NotBefore = noon() }, "", ""},
		"from a second later":          {func(c *x509.Certificate) { c.NotBefore = noon().Add(time.Second) }, timestamp.Authority, "leads to none"},
		"until a second before":        {func(c *x509.Certificate) { c.NotAfter = noon().Add(-time.Second) }, timestamp.Authority, "leads to none"},
	} {
		a := authority(t, c.change)
		stamp, err := timestamp.Verify(a.Token(t, stampedMessage, noon()).DER(t), []byte(stampedMessage), believing(a.Cert))
		judged(t, name, stamp, err, c.want, c.says)
	}
	// No key identifier is not that of a certificate without one.
	a := authority(t, func(c *x509.Certificate) { c.SubjectKeyId = nil })
	token := a.Token(t, stampedMessage, noon())
	stamp, err := timestamp.Verify(token.DER(t), []byte(stampedMessage), believing(a.Cert))
	judged(t, "no key identifier", stamp, err, timestamp.Authority, "not in the token")
	token.Signer = tst.Named(t, a.Cert)
	stamp, err = timestamp.Verify(token.DER(t), []byte(stampedMessage), believing(a.Cert))
	judged(t, "named otherwise", stamp, err, "", "")
}

// TestBetween: a certificate between the authority's and one that is believed
// is taken from the token.
func TestBetween(t *testing.T) {
	t.Parallel()
	upper := func(c *x509.Certificate) {
		c.Subject.CommonName, c.IsCA, c.BasicConstraintsValid, c.ExtraExtensions = "Test CA", true, true, nil
	}
	root, middle, a := authority(t, upper), authority(t, upper), authority(t, func(*x509.Certificate) {})
	template := *middle.Cert
	template.RawSubject, template.Subject = nil, pkix.Name{CommonName: "Test CA, second"}
	middle.Cert = tst.Certificate(t, &template, root.Cert, middle.Key.Public(), root.Key)
	template = *a.Cert
	template.ExtraExtensions = []pkix.Extension{tst.Usages(t, true, tst.StampingOID())}
	a.Cert = tst.Certificate(t, &template, middle.Cert, a.Key.Public(), middle.Key)
	token := a.Token(t, stampedMessage, noon())
	stamp, err := timestamp.Verify(token.DER(t), []byte(stampedMessage), believing(root.Cert))
	judged(t, "without it", stamp, err, timestamp.Authority, "leads to none")
	token.Certs = append(token.Certs, middle.Cert.Raw)
	stamp, err = timestamp.Verify(token.DER(t), []byte(stampedMessage), believing(root.Cert))
	judged(t, "with it", stamp, err, "", "")
}

// TestAnswers: what an authority says around a token, and behind it.
func TestAnswers(t *testing.T) {
	t.Parallel()
	a := authority(t, func(*x509.Certificate) {})
	token := a.Token(t, stampedMessage, noon()).DER(t)
	for name, c := range map[string]struct {
		raw  []byte
		want reason.Code
		says string
	}{
		"granted":                     {tst.Answer(t, 0, token), "", ""},
		"granted with changes":        {tst.Answer(t, 1, token), "", ""},
		"refused, with a token":       {tst.Answer(t, 2, token), timestamp.Malformed, "the authority refused"},
		"granted, without a token":    {tst.Answer(t, 0), timestamp.Malformed, "the token cannot be read"},
		"granted, with none":          {tst.Answer(t, 0, tst.Seq(t)), timestamp.Malformed, "the token cannot be read"},
		"no answer":                   {[]byte("x"), timestamp.Malformed, "the answer of the authority cannot be read"},
		"something behind the token":  {append(bytes.Clone(token), 5, 0), timestamp.Malformed, "the answer of the authority cannot be read"},
		"something behind the answer": {append(tst.Answer(t, 0, token), 5, 0), timestamp.Malformed, "the answer of the authority cannot be read"},
	} {
		stamp, err := timestamp.Verify(c.raw, []byte(stampedMessage), believing(a.Cert))
		judged(t, name, stamp, err, c.want, c.says)
	}
}

// TestSizes: a token and the key of a certificate may be as large as this.
func TestSizes(t *testing.T) {
	t.Parallel()
	const limit = 256 << 10
	_, key, err := ed25519.GenerateKey(rand.Reader) // whose signatures are all of one length
	if err != nil {
		t.Fatal(err)
	}
	a := tst.With(t, key, func(*x509.Certificate) {})
	sized := func(pad int) []byte {
		token := a.Token(t, stampedMessage, noon())
		token.Unsigned = [][]byte{tst.Attribute(t, tst.InfoOID(), tst.Marshal(t, make([]byte, pad)))}
		return token.DER(t)
	}
	pad := limit - 2048
	pad += limit - len(sized(pad))
	for more, want := range map[int]reason.Code{0: "", 1: timestamp.Malformed} {
		raw := sized(pad + more)
		if len(raw) != limit+more {
			t.Fatal(len(raw))
		}
		stamp, err := timestamp.Verify(raw, []byte(stampedMessage), believing(a.Cert))
		judged(t, "its size", stamp, err, want, "more than 262144 bytes")
	}
	for bits, want := range map[uint]reason.Code{8192: "", 8193: reason.LimitSize} {
		n := new(big.Int).Lsh(big.NewInt(1), bits-1)
		large := tst.Certificate(t, a.Cert, a.Cert, &rsa.PublicKey{N: n.SetBit(n, 0, 1), E: 65537}, a.Key)
		if _, err := timestamp.Certificate(large.Raw); err != nil && reason.CodeOf(err) != want || (err == nil) != (want == "") {
			t.Errorf("a key of %d bits: %v", bits, err)
		}
	}
}

// TestRootsOfFiles: what is no certificate in a file is passed over, and of more
// than are read none is left out.
func TestRootsOfFiles(t *testing.T) {
	t.Parallel()
	a := authority(t, func(*x509.Certificate) {})
	key := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte{1}})
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.Cert.Raw})
	for name, raw := range map[string][]byte{"a key before it": append(bytes.Clone(key), cert...), "text before it": append([]byte("TSA\n"), cert...), "DER": a.Cert.Raw} {
		pool, err := timestamp.Roots(raw, "x.pem")
		if err != nil || !pool.Equal(believing(a.Cert)) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := timestamp.Roots(key, "x.pem"); reason.CodeOf(err) != timestamp.Authority || !strings.Contains(err.Error(), "no certificate is in it") {
		t.Error(err)
	}
	if _, err := timestamp.Roots(bytes.Repeat(cert, 32), "x.pem"); err != nil {
		t.Error(err)
	}
	if _, err := timestamp.Roots(bytes.Repeat(cert, 33), "x.pem"); reason.CodeOf(err) != reason.LimitSize {
		t.Error(err)
	}
}
