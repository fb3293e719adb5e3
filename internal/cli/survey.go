package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/internal/report"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/verifier"
)

// credentialSurvey makes the command that says of many documents what each is,
// what it proves, and what would be lost.
func (s *session) credentialSurvey() *cobra.Command {
	at := ""
	c := s.leaf("credential.survey", "survey FILE…", 1, -1, []string{
		"bevis credential survey arkiv/",
		"bevis credential survey --offline --at 2026-11-01 arkiv/ > tabell.md",
	}, func(ctx context.Context, args []string) error {
		when := s.app.Now()
		if at != "" {
			var err error
			if when, err = app.ParseDay(at); err != nil {
				return err
			}
		}
		return s.survey(ctx, when, args)
	})
	c.Flags().StringVar(&at, "at", "", s.t("flag.at"))
	return c
}

func (s *session) survey(ctx context.Context, at time.Time, args []string) error {
	out := struct {
		Schema    string         `json:"schema"`
		JudgedAt  time.Time      `json:"judgedAt"`
		Documents []app.Surveyed `json:"documents"`
		// LeftOut are files of bevis's own that are no documents.
		LeftOut []app.ResultLeftOut `json:"leftOut,omitempty"`
	}{Schema: app.SurveySchema, JudgedAt: at.UTC(), Documents: []app.Surveyed{}}
	var err error
	out.LeftOut, err = s.app.Survey(ctx, at, s.app.Sources(ctx, args, s.stdin), func(one app.Surveyed) error {
		out.Documents = append(out.Documents, one)
		return nil
	})
	if err != nil {
		return err
	}
	if len(out.Documents) == 0 && len(out.LeftOut) == 0 {
		return reason.New(reason.NoCredential, strings.Join(args, " "), "there is nothing in it")
	}
	if len(out.Documents) == 0 { // which is no success, though there is something to tell
		s.class = reason.Unreadable
	}
	return s.result(out, func(w *strings.Builder) {
		s.surveyTables(w, out.Documents)
		if len(out.LeftOut) > 0 && len(out.Documents) > 0 {
			w.WriteByte('\n')
		}
		s.leftOut(w, out.LeftOut)
	})
}

// surveyTables writes Markdown: one table of the documents, and one of files that
// are none, by why.
func (s *session) surveyTables(w *strings.Builder, all []app.Surveyed) {
	unread := map[string][]string{}
	begun := false
	for _, one := range all {
		if one.Judged.Verdict == verifier.Unreadable.String() && one.Kind == "" {
			unread[one.Judged.Reason] = append(unread[one.Judged.Reason], one.Input)
			continue
		}
		if !begun {
			begun = true
			s.tableRow(w, s.t("survey.document"), s.t("survey.is"), s.t("survey.form"), s.t("survey.proves"), s.t("survey.if-trusted"), s.t("survey.to-ob3"))
			w.WriteString("|---|---|---|---|---|---|\n")
		}
		ifTrusted := ""
		if one.IfTrusted != nil {
			ifTrusted = s.surveyVerdict(*one.IfTrusted)
		}
		s.tableRow(w, one.Input, surveyKind(one), strings.TrimSpace(one.Form+" "+one.Carrier), s.surveyVerdict(one.Judged), ifTrusted, s.surveyLoss(one))
	}
	if len(unread) == 0 {
		return
	}
	if begun {
		w.WriteByte('\n')
	}
	s.tableRow(w, s.t("survey.none"), s.t("survey.files"), "")
	w.WriteString("|---|---|---|\n")
	codes := make([]string, 0, len(unread))
	for code := range unread {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	for _, code := range codes {
		s.tableRow(w, s.p.Code("reason.", code)+" `"+code+"`", fmt.Sprint(len(unread[code])), strings.Join(unread[code], ", "))
	}
}

// tableRow writes a row of a table in Markdown.
func (s *session) tableRow(w *strings.Builder, cells ...string) {
	w.WriteString("|")
	for _, cell := range cells {
		w.WriteString(" " + strings.ReplaceAll(show(cell), "|", `\|`) + " |")
	}
	w.WriteByte('\n')
}

func surveyKind(one app.Surveyed) string {
	types := strings.Join(one.Types, ", ")
	if one.Kind == "" {
		return types
	}
	if types == "" {
		return string(one.Kind)
	}
	return string(one.Kind) + ": " + types
}

// surveyVerdict says a verdict, and on which checks it rests: not on those that
// hold of anything that can be read, nor on trust, which the heading tells.
func (s *session) surveyVerdict(v app.SurveyedVerdict) string {
	text := report.Sign(v.Verdict) + " " + s.t("verdict."+v.Verdict)
	if v.Reason != "" {
		text += " `" + v.Reason + "`"
	}
	for _, part := range []struct {
		key   string
		names []string
	}{{"survey.holds", others(v.Holds, "")}, {"survey.fails", others(v.Fails, v.Reason)}, {"survey.unknown", others(v.Unknown, v.Reason)}} {
		if len(part.names) > 0 {
			text += "; " + s.t(part.key, strings.Join(part.names, ", "))
		}
	}
	return text
}

// others returns the checks of which something is to be said, without a code that
// stands in front of them already.
func others(checks []string, code string) []string {
	var out []string
	for _, c := range checks {
		id, own, _ := strings.Cut(c, " ")
		quiet := own == "" && slices.Contains([]verifier.CheckID{verifier.CheckReading, verifier.CheckDataModel, verifier.CheckProfile, verifier.CheckDisplay}, verifier.CheckID(id))
		if !quiet && id != string(verifier.CheckTrust) {
			out = append(out, strings.TrimSuffix(c, " "+code))
		}
	}
	return out
}

func (s *session) surveyLoss(one app.Surveyed) string {
	l := one.ToOB3
	switch {
	case l == nil && one.Kind == app.KindOB3:
		return s.t("survey.is-ob3")
	case l == nil:
		return "–"
	case l.Code != "":
		return s.t("survey.no-way") + " `" + l.Code + "`"
	case l.Dropped+l.Approximated+l.Kept+l.Assumed == 0:
		return s.t("convert.whole")
	}
	text := s.t("survey.lost", l.Dropped, l.Approximated, l.Kept, l.Assumed) + " (" + strings.Join(l.Why, ", ") + ")"
	if l.Parts > 1 {
		text = s.t("survey.parts", l.Parts) + ": " + text
	}
	return text
}
