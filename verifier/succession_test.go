package verifier_test

import (
	"context"
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
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/verifier"
)

// merged is a registry by which an issuer is trusted for who continues it.
type merged struct {
	since time.Time
	own   bool // it is trusted by itself, too
	asked *[]time.Time
}

// Decide implements trust.Registry.
func (m merged) Decide(_ context.Context, q trust.Query) (trust.Decision, error) {
	*m.asked = append(*m.asked, q.Signed)
	d := trust.Decision{Trusted: q.Signed.Before(m.since), Code: "untrusted_issuer/after-succession", Why: "x", Source: "trust.txt line 2",
		Vouchers:  []trust.Voucher{{Kind: trust.KindIssuer, Source: "trust.txt line 2", Through: []string{"did:web:ny.example"}}},
		Continued: &trust.Continued{ID: "did:web:ny.example", Since: m.since}}
	if m.own {
		d.Vouchers = append(d.Vouchers, trust.Voucher{Kind: trust.KindIssuer, Source: "trust.txt line 4"})
	}
	return d, nil
}

// TestSuccession: the registry is asked about when the credential says that it
// was signed, and on whose word that rests is said.
func TestSuccession(t *testing.T) {
	t.Parallel()
	p := newParty(t)
	const kari = "did:example:kari"
	undated := func(d *credential.Draft) { d.ValidFrom = time.Time{} }
	di := func(at time.Time, change func(*credential.Draft)) []byte {
		return p.sign(dataintegrity.EdDSARDFC2022, p.credential(kari, change), proof.Params{Created: at})
	}
	later := noon.Add(24 * time.Hour)
	log := newProvider(t, "kurs.example/log")
	token := p.sign(jose.VCJWT, p.credential(kari, nil), proof.Params{Created: noon})
	logProof := log.logged(token)
	seenBefore, seenAfter := log.seen(noon.Add(time.Hour)), log.seen(later.Add(time.Hour))
	log.logged([]byte("another"))
	larger := log.seen(noon.Add(time.Hour))
	knows := func(s ...trust.Seen) verifier.Logs { return logs{known: []trust.Log{{Key: log.cfg.Key, Seen: s}}} }
	eye := newWitness(t, "eye.example")
	alsoSeen := func(s ...trust.Seen) verifier.Logs {
		return logs{known: []trust.Log{{Key: log.cfg.Key, Witnesses: []logproof.Key{eye.key}, Seen: s}}}
	}
	watched, undatedSeen := alsoSeen(), seenBefore
	undatedSeen.At = time.Time{}
	proofBefore, proofAfter := eye.cosign(t, logProof, noon.Add(time.Hour), nil), eye.cosign(t, logProof, later.Add(time.Hour), nil)
	const word = "display_warning/before-succession"
	for _, c := range []struct {
		name   string
		raw    []byte
		logs   verifier.Logs
		proof  []byte
		own    bool
		since  time.Time
		signed time.Time
		code   string // of the check of trust
		note   verifier.Note
	}{
		{"signed before", di(noon, nil), nil, nil, false, later, noon, word, verifier.NoteSaysBefore},
		{"begins before, and was signed afterwards", di(later.Add(time.Hour), nil), nil, nil, false, later, later.Add(time.Hour), "untrusted_issuer/after-succession", ""},
		{"a token signed before", token, nil, nil, false, later, noon, word, verifier.NoteSaysBefore},
		{"trusted by itself", di(noon, nil), nil, nil, true, later, noon, "", ""},
		{"in a log that was seen before", token, knows(seenBefore), logProof, false, later, noon, "", verifier.NoteSignedBefore},
		{"in a log that was seen afterwards", token, knows(seenAfter), logProof, false, later, noon, word, verifier.NoteSaysBefore},
		{"in a log of which another tree was seen", token, knows(larger), logProof, false, later, noon, word, verifier.NoteSaysBefore},
		{"in a log that nobody has seen", token, knows(), logProof, false, later, noon, word, verifier.NoteSaysBefore},
		{"in a log that a witness saw before", token, watched, proofBefore, false, later, noon, "", verifier.NoteSignedBefore},
		{"in a log that a witness saw afterwards", token, watched, proofAfter, false, later, noon, word, verifier.NoteSaysBefore},
		{"in a log that was seen afterwards and before", token, knows(seenAfter, seenBefore), logProof, false, later, noon, "", verifier.NoteSignedBefore},
		{"in a log that was seen before and afterwards", token, knows(seenBefore, seenAfter), logProof, false, later, noon, "", verifier.NoteSignedBefore},
		{"in a log that a witness saw before, and that was seen at no time", token, alsoSeen(undatedSeen), proofBefore, false, later, noon, "", verifier.NoteSignedBefore},
	} {
		var asked []time.Time
		v := newVerifier(t, verifier.Config{Trust: merged{c.since, c.own, &asked}, Logs: c.logs, Now: func() time.Time { return later.AddDate(0, 1, 0) }})
		req := verifier.Request{Raw: c.raw}
		if c.proof != nil {
			req.LogProofs = [][]byte{c.proof}
		}
		report, _ := v.Verify(t.Context(), req)
		var code, note []string
		for _, check := range report.Checks {
			if check.ID == verifier.CheckTrust {
				code, note = append(code, string(check.Reason)), append(note, string(check.Note))
			}
		}
		if len(asked) != 1 || !asked[0].Equal(c.signed) {
			t.Errorf("%s: asked for %v", c.name, asked)
		}
		if strings.Join(code, "") != c.code || !strings.Contains(strings.Join(note, " "), string(c.note)) || (report.Verdict == verifier.Valid) != !strings.HasPrefix(c.code, "untrusted") {
			t.Errorf("%s: %q %q, %s %s", c.name, code, note, report.Verdict, report.Reason)
		}
	}
	// The word of others, who signed it as well, is not the issuer's.
	var times []time.Time
	both := newParty(t).sign(dataintegrity.EdDSARDFC2022, di(noon, nil), proof.Params{Created: later.Add(time.Hour)})
	w := newVerifier(t, verifier.Config{Trust: merged{later, false, &times}, Now: func() time.Time { return later.AddDate(0, 1, 0) }})
	if report, err := w.Verify(t.Context(), verifier.Request{Raw: both}); err != nil || len(times) != 1 || !times[0].Equal(noon) {
		t.Errorf("signed by others afterwards: %v %s %v", times, report.Reason, err)
	}
	// What says no time may have been signed just now; a list is asked for none.
	var asked []time.Time
	v := newVerifier(t, verifier.Config{Trust: merged{later, false, &asked}})
	report, _ := v.Verify(t.Context(), verifier.Request{Raw: p.credential(kari, undated)})
	if len(asked) != 1 || !asked[0].Equal(report.JudgedAt) {
		t.Errorf("undated: %v", asked)
	}
	asked = nil
	list := p.list(listURL, status.Revocation, noon, noon.Add(time.Hour), 8)
	if report, err := v.Verify(t.Context(), verifier.Request{Raw: di(noon, entry(7)), StatusLists: map[string][]byte{listURL: list}}); err != nil || len(asked) != 2 || !asked[1].IsZero() {
		t.Errorf("%v %s %v", asked, report.Reason, err)
	}
}

// anyKey pins one key under whatever name.
type anyKey struct{ public key.Public }

// PinnedKey implements verifier.KeyPins.
func (a anyKey) PinnedKey(trust.Query, string) (key.Public, bool) { return a.public, true }

// TestLastSigned: of several times at which an issuer's proofs were made the last
// one counts, also where its keys go by another name than it does.
func TestLastSigned(t *testing.T) {
	t.Parallel()
	p := newParty(t)
	later := noon.Add(24 * time.Hour)
	signed := func(p party, times ...time.Time) []byte {
		raw := p.credential("did:example:kari", nil)
		for _, at := range times {
			raw = p.sign(dataintegrity.EdDSARDFC2022, raw, proof.Params{Created: at})
		}
		return raw
	}
	other := p
	other.signer = newKey(t).Signer("did:web:keys.example#one")
	pins := anyKey{other.signer.Public()}
	for _, c := range []struct {
		name string
		raw  []byte
		pins verifier.KeyPins
		want time.Time
	}{
		{"the last one first", signed(p, later, noon), nil, later},
		{"the last one last", signed(p, noon, later), nil, later},
		{"by another name", signed(other, noon), pins, noon},
		{"by another name, the last one first", signed(other, later, noon), pins, later},
	} {
		var asked []time.Time
		v := newVerifier(t, verifier.Config{Trust: merged{later.Add(time.Hour), false, &asked}, Pins: c.pins, Now: func() time.Time { return later.AddDate(0, 1, 0) }})
		if report, err := v.Verify(t.Context(), verifier.Request{Raw: c.raw}); err != nil || len(asked) != 1 || !asked[0].Equal(c.want) {
			t.Errorf("%s: %v, %v %s", c.name, asked, err, report.Reason)
		}
	}
}
