package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/wallet"
)

func (s *session) walletTag(f *walletFlags) *cobra.Command {
	remove := false
	c := s.leaf("wallet.tag", "tag [ID TAG…]", 0, -1, []string{"bevis wallet tag k3v jobbsøknad \"sommar 2026\"", "bevis wallet tag k3v jobbsøknad --remove", "bevis wallet tag"},
		func(ctx context.Context, args []string) error {
			if len(args) == 1 || remove && len(args) == 0 {
				return reason.New("usage/words", "", "expected: bevis wallet tag ID TAG…, or no words to see all tags")
			}
			w, err := s.open(ctx, f)
			if err != nil {
				return err
			}
			if len(args) == 0 {
				return s.tags(w)
			}
			change := w.Tag
			if remove {
				change = w.Untag
			}
			i, err := change(ctx, args[0], args[1:]...)
			if err != nil {
				return err
			}
			return s.marked(i)
		})
	c.Flags().BoolVar(&remove, "remove", false, s.t("flag.untag"))
	return c
}

// tags lists all tags.
func (s *session) tags(w *wallet.Wallet) error {
	tags := append([]wallet.TagCount{}, w.Tags()...)
	return s.result(map[string][]wallet.TagCount{"tags": tags}, func(b *strings.Builder) {
		for _, t := range tags {
			fmt.Fprintf(b, "%4d  %s\n", t.Count, show(t.Tag))
		}
		if len(tags) == 0 {
			b.WriteString(s.t("wallet.no-tags") + "\n")
		}
	})
}

// marked shows a credential with the holder's own words.
func (s *session) marked(i wallet.Item) error {
	return s.result(walletItem{i, i.State(s.app.Now())}, func(b *strings.Builder) {
		fmt.Fprintf(b, "%s  %s\n", i.ID, show(i.Title))
		s.row(b, "label.tags", strings.Join(i.Tags, ", "))
		for line := range strings.SplitSeq(i.Note, "\n") {
			s.row(b, "label.note", line)
		}
	})
}

func (s *session) walletNote(f *walletFlags) *cobra.Command {
	remove := false
	c := s.leaf("wallet.note", "note ID [TEXT…|-]", 1, -1, []string{"bevis wallet note k3v \"Hugs å fornye før jul\"", "bevis wallet note k3v - < notat.txt", "bevis wallet note k3v --remove", "bevis wallet note k3v"},
		func(ctx context.Context, args []string) error {
			text := strings.Join(args[1:], " ")
			if remove && text != "" {
				return reason.New(reason.Usage, "--remove", "a note is written or removed, not both")
			}
			if text == "-" {
				raw, err := s.stdin()
				if err != nil {
					return err
				}
				text = string(raw)
			}
			w, err := s.open(ctx, f)
			if err != nil {
				return err
			}
			if !remove && len(args) == 1 {
				i, err := w.Item(args[0])
				if err != nil {
					return err
				}
				return s.marked(i)
			}
			i, err := w.SetNote(ctx, args[0], text)
			if err != nil {
				return err
			}
			return s.marked(i)
		})
	c.Flags().BoolVar(&remove, "remove", false, s.t("flag.note-remove"))
	return c
}
