package trust_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/logproof"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
)

// The tests in this file are each for a check that could be taken out without
// another test failing: see docs/mutation.md.

// witness is the key of a witness, as c2sp.org/tlog-cosignature has it.
func witness(t testing.TB, name string, seed byte) logproof.Key {
	t.Helper()
	raw := append([]byte{4}, ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, 32)).Public().(ed25519.PublicKey)...)
	id := sha256.Sum256(append([]byte(name+"\n"), raw...))
	k, err := logproof.ParseKey(name + "+" + hex.EncodeToString(id[:4]) + "+" + base64.StdEncoding.EncodeToString(raw))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// TestLogBlocks has blocks of which one line is at stake.
func TestLogBlocks(t *testing.T) {
	t.Parallel()
	k, w := logKey(t, "a.example/log", 1), witness(t, "w.example", 2)
	root := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32))
	seen := func(rest string) string { return "  seen " + rest + "\n" }
	for block, ok := range map[string]bool{
		"log " + k.String() + "\n":                                                              true,
		"log " + w.String() + "\n":                                                              false, // signs what logs say, and has none
		"log " + k.String() + "\n  issuer did:web:a\n  required\n":                              true,
		"log " + k.String() + "\n  issuer did:web:a\n  required yes\n":                          false,
		"log " + k.String() + "\n  issuer did:web:a did:web:b\n":                                false,
		"log " + k.String() + "\n  issuer did:web:a\tdid:web:b\n":                               false,
		"log " + k.String() + "\n  witness " + w.String() + "\n":                                true,
		"log " + k.String() + "\n  witness " + strings.Replace(w.String(), "+", "-", 1):         false,
		"log " + k.String() + "\n" + seen("2026-01-01T00:00:00Z 1 "+root):                       true,
		"log " + k.String() + "\n" + seen("2026-01-01T00:00:00Z 0 "+root):                       true,
		"log " + k.String() + "\n" + seen("2026-01-01T00:00:00Z -1 "+root):                      false,
		"log " + k.String() + "\n" + seen("2026-01-01T00:00:00Z +1 "+root):                      false,
		"log " + k.String() + "\n" + seen("2026-01-01T00:00:00Z 01 "+root):                      false,
		"log " + k.String() + "\n" + seen("2026-01-01T00:00:00Z x "+root):                       false,
		"log " + k.String() + "\n" + seen("2026-01-01T00:00:00Z 9223372036854775808 "+root):     false,
		"log " + k.String() + "\n" + seen("today 1 "+root):                                      false,
		"log " + k.String() + "\n" + seen("2026-01-01T00:00:00Z 1 "+root+"AAAA"):                false, // 32 bytes, and something behind them
		"log " + k.String() + "\n" + seen("2026-01-01T00:00:00Z 1 "+root[:40]):                  false,
		"log " + k.String() + "\n" + strings.Repeat(seen("2026-01-01T00:00:00Z 1 "+root), 1000): true,
		"log " + k.String() + "\n" + strings.Repeat(seen("2026-01-01T00:00:00Z 1 "+root), 1001): false,
	} {
		p, err := trust.Parse([]byte("bevis-trust 1\n"+block), "t")
		if ok && (err != nil || len(p.Logs) != 1) || !ok && reason.CodeOf(err) != "malformed/trust-policy" {
			t.Errorf("%.200q: %v", block, err)
		}
	}
}

// TestLogsOfOneIssuer: one log that is required is enough for a proof to be.
func TestLogsOfOneIssuer(t *testing.T) {
	t.Parallel()
	const issuer = "did:web:a.example"
	a, b := logKey(t, "a.example/log", 1), logKey(t, "b.example/log", 2)
	with, without := "\n  issuer "+issuer+"\n  required\n", "\n  issuer "+issuer+"\n"
	for text, want := range map[string]bool{
		"log " + a.String() + with + "log " + b.String() + without:    true,
		"log " + a.String() + without + "log " + b.String() + with:    true,
		"log " + a.String() + without + "log " + b.String() + without: false,
	} {
		if logs, required := parse(t, "bevis-trust 1\n"+text).LogsOf(issuer); required != want || len(logs) != 2 {
			t.Errorf("%s: %d, %v", text, len(logs), required)
		}
	}
}

// TestLogsTakenIn: a block that could not be read again is not written, and two
// checkpoints are one only if they say the same.
func TestLogsTakenIn(t *testing.T) {
	t.Parallel()
	k := logKey(t, "a.example/log", 1)
	for name, l := range map[string]trust.Log{
		"an issuer that is none": {Key: k, Issuers: []string{"a"}},
		"required of nobody":     {Key: k, Required: true},
		"a log as its witness":   {Key: k, Witnesses: []logproof.Key{k}},
	} {
		if p, err := trust.Empty().AddLog(l, "t"); reason.CodeOf(err) != "malformed/trust-policy" || p != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	w := witness(t, "w.example", 2)
	p, err := trust.Empty().AddLog(trust.Log{Key: k, Witnesses: []logproof.Key{w}}, "t")
	if err != nil || len(p.Logs[0].Witnesses) != 1 || p.Logs[0].Witnesses[0].String() != w.String() {
		t.Fatal(err)
	}
	first := trust.Seen{At: at, Size: 7, Root: logproof.Hash{1}}
	for i, s := range []trust.Seen{first, {At: at, Size: 7, Root: logproof.Hash{2}}, {At: at, Size: 8, Root: logproof.Hash{1}}, {At: at.Add(time.Hour), Size: 8, Root: logproof.Hash{1}}} {
		if p, err = p.See(k, s, "t"); err != nil {
			t.Fatal(err)
		}
		if want := min(i+1, 3); len(p.Logs[0].Seen) != want {
			t.Errorf("%d: %+v", i, p.Logs[0].Seen)
		}
	}
}
