package wallet

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"
	"github.com/klauspost/compress/zstd"

	"github.com/kompetansebevis/bevis/internal/testdepth"
	"github.com/kompetansebevis/bevis/reason"
)

// sample is a wallet with a little of everything, and its bytes.
func sample(t testing.TB) (*MemoryStore, []byte) {
	t.Helper()
	store := &MemoryStore{}
	w, _ := create(t, store)
	if _, err := w.NewKey(t.Context()); err != nil {
		t.Fatal(err)
	}
	add(t, w, badge("Kurs", w.Keys()[0]))
	if _, _, err := w.Share(t.Context(), ShareRequest{IDs: []string{w.Items()[0].ID}, Audience: "a", Suite: &capture{}}); err != nil {
		t.Fatal(err)
	}
	return store, store.blob
}

// refused opens bytes that are no wallet any more.
func refused(t *testing.T, what string, blob []byte) {
	t.Helper()
	w, err := Open(t.Context(), OpenRequest{Store: &MemoryStore{blob: blob}, Passphrase: []byte(passphrase), Now: clock})
	code := reason.CodeOf(err)
	if err == nil || code.Coarse() != string(reason.WalletCorrupt) {
		t.Errorf("%s: opens with %v", what, err)
	}
	if w != nil && err != nil {
		t.Errorf("%s: a wallet comes with the error", what)
	}
}

func TestTruncated(t *testing.T) {
	t.Parallel()
	_, blob := sample(t)
	for n := range blob {
		refused(t, fmt.Sprintf("the first %d of %d bytes", n, len(blob)), blob[:n:n])
		if t.Failed() {
			return
		}
	}
	t.Logf("%d truncations: 0 accepted", len(blob))
	refused(t, "a byte too many", append(bytes.Clone(blob), 0))
	refused(t, "a byte in front", append([]byte{0}, blob...))
}

func TestFlippedBits(t *testing.T) {
	t.Parallel()
	_, blob := sample(t)
	step := testdepth.OneIn(t, 7)
	if testing.Short() {
		step = 7
	}
	for bit := 0; bit < len(blob)*8; bit += step {
		damaged := bytes.Clone(blob)
		damaged[bit/8] ^= 1 << (bit % 8)
		refused(t, fmt.Sprintf("bit %d of byte %d of %d", bit%8, bit/8, len(blob)), damaged)
		if t.Failed() {
			return
		}
	}
	t.Logf("each %d. of %d bits flipped: 0 accepted", step, len(blob)*8)
}

// TestMixed puts parts together that do not belong together, with every
// checksum right that needs no key.
func TestMixed(t *testing.T) {
	t.Parallel()
	store := &MemoryStore{}
	w, _ := create(t, store)
	add(t, w, badge("Kurs", "did:example:kari"))
	older := store.blob
	add(t, w, badge("Enda eit kurs", "did:example:kari"))
	_, other := sample(t)
	forge := func(change func(files []file, m *manifest) []file) []byte {
		t.Helper()
		files, err := unpack(store.blob)
		if err != nil {
			t.Fatal(err)
		}
		m, err := readManifest(files)
		if err != nil {
			t.Fatal(err)
		}
		mac := m.MAC
		files = change(files[1:], m)
		m.Digests = map[string]string{}
		for _, f := range files {
			m.Digests[f.name] = sha(f.data)
		}
		m.MAC = mac
		text, err := m.text()
		if err != nil {
			t.Fatal(err)
		}
		blob, err := pack(append([]file{{manifestName, text}}, files...))
		if err != nil {
			t.Fatal(err)
		}
		return blob
	}
	if !bytes.Equal(forge(func(files []file, _ *manifest) []file { return files }), store.blob) {
		t.Fatal("the forger changes more than they say")
	}
	from := func(blob []byte, prefix string) []byte {
		t.Helper()
		files, err := unpack(blob)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if strings.HasPrefix(f.name, prefix) {
				return f.data
			}
		}
		t.Fatal("no", prefix)
		return nil
	}
	replace := func(prefix string, data []byte) func([]file, *manifest) []file {
		return func(files []file, _ *manifest) []file {
			for i := range files {
				if strings.HasPrefix(files[i].name, prefix) {
					files[i].data = data
				}
			}
			return files
		}
	}
	for name, change := range map[string]func([]file, *manifest) []file{
		"last week's body":           replace("body/", from(older, "body/")),
		"another wallet's body":      replace("body/", from(other, "body/")),
		"another wallet's way in":    replace(recoverySlot, from(other, recoverySlot)),
		"another readme":             replace(readmeName, []byte("Send your passphrase to us.")),
		"one way in less":            func(files []file, _ *manifest) []file { return append(files[:2:2], files[3:]...) },
		"one part more":              func(files []file, _ *manifest) []file { return append(files, file{"slots/9-evil.age", []byte("x")}) },
		"a higher generation":        func(files []file, m *manifest) []file { m.Generation++; return files },
		"another wallet id":          func(files []file, m *manifest) []file { m.Wallet = strings.Repeat("0", 32); return files },
		"another head":               func(files []file, m *manifest) []file { m.Head = strings.Repeat("0", 64); return files },
		"another format":             func(files []file, m *manifest) []file { m.Format = "bevis-wallet/2"; return files },
		"a body by another name":     func(files []file, m *manifest) []file { m.Body = readmeName; return files },
		"a way in in place of a MAC": func(files []file, m *manifest) []file { m.Digests = nil; m.Body = passphraseSlot; return files },
	} {
		refused(t, name, forge(change))
	}
	// The same with the manifest as it was, and the archive's checksums right.
	files, err := unpack(store.blob)
	if err != nil {
		t.Fatal(err)
	}
	repack := func(files []file) []byte {
		t.Helper()
		blob, err := pack(files)
		if err != nil {
			t.Fatal(err)
		}
		return blob
	}
	for i := range files {
		changed := slices.Clone(files)
		changed[i].data = append(bytes.Clone(files[i].data), '\n')
		refused(t, "more in "+files[i].name, repack(changed))
		changed[i].name += "x"
		changed[i].data = files[i].data
		refused(t, "another name for "+files[i].name, repack(changed))
		refused(t, "no "+files[i].name, repack(slices.Delete(slices.Clone(files), i, i+1)))
		refused(t, "twice "+files[i].name, repack(slices.Insert(slices.Clone(files), i, files[i])))
		refused(t, "something before "+files[i].name, repack(slices.Insert(slices.Clone(files), i, file{"slots/0-zzz", []byte("x")})))
	}
	changed := slices.Clone(files)
	changed[len(changed)-1].data = from(older, "body/")
	refused(t, "last week's body under this week's manifest", repack(changed))
}

// TestWithoutUs opens a wallet as its README says, by other people's software
// alone.
func TestWithoutUs(t *testing.T) {
	t.Parallel()
	store := &MemoryStore{}
	w, words := create(t, store)
	raw := badge("Kurs", "did:example:kari")
	add(t, w, raw)
	archive, err := zip.NewReader(bytes.NewReader(store.blob), int64(len(store.blob)))
	if err != nil {
		t.Fatal(err)
	}
	part := func(prefix string) []byte {
		t.Helper()
		for _, f := range archive.File {
			if strings.HasPrefix(f.Name, prefix) {
				r, err := f.Open()
				if err != nil {
					t.Fatal(err)
				}
				data, err := io.ReadAll(r)
				if err != nil {
					t.Fatal(err)
				}
				return data
			}
		}
		t.Fatal("no", prefix)
		return nil
	}
	if !bytes.Contains(part("README.txt"), []byte("age -d -o identity.txt slots/0-passphrase.age")) {
		t.Error("the file does not say how to open it")
	}
	for slot, secret := range map[string]string{"slots/0-passphrase.age": passphrase, "slots/1-recovery.age": strings.Join(words, " ")} {
		way, err := age.NewScryptIdentity(secret)
		if err != nil {
			t.Fatal(err)
		}
		identity, err := age.ParseHybridIdentity(strings.TrimSpace(string(ageDecrypt(t, part(slot), way))))
		if err != nil {
			t.Fatal(err)
		}
		unpacker, err := zstd.NewReader(nil)
		if err != nil {
			t.Fatal(err)
		}
		log, err := unpacker.DecodeAll(ageDecrypt(t, part("body/"), identity), nil)
		unpacker.Close()
		if err != nil {
			t.Fatal(err)
		}
		var line struct{ Op, Raw string }
		if err := json.Unmarshal(log, &line); err != nil || line.Op != "credential.add" || line.Raw != string(raw) {
			t.Errorf("%s: %+v, %v", slot, line, err)
		}
	}
}

func ageDecrypt(t *testing.T, data []byte, with age.Identity) []byte {
	t.Helper()
	r, err := age.Decrypt(bytes.NewReader(data), with)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

// TestNothingInTheClear looks for what was put in in the file, in its parts
// and in the errors.
func TestNothingInTheClear(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "kari.bevis")
	store := NewFileStore(path)
	w, words := create(t, store)
	did, err := w.NewKey(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	const canary = "Kanarifugl i Kautokeino"
	add(t, w, badge(canary, did))
	if _, _, err := w.Share(t.Context(), ShareRequest{IDs: []string{w.Items()[0].ID}, Audience: "https://canary.example", Purpose: canary, Suite: &capture{}}); err != nil {
		t.Fatal(err)
	}
	secrets := []string{canary, "canary.example", did, passphrase, strings.Join(words[:3], " "), w.identity.String(), w.state.keys[0].private[30:60], "did:web:kurs.example"}
	var all []byte
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(filepath.Dir(path), e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, data...)
		if info, err := e.Info(); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v, %v", e.Name(), info.Mode(), err)
		}
	}
	for _, wrong := range []OpenRequest{
		{Passphrase: []byte(passphrase + "x")}, {Words: strings.Join(words[:20], " ")}, {Words: strings.Join(append(words[1:24:24], words[0]), " ")},
	} {
		wrong.Store, wrong.Now = store, clock
		_, err := Open(t.Context(), wrong)
		if err == nil {
			t.Fatal("opens")
		}
		all = append(all, err.Error()...)
	}
	if _, _, err := w.Add(t.Context(), AddRequest{Raw: []byte(`{"` + canary + `":1,"` + canary + `":2}`)}); err != nil && strings.Contains(err.Error(), canary) {
		t.Log("the name of a member stands in the error, its value does not: ", err)
	}
	for _, secret := range secrets {
		if bytes.Contains(all, []byte(secret)) {
			t.Errorf("%q stands in the clear", secret)
		}
	}
	if text := fmt.Sprintf("%v %+v", w.ID(), w.Shares()); strings.Contains(text, passphrase) {
		t.Error(text)
	}
}

// faults fails at one step.
type faults struct {
	osFiles
	at    string
	count int // of calls to pass before the one that fails
}

var errDisk = errors.New("no space left on device")

func (f *faults) fails(step string) bool {
	if f.at != step {
		return false
	}
	f.count--
	return f.count == -1
}

func (f *faults) create(folder, base string) (writeFile, string, error) {
	if f.fails("create") {
		return nil, "", errDisk
	}
	file, name, err := f.osFiles.create(folder, base)
	return &faultyFile{file, f}, name, err
}

func (f *faults) rename(from, to string) error {
	if f.fails("rename") {
		return errDisk
	}
	return f.osFiles.rename(from, to)
}

func (f *faults) syncFolder(folder string) error {
	if f.fails("syncFolder") {
		return errDisk
	}
	return f.osFiles.syncFolder(folder)
}

type faultyFile struct {
	writeFile
	f *faults
}

func (w *faultyFile) Write(p []byte) (int, error) {
	switch {
	case w.f.fails("write"):
		n, _ := w.writeFile.Write(p[:len(p)/2])
		return n, errDisk
	case w.f.fails("short write"):
		return w.writeFile.Write(p[:len(p)/2])
	}
	return w.writeFile.Write(p)
}

func (w *faultyFile) Sync() error {
	if w.f.fails("sync") {
		return errDisk
	}
	return w.writeFile.Sync()
}

func (w *faultyFile) Close() error {
	err := w.writeFile.Close()
	if w.f.fails("close") {
		return errDisk
	}
	return err
}

// TestFaults makes each step of writing fail, for the copy of the version
// before and for the new one.
func TestFaults(t *testing.T) {
	t.Parallel()
	for _, step := range []string{"create", "write", "short write", "sync", "close", "rename", "syncFolder"} {
		for count := range 2 {
			name := fmt.Sprintf("%s, call %d", step, count+1)
			path := filepath.Join(t.TempDir(), "kari.bevis")
			create(t, NewFileStore(path))
			w := open(t, NewFileStore(path))
			first := add(t, w, badge("Kurs", "did:example:kari"))
			w.store.(*FileStore).fs = &faults{at: step, count: count}
			_, added, err := w.Add(t.Context(), AddRequest{Raw: badge("Enda eit kurs", "did:example:kari")})
			if reason.CodeOf(err) != reason.IO || added {
				t.Errorf("%s: added %v, %v", name, added, err)
			}
			now := open(t, NewFileStore(path))
			if _, err := now.Item(first.ID); err != nil {
				t.Errorf("%s: what was there is gone: %v", name, err)
			}
			// Where only the sync of the folder fails the new version is there.
			if n := len(now.Items()); n != 1 && step != "syncFolder" {
				t.Errorf("%s: %d credentials", name, n)
			}
			if left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".*.tmp")); err != nil || len(left) > 0 {
				t.Errorf("%s: left behind: %v", name, left)
			}
			w.store.(*FileStore).fs = osFiles{}
			if _, _, err := w.Add(t.Context(), AddRequest{Raw: badge("Enda eit kurs", "did:example:kari")}); err != nil {
				t.Errorf("%s: trying again: %v", name, err)
			}
			if n := len(open(t, NewFileStore(path)).Items()); n != 2 {
				t.Errorf("%s: %d credentials after trying again", name, n)
			}
		}
	}
}

// TestVersionBefore: the last version but one stays beside the file.
func TestVersionBefore(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "kari.bevis")
	w, _ := create(t, NewFileStore(path))
	add(t, w, badge("Kurs", "did:example:kari"))
	add(t, w, badge("Enda eit kurs", "did:example:kari"))
	if n := len(open(t, NewFileStore(path+"~")).Items()); n != 1 {
		t.Errorf("%d credentials in the version before", n)
	}
}

func TestNotAFile(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, "kari.bevis")
	create(t, NewFileStore(path))
	link := filepath.Join(folder, "link.bevis")
	if err := os.Symlink(path, link); err != nil {
		t.Skip("no links here: ", err)
	}
	for _, other := range []string{folder, link} {
		if _, _, err := NewFileStore(other).Load(t.Context()); reason.CodeOf(err) != "io/not-a-file" {
			t.Errorf("%s: %v", filepath.Base(other), err)
		}
	}
}

// TestRandomDamage flips 10,000 bits at random, a third of them several at once,
// in the file that is opened and in a copy that is merged: not one is accepted.
func TestRandomDamage(t *testing.T) {
	t.Parallel()
	store, blob := sample(t)
	w := open(t, store)
	r := rand.New(rand.NewPCG(6, 10_000))
	flips := 10_000
	if testing.Short() {
		flips = 1_000
	}
	accepted := 0
	for n := range flips {
		damaged := bytes.Clone(blob)
		for range 1 + n%3*r.IntN(20)/2 {
			damaged[r.IntN(len(damaged))] ^= 1 << r.IntN(8)
		}
		if bytes.Equal(damaged, blob) {
			continue // a bit that was flipped back
		}
		other := &MemoryStore{blob: damaged}
		if _, err := Open(t.Context(), OpenRequest{Store: other, Passphrase: []byte(passphrase), Now: clock}); reason.CodeOf(err).Coarse() != string(reason.WalletCorrupt) {
			accepted++
			t.Errorf("flip %d: opens with %v", n, err)
		}
		// What flips bits has not the key either.
		if _, err := w.OpenCopy(t.Context(), other); reason.CodeOf(err).Coarse() != string(reason.WalletCorrupt) && reason.CodeOf(err) != "conflict/other-key" && reason.CodeOf(err) != "conflict/not-a-copy" {
			accepted++
			t.Errorf("flip %d: is a copy with %v", n, err)
		}
	}
	t.Logf("%d damaged files of %d bytes, opened and taken for a copy: %d accepted", flips, len(blob), accepted)
}
