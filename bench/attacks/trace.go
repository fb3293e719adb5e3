package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// trace runs the command under strace, which writes to the runner's log. A
// system call with a question mark may be missing on this processor.
func (r runner) trace(ctx context.Context, args []string) error {
	args = append([]string{"-f", "-s", "4096", "-o", r.log, "-e", "trace=%network,?open,?creat,openat,?openat2", "--", r.program}, args...)
	out, err := r.command(ctx, r.strace, args...).Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return err
	}
	if len(out) == 0 {
		if err == nil {
			return errors.New("strace: the command said nothing")
		}
		return fmt.Errorf("strace: %w: %s", err, exit.Stderr)
	}
	return nil
}

// given are the files that bevis was given for an entry, and the proof from a
// log that may lie beside the input.
func (e entry) given(folder string) []string {
	file := filepath.Join(folder, e.File)
	files := []string{file, file + ".tlog-proof"}
	for _, list := range e.Options.StatusLists {
		files = append(files, filepath.Join(folder, list))
	}
	return files
}

// sightings counts what was seen of all runs together.
type sightings struct {
	runs, calls, given, kept int
	system                   map[string]int // by path
	connected                []string       // inputs for which a call of the network was made
}

// read counts what is in the log of the run on an entry, and returns what must
// not be there.
func (s *sightings) read(r runner, e entry, folder string) (bad []string, err error) {
	text, err := os.ReadFile(r.log)
	if err != nil {
		return nil, err
	}
	s.runs++
	before, given := s.calls, e.given(folder)
	call := regexp.MustCompile(`^\d+\s+(\w+)\(([^"]*"([^"]*)")?`)
	for line := range strings.Lines(string(text)) {
		m := call.FindStringSubmatch(line)
		switch {
		case m == nil: // a signal, the end of a process or of a call that began above
		case !strings.HasPrefix(m[1], "open") && m[1] != "creat":
			s.calls++
			if !r.online {
				bad = append(bad, e.File+": "+strings.TrimSpace(line))
			}
		case slices.Contains(given, m[3]):
			s.given++
		case strings.HasPrefix(m[3], r.home+string(filepath.Separator)):
			s.kept++ // copies of what was fetched
		case r.ofSystem(m[3]):
			s.system[m[3]]++
		default:
			bad = append(bad, e.File+": opens "+m[3])
		}
	}
	if s.calls > before {
		s.connected = append(s.connected, e.File)
	}
	return bad, nil
}

// ofSystem tells the files that Go asks about the machine, and the terminal;
// before a connection, also those that tell where names are looked up.
func (r runner) ofSystem(path string) bool {
	return strings.HasPrefix(path, "/proc/") || strings.HasPrefix(path, "/sys/") || path == "/dev/tty" || path == "/dev/null" || path == "/etc/localtime" ||
		r.online && slices.Contains([]string{"/etc/resolv.conf", "/etc/nsswitch.conf", "/etc/hosts", "/etc/ssl/certs/ca-certificates.crt"}, path)
}

func (s *sightings) tell(w io.Writer) {
	fmt.Fprintf(w, "\nUnder strace: %d runs, %d calls of the network", s.runs, s.calls)
	if len(s.connected) > 0 {
		fmt.Fprintf(w, " for %s", strings.Join(s.connected, ", "))
	}
	fmt.Fprintf(w, ". Files opened: %d that were given, %d of the command's own folder, and of the system:\n\n", s.given, s.kept)
	for _, path := range slices.Sorted(maps.Keys(s.system)) {
		fmt.Fprintf(w, "- %s (%d)\n", path, s.system[path])
	}
}
