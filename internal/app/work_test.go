package app

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
)

// troubled are books in which something goes wrong.
type troubled struct {
	books
	extend, byKey error
	released      time.Duration
	outcome       string
}

func (b *troubled) Extend(ctx context.Context, j issuer.Job, d time.Duration) error {
	if b.extend != nil {
		return b.extend
	}
	return b.books.Extend(ctx, j, d)
}

func (b *troubled) ByKey(ctx context.Context, k string) (issuer.Record, error) {
	if b.byKey != nil {
		return issuer.Record{}, b.byKey
	}
	return b.books.ByKey(ctx, k)
}

func (b *troubled) Release(ctx context.Context, j issuer.Job, after time.Duration) error {
	b.released = after
	return b.books.Release(ctx, j, after)
}

func (b *troubled) Finish(ctx context.Context, j issuer.Job, outcome string) error {
	b.outcome = outcome
	return b.books.Finish(ctx, j, outcome)
}

// TestWorkInTrouble: what may pass is tried again later, what may not is ended,
// and who lost a job publishes nothing more.
func TestWorkInTrouble(t *testing.T) {
	t.Parallel()
	a, err := New(Config{Home: t.TempDir(), Now: func() time.Time { return time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC) }})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.IssuerInit(t.Context(), IssuerSetup{ID: "did:web:kurs.example", Name: "Kursstedet", Suite: SuiteNames()[0]}, key.Unknown); err != nil {
		t.Fatal(err)
	}
	if _, err := a.AchievementNew(Achievement{Slug: "s", Achievement: openbadge.Achievement{ID: "https://kurs.example/s", Name: "S", Description: "d", Criteria: &openbadge.Criteria{Narrative: "c"}}}); err != nil {
		t.Fatal(err)
	}
	award := issuer.Award{Recipient: issuer.Recipient{ID: "did:example:kari"}, IdempotencyKey: "k"}
	silent := reason.New("io/ledger-unreachable", "", "no answer")
	for name, tt := range map[string]struct {
		publish  bool
		trouble  troubled
		attempts int
		want     reason.Code
		outcome  string
		released time.Duration
		backlog  issuer.Backlog
	}{
		"done":            {},
		"silent books":    {trouble: troubled{byKey: silent}, want: "io/ledger-unreachable", released: 2 * time.Second, backlog: issuer.Backlog{Waiting: 1}},
		"silent for long": {trouble: troubled{byKey: silent}, attempts: workTries, want: "io/ledger-unreachable", outcome: "io/ledger-unreachable", backlog: issuer.Backlog{Done: 1, Failed: 1}},
		"a bad award":     {trouble: troubled{byKey: reason.New("conflict/idempotency-key", "", "other")}, want: "conflict/idempotency-key", outcome: "conflict/idempotency-key", backlog: issuer.Backlog{Done: 1, Failed: 1}},
		"published":       {publish: true},
		"lost":            {publish: true, trouble: troubled{extend: issuer.LeaseLost(issuer.Job{})}, want: "conflict/lease-lost", backlog: issuer.Backlog{Held: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			web := t.TempDir()
			err := a.withIssuer(t.Context(), func(_ *issuer.Issuer, l books) error {
				before, err := l.Backlog(t.Context())
				if err != nil {
					return err
				}
				if tt.publish {
					err = a.PublishLater(t.Context())
				} else {
					err = a.IssueLater(t.Context(), "s", award)
				}
				if err != nil {
					return err
				}
				b := tt.trouble
				b.books = l
				s, err := a.IssuerShow()
				if err != nil {
					return err
				}
				private, err := key.Generate(key.Ed25519)
				if err != nil {
					return err
				}
				i, err := a.newIssuer(s, private.Signer(s.Method), &b)
				if err != nil {
					return err
				}
				w := worker{app: a, issuer: i, setup: s, ledger: &b, r: WorkRequest{Folder: web, Lease: time.Minute}}
				j, err := w.next(t.Context())
				for n := 1; err == nil && n < tt.attempts; n++ {
					if err = l.Release(t.Context(), j, 0); err == nil {
						j, err = w.next(t.Context())
					}
				}
				if err != nil {
					return err
				}
				if err := w.do(t.Context(), j); reason.CodeOf(err) != tt.want {
					t.Errorf("%v, not %s", err, tt.want)
				}
				if b.outcome != tt.outcome || b.released != tt.released {
					t.Errorf("ended with %q, given back for %v", b.outcome, b.released)
				}
				if tt.want == "" {
					tt.backlog.Done = 1
				}
				after, err := l.Backlog(t.Context())
				if got := (issuer.Backlog{Waiting: after.Waiting - before.Waiting, Held: after.Held - before.Held, Done: after.Done - before.Done, Failed: after.Failed - before.Failed}); got != tt.backlog {
					t.Errorf("%+v, not %+v", got, tt.backlog)
				}
				// Out of the way of the next one.
				_ = l.Finish(t.Context(), j, "")
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := os.Stat(filepath.Join(web, "status", "revocation-1.json")); (err == nil) != (tt.publish && tt.want == "") {
				t.Errorf("published: %v", err)
			}
		})
	}
}
