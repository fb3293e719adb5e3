package main

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// await FILE waits until a command in the background has written a file.
func await(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: await file")
	}
	for range 600 {
		if _, err := os.Stat(ts.MkAbs(args[0])); err == nil {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	ts.Fatalf("%s did not come", args[0])
}

// conform CONFIG ISSUER FILE STATUS has an issuer of localConfig.cjs sign a
// credential, which must be answered with STATUS. What was signed must verify,
// and must not once it is changed.
func conform(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: conform config issuer file status")
	}
	type endpoint struct{ ID, Endpoint string }
	var config struct {
		Implementations []struct{ Issuers, Verifiers []endpoint }
	}
	text := strings.TrimPrefix(ts.ReadFile(args[0]), "module.exports = ")
	ts.Check(json.Unmarshal([]byte(strings.TrimSuffix(strings.TrimSpace(text), ";")), &config))
	want, err := strconv.Atoi(args[3])
	ts.Check(err)
	client := &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	defer client.CloseIdleConnections()
	post := func(url, body string) (int, []byte) {
		resp, err := client.Post(url, "application/json", strings.NewReader(body))
		ts.Check(err)
		answer, err := io.ReadAll(resp.Body)
		ts.Check(err)
		ts.Check(resp.Body.Close())
		return resp.StatusCode, answer
	}
	for n, issuer := range config.Implementations[0].Issuers {
		if !strings.Contains(issuer.Endpoint, "/issuers/"+args[1]+"/") {
			continue
		}
		got, answer := post(issuer.Endpoint, `{"credential":`+strings.ReplaceAll(ts.ReadFile(args[2]), "ISSUER", issuer.ID)+`}`)
		if got != want {
			ts.Fatalf("%s: %d, want %d: %s", issuer.Endpoint, got, want, answer)
		}
		if got != http.StatusCreated {
			return
		}
		verifier := config.Implementations[0].Verifiers[n].Endpoint
		if got, why := post(verifier, string(answer)); got != http.StatusOK {
			ts.Fatalf("%s: %d: %s", verifier, got, why)
		}
		if got, why := post(verifier, string(bytes.Replace(answer, []byte("Kursstedet"), []byte("Kursstaden"), 1))); got != http.StatusBadRequest {
			ts.Fatalf("%s, changed: %d: %s", verifier, got, why)
		}
		return
	}
	ts.Fatalf("%s has no issuer %s", args[0], args[1])
}
