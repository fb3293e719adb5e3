package issuer_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/credential/status"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
)

func TestRevokeSuspendReinstate(t *testing.T) {
	t.Parallel()
	for _, form := range forms[1:3] {
		t.Run(string(form.suite), func(t *testing.T) {
			t.Parallel()
			i := newIssuer(t, config(t, form.suite, form.kind))
			ctx := t.Context()
			a := award()
			a.Suspendable = true
			issued, err := i.Issue(ctx, a)
			if err != nil {
				t.Fatal(err)
			}
			bystander, err := i.Issue(ctx, a)
			if err != nil {
				t.Fatal(err)
			}
			c, other := open(t, publish(t, i).keys(t), issued.Credential), open(t, publish(t, i).keys(t), bystander.Credential)
			if len(c.Status()) != 2 {
				t.Fatalf("%d entries", len(c.Status()))
			}
			for n, step := range []struct {
				do   func() error
				want []string
			}{
				{func() error { return nil }, nil},
				{func() error { return i.Suspend(ctx, issued.ID, "under review", "kari") }, []string{"suspension"}},
				{func() error { return i.Suspend(ctx, issued.ID, "again", "kari") }, []string{"suspension"}},
				{func() error { return i.Reinstate(ctx, issued.ID, "cleared", "kari") }, nil},
				{func() error { return i.Reinstate(ctx, issued.ID, "again", "kari") }, nil},
				{func() error { return i.Revoke(ctx, issued.ID, "fraud", "kari") }, []string{"revocation"}},
				{func() error { return i.Revoke(ctx, issued.ID, "again", "kari") }, []string{"revocation"}},
			} {
				if err := step.do(); err != nil {
					t.Fatal(n, err)
				}
				folder := publish(t, i)
				if got := folder.set(t, c); !slices.Equal(got, step.want) {
					t.Errorf("step %d: published as %v, not %v", n, got, step.want)
				}
				if got, err := i.Status(ctx, issued.ID); err != nil || !slices.Equal(got, step.want) {
					t.Errorf("step %d: %v, not %v, %v", n, got, step.want, err)
				}
				if got := folder.set(t, other); got != nil {
					t.Errorf("step %d: another credential is %v", n, got)
				}
			}
			if err := i.Reinstate(ctx, issued.ID, "sorry", "kari"); reason.CodeOf(err) != "conflict/revoked" {
				t.Error(err)
			}
		})
	}
}

func TestChangesThatCannotBe(t *testing.T) {
	t.Parallel()
	i := newIssuer(t, config(t, "eddsa-jcs-2022", key.Ed25519))
	issued, err := i.Issue(t.Context(), award())
	if err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"suspend":   i.Suspend(t.Context(), issued.ID, "w", "a"),
		"reinstate": i.Reinstate(t.Context(), issued.ID, "w", "a"),
	} {
		if reason.CodeOf(err) != "not_found/status-entry" {
			t.Errorf("%s without an entry for suspension: %v", name, err)
		}
	}
	if err := i.Revoke(t.Context(), "urn:uuid:nobody", "w", "a"); reason.CodeOf(err) != reason.NotFound {
		t.Error(err)
	}
	if _, err := i.Status(t.Context(), "urn:uuid:nobody"); reason.CodeOf(err) != reason.NotFound {
		t.Error(err)
	}
}

// TestManyRevocations (IS-02): no bit is lost.
func TestManyRevocations(t *testing.T) {
	t.Parallel()
	const n = 1000
	cfg := config(t, "eddsa-jcs-2022", key.Ed25519)
	i := newIssuer(t, cfg)
	ids := make([]string, n)
	for k := range ids {
		slots, err := cfg.Ledger.Reserve(t.Context(), issuer.Reservation{Purposes: []string{"revocation"}, ListSize: status.MinEntries})
		if err != nil {
			t.Fatal(err)
		}
		ids[k] = "urn:x:" + strings.Repeat("i", k)
		if err := cfg.Ledger.Record(t.Context(), issuer.Record{ID: ids[k], Slots: slots}); err != nil {
			t.Fatal(err)
		}
	}
	var wg sync.WaitGroup
	for _, id := range ids {
		wg.Go(func() {
			if err := i.Revoke(t.Context(), id, "w", "a"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	folder := publish(t, i)
	list := open(t, folder.keys(t), folder["status/revocation-1.json"].Bytes)
	encoded, _ := list.Document().Lookup("/credentialSubject/encodedList").Text()
	bits, err := status.Decode(t.Context(), encoded, false)
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for index := range uint64(bits.Len()) {
		if set, _ := bits.Get(index); set {
			count++
		}
	}
	if count != n {
		t.Errorf("%d of %d bits are set", count, n)
	}
}

func TestPublish(t *testing.T) {
	t.Parallel()
	for _, form := range forms {
		t.Run(string(form.suite)+" "+form.kind.String(), func(t *testing.T) {
			t.Parallel()
			cfg := config(t, form.suite, form.kind)
			retired, err := key.Generate(key.P256)
			if err != nil {
				t.Fatal(err)
			}
			cfg.StatusValidity = 48 * time.Hour
			cfg.Methods = []did.Method{{ID: issuerID + "#key-0", Controller: issuerID, Public: retired.Public(), Expires: noon.AddDate(0, -1, 0)}}
			folder := publish(t, newIssuer(t, cfg))
			if len(folder) != 6 || folder[".well-known/did.json"].URL != "https://kurs.example/.well-known/did.json" {
				t.Errorf("%d files, did.json for %s", len(folder), folder[".well-known/did.json"].URL)
			}
			doc, err := did.ParseDocument(folder[".well-known/did.json"].Bytes, issuerID)
			if err != nil || len(doc.Methods) != 2 || !slices.Contains(doc.AssertionMethod, issuerID+"#key-1") {
				t.Fatalf("%+v %v", doc, err)
			}
			if m, ok := doc.Method(issuerID + "#key-0"); !ok || m.Err != nil || !m.Public.Equal(retired.Public()) || !m.Expires.Equal(noon.AddDate(0, -1, 0)) {
				t.Errorf("%+v", m)
			}
			v, err := strictjson.ParseObject(folder["profile.json"].Bytes, strictjson.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if p, err := openbadge.ReadProfile(v); err != nil || p.ID != issuerID || p.Name != "Kursstedet" {
				t.Errorf("%+v %v", p, err)
			}
			for _, purpose := range []string{"revocation", "suspension"} {
				f := folder["status/"+purpose+"-1.json"]
				list := open(t, folder.keys(t), f.Bytes)
				from, until, err := list.Period()
				if err != nil || !from.Equal(noon) || !until.Equal(noon.Add(48*time.Hour)) {
					t.Error(from, until, err)
				}
				if f.URL != statusBase+purpose+"-1.json" || list.ID() != f.URL || list.IssuerID() != issuerID || len(list.Status()) != 0 {
					t.Errorf("%s is published for %s by %s", list.ID(), f.URL, list.IssuerID())
				}
				if json := f.Bytes[0] == '{'; json != (f.MediaType == "application/vc") {
					t.Errorf("%s as %s", f.Bytes[:10], f.MediaType)
				}
				if _, err := status.Check(t.Context(), status.Entry{ListURL: f.URL, Purpose: purpose, Index: status.MinEntries - 1}, list.Document()); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// TestPublishWithoutStatus: who cannot revoke has no lists, and its
// credentials do not say otherwise.
func TestPublishWithoutStatus(t *testing.T) {
	t.Parallel()
	cfg := config(t, "eddsa-jcs-2022", key.Ed25519)
	cfg.StatusBase = ""
	i := newIssuer(t, cfg)
	issued, err := i.Issue(t.Context(), award())
	if err != nil {
		t.Fatal(err)
	}
	folder := publish(t, i)
	c := open(t, folder.keys(t), issued.Credential)
	if len(folder) != 2 || len(c.Status()) != 0 || len(issued.Slots) != 0 {
		t.Errorf("%d files, %d entries", len(folder), len(c.Status()))
	}
	a := award()
	a.Suspendable = true
	if _, err := i.Issue(t.Context(), a); reason.CodeOf(err) != "usage/no-status-base" {
		t.Error(err)
	}
	if err := i.Revoke(t.Context(), issued.ID, "w", "a"); reason.CodeOf(err) != "not_found/status-entry" {
		t.Error(err)
	}
}

// TestLargeList signs a list that is longer than other documents may be, with
// bits that no compression helps with.
func TestLargeList(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("twelve million bits")
	}
	cfg := config(t, "eddsa-jcs-2022", key.Ed25519)
	cfg.ListSize = 12 << 20
	cfg.Ledger = fullLedger{cfg.Ledger}
	folder := publish(t, newIssuer(t, cfg))
	if len(folder["status/revocation-1.json"].Bytes) < 2<<20 {
		t.Error("the list is not full")
	}
	c := open(t, folder.keys(t), folder["status/revocation-1.json"].Bytes)
	if set, err := status.Check(t.Context(), status.Entry{ListURL: c.ID(), Purpose: "revocation", Index: 0}, c.Document()); err != nil || !set {
		t.Error(set, err)
	}
}

// fullLedger has a list of 12,582,912 entries of which about half are set.
type fullLedger struct{ issuer.Ledger }

func (f fullLedger) Lists(context.Context) ([]issuer.ListState, error) {
	l := issuer.ListState{Purpose: "revocation", List: 1, Size: 12 << 20, Used: 1 << 20, Set: []uint64{0}}
	state := uint64(88172645463325252)
	for index := range uint64(12 << 20) { // xorshift64
		state ^= state << 13
		state ^= state >> 7
		state ^= state << 17
		if state>>40&1 == 1 {
			l.Set = append(l.Set, index)
		}
	}
	return []issuer.ListState{l}, nil
}

// usedLedger has one list of which a number of places are taken.
type usedLedger struct {
	issuer.Ledger
	used int
}

func (u usedLedger) Lists(context.Context) ([]issuer.ListState, error) {
	return []issuer.ListState{{Purpose: "revocation", List: 1, Size: status.MinEntries, Used: status.MinEntries},
		{Purpose: "revocation", List: 2, Size: status.MinEntries, Used: u.used, Set: []uint64{7}}}, nil
}

// TestNextListIsThereInTime: the list that comes next is published before a
// credential can be on it.
func TestNextListIsThereInTime(t *testing.T) {
	t.Parallel()
	for used, want := range map[int]bool{0: false, status.MinEntries/2 - 1: false, status.MinEntries / 2: true, status.MinEntries: true} {
		cfg := config(t, "eddsa-jcs-2022", key.Ed25519)
		cfg.Ledger = usedLedger{cfg.Ledger, used}
		folder := publish(t, newIssuer(t, cfg))
		for file, there := range map[string]bool{"status/revocation-1.json": true, "status/revocation-2.json": true, "status/revocation-3.json": want, "status/revocation-3.jwt": want,
			"status/revocation-4.json": false, "status/suspension-1.json": true, "status/suspension-2.json": false} {
			if _, ok := folder[file]; ok != there {
				t.Errorf("with %d places taken, %s is there: %v", used, file, ok)
			}
		}
	}
}
