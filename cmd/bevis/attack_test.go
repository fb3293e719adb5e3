package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/kompetansebevis/bevis/internal/attacks"
)

// made are the bad inputs of internal/attacks by the names of their files.
var made = sync.OnceValues(func() (map[string]attacks.Case, error) {
	cases, err := attacks.All(context.Background())
	out := map[string]attacks.Case{}
	for _, c := range cases {
		out[c.File()] = c
	}
	return out, err
})

// attack NAME EXIT CODE verifies an input of internal/attacks as its receiver
// would, which must end with the exit code and tell the reason code. The file
// is left for further commands.
func attack(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: attack name exit code")
	}
	cases, err := made()
	ts.Check(err)
	c, ok := cases[args[0]]
	if !ok {
		ts.Fatalf("there is no input %s", args[0])
	}
	ts.Check(os.WriteFile(ts.MkAbs(c.File()), c.Raw, 0o600))
	words := []string{"verify", "--offline", "--at", attacks.At().Format(time.RFC3339)}
	for _, issuer := range c.Trusted {
		words = append(words, "--issuer", issuer)
	}
	for url, list := range c.StatusLists {
		ts.Check(os.WriteFile(ts.MkAbs("list-"+c.File()), list, 0o600))
		words = append(words, "--status-list", url+"="+ts.MkAbs("list-"+c.File()))
	}
	if c.Audience != "" {
		words = append(words, "--audience", c.Audience)
	}
	if c.Challenge != "" {
		words = append(words, "--challenge", c.Challenge)
	}
	if c.Holder {
		words = append(words, "--require-holder-binding")
	}
	got := 0
	err = ts.Exec("bevis", append(words, c.File())...)
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if strconv.Itoa(got) != args[1] {
		ts.Fatalf("exit code %d, want %s", got, args[1])
	}
	if !strings.Contains(ts.ReadFile("stdout"), "["+args[2]+"]") {
		ts.Fatalf("%s does not tell %s", args[0], args[2])
	}
}
