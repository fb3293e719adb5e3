// Command bevis issues, keeps, shares and verifies digital competence
// credentials. See package internal/cli.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/kompetansebevis/bevis/internal/cli"
)

func main() { os.Exit(run(0)) }

// run runs the command. passphraseWork is zero but in tests.
func run(passphraseWork int) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return cli.Run(ctx, cli.Env{
		Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Getenv: os.Getenv, Now: time.Now, Home: cli.DefaultHome(), Terminal: cli.SystemTerminal(),
		PassphraseWork: passphraseWork,
	})
}
