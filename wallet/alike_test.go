package wallet

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// alike are two credentials whose ids have the first twelve characters in
// common, which took a small machine a minute to find.
func alike() (a, b []byte) {
	return []byte(`{"type":"VerifiableCredential","name":"4poscae4itfm"}`), []byte(`{"type":"VerifiableCredential","name":"skloktj54cii"}`)
}

func TestAlike(t *testing.T) {
	t.Parallel()
	a, b := alike()
	if idOf(a) != idOf(b) || wholeID(a) == wholeID(b) {
		t.Fatal(idOf(a), idOf(b))
	}
	store := &MemoryStore{}
	w, _ := create(t, store)
	first, second := add(t, w, a), add(t, w, b) // neither is taken for the other
	if len(first.ID) != idLength || second.ID != wholeID(b) || !bytes.Equal(second.Raw(), b) {
		t.Fatal(first.ID, second.ID)
	}
	for _, raw := range [][]byte{a, b} {
		if have, added, err := w.Add(t.Context(), AddRequest{Raw: raw}); err != nil || added || !bytes.Equal(have.Raw(), raw) {
			t.Fatal(added, err, have.ID)
		}
	}
	if _, err := w.Tag(t.Context(), second.ID, "andre"); err != nil {
		t.Fatal(err)
	}
	for _, w := range []*Wallet{w, open(t, store)} {
		items := w.Items()
		if len(items) != 2 || items[0].ID != first.ID || items[1].ID != second.ID || len(items[0].Tags) != 0 || len(items[1].Tags) != 1 || !bytes.Equal(items[1].Raw(), b) {
			t.Fatalf("%+v", items)
		}
	}
	if _, err := w.Remove(t.Context(), second.ID); err != nil {
		t.Fatal(err)
	}
	if items := open(t, store).Items(); len(items) != 1 || items[0].ID != first.ID {
		t.Fatalf("%+v", items)
	}
}

// TestAlikeMany does so with an index, and in a wallet of more events than are
// looked through one by one.
func TestAlikeMany(t *testing.T) {
	t.Parallel()
	a, b := alike()
	store := &MemoryStore{}
	w, _ := create(t, store)
	many(t, w, indexEvery)
	if _, err := w.AddAll(t.Context(), []AddRequest{{Raw: b}, {Raw: a}, {Raw: b}}); err != nil {
		t.Fatal(err)
	}
	add(t, w, badge("Etterpå", ""))
	for n := range 2 {
		w = open(t, store)
		if i, err := w.Item(wholeID(a)); err != nil || !bytes.Equal(i.Raw(), a) {
			t.Fatal(err)
		}
		if i, err := w.Item(idOf(b)); err != nil || !bytes.Equal(i.Raw(), b) {
			t.Fatal(err)
		}
		w.index = index{} // the next change writes it anew
		add(t, w, badge(fmt.Sprint(n), ""))
	}
}

// TestAlikeApart: two copies of a wallet have each added one of two that begin
// alike. Both are there when the copies are one again, credentials as well as
// files of results.
func TestAlikeApart(t *testing.T) {
	t.Parallel()
	a, b := alike()
	one, two := twoLaptops(t, badge("Felles", ""))
	for raw, l := range map[string]*laptop{string(a): one, string(b): two} {
		add(t, l.Wallet, []byte(raw))
		if _, added, err := l.AddHistory(t.Context(), HistoryRequest{Kind: "elmo", Raw: []byte(raw)}); err != nil || !added {
			t.Fatal(added, err)
		}
	}
	mergeBoth(t, one, two)
	var items, histories []string
	for _, i := range one.Items() {
		items = append(items, string(i.Raw()))
	}
	for _, h := range one.Histories() {
		histories = append(histories, string(h.Raw()))
	}
	for _, raw := range [][]byte{a, b} {
		if !strings.Contains(strings.Join(items, "\n"), string(raw)) || !strings.Contains(strings.Join(histories, "\n"), string(raw)) {
			t.Errorf("%s is lost", raw)
		}
	}
	if len(items) != 3 || len(histories) != 2 {
		t.Errorf("%q %q", items, histories)
	}
}
