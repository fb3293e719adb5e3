package verifier_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/logproof"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/credential/proof/jose"
	"github.com/kompetansebevis/bevis/credential/status"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/verifier"
)

// The tests in this file are each for a check that could be taken out without
// another test failing: see docs/mutation.md.

// TestLogOf: a status list need not stand in a log, of a presentation each
// credential has a proof of its own, and what a holder derives is in none.
func TestLogOf(t *testing.T) {
	t.Parallel()
	p := newParty(t)
	mine := newProvider(t, "kurs.example/log")
	at := proof.Params{Created: noon.Add(-time.Hour)}
	known := []trust.Log{{Key: mine.cfg.Key}}
	listed := p.sign(jose.VCJWT, p.credential("did:x:kari", entry(7)), at)
	a, b := p.sign(dataintegrity.EdDSARDFC2022, p.credential("did:x:kari", nil), at), p.sign(dataintegrity.EdDSARDFC2022, p.credential("did:x:ola", nil), at)
	ofA, ofB, other := mine.logged(a), mine.logged(b), mine.logged([]byte("another"))
	forged := bytes.Replace(ofB, []byte("\n— kurs.example/log "), []byte("\n— kurs.example/log AAAA"), 1)
	both := p.presentation(proof.Params{Domains: []string{firm}}, p.id, a, b)
	derived := map[string][]byte{}
	for id, own := range map[proof.ID]party{dataintegrity.ECDSASD2023: withKey(t, key.P256), dataintegrity.BBS2023: withBBS(t)} {
		derived[string(id)] = own.disclosed(id, own.credential("did:x:kari", nil))
	}
	for _, c := range []struct {
		name     string
		raw      []byte
		audience string
		proofs   [][]byte
		code     reason.Code // empty: there is nothing against it
		verdict  verifier.Verdict
	}{
		{"with a list in no log", listed, "", [][]byte{mine.logged(listed)}, "", verifier.Valid},
		{"two, each with its own", both, firm, [][]byte{ofA, ofB}, "", verifier.Valid},
		{"two, the other way round", both, firm, [][]byte{ofB, ofA}, "", verifier.Valid},
		{"two, and a proof of one", both, firm, [][]byte{ofA}, "log_proof_unavailable/none", verifier.Undetermined},
		{"two, of one a broken proof", both, firm, [][]byte{ofA, forged}, "log_proof_invalid/signature", verifier.Invalid},
		{"derived with ecdsa-sd-2023", derived["ecdsa-sd-2023"], "", [][]byte{other}, "log_proof_unavailable/none", verifier.Undetermined},
		{"derived with bbs-2023", derived["bbs-2023"], "", [][]byte{other}, "log_proof_unavailable/none", verifier.Undetermined},
	} {
		v := newVerifier(t, verifier.Config{Trust: trust.AnyoneUnsafe(), Logs: logs{known, true}})
		report, _ := v.Verify(t.Context(), verifier.Request{Raw: c.raw, LogProofs: c.proofs, Audience: c.audience,
			StatusLists: map[string][]byte{listURL: p.list(listURL, status.Revocation, noon.Add(-time.Hour), time.Time{}, 8)}})
		if report.Verdict != c.verdict || report.Reason != c.code {
			t.Errorf("%s: %s %q (%v)", c.name, report.Verdict, report.Reason, report.Err())
		}
	}
	// Where nobody has to be in a log, a proof of the other, from a log that is not
	// known, is nothing to be said of the one that has none.
	strange := newProvider(t, "strange.example/log")
	w := newVerifier(t, verifier.Config{Trust: trust.AnyoneUnsafe(), Logs: logs{known, false}})
	report, _ := w.Verify(t.Context(), verifier.Request{Raw: both, LogProofs: [][]byte{ofA, strange.logged(b), []byte("c2sp.org/tlog-proof@v1\n")}, Audience: firm})
	if one, two := report.Parts[0].Check(verifier.CheckLog), report.Parts[1].Check(verifier.CheckLog); one.Outcome != verifier.Pass || two.Outcome != verifier.Warn && two.Outcome != verifier.Fail {
		t.Errorf("%+v %+v", one, two)
	}
	report, _ = w.Verify(t.Context(), verifier.Request{Raw: both, LogProofs: [][]byte{strange.logged(b)}, Audience: firm})
	if one, two := report.Parts[0].Check(verifier.CheckLog), report.Parts[1].Check(verifier.CheckLog); one.Outcome != verifier.NotApplicable || two.Reason != "display_warning/log" {
		t.Errorf("%+v %+v", one, two)
	}
	// A log that is known and in which nobody has to be, unless it is asked for.
	v := newVerifier(t, verifier.Config{Trust: trust.AnyoneUnsafe(), Logs: logs{known, false}})
	for asked, want := range map[bool]reason.Code{false: "", true: "log_proof_unavailable/none"} {
		report, _ := v.Verify(t.Context(), verifier.Request{Raw: a, RequireLog: asked})
		if check := report.Check(verifier.CheckLog); check.Reason != want {
			t.Errorf("asked for %t: %+v", asked, check)
		}
	}
}

// TestLogSeenByWitnesses: a witness that is known must have seen the log, the
// earliest of several counts, and one whose signature is wrong ends it.
func TestLogSeenByWitnesses(t *testing.T) {
	t.Parallel()
	p := newParty(t)
	mine := newProvider(t, "kurs.example/log")
	raw := p.sign(jose.VCJWT, p.credential("did:x:kari", nil), proof.Params{Created: noon.Add(-time.Hour)})
	logProof := mine.logged(raw)
	first, second := newWitness(t, "first.example"), newWitness(t, "second.example")
	early, late := noon.Add(-30*time.Minute), noon.Add(-10*time.Minute)
	wrong := first.cosign(t, logProof, early, func(message string) string { return message + "x" })
	for _, c := range []struct {
		name  string
		proof []byte
		known []logproof.Key
		code  reason.Code
		asOf  time.Time
	}{
		{"nobody is asked", first.cosign(t, logProof, early, nil), nil, "", time.Time{}},
		{"by one", first.cosign(t, logProof, early, nil), []logproof.Key{first.key}, "", early},
		{"by one of two that are known", second.cosign(t, logProof, early, nil), []logproof.Key{first.key, second.key}, "", early},
		{"by the first of two that are known", first.cosign(t, logProof, early, nil), []logproof.Key{first.key, second.key}, "", early},
		{"by two, early first", second.cosign(t, first.cosign(t, logProof, early, nil), late, nil), []logproof.Key{first.key, second.key}, "", early},
		{"by two, late first", second.cosign(t, first.cosign(t, logProof, late, nil), early, nil), []logproof.Key{first.key, second.key}, "", early},
		{"by another", second.cosign(t, logProof, early, nil), []logproof.Key{first.key}, "log_proof_unavailable/witness", time.Time{}},
		{"with a wrong signature", wrong, []logproof.Key{first.key}, "log_proof_invalid/signature", time.Time{}},
		{"with a wrong one, and a right one", second.cosign(t, wrong, late, nil), []logproof.Key{first.key, second.key}, "log_proof_invalid/signature", time.Time{}},
	} {
		v := newVerifier(t, verifier.Config{Trust: trust.Pins(p.id), Logs: logs{[]trust.Log{{Key: mine.cfg.Key, Witnesses: c.known}}, true}})
		report, _ := v.Verify(t.Context(), verifier.Request{Raw: raw, LogProofs: [][]byte{c.proof}})
		if check := report.Check(verifier.CheckLog); check.Reason != c.code || !check.AsOf.Equal(c.asOf) {
			t.Errorf("%s: %+v", c.name, check)
		}
	}
}

// witness signs checkpoints by c2sp.org/tlog-cosignature.
type witness struct {
	private ed25519.PrivateKey
	key     logproof.Key
}

func newWitness(t *testing.T, name string) witness {
	t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	material := append([]byte{4}, public...)
	id := sha256.Sum256(append([]byte(name+"\n"), material...))
	k, err := logproof.ParseKey(fmt.Sprintf("%s+%x+%s", name, id[:4], base64.StdEncoding.EncodeToString(material)))
	if err != nil {
		t.Fatal(err)
	}
	return witness{private, k}
}

// cosign puts a signature under the checkpoint in a proof.
func (w witness) cosign(t *testing.T, logProof []byte, at time.Time, change func(message string) string) []byte {
	t.Helper()
	p, err := logproof.Parse(logProof)
	if err != nil {
		t.Fatal(err)
	}
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", at.Unix(), p.Checkpoint.Text())
	if change != nil {
		message = change(message)
	}
	raw := binary.BigEndian.AppendUint32(nil, w.key.ID)
	raw = binary.BigEndian.AppendUint64(raw, uint64(at.Unix()))
	raw = append(raw, ed25519.Sign(w.private, []byte(message))...)
	return fmt.Appendf(bytes.Clone(logProof), "— %s %s\n", w.key.Name, base64.StdEncoding.EncodeToString(raw))
}

// TestLogSeenBefore: what was not in the log when it was seen may have been signed
// as late as that, and some days are left to enter it.
func TestLogSeenBefore(t *testing.T) {
	t.Parallel()
	p := newParty(t)
	mine := newProvider(t, "kurs.example/log")
	empty := mine.log.Checkpoint()
	seen := noon.Add(-time.Hour)
	early, late := seen.Add(-30*24*time.Hour), seen.Add(-time.Hour)
	first := p.sign(jose.VCJWT, p.credential("did:x:kari", nil), proof.Params{Created: early})
	second := p.sign(jose.VCJWT, p.credential("did:x:kari", nil), proof.Params{Created: late})
	beginning := func(at time.Time) []byte {
		out, err := jose.VC().Sign(t.Context(), p.credential("did:x:kari", func(d *credential.Draft) { d.ValidFrom = at }), p.signer, proof.Params{Purpose: proof.AssertionMethod})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	began, begunLongAgo := beginning(late), beginning(early)
	// Of two proofs one does not say when, and the credential is of long ago.
	doc := p.credential("did:x:kari", func(d *credential.Draft) { d.ValidFrom = early })
	suite, err := p.set.Suite(dataintegrity.EdDSAJCS2022)
	if err != nil {
		t.Fatal(err)
	}
	silent, err := suite.Sign(t.Context(), doc, p.signer, proof.Params{Purpose: proof.AssertionMethod})
	if err != nil {
		t.Fatal(err)
	}
	oneSilent := anotherProof(t, p.sign(dataintegrity.EdDSARDFC2022, doc, proof.Params{Created: late}), proofOf(silent))
	twice := func(a, b time.Time) []byte {
		doc := p.credential("did:x:kari", nil)
		return anotherProof(t, p.sign(dataintegrity.EdDSARDFC2022, doc, proof.Params{Created: a}), proofOf(p.sign(dataintegrity.EdDSAJCS2022, doc, proof.Params{Created: b})))
	}
	for _, c := range []struct {
		name   string
		raw    []byte
		within time.Duration
		root   logproof.Hash
		size   int64
		code   reason.Code
	}{
		{"signed an hour before", second, 0, empty.Root, 0, ""},
		{"signed days before", first, 0, empty.Root, 0, "log_proof_invalid/backdated"},
		{"signed days before, with days to enter it", first, 90 * 24 * time.Hour, empty.Root, 0, ""},
		{"signed an hour before, with minutes", second, time.Minute, empty.Root, 0, "log_proof_invalid/backdated"},
		{"begun an hour before", began, 0, empty.Root, 0, ""},
		{"begun days before", begunLongAgo, 0, empty.Root, 0, "log_proof_invalid/backdated"},
		{"two proofs, the first early", twice(early, late), 0, empty.Root, 0, "log_proof_invalid/backdated"},
		{"two proofs, the first late", twice(late, early), 0, empty.Root, 0, "log_proof_invalid/backdated"},
		{"two proofs, one silent", oneSilent, 0, empty.Root, 0, ""},
		{"two proofs, both late", twice(late, late), 0, empty.Root, 0, ""},
	} {
		logProof := mine.logged(c.raw)
		v := newVerifier(t, verifier.Config{Trust: trust.Pins(p.id), Logs: logs{[]trust.Log{{Key: mine.cfg.Key, Within: c.within, Seen: []trust.Seen{{At: seen, Size: c.size, Root: c.root}}}}, true}})
		report, _ := v.Verify(t.Context(), verifier.Request{Raw: c.raw, LogProofs: [][]byte{logProof}})
		if check := report.Check(verifier.CheckLog); check.Reason != c.code {
			t.Errorf("%s: %+v", c.name, check)
		}
	}
	raw := p.sign(jose.VCJWT, p.credential("did:x:ola", nil), proof.Params{Created: late})
	logProof := mine.logged(raw)
	now := mine.log.Checkpoint()
	v := newVerifier(t, verifier.Config{Trust: trust.Pins(p.id), Logs: logs{[]trust.Log{{Key: mine.cfg.Key, Seen: []trust.Seen{{At: seen, Size: now.Size, Root: now.Root}}}}, true}})
	if report, _ := v.Verify(t.Context(), verifier.Request{Raw: raw, LogProofs: [][]byte{logProof}}); report.Verdict != verifier.Valid {
		t.Errorf("seen as it is: %v", report.Err())
	}
}

// TestListsLife: a list whose time to live is none says nothing.
func TestListsLife(t *testing.T) {
	t.Parallel()
	p := newParty(t)
	bits, err := status.NewList(status.MinEntries)
	if err != nil {
		t.Fatal(err)
	}
	draft, err := status.Draft(listURL, status.Revocation, strictjson.String(p.id), bits, noon.Add(-time.Hour), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	built, err := draft.Build()
	if err != nil {
		t.Fatal(err)
	}
	for life, code := range map[string]reason.Code{"7200000": "", "-1": "status_invalid/ttl"} {
		list := p.sign(dataintegrity.EdDSARDFC2022, []byte(strings.Replace(string(built.Raw()), `"statusPurpose"`, `"ttl":`+life+`,"statusPurpose"`, 1)), proof.Params{})
		report := verdictOn(t, p, trust.Pins(p.id), verifier.NoStatus{}, verifier.Request{Raw: p.sign(dataintegrity.EdDSARDFC2022, p.credential("did:x:kari", entry(7)), proof.Params{}), StatusLists: map[string][]byte{listURL: list}})
		if report.Reason != code {
			t.Errorf("%s: %s %q (%v)", life, report.Verdict, report.Reason, report.Err())
		}
	}
}

// TestLogProofsOfWhatIsUnsigned: proofs that come with a presentation are held
// against each credential in it, and one without a signature is in no log.
func TestLogProofsOfWhatIsUnsigned(t *testing.T) {
	t.Parallel()
	p, log := newParty(t), newProvider(t, "kurs.example/log")
	signed := p.sign(dataintegrity.EdDSARDFC2022, p.credential("did:example:kari", nil), proof.Params{})
	shown := p.presentation(proof.Params{Domains: []string{"me"}}, p.id, signed, p.credential("did:example:ola", nil))
	v := newVerifier(t, verifier.Config{Trust: trust.Pins(p.id), Logs: logs{known: []trust.Log{{Key: log.cfg.Key}}}})
	report, _ := v.Verify(t.Context(), verifier.Request{Raw: shown, Audience: "me", LogProofs: [][]byte{log.logged(signed)}})
	if len(report.Parts) != 2 || report.Parts[0].Verdict != verifier.Valid || report.Parts[1].Reason != reason.NoProof {
		t.Errorf("%s %s, %d parts", report.Verdict, report.Reason, len(report.Parts))
	}
}
