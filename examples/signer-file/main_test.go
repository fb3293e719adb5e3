package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/key/external"
	"github.com/kompetansebevis/bevis/reason"
)

func TestMain(m *testing.M) {
	if os.Getenv("EXAMPLE") == "run" {
		main()
		return
	}
	os.Exit(m.Run())
}

// TestExample has the program sign with keys of every type that it can have.
func TestExample(t *testing.T) {
	t.Setenv("EXAMPLE", "run")
	file := filepath.Join(t.TempDir(), "key.pem")
	cfg := external.Config{Command: []string{os.Args[0], file}, ID: "did:web:kurs.example#key-1"}
	if _, err := external.Start(t.Context(), cfg); reason.CodeOf(err) != "io/signer" {
		t.Error("without a file:", err)
	}
	for _, kind := range []key.Type{key.Ed25519, key.P256, key.P384, key.P521, key.RSA} {
		private, err := key.Generate(kind)
		if err != nil {
			t.Fatal(err)
		}
		pem, err := private.MarshalPEM()
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, pem, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := external.Start(t.Context(), cfg)
		if err != nil {
			t.Fatal(kind, err)
		}
		sig, err := s.Sign(t.Context(), []byte("x"))
		if err != nil || !s.Public().Equal(private.Public()) || private.Public().Verify([]byte("x"), sig) != nil {
			t.Error(kind, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}
