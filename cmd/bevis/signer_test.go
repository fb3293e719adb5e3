package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/key/external"
	"github.com/kompetansebevis/bevis/reason"
)

// signerProgram is signer-test MODE FILE: a program that holds the key of a file.
// Where SIGNERLOG names a file, it writes there how it was started.
func signerProgram() int {
	if log := os.Getenv("SIGNERLOG"); log != "" {
		f, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err == nil {
			_, err = fmt.Fprintf(f, "%q\n%q\n", os.Args, os.Environ())
		}
		if err != nil {
			return 2
		}
	}
	fmt.Fprintln(os.Stderr, "touch the key\x1b[2J")
	text, err := os.ReadFile(os.Args[2])
	if err != nil {
		return 2
	}
	private, err := key.ParsePEM(text)
	if err != nil {
		return 2
	}
	if err := external.Serve(context.Background(), "signer-test", signerKey{private.Signer("x"), os.Args[1]}, os.Stdin, os.Stdout); err != nil {
		return 1
	}
	return 0
}

type signerKey struct {
	key.Signer
	mode string
}

func (k signerKey) Sign(ctx context.Context, msg []byte) ([]byte, error) {
	switch k.mode {
	case "denies":
		return nil, reason.New(reason.Locked, "", "the PIN is not right")
	case "dies":
		os.Exit(3)
	}
	return k.Signer.Sign(ctx, msg)
}

// pause DURATION waits.
func pause(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: pause DURATION")
	}
	d, err := time.ParseDuration(args[0])
	ts.Check(err)
	time.Sleep(d)
}
