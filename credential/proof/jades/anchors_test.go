package jades_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/proof/jades"
	"github.com/kompetansebevis/bevis/reason"
)

// list is a trusted list with one authority.
func list(status, from string, cert *x509.Certificate, history ...string) string {
	const at = "http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/"
	kind := "http://uri.etsi.org/TrstSvc/Svctype/CA/QC"
	if rest, ok := strings.CutPrefix(status, "other:"); ok {
		status, kind = rest, "http://uri.etsi.org/TrstSvc/Svctype/CA/PKC"
	}
	var older strings.Builder
	for i := 0; i+1 < len(history); i += 2 {
		fmt.Fprintf(&older, `<ServiceHistoryInstance><ServiceTypeIdentifier>%s</ServiceTypeIdentifier><ServiceStatus>%s%s</ServiceStatus><StatusStartingTime>%s</StatusStartingTime></ServiceHistoryInstance>`, kind, at, history[i], history[i+1])
	}
	return fmt.Sprintf(`<?xml version="1.0" encoding="UTF-8"?>
<TrustServiceStatusList xmlns="http://uri.etsi.org/02231/v2#"><SchemeInformation><SchemeTerritory>NO</SchemeTerritory><ListIssueDateTime>2026-05-01T00:00:00Z</ListIssueDateTime><NextUpdate><dateTime>2026-11-01T00:00:00Z</dateTime></NextUpdate></SchemeInformation>
<TrustServiceProviderList><TrustServiceProvider><TSPServices><TSPService><ServiceInformation><ServiceTypeIdentifier>%s</ServiceTypeIdentifier>
<ServiceDigitalIdentity><DigitalId><X509Certificate>%s</X509Certificate></DigitalId></ServiceDigitalIdentity><ServiceStatus>%s%s</ServiceStatus><StatusStartingTime>%s</StatusStartingTime></ServiceInformation>
<ServiceHistory>%s</ServiceHistory></TSPService></TSPServices></TrustServiceProvider></TrustServiceProviderList></TrustServiceStatusList>`,
		kind, base64.StdEncoding.EncodeToString(cert.Raw), at, status, from, older.String())
}

func TestTrustedList(t *testing.T) {
	t.Parallel()
	ca, key := newAuthority(t), newKey(t)
	s, err := open(t, sealed(t, document, key, []*x509.Certificate{ca.sealer(t, key.Public(), nil)}, nil))
	if err != nil {
		t.Fatal(err)
	}
	more := lists{listAt: ca.crl(t)}
	for name, c := range map[string]struct {
		list string
		want reason.Code
	}{
		"granted":                   {list("granted", "2016-07-01T00:00:00Z", ca.cert), ""},
		"granted later":             {list("granted", "2026-07-01T00:00:00Z", ca.cert), jades.Unknown},
		"withdrawn since":           {list("withdrawn", "2026-07-01T00:00:00Z", ca.cert, "granted", "2016-07-01T00:00:00Z"), ""},
		"withdrawn before":          {list("withdrawn", "2026-05-01T00:00:00Z", ca.cert, "granted", "2016-07-01T00:00:00Z"), jades.Unknown},
		"granted again":             {list("granted", "2026-05-01T00:00:00Z", ca.cert, "withdrawn", "2026-02-01T00:00:00Z", "granted", "2016-07-01T00:00:00Z"), ""},
		"another authority":         {list("granted", "2016-07-01T00:00:00Z", newAuthority(t).cert), jades.Unknown},
		"never granted":             {list("withdrawn", "2016-07-01T00:00:00Z", ca.cert), "usage/eu-trust"},
		"not a qualified authority": {list("other:granted", "2016-07-01T00:00:00Z", ca.cert), "usage/eu-trust"},
		"no time":                   {list("granted", "", ca.cert), "usage/eu-trust"},
		"a document type":           {"<!DOCTYPE x>" + list("granted", "2016-07-01T00:00:00Z", ca.cert)[38:], "usage/eu-trust"},
		"other XML":                 {"<elmo/>", "usage/eu-trust"},
		"broken":                    {"<TrustServiceStatusList>", "usage/eu-trust"},
		"neither":                   {"hello", "usage/eu-trust"},
	} {
		anchors, err := jades.ReadAnchors([]byte(c.list), "list.xml")
		if err == nil {
			if anchors.Territory != "NO" || anchors.Next.IsZero() || anchors.Len() != 1 {
				t.Errorf("%s: %+v", name, anchors)
			}
			_, err = s.Judge(t.Context(), anchors, now, more)
		}
		if reason.CodeOf(err) != c.want {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// believed is a service in a list of our own making: its kind, such as CA/QC, the
// certificates in base64, and its states with the times from which they count, the
// newest first.
type believed struct {
	kind   string
	certs  []string
	states []string
}

func believe(kind string, cert *x509.Certificate, states ...string) believed {
	return believed{kind, []string{base64.StdEncoding.EncodeToString(cert.Raw)}, states}
}

func listOf(services ...believed) []byte {
	var out strings.Builder
	out.WriteString(`<TrustServiceStatusList><SchemeInformation/><TrustServiceProviderList><TrustServiceProvider><TSPServices>`)
	for _, s := range services {
		// A state may name its kind: "CA/PKC:granted".
		state := func(i int) string {
			kind, status, found := strings.Cut(s.states[i], ":")
			if !found {
				kind, status = s.kind, kind
			}
			return fmt.Sprintf(`<ServiceTypeIdentifier>http://uri.etsi.org/TrstSvc/Svctype/%s</ServiceTypeIdentifier><ServiceStatus>http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/%s</ServiceStatus><StatusStartingTime>%s</StatusStartingTime>`, kind, status, s.states[i+1])
		}
		out.WriteString(`<TSPService><ServiceInformation>` + state(0) + `<ServiceDigitalIdentity>`)
		for _, c := range s.certs {
			out.WriteString(`<DigitalId><X509Certificate>` + c + `</X509Certificate></DigitalId>`)
		}
		out.WriteString(`</ServiceDigitalIdentity></ServiceInformation><ServiceHistory>`)
		for i := 2; i < len(s.states); i += 2 {
			out.WriteString(`<ServiceHistoryInstance>` + state(i) + `</ServiceHistoryInstance>`)
		}
		out.WriteString(`</ServiceHistory></TSPService>`)
	}
	out.WriteString(`</TSPServices></TrustServiceProvider></TrustServiceProviderList></TrustServiceStatusList>`)
	return []byte(out.String())
}

// TestAnchorsAreRead: what is wrong in a file is told, and a part of it is not
// taken for the whole.
func TestAnchorsAreRead(t *testing.T) {
	t.Parallel()
	const old = "2016-07-01T00:00:00Z"
	ca := shared().ca.cert
	good := believe("CA/QC", ca, "granted", old)
	with := func(certs ...string) believed { return believed{"CA/QC", certs, good.states} }
	block := func(kind string, raw []byte) []byte {
		return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: raw})
	}
	own := block("CERTIFICATE", ca.Raw)
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	small := made(t, template, template, public, private).Raw // as there are so many of it
	many := block("CERTIFICATE", small)
	deep := func(n int) []byte {
		return []byte(strings.Repeat("<a>", n) + strings.Repeat("</a>", n))
	}
	for name, c := range map[string]struct {
		raw  []byte
		code reason.Code
		n    int
	}{
		"a list":                         {listOf(good), "", 1},
		"a list behind a mark":           {append([]byte("\xef\xbb\xbf\n"), listOf(good)...), "", 1},
		"a certificate":                  {own, "", 1},
		"a key beside a certificate":     {append(block("PUBLIC KEY", []byte("x")), own...), "", 1},
		"a certificate that is none":     {append(block("CERTIFICATE", []byte("x")), own...), "usage/eu-trust", 0},
		"a service without a time":       {listOf(good, believe("CA/QC", ca, "granted", "")), "usage/eu-trust", 0},
		"a certificate not in base64":    {listOf(good, with("*")), "usage/eu-trust", 0},
		"a certificate of an odd form":   {listOf(good, with("AAAA")), "", 1},
		"the same under another name":    {bytes.ReplaceAll(listOf(good), []byte("TrustServiceStatusList"), []byte("Other")), "usage/eu-trust", 0},
		"a service that is never meant":  {listOf(good, believe("CA/PKC", ca, "granted", "")), "", 1},
		"nested":                         {deep(64), "usage/eu-trust", 0},
		"nested too deep":                {deep(65), reason.LimitDepth, 0},
		"as large as may be":             {bytes.Repeat([]byte(" "), 32<<20), "usage/eu-trust", 0},
		"too large":                      {bytes.Repeat([]byte(" "), 32<<20+1), reason.LimitSize, 0},
		"as many certificates as may be": {bytes.Repeat(many, 20_000), "", 20_000},
		"too many certificates":          {bytes.Repeat(many, 20_001), reason.LimitValues, 0},
		"too many in a list":             {listOf(with(slices.Repeat([]string{base64.StdEncoding.EncodeToString(small)}, 20_001)...)), reason.LimitValues, 0},
	} {
		a, err := jades.ReadAnchors(c.raw, "x")
		if reason.CodeOf(err) != c.code && (c.code != "" || err != nil) || err == nil && a.Len() != c.n {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestWhatIsListed: a service counts for what it is listed for, as of the time in
// question.
func TestWhatIsListed(t *testing.T) {
	t.Parallel()
	const old, since, later = "2016-07-01T00:00:00Z", "2026-01-01T00:00:00Z", "2026-06-15T00:00:00Z"
	ca, key := shared().ca, shared().key
	s, err := open(t, sealed(t, document, key, []*x509.Certificate{ca.sealer(t, key.Public(), func(c *x509.Certificate) { c.CRLDistributionPoints = nil })}, nil))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		list []byte
		want reason.Code
	}{
		"for certificates":            {listOf(believe("CA/QC", ca.cert, "granted", old)), ""},
		"for time-stamps":             {listOf(believe("TSA/QTST", ca.cert, "granted", old)), jades.Unknown},
		"as another service before":   {listOf(believe("CA/QC", ca.cert, "granted", later, "CA/PKC:granted", old)), jades.Unknown},
		"as another service at first": {listOf(believe("CA/QC", ca.cert, "granted", since, "CA/PKC:granted", old)), ""},
		"from that very time":         {listOf(believe("CA/QC", ca.cert, "granted", now.Format(time.RFC3339))), ""},
		"until that very time":        {listOf(believe("CA/QC", ca.cert, "withdrawn", now.Format(time.RFC3339), "granted", old)), jades.Unknown},
	} {
		anchors, err := jades.ReadAnchors(c.list, "x")
		if err == nil {
			_, err = s.Judge(t.Context(), anchors, now, nil)
		}
		if reason.CodeOf(err) != c.want && (c.want != "" || err != nil) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	if _, err := s.Judge(t.Context(), &jades.Anchors{}, now, nil); reason.CodeOf(err) != jades.NoAnchors {
		t.Error(err)
	}
}
