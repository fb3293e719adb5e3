package wallet

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	_ "embed"
	"errors"
	"io"
	"strconv"
	"strings"

	"filippo.io/age"

	"github.com/kompetansebevis/bevis/reason"
)

// words is the English word list of BIP-39.
//
//go:embed words.txt
var words string

// Work factors of age's scrypt, as powers of two. The recovery words have 256
// random bits and need no slow hash; a passphrase does. A file that asks for
// more than the most is meant to keep the machine busy: scrypt takes 2^work KiB.
const (
	passphraseWork = 18
	recoveryWork   = 10
	maxWork        = 20
	maxWordsWork   = 14
	recoveryBytes  = 32
	wordCount      = 24
)

// GenerateWords returns 24 words that stand for 256 random bits and a checksum
// (BIP-39), for SetWords. They open nothing until then, so that whoever calls
// can write them down first.
func GenerateWords() ([]string, error) {
	entropy := make([]byte, recoveryBytes)
	if _, err := rand.Read(entropy); err != nil {
		return nil, reason.Wrap(reason.Internal, "", err)
	}
	return encodeWords(entropy), nil
}

func encodeWords(entropy []byte) []string {
	list := strings.Fields(words)
	sum := sha256.Sum256(entropy)
	bits := append(bytes.Clone(entropy), sum[0])
	out := make([]string, wordCount)
	for i := range out {
		n := 0
		for b := i * 11; b < (i+1)*11; b++ {
			n = n<<1 | int(bits[b/8]>>(7-b%8)&1)
		}
		out[i] = list[n]
	}
	return out
}

// checkWords reports what is wrong with recovery words as they were typed, and
// returns them in their canonical form.
func checkWords(typed string) (string, error) {
	fields := strings.Fields(strings.ToLower(typed))
	if len(fields) != wordCount {
		return "", reason.New("usage/recovery-words", "", "%d words were given, the recovery sheet has %d", len(fields), wordCount)
	}
	index := map[string]int{}
	for i, w := range strings.Fields(words) {
		index[w] = i
	}
	bits := make([]byte, recoveryBytes+1)
	for i, w := range fields {
		n, ok := index[w]
		if !ok {
			return "", reason.New("usage/recovery-word", strconv.Itoa(i+1), "word %d is not on the list of recovery words", i+1)
		}
		for b := range 11 {
			if n>>(10-b)&1 == 1 {
				at := i*11 + b
				bits[at/8] |= 0x80 >> (at % 8)
			}
		}
	}
	if sum := sha256.Sum256(bits[:recoveryBytes]); sum[0] != bits[recoveryBytes] {
		return "", reason.New("usage/recovery-words-order", "", "the words do not belong together: one is wrong, or two have changed places")
	}
	return strings.Join(fields, " "), nil
}

// wrap encrypts the identity for a secret.
func wrap(identity *age.HybridIdentity, secret string, work int) ([]byte, error) {
	r, err := age.NewScryptRecipient(secret)
	if err != nil {
		return nil, reason.New(reason.Internal, "", "the secret cannot be used")
	}
	r.SetWorkFactor(work)
	return encrypt([]byte(identity.String()+"\n"), r)
}

// unwrap decrypts the identity. A wrong secret is locked; a file that nobody
// could open is corrupt.
func unwrap(slot []byte, secret string, most int, wrong reason.Code) (*age.HybridIdentity, error) {
	i, err := age.NewScryptIdentity(secret)
	if err != nil {
		return nil, reason.New(wrong, "", "the secret is empty")
	}
	i.SetMaxWorkFactor(most)
	text, err := decrypt(slot, maxIdentity, i)
	if err != nil {
		if mismatch := (*age.NoIdentityMatchError)(nil); errors.As(err, &mismatch) {
			return nil, reason.New(wrong, "", "this does not open the wallet")
		}
		return nil, corrupt("a way in cannot be read")
	}
	return parseIdentity(text)
}

const maxIdentity = 4096 // bytes of the text of an identity

func parseIdentity(text []byte) (*age.HybridIdentity, error) {
	identity, err := age.ParseHybridIdentity(strings.TrimSpace(string(text)))
	if err != nil {
		return nil, corrupt("a way in holds no identity")
	}
	return identity, nil
}

func encrypt(plain []byte, to age.Recipient) ([]byte, error) {
	var b bytes.Buffer
	b.Grow(len(plain) + len(plain)/(64<<10)*16 + 8<<10) // a tag for each chunk, and a header
	w, err := age.Encrypt(&b, to)
	if err == nil {
		if _, err = w.Write(plain); err == nil {
			err = w.Close()
		}
	}
	return b.Bytes(), reason.Wrap(reason.Internal, "", err)
}

func decrypt(data []byte, limit int64, with ...age.Identity) ([]byte, error) {
	r, err := age.Decrypt(bytes.NewReader(data), with...)
	if err != nil {
		return nil, err
	}
	var plain bytes.Buffer
	plain.Grow(int(min(int64(len(data)), limit) + bytes.MinRead)) // age makes a text longer
	_, err = plain.ReadFrom(io.LimitReader(r, limit+1))
	if err == nil && int64(plain.Len()) > limit {
		err = reason.New(reason.LimitSize, "", "longer than %d bytes", limit)
	}
	return plain.Bytes(), err
}

// macKey derives the key of the manifest's MAC from the identity.
func macKey(identity *age.HybridIdentity) []byte {
	return mac([]byte(identity.String()), []byte("bevis-wallet/1 manifest"))
}

// openBody returns a body as it is packed.
func openBody(body []byte, identity *age.HybridIdentity) ([]byte, error) {
	packed, err := decrypt(body, maxFile, identity)
	if err != nil {
		return nil, corrupt("the body cannot be decrypted")
	}
	return packed, nil
}
