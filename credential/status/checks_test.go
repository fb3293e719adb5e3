package status_test

import (
	"encoding/base64"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/status"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// The tests in this file are each for a check that could be taken out without
// another test failing: see docs/mutation.md.

// unsigned is a list token whose signature nobody has checked.
func unsigned(head, body string) []byte {
	b64 := base64.RawURLEncoding.EncodeToString
	return []byte(b64([]byte(head)) + "." + b64([]byte(body)) + ".AAAA")
}

const listHead = `{"alg":"EdDSA","kid":"did:web:kurs.example#key-1","typ":"statuslist+jwt"}`

func TestEntryChecks(t *testing.T) {
	t.Parallel()
	good := entry(`"7"`)
	with := func(more string) string { return strings.Replace(good, `{`, `{`+more+`,`, 1) }
	for text, code := range map[string]reason.Code{
		entry(`"00000000007"`):    "status_invalid/index",
		entry(`"12345678901"`):    "status_invalid/index", // longer than any place in a list
		entry(`"7_0"`):            "status_invalid/index",
		with(`"statusSize":0.5`):  "status_invalid/entry",
		with(`"statusSize":-1`):   "status_invalid/entry",
		with(`"statusSize":"2"`):  "status_invalid/entry",
		with(`"statusMessage":7`): "status_invalid/entry",
		with(`"statusMessage":[{"status":"0x0","message":"a"},{"status":"0x1","message":""}]`):  "status_invalid/entry",
		with(`"statusMessage":[{"status":"0x0","message":"a"},{"status":"0xg","message":"b"}]`): "status_invalid/entry",
		with(`"statusMessage":[{"status":"0xg","message":"a"},{"status":"0x1","message":"b"}]`): "status_invalid/entry",
		with(`"statusMessage":[{"status":"0x0","message":7},{"status":"0x1","message":"b"}]`):   "status_invalid/entry",
		with(`"statusReference":[]`):        "",
		with(`"statusReference":{"a:b":7}`): "status_invalid/entry",
	} {
		if e, err := status.ParseEntry(value(t, text), ""); reason.CodeOf(err) != code {
			t.Errorf("%s: %+v %v", text, e, err)
		}
	}
	e := status.Entry{Messages: []string{"a", "b"}}
	if e.Message(1) != "b" || e.Message(2) != "" {
		t.Error(e.Message(1), e.Message(2))
	}
}

// TestSizes has lists and entries at their limits.
func TestSizes(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]int{0: status.MinEntries, status.MinEntries: status.MinEntries, status.MaxEntries: status.MaxEntries, status.MaxEntries + 1: 0} {
		if l, err := status.NewList(n); (err == nil) != (want > 0) || err == nil && l.Len() != want {
			t.Errorf("%d: %v", n, err)
		}
	}
	for _, c := range []struct {
		bits, n int
		fits    bool
	}{{1, 1, true}, {1, 0, false}, {8, status.MaxEntries / 8, true}, {8, status.MaxEntries/8 + 1, false}} {
		if _, err := status.NewTokenList(c.bits, c.n); (err == nil) != c.fits {
			t.Errorf("%+v: %v", c, err)
		}
	}
	messages := make([]string, 256)
	for i := range messages {
		messages[i] = "m"
	}
	e := status.Entry{ID: "https://s.example/1#7", ListURL: "https://s.example/1", Purpose: "message", Index: 1_234_567_890, Size: 8, Messages: messages}
	if got, err := status.ParseEntry(e.Value(), ""); err != nil || got.Size != 8 || got.Index != e.Index {
		t.Error(got, err)
	}
}

func TestTimeToLiveIsWhole(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{`7`: 7 * time.Millisecond, `0`: 0, `7.5`: -1, `-1`: -1, `"7"`: -1, `1e300`: 100 * 365 * 24 * time.Hour} {
		for _, subject := range []string{`{"ttl":` + text + `}`, `[{"ttl":` + text + `}]`} {
			got, err := status.TimeToLive(value(t, `{"credentialSubject":`+subject+`}`), "u")
			if want < 0 && reason.CodeOf(err) != "status_invalid/ttl" || want >= 0 && (err != nil || got != want) {
				t.Errorf("%s: %s %v", subject, got, err)
			}
		}
	}
}

func TestTokenListChecks(t *testing.T) {
	t.Parallel()
	lst := deflate(t, []byte{1, 2, 3})
	for _, bits := range []string{`-1`, `16`, `257`, `4294967297`, `1e300`, `null`, `"8"`} {
		if _, err := status.ParseTokenList(t.Context(), value(t, `{"bits":`+bits+`,"lst":"`+lst+`"}`)); reason.CodeOf(err) != "status_invalid/size" || reason.AtOf(err) != "/status_list/bits" && bits != "16" {
			t.Errorf("%s: %v", bits, err)
		}
	}
	for _, bad := range []string{`""`, `"*"`, `7`} {
		if _, err := status.ParseTokenList(t.Context(), value(t, `{"bits":1,"lst":`+bad+`}`)); reason.CodeOf(err) != "status_invalid/encoding" || !strings.Contains(err.Error(), "base64url") {
			t.Errorf("%s: %v", bad, err)
		}
	}
	l, err := request(t).List.Value()
	if err != nil {
		t.Fatal(err)
	}
	body := func(more string) string {
		return `{` + more + `"sub":"` + listURL + `","iat":1767225600,"status_list":` + string(l.AppendJSON(nil)) + `}`
	}
	for text, code := range map[string]reason.Code{
		body(`"iss":"` + owner + `",`):                     "",
		body(`"iss":7,`):                                   "status_invalid/list-issuer",
		body(`"iss":"",`):                                  "status_invalid/list-issuer",
		body(`"ttl":2147483647,`):                          "",
		body(`"ttl":2147483648,`):                          "status_invalid/ttl",
		body(`"ttl":0,`):                                   "status_invalid/ttl",
		body(`"ttl":null,`):                                "status_invalid/ttl",
		strings.Replace(body(""), `"`+listURL+`"`, "7", 1): "status_invalid/id-mismatch",
	} {
		if _, err := status.ReadListToken(t.Context(), unsigned(listHead, text), listURL, owner, strictjson.Limits{}); reason.CodeOf(err) != code {
			t.Errorf("%s: %v", text, err)
		}
	}
	// A list that is asked for under no address must still name one.
	if _, err := status.ReadListToken(t.Context(), unsigned(listHead, strings.Replace(body(""), `"`+listURL+`"`, "7", 1)), "", owner, strictjson.Limits{}); reason.CodeOf(err) != "status_invalid/id-mismatch" {
		t.Error(err)
	}
}

func TestListTokenRequestNeeds(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*status.ListTokenRequest){
		"URL":     func(r *status.ListTokenRequest) { r.URL = "" },
		"List":    func(r *status.ListTokenRequest) { r.List = nil },
		"Created": func(r *status.ListTokenRequest) { r.Created = time.Time{} },
	} {
		r := request(t)
		change(&r)
		if raw, err := r.Sign(t.Context(), nil); raw != nil || reason.CodeOf(err) != reason.Usage {
			t.Errorf("without %s: %v", name, err)
		}
	}
}

// TestClaimedByTokens: of several times the latest counts as when a list was
// made, also inside a credential that is a token.
func TestClaimedByTokens(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]status.ClaimedTimes{
		`{"iat":10,"nbf":5}`:                                               {Made: time.Unix(10, 0)},
		`{"iat":5,"nbf":10}`:                                               {Made: time.Unix(10, 0)},
		`{"validFrom":"1970-01-01T00:00:20Z","iat":10}`:                    {Made: time.Unix(20, 0)},
		`{"vc":{"validFrom":"1970-01-01T00:00:20Z"},"iat":10}`:             {Made: time.Unix(20, 0)},
		`{"vc":{"credentialSubject":{"ttl":1000}},"credentialSubject":{}}`: {Life: time.Second},
		`{"validUntil":"1970-01-01T00:00:20Z","iat":10}`:                   {Made: time.Unix(10, 0), Until: time.Unix(20, 0)},
		`{"validUntil":"1970-01-01T00:00:20Z","iat":10,"exp":"soon"}`:      {Made: time.Unix(10, 0), Until: time.Unix(20, 0)},
		`{"iat":"soon","nbf":7,"ttl":0}`:                                   {Made: time.Unix(7, 0)},
		`{"iat":7,"ttl":-7}`:                                               {Made: time.Unix(7, 0)},
		`{"iat":7,"ttl":"7"}`:                                              {Made: time.Unix(7, 0)},
		`{"iat":7,"ttl":1e300}`:                                            {Made: time.Unix(7, 0)},
		`{"iat":7,"ttl":4000000000}`:                                       {Made: time.Unix(7, 0)},
		`{"iat":7,"ttl":7,"credentialSubject":{"ttl":9000}}`:               {Made: time.Unix(7, 0), Life: 7 * time.Second},
		`{"iat":7,"ttl":"7","credentialSubject":{"ttl":9000}}`:             {Made: time.Unix(7, 0), Life: 9 * time.Second},
	} {
		if got := status.Claimed(unsigned(listHead, text)); !got.Made.Equal(want.Made) || !got.Until.Equal(want.Until) || got.Life != want.Life {
			t.Errorf("%s: %+v", text, got)
		}
	}
	if got := status.Claimed([]byte(`{"validFrom":"1970-01-01T00:00:20Z","issuanceDate":"1970-01-01T00:00:10Z"`)); !got.Made.IsZero() {
		t.Error(got, "of half a document")
	}
}

// TestEntriesOfSeveralBits: lists of them have room for as many as others, and no
// value is put that has more bits.
func TestEntriesOfSeveralBits(t *testing.T) {
	t.Parallel()
	e := status.Entry{Size: 4}
	for n, want := range map[int]int{1: status.MinEntries, status.MinEntries + 2: status.MinEntries + 2, status.MaxEntries / 4: status.MaxEntries / 4, status.MaxEntries/4 + 1: 0, math.MaxInt: 0} {
		bits, err := e.NewList(n)
		if want == 0 && reason.CodeOf(err) != "status_invalid/size" || want > 0 && (err != nil || bits.Len() != want*4) {
			t.Errorf("%d entries: %v", n, err)
		}
	}
	bits, err := e.NewList(1)
	if err != nil {
		t.Fatal(err)
	}
	for value, at := range map[uint64]uint64{0: 0, 5: 1, 15: 2} {
		e.Index = at
		if err := e.Put(bits, 15); err != nil {
			t.Fatal(err)
		}
		err := e.Put(bits, value)
		if got, wrong := e.In(bits); err != nil || wrong != nil || got != value {
			t.Errorf("%d: %d, %v, %v", value, got, err, wrong)
		}
	}
	if err := e.Put(bits, 16); reason.CodeOf(err) != "status_invalid/size" {
		t.Error(err)
	}
	e.Index = uint64(bits.Len())
	if err := e.Put(bits, 1); reason.CodeOf(err) != "status_invalid/index" {
		t.Error(err)
	}
}
