package cli

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kompetansebevis/bevis/credential/profile"
	"github.com/kompetansebevis/bevis/docs/schemas"
	"github.com/kompetansebevis/bevis/reason"
)

// topics are the help texts that belong to no command.
func topics() []string {
	return []string{"exit-codes", "environment", "formats", "security", "errors", "schema"}
}

// frontDoors is what "bevis" alone says: one way in for each of its users. On a
// terminal that has no room for it, what a command is for stands below it.
func (s *session) frontDoors(context.Context, []string) error {
	var b strings.Builder
	for line := range strings.Lines(s.t("doors")) {
		line = strings.TrimSuffix(line, "\n")
		columns, gap := s.columns(s.env.Stdout), strings.LastIndex(line, "   ")
		if columns > 0 && gap > 0 && utf8.RuneCountInString(line) > columns {
			b.WriteString(strings.TrimRight(line[:gap], " ") + "\n")
			line = strings.Repeat(" ", doorIndent) + line[gap+3:]
		}
		margin := len(line) - len(strings.TrimLeft(line, " "))
		b.WriteString(s.prose(s.env.Stdout, line, line[:margin]) + "\n")
	}
	return s.print([]byte(b.String()))
}

// doorIndent is where the commands stand in what "bevis" alone says.
const doorIndent = 16

// help prints the help of a command.
func (s *session) help(c *cobra.Command, _ []string) {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n%s\n  %s\n", c.Short, s.t("help.usage"), s.useLine(c))
	if c.Example != "" {
		fmt.Fprintf(&b, "\n%s\n", s.t("help.examples"))
		for line := range strings.SplitSeq(c.Example, "\n") {
			fmt.Fprintf(&b, "  %s\n", line)
		}
	}
	for _, g := range c.Groups() {
		subcommands(&b, c, g.ID, g.Title)
	}
	subcommands(&b, c, "", s.t("help.commands"))
	if !c.HasParent() {
		fmt.Fprintf(&b, "\n%s\n", s.t("help.topics"))
		for _, topic := range topics() {
			fmt.Fprintf(&b, "  bevis help %-12s %s\n", topic, s.t("topic."+topic))
		}
	}
	if own := c.LocalNonPersistentFlags(); own.HasAvailableFlags() {
		own.VisitAll(s.nameValue)
		s.flagHelp(&b, c, own)
	}
	fmt.Fprintf(&b, "\n%s\n%s", s.t("help.global"), c.Root().PersistentFlags().FlagUsagesWrapped(s.columns(s.env.Stdout)))
	_ = s.print([]byte(b.String())) // help is all there is to do
}

// subcommands writes the commands of a group under its heading, "" for those
// that are in none.
func subcommands(b *strings.Builder, c *cobra.Command, group, heading string) {
	var of []*cobra.Command
	width := 12
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() && sub.GroupID == group {
			of, width = append(of, sub), max(width, len(sub.Name()))
		}
	}
	if len(of) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s\n", heading)
	for _, sub := range of {
		fmt.Fprintf(b, "  %-*s %s\n", width, sub.Name(), sub.Short)
	}
}

// section puts flags of a command under a heading of their own in its help. The
// headings stand there in the order of the calls, and other flags before them.
func section(c *cobra.Command, heading string, flags ...string) {
	if c.Annotations == nil {
		c.Annotations = map[string]string{}
	}
	c.Annotations[sections] += heading + " "
	for _, name := range flags {
		_ = c.Flags().SetAnnotation(name, sections, []string{heading}) // a test sees to it that all are there
	}
}

const sections = "sections"

// flagHelp writes the flags of a command, under their headings where there are
// some.
func (s *session) flagHelp(b *strings.Builder, c *cobra.Command, own *pflag.FlagSet) {
	for _, heading := range append([]string{""}, strings.Fields(c.Annotations[sections])...) {
		set, title := pflag.NewFlagSet("", pflag.ContinueOnError), "help.flags"
		own.VisitAll(func(f *pflag.Flag) {
			if at := f.Annotations[sections]; len(at) == 0 && heading == "" || len(at) > 0 && at[0] == heading {
				set.AddFlag(f)
			}
		})
		if heading != "" {
			title = "help.flags." + heading
		}
		if set.HasAvailableFlags() {
			fmt.Fprintf(b, "\n%s\n%s", s.t(title), strings.ReplaceAll(aligned(set.FlagUsagesWrapped(s.columns(s.env.Stdout))), "(default ", "("+s.t("help.default")+" "))
		}
	}
}

// aligned puts the texts of flags below one another, also behind words with
// letters of more than one byte, which pflag counts by bytes.
func aligned(usages string) string {
	lines := strings.SplitAfter(usages, "\n")
	for n, line := range lines {
		text := strings.TrimLeft(line, " ")
		head, rest, ok := strings.Cut(text, "   ")
		if ok && strings.HasPrefix(head, "-") {
			lines[n] = line[:len(line)-len(text)] + head + strings.Repeat(" ", len(head)-utf8.RuneCountInString(head)) + "   " + rest
		}
	}
	return strings.Join(lines, "")
}

// useLine is how a command is used, with the words for what one puts in.
func (s *session) useLine(c *cobra.Command) string { return s.inWords(c.UseLine()) }

// inWords puts the words for what one puts in into the language of the help.
func (s *session) inWords(line string) string {
	return strings.NewReplacer(strings.Fields(s.t("help.words"))...).Replace(line)
}

// nameValue gives a flag whose text names no value a word for it in the
// language of the help, in place of the type that the program keeps it in.
func (s *session) nameValue(f *pflag.Flag) {
	word := "help.value"
	switch {
	case f.Value.Type() == "bool" || strings.Contains(f.Usage, "`"):
		return
	case strings.HasPrefix(f.Value.Type(), "int") || strings.HasPrefix(f.Value.Type(), "float"):
		word = "help.number"
	}
	f.Value = named{f.Value, s.t(word)}
	if f.DefValue == "[]" || f.DefValue == "-1" { // stand for nothing given
		f.DefValue = ""
	}
}

// named is a value that is called something in the help.
type named struct {
	pflag.Value
	word string
}

func (n named) Type() string { return n.word }

func (s *session) helpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use: "help [COMMAND | TOPIC]", Short: s.t("cmd.help"), ValidArgs: topics(),
		RunE: s.command(func(_ context.Context, args []string) error {
			if len(args) > 0 {
				switch args[0] {
				case "exit-codes":
					return s.print([]byte(s.exitCodes()))
				case "errors":
					return s.errorsTopic(args[1:])
				case "schema":
					if len(args) > 1 && args[1] == "lint" {
						return s.print([]byte(schemas.Lint))
					}
					return s.print([]byte(schemas.Verify))
				case "environment", "formats", "security":
					return s.print([]byte(s.t("topic." + args[0] + ".text")))
				}
			}
			c, rest, err := root.Find(args)
			if err != nil || len(rest) > 0 {
				return profile.Refuse("usage/unknown-command", "", saidNoTopic.With(strings.Join(args, " ")))
			}
			s.help(c, nil)
			return nil
		}),
	}
}

// classes are the rows of the table of exit codes, in its order.
func classes() []reason.Class {
	return []reason.Class{reason.Warning, reason.Failure, reason.Misuse, reason.Invalid, reason.Undetermined, reason.Untrusted,
		reason.NotInForce, reason.Unreadable, reason.Denied, reason.Missing, reason.Conflicting, reason.Fault, reason.Interrupted}
}

func (s *session) exitCodes() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n", s.t("topic.exit-codes"))
	for _, class := range classes() {
		fmt.Fprintf(&b, "%4d  %s\n", class.ExitCode(), s.t(fmt.Sprintf("exit.%d", class.ExitCode())))
	}
	fmt.Fprintf(&b, "\n%s\n", s.t("exit.batch"))
	return b.String()
}

// errorsTopic explains one code, or lists all.
func (s *session) errorsTopic(args []string) error {
	var b strings.Builder
	codes := reason.Codes()
	if len(args) > 0 {
		code := reason.Code(args[0])
		if s.p.Code("reason.", string(code)) == "" {
			return reason.New("not_found/code", args[0], "there is no such code")
		}
		codes = []reason.Code{code}
	}
	for _, code := range codes {
		fmt.Fprintf(&b, "%s  (%s %d)\n    %s\n    %s\n", code, s.t("topic.errors.exit"), code.Class().ExitCode(),
			s.p.Code("reason.", string(code)), s.p.Code("next.", string(code)))
	}
	return s.print([]byte(b.String()))
}
