package verifier_test

import (
	"bytes"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/credential/bake"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/strictjson"
)

// mutation is one change of one text of a sample.
type mutation struct {
	what  string
	at    string // the member that was changed or removed, or that is new
	added bool   // at is a place in the mutated text
	gone  bool
	order bool // only the order of a list is another
	folds bool // only capitals are other ones
	value *strictjson.Value
}

// mutations of every member and item inside v, one at a time.
func mutations(v *strictjson.Value) []mutation {
	var out []mutation
	put := func(m mutation) {
		out = append(out, m)
	}
	object := func(at string, holder *strictjson.Value) {
		for _, m := range []strictjson.Member{
			{Name: "unknownMember", Value: strictjson.String("x")},
			{Name: "note", Value: strictjson.String("x")},
			{Name: "description", Value: strictjson.String("x")},
			{Name: "url", Value: strictjson.String("https://angrep.example/")},
			{Name: "evidence", Value: strictjson.Array()},
		} {
			if holder.Get(m.Name) == nil {
				put(mutation{what: "added", at: strictjson.Pointer(at, m.Name), added: true, value: replacedIn(v, at, holder.With(m.Name, m.Value))})
			}
		}
	}
	if v.Kind() == strictjson.KindObject {
		object("", v)
	}
	proof.WalkPlaces("", v, func(at string, here *strictjson.Value) bool {
		for _, other := range variants(here) {
			old, _ := here.Text()
			text, isText := other.Text()
			put(mutation{what: "changed", at: at, folds: isText && strings.EqualFold(old, text), value: replacedIn(v, at, other)})
		}
		put(mutation{what: "removed", at: at, gone: true, value: replacedIn(v, at, nil)})
		if here.Kind() == strictjson.KindObject {
			object(at, here)
		}
		items := here.Items()
		for i := range items {
			put(mutation{what: "doubled", at: at + "/" + strconv.Itoa(len(items)), added: true, value: replacedIn(v, at, strictjson.Array(append(slices.Clone(items), items[i])...))})
			if i > 0 {
				swapped := slices.Clone(items)
				swapped[i-1], swapped[i] = swapped[i], swapped[i-1]
				put(mutation{what: "swapped", at: at + "/" + strconv.Itoa(i), order: true, value: replacedIn(v, at, strictjson.Array(swapped...))})
			}
		}
		if here.Kind() == strictjson.KindArray {
			put(mutation{what: "lengthened", at: at + "/" + strconv.Itoa(len(items)), added: true, value: replacedIn(v, at, strictjson.Array(append(slices.Clone(items), strictjson.String("urn:x"))...))})
		}
		return true
	})
	return out
}

// variants are other values to stand in a place.
func variants(v *strictjson.Value) []*strictjson.Value {
	str := strictjson.String
	out := []*strictjson.Value{strictjson.Null(), str("x"), strictjson.Object(), strictjson.Array(), strictjson.Int(7)}
	text, isText := v.Text()
	f, isNumber := v.Float()
	b, isBool := v.Bool()
	switch {
	case isText:
		out = append(out, str(text+"x"), str(""), str(strings.ToUpper(text)), str("urn:"+text), str(" "+text))
		if len(text) > 1 {
			out = append(out, str(text[1:]))
		}
	case isNumber:
		out = append(out, strictjson.Float(f+1), strictjson.Float(-f-1), strictjson.Float(f+0.25))
	case isBool:
		out = append(out, strictjson.Bool(!b))
	case v.Kind() == strictjson.KindArray:
		out = append(out, strictjson.Array(slices.Concat([]*strictjson.Value{str("x")}, v.Items())...))
	}
	raw := string(v.AppendJSON(nil))
	return slices.DeleteFunc(out, func(o *strictjson.Value) bool {
		g, number := o.Float()
		return string(o.AppendJSON(nil)) == raw || isNumber && number && f == g
	})
}

// replacedIn returns v with another value at a place; nil takes it out.
func replacedIn(v *strictjson.Value, at string, other *strictjson.Value) *strictjson.Value {
	if at == "" {
		return other
	}
	first, rest, deep := strings.Cut(at[1:], "/")
	name := strings.NewReplacer("~1", "/", "~0", "~").Replace(first)
	inner := other
	if v.Kind() == strictjson.KindObject {
		if deep {
			inner = replacedIn(v.Get(name), "/"+rest, other)
		}
		if inner == nil {
			return v.Without(name)
		}
		return v.With(name, inner)
	}
	n, _ := strconv.Atoi(first)
	items := slices.Clone(v.Items())
	if deep {
		inner = replacedIn(items[n], "/"+rest, other)
	}
	if inner == nil {
		return strictjson.Array(slices.Delete(items, n, n+1)...)
	}
	items[n] = inner
	return strictjson.Array(items...)
}

// text is one of the JSON texts that a file is made of.
type text struct {
	part  proof.Part
	value *strictjson.Value
	build func(v *strictjson.Value) []byte
}

// texts takes a file apart.
func texts(t testing.TB, raw []byte) []text {
	t.Helper()
	if bake.Detect(raw) != bake.Unknown {
		baked, err := bake.Extract(raw, bake.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		raw = baked.Credential // the picture is outside, and is not JSON
	}
	trimmed := bytes.TrimSpace(raw)
	if !bytes.HasPrefix(trimmed, []byte("eyJ")) {
		v, err := strictjson.ParseObject(trimmed, strictjson.Limits{})
		if err != nil {
			return nil
		}
		part := proof.PartDocument
		if strings.Contains(string(v.Get("type").AppendJSON(nil)), "Enveloped") {
			part = proof.PartEnvelope
		}
		return []text{{part, v, func(v *strictjson.Value) []byte { return v.AppendJSON(nil) }}}
	}
	pieces := strings.Split(string(trimmed), "~")
	out := token(t, pieces, 0, proof.PartHeader, proof.PartPayload)
	if len(pieces) == 1 {
		return out
	}
	var all []*strictjson.Value
	for _, piece := range pieces[1 : len(pieces)-1] {
		all = append(all, decode(t, piece))
	}
	out = append(out, text{proof.PartDisclosure, strictjson.Array(all...), func(v *strictjson.Value) []byte {
		parts := []string{pieces[0]}
		for _, item := range v.Items() {
			parts = append(parts, base64.RawURLEncoding.EncodeToString(disclosureText(item)))
		}
		return []byte(strings.Join(append(parts, pieces[len(pieces)-1]), "~"))
	}})
	if last := len(pieces) - 1; pieces[last] != "" {
		out = append(out, token(t, pieces, last, proof.PartKeyHeader, proof.PartKeyPayload)...)
	}
	return out
}

// disclosureText writes a disclosure as it was where it was not changed.
func disclosureText(v *strictjson.Value) []byte {
	if raw := v.Raw(); raw != nil {
		return raw
	}
	return v.AppendJSON(nil)
}

func decode(t testing.TB, segment string) *strictjson.Value {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(segment)
	if err != nil {
		t.Fatal(err)
	}
	v, err := strictjson.Parse(raw, strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func token(t testing.TB, pieces []string, which int, header, payload proof.Part) []text {
	segments := strings.Split(pieces[which], ".")
	build := func(i int) func(v *strictjson.Value) []byte {
		return func(v *strictjson.Value) []byte {
			changed, all := slices.Clone(segments), slices.Clone(pieces)
			changed[i] = base64.RawURLEncoding.EncodeToString(v.AppendJSON(nil))
			all[which] = strings.Join(changed, ".")
			return []byte(strings.Join(all, "~"))
		}
	}
	return []text{{header, decode(t, segments[0]), build(0)}, {payload, decode(t, segments[1]), build(1)}}
}
