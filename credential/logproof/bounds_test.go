package logproof_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"github.com/kompetansebevis/bevis/credential/logproof"
	"github.com/kompetansebevis/bevis/reason"
)

// The tests in this file are each for a check that could be taken out without
// another test failing: see docs/mutation.md.

func b64(raw []byte) string { return base64.StdEncoding.EncodeToString(raw) }

// TestCheckpointBounds: what is just within a limit is read, what is just beyond
// it is not, and neither is what only the last of several looks would find.
func TestCheckpointBounds(t *testing.T) {
	t.Parallel()
	root, nothing := b64(make([]byte, 32)), sha256.Sum256(nil)
	const sig = "\n— a.example AAAAAAAA\n"
	with := func(size, root, rest string) string { return "a\n" + size + "\n" + root + "\n" + rest }
	named := func(n int) string { return strings.Repeat("a", n) + "\n1\n" + root + "\n" + sig }
	long := func(n int) string { // of n bytes
		s := with("1", root, "x\n"+sig)
		return strings.Replace(s, "x\n", strings.Repeat("x", n-len(s)+1)+"\n", 1)
	}
	for name, c := range map[string]struct {
		raw  string
		read bool
	}{
		"as it should be":                  {with("1", root, sig), true},
		"the longest name":                 {named(256), true},
		"too long a name":                  {named(257), false},
		"the longest":                      {long(64 << 10), true},
		"too long":                         {long(64<<10 + 1), false},
		"the largest size":                 {with("4611686018427387903", root, sig), true},
		"a size that is none, and no root": {with("x", b64(nothing[:]), sig), false},
		"an empty log":                     {with("0", b64(nothing[:]), sig), true},
		"a hash, and more":                 {with("1", root+"!", sig), false},
		"an empty line behind the root":    {with("1", root, "\nmore\n"+sig), false},
		"the shortest signature":           {with("1", root, "\n— a.example AAAAAAA=\n"), true},
		"a signature without a dash":       {with("1", root, "\na.example AAAAAAAA\n"), false},
		"a signature, and more":            {with("1", root, "\n— a.example AAAAAAAA!\n"), false},
		"a signature of no name":           {with("1", root, "\n— a+b AAAAAAAA\n"), false},
	} {
		_, err := logproof.ReadCheckpoint([]byte(c.raw))
		if (err == nil) != c.read || err != nil && reason.CodeOf(err) != "log_proof_invalid/form" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestKeyBounds: the names and kinds of keys.
func TestKeyBounds(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		strings.Repeat("a", 256): true, strings.Repeat("a", 257): false,
		"a+b": false, "a b": false, "a\x01b": false, "a\xff": false, "å": true,
	} {
		if _, err := logproof.NewKey(name, make([]byte, 32)); (err == nil) != want {
			t.Errorf("%.20q: %v", name, err)
		}
	}
	for _, kind := range []byte{0, 2, 3, 5} {
		material := append([]byte{kind}, make([]byte, 32)...)
		text := fmt.Sprintf("a.example+%08x+%s", logproof.KeyID("a.example", material), b64(material))
		if _, err := logproof.ParseKey(text); reason.CodeOf(err) != "usage/log-key" {
			t.Errorf("of the kind %d: %v", kind, err)
		}
	}
	for _, bad := range []string{"a+00000000+", "a b+00000000+" + b64(append([]byte{1}, make([]byte, 32)...))} {
		if _, err := logproof.ParseKey(bad); reason.CodeOf(err) != "usage/log-key" {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// TestWhoSigned: a checkpoint is the log's own by a key of that kind and that name
// alone, and a witness is none that signs as a log.
func TestWhoSigned(t *testing.T) {
	t.Parallel()
	private := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{9}, ed25519.SeedSize))
	text := logproof.FormatCheckpoint(origin, 1, logproof.Hash{1})
	key := func(kind byte, name string) logproof.Key {
		material := append([]byte{kind}, private.Public().(ed25519.PublicKey)...)
		k, err := logproof.ParseKey(fmt.Sprintf("%s+%08x+%s", name, logproof.KeyID(name, material), b64(material)))
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	signed := func(k logproof.Key, signature []byte) *logproof.Checkpoint {
		raw := append(binary.BigEndian.AppendUint32(nil, k.ID), signature...)
		c, err := logproof.ReadCheckpoint(fmt.Appendf(bytes.Clone(text), "\n— %s %s\n", k.Name, b64(raw)))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	own, other, witness := key(1, origin), key(1, "other.example"), key(4, origin)
	of := ed25519.Sign(private, text)
	if err := signed(own, of).SignedBy(own); err != nil {
		t.Error(err)
	}
	for name, err := range map[string]error{
		"by a log of another name":   signed(other, of).SignedBy(other),
		"by a witness of its name":   signed(witness, of).SignedBy(witness),
		"by somebody else":           signed(own, make([]byte, 64)).SignedBy(own),
		"not with this key":          signed(other, of).SignedBy(own),
		"by a log, as by this other": signed(own, of).SignedBy(other),
	} {
		if reason.CodeOf(err) != "log_proof_invalid/signature" {
			t.Errorf("%s: %v", name, err)
		} else if strings.Contains(err.Error(), "is not signed with the key") != (name == "not with this key") {
			t.Errorf("%s: it is said that %v", name, err)
		}
	}
	if at, seen, err := signed(own, of).Cosigned(own); seen || err != nil {
		t.Errorf("a log is taken for a witness: %v %v", at, err)
	}
	for at, want := range map[uint64]bool{1<<40 - 1: true, 1 << 40: false} {
		message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", at, text)
		raw := append(binary.BigEndian.AppendUint64(nil, at), ed25519.Sign(private, []byte(message))...)
		if _, seen, err := signed(witness, raw).Cosigned(witness); seen != want || (err == nil) != want {
			t.Errorf("%d: %v %v", at, seen, err)
		}
	}
}

// TestProofForm: each line of a proof is what it should be.
func TestProofForm(t *testing.T) {
	t.Parallel()
	good := string(proofOf(t, []byte(`{"a":1}`), 1, 3))
	lines := strings.Split(good, "\n")
	salt := strings.TrimPrefix(lines[1], "extra ")
	raw, err := base64.StdEncoding.DecodeString(salt)
	if err != nil {
		t.Fatal(err)
	}
	put := func(at int, line ...string) string {
		return strings.Join(slices.Replace(slices.Clone(lines), at, at+1, line...), "\n")
	}
	hashes := func(n int) string {
		_, signer, _ := keys(t, origin)
		signed, err := note.Sign(&note.Note{Text: string(logproof.FormatCheckpoint(origin, 3, logproof.Hash{}))}, signer)
		if err != nil {
			t.Fatal(err)
		}
		return string(logproof.Format(logproof.Salt{}, 1, make([]logproof.Hash, n), signed))
	}
	for name, c := range map[string]struct {
		raw  string
		read bool
	}{
		"as it should be":         {good, true},
		"nothing but a beginning": {lines[0] + "\n\n" + strings.Join(lines[6:], "\n"), false},
		"a salt that is short":    {put(1, "extra "+b64(raw[:len(raw)-1])), false},
		"a salt that is long":     {put(1, "extra "+b64(append(slices.Clone(raw), 0))), false},
		"a salt without its mark": {put(1, "extra "+b64(append([]byte("bevis-salt-v2\n"), raw[14:]...))), false},
		"a salt with more":        {put(1, "extra "+salt+"!"), false},
		"a salt that is not said": {put(1, salt), false},
		"a place that is none":    {put(2, "index x"), false},
		"a place not said":        {put(2, "1"), false},
		"a hash that is none":     {put(3, "AAAA"), false},
		"as many hashes as can":   {hashes(62), true},
		"more hashes":             {hashes(63), false},
		"far too long":            {good + strings.Repeat("x", logproof.MaxBytes), false},
	} {
		_, err := logproof.Parse([]byte(c.raw))
		if (err == nil) != c.read || err != nil && reason.CodeOf(err) != "log_proof_invalid/form" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := logproof.Split([]byte("\n" + good)); len(got) != 2 || string(got[1]) != good {
		t.Errorf("behind an empty line: %q", got)
	}
}

// TestIncludedInOneOfOne: a log of one entry has no hashes beside it, whatever root
// it shows.
func TestIncludedInOneOfOne(t *testing.T) {
	t.Parallel()
	leaf, beside := logproof.LeafHash([]byte("x")), logproof.Hash{7}
	root := logproof.Hash(sha256.Sum256(slices.Concat([]byte{1}, beside[:], leaf[:])))
	if logproof.Included(leaf, 0, []logproof.Hash{beside}, 1, root) {
		t.Error("a hash that has no place in the tree was taken")
	}
	if !logproof.Included(leaf, 0, nil, 1, leaf) {
		t.Error("the only entry is not in it")
	}
}

// TestSaltsDiffer: each entry has a salt of its own.
func TestSaltsDiffer(t *testing.T) {
	t.Parallel()
	a, err := logproof.NewSalt()
	if err != nil {
		t.Fatal(err)
	}
	if b, err := logproof.NewSalt(); err != nil || a == b || b == (logproof.Salt{}) {
		t.Errorf("%x %x %v", a, b, err)
	}
}
