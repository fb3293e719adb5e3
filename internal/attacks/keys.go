package attacks

import (
	"crypto/sha256"
	"math/big"
	"slices"
	"strings"

	"github.com/multiformats/go-multibase"
)

// ed25519Order is the order of the group, RFC 8032 section 5.1.
const ed25519Order = "7237005577332262213973186563042994240857116359379907606001950938285454250989"

// signatures are those that a careless verifier takes for right.
func (f *forge) signatures(badge, good, value string) {
	_, sig, err := multibase.Decode(value)
	if err != nil || len(sig) != 64 {
		f.fail("signature: %v", err)
		return
	}
	order, _ := new(big.Int).SetString(ed25519Order, 10)
	s := slices.Clone(sig[32:])
	slices.Reverse(s)
	sum := new(big.Int).Add(new(big.Int).SetBytes(s), order).FillBytes(make([]byte, 32))
	slices.Reverse(sum)
	f.bad("DI-40", "s plus order", "the other number for the same signature", with(badge, "proof", f.swap(good, value, base58(append(slices.Clone(sig[:32]), sum...)))), "bad_signature")
	identity := append([]byte{1}, make([]byte, 63)...)
	small := base58(append([]byte{0xed, 0x01}, identity[:32]...))
	for name, at := range map[string]string{"identity": small, "order 8": base58(append([]byte{0xed, 0x01}, orderEight()...))} {
		id := "did:key:" + at
		opts := options(jcsSuite, id+"#"+at, assertion)
		doc := f.badge(party{id: id})
		c := Case{Row: "DI-43", Name: name, What: "a key of small order, for which one signature fits everything", Raw: []byte(with(doc, "proof", with(with(opts, "@context", contextsV2OB), "proofValue", `"`+base58(identity)+`"`))), Want: []string{"key_invalid", "bad_signature"}}
		c.Trusted = []string{id}
		f.add(c)
	}
	f.p256Signatures()
}

// orderEight is a point of order eight (RFC 8032, cofactor 8).
func orderEight() []byte {
	return []byte{0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
		0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a}
}

func (f *forge) p256Signatures() {
	badge := f.badge(f.p256)
	opts := with(options("ecdsa-jcs-2019", f.p256.method, assertion), "@context", contextsV2OB)
	a, b := sha256.Sum256(f.canonicalJCS(opts)), sha256.Sum256(f.canonicalJCS(badge))
	sig, err := f.p256.signer.Sign(f.ctx, append(a[:], b[:]...))
	if err != nil {
		f.fail("p256: %w", err)
		return
	}
	n, _ := new(big.Int).SetString("115792089210356248762697446949407573529996955224135760342422259061068512044369", 10)
	r, s := new(big.Int).SetBytes(sig[:32]), new(big.Int).SetBytes(sig[32:])
	fixed := func(x *big.Int) []byte { return x.FillBytes(make([]byte, 32)) }
	integer := func(x *big.Int) []byte {
		out := x.Bytes()
		if out[0] >= 0x80 {
			out = append([]byte{0}, out...)
		}
		return append([]byte{2, byte(len(out))}, out...)
	}
	body := append(integer(r), integer(s)...)
	for name, value := range map[string][]byte{
		"zero r": append(make([]byte, 32), sig[32:]...), "zero s": append(slices.Clone(sig[:32]), make([]byte, 32)...),
		"n n": append(fixed(n), fixed(n)...), "der": append([]byte{0x30, byte(len(body))}, body...), "63 bytes": sig[:63],
		"all ff": []byte(strings.Repeat("\xff", 64)),
	} {
		f.bad("DI-46", name, "an ECDSA signature that must not count: "+name, with(badge, "proof", with(opts, "proofValue", `"`+base58(value)+`"`)), "bad_signature", "malformed")
	}
}

// keys are named in ways that must not be followed.
func (f *forge) keys() {
	badge := f.badge(f.issuer)
	raw := f.issuer.private.Public()
	text, err := raw.Multikey()
	if err != nil {
		f.fail("multikey: %w", err)
		return
	}
	_, octets, err := multibase.Decode(text)
	if err != nil {
		f.fail("multikey: %w", err)
		return
	}
	for name, key := range map[string][]byte{
		"truncated": octets[:20], "doubled": append(slices.Clone(octets), octets[2:]...), "varint": append([]byte{0xed, 0x81, 0x00}, octets[2:]...),
		"secret": append([]byte{0x80, 0x26}, octets[2:]...), "p384 code": append([]byte{0x81, 0x24}, octets[2:]...), "no code": octets[2:],
	} {
		id := "did:key:" + base58(key)
		c := Case{Row: "DI-44", Name: name, What: "a did:key that holds no key: " + name, Want: []string{"key_invalid", "malformed"}, Trusted: []string{id}}
		doc := f.badge(party{id: id})
		c.Raw = []byte(with(doc, "proof", f.sign(jcsSuite, doc, options(jcsSuite, id+"#"+base58(key), assertion), f.issuer)))
		f.add(c)
	}
	for name, id := range map[string]string{"no such method": "did:example:kursstedet", "at an address": "https://kurs.example/issuer"} {
		doc := f.badge(party{id: id})
		f.add(Case{Row: "DI-45", Name: name, What: "a trusted issuer whose keys are not to be had: " + id, Trusted: []string{id}, Want: []string{"key_invalid", "key_unavailable", "remote_fetch_blocked"},
			Raw: []byte(with(doc, "proof", f.sign(jcsSuite, doc, options(jcsSuite, id+"#key-1", assertion), f.attacker)))})
	}
	for name, method := range map[string]string{
		"empty": "", "fragment alone": "#key-1", "urn": "urn:uuid:1#k", "ftp": "ftp://kurs.example/keys#1", "javascript": "javascript:alert(1)#k",
		"onion web": "did:web:127.0.0.1%3A9999#k", "web with a query": "did:web:kurs.example?x=1#k", "two fragments": f.issuer.method + "#again",
	} {
		f.bad("DI-45", name, "a key named "+method, with(badge, "proof", f.sign(jcsSuite, badge, options(jcsSuite, method, assertion), f.issuer)),
			"key_invalid", "remote_fetch_blocked", "issuer_mismatch", "untrusted_issuer", "bad_signature", "malformed", "key_unavailable")
	}
}
