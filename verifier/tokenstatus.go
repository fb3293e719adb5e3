package verifier

import (
	"context"
	"errors"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/status"
	"github.com/kompetansebevis/bevis/reason"
)

// tokenStatus checks the claim status of a token (Token Status List section
// 8.3).
func (j *judgement) tokenStatus(ctx context.Context, claim *credential.Value, trusted bool) Check {
	const at = "/status"
	entry, err := status.ParseTokenEntry(claim, at)
	if err != nil {
		return statusCheck(at, err)
	}
	raw, asOf, err := j.statusList(ctx, entry.ListURL, trusted)
	if err == errListNotFetched {
		return j.report.statusFound(NotRun, at, NoteListNotFetched)
	}
	if err != nil {
		return statusCheck(at, err)
	}
	list, copied, err := j.readTokenList(ctx, raw, entry.ListURL, asOf, trusted)
	if errors.Is(err, errNotFetched) {
		return j.report.statusFound(NotRun, at, NoteKeyNotFetched)
	}
	if err != nil {
		return statusCheck(at, err)
	}
	value, err := list.Get(entry.Index)
	old := j.fresh(copied, "the status list", entry.ListURL)
	out := j.report.statusFound(Pass, at, NoteTokenValid)
	switch {
	case err != nil:
		out = statusCheck(at, reason.Wrap(reason.CodeOf(err), entry.ListURL, err))
	case value == status.TokenInvalid:
		out = j.report.revokedOrSuspended(reason.Revoked, at, "")
	case value == status.TokenSuspended:
		out = j.report.revokedOrSuspended(reason.Suspended, at, "")
	case old != nil:
		out = statusCheck(at, old)
	case value != status.TokenValid:
		out = statusCheck(at, reason.New("status_unavailable/unknown-value", at, "the list says %d, which means something to its issuer alone", value))
	}
	out.AsOf = copied.since()
	return out
}

// readTokenList checks a list as the token that it is, and tells its age. It
// must be by a key of the issuer whose credential it speaks of.
func (j *judgement) readTokenList(ctx context.Context, raw []byte, url string, asOf time.Time, trusted bool) (*status.TokenList, published, error) {
	lim := j.cfg.Limits
	lim.MaxBytes = maxListBytes
	issuer := j.report.Issuer.ID
	list, err := status.ReadListToken(ctx, raw, url, issuer, lim)
	if err != nil {
		return nil, published{}, listError(url, err)
	}
	k, err := keyring{judgement: j, controller: issuer, trusted: trusted}.Key(ctx, list.Method, proof.AssertionMethod)
	if errors.Is(err, errNotFetched) {
		return nil, published{}, err
	}
	if err == nil {
		err = bind(k, issuer, "")
	}
	if err == nil {
		err = j.keyInForce(k, list.Created)
	}
	if err == nil {
		err = list.Verify(k.Public)
	}
	if err != nil {
		return nil, published{}, listError(url, err)
	}
	return list.List, published{asOf: asOf, issued: list.Created, ends: !list.Expires.IsZero(), life: list.MaxAge}, j.listInForce(list, url)
}

// listInForce judges a list by its own times.
func (j *judgement) listInForce(list *status.ListToken, url string) error {
	switch {
	case list.Created.After(j.req.At.Add(j.cfg.ClockSkew)):
		return reason.New("status_unavailable/too-new", url, "the status list was made %s, after %s", credential.FormatTime(list.Created), credential.FormatTime(j.req.At))
	case !list.Expires.IsZero() && j.req.At.After(list.Expires):
		return reason.New("status_unavailable/stale", url, "the status list ended %s", credential.FormatTime(list.Expires))
	}
	return nil
}
