package wallet

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"slices"
	"time"

	"github.com/kompetansebevis/bevis/internal/sharelink"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// Share is a line of the share log: who got what, until when. It names the
// fields and holds none of their values but the titles, by which the holder
// knows the credentials.
type Share struct {
	ID          string    `json:"id"`
	At          time.Time `json:"at"`
	Audience    string    `json:"audience"`
	Purpose     string    `json:"purpose,omitempty"`
	As          string    `json:"as,omitempty"` // what it went out as, such as "html"
	Credentials []string  `json:"credentials"`  // ids of items
	Titles      []string  `json:"titles"`
	Fields      []string  `json:"fields"` // names of the members that the receiver sees
	// Withheld names what could have been shown beside them, and was not.
	Withheld []string `json:"withheld,omitempty"`
	// Export says that the credentials were written out whole, in the form As, for
	// whoever the holder gives them to: there is no Audience then.
	Export  bool      `json:"export,omitempty"`
	Expires time.Time `json:"expires,omitzero"`
	Holder  string    `json:"holder"` // the key that signed
	// Bound tells whether the holder's key is the one that the credentials
	// are about. Without that, the receiver cannot tell that they are yours.
	Bound bool `json:"bound"`
	// Parts tell the fields of each credential; lines of earlier versions have
	// none.
	Parts []SharePart `json:"parts,omitempty"`
	Link  *ShareLink  `json:"link,omitempty"` // where it went out under a link
	// Withdrawn is when the holder took it back; see Withdraw.
	Withdrawn time.Time `json:"withdrawn,omitzero"`
	// DeletionRequested is when the holder asked the receiver to delete it.
	DeletionRequested []time.Time `json:"deletionRequested,omitempty"`
}

// SharePart is what a share showed of one credential.
type SharePart struct {
	Credential string   `json:"credential"`     // id of the item
	Type       string   `json:"type,omitempty"` // vct of a token that has one, else its type that says most
	Fields     []string `json:"fields"`
}

// ShareLink is what the holder needs to take back a share that is under a
// link. The key of the link is not in it, and nowhere in the wallet.
type ShareLink struct {
	Where     string `json:"where,omitempty"` // the address of the folder, if it was known
	Recipient string `json:"recipient"`       // to whom the status document is encrypted
	Body      string `json:"body"`            // SHA-256 of the encrypted presentation, in base64url
}

// own returns a copy that shares nothing that a caller could change.
func (s Share) own() Share {
	s.Credentials, s.Titles, s.Fields, s.Withheld = slices.Clone(s.Credentials), slices.Clone(s.Titles), slices.Clone(s.Fields), slices.Clone(s.Withheld)
	s.Parts, s.DeletionRequested = slices.Clone(s.Parts), slices.Clone(s.DeletionRequested)
	for i := range s.Parts {
		s.Parts[i].Fields = slices.Clone(s.Parts[i].Fields)
	}
	if s.Link != nil {
		link := *s.Link
		s.Link = &link
	}
	return s
}

// settle applies an event about a share.
func (s *state) settle(e event) {
	for i := range s.shares {
		share := &s.shares[i]
		switch {
		case share.ID != e.ID:
		case e.Op == opDeletion:
			share.DeletionRequested = append(slices.Clip(share.DeletionRequested), e.At)
		case share.Withdrawn.IsZero(): // what was taken back once stays so since then
			share.Withdrawn = e.At
		}
	}
}

// LogExport notes in the share log that items are about to be written out whole,
// in a form such as "folder", and returns the line. Like that of a share it holds
// none of their values but the titles.
func (w *Wallet) LogExport(ctx context.Context, form string, ids []string) (Share, error) {
	var share Share
	err := w.change(ctx, func(s *state) ([]event, error) {
		share = Share{Export: true, As: form, At: w.now().UTC().Truncate(time.Second)}
		var err error
		if share.ID, err = newShareID(); err != nil {
			return nil, err
		}
		for _, id := range ids {
			i, err := pick(s.items, id)
			if err != nil {
				return nil, err
			}
			share.add(i)
		}
		share.sortFields()
		logged := share.own()
		return []event{{Op: opShare, Share: &logged}}, nil
	})
	return share, err
}

func newShareID() (string, error) {
	var id [6]byte
	if _, err := rand.Read(id[:]); err != nil {
		return "", reason.Wrap(reason.Internal, "", err)
	}
	return hex.EncodeToString(id[:]), nil
}

// add puts what is shown of an item into the line.
func (s *Share) add(i Item) {
	names := fields(i)
	slices.Sort(names)
	names = slices.Compact(names)
	s.Credentials, s.Titles, s.Fields = append(s.Credentials, i.ID), append(s.Titles, i.Title), append(s.Fields, names...)
	s.Parts = append(s.Parts, SharePart{Credential: i.ID, Type: typeName(i), Fields: names})
}

func (s *Share) sortFields() {
	slices.Sort(s.Fields)
	s.Fields = slices.Compact(s.Fields)
}

// Shares returns the share log, oldest first.
func (w *Wallet) Shares() []Share {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := slices.Clone(w.state.shares)
	for i := range out {
		out[i] = out[i].own()
	}
	return out
}

// ShareOf returns the line of the share log with an id, or with an id that
// begins so: not_found/share, usage/ambiguous-id.
func (w *Wallet) ShareOf(id string) (Share, error) {
	w.mu.Lock()
	closed := w.closed()
	w.mu.Unlock()
	if closed != nil {
		return Share{}, closed
	}
	share, err := one(w.Shares(), id, func(s Share) string { return s.ID })
	if reason.CodeOf(err).Coarse() == string(reason.NotFound) {
		return Share{}, reason.New("not_found/share", id, "nothing was shared under that id")
	}
	return share, err
}

// Withdraw notes in the share log that the holder takes a share back. It is
// for the holder's memory: that the receiver learns of it, the caller has to
// see to; for a share under a link by the status document that LinkStatus
// returns from then on. An id that the log doesn't have is not_found/share.
func (w *Wallet) Withdraw(ctx context.Context, id string) error {
	return w.settleShare(ctx, opWithdraw, id)
}

// RequestDeletion notes in the share log that the holder asks the receiver of a
// share to delete what they got. An id that the log doesn't have is
// not_found/share.
func (w *Wallet) RequestDeletion(ctx context.Context, id string) error {
	return w.settleShare(ctx, opDeletion, id)
}

func (w *Wallet) settleShare(ctx context.Context, op, id string) error {
	return w.change(ctx, func(s *state) ([]event, error) {
		if !slices.ContainsFunc(s.shares, func(have Share) bool { return have.ID == id }) {
			return nil, reason.New("not_found/share", id, "nothing was shared under that id")
		}
		return []event{{Op: op, ID: id}}, nil
	})
}

// Linked is a share that is to be kept under a link.
type Linked struct {
	Share  Share
	Body   []byte // the encrypted presentation: share.age
	Status []byte // the encrypted status document: status.age
	Key    string // what stands behind the # of the link: it opens the share, and is not kept
}

// ShareLink makes a share that is kept under a link, as package
// internal/sharelink has it. Where is the address of the folder, if it is
// known already. The share log has it before anything is returned; errors are
// those of Share, and usage/share-size for one that is too large.
func (w *Wallet) ShareLink(ctx context.Context, r ShareRequest, where string) (Linked, error) {
	r.As = "link"
	var sealed sharelink.Sealed
	_, share, err := w.share(ctx, r, func(signed []byte) (l *ShareLink, err error) {
		sealed, err = sharelink.Seal(signed)
		return &ShareLink{Where: where, Recipient: sealed.Recipient, Body: sealed.Digest}, err
	})
	if err != nil {
		return Linked{}, err
	}
	status, err := w.LinkStatus(ctx, share.ID)
	if err != nil {
		return Linked{}, err
	}
	return Linked{Share: share, Body: sealed.Body, Status: status, Key: sealed.Key}, nil
}

// LinkStatus returns the status document of a share under a link, status.age,
// as of now. A share that is under none is usage/share-no-link.
func (w *Wallet) LinkStatus(ctx context.Context, id string) ([]byte, error) {
	share, err := w.ShareOf(id)
	if err != nil {
		return nil, err
	}
	if share.Link == nil {
		return nil, reason.New("usage/share-no-link", share.ID, "it was handed over, and is not under a link")
	}
	signer, err := w.signer(share.Holder)
	if err != nil {
		return nil, err
	}
	s := sharelink.Status{Share: share.ID, Body: share.Link.Body, Holder: share.Holder, State: sharelink.Active, Made: w.now(), Until: share.Expires}
	if !share.Withdrawn.IsZero() {
		s.State = sharelink.Revoked
	}
	return s.Seal(ctx, signer, share.Link.Recipient)
}

// fields names the members that a receiver of the item sees, such as
// credentialSubject.achievement.name. A name may come several times.
func fields(i Item) []string {
	doc, err := document(i.bytes())
	if err != nil {
		return []string{"(all)"} // pickAll lets none of these through
	}
	var out []string
	for _, f := range leaves(doc) {
		if f.Says() {
			out = append(out, f.Name)
		}
	}
	return out
}

// typeName names what kind of credential an item is: by the vct of a token
// that has one, else by the type that says most, which stands last.
func typeName(i Item) string {
	doc, err := document(i.bytes())
	if err != nil {
		return ""
	}
	if vct, ok := doc.Get("vct").Text(); ok {
		return vct
	}
	if vc := doc.Get("vc"); vc.Kind() == strictjson.KindObject {
		doc = vc
	}
	name := ""
	for _, v := range doc.Get("type").List() {
		if text, ok := v.Text(); ok {
			name = text
		}
	}
	return name
}
