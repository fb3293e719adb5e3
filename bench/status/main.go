package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/status"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/verifier"
)

func main() {
	entries := flag.Int("entries", 1_000_000, "how many entries the list has")
	set := flag.Int("set", 10_000, "how many of them are set")
	suite := flag.String("suite", "eddsa-rdfc-2022", "how the list is secured")
	rounds := flag.Int("rounds", 15, "how often each part is measured")
	child := flag.String("child", "", "check: fetch the list that a folder of the benchmark tells of and judge its credential")
	flag.Parse()
	ctx := context.Background()
	var err error
	if *child != "" {
		err = checkOnce(ctx, *child)
	} else {
		err = run(ctx, *entries, *set, proof.ID(*suite), *rounds)
	}
	if err != nil {
		log.Fatal(err)
	}
}

// parts are times by the name of what took them, in the order of their first.
type parts struct {
	order []string
	times map[string][]time.Duration
}

func (p *parts) measure(name string, f func() error) error {
	start := time.Now()
	err := f()
	took := time.Since(start)
	if p.times == nil {
		p.times = map[string][]time.Duration{}
	}
	if p.times[name] == nil {
		p.order = append(p.order, name)
	}
	p.times[name] = append(p.times[name], took)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// at returns the time below which a part of all are.
func (p *parts) at(name string, part float64) time.Duration {
	all := slices.Clone(p.times[name])
	slices.Sort(all)
	return all[int(part*float64(len(all)-1)+0.5)]
}

func (p *parts) print() {
	fmt.Println("\n| part | median | p10 | p90 |\n|---|---|---|---|")
	for _, name := range p.order {
		fmt.Printf("| %s | %s | %s | %s |\n", name, shown(p.at(name, 0.5)), shown(p.at(name, 0.1)), shown(p.at(name, 0.9)))
	}
}

func shown(d time.Duration) string { return fmt.Sprintf("%.3f ms", float64(d.Microseconds())/1000) }

func mib(n int64) float64 { return float64(n) / (1 << 20) }

// Names of parts.
const (
	partRead    = "ledger: read the list"
	partPublish = "publish: make all lists and sign them"
	partWrite   = "publish: write the files"
	partFetch   = "fetch it over TLS"
	partParse   = "check: read the document strictly"
	partProof   = "check: verify its proof"
	partUnpack  = "check: unpack"
	partLook    = "check: look one entry up"
	partFloor   = "floor: base64 and gunzip alone"
	partWhole   = "verdict on a credential, list at hand, cold"
	partWarm    = "verdict on a credential, list remembered"
)

func run(ctx context.Context, entries, set int, suite proof.ID, rounds int) error {
	folder, err := os.MkdirTemp("", "bevis-bench-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder) // as good as can be
	b, err := prepare(ctx, folder, entries, set, suite)
	if err != nil {
		return err
	}
	defer b.close()
	var p parts
	for range rounds {
		runtime.GC()
		if err := b.round(ctx, &p); err != nil {
			return err
		}
	}
	fmt.Printf("%s %s/%s, %d cores. A list of %d entries, %d set, %s: %d bytes; as a token: %d. %d rounds.\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), entries, set, suite, len(b.raw), b.tokenBytes, rounds)
	p.print()
	cold := p.at(partParse, 0.5) + p.at(partProof, 0.5) + p.at(partUnpack, 0.5) + p.at(partLook, 0.5)
	fmt.Printf("\nUnpack and look up, cold: %s, which is %.2f of the floor. With the list's document and proof: %s.\n", shown(p.at(partUnpack, 0.5)+p.at(partLook, 0.5)),
		float64(p.at(partUnpack, 0.5)+p.at(partLook, 0.5))/float64(p.at(partFloor, 0.5)), shown(cold))
	fmt.Printf("Allocated for making and publishing all lists: %.1f MiB; for one cold verdict: %.1f MiB.\n", mib(b.allocPublish), mib(b.allocCheck))
	return b.child(ctx)
}

// round measures every part once.
func (b *bench) round(ctx context.Context, p *parts) error {
	err := p.measure(partRead, func() error { _, err := b.ledger.Lists(ctx); return err })
	if err != nil {
		return err
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	err = p.measure(partPublish, func() (err error) { b.files, err = b.issuer.Publish(ctx); return err })
	if err != nil {
		return err
	}
	runtime.ReadMemStats(&after)
	b.allocPublish = int64(after.TotalAlloc - before.TotalAlloc)
	if err := p.measure(partWrite, b.write); err != nil {
		return err
	}
	if err := p.measure(partFetch, func() (err error) { b.raw, _, err = b.client.Fetch(ctx, b.url, "application/vc"); return err }); err != nil {
		return err
	}
	return b.check(ctx, p)
}

func (b *bench) check(ctx context.Context, p *parts) error {
	var in *proof.Input
	if err := p.measure(partParse, func() (err error) {
		in, err = proof.Read(b.raw, strictjson.Limits{MaxBytes: status.MaxBytes})
		return err
	}); err != nil {
		return err
	}
	var proven *proof.Proven
	if err := p.measure(partProof, func() error {
		found, err := b.suites.Open(in)
		if err == nil {
			proven, err = b.suites.Verify(ctx, found[0], b.keys)
		}
		return err
	}); err != nil {
		return err
	}
	var bits *status.List
	if err := p.measure(partUnpack, func() (err error) { bits, err = status.Open(ctx, b.entry, proven.Document); return err }); err != nil {
		return err
	}
	if err := p.measure(partLook, func() error {
		if got, err := b.entry.In(bits); err != nil || got != 0 {
			return fmt.Errorf("the entry is %d, %w", got, err)
		}
		return nil
	}); err != nil {
		return err
	}
	encoded, _ := proven.Document.Get("credentialSubject").Get("encodedList").Text()
	if err := p.measure(partFloor, func() error { return floor(encoded) }); err != nil {
		return err
	}
	cfg := b.verifier
	v, err := verifier.New(cfg)
	if err != nil {
		return err
	}
	now := time.Now() // what is remembered is so for one moment
	judge := func(v *verifier.Verifier) error {
		report, err := v.Verify(ctx, verifier.Request{Raw: b.credential, At: now, StatusLists: map[string][]byte{b.url: b.raw}})
		if err != nil || report.Verdict != verifier.Valid {
			return fmt.Errorf("%s: %w", report.Verdict, errors.Join(err, report.Err()))
		}
		return nil
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if err := p.measure(partWhole, func() error { return judge(v) }); err != nil {
		return err
	}
	runtime.ReadMemStats(&after)
	b.allocCheck = int64(after.TotalAlloc - before.TotalAlloc)
	cfg.Memo = verifier.NewMemo()
	if v, err = verifier.New(cfg); err != nil {
		return err
	}
	if err := judge(v); err != nil {
		return err
	}
	return p.measure(partWarm, func() error { return judge(v) })
}

// floor unpacks a list and checks nothing.
func floor(encoded string) error {
	packed, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(encoded, "u"))
	if err != nil {
		return err
	}
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err == nil {
		_, err = io.Copy(io.Discard, r)
	}
	return err
}

// write writes what is published.
func (b *bench) write() error {
	for _, f := range b.files {
		path := filepath.Join(b.folder, "web", filepath.FromSlash(f.Path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, f.Bytes, 0o644); err != nil {
			return err
		}
		if strings.HasSuffix(f.Path, "revocation-1.jwt") {
			b.tokenBytes = len(f.Bytes)
		}
	}
	return nil
}

// trusting is a verifier's configuration that trusts one issuer by did:key.
func trusting(set proof.Set, issuer string, lists verifier.StatusSource) verifier.Config {
	return verifier.Config{Suites: set, Resolver: did.Mux{"key": did.Key{}}, Trust: trust.Pins(issuer), Status: lists, Now: time.Now}
}
