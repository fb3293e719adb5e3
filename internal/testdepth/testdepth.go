package testdepth

import (
	"os"
	"testing"
)

// Thorough reports whether nothing is to be left out.
func Thorough() bool { return os.Getenv("BEVIS_THOROUGH") == "1" }

// Part returns how many of something a test takes: all of them if it is to be
// thorough, and else a part.
func Part(t testing.TB, all, part int) int {
	t.Helper()
	if Thorough() {
		return all
	}
	t.Logf("%d where BEVIS_THOROUGH=1 takes %d", part, all)
	return part
}

// OneIn returns the step at which a test goes through a list: 1 if it is to be
// thorough, and else n. A prime meets every kind of what comes in turn.
func OneIn(t testing.TB, n int) int {
	t.Helper()
	if Thorough() {
		return 1
	}
	t.Logf("one in %d: BEVIS_THOROUGH=1 takes all", n)
	return n
}
