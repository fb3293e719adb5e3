package app

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/kompetansebevis/bevis/credential/blockcerts"
	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/suites"
	"github.com/kompetansebevis/bevis/credential/status"
	"github.com/kompetansebevis/bevis/internal/atomicfile"
	"github.com/kompetansebevis/bevis/internal/fetch"
	"github.com/kompetansebevis/bevis/internal/i18n"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/verifier"
)

// Config is what an App works with.
type Config struct {
	Home    string           // folder of the issuer's set-up and the trust policy
	Now     func() time.Time // required
	Offline bool             // make no connection at all, but to Ledger
	// Ledger is the address of a PostgreSQL database with the issuer's books.
	// Empty: they are in a file in Home. It may hold a password, so it is shown
	// nowhere.
	Ledger string
	// Keys is what the issuer's keys are used with.
	Keys IssuerKeys
	// PassphraseWork is that of wallet.CreateRequest: zero but in tests.
	PassphraseWork int
	// Source is where what a verdict rests on is got from: keys, lists, pages of
	// older badges. Nil: the network. Offline it is not asked.
	Source fetch.Source
}

// App runs use cases.
type App struct {
	cfg    Config
	suites proof.Set
	// Made when they are needed: most runs need neither, and wait for both.
	english    func() *i18n.Printer
	blockcerts func() (*blockcerts.Reader, error)
}

// New returns an App. The folder need not be there.
func New(cfg Config) (*App, error) {
	set, err := suites.All()
	if err != nil {
		return nil, err
	}
	return &App{
		cfg: cfg, suites: set,
		english:    sync.OnceValue(func() *i18n.Printer { return i18n.New("en") }),
		blockcerts: sync.OnceValues(blockcerts.NewReader),
	}, nil
}

// Suites returns the proof suites in use.
func (a *App) Suites() proof.Set { return a.suites }

// Now returns the present time by the app's clock.
func (a *App) Now() time.Time { return a.cfg.Now() }

func (a *App) path(elem ...string) string {
	return filepath.Join(append([]string{a.cfg.Home}, elem...)...)
}

const maxInput = 17 << 20 // a picture of the largest size that is read

// ReadFile reads a file that somebody named, within bounds.
func ReadFile(path string) ([]byte, error) { return readUpTo(path, maxInput) }

// ReadList reads a file that somebody named as a status list.
func ReadList(path string) ([]byte, error) { return readUpTo(path, status.MaxBytes) }

func readUpTo(path string, limit int64) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, reason.New(reason.NotFound, path, "there is no such file")
	case err != nil:
		return nil, reason.New(reason.IO, path, "%w", bare(err))
	case info.IsDir():
		return nil, reason.New(reason.Usage, path, "is a folder")
	case info.Size() > limit:
		return nil, reason.New(reason.LimitSize, path, "a file of %d bytes, the limit is %d", info.Size(), limit)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, reason.New(reason.IO, path, "%w", bare(err))
	}
	defer f.Close()                                    // it was only read
	raw, err := io.ReadAll(io.LimitReader(f, limit+1)) // devices and pipes do not say their size
	switch {
	case err != nil:
		return nil, reason.New(reason.IO, path, "%w", bare(err))
	case int64(len(raw)) > limit:
		return nil, reason.New(reason.LimitSize, path, "more than %d bytes", limit)
	}
	return raw, nil
}

// bare drops the operation and the path from an error of the system, which
// are named apart.
func bare(err error) error {
	var p *fs.PathError
	var l *os.LinkError
	switch {
	case errors.As(err, &p):
		return p.Err
	case errors.As(err, &l):
		return l.Err
	}
	return err
}

// WriteFile writes a file whole or not at all. Over a file that is there
// already it writes only with force.
func WriteFile(path string, data []byte, private, force bool) error {
	f, err := CreateFile(path, private, force)
	if err != nil {
		return err
	}
	if _, err := f.Write(data); err != nil {
		return reason.New(reason.IO, path, "%w", bare(errors.Join(err, f.Discard())))
	}
	if force {
		return reason.Wrap(reason.IO, path, bare(f.Commit()))
	}
	if err = f.CommitNew(); errors.Is(err, fs.ErrExist) { // since it was looked at
		return taken(path)
	}
	return reason.Wrap(reason.IO, path, bare(err))
}

// CreateFile begins a file as WriteFile writes it, for what is written by and
// by. It is in its place once it is committed.
func CreateFile(path string, private, force bool) (*atomicfile.File, error) {
	if err := Free(path, force); err != nil {
		return nil, err
	}
	mode, folder := fs.FileMode(0o644), fs.FileMode(0o755)
	if private {
		mode, folder = 0o600, 0o700
	}
	if err := os.MkdirAll(filepath.Dir(path), folder); err != nil {
		return nil, reason.New(reason.IO, path, "%w", bare(err))
	}
	f, err := atomicfile.Create(path, mode)
	return f, reason.Wrap(reason.IO, path, bare(err))
}

// keep writes a file in the home folder, which is the owner's alone: what was
// issued to whom, and who is trusted, is nobody else's business.
func (a *App) keep(data []byte, replace bool, elem ...string) error {
	return WriteFile(a.path(elem...), data, true, replace)
}

// Free returns an error if WriteFile would not write the file because there is
// one already.
func Free(path string, force bool) error {
	if force || path == "" {
		return nil
	}
	if _, err := os.Lstat(path); err == nil {
		return taken(path)
	}
	return nil
}

func taken(path string) error {
	return reason.New("conflict/exists", path, "the file is there already: choose another name, or use --force")
}

func (a *App) client() (*fetch.Client, error) {
	return fetch.New(fetch.Config{Now: a.cfg.Now, Offline: a.cfg.Offline})
}

// listClient gets what may be as long as a status list: in the name of issuers
// who are trusted, and of nobody else.
func (a *App) listClient() (fetch.Source, error) {
	if a.cfg.Source != nil && !a.cfg.Offline {
		return a.cfg.Source, nil
	}
	return fetch.New(fetch.Config{Now: a.cfg.Now, Offline: a.cfg.Offline, MaxBytes: status.MaxBytes})
}

// source is where what a verdict rests on is got from.
func (a *App) source() (fetch.Source, error) {
	if a.cfg.Source != nil && !a.cfg.Offline {
		return a.cfg.Source, nil
	}
	return a.client()
}

// lists is a verifier.StatusSource over the network.
type lists struct{ client fetch.Source }

func (l lists) StatusList(ctx context.Context, url string) ([]byte, time.Time, error) {
	body, asOf, err := l.client.Fetch(ctx, url, "application/vc, application/vc+jwt, application/statuslist+jwt, application/json")
	if err != nil {
		code := reason.Code("status_unavailable/fetch")
		switch {
		case reason.CodeOf(err) == "remote_fetch_blocked/offline":
			code = "status_unavailable/offline"
		case reason.CodeOf(err).Coarse() == string(reason.RemoteFetchBlocked):
			code = reason.CodeOf(err)
		}
		return nil, asOf, reason.New(code, url, "the status list %.300s could not be had: %w", url, errors.Unwrap(err))
	}
	return body, asOf, nil
}

// noPins is for calls that name the issuers to trust.
type noPins struct{}

func (noPins) PinnedKey(trust.Query, string) (key.Public, bool) { return key.Public{}, false }

// newVerifier trusts exactly the issuers if any are named, and the trust
// policy otherwise.
func (a *App) newVerifier(issuers []string) (*verifier.Verifier, error) {
	return a.newVerifierOf(issuers, Freshness{})
}

func (a *App) newVerifierOf(issuers []string, fresh Freshness) (*verifier.Verifier, error) {
	cfg, err := a.verifierConfig(issuers, fresh)
	if err != nil {
		return nil, err
	}
	return verifier.New(cfg)
}

func (a *App) verifierConfig(issuers []string, fresh Freshness) (verifier.Config, error) {
	// A hosted badge is what its host says today: a kept copy would not show that
	// it was taken away.
	client, err := a.source()
	if err != nil {
		return verifier.Config{}, err
	}
	copies, err := a.copies(client, fresh)
	if err != nil {
		return verifier.Config{}, err
	}
	long, err := a.listClient()
	if err != nil {
		return verifier.Config{}, err
	}
	listCopies, err := a.copies(long, fresh)
	if err != nil {
		return verifier.Config{}, err
	}
	cfg := verifier.Config{
		Suites: a.suites,
		// Even an identifier that is its own document has its point looked for on
		// the curve: a quarter of what checking a signature by it takes.
		Resolver: did.Mux{"key": &sharedKeys{from: did.Key{}}, "jwk": &sharedKeys{from: did.JWK{}},
			"web": &sharedDocuments{from: did.Web{Fetcher: copies}}, "https": &sharedDocuments{from: did.Controller{Fetcher: copies}}},
		Status:       newSharedLists(lists{listCopies}),
		Refresh:      newest{client},
		Now:          a.cfg.Now,
		Memo:         verifier.NewMemo(),
		MaxStatusAge: fresh.MaxAge,
		Documents:    &sharedPages{from: client},
		Foreign:      a.foreigners(),
	}
	policy, err := a.TrustPolicy()
	if err != nil {
		return verifier.Config{}, err
	}
	cfg.Trust, cfg.Pins, cfg.Logs = policy, policy, policy
	if len(issuers) > 0 {
		cfg.Trust, cfg.Pins = trust.Pins(issuers...), noPins{}
	}
	return cfg, nil
}
