package verifier

import (
	"context"
	"strconv"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/reason"
)

// KindForeign is a document of another system, whose issuance stands in a
// blockchain. Its content can be checked; who issued it, and whether that still
// holds, only by that chain, which is not asked. It is never Valid.
const KindForeign Kind = "other-system"

// CheckContent says whether the content of such a document is what was hashed.
const CheckContent CheckID = "content"

// Foreign is a document of another system, with what could be found out.
type Foreign struct {
	Form       proof.ID // such as "blockcerts-2"
	ID         string
	Name       string
	IssuerID   string // claimed, as the next
	IssuerName string
	Anchor     string // where its issuance would stand
	Hidden     int    // parts of which only the hash is left
	Document   *credential.Value
	Intact     error // nil: the content is what was hashed
}

// ForeignReader reads the documents of another system.
type ForeignReader interface {
	// IsForeign reports whether a document claims to be of that system.
	IsForeign(document *credential.Value) bool
	// ReadForeign reads one that claims it. The error says that it cannot be
	// read, or that what proves its content is of a kind that is not known.
	ReadForeign(ctx context.Context, document *credential.Value) (*Foreign, error)
}

// ofAnother returns the reader of a document of another system, nil for none.
func (v *Verifier) ofAnother(document *credential.Value) ForeignReader {
	if document == nil {
		return nil
	}
	for _, r := range v.cfg.Foreign {
		if r.IsForeign(document) {
			return r
		}
	}
	return nil
}

// Foreign returns the document of a report of KindForeign, or nil.
func (r *Report) Foreign() *Foreign { return r.foreign }

// foreign judges a document of another system.
func (j *judgement) foreign(ctx context.Context, reader ForeignReader, in *proof.Input) {
	r := j.report
	r.Kind = KindForeign
	f, err := reader.ReadForeign(ctx, in.Document)
	switch {
	case err != nil:
		r.refuse(CheckReading, err)
	case j.req.refusesBare():
		r.refuse(CheckReading, reason.New("wrong_type/credential", "", "a presentation is expected, and this is a bare document"))
	default:
		j.judgeForeign(f)
		j.besideFull(in, nil)
		j.notWithThis()
	}
	// Without who issued it there is no verdict but these.
	r.conclude([]CheckID{CheckReading, CheckContent, CheckTrust, CheckProof, CheckStatus})
}

func (j *judgement) judgeForeign(f *Foreign) {
	r := j.report
	r.foreign, r.Form, r.Issuer = f, f.Form, Issuer{ID: f.IssuerID, ClaimedName: f.IssuerName}
	r.pass(CheckReading, NoteReadForeign, string(f.Form))
	switch {
	case f.Intact != nil:
		r.refuse(CheckContent, f.Intact)
	case f.Hidden > 0:
		r.pass(CheckContent, NoteContentHidden, strconv.Itoa(f.Hidden))
	default:
		r.pass(CheckContent, NoteContentIntact)
	}
	r.notMade(CheckTrust, NoteChainNotAsked)
	r.add(Check{ID: CheckProof, Outcome: Unknown, Reason: "trust_unavailable/chain", Detail: "who issued it stands in a blockchain, which is not asked: " + f.Anchor})
	r.notMade(CheckStatus, NoteChainNotAsked)
	j.display(f.Document)
}
