package issuer

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math/bits"
	"strconv"
	"strings"

	"github.com/kompetansebevis/bevis/reason"
)

// Secret is what a ledger makes once and tells nobody: from it come the order
// in which places are given, and digests that cannot be found by trying out.
type Secret [32]byte

// NewSecret returns a random secret.
func NewSecret() (Secret, error) {
	var s Secret
	_, err := rand.Read(s[:])
	return s, reason.Wrap(reason.Internal, "", err)
}

func (s Secret) mac(parts ...string) []byte {
	h := hmac.New(sha256.New, s[:])
	for _, p := range parts {
		_, _ = h.Write([]byte(strconv.Itoa(len(p)) + ":" + p)) // a hash does not fail
	}
	return h.Sum(nil)
}

// KeyDigest returns what stands for an idempotency key, also when the key
// itself was erased.
func (s Secret) KeyDigest(idempotencyKey string) string {
	return hex.EncodeToString(s.mac("idempotency key", idempotencyKey))
}

// PersonDigest returns what stands for a person: an id, or an e-mail address
// in whatever case it is written.
func (s Secret) PersonDigest(person string) string {
	if !strings.HasPrefix(person, "did:") {
		person = strings.ToLower(strings.TrimSpace(person))
	}
	return hex.EncodeToString(s.mac("person", person))
}

// Places returns the order in which the places of a status list are given.
func (s Secret) Places(purpose string, list, size int) *Places {
	p := &Places{size: uint64(max(size, 0))}
	key := s.mac("places", purpose, strconv.Itoa(list), strconv.Itoa(size))
	p.block, _ = aes.NewCipher(key) // the length is right
	if p.size == 0 {
		return p
	}
	var in, out [aes.BlockSize]byte
	in[0] = 1 // what deals with rounds begins with 0
	for round := range p.turns {
		binary.BigEndian.PutUint32(in[1:], uint32(round))
		p.block.Encrypt(out[:], in[:])
		// Of 64 random bits for at most 2^31 places: the bias is below 2^-33.
		hi, _ := bits.Mul64(binary.BigEndian.Uint64(out[:]), p.size)
		p.turns[round] = hi
	}
	return p
}

// rounds is how often a place is swapped or not. Whoever knows the order of q
// of N places tells that of the rest from chance with a probability of at most
// 8·N^1.5/(r+4) · ((q+N)/2N)^(r/4+1) (Hoang, Morris, Rogaway: An enciphering
// scheme based on a card shuffle, CRYPTO 2012). With 512 rounds that is 2^-108
// for a thousand places of 131,072, and still 2^-34 for half of them.
const rounds = 512

// Places is a secret order of all places of a list: a permutation by swap-or-
// not, so no place can come twice, and nothing has to be kept but how many were
// given. It is safe for concurrent use.
type Places struct {
	block cipher.Block
	turns [rounds]uint64
	size  uint64
}

// At returns the place that is given as number n, counted from 0. There are as
// many as the list has entries: n is below that.
func (p *Places) At(n uint64) uint64 {
	x := n
	var buf [2 * aes.BlockSize]byte
	in, out := buf[:aes.BlockSize], buf[aes.BlockSize:]
	for round, turn := range p.turns {
		other := turn + p.size - x
		if other >= p.size {
			other -= p.size
		}
		binary.BigEndian.PutUint32(in[1:], uint32(round))
		binary.BigEndian.PutUint64(in[8:], max(x, other))
		p.block.Encrypt(out, in)
		if out[0]&1 == 1 {
			x = other
		}
	}
	return x
}
