package verifier

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
)

// errNotFetched says that a key was not looked for, because its owner is not
// trusted. The proof is then not checked, and the trust check says why.
var errNotFetched = errors.New(NoteKeyNotFetched.Text())

// proofs checks every proof of a document. All that a suite takes must hold;
// at least one must be by a key of controller.
func (j *judgement) proofs(ctx context.Context, secured []*proof.Secured, controller string, purpose proof.Purpose, trusted bool) {
	r := j.report
	ring := keyring{judgement: j, controller: controller, trusted: trusted}
	bound := 0
	var asOf time.Time // of the oldest document of keys that something rests on
	var unbound, unread error
	unfetched := false
	for _, s := range secured {
		if s.Problem != nil {
			unread = s.Problem
			continue
		}
		if s.Purpose != purpose {
			r.refuse(CheckProof, reason.New(reason.WrongPurpose, s.At+"/proofPurpose", "the proof is for %q, %q is needed", s.Purpose, purpose))
			continue
		}
		proven, err := j.cfg.Suites.Verify(ctx, s, ring)
		if errors.Is(err, errNotFetched) || !trusted && tiedToNobody(err) {
			unfetched = true
			continue
		}
		if err != nil {
			r.refuse(CheckProof, err)
			continue
		}
		r.Contexts = append(r.Contexts, proven.Contexts...)
		signed := j.signedAt(s)
		if err := j.keyInForce(proven.Key, signed); err != nil {
			r.refuse(CheckProof, err)
			continue
		}
		if err := bind(proven.Key, controller, s.At); err != nil {
			if !trusted && tiedToNobody(err) { // by a key that it names itself, as a forger would
				unfetched = true
			} else {
				unbound = err
			}
			continue
		}
		bound++
		if at := proven.Key.AsOf; !at.IsZero() && (asOf.IsZero() || at.Before(asOf)) {
			asOf = at
		}
		r.heldBy(s, proven.Contexts)
		j.text = j.text || signsText(s)
		if r.Kind == KindCredential {
			r.proven, _ = credential.New(proven.Document, r.raw)
		}
		r.passAsOf(CheckProof, s.At, time.Time{}, NoteSignatureRight, string(s.Suite), proven.Key.ID)
		j.retired(proven.Key, signed)
		if s.Legacy {
			r.warn(CheckProof, "display_warning/legacy-proof", s.At, NoteLegacyProof, string(s.Suite))
		}
	}
	switch {
	case bound > 0:
		r.passAsOf(CheckBinding, "", asOf, NoteKeyOf, controller)
		if unbound != nil {
			r.warn(CheckBinding, reason.CodeOf(unbound), reason.AtOf(unbound), NoteKeyOfAnother, controller)
		}
		if unread != nil {
			r.warn(CheckProof, reason.CodeOf(unread), reason.AtOf(unread), NoteProofNotChecked, detailOf(unread))
		}
	case unbound != nil:
		r.pass(CheckProof, NoteSignatureMatches)
		r.refuse(CheckBinding, unbound)
	case unfetched:
		r.notMade(CheckProof, NoteKeyNotFetched)
		r.notMade(CheckBinding, NoteKeyNotFetched)
	default:
		if unread != nil && r.Check(CheckProof).Outcome == NotRun {
			r.refuse(CheckProof, unread)
		}
		r.notMade(CheckBinding, NoteNoProofHolds)
	}
}

// tiedToNobody reports whether an error says that the document was not at hand
// which could tie a key to its owner. Of somebody who is not trusted nobody has
// looked for it, so that this is no finding.
func tiedToNobody(err error) bool {
	return reason.CodeOf(err) == "key_unavailable/controller-document"
}

// bind says whether the key's controller is the one that speaks in the
// document.
func bind(k proof.Key, controller, at string) error {
	switch {
	case k.Controller == "":
		return reason.New("key_unavailable/controller-document", at+"/verificationMethod",
			"the signature matches the key written in the proof, but nothing ties that key to %s: its controller document is not at hand", controller)
	case k.Controller != controller:
		return reason.New(reason.IssuerMismatch, at+"/verificationMethod", "the key belongs to %s, not to %s", k.Controller, controller)
	}
	return nil
}

// keyring finds keys for the proofs of one document: pinned ones first, then
// by DID. It goes to the network only for a trusted issuer's own key.
type keyring struct {
	*judgement
	controller string
	trusted    bool
}

// Key implements proof.Keys.
func (k keyring) Key(ctx context.Context, method string, purpose proof.Purpose) (proof.Key, error) {
	if k.cfg.Pins != nil && k.trusted {
		if public, ok := k.cfg.Pins.PinnedKey(trust.Query{Issuer: k.controller, Types: k.types, At: k.req.At}, method); ok {
			return proof.Key{Public: public, ID: method, Controller: k.controller}, nil
		}
	}
	base, fragment, _ := strings.Cut(method, "#")
	if didMethod(base) == "" {
		return k.ofAddress(ctx, method, base, fragment, purpose)
	}
	if !selfContained(base) {
		if base != k.controller {
			return proof.Key{}, reason.New(reason.IssuerMismatch, method, "the key belongs to %s, not to %s", base, k.controller)
		}
		if !k.trusted {
			return proof.Key{}, errNotFetched
		}
	}
	document, err := k.cfg.Resolver.Resolve(ctx, base)
	if err != nil {
		return proof.Key{}, err
	}
	return k.methodOf(ctx, document, method, purpose)
}

// didMethod returns the method name of a DID, empty for anything else.
func didMethod(id string) string {
	rest, ok := strings.CutPrefix(id, "did:")
	if !ok {
		return ""
	}
	name, _, _ := strings.Cut(rest, ":")
	return name
}
