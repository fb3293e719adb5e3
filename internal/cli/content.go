package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/internal/report"
)

// contentFlags are the words of verify about whom a credential is about, and
// about what belongs to it.
type contentFlags struct {
	recipients, onBehalfOf, schemas []string
	requireSchema, refresh          bool
}

func (c *contentFlags) define(s *session, verify *cobra.Command) {
	f := verify.Flags()
	f.StringArrayVar(&c.recipients, "recipient", nil, s.t("flag.recipient"))
	f.StringArrayVar(&c.onBehalfOf, "on-behalf-of", nil, s.t("flag.on-behalf-of"))
	f.StringArrayVar(&c.schemas, "schema", nil, s.t("flag.schema"))
	f.BoolVar(&c.requireSchema, "require-schema", false, s.t("flag.require-schema"))
	f.BoolVar(&c.refresh, "refresh", false, s.t("flag.refresh"))
}

func (c *contentFlags) read() (r app.ContentRequest, err error) {
	r.OnBehalfOf, r.RequireSchema, r.Refresh = c.onBehalfOf, c.requireSchema, c.refresh
	for _, text := range c.recipients {
		known, err := app.ParseRecipient(text)
		if err != nil {
			return r, err
		}
		r.Recipient = append(r.Recipient, known)
	}
	r.Schemas, err = urlFiles("--schema", c.schemas)
	return r, err
}

// maxConnected bounds the lines about what belongs together in a record.
const maxConnected = 10

// contentRows says whom a credential matched, who endorses it, and what stands
// in it. The verdict on an endorsement is its own.
func (s *session) contentRows(w *strings.Builder, r app.VerifyResult) {
	if len(r.Recipient) > 0 {
		s.row(w, "label.about", s.t("verify.matched", report.Match(s.p, r.Recipient)))
	}
	for _, e := range r.Endorsements {
		s.row(w, "label.endorsed-by", report.Endorsement(s.p, e))
	}
	if len(r.Nested) > 0 {
		s.row(w, "label.contains", s.t("verify.contains", len(r.Nested)))
	}
	s.associationRows(w, r.Associations)
	if r.Refreshed != nil {
		s.row(w, "label.newer", s.t("verify.newer", r.Refreshed.From))
	}
}

// associationRows says how the achievements of a record belong together.
func (s *session) associationRows(w *strings.Builder, all []app.ResultAssociation) {
	for n, a := range all {
		if n == maxConnected {
			s.row(w, "label.connected", fmt.Sprintf("… (%d)", len(all)))
			break
		}
		s.row(w, "label.connected", report.Association(a))
	}
}
