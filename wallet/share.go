package wallet

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/sdjwt"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// ShareRequest is what to show to whom.
type ShareRequest struct {
	IDs       []string // of items, or what they begin with
	Audience  string   // required: the receiver, as they will name themselves when they verify
	Purpose   string   // what for, for the log
	Challenge string   // the nonce that the receiver asked to include, if any
	Expires   time.Time
	Suite     proof.Suite // how the presentation is signed; required but for an SD-JWT, which needs none around it

	// Disclosers are suites whose credentials can be shown in part. Of those,
	// the receiver sees what always shows and what Show names, by JSON pointers
	// into the document, or all of it with ShowAll. Other credentials are shown
	// whole.
	Disclosers proof.Set
	Show       []string
	ShowAll    bool
}

// Share is a line of the share log: who got what, until when. It names the
// fields and holds none of their values but the titles, by which the holder
// knows the credentials.
type Share struct {
	ID          string    `json:"id"`
	At          time.Time `json:"at"`
	Audience    string    `json:"audience"`
	Purpose     string    `json:"purpose,omitempty"`
	Credentials []string  `json:"credentials"` // ids of items
	Titles      []string  `json:"titles"`
	Fields      []string  `json:"fields"` // names of the members that the receiver sees
	// Withheld names what could have been shown beside them, and was not.
	Withheld []string  `json:"withheld,omitempty"`
	Expires  time.Time `json:"expires,omitzero"`
	Holder   string    `json:"holder"` // the key that signed
	// Bound tells whether the holder's key is the one that the credentials
	// are about. Without that, the receiver cannot tell that they are yours.
	Bound bool `json:"bound"`
	// Withdrawn is when the holder told the receiver to forget it; see
	// Withdraw.
	Withdrawn time.Time `json:"withdrawn,omitzero"`
}

// Share signs a presentation of credentials for one receiver. The share log
// has it before the bytes are returned.
func (w *Wallet) Share(ctx context.Context, r ShareRequest) ([]byte, Share, error) {
	if strings.TrimSpace(r.Audience) == "" || len(r.IDs) == 0 {
		return nil, Share{}, reason.New("usage/share", "", "sharing needs credentials, a receiver and a suite")
	}
	now := w.now()
	if !r.Expires.IsZero() && !r.Expires.After(now) {
		return nil, Share{}, reason.New("usage/expires", "", "the share would end before it begins")
	}
	items, err := w.pickAll(r.IDs)
	if err != nil {
		return nil, Share{}, err
	}
	shown, err := w.show(ctx, r, items, now)
	if err != nil {
		return nil, Share{}, err
	}
	var id [6]byte
	if _, err := rand.Read(id[:]); err != nil {
		return nil, Share{}, reason.Wrap(reason.Internal, "", err)
	}
	share := Share{
		ID: hex.EncodeToString(id[:]), At: now.UTC().Truncate(time.Second), Audience: r.Audience, Purpose: r.Purpose,
		Expires: r.Expires, Holder: shown.holder, Bound: shown.bound, Withheld: shown.withheld,
	}
	for _, i := range items {
		share.Credentials = append(share.Credentials, i.ID)
		share.Titles = append(share.Titles, i.Title)
		share.Fields = append(share.Fields, fields(i)...)
	}
	slices.Sort(share.Fields)
	share.Fields = slices.Compact(share.Fields)
	slices.Sort(share.Withheld)
	share.Withheld = slices.Compact(share.Withheld)
	logged := share.own()
	err = w.change(ctx, func(*state) ([]event, error) { return []event{{Op: opShare, Share: &logged}}, nil })
	if err != nil {
		return nil, Share{}, err
	}
	return shown.signed, share, nil
}

// shown is what a receiver gets.
type shown struct {
	signed   []byte
	holder   string
	bound    bool
	withheld []string
}

// show signs what the receiver sees. Of items that can be shown in part, what
// remains of them is put in their place.
func (w *Wallet) show(ctx context.Context, r ShareRequest, items []Item, now time.Time) (out shown, err error) {
	if slices.ContainsFunc(items, func(i Item) bool { return i.Form == "sd-jwt" }) {
		if len(items) > 1 {
			return out, reason.New("usage/share-apart", "", "an SD-JWT is its own presentation: share it apart from others")
		}
		return w.showToken(ctx, r, items, now)
	}
	if r.Suite == nil {
		return out, reason.New("usage/share", "", "sharing needs credentials, a receiver and a suite")
	}
	for n := range items {
		d, pointers, withheld := r.discloser(ctx, items[n])
		if d == nil {
			continue
		}
		if items[n].raw, err = d.Disclose(ctx, items[n].raw, proof.Disclosure{Pointers: pointers}); err != nil {
			return out, err
		}
		out.withheld = append(out.withheld, withheld...)
	}
	if out.holder, out.bound, err = w.holder(ctx, items); err != nil {
		return out, err
	}
	signer, err := w.signer(out.holder)
	if err != nil {
		return out, err
	}
	out.signed, err = r.Suite.Sign(ctx, presentation(out.holder, items), signer, proof.Params{
		Purpose: proof.Authentication, Created: now, Expires: r.Expires, Challenge: r.Challenge, Domains: []string{r.Audience}})
	return out, err
}

// showToken discloses an SD-JWT and binds it to the receiver.
func (w *Wallet) showToken(ctx context.Context, r ShareRequest, items []Item, now time.Time) (out shown, err error) {
	d, pointers, withheld := r.discloser(ctx, items[0])
	if d == nil {
		return out, reason.New("unsupported_alg/suite", items[0].ID, "no suite at hand shows a credential of this form")
	}
	public, err := sdjwt.HolderKey(items[0].raw)
	if err != nil {
		return out, err
	}
	if public.Type() == key.Unknown {
		return out, reason.New("holder_mismatch/no-cnf", items[0].ID, "the credential is bound to nobody's key, so it cannot be shown as yours")
	}
	holder, _, err := did.KeyID(public)
	if err != nil {
		return out, err
	}
	signer, err := w.signer(holder)
	if err != nil {
		return out, err
	}
	items[0].raw, err = d.Disclose(ctx, items[0].raw, proof.Disclosure{
		Pointers: pointers, Holder: signer, Challenge: r.Challenge, Audience: r.Audience, Created: now, Expires: r.Expires})
	return shown{items[0].raw, holder, true, withheld}, err
}

// discloser returns the suite that can show an item in part, nil if there is
// none, pointers to what of it is to be shown, and the names of what is not.
func (r ShareRequest) discloser(ctx context.Context, i Item) (d proof.Discloser, pointers, withheld []string) {
	for _, s := range r.Disclosers {
		d, ok := s.(proof.Discloser)
		if !ok {
			continue
		}
		choices, err := d.Choices(ctx, i.raw)
		if err != nil {
			continue
		}
		if !r.ShowAll {
			pointers = r.Show
		}
		for _, c := range choices {
			switch {
			case r.ShowAll:
				pointers = append(pointers, c.Pointer)
			case !slices.ContainsFunc(pointers, func(p string) bool { return within(c.Pointer, p) || within(p, c.Pointer) }):
				withheld = append(withheld, fieldName(c.Pointer))
			}
		}
		return d, pointers, withheld
	}
	return nil, nil, nil
}

// within reports whether the place p is that of base or inside it.
func within(p, base string) bool {
	rest, ok := strings.CutPrefix(p, base)
	return ok && (rest == "" || rest[0] == '/')
}

// fieldName writes a JSON pointer as fields does: without the numbers of items.
func fieldName(pointer string) string {
	var out []string
	for token := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		if strings.Trim(token, "0123456789") != "" {
			out = append(out, strings.NewReplacer("~1", "/", "~0", "~").Replace(token))
		}
	}
	return strings.Join(out, ".")
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

// Withdraw notes in the share log that the holder takes a share back. It is
// for the holder's memory: that the receiver learns of it, the caller has to
// see to. An id that the log doesn't have is not_found/share.
func (w *Wallet) Withdraw(ctx context.Context, id string) error {
	return w.change(ctx, func(s *state) ([]event, error) {
		if !slices.ContainsFunc(s.shares, func(have Share) bool { return have.ID == id }) {
			return nil, reason.New("not_found/share", id, "nothing was shared under that id")
		}
		return []event{{Op: opWithdraw, ID: id}}, nil
	})
}

// own returns a copy that shares nothing that a caller could change.
func (s Share) own() Share {
	s.Credentials, s.Titles, s.Fields, s.Withheld = slices.Clone(s.Credentials), slices.Clone(s.Titles), slices.Clone(s.Fields), slices.Clone(s.Withheld)
	return s
}

func (w *Wallet) pickAll(ids []string) ([]Item, error) {
	var out []Item
	for _, id := range ids {
		i, err := w.Item(id)
		if err != nil {
			return nil, err
		}
		if i.Form == "unknown" {
			return nil, reason.New("wrong_type/unknown-form", i.ID, "this version cannot read the credential, so it cannot say what it would show")
		}
		if !slices.ContainsFunc(out, func(o Item) bool { return o.ID == i.ID }) {
			out = append(out, i)
		}
	}
	return out, nil
}

// holder chooses the key to sign with: the one that the credentials are
// about, or else a new one, so that two receivers cannot tell by the key that
// they got something from the same person.
func (w *Wallet) holder(ctx context.Context, items []Item) (id string, bound bool, err error) {
	own := w.Keys()
	var subjects []string
	for _, i := range items {
		if slices.Contains(own, i.Subject) && !slices.Contains(subjects, i.Subject) {
			subjects = append(subjects, i.Subject)
		}
	}
	switch len(subjects) {
	case 0:
		id, err = w.NewKey(ctx)
		return id, false, err
	case 1:
		bound = !slices.ContainsFunc(items, func(i Item) bool { return i.Subject != subjects[0] })
		return subjects[0], bound, nil
	}
	return "", false, reason.New("usage/several-holders", "", "these credentials are about %d different keys of yours: share them apart", len(subjects))
}

// presentation writes the unsigned presentation. Credentials keep their bytes.
func presentation(holder string, items []Item) []byte {
	out := []byte(`{"@context":["` + credential.ContextV2 + `"],"type":["VerifiablePresentation"],"holder":`)
	out = strictjson.AppendString(out, holder)
	out = append(out, `,"verifiableCredential":[`...)
	for n, i := range items {
		if n > 0 {
			out = append(out, ',')
		}
		if i.Form == "json" {
			out = append(out, i.raw...)
			continue
		}
		out = append(out, `{"@context":"`+credential.ContextV2+`","id":`...)
		url := "data:application/vc+jwt," + string(i.raw)
		if i.Form == "cose" {
			url = kept(i.raw)
		}
		out = strictjson.AppendString(out, url)
		out = append(out, `,"type":"EnvelopedVerifiableCredential"}`...)
	}
	return append(out, `]}`...)
}

// fields names the members that a receiver of the item sees, such as
// credentialSubject.achievement.name. A name may come several times.
func fields(i Item) []string {
	doc, err := document(i.raw)
	if err != nil {
		return []string{"(all)"} // pickAll lets none of these through
	}
	var out []string
	var walk func(v *strictjson.Value, path string)
	walk = func(v *strictjson.Value, path string) {
		switch v.Kind() {
		case strictjson.KindArray:
			for _, item := range v.Items() {
				walk(item, path)
			}
		case strictjson.KindObject:
			for _, m := range v.Members() {
				if m.Name == "@context" || m.Name == "type" || m.Name == "proof" && path == "" {
					continue // how it is written and secured, not what it says
				}
				walk(m.Value, strings.TrimPrefix(path+"."+m.Name, "."))
			}
		default:
			out = append(out, path)
		}
	}
	walk(doc, "")
	return out
}
