//go:build !linux

package atomicfile

// syncFileSystem is not to be had here.
func syncFileSystem(string) (bool, error) { return false, nil }
