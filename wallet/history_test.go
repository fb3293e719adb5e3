package wallet

import (
	"bytes"
	"testing"

	"github.com/kompetansebevis/bevis/reason"
)

// TestHistory: a file is kept once and to the byte, found by the beginning of
// its id, and taken out; credentials are not touched by it.
func TestHistory(t *testing.T) {
	t.Parallel()
	store := &MemoryStore{}
	w, _ := create(t, store)
	badge := add(t, w, badge("Kurs", "did:example:kari"))
	raw := []byte("<elmo>\r\n <title>Sj\u00f8mannskap \u201cto\u201d</title>\u2028</elmo>\n\n")
	h, added, err := w.AddHistory(t.Context(), HistoryRequest{Kind: "elmo", Raw: raw, Source: "vitnemal.xml"})
	if err != nil || !added || h.Kind != "elmo" || h.Source != "vitnemal.xml" || !h.AddedAt.Equal(noon) {
		t.Fatalf("%+v %v %v", h, added, err)
	}
	if again, added, err := w.AddHistory(t.Context(), HistoryRequest{Kind: "elmo", Raw: raw}); err != nil || added || again.ID != h.ID || again.Source != "vitnemal.xml" {
		t.Errorf("%+v %v %v", again, added, err)
	}
	w = open(t, store)
	if got, err := w.History(h.ID[:5]); err != nil || !bytes.Equal(got.Raw(), raw) {
		t.Errorf("%q %v", got.Raw(), err)
	}
	if items := w.Items(); len(items) != 1 || items[0].ID != badge.ID {
		t.Errorf("%+v", items)
	}
	if _, err := w.RemoveHistory(t.Context(), "zzz"); reason.CodeOf(err) != "not_found/item" {
		t.Error(err)
	}
	if gone, err := w.RemoveHistory(t.Context(), h.ID[:5]); err != nil || gone.ID != h.ID {
		t.Error(gone, err)
	}
	w = open(t, store)
	if len(w.Histories()) != 0 || len(w.Items()) != 1 {
		t.Errorf("%+v %+v", w.Histories(), w.Items())
	}
	for name, c := range map[string]struct {
		request HistoryRequest
		code    reason.Code
	}{
		"no kind":   {HistoryRequest{Raw: raw}, reason.Usage},
		"nothing":   {HistoryRequest{Kind: "elmo", Raw: []byte(" \n")}, reason.Usage},
		"not UTF-8": {HistoryRequest{Kind: "elmo", Raw: []byte("<elmo>\xe5</elmo>")}, reason.MalformedUTF8},
		"too large": {HistoryRequest{Kind: "elmo", Raw: bytes.Repeat([]byte("x"), maxLine)}, reason.LimitSize},
	} {
		if _, added, err := w.AddHistory(t.Context(), c.request); added || reason.CodeOf(err) != c.code {
			t.Errorf("%s: %v %v", name, added, err)
		}
	}
}
