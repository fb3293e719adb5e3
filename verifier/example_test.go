package verifier_test

import (
	"context"
	"fmt"
	"time"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/credential/proof/suites"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/verifier"
)

// site stands for the web: what an issuer has published, by address. Yours
// would be a client that connects to public addresses alone, with limits of
// size and time, since documents of others name the addresses.
type site map[string][]byte

// Fetch implements did.Fetcher.
func (s site) Fetch(_ context.Context, url, _ string) ([]byte, time.Time, error) {
	body, ok := s[url]
	if !ok {
		return nil, time.Time{}, reason.New("fetch_failed/status", url, "there is nothing there")
	}
	return body, june, nil
}

// StatusList implements verifier.StatusSource.
func (s site) StatusList(ctx context.Context, url string) ([]byte, time.Time, error) {
	return s.Fetch(ctx, url, "application/vc")
}

var june = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// An employer judges what applicants send: by a trust policy that people can
// review, with keys and status lists from a source of its own, and by what it
// knows of the applicant.
func Example() {
	if err := judgeApplicants(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// valid, by Kursstedet, for emailAddress (sha256, salted), status as of 2026-06-01
	// invalid: holder_mismatch/recipient
	// invalid: revoked
	// untrusted: untrusted_issuer
}

func judgeApplicants(ctx context.Context) error {
	web := site{}
	school, err := newSchoolAt(ctx, web)
	if err != nil {
		return err
	}
	badge, err := school.Issue(ctx, issuer.Award{
		Achievement: openbadge.Achievement{ID: "https://kurs.example/a/1", Name: "Sveising", Description: "40 timer.", Criteria: &openbadge.Criteria{Narrative: "Prøve."}},
		Recipient:   issuer.Recipient{Email: "kari@example.org"},
	})
	if err != nil {
		return err
	}
	if err := publish(ctx, school, web); err != nil {
		return err
	}

	policy, err := trust.Parse([]byte("bevis-trust 1\ndomain kurs.example\n  name Kursstedet\n  status-age 7d\n"), "trust.txt")
	if err != nil {
		return err
	}
	judge := func(policy *trust.Policy, email string) error {
		all, err := suites.All()
		if err != nil {
			return err
		}
		v, err := verifier.New(verifier.Config{
			Suites: all, Trust: policy, Pins: policy, Status: web,
			Resolver: did.Mux{"key": did.Key{}, "jwk": did.JWK{}, "web": did.Web{Fetcher: web}},
			Now:      func() time.Time { return june },
		})
		if err != nil {
			return err
		}
		report, err := v.Verify(ctx, verifier.Request{Raw: badge.Credential, Recipient: []verifier.Identifier{{Type: "email", Value: email}}})
		if err != nil { // exactly when it is not valid; there is a report all the same
			fmt.Printf("%s: %s\n", report.Verdict, reason.CodeOf(err))
			return nil
		}
		fmt.Printf("%s, by %s, for %s, status as of %s\n", report.Verdict, report.Issuer.VerifiedName, report.Recipient[0],
			report.Check(verifier.CheckStatus).AsOf.Format(time.DateOnly))
		return nil
	}
	if err := judge(policy, "kari@example.org"); err != nil {
		return err
	}
	if err := judge(policy, "ola@example.org"); err != nil {
		return err
	}
	if err := school.Revoke(ctx, badge.ID, "issued in error", "the registrar"); err != nil {
		return err
	}
	if err := publish(ctx, school, web); err != nil {
		return err
	}
	if err := judge(policy, "kari@example.org"); err != nil {
		return err
	}
	return judge(trust.Empty(), "kari@example.org")
}

// newSchoolAt is an issuer, which is somebody else's program.
func newSchoolAt(ctx context.Context, web site) (*issuer.Issuer, error) {
	private, err := key.Generate(key.Ed25519)
	if err != nil {
		return nil, err
	}
	all, err := suites.All()
	if err != nil {
		return nil, err
	}
	suite, err := all.Suite(dataintegrity.EdDSARDFC2022)
	if err != nil {
		return nil, err
	}
	school, err := issuer.New(issuer.Config{
		Profile: openbadge.Profile{ID: "did:web:kurs.example", Name: "Kursstedet"}, Signer: private.Signer("did:web:kurs.example#key-1"),
		Suite: suite, Ledger: issuer.NewMemoryLedger(), StatusBase: "https://kurs.example/status/", Now: func() time.Time { return june },
	})
	if err != nil {
		return nil, err
	}
	return school, publish(ctx, school, web)
}

// publish puts an issuer's keys and lists where they are found.
func publish(ctx context.Context, school *issuer.Issuer, web site) error {
	files, err := school.Publish(ctx)
	for _, f := range files {
		web["https://kurs.example/"+f.Path] = f.Bytes
	}
	return err
}
