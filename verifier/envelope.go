package verifier

import (
	"encoding/base64"
	"slices"
	"strings"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// The types of an object around a compact form or a COSE message (Data Model 2.0 sections 4.13.1
// and 4.13.2).
const (
	envelopedCredential   = "EnvelopedVerifiableCredential"
	envelopedPresentation = "EnvelopedVerifiablePresentation"
)

// unwrapped opens a document that is no more than an object around a compact
// form or a COSE message. Any other is returned as it is.
func (j *judgement) unwrapped(in *proof.Input) (*proof.Input, error) {
	kind, media := envelopedCredential, credentialMedia()
	if credential.HasType(in.Document, envelopedPresentation) {
		kind, media = envelopedPresentation, []string{"application/vp+jwt", "application/vp+sd-jwt", vpCOSE}
	} else if !credential.HasType(in.Document, envelopedCredential) {
		return in, nil
	}
	raw, err := inEnvelope(in.Document, "", kind, media)
	if err != nil {
		return nil, err
	}
	j.report.evidence.envelope = in.Document
	return proof.Read(raw, j.cfg.Limits)
}

// partBytes returns the bytes of a credential as it stands in a presentation:
// an object with its own proof, what an envelope holds, or the compact form that
// Data Model 1.1 embeds.
func partBytes(part credential.Part) ([]byte, error) {
	if s, ok := part.Value.Text(); ok {
		return []byte(s), nil
	}
	if !credential.HasType(part.Value, envelopedCredential) {
		if part.Value.Kind() != strictjson.KindObject {
			return nil, reason.New(reason.MalformedModel, part.At, "a credential is %s", part.Value.Kind())
		}
		return part.Value.Raw(), nil
	}
	return inEnvelope(part.Value, part.At, envelopedCredential, credentialMedia())
}

func credentialMedia() []string {
	return []string{"application/vc+jwt", "application/vc+sd-jwt", "application/dc+sd-jwt", vcCOSE}
}

// The media types whose data is not text, and so is in base64 (Securing
// Verifiable Credentials using JOSE and COSE section 3.3.1).
const (
	vcCOSE = "application/vc+cose"
	vpCOSE = "application/vp+cose"
)

// inEnvelope returns the compact form or the COSE message in an object whose id
// is a data: URL (RFC 2397). Nothing else of the object is looked at: what is
// secured is what counts.
func inEnvelope(v *strictjson.Value, at, kind string, media []string) ([]byte, error) {
	if !slices.ContainsFunc(v.Get("@context").List(), func(c *strictjson.Value) bool {
		s, _ := c.Text()
		return s == credential.ContextV2
	}) {
		return nil, reason.New(reason.MalformedModel, at+"/@context", "the context does not define %s", kind)
	}
	if len(credential.Types(v)) != 1 { // and that one it has, or it would not be taken for an envelope
		return nil, reason.New(reason.MalformedModel, at+"/type", "an envelope is of type %s and of no other", kind)
	}
	rest, ok := strings.CutPrefix(credential.ID(v), "data:")
	if !ok {
		return nil, reason.New("remote_fetch_blocked/envelope", at+"/id", "what is enveloped is a data: URL; nothing is fetched")
	}
	head, data, _ := strings.Cut(rest, ",")
	kindOf, inBase64 := strings.CutSuffix(strings.ToLower(head), ";base64")
	if !slices.Contains(media, kindOf) {
		return nil, reason.New("wrong_type/envelope", at+"/id", "the envelope holds %.60q, which is not %s", head, strings.Join(media, " or "))
	}
	isCOSE := kindOf == vcCOSE || kindOf == vpCOSE
	if isCOSE != inBase64 {
		return nil, reason.New("wrong_type/envelope", at+"/id", "of what an envelope holds, COSE and only COSE is in base64")
	}
	if !isCOSE {
		if !strings.HasPrefix(data, "eyJ") {
			return nil, reason.New("wrong_type/envelope", at+"/id", "the envelope holds no compact form")
		}
		return []byte(data), nil
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(data)
	if err != nil || strings.ContainsAny(data, "\r\n") {
		return nil, reason.New(reason.MalformedBase64, at+"/id", "what is enveloped is not base64 in its canonical form")
	}
	if !proof.IsCOSE(raw) {
		return nil, reason.New("wrong_type/envelope", at+"/id", "the envelope holds no COSE message")
	}
	return raw, nil
}
