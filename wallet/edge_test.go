package wallet

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/kompetansebevis/bevis/reason"
)

// token is a credential as a compact JWT, as far as a wallet looks at it.
func token(name string) string {
	enc := base64.RawURLEncoding.EncodeToString
	return enc([]byte(`{"alg":"EdDSA"}`)) + "." + enc(badge(name, "did:example:kari")) + "." + enc([]byte("signature"))
}

// TestTokens: a token comes back byte for byte, and what would not is
// refused.
func TestTokens(t *testing.T) {
	t.Parallel()
	store := &MemoryStore{}
	w, _ := create(t, store)
	good := token("Kurs")
	item := add(t, w, []byte(good))
	got, err := open(t, store).Item(item.ID)
	if err != nil || string(got.Raw()) != good || got.Form != "jwt" || got.Title != "Kurs" {
		t.Errorf("%+v %v", got, err)
	}
	parts := strings.Split(good, ".")
	for name, raw := range map[string]string{
		"bytes that are no text":       good[:len(good)-2] + "\xff\xfe",
		"bytes that are no text first": "eyJ\xff" + good[3:],
		"a line break in it":           parts[0] + "." + parts[1][:8] + "\n" + parts[1][8:] + "." + parts[2],
		"padding":                      good + "==",
		"bits that mean nothing":       parts[0] + "." + parts[1] + ".QR",
	} {
		if _, added, err := w.Add(t.Context(), AddRequest{Raw: []byte(raw)}); reason.CodeOf(err) != reason.MalformedBase64 || added {
			t.Errorf("%s: added %v, %v", name, added, err)
		}
	}
	for raw, code := range map[string]reason.Code{good + "~WyJzYWx0Il0~": "wrong_type/typ", good + "~" + good: "wrong_type/presentation"} {
		if _, added, err := w.Add(t.Context(), AddRequest{Raw: []byte(raw)}); reason.CodeOf(err) != code || added {
			t.Errorf("disclosures behind it: added %v, %v", added, err)
		}
	}
	if len(open(t, store).Items()) != 1 {
		t.Error("something was kept")
	}
}

// TestAnyText: whatever characters a credential is written with come back.
func TestAnyText(t *testing.T) {
	t.Parallel()
	store := &MemoryStore{}
	w, _ := create(t, store)
	var names []string
	for _, name := range []string{`\u0000\u2028\/`, "\u2028\u2029\ufffd\U0010ffff", "<script>&amp;</script>", "\x7f\u0080", "e\u0301 é", `\ud83d\ude00 😀`} {
		raw := `{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiableCredential"],"issuer":"did:x:y",` + "\r\n\t" +
			`"name":"` + name + `","n":1.0e0,"credentialSubject":{"a":0.10}}`
		add(t, w, []byte(raw))
		names = append(names, raw)
	}
	for i, item := range open(t, store).Items() {
		if string(item.Raw()) != names[i] {
			t.Errorf("%q came back as %q", names[i], item.Raw())
		}
	}
}

// TestNobodyElsesMemory: what callers do with the slices and pointers that
// they gave or got does not change the wallet.
func TestNobodyElsesMemory(t *testing.T) {
	t.Parallel()
	w, _ := create(t, &MemoryStore{})
	raw, verified := badge("Kurs", "did:example:kari"), &Verification{Verdict: "valid", At: noon}
	want := bytes.Clone(raw)
	item, _, err := w.Add(t.Context(), AddRequest{Raw: raw, Verified: verified})
	if err != nil {
		t.Fatal(err)
	}
	raw[0], item.Raw()[1], verified.Verdict, item.Skills[0] = 'X', 'X', "forged", "X"
	w.Items()[0].Verified.Verdict = "X"
	if got := w.Items()[0]; !bytes.Equal(got.Raw(), want) || got.Verified.Verdict != "valid" || got.Skills[0] != "sveising" {
		t.Errorf("%s %+v %v", got.Raw(), got.Verified, got.Skills)
	}
	_, share, err := w.Share(t.Context(), ShareRequest{IDs: []string{item.ID}, Audience: "a", Suite: &capture{}})
	if err != nil {
		t.Fatal(err)
	}
	share.Titles[0], w.Shares()[0].Fields[0] = "X", "X"
	if got := w.Shares()[0]; got.Titles[0] != "Kurs" || got.Fields[0] == "X" {
		t.Errorf("%+v", got)
	}
}

// TestAgain: what was taken out can be put in again.
func TestAgain(t *testing.T) {
	t.Parallel()
	store := &MemoryStore{}
	w, _ := create(t, store)
	item := add(t, w, badge("Kurs", "did:example:kari"))
	for range 2 {
		if _, err := w.Remove(t.Context(), item.ID); err != nil {
			t.Fatal(err)
		}
		if len(open(t, store).Items()) != 0 {
			t.Fatal("it is still there")
		}
		add(t, w, badge("Kurs", "did:example:kari"))
	}
	if len(open(t, store).Items()) != 1 {
		t.Error("it is not there")
	}
}

// TestUsedAtOnce reads everything while another goroutine writes; the race
// detector has the say.
func TestUsedAtOnce(t *testing.T) {
	t.Parallel()
	w, _ := create(t, &MemoryStore{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for n := range 20 {
			if _, _, err := w.Add(context.Background(), AddRequest{Raw: badge(fmt.Sprint(n), "did:example:kari")}); err != nil {
				t.Error(err)
			}
			if err := w.SetVerified(context.Background(), w.Items()[0].ID, Verification{Verdict: "valid", At: noon}); err != nil {
				t.Error(err)
			}
		}
	})
	for range 2 {
		wg.Go(func() {
			for range 200 {
				w.State()
				for _, item := range w.Search("kurs") {
					_ = len(item.Raw()) + len(w.ID()) + len(w.Keys()) + len(w.Shares())
					if item.Verified != nil && item.Verified.Verdict != "valid" {
						t.Error(item.Verified)
					}
				}
			}
		})
	}
	wg.Wait()
}

// TestOlderCopy: an older file of the same wallet, put in the place of the
// one that is open, would make acknowledged changes vanish.
func TestOlderCopy(t *testing.T) {
	t.Parallel()
	store := &MemoryStore{}
	w, _ := create(t, store)
	empty := bytes.Clone(store.blob)
	add(t, w, badge("Kurs", "did:example:kari"))
	older := bytes.Clone(store.blob)
	add(t, w, badge("Kurs to", "did:example:kari"))
	fork := &MemoryStore{blob: older}
	other := open(t, fork)
	add(t, other, badge("Ein annan kurs", "did:example:kari"))
	add(t, other, badge("Endå ein annan kurs", "did:example:kari"))
	foreign := &MemoryStore{}
	create(t, foreign)
	for name, test := range map[string]struct {
		blob []byte
		code reason.Code
	}{
		"the empty one":  {empty, "conflict/older-copy"},
		"an older copy":  {older, "conflict/older-copy"},
		"a fork":         {fork.blob, "conflict/older-copy"},
		"another wallet": {foreign.blob, "conflict/other-wallet"},
	} {
		store.blob = bytes.Clone(test.blob)
		if _, added, err := w.Add(t.Context(), AddRequest{Raw: badge("Kurs tre", "did:example:kari")}); reason.CodeOf(err) != test.code || added {
			t.Errorf("%s: added %v, %v", name, added, err)
		}
		if !bytes.Equal(store.blob, test.blob) {
			t.Errorf("%s: was written over", name)
		}
		if n := len(w.Items()); n != 2 {
			t.Errorf("%s: the open wallet has %d credentials", name, n)
		}
	}
}

// TestFailedBeginning: a wallet whose words were never shown is none.
func TestFailedBeginning(t *testing.T) {
	t.Parallel()
	for _, step := range []string{"create", "write", "short write", "sync", "close", "rename", "syncFolder"} {
		path := filepath.Join(t.TempDir(), "kari.bevis")
		store := NewFileStore(path)
		store.fs = &faults{at: step}
		w, words, err := Create(t.Context(), CreateRequest{Store: store, Passphrase: []byte(passphrase), Now: clock, PassphraseWork: lowWork})
		if reason.CodeOf(err) != reason.IO || w != nil || words != nil {
			t.Errorf("%s: %v", step, err)
		}
		left, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*"))
		if err != nil || len(left) != 1 || left[0] != path+".lock" {
			t.Errorf("%s: left behind: %v", step, left)
		}
		create(t, NewFileStore(path))
	}
}

// TestKeyThatWasNotKept: no one is given the id of a key that is lost.
func TestKeyThatWasNotKept(t *testing.T) {
	t.Parallel()
	store := &flaky{}
	w, _ := create(t, store)
	store.err = reason.New(reason.IO, "", "the disk is full")
	if id, err := w.NewKey(t.Context()); reason.CodeOf(err) != reason.IO || id != "" || len(w.Keys()) != 0 {
		t.Errorf("%q %v %v", id, err, w.Keys())
	}
}

// TestOverlappingParts: an archive whose parts are all the same bytes is no
// way to make a small file large in memory.
func TestOverlappingParts(t *testing.T) {
	const n, size = 60, 1 << 20
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	data := make([]byte, size)
	part, err := z.CreateRaw(&zip.FileHeader{Name: "body/x", Method: zip.Store, CRC32: crc32.ChecksumIEEE(data), CompressedSize64: size, UncompressedSize64: size})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	blob := b.Bytes()
	at := bytes.LastIndex(blob, []byte("PK\x01\x02"))
	end := bytes.LastIndex(blob, []byte("PK\x05\x06"))
	entry, tail := bytes.Clone(blob[at:end]), bytes.Clone(blob[end:])
	binary.LittleEndian.PutUint16(tail[8:], n)
	binary.LittleEndian.PutUint16(tail[10:], n)
	binary.LittleEndian.PutUint32(tail[12:], uint32(n*len(entry)))
	blob = append(append(bytes.Clone(blob[:at]), bytes.Repeat(entry, n)...), tail...)
	if r, err := zip.NewReader(bytes.NewReader(blob), int64(len(blob))); err != nil || len(r.File) != n {
		t.Fatal("the archive is not the one that is meant: ", err)
	}
	if got := memoryOf(t, blob); got > 16*size {
		t.Errorf("%d MiB for a file of %d", got>>20, len(blob)>>20)
	}
}

// TestOtherParts: parts that a later version put in stay in, in their order,
// and nothing but the wallet's own order is read.
func TestOtherParts(t *testing.T) {
	t.Parallel()
	store := &MemoryStore{}
	w, _ := create(t, store)
	w.parts = append(w.parts, file{"slots/2-yubikey.age", []byte("slot")}, file{"things/photo", []byte("photo")})
	add(t, w, badge("Kurs", "did:example:kari"))
	w = open(t, store)
	add(t, w, badge("Kurs to", "did:example:kari"))
	files, err := unpack(store.blob)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range files {
		names = append(names, f.name)
	}
	if want := []string{manifestName, readmeName, passphraseSlot, recoverySlot, "slots/2-yubikey.age", "things/photo", bodyName(3)}; !slices.Equal(names, want) {
		t.Errorf("%q, want %q", names, want)
	}
	for i := range files {
		for j := range i {
			other := slices.Clone(files)
			other[i], other[j] = other[j], other[i]
			blob, err := pack(other)
			if err != nil {
				t.Fatal(err)
			}
			refused(t, names[i]+" in the place of "+names[j], blob)
		}
	}
}

// TestFields: the log names all that the receiver sees.
func TestFields(t *testing.T) {
	t.Parallel()
	raw := `{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiableCredential"],"issuer":"did:x:y","proof":{"proofValue":"z"},
		"credentialSubject":{"id":"did:x:kari","tags":[{"a":1},"b"],"deep":[[["x"]]],"proof":{"grade":"A"},"nothing":[]}}`
	want := []string{"credentialSubject.deep", "credentialSubject.id", "credentialSubject.proof.grade", "credentialSubject.tags", "credentialSubject.tags.a", "issuer"}
	for name, raw := range map[string]string{
		"json": raw,
		"jwt":  strings.ReplaceAll(token("x"), strings.Split(token("x"), ".")[1], base64.RawURLEncoding.EncodeToString([]byte(raw))),
	} {
		w, _ := create(t, &MemoryStore{})
		item := add(t, w, []byte(raw))
		_, share, err := w.Share(t.Context(), ShareRequest{IDs: []string{item.ID}, Audience: "a", Suite: &capture{}})
		if err != nil || !slices.Equal(share.Fields, want) {
			t.Errorf("%s: %q, %v", name, share.Fields, err)
		}
	}
}

// TestNoDate: a credential without a date is not of the year 1.
func TestNoDate(t *testing.T) {
	t.Parallel()
	w, _ := create(t, &MemoryStore{})
	add(t, w, []byte(`{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiableCredential"],"issuer":"did:x:y","credentialSubject":{}}`))
	if got := w.Search("0001"); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}

// TestEmptyWithoutUs: the log of a wallet with nothing in it is a zstd frame
// too, which the program zstd wants.
func TestEmptyWithoutUs(t *testing.T) {
	t.Parallel()
	store := &MemoryStore{}
	w, _ := create(t, store)
	files, err := unpack(store.blob)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := find(files, bodyName(1))
	packed := ageDecrypt(t, body, w.identity)
	var head zstd.Header
	if err := head.Decode(packed); err != nil || head.Skippable {
		t.Errorf("%x: %v", packed, err)
	}
	if len(open(t, store).Items()) != 0 {
		t.Error("something is in it")
	}
}

// TestFoldMore: letters that Unicode does not take apart, and marks on top of
// the Norwegian ones.
func TestFoldMore(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Ŧ": "t", "ŧ": "t", "Đ": "d", "Ŋ": "n", "Ł": "l", "Œ": "oe", "ǿ": "oe", "Ǽ": "ae", "ǻ": "aa", "\u212b": "aa", "Ruoŧŧa": "ruotta", "Ünal": "unal",
	} {
		if got := Fold(in); got != want {
			t.Errorf("%q folds to %q, want %q", in, got, want)
		}
	}
}

// TestOthersHaveRemoved: what another program took out is added again, and
// what it put in can be taken out.
func TestOthersHaveRemoved(t *testing.T) {
	t.Parallel()
	store := &MemoryStore{}
	one, _ := create(t, store)
	item := add(t, one, badge("Kurs", "did:example:kari"))
	two := open(t, store)
	if _, err := two.Remove(t.Context(), item.ID); err != nil {
		t.Fatal(err)
	}
	add(t, one, badge("Kurs", "did:example:kari"))
	if len(open(t, store).Items()) != 1 {
		t.Error("it is said to be there, and is not")
	}
	other := add(t, two, badge("Kurs to", "did:example:kari"))
	if _, err := one.Remove(t.Context(), other.ID); err != nil {
		t.Error(err)
	}
	if _, added, err := two.Add(t.Context(), AddRequest{Raw: badge("Kurs", "did:example:kari")}); added || err != nil {
		t.Error(added, err)
	}
	if items := two.Items(); len(items) != 1 || items[0].ID != item.ID {
		t.Errorf("%+v", items)
	}
}

// TestTooLargeToRead: nothing is written that could not be read again.
func TestTooLargeToRead(t *testing.T) {
	t.Parallel()
	if err := fits(maxEvents, maxBody, maxFile); err != nil {
		t.Error(err)
	}
	for _, sizes := range [][3]int{{maxEvents + 1, 0, 0}, {0, maxBody + 1, 0}, {0, 0, maxFile + 1}} {
		if err := fits(sizes[0], sizes[1], sizes[2]); reason.CodeOf(err) != reason.LimitSize {
			t.Errorf("%v: %v", sizes, err)
		}
	}
	w, _ := create(t, &MemoryStore{})
	before, _ := w.State()
	if err := w.save(t.Context(), make([][]byte, maxEvents+1), nil); reason.CodeOf(err) != reason.LimitSize {
		t.Error(err)
	}
	huge := fmt.Sprintf(`{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiableCredential"],"issuer":"did:x:y","name":%q,"credentialSubject":{}}`, strings.Repeat("x", 1<<20))
	if _, added, err := w.Add(t.Context(), AddRequest{Raw: []byte(huge)}); reason.CodeOf(err) != reason.LimitSize || added {
		t.Error(added, err)
	}
	if _, _, err := w.Add(t.Context(), AddRequest{Raw: badge("Kurs", "x"), Source: strings.Repeat("x", maxLine)}); reason.CodeOf(err) != reason.LimitSize {
		t.Error(err)
	}
	if after, _ := w.State(); after != before || len(w.Items()) != 0 {
		t.Error("something was written")
	}
}

// TestWorkFactor: a file that asks for hours of hashing is refused at once.
func TestWorkFactor(t *testing.T) {
	t.Parallel()
	store := &MemoryStore{}
	w, _ := create(t, store)
	for i := range w.parts {
		w.parts[i].data = bytes.Replace(w.parts[i].data, fmt.Appendf(nil, " %d\n", lowWork), fmt.Appendf(nil, " %d\n", maxWork+1), 1)
	}
	add(t, w, badge("Kurs", "did:example:kari"))
	refused(t, "a work factor beyond the limit", store.blob)
}

// TestSweep: what killed writers left is removed, and nothing else.
func TestSweep(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, "kari.bevis")
	stay := []string{".kari.bevis.bak.12.tmp", ".kari.bevis.x.tmp", ".ola.bevis.12.tmp", "kari.bevis.12.tmp", ".kari.bevis.12.tmp.txt"}
	for _, name := range append([]string{".kari.bevis.12.tmp", ".kari.bevis~.3456.tmp"}, stay...) {
		if err := os.WriteFile(filepath.Join(folder, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w, _ := create(t, NewFileStore(path))
	add(t, w, badge("Kurs", "did:example:kari"))
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	want := append(stay, "kari.bevis", "kari.bevis~", "kari.bevis.lock")
	slices.Sort(names)
	slices.Sort(want)
	if !slices.Equal(names, want) {
		t.Errorf("%q, want %q", names, want)
	}
}

// TestRelativePath: a bare file name is one in the present folder.
func TestRelativePath(t *testing.T) {
	t.Chdir(t.TempDir())
	w, _ := create(t, NewFileStore("kari.bevis"))
	if err := os.WriteFile(".kari.bevis.12.tmp", []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	add(t, w, badge("Kurs", "did:example:kari"))
	if len(open(t, NewFileStore("kari.bevis")).Items()) != 1 {
		t.Error("it is not there")
	}
	if _, err := os.Stat(".kari.bevis.12.tmp"); err == nil {
		t.Error("not swept")
	}
}

// TestHeldLock: who waits for another program can give up, and goes on when
// the other is done.
func TestHeldLock(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "kari.bevis")
	w, _ := create(t, NewFileStore(path))
	unlock, err := NewFileStore(path).lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, added, err := w.Add(ctx, AddRequest{Raw: badge("Kurs", "did:example:kari")}); reason.CodeOf(err) != "conflict/locked" || added || !errors.Is(err, context.DeadlineExceeded) {
		t.Error(added, err)
	}
	open(t, NewFileStore(path)) // reading waits for nobody
	time.AfterFunc(50*time.Millisecond, unlock)
	add(t, w, badge("Kurs", "did:example:kari"))
}

// TestChain: a log is one chain from the wallet's id to the head, of lines
// that are read strictly.
func TestChain(t *testing.T) {
	t.Parallel()
	const wallet = "kari"
	chain := func(members ...string) (lines []string, head string) {
		head = sha([]byte(wallet))
		for n, m := range members {
			lines = append(lines, fmt.Sprintf(`{"n":%d,"prev":%q,%s}`, n+1, head, m))
			head = sha([]byte(lines[n]))
		}
		return lines, head
	}
	read := func(lines []string, head string) ([]event, error) {
		var log []byte
		for _, line := range lines {
			log = append(append(log, line...), '\n')
		}
		_, events, err := splitLog(log, wallet, head)
		return events, err
	}
	good := []string{`"op":"key.add","did":"a","private":"b"`, `"op":"later","x":[{}]`, `"op":"credential.remove","id":"c"`}
	lines, head := chain(good...)
	if events, err := read(lines, head); err != nil || len(events) != 3 || events[0].DID != "a" || events[2].ID != "c" {
		t.Fatal(events, err)
	}
	for name, wrong := range map[string][]string{
		"the last line missing":  lines[:2],
		"the first line missing": lines[1:],
		"one in the middle":      {lines[0], lines[2]},
		"two changed places":     {lines[1], lines[0], lines[2]},
		"one twice":              {lines[0], lines[0], lines[1], lines[2]},
		"an empty line":          {lines[0], "", lines[1], lines[2]},
		"none":                   nil,
	} {
		if events, err := read(wrong, head); reason.CodeOf(err) != "wallet_corrupt/file" || events != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, _, err := splitLog([]byte(strings.Join(lines, "\n")), wallet, head); err == nil {
		t.Error("no end of line at the end")
	}
	if _, _, err := splitLog([]byte(strings.Join(lines, "\n")+"\n"), "ola", head); err == nil {
		t.Error("another wallet's log")
	}
	for name, members := range map[string]string{
		"a member twice":          `"op":"later","x":1,"x":2`,
		"no operation":            `"x":1`,
		"an operation of no text": `"op":1`,
		"a raw that is no text":   `"op":"credential.add","raw":{}`,
		"a time that is none":     `"op":"credential.add","at":"noon","raw":"x"`,
		"a share that is none":    `"op":"share.consent","share":"x"`,
		"a verdict that is none":  `"op":"credential.verified","verified":[]`,
	} {
		lines, head := chain(members)
		if _, err := read(lines, head); reason.CodeOf(err) != "wallet_corrupt/file" {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, n := range []string{"0", "2", "-1", "1.5", `"1"`, "1e0", "18446744073709551617"} {
		line := fmt.Sprintf(`{"n":%s,"prev":%q,"op":"later"}`, n, sha([]byte(wallet)))
		if _, err := read([]string{line}, sha([]byte(line))); reason.CodeOf(err) != "wallet_corrupt/file" {
			t.Errorf("place %s: %v", n, err)
		}
	}
	// Members of another case are other members.
	lines, head = chain(`"op":"key.add","did":"a","DID":"z","private":"b","OP":1`)
	if events, err := read(lines, head); err != nil || events[0].DID != "a" {
		t.Error(events, err)
	}
}

// restless is a store that others change before each change of ours.
type restless struct{ MemoryStore }

func (r *restless) Swap(ctx context.Context, old string, next []byte) (string, error) {
	if old == "" {
		return r.MemoryStore.Swap(ctx, old, next)
	}
	return "", compare(old, "another", "")
}

func TestOthersAllTheTime(t *testing.T) {
	t.Parallel()
	w, _ := create(t, &restless{})
	if _, added, err := w.Add(t.Context(), AddRequest{Raw: badge("Kurs", "did:example:kari")}); added || reason.CodeOf(err) != "conflict/busy" {
		t.Error(added, err)
	}
}
