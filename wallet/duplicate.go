package wallet

import (
	"bytes"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/internal/jcs"
	"github.com/kompetansebevis/bevis/internal/strictjson"
)

// shelf finds what is there already, while things are added.
type shelf struct {
	byID map[string]*Item
	like map[likeness][]*Item
}

func newShelf(items []Item) *shelf {
	s := &shelf{make(map[string]*Item, len(items)), make(map[likeness][]*Item, len(items))}
	for n := range items {
		s.put(&items[n])
	}
	return s
}

func (s *shelf) put(i *Item) {
	s.byID[i.ID] = i
	like := i.likeness()
	s.like[like] = append(s.like[like], i)
}

// likeness is equal for all forms of one credential of one day. One without an
// id is the same as another only if the proof is the same too: who took two
// courses of one name on one day has two credentials.
type likeness struct {
	same          credential.Identity
	issuer, title string // of one without an identity
	from          int64
}

func (i *Item) likeness() likeness {
	from := i.ValidFrom.UnixNano()
	if i.ValidFrom.IsZero() {
		from = 0
	}
	if same := i.same(); same != (credential.Identity{}) {
		return likeness{same: same, from: from}
	}
	return likeness{issuer: i.Issuer, title: i.Title, from: from}
}

const maxCompared = 32 // items of one likeness that are compared by what they say

// has returns the item that makes another one needless: the same bytes, or the
// same credential in another form that is worth no less and does no less.
func (s *shelf) has(i *Item) (*Item, bool) {
	if have, ok := s.byID[i.ID]; ok {
		return have, true
	}
	alike := s.like[i.likeness()]
	if len(alike) == 0 {
		return nil, false
	}
	text, holder, ok := said(i)
	if !ok {
		return nil, false
	}
	for _, have := range alike[:min(len(alike), maxCompared)] {
		if have.standing() < i.standing() || i.inPart != "" && have.inPart == "" {
			continue
		}
		haveText, haveHolder, ok := said(have)
		if ok && have.same() == i.same() && bytes.Equal(text, haveText) && (holder == nil || haveHolder == nil || bytes.Equal(holder, haveHolder)) {
			return have, true
		}
	}
	return nil, false
}

// said returns what a credential says, in a form that is the same for all
// forms of credentials, and the holder's key that a token names. Of one without
// an id, it is all of it, and a token, whose white space is signed, has none.
func said(i *Item) (text, holder []byte, ok bool) {
	doc, err := document(i.bytes())
	if err != nil || i.same() == (credential.Identity{}) && i.Form != "json" {
		return nil, nil, false
	}
	if i.same() == (credential.Identity{}) {
		text, err = jcs.Append(nil, doc)
		return text, nil, err == nil
	}
	if cnf := doc.Get("cnf"); cnf != nil {
		if holder, err = jcs.Append(nil, cnf); err != nil {
			return nil, nil, false
		}
	}
	if vc := doc.Get("vc"); i.Form == "jwt" && vc.Kind() == strictjson.KindObject {
		doc = vc
	}
	// What secures it, and the claims that repeat what it says for readers of
	// tokens (RFC 7519 section 4.1).
	doc = doc.Without("proof", "iss", "sub", "aud", "exp", "nbf", "iat", "jti", "cnf", "_sd_alg")
	text, err = jcs.Append(nil, doc)
	return text, holder, err == nil
}
