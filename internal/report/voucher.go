package report

import (
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/internal/i18n"
)

// Voucher says who vouches for an issuer, and where that stands.
func Voucher(p *i18n.Printer, v app.ResultVoucher) string {
	who := v.By
	if v.ByName != "" {
		who = v.ByName + " (" + v.By + ")"
	}
	if len(v.Chain) > 0 {
		who += " → " + strings.Join(v.Chain[1:], " → ")
	}
	place := v.Source
	if v.Entry != "" {
		place += ", " + v.Entry
	}
	switch {
	case v.By == "":
		return p.T("trust.by."+v.Kind, place)
	case v.AsOf.IsZero():
		return p.T("trust.by.not-held", who, place)
	}
	return p.T("trust.by."+v.Kind, who, Day(v.AsOf.Format(time.RFC3339)), place)
}
