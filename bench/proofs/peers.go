package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/verifier"
)

const peersFolder = "bench/peers"

// peers is the program of other people's packages.
type peers struct {
	command *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Scanner
}

// startPeers needs to be called in the root of the repository.
func startPeers(ctx context.Context) (*peers, error) {
	if _, err := os.Stat(peersFolder + "/node_modules"); err != nil {
		return nil, fmt.Errorf("the packages are not installed: run make peers: %w", err)
	}
	p := &peers{command: exec.CommandContext(ctx, "node", "bench.mjs")}
	p.command.Dir, p.command.Stderr = peersFolder, os.Stderr
	var err error
	if p.in, err = p.command.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := p.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.out = bufio.NewScanner(out)
	p.out.Buffer(nil, 16<<20)
	return p, p.command.Start()
}

func (p *peers) stop() {
	p.in.Close()
	_ = p.command.Wait() // it was told to end
}

type answer struct {
	Task           int
	Issuer, Output string
	NS             int64
	Error          string
}

func (p *peers) ask(question any) (*answer, error) {
	raw, err := json.Marshal(question)
	if err != nil {
		return nil, err
	}
	if _, err := p.in.Write(append(raw, '\n')); err != nil {
		return nil, err
	}
	if !p.out.Scan() {
		return nil, errors.Join(errors.New("the program of the peers ended"), p.out.Err())
	}
	var a answer
	if err := json.Unmarshal(p.out.Bytes(), &a); err != nil {
		return nil, err
	}
	if a.Error != "" {
		return nil, errors.New(a.Error)
	}
	return &a, nil
}

// tasks returns what the peers can do of ours. What they make is verified here
// first.
func (p *peers) tasks(ctx context.Context, w *workshop) ([]*task, error) {
	var out []*task
	for _, size := range sizes {
		for _, t := range []struct{ op, suite, name string }{
			{"canonicalize", "", "jsonld.js"},
			{"issue", "eddsa-rdfc-2022", "digitalbazaar"}, {"verify", "eddsa-rdfc-2022", "digitalbazaar"},
			{"issue", "eddsa-jcs-2022", "digitalbazaar"}, {"verify", "eddsa-jcs-2022", "digitalbazaar"},
			{"issue", "vc+jwt", "jose"}, {"verify", "vc+jwt", "jose"},
			{"issue", "ecdsa-rdfc-2019", "digitalbazaar"}, {"verify", "ecdsa-rdfc-2019", "digitalbazaar"},
			{"issue", "ecdsa-sd-2023", "digitalbazaar*"}, {"disclose", "ecdsa-sd-2023", "digitalbazaar*"}, {"verify", "ecdsa-sd-2023", "digitalbazaar*"},
			{"issue", "bbs-2023", "digitalbazaar*"}, {"disclose", "bbs-2023", "digitalbazaar*"}, {"verify", "bbs-2023", "digitalbazaar*"},
		} {
			if t.suite == "bbs-2023" && size == sizes[len(sizes)-1] {
				continue // it takes that package many seconds
			}
			raw := credential(size, "did:web:kurs.example", w.learner)
			if t.suite == "ecdsa-sd-2023" || t.suite == "bbs-2023" { // it cannot sign a list, see print
				raw = []byte(strings.Replace(string(raw), `"allowedValue":["A","B","C","D","E","F"],`, "", 1))
			}
			a, err := p.ask(map[string]any{"prepare": map[string]string{"op": t.op, "suite": t.suite, "credential": string(raw)}})
			if err != nil {
				return nil, fmt.Errorf("%s %s %s: %w", t.name, t.op, t.suite, err)
			}
			if t.op != "canonicalize" {
				if err := w.verify(ctx, a.Issuer, []byte(a.Output)); err != nil {
					return nil, fmt.Errorf("%s %s %s: what it made: %w", t.name, t.op, t.suite, err)
				}
			}
			out = append(out, &task{
				group: strings.Join(strings.Fields(t.op+" "+t.suite+" "+size), " "), name: t.name, bytes: len(raw),
				run: func(_ context.Context, times int) (time.Duration, error) {
					a, err := p.ask(map[string]any{"run": map[string]int{"task": a.Task, "times": times}})
					if err != nil {
						return 0, err
					}
					return time.Duration(a.NS), nil
				},
			})
		}
	}
	return out, nil
}

func (w *workshop) verify(ctx context.Context, issuer string, raw []byte) error {
	v, err := verifier.New(verifier.Config{
		Suites: w.set, Resolver: did.Mux{"key": did.Key{}}, Trust: trust.Pins(issuer), Status: verifier.NoStatus{}, Now: time.Now,
	})
	if err != nil {
		return err
	}
	_, err = v.Verify(ctx, verifier.Request{Raw: raw})
	return err
}
