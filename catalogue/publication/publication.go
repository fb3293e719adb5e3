package publication

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/signed"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// Schema names the form of a publication, and is its type in the signature.
const Schema = "bevis.offers/v1"

// Limits of a publication.
const (
	MaxBytes        = 64 << 20 // of the signed file
	MaxOffers       = 100_000
	MaxValidity     = 3 * 366 * 24 * time.Hour
	DefaultValidity = 365 * 24 * time.Hour
	maxLine         = 1 << 20
	clockSkew       = 5 * time.Minute // how far the clocks of others may be ahead
)

// Publication is all that a provider offers.
type Publication struct {
	Provider catalogue.Provider // with its Charter; ID is the DID that signs
	Offers   []catalogue.Offer  // all of Provider, each once
	Issued   time.Time          // to the second
	Until    time.Time

	// Set by Open.
	Key    string // the verification method that signed
	Digest string // SHA-256 of what was signed, in hex
}

// head is the first line.
type head struct {
	Schema   string             `json:"schema"`
	Issued   time.Time          `json:"issued"`
	Until    time.Time          `json:"until"`
	Offers   int                `json:"offers"`
	Provider catalogue.Provider `json:"provider"`
}

// Check tells whether a publication can be signed, and whether one that was is
// whole. Errors are publication_refused, and offer_invalid with the place of
// the offer's member under /offers/0.
func (p Publication) Check() error {
	switch {
	case !strings.HasPrefix(p.Provider.ID, "did:"):
		return refused("provider", "/provider/id", "a provider that signs is a DID, such as did:web:kurs.example")
	case p.Provider.Charter == "":
		return refused("no-charter", "/provider/charter", "a publication carries the provider's charter")
	case p.Provider.Signed != nil:
		return refused("form", "/provider/signed", "that a provider is signed for is for the reader to say")
	case len(p.Provider.Issuer) > 1 || len(p.Provider.Issuer) == 1 && p.Provider.Issuer[0] != p.Provider.ID:
		return refused("provider", "/provider/issuer", "who signs speaks for itself alone: another issuer is not its to name")
	case p.Issued.IsZero() || !p.Until.After(p.Issued) || p.Until.Sub(p.Issued) > MaxValidity:
		return refused("form", "/until", "a publication ends after it is issued, and not more than three years after")
	case len(p.Offers) > MaxOffers:
		return reason.New("resource_limit/offers", "", "%d offers, the limit is %d", len(p.Offers), MaxOffers)
	}
	if err := p.Provider.Check(); err != nil {
		return err
	}
	seen := make(map[string]bool, len(p.Offers))
	for n, o := range p.Offers {
		at := "/offers/" + strconv.Itoa(n)
		switch {
		case o.Provider != p.Provider.ID:
			return refused("provider", at+"/provider", "the offer is of %.200s, and %s signs", o.Provider, p.Provider.ID)
		case seen[o.ID]:
			return refused("form", at+"/id", "%.200q stands twice", o.ID)
		case o.Link != nil:
			return refused("form", at+"/link", "whether an address answers is for the catalogue to say")
		}
		seen[o.ID] = true
	}
	return catalogue.CheckAll(nil, p.Offers)
}

// InForce tells whether a publication speaks for its provider at a time:
// not_yet_valid and expired say why not.
func (p Publication) InForce(at time.Time) error {
	switch {
	case p.Issued.After(at.Add(clockSkew)):
		return reason.New(reason.NotYetValid, "/issued", "the publication is of %s, which is still to come", p.Issued.UTC().Format(time.RFC3339))
	case at.After(p.Until):
		return reason.New(reason.Expired, "/until", "the publication ended %s", p.Until.UTC().Format(time.RFC3339))
	}
	return nil
}

// Kept returns the provider with what a catalogue keeps of its publication.
// Declared is until when the charter is in force.
func (p Publication) Kept(declared time.Time) catalogue.Provider {
	out := p.Provider
	out.Signed = &catalogue.Signed{Issued: p.Issued.UTC(), Until: p.Until.UTC(), Key: p.Key, Digest: p.Digest, Declared: declared.UTC()}
	return out
}

// marshal returns what is signed. The same publication gives the same bytes.
func (p Publication) marshal() ([]byte, error) {
	p.Issued, p.Until = p.Issued.UTC().Truncate(time.Second), p.Until.UTC().Truncate(time.Second)
	if err := p.Check(); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(head{Schema, p.Issued, p.Until, len(p.Offers), p.Provider})
	for n := 0; n < len(p.Offers) && err == nil; n++ {
		before := b.Len()
		if err = e.Encode(p.Offers[n]); err == nil && b.Len()-before > maxLine {
			err = reason.New(reason.LimitSize, "/offers/"+strconv.Itoa(n), "an offer of %d bytes, the limit is %d", b.Len()-before, maxLine)
		}
	}
	var known *reason.Error
	if err != nil && !errors.As(err, &known) { // a time beyond the year 9999
		err = reason.Wrap(reason.OfferInvalid+"/encoding", "", err)
	}
	return b.Bytes(), err
}

// Sign returns the publication as a signed file. The signer's key is one of
// the provider's, Ed25519 or P-256.
func (p Publication) Sign(ctx context.Context, signer key.Signer) ([]byte, error) {
	if controller(signer.ID()) != p.Provider.ID {
		return nil, refused("provider", "/provider/id", "the key %s is not one of %s", signer.ID(), p.Provider.ID)
	}
	payload, err := p.marshal()
	if err != nil {
		return nil, err
	}
	out, err := signed.Sign(ctx, Schema, payload, signer)
	if err == nil && len(out) > MaxBytes {
		err = reason.New(reason.LimitSize, "", "a publication of %d bytes, the limit is %d", len(out), MaxBytes)
	}
	if err != nil {
		return nil, err
	}
	return append(out, '\n'), nil
}

func controller(method string) string {
	id, _, _ := strings.Cut(method, "#")
	return id
}

// Is tells whether a file says that it is a publication.
func Is(raw []byte) bool {
	first, _, ok := bytes.Cut(raw[:min(len(raw), 8192)], []byte("."))
	if !ok || !bytes.HasPrefix(first, []byte("eyJ")) {
		return false
	}
	header, err := base64.RawURLEncoding.DecodeString(string(first))
	if err != nil {
		return false
	}
	v, err := strictjson.ParseObject(header, strictjson.Limits{})
	if err != nil {
		return false
	}
	typ, _ := v.Get("typ").Text()
	return typ == Schema
}

// Open checks and reads a publication: its signature, that who signed it is
// the provider, and that it is whole. keyOf finds the key of a verification
// method; its error is passed on. Whether it is in force, and whether its
// charter counts, is not looked at. Errors are those of signed.Open and Check,
// and of strict reading, with the line.
func Open(ctx context.Context, raw []byte, keyOf func(method string) (key.Public, error)) (*Publication, error) {
	payload, method, err := signed.Open(raw, Schema, MaxBytes, keyOf)
	if err != nil {
		return nil, err
	}
	p, err := parse(ctx, payload)
	if err != nil {
		return nil, err
	}
	if controller(method) != p.Provider.ID {
		return nil, refused("provider", "/provider/id", "the publication is of %.200s, and %.200s signed it", p.Provider.ID, method)
	}
	sum := sha256.Sum256(payload)
	p.Key, p.Digest = method, hex.EncodeToString(sum[:])
	return p, nil
}

// parse reads what was signed.
func parse(ctx context.Context, payload []byte) (*Publication, error) {
	first, rest, _ := bytes.Cut(payload, []byte("\n"))
	h, err := line[head](first, 1)
	if err != nil {
		return nil, err
	}
	if h.Schema != Schema {
		return nil, refused("form", "/schema", "is %.40q, not %q", h.Schema, Schema)
	}
	if h.Offers < 0 || h.Offers > MaxOffers {
		return nil, reason.New("resource_limit/offers", "/offers", "%d offers, the limit is %d", h.Offers, MaxOffers)
	}
	p := &Publication{Provider: h.Provider, Issued: h.Issued, Until: h.Until}
	n := 1
	for text := range bytes.Lines(rest) {
		if n++; n%256 == 0 && ctx.Err() != nil {
			return nil, reason.Wrap(reason.Canceled, "", ctx.Err())
		}
		if len(p.Offers) == h.Offers {
			return nil, refused("form", "line "+strconv.Itoa(n), "more lines than the %d offers that were announced", h.Offers)
		}
		o, err := line[catalogue.Offer](text, n)
		if err != nil {
			return nil, err
		}
		p.Offers = append(p.Offers, o)
	}
	if len(p.Offers) != h.Offers {
		return nil, refused("form", "/offers", "%d offers, and %d were announced", len(p.Offers), h.Offers)
	}
	return p, p.Check()
}

// line reads one line strictly: a member that T has not would be lost.
func line[T any](text []byte, n int) (x T, err error) {
	at := "line " + strconv.Itoa(n)
	if _, err := strictjson.ParseObject(text, strictjson.Limits{MaxBytes: maxLine}); err != nil {
		return x, reason.Wrap(reason.CodeOf(err), at+reason.AtOf(err), errors.Unwrap(err))
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	return x, reason.Wrap(reason.MalformedModel, at, d.Decode(&x))
}

func refused(fine, at, format string, args ...any) error {
	return reason.New(reason.PublicationRefused+"/"+reason.Code(fine), at, format, args...)
}
