package cli

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/server/issuer"
)

// serveIssuer lets programs of others issue.
func (s *session) serveIssuer() *cobra.Command {
	var listen, certificate, key, public string
	var behindProxy bool
	var cfg issuer.Config
	c := s.leaf("serve.issuer", "issuer", 0, 0, []string{
		"bevis serve issuer",
		"bevis serve issuer --listen :8443 --tls-cert cert.pem --tls-key key.pem --rate 500",
		"bevis serve issuer --listen 10.0.0.5:8080 --behind-proxy --public web",
	}, func(ctx context.Context, _ []string) error {
		secure, err := tlsFiles(certificate, key)
		if err != nil {
			return err
		}
		if secure == nil && !behindProxy && !isLoopback(listen) {
			return reason.New(reason.Usage, "--listen", "others could read the keys: give --tls-cert and --tls-key, or --behind-proxy if that encrypts")
		}
		return s.app.WithDesk(ctx, func(d *app.IssuerDesk) error {
			cfg.Desk, cfg.Keys, cfg.Now = d, s.app.APIKeys(), s.env.Now
			cfg.Log = slog.New(slog.NewJSONHandler(s.env.Stderr, nil))
			if public != "" {
				folder, err := app.Folder(public)
				if err != nil {
					return err
				}
				defer folder.Close() // it was only read
				cfg.Public = folder.FS()
			}
			server, err := issuer.New(cfg)
			if err != nil {
				return err
			}
			l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", listen)
			if err != nil {
				return reason.New(reason.IO, listen, "nothing can be listened for there: %w", err)
			}
			scheme := "http://"
			if secure != nil {
				scheme = "https://"
			}
			s.note("serve.issuer", scheme+l.Addr().String())
			// The log is kept until the last request has ended.
			keeping, stop := context.WithCancel(context.WithoutCancel(ctx))
			var kept sync.WaitGroup
			kept.Go(func() {
				d.KeepLog(keeping, func(err error) {
					cfg.Log.Error("the transparency log is behind", "code", string(reason.CodeOf(err)))
				})
			})
			defer kept.Wait()
			defer stop()
			return server.Serve(ctx, l, secure)
		})
	})
	f := c.Flags()
	f.StringVar(&listen, "listen", "127.0.0.1:8080", s.t("flag.listen"))
	f.StringVar(&certificate, "tls-cert", "", s.t("flag.tls-cert"))
	f.StringVar(&key, "tls-key", "", s.t("flag.tls-key"))
	f.BoolVar(&behindProxy, "behind-proxy", false, s.t("flag.behind-proxy"))
	f.StringVar(&public, "public", "", s.t("flag.public"))
	f.Float64Var(&cfg.Rate, "rate", 100, s.t("flag.rate"))
	f.IntVar(&cfg.InFlight, "in-flight", 512, s.t("flag.in-flight"))
	f.DurationVar(&cfg.Timeout, "timeout", 5*time.Second, s.t("flag.timeout"))
	return c
}

// tlsFiles reads a certificate and its key; without any it is nil.
func tlsFiles(certificate, key string) (*tls.Config, error) {
	if certificate == "" && key == "" {
		return nil, nil
	}
	if certificate == "" || key == "" {
		return nil, reason.New(reason.Usage, "--tls-cert", "--tls-cert and --tls-key go together")
	}
	chain, err := app.ReadFile(certificate)
	if err != nil {
		return nil, err
	}
	private, err := app.ReadFile(key)
	if err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair(chain, private)
	if err != nil {
		return nil, reason.New(reason.Usage, certificate, "is no certificate for the key in %s", key) // the cause could show what is in them
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}, nil
}

// isLoopback reports whether an address to listen on is for this machine alone.
func isLoopback(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
