package jades

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/internal/timestamp"
	"github.com/kompetansebevis/bevis/reason"
)

// The codes of what can be wrong with a seal.
const (
	Malformed   reason.Code = "malformed/seal"
	Signature   reason.Code = "bad_signature/seal"
	Algorithm   reason.Code = "unsupported_alg/seal"
	Form        reason.Code = "unsupported_alg/seal-form" // it needs what is not understood here
	Certificate reason.Code = "key_invalid/seal-certificate"
	NoAnchors   reason.Code = "trust_unavailable/seal-list"         // nobody said which certificates are believed
	NoTime      reason.Code = "trust_unavailable/seal-time"         // whether the certificate held then cannot be told
	Unknown     reason.Code = "untrusted_issuer/seal"               // it leads to none that is believed
	Revoked     reason.Code = "revoked/seal-certificate"            // the certificate, before there was a signature
	NoStatus    reason.Code = "status_unavailable/seal-certificate" // whether it was revoked cannot be told
)

const (
	maxSeal   = 24 << 20 // bytes
	maxHeader = 1 << 20  // bytes of the header that is signed
	maxChain  = 12
	maxProofs = 16 // time-stamps, and proofs of status, of each kind
)

// Seal is a seal as it is claimed. Nothing in it has been checked.
type Seal struct {
	Payload []byte              // the document, as it was sealed
	Chain   []*x509.Certificate // the first is that of who sealed
	Claimed time.Time           // when, as who sealed says; zero when not said
	// Algorithm is that of the signature, such as RS256.
	Algorithm string

	protected, encoded string // the header, and the payload as it is signed
	signature          []byte
	signatureText      string
	content            [][]byte // time-stamps over the payload
	stamps             [][]byte // time-stamps over the signature
	others             []*x509.Certificate
	crls, ocsps        [][]byte
}

// Is reports whether a document is the JSON serialisation of a JWS with a
// payload in it (RFC 7515 section 7.2).
func Is(document *strictjson.Value) bool {
	if _, ok := document.Get("payload").Text(); !ok {
		return false
	}
	return document.Get("signatures").Kind() == strictjson.KindArray || document.Get("signature").Kind() == strictjson.KindString
}

// Limits are those of strictjson for a file with a seal, whose document holds
// pictures, and certificates beside it.
func Limits() strictjson.Limits { return strictjson.Limits{MaxBytes: maxSeal} }

func malformed(at, format string, args ...any) error {
	return reason.New(Malformed, at, format, args...)
}

// Open reads a seal from a document that Is tells. Errors are of the codes
// above, and resource_limit.
func Open(document *strictjson.Value) (*Seal, error) {
	text, ok := document.Get("payload").Text()
	if !ok {
		return nil, malformed("/payload", "there is no document in it")
	}
	one, at := document, ""
	if list := document.Get("signatures"); list != nil {
		if document.Get("signature") != nil || list.Kind() != strictjson.KindArray || len(list.Items()) == 0 {
			return nil, malformed("/signatures", "neither one signature nor a list of them")
		}
		if len(list.Items()) > 1 {
			return nil, reason.New(Form, "/signatures", "%d seals around one document, and one is judged", len(list.Items()))
		}
		one, at = list.Items()[0], "/signatures/0"
	}
	outer := []string{"payload", "signatures"}
	if one == document {
		outer = []string{"payload", "protected", "header", "signature"}
	} else if err := nothingBeside(one, at, "protected", "header", "signature"); err != nil {
		return nil, err
	}
	if err := nothingBeside(document, "", outer...); err != nil {
		return nil, err
	}
	s := &Seal{}
	s.protected, _ = one.Get("protected").Text()
	s.signatureText, _ = one.Get("signature").Text()
	var err error
	if s.signature, err = decode(s.signatureText); err != nil || len(s.signature) == 0 {
		return nil, malformed(at+"/signature", "no signature in base64url")
	}
	raw, err := decode(s.protected)
	if err != nil || len(raw) == 0 {
		return nil, malformed(at+"/protected", "no header in base64url")
	}
	header, err := strictjson.ParseObject(raw, strictjson.Limits{MaxBytes: maxHeader})
	if err != nil {
		return nil, malformed(at+"/protected", "the header: %w", err)
	}
	if err := s.readHeader(header, text); err != nil {
		return nil, err
	}
	if err := s.readBeside(one.Get("header"), header, at+"/header"); err != nil {
		return nil, err
	}
	return s, nil
}

// nothingBeside refuses members that RFC 7515 has a reader pass by: what looks like
// a credential there, others would read as the one that was sealed.
func nothingBeside(v *strictjson.Value, at string, known ...string) error {
	for _, m := range v.Members() {
		if !slices.Contains(known, m.Name) {
			return reason.New(reason.UnsignedData, strictjson.Pointer(at, m.Name), "it stands beside the seal, which does not cover it")
		}
	}
	return nil
}

func decode(s string) ([]byte, error) { return base64.RawURLEncoding.Strict().DecodeString(s) }

// understood are the members of the header that a seal may declare critical:
// RFC 7797, and ETSI TS 119 182-1 sections 5.2.1 and 5.2.6.
func understood(name string) bool { return slices.Contains([]string{"b64", "sigT", "adoTst"}, name) }

func (s *Seal) readHeader(h *strictjson.Value, text string) error {
	const at = "/protected"
	if s.Algorithm, _ = h.Get("alg").Text(); s.Algorithm == "" {
		return malformed(at+"/alg", "no algorithm")
	}
	if h.Get("sigD") != nil {
		return reason.New(Form, at+"/sigD", "the seal is of documents that are not in it")
	}
	var critical []string
	if c := h.Get("crit"); c != nil {
		if c.Kind() != strictjson.KindArray || len(c.Items()) == 0 {
			return malformed(at+"/crit", "not a list of names")
		}
		for _, item := range c.Items() {
			name, ok := item.Text()
			switch {
			case !ok || h.Get(name) == nil || slices.Contains(critical, name):
				return malformed(at+"/crit", "names something twice, or that is not there")
			case !understood(name):
				return reason.New(Form, at+"/crit", "the seal needs %.100q to be understood, which is not", name)
			}
			critical = append(critical, name)
		}
	}
	s.encoded = text
	if b64, ok := h.Get("b64").Bool(); h.Get("b64") == nil || ok && b64 {
		raw, err := decode(text)
		if err != nil {
			return malformed("/payload", "not in base64url")
		}
		s.Payload = raw
	} else if !ok || !slices.Contains(critical, "b64") {
		return malformed(at+"/b64", "not a truth value that is declared critical")
	} else {
		s.Payload = []byte(text)
	}
	if claimed, ok := h.Get("sigT").Text(); ok {
		t, err := time.Parse(time.RFC3339, claimed)
		if err != nil {
			return malformed(at+"/sigT", "no time")
		}
		s.Claimed = t.UTC()
	} else if n, ok := h.Get("iat").Float(); ok && n > 0 && n < 1<<40 {
		s.Claimed = time.Unix(int64(n), 0).UTC()
	}
	var err error
	if s.content, err = tokens(h.Get("adoTst"), at+"/adoTst"); err != nil {
		return err
	}
	return s.readChain(h, at)
}

func (s *Seal) readChain(h *strictjson.Value, at string) error {
	list := h.Get("x5c")
	if list.Kind() != strictjson.KindArray || len(list.Items()) == 0 {
		return malformed(at+"/x5c", "the certificate of who sealed is not in it")
	}
	for _, item := range list.Items() {
		cert, err := certificate(item)
		if reason.CodeOf(err) == reason.LimitSize {
			return reason.Wrap(reason.LimitSize, at+"/x5c", err)
		}
		if err != nil || len(s.Chain) == maxChain {
			return malformed(at+"/x5c", "a certificate cannot be read, or there are more than %d", maxChain)
		}
		s.Chain = append(s.Chain, cert)
	}
	if digest := h.Get("x5t#S256"); digest != nil {
		text, _ := digest.Text()
		want, err := decode(text)
		if got := sha256.Sum256(s.Chain[0].Raw); err != nil || !bytes.Equal(got[:], want) {
			return malformed(at+"/x5t#S256", "the digest is of another certificate")
		}
	}
	return nil
}

func certificate(v *strictjson.Value) (*x509.Certificate, error) {
	text, _ := v.Text()
	der, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, err
	}
	return timestamp.Certificate(der)
}

// tokens reads a container of time-stamps (section 5.4.3.3).
func tokens(v *strictjson.Value, at string) ([][]byte, error) {
	var out [][]byte
	for _, item := range v.Get("tstTokens").List() {
		raw, err := value(item)
		if err != nil || len(out) == maxProofs {
			return nil, malformed(at, "a time-stamp cannot be read, or there are more than %d", maxProofs)
		}
		out = append(out, raw)
	}
	return out, nil
}

func value(v *strictjson.Value) ([]byte, error) {
	text, _ := v.Get("val").Text()
	return base64.StdEncoding.DecodeString(text)
}

// readBeside reads what stands beside the signature and is not signed: proofs
// that were added later (section 5.3). What is of an unknown kind is passed by;
// of what is read nothing counts that does not carry a signature of its own.
func (s *Seal) readBeside(h, protected *strictjson.Value, at string) error {
	for _, m := range h.Members() {
		if protected.Get(m.Name) != nil || slices.Contains([]string{"alg", "crit", "b64", "x5c", "x5t#S256"}, m.Name) {
			return malformed(at, "%.100q stands outside of what is signed", m.Name)
		}
	}
	for _, item := range h.Get("etsiU").List() {
		if text, ok := item.Text(); ok {
			raw, err := decode(text)
			if err == nil {
				item, err = strictjson.ParseObject(raw, strictjson.Limits{MaxBytes: maxSeal})
			}
			if err != nil {
				return malformed(at+"/etsiU", "a member cannot be read")
			}
		}
		if err := s.readAdded(item, at+"/etsiU"); err != nil {
			return err
		}
	}
	return nil
}

func (s *Seal) readAdded(item *strictjson.Value, at string) error {
	more, err := tokens(item.Get("sigTst"), at+"/sigTst")
	if err != nil {
		return err
	}
	s.stamps = append(s.stamps, more...)
	for _, x := range item.Get("xVals").List() {
		cert, err := certificate(x.Get("x509Cert").Get("val"))
		if err == nil && len(s.others) < maxProofs {
			s.others = append(s.others, cert)
		}
	}
	for _, x := range item.Get("rVals").Get("crlVals").List() {
		if raw, err := value(x); err == nil && len(s.crls) < maxProofs {
			s.crls = append(s.crls, raw)
		}
	}
	for _, x := range item.Get("rVals").Get("ocspVals").List() {
		if raw, err := value(x); err == nil && len(s.ocsps) < maxProofs {
			s.ocsps = append(s.ocsps, raw)
		}
	}
	return nil
}

// Sealer is who sealed, as the certificate says.
type Sealer struct {
	Organisation string // subject's O
	Name         string // subject's CN
	Identifier   string // organizationIdentifier (ETSI EN 319 412-1), such as NTRNO-971035854
	Country      string
	Digest       string // SHA-256 of the certificate, hexadecimal
}

// IDScheme begins the id of who sealed, for a trust policy: eidas:NTRNO-971035854.
const IDScheme = "eidas:"

// ID returns an id for a trust policy. Of a certificate without an
// organizationIdentifier it names the certificate itself, by its digest.
func (s Sealer) ID() string {
	if s.Identifier == "" || strings.ContainsAny(s.Identifier, " \t\r\n") {
		return "x509:sha256:" + s.Digest
	}
	return IDScheme + s.Identifier
}

// By returns who sealed, by the certificate in the seal. That the certificate is
// believed is for Judge to say.
func (s *Seal) By() Sealer {
	subject := s.Chain[0].Subject
	out := Sealer{Organisation: strings.Join(subject.Organization, ", "), Name: subject.CommonName, Country: strings.Join(subject.Country, ", ")}
	digest := sha256.Sum256(s.Chain[0].Raw)
	out.Digest = hex.EncodeToString(digest[:])
	for _, a := range subject.Names {
		if a.Type.Equal(asn1.ObjectIdentifier{2, 5, 4, 97}) {
			out.Identifier, _ = a.Value.(string)
		}
	}
	return out
}
