package jades_test

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // OCSP names the issuer by SHA-1
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/proof/jades"
	"github.com/kompetansebevis/bevis/internal/timestamp/timestamptest"
	"github.com/kompetansebevis/bevis/reason"
)

// list signs a list of revoked certificates as of a time, a week in force.
func (a authority) list(t testing.TB, said time.Time, change func(*x509.RevocationList), revoked ...x509.RevocationListEntry) []byte {
	t.Helper()
	template := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: said, NextUpdate: said.AddDate(0, 0, 7), RevokedCertificateEntries: revoked}
	if change != nil {
		change(template)
	}
	raw, err := x509.CreateRevocationList(rand.Reader, template, a.cert, a.key)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// withStatus seals by a certificate, with lists and answers about it beside the
// signature. What is no bytes is put there as it is.
func withStatus(t testing.TB, cert *x509.Certificate, crls, ocsps []any) *jades.Seal {
	t.Helper()
	vals := func(all []any) []any {
		out := []any{}
		for _, one := range all {
			if raw, ok := one.([]byte); ok {
				one = base64.StdEncoding.EncodeToString(raw)
			}
			out = append(out, map[string]any{"val": one})
		}
		return out
	}
	beside := map[string]any{"etsiU": []any{map[string]any{"rVals": map[string]any{"crlVals": vals(crls), "ocspVals": vals(ocsps)}}}}
	s, err := open(t, put(t, shared().key, headed(t, nil, cert), b64([]byte(document)), beside))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestLists: what lists of revoked certificates say, and which count.
func TestLists(t *testing.T) {
	t.Parallel()
	ca, key := shared().ca, shared().key
	cert := ca.sealer(t, key.Public(), nil)
	hour := func(n int) time.Time { return now.Add(time.Duration(n) * time.Hour) }
	seven := func(at time.Time) x509.RevocationListEntry {
		return x509.RevocationListEntry{SerialNumber: big.NewInt(7), RevocationTime: at}
	}
	older, newer := ca.list(t, hour(-3), nil), ca.list(t, hour(-1), nil, seven(hour(-2)))
	otherName := authority{ca.key, made(t, &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "Another"}, NotBefore: hour(-1), NotAfter: hour(1),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCRLSign, SubjectKeyId: []byte{1, 2, 3}}, ca.cert, ca.key.Public(), ca.key)}
	critical := func(id ...int) func(*x509.RevocationList) {
		return func(l *x509.RevocationList) {
			l.ExtraExtensions = []pkix.Extension{{Id: id, Critical: true, Value: []byte{2, 1, 1}}}
		}
	}
	many := make([]x509.RevocationListEntry, 50_000)
	for i := range many {
		many[i] = x509.RevocationListEntry{SerialNumber: big.NewInt(int64(1000 + i)), RevocationTime: hour(-5)}
	}
	pss := func(l *x509.RevocationList) { l.SignatureAlgorithm = x509.SHA256WithRSAPSS }
	long := ca.list(t, hour(-1), nil, append(many, seven(hour(-2)))...)
	if len(long) <= 1<<20 {
		t.Fatalf("%d bytes are no long list", len(long))
	}
	for name, c := range map[string]struct {
		crls []any
		want reason.Code
	}{
		"nothing":                        {nil, jades.NoStatus},
		"the newer one first":            {[]any{newer, older}, jades.Revoked},
		"the newer one last":             {[]any{older, newer}, jades.Revoked},
		"revoked later":                  {[]any{ca.list(t, hour(2), nil, seven(hour(1)))}, ""},
		"revoked now":                    {[]any{ca.list(t, hour(2), nil, seven(now))}, jades.Revoked},
		"taken off the list":             {[]any{ca.list(t, hour(-1), nil, x509.RevocationListEntry{SerialNumber: big.NewInt(7), RevocationTime: hour(-2), ReasonCode: 8})}, ""},
		"junk":                           {[]any{[]byte("junk")}, jades.NoStatus},
		"under another name":             {[]any{otherName.list(t, hour(-1), nil)}, jades.NoStatus},
		"of some certificates only":      {[]any{ca.list(t, hour(-1), critical(2, 5, 29, 28))}, jades.NoStatus},
		"with a number that is critical": {[]any{ca.list(t, hour(-1), critical(2, 5, 29, 20))}, ""},
		"ended":                          {[]any{ca.list(t, now.AddDate(0, 0, -8), nil)}, jades.NoStatus},
		"signed with PSS":                {[]any{ca.list(t, hour(-1), pss)}, ""},
		"long":                           {[]any{long}, jades.Revoked},
		"long, of another authority":     {[]any{newAuthority(t).list(t, hour(-1), nil, many...)}, jades.NoStatus},
		"at the sixteenth place":         {append(slices.Repeat([]any{[]byte("junk")}, 15), older), ""},
		"at the seventeenth place":       {append(slices.Repeat([]any{[]byte("junk")}, 16), older), jades.NoStatus},
		"behind what is no base64":       {append(slices.Repeat([]any{"*"}, 16), older), ""},
	} {
		found, err := withStatus(t, cert, c.crls, nil).Judge(t.Context(), ca.anchors(t), now, nil)
		if reason.CodeOf(err) != c.want && (c.want != "" || err != nil) || err == nil && found.StatusBy != "crl" {
			t.Errorf("%s: %+v, %v, want %q", name, found, err, c.want)
		}
	}
}

// counted counts how often it is asked.
type counted struct{ times *int }

func (c counted) Revocations(context.Context, string) ([]byte, error) {
	*c.times++
	return nil, context.Canceled
}

// TestWhoIsAsked: somebody else only where the seal has nothing of after the time
// in question, and nobody where there is nobody.
func TestWhoIsAsked(t *testing.T) {
	t.Parallel()
	ca, key := shared().ca, shared().key
	for name, c := range map[string]struct {
		change func(*x509.Certificate)
		crls   []any
		asked  int
		want   reason.Code
	}{
		"a list of before":       {nil, []any{ca.list(t, now.Add(-time.Hour), nil)}, 1, ""},
		"a list of that time":    {nil, []any{ca.list(t, now, nil)}, 0, ""},
		"a list of after":        {nil, []any{ca.list(t, now.Add(time.Hour), nil)}, 0, ""},
		"no list":                {nil, nil, 1, jades.NoStatus},
		"answers, and no list":   {func(c *x509.Certificate) { c.CRLDistributionPoints, c.OCSPServer = nil, []string{"http://ca.example"} }, nil, 0, jades.NoStatus},
		"nobody":                 {func(c *x509.Certificate) { c.CRLDistributionPoints = nil }, nil, 0, ""},
		"a list and an answerer": {func(c *x509.Certificate) { c.OCSPServer = []string{"http://ca.example"} }, nil, 1, jades.NoStatus},
	} {
		times := 0
		_, err := withStatus(t, ca.sealer(t, key.Public(), c.change), c.crls, nil).Judge(t.Context(), ca.anchors(t), now, counted{&times})
		if times != c.asked || reason.CodeOf(err) != c.want && (c.want != "" || err != nil) {
			t.Errorf("%s: asked %d times, %v", name, times, err)
		}
	}
}

// answer is an OCSP response (RFC 6960) of our own making. What is nil is left out.
type answer struct {
	serial             int64
	keyOf              *x509.Certificate // whose key and name it says the certificate is by
	name               []byte            // in place of that name
	good, unknown      bool
	revoked            time.Time
	this, next         time.Time
	produced           time.Time
	padding            int
	by                 *rsa.PrivateKey
	certs              []asn1.RawValue
	behind             []byte // the outer one
	bare               bool   // without what is around it
	inside, afterInner []byte // the certificates, and what follows the inner one
}

func (a answer) raw(t testing.TB) []byte {
	t.Helper()
	must := func(v any) []byte { return timestamptest.Marshal(t, v) }
	seq := func(parts ...[]byte) []byte {
		return timestamptest.DER(t, asn1.ClassUniversal, asn1.TagSequence, parts...)
	}
	explicit := func(tag int, parts ...[]byte) []byte {
		return timestamptest.DER(t, asn1.ClassContextSpecific, tag, parts...)
	}
	at := func(at time.Time) []byte { return timestamptest.Generalized(t, at) }
	empty := func(tag int) []byte {
		return must(asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: tag})
	}
	var spki struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}
	if _, err := asn1.Unmarshal(a.keyOf.RawSubjectPublicKeyInfo, &spki); err != nil {
		t.Fatal(err)
	}
	keyHash, nameHash := sha1.Sum(spki.Key.RightAlign()), sha1.Sum(a.keyOf.RawSubject)
	if a.name != nil {
		nameHash = sha1.Sum(a.name)
	}
	one := [][]byte{seq(seq(must(asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26})), must(nameHash[:]), must(keyHash[:]), must(a.serial))}
	if a.good {
		one = append(one, empty(0))
	}
	if !a.revoked.IsZero() {
		one = append(one, explicit(1, at(a.revoked)))
	}
	if a.unknown {
		one = append(one, empty(2))
	}
	one = append(one, at(a.this))
	if !a.next.IsZero() {
		one = append(one, explicit(0, at(a.next)))
	}
	data := seq(explicit(2, must(keyHash[:])), at(a.produced), seq(seq(one...)), explicit(1, seq(seq(must(asn1.ObjectIdentifier{1, 2, 3}), must(make([]byte, a.padding))))))
	sum := sha256.Sum256(data)
	signature, err := rsa.SignPKCS1v15(rand.Reader, a.by, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	basic := [][]byte{data, seq(must(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 11})), must(asn1.BitString{Bytes: signature, BitLength: 8 * len(signature)})}
	if a.inside != nil {
		basic = append(basic, explicit(0, a.inside))
	} else if a.certs != nil {
		basic = append(basic, explicit(0, must(a.certs)))
	}
	inner := append(seq(basic...), a.afterInner...)
	if a.bare {
		return inner
	}
	return append(seq(must(asn1.Enumerated(0)), explicit(0, seq(must(asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 1}), must(inner)))), a.behind...)
}

// TestAnswers: what an OCSP response says, and which count.
func TestAnswers(t *testing.T) {
	t.Parallel()
	ca, key := shared().ca, shared().key
	cert, thief := ca.sealer(t, key.Public(), nil), newAuthority(t)
	hour := func(n int) time.Time { return now.Add(time.Duration(n) * time.Hour) }
	own := answer{serial: 7, keyOf: ca.cert, good: true, this: hour(-2), next: hour(2), produced: hour(-2), by: ca.key}
	responder := func(by authority, change func(*x509.Certificate)) asn1.RawValue {
		c := &x509.Certificate{SerialNumber: big.NewInt(70), Subject: pkix.Name{CommonName: "Answers"}, NotBefore: hour(-9), NotAfter: hour(9), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning}}
		if change != nil {
			change(c)
		}
		return asn1.RawValue{FullBytes: made(t, c, by.cert, thief.key.Public(), by.key).Raw}
	}
	good := responder(ca, nil)
	junk := asn1.RawValue{FullBytes: []byte{0x30, 0}}
	with := func(change func(*answer)) answer { a := own; change(&a); return a }
	lent := func(certs ...asn1.RawValue) answer {
		return with(func(a *answer) { a.by, a.certs = thief.key, certs })
	}
	size := len(own.raw(t))
	for name, c := range map[string]struct {
		answer
		want reason.Code
	}{
		"good":                           {own, ""},
		"without what is around it":      {with(func(a *answer) { a.bare = true }), ""},
		"revoked":                        {with(func(a *answer) { a.good, a.revoked = false, hour(-3) }), jades.Revoked},
		"revoked later":                  {with(func(a *answer) { a.good, a.revoked, a.this, a.next = false, hour(1), hour(2), time.Time{} }), ""},
		"good and revoked":               {with(func(a *answer) { a.revoked = hour(-3) }), jades.NoStatus},
		"neither":                        {with(func(a *answer) { a.good = false }), jades.NoStatus},
		"unknown":                        {with(func(a *answer) { a.good, a.unknown = false, true }), jades.NoStatus},
		"good and unknown":               {with(func(a *answer) { a.unknown = true }), jades.NoStatus},
		"of after, without an end":       {with(func(a *answer) { a.this, a.next = hour(1), time.Time{} }), ""},
		"of before, without an end":      {with(func(a *answer) { a.next = time.Time{} }), jades.NoStatus},
		"ended":                          {with(func(a *answer) { a.next = hour(-1) }), jades.NoStatus},
		"of another certificate":         {with(func(a *answer) { a.serial = 8 }), jades.NoStatus},
		"of another authority's":         {with(func(a *answer) { a.keyOf, a.name = thief.cert, ca.cert.RawSubject }), jades.NoStatus},
		"of an authority's of that key":  {with(func(a *answer) { a.name = []byte("x") }), jades.NoStatus},
		"by anybody":                     {with(func(a *answer) { a.by = thief.key }), jades.NoStatus},
		"by whom the authority lets":     {lent(good), ""},
		"by one that anybody lets":       {lent(responder(thief, nil)), jades.NoStatus},
		"by a certificate for something": {lent(responder(ca, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} })), jades.NoStatus},
		"before it may":                  {lent(responder(ca, func(c *x509.Certificate) { c.NotBefore = hour(-1) })), jades.NoStatus},
		"after it may":                   {lent(responder(ca, func(c *x509.Certificate) { c.NotAfter = hour(-3) })), jades.NoStatus},
		"behind a certificate of none":   {lent(junk, good), ""},
		"the twelfth certificate":        {lent(append(slices.Repeat([]asn1.RawValue{junk}, 11), good)...), ""},
		"the thirteenth certificate":     {lent(append(slices.Repeat([]asn1.RawValue{junk}, 12), good)...), jades.NoStatus},
		"certificates that are none":     {with(func(a *answer) { a.inside = []byte{0x30, 2, 0x30, 5} }), jades.NoStatus},
		"something behind":               {with(func(a *answer) { a.behind = []byte{5, 0} }), jades.NoStatus},
		"something behind, inside":       {with(func(a *answer) { a.afterInner = []byte{5, 0} }), jades.NoStatus},
		"something behind, bare":         {with(func(a *answer) { a.afterInner, a.bare = []byte{5, 0}, true }), jades.NoStatus},
		"long":                           {with(func(a *answer) { a.padding = 256<<10 - size - 19 }), ""},
		"too long":                       {with(func(a *answer) { a.padding = 256<<10 - size - 18 }), jades.NoStatus},
	} {
		raw := c.raw(t)
		if name == "long" && len(raw) != 256<<10 {
			t.Errorf("%d bytes, not %d", len(raw), 256<<10)
		}
		found, err := withStatus(t, cert, nil, []any{raw}).Judge(t.Context(), ca.anchors(t), now, nil)
		if reason.CodeOf(err) != c.want && (c.want != "" || err != nil) || err == nil && found.StatusBy != "ocsp" {
			t.Errorf("%s: %+v, %v, want %q", name, found, err, c.want)
		}
	}
	raw := own.raw(t)
	for name, c := range map[string]struct {
		ocsps []any
		want  reason.Code
	}{
		"at the sixteenth place":   {append(slices.Repeat([]any{[]byte("junk")}, 15), raw), ""},
		"at the seventeenth place": {append(slices.Repeat([]any{[]byte("junk")}, 16), raw), jades.NoStatus},
		"behind what is no base64": {append(slices.Repeat([]any{"*"}, 16), raw), ""},
	} {
		if found, err := withStatus(t, cert, nil, c.ocsps).Judge(t.Context(), ca.anchors(t), now, nil); reason.CodeOf(err) != c.want && (c.want != "" || err != nil) {
			t.Errorf("%s: %+v, %v, want %q", name, found, err, c.want)
		}
	}
}
