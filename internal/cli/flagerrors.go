package cli

import (
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kompetansebevis/bevis/credential/profile"
	"github.com/kompetansebevis/bevis/internal/i18n"
	"github.com/kompetansebevis/bevis/reason"
)

// What is wrong with the words and flags of a command.
const (
	saidNoFlag       profile.Text = "usage/no-flag: there is no flag %s"
	saidNearFlag     profile.Text = "usage/near-flag: there is no flag %s; there is %s"
	saidFlagValue    profile.Text = "usage/flag-value: a value is missing after it"
	saidFlagSyntax   profile.Text = "usage/flag-syntax: %q is no flag: write --name or --name=value"
	saidFlagBool     profile.Text = "usage/flag-bool: %q is neither true nor false"
	saidFlagWhole    profile.Text = "usage/flag-whole: %q is no whole number that can be used here"
	saidFlagNumber   profile.Text = "usage/flag-number: %q is no number"
	saidFlagDuration profile.Text = "usage/flag-duration: %q is no length of time, such as 30s, 5m or 24h"
	saidFlagAge      profile.Text = "usage/flag-age: %q is no age in whole days, hours or minutes, such as 7d, 24h or 90m"
	saidFlagLanguage profile.Text = "usage/flag-language: there are no texts in %q: write nb, nn or en"
	saidFlagBad      profile.Text = "usage/flag-bad: %q is no value for it: %e"
	saidBelowZero    profile.Text = "usage/below-zero: it is below zero"
	saidIssuerID     profile.Text = "usage/issuer-id: give the id of an issuer, such as did:web:uib.no or https://…"
	saidFileEnding   profile.Text = "usage/file-ending: nothing is written as .%s: end the name in .html for a page to print, in .csv for a spreadsheet, or in .txt"
	saidOneFlag      profile.Text = "usage/one-flag: give only one of %o"
	saidNoCommand    profile.Text = "usage/no-command: there is no command %q"
	saidNearCommand  profile.Text = "usage/near-command: there is no command %q; there is %q"
	saidNoTopic      profile.Text = "usage/no-topic: there is no command or topic %q"
	saidExpected     profile.Text = "usage/expected: expected: %s"
)

// flagError says what is wrong with a flag; where the word before it already
// names no command, that is what to say.
func (s *session) flagError(c *cobra.Command, err error) error {
	for _, arg := range s.env.Args { // behind the one that is wrong, none was read
		if arg == "--" {
			break
		}
		s.json = s.json || arg == "--json"
	}
	if c.HasAvailableSubCommands() {
		words := wordsOf(c, s.env.Args)
		depth := len(strings.Fields(c.CommandPath())) - 1
		if len(words) > depth && !slices.ContainsFunc(c.Commands(), func(sub *cobra.Command) bool { return sub.Name() == words[depth] }) {
			return s.unknown(c, words[depth:])
		}
	}
	return flagSaid(c, err)
}

// wordsOf returns what of the arguments is neither a flag of a command nor the value of one.
func wordsOf(c *cobra.Command, args []string) []string {
	var words []string
	for n := 0; n < len(args); n++ {
		name, isFlag := strings.CutPrefix(args[n], "-")
		if !isFlag {
			words = append(words, args[n])
		} else if f := c.Flags().Lookup(strings.TrimPrefix(name, "-")); f != nil && f.NoOptDefVal == "" {
			n++ // its value
		}
	}
	return words
}

// flagSaid says what is wrong with a flag, in a text that there is in the languages of
// people.
func flagSaid(c *cobra.Command, err error) error {
	var (
		none   *pflag.NotExistError
		empty  *pflag.ValueRequiredError
		bad    *pflag.InvalidValueError
		syntax *pflag.InvalidSyntaxError
	)
	switch {
	case errors.As(err, &none) && none.GetSpecifiedShortnames() != "":
		return profile.Refuse(reason.Usage, "", saidNoFlag.With("-"+short(none.GetSpecifiedName())))
	case errors.As(err, &none):
		name := "--" + short(none.GetSpecifiedName())
		if near := nearFlag(c, none.GetSpecifiedName()); near != "" {
			return profile.Refuse(reason.Usage, "", saidNearFlag.With(name, "--"+near))
		}
		return profile.Refuse(reason.Usage, "", saidNoFlag.With(name))
	case errors.As(err, &empty):
		return profile.Refuse(reason.Usage, "--"+empty.GetFlag().Name, saidFlagValue.With())
	case errors.As(err, &syntax):
		return profile.Refuse(reason.Usage, "", saidFlagSyntax.With(short(syntax.GetSpecifiedFlag())))
	case errors.As(err, &bad):
		return profile.Refuse(reason.Usage, "--"+bad.GetFlag().Name, badValue(bad))
	}
	return reason.New(reason.Usage, "", "%w", err)
}

// badValue says what a flag wants instead of a value.
func badValue(bad *pflag.InvalidValueError) *profile.Sentence {
	value := short(bad.GetValue())
	switch kind := bad.GetFlag().Value.Type(); {
	case kind == "bool":
		return saidFlagBool.With(value)
	case strings.HasPrefix(kind, "int"), strings.HasPrefix(kind, "uint"):
		return saidFlagWhole.With(value)
	case strings.HasPrefix(kind, "float"):
		return saidFlagNumber.With(value)
	case kind == "duration":
		return saidFlagDuration.With(value)
	case kind == (&ageFlag{}).Type():
		return saidFlagAge.With(value)
	case kind == languageFlag("").Type():
		return saidFlagLanguage.With(value)
	}
	return saidFlagBad.With(value, bad.Unwrap().Error())
}

// nearFlag returns the flag of a command that somebody may have meant, if it is only one:
// that begins with what was written, or is written almost so.
func nearFlag(c *cobra.Command, name string) string {
	if len(name) < 3 {
		return ""
	}
	// Which words are near is known for the names of commands.
	names := &cobra.Command{SuggestionsMinimumDistance: 1}
	var longer []string
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names.AddCommand(&cobra.Command{Use: f.Name, Run: func(*cobra.Command, []string) {}})
			if strings.HasPrefix(f.Name, name) {
				longer = append(longer, f.Name)
			}
		}
	})
	if len(longer) == 1 {
		return longer[0]
	}
	if near := names.SuggestionsFor(name); len(near) == 1 {
		return near[0]
	}
	return ""
}

// oneOf lets a command take only one of some flags.
func oneOf(c *cobra.Command, flags ...string) {
	c.MarkFlagsMutuallyExclusive(flags...) // for completion
	words := c.Args
	c.Args = func(c *cobra.Command, args []string) error {
		given := slices.DeleteFunc(slices.Clone(flags), func(name string) bool { return !c.Flags().Changed(name) })
		if len(given) > 1 {
			return profile.Refuse(reason.Usage, "--"+given[1], saidOneFlag.With("--"+strings.Join(flags, "|--")))
		}
		if words == nil {
			return nil
		}
		return words(c, args)
	}
}

// languageFlag is the language that was asked for. There must be texts in it: of the
// environment, which speaks of other programs too, that is not asked.
type languageFlag string

// Set implements pflag.Value.
func (l *languageFlag) Set(name string) error {
	lang, ok := i18n.Find(name)
	if !ok {
		return errors.New("there are no texts in this language")
	}
	*l = languageFlag(lang)
	return nil
}

// String implements pflag.Value.
func (l languageFlag) String() string { return string(l) }

// Type implements pflag.Value.
func (languageFlag) Type() string { return "language" }
