package verifier

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// mute is a suite that cannot tell what it covers.
type mute struct {
	proof.Suite
	id proof.ID
}

func (m mute) ID() proof.ID { return m.id }

// telling is a suite that says of each place what it is told to, or fails; and
// notes with which contexts it was asked.
type telling struct {
	mute
	places []proof.Place
	err    error
	asked  *[]string
}

func (s telling) Cover(_ context.Context, _ *proof.Secured, contexts []proof.Context) ([]proof.Place, error) {
	for _, c := range contexts {
		*s.asked = append(*s.asked, c.URL)
	}
	return slices.Clone(s.places), s.err
}

// TestCoverageOfReports: what is told of a document by what its suites tell, and
// by what came of its proofs.
func TestCoverageOfReports(t *testing.T) {
	t.Parallel()
	document, err := strictjson.Parse([]byte(`{"a":1,"b":2}`), strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	envelope, err := strictjson.Parse([]byte(`{"id":"data:","type":"x"}`), strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	at := func(at string, state proof.State, why proof.Why) proof.Place {
		return proof.Place{Part: proof.PartDocument, At: at, State: state, Why: why}
	}
	asked := []string{}
	suites := proof.Set{
		mute{id: "mute"},
		telling{mute: mute{id: "text"}, asked: &asked, places: []proof.Place{at("/a", proof.Protected, proof.SignedText), at("/b", proof.Unprotected, proof.NotSigned), {Part: proof.PartHeader, Why: proof.SignedMeaning}}},
		telling{mute: mute{id: "meaning"}, asked: &asked, places: []proof.Place{at("/a", proof.Unprotected, proof.UndefinedTerm), at("/b", proof.Protected, proof.SignedMeaning)}},
		telling{mute: mute{id: "one"}, asked: &asked, places: []proof.Place{at("/a", proof.Protected, proof.SignedDigest)}},
		telling{mute: mute{id: "broken"}, asked: &asked, err: errors.New("broken")},
	}
	by := func(id proof.ID) *proof.Secured { return &proof.Secured{Suite: id} }
	held := func(ids ...proof.ID) (out []heldProof) {
		for _, id := range ids {
			out = append(out, heldProof{by(id), []proof.Context{{URL: "held"}}})
		}
		return out
	}
	unread := &proof.Secured{Suite: "text", Problem: errors.New("unread")}
	const untold = "document /a unprotected cannot-be-told, document /b unprotected cannot-be-told"
	for name, c := range map[string]struct {
		carrier   string
		envelope  *strictjson.Value
		secured   []*proof.Secured
		held      []heldProof
		outcome   Outcome // of the check of the proof
		want      string
		spellings int
		asked     string // with which contexts
	}{
		"one proof holds":               {secured: []*proof.Secured{by("text")}, held: held("text"), outcome: Pass, want: "document /a protected signed-text, document /b unprotected not-signed, header  unprotected signed-meaning", spellings: 3, asked: "held"},
		"in a picture":                  {carrier: "png", held: held("one"), want: "picture  outside around, document /a protected signed-digest", asked: "held"},
		"in an envelope":                {envelope: envelope, held: held("one"), want: "envelope /id proof signature, envelope /type outside around, document /a protected signed-digest", asked: "held"},
		"two hold, what both cover":     {held: held("text", "meaning"), want: "document /a unprotected undefined-term, document /b unprotected not-signed, header  unprotected cannot-be-told", asked: "held held"},
		"two hold, of which one is old": {held: held("text", "one"), want: "document /a protected signed-text, document /b unprotected cannot-be-told, header  unprotected cannot-be-told", spellings: 3, asked: "held held"},
		"by its meaning":                {held: held("meaning"), want: "document /a unprotected undefined-term, document /b protected signed-meaning", spellings: 8, asked: "held"},
		"none was there":                {want: "document /a unprotected no-proof-holds, document /b unprotected no-proof-holds"},
		"none holds":                    {secured: []*proof.Secured{by("text")}, outcome: Fail, want: "document /a unprotected no-proof-holds, document /b unprotected not-signed, header  unprotected signed-meaning", spellings: 3},
		"right, and by nobody's key":    {secured: []*proof.Secured{by("text"), by("meaning")}, outcome: Pass, want: "document /a protected signed-text, document /b unprotected not-signed, header  unprotected signed-meaning", spellings: 3, asked: "used"},
		"by a suite that cannot tell":   {held: held("mute"), want: untold},
		"by one that is not there":      {held: held("away"), want: untold},
		"by one that fails":             {held: held("broken"), want: untold, asked: "held"},
		"that could not be read":        {secured: []*proof.Secured{unread}, want: untold},
	} {
		asked = asked[:0]
		r := &Report{Carrier: c.carrier, Contexts: []proof.Context{{URL: "used"}}, Checks: []Check{{ID: CheckProof, Outcome: c.outcome}},
			evidence: evidence{suites: suites, envelope: c.envelope, document: document, secured: c.secured, held: c.held}}
		got, err := r.Coverage(t.Context())
		if err != nil {
			t.Fatal(name, err)
		}
		var said []string
		for _, p := range got.Places {
			said = append(said, fmt.Sprintf("%s %s %s %s", p.Part, p.At, p.State, p.Why))
		}
		if strings.Join(said, ", ") != c.want || len(got.Spellings) != c.spellings || strings.Join(asked, " ") != c.asked {
			t.Errorf("%s:\n got %s, %d spellings, asked with %q\nwant %s, %d, %q", name, strings.Join(said, ", "), len(got.Spellings), asked, c.want, c.spellings, c.asked)
		}
		if wantProof := c.outcome; len(c.held) == 0 && got.Proof != wantProof || len(c.held) > 0 && got.Proof != Pass {
			t.Errorf("%s: the proof: %s", name, got.Proof)
		}
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	r := &Report{evidence: evidence{suites: suites, document: document, held: held("broken")}}
	if _, err := r.Coverage(stopped); reason.CodeOf(err) != reason.Canceled {
		t.Errorf("nobody waits: %v", err)
	}
}
