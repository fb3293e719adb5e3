package gather

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/catalogue/stats"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/reason"
)

// ahead is by how much another machine's clock may be before this one's.
const ahead = time.Hour

// Taken is what came of one file.
type Taken struct {
	Call      *stats.Call // nil if it could not be told
	Withdrawn bool        // the file was a withdrawal
	Same      bool        // it was here already
	Err       error
}

// wanted is a change to a collection that has been judged.
type wanted struct {
	digest string
	given  given
}

// Take judges submissions and withdrawals and keeps what is right, all in one
// change of the store. A later contribution replaces the one before; one that
// is older than what its author did last is refused, so that who kept a copy
// cannot undo that. Errors of single files, contribution_refused/… and those
// of reading, are in their Taken; the error is the store's, or canceled, and
// then nothing was taken.
func (d *Desk) Take(ctx context.Context, files ...[]byte) ([]Taken, error) {
	b, _, err := d.load(ctx)
	if err != nil {
		return nil, err
	}
	out, all := make([]Taken, len(files)), make([]wanted, len(files))
	for i, raw := range files {
		all[i], out[i] = d.judge(ctx, b, raw)
		if reason.CodeOf(out[i].Err).Class() == reason.Interrupted && out[i].Err != nil {
			return nil, out[i].Err
		}
	}
	return out, d.change(ctx, func(b *book) (changed, forget bool, err error) {
		for i, w := range all {
			if w.given.Pseudonym == "" {
				continue
			}
			out[i].Same, out[i].Err = b.put(w)
			if out[i].Err == nil && !out[i].Same {
				changed, forget = true, forget || out[i].Withdrawn
			}
		}
		return changed, forget, nil
	})
}

// put adds, replaces or withdraws.
func (b *book) put(w wanted) (same bool, err error) {
	c := b.find(w.digest)
	if c == nil {
		return false, refused("call", "/call", "this desk has no such call")
	}
	if c.File != "" {
		return false, refused("released", "/call", "the statistic was released, and nothing of single people is here any longer")
	}
	at := slices.IndexFunc(c.Given, func(g given) bool { return g.Pseudonym == w.given.Pseudonym })
	if at < 0 { // also a withdrawal: what it is about may come later
		c.Given = append(c.Given, w.given)
		return false, nil
	}
	have := &c.Given[at]
	switch {
	case have.Made.Equal(w.given.Made) && string(have.Contribution) == string(w.given.Contribution):
		return true, nil
	case !w.given.Made.After(have.Made):
		return false, refused("replay", "/made", "its author has replaced or withdrawn it since")
	}
	*have = w.given
	return false, nil
}

// judge finds the call that a file answers and who sent it. A pseudonym that
// is empty means that the file is refused.
func (d *Desk) judge(ctx context.Context, b *book, raw []byte) (w wanted, t Taken) {
	s, err := ParseSubmission(raw)
	if err != nil {
		x, other := ParseWithdrawal(raw)
		if other != nil {
			t.Err = err
			if reason.AtOf(err) == "/type" {
				t.Err = other
			}
			return w, t
		}
		t.Withdrawn = true
		w.digest, w.given.Made = x.Call, x.Made
		if t.Call, t.Err = d.asked(b, x.Call, x.Made); t.Err == nil {
			w.given.Pseudonym, t.Err = withdrawer(t.Call, x)
		}
		return w, t
	}
	w.digest, w.given.Made = s.Call, s.Made
	if t.Call, t.Err = d.asked(b, s.Call, s.Made); t.Err == nil {
		w.given.Pseudonym, w.given.Contribution, t.Err = d.contributor(ctx, t.Call, s)
	}
	return w, t
}

func (d *Desk) asked(b *book, digest string, made time.Time) (*stats.Call, error) {
	c := b.find(digest)
	if c == nil {
		return nil, refused("call", "/call", "this desk has no such call")
	}
	if made.After(d.cfg.Now().Add(ahead)) {
		return nil, refused("time", "/made", "it was made later than now")
	}
	return c.call, nil
}

func withdrawer(c *stats.Call, w Withdrawal) (string, error) {
	if _, err := pseudonymOf(w.Holder, w.WishAlpha(), w.Wish); err != nil {
		return "", err
	}
	return pseudonymOf(w.Holder, Alpha(c), w.Proof)
}

// contributor checks that a submission is what the call asks for, by somebody
// who has a credential that lets in. It asks again what a Verifier should have
// asked.
func (d *Desk) contributor(ctx context.Context, c *stats.Call, s Submission) (pseudonym string, contribution []byte, err error) {
	one, err := stats.ParseContribution(s.Contribution)
	if err != nil {
		return "", nil, err
	}
	if err := c.Fits(one); err != nil {
		return "", nil, reason.Wrap("contribution_refused/bounds", "/contribution", err)
	}
	shown, err := d.cfg.Verifier.Presented(ctx, Request{s.Presentation, d.cfg.By, s.Challenge(), c.Issuers})
	if err != nil {
		return "", nil, refusedBecause(err)
	}
	if len(shown.Credentials) != 1 || shown.Credentials[0] == nil {
		return "", nil, refused("presentation", "/presentation", "it shows %d credentials: show one that lets in and nothing else", len(shown.Credentials))
	}
	credential := shown.Credentials[0]
	if !slices.Contains(c.Issuers, credential.IssuerID()) {
		return "", nil, refused("issuer", "/presentation", "the credential is not by one of those that the call names")
	}
	if c.Achievement != "" {
		if badge, err := openbadge.FromCredential(credential); err != nil || badge.Subject.Achievement.ID != c.Achievement {
			return "", nil, refused("achievement", "/presentation", "the credential is not the one that lets in")
		}
	}
	about := credential.SubjectIDs()
	if shown.Holder == "" || len(about) == 0 || slices.ContainsFunc(about, func(id string) bool { return id != shown.Holder }) {
		return "", nil, refused("holder", "/presentation", "the credential is about somebody else than who shows it")
	}
	if pseudonym, err = pseudonymOf(shown.Holder, Alpha(c), s.Proof); err != nil {
		return "", nil, err
	}
	contribution, err = one.MarshalJSON()
	return pseudonym, contribution, err
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
		return "", refused("pseudonym", "/proof", "the pseudonym is not that of who shows the credential: %w", err)
	}
	return encode(output[:32]), nil
}

// refusedBecause says in this package's terms why a presentation is refused.
func refusedBecause(err error) error {
	code := reason.CodeOf(err)
	if code.Class() == reason.Interrupted {
		return err
	}
	fine := map[reason.Code]reason.Code{
		reason.Revoked: "revoked", reason.Suspended: "revoked", reason.Expired: "expired",
		reason.UntrustedIssuer: "issuer", reason.AudienceMismatch: "audience", reason.HolderMismatch: "holder",
	}[reason.Code(code.Coarse())]
	switch class := code.Class(); {
	case fine != "" && class != reason.Undetermined:
	case class == reason.Invalid || class == reason.Unreadable:
		fine = "presentation"
	default: // what nobody can tell now may be sent again later
		fine = "undetermined"
	}
	return reason.Wrap(reason.ContributionRefused+"/"+fine, "/presentation", err)
}
