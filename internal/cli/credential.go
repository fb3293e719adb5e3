package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kompetansebevis/bevis/credential/bake"
	"github.com/kompetansebevis/bevis/credential/profile"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
)

func (s *session) credentialCommand() *cobra.Command {
	return s.group("credential", s.credentialIssue(), s.credentialBatch(), s.credentialEndorse(),
		s.credentialStatus(app.Revoke), s.credentialStatus(app.Suspend), s.credentialStatus(app.Reinstate), s.credentialState(),
		s.credentialNotarise(), s.credentialBake(), s.credentialUnbake(), s.credentialRender(), s.credentialPDF(), s.credentialQR(), s.credentialConvert(), s.credentialCompare(), s.credentialSurvey(), s.credentialLint())
}

func (s *session) credentialIssue() *cobra.Command {
	var award issuer.Award
	var from, until, format, language string
	var disclosable, results []string
	var o outFlags
	var forms formFlags
	later := false
	c := s.leaf("credential.issue", "issue ACHIEVEMENT", 1, 1, []string{
		"bevis credential issue sveising --to did:key:z6Mk… -o bevis.json",
		"bevis credential issue sveising --email kari@example.com --once enrolment-1234 -o bevis.json",
		"bevis credential issue sveising --to did:key:z6Mk… --format sd-jwt --disclosable /credentialSubject/result -o bevis.sdjwt",
		"bevis credential issue sveising --to did:key:z6Mk… --as ob3,vc-jwt,sd-jwt,png --image merke.png -o former/",
	}, func(ctx context.Context, args []string) error {
		slug, err := args[0], error(nil)
		if language != "" {
			if slug, err = s.app.AchievementEdition(slug, language); err != nil {
				return err
			}
		}
		if award.Results, err = s.app.Results(slug, results); err != nil {
			return err
		}
		if from != "" {
			if award.ValidFrom, err = app.ParseDay(from); err != nil {
				return err
			}
		}
		if until != "" {
			if award.ValidUntil, err = app.ParseUntil(until, s.app.Now()); err != nil {
				return err
			}
		}
		if award.Recipient.ID == "" && award.Recipient.Email == "" {
			return profile.Refuse(reason.Usage, "", saidNobody.With())
		}
		if format != "" {
			if award.Suite, err = s.app.Form(format); err != nil {
				return err
			}
		}
		switch {
		case len(disclosable) == 1 && disclosable[0] == "none":
			award.Disclosable = []string{}
		case len(disclosable) > 0:
			award.Disclosable = disclosable
		}
		if len(forms.as) > 0 || len(forms.images) > 0 {
			if format != "" {
				return profile.Refuse(reason.Usage, "--as", saidFormsAlone.With())
			}
			forms.later = later
			return s.issueForms(ctx, slug, award, forms, o)
		}
		if later {
			if o.file != "" {
				return profile.Refuse(reason.Usage, "--output", saidLaterOutput.With())
			}
			if err := s.app.IssueLater(ctx, slug, award); err != nil {
				return err
			}
			s.note("work.later")
			return nil
		}
		if err := app.Free(o.file, o.force); err != nil {
			return err
		}
		if err := s.freeProof(o); err != nil {
			return err
		}
		issued, err := s.app.Issue(ctx, slug, award)
		if err != nil {
			return err
		}
		if issued.Again {
			s.note("issue.again")
		}
		s.note("issue.done", show(issued.ID))
		o.precious, o.binary = true, proof.IsCOSE(issued.Credential)
		if err := s.deliver(issued.Credential, o.file, o); err != nil {
			return err
		}
		return s.logged(ctx, issued.Credential, o)
	})
	f := c.Flags()
	s.awardFlags(c, &award)
	f.StringArrayVar(&results, "result", nil, s.t("flag.result"))
	f.StringVar(&language, "language", "", s.t("flag.edition"))
	f.StringVar(&from, "valid-from", "", s.t("flag.valid-from"))
	f.StringVar(&until, "valid-until", "", s.t("flag.valid-until"))
	f.BoolVar(&later, "later", false, s.t("flag.later"))
	f.StringVar(&format, "format", "", s.t("flag.format"))
	f.StringArrayVar(&disclosable, "disclosable", nil, s.t("flag.disclosable"))
	f.StringSliceVar(&forms.as, "as", nil, s.t("flag.issue-as", strings.Join(app.FormNames(), ", ")))
	f.StringArrayVar(&forms.images, "image", nil, s.t("flag.issue-image"))
	s.outFlags(c, &o)
	return c
}

// awardFlags are the flags for what an award says as it stands.
func (s *session) awardFlags(c *cobra.Command, award *issuer.Award) {
	f := c.Flags()
	f.StringVar(&award.Recipient.ID, "to", "", s.t("flag.to"))
	f.StringVar(&award.Recipient.Email, "email", "", s.t("flag.email"))
	f.StringVar(&award.Recipient.Name, "recipient-name", "", s.t("flag.recipient-name"))
	f.StringVar(&award.Name, "name", "", s.t("flag.credential-name"))
	f.StringVar(&award.Narrative, "narrative", "", s.t("flag.narrative"))
	f.Float64Var(&award.Credits, "credits", 0, s.t("flag.credits"))
	f.StringVar(&award.IdempotencyKey, "once", "", s.t("flag.once"))
	f.StringVar(&award.Actor, "by", "", s.t("flag.by"))
	f.BoolVar(&award.Suspendable, "suspendable", false, s.t("flag.suspendable"))
	f.StringVar(&award.RefreshURL, "refresh", "", s.t("flag.issue-refresh"))
	f.StringArrayVar(&award.SchemaURLs, "schema", nil, s.t("flag.issue-schema"))
	f.BoolVar(&award.Messages, "messages", false, s.t("flag.messages"))
}

// credentialStatus makes revoke, suspend and reinstate.
func (s *session) credentialStatus(change app.Change) *cobra.Command {
	var why, actor string
	verb := string(change)
	c := s.leaf("credential."+verb, verb+" FILE|ID", 1, 1, []string{"bevis credential " + verb + ` bevis.json --reason "…"`},
		func(ctx context.Context, args []string) error {
			id, err := s.credentialID(ctx, args[0])
			if err != nil {
				return err
			}
			if err := s.app.ChangeStatus(ctx, id, change, why, actor); err != nil {
				return err
			}
			s.note("status."+verb, show(id))
			s.note("status.publish")
			if s.json {
				return s.printJSON(map[string]string{"id": id, "change": verb})
			}
			return nil
		})
	c.Flags().StringVar(&why, "reason", "", s.t("flag.reason"))
	c.Flags().StringVar(&actor, "by", "", s.t("flag.by"))
	return c
}

func (s *session) credentialBake() *cobra.Command {
	var o outFlags
	c := s.leaf("credential.bake", "bake CREDENTIAL PICTURE", 2, 2, []string{"bevis credential bake bevis.json merke.png -o bevis.png"},
		func(_ context.Context, args []string) error {
			raw, err := app.ReadFile(args[0])
			if err != nil {
				return err
			}
			picture, err := app.ReadFile(args[1])
			if err != nil {
				return err
			}
			if bake.Detect(picture) == bake.Unknown {
				return reason.New("image_invalid/format", args[1], "neither PNG nor SVG: the credential comes first, the picture second")
			}
			baked, err := bake.Bake(picture, raw, bake.Limits{})
			if err != nil {
				return err
			}
			o.binary = true
			return s.deliver(baked, o.file, o)
		})
	s.outFlags(c, &o)
	return c
}

func (s *session) credentialUnbake() *cobra.Command {
	var o outFlags
	c := s.leaf("credential.unbake", "unbake PICTURE", 1, 1, []string{"bevis credential unbake bevis.png -o bevis.json"},
		func(ctx context.Context, args []string) error {
			in, err := s.app.OneInput(ctx, args[0], s.stdin)
			if err != nil {
				return err
			}
			in, err = app.Opened(ctx, in)
			if err != nil {
				return err
			}
			if in.Carrier != "" {
				return s.deliver(in.Raw, o.file, o)
			}
			baked, err := bake.Extract(in.Raw, bake.Limits{})
			if err != nil {
				return err
			}
			for _, w := range baked.Warnings {
				s.note("unbake.warning", s.p.Code("reason.", string(w.Code)), show(s.technical(w.Detail)))
			}
			return s.deliver(baked.Credential, o.file, o)
		})
	s.outFlags(c, &o)
	return c
}
