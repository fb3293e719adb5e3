package report

import (
	"strings"

	"github.com/kompetansebevis/bevis/credential/profile"
	"github.com/kompetansebevis/bevis/internal/i18n"
)

// Finding is what a finding says, or how to mend it, in the language of p; what
// is technical in it says that it is in English. It is empty for nil.
func Finding(p *i18n.Printer, s *profile.Sentence) string {
	return s.In(func(t profile.Text) string {
		if key := "finding." + t.Name(); p.Has(key) {
			return p.T(key)
		}
		return "" // then in English: a test holds that there is none
	}, func(kind profile.ArgKind, arg string) string {
		switch kind {
		case profile.ArgQuoted:
			return p.T("check.quoted", arg)
		case profile.ArgValue:
			return jsonValue(p, arg)
		case profile.ArgAny:
			return strings.ReplaceAll(arg, "|", " "+p.T("names.or")+" ")
		case profile.ArgAll:
			return strings.NewReplacer(" ", " "+p.T("names.and")+" ", "|", " "+p.T("names.or")+" ").Replace(arg)
		}
		return arg
	})
}

// jsonValue is a short value as it is, or what a longer one is.
func jsonValue(p *i18n.Printer, arg string) string {
	kind := strings.TrimPrefix(strings.TrimPrefix(arg, "an "), "a ")
	if key := "json-kind." + kind; p.Has(key) {
		return p.T(key)
	}
	return arg
}
