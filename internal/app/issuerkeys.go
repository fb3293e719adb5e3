package app

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
)

// IssuerKey is a key of the issuer, in use or not.
type IssuerKey struct {
	ID       string          `json:"id"` // the verification method
	Multikey string          `json:"publicKeyMultibase,omitempty"`
	JWK      json.RawMessage `json:"publicKeyJwk,omitempty"` // of a key that has no Multikey
	From     time.Time       `json:"from"`                   // it signs from then
	Expires  time.Time       `json:"expires,omitzero"`       // it retires then
	Revoked  time.Time       `json:"revoked,omitzero"`       // it may be in other hands since then
	File     string          `json:"file,omitempty"`         // beside the set-up
	Command  []string        `json:"signer,omitempty"`       // the program that holds it instead
}

// KeyState is what a key is good for at a time.
type KeyState string

// The states of a key.
const (
	KeyInUse       KeyState = "in-use"      // signs
	KeyNext        KeyState = "next"        // will sign, and is in the document already
	KeyOverlapping KeyState = "overlapping" // has been followed, and may sign for a while where that is not known yet
	KeyRetired     KeyState = "retired"     // signs no more; what it signed holds
	KeyCompromised KeyState = "compromised" // nothing that it signed is believed
)

// state returns what k is good for, but for being the one in use.
func (k IssuerKey) state(now time.Time) KeyState {
	switch {
	case !k.Revoked.IsZero():
		return KeyCompromised
	case !k.Expires.IsZero() && !now.Before(k.Expires):
		return KeyRetired
	case now.Before(k.From):
		return KeyNext
	}
	return KeyOverlapping
}

// public returns the key itself, the zero value for a set-up of an older bevis,
// which does not tell it.
func (k IssuerKey) public() (key.Public, error) {
	switch {
	case k.Multikey != "":
		return key.ParseMultikey(k.Multikey)
	case len(k.JWK) > 0:
		v, err := strictjson.ParseObject(k.JWK, strictjson.Limits{})
		if err != nil {
			return key.Public{}, err
		}
		jwk, err := key.ParseJWK(v)
		return jwk.Public, err
	}
	return key.Public{}, nil
}

// inUse fills in which key signs now: of those that may, the one that began
// last.
func (a *App) inUse(s IssuerSetup) (IssuerSetup, error) {
	if len(s.Keys) == 0 {
		s.Keys = []IssuerKey{{ID: s.Method, File: "key.pem"}}
	}
	s.Method = ""
	var from time.Time
	for _, k := range s.Keys {
		// By a clock that lags none may have begun, and then the first one signs.
		if k.state(a.cfg.Now()) == KeyNext && s.Method == "" {
			s.Method, from = k.ID, time.Time{}
		}
		if k.state(a.cfg.Now()) == KeyOverlapping && !k.From.Before(from) {
			s.Method, from = k.ID, k.From
		}
	}
	if s.Method == "" {
		return s, reason.New("not_found/key-in-use", a.path("issuer", "issuer.json"), "no key of the issuer is in use")
	}
	return s, nil
}

// Current returns the key in use.
func (s IssuerSetup) Current() IssuerKey {
	k, _ := s.key(s.Method)
	return k
}

// key finds a key by its id, or by what stands behind the # of it.
func (s IssuerSetup) key(id string) (IssuerKey, bool) {
	for _, k := range s.Keys {
		if _, fragment, _ := strings.Cut(k.ID, "#"); k.ID == id || fragment == strings.TrimPrefix(id, "#") {
			return k, true
		}
	}
	return IssuerKey{}, false
}

// methods returns the keys beside the one in use, as the DID document is to
// have them.
func (s IssuerSetup) methods() ([]did.Method, error) {
	var out []did.Method
	for _, k := range s.Keys {
		if k.ID == s.Method {
			continue
		}
		public, err := k.public()
		if err == nil && public.Type() == key.Unknown {
			err = reason.New("key_invalid/document", k.ID, "the set-up does not tell the key")
		}
		if err != nil {
			return nil, err
		}
		out = append(out, did.Method{ID: k.ID, Controller: s.ID, Public: public, Expires: k.Expires, Revoked: k.Revoked})
	}
	return out, nil
}

// KeyPath returns where the file of a key is.
func (a *App) KeyPath(k IssuerKey) string { return a.path("issuer", k.File) }

// KeyUse is a key with what it is good for and how much it signed.
type KeyUse struct {
	IssuerKey
	State     KeyState `json:"state"`
	Type      string   `json:"type"`
	Encrypted bool     `json:"encrypted"` // the file
	Signed    int      `json:"signed"`    // credentials
}

// KeyList returns the issuer's keys.
func (a *App) KeyList(ctx context.Context) ([]KeyUse, error) {
	s, err := a.setupWithKeys(ctx)
	if err != nil {
		return nil, err
	}
	var counts map[string]int
	err = a.withLedger(ctx, func(l books) (err error) {
		counts, err = l.Signed(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	var out []KeyUse
	for n, k := range s.Keys {
		public, err := k.public()
		if err != nil {
			return nil, err
		}
		u := KeyUse{IssuerKey: k, State: k.state(a.cfg.Now()), Type: public.Type().String(), Encrypted: strings.HasSuffix(k.File, ".age"), Signed: counts[k.ID]}
		if n == 0 {
			u.Signed += counts[""] // an older bevis knew one key
		}
		if k.ID == s.Method {
			u.State = KeyInUse
		}
		out = append(out, u)
	}
	return out, nil
}

// KeySigned calls f with the records of what a key signed, in the order of
// issue.
func (a *App) KeySigned(ctx context.Context, id string, f func(issuer.Record) error) error {
	s, err := a.IssuerShow()
	if err != nil {
		return err
	}
	k, err := s.named(id)
	if err != nil {
		return err
	}
	return a.withLedger(ctx, func(l books) error {
		if k.ID == s.Keys[0].ID {
			if err := l.SignedBy(ctx, "", f); err != nil {
				return err
			}
		}
		return l.SignedBy(ctx, k.ID, f)
	})
}

func (s IssuerSetup) named(id string) (IssuerKey, error) {
	k, ok := s.key(id)
	if !ok {
		return k, reason.New("not_found/issuer-key", id, "the issuer has no such key")
	}
	return k, nil
}

// Rotation says how one key follows another.
type Rotation struct {
	KeyRequest
	From    time.Time     // the new one signs from then, zero: now
	Overlap time.Duration // how long after that the one before may still sign
	Actor   string
	Why     string
}

// KeyRotate makes a key that follows the one in use. Of two at once one follows
// the other.
func (a *App) KeyRotate(ctx context.Context, r Rotation) (k IssuerKey, err error) {
	err = a.changing(ctx, func() (err error) { k, err = a.rotate(ctx, r); return err })
	return k, err
}

func (a *App) rotate(ctx context.Context, r Rotation) (IssuerKey, error) {
	s, err := a.setupWithKeys(ctx)
	if err != nil {
		return IssuerKey{}, err
	}
	if !strings.HasPrefix(s.ID, "did:web:") {
		return IssuerKey{}, fixedKey(s.ID)
	}
	now := a.cfg.Now().UTC().Truncate(time.Second)
	if r.From.IsZero() {
		r.From = now
	}
	if r.From.Before(now) || r.Overlap < 0 {
		return IssuerKey{}, reason.New(reason.Usage, "--from", "a key begins now or later, and overlaps for some time or none")
	}
	for n, k := range s.Keys {
		end := afterNow(r.From.Add(r.Overlap).UTC().Truncate(time.Second), now)
		switch state := k.state(now); {
		case state == KeyNext:
			return IssuerKey{}, reason.New("conflict/key-next", k.ID, "it follows already, from %s", k.From.Format(time.RFC3339))
		case state == KeyOverlapping && (k.Expires.IsZero() || k.Expires.After(end)):
			s.Keys[n].Expires = end
		}
	}
	return a.follow(ctx, s, r, issuer.Event{Actor: r.Actor, Action: "rotate key", Why: r.Why})
}

// afterNow returns when a key retires that is to do so at a time, which has
// whole seconds. What it has signed in this very second has to hold.
func afterNow(at, now time.Time) time.Time {
	if at.After(now) {
		return at
	}
	return now.Add(time.Second)
}

// follow makes a key and adds it to a set-up whose other keys are changed as
// they are to be.
func (a *App) follow(ctx context.Context, s IssuerSetup, r Rotation, e issuer.Event) (IssuerKey, error) {
	made, err := a.makeKey(ctx, proof.ID(s.Suite), r.KeyRequest)
	if err != nil {
		return IssuerKey{}, err
	}
	next, err := a.free(s)
	if err != nil {
		return IssuerKey{}, err
	}
	own, err := made.record(s.ID+"#"+next, next, r.From)
	if err != nil {
		return own, err
	}
	for _, k := range s.Keys {
		if public, err := k.public(); err != nil || public.Equal(made.public) {
			return own, reason.New("conflict/same-key", k.ID, "it is the same key: what follows it must be another")
		}
	}
	s.Keys = append(s.Keys, own)
	if own.File != "" {
		if err := a.keep(made.file, false, "issuer", own.File); err != nil {
			return own, err
		}
	}
	if e.Credential == "" {
		e.Credential = own.ID
	}
	return own, a.keepKeys(ctx, s, e)
}

// free returns the name of a key that was never used.
func (a *App) free(s IssuerSetup) (string, error) {
	for n := len(s.Keys) + 1; n < 10_000; n++ {
		name := "key-" + strconv.Itoa(n)
		_, used := s.key(name)
		if !used && Free(a.path("issuer", name+".pem"), false) == nil && Free(a.path("issuer", name+".age"), false) == nil {
			return name, nil
		}
	}
	return "", reason.New("conflict/exists", a.path("issuer"), "there is no free name for a key")
}

// keepKeys writes a set-up with other keys, and says so in the books first: what
// is there and was not done is better than what was done and is not there.
func (a *App) keepKeys(ctx context.Context, s IssuerSetup, e issuer.Event) error {
	slices.SortStableFunc(s.Keys, func(x, y IssuerKey) int { return x.From.Compare(y.From) })
	s, err := a.inUse(s)
	if err != nil {
		return err
	}
	e.At = a.cfg.Now()
	if err := a.withLedger(ctx, func(l books) error { return l.Log(ctx, e) }); err != nil {
		return err
	}
	return a.keepSetup(s, true)
}

// setupWithKeys returns the set-up of an issuer that can have several keys. One
// of an older bevis is completed by what is in its key file.
func (a *App) setupWithKeys(ctx context.Context) (IssuerSetup, error) {
	s, err := a.IssuerShow()
	if err != nil {
		return s, err
	}
	if k := s.Keys[0]; k.Multikey == "" && len(k.JWK) == 0 {
		made, err := a.readKeyFile(ctx, k.File)
		if err != nil {
			return s, err
		}
		if s.Keys[0], err = (madeKey{public: made.Public()}).record(k.ID, "", time.Time{}); err != nil {
			return s, err
		}
		s.Keys[0].File = k.File
	}
	return s, nil
}

// KeyRetire ends the use of a key that another has followed, at a time that is
// not before now.
func (a *App) KeyRetire(ctx context.Context, id string, at time.Time, why, actor string) (k IssuerKey, err error) {
	err = a.changing(ctx, func() (err error) { k, err = a.retire(ctx, id, at, why, actor); return err })
	return k, err
}

func (a *App) retire(ctx context.Context, id string, at time.Time, why, actor string) (IssuerKey, error) {
	s, err := a.setupWithKeys(ctx)
	if err != nil {
		return IssuerKey{}, err
	}
	k, err := s.named(id)
	if err != nil {
		return k, err
	}
	now := a.cfg.Now().UTC().Truncate(time.Second)
	if at.IsZero() {
		at = now
	}
	at = at.UTC().Truncate(time.Second)
	switch {
	case at.Before(now):
		return k, reason.New("usage/key-retired-before", k.ID, "what it has signed since %s would not hold any more: retire it now or later, or say that it is compromised", at.Format(time.RFC3339))
	case k.ID == s.Method:
		return k, reason.New("conflict/key-in-use", k.ID, "it signs now, and none would")
	case k.state(now) == KeyRetired || k.state(now) == KeyCompromised:
		return k, reason.New("conflict/key-retired", k.ID, "it signs no more")
	}
	n := slices.IndexFunc(s.Keys, func(o IssuerKey) bool { return o.ID == k.ID })
	if s.Keys[n].Expires = afterNow(at, now); k.state(now) == KeyNext {
		s.Keys[n].Expires = at // it has signed nothing
		// The one that it was to follow goes on.
		s.Keys[slices.IndexFunc(s.Keys, func(o IssuerKey) bool { return o.ID == s.Method })].Expires = time.Time{}
	}
	return s.Keys[n], a.keepKeys(ctx, s, issuer.Event{Actor: actor, Action: "retire key", Credential: k.ID, Why: why})
}

// Compromise says that a key may be in other hands.
type Compromise struct {
	ID    string
	Since time.Time // zero: now
	// Next is the key that follows if it is the one in use.
	Next Rotation
}

// Compromised is what follows from that.
type Compromised struct {
	Key    IssuerKey  `json:"key"`
	Next   *IssuerKey `json:"next,omitempty"` // the key that signs from now on, if there had to be another
	Signed int        `json:"signed"`         // credentials that nobody believes any more
}

// KeyCompromise takes back a key for good. What it signed is believed no more,
// whenever that was, as soon as the DID document is published.
func (a *App) KeyCompromise(ctx context.Context, c Compromise) (out Compromised, err error) {
	if err = a.changing(ctx, func() (err error) { out, err = a.compromise(ctx, c); return err }); err != nil {
		return out, err
	}
	err = a.KeySigned(ctx, out.Key.ID, func(issuer.Record) error { out.Signed++; return nil })
	return out, err
}

func (a *App) compromise(ctx context.Context, c Compromise) (out Compromised, err error) {
	s, err := a.setupWithKeys(ctx)
	if err != nil {
		return out, err
	}
	if !strings.HasPrefix(s.ID, "did:web:") {
		return out, fixedKey(s.ID)
	}
	if out.Key, err = s.named(c.ID); err != nil {
		return out, err
	}
	now := a.cfg.Now().UTC().Truncate(time.Second)
	if c.Since.IsZero() {
		c.Since = now
	}
	switch {
	case !out.Key.Revoked.IsZero():
		return out, reason.New("conflict/key-compromised", out.Key.ID, "that was said before")
	case c.Since.After(now):
		return out, reason.New(reason.Usage, "--since", "a key is not compromised in time to come")
	}
	n := slices.IndexFunc(s.Keys, func(o IssuerKey) bool { return o.ID == out.Key.ID })
	s.Keys[n].Revoked = c.Since.UTC().Truncate(time.Second)
	out.Key = s.Keys[n]
	e := issuer.Event{Actor: c.Next.Actor, Action: "compromise key", Credential: out.Key.ID, Why: c.Next.Why}
	if out.Key.ID == s.Method {
		c.Next.From = now
		next, err := a.follow(ctx, s, c.Next, e)
		if err != nil {
			return out, err
		}
		out.Next = &next
		return out, nil
	}
	return out, a.keepKeys(ctx, s, e)
}

// fixedKey is the error of an issuer whose id is its key.
func fixedKey(id string) error {
	return reason.New("conflict/key-is-id", id, "the id of this issuer is its key")
}
