package verifier_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/kompetansebevis/bevis/credential/logproof"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/jose"
	"github.com/kompetansebevis/bevis/issuer/transparency"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/verifier"
)

// provider is an issuer with a log.
type provider struct {
	t   *testing.T
	cfg transparency.Config
	log *transparency.Log
}

func newProvider(t *testing.T, origin string) *provider {
	t.Helper()
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	key, err := logproof.NewKey(origin, private.Public().(ed25519.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(fmt.Sprintf("PRIVATE+KEY+%s+%08x+%s", origin, key.ID, base64.StdEncoding.EncodeToString(append([]byte{1}, private.Seed()...))))
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	p := &provider{t, transparency.Config{Folder: filepath.Join(home, "a"), State: filepath.Join(home, "b"), Signer: signer, Key: key}, nil}
	if p.log, err = transparency.Create(t.Context(), p.cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.log.Close)
	return p
}

// logged puts a credential into the log, and returns the proof.
func (p *provider) logged(credential []byte) []byte {
	p.t.Helper()
	salt, err := logproof.NewSalt()
	if err != nil {
		p.t.Fatal(err)
	}
	at, err := p.log.Append(p.t.Context(), [][]byte{logproof.Entry(salt, credential)})
	if err != nil {
		p.t.Fatal(err)
	}
	raw, err := p.log.Prove(p.t.Context(), at, salt)
	if err != nil {
		p.t.Fatal(err)
	}
	return raw
}

// seen is the log as it is now, seen at a time.
func (p *provider) seen(at time.Time) trust.Seen {
	c := p.log.Checkpoint()
	return trust.Seen{At: at, Size: c.Size, Root: c.Root}
}

// logs are what a relying party knows, of every issuer.
type logs struct {
	known    []trust.Log
	required bool
}

func (l logs) LogsOf(string) ([]trust.Log, bool) { return l.known, l.required }

// TestLog is what a relying party learns of a credential by a proof, none, and
// a wrong one.
func TestLog(t *testing.T) {
	t.Parallel()
	p := newParty(t)
	sign := func(subject string, at time.Time) []byte {
		return p.sign(jose.VCJWT, p.credential(subject, nil), proof.Params{Created: at})
	}
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	signed := now.Add(-30 * 24 * time.Hour)
	mine := newProvider(t, "kurs.example/log")
	other := newProvider(t, "other.example/log")
	good, secret := sign("did:x:kari", signed), sign("did:x:ola", signed)
	early := mine.log.Checkpoint()
	proven := mine.logged(good)
	mine.logged([]byte("others"))
	before := mine.seen(signed.Add(20 * 24 * time.Hour))
	late := mine.logged(secret) // signed before the log was seen without it
	w := func(l trust.Log) []trust.Log { return []trust.Log{l} }
	known := trust.Log{Key: mine.cfg.Key}
	witness, err := logproof.ParseKey(witnessKey())
	if err != nil {
		t.Fatal(err)
	}
	bent := bytes.Replace(proven, []byte("index 0"), []byte("index 1"), 1)
	for _, c := range []struct {
		name        string
		raw         []byte
		proofs      [][]byte
		known       []trust.Log
		verdict     verifier.Verdict // where a proof is required
		code        reason.Code
		notRequired verifier.Verdict
		outcome     verifier.Outcome // where it is not
	}{
		{"in it", good, [][]byte{proven}, w(known), verifier.Valid, "", verifier.Valid, verifier.Pass},
		{"one of several proofs", good, [][]byte{late, proven}, w(known), verifier.Valid, "", verifier.Valid, verifier.Pass},
		{"no proof", good, nil, w(known), verifier.Undetermined, "log_proof_unavailable/none", verifier.Valid, verifier.NotApplicable},
		{"issued in secret, with another's proof", secret, [][]byte{proven}, w(known), verifier.Invalid, "log_proof_invalid/inclusion", verifier.Invalid, verifier.Fail},
		{"the place is another", good, [][]byte{bent}, w(known), verifier.Invalid, "log_proof_invalid/inclusion", verifier.Invalid, verifier.Fail},
		{"no proof at all", good, [][]byte{[]byte("x")}, w(known), verifier.Invalid, "log_proof_invalid/form", verifier.Invalid, verifier.Fail},
		{"in a log that is not known", good, [][]byte{other.logged(good)}, w(known), verifier.Undetermined, "log_proof_unavailable/unknown-log", verifier.Valid, verifier.Warn},
		{"no log is known", good, [][]byte{proven}, nil, verifier.Undetermined, "log_proof_unavailable/unknown-log", verifier.Valid, verifier.Warn},
		{"by another key", good, [][]byte{proven}, w(trust.Log{Key: otherKey(t, mine.cfg.Key.Name)}), verifier.Invalid, "log_proof_invalid/signature", verifier.Invalid, verifier.Fail},
		{"in the second of two logs that are known", good, [][]byte{proven}, []trust.Log{{Key: other.cfg.Key}, known}, verifier.Valid, "", verifier.Valid, verifier.Pass},
		{"the key was changed, both are known", good, [][]byte{proven}, []trust.Log{{Key: otherKey(t, mine.cfg.Key.Name)}, known}, verifier.Valid, "", verifier.Valid, verifier.Pass},
		{"in it later than it says", secret, [][]byte{late}, w(trust.Log{Key: mine.cfg.Key, Seen: []trust.Seen{before}}), verifier.Invalid, "log_proof_invalid/backdated", verifier.Invalid, verifier.Fail},
		{"later, and within the time", secret, [][]byte{late}, w(trust.Log{Key: mine.cfg.Key, Within: 90 * 24 * time.Hour, Seen: []trust.Seen{before}}), verifier.Valid, "", verifier.Valid, verifier.Pass},
		{"in it when it was seen", good, [][]byte{proven}, w(trust.Log{Key: mine.cfg.Key, Seen: []trust.Seen{before}}), verifier.Valid, "", verifier.Valid, verifier.Pass},
		{"the log was another one", good, [][]byte{proven}, w(trust.Log{Key: mine.cfg.Key, Seen: []trust.Seen{{At: now, Size: 1, Root: logproof.Hash{1}}}}), verifier.Invalid, "log_proof_invalid/split-view", verifier.Invalid, verifier.Fail},
		{"seen empty, just then", good, [][]byte{proven}, w(trust.Log{Key: mine.cfg.Key, Seen: []trust.Seen{{At: signed, Size: early.Size, Root: early.Root}}}), verifier.Valid, "", verifier.Valid, verifier.Pass},
		{"no witness", good, [][]byte{proven}, w(trust.Log{Key: mine.cfg.Key, Witnesses: []logproof.Key{witness}}), verifier.Undetermined, "log_proof_unavailable/witness", verifier.Valid, verifier.Warn},
		{"just not too many proofs", good, slices.Repeat([][]byte{proven}, 1000), w(known), verifier.Valid, "", verifier.Valid, verifier.Pass},
		{"too many proofs", good, slices.Repeat([][]byte{proven}, 1001), w(known), verifier.Undetermined, "resource_limit/log-proofs", verifier.Valid, verifier.Warn},
	} {
		for _, required := range []bool{true, false} {
			v := newVerifier(t, verifier.Config{Trust: trust.Pins(p.id), Logs: logs{c.known, required}})
			report, _ := v.Verify(t.Context(), verifier.Request{Raw: c.raw, LogProofs: c.proofs})
			check := report.Check(verifier.CheckLog)
			if required && (report.Verdict != c.verdict || check.Reason != c.code) || !required && (report.Verdict != c.notRequired || check.Outcome != c.outcome) {
				t.Errorf("%s, required %v: %s %+v", c.name, required, report.Verdict, check)
			}
		}
	}
	// Asked for by the request alone.
	v := newVerifier(t, verifier.Config{Trust: trust.Pins(p.id)})
	if report, _ := v.Verify(t.Context(), verifier.Request{Raw: good, RequireLog: true}); report.Verdict != verifier.Undetermined {
		t.Error(report.Verdict)
	}
	if report, _ := v.Verify(t.Context(), verifier.Request{Raw: good}); report.Check(verifier.CheckLog).Outcome != verifier.NotRun || report.Verdict != verifier.Valid {
		t.Error("a check that nobody asked for is told")
	}
}

// witnessKey is the key of a witness that has signed nothing.
func witnessKey() string {
	material := append([]byte{4}, bytes.Repeat([]byte{3}, 32)...)
	id := sha256.Sum256(append([]byte("w.example\n"), material...))
	return fmt.Sprintf("w.example+%x+%s", id[:4], base64.StdEncoding.EncodeToString(material))
}

func otherKey(t *testing.T, name string) logproof.Key {
	t.Helper()
	k, err := logproof.NewKey(name, bytes.Repeat([]byte{3}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return k
}
