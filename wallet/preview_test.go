package wallet_test

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/key/bbskey"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/cose"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/credential/proof/jose"
	"github.com/kompetansebevis/bevis/credential/proof/sdjwt"
	"github.com/kompetansebevis/bevis/credential/proof/suites"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/verifier"
	"github.com/kompetansebevis/bevis/wallet"
)

var june = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// kari is somebody with a wallet and a key to be issued to.
type kari struct {
	*wallet.Wallet
	t     *testing.T
	all   proof.Set
	store *wallet.MemoryStore
	me    string
}

func newKari(t *testing.T) *kari {
	t.Helper()
	all, err := suites.All()
	if err != nil {
		t.Fatal(err)
	}
	k := &kari{t: t, all: all, store: &wallet.MemoryStore{}}
	k.Wallet, _, err = wallet.Create(t.Context(), wallet.Cheap(wallet.CreateRequest{Store: k.store, Passphrase: []byte("fire hester i regn"), Now: func() time.Time { return june }}))
	if err != nil {
		t.Fatal(err)
	}
	if k.me, err = k.NewKey(t.Context()); err != nil {
		t.Fatal(err)
	}
	return k
}

func (k *kari) suite(id proof.ID) proof.Suite {
	k.t.Helper()
	s, err := k.all.Suite(id)
	if err != nil {
		k.t.Fatal(err)
	}
	return s
}

// keeps issues a credential with canaries for values and keeps it. About is
// whom it is about, "" for nobody by an id.
func (k *kari) keeps(form proof.ID, about string, disclosable ...string) (item wallet.Item, from string) {
	k.t.Helper()
	kind := key.Ed25519
	if form == dataintegrity.ECDSASD2023 {
		kind = key.P256
	}
	private, err := key.Generate(kind)
	if err != nil {
		k.t.Fatal(err)
	}
	id, method, err := did.KeyID(private.Public())
	if err != nil {
		k.t.Fatal(err)
	}
	signer := private.Signer(method)
	if form == dataintegrity.BBS2023 {
		secret, err := bbskey.Generate()
		if err != nil {
			k.t.Fatal(err)
		}
		if id, method, err = did.KeyID(secret.Public()); err != nil {
			k.t.Fatal(err)
		}
		signer = secret.Signer(method)
	}
	lists := k.suite(form)
	switch form {
	case dataintegrity.ECDSASD2023:
		lists = k.suite(dataintegrity.ECDSARDFC2019)
	case dataintegrity.BBS2023:
		lists = dataintegrity.Whole(lists)
	case sdjwt.VCSDJWT:
		lists = k.suite(jose.VCJWT)
	}
	i, err := issuer.New(issuer.Config{Profile: openbadge.Profile{ID: id, Name: "Kanarikursstedet"}, Signer: signer,
		Suite: k.suite(form), ListSuite: lists, Ledger: issuer.NewMemoryLedger(), Now: func() time.Time { return june }})
	if err != nil {
		k.t.Fatal(err)
	}
	who := issuer.Recipient{ID: about, Name: "Kanari Nordmann"}
	if about == "" {
		who.Email = "kanari@example.com"
	}
	award := issuer.Award{Disclosable: disclosable, Recipient: who, Narrative: "kanarifortelling", Credits: 7.25,
		Achievement: openbadge.Achievement{ID: "https://kurs.example/a/kanari", Name: "Kanarisveising", Description: "Kanariskildring.", Criteria: &openbadge.Criteria{Narrative: "Kanarikrav."}}}
	got, err := i.Issue(k.t.Context(), award)
	if err != nil {
		k.t.Fatal(form, err)
	}
	item, _, err = k.Add(k.t.Context(), wallet.AddRequest{Raw: got.Credential})
	if err != nil {
		k.t.Fatal(err)
	}
	return item, id
}

// said returns the leaves of a document, as JSON pointers with values.
func said(t *testing.T, raw []byte) map[string]string {
	t.Helper()
	var doc any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&doc); err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	var walk func(v any, at string)
	walk = func(v any, at string) {
		switch v := v.(type) {
		case map[string]any:
			for name, inner := range v {
				walk(inner, at+"/"+strings.NewReplacer("~", "~0", "/", "~1").Replace(name))
			}
		case []any:
			for n, inner := range v {
				walk(inner, at+"/"+string(rune('0'+n)))
			}
		case json.Number:
			out[at] = v.String()
		case bool:
			out[at] = strconv.FormatBool(v)
		case string:
			out[at] = v
		default:
			t.Fatalf("%s: %T", at, v)
		}
	}
	walk(doc, "")
	return out
}

// TestPreviewIsWhatIsShown: for every form, what the preview shows is what
// stands in the bytes that are handed out, no more and no less, and it changes
// nothing.
func TestPreviewIsWhatIsShown(t *testing.T) {
	t.Parallel()
	k := newKari(t)
	for _, form := range []proof.ID{dataintegrity.EdDSARDFC2022, dataintegrity.EdDSAJCS2022, jose.VCJWT, cose.VCCOSE, dataintegrity.ECDSASD2023, dataintegrity.BBS2023, sdjwt.VCSDJWT} {
		item, _ := k.keeps(form, k.me)
		for _, show := range [][]string{nil, {"/credentialSubject/narrative"}} {
			r := wallet.ShareRequest{IDs: []string{item.ID}, Audience: audience, Purpose: "søknad", Challenge: challenge, Expires: june.Add(time.Hour),
				Suite: k.suite(dataintegrity.EdDSAJCS2022), Disclosers: k.all, Show: show}
			before, _, err := k.store.Load(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			seen, err := k.Preview(t.Context(), r)
			if err != nil {
				t.Fatal(form, err)
			}
			after, _, err := k.store.Load(t.Context())
			if err != nil || !bytes.Equal(before, after) || len(k.Keys()) != 1 {
				t.Errorf("%s: a preview changes the wallet", form)
			}
			signed, share, err := k.Share(t.Context(), r)
			if err != nil {
				t.Fatal(form, err)
			}
			if seen.Holder != share.Holder || !seen.Bound || seen.Audience != audience || len(seen.SameKey) != 0 || len(seen.Credentials) != 1 {
				t.Errorf("%s: %+v", form, seen)
			}
			c := seen.Credentials[0]
			whole := !slices.Contains([]proof.ID{dataintegrity.ECDSASD2023, dataintegrity.BBS2023, sdjwt.VCSDJWT}, form)
			if c.Whole != whole || whole && len(c.Withheld) > 0 || !whole && len(c.Withheld) == 0 {
				t.Errorf("%s: whole is %v, and %q is kept back", form, c.Whole, c.Withheld)
			}
			shown := map[string]string{}
			for _, f := range c.Fields {
				shown[f.Pointer] = f.Value
			}
			for at, value := range said(t, documentIn(t, k.all, signed)) {
				switch got, ok := shown[at]; {
				case strings.HasPrefix(at, "/proof/"):
				case !ok:
					t.Errorf("%s: the receiver sees %s, which the preview does not have", form, at)
				case got != value:
					t.Errorf("%s: %s is %q, and the preview says %q", form, at, value, got)
				}
				delete(shown, at)
			}
			for at := range shown {
				if !strings.HasPrefix(at, "/proof/") {
					t.Errorf("%s: the preview has %s, which the receiver does not see", form, at)
				}
			}
			if narrative := strings.Contains(values(c), "kanarifortelling"); narrative != (whole || show != nil) {
				t.Errorf("%s, %q: the narrative is shown: %v", form, show, narrative)
			}
			if name := strings.Contains(values(c), "Kanari Nordmann"); name != whole {
				t.Errorf("%s: the name is shown: %v", form, name)
			}
			if asked := slices.Contains(c.Unasked, "credentialSubject.narrative"); asked || (len(c.Unasked) > 0) != (show != nil) {
				t.Errorf("%s, %q: said to be unasked for: %q", form, show, c.Unasked)
			}
			if whole && show != nil && !slices.ContainsFunc(c.Unasked, func(s string) bool { return strings.HasPrefix(s, "credentialSubject.identifier") }) {
				t.Errorf("%s: it is not said that the name shows: %q", form, c.Unasked)
			}
		}
	}
}

func values(c wallet.PreviewCredential) string {
	out := ""
	for _, f := range c.Fields {
		out += f.Value + "\n"
	}
	return out
}

// documentIn reads the one credential of a presentation as its receiver does:
// by the verifier, not by the wallet.
func documentIn(t *testing.T, all proof.Set, signed []byte) []byte {
	t.Helper()
	v, err := verifier.New(verifier.Config{Suites: all, Resolver: did.Mux{"key": did.Key{}}, Trust: trust.Pins("did:example:nobody"), Status: verifier.NoStatus{}, Now: func() time.Time { return june }})
	if err != nil {
		t.Fatal(err)
	}
	report, _ := v.Verify(t.Context(), verifier.Request{Raw: signed, Audience: audience, Challenge: challenge})
	if len(report.Parts) != 1 || report.Parts[0].Claimed() == nil {
		t.Fatalf("%v: %d parts", report.Verdict, len(report.Parts))
	}
	return report.Parts[0].Claimed().Document().AppendJSON(nil)
}

// TestKeyForEachReceiver: two receivers see two keys, one receiver the same
// each time, also after the wallet was closed; and where the credential is
// about a key, it is said who has seen that.
func TestKeyForEachReceiver(t *testing.T) {
	t.Parallel()
	k := newKari(t)
	bound, _ := k.keeps(dataintegrity.EdDSAJCS2022, k.me)
	bare, _ := k.keeps(dataintegrity.EdDSAJCS2022, "")
	request := func(item, receiver string) wallet.ShareRequest {
		return wallet.ShareRequest{IDs: []string{item}, Audience: receiver, Suite: k.suite(dataintegrity.EdDSAJCS2022)}
	}
	to := func(w *wallet.Wallet, item, receiver string) wallet.Share {
		t.Helper()
		_, share, err := w.Share(t.Context(), request(item, receiver))
		if err != nil {
			t.Fatal(err)
		}
		return share
	}
	if seen, err := k.Preview(t.Context(), request(bare.ID, "a")); err != nil || seen.Holder != "" || seen.Bound {
		t.Errorf("%+v, %v", seen, err)
	}
	a, b := to(k.Wallet, bare.ID, "a"), to(k.Wallet, bare.ID, "b")
	if a.Holder == b.Holder || a.Holder == k.me || b.Holder == k.me || a.Bound {
		t.Error("two receivers see the same key")
	}
	again, err := wallet.Open(t.Context(), wallet.OpenRequest{Store: k.store, Passphrase: []byte("fire hester i regn"), Now: func() time.Time { return june }})
	if err != nil {
		t.Fatal(err)
	}
	if got := to(again, bare.ID, "a"); got.Holder != a.Holder {
		t.Error("the same receiver sees another key")
	}
	if seen, err := again.Preview(t.Context(), request(bare.ID, "a")); err != nil || seen.Holder != a.Holder || len(seen.SameKey) != 0 {
		t.Errorf("%+v, %v", seen, err)
	}
	if ids := again.IDs(); !slices.Equal(ids, []string{k.me}) || len(again.Keys()) != 3 {
		t.Errorf("to be given to issuers: %q of %d", ids, len(again.Keys()))
	}
	if got := to(again, bound.ID, "a"); got.Holder != k.me || !got.Bound {
		t.Error("what is about a key is signed with another")
	}
	if seen, err := again.Preview(t.Context(), request(bound.ID, "b")); err != nil || !slices.Equal(seen.SameKey, []string{"a"}) {
		t.Errorf("%+v, %v", seen, err)
	}
}

// TestNothingLeavesUnlogged: where the log cannot be written, no bytes come out.
func TestNothingLeavesUnlogged(t *testing.T) {
	t.Parallel()
	k := newKari(t)
	item, _ := k.keeps(dataintegrity.EdDSAJCS2022, k.me)
	full := &fullStore{Store: k.store}
	w, err := wallet.Open(t.Context(), wallet.OpenRequest{Store: full, Passphrase: []byte("fire hester i regn"), Now: func() time.Time { return june }})
	if err != nil {
		t.Fatal(err)
	}
	full.full = true
	r := wallet.ShareRequest{IDs: []string{item.ID}, Audience: audience, Suite: k.suite(dataintegrity.EdDSAJCS2022)}
	if signed, share, err := w.Share(t.Context(), r); reason.CodeOf(err) != reason.IO || signed != nil || share.ID != "" {
		t.Errorf("%d bytes, %+v, %v", len(signed), share, err)
	}
	if out, err := w.ShareLink(t.Context(), r, ""); reason.CodeOf(err) != reason.IO || out.Body != nil || out.Key != "" {
		t.Errorf("%+v, %v", out, err)
	}
	if err := w.RequestDeletion(t.Context(), "x"); reason.CodeOf(err) != "not_found/share" {
		t.Error(err)
	}
	r.MaxBytes = 100
	full.full = false
	if signed, _, err := w.Share(t.Context(), r); reason.CodeOf(err) != "usage/share-size" || signed != nil || len(w.Shares()) != 0 {
		t.Errorf("%d bytes, %v", len(signed), err)
	}
}

type fullStore struct {
	wallet.Store
	full bool
}

func (f *fullStore) Swap(ctx context.Context, old string, blob []byte) (string, error) {
	if f.full {
		return "", reason.New(reason.IO, "", "no space left on device")
	}
	return f.Store.Swap(ctx, old, blob)
}

// TestTitleKeptBack: what the holder calls a credential is not told to the
// receiver where the name in it is kept back; a page would have it as a heading.
func TestTitleKeptBack(t *testing.T) {
	t.Parallel()
	k := newKari(t)
	const name = "/credentialSubject/achievement/name"
	for _, form := range []proof.ID{dataintegrity.ECDSASD2023, dataintegrity.BBS2023, sdjwt.VCSDJWT} {
		item, _ := k.keeps(form, k.me, name, "/name")
		if item.Title != "Kanarisveising" {
			t.Fatal(form, item.Title)
		}
		for _, show := range [][]string{nil, {name}} {
			seen, err := k.Preview(t.Context(), wallet.ShareRequest{IDs: []string{item.ID}, Audience: audience, Suite: k.suite(dataintegrity.EdDSAJCS2022), Disclosers: k.all, Show: show})
			if err != nil {
				t.Fatal(form, err)
			}
			c := seen.Credentials[0]
			if shown := strings.Contains(values(c), "Kanarisveising"); shown != (show != nil) {
				t.Fatalf("%s: the name is shown: %v", form, shown)
			}
			if told := c.Title == "Kanarisveising"; told != (show != nil) {
				t.Errorf("%s, %q: the title is %q", form, show, c.Title)
			}
		}
	}
}
