package logproof

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/kompetansebevis/bevis/reason"
)

// Suffix is put behind the name of a credential's file to name that of its proof.
const Suffix = ".tlog-proof"

// MaxBytes bounds a proof, with its checkpoint.
const MaxBytes = maxNote + 8<<10

// MaxFile bounds a file of proofs, as Join makes it.
const MaxFile = 4 << 20

const (
	header    = "c2sp.org/tlog-proof@v1"
	maxPath   = 62 // hashes: the tree has at most 2^62 entries
	entryMark = "bevis-entry-v1\n"
	saltMark  = "bevis-salt-v1\n"
)

// Salt is what makes an entry say nothing to those who do not have the
// credential and its proof. Whoever could guess the credential could not try
// out the guess without it.
type Salt [32]byte

// NewSalt returns a random salt.
func NewSalt() (s Salt, err error) {
	if _, err = rand.Read(s[:]); err != nil {
		err = reason.Wrap(reason.Internal, "", err)
	}
	return s, err
}

// Entry returns the entry of a credential in a log, as version 1 of it is
// defined: the line "bevis-entry-v1" and the SHA-256 of that line, the salt and
// the SHA-256 of what Signed returns. It does not depend on what a holder keeps
// back of an SD-JWT.
func Entry(salt Salt, credential []byte) []byte {
	inner := sha256.Sum256(Signed(credential))
	sum := sha256.Sum256(bytes.Join([][]byte{[]byte(entryMark), salt[:], inner[:]}, nil))
	return append([]byte(entryMark), sum[:]...)
}

// Signed returns what of a credential its issuer has signed: of an SD-JWT the
// token without its disclosures, of JSON and tokens all without white space
// around it, and of a COSE message every byte.
func Signed(credential []byte) []byte {
	text := bytes.TrimSpace(credential)
	switch {
	case len(text) > 0 && text[0] == '{':
		return text
	case bytes.HasPrefix(text, []byte("eyJ")):
		token, _, _ := bytes.Cut(text, []byte("~"))
		return token
	}
	return credential
}

// LeafHash returns the hash of an entry as it stands in the tree (RFC 6962
// section 2.1).
func LeafHash(entry []byte) Hash {
	h := sha256.New()
	h.Write([]byte{0}) // a hash does not fail
	h.Write(entry)
	return Hash(h.Sum(nil))
}

func nodeHash(left, right Hash) Hash {
	return sha256.Sum256(append(append([]byte{1}, left[:]...), right[:]...))
}

// Proof says that a credential stands at a place in a log.
type Proof struct {
	Salt       Salt
	Index      int64 // of the entry, from 0
	Path       []Hash
	Checkpoint *Checkpoint

	note []byte
}

// Parse reads a proof. Errors are log_proof_invalid/form.
func Parse(raw []byte) (*Proof, error) {
	if len(raw) > MaxBytes {
		return nil, badForm("a proof of more than %d bytes", MaxBytes)
	}
	head, note, ok := bytes.Cut(raw, []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	if !ok || len(lines) < 3 || lines[0] != header {
		return nil, badForm("a proof begins with the line %q, a salt, and the place", header)
	}
	p := &Proof{note: note}
	extra, hasExtra := strings.CutPrefix(lines[1], "extra ")
	salt, err := base64.StdEncoding.Strict().DecodeString(extra)
	if !hasExtra || err != nil || len(salt) != len(saltMark)+len(p.Salt) || !bytes.HasPrefix(salt, []byte(saltMark)) {
		return nil, badForm("the proof holds no salt of version 1")
	}
	copy(p.Salt[:], salt[len(saltMark):])
	index, hasIndex := strings.CutPrefix(lines[2], "index ")
	if !hasIndex {
		return nil, badForm("the proof does not say the place")
	}
	if p.Index, err = readNumber(index); err != nil {
		return nil, err
	}
	if len(lines)-3 > maxPath {
		return nil, badForm("a proof of more than %d hashes", maxPath)
	}
	for _, line := range lines[3:] {
		h, err := readHash(line)
		if err != nil {
			return nil, err
		}
		p.Path = append(p.Path, h)
	}
	p.Checkpoint, err = ReadCheckpoint(note)
	return p, err
}

// Format writes a proof, as Parse reads it, around a signed checkpoint.
func Format(salt Salt, index int64, path []Hash, note []byte) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\nextra %s\nindex %d\n", header, base64.StdEncoding.EncodeToString(append([]byte(saltMark), salt[:]...)), index)
	for _, h := range path {
		b.WriteString(base64.StdEncoding.EncodeToString(h[:]) + "\n")
	}
	b.WriteByte('\n')
	b.Write(note)
	return b.Bytes()
}

// Join puts the proofs of several credentials that are shown together into one
// file: one behind the other.
func Join(proofs [][]byte) []byte {
	var out []byte
	for _, p := range proofs {
		if len(out) > 0 && out[len(out)-1] != '\n' {
			out = append(out, '\n')
		}
		out = append(out, p...)
	}
	return out
}

// Is reports whether a file begins as a proof does; its beginning is enough.
func Is(file []byte) bool { return bytes.HasPrefix(file, []byte(header+"\n")) }

// Split returns the proofs in a file, of which each begins with the line that all
// begin with. What is none of them comes back as it is, for Parse to say so.
func Split(file []byte) [][]byte {
	var out [][]byte
	for {
		next := bytes.Index(file, []byte("\n"+header+"\n"))
		if next < 0 {
			return append(out, file)
		}
		out, file = append(out, file[:next+1]), file[next+1:]
	}
}

// Covers checks that the credential stands where the proof says, in the log as
// its checkpoint has it. That a log has signed the checkpoint is for SignedBy.
// Errors are log_proof_invalid/inclusion.
func (p *Proof) Covers(credential []byte) error {
	if !Included(LeafHash(Entry(p.Salt, credential)), p.Index, p.Path, p.Checkpoint.Size, p.Checkpoint.Root) {
		return reason.New("log_proof_invalid/inclusion", "", "the log does not have this credential at place %d", p.Index)
	}
	return nil
}

// Included reports whether an inclusion proof holds (RFC 9162 section
// 2.1.3.2).
func Included(leaf Hash, index int64, path []Hash, size int64, root Hash) bool {
	if index < 0 || index >= size {
		return false
	}
	at, last, h := index, size-1, leaf
	for _, p := range path {
		switch {
		case last == 0:
			return false
		case at&1 == 1 || at == last:
			h = nodeHash(p, h)
			for at&1 == 0 && at != 0 {
				at, last = at>>1, last>>1
			}
		default:
			h = nodeHash(h, p)
		}
		at, last = at>>1, last>>1
	}
	return last == 0 && h == root
}
