package wallet

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/cose"
	"github.com/kompetansebevis/bevis/internal/strictjson"
)

// many adds n distinct credentials of about 4 KB in one change.
func many(t testing.TB, w *Wallet, n int) {
	t.Helper()
	requests := make([]AddRequest, n)
	for i := range requests {
		raw := badge(fmt.Sprintf("Kurs %d i Ålesund", i), "did:example:kari")
		raw = fmt.Appendf(raw[:len(raw)-1], `,"x":"%s \u00e6\ud83d\ude00 %d"}`, strings.Repeat("0123456789abcdef", 220+i%40), i)
		requests[i] = AddRequest{Raw: raw, Source: fmt.Sprint(i), Verified: &Verification{Verdict: "valid", At: noon}}
	}
	added, err := w.AddAll(t.Context(), requests)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range added {
		if a.Err != nil || !a.Added {
			t.Fatal(a.Added, a.Err)
		}
	}
}

// TestIndex: what the index says of a credential is what describe reads, also
// where it covers the beginning alone, is of another log, or is damaged.
func TestIndex(t *testing.T) {
	t.Parallel()
	store := &MemoryStore{}
	w, _ := create(t, store)
	many(t, w, 2*indexEvery)
	private, err := key.Generate(key.Ed25519)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := cose.VC().Sign(t.Context(), badge("Kurs", "did:example:kari"), private.Signer("did:example:issuer#key-1"), proof.Params{Purpose: proof.AssertionMethod})
	if err != nil {
		t.Fatal(err)
	}
	add(t, w, signed)
	if w.index.covered != 2*indexEvery {
		t.Fatalf("the index covers %d lines", w.index.covered)
	}
	if _, err := w.Remove(t.Context(), w.Items()[3].ID); err != nil {
		t.Fatal(err)
	}
	check := func(what string, covered int) {
		t.Helper()
		w := open(t, store)
		if w.index.covered != covered {
			t.Errorf("%s: covers %d, want %d", what, w.index.covered, covered)
		}
		if n := len(w.state.items); n != 2*indexEvery {
			t.Fatalf("%s: %d credentials", what, n)
		}
		for _, i := range w.state.items {
			want, err := describe(i.Raw())
			want.AddedAt, want.Source, want.Verified, want.line = i.AddedAt, i.Source, i.Verified, i.line
			want.body, i.body, i.quoted = nil, nil, nil
			if err != nil || !reflect.DeepEqual(i, want) {
				t.Fatalf("%s:\n%+v\n%+v\n%v", what, i, want, err)
			}
		}
	}
	check("the beginning", 2*indexEvery)
	plain := openIndex(w.index.sealed, w.identity)
	other, _ := create(t, &MemoryStore{})
	many(t, other, 2*indexEvery)
	of, err := index{}.upTo(other.lines, other.state.items, w.identity)
	if err != nil {
		t.Fatal(err)
	}
	for what, damaged := range map[string]string{
		"none": "", "another log's": openIndex(of.sealed, w.identity), "a version before": strings.Replace(plain, indexMagic+string(rune(describedBy)), indexMagic+string(rune(describedBy-1)), 1),
		"cut short": plain[:len(plain)-1], "a byte too many": plain + "\x00", "another name": "x" + plain,
	} {
		packer, err := zstd.NewWriter(nil)
		if err != nil {
			t.Fatal(err)
		}
		sealed, err := encrypt(packer.EncodeAll([]byte(damaged), nil), w.identity.Recipient())
		if err != nil {
			t.Fatal(err)
		}
		w.index.sealed = sealed
		if err := w.save(t.Context(), w.lines, w.state); err != nil {
			t.Fatal(err)
		}
		check(what, 0)
	}
	w.index = index{}
	if err := w.save(t.Context(), w.lines, w.state); err != nil {
		t.Fatal(err)
	}
	check("made anew", len(w.lines))
}

// FuzzIndex reads indexes: one that is taken is written the same again.
func FuzzIndex(f *testing.F) {
	w, _ := create(f, &MemoryStore{})
	add(f, w, badge("Kurs på Ål", "did:example:kari"))
	lines := w.lines
	f.Add(string(writeIndex(lines, w.state.items)))
	f.Add(indexMagic + "\x01\x00\x01")
	f.Fuzz(func(t *testing.T, index string) {
		d := readIndex(index)
		if !d.fits(lines) {
			return
		}
		again := readIndex(string(writeIndex(lines, d.items)))
		known := slices.DeleteFunc(d.items, func(i Item) bool { return i.Form == "unknown" })
		if !again.fits(lines) || len(known) > 0 && !reflect.DeepEqual(again.items, known) {
			t.Errorf("%+v\n%+v", d, again)
		}
	})
}

// FuzzSkim holds the reader in one pass against the strict one: what it reads,
// that one reads the same.
func FuzzSkim(f *testing.F) {
	w, _ := create(f, &MemoryStore{})
	many(f, w, 2)
	add(f, w, badge("Kurs på Ål", "did:example:kari"))
	for _, line := range w.lines {
		f.Add(line)
	}
	for _, line := range []string{
		`{"n":1,"prev":"","at":"2026-06-01T12:00:00Z","op":"credential.add","raw":"a\n\t\r\/\\\"b"}`,
		`{"n":1,"prev":"","at":"2026-06-01T12:00:00Z","op":"credential.add","id":"x","id":"y","raw":"z"}`,
		`{"n":01,"prev":"","at":"2026-06-01T12:00:00Z","op":"credential.add","raw":"\u0041"}`,
		`{"n":1,"prev":"","at":"2026-06-01T12:00:00Z","op":"credential.add","raw":"a","verified":{"verdict":"valid","at":"2026-06-01T12:00:00Z"}} `,
		`{"n":1,"prev":"","at":"noon","op":"credential.add","raw":" data:application/vc+cose;base64,AA== "}`,
		"{\"n\":1,\"prev\":\"\",\"at\":\"2026-06-01T12:00:00Z\",\"op\":\"credential.add\",\"raw\":\"a\xff\x01\"}",
	} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		s := newSkimmer(line)
		e, ok := s.read(line)
		if !ok {
			return
		}
		doc, err := strictjson.ParseObject(line, strictjson.Limits{MaxBytes: maxLine})
		if err != nil {
			t.Fatalf("the strict reader refuses it: %v", err)
		}
		want, ok := readEvent(doc)
		if !ok || !bytes.Equal(e.credential(), want.credential()) {
			t.Fatalf("%q\n%q", e.credential(), want.credential())
		}
		e.quoted, e.Raw, want.Raw = nil, "", ""
		if !reflect.DeepEqual(e, want) {
			t.Fatalf("%+v\n%+v", e, want)
		}
	})
}

// TestFrames: a log in frames reads as it was written, by this reader and by
// any other, and a change packs the last frame alone.
func TestFrames(t *testing.T) {
	t.Parallel()
	store := &MemoryStore{}
	w, _ := create(t, store)
	many(t, w, 1500) // some 6 MB
	if len(w.frames) != 6 {
		t.Fatalf("%d full frames", len(w.frames))
	}
	first := w.frames[0].packed
	add(t, w, badge("Eitt til", "did:example:kari"))
	if len(w.frames) != 6 || &w.frames[0].packed[0] != &first[0] {
		t.Error("a full frame was packed again")
	}
	opened := open(t, store)
	if !reflect.DeepEqual(opened.frames, w.frames) {
		t.Error("other frames are read than were written")
	}
	if !slices.EqualFunc(opened.lines, w.lines, bytes.Equal) {
		t.Error("other lines are read than were written")
	}
	add(t, opened, badge("Og eitt til", "did:example:kari"))
	files, err := unpack(store.blob)
	if err != nil {
		t.Fatal(err)
	}
	packed, err := decrypt(files[len(files)-1].data, maxFile, w.identity)
	if err != nil {
		t.Fatal(err)
	}
	want := joined(opened.lines)
	r, err := zstd.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var streamed bytes.Buffer
	if _, err := r.WriteTo(&streamed); err != nil || !bytes.Equal(streamed.Bytes(), want) {
		t.Error("another reader reads something else", err)
	}
	// A wallet from before, in one frame, is packed in several at its next change.
	packer, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	one := packer.EncodeAll(want, nil)
	if log, err := unpackFrames(one); err != nil || !bytes.Equal(log, want) {
		t.Error("one frame", err)
	}
	if got := fullFrames(one, opened.lines); got != nil {
		t.Errorf("%d frames of it are kept", len(got))
	}
	for n := range packed {
		damaged := bytes.Clone(packed)
		damaged[n] ^= 0x40
		if log, err := unpackFrames(damaged); err == nil && !bytes.Equal(log, want) {
			t.Fatalf("byte %d changed: read as something else", n)
		}
		if n > 300 {
			break // headers and the first blocks
		}
	}
	if _, err := unpackFrames(packed[:len(packed)-1]); err == nil {
		t.Error("cut short")
	}
}
