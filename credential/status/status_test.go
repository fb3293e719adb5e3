package status_test

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/status"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// pack returns encodedList of streams of bytes, one after the other.
func pack(t testing.TB, streams ...[]byte) string {
	t.Helper()
	var b bytes.Buffer
	for _, raw := range streams {
		w := gzip.NewWriter(&b)
		if _, err := w.Write(raw); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return "u" + base64.RawURLEncoding.EncodeToString(b.Bytes())
}

func TestBitOrder(t *testing.T) {
	t.Parallel()
	raw := make([]byte, status.MinEntries/8)
	raw[0], raw[1], raw[len(raw)-1] = 0x40, 0x01, 0x01
	list, err := status.Decode(t.Context(), pack(t, raw), false)
	if err != nil {
		t.Fatal(err)
	}
	for index := range uint64(list.Len()) {
		got, err := list.Get(index)
		if err != nil {
			t.Fatal(err)
		}
		if want := index == 1 || index == 15 || index == status.MinEntries-1; got != want {
			t.Errorf("entry %d is %v", index, got)
		}
	}
	if _, err := list.Get(status.MinEntries); reason.CodeOf(err) != "status_invalid/index" {
		t.Error(err)
	}
}

func TestSetAndEncode(t *testing.T) {
	t.Parallel()
	list, err := status.NewList(10)
	if err != nil || list.Len() != status.MinEntries {
		t.Fatal(list.Len(), err)
	}
	for _, index := range []uint64{0, 7, 8, 131071} {
		if err := list.Set(index, true); err != nil {
			t.Fatal(err)
		}
	}
	if err := list.Set(7, false); err != nil {
		t.Fatal(err)
	}
	if err := list.Set(131072, true); reason.CodeOf(err) != "status_invalid/index" {
		t.Error(err)
	}
	text, err := list.Encode()
	if err != nil {
		t.Fatal(err)
	}
	again, err := status.Decode(t.Context(), text, false)
	if err != nil {
		t.Fatal(err)
	}
	for index, want := range map[uint64]bool{0: true, 7: false, 8: true, 9: false, 131071: true} {
		if got, _ := again.Get(index); got != want {
			t.Errorf("entry %d is %v", index, got)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	good := pack(t, make([]byte, status.MinEntries/8))
	var z bytes.Buffer
	w := zlib.NewWriter(&z)
	w.Write(make([]byte, status.MinEntries/8))
	w.Close()
	for name, tt := range map[string]struct {
		text string
		code reason.Code
	}{
		"empty":       {"", "status_invalid/encoding"},
		"no prefix":   {good[1:], "status_invalid/encoding"},
		"padded":      {good + "=", "status_invalid/encoding"},
		"zlib":        {"u" + base64.RawURLEncoding.EncodeToString(z.Bytes()), "status_invalid/encoding"},
		"cut short":   {good[:len(good)-8], "status_invalid/encoding"},
		"too short":   {pack(t, make([]byte, 16)), "status_invalid/too-short"},
		"not base64":  {"u%%%", "status_invalid/encoding"},
		"line break":  {good[:40] + "\n" + good[40:], "status_invalid/encoding"},
		"two streams": {pack(t, make([]byte, status.MinEntries/8), make([]byte, 16)), "status_invalid/encoding"},
	} {
		if _, err := status.Decode(t.Context(), tt.text, false); reason.CodeOf(err) != tt.code {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestBombIsCheap(t *testing.T) {
	bomb := pack(t, make([]byte, 256<<20))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := status.Decode(t.Context(), bomb, false)
	runtime.ReadMemStats(&after)
	if reason.CodeOf(err) != reason.LimitInflate {
		t.Error(err)
	}
	if spent := after.TotalAlloc - before.TotalAlloc; spent > 120<<20 {
		t.Errorf("%d bytes were allocated", spent)
	}
}

func entry(index string) string {
	return `{"id":"https://s.example/1#7","type":"BitstringStatusListEntry","statusPurpose":"revocation","statusListIndex":` + index + `,"statusListCredential":"https://s.example/1"}`
}

func value(t testing.TB, text string) *strictjson.Value {
	t.Helper()
	v, err := strictjson.Parse([]byte(text), strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestParseEntry(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]uint64{`"0"`: 0, `"7"`: 7, `"131072"`: 131072, `23`: 23} {
		if e, err := status.ParseEntry(value(t, entry(in)), ""); err != nil || e.Index != want {
			t.Errorf("%s: %v %v", in, e, err)
		}
	}
	for _, in := range []string{`"-1"`, `"+1"`, `" 1"`, `"1 "`, `"1.5"`, `1.5`, `"1e5"`, `1e5`, `-1`, `"0x10"`, `"01"`, `""`, `"99999999999999999999"`, `null`, `true`, `["1"]`, `"١"`} {
		if e, err := status.ParseEntry(value(t, entry(in)), "/credentialStatus"); reason.CodeOf(err) != "status_invalid/index" {
			t.Errorf("%s: %v %v", in, e, err)
		}
	}
	if _, err := status.ParseEntry(value(t, `{"type":"NewStatus2030","id":"x"}`), ""); reason.CodeOf(err) != "status_unavailable/unknown-type" {
		t.Error(err)
	}
	good := entry(`"7"`)
	for code, texts := range map[reason.Code][]string{
		"status_unavailable/unknown-type": {`"https://s.example/1#7"`, `null`, `{}`, `[` + good + `]`},
		"status_invalid/entry": {
			strings.Replace(good, `{`, `{"statusSize":2,`, 1), // without messages
			strings.Replace(good, `{`, `{"statusSize":0,`, 1),
			strings.Replace(good, `{`, `{"statusSize":1.5,`, 1),
			strings.Replace(good, `{`, `{"statusSize":"1",`, 1),
			strings.Replace(good, `{`, `{"statusSize":null,`, 1),
			strings.Replace(good, `{`, `{"statusMessage":{"status":"0x0","message":"a"},`, 1),
			strings.Replace(good, `{`, `{"statusMessage":[{"status":"0x0","message":"a"}],`, 1),
			strings.Replace(good, `{`, `{"statusMessage":[{"status":"0x0","message":"a"},{"status":"0x0","message":"b"}],`, 1),
			strings.Replace(good, `{`, `{"statusMessage":[{"status":"0x0","message":"a"},{"status":"0x2","message":"b"}],`, 1),
			strings.Replace(good, `{`, `{"statusMessage":[{"status":"0x0","message":"a"},{"status":"1","message":"b"}],`, 1),
			strings.Replace(good, `{`, `{"statusMessage":[{"status":"0x0","message":"a"},{"status":"0x1"}],`, 1),
			strings.Replace(good, `{`, `{"statusReference":7,`, 1),
			strings.Replace(good, `{`, `{"statusReference":["https://s.example/","here"],`, 1),
			strings.Replace(good, `"statusPurpose":"revocation"`, `"statusPurpose":""`, 1),
			strings.Replace(good, `"statusPurpose":"revocation"`, `"statusPurpose":["revocation"]`, 1),
			strings.Replace(good, `"https://s.example/1"`, `{"id":"https://s.example/1"}`, 1),
		},
		"status_unavailable/size": {
			strings.Replace(good, `{`, `{"statusSize":9,`, 1),
		},
	} {
		for _, text := range texts {
			if e, err := status.ParseEntry(value(t, text), ""); reason.CodeOf(err) != code {
				t.Errorf("%s: %v %v", text, e, err)
			}
		}
	}
	if _, err := status.ParseEntry(value(t, strings.Replace(good, `{`, `{"statusSize":1,`, 1)), ""); err != nil {
		t.Error(err)
	}
	legacy := strings.Replace(good, "BitstringStatusListEntry", "StatusList2021Entry", 1)
	if e, err := status.ParseEntry(value(t, legacy), ""); err != nil || !e.Legacy {
		t.Error(e, err)
	}
}

// TestLegacyList reads StatusList2021, whose lists have no multibase prefix
// and may be padded.
func TestLegacyList(t *testing.T) {
	t.Parallel()
	raw := make([]byte, status.MinEntries/8)
	raw[0] = 0x20
	text := pack(t, raw)[1:]
	e := status.Entry{ListURL: "https://s.example/1", Purpose: "revocation", Index: 2, Legacy: true}
	for _, encoded := range []string{text, text + "=", "u" + text} {
		doc := value(t, `{"id":"https://s.example/1","type":["VerifiableCredential","StatusList2021Credential"],
			"credentialSubject":[{"type":"StatusList2021","statusPurpose":["suspension","revocation"],"encodedList":"`+encoded+`"}]}`)
		if set, err := status.Check(t.Context(), e, doc); err != nil || !set {
			t.Errorf("%.12s…: %v %v", encoded, set, err)
		}
		current := e
		current.Legacy = false
		if _, err := status.Check(t.Context(), current, doc); reason.CodeOf(err) != "status_invalid/wrong-type" {
			t.Error(err)
		}
	}
}

// TestCheckRefusesShapes asks documents that are no list at all, or several.
func TestCheckRefusesShapes(t *testing.T) {
	t.Parallel()
	list := `{"type":"BitstringStatusList","statusPurpose":"revocation","encodedList":"` + pack(t, make([]byte, status.MinEntries/8)) + `"}`
	e := status.Entry{ListURL: "https://s.example/1", Purpose: "revocation", Index: 2}
	shape := func(subject string) string {
		return `{"id":"https://s.example/1","type":["VerifiableCredential","BitstringStatusListCredential"],"credentialSubject":` + subject + `}`
	}
	if _, err := status.Check(t.Context(), e, value(t, shape(list))); err != nil {
		t.Error(err)
	}
	for text, code := range map[string]reason.Code{
		shape(`[` + list + `,` + list + `]`): "status_invalid/wrong-type",
		shape(`[]`):                          "status_invalid/wrong-type",
		shape(`null`):                        "status_invalid/wrong-type",
		shape(`{"type":"BitstringStatusList","encodedList":"u"}`):                                "status_invalid/purpose-mismatch",
		shape(`{"type":"BitstringStatusList","statusPurpose":"revocation"}`):                     "status_invalid/encoding",
		shape(`{"type":"BitstringStatusList","statusPurpose":"revocation","encodedList":["u"]}`): "status_invalid/encoding",
		`[]`: "status_invalid/wrong-type",
	} {
		if set, err := status.Check(t.Context(), e, value(t, text)); reason.CodeOf(err) != code || set {
			t.Errorf("%.120s: %v %v", text, set, err)
		}
	}
}

func TestDraftIsAList(t *testing.T) {
	t.Parallel()
	if _, err := status.NewList(status.MaxEntries + 1); reason.CodeOf(err) != "status_invalid/size" {
		t.Error(err)
	}
	list, err := status.NewList(status.MinEntries + 1)
	if err != nil || list.Len() != status.MinEntries+8 {
		t.Error(list.Len(), err)
	}
	from, until := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	d, err := status.Draft("https://s.example/1", status.Suspension, strictjson.String("did:example:i"), list, from, until)
	if err != nil {
		t.Fatal(err)
	}
	c, err := d.Build()
	if err != nil {
		t.Fatal(err)
	}
	gotFrom, gotUntil, err := c.Period()
	if err != nil || !gotFrom.Equal(from) || !gotUntil.Equal(until) || c.IssuerID() != "did:example:i" || c.ID() != "https://s.example/1" {
		t.Error(string(c.Raw()))
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	list, _ := status.NewList(0)
	if err := list.Set(7, true); err != nil {
		t.Fatal(err)
	}
	draft, err := status.Draft("https://s.example/1", status.Revocation, strictjson.String("did:example:i"), list, time.Unix(0, 0), time.Unix(9, 0))
	if err != nil {
		t.Fatal(err)
	}
	c, err := draft.Build()
	if err != nil {
		t.Fatal(err)
	}
	good := status.Entry{ListURL: "https://s.example/1", Purpose: "revocation", Index: 7}
	for index, want := range map[uint64]bool{7: true, 8: false} {
		e := good
		e.Index = index
		if got, err := status.Check(t.Context(), e, c.Document()); err != nil || got != want {
			t.Errorf("entry %d: %v %v", index, got, err)
		}
	}
	for code, e := range map[reason.Code]status.Entry{
		"status_invalid/index":            {ListURL: good.ListURL, Purpose: good.Purpose, Index: status.MinEntries},
		"status_invalid/purpose-mismatch": {ListURL: good.ListURL, Purpose: "suspension", Index: 7},
		"status_invalid/id-mismatch":      {ListURL: "https://s.example/2", Purpose: good.Purpose, Index: 7},
		"status_invalid/wrong-type":       {ListURL: good.ListURL, Purpose: good.Purpose, Index: 7, Legacy: true},
	} {
		if _, err := status.Check(t.Context(), e, c.Document()); reason.CodeOf(err) != code {
			t.Errorf("%s: %v", code, err)
		}
	}
	if v := good.Value(); !credential.HasType(v, "BitstringStatusListEntry") || !strings.Contains(string(v.AppendJSON(nil)), `"statusListIndex":"7"`) {
		t.Error(string(v.AppendJSON(nil)))
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(pack(f, make([]byte, status.MinEntries/8)))
	f.Add("uH4sIAAAAAAAA")
	f.Fuzz(func(t *testing.T, text string) {
		for _, legacy := range []bool{false, true} {
			list, err := status.Decode(t.Context(), text, legacy)
			if err != nil {
				continue
			}
			if list.Len() < status.MinEntries || list.Len() > status.MaxEntries {
				t.Fatalf("a list of %d entries was accepted", list.Len())
			}
			again, err := list.Encode()
			if err != nil {
				t.Fatal(err)
			}
			if same, err := status.Decode(t.Context(), again, false); err != nil || same.Len() != list.Len() {
				t.Fatal("what was read cannot be written and read again", err)
			}
		}
	})
}

func FuzzParseEntry(f *testing.F) {
	f.Add([]byte(entry(`"7"`)))
	f.Add([]byte(entry(`7`)))
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := strictjson.Parse(data, strictjson.Limits{})
		if err != nil {
			return
		}
		e, err := status.ParseEntry(v, "/x")
		if err != nil {
			return
		}
		if e.ListURL == "" || e.Purpose == "" {
			t.Fatal("an entry without a list or a purpose")
		}
		again, err := status.ParseEntry(e.Value(), "/x")
		if again.Legacy = e.Legacy; err != nil || !reflect.DeepEqual(again, e) {
			t.Fatalf("%+v was written and read as %+v, %v", e, again, err)
		}
	})
}

// TestSeveralBits reads entries of more than one bit, with what the issuer
// says that they stand for.
func TestSeveralBits(t *testing.T) {
	t.Parallel()
	raw := make([]byte, status.MinEntries/4)
	raw[1] = 0b00_01_10_11
	doc := func(bits []byte, more string) *strictjson.Value {
		return value(t, `{"id":"https://s.example/1","type":["VerifiableCredential","BitstringStatusListCredential"],
			"credentialSubject":{"type":"BitstringStatusList","statusPurpose":"message",`+more+`"encodedList":"`+pack(t, bits)+`"}}`)
	}
	for index, want := range []string{0: "none", 4: "none", 5: "sent", 6: "rejected", 7: "accepted"} {
		if want == "" {
			continue
		}
		e, err := status.ParseEntry(value(t, fmt.Sprintf(`{"type":"BitstringStatusListEntry","statusPurpose":"message","statusListIndex":"%d","statusListCredential":"https://s.example/1",
			"statusReference":"https://s.example/about","statusSize":2,"statusMessage":[{"status":"0x3","message":"accepted"},{"status":"0x0","message":"none"},{"status":"0x1","message":"sent"},{"status":"0x2","message":"rejected"}]}`, index)), "")
		if err != nil {
			t.Fatal(err)
		}
		got, err := status.Lookup(t.Context(), e, doc(raw, `"ttl":300000,`))
		if err != nil || e.Message(got) != want {
			t.Errorf("%d: %d %q %v, want %q", index, got, e.Message(got), err, want)
		}
		if set, err := status.Check(t.Context(), e, doc(raw, ``)); err != nil || set != (want != "none") {
			t.Errorf("%d: %v %v", index, set, err)
		}
		for code, list := range map[reason.Code]*strictjson.Value{
			"status_invalid/too-short": doc(raw[:status.MinEntries/8], ``),
			"status_invalid/ttl":       doc(raw, `"ttl":"soon",`),
		} {
			if _, err := status.Lookup(t.Context(), e, list); reason.CodeOf(err) != code {
				t.Errorf("%v, want %s", err, code)
			}
		}
		e.Index = uint64(status.MinEntries)
		if _, err := status.Lookup(t.Context(), e, doc(raw, ``)); reason.CodeOf(err) != "status_invalid/index" {
			t.Error(err)
		}
	}
}
