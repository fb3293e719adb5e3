package charter

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// Genres of evidence, by which the parts of a charter are told apart.
const (
	genre              = "charter/" // and the commitment's word
	genreAccreditation = "accreditation"
)

// Credential returns the charter as a credential that is yet to be signed. The
// same charter gives the same bytes.
func (c Charter) Credential() (*credential.Credential, error) {
	c.From, c.Until = c.From.UTC().Truncate(time.Second), c.Until.UTC().Truncate(time.Second)
	if err := c.Check(); err != nil {
		return nil, err
	}
	var evidence []*strictjson.Value
	for _, t := range c.texts() {
		evidence = append(evidence, openbadge.Evidence{Type: []string{"Evidence"}, Name: t.claim, Narrative: t.text, Genre: genre + t.word}.Value())
	}
	for _, a := range c.Accreditations {
		evidence = append(evidence, openbadge.Evidence{ID: a.URL, Type: []string{"Evidence"}, Name: a.By, Description: a.Scheme, Genre: genreAccreditation}.Value())
	}
	return credential.Draft{
		Contexts: []string{openbadge.Context}, ID: c.id(evidence), Types: []string{openbadge.TypeEndorsementCredential},
		Name: "Self-declaration of " + c.Name, Issuer: openbadge.Profile{ID: c.Provider, Name: c.Name, URL: c.URL}.Value(),
		ValidFrom: c.From, ValidUntil: c.Until,
		Subject: openbadge.EndorsementSubject{ID: c.Provider, EndorsementComment: Claim}.Value(),
		More:    []credential.Member{{Name: "evidence", Value: strictjson.Array(evidence...)}},
	}.Build()
}

// id is made of what the charter says.
func (c Charter) id(evidence []*strictjson.Value) string {
	h := sha256.New()
	fmt.Fprintf(h, "%q %q %q %d %d\n", c.Provider, c.Name, c.URL, c.From.Unix(), c.Until.Unix())
	h.Write(strictjson.Array(evidence...).AppendJSON(nil))
	s := hex.EncodeToString(h.Sum(nil)[:16])
	return "urn:uuid:" + s[:8] + "-" + s[8:12] + "-8" + s[13:16] + "-8" + s[17:20] + "-" + s[20:]
}

// Sign returns the charter as a credential that its provider signed. The
// signer's key must be the provider's.
func (c Charter) Sign(ctx context.Context, suite proof.Suite, signer key.Signer, now time.Time) ([]byte, error) {
	unsigned, err := c.Credential()
	if err != nil {
		return nil, err
	}
	return suite.Sign(ctx, unsigned.Raw(), signer, proof.Params{Purpose: proof.AssertionMethod, Created: now})
}

// Read reads the charter that a credential is. It does not judge the
// credential: see Open. What is no whole charter of one provider about itself
// is publication_refused/charter.
func Read(c *credential.Credential) (Charter, error) {
	if !c.HasType(openbadge.TypeEndorsementCredential) {
		return Charter{}, refused("/type", "a charter is an %s", openbadge.TypeEndorsementCredential)
	}
	issuer, err := openbadge.ReadProfile(c.Document().Get("issuer"))
	if err != nil {
		return Charter{}, refused("/issuer", "names nobody")
	}
	out := Charter{Provider: issuer.ID, Name: issuer.Name, URL: issuer.URL}
	if subjects := c.SubjectIDs(); len(c.Subjects()) != 1 || !slices.Equal(subjects, []string{issuer.ID}) {
		return Charter{}, refused("/credentialSubject", "a provider speaks of itself, and of nobody else")
	}
	subject, err := openbadge.ReadEndorsementSubject(c.Subjects()[0])
	if err != nil || subject.EndorsementComment != Claim {
		return Charter{}, refused("/credentialSubject/endorsementComment", "does not claim what a charter claims")
	}
	if out.From, out.Until, err = c.Period(); err != nil {
		return Charter{}, err
	}
	if err := out.readEvidence(c.Document().Get("evidence").List()); err != nil {
		return Charter{}, err
	}
	return out, out.Check()
}

func (c *Charter) readEvidence(items []*strictjson.Value) error {
	if len(items) > MaxAccreditations+3 {
		return refused("/evidence", "%d items are too many", len(items))
	}
	to := map[string]*string{genre + "staff": &c.Staff, genre + "material": &c.Material, genre + "services": &c.Services}
	for _, item := range items {
		text := func(name string) string { s, _ := item.Get(name).Text(); return s }
		if text("genre") == genreAccreditation {
			c.Accreditations = append(c.Accreditations, Accreditation{By: text("name"), URL: text("id"), Scheme: text("description")})
			continue
		}
		field := to[text("genre")]
		switch {
		case field == nil:
			return refused("/evidence", "%.60q is no part of a charter", text("genre"))
		case *field != "":
			return refused("/evidence", "%s stands twice", text("genre"))
		}
		*field = text("narrative")
	}
	return nil
}

// Verifier judges a credential of one issuer, who is trusted for what it says
// of itself. It returns the credential only if it is valid: signed by a key of
// that issuer, whole, and in force.
type Verifier interface {
	Charter(ctx context.Context, raw []byte, issuer string) (*credential.Credential, error)
}

// Open reads a charter that counts for a provider at a time: v finds it valid,
// who signed it is whom it is about and the provider, and all commitments are
// made. Errors are those of v, and publication_refused/charter.
func Open(ctx context.Context, raw []byte, provider string, at time.Time, v Verifier) (Charter, error) {
	valid, err := v.Charter(ctx, raw, provider)
	if err != nil {
		return Charter{}, err
	}
	if valid == nil {
		return Charter{}, reason.New(reason.Internal, "", "no credential was verified")
	}
	c, err := Read(valid)
	if err != nil {
		return Charter{}, err
	}
	if c.Provider != provider {
		return Charter{}, refused("/issuer", "the charter is of %.200s, and not of %s", c.Provider, provider)
	}
	return c, c.InForce(at)
}
