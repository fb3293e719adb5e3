package signed

import (
	"context"
	"encoding/base64"
	"strings"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

const (
	maxHeaderBytes = 4096
	maxSignature   = 128 // bytes in base64url; both algorithms need 86
)

// Sign returns payload as a compact JWS of type typ, such as
// "bevis-stats+json". The signer's key is Ed25519 or P-256, its id a URL.
func Sign(ctx context.Context, typ string, payload []byte, signer key.Signer) ([]byte, error) {
	alg := algorithm(signer.Public().Type())
	if alg == "" {
		return nil, reason.New("unsupported_alg/key", "", "a file is signed with an Ed25519 or P-256 key, not %s", signer.Public().Type())
	}
	if typ == "" || !strings.Contains(signer.ID(), ":") {
		return nil, reason.New(reason.KeyInvalid+"/kid", "", "a signed file names its type and the URL of its key")
	}
	header := append([]byte(`{"alg":"`+alg+`","kid":`), strictjson.AppendString(nil, signer.ID())...)
	header = append(strictjson.AppendString(append(header, `,"typ":`...), typ), '}')
	b64 := base64.RawURLEncoding
	out := make([]byte, 0, b64.EncodedLen(len(header)+len(payload))+maxSignature+4)
	out = append(b64.AppendEncode(out, header), '.')
	out = b64.AppendEncode(out, payload)
	signature, err := signer.Sign(ctx, out)
	if err != nil {
		return nil, err
	}
	return b64.AppendEncode(append(out, '.'), signature), nil
}

// Open checks a file of type typ and returns what was signed and the
// verification method that signed it. keyOf finds a key by its URL; its error
// is passed on. A file of more than limit bytes is resource_limit/size.
func Open(raw []byte, typ string, limit int, keyOf func(kid string) (key.Public, error)) (payload []byte, kid string, err error) {
	if len(raw) > limit {
		return nil, "", reason.New(reason.LimitSize, "", "a signed file of %d bytes, the limit is %d", len(raw), limit)
	}
	text := strings.TrimRight(string(raw), "\r\n") // an editor's last line end is no change
	parts := strings.SplitN(text, ".", 4)
	if len(parts) != 3 {
		return nil, "", reason.New(reason.MalformedJWS, "", "a signed file has three parts with dots between")
	}
	if len(parts[0]) > maxHeaderBytes || len(parts[2]) > maxSignature {
		return nil, "", reason.New(reason.LimitSize, "", "the header or the signature is too long")
	}
	var decoded [3][]byte
	for i, s := range parts {
		decoded[i], err = base64.RawURLEncoding.Strict().DecodeString(s)
		if err != nil || strings.ContainsAny(s, "\r\n") {
			return nil, "", reason.New(reason.MalformedBase64, "", "part %d is not base64url in its canonical form", i+1)
		}
	}
	alg, kid, err := readHeader(decoded[0], typ)
	if err != nil {
		return nil, "", err
	}
	public, err := keyOf(kid)
	if err != nil {
		return nil, "", err
	}
	if alg == "" || algorithm(public.Type()) != alg {
		return nil, "", reason.New("unsupported_alg/key-mismatch", "/alg", "the algorithm %.20q does not fit a key of type %s", alg, public.Type())
	}
	if err := public.Verify([]byte(text[:len(parts[0])+1+len(parts[1])]), decoded[2]); err != nil {
		return nil, "", reason.New(reason.BadSignature, "", "the signature does not match: %w", err)
	}
	return decoded[1], kid, nil
}

// readHeader accepts alg, kid and typ, each a string, and nothing else.
func readHeader(raw []byte, typ string) (alg, kid string, err error) {
	header, err := strictjson.ParseObject(raw, strictjson.Limits{MaxDepth: 2})
	if err != nil {
		return "", "", reason.New(reason.MalformedJWS, "", "header: %w", err)
	}
	found := ""
	for _, m := range header.Members() {
		to := map[string]*string{"alg": &alg, "kid": &kid, "typ": &found}[m.Name]
		if to == nil {
			return "", "", reason.New("unsupported_alg/header", strictjson.Pointer("", m.Name), "a header member that has no place in a signed file")
		}
		s, ok := m.Value.Text()
		if !ok || s == "" {
			return "", "", reason.New("malformed/header", "/"+m.Name, "is no text")
		}
		*to = s
	}
	if found != typ {
		return "", "", reason.New("wrong_type/typ", "/typ", "the file is of type %.40q, not %q", found, typ)
	}
	if kid == "" {
		return "", "", reason.New(reason.KeyInvalid+"/no-kid", "/kid", "the header does not name the key")
	}
	return alg, kid, nil
}

func algorithm(t key.Type) string {
	switch t {
	case key.Ed25519:
		return "EdDSA"
	case key.P256:
		return "ES256"
	}
	return ""
}
