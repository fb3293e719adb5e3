package verifier

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/bake"
	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/elmo"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/profile"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/jades"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
)

// DefaultClockSkew is how far the clocks of others may be ahead.
const DefaultClockSkew = 5 * time.Minute

const maxParts = 1000 // credentials in one presentation

// StatusSource has status lists. An error means that the list could not be
// had; it is reported as such and never as "not revoked".
type StatusSource interface {
	// StatusList returns the list at a URL as it was published, and how old
	// that copy is.
	StatusList(ctx context.Context, url string) (list []byte, asOf time.Time, err error)
}

// NoStatus is a StatusSource that has no list: for working offline.
type NoStatus struct{}

// StatusList returns status_unavailable/offline.
func (NoStatus) StatusList(_ context.Context, url string) ([]byte, time.Time, error) {
	return nil, time.Time{}, reason.New("status_unavailable/offline", url, "the status list is not at hand and nothing is fetched")
}

// KeyPins has keys that the relying party pinned to verification methods.
// *trust.Policy is one.
type KeyPins interface {
	PinnedKey(q trust.Query, method string) (key.Public, bool)
}

// Config is what a relying party accepts and trusts.
type Config struct {
	Suites   proof.Set        // required
	Resolver did.Resolver     // required; asked over the network for trusted issuers and holders only
	Trust    trust.Registry   // required
	Status   StatusSource     // required; NoStatus{} where nothing may be fetched
	Now      func() time.Time // required, usually time.Now
	Pins     KeyPins          // may be nil: no pinned keys
	Memo     *Memo            // of one run with many credentials; may be nil
	// Documents has what Open Badges 2.0 refer to; nil where nothing may be
	// fetched.
	Documents DocumentSource

	// MaxStatusAge is how old what is known of status and keys may be, beside
	// what lists say of themselves and what the trust source asks for. Zero:
	// DefaultMaxAge for fetched copies that do not say how long they hold.
	MaxStatusAge time.Duration
	// ClockSkew is how far ahead of Now a beginning may lie, zero for
	// DefaultClockSkew.
	ClockSkew time.Duration
	// Schemas has the JSON schemas that credentials are held against; nil: none
	// is at hand, and none is ever fetched.
	Schemas SchemaValidator
	// Refresh asks issuers for newer editions, when a request wants that; nil:
	// nobody is asked.
	Refresh RefreshSource

	// Logs are the transparency logs that are known; nil: none, and nothing is
	// required to stand in one.
	Logs Logs

	// SealAnchors are the certificates that the seals of European Digital
	// Credentials have to lead to; nil: whose a seal is cannot be told.
	SealAnchors *jades.Anchors
	// Foreign read documents of other systems; none: they are unreadable.
	Foreign []ForeignReader

	// Limits bound the document; zero means 1 MiB, 64 levels.
	Limits credential.Limits
}

// Verifier judges documents. It is immutable and safe for concurrent use.
type Verifier struct {
	cfg       Config
	standards *profile.Standards
}

// New returns a verifier, or an error of code usage that names the first gap
// in cfg and the way out.
func New(cfg Config) (*Verifier, error) {
	for _, gap := range []struct {
		missing bool
		text    string
	}{
		{len(cfg.Suites) == 0, "Suites is empty: use suites.All of credential/proof/suites"},
		{cfg.Resolver == nil, "Resolver is nil: use did.Mux{\"key\": did.Key{}, \"jwk\": did.JWK{}}"},
		{cfg.Trust == nil, "Trust is nil: name the issuers with trust.Pins, or read a policy with trust.Parse"},
		{cfg.Status == nil, "Status is nil: use verifier.NoStatus{} to work offline"},
		{cfg.Now == nil, "Now is nil: use time.Now"},
		{cfg.ClockSkew < 0, "ClockSkew is negative"},
		{cfg.MaxStatusAge < 0, "MaxStatusAge is negative"},
	} {
		if gap.missing {
			return nil, reason.New(reason.Usage, "verifier.Config", "%s", gap.text)
		}
	}
	if cfg.ClockSkew == 0 {
		cfg.ClockSkew = DefaultClockSkew
	}
	return &Verifier{cfg, profile.NewStandards()}, nil
}

// Request is one document and what is expected of it.
type Request struct {
	Raw []byte // JSON, compact JWS, COSE, PNG or SVG
	// Carrier is what the caller has taken Raw out of: "pdf", "qr", "zip", "html" or "link",
	// empty when it came as it is. It is told in the report.
	Carrier string
	At      time.Time // judge as of then; zero for now

	// Audience is who the verifier is, as it asked the holder. With it, with
	// Challenge or with RequireHolder a presentation is expected.
	Audience  string
	Challenge string // the nonce that the holder was asked to include
	// AllowBare judges a bare credential as what it is, where Audience alone
	// expects a presentation: so one request serves for all that people send. A
	// Challenge or RequireHolder is never met by a bare one.
	AllowBare     bool
	RequireHolder bool // the holder must be the subject of every credential

	// OnBehalfOf are ids of persons whose credentials the holder may show under
	// RequireHolder, as the relying party has found out elsewhere: a guardian's
	// child, a firm's employee.
	OnBehalfOf []string

	// Recipient is what the relying party knows of the person that each
	// credential must be about; none: it does not ask.
	Recipient []Identifier
	// RequireSchema makes it undetermined when a schema that the credential
	// names could not be held against it, or it names none.
	RequireSchema bool
	// Refresh has the issuer asked for a newer edition of a bare credential,
	// once, after the proof has held. The issuer then learns that somebody
	// looks at it.
	Refresh bool

	// StatusLists are lists at hand, by URL. They are looked in first. Of an
	// Open Badge 2.0 its badge class, profile and key may be among them.
	StatusLists map[string][]byte

	// LogProofs are proofs from transparency logs (c2sp.org/tlog-proof), each of
	// the credential or of one in the presentation. RequireLog makes it
	// undetermined when none of them can be checked; what is wrong with one is
	// wrong with or without it.
	LogProofs  [][]byte
	RequireLog bool

	// Endorsements are endorsements that came beside the credential, JSON or
	// compact JWS, such as of the credential itself, which cannot stand in what
	// was signed before them. They are judged as if they stood in it. Of a
	// presentation, each counts for the credential that it names something in.
	Endorsements [][]byte

	// Full is the credential that a short form, as it is printed, is to be of:
	// the one or the other is invalid by unsigned_data/other-credential else. It
	// is not verified itself, as the digest in the short form covers it. Of a
	// presentation, each credential is held against it.
	Full []byte

	// Page is what Raw came attached to, where Carrier is "pdf"; nil: nothing of
	// it was read.
	Page *Page

	within CheckID // what the document is looked at for, inside another
	partOf bool    // of a presentation
}

// part is what is asked of a credential in a presentation.
func (r Request) part(raw []byte) Request {
	return Request{Raw: raw, At: r.At, StatusLists: r.StatusLists, Recipient: r.Recipient, RequireSchema: r.RequireSchema, LogProofs: r.LogProofs, RequireLog: r.RequireLog, Endorsements: r.Endorsements, Full: r.Full, partOf: true}
}

func (r Request) wantsPresentation() bool {
	return r.Audience != "" || r.Challenge != "" || r.RequireHolder
}

func (r Request) refusesBare() bool {
	return r.wantsPresentation() && (!r.AllowBare || r.Challenge != "" || r.RequireHolder)
}

// Verify judges a document. The report is never nil; the error is nil exactly
// when the verdict is Valid, and is otherwise the reason.
func (v *Verifier) Verify(ctx context.Context, req Request) (*Report, error) {
	if req.At.IsZero() {
		req.At = v.cfg.Now()
	}
	r := v.verify(ctx, req)
	if req.Refresh {
		r.notRefreshed()
	}
	if req.Audience != "" && req.AllowBare && r.Kind != KindPresentation && r.is(CheckReading, Pass) {
		r.notApplicable(CheckAudience, NoteBare)
	}
	return r, r.Err()
}

// usualChecks is how many checks are made of most credentials.
const usualChecks = 12

func (v *Verifier) verify(ctx context.Context, req Request) *Report {
	j := &judgement{Verifier: v, req: req, report: &Report{JudgedAt: req.At, raw: req.Raw, Checks: make([]Check, 0, usualChecks)}}
	j.allow(v.cfg.MaxStatusAge)
	in, err := j.read(req.Raw)
	if err != nil {
		j.report.refuse(CheckReading, err)
		j.report.conclude(nil)
		return j.report
	}
	if j.badge2 != nil {
		j.badge2.judge(ctx)
		return j.report
	}
	if j.sealed != nil {
		j.sealed.judge(ctx)
		return j.report
	}
	if other := v.ofAnother(in.Document); other != nil {
		j.foreign(ctx, other, in)
		return j.report
	}
	secured, err := v.cfg.Suites.Open(in)
	j.report.opened(v.cfg.Suites, in.Document, secured)
	document := in.Document
	if len(secured) > 0 {
		document = secured[0].Document
	}
	if i := slices.IndexFunc(secured, func(s *proof.Secured) bool { return s.Shown != nil }); i >= 0 {
		j.keyBound(ctx, secured[i])
		return j.report
	}
	if credential.IsPresentation(document) && !credential.HasType(document, "VerifiableCredential") {
		j.presentation(ctx, document, secured, err)
	} else {
		j.credential(ctx, document, secured, err)
	}
	return j.refreshed(ctx)
}

// judgement is the work on one document.
type judgement struct {
	*Verifier
	req    Request
	report *Report
	badge2 *badge2 // the document is an Open Badge 2.0
	sealed *sealed // the document has a seal around it
	list   bool    // the document is a status list: its own status is not asked
	text   bool    // the issuer has signed the text of the document, not only its statements
	// types are those that trust is asked for: the credential's, and for its
	// status list the same, since it speaks of nothing else.
	types []string
	// maxAge is how old status and keys may be, zero: not said.
	maxAge time.Duration
	// proven is when the signature was there by the word of others than the
	// issuer, zero: nobody says.
	proven time.Time
}

// read gets the document out of its carrier and reads it strictly. An Open
// Badge 2.0 is left in j.badge2.
func (j *judgement) read(raw []byte) (_ *proof.Input, err error) {
	j.report.Carrier = j.req.Carrier
	if elmo.Is(raw) && elmo.Signed(raw) {
		return nil, errELMO()
	}
	if format := bake.Detect(raw); format != bake.Unknown {
		baked, err := bake.Extract(raw, bake.Limits{})
		if err != nil {
			return nil, err
		}
		j.report.Carrier = format.String()
		if j.badge2, err = j.openBadge2(nil, baked); j.badge2 != nil {
			return nil, err
		}
		for _, w := range baked.Warnings {
			warning := j.report.found(CheckDisplay, Warn, pictureNote(w.Code))
			warning.Reason, warning.Detail = w.Code, w.Detail
			j.report.add(warning)
		}
		raw = baked.Credential
	}
	if bytes.HasPrefix(raw, []byte("PK\x03\x04")) {
		return nil, reason.New("no_credential/archive", "", "this is an archive, such as a wallet file, and not a credential")
	}
	if len(bytes.TrimSpace(raw)) == 0 {
		return nil, reason.New("no_credential/empty", "", "there is nothing in it")
	}
	if !proof.IsCOSE(raw) { // whose last byte may look like white space
		raw = bytes.TrimSpace(raw)
	}
	in, err := proof.Read(raw, j.sealLimits(raw))
	if err != nil {
		return nil, err
	}
	if j.sealed, err = j.opensSeal(in); j.sealed != nil {
		return in, err
	}
	if j.ofAnother(in.Document) != nil { // some of which are Open Badges 2.0 as well
		return in, nil
	}
	if j.badge2, err = j.openBadge2(in, nil); j.badge2 != nil {
		return in, err
	}
	return j.unwrapped(in)
}

// credential judges a document that claims to be a credential.
func (j *judgement) credential(ctx context.Context, document *strictjson.Value, secured []*proof.Secured, openErr error) {
	r := j.report
	expected := []CheckID{CheckReading, CheckDataModel, CheckTrust, CheckProof, CheckBinding, CheckPeriod, CheckStatus}
	defer func() { r.conclude(expected) }()
	if document == nil { // a compact form or a COSE message that no suite could open
		r.refuse(CheckReading, openErr)
		return
	}
	if j.req.refusesBare() {
		err := reason.New("wrong_type/credential", "", "a presentation is expected, and this is a bare credential")
		if len(secured) > 0 && strings.Contains(secured[0].Input.Compact, "~") {
			err = reason.New("holder_mismatch/no-key-binding", "", "the credential is shown without the signature of its holder")
		}
		r.refuse(CheckReading, err)
		return
	}
	if err := j.refusesShort(secured); err != nil {
		r.refuse(CheckReading, err)
		return
	}
	claimed, err := credential.New(document, r.raw)
	if err != nil {
		if openErr != nil && reason.CodeOf(openErr) != reason.NoProof {
			err = openErr
		}
		r.refuse(CheckReading, err)
		return
	}
	r.Kind, r.claimed = KindCredential, claimed
	r.Issuer = Issuer{ID: claimed.IssuerID(), ClaimedName: claimed.IssuerName()}
	r.pass(CheckReading, NoteReadStrictly)
	j.dataModel(claimed, len(secured) > 0 && secured[0].Mapped)
	if !j.list {
		j.types = claimed.Types()
	}
	trusted := j.trust(ctx, j.lastSigned(secured))
	if openErr != nil {
		r.refuse(CheckProof, openErr)
		r.notMade(CheckBinding, NoteNoProof)
	} else {
		r.Form, r.Disclosed, r.Withheld = secured[0].Suite, secured[0].Disclosed, secured[0].Withheld
		j.proofs(ctx, secured, r.Issuer.ID, proof.AssertionMethod, trusted)
	}
	j.period(claimed, secured)
	// A list is fetched for the issuer's own word alone: a forged file must not
	// make connections to wherever it says.
	var claim *credential.Value
	if len(secured) > 0 {
		claim = secured[0].Status
	}
	j.status(ctx, claimed, claim, trusted && r.Check(CheckBinding).Outcome == Pass)
	j.relatedResources(claimed)
	j.snapshot(claimed)
	j.content(ctx, claimed, trusted && r.Check(CheckBinding).Outcome == Pass)
	j.log(ctx, claimed, secured)
	j.beforeSuccession(j.lastSigned(secured))
	j.fullCredential(secured)
	if len(secured) > 0 {
		j.page(ctx, secured[0].Input, trusted && r.Check(CheckBinding).Outcome == Pass)
	}
	expected = append(expected, j.req.alsoExpected()...)
	j.display(document)
}

// trust asks the registry about who says that it signed at a time. It comes
// before everything that could be fetched.
func (j *judgement) trust(ctx context.Context, signed time.Time) bool {
	r := j.report
	decision, err := j.cfg.Trust.Decide(ctx, trust.Query{Issuer: r.Issuer.ID, Types: j.types, At: j.req.At, Signed: signed})
	switch {
	case err != nil:
		r.add(Check{ID: CheckTrust, Outcome: Unknown, Reason: reason.CodeOf(err), At: "/issuer", Detail: "the trust source could not tell: " + detailOf(err)})
		return false
	case !decision.Trusted:
		r.notTrusted(decision)
		return false
	}
	r.Issuer.VerifiedName, r.Issuer.NameBy, r.Issuer.TrustedBy, r.Issuer.Vouchers, r.Issuer.Continued = decision.Name, decision.NameBy, decision.Source, decision.Vouchers, decision.Continued
	j.allow(decision.MaxStatusAge)
	r.trusted(decision)
	return true
}

// period checks validFrom and validUntil together with the times that the
// proofs set.
func (j *judgement) period(c *credential.Credential, secured []*proof.Secured) {
	from, until, err := c.Period()
	if err != nil {
		j.report.refuse(CheckPeriod, err)
		return
	}
	if !j.inForce(from, until, "/validFrom", "/validUntil", term{NoteCredentialBegins, NoteCredentialEnded}) {
		return
	}
	for _, s := range secured {
		if !j.proofInForce(s) { // one that could not be read says no times
			return
		}
	}
	j.report.inForceUntil(until)
}

func (r *Report) inForceUntil(until time.Time) {
	if until.IsZero() {
		r.pass(CheckPeriod, NoteNoEnd)
		return
	}
	r.pass(CheckPeriod, NoteInForceUntil, credential.FormatTime(until))
}

func (j *judgement) proofInForce(s *proof.Secured) bool {
	from := s.NotBefore
	if from.Before(s.Created) {
		from = s.Created
	}
	if j.report.Kind == KindPresentation && !s.Expires.IsZero() && j.req.At.After(s.Expires) {
		j.report.fail(CheckPeriod, "expired/presentation", s.At, NoteShownUntil, credential.FormatTime(s.Expires), credential.FormatTime(j.req.At))
		return false
	}
	return j.inForce(from, s.Expires, s.At, s.At, term{NoteProofBegins, NoteProofEnded})
}

// term is how it is said of something that it is not in force.
type term struct{ begins, ended Note }

func (j *judgement) inForce(from, until time.Time, fromAt, untilAt string, what term) bool {
	if from.After(j.req.At.Add(j.cfg.ClockSkew)) {
		j.report.fail(CheckPeriod, reason.NotYetValid, fromAt, what.begins, credential.FormatTime(from), credential.FormatTime(j.req.At))
		return false
	}
	if !until.IsZero() && j.req.At.After(until) {
		j.report.fail(CheckPeriod, reason.Expired, untilAt, what.ended, credential.FormatTime(until), credential.FormatTime(j.req.At))
		return false
	}
	return true
}

// selfContained are the DID methods whose document is the identifier itself.
func selfContained(id string) bool {
	return slices.Contains([]string{"key", "jwk"}, didMethod(id))
}
