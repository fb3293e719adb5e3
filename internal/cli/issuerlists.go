package cli

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
)

// issuerLists tells how full the status lists are, and settles how long the next
// ones become.
func (s *session) issuerLists() *cobra.Command {
	size := 0
	c := s.leaf("issuer.lists", "lists", 0, 0, []string{"bevis issuer lists", "bevis issuer lists --size 1000000"}, nil)
	c.RunE = s.command(func(ctx context.Context, _ []string) error {
		if c.Flags().Changed("size") {
			if err := s.app.ListSizeSet(ctx, size); err != nil {
				return err
			}
			s.note("lists.publish")
		}
		out, err := s.app.Lists(ctx)
		if err != nil {
			return err
		}
		return s.result(out, func(w *strings.Builder) {
			for _, l := range out.Lists {
				fmt.Fprintf(w, "%s-%d  %s\n", show(l.Purpose), l.List, s.t("lists.one", l.Used, l.Size, l.Set))
			}
			s.row(w, "label.next-list", s.t("lists.next", out.ListSize))
		})
	})
	c.Flags().IntVar(&size, "size", 0, s.t("flag.list-size"))
	return c
}

// issuerMessages shows or settles what can be said of a credential.
func (s *session) issuerMessages() *cobra.Command {
	none := false
	c := s.leaf("issuer.messages", "messages [TEXT…]", 0, -1, []string{
		"bevis issuer messages", `bevis issuer messages "nothing to say" "renew it this year" "a newer course replaces it"`,
	}, func(ctx context.Context, args []string) error {
		switch {
		case none && len(args) > 0:
			return reason.New(reason.Usage, "--none", "give texts or --none")
		case none || len(args) > 0:
			if err := s.app.MessagesSet(ctx, args); err != nil {
				return err
			}
			s.note("lists.publish")
		}
		setup, err := s.app.IssuerShow()
		if err != nil {
			return err
		}
		out := struct {
			Messages []string `json:"messages"`
		}{append([]string{}, setup.Messages...)}
		return s.result(out, func(w *strings.Builder) { s.messages(w, out.Messages) })
	})
	c.Flags().BoolVar(&none, "none", false, s.t("flag.no-messages"))
	return c
}

func (s *session) messages(w *strings.Builder, texts []string) {
	if len(texts) == 0 {
		s.note("lists.no-messages")
	}
	for n, text := range texts {
		if text != issuer.NoMessage {
			fmt.Fprintf(w, "  %2d  %s\n", n, show(text))
		}
	}
}

// credentialState shows what the books say of a credential, and changes what is
// said of it.
func (s *session) credentialState() *cobra.Command {
	var why, actor string
	message := uint8(0)
	c := s.leaf("credential.status", "status FILE|ID", 1, 1, []string{
		"bevis credential status bevis.json", `bevis credential status bevis.json --message 1 --reason "…"`,
	}, nil)
	c.RunE = s.command(func(ctx context.Context, args []string) error {
		id, err := s.credentialID(ctx, args[0])
		if err != nil {
			return err
		}
		var out app.CredentialState
		if c.Flags().Changed("message") {
			out, err = s.app.Say(ctx, id, message, why, actor)
		} else {
			out, err = s.app.CredentialStatus(ctx, id)
		}
		if err != nil {
			return err
		}
		if c.Flags().Changed("message") {
			s.note("status.publish")
		}
		return s.result(out, func(w *strings.Builder) {
			s.row(w, "label.id", out.ID)
			state := "state.holds"
			switch {
			case out.Revoked:
				state = "state.revoked"
			case out.Suspended:
				state = "state.suspended"
			}
			s.row(w, "label.state", s.t(state))
			if len(out.Messages) > 0 || out.Message > 0 {
				text := out.Says
				if out.Message == 0 {
					text = out.Messages[0]
				}
				s.row(w, "label.message", strings.TrimSpace(strconv.Itoa(int(out.Message))+"  "+text))
			}
		})
	})
	c.Flags().Uint8Var(&message, "message", 0, s.t("flag.message"))
	c.Flags().StringVar(&why, "reason", "", s.t("flag.reason"))
	c.Flags().StringVar(&actor, "by", "", s.t("flag.by"))
	return c
}
