package main

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/kompetansebevis/bevis/internal/jsonld"
	"github.com/kompetansebevis/bevis/internal/rdfc"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/issuer/ledger/sqlite"
)

const sample = 1000

// compare puts the time of a credential beside what any program must do for it,
// and beside what @digitalbazaar/vc needs to sign it, in memory both.
func compare(ctx context.Context, home string, each float64, peers string) error {
	ledger, err := sqlite.Open(ctx, filepath.Join(home, "issuer", "ledger.db"))
	if err != nil {
		return err
	}
	defer ledger.Close() // it was only read
	var docs []*strictjson.Value
	enough := errors.New("enough")
	err = ledger.Each(ctx, func(r issuer.Record) error {
		doc, err := strictjson.ParseObject(r.Credential, strictjson.Limits{})
		if err != nil {
			return err
		}
		if docs = append(docs, doc.Without("proof")); len(docs) == sample {
			return enough
		}
		return nil
	})
	if err != nil && !errors.Is(err, enough) {
		return err
	}
	best := time.Duration(1 << 62)
	for range 5 {
		d, err := floor(ctx, docs)
		if err != nil {
			return err
		}
		best = min(best, d)
	}
	least := float64(best.Nanoseconds()) / 1e3 / float64(len(docs))
	fmt.Printf("The floor (canonical RDF, SHA-256 and Ed25519, best of five times %d): %.0f µs; a credential of the last run took %.1f times as much.\n", len(docs), least, each/least)
	if peers == "" {
		return nil
	}
	theirs, err := digitalbazaar(ctx, peers, docs[0].Without("credentialStatus").AppendJSON(nil)) // which that package wants a checker for
	if err != nil {
		return err
	}
	fmt.Printf("@digitalbazaar/vc signs %d of them in %.0f µs each: %.1f times as long as bevis takes to read, check, sign, record and write one.\n", sample, theirs, theirs/each)
	return nil
}

// floor is how long it takes to canonicalize, hash and sign documents.
func floor(ctx context.Context, docs []*strictjson.Value) (time.Duration, error) {
	contexts, err := jsonld.Embedded()
	if err != nil {
		return 0, err
	}
	p, err := jsonld.New(jsonld.Config{Contexts: contexts})
	if err != nil {
		return 0, err
	}
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		return 0, err
	}
	one := func(doc *strictjson.Value) error {
		selections, err := p.Selections(doc)
		if err != nil {
			return err
		}
		text, _, err := p.Canonicalize(ctx, doc, selections[0], rdfc.SHA256)
		if err != nil {
			return err
		}
		options, document := sha256.Sum256(text[:256]), sha256.Sum256(text)
		ed25519.Sign(private, append(options[:], document[:]...))
		return nil
	}
	if err := one(docs[0]); err != nil { // contexts are compiled once
		return 0, err
	}
	began := time.Now()
	for _, doc := range docs {
		if err := one(doc); err != nil {
			return 0, err
		}
	}
	return time.Since(began), nil
}

// digitalbazaar returns how many microseconds that package takes to sign one.
func digitalbazaar(ctx context.Context, folder string, raw []byte) (float64, error) {
	c := exec.CommandContext(ctx, "node", "bench.mjs")
	c.Dir, c.Stderr = folder, os.Stderr
	in, err := c.StdinPipe()
	if err != nil {
		return 0, err
	}
	out, err := c.StdoutPipe()
	if err != nil {
		return 0, err
	}
	if err := c.Start(); err != nil {
		return 0, err
	}
	defer c.Wait()   // it is told to end
	defer in.Close() // by this
	answers := bufio.NewScanner(out)
	answers.Buffer(nil, 16<<20)
	ask := func(question any) (a struct {
		Task  int
		NS    int64
		Error string
	}, err error) {
		text, err := json.Marshal(question)
		if err != nil {
			return a, err
		}
		if _, err := in.Write(append(text, '\n')); err != nil {
			return a, err
		}
		if !answers.Scan() {
			return a, errors.Join(errors.New("the program of the peers ended"), answers.Err())
		}
		err = json.Unmarshal(answers.Bytes(), &a)
		if err == nil && a.Error != "" {
			err = errors.New(a.Error)
		}
		return a, err
	}
	made, err := ask(map[string]any{"prepare": map[string]string{"op": "issue", "suite": "eddsa-rdfc-2022", "credential": string(raw)}})
	if err != nil {
		return 0, err
	}
	run := map[string]any{"run": map[string]int{"task": made.Task, "times": sample}}
	if _, err := ask(run); err != nil { // for the compiler to see what is hot
		return 0, err
	}
	a, err := ask(run)
	return float64(a.NS) / 1e3 / sample, err
}
