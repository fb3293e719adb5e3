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
	tells(ts, args[1], args[2], append(words, c.File())...)
}

// forge EXIT CODE OLD NEW verifies the badge of testdata/fixed with one text in
// the place of another, which must end with the exit code and tell the reason
// code.
func forge(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: forge exit code old new")
	}
	fixed := ts.Getenv("FIXED")
	text := ts.ReadFile(fixed + "/badge.json")
	if !strings.Contains(text, args[2]) {
		ts.Fatalf("the badge holds no %q", args[2])
	}
	ts.Check(os.WriteFile(ts.MkAbs("forged.json"), []byte(strings.Replace(text, args[2], args[3], 1)), 0o600))
	tells(ts, args[0], args[1], "verify", "--offline", "--at", "2026-12-01", "--issuer", "did:key:z6MkmkxP7aLzLco7mLGVxPsi3X4e1ZhZiTNF2ZA6fpgDf6vZ",
		"--status-list", "https://fagskulen.example/status/revocation-1.json="+fixed+"/revocation-1.json", "forged.json")
}

// tells runs bevis, which must end with the exit code and print the reason
// code.
func tells(ts *testscript.TestScript, exit, code string, words ...string) {
	got := 0
	err := ts.Exec("bevis", words...)
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if strconv.Itoa(got) != exit {
		ts.Fatalf("exit code %d, want %s", got, exit)
	}
	if !strings.Contains(ts.ReadFile("stdout"), "["+code+"]") {
		ts.Fatalf("it does not tell %s", code)
	}
}

// tear FILE cuts a file off within its last line.
func tear(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: tear file")
	}
	text := ts.ReadFile(args[0])
	ts.Check(os.Truncate(ts.MkAbs(args[0]), int64(len(text)-20)))
}
