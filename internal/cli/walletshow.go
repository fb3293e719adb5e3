package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/internal/report"
	"github.com/kompetansebevis/bevis/wallet"
)

func (s *session) walletShow(f *walletFlags) *cobra.Command {
	raw, verify := false, false
	var o outFlags
	var r app.VerifyRequest
	var lists []string
	c := s.leaf("wallet.show", "show ID", 1, 1, []string{"bevis wallet show k3v", "bevis wallet show k3v --verify", "bevis wallet show k3v --raw -o bevis.json"}, func(ctx context.Context, args []string) error {
		w, err := s.open(ctx, f)
		if err != nil {
			return err
		}
		i, err := w.Item(args[0])
		if h, historyErr := w.History(args[0]); err != nil && historyErr == nil {
			return s.historyShow(ctx, h, raw, o)
		}
		if err != nil {
			return err
		}
		if raw || o.file != "" {
			o.private = true
			o.binary = proof.IsCOSE(i.Raw())
			if err := s.deliver(i.Raw(), o.file, o); err != nil {
				return err
			}
			return s.besideIt(i.LogProof(), o)
		}
		var now *app.WalletVerified
		if verify {
			if r.StatusLists, err = statusLists(lists); err != nil {
				return err
			}
			found, err := s.app.WalletVerify(ctx, w, i, r)
			if err != nil {
				return err
			}
			if now = &found; found.Noted {
				if i, err = w.Item(i.ID); err != nil {
					return err
				}
			}
		}
		out := struct {
			walletItem
			Choices []string            `json:"choices,omitempty"` // what can be kept back
			Now     *app.WalletVerified `json:"now,omitempty"`
			// Editions are all that there are of it, the newest first.
			Editions []wallet.Item `json:"editions,omitempty"`
		}{walletItem: walletItem{i, i.State(s.app.Now())}, Now: now, Editions: editions(w, i.ID)}
		if found, err := s.app.Inspect(ctx, app.Input{Raw: i.Raw()}); err == nil {
			out.Choices = found.Choices
		}
		return s.result(out, func(b *strings.Builder) {
			s.showItem(b, out.walletItem, out.Choices, now)
			s.editionsText(b, out.Editions, i)
		})
	})
	fl := c.Flags()
	fl.BoolVar(&raw, "raw", false, s.t("flag.raw"))
	fl.BoolVar(&verify, "verify", false, s.t("flag.wallet-verify"))
	fl.StringArrayVar(&r.Issuers, "issuer", nil, s.t("flag.verify-issuer"))
	fl.StringArrayVar(&lists, "status-list", nil, s.t("flag.status-list"))
	s.outFlags(c, &o)
	return c
}

// showItem writes what the wallet knows of a credential.
func (s *session) showItem(b *strings.Builder, i walletItem, choices []string, now *app.WalletVerified) {
	s.row(b, "label.name", i.Title)
	s.row(b, "label.type", i.Type)
	s.row(b, "label.description", i.Description)
	s.row(b, "label.skills", strings.Join(i.Skills, ", "))
	s.row(b, "label.level", strings.Join(i.Levels, ", "))
	s.row(b, "label.issuer", strings.TrimSpace(i.IssuerName+" "+i.Issuer))
	s.row(b, "label.subject", i.Subject)
	if !i.ValidFrom.IsZero() {
		s.row(b, "label.from", s.day(i.ValidFrom))
	}
	if !i.ValidUntil.IsZero() {
		s.row(b, "label.until", s.day(i.ValidUntil))
	}
	s.row(b, "label.added", s.day(i.AddedAt)+"  "+i.Source)
	s.row(b, "label.tags", strings.Join(i.Tags, ", "))
	for line := range strings.SplitSeq(i.Note, "\n") {
		s.row(b, "label.note", line)
	}
	s.row(b, "label.choices", s.choices(choices))
	s.row(b, "label.id", i.ID)
	b.WriteByte('\n')
	if now != nil && !now.Noted {
		fmt.Fprintf(b, "  %s %s: %s [%s]\n", report.Sign(now.Result.Verdict), s.t("wallet.not-told"), s.p.Code("reason.", now.Result.Reason), now.Result.Reason)
	}
	s.lastChecked(b, i)
	if now != nil {
		if next := report.Next(s.p, now.Result); next != "" {
			s.say(b, "    ", show(next))
		}
	}
}

// choices says what can be kept back, with the word for --show that shows it.
func (s *session) choices(pointers []string) string {
	var out []string
	for _, pointer := range pointers {
		name := s.fields([]string{strings.ReplaceAll(strings.Trim(pointer, "/"), "/", ".")})
		if choice := fmt.Sprintf("%s (--show %s)", name, app.ShowWord(pointer)); !slices.Contains(out, choice) {
			out = append(out, choice)
		}
	}
	return strings.Join(out, ", ")
}

// lastChecked tells what a verifier found last, how long ago that is, and what to
// do if that is not good enough.
func (s *session) lastChecked(b *strings.Builder, i walletItem) {
	v := i.Verified
	if v == nil {
		fmt.Fprintf(b, "  %s %s\n    %s\n", report.Sign("undetermined"), s.t("wallet.never-checked"), s.t("wallet.check-it", i.ID))
		return
	}
	age := s.app.Now().Sub(v.At)
	then := s.t("wallet.checked-then", s.ago(age), s.t("verdict-then."+v.Verdict))
	if age < -time.Hour { // by another clock than this one
		then = s.t("wallet.checked-ahead", s.day(v.At), s.t("verdict-then."+v.Verdict))
	}
	s.say(b, "  "+report.Sign(v.Verdict)+" ", then)
	if v.Reason != "" {
		s.say(b, "    ", fmt.Sprintf("%s [%s]", s.p.Code("reason.", v.Reason), v.Reason))
	}
	if i.State == wallet.StateExpired && v.Verdict == "valid" {
		fmt.Fprintf(b, "    %s\n", s.t("wallet.ended", s.day(i.ValidUntil)))
	}
	switch {
	case v.Verdict == "valid" && i.State == wallet.StateValid && age > app.LongAgo:
		s.say(b, "    ", s.t("wallet.long-ago", i.ID))
	case v.Verdict == "undetermined", v.Verdict == "untrusted" && age > time.Minute: // one may trust the issuer since
		fmt.Fprintf(b, "    %s\n", s.t("wallet.check-it", i.ID))
	}
}

// ago tells in words how long ago something was. A moment that is to come, by
// another clock, is now.
func (s *session) ago(age time.Duration) string {
	const dayLong = 24 * time.Hour
	for _, unit := range []struct {
		length time.Duration
		name   string
	}{{365 * dayLong, "year"}, {30 * dayLong, "month"}, {dayLong, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}} {
		switch n := int(age / unit.length); {
		case n == 1:
			return s.t("ago." + unit.name)
		case n > 1:
			return s.t("ago."+unit.name+"s", n)
		}
	}
	return s.t("ago.now")
}
