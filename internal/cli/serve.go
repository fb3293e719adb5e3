package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kompetansebevis/bevis/credential/proof/suites"
	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/server/vcapi"
)

func (s *session) serveCommand() *cobra.Command {
	return s.group("serve", s.serveIssuer(), s.serveVCAPI())
}

// serveVCAPI answers the test suites of the W3C. It is the one command that
// reaches package vcapi, which trusts anybody.
func (s *session) serveVCAPI() *cobra.Command {
	var listen, keys string
	var contexts []string
	var out outFlags
	c := s.leaf("serve.vc-api", "vc-api", 0, 0, []string{
		"bevis serve vc-api -o localConfig.cjs",
		"bevis serve vc-api --listen 127.0.0.1:40443 --keys keys --context https://www.w3.org/ns/credentials/examples/v2=examples.jsonld",
	}, func(ctx context.Context, _ []string) error {
		if err := app.Free(out.file, out.force); err != nil {
			return err
		}
		extra, err := extraContexts(contexts)
		if err != nil {
			return err
		}
		issuers, err := adapterIssuers(keys)
		if err != nil {
			return err
		}
		l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", listen)
		if err != nil {
			return reason.New(reason.IO, listen, "nothing can be listened for there: %w", err)
		}
		adapter, err := vcapi.New(ctx, vcapi.Config{Base: "https://" + l.Addr().String(), Issuers: issuers, Contexts: extra, Now: s.env.Now})
		if err != nil {
			_ = l.Close()
			return err
		}
		config, err := adapter.LocalConfig()
		if err == nil && out.file == "" {
			_, err = s.env.Stderr.Write(config)
		} else if err == nil {
			err = s.deliver(config, out.file, out)
		}
		if err != nil {
			_ = l.Close()
			return err
		}
		s.note("serve.vc-api", "https://"+l.Addr().String())
		return adapter.Serve(ctx, l)
	})
	f := c.Flags()
	f.StringVar(&listen, "listen", "127.0.0.1:0", s.t("flag.listen"))
	f.StringVar(&keys, "keys", "", s.t("flag.serve-keys"))
	f.StringArrayVar(&contexts, "context", nil, s.t("flag.serve-context"))
	s.outFlags(c, &out)
	return c
}

// extraContexts reads URL=FILE pairs.
func extraContexts(pairs []string) ([]suites.Context, error) {
	var out []suites.Context
	for _, pair := range pairs {
		url, file, ok := strings.Cut(pair, "=")
		if !ok || url == "" || file == "" {
			return nil, reason.New(reason.Usage, "--context", "give URL=FILE")
		}
		raw, err := app.ReadFile(file)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(raw)
		out = append(out, suites.Context{URL: url, Bytes: raw, SHA256: hex.EncodeToString(sum[:])})
	}
	return out, nil
}

// adapterIssuers returns an issuer of each kind, with keys of a folder where
// they are there. New ones are kept there, so that another run has the same.
func adapterIssuers(folder string) ([]vcapi.Issuer, error) {
	var out []vcapi.Issuer
	for _, kind := range vcapi.Kinds() {
		file := filepath.Join(folder, kind.Name+".pem")
		var pem []byte
		var err error
		if folder != "" {
			pem, err = app.ReadFile(file)
		}
		if err != nil && reason.CodeOf(err) != reason.NotFound {
			return nil, err
		}
		issuer, made, err := kind.Issuer(pem)
		if err != nil {
			return nil, err
		}
		if folder != "" && made != nil {
			if err := app.WriteFile(file, made, true, false); err != nil {
				return nil, err
			}
		}
		out = append(out, issuer)
	}
	return out, nil
}
