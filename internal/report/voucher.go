package report

import (
	"strings"

	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/internal/i18n"
)

// Voucher says who vouches for an issuer, and where that stands.
func Voucher(p *i18n.Printer, v app.ResultVoucher) string {
	if n := len(v.Through); n > 0 {
		through := v.Through[n-1]
		v.Through = nil
		return p.T("trust.through", through, Voucher(p, v))
	}
	who := v.By
	if v.ByName != "" {
		who = v.ByName + " (" + v.By + ")"
	}
	if len(v.Chain) > 0 {
		who += " → " + strings.Join(v.Chain[1:], " → ")
	}
	where := Place(p, v.Source)
	if v.Entry != "" {
		where += ", " + v.Entry
	}
	switch {
	case v.By == "":
		return p.T("trust.by."+v.Kind, where)
	case v.AsOf.IsZero():
		return p.T("trust.by.not-held", who, where)
	}
	return p.T("trust.by."+v.Kind, who, p.Day(v.AsOf), where)
}
