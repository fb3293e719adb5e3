package wallet

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/kompetansebevis/bevis/reason"
)

// costly is a way in that asks for so much work, whatever the secret.
func costly(t *testing.T, identity *age.HybridIdentity, secret string, work int) []byte {
	t.Helper()
	// A header that asks for 2^30 must not be made with 2^30: only the number in
	// it is other than was paid for.
	data, err := wrap(identity, secret, 1)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(data), " 1\n")
	if !ok {
		t.Fatalf("%.60q", data)
	}
	return []byte(fmt.Sprintf("%s %d\n%s", head, work, rest))
}

// TestCostlyFiles: what a file can make a machine do before its reader is told
// no. Only within the limit is anything worked out at all.
func TestCostlyFiles(t *testing.T) {
	t.Parallel()
	store := &MemoryStore{}
	w, words := create(t, store)
	secret := strings.Join(words, " ")
	files := func() []file {
		t.Helper()
		files, err := unpack(store.blob)
		if err != nil {
			t.Fatal(err)
		}
		return files
	}
	// Those who write a hostile wallet hold its keys: all digests and the MAC are
	// right.
	sealed := func(parts []file) []byte {
		t.Helper()
		all := files()
		body := all[len(all)-1]
		rest := append([]file{all[1]}, append(parts, body)...)
		meta, err := readManifest(all)
		if err != nil {
			t.Fatal(err)
		}
		text, err := meta.seal(rest, macKey(w.identity))
		if err != nil {
			t.Fatal(err)
		}
		blob, err := pack(append([]file{{manifestName, text}}, rest...))
		if err != nil {
			t.Fatal(err)
		}
		return blob
	}
	byPass, byWords := files()[2], files()[3]
	many := []file{byPass, byWords}
	for n := range maxSlots - 1 {
		many = append(many, file{fmt.Sprintf("slots/%02d-age.age", n+20), []byte("x")})
	}
	for name, test := range map[string]struct {
		parts []file
		r     OpenRequest
	}{
		"2^30 for a passphrase":      {[]file{{passphraseSlot, costly(t, w.identity, passphrase, 30)}, byWords}, OpenRequest{Passphrase: []byte(passphrase)}},
		"2^21 for a passphrase":      {[]file{{passphraseSlot, costly(t, w.identity, passphrase, maxWork+1)}, byWords}, OpenRequest{Passphrase: []byte(passphrase)}},
		"2^20 for words":             {[]file{byPass, {recoverySlot, costly(t, w.identity, secret, 20)}}, OpenRequest{Words: secret}},
		"more ways in than there be": {many, OpenRequest{Passphrase: []byte(passphrase)}},
		"a large way in":             {[]file{byPass, byWords, {"slots/2-age.age", make([]byte, maxSlot+1)}}, OpenRequest{Passphrase: []byte(passphrase)}},
		"a passphrase for a key":     {[]file{byPass, byWords, {"slots/2-age.age", costly(t, w.identity, passphrase, 30)}}, OpenRequest{Identities: []age.Identity{keyPair(t)}}},
	} {
		test.r.Store, test.r.Now = &MemoryStore{blob: sealed(test.parts)}, clock
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := time.Now()
		_, err := Open(t.Context(), test.r)
		took := time.Since(start)
		runtime.ReadMemStats(&after)
		if code := reason.CodeOf(err); code != "wallet_corrupt/file" && code != "locked/wrong-identity" {
			t.Errorf("%s: %v", name, err)
		}
		if took > 5*time.Second {
			t.Errorf("%s: %v", name, took)
		}
		t.Logf("%s: %v, %d KiB", name, took.Round(time.Microsecond), (after.TotalAlloc-before.TotalAlloc)>>10)
	}
	if code := opens(t, &MemoryStore{blob: sealed([]file{byPass, byWords})}, OpenRequest{Passphrase: []byte(passphrase)}); code != "" {
		t.Fatalf("the hostile writer cannot write a wallet that opens: %q", code)
	}
}

// TestLineCanBeRead: what the strict reader would refuse must not be written,
// or nobody can open the wallet any more.
func TestLineCanBeRead(t *testing.T) {
	t.Parallel()
	store := &MemoryStore{}
	w, _ := create(t, store)
	add(t, w, badge("A", ""))
	for name, share := range map[string]Share{
		"many values": {ID: "a", Titles: make([]string, 100_001)},
		"many parts":  {ID: "b", Parts: make([]SharePart, 34_000)},
	} {
		if _, err := w.TakeIn(t.Context(), Intake{Shares: []Share{share}}); reason.CodeOf(err).Coarse() != "resource_limit" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := len(open(t, store).Items()); n != 1 {
		t.Fatal(n)
	}
}

// TestManyEntries: a file that lists more parts than a wallet has is refused
// before memory is taken for them.
func TestManyEntries(t *testing.T) {
	t.Parallel()
	const n = 400_000
	head := make([]byte, 46)
	copy(head, "PK\x01\x02")
	end := make([]byte, 22)
	copy(end, "PK\x05\x06")
	for i, claimed := range []uint32{46 * n, 46} {
		blob := append([]byte("PK\x03\x04"), bytes.Repeat(head, n)...)
		binary.LittleEndian.PutUint16(end[8:], uint16(n%(1<<16)))
		binary.LittleEndian.PutUint16(end[10:], uint16(n%(1<<16)))
		binary.LittleEndian.PutUint32(end[12:], claimed)
		binary.LittleEndian.PutUint32(end[16:], 4)
		blob = append(blob, end...)
		if took := memoryOf(t, blob); took > 8<<20 {
			t.Errorf("%d: %d MiB for a file of %d MiB", i, took>>20, len(blob)>>20)
		}
	}
}

// memoryOf returns how much memory it takes to refuse a file that is no wallet:
// the least of three times, as what else is done at the time is counted as well.
func memoryOf(t *testing.T, blob []byte) uint64 {
	t.Helper()
	took := ^uint64(0)
	for range 3 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := unpack(blob)
		runtime.ReadMemStats(&after)
		if reason.CodeOf(err) != "wallet_corrupt/file" {
			t.Error(err)
		}
		took = min(took, after.TotalAlloc-before.TotalAlloc)
	}
	return took
}

// BenchmarkPassphrase is what a wrong passphrase costs at each work factor that
// is read, in time and memory.
func BenchmarkPassphrase(b *testing.B) {
	identity := keyPair(b)
	for _, work := range []int{recoveryWork, maxWordsWork, passphraseWork, maxWork} {
		slot, err := wrap(identity, passphrase, work)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprint(work), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := unwrap(slot, "another", maxWork, "locked/wrong-passphrase"); err == nil {
					b.Fatal("it opens")
				}
			}
		})
	}
}
