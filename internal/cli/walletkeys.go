package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/internal/keyring"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/wallet"
)

// walletKeyCommands are about what opens the wallet.
func (s *session) walletKeyCommands(f *walletFlags) []*cobra.Command {
	slots := s.group("slot", s.walletSlotList(f), s.walletSlotAdd(f), s.walletSlotRemove(f))
	slots.Short = s.t("cmd.wallet.slot")
	return []*cobra.Command{s.walletPassphrase(f), s.walletRecovery(f), s.walletRekey(f), slots, s.walletUnlock(f), s.walletLock(f)}
}

func (s *session) keyring() app.Keyring {
	if s.env.Keyring != nil {
		return s.env.Keyring
	}
	return keyring.System{Getenv: s.env.Getenv}
}

// pluginAsker asks the person at the terminal for a plugin of age.
type pluginAsker struct{ s *session }

// Message implements agekey.Asker.
func (p pluginAsker) Message(plugin, text string) {
	fmt.Fprintf(p.s.env.Stderr, "age-plugin-%s: %s\n", show(plugin), show(text)) // nobody can be told if this fails
}

// Secret implements agekey.Asker.
func (p pluginAsker) Secret(plugin, prompt string) (string, error) {
	if p.s.noInput || p.s.env.Terminal == nil {
		return "", reason.New("locked/no-passphrase", "", "there is no terminal to ask at")
	}
	answer, err := p.s.env.Terminal.Secret("age-plugin-" + show(plugin) + ": " + show(prompt) + " ")
	return string(answer), err
}

// Line implements agekey.Asker.
func (p pluginAsker) Line(plugin, prompt string) (string, error) {
	if p.s.noInput || p.s.env.Terminal == nil {
		return "", reason.New("locked/no-passphrase", "", "there is no terminal to ask at")
	}
	return p.s.env.Terminal.Line("age-plugin-" + show(plugin) + ": " + show(prompt) + " ")
}

// changed ends what does not go with another way in, and says what was done.
func (s *session) changed(ctx context.Context, w *wallet.Wallet, out any, note string, args ...any) error {
	if err := s.app.WalletForget(ctx, s.keyring(), w); err != nil {
		return err
	}
	s.note(note, args...)
	if s.json && out != nil {
		return s.printJSON(out)
	}
	return nil
}

func (s *session) walletPassphrase(f *walletFlags) *cobra.Command {
	var next secretFlags
	c := s.leaf("wallet.passphrase", "passphrase", 0, 0, []string{"bevis wallet passphrase", "bevis wallet passphrase --recovery-words"}, func(ctx context.Context, _ []string) error {
		w, err := s.openAnew(ctx, f)
		if err != nil {
			return err
		}
		passphrase, err := s.newPassphrase(next)
		if err != nil {
			return err
		}
		s.weak(passphrase)
		if err := s.app.WalletPassphrase(ctx, w, passphrase); err != nil {
			return err
		}
		return s.changed(ctx, w, map[string]string{"changed": wallet.SlotPassphrase}, "wallet.passphrase-changed")
	})
	s.nextFlags(c, &next)
	return c
}

// nextFlags say where a new passphrase comes from.
func (s *session) nextFlags(c *cobra.Command, f *secretFlags) {
	c.Flags().StringVar(&f.file, "new-passphrase-file", "", s.t("flag.new-passphrase-file"))
	c.Flags().IntVar(&f.fd, "new-passphrase-fd", -1, s.t("flag.new-passphrase-fd"))
	c.Flags().Lookup("new-passphrase-fd").DefValue = "0" // so that help names no default
}

func (s *session) walletRecovery(f *walletFlags) *cobra.Command {
	var to wordsFlags
	yes := false
	c := s.leaf("wallet.recovery", "recovery", 0, 0, []string{"bevis wallet recovery", "bevis wallet recovery --sheet ark.html"}, func(ctx context.Context, _ []string) error {
		if err := to.free(); err != nil {
			return err
		}
		path := s.walletPath(f)
		w, err := s.openAnew(ctx, f)
		if err != nil {
			return err
		}
		if err := s.confirm(yes, "ask.recovery"); err != nil {
			return err
		}
		if err := s.newWords(to, path, w.ID(), func(words []string) error { return w.SetWords(ctx, words) }); err != nil {
			return err
		}
		return s.changed(ctx, w, nil, "wallet.words-changed")
	})
	s.wordsFlags(c, &to)
	c.Flags().BoolVar(&yes, "yes", false, s.t("flag.yes"))
	return c
}

// newWords makes recovery words, hands them out and has them come into force.
// They are written down before the wallet knows them: words that nobody has must
// not be those that open it.
func (s *session) newWords(to wordsFlags, path, id string, set func(words []string) error) error {
	words, err := wallet.GenerateWords()
	if err != nil {
		return err
	}
	left, err := s.writeWords(to, path, id, words)
	if err != nil {
		return err
	}
	if err := s.result(recoveryWords{path, "", left}, func(b *strings.Builder) { s.wordsTable(b, left) }); err != nil {
		return err
	}
	if err := set(words); err != nil {
		s.note("wallet.words-unsure")
		return err
	}
	return nil
}

func (s *session) walletRekey(f *walletFlags) *cobra.Command {
	var to wordsFlags
	var next secretFlags
	yes := false
	c := s.leaf("wallet.rekey", "rekey", 0, 0, []string{"bevis wallet rekey", "bevis wallet rekey --sheet ark.html"}, func(ctx context.Context, _ []string) error {
		if err := to.free(); err != nil {
			return err
		}
		path := s.walletPath(f)
		w, err := s.openAnew(ctx, f)
		if err != nil {
			return err
		}
		keys, lost, err := s.app.WalletRekeying(ctx, w, pluginAsker{s})
		if err != nil {
			return err
		}
		for _, slot := range lost {
			s.note("wallet.rekey-lost", show(slot.Name))
		}
		if err := s.confirm(yes, "ask.rekey"); err != nil {
			return err
		}
		passphrase, err := s.newPassphrase(next)
		if err != nil {
			return err
		}
		s.weak(passphrase)
		err = s.newWords(to, path, w.ID(), func(words []string) error { return s.app.WalletRekey(ctx, w, passphrase, words, keys) })
		if err != nil {
			return err
		}
		return s.changed(ctx, w, nil, "wallet.rekeyed")
	})
	s.nextFlags(c, &next)
	s.wordsFlags(c, &to)
	c.Flags().BoolVar(&yes, "yes", false, s.t("flag.yes"))
	return c
}

// slotKind says in words what a way in is.
func (s *session) slotKind(slot wallet.Slot) string {
	switch slot.Kind {
	case wallet.SlotPassphrase:
		return s.t("wallet.slot-passphrase")
	case wallet.SlotRecovery:
		return s.t("wallet.slot-recovery")
	case "age", "tag":
		return s.t("wallet.slot-key")
	}
	return s.t("wallet.slot-plugin", show(slot.Kind))
}

func (s *session) walletSlotList(f *walletFlags) *cobra.Command {
	return s.leaf("wallet.slot.list", "list", 0, 0, nil, func(ctx context.Context, _ []string) error {
		w, err := s.open(ctx, f)
		if err != nil {
			return err
		}
		slots := w.Slots()
		out := struct {
			Schema string        `json:"schema"`
			Slots  []wallet.Slot `json:"slots"`
		}{"bevis.wallet-slots/v1", slots}
		return s.result(out, func(b *strings.Builder) {
			for _, slot := range slots {
				fmt.Fprintf(b, "%-12s %s", slot.Name, s.slotKind(slot))
				if slot.Label != "" {
					fmt.Fprintf(b, " (%s)", show(slot.Label))
				}
				if !slot.ChangedAt.IsZero() {
					b.WriteString(", " + s.t("wallet.slot-since", s.day(slot.ChangedAt)))
				}
				b.WriteByte('\n')
				if slot.Recipient != "" {
					fmt.Fprintf(b, "%-12s %s\n", "", show(shortRecipient(slot.Recipient)))
				}
			}
		})
	})
}

// shortRecipient leaves the middle of a long recipient out, for people: those
// that withstand quantum computers have two thousand characters. All of it is in
// the JSON.
func shortRecipient(text string) string {
	const most, begin, end = 80, 24, 12
	if len(text) <= most {
		return text
	}
	return text[:begin] + "…" + text[len(text)-end:]
}

func (s *session) walletSlotAdd(f *walletFlags) *cobra.Command {
	label := ""
	c := s.leaf("wallet.slot.add", "add RECIPIENT", 1, 1, []string{"bevis wallet slot add age1pq1…", "bevis wallet slot add age1yubikey1… --name \"nøkkelen på ringen\""}, func(ctx context.Context, args []string) error {
		w, err := s.openAnew(ctx, f)
		if err != nil {
			return err
		}
		slot, classic, err := s.app.WalletSlotAdd(ctx, w, args[0], label, pluginAsker{s})
		if err != nil {
			return err
		}
		s.note("wallet.slot-added", slot.Name)
		if classic {
			s.note("wallet.slot-classic")
		}
		if s.json {
			return s.printJSON(slot)
		}
		return nil
	})
	c.Flags().StringVar(&label, "name", "", s.t("flag.slot-name"))
	return c
}

func (s *session) walletSlotRemove(f *walletFlags) *cobra.Command {
	yes := false
	c := s.leaf("wallet.slot.remove", "remove NAME", 1, 1, []string{"bevis wallet slot remove 2-yubikey"}, func(ctx context.Context, args []string) error {
		w, err := s.openAnew(ctx, f)
		if err != nil {
			return err
		}
		what := args[0]
		for _, slot := range w.Slots() {
			if slot.Name == args[0] {
				what = slot.Name + ": " + s.slotKind(slot)
			}
		}
		if err := s.confirm(yes, "ask.slot-remove", show(what)); err != nil {
			return err
		}
		if err := w.RemoveSlot(ctx, args[0]); err != nil {
			return err
		}
		return s.changed(ctx, w, map[string]string{"removed": args[0]}, "wallet.slot-removed", show(what))
	})
	c.Flags().BoolVar(&yes, "yes", false, s.t("flag.yes"))
	return c
}

func (s *session) walletUnlock(f *walletFlags) *cobra.Command {
	long := ""
	c := s.leaf("wallet.unlock", "unlock", 0, 0, []string{"bevis wallet unlock --for 8h"}, func(ctx context.Context, _ []string) error {
		until, err := app.ParseUntil(long, s.app.Now())
		if err != nil {
			return err
		}
		w, err := s.openAnew(ctx, f)
		if err != nil {
			return err
		}
		if err := s.app.WalletUnlock(ctx, s.keyring(), w, until); err != nil {
			return err
		}
		s.note("wallet.unlocked", s.day(until))
		if s.json {
			return s.printJSON(map[string]time.Time{"until": until.UTC()})
		}
		return nil
	})
	c.Flags().StringVar(&long, "for", "8h", s.t("flag.unlock-for"))
	return c
}

func (s *session) walletLock(f *walletFlags) *cobra.Command {
	all := false
	c := s.leaf("wallet.lock", "lock", 0, 0, []string{"bevis wallet lock", "bevis wallet lock --all"}, func(ctx context.Context, _ []string) error {
		var was, told bool
		var err error
		if all {
			was, told, err = s.app.WalletLockAll(ctx, s.keyring())
		} else {
			was, told, err = s.app.WalletLock(ctx, s.keyring(), s.walletPath(f))
		}
		if err != nil {
			return err
		}
		switch {
		case !was:
			s.note("wallet.not-unlocked")
		case !told:
			s.note("wallet.locked-again")
			s.note("wallet.left-in-keyring")
		default:
			s.note("wallet.locked-again")
		}
		if s.json {
			return s.printJSON(map[string]bool{"wasUnlocked": was})
		}
		return nil
	})
	c.Flags().BoolVar(&all, "all", false, s.t("flag.lock-all"))
	return c
}
