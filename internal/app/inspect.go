package app

import (
	"context"
	"encoding/json"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/bake"
	"github.com/kompetansebevis/bevis/credential/elm"
	"github.com/kompetansebevis/bevis/credential/elmo"
	"github.com/kompetansebevis/bevis/credential/ob2"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/verifier"
)

// InspectSchema names the form of Inspection in JSON.
const InspectSchema = "bevis.inspect/v1"

// Inspection is what stands in a document. None of it has been checked.
type Inspection struct {
	Schema   string           `json:"schema"`
	Input    string           `json:"input,omitempty"`
	Carrier  string           `json:"carrier,omitempty"`
	Form     string           `json:"form"` // "json" or the form of a token
	Contains []InspectedPart  `json:"contains"`
	Proofs   []InspectedProof `json:"proofs"`
	Document json.RawMessage  `json:"document"`

	// Associations are how the achievements of a comprehensive learner record
	// belong together, as its publisher tells.
	Associations []ResultAssociation `json:"associations,omitempty"`

	// Of a form that can be shown in part: how much the holder could have kept
	// back and showed, how much is not shown, and what can be kept back.
	Disclosed int      `json:"disclosed,omitempty"`
	Withheld  int      `json:"withheld,omitempty"`
	Choices   []string `json:"choices,omitempty"`
}

// InspectedPart is the credential, or the presentation and what is in it.
type InspectedPart struct {
	ID         string   `json:"id,omitempty"`
	Types      []string `json:"types"`
	Name       string   `json:"name,omitempty"`
	Issuer     string   `json:"issuer,omitempty"`
	IssuerName string   `json:"issuerName,omitempty"`
	Subject    []string `json:"subject,omitempty"`
	Holder     string   `json:"holder,omitempty"`
	ValidFrom  string   `json:"validFrom,omitempty"`
	ValidUntil string   `json:"validUntil,omitempty"`
	Status     []string `json:"status,omitempty"` // URLs of status lists
}

// InspectedProof is a proof as it describes itself.
type InspectedProof struct {
	Type    string `json:"type"`
	Suite   string `json:"cryptosuite,omitempty"`
	Method  string `json:"verificationMethod,omitempty"`
	Purpose string `json:"proofPurpose,omitempty"`
	Created string `json:"created,omitempty"`
}

// Inspect reads a document without judging it.
func (a *App) Inspect(ctx context.Context, in Input) (Inspection, error) {
	out := Inspection{Schema: InspectSchema, Input: in.Name, Proofs: []InspectedProof{}}
	if in.Err != nil {
		return out, in.Err
	}
	in, err := Opened(ctx, in)
	if err != nil {
		return out, err
	}
	if elmo.Is(in.Raw) {
		return out, out.ofELMO(in.Raw)
	}
	out.Carrier = carrierOf(in)
	doc, form, err := a.Document(in.Raw)
	if err != nil {
		return out, err
	}
	out.Form, out.Document = form, doc.AppendJSON(nil)
	if form == string(verifier.SealedJAdES) {
		return out, out.ofSeal(in.Raw)
	}
	out.Contains = append(out.Contains, inspectPart(doc))
	for _, part := range doc.Get("verifiableCredential").List() {
		out.Contains = append(out.Contains, inspectPart(part))
	}
	if c, err := credential.New(doc, nil); err == nil && openbadge.IsRecord(c) {
		out.Associations = associationsOf(c)
		for _, subject := range c.Subjects() {
			for _, part := range subject.Get("verifiableCredential").List() {
				if part.Kind() == strictjson.KindObject { // else a token, which says nothing unread
					out.Contains = append(out.Contains, inspectPart(part))
				}
			}
		}
	}
	for _, p := range doc.Get("proof").List() {
		out.Proofs = append(out.Proofs, InspectedProof{
			Type: text(p, "type"), Suite: text(p, "cryptosuite"), Method: text(p, "verificationMethod"),
			Purpose: text(p, "proofPurpose"), Created: text(p, "created")})
	}
	return out, a.inspectParts(ctx, in.Raw, &out)
}

// carrierOf says what a document came in, pictures with one baked in among that.
func carrierOf(in Input) string {
	if format := bake.Detect(in.Raw); format != bake.Unknown && !elmo.Is(in.Raw) {
		return format.String()
	}
	return in.Carrier
}

// inspectParts says what can be kept back of a document, and by whom a token
// of that kind is.
func (a *App) inspectParts(ctx context.Context, raw []byte, out *Inspection) error {
	raw, err := carried(raw)
	if err != nil {
		return err
	}
	in, err := proof.Read(raw, strictjson.Limits{})
	if err != nil {
		return err
	}
	secured, err := a.suites.Open(in)
	if err != nil {
		return nil // which is for verify to say
	}
	for n, s := range secured {
		if list := text(s.Status.Get("status_list"), "uri"); list != "" && n == 0 {
			out.Contains[0].Status = append(out.Contains[0].Status, list)
		}
		suite, err := a.suites.Suite(s.Suite)
		if err != nil {
			continue
		}
		d, ok := suite.(proof.Discloser)
		if !ok {
			continue
		}
		out.Disclosed, out.Withheld = max(out.Disclosed, s.Disclosed), max(out.Withheld, s.Withheld)
		if choices, err := d.Choices(ctx, raw); err == nil && out.Choices == nil {
			out.Choices = []string{} // none is an answer too
			for _, c := range choices {
				out.Choices = append(out.Choices, c.Pointer)
			}
		}
		if in.Compact != "" {
			out.Proofs = append(out.Proofs, InspectedProof{Type: text(s.Proof, "typ"), Suite: text(s.Proof, "alg"), Method: s.Method, Purpose: string(s.Purpose), Created: stamp(s.Created)})
		}
	}
	return nil
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return credential.FormatTime(t)
}

func text(v *strictjson.Value, name string) string {
	s, _ := v.Get(name).Text()
	return s
}

func inspectPart(v *strictjson.Value) InspectedPart {
	out := InspectedPart{ID: credential.ID(v), Holder: credential.ID(v.Get("holder"))}
	for _, t := range v.Get("type").List() {
		if s, ok := t.Text(); ok {
			out.Types = append(out.Types, s)
		}
	}
	if elm.Is(v) {
		out.ofEuropass(v)
		return out
	}
	c, err := credential.New(v, nil)
	if err != nil {
		return out // a presentation, or something that is only like a credential
	}
	out.Name, out.Issuer, out.IssuerName, out.Subject = c.Name("nb", "nn", "no", "en"), c.IssuerID(), c.IssuerName("nb", "nn", "no", "en"), c.SubjectIDs()
	for _, name := range []string{"validFrom", "issuanceDate"} {
		if s := text(v, name); s != "" {
			out.ValidFrom = s
		}
	}
	for _, name := range []string{"validUntil", "expirationDate"} {
		if s := text(v, name); s != "" {
			out.ValidUntil = s
		}
	}
	for _, entry := range v.Get("credentialStatus").List() {
		if s := text(entry, "statusListCredential"); s != "" {
			out.Status = append(out.Status, text(entry, "statusPurpose")+" "+s)
		}
	}
	return out
}

// Document gets the document out of whatever carries it, without judging.
func (a *App) Document(raw []byte) (doc *strictjson.Value, form string, err error) {
	if bake.Detect(raw) != bake.Unknown {
		baked, err := bake.Extract(raw, bake.Limits{})
		if err != nil {
			return nil, "", err
		}
		raw = baked.Credential
	}
	in, err := proof.Read(raw, limitsOf(raw))
	if err != nil {
		return nil, "", err
	}
	if elm.IsSealed(in.Document) {
		sealed, err := unsealed(in.Document)
		return sealed.document, string(verifier.SealedJAdES), err
	}
	if in.Document != nil {
		return in.Document, "json", nil
	}
	secured, err := a.suites.Open(in)
	if err != nil && ob2.MayBeToken(in.Compact) {
		badge, err := ob2.Read(raw, strictjson.Limits{})
		if err != nil {
			return nil, "", err
		}
		return badge.Document(), string(verifier.SignedBadge2), nil
	}
	if err != nil {
		return nil, "", err
	}
	return secured[0].Document, string(secured[0].Suite), nil
}
