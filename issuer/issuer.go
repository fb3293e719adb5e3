package issuer

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/credential/profile"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/status"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/issuer/definition"
	"github.com/kompetansebevis/bevis/reason"
)

// DefaultStatusValidity is how long a published status list is in force. A
// shorter time shows a revocation to offline verifiers sooner and asks the
// issuer to publish more often; after it, what the list speaks of cannot be
// checked, so it leaves room for a holiday.
const DefaultStatusValidity = 31 * 24 * time.Hour

// DefaultStatusMaxAge is by how much caches on the way let a revocation be seen
// later.
const DefaultStatusMaxAge = 5 * time.Minute

// maxSmallList is the longest list that fits into a document of 1 MiB in
// whatever way its bits are set: 512 KiB of bits, as base64.
const maxSmallList = 4 << 20

// Config is who issues, and how.
type Config struct {
	Profile openbadge.Profile // required: ID, a DID or https URL, and Name
	Signer  key.Signer        // required: its ID is a verification method of Profile.ID
	Suite   proof.Suite       // required: how credentials are secured
	Ledger  Ledger            // required
	Now     func() time.Time  // required, usually time.Now

	// StatusBase is the URL under which the status lists are served, with a
	// slash at its end. Empty: credentials cannot be revoked.
	StatusBase     string
	StatusValidity time.Duration // zero: DefaultStatusValidity
	// StatusMaxAge is for how long caches on the way may give out a copy of what
	// is published, zero: DefaultStatusMaxAge. It stands beside the files and not
	// in them, where it would bind verifiers who are offline.
	StatusMaxAge time.Duration
	// ListSize is how many entries a list has that is begun, zero:
	// status.MinEntries; at most status.MaxEntries, and where an entry has
	// several bits as many as there is room for.
	ListSize  int
	ListSuite proof.Suite // how lists are secured, nil: as credentials
	// Messages are what can be said of a credential that has an entry for
	// messages, by the number that stands for it: the first, 0, of one of which
	// there is nothing to say. They stand in the credential. None: there are no
	// such entries; else 2 to 16.
	Messages []string
	// Methods are further keys for the DID document, such as retired ones. The
	// signer's is put before them.
	Methods []did.Method
	// KeyExpires is when the signer's key retires, zero: that is not planned. It
	// stands in the DID document, and from then on nothing is signed by the key,
	// since nobody would believe it: conflict/key-retired.
	KeyExpires time.Time
}

// Issuer issues for one profile. It is safe for concurrent use.
type Issuer struct {
	cfg       Config
	standards *profile.Standards
}

// New returns an issuer, or an error of code usage that names the first gap.
func New(cfg Config) (*Issuer, error) {
	for _, gap := range []struct {
		missing bool
		text    string
	}{
		{cfg.Profile.ID == "" || cfg.Profile.Name == "", "Profile needs an ID and a Name"},
		{cfg.Signer == nil, "Signer is nil: use key.Generate and Private.Signer"},
		{cfg.Suite == nil, "Suite is nil: take one of suites.All"},
		{cfg.Ledger == nil, "Ledger is nil: use issuer/ledger/sqlite, or issuer.NewMemoryLedger to try things out"},
		{cfg.Now == nil, "Now is nil: use time.Now"},
		{cfg.ListSuite == nil && showsInPart(cfg.Suite) || showsInPart(cfg.ListSuite), "ListSuite secures status lists, which always show whole: take another for it, such as vc+jwt, ecdsa-rdfc-2019, or dataintegrity.Whole"},
		{cfg.StatusBase != "" && !isFolderURL(cfg.StatusBase), "StatusBase is an https URL with a slash at its end"},
		{cfg.StatusValidity < 0 || cfg.StatusMaxAge < 0 || cfg.ListSize < 0, "a length is negative"},
		{cfg.ListSize > status.MaxEntries, fmt.Sprintf("ListSize is more than %d", status.MaxEntries)},
		{cfg.ListSize > maxSmallList && signsInParts(cfg), fmt.Sprintf("ListSize is more than %d: by the way that lists are secured here, a full one could not be published", maxSmallList)},
		{!goodMessages(cfg.Messages), fmt.Sprintf("Messages are 2 to %d texts of 1 to %d bytes", maxMessages, maxMessage)},
	} {
		if gap.missing {
			return nil, reason.New(reason.Usage, "issuer.Config", "%s", gap.text)
		}
	}
	if err := checkKey(cfg); err != nil {
		return nil, err
	}
	if cfg.StatusValidity == 0 {
		cfg.StatusValidity = DefaultStatusValidity
	}
	if cfg.StatusMaxAge == 0 {
		cfg.StatusMaxAge = DefaultStatusMaxAge
	}
	if cfg.ListSize < status.MinEntries {
		cfg.ListSize = status.MinEntries
	}
	if cfg.ListSuite == nil {
		cfg.ListSuite = cfg.Suite
	}
	return &Issuer{cfg, profile.NewStandards()}, nil
}

func isFolderURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme == "https" && u.Host != "" && u.User == nil && u.RawQuery == "" && u.Fragment == "" && strings.HasSuffix(s, "/")
}

// checkKey refuses a signer whose signatures nobody could verify.
func checkKey(cfg Config) error {
	method := cfg.Signer.ID()
	base, fragment, _ := strings.Cut(method, "#")
	if base != cfg.Profile.ID || fragment == "" {
		return reason.New(reason.IssuerMismatch, "issuer.Config", "the signer's key %s is not one of %s: nobody could verify what it signs", method, cfg.Profile.ID)
	}
	// These identifiers are their key.
	switch {
	case strings.HasPrefix(base, "did:key:"):
		if _, want, err := did.KeyID(cfg.Signer.Public()); err != nil || want != method {
			return reason.New(reason.IssuerMismatch, "issuer.Config", "the signer signs with another key than that of %s", base)
		}
	case strings.HasPrefix(base, "did:jwk:"):
		if _, want := did.JWKID(cfg.Signer.Public()); want != method {
			return reason.New(reason.IssuerMismatch, "issuer.Config", "the signer signs with another key than that of %.120s", base)
		}
	}
	for _, m := range cfg.Methods {
		if m.ID == method {
			return reason.New(reason.Usage, "issuer.Config", "Methods holds the key %s that is to sign: a retired key must not, and the one in use is added by Publish", method)
		}
	}
	return nil
}

// mayBeUsed refuses a key that has retired.
func (i *Issuer) mayBeUsed() error {
	if end := i.cfg.KeyExpires; !end.IsZero() && !i.cfg.Now().Before(end) {
		return reason.New("conflict/key-retired", i.cfg.Signer.ID(), "it retired at %s: sign with the one that follows", credential.FormatTime(end))
	}
	return nil
}

// Recipient is who gets a credential. The standard asks for an ID or an
// Email; forms as JWT ask for an ID.
type Recipient struct {
	ID    string // a DID of the learner's wallet
	Email string // goes in hashed with a salt, for a recipient check
	Name  string // goes in as it stands: leave it empty unless it is needed
}

// persons are the words by which a recipient asks to be forgotten.
func (r Recipient) persons() []string {
	return slices.DeleteFunc([]string{r.ID, r.Email}, func(s string) bool { return s == "" })
}

// Award is what somebody is to get a credential for.
type Award struct {
	Achievement openbadge.Achievement
	Recipient   Recipient
	Name        string // of the credential, empty: the achievement's
	Narrative   string
	Results     []openbadge.Result
	Evidence    []openbadge.Evidence
	Credits     float64
	License     string    // the number of a licence or certificate
	ValidFrom   time.Time // zero: now
	ValidUntil  time.Time // zero: no end
	AwardedDate time.Time

	Actor string // who has it issued, for the audit log; no part of the award

	// IdempotencyKey makes the award issued once. The caller chooses it, such
	// as the id of an enrolment. Empty: every call issues anew.
	IdempotencyKey string
	// Suspendable gives the credential an entry for suspension beside the one
	// for revocation. Two entries are right by the data model, but the JSON
	// schema of Open Badges 3.0 knows only one, so this is asked for.
	Suspendable bool
	// RefreshURL is where a newer edition of the credential can be had
	// (1EdTechCredentialRefresh), and SchemaURLs are JSON schemas that it keeps
	// (1EdTechJsonSchemaValidator2019). The context that defines these names is
	// added.
	RefreshURL string
	SchemaURLs []string
	// Messages gives the credential an entry for Config.Messages, in forms that
	// have their status in the document.
	Messages bool

	// Suite is how this credential is secured, nil: as Config says.
	Suite proof.Suite
	// Also are further forms in which the same credential is issued by the same
	// act: with the same id, the same places in status lists, one record. None
	// comes twice, and the signer's key must be one for each.
	Also []proof.Suite
	// Disclosable are JSON pointers to what the holder may keep back, in those of
	// its forms that allow it (SD-JWT, ecdsa-sd-2023, bbs-2023). Nil: those of DefaultDisclosable; empty: nothing.
	Disclosable []string
}

// Issued is a credential that was issued.
type Issued struct {
	ID         string
	Form       proof.ID
	Credential []byte // as signed, in that form: JSON, a compact JWS, or a COSE message
	Others     []Form // the same in the forms of Award.Also, in their order
	Slots      []Slot
	Again      bool // it was issued before, under the same idempotency key
}

// Issue makes a credential of an award. Errors of the award are those of lint
// (malformed), of results that the achievement does not allow (malformed/result) and of the lossless check (unsigned_data); an idempotency key
// that was used for another award is conflict/idempotency-key, one whose
// credential was erased conflict/erased.
func (i *Issuer) Issue(ctx context.Context, a Award) (*Issued, error) {
	o := i.issueGroup(ctx, []Award{a}, false)[0]
	return o.issued, o.err
}

// again returns what was issued under the key of an award, nil if nothing was.
func (i *Issuer) again(ctx context.Context, a Award) (*Issued, error) {
	r, err := i.cfg.Ledger.ByKey(ctx, a.IdempotencyKey)
	switch {
	case reason.CodeOf(err) == reason.NotFound:
		return nil, nil
	case err != nil:
		return nil, err
	case !r.Erased.IsZero():
		return nil, reason.New("conflict/erased", r.ID, "what was issued under this idempotency key was erased")
	case r.AwardDigest != i.digest(a):
		return nil, reason.New("conflict/idempotency-key", r.ID, "this idempotency key was used for another award")
	}
	return &Issued{ID: r.ID, Form: proof.ID(r.Form), Credential: r.Credential, Others: r.Others, Slots: r.Slots, Again: true}, nil
}

// draft builds the unsigned credential and lints it.
func (i *Issuer) draft(a Award, id string, slots []Slot) (*credential.Credential, error) {
	if a.Recipient.ID == "" && a.Recipient.Email == "" {
		return nil, reason.New("malformed/recipient", "/credentialSubject", "a badge needs a recipient: an id or an e-mail address")
	}
	d := credential.Draft{
		ID: id, Types: []string{openbadge.TypeOpenBadgeCredential},
		Name: a.Name, Issuer: i.cfg.Profile.Value(), ValidFrom: a.ValidFrom, ValidUntil: a.ValidUntil,
	}
	if d.Name == "" {
		d.Name = a.Achievement.Name
	}
	subject := openbadge.AchievementSubject{
		ID: a.Recipient.ID, Achievement: &a.Achievement, Narrative: a.Narrative, Result: a.Results, CreditsEarned: a.Credits, LicenseNumber: a.License,
	}
	if a.Recipient.Email != "" {
		subject.Identifier = append(subject.Identifier, openbadge.HashIdentity("emailAddress", a.Recipient.Email, salt(id)))
	}
	if a.Recipient.Name != "" {
		subject.Identifier = append(subject.Identifier, openbadge.IdentityObject{IdentityHash: a.Recipient.Name, IdentityType: "name"})
	}
	d.Subject = subject.Value()
	for _, slot := range slots {
		address := i.listURL(slot.Purpose, slot.List)
		e := status.Entry{ID: fmt.Sprintf("%s#%d", address, slot.Index), ListURL: address, Purpose: slot.Purpose, Index: slot.Index}
		if slot.Purpose == status.Message {
			e.Size, e.Messages = messageBits(i.cfg.Messages), allMessages(i.cfg.Messages)
		}
		d.Status = append(d.Status, e.Value())
	}
	if !a.AwardedDate.IsZero() {
		d.More = append(d.More, credential.Member{Name: "awardedDate", Value: strictjson.String(credential.FormatTime(a.AwardedDate))})
	}
	if len(a.Evidence) > 0 {
		var items []*strictjson.Value
		for _, e := range a.Evidence {
			items = append(items, e.Value())
		}
		d.More = append(d.More, credential.Member{Name: "evidence", Value: strictjson.Array(items...)})
	}
	named := slices.Clone(d.Status)
	for _, m := range a.methods() {
		d.More, named = append(d.More, m), append(named, m.Value)
	}
	d.Contexts = openbadge.ContextsFor(named...)
	c, err := d.Build()
	if err != nil {
		return nil, err
	}
	if err := profile.Err(profile.Check(c.Document(), i.standards.For(c)...)); err != nil {
		return nil, err
	}
	return c, definition.CheckResults(a.Achievement, a.Results)
}

// methods are the members for schemas and for refreshing.
func (a Award) methods() []credential.Member {
	var out []credential.Member
	str := strictjson.String
	method := func(id, typ string) *strictjson.Value {
		return strictjson.Object(credential.Member{Name: "id", Value: str(id)}, credential.Member{Name: "type", Value: str(typ)})
	}
	if len(a.SchemaURLs) > 0 {
		var list []*strictjson.Value
		for _, url := range a.SchemaURLs {
			list = append(list, method(url, openbadge.TypeSchemaValidator))
		}
		out = append(out, credential.Member{Name: "credentialSchema", Value: strictjson.Array(list...)})
	}
	if a.RefreshURL != "" {
		out = append(out, credential.Member{Name: "refreshService", Value: method(a.RefreshURL, openbadge.TypeRefresh)})
	}
	return out
}

// salt makes a salt of the credential's random id, so that the same address
// does not show as the same hash in two credentials.
func salt(id string) string {
	sum := sha256.Sum256([]byte("bevis recipient salt " + id))
	return hex.EncodeToString(sum[:12])
}

// digest tells awards apart for idempotency: everything that the caller chose
// goes in.
func (i *Issuer) digest(a Award) string {
	h := sha256.New()
	write := func(parts ...string) {
		for _, p := range parts {
			fmt.Fprintf(h, "%d:%s", len(p), p)
		}
	}
	write(i.cfg.Profile.ID, a.Recipient.ID, a.Recipient.Email, a.Recipient.Name, a.Name, fmt.Sprint(a.Suspendable))
	// What others say of the achievement is no part of what was awarded: that an
	// endorsement came in between must not make it another award.
	awarded := a.Achievement
	awarded.Endorsement, awarded.EndorsementJWT = nil, nil
	subject := openbadge.AchievementSubject{Achievement: &awarded, Narrative: a.Narrative, Result: a.Results, CreditsEarned: a.Credits, LicenseNumber: a.License}
	write(string(subject.Value().AppendJSON(nil)))
	for _, e := range a.Evidence {
		write("evidence", string(e.Value().AppendJSON(nil)))
	}
	for _, t := range []time.Time{a.ValidFrom, a.ValidUntil, a.AwardedDate} {
		write(fmt.Sprint(t.IsZero(), t.Unix()))
	}
	if a.RefreshURL != "" || len(a.SchemaURLs) > 0 {
		write("methods", a.RefreshURL)
		write(a.SchemaURLs...)
	}
	if a.Suite != nil {
		write("suite", string(a.Suite.ID()))
	}
	for _, s := range a.Also {
		write("also", string(s.ID()))
	}
	if a.Messages {
		write("messages")
	}
	if a.Disclosable != nil {
		write("disclosable", fmt.Sprint(len(a.Disclosable)))
		write(a.Disclosable...)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// newID returns a random urn:uuid (RFC 9562 version 4).
func newID() (string, error) {
	var b [16]byte
	if _, err := rand.Read(b[:]); err != nil {
		return "", reason.Wrap(reason.Internal, "", err)
	}
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:]), nil
}
