package app

import (
	"context"
	"errors"
	"iter"
	"os"
	"reflect"
	"sync"
	"time"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/server/apikey"
)

// IssuerDesk is an issuer whose books stay open: what a service answers from. It
// is safe for concurrent use.
type IssuerDesk struct {
	*issuer.Issuer
	app    *App
	ledger books
	log    *deskLog

	mu   sync.Mutex
	kept map[string]keptAchievement // by name, as last read

	keys   sync.Mutex // of what follows
	issues *issuer.Issuer
	setup  IssuerSetup // with which issues works
	kind   key.Type    // of the key by which it signs
	looked time.Time   // when it was last seen what the set-up is
	opened []*lazySigner
}

// lookEvery is how long the set-up may be another, and another key in use, before
// that is so here.
const lookEvery = time.Second

// signing returns the issuer with the key that is in use now and the profile as it
// is now, which may have changed since the desk was opened.
func (d *IssuerDesk) signing(ctx context.Context) (*issuer.Issuer, error) {
	d.keys.Lock()
	defer d.keys.Unlock()
	now := d.app.cfg.Now()
	if d.issues != nil && now.Sub(d.looked).Abs() < lookEvery {
		return d.issues, nil
	}
	s, err := d.app.IssuerShow()
	if err != nil {
		return nil, err
	}
	if d.looked = now; d.issues != nil && reflect.DeepEqual(s, d.setup) {
		return d.issues, nil
	}
	var signer *lazySigner
	if n := len(d.opened); n > 0 && reflect.DeepEqual(s.Current(), d.setup.Current()) {
		signer = d.opened[n-1] // so that it is not opened anew
	} else if s, signer, err = d.app.ownSigner(ctx); err != nil {
		return nil, err
	} else {
		d.opened = append(d.opened, signer)
	}
	i, err := d.app.newIssuer(s, signer, d.ledger)
	if err != nil {
		return nil, err
	}
	d.issues, d.setup = i, s
	d.kind = signer.Public().Type()
	return i, nil
}

// close ends the programs that hold keys.
func (d *IssuerDesk) close() (err error) {
	for _, s := range d.opened {
		err = errors.Join(err, s.Close())
	}
	return err
}

type keptAchievement struct {
	size int64
	at   time.Time
	openbadge.Achievement
}

// WithDesk opens the issuer, calls f, and closes the books when f has returned.
func (a *App) WithDesk(ctx context.Context, f func(*IssuerDesk) error) error {
	return a.withIssuer(ctx, func(i *issuer.Issuer, l books) error {
		d := &IssuerDesk{Issuer: i, app: a, ledger: l, log: newDeskLog(a, l), kept: map[string]keptAchievement{}}
		return errors.Join(f(d), d.close())
	})
}

// Award fills in an achievement that is kept, and looks at the recipient.
func (d *IssuerDesk) Award(ctx context.Context, achievement string, award issuer.Award) (issuer.Award, error) {
	var err error
	if award.Achievement, err = d.Achievement(ctx, achievement); err != nil {
		return award, err
	}
	if err := checkRecipient(ctx, award.Recipient); err != nil {
		at := map[string]string{"--to": "/recipient/id", "--email": "/recipient/email"}[reason.AtOf(err)]
		return award, reason.New("malformed/request", at, "%w", bareReason(err))
	}
	return award, nil
}

// Issue issues an award for an achievement that is kept.
func (d *IssuerDesk) Issue(ctx context.Context, achievement string, award issuer.Award) (*issuer.Issued, error) {
	award, err := d.Award(ctx, achievement, award)
	if err != nil {
		return nil, err
	}
	i, err := d.signing(ctx)
	if err != nil {
		return nil, err
	}
	return i.Issue(ctx, award)
}

// IssueAll issues awards that Award has looked at, as [issuer.Issuer.IssueAll] does,
// with the key that is in use now. Without one, there is a single error.
func (d *IssuerDesk) IssueAll(ctx context.Context, awards iter.Seq[issuer.Award], m issuer.Many) iter.Seq2[*issuer.Issued, error] {
	i, err := d.signing(ctx)
	if err != nil {
		return func(yield func(*issuer.Issued, error) bool) { yield(nil, err) }
	}
	return i.IssueAll(ctx, awards, m)
}

// Form returns the way to secure a credential that somebody named.
func (d *IssuerDesk) Form(name string) (proof.Suite, error) { return d.app.Form(name) }

// Forms returns the ways to secure a credential in all the forms that somebody
// named, by the key in use. A form that only carries another is not to be had here:
// what it is made of is.
func (d *IssuerDesk) Forms(ctx context.Context, names []string) ([]proof.Suite, error) {
	if _, err := d.signing(ctx); err != nil {
		return nil, err
	}
	d.keys.Lock()
	own, kind := proof.ID(d.setup.Suite), d.kind
	d.keys.Unlock()
	plan, err := planForms(names, own, kind)
	if err != nil {
		return nil, err
	}
	for _, f := range plan.forms {
		if f.carries != "" {
			return nil, reason.New(reason.Usage, "--as", "%s is made of %s, which is what is issued", f.name, f.carries)
		}
	}
	var out []proof.Suite
	award, err := d.app.inForms(issuer.Award{}, plan.suites)
	if err == nil {
		out = append([]proof.Suite{award.Suite}, award.Also...)
	}
	return out, err
}

// Say has the status list say one of the messages that stand in a credential.
func (d *IssuerDesk) Say(ctx context.Context, id string, message uint8, why, actor string) error {
	return d.app.say(ctx, d.Issuer, d.ledger, id, message, why, actor)
}

// Message returns what is said of a credential, with its text.
func (d *IssuerDesk) Message(ctx context.Context, id string) (message uint8, says string, err error) {
	s, err := d.app.stateOf(ctx, d.Issuer, d.ledger, id)
	return s.Message, s.Says, err
}

// Credential returns what was recorded of a credential.
func (d *IssuerDesk) Credential(ctx context.Context, id string) (issuer.Record, error) {
	return d.ledger.Get(ctx, id)
}

// Achievement returns an achievement. It is read again when its file has changed.
func (d *IssuerDesk) Achievement(_ context.Context, name string) (openbadge.Achievement, error) {
	d.mu.Lock()
	kept, ok := d.kept[name]
	d.mu.Unlock()
	if ok { // and so the name is one
		if info, err := os.Stat(d.app.path("issuer", "achievements", name+".json")); err == nil && info.Size() == kept.size && info.ModTime().Equal(kept.at) {
			return kept.Achievement, nil
		}
	}
	// Looked at before it is read: should it change in between, it is read again.
	info, statErr := os.Stat(d.app.path("issuer", "achievements", Slug(name)+".json"))
	ac, err := d.app.AchievementGet(name)
	if err == nil && statErr == nil {
		d.mu.Lock()
		d.kept[name] = keptAchievement{info.Size(), info.ModTime(), ac.Achievement}
		d.mu.Unlock()
	}
	return ac.Achievement, withoutFolder(err)
}

// withoutFolder names a definition that cannot be read as it is asked for: who asks from
// outside does not learn where it lies.
func withoutFolder(err error) error {
	var r *Refused
	if !errors.As(err, &r) {
		return err
	}
	return reason.Wrap(reason.CodeOf(err), r.Name, r)
}

// Achievements returns all achievements by name.
func (d *IssuerDesk) Achievements(context.Context) (map[string]openbadge.Achievement, error) {
	all, err := d.app.AchievementList()
	out := make(map[string]openbadge.Achievement, len(all))
	for _, ac := range all {
		out[ac.Slug] = ac.Achievement
	}
	return out, withoutFolder(err)
}

// PublishLater has the lists published by whoever does the work of the books.
func (d *IssuerDesk) PublishLater(ctx context.Context) error {
	_, err := d.ledger.Enqueue(ctx, publishJob())
	return err
}

// Backlog counts the work.
func (d *IssuerDesk) Backlog(ctx context.Context) (issuer.Backlog, error) {
	return d.ledger.Backlog(ctx)
}

// Ready returns an error if the books cannot be read.
func (d *IssuerDesk) Ready(ctx context.Context) error {
	_, err := d.ledger.ByKey(ctx, "is the ledger there?")
	if reason.CodeOf(err) == reason.NotFound {
		return nil
	}
	return err
}

// APIKeys returns the keys by which programs of others may use the issuer.
func (a *App) APIKeys() *apikey.File {
	return apikey.NewFile(a.path("issuer", "apikeys.json"), a.cfg.Now)
}

// APIKeyAdd makes a key and keeps it. The secret is returned here and never again.
func (a *App) APIKeyAdd(ctx context.Context, name string, scopes []apikey.Scope) (secret string, k apikey.Key, err error) {
	if _, err := a.IssuerShow(); err != nil {
		return "", k, err
	}
	if secret, k, err = apikey.New(name, scopes, a.cfg.Now()); err != nil {
		return "", k, err
	}
	return secret, k, a.APIKeys().Add(ctx, k)
}
