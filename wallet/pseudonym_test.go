package wallet

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/reason"
)

func TestProvePseudonym(t *testing.T) {
	t.Parallel()
	store := &MemoryStore{}
	w, _ := create(t, store)
	me, err := w.NewKey(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	again, err := w.NewKey(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	first, second := add(t, w, badge("Sveising", me)), add(t, w, badge("Lodding", me))
	under := add(t, w, badge("Sveising", again))
	output := func(w *Wallet, item Item, alpha string) string {
		t.Helper()
		proof, err := w.ProvePseudonym(t.Context(), item.ID, []byte(alpha))
		if err != nil {
			t.Fatal(err)
		}
		public, err := key.ParseMultikey(strings.TrimPrefix(item.Subject, "did:key:"))
		if err != nil {
			t.Fatal(err)
		}
		out, err := public.VerifyVRF([]byte(alpha), proof)
		if err != nil || bytes.Contains(proof, []byte(alpha)) {
			t.Fatal(err)
		}
		return string(out)
	}
	a := output(w, first, "course a")
	// One holder has one pseudonym for one purpose, whatever credential it
	// comes with and however often the wallet was closed.
	if output(w, second, "course a") != a || output(open(t, store), first, "course a") != a {
		t.Error("a second pseudonym for the same purpose")
	}
	if output(w, first, "course b") == a || output(w, under, "course a") == a {
		t.Error("the same pseudonym for two purposes or two keys")
	}
	if n := len(w.Shares()); n != 0 {
		t.Errorf("%d shares", n)
	}
	somebodys := add(t, w, badge("Sveising", "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"))
	nobodys := add(t, w, badge("Sveising", ""))
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	for code, f := range map[reason.Code]func() error{
		"usage/not-bound": func() error {
			_, err := w.ProvePseudonym(t.Context(), somebodys.ID, []byte("course a"))
			return err
		},
		"not_found/item": func() error { _, err := w.ProvePseudonym(t.Context(), "xyz", nil); return err },
		reason.Canceled:  func() error { _, err := w.ProvePseudonym(canceled, first.ID, nil); return err },
	} {
		if err := f(); reason.CodeOf(err) != code {
			t.Errorf("%v, not %s", err, code)
		}
	}
	if _, err := w.ProvePseudonym(t.Context(), nobodys.ID, nil); reason.CodeOf(err) != "usage/not-bound" {
		t.Error(err)
	}
}
