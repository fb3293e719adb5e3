package formats

import (
	"bytes"
	"context"
	"slices"

	"github.com/kompetansebevis/bevis/catalogue/formats/elmo"
	"github.com/kompetansebevis/bevis/catalogue/formats/graph"
	"github.com/kompetansebevis/bevis/catalogue/formats/intake"
	"github.com/kompetansebevis/bevis/catalogue/formats/sheet"
	"github.com/kompetansebevis/bevis/reason"
)

// What is read, and how, is package intake's, which all readers fill.
type (
	Format   = intake.Format
	Options  = intake.Options
	Limits   = intake.Limits
	Batch    = intake.Batch
	Problem  = intake.Problem
	Severity = intake.Severity
)

// The formats, and the severities of a Problem.
const (
	SchemaOrg = intake.SchemaOrg
	LOQ       = intake.LOQ
	ELMO      = intake.ELMO
	CSV       = intake.CSV
	XLSX      = intake.XLSX
	OpenEdX   = intake.OpenEdX
	JSONLines = intake.JSONLines

	Warning = intake.Warning
	Broken  = intake.Broken
)

// Read reads the offers of a source, whose format its content tells. The
// error is not nil only if nothing at all could be read, the source exceeds a
// limit (resource_limit/…), or ctx ended.
func Read(ctx context.Context, raw []byte, o Options) (Batch, error) {
	workbook := sheet.Is(raw)
	if workbook {
		limit := o.Limits.OrDefault().MaxBytes
		if len(raw) > limit {
			return Batch{}, reason.New(reason.LimitSize, "", "%d bytes, the limit is %d", len(raw), limit)
		}
		var err error
		if raw, err = sheet.CSV(raw, limit); err != nil {
			return Batch{}, err
		}
	}
	in, err := intake.New(ctx, raw, o)
	if err != nil {
		return Batch{}, err
	}
	r := reader{in}
	switch text := bytes.TrimLeft(r.Text, " \t\r\n"); {
	case workbook:
		err = r.readCSV()
		r.Batch.Format = XLSX
	case isLines(text):
		err = r.readLines()
	case hasPrefix(text, "{", "["):
		err = graph.JSON(in)
	case hasPrefix(text, "<"):
		if elmo.Is(text) {
			err = elmo.Offers(in)
		} else {
			err = graph.Page(in)
		}
	default:
		err = r.readCSV()
	}
	if err == nil {
		err = r.Finish()
	}
	if err == nil && len(r.Batch.Offers)+len(r.Batch.Providers)+len(r.Batch.Problems) == 0 {
		err = reason.New(reason.OfferInvalid+"/format", "", "there is no offer in it, in any format that is known here")
	}
	if err != nil {
		return Batch{}, err
	}
	return r.Batch, nil
}

// reader reads the formats that are no package of their own.
type reader struct{ *intake.Reader }

// draft is an offer of a table.
type draft struct{ *intake.Draft }

func hasPrefix(text []byte, any ...string) bool {
	return slices.ContainsFunc(any, func(p string) bool { return bytes.HasPrefix(text, []byte(p)) })
}
