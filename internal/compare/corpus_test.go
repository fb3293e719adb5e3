package compare_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/internal/compare"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/internal/testcorpus"
)

// leaves returns pointers to all strings, numbers and truth values of a document
// that say something: not those by which it is read or secured.
func leaves(v *strictjson.Value, at string) []string {
	var out []string
	for n, item := range v.Items() {
		out = append(out, leaves(item, strictjson.Pointer(at, strconv.Itoa(n)))...)
	}
	for _, m := range v.Members() {
		switch m.Name {
		case "@context", "proof", "credentialSchema":
		default:
			out = append(out, leaves(m.Value, strictjson.Pointer(at, m.Name))...)
		}
	}
	switch v.Kind() {
	case strictjson.KindString, strictjson.KindNumber, strictjson.KindBool:
		out = append(out, at)
	}
	return out
}

// changed returns a document with another value at a pointer.
func changed(v *strictjson.Value, at string) *strictjson.Value {
	if at == "" {
		switch v.Kind() {
		case strictjson.KindString:
			s, _ := v.Text()
			return strictjson.String("changed " + s)
		case strictjson.KindNumber:
			f, _ := v.Float()
			return strictjson.Float(f + 1)
		default:
			b, _ := v.Bool()
			return strictjson.Bool(!b)
		}
	}
	name, rest, found := strings.Cut(at[1:], "/")
	if found {
		rest = "/" + rest
	}
	name = strings.NewReplacer("~1", "/", "~0", "~").Replace(name)
	if v.Kind() == strictjson.KindArray {
		items := append([]*strictjson.Value{}, v.Items()...)
		n, _ := strconv.Atoi(name)
		items[n] = changed(items[n], rest)
		return strictjson.Array(items...)
	}
	return v.With(name, changed(v.Get(name), rest))
}

// saysNothing reports whether a value is one that another might stand for: the
// name of a place in a list that is told by list and number, the type of a class
// that has one, and the salt of what is not hashed.
func saysNothing(doc *strictjson.Value, at string) bool {
	owner, name := at[:strings.LastIndexByte(at, '/')], at[strings.LastIndexByte(at, '/')+1:]
	switch {
	case strings.HasPrefix(owner, "/credentialStatus"):
		return (name == "id" || name == "type") && doc.Lookup(owner).Get("statusListCredential") != nil
	case doc.Lookup(owner).Get("identityHash") != nil:
		hashed, _ := doc.Lookup(owner).Get("hashed").Bool()
		return name == "type" || name == "salt" && !hashed
	}
	return false
}

// TestNoChangePassesUnseen changes every value of every sample, one at a time:
// each change is seen, and stands where it was made.
func TestNoChangePassesUnseen(t *testing.T) {
	t.Parallel()
	root := testcorpus.Path(t)
	documents, changes := 0, 0
	for _, folder := range []string{"openbadges/1edtech", "openbadges/clr20", "openbadges/educredentials/_data", "other/jff"} {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || filepath.Ext(path) != ".json" {
				return err
			}
			raw, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			doc, err := strictjson.ParseObject(bytes.TrimSpace(raw), strictjson.Limits{})
			if err != nil || doc.Get("credentialSubject") == nil {
				return nil
			}
			documents++
			same := compare.Documents(compare.Document{Value: doc}, compare.Document{Value: doc})
			if same.Outcome != compare.Same {
				t.Errorf("%s says other than itself", path)
			}
			for _, at := range leaves(doc, "") {
				if saysNothing(doc, at) {
					continue
				}
				changes++
				got := compare.Documents(compare.Document{Value: doc}, compare.Document{Value: changed(doc, at)})
				if got.Outcome == compare.Same {
					t.Errorf("%s: a change of %s is not seen", path, at)
				}
				for _, row := range got.Rows {
					if strings.HasSuffix(at, "/identityType") {
						break // which tells recipients apart, so that others are held together
					}
					if row.Outcome == compare.Differs && row.First.At != row.Second.At {
						t.Errorf("%s: a change of %s is said to be at %s and %s", path, at, row.First.At, row.Second.At)
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if documents < 50 || changes < 2500 {
		t.Errorf("%d documents, %d changes", documents, changes)
	}
	t.Logf("%d documents, %d changes", documents, changes)
}
