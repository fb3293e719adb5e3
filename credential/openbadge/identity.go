package openbadge

import (
	"crypto/md5" //nolint:gosec // Open Badges 3.0 names it; nothing is kept secret or authentic by it here
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/kompetansebevis/bevis/internal/strictjson"
)

// IdentityObject names a recipient by something that is known of them, such
// as an e-mail address, in plain text or hashed.
type IdentityObject struct {
	Hashed       bool
	IdentityHash string // "sha256$" or "md5$" and hexadecimal digits, or the plain identifier
	IdentityType string // see ValidIdentifierType
	Salt         string
	More         []Member
}

func (i *IdentityObject) extra() *[]Member { return &i.More }
func (i *IdentityObject) fields() []field {
	return []field{
		oneType("IdentityObject"), boolean("hashed", &i.Hashed), text("identityHash", &i.IdentityHash),
		text("identityType", &i.IdentityType), text("salt", &i.Salt),
	}
}

// HashIdentity returns an IdentityObject that holds SHA-256 of identifier and
// salt, one after the other. The salt stands in the credential, so whoever has
// the credential can try addresses: a hash keeps an address from being read
// in passing, it does not keep it secret.
func HashIdentity(identityType, identifier, salt string) IdentityObject {
	sum := sha256.Sum256([]byte(identifier + salt))
	return IdentityObject{
		Hashed: true, IdentityHash: "sha256$" + hex.EncodeToString(sum[:]),
		IdentityType: identityType, Salt: salt,
	}
}

// Matches reports whether i stands for the identifier known, which is plain
// text of the type that i.IdentityType names: e-mail addresses are compared
// as they are written, also in letter case. An object with members of a wrong
// form, or hashed with something else than MD5 or SHA-256, matches nothing.
func (i IdentityObject) Matches(known string) bool {
	for _, m := range i.More {
		switch m.Name {
		case "hashed", "identityHash":
			return false
		case "salt":
			if s, ok := m.Value.Text(); !ok || s != "" {
				return false
			}
		}
	}
	if known == "" {
		return false
	}
	if !i.Hashed {
		return i.IdentityHash == known
	}
	algorithm, digest, _ := strings.Cut(i.IdentityHash, "$")
	switch algorithm {
	case "sha256":
		sum := sha256.Sum256([]byte(known + i.Salt))
		return strings.EqualFold(digest, hex.EncodeToString(sum[:]))
	case "md5":
		sum := md5.Sum([]byte(known + i.Salt)) //nolint:gosec // see the import
		return strings.EqualFold(digest, hex.EncodeToString(sum[:]))
	default:
		return false
	}
}

// Value writes i as JSON, members in a fixed order.
func (i IdentityObject) Value() *strictjson.Value { return write(&i) }
