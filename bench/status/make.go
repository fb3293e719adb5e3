package main

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/suites"
	"github.com/kompetansebevis/bevis/credential/status"
	"github.com/kompetansebevis/bevis/internal/fetch"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/issuer/ledger/sqlite"
	"github.com/kompetansebevis/bevis/verifier"
)

// bench is a list on a host, and a credential that is on it.
type bench struct {
	folder     string
	suites     proof.Set
	keys       proof.Keys
	ledger     issuer.Ledger
	issuer     *issuer.Issuer
	host       *httptest.Server
	client     *fetch.Client
	verifier   verifier.Config
	credential []byte
	entry      status.Entry
	url        string
	files      []issuer.File
	raw        []byte // the list as it was fetched
	tokenBytes int
	close      func()

	allocPublish, allocCheck int64
}

// mostInBooks is how many revocations are made one by one in a ledger on disk,
// each of which waits for that. With more of them, which entries are set is made
// up and the ledger's part is not measured.
const mostInBooks = 20_000

// markedLedger has one list of which some entries are set.
type markedLedger struct {
	issuer.Ledger
	state issuer.ListState
}

func (m markedLedger) Lists(context.Context) ([]issuer.ListState, error) {
	return []issuer.ListState{m.state}, nil
}

func prepare(ctx context.Context, folder string, entries, set int, suite proof.ID) (*bench, error) {
	b := &bench{folder: folder, close: func() {}}
	var err error
	if b.suites, err = suites.All(); err != nil {
		return nil, err
	}
	private, err := key.Generate(key.Ed25519)
	if err != nil {
		return nil, err
	}
	id, method, err := did.KeyID(private.Public())
	if err != nil {
		return nil, err
	}
	how, err := b.suites.Suite(suite)
	if err != nil {
		return nil, err
	}
	b.keys = oneKey{private.Public(), id}
	b.host = httptest.NewTLSServer(http.FileServer(http.Dir(filepath.Join(folder, "web"))))
	b.url = b.host.URL + "/status/revocation-1.json"
	roots := x509.NewCertPool()
	roots.AddCert(b.host.Certificate())
	if b.client, err = guarded(roots); err != nil {
		return nil, err
	}
	cfg := issuer.Config{
		Profile: openbadge.Profile{ID: id, Name: "Kursstedet"}, Signer: private.Signer(method), Suite: how, Now: time.Now,
		StatusBase: b.host.URL + "/status/", ListSize: entries,
	}
	b.close = b.host.Close
	if set <= mostInBooks {
		err = b.books(ctx, &cfg, set)
	} else {
		cfg.Ledger = issuer.NewMemoryLedger()
		b.issuer, err = issuer.New(cfg)
	}
	if err != nil {
		return nil, err
	}
	issued, err := b.issuer.Issue(ctx, issuer.Award{
		Achievement: openbadge.Achievement{ID: "https://kurs.example/1", Name: "Sveising", Description: "Å sveise.", Criteria: &openbadge.Criteria{Narrative: "Prøve."}},
		Recipient:   issuer.Recipient{ID: "did:example:kari"},
	})
	if err != nil {
		return nil, err
	}
	b.credential = issued.Credential
	if set > mostInBooks {
		cfg.Ledger = markedLedger{cfg.Ledger, marked(entries, set, issued.Slots[0].Index)}
		if b.issuer, err = issuer.New(cfg); err != nil {
			return nil, err
		}
	}
	b.ledger = cfg.Ledger
	c, err := credential.Parse(issued.Credential, strictjson.Limits{})
	if err != nil {
		return nil, err
	}
	b.entry, err = status.ParseEntry(c.Status()[0], "")
	b.verifier = trusting(b.suites, id, verifier.NoStatus{})
	return b, errors.Join(err, b.note(id))
}

// books issues and revokes in a ledger on disk.
func (b *bench) books(ctx context.Context, cfg *issuer.Config, set int) error {
	l, err := sqlite.Open(ctx, filepath.Join(b.folder, "ledger.db"))
	if err != nil {
		return err
	}
	cfg.Ledger = l
	b.close = func() {
		b.host.Close()
		_ = l.Close() // it is thrown away
	}
	if b.issuer, err = issuer.New(*cfg); err != nil {
		return err
	}
	slots, err := l.Reserve(ctx, issuer.Reservation{Purposes: []string{status.Revocation}, ListSize: cfg.ListSize, Awards: max(set, 1)})
	if err != nil {
		return err
	}
	records := make([]issuer.Record, set)
	for n := range records {
		records[n] = issuer.Record{ID: fmt.Sprint("urn:x:", n), Slots: slots[n : n+1], IssuedAt: time.Now()}
	}
	if err := l.Record(ctx, records...); err != nil {
		return err
	}
	for _, r := range records {
		if err := b.issuer.Revoke(ctx, r.ID, "", ""); err != nil {
			return err
		}
	}
	return nil
}

// marked is a list with entries set at random, but for one.
func marked(entries, set int, but uint64) issuer.ListState {
	s := issuer.ListState{Purpose: status.Revocation, List: 1, Size: entries, Used: set + 1, Bits: 1, Set: make([]uint64, 0, set)}
	for range set {
		if n := rand.Uint64N(uint64(entries)); n != but {
			s.Set = append(s.Set, n)
		}
	}
	slices.Sort(s.Set)
	s.Set = slices.Compact(s.Set)
	return s
}

func guarded(roots *x509.CertPool) (*fetch.Client, error) {
	return fetch.New(fetch.Config{Now: time.Now, RootCAs: roots, MaxBytes: status.MaxBytes, AllowLoopbackUnsafe: true})
}

// oneKey is the key of an issuer whose id is that key.
type oneKey struct {
	public key.Public
	id     string
}

func (k oneKey) Key(_ context.Context, method string, _ proof.Purpose) (proof.Key, error) {
	return proof.Key{ID: method, Controller: k.id, Public: k.public}, nil
}

// note is what a process of its own needs to check the credential.
type note struct {
	Issuer, URL      string
	Credential, Root []byte
}

func (b *bench) note(id string) error {
	raw, err := json.Marshal(note{Issuer: id, URL: b.url, Credential: b.credential, Root: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: b.host.Certificate().Raw})})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(b.folder, "note.json"), raw, 0o600)
}

// child has the credential judged by a process of its own, which fetches the
// list, and tells what memory that took. What the system counts for a process
// begins with that of the one that started it, so the process tells itself.
func (b *bench) child(ctx context.Context) error {
	cmd := exec.CommandContext(ctx, os.Args[0], "-child", b.folder)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return cmd.Run()
}

type overNetwork struct{ client *fetch.Client }

func (o overNetwork) StatusList(ctx context.Context, url string) ([]byte, time.Time, error) {
	return o.client.Fetch(ctx, url, "application/vc")
}

// checkOnce fetches and judges in this process, once.
func checkOnce(ctx context.Context, folder string) error {
	raw, err := os.ReadFile(filepath.Join(folder, "note.json"))
	if err != nil {
		return err
	}
	var n note
	if err := json.Unmarshal(raw, &n); err != nil {
		return err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(n.Root)
	client, err := guarded(roots)
	if err != nil {
		return err
	}
	set, err := suites.All()
	if err != nil {
		return err
	}
	v, err := verifier.New(trusting(set, n.Issuer, overNetwork{client}))
	if err != nil {
		return err
	}
	start := time.Now()
	report, err := v.Verify(ctx, verifier.Request{Raw: n.Credential})
	if err != nil || report.Verdict != verifier.Valid {
		return fmt.Errorf("%s: %w", report.Verdict, errors.Join(err, report.Err()))
	}
	took := time.Since(start)
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	fmt.Printf("A process of its own fetches the list and comes to its verdict in %s, with %.0f MiB from the system in all.\n", shown(took), mib(int64(m.Sys)))
	return nil
}
