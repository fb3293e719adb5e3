package issuer

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/server/apikey"
)

// call is a request that is under way.
type call struct {
	*http.Request
	w       http.ResponseWriter
	ctx     context.Context // of the work: it ends with Config.Timeout, not with who asked
	id      string
	route   string
	key     apikey.Key
	status  int
	failed  error
	written int
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	begun := s.cfg.Now()
	// Who lost patience will ask again with the same key. Until then the work goes
	// on: to break it off would cost the ledger a connection.
	ctx, stop := context.WithTimeout(context.WithoutCancel(r.Context()), s.cfg.Timeout)
	defer stop()
	c := &call{Request: r, w: w, ctx: ctx, id: newID(), route: "none"}
	s.metrics.begin()
	defer func() {
		if p := recover(); p != nil {
			// What it says may hold anything; where it was holds no data.
			s.cfg.Log.Error("panic", "request", c.id, "type", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
			if c.status == 0 {
				s.refuse(c, reason.New(reason.Internal, "", "a fault in bevis"))
			}
		}
		took := s.cfg.Now().Sub(begun)
		s.metrics.end(c.route, c.status, took)
		s.log(c, took)
	}()
	h := w.Header()
	h.Set("Request-Id", c.id)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	default:
		s.refuse(c, reason.New("io/too-busy", "", "more requests are under way than are taken at once"))
		return
	}
	fallback, pattern := s.mux.Handler(r)
	if pattern == "" {
		if !s.public(c) {
			s.lost(c, fallback)
		}
		return
	}
	_, c.route, _ = strings.Cut(pattern, " ")
	s.mux.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), callKey{}, c)))
}

type callKey struct{}

// endpoint lets in who may, and has a route answer.
func (s *Server) endpoint(r route) http.Handler {
	return http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		c, ok := req.Context().Value(callKey{}).(*call)
		if !ok {
			return // nobody else knows this handler
		}
		c.Request = req // with the path's values
		err := s.admit(c, r.scope)
		if err == nil {
			err = r.handle(c)
		}
		if err != nil {
			s.refuse(c, err)
		}
	})
}

// admit looks at the key.
func (s *Server) admit(c *call, scope apikey.Scope) error {
	if scope == "" {
		return nil
	}
	scheme, secret, _ := strings.Cut(c.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || secret == "" {
		return reason.New("locked/api-key", "", "this needs a key: Authorization: Bearer bevis_key_…")
	}
	key, known, err := s.cfg.Keys.Find(secret)
	if err != nil {
		return reason.Wrap(reason.IO, "", err)
	}
	if !known || !key.Revoked.IsZero() {
		return reason.New("locked/api-key", "", "the key is not known, or was revoked")
	}
	c.key = key
	if err := s.take(c, 1); err != nil {
		return err
	}
	if !key.May(scope) {
		return reason.New("locked/scope", "", "the key lacks the scope %q", scope)
	}
	if err := s.cfg.Keys.Use(key); err != nil {
		s.cfg.Log.Warn("the day of a key's use was not kept", "key", key.ID, "code", string(reason.CodeOf(err)))
	}
	return nil
}

// take takes from what the key may do in a second.
func (s *Server) take(c *call, n int) error {
	if wait := s.limit.take(c.key.ID, n, s.cfg.Now()); wait > 0 {
		c.w.Header().Set("Retry-After", strconv.Itoa(seconds(wait)))
		return reason.New("resource_limit/rate", "", "the key asks for more than %g in a second", s.cfg.Rate)
	}
	return nil
}

func seconds(d time.Duration) int { return max(1, int((d+time.Second-1)/time.Second)) }

// lost answers what no route takes.
func (s *Server) lost(c *call, fallback http.Handler) {
	p := probe{header: http.Header{}}
	fallback.ServeHTTP(&p, c.Request)
	if p.status == http.StatusMethodNotAllowed {
		c.w.Header().Set("Allow", p.header.Get("Allow"))
		s.refuse(c, reason.New("usage/method", "", "it takes %s", p.header.Get("Allow")))
		return
	}
	s.refuse(c, reason.New("not_found/endpoint", "", "there is nothing at this path: see /openapi.json"))
}

// probe hears what the mux would say.
type probe struct {
	header http.Header
	status int
}

func (p *probe) Header() http.Header         { return p.header }
func (p *probe) Write(b []byte) (int, error) { return len(b), nil }
func (p *probe) WriteHeader(status int)      { p.status = status }

// body reads a request's JSON object strictly.
func (c *call) body() (*strictjson.Value, error) {
	if kind, _, err := mime.ParseMediaType(c.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return nil, reason.New("usage/media-type", "", "send application/json")
	}
	raw, err := io.ReadAll(http.MaxBytesReader(c.w, c.Body, maxBody))
	if err != nil {
		return nil, reason.New(reason.LimitSize, "", "the body has more than %d bytes, or did not arrive whole", maxBody)
	}
	return strictjson.ParseObject(raw, strictjson.Limits{MaxBytes: maxBody})
}

// answer writes bytes.
func (c *call) answer(status int, media string, body []byte) error {
	c.status = status
	c.w.Header().Set("Content-Type", media)
	c.w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	c.w.WriteHeader(status)
	n, _ := c.w.Write(body) // who is gone needs no answer
	c.written = n
	return nil
}

// answerJSON writes a value.
func (c *call) answerJSON(status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return reason.Wrap(reason.Internal, "", err)
	}
	return c.answer(status, "application/json", append(body, '\n'))
}

func newID() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // it does not fail, and a request goes on without
	return hex.EncodeToString(b[:])
}

// log writes a line about a request: nothing that came from outside, and no text
// of an error, for these can name people.
func (s *Server) log(c *call, took time.Duration) {
	attrs := []slog.Attr{
		slog.String("request", c.id), slog.String("method", method(c.Method)), slog.String("route", c.route), slog.Int("status", c.status),
		slog.Float64("ms", float64(took.Microseconds())/1000), slog.Int("bytes", c.written),
	}
	if c.key.ID != "" {
		attrs = append(attrs, slog.String("key", c.key.ID))
	}
	level := slog.LevelInfo
	if c.failed != nil {
		attrs = append(attrs, slog.String("code", string(reason.CodeOf(c.failed))))
		if text := cause(c.failed); text != "" {
			attrs = append(attrs, slog.String("cause", text))
		}
	}
	if c.status >= 500 {
		level = slog.LevelError
	}
	s.cfg.Log.LogAttrs(context.WithoutCancel(c.Context()), level, "request", attrs...)
}

// method returns a method that is known, for a method is a text from outside.
func method(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return m
	}
	return "other"
}
