// Command attacks writes the bad inputs of internal/attacks, and the controls
// beside them, as files, with an index of what must be answered: for trying
// another verifier on them.
//
//	go run ./bench/attacks -o folder
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/kompetansebevis/bevis/internal/attacks"
)

type entry struct {
	File        string            `json:"file"`
	Attack      string            `json:"attack"`
	What        string            `json:"what"`
	Valid       bool              `json:"valid"`
	Reasons     []string          `json:"reasons,omitempty"` // that are right, the best first
	At          time.Time         `json:"time"`
	Trusted     []string          `json:"trustedIssuers"`
	Audience    string            `json:"audience,omitempty"`
	Challenge   string            `json:"challenge,omitempty"`
	Holder      bool              `json:"requireHolderBinding,omitempty"`
	StatusLists map[string]string `json:"statusLists,omitempty"` // files by URL
}

func main() {
	folder := flag.String("o", "", "the folder to write to")
	flag.Parse()
	if err := run(*folder); err != nil {
		fmt.Fprintln(os.Stderr, "attacks:", err)
		os.Exit(1)
	}
}

func run(folder string) error {
	if folder == "" {
		return fmt.Errorf("name a folder with -o")
	}
	cases, err := attacks.All(context.Background())
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	var index []entry
	for _, c := range cases {
		e := entry{File: c.File(), Attack: c.Row, What: c.What, Valid: c.Valid(), Reasons: c.Want, At: attacks.At(), Trusted: c.Trusted,
			Audience: c.Audience, Challenge: c.Challenge, Holder: c.Holder, StatusLists: map[string]string{}}
		files := map[string][]byte{c.File(): c.Raw}
		for url, list := range c.StatusLists {
			name := "list-" + c.File()
			files[name], e.StatusLists[url] = list, name
		}
		for name, raw := range files {
			if err := os.WriteFile(filepath.Join(folder, name), raw, 0o644); err != nil {
				return err
			}
		}
		index = append(index, e)
	}
	text, err := json.MarshalIndent(index, "", " ")
	if err != nil {
		return err
	}
	fmt.Println(len(cases), "inputs in", folder)
	return os.WriteFile(filepath.Join(folder, "index.json"), append(text, '\n'), 0o644)
}
