package verifier

import (
	"fmt"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/reason"
)

// DefaultMaxAge is how old a copy may be of what does not say itself how long
// it holds: a status list without an end, a document of keys. It bounds for how
// long somebody who keeps the verifier from its network hides a revocation.
const DefaultMaxAge = 31 * 24 * time.Hour

// published is what is known of the age of something that an issuer published.
type published struct {
	asOf   time.Time     // when this copy was fetched, zero when the caller gave it
	issued time.Time     // when it was made, by its own word; zero when it does not say
	ends   bool          // it says until when it holds
	life   time.Duration // for how long a copy may be used, zero when it does not say
}

// since is how old the information is: on the day on which a copy was fetched,
// the issuer still said so.
func (p published) since() time.Time {
	if p.asOf.IsZero() {
		return p.issued
	}
	return p.asOf
}

// fresh returns status_unavailable/stale for a copy that is too old to show
// that nothing has happened since. Age is judged as of the time that was asked
// about, so that a copy that was kept with a credential judges it the same way
// later.
func (j *judgement) fresh(p published, what, at string) error {
	limit := j.maxAge
	switch {
	case p.life > 0 && !p.asOf.IsZero() && (limit == 0 || p.life < limit):
		limit = p.life
	case limit == 0 && (p.ends || p.asOf.IsZero()):
		return nil // it says itself until when it holds, or the caller answers for it
	case limit == 0:
		limit = DefaultMaxAge
	}
	since := p.since()
	if since.IsZero() {
		return reason.New("status_unavailable/stale", at, "%s does not say when it was made, and must not be older than %s", what, age(limit))
	}
	if old := j.req.At.Sub(since); old > limit {
		return reason.New("status_unavailable/stale", at, "%s is as of %s, which is %s old; at most %s is allowed", what, credential.FormatTime(since), age(old), age(limit))
	}
	return nil
}

// allow makes a bound on the age of what is known tighter; zero means none.
func (j *judgement) allow(limit time.Duration) {
	if limit > 0 && (j.maxAge == 0 || limit < j.maxAge) {
		j.maxAge = limit
	}
}

// age writes a length of time as people say it.
func age(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d >= 2*day:
		return fmt.Sprintf("%d days", d/day)
	case d >= 2*time.Hour:
		return fmt.Sprintf("%d hours", d/time.Hour)
	case d >= 2*time.Minute:
		return fmt.Sprintf("%d minutes", d/time.Minute)
	}
	return fmt.Sprintf("%d seconds", d/time.Second)
}
