package wallet

import (
	"bytes"
	"fmt"
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
			item.rankLike(formsOf("xylofonkurs"))
		}
	})
}

// FuzzMerge merges logs of any events: whichever is merged into which, the
// result is the same and has the events of both, in their order.
func FuzzMerge(f *testing.F) {
	const one = `"at":"2026-06-01T12:00:00Z","op":"credential.remove","id":"a"`
	f.Add([]byte(one), []byte(`"op":"later","x":[1.50]`), []byte(one+"\n"+`"op":"history.add","id":"a","raw":"<x/>","at":"2026-06-01T12:00:01Z"`))
	f.Add([]byte(nil), []byte(`"op":"log.merge","heads":["x"],"kept":["a"]`), []byte(`"op":"x","at":7,"deep":{"n":1,"prev":""}`))
	f.Add([]byte(nil), []byte("\"op\":\"a\"\n\"op\":\"b\""), []byte("\"op\":\"b\"\n\"op\":\"a\""))
	f.Fuzz(func(t *testing.T, common, mine, theirs []byte) {
		const wallet = "kari"
		log := func(parts ...[]byte) (c copyOf, ok bool) {
			c.meta = manifest{Wallet: wallet, Head: sha([]byte(wallet))}
			for _, part := range parts {
				for members := range bytes.Lines(part) {
					line := fmt.Appendf(nil, `{"n":%d,"prev":%q,%s}`, len(c.lines)+1, c.meta.Head, bytes.TrimSuffix(members, []byte{'\n'}))
					c.lines, c.meta.Head = append(c.lines, line), sha(line)
				}
			}
			var err error
			c.state, err = replay(c.lines, wallet)
			return c, err == nil
		}
		a, ok := log(common, mine)
		b, okToo := log(common, theirs)
		if !ok || !okToo {
			return
		}
		ab, err := unite(a, b)
		ba, errToo := unite(b, a)
		if err != nil || errToo != nil {
			t.Fatal(err, errToo)
		}
		if ab.lines == nil {
			ab.lines = a.lines
		}
		if ba.lines == nil {
			ba.lines = b.lines
		}
		if !bytes.Equal(joined(ab.lines), joined(ba.lines)) {
			t.Fatalf("%s\nand\n%s", joined(ab.lines), joined(ba.lines))
		}
		for _, c := range []copyOf{a, b} {
			inC, all, err := tails(c.lines, ab.lines)
			if err != nil {
				t.Fatal(err)
			}
			have := places(all)
			for _, e := range inC {
				if _, ok := have[e.id]; !ok {
					t.Fatalf("lost: %s", e.said)
				}
			}
		}
	})
}
