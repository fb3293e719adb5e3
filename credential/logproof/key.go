package logproof

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/kompetansebevis/bevis/reason"
)

// The kinds of keys by c2sp.org/signed-note, section "Signature types".
const (
	kindLog     = 1 // Ed25519 over the note
	kindWitness = 4 // Ed25519 over the note and a time: c2sp.org/tlog-cosignature
)

const maxName = 256 // bytes of a key's name or of an origin

// Key is a public key of a log, or of a witness that cosigns checkpoints. The
// zero value verifies nothing.
type Key struct {
	Name   string
	ID     uint32
	kind   byte
	public ed25519.PublicKey
}

// NewKey returns the key of a log. Errors are usage/log-key.
func NewKey(name string, public ed25519.PublicKey) (Key, error) {
	return newKey(name, kindLog, public)
}

func newKey(name string, kind byte, public ed25519.PublicKey) (Key, error) {
	if !isName(name) {
		return Key{}, badKey("a key has a name of at most %d bytes, without white space and \"+\"", maxName)
	}
	if len(public) != ed25519.PublicKeySize {
		return Key{}, badKey("an Ed25519 key has %d bytes", ed25519.PublicKeySize)
	}
	return Key{name, keyID(name, kind, public), kind, public}, nil
}

func badKey(format string, args ...any) error {
	return reason.New("usage/log-key", "", format, args...)
}

// ParseKey reads a verifier key, such as "kurs.example/log+2f0c…+AQ…". Errors are
// usage/log-key.
func ParseKey(vkey string) (Key, error) {
	name, rest, _ := strings.Cut(vkey, "+")
	id, material, ok := strings.Cut(rest, "+")
	raw, err := base64.StdEncoding.Strict().DecodeString(material)
	if !ok || len(vkey) > 2*maxName || err != nil || len(raw) != 1+ed25519.PublicKeySize || raw[0] != kindLog && raw[0] != kindWitness {
		return Key{}, badKey("the key of a log is NAME+ID+KEY, of type Ed25519")
	}
	k, err := newKey(name, raw[0], raw[1:])
	if err != nil {
		return k, err
	}
	if k.hex() != id {
		return Key{}, badKey("the id of the key is %.16q, not that of the key itself", id)
	}
	return k, nil
}

// String returns the key as ParseKey reads it.
func (k Key) String() string {
	return k.Name + "+" + k.hex() + "+" + base64.StdEncoding.EncodeToString(append([]byte{k.kind}, k.public...))
}

// Witness reports whether the key cosigns checkpoints of others.
func (k Key) Witness() bool { return k.kind == kindWitness }

func (k Key) hex() string {
	return hex.EncodeToString(binary.BigEndian.AppendUint32(nil, k.ID))
}

func keyID(name string, kind byte, public []byte) uint32 {
	sum := sha256.Sum256(append(append([]byte(name+"\n"), kind), public...))
	return binary.BigEndian.Uint32(sum[:])
}

func isName(name string) bool {
	return name != "" && len(name) <= maxName && utf8.ValidString(name) && !strings.ContainsFunc(name, func(r rune) bool {
		return r == '+' || unicode.IsSpace(r) || unicode.IsControl(r)
	})
}
