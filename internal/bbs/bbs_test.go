package bbs

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"math/big"
	"strings"
	"sync"
	"testing"

	bls "github.com/cloudflare/circl/ecc/bls12381"
	"github.com/cloudflare/circl/ecc/bls12381/ff"

	"github.com/kompetansebevis/bevis/reason"
)

// signed is a signature with all that it is over.
type signed struct {
	suite     *Suite
	secret    *SecretKey
	signature []byte
	header    []byte
	messages  [][]byte
}

func newSigned(t testing.TB, n int) *signed {
	t.Helper()
	secret, err := KeyGen(bytes.Repeat([]byte{7}, 32), []byte("test"))
	if err != nil {
		t.Fatal(err)
	}
	out := &signed{suite: New(), secret: secret, header: []byte("header")}
	for i := range n {
		out.messages = append(out.messages, fmt.Appendf(nil, "message %d", i))
	}
	if out.signature, err = out.suite.Sign(t.Context(), secret, out.header, out.messages); err != nil {
		t.Fatal(err)
	}
	return out
}

func (s *signed) prove(t testing.TB, presentation string, disclosed ...int) Shown {
	t.Helper()
	shown := Shown{Key: s.secret.Public(), Header: s.header, PresentationHeader: []byte(presentation), Indexes: disclosed}
	for _, i := range disclosed {
		shown.Messages = append(shown.Messages, s.messages[i])
	}
	var err error
	shown.Proof, err = s.suite.ProofGen(t.Context(), ProofRequest{Key: shown.Key, Signature: s.signature, Header: s.header,
		PresentationHeader: []byte(presentation), Messages: s.messages, Disclosed: disclosed})
	if err != nil {
		t.Fatal(err)
	}
	return shown
}

func refused(t testing.TB, err error, what string, codes ...reason.Code) {
	t.Helper()
	for _, c := range codes {
		if reason.CodeOf(err) == c {
			return
		}
	}
	t.Errorf("%s: %v", what, err)
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 5, together + 3} {
		s := newSigned(t, n)
		if err := s.suite.Verify(t.Context(), s.secret.Public(), s.signature, s.header, s.messages); err != nil {
			t.Errorf("%d messages: %v", n, err)
		}
		all := make([]int, n)
		for i := range all {
			all[i] = i
		}
		for _, disclosed := range [][]int{nil, all, all[:n/2], all[n/2:]} {
			shown := s.prove(t, "nonce", disclosed...)
			if err := s.suite.ProofVerify(t.Context(), shown); err != nil {
				t.Errorf("%d messages, %v disclosed: %v", n, disclosed, err)
			}
		}
	}
}

// TestProofsDiffer: a proof is made anew each time, and carries nothing of the
// signature.
func TestProofsDiffer(t *testing.T) {
	t.Parallel()
	s := newSigned(t, 4)
	a, b := s.prove(t, "nonce", 1), s.prove(t, "nonce", 1)
	for at := 0; at+16 <= len(a.Proof); at += 16 {
		if part := a.Proof[at : at+16]; bytes.Contains(b.Proof, part) || bytes.Contains(s.signature, part) {
			t.Errorf("bytes %d to %d of a proof stand elsewhere too", at, at+16)
		}
	}
}

// TestTampering changes every byte of a signature and of a proof.
func TestTampering(t *testing.T) {
	t.Parallel()
	s := newSigned(t, 3)
	for i := range s.signature {
		for _, bit := range []byte{1, 0x80} {
			changed := bytes.Clone(s.signature)
			changed[i] ^= bit
			refused(t, s.suite.Verify(t.Context(), s.secret.Public(), changed, s.header, s.messages), fmt.Sprintf("signature, byte %d", i),
				reason.BadSignature, reason.MalformedProofValue)
		}
	}
	shown := s.prove(t, "nonce", 1)
	for i := range shown.Proof {
		for _, bit := range []byte{1, 0x80} {
			changed := shown
			changed.Proof = bytes.Clone(shown.Proof)
			changed.Proof[i] ^= bit
			refused(t, s.suite.ProofVerify(t.Context(), changed), fmt.Sprintf("proof, byte %d", i), reason.BadSignature, reason.MalformedProofValue)
		}
	}
	for _, n := range []int{0, 1, 79, 81, 271, 272, 273, 303, 305, 335, 337, 368} {
		changed := shown
		changed.Proof = append(bytes.Clone(shown.Proof), make([]byte, 400)...)[:n]
		refused(t, s.suite.ProofVerify(t.Context(), changed), fmt.Sprintf("proof of %d bytes", n), reason.BadSignature, reason.MalformedProofValue, "malformed/indexes")
	}
}

func TestProofIsForOneOccasion(t *testing.T) {
	t.Parallel()
	s := newSigned(t, 5)
	other, err := GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	message := func(texts ...string) (out [][]byte) {
		for _, text := range texts {
			out = append(out, []byte(text))
		}
		return out
	}
	for name, tt := range map[string]struct {
		change func(*Shown)
		code   reason.Code
	}{
		"another key":                 {func(s *Shown) { s.Key = other.Public() }, reason.BadSignature},
		"another header":              {func(s *Shown) { s.Header = []byte("header 2") }, reason.BadSignature},
		"no header":                   {func(s *Shown) { s.Header = nil }, reason.BadSignature},
		"another presentation header": {func(s *Shown) { s.PresentationHeader = []byte("nonce 2") }, reason.BadSignature},
		"no presentation header":      {func(s *Shown) { s.PresentationHeader = nil }, reason.BadSignature},
		"another message":             {func(s *Shown) { s.Messages = message("message 1", "message 4") }, reason.BadSignature},
		"messages in another order":   {func(s *Shown) { s.Messages = message("message 3", "message 1") }, reason.BadSignature},
		"other indexes":               {func(s *Shown) { s.Indexes = []int{1, 4} }, reason.BadSignature},
		"a message more":              {func(s *Shown) { s.Messages, s.Indexes = append(message("message 0"), s.Messages...), []int{0, 1, 3} }, reason.BadSignature},
		"a message less":              {func(s *Shown) { s.Messages, s.Indexes = s.Messages[:1], []int{1} }, reason.BadSignature},
		"an index less":               {func(s *Shown) { s.Indexes = []int{1} }, "malformed/indexes"},
		"an index twice":              {func(s *Shown) { s.Indexes = []int{3, 3} }, "malformed/indexes"},
		"indexes that fall":           {func(s *Shown) { s.Indexes = []int{3, 1} }, "malformed/indexes"},
		"an index below":              {func(s *Shown) { s.Indexes = []int{-1, 3} }, "malformed/indexes"},
		"an index beyond":             {func(s *Shown) { s.Indexes = []int{1, 5} }, "malformed/indexes"},
		"more messages than there can be": {func(s *Shown) {
			s.Indexes, s.Messages = make([]int, MaxMessages), make([][]byte, MaxMessages)
			for i := range s.Indexes {
				s.Indexes[i] = i
			}
		}, "resource_limit/messages"},
		"a proof that hides too many": {func(s *Shown) { s.Proof = make([]byte, MaxProofBytes+scalarBytes) }, "resource_limit/messages"},
		"the signature for the proof": {func(shown *Shown) { shown.Proof = s.signature }, reason.MalformedProofValue},
	} {
		shown := s.prove(t, "nonce", 1, 3)
		if err := s.suite.ProofVerify(t.Context(), shown); err != nil {
			t.Fatal(err)
		}
		tt.change(&shown)
		refused(t, s.suite.ProofVerify(t.Context(), shown), name, tt.code)
	}
}

func TestProofRequests(t *testing.T) {
	t.Parallel()
	s := newSigned(t, 3)
	for name, tt := range map[string]struct {
		change func(*ProofRequest)
		code   reason.Code
	}{
		"a signature over other messages": {func(r *ProofRequest) { r.Messages = r.Messages[:2] }, reason.BadSignature},
		"a signature over another header": {func(r *ProofRequest) { r.Header = nil }, reason.BadSignature},
		"no signature":                    {func(r *ProofRequest) { r.Signature = nil }, reason.MalformedProofValue},
		"too many messages":               {func(r *ProofRequest) { r.Messages = make([][]byte, MaxMessages+1) }, "resource_limit/messages"},
		"an index beyond":                 {func(r *ProofRequest) { r.Disclosed = []int{3} }, "malformed/indexes"},
		"an index twice":                  {func(r *ProofRequest) { r.Disclosed = []int{1, 1} }, "malformed/indexes"},
		"an index below":                  {func(r *ProofRequest) { r.Disclosed = []int{-1} }, "malformed/indexes"},
		"more indexes than messages":      {func(r *ProofRequest) { r.Disclosed = []int{0, 1, 2, 3} }, "malformed/indexes"},
	} {
		r := ProofRequest{Key: s.secret.Public(), Signature: s.signature, Header: s.header, Messages: s.messages}
		tt.change(&r)
		_, err := s.suite.ProofGen(t.Context(), r)
		refused(t, err, name, tt.code)
	}
	_, err := s.suite.Sign(t.Context(), s.secret, nil, make([][]byte, MaxMessages+1))
	refused(t, err, "signing too many messages", "resource_limit/messages")
	_, err = s.suite.proofGen(t.Context(), ProofRequest{Key: s.secret.Public(), Signature: s.signature, Header: s.header, Messages: s.messages},
		func(n int) ([]bls.Scalar, error) { return make([]bls.Scalar, n-1), nil })
	refused(t, err, "too few random scalars", reason.Internal)
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = s.suite.Sign(canceled, s.secret, s.header, s.messages)
	refused(t, err, "canceled", reason.Canceled)
	refused(t, s.suite.ProofVerify(canceled, s.prove(t, "", 1)), "canceled", reason.Canceled)
	refused(t, s.suite.Verify(canceled, s.secret.Public(), s.signature, s.header, s.messages), "canceled", reason.Canceled)
}

// TestNoSignature proves all that can be proven without a signature: only the
// pairing is missing.
func TestNoSignature(t *testing.T) {
	t.Parallel()
	s := newSigned(t, 3)
	shown := s.prove(t, "nonce", 1)
	st, err := s.suite.statement(t.Context(), shown.Key, s.header, s.messages)
	if err != nil {
		t.Fatal(err)
	}
	b, err := s.suite.commitment(t.Context(), st)
	if err != nil {
		t.Fatal(err)
	}
	random, err := randomScalars(9)
	if err != nil {
		t.Fatal(err)
	}
	made := func(sig signature) error {
		p, c := &parts{}, commitments{domain: st.domain}
		hidden, blind := []int{0, 2}, random[2:]
		if err := c.init(t.Context(), p, sig, b, st, hidden, blind); err != nil {
			t.Fatal(err)
		}
		if p.challenge, err = c.challenge(p, st.messages[1:2], shown.Indexes, shown.PresentationHeader); err != nil {
			t.Fatal(err)
		}
		p.finalize(sig, st, hidden, blind)
		forged := shown
		forged.Proof = p.octets()
		return s.suite.ProofVerify(t.Context(), forged)
	}
	sound, err := readSignature(s.signature)
	if err != nil {
		t.Fatal(err)
	}
	if err := made(sound); err != nil {
		t.Errorf("with the signature: %v", err)
	}
	var forged signature
	forged.a.ScalarMult(&random[0], bls.G1Generator())
	forged.e = random[1]
	refused(t, made(forged), "without one", reason.BadSignature)
	refused(t, made(signature{a: sound.a, e: random[1]}), "with half of one", reason.BadSignature)
}

// badPoints are octets that are no point of G1 to be accepted. A proof or
// signature with one of them could hold for what was never signed.
func badPoints(t testing.TB) map[string][]byte {
	t.Helper()
	p := new(big.Int).SetBytes(ff.FpOrder())
	compressed := func(x *big.Int, flags byte) []byte {
		out := x.FillBytes(make([]byte, pointBytes))
		out[0] |= flags
		return out
	}
	// The first x for which x^3 + 4 is a square, and the first for which it is
	// none: on the curve by far most points are outside the subgroup.
	var on, off *big.Int
	for x := big.NewInt(1); on == nil || off == nil; x = new(big.Int).Add(x, big.NewInt(1)) {
		y2 := new(big.Int).Exp(x, big.NewInt(3), p)
		if square := big.Jacobi(y2.Add(y2, big.NewInt(4)), p) == 1; square && on == nil {
			on = x
		} else if !square && off == nil {
			off = x
		}
	}
	good := bls.G1Generator().BytesCompressed()
	x := new(big.Int).SetBytes(append([]byte{good[0] & 0x1f}, good[1:]...))
	identity := append([]byte{0xc0}, make([]byte, pointBytes-1)...)
	return map[string][]byte{
		"the identity":              identity,
		"an identity with a sign":   append([]byte{0xe0}, identity[1:]...),
		"an identity with more":     append(bytes.Clone(identity[:47]), 1),
		"outside the subgroup":      compressed(on, 0x80),
		"outside it, other sign":    compressed(on, 0xa0),
		"of small order":            compressed(new(big.Int), 0x80), // (0, ±2) has order 3
		"off the curve":             compressed(off, 0x80),
		"a coordinate of the field": compressed(p, 0x80),
		"a coordinate not reduced":  compressed(new(big.Int).Add(p, big.NewInt(1)), 0x80),
		"not marked as compressed":  compressed(x, 0),
		"all ones":                  bytes.Repeat([]byte{0xff}, pointBytes),
	}
}

// badScalars are those not to be accepted, among them another form of a good
// one.
func badScalars(good []byte) map[string][]byte {
	order := bls.Order()
	more := new(big.Int).Add(new(big.Int).SetBytes(good), new(big.Int).SetBytes(order)).FillBytes(make([]byte, scalarBytes))
	return map[string][]byte{"zero": make([]byte, scalarBytes), "the order": order, "not reduced": more, "all ones": bytes.Repeat([]byte{0xff}, scalarBytes)}
}

func TestStrictOctets(t *testing.T) {
	t.Parallel()
	s := newSigned(t, 3)
	shown := s.prove(t, "nonce", 1)
	verifySignature := func(octets []byte) error {
		return s.suite.Verify(t.Context(), s.secret.Public(), octets, s.header, s.messages)
	}
	verifyProof := func(octets []byte) error {
		changed := shown
		changed.Proof = octets
		return s.suite.ProofVerify(t.Context(), changed)
	}
	replaced := func(octets []byte, at int, by []byte) []byte {
		out := bytes.Clone(octets)
		copy(out[at:], by)
		return out
	}
	for name, point := range badPoints(t) {
		refused(t, verifySignature(replaced(s.signature, 0, point)), "signature, "+name, reason.MalformedProofValue)
		for i := range 3 {
			refused(t, verifyProof(replaced(shown.Proof, i*pointBytes, point)), fmt.Sprintf("point %d, %s", i, name), reason.MalformedProofValue)
		}
	}
	for name, scalar := range badScalars(s.signature[pointBytes:]) {
		refused(t, verifySignature(replaced(s.signature, pointBytes, scalar)), "signature, "+name, reason.MalformedProofValue)
	}
	for at := 3 * pointBytes; at < len(shown.Proof); at += scalarBytes {
		for name, scalar := range badScalars(shown.Proof[at : at+scalarBytes]) {
			refused(t, verifyProof(replaced(shown.Proof, at, scalar)), fmt.Sprintf("scalar at %d, %s", at, name), reason.MalformedProofValue)
		}
	}
	// The uncompressed form of the same point is another text for it.
	a, _ := readPoint(s.signature[:pointBytes])
	refused(t, verifySignature(append(a.Bytes(), s.signature[pointBytes:]...)), "uncompressed", reason.MalformedProofValue)
	if _, ok := readPoint(a.Bytes()); ok {
		t.Error("an uncompressed point is read")
	}
}

func TestStrictKeys(t *testing.T) {
	t.Parallel()
	good := bls.G2Generator()
	identity := append([]byte{0xc0}, make([]byte, PublicKeyBytes-1)...)
	reduced := good.BytesCompressed()
	for i, b := range ff.FpOrder() {
		reduced[48+i] = b // the second coordinate is the field's order
	}
	for name, octets := range map[string][]byte{
		"none": nil, "short": good.BytesCompressed()[:95], "long": append(good.BytesCompressed(), 0), "uncompressed": good.Bytes(),
		"the identity": identity, "not reduced": reduced, "outside the subgroup": outsideG2(t), "a point of G1": bls.G1Generator().BytesCompressed(),
		"all ones": bytes.Repeat([]byte{0xff}, PublicKeyBytes),
	} {
		_, err := ParsePublicKey(octets)
		refused(t, err, name, "key_invalid/point")
	}
	if k, err := ParsePublicKey(good.BytesCompressed()); err != nil || !bytes.Equal(k.Bytes(), good.BytesCompressed()) {
		t.Error(err)
	}
	k, err := GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	for name, octets := range badScalars(k.Bytes()) {
		_, err := ParseSecretKey(octets)
		refused(t, err, name, "key_invalid/scalar")
	}
	for _, n := range []int{0, 31, 33} {
		_, err := ParseSecretKey(make([]byte, n))
		refused(t, err, "length", "key_invalid/scalar")
	}
	_, err = KeyGen(make([]byte, 31), nil)
	refused(t, err, "material", "key_invalid/length")
	_, err = KeyGen(make([]byte, 32), make([]byte, 65536))
	refused(t, err, "info", "key_invalid/length")
	a, errA := KeyGen(make([]byte, 32), []byte("a"))
	b, errB := KeyGen(make([]byte, 32), []byte("b"))
	if errA != nil || errB != nil || bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("one material gives one key", errA, errB)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d", "%q"} {
		if text := fmt.Sprintf(verb, k); strings.Contains(text, hex.EncodeToString(k.Bytes())[:8]) || text != "secret BLS12-381 key" {
			t.Errorf("%s prints %s", verb, text)
		}
	}
}

// outsideG2 is a point on the twist that is not in the subgroup.
func outsideG2(t testing.TB) []byte {
	t.Helper()
	for x := uint64(1); ; x++ {
		var at, y2, b, y ff.Fp2
		at[0].SetUint64(x)
		b[0].SetUint64(4)
		b[1].SetUint64(4)
		y2.Sqr(&at)
		y2.Mul(&y2, &at)
		y2.Add(&y2, &b)
		if y.Sqrt(&y2) == 0 {
			continue // not on the twist
		}
		octets, err := at.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		octets[0] |= 0x80
		return octets
	}
}

// TestSums: the quick sum is the slow one.
func TestSums(t *testing.T) {
	t.Parallel()
	scalars, err := randomScalars(together + 5)
	if err != nil {
		t.Fatal(err)
	}
	scalars[0], scalars[1] = bls.Scalar{}, bls.Scalar{}
	scalars[1].SetUint64(1)
	generators, err := New().generators(t.Context(), len(scalars))
	if err != nil {
		t.Fatal(err)
	}
	var want bls.G1
	want.SetIdentity()
	var terms []term
	for i := range scalars {
		if err := addTo(t.Context(), &want, &generators[i].point, &scalars[i]); err != nil {
			t.Fatal(err)
		}
		terms = append(terms, term{&generators[i].point, &scalars[i]})
	}
	if got, err := sum(t.Context(), terms); err != nil || !got.IsEqual(&want) {
		t.Error("the sums differ", err)
	}
}

func TestReduce(t *testing.T) {
	t.Parallel()
	order := new(big.Int).SetBytes(bls.Order())
	for _, wide := range [][]byte{make([]byte, expandLen), bytes.Repeat([]byte{0xff}, expandLen), expand([]byte("x"), "tag", expandLen),
		append(make([]byte, 16), bls.Order()...)} {
		got, err := reduce(wide)
		want := new(big.Int).Mod(new(big.Int).SetBytes(wide), order).FillBytes(make([]byte, scalarBytes))
		if err != nil || !bytes.Equal(appendScalar(nil, &got), want) {
			t.Errorf("%x is %s, want %x, %v", wide, got, want, err)
		}
	}
}

// TestTogether uses one suite from many places at once.
func TestTogether(t *testing.T) {
	t.Parallel()
	s := newSigned(t, 2)
	s.suite = New()
	var wait sync.WaitGroup
	for n := range 8 {
		wait.Go(func() {
			if _, err := s.suite.generators(t.Context(), 3*n); err != nil {
				t.Error(err)
			}
			if err := s.suite.Verify(t.Context(), s.secret.Public(), s.signature, s.header, s.messages); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
}
