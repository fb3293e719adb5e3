package issuer

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strconv"
	"strings"

	"github.com/kompetansebevis/bevis/internal/i18n"
	"github.com/kompetansebevis/bevis/reason"
)

// problemBase is where the problems are explained.
const problemBase = "https://github.com/kompetansebevis/bevis/blob/main/docs/service.md#"

// problem is what went wrong (RFC 9457).
type problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty"`
	Code   string `json:"code"`
	At     string `json:"at,omitempty"` // a JSON pointer into the request, or an id
	Next   string `json:"next"`
	lang   string
}

// problem makes a problem of an error. What the ledger or the machine says stays
// inside.
func (s *Server) problem(c *call, err error) problem {
	code := reason.CodeOf(err)
	status := statusOf(code)
	p := problem{Code: string(code), Status: status, At: reason.AtOf(err)}
	var e *reason.Error
	switch {
	case status == http.StatusServiceUnavailable:
		p.Detail, p.At = "The request can be made again, with the same key.", ""
	case status == http.StatusInternalServerError:
		p.Detail, p.At = "", ""
	case errors.As(err, &e) && e.Err != nil:
		p.Detail = e.Err.Error()
	}
	p.lang = language(c.Header.Get("Accept-Language"))
	texts := s.printers[p.lang]
	p.Title, p.Next = texts.Code("reason.", p.Code), texts.Next("api", string(code))
	p.Type = problemBase + p.Code
	return p
}

// refuse answers with what went wrong.
func (s *Server) refuse(c *call, err error) {
	err = outOfTime(err)
	c.failed = err
	if ledgerFailed(err) {
		s.metrics.ledgerFailed(reason.CodeOf(err))
	}
	p := s.problem(c, err)
	h := c.w.Header()
	switch p.Status {
	case http.StatusUnauthorized:
		h.Set("WWW-Authenticate", `Bearer realm="bevis"`)
	case http.StatusServiceUnavailable:
		h.Set("Retry-After", s.away.retryAfter(s.cfg.Now()))
	}
	h.Set("Content-Language", p.lang)
	body, fault := json.Marshal(p)
	if fault != nil {
		body, p.Status = nil, http.StatusInternalServerError
	}
	_ = c.answer(p.Status, "application/problem+json", append(body, '\n')) // it returns none
}

// outOfTime makes the end of Config.Timeout what it means for who asked.
func outOfTime(err error) error {
	if reason.CodeOf(err) == reason.Canceled || errors.Is(err, context.DeadlineExceeded) && reason.CodeOf(err) == reason.Internal {
		return reason.New("io/ledger-unreachable", "", "no answer in time: %w", err)
	}
	return err
}

// ledgerFailed reports whether an error is for who runs the ledger to look at.
func ledgerFailed(err error) bool {
	code := reason.CodeOf(err)
	return code.Coarse() == string(reason.IO) && code != "io/too-busy" || code == "conflict/ledger-busy"
}

// statusOf returns the status of an answer. Unlike a verdict, which is an answer,
// an award that cannot be issued is a bad request.
func statusOf(code reason.Code) int {
	switch code {
	case "conflict/idempotency-key": // draft-ietf-httpapi-idempotency-key-header, 2.7
		return http.StatusUnprocessableEntity
	case "conflict/erased":
		return http.StatusGone
	case "conflict/ledger-busy", reason.KeyUnavailable:
		return http.StatusServiceUnavailable
	case "locked/api-key":
		return http.StatusUnauthorized
	case "resource_limit/rate":
		return http.StatusTooManyRequests
	case "usage/method":
		return http.StatusMethodNotAllowed
	case "usage/media-type":
		return http.StatusUnsupportedMediaType
	}
	switch code.Coarse() {
	case string(reason.ResourceLimit):
		return http.StatusRequestEntityTooLarge
	case "log_broken": // the issuer's own
		return http.StatusInternalServerError
	}
	switch code.Class() {
	case reason.Denied:
		return http.StatusForbidden
	case reason.Missing:
		return http.StatusNotFound
	case reason.Conflicting:
		return http.StatusConflict
	case reason.Failure, reason.Interrupted:
		return http.StatusServiceUnavailable
	case reason.Fault:
		return http.StatusInternalServerError
	}
	return http.StatusBadRequest
}

// cause says of a failure of the machine what can be said without naming anybody:
// what the network said, or the code of the database.
func cause(err error) string {
	if !ledgerFailed(err) {
		return ""
	}
	var state interface{ SQLState() string }
	if errors.As(err, &state) {
		return "SQLSTATE " + state.SQLState()
	}
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Op + " " + op.Net + ": " + op.Err.Error()
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return "timeout"
	}
	return ""
}

// language returns the best of our languages for an Accept-Language (RFC 9110
// section 12.5.4), English for none.
func language(accept string) string {
	best, weight := "en", 0.0
	for part := range strings.SplitSeq(accept[:min(len(accept), 500)], ",") {
		tag, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		q := 1.0
		if value, ok := strings.CutPrefix(strings.ReplaceAll(params, " ", ""), "q="); ok {
			parsed, err := strconv.ParseFloat(value, 64)
			if err != nil {
				continue
			}
			q = parsed
		}
		base, _, _ := strings.Cut(strings.ToLower(tag), "-")
		if base == "no" {
			base = "nb"
		}
		for _, lang := range i18n.Languages() {
			if base == lang && q > weight {
				best, weight = lang, q
			}
		}
	}
	return best
}
