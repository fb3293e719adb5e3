package status_test

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/status"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

func pack(t testing.TB, raw []byte) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(raw); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return "u" + base64.RawURLEncoding.EncodeToString(b.Bytes())
}

func TestBitOrder(t *testing.T) {
	t.Parallel()
	raw := make([]byte, status.MinEntries/8)
	raw[0], raw[1], raw[len(raw)-1] = 0x40, 0x01, 0x01
	list, err := status.Decode(pack(t, raw), false)
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
	again, err := status.Decode(text, false)
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
		"empty":      {"", "status_invalid/encoding"},
		"no prefix":  {good[1:], "status_invalid/encoding"},
		"padded":     {good + "=", "status_invalid/encoding"},
		"zlib":       {"u" + base64.RawURLEncoding.EncodeToString(z.Bytes()), "status_invalid/encoding"},
		"cut short":  {good[:len(good)-8], "status_invalid/encoding"},
		"too short":  {pack(t, make([]byte, 16)), "status_invalid/too-short"},
		"not base64": {"u%%%", "status_invalid/encoding"},
	} {
		if _, err := status.Decode(tt.text, false); reason.CodeOf(err) != tt.code {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestBombIsCheap(t *testing.T) {
	bomb := pack(t, make([]byte, 256<<20))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := status.Decode(bomb, false)
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
		if got, err := status.Check(e, c.Document()); err != nil || got != want {
			t.Errorf("entry %d: %v %v", index, got, err)
		}
	}
	for code, e := range map[reason.Code]status.Entry{
		"status_invalid/index":            {ListURL: good.ListURL, Purpose: good.Purpose, Index: status.MinEntries},
		"status_invalid/purpose-mismatch": {ListURL: good.ListURL, Purpose: "suspension", Index: 7},
		"status_invalid/id-mismatch":      {ListURL: "https://s.example/2", Purpose: good.Purpose, Index: 7},
		"status_invalid/wrong-type":       {ListURL: good.ListURL, Purpose: good.Purpose, Index: 7, Legacy: true},
	} {
		if _, err := status.Check(e, c.Document()); reason.CodeOf(err) != code {
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
		list, err := status.Decode(text, false)
		if err == nil && list.Len() < status.MinEntries {
			t.Fatal("short list accepted")
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
		if e, err := status.ParseEntry(v, "/x"); err == nil && e.ListURL == "" {
			t.Fatal("an entry without a list")
		}
	})
}
