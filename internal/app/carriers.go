package app

import (
	"bytes"
	"context"
	"io"
	"iter"
	"os"
	"slices"
	"time"

	"github.com/kompetansebevis/bevis/credential/logproof"
	"github.com/kompetansebevis/bevis/internal/bundle"
	"github.com/kompetansebevis/bevis/internal/carrier"
	"github.com/kompetansebevis/bevis/internal/fetch"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/verifier"
)

// opened yields what lies in a file that is a PDF, a picture of QR codes or an
// archive, one at a time, and any other file as it is. Names are those of the
// file and of what lies in it; nothing is written anywhere.
func opened(ctx context.Context, in Input) iter.Seq[Input] {
	return func(yield func(Input) bool) {
		if in.Err != nil || carrier.Detect(in.Raw) == carrier.None || bundle.Is(in.Raw) { // a bundle is one document with its evidence
			yield(in)
			return
		}
		if carrier.Detect(in.Raw) == carrier.Zip {
			for item, err := range carrier.WalkBytes(ctx, in.Raw, carrier.Limits{}) {
				if !yield(within(in, item, err)) {
					return
				}
			}
			return
		}
		items, err := carrier.Open(ctx, in.Raw, carrier.Limits{})
		if err != nil {
			yield(within(in, carrier.Item{}, err))
			return
		}
		for _, item := range items {
			if !yield(within(in, item, nil)) {
				return
			}
		}
	}
}

func within(in Input, item carrier.Item, err error) Input {
	out := Input{Name: in.Name, Raw: item.Raw, Err: err, source: in.source, proofs: in.proofs, link: in.link, page: in.page}
	if out.source == "" {
		out.source = in.Name
	}
	if item.Proof != nil {
		out.proofs = append(slices.Clip(in.proofs), logproof.Split(item.Proof)...)
	}
	if item.Name != "" {
		out.Name += "/" + item.Name
	}
	switch item.Kind {
	case carrier.PNG, carrier.SVG: // which the verifier tells itself
	default:
		out.Carrier = string(item.Kind)
	}
	if len(item.Codes) > 0 {
		out.page = &verifier.Page{Codes: item.Codes, Attached: item.Attached}
	}
	return out
}

// Opened returns the one credential that lies in a file. Where there are more,
// usage/several names the way out.
func Opened(ctx context.Context, in Input) (Input, error) {
	var all []Input
	for one := range opened(ctx, in) {
		if one.Err == nil {
			all = append(all, one)
		} else if in.Err = one.Err; len(all) > 1 {
			break
		}
	}
	switch {
	case len(all) == 1:
		return all[0], nil
	case len(all) > 1:
		return in, reason.New("usage/several", in.Name, "there is more than one in it")
	}
	return in, in.Err
}

// smallFile is up to how many bytes a file is read at once where it is looked
// at whether it is an archive: few such files wait for a worker, and to open
// each of very many twice takes its time.
const smallFile = 32 << 10

// walkFile yields a file, or all that lies in one that is an archive, read
// entry by entry, and reports whether more is wanted.
func walkFile(ctx context.Context, name string, yield func(Source) bool) bool {
	if info, err := os.Stat(name); err != nil || !info.Mode().IsRegular() {
		return yield(file(name)) // which says what is wrong, and waits for a pipe to be opened
	}
	f, err := os.Open(name)
	if err != nil {
		return yield(file(name))
	}
	defer f.Close() // it was only read
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return yield(file(name))
	}
	// One byte more than it is said to have, so that the end of it is seen. Where
	// all came that it is said to have, and not that byte, this is the end.
	head := make([]byte, min(info.Size(), smallFile)+1)
	n, err := f.Read(head)
	if err == nil && n < len(head) && int64(n) != info.Size() {
		var more int
		more, err = io.ReadFull(f, head[n:])
		n += more
	}
	whole := n < len(head) && (err == nil || err == io.EOF || err == io.ErrUnexpectedEOF)
	if carrier.Detect(head[:min(n, 4)]) != carrier.Zip {
		if whole {
			source := Input{Name: name, Raw: head[:n]}.Of()
			source.beside = file(name).beside
			return yield(source)
		}
		source := file(name)
		source.head = bytes.Clone(head[:min(n, tableHead)])
		return yield(source)
	}
	if bundle.IsAt(f, info.Size()) {
		return yield(file(name))
	}
	for item, err := range carrier.Walk(ctx, f, info.Size(), carrier.Limits{}) {
		if !yield(within(Input{Name: name}, item, err).Of()) {
			return false
		}
	}
	return true
}

// sharedPages is a verifier.DocumentSource over the network that gets each
// document once in a run.
type sharedPages struct {
	from fetch.Source
	once once[agedList]
}

// Document implements verifier.DocumentSource.
func (s *sharedPages) Document(ctx context.Context, url string) ([]byte, time.Time, error) {
	got, err := s.once.get(ctx, url, func() (agedList, error) {
		body, asOf, err := s.from.Fetch(ctx, url, "application/ld+json, application/json")
		return agedList{body, asOf}, err
	})
	return got.body, got.asOf, err
}
