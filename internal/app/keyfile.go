package app

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/key/external"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/agekey"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
)

// IssuerKeys is what the issuer's keys are used with.
type IssuerKeys struct {
	// Open returns what opens an encrypted key file: a passphrase, or else keys
	// in age's form. Nil: nothing does.
	Open func(ctx context.Context, file string, passphrase bool) (WayIn, error)
	// Plain is called when a key is read from a file that is not encrypted. Nil:
	// nobody is told.
	Plain func(file string)
	// Stderr gets what programs that hold a key say to people. Nil: nobody.
	Stderr io.Writer
}

// KeyLock is for whom a key file is encrypted. The zero value leaves it as it
// is, for whoever can read the file.
type KeyLock struct {
	Recipients []string // in age's form
	Passphrase []byte   // if there are no recipients
	Asker      agekey.Asker
}

func (l KeyLock) open() bool { return len(l.Recipients) == 0 && l.Passphrase == nil }

// KeyRequest says which key is to be made.
type KeyRequest struct {
	Type    key.Type // zero: the usual one for the suite
	Lock    KeyLock
	Command []string // the program that holds it; nothing is made then
}

// madeKey is a key that has no place yet.
type madeKey struct {
	public  key.Public
	file    []byte // nil: a program holds it
	sealed  bool
	command []string
}

// record is what the set-up says of the key. Name is that of its file, without
// what tells its form.
func (m madeKey) record(id, name string, from time.Time) (IssuerKey, error) {
	k := IssuerKey{ID: id, From: from.UTC().Truncate(time.Second), Command: m.command}
	switch {
	case m.sealed:
		k.File = name + ".age"
	case m.file != nil:
		k.File = name + ".pem"
	}
	var err error
	if k.JWK = m.public.JWK(); m.public.Type() != key.RSA {
		k.JWK = nil
		k.Multikey, err = m.public.Multikey()
	}
	return k, err
}

// makeKey makes a key, or asks the program that has it.
func (a *App) makeKey(ctx context.Context, suite proof.ID, r KeyRequest) (madeKey, error) {
	if len(r.Command) > 0 {
		s, err := external.Start(ctx, external.Config{Command: r.Command, ID: "not settled yet", Stderr: a.cfg.Keys.Stderr})
		if err != nil {
			return madeKey{}, err
		}
		defer s.Close() // it never fails
		t := s.Public().Type()
		if _, err := keyFor(suite, t); err != nil || r.Type != key.Unknown && r.Type != t {
			return madeKey{}, reason.New(reason.Usage, "--signer", "the key of %s is of type %s, and %s signs with another", r.Command[0], t, suite)
		}
		return madeKey{public: s.Public(), command: r.Command}, nil
	}
	t, err := keyFor(suite, r.Type)
	if err != nil {
		return madeKey{}, err
	}
	private, err := newKey(t)
	if err != nil {
		return madeKey{}, err
	}
	pem, err := private.MarshalPEM()
	if err != nil {
		return madeKey{}, err
	}
	m := madeKey{public: private.Public(), file: pem, sealed: !r.Lock.open()}
	if m.sealed {
		m.file, err = a.seal(ctx, pem, r.Lock)
	}
	return m, err
}

func (a *App) seal(ctx context.Context, pem []byte, l KeyLock) ([]byte, error) {
	lock := agekey.Lock{Passphrase: l.Passphrase, Work: a.cfg.PassphraseWork}
	for _, text := range l.Recipients {
		r, err := agekey.ParseRecipient(ctx, text, l.Asker)
		if err != nil {
			return nil, err
		}
		lock.Recipients = append(lock.Recipients, r)
	}
	return agekey.SealFile(pem, lock)
}

// readKeyFile reads a key file of the issuer, encrypted or not.
func (a *App) readKeyFile(ctx context.Context, name string) (privateKey, error) {
	path := a.path("issuer", name)
	text, err := ReadFile(path)
	if err != nil {
		return nil, err
	}
	if !agekey.IsSealed(text) {
		k, err := readKey(text)
		if err == nil && a.cfg.Keys.Plain != nil {
			a.cfg.Keys.Plain(path)
		}
		return k, err
	}
	if a.cfg.Keys.Open == nil {
		return nil, reason.New("locked/no-key-passphrase", path, "nobody is there to open it")
	}
	way, err := a.cfg.Keys.Open(ctx, path, agekey.ByPassphrase(text))
	if err != nil {
		return nil, err
	}
	plain, err := agekey.OpenFile(ctx, text, way.Passphrase, way.Keys, way.Asker)
	if err != nil {
		if reason.AtOf(err) == "" {
			err = reason.New(reason.CodeOf(err), path, "%w", bareReason(err))
		}
		return nil, err
	}
	defer clear(plain)
	return readKey(plain)
}

// KeyEncrypt encrypts the key files that are not, or that of one key, also anew
// for somebody else. What was there in plain text is deleted, if copies of it
// are not.
func (a *App) KeyEncrypt(ctx context.Context, id string, l KeyLock) (done []IssuerKey, err error) {
	err = a.changing(ctx, func() (err error) { done, err = a.encrypt(ctx, id, l); return err })
	return done, err
}

func (a *App) encrypt(ctx context.Context, id string, l KeyLock) ([]IssuerKey, error) {
	s, err := a.setupWithKeys(ctx)
	if err != nil {
		return nil, err
	}
	if id != "" {
		k, err := s.named(id)
		if err != nil {
			return nil, err
		}
		id = k.ID
	}
	var done []IssuerKey
	var plain []string
	for n, k := range s.Keys {
		old := k.File
		if old == "" || id != "" && k.ID != id || id == "" && strings.HasSuffix(old, ".age") {
			continue
		}
		private, err := a.readKeyFile(ctx, old)
		if err != nil {
			return nil, err
		}
		pem, err := private.MarshalPEM()
		if err != nil {
			return nil, err
		}
		sealed, err := a.seal(ctx, pem, l)
		if err != nil {
			return nil, err
		}
		s.Keys[n].File = strings.TrimSuffix(strings.TrimSuffix(old, ".pem"), ".age") + ".age"
		if err := a.keep(sealed, old == s.Keys[n].File, "issuer", s.Keys[n].File); err != nil {
			return nil, err
		}
		if old != s.Keys[n].File {
			plain = append(plain, old)
		}
		done = append(done, s.Keys[n])
	}
	if len(done) == 0 {
		return nil, reason.New("conflict/key-encrypted", a.path("issuer"), "there is no key in plain text here")
	}
	if err := a.keepKeys(ctx, s, issuer.Event{Action: "encrypt key", Credential: done[0].ID}); err != nil {
		return nil, err
	}
	for _, name := range plain {
		if err := os.Remove(a.path("issuer", name)); err != nil {
			return done, reason.New(reason.IO, a.path("issuer", name), "%w", bare(err))
		}
	}
	return done, nil
}

// ownSigner returns the issuer that is set up here, and its key in use, which is
// opened when something is to be signed: to revoke takes no passphrase.
func (a *App) ownSigner(ctx context.Context) (IssuerSetup, *lazySigner, error) {
	s, err := a.IssuerShow()
	if err != nil {
		return s, nil, err
	}
	k := s.Current()
	public, err := k.public()
	if err != nil {
		return s, nil, err
	}
	l := &lazySigner{publicSigner: publicSigner{public, k.ID}, turn: make(chan struct{}, 1)}
	l.open = func(ctx context.Context) (key.Signer, error) {
		if len(k.Command) > 0 {
			return external.Start(ctx, external.Config{Command: k.Command, ID: k.ID, Public: public, Stderr: a.cfg.Keys.Stderr})
		}
		private, err := a.readKeyFile(ctx, k.File)
		if err != nil {
			return nil, err
		}
		if public.Type() != key.Unknown && !private.Public().Equal(public) {
			return nil, reason.New("conflict/signer-key", a.path("issuer", k.File), "the file has another key than the set-up tells")
		}
		return private.Signer(k.ID), nil
	}
	if public.Type() == key.Unknown { // of an older bevis
		if l.signer, err = l.open(ctx); err != nil {
			return s, nil, err
		}
		l.public = l.signer.Public()
	}
	return s, l, nil
}

// publicSigner tells whose key it is, and cannot sign.
type publicSigner struct {
	public key.Public
	id     string
}

func (p publicSigner) Public() key.Public { return p.public }
func (p publicSigner) ID() string         { return p.id }
func (p publicSigner) Sign(context.Context, []byte) ([]byte, error) {
	return nil, reason.New(reason.Internal, "", "this is no key that signs")
}

// lazySigner opens its key when it is first used.
type lazySigner struct {
	publicSigner
	open   func(context.Context) (key.Signer, error)
	turn   chan struct{} // held by who uses signer
	signer key.Signer    // nil: it was not opened yet
}

func (l *lazySigner) get(ctx context.Context) (key.Signer, error) {
	select {
	case l.turn <- struct{}{}:
		defer func() { <-l.turn }()
	case <-ctx.Done():
		return nil, reason.Wrap(reason.Canceled, "", ctx.Err())
	}
	if l.signer == nil {
		s, err := l.open(ctx)
		if err != nil {
			return nil, err
		}
		l.signer = s
	}
	return l.signer, nil
}

// Sign implements key.Signer.
func (l *lazySigner) Sign(ctx context.Context, msg []byte) ([]byte, error) {
	s, err := l.get(ctx)
	if err != nil {
		return nil, err
	}
	return s.Sign(ctx, msg)
}

// SignMessages implements dataintegrity.MessageSigner for the keys that can.
func (l *lazySigner) SignMessages(ctx context.Context, header []byte, messages [][]byte) ([]byte, error) {
	s, err := l.get(ctx)
	if err != nil {
		return nil, err
	}
	many, ok := s.(interface {
		SignMessages(ctx context.Context, header []byte, messages [][]byte) ([]byte, error)
	})
	if !ok {
		return nil, reason.New("key_invalid/type", "", "a %s key does not sign for bbs-2023", l.public.Type())
	}
	return many.SignMessages(ctx, header, messages)
}

// Close ends a program that holds the key.
func (l *lazySigner) Close() error {
	l.turn <- struct{}{}
	defer func() { <-l.turn }()
	if c, ok := l.signer.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

// withIssuer opens the issuer, calls f, and closes the ledger and the key.
func (a *App) withIssuer(ctx context.Context, f func(*issuer.Issuer, books) error) error {
	s, signer, err := a.ownSigner(ctx)
	if err != nil {
		return err
	}
	err = a.withLedger(ctx, func(l books) error {
		i, err := a.newIssuer(s, signer, l)
		if err != nil {
			return err
		}
		return f(i, l)
	})
	return errors.Join(err, signer.Close())
}

// SplitCommand reads a program and its arguments out of one line: words between
// spaces, those in quotes as they stand. No shell does, so nothing else has a
// meaning.
func SplitCommand(line string) ([]string, error) {
	var out []string
	var word strings.Builder
	var quote rune
	inWord := false
	for _, r := range line {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && (r == '\'' || r == '"'):
			quote, inWord = r, true
		case quote == 0 && (r == ' ' || r == '\t'):
			if inWord {
				out = append(out, word.String())
			}
			word.Reset()
			inWord = false
		default:
			word.WriteRune(r)
			inWord = true
		}
	}
	if inWord {
		out = append(out, word.String())
	}
	if quote != 0 || len(out) == 0 || out[0] == "" {
		return nil, reason.New(reason.Usage, "--signer", "give a program and its arguments: --signer 'program argument'")
	}
	return out, nil
}
