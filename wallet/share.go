package wallet

import (
	"context"
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
	As        string      // what it will go out as, such as "html", for the log
	MaxBytes  int         // how large it may be for that, else usage/share-size; zero for any size

	// Disclosers are suites whose credentials can be shown in part. Of those,
	// the receiver sees what always shows and what Show names, by JSON pointers
	// into the document, or all of it with ShowAll. Other credentials are shown
	// whole.
	Disclosers proof.Set
	Show       []string
	ShowAll    bool
}

// check refuses what could not be shared whatever the wallet holds.
func (r ShareRequest) check(now time.Time) error {
	if strings.TrimSpace(r.Audience) == "" || len(r.IDs) == 0 {
		return reason.New("usage/share", "", "sharing needs credentials, a receiver and a suite")
	}
	if !r.Expires.IsZero() && !r.Expires.After(now) {
		return reason.New("usage/expires", "", "the share would end before it begins")
	}
	return nil
}

// Share signs a presentation of credentials for one receiver. The share log
// has it before the bytes are returned. Unless the credentials are about a key
// of the wallet already, it is signed with one that no other receiver sees.
func (w *Wallet) Share(ctx context.Context, r ShareRequest) ([]byte, Share, error) {
	return w.share(ctx, r, nil)
}

// share signs, has what it signed sealed where it is to go out under a link,
// and logs it.
func (w *Wallet) share(ctx context.Context, r ShareRequest, seal func(signed []byte) (*ShareLink, error)) ([]byte, Share, error) {
	now := w.now()
	p, err := w.plan(ctx, r, now)
	if err != nil {
		return nil, Share{}, err
	}
	if p.holder == "" {
		if p.holder, err = w.makeKey(ctx, r.Audience); err != nil {
			return nil, Share{}, err
		}
	}
	signed, err := w.sign(ctx, r, p, now)
	if err != nil {
		return nil, Share{}, err
	}
	if r.MaxBytes > 0 && len(signed) > r.MaxBytes {
		return nil, Share{}, reason.New("usage/share-size", "", "the signed presentation has %d bytes, and %d are the most for this", len(signed), r.MaxBytes)
	}
	share := p.logged(r)
	share.At = now.UTC().Truncate(time.Second)
	if share.ID, err = newShareID(); err != nil {
		return nil, Share{}, err
	}
	if seal != nil {
		if share.Link, err = seal(signed); err != nil {
			return nil, Share{}, err
		}
	}
	logged := share.own()
	err = w.change(ctx, func(*state) ([]event, error) { return []event{{Op: opShare, Share: &logged}}, nil })
	if err != nil {
		return nil, Share{}, err
	}
	return signed, share, nil
}

// plan is what a share would show, before a key was made or anything signed.
type plan struct {
	whole  []Item // as they are in the wallet
	items  []Item // cut down to what is shown
	parts  []part
	holder string // the key to sign with; empty: one that is yet to be made for the receiver
	bound  bool
	token  bool // the one item is an SD-JWT, which is its own presentation
}

// part is what can be shown of one item.
type part struct {
	suite    proof.Discloser // nil: the item can only be shown whole
	pointers []string        // what is shown beside what always shows
	withheld []string        // names of what could be shown, and is not
}

// plan works out what the receiver would see. Nothing is changed by it.
func (w *Wallet) plan(ctx context.Context, r ShareRequest, now time.Time) (p plan, err error) {
	if err := r.check(now); err != nil {
		return p, err
	}
	if p.whole, err = w.pickAll(r.IDs); err != nil {
		return p, err
	}
	p.token = slices.ContainsFunc(p.whole, func(i Item) bool { return i.Form == "sd-jwt" })
	switch {
	case p.token && len(p.whole) > 1:
		return p, reason.New("usage/share-apart", "", "an SD-JWT is its own presentation: share it apart from others")
	case !p.token && r.Suite == nil:
		return p, reason.New("usage/share", "", "sharing needs credentials, a receiver and a suite")
	}
	p.items = slices.Clone(p.whole)
	for n := range p.items {
		one := r.part(ctx, p.items[n])
		p.parts = append(p.parts, one)
		if one.suite == nil {
			continue
		}
		if p.items[n].body, err = one.suite.Disclose(ctx, p.items[n].bytes(), proof.Disclosure{Pointers: one.pointers}); err != nil {
			return p, err
		}
	}
	if p.token {
		p.bound = true
		p.holder, err = w.tokenHolder(p.whole[0], p.parts[0])
		return p, err
	}
	p.holder, p.bound, err = w.holder(p.items, r.Audience)
	return p, err
}

// tokenHolder returns whose key an SD-JWT is bound to.
func (w *Wallet) tokenHolder(i Item, p part) (string, error) {
	if p.suite == nil {
		return "", reason.New("unsupported_alg/suite", i.ID, "no suite at hand shows a credential of this form")
	}
	public, err := sdjwt.HolderKey(i.bytes())
	if err != nil {
		return "", err
	}
	if public.Type() == key.Unknown {
		return "", reason.New("holder_mismatch/no-cnf", i.ID, "the credential is bound to nobody's key, so it cannot be shown as yours")
	}
	holder, _, err := did.KeyID(public)
	if err != nil {
		return "", err
	}
	_, err = w.signer(holder)
	return holder, err
}

// sign signs what was planned. An SD-JWT is cut down and bound to the receiver
// in one.
func (w *Wallet) sign(ctx context.Context, r ShareRequest, p plan, now time.Time) ([]byte, error) {
	signer, err := w.signer(p.holder)
	if err != nil {
		return nil, err
	}
	if p.token {
		return p.parts[0].suite.Disclose(ctx, p.whole[0].bytes(), proof.Disclosure{Pointers: p.parts[0].pointers, Holder: signer,
			Challenge: r.Challenge, Audience: r.Audience, Created: now, Expires: r.Expires})
	}
	return r.Suite.Sign(ctx, presentation(p.holder, p.items), signer, proof.Params{
		Purpose: proof.Authentication, Created: now, Expires: r.Expires, Challenge: r.Challenge, Domains: []string{r.Audience}})
}

// logged is the line of the log for what was planned.
func (p plan) logged(r ShareRequest) Share {
	out := Share{Audience: r.Audience, Purpose: r.Purpose, Expires: r.Expires, Holder: p.holder, Bound: p.bound, As: r.As}
	for n, i := range p.items {
		out.add(i)
		out.Withheld = append(out.Withheld, p.parts[n].withheld...)
	}
	out.sortFields()
	slices.Sort(out.Withheld)
	out.Withheld = slices.Compact(out.Withheld)
	return out
}

// part returns what can be shown of an item, and what is asked to be.
func (r ShareRequest) part(ctx context.Context, i Item) (p part) {
	for _, s := range r.Disclosers {
		d, ok := s.(proof.Discloser)
		if !ok {
			continue
		}
		choices, err := d.Choices(ctx, i.bytes())
		if err != nil {
			continue
		}
		p.suite = d
		if !r.ShowAll {
			p.pointers = slices.Clone(r.Show)
		}
		for _, c := range choices {
			switch {
			case r.ShowAll:
				p.pointers = append(p.pointers, c.Pointer)
			case !slices.ContainsFunc(p.pointers, func(at string) bool { return within(c.Pointer, at) || within(at, c.Pointer) }):
				p.withheld = append(p.withheld, fieldName(c.Pointer))
			}
		}
		return p
	}
	return p
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
// about, or else the one that was made for this receiver, so that two receivers
// cannot tell by the key that they got something from the same person. It is
// empty where that is yet to be made.
func (w *Wallet) holder(items []Item, receiver string) (id string, bound bool, err error) {
	own := w.Keys()
	var subjects []string
	for _, i := range items {
		if slices.Contains(own, i.Subject) && !slices.Contains(subjects, i.Subject) {
			subjects = append(subjects, i.Subject)
		}
	}
	switch len(subjects) {
	case 0:
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.state.keyFor(receiver), false, nil
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
			out = append(out, i.bytes()...)
			continue
		}
		out = append(out, `{"@context":"`+credential.ContextV2+`","id":`...)
		url := "data:application/vc+jwt," + string(i.bytes())
		if i.Form == "cose" {
			url = kept(i.bytes())
		}
		out = strictjson.AppendString(out, url)
		out = append(out, `,"type":"EnvelopedVerifiableCredential"}`...)
	}
	return append(out, `]}`...)
}
