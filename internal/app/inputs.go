package app

import (
	"context"
	"iter"
	"os"
	"strings"

	"github.com/kompetansebevis/bevis/credential/logproof"
	"github.com/kompetansebevis/bevis/internal/fetch"
	"github.com/kompetansebevis/bevis/internal/sharelink"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/verifier"
)

// Input is a document with its name. Err is why it could not be read.
type Input struct {
	Name string
	Raw  []byte
	Err  error

	Carrier string // what Raw was taken out of: "pdf", "qr", "zip", "html", "link" or nothing
	Locked  bool   // Raw stood in a file that a password opened

	head   []byte   // the beginning of a file that is too long to be read
	source string   // the archive that it came out of, empty for none
	proofs [][]byte // from a transparency log, of what lies beside the file
	link   *linked
	page   *verifier.Page // of a PDF, what codes are on its pages
}

// Source is a document that has not been read yet.
type Source struct {
	Name string
	read func(ctx context.Context) ([]byte, error)

	head             []byte // its beginning, of what may be too long to be read
	proofs           [][]byte
	beside           string  // where a proof from a transparency log may lie
	carrier, archive string  // of what came out of an archive
	link             *linked // of what is kept under a link
	page             *verifier.Page
}

// beginning is what was read of a document, or of one that is too long for that.
func (in Input) beginning() []byte {
	if in.Err != nil {
		return in.head
	}
	return in.Raw
}

// Of returns a source of a document at hand.
func (in Input) Of() Source {
	return Source{Name: in.Name, read: func(context.Context) ([]byte, error) { return in.Raw, in.Err }, head: in.head, proofs: in.proofs, carrier: in.Carrier, archive: in.source, link: in.link, page: in.page}
}

// Read reads the document. What is wrong is in the input.
func (s Source) Read(ctx context.Context) Input {
	raw, err := s.read(ctx)
	in := Input{Name: s.Name, Raw: raw, Err: err, Carrier: s.carrier, source: s.archive, proofs: s.proofs, link: s.link, page: s.page}
	if reason.CodeOf(err) == reason.LimitSize {
		in.head = s.head
	}
	if s.beside != "" && in.Err == nil {
		switch proof, err := readUpTo(s.beside, logproof.MaxFile); {
		case err == nil:
			in.proofs = logproof.Split(proof)
		case reason.CodeOf(err) != reason.NotFound:
			in.Err = err
		}
	}
	return in
}

// Sources yields what is named, without reading it: files, folders (all files
// in them and below, by name, without hidden ones and without following
// links), https URLs, shares under a link with its key, and "-" for what stdin
// returns. The key of a link is in no name, and in no error.
func (a *App) Sources(ctx context.Context, names []string, stdin func() ([]byte, error)) iter.Seq[Source] {
	return a.sources(ctx, names, stdin, walkFile)
}

// walk yields what a file is, and reports whether more is wanted.
type walk func(ctx context.Context, name string, yield func(Source) bool) bool

func (a *App) sources(ctx context.Context, names []string, stdin func() ([]byte, error), walkFile walk) iter.Seq[Source] {
	return func(yield func(Source) bool) {
		var client *fetch.Client
		for _, name := range names {
			switch {
			case name == "-":
				if !yield(Source{Name: name, read: func(ctx context.Context) ([]byte, error) { return patiently(ctx, name, stdin) }}) {
					return
				}
				continue
			case sharelink.Is(name):
				if !yield(a.linkSource(name)) {
					return
				}
				continue
			case strings.HasPrefix(name, "https://"), strings.HasPrefix(name, "http://"):
				if client == nil {
					var err error
					if client, err = a.client(); err != nil {
						yield(Input{Name: name, Err: err}.Of())
						return
					}
				}
				if !yield(page(client, name)) {
					return
				}
				continue
			}
			if info, err := os.Stat(name); err == nil && info.IsDir() {
				if !walkFolder(ctx, name, walkFile, yield) {
					return
				}
				continue
			}
			if !walkFile(ctx, name, yield) {
				return
			}
		}
	}
}

func file(name string) Source {
	return Source{Name: name, beside: name + logproof.Suffix, read: func(ctx context.Context) ([]byte, error) { return readNamed(ctx, name) }}
}

// readNamed is ReadFile, and waits for a pipe that nobody writes to no longer
// than the run lasts.
func readNamed(ctx context.Context, name string) ([]byte, error) {
	read := func() ([]byte, error) { return ReadFile(name) }
	if info, err := os.Stat(name); err != nil || info.Mode().IsRegular() {
		return read()
	}
	return patiently(ctx, name, read)
}

// patiently reads what may never come. When the run ends first, who reads is left
// behind: a read of the system cannot be given up.
func patiently(ctx context.Context, name string, read func() ([]byte, error)) ([]byte, error) {
	type came struct {
		raw []byte
		err error
	}
	got := make(chan came, 1)
	go func() {
		raw, err := read()
		got <- came{raw, err}
	}()
	select {
	case c := <-got:
		return c.raw, c.err
	case <-ctx.Done():
		return nil, reason.New(reason.Canceled, name, "nothing came")
	}
}

func page(client *fetch.Client, url string) Source {
	return Source{Name: url, read: func(ctx context.Context) ([]byte, error) {
		raw, _, err := client.Fetch(ctx, url, "application/vc, application/vc+jwt, application/dc+sd-jwt, application/json, image/png, image/svg+xml, application/pdf")
		return raw, err
	}}
}

// OneInput reads the one document that is named. A folder or an archive may hold
// none (no_credential) or more than one (usage/several); what is wrong with the
// document itself stands in it.
func (a *App) OneInput(ctx context.Context, name string, stdin func() ([]byte, error)) (Input, error) {
	switch all := a.Inputs(ctx, []string{name}, stdin); len(all) {
	case 0:
		return Input{Name: name}, reason.New(reason.NoCredential, name, "there is nothing in it")
	case 1:
		return all[0], nil
	}
	return Input{Name: name}, reason.New("usage/several", name, "there is more than one in it")
}

// Inputs reads what is named, as Sources yields it. It is for few documents:
// all of them are in memory.
func (a *App) Inputs(ctx context.Context, names []string, stdin func() ([]byte, error)) []Input {
	return inputs(ctx, a.Sources(ctx, names, stdin))
}

func inputs(ctx context.Context, sources iter.Seq[Source]) []Input {
	var out []Input
	for source := range sources {
		out = append(out, source.Read(ctx))
	}
	if ctx.Err() != nil {
		out = append(out, Input{Err: reason.Wrap(reason.Canceled, "", ctx.Err())})
	}
	return out
}
