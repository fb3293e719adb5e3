package verifier_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/credential/bake"
	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/key/bbskey"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/credential/proof/jose"
	"github.com/kompetansebevis/bevis/credential/proof/sdjwt"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/internal/testcorpus"
	"github.com/kompetansebevis/bevis/internal/testdepth"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/verifier"
)

// sample is a document that is to be mutated, with what it takes to judge it.
type sample struct {
	name string
	raw  []byte
	v    *verifier.Verifier
	req  verifier.Request
}

func (s sample) judge(t testing.TB, raw []byte) *verifier.Report {
	req := s.req
	req.Raw = raw
	report, _ := s.v.Verify(t.Context(), req)
	return report
}

// proofHolds reports whether a signature was found right and none wrong: for
// documents that are valid for nobody, such as those whose key nothing ties to
// their issuer.
func proofHolds(r *verifier.Report) bool {
	found := false
	for _, c := range r.Checks {
		if c.ID == verifier.CheckProof && (c.Outcome == verifier.Fail || c.Outcome == verifier.Unknown) {
			return false
		}
		found = found || c.ID == verifier.CheckProof && c.Outcome == verifier.Pass
	}
	return found
}

type counts struct{ samples, mutations, refused, held int }

// everyMember changes, removes and adds each member of a sample in turn, or every
// so many of them. Where that makes no difference, the map must have said so.
func everyMember(t *testing.T, s sample, oneIn int) (n counts) {
	base := s.judge(t, s.raw)
	holds := proofHolds
	if base.Verdict == verifier.Valid {
		holds = func(r *verifier.Report) bool { return r.Verdict == verifier.Valid }
	} else if !proofHolds(base) {
		return n
	}
	if bake.Detect(s.raw) != bake.Unknown {
		baked, _ := bake.Extract(s.raw, bake.Limits{})
		s.raw = baked.Credential
		base = s.judge(t, s.raw)
	}
	known := coverage(t, base)
	n.samples = 1
	for _, text := range texts(t, s.raw) {
		if same := s.judge(t, text.build(text.value)); text.part == proof.PartDocument && !holds(same) {
			t.Fatalf("%s: does not hold when written anew: %v", s.name, same.Err())
		}
		for at := range allPlaces(text.value) {
			if _, ok := known.places[place{text.part, at}]; !ok {
				t.Errorf("%s: %s %s is not on the map", s.name, text.part, at)
			}
		}
		all, step := mutations(text.value), oneIn
		if len(all) < 100 {
			step = 1
		}
		for i := len(s.name) % step; i < len(all); i += step { // documents that are alike begin elsewhere
			m := all[i]
			n.mutations++
			report := s.judge(t, text.build(m.value))
			if !holds(report) {
				n.refused++
				p := known.places[place{text.part, m.at}]
				// What several proofs cover is told as if each could be taken
				// away, which this one mutation does not do.
				// Without a type its terms may be defined no more, and
				// without an id its object is another thing.
				other := reason.CodeOf(report.Err()) == "unsigned_data/undefined-term" || strings.HasSuffix(m.at, "/id") || len(text.value.Get("proof").Items()) > 1
				if m.gone && !other && (p.Why == proof.SaidElsewhere || p.Why == proof.SaysNothing) {
					t.Errorf("%s: %s %s is said to be unprotected, and without it: %v", s.name, text.part, m.at, report.Err())
				}
				continue
			}
			n.held++
			from := known
			if m.added {
				from = coverage(t, report)
			}
			p, ok := from.places[place{text.part, m.at}]
			open := ok && (p.State == proof.Unprotected || p.State == proof.Outside) || m.gone && p.Optional ||
				m.order && slices.Contains(known.Spellings, verifier.SetOrder) ||
				m.folds && strings.HasSuffix(m.at, "/@language") && slices.Contains(known.Spellings, verifier.LanguageCase)
			if !open {
				t.Errorf("%s: %s %s %s, and it still holds; on the map it is %s (%s)", s.name, text.part, m.at, m.what, p.State, p.Why)
			}
		}
	}
	return n
}

type place struct {
	part proof.Part
	at   string
}

type mapped struct {
	*verifier.Coverage
	places map[place]proof.Place
}

func coverage(t testing.TB, r *verifier.Report) mapped {
	t.Helper()
	c, err := r.Coverage(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	out := mapped{c, map[place]proof.Place{}}
	for _, p := range c.Places {
		if _, twice := out.places[place{p.Part, p.At}]; twice {
			t.Errorf("%s %s is on the map twice", p.Part, p.At)
		}
		out.places[place{p.Part, p.At}] = p
	}
	return out
}

func allPlaces(v *strictjson.Value) map[string]bool {
	out := map[string]bool{}
	proof.WalkPlaces("", v, func(at string, _ *strictjson.Value) bool {
		out[at] = true
		return true
	})
	return out
}

// collected are the credentials of the corpora, each as it is judged best.
func collected(t *testing.T) []sample {
	root := testcorpus.Path(t, "dcc")
	const base = "https://digitalcredentials.github.io/vc-test-fixtures/"
	web := files{base + "statusLists/didkey-ed25519Signature2020/e5WK8CbZ1GjycuPombrj": read(t, root, "statusLists/didkey-ed25519Signature2020/e5WK8CbZ1GjycuPombrj")}
	for _, name := range []string{"legacy", "oidf"} {
		web[base+"dids/"+name+"/did.json"] = read(t, root, "dids", name, "did.json")
	}
	v := newVerifier(t, verifier.Config{Trust: trust.AnyoneUnsafe(), Status: web, Resolver: did.Mux{"key": did.Key{}, "jwk": did.JWK{}, "web": did.Web{Fetcher: web}}})
	var out []sample
	for _, folder := range []string{"dcc", "openbadges/1edtech", "openbadges/clr20", "vc-di-eddsa", "vc-di-ecdsa", "other/jff"} {
		err := filepath.WalkDir(testcorpus.Path(t, folder), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			raw, err := os.ReadFile(path)
			out = append(out, sample{name: path, raw: raw, v: v})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	root = testcorpus.Path(t, "attacks")
	var index struct{ Entries []attack }
	if err := json.Unmarshal(read(t, root, "index.json"), &index); err != nil {
		t.Fatal(err)
	}
	for _, e := range index.Entries {
		if e.Kind == "support" {
			continue
		}
		req := verifier.Request{At: e.Options.Time, Audience: e.Options.Audience, Challenge: e.Options.Nonce,
			RequireHolder: e.Options.RequireHolderBinding || e.Options.RequireKeyBinding, StatusLists: map[string][]byte{}}
		for url, file := range e.Options.StatusLists {
			req.StatusLists[url] = read(t, root, file)
		}
		out = append(out, sample{e.File, read(t, root, e.File), newVerifier(t, verifier.Config{Trust: trust.Pins(e.Options.TrustedIssuers...)}), req})
	}
	return out
}

// TestEveryMember: for every credential of the corpora, each member changed,
// removed or added in turn: either the verdict is another, or the member was on
// the coverage map as unprotected.
func TestEveryMember(t *testing.T) {
	var all counts
	oneIn := testdepth.OneIn(t, 11)
	for i, s := range collected(t) {
		if testing.Short() && i%10 != 0 {
			continue
		}
		n := everyMember(t, s, oneIn)
		all.samples += n.samples
		all.mutations += n.mutations
		all.refused += n.refused
		all.held += n.held
	}
	t.Logf("%d documents with a right proof, %d mutations, %d refused, %d held as the map says", all.samples, all.mutations, all.refused, all.held)
	if all.samples < 10 {
		t.Error("hardly anything was mutated")
	}
}

// TestEveryMemberOfOurs does the same with one document for each way to sign
// and each way to wrap, with no corpus.
func TestEveryMemberOfOurs(t *testing.T) {
	t.Parallel()
	p, kari := newParty(t), newParty(t)
	p256, bbs := withKey(t, key.P256), withBBS(t)
	// A node in two places, a text in two languages, an ordered list, a number.
	rich := func(p party) []byte {
		doc, err := strictjson.ParseObject(p.credential(kari.id, nil), strictjson.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		subject, err := strictjson.ParseObject([]byte(`{"type":["AchievementSubject"],"id":"`+kari.id+`","creditsEarned":5,"achievement":{"id":"https://kurs.example/1","type":["Achievement"],
			"name":"Kurs","description":"d","criteria":{"narrative":"c"},"tag":["a","b","a"],"creator":{"id":"`+p.id+`","type":["Profile"],"name":"Kursstedet"},
			"resultDescription":[{"id":"urn:r","type":["ResultDescription"],"name":"r","resultType":"LetterGrade","allowedValue":["A","B","A"]}]}}`), strictjson.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		names, err := strictjson.Parse([]byte(`[{"@value":"Kurs","@language":"nb"},{"@value":"Course","@language":"en"}]`), strictjson.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		return doc.With("credentialSubject", subject).With("name", names).AppendJSON(nil)
	}
	whole := p.sign(dataintegrity.EdDSARDFC2022, rich(p), proof.Params{})
	jcs := p.sign(dataintegrity.EdDSAJCS2022, rich(p), proof.Params{})
	first := p.sign(dataintegrity.EdDSARDFC2022, rich(p), proof.Params{ProofID: "urn:first"})
	chain := p.sign(dataintegrity.EdDSARDFC2022, first, proof.Params{Previous: []string{"urn:first"}})
	textChain := p.sign(dataintegrity.EdDSAJCS2022, first, proof.Params{Previous: []string{"urn:first"}})
	token := p.sign(jose.VCJWT, rich(p), proof.Params{})
	sd := p.sign(sdjwt.DCSDJWT, p.credential(kari.id, nil), proof.Params{Disclosable: narrative})
	forKari := p.sign(sdjwt.DCSDJWT, p.credential(kari.id, nil), proof.Params{Disclosable: narrative, Holder: kari.signer.Public()})
	bare, err := sdjwt.DC().(proof.Discloser).Disclose(t.Context(), sd, proof.Disclosure{Pointers: narrative})
	if err != nil {
		t.Fatal(err)
	}
	picture, err := bake.Bake([]byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), whole, bake.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	asked := verifier.Request{Audience: firm, Challenge: nonce}
	oneIn := testdepth.OneIn(t, 5)
	for _, s := range []struct {
		name   string
		raw    []byte
		issuer string
		req    verifier.Request
	}{
		{"eddsa-rdfc-2022", whole, p.id, verifier.Request{}},
		{"eddsa-jcs-2022", jcs, p.id, verifier.Request{}},
		{"a set of proofs", p.sign(dataintegrity.EdDSAJCS2022, whole, proof.Params{}), p.id, verifier.Request{}},
		{"a proof of somebody else beside it", kari.sign(dataintegrity.EdDSARDFC2022, whole, proof.Params{}), p.id, verifier.Request{}},
		{"a chain of proofs", chain, p.id, verifier.Request{}},
		{"a chain that ends in a proof of the text", textChain, p.id, verifier.Request{}},
		{"ecdsa-rdfc-2019", p256.sign("ecdsa-rdfc-2019", rich(p256), proof.Params{}), p256.id, verifier.Request{}},
		{"ecdsa-sd-2023", p256.disclosed(dataintegrity.ECDSASD2023, rich(p256)), p256.id, verifier.Request{}},
		{"bbs-2023", bbs.disclosed(dataintegrity.BBS2023, rich(bbs)), bbs.id, verifier.Request{}},
		{"vc+jwt", token, p.id, verifier.Request{}},
		{"an envelope", envelope(token), p.id, verifier.Request{}},
		{"dc+sd-jwt", bare, p.id, verifier.Request{}},
		{"dc+sd-jwt with key binding", kari.show(forKari, proof.Disclosure{Pointers: narrative}), p.id, asked},
		{"a presentation", kari.presentation(proof.Params{Domains: []string{firm}, Challenge: nonce}, kari.id, whole, envelope(token)), p.id, asked},
		{"a picture", picture, p.id, verifier.Request{}},
	} {
		t.Run(s.name, func(t *testing.T) {
			s.req.At = noon
			n := everyMember(t, sample{s.name, s.raw, newVerifier(t, verifier.Config{Trust: trust.Pins(s.issuer)}), s.req}, oneIn)
			if n.samples == 0 || n.mutations < 20 || n.refused == 0 {
				t.Errorf("hardly anything was mutated: %+v", n)
			}
			t.Logf("%+v", n)
		})
	}
}

// TestCoverageOfWhatDoesNotHold: where no proof holds, nothing is protected;
// every member that no context defines is named, not the first alone.
func TestCoverageOfWhatDoesNotHold(t *testing.T) {
	t.Parallel()
	p := newParty(t)
	signed, err := strictjson.ParseObject(p.sign(dataintegrity.EdDSARDFC2022, p.credential("did:example:kari", nil), proof.Params{}), strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	subject := signed.Get("credentialSubject")
	raw := signed.With("grade", strictjson.String("A")).With("credentialSubject", subject.With("rank", strictjson.Array(strictjson.Int(1)))).AppendJSON(nil)
	report, _ := newVerifier(t, verifier.Config{Trust: trust.Pins(p.id)}).Verify(t.Context(), verifier.Request{Raw: raw})
	if report.Reason != "unsigned_data/undefined-term" {
		t.Fatal(report.Err())
	}
	c := coverage(t, report)
	for at, want := range map[string]proof.Why{
		"/grade": proof.UndefinedTerm, "/credentialSubject/rank": proof.UndefinedTerm, "/credentialSubject/rank/0": proof.UndefinedTerm,
		"/name": proof.NoProofHolds, "/@context/0": proof.ContextOnly, "/issuer/name": proof.NoProofHolds,
	} {
		if got := c.places[place{proof.PartDocument, at}]; got.State != proof.Unprotected || got.Why != want {
			t.Errorf("%s: %s (%s), want unprotected (%s)", at, got.State, got.Why, want)
		}
	}
	if c.Proof != verifier.Fail {
		t.Errorf("the proof: %s", c.Proof)
	}
	unreadable, _ := newVerifier(t, verifier.Config{Trust: trust.Pins(p.id)}).Verify(t.Context(), verifier.Request{Raw: []byte("nonsense")})
	if c := coverage(t, unreadable); len(c.Places) != 0 || c.Proof != verifier.NotRun {
		t.Errorf("of nothing: %+v", c.Coverage)
	}
}

func withKey(t testing.TB, kind key.Type) party {
	t.Helper()
	private, err := key.Generate(kind)
	if err != nil {
		t.Fatal(err)
	}
	id, method, err := did.KeyID(private.Public())
	if err != nil {
		t.Fatal(err)
	}
	p := newParty(t)
	p.id, p.signer = id, private.Signer(method)
	return p
}

func withBBS(t testing.TB) party {
	t.Helper()
	private, err := bbskey.Generate()
	if err != nil {
		t.Fatal(err)
	}
	id, method, err := did.KeyID(private.Public())
	if err != nil {
		t.Fatal(err)
	}
	p := newParty(t)
	p.id, p.signer = id, private.Signer(method)
	return p
}

// disclosed signs and shows a part: issuer and period always, and the rest of
// what is said of the achievement.
func (p party) disclosed(id proof.ID, doc []byte) []byte {
	p.t.Helper()
	base := p.sign(id, doc, proof.Params{Mandatory: []string{"/issuer", "/validFrom"}})
	suite, err := p.set.Suite(id)
	if err != nil {
		p.t.Fatal(err)
	}
	shown, err := suite.(proof.Discloser).Disclose(p.t.Context(), base, proof.Disclosure{Pointers: []string{"/credentialSubject", "/id"}})
	if err != nil {
		p.t.Fatal(err)
	}
	return shown
}
