package key

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha512"
	"encoding/hex"
	"testing"

	"filippo.io/edwards25519"

	"github.com/kompetansebevis/bevis/reason"
)

// vrfVectors are examples 16 to 18 of RFC 9381, appendix B.3. H is the
// encoded point, U and V are those of the proof.
func vrfVectors() []struct{ seed, public, alpha, h, u, v, proof, output string } {
	return []struct{ seed, public, alpha, h, u, v, proof, output string }{
		{
			"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
			"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
			"91bbed02a99461df1ad4c6564a5f5d829d0b90cfc7903e7a5797bd658abf3318",
			"aef27c725be964c6a9bf4c45ca8e35df258c1878b838f37d9975523f09034071",
			"5016572f71466c646c119443455d6cb9b952f07d060ec8286d678615d55f954f",
			"8657106690b5526245a92b003bb079ccd1a92130477671f6fc01ad16f26f723f26f8a57ccaed74ee1b190bed1f479d9727d2d0f9b005a6e456a35d4fb0daab1268a1b0db10836d9826a528ca76567805",
			"90cf1df3b703cce59e2a35b925d411164068269d7b2d29f3301c03dd757876ff66b71dda49d2de59d03450451af026798e8f81cd2e333de5cdf4f3e140fdd8ae",
		},
		{
			"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
			"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
			"5b659fc3d4e9263fd9a4ed1d022d75eaacc20df5e09f9ea937502396598dc551",
			"1dcb0a4821a2c48bf53548228b7f170962988f6d12f5439f31987ef41f034ab3",
			"fd03c0bf498c752161bae4719105a074630a2aa5f200ff7b3995f7bfb1513423",
			"f3141cd382dc42909d19ec5110469e4feae18300e94f304590abdced48aed5933bf0864a62558b3ed7f2fea45c92a465301b3bbf5e3e54ddf2d935be3b67926da3ef39226bbc355bdc9850112c8f4b02",
			"eb4440665d3891d668e7e0fcaf587f1b4bd7fbfe99d0eb2211ccec90496310eb5e33821bc613efb94db5e5b54c70a848a0bef4553a41befc57663b56373a5031",
		},
		{
			"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
			"fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
			"bf4339376f5542811de615e3313d2b36f6f53c0acfebb482159711201192576a",
			"2bae73e15a64042fcebf062abe7e432b2eca6744f3e8265bc38e009cd577ecd5",
			"88cba1cb0d4f9b649d9a86026b69de076724a93a65c349c988954f0961c5d506",
			"9bc0f79119cc5604bf02d23b4caede71393cedfbb191434dd016d30177ccbf8096bb474e53895c362d8628ee9f9ea3c0e52c7a5c691b6c18c9979866568add7a2d41b00b05081ed0f58ee5e31b3a970e",
			"645427e5d00c62a23fb703732fa5d892940935942101e456ecca7bb217c61c452118fec1219202a0edcf038bb6373241578be7217ba85a2687f7a0310b2df19f",
		},
	}
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	raw, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// rfcNonce is the nonce of RFC 9381 section 5.4.2.2, which no proof of this
// package has: it is Ed25519's own for the message h.
func rfcNonce(secret, h []byte) ([]byte, error) {
	sum := sha512.Sum512(append(bytes.Clone(secret), h...))
	return sum[:], nil
}

func TestVRFVectors(t *testing.T) {
	t.Parallel()
	for i, vector := range vrfVectors() {
		private, err := FromSeed(unhex(t, vector.seed))
		if err != nil {
			t.Fatal(err)
		}
		public, alpha, proof, output := unhex(t, vector.public), unhex(t, vector.alpha), unhex(t, vector.proof), unhex(t, vector.output)
		k := private.key.(ed25519.PrivateKey)
		if !bytes.Equal(k[32:], public) {
			t.Fatalf("%d: the seed is of another key", i)
		}
		if h := encodeToCurve(public, alpha); !bytes.Equal(h.Bytes(), unhex(t, vector.h)) {
			t.Errorf("%d: H is %x", i, h.Bytes())
		}
		short, _, err := challengeVRF(public, unhex(t, vector.h), proof[:32], unhex(t, vector.u), unhex(t, vector.v))
		if err != nil || !bytes.Equal(short, proof[32:48]) {
			t.Errorf("%d: c is %x, %v", i, short, err)
		}
		if made, err := proveVRF(k, alpha, rfcNonce); err != nil || !bytes.Equal(made, proof) {
			t.Errorf("%d: proof %x, %v", i, made, err)
		}
		if got, err := private.Public().VerifyVRF(alpha, proof); err != nil || !bytes.Equal(got, output) {
			t.Errorf("%d: output %x, %v", i, got, err)
		}
		// With a nonce of its own the proof is another, and the output the same.
		first, err := private.ProveVRF(alpha)
		if err != nil {
			t.Fatal(err)
		}
		second, err := private.ProveVRF(alpha)
		if err != nil || bytes.Equal(first, second) || bytes.Equal(first, proof) {
			t.Errorf("%d: the nonce is not fresh, %v", i, err)
		}
		if got, err := private.Public().VerifyVRF(alpha, first); err != nil || !bytes.Equal(got, output) {
			t.Errorf("%d: output %x, %v", i, got, err)
		}
	}
}

// TestVRFKeepsKeySecret does what the nonce of the standard would allow to
// whoever gets a signature over H, and fails at it with ours.
func TestVRFKeepsKeySecret(t *testing.T) {
	t.Parallel()
	private, err := Generate(Ed25519)
	if err != nil {
		t.Fatal(err)
	}
	k, alpha := private.key.(ed25519.PrivateKey), []byte("a course")
	public := k[32:]
	h := encodeToCurve(public, alpha).Bytes()
	signature := ed25519.Sign(k, h) // somebody had the wallet sign these 32 bytes
	for name, nonce := range map[string]func(_, _ []byte) ([]byte, error){"rfc": rfcNonce, "separate": separateNonce} {
		proof, err := proveVRF(k, alpha, nonce)
		if err != nil {
			t.Fatal(err)
		}
		// s1 = n + c1·x and s2 = n + c2·x: x = (s1-s2)/(c1-c2).
		sum := sha512.Sum512(append(append(bytes.Clone(signature[:32]), public...), h...))
		c1, _ := new(edwards25519.Scalar).SetUniformBytes(sum[:])
		s1, _ := new(edwards25519.Scalar).SetCanonicalBytes(signature[32:])
		c2, _ := scalarOf(proof[32:48])
		s2, _ := new(edwards25519.Scalar).SetCanonicalBytes(proof[48:])
		x := new(edwards25519.Scalar).Multiply(new(edwards25519.Scalar).Subtract(s1, s2),
			new(edwards25519.Scalar).Invert(new(edwards25519.Scalar).Subtract(c1, c2)))
		leaked := bytes.Equal(new(edwards25519.Point).ScalarBaseMult(x).Bytes(), public)
		if leaked != (name == "rfc") {
			t.Errorf("%s: the private key comes out: %t", name, leaked)
		}
	}
}

// TestVRFNonce: all that goes in makes a difference, so that a failing source
// of randomness alone gives nothing away.
func TestVRFNonce(t *testing.T) {
	t.Parallel()
	a, b := make([]byte, 32), bytes.Repeat([]byte{1}, 32)
	seen := map[string]bool{}
	for _, in := range [][3][]byte{{a, a, a}, {b, a, a}, {a, b, a}, {a, a, b}} {
		seen[string(nonceOf(in[0], in[1], in[2]))] = true
	}
	if len(seen) != 4 {
		t.Errorf("%d nonces of 4", len(seen))
	}
}

// TestDecodePoint: a point has one encoding (RFC 8032 section 5.1.3).
func TestDecodePoint(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", // y = p, which is 0
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", // y = p + 1, which is 1
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
		"0100000000000000000000000000000000000000000000000000000000000080", // x = 0 with a sign
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
		"0200000000000000000000000000000000000000000000000000000000000000", // on no point
		"", "01",
	} {
		if p := decodePoint(unhex(t, text)); p != nil {
			t.Errorf("%s is read as %x", text, p.Bytes())
		}
	}
	for _, text := range smallOrder() {
		if p := decodePoint(unhex(t, text)); p == nil {
			t.Errorf("%s is not read", text)
		}
	}
}

func TestVRFRefuses(t *testing.T) {
	t.Parallel()
	private, err := Generate(Ed25519)
	if err != nil {
		t.Fatal(err)
	}
	other, err := Generate(Ed25519)
	if err != nil {
		t.Fatal(err)
	}
	alpha := []byte("a course")
	proof, err := private.ProveVRF(alpha)
	if err != nil {
		t.Fatal(err)
	}
	refused := func(name string, public Public, alpha, proof []byte) {
		t.Helper()
		if out, err := public.VerifyVRF(alpha, proof); reason.CodeOf(err) != reason.BadSignature || out != nil {
			t.Errorf("%s: %x, %v", name, out, err)
		}
	}
	refused("another input", private.Public(), []byte("another course"), proof)
	refused("another key", other.Public(), alpha, proof)
	refused("empty", private.Public(), alpha, nil)
	refused("short", private.Public(), alpha, proof[:79])
	refused("long", private.Public(), alpha, append(bytes.Clone(proof), 0))
	for bit := range len(proof) * 8 {
		forged := bytes.Clone(proof)
		forged[bit/8] ^= 1 << (bit % 8)
		refused("a changed bit", private.Public(), alpha, forged)
	}
	// s + q is the same number to a reader that does not look.
	forged, carry := bytes.Clone(proof), 0
	order := unhex(t, "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010")
	for i := range 32 {
		carry += int(forged[48+i]) + int(order[i])
		forged[48+i], carry = byte(carry), carry>>8
	}
	refused("s is not reduced", private.Public(), alpha, forged)
	for _, point := range append(smallOrder(), "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", // not canonical
		"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff") {
		forged := append(unhex(t, point), proof[32:]...)
		refused("gamma of small order", private.Public(), alpha, forged)
		refused("all of it chosen", private.Public(), alpha, append(unhex(t, point), make([]byte, 48)...))
		if p, err := FromCrypto(ed25519.PublicKey(unhex(t, point))); err == nil {
			t.Errorf("%s is a key: %v", point, p)
		}
	}
	if _, err := (Public{}).VerifyVRF(alpha, proof); reason.CodeOf(err) != "key_invalid/type" {
		t.Error(err)
	}
	p256, err := Generate(P256)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p256.ProveVRF(alpha); reason.CodeOf(err) != "key_invalid/type" {
		t.Error(err)
	}
	if _, err := p256.Public().VerifyVRF(alpha, proof); reason.CodeOf(err) != "key_invalid/type" {
		t.Error(err)
	}
}

// smallOrder are the canonical encodings of the eight points of small order.
func smallOrder() []string {
	return []string{
		"0100000000000000000000000000000000000000000000000000000000000000",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0000000000000000000000000000000000000000000000000000000000000080",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
	}
}

// TestVRFOneOutput: who holds the private key can make a proof whose gamma
// has a part of small order (it takes some tries, until c is a multiple of
// its order). That is another proof of the same output, and so no second one.
func TestVRFOneOutput(t *testing.T) {
	t.Parallel()
	private, err := Generate(Ed25519)
	if err != nil {
		t.Fatal(err)
	}
	k, alpha := private.key.(ed25519.PrivateKey), []byte("a course")
	honest, err := private.ProveVRF(alpha)
	if err != nil {
		t.Fatal(err)
	}
	want, err := private.Public().VerifyVRF(alpha, honest)
	if err != nil {
		t.Fatal(err)
	}
	hashed := sha512.Sum512(k.Seed())
	x, _ := new(edwards25519.Scalar).SetBytesWithClamping(hashed[:32])
	h := encodeToCurve(k[32:], alpha)
	accepted := 0
	for _, point := range smallOrder() {
		gamma := new(edwards25519.Point).ScalarMult(x, h)
		gamma.Add(gamma, decodePoint(unhex(t, point)))
		for try := 0; try < 1000; try++ {
			wide := sha512.Sum512([]byte{byte(try), byte(try >> 8)})
			n, _ := new(edwards25519.Scalar).SetUniformBytes(wide[:])
			short, c, err := challengeVRF(k[32:], h.Bytes(), gamma.Bytes(),
				new(edwards25519.Point).ScalarBaseMult(n).Bytes(), new(edwards25519.Point).ScalarMult(n, h).Bytes())
			if err != nil {
				t.Fatal(err)
			}
			if short[0]%8 != 0 {
				continue
			}
			proof := append(append(gamma.Bytes(), short...), new(edwards25519.Scalar).MultiplyAdd(c, x, n).Bytes()...)
			got, err := private.Public().VerifyVRF(alpha, proof)
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s: a second output %x (%v)", point, got, err)
			}
			accepted++
			break
		}
	}
	if accepted != 8 {
		t.Errorf("%d proofs were made", accepted)
	}
}

// FuzzVerifyVRF: whatever is accepted for a key and an input has its one
// output.
func FuzzVerifyVRF(f *testing.F) {
	vector := vrfVectors()[2]
	public, err := FromCrypto(ed25519.PublicKey(unhex(f, vector.public)))
	if err != nil {
		f.Fatal(err)
	}
	for _, v := range vrfVectors() {
		f.Add(unhex(f, v.alpha), unhex(f, v.proof))
	}
	f.Add([]byte{}, []byte{})
	f.Add([]byte{1}, make([]byte, vrfProofLen))
	f.Fuzz(func(t *testing.T, alpha, proof []byte) {
		out, err := public.VerifyVRF(alpha, proof)
		if err != nil {
			if reason.CodeOf(err) != reason.BadSignature || out != nil {
				t.Errorf("%x, %v", out, err)
			}
			return
		}
		if !bytes.Equal(alpha, unhex(t, vector.alpha)) || !bytes.Equal(out, unhex(t, vector.output)) {
			t.Errorf("an output without the private key: %x for %x", out, alpha)
		}
	})
}

func BenchmarkVRF(b *testing.B) {
	private, err := Generate(Ed25519)
	if err != nil {
		b.Fatal(err)
	}
	alpha := []byte("a course")
	proof, err := private.ProveVRF(alpha)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("prove", func(b *testing.B) {
		for b.Loop() {
			_, _ = private.ProveVRF(alpha)
		}
	})
	b.Run("verify", func(b *testing.B) {
		for b.Loop() {
			_, _ = private.Public().VerifyVRF(alpha, proof)
		}
	})
}
