package dataintegrity

import (
	"bytes"
	"encoding/base64"
	"strconv"
	"strings"

	"github.com/kompetansebevis/bevis/internal/cbor"
	"github.com/kompetansebevis/bevis/reason"
)

// The headers of the two kinds of proof value of ecdsa-sd-2023 (ECDSA
// Cryptosuites section 3.5).
const (
	sdBaseHeader    = "\xd9\x5d\x00"
	sdDerivedHeader = "\xd9\x5d\x01"
)

const (
	sdSignatureBytes = 64
	sdKeyBytes       = 35 // of a P-256 key as in a Multikey
	sdHMACBytes      = 32
	// maxStatements bounds the signatures in a proof value: each costs the
	// verifier a verification.
	maxStatements = 5000
	maxPointer    = 4096 // bytes of a JSON pointer
)

// sdBase is the proof value that an issuer gives a holder: a signature for
// each statement that may be kept back.
type sdBase struct {
	signature  []byte
	publicKey  []byte
	hmacKey    []byte
	signatures [][]byte
	mandatory  []string // pointers
}

// sdDerived is the proof value of what a holder shows.
type sdDerived struct {
	signature  []byte
	publicKey  []byte
	signatures [][]byte
	labels     map[string]string // by canonical label
	mandatory  []int             // indexes of statements, ascending
}

func (v *sdBase) encode() string {
	out := cbor.AppendArray([]byte(sdBaseHeader), 5)
	out = cbor.AppendBytes(out, v.signature)
	out = cbor.AppendBytes(out, v.publicKey)
	out = cbor.AppendBytes(out, v.hmacKey)
	out = appendSignatures(out, v.signatures)
	out = cbor.AppendArray(out, len(v.mandatory))
	for _, p := range v.mandatory {
		out = cbor.AppendText(out, p)
	}
	return "u" + base64.RawURLEncoding.EncodeToString(out)
}

func (v *sdDerived) encode() (string, error) {
	out := cbor.AppendArray([]byte(sdDerivedHeader), 5)
	out = cbor.AppendBytes(out, v.signature)
	out = cbor.AppendBytes(out, v.publicKey)
	out = appendSignatures(out, v.signatures)
	out = cbor.AppendMap(out, len(v.labels))
	for i := range len(v.labels) {
		raw, err := base64.RawURLEncoding.Strict().DecodeString(strings.TrimPrefix(v.labels["c14n"+strconv.Itoa(i)], "u"))
		if err != nil || len(raw) != sdHMACBytes {
			return "", reason.New(reason.Internal, "", "the nodes of the document have no labels")
		}
		out = cbor.AppendBytes(cbor.AppendUint(out, uint64(i)), raw)
	}
	out = cbor.AppendArray(out, len(v.mandatory))
	for _, i := range v.mandatory {
		out = cbor.AppendUint(out, uint64(i))
	}
	return "u" + base64.RawURLEncoding.EncodeToString(out), nil
}

func appendSignatures(out []byte, signatures [][]byte) []byte {
	out = cbor.AppendArray(out, len(signatures))
	for _, s := range signatures {
		out = cbor.AppendBytes(out, s)
	}
	return out
}

// openValue returns what is behind the header of a proof value, and whether it
// is a base proof. There is one way to write a proof value.
func openValue(text, at string) (rest []byte, base bool, err error) {
	raw, err := decodeText(text, at)
	switch {
	case err != nil:
		return nil, false, err
	case bytes.HasPrefix(raw, []byte(sdBaseHeader)):
		return raw[len(sdBaseHeader):], true, nil
	case bytes.HasPrefix(raw, []byte(sdDerivedHeader)):
		return raw[len(sdDerivedHeader):], false, nil
	}
	return nil, false, reason.New(reason.MalformedProofValue, at, "the proof value has not the header of ecdsa-sd-2023")
}

// decodeText reads the multibase form of the proof values that show in part.
func decodeText(text, at string) ([]byte, error) {
	encoded, ok := strings.CutPrefix(text, "u")
	raw, err := base64.RawURLEncoding.Strict().DecodeString(encoded)
	if !ok || err != nil || strings.ContainsAny(encoded, "\r\n") { // which the decoder passes over
		return nil, reason.New(reason.MalformedProofValue, at, "the proof value is not in base64url")
	}
	return raw, nil
}

func decodeBase(raw []byte, at string) (*sdBase, error) {
	r := valueReader{r: cbor.NewReader(raw)}
	r.items(5)
	v := &sdBase{signature: r.bytes(sdSignatureBytes), publicKey: r.bytes(sdKeyBytes), hmacKey: r.bytes(sdHMACBytes), signatures: r.signatures()}
	v.mandatory = r.pointers()
	return v, r.end(at)
}

func decodeDerived(raw []byte, at string) (*sdDerived, error) {
	r := valueReader{r: cbor.NewReader(raw)}
	r.items(5)
	v := &sdDerived{signature: r.bytes(sdSignatureBytes), publicKey: r.bytes(sdKeyBytes), signatures: r.signatures(), labels: map[string]string{}}
	pairs, err := r.r.Map(maxStatements)
	r.note(err)
	for i := range pairs {
		// The reader of a document numbers its nodes from 0 without a gap.
		n, err := r.r.Uint(maxStatements)
		r.note(err)
		if err == nil && n != uint64(i) {
			r.note(reason.New("disclosure_invalid/labels", at, "label %d stands where %d should be", n, i))
		}
		v.labels["c14n"+strconv.Itoa(i)] = "u" + base64.RawURLEncoding.EncodeToString(r.bytes(sdHMACBytes))
		if r.err != nil {
			break
		}
	}
	v.mandatory = r.indexes(at)
	return v, r.end(at)
}

// valueReader reads the parts of a proof value and keeps the first error.
type valueReader struct {
	r   *cbor.Reader
	err error
}

func (r *valueReader) note(err error) {
	if r.err == nil {
		r.err = err
	}
}

func (r *valueReader) items(want int) {
	n, err := r.r.Array(want)
	if err == nil && n != want {
		err = reason.New(reason.MalformedProofValue, "", "%d parts, not %d", n, want)
	}
	r.note(err)
}

func (r *valueReader) count() int {
	n, err := r.r.Array(maxStatements)
	r.note(err)
	if r.err != nil {
		return 0
	}
	return n
}

// bytes reads a byte string of exactly size bytes.
func (r *valueReader) bytes(size int) []byte {
	b, err := r.r.Bytes(size)
	if err == nil && len(b) != size {
		err = reason.New(reason.MalformedProofValue, "", "a part has %d bytes, not %d", len(b), size)
	}
	r.note(err)
	return b
}

// pointers reads the list of what always shows.
func (r *valueReader) pointers() []string {
	var out []string
	for range r.count() {
		text, err := r.r.Text(maxPointer)
		r.note(err)
		out = append(out, text)
	}
	return out
}

// indexes reads a list of indexes that ascend.
func (r *valueReader) indexes(at string) []int {
	var out []int
	for i := range r.count() {
		n, err := r.r.Uint(1 << 24)
		r.note(err)
		if err == nil && i > 0 && int(n) <= out[i-1] {
			r.note(reason.New("disclosure_invalid/indexes", at, "indexes are not in ascending order"))
		}
		if r.err != nil {
			return nil
		}
		out = append(out, int(n))
	}
	return out
}

func (r *valueReader) signatures() [][]byte {
	var out [][]byte
	for range r.count() {
		out = append(out, r.bytes(sdSignatureBytes))
		if r.err != nil {
			return nil
		}
	}
	return out
}

// end returns the first error, as one of the proof value.
func (r *valueReader) end(at string) error {
	if r.err == nil {
		r.note(r.r.End())
	}
	if r.err == nil || reason.CodeOf(r.err).Coarse() == string(reason.DisclosureInvalid) {
		return r.err
	}
	return reason.New(reason.MalformedProofValue, at, "the proof value: %w", r.err)
}
