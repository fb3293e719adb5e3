package verifier

import (
	"bytes"
	"context"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/bake"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/ob2"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
)

// KindOpenBadge2 is an assertion of Open Badges 2.0. What a verdict on one is
// worth stands in docs/openbadges2.md.
const KindOpenBadge2 Kind = "open-badge-2"

// The forms of Open Badges 2.0, in Report.Form.
const (
	HostedBadge2 proof.ID = "openbadges2-hosted" // no signature: what its host answers
	SignedBadge2 proof.ID = "openbadges2-jws"    // a JWS over the assertion
)

// CheckHosted says what rests on the answer of a host and on no signature. It
// never simply passes: an answer proves nothing to anybody later.
const CheckHosted CheckID = "hosted-copy"

// DocumentSource gets the documents that an Open Badge 2.0 refers to: badge
// class, issuer profile, key, revocation list, hosted assertion. It is asked
// for https addresses only, and only at hosts of issuers that are trusted or
// where such an issuer's profile says. A document that its host has withdrawn
// is fetch_failed/gone.
type DocumentSource interface {
	Document(ctx context.Context, url string) (body []byte, asOf time.Time, err error)
}

// OpenBadge2 returns the assertion of a report of KindOpenBadge2, or nil. It is
// proven, or by a hosted one confirmed by its host, only if the verdict is
// Valid.
func (r *Report) OpenBadge2() *ob2.Badge { return r.badge2 }

// OpenBadge2Class returns what was awarded, or nil when that is not known. It
// is never signed: see docs/openbadges2.md.
func (r *Report) OpenBadge2Class() *ob2.Class { return r.class2 }

// badge2 is the work on one Open Badge 2.0.
type badge2 struct {
	*judgement
	badge   *ob2.Badge
	token   string // the assertion, where it is one
	link    string // the address that came in place of the assertion
	profile *ob2.Profile
	asOf    time.Time // of the oldest document that was fetched
}

// openBadge2 recognises an Open Badge 2.0: by the place that it was baked in,
// by the context of a JSON document, by the payload of a token. It is nil for
// anything else, and the error is why one cannot be read.
func (j *judgement) openBadge2(in *proof.Input, baked *bake.Baked) (*badge2, error) {
	var raw []byte
	switch {
	case baked != nil && baked.Version == bake.OB2:
		if link, ok := ob2.Link(baked.Credential); ok {
			return &badge2{judgement: j, link: link}, nil
		}
		raw = baked.Credential
	case in == nil:
		return nil, nil
	case ob2.Is(in.Document) || ob2.IsVersion1(in.Document):
		raw = in.Raw
	case ob2.MayBeToken(in.Compact):
		raw = []byte(in.Compact)
	default:
		return nil, nil
	}
	badge, err := ob2.Read(raw, j.cfg.Limits)
	if baked == nil && reason.CodeOf(err) == "wrong_type/not-a-credential" {
		return nil, nil // a token that only speaks of one
	}
	o := &badge2{judgement: j, badge: badge}
	if badge != nil && badge.Signed {
		o.token = string(bytes.TrimSpace(raw))
	}
	return o, err
}

// judge makes the checks in the order that all credentials are held to: trust
// before anything is fetched, and what an issuer says only of itself.
func (o *badge2) judge(ctx context.Context) {
	r := o.report
	r.Kind = KindOpenBadge2
	defer func() {
		r.conclude(append([]CheckID{CheckReading, CheckDataModel, CheckTrust, CheckProof, CheckBinding, CheckPeriod, CheckStatus, CheckHosted}, o.req.alsoExpected()...))
	}()
	if o.req.refusesBare() {
		r.refuse(CheckReading, reason.New("wrong_type/credential", "", "a presentation is expected, and this is a bare badge"))
		return
	}
	if o.badge == nil && !o.fromLink(ctx) {
		return
	}
	r.badge2, r.class2, r.Form = o.badge, o.badge.Class, HostedBadge2
	if o.badge.Signed {
		r.Form = SignedBadge2
	}
	r.pass(CheckReading, NoteReadBadge2)
	r.pass(CheckDataModel, NoteModelBadge2)
	o.display(o.badge.Document())
	o.periodOf()
	o.required()
	o.besideFull(&proof.Input{Compact: o.token, Document: o.badge.Document()}, nil)
	o.notWithThis()
	if !o.known(ctx) {
		o.unchecked(NoteIssuerUnknown)
		return
	}
	if o.badge.Signed {
		o.signed(ctx)
	} else {
		o.hosted(ctx)
	}
	o.beforeSuccession(o.badge.IssuedOn)
}

// required makes the checks that a request may require of any credential.
func (o *badge2) required() {
	if len(o.req.Recipient) > 0 {
		b := o.badge.Recipient
		i := identity{at: "/recipient", kind: Identifier{Type: b.IdentityType}.normal().Type, salt: b.Salt}
		i.readValue(b.IdentityHash, b.Hashed)
		o.recipientAmong([]identity{i})
	}
	if o.req.RequireSchema {
		o.report.refuse(CheckSchema, reason.New("schema_unavailable/none", "", "an Open Badge 2.0 names no schema"))
	}
}

func (o *badge2) unchecked(why Note) {
	for _, id := range []CheckID{CheckProof, CheckBinding, CheckStatus, CheckHosted} {
		if o.report.Check(id).Outcome == NotRun {
			o.report.drop(id)
			o.report.notMade(id, why)
		}
	}
}

// fromLink gets the assertion whose address is all that came.
func (o *badge2) fromLink(ctx context.Context) bool {
	r := o.report
	r.Form = HostedBadge2
	if err := o.hostTrusted(ctx, o.link); err != nil {
		r.refuse(CheckTrust, err)
		return false
	}
	raw, err := o.ask(ctx, o.link)
	if err != nil {
		r.refuse(CheckReading, err)
		return false
	}
	badge, err := ob2.Read(raw, o.cfg.Limits)
	switch {
	case reason.CodeOf(err) == "no_credential/open-badges-1":
		r.refuse(CheckReading, err)
	case err != nil: // a page to sign in at, it may be, which says nothing of the badge
		r.refuse(CheckReading, notThere(o.link, err))
	case badge.ID != o.link || badge.Signed:
		r.refuse(CheckReading, reason.New("fetch_failed/other-document", o.link, "the document there calls itself %.200q", badge.ID))
	default:
		o.badge = badge
	}
	return o.badge != nil
}

func notThere(at string, err error) error {
	return reason.New("fetch_failed/document", at, "what its host answers is no such assertion: %w", err)
}

// hostTrusted says whether something may be fetched from an address although
// its issuer is not known yet: only where an issuer lives that is trusted.
func (o *badge2) hostTrusted(ctx context.Context, address string) error {
	host, err := ob2.Host(address)
	if err != nil {
		return err
	}
	trusted := false
	if hosts, ok := o.cfg.Trust.(trust.Hosts); ok {
		if trusted, err = hosts.TrustsHost(ctx, host, o.req.At); err != nil {
			return err
		}
	}
	if !trusted {
		return reason.New("untrusted_issuer/host", address, "only %s tells who issued it, and you trust nobody there, so nothing was fetched from it", host)
	}
	return nil
}

// fetch gets a document that the caller has at hand, or asks its host.
func (o *badge2) fetch(ctx context.Context, id string) ([]byte, error) {
	if raw, ok := o.req.StatusLists[id]; ok {
		return raw, nil
	}
	return o.ask(ctx, id)
}

// ask gets a document by https. That it cannot be had is never worse than
// undetermined, but for one that its host has withdrawn.
func (o *badge2) ask(ctx context.Context, id string) ([]byte, error) {
	if o.cfg.Documents == nil {
		return nil, reason.New("remote_fetch_blocked/offline", id, "the document is not at hand and nothing is fetched")
	}
	raw, asOf, err := o.cfg.Documents.Document(ctx, ob2.Address(id))
	if err != nil {
		code := reason.CodeOf(err)
		if c := code.Class(); c != reason.Undetermined && c != reason.Interrupted {
			code = reason.FetchFailed
		}
		return nil, reason.New(code, id, "the document could not be had: %w", err)
	}
	if !asOf.IsZero() && (o.asOf.IsZero() || asOf.Before(o.asOf)) {
		o.asOf = asOf
	}
	return raw, nil
}

// known finds out whose the badge is, whether that issuer is trusted, and what
// its profile says.
func (o *badge2) known(ctx context.Context) bool {
	r := o.report
	class := o.badge.Class
	if class == nil {
		if err := o.hostTrusted(ctx, o.badge.ClassID); err != nil {
			r.refuse(CheckTrust, err)
			return false
		}
		raw, err := o.fetch(ctx, o.badge.ClassID)
		if err == nil {
			class, err = ob2.ReadClass(raw, o.badge.ClassID, o.cfg.Limits)
		}
		if err != nil {
			r.refuse(CheckTrust, err)
			return false
		}
		r.class2 = class
	}
	r.Issuer = Issuer{ID: class.IssuerID, ClaimedName: class.IssuerName}
	o.types = []string{"Assertion"}
	if !o.trust(ctx, o.orNow(o.badge.IssuedOn)) {
		return false
	}
	raw, err := o.fetch(ctx, class.IssuerID)
	if err == nil {
		o.profile, err = ob2.ReadProfile(raw, class.IssuerID, o.cfg.Limits)
	}
	if err != nil {
		r.refuse(CheckBinding, err)
		return false
	}
	r.Issuer.ClaimedName = o.profile.Name
	return true
}

// signed checks the signature with the issuer's key, and the issuer's list of
// what it revoked.
func (o *badge2) signed(ctx context.Context) {
	r := o.report
	id, err := o.profile.KeyOf(o.badge)
	if err != nil {
		r.refuse(CheckBinding, err)
		o.unchecked(NoteKeyNotIssuers)
		return
	}
	public, err := o.key(ctx, id)
	if err != nil {
		r.refuse(CheckProof, err)
		o.unchecked(NoteKeyNotAtHand)
		return
	}
	if err := o.badge.Verify(public); err != nil {
		r.refuse(CheckProof, err)
		o.unchecked(NoteNoSignatureHolds)
		return
	}
	r.pass(CheckProof, NoteSignatureRightBadge2, o.badge.Algorithm(), id)
	r.passAsOf(CheckBinding, "", o.asOf, NoteKeyListed, o.profile.ID)
	if o.badge.Class != nil {
		r.notApplicable(CheckHosted, NoteAwardSigned)
	} else {
		o.restsOnHost("display_warning/hosted-class", o.badge.ClassID, NoteAwardNotSigned)
	}
	o.revocation(ctx)
}

func (o *badge2) key(ctx context.Context, id string) (key.Public, error) {
	if public, ok, err := o.profile.EmbeddedKey(id); ok {
		return public, err
	}
	raw, err := o.fetch(ctx, id)
	if err != nil {
		return key.Public{}, err
	}
	return ob2.ReadKey(raw, id, o.profile.ID, o.cfg.Limits)
}

func (o *badge2) revocation(ctx context.Context) {
	r, list := o.report, o.profile.RevocationList
	if list == "" {
		r.notApplicable(CheckStatus, NoteBadge2NoList)
		return
	}
	raw, err := o.fetch(ctx, list)
	if err != nil {
		r.refuse(CheckStatus, reason.New("status_unavailable/fetch", list, "the revocation list could not be had: %w", err))
		return
	}
	copied := published{asOf: o.asOf}
	if _, given := o.req.StatusLists[list]; given {
		copied = published{} // nothing is known of its age
	}
	revoked, why, err := ob2.Revocation(raw, list, o.badge, o.profile.ID, o.cfg.Limits)
	switch {
	case err != nil:
		if reason.CodeOf(err).Coarse() != string(reason.StatusInvalid) {
			err = reason.New("status_invalid/list", list, "%w", err)
		}
		r.refuse(CheckStatus, err)
	case revoked:
		r.withdrawn(list, why)
	default:
		o.notRevoked(copied, list, NoteBadge2NotListed)
	}
}

// notRevoked passes the check of status by what is not older than is allowed.
func (o *badge2) notRevoked(copied published, at string, note Note) {
	if err := o.fresh(copied, "what says that it is not revoked", at); err != nil {
		o.report.refuse(CheckStatus, err)
		return
	}
	o.report.passAsOf(CheckStatus, "", copied.asOf, note)
}

// withdrawn says that the issuer has revoked a badge, and why, where it says so.
func (r *Report) withdrawn(at, why string) {
	if why = shortened(why); why == "" {
		r.fail(CheckStatus, reason.Revoked, at, NoteBadge2Revoked)
		return
	}
	r.fail(CheckStatus, reason.Revoked, at, NoteBadge2RevokedSaid, why)
}

// hosted asks the host for its copy, which must be the same, at a place that
// the issuer's profile allows.
func (o *badge2) hosted(ctx context.Context) {
	r, b := o.report, o.badge
	r.notApplicable(CheckProof, NoteNotSigned)
	if err := o.profile.Allows(b.ID); err != nil {
		r.refuse(CheckBinding, err)
		o.unchecked(NotePlaceNotIssuers)
		return
	}
	r.passAsOf(CheckBinding, "", o.asOf, NoteHostedWhere, o.profile.ID)
	raw, err := o.ask(ctx, b.ID) // a copy at hand proves nothing
	if reason.CodeOf(err) == "fetch_failed/gone" {
		r.withdrawn(b.ID, "")
		o.unchecked(NoteHostWithdrew)
		return
	}
	if err != nil {
		r.refuse(CheckHosted, err)
		r.notMade(CheckStatus, NoteHostSilent)
		return
	}
	if revoked, why := ob2.Withdrawn(raw, b.ID, o.cfg.Limits); revoked {
		r.withdrawn(b.ID, why)
		o.unchecked(NoteHostWithdrew)
		return
	}
	there, err := ob2.Read(raw, o.cfg.Limits)
	if err != nil {
		r.refuse(CheckHosted, notThere(b.ID, err))
		o.unchecked(NoteHostOdd)
		return
	}
	if name := b.Differs(there); name != "" {
		r.refuse(CheckHosted, reason.New("issuer_mismatch/hosted-differs", strictjson.Pointer("", name), "its host says something else of it than this file"))
		o.unchecked(NoteHostDiffers)
		return
	}
	host, _ := ob2.Host(b.ID)
	o.notRevoked(published{asOf: o.asOf}, b.ID, NoteHostShows)
	o.restsOnHost("display_warning/hosted-badge", b.ID, NoteHostAnswers, host)
}

// restsOnHost warns of what no signature speaks for, as of when it was fetched.
func (o *badge2) restsOnHost(code reason.Code, at string, note Note, args ...string) {
	c := o.report.found(CheckHosted, Warn, note, args...)
	c.Reason, c.At, c.AsOf = code, at, o.asOf
	o.report.add(c)
}

func (o *badge2) periodOf() {
	b := o.badge
	if !o.inForce(b.IssuedOn, b.Expires, "/issuedOn", "/expires", term{NoteBadgeBegins, NoteBadgeEnded}) {
		return
	}
	o.report.inForceUntil(b.Expires)
}

// snapshot says of what a notary signed that the issuer has not: it shows what a
// host answered on a day, and nothing else.
func (j *judgement) snapshot(c *credential.Credential) {
	if !ob2.IsSnapshot(c.Document()) {
		return
	}
	seen, err := ob2.ReadSnapshot(c, j.cfg.Limits)
	if err != nil {
		j.report.refuse(CheckHosted, err)
		return
	}
	j.report.warn(CheckHosted, "display_warning/snapshot", "/credentialSubject", NoteSnapshot, seen.About, credential.FormatTime(seen.At()))
}
