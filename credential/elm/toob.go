package elm

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/loss"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/internal/tally"
	"github.com/kompetansebevis/bevis/reason"
)

// Why something was lost, beside tally.NoPlace. The names are stable; their
// sentences are the texts "loss.…".
const (
	OneLanguage  = "one-language" // the target has one language, and this is another
	OwnForm      = "own-form"     // said in a form of ours, which other programs show as it stands
	AnotherPart  = "another-part" // it would be a credential of its own
	Unsigned     = tally.Unsigned
	StatusOf     = tally.StatusOf
	Picture      = "picture"      // of the document, and not of what was achieved
	Required     = "required"     // the target must say it
	Unit         = "unit"         // the target has a number without a unit, or needs one
	Joined       = "joined"       // several parts stand in one text
	TimeZone     = "time-zone"    // a time without one is read as UTC
	Grouped      = "grouped"      // that these belong together is not told
	Wider        = "wider"        // the nearest word of the target says less
	NotFetched   = "not-fetched"  // a picture by its address, which is not fetched
	ToBeSealed   = "to-be-sealed" // put in by whoever seals it
	ForDisplay   = "for-display"  // how the source is to be shown
	Renamed      = "renamed"      // it has another name
	OtherContext = "context"      // defined by a context that the target does not have
)

// Options say how a document is mapped.
type Options struct {
	// Languages are those wanted, best first, where the target has place for one
	// text. None: that in which the document is displayed, or its first.
	Languages []string
	// Part names the claim to be mapped, from 1, and the part of it behind a dot:
	// "2", "1.3". Empty: the only one that there is.
	Part string
}

// ToOpenBadge maps a claim of a European Digital Credential to an Open Badges
// 3.0 credential without a proof, and says what was lost. Errors are those of
// Read, and usage/part where Options.Part names no claim, or none where there is
// more than one.
func ToOpenBadge(document *strictjson.Value, o Options) (*strictjson.Value, loss.Report, error) {
	if _, err := Read(document); err != nil {
		return nil, nil, err
	}
	t := toBadge{book: tally.New(document, unsaid), languages: o.Languages}
	root := t.book.Root()
	display := root.Get("displayParameter").First()
	if len(t.languages) == 0 {
		t.languages = []string{languageOf(concept(display.Get("primaryLanguage").Value()).ID)}
	}
	claim, err := t.choose(root.Path("credentialSubject").Get("hasClaim"), o.Part)
	if err != nil {
		return nil, nil, err
	}
	b := builder{}
	b.set("@context", texted("https://www.w3.org/ns/credentials/v2", openbadge.Context))
	b.text("id", root.Get("id").Text())
	b.set("type", texted("VerifiableCredential", openbadge.TypeOpenBadgeCredential))
	b.text("name", t.pick(display.Get("title")))
	b.text("description", t.pick(display.Get("description")))
	issuer := t.organisation(root.Get("issuer").First())
	b.set("issuer", issuer.Value())
	t.period(root, claim, &b)
	b.set("credentialSubject", t.subject(root.Path("credentialSubject"), claim, issuer).Value())
	b.set("evidence", t.evidence(claim.Get("supplementaryDocument")))
	t.aside(root, display)
	return b.object(), t.book.Report(), nil
}

// toBadge is the work on one document.
type toBadge struct {
	book      *tally.Book
	languages []string
}

// aside settles what is of the source as a document.
func (t *toBadge) aside(root, display tally.Node) {
	for _, name := range []string{"@context", "type", "credentialSchema"} {
		root.Get(name).Use()
	}
	root.Get("credentialProfiles").Note(loss.Dropped, "", ForDisplay)
	for _, name := range []string{"primaryLanguage", "language"} {
		display.Get(name).Note(loss.Dropped, "", ForDisplay)
	}
	for _, name := range []string{"individualDisplay", "summaryDisplay"} {
		display.Get(name).Note(loss.Dropped, "", Picture)
	}
	root.Get("credentialStatus").Note(loss.Dropped, "", StatusOf)
	root.Get("proof").Note(loss.Dropped, "", Unsigned)
	for _, name := range []string{"issued", "issuanceDate"} {
		root.Get(name).Note(loss.Dropped, "", StatusOf)
	}
}

// unsaid reports whether a member is the class of a node, or a name for it that
// holds in its document alone: without the node, they say nothing.
func unsaid(name string, v *strictjson.Value) bool {
	s, _ := v.Text()
	return name == "type" || name == "id" && (strings.HasPrefix(s, local) || strings.HasPrefix(s, own))
}

// choose returns the claim that a part names.
func (t *toBadge) choose(claims tally.Node, part string) (tally.Node, error) {
	all := claims.List()
	if part == "" {
		if len(all) == 1 {
			part = "1"
		} else {
			return tally.Node{}, reason.New("usage/part", "/credentialSubject/hasClaim", "there are %d, and one fits into an Open Badge: choose one with --part", len(all))
		}
	}
	var chosen tally.Node
	for step := range strings.SplitSeq(part, ".") {
		n, err := strconv.Atoi(step)
		if err != nil || n < 1 || n > len(all) {
			return tally.Node{}, reason.New("usage/part", "/credentialSubject/hasClaim", "there is no part %q; there are %d here", tally.Cut(part), len(all))
		}
		for i, other := range all {
			if i != n-1 {
				other.Note(loss.Dropped, "", AnotherPart)
			}
		}
		chosen = all[n-1]
		all = chosen.Get("hasPart").List()
	}
	for _, below := range all {
		below.Note(loss.Dropped, "", AnotherPart)
	}
	return chosen, nil
}

// pick returns a text in the language that is wanted.
func (t *toBadge) pick(n tally.Node) string {
	if s := n.Text(); s != "" {
		return s
	}
	if n.Value().Kind() != strictjson.KindObject {
		return ""
	}
	tags, members := n.Members()
	best := -1
	for _, want := range append(slices.Clone(t.languages), tags...) {
		if best = slices.Index(tags, want); best >= 0 {
			break
		}
	}
	for i, m := range members {
		if i != best {
			m.Note(loss.Dropped, "", OneLanguage)
		}
	}
	if best < 0 {
		return ""
	}
	return members[best].First().Text()
}

// concept uses an entry of a list and returns what it is called.
func (t *toBadge) concept(n tally.Node) (id, label string) {
	if s := n.Text(); s != "" {
		return s, ""
	}
	id, label = n.Get("id").Text(), t.pick(n.Get("prefLabel"))
	n.Get("type").Use()
	n.Get("inScheme").Use()
	if vocabulary := n.Get("notation"); listName(vocabulary.Peek()) {
		vocabulary.Use()
	}
	return id, label
}

// listName reports whether the notation of an entry is the name of its list, as
// Europass writes it, and no code of its own.
func listName(notation string) bool {
	return slices.Contains([]string{"Skill", "country", "language", "file-type", "atu"}, notation)
}

// moment returns a time as Open Badges writes it.
func (t *toBadge) moment(n tally.Node, to string) *strictjson.Value {
	s := n.Peek()
	if s == "" {
		return nil
	}
	if _, err := credential.ParseTime(s); err == nil {
		n.Use()
		return strictjson.String(s)
	}
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04", time.DateOnly} {
		if at, err := time.Parse(layout, s); err == nil {
			n.Note(loss.Approximated, to, TimeZone)
			return strictjson.String(credential.FormatTime(at))
		}
	}
	return nil
}

func (t *toBadge) period(root, claim tally.Node, b *builder) {
	from := t.moment(root.Get("validFrom"), "/validFrom")
	for _, name := range []string{"issuanceDate", "issued"} {
		if from == nil {
			from = t.moment(root.Get(name), "/validFrom")
		}
	}
	if from == nil {
		t.book.Assume("/validFrom", Required, "1970-01-01T00:00:00Z")
		from = strictjson.String("1970-01-01T00:00:00Z")
	}
	b.set("validFrom", from)
	until := t.moment(root.Get("validUntil"), "/validUntil")
	if old := root.Get("expirationDate"); until == nil {
		until = t.moment(old, "/validUntil")
	} else if old.Peek() == root.Get("validUntil").Peek() {
		old.Use()
	}
	b.set("validUntil", until)
	b.set("awardedDate", t.moment(claim.Path("awardedBy").Get("awardingDate"), "/awardedDate"))
}

func (t *toBadge) organisation(n tally.Node) openbadge.Profile {
	if id := n.Text(); id != "" {
		return openbadge.Profile{ID: id}
	}
	p := openbadge.Profile{ID: n.Get("id").Text(), Name: t.pick(n.Get("legalName")), URL: n.Path("homepage").Get("contentURL").Text()}
	if p.Name == "" {
		p.Name = t.pick(n.Get("prefLabel")) // of a group
	}
	if at := n.Path("contactPoint", "emailAddress").Get("id"); strings.HasPrefix(at.Peek(), "mailto:") {
		p.Email = strings.TrimPrefix(at.Text(), "mailto:")
	}
	p.Phone = n.Path("contactPoint", "phone").Get("phoneNumber").Text()
	p.Address = t.address(n.Path("location", "address"))
	for _, name := range eidasNames() {
		p.OtherIdentifier = append(p.OtherIdentifier, t.identifiers(n.Get(name), openbadge.ExtEIDAS)...)
	}
	p.OtherIdentifier = append(p.OtherIdentifier, t.identifiers(n.Get("registration"), openbadge.ExtRegistration)...)
	p.OtherIdentifier = append(p.OtherIdentifier, t.identifiers(n.Get("vatIdentifier"), openbadge.ExtVATIdentifier)...)
	p.OtherIdentifier = append(p.OtherIdentifier, t.identifiers(n.Get("taxIdentifier"), openbadge.ExtTaxIdentifier)...)
	p.OtherIdentifier = append(p.OtherIdentifier, t.identifiers(n.Get("identifier"), "identifier")...)
	if image := t.image(n.Path("logo")); image != nil {
		p.Image = image
	}
	return p
}

func (t *toBadge) address(n tally.Node) *openbadge.Address {
	if !n.Is() {
		return nil
	}
	a := &openbadge.Address{}
	if c := n.Path("countryCode"); c.Is() && !strings.HasSuffix(concept(c.Value()).ID, provisional) {
		var uri string
		uri, a.AddressCountry = t.concept(c)
		if a.AddressCountryCode = countryOf(uri); a.AddressCountryCode == "" {
			c.Get("id").Note(loss.Dropped, "", tally.NoPlace)
		}
	} else {
		c.Use() // the table's word for what is not known
	}
	a.StreetAddress = t.pick(n.Path("fullAddress").Get("noteLiteral"))
	if a.AddressCountry == "" && a.AddressCountryCode == "" && a.StreetAddress == "" {
		return nil
	}
	return a
}

// identifierType returns the name of a scheme as Open Badges takes it.
func identifierType(scheme, otherwise string) string {
	switch {
	case scheme == "":
		return otherwise
	case openbadge.ValidIdentifierType(scheme):
		return scheme
	}
	if ext := "ext:" + scheme; openbadge.ValidIdentifierType(ext) {
		return ext
	}
	return otherwise
}

// identifiers returns numbers and codes; those of bevis' own forms are left.
func (t *toBadge) identifiers(n tally.Node, otherwise string) []openbadge.IdentifierEntry {
	var out []openbadge.IdentifierEntry
	for _, one := range n.List() {
		if strings.HasPrefix(one.Get("id").Peek(), own) || one.Get("notation").Peek() == "" {
			continue
		}
		entry := openbadge.IdentifierEntry{Identifier: one.Get("notation").Text()}
		scheme := one.Get("schemeName")
		if entry.IdentifierType = identifierType(scheme.Peek(), otherwise); strings.TrimPrefix(entry.IdentifierType, "ext:") == strings.TrimPrefix(scheme.Peek(), "ext:") {
			scheme.Use()
		}
		out = append(out, entry)
	}
	return out
}

// image returns a picture that stands in the document as a data URL.
func (t *toBadge) image(n tally.Node) *openbadge.Image {
	if !n.Is() {
		return nil
	}
	kind, content := concept(n.Path("contentType").Value()).ID, n.Get("content")
	media := map[string]string{"PNG": "image/png", "JPEG": "image/jpeg", "JPG": "image/jpeg", "SVG": "image/svg+xml", "GIF": "image/gif"}[strings.TrimPrefix(kind, fileTypeTable)]
	if media == "" || content.Peek() == "" {
		return nil
	}
	out := &openbadge.Image{ID: "data:" + media + ";base64," + content.Text()}
	n.Get("contentType").Use()
	n.Get("contentEncoding").Use()
	out.Caption = t.pick(n.Get("title"))
	return out
}

// evidence returns the documents that stand beside a claim.
func (t *toBadge) evidence(n tally.Node) *strictjson.Value {
	var out []*strictjson.Value
	for _, one := range n.List() {
		if url := one.Get("contentURL").Text(); url != "" {
			out = append(out, openbadge.Evidence{ID: url, Name: t.pick(one.Get("title"))}.Value())
		}
	}
	if out == nil {
		return nil
	}
	return strictjson.Array(out...)
}

// builder puts an object together; what is nil or empty is left out.
type builder []strictjson.Member

func (b *builder) set(name string, v *strictjson.Value) {
	if v != nil {
		*b = append(*b, strictjson.Member{Name: name, Value: v})
	}
}

func (b *builder) text(name, s string) {
	if s != "" {
		b.set(name, strictjson.String(s))
	}
}

func (b builder) object() *strictjson.Value { return strictjson.Object(b...) }

func texted(s ...string) *strictjson.Value {
	out := make([]*strictjson.Value, len(s))
	for i := range s {
		out[i] = strictjson.String(s[i])
	}
	return strictjson.Array(out...)
}
