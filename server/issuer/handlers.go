package issuer

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/status"
	core "github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
)

// actor is what the audit log calls who asked.
func (c *call) actor() string { return "api:" + c.key.Name }

// replayed says of a credential that it was issued before, under the same key.
const replayed = "Idempotency-Replayed"

// issue issues one award. The answer is the credential, as it was signed, and the
// same when it is asked for again.
func (s *Server) issue(c *call) error {
	key, err := idempotencyKey(c.Header)
	if err != nil {
		return err
	}
	body, err := c.body()
	if err != nil {
		return err
	}
	o := &object{value: body}
	a := s.award(c, o)
	if err := o.done(); err != nil {
		return err
	}
	a.award.IdempotencyKey = key
	var issued *core.Issued
	err = s.ask(func() (err error) {
		issued, err = s.cfg.Desk.Issue(c.ctx, a.achievement, a.award)
		return err
	})
	if err != nil {
		return err
	}
	s.metrics.wasIssued(issued.Again)
	h := c.w.Header()
	h.Set("Location", credentialURL(issued.ID))
	linkForms(h, issued.ID, issued.Others)
	if issued.Again {
		h.Set(replayed, "true")
	}
	return c.answer(http.StatusCreated, mediaType(issued.Credential), issued.Credential)
}

func credentialURL(id string) string { return "/v1/credentials/" + url.PathEscape(id) }

// mediaType tells how a credential is secured, as the specifications name it.
func mediaType(raw []byte) string {
	if proof.IsCOSE(raw) {
		return "application/vc+cose"
	}
	if len(raw) > 0 && raw[0] == '{' {
		return "application/vc"
	}
	head, _, _ := strings.Cut(string(raw), ".")
	decoded, _ := base64.RawURLEncoding.DecodeString(head) // nothing, for what is no token
	var header struct {
		Type string `json:"typ"`
	}
	_ = json.Unmarshal(decoded, &header)
	switch header.Type {
	case "vc+jwt", "dc+sd-jwt", "vc+sd-jwt", "statuslist+jwt":
		return "application/" + header.Type
	}
	return "application/jwt"
}

// record returns what is known of the credential in the path.
func (s *Server) record(c *call) (r core.Record, err error) {
	err = s.ask(func() (err error) {
		r, err = s.cfg.Desk.Credential(c.ctx, c.PathValue("id"))
		return err
	})
	if err == nil && !r.Erased.IsZero() {
		err = reason.New("conflict/erased", r.ID, "the credential was erased")
	}
	return r, err
}

// statusJSON is a credential's status in the ledger. Others see it with the next
// publication.
type statusJSON struct {
	ID        string `json:"id"`
	Revoked   bool   `json:"revoked"`
	Suspended bool   `json:"suspended"`
	Message   uint8  `json:"message"`        // by its number, 0 for none
	Says      string `json:"says,omitempty"` // the text of it, as the credential has it
}

func (s *Server) status(c *call) error {
	out := statusJSON{ID: c.PathValue("id")}
	err := s.ask(func() error {
		set, err := s.cfg.Desk.Status(c.ctx, out.ID)
		if err == nil && slices.Contains(set, status.Message) {
			out.Message, out.Says, err = s.cfg.Desk.Message(c.ctx, out.ID)
		}
		out.Revoked, out.Suspended = slices.Contains(set, status.Revocation), slices.Contains(set, status.Suspension)
		return err
	})
	if err != nil {
		return err
	}
	return c.answerJSON(http.StatusOK, out)
}

// say has the status list say one of its messages of a credential. It is the same
// however often it is asked for.
func (s *Server) say(c *call) error {
	body, err := c.body()
	if err != nil {
		return err
	}
	o := &object{value: body}
	message, why := o.count("message", maxMessage), o.text("reason")
	if err := o.done(); err != nil {
		return err
	}
	if err := s.ask(func() error { return s.cfg.Desk.Say(c.ctx, c.PathValue("id"), uint8(message), why, c.actor()) }); err != nil {
		return err
	}
	return s.status(c)
}

// change makes the handler of a change, which is the same however often it is
// asked for.
func (s *Server) change(f func(ctx context.Context, id, why, actor string) error) func(*call) error {
	return func(c *call) error {
		body, err := c.body()
		if err != nil {
			return err
		}
		o := &object{value: body}
		why := o.text("reason")
		if err := o.done(); err != nil {
			return err
		}
		if err := s.ask(func() error { return f(c.ctx, c.PathValue("id"), why, c.actor()) }); err != nil {
			return err
		}
		return s.status(c)
	}
}

// achievementJSON is an achievement with the name under which it is kept.
type achievementJSON struct {
	Name        string          `json:"name"`
	Achievement json.RawMessage `json:"achievement"`
}

func (s *Server) achievements(c *call) error {
	all, err := s.cfg.Desk.Achievements(c.ctx)
	if err != nil {
		return err
	}
	out := struct {
		Achievements []achievementJSON `json:"achievements"`
	}{[]achievementJSON{}}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		out.Achievements = append(out.Achievements, asJSON(name, all[name]))
	}
	return c.answerJSON(http.StatusOK, out)
}

func asJSON(name string, a openbadge.Achievement) achievementJSON {
	return achievementJSON{name, a.Value().AppendJSON(nil)}
}

func (s *Server) achievement(c *call) error {
	name := c.PathValue("name")
	a, err := s.cfg.Desk.Achievement(c.ctx, name)
	if err != nil {
		return err
	}
	return c.answerJSON(http.StatusOK, asJSON(name, a))
}

// publish has the lists published. It is done once, however often it is asked for
// before somebody begins.
func (s *Server) publish(c *call) error {
	if err := s.ask(func() error { return s.cfg.Desk.PublishLater(c.ctx) }); err != nil {
		return err
	}
	c.w.Header().Set("Location", "/v1/jobs")
	return c.answerJSON(http.StatusAccepted, map[string]string{"state": "queued"})
}

func (s *Server) jobs(c *call) error {
	var b core.Backlog
	err := s.ask(func() (err error) {
		b, err = s.cfg.Desk.Backlog(c.ctx)
		return err
	})
	if err != nil {
		return err
	}
	return c.answerJSON(http.StatusOK, b)
}

func (s *Server) showMetrics(c *call) error {
	return c.answer(http.StatusOK, "text/plain; version=0.0.4; charset=utf-8", s.metrics.text())
}

func (s *Server) openAPI(c *call) error {
	return c.answer(http.StatusOK, "application/json", openAPI)
}

// healthy says that the process lives.
func (s *Server) healthy(c *call) error {
	return c.answerJSON(http.StatusOK, map[string]string{"status": "ok"})
}

// readiness is whether the ledger answered when it was last asked.
type readiness struct {
	mu  sync.Mutex
	at  time.Time
	err error
}

// ready says whether the ledger answers. It is asked once in a second, however
// many want to know, for anybody may.
func (s *Server) ready(c *call) error {
	s.last.mu.Lock()
	defer s.last.mu.Unlock()
	if now := s.cfg.Now(); s.last.at.IsZero() || now.Sub(s.last.at).Abs() >= time.Second {
		s.last.err = s.cfg.Desk.Ready(c.ctx)
		s.last.at = s.cfg.Now()
	}
	if s.last.err != nil {
		return s.last.err
	}
	return c.answerJSON(http.StatusOK, map[string]string{"status": "ok"})
}
