package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/formats"
	"github.com/kompetansebevis/bevis/catalogue/formats/elmo"
	"github.com/kompetansebevis/bevis/wallet"
)

// historyShow shows what a file of results says, and that it is the file that
// says so.
func (s *session) historyShow(ctx context.Context, h wallet.History, raw bool, o outFlags) error {
	if raw || o.file != "" {
		o.private = true
		return s.deliver(h.Raw(), o.file, o)
	}
	t, problems, err := s.app.History(ctx, h)
	if err != nil {
		return err
	}
	out := struct {
		wallet.History
		elmo.Transcript
		Problems []formats.Problem `json:"problems,omitempty"`
	}{h, t, problems}
	return s.result(out, func(b *strings.Builder) {
		s.row(b, "label.name", h.Source)
		s.row(b, "label.added", s.day(h.AddedAt))
		s.row(b, "label.id", h.ID)
		b.WriteString("\n" + s.t("profile.records") + "\n")
		for _, r := range t.Results {
			credits := ""
			if r.Credits != nil {
				credits = number(r.Credits.Value) + " " + r.Credits.Scheme
			}
			s.resultLine(b, r.Title.In(s.p.Lang()), issuerName(t, r.Issuer).In(s.p.Lang()), string(r.Date), credits, r.Grade, r.Status)
		}
		s.problems(b, problems)
	})
}

func issuerName(t elmo.Transcript, id string) catalogue.Texts {
	for _, p := range t.Issuers {
		if p.ID == id {
			return p.Name
		}
	}
	return catalogue.Texts{"und": id}
}

// resultLine writes a result and, of the rest, what is told.
func (s *session) resultLine(b *strings.Builder, title string, facts ...string) {
	var told []string
	for _, f := range facts {
		if f != "" {
			told = append(told, f)
		}
	}
	fmt.Fprintf(b, "  %s\n      %s\n", show(title), show(strings.Join(told, " · ")))
}
