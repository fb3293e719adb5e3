package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/credential/proof/suites"
	"github.com/kompetansebevis/bevis/issuer"
)

// issuers is how many sign the credentials, each with a status list.
const issuers = 16

// workload is what was made: the words by which bevis verifies it.
type workload struct {
	Issuers []string          `json:"issuers"`
	Lists   map[string]string `json:"lists"` // URL to file
	Bytes   int               `json:"bytes"` // of one credential
}

// noteName is the file in a folder that says that all of it was made.
const noteName = "workload.json"

// prepare makes n credentials in a folder, unless they were made before.
func prepare(ctx context.Context, folder string, n int) error {
	note := filepath.Join(folder, noteName)
	if _, err := os.Stat(note); err == nil {
		return nil
	}
	if err := os.MkdirAll(filepath.Join(folder, "files"), 0o700); err != nil {
		return err
	}
	set, err := suites.All()
	if err != nil {
		return err
	}
	suite, err := set.Suite(dataintegrity.EdDSARDFC2022)
	if err != nil {
		return err
	}
	out := &workload{Lists: map[string]string{}}
	var made []*issuer.Issuer
	for n := range issuers {
		private, err := key.Generate(key.Ed25519)
		if err != nil {
			return err
		}
		id, method, err := did.KeyID(private.Public())
		if err != nil {
			return err
		}
		i, err := issuer.New(issuer.Config{Profile: openbadge.Profile{ID: id, Name: fmt.Sprintf("Kursstedet %d", n+1)}, Signer: private.Signer(method),
			Suite: suite, Ledger: issuer.NewMemoryLedger(), Now: time.Now, StatusBase: fmt.Sprintf("https://kurs%d.example/status/", n+1)})
		if err != nil {
			return err
		}
		made, out.Issuers = append(made, i), append(out.Issuers, id)
	}
	if out.Bytes, err = issueAll(ctx, made, filepath.Join(folder, "files"), n); err != nil {
		return err
	}
	for n, i := range made {
		files, err := i.Publish(ctx)
		if err != nil {
			return err
		}
		for _, f := range files {
			if f.URL == "" {
				continue
			}
			name := filepath.Join(folder, fmt.Sprintf("list-%d-%s", n+1, filepath.Base(f.Path)))
			if err := os.WriteFile(name, f.Bytes, 0o600); err != nil {
				return err
			}
			out.Lists[f.URL] = name
		}
	}
	raw, err := json.Marshal(out)
	if err != nil {
		return err
	}
	return os.WriteFile(note, raw, 0o600)
}

// issueAll issues n credentials on all cores, and returns the size of one.
func issueAll(ctx context.Context, by []*issuer.Issuer, folder string, n int) (int, error) {
	var work sync.WaitGroup
	var once sync.Once
	var failed error
	size := make([]int, runtime.NumCPU())
	for w := range size {
		work.Go(func() {
			for k := w; k < n; k += len(size) {
				issued, err := by[k%len(by)].Issue(ctx, award(k))
				if err == nil {
					size[w] = len(issued.Credential)
					err = os.WriteFile(filepath.Join(folder, fmt.Sprintf("%06d.json", k)), issued.Credential, 0o600)
				}
				if err != nil {
					once.Do(func() { failed = err })
					return
				}
			}
		})
	}
	work.Wait()
	return size[0], failed
}

func award(n int) issuer.Award {
	return issuer.Award{
		Achievement: openbadge.Achievement{
			ID: "https://kurs.example/sveising", Name: "Grunnkurs i sveising", AchievementType: "Course",
			Description: strings.Repeat("Lysbuesveising på stål, med vekt på sikkerhet og kontroll. ", 10),
			Criteria:    &openbadge.Criteria{Narrative: strings.Repeat("Bestått praktisk prøve i tre stillinger. ", 6)},
			Alignment: []openbadge.Alignment{
				{TargetName: "sveise", TargetURL: "http://data.europa.eu/esco/skill/0b8f1d3c-1", TargetFramework: "ESCO"},
				{TargetName: "lese tekniske tegninger", TargetURL: "http://data.europa.eu/esco/skill/0b8f1d3c-2", TargetFramework: "ESCO"},
			},
		},
		Recipient: issuer.Recipient{Email: fmt.Sprintf("deltaker%d@example.com", n)},
		Narrative: fmt.Sprintf("Deltaker nummer %d fullførte kurset, med %d timer praksis.", n, 20+n%40),
		Evidence:  []openbadge.Evidence{{ID: fmt.Sprintf("https://kurs.example/arbeid/%d", n), Name: "Sveiseprøve"}},
	}
}
