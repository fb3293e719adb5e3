package cli

import (
	"encoding/base64"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kompetansebevis/bevis/credential/bake"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/credential/profile"
	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/reason"
)

// definitionFlags are what a definition can say, for new ones and for changes.
type definitionFlags struct {
	set *pflag.FlagSet

	name, id, description, criteria, criteriaURL, kind, language, field string
	credits                                                             float64
	unit, workload, nkr, isced, mode, image, caption                    string
	eqf                                                                 int
	skills, esco, assessments, tags                                     []string
	quality, towards                                                    []string
}

func (s *session) definitionFlags(c *cobra.Command, d *definitionFlags, kind string) {
	f := c.Flags()
	d.set = f
	f.StringVar(&d.name, "name", "", s.t("flag.achievement-name"))
	f.StringVar(&d.id, "id", "", s.t("flag.achievement-id"))
	f.StringVar(&d.description, "description", "", s.t("flag.description"))
	f.StringVar(&d.criteria, "criteria", "", s.t("flag.criteria"))
	f.StringVar(&d.criteriaURL, "criteria-url", "", s.t("flag.criteria-url"))
	f.StringVar(&d.kind, "type", kind, s.t("flag.achievement-type"))
	f.StringVar(&d.language, "language", "", s.t("flag.language"))
	f.StringVar(&d.field, "field", "", s.t("flag.field-of-study"))
	f.StringArrayVar(&d.tags, "tag", nil, s.t("flag.achievement-tag"))
	f.StringVar(&d.image, "image", "", s.t("flag.achievement-image"))
	f.StringVar(&d.caption, "image-caption", "", s.t("flag.image-caption"))
	f.StringArrayVar(&d.skills, "skill", nil, s.t("flag.skill"))
	f.StringArrayVar(&d.esco, "esco", nil, s.t("flag.esco"))
	f.Float64Var(&d.credits, "credits", 0, s.t("flag.credits-available"))
	f.StringVar(&d.unit, "credit-unit", "", s.t("flag.credit-unit", codesOf(openbadge.Units())))
	f.StringVar(&d.workload, "workload", "", s.t("flag.workload"))
	f.IntVar(&d.eqf, "eqf", 0, s.t("flag.eqf"))
	f.StringVar(&d.nkr, "nkr", "", s.t("flag.nkr"))
	f.StringVar(&d.isced, "isced-f", "", s.t("flag.isced-f"))
	f.StringVar(&d.mode, "mode", "", s.t("flag.way", codesOf(openbadge.Modes())))
	f.StringArrayVar(&d.assessments, "assessment", nil, s.t("flag.assessment", codesOf(openbadge.Assessments())))
	f.StringArrayVar(&d.quality, "quality", nil, s.t("flag.quality"))
	f.StringArrayVar(&d.towards, "counts-towards", nil, s.t("flag.counts-towards"))
	section(c, "level", "credits", "credit-unit", "workload", "eqf", "nkr", "isced-f")
	section(c, "how", "mode", "assessment", "quality", "counts-towards")
}

func codesOf(list []openbadge.Concept) string {
	var out []string
	for _, c := range list {
		out = append(out, c.Code)
	}
	return strings.Join(out, ", ")
}

// given reports whether somebody gave a flag.
func (d *definitionFlags) given(name string) bool { return d.set.Changed(name) }

// apply puts what was given into a definition, and leaves the rest as it is.
func (d *definitionFlags) apply(a *openbadge.Achievement) error {
	for name, to := range map[string]*string{"name": &a.Name, "id": &a.ID, "description": &a.Description, "language": &a.InLanguage, "field": &a.FieldOfStudy} {
		if d.given(name) {
			*to, _ = d.set.GetString(name)
		}
	}
	if d.given("type") || a.AchievementType == "" {
		a.AchievementType = d.kind
	}
	if d.given("criteria") || d.given("criteria-url") || a.Criteria == nil {
		criteria := openbadge.Criteria{}
		if a.Criteria != nil {
			criteria = *a.Criteria
		}
		if d.given("criteria") || a.Criteria == nil {
			criteria.Narrative = d.criteria
		}
		if d.given("criteria-url") || a.Criteria == nil {
			criteria.ID = d.criteriaURL
		}
		a.Criteria = &criteria
	}
	if d.given("tag") {
		a.Tag = d.tags
	}
	if d.given("credits") {
		a.CreditsAvailable = d.credits
	}
	if err := d.picture(a); err != nil {
		return err
	}
	return d.align(a)
}

// picture takes in a picture: a file goes into the credential, an address stays
// one.
func (d *definitionFlags) picture(a *openbadge.Achievement) error {
	if !d.given("image") && !d.given("image-caption") {
		return nil
	}
	image := openbadge.Image{}
	if a.Image != nil {
		image = *a.Image
	}
	if d.given("image-caption") {
		image.Caption = d.caption
	}
	switch {
	case !d.given("image"):
	case d.image == "":
		a.Image = nil
		return nil
	case strings.HasPrefix(d.image, "https://"):
		image.ID = d.image
	default:
		raw, err := app.ReadFile(d.image)
		if err != nil {
			return err
		}
		media := map[bake.Format]string{bake.PNG: "image/png", bake.SVG: "image/svg+xml"}[bake.Detect(raw)]
		if media == "" {
			return reason.New("image_invalid/format", d.image, "neither PNG nor SVG")
		}
		image.ID = "data:" + media + ";base64," + base64.StdEncoding.EncodeToString(raw)
	}
	if image.ID == "" {
		return profile.Refuse(reason.Usage, "--image-caption", saidNoPicture.With())
	}
	a.Image = &image
	return nil
}

// hours are a number of hours, as 40, 40h, 7,5 t.
var hours = regexp.MustCompile(`^([0-9]+(?:[.,][0-9]+)?)\s*[htHT]?$`)

// align takes in alignments. Of those that there is one of, a new one takes the
// place of the old.
func (d *definitionFlags) align(a *openbadge.Achievement) error {
	var in []openbadge.Alignment
	one := func(kind string, flag string, al openbadge.Alignment, ok bool) error {
		if !ok {
			value, _ := d.set.GetString(flag)
			return profile.Refuse(reason.Usage, "--"+flag, saidNoCode.With(short(value)))
		}
		keepOthers(a, kind)
		in = append(in, al)
		return nil
	}
	concept := func(kind, flag, code string, list []openbadge.Concept) error {
		c, ok := openbadge.FindConcept(list, code)
		return one(kind, flag, c.Alignment(kind), ok)
	}
	for _, err := range []error{
		d.pairs(&in, "skill", "", d.skills), d.pairs(&in, "quality", openbadge.ExtQualityAssurance, d.quality), d.pairs(&in, "counts-towards", openbadge.ExtStackability, d.towards),
		d.when("credit-unit", func() error { return concept(openbadge.ExtCredits, "credit-unit", d.unit, openbadge.Units()) }),
		d.when("mode", func() error { return concept(openbadge.ExtMode, "mode", d.mode, openbadge.Modes()) }),
		d.when("workload", func() error {
			m := hours.FindStringSubmatch(strings.TrimSpace(d.workload))
			if m == nil {
				return one("", "workload", openbadge.Alignment{}, false)
			}
			h, err := strconv.ParseFloat(strings.Replace(m[1], ",", ".", 1), 64)
			return one(openbadge.ExtWorkload, "workload", openbadge.AlignWorkload(time.Duration(h*float64(time.Hour)).Round(time.Minute)), err == nil && h > 0 && h < 100_000)
		}),
		d.when("eqf", func() error {
			al, ok := openbadge.AlignEQF(d.eqf)
			if !ok {
				return profile.Refuse(reason.Usage, "--eqf", saidNoEQF.With(strconv.Itoa(d.eqf)))
			}
			return one(openbadge.ExtEQF, "eqf", al, true)
		}),
		d.when("nkr", func() error {
			al, ok := openbadge.AlignNKR(d.nkr)
			return one(openbadge.ExtNKR, "nkr", al, ok)
		}),
		d.when("isced-f", func() error {
			al, ok := openbadge.AlignISCEDF(d.isced)
			return one(openbadge.ExtISCEDF, "isced-f", al, ok)
		}),
	} {
		if err != nil {
			return err
		}
	}
	for n, code := range d.assessments {
		c, ok := openbadge.FindConcept(openbadge.Assessments(), code)
		if !ok {
			return profile.Refuse(reason.Usage, "--assessment", saidNoneOf.With(short(code), codesOf(openbadge.Assessments())))
		}
		if n == 0 {
			keepOthers(a, openbadge.ExtAssessment)
		}
		in = append(in, c.Alignment(openbadge.ExtAssessment))
	}
	return app.Realign(a, nil, in)
}

func (d *definitionFlags) when(flag string, do func() error) error {
	if !d.given(flag) {
		return nil
	}
	return do()
}

// pairs reads NAME=URL.
func (d *definitionFlags) pairs(in *[]openbadge.Alignment, flag, kind string, pairs []string) error {
	for _, pair := range pairs {
		name, url, ok := strings.Cut(pair, "=")
		if !ok || name == "" || url == "" {
			return profile.Refuse(reason.Usage, "--"+flag, saidPair.With())
		}
		*in = append(*in, openbadge.Alignment{TargetType: kind, TargetName: name, TargetURL: url})
	}
	return nil
}

// keepOthers takes out the alignments of a type.
func keepOthers(a *openbadge.Achievement, kind string) {
	var out []openbadge.Alignment
	for _, al := range a.Alignment {
		if al.TargetType != kind {
			out = append(out, al)
		}
	}
	a.Alignment = out
}
