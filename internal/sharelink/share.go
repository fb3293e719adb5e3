package sharelink

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"time"

	"filippo.io/age"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/internal/jws"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// The names of the files of a share.
const (
	BodyName   = "share.age"
	StatusName = "status.age"
	ReadmeName = "README.txt"
	PageName   = "index.html"
)

// MaxBody is how many bytes a presentation has at most, so that what is made of
// it is still fetched; maxStatus that of the signed status document.
const (
	MaxBody   = 1000 << 10
	maxStatus = 8 << 10
	overhead  = 1 << 10 // of the encryption, at most, for what is that small
)

// Sealed is a presentation that was encrypted.
type Sealed struct {
	Body      []byte // share.age
	Digest    string // SHA-256 of it, in base64url
	Recipient string // to whom more can be encrypted that the key opens
	Key       string // the secret: what stands behind the # of the link
}

// Seal encrypts a presentation to a new key. One of more than MaxBody bytes is
// usage/share-size.
func Seal(presentation []byte) (Sealed, error) {
	if len(presentation) > MaxBody {
		return Sealed{}, reason.New("usage/share-size", "", "%d bytes are more than the %d that are kept under a link", len(presentation), MaxBody)
	}
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		return Sealed{}, reason.Wrap(reason.Internal, "", err)
	}
	body, err := encrypt(presentation, identity.Recipient())
	return Sealed{Body: body, Digest: Digest(body), Recipient: identity.Recipient().String(), Key: identity.String()}, err
}

func encrypt(plain []byte, to age.Recipient) ([]byte, error) {
	var b bytes.Buffer
	w, err := age.Encrypt(&b, to)
	if err == nil {
		_, err = w.Write(plain)
	}
	if err == nil {
		err = w.Close()
	}
	return b.Bytes(), reason.Wrap(reason.Internal, "", err)
}

// Digest names share.age by its SHA-256, in base64url.
func Digest(body []byte) string {
	sum := sha256.Sum256(body)
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// The codes of what can be wrong with a share.
const (
	WrongKey  reason.Code = "no_credential/share-key" // the key is that of another share
	Damaged   reason.Code = "malformed/share"         // it was changed, or is not whole
	BadStatus reason.Code = "status_invalid/share"    // the status document cannot be believed
)

// Open decrypts share.age with the key of the link. Errors are
// no_credential/share-key and malformed/share.
func (l Link) Open(body []byte) ([]byte, error) { return l.decrypt(body, MaxBody) }

func (l Link) decrypt(sealed []byte, limit int) ([]byte, error) {
	identity, err := age.ParseX25519Identity(l.key)
	if err != nil {
		return nil, reason.New("usage/link", "", "the link has no key")
	}
	damaged := reason.New(Damaged, "", "the encrypted file was changed after it was made, or is not whole")
	if len(sealed) > limit+limit/16+overhead {
		return nil, reason.New(reason.LimitSize, "", "an encrypted file of %d bytes", len(sealed))
	}
	r, err := age.Decrypt(bytes.NewReader(sealed), identity)
	if none := (*age.NoIdentityMatchError)(nil); errors.As(err, &none) {
		return nil, reason.New(WrongKey, "", "the key in the link does not open it")
	}
	if err != nil {
		return nil, damaged
	}
	plain, err := io.ReadAll(io.LimitReader(r, int64(limit)+1))
	if err != nil || len(plain) > limit {
		return nil, damaged
	}
	return plain, nil
}

// State is whether a share is in force as far as its owner says.
type State string

// The states.
const (
	Active  State = "active"
	Revoked State = "revoked"
)

// Status is what the owner of a share says of it.
type Status struct {
	Share  string // its id, as in the owner's log
	Body   string // Sealed.Digest
	Holder string // the did:key that signed the presentation, and this
	State  State
	Made   time.Time // of this document
	Until  time.Time // zero: the share has no end
}

// statusType is the type of the JWS.
const statusType = "bevis-share-status+jwt"

// Seal signs a status document and encrypts it to the recipient of the share.
func (s Status) Seal(ctx context.Context, signer key.Signer, recipient string) ([]byte, error) {
	to, err := age.ParseX25519Recipient(recipient)
	if err != nil {
		return nil, reason.New(reason.Internal, "", "the share has no recipient")
	}
	members := []strictjson.Member{
		{Name: "iss", Value: strictjson.String(s.Holder)}, {Name: "sub", Value: strictjson.String(s.Share)},
		{Name: "iat", Value: strictjson.Int(s.Made.Unix())},
	}
	if !s.Until.IsZero() {
		members = append(members, strictjson.Member{Name: "exp", Value: strictjson.Int(s.Until.Unix())})
	}
	members = append(members, strictjson.Member{Name: "state", Value: strictjson.String(string(s.State))},
		strictjson.Member{Name: "body", Value: strictjson.String(s.Body)})
	token, err := jws.Sign(ctx, signer, strictjson.Object(members...).AppendJSON(nil),
		strictjson.Member{Name: "typ", Value: strictjson.String(statusType)}, strictjson.Member{Name: "kid", Value: strictjson.String(signer.ID())})
	if err != nil {
		return nil, err
	}
	return encrypt(token, to)
}

// Status decrypts and checks the status document of the share whose share.age
// is body and whose presentation was signed by holder, a did:key. Whatever is
// wrong with it is status_invalid/share.
func (l Link) Status(ctx context.Context, sealed, body []byte, holder string) (Status, error) {
	bad := func(why string) (Status, error) { return Status{}, reason.New(BadStatus, "", "%s", why) }
	token, err := l.decrypt(sealed, maxStatus)
	if err != nil {
		return bad("the status document cannot be decrypted with the key of the link")
	}
	t, err := jws.ReadHead(string(token), strictjson.Limits{MaxBytes: maxStatus})
	if err == nil {
		err = t.ReadBody(strictjson.Limits{MaxBytes: maxStatus})
	}
	if err != nil || !jws.IsType(t.Type, statusType) {
		return bad("the status document cannot be read")
	}
	method, err := t.Method(holder)
	if err != nil {
		return bad("the status document does not say which key signed it")
	}
	document, err := did.Key{}.Resolve(ctx, holder)
	if reason.CodeOf(err) == reason.Canceled {
		return Status{}, err
	}
	if err != nil {
		return bad("the holder of the presentation is not a key that a status document could be checked with")
	}
	m, ok := document.Method(method)
	if !ok || t.Verify(m.Public) != nil {
		return bad("the status document was not signed by the holder of the presentation")
	}
	return statusOf(t, Digest(body), holder)
}

// statusOf reads the claims of a token that was verified.
func statusOf(t *jws.Token, body, holder string) (Status, error) {
	bad := func(why string) (Status, error) { return Status{}, reason.New(BadStatus, "", "%s", why) }
	s := Status{Holder: holder}
	state, iss := "", ""
	for name, into := range map[string]*string{"iss": &iss, "sub": &s.Share, "state": &state, "body": &s.Body} {
		text, ok, err := t.Text(name)
		if err != nil || !ok {
			return bad("the status document lacks " + name)
		}
		*into = text
	}
	var errMade, errUntil error
	s.Made, errMade = t.Time("iat")
	s.Until, errUntil = t.Time("exp")
	s.State = State(state)
	switch {
	case errMade != nil || errUntil != nil || s.Made.IsZero():
		return bad("the status document does not say of when it is")
	case iss != holder || s.Body != body:
		return bad("the status document is that of another share")
	case s.State != Active && s.State != Revoked:
		return bad("the status document says something that is not known here")
	}
	return s, nil
}
