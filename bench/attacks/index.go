package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/kompetansebevis/bevis/internal/attacks"
)

// index names inputs, and what must be answered to each.
type index struct {
	About   string  `json:"about"`
	Entries []entry `json:"entries"`
}

type entry struct {
	File       string   `json:"file"`
	Kind       string   `json:"kind,omitempty"` // "support" is a status list, which is not judged
	Attack     string   `json:"attack"`
	Note       string   `json:"note"`
	Expect     string   `json:"expect"`               // accept, reject, warn: accept, with the warning that is the reason
	Strictness string   `json:"strictness,omitempty"` // of a refusal: must, or policy
	Reason     string   `json:"reason,omitempty"`
	ReasonAlso []string `json:"reasonAlso,omitempty"` // these are right as well
	Options    options  `json:"options"`
}

type options struct {
	Trusted     []string          `json:"trustedIssuers"`
	At          time.Time         `json:"time"`
	Audience    string            `json:"audience,omitempty"`
	Challenge   string            `json:"nonce,omitempty"`
	Holder      bool              `json:"requireHolderBinding,omitempty"`
	KeyBinding  bool              `json:"requireKeyBinding,omitempty"`
	StatusLists map[string]string `json:"statusLists,omitempty"` // files by URL
}

// about says how an index is to be read.
const about = "Bad inputs for a verifier, and controls that are valid. Judge each as of time, trusting trustedIssuers, with the other options of the entry. " +
	"expect: accept, reject, or warn, which is to accept and to show with care. reason is the main coarse code, reasonAlso are right too."

// write makes the cases of internal/attacks anew in a folder.
func write(ctx context.Context, folder string) error {
	cases, err := attacks.All(ctx)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	all := index{About: about}
	for _, c := range cases {
		e := entry{File: c.File(), Attack: c.Row, Note: c.What, Options: options{At: attacks.At(), Trusted: c.Trusted,
			Audience: c.Audience, Challenge: c.Challenge, Holder: c.Holder, StatusLists: map[string]string{}}}
		switch {
		case !c.Valid():
			e.Expect, e.Strictness = "reject", "must"
		case len(c.Want) > 0:
			e.Expect = "warn"
		default:
			e.Expect = "accept"
		}
		if len(c.Want) > 0 {
			e.Reason, e.ReasonAlso = c.Want[0], c.Want[1:]
		}
		files := map[string][]byte{c.File(): c.Raw}
		for url, list := range c.StatusLists {
			name := "list-" + c.File()
			files[name], e.Options.StatusLists[url] = list, name
		}
		for name, raw := range files {
			if err := os.WriteFile(filepath.Join(folder, name), raw, 0o644); err != nil {
				return err
			}
		}
		all.Entries = append(all.Entries, e)
	}
	text, err := json.MarshalIndent(all, "", " ")
	if err != nil {
		return err
	}
	fmt.Println(len(cases), "inputs in", folder)
	return os.WriteFile(filepath.Join(folder, "index.json"), append(text, '\n'), 0o644)
}

// readIndex returns the entries of a folder that are to be judged.
func readIndex(folder string) ([]entry, error) {
	text, err := os.ReadFile(filepath.Join(folder, "index.json"))
	if err != nil {
		return nil, err
	}
	var all index
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, fmt.Errorf("index.json: %w", err)
	}
	entries := slices.DeleteFunc(all.Entries, func(e entry) bool { return e.Kind == "support" })
	if len(entries) == 0 {
		return nil, fmt.Errorf("%s names nothing to judge", filepath.Join(folder, "index.json"))
	}
	return entries, nil
}

// arguments are those by which bevis judges an entry as its index asks for.
func (e entry) arguments(folder string, online bool) []string {
	args := []string{"verify", "--json", "--at", e.Options.At.Format(time.RFC3339)}
	if !online {
		args = append(args, "--offline")
	}
	for _, did := range e.Options.Trusted {
		args = append(args, "--issuer", did)
	}
	for url, file := range e.Options.StatusLists {
		args = append(args, "--status-list", url+"="+filepath.Join(folder, file))
	}
	if e.Options.Audience != "" {
		args = append(args, "--audience", e.Options.Audience)
	}
	if e.Options.Challenge != "" {
		args = append(args, "--challenge", e.Options.Challenge)
	}
	if e.Options.Holder || e.Options.KeyBinding {
		args = append(args, "--require-holder-binding")
	}
	return append(args, filepath.Join(folder, e.File))
}
