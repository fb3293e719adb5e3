package logproof_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/kompetansebevis/bevis/credential/logproof"
	"github.com/kompetansebevis/bevis/reason"
)

const origin = "kurs.example/log"

// keys returns a key of a log that is always the same, for both libraries.
func keys(t testing.TB, name string) (logproof.Key, note.Signer, note.Verifier) {
	t.Helper()
	private := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	k, err := logproof.NewKey(name, private.Public().(ed25519.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	seed := base64.StdEncoding.EncodeToString(append([]byte{1}, private.Seed()...))
	signer, err := note.NewSigner(fmt.Sprintf("PRIVATE+KEY+%s+%08x+%s", name, k.ID, seed))
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := note.NewVerifier(k.String())
	if err != nil {
		t.Fatal(err)
	}
	return k, signer, verifier
}

// tree is a log in memory, by package tlog.
type tree []tlog.Hash

func (s *tree) ReadHashes(at []int64) ([]tlog.Hash, error) {
	var out []tlog.Hash
	for _, n := range at {
		out = append(out, (*s)[n])
	}
	return out, nil
}

func grow(t testing.TB, entries ...[]byte) *tree {
	t.Helper()
	s := &tree{}
	for n, e := range entries {
		h, err := tlog.StoredHashes(int64(n), e, s)
		if err != nil {
			t.Fatal(err)
		}
		*s = append(*s, h...)
	}
	return s
}

func numbered(n int) [][]byte {
	out := make([][]byte, n)
	for i := range out {
		out[i] = fmt.Appendf(nil, "entry %d", i)
	}
	return out
}

// proofOf returns a proof of a credential at a place among others.
func proofOf(t testing.TB, credential []byte, index, size int) []byte {
	t.Helper()
	_, signer, _ := keys(t, origin)
	salt := logproof.Salt{1, 2, 3}
	entries := numbered(size)
	entries[index] = logproof.Entry(salt, credential)
	s := grow(t, entries...)
	root, err := tlog.TreeHash(int64(size), s)
	if err != nil {
		t.Fatal(err)
	}
	steps, err := tlog.ProveRecord(int64(size), int64(index), s)
	if err != nil {
		t.Fatal(err)
	}
	var path []logproof.Hash
	for _, h := range steps {
		path = append(path, logproof.Hash(h))
	}
	signed, err := note.Sign(&note.Note{Text: string(logproof.FormatCheckpoint(origin, int64(size), logproof.Hash(root)))}, signer)
	if err != nil {
		t.Fatal(err)
	}
	return logproof.Format(salt, int64(index), path, signed)
}

// TestIncludedAsTlog: for every place in logs of every small size, and with
// each proof bent, both libraries say the same.
func TestIncludedAsTlog(t *testing.T) {
	t.Parallel()
	const most = 40
	entries := numbered(most)
	s := grow(t, entries...)
	for size := int64(1); size <= most; size++ {
		root, err := tlog.TreeHash(size, s)
		if err != nil {
			t.Fatal(err)
		}
		for index := range size {
			steps, err := tlog.ProveRecord(size, index, s)
			if err != nil {
				t.Fatal(err)
			}
			for at := range size {
				same(t, steps, tlog.RecordHash(entries[at]), index, size, root)
				same(t, steps, tlog.RecordHash(entries[index]), at, size, root)
			}
			same(t, append(steps[:len(steps):len(steps)], root), tlog.RecordHash(entries[index]), index, size, root)
			if len(steps) > 0 {
				same(t, steps[1:], tlog.RecordHash(entries[index]), index, size, root)
				same(t, steps[:len(steps)-1], tlog.RecordHash(entries[index]), index, size, root)
			}
			for _, other := range []int64{size - 1, size + 1, size * 2} {
				same(t, steps, tlog.RecordHash(entries[index]), index, other, root)
			}
		}
	}
}

func same(t testing.TB, steps tlog.RecordProof, leaf tlog.Hash, index, size int64, root tlog.Hash) {
	t.Helper()
	want := index >= 0 && index < size && tlog.CheckRecord(steps, size, root, index, leaf) == nil
	var path []logproof.Hash
	for _, h := range steps {
		path = append(path, logproof.Hash(h))
	}
	if got := logproof.Included(logproof.Hash(leaf), index, path, size, logproof.Hash(root)); got != want {
		t.Fatalf("place %d of %d with %d hashes: %v, and tlog says %v", index, size, len(path), got, want)
	}
}

// FuzzIncluded holds Included equal to tlog.CheckRecord, on proofs that hold
// and on ones that were bent.
func FuzzIncluded(f *testing.F) {
	f.Add(uint16(7), uint16(3), uint64(0), uint8(0))
	f.Add(uint16(256), uint16(255), uint64(1), uint8(1))
	f.Add(uint16(1), uint16(0), uint64(2), uint8(3))
	s := grow(f, numbered(600)...)
	f.Fuzz(func(t *testing.T, sized, placed uint16, seed uint64, bends uint8) {
		size := int64(sized)%600 + 1
		index := int64(placed) % size
		root, err := tlog.TreeHash(size, s)
		if err != nil {
			t.Fatal(err)
		}
		steps, err := tlog.ProveRecord(size, index, s)
		if err != nil {
			t.Fatal(err)
		}
		leaf := tlog.RecordHash(fmt.Appendf(nil, "entry %d", index))
		r := rand.New(rand.NewPCG(seed, 1))
		for range bends % 4 {
			switch r.IntN(6) {
			case 0:
				index += r.Int64N(5) - 2
			case 1:
				size += r.Int64N(5) - 2
			case 2:
				if len(steps) > 0 {
					steps[r.IntN(len(steps))][r.IntN(32)] ^= 1
				}
			case 3:
				steps = append(steps, root)
			case 4:
				if len(steps) > 0 {
					at := r.IntN(len(steps))
					steps = append(steps[:at:at], steps[at+1:]...)
				}
			case 5:
				leaf = tlog.RecordHash(fmt.Appendf(nil, "entry %d", r.IntN(600)))
			}
		}
		same(t, steps, leaf, index, size, root)
	})
}

// FuzzNote holds the reader of checkpoints to the one of package note: what
// SignedBy lets through, note.Open opens as the same text.
func FuzzNote(f *testing.F) {
	k, signer, verifier := keys(f, origin)
	good, err := note.Sign(&note.Note{Text: string(logproof.FormatCheckpoint(origin, 0, logproof.Hash(tlogEmpty(f))))}, signer)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(append(bytes.Clone(good), "— w.example AAAAAAAAAAAA\n"...))
	f.Add([]byte("a\n0\nb\n\n— a b\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := logproof.ReadCheckpoint(raw)
		if err != nil || c.SignedBy(k) != nil {
			return
		}
		n, err := note.Open(raw, note.VerifierList(verifier))
		if err != nil || n.Text != string(c.Text()) {
			t.Errorf("taken here, and not by package note: %v\n%s", err, raw)
		}
	})
}

func tlogEmpty(t testing.TB) tlog.Hash {
	t.Helper()
	h, err := tlog.TreeHash(0, nil)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func FuzzParse(f *testing.F) {
	f.Add(proofOf(f, []byte(`{"a":1}`), 3, 7))
	f.Add(proofOf(f, []byte(`eyJ.a.b~c~`), 0, 1))
	f.Add([]byte("c2sp.org/tlog-proof@v1\nindex 0\n\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := logproof.Parse(raw)
		if err != nil {
			if reason.CodeOf(err) != "log_proof_invalid/form" {
				t.Errorf("%s: %v", reason.CodeOf(err), err)
			}
			return
		}
		// What is read is written in one way only.
		_, note, _ := bytes.Cut(raw, []byte("\n\n"))
		if again := logproof.Format(p.Salt, p.Index, p.Path, note); !bytes.Equal(again, raw) {
			t.Errorf("%q is read, and %q written", raw, again)
		}
	})
}

// TestSeveral: proofs in one file come apart as they were put in.
func TestSeveral(t *testing.T) {
	t.Parallel()
	a, b := proofOf(t, []byte(`{"a":1}`), 3, 7), proofOf(t, []byte(`{"b":1}`), 0, 1)
	cut := bytes.TrimSuffix(b, []byte("\n"))
	for name, c := range map[string]struct{ file, want [][]byte }{
		"one":                {[][]byte{a}, [][]byte{a}},
		"two":                {[][]byte{a, b}, [][]byte{a, b}},
		"without a last end": {[][]byte{cut, a, b}, [][]byte{b, a, b}},
		"no proof":           {[][]byte{[]byte("x")}, [][]byte{[]byte("x")}},
		"something in front": {[][]byte{[]byte("x"), a}, [][]byte{[]byte("x\n"), a}},
		"nothing":            {nil, [][]byte{nil}},
	} {
		got := logproof.Split(logproof.Join(c.file))
		if !slices.EqualFunc(got, c.want, bytes.Equal) {
			t.Errorf("%s: %q", name, got)
		}
	}
	for _, raw := range logproof.Split(logproof.Join([][]byte{a, b})) {
		if _, err := logproof.Parse(raw); err != nil {
			t.Error(err)
		}
	}
}

// FuzzSplit: nothing of a file gets lost between its proofs.
func FuzzSplit(f *testing.F) {
	f.Add(logproof.Join([][]byte{proofOf(f, []byte(`{"a":1}`), 3, 7), proofOf(f, []byte(`{"b":1}`), 0, 1)}))
	f.Add([]byte("\nc2sp.org/tlog-proof@v1\nc2sp.org/tlog-proof@v1\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		if again := bytes.Join(logproof.Split(file), nil); !bytes.Equal(again, file) {
			t.Errorf("%q", again)
		}
	})
}

func TestProof(t *testing.T) {
	t.Parallel()
	k, _, _ := keys(t, origin)
	for _, credential := range []string{`{"a":1}`, `eyJh.eyJi.c`, "\xd2\x84 ", ""} {
		p, err := logproof.Parse(proofOf(t, []byte(credential), 5, 9))
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Covers([]byte(credential)); err != nil {
			t.Error(err)
		}
		if err := p.Checkpoint.SignedBy(k); err != nil {
			t.Error(err)
		}
		if code := reason.CodeOf(p.Covers([]byte(credential + "x"))); code != "log_proof_invalid/inclusion" {
			t.Errorf("%q: another credential is %q", credential, code)
		}
	}
}

// TestEveryByte: a proof in which any byte is another one does not hold.
func TestEveryByte(t *testing.T) {
	t.Parallel()
	k, _, _ := keys(t, origin)
	credential := []byte(`{"id":"urn:uuid:1"}`)
	good := proofOf(t, credential, 2, 6)
	for at := range good {
		for _, flip := range []byte{1, 0x20, 0x80} {
			bent := bytes.Clone(good)
			bent[at] ^= flip
			p, err := logproof.Parse(bent)
			if err == nil {
				if err = p.Checkpoint.SignedBy(k); err == nil {
					err = p.Covers(credential)
				}
			}
			if err == nil {
				t.Errorf("byte %d may be %q", at, bent[at])
			} else if reason.CodeOf(err).Coarse() != string(reason.LogProofInvalid) {
				t.Errorf("byte %d: %v", at, err)
			}
		}
		if p, err := logproof.Parse(good[:at]); err == nil && p.Covers(credential) == nil && p.Checkpoint.SignedBy(k) == nil {
			t.Errorf("the first %d bytes hold", at)
		}
	}
}

// TestSigned: the entry is of what the issuer signed.
func TestSigned(t *testing.T) {
	t.Parallel()
	for from, to := range map[string]string{
		" {\"a\":1}\n":     `{"a":1}`,
		"eyJa.b.c~d~e~\n":  "eyJa.b.c",
		"eyJa.b.c":         "eyJa.b.c",
		"\xd2\x84\x43 \n":  "\xd2\x84\x43 \n",
		"{\"a\":\"b~c\"}":  `{"a":"b~c"}`,
		"something else\n": "something else\n",
	} {
		if got := string(logproof.Signed([]byte(from))); got != to {
			t.Errorf("%q: %q", from, got)
		}
	}
	a, b := logproof.Salt{1}, logproof.Salt{2}
	if bytes.Equal(logproof.Entry(a, []byte("x")), logproof.Entry(b, []byte("x"))) {
		t.Error("the salt does nothing")
	}
}

// TestKeys reads what package note writes, the published example of
// c2sp.org/signed-note, and nothing that is bent.
func TestKeys(t *testing.T) {
	t.Parallel()
	const example = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
	k, err := logproof.ParseKey(example)
	if err != nil || k.Name != "example.com/foo" || k.ID != 0x530d903a || k.String() != example || k.Witness() {
		t.Errorf("%+v %v", k, err)
	}
	for _, bad := range []string{"", "a", "a+b+c", strings.Replace(example, "530d", "530e", 1), strings.Replace(example, "foo", "fop", 1),
		strings.ToUpper(example), example + "=", strings.Replace(example, "/foo", "/f oo", 1), strings.Repeat("x", 600) + example} {
		if _, err := logproof.ParseKey(bad); reason.CodeOf(err) != "usage/log-key" {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if _, err := logproof.NewKey("", make([]byte, 32)); err == nil {
		t.Error("a key without a name")
	}
	if _, err := logproof.NewKey("a", make([]byte, 31)); err == nil {
		t.Error("a short key")
	}
	if (&logproof.Checkpoint{}).SignedBy(logproof.Key{}) == nil {
		t.Error("the zero key verifies")
	}
}

// TestCosigned checks what a witness signs, and that nothing else passes for it.
func TestCosigned(t *testing.T) {
	t.Parallel()
	_, signer, _ := keys(t, origin)
	private := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{9}, ed25519.SeedSize))
	public := private.Public().(ed25519.PublicKey)
	// The key is put together by hand, as c2sp.org/tlog-cosignature has it.
	material := append([]byte{4}, public...)
	k, err := logproof.ParseKey(fmt.Sprintf("w.example+%08x+%s", logproof.KeyID("w.example", material), base64.StdEncoding.EncodeToString(material)))
	if err != nil || !k.Witness() {
		t.Fatal(err)
	}
	text := string(logproof.FormatCheckpoint(origin, 0, logproof.Hash(tlogEmpty(t))))
	signed, err := note.Sign(&note.Note{Text: text}, signer)
	if err != nil {
		t.Fatal(err)
	}
	const at = 1764000000
	line := func(time uint64, message string) []byte {
		raw := binary.BigEndian.AppendUint32(nil, k.ID)
		raw = binary.BigEndian.AppendUint64(raw, time)
		raw = append(raw, ed25519.Sign(private, []byte(message))...)
		return fmt.Appendf(bytes.Clone(signed), "— w.example %s\n", base64.StdEncoding.EncodeToString(raw))
	}
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", at, text)
	for name, c := range map[string]struct {
		raw  []byte
		seen bool
		bad  bool
	}{
		"good":           {line(at, message), true, false},
		"another time":   {line(at+1, message), false, true},
		"of the note":    {line(at, text), false, true},
		"not cosigned":   {signed, false, false},
		"beyond a clock": {line(1<<63, fmt.Sprintf("cosignature/v1\ntime %d\n%s", uint64(1<<63), text)), false, true},
	} {
		point, err := logproof.ReadCheckpoint(c.raw)
		if err != nil {
			t.Fatal(name, err)
		}
		when, seen, err := point.Cosigned(k)
		if seen != c.seen || (err != nil) != c.bad || c.seen && !when.Equal(time.Unix(at, 0)) {
			t.Errorf("%s: %v %v %v", name, when, seen, err)
		}
		if point.SignedBy(k) == nil {
			t.Errorf("%s: a witness is taken for the log", name)
		}
	}
}

// TestCheckpointForm: one that two readers could take for different things is
// refused.
func TestCheckpointForm(t *testing.T) {
	t.Parallel()
	root := base64.StdEncoding.EncodeToString(make([]byte, 32))
	sig := "\n— a.example AAAAAAAA\n"
	for name, raw := range map[string]string{
		"no signature":    "a\n1\n" + root + "\n\n",
		"two lines":       "a\n1\n" + sig,
		"leading zero":    "a\n01\n" + root + "\n" + sig,
		"negative":        "a\n-1\n" + root + "\n" + sig,
		"a sign":          "a\n+1\n" + root + "\n" + sig,
		"too large":       "a\n4611686018427387904\n" + root + "\n" + sig,
		"short hash":      "a\n1\nAAAA\n" + sig,
		"loose base64":    "a\n1\n" + root[:len(root)-2] + "B=\n" + sig,
		"empty, and root": "a\n0\n" + root + "\n" + sig,
		"empty line":      "a\n\n1\n" + root + "\n" + sig,
		"carriage return": "a\r\n1\n" + root + "\n" + sig,
		"not UTF-8":       "a\xff\n1\n" + root + "\n" + sig,
		"cut":             strings.TrimSuffix("a\n1\n"+root+"\n"+sig, "\n"),
		"hyphen":          "a\n1\n" + root + "\n\n- a.example AAAAAAAA\n",
		"short signature": "a\n1\n" + root + "\n\n— a.example AAAA\n",
		"many":            "a\n1\n" + root + "\n\n" + strings.Repeat("— a.example AAAAAAAA\n", 65),
		"long":            "a\n1\n" + root + "\n" + strings.Repeat("x\n", 40000) + sig,
	} {
		if _, err := logproof.ReadCheckpoint([]byte(raw)); reason.CodeOf(err) != "log_proof_invalid/form" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := logproof.ReadCheckpoint([]byte("a\n1\n" + root + "\nmore\n" + sig)); err != nil {
		t.Errorf("extension lines are allowed: %v", err)
	}
}

// TestSeeds keeps a proof of each release readable.
func TestSeeds(t *testing.T) {
	t.Parallel()
	credential := []byte(`{"id":"urn:uuid:2"}`)
	path := filepath.Join("testdata", "v1.tlog-proof")
	if _, err := os.Stat(path); os.IsNotExist(err) && os.Getenv("WRITE_GOLDEN") != "" {
		if err := os.WriteFile(path, proofOf(t, credential, 4, 11), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	p, err := logproof.Parse(raw)
	if err != nil || p.Covers(credential) != nil {
		t.Errorf("%v", err)
	}
}
