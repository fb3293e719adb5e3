package attacks

import (
	"bytes"
	"slices"

	"github.com/kompetansebevis/bevis/internal/cbor"
)

// Labels of COSE headers and claims, and names of algorithms, that the inputs
// use (RFC 9052 section 3.1, RFC 9596, RFC 9597, RFC 9053 section 2.1).
const (
	coseAlg    = 1
	coseCrit   = 2
	coseType   = 3
	coseKid    = 4
	coseClaims = 15
	coseTyp    = 16

	coseEdDSA = -8
	coseES256 = -7
	coseHMAC  = 5
	coseSign1 = 18
)

// pair is an entry of a COSE header, its value in CBOR.
type pair struct {
	label uint64
	value []byte
}

func intValue(n int64) []byte   { return cbor.AppendInt(nil, n) }
func textValue(s string) []byte { return cbor.AppendText(nil, s) }
func byteValue(s string) []byte { return cbor.AppendBytes(nil, []byte(s)) }

// message is a COSE_Sign1 with exactly these parts, whatever they are.
type message struct {
	tag         uint64
	protected   []pair
	unprotected []pair
	payload     string
	context     string
	behind      []byte
}

// message is the one of a badge by the issuer, with the entries of its header
// in the place of those of the same label.
func (f *forge) message(changed ...pair) message {
	header := []pair{{coseAlg, intValue(coseEdDSA)}, {coseType, textValue("application/vc")}, {coseKid, byteValue(f.issuer.method)}, {coseTyp, textValue("application/vc+cose")}}
	for _, c := range changed {
		header = slices.DeleteFunc(header, func(p pair) bool { return p.label == c.label })
		if c.value != nil {
			header = append(header, c)
		}
	}
	slices.SortStableFunc(header, func(a, b pair) int { return int(a.label) - int(b.label) })
	return message{tag: coseSign1, protected: header, payload: f.badge(f.issuer), context: "Signature1"}
}

func headerMap(pairs []pair) []byte {
	out := cbor.AppendMap(nil, len(pairs))
	for _, p := range pairs {
		out = append(cbor.AppendUint(out, p.label), p.value...)
	}
	return out
}

// seal signs a message (RFC 9052 section 4.4).
func (f *forge) seal(m message, by party) []byte {
	protected := headerMap(m.protected)
	input := cbor.AppendBytes(cbor.AppendText(cbor.AppendArray(nil, 4), m.context), protected)
	input = cbor.AppendBytes(cbor.AppendBytes(input, nil), []byte(m.payload))
	sig, err := by.signer.Sign(f.ctx, input)
	if err != nil {
		f.fail("cose: %w", err)
	}
	out := cbor.AppendBytes(cbor.AppendArray(cbor.AppendTag(nil, m.tag), 4), protected)
	out = append(out, headerMap(m.unprotected)...)
	out = cbor.AppendBytes(cbor.AppendBytes(out, []byte(m.payload)), sig)
	return append(out, m.behind...)
}

// cose takes in a message that must be refused, or a control.
func (f *forge) cose(row, name, what string, raw []byte, want ...string) {
	f.add(Case{Row: row, Name: name, What: what, Raw: raw, Ext: "cose", Want: want})
}

// messages are badges as COSE_Sign1.
func (f *forge) messages() {
	sealed := func(row, name, what string, m message, want ...string) {
		f.cose(row, name, what, f.seal(m, f.issuer), want...)
	}
	sealed("control", "cose", "a badge as vc+cose", f.message())
	es256 := f.message(pair{coseAlg, intValue(coseES256)}, pair{coseKid, byteValue(f.p256.method)})
	es256.payload = f.badge(f.p256)
	f.cose("control", "cose-es256", "a badge as vc+cose by a key on P-256", f.seal(es256, f.p256))
	sealed("control", "cose-claims", "a badge as vc+cose whose claims name its issuer too", f.message(f.claims(1, textValue(f.issuer.id))))

	sealed("CO-01", "es256", "another algorithm than the key's", f.message(pair{coseAlg, intValue(coseES256)}), "unsupported_alg")
	sealed("CO-01", "hmac", "a shared secret's algorithm, with a public key", f.message(pair{coseAlg, intValue(coseHMAC)}), "unsupported_alg")
	sealed("CO-01", "reserved", "the algorithm of number 0", f.message(pair{coseAlg, intValue(0)}), "unsupported_alg")
	sealed("CO-01", "text", "the algorithm as a text", f.message(pair{coseAlg, textValue("EdDSA")}), "unsupported_alg", "malformed")
	sealed("CO-01", "missing", "no algorithm", f.message(pair{label: coseAlg}), "unsupported_alg")

	outside := f.message(pair{label: coseKid})
	outside.unprotected = []pair{{coseKid, byteValue(f.issuer.method)}}
	sealed("CO-02", "kid", "the key's name outside of what is signed", outside, "unsupported_alg", "malformed", "key_invalid")
	both := f.message()
	both.unprotected = []pair{{coseKid, byteValue(f.attacker.method)}}
	sealed("CO-02", "kid in both", "another key's name outside of what is signed", both, "unsupported_alg", "malformed", "key_invalid")
	outside = f.message(pair{label: coseAlg})
	outside.unprotected = []pair{{coseAlg, intValue(coseEdDSA)}}
	sealed("CO-02", "alg", "the algorithm outside of what is signed", outside, "unsupported_alg", "malformed")

	for name, tag := range map[string]uint64{"mac0": 17, "sign": 98, "cwt": 61} {
		m := f.message()
		m.tag = tag
		sealed("CO-03", name, "the message under the tag of another kind: "+name, m, "wrong_type", "malformed")
	}
	m := f.message()
	m.protected = slices.Insert(m.protected, 1, pair{coseAlg, intValue(coseEdDSA)})
	sealed("CO-04", "alg twice", "the algorithm twice", m, "malformed")
	m = f.message()
	m.protected = slices.Insert(m.protected, 2, pair{coseKid, byteValue(f.attacker.method)})
	sealed("CO-04", "kid twice", "two keys' names, a stranger's first", m, "malformed")
	two := append(append(cbor.AppendMap(nil, 2), append(cbor.AppendUint(nil, 1), textValue(f.issuer.id)...)...), append(cbor.AppendUint(nil, 1), textValue(f.issuer.id)...)...)
	sealed("CO-04", "claim twice", "a claim twice", f.message(pair{coseClaims, two}), "malformed")

	for name, behind := range map[string][]byte{"zero": {0}, "another": f.seal(f.message(), f.attacker), "line": []byte("\n")} {
		m := f.message()
		m.behind = behind
		sealed("CO-05", name, "something behind the message: "+name, m, "malformed")
	}
	f.strangers()
}

// claims is an entry of the header with one claim.
func (f *forge) claims(label uint64, value []byte) pair {
	return pair{coseClaims, append(cbor.AppendUint(cbor.AppendMap(nil, 1), label), value...)}
}

// strangers are messages by others than they say, or for something else.
func (f *forge) strangers() {
	sealed := func(row, name, what string, m message, by party, want ...string) {
		f.cose(row, name, what, f.seal(m, by), want...)
	}
	sealed("CO-06", "own name", "in the issuer's name, by a stranger under the stranger's name", f.message(pair{coseKid, byteValue(f.attacker.method)}), f.attacker, "issuer_mismatch")
	sealed("CO-06", "issuers name", "in the issuer's name, by a stranger under the name of the issuer's key", f.message(), f.attacker, "bad_signature")
	sealed("CO-06", "second", "one trusted issuer in the name of another", f.message(pair{coseKid, byteValue(f.second.method)}), f.second, "issuer_mismatch")
	m := f.message()
	m.payload = f.badge(f.attacker)
	sealed("CO-06", "untrusted", "a stranger's badge in the stranger's name", f.with(m, coseKid, byteValue(f.attacker.method)), f.attacker, "untrusted_issuer")
	sealed("CO-06", "certificate", "a stranger's certificate in the header", f.message(pair{33, byteValue("MIIB")}), f.attacker, "key_invalid", "unsupported_alg")

	good := f.seal(f.message(), f.issuer)
	f.cose("CO-07", "payload", "the badge changed after signing", bytes.Replace(good, []byte("timer"), []byte("timar"), 1), "bad_signature")
	cut := bytes.Clone(good)
	cut[len(cut)-1] ^= 1
	f.cose("CO-07", "signature", "a bit of the signature changed", cut, "bad_signature")
	m = f.message()
	m.context = "Signature"
	sealed("CO-07", "context", "signed as one of several signatures", m, f.issuer, "bad_signature")

	sealed("CO-08", "presentation", "a badge under the type of presentations", f.message(pair{coseTyp, textValue("application/vp+cose")}, pair{coseType, textValue("application/vp")}), f.issuer, "wrong_type")
	sealed("CO-08", "no type", "no type", f.message(pair{label: coseTyp}), f.issuer, "wrong_type")
	sealed("CO-08", "token", "the type of tokens", f.message(pair{coseTyp, textValue("application/vc+jwt")}), f.issuer, "wrong_type")
	sealed("CO-09", "crit", "an entry that must be understood, and is not known", f.message(pair{coseCrit, append(cbor.AppendArray(nil, 1), intValue(99)...)}), f.issuer, "unsupported_alg", "malformed")
	sealed("CO-09", "unknown", "an entry that nobody knows", f.message(pair{99, intValue(1)}), f.issuer, "unsupported_alg", "malformed")
	sealed("CO-10", "iss", "claims that name another issuer", f.message(f.claims(1, textValue(f.second.id))), f.issuer, "issuer_mismatch", "malformed")
	sealed("CO-10", "sub", "claims that name another subject", f.message(f.claims(2, textValue(f.attacker.id))), f.issuer, "holder_mismatch", "malformed")
	sealed("CO-10", "exp", "ended a second ago", f.message(f.claims(4, intValue(1780315199))), f.issuer, "expired")
	sealed("CO-10", "exp text", "an end that is a text", f.message(f.claims(4, textValue("2030"))), f.issuer, "malformed")
}

// with puts another value into the header of a message.
func (f *forge) with(m message, label uint64, value []byte) message {
	m.protected = slices.Clone(m.protected)
	for i := range m.protected {
		if m.protected[i].label == label {
			m.protected[i].value = value
		}
	}
	return m
}
