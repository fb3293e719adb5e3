package app

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
)

// TestDeskLog: of what a service issues, many at a time and others meanwhile, each
// gets its proof, all is in the log once, and what was issued last is put in when
// the service ends.
func TestDeskLog(t *testing.T) {
	t.Parallel()
	a, k := provider(t)
	award := func(n int) issuer.Award {
		return issuer.Award{Recipient: issuer.Recipient{ID: fmt.Sprint("did:example:", n)}, IdempotencyKey: fmt.Sprint("k", n)}
	}
	err := a.WithDesk(t.Context(), func(d *IssuerDesk) error {
		if _, err := d.LogProof(t.Context(), []byte(`{"never":"issued"}`)); reason.CodeOf(err) != "not_found/log-entry" {
			t.Errorf("%v", err)
		}
		var all sync.WaitGroup
		for n := range 12 {
			all.Go(func() {
				issued, err := d.Issue(t.Context(), "s", award(n))
				if err != nil {
					t.Error(err)
					return
				}
				raw, err := d.LogProof(t.Context(), issued.Credential)
				if err != nil {
					t.Error(err)
					return
				}
				proves(t, raw, issued.Credential, k)
			})
		}
		all.Wait()
		// Another process, which logs by itself.
		other, err := a.Issue(t.Context(), "s", award(100))
		if err != nil {
			return err
		}
		if _, err := a.LogAppend(t.Context()); err != nil {
			return err
		}
		raw, err := d.LogProof(t.Context(), other.Credential)
		if err != nil {
			return err
		}
		proves(t, raw, other.Credential, k)
		if _, err := d.Issue(t.Context(), "s", award(101)); err != nil {
			return err
		}
		over, end := context.WithCancel(t.Context())
		end()
		d.KeepLog(over, func(err error) { t.Error(err) })
		// Who does not get a turn in time is told so.
		d.log.turn <- struct{}{}
		if _, err := d.LogProof(over, other.Credential); reason.CodeOf(err) != reason.Canceled {
			t.Errorf("%v", err)
		}
		<-d.log.turn
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found, err := a.LogVerify(t.Context(), LogVerifyRequest{}); err != nil || found.Entries != 14 || *found.Issued != 14 {
		t.Errorf("%+v %v", found, err)
	}
}
