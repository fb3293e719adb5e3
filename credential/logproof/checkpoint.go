package logproof

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/kompetansebevis/bevis/reason"
)

const (
	maxNote       = 64 << 10 // bytes
	maxSignatures = 64       // of a note
	maxIndex      = 1<<62 - 1
)

// Hash is a SHA-256 in the tree of a log.
type Hash [sha256.Size]byte

// Checkpoint is what a log says of itself: how many entries it has, and the
// hash over all of them. It means nothing until a signature was checked.
type Checkpoint struct {
	Origin string // names the log
	Size   int64  // entries
	Root   Hash

	text       []byte // what is signed
	signatures []signature
}

type signature struct {
	name string
	id   uint32
	raw  []byte
}

func badForm(format string, args ...any) error {
	return reason.New("log_proof_invalid/form", "", format, args...)
}

// ReadCheckpoint reads a signed checkpoint, whose signatures it does not check.
// Errors are log_proof_invalid/form.
func ReadCheckpoint(note []byte) (*Checkpoint, error) {
	if len(note) > maxNote {
		return nil, badForm("a checkpoint of more than %d bytes", maxNote)
	}
	if !utf8.Valid(note) || bytes.ContainsFunc(note, func(r rune) bool { return r < ' ' && r != '\n' }) {
		return nil, badForm("a checkpoint is text, without control characters")
	}
	end := bytes.LastIndex(note, []byte("\n\n"))
	if end < 0 || !bytes.HasSuffix(note, []byte("\n")) {
		return nil, badForm("a checkpoint is text, an empty line, and signatures")
	}
	c := &Checkpoint{text: note[:end+1]}
	for line := range strings.Lines(string(note[end+2:])) {
		s, err := readSignature(strings.TrimSuffix(line, "\n"))
		if err != nil {
			return nil, err
		}
		if len(c.signatures) == maxSignatures {
			return nil, badForm("more than %d signatures", maxSignatures)
		}
		c.signatures = append(c.signatures, s)
	}
	if len(c.signatures) == 0 {
		return nil, badForm("a checkpoint without a signature")
	}
	return c, c.readText()
}

func readSignature(line string) (s signature, err error) {
	rest, ok := strings.CutPrefix(line, "— ")
	name, text, cut := strings.Cut(rest, " ")
	raw, bad := base64.StdEncoding.Strict().DecodeString(text)
	if !ok || !cut || !isName(name) || bad != nil || len(raw) < 5 {
		return s, badForm("a line of a signature is \"— NAME BASE64\"")
	}
	return signature{name, binary.BigEndian.Uint32(raw), raw[4:]}, nil
}

// readText reads the first three lines, by c2sp.org/tlog-checkpoint. Lines
// behind them are signed and say nothing here.
func (c *Checkpoint) readText() (err error) {
	lines := strings.Split(strings.TrimSuffix(string(c.text), "\n"), "\n")
	for _, line := range lines {
		if line == "" {
			return badForm("an empty line in a checkpoint")
		}
	}
	if len(lines) < 3 || len(lines[0]) > maxName {
		return badForm("a checkpoint is the log's name, its size and its root hash")
	}
	c.Origin = lines[0]
	if c.Size, err = readNumber(lines[1]); err != nil {
		return err
	}
	if c.Root, err = readHash(lines[2]); err != nil {
		return err
	}
	if c.Size == 0 && c.Root != sha256.Sum256(nil) {
		return badForm("an empty log with a root hash")
	}
	return nil
}

func readNumber(s string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || n > maxIndex || strconv.FormatInt(n, 10) != s {
		return 0, badForm("%.30q is no number of entries", s)
	}
	return n, nil
}

func readHash(s string) (h Hash, err error) {
	raw, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil || len(raw) != len(h) {
		return h, badForm("%.60q is no hash", s)
	}
	copy(h[:], raw)
	return h, nil
}

// Text returns what the signatures are of.
func (c *Checkpoint) Text() []byte { return bytes.Clone(c.text) }

// FormatCheckpoint returns the text of a checkpoint, which is to be signed.
func FormatCheckpoint(origin string, size int64, root Hash) []byte {
	return fmt.Appendf(nil, "%s\n%d\n%s\n", origin, size, base64.StdEncoding.EncodeToString(root[:]))
}

// find returns the first signature that says it is of a key.
func (c *Checkpoint) find(k Key) (signature, bool) {
	for _, s := range c.signatures {
		if s.name == k.Name && s.id == k.ID {
			return s, true
		}
	}
	return signature{}, false
}

// SignedBy checks that a log has signed the checkpoint as its own. Errors are
// log_proof_invalid/signature.
func (c *Checkpoint) SignedBy(k Key) error {
	s, ok := c.find(k)
	switch {
	case k.kind != kindLog || c.Origin != k.Name:
		return reason.New("log_proof_invalid/signature", "", "the checkpoint is of %.100q, and the key of %.100q", c.Origin, k.Name)
	case !ok:
		return reason.New("log_proof_invalid/signature", "", "the checkpoint is not signed with the key %s of %s", k.hex(), k.Name)
	case !ed25519.Verify(k.public, c.text, s.raw):
		return reason.New("log_proof_invalid/signature", "", "the signature of %s does not hold", k.Name)
	}
	return nil
}

// Cosigned returns when a witness has seen the checkpoint, and reports whether
// it says so: c2sp.org/tlog-cosignature, in the form for Ed25519. A cosignature
// that does not hold is log_proof_invalid/signature.
func (c *Checkpoint) Cosigned(k Key) (time.Time, bool, error) {
	s, ok := c.find(k)
	if !ok || k.kind != kindWitness {
		return time.Time{}, false, nil
	}
	if len(s.raw) == 8+ed25519.SignatureSize {
		at := binary.BigEndian.Uint64(s.raw)
		text := fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s", at, c.text)
		if at < 1<<40 && ed25519.Verify(k.public, text, s.raw[8:]) {
			return time.Unix(int64(at), 0).UTC(), true, nil
		}
	}
	return time.Time{}, false, reason.New("log_proof_invalid/signature", "", "the signature of the witness %s does not hold", k.Name)
}
