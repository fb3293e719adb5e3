package jades_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"math/big"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/proof/jades"
	"github.com/kompetansebevis/bevis/internal/timestamp"
	"github.com/kompetansebevis/bevis/internal/timestamp/timestamptest"
	"github.com/kompetansebevis/bevis/reason"
)

// TestStamps: which time-stamps prove when there was a signature, and a document.
func TestStamps(t *testing.T) {
	t.Parallel()
	const old = "2016-07-01T00:00:00Z"
	ca, key := shared().ca, shared().key
	tsa, stranger := timestamptest.New(t, now.AddDate(-5, 0, 0), now.AddDate(5, 0, 0)), timestamptest.New(t, now.AddDate(-5, 0, 0), now.AddDate(5, 0, 0))
	// It ended a month ago, and there is no list of it to ask for.
	cert := ca.sealer(t, key.Public(), func(c *x509.Certificate) {
		c.NotAfter, c.CRLDistributionPoints = now.AddDate(0, -1, 0), nil
	})
	month := func(n int) time.Time { return now.AddDate(0, -n, 0) }
	anchors := func(states ...string) *jades.Anchors {
		t.Helper()
		a, err := jades.ReadAnchors(listOf(believe("CA/QC", ca.cert, "granted", old), believe("TSA/QTST", tsa.Cert, states...)), "x")
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	always := anchors("granted", old)
	tokens := func(all ...string) map[string]any {
		out := []any{}
		for _, one := range all {
			out = append(out, map[string]any{"val": one})
		}
		return map[string]any{"tstTokens": out}
	}
	for name, c := range map[string]struct {
		stamps  func(signature string) []string
		anchors *jades.Anchors
		want    reason.Code
		proven  time.Time
	}{
		"none":                      {func(string) []string { return nil }, always, jades.NoTime, time.Time{}},
		"one":                       {func(s string) []string { return []string{tsa.Stamp(t, s, month(2))} }, always, "", month(2)},
		"the later first":           {func(s string) []string { return []string{tsa.Stamp(t, s, month(2)), tsa.Stamp(t, s, month(3))} }, always, "", month(3)},
		"the earlier first":         {func(s string) []string { return []string{tsa.Stamp(t, s, month(3)), tsa.Stamp(t, s, month(2))} }, always, "", month(3)},
		"when it had ended":         {func(s string) []string { return []string{tsa.Stamp(t, s, month(0))} }, always, jades.NoTime, time.Time{}},
		"of a time to come":         {func(s string) []string { return []string{tsa.Stamp(t, s, month(-1)), tsa.Stamp(t, s, month(2))} }, always, "", month(2)},
		"only of a time to come":    {func(s string) []string { return []string{tsa.Stamp(t, s, month(-1))} }, always, jades.NoTime, time.Time{}},
		"by a stranger":             {func(s string) []string { return []string{stranger.Stamp(t, s, month(2))} }, always, jades.NoTime, time.Time{}},
		"by a stranger, and by one": {func(s string) []string { return []string{stranger.Stamp(t, s, month(3)), tsa.Stamp(t, s, month(2))} }, always, "", month(2)},
		"of something else":         {func(string) []string { return []string{tsa.Stamp(t, "x", month(2))} }, always, timestamp.Mismatch, time.Time{}},
		"of something else, beside": {func(s string) []string { return []string{tsa.Stamp(t, s, month(2)), tsa.Stamp(t, "x", month(2))} }, always, timestamp.Mismatch, time.Time{}},
		"when it was not listed":    {func(s string) []string { return []string{tsa.Stamp(t, s, month(2))} }, anchors("granted", month(1).Format(time.RFC3339)), jades.NoTime, time.Time{}},
		"not listed any more":       {func(s string) []string { return []string{tsa.Stamp(t, s, month(2))} }, anchors("withdrawn", month(1).Format(time.RFC3339), "granted", old), jades.NoTime, time.Time{}},
	} {
		file := put(t, key, headed(t, nil, cert), b64([]byte(document)), nil)
		file["header"] = map[string]any{"etsiU": []any{map[string]any{"sigTst": tokens(c.stamps(file["signature"].(string))...)}}}
		s, err := open(t, file)
		if err != nil {
			t.Fatal(err)
		}
		found, err := s.Judge(t.Context(), c.anchors, now, nil)
		if reason.CodeOf(err) != c.want && (c.want != "" || err != nil) || err == nil && (!found.Proven.Equal(c.proven) || found.StampBy == "") {
			t.Errorf("%s: %+v, %v, want %q", name, found, err, c.want)
		}
	}
	// Of the document itself, before it was signed; and what proves nothing yet.
	holds := ca.sealer(t, key.Public(), func(c *x509.Certificate) { c.CRLDistributionPoints = nil })
	file := put(t, key, headed(t, nil, holds), b64([]byte(document)), nil)
	file["header"] = map[string]any{"etsiU": []any{map[string]any{"sigTst": tokens(tsa.Stamp(t, file["signature"].(string), month(-1)))}}}
	s, err := open(t, file)
	if err != nil {
		t.Fatal(err)
	}
	if found, err := s.Judge(t.Context(), always, now, nil); err != nil || !found.Proven.Equal(now) || found.StampBy != "" {
		t.Errorf("of a time to come: %+v, %v", found, err)
	}
	for message, want := range map[string]reason.Code{b64([]byte(document)): "", "x": timestamp.Mismatch} {
		s, err := open(t, put(t, key, headed(t, map[string]any{"adoTst": tokens(tsa.Stamp(t, message, month(2)))}, holds), b64([]byte(document)), nil))
		if err != nil {
			t.Fatal(err)
		}
		found, err := s.Judge(t.Context(), always, now, nil)
		if reason.CodeOf(err) != want && (want != "" || err != nil) || err == nil && (!found.Existed.Equal(month(2)) || !found.Proven.Equal(now) || found.StampBy != "") {
			t.Errorf("%.10s: %+v, %v", message, found, err)
		}
	}
}

// TestBetween: certificates between who sealed and who is believed are found beside
// the signature, and every one of them is asked about.
func TestBetween(t *testing.T) {
	t.Parallel()
	ca, key := shared().ca, shared().key
	middle := authority{key: newKey(t)}
	middle.cert = made(t, &x509.Certificate{SerialNumber: big.NewInt(3), Subject: pkix.Name{CommonName: "Middle"}, NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.AddDate(1, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign, SubjectKeyId: []byte{3}, CRLDistributionPoints: []string{listAt}}, ca.cert, middle.key.Public(), ca.key)
	cert := middle.sealer(t, key.Public(), func(c *x509.Certificate) { c.CRLDistributionPoints = nil })
	three := x509.RevocationListEntry{SerialNumber: big.NewInt(3), RevocationTime: now.AddDate(0, 0, -2)}
	seal := func(beside ...string) *jades.Seal {
		t.Helper()
		var vals []any
		for _, b := range beside {
			vals = append(vals, map[string]any{"x509Cert": map[string]any{"val": b}})
		}
		s, err := open(t, put(t, key, headed(t, nil, cert), b64([]byte(document)), map[string]any{"etsiU": []any{map[string]any{"xVals": vals}}}))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	text := func(c *x509.Certificate) string { return base64.StdEncoding.EncodeToString(c.Raw) }
	many := func(n int, one, last string) []string {
		var out []string
		for range n {
			out = append(out, one)
		}
		return append(out, last)
	}
	for name, c := range map[string]struct {
		beside []string
		list   []byte
		want   reason.Code
	}{
		"not there":                 {nil, ca.crl(t), jades.Unknown},
		"there":                     {[]string{text(middle.cert)}, ca.crl(t), ""},
		"revoked":                   {[]string{text(middle.cert)}, ca.crl(t, three), jades.Revoked},
		"behind one that is none":   {[]string{"AAAA", text(middle.cert)}, ca.crl(t), ""},
		"at the sixteenth place":    {many(15, text(cert), text(middle.cert)), ca.crl(t), ""},
		"at the seventeenth place":  {many(16, text(cert), text(middle.cert)), ca.crl(t), jades.Unknown},
		"behind many that are none": {many(16, "AAAA", text(middle.cert)), ca.crl(t), ""},
	} {
		found, err := seal(c.beside...).Judge(t.Context(), ca.anchors(t), now, lists{listAt: c.list})
		if reason.CodeOf(err) != c.want && (c.want != "" || err != nil) || err == nil && found.StatusBy != "crl" {
			t.Errorf("%s: %+v, %v, want %q", name, found, err, c.want)
		}
	}
}

// TestNoAuthority: a certificate by one that may issue none is refused, and is not
// taken for one of somebody who is not known.
func TestNoAuthority(t *testing.T) {
	t.Parallel()
	key := shared().key
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Ends here"}, NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.AddDate(1, 0, 0),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true, KeyUsage: x509.KeyUsageCertSign, SubjectKeyId: []byte{1}}
	root := authority{key, made(t, template, template, key.Public(), key)}
	middle := authority{key, made(t, &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "Middle"}, NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.AddDate(1, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign, SubjectKeyId: []byte{2}}, root.cert, key.Public(), key)}
	s, err := open(t, put(t, key, headed(t, nil, middle.sealer(t, key.Public(), nil), middle.cert), b64([]byte(document)), nil))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Judge(t.Context(), root.anchors(t), now, nil); reason.CodeOf(err) != jades.Certificate {
		t.Error(err)
	}
}

// TestAnchorNames: whom a certificate is of that is believed, for people.
func TestAnchorNames(t *testing.T) {
	t.Parallel()
	key := shared().key
	for want, name := range map[string]pkix.Name{
		"A (B)":    {CommonName: "A", Organization: []string{"B"}},
		"A (B, C)": {CommonName: "A", Organization: []string{"B", "C"}},
		"A":        {CommonName: "A"},
		"B":        {CommonName: "B", Organization: []string{"B"}},
		"(B)":      {Organization: []string{"B"}},
	} {
		template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: name, NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.AddDate(1, 0, 0)}
		own := authority{key, made(t, template, template, key.Public(), key)}
		s, err := open(t, put(t, key, headed(t, nil, own.cert), b64([]byte(document)), nil))
		if err != nil {
			t.Fatal(err)
		}
		if found, err := s.Judge(t.Context(), own.anchors(t), now, nil); err != nil || found.Anchor != want || found.StatusBy != "" {
			t.Errorf("%+v, %v, want %s", found, err, want)
		}
	}
}
