package verifier

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
)

// signedAt is when a proof says that it was made. One that does not say was
// made, as far as it tells, when what it covers begins.
func (j *judgement) signedAt(s *proof.Secured) time.Time {
	switch {
	case !s.Created.IsZero():
		return s.Created
	case !s.NotBefore.IsZero():
		return s.NotBefore
	case j.report.claimed != nil:
		from, _, _ := j.report.claimed.Period() // what is wrong with it, the check of the period says
		return from
	}
	return time.Time{}
}

// lastSigned is the last time at which the issuer's proofs say that they were
// made: now, where none says, for then it may just have been. A status list is
// asked for none: it speaks of what was signed before.
func (j *judgement) lastSigned(secured []*proof.Secured) time.Time {
	if j.list {
		return time.Time{}
	}
	var own, any time.Time
	for _, s := range secured {
		at := j.signedAt(s)
		if base, _, _ := strings.Cut(s.Method, "#"); base == j.report.Issuer.ID && at.After(own) {
			own = at
		}
		if at.After(any) {
			any = at
		}
	}
	if own.IsZero() { // by keys that go by another name
		own = any
	}
	return j.orNow(own)
}

func (j *judgement) orNow(signed time.Time) time.Time {
	if signed.IsZero() {
		return j.req.At
	}
	return signed
}

// beforeSuccession remarks on whose word it rests that a credential is from before
// another continued its issuer, where that alone makes it trusted: who keeps the
// old key can write any date. A log or a time-stamp tells.
func (j *judgement) beforeSuccession(signed time.Time) {
	r := j.report
	if j.list || r.Issuer.Continued == nil || // which is said only of those who are trusted
		slices.ContainsFunc(r.Issuer.Vouchers, func(v trust.Voucher) bool { return len(v.Through) == 0 }) {
		return
	}
	since := r.Issuer.Continued.Since
	if !j.proven.IsZero() && j.proven.Before(since) {
		r.pass(CheckTrust, NoteSignedBefore, credential.FormatTime(since), credential.FormatTime(j.proven))
		return
	}
	r.warn(CheckTrust, "display_warning/before-succession", "", NoteSaysBefore, credential.FormatTime(since), credential.FormatTime(signed))
}

// keyInForce judges a key by the time at which it says it signed. A key that
// was revoked may have been stolen, so its word for when it signed is worth
// nothing.
func (j *judgement) keyInForce(k proof.Key, signed time.Time) error {
	if err := j.revoked(k.ID, k.Revoked); err != nil {
		return err
	}
	if signed.IsZero() {
		signed = j.req.At
	}
	if !k.Expires.IsZero() && !signed.Before(k.Expires) {
		return reason.New("key_invalid/expired", k.ID, "the key was not to be used after %s", credential.FormatTime(k.Expires))
	}
	return nil
}

// retired remarks that a signature was made with a key that is not in use any
// more, and on whose word it rests that it was made before.
func (j *judgement) retired(k proof.Key, signed time.Time) {
	if k.Expires.IsZero() || j.req.At.Before(k.Expires) {
		return
	}
	j.report.warn(CheckProof, "key_invalid/retired", k.ID, NoteKeyRetired, credential.FormatTime(k.Expires), credential.FormatTime(signed))
}

// revoked refuses a key that was revoked by the time that was asked about. One
// that was revoked later is not vouched for either: its thief may have had it
// by then, and its owner does not say since when.
func (j *judgement) revoked(id string, at time.Time) error {
	switch {
	case at.IsZero():
		return nil
	case at.After(j.req.At):
		return reason.New("key_unavailable/revoked-since", id, "the key was revoked %s, after the time that was asked about: whether it was still its owner's then cannot be told", credential.FormatTime(at))
	}
	return reason.New("key_invalid/revoked", id, "the key was revoked %s", credential.FormatTime(at))
}

// justNow is how old a document may be that a method was not found in, for it
// to be said that there is no such method.
const justNow = time.Minute

// methodOf finds a method in a document of keys. A copy that does not have it
// may be from before the key came into use, so it is asked for anew.
func (k keyring) methodOf(ctx context.Context, document *did.Document, method string, purpose proof.Purpose) (proof.Key, error) {
	m, ok := document.Method(method)
	if !ok {
		if newer, err := k.renew(ctx, document); err == nil {
			document = newer
			m, ok = document.Method(method)
		} else if old := k.cfg.Now().Sub(document.AsOf); !document.AsOf.IsZero() && old > justNow {
			return proof.Key{}, reason.New("key_unavailable/not-in-copy", method, "%s had no such key %s ago, and its document could not be had anew: %s", document.ID, age(old), detailOf(err))
		}
	}
	if !ok {
		return proof.Key{}, reason.New("key_invalid/unknown-key", method, "%s has no such verification method", document.ID)
	}
	if m.Err != nil {
		return proof.Key{}, m.Err
	}
	// A revoked key stands under no purpose any more; that it is revoked says
	// more.
	if err := k.revoked(m.ID, m.Revoked); err != nil {
		return proof.Key{}, err
	}
	allowed := document.AssertionMethod
	if purpose == proof.Authentication {
		allowed = document.Authentication
	}
	if !slices.Contains(allowed, m.ID) {
		return proof.Key{}, reason.New(reason.WrongPurpose, method, "%s does not use this key for %s", document.ID, purpose)
	}
	if !document.AsOf.IsZero() {
		if err := k.fresh(published{asOf: document.AsOf}, "the document of the keys of "+document.ID, document.ID); err != nil {
			return proof.Key{}, reason.New("key_unavailable/stale", document.ID, "%s", detailOf(err))
		}
	}
	return proof.Key{Public: m.Public, ID: m.ID, Controller: m.Controller, Expires: m.Expires, Revoked: m.Revoked, AsOf: document.AsOf}, nil
}

// renew asks for a document once more, past the copies that are kept.
func (k keyring) renew(ctx context.Context, document *did.Document) (*did.Document, error) {
	if r, ok := k.cfg.Resolver.(did.Renewer); ok {
		return r.Renew(ctx, document.ID)
	}
	return nil, reason.New("key_unavailable/fetch", document.ID, "nothing newer is at hand")
}

// ofAddress finds the key of an issuer whose identifier is an https address:
// in the document there, if there is one that names keys. Else a method such as
// https://issuer.example#z6Mk…, which some issuers write, is good for checking
// the signature; that the key is the issuer's is not known then, so it has no
// controller.
func (k keyring) ofAddress(ctx context.Context, method, base, fragment string, purpose proof.Purpose) (proof.Key, error) {
	if base != k.controller {
		return proof.Key{}, reason.New(reason.IssuerMismatch, method, "the key is named under %s, not under %s", base, k.controller)
	}
	why := error(errNotFetched)
	if k.trusted && strings.HasPrefix(base, "https://") {
		document, err := k.cfg.Resolver.Resolve(ctx, base)
		switch {
		case err == nil && len(document.Methods) > 0:
			return k.methodOf(ctx, document, method, purpose)
		case err == nil:
			why = reason.New("key_unavailable/controller-document", base, "the document there names no keys")
		case reason.CodeOf(err).Class() != reason.Undetermined:
			return proof.Key{}, err
		default:
			why = err
		}
	}
	public, err := key.ParseMultikey(fragment)
	if err != nil {
		return proof.Key{}, reason.New("key_unavailable/controller-document", method, "the document that would hold this key is not at hand: %s", detailOf(why))
	}
	return proof.Key{Public: public, ID: method}, nil
}
