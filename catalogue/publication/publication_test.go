package publication_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/publication"
	"github.com/kompetansebevis/bevis/catalogue/signed"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/reason"
)

const (
	id     = "did:web:kurs.example"
	method = id + "#key-1"
)

var now = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func newKey(t testing.TB) *key.Private {
	t.Helper()
	k, err := key.Generate(key.Ed25519)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func of(k *key.Private) func(string) (key.Public, error) {
	return func(string) (key.Public, error) { return k.Public(), nil }
}

func sample(n int) publication.Publication {
	p := publication.Publication{Provider: catalogue.Provider{ID: id, Name: catalogue.Texts{"nb": "Kursstedet & co"}, Charter: `{"a":"b"}`}, Issued: now, Until: now.AddDate(1, 0, 0)}
	for i := range n {
		p.Offers = append(p.Offers, catalogue.Offer{ID: fmt.Sprint(i), Provider: id, Title: catalogue.Texts{"nb": fmt.Sprint("Kurs <", i, ">")}})
	}
	return p
}

func TestSignAndOpen(t *testing.T) {
	t.Parallel()
	k := newKey(t)
	for _, n := range []int{0, 1, 3} {
		want := sample(n)
		raw, err := want.Sign(t.Context(), k.Signer(method))
		if err != nil || !publication.Is(raw) {
			t.Fatal(publication.Is(raw), err)
		}
		again, err := want.Sign(t.Context(), k.Signer(method))
		if err != nil || !bytes.Equal(raw, again) {
			t.Error("the same publication gives other bytes", err)
		}
		got, err := publication.Open(t.Context(), raw, of(k))
		if err != nil {
			t.Fatal(err)
		}
		if got.Key != method || len(got.Digest) != 64 {
			t.Errorf("%+v", got)
		}
		kept := got.Kept(now)
		if kept.Signed.Digest != got.Digest || !kept.Signed.InForce(now) || kept.Signed.InForce(now.AddDate(2, 0, 0)) || kept.Signed.Declares(now.Add(1)) {
			t.Errorf("%+v", kept)
		}
		got.Key, got.Digest = "", ""
		if !reflect.DeepEqual(*got, want) {
			t.Errorf("%+v, want %+v", *got, want)
		}
		// Whatever is changed on the way is seen.
		for i := range raw[:len(raw)-1] {
			bad := bytes.Clone(raw)
			bad[i] ^= 1
			if _, err := publication.Open(t.Context(), bad, of(k)); err == nil {
				t.Fatalf("byte %d changed, and it opens", i)
			}
		}
		if _, err := publication.Open(t.Context(), raw, of(newKey(t))); reason.CodeOf(err) != reason.BadSignature {
			t.Error(err)
		}
	}
	for _, raw := range []string{"", "eyJ", "eyJhIjoxfQ.e30.", `{"a":1}`, strings.Repeat("eyJ", 5000) + "."} {
		if publication.Is([]byte(raw)) {
			t.Errorf("%.20q is taken for a publication", raw)
		}
	}
}

func TestInForce(t *testing.T) {
	t.Parallel()
	p := sample(0)
	for _, c := range []struct {
		at   time.Time
		code reason.Code
	}{{now, ""}, {now.Add(-4 * time.Minute), ""}, {now.Add(-6 * time.Minute), reason.NotYetValid}, {p.Until, ""}, {p.Until.Add(1), reason.Expired}} {
		if err := p.InForce(c.at); reason.CodeOf(err) != c.code {
			t.Errorf("%s: %v", c.at, err)
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	k := newKey(t)
	for name, c := range map[string]struct {
		change func(*publication.Publication)
		code   reason.Code
	}{
		"no DID":          {func(p *publication.Publication) { p.Provider.ID = "923609016" }, "publication_refused/provider"},
		"another's key":   {func(p *publication.Publication) { p.Provider.ID = "did:web:annen.example" }, "publication_refused/provider"},
		"another issuer":  {func(p *publication.Publication) { p.Provider.Issuer = []string{id, "did:web:uio.no"} }, "publication_refused/provider"},
		"no charter":      {func(p *publication.Publication) { p.Provider.Charter = "" }, "publication_refused/no-charter"},
		"marked signed":   {func(p *publication.Publication) { p.Provider.Signed = &catalogue.Signed{} }, "publication_refused/form"},
		"never ends":      {func(p *publication.Publication) { p.Until = now.AddDate(9, 0, 0) }, "publication_refused/form"},
		"another's offer": {func(p *publication.Publication) { p.Offers[1].Provider = "did:web:annen.example" }, "publication_refused/provider"},
		"twice":           {func(p *publication.Publication) { p.Offers[1].ID = "0" }, "publication_refused/form"},
		"its own link":    {func(p *publication.Publication) { p.Offers[1].Link = &catalogue.Link{} }, "publication_refused/form"},
		"no title":        {func(p *publication.Publication) { p.Offers[1].Title = nil }, "offer_invalid/title"},
		"no name":         {func(p *publication.Publication) { p.Provider.Name = nil }, "offer_invalid/provider"},
		"year 10000":      {func(p *publication.Publication) { p.Offers[1].Updated = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) }, "offer_invalid/encoding"},
	} {
		p := sample(2)
		c.change(&p)
		if _, err := p.Sign(t.Context(), k.Signer(method)); reason.CodeOf(err) != c.code {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
}

// payloads are what a provider might sign that a catalogue must not take.
var payloads = map[string]struct {
	text string
	code reason.Code
}{
	"whole":          {headLine(1) + offerLine("a"), ""},
	"none":           {headLine(0), ""},
	"too few":        {headLine(2) + offerLine("a"), "publication_refused/form"},
	"too many":       {headLine(1) + offerLine("a") + offerLine("b"), "publication_refused/form"},
	"endless":        {headLine(1_000_000), "resource_limit/offers"},
	"negative":       {headLine(-1), "resource_limit/offers"},
	"twice":          {headLine(2) + offerLine("a") + offerLine("a"), "publication_refused/form"},
	"of another":     {headLine(1) + strings.Replace(offerLine("a"), "kurs", "annen", 1), "publication_refused/provider"},
	"unknown":        {headLine(1) + `{"id":"a","provider":"did:web:kurs.example","title":{"nb":"A"},"stars":5}` + "\n", reason.MalformedModel},
	"member twice":   {headLine(1) + `{"id":"a","id":"b"}` + "\n", reason.MalformedDuplicateMember},
	"no object":      {headLine(1) + "[]\n", reason.MalformedNotObject},
	"empty line":     {headLine(1) + "\n", reason.MalformedJSON},
	"long line":      {headLine(1) + `{"id":"` + strings.Repeat("a", 1<<20) + `"}` + "\n", reason.LimitSize},
	"other schema":   {strings.Replace(headLine(0), "offers/v1", "offers/v2", 1), "publication_refused/form"},
	"nothing":        {"", reason.MalformedJSON},
	"other signer":   {strings.Replace(headLine(0), "kurs.example", "annen.example", 1), "publication_refused/provider"},
	"already signed": {strings.Replace(headLine(0), `"charter":"c"`, `"charter":"c","signed":{"key":"x"}`, 1), "publication_refused/form"},
}

func headLine(n int) string {
	return fmt.Sprintf(`{"schema":"bevis.offers/v1","issued":"2026-11-24T12:00:00Z","until":"2027-11-24T12:00:00Z","offers":%d,"provider":{"id":"did:web:kurs.example","name":{"nb":"K"},"charter":"c"}}`+"\n", n)
}

func offerLine(name string) string {
	return fmt.Sprintf(`{"id":%q,"provider":"did:web:kurs.example","title":{"nb":"A"}}`+"\n", name)
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	k := newKey(t)
	for name, c := range payloads {
		raw, err := signed.Sign(t.Context(), publication.Schema, []byte(c.text), k.Signer(method))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := publication.Open(t.Context(), raw, of(k)); reason.CodeOf(err) != c.code {
			t.Errorf("%s: %v, want %q", name, err, c.code)
		}
	}
	// A file of another kind by the same key.
	raw, err := signed.Sign(t.Context(), "bevis-stats+json", []byte(headLine(0)), k.Signer(method))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := publication.Open(t.Context(), raw, of(k)); reason.CodeOf(err) != "wrong_type/typ" || publication.Is(raw) {
		t.Error(err)
	}
}

// TestMany: as many offers as Singapore's course directory has.
func TestMany(t *testing.T) {
	t.Parallel()
	k := newKey(t)
	p := sample(26_000)
	text := strings.Repeat("Du lærer å planlegge, gjennomføre og vurdere arbeidet. ", 12)
	for i := range p.Offers {
		p.Offers[i].Description = catalogue.Texts{"nb": text}
	}
	raw, err := p.Sign(t.Context(), k.Signer(method))
	if err != nil {
		t.Fatal(err)
	}
	got, err := publication.Open(t.Context(), raw, of(k))
	if err != nil || len(got.Offers) != 26_000 {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := publication.Open(ctx, raw, of(k)); reason.CodeOf(err) != reason.Canceled {
		t.Error(err)
	}
}

// FuzzOpen signs whatever comes, as a provider could: what opens is whole.
func FuzzOpen(f *testing.F) {
	k := newKey(f)
	seeds, err := filepath.Glob("testdata/seeds/*")
	if err != nil || len(seeds) == 0 {
		f.Fatal("no seeds", err)
	}
	for _, name := range seeds {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	for _, c := range payloads {
		if len(c.text) < 10_000 {
			f.Add([]byte(c.text))
		}
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		raw, err := signed.Sign(t.Context(), publication.Schema, payload, k.Signer(method))
		if err != nil {
			t.Fatal(err)
		}
		_ = publication.Is(payload)
		p, err := publication.Open(t.Context(), raw, of(k))
		if err != nil {
			return
		}
		if err := p.Check(); err != nil || p.Provider.ID != id {
			t.Fatalf("%+v: %v", p, err)
		}
		// What was read can be signed and read again.
		again, err := p.Sign(t.Context(), k.Signer(method))
		if err != nil {
			t.Fatal(err)
		}
		if twice, err := publication.Open(t.Context(), again, of(k)); err != nil || len(twice.Offers) != len(p.Offers) {
			t.Fatal(err)
		}
	})
}
