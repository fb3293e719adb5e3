package status

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/base64"
	"errors"
	"math"
	"strconv"
	"time"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/internal/jws"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// The statuses that Token Status List section 7.1 names. Others are up to the
// issuer.
const (
	TokenValid     uint8 = 0
	TokenInvalid   uint8 = 1 // for good
	TokenSuspended uint8 = 2 // for now
)

// TokenListType is the type of a Token Status List as a JWT (section 5.1).
const TokenListType = "statuslist+jwt"

// TokenEntry is a token's place in a Token Status List (section 6.2).
type TokenEntry struct {
	ListURL string
	Index   uint64
}

// ParseTokenEntry reads the claim status; at is its place, for errors. They
// are status_invalid for one that is wrong, and status_unavailable/unknown-type
// for a kind of status that is not known here.
func ParseTokenEntry(v *strictjson.Value, at string) (TokenEntry, error) {
	var e TokenEntry
	entry := v.Get("status_list")
	if entry == nil {
		return e, reason.New("status_unavailable/unknown-type", at, "the status is of a kind that cannot be asked here")
	}
	e.ListURL, _ = entry.Get("uri").Text()
	text, _ := entry.Get("idx").Literal()
	index, err := strconv.ParseUint(text, 10, 64)
	switch {
	case e.ListURL == "":
		return e, reason.New("status_invalid/entry", at+"/status_list", "the entry names no list")
	case err != nil || index >= MaxEntries:
		return e, reason.New("status_invalid/index", at+"/status_list/idx", "the index is not a whole number, or too large")
	}
	e.Index = index
	return e, nil
}

// Value returns the entry as the claim status.
func (e TokenEntry) Value() *strictjson.Value {
	member := func(name string, v *strictjson.Value) strictjson.Member {
		return strictjson.Member{Name: name, Value: v}
	}
	return strictjson.Object(member("status_list", strictjson.Object(
		member("idx", strictjson.Int(int64(e.Index))), member("uri", strictjson.String(e.ListURL)))))
}

// TokenList is a list of statuses of 1, 2, 4 or 8 bits, all zero at first. The
// first is in the lowest bits of the first byte (section 4.1).
type TokenList struct {
	width int
	bytes []byte
}

// NewTokenList returns a list of at least n statuses of the given bits.
func NewTokenList(bits, n int) (*TokenList, error) {
	if err := checkWidth(bits); err != nil {
		return nil, err
	}
	if n < 1 || n > MaxEntries/bits {
		return nil, reason.New("status_invalid/size", "", "a status list of %d bits has 1 to %d entries", bits, MaxEntries/bits)
	}
	return &TokenList{bits, make([]byte, (n*bits+7)/8)}, nil
}

func checkWidth(bits int) error {
	switch bits {
	case 1, 2, 4, 8:
		return nil
	}
	return reason.New("status_invalid/size", "", "a status has 1, 2, 4 or 8 bits, not %d", bits)
}

// Len returns the number of statuses.
func (l *TokenList) Len() int { return len(l.bytes) * 8 / l.width }

// at returns the byte of a status and by how much it is shifted in it.
func (l *TokenList) at(index uint64) (i, shift int, err error) {
	if index >= uint64(l.Len()) {
		return 0, 0, reason.New("status_invalid/index", "", "index %d is outside a list of %d entries", index, l.Len())
	}
	bit := int(index) * l.width
	return bit / 8, bit % 8, nil
}

func (l *TokenList) mask() byte { return byte(1<<l.width - 1) }

// Get returns the status at index.
func (l *TokenList) Get(index uint64) (uint8, error) {
	i, shift, err := l.at(index)
	if err != nil {
		return 0, err
	}
	return l.bytes[i] >> shift & l.mask(), nil
}

// Set changes the status at index.
func (l *TokenList) Set(index uint64, value uint8) error {
	i, shift, err := l.at(index)
	if err != nil {
		return err
	}
	if value&^l.mask() != 0 {
		return reason.New("status_invalid/size", "", "the status %d has more than %d bits", value, l.width)
	}
	l.bytes[i] = l.bytes[i]&^(l.mask()<<shift) | value<<shift
	return nil
}

// Value returns the list as the claim status_list (section 4.2).
func (l *TokenList) Value() (*strictjson.Value, error) {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	_, err := w.Write(l.bytes)
	if err := errors.Join(err, w.Close()); err != nil {
		return nil, reason.Wrap(reason.Internal, "", err)
	}
	return strictjson.Object(
		strictjson.Member{Name: "bits", Value: strictjson.Int(int64(l.width))},
		strictjson.Member{Name: "lst", Value: strictjson.String(base64.RawURLEncoding.EncodeToString(b.Bytes()))},
	), nil
}

// ParseTokenList reads the claim status_list. Errors are status_invalid,
// resource_limit/inflate and canceled.
func ParseTokenList(ctx context.Context, v *strictjson.Value) (*TokenList, error) {
	width, ok := v.Get("bits").Float()
	if !ok || width != math.Trunc(width) || width < 0 || width > 8 {
		return nil, reason.New("status_invalid/size", "/status_list/bits", "a status has 1, 2, 4 or 8 bits")
	}
	if err := checkWidth(int(width)); err != nil {
		return nil, err
	}
	text, _ := v.Get("lst").Text()
	packed, err := jws.Decode(text, "list")
	if err != nil || text == "" {
		return nil, reason.New("status_invalid/encoding", "/status_list/lst", "the list is not base64url")
	}
	source := bytes.NewReader(packed)
	r, err := zlib.NewReader(source)
	if err != nil {
		return nil, reason.New("status_invalid/encoding", "/status_list/lst", "the list is not compressed with zlib")
	}
	raw, err := inflate(ctx, r, 0) // zlib does not say how long it is
	switch {
	case ctx.Err() != nil:
		return nil, reason.Wrap(reason.Canceled, "", ctx.Err())
	case err != nil:
		return nil, reason.New("status_invalid/encoding", "/status_list/lst", "the compressed list is damaged")
	case len(raw) > MaxEntries/8:
		return nil, reason.New(reason.LimitInflate, "/status_list/lst", "the list has more than %d bits", MaxEntries)
	case source.Len() > 0:
		return nil, reason.New("status_invalid/encoding", "/status_list/lst", "something follows the compressed list")
	case len(raw) == 0:
		return nil, reason.New("status_invalid/size", "/status_list/lst", "the list is empty")
	}
	return &TokenList{int(width), raw}, nil
}

// ListToken is a Token Status List as a JWT. Nothing in it has been checked
// but its form, until Verify.
type ListToken struct {
	URL     string        // what the list is known by
	Method  string        // verification method, a URL with a fragment
	Created time.Time     // as the issuer says
	Expires time.Time     // zero: no end
	MaxAge  time.Duration // how long a copy may be used, zero: not said
	List    *TokenList

	token *jws.Token
}

// ReadListToken reads the list that was found at a URL, for a token of the
// given issuer. Errors are status_invalid, and those of reading a token.
func ReadListToken(ctx context.Context, raw []byte, url, issuer string, lim strictjson.Limits) (*ListToken, error) {
	t, err := jws.ReadHead(string(bytes.TrimRight(raw, " \t\r\n")), lim)
	if err != nil {
		return nil, err
	}
	if !jws.IsType(t.Type, TokenListType) {
		return nil, reason.New("status_invalid/wrong-type", url, "a token of type %.40q is no status list", t.Type)
	}
	if t.JWK != nil {
		return nil, reason.New(jws.KeyInHeader, url, "a key that the list brings itself says nothing about the issuer")
	}
	if err := t.ReadBody(lim); err != nil {
		return nil, err
	}
	out := &ListToken{token: t}
	for _, c := range []struct {
		name string
		to   *time.Time
	}{{"iat", &out.Created}, {"exp", &out.Expires}} {
		if *c.to, err = t.Time(c.name); err != nil {
			return nil, err
		}
	}
	if out.Created.IsZero() {
		return nil, reason.New("status_invalid/no-date", url, "the list does not say when it was made")
	}
	if out.URL, _, err = t.Text("sub"); err != nil || out.URL != url {
		return nil, reason.New("status_invalid/id-mismatch", url, "the list there calls itself %.200q", out.URL)
	}
	iss, ok, err := t.Text("iss")
	if err != nil || ok && iss != issuer {
		return nil, reason.New("status_invalid/list-issuer", url, "the status list is by another issuer than the credential")
	}
	if ttl := t.Payload.Get("ttl"); ttl != nil {
		seconds, ok := ttl.Float()
		if !ok || seconds <= 0 || seconds > math.MaxInt32 {
			return nil, reason.New("status_invalid/ttl", url, "ttl is not a number of seconds above zero")
		}
		out.MaxAge = time.Duration(seconds) * time.Second
	}
	if out.Method, err = t.Method(issuer); err != nil {
		return nil, err
	}
	out.List, err = ParseTokenList(ctx, t.Payload.Get("status_list"))
	return out, reason.Wrap(reason.CodeOf(err), url, err)
}

// Verify checks the signature.
func (t *ListToken) Verify(public key.Public) error { return t.token.Verify(public) }

// ListTokenRequest is a list to be signed.
type ListTokenRequest struct {
	URL     string // required
	List    *TokenList
	Created time.Time // required
	Expires time.Time // zero: no end
	MaxAge  time.Duration
}

// Sign returns the list as a JWT (section 5.1).
func (r ListTokenRequest) Sign(ctx context.Context, signer key.Signer) ([]byte, error) {
	if r.URL == "" || r.List == nil || r.Created.IsZero() {
		return nil, reason.New(reason.Usage, "status.ListTokenRequest", "URL, List and Created are required")
	}
	list, err := r.List.Value()
	if err != nil {
		return nil, err
	}
	claims := []strictjson.Member{
		{Name: "sub", Value: strictjson.String(r.URL)},
		{Name: "iat", Value: strictjson.Int(r.Created.Unix())},
	}
	if !r.Expires.IsZero() {
		claims = append(claims, strictjson.Member{Name: "exp", Value: strictjson.Int(r.Expires.Unix())})
	}
	if r.MaxAge > 0 {
		claims = append(claims, strictjson.Member{Name: "ttl", Value: strictjson.Int(int64(r.MaxAge / time.Second))})
	}
	claims = append(claims, strictjson.Member{Name: "status_list", Value: list})
	return jws.SignUpTo(ctx, MaxBytes, signer, strictjson.Object(claims...).AppendJSON(nil),
		strictjson.Member{Name: "kid", Value: strictjson.String(signer.ID())},
		strictjson.Member{Name: "typ", Value: strictjson.String(TokenListType)})
}
