package elm

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/color"
	"image/png"
	"slices"
	"strings"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/loss"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/internal/tally"
	"github.com/kompetansebevis/bevis/reason"
)

// FromOpenBadge maps an Open Badges 3.0 credential to a European Digital
// Credential of the generic profile, ready to be sealed, and says what was lost
// and what was put in because the profile's shapes require it. Texts are written
// in the language of the achievement, else in the first of Options.Languages,
// else in English. Errors are wrong_type/not-a-badge and malformed/data-model.
func FromOpenBadge(document *strictjson.Value, o Options) (*strictjson.Value, loss.Report, error) {
	c, err := credential.New(document, nil)
	if err != nil {
		return nil, nil, err
	}
	badge, err := openbadge.FromCredential(c)
	if err != nil {
		return nil, nil, err
	}
	f := fromBadge{book: tally.New(document, plainClass), language: badge.Subject.Achievement.InLanguage}
	root := f.book.Root()
	if f.language == "" && len(o.Languages) > 0 {
		f.language = o.Languages[0]
	}
	if f.language == "" {
		f.language = "en"
	}
	subject := root.Path("credentialSubject")
	b := builder{}
	b.set("@context", texted(contextVC, contextEDC))
	if id := root.Get("id").Text(); id != "" {
		b.text("id", id)
	} else {
		return nil, nil, reason.New(reason.MalformedModel, "/id", "the credential has no id")
	}
	b.set("type", texted("VerifiableCredential", TypeEuropeanDigitalCredential))
	b.set("credentialProfiles", entry(genericProfile, f.en("Generic")))
	f.book.Assume("/credentialProfiles", Required, "Generic")
	b.set("displayParameter", f.display(root, subject.Path("achievement")))
	if number := subject.Get("licenseNumber").Text(); number != "" {
		b.set("identifier", identifier(local+"identifier:number", number, "licenseNumber"))
	}
	b.set("credentialSchema", strictjson.Object(strictjson.Member{Name: "id", Value: strictjson.String(shapes)}, strictjson.Member{Name: "type", Value: strictjson.String("ShaclValidator2017")}))
	f.issuer = f.organisation(root.Get("issuer"), local+"org:1")
	b.set("credentialSubject", f.person(root, subject))
	b.set("issuer", f.issuer)
	f.book.Assume("/issuer/eIDASIdentifier", ToBeSealed, "")
	f.period(root, &b)
	f.aside(root)
	return b.object(), f.book.Report(), nil
}

// plainClass reports whether a member is the class of an object, and no more than
// what its place says.
func plainClass(name string, v *strictjson.Value) bool {
	if name == "@context" {
		return false
	}
	return name == "type" && !slices.ContainsFunc(v.List(), func(one *strictjson.Value) bool {
		s, _ := one.Text()
		return !slices.Contains([]string{"VerifiableCredential", openbadge.TypeOpenBadgeCredential, openbadge.TypeAchievementCredential, "Profile", "Image", "Address", "IdentifierEntry", "IdentityObject",
			"AchievementSubject", "Achievement", "Alignment", "Result", "ResultDescription", "RubricCriterionLevel", "Evidence", "Criteria", "Related", "GeoCoordinates"}, s)
	})
}

// fromBadge is the work on one credential.
type fromBadge struct {
	book     *tally.Book
	language string
	country  string // entry of the table for the issuer's
	issuer   *strictjson.Value
}

func (f *fromBadge) en(s string) *strictjson.Value {
	return strictjson.Object(strictjson.Member{Name: "en", Value: strictjson.String(s)})
}

func (f *fromBadge) literal(s string) *strictjson.Value {
	return strictjson.Object(strictjson.Member{Name: f.language, Value: strictjson.String(s)})
}

// text returns a text with its language; one that has several keeps them.
func (f *fromBadge) text(n tally.Node) *strictjson.Value {
	if s := n.Text(); s != "" {
		return f.literal(s)
	}
	if n.Value().Kind() != strictjson.KindObject {
		return nil
	}
	b := builder{}
	names, members := n.Members()
	for i, m := range members {
		if s := m.Text(); s != "" {
			b.text(names[i], s)
		}
	}
	if len(b) == 0 {
		return nil
	}
	return b.object()
}

// node begins an object of a class.
func node(id, class string) builder {
	b := builder{}
	b.text("id", id)
	b.text("type", class)
	return b
}

// entry is an entry of a list.
func entry(id string, label *strictjson.Value) *strictjson.Value {
	b := node(id, "Concept")
	if scheme := schemeOf(id); scheme != "" {
		b.set("inScheme", node(scheme, "ConceptScheme").object())
	}
	b.set("prefLabel", label)
	return b.object()
}

func identifier(id, value, scheme string) *strictjson.Value {
	b := node(id, "Identifier")
	b.text("notation", value)
	b.text("schemeName", scheme)
	return b.object()
}

func note(id string, text *strictjson.Value) *strictjson.Value {
	b := node(id, "Note")
	b.set("noteLiteral", text)
	return b.object()
}

func web(id, url string, title *strictjson.Value) *strictjson.Value {
	b := node(id, "WebResource")
	b.text("contentURL", url)
	b.set("title", title)
	return b.object()
}

// oneOrMore writes a list as compacted JSON-LD has it.
func oneOrMore(list []*strictjson.Value) *strictjson.Value {
	switch len(list) {
	case 0:
		return nil
	case 1:
		return list[0]
	}
	return strictjson.Array(list...)
}

func (f *fromBadge) period(root tally.Node, b *builder) {
	from, awarded := root.Get("validFrom"), root.Get("awardedDate")
	if !from.Is() {
		from = root.Get("issuanceDate")
		from.Remark(loss.Approximated, "/validFrom", Renamed)
	}
	when := from.Text()
	issued := when
	if s := awarded.Peek(); s != "" {
		issued = s
	}
	f.book.Assume("/issuanceDate", Required, issued)
	f.book.Assume("/issued", Required, issued)
	b.text("issuanceDate", issued)
	b.text("issued", issued)
	b.text("validFrom", when)
	until := root.Get("validUntil")
	if old := root.Get("expirationDate"); !until.Is() && old.Is() {
		old.Remark(loss.Approximated, "/validUntil", Renamed)
		until = old
	}
	if end := until.Text(); end != "" {
		b.text("expirationDate", end)
		b.text("validUntil", end)
	}
}

// aside settles what is of the source as a document.
func (f *fromBadge) aside(root tally.Node) {
	for _, one := range root.Get("@context").List() {
		if s := one.Peek(); s == contextVC || s == "https://www.w3.org/ns/credentials/v2" || strings.HasPrefix(s, "https://purl.imsglobal.org/spec/ob/v3p0/") {
			one.Use()
		} else {
			one.Note(loss.Dropped, "", OtherContext)
		}
	}
	tally.Original(root)
}

// display says how the credential is shown, which the profile wants as a picture
// of each page.
func (f *fromBadge) display(root, achievement tally.Node) *strictjson.Value {
	const at = "/displayParameter"
	b := node(local+"displayParameter:1", "DisplayParameter")
	title := f.text(root.Get("name"))
	if title == nil {
		title = f.literal(credential.Text(achievement.Get("name").Value()))
		f.book.Assume(at+"/title", Required, tally.Brief(title))
	}
	b.set("title", title)
	b.set("description", f.text(root.Get("description")))
	uri := languageURI(f.language)
	if uri == "" {
		uri = languageTable + provisional
	}
	language := entry(uri, nil)
	b.set("primaryLanguage", language)
	b.set("language", language)
	f.book.Assume(at+"/primaryLanguage", Required, f.language)
	media := f.media(local+"mediaObject:1", achievement.Get("image"))
	for _, n := range []tally.Node{root.Get("image"), achievement.Get("image")} {
		if media == nil {
			media = f.media(local+"mediaObject:1", n)
		}
		if n.Is() && strings.HasPrefix(credential.ID(n.Value()), "data:") {
			n.Note(loss.Approximated, at+"/individualDisplay", Picture)
		} else {
			n.Note(loss.Dropped, "", NotFetched)
		}
	}
	if media == nil {
		media = blankPage()
		f.book.Assume(at+"/individualDisplay", Required, "")
	}
	page := node(local+"displayDetail:1", "DisplayDetail")
	page.set("image", media)
	page.set("page", strictjson.Int(1))
	individual := node(local+"individualDisplay:1", "IndividualDisplay")
	individual.set("displayDetail", page.object())
	individual.set("language", language)
	b.set("individualDisplay", individual.object())
	return b.object()
}

// media returns a picture that stands in a data URL, nil for any other.
func (f *fromBadge) media(id string, n tally.Node) *strictjson.Value {
	head, content, ok := strings.Cut(credential.ID(n.Value()), ";base64,")
	kind := map[string]string{"data:image/png": "PNG", "data:image/jpeg": "JPEG", "data:image/svg+xml": "SVG", "data:image/gif": "GIF"}[head]
	if !ok || kind == "" {
		return nil
	}
	return mediaObject(id, kind, content, f.text(n.Get("caption")))
}

func mediaObject(id, kind, content string, title *strictjson.Value) *strictjson.Value {
	b := node(id, "MediaObject")
	b.text("content", content)
	b.set("contentEncoding", entry(base64Encoding, nil))
	b.set("contentType", entry(fileTypeTable+kind, nil))
	b.set("title", title)
	return b.object()
}

// blankPage is a white page of A4 at 72 points to the inch.
func blankPage() *strictjson.Value {
	var out bytes.Buffer
	page := image.NewPaletted(image.Rect(0, 0, 595, 842), color.Palette{color.White})
	if err := png.Encode(&out, page); err != nil {
		return nil // memory takes all that is written
	}
	return mediaObject(local+"mediaObject:1", "PNG", base64.StdEncoding.EncodeToString(out.Bytes()), nil)
}

func (f *fromBadge) organisation(n tally.Node, otherwise string) *strictjson.Value {
	id := n.Text()
	if id != "" { // a URL stands for the whole
		n.Remark(loss.Approximated, "/issuer/id", Renamed)
	} else {
		id = n.Get("id").Text()
	}
	if id == "" {
		id = otherwise
	}
	b := node(id, "Organisation")
	name := f.text(n.Get("name"))
	if name == nil {
		name = f.literal(id)
		f.book.Assume("/issuer/legalName", Required, tally.Cut(id))
	}
	b.set("legalName", name)
	if url := n.Get("url").Text(); url != "" {
		b.set("homepage", web(local+"webResource:home", url, nil))
	}
	b.set("contactPoint", f.contact(local+"contactPoint:1", n.Get("email").Text(), n.Get("phone").Text()))
	b.set("location", f.location(n.Get("address")))
	f.identifiers(n.Get("otherIdentifier"), &b)
	if logo := n.Get("image"); logo.Is() {
		if media := f.media(local+"mediaObject:logo", logo); media != nil {
			logo.Use()
			b.set("logo", media)
		} else {
			logo.Note(loss.Dropped, "", NotFetched)
		}
	}
	return b.object()
}

func (f *fromBadge) contact(id, email, phone string) *strictjson.Value {
	b := node(id, "ContactPoint")
	if email != "" {
		b.set("emailAddress", node("mailto:"+email, "Mailbox").object())
	}
	if phone != "" {
		p := node(id+":phone", "Phone")
		p.text("phoneNumber", phone)
		b.set("phone", p.object())
	}
	if len(b) == 2 {
		return nil
	}
	return b.object()
}

// location returns where an organisation is; the profile requires a country.
func (f *fromBadge) location(n tally.Node) *strictjson.Value {
	b := node(local+"address:1", "Address")
	code := n.Get("addressCountryCode")
	f.country = countryURI(code.Peek())
	if f.country != "" {
		if countryOf(f.country) == code.Peek() {
			code.Use()
		} else {
			code.Note(loss.Approximated, "/issuer/location", Wider)
		}
		b.set("countryCode", entry(f.country, f.text(n.Get("addressCountry"))))
	} else {
		f.country = countryTable + provisional
		f.book.Assume("/issuer/location", Required, provisional)
		b.set("countryCode", entry(f.country, nil))
	}
	var parts []tally.Node
	var lines []string
	for _, name := range []string{"streetAddress", "postOfficeBoxNumber", "postalCode", "addressLocality", "addressRegion"} {
		if part := n.Get(name); part.Peek() != "" {
			parts, lines = append(parts, part), append(lines, part.Peek())
		}
	}
	if len(parts) == 1 && n.Get("streetAddress").Is() {
		parts[0].Use()
	} else {
		for _, part := range parts {
			part.Note(loss.Approximated, "/issuer/location/address/fullAddress", Joined)
		}
	}
	if len(lines) > 0 {
		b.set("fullAddress", note(local+"note:address", f.literal(strings.Join(lines, ", "))))
	}
	out := node(local+"location:1", "Location")
	out.set("address", b.object())
	return out.object()
}

// scheme returns the type of an identifier. One that Open Badges does not have
// gets a name that it has on the way back.
func (f *fromBadge) scheme(n tally.Node) string {
	if s := n.Peek(); !openbadge.ValidIdentifierType(s) {
		n.Note(loss.Approximated, "", Wider)
	}
	return n.Text()
}

// identifiers writes an organisation's numbers: those of European law have
// members of their own.
func (f *fromBadge) identifiers(n tally.Node, b *builder) {
	taken := map[string]bool{}
	var rest []*strictjson.Value
	for i, one := range n.List() {
		kind, value := one.Get("identifierType"), one.Get("identifier")
		if value.Peek() == "" {
			continue
		}
		id := local + "identifier:org" + number(i)
		name := map[string]string{openbadge.ExtEIDAS: "eIDASIdentifier", openbadge.ExtRegistration: "registration", openbadge.ExtVATIdentifier: "vatIdentifier", openbadge.ExtTaxIdentifier: "taxIdentifier"}[kind.Peek()]
		if name == "" || taken[name] {
			rest = append(rest, identifier(id, value.Text(), f.scheme(kind)))
			continue
		}
		taken[name] = true
		kind.Use()
		legal := node(id, "LegalIdentifier")
		legal.text("notation", value.Text())
		legal.set("spatial", entry(f.country, nil))
		b.set(name, legal.object())
	}
	b.set("identifier", oneOrMore(rest))
}
