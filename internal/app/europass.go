package app

import (
	"bytes"
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/kompetansebevis/bevis/credential/elm"
	"github.com/kompetansebevis/bevis/credential/elmo"
	"github.com/kompetansebevis/bevis/credential/proof/jades"
	"github.com/kompetansebevis/bevis/internal/strictjson"
)

// openedSeal is a document out of its seal.
type openedSeal struct {
	seal     *jades.Seal
	document *strictjson.Value
}

// limitsOf are the limits for a document: wider for one in a seal, which holds
// the pictures of its pages.
func limitsOf(raw []byte) strictjson.Limits {
	if len(raw) > strictjson.DefaultMaxBytes && bytes.Contains(raw, []byte(`"payload"`)) && bytes.Contains(raw, []byte(`"protected"`)) {
		return jades.Limits()
	}
	return strictjson.Limits{}
}

// unsealed takes a document out of its seal, which it does not judge.
func unsealed(document *strictjson.Value) (openedSeal, error) {
	seal, err := jades.Open(document)
	if err != nil {
		return openedSeal{}, err
	}
	inside, err := strictjson.ParseObject(seal.Payload, elm.Limits(strictjson.Limits{}))
	return openedSeal{seal, inside}, err
}

// ofSeal describes a document in a seal, and the seal as it describes itself.
func (i *Inspection) ofSeal(raw []byte) error {
	document, err := strictjson.ParseObject(raw, jades.Limits())
	if err != nil {
		return err
	}
	s, err := unsealed(document)
	if err != nil {
		return err
	}
	by := s.seal.By()
	i.Contains = append(i.Contains, inspectPart(s.document))
	i.Proofs = append(i.Proofs, InspectedProof{Type: "JAdES", Suite: s.seal.Algorithm, Method: strings.TrimSpace(by.Organisation + " " + by.ID()), Created: stamp(s.seal.Claimed)})
	return nil
}

// wanted is the order of languages in which documents are shown.
func wanted() []string { return []string{"nb", "nn", "no", "en"} }

// ofEuropass describes a European Digital Credential.
func (p *InspectedPart) ofEuropass(v *strictjson.Value) {
	c, err := elm.Read(v)
	if err != nil {
		return
	}
	p.Name, p.Issuer, p.IssuerName = c.Title.In(wanted()...), c.Issuer.ID, c.Issuer.Name.In(wanted()...)
	p.ValidFrom, p.ValidUntil = c.ValidFrom, c.ValidUntil
	if p.Name == "" && len(c.Claims) > 0 {
		p.Name = c.Claims[0].Title.In(wanted()...)
	}
	p.Subject = append(p.Subject, strings.TrimSpace(c.Person.Name.In(wanted()...)+" "+c.Person.ID))
}

// maxShown bounds the claims that are shown.
const maxShown = 100

// ofEuropass adds what a European Digital Credential says: titles, results and
// skills of its claims, and of the first what else there is.
func (out *ResultClaims) ofEuropass(document *strictjson.Value) {
	c, err := elm.Read(document)
	if err != nil {
		return
	}
	out.Name, out.Description, out.Recipient = cmp.Or(c.Title.In(wanted()...), out.Name), c.Description.In(wanted()...), c.Person.Name.In(wanted()...)
	var titles []string
	for _, claim := range c.Claims[:min(len(c.Claims), maxShown)] {
		titles = append(titles, claim.Title.In(wanted()...))
		for _, proven := range claim.ProvenBy {
			if g := proven.Grade.In(wanted()...); g != "" {
				out.Results = append(out.Results, g)
			}
		}
		for _, o := range claim.Spec.Outcomes {
			for _, skill := range slices.Concat(o.ESCO, o.Skills) {
				out.Skills = append(out.Skills, skill.Label.In(wanted()...))
			}
		}
	}
	out.Achievement = strings.Join(titles, ", ")
	if len(c.Claims) == 0 {
		return
	}
	first := c.Claims[0]
	out.Description = cmp.Or(first.Spec.Description.In(wanted()...), first.Description.In(wanted()...), out.Description)
	out.Credits, _ = strconv.ParseFloat(first.Credits.Points, 64)
	if level, ok := strings.CutPrefix(first.Spec.EQF.ID, "http://data.europa.eu/snb/eqf/"); ok {
		out.Level = "EQF " + level
	}
}

// ofELMO describes the results of an ELMO document. Its signature is not judged.
func (i *Inspection) ofELMO(raw []byte) error {
	results, err := elmo.List(raw, wanted()...)
	if err != nil {
		return err
	}
	i.Form, i.Document = "elmo", strictjson.AppendString(nil, string(raw))
	for _, r := range results {
		p := InspectedPart{ID: r.Part, Name: r.Title, IssuerName: r.Issuer, Subject: []string{r.Learner}, ValidFrom: r.Date}
		if r.Type != "" {
			p.Types = []string{r.Type}
		}
		i.Contains = append(i.Contains, p)
	}
	if elmo.Signed(raw) {
		i.Proofs = append(i.Proofs, InspectedProof{Type: "XMLDSig"})
	}
	return nil
}
