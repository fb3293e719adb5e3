package wallet

import (
	"bytes"
	"testing"

	"github.com/kompetansebevis/bevis/reason"
)

// FuzzOpen reads archives and manifests: whatever is accepted is what the
// wallet would have written.
func FuzzOpen(f *testing.F) {
	_, blob := sample(f)
	f.Add(blob)
	f.Add([]byte{})
	f.Add([]byte("PK\x05\x06" + string(make([]byte, 18))))
	if small, err := pack([]file{{manifestName, []byte("{}")}, {"body/1", nil}}); err == nil {
		f.Add(small)
	}
	f.Fuzz(func(t *testing.T, blob []byte) {
		files, err := unpack(blob)
		if err != nil {
			if c := reason.CodeOf(err).Coarse(); c != string(reason.WalletCorrupt) && c != "resource_limit" {
				t.Fatal(err)
			}
			return
		}
		if again, err := pack(files); err != nil || !bytes.Equal(again, blob) {
			t.Fatal("accepted, and not as it would be written", err)
		}
		if m, err := readManifest(files); err == nil && m.authentic([]byte("another key")) {
			t.Fatal("authentic by a key that nobody has")
		}
	})
}

// FuzzEvents reads logs.
func FuzzEvents(f *testing.F) {
	store, _ := sample(f)
	w := open(f, store)
	f.Add(append(bytes.Join(w.lines, []byte("\n")), '\n'), w.meta.Wallet, w.meta.Head)
	f.Add([]byte("{}\n"), "", "")
	f.Add([]byte(`{"n":1,"prev":"`+sha(nil)+`","op":"x"}`+"\n"), "", "")
	f.Fuzz(func(t *testing.T, log []byte, wallet, head string) {
		lines, events, err := splitLog(log, wallet, head)
		if err != nil {
			if reason.CodeOf(err).Coarse() != string(reason.WalletCorrupt) {
				t.Fatal(err)
			}
			return
		}
		if len(lines) != len(events) || len(lines) > 0 && !bytes.Equal(append(bytes.Join(lines, []byte("\n")), '\n'), log) {
			t.Fatal("lines were lost")
		}
		for _, item := range fold(&state{}, events).items {
			item.rank("x")
			item.rankLike("xylofonkurs")
		}
	})
}
