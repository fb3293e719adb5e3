package issuer_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/status"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
)

// TestMessages: what is said of a credential is in the list, by the number that
// stands beside the words in the credential.
func TestMessages(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	for n := 2; n <= 16; n++ {
		texts := []string{"nothing to say"}
		for k := 1; k < n; k++ {
			texts = append(texts, "message "+strconv.Itoa(k))
		}
		cfg := config(t, "eddsa-jcs-2022", key.Ed25519)
		cfg.Messages = texts
		i := newIssuer(t, cfg)
		if folder := publish(t, i); folder["status/message-1.json"].Bytes == nil || folder["status/message-1.jwt"].Bytes != nil {
			t.Error("the first list is not there before it is used, or one without words is")
		}
		a := award()
		a.Messages = true
		issued, err := i.Issue(ctx, a)
		if err != nil || len(issued.Slots) != 2 {
			t.Fatal(issued, err)
		}
		folder := publish(t, i)
		c := open(t, folder.keys(t), issued.Credential)
		entry, err := status.ParseEntry(c.Status()[1], "")
		if err != nil || entry.Purpose != status.Message || !slices.Equal(entry.Messages[:n], texts) {
			t.Fatalf("%+v %v", entry, err)
		}
		for k := n; k < len(entry.Messages); k++ {
			if entry.Messages[k] != issuer.NoMessage {
				t.Errorf("%d: %q", k, entry.Messages[k])
			}
		}
		for _, want := range []uint8{uint8(n - 1), 1, 0} {
			if err := i.Say(ctx, issued.ID, want, "w", "a"); err != nil {
				t.Fatal(err)
			}
			if got, err := i.Said(ctx, issued.ID); err != nil || got != want {
				t.Error(got, err)
			}
			folder := publish(t, i)
			list := open(t, folder.keys(t), folder["status/message-1.json"].Bytes)
			if got, err := status.Lookup(ctx, entry, list.Document()); err != nil || got != uint64(want) {
				t.Errorf("%d messages: the list says %d, not %d, %v", n, got, want, err)
			}
		}
		if err := i.Say(ctx, issued.ID, uint8(len(entry.Messages)), "w", "a"); reason.CodeOf(err) != "usage/status-value" {
			t.Error(err)
		}
		// Revoked, it is so whatever is said.
		if err := i.Revoke(ctx, issued.ID, "w", "a"); err != nil {
			t.Error(err)
		}
		if got, err := i.Status(ctx, issued.ID); err != nil || !slices.Equal(got, []string{status.Revocation}) {
			t.Error(got, err)
		}
	}
	for name, texts := range map[string][]string{"one": {"a"}, "17": strings.Split(strings.Repeat("x", 17), ""), "an empty one": {"a", ""}, "a long one": {"a", strings.Repeat("x", 201)}} {
		cfg := config(t, "eddsa-jcs-2022", key.Ed25519)
		cfg.Messages = texts
		if _, err := issuer.New(cfg); reason.CodeOf(err) != reason.Usage {
			t.Errorf("%s: %v", name, err)
		}
	}
	a := award()
	a.Messages = true
	if _, err := newIssuer(t, config(t, "eddsa-jcs-2022", key.Ed25519)).Issue(ctx, a); reason.CodeOf(err) != "usage/no-messages" {
		t.Error(err)
	}
	cfg := config(t, "eddsa-jcs-2022", key.Ed25519)
	cfg.Messages, cfg.ListSize = []string{"a", "b", "c"}, 100_000_000
	a.Messages = true
	i := newIssuer(t, cfg)
	if _, err := i.Issue(ctx, a); err != nil {
		t.Error(err)
	}
	lists, err := cfg.Ledger.Lists(ctx)
	if err != nil || len(lists) != 2 || lists[0].Size != status.MaxEntries/2 || lists[1].Size != 100_000_000 {
		t.Error(lists, err)
	}
}
