package wallet

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// thousands is a wallet of n credentials of some 4 KB each, half of which no
// compression makes smaller.
func thousands(b *testing.B, n int) *MemoryStore {
	b.Helper()
	store := &MemoryStore{}
	w, _ := create(b, store)
	var lines [][]byte
	var events []event
	for i := range n {
		var noise [1000]byte
		if _, err := rand.Read(noise[:]); err != nil {
			b.Fatal(err)
		}
		raw := fmt.Sprintf(`{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiableCredential","OpenBadgeCredential"],"issuer":{"id":"did:web:kurs.example","name":"Høgskulen"},
 "validFrom":"2026-01-01T00:00:00Z","credentialSubject":{"achievement":{"name":"Kurs %d","description":%q,"x":%q}}}`, i, passphrase, hex.EncodeToString(noise[:]))
		line, e, err := link(event{Op: opAdd, ID: idOf([]byte(raw)), Raw: raw}, lines, w.meta.Wallet, noon)
		if err != nil {
			b.Fatal(err)
		}
		lines, events = append(lines, line), append(events, e)
	}
	if err := w.save(context.Background(), lines, fold(&state{}, events)); err != nil {
		b.Fatal(err)
	}
	return store
}

// BenchmarkTenThousand holds the times of a large wallet.
func BenchmarkTenThousand(b *testing.B) {
	store := thousands(b, 10_000)
	w := open(b, store)
	unpacker, err := zstd.NewReader(nil)
	if err != nil {
		b.Fatal(err)
	}
	defer unpacker.Close()
	b.Run("raw", func(b *testing.B) { // what age, zstd and the archive alone take
		for b.Loop() {
			files, err := unpack(store.blob)
			if err != nil {
				b.Fatal(err)
			}
			packed, err := openBody(files[len(files)-1].data, w.identity)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := unpacker.DecodeAll(packed, nil); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("open", func(b *testing.B) {
		for b.Loop() {
			open(b, store)
		}
	})
	n := 0
	b.Run("add", func(b *testing.B) {
		for b.Loop() {
			n++
			add(b, w, badge(fmt.Sprint("Nytt ", n), "did:example:kari"))
		}
	})
	b.Run("search", func(b *testing.B) {
		for b.Loop() {
			w.Search("kurs 9999")
		}
	})
	b.Run("list", func(b *testing.B) {
		for b.Loop() {
			w.Items()
		}
	})
}
