package external_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/key/external"
	"github.com/kompetansebevis/bevis/reason"
)

// TestMain is also the program that the tests start, which misbehaves as its
// first argument says.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && strings.HasPrefix(os.Args[1], "play-") {
		play(strings.TrimPrefix(os.Args[1], "play-"), os.Args[2:])
		return
	}
	os.Exit(m.Run())
}

// testKey is an Ed25519 key of a word, the same in every process.
func testKey(word string) *key.Private {
	seed := sha256.Sum256([]byte(word))
	k, err := key.FromSeed(seed[:])
	if err != nil {
		panic(err)
	}
	return k
}

// odd is a Key that does as mode says.
type odd struct {
	key.Signer
	mode string
}

func (o odd) Sign(ctx context.Context, msg []byte) ([]byte, error) {
	switch {
	case string(msg) == "die", o.mode == "dies":
		os.Exit(3)
	case o.mode == "denies":
		return nil, reason.New("locked/pin", "", "the PIN is not right\x1b[2J")
	case o.mode == "away":
		return nil, reason.New(reason.IO, "", "the module does not answer")
	case o.mode == "hangs", string(msg) == "wait":
		<-ctx.Done()
	case o.mode == "wrong":
		msg = append(msg, 'x')
	}
	return o.Signer.Sign(ctx, msg)
}

func play(mode string, args []string) {
	fmt.Fprintln(os.Stderr, "pid", os.Getpid(), os.Getenv("BEVIS_LEDGER"))
	word := "one"
	switch mode {
	case "silent":
		time.Sleep(time.Minute)
	case "deaf": // reads nothing, so the pipe fills
		time.Sleep(time.Minute)
	case "ends":
		os.Exit(1)
	case "noise":
		fmt.Println("Welcome!")
		time.Sleep(time.Minute)
	case "flood":
		_, _ = os.Stdout.Write(bytes.Repeat([]byte("x"), 1<<20))
		time.Sleep(time.Minute)
	case "unasked":
		fmt.Println(`{"id":7,"version":1}`)
		time.Sleep(time.Minute)
	case "future", "keyless", "private":
		in := bufio.NewScanner(os.Stdin)
		for in.Scan() {
			switch {
			case mode == "future":
				fmt.Println(`{"id":1,"version":2}`)
			case strings.Contains(in.Text(), `"hello"`):
				fmt.Println(`{"id":1,"version":1,"later":["members"]}`)
			case mode == "keyless":
				fmt.Println(`{"id":2}`)
			default:
				fmt.Println(`{"id":2,"publicKeyJwk":{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","d":"AA"}}`)
			}
		}
		return
	case "leaves": // somebody who holds standard output after it
		c := exec.Command(os.Args[0], "play-silent")
		c.Stdout = os.Stdout
		if err := c.Start(); err != nil {
			panic(err)
		}
	case "other": // another key each time it is started
		if f, err := os.OpenFile(args[0], os.O_CREATE|os.O_EXCL, 0o600); err == nil {
			_ = f.Close()
		} else {
			word = "two"
		}
	}
	k := odd{testKey(word).Signer("x"), mode}
	if err := external.Serve(context.Background(), "test", k, os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func config(mode string, args ...string) external.Config {
	return external.Config{Command: append([]string{os.Args[0], "play-" + mode}, args...), ID: "did:web:a.example#key-1", Timeout: 20 * time.Second}
}

func open(t *testing.T, cfg external.Config) *external.Signer {
	t.Helper()
	s, err := external.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// said collects what a program writes to people.
type said struct {
	mu   sync.Mutex
	text strings.Builder
}

func (s *said) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// TestSign: one process signs for many at once, and knows nothing that is for
// bevis.
func TestSign(t *testing.T) {
	t.Setenv("BEVIS_LEDGER", "host=db password=hemmelig")
	stderr := &said{}
	cfg := config("well")
	cfg.Stderr = stderr
	s := open(t, cfg)
	if s.ID() != cfg.ID || !s.Public().Equal(testKey("one").Public()) {
		t.Error(s.ID(), s.Public())
	}
	var wg sync.WaitGroup
	for n := range 200 {
		wg.Go(func() {
			msg := bytes.Repeat([]byte{byte(n)}, n*100)
			sig, err := s.Sign(t.Context(), msg)
			if err == nil {
				err = s.Public().Verify(msg, sig)
			}
			if err != nil {
				t.Error(n, err)
			}
		})
	}
	wg.Wait()
	if big, err := s.Sign(t.Context(), make([]byte, external.MaxMessage)); err != nil || len(big) != 64 {
		t.Error("the largest message:", err)
	}
	if _, err := s.Sign(t.Context(), make([]byte, external.MaxMessage+1)); reason.CodeOf(err) != reason.LimitSize {
		t.Error(err)
	}
	if got := stderr.String(); strings.Count(got, "pid") != 1 || strings.Contains(got, "hemmelig") {
		t.Errorf("the programs said %q", got)
	}
}

// TestStartRefuses: programs that are none, and keys that are another's.
func TestStartRefuses(t *testing.T) {
	t.Parallel()
	for mode, tt := range map[string]struct {
		code reason.Code
		text string
	}{
		"silent":  {"io/signer-timeout", "no answer in 500ms"},
		"ends":    {"io/signer", "ended"},
		"noise":   {"io/signer", "no answer"},
		"flood":   {"io/signer", "65536 bytes"},
		"unasked": {"io/signer", "not asked"},
		"future":  {"io/signer", "version 2"},
		"keyless": {"io/signer", "no public key"},
		"private": {"io/signer", "private"},
	} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			cfg := config(mode)
			if mode == "silent" {
				cfg.Timeout = 500 * time.Millisecond
			}
			if _, err := external.Start(t.Context(), cfg); reason.CodeOf(err) != tt.code || !strings.Contains(err.Error(), tt.text) {
				t.Error(reason.CodeOf(err), err)
			}
		})
	}
	cfg := config("well")
	cfg.Public = testKey("two").Public()
	if _, err := external.Start(t.Context(), cfg); reason.CodeOf(err) != "conflict/signer-key" {
		t.Error(err)
	}
	cfg.Command = []string{filepath.Join(t.TempDir(), "nowhere")}
	if _, err := external.Start(t.Context(), cfg); reason.CodeOf(err) != "io/signer" {
		t.Error(err)
	}
	if _, err := external.Start(t.Context(), external.Config{ID: "x"}); reason.CodeOf(err) != reason.Usage {
		t.Error(err)
	}
}

// TestSignRefuses: what a program says no to, and what it signs that is not it.
func TestSignRefuses(t *testing.T) {
	t.Parallel()
	for mode, tt := range map[string]struct {
		code reason.Code
		text string
	}{
		"denies": {"locked/signer", "the PIN is not right [2J"},
		"away":   {"io/signer", "unavailable: the module does not answer"},
		"wrong":  {"io/signer", "no signature of its key"},
		"dies":   {"io/signer", "ended"},
		"hangs":  {"io/signer-timeout", "no answer in 1s"},
	} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			cfg := config(mode)
			if mode == "hangs" {
				cfg.Timeout = time.Second
			}
			s := open(t, cfg)
			if _, err := s.Sign(t.Context(), []byte("x")); reason.CodeOf(err) != tt.code || !strings.Contains(err.Error(), tt.text) {
				t.Error(reason.CodeOf(err), err)
			}
		})
	}
}

// TestRestart: a program that dies is started anew, with the same key or not at
// all.
func TestRestart(t *testing.T) {
	t.Parallel()
	stderr := &said{}
	cfg := config("well")
	cfg.Stderr = stderr
	s := open(t, cfg)
	for range 3 {
		if _, err := s.Sign(t.Context(), []byte("die")); reason.CodeOf(err) != "io/signer" {
			t.Error(err)
		}
		if _, err := s.Sign(t.Context(), []byte("live")); err != nil {
			t.Error(err)
		}
	}
	if n := strings.Count(stderr.String(), "pid"); n != 7 { // the first, and two a round: one died with the second try
		t.Errorf("%d processes", n)
	}
	other := open(t, config("other", filepath.Join(t.TempDir(), "mark")))
	if _, err := other.Sign(t.Context(), []byte("die")); reason.CodeOf(err) != "conflict/signer-key" {
		t.Error(err)
	}
}

// TestCanceled: who gives up does not disturb the others, and who closes ends
// the program, also one that somebody else's process outlives.
func TestCanceled(t *testing.T) {
	t.Parallel()
	s := open(t, config("well"))
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := s.Sign(ctx, []byte("wait")); reason.CodeOf(err) != reason.Canceled {
		t.Error(err)
	}
	if _, err := s.Sign(t.Context(), []byte("x")); err != nil {
		t.Error(err)
	}
	for _, mode := range []string{"leaves", "well"} {
		s := open(t, config(mode))
		before := time.Now()
		if err := s.Close(); err != nil || time.Since(before) > 10*time.Second {
			t.Error(mode, err, time.Since(before))
		}
		if _, err := s.Sign(t.Context(), []byte("x")); reason.CodeOf(err) != "io/signer" {
			t.Error(err)
		}
	}
}

// TestServe: what is asked wrongly is told so.
func TestServe(t *testing.T) {
	t.Parallel()
	k := testKey("one").Signer("x")
	for in, want := range map[string]string{
		`{"id":1,"op":"hello","protocol":"bevis-signer","versions":[1,9]}`: `{"id":1,"version":1,"name":"n"}`,
		`{"id":1,"op":"hello","protocol":"bevis-signer","versions":[2]}`:   `{"id":1,"error":{"code":"unsupported","message":"this program knows version 1 of bevis-signer"}}`,
		`{"id":2,"op":"public"}`:                   `{"id":2,"publicKeyJwk":` + string(k.Public().JWK()) + `}`,
		`{"id":3,"op":"export"}`:                   `{"id":3,"error":{"code":"unsupported","message":"there is no operation export"}}`,
		`{"id":4,"op":"sign","message":"not b64"}`: `{"id":4,"error":{"code":"failed","message":"illegal base64 data at input byte 3"}}`,
	} {
		var out bytes.Buffer
		if err := external.Serve(t.Context(), "n", k, strings.NewReader(in+"\n"), &out); err != nil || strings.TrimSpace(out.String()) != want {
			t.Errorf("%s: %s %v", in, out.String(), err)
		}
	}
	for _, in := range []string{"hello\n", `{"id":1,"id":2,"op":"public"}`, strings.Repeat("x", external.MaxMessage*2)} {
		if err := external.Serve(t.Context(), "n", k, strings.NewReader(in), &bytes.Buffer{}); reason.CodeOf(err) != reason.IO {
			t.Errorf("%.20s: %v", in, err)
		}
	}
}

// FuzzServe: whatever comes in, what goes out is lines of answers.
func FuzzServe(f *testing.F) {
	f.Add([]byte(`{"id":1,"op":"hello","protocol":"bevis-signer","versions":[1]}` + "\n" + `{"id":2,"op":"sign","message":"aGk"}`))
	f.Add([]byte("{}\n\n[]"))
	k := testKey("one").Signer("x")
	f.Fuzz(func(t *testing.T, in []byte) {
		var out bytes.Buffer
		_ = external.Serve(t.Context(), "n", k, bytes.NewReader(in), &out) // it may well be refused
		if n := bytes.Count(out.Bytes(), []byte("\n")); n > bytes.Count(in, []byte("\n"))+1 || out.Len() > 0 && out.Bytes()[out.Len()-1] != '\n' {
			t.Errorf("%q is answered by %q", in, out.Bytes())
		}
	})
}
