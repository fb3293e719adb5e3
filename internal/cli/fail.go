package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/kompetansebevis/bevis/credential/profile"
	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/internal/report"
	"github.com/kompetansebevis/bevis/internal/sharelink"
	"github.com/kompetansebevis/bevis/reason"
)

// ErrorSchema names the form of an error in JSON.
const ErrorSchema = "bevis.error/v1"

// fail says what went wrong: what, where, why, and what to do next.
func (s *session) fail(err error) {
	code, at := reason.CodeOf(err), reason.AtOf(err)
	detail := err.Error()
	var e *reason.Error
	if errors.As(err, &e) && e.Err != nil {
		detail = e.Err.Error()
	}
	// A link that was typed in the wrong place is still a secret.
	at, detail = sharelink.Hide(at), sharelink.Hide(detail)
	what, next := s.headline(err), s.nextStep(err)
	if s.json && !s.wrote {
		out := struct {
			Schema string            `json:"schema"`
			Error  map[string]string `json:"error"`
		}{ErrorSchema, map[string]string{"code": string(code), "message": sharelink.Hide(err.Error())}}
		if at != "" {
			out.Error["at"] = at
		}
		_ = s.printJSON(out) // the exit code says it too
	}
	var b strings.Builder
	fmt.Fprintln(&b, s.prose(s.env.Stderr, fmt.Sprintf("bevis: %s [%s]", what, code), "  "))
	if at != "" {
		fmt.Fprintf(&b, "  %s %s\n", s.t("error.where"), show(at))
	}
	if detail != "" && detail != context.Canceled.Error() { // which the code says already
		fmt.Fprintln(&b, s.prose(s.env.Stderr, "  "+s.errorDetail(err, detail), "    "))
	}
	if next != "" {
		fmt.Fprintln(&b, s.prose(s.env.Stderr, "  "+s.t("error.next")+" "+next, "    "))
	}
	fmt.Fprint(s.env.Stderr, b.String())
}

// errorDetail is the detail of an error: in the language of the reader where it is that of
// a finding, else it says that it is in English.
func (s *session) errorDetail(err error, detail string) string {
	var r *profile.Refusal
	if s.p.Lang() == "en" || !errors.As(err, &r) {
		return s.t("error.why") + " " + show(detail)
	}
	said := report.Finding(s.p, r.Finding.Said)
	if mend := report.Finding(s.p, r.Finding.Mend); mend != "" {
		said += " – " + mend
	}
	return s.t("error.why-said") + " " + show(sharelink.Hide(said))
}

// technical is a detail that is in English, which it says to who reads another language.
func (s *session) technical(detail string) string {
	if s.p.Lang() == "en" || detail == "" {
		return detail
	}
	return s.t("check.technical") + " " + detail
}

// headline says in a sentence what is wrong: what the code means or, where the error is
// not about a file that somebody was given, that.
func (s *session) headline(err error) string {
	var r *app.Refused
	if errors.As(err, &r) {
		return s.t("error.about." + string(r.About))
	}
	return s.p.Code("reason.", string(reason.CodeOf(err)))
}

// nextStep says what to do.
func (s *session) nextStep(err error) string {
	next := s.p.Code("next.", string(reason.CodeOf(err)))
	var r *app.Refused
	switch {
	case !errors.As(err, &r):
		if s.asked != "" && next == s.t("next.usage") {
			next = s.t("error.usage-of", s.asked)
		}
	case r.Name != "":
		next = s.t("error.next."+string(r.About), show(r.Name))
	case s.asked != "":
		next = s.t("error.next."+string(r.About), s.asked)
	}
	return next
}
