package cli

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/reason"
)

func (s *session) demoCommand() *cobra.Command {
	keep := false
	c := s.leaf("demo", "demo", 0, 0, nil, func(ctx context.Context, _ []string) error {
		folder, err := os.MkdirTemp("", "bevis-demo-")
		if err != nil {
			return reason.New(reason.IO, os.TempDir(), "no temporary folder could be made: %w", err)
		}
		if keep {
			s.note("demo.kept", folder)
		} else {
			defer func() { _ = os.RemoveAll(folder) }() // the system clears it otherwise
		}
		d := &demo{s: s, folder: folder}
		d.run(ctx)
		return d.err
	})
	c.Flags().BoolVar(&keep, "keep", false, s.t("flag.keep"))
	return c
}

// demo tells the story of one credential, with the same commands that its
// users type, in a folder of its own and without any connection. The first
// error ends it.
type demo struct {
	s      *session
	folder string
	err    error
}

const (
	demoStatus   = "https://kursstedet.example/status/"
	demoList     = demoStatus + "revocation-1.json"
	demoAudience = "https://verkstedet.example"
	// Skills of ESCO: arc welding, and the use of welding equipment.
	demoSkill = "http://data.europa.eu/esco/skill/27d26fd6-5795-4f0a-884e-112df7c68314"
	demoOther = "http://data.europa.eu/esco/skill/2fcd95a4-1f9a-41cf-95a9-4701bde476b4"
)

// run is the story. The steps and their exit codes stand here alone; the words
// between them are in internal/i18n.
func (d *demo) run(ctx context.Context) {
	d.say("demo.intro")
	// Kari's passphrase stands in a file only because nobody is asked here.
	d.write("passphrase.txt", []byte(rand.Text()))
	d.write("logo.svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><circle cx="32" cy="32" r="30" fill="#0b5"/></svg>`))
	d.say("demo.provider")
	issuer := d.id(d.bevis(ctx, "kursstedet", 0, quiet, "issuer", "init", "--name", "Kursstedet AS", "--status-base", demoStatus, "--json"), "id")
	d.bevis(ctx, "kursstedet", 0, whole, "achievement", "new", "--name", "Grunnkurs i sveising", "--description", "Lysbuesveising, 40 timer / arc welding, 40 hours",
		"--criteria", "Praktisk prøve / practical test", "--id", "https://kursstedet.example/sveising", "--slug", "sveising",
		"--skill", "lysbuesveising="+demoSkill, "--skill", "bruke sveiseutstyr="+demoOther)

	d.say("demo.citizen-wallet")
	d.line("  $ export BEVIS_WALLET=kari.bevis BEVIS_PASSPHRASE_FILE=passphrase.txt")
	kari := d.id(d.bevis(ctx, "kari", 0, quiet, "wallet", "init", "--recovery-words-to", d.path("recovery-words.txt"), "--json"), "id")

	d.say("demo.issue")
	d.bevis(ctx, "kursstedet", 0, quiet, "credential", "issue", "sveising", "--to", kari, "-o", d.path("bevis.json"))
	d.bevis(ctx, "kursstedet", 0, quiet, "credential", "bake", d.path("bevis.json"), d.path("logo.svg"), "-o", d.path("bevis.svg"))
	d.bevis(ctx, "kursstedet", 0, quiet, "issuer", "publish", d.path("web"))
	list := demoList + "=" + d.path("web", "status", "revocation-1.json")

	d.say("demo.keep")
	d.bevis(ctx, "kari", 0, whole, "wallet", "add", d.path("bevis.svg"), "--issuer", issuer, "--status-list", list)
	item := d.item(d.bevis(ctx, "kari", 0, quiet, "wallet", "list", "--json"))
	d.bevis(ctx, "kari", 0, quiet, "wallet", "share", item, "--audience", demoAudience, "--purpose", "jobbsøknad", "--expires", "30d", "-o", d.path("deling.json"))
	d.bevis(ctx, "kari", 0, whole, "wallet", "log")

	d.say("demo.learn")
	d.bevis(ctx, "kari", 0, quiet, "trust", "add", issuer, "--name", "Kursstedet AS")
	d.bevis(ctx, "kari", 0, quiet, "catalogue", "import", "--example")
	d.bevis(ctx, "kari", 0, whole, "profile", "gap", "--goal", "sveiser", "--offline")
	d.bevis(ctx, "kari", 0, whole, "recommend", "--goal", "sveiser", "--limit", "2", "--explain", "--max-price", "10000", "--fact", "person.employed=true", "--offline")

	d.say("demo.employer")
	d.bevis(ctx, "verkstedet", 0, quiet, "trust", "add", issuer, "--name", "Kursstedet AS")
	verify := []string{"verify", "--offline", "--audience", demoAudience, "--require-holder-binding"}
	current := append(verify, "--status-list", list)
	d.bevis(ctx, "verkstedet", 0, whole, append(current, d.path("deling.json"))...)

	d.say("demo.tampered")
	d.write("forfalsket.json", bytes.Replace(d.read("bevis.json"), []byte("Grunnkurs"), []byte("Mesterkurs"), 1))
	d.bevis(ctx, "verkstedet", 3, head, "verify", "--offline", "--status-list", list, d.path("forfalsket.json"))

	d.say("demo.unknown")
	d.bevis(ctx, "ukjent", 0, quiet, "issuer", "init", "--name", "Kursstedet AS")
	d.bevis(ctx, "ukjent", 0, quiet, "achievement", "new", "--name", "Mesterkurs i sveising", "--description", "–", "--criteria", "–", "--id", "https://kursstedet.example/mester", "--slug", "mester")
	d.bevis(ctx, "ukjent", 0, quiet, "credential", "issue", "mester", "--to", kari, "-o", d.path("ukjent.json"))
	d.bevis(ctx, "verkstedet", 5, head, "verify", "--offline", d.path("ukjent.json"))

	d.say("demo.away")
	d.bevis(ctx, "verkstedet", 4, head, append(verify, d.path("deling.json"))...)

	d.say("demo.revoke")
	d.bevis(ctx, "kursstedet", 0, quiet, "credential", "revoke", d.path("bevis.json"), "--reason", "feil kurs / wrong course")
	d.bevis(ctx, "kursstedet", 0, quiet, "issuer", "publish", d.path("web"))
	d.bevis(ctx, "verkstedet", 3, head, append(current, d.path("deling.json"))...)
	d.say("demo.end")
}

func (d *demo) path(elem ...string) string {
	return filepath.Join(append([]string{d.folder}, elem...)...)
}

func (d *demo) write(name string, data []byte) {
	if d.err == nil {
		d.err = app.WriteFile(d.path(name), data, true, true)
	}
}

func (d *demo) read(name string) []byte {
	if d.err != nil {
		return nil
	}
	var raw []byte
	raw, d.err = app.ReadFile(d.path(name))
	return raw
}

func (d *demo) say(key string) { d.line("\n" + d.s.t(key) + "\n") }

func (d *demo) line(text string) {
	if d.err == nil {
		d.err = d.s.print([]byte(text + "\n"))
	}
}

// How much of a command's output the story shows.
type shown int

const (
	quiet shown = iota // the command alone
	head               // the verdict and its reason
	whole
)

// bevis runs a command as one of the people would and shows it. It returns
// what it wrote to standard output. Another exit code than the story tells of
// ends the story: it would no longer be true.
func (d *demo) bevis(ctx context.Context, who string, want int, how shown, args ...string) []byte {
	if d.err != nil {
		return nil
	}
	var out, errs bytes.Buffer
	env := d.s.env
	env.Args, env.Stdout, env.Stderr, env.Terminal = args, &out, &errs, nil
	env.Getenv = func(name string) string {
		return map[string]string{"BEVIS_HOME": d.path(who), "BEVIS_LANG": d.s.p.Lang(),
			"BEVIS_WALLET": d.path("kari.bevis"), "BEVIS_PASSPHRASE_FILE": d.path("passphrase.txt")}[name]
	}
	code := Run(ctx, env)
	if ctx.Err() != nil {
		d.err = reason.Wrap(reason.Canceled, "", ctx.Err())
		return nil
	}
	var b strings.Builder
	b.WriteString("  $ bevis")
	for _, arg := range args {
		b.WriteByte(' ')
		b.WriteString(d.quoted(arg))
	}
	b.WriteByte('\n')
	lines := strings.Split(strings.TrimRight(out.String(), "\n"), "\n")
	if how == head {
		lines = lines[:min(3, len(lines))]
	}
	if how != quiet {
		for _, line := range lines {
			b.WriteString("    " + d.brief(line) + "\n")
		}
	}
	if want != 0 {
		b.WriteString("    " + d.s.t("demo.exit-code", code) + "\n")
	}
	if d.err = d.s.print([]byte(b.String())); d.err != nil {
		return nil
	}
	if code != want {
		d.err = reason.New("internal/demo", strings.Join(args[:min(2, len(args))], " "), "the exit code is %d and not %d: %s", code, want, errs.String())
	}
	return out.Bytes()
}

// brief drops the temporary folder from a line, and the inner part of keys
// and of long lines, which nobody reads.
func (d *demo) brief(line string) string {
	line = strings.ReplaceAll(line, d.folder+string(filepath.Separator), "")
	line = regexp.MustCompile(`(did:key:z6Mk\w{4})\w+`).ReplaceAllString(line, "$1…")
	if r := []rune(line); len(r) > 160 {
		return string(r[:159]) + "…"
	}
	return line
}

// quoted writes an argument as one would type it.
func (d *demo) quoted(arg string) string {
	arg = d.brief(arg)
	arg = strings.ReplaceAll(arg, demoList, "URL")
	if strings.ContainsAny(arg, " \"'()") {
		return `"` + arg + `"`
	}
	return arg
}

// id takes a member out of a command's JSON.
func (d *demo) id(raw []byte, member string) string {
	var out map[string]any
	if d.err == nil {
		d.err = reason.Wrap(reason.Internal, "", json.Unmarshal(raw, &out))
	}
	id, _ := out[member].(string)
	return id
}

// item takes the first credential's id out of "wallet list --json".
func (d *demo) item(raw []byte) string {
	var out struct {
		Credentials []struct {
			ID string `json:"id"`
		} `json:"credentials"`
	}
	if d.err == nil {
		d.err = reason.Wrap(reason.Internal, "", json.Unmarshal(raw, &out))
	}
	if len(out.Credentials) == 0 {
		return ""
	}
	return out.Credentials[0].ID
}
