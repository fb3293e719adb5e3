// Command bevis issues, keeps, shares and verifies digital competence
// credentials. See package internal/cli.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/kompetansebevis/bevis/internal/cli"
)

func main() { os.Exit(run(0)) }

// run runs the command. passphraseWork is zero but in tests.
func run(passphraseWork int) int {
	// What a run needs at once is little beside what it throws away: to collect
	// it less often costs some megabytes and saves a fifth of the time.
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return cli.Run(ctx, cli.Env{
		Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Getenv: os.Getenv, Now: time.Now, Home: cli.DefaultHome(), Terminal: cli.SystemTerminal(),
		PassphraseWork: passphraseWork,
	})
}
