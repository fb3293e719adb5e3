package transparency_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/kompetansebevis/bevis/credential/logproof"
	"github.com/kompetansebevis/bevis/issuer/transparency"
	"github.com/kompetansebevis/bevis/reason"
)

const origin = "kurs.example/log"

func config(t testing.TB) transparency.Config {
	t.Helper()
	private := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	key, err := logproof.NewKey(origin, private.Public().(ed25519.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(fmt.Sprintf("PRIVATE+KEY+%s+%08x+%s", origin, key.ID, base64.StdEncoding.EncodeToString(append([]byte{1}, private.Seed()...))))
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	return transparency.Config{Folder: filepath.Join(home, "public"), State: filepath.Join(home, "private"), Signer: signer, Key: key}
}

func entries(from, to int) [][]byte {
	var out [][]byte
	for i := from; i < to; i++ {
		out = append(out, logproof.Entry(logproof.Salt{1}, fmt.Appendf(nil, `{"id":%d}`, i)))
	}
	return out
}

// grown returns a log that got its entries in steps.
func grown(t testing.TB, cfg transparency.Config, sizes ...int) *transparency.Log {
	t.Helper()
	l, err := transparency.Create(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	before := 0
	for _, size := range sizes {
		if first, err := l.Append(t.Context(), entries(before, size)); err != nil || first != int64(before) {
			t.Fatal(first, err)
		}
		before = size
	}
	return l
}

func audit(t testing.TB, cfg transparency.Config, seen ...*logproof.Checkpoint) error {
	t.Helper()
	files := transparency.Folder(cfg.Folder)
	c, err := transparency.Read(t.Context(), files, cfg.Key)
	if err != nil {
		return err
	}
	for _, s := range seen {
		if err := transparency.Continues(t.Context(), files, c, s); err != nil {
			return err
		}
	}
	return transparency.Audit(t.Context(), files, c, nil)
}

// TestLog: a log that grows in steps is whole after each, its root is that of
// package tlog, and every entry has a proof that both libraries take.
func TestLog(t *testing.T) {
	t.Parallel()
	cfg := config(t)
	l := grown(t, cfg)
	var seen []*logproof.Checkpoint
	var stored []tlog.Hash
	read := tlog.HashReaderFunc(func(at []int64) (out []tlog.Hash, _ error) {
		for _, n := range at {
			out = append(out, stored[n])
		}
		return out, nil
	})
	before := 0
	for _, size := range []int{1, 2, 3, 255, 256, 257, 511, 512, 600, 1100} {
		if _, err := l.Append(t.Context(), entries(before, size)); err != nil {
			t.Fatal(err)
		}
		for i, e := range entries(before, size) {
			h, err := tlog.StoredHashes(int64(before+i), e, read)
			if err != nil {
				t.Fatal(err)
			}
			stored = append(stored, h...)
		}
		before = size
		root, err := tlog.TreeHash(int64(size), read)
		if err != nil || logproof.Hash(root) != l.Checkpoint().Root || l.Checkpoint().Size != int64(size) {
			t.Fatal(size, err)
		}
		seen = append(seen, l.Checkpoint())
		if err := audit(t, cfg, seen...); err != nil {
			t.Fatal(size, err)
		}
		for index := 0; index < size; index += 1 + size/17 {
			proves(t, l, index, root)
		}
		proves(t, l, size-1, root)
	}
	for i, old := range seen[:len(seen)-1] { // the library's own proof of consistency
		last := l.Checkpoint()
		p, err := tlog.ProveTree(last.Size, old.Size, read)
		if err != nil || tlog.CheckTree(p, last.Size, tlog.Hash(last.Root), old.Size, tlog.Hash(old.Root)) != nil {
			t.Error(i, err)
		}
	}
	for _, level := range []string{"0", "entries"} {
		if left, err := filepath.Glob(filepath.Join(cfg.Folder, "tile", level, "00[0-3].p")); err != nil || len(left) > 0 {
			t.Errorf("beginnings of full tiles are left: %v %v", left, err)
		}
	}
	n := int64(0)
	if err := l.Entries(t.Context(), 700, func(at int64, e []byte) error {
		if n++; !bytes.Equal(e, entries(int(at), int(at)+1)[0]) {
			t.Errorf("another entry at %d", at)
		}
		return nil
	}); err != nil || n != 400 {
		t.Error(n, err)
	}
}

func proves(t testing.TB, l *transparency.Log, index int, root tlog.Hash) {
	t.Helper()
	raw, err := l.Prove(t.Context(), int64(index), logproof.Salt{1})
	if err != nil {
		t.Fatal(err)
	}
	p, err := logproof.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Covers(fmt.Appendf(nil, `{"id":%d}`, index)); err != nil {
		t.Error(err)
	}
	var steps tlog.RecordProof
	for _, h := range p.Path {
		steps = append(steps, tlog.Hash(h))
	}
	if err := tlog.CheckRecord(steps, l.Checkpoint().Size, root, int64(index), tlog.RecordHash(entries(index, index+1)[0])); err != nil {
		t.Error(index, err)
	}
}

// TestPaths are those of c2sp.org/tlog-tiles, by the examples that stand there.
func TestPaths(t *testing.T) {
	t.Parallel()
	for want, got := range map[string]string{
		"tile/0/x001/x234/067":    transparency.Place("0", 1234067, 256),
		"tile/0/000":              transparency.Place("0", 0, 256),
		"tile/entries/999.p/1":    transparency.Place("entries", 999, 1),
		"tile/1/x001/000.p/255":   transparency.Place("1", 1000, 255),
		"tile/0/x001/x000/x000/5": transparency.Place("0", 1000000000, 256)[:len("tile/0/x001/x000/x000/")] + "5",
	} {
		if want != got {
			t.Errorf("%s, not %s", got, want)
		}
	}
}

// published are the files of a log.
func published(t testing.TB, folder string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			out = append(out, path)
		}
		return err
	})
	if err != nil || len(out) == 0 {
		t.Fatal(out, err)
	}
	return out
}

// TestEveryByte: whatever byte of whatever file is another one, and whatever
// file is gone, cut or longer, the audit says so.
func TestEveryByte(t *testing.T) {
	t.Parallel()
	cfg := config(t)
	l := grown(t, cfg, 260)
	seen := l.Checkpoint()
	if err := audit(t, cfg, seen); err != nil {
		t.Fatal(err)
	}
	broken := func(what string) {
		t.Helper()
		if err := audit(t, cfg, seen); reason.CodeOf(err).Coarse() != string(reason.LogBroken) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for _, path := range published(t, cfg.Folder) {
		good, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		put := func(raw []byte) {
			t.Helper()
			if err := os.WriteFile(path, raw, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		step := 1 + len(good)/700 // every byte of the short files, and enough of the others
		for at := 0; at < len(good); at += step {
			bent := bytes.Clone(good)
			bent[at] ^= 1
			put(bent)
			broken(fmt.Sprintf("%s, byte %d", path, at))
		}
		put(good[:len(good)-1])
		broken(path + " cut")
		put(append(bytes.Clone(good), 0))
		broken(path + " longer")
		put(nil)
		broken(path + " empty")
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		broken(path + " gone")
		put(good)
	}
	if err := audit(t, cfg, seen); err != nil {
		t.Error(err)
	}
}

// TestRewritten: a log that its keeper signs anew after changing it is still
// found out by whoever has seen it before.
func TestRewritten(t *testing.T) {
	t.Parallel()
	cfg := config(t)
	seen := grown(t, cfg, 300).Checkpoint()
	all := entries(0, 300)
	swapped := slices.Clone(all)
	swapped[3], swapped[4] = swapped[4], swapped[3]
	inserted := slices.Insert(slices.Clone(all), 7, entries(900, 901)...)
	for name, c := range map[string]struct {
		entries [][]byte
		code    reason.Code
	}{
		"one changed, last":  {append(all[:299:299], entries(800, 801)...), "log_broken/split-view"},
		"one changed, first": {append(entries(800, 801), all[1:]...), "log_broken/split-view"},
		"one removed":        {slices.Delete(slices.Clone(all), 5, 6), "log_broken/rollback"},
		"removed, filled up": {append(slices.Delete(slices.Clone(all), 5, 6), entries(700, 720)...), "log_broken/split-view"},
		"reordered":          {swapped, "log_broken/split-view"},
		"inserted":           {inserted, "log_broken/split-view"},
		"rolled back":        {all[:120], "log_broken/rollback"},
		"emptied":            {nil, "log_broken/rollback"},
		"one more":           {append(slices.Clone(all), entries(300, 301)...), ""},
		"twice":              {append(slices.Clone(all), all[0]), "log_broken/twice"},
		"the same":           {all, ""},
	} {
		other := config(t)
		l := grown(t, other)
		if _, err := l.Append(t.Context(), c.entries); err != nil {
			t.Fatal(name, err)
		}
		if code := reason.CodeOf(audit(t, other, seen)); code != c.code {
			t.Errorf("%s: %q, not %q", name, code, c.code)
		}
	}
}

// TestOtherKey: a log that another key has signed is not this one.
func TestOtherKey(t *testing.T) {
	t.Parallel()
	cfg := config(t)
	grown(t, cfg, 3)
	other, err := logproof.NewKey(origin, bytes.Repeat([]byte{5}, 32))
	if err != nil {
		t.Fatal(err)
	}
	cfg.Key = other
	if code := reason.CodeOf(audit(t, cfg)); code != "log_broken/checkpoint" {
		t.Errorf("%q", code)
	}
	if _, err := transparency.Open(t.Context(), cfg); reason.CodeOf(err) != reason.Usage {
		t.Errorf("opened with the signer of another key: %v", err)
	}
}

// TestOpen: what was signed is gone on with, and nothing is signed over files
// that are not those.
func TestOpen(t *testing.T) {
	t.Parallel()
	cfg := config(t)
	l := grown(t, cfg, 10)
	old, err := os.ReadFile(filepath.Join(cfg.Folder, "checkpoint"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Append(t.Context(), entries(10, 20)); err != nil {
		t.Fatal(err)
	}
	l.Close()
	if _, err := transparency.Create(t.Context(), cfg); reason.CodeOf(err) != "conflict/exists" {
		t.Errorf("made over another: %v", err)
	}
	// It ended after signing and before publishing.
	if err := os.WriteFile(filepath.Join(cfg.Folder, "checkpoint"), old, 0o600); err != nil {
		t.Fatal(err)
	}
	l, err = transparency.Open(t.Context(), cfg)
	if err != nil || l.Checkpoint().Size != 20 {
		t.Fatal(err)
	}
	l.Close()
	if err := audit(t, cfg); err != nil {
		t.Error(err)
	}
	// A backup from before was put in its place.
	if err := os.RemoveAll(filepath.Join(cfg.Folder, "tile", "0", "000.p", "20")); err != nil {
		t.Fatal(err)
	}
	if _, err := transparency.Open(t.Context(), cfg); reason.CodeOf(err) != "log_broken/missing" {
		t.Errorf("opened without its tiles: %v", err)
	}
}

// TestCrash: files of entries that were never signed are in nobody's way.
func TestCrash(t *testing.T) {
	t.Parallel()
	cfg := config(t)
	l := grown(t, cfg, 250)
	state := filepath.Join(cfg.State, "checkpoint")
	signed, err := os.ReadFile(state)
	if err != nil {
		t.Fatal(err)
	}
	tiles := filepath.Join(cfg.Folder, "tile")
	keep := t.TempDir()
	if err := os.CopyFS(keep, os.DirFS(tiles)); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Append(t.Context(), entries(5000, 5020)); err != nil { // which are lost, but for their tiles
		t.Fatal(err)
	}
	l.Close()
	for _, path := range []string{state, filepath.Join(cfg.Folder, "checkpoint")} {
		if err := os.WriteFile(path, signed, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range published(t, keep) {
		name := filepath.Join(tiles, strings.TrimPrefix(path, keep))
		raw, err := os.ReadFile(path)
		if err == nil {
			err = os.MkdirAll(filepath.Dir(name), 0o700)
		}
		if err == nil {
			err = os.WriteFile(name, raw, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	l, err = transparency.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if _, err := l.Append(t.Context(), entries(250, 300)); err != nil {
		t.Fatal(err)
	}
	if err := audit(t, cfg); err != nil {
		t.Error(err)
	}
}

func TestRefuses(t *testing.T) {
	t.Parallel()
	l := grown(t, config(t), 4)
	for _, e := range [][]byte{nil, make([]byte, 1<<16)} {
		if _, err := l.Append(t.Context(), [][]byte{e}); reason.CodeOf(err) != reason.LimitSize {
			t.Errorf("an entry of %d bytes: %v", len(e), err)
		}
	}
	for _, at := range []int64{-1, 4} {
		if _, err := l.Prove(t.Context(), at, logproof.Salt{}); reason.CodeOf(err) != reason.NotFound {
			t.Errorf("%d: %v", at, err)
		}
	}
}

// bentFiles are the files of a log of which one has other bytes.
type bentFiles struct {
	transparency.Folder
	path string
	raw  []byte
}

func (b bentFiles) ReadFile(ctx context.Context, path string) ([]byte, error) {
	if path == b.path {
		return b.raw, nil
	}
	return b.Folder.ReadFile(ctx, path)
}

// FuzzAudit: no other bytes in the place of a file pass for it, whatever they
// are.
func FuzzAudit(f *testing.F) {
	cfg := config(f)
	l := grown(f, cfg, 300)
	paths := []string{"tile/entries/000", "tile/entries/001.p/44", "tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1"}
	for i, path := range paths {
		raw, err := os.ReadFile(filepath.Join(cfg.Folder, path))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(uint8(i), raw)
		f.Add(uint8(i), raw[:len(raw)/2])
	}
	f.Add(uint8(0), []byte("\x00"))
	f.Fuzz(func(t *testing.T, n uint8, raw []byte) {
		path := paths[int(n)%len(paths)]
		good, err := os.ReadFile(filepath.Join(cfg.Folder, path))
		if err != nil {
			t.Fatal(err)
		}
		err = transparency.Audit(t.Context(), bentFiles{transparency.Folder(cfg.Folder), path, raw}, l.Checkpoint(), nil)
		if same := bytes.Equal(raw, good); (err == nil) != same || err != nil && reason.CodeOf(err).Coarse() != string(reason.LogBroken) {
			t.Errorf("%s of %d bytes: %v", path, len(raw), err)
		}
	})
}
