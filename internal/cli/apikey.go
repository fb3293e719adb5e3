package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/kompetansebevis/bevis/server/apikey"
)

// issuerAPIKey makes the commands for the keys of a service.
func (s *session) issuerAPIKey() *cobra.Command {
	c := s.group("issuer.apikey", s.apiKeyAdd(), s.apiKeyList(), s.apiKeyRevoke())
	c.Use = "apikey"
	return c
}

// apiKeyJSON is a key as it is shown: without its digest.
type apiKeyJSON struct {
	ID       string         `json:"id"`
	Name     string         `json:"name"`
	Scopes   []apikey.Scope `json:"scopes"`
	Created  string         `json:"created"`
	LastUsed string         `json:"lastUsed,omitempty"`
	Revoked  string         `json:"revoked,omitempty"`
	Secret   string         `json:"secret,omitempty"` // only when it is made
}

func shownKey(k apikey.Key) apiKeyJSON {
	out := apiKeyJSON{ID: k.ID, Name: k.Name, Scopes: k.Scopes, Created: k.Created.Format(time.DateOnly)}
	if !k.Revoked.IsZero() {
		out.Revoked = k.Revoked.Format(time.DateOnly)
	}
	return out
}

func words(scopes []apikey.Scope) string {
	var out []string
	for _, s := range scopes {
		out = append(out, string(s))
	}
	return strings.Join(out, ",")
}

func (s *session) apiKeyAdd() *cobra.Command {
	var scopes []string
	c := s.leaf("issuer.apikey.add", "add NAME", 1, 1, []string{
		"bevis issuer apikey add moodle --scope issue --scope read",
		"bevis issuer apikey add prometheus --scope admin",
	}, func(ctx context.Context, args []string) error {
		var asked []apikey.Scope
		for _, scope := range scopes {
			asked = append(asked, apikey.Scope(scope))
		}
		secret, k, err := s.app.APIKeyAdd(ctx, args[0], asked)
		if err != nil {
			return err
		}
		s.note("apikey.once")
		out := shownKey(k)
		out.Secret = secret
		return s.result(out, func(w *strings.Builder) { w.WriteString(secret + "\n") })
	})
	c.Flags().StringSliceVar(&scopes, "scope", nil, s.t("flag.scope", words(apikey.Scopes())))
	return c
}

func (s *session) apiKeyList() *cobra.Command {
	return s.leaf("issuer.apikey.list", "list", 0, 0, nil, func(context.Context, []string) error {
		all, err := s.app.APIKeys().List()
		if err != nil {
			return err
		}
		out := struct {
			Keys []apiKeyJSON `json:"keys"`
		}{[]apiKeyJSON{}}
		for _, k := range all {
			one := shownKey(k.Key)
			one.LastUsed = k.LastUsed
			out.Keys = append(out.Keys, one)
		}
		return s.result(out, func(w *strings.Builder) {
			for _, k := range out.Keys {
				state := s.t("apikey.never")
				switch {
				case k.Revoked != "":
					state = s.t("apikey.revoked", k.Revoked)
				case k.LastUsed != "":
					state = s.t("apikey.used", k.LastUsed)
				}
				fmt.Fprintf(w, "%s  %-24s %-28s %s\n", k.ID, k.Name, words(k.Scopes), state)
			}
			if len(out.Keys) == 0 {
				w.WriteString(s.t("apikey.none") + "\n")
			}
		})
	})
}

func (s *session) apiKeyRevoke() *cobra.Command {
	return s.leaf("issuer.apikey.revoke", "revoke NAME|ID", 1, 1, []string{"bevis issuer apikey revoke moodle"}, func(ctx context.Context, args []string) error {
		k, err := s.app.APIKeys().Revoke(ctx, args[0])
		if err != nil {
			return err
		}
		s.note("apikey.gone", show(k.Name))
		if s.json {
			return s.printJSON(shownKey(k))
		}
		return nil
	})
}
