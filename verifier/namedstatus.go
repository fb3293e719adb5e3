package verifier

import (
	"context"
	"net/url"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/status"
	"github.com/kompetansebevis/bevis/reason"
)

// namedStatus asks a list that names revoked credentials by their ids and that
// nobody signs. All that speaks for it is where it comes from. That a
// credential is on it counts from wherever the issuer, in what it signed, says
// that the list is: a list that lies thus takes a proof away and gives none.
// That a credential is not on it counts only from the issuer's own host over
// https, or from the caller's own hand.
func (j *judgement) namedStatus(ctx context.Context, c *credential.Credential, v *credential.Value, at string, trusted bool) Check {
	entry, err := status.ParseNamedEntry(v, at)
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
	out := j.onNamedList(c, raw, entry.ListURL, at, asOf)
	out.AsOf = asOf
	return out
}

func (j *judgement) onNamedList(c *credential.Credential, raw []byte, address, at string, asOf time.Time) Check {
	lim := j.cfg.Limits
	lim.MaxBytes = maxListBytes
	list, err := status.ParseNamedList(raw, address, lim)
	if err != nil {
		return statusCheck(at, err)
	}
	if c.ID() == "" {
		return statusCheck(at, reason.New("status_unavailable/no-id", "/id", "the list names credentials by their ids, and this one has none"))
	}
	if found, revoked := list.Find(c.ID()); revoked {
		return j.report.revokedOrSuspended(reason.Revoked, at, shortened(found.Reason))
	}
	_, given := j.req.StatusLists[address]
	if !given && !ownHost(j.report.Issuer.ID, address) {
		return statusCheck(at, reason.New("status_unavailable/unsigned-elsewhere", at,
			"the list of revoked credentials is not signed, and %s is not the host of %s: that this one is not on it proves nothing", hostOf(address), j.report.Issuer.ID))
	}
	if err := j.fresh(published{asOf: asOf}, "the list of revoked credentials", address); err != nil {
		return statusCheck(at, err)
	}
	if given {
		return j.report.statusFound(Pass, at, NoteNotNamedGiven)
	}
	return j.report.statusFound(Pass, at, NoteNotNamed)
}

// ownHost reports whether an address is https on the host that the issuer's
// identifier names. A did:key names none.
func ownHost(issuer, address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.User != nil {
		return false
	}
	own := ""
	switch {
	case strings.HasPrefix(issuer, "https://"):
		own = hostOf(issuer)
	case didMethod(issuer) == "web":
		name, _, _ := strings.Cut(strings.TrimPrefix(issuer, "did:web:"), ":")
		own, _ = url.PathUnescape(name)
	}
	return own != "" && strings.EqualFold(own, u.Host)
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}
