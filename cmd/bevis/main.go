// Command bevis issues, keeps, shares and verifies digital competence
// credentials. See package internal/cli.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"

	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/internal/cli"
	"github.com/kompetansebevis/bevis/internal/nodump"
)

func main() { os.Exit(run(0, nil)) }

// run runs the command. passphraseWork is zero and the keyring that of the
// system but in tests.
func run(passphraseWork int, keyring app.Keyring) int {
	nodump.Disable()
	// With it, age's package shows on Stderr what it tells a plugin and hears from
	// it: keys.
	_ = os.Unsetenv("AGEDEBUG") // it cannot fail with that name
	// What a run needs at once is little beside what it throws away. Memory that
	// is never touched, and so takes no place, counts as in use: then garbage is
	// collected when about as much as this has piled up, however little is in use,
	// which saves a fifth of the time. A lower frequency by GOGC would multiply
	// what is in use instead, such as the names in a large folder.
	if os.Getenv("GOGC") == "" {
		untouched := make([]byte, 16<<20)
		defer runtime.KeepAlive(untouched)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// The first signal asks the run to end; a second one ends it, also while it
	// waits for what does not come, such as a pipe that nobody writes to.
	context.AfterFunc(ctx, stop)
	return cli.Run(ctx, cli.Env{
		Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Getenv: os.Getenv, Now: time.Now, Home: cli.DefaultHome(), Terminal: cli.SystemTerminal(ctx.Done()), Columns: cli.SystemColumns,
		PassphraseWork: passphraseWork, Keyring: keyring,
	})
}
