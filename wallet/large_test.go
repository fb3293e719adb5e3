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
	"github.com/kompetansebevis/bevis/internal/testdepth"
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
	plain := indexText(w.lines[:2*indexEvery], w.state.items)
	other, _ := create(t, &MemoryStore{})
	many(t, other, 2*indexEvery)
	for what, damaged := range map[string]string{
		"none": "", "another log's": indexText(other.lines, other.state.items), "a version before": strings.Replace(plain, indexMagic+string(rune(describedBy)), indexMagic+string(rune(describedBy-1)), 1),
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
	f.Add(indexText(lines, w.state.items))
	f.Add(indexMagic + "\x01\x00\x01")
	f.Fuzz(func(t *testing.T, index string) {
		d := readIndexText(index)
		if !d.fits(lines) {
			return
		}
		read := slices.Concat(d.items...)
		again := readIndexText(indexText(lines, read))
		known := slices.DeleteFunc(read, func(i Item) bool { return i.Form == "unknown" })
		if !again.fits(lines) || len(known) > 0 && !reflect.DeepEqual(slices.Concat(again.items...), known) {
			t.Errorf("%+v\n%+v", d, again)
		}
	})
}

func indexText(lines [][]byte, items []Item) string {
	return string(bytes.Join(writeIndex(lines, items), nil))
}

func readIndexText(text string) described {
	return readIndex(1, func(int) (string, bool) { return text, true })
}

// TestPass holds what is passed over eight bytes at once against the strict
// reader, with everything at every place of the eight.
func TestPass(t *testing.T) {
	for _, text := range []string{``, `\"`, `\"\"`, `\\`, `\\"`, `\\\"`, `\\\\"x`, `"`, `#`, `]`, `\]`, `\"#`, `"#`, `\n`, `\/`, `\r\t`, `\b`, `\u00e5`, `\`, `ø`, "\x1f", "\x01\"", "\x7f", `\"\n\"`, `{\"a\":\"b\"}`} {
		for pad := range 17 {
			value := strings.Repeat("x", pad) + text + strings.Repeat("y", (pad*5)%19)
			line := `{"n":1,"prev":"p","at":"2026-06-01T12:00:00Z","op":"credential.add","raw":"` + value + `"}`
			s := newSkimmer()
			e, ok := s.read([]byte(line))
			doc, err := strictjson.ParseObject([]byte(line), strictjson.Limits{})
			seldom := strings.Contains(text, `\u`) || strings.Contains(text, `\b`) // left to the strict reader
			if ok != (err == nil && !seldom) {
				t.Fatalf("%q: read %v, strictly %v", line, ok, err)
			}
			if raw, _ := doc.Get("raw").Text(); ok && string(unquoted(e.quoted)) != raw {
				t.Fatalf("%q: %q", line, unquoted(e.quoted))
			}
		}
	}
}

// TestIndexParts: an index in several parts is read as the same in one, and not
// at all when one of them is wrong.
func TestIndexParts(t *testing.T) {
	lines := make([][]byte, 9)
	items := make([]Item, len(lines))
	for n := range items {
		lines[n] = []byte{byte('a' + n)}
		items[n] = Item{line: uint64(n + 1), Form: "json", Title: strings.Repeat(string(lines[n]), frameSize/3), ValidFrom: noon}
	}
	parts := writeIndex(lines, items)
	if len(parts) != 4 { // three items fill one; the last has none
		t.Fatalf("%d parts", len(parts))
	}
	read := func(change func(p int, text string) (string, bool)) described {
		return readIndex(len(parts), func(p int) (string, bool) { return change(p, string(parts[p])) })
	}
	d := read(func(_ int, text string) (string, bool) { return text, true })
	if !d.fits(lines) || !reflect.DeepEqual(slices.Concat(d.items...), items) || len(d.byLine(len(lines))) != len(items) {
		t.Error("it is not read as it was written")
	}
	if whole := readIndexText(indexText(lines, items)); !reflect.DeepEqual(slices.Concat(whole.items...), items) {
		t.Error("in one part it is not read as it was written")
	}
	for p := range parts[:3] {
		if d := read(func(n int, text string) (string, bool) { return text, n != p }); d.covered != 0 {
			t.Errorf("part %d cannot be unpacked, and is taken", p)
		}
		if d := read(func(n int, text string) (string, bool) { return text[:len(text)-boolean(n == p)], true }); d.covered != 0 {
			t.Errorf("part %d is cut short, and is taken", p)
		}
	}
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
		s := newSkimmer()
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
	oneIn := testdepth.OneIn(t, 5)
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
	read := func(packed []byte) ([]byte, error) {
		lines, _, err := readLog(packed, opened.meta.Wallet, opened.meta.Head)
		return joined(lines), err
	}
	if log, err := read(one); err != nil || !bytes.Equal(log, want) {
		t.Error("one frame", err)
	}
	// So is one whose frames end within a line, as another program may write it.
	halves := packer.EncodeAll(want[len(want)/2:], packer.EncodeAll(want[:len(want)/2], nil))
	if log, err := read(halves); err != nil || !bytes.Equal(log, want) {
		t.Error("two frames", err)
	}
	if got := fullFrames(one, opened.lines); got != nil {
		t.Errorf("%d frames of it are kept", len(got))
	}
	for n := 0; n < min(len(packed), 300); n += oneIn { // headers and the first blocks
		damaged := bytes.Clone(packed)
		damaged[n] ^= 0x40
		if log, err := read(damaged); err == nil && !bytes.Equal(log, want) {
			t.Fatalf("byte %d changed: read as something else", n)
		}
	}
	if _, err := read(packed[:len(packed)-1]); err == nil {
		t.Error("cut short")
	}
}
