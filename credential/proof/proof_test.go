package proof_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// word is a suite that takes the proofs of one type and believes those that
// say so.
type word struct {
	id   proof.ID
	fail error
}

func (w word) ID() proof.ID { return w.id }

func (w word) Open(in *proof.Input) ([]*proof.Secured, error) {
	if w.fail != nil || in.Document == nil {
		return nil, w.fail
	}
	proofs, err := in.Proofs()
	if err != nil {
		return nil, nil
	}
	var out []*proof.Secured
	for _, p := range proofs {
		if kind, _ := p.Value.Get("type").Text(); kind == string(w.id) {
			out = append(out, &proof.Secured{Suite: w.id, At: p.At, Input: in, Proof: p.Value})
		}
	}
	return out, nil
}

func (word) Sign(context.Context, []byte, key.Signer, proof.Params) ([]byte, error) {
	return nil, errors.New("not here")
}

func (word) Verify(_ context.Context, s *proof.Secured, _ proof.Keys) (*proof.Proven, error) {
	if ok, _ := s.Proof.Get("ok").Bool(); !ok {
		return nil, reason.New(reason.BadSignature, s.At, "no")
	}
	return &proof.Proven{Document: s.Document}, nil
}

func read(t testing.TB, text string) *proof.Input {
	t.Helper()
	in, err := proof.Read([]byte(text), strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func TestRead(t *testing.T) {
	t.Parallel()
	if in := read(t, "eyJh.b.c \r\n"); in.Compact != "eyJh.b.c" || in.Document != nil || string(in.Raw) != "eyJh.b.c \r\n" {
		t.Errorf("%+v", in)
	}
	if in := read(t, ` {"a":1}`); in.Compact != "" || in.Document.Get("a") == nil {
		t.Errorf("%+v", in)
	}
	for text, code := range map[string]reason.Code{
		"": reason.MalformedJSON, "[]": reason.MalformedNotObject, `"eyJh.b.c"`: reason.MalformedNotObject, " eyJh.b.c": reason.MalformedJSON,
		"x": reason.MalformedJSON, `{"a":1,"a":2}`: reason.MalformedDuplicateMember, `{} {}`: reason.MalformedTrailing,
	} {
		if _, err := proof.Read([]byte(text), strictjson.Limits{}); reason.CodeOf(err) != code {
			t.Errorf("%q: %v (%s)", text, err, reason.CodeOf(err))
		}
	}
	for _, text := range []string{"eyJ" + strings.Repeat("a", 100), `{"a":"` + strings.Repeat("a", 100) + `"}`} {
		if _, err := proof.Read([]byte(text), strictjson.Limits{MaxBytes: 50}); reason.CodeOf(err) != reason.LimitSize {
			t.Error(err)
		}
	}
	if _, err := proof.Read(append([]byte("eyJ"), make([]byte, strictjson.DefaultMaxBytes)...), strictjson.Limits{}); reason.CodeOf(err) != reason.LimitSize {
		t.Error(err)
	}
}

func TestProofs(t *testing.T) {
	t.Parallel()
	many := func(n int) string { return `{"proof":[` + strings.Repeat(`{"type":"x"},`, n-1) + `{"type":"x"}]}` }
	if proofs, err := read(t, many(8)).Proofs(); err != nil || len(proofs) != 8 {
		t.Error(len(proofs), err)
	}
	for text, want := range map[string]string{ // places, or the code and place of the error
		many(9):                                 "resource_limit/proofs /proof",
		`{"proof":{"type":"x"}}`:                "/proof",
		`{"proof":[{"type":"x"},{"type":"y"}]}`: "/proof/0 /proof/1",
		`{}`:                                    "no_proof /proof",
		`{"proof":{}}`:                          "no_proof /proof",
		`{"proof":[]}`:                          "no_proof /proof",
		`{"Proof":{"type":"x"}}`:                "no_proof /proof",
		`{"proof":null}`:                        "malformed/proof /proof",
		`{"proof":"x"}`:                         "malformed/proof /proof",
		`{"proof":[{"type":"x"},null]}`:         "malformed/proof /proof/1",
		`{"proof":[{"type":"x"},[{"type":"x"}]]}`: "malformed/proof /proof/1",
	} {
		proofs, err := read(t, text).Proofs()
		var got []string
		for _, p := range proofs {
			got = append(got, p.At)
		}
		if err != nil {
			got = append(got, string(reason.CodeOf(err)), reason.AtOf(err))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q, not %q", text, got, want)
		}
	}
}

// TestSetOpen: no proof is left out, whoever reads it, and the order is that of
// the document.
func TestSetOpen(t *testing.T) {
	t.Parallel()
	set := proof.Set{word{id: "A"}, word{id: "B"}}
	opened, err := set.Open(read(t, `{"x":1,"proof":[{"type":"B","ok":true},{"type":"C"},{"type":"A"},{"type":"DataIntegrityProof","cryptosuite":"new-2030"},{"type":"DataIntegrityProof"},{}]}`))
	if err != nil {
		t.Fatal(err)
	}
	want := []reason.Code{"", "unsupported_alg/proof-type", reason.BadSignature, "unsupported_alg/suite", reason.MalformedProof, reason.MalformedProof}
	if len(opened) != len(want) {
		t.Fatal(len(opened))
	}
	for i, s := range opened {
		if s.At != fmt.Sprint("/proof/", i) {
			t.Errorf("%d is %s", i, s.At)
		}
		proven, err := set.Verify(t.Context(), s, nil)
		if reason.CodeOf(err) != want[i] || (proven == nil) != (err != nil) {
			t.Errorf("%s: %v", s.At, err)
		}
		if s.Problem != nil && (s.Document.Get("proof") != nil || s.Document.Get("x") == nil) {
			t.Errorf("%s: the document is %s", s.At, s.Document.AppendJSON(nil))
		}
	}
}

func TestSetRefuses(t *testing.T) {
	t.Parallel()
	broken := reason.New(reason.MalformedProof, "/proof", "broken")
	for name, c := range map[string]struct {
		set  proof.Set
		text string
		code reason.Code
	}{
		"no proof":               {proof.Set{word{id: "A"}}, `{}`, reason.NoProof},
		"no proof, no suite":     {nil, `{}`, reason.NoProof},
		"compact, nobody's":      {proof.Set{word{id: "A"}}, `eyJh.b.c`, "unsupported_alg/suite"},
		"compact, no suite":      {nil, `eyJh.b.c`, "unsupported_alg/suite"},
		"a suite's own is wrong": {proof.Set{word{id: "A"}, word{id: "B", fail: broken}}, `{"proof":{"type":"A"}}`, reason.MalformedProof},
	} {
		if opened, err := c.set.Open(read(t, c.text)); opened != nil || reason.CodeOf(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Without suites each proof is there, with its problem.
	opened, err := proof.Set{}.Open(read(t, `{"proof":{"type":"A","ok":true}}`))
	if err != nil || len(opened) != 1 || reason.CodeOf(opened[0].Problem) != "unsupported_alg/proof-type" {
		t.Errorf("%+v %v", opened, err)
	}
	// A proof that another set opened.
	opened, err = proof.Set{word{id: "A"}}.Open(read(t, `{"proof":{"type":"A","ok":true}}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (proof.Set{word{id: "B"}}).Verify(t.Context(), opened[0], nil); reason.CodeOf(err) != "unsupported_alg/suite" {
		t.Error(err)
	}
	if _, err := (proof.Set{word{id: "B"}}).Verify(t.Context(), &proof.Secured{}, nil); reason.CodeOf(err) != "unsupported_alg/suite" {
		t.Error(err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"proof":[{"type":"A","ok":true},{"type":"DataIntegrityProof"}]}`))
	f.Add([]byte("eyJh.b.c\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		in, err := proof.Read(raw, strictjson.Limits{})
		if err != nil {
			return
		}
		if (in.Document == nil) == (in.Compact == "") {
			t.Errorf("%q is both forms or none", raw)
		}
		opened, err := proof.Set{word{id: "A"}}.Open(in)
		if err == nil && len(opened) == 0 {
			t.Errorf("%q is secured by nothing", raw)
		}
	})
}
