package issuer

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/internal/strictjson"
	core "github.com/kompetansebevis/bevis/issuer"
)

// awardAs is an award in forms, such as `"ob3","vc-jwt"`.
func awardAs(recipient, forms string) string {
	return strings.Replace(awardFor(recipient), "{", `{"as":[`+forms+`],`, 1)
}

// linked returns the addresses in Link, by their media types.
func linked(t *testing.T, h http.Header) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, value := range h.Values("Link") {
		at, rest, ok := strings.Cut(strings.TrimPrefix(value, "<"), `>; rel="alternate"; type="`)
		if !ok {
			t.Fatal(value)
		}
		out[strings.TrimSuffix(rest, `"`)] = at
	}
	return out
}

// TestForms: one act, one id, one record, and each form can be had.
func TestForms(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.desk.logged = func(credential []byte) ([]byte, error) { return append([]byte("proof of "), credential...), nil }
	const forms = `"vc-jwt","ob3","sd-jwt","cose"`
	first := h.issue("a", awardAs("kari", forms))
	at := first.Header().Get("Location")
	links := linked(t, first.Header())
	if first.Code != 201 || first.Header().Get("Content-Type") != "application/vc+jwt" || len(links) != 3 {
		t.Fatal(first.Code, first.Header(), first.Body)
	}
	var record core.Record
	if err := h.desk.ledger.Each(t.Context(), func(r core.Record) error { record = r; return nil }); err != nil {
		t.Fatal(err)
	}
	if issuedCount(t, h) != 1 || len(record.Forms()) != 4 || len(record.Slots) != 1 {
		t.Fatalf("%d forms, %v", len(record.Forms()), record.Slots)
	}
	links["application/vc+jwt"] = at
	for n, name := range []string{"vc-jwt", "ob3", "sd-jwt", "cose"} {
		form := record.Forms()[n]
		media := mediaType(form.Credential)
		for _, path := range []string{links[media], at + "/forms/" + name, formURL(record.ID, form.Suite)} {
			w := h.ask("GET", path, "")
			if w.Code != 200 || w.Header().Get("Content-Type") != media || w.Body.String() != string(form.Credential) || len(linked(t, w.Header())) != 3 {
				t.Error(path, w.Code, w.Header())
			}
			if w := h.ask("GET", path+"/log-proof", ""); w.Code != 200 || w.Body.String() != "proof of "+string(form.Credential) {
				t.Error(path, w.Code, w.Body)
			}
		}
	}
	for _, form := range []string{"eddsa-jcs-2022", "papyrus", "dc+sd-jwt%2Fmicro-credential"} {
		refused(t, h.ask("GET", at+"/forms/"+form, ""), 404, "not_found/form")
		refused(t, h.ask("GET", at+"/forms/"+form+"/log-proof", ""), 404, "not_found/form")
	}
	refused(t, h.ask("GET", "/v1/credentials/urn:uuid:none/forms/ob3", ""), 404, "not_found")

	// Which forms there are is part of what the key stands for, and so is their order.
	again := h.issue("a", awardAs("kari", forms))
	if again.Code != 201 || again.Body.String() != first.Body.String() || again.Header().Get(replayed) != "true" || !slices.Equal(again.Header().Values("Link"), first.Header().Values("Link")) {
		t.Error(again.Code, again.Header())
	}
	for _, other := range []string{awardFor("kari"), awardAs("kari", `"vc-jwt"`), awardAs("kari", `"ob3","vc-jwt","sd-jwt","cose"`), awardAs("kari", forms[:len(forms)-len(`,"cose"`)])} {
		refused(t, h.issue("a", other), 422, "conflict/idempotency-key")
	}
	// One form by either member is the same award.
	one := h.issue("b", awardAs("kari", `"vc-jwt"`))
	same := h.issue("b", strings.Replace(awardFor("kari"), "{", `{"format":"vc+jwt",`, 1))
	if one.Code != 201 || same.Header().Get(replayed) != "true" || same.Body.String() != one.Body.String() || len(one.Header().Values("Link")) != 0 {
		t.Error(one.Code, same.Code, same.Body)
	}
	// What is revoked is revoked in all of them.
	if w := h.ask("POST", at+"/revoke", `{}`); w.Code != 200 {
		t.Error(w.Code, w.Body)
	}
	erase(t, h, record.ID)
	refused(t, h.ask("GET", links["application/vc"], ""), 410, "conflict/erased")
}

func TestFormsOfMany(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	body := `{"awards":[{"idempotencyKey":"a",` + awardAs("kari", `"ob3","cose"`)[1:] + `,{"idempotencyKey":"b",` + awardAs("ola", `"papyrus"`)[1:] + `]}`
	w := h.ask("POST", "/v1/awards", body)
	doc, err := strictjson.ParseObject(w.Body.Bytes(), strictjson.Limits{})
	if err != nil || w.Code != 200 {
		t.Fatal(w.Code, w.Body)
	}
	results := doc.Get("results").Items()
	others := results[0].Get("others").Items()
	if media, _ := results[0].Get("mediaType").Text(); media != "application/vc" || len(others) != 1 {
		t.Fatal(w.Body)
	}
	if media, _ := others[0].Get("mediaType").Text(); media != "application/vc+cose" {
		t.Error(media)
	}
	if at, _ := results[1].Get("problem").Get("at").Text(); at != "/awards/1/as" {
		t.Error(w.Body)
	}
	// The one request that asks for the same is answered with the same.
	if w := h.issue("a", awardAs("kari", `"ob3","cose"`)); w.Header().Get(replayed) != "true" {
		t.Error(w.Code, w.Body)
	}
}

func TestFormsRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	nine := strings.TrimSuffix(strings.Repeat(`"ob3",`, maxForms+1), ",")
	for _, body := range []string{awardAs("kari", ""), awardAs("kari", "7"), awardAs("kari", `"papyrus"`), awardAs("kari", nine),
		strings.Replace(awardAs("kari", `"ob3"`), "{", `{"format":"vc+jwt",`, 1)} {
		w := h.issue("k", body)
		refused(t, w, 400, "malformed/request")
		if !strings.Contains(w.Body.String(), `"at":"/as"`) {
			t.Error(body, w.Body)
		}
	}
	refused(t, h.issue("k", strings.Replace(awardAs("kari", `"ob3","sd-jwt"`), "{", `{"suspendable":true,`, 1)), 400, "usage/suspendable")
	if n := issuedCount(t, h); n != 0 {
		t.Errorf("%d credentials", n)
	}
}

// TestMessages: what the status list says of a credential, beside whether it holds.
func TestMessages(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	at := h.issue("a", strings.Replace(awardFor("kari"), "{", `{"messages":true,`, 1)).Header().Get("Location")
	plain := h.issue("b", awardFor("kari")).Header().Get("Location")
	const none, said = `"revoked":false,"suspended":false,"message":0}`, `"revoked":false,"suspended":false,"message":1,"says":"renew it this year"}`
	for _, step := range []struct{ body, want string }{{`{"message":1,"reason":"case 17"}`, said}, {`{"message":1}`, said}, {`{"message":0}`, none}} {
		for _, w := range []interface{ String() string }{h.ask("POST", at+"/message", step.body).Body, h.ask("GET", at+"/status", "").Body} {
			if !strings.Contains(w.String(), step.want) {
				t.Errorf("%s: %s", step.body, w)
			}
		}
	}
	if w := h.ask("GET", plain+"/status", ""); !strings.Contains(w.Body.String(), none) {
		t.Error(w.Body)
	}
	for _, body := range []string{`{}`, `{"message":"1"}`, `{"message":-1}`, `{"message":1.5}`, `{"message":16}`, `{"message":1e9}`, `{"message":1,"why":"x"}`} {
		refused(t, h.ask("POST", at+"/message", body), 400, "malformed/request")
	}
	refused(t, h.ask("POST", at+"/message", `{"message":2}`), 400, "usage/status-value")
	refused(t, h.ask("POST", plain+"/message", `{"message":1}`), 404, "not_found/status-entry")
	refused(t, h.ask("POST", "/v1/credentials/urn:uuid:none/message", `{"message":1}`), 404, "not_found")
	refused(t, h.ask("POST", at+"/message", `{"message":1}`, "Authorization", "Bearer "+h.key("reader", "read")), 403, "locked/scope")
}
