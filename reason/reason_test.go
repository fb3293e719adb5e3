package reason_test

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/reason"
)

// classes are all classes with their exit codes and HTTP answers: this table
// is a promise to scripts.
var classes = []struct {
	class      reason.Class
	exit, http int
}{
	{reason.Fault, 70, 500}, {reason.Invalid, 3, 200}, {reason.Undetermined, 4, 200}, {reason.Untrusted, 5, 200}, {reason.NotInForce, 6, 200},
	{reason.Unreadable, 7, 400}, {reason.Warning, 0, 200}, {reason.Denied, 8, 403}, {reason.Missing, 9, 404}, {reason.Conflicting, 10, 409},
	{reason.Misuse, 2, 400}, {reason.Failure, 1, 500}, {reason.Interrupted, 130, 499},
}

func TestExitCodes(t *testing.T) {
	t.Parallel()
	for _, c := range append(classes[:len(classes):len(classes)], struct {
		class      reason.Class
		exit, http int
	}{99, 70, 500}) {
		if c.class.ExitCode() != c.exit || c.class.HTTPStatus() != c.http {
			t.Errorf("class %d: exit %d, HTTP %d", c.class, c.class.ExitCode(), c.class.HTTPStatus())
		}
		// Only what is valid ends with 0.
		if (c.class.ExitCode() == 0) != (c.class == reason.Warning) {
			t.Errorf("class %d ends with %d", c.class, c.class.ExitCode())
		}
	}
}

// TestSeverity: in a batch 3, 4, 5, 6, 7 go before each other in this order,
// and before a warning. What is no verdict goes before all.
func TestSeverity(t *testing.T) {
	t.Parallel()
	order := []reason.Class{reason.Fault, reason.Invalid, reason.Undetermined, reason.Untrusted, reason.NotInForce, reason.Unreadable, reason.Warning}
	for i := 1; i < len(order); i++ {
		if order[i-1].Severity() <= order[i].Severity() {
			t.Errorf("class %d does not go before %d", order[i-1], order[i])
		}
		if i > 1 && order[i] != reason.Warning && order[i].ExitCode() != order[i-1].ExitCode()+1 {
			t.Errorf("exit code %d behind %d", order[i].ExitCode(), order[i-1].ExitCode())
		}
	}
	for _, c := range classes {
		if !slices.Contains(order, c.class) && c.class.Severity() != reason.Fault.Severity() {
			t.Errorf("class %d has the severity of a verdict", c.class)
		}
	}
}

var form = regexp.MustCompile(`^[a-z]+(_[a-z]+)*(/[a-z0-9]+(-[a-z0-9]+)*)?$`)

// constants reads the codes from the source.
func constants(t *testing.T) map[string]reason.Code {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "codes.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]reason.Code{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		if lit, ok := spec.Values[0].(*ast.BasicLit); ok {
			s, err := strconv.Unquote(lit.Value)
			if err != nil {
				t.Fatal(err)
			}
			out[spec.Names[0].Name] = reason.Code(s)
		}
		return true
	})
	if len(out) < 50 {
		t.Fatalf("%d constants", len(out))
	}
	return out
}

func TestEveryCodeHasAClass(t *testing.T) {
	t.Parallel()
	names := map[reason.Code]string{}
	for name, code := range constants(t) {
		if !form.MatchString(string(code)) {
			t.Errorf("%s is %q", name, code)
		}
		if other, twice := names[code]; twice {
			t.Errorf("%s and %s are both %q", name, other, code)
		}
		names[code] = name
		if (code.Class() == reason.Fault) != (code == reason.Internal) {
			t.Errorf("%s is of class %d", name, code.Class())
		}
	}
	for _, c := range []reason.Code{"", "nonsense", "nonsense/revoked", "Revoked", "/revoked", "internal/anything"} {
		if c.Class() != reason.Fault {
			t.Errorf("%q is of class %d", c, c.Class())
		}
	}
}

// TestEveryCodeInUseHasAClass looks through the sources of the whole module:
// a code that is misspelt would end as a bug of bevis.
func TestEveryCodeInUseHasAClass(t *testing.T) {
	t.Parallel()
	use := regexp.MustCompile(`(?:reason\.(?:New|Wrap|Code)\(|reason\.Error\{Code: |[Cc]ode: +)"([a-z_]+(?:/[^"]*)?)"`)
	found := 0
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == "testdata" || strings.HasPrefix(entry.Name(), ".") && path != "..") {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range use.FindAllSubmatch(text, -1) {
			found++
			code := reason.Code(strings.TrimSuffix(string(m[1]), "-")) // the rest is put behind it
			if code.Class() == reason.Fault && code.Coarse() != string(reason.Internal) || !form.MatchString(string(code)) {
				t.Errorf("%s: %q has no class", path, code)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found < 100 {
		t.Errorf("only %d codes are found", found)
	}
}

func TestClassOfCodes(t *testing.T) {
	t.Parallel()
	for code, want := range map[reason.Code]reason.Class{
		"bad_signature": reason.Invalid, "revoked": reason.Invalid, "malformed/duplicate-member": reason.Invalid, "unsigned_data/anything": reason.Invalid,
		"malformed/json": reason.Unreadable, "no_credential": reason.Unreadable, "resource_limit/size": reason.Unreadable,
		"resource_limit/canonicalization-work": reason.Undetermined, "resource_limit": reason.Undetermined,
		"unsupported_alg": reason.Invalid, "unsupported_alg/suite": reason.Undetermined, "unsupported_alg/suites": reason.Invalid,
		"key_invalid/point": reason.Invalid, "key_invalid/unknown-method": reason.Undetermined, "key_unavailable/fetch": reason.Undetermined,
		"status_invalid": reason.Undetermined, "status_invalid/index": reason.Invalid, "status_unavailable": reason.Undetermined,
		"untrusted_issuer": reason.Untrusted, "expired": reason.NotInForce, "suspended": reason.NotInForce, "not_yet_valid": reason.NotInForce,
		"display_warning/bidi": reason.Warning, "locked/passphrase": reason.Denied, "not_found": reason.Missing, "conflict/revoked": reason.Conflicting,
		"usage/no-status-base": reason.Misuse, "io": reason.Failure, "canceled": reason.Interrupted, "internal": reason.Fault,
	} {
		if code.Class() != want {
			t.Errorf("%s is of class %d, not %d", code, code.Class(), want)
		}
	}
}

func TestError(t *testing.T) {
	t.Parallel()
	cause := errors.New("the cause")
	e := reason.New("malformed/json", "/a/0", "what is wrong: %w", cause)
	wrapped := fmt.Errorf("behind: %w", e)
	outer := reason.Wrap(reason.KeyUnavailable, "https://kurs.example/", wrapped)

	for name, c := range map[string]struct {
		err    error
		target error
		want   bool
	}{
		"its code":            {e, &reason.Error{Code: "malformed/json"}, true},
		"its coarse code":     {e, &reason.Error{Code: reason.Malformed}, true},
		"another fine code":   {e, &reason.Error{Code: "malformed/utf8"}, false},
		"another coarse code": {e, &reason.Error{Code: reason.Revoked}, false},
		"the place is not":    {e, &reason.Error{Code: reason.Malformed, At: "/b"}, true},
		"no code":             {e, &reason.Error{}, false},
		"a beginning":         {e, &reason.Error{Code: "mal"}, false},
		"a fine code, coarse": {reason.New(reason.Malformed, "", "x"), &reason.Error{Code: "malformed/json"}, false},
		"the cause":           {e, cause, true},
		"wrapped":             {wrapped, &reason.Error{Code: reason.Malformed}, true},
		"below another":       {outer, &reason.Error{Code: reason.Malformed}, true},
		"the other":           {outer, &reason.Error{Code: reason.KeyUnavailable}, true},
		"another error":       {e, context.Canceled, false},
	} {
		if got := errors.Is(c.err, c.target); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
	var as *reason.Error
	if !errors.As(outer, &as) || as.Code != reason.KeyUnavailable || as.At != "https://kurs.example/" {
		t.Errorf("%+v", as)
	}
	if reason.CodeOf(outer) != reason.KeyUnavailable || reason.CodeOf(wrapped) != "malformed/json" || reason.AtOf(wrapped) != "/a/0" {
		t.Error(reason.CodeOf(outer), reason.CodeOf(wrapped), reason.AtOf(wrapped))
	}
	// No error has no code; an error without one is a fault, not a success.
	if reason.CodeOf(nil) != "" || reason.CodeOf(cause) != reason.Internal || reason.AtOf(nil) != "" || reason.AtOf(cause) != "" {
		t.Error(reason.CodeOf(nil), reason.CodeOf(cause))
	}
	if err := reason.Wrap(reason.IO, "x", nil); err != nil {
		t.Error(err)
	}
	for want, err := range map[string]error{
		"/a/0: what is wrong: the cause": e,
		"the cause":                      reason.Wrap(reason.IO, "", cause),
		"here: io":                       &reason.Error{Code: reason.IO, At: "here"},
		"io":                             &reason.Error{Code: reason.IO},
	} {
		if err.Error() != want {
			t.Errorf("%q, not %q", err.Error(), want)
		}
	}
}
