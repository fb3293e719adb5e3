package exchangefile

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/kompetansebevis/bevis/wallet"
)

// Transaction is one of the transaction log of EUDI wallets (section 3.1).
type Transaction struct {
	Presentation *Presented         `json:"presentation,omitempty"`
	Deletion     *DeletionRequested `json:"dataDeletionRequest,omitempty"`
	Other        *OtherTransaction  `json:"otherTransaction,omitempty"`
	ID           string             `json:"transactionIdentifier"`
	Time         string             `json:"time"` // YYYY-MM-DDTHH:mm:ss, in UTC
	Type         string             `json:"transactionType"`
	Result       string             `json:"transactionResult"`
}

// Party is who got something (sections 3.2 and 3.13). There is no register from
// which its official identifier could come: it is named as the holder named it.
type Party struct {
	Identifier PartyIdentifier `json:"interactingPartyIdentifier"`
	Name       LangString      `json:"interactingPartyName"`
}

// PartyIdentifier is an Identifier without its type.
type PartyIdentifier struct {
	Identifier string `json:"identifier"`
}

// LangString is a text with its language, "und" where that is not known.
type LangString struct {
	Lang    string `json:"lang"`
	Content string `json:"content"`
}

// Presented is a Presentation (section 3.2).
type Presented struct {
	Party
	PartyType      string       `json:"interactingPartyType"`
	Contact        []string     `json:"interactingPartyContact,omitempty"`
	IsIntermediary bool         `json:"isIntermediary"`
	Purpose        []LangString `json:"purpose,omitempty"`
	// Requested is empty: the holder chose, and no wallet was asked.
	Requested []ClaimInfo `json:"listOfClaimsRequested"`
	Presented []ClaimInfo `json:"listOfClaimsPresented"`
}

// ClaimInfo names claims of one credential (section 3.19.2), each by the
// members that lead to it with dots between.
type ClaimInfo struct {
	Credential string   `json:"credentialIdentifier"` // its vct or type
	Claims     []string `json:"claims"`
}

// DeletionRequested is a DataDeletionRequest (section 3.13).
type DeletionRequested struct {
	Party
	Claims []ClaimInfo `json:"listOfClaims"`
}

// OtherTransaction is that of section 3.15.
type OtherTransaction struct {
	Description []string `json:"description"`
}

// TransactionLog is the share log in the words of the transaction log of EUDI wallets
// (Technical Specification 10, version 1.2, section 3.16, before it is
// encrypted): what was presented, asked to be deleted, and taken back. It names
// claims and never their values. What bevis does not know of a receiver, such as
// its registrar and the data protection authority, is left out.
func TransactionLog(shares []wallet.Share) []Transaction {
	out := []Transaction{}
	for _, s := range shares {
		if s.Export { // which is no presentation to anybody
			out = append(out, transaction(s.ID, s.At, "OtherTransaction", Transaction{Other: &OtherTransaction{[]string{
				"Credentials were exported in the form " + s.As + ": " + strconv.Itoa(len(s.Credentials)) + "."}}}))
			continue
		}
		who, claims := Party{PartyIdentifier{s.Audience}, LangString{"und", s.Audience}}, claimsShared(s)
		shown := Presented{Party: who, PartyType: "ServiceProvider", Requested: []ClaimInfo{}, Presented: claims}
		if u, err := url.Parse(s.Audience); err == nil && u.Scheme == "https" && u.Host != "" {
			shown.Contact = []string{s.Audience}
		}
		if s.Purpose != "" {
			shown.Purpose = []LangString{{"und", s.Purpose}}
		}
		out = append(out, transaction(s.ID, s.At, "Presentation", Transaction{Presentation: &shown}))
		for n, at := range s.DeletionRequested {
			out = append(out, transaction(s.ID+"-deletion-"+strconv.Itoa(n+1), at, "DataDeletionRequest", Transaction{Deletion: &DeletionRequested{who, claims}}))
		}
		if !s.Withdrawn.IsZero() {
			out = append(out, transaction(s.ID+"-revocation", s.Withdrawn, "OtherTransaction",
				Transaction{Other: &OtherTransaction{[]string{"The share " + s.ID + " was taken back."}}}))
		}
	}
	slices.SortStableFunc(out, func(a, b Transaction) int { return cmp.Compare(a.Time, b.Time) })
	return out
}

func transaction(id string, at time.Time, kind string, t Transaction) Transaction {
	t.ID, t.Time, t.Type, t.Result = id, at.UTC().Format(logTime), kind, "Completed"
	return t
}

// claimsShared names what a share showed of each credential. Lines of earlier
// versions do not tell the credentials apart.
func claimsShared(s wallet.Share) []ClaimInfo {
	out := []ClaimInfo{}
	for _, part := range s.Parts {
		out = append(out, ClaimInfo{cmp.Or(part.Type, part.Credential), part.Fields})
	}
	if len(out) == 0 {
		for _, id := range s.Credentials {
			out = append(out, ClaimInfo{id, s.Fields})
		}
	}
	return out
}
