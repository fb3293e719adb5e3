package external

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"unicode"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

const (
	protocol = "bevis-signer"
	version  = 1

	// MaxMessage is how many bytes can be signed at a time.
	MaxMessage = 8 << 20

	maxRequest = MaxMessage/3*4 + 1<<10 // bytes of a line to the program
	maxAnswer  = 64 << 10               // bytes of a line from it
	maxTold    = 300                    // characters of what it says went wrong
)

// Operations of the protocol.
const (
	opHello  = "hello"
	opPublic = "public"
	opSign   = "sign"
)

// Codes of errors that a program answers with.
const (
	codeDenied      = "denied"      // somebody or something said no, such as a wrong PIN
	codeUnavailable = "unavailable" // what holds the key does not answer; another time it may
	codeUnsupported = "unsupported" // no such operation
	codeFailed      = "failed"
)

// request is a line to the program.
type request struct {
	ID       int64  `json:"id"`
	Op       string `json:"op"`
	Protocol string `json:"protocol,omitempty"` // of hello
	Versions []int  `json:"versions,omitempty"` // of hello
	Message  string `json:"message,omitempty"`  // of sign, base64url
}

// answer is a line from the program.
type answer struct {
	ID        int64           `json:"id"`
	Version   int             `json:"version,omitempty"`      // to hello
	Name      string          `json:"name,omitempty"`         // to hello
	JWK       json.RawMessage `json:"publicKeyJwk,omitempty"` // to public
	Signature string          `json:"signature,omitempty"`    // to sign, base64url
	Error     *problem        `json:"error,omitempty"`
}

type problem struct {
	Code    string `json:"code"`
	Message string `json:"message,omitempty"`
}

func encode(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

func decode(text string) ([]byte, error) { return base64.RawURLEncoding.Strict().DecodeString(text) }

// parse reads a line strictly. Members that are not known are left for later
// versions.
func parse(line []byte, into any) error {
	if _, err := strictjson.ParseObject(line, strictjson.Limits{MaxBytes: maxRequest}); err != nil {
		return err
	}
	return json.Unmarshal(line, into)
}

// public reads the key of an answer.
func (a answer) public() (key.Public, error) {
	v, err := strictjson.ParseObject(a.JWK, strictjson.Limits{})
	if err != nil {
		return key.Public{}, err
	}
	k, err := key.ParseJWK(v)
	if err == nil && !k.ForSignatures() {
		err = reason.New("key_invalid/not-a-signing-key", "", "the JWK is not for signatures")
	}
	return k.Public, err
}

// plain makes what somebody else wrote fit for one line of a message.
func plain(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, text)
	if runes := []rune(text); len(runes) > maxTold {
		text = string(runes[:maxTold]) + "…"
	}
	return strings.TrimSpace(text)
}
