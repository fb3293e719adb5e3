package openbadge

import "github.com/kompetansebevis/bevis/internal/strictjson"

// Profile is a person or an organisation: an issuer, a creator, a source.
type Profile struct {
	ID               string // an https URL or a DID
	Type             []string
	Name             string
	URL              string
	Phone            string
	Description      string
	Image            *Image
	Email            string
	Address          *Address
	OtherIdentifier  []IdentifierEntry
	Official         string
	ParentOrg        *Profile
	FamilyName       string
	GivenName        string
	AdditionalName   string
	PatronymicName   string
	HonorificPrefix  string
	HonorificSuffix  string
	FamilyNamePrefix string
	DateOfBirth      string              // YYYY-MM-DD
	Endorsement      []*strictjson.Value // EndorsementCredentials with their own proofs, as they came
	EndorsementJWT   []string            // the same as compact JWS
	More             []Member
}

func (p *Profile) extra() *[]Member { return &p.More }
func (p *Profile) fields() []field {
	return []field{
		text("id", &p.ID), types(&p.Type, "Profile"), text("name", &p.Name), text("url", &p.URL), text("phone", &p.Phone),
		text("description", &p.Description), object("image", &p.Image), text("email", &p.Email), object("address", &p.Address),
		objects("otherIdentifier", &p.OtherIdentifier), text("official", &p.Official), object("parentOrg", &p.ParentOrg),
		text("familyName", &p.FamilyName), text("givenName", &p.GivenName), text("additionalName", &p.AdditionalName),
		text("patronymicName", &p.PatronymicName), text("honorificPrefix", &p.HonorificPrefix),
		text("honorificSuffix", &p.HonorificSuffix), text("familyNamePrefix", &p.FamilyNamePrefix),
		text("dateOfBirth", &p.DateOfBirth), values("endorsement", &p.Endorsement), texts("endorsementJwt", &p.EndorsementJWT),
	}
}

// Value writes p as JSON, members in a fixed order.
func (p Profile) Value() *strictjson.Value { return write(&p) }

// ReadProfile reads a Profile from an object, or from a URL that stands in
// its place. Another value is an error (malformed/data-model).
func ReadProfile(v *strictjson.Value) (Profile, error) {
	if id, ok := v.Text(); ok {
		return Profile{ID: id}, nil
	}
	var p Profile
	return p, readTop(v, &p, "Profile")
}

// Address is a postal address.
type Address struct {
	Type                []string
	AddressCountry      string
	AddressCountryCode  string // ISO 3166-1 alpha-2
	AddressRegion       string
	AddressLocality     string
	StreetAddress       string
	PostOfficeBoxNumber string
	PostalCode          string
	Geo                 *GeoCoordinates
	More                []Member
}

func (a *Address) extra() *[]Member { return &a.More }
func (a *Address) fields() []field {
	return []field{
		types(&a.Type, "Address"), text("addressCountry", &a.AddressCountry), text("addressCountryCode", &a.AddressCountryCode),
		text("addressRegion", &a.AddressRegion), text("addressLocality", &a.AddressLocality),
		text("streetAddress", &a.StreetAddress), text("postOfficeBoxNumber", &a.PostOfficeBoxNumber),
		text("postalCode", &a.PostalCode), object("geo", &a.Geo),
	}
}

// GeoCoordinates is a place on Earth, in degrees (WGS 84).
type GeoCoordinates struct {
	Latitude  float64
	Longitude float64
	More      []Member
}

func (g *GeoCoordinates) extra() *[]Member { return &g.More }
func (g *GeoCoordinates) fields() []field {
	return []field{oneType("GeoCoordinates"), exactNumber("latitude", &g.Latitude), exactNumber("longitude", &g.Longitude)}
}

// IdentifierEntry is a further identifier, such as an organisation number.
type IdentifierEntry struct {
	Identifier     string
	IdentifierType string // see ValidIdentifierType
	More           []Member
}

func (i *IdentifierEntry) extra() *[]Member { return &i.More }
func (i *IdentifierEntry) fields() []field {
	return []field{oneType("IdentifierEntry"), text("identifier", &i.Identifier), text("identifierType", &i.IdentifierType)}
}
