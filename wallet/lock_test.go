package wallet

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/kompetansebevis/bevis/reason"
)

// forgotten holds a locked wallet against all that it must not do any more.
func forgotten(t *testing.T, w *Wallet, id string) {
	t.Helper()
	if !w.Locked() || w.identity != nil || len(w.lines) > 0 || len(w.parts) > 0 || len(w.state.keys) > 0 || len(w.state.items) > 0 {
		t.Fatal("it remembers something")
	}
	if len(w.Items())+len(w.Keys())+len(w.Shares())+len(w.Slots()) > 0 {
		t.Error("it shows something")
	}
	_, _, addErr := w.Add(t.Context(), AddRequest{Raw: badge("Kurs", "did:example:ola")})
	_, itemErr := w.Item(id)
	_, keyErr := w.NewKey(t.Context())
	_, _, shareErr := w.Share(t.Context(), ShareRequest{IDs: []string{id}, Audience: "https://a.example", Suite: &capture{}})
	_, sealErr := w.Seal(keyPair(t).Recipient())
	_, signErr := w.signer("did:example:kari")
	_, previewErr := w.Preview(t.Context(), ShareRequest{IDs: []string{id}, Audience: "https://a.example", Suite: &capture{}})
	_, logErr := w.ShareOf("a")
	for name, err := range map[string]error{
		"add": addErr, "item": itemErr, "key": keyErr, "share": shareErr, "seal": sealErr, "sign": signErr, "preview": previewErr, "log": logErr,
		"passphrase": w.SetPassphrase(t.Context(), PassphraseRequest{Passphrase: []byte("x"), Work: lowWork}),
		"remove":     w.RemoveSlot(t.Context(), "recovery"), "verified": w.SetVerified(t.Context(), id, Verification{}),
	} {
		if reason.CodeOf(err) != "locked/closed" {
			t.Errorf("%s: %v", name, err)
		}
	}
	w.Lock() // once more does no harm
}

func TestLock(t *testing.T) {
	t.Parallel()
	store := &MemoryStore{}
	w, _ := create(t, store)
	if _, err := w.NewKey(t.Context()); err != nil {
		t.Fatal(err)
	}
	item := add(t, w, badge("Kurs", "did:example:kari"))
	id := w.ID()
	w.Lock()
	forgotten(t, w, item.ID)
	if w.ID() != id {
		t.Error("which wallet it is, stands in the file in the clear")
	}
	if n := len(open(t, store).Items()); n != 1 {
		t.Errorf("%d credentials after opening it again", n)
	}
}

// TestEveryMethodKnowsOfTheLock: whatever else is asked of a locked wallet, it says
// that it is locked, and nothing falls over.
func TestEveryMethodKnowsOfTheLock(t *testing.T) {
	t.Parallel()
	store := &MemoryStore{}
	w, _ := create(t, store)
	if _, err := w.NewKey(t.Context()); err != nil {
		t.Fatal(err)
	}
	item := add(t, w, badge("Kurs", w.Keys()[0]))
	words, err := GenerateWords()
	if err != nil {
		t.Fatal(err)
	}
	other := open(t, store)
	w.Lock()
	ctx, request := t.Context(), ShareRequest{IDs: []string{item.ID}, Audience: "https://a.example", Suite: &capture{}}
	last := func(results ...any) error {
		err, _ := results[len(results)-1].(error)
		return err
	}
	for name, err := range map[string]error{
		"AddAll": last(w.AddAll(ctx, []AddRequest{{Raw: badge("Eit", "did:example:a")}})), "AddHistory": last(w.AddHistory(ctx, HistoryRequest{Kind: "elmo", Raw: []byte("x")})),
		"History": last(w.History("a")), "RemoveHistory": last(w.RemoveHistory(ctx, "a")), "Remove": last(w.Remove(ctx, item.ID)),
		"Tag": last(w.Tag(ctx, item.ID, "a")), "Untag": last(w.Untag(ctx, item.ID, "a")), "SetNote": last(w.SetNote(ctx, item.ID, "a")),
		"ShareOf": last(w.ShareOf("a")), "Withdraw": w.Withdraw(ctx, "a"), "RequestDeletion": w.RequestDeletion(ctx, "a"), "Preview": last(w.Preview(ctx, request)),
		"ShareLink": last(w.ShareLink(ctx, request, "https://a.example/")), "LinkStatus": last(w.LinkStatus(ctx, "a")), "ProvePseudonym": last(w.ProvePseudonym(ctx, item.ID, []byte("a"))),
		"Backup": last(w.Backup(ctx, BackupRequest{To: &MemoryStore{}})), "OpenCopy": last(w.OpenCopy(ctx, store)), "Merge": last(w.Merge(ctx, other)), "Merge of it": last(other.Merge(ctx, w)),
		"Compare": last(w.Compare(other)), "SetWords": w.SetWords(ctx, words), "Rekey": w.Rekey(ctx, RekeyRequest{PassphraseRequest{[]byte("x"), lowWork}, words, nil}),
		"AddSlot":      last(w.AddSlot(ctx, SlotRequest{Recipient: keyPair(t).Recipient(), Kind: "age"})),
		"NoteVerified": w.NoteVerified(ctx, []Verified{{}}),
	} {
		if reason.CodeOf(err) != "locked/closed" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := len(w.Histories()) + len(w.Find(Query{})) + len(w.Tags()) + len(w.IDs()) + len(w.Unknown()); n > 0 {
		t.Errorf("%d things are shown", n)
	}
	if made, _ := w.Backups(); len(made) > 0 {
		t.Error("backups are shown")
	}
}

// TestIdleLock: use keeps it open, and want of use locks it, by itself.
func TestIdleLock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &MemoryStore{}
		create(t, store)
		w, err := Open(t.Context(), OpenRequest{Store: store, Passphrase: []byte(passphrase), Now: time.Now, IdleLock: 10 * time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		item := add(t, w, badge("Kurs", "did:example:kari"))
		for range 5 {
			time.Sleep(9 * time.Minute)
			if len(w.Items()) != 1 {
				t.Fatal("locked while it was used")
			}
		}
		time.Sleep(10*time.Minute - time.Second)
		if w.Locked() {
			t.Error("locked too early")
		}
		time.Sleep(time.Second) // asking was no use
		synctest.Wait()
		forgotten(t, w, item.ID)
	})
}

// TestIdleOverSleep: timers stand still while a computer sleeps, and the clock
// on the wall does not.
func TestIdleOverSleep(t *testing.T) {
	t.Parallel()
	store := &MemoryStore{}
	now := noon
	w, _, err := Create(t.Context(), CreateRequest{Store: store, Passphrase: []byte(passphrase), Now: func() time.Time { return now }, PassphraseWork: lowWork, IdleLock: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	now = now.Add(59 * time.Minute)
	item := add(t, w, badge("Kurs", "did:example:kari"))
	now = now.Add(-24 * time.Hour) // a clock that is set back does not lock
	if len(w.Items()) != 1 {
		t.Fatal("locked by a clock that was set back")
	}
	now = now.Add(time.Hour)
	if got := w.Items(); len(got) != 0 {
		t.Error("shown after an hour")
	}
	forgotten(t, w, item.ID)
}

// TestIdleAtOnce has many use a wallet while it locks itself.
func TestIdleAtOnce(t *testing.T) {
	t.Parallel()
	w, _, err := Create(t.Context(), CreateRequest{Store: &MemoryStore{}, Passphrase: []byte(passphrase), Now: time.Now, PassphraseWork: lowWork, IdleLock: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan bool)
	for range 4 {
		go func() {
			for !w.Locked() {
				w.Items()
				time.Sleep(time.Millisecond)
			}
			done <- true
		}()
	}
	for range 4 {
		<-done
	}
	if len(w.Slots()) > 0 {
		t.Error("it shows something")
	}
}
