package status

import (
	"bytes"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/internal/jws"
	"github.com/kompetansebevis/bevis/internal/strictjson"
)

// ClaimedTimes are what a list of any form says of its own age. Nothing of it
// is proven: it is for telling copies apart and for knowing when to ask for
// another, and not for judging.
type ClaimedTimes struct {
	Made  time.Time     // the latest of its dates, zero: none is said
	Until time.Time     // zero: no end is said
	Life  time.Duration // for how long a copy may be used, zero: not said
}

// Claimed reads what a list says of its age; nothing, of what is no list.
func Claimed(raw []byte) ClaimedTimes {
	lim := strictjson.Limits{MaxBytes: MaxBytes}
	text := bytes.TrimSpace(raw)
	if bytes.HasPrefix(text, []byte("eyJ")) {
		return claimedByToken(string(text), lim)
	}
	doc, err := strictjson.ParseObject(text, lim)
	if err != nil {
		return ClaimedTimes{}
	}
	out := claimedByDocument(doc)
	for _, p := range doc.Get("proof").List() {
		out.made(p.Get("created"))
	}
	return out
}

func claimedByDocument(doc *strictjson.Value) ClaimedTimes {
	var out ClaimedTimes
	for _, name := range []string{"validFrom", "issuanceDate"} {
		out.made(doc.Get(name))
	}
	for _, name := range []string{"validUntil", "expirationDate"} {
		if t, err := credential.Time(doc.Get(name)); err == nil {
			out.Until = t
		}
	}
	if life, err := TimeToLive(doc, ""); err == nil {
		out.Life = life
	}
	return out
}

func (c *ClaimedTimes) made(v *strictjson.Value) {
	if t, err := credential.Time(v); err == nil && t.After(c.Made) {
		c.Made = t
	}
}

func claimedByToken(text string, lim strictjson.Limits) ClaimedTimes {
	t, err := jws.ReadHead(text, lim)
	if err == nil {
		err = t.ReadBody(lim)
	}
	if err != nil {
		return ClaimedTimes{}
	}
	out := claimedByDocument(t.Payload)
	if inner := t.Payload.Get("vc"); inner != nil {
		out = claimedByDocument(inner)
	}
	for _, name := range []string{"nbf", "iat"} {
		if made, err := t.Time(name); err == nil && made.After(out.Made) {
			out.Made = made
		}
	}
	if until, err := t.Time("exp"); err == nil && !until.IsZero() {
		out.Until = until
	}
	if seconds, ok := t.Payload.Get("ttl").Float(); ok && seconds > 0 && seconds < maxTTL/1000 {
		out.Life = time.Duration(seconds) * time.Second
	}
	return out
}
