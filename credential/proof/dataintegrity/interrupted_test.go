package dataintegrity_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/internal/jsonld"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// oneLook is a context that says that it is canceled at one of the looks that are
// taken at it, and when asked why, and never again: whoever passes over that is
// not stopped by a later one.
type oneLook struct {
	context.Context
	looks *atomic.Int64
	at    int64
}

func (c oneLook) Err() error {
	if n := c.looks.Add(1); n == c.at || n == c.at+1 {
		return context.Canceled
	}
	return nil
}

// TestCanceledAtEveryLook cancels each step of each suite at each look that it
// takes at its context: it ends with that, whatever it had done.
func TestCanceledAtEveryLook(t *testing.T) {
	t.Parallel()
	everyLook(t, newProcessor(t), partial)
}

// TestCanceledBetweenEditions does so with a document that says different things
// by different editions of a context.
func TestCanceledBetweenEditions(t *testing.T) {
	t.Parallel()
	p := newProcessor(t, terms(`, "course": "https://terms.example/course"`), terms(`, "course": "https://terms.example/another"`))
	everyLook(t, p, `{"@context": ["https://www.w3.org/ns/credentials/v2", "`+termsAt+`"], "id": "urn:example:d", "type": "VerifiableCredential", "issuer": "did:example:i", "name": "d",
		"validFrom": "2026-01-01T00:00:00Z", "validUntil": "2027-01-01T00:00:00Z", "credentialSubject": {"course": "a", "said": "b"}}`)
}

// everyStep are all that a suite does, each from its beginning.
func everyStep(t testing.TB, p *jsonld.Processor, document string) map[string]func(context.Context) error {
	t.Helper()
	out := map[string]func(context.Context) error{}
	for _, c := range []struct {
		suite  proof.Suite
		signer key.Signer
	}{
		{dataintegrity.EdDSARDFC(p), newSigner(t)},
		{dataintegrity.EdDSAJCS(p), newSigner(t)},
		{dataintegrity.ECDSARDFC(p), signerOf(t, key.P384)},
		{dataintegrity.ECDSASD(p), signerOf(t, key.P256)},
		{dataintegrity.BBS(p), bbsSigner(t)},
		{dataintegrity.Whole(dataintegrity.ECDSASD(p)), signerOf(t, key.P256)},
	} {
		name := fmt.Sprintf("%T %s ", c.suite, c.suite.ID())
		params := proof.Params{Purpose: proof.AssertionMethod, Created: created}
		if _, ok := c.suite.(proof.Discloser); ok {
			params.Mandatory = []string{"/issuer", "/validFrom"}
		}
		signed, err := c.suite.Sign(t.Context(), []byte(document), c.signer, params)
		if err != nil {
			t.Fatal(name, err)
		}
		out[name+"sign"] = func(ctx context.Context) error {
			_, err := c.suite.Sign(ctx, []byte(document), c.signer, params)
			return err
		}
		if d, ok := c.suite.(proof.Discloser); ok {
			disclosure := proof.Disclosure{Pointers: []string{"/name"}}
			base := signed
			if signed, err = d.Disclose(t.Context(), base, disclosure); err != nil {
				t.Fatal(name, err)
			}
			out[name+"disclose"] = func(ctx context.Context) error {
				_, err := d.Disclose(ctx, base, disclosure)
				return err
			}
			out[name+"choices"] = func(ctx context.Context) error {
				_, err := d.Choices(ctx, base)
				return err
			}
		}
		in, err := proof.Read(signed, strictjson.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		opened, err := c.suite.Open(in)
		if err != nil || len(opened) != 1 {
			t.Fatal(name, opened, err)
		}
		out[name+"verify"] = func(ctx context.Context) error {
			_, err := c.suite.Verify(ctx, opened[0], didKeys{})
			return err
		}
		if coverer, ok := c.suite.(proof.Coverer); ok {
			out[name+"cover"] = func(ctx context.Context) error {
				_, err := coverer.Cover(ctx, opened[0], nil)
				return err
			}
		}
	}
	return out
}

func everyLook(t *testing.T, p *jsonld.Processor, document string) {
	for name, do := range everyStep(t, p, document) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var looks atomic.Int64
			if err := do(oneLook{t.Context(), &looks, -2}); err != nil {
				t.Fatal(err)
			}
			n := looks.Load()
			if n == 0 && !strings.Contains(name, "jcs") {
				t.Fatal("it never looks")
			}
			for at := int64(1); at <= n; at++ {
				looks.Store(0)
				if err := do(oneLook{t.Context(), &looks, at}); reason.CodeOf(err) != reason.Canceled {
					t.Errorf("canceled at look %d of %d: %v", at, n, err)
				}
			}
		})
	}
}

var errAway = errors.New("the token was pulled out")

// away is a signer that signs so often and then no more.
type away struct {
	key.Signer
	left int
}

func (s *away) Sign(ctx context.Context, message []byte) ([]byte, error) {
	if s.left--; s.left < 0 {
		return nil, errAway
	}
	return s.Signer.Sign(ctx, message)
}

func (s *away) SignMessages(context.Context, []byte, [][]byte) ([]byte, error) { return nil, errAway }

// TestSignersThatFail: what a signer says is passed on, and nothing is signed.
func TestSignersThatFail(t *testing.T) {
	t.Parallel()
	p := newProcessor(t)
	broken := func() ([]byte, key.Signer, error) { return nil, nil, errAway }
	for name, tt := range map[string]struct {
		suite  proof.Suite
		signer key.Signer
	}{
		"one signature":               {dataintegrity.EdDSARDFC(p), &away{newSigner(t), 0}},
		"of the text":                 {dataintegrity.EdDSAJCS(p), &away{newSigner(t), 0}},
		"of what always shows":        {dataintegrity.ECDSASD(p), &away{signerOf(t, key.P256), 0}},
		"of a statement":              {dataintegrity.ECDSASDWith(p, make([]byte, 32), &away{signerOf(t, key.P256), 3}), signerOf(t, key.P256)},
		"no secrets":                  {dataintegrity.ECDSASDFrom(p, broken), signerOf(t, key.P256)},
		"of many messages":            {dataintegrity.BBS(p), &away{bbsSigner(t), 0}},
		"no secret for labels":        {dataintegrity.BBSFrom(p, func() ([]byte, error) { return nil, errAway }), bbsSigner(t)},
		"whole, one signature":        {dataintegrity.Whole(dataintegrity.ECDSASD(p)), &away{signerOf(t, key.P256), 0}},
		"whole, of many messages":     {dataintegrity.Whole(dataintegrity.BBS(p)), &away{bbsSigner(t), 0}},
		"whole, no secret for labels": {dataintegrity.Whole(dataintegrity.BBSFrom(p, func() ([]byte, error) { return nil, errAway })), bbsSigner(t)},
	} {
		signed, err := tt.suite.Sign(t.Context(), []byte(partial), tt.signer, proof.Params{Purpose: proof.AssertionMethod, Mandatory: mandatoryFor(tt.suite)})
		if !errors.Is(err, errAway) || signed != nil {
			t.Errorf("%s: %v, %s", name, err, signed)
		}
	}
}
