package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"
)

// people FROM TO COURSE… makes people with credentials of courses, completed in
// this order. Each gets a copy of wallet.bevis with a key of its own: making a
// wallet is slow on purpose, and opening one with the recovery words is not.
func people(ts *testscript.TestScript, neg bool, args []string) {
	each(ts, neg, args, func(n int, wallet, courses []string) {
		ts.Check(os.MkdirAll(ts.MkAbs("people"), 0o700))
		ts.Check(os.WriteFile(ts.MkAbs(fmt.Sprintf("people/%d.bevis", n)), []byte(ts.ReadFile("wallet.bevis")), 0o600))
		ts.Check(ts.Exec("bevis", append([]string{"wallet", "id", "--new"}, wallet...)...))
		id := regexp.MustCompile(`did:key:\w+`).FindString(ts.ReadFile("stdout"))
		badges := []string{"wallet", "add"}
		for at, course := range courses {
			badge := filepath.Join("people", fmt.Sprintf("%d-%s.json", n, course))
			ts.Check(ts.Exec("bevis", "credential", "issue", course, "--to", id, "--valid-from", fmt.Sprintf("2024-%02d-01", at+2), "-o", badge))
			badges = append(badges, badge)
		}
		ts.Check(ts.Exec("bevis", append(badges, wallet...)...))
	})
}

// give FROM TO FOLDER ARG… lets people contribute, into FOLDER/N.json.
func give(ts *testscript.TestScript, neg bool, args []string) {
	each(ts, neg, args, func(n int, wallet, rest []string) {
		ts.Check(os.MkdirAll(ts.MkAbs(rest[0]), 0o700))
		command := append([]string{"catalogue", "stats", "contribute", "--yes", "-o", filepath.Join(rest[0], fmt.Sprintf("%02d.json", n))}, rest[1:]...)
		ts.Check(ts.Exec("bevis", append(command, wallet...)...))
	})
}

// review FROM TO FOLDER WORD ARG… lets people review the course of the
// credential that WORD finds, into FOLDER/N.json.
func review(ts *testscript.TestScript, neg bool, args []string) {
	each(ts, neg, args, func(n int, wallet, rest []string) {
		ts.Check(os.MkdirAll(ts.MkAbs(rest[0]), 0o700))
		ts.Check(ts.Exec("bevis", append([]string{"wallet", "list", rest[1], "--json"}, wallet...)...))
		id := regexp.MustCompile(`"id": "(\w+)"`).FindStringSubmatch(ts.ReadFile("stdout"))
		command := append([]string{"catalogue", "review", id[1], "-o", filepath.Join(rest[0], fmt.Sprintf("%02d.json", n))}, rest[2:]...)
		ts.Check(ts.Exec("bevis", append(command, wallet...)...))
	})
}

func each(ts *testscript.TestScript, neg bool, args []string, do func(n int, wallet, rest []string)) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: COMMAND FROM TO ARG...")
	}
	from, err := strconv.Atoi(args[0])
	ts.Check(err)
	to, err := strconv.Atoi(args[1])
	ts.Check(err)
	for n := from; n <= to; n++ {
		do(n, []string{fmt.Sprintf("--wallet=people/%d.bevis", n), "--recovery-words-file=words.txt"}, args[2:])
	}
}
