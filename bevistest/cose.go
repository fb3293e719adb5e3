package bevistest

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"testing"

	"github.com/kompetansebevis/bevis/internal/cbor"
)

// confuseMessage names other algorithms in the header of a COSE_Sign1, and
// signs with the public key as if it were a secret.
func (s suiteTest) confuseMessage(t *testing.T, refused func(string, []byte)) {
	r := cbor.NewReader(s.signed)
	part := func(b []byte, err error) []byte {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	_, _ = r.Tag(18)
	_, _ = r.Array(4)
	protected := part(r.Bytes(len(s.signed)))
	_, _ = r.Map(0)
	payload, signature := part(r.Bytes(len(s.signed))), part(r.Bytes(len(s.signed)))
	head := cbor.NewReader(protected)
	n, _ := head.Map(100)
	label, _ := head.Int(100)
	now, err := head.Int(1000)
	if err != nil || label != 1 {
		t.Fatalf("the header does not begin with alg: %x %v", protected, err)
	}
	rest := protected[len(cbor.AppendInt(cbor.AppendInt(cbor.AppendMap(nil, n), label), now)):]
	with := func(alg []byte, sign func(signed []byte) []byte) []byte {
		header := append(append(cbor.AppendUint(cbor.AppendMap(nil, n), 1), alg...), rest...)
		signed := cbor.AppendText(cbor.AppendArray(nil, 4), "Signature1")
		signed = cbor.AppendBytes(cbor.AppendBytes(cbor.AppendBytes(signed, header), nil), payload)
		out := cbor.AppendBytes(cbor.AppendArray(cbor.AppendTag(nil, 18), 4), header)
		return cbor.AppendBytes(cbor.AppendBytes(cbor.AppendMap(out, 0), payload), sign(signed))
	}
	same := func([]byte) []byte { return signature }
	// None, HMAC, and all that sign: RFC 9053 section 2 and 3, RFC 8812, RFC 9864.
	for _, alg := range []int64{0, 4, 5, 6, 7, -7, -8, -9, -19, -35, -36, -37, -47, -51, -52, -53, -257, -65535} {
		if alg != now && !(now == -8 && alg == -19) {
			refused(fmt.Sprint("as ", alg), with(cbor.AppendInt(nil, alg), same))
		}
	}
	refused("as a name", with(cbor.AppendText(nil, "ES256"), same))
	refused("unsigned", with(cbor.AppendInt(nil, now), func([]byte) []byte { return nil }))
	der, err := x509.MarshalPKIXPublicKey(s.signer.Public().Crypto())
	if err != nil {
		t.Fatal(err)
	}
	refused("as HMAC 256 with the public key", with(cbor.AppendInt(nil, 5), func(signed []byte) []byte {
		mac := hmac.New(sha256.New, der)
		mac.Write(signed)
		return mac.Sum(nil)
	}))
}
