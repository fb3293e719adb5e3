package jades

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/reason"
)

// use is what a certificate that is believed may vouch for.
type use uint8

const (
	seals use = 1 << iota
	stamps
)

// service is a certificate that is believed, for a use, in some periods.
type service struct {
	cert    *x509.Certificate
	use     use
	periods []period // nil: always
}

type period struct{ from, until time.Time } // until zero: without an end

// Anchors are the certificates that somebody believes.
type Anchors struct {
	services []service
	// Issued is when a trusted list was made, and Next when the next was to come;
	// zero for certificates without a list.
	Issued, Next time.Time
	Territory    string // of the list, such as NO
}

const (
	maxAnchors  = 20_000
	maxList     = 32 << 20 // bytes
	maxDepthXML = 64
)

// Len returns how many certificates are believed.
func (a *Anchors) Len() int { return len(a.services) }

func (a *Anchors) pool(for_ use, at time.Time) *x509.CertPool {
	pool := x509.NewCertPool()
	for _, s := range a.services {
		if s.use&for_ != 0 && s.in(at) {
			pool.AddCert(s.cert)
		}
	}
	return pool
}

func (s service) in(at time.Time) bool {
	for _, p := range s.periods {
		if !at.Before(p.from) && (p.until.IsZero() || at.Before(p.until)) {
			return true
		}
	}
	return s.periods == nil
}

// badAnchors says that a file of the user's own is none of the kinds.
func badAnchors(at, format string, args ...any) error {
	return reason.New("usage/eu-trust", at, format, args...)
}

// ReadAnchors reads certificates in PEM, each believed for seals and
// time-stamps, or a trusted list of ETSI TS 119 612. Of that list count the
// qualified authorities for certificates and for time-stamps, in the periods in
// which they were granted; its own signature is not checked. At names the file.
// Errors are usage/eu-trust and resource_limit.
func ReadAnchors(raw []byte, at string) (*Anchors, error) {
	if len(raw) > maxList {
		return nil, reason.New(reason.LimitSize, at, "a list of %d bytes, the limit is %d", len(raw), maxList)
	}
	out := &Anchors{}
	if text := bytes.TrimLeft(raw, "\xef\xbb\xbf \t\r\n"); bytes.HasPrefix(text, []byte("<")) {
		return out, out.readList(text, at)
	}
	for rest := raw; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			continue
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, badAnchors(at, "a certificate cannot be read: %w", err)
		}
		if len(out.services) == maxAnchors {
			return nil, reason.New(reason.LimitValues, at, "more than %d certificates", maxAnchors)
		}
		out.services = append(out.services, service{cert, seals | stamps, nil})
	}
	if len(out.services) == 0 {
		return nil, badAnchors(at, "neither certificates in PEM nor a trusted list in XML")
	}
	return out, nil
}

type listXML struct {
	XMLName xml.Name
	Scheme  struct {
		Issued    string `xml:"ListIssueDateTime"`
		Next      string `xml:"NextUpdate>dateTime"`
		Territory string `xml:"SchemeTerritory"`
	} `xml:"SchemeInformation"`
	Services []serviceXML `xml:"TrustServiceProviderList>TrustServiceProvider>TSPServices>TSPService"`
}

type serviceXML struct {
	Now     statusXML   `xml:"ServiceInformation"`
	History []statusXML `xml:"ServiceHistory>ServiceHistoryInstance"`
}

type statusXML struct {
	Type   string   `xml:"ServiceTypeIdentifier"`
	Certs  []string `xml:"ServiceDigitalIdentity>DigitalId>X509Certificate"`
	Status string   `xml:"ServiceStatus"`
	From   string   `xml:"StatusStartingTime"`
}

// use tells the services that count (ETSI TS 119 612 section 5.5.1.1).
func (s statusXML) use() use {
	switch strings.TrimSpace(s.Type) {
	case "http://uri.etsi.org/TrstSvc/Svctype/CA/QC":
		return seals
	case "http://uri.etsi.org/TrstSvc/Svctype/TSA/QTST":
		return stamps
	}
	return 0
}

// granted reports whether a status lets a service count: today's, and those of
// before the regulation, as the list keeps them.
func (s statusXML) granted() bool {
	switch strings.TrimPrefix(strings.TrimSpace(s.Status), "http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/") {
	case "granted", "undersupervision", "supervisionincessation", "accredited":
		return true
	}
	return false
}

// readList reads a trusted list behind a guard: no document types, and with
// them no entities, no deep nesting.
func (a *Anchors) readList(text []byte, at string) error {
	guard := xml.NewDecoder(bytes.NewReader(text))
	for depth := 0; ; {
		t, err := guard.Token()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return badAnchors(at, "the XML cannot be read: %w", err)
		}
		switch t.(type) {
		case xml.Directive:
			return badAnchors(at, "a document type, which is not allowed")
		case xml.StartElement:
			if depth++; depth > maxDepthXML {
				return reason.New(reason.LimitDepth, at, "nested deeper than %d", maxDepthXML)
			}
		case xml.EndElement:
			depth--
		}
	}
	var list listXML
	if err := xml.Unmarshal(text, &list); err != nil || list.XMLName.Local != "TrustServiceStatusList" {
		return badAnchors(at, "the XML is no trusted list")
	}
	a.Territory = strings.TrimSpace(list.Scheme.Territory)
	a.Issued, _ = time.Parse(time.RFC3339, strings.TrimSpace(list.Scheme.Issued))
	a.Next, _ = time.Parse(time.RFC3339, strings.TrimSpace(list.Scheme.Next))
	for _, s := range list.Services {
		if err := a.add(s, at); err != nil {
			return err
		}
	}
	if len(a.services) == 0 {
		return badAnchors(at, "the list names no authority for qualified certificates or time-stamps: a list of lists does not, take that of a country")
	}
	return nil
}

func (a *Anchors) add(s serviceXML, at string) error {
	use := s.Now.use()
	if use == 0 {
		return nil
	}
	// From the newest to the oldest; each ends where the one before it begins.
	var periods []period
	var until time.Time
	for _, status := range append([]statusXML{s.Now}, s.History...) {
		from, err := time.Parse(time.RFC3339, strings.TrimSpace(status.From))
		if err != nil {
			return badAnchors(at, "a service without a time from which its status counts")
		}
		if status.granted() && status.use() == use {
			periods = append(periods, period{from, until})
		}
		until = from
	}
	if periods == nil {
		return nil
	}
	for _, text := range s.Now.Certs {
		der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
		if err != nil {
			return badAnchors(at, "a certificate is not in base64")
		}
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			continue // some lists hold certificates with a form that Go refuses
		}
		if len(a.services) == maxAnchors {
			return reason.New(reason.LimitValues, at, "more than %d certificates", maxAnchors)
		}
		a.services = append(a.services, service{cert, use, periods})
	}
	return nil
}
