package issuer

import (
	"context"
	"fmt"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/credential/profile"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/status"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// Endorsement is what an issuer says of something of somebody else's.
type Endorsement struct {
	// Of is what is endorsed, as it stands where others read it: an achievement,
	// a profile or a credential. It needs an id, and the endorsement is bound to
	// its text.
	Of         *credential.Value
	Comment    string // what is said of it, in Markdown
	Name       string // of the endorsement, empty: one is made of the name of what is endorsed
	ValidFrom  time.Time
	ValidUntil time.Time   // zero: no end
	Suite      proof.Suite // how it is secured, nil: as lists are, which show whole
	Actor      string      // who has it issued, for the audit log
}

// Endorse issues an EndorsementCredential (Open Badges 3.0, section 6). It names
// what it is of by its id, as the standard wants, and by a digest of its text in
// relatedResource, since the id alone would cover whatever will stand under it;
// see openbadge.EndorsedDigest. It goes into the books like any other
// credential, and can be revoked.
func (i *Issuer) Endorse(ctx context.Context, e Endorsement) (*Issued, error) {
	if err := i.mayBeUsed(); err != nil {
		return nil, err
	}
	suite := e.Suite
	if suite == nil {
		suite = i.cfg.ListSuite
	}
	if showsInPart(suite) {
		return nil, reason.New("usage/params", "", "an endorsement always shows whole: take another form than %s", suite.ID())
	}
	id, err := newID()
	if err != nil {
		return nil, err
	}
	if _, err := i.endorsement(e, id, nil); err != nil { // before a place is taken
		return nil, err
	}
	var slots []Slot
	if i.cfg.StatusBase != "" {
		if slots, err = i.cfg.Ledger.Reserve(ctx, Reservation{Purposes: []string{status.Revocation}, ListSize: i.cfg.ListSize}); err != nil {
			return nil, err
		}
	}
	c, err := i.endorsement(e, id, slots)
	if err != nil {
		return nil, err
	}
	now := i.cfg.Now()
	signed, err := suite.Sign(ctx, c.Raw(), i.cfg.Signer, proof.Params{Purpose: proof.AssertionMethod, Created: now})
	if err != nil {
		return nil, err
	}
	err = i.cfg.Ledger.Record(ctx, Record{ID: id, Form: string(suite.ID()), Method: i.cfg.Signer.ID(), IssuedAt: now, Slots: slots, Credential: signed, Actor: e.Actor})
	if err != nil {
		return nil, err
	}
	return &Issued{ID: id, Credential: signed, Slots: slots}, nil
}

// endorsement builds the unsigned endorsement and lints it.
func (i *Issuer) endorsement(e Endorsement, id string, slots []Slot) (*credential.Credential, error) {
	of := credential.ID(e.Of)
	if of == "" {
		return nil, reason.New("malformed/endorsed", "/id", "what has no id cannot be endorsed")
	}
	digest, err := openbadge.EndorsedDigest(e.Of)
	if err != nil {
		return nil, err
	}
	d := credential.Draft{
		Contexts: []string{openbadge.Context}, ID: id, Types: []string{openbadge.TypeEndorsementCredential}, Name: e.Name,
		Issuer: i.cfg.Profile.Value(), ValidFrom: e.ValidFrom, ValidUntil: e.ValidUntil,
		Subject: openbadge.EndorsementSubject{ID: of, EndorsementComment: e.Comment}.Value(),
		More: []credential.Member{{Name: "relatedResource", Value: strictjson.Array(strictjson.Object(
			strictjson.Member{Name: "id", Value: strictjson.String(of)}, strictjson.Member{Name: "digestSRI", Value: strictjson.String(digest)}))}},
	}
	if d.Name == "" {
		d.Name = "Endorsement: " + credential.Text(e.Of.Get("name"))
		if e.Of.Get("name") == nil {
			d.Name = "Endorsement"
		}
	}
	if d.ValidFrom.IsZero() {
		d.ValidFrom = i.cfg.Now()
	}
	for _, slot := range slots {
		address := i.listURL(slot.Purpose, slot.List)
		d.Status = append(d.Status, status.Entry{ID: fmt.Sprintf("%s#%d", address, slot.Index), ListURL: address, Purpose: slot.Purpose, Index: slot.Index}.Value())
	}
	c, err := d.Build()
	if err != nil {
		return nil, err
	}
	return c, profile.Err(profile.Check(c.Document(), i.standards.For(c)...))
}
