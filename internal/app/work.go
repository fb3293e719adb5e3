package app

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"time"

	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
)

// Kinds of jobs.
const (
	jobIssue   = "issue"
	jobPublish = "publish"
)

// issueJob is an award as it waits in the books. It is forgotten when it is
// done.
type issueJob struct {
	Achievement string           `json:"achievement"`
	Recipient   issuer.Recipient `json:"recipient"`
	Name        string           `json:"name,omitempty"`
	Narrative   string           `json:"narrative,omitempty"`
	Credits     float64          `json:"credits,omitempty"`
	From        time.Time        `json:"from"`
	Until       time.Time        `json:"until"`
	Once        string           `json:"once"`
	By          string           `json:"by,omitempty"`
	Suspendable bool             `json:"suspendable,omitempty"`
	Refresh     string           `json:"refresh,omitempty"`
	Schemas     []string         `json:"schemas,omitempty"`
	Messages    bool             `json:"messages,omitempty"`
	Form        proof.ID         `json:"form,omitempty"`
	Also        []proof.ID       `json:"also,omitempty"`
	Disclosable []string         `json:"disclosable"` // null: the usual, []: nothing
}

// IssueLater has an award issued by whoever does the work of the books. It must
// have an idempotency key, since work can be begun twice.
func (a *App) IssueLater(ctx context.Context, slug string, award issuer.Award) error {
	if award.IdempotencyKey == "" {
		return reason.New(reason.Usage, "--once", "what is issued later needs a key, so that it is issued once")
	}
	award, err := a.award(ctx, slug, award)
	if err != nil {
		return err
	}
	job := issueJob{Achievement: slug, Recipient: award.Recipient, Name: award.Name, Narrative: award.Narrative, Credits: award.Credits, From: award.ValidFrom,
		Until: award.ValidUntil, Once: award.IdempotencyKey, By: award.Actor, Suspendable: award.Suspendable, Messages: award.Messages, Disclosable: award.Disclosable,
		Refresh: award.RefreshURL, Schemas: award.SchemaURLs}
	if award.Suite != nil {
		job.Form = award.Suite.ID()
	}
	for _, s := range award.Also {
		job.Also = append(job.Also, s.ID())
	}
	raw, err := json.Marshal(job)
	if err != nil {
		return reason.Wrap(reason.Internal, "", err)
	}
	// Not under the key: another award with the same one is for Issue to refuse.
	return a.enqueue(ctx, issuer.Job{Kind: jobIssue, Payload: raw})
}

// PublishLater has the lists published by whoever does the work of the books:
// once, however often it is asked before somebody begins.
func (a *App) PublishLater(ctx context.Context) error {
	return a.enqueue(ctx, publishJob())
}

func publishJob() issuer.Job { return issuer.Job{Kind: jobPublish, Key: "publish"} }

func (a *App) enqueue(ctx context.Context, j issuer.Job) error {
	return a.withLedger(ctx, func(l books) error {
		_, err := l.Enqueue(ctx, j)
		return err
	})
}

// WorkRequest says what work is done.
type WorkRequest struct {
	Folder  string // where lists are published; empty: that is left to others
	Worker  string // name, for people who look
	Lease   time.Duration
	UntilNo bool // ends when there is nothing more to do
}

// WorkDone is what a worker has done.
type WorkDone struct {
	Issued    int `json:"issued"`
	Published int `json:"published"`
	Failed    int `json:"failed"` // for good
	Later     int `json:"later"`  // given back, or lost to another
}

// How often and after how long a job is tried again that failed by what may
// pass.
const (
	workTries    = 20
	workPause    = time.Second
	workMaxPause = 5 * time.Minute
)

// Work does the work of the books until ctx ends, and then gives back what it
// holds. Failed is called for each job that failed, with whether for good, and
// with job 0 when the books do not answer, once until they do.
func (a *App) Work(ctx context.Context, r WorkRequest, failed func(job issuer.Job, err error, forGood bool)) (done WorkDone, err error) {
	for {
		err = a.work(ctx, r, &done, failed)
		if !errors.Is(err, errAnotherSetup) {
			return done, err
		}
	}
}

// errAnotherSetup ends the work with a set-up that is not the present one: another
// key is in use, or the profile says something else.
var errAnotherSetup = errors.New("another set-up is in use")

// work does so until ctx ends or the set-up is another one.
func (a *App) work(ctx context.Context, r WorkRequest, done *WorkDone, failed func(job issuer.Job, err error, forGood bool)) error {
	s, err := a.IssuerShow()
	if err != nil {
		return err
	}
	return a.withIssuer(ctx, func(i *issuer.Issuer, l books) error {
		w := worker{app: a, issuer: i, setup: s, ledger: l, r: r}
		log := keptLog{app: a, books: l, behind: true} // one that was killed may have left it so
		for silent := false; ; {
			j, err := w.next(ctx)
			if errors.Is(err, errAnotherSetup) {
				return err
			}
			idle := reason.CodeOf(err) == "not_found/job"
			ends := ctx.Err() != nil || r.UntilNo && idle
			if err := log.catchUp(context.WithoutCancel(ctx), idle || ends); err != nil && (ends || !passes(err)) {
				return err
			}
			switch {
			case ends:
				return nil
			case idle || passes(err):
				if !idle && !silent {
					failed(issuer.Job{}, err, false)
				}
				silent = !idle
				if wait(ctx, workPause) != nil {
					return nil
				}
				continue
			case err != nil:
				return err
			}
			silent = false
			err = w.do(ctx, j)
			switch forGood := !passes(err); {
			case err == nil && j.Kind == jobIssue:
				done.Issued++
				log.behind = true
			case err == nil:
				done.Published++
			case forGood:
				done.Failed++
				failed(j, err, true)
			default:
				done.Later++
				failed(j, err, false)
			}
		}
	})
}

// logEvery is how long what is issued may wait for the transparency log while
// more is issued.
const logEvery = 2 * time.Second

// keptLog is the transparency log as one keeps it who issues.
type keptLog struct {
	app    *App
	books  books
	behind bool // something was issued since
	last   time.Time
}

// catchUp puts what was issued into the log, if the issuer keeps one: at once, or
// when it is due.
func (k *keptLog) catchUp(ctx context.Context, atOnce bool) error {
	now := k.app.cfg.Now()
	if !k.behind || !atOnce && now.Sub(k.last).Abs() < logEvery {
		return nil
	}
	k.last = now
	_, err := k.app.logIssued(ctx, k.books)
	k.behind = err != nil
	return err
}

// passes reports whether what went wrong can be over by itself.
func passes(err error) bool {
	switch code := reason.CodeOf(err); code {
	case "conflict/ledger-busy", "conflict/lease-lost", "conflict/key-retired", reason.Canceled:
		return true
	default:
		return code.Coarse() == string(reason.IO)
	}
}

type worker struct {
	app    *App
	issuer *issuer.Issuer
	setup  IssuerSetup // what issuer is made of
	ledger books
	r      WorkRequest
}

// next takes a job. It gives it back with errAnotherSetup if the set-up is another
// one by now, and with what is wrong if that cannot be told: looked at before, what
// was asked for after a key was changed could be signed with the one before it.
func (w worker) next(ctx context.Context) (issuer.Job, error) {
	kinds := []string{jobIssue}
	if w.r.Folder != "" {
		kinds = append(kinds, jobPublish)
	}
	j, err := w.ledger.Lease(ctx, issuer.Lease{Worker: w.r.Worker, Kinds: kinds, For: w.r.Lease})
	now, changed := w.app.IssuerShow()
	switch {
	case changed == nil && reflect.DeepEqual(now, w.setup):
		return j, err
	case changed == nil:
		changed = errAnotherSetup
	}
	if err == nil {
		err = w.ledger.Release(context.WithoutCancel(ctx), j, 0)
	}
	return issuer.Job{}, errors.Join(changed, err)
}

// do does a job, holding it meanwhile, and says in the books what came of it.
func (w worker) do(ctx context.Context, j issuer.Job) error {
	ctx, stop := context.WithCancelCause(ctx)
	held := make(chan struct{})
	go func() {
		defer close(held)
		for wait(ctx, w.r.Lease/3) == nil {
			if err := w.ledger.Extend(ctx, j, w.r.Lease); reason.CodeOf(err) == "conflict/lease-lost" {
				stop(err) // another has it: what it does must not be undone
			}
		}
	}()
	err := w.job(ctx, j)
	stop(nil)
	<-held
	if lost := context.Cause(ctx); err != nil && reason.CodeOf(lost) == "conflict/lease-lost" {
		return lost
	}
	last := context.WithoutCancel(ctx)
	switch {
	case reason.CodeOf(err) == "conflict/lease-lost":
		return err
	case err == nil:
		return w.ledger.Finish(last, j, "")
	case passes(err) && j.Attempt < workTries:
		pause := min(workPause<<min(j.Attempt, 10), workMaxPause)
		if reason.CodeOf(err) == reason.Canceled { // by who stops this worker: others can go on
			pause = 0
		}
		return errors.Join(err, w.ledger.Release(last, j, pause))
	default:
		return errors.Join(err, w.ledger.Finish(last, j, string(reason.CodeOf(err))))
	}
}

func (w worker) job(ctx context.Context, j issuer.Job) error {
	if j.Kind == jobPublish {
		_, err := publishTo(ctx, w.issuer, w.r.Folder, func() error { return w.ledger.Extend(ctx, j, w.r.Lease) })
		if err == nil {
			_, err = w.app.logIssued(ctx, w.ledger)
		}
		return err
	}
	var job issueJob
	if err := json.Unmarshal(j.Payload, &job); err != nil {
		return reason.Wrap(reason.MalformedJSON, "", err)
	}
	award := issuer.Award{Recipient: job.Recipient, Name: job.Name, Narrative: job.Narrative, Credits: job.Credits, ValidFrom: job.From, ValidUntil: job.Until,
		IdempotencyKey: job.Once, Actor: job.By, Suspendable: job.Suspendable, Messages: job.Messages, Disclosable: job.Disclosable,
		RefreshURL: job.Refresh, SchemaURLs: job.Schemas}
	var err error
	if job.Form != "" {
		if award, err = w.app.inForms(award, append([]proof.ID{job.Form}, job.Also...)); err != nil {
			return err
		}
	}
	if award, err = w.app.award(ctx, job.Achievement, award); err != nil {
		return err
	}
	_, err = w.issuer.Issue(ctx, award)
	return unissued(job.Achievement, err)
}
