package dataintegrity

import (
	"context"
	"maps"
	"strconv"
	"strings"

	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/jsonld"
	"github.com/kompetansebevis/bevis/internal/rdfc"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// Cover implements proof.Coverer. It tells of every member and item of the
// document, proofs included.
func (s *suite) Cover(ctx context.Context, sec *proof.Secured, contexts []proof.Context) ([]proof.Place, error) {
	var found map[string]proof.Place
	var err error
	options := sec.Proof.Without(s.valueName())
	if s.text {
		found = coverText(sec)
	} else if found, err = s.coverMeaning(ctx, sec, options, contexts); err != nil {
		return nil, err
	}
	found[sec.At+"/"+s.valueName()] = proof.Place{State: proof.OwnValue, Why: proof.TheSignature}
	found[sec.At] = proof.Place{State: proof.OwnValue, Why: proof.TheSignature}
	several := len(sec.Input.Document.Get("proof").List()) > 1
	var out []proof.Place
	proof.WalkPlaces("", sec.Input.Document, func(at string, _ *strictjson.Value) bool {
		p, known := found[at]
		switch {
		case known:
		case at == "/proof":
			p.State, p.Why = proof.OwnValue, proof.TheSignature
		case strings.HasPrefix(at, "/proof/") && several && strings.Count(at, "/") == 2:
			p.Why = proof.OneOfSeveral
		case strings.HasPrefix(at, "/proof/") && several && !strings.HasPrefix(at, sec.At+"/"):
			p.Why = proof.OtherProof
		default:
			p.Why = proof.CannotBeTold
		}
		p.Part, p.At = proof.PartDocument, at
		out = append(out, p)
		return true
	})
	return out, nil
}

// coverText tells of a proof over the JSON text: it is over everything, but
// for contexts that were put behind those of the proof, and proofs that it
// does not name.
func coverText(sec *proof.Secured) map[string]proof.Place {
	found := map[string]proof.Place{}
	for _, p := range proof.EveryPlace(proof.PartDocument, "", sec.Document, proof.Protected, proof.SignedText) {
		found[inInput(sec, p.At)] = p
	}
	for _, p := range proof.EveryPlace(proof.PartDocument, sec.At, sec.Proof, proof.Protected, proof.SignedText) {
		found[p.At] = p
	}
	if own := sec.Proof.Get("@context"); own != nil {
		for i := len(own.List()); i < len(sec.Document.Get("@context").Items()); i++ {
			found["/@context/"+strconv.Itoa(i)] = proof.Place{Why: proof.ContextOnly}
		}
	}
	return found
}

// inInput returns where in the whole document a place of what sec covers is:
// proofs that it covers stand there in a list of their own.
func inInput(sec *proof.Secured, at string) string {
	rest, ok := strings.CutPrefix(at, "/proof/")
	if !ok {
		return at
	}
	first, inside, deep := strings.Cut(rest, "/")
	n, err := strconv.Atoi(first)
	covered := sec.Document.Get("proof").Items()
	if err != nil || n >= len(covered) {
		return at
	}
	for i, p := range sec.Input.Document.Get("proof").List() {
		if p != covered[n] {
			continue
		}
		to := "/proof/" + strconv.Itoa(i)
		if deep {
			to += "/" + inside
		}
		return to
	}
	return at
}

// coverMeaning tells of a proof over what the document means.
func (s *suite) coverMeaning(ctx context.Context, sec *proof.Secured, options *strictjson.Value, contexts []proof.Context) (map[string]proof.Place, error) {
	selections, err := s.processor.Selections(sec.Document)
	if err != nil {
		return nil, err
	}
	selection, own := selections[0], len(selections[0].Contexts()) // as many in each
	beside := s.detached && len(contexts) > own
	if beside {
		contexts = contexts[:own]
	}
	for _, other := range selections {
		if sameContexts(contextsOf(other.Contexts()), contexts) {
			selection = other
			break
		}
	}
	document, err := s.meaning(ctx, sec.Document, selection)
	if err != nil {
		return nil, err
	}
	under := underContext(options, sec.Document)
	if beside { // the options were read under a context of their own
		under = optionsUnderV2(sec)
		if selections, err = s.processor.Selections(under); err != nil {
			return nil, err
		}
		selection = selections[0]
	}
	ofProof, err := s.meaning(ctx, under, selection)
	if err != nil {
		return nil, err
	}
	found := map[string]proof.Place{}
	for at, p := range document {
		if p.Why == proof.SaidElsewhere {
			p.Detail = inInput(sec, p.Detail)
		}
		found[inInput(sec, at)] = p
	}
	for at, p := range ofProof {
		if p.Why == proof.SaidElsewhere {
			p.Detail = sec.At + p.Detail
		}
		found[sec.At+at] = p
	}
	return found, nil
}

func sameContexts(a, b []proof.Context) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].URL != b[i].URL || a[i].SHA256 != b[i].SHA256 {
			return false
		}
	}
	return true
}

// maxUnsigned bounds how many members that make no statement are looked for in
// one document: each costs a reading of it.
const maxUnsigned = 64

// meaning tells of the places of a document which of them make statements.
// Members that make none, because of which the document is refused, are found
// one by one: each is taken out and the rest read again.
func (s *suite) meaning(ctx context.Context, doc *strictjson.Value, selection jsonld.Selection) (map[string]proof.Place, error) {
	out := map[string]proof.Place{}
	rest := doc
	for range maxUnsigned {
		statements, err := s.processor.Statements(ctx, rest, selection)
		if err == nil {
			maps.Copy(out, newMap(rest, statements).places())
			return out, nil
		}
		if reason.CodeOf(err) == "unsafe_context/no-places" {
			return s.meaningWhole(ctx, rest, selection, out)
		}
		if reason.CodeOf(err).Coarse() != string(reason.UnsignedData) {
			return nil, err
		}
		at := reason.AtOf(err)
		place := proof.Place{Why: proof.NotSigned, Detail: err.Error()}
		if reason.CodeOf(err) == "unsigned_data/undefined-term" {
			place.Why, place.Detail = proof.UndefinedTerm, ""
		}
		member, reduced := takeOut(rest, at)
		if reduced == nil || doc.Lookup(at) == nil {
			return nil, err
		}
		proof.WalkPlaces(member, rest.Lookup(member), func(at string, _ *strictjson.Value) bool {
			out[at] = proof.Place{Why: proof.BesidesUnsigned, Detail: member}
			return true
		})
		out[member] = proof.Place{Why: proof.BesidesUnsigned, Detail: at}
		proof.WalkPlaces(at, doc.Lookup(at), func(inside string, _ *strictjson.Value) bool {
			out[inside] = place
			return true
		})
		out[at] = place
		rest = reduced
	}
	return nil, reason.New("resource_limit/quads", "", "more than %d members make no statement", maxUnsigned)
}

// meaningWhole is for documents whose statements cannot be told apart. If no
// statement comes twice, then each value makes one of its own, since all that
// go in are counted.
func (s *suite) meaningWhole(ctx context.Context, doc *strictjson.Value, selection jsonld.Selection, out map[string]proof.Place) (map[string]proof.Place, error) {
	quads, err := s.processor.Quads(ctx, doc, selection)
	if err != nil {
		return nil, err
	}
	all := proof.Place{State: proof.Protected, Why: proof.SignedMeaning}
	seen := make(map[rdfc.Quad]bool, len(quads))
	for _, q := range quads {
		if seen[q] {
			all = proof.Place{Why: proof.CannotBeTold}
			break
		}
		seen[q] = true
	}
	proof.WalkPlaces("", doc, func(at string, v *strictjson.Value) bool {
		switch {
		case isContext(at):
			out[at] = proof.Place{Why: proof.ContextOnly}
		case v.Kind() == strictjson.KindArray && len(v.Items()) == 0:
			out[at] = proof.Place{Why: proof.SaysNothing}
		case inContext(at):
			out[at] = proof.Place{Why: proof.ContextOnly}
		default:
			out[at] = all
		}
		return true
	})
	return out, nil
}

func isContext(at string) bool { return strings.HasSuffix(at, "/@context") }

func inContext(at string) bool { return isContext(at) || strings.Contains(at, "/@context/") }

// takeOut returns the document without the member that a place is in, and
// where that member stands. Items of lists are not taken out: those behind
// would have other places then.
func takeOut(doc *strictjson.Value, at string) (member string, rest *strictjson.Value) {
	for at != "" {
		cut := strings.LastIndexByte(at, '/')
		parent, token := at[:cut], strings.NewReplacer("~1", "/", "~0", "~").Replace(at[cut+1:])
		if holder := doc.Lookup(parent); holder.Kind() == strictjson.KindObject && holder.Get(token) != nil {
			return at, replaced(doc, parent, holder.Without(token))
		}
		at = parent
	}
	return "", nil
}

// replaced returns doc with another value at a place.
func replaced(doc *strictjson.Value, at string, v *strictjson.Value) *strictjson.Value {
	if at == "" {
		return v
	}
	cut := strings.LastIndexByte(at, '/')
	parent, token := at[:cut], strings.NewReplacer("~1", "/", "~0", "~").Replace(at[cut+1:])
	holder := doc.Lookup(parent)
	if holder.Kind() == strictjson.KindObject {
		return replaced(doc, parent, holder.With(token, v))
	}
	items := append([]*strictjson.Value{}, holder.Items()...)
	if n, err := strconv.Atoi(token); err == nil && n < len(items) {
		items[n] = v
	}
	return replaced(doc, parent, strictjson.Array(items...))
}
