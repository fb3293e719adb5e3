package verifier_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/jose"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/verifier"
)

// The tests in this file are each for a check that could be taken out without
// another test failing: see docs/mutation.md.

// picture is an SVG with what pictures carry of Open Badges 2.0.
func picture(text string) string {
	return `<svg xmlns="http://www.w3.org/2000/svg" xmlns:openbadges="http://openbadges.org"><openbadges:assertion><![CDATA[` + text + `]]></openbadges:assertion></svg>`
}

// TestOpenBadge2ByItsAddress: of a picture that holds an address alone, what is
// there is judged, and only where somebody is trusted is it asked for.
func TestOpenBadge2ByItsAddress(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	const other = "https://school.example/a/2"
	for name, c := range map[string]struct {
		there   string // at the address
		trusted string
		verdict verifier.Verdict
		code    reason.Code
		asked   int
	}{
		"as it should be":             {hosted, schoolID, verifier.Valid, "display_warning/picture-not-signed", 4},
		"of a stranger":               {hosted, "https://other.example/issuer", verifier.Untrusted, "untrusted_issuer/host", 0},
		"nothing":                     {"", schoolID, verifier.Undetermined, "fetch_failed/status", 1},
		"gone":                        {"gone", schoolID, verifier.Undetermined, "fetch_failed/gone", 1},
		"a page":                      {"<html>", schoolID, verifier.Undetermined, "fetch_failed/document", 1},
		"no assertion":                {s.body[schoolID], schoolID, verifier.Undetermined, "fetch_failed/document", 1},
		"one that calls itself other": {strings.Replace(hosted, hostedID, other, 1), schoolID, verifier.Undetermined, "fetch_failed/other-document", 1},
		"one of version 1":            {`{"uid":"1","recipient":{},"badge":"https://school.example/class","verify":{"type":"hosted","url":"https://school.example/a"}}`, schoolID, verifier.Unreadable, "no_credential/open-badges-1", 1},
		"one that is signed":          {s.sign(t, strings.Replace(signed, "urn:uuid:1", hostedID, 1)), schoolID, verifier.Undetermined, "fetch_failed/other-document", 1},
	} {
		web := &pages{body: maps.Clone(s.body)}
		if web.body[hostedID] = c.there; c.there == "" {
			delete(web.body, hostedID)
		}
		r := judgeBadge2(t, web, picture(hostedID), c.trusted)
		if r.Verdict != c.verdict || r.Reason != c.code || r.Form != verifier.HostedBadge2 || len(web.asked) > c.asked {
			t.Errorf("%s: %s %s (%v), asked %q", name, r.Verdict, r.Reason, r.Err(), web.asked)
		}
	}
}

// TestOpenBadge2OrNot: what only speaks of an Open Badge 2.0 is judged as what it
// is, and what stands in its place in a picture is told.
func TestOpenBadge2OrNot(t *testing.T) {
	t.Parallel()
	p := newParty(t)
	doc := strings.Replace(string(p.credential("did:x:kari", nil)), `"description":"d"`, `"description":"as in https://w3id.org/openbadges/v2"`, 1)
	r := judgeBadge2(t, nil, string(p.sign(jose.VCJWT, []byte(doc), proof.Params{})), p.id)
	if r.Verdict != verifier.Valid || r.Kind != verifier.KindCredential {
		t.Errorf("a credential: %s %s (%v)", r.Kind, r.Verdict, r.Err())
	}
	r = judgeBadge2(t, nil, picture(newSchool(t).body[schoolID]), schoolID)
	if r.Verdict != verifier.Unreadable || r.Reason != "wrong_type/not-a-credential" || !strings.Contains(r.Err().Error(), "Open Badges 2.0") {
		t.Errorf("a profile in a picture: %s (%v)", r.Verdict, r.Err())
	}
}

// undecided is a trust source that trusts nobody yet.
type undecided struct{ trust.Registry }

func (undecided) TrustsHost(context.Context, string, time.Time) (bool, error) {
	return false, reason.New("trust_unavailable/list", "", "away")
}

// TestOpenBadge2Checks: what each check says of a badge, beside the verdict.
func TestOpenBadge2Checks(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	embedded := strings.Replace(s.body[schoolID], `"https://school.example/key"`, s.body["https://school.example/key"], 1)
	ends := strings.Replace(hosted, `"issuedOn"`, `"expires":"2030-01-01T00:00:00Z","issuedOn"`, 1)
	noList := strings.Replace(s.body[schoolID], `,"revocationList":"https://school.example/revoked"`, "", 1)
	revoked := s.sign(t, strings.Replace(signed, "urn:uuid:1", "urn:uuid:other", 1))
	for name, c := range map[string]struct {
		raw     string
		change  map[string]string // "" takes one away
		issuers trust.Registry    // nil: the school
		code    reason.Code
		check   verifier.CheckID
		says    string
	}{
		"without an end":         {raw: hosted, code: "display_warning/hosted-badge", check: verifier.CheckPeriod, says: "pass  in force, without an end"},
		"with an end":            {raw: ends, change: map[string]string{hostedID: ends}, code: "display_warning/hosted-badge", check: verifier.CheckPeriod, says: "pass  in force until 2030-01-01T00:00:00Z"},
		"revoked, with no word":  {raw: revoked, code: reason.Revoked, check: verifier.CheckStatus, says: "fail revoked the issuer has revoked it"},
		"revoked, with a word":   {raw: s.sign(t, strings.Replace(signed, "urn:uuid:1", "urn:uuid:gone", 1)), code: reason.Revoked, check: verifier.CheckStatus, says: `fail revoked the issuer has revoked it: "By mistake"`},
		"a list that is a page":  {raw: s.sign(t, signed), change: map[string]string{"https://school.example/revoked": "<html>"}, code: "status_invalid/list", check: verifier.CheckProof, says: "pass  ES256 signature of the assertion is right, by https://school.example/key"},
		"no list":                {raw: s.sign(t, signed), change: map[string]string{schoolID: noList}, code: "display_warning/hosted-class", check: verifier.CheckStatus, says: "not-applicable  the issuer's profile names no revocation list"},
		"a key in the profile":   {raw: s.sign(t, signed), change: map[string]string{schoolID: embedded, "https://school.example/key": ""}, code: "display_warning/hosted-class", check: verifier.CheckBinding, says: "pass  the key is listed by " + schoolID},
		"of a stranger, proof":   {raw: hosted, issuers: trust.Pins(), code: "untrusted_issuer/host", check: verifier.CheckProof, says: "not-run  the issuer is not known, or not trusted, so nothing was fetched in its name"},
		"of a stranger, status":  {raw: hosted, issuers: trust.Pins(), code: "untrusted_issuer/host", check: verifier.CheckStatus, says: "not-run  the issuer is not known, or not trusted, so nothing was fetched in its name"},
		"of a stranger, copy":    {raw: hosted, issuers: trust.Pins(), code: "untrusted_issuer/host", check: verifier.CheckHosted, says: "not-run  the issuer is not known, or not trusted, so nothing was fetched in its name"},
		"no profile, and why":    {raw: hosted, change: map[string]string{schoolID: ""}, code: "fetch_failed/status", check: verifier.CheckBinding, says: "unknown fetch_failed/status the document could not be had: https://school.example/issuer: the server answers 404"},
		"gone":                   {raw: hosted, change: map[string]string{hostedID: "gone"}, code: reason.Revoked, check: verifier.CheckHosted, says: "not-run  its host has withdrawn it"},
		"a class at no address":  {raw: strings.Replace(hosted, `"https://school.example/class"`, `"urn:x:class"`, 1), code: "malformed/open-badges-2", check: verifier.CheckTrust, says: "fail malformed/open-badges-2 is not the address of a web page"},
		"trust that cannot tell": {raw: hosted, issuers: undecided{trust.Pins(schoolID)}, code: "trust_unavailable/list", check: verifier.CheckTrust, says: "unknown trust_unavailable/list away"},
	} {
		web := &pages{body: maps.Clone(s.body)}
		for url, body := range c.change {
			if web.body[url] = body; body == "" {
				delete(web.body, url)
			}
		}
		if c.issuers == nil {
			c.issuers = trust.Pins(schoolID)
		}
		r, _ := newVerifier(t, verifier.Config{Trust: c.issuers, Documents: web}).Verify(t.Context(), verifier.Request{Raw: []byte(c.raw)})
		if said := remarks(r, c.check); r.Reason != c.code || said != c.says {
			t.Errorf("%s: %s (%v), %q", name, r.Reason, r.Err(), said)
		}
		if len(web.asked) > 0 && strings.HasPrefix(string(c.code), "untrusted") {
			t.Errorf("%s: asked %q", name, web.asked)
		}
	}
}

// failing has no document, and one way to say so.
type failing struct{ err error }

func (f failing) Document(context.Context, string) ([]byte, time.Time, error) {
	return nil, time.Time{}, f.err
}

// TestOpenBadge2Unavailable: that a document cannot be had never counts against
// the badge, whatever its source says; and that somebody gave up is told as that.
func TestOpenBadge2Unavailable(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err     error
		verdict verifier.Verdict
		code    reason.Code
	}{
		{errors.New("a disk is full"), verifier.Undetermined, reason.FetchFailed},
		{reason.New(reason.BadSignature, "", "of a certificate"), verifier.Undetermined, reason.FetchFailed},
		{reason.New(reason.Revoked, "", "somebody's certificate"), verifier.Undetermined, reason.FetchFailed},
		{reason.New("fetch_failed/tls", "", "no handshake"), verifier.Undetermined, "fetch_failed/tls"},
		{reason.Wrap(reason.Canceled, "", context.Canceled), verifier.Undetermined, reason.Canceled},
	} {
		if r := judgeBadge2(t, failing{c.err}, hosted, schoolID); r.Verdict != c.verdict || r.Reason != c.code {
			t.Errorf("%v: %s %s (%v)", c.err, r.Verdict, r.Reason, r.Err())
		}
	}
}

// TestOpenBadge2IsNotRefreshed: that nobody is asked for a newer edition of such
// a badge is said to who asks for one.
func TestOpenBadge2IsNotRefreshed(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	r, _ := newVerifier(t, verifier.Config{Trust: trust.Pins(schoolID), Documents: s}).Verify(t.Context(), verifier.Request{Raw: []byte(hosted), Refresh: true})
	if said := remarks(r, verifier.CheckRefresh); r.Verdict != verifier.Valid || !strings.HasPrefix(said, "not-applicable") {
		t.Errorf("%s: %q", r.Verdict, said)
	}
}

// dated is a web whose documents are as old as is said, by their addresses.
type dated struct {
	pages
	asOf map[string]time.Time
}

func (d *dated) Document(ctx context.Context, url string) ([]byte, time.Time, error) {
	body, _, err := d.pages.Document(ctx, url)
	return body, d.asOf[url], err
}

// TestOpenBadge2Age: a badge is as of the oldest document that speaks for it,
// and documents at hand are not asked for.
func TestOpenBadge2Age(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	day := func(n int) time.Time { return noon.AddDate(0, 0, -n) }
	const class, issuerKey, list = "https://school.example/class", "https://school.example/key", "https://school.example/revoked"
	for name, c := range map[string]struct {
		asOf map[string]time.Time
		want time.Time
	}{
		"the class":   {map[string]time.Time{class: day(9), schoolID: day(2), issuerKey: day(3), list: day(1)}, day(9)},
		"the profile": {map[string]time.Time{class: day(1), schoolID: day(9), issuerKey: day(3), list: day(2)}, day(9)},
		"the list":    {map[string]time.Time{class: day(3), schoolID: day(2), issuerKey: day(1), list: day(9)}, day(9)},
		"not said of": {map[string]time.Time{class: day(3), schoolID: day(2), issuerKey: day(1)}, day(3)},
		"not said":    {nil, time.Time{}},
	} {
		web := &dated{pages{body: s.body}, c.asOf}
		r := judgeBadge2(t, web, s.sign(t, signed), schoolID)
		if check := r.Check(verifier.CheckStatus); r.Verdict != verifier.Valid || !check.AsOf.Equal(c.want) {
			t.Errorf("%s: %s, as of %v, want %v", name, r.Verdict, check.AsOf, c.want)
		}
	}
	// Of a list at hand it is not known how old it is, however fresh the rest.
	v := newVerifier(t, verifier.Config{Trust: trust.Pins(schoolID), MaxStatusAge: time.Hour, Documents: &dated{pages{body: s.body}, map[string]time.Time{class: noon, schoolID: noon, issuerKey: noon, list: noon}}})
	for at, want := range map[string]reason.Code{list: "status_unavailable/stale", "https://school.example/another": "display_warning/hosted-class"} {
		r, _ := v.Verify(t.Context(), verifier.Request{Raw: []byte(s.sign(t, signed)), StatusLists: map[string][]byte{at: []byte(s.body[list])}})
		if r.Reason != want {
			t.Errorf("with %s at hand: %s %s (%v)", at, r.Verdict, r.Reason, r.Err())
		}
	}
	lists := map[string][]byte{}
	for _, url := range []string{class, schoolID, issuerKey, list} {
		lists[url] = []byte(s.body[url])
	}
	web := &pages{body: s.body}
	v = newVerifier(t, verifier.Config{Trust: trust.Pins(schoolID), Documents: web})
	for raw, asked := range map[string][]string{s.sign(t, signed): nil, hosted: {hostedID}} {
		web.asked = nil
		if _, err := v.Verify(t.Context(), verifier.Request{Raw: []byte(raw), StatusLists: lists}); err != nil || !slices.Equal(web.asked, asked) {
			t.Errorf("with all at hand but the assertion: %v, asked %q", err, web.asked)
		}
	}
}
