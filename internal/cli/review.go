package cli

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kompetansebevis/bevis/catalogue/review"
	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/reason"
)

func (s *session) catalogueReview(folder *string) *cobra.Command {
	var f walletFlags
	var r app.ReviewRequest
	var o outFlags
	c := s.leaf("catalogue.review", "review ID", 1, 1, []string{"bevis catalogue review k3v --rating 4 --text \"Bra øvelser\" --for did:web:katalogen.example -o omtale.json"},
		func(ctx context.Context, args []string) error {
			if r.Operator == "" || r.Rating == 0 {
				return reason.New("usage/missing-flag", "--for, --rating", "say who collects the reviews, and give 1 to 5")
			}
			if err := app.Free(o.file, o.force); err != nil {
				return err
			}
			w, err := s.open(ctx, &f)
			if err != nil {
				return err
			}
			r.Credential = args[0]
			if r.Course == "" {
				cat, err := s.openCatalogue(ctx, *folder)
				if err != nil {
					return err
				}
				if r.Course, err = s.app.ReviewCourse(ctx, w, cat, args[0]); err != nil {
					return err
				}
			}
			if r.Text != "" {
				r.Language = s.p.Lang()
			}
			raw, _, err := s.app.ReviewMake(ctx, w, r)
			if err != nil {
				return err
			}
			s.note("review.made", show(r.Operator))
			o.private = true
			return s.deliver(raw, o.file, o)
		})
	fl := c.Flags()
	s.oneWalletFlags(c, &f)
	s.outFlags(c, &o)
	fl.StringVar(&r.Course, "course", "", s.t("flag.review-course"))
	fl.IntVar(&r.Rating, "rating", 0, s.t("flag.rating"))
	fl.StringVar(&r.Text, "text", "", s.t("flag.review-text"))
	fl.StringVar(&r.Operator, "for", "", s.t("flag.review-for"))
	fl.StringVar(&r.Suite, "suite", "eddsa-jcs-2022", s.t("flag.suite"))
	return c
}

// deskFlags say for which operator, and which status lists are at hand.
type deskFlags struct {
	operator string
	lists    []string
}

func (s *session) deskFlags(c *cobra.Command, f *deskFlags) {
	c.Flags().StringVar(&f.operator, "as", "", s.t("flag.review-as"))
	c.Flags().StringArrayVar(&f.lists, "status-list", nil, s.t("flag.status-list"))
}

func (s *session) desk(ctx context.Context, folder string, f *deskFlags) (*app.ReviewDesk, error) {
	if f.operator == "" {
		return nil, reason.New("usage/missing-flag", "--as", "say who you are: reviews are signed for one who collects them")
	}
	lists, err := statusLists(f.lists)
	if err != nil {
		return nil, err
	}
	cat, err := s.openCatalogue(ctx, folder)
	if err != nil {
		return nil, err
	}
	return s.app.ReviewDesk(cat, f.operator, lists)
}

func (s *session) catalogueCollect(folder *string) *cobra.Command {
	var f deskFlags
	c := s.leaf("catalogue.collect", "collect FILE…", 1, -1, []string{"bevis catalogue collect --as did:web:katalogen.example omtale.json"}, func(ctx context.Context, args []string) error {
		desk, err := s.desk(ctx, *folder, &f)
		if err != nil {
			return err
		}
		type line struct {
			Input  string         `json:"input"`
			Review *review.Review `json:"review,omitempty"` // none for one that was withdrawn
			Reason string         `json:"reason,omitempty"`
			Detail string         `json:"detail,omitempty"`
		}
		var lines []line
		for _, in := range s.app.Inputs(ctx, args, s.stdin) {
			accepted, err := desk.Collect(ctx, in)
			l := line{Input: in.Name, Review: accepted}
			if err != nil {
				l.Reason, l.Detail, s.class = string(reason.CodeOf(err)), detail(err), reason.CodeOf(err).Class()
			}
			lines = append(lines, l)
		}
		return s.result(lines, func(b *strings.Builder) {
			for _, l := range lines {
				switch {
				case l.Reason != "":
					fmt.Fprintf(b, "✗ %s: %s [%s]\n  %s\n", show(l.Input), s.p.Code("reason.", l.Reason), l.Reason, show(s.technical(l.Detail)))
				case l.Review == nil:
					fmt.Fprintf(b, "✓ %s: %s\n", show(l.Input), s.t("review.withdrawn"))
				default:
					fmt.Fprintf(b, "✓ %s: %s\n", show(l.Input), s.t("review.accepted", show(l.Review.Course), l.Review.Rating))
				}
			}
		})
	})
	s.deskFlags(c, &f)
	return c
}

func detail(err error) string {
	var e *reason.Error
	if errors.As(err, &e) && e.Err != nil {
		return e.Err.Error()
	}
	return err.Error()
}

func (s *session) catalogueReviews(folder *string) *cobra.Command {
	var f deskFlags
	var o outFlags
	c := s.leaf("catalogue.reviews", "reviews", 0, 0, []string{"bevis catalogue reviews --as did:web:katalogen.example -o omtaler.jsonl"}, func(ctx context.Context, _ []string) error {
		if err := app.Free(o.file, o.force); err != nil {
			return err
		}
		desk, err := s.desk(ctx, *folder, &f)
		if err != nil {
			return err
		}
		done, err := desk.Publish(ctx)
		if err != nil {
			return err
		}
		if o.file != "" {
			var b bytes.Buffer
			e := json.NewEncoder(&b)
			for _, r := range done.Reviews {
				if err := e.Encode(r); err != nil {
					return reason.Wrap(reason.Internal, r.ID, err)
				}
			}
			if err := s.deliver(b.Bytes(), o.file, o); err != nil {
				return err
			}
		}
		return s.result(done, func(b *strings.Builder) {
			b.WriteString(s.t("review.swept", done.Swept.Kept, len(done.Swept.Dropped), done.Swept.Suspended, done.Swept.Stale) + "\n")
			for _, u := range done.Swept.Unknown {
				fmt.Fprintf(b, "  ? %s\n", show(u.List))
			}
			for _, c := range done.Courses {
				standing := s.t("review.too-few")
				if c.Standing.Lower > 0 {
					standing = s.t("review.standing", number(float64(int(c.Standing.Lower*10))/10), number(float64(int(c.Standing.Mean*10+0.5))/10))
				}
				fmt.Fprintf(b, "%s: %s, %s\n", show(c.Course), s.t("review.count", c.Reviews, number(float64(int(c.Counted*10+0.5))/10)), standing)
				for _, rule := range c.Rules {
					fmt.Fprintf(b, "  %s\n", s.t("review.rule."+cmp.Or(string(rule.Rule), "stale"), rule.Reviews))
				}
			}
		})
	})
	s.deskFlags(c, &f)
	s.outFlags(c, &o)
	return c
}
