package verifier

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/reason"
)

// RefreshSource asks an issuer for the newest edition of a credential.
type RefreshSource interface {
	// Newest returns what is at the URL of a refresh service, and how old that
	// copy is. It follows no redirect: whoever could send it elsewhere could
	// choose what is judged.
	Newest(ctx context.Context, url string) (raw []byte, asOf time.Time, err error)
}

// refresh1EdTech is the one type of refreshService that is known: a GET.
const refresh1EdTech = openbadge.TypeRefresh

// Refreshed says that a report is on a newer edition of the credential than
// the one that was asked about.
type Refreshed struct {
	URL  string    // where the newer edition was
	AsOf time.Time // when it was fetched
	Raw  []byte    // the newer edition
	// From and To are the beginnings of both editions, zero where none is said.
	From, To time.Time
}

// refreshed asks the issuer of a credential for a newer edition, where that
// was requested, and returns the report that counts: the one on the newer
// edition, when it is by the same issuer, has the same id, begins later and is
// proven; and else the one that was made (Open Badges 3.0 section 8.2).
func (j *judgement) refreshed(ctx context.Context) *Report {
	r := j.report
	if !j.req.Refresh || r.Kind != KindCredential {
		return r
	}
	service, err := refreshService(r.Claimed())
	switch {
	case err != nil:
		r.refreshFailed(err)
		return r
	case service == "":
		r.notApplicable(CheckRefresh, NoteNoRefreshService)
		return r
	case !r.proved():
		r.notMade(CheckRefresh, NoteRefreshNotAsked)
		return r
	case j.cfg.Refresh == nil:
		r.refreshFailed(reason.New("refresh_failed/fetch", service, "nothing is fetched here"))
		return r
	}
	raw, asOf, err := j.cfg.Refresh.Newest(ctx, service)
	if err != nil {
		r.refreshFailed(reason.New("refresh_failed/fetch", service, "the newer one could not be had: %w", err))
		return r
	}
	req := j.req
	req.Raw, req.Refresh = raw, false
	newer := j.Verifier.verify(ctx, req)
	out := &Refreshed{URL: service, AsOf: asOf, Raw: raw}
	out.From, _ = start(r.Claimed())
	same, err := j.newer(newer, service, out)
	if err != nil {
		r.refreshFailed(err)
		return r
	}
	if same {
		r.passAsOf(CheckRefresh, service, asOf, NoteNoneNewer)
		return r
	}
	newer.Refreshed = out
	newer.passAsOf(CheckRefresh, service, asOf, NoteNewer, credential.FormatTime(out.To))
	return newer
}

// notRefreshed says of what no newer edition is asked for that none was, so that
// silence is not taken for the answer.
func (r *Report) notRefreshed() {
	if r.Kind == KindPresentation || r.Kind == KindOpenBadge2 {
		r.notApplicable(CheckRefresh, NoteRefreshNotForKind)
	}
}

// proved reports whether the credential is by a trusted issuer and its proof
// holds, whatever else is to be said of it.
func (r *Report) proved() bool {
	return r.is(CheckTrust, Pass, Warn) && r.is(CheckProof, Pass, Warn) && r.is(CheckBinding, Pass, Warn)
}

// start returns when a credential begins, zero when it does not say.
func start(c *credential.Credential) (time.Time, error) {
	from, _, err := c.Period()
	return from, err
}

func (r *Report) refreshFailed(err error) {
	r.warn(CheckRefresh, reason.CodeOf(err), reason.AtOf(err), NoteRefreshFailed, detailOf(err))
	if r.Reason == "" { // valid, without a remark
		r.Reason = reason.CodeOf(err)
	}
}

// newer judges what came back. Same says that it begins no later than the
// credential at hand: then there is no newer one.
func (j *judgement) newer(newer *Report, service string, out *Refreshed) (same bool, err error) {
	was, is := j.report.Claimed(), newer.Claimed()
	switch {
	case is == nil:
		return false, reason.New("refresh_failed/not-proven", service, "what came back is no credential: %s", detailOf(newer.Err()))
	case is.IssuerID() != was.IssuerID(): // to the letter, as it is trusted: an escape may part a port from a path
		return false, reason.New("refresh_failed/another", service, "what came back is by another issuer")
	case !is.Identity().Same(was.Identity()):
		return false, reason.New("refresh_failed/another", service, "what came back is another credential")
	case !newer.proved():
		return false, reason.New("refresh_failed/not-proven", service, "what came back is not proven to be the issuer's: %s", detailOf(newer.Err()))
	}
	out.To, err = start(is)
	switch {
	case err != nil:
		return false, reason.New("refresh_failed/not-proven", service, "it is not clear when what came back begins: %s", detailOf(err))
	case out.To.After(j.req.At.Add(j.cfg.ClockSkew)):
		return false, reason.New("refresh_failed/later", service, "what came back begins %s, after %s", credential.FormatTime(out.To), credential.FormatTime(j.req.At))
	case out.To.Before(out.From):
		return false, reason.New("refresh_failed/older", service, "what came back begins %s, before the one at hand: it is older", credential.FormatTime(out.To))
	}
	return !out.To.After(out.From), nil
}

// refreshService returns where a newer edition is, empty for nowhere. A type
// that is not known is an error.
func refreshService(c *credential.Credential) (string, error) {
	services := c.Document().Get("refreshService").List()
	if len(services) == 0 {
		return "", nil
	}
	for _, s := range services {
		if slices.Contains(credential.Types(s), refresh1EdTech) && credential.ID(s) != "" {
			return credential.ID(s), nil
		}
	}
	return "", reason.New("refresh_failed/type", "/refreshService", "a refresh service of type %.60q is not one that is known here", fmt.Sprint(credential.Types(services[0])))
}
