package dataintegrity

import (
	"encoding/base64"
	"strconv"
	"strings"

	"github.com/kompetansebevis/bevis/internal/bbs"
	"github.com/kompetansebevis/bevis/internal/cbor"
	"github.com/kompetansebevis/bevis/reason"
)

// The headers of the two kinds of proof value of bbs-2023 without optional
// features (BBS Cryptosuites section 3.3).
const (
	bbsBaseHeader    = "\xd9\x5d\x02"
	bbsDerivedHeader = "\xd9\x5d\x03"
)

const (
	bbsHeaderBytes = 64 // two hashes
	// maxPresentation bounds the presentation header, in bytes.
	maxPresentation = 8192
)

// bbsBase is the proof value that an issuer gives a holder: one signature over
// all statements.
type bbsBase struct {
	signature []byte
	header    []byte // the hashes of the options and of what always shows
	publicKey []byte
	hmacKey   []byte
	mandatory []string // pointers
}

// bbsDerived is the proof value of what a holder shows.
type bbsDerived struct {
	proof        []byte
	labels       map[string]string // by canonical label
	mandatory    []int             // indexes among the statements that show
	chosen       []int             // of the others that show, among all that are not mandatory
	presentation []byte
}

func (v *bbsBase) encode() string {
	out := cbor.AppendArray([]byte(bbsBaseHeader), 5)
	out = cbor.AppendBytes(out, v.signature)
	out = cbor.AppendBytes(out, v.header)
	out = cbor.AppendBytes(out, v.publicKey)
	out = cbor.AppendBytes(out, v.hmacKey)
	out = cbor.AppendArray(out, len(v.mandatory))
	for _, p := range v.mandatory {
		out = cbor.AppendText(out, p)
	}
	return "u" + base64.RawURLEncoding.EncodeToString(out)
}

func (v *bbsDerived) encode() (string, error) {
	out := cbor.AppendArray([]byte(bbsDerivedHeader), 5)
	out = cbor.AppendBytes(out, v.proof)
	out = cbor.AppendMap(out, len(v.labels))
	for i := range len(v.labels) {
		n, err := strconv.ParseUint(strings.TrimPrefix(v.labels["c14n"+strconv.Itoa(i)], "b"), 10, 32)
		if err != nil {
			return "", reason.New(reason.Internal, "", "the nodes of the document have no labels")
		}
		out = cbor.AppendUint(cbor.AppendUint(out, uint64(i)), n)
	}
	for _, indexes := range [][]int{v.mandatory, v.chosen} {
		out = cbor.AppendArray(out, len(indexes))
		for _, i := range indexes {
			out = cbor.AppendUint(out, uint64(i))
		}
	}
	return "u" + base64.RawURLEncoding.EncodeToString(cbor.AppendBytes(out, v.presentation)), nil
}

// readBBS reads a proof value, of one kind or the other.
func readBBS(text, at string) (*bbsBase, *bbsDerived, error) {
	raw, err := decodeText(text, at)
	if err != nil {
		return nil, nil, err
	}
	switch {
	case strings.HasPrefix(string(raw), bbsBaseHeader):
		v, err := decodeBBSBase(raw[len(bbsBaseHeader):], at)
		return v, nil, err
	case strings.HasPrefix(string(raw), bbsDerivedHeader):
		v, err := decodeBBSDerived(raw[len(bbsDerivedHeader):], at)
		return nil, v, err
	case len(raw) >= 3 && raw[0] == 0xd9 && raw[1] == 0x5d && raw[2] >= 4 && raw[2] <= 9:
		return nil, nil, reason.New("unsupported_alg/feature", at, "this proof of bbs-2023 binds a holder or a pseudonym, which is not read here")
	}
	return nil, nil, reason.New(reason.MalformedProofValue, at, "the proof value has not the header of bbs-2023")
}

func decodeBBSBase(raw []byte, at string) (*bbsBase, error) {
	r := valueReader{r: cbor.NewReader(raw)}
	r.items(5)
	v := &bbsBase{signature: r.bytes(bbs.SignatureBytes), header: r.bytes(bbsHeaderBytes), publicKey: r.bytes(bbs.PublicKeyBytes), hmacKey: r.bytes(sdHMACBytes)}
	v.mandatory = r.pointers()
	return v, r.end(at)
}

func decodeBBSDerived(raw []byte, at string) (*bbsDerived, error) {
	r := valueReader{r: cbor.NewReader(raw)}
	r.items(5)
	v := &bbsDerived{labels: map[string]string{}}
	var err error
	v.proof, err = r.r.Bytes(bbs.MaxProofBytes)
	r.note(err)
	pairs, err := r.r.Map(maxStatements)
	r.note(err)
	for i := range pairs {
		// The reader of a document numbers its nodes from 0 without a gap.
		n, err := r.r.Uint(maxStatements)
		r.note(err)
		if err == nil && n != uint64(i) {
			r.note(reason.New("disclosure_invalid/labels", at, "label %d stands where %d should be", n, i))
		}
		label, err := r.r.Uint(maxStatements)
		r.note(err)
		if r.err != nil {
			break
		}
		v.labels["c14n"+strconv.Itoa(i)] = "b" + strconv.FormatUint(label, 10)
	}
	v.mandatory, v.chosen = r.indexes(at), r.indexes(at)
	v.presentation, err = r.r.Bytes(maxPresentation)
	r.note(err)
	return v, r.end(at)
}
