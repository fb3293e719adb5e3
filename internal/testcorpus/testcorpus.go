package testcorpus

import (
	"os"
	"path/filepath"
	"testing"
)

// Path returns the path of a file or folder, given in parts with slashes.
func Path(t testing.TB, elem ...string) string {
	t.Helper()
	root := os.Getenv("BEVIS_CORPUS")
	if root == "" {
		root = beside(t)
	}
	path := filepath.Join(root, filepath.FromSlash(filepath.Join(elem...)))
	if _, err := os.Stat(path); err != nil {
		t.Skipf("no test corpus here: %s (BEVIS_CORPUS)", filepath.Join(elem...))
	}
	return path
}

// Read returns what is in a file.
func Read(t testing.TB, elem ...string) []byte {
	t.Helper()
	raw, err := os.ReadFile(Path(t, elem...))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// beside looks up from the test's folder for the repository's root.
func beside(t testing.TB) string {
	t.Helper()
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return filepath.Join(filepath.Dir(folder), "shared", "corpus")
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			t.Skip("no test corpus here (BEVIS_CORPUS)")
		}
		folder = parent
	}
}
