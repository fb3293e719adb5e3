package wallet

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/reason"
)

// TestWaysIn: the passphrase and the words open it, and nothing else does.
func TestWaysIn(t *testing.T) {
	t.Parallel()
	store := &MemoryStore{}
	w, words := create(t, store)
	add(t, w, badge("Kurs", "did:example:kari"))
	if len(words) != wordCount {
		t.Fatal(words)
	}
	text := strings.Join(words, " ")
	swapped := slices.Clone(words)
	swapped[0], swapped[1] = swapped[1], swapped[0]
	if swapped[0] == swapped[1] {
		swapped[0] = "zoo"
	}
	_, others := create(t, &MemoryStore{})
	for _, test := range []struct {
		name, passphrase, words string
		code                    reason.Code
	}{
		{"passphrase", passphrase, "", ""},
		{"words", "", text, ""},
		{"words in capitals on several lines", "", strings.ToUpper(strings.Join(words, "\n  ")), ""},
		{"another passphrase", passphrase + " ", "", "locked/wrong-passphrase"},
		{"the words as a passphrase", text, "", "locked/wrong-passphrase"},
		{"nothing", "", "", "locked/no-passphrase"},
		{"one word less", "", strings.Join(words[:23], " "), "usage/recovery-words"},
		{"a word that is none", "", "xyzzy " + strings.Join(words[1:], " "), "usage/recovery-word"},
		{"another wallet's words", "", strings.Join(others, " "), "locked/wrong-words"},
	} {
		got, err := Open(t.Context(), OpenRequest{Store: store, Passphrase: []byte(test.passphrase), Words: test.words, Now: clock})
		if reason.CodeOf(err) != test.code {
			t.Errorf("%s: %v, want %q", test.name, err, test.code)
		}
		if err == nil && len(got.Items()) != 1 {
			t.Errorf("%s: %d credentials", test.name, len(got.Items()))
		}
	}
	// Two words that have changed places are caught by the checksum, but for
	// one in 256.
	if _, err := Open(t.Context(), OpenRequest{Store: store, Words: strings.Join(swapped, " "), Now: clock}); err == nil {
		t.Error("words in another order open the wallet")
	}
	for name, r := range map[string]CreateRequest{
		"empty passphrase": {Store: &MemoryStore{}, Now: clock},
		"white space":      {Store: &MemoryStore{}, Passphrase: []byte(" \t"), Now: clock},
		"no store":         {Passphrase: []byte("x"), Now: clock},
		"no clock":         {Passphrase: []byte("x"), Store: &MemoryStore{}},
	} {
		if _, _, err := Create(t.Context(), r); reason.CodeOf(err).Coarse() != "usage" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, _, err := Create(t.Context(), CreateRequest{Store: store, Passphrase: []byte("x"), Now: clock, PassphraseWork: lowWork}); reason.CodeOf(err) != "conflict/exists" {
		t.Errorf("over a wallet that is there: %v", err)
	}
}

// TestWords holds the words against a published vector of BIP-39 (trezor
// python-mnemonic vectors.json: 256 bits of zero and of one).
func TestWords(t *testing.T) {
	t.Parallel()
	for b, last := range map[byte]string{0x00: "art", 0xff: "vote"} {
		got := encodeWords(bytes.Repeat([]byte{b}, recoveryBytes))
		if got[23] != last {
			t.Errorf("%x ends with %q, want %q", b, got[23], last)
		}
		if text, err := checkWords(strings.Join(got, " ")); err != nil || text != strings.Join(got, " ") {
			t.Error(text, err)
		}
	}
}

func TestKeepAndFind(t *testing.T) {
	t.Parallel()
	store := &MemoryStore{}
	w, _ := create(t, store)
	raw := badge("Sveising på sjø", "did:example:kari")
	item := add(t, w, raw)
	other := add(t, w, badge("Saum", "did:example:kari"))
	if again, added, err := w.Add(t.Context(), AddRequest{Raw: raw}); err != nil || added || again.ID != item.ID {
		t.Errorf("the same again: %v %v %v", again.ID, added, err)
	}
	if generation, _ := w.State(); generation != 3 {
		t.Errorf("generation %d after two changes", generation)
	}
	w = open(t, store)
	got, err := w.Item(item.ID[:5])
	if err != nil || !bytes.Equal(got.Raw(), raw) || got.Title != "Sveising på sjø" || got.IssuerName != "Høgskulen på Ål" || !got.AddedAt.Equal(noon) || got.Source != "test" {
		t.Errorf("%+v %v", got, err)
	}
	if _, err := w.Item(""); err == nil {
		t.Error("no id is an id")
	}
	if _, err := w.Item("zzzz"); reason.CodeOf(err) != "not_found/item" {
		t.Error(err)
	}
	for query, want := range map[string]int{
		"": 2, "SJØ": 1, "sjoe": 1, "saum": 1, "hogskulen": 2, "hoegskulen aal": 2, "sveising sjø": 1, "sveising": 2, "2026-01-01": 2, "did:web:kurs": 2, "noko anna": 0,
	} {
		if got := w.Search(query); len(got) != want {
			t.Errorf("%q finds %d, want %d", query, len(got), want)
		}
	}
	if err := w.SetVerified(t.Context(), other.ID, Verification{Verdict: "valid", At: noon}); err != nil {
		t.Error(err)
	}
	removed, err := w.Remove(t.Context(), item.ID)
	if err != nil || removed.ID != item.ID {
		t.Error(err)
	}
	left := open(t, store).Items()
	if len(left) != 1 || left[0].ID != other.ID || left[0].Verified == nil || left[0].Verified.Verdict != "valid" {
		t.Errorf("%+v", left)
	}
	if _, err := w.Remove(t.Context(), item.ID); reason.CodeOf(err) != "not_found/item" {
		t.Error(err)
	}
}

func TestNotACredential(t *testing.T) {
	t.Parallel()
	w, _ := create(t, &MemoryStore{})
	for name, test := range map[string]struct {
		raw  string
		code reason.Code
	}{
		"nothing":        {"", reason.MalformedJSON},
		"text":           {"hello", reason.MalformedJSON},
		"an object":      {"{}", "wrong_type/not-a-credential"},
		"a presentation": {`{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiablePresentation"]}`, "wrong_type/presentation"},
		"half a token":   {"eyJhbGciOiJub25lIn0.e30", "malformed/jws"},
		"not base64":     {"eyJh.***.x", reason.MalformedBase64},
		"twice a member": {`{"a":1,"a":2}`, reason.MalformedDuplicateMember},
	} {
		if _, added, err := w.Add(t.Context(), AddRequest{Raw: []byte(test.raw)}); reason.CodeOf(err) != test.code || added {
			t.Errorf("%s: %v, want %s", name, err, test.code)
		}
	}
	if len(w.Items()) != 0 {
		t.Error("something was kept")
	}
}

func TestAmbiguousID(t *testing.T) {
	t.Parallel()
	items := []Item{{ID: "abc"}, {ID: "abd"}, {ID: "ab"}}
	if got, err := pick(items, "ab"); err != nil || got.ID != "ab" {
		t.Error(got.ID, err)
	}
	if _, err := pick(items[:2], "ab"); reason.CodeOf(err) != "usage/ambiguous-id" {
		t.Error(err)
	}
}

// TestFold: Norwegian letters are found however they were typed.
func TestFold(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Ål": "aal", "A\u030al": "aal", "ÆRE": "aere", "Bjørn": "bjoern", "crème": "creme", "Straße": "strasse", "Čáhppe": "cahppe", "": "",
	} {
		if got := Fold(in); got != want {
			t.Errorf("%q folds to %q, want %q", in, got, want)
		}
	}
}

// capture is a suite that keeps what it was asked to sign.
type capture struct {
	proof.Suite
	document []byte
	signer   key.Signer
	params   proof.Params
	err      error
}

func (c *capture) Sign(_ context.Context, document []byte, s key.Signer, p proof.Params) ([]byte, error) {
	c.document, c.signer, c.params = bytes.Clone(document), s, p
	return append(document, '!'), c.err
}

func TestShare(t *testing.T) {
	t.Parallel()
	store := &MemoryStore{}
	w, _ := create(t, store)
	kari, err := w.NewKey(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	second, err := w.NewKey(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	raw := badge("Kurs", kari)
	own, others, seconds := add(t, w, raw), add(t, w, badge("Framand", "did:example:ola")), add(t, w, badge("Kurs to", second))
	suite := &capture{}
	until := noon.Add(time.Hour)
	signed, share, err := w.Share(t.Context(), ShareRequest{IDs: []string{own.ID, own.ID[:6]}, Audience: "https://a.example", Purpose: "søknad", Challenge: "n-1", Expires: until, Suite: suite})
	if err != nil || !bytes.HasSuffix(signed, []byte("!")) {
		t.Fatal(err)
	}
	if bytes.Count(suite.document, raw) != 1 {
		t.Errorf("the credential is not in it once, byte for byte: %s", suite.document)
	}
	if suite.params.Purpose != proof.Authentication || suite.params.Challenge != "n-1" || !slices.Equal(suite.params.Domains, []string{"https://a.example"}) || !suite.params.Expires.Equal(until) {
		t.Errorf("signed as %+v", suite.params)
	}
	if share.Holder != kari || !strings.HasPrefix(suite.signer.ID(), kari) || !share.Bound {
		t.Errorf("signed by %s, log says %s, bound %v", suite.signer.ID(), share.Holder, share.Bound)
	}
	log := open(t, store).Shares()
	if len(log) != 1 || log[0].Audience != "https://a.example" || log[0].Purpose != "søknad" || !log[0].Expires.Equal(until) || !slices.Contains(log[0].Fields, "credentialSubject.achievement.name") {
		t.Fatalf("%+v", log)
	}
	if text := strings.Join(log[0].Fields, " "); strings.Contains(text, "sveising") {
		t.Errorf("the log holds values: %s", text)
	}

	if _, share, err := w.Share(t.Context(), ShareRequest{IDs: []string{others.ID}, Audience: "a", Suite: suite}); err != nil || share.Bound || slices.Contains([]string{kari, second}, share.Holder) {
		t.Errorf("what is about somebody else is signed by %s, bound %v, %v", share.Holder, share.Bound, err)
	}
	failing := &capture{err: reason.New(reason.Internal, "", "x")}
	for name, test := range map[string]struct {
		r    ShareRequest
		code reason.Code
	}{
		"nobody":       {ShareRequest{IDs: []string{own.ID}, Suite: suite}, "usage/share"},
		"nothing":      {ShareRequest{Audience: "a", Suite: suite}, "usage/share"},
		"no suite":     {ShareRequest{IDs: []string{own.ID}, Audience: "a"}, "usage/share"},
		"in the past":  {ShareRequest{IDs: []string{own.ID}, Audience: "a", Suite: suite, Expires: noon}, "usage/expires"},
		"unknown":      {ShareRequest{IDs: []string{"zzzz"}, Audience: "a", Suite: suite}, "not_found/item"},
		"two holders":  {ShareRequest{IDs: []string{own.ID, seconds.ID}, Audience: "a", Suite: suite}, "usage/several-holders"},
		"cannot sign":  {ShareRequest{IDs: []string{own.ID}, Audience: "a", Suite: failing}, reason.Internal},
		"white spaces": {ShareRequest{IDs: []string{own.ID}, Audience: "  ", Suite: suite}, "usage/share"},
	} {
		if out, _, err := w.Share(t.Context(), test.r); reason.CodeOf(err) != test.code || out != nil {
			t.Errorf("%s: %v, want %s", name, err, test.code)
		}
	}
	if n := len(open(t, store).Shares()); n != 2 {
		t.Errorf("%d lines in the log of two shares", n)
	}
}

// TestLogBeforeBytes: what the log could not take is not handed out.
func TestLogBeforeBytes(t *testing.T) {
	t.Parallel()
	store := &flaky{}
	w, _ := create(t, store)
	if _, err := w.NewKey(t.Context()); err != nil {
		t.Fatal(err)
	}
	item := add(t, w, badge("Kurs", w.Keys()[0]))
	store.err = reason.New(reason.IO, "", "the disk is full")
	if signed, _, err := w.Share(t.Context(), ShareRequest{IDs: []string{item.ID}, Audience: "a", Suite: &capture{}}); reason.CodeOf(err) != reason.IO || signed != nil {
		t.Errorf("%d bytes, %v", len(signed), err)
	}
}

// flaky is a store that fails when it is told to.
type flaky struct {
	MemoryStore
	err error
}

func (f *flaky) Swap(ctx context.Context, old string, blob []byte) (string, error) {
	if f.err != nil {
		return "", f.err
	}
	return f.MemoryStore.Swap(ctx, old, blob)
}

// TestManyAtOnce has several open wallets on one file add at the same time.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "kari.bevis")
	create(t, NewFileStore(path))
	const programs, each = 4, 15
	var wg sync.WaitGroup
	for program := range programs {
		w := open(t, NewFileStore(path))
		for half := range 2 { // two goroutines in each program
			wg.Go(func() {
				for n := half; n < each; n += 2 {
					if _, added, err := w.Add(context.Background(), AddRequest{Raw: badge(fmt.Sprintf("Kurs %d.%d", program, n), "did:example:kari")}); err != nil || !added {
						t.Error(added, err)
						return
					}
				}
			})
		}
	}
	wg.Wait()
	if n := len(open(t, NewFileStore(path)).Items()); n != programs*each {
		t.Errorf("%d credentials of %d", n, programs*each)
	}
}

// TestLaterVersions: what a later version wrote is kept byte for byte, and
// what this one cannot read does not keep the rest from being opened.
func TestLaterVersions(t *testing.T) {
	t.Parallel()
	store := &MemoryStore{}
	w, _ := create(t, store)
	add(t, w, badge("Kurs", "did:example:kari"))
	later := []string{
		`"op":"receipt.add","at":"2030-01-01T00:00:00Z","from":{"x":[1,2,3]},"raw":["not","a","string"]`,
		`"op":"credential.add","at":"2030-01-01T00:00:00Z","id":"future","raw":"omfgd\u0000 a form of 2031"`,
		`"op":"credential.verified","at":"2030-01-01T00:00:00Z","id":"` + w.Items()[0].ID + `","verified":{"verdict":"valid","at":"2030-01-01T00:00:00Z","more":true}`,
	}
	for _, members := range later {
		prev := sha(w.lines[len(w.lines)-1])
		line := fmt.Appendf(nil, `{"n":%d,"prev":%q,%s}`, len(w.lines)+1, prev, members)
		w.lines = append(w.lines, line)
		_, events, err := splitLog(append(bytes.Join(w.lines, []byte("\n")), '\n'), w.meta.Wallet, sha(line))
		if err != nil {
			t.Fatalf("%s: %v", members, err)
		}
		if err := w.save(t.Context(), w.lines, fold(&state{}, events)); err != nil {
			t.Fatal(err)
		}
	}
	w = open(t, store)
	if items := w.Items(); len(items) != 2 || items[1].Form != "unknown" || items[0].Verified == nil {
		t.Fatalf("%+v", items)
	}
	add(t, w, badge("Enda eit kurs", "did:example:kari"))
	w = open(t, store)
	for _, members := range later {
		if !slices.ContainsFunc(w.lines, func(line []byte) bool { return bytes.HasSuffix(line, []byte(members+"}")) }) {
			t.Errorf("lost: %s", members)
		}
	}
	if _, _, err := w.Share(t.Context(), ShareRequest{IDs: []string{w.Items()[1].ID}, Audience: "a", Suite: &capture{}}); reason.CodeOf(err) != "wrong_type/unknown-form" {
		t.Errorf("a credential that cannot be read is shared: %v", err)
	}
}
