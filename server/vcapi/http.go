package vcapi

import (
	"errors"
	"io"
	"net/http"

	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// maxBody bounds a request: a document of the usual size with its options.
const maxBody = 2 << 20

// request is a request that was read: its body, and the path's name.
type request struct {
	*http.Request
	body *strictjson.Value
}

// options returns the member of that name in the options.
func (r request) option(name string) *strictjson.Value { return r.body.Get("options").Get(name) }

// pointers returns an option that is a list of JSON pointers.
func (r request) pointers(name string) ([]string, error) {
	v := r.option(name)
	if v == nil {
		return nil, nil
	}
	out := []string{}
	for _, item := range v.Items() {
		s, ok := item.Text()
		if !ok {
			return nil, reason.New("malformed/request", "/options/"+name, "a JSON pointer is a string")
		}
		out = append(out, s)
	}
	if v.Kind() != strictjson.KindArray {
		return nil, reason.New("malformed/request", "/options/"+name, "is %s, not a list", v.Kind())
	}
	return out, nil
}

// object returns a member of the body that must be an object.
func (r request) object(name string) (*strictjson.Value, error) {
	v := r.body.Get(name)
	if v.Kind() != strictjson.KindObject {
		return nil, reason.New("malformed/request", "/"+name, "is %s, not an object", v.Kind())
	}
	return v, nil
}

// endpoint reads a request strictly, and writes the answer of f as JSON. What
// f refuses is 400, whatever the reason: that is what the suites look at.
func endpoint(status int, f func(request) (*strictjson.Value, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			answer(w, http.StatusBadRequest, problem(reason.New(reason.LimitSize, "", "the request has more than %d bytes, or did not arrive whole", maxBody)))
			return
		}
		body, err := strictjson.ParseObject(raw, strictjson.Limits{MaxBytes: maxBody})
		if err == nil {
			body, err = f(request{r, body})
		}
		if err != nil {
			code := http.StatusBadRequest
			if class := reason.CodeOf(err).Class(); class == reason.Missing || class == reason.Fault {
				code = class.HTTPStatus()
			}
			answer(w, code, problem(err))
			return
		}
		answer(w, status, body)
	})
}

func answer(w http.ResponseWriter, status int, body *strictjson.Value) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body.AppendJSON(nil)) // who is gone needs no answer
}

// problem is an error as VC API has it, with the reason code beside the type
// of problem of Data Model 2.0 section 7.2 that comes nearest.
func problem(err error) *strictjson.Value {
	code := reason.CodeOf(err)
	kind := "MALFORMED_VALUE_ERROR"
	switch code.Coarse() {
	case string(reason.BadSignature), string(reason.KeyInvalid), string(reason.WrongPurpose):
		kind = "CRYPTOGRAPHIC_SECURITY_ERROR"
	}
	detail := err.Error()
	var e *reason.Error
	if errors.As(err, &e) && e.Err != nil {
		detail = e.Err.Error()
	}
	str := strictjson.String
	return strictjson.Object(
		strictjson.Member{Name: "verified", Value: strictjson.Bool(false)},
		strictjson.Member{Name: "problemDetails", Value: strictjson.Array(strictjson.Object(
			strictjson.Member{Name: "type", Value: str("https://www.w3.org/TR/vc-data-model#" + kind)},
			strictjson.Member{Name: "title", Value: str(string(code))},
			strictjson.Member{Name: "detail", Value: str(detail)},
			strictjson.Member{Name: "at", Value: str(reason.AtOf(err))},
		))},
	)
}

// secured is the answer with a secured document. A compact form comes in an
// envelope (Data Model 2.0 section 4.13.1).
func secured(raw []byte, suite proof.ID) (*strictjson.Value, error) {
	if in, err := proof.Read(raw, strictjson.Limits{}); err != nil {
		return nil, err
	} else if in.Document != nil {
		return strictjson.Object(strictjson.Member{Name: "verifiableCredential", Value: in.Document}), nil
	}
	str := strictjson.String
	return strictjson.Object(strictjson.Member{Name: "verifiableCredential", Value: strictjson.Object(
		strictjson.Member{Name: "@context", Value: strictjson.Array(str("https://www.w3.org/ns/credentials/v2"))},
		strictjson.Member{Name: "id", Value: str("data:application/" + string(suite) + "," + string(raw))},
		strictjson.Member{Name: "type", Value: str("EnvelopedVerifiableCredential")},
	)}), nil
}
