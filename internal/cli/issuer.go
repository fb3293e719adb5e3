package cli

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
)

func (s *session) issuerCommand() *cobra.Command {
	return s.group("issuer", s.issuerInit(), s.issuerSet(), s.issuerEndorsement(),
		s.issuerShow(), s.issuerLook(), s.issuerPublish(), s.issuerLists(), s.issuerMessages(), s.issuerWork(), s.issuerAudit(), s.issuerLedger(), s.issuerErase(), s.issuerKey(), s.issuerAPIKey(), s.issuerCharter(), s.issuerLog())
}

func (s *session) issuerInit() *cobra.Command {
	var setup app.IssuerSetup
	var key keyFlags
	c := s.leaf("issuer.init", "init", 0, 0, []string{
		`bevis issuer init --name "Kursstedet" --id did:web:kurs.example`,
		`bevis issuer init --name "Prøvestedet" --status-base https://prove.example/status/`,
		`bevis issuer init --name "Kursstedet" --id did:web:kurs.example --encrypt`,
	}, func(ctx context.Context, _ []string) (err error) {
		if setup.Image, err = app.ProfileImage(setup.Image); err != nil {
			return err
		}
		r, err := s.keyRequest(key, false)
		if err != nil {
			return err
		}
		done, err := s.app.IssuerInitKey(ctx, setup, r)
		if err != nil {
			return err
		}
		if err := s.showIssuer(done); err != nil {
			return err
		}
		if done.StatusBase == "" {
			s.note("issuer.no-status")
		}
		if k := done.Current(); strings.HasSuffix(k.File, ".pem") {
			s.plainKey(s.app.KeyPath(k))
		}
		s.note("issuer.next")
		return nil
	})
	f := c.Flags()
	f.StringVar(&setup.Name, "name", "", s.t("flag.issuer-name"))
	f.StringVar(&setup.ID, "id", "", s.t("flag.issuer-id"))
	f.StringVar(&setup.URL, "url", "", s.t("flag.issuer-url"))
	f.StringVar(&setup.Country, "country", "", s.t("flag.country"))
	f.StringVar(&setup.Email, "email", "", s.t("flag.issuer-email"))
	f.StringVar(&setup.About, "description", "", s.t("flag.issuer-about"))
	f.StringVar(&setup.Image, "image", "", s.t("flag.issuer-image"))
	f.StringVar(&setup.StatusBase, "status-base", "", s.t("flag.status-base"))
	f.IntVar(&setup.ListSize, "list-size", 0, s.t("flag.list-size"))
	f.StringVar(&setup.Suite, "suite", app.SuiteNames()[0], s.t("flag.suite", strings.Join(app.SuiteNames(), ", ")))
	s.keyFlags(c, &key)
	return c
}

// issuerSet changes what the issuer's profile says.
func (s *session) issuerSet() *cobra.Command {
	var name, url, country, email, about, image string
	var change app.ProfileChange
	c := s.leaf("issuer.set", "set", 0, 0, []string{
		`bevis issuer set --name "Kurshuset" --reason "merged in May" --by kari`,
		`bevis issuer set --country NO --url ""`,
		`bevis issuer set --image https://kurs.example/merke.png`,
	}, nil)
	c.RunE = s.command(func(ctx context.Context, _ []string) (err error) {
		if image, err = app.ProfileImage(image); err != nil {
			return err
		}
		for flag, to := range map[string]struct {
			value *string
			at    **string
		}{"name": {&name, &change.Name}, "url": {&url, &change.URL}, "country": {&country, &change.Country}, "email": {&email, &change.Email}, "description": {&about, &change.About}, "image": {&image, &change.Image}} {
			if c.Flags().Changed(flag) {
				*to.at = to.value
			}
		}
		done, err := s.app.IssuerSet(ctx, change)
		if err != nil {
			return err
		}
		if len(done.Changed) == 0 {
			s.note("issuer.set-same")
		} else {
			s.note("issuer.set-kept")
			s.note("issuer.set-publish")
		}
		if done.Dropped > 0 {
			s.note("issuer.set-dropped", done.Dropped)
		}
		if done.Charter {
			s.note("issuer.set-charter")
		}
		if s.json {
			return s.printJSON(done)
		}
		return s.showIssuer(done.IssuerSetup)
	})
	f := c.Flags()
	f.StringVar(&name, "name", "", s.t("flag.issuer-name"))
	f.StringVar(&url, "url", "", s.t("flag.issuer-url"))
	f.StringVar(&country, "country", "", s.t("flag.country"))
	f.StringVar(&email, "email", "", s.t("flag.issuer-email"))
	f.StringVar(&about, "description", "", s.t("flag.issuer-about"))
	f.StringVar(&image, "image", "", s.t("flag.issuer-image"))
	f.StringVar(&change.Why, "reason", "", s.t("flag.reason"))
	f.StringVar(&change.Actor, "by", "", s.t("flag.by"))
	return c
}

func (s *session) showIssuer(setup app.IssuerSetup) error {
	return s.result(setup, func(w *strings.Builder) {
		s.row(w, "label.name", setup.Name)
		s.row(w, "label.id", setup.ID)
		s.row(w, "label.url", setup.URL)
		s.row(w, "label.country", setup.Country)
		s.row(w, "label.email", setup.Email)
		s.row(w, "label.description", setup.About)
		if image := setup.Image; strings.HasPrefix(image, "data:") {
			s.row(w, "label.image", s.t("issuer.image-inside"))
		} else {
			s.row(w, "label.image", image)
		}
		s.row(w, "label.suite", setup.Suite)
		s.row(w, "label.key", setup.Method)
		s.row(w, "label.kept", s.kept(setup.Current()))
		s.row(w, "label.status-base", setup.StatusBase)
		if setup.ListSize > 0 {
			s.row(w, "label.next-list", s.t("lists.next", setup.ListSize))
		}
		if setup.Ledger == app.LedgerPostgres {
			s.row(w, "label.ledger", "PostgreSQL (BEVIS_LEDGER)")
		}
	})
}

func (s *session) issuerShow() *cobra.Command {
	return s.leaf("issuer.show", "show", 0, 0, nil, func(context.Context, []string) error {
		setup, err := s.app.IssuerShow()
		if err != nil {
			return err
		}
		return s.showIssuer(setup)
	})
}

func (s *session) issuerPublish() *cobra.Command {
	later := false
	c := s.leaf("issuer.publish", "publish FOLDER", 0, 1, []string{"bevis issuer publish public"}, func(ctx context.Context, args []string) error {
		if later == (len(args) == 1) {
			return reason.New(reason.Usage, "", "give the folder to write to, or --later")
		}
		if later {
			if err := s.app.PublishLater(ctx); err != nil {
				return err
			}
			s.note("work.later")
			return nil
		}
		published, err := s.app.IssuerPublish(ctx, args[0])
		if err != nil {
			return err
		}
		return s.result(published, func(w *strings.Builder) {
			for _, f := range published.Files {
				w.WriteString(show(published.Folder + "/" + f.Path))
				if f.URL != "" {
					w.WriteString("  →  " + show(f.URL))
				}
				w.WriteByte('\n')
			}
			if published.Log != nil {
				s.logState(w, *published.Log)
			}
		})
	})
	c.Flags().BoolVar(&later, "later", false, s.t("flag.later"))
	return c
}

func (s *session) issuerWork() *cobra.Command {
	var r app.WorkRequest
	c := s.leaf("issuer.work", "work [FOLDER]", 0, 1, []string{"bevis issuer work public", "bevis issuer work --until-done"}, func(ctx context.Context, args []string) error {
		if len(args) == 1 {
			r.Folder = args[0]
		}
		if r.Lease < time.Second {
			return reason.New(reason.Usage, "--hold", "hold a job for a second or more")
		}
		done, err := s.app.Work(ctx, r, func(j issuer.Job, err error, forGood bool) {
			switch {
			case j.ID == 0:
				s.note("work.silent", show(s.technical(err.Error())))
			case forGood:
				s.class = reason.Failure
				s.note("work.failed", j.ID, s.headline(err), reason.CodeOf(err))
			default:
				s.note("work.again", j.ID, s.headline(err), reason.CodeOf(err))
			}
		})
		if err != nil {
			return err
		}
		return s.result(done, func(w *strings.Builder) {
			s.row(w, "label.issued", strconv.Itoa(done.Issued))
			s.row(w, "label.published", strconv.Itoa(done.Published))
			s.row(w, "label.failed", strconv.Itoa(done.Failed))
			s.row(w, "label.given-back", strconv.Itoa(done.Later))
		})
	})
	f := c.Flags()
	f.BoolVar(&r.UntilNo, "until-done", false, s.t("flag.until-done"))
	f.DurationVar(&r.Lease, "hold", time.Minute, s.t("flag.hold"))
	f.StringVar(&r.Worker, "name", "", s.t("flag.worker-name"))
	return c
}
