package vcapi

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/profile"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/credential/proof/jose"
	"github.com/kompetansebevis/bevis/credential/proof/sdjwt"
	"github.com/kompetansebevis/bevis/credential/proof/suites"
	"github.com/kompetansebevis/bevis/internal/jsonld"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/verifier"
)

// Config is what an adapter works with.
type Config struct {
	Base     string           // the address under which it is reached, such as https://127.0.0.1:40443
	Issuers  []Issuer         // required
	Contexts []suites.Context // beside those of the standards
	Now      func() time.Time // required
}

// Issuer signs in one way with one key.
type Issuer struct {
	Name   string     // in the path
	Suite  proof.ID   // how it signs
	Signer key.Signer // by a did:key, which is the issuer's id
	Status bool       // it gives each credential an entry in its status list
}

// id returns the issuer's DID.
func (i Issuer) id() string {
	id, _, _ := strings.Cut(i.Signer.ID(), "#")
	return id
}

// Adapter answers requests. It is safe for concurrent use.
type Adapter struct {
	cfg       Config
	suites    proof.Set
	verifier  *verifier.Verifier
	standards *profile.Standards
	issuers   map[string]*signing
	lists     map[string][]byte // status lists by URL
}

// New returns an adapter. Errors are usage for a gap in cfg, and those of
// signing the status lists.
func New(ctx context.Context, cfg Config) (*Adapter, error) {
	if cfg.Base == "" || len(cfg.Issuers) == 0 || cfg.Now == nil {
		return nil, reason.New(reason.Usage, "vcapi.Config", "Base, Issuers and Now are required")
	}
	a := &Adapter{cfg: cfg, standards: profile.NewStandards(), issuers: map[string]*signing{}, lists: map[string][]byte{}}
	var err error
	if a.suites, err = lenientSuites(cfg.Contexts); err != nil {
		return nil, err
	}
	a.verifier, err = verifier.New(verifier.Config{
		Suites:   a.suites,
		Resolver: did.Mux{"key": did.Key{}, "jwk": did.JWK{}},
		Trust:    trust.AnyoneUnsafe(),
		Status:   ownLists(a.lists),
		Now:      cfg.Now,
	})
	if err != nil {
		return nil, err
	}
	for _, issuer := range cfg.Issuers {
		s, err := a.signing(ctx, issuer)
		if err != nil {
			return nil, err
		}
		a.issuers[issuer.Name] = s
	}
	return a, nil
}

// lenientSuites are the suites that ship, over a reader of JSON-LD that takes
// contexts of the document's own: the test suites define terms so.
func lenientSuites(extra []suites.Context) (proof.Set, error) {
	contexts, err := jsonld.Embedded()
	if err != nil {
		return nil, err
	}
	if contexts, err = contexts.With(extra...); err != nil {
		return nil, err
	}
	p, err := jsonld.New(jsonld.Config{Contexts: contexts, InlineContextsUnsafe: true})
	if err != nil {
		return nil, err
	}
	return proof.Set{
		dataintegrity.EdDSARDFC(p), dataintegrity.EdDSAJCS(p),
		dataintegrity.ECDSARDFC(p), dataintegrity.ECDSAJCS(p), dataintegrity.ECDSASD(p), dataintegrity.BBS(p),
		jose.VC(), jose.VP(), sdjwt.VC(),
	}, nil
}

// ownLists has the adapter's own status lists, by URL. Nothing is fetched.
type ownLists map[string][]byte

func (o ownLists) StatusList(_ context.Context, url string) ([]byte, time.Time, error) {
	if list, ok := o[url]; ok {
		return list, time.Time{}, nil
	}
	return nil, time.Time{}, reason.New("status_unavailable/offline", url, "only the adapter's own lists are at hand")
}

// Handler returns the endpoints.
func (a *Adapter) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("POST /issuers/{name}/credentials/issue", endpoint(http.StatusCreated, a.issue))
	mux.Handle("POST /credentials/verify", endpoint(http.StatusOK, a.verifyCredential))
	mux.Handle("POST /presentations/verify", endpoint(http.StatusOK, a.verifyPresentation))
	mux.Handle("POST /credentials/derive", endpoint(http.StatusCreated, a.derive))
	mux.HandleFunc("GET /status/{name}", a.statusList)
	return mux
}
