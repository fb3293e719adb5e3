package wallet

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/reason"
)

// course is a badge as a school writes it.
type course struct {
	name, issuer, did, from, until, description, alignment string
}

func (c course) raw() []byte {
	until := ""
	if c.until != "" {
		until = fmt.Sprintf(`"validUntil":"%sT00:00:00Z",`, c.until)
	}
	return fmt.Appendf(nil, `{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiableCredential","OpenBadgeCredential"],
 "issuer":{"id":%q,"name":%q},"validFrom":"%sT00:00:00Z",%s
 "credentialSubject":{"achievement":{"name":%q,"achievementType":"Course","description":%q,"alignment":[%s]}}}`, c.did, c.issuer, c.from, until, c.name, c.description, c.alignment)
}

var courses = []course{
	{"Sveising på sjø", "Høgskulen på Ål", "did:web:hogskulen.example", "2024-05-02", "", "Buesveising under vann, 60 timar.", `{"targetName":"TIG-sveising"},{"targetType":"ext:EQF","targetName":"EQF level 4","targetCode":"4"}`},
	{"Kurs i datasikkerhet", "Universitetet i Bergen", "did:web:uib.example", "2025-11-30", "2026-01-31", "Om nettverk. Handler ikke om sveising.", `{"targetName":"nettverk"},{"targetFramework":"Nasjonalt kvalifikasjonsrammeverk","targetName":"NKR nivå 6.1"}`},
	{"Førstehjelpskurs", "Røde Kors", "did:web:rk.example", "2026-02-01", "", "Crème de la crème i Čáhcesuolu.", `{"targetName":"førstehjelp","targetUrl":"http://data.europa.eu/snb/eqf/6"}`},
	{"Barnehagepedagogikk", "Dronning Mauds", "did:web:dm.example", "2023-08-15", "", "Maling og leik med 2024 barn.", `{"targetName":"sveisarens hjelpar"}`},
}

func TestSearch(t *testing.T) {
	t.Parallel()
	w, _ := create(t, &MemoryStore{})
	title := map[string]string{}
	for _, c := range courses {
		title[add(t, w, c.raw()).ID] = strings.Fields(c.name)[0]
	}
	if _, err := w.Tag(t.Context(), w.Items()[3].ID, "søknad"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.SetNote(t.Context(), w.Items()[0].ID, "Hugs å fornye!"); err != nil {
		t.Fatal(err)
	}
	const sveising, data, hjelp, barn = "Sveising", "Kurs", "Førstehjelpskurs", "Barnehagepedagogikk"
	for query, want := range map[string][]string{
		"":        {sveising, data, hjelp, barn},
		"sveis":   {sveising, barn, data}, // title, skill, description
		"SVEISIN": {sveising, data}, "sveising sjø": {sveising}, "sjoe": {sveising}, "sjø, sveising.": {sveising},
		"SJO": {sveising}, "hogskulen al": {sveising}, "hoegskulen aal": {sveising}, "h\u00f8gskulen a\u030al": {sveising},
		"kurs":      {data, hjelp}, // a word before the inside of one
		"sikkerhet": {data}, "datasikkerhetskurs": {data}, "pedagogikk": {barn}, "hjelp": {hjelp, barn},
		"creme cahce": {hjelp}, "crème": {hjelp}, "sveiser": {sveising, barn, data}, "kurset": {data},
		"2024": {barn, sveising}, "2024-05": {sveising}, "2.5.2024": {sveising}, "05.2024": {sveising}, "24": nil, "60": {sveising},
		"EQF 4": {sveising}, "soeknad": {barn}, "fornye": {sveising}, "did:web:uib": {data}, "TIG": {sveising}, "noko anna": nil, "sveising datasikkerhet": {data},
		"xylofonkurs": nil, "zz": nil,
	} {
		var got []string
		for _, i := range w.Search(query) {
			got = append(got, title[i.ID])
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", query, got, want)
		}
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	w, _ := create(t, &MemoryStore{})
	var ids []string
	for _, c := range courses {
		ids = append(ids, add(t, w, c.raw()).ID)
	}
	for n, v := range []Verification{{Verdict: "valid"}, {Verdict: "valid"}, {Verdict: "invalid", Reason: "revoked"}} {
		v.At = noon
		if err := w.SetVerified(t.Context(), ids[n], v); err != nil {
			t.Fatal(err)
		}
	}
	for _, tags := range [][]string{{"Søknad", "2026"}, {"søknad"}} {
		if _, err := w.Tag(t.Context(), ids[len(tags)], tags...); err != nil {
			t.Fatal(err)
		}
	}
	day := func(s string) time.Time {
		d, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	for name, test := range map[string]struct {
		q    Query
		want []int
	}{
		"all":           {Query{}, []int{0, 1, 2, 3}},
		"issuer":        {Query{Issuer: "hoegskulen"}, []int{0}},
		"issuer's id":   {Query{Issuer: "did:web:uib"}, []int{1}},
		"not inside id": {Query{Issuer: "web:uib"}, nil},
		"skill":         {Query{Skill: "SVEIS"}, []int{0, 3}},
		"EQF":           {Query{Level: "eqf 6"}, []int{2}},
		"any 6":         {Query{Level: "6"}, []int{1, 2}},
		"NKR":           {Query{Level: "NKR nivå 6.1"}, []int{1}},
		"NKR 6":         {Query{Level: "NKR 6"}, []int{1}},
		"6.2":           {Query{Level: "6.2"}, nil},
		"tag":           {Query{Tags: []string{"SØKNAD"}}, []int{1, 2}},
		"two tags":      {Query{Tags: []string{"2026", "soeknad"}}, []int{2}},
		"since":         {Query{Since: day("2024-05-02")}, []int{0, 1, 2}},
		"until":         {Query{Until: day("2024-05-02")}, []int{3}},
		"valid":         {Query{State: StateValid, Now: day("2026-01-01")}, []int{0, 1}},
		"valid later":   {Query{State: StateValid, Now: day("2026-02-01")}, []int{0}},
		"expired":       {Query{State: StateExpired, Now: day("2026-02-01")}, []int{1}},
		"revoked":       {Query{State: StateRevoked}, []int{2}},
		"unchecked":     {Query{State: StateUnchecked}, []int{3}},
		"with words":    {Query{Text: "sveising", State: StateValid, Now: day("2026-01-01"), Level: "4"}, []int{0}},
	} {
		var got []int
		for _, i := range w.Find(test.q) {
			got = append(got, slices.Index(ids, i.ID))
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

func TestState(t *testing.T) {
	t.Parallel()
	for want, items := range map[State][]Item{
		StateValid:      {{Verified: &Verification{Verdict: "valid"}}, {Verified: &Verification{Verdict: "valid"}, ValidUntil: noon.Add(1)}},
		StateExpired:    {{ValidUntil: noon.Add(-1)}, {Verified: &Verification{Verdict: "valid"}, ValidUntil: noon.Add(-1)}, {Verified: &Verification{Verdict: "not-in-force", Reason: "expired"}}},
		StateRevoked:    {{Verified: &Verification{Verdict: "invalid", Reason: "revoked/issuer"}, ValidUntil: noon.Add(-1)}},
		StateUnchecked:  {{}, {Verified: &Verification{Verdict: "undetermined"}}, {Verified: &Verification{}}},
		StateUntrusted:  {{Verified: &Verification{Verdict: "untrusted"}}},
		StateNotInForce: {{Verified: &Verification{Verdict: "not-in-force", Reason: "suspended"}}},
		StateInvalid:    {{Verified: &Verification{Verdict: "invalid", Reason: "bad_signature"}, ValidUntil: noon.Add(-1)}},
	} {
		for _, i := range items {
			if got := i.State(noon); got != want {
				t.Errorf("%+v: %s, want %s", i.Verified, got, want)
			}
		}
		if !slices.Contains(States(), want) {
			t.Errorf("%s is not among the states", want)
		}
	}
}

// TestLevels reads levels as they are found in credentials.
func TestLevels(t *testing.T) {
	t.Parallel()
	for alignment, want := range map[string]string{
		`{"targetType":"ext:EQF","targetName":"EQF level 3","targetCode":"3"}`:                                "EQF 3",
		`{"targetType":"Alignment","targetFramework":"European Qualifications Framework","targetCode":"5"}`:   "EQF 5",
		`{"targetName":"Nivå 7","targetUrl":"http://data.europa.eu/snb/eqf/7"}`:                               "EQF 7",
		`{"targetType":"ext:NKR","targetCode":"6.2"}`:                                                         "NKR 6.2",
		`{"targetName":"NKR nivå 4B"}`:                                                                        "",
		`{"targetName":"NKR nivå 5.1"}`:                                                                       "NKR 5.1",
		`{"targetFramework":"Nasjonalt kvalifikasjonsrammeverk for livslang læring","targetName":"Nivå 6.1"}`: "NKR 6.1",
		`{"targetName":"EQF for lærarar"}`:                                                                    "", `{"targetName":"sveising 3"}`: "",
		`{"targetName":"EQF 2017"}`: "", `{"targetUrl":"http://data.europa.eu/snb/eqf/9","targetName":"x"}`: "",
	} {
		item, err := describe(course{name: "K", alignment: alignment}.rawOn("2024-01-01"))
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(item.Levels, " "); got != want || (want == "") == (len(item.Skills) == 0) && strings.Contains(alignment, "targetName") {
			t.Errorf("%s: %q and skills %q, want %q", alignment, got, item.Skills, want)
		}
	}
	elm := `{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiableCredential"],"issuer":"did:example:a","credentialSubject":{"hasClaim":[{"specifiedBy":{
		"eqfLevel":{"id":"http://data.europa.eu/snb/eqf/6","type":"Concept"},"nqfLevel":{"id":"http://data.europa.eu/snb/qdr/c_c392e7a2"}}}]}}`
	if item, err := describe([]byte(elm)); err != nil || !slices.Equal(item.Levels, []string{"EQF 6"}) {
		t.Error(item.Levels, err)
	}
}

func (c course) rawOn(day string) []byte {
	c.from, c.did, c.issuer = day, "did:example:a", "A"
	return c.raw()
}

func TestTagsAndNotes(t *testing.T) {
	t.Parallel()
	store := &MemoryStore{}
	w, _ := create(t, store)
	first, other := add(t, w, courses[0].raw()), add(t, w, courses[1].raw())
	item, err := w.Tag(t.Context(), first.ID[:6], "Søknad", " jobb  2026 ", "soeknad")
	if err != nil || !slices.Equal(item.Tags, []string{"Søknad", "jobb 2026"}) {
		t.Fatal(item.Tags, err)
	}
	before := len(w.lines)
	if _, err := w.Tag(t.Context(), first.ID, "SØKNAD"); err != nil || len(w.lines) != before {
		t.Errorf("a tag that is there is put on again: %v", err)
	}
	if _, err := w.Tag(t.Context(), other.ID, "søknad"); err != nil {
		t.Error(err)
	}
	if item, err = w.SetNote(t.Context(), first.ID, " To linjer:\nog den andre. "); err != nil || item.Note != "To linjer:\nog den andre." {
		t.Error(item.Note, err)
	}
	w = open(t, store)
	if got := fmt.Sprint(w.Tags()); got != "[{jobb 2026 1} {Søknad 2}]" {
		t.Error(got)
	}
	if item, err = w.Untag(t.Context(), first.ID, "soeknad", "never there"); err != nil || !slices.Equal(item.Tags, []string{"jobb 2026"}) {
		t.Error(item.Tags, err)
	}
	item.Tags[0] = "changed by the caller"
	if item, err = w.SetNote(t.Context(), first.ID, ""); err != nil || item.Note != "" || !slices.Equal(item.Tags, []string{"jobb 2026"}) {
		t.Error(item.Note, item.Tags, err)
	}
	if got := open(t, store).Items(); !slices.Equal(got[0].Tags, []string{"jobb 2026"}) || got[0].Note != "" || !slices.Equal(got[1].Tags, []string{"søknad"}) {
		t.Errorf("%+v", got)
	}
	for name, err := range map[string]error{
		"empty":      second(w.Tag(t.Context(), first.ID, " ")),
		"two lines":  second(w.Tag(t.Context(), first.ID, "a\nb\x07")),
		"long":       second(w.Tag(t.Context(), first.ID, strings.Repeat("a", maxTag+1))),
		"many":       second(w.Tag(t.Context(), first.ID, numbers(maxTag+1)...)),
		"a novel":    second(w.SetNote(t.Context(), first.ID, strings.Repeat("a", maxNote+1))),
		"not a text": second(w.SetNote(t.Context(), first.ID, "\xff")),
	} {
		if reason.CodeOf(err) != reason.Usage {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := w.Tag(t.Context(), "zzzz", "a"); reason.CodeOf(err) != "not_found/item" {
		t.Error(err)
	}
}

func second[T any](_ T, err error) error { return err }

func numbers(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprint(i)
	}
	return out
}

// TestMergedTags: tags and notes of two copies come together word by word; of
// two notes the later one stays.
func TestMergedTags(t *testing.T) {
	t.Parallel()
	one, two := twoLaptops(t, courses[0].raw())
	id := one.Items()[0].ID
	mark := func(l *laptop, minute int, do func() (Item, error)) {
		t.Helper()
		l.now = noon.Add(time.Duration(minute) * time.Minute)
		if _, err := do(); err != nil {
			t.Fatal(err)
		}
	}
	mark(one, 1, func() (Item, error) { return one.Tag(t.Context(), id, "søknad", "gamal") })
	mark(two, 2, func() (Item, error) { return two.Tag(t.Context(), id, "SØKNAD", "jobb") })
	mark(two, 3, func() (Item, error) { return two.SetNote(t.Context(), id, "frå to") })
	mark(one, 4, func() (Item, error) { return one.SetNote(t.Context(), id, "frå ein") })
	mark(one, 5, func() (Item, error) { return one.Untag(t.Context(), id, "gamal") })
	mergeBoth(t, one, two)
	for _, l := range []*laptop{one, two} {
		i := l.Items()[0]
		if !slices.Equal(i.Tags, []string{"søknad", "jobb"}) || i.Note != "frå ein" {
			t.Errorf("%q %q", i.Tags, i.Note)
		}
	}
}
