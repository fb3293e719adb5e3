package verifier

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/status"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// maxListBytes bounds a status list credential, which is larger than an
// ordinary one: a list of 131,072 random bits is 22 KB in base64, and one of 100
// million up to 23 MB.
const maxListBytes = status.MaxBytes

// status checks every entry of credentialStatus, and what the token around the
// credential says of its status. One that cannot be checked makes the whole
// undetermined, unless another says revoked.
func (j *judgement) status(ctx context.Context, c *credential.Credential, claim *credential.Value, trusted bool) {
	r := j.report
	if j.list {
		r.notApplicable(CheckStatus, NoteListNotAsked)
		return
	}
	entries := c.Status()
	if claim != nil {
		r.add(j.tokenStatus(ctx, claim, trusted))
	}
	if len(entries) == 0 && claim != nil {
		return
	}
	if len(entries) == 0 {
		r.notApplicable(CheckStatus, NoteStatusNotOffered)
		return
	}
	if len(entries) > maxStatusEntries {
		r.refuse(CheckStatus, reason.New("resource_limit/status", "/credentialStatus", "%d entries, the limit is %d", len(entries), maxStatusEntries))
		return
	}
	for i, v := range entries {
		at := "/credentialStatus"
		if len(entries) > 1 {
			at = strictjson.Pointer(at, strconv.Itoa(i))
		}
		if status.IsNamed(v) {
			r.add(j.namedStatus(ctx, c, v, at, trusted))
		} else if check := j.statusEntry(ctx, v, at, trusted); check.ID != "" {
			r.add(check)
		}
	}
	if !slices.ContainsFunc(r.Checks, func(c Check) bool { return c.ID == CheckStatus }) {
		r.notApplicable(CheckStatus, NoteStatusOfOther)
	}
}

// maxStatusEntries bounds the lists that one credential has the verifier read.
const maxStatusEntries = 16

// statusCheck is the status check at a place, with its error if there is one.
func statusCheck(at string, err error) Check {
	out := Check{ID: CheckStatus, At: at, Outcome: Fail, Reason: reason.CodeOf(err), Detail: detailOf(err)}
	if c := out.Reason.Class(); c == reason.Undetermined || c == reason.Interrupted || c == reason.Fault {
		out.Outcome = Unknown
	}
	return out
}

// statusFound is a check of the status at a place, with what it found.
func (r *Report) statusFound(outcome Outcome, at string, note Note, args ...string) Check {
	c := r.found(CheckStatus, outcome, note, args...)
	c.At = at
	return c
}

// revokedOrSuspended is a check that found the one or the other, with what the
// issuer says of it.
func (r *Report) revokedOrSuspended(code reason.Code, at, said string) Check {
	var c Check
	switch {
	case code == reason.Suspended && said == "":
		c = r.statusFound(Fail, at, NoteSuspended)
	case code == reason.Suspended:
		c = r.statusFound(Fail, at, NoteSuspendedSaid, said)
	case said == "":
		c = r.statusFound(Fail, at, NoteRevoked)
	default:
		c = r.statusFound(Fail, at, NoteRevokedSaid, said)
	}
	c.Reason = code
	return c
}

// statusEntry asks the list of an entry. A list that could tell nothing but a
// remark, such as that there is a newer edition, or that is for a purpose which
// is not known here, and has nothing set, is no check of whether the credential
// is revoked: then the ID is empty.
func (j *judgement) statusEntry(ctx context.Context, v *credential.Value, at string, trusted bool) Check {
	var since time.Time // of what is known
	dated := func(c Check) Check {
		c.AsOf = since
		return c
	}
	fail := func(err error) Check { return dated(statusCheck(at, err)) }
	found := func(outcome Outcome, code reason.Code, note Note, args ...string) Check {
		c := j.report.statusFound(outcome, at, note, args...)
		c.Reason = code
		return dated(c)
	}
	entry, err := status.ParseEntry(v, at)
	if err != nil {
		return fail(err)
	}
	raw, asOf, err := j.statusList(ctx, entry.ListURL, trusted)
	if err == errListNotFetched {
		return found(NotRun, "", NoteListNotFetched)
	}
	if err != nil {
		return fail(err)
	}
	since = asOf
	list, copied, err := j.verifiedList(ctx, raw, entry.ListURL, func() (*credential.Value, published, error) { return j.readList(ctx, raw, entry.ListURL) })
	if err == errListUnchecked {
		return found(NotRun, "", NoteListUnchecked)
	}
	if err != nil {
		return fail(err)
	}
	copied.asOf = asOf
	since = copied.since()
	value, err := j.lookup(ctx, entry, list)
	if err != nil {
		return fail(err)
	}
	said := shortened(entry.Message(value))
	switch {
	case value != 0 && entry.Purpose == status.Revocation: // for good, so that the age of the list does not matter
		return dated(j.report.revokedOrSuspended(reason.Revoked, at, said))
	case value != 0 && entry.Purpose == status.Suspension:
		return dated(j.report.revokedOrSuspended(reason.Suspended, at, said))
	}
	if err := j.fresh(copied, "the status list", entry.ListURL); err != nil {
		return fail(err)
	}
	switch {
	case value == 0 && entry.Purpose != status.Revocation && entry.Purpose != status.Suspension:
		return Check{}
	case entry.Purpose == status.Suspension:
		return found(Pass, "", NoteNotSuspended)
	case value == 0:
		return found(Pass, "", NoteNotRevoked)
	case entry.Purpose == purposeRefresh && said == "":
		return found(Warn, "display_warning/newer-edition", NoteNewerEdition)
	case entry.Purpose == purposeRefresh:
		return found(Warn, "display_warning/newer-edition", NoteNewerEditionSaid, said)
	case entry.Purpose == purposeMessage && said == "":
		return found(Warn, "display_warning/status-message", NoteStatusMessage, fmt.Sprintf("%#x", value))
	case entry.Purpose == purposeMessage:
		return found(Warn, "display_warning/status-message", NoteStatusMessageSaid, fmt.Sprintf("%#x", value), said)
	}
	return fail(reason.New("status_unavailable/unknown-purpose", at, "the issuer has set %#x in a list for %.60q, which is not a purpose that is known here%s", value, entry.Purpose, explained(said)))
}

// Purposes that say nothing about whether a credential holds (Bitstring Status
// List section 2.1).
const (
	purposeRefresh = "refresh"
	purposeMessage = status.Message
)

// maxExplained bounds what an issuer's text takes up in a report, in bytes.
const maxExplained = 300

// shortened is what an issuer gives as its reason, as far as a report has room
// for it; empty for nothing.
func shortened(text string) string {
	text = strings.TrimSpace(text)
	if len(text) > maxExplained {
		text = strings.ToValidUTF8(text[:maxExplained], "") + "…"
	}
	return text
}

// explained is what an issuer gives as its reason, to be put behind a
// sentence; empty for nothing.
func explained(text string) string {
	if text = shortened(text); text == "" {
		return ""
	}
	return fmt.Sprintf(", and says: %q", text)
}

var errListNotFetched = errors.New(NoteListNotFetched.Text())

// errListUnchecked is of a list that is at hand.
var errListUnchecked = errors.New(NoteListUnchecked.Text())

func (j *judgement) statusList(ctx context.Context, url string, trusted bool) ([]byte, time.Time, error) {
	if list, ok := j.req.StatusLists[url]; ok {
		return list, time.Time{}, nil
	}
	if !trusted {
		return nil, time.Time{}, errListNotFetched
	}
	list, asOf, err := j.cfg.Status.StatusList(ctx, url)
	if err != nil && reason.CodeOf(err).Class() != reason.Undetermined {
		err = reason.New("status_unavailable/fetch", url, "the status list could not be had: %w", err)
	}
	return list, asOf, err
}

// readList verifies a status list as the credential that it is, and tells what
// it says of its age. It must be by the issuer whose credential it speaks of, or anybody could
// acquit.
func (j *judgement) readList(ctx context.Context, raw []byte, url string) (*credential.Value, published, error) {
	none := published{}
	cfg := j.cfg
	cfg.Limits.MaxBytes = maxListBytes
	sub := &judgement{
		Verifier: &Verifier{cfg, j.standards},
		req:      Request{Raw: raw, At: j.req.At},
		report:   &Report{JudgedAt: j.req.At, raw: raw},
		list:     true,
		types:    j.types,
		maxAge:   j.maxAge,
	}
	in, err := proof.Read(raw, cfg.Limits)
	if err != nil {
		return nil, none, listError(url, err)
	}
	secured, err := cfg.Suites.Open(in)
	if err != nil {
		return nil, none, listError(url, err)
	}
	if slices.ContainsFunc(secured, inPart) {
		return nil, none, reason.New("status_invalid/list", url, "the status list may be shown in part: whoever hands it on could leave out until when it holds")
	}
	document := secured[0].Document
	if issuer := credential.ID(document.Get("issuer")); issuer != j.report.Issuer.ID || issuer == "" {
		return nil, none, reason.New("status_invalid/list-issuer", url, "the status list is by another issuer than the credential")
	}
	sub.credential(ctx, document, secured, nil)
	if err := ctx.Err(); err != nil {
		return nil, none, reason.Wrap(reason.Canceled, url, err)
	}
	r := sub.report
	if r.Verdict == Untrusted && r.Check(CheckBinding).Outcome == NotRun {
		return nil, none, errListUnchecked
	}
	if r.Verdict == Untrusted { // decided for the credential itself, which may be limited to its types
		r.drop(CheckTrust)
		r.pass(CheckTrust, NoteTrustedAsCredential)
		r.conclude([]CheckID{CheckReading, CheckDataModel, CheckProof, CheckBinding, CheckPeriod})
	}
	if r.Verdict != Valid {
		return nil, none, listError(url, r.Err())
	}
	life, err := status.TimeToLive(r.proven.Document(), url)
	if err != nil {
		return nil, none, err
	}
	from, until, err := r.proven.Period()
	if err != nil {
		return nil, none, listError(url, err)
	}
	copied := published{issued: from, ends: !until.IsZero(), life: life}
	for _, s := range secured {
		if s.Created.After(copied.issued) {
			copied.issued = s.Created
		}
		copied.ends = copied.ends || !s.Expires.IsZero()
	}
	return r.proven.Document(), copied, nil
}

// inPart reports whether a proof holds without some of what its issuer signed.
// Of ecdsa-sd-2023 that cannot be told.
func inPart(s *proof.Secured) bool {
	return s.Withheld > 0 || strings.HasPrefix(string(s.Suite), "ecdsa-sd-")
}

// listError says that a list is no use. A list that ended is one that could
// not be had in time; everything else is wrong with the list itself.
func listError(url string, err error) error {
	switch reason.CodeOf(err).Coarse() {
	case string(reason.Expired):
		return reason.New("status_unavailable/stale", url, "the status list is not in force: %w", err)
	case string(reason.NotYetValid):
		return reason.New("status_unavailable/too-new", url, "the status list is not in force yet: %w", err)
	case string(reason.Canceled):
		return err
	case string(reason.KeyUnavailable), string(reason.RemoteFetchBlocked):
		return reason.New("status_unavailable/key", url, "the key of the status list could not be had: %w", err)
	}
	if code := reason.CodeOf(err); code.Coarse() == string(reason.StatusInvalid) || code == reason.LimitInflate {
		return err
	}
	return reason.New("status_invalid/list", url, "the status list is not sound: %w", err)
}
