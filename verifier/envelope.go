package verifier

import (
	"slices"
	"strings"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// The types of an object around a compact form (Data Model 2.0 sections 4.13.1
// and 4.13.2).
const (
	envelopedCredential   = "EnvelopedVerifiableCredential"
	envelopedPresentation = "EnvelopedVerifiablePresentation"
)

// unwrapped opens a document that is no more than an object around a compact
// form. Any other is returned as it is.
func (j *judgement) unwrapped(in *proof.Input) (*proof.Input, error) {
	kind, media := envelopedCredential, credentialMedia()
	if credential.HasType(in.Document, envelopedPresentation) {
		kind, media = envelopedPresentation, []string{"application/vp+jwt"}
	} else if !credential.HasType(in.Document, envelopedCredential) {
		return in, nil
	}
	raw, err := inEnvelope(in.Document, "", kind, media)
	if err != nil {
		return nil, err
	}
	inner, err := proof.Read(raw, j.cfg.Limits)
	if err == nil && inner.Compact == "" {
		err = reason.New("wrong_type/envelope", "/id", "the envelope holds no compact form")
	}
	return inner, err
}

// partBytes returns the bytes of a credential as it stands in a presentation:
// an object with its own proof, an envelope, or the compact form that Data
// Model 1.1 embeds.
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
	return []string{"application/vc+jwt", "application/vc+sd-jwt", "application/dc+sd-jwt"}
}

// inEnvelope returns the compact form in an object whose id is a data: URL.
// Nothing else of the object is looked at: the compact form is what counts.
func inEnvelope(v *strictjson.Value, at, kind string, media []string) ([]byte, error) {
	if !slices.ContainsFunc(v.Get("@context").List(), func(c *strictjson.Value) bool {
		s, _ := c.Text()
		return s == credential.ContextV2
	}) {
		return nil, reason.New(reason.MalformedModel, at+"/@context", "the context does not define %s", kind)
	}
	if types := credential.Types(v); len(types) != 1 || types[0] != kind {
		return nil, reason.New(reason.MalformedModel, at+"/type", "an envelope is of type %s and of no other", kind)
	}
	rest, ok := strings.CutPrefix(credential.ID(v), "data:")
	if !ok {
		return nil, reason.New("remote_fetch_blocked/envelope", at+"/id", "what is enveloped is a data: URL; nothing is fetched")
	}
	kindOf, data, ok := strings.Cut(rest, ",")
	if !ok || !slices.Contains(media, strings.ToLower(kindOf)) {
		return nil, reason.New("wrong_type/envelope", at+"/id", "the envelope holds %.60q, which is not %s", kindOf, strings.Join(media, " or "))
	}
	return []byte(data), nil
}
