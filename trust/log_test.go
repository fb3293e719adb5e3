package trust_test

import (
	"bytes"
	"crypto/ed25519"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/logproof"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
)

// at is when the policies of these tests are asked.
var at = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

func logKey(t testing.TB, name string, seed byte) logproof.Key {
	t.Helper()
	k, err := logproof.NewKey(name, ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, 32)).Public().(ed25519.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// TestLogs: a log is known for the issuers that its block names, and required of
// those alone; it never vouches.
func TestLogs(t *testing.T) {
	t.Parallel()
	a, b := logKey(t, "a.example/log", 1), logKey(t, "b.example/log", 2)
	const one, other = "did:web:a.example", "did:web:b.example"
	p := parse(t, "bevis-trust 1\nlog "+a.String()+"\n  issuer "+one+"\n  required\n  within 2d\nissuer "+other+"\nlog "+b.String()+"\n")
	for issuer, want := range map[string]struct {
		names    string
		required bool
	}{one: {"a.example/log", true}, other: {"b.example/log", false}} {
		logs, required := p.LogsOf(issuer)
		var names []string
		for _, l := range logs {
			names = append(names, l.Key.Name)
		}
		if strings.Join(names, " ") != want.names || required != want.required {
			t.Errorf("%s: %v %v", issuer, names, required)
		}
	}
	if p.Logs[0].Within != 48*time.Hour {
		t.Error(p.Logs[0].Within)
	}
	if d, err := p.Decide(t.Context(), trust.Query{Issuer: one, At: at}); err != nil || d.Trusted {
		t.Errorf("a log vouches: %+v %v", d, err)
	}
}

// TestLogLines: the text that is written is read as the same, and what could be
// read as another limit is refused.
func TestLogLines(t *testing.T) {
	t.Parallel()
	k := logKey(t, "a.example/log", 1)
	p := trust.Empty()
	p, err := p.AddLog(trust.Log{Key: k, Issuers: []string{"did:web:a.example"}, Required: true, Within: 24 * time.Hour}, "t")
	if err != nil {
		t.Fatal(err)
	}
	seen := trust.Seen{At: at, Size: 7, Root: logproof.Hash{1}}
	if p, err = p.See(k, seen, "t"); err != nil {
		t.Fatal(err)
	}
	if again, err := p.See(k, trust.Seen{At: at.Add(time.Hour), Size: 7, Root: seen.Root}, "t"); err != nil || again != p {
		t.Errorf("seen twice: %v", err)
	}
	got := parse(t, string(p.Text())).Logs[0]
	if !got.Required || got.Within != 24*time.Hour || got.Issuers[0] != "did:web:a.example" || got.Key.String() != k.String() || len(got.Seen) != 1 ||
		!got.Seen[0].At.Equal(at) || got.Seen[0].Size != 7 || got.Seen[0].Root != seen.Root {
		t.Errorf("%+v", got)
	}
	if _, err := p.AddLog(trust.Log{Key: k}, "t"); reason.CodeOf(err) != "conflict/trusted" {
		t.Errorf("added twice: %v", err)
	}
	if _, err := p.AddLog(trust.Log{Key: logKey(t, "b", 2), Issuers: []string{"did:web:b\n  required"}}, "t"); err == nil {
		t.Error("a line is smuggled in")
	}
	if _, err := trust.Empty().See(k, seen, "t"); reason.CodeOf(err) != reason.NotFound {
		t.Errorf("seen of an unknown log: %v", err)
	}
	p, err = p.Remove("a.example/log", "t")
	if err != nil || len(p.Logs) != 0 || strings.Contains(string(p.Text()), "log") {
		t.Errorf("%v\n%s", err, p.Text())
	}
	for _, bad := range []string{
		"log x\n", "log\n", "log " + k.String() + "\n  required\n", "log " + k.String() + "\n  required yes\n", "log " + k.String() + "\n  issuer\n",
		"log " + k.String() + "\n  issuer a\n", "log " + k.String() + "\n  issuer did:web:a\n  issuer did:web:a\n", "log " + k.String() + "\n  within 2d\n  within 3d\n",
		"log " + k.String() + "\n  within soon\n", "log " + k.String() + "\n  witness " + k.String() + "\n", "log " + k.String() + "\n  name x\n",
		"log " + k.String() + "\nlog " + k.String() + "\n", "log " + k.String() + "\n  seen 2026-01-01T00:00:00Z 1\n",
		"log " + k.String() + "\n  seen 2026-01-01T00:00:00Z 01 AAAA\n", "log " + k.String() + "\n  seen 2026-01-01T00:00:00Z 1 AAAA\n",
		"log " + k.String() + "\n  seen today 1 AAAA\n",
	} {
		if _, err := trust.Parse([]byte("bevis-trust 1\n"+bad), "t"); reason.CodeOf(err) != "malformed/trust-policy" {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
