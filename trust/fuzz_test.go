package trust_test

import (
	"testing"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/trust"
)

// FuzzReadList: what is read can be written, and reads back the same; nobody
// stands in it twice or without an id.
func FuzzReadList(f *testing.F) {
	f.Add(list("did:web:one.example", listDay, "2027-01-01T00:00:00Z", "did:web:a.no", accredits("did:web:b.no", 2)))
	f.Add(list("did:web:one.example", listDay, "", entry("did:web:a.no", `"recognizedFrom":"2026-01-01T00:00:00Z","withdrawnFrom":"2026-04-01T00:00:00+02:00","url":"https://a.no/","recognizedTo":[{"type":"RecognizedAction","action":"issue","credentialType":["A","B"]},{"type":"RecognizedAction","action":"verify"}]`)))
	f.Add(list("did:web:one.example", listDay, "", entry("did:web:a.no", `"recognizedTo":{"action":"issue","credentialType":[],"depth":1e1}`)))
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := credential.Parse(raw, credential.Limits{})
		if err != nil {
			return
		}
		l, err := trust.ReadList(c)
		if err != nil {
			return
		}
		seen := map[string]bool{}
		unknown := false
		for _, e := range l.Entries {
			if e.ID == "" || seen[e.ID] {
				t.Fatalf("%q stands twice or is nobody", e.ID)
			}
			seen[e.ID] = true
			unknown = unknown || e.Issues != nil && e.Issues.Unknown || e.Accredits != nil && e.Accredits.Unknown
		}
		if len(l.Entries) == 0 || unknown {
			return
		}
		again, err := l.Credential()
		if err != nil {
			t.Fatalf("cannot be written: %v", err)
		}
		back, err := trust.ReadList(again)
		if err != nil || len(back.Entries) != len(l.Entries) || back.Issuer != l.Issuer {
			t.Fatalf("does not read back: %v", err)
		}
	})
}

// FuzzReadRegistry: every entry that is read can stand in a policy.
func FuzzReadRegistry(f *testing.F) {
	f.Add([]byte(`{"meta":{"created":"2022-10-27T17:57:31+00:00","updated":"2022-10-27T17:57:31+0000"},"registry":{"did:web:a.no":{"name":"A","location":null,"url":"https://a.no"}}}`))
	f.Add([]byte(`{"registry":{"did:web:a.no":{},"did:web:b.no":{"name":""}}}`))
	f.Add([]byte("eyJhbGciOiJub25lIn0.e30."))
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := trust.ReadRegistry(raw)
		if err != nil {
			return
		}
		p := trust.Empty()
		for i, e := range r.Entries {
			if i == 50 {
				break
			}
			if p, err = p.Add(trust.Entry{Issuer: e.ID, Name: e.Name}, "f"); err != nil {
				t.Fatalf("%q: %v", e.ID, err)
			}
		}
	})
}
