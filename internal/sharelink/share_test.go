package sharelink

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/internal/jws"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

var noon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// holder is somebody with a did:key.
func holder(t testing.TB) (string, key.Signer) {
	t.Helper()
	private, err := key.Generate(key.Ed25519)
	if err != nil {
		t.Fatal(err)
	}
	id, method, err := did.KeyID(private.Public())
	if err != nil {
		t.Fatal(err)
	}
	return id, private.Signer(method)
}

// share is a sealed presentation with its link.
func share(t testing.TB, text string) (Sealed, Link) {
	t.Helper()
	sealed, err := Seal([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	l, err := New("deling", sealed.Key)
	if err != nil {
		t.Fatal(err)
	}
	return sealed, l
}

func TestShare(t *testing.T) {
	t.Parallel()
	who, signer := holder(t)
	sealed, l := share(t, "det som er delt")
	if got, err := l.Open(sealed.Body); err != nil || string(got) != "det som er delt" {
		t.Fatalf("%q, %v", got, err)
	}
	want := Status{Share: "3f9c", Body: sealed.Digest, Holder: who, State: Revoked, Made: noon, Until: noon.Add(time.Hour)}
	document, err := want.Seal(t.Context(), signer, sealed.Recipient)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := l.Status(t.Context(), document, sealed.Body, who); err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	want.Until, want.State = time.Time{}, Active
	if document, err = want.Seal(t.Context(), signer, sealed.Recipient); err != nil {
		t.Fatal(err)
	}
	if got, err := l.Status(t.Context(), document, sealed.Body, who); err != nil || got != want {
		t.Errorf("without an end: %+v, %v", got, err)
	}
	// A host sees nothing of whom it is about, or from whom.
	for _, part := range []string{"delt", who, "3f9c", "revoked", "active", sealed.Digest, sealed.Recipient, sealed.Key} {
		if bytes.Contains(document, []byte(part)) || bytes.Contains(sealed.Body, []byte(part)) {
			t.Errorf("%q can be read without the key", part)
		}
	}
	if _, err := Seal(make([]byte, MaxBody+1)); reason.CodeOf(err) != "usage/share-size" {
		t.Error(err)
	}
	large, err := Seal(make([]byte, MaxBody))
	if err != nil {
		t.Fatal(err)
	}
	if len(large.Body) > 1<<20 {
		t.Errorf("%d bytes are more than is fetched", len(large.Body))
	}
	if l, err = New("deling", large.Key); err != nil {
		t.Fatal(err)
	}
	if got, err := l.Open(large.Body); err != nil || len(got) != MaxBody {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

// TestWithAgeAlone: what stands behind the # is an identity file of age.
func TestWithAgeAlone(t *testing.T) {
	t.Parallel()
	sealed, l := share(t, "det som er delt")
	_, key, _ := strings.Cut(l.Secret(), "#")
	identities, err := age.ParseIdentities(strings.NewReader(key + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	r, err := age.Decrypt(bytes.NewReader(sealed.Body), identities...)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(r); err != nil || string(got) != "det som er delt" {
		t.Errorf("%q, %v", got, err)
	}
}

// TestTampered changes each byte, and cuts the files at each.
func TestTampered(t *testing.T) {
	t.Parallel()
	who, signer := holder(t)
	sealed, l := share(t, "det som er delt")
	document, err := Status{Share: "3f9c", Body: sealed.Digest, Holder: who, State: Active, Made: noon}.Seal(t.Context(), signer, sealed.Recipient)
	if err != nil {
		t.Fatal(err)
	}
	refusedBody := func(what string, body []byte) {
		got, err := l.Open(body)
		if code := reason.CodeOf(err); code != WrongKey && code != Damaged {
			t.Errorf("%s: %q, %v", what, got, err)
		}
	}
	refusedStatus := func(what string, document []byte) {
		if _, err := l.Status(t.Context(), document, sealed.Body, who); reason.CodeOf(err) != BadStatus {
			t.Errorf("status, %s: %v", what, err)
		}
	}
	for i := range sealed.Body {
		changed := bytes.Clone(sealed.Body)
		changed[i] ^= 1
		refusedBody(fmt.Sprintf("byte %d", i), changed)
		refusedBody(fmt.Sprintf("cut at %d", i), sealed.Body[:i])
	}
	for i := range document {
		changed := bytes.Clone(document)
		changed[i] ^= 1
		refusedStatus(fmt.Sprintf("byte %d", i), changed)
		refusedStatus(fmt.Sprintf("cut at %d", i), document[:i])
	}
	refusedBody("more behind it", append(bytes.Clone(sealed.Body), 'x'))
	_, other := share(t, "noe annet")
	if _, err := other.Open(sealed.Body); reason.CodeOf(err) != WrongKey {
		t.Errorf("another key: %v", err)
	}
	if _, err := l.Open(make([]byte, 2*MaxBody)); reason.CodeOf(err) != reason.LimitSize {
		t.Error(err)
	}
	if _, err := (Link{}).Open(sealed.Body); reason.CodeOf(err) != "usage/link" {
		t.Error(err)
	}
}

// TestStatusRefused has status documents that whoever has the link, or the
// host, could put there.
func TestStatusRefused(t *testing.T) {
	t.Parallel()
	who, signer := holder(t)
	_, stranger := holder(t)
	sealed, l := share(t, "det som er delt")
	claims := func(change func(m map[string]any)) []byte {
		m := map[string]any{"iss": who, "sub": "3f9c", "iat": noon.Unix(), "state": "active", "body": sealed.Digest}
		change(m)
		var out []strictjson.Member
		for _, name := range []string{"iss", "sub", "iat", "exp", "state", "body"} {
			switch v := m[name].(type) {
			case string:
				out = append(out, strictjson.Member{Name: name, Value: strictjson.String(v)})
			case int64:
				out = append(out, strictjson.Member{Name: name, Value: strictjson.Int(v)})
			}
		}
		return strictjson.Object(out...).AppendJSON(nil)
	}
	same := func(map[string]any) {}
	for name, test := range map[string]struct {
		signer key.Signer
		typ    string
		kid    string
		claims []byte
		fine   bool
	}{
		"as it is":          {signer, statusType, signer.ID(), claims(same), true},
		"by somebody else":  {stranger, statusType, stranger.ID(), claims(same), false},
		"in her name":       {stranger, statusType, signer.ID(), claims(same), false},
		"no key named":      {signer, statusType, "", claims(same), false},
		"another type":      {signer, "JWT", signer.ID(), claims(same), false},
		"another share":     {signer, statusType, signer.ID(), claims(func(m map[string]any) { m["body"] = Digest([]byte("annet")) }), false},
		"another issuer":    {signer, statusType, signer.ID(), claims(func(m map[string]any) { m["iss"] = "did:key:z6Mk" }), false},
		"no state":          {signer, statusType, signer.ID(), claims(func(m map[string]any) { delete(m, "state") }), false},
		"an unknown state":  {signer, statusType, signer.ID(), claims(func(m map[string]any) { m["state"] = "Active" }), false},
		"no id":             {signer, statusType, signer.ID(), claims(func(m map[string]any) { delete(m, "sub") }), false},
		"of no time":        {signer, statusType, signer.ID(), claims(func(m map[string]any) { delete(m, "iat") }), false},
		"an end that is no": {signer, statusType, signer.ID(), claims(func(m map[string]any) { m["exp"] = "i morgen" }), false},
		"no object":         {signer, statusType, signer.ID(), []byte(`[]`), false},
	} {
		members := []strictjson.Member{{Name: "typ", Value: strictjson.String(test.typ)}}
		if test.kid != "" {
			members = append(members, strictjson.Member{Name: "kid", Value: strictjson.String(test.kid)})
		}
		token, err := jws.Sign(t.Context(), test.signer, test.claims, members...)
		if err != nil {
			t.Fatal(err)
		}
		to, err := age.ParseX25519Recipient(sealed.Recipient)
		if err != nil {
			t.Fatal(err)
		}
		document, err := encrypt(token, to)
		if err != nil {
			t.Fatal(err)
		}
		_, err = l.Status(t.Context(), document, sealed.Body, who)
		if test.fine != (err == nil) || err != nil && reason.CodeOf(err) != BadStatus {
			t.Errorf("%s: %v", name, err)
		}
	}
	document, err := Status{Share: "3f9c", Body: sealed.Digest, Holder: who, State: Active, Made: noon}.Seal(t.Context(), signer, sealed.Recipient)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Status(t.Context(), document, []byte("annet"), who); reason.CodeOf(err) != BadStatus {
		t.Errorf("beside another share: %v", err)
	}
	if _, err := l.Status(t.Context(), document, sealed.Body, "did:web:firma.example"); reason.CodeOf(err) != BadStatus {
		t.Errorf("a holder that is no key: %v", err)
	}
	if _, err := (Status{}).Seal(t.Context(), signer, "age1x"); reason.CodeOf(err) != reason.Internal {
		t.Error(err)
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	sealed, _ := share(t, "x")
	for text, where := range map[string]string{
		"deling#" + sealed.Key:                            "deling",
		" mine#ting/deling#" + sealed.Key + "\r\n":        "mine#ting/deling",
		"https://kari.example/d/#" + sealed.Key:           "https://kari.example/d/",
		"https://kari.example/d#" + sealed.Key:            "https://kari.example/d/",
		"https://kari.example#" + sealed.Key:              "https://kari.example/",
		"https://kari.example/d/index.html#" + sealed.Key: "https://kari.example/d/",
	} {
		l, err := Parse(text)
		if err != nil || l.Where != where || l.Secret() != where+"#"+sealed.Key || !Is(text) {
			t.Errorf("%q: %q, %v", text, l.Where, err)
		}
		// However it is printed, the key is not shown.
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			if out := fmt.Sprintf(verb, l) + fmt.Sprintf(verb, &l) + fmt.Sprintf(verb, []Link{l}); strings.Contains(out, "AGE-") || strings.Contains(out, fmt.Sprintf("%x", "AGE-")) {
				t.Errorf("%s shows the key: %s", verb, out)
			}
		}
	}
	for _, text := range []string{
		"", "deling", "#" + sealed.Key, "deling#", "deling#" + sealed.Key + "Q", "deling#" + sealed.Key[:40], "deling#" + strings.ToLower(sealed.Key),
		"https://kari.example/d/?a=b#" + sealed.Key, "https://kari:ord@kari.example/#" + sealed.Key, "https:///#" + sealed.Key, "https://kari.example/%zz#" + sealed.Key,
		strings.Repeat("x", MaxLink) + "#" + sealed.Key,
	} {
		l, err := Parse(text)
		if reason.CodeOf(err) != "usage/link" || l != (Link{}) || strings.Contains(err.Error(), "AGE-") {
			t.Errorf("%.80q: %v, %v", text, l, err)
		}
	}
	if Is("https://kari.example/#avsnitt") || Is(sealed.Key) {
		t.Error("what is no link is taken for one")
	}
}

func TestHide(t *testing.T) {
	t.Parallel()
	sealed, _ := share(t, "x")
	for in, want := range map[string]string{
		"": "", "a": "a", "d#" + sealed.Key: "d#…", "«d#" + sealed.Key + "» og " + sealed.Key + ".": "«d#…» og ….",
	} {
		if got := Hide(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}

// FuzzParse: no text makes a link whose key is shown, and what is read is
// written the same.
func FuzzParse(f *testing.F) {
	sealed, err := Seal([]byte("x"))
	if err != nil {
		f.Fatal(err)
	}
	for _, before := range []string{"deling#", "https://kari.example/d/#", "https://kari.example#", "#", "%#", "https://[::1]:80/%20/#"} {
		f.Add(before + sealed.Key)
	}
	f.Fuzz(func(t *testing.T, text string) {
		l, err := Parse(text)
		if strings.Contains(Hide(text), mark) {
			t.Fatalf("%q still shows a key", Hide(text))
		}
		if err != nil {
			if strings.Contains(err.Error(), mark) {
				t.Fatal(err)
			}
			return
		}
		again, err := Parse(l.Secret())
		if err != nil || again != l {
			t.Fatalf("%q is read as %v, and that as %v, %v", text, l, again, err)
		}
	})
}

// FuzzStatus: no status document is believed that the holder did not sign.
func FuzzStatus(f *testing.F) {
	who, signer := holder(f)
	sealed, l := share(f, "x")
	to, err := age.ParseX25519Recipient(sealed.Recipient)
	if err != nil {
		f.Fatal(err)
	}
	head := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"EdDSA","typ":"` + statusType + `","kid":"` + signer.ID() + `"}`))
	f.Add([]byte(head + ".e30."))
	f.Add([]byte(head + "." + base64.RawURLEncoding.EncodeToString([]byte(`{"iss":"`+who+`","sub":"a","iat":1,"state":"active","body":"`+sealed.Digest+`"}`)) + "." + strings.Repeat("A", 86)))
	f.Add([]byte("..."))
	f.Fuzz(func(t *testing.T, token []byte) {
		document, err := encrypt(token, to)
		if err != nil {
			t.Fatal(err)
		}
		if s, err := l.Status(t.Context(), document, sealed.Body, who); err == nil {
			t.Fatalf("believed: %+v", s)
		}
	})
}
