package issuer

import (
	"context"
	_ "embed" // openapi.json
	"io/fs"
	"iter"
	"log/slog"
	"net/http"
	"time"

	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/i18n"
	core "github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/server/apikey"
)

// Desk does what is asked for. It is safe for concurrent use.
type Desk interface {
	// Issue issues an award for an achievement that is kept under a name, which
	// it fills in.
	Issue(ctx context.Context, achievement string, a core.Award) (*core.Issued, error)
	// Award is the first step of that: it fills in the achievement, and says what is
	// wrong with the award's recipient.
	Award(ctx context.Context, achievement string, a core.Award) (core.Award, error)
	// IssueAll issues awards that Award returned, and yields what came of each in
	// their order. An error that is the last may be that of all that are left.
	IssueAll(ctx context.Context, awards iter.Seq[core.Award], m core.Many) iter.Seq2[*core.Issued, error]
	// Form returns the way to secure a credential that somebody named.
	Form(name string) (proof.Suite, error)
	// Forms returns the ways to secure a credential in all the forms that somebody
	// named, such as ob3 and vc-jwt, by the key in use. What cannot be is an error of
	// code usage.
	Forms(ctx context.Context, names []string) ([]proof.Suite, error)
	// Credential returns what was recorded of a credential.
	Credential(ctx context.Context, id string) (core.Record, error)
	// LogProof returns the proof that a credential is in the issuer's transparency
	// log (c2sp.org/tlog-proof), not_found/log if none is kept here.
	LogProof(ctx context.Context, credential []byte) ([]byte, error)
	// Status returns the purposes for which a credential's entry is set.
	Status(ctx context.Context, id string) ([]string, error)
	// Revoke, Suspend and Reinstate change it.
	Revoke(ctx context.Context, id, why, actor string) error
	Suspend(ctx context.Context, id, why, actor string) error
	Reinstate(ctx context.Context, id, why, actor string) error
	// Say has the status list say one of the messages that stand in a credential, by
	// its number; 0 takes back what was said. Message returns what is said, with its
	// text, empty where that is not known any more.
	Say(ctx context.Context, id string, message uint8, why, actor string) error
	Message(ctx context.Context, id string) (message uint8, says string, err error)
	// Achievement returns what is kept under a name, Achievements all of it.
	Achievement(ctx context.Context, name string) (openbadge.Achievement, error)
	Achievements(ctx context.Context) (map[string]openbadge.Achievement, error)
	// PublishLater has the lists published by whoever does the work of the books.
	PublishLater(ctx context.Context) error
	// Backlog counts the work.
	Backlog(ctx context.Context) (core.Backlog, error)
	// Ready returns an error if the ledger does not answer.
	Ready(ctx context.Context) error
}

// Keys tells who may do what. It is safe for concurrent use; apikey.File is one.
type Keys interface {
	Find(secret string) (apikey.Key, bool, error)
	Use(apikey.Key) error
}

// Config is what a server works with. Desk, Keys, Now and Log are required; what
// is zero of the rest has the value in brackets.
type Config struct {
	Desk Desk
	Keys Keys
	Now  func() time.Time
	Log  *slog.Logger

	// Public is the folder that Publish writes, to be given out to everybody; nil:
	// another host does that.
	Public fs.FS

	Rate     float64       // awards and other requests of a key in a second, on average [100]
	Burst    int           // of them at once; no fewer than MaxAwards [2 × Rate]
	InFlight int           // requests at once, beyond which it is 503 at once [512]
	Timeout  time.Duration // for the work of a request, beyond which it is 503 [5 s]
	Drain    time.Duration // for what was begun when the server is told to stop [30 s]
}

// Bounds of a request.
const (
	MaxAwards  = 100     // of POST /v1/awards
	maxBody    = 1 << 20 // bytes
	maxText    = 16 << 10
	maxMessage = 15 // the number of a message
)

// Server answers requests.
type Server struct {
	cfg      Config
	routes   []route
	mux      *http.ServeMux
	limit    *limiter
	metrics  *metrics
	slots    chan struct{} // one for each request that is under way
	last     readiness
	away     away
	printers map[string]*i18n.Printer
}

// New returns a server, or an error of code usage that names the first gap.
func New(cfg Config) (*Server, error) {
	for _, gap := range []struct {
		missing bool
		text    string
	}{
		{cfg.Desk == nil, "Desk is nil"}, {cfg.Keys == nil, "Keys is nil: nobody could come in"},
		{cfg.Now == nil, "Now is nil: use time.Now"}, {cfg.Log == nil, "Log is nil"},
		{cfg.Rate < 0 || cfg.Burst < 0 || cfg.InFlight < 0 || cfg.Timeout < 0 || cfg.Drain < 0, "a bound is negative"},
	} {
		if gap.missing {
			return nil, reason.New(reason.Usage, "issuer.Config", "%s", gap.text)
		}
	}
	if cfg.Rate == 0 {
		cfg.Rate = 100
	}
	if cfg.Burst == 0 {
		cfg.Burst = int(2 * cfg.Rate)
	}
	cfg.Burst = max(cfg.Burst, MaxAwards)
	if cfg.InFlight == 0 {
		cfg.InFlight = 512
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = 5 * time.Second
	}
	if cfg.Drain == 0 {
		cfg.Drain = 30 * time.Second
	}
	s := &Server{cfg: cfg, mux: http.NewServeMux(), limit: newLimiter(cfg.Rate, cfg.Burst), metrics: newMetrics(),
		slots: make(chan struct{}, cfg.InFlight), printers: map[string]*i18n.Printer{}}
	for _, lang := range i18n.Languages() {
		s.printers[lang] = i18n.New(lang)
	}
	s.routes = s.table()
	for _, r := range s.routes {
		s.mux.Handle(r.pattern(), s.endpoint(r))
	}
	return s, nil
}

// route is something that can be asked for.
type route struct {
	method, path string
	scope        apikey.Scope // empty: no key is needed
	handle       func(*call) error
}

func (r route) pattern() string { return r.method + " " + r.path }

func (s *Server) table() []route {
	return []route{
		{"POST", "/v1/credentials", apikey.Issue, s.issue},
		{"POST", "/v1/awards", apikey.Issue, s.issueMany},
		{"GET", "/v1/credentials/{id}", apikey.Read, s.credential},
		{"GET", "/v1/credentials/{id}/log-proof", apikey.Read, s.logProof},
		{"GET", "/v1/credentials/{id}/forms/{form}", apikey.Read, s.credential},
		{"GET", "/v1/credentials/{id}/forms/{form}/log-proof", apikey.Read, s.logProof},
		{"GET", "/v1/credentials/{id}/status", apikey.Read, s.status},
		{"POST", "/v1/credentials/{id}/revoke", apikey.Revoke, s.change(s.cfg.Desk.Revoke)},
		{"POST", "/v1/credentials/{id}/suspend", apikey.Revoke, s.change(s.cfg.Desk.Suspend)},
		{"POST", "/v1/credentials/{id}/reinstate", apikey.Revoke, s.change(s.cfg.Desk.Reinstate)},
		{"POST", "/v1/credentials/{id}/message", apikey.Revoke, s.say},
		{"GET", "/v1/achievements", apikey.Read, s.achievements},
		{"GET", "/v1/achievements/{name}", apikey.Read, s.achievement},
		{"POST", "/v1/publications", apikey.Publish, s.publish},
		{"GET", "/v1/jobs", apikey.Admin, s.jobs},
		{"GET", "/metrics", apikey.Admin, s.showMetrics},
		{"GET", "/openapi.json", "", s.openAPI},
		{"GET", "/healthz", "", s.healthy},
		{"GET", "/readyz", "", s.ready},
	}
}

//go:embed openapi.json
var openAPI []byte

// OpenAPI returns what the server answers to, as OpenAPI 3.1.
func OpenAPI() []byte { return append([]byte(nil), openAPI...) }
