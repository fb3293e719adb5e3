package review_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/catalogue/review"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/wallet"
)

// rows returns, for each record of a store, all its values by their path.
func rows(t *testing.T, store *wallet.MemoryStore) (salt string, out []map[string]string) {
	t.Helper()
	blob, _, err := store.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for n, line := range strings.Split(strings.TrimSpace(string(blob)), "\n") {
		var value any
		if err := json.Unmarshal([]byte(line), &value); err != nil {
			t.Fatal(err)
		}
		row := map[string]string{}
		flatten("", value, row)
		if n == 0 {
			salt = row["/salt"]
		} else {
			out = append(out, row)
		}
	}
	return salt, out
}

func flatten(at string, value any, into map[string]string) {
	switch v := value.(type) {
	case map[string]any:
		for name, member := range v {
			flatten(at+"/"+name, member, into)
		}
	case []any:
		for i, item := range v {
			flatten(fmt.Sprintf("%s/%d", at, i), item, into)
		}
	default:
		into[at] = fmt.Sprint(v)
	}
}

// common returns the paths in one row whose value stands anywhere in another.
func common(a, b map[string]string) []string {
	var out []string
	values := slices.Collect(maps.Values(b))
	for _, path := range slices.Sorted(maps.Keys(a)) {
		if slices.Contains(values, a[path]) {
			out = append(out, path)
		}
	}
	return out
}

// TestUnlinkable: two reviews of one person, with one key, have in common
// what reviews of two persons have in common, and nothing else: for another
// course in another catalogue, and for another course in the same.
func TestUnlinkable(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	otherOperator := "did:web:annen.example"
	second, secondStore := w.open(otherOperator)
	p, kari, ola := w.provider("kursstedet"), w.citizen(), w.citizen()
	a, b := p.offer("sveising"), p.offer("lodding")
	me, him := kari.key(), ola.key()
	const text = "Fint kurs."
	for _, who := range []struct {
		citizen
		key string
	}{{kari, me}, {ola, him}} {
		onA, onB := who.completes(p, a, who.key), who.completes(p, b, who.key)
		w.accepted(who.review(onA, operator, content(a, 4, text)))
		w.accepted(who.review(onB, operator, content(b, 4, text)))
		if _, err := accept(t, second, who.review(onB, otherOperator, content(b, 4, text))); err != nil {
			t.Fatal(err)
		}
	}
	_, first := rows(t, w.store)
	_, apart := rows(t, secondStore)
	all := slices.Concat(first, apart)
	if !slices.IsSortedFunc(first, func(x, y map[string]string) int { return strings.Compare(x["/id"], y["/id"]) }) {
		t.Error("the order of the records tells the order in which they came")
	}
	// Whose row is whose is known from the pseudonyms that the wallets prove.
	mine := map[string][]map[string]string{} // by person, in order a, b, b in the second catalogue
	for _, who := range []struct {
		citizen
		key string
	}{{kari, me}, {ola, him}} {
		for _, row := range all {
			if slices.Contains([]string{pseudonym(t, who.citizen, who.key, a), pseudonym(t, who.citizen, who.key, b)}, row["/pseudonym"]) {
				mine[who.key] = append(mine[who.key], row)
			}
		}
		slices.SortStableFunc(mine[who.key], func(x, y map[string]string) int {
			return strings.Compare(x["/course"], y["/course"]) * -1
		})
	}
	if len(mine[me]) != 3 || len(mine[him]) != 3 || mine[me][0]["/course"] != a || len(mine[me][0]) < 15 {
		t.Fatalf("%d and %d rows: %v", len(mine[me]), len(mine[him]), mine[me])
	}
	for n, name := range map[int]string{1: "in one catalogue", 2: "in two catalogues"} {
		own, foreign := common(mine[me][0], mine[me][n]), common(mine[me][0], mine[him][n])
		if !slices.Equal(own, foreign) || len(own) == 0 || slices.Contains(own, "/pseudonym") {
			t.Errorf("%s one's own have %v in common, and those of two persons %v", name, own, foreign)
		}
	}
	// The limit: one course, in two catalogues, has one pseudonym, so that a
	// count over both would not take it for two persons.
	own := common(mine[me][1], mine[me][2])
	if !slices.Contains(own, "/pseudonym") || slices.Contains(own, "/id") || slices.Contains(own, "/credential") || slices.Contains(own, "/seen/0/digest") {
		t.Errorf("the same course twice: %v", own)
	}
	// Nothing of the holder, the credential or the day is in a store.
	for _, store := range []*wallet.MemoryStore{w.store, secondStore} {
		blob, _, err := store.Load(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range append(kari.Items(), ola.Items()...) {
			for _, secret := range []string{item.Subject, strings.TrimPrefix(item.Subject, "did:key:"), item.Credential, strings.TrimPrefix(item.Credential, "urn:uuid:"), item.ID, "2026-06-03"} {
				if secret == "" || bytes.Contains(blob, []byte(secret)) {
					t.Errorf("%q stands in the store", secret)
				}
			}
		}
	}
}

// pseudonym is the output of the holder's key, which only the wallet can make.
func pseudonym(t *testing.T, c citizen, holder, course string) string {
	t.Helper()
	for _, item := range c.Items() {
		if item.Subject != holder {
			continue
		}
		proof, err := c.ProvePseudonym(t.Context(), item.ID, review.Alpha(course))
		if err != nil {
			t.Fatal(err)
		}
		public, err := key.ParseMultikey(strings.TrimPrefix(holder, "did:key:"))
		if err != nil {
			t.Fatal(err)
		}
		out, err := public.VerifyVRF(review.Alpha(course), proof)
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(out[:32])
	}
	t.Fatal("no credential about the key")
	return ""
}

// guesses are the values that somebody who has the stores, with their salts,
// and a list of holders can compute for each holder: every text and key,
// hashed, keyed and joined in the usual ways.
func guesses(holder, course, salt string) map[string]bool {
	public := strings.TrimPrefix(holder, "did:key:")
	parsed, _ := key.ParseMultikey(public)
	saltBytes, _ := hex.DecodeString(salt)
	names := []string{holder, public, string(parsed.JWK()), parsed.Thumbprint()}
	inputs := []string{"", course, string(review.Alpha(course)), operator, review.Schema}
	out := map[string]bool{}
	add := func(raw []byte) {
		for _, cut := range [][]byte{raw, raw[:32], raw[len(raw)-32:]} {
			out[base64.RawURLEncoding.EncodeToString(cut)] = true
			out[hex.EncodeToString(cut)] = true
		}
	}
	sums := []func() hash.Hash{sha256.New, sha512.New}
	for _, name := range names {
		for _, input := range inputs {
			for _, join := range []string{"", "\n", "#"} {
				for _, text := range []string{name + join + input, input + join + name} {
					for _, sum := range sums {
						h := sum()
						h.Write([]byte(text))
						add(h.Sum(nil))
						for _, k := range []string{salt, string(saltBytes), operator, name, input} {
							m := hmac.New(sum, []byte(k))
							m.Write([]byte(text))
							add(m.Sum(nil))
							m.Reset()
							m.Write([]byte(input))
							add(m.Sum(nil))
						}
						for _, domain := range []string{"credential\n", "submission\n", "pseudonym\n"} {
							m := hmac.New(sum, saltBytes)
							m.Write([]byte(domain + text))
							add(m.Sum(nil))
						}
					}
				}
			}
		}
	}
	return out
}

// found returns the paths of the values that a list of holders explains.
func found(holders []string, salt string, rows []map[string]string) []string {
	var out []string
	for _, row := range rows {
		for _, holder := range holders {
			known := guesses(holder, row["/course"], salt)
			for path, value := range row {
				if known[value] {
					out = append(out, path)
				}
			}
		}
	}
	return out
}

// TestHolderListTellsNothing: with both stores and a list of all holders, no
// value of a row can be computed. The same search finds at once a pseudonym
// that the operator would make with a secret of its own.
func TestHolderListTellsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p, kari := w.provider("kursstedet"), w.citizen()
	var holders []string
	for _, id := range []string{"a", "b"} {
		ref, me := p.offer(id), kari.key()
		holders = append(holders, me)
		w.accepted(kari.review(kari.completes(p, ref, me), operator, content(ref, 5, "")))
		kari.key() // somebody who has written nothing
	}
	holders = append(holders, kari.Keys()...)
	salt, all := rows(t, w.store)
	if got := found(holders, salt, all); len(got) > 0 {
		t.Errorf("a list of holders gives away %v", got)
	}
	saltBytes, err := hex.DecodeString(salt)
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha256.New, saltBytes)
	mac.Write([]byte(holders[0] + "\n" + all[0]["/course"]))
	all[0]["/pseudonym"] = base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
	if got := found(holders, salt, all); !slices.Equal(got, []string{"/pseudonym", "/pseudonym"}) { // the holder stands in the list twice
		t.Errorf("the search would not find anything: %v", got)
	}
}

// TestForgets: what tells the day a review was sent in goes with the time in
// which it could be sent again.
func TestForgets(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p, kari := w.provider("kursstedet"), w.citizen()
	ref := p.offer("sveising")
	file := kari.review(kari.completes(p, ref, kari.key()), operator, content(ref, 5, ""))
	w.accepted(file)
	until := func() string { _, all := rows(t, w.store); return all[0]["/seen/0/until"] }
	w.now = noon.AddDate(0, 0, 14)
	w.sweep()
	if until() != "2026-06-17" {
		t.Errorf("forgotten too early: %s", until())
	}
	w.accepted(file)
	w.now = noon.AddDate(0, 0, 15)
	w.sweep()
	if until() != "" {
		t.Errorf("remembered until %s", until())
	}
	if _, err := accept(t, w.collector, file); reason.CodeOf(err) != "review_refused/day" {
		t.Error(err)
	}
	if len(w.reviews()) != 1 {
		t.Error(w.reviews())
	}
}
