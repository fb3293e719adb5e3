package main

import (
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// freeport NAME sets a variable to an address at which nobody listens just now.
func freeport(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: freeport NAME")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Setenv(args[0], l.Addr().String())
	ts.Check(l.Close())
}

// call METHOD PATH STATUS [BODY [KEY]] asks the service at $SERVICE with the key
// in the file apikey, and keeps the head and the body of the answer in the files
// head and answer. The service has ten seconds to come up.
func call(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 || len(args) > 5 {
		ts.Fatalf("usage: call METHOD PATH STATUS [BODY [KEY]]")
	}
	var body io.Reader
	if len(args) > 3 {
		body = strings.NewReader(ts.ReadFile(args[3]))
	}
	r, err := http.NewRequest(args[0], "http://"+ts.Getenv("SERVICE")+args[1], body)
	ts.Check(err)
	r.Header.Set("Authorization", "Bearer "+strings.TrimSpace(ts.ReadFile("apikey")))
	r.Header.Set("Accept-Language", ts.Getenv("BEVIS_LANG"))
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if len(args) > 4 {
		r.Header.Set("Idempotency-Key", args[4])
	}
	client := &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Do(r)
	for n := 0; err != nil && n < 200; n++ {
		time.Sleep(50 * time.Millisecond)
		if r.GetBody != nil {
			r.Body, _ = r.GetBody() // a text can be read again
		}
		answer, err = client.Do(r)
	}
	ts.Check(err)
	text, err := io.ReadAll(answer.Body)
	ts.Check(err)
	ts.Check(answer.Body.Close())
	if strconv.Itoa(answer.StatusCode) != args[2] {
		ts.Fatalf("%s %s: %d, want %s: %s", args[0], args[1], answer.StatusCode, args[2], text)
	}
	var head strings.Builder
	ts.Check(answer.Header.Write(&head))
	ts.Check(os.WriteFile(ts.MkAbs("head"), []byte(strings.ReplaceAll(head.String(), "\r", "")), 0o600))
	ts.Check(os.WriteFile(ts.MkAbs("answer"), text, 0o600))
}
