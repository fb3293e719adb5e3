package verifier

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/status"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// maxListBytes bounds a status list credential, which is larger than an
// ordinary one: a list of 131,072 random bits is 22 KB in base64.
const maxListBytes = 8 << 20

// status checks every entry of credentialStatus, and what the token around the
// credential says of its status. One that cannot be checked makes the whole
// undetermined, unless another says revoked.
func (j *judgement) status(ctx context.Context, c *credential.Credential, claim *credential.Value, trusted bool) {
	r := j.report
	if j.list {
		r.add(Check{ID: CheckStatus, Outcome: NotApplicable, Detail: "a status list is not asked for its own status"})
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
		r.add(Check{ID: CheckStatus, Outcome: NotApplicable, Detail: "the issuer has not said how to learn whether this is revoked"})
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
		r.add(j.statusEntry(ctx, v, at, trusted))
	}
}

// maxStatusEntries bounds the lists that one credential has the verifier read.
const maxStatusEntries = 16

// statusCheck is the status check at a place, with its error if there is one.
func statusCheck(at string, err error) Check {
	out := Check{ID: CheckStatus, At: at, Outcome: Fail, Reason: reason.CodeOf(err), Detail: detailOf(err)}
	if out.Reason.Class() == reason.Undetermined {
		out.Outcome = Unknown
	}
	return out
}

func (j *judgement) statusEntry(ctx context.Context, v *credential.Value, at string, trusted bool) Check {
	out := Check{ID: CheckStatus, At: at}
	fail := func(err error) Check {
		failed := statusCheck(at, err)
		failed.AsOf = out.AsOf
		return failed
	}
	entry, err := status.ParseEntry(v, at)
	if err != nil {
		return fail(err)
	}
	list, asOf, err := j.statusList(ctx, entry.ListURL, trusted)
	if err == errListNotFetched {
		out.Detail = err.Error()
		return out
	}
	if err != nil {
		return fail(err)
	}
	document, err := verifiedList(j, list, entry.ListURL, func() (*credential.Value, error) { return j.readList(ctx, list, entry.ListURL) })
	if err != nil {
		return fail(err)
	}
	value, err := j.lookup(entry, document)
	if err != nil {
		return fail(err)
	}
	out.AsOf = asOf
	if value == 0 {
		out.Outcome, out.Detail = Pass, fmt.Sprintf("not set in the %s list", entry.Purpose)
		return out
	}
	switch entry.Purpose {
	case "revocation":
		return fail(reason.New(reason.Revoked, at, "the issuer has revoked this credential"))
	case "suspension":
		return fail(reason.New(reason.Suspended, at, "the issuer has suspended this credential"))
	default:
		out.Outcome, out.Reason, out.Detail = Warn, "status_invalid/purpose", fmt.Sprintf("%#x in a list of purpose %q, which the issuer explains as %q", value, entry.Purpose, entry.Message(value))
		return out
	}
}

var errListNotFetched = reason.New("status_unavailable/untrusted", "", "the issuer is not trusted or the proof does not hold, so no status list is fetched")

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

// readList verifies a status list as the credential that it is. It must be
// by the issuer whose credential it speaks of, or anybody could acquit.
func (j *judgement) readList(ctx context.Context, raw []byte, url string) (*credential.Value, error) {
	cfg := j.cfg
	cfg.Limits.MaxBytes = maxListBytes
	sub := &judgement{
		Verifier: &Verifier{cfg, j.standards},
		req:      Request{Raw: raw, At: j.req.At},
		report:   &Report{JudgedAt: j.req.At, raw: raw},
		list:     true,
		types:    j.types,
	}
	in, err := proof.Read(raw, cfg.Limits)
	if err != nil {
		return nil, listError(url, err)
	}
	secured, err := cfg.Suites.Open(in)
	if err != nil {
		return nil, listError(url, err)
	}
	document := secured[0].Document
	if issuer := credential.ID(document.Get("issuer")); issuer != j.report.Issuer.ID || issuer == "" {
		return nil, reason.New("status_invalid/list-issuer", url, "the status list is by another issuer than the credential")
	}
	sub.credential(ctx, document, secured, nil)
	r := sub.report
	if r.Verdict == Untrusted { // decided for the credential itself, which may be limited to its types
		r.drop(CheckTrust)
		r.pass(CheckTrust, "as for the credential")
		r.conclude([]CheckID{CheckReading, CheckDataModel, CheckProof, CheckBinding, CheckPeriod})
	}
	if r.Verdict != Valid {
		return nil, listError(url, r.Err())
	}
	return r.proven.Document(), nil
}

// listError says that a list is no use. A list that ended is one that could
// not be had in time; everything else is wrong with the list itself.
func listError(url string, err error) error {
	switch reason.CodeOf(err).Coarse() {
	case string(reason.Expired):
		return reason.New("status_unavailable/stale", url, "the status list is not in force: %w", err)
	case string(reason.NotYetValid):
		return reason.New("status_unavailable/too-new", url, "the status list is not in force yet: %w", err)
	case string(reason.KeyUnavailable), string(reason.RemoteFetchBlocked):
		return reason.New("status_unavailable/key", url, "the key of the status list could not be had: %w", err)
	}
	if code := reason.CodeOf(err); code.Coarse() == string(reason.StatusInvalid) || code == reason.LimitInflate {
		return err
	}
	return reason.New("status_invalid/list", url, "the status list is not sound: %w", err)
}
