package cli

import (
	"bufio"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
)

// Schemas of what the commands for keys write as JSON.
const (
	KeysSchema   = "bevis.issuer-keys/v1"
	SignedSchema = "bevis.signed-by/v1"
)

func (s *session) issuerKey() *cobra.Command {
	c := s.group("issuer.key", s.keyList(), s.keySigned(), s.keyRotate(), s.keyRetire(), s.keyCompromise(), s.keyEncrypt())
	c.Use = "key"
	return c
}

// keyFlags say how a key that is made is kept.
type keyFlags struct {
	keyType    string
	signer     string
	encrypt    bool
	recipients []string
	secret     secretFlags
}

// lockFlags are those of them that encrypt a key file.
func (s *session) lockFlags(c *cobra.Command, f *keyFlags) {
	fl := c.Flags()
	fl.StringArrayVar(&f.recipients, "recipient", nil, s.t("flag.key-recipient"))
	s.secretFlags(c, &f.secret)
	fl.Lookup("passphrase-file").Usage = s.t("flag.key-passphrase-file")
	oneOf(c, "recipient", "passphrase-file", "passphrase-fd")
}

func (s *session) keyFlags(c *cobra.Command, f *keyFlags) {
	fl := c.Flags()
	fl.StringVar(&f.keyType, "key-type", "", s.t("flag.key-type"))
	fl.StringVar(&f.signer, "signer", "", s.t("flag.signer"))
	fl.BoolVar(&f.encrypt, "encrypt", false, s.t("flag.key-encrypt"))
	s.lockFlags(c, f)
	oneOf(c, "signer", "encrypt")
}

// request reads what kind of key is asked for. Encrypted says that it has to be
// encrypted even if no flag asks for it.
func (s *session) keyRequest(f keyFlags, encrypted bool) (r app.KeyRequest, err error) {
	t, ok := app.KeyTypes()[f.keyType]
	if !ok && f.keyType != "" {
		return r, reason.New(reason.Usage, "--key-type", "there is no such type of key: ed25519, p256, p384, p521, rsa or bls12-381")
	}
	r.Type = t
	if f.signer != "" {
		r.Command, err = app.SplitCommand(f.signer)
		return r, err
	}
	if f.encrypt || encrypted || len(f.recipients) > 0 || f.secret.file != "" || f.secret.fd >= 0 {
		r.Lock, err = s.keyLock(f)
	}
	return r, err
}

// keyLock gets for whom a key file is to be encrypted.
func (s *session) keyLock(f keyFlags) (app.KeyLock, error) {
	if len(f.recipients) > 0 {
		return app.KeyLock{Recipients: f.recipients, Asker: pluginAsker{s}}, nil
	}
	if f.secret.file == "" && f.secret.fd < 0 && (s.noInput || s.env.Terminal == nil) {
		return app.KeyLock{}, reason.New("locked/no-key-passphrase", "", "there is no terminal to ask at: give --passphrase-file FILE, --passphrase-fd N or --recipient age1…")
	}
	passphrase, err := s.newPassphrase(f.secret)
	if err == nil {
		s.weak(passphrase)
	}
	return app.KeyLock{Passphrase: passphrase}, err
}

// openKey gets what opens an encrypted key file: what the environment names, or
// a passphrase at the terminal. The wallet's passphrase is another.
func (s *session) openKey(ctx context.Context, file string, byPassphrase bool) (app.WayIn, error) {
	named, command, identity := s.env.Getenv("BEVIS_KEY_PASSPHRASE_FILE"), s.env.Getenv("BEVIS_KEY_PASSPHRASE_COMMAND"), s.env.Getenv("BEVIS_KEY_IDENTITY_FILE")
	var raw []byte
	var err error
	switch {
	case !byPassphrase && identity == "":
		return app.WayIn{}, reason.New("locked/key-identity", file, "no identity was given: name a file with one in BEVIS_KEY_IDENTITY_FILE")
	case !byPassphrase:
		raw, err = app.ReadFile(identity)
		return app.WayIn{Keys: raw, Asker: pluginAsker{s}}, err
	case named != "":
		raw, err = app.ReadFile(named)
	case command != "":
		raw, err = run(ctx, command)
	case s.noInput || s.env.Terminal == nil:
		return app.WayIn{}, reason.New("locked/no-key-passphrase", file, "there is no terminal to ask at: name a file in BEVIS_KEY_PASSPHRASE_FILE")
	default:
		raw, err = s.env.Terminal.Secret(s.t("ask.key-passphrase", show(file)) + " ")
		err = reason.Wrap(reason.IO, "", err)
	}
	if err == nil {
		raw, err = oneLine(raw)
	}
	return app.WayIn{Passphrase: raw}, err
}

// plainKey warns of a key that whoever reads the file can sign with, once.
func (s *session) plainKey(file string) {
	if !s.plain {
		s.note("key.plain", show(file))
	}
	s.plain = true
}

// signerSays passes on what a program that holds a key says, line by line and
// without what would act on a terminal.
type signerSays struct{ s *session }

func (w signerSays) Write(p []byte) (int, error) {
	for line := range strings.Lines(string(p)) {
		fmt.Fprintf(w.s.env.Stderr, "signer: %s\n", show(strings.TrimRight(line, "\r\n"))) // nobody can be told if this fails
	}
	return len(p), nil
}

func (s *session) keyList() *cobra.Command {
	return s.leaf("issuer.key.list", "list", 0, 0, nil, func(ctx context.Context, _ []string) error {
		keys, err := s.app.KeyList(ctx)
		if err != nil {
			return err
		}
		out := struct {
			Schema string       `json:"schema"`
			Keys   []app.KeyUse `json:"keys"`
		}{KeysSchema, keys}
		return s.result(out, func(w *strings.Builder) {
			for _, k := range keys {
				fmt.Fprintf(w, "%s  %s  (%s)\n", show(k.ID), s.t("key.state."+string(k.State)), k.Type)
				s.row(w, "label.from", stamp(k.From))
				s.row(w, "label.until", stamp(k.Expires))
				s.row(w, "label.compromised", stamp(k.Revoked))
				s.row(w, "label.kept", s.kept(k.IssuerKey))
				s.row(w, "label.signed-count", fmt.Sprint(k.Signed))
			}
		})
	})
}

// stamp writes a time, and none as nothing.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return credential.FormatTime(t)
}

// kept says where a key is.
func (s *session) kept(k app.IssuerKey) string {
	switch {
	case len(k.Command) > 0:
		return s.t("key.program", strings.Join(k.Command, " "))
	case strings.HasSuffix(k.File, ".age"):
		return s.t("key.encrypted", s.app.KeyPath(k))
	}
	return s.t("key.open", s.app.KeyPath(k))
}

func (s *session) keySigned() *cobra.Command {
	return s.leaf("issuer.key.signed", "signed KEY", 1, 1, []string{"bevis issuer key signed key-1"}, func(ctx context.Context, args []string) error {
		type line struct {
			ID          string    `json:"id"`
			IssuedAt    time.Time `json:"issuedAt"`
			Achievement string    `json:"achievement"`
			Erased      bool      `json:"erased,omitempty"`
		}
		out := struct {
			Schema      string `json:"schema"`
			Key         string `json:"key"`
			Signed      int    `json:"signed"`
			Credentials []line `json:"credentials"`
		}{SignedSchema, args[0], 0, []line{}}
		w := bufio.NewWriter(s.env.Stdout)
		err := s.app.KeySigned(ctx, args[0], func(r issuer.Record) error {
			out.Signed++
			if s.json {
				out.Credentials = append(out.Credentials, line{r.ID, r.IssuedAt, r.Achievement, !r.Erased.IsZero()})
				return nil
			}
			s.wrote = true
			_, err := fmt.Fprintf(w, "%s  %s  %s\n", show(r.ID), stamp(r.IssuedAt), show(r.Achievement))
			return reason.Wrap(reason.IO, "", err)
		})
		if err != nil {
			return err
		}
		if s.json {
			return s.printJSON(out)
		}
		if err := w.Flush(); err != nil {
			return reason.Wrap(reason.IO, "", err)
		}
		s.note("key.signed", out.Signed)
		return nil
	})
}

// encryptedNow reports whether the issuer's keys are kept encrypted.
func (s *session) encryptedNow() (bool, error) {
	setup, err := s.app.IssuerShow()
	if err != nil {
		return false, err
	}
	for _, k := range setup.Keys {
		if strings.HasSuffix(k.File, ".age") {
			return true, nil
		}
	}
	return false, nil
}

func (s *session) keyRotate() *cobra.Command {
	var f keyFlags
	var r app.Rotation
	var from, overlap string
	c := s.leaf("issuer.key.rotate", "rotate", 0, 0, []string{
		"bevis issuer key rotate",
		"bevis issuer key rotate --from 2027-01-01 --overlap 30d",
		"bevis issuer key rotate --signer 'signer-pkcs11 --token kurs --pin-file /etc/kurs/pin'",
	}, func(ctx context.Context, _ []string) error {
		encrypted, err := s.encryptedNow()
		if err != nil {
			return err
		}
		if from != "" {
			if r.From, err = app.ParseDay(from); err != nil {
				return err
			}
		}
		if r.Overlap, err = length(overlap); err != nil {
			return err
		}
		if r.KeyRequest, err = s.keyRequest(f, encrypted); err != nil {
			return err
		}
		k, err := s.app.KeyRotate(ctx, r)
		if err != nil {
			return err
		}
		s.note("key.rotated", show(k.ID), stamp(k.From))
		s.note("key.publish")
		return s.showKey(k)
	})
	fl := c.Flags()
	fl.StringVar(&from, "from", "", s.t("flag.key-from"))
	fl.StringVar(&overlap, "overlap", "7d", s.t("flag.overlap"))
	fl.StringVar(&r.Why, "reason", "", s.t("flag.reason"))
	fl.StringVar(&r.Actor, "by", "", s.t("flag.by"))
	s.keyFlags(c, &f)
	return c
}

// length reads a length of time, also in days.
func length(text string) (time.Duration, error) {
	var days int
	if digits, ok := strings.CutSuffix(text, "d"); ok {
		if _, err := fmt.Sscanf(digits, "%d", &days); err == nil && fmt.Sprint(days) == digits && days >= 0 && days <= 3660 {
			return time.Duration(days) * 24 * time.Hour, nil
		}
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return 0, reason.New(reason.Usage, "--overlap", "give a length of time such as 7d or 24h")
	}
	return d, nil
}

func (s *session) showKey(k app.IssuerKey) error {
	return s.result(k, func(w *strings.Builder) {
		s.row(w, "label.key", k.ID)
		s.row(w, "label.from", stamp(k.From))
		s.row(w, "label.until", stamp(k.Expires))
		s.row(w, "label.compromised", stamp(k.Revoked))
		s.row(w, "label.kept", s.kept(k))
	})
}

func (s *session) keyRetire() *cobra.Command {
	var at, why, by string
	c := s.leaf("issuer.key.retire", "retire KEY", 1, 1, []string{"bevis issuer key retire key-1", "bevis issuer key retire key-1 --at 2027-01-31"}, func(ctx context.Context, args []string) error {
		var end time.Time
		var err error
		if at != "" {
			if end, err = app.ParseDay(at); err != nil {
				return err
			}
		}
		k, err := s.app.KeyRetire(ctx, args[0], end, why, by)
		if err != nil {
			return err
		}
		s.note("key.publish")
		return s.showKey(k)
	})
	c.Flags().StringVar(&at, "at", "", s.t("flag.retire-at"))
	c.Flags().StringVar(&why, "reason", "", s.t("flag.reason"))
	c.Flags().StringVar(&by, "by", "", s.t("flag.by"))
	return c
}

func (s *session) keyCompromise() *cobra.Command {
	var f keyFlags
	var r app.Compromise
	var since string
	var yes bool
	c := s.leaf("issuer.key.compromise", "compromise KEY", 1, 1, []string{`bevis issuer key compromise key-1 --since 2026-11-02 --reason "laptop stolen"`}, func(ctx context.Context, args []string) error {
		r.ID = args[0]
		encrypted, err := s.encryptedNow()
		if err != nil {
			return err
		}
		if since != "" {
			if r.Since, err = app.ParseDay(since); err != nil {
				return err
			}
		}
		if err := s.confirm(yes, "ask.compromise", show(r.ID)); err != nil {
			return err
		}
		if r.Next.KeyRequest, err = s.keyRequest(f, encrypted); err != nil {
			return err
		}
		done, err := s.app.KeyCompromise(ctx, r)
		if err != nil {
			return err
		}
		s.note("key.compromised", done.Signed)
		if done.Next != nil {
			s.note("key.rotated", show(done.Next.ID), stamp(done.Next.From))
		}
		s.note("key.publish")
		if s.json {
			return s.printJSON(done)
		}
		return s.showKey(done.Key)
	})
	fl := c.Flags()
	fl.StringVar(&since, "since", "", s.t("flag.since"))
	fl.StringVar(&r.Next.Why, "reason", "", s.t("flag.reason"))
	fl.StringVar(&r.Next.Actor, "by", "", s.t("flag.by"))
	fl.BoolVar(&yes, "yes", false, s.t("flag.yes"))
	s.keyFlags(c, &f)
	return c
}

func (s *session) keyEncrypt() *cobra.Command {
	var f keyFlags
	c := s.leaf("issuer.key.encrypt", "encrypt [KEY]", 0, 1, []string{"bevis issuer key encrypt", "bevis issuer key encrypt --recipient age1…", "bevis issuer key encrypt key-2"}, func(ctx context.Context, args []string) error {
		lock, err := s.keyLock(f)
		if err != nil {
			return err
		}
		s.plain = true // which is being mended
		keys, err := s.app.KeyEncrypt(ctx, strings.Join(args, ""), lock)
		if err != nil {
			return err
		}
		s.note("key.encrypted-now")
		out := struct {
			Schema string          `json:"schema"`
			Keys   []app.IssuerKey `json:"keys"`
		}{KeysSchema, keys}
		return s.result(out, func(w *strings.Builder) {
			for _, k := range keys {
				s.row(w, "label.key", k.ID)
				s.row(w, "label.kept", s.kept(k))
			}
		})
	})
	s.lockFlags(c, &f)
	return c
}
