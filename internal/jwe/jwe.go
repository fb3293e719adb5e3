package jwe

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"strings"

	"github.com/go-jose/go-jose/v4"

	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

const (
	// MaxSize is how many bytes a locked file has at most.
	MaxSize = 96 << 20

	// rounds of PBKDF2 in what Encrypt writes. OWASP asks for 600,000 with
	// HMAC-SHA-256; others open no file with so many unless they are told to
	// (joserfc 1.6.5: below 300,000), and the file is for others. Files with less
	// than minRounds, the floor of RFC 7518 section 4.8.1.2, or more than
	// maxRounds, which take about half a second, are not opened.
	rounds    = 250_000
	minRounds = 1000
	maxRounds = 1_000_000
	saltBytes = 16
	maxHeader = 4096
)

func keyAlgorithms() []jose.KeyAlgorithm {
	return []jose.KeyAlgorithm{jose.PBES2_HS256_A128KW, jose.PBES2_HS384_A192KW, jose.PBES2_HS512_A256KW}
}

func contentAlgorithms() []jose.ContentEncryption {
	return []jose.ContentEncryption{jose.A128GCM, jose.A192GCM, jose.A256GCM, jose.A128CBC_HS256, jose.A192CBC_HS384, jose.A256CBC_HS512}
}

// Is reports whether raw looks like a JWE, compact or in JSON.
func Is(raw []byte) bool {
	raw = bytes.TrimSpace(raw)
	if isJSON(raw) {
		if len(raw) > MaxSize || !bytes.Contains(raw, []byte(`"ciphertext"`)) {
			return false
		}
		v, err := strictjson.ParseObject(raw, limits())
		return err == nil && v.Get("ciphertext") != nil
	}
	head, _, _ := bytes.Cut(raw, []byte("."))
	if len(head) == 0 || len(head) > maxHeader || bytes.Count(raw, []byte(".")) != 4 {
		return false
	}
	header, err := base64.RawURLEncoding.DecodeString(string(head))
	return err == nil && bytes.Contains(header, []byte(`"enc"`))
}

func limits() strictjson.Limits { return strictjson.Limits{MaxBytes: MaxSize} }

// Encrypt locks a text with a password: PBES2-HS256+A128KW and A128GCM, in
// compact form. An empty password is usage/empty-passphrase.
func Encrypt(ctx context.Context, plain, password []byte) ([]byte, error) {
	if err := ready(ctx, password); err != nil {
		return nil, err
	}
	if len(plain) > MaxSize/2 { // base64 makes it longer by a third
		return nil, reason.New(reason.LimitSize, "", "%d bytes to be locked, the limit is %d", len(plain), MaxSize/2)
	}
	salt := make([]byte, saltBytes)
	if _, err := rand.Read(salt); err != nil {
		return nil, reason.Wrap(reason.Internal, "", err)
	}
	e, err := jose.NewEncrypter(jose.A128GCM, jose.Recipient{Algorithm: jose.PBES2_HS256_A128KW, Key: password, PBES2Count: rounds, PBES2Salt: salt}, nil)
	if err != nil {
		return nil, reason.Wrap(reason.Internal, "", err)
	}
	locked, err := e.Encrypt(plain)
	if err != nil {
		return nil, reason.Wrap(reason.Internal, "", err)
	}
	text, err := locked.CompactSerialize()
	return []byte(text), reason.Wrap(reason.Internal, "", err)
}

func ready(ctx context.Context, password []byte) error {
	if err := ctx.Err(); err != nil {
		return reason.Wrap(reason.Canceled, "", err)
	}
	if len(bytes.TrimSpace(password)) == 0 {
		return reason.New("usage/empty-passphrase", "", "an empty password protects nothing")
	}
	return nil
}

// Decrypt opens a text that was locked with a password, by any of the PBES2
// algorithms. Errors are malformed/jwe, unsupported_alg/jwe (locked in another
// way, or packed), resource_limit/key-derivation (more rounds than are worked)
// and locked/wrong-file-password, which also stands for a file that was
// changed: who has not the password cannot tell the one from the other.
func Decrypt(ctx context.Context, raw, password []byte) ([]byte, error) {
	if err := ready(ctx, password); err != nil {
		return nil, err
	}
	raw = bytes.TrimSpace(raw)
	if len(raw) > MaxSize {
		return nil, reason.New(reason.LimitSize, "", "a locked file of %d bytes, the limit is %d", len(raw), MaxSize)
	}
	headers, err := headersOf(raw)
	if err != nil {
		return nil, err
	}
	if err := check(headers); err != nil {
		return nil, err
	}
	parse := jose.ParseEncryptedCompact
	if isJSON(raw) {
		parse = jose.ParseEncryptedJSON
	}
	locked, err := parse(string(raw), keyAlgorithms(), contentAlgorithms())
	if err != nil {
		return nil, malformed("it cannot be read")
	}
	plain, err := locked.Decrypt(password)
	switch {
	case errors.Is(err, jose.ErrCryptoFailure):
		return nil, reason.New("locked/wrong-file-password", "", "the password does not open the file, or the file was changed")
	case err != nil:
		return nil, malformed("it cannot be opened")
	}
	return plain, nil
}

func malformed(format string, args ...any) error {
	return reason.New("malformed/jwe", "", "the locked file is not as JWE has it: "+format, args...)
}

// headersOf returns all headers that count for the one recipient.
func headersOf(raw []byte) (map[string]*strictjson.Value, error) {
	out := map[string]*strictjson.Value{}
	take := func(v *strictjson.Value) error {
		for _, m := range v.Members() {
			if _, twice := out[m.Name]; twice {
				return malformed("it says %.40q twice", m.Name)
			}
			out[m.Name] = m.Value
		}
		return nil
	}
	protected := ""
	if isJSON(raw) {
		v, err := strictjson.ParseObject(raw, limits())
		if err != nil {
			return nil, malformed("%w", err)
		}
		recipients := v.Get("recipients").Items()
		if len(recipients) > 1 {
			return nil, malformed("it is for %d readers", len(recipients))
		}
		parts := []*strictjson.Value{v.Get("unprotected"), v.Get("header")}
		for _, r := range recipients {
			parts = append(parts, r.Get("header"))
		}
		for _, part := range parts {
			if err := take(part); err != nil {
				return nil, err
			}
		}
		protected, _ = v.Get("protected").Text()
	} else {
		protected, _, _ = strings.Cut(string(raw), ".")
	}
	if protected == "" {
		return out, nil
	}
	if len(protected) > maxHeader {
		return nil, malformed("its header has %d bytes", len(protected))
	}
	text, err := base64.RawURLEncoding.Strict().DecodeString(protected)
	if err != nil {
		return nil, malformed("its header cannot be decoded")
	}
	header, err := strictjson.ParseObject(text, strictjson.Limits{})
	if err != nil {
		return nil, malformed("its header cannot be read")
	}
	return out, take(header)
}

// check looks at the headers before work is done for them.
func check(headers map[string]*strictjson.Value) error {
	alg, _ := headers["alg"].Text()
	enc, _ := headers["enc"].Text()
	for _, a := range keyAlgorithms() {
		if string(a) == alg {
			alg = ""
		}
	}
	for _, e := range contentAlgorithms() {
		if string(e) == enc {
			enc = ""
		}
	}
	switch {
	case alg != "" || headers["alg"] == nil:
		return reason.New("unsupported_alg/jwe", "", "it is not locked with a password, but with %.40q", alg)
	case enc != "" || headers["enc"] == nil:
		return reason.New("unsupported_alg/jwe", "", "its text is encrypted with %.40q", enc)
	case headers["zip"] != nil:
		return reason.New("unsupported_alg/jwe", "", "its text is packed before it is locked")
	case headers["crit"] != nil:
		return reason.New("unsupported_alg/jwe", "", "it asks to be read in another way")
	}
	n, ok := headers["p2c"].Float()
	if !ok || n < minRounds {
		return malformed("its password is worked less than %d rounds", minRounds)
	}
	if n > maxRounds {
		return reason.New("resource_limit/key-derivation", "", "the file asks for %.0f rounds of work on the password, the limit is %d", n, maxRounds)
	}
	return nil
}

func isJSON(raw []byte) bool { return bytes.HasPrefix(raw, []byte("{")) }
