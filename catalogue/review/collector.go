package review

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/reason"
)

const (
	// maxAgeDays is how long after it was written a review is taken in.
	maxAgeDays = 14
	// staleDays is how long a review counts on when nobody can say whether its
	// credential was revoked. A status list of bevis is in force for 31 days.
	staleDays = 45
	// maxVersions is how many submissions of one author for one course are
	// taken in within maxAgeDays.
	maxVersions = 20
)

// Verifier judges presentations, as package verifier does.
type Verifier interface {
	// Presented returns what a presentation shows. An error means that it is
	// not valid: signed by its holder for the audience, in answer to the
	// challenge, with credentials that are valid, of those issuers alone, and
	// about the holder. What cannot be told is not valid.
	Presented(ctx context.Context, r Request) (Presented, error)
}

// Request is a presentation and what is expected of it.
type Request struct {
	Raw       []byte
	Audience  string
	Challenge string
	Issuers   []string // whose credentials may count here
}

// Presented is what a valid presentation shows.
type Presented struct {
	Holder      string
	Credentials []*credential.Credential
}

// Catalogue finds offers; a catalogue.Store is one.
type Catalogue interface {
	Get(ctx context.Context, ref string) (catalogue.Listing, error)
}

// Config is who collects reviews, and how. Everything is required.
type Config struct {
	Audience  string // the operator's id, for which presentations are made
	Verifier  Verifier
	Catalogue Catalogue
	Store     Store
	Now       func() time.Time
}

// Collector takes reviews in. It is safe for concurrent use, also beside
// other programs with the same store.
type Collector struct{ cfg Config }

// New returns a collector, or a usage error that names the first gap.
func New(cfg Config) (*Collector, error) {
	for _, gap := range []struct {
		missing bool
		text    string
	}{
		{strings.TrimSpace(cfg.Audience) == "" || strings.ContainsAny(cfg.Audience, "\r\n"), "Audience is empty or has line breaks: it is the id of who keeps the catalogue"},
		{cfg.Verifier == nil, "Verifier is nil"}, {cfg.Catalogue == nil, "Catalogue is nil"},
		{cfg.Store == nil, "Store is nil"}, {cfg.Now == nil, "Now is nil: use time.Now"},
	} {
		if gap.missing {
			return nil, reason.New(reason.Usage, "review.Config", "%s", gap.text)
		}
	}
	return &Collector{cfg}, nil
}

// Accept judges a submission and keeps it. A pseudonym that has reviewed the
// course before gets its review replaced; one that says the same again
// changes nothing. Errors are review_refused/… for what will not do, whatever
// the reason, and the store's and the catalogue's own.
func (c *Collector) Accept(ctx context.Context, s Submission) (Review, error) {
	if err := s.Check(); err != nil {
		return Review{}, err
	}
	now := c.cfg.Now()
	if err := inTime(s.Day, now); err != nil {
		return Review{}, err
	}
	award, issuers, err := c.award(ctx, s.Course)
	if err != nil {
		return Review{}, err
	}
	shown, err := c.cfg.Verifier.Presented(ctx, Request{s.Presentation, c.cfg.Audience, s.Challenge(), issuers})
	if err != nil {
		return Review{}, refusedBecause(err)
	}
	completion, err := completionOf(shown, award, issuers)
	if err != nil {
		return Review{}, err
	}
	if from := completion.from; !from.IsZero() && s.Day < dayOf(from.AddDate(0, 0, -1)) {
		return Review{}, refused("day", "/day", "the review was written before the course was completed")
	}
	pseudonym, err := pseudonymOf(shown.Holder, Alpha(s.Course), s.Proof)
	if err != nil {
		return Review{}, err
	}
	var out Review
	err = c.change(ctx, func(b *book) (bool, error) {
		record := Record{
			Review: Review{Course: s.Course, Rating: s.Rating, Text: s.Text, Language: s.Language,
				Month: string(s.Day[:len("2006-01")]), Issuer: completion.issuer},
			Pseudonym: pseudonym, Handles: completion.handles, Credential: b.digest("credential", completion.id),
			Week: weekOf(now), Checked: weekOf(now),
		}
		if !completion.from.IsZero() {
			record.IssuedWeek = weekOf(completion.from)
		}
		this := seen{b.digest("submission", s.Challenge()), lastDay(s.Day)}
		var changed bool
		out, changed, err = b.put(record, this, dayOf(now))
		return changed, err
	})
	if err != nil {
		return Review{}, err
	}
	return out, nil
}

// put adds or replaces a record, or refuses it.
func (b *book) put(r Record, this seen, today catalogue.Date) (Review, bool, error) {
	b.forget(today)
	for _, o := range b.records {
		same := o.Credential == r.Credential || slices.ContainsFunc(o.Handles, func(h Handle) bool { return slices.Contains(r.Handles, h) })
		if same && (o.Pseudonym != r.Pseudonym || o.Course != r.Course) {
			return Review{}, false, refused("credential-used", "/presentation", "this credential has been used for another review")
		}
	}
	have := b.find(r.Course, r.Pseudonym)
	if have == nil {
		id, err := newID()
		if err != nil {
			return Review{}, false, err
		}
		r.ID, r.Seen = id, []seen{this}
		b.records = append(b.records, r)
		return r.Review, true, nil
	}
	switch at := slices.IndexFunc(have.Seen, func(s seen) bool { return s.Digest == this.Digest }); {
	case at >= 0 && at == len(have.Seen)-1 && !have.Withdrawn:
		return have.Review, false, nil
	case at >= 0: // somebody has kept it and sends it again
		return Review{}, false, refused("replay", "/presentation", "its author has replaced this review or taken it back since")
	case len(have.Seen) >= maxVersions:
		return Review{}, false, refused("too-often", "", "a review is changed at most %d times in %d days", maxVersions, maxAgeDays)
	}
	r.ID, r.Seen = have.ID, append(have.Seen, this)
	if !have.Withdrawn && have.Rating == r.Rating && have.Text == r.Text && have.Language == r.Language && have.Credential == r.Credential {
		have.Seen = r.Seen
		return have.Review, true, nil
	}
	*have = r
	return r.Review, true, nil
}

// Withdraw takes a review back. Nothing of it is kept but the pseudonym, for
// as long as an old submission could come again. Errors are review_refused
// and not_found/review.
func (c *Collector) Withdraw(ctx context.Context, w Withdrawal) error {
	if err := w.check(); err != nil {
		return err
	}
	now := c.cfg.Now()
	if err := inTime(w.Day, now); err != nil {
		return err
	}
	if _, err := pseudonymOf(w.Holder, w.WishAlpha(c.cfg.Audience), w.Wish); err != nil {
		return err
	}
	pseudonym, err := pseudonymOf(w.Holder, Alpha(w.Course), w.Proof)
	if err != nil {
		return err
	}
	return c.change(ctx, func(b *book) (bool, error) {
		b.forget(dayOf(now))
		have := b.find(w.Course, pseudonym)
		if have == nil || have.Withdrawn {
			return false, reason.New("not_found/review", w.Course, "there is no review of yours for this course")
		}
		this := seen{b.digest("withdrawal", string(w.Wish)), lastDay(w.Day)}
		if slices.Contains(have.Seen, this) {
			return false, refused("replay", "/wish", "the review was written anew since")
		}
		*have = Record{Review: Review{ID: have.ID, Course: have.Course}, Pseudonym: pseudonym, Withdrawn: true, Seen: append(have.Seen, this)}
		return true, nil
	})
}

// Records returns all there is to be counted, for Rank: by course and id,
// without what was withdrawn. It is private to the operator.
func (c *Collector) Records(ctx context.Context) ([]Record, error) {
	b, _, err := c.load(ctx)
	if err != nil {
		return nil, err
	}
	out := slices.DeleteFunc(b.records, func(r Record) bool { return r.Withdrawn })
	slices.SortFunc(out, func(x, y Record) int { return cmp.Or(cmp.Compare(x.Course, y.Course), cmp.Compare(x.ID, y.ID)) })
	return out, nil
}

// Publish returns the public lines, by course and id.
func (c *Collector) Publish(ctx context.Context) ([]Review, error) {
	records, err := c.Records(ctx)
	if err != nil {
		return nil, err
	}
	today := dayOf(c.cfg.Now())
	out := []Review{}
	for _, r := range records {
		if !r.Suspended {
			r.Stale = r.stale(today)
			out = append(out, r.Review)
		}
	}
	return out, nil
}

func (r Record) stale(today catalogue.Date) bool {
	return len(r.Handles) > 0 && daysBetween(r.Checked, today) > staleDays
}

// inTime keeps old submissions out, so that what was taken in need not be
// remembered for good. Elsewhere on earth it may be a day later.
func inTime(day catalogue.Date, now time.Time) error {
	if day > dayOf(now.AddDate(0, 0, 1)) || day < dayOf(now.AddDate(0, 0, -maxAgeDays)) {
		return refused("day", "/day", "it was written on %s: it is taken in on that day or up to %d days later", day, maxAgeDays)
	}
	return nil
}

func lastDay(day catalogue.Date) catalogue.Date {
	t, _ := time.Parse(time.DateOnly, string(day)) // valid, by Check
	return dayOf(t.AddDate(0, 0, maxAgeDays))
}

// award returns the achievement that completing a course gives, and who may
// give it.
func (c *Collector) award(ctx context.Context, course string) (achievement string, issuers []string, err error) {
	listing, err := c.cfg.Catalogue.Get(ctx, course)
	if reason.CodeOf(err).Coarse() == string(reason.NotFound) {
		return "", nil, refused("course", "/course", "the catalogue has no such offer")
	}
	if err != nil {
		return "", nil, err
	}
	// A store finds offers by their id alone as well: a second name of the
	// course would give everybody a second pseudonym.
	if listing.Offer.Ref() != course {
		return "", nil, refused("course", "/course", "the offer is called %s", listing.Offer.Ref())
	}
	awards := listing.Offer.Awards
	if awards == nil || awards.Achievement == "" {
		return "", nil, refused("no-award", "/course", "the offer does not say which credential one gets for it")
	}
	issuers = listing.Provider.Issuer
	if awards.Issuer != "" {
		issuers = []string{awards.Issuer}
	}
	if issuers = slices.DeleteFunc(slices.Clone(issuers), func(s string) bool { return s == "" }); len(issuers) == 0 {
		return "", nil, refused("no-award", "/course", "the provider does not say under which name it issues credentials")
	}
	return awards.Achievement, issuers, nil
}

// completion is what is kept of a credential.
type completion struct {
	issuer, id string
	from       time.Time
	handles    []Handle
}

// completionOf looks whether a presentation shows that its holder completed
// the course. It asks again what a Verifier should have asked.
func completionOf(shown Presented, achievement string, issuers []string) (completion, error) {
	if len(shown.Credentials) != 1 || shown.Credentials[0] == nil {
		return completion{}, refused("presentation", "/presentation", "it shows %d credentials: show the one for completing the course and nothing else", len(shown.Credentials))
	}
	c := shown.Credentials[0]
	badge, err := openbadge.FromCredential(c)
	if err != nil {
		return completion{}, reason.Wrap("review_refused/credential", "/presentation", err)
	}
	out := completion{issuer: c.IssuerID(), id: c.IssuerID() + "\n" + c.ID()}
	if c.ID() == "" {
		sum := sha256.Sum256(c.Raw())
		out.id += hex.EncodeToString(sum[:])
	}
	switch {
	case !slices.Contains(issuers, out.issuer):
		return out, refused("issuer", "/presentation", "the credential is not by who issues those for this course")
	case badge.Subject.Achievement.ID != achievement:
		return out, refused("achievement", "/presentation", "the credential is not for this course")
	case shown.Holder == "" || slices.ContainsFunc(c.SubjectIDs(), func(id string) bool { return id != shown.Holder }) || badge.Subject.ID != shown.Holder:
		return out, refused("holder", "/presentation", "the credential is about somebody else than who shows it")
	}
	if out.from, _, err = c.Period(); err != nil {
		return out, reason.Wrap("review_refused/credential", "/presentation", err)
	}
	for _, entry := range c.Status() {
		h := Handle{Legacy: credential.HasType(entry, "StatusList2021Entry")}
		h.Purpose, _ = entry.Get("statusPurpose").Text()
		h.List, _ = entry.Get("statusListCredential").Text()
		index, ok := entry.Get("statusListIndex").Text()
		if !ok {
			index, _ = entry.Get("statusListIndex").Literal()
		}
		if h.Index, err = strconv.ParseUint(index, 10, 64); err != nil || h.List == "" || h.Purpose == "" {
			return out, refused("status", "/presentation", "the credential's place in a status list cannot be read")
		}
		if h.Purpose == revocation || h.Purpose == suspension {
			out.handles = append(out.handles, h)
		}
	}
	return out, nil
}

// pseudonymOf checks a proof by the key that a did:key is. Other identifiers
// can have several keys, and then one person has several pseudonyms.
func pseudonymOf(holder string, alpha, proof []byte) (string, error) {
	public, err := key.ParseMultikey(strings.TrimPrefix(holder, "did:key:"))
	if err != nil || !strings.HasPrefix(holder, "did:key:") || public.Type() != key.Ed25519 {
		return "", refused("holder-key", "/presentation", "the holder is not named by one Ed25519 key (did:key)")
	}
	output, err := public.VerifyVRF(alpha, proof)
	if err != nil {
		return "", reason.New("review_refused/pseudonym", "/proof", "the pseudonym is not that of who shows the credential: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(output[:32]), nil
}

// refusedBecause says in this package's terms why a presentation is refused.
func refusedBecause(err error) error {
	code := reason.CodeOf(err)
	if code.Class() == reason.Interrupted {
		return err
	}
	fine := map[reason.Code]reason.Code{
		reason.Revoked: "revoked", reason.Suspended: "suspended", reason.Expired: "expired", reason.NotYetValid: "not-yet-valid",
		reason.UntrustedIssuer: "untrusted", reason.AudienceMismatch: "audience", reason.Replay: "replay", reason.HolderMismatch: "holder",
	}[reason.Code(code.Coarse())]
	switch class := code.Class(); {
	case fine != "" && class != reason.Undetermined:
	case class == reason.Invalid || class == reason.Unreadable:
		fine = "presentation"
	default: // what nobody can tell now may be sent again later
		fine = "undetermined"
	}
	return reason.Wrap(reason.ReviewRefused+"/"+fine, "/presentation", err)
}
