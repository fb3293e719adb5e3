package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kompetansebevis/bevis/credential/profile"
	"github.com/kompetansebevis/bevis/reason"
)

// root makes the tree of commands.
func (s *session) root() *cobra.Command {
	c := &cobra.Command{
		Use: "bevis", Short: s.t("cmd.bevis"), SilenceErrors: true, SilenceUsage: true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
		Args:              s.unknown, RunE: s.command(s.frontDoors),
	}
	version := false
	flags := c.PersistentFlags()
	flags.Var(new(languageFlag), "lang", s.t("flag.lang")) // read by askedLanguage
	flags.StringVar(&s.home, "home", "", s.t("flag.home"))
	flags.BoolVar(&s.json, "json", false, s.t("flag.json"))
	flags.BoolVar(&s.noInput, "no-input", false, s.t("flag.no-input"))
	flags.BoolVar(&s.offline, "offline", false, s.t("flag.offline"))
	flags.BoolP("help", "h", false, s.t("flag.help"))
	c.Flags().BoolVar(&version, "version", false, s.t("flag.version"))
	c.PreRunE = func(c *cobra.Command, _ []string) error {
		if version {
			c.RunE = s.command(s.version)
		}
		return nil
	}
	c.SetFlagErrorFunc(s.flagError)
	c.SetHelpFunc(s.help)
	c.SetOut(s.env.Stdout)
	c.SetErr(s.env.Stderr)
	c.SetHelpCommand(s.helpCommand(c))
	c.AddCommand(
		s.demoCommand(), s.issuerCommand(), s.achievementCommand(), s.credentialCommand(), s.walletCommand(),
		s.trustCommand(), s.verifyCommand(), s.inspectCommand(), s.catalogueCommand(), s.profileCommand(), s.recommendCommand(), s.serveCommand(), s.vcJOSECOSE(), s.completionCommand(c), s.versionCommand())
	return c
}

// group makes a command that only holds others. Name is its path without
// "bevis".
func (s *session) group(name string, commands ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{Use: name, Short: s.t("cmd." + name), Args: s.unknown, RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
	c.AddCommand(commands...)
	return c
}

// unknown refuses words that name no command.
func (s *session) unknown(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	said := saidNoCommand.With(c.CommandPath() + " " + args[0])
	c.SuggestionsMinimumDistance = 2
	if near := c.SuggestionsFor(args[0]); len(near) > 0 {
		said = saidNearCommand.With(c.CommandPath()+" "+args[0], c.CommandPath()+" "+near[0])
	}
	return profile.Refuse("usage/unknown-command", "", said)
}

// leaf makes a command that does something. Path is its full name without
// "bevis"; use is its last word with what follows it; from at least to at most
// words are expected, at most < 0 for any number.
func (s *session) leaf(path, use string, atLeast, atMost int, examples []string, f func(ctx context.Context, args []string) error) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: s.t("cmd." + path), Example: strings.Join(examples, "\n"), RunE: s.command(f),
		Args: func(c *cobra.Command, args []string) error {
			if len(args) < atLeast || atMost >= 0 && len(args) > atMost {
				return profile.Refuse("usage/words", "", saidExpected.With(s.inWords(strings.TrimSuffix(c.UseLine(), " [flags]"))))
			}
			return nil
		},
	}
}

// outFlags are the flags of commands that write a file.
type outFlags struct {
	file    string
	force   bool
	private bool // for the owner alone
	binary  bool
	// precious is what cannot be made again: it goes to Stdout if the file
	// cannot be written.
	precious bool
}

func (s *session) outFlags(c *cobra.Command, o *outFlags) {
	c.Flags().StringVarP(&o.file, "output", "o", "", s.t("flag.output"))
	c.Flags().BoolVar(&o.force, "force", false, s.t("flag.force"))
}

// confirm asks before something that cannot be undone.
func (s *session) confirm(yes bool, key string, args ...any) error {
	if yes {
		return nil
	}
	if s.noInput || s.env.Terminal == nil {
		return reason.New("usage/confirm", "", "this asks before it acts; without a terminal give --yes")
	}
	answer, err := s.env.Terminal.Line(s.t(key, args...) + " " + s.t("ask.yes-no") + " ")
	if err != nil {
		return reason.Wrap(reason.IO, "", err)
	}
	if a := strings.ToLower(strings.TrimSpace(answer)); a != "j" && a != "ja" && a != "y" && a != "yes" {
		return reason.New("locked/refused", "", "nothing was done")
	}
	return nil
}
