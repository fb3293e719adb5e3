package timestamp_test

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math"
	"slices"
	"testing"

	"github.com/kompetansebevis/bevis/internal/timestamp"
	tst "github.com/kompetansebevis/bevis/internal/timestamp/timestamptest"
)

// TestPSS: the parameters of RSASSA-PSS leave nothing open, and what they say is
// how the signature must be.
func TestPSS(t *testing.T) {
	t.Parallel()
	key := rsaKey(t, 2048)
	a := tst.With(t, key, func(*x509.Certificate) {})
	const sha256, sha384, sha512 = crypto.SHA256, crypto.SHA384, crypto.SHA512
	honest := func(h crypto.Hash, salt int) func(*tst.Token) {
		return func(k *tst.Token) {
			k.Hash, k.Options = h, &rsa.PSSOptions{SaltLength: salt, Hash: h}
			k.Algorithm = tst.PSS(t, tst.PSSParameters(t, h, h, salt)...)
		}
	}
	// said is an honest token with SHA-256 that says something else of itself.
	said := func(change func(p [][]byte) [][]byte) func(*tst.Token) {
		return func(k *tst.Token) {
			honest(sha256, 32)(k)
			k.Algorithm = tst.PSS(t, change(tst.PSSParameters(t, sha256, sha256, 32))...)
		}
	}
	replaced := func(i int, by []byte) func(*tst.Token) {
		return said(func(p [][]byte) [][]byte { p[i] = by; return p })
	}
	without := func(i int) func(*tst.Token) {
		return said(func(p [][]byte) [][]byte { return slices.Delete(p, i, i+1) })
	}
	more := func(by []byte) func(*tst.Token) {
		return said(func(p [][]byte) [][]byte { return append(p, by) })
	}
	hash := func(h crypto.Hash, parameters ...[]byte) []byte {
		var id asn1.RawValue
		if _, err := asn1.Unmarshal(tst.Algorithm(t, h), &id); err != nil {
			t.Fatal(err)
		}
		return tst.Seq(t, slices.Concat([][]byte{id.Bytes}, parameters)...)
	}
	null, salt := asn1.NullBytes, func(n int) []byte { return tst.Tagged(t, 2, tst.Marshal(t, n)) }
	const wrong, unread, form = "the signature of the token is wrong", "its parameters cannot be read", "its parameters have more in them"
	const otherHash, mask, length, trailer = "its hash function", "its mask", "its salt", "its trailer"
	for name, c := range map[string]struct {
		change func(*tst.Token)
		says   string // why it is refused; nothing for one that holds
	}{
		"SHA-256":                    {honest(sha256, 32), ""},
		"SHA-384":                    {honest(sha384, 48), ""},
		"SHA-512":                    {honest(sha512, 64), ""},
		"a longer salt":              {honest(sha256, 33), ""},
		"the longest salt":           {honest(sha256, 256-32-2), ""},
		"a shorter salt":             {honest(sha256, 31), length},
		"the salt of SHA-1":          {honest(sha256, 20), length},
		"parameters of no parameter": {replaced(0, tst.Tagged(t, 0, hash(sha256, null))), ""},
		"the same in the mask":       {replaced(1, tst.Tagged(t, 1, tst.MGF1(t, hash(sha256, null)))), ""},
		"its trailer, said":          {more(tst.Tagged(t, 3, tst.Marshal(t, 1))), ""},

		"another hash than is said":        {replaced(0, tst.Tagged(t, 0, tst.Algorithm(t, sha384))), otherHash},
		"a hash function that is unknown":  {replaced(0, tst.Tagged(t, 0, tst.Algorithm(t, crypto.SHA224))), otherHash},
		"SHA-1, by leaving it out":         {without(0), unread},
		"a hash function with parameters":  {replaced(0, tst.Tagged(t, 0, hash(sha256, tst.Marshal(t, 1)))), otherHash},
		"another hash in the mask":         {replaced(1, tst.Tagged(t, 1, tst.MGF1(t, tst.Algorithm(t, sha384)))), mask},
		"SHA-1 in the mask":                {replaced(1, tst.Tagged(t, 1, tst.MGF1(t, tst.Algorithm(t, crypto.SHA1)))), mask},
		"SHA-1 in the mask, left out":      {without(1), unread},
		"a mask without its hash function": {replaced(1, tst.Tagged(t, 1, tst.MGF1(t, nil))), mask},
		"parameters in the mask's":         {replaced(1, tst.Tagged(t, 1, tst.MGF1(t, hash(sha256, tst.Marshal(t, 1))))), mask},
		"another mask":                     {replaced(1, tst.Tagged(t, 1, hash(sha256, tst.Algorithm(t, sha256)))), mask},
		"another salt than is said":        {replaced(2, salt(33)), wrong},
		"a salt that is left out":          {without(2), unread},
		"a salt below nothing":             {replaced(2, salt(-1)), length},
		"a salt of any length":             {replaced(2, salt(0)), length},
		"a salt as long as the key":        {replaced(2, salt(256)), wrong},
		"a salt as long as any key":        {replaced(2, salt(1024)), wrong},
		"a longer salt than any key":       {replaced(2, salt(1025)), length},
		"a salt past all numbers":          {replaced(2, salt(math.MaxInt)), length},
		"another trailer":                  {more(tst.Tagged(t, 3, tst.Marshal(t, 2))), trailer},
		"a trailer of nothing":             {more(tst.Tagged(t, 3, tst.Marshal(t, 0))), form},
		"something behind them":            {more(tst.Tagged(t, 4, tst.Marshal(t, 1))), form},
		"their order":                      {said(func(p [][]byte) [][]byte { p[0], p[1] = p[1], p[0]; return p }), unread},
		"without parameters": {func(k *tst.Token) {
			honest(sha256, 32)(k)
			k.Algorithm = tst.Seq(t, tst.Marshal(t, asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 10}))
		}, unread},

		// A signature of the one form is none of the other.
		"signed as PSS and not called so": {func(k *tst.Token) { honest(sha256, 32)(k); k.Algorithm = nil }, wrong},
		"called PSS and not signed so":    {func(k *tst.Token) { honest(sha256, 32)(k); k.Options = nil }, wrong},
		"signed by another":               {func(k *tst.Token) { honest(sha256, 32)(k); k.Key = rsaKey(t, 2048) }, wrong},
		"another digest of the content": {func(k *tst.Token) {
			honest(sha256, 32)(k)
			k.Attributes[1] = tst.Attribute(t, tst.DigestOID(), tst.Digest(t, sha256, []byte("x")))
		}, "what is signed is not what the token holds"},
	} {
		token := a.Token(t, stampedMessage, noon())
		c.change(token)
		stamp, err := timestamp.Verify(token.DER(t), []byte(stampedMessage), believing(a.Cert))
		want := timestamp.Signature
		if c.says == "" {
			want = ""
		}
		judged(t, name, stamp, err, want, c.says)
	}
}

// TestPSSNoBitIsFree: with any bit of such a token turned over it holds no more,
// or it says the very same.
func TestPSSNoBitIsFree(t *testing.T) {
	t.Parallel()
	a := tst.With(t, rsaKey(t, 2048), func(*x509.Certificate) {})
	k := a.Token(t, stampedMessage, noon())
	k.Options = &rsa.PSSOptions{SaltLength: 32, Hash: k.Hash}
	k.Algorithm = tst.PSS(t, tst.PSSParameters(t, k.Hash, k.Hash, 32)...)
	token, roots := k.DER(t), believing(a.Cert)
	first, err := timestamp.Verify(token, []byte(stampedMessage), roots)
	if err != nil {
		t.Fatal(err)
	}
	parameters := bytes.Index(token, k.Algorithm)
	for i := range token {
		changed := bytes.Clone(token)
		changed[i] ^= 1 << (i % 8)
		got, err := timestamp.Verify(changed, []byte(stampedMessage), roots)
		if err == nil && (*got != *first || i >= parameters && i < parameters+len(k.Algorithm)) {
			t.Errorf("byte %d: %+v", i, got)
		}
	}
}

// TestPSSKeys: a short key is none for PSS either, and one of another kind is said
// to be so.
func TestPSSKeys(t *testing.T) {
	t.Parallel()
	signed := func(k *tst.Token) []byte {
		k.Options = &rsa.PSSOptions{SaltLength: 32, Hash: k.Hash}
		k.Algorithm = tst.PSS(t, tst.PSSParameters(t, k.Hash, k.Hash, 32)...)
		return k.DER(t)
	}
	short := tst.With(t, rsaKey(t, 2047), func(*x509.Certificate) {})
	stamp, err := timestamp.Verify(signed(short.Token(t, stampedMessage, noon())), []byte(stampedMessage), believing(short.Cert))
	judged(t, "RSA of 2047 bits", stamp, err, timestamp.Signature, "the signature of the token is wrong")

	// One that is for PSS alone: its algorithm has another last byte.
	long := tst.With(t, rsaKey(t, 2048), func(*x509.Certificate) {})
	rsaOID := tst.Marshal(t, asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1})
	pssOID := tst.Marshal(t, asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 10})
	other, err := x509.ParseCertificate(bytes.Replace(long.Cert.Raw, rsaOID, pssOID, 1))
	if err != nil || other.PublicKey != nil {
		t.Fatal(other, err)
	}
	long.Cert = other
	stamp, err = timestamp.Verify(signed(long.Token(t, stampedMessage, noon())), []byte(stampedMessage), believing(long.Cert))
	judged(t, "a key for PSS alone", stamp, err, timestamp.Signature, "of a kind that is not accepted")
}

// TestPSSCertificates: certificates are signed by PSS as well, and a change in one
// of them leads to none that is believed.
func TestPSSCertificates(t *testing.T) {
	t.Parallel()
	ca := tst.With(t, rsaKey(t, 2048), func(c *x509.Certificate) {
		c.Subject.CommonName, c.IsCA, c.BasicConstraintsValid, c.ExtraExtensions = "Test CA", true, true, nil
		c.SignatureAlgorithm = x509.SHA256WithRSAPSS
	})
	a := tst.With(t, rsaKey(t, 2048), func(*x509.Certificate) {})
	template := *a.Cert
	template.SignatureAlgorithm, template.ExtraExtensions = x509.SHA512WithRSAPSS, []pkix.Extension{tst.Usages(t, true, tst.StampingOID())}
	a.Cert = tst.Certificate(t, &template, ca.Cert, a.Key.Public(), ca.Key)
	verify := func(cert *x509.Certificate) (*timestamp.Stamp, error) {
		k := a.Token(t, stampedMessage, noon())
		k.Certs, k.Attributes[2] = [][]byte{cert.Raw}, tst.Attribute(t, tst.CertificateV2OID(), tst.Seq(t, tst.Seq(t, tst.Seq(t, tst.Digest(t, crypto.SHA256, cert.Raw)))))
		k.Options = &rsa.PSSOptions{SaltLength: 32, Hash: k.Hash}
		k.Algorithm = tst.PSS(t, tst.PSSParameters(t, k.Hash, k.Hash, 32)...)
		return timestamp.Verify(k.DER(t), []byte(stampedMessage), believing(ca.Cert))
	}
	stamp, err := verify(a.Cert)
	judged(t, "signed by PSS", stamp, err, "", "")
	changed := bytes.Clone(a.Cert.Raw)
	changed[len(changed)-1] ^= 1 // in the signature, which stands last
	forged, err := x509.ParseCertificate(changed)
	if err != nil {
		t.Fatal(err)
	}
	stamp, err = verify(forged)
	judged(t, "with another signature", stamp, err, timestamp.Authority, "leads to none")
}
