package wallet

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// LearnerRecordRequest is what to put into a record of the holder's own making.
type LearnerRecordRequest struct {
	IDs    []string    // of items, or what they begin with; none: all that there are
	Name   string      // required: what the record is called
	Suite  proof.Suite // required: how it is signed
	Holder string      // the did:key that signs; empty: the one that most credentials are about

	// Disclosers are suites whose credentials can be shown in part. A record
	// has all that such a credential can show, since what its holder keeps is
	// for the holder alone.
	Disclosers proof.Set
}

// LearnerRecord is a signed record.
type LearnerRecord struct {
	Signed []byte
	ID     string
	Holder string // the did:key that signed
	Items  []Item // what stands in it
	Left   []Item // what was to, and cannot
	// InParts are those of Items of which a share could show a part, and the
	// record shows all.
	InParts []Item
}

// LearnerRecord signs a comprehensive learner record (1EdTech CLR 2.0) with the
// holder as its issuer. It holds the credentials with their own proofs, by
// which whoever reads it judges each of them: the record itself says only that
// the holder of a key put them together.
//
// Left out are credentials whose signature did not hold, those of Data Model
// 1.1 in JSON, whose terms cannot stand beside those of 2.0, those that say what
// no context defines, and those that this version cannot read. If nothing
// remains it is usage/record.
func (w *Wallet) LearnerRecord(ctx context.Context, r LearnerRecordRequest) (LearnerRecord, error) {
	if r.Suite == nil || strings.TrimSpace(r.Name) == "" {
		return LearnerRecord{}, reason.New(reason.Usage, "wallet.LearnerRecordRequest", "Suite and Name are required")
	}
	all := w.Items()
	chosen := all
	if len(r.IDs) > 0 {
		var err error
		if chosen, err = w.pickAll(r.IDs); err != nil {
			return LearnerRecord{}, err
		}
	}
	out := LearnerRecord{}
	for _, i := range chosen {
		raw, ok := r.whole(ctx, i)
		if !ok {
			out.Left = append(out.Left, i.own())
			continue
		}
		if i.inPart != "" {
			out.InParts = append(out.InParts, i.own())
		}
		i.body = raw
		out.Items = append(out.Items, i)
	}
	if len(out.Items) == 0 {
		return LearnerRecord{}, reason.New("usage/record", "", "there is no credential that can stand in the record")
	}
	var err error
	if out.Holder, err = w.recordHolder(ctx, r.Holder, out.Items); err != nil {
		return LearnerRecord{}, err
	}
	signer, err := w.signer(out.Holder)
	if err != nil {
		return LearnerRecord{}, err
	}
	if out.ID, err = NewURN(); err != nil {
		return LearnerRecord{}, err
	}
	err = w.signRecord(ctx, r, &out, all, signer)
	for n, i := range out.Items { // as they are in the wallet again
		if at := slices.IndexFunc(all, func(a Item) bool { return a.ID == i.ID }); at >= 0 {
			out.Items[n].body, out.Items[n].quoted = all[at].body, all[at].quoted
		}
	}
	return out, err
}

// signRecord signs the record. A credential that says what its contexts do not
// define cannot be covered by another's signature: it is left out, and the rest
// signed.
func (w *Wallet) signRecord(ctx context.Context, r LearnerRecordRequest, out *LearnerRecord, all []Item, signer key.Signer) error {
	now := w.now()
	for {
		partial := slices.ContainsFunc(all, func(i Item) bool {
			return !slices.ContainsFunc(out.Items, func(o Item) bool { return o.ID == i.ID })
		})
		var err error
		out.Signed, err = r.Suite.Sign(ctx, recordText(*out, r.Name, credential.FormatTime(now), partial), signer, proof.Params{Purpose: proof.AssertionMethod, Created: now})
		if err == nil {
			return nil
		}
		n, ok := recordPlace(reason.AtOf(err))
		if !ok || n >= len(out.Items) || len(out.Items) == 1 {
			return err
		}
		out.Left = append(out.Left, out.Items[n].own())
		out.InParts = slices.DeleteFunc(out.InParts, func(i Item) bool { return i.ID == out.Items[n].ID })
		out.Items = slices.Delete(out.Items, n, n+1)
	}
}

// recordPlace returns which credential of a record a place is in.
func recordPlace(at string) (int, bool) {
	rest, ok := strings.CutPrefix(at, "/credentialSubject/verifiableCredential")
	if !ok {
		return 0, false
	}
	number, _, _ := strings.Cut(strings.TrimPrefix(rest, "/"), "/")
	n, err := strconv.Atoi(number)
	return n, err == nil && n >= 0
}

// whole returns an item as it can stand in a record.
func (r LearnerRecordRequest) whole(ctx context.Context, i Item) ([]byte, bool) {
	if i.Form == "unknown" || i.standing() == 0 {
		return nil, false
	}
	if i.Form != "json" {
		return i.bytes(), true
	}
	doc, err := document(i.bytes())
	if err != nil || doc.Get("proof") == nil {
		return nil, false
	}
	if c, err := credential.New(doc, i.bytes()); err != nil || c.Version() != credential.V2 {
		return nil, false
	}
	if i.inPart == "" {
		return i.bytes(), true
	}
	for _, suite := range r.Disclosers {
		d, ok := suite.(proof.Discloser)
		if !ok {
			continue
		}
		choices, err := d.Choices(ctx, i.bytes())
		if err != nil {
			continue
		}
		var all proof.Disclosure
		for _, c := range choices {
			all.Pointers = append(all.Pointers, c.Pointer)
		}
		shown, err := d.Disclose(ctx, i.bytes(), all)
		return shown, err == nil
	}
	return nil, false
}

// recordHolder returns the key that signs: the one named, or the one that most
// credentials are about, or else the first that was not made for one receiver of
// a share, which is made if there is none.
func (w *Wallet) recordHolder(ctx context.Context, named string, items []Item) (string, error) {
	own := w.Keys()
	if named != "" {
		return named, nil
	}
	best, most := "", 0
	for _, k := range own {
		n := 0
		for _, i := range items {
			if i.Subject == k {
				n++
			}
		}
		if n > most {
			best, most = k, n
		}
	}
	if best != "" {
		return best, nil
	}
	if ids := w.IDs(); len(ids) > 0 {
		return ids[0], nil
	}
	return w.NewKey(ctx)
}

// NewURN returns a random UUID as a URN (RFC 9562 section 5.4), an id for what
// is made of a wallet.
func NewURN() (string, error) {
	var b [16]byte
	if _, err := rand.Read(b[:]); err != nil {
		return "", reason.Wrap(reason.Internal, "", err)
	}
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:]), nil
}

// The contexts of a record, in the order that CLR 2.0 wants.
const recordContexts = `["` + credential.ContextV2 + `","https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json","https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"]`

// recordText writes the unsigned record. Credentials keep their bytes.
func recordText(r LearnerRecord, name, from string, partial bool) []byte {
	out := []byte(`{"@context":` + recordContexts + `,"id":`)
	out = strictjson.AppendString(out, r.ID)
	out = append(out, `,"type":["VerifiableCredential","ClrCredential"],"name":`...)
	out = strictjson.AppendString(out, name)
	out = append(out, `,"issuer":{"id":`...)
	out = strictjson.AppendString(out, r.Holder)
	out = append(out, `,"type":["Profile"]},"validFrom":`...)
	out = strictjson.AppendString(out, from)
	out = fmt.Appendf(out, `,"partial":%t,"credentialSubject":{"id":`, partial)
	out = strictjson.AppendString(out, r.Holder)
	out = append(out, `,"type":["ClrSubject"],"verifiableCredential":[`...)
	var parts [][]byte
	for _, i := range r.Items {
		parts = append(parts, embedded(i))
	}
	out = append(out, bytes.Join(parts, []byte(","))...)
	return append(out, `]}}`...)
}

// embedded returns a credential as it stands in another document: its own
// bytes, or an envelope around them (Data Model 2.0 section 4.13).
func embedded(i Item) []byte {
	if i.Form == "json" {
		return i.bytes()
	}
	url := "data:application/vc+jwt," + string(i.bytes())
	switch i.Form {
	case "cose":
		url = kept(i.bytes())
	case "sd-jwt":
		url = "data:application/" + typeOf(i.bytes()) + "," + string(i.bytes())
	}
	out := strictjson.AppendString([]byte(`{"@context":"`+credential.ContextV2+`","id":`), url)
	return append(out, `,"type":"EnvelopedVerifiableCredential"}`...)
}

// typeOf returns the media type that an SD-JWT says it has.
func typeOf(raw []byte) string {
	head, _, _ := bytes.Cut(raw, []byte("."))
	text, err := base64.RawURLEncoding.DecodeString(string(head))
	if err == nil {
		if header, err := strictjson.ParseObject(text, strictjson.Limits{}); err == nil {
			if typ, _ := header.Get("typ").Text(); typ == "vc+sd-jwt" {
				return typ
			}
		}
	}
	return "dc+sd-jwt"
}
