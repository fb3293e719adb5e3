package trust

import (
	"bytes"
	"time"

	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// IssuerRegistry is a list of issuers without a signature, as the Digital
// Credentials Consortium publishes: an object "registry" of DIDs, each with a
// name, a place and a web page.
type IssuerRegistry struct {
	Updated time.Time // as it says itself, zero: it does not
	Entries []RegistryEntry
}

// RegistryEntry is an issuer in a registry.
type RegistryEntry struct {
	ID, Name, Location, URL string
}

func badRegistry(at, format string, args ...any) error {
	return reason.New("trust_refused/registry", at, format, args...)
}

// ReadRegistry reads an issuer registry. What is none, or could be read in two
// ways, is trust_refused/registry. That holds for OpenID Federation as well:
// an entity statement is signed by a scheme of its own that is not checked
// here, and taking it in as a file would drop the signature.
func ReadRegistry(raw []byte) (*IssuerRegistry, error) {
	if len(raw) > MaxListBytes {
		return nil, reason.New(reason.LimitSize, "", "a registry of more than %d bytes", MaxListBytes)
	}
	raw = bytes.TrimSpace(raw)
	if bytes.HasPrefix(raw, []byte("eyJ")) {
		return nil, badRegistry("", "this is a token, such as an entity statement of OpenID Federation, which is not understood here: name its issuers by hand")
	}
	doc, err := strictjson.ParseObject(raw, strictjson.Limits{MaxBytes: MaxListBytes, MaxDepth: 16})
	if err != nil {
		return nil, badRegistry(reason.AtOf(err), "%w", err)
	}
	entries := doc.Get("registry")
	if entries.Kind() != strictjson.KindObject {
		return nil, badRegistry("/registry", "an issuer registry has an object \"registry\" of issuers by their DID")
	}
	out := &IssuerRegistry{}
	if text, ok := doc.Get("meta").Get("updated").Text(); ok {
		// A time that cannot be read is as none: it is only looked at to
		// refuse an older registry, and what it says is not signed.
		for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05-0700"} {
			if t, err := time.Parse(layout, text); err == nil {
				out.Updated = t.UTC()
				break
			}
		}
	}
	if len(entries.Members()) > MaxListEntries {
		return nil, badRegistry("/registry", "more than %d entries", MaxListEntries)
	}
	for _, m := range entries.Members() {
		at := strictjson.Pointer("/registry", m.Name)
		e := RegistryEntry{ID: m.Name}
		if m.Value.Kind() != strictjson.KindObject || !plainID(e.ID) {
			return nil, badRegistry(at, "no issuer with a DID")
		}
		for name, to := range map[string]*string{"name": &e.Name, "location": &e.Location, "url": &e.URL} {
			v := m.Value.Get(name)
			if v == nil || v.Kind() == strictjson.KindNull {
				continue
			}
			text, ok := v.Text()
			if !ok || !plainName(text) {
				return nil, badRegistry(at+"/"+name, "no text, too long, or it holds characters that are not seen")
			}
			*to = text
		}
		out.Entries = append(out.Entries, e)
	}
	return out, nil
}
