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

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := cli.Run(ctx, cli.Env{
		Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Getenv: os.Getenv, Now: time.Now, Home: cli.DefaultHome(), Terminal: cli.SystemTerminal(),
	})
	stop()
	os.Exit(code)
}
