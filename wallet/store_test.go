package wallet_test

import (
	"path/filepath"
	"testing"

	"github.com/kompetansebevis/bevis/bevistest"
	"github.com/kompetansebevis/bevis/wallet"
)

func TestStores(t *testing.T) {
	t.Parallel()
	t.Run("memory", func(t *testing.T) {
		bevistest.TestStore(t, func(*testing.T) wallet.Store { return &wallet.MemoryStore{} })
	})
	t.Run("file", func(t *testing.T) {
		bevistest.TestStore(t, func(t *testing.T) wallet.Store { return wallet.NewFileStore(filepath.Join(t.TempDir(), "kari.bevis")) })
	})
}
