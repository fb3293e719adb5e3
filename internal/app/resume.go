package app

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"time"

	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/verifier"
)

// maxReportLine bounds a line of a report that is resumed.
const maxReportLine = 32 << 20

// syncEvery is after how many lines a report is made safe against a loss of
// power. Against a kill of the program each line is safe at once.
const syncEvery = 256

// reportHead is the first line of a report that can be resumed. Run is a
// digest of what is expected and trusted: results of different runs are not
// mixed.
type reportHead struct {
	Schema string `json:"schema"`
	Run    string `json:"run"`
}

// VerifyResumed does what VerifyEach does, and keeps each result as a line of
// the report in file. What stands there already, of the same content under the
// same name, is not judged again but handed on as it stands; what could not be
// determined or read then is tried again, and its later line counts; so is what
// was judged longer ago than what is known of status and keys may be old. A last
// line that was torn is dropped.
//
// The run must be the same: conflict/other-run where the file is a report of
// another one, or none at all; nothing of it is changed then.
func (a *App) VerifyResumed(ctx context.Context, r VerifyRequest, sources iter.Seq[Source], file string, each func(VerifyResult) error) (VerifySummary, error) {
	run, err := a.runOf(r)
	if err != nil {
		return VerifySummary{}, err
	}
	kept, err := openKept(file, run)
	if err != nil {
		return VerifySummary{}, err
	}
	if r.At.IsZero() {
		kept.since = a.cfg.Now().Add(-sooner(r.Fresh.MaxAge, verifier.DefaultMaxAge))
	}
	sum, err := a.verifyEach(ctx, r, sources, kept, func(result VerifyResult) error {
		if err := kept.append(result); err != nil {
			return err
		}
		return each(result)
	})
	return sum, errors.Join(err, reason.Wrap(reason.IO, file, kept.close()))
}

// runOf is a digest of all that the results of a request depend on, but the
// time where that is now.
func (a *App) runOf(r VerifyRequest) (string, error) {
	h := sha256.New()
	policy := []byte("named")
	if len(r.Issuers) == 0 {
		p, err := a.TrustPolicy()
		if err != nil {
			return "", err
		}
		policy = p.Text()
	}
	r.Inputs, r.Jobs, r.KeepDocument = nil, 0, false // what is left is what is expected
	expected, err := json.Marshal(r)
	if err != nil {
		return "", reason.Wrap(reason.Internal, "", err)
	}
	fmt.Fprintf(h, "%q\x00%s\x00%t", policy, expected, a.cfg.Offline)
	return hex.EncodeToString(h.Sum(nil)), nil
}

// kept is a report that is gone on with.
type kept struct {
	file    *os.File
	end     int64                   // where the next line goes
	unsafe  int                     // lines since the last sync
	results map[[16]byte]keptResult // which is not changed once it was read
	since   time.Time               // what was judged before does not count, zero: all does
}

// keptResult is where a result stands, and of which content it is.
type keptResult struct {
	at, size int64
	digest   [16]byte
}

func short(text []byte) [16]byte {
	sum := sha256.Sum256(text)
	return [16]byte(sum[:16])
}

// openKept opens a report, or begins one.
func openKept(name, run string) (k *kept, err error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, reason.New(reason.IO, name, "%w", bare(err))
	}
	k = &kept{file: f, results: map[[16]byte]keptResult{}}
	defer func() {
		if err != nil {
			_ = f.Close() // the first error says more
		}
	}()
	lines := bufio.NewReaderSize(f, 1<<16)
	first, err := line(lines)
	if err == io.EOF && len(first) == 0 { // a new file
		head, err := json.Marshal(reportHead{VerifySchema, run})
		if err != nil {
			return nil, reason.Wrap(reason.Internal, name, err)
		}
		return k, k.write(append(head, '\n'))
	}
	var head reportHead
	if err != nil || json.Unmarshal(first, &head) != nil || head.Schema != VerifySchema || head.Run != run {
		return nil, reason.New("conflict/other-run", name, "the file is not a report of this very run: other issuers, lists, time or conditions, or no report at all")
	}
	k.end = int64(len(first))
	for {
		text, err := line(lines)
		if err != nil && err != io.EOF {
			return nil, reason.New(reason.IO, name, "%w", bare(err))
		}
		if err == io.EOF { // what is left has no end: the line was torn
			break
		}
		k.note(text, k.end)
		k.end += int64(len(text))
	}
	if err := f.Truncate(k.end); err != nil {
		return nil, reason.New(reason.IO, name, "%w", bare(err))
	}
	return k, nil
}

// line reads a line with its end. What comes before io.EOF has none.
func line(r *bufio.Reader) ([]byte, error) {
	var out []byte
	for {
		part, err := r.ReadSlice('\n')
		out = append(out, part...)
		if err == nil || !errors.Is(err, bufio.ErrBufferFull) {
			return out, err
		}
		if len(out) > maxReportLine {
			return nil, reason.New(reason.LimitSize, "", "a line of more than %d bytes", maxReportLine)
		}
	}
}

// note remembers a line. One that cannot be read, or that should be tried
// again, is as if it were not there.
func (k *kept) note(text []byte, at int64) {
	var r struct{ Input, Verdict, SHA256 string }
	digest, err := []byte(nil), json.Unmarshal(text, &r)
	if err == nil {
		digest, err = hex.DecodeString(r.SHA256)
	}
	name := short([]byte(r.Input))
	if err != nil || len(digest) != sha256.Size || r.Verdict == "undetermined" || r.Verdict == "unreadable" {
		delete(k.results, name)
		return
	}
	k.results[name] = keptResult{at, int64(len(text)), [16]byte(digest[:16])}
}

// find returns the result of a document, if it was judged before.
func (k *kept) find(name string, digest [32]byte) (VerifyResult, bool) {
	at, ok := k.results[short([]byte(name))]
	if !ok || at.digest != [16]byte(digest[:16]) {
		return VerifyResult{}, false
	}
	text := make([]byte, at.size)
	_, err := k.file.ReadAt(text, at.at)
	var out VerifyResult
	if err != nil || json.Unmarshal(bytes.TrimSpace(text), &out) != nil || out.Input != name || out.SHA256 != hex.EncodeToString(digest[:]) || out.JudgedAt.Before(k.since) {
		return VerifyResult{}, false
	}
	out.class = classOfCode(out)
	out.kept = true
	return out, true
}

// append writes the line of a result that was not kept before.
func (k *kept) append(r VerifyResult) error {
	if r.kept {
		return nil
	}
	text, err := json.Marshal(r)
	if err != nil {
		return reason.Wrap(reason.Internal, "", err)
	}
	return k.write(append(text, '\n'))
}

func (k *kept) write(text []byte) error {
	n, err := k.file.WriteAt(text, k.end)
	k.end += int64(n)
	if k.unsafe++; err == nil && k.unsafe >= syncEvery {
		k.unsafe, err = 0, k.file.Sync()
	}
	if err != nil {
		return reason.New(reason.IO, k.file.Name(), "%w", bare(err))
	}
	return nil
}

func (k *kept) close() error { return errors.Join(k.file.Sync(), k.file.Close()) }
