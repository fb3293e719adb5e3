package cli

import (
	"os"
	"path/filepath"
	"runtime"
)

// DefaultHome returns the folder in which the system wants a program to keep a
// user's data, empty if it cannot be told.
func DefaultHome() string {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		folder, err := os.UserConfigDir() // %AppData%, ~/Library/Application Support
		if err != nil {
			return ""
		}
		return filepath.Join(folder, "bevis")
	}
	if folder := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(folder) {
		return filepath.Join(folder, "bevis")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	return filepath.Join(home, ".local", "share", "bevis")
}
