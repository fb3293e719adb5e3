package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

const log = `100 openat(AT_FDCWD, "/proc/self/cgroup", O_RDONLY|O_CLOEXEC) = 3
100 --- SIGURG {si_signo=SIGURG, si_code=SI_TKILL, si_pid=100, si_uid=0} ---
101 openat(AT_FDCWD, "/in/a.json", O_RDONLY|O_CLOEXEC <unfinished ...>
100 openat(AT_FDCWD, "/in/list.json", O_RDONLY|O_CLOEXEC) = 5
101 <... openat resumed>) = 4
101 openat(AT_FDCWD, "/h/cache/1.copy", O_RDONLY|O_CLOEXEC) = -1 ENOENT (No such file or directory)
101 open("/in/b.json", O_RDONLY) = 6
101 openat(AT_FDCWD, "/home/kari/secret", O_RDONLY|O_CLOEXEC) = -1 EACCES (Permission denied)
101 socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC|SOCK_NONBLOCK, IPPROTO_IP) = 7
101 connect(7, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("192.0.2.1")}, 16) = -1 EINPROGRESS (Operation now in progress)
100 +++ exited with 0 +++
`

// TestSightings reads a log in which two files are opened that are nobody's, and
// a connection is made.
func TestSightings(t *testing.T) {
	r := runner{home: "/h", log: filepath.Join(t.TempDir(), "strace")}
	if err := os.WriteFile(r.log, []byte(log), 0o600); err != nil {
		t.Fatal(err)
	}
	e := entry{File: "a.json", Options: options{StatusLists: map[string]string{"https://kurs.example/1": "list.json"}}}
	for _, online := range []bool{false, true} {
		r.online = online
		s := &sightings{system: map[string]int{}}
		bad, err := s.read(r, e, "/in")
		if err != nil {
			t.Fatal(err)
		}
		if s.runs != 1 || s.calls != 2 || s.given != 2 || s.kept != 1 || s.system["/proc/self/cgroup"] != 1 || !slices.Equal(s.connected, []string{"a.json"}) {
			t.Errorf("counted %+v", s)
		}
		want := []string{"a.json: opens /in/b.json", "a.json: opens /home/kari/secret"}
		if !online {
			want = append(want, `a.json: 101 socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC|SOCK_NONBLOCK, IPPROTO_IP) = 7`,
				`a.json: 101 connect(7, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("192.0.2.1")}, 16) = -1 EINPROGRESS (Operation now in progress)`)
		}
		if !slices.Equal(bad, want) {
			t.Errorf("found %q, want %q", bad, want)
		}
	}
}
