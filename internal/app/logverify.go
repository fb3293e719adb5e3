package app

import (
	"bytes"
	"context"
	"encoding/base64"
	"strings"

	"github.com/kompetansebevis/bevis/credential/logproof"
	"github.com/kompetansebevis/bevis/internal/fetch"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/issuer/transparency"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
)

// LogVerifyRequest says which log is to be read whole.
type LogVerifyRequest struct {
	Where string   // folder or https address; empty: the issuer's own
	Key   string   // by which it is verified; empty: the issuer's own, or that of the trust policy
	Seen  []string // files with checkpoints that were seen before
}

// LogVerified is a log that holds.
type LogVerified struct {
	LogState
	Seen int `json:"seen"` // older checkpoints that it continues
	// Of the issuer's own log: how many credentials of the books are in it, and
	// how many entries are of none that is in the books now, such as of those that
	// were erased.
	Issued *int64 `json:"issued,omitempty"`
	Others *int64 `json:"others,omitempty"`
}

// remoteLog is transparency.Files over the network.
type remoteLog struct {
	client *fetch.Client
	base   string
}

// ReadFile implements transparency.Files.
func (r remoteLog) ReadFile(ctx context.Context, path string) ([]byte, error) {
	raw, _, err := r.client.Fetch(ctx, r.base+path, "*/*")
	return raw, err
}

func (a *App) logFiles(where string) (transparency.Files, error) {
	if !strings.HasPrefix(where, "https://") {
		return transparency.Folder(where), nil
	}
	client, err := a.client()
	return remoteLog{client, strings.TrimSuffix(where, "/") + "/"}, err
}

// logKeys are the keys by which a log may be verified: the one that is given,
// else those of the policy and the issuer's own.
func (a *App) logKeys(given string, policy *trust.Policy) ([]logproof.Key, error) {
	if given != "" {
		k, err := logproof.ParseKey(given)
		return []logproof.Key{k}, err
	}
	var out []logproof.Key
	for _, l := range policy.Logs {
		out = append(out, l.Key)
	}
	if own, err := a.LogShow(); err == nil {
		k, err := logproof.ParseKey(own.Key)
		if err != nil {
			return nil, err
		}
		out = append(out, k)
	}
	if len(out) == 0 {
		return nil, reason.New("not_found/log", "", "no log is in the trust policy: give its key with --key")
	}
	return out, nil
}

// readLog reads the checkpoint of a log, by the first of the keys that is its.
func readLog(ctx context.Context, files transparency.Files, keys []logproof.Key) (c *logproof.Checkpoint, key logproof.Key, err error) {
	for _, key = range keys {
		if c, err = transparency.Read(ctx, files, key); err == nil {
			return c, key, nil
		}
	}
	return nil, key, err
}

// continues holds a log against what was seen of it: by the trust policy, and in
// files.
func continues(ctx context.Context, files transparency.Files, now *logproof.Checkpoint, key logproof.Key, policy *trust.Policy, seen []string) (int, error) {
	var older []*logproof.Checkpoint
	for _, l := range policy.Logs {
		if l.Key.String() != key.String() {
			continue
		}
		for _, s := range l.Seen {
			older = append(older, &logproof.Checkpoint{Origin: now.Origin, Size: s.Size, Root: s.Root})
		}
	}
	for _, name := range seen {
		raw, err := ReadFile(name)
		if err != nil {
			return 0, err
		}
		for _, raw := range logproof.Split(raw) {
			if _, note, ok := bytes.Cut(raw, []byte("\n\n")); ok && bytes.HasPrefix(raw, []byte("c2sp.org/tlog-proof@")) {
				raw = note // the checkpoint of a proof
			}
			c, err := logproof.ReadCheckpoint(raw)
			if err == nil {
				err = c.SignedBy(key)
			}
			if err != nil {
				return 0, reason.New(reason.CodeOf(err), name, "%w", bareReason(err))
			}
			older = append(older, c)
		}
	}
	for _, c := range older {
		if err := transparency.Continues(ctx, files, now, c); err != nil {
			return 0, err
		}
	}
	return len(older), nil
}

// LogVerify reads a log whole and holds it against its checkpoint, against what
// was seen of it before, and the issuer's own against the books: whatever was
// issued is in it, once.
func (a *App) LogVerify(ctx context.Context, r LogVerifyRequest) (out LogVerified, err error) {
	own := r.Where == ""
	if own {
		s, err := a.LogShow()
		if err != nil {
			return out, err
		}
		r.Where = s.Folder
		if r.Key == "" {
			r.Key = s.Key
		}
	}
	policy, err := a.TrustPolicy()
	if err != nil {
		return out, err
	}
	keys, err := a.logKeys(r.Key, policy)
	if err != nil {
		return out, err
	}
	files, err := a.logFiles(r.Where)
	if err != nil {
		return out, err
	}
	c, key, err := readLog(ctx, files, keys)
	if err != nil {
		return out, err
	}
	out.Name, out.Entries, out.Root = c.Origin, c.Size, base64.StdEncoding.EncodeToString(c.Root[:])
	if out.Seen, err = continues(ctx, files, c, key, policy, r.Seen); err != nil {
		return out, err
	}
	in := map[logproof.Hash]bool{}
	if err := transparency.Audit(ctx, files, c, func(_ int64, e []byte) error {
		if own {
			in[logproof.LeafHash(e)] = true
		}
		return nil
	}); err != nil || !own {
		return out, err
	}
	return out, a.againstBooks(ctx, in, &out)
}

// againstBooks looks for every credential of the books in the log.
func (a *App) againstBooks(ctx context.Context, in map[logproof.Hash]bool, out *LogVerified) error {
	_, salts, err := a.logSecrets()
	if err != nil {
		return err
	}
	var issued int64
	err = a.withLedger(ctx, func(books books) error {
		return books.Each(ctx, func(r issuer.Record) error {
			if !r.Erased.IsZero() {
				return nil
			}
			for _, form := range r.Forms() {
				leaf := logproof.LeafHash(logproof.Entry(saltOf(salts, form.Credential), form.Credential))
				if !in[leaf] {
					return reason.New("log_broken/not-logged", r.ID, "the credential was issued and is not in the log")
				}
				issued++
			}
			return nil
		})
	})
	others := int64(len(in)) - issued
	out.Issued, out.Others = &issued, &others
	return err
}

// TrustLog adds a transparency log to the trust policy.
func (a *App) TrustLog(ctx context.Context, l trust.Log) error {
	return a.changeTrust(ctx, func(p *trust.Policy) (*trust.Policy, [][]byte, error) {
		after, err := p.AddLog(l, a.TrustPath())
		if reason.CodeOf(err) == "malformed/trust-policy" { // what was asked for, not the user's file
			err = reason.New(reason.Usage, l.Key.Name, "%w", bareReason(err))
		}
		return after, nil, err
	})
}

// TrustSee remembers a log as it is now, if it continues what was seen before.
func (a *App) TrustSee(ctx context.Context, where string) (LogVerified, error) {
	var out LogVerified
	files, err := a.logFiles(where)
	if err != nil {
		return out, err
	}
	return out, a.changeTrust(ctx, func(p *trust.Policy) (*trust.Policy, [][]byte, error) {
		var keys []logproof.Key
		for _, l := range p.Logs {
			keys = append(keys, l.Key)
		}
		if len(keys) == 0 {
			return p, nil, reason.New("not_found/log", a.TrustPath(), "no log is in the trust policy: bevis trust log add KEY")
		}
		c, key, err := readLog(ctx, files, keys)
		if err != nil {
			return p, nil, err
		}
		out.Name, out.Entries, out.Root = c.Origin, c.Size, base64.StdEncoding.EncodeToString(c.Root[:])
		if out.Seen, err = continues(ctx, files, c, key, p, nil); err != nil {
			return p, nil, err
		}
		after, err := p.See(key, trust.Seen{At: a.cfg.Now(), Size: c.Size, Root: c.Root}, a.TrustPath())
		return after, nil, err
	})
}
