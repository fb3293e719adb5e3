package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "write what the command prints into the scripts' golden files")

// TestMain makes the scripts' command the real one, but for passphrases that
// take no second to try: the scripts make many wallets. What they start waits for
// the disk half of its time, so more of them run at once than there are processors,
// unless -parallel says how many.
func TestMain(m *testing.M) {
	if err := flag.Set("test.parallel", strconv.Itoa(2*runtime.GOMAXPROCS(0))); err != nil {
		panic(err)
	}
	testscript.Main(m, map[string]func(){"bevis": func() { os.Exit(watched()) }, "age-plugin-pet": func() { os.Exit(petPlugin()) }, "signer-test": func() { os.Exit(signerProgram()) }})
}

// TestScripts runs the command as its users do, one script for each of them
// and each subject, with the exit codes that are promised.
func TestScripts(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("scripts start one process each: nothing for a short run")
	}
	fixed, err := filepath.Abs(filepath.Join("testdata", "fixed"))
	if err != nil {
		t.Fatal(err)
	}
	pages, err := filepath.Abs(filepath.Join("..", "..", "examples", "catalogue", "pages"))
	if err != nil {
		t.Fatal(err)
	}
	issued := statuses(t)
	empty := emptySchema(t, "moved_books")
	testscript.Run(t, testscript.Params{
		Dir:           filepath.Join("testdata", "script"),
		UpdateScripts: *update,
		Setup: func(e *testscript.Env) error {
			e.Setenv("BEVIS_HOME", filepath.Join(e.WorkDir, "home"))
			e.Setenv("BEVIS_LANG", "en")
			e.Setenv("TZ", "UTC") // whatever the clock of who runs it says
			e.Setenv("FIXED", fixed)
			e.Setenv("PAGES", pages)
			e.Setenv("STATUSES", issued)
			e.Setenv("POSTGRES", os.Getenv("BEVIS_POSTGRES")) // see make postgres
			e.Setenv("EMPTY", empty)
			e.Setenv("GOGC", "400") // of thousands of processes that end at once, a sixth is collecting garbage
			return nil
		},
		Condition: func(name string) (bool, error) {
			if name != "postgres" {
				return false, fmt.Errorf("there is no condition %q", name)
			}
			return os.Getenv("BEVIS_POSTGRES") != "", nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			// code N COMMAND… runs a command that must end with exit code N.
			"code": func(ts *testscript.TestScript, neg bool, args []string) {
				if neg || len(args) < 2 {
					ts.Fatalf("usage: code N command [args...]")
				}
				want, err := strconv.Atoi(args[0])
				ts.Check(err)
				got := 0
				err = ts.Exec(args[1], args[2:]...)
				if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
					got = exit.ExitCode()
				} else {
					ts.Check(err)
				}
				if got != want {
					ts.Fatalf("exit code %d, want %d", got, want)
				}
			},
			"carry":      carry,
			"pick":       pick,
			"edit":       edit,
			"people":     people,
			"give":       give,
			"await":      await,
			"conform":    conform,
			"ask":        ask,
			"review":     review,
			"attack":     attack,
			"forge":      forge,
			"tear":       tear,
			"cached":     cached,
			"contents":   contents,
			"sign":       sign,
			"withdrawal": withdrawal,
			"list":       list,
			"agekey":     agekey,
			"pause":      pause,
			"freeport":   freeport,
			"call":       call,
		},
	})
}
