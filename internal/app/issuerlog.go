package app

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/kompetansebevis/bevis/credential/bake"
	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/logproof"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/issuer/transparency"
	"github.com/kompetansebevis/bevis/reason"
)

// LogSetup is what "issuer log init" settles.
type LogSetup struct {
	Name   string `json:"name"` // of the log
	Folder string `json:"folder"`
	Key    string `json:"key"` // by which others verify it
}

// LogState is how far a log goes.
type LogState struct {
	Name    string `json:"name"`
	Entries int64  `json:"entries"`
	Root    string `json:"root"`
	Added   int    `json:"added"` // just now
}

// The files of a log that are the issuer's own, beside the checkpoint that
// package transparency keeps there.
const (
	logSetup    = "log.json"
	logSecret   = "key"           // the private key, and behind it the secret of the salts
	logProgress = "progress.json" // how much of the books is in the log
	saltPrefix  = "SALT+"
)

func (a *App) logPath(name string) string { return a.path("issuer", "log", name) }

// LogInit begins the transparency log of the issuer that is set up. Without a
// name it is called after the domain of a did:web.
func (a *App) LogInit(ctx context.Context, folder, name string) (LogSetup, error) {
	var s LogSetup
	setup, err := a.IssuerShow()
	if err != nil {
		return s, err
	}
	if name == "" {
		address, err := did.WebURL(setup.ID)
		if err != nil {
			return s, reason.New(reason.Usage, "--name", "give the log a name, such as the address at which it will be: kurs.example/log")
		}
		address = strings.TrimSuffix(strings.TrimSuffix(strings.TrimPrefix(address, "https://"), "did.json"), ".well-known/")
		name = address + "log"
	}
	if folder, err = filepath.Abs(folder); err != nil {
		return s, reason.New(reason.IO, folder, "%w", bare(err))
	}
	if err := Free(a.logPath(logSetup), false); err != nil {
		return s, err
	}
	private, public, err := transparency.NewKey(name)
	if err != nil {
		return s, reason.New(reason.Usage, "--name", "%.100q cannot be the name of a log: no white space and no \"+\"", name)
	}
	var salts [32]byte
	if _, err := rand.Read(salts[:]); err != nil {
		return s, reason.Wrap(reason.Internal, "", err)
	}
	s = LogSetup{name, folder, public.String()}
	cfg, err := a.logConfig(s, private)
	if err != nil {
		return s, err
	}
	// The key goes before what it signs, and the set-up last.
	secret := private + "\n" + saltPrefix + base64.StdEncoding.EncodeToString(salts[:]) + "\n"
	if err := a.keep([]byte(secret), false, "issuer", "log", logSecret); err != nil {
		return s, err
	}
	l, err := transparency.Create(ctx, cfg)
	if err != nil {
		return s, err
	}
	l.Close()
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return s, reason.Wrap(reason.Internal, "", err)
	}
	return s, a.keep(append(text, '\n'), false, "issuer", "log", logSetup)
}

func (a *App) logConfig(s LogSetup, private string) (transparency.Config, error) {
	key, err := logproof.ParseKey(s.Key)
	if err != nil {
		return transparency.Config{}, err
	}
	signer, err := transparency.Signer(private)
	return transparency.Config{Folder: s.Folder, State: a.path("issuer", "log"), Signer: signer, Key: key}, err
}

// LogShow reads the set-up of the log, not_found/log if there is none.
func (a *App) LogShow() (LogSetup, error) {
	var s LogSetup
	raw, err := ReadFile(a.logPath(logSetup))
	if reason.CodeOf(err) == reason.NotFound {
		return s, reason.New("not_found/log", a.path("issuer"), "the issuer keeps no transparency log: bevis issuer log init FOLDER")
	}
	if err != nil {
		return s, err
	}
	if _, err := strictjson.ParseObject(raw, strictjson.Limits{}); err != nil {
		return s, err
	}
	if err := json.Unmarshal(raw, &s); err != nil {
		return s, reason.New(reason.MalformedJSON, a.logPath(logSetup), "cannot be read")
	}
	return s, nil
}

// issuerLog is the log of the issuer, open for writing.
type issuerLog struct {
	*transparency.Log
	app   *App
	key   logproof.Key
	salts []byte
}

// secrets returns the private key and the secret of the salts.
func (a *App) logSecrets() (private string, salts []byte, err error) {
	raw, err := ReadFile(a.logPath(logSecret))
	if err != nil {
		return "", nil, err
	}
	private, rest, _ := strings.Cut(string(raw), "\n")
	text, ok := strings.CutPrefix(strings.TrimSpace(rest), saltPrefix)
	salts, bad := base64.StdEncoding.DecodeString(text)
	if !ok || bad != nil || len(salts) != 32 {
		return "", nil, reason.New("usage/log-key", a.logPath(logSecret), "the second line is not the secret of the salts")
	}
	return private, salts, nil
}

func (a *App) openLog(ctx context.Context) (*issuerLog, error) {
	s, err := a.LogShow()
	if err != nil {
		return nil, err
	}
	private, salts, err := a.logSecrets()
	if err != nil {
		return nil, err
	}
	cfg, err := a.logConfig(s, private)
	if err != nil {
		return nil, err
	}
	l, err := transparency.Open(ctx, cfg)
	if err != nil {
		return nil, err
	}
	return &issuerLog{l, a, cfg.Key, salts}, nil
}

// saltOf is the salt of a credential. It follows from the credential and a
// secret, so that nothing need be kept of each, and an entry that is made again
// after a crash is the same.
func saltOf(secret, credential []byte) (s logproof.Salt) {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte("bevis log salt v1\n")) // a hash does not fail
	mac.Write(logproof.Signed(credential))
	copy(s[:], mac.Sum(nil))
	return s
}

func (l *issuerLog) entry(credential []byte) []byte {
	return logproof.Entry(saltOf(l.salts, credential), credential)
}

// progress says that everything issued by the first Lines of the audit log is
// among the first Entries.
type progress struct {
	Lines   int64 `json:"lines"`
	Entries int64 `json:"entries"`
}

func (a *App) logProgress() (p progress, err error) {
	raw, err := ReadFile(a.logPath(logProgress))
	if reason.CodeOf(err) == reason.NotFound {
		return p, nil
	}
	if err == nil && json.Unmarshal(raw, &p) != nil {
		p = progress{} // all of the books is looked through again
	}
	return p, err
}

// pageOfLog is how many credentials go into the log at once.
const pageOfLog = 4096

// catchUp puts into the log what was issued and is not in it: whatever ended
// between the two is mended here. Nothing goes in twice.
func (l *issuerLog) catchUp(ctx context.Context, books books) (added int, err error) {
	p, err := l.app.logProgress()
	if err != nil {
		return 0, err
	}
	if p.Entries > l.Checkpoint().Size {
		p = progress{}
	}
	in := map[logproof.Hash]bool{}
	if err := l.Entries(ctx, p.Entries, func(_ int64, e []byte) error {
		in[logproof.LeafHash(e)] = true
		return nil
	}); err != nil {
		return 0, err
	}
	for {
		ids, last, err := issuedAfter(ctx, books, p.Lines)
		if err != nil || last == p.Lines {
			return added, err
		}
		var fresh [][]byte
		page := map[logproof.Hash]bool{} // what comes after is of other credentials
		for _, id := range ids {
			r, err := books.Get(ctx, id)
			if err != nil {
				return added, err
			}
			if !r.Erased.IsZero() { // nobody can prove anything of it any more
				continue
			}
			for _, form := range r.Forms() {
				e := l.entry(form.Credential)
				if leaf := logproof.LeafHash(e); !in[leaf] && !page[leaf] {
					page[leaf] = true
					fresh = append(fresh, e)
				}
			}
		}
		if _, err := l.Append(ctx, fresh); err != nil {
			return added, err
		}
		added += len(fresh)
		p = progress{last, l.Checkpoint().Size}
		raw, err := json.Marshal(p)
		if err != nil {
			return added, reason.Wrap(reason.Internal, "", err)
		}
		if err := l.app.keep(append(raw, '\n'), true, "issuer", "log", logProgress); err != nil {
			return added, err
		}
	}
}

var errPageFull = errors.New("the page is full")

// issuedAfter returns the ids of what was issued by the lines of the audit log
// after the first n, a page of them, and the last line that was read.
func issuedAfter(ctx context.Context, log issuer.AuditLog, n int64) (ids []string, last int64, err error) {
	last = n
	err = log.Lines(ctx, n, func(line issuer.Line) error {
		last = line.N
		if line.Action == "issue" {
			if ids = append(ids, line.Credential); len(ids) == pageOfLog {
				return errPageFull
			}
		}
		return nil
	})
	if errors.Is(err, errPageFull) {
		err = nil
	}
	return ids, last, err
}

func (l *issuerLog) state(added int) LogState {
	c := l.Checkpoint()
	return LogState{c.Origin, c.Size, base64.StdEncoding.EncodeToString(c.Root[:]), added}
}

// logIssued brings the log up to the books, if the issuer keeps one: nil if not.
func (a *App) logIssued(ctx context.Context, books books) (*LogState, error) {
	l, err := a.openLog(ctx)
	if reason.CodeOf(err) == "not_found/log" {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer l.Close()
	added, err := l.catchUp(ctx, books)
	state := l.state(added)
	return &state, err
}

// LogAppend puts into the log what was issued and is not in it.
func (a *App) LogAppend(ctx context.Context) (state LogState, err error) {
	err = a.withLedger(ctx, func(books books) error {
		s, err := a.logIssued(ctx, books)
		if err == nil && s == nil {
			_, err = a.LogShow()
		}
		if s != nil {
			state = *s
		}
		return err
	})
	return state, err
}

// LogProve returns the proof of each credential, which it puts into the log if
// it was issued and is not in it. One that was not issued here is
// not_found/log-entry.
func (a *App) LogProve(ctx context.Context, credentials ...[]byte) (proofs [][]byte, err error) {
	if _, err := a.LogShow(); err != nil {
		return nil, err
	}
	err = a.withLedger(ctx, func(books books) error {
		l, err := a.openLog(ctx)
		if err != nil {
			return err
		}
		defer l.Close()
		if _, err := l.catchUp(ctx, books); err != nil {
			return err
		}
		proofs, err = l.prove(ctx, credentials)
		return err
	})
	return proofs, err
}

func (l *issuerLog) prove(ctx context.Context, credentials [][]byte) ([][]byte, error) {
	wanted := map[logproof.Hash][]int{}
	for i, c := range credentials {
		leaf := logproof.LeafHash(l.entry(c))
		wanted[leaf] = append(wanted[leaf], i)
	}
	places := make([]int64, len(credentials))
	for i := range places {
		places[i] = -1
	}
	err := l.Entries(ctx, 0, func(at int64, e []byte) error {
		for _, i := range wanted[logproof.LeafHash(e)] {
			places[i] = at
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	out := make([][]byte, len(credentials))
	for i, at := range places {
		if at < 0 {
			return nil, reason.New("not_found/log-entry", "", "this credential is not in the log: it was not issued here, or its bytes are others")
		}
		if out[i], err = l.Prove(ctx, at, saltOf(l.salts, credentials[i])); err != nil {
			return nil, err
		}
		// The entries were read as they lie there: the tree says if they are so.
		if p, err := logproof.Parse(out[i]); err != nil || p.Covers(credentials[i]) != nil {
			return nil, reason.New("log_broken/changed", l.Checkpoint().Origin, "the entry at %d is not the one that the log was signed with", at)
		}
	}
	return out, nil
}

// Unbaked returns the credential that is in a picture, or what is given if it is
// none.
func Unbaked(raw []byte) ([]byte, error) {
	if bake.Detect(raw) == bake.Unknown {
		return raw, nil
	}
	baked, err := bake.Extract(raw, bake.Limits{})
	if err != nil {
		return nil, err
	}
	return baked.Credential, nil
}

// HasLog reports whether the issuer keeps a transparency log.
func (a *App) HasLog() bool {
	_, err := os.Stat(a.logPath(logSetup))
	return err == nil
}
