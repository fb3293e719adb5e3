package attacks

import (
	"bytes"
	"crypto/sha256"

	"github.com/multiformats/go-multibase"

	"github.com/kompetansebevis/bevis/internal/cbor"
)

const (
	sdSuite  = "ecdsa-sd-2023"
	bbsSuite = "bbs-2023"
)

// derivedValue is what a holder shows under ecdsa-sd-2023 (Data Integrity
// ECDSA Cryptosuites section 3.5.7): signatures over statements one by one,
// the labels of nodes, and which statements always show.
type derivedValue struct {
	signature  []byte
	key        []byte
	signatures [][]byte
	labels     []uint64 // the numbers of nodes, each of which gets some label
	mandatory  []uint64
}

func (v derivedValue) String() string {
	out := cbor.AppendArray([]byte("\xd9\x5d\x01"), 5)
	out = cbor.AppendArray(cbor.AppendBytes(cbor.AppendBytes(out, v.signature), v.key), len(v.signatures))
	for _, s := range v.signatures {
		out = cbor.AppendBytes(out, s)
	}
	out = cbor.AppendMap(out, len(v.labels))
	for i, n := range v.labels {
		out = cbor.AppendBytes(cbor.AppendUint(out, n), bytes.Repeat([]byte{byte(i)}, 32))
	}
	return "u" + b64(indexes(out, v.mandatory))
}

func indexes(out []byte, list []uint64) []byte {
	out = cbor.AppendArray(out, len(list))
	for _, n := range list {
		out = cbor.AppendUint(out, n)
	}
	return out
}

// bbsShown is a value of bbs-2023 (section 3.4.6 of its suite) with a proof of
// zeros, which is not looked at before the rest is in order.
func bbsShown(labels map[uint64]uint64, mandatory, chosen []uint64) string {
	out := cbor.AppendBytes(cbor.AppendArray([]byte("\xd9\x5d\x03"), 5), make([]byte, 272))
	out = cbor.AppendMap(out, len(labels))
	for from, to := range labels {
		out = cbor.AppendUint(cbor.AppendUint(out, from), to)
	}
	return "u" + b64(cbor.AppendBytes(indexes(indexes(out, mandatory), chosen), nil))
}

// derived are documents of which a part is shown, with values that do not fit
// them.
func (f *forge) derived() {
	doc := f.swap(`{"@context":["https://www.w3.org/ns/credentials/v2"],"id":"urn:x:1","type":["VerifiableCredential"],"name":"Kursbevis","issuer":"ISSUER","validFrom":"2026-01-01T00:00:00Z","credentialSubject":{"id":"HOLDER"}}`,
		"ISSUER", f.p256.id, "HOLDER", f.holder.id)
	opts := options(sdSuite, f.p256.method, assertion)
	statements := f.canonicalRDF(doc)
	all := make([]uint64, bytes.Count(statements, []byte("\n")))
	for i := range all {
		all[i] = uint64(i)
	}
	text, err := f.p256holder.private.Public().Multikey()
	if err != nil {
		f.fail("multikey: %w", err)
		return
	}
	_, scoped, err := multibase.Decode(text)
	if err != nil {
		f.fail("multikey: %w", err)
		return
	}
	// What always shows is signed at once, with the key of the other statements.
	config, shown := sha256.Sum256(f.canonicalRDF(with(opts, "@context", `["https://www.w3.org/ns/credentials/v2"]`))), sha256.Sum256(statements)
	sig, err := f.p256.signer.Sign(f.ctx, append(append(config[:], scoped...), shown[:]...))
	if err != nil {
		f.fail("ecdsa-sd: %w", err)
		return
	}
	good := derivedValue{signature: sig, key: scoped, mandatory: all}
	under := func(row, name, what, opts, value string, want ...string) {
		f.bad(row, name, what, with(doc, "proof", with(opts, "proofValue", `"`+value+`"`)), want...)
	}
	say := func(row, name, what string, change func(*derivedValue), want ...string) {
		v := good
		change(&v)
		under(row, name, what, opts, v.String(), want...)
	}
	say("control", "ecdsa-sd", "a credential with ecdsa-sd-2023, all of which shows", func(*derivedValue) {})
	say("SD-20", "order", "indexes out of order", func(v *derivedValue) { v.mandatory = []uint64{1, 0} }, "disclosure_invalid", "malformed")
	say("SD-20", "outside", "an index of a statement that there is not", func(v *derivedValue) { v.mandatory = []uint64{0, 99} }, "disclosure_invalid", "malformed")
	say("SD-20", "label", "labels of nodes that there are not", func(v *derivedValue) { v.labels = []uint64{0} }, "disclosure_invalid", "malformed")
	say("SD-20", "label twice", "two labels for a node", func(v *derivedValue) { v.labels = []uint64{0, 0} }, "disclosure_invalid", "malformed")
	say("SD-20", "unsigned", "a statement that no signature is there for", func(v *derivedValue) { v.mandatory = all[1:] }, "disclosure_invalid", "bad_signature")
	say("SD-20", "signature", "a signature of zeros for a statement", func(v *derivedValue) { v.mandatory, v.signatures = all[1:], [][]byte{make([]byte, 64)} }, "bad_signature")
	f.bad("SD-20", "name", "what always shows changed", f.swap(with(doc, "proof", with(opts, "proofValue", `"`+good.String()+`"`)), "Kursbevis", "Fagbrev"), "bad_signature")
	zeros := with(opts, "proofValue", `"u`+b64([]byte("\xd9\x5d\x00\x85"))+`"`)
	f.bad("SD-20", "base", "the beginning of what only the holder has", with(doc, "proof", zeros), "disclosure_invalid", "malformed")

	bbs := f.swap(opts, sdSuite, bbsSuite)
	under("SD-21", "order", "indexes out of order", bbs, bbsShown(nil, []uint64{1, 0}, nil), "disclosure_invalid", "malformed")
	under("SD-21", "label", "a label that begins at one", bbs, bbsShown(map[uint64]uint64{1: 0}, all, nil), "disclosure_invalid", "malformed")
	under("SD-21", "pseudonym", "a proof that is for a pseudonym too", bbs, "u"+b64([]byte("\xd9\x5d\x07\x85")), "unsupported_alg", "malformed")
	under("SD-21", "curve", "by a key that is on another curve", bbs, bbsShown(nil, all, nil), "key_invalid", "unsupported_alg", "bad_signature")
}
