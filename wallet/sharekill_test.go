package wallet

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/internal/sharelink"
	"github.com/kompetansebevis/bevis/reason"
)

// shareForEver is the program that gets killed. It hands out what it shared, by
// saying whose id that is, as soon as it has it.
func shareForEver(path string) {
	w, err := Open(context.Background(), OpenRequest{Store: NewFileStore(path), Passphrase: []byte(passphrase), Now: time.Now})
	for n := 0; err == nil; n++ {
		r := ShareRequest{IDs: []string{w.Items()[0].ID}, Audience: fmt.Sprint("mottaker ", n%3), Suite: &capture{}}
		var share Share
		if n%2 == 0 {
			_, share, err = w.Share(context.Background(), r)
		} else {
			var out Linked
			out, err = w.ShareLink(context.Background(), r, "")
			share = out.Share
		}
		if err == nil {
			fmt.Println(share.ID)
		}
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// TestKilledWhileSharing kills a program that shares, at whatever it is doing:
// whatever left it stands in the log.
func TestKilledWhileSharing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "kari.bevis")
	w, _ := create(t, NewFileStore(path))
	add(t, w, badge("Sveising", "did:example:kari"))
	left := 0
	for range 6 {
		c := exec.CommandContext(t.Context(), os.Args[0])
		c.Env = append(os.Environ(), "WALLET_TEST_SHARES_FROM="+path)
		c.Stderr = os.Stderr
		out, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		var ids []string
		lines := bufio.NewScanner(out)
		for n := rand.IntN(8) + 1; n > 0 && lines.Scan(); n-- {
			ids = append(ids, lines.Text())
		}
		time.Sleep(time.Duration(rand.IntN(4000)) * time.Microsecond)
		if err := c.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		for lines.Scan() {
			ids = append(ids, lines.Text())
		}
		_ = c.Wait() // it was killed
		again := open(t, NewFileStore(path))
		for _, id := range ids {
			if _, err := again.ShareOf(id); err != nil {
				t.Errorf("%s left, and is not in the log: %v", id, err)
			}
		}
		left += len(ids)
		if keys := again.Keys(); len(keys) > 3 {
			t.Errorf("%d keys for three receivers", len(keys))
		}
	}
	if left < 6 {
		t.Errorf("only %d shares in all rounds", left)
	}
}

// TestLink: a share under a link is opened with its key, and taken back by its
// owner, after the wallet was closed; neither the key nor anything that was
// shared is kept in the clear beside it.
func TestLink(t *testing.T) {
	t.Parallel()
	store := &MemoryStore{}
	w, _ := create(t, store)
	item := add(t, w, badge("Sveising", "did:example:kari"))
	r := ShareRequest{IDs: []string{item.ID}, Audience: "a", Suite: &capture{}, Expires: noon.Add(time.Hour)}
	out, err := w.ShareLink(t.Context(), r, "https://kari.example/d/")
	if err != nil {
		t.Fatal(err)
	}
	again := open(t, store)
	share, err := again.ShareOf(out.Share.ID[:5])
	if err != nil || share.As != "link" || share.Link.Where != "https://kari.example/d/" || share.Withdrawn != (time.Time{}) {
		t.Fatalf("%+v, %v", share, err)
	}
	for _, line := range again.lines {
		if bytes.Contains(line, []byte(out.Key)) || bytes.Contains(line, []byte("AGE-SECRET-KEY")) {
			t.Error("the key of the link is in the wallet")
		}
	}
	if err := again.Withdraw(t.Context(), share.ID); err != nil {
		t.Fatal(err)
	}
	later, err := again.LinkStatus(t.Context(), share.ID)
	if err != nil {
		t.Fatal(err)
	}
	link, err := sharelink.New("d", out.Key)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		document []byte
		state    string
	}{{out.Status, "active"}, {later, "revoked"}} {
		got, err := link.Status(t.Context(), test.document, out.Body, share.Holder)
		if err != nil || string(got.State) != test.state || got.Share != share.ID || !got.Until.Equal(r.Expires) || !got.Made.Equal(noon) {
			t.Errorf("%+v, %v", got, err)
		}
	}
	if _, err := again.LinkStatus(t.Context(), "zzz"); reason.CodeOf(err) != "not_found/share" {
		t.Error(err)
	}
	_, handed, err := again.Share(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := again.LinkStatus(t.Context(), handed.ID); reason.CodeOf(err) != "usage/share-no-link" {
		t.Error(err)
	}
	// What was taken back once stays so since then.
	next, err := Open(t.Context(), OpenRequest{Store: store, Passphrase: []byte(passphrase), Now: func() time.Time { return noon.Add(time.Minute) }})
	if err != nil {
		t.Fatal(err)
	}
	if err := next.Withdraw(t.Context(), share.ID); err != nil {
		t.Fatal(err)
	}
	if got, err := next.ShareOf(share.ID); err != nil || !got.Withdrawn.Equal(noon) {
		t.Errorf("%v, %v", got.Withdrawn, err)
	}
}
