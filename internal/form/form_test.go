package form

import (
	"testing"

	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// TestReader reads one form with one thing wrong at a time.
func TestReader(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ doc, at string }{
		{`{"name":"a","day":"2026-07-01T00:00:00Z","n":3,"list":[1,2],"words":["x"]}`, ""},
		{`{"name":"a","day":"2026-07-01T00:00:00Z","list":[],"words":[]}`, ""},
		{`{"name":"a","day":"2026-07-01T00:00:00Z","list":[],"words":[],"more":1}`, "/more"},
		{`{"day":"2026-07-01T00:00:00Z","list":[],"words":[]}`, "/name"},
		{`{"name":1,"day":"2026-07-01T00:00:00Z","list":[],"words":[]}`, "/name"},
		{`{"name":"a","day":"2026-07-01","list":[],"words":[]}`, "/day"},
		{`{"name":"a","day":"2026-07-01T00:00:00Z","n":1.5,"list":[],"words":[]}`, "/n"},
		{`{"name":"a","day":"2026-07-01T00:00:00Z","n":"3","list":[],"words":[]}`, "/n"},
		{`{"name":"a","day":"2026-07-01T00:00:00Z","n":1e14,"list":[],"words":[]}`, "/n"},
		{`{"name":"a","day":"2026-07-01T00:00:00Z","list":{},"words":[]}`, "/list"},
		{`{"name":"a","day":"2026-07-01T00:00:00Z","list":[1,"2"],"words":[]}`, "/list/1"},
		{`{"name":"a","day":"2026-07-01T00:00:00Z","list":[],"words":"x"}`, "/words"},
		{`{"name":"a","day":"2026-07-01T00:00:00Z","list":[],"words":["x",2]}`, "/words/1"},
		{`{"name":1,"more":2}`, "/more"}, // the first counts
	} {
		v, err := strictjson.ParseObject([]byte(test.doc), strictjson.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		r := Reader{Code: reason.StatsInvalid}
		r.Members(v, "", "name", "day", "n", "list", "words")
		name, day, n, list, words := r.Text(v, "", "name"), r.Time(v, "", "day"), r.Number(v, "", "n"), r.Ints(v.Get("list"), "/list"), r.Texts(v, "", "words")
		if test.at != "" {
			if reason.CodeOf(r.Err()) != reason.StatsInvalid || reason.AtOf(r.Err()) != test.at {
				t.Errorf("%s: %v at %s, want %s", test.doc, r.Err(), reason.AtOf(r.Err()), test.at)
			}
			continue
		}
		again := string(Bytes(Member("name", strictjson.String(name)), Member("day", strictjson.String(day.Format("2006-01-02T15:04:05Z"))),
			Member("n", Optional(n)), Member("list", Ints(list...)), Member("words", Texts(words))))
		if r.Err() != nil || again != test.doc {
			t.Errorf("%s became %s: %v", test.doc, again, r.Err())
		}
	}
	r := Reader{Code: reason.StatsInvalid}
	if r.Members(strictjson.Null(), "/a", "b"); reason.AtOf(r.Err()) != "/a" {
		t.Error(r.Err())
	}
	if Pointer("/a", 3) != "/a/3" {
		t.Error(Pointer("/a", 3))
	}
}
