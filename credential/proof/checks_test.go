package proof_test

import (
	"testing"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/strictjson"
)

// The tests in this file are each for a check that could be taken out without
// another test failing: see docs/mutation.md.

func TestDiscloses(t *testing.T) {
	t.Parallel()
	private, err := key.FromSeed(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	for name, p := range map[string]proof.Params{
		"mandatory": {Mandatory: []string{}}, "disclosable": {Disclosable: []string{}}, "holder": {Holder: private.Public()},
		"decoys": {Decoys: 1}, "status": {Status: strictjson.String("x")},
	} {
		if !p.Discloses() {
			t.Errorf("%s is passed over", name)
		}
	}
	if (proof.Params{Purpose: proof.AssertionMethod, Challenge: "c", ProofID: "x"}).Discloses() {
		t.Error("what every suite has is taken for a disclosure")
	}
}

// TestReadCOSE: a COSE message is told from a document, and from a token, by
// its first bytes, whatever the others are.
func TestReadCOSE(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{"\xd2\x84\x40\xa0\x40\x40", "\xd2\x84"} {
		in, err := proof.Read([]byte(raw), strictjson.Limits{})
		if err != nil || string(in.COSE) != raw || in.Document != nil || in.Compact != "" || !proof.IsCOSE([]byte(raw)) {
			t.Errorf("%x: %+v %v", raw, in, err)
		}
	}
	for _, raw := range []string{"", "{}", "eyJ", "\x83"} {
		if proof.IsCOSE([]byte(raw)) {
			t.Errorf("%x is taken for COSE", raw)
		}
	}
}

// first is a suite that takes whatever comes and counts how often it was asked.
type first struct {
	word
	asked *int
}

func (f first) Open(in *proof.Input) ([]*proof.Secured, error) {
	*f.asked++
	return []*proof.Secured{{Suite: f.id, Input: in}}, nil
}

// TestOneSuiteTakesAToken: a token is of one type, and so of the first suite
// that takes it; no other is asked.
func TestOneSuiteTakesAToken(t *testing.T) {
	t.Parallel()
	asked := 0
	set := proof.Set{first{word{id: "a"}, &asked}, first{word{id: "b"}, &asked}}
	secured, err := set.Open(&proof.Input{Compact: "eyJ.e30.x"})
	if err != nil || len(secured) != 1 || secured[0].Suite != "a" || asked != 1 {
		t.Errorf("%v %v, asked %d times", secured, err, asked)
	}
}
