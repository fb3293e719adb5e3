package profile_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/internal/strictjson"
)

// document reads a file of testdata.
func document(t testing.TB, name string) any {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	var doc any
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

// value turns a document into what the rules look at.
func value(t testing.TB, doc any) *strictjson.Value {
	t.Helper()
	raw, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	v, err := strictjson.Parse(raw, strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// with puts a value, JSON text, at a place of a copy of a document; an empty
// text takes what is there out.
func with(t testing.TB, doc any, pointer, text string) any {
	t.Helper()
	tokens := strings.Split(pointer, "/")[1:]
	return change(t, doc, tokens, text)
}

func change(t testing.TB, doc any, tokens []string, text string) any {
	t.Helper()
	if len(tokens) == 0 {
		var out any
		if err := json.Unmarshal([]byte(text), &out); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		return out
	}
	switch v := doc.(type) {
	case map[string]any:
		out := map[string]any{}
		for name, item := range v {
			out[name] = item
		}
		if len(tokens) == 1 && text == "" {
			if _, ok := v[tokens[0]]; !ok {
				t.Fatalf("there is no %s", tokens[0])
			}
			delete(out, tokens[0])
		} else {
			out[tokens[0]] = change(t, v[tokens[0]], tokens[1:], text)
		}
		return out
	case []any:
		n, err := strconv.Atoi(tokens[0])
		if err != nil || n >= len(v) {
			t.Fatalf("there is no %s", tokens[0])
		}
		out := append([]any(nil), v...)
		if len(tokens) == 1 && text == "" {
			return append(out[:n], out[n+1:]...)
		}
		out[n] = change(t, v[n], tokens[1:], text)
		return out
	}
	t.Fatalf("%s is in nothing", tokens[0])
	return nil
}
