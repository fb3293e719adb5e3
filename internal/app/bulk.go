package app

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"iter"
	"runtime"
	"runtime/debug"
	"sync"
	"time"

	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/verifier"
)

// VerifySummary is what came of all documents of a run.
type VerifySummary struct {
	Total    int            `json:"total"`
	Verdicts map[string]int `json:"verdicts"`
	// Complete says that every document was judged: false when the run was
	// stopped before its end.
	Complete bool `json:"complete"`
	// LeftOut are files of bevis's own that are no documents, such as the table of
	// results of a batch. They are not in Total, and no result tells of them.
	LeftOut []ResultLeftOut `json:"leftOut,omitempty"`

	worst   reason.Class
	missing bool
}

// add counts a result.
func (s *VerifySummary) add(r VerifyResult) {
	if s.Verdicts == nil {
		s.Verdicts = map[string]int{}
	}
	if s.Total == 0 {
		s.worst = reason.Warning
	}
	s.Total++
	s.Verdicts[r.Verdict]++
	if r.class == reason.Missing {
		s.missing = true
	} else if r.class.Severity() > s.worst.Severity() {
		s.worst = r.class
	}
}

// Class returns the class that gives the exit code: the worst of all results.
// That a file is missing weighs less than any verdict that is not "valid". No
// results at all, as from an empty folder, are no success.
func (s VerifySummary) Class() reason.Class {
	switch {
	case s.Total == 0:
		return reason.Unreadable
	case s.missing && s.worst == reason.Warning:
		return reason.Missing
	}
	return s.worst
}

// Verify judges documents that are at hand. The error is about the request;
// what is wrong with a document is in its result.
func (a *App) Verify(ctx context.Context, r VerifyRequest) (VerifyResults, error) {
	out := VerifyResults{Schema: VerifySchema, Results: []VerifyResult{}}
	sources := func(yield func(Source) bool) {
		for _, in := range r.Inputs {
			if !yield(in.Of()) {
				return
			}
		}
	}
	var err error
	out.Summary, err = a.VerifyEach(ctx, r, sources, func(result VerifyResult) error {
		out.Results = append(out.Results, result)
		return nil
	})
	return out, err
}

// Class is that of the summary.
func (r VerifyResults) Class() reason.Class { return r.Summary.Class() }

// VerifyEach judges documents as they come, several at once, and hands each
// result on in the order of the sources. No more than a few documents for each
// worker are in memory, however many there are. The error is about the
// request, is what each returned, or says that the run was stopped; the
// summary then counts what was handed on. What is left out, where that is asked
// for, is named in the summary alone.
func (a *App) VerifyEach(ctx context.Context, r VerifyRequest, sources iter.Seq[Source], each func(VerifyResult) error) (VerifySummary, error) {
	return a.verifyEach(ctx, r, sources, nil, each)
}

func (a *App) verifyEach(ctx context.Context, r VerifyRequest, sources iter.Seq[Source], before *kept, each func(VerifyResult) error) (VerifySummary, error) {
	sum := VerifySummary{Verdicts: map[string]int{}}
	v, err := a.contentVerifier(r)
	if err != nil {
		return sum, err
	}
	if r.At.IsZero() {
		r.At = a.cfg.Now().Truncate(time.Second) // the same for all; a part of a second says nothing, and stands in each --at
	}
	w := &work{a, v, r, before}
	parent := ctx
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for t := range startJobs(ctx, r.Jobs, sources, func(source Source, yield func(VerifyResult) bool) { w.source(ctx, source, yield) }) {
		for result := range t.results {
			if err != nil || parent.Err() != nil {
				continue // only to let the workers end
			}
			if result.leftOut != "" {
				sum.LeftOut = append(sum.LeftOut, ResultLeftOut{result.Input, result.leftOut})
				continue
			}
			if err = each(result); err != nil {
				cancel()
				continue
			}
			sum.add(result)
		}
	}
	if err == nil {
		err = reason.Wrap(reason.Canceled, "", parent.Err())
	}
	sum.Complete = err == nil
	return sum, err
}

// work is what the workers of a run share.
type work struct {
	*App
	verifier *verifier.Verifier
	request  VerifyRequest
	before   *kept // nil for a run that keeps nothing
}

// source judges all documents of one source.
func (w *work) source(ctx context.Context, source Source, yield func(VerifyResult) bool) {
	for in := range opened(ctx, source.Read(ctx)) {
		if ctx.Err() != nil {
			return
		}
		result := w.document(ctx, in)
		if w.request.LeaveOut {
			result.leftOut = leftOut(in, reason.Code(result.Reason))
		}
		if !yield(result) {
			return
		}
	}
}

// document judges a document, or finds out that it was judged before.
func (w *work) document(ctx context.Context, in Input) VerifyResult {
	if w.before == nil || in.Err != nil || in.link != nil { // whose owner may have taken it back since
		return w.judge(ctx, in)
	}
	digest := sha256.Sum256(in.Raw)
	result, ok := w.before.find(in.Name, digest)
	if ok {
		result.source = in.source
		w.keep(&result, in)
	} else {
		result = w.judge(ctx, in)
	}
	result.SHA256 = hex.EncodeToString(digest[:])
	return result
}

// judge judges a document. What would end the program is said of the one
// document that does it, so that all others are judged.
func (w *work) judge(ctx context.Context, in Input) (result VerifyResult) {
	defer func() {
		if p := recover(); p != nil {
			result = w.unread(Input{Name: in.Name, source: in.source, Err: reason.New(reason.Internal, "", "%v\n%s", p, debug.Stack())}, w.request.At)
			result.Verdict, result.class = verifier.Undetermined.String(), reason.Fault
		}
	}()
	if in.Err != nil {
		return w.unread(in, w.request.At)
	}
	if in.Err = ofShare(in); in.Err != nil {
		return w.unread(in, w.request.At)
	}
	if in.link != nil {
		defer func() { w.underLink(ctx, &result, in.link) }()
	}
	if result, ok := w.withInsight(ctx, in); ok {
		return result
	}
	report, _ := w.verifier.Verify(ctx, w.request.verification(in))
	result = w.resultOf(report)
	result.Input, result.source = in.Name, in.source
	w.keep(&result, in)
	return result
}

func (w *work) keep(r *VerifyResult, in Input) {
	if w.request.KeepDocument {
		r.document, r.size = bytes.Clone(in.Raw[:min(len(in.Raw), maxDocument)]), len(in.Raw)
	}
}

// task is one source on its way through a worker.
type task struct {
	source  Source
	results chan VerifyResult // closed behind the last
}

// startJobs has workers judge sources, and returns the tasks in the order of
// the sources. It ends early, with all results closed, when ctx is done; the
// receiver must take all tasks and results.
func startJobs(ctx context.Context, jobs int, sources iter.Seq[Source], judge func(Source, func(VerifyResult) bool)) <-chan *task {
	if jobs <= 0 {
		jobs = runtime.GOMAXPROCS(0)
	}
	// What a worker has finished waits in order until those before it are, so a
	// slow one holds up no more than this many. As many may wait for a worker, so
	// that nobody is woken for each.
	ahead := 8 * jobs
	queue, order := make(chan *task, ahead), make(chan *task, ahead)
	var workers sync.WaitGroup
	for range jobs {
		workers.Go(func() {
			for t := range queue {
				judge(t.source, func(r VerifyResult) bool {
					select {
					case t.results <- r:
						return true
					case <-ctx.Done():
						return false
					}
				})
				close(t.results)
			}
		})
	}
	go func() {
		defer close(order)
		defer workers.Wait()
		defer close(queue)
		for source := range sources {
			t := &task{source, make(chan VerifyResult, 1)}
			select {
			case order <- t:
			case <-ctx.Done():
				return
			}
			select {
			case queue <- t:
			case <-ctx.Done():
				close(t.results)
				return
			}
		}
	}()
	return order
}
