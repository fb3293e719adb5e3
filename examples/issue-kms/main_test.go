package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/key/external"
	"github.com/kompetansebevis/bevis/credential/proof/suites"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/verifier"
)

// TestMain is the example, and the service with the key as well: this stands in
// for one in the cloud.
func TestMain(m *testing.M) {
	switch {
	case len(os.Args) > 1 && os.Args[1] == "service":
		if err := external.Serve(context.Background(), "service", theKey().Signer(""), os.Stdin, os.Stdout); err != nil {
			os.Exit(1)
		}
	case os.Getenv("EXAMPLE") == "run":
		main()
	default:
		os.Exit(m.Run())
	}
}

func theKey() *key.Private {
	seed := sha256.Sum256([]byte("for this test"))
	private, err := key.FromSeed(seed[:])
	if err != nil {
		panic(err)
	}
	return private
}

// document is the issuer's, as it would publish it.
type document struct{ raw []byte }

func (d document) Resolve(_ context.Context, id string) (*did.Document, error) {
	return did.ParseDocument(d.raw, id)
}

// TestExample runs the program and verifies what it printed.
func TestExample(t *testing.T) {
	t.Parallel()
	const id = "did:web:kurs.example"
	c := exec.CommandContext(t.Context(), os.Args[0], id, os.Args[0], "service")
	c.Env = append(os.Environ(), "EXAMPLE=run")
	c.Stdin = strings.NewReader("did:example:kari\ndid:example:ola\n")
	out, err := c.Output()
	if err != nil {
		t.Fatal(err)
	}
	raw, err := did.Build(id, []did.Method{{ID: id + "#key-1", Controller: id, Public: theKey().Public()}})
	if err != nil {
		t.Fatal(err)
	}
	all, err := suites.All()
	if err != nil {
		t.Fatal(err)
	}
	v, err := verifier.New(verifier.Config{Suites: all, Resolver: did.Mux{"web": document{raw}}, Trust: trust.Pins(id), Status: verifier.NoStatus{}, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	badges := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
	if len(badges) != 2 {
		t.Fatalf("%d badges: %s", len(badges), out)
	}
	for _, badge := range badges {
		report, err := v.Verify(t.Context(), verifier.Request{Raw: badge})
		if err != nil || report.Reason != "" {
			t.Error(report.Verdict, report.Reason, err)
		}
		changed := bytes.Replace(badge, []byte("did:example:"), []byte("did:example:x"), 1)
		if report, _ := v.Verify(t.Context(), verifier.Request{Raw: changed}); report.Reason != reason.BadSignature {
			t.Error(report.Reason)
		}
	}
}
