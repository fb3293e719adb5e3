package app

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/key/bbskey"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
)

// IssuerSetup is what "issuer init" settles.
type IssuerSetup struct {
	ID         string `json:"id"` // did:web:…, or empty for a did:key
	Name       string `json:"name"`
	URL        string `json:"url,omitempty"`
	Country    string `json:"country,omitempty"` // ISO 3166-1 alpha-2
	Email      string `json:"email,omitempty"`
	About      string `json:"description,omitempty"`
	Image      string `json:"image,omitempty"` // address of a picture, or a PNG as a data URL: see ProfileImage
	Suite      string `json:"suite"`
	StatusBase string `json:"statusBase,omitempty"`
	ListSize   int    `json:"listSize,omitempty"` // entries of a status list that is begun, zero: the least
	// Messages are what can be said of a credential, by their numbers from 0.
	Messages []string `json:"messages,omitempty"`
	Method   string   `json:"verificationMethod"` // of the key in use
	Ledger   string   `json:"ledger,omitempty"`   // where the books are: LedgerPostgres, or empty for a file beside it
	// Keys are all that there were, in the order of their beginning. None: one,
	// in key.pem, as an older bevis set it up.
	Keys []IssuerKey `json:"keys,omitempty"`
	// What others have said of this issuer, as they signed it: see IssuerEndorse.
	Endorsement    []json.RawMessage `json:"endorsement,omitempty"`
	EndorsementJWT []string          `json:"endorsementJwt,omitempty"`
}

// KeyTypes are the types of keys by the names that the command uses.
func KeyTypes() map[string]key.Type {
	return map[string]key.Type{"ed25519": key.Ed25519, "p256": key.P256, "p384": key.P384, "p521": key.P521, "rsa": key.RSA, "bls12-381": key.BLS12381G2}
}

// keyFor returns the type of key to make for a suite: the one that is asked
// for, if the suite signs with it, or the usual one.
func keyFor(suite proof.ID, asked key.Type) (key.Type, error) {
	var types []key.Type
	switch suite {
	case dataintegrity.EdDSARDFC2022, dataintegrity.EdDSAJCS2022:
		types = []key.Type{key.Ed25519}
	case dataintegrity.ECDSARDFC2019, dataintegrity.ECDSAJCS2019:
		types = []key.Type{key.P256, key.P384}
	case dataintegrity.ECDSASD2023:
		types = []key.Type{key.P256}
	case dataintegrity.BBS2023:
		types = []key.Type{key.BLS12381G2}
	default: // tokens
		types = []key.Type{key.Ed25519, key.P256, key.P384, key.P521, key.RSA}
	}
	if asked == key.Unknown {
		return types[0], nil
	}
	if !slices.Contains(types, asked) {
		return asked, reason.New(reason.Usage, "--key-type", "%s does not sign with a key of type %s: leave --key-type out", suite, asked)
	}
	return asked, nil
}

// privateKey is a key that the issuer signs with.
type privateKey interface {
	Public() key.Public
	Signer(id string) key.Signer
	MarshalPEM() ([]byte, error)
}

func newKey(t key.Type) (privateKey, error) {
	if t == key.BLS12381G2 {
		return bbskey.Generate()
	}
	return key.Generate(t)
}

// readKey reads what MarshalPEM of a private key wrote.
func readKey(pem []byte) (privateKey, error) {
	if bbskey.IsPEM(pem) {
		return bbskey.ParsePEM(pem)
	}
	return key.ParsePEM(pem)
}

// IssuerInit makes a key, of the usual type for the suite if t is zero, and
// writes the set-up. One that is there already is a conflict.
func (a *App) IssuerInit(ctx context.Context, s IssuerSetup, t key.Type) (IssuerSetup, error) {
	return a.IssuerInitKey(ctx, s, KeyRequest{Type: t})
}

// IssuerInitKey is IssuerInit with a key as somebody asks for it.
func (a *App) IssuerInitKey(ctx context.Context, s IssuerSetup, r KeyRequest) (IssuerSetup, error) {
	if err := s.checkProfile(); err != nil {
		return s, err
	}
	if _, err := a.suites.Suite(proof.ID(s.Suite)); err != nil {
		return s, err
	}
	if s.StatusBase == "" {
		s.StatusBase = ownStatusBase(s.ID)
	}
	if s.StatusBase != "" && !strings.HasSuffix(s.StatusBase, "/") {
		s.StatusBase += "/"
	}
	made, err := a.makeKey(ctx, proof.ID(s.Suite), r)
	if err != nil {
		return s, err
	}
	switch t := made.public.Type(); {
	case s.ID == "" && t == key.RSA:
		s.ID, s.Method = did.JWKID(made.public)
	case s.ID == "":
		s.ID, s.Method, err = did.KeyID(made.public)
	case strings.HasPrefix(s.ID, "did:web:"):
		s.Method = s.ID + "#key-1"
		if _, bad := did.WebURL(s.ID); bad != nil {
			err = reason.New(reason.Usage, "--id", "%s: %w; your own domain looks like did:web:kurs.example", s.ID, bad)
		}
	default:
		err = reason.New(reason.Usage, s.ID, "an issuer is a did:web:… (your own domain), or leave --id out for a did:key")
	}
	if err != nil {
		return s, err
	}
	own, err := made.record(s.Method, "key", a.cfg.Now())
	if err != nil {
		return s, err
	}
	s.Keys = []IssuerKey{own}
	if _, err := a.newIssuer(s, publicSigner{made.public, s.Method}, issuer.NewMemoryLedger()); err != nil {
		return s, err
	}
	if a.cfg.Ledger != "" {
		s.Ledger = LedgerPostgres
	}
	return s, a.alone(ctx, setupLock, func() error { return a.begin(ctx, s, made) })
}

// begin keeps a set-up where none is.
func (a *App) begin(ctx context.Context, s IssuerSetup, made madeKey) error {
	// All places must be free before any is taken: a set-up beside another one's
	// key would sign what nobody can verify.
	for _, name := range []string{"key.pem", "key.age", "issuer.json"} {
		if err := Free(a.path("issuer", name), false); err != nil {
			return err
		}
	}
	if a.cfg.Ledger != "" {
		ledger, err := a.openLedger(ctx, s)
		if err := errors.Join(err, closed(ledger)); err != nil {
			return err
		}
	}
	if own := s.Keys[0]; own.File != "" {
		if err := a.keep(made.file, false, "issuer", own.File); err != nil {
			return err
		}
	}
	return a.keepSetup(s, false)
}

// keepSetup writes the set-up, whole or not at all.
func (a *App) keepSetup(s IssuerSetup, replace bool) error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return reason.Wrap(reason.Internal, "", err)
	}
	return a.keep(append(text, '\n'), replace, "issuer", "issuer.json")
}

// ownStatusBase returns the folder for status lists under an issuer's own
// domain: beside did.json, but not in .well-known. Empty for other issuers.
func ownStatusBase(id string) string {
	if !strings.HasPrefix(id, "did:web:") {
		return ""
	}
	address, err := did.WebURL(id)
	if err != nil {
		return "" // which is said of the id itself
	}
	return strings.TrimSuffix(strings.TrimSuffix(address, "did.json"), ".well-known/") + "status/"
}

// IssuerShow reads the set-up. The key in use is the one that is so now.
func (a *App) IssuerShow() (IssuerSetup, error) {
	var s IssuerSetup
	raw, err := ReadFile(a.path("issuer", "issuer.json"))
	if reason.CodeOf(err) == reason.NotFound {
		return s, reason.New("not_found/issuer", a.path("issuer"), "no issuer is set up here: bevis issuer init --name \"…\"")
	}
	if err != nil {
		return s, err
	}
	if _, err := strictjson.ParseObject(raw, strictjson.Limits{}); err != nil {
		return s, err
	}
	if err := json.Unmarshal(raw, &s); err != nil {
		return s, reason.New(reason.MalformedJSON, a.path("issuer", "issuer.json"), "cannot be read")
	}
	return a.inUse(s)
}
