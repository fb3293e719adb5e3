package app

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/kompetansebevis/bevis/internal/atomicfile"
	"github.com/kompetansebevis/bevis/reason"
)

// alone calls f while no other process, and nobody else in this one, changes what
// the lock is for: who reads it, changes it and writes it does so in turn, and
// what several do at once is all there afterwards. It waits as long as ctx lasts.
// Nothing that f calls may ask for the same lock.
func (a *App) alone(ctx context.Context, lock string, f func() error) error {
	path := a.path(lock)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return reason.New(reason.IO, filepath.Dir(path), "%w", bare(err))
	}
	unlock, err := atomicfile.Lock(ctx, path)
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return reason.New("conflict/locked", path, "another process holds it: %w", err)
	case err != nil:
		return reason.New(reason.IO, path, "%w", bare(err))
	}
	defer unlock()
	return f()
}

// What is changed in turn, and by which file.
const (
	setupLock       = "issuer/setup.lock"        // issuer.json, which keys there are, and how pages look
	definitionsLock = "issuer/achievements.lock" // all definitions, since one names another
)

// changing calls f, which reads the set-up of the issuer, changes it and keeps it,
// while nobody else does.
func (a *App) changing(ctx context.Context, f func() error) error {
	if _, err := a.IssuerShow(); err != nil { // no folder is made for a lock on nothing
		return err
	}
	return a.alone(ctx, setupLock, f)
}
