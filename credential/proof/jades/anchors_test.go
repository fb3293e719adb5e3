package jades_test

import (
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

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
