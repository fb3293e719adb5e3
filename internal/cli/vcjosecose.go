package cli

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/server/vcapi"
)

// enveloping is what the suite hands to an implementation: files, and what to
// do with them.
type enveloping struct {
	input, key, feature, paths, output string
	contexts                           []string
}

// vcJOSECOSE is called by the W3C test suite for VC-JOSE-COSE, with the words
// and flags that it has. It is for nobody else, and no help names it: it takes
// private keys as plain text, and does not ask whose they are.
func (s *session) vcJOSECOSE() *cobra.Command {
	c := s.group("vc-jose-cose",
		s.envelopingCommand("issue", func(ctx context.Context, e *vcapi.Enveloping, t vcapi.EnvelopingTest) (string, error) {
			signed, err := e.Issue(ctx, t)
			return string(signed), err
		}),
		s.envelopingCommand("verify", func(ctx context.Context, e *vcapi.Enveloping, t vcapi.EnvelopingTest) (string, error) {
			return "", e.Verify(ctx, t)
		}))
	c.Hidden = true
	return c
}

func (s *session) envelopingCommand(verb string, do func(context.Context, *vcapi.Enveloping, vcapi.EnvelopingTest) (string, error)) *cobra.Command {
	var e enveloping
	c := s.leaf("vc-jose-cose."+verb, verb, 0, 0, []string{
		"bevis vc-jose-cose " + verb + " --input credential-minimal.json --key vm-p256.json --feature credential_jose --output 1-bevis.json",
	}, func(ctx context.Context, _ []string) error {
		test, err := e.read()
		if err != nil {
			return err
		}
		extra, err := extraContexts(e.contexts)
		if err != nil {
			return err
		}
		adapter, err := vcapi.NewEnveloping(extra, s.env.Now)
		if err != nil {
			return err
		}
		// What the adapter refuses is an answer, and no failure of the command.
		result := struct {
			Result string `json:"result"`
			Data   string `json:"data"`
		}{Result: "success"}
		result.Data, err = do(ctx, adapter, test)
		switch {
		case reason.CodeOf(err) == reason.Usage:
			return err
		case err != nil:
			result.Result, result.Data = "failure", string(reason.CodeOf(err))+": "+err.Error()
		}
		text, err := json.Marshal(result)
		if err != nil {
			return reason.Wrap(reason.Internal, "", err)
		}
		return app.WriteFile(e.output, append(text, '\n'), false, true)
	})
	f := c.Flags()
	f.StringVar(&e.input, "input", "", s.t("flag.vc-jose-cose.input"))
	f.StringVar(&e.key, "key", "", s.t("flag.vc-jose-cose.key"))
	f.StringVar(&e.feature, "feature", "", s.t("flag.vc-jose-cose.feature"))
	f.StringVar(&e.paths, "sd", "", s.t("flag.vc-jose-cose.sd"))
	f.StringVar(&e.output, "output", "", s.t("flag.vc-jose-cose.output"))
	f.StringArrayVar(&e.contexts, "context", nil, s.t("flag.serve-context"))
	return c
}

// read reads the files of a test.
func (e enveloping) read() (t vcapi.EnvelopingTest, err error) {
	for _, required := range [][2]string{{"--input", e.input}, {"--key", e.key}, {"--feature", e.feature}, {"--output", e.output}} {
		if strings.TrimSpace(required[1]) == "" {
			return t, reason.New(reason.Usage, required[0], "is missing")
		}
	}
	t.Feature = e.feature
	if e.paths != "" {
		if err := json.Unmarshal([]byte(e.paths), &t.Paths); err != nil {
			return t, reason.New(reason.Usage, "--sd", "is no JSON list of texts")
		}
	}
	if t.Input, err = app.ReadFile(e.input); err != nil {
		return t, err
	}
	t.Key, err = app.ReadFile(e.key)
	return t, err
}
