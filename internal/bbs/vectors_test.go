package bbs

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"testing"

	bls "github.com/cloudflare/circl/ecc/bls12381"

	"github.com/kompetansebevis/bevis/reason"
)

// octets are written in hexadecimal.
type octets []byte

func (o *octets) UnmarshalText(text []byte) (err error) {
	*o, err = hex.DecodeString(string(text))
	return err
}

type vectors struct {
	Messages []octets
	KeyPair  struct {
		KeyMaterial, KeyInfo, KeyDst octets
		KeyPair                      struct{ SecretKey, PublicKey octets }
	}
	H2S                      struct{ Message, Dst, Scalar octets }
	MapMessageToScalarAsHash struct {
		Dst   octets
		Cases []struct{ Message, Scalar octets }
	}
	Generators struct {
		P1, Q1        octets
		MsgGenerators []octets
	}
	MockedRng struct {
		Seed, Dst     octets
		Count         int
		MockedScalars []octets
	}
	Signatures []struct {
		CaseName      string
		SignerKeyPair struct{ SecretKey, PublicKey octets }
		Header        octets
		Messages      []octets
		Signature     octets
		Result        struct{ Valid bool }
		Trace         struct{ B, Domain octets }
	}
	Proofs []struct {
		CaseName                                                      string
		SignerPublicKey, Signature, Header, PresentationHeader, Proof octets
		Messages                                                      []octets
		DisclosedIndexes                                              []int
		Result                                                        struct{ Valid bool }
		Trace                                                         struct {
			RandomScalars struct {
				R1            octets
				R2            octets
				ETilde        octets   `json:"e_tilde"`
				R1Tilde       octets   `json:"r1_tilde"`
				R3Tilde       octets   `json:"r3_tilde"`
				MTildeScalars []octets `json:"m_tilde_scalars"`
			} `json:"random_scalars"`
			ABar              octets `json:"A_bar"`
			BBar              octets `json:"B_bar"`
			D, T1, T2, Domain octets
			Challenge         octets
		}
	}
}

func readVectors(t testing.TB) *vectors {
	t.Helper()
	raw, err := os.ReadFile("testdata/bls12-381-sha-256.json")
	if err != nil {
		t.Fatal(err)
	}
	v := &vectors{}
	if err := json.Unmarshal(raw, v); err != nil {
		t.Fatal(err)
	}
	if len(v.Signatures) != 10 || len(v.Proofs) != 15 || len(v.Messages) != 10 {
		t.Fatal("the vectors are not all there")
	}
	return v
}

func plain(in []octets) [][]byte {
	out := make([][]byte, len(in))
	for i := range in {
		out[i] = in[i]
	}
	return out
}

func TestKeyVectors(t *testing.T) {
	t.Parallel()
	v := readVectors(t).KeyPair
	k, err := keyGen(v.KeyMaterial, v.KeyInfo, string(v.KeyDst))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(k.Bytes(), v.KeyPair.SecretKey) || !bytes.Equal(k.Public().Bytes(), v.KeyPair.PublicKey) {
		t.Errorf("secret %x, public %x", k.Bytes(), k.Public().Bytes())
	}
	again, err := ParseSecretKey(v.KeyPair.SecretKey)
	if err != nil || !bytes.Equal(again.Public().Bytes(), v.KeyPair.PublicKey) {
		t.Error(err)
	}
}

func TestScalarVectors(t *testing.T) {
	t.Parallel()
	v := readVectors(t)
	check := func(message, tag, want []byte) {
		t.Helper()
		s, err := hashToScalar(message, string(tag))
		if got := appendScalar(nil, &s); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%x becomes %x, want %x, %v", message, got, want, err)
		}
	}
	check(v.H2S.Message, v.H2S.Dst, v.H2S.Scalar)
	for _, c := range v.MapMessageToScalarAsHash.Cases {
		check(c.Message, v.MapMessageToScalarAsHash.Dst, c.Scalar)
		s, err := messageScalars(t.Context(), [][]byte{c.Message})
		if err != nil || !bytes.Equal(appendScalar(nil, &s[0]), c.Scalar) {
			t.Errorf("message %x: %v", c.Message, err)
		}
	}
	for i, got := range mocked(t, v, v.MockedRng.Count) {
		if want := v.MockedRng.MockedScalars[i]; !bytes.Equal(appendScalar(nil, &got), want) {
			t.Errorf("mocked scalar %d is %s, want %x", i, got, want)
		}
	}
}

// mocked is seeded_random_scalars (section 8.1 of the draft).
func mocked(t testing.TB, v *vectors, n int) []bls.Scalar {
	t.Helper()
	wide := expand(v.MockedRng.Seed, string(v.MockedRng.Dst), uint(expandLen*n))
	out := make([]bls.Scalar, n)
	for i := range out {
		var err error
		if out[i], err = reduce(wide[expandLen*i : expandLen*(i+1)]); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func TestGeneratorVectors(t *testing.T) {
	t.Parallel()
	v := readVectors(t).Generators
	s := New()
	if !bytes.Equal(s.p1.BytesCompressed(), v.P1) {
		t.Errorf("P1 is %x", s.p1.BytesCompressed())
	}
	// Asked for in two steps, the generators are those asked for at once.
	for _, n := range []int{3, len(v.MsgGenerators), 1} {
		got, err := s.generators(t.Context(), n)
		if err != nil || len(got) != n+1 {
			t.Fatal(len(got), err)
		}
		for i, want := range append([]octets{v.Q1}, v.MsgGenerators[:n]...) {
			if !bytes.Equal(got[i].octets, want) || !bytes.Equal(got[i].point.BytesCompressed(), want) {
				t.Errorf("generator %d is %x, want %x", i, got[i].octets, want)
			}
		}
	}
}

func TestSignatureVectors(t *testing.T) {
	t.Parallel()
	s := New()
	valid := 0
	for _, v := range readVectors(t).Signatures {
		public, err := ParsePublicKey(v.SignerKeyPair.PublicKey)
		if err != nil {
			t.Fatal(err)
		}
		err = s.Verify(t.Context(), public, v.Signature, v.Header, plain(v.Messages))
		if !v.Result.Valid {
			if reason.CodeOf(err) != reason.BadSignature {
				t.Errorf("%s: %v", v.CaseName, err)
			}
			continue
		}
		valid++
		if err != nil {
			t.Errorf("%s: %v", v.CaseName, err)
		}
		st, err := s.statement(t.Context(), public, v.Header, plain(v.Messages))
		if err != nil {
			t.Fatal(err)
		}
		if got := appendScalar(nil, &st.domain); !bytes.Equal(got, v.Trace.Domain) {
			t.Errorf("%s: domain %x", v.CaseName, got)
		}
		b, err := s.commitment(t.Context(), st)
		if err != nil || !bytes.Equal(b.BytesCompressed(), v.Trace.B) {
			t.Errorf("%s: B %x, %v", v.CaseName, b.BytesCompressed(), err)
		}
		secret, err := ParseSecretKey(v.SignerKeyPair.SecretKey)
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.Sign(t.Context(), secret, v.Header, plain(v.Messages))
		if err != nil || !bytes.Equal(got, v.Signature) {
			t.Errorf("%s: signed %x, %v", v.CaseName, got, err)
		}
	}
	if valid != 3 {
		t.Errorf("%d valid signatures", valid)
	}
}

func TestProofVectors(t *testing.T) {
	t.Parallel()
	s := New()
	all := readVectors(t)
	valid := 0
	for _, v := range all.Proofs {
		public, err := ParsePublicKey(v.SignerPublicKey)
		if err != nil {
			t.Fatal(err)
		}
		shown := Shown{Key: public, Proof: v.Proof, Header: v.Header, PresentationHeader: v.PresentationHeader, Indexes: v.DisclosedIndexes}
		for _, i := range v.DisclosedIndexes {
			shown.Messages = append(shown.Messages, v.Messages[i])
		}
		err = s.ProofVerify(t.Context(), shown)
		if !v.Result.Valid {
			if code := reason.CodeOf(err); code != reason.BadSignature && code != "malformed/indexes" {
				t.Errorf("%s: %v", v.CaseName, err)
			}
			continue
		}
		valid++
		if err != nil {
			t.Errorf("%s: %v", v.CaseName, err)
		}
		r := ProofRequest{Key: public, Signature: v.Signature, Header: v.Header, PresentationHeader: v.PresentationHeader,
			Messages: plain(v.Messages), Disclosed: v.DisclosedIndexes}
		got, err := s.proofGen(t.Context(), r, func(n int) ([]bls.Scalar, error) {
			blind := mocked(t, all, n)
			tr := v.Trace.RandomScalars
			for i, want := range append([]octets{tr.R1, tr.R2, tr.ETilde, tr.R1Tilde, tr.R3Tilde}, tr.MTildeScalars...) {
				if !bytes.Equal(appendScalar(nil, &blind[i]), want) {
					t.Errorf("%s: random scalar %d", v.CaseName, i)
				}
			}
			return blind, nil
		})
		if err != nil || !bytes.Equal(got, v.Proof) {
			t.Errorf("%s: proof %x, %v", v.CaseName, got, err)
			continue
		}
		checkTrace(t, s, shown, v.Trace.T1, v.Trace.T2, v.Trace.Domain, v.Trace.Challenge)
		p, err := readProof(got)
		if err != nil || !bytes.Equal(p.octets(), got) || !bytes.Equal(p.aBar.BytesCompressed(), v.Trace.ABar) ||
			!bytes.Equal(p.bBar.BytesCompressed(), v.Trace.BBar) || !bytes.Equal(p.d.BytesCompressed(), v.Trace.D) {
			t.Errorf("%s: the proof's points are others: %v", v.CaseName, err)
		}
	}
	if valid != 5 {
		t.Errorf("%d valid proofs", valid)
	}
}

// checkTrace compares what a verifier works out for itself.
func checkTrace(t *testing.T, s *Suite, shown Shown, t1, t2, dom, challenge []byte) {
	t.Helper()
	p, err := readProof(shown.Proof)
	if err != nil {
		t.Fatal(err)
	}
	messages, err := messageScalars(t.Context(), shown.Messages)
	if err != nil {
		t.Fatal(err)
	}
	total := len(shown.Indexes) + len(p.hidden)
	generators, err := s.generators(t.Context(), total)
	if err != nil {
		t.Fatal(err)
	}
	hidden, err := complement(shown.Indexes, total)
	if err != nil {
		t.Fatal(err)
	}
	var c commitments
	if c.domain, err = domain(shown.Key, generators, shown.Header); err != nil {
		t.Fatal(err)
	}
	if err := s.verifyInit(t.Context(), &c, p, generators, messages, shown.Indexes, hidden); err != nil {
		t.Fatal(err)
	}
	ch, err := c.challenge(p, messages, shown.Indexes, shown.PresentationHeader)
	if err != nil {
		t.Fatal(err)
	}
	for name, pair := range map[string][2][]byte{"T1": {c.t1.BytesCompressed(), t1}, "T2": {c.t2.BytesCompressed(), t2},
		"domain": {appendScalar(nil, &c.domain), dom}, "challenge": {appendScalar(nil, &ch), challenge}} {
		if !bytes.Equal(pair[0], pair[1]) {
			t.Errorf("%s is %x, want %x", name, pair[0], pair[1])
		}
	}
}

// TestDataIntegrityVectors signs and proves what the test vectors of bbs-2023
// do, with the random scalars that they took.
func TestDataIntegrityVectors(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("testdata/vc-di-bbs.json")
	if err != nil {
		t.Fatal(err)
	}
	var list []struct {
		Name                                                          string
		SecretKey, Seed, Signature, Header, PresentationHeader, Proof octets
		Messages                                                      []octets
		DisclosedIndexes                                              []int
	}
	if err := json.Unmarshal(raw, &list); err != nil || len(list) != 2 {
		t.Fatal(len(list), err)
	}
	all := readVectors(t)
	s := New()
	for _, v := range list {
		secret, err := ParseSecretKey(v.SecretKey)
		if err != nil {
			t.Fatal(err)
		}
		signature, err := s.Sign(t.Context(), secret, v.Header, plain(v.Messages))
		if err != nil || !bytes.Equal(signature, v.Signature) {
			t.Errorf("%s: signed %x, %v", v.Name, signature, err)
		}
		// They were expanded under the identifier of the interface alone.
		all.MockedRng.Seed, all.MockedRng.Dst = v.Seed, octets(apiID)
		proof, err := s.proofGen(t.Context(), ProofRequest{Key: secret.Public(), Signature: v.Signature, Header: v.Header,
			PresentationHeader: v.PresentationHeader, Messages: plain(v.Messages), Disclosed: v.DisclosedIndexes},
			func(n int) ([]bls.Scalar, error) { return mocked(t, all, n), nil })
		if err != nil || !bytes.Equal(proof, v.Proof) {
			t.Errorf("%s: proof %x, %v", v.Name, proof, err)
		}
	}
}
