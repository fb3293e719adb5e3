package app

import (
	"context"
	"strconv"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/blockcerts"
	"github.com/kompetansebevis/bevis/credential/openattestation"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/verifier"
)

// foreigners read the documents of other systems for the verifier.
func (a *App) foreigners() []verifier.ForeignReader {
	return []verifier.ForeignReader{attestations{}, blockcertificates{a.blockcerts}}
}

type attestations struct{}

// IsForeign implements verifier.ForeignReader.
func (attestations) IsForeign(v *credential.Value) bool { return openattestation.Is(v) }

// ReadForeign implements verifier.ForeignReader.
func (attestations) ReadForeign(_ context.Context, v *credential.Value) (*verifier.Foreign, error) {
	d, err := openattestation.Read(v)
	if err != nil {
		return nil, err
	}
	return &verifier.Foreign{
		Form: proof.ID("openattestation-" + strconv.Itoa(d.Version)), ID: d.ID, Name: d.Name, IssuerID: d.IssuerID, IssuerName: d.IssuerName,
		Anchor: d.Store, Hidden: d.Hidden, Document: d.Data, Intact: d.Intact(),
	}, nil
}

type blockcertificates struct {
	reader func() (*blockcerts.Reader, error)
}

// IsForeign implements verifier.ForeignReader.
func (blockcertificates) IsForeign(v *credential.Value) bool { return blockcerts.Is(v) }

// ReadForeign implements verifier.ForeignReader.
func (b blockcertificates) ReadForeign(ctx context.Context, v *credential.Value) (*verifier.Foreign, error) {
	d, err := blockcerts.Read(v)
	if err != nil {
		return nil, err
	}
	reader, err := b.reader()
	if err != nil {
		return nil, err
	}
	return &verifier.Foreign{
		Form: proof.ID("blockcerts-" + strconv.Itoa(d.Version)), ID: d.ID, Name: d.Name, IssuerID: d.IssuerID, IssuerName: d.IssuerName,
		Anchor: d.Anchor, Document: d.Data, Intact: reader.Intact(ctx, d),
	}, nil
}

// claimsOfForeign returns what a document of another system says.
func claimsOfForeign(r *verifier.Report) *ResultClaims {
	f := r.Foreign()
	if f == nil {
		return nil
	}
	return &ResultClaims{ID: f.ID, Name: f.Name, Achievement: f.Name}
}

// isForeign reports whether a file is a document of another system, which a
// wallet does not keep: it does not prove itself.
func isForeign(raw []byte) bool {
	v, err := strictjson.ParseObject(raw, strictjson.Limits{})
	return err == nil && (openattestation.Is(v) || blockcerts.Is(v))
}

func foreign(name string) error {
	return reason.New("no_credential/other-system", name, "the wallet keeps what proves itself, and the issuance of this stands in a blockchain")
}
